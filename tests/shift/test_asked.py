"""What a user asks of a run that nobody carries out, or of one of several: it is done, and what is said is true."""

import json
import time

import pytest
from harness import job, wait_for
from test_freeze import DAY, WINDOW
from test_taken_up import FREEZE, WAITS, left_behind, saver, starts
from world import HOUR_S, World


@pytest.mark.parametrize("phase", ["waiting", "paused"])
def test_what_is_cancelled_is_not_started_first(world: World, phase: str) -> None:
    """Its lowtide died, and the hour came in which it was to start, or to go on."""
    left_behind(world, phase)
    before = starts(world)
    due = 5.2 if phase == "waiting" else 4.2
    time.sleep(max(due - world.now(), 0) * HOUR_S)
    done = world.lowtide("cancel", "night")
    assert done.returncode == 0 and "cancelled" in done.stdout, done.stderr
    assert [run["state"] for run in world.lowtide.runs()] == ["cancelled"]
    time.sleep(1)
    assert starts(world) == before and not world.ours()
    history = world.lowtide("status", "night").stdout
    assert "while nobody carried it out" in history and "starts" not in history.split("cancelled")[-1]


def test_a_job_that_was_let_go_on_runs_by_every_command(world: World) -> None:
    world.hours(DAY)
    assert world.run(*FREEZE, "--", *saver()).returncode == 0
    world.wait_for_phase("paused")
    world.kill_lowtide()
    said = world.lowtide("status")
    assert "let go on" in said.stderr
    for line in (said.stdout, world.lowtide("status", "night").stdout):
        assert "runs: it was frozen, and was let go on" in line and "paused" not in line.split("\n")[0], line
    now = world.status("night")
    assert (now["standing"], now["phase"], now["keeper_pid"]) == ("runs", "running", None)
    assert [run["state"] for run in world.lowtide.runs()] != ["paused"]
    resumed = world.lowtide("resume", "night")
    assert resumed.returncode == 0
    assert "its exit status cannot be learned" in " ".join(resumed.stderr.split()), resumed.stderr
    wait_for(lambda: "end" in starts(world), "the job's end")
    assert world.lowtide("wait", "night").returncode == 0, "it said that all was done"
    assert len(starts(world)) == 2


def test_how_a_job_ended_that_lost_its_parent_is_said_as_it_is(world: World) -> None:
    """A later lowtide watches its end, but only a parent learns the status."""
    assert world.run(*FREEZE, "--", *job("import time; time.sleep(10)")).returncode == 0
    world.wait_for_phase("running")
    world.kill_lowtide()
    assert world.lowtide("resume", "night").returncode == 0
    done = world.lowtide("wait", "night")
    assert done.returncode == 1 and "this status, 1, is lowtide's" in done.stderr
    [out] = (world.lowtide.home / "act").glob("*.out")
    words = " ".join(out.read_text().split())
    assert "how is not known" in words and "nobody watched" not in words and "start it anew" not in words, words


@pytest.mark.parametrize("word", ["cancel", "wait", "start-now", "status"])
def test_of_several_runs_of_a_name_the_one_that_is_not_over_is_meant(world: World, word: str) -> None:
    world.hours([900] * 5 + [100] * 9)
    runs = []
    for _ in range(2):
        assert world.run(*WAITS, "--", "/usr/bin/touch", "began").returncode == 0
        runs.append(world.status("last")["run"])
    older, newer = runs
    assert world.lowtide("cancel", newer).returncode == 0
    if word == "wait":
        waiting = world.lowtide.start("wait", "night")
        time.sleep(1.5)
        assert waiting.poll() is None
        assert world.lowtide("start-now", older).returncode == 0
        assert waiting.wait(30) == 0
        said = waiting.communicate()[1]
    else:
        done = world.lowtide(word, "night")
        assert done.returncode == 0, done.stderr
        assert older in done.stdout
        said = done.stderr
    assert f"2 runs are named 'night'; this is the newest that is not over, {older}" in said, said


def test_hours_in_which_it_may_not_run_are_the_reason_that_is_given(world: World) -> None:
    world.hours([50, 50, 50] + [300] * 9)
    options = ["--start-within", "10h", "--expect", "1h", "--not", "00:00-04:00", "--name", "barred"]
    running = world.start(*options, "--", "/bin/sleep", "1")
    said = running.communicate(timeout=60)[1]
    words = " ".join(said.split())
    assert "it may not run through from now on (--not 00:00-04:00)" in words and "than at once" not in words, said
    review = " ".join(world.lowtide("review", "barred").stdout.split())
    assert "at once it might not run (--not)" in review, review


def test_a_review_counts_what_the_job_was_charged_while_it_was_frozen(world: World) -> None:
    """As the report does; the machine is held, though the first plan could not know at which power."""
    world.hours(DAY)
    done = world.run(*WINDOW, "--name", "night", "--embodied", "none", "--", *job(
        f"import time\nend = time.monotonic() + {4 * HOUR_S}\nwhile time.monotonic() < end: pass"))
    assert done.returncode == 0, done.stderr
    report = world.lowtide.report()
    assert report["energy"]["paused_kwh"] > 0
    review = json.loads(world.lowtide("review", "night", "--json", "-").stdout)
    assert review["emitted_g"] == pytest.approx(report["carbon"]["operational_g"], rel=1e-6)
    assert review["actual_g"] == pytest.approx(review["emitted_g"], rel=0.05), review
    paused_w = report["energy"]["paused_kwh"] * 3.6e6 / report["run"]["paused_s"]
    assert review["charges"]["measured"]["paused_w"] == pytest.approx(paused_w, rel=1e-6)
    dry = world.run("--dry-run", "--finish-within", "2x", "--pause", "freeze", "--name", "night", "--", "true")
    assert dry.returncode == 0 and "not known yet" not in dry.stdout, dry.stdout + dry.stderr
