"""`lowtide review` of runs that really were moved: what came is what the known hours say."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from harness import job
from world import World

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
from review_cases import review  # noqa: E402

PARTS = ("policy_g", "forecast_g", "charges_g", "revision_g")


def of_last(world: World) -> dict[str, Any]:
    said = review(world.lowtide, "last")
    known = [said["regret"][part] for part in PARTS if said["regret"][part] is not None]
    assert said["regret"]["total_g"] == pytest.approx(sum(known), abs=1e-12)
    return said


def test_a_job_that_waited_for_the_clean_hours_kept_its_promise(world: World) -> None:
    """Five times less from 3 h on: a start at once costs five times as much, and nothing better was to be had."""
    world.hours([500, 500, 500, 100, 100, 100, 500, 500, 500, 500])
    busy = "import time\nend = time.monotonic() + 4\nwhile time.monotonic() < end: pass"
    done = world.run("--start-within", "6h", "--expect", "1h", "--", *job(busy))
    assert done.returncode == 0, done.stderr
    said = of_last(world)
    assert said["less_than_now"]["pct"] == pytest.approx(80, abs=0.01)
    assert said["less_than_now"]["finding"] == "less" and "attributed less" in said["verdict"]
    assert said["promise"]["saving_pct"] == pytest.approx(80, abs=0.5)
    assert said["promise"]["source"] == "file"
    assert said["regret"]["total_g"] == pytest.approx(0, abs=1e-9 * said["now_g"] + 1e-12)
    assert 3.0 <= world.hour_of(said["actual_runs"][0]["begin"]) < 3.3
    assert world.hour_of(said["now_runs"][0]["begin"]) < 0.5


def test_a_pause_over_dirty_hours_is_judged_with_the_best(world: World) -> None:
    """Dirty from 1 h to 4 h: three hours in a piece would meet some of them, the frozen job did not."""
    world.hours([100, 900, 900, 900, 100, 100, 100, 100, 100, 100])
    busy = "import time\nend = time.process_time() + 8\nwhile time.process_time() < end: pass"
    done = world.run("--finish-within", "6h", "--expect", "3h", "--pause", "freeze", "--resume-energy", "0.0000001kWh",
                     "--machine", "stays-on", "--", *job(busy))
    assert done.returncode == 0, done.stderr
    said = of_last(world)
    assert said["manner"] == "freeze" and said["resumes"] >= 1
    assert said["less_than_now"]["finding"] == "less" and said["less_than_now"]["pct"] > 40
    late = any("no plan could have been what ran" in note for note in said["notes"])  # on a busy machine
    assert said["actual_g"] < said["now_g"] and (late or said["hindsight_g"] <= said["actual_g"] * (1 + 1e-9))
    assert said["charges"]["planned"]["resume_kwh"] == pytest.approx(1e-7)


LIGHT = "for i in $(seq {count}); do date > /dev/null; sleep .1; done"


def test_a_thaw_is_not_charged_what_was_planned_of_an_assumed_power(world: World) -> None:
    """Nothing is known of a light job: its plan took 5 minutes of 100 W for a resume. Two dirty hours were left out."""
    world.hours([100, 900, 900, 100] + [900] * 6)
    done = world.run("--finish-within", "4h", "--expect", "2h", "--pause", "freeze", "--machine", "stays-on", "--", "bash", "-c",
                     LIGHT.format(count=70))
    assert done.returncode == 0, done.stderr
    said = of_last(world)
    work, charges = said["work"], said["charges"]
    assert said["resumes"] == 1 and charges["measured"] == {"resume_kwh": 0, "resumes_seen": 1, "paused_w": None}
    assert charges["planned"]["resume_kwh"] == pytest.approx(300 * work["energy_kwh"] / work["duration_s"])
    assert said["less_than_now"]["finding"] == "less" and said["less_than_now"]["pct"] > 30
    assert abs(said["less_than_now"]["pct"] - said["promise"]["saving_pct"]) < 50, "parts of slots, and no charge"
    assert said["regret"]["policy_g"] < said["now_g"] and said["regret"]["charges_g"] is not None


def test_what_killed_the_meter_is_no_pause_of_the_job(world: World) -> None:
    """All of lowtide dies while the job runs, which goes on; the one pause comes later."""
    world.hours([100, 100, 900, 900] + [100] * 6)
    running = world.start("--finish-within", "6h", "--expect", "3h", "--pause", "freeze", "--", "bash", "-c",
                          LIGHT.format(count=110), process_group=None, start_new_session=True)
    world.wait_for_phase("running")
    time.sleep(1.5)
    world.kill_lowtide()
    running.wait(30)
    time.sleep(0.8)  # nearly 10 minutes in which nobody reads
    assert world.lowtide("resume", "--all").returncode == 0
    world.lowtide("wait", "last")
    said = of_last(world)
    assert said["resumes"] == 1 and len(said["actual_runs"]) == 2, said["actual_runs"]
    assert said["charges"]["measured"]["resumes_seen"] == 1
    assert 1.8 < world.hour_of(said["actual_runs"][0]["end"]) < 2.3
