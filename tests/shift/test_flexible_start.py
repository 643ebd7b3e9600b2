"""`lowtide run --start-within`: waits for cleaner hours, starts on time, survives what a night brings."""

import os
import signal

import pytest
from harness import job, wait_for
from world import World

DAY = [500, 500, 500, 100, 100, 500, 500, 500, 500, 500]


def test_it_waits_for_the_clean_hours_and_says_when_and_why(world: World) -> None:
    world.hours(DAY)
    done = world.run("--start-within", "6h", "--expect", "1h", "--", *job("import time; time.sleep(2)"))
    assert done.returncode == 0, done.stderr
    assert "starts at 03:00" in done.stderr and "80 % less attributed" in done.stderr, done.stderr
    report = world.lowtide.report()
    run = report["run"]
    assert run["state"] == "finished" and run["lives"] == 1
    assert 3.0 <= world.hour_of(run["begin"]) < 3.3, run
    assert 2.9 * 3600 < run["waiting_s"] < 3.3 * 3600, run
    assert report["intensity"][0]["mean_g_per_kwh"] == pytest.approx(100)


def test_the_exit_status_is_the_commands_own(world: World) -> None:
    world.hours(DAY)
    done = world.run("--start-within", "4h", "--expect", "1h", "--", *job("raise SystemExit(7)"))
    assert done.returncode == 7, done.stderr
    assert world.lowtide.report()["run"]["state"] == "failed"


def test_no_better_time_starts_at_once(world: World) -> None:
    world.hours([100] * 10)
    done = world.run("--start-within", "6h", "--expect", "1h", "--", "true")
    assert done.returncode == 0 and "starts now" in done.stderr, done.stderr
    assert world.hour_of(world.lowtide.report()["run"]["begin"]) < 0.8


def test_start_now_starts_it(world: World) -> None:
    world.hours(DAY)
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--", "true")
    world.wait_for_phase("waiting")
    assert [r["state"] for r in world.lowtide.runs()] == ["waiting"]
    asked = world.lowtide("start-now", "last")
    assert asked.returncode == 0, asked.stderr
    assert waiting.wait(30) == 0
    assert world.hour_of(world.lowtide.report()["run"]["begin"]) < 3


def test_cancel_ends_it_before_it_began(world: World) -> None:
    world.hours(DAY)
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--", "touch", "ran")
    world.wait_for_phase("waiting")
    cancelled = world.lowtide("cancel", "last")
    assert cancelled.returncode == 0, cancelled.stderr
    assert waiting.wait(30) == 130
    assert not (world.lowtide.folder / "ran").exists()
    assert [r["state"] for r in world.lowtide.runs()] == ["cancelled"]
    assert not list((world.lowtide.home / "act").glob("*.job"))


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_it_waits_cancels_it(world: World, sent: signal.Signals, status: int) -> None:
    world.hours(DAY)
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--", "touch", "ran")
    world.wait_for_phase("waiting")
    waiting.send_signal(sent)
    assert waiting.wait(30) == status
    assert not (world.lowtide.folder / "ran").exists()
    assert [r["state"] for r in world.lowtide.runs()] == ["cancelled"]


def test_kill_everything_and_resume_all_goes_on_nothing_lost_or_doubled(world: World) -> None:
    world.hours(DAY)
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--name", "night", "--",
                          *job("open('ran', 'a').write('x')"))
    world.wait_for_phase("waiting")
    world.kill_lowtide()
    assert waiting.wait(30) == -signal.SIGKILL
    assert world.status()["keeper_pid"] is None
    assert [r["state"] for r in world.lowtide.runs()] == ["waiting"]
    resumed = world.lowtide("resume", "--all")
    assert resumed.returncode == 0 and "detached process" in resumed.stderr, resumed.stderr
    again = world.lowtide("resume", "--all")
    assert again.returncode == 0 and "keeps it" in again.stderr, again.stderr
    assert world.lowtide("wait", "night").returncode == 0
    assert (world.lowtide.folder / "ran").read_text() == "x"
    run = world.lowtide.report()["run"]
    assert 3.0 <= world.hour_of(run["begin"]) < 3.5 and run["lives"] == 1, run


def test_the_controller_alone_is_killed_and_comes_back(world: World) -> None:
    world.hours(DAY)
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--", "true")
    controller = world.wait_for_phase("waiting")["keeper_pid"]
    os.kill(controller, signal.SIGKILL)
    other = wait_for(lambda: (pid := world.status()["keeper_pid"]) and pid != controller and pid, "another one")
    assert other
    assert waiting.wait(60) == 0
    assert 3.0 <= world.hour_of(world.lowtide.report()["run"]["begin"]) < 3.5


def test_detach_outlives_the_command(world: World) -> None:
    world.hours(DAY)
    done = world.run("--start-within", "6h", "--expect", "1h", "--detach", "--", *job("print('out it goes')"))
    assert done.returncode == 0 and "detached process" in done.stderr, done.stderr
    assert world.now() < 3
    assert world.lowtide("wait", "last").returncode == 0
    run = world.lowtide.report()["run"]
    assert 3.0 <= world.hour_of(run["begin"]) < 3.5
    printed = next((world.lowtide.home / "act").glob("*.out"))
    assert "out it goes" in printed.read_text()
    removed = world.lowtide("rm", "last", "--yes")
    assert str(printed) in removed.stdout and printed.exists(), "the job's own output is not lowtide's to remove"


def test_what_is_refused(world: World) -> None:
    for args, said in [
        (["--start-within", "25%"], "--expect"),
        (["--finish-within", "2x"], "--expect"),
        (["--finish-within", "30m", "--expect", "1h"], "earliest"),
        (["--start-within", "soon", "--expect", "1h"], "--start-within"),
        (["--start-within", "1h", "--finish-within", "2h"], "--finish-within"),
        (["--start-within", "1h", "--checkpoint-signal", "USR1"], "--pause"),
        (["--finish-within", "3h", "--expect", "1h", "--pause", "checkpoint", "--checkpoint-signal", "KILL"], "KILL"),
    ]:
        done = world.run(*args, "--", "touch", "ran")
        assert done.returncode == 125 and said in done.stderr, (args, done.stderr)
        assert done.stderr.count("\n") == 1, done.stderr
    assert not (world.lowtide.folder / "ran").exists() and world.lowtide.runs() == []


def test_dry_run_is_the_plan(world: World) -> None:
    world.hours(DAY)
    dry = world.run("--dry-run", "--start-within", "6h", "--expect", "1h", "--", "touch", "ran")
    assert dry.returncode == 0 and "flexible start" in dry.stdout, dry.stderr
    assert not (world.lowtide.folder / "ran").exists() and world.lowtide.runs() == []


def test_a_command_that_is_not_there(world: World) -> None:
    done = world.run("--start-within", "1h", "--expect", "1h", "--", "no-such-command-here")
    assert done.returncode == 127 and "command not found" in done.stderr, done.stderr
