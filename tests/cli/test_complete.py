"""`--complete 13%`: a partial run extrapolated to the whole job, and said so in every form."""

import csv
import io
from typing import Any

import pytest
from harness import Lowtide, flat, job, wait_for

BUSY = job("import time\nend = time.time() + 0.6\nwhile time.time() < end: pass")
FORMS = ["text", "json", "csv", "md", "latex", "html"]


def close(a: float, b: float) -> bool:
    """Equal up to rounding of the last bits."""
    return a == pytest.approx(b, rel=1e-9)


@pytest.mark.parametrize(("asked", "factor"), [("13%", 100 / 13), ("8/60", 7.5), ("100%", 1), ("0.5%", 200)])
def test_every_figure_is_the_parts_by_the_factor(lowtide: Lowtide, asked: str, factor: float) -> None:
    lowtide("run", "--location", "FR", "--pue", "1.2", "--", *BUSY)
    part = lowtide.report("last", "--complete", asked)
    whole = part["complete"]
    assert (whole["asked"], whole["quality"]) == (asked, "modelled")
    assert close(whole["factor"], factor) and close(whole["share"] * factor, 1)
    assert close(whole["energy"]["total_kwh"], part["energy"]["total_kwh"] * factor)
    for key in ("operational_g", "embodied_g", "total_g"):
        assert part["carbon"][key] > 0
        assert close(whole["carbon"][key], part["carbon"][key] * factor)
    assert close(whole["duration_s"], part["run"]["duration_s"] * factor) or factor == 1
    assert close(1 - whole["energy"]["modelled_share"], (1 - part["energy"]["modelled_share"]) / factor)
    assert [close(a["amount"], b["amount"] * factor) for a, b in zip(whole["equivalents"], part["equivalents"], strict=True)]
    assert any("the rest runs like this part" in text for text in whole["carbon"]["assumed"])
    assert lowtide.report()["carbon"] == part["carbon"], "the part stays as it is"


def test_a_part_of_one_slot_leaves_the_bounds_of_the_whole_open(lowtide: Lowtide) -> None:
    """How the rest may differ is not known: that is null with the reason, no zero."""
    lowtide("run", "--location", "FR", "--", *BUSY)
    part = lowtide.report("last", "--complete", "13%")
    if len(part["slots"]) > 1:  # it ran over a 5-minute edge
        lowtide("run", "--location", "FR", "--", *BUSY)
        part = lowtide.report("last", "--complete", "13%")
    assert part["carbon"]["low_g"] is not None and part["carbon"]["high_g"] is not None
    whole = part["complete"]
    assert whole["carbon"]["total_g"] > 0
    assert (whole["carbon"]["low_g"], whole["carbon"]["high_g"]) == (None, None)
    assert [error["high_pct"] for error in whole["errors"]] == [None, None]


@pytest.mark.parametrize("per", ["run", "hour", "1000 samples"])
def test_the_sci_of_the_whole_follows_from_its_fields(lowtide: Lowtide, per: str) -> None:
    lowtide.run("--per", per, "--count", "samples=6000", "--", *BUSY)
    report = lowtide.report("last", "--complete", "8/60")
    sci: dict[str, Any] = report["complete"]["sci"]
    assert sci["value"] == (sci["e_kwh"] * sci["i_g_per_kwh"] + sci["m_g"]) / sci["r_count"]
    assert close(sci["value"], report["sci"]["value"] * (7.5 if per == "run" else 1))
    assert "extrapolated from 8/60" in sci["note"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_that_it_is_extrapolated(lowtide: Lowtide, form: str) -> None:
    lowtide.run("--", *BUSY)
    plain = lowtide("report", "last", "--format", form).stdout
    said = lowtide("report", "last", "--format", form, "--complete", "8/60").stdout
    for word in ("8/60", "7.5", "modelled", "extrapolated"):
        assert word in flat(said), word
    assert "8/60" not in plain and "extrapolated" not in plain
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(said, newline=""))
        assert close(float(row["complete_total_g"]), float(row["total_g"]) * 7.5)
        assert close(float(row["complete_embodied_g"]), float(row["embodied_g"]) * 7.5)


def test_show_extrapolates_too(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    assert "extrapolated from 13% of it, x 7.69" in flat(lowtide("show", "last", "--complete", "13%").stdout)
    assert '"asked": "13%"' in lowtide("show", "last", "--json", "--complete", "13%").stdout


def test_a_running_run_is_extrapolated_as_it_is_now(lowtide: Lowtide) -> None:
    lowtide.start_run("--", "sleep", "60")
    wait_for(lambda: lowtide.home.exists() and [r for r in lowtide.runs() if r["state"] == "running"], "a running run")
    whole = lowtide.report("last", "--complete", "50%")["complete"]
    assert any("what is on record now" in text for text in whole["carbon"]["assumed"])


@pytest.mark.parametrize("command", ["show", "report"])
@pytest.mark.parametrize("asked", ["0%", "101%", "-5%", "13", "0.13", "61/60", "1/0", "0/60", "x%", "%", "/", "nan%", "1/inf",
                                   "8/60%", "1e-9%", ""])
def test_what_is_no_share_is_refused(lowtide: Lowtide, command: str, asked: str) -> None:
    lowtide.run("--", "true")
    done = lowtide(command, "last", f"--complete={asked}")
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert done.stderr.count("\n") == 1
    if asked:
        assert "13% or 8/60" in done.stderr


def test_several_runs_are_refused(lowtide: Lowtide) -> None:
    for _ in range(2):
        lowtide.run("--project", "p", "--", "true")
    done = lowtide("report", "--project", "p", "--complete", "13%")
    assert (done.returncode, done.stdout) == (2, "")
    assert "of one run, and 2 are named" in done.stderr
