"""The SCI of ISO/IEC 21031:2024: what a checker reads in the JSON, and where M comes from."""

import csv
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide, job

BUSY = job("import time\nend = time.time() + 0.6\nwhile time.time() < end: pass")
DATA = Path(__file__).resolve().parents[2] / "data"
GRAMS_PER_KG = 1000
HOURS_PER_YEAR = 8760


def value_of(sci: dict[str, Any]) -> float:
    """The formula of the specification, from the fields alone."""
    return (sci["e_kwh"] * sci["i_g_per_kwh"] + (sci["m_g"] or 0)) / sci["r_count"]


@pytest.mark.parametrize("per", ["run", "hour", "instance-hour", "1000 samples"])
@pytest.mark.parametrize("embodied", ["auto", "none", "12.5"])
def test_the_fields_give_the_value(lowtide: Lowtide, per: str, embodied: str) -> None:
    lowtide.run("--per", per, "--count", "samples=6000", "--embodied", embodied, "--pue", "1.3", "--", *BUSY)
    report = lowtide.report()
    sci = report["sci"]
    assert sci["value"] == value_of(sci)
    assert sci["unit"] == f"gCO2e/{per}"
    assert sci["e_kwh"] == report["energy"]["total_kwh"]
    assert sci["boundary"] == report["energy"]["boundary"] == "facility"
    assert "ISO/IEC 21031:2024" in sci["methodology"]
    assert "left out: the rest of the machine" in sci["methodology"]
    assert ("operational carbon per" in (sci["note"] or "")) == (embodied == "none")


def test_an_instance_hour_is_an_active_hour(lowtide: Lowtide) -> None:
    lowtide.run("--per", "instance-hour", "--", *BUSY)
    report = lowtide.report()
    assert report["sci"]["r_count"] == report["run"]["active_s"] / 3600


def test_with_a_hole_in_the_intensity_the_fields_still_give_the_value(lowtide: Lowtide) -> None:
    now = datetime.now(UTC)
    rows = [f"{(now + timedelta(seconds=n)).strftime('%Y-%m-%dT%H:%M:%SZ')},{100 + n}" for n in range(-5, 2)]
    (lowtide.folder / "grid.csv").write_text("\n".join(["time,g_per_kwh", *rows, ""]))
    lowtide("run", "--intensity", "file:grid.csv", "--", *job("import time\nend = time.time() + 4\nwhile time.time() < end: pass"))
    report = lowtide.report()
    sci = report["sci"]
    assert 0 < report["intensity"][0]["coverage"] < 1
    assert sci["value"] == value_of(sci) > report["carbon"]["total_g"]
    assert "I is taken to be the same for the rest" in sci["note"]


def test_m_is_worked_by_hand_from_the_table(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    report = lowtide.report()
    with (DATA / "embodied.csv").open(encoding="utf-8", newline="") as handle:
        rows = {(row["key"], row["name"]): float(row["value"]) for row in csv.DictReader(handle)}
    cpus = max(os.cpu_count() or 1, rows["server_cpus", ""])
    share = len(os.sched_getaffinity(0)) / cpus
    life_s = rows["life", ""] * HOURS_PER_YEAR * 3600
    made = rows["server", ""] * GRAMS_PER_KG * report["run"]["duration_s"] / life_s * share
    assert report["sci"]["m_g"] == pytest.approx(made, rel=1e-9)
    held = f"1200 kg CO2e, held {report['run']['duration_s'] / 3600:.4g} h of its 4 years"
    assert any(held in text for text in report["carbon"]["assumed"])
    assert any("Dell R750" in source for source in report["provenance"]["sources"])


def test_the_listing_has_the_sci_of_the_report(lowtide: Lowtide) -> None:
    assert lowtide.run("--", *BUSY).returncode == 0
    sci = lowtide.report()["sci"]
    assert sci["m_g"] > 0
    assert lowtide.runs()[0]["sci"]["value"] == pytest.approx(sci["value"], rel=1e-12)
