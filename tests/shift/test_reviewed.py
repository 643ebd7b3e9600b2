"""`lowtide review` of runs that really were moved: what came is what the known hours say."""

import sys
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
                     "--", *job(busy))
    assert done.returncode == 0, done.stderr
    said = of_last(world)
    assert said["manner"] == "freeze" and said["resumes"] >= 1
    assert said["less_than_now"]["finding"] == "less" and said["less_than_now"]["pct"] > 40
    late = any("no plan could have been what ran" in note for note in said["notes"])  # on a busy machine
    assert said["actual_g"] < said["now_g"] and (late or said["hindsight_g"] <= said["actual_g"] * (1 + 1e-9))
    assert said["charges"]["planned"]["resume_kwh"] == pytest.approx(1e-7)
