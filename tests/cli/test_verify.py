"""`lowtide verify`: each figure of a report follows from the ledger, and one that was changed is named."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide, job

WORK = "t=__import__('time').time()+1.2\nwhile __import__('time').time()<t: pass"


def report_of(lowtide: Lowtide, *args: str) -> tuple[Path, dict[str, Any]]:
    """The report of a run of a second or so, as a file and as values."""
    path = lowtide.folder / "report.json"
    done = lowtide("report", *args, "--format", "json", "--out", str(path))
    assert done.returncode == 0, done.stderr
    return path, json.loads(path.read_text())


def verified(lowtide: Lowtide, path: Path) -> tuple[int, dict[str, Any]]:
    """Exit status and lowtide.verify/1."""
    done = lowtide("verify", str(path), "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def made(lowtide: Lowtide) -> Lowtide:
    """A ledger with one finished run."""
    assert lowtide("run", "--location", "azure:westus2", "--name", "one", "--", *job(WORK)).returncode == 0
    return lowtide


@pytest.mark.parametrize("extra", [[], ["--samples"], ["--complete", "25%"], ["--equivalents", "2021"]])
def test_a_report_as_it_was_made_holds(made: Lowtide, extra: list[str]) -> None:
    path, told = report_of(made, "last", *extra)
    status, said = verified(made, path)
    assert status == 0 and said["holds"] is True, said
    checks = {check["what"]: check for check in said["runs"][0]["checks"]}
    assert {check["verdict"] for check in checks.values()} == {"holds"}, checks
    assert checks["slots"]["figures"] == 9 * len(told["slots"])
    for part in ("energy", "carbon", "sci", "samples against slots", "sum of the slots' carbon",
                 "energy x PUE x intensity, slot by slot"):
        assert checks[part]["figures"] > 0, part
    text = made("verify", str(path)).stdout
    assert text.splitlines()[-1].startswith("All of it holds: ")


# A figure, and the section or sum that must notice it.
CHANGES = [
    ("/carbon/total_g", 0.999, {"carbon", "operational + embodied carbon"}),
    ("/energy/total_kwh", 1.001, {"energy", "IT energy x PUE"}),
    ("/energy/by_channel/0/kwh", 1.00001, {"energy", "sum of the channels' energy"}),
    ("/slots/0/intensity_g_per_kwh", 0.5, {"slots", "energy x PUE x intensity, slot by slot"}),
    ("/slots/0/carbon_g", 0.5, {"slots", "sum of the slots' carbon"}),
    ("/sci/value", 0.5, {"sci"}),
    ("/run/duration_s", 2, {"run"}),
    ("/errors/0/high_pct", 0.5, {"errors"}),
]


@pytest.mark.parametrize("pointer, factor, noticed", CHANGES)
def test_a_figure_that_was_changed_is_named(made: Lowtide, pointer: str, factor: float, noticed: set[str]) -> None:
    path, told = report_of(made, "last")
    place: Any = told
    *way, last = [int(word) if word.isdigit() else word for word in pointer.split("/")[1:]]
    for word in way:
        place = place[word]
    place[last] *= factor
    path.write_text(json.dumps(told))
    status, said = verified(made, path)
    assert status == 1 and said["holds"] is False
    checks = {c["what"]: c for c in said["runs"][0]["checks"] if c["verdict"] == "differs"}
    assert set(checks) == noticed
    assert str(last) in checks[min(noticed & {"carbon", "energy", "slots", "sci", "run", "errors"})]["detail"]
    text = made("verify", str(path))
    assert text.returncode == 1 and text.stdout.splitlines()[-1] == "Not all of it holds."


def test_another_series_is_noticed(made: Lowtide) -> None:
    path, told = report_of(made, "last")
    told["intensity"][0]["series_sha256"] = "0" * 64
    path.write_text(json.dumps(told))
    status, said = verified(made, path)
    assert status == 1
    wrong = [c for c in said["runs"][0]["checks"] if c["what"].startswith("series of US-NW-")]
    assert wrong and "neither this run's nor one that was replaced" in wrong[0]["detail"]


def test_a_name_that_was_edited_since_is_no_figure(made: Lowtide) -> None:
    path, _ = report_of(made, "last")
    assert made("edit", "last", "--name", "two").returncode == 0
    status, said = verified(made, path)
    assert status == 0 and said["holds"] is True
    labels = [c for c in said["runs"][0]["checks"] if c["what"] == "name, project and events"]
    assert labels[0]["verdict"] == "not checked" and "changed since" in labels[0]["detail"]


def test_several_runs_and_their_sum(made: Lowtide) -> None:
    assert made("run", "--location", "azure:westus2", "--name", "other", "--", *job(WORK)).returncode == 0
    path, told = report_of(made, "one", "other")
    status, said = verified(made, path)
    assert status == 0 and [run["run"] for run in said["runs"]][-1] == "sum" and len(said["runs"]) == 3
    changed = copy.deepcopy(told)
    changed["sum"]["carbon"]["total_g"] *= 2
    path.write_text(json.dumps(changed))
    status, said = verified(made, path)
    assert status == 1 and said["runs"][-1]["holds"] is False


def test_a_file_series_that_is_gone_is_said_and_the_ledgers_copy_serves(lowtide: Lowtide) -> None:
    series = lowtide.folder / "series.csv"
    series.write_text("time,g_per_kwh\n2020-01-01T00:00Z,100\n2040-01-01T00:00Z,100\n")
    assert lowtide("run", "--intensity", f"file:{series}", "--", *job(WORK)).returncode == 0
    path, _ = report_of(lowtide, "last")
    assert verified(lowtide, path)[1]["holds"] is True
    series.unlink()
    status, said = verified(lowtide, path)
    gone = [c for c in said["runs"][0]["checks"] if c["what"].startswith("series of")]
    assert status == 0 and gone[0]["verdict"] == "not checked" and "series.csv" in gone[0]["detail"]


@pytest.mark.parametrize("text, status, said", [
    ("{", 3, "is no lowtide.report/1"), ('{"schema": "lowtide.report/2"}', 3, "is no lowtide.report/1"),
    ('{"schema": "lowtide.report/1", "run": {"id": "zzzzzzzz"}}', 4, "the ledger does not have this run"),
    ('{"schema": "lowtide.report/1"}', 4, "the ledger does not have this run"),
])
def test_what_is_no_report_of_this_ledger_is_refused_in_a_line(
        made: Lowtide, text: str, status: int, said: str) -> None:
    path = made.folder / "bad.json"
    path.write_text(text)
    done = made("verify", str(path))
    assert done.returncode == status and said in done.stderr and len(done.stderr.splitlines()) == 1
