"""LOWTIDE_TIME_SCALE: a run on a clock whose UTC goes faster; what it used stays real."""

from datetime import datetime

import pytest
from harness import Lowtide, job

SCALE = 600
BURN = "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass"


def scaled(lowtide: Lowtide, scale: str = str(SCALE)) -> dict[str, str]:
    return lowtide.env | {"LOWTIDE_TIME_SCALE": scale, "LOWTIDE_INTERVAL": "5m"}


def at(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def joules(report: dict) -> float:
    return report["energy"]["it_kwh"] * 3.6e6


def test_three_seconds_are_half_an_hour_and_the_energy_is_that_of_three_seconds(lowtide: Lowtide) -> None:
    assert lowtide.run("--quiet", "--idle", "all", "--", *job(BURN)).returncode == 0
    plain = lowtide.report()
    assert lowtide.run("--quiet", "--idle", "all", "--", *job(BURN), env=scaled(lowtide)).returncode == 0
    report = lowtide.report()
    run = report["run"]
    assert 0.9 * 3 * SCALE < run["duration_s"] < 3 * 3 * SCALE
    assert run["active_s"] == pytest.approx(run["duration_s"]) and run["paused_s"] == 0
    edges = [at(slot["end"]) for slot in report["slots"][:-1]]
    assert len(edges) >= 5 and all(edge % 300 == 0 for edge in edges)
    assert sum(slot["energy_kwh"] or 0 for slot in report["slots"]) * 3.6e6 == pytest.approx(joules(report))
    # Seconds of the job's start are counted with it, and the machine may be busier now than then.
    assert joules(report) / joules(plain) == pytest.approx(run["duration_s"] / SCALE / plain["run"]["duration_s"], rel=0.5)
    # Idle power is one for a second of the device's own time: it does not swallow what the job used above it.
    assert report["energy"]["active_kwh"] > 0.2 * plain["energy"]["active_kwh"] > 0
    said = [event for event in report["events"] if event["kind"] == "time-scale"]
    assert len(said) == 1 and str(SCALE) in said[0]["detail"]
    assert not [event for event in report["events"] if event["kind"] == "clock-step"]


def test_all_processes_of_a_run_share_one_origin(lowtide: Lowtide) -> None:
    told = lowtide.run("--quiet", "--", "sh", "-c", "echo $LOWTIDE_TIME_ORIGIN; sh -c 'echo $LOWTIDE_TIME_ORIGIN'",
                       env=scaled(lowtide)).stdout.split()
    assert len(told) == 2 and told[0] == told[1] and told[0].count(",") == 1
    utc, boot = (int(part) for part in told[0].split(","))
    begin = at(lowtide.report()["run"]["begin"])
    assert utc > boot > 0 and begin >= utc / 1e9 - 1
    # Another process, later, on the same origin: as much later as the boot clock has gone on, and more.
    lowtide.run("--quiet", "--", "sleep", "0.5", env=scaled(lowtide) | {"LOWTIDE_TIME_ORIGIN": told[0]})
    assert at(lowtide.report()["run"]["end"]) - begin > 0.4 * SCALE


@pytest.mark.parametrize("scale", ["0", "-3", "fast", "1e9", ""])
def test_what_is_no_scale_changes_nothing(lowtide: Lowtide, scale: str) -> None:
    env = lowtide.env | {"LOWTIDE_TIME_SCALE": scale}
    done = lowtide.run("--quiet", "--", "sh", "-c", "sleep 0.2; echo $LOWTIDE_TIME_ORIGIN", env=env)
    assert done.stdout.strip() == ""
    report = lowtide.report()
    assert 0.15 < report["run"]["duration_s"] < 30
    assert not [event for event in report["events"] if event["kind"] == "time-scale"]
