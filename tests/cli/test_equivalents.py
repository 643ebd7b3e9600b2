"""Equivalents: the factors of one edition, chosen by flag, environment or config, and said in every format."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide

DATA = Path(__file__).resolve().parents[2] / "data" / "equivalents.csv"
# The factors of the paper (Dodge et al. 2022), in grams.
PAPER = {"smartphone_charge": 8.22, "mile_passenger_vehicle": 398, "gallon_gasoline": 8887, "barrel_oil": 430e3,
         "home_energy_year": 8.30e6, "railcar_coal": 181.29e6}
CHARGES = 41.1  # g of M: five charges of a phone by the edition of 2021, 3.3 by that of 2024


@pytest.fixture
def metered(lowtide: Lowtide) -> Lowtide:
    """A short run with M given, so that its carbon is known beforehand."""
    lowtide.run("--embodied", str(CHARGES), "--name", "phones", "--", "sleep", "0.3")
    return lowtide


def factors(report: dict[str, Any]) -> dict[str, float]:
    """Name and factor; each name once."""
    found = {row["name"]: row["factor_g"] for row in report["equivalents"]}
    assert len(found) == len(report["equivalents"])
    return found


def newest() -> dict[str, dict[str, str]]:
    """The newest row of each name in the table."""
    found: dict[str, dict[str, str]] = {}
    with DATA.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["key"] not in found or int(row["edition"]) > int(found[row["key"]]["edition"]):
                found[row["key"]] = row
    return found


def test_the_default_is_the_newest_edition_of_each_name(metered: Lowtide) -> None:
    report = metered.report()
    assert factors(report) == {name: float(row["g_per_unit"]) for name, row in newest().items()}
    for row in report["equivalents"]:
        known = newest()[row["name"]]
        assert row["edition"] == f"{known['edition']}, {known['source']}, g {known['gas']}"
        assert row["amount"] == pytest.approx(report["carbon"]["total_g"] / row["factor_g"], rel=1e-12)


def test_the_edition_of_2021_has_the_factors_of_the_paper(metered: Lowtide) -> None:
    report = metered.report("last", "--equivalents", "2021")
    assert factors(report) == PAPER
    assert all(row["edition"].startswith("2021, ") for row in report["equivalents"])
    assert report["equivalents"][0]["amount"] == pytest.approx(5, rel=0.01)


def config(lowtide: Lowtide, text: str) -> None:
    """Writes config.toml."""
    path = lowtide.folder / "user" / ".config" / "lowtide" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_config_then_environment_then_flag(metered: Lowtide) -> None:
    config(metered, 'equivalents = "2021"\n')
    assert factors(metered.report()) == PAPER
    metered.env["LOWTIDE_EQUIVALENTS"] = "latest"
    assert factors(metered.report()) != PAPER
    assert factors(metered.report("last", "--equivalents", "2021")) == PAPER
    shown = json.loads(metered("show", "last", "--json", "--equivalents", "2021").stdout)
    assert factors(shown) == PAPER


def test_a_flag_that_is_off_is_refused_and_an_environment_that_is_off_warned_of(metered: Lowtide) -> None:
    for command in ("show", "report"):
        done = metered(command, "last", "--equivalents", "1999")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.search(r"--equivalents: '1999' is none of latest, 2021", done.stderr)
    assert metered.run("--equivalents", "1999", "--", "true").returncode == 125
    metered.env["LOWTIDE_EQUIVALENTS"] = "1999"
    done = metered("report", "last")
    assert done.returncode == 0
    assert "LOWTIDE_EQUIVALENTS: '1999' is none of latest, 2021 (ignored)" in done.stderr


def test_the_json_of_a_run_goes_by_it_too(lowtide: Lowtide) -> None:
    for arguments, other in ((["--equivalents", "2021"], {}), ([], {"LOWTIDE_EQUIVALENTS": "2021"})):
        lowtide.env |= other
        assert lowtide.run(*arguments, "--json", "out.json", "--", "true").returncode == 0
        assert factors(json.loads((lowtide.folder / "out.json").read_text())) == PAPER
        (lowtide.folder / "out.json").unlink()


@pytest.mark.parametrize("form", ["text", "csv", "md", "latex", "html"])
def test_each_format_names_factor_gas_and_edition(metered: Lowtide, form: str) -> None:
    for edition, factor, source in (("latest", "12.4", "2024, EPA GHG Equivalencies"), ("2021", "8.22", "2021, EPA GHG Equivalencies")):
        said = metered("report", "last", "--format", form, "--equivalents", edition).stdout
        flat = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", said.replace("CO$_2$", "CO2")))
        assert re.search(rf"{re.escape(factor)} g CO2\b(?!e)", flat), flat
        assert source in flat


def test_explain_names_gas_and_edition(metered: Lowtide) -> None:
    said = re.sub(r"\s+", " ", metered("show", "last", "--explain", "--equivalents", "2021").stdout)
    assert "the factor is of CO2" in said
    assert "398" in said
    assert "2021, EPA calculator of 2021" in said
