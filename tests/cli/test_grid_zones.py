"""`lowtide grid zones` against the tables that it reads."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide, Screen, Terminal

DATA = Path(__file__).resolve().parents[2] / "data"


def rows(name: str) -> dict[str, dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return {row["zone"]: row for row in csv.DictReader(file)}


def zones(lowtide: Lowtide, *text: str) -> dict[str, dict[str, Any]]:
    done = lowtide("grid", "zones", *text, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    whole = json.loads(done.stdout)
    assert whole["schema"] == "lowtide.zones/1"
    return {zone["zone"]: zone for zone in whole["zones"]}


def test_every_zone_has_the_facts_of_its_tables(lowtide: Lowtide) -> None:
    listed, typical, annual = zones(lowtide), rows("typical_odbl_zones.csv"), rows("annual.csv")
    assert set(listed) == set(typical) | set(annual) | set(rows("regions.csv"))
    assert list(listed) == sorted(listed)
    for zone, facts in listed.items():
        assert (facts["typical"] is not None) == (zone in typical), zone
        if facts["typical"]:
            row = typical[zone]
            assert facts["typical"]["year"] == int(row["year"])
            assert facts["typical"]["mean_g_per_kwh"] == pytest.approx(float(row["mean_g_per_kwh"]))
            assert "ODbL 1.0" in facts["typical"]["licence"] and facts["typical"]["source"] == row["source"]
            assert (facts["typical"]["note"] or "") == row["note"]
        mean = facts["annual"]
        assert mean["of"] == (zone if zone in annual else facts["country"])
        row = annual[mean["of"]]
        assert (str(mean["year"]), mean["scope"], mean["gas"], mean["source"], mean["licence"]) == (
            row["year"], row["scope"], row["gas"], row["source"], row["licence"])
        assert mean["mean_g_per_kwh"] == pytest.approx(float(row["g_per_kwh"]))


def test_the_providers_of_a_zone_are_those_of_the_tables(lowtide: Lowtide) -> None:
    listed = zones(lowtide)
    with (DATA / "provider_zones.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["zone"] not in listed or row["provider"] in listed[row["zone"]]["providers"], row
    assert listed["GB"]["providers"][0] == "uk"
    assert "watttime" in listed["FR"]["providers"], "all its cloud regions are in one region"
    assert "eia" in listed["US-CAL-CISO"]["providers"] and "watttime" not in listed["US-CAL-CISO"]["providers"]
    assert listed["world"]["providers"] == []
    assert "energycharts" in lowtide("grid", "zones", "France").stdout


def test_text_finds_by_key_name_and_country_at_the_begin_of_a_word(lowtide: Lowtide) -> None:
    assert "US-CAL-CISO" in zones(lowtide, "ciso")
    assert list(zones(lowtide, "new south")) == ["AU-NSW"]
    denmark = zones(lowtide, "DENMARK")
    assert {"DK", "DK-BHM", "DK-DK1", "DK-DK2"} <= set(denmark), "by the country's name"
    assert all(zone["country"] == "DK" for zone in denmark.values())
    assert "ZA" not in zones(lowtide, "fr") and "FR" in zones(lowtide, "fr"), "fr is not South Africa"


def test_a_zone_listed_is_a_zone_taken_and_priced_as_listed(lowtide: Lowtide) -> None:
    for zone in ("CL-SEN", "FR"):
        facts = zones(lowtide, zone)[zone]
        assert lowtide("run", "--quiet", "--location", zone, "--", "true").returncode == 0
        used = lowtide.report()["intensity"][0]
        assert used["zone"] == zone
        assert str((facts["typical"] or facts["annual"])["year"]) in used["model"]


def test_text_that_fits_nothing_is_refused_with_what_is_near(lowtide: Lowtide) -> None:
    done = lowtide("grid", "zones", "Germny", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no zone fits 'Germny'; nearest: Germany" in done.stderr and done.stderr.count("\n") == 1
    done = lowtide("grid", "zones", "\x1b[2J")
    assert done.returncode == 2 and "\x1b" not in done.stderr


def test_a_table_that_is_not_what_it_should_be_is_named_by_line(lowtide: Lowtide) -> None:
    share = lowtide.folder / "share"
    shutil.copytree(DATA, share)
    lowtide.env["LOWTIDE_SHARE"] = str(share)
    whole = (share / "annual.csv").read_text(encoding="utf-8")
    (share / "annual.csv").write_text(whole.replace("467.51", "much", 1), encoding="utf-8")
    done = lowtide("grid", "zones", "AE")
    assert done.returncode == 3 and "annual.csv:2" in done.stderr
    (share / "annual.csv").unlink()
    assert zones(lowtide, "CL-SEN")["CL-SEN"]["annual"] is None, "not known is null"
    assert zones(lowtide, "FR")["FR"]["typical"]["year"] == 2022
    for name in ("regions.csv", "typical_odbl_zones.csv"):
        (share / name).unlink()
    assert lowtide("grid", "zones").returncode == 4


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_line_is_wider_than_the_terminal(lowtide: Lowtide, width: int) -> None:
    shell = Terminal(lowtide, columns=width)
    said = Screen(rows=2000).feed(shell.command("NO_COLOR=1 $LOWTIDE grid zones US")).lines
    shell.close()
    assert any(line.startswith("US-CAL-CISO") for line in said)
    assert max(len(line) for line in said) <= width
