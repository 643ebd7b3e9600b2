"""Runs that lose who looks after them, or whose output nobody reads: the job goes on, and what is said is true."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from harness import Terminal, job, state_of, wait_for
from test_freeze import DAY, WINDOW
from world import HOUR_S, World

FREEZE = [*WINDOW, "--name", "night"]

# A first process that waits for a worker, which writes a line each 0.1 s.
PAIR = """
import os, sys, time
pid = os.fork()
print(os.getpid(), file=open('child.pid' if pid == 0 else 'main.pid', 'w'), flush=True)
if pid: os.waitpid(pid, 0); sys.exit(0)
lines = open('lines', 'a', buffering=1)
for i in range(150): print(i, file=lines); time.sleep(0.1)
"""


def lines(world: World) -> int:
    path = world.lowtide.folder / "lines"
    return path.read_text().count("\n") if path.exists() else 0


def pid_in(path: Path) -> int:
    return int(wait_for(lambda: path.exists() and path.read_text().strip(), path.name))


@pytest.mark.parametrize("cgroup", ["true", "false"])
def test_what_outlives_the_first_process_of_a_frozen_job_goes_on(world: World, cgroup: str) -> None:
    """As when memory runs out: the first process is killed, its workers are left."""
    world.lowtide.env["LOWTIDE_CGROUP"] = cgroup
    world.hours(DAY)
    running = world.start(*FREEZE, "--", *job(PAIR))
    world.wait_for_phase("paused")
    main, child = (pid_in(world.lowtide.folder / f"{name}.pid") for name in ("main", "child"))
    before = lines(world)
    os.kill(main, signal.SIGKILL)
    assert running.wait(30) == 128 + signal.SIGKILL
    wait_for(lambda: lines(world) > before + 3, "the worker's next lines")
    assert state_of(child) in ("R", "S")
    assert not list((world.lowtide.home / "act").glob("*.frozen"))


def full_pipe() -> tuple[int, int]:
    """Both ends of a pipe into which nothing more goes."""
    ours, theirs = os.pipe()
    flags = fcntl.fcntl(theirs, fcntl.F_GETFL)
    fcntl.fcntl(theirs, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        while os.write(theirs, b"x" * 4096):
            pass
    except BlockingIOError:
        pass
    fcntl.fcntl(theirs, fcntl.F_SETFL, flags)
    return ours, theirs


def test_nobody_reads_what_is_said_and_the_plan_is_carried_out(world: World) -> None:
    world.hours(DAY)
    ours, theirs = full_pipe()
    running = world.start(*FREEZE, "--", *job(PAIR), stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    try:
        world.wait_for_phase("paused")
        before = lines(world)
        assert before > 5
        wait_for(lambda: lines(world) > before, "the end of the pause")
        assert 3.9 < world.now() < 4.9
        assert world.lowtide("start-now", "night").returncode == 0
        wait_for(lambda: lines(world) == 150, "the job's end")
        wait_for(lambda: world.status()["phase"] == "done", "its record")
        assert running.wait(30) == 0, "the reader of the last word is not waited for without end"
    finally:
        os.close(ours)


def test_a_terminal_that_is_held_up_does_not_hold_up_the_plan(world: World, terminal: Terminal) -> None:
    """^S while it waits: it starts on time all the same."""
    world.hours([900, 900, 100, 100, 900, 900, 900])
    terminal.type("$LOWTIDE run --start-within 4h --expect 1h --name night -- /usr/bin/touch began\n")
    terminal.until(r"waits, starts at 02:00")
    terminal.type("\x13")
    wait_for((world.lowtide.folder / "began").exists, "the start")
    assert 1.9 < world.now() < 2.9
    wait_for(lambda: world.status()["phase"] == "done", "its record")
    terminal.type("\x11")


def test_who_stops_its_lowtide_still_gets_its_status(world: World) -> None:
    """A STOP of the process that carries the plan out: the job's end is heard all the same."""
    world.hours([100] * 20)
    running = world.start(*FREEZE, "--", *job("import sys, time; time.sleep(4); sys.exit(5)"))
    keeper = world.wait_for_phase("running")["keeper_pid"]
    os.kill(keeper, signal.SIGSTOP)
    assert running.wait(30) == 5
    assert world.status()["phase"] == "done"


@pytest.mark.parametrize("phase", ["waiting", "paused"])
def test_who_carries_the_plan_out_is_killed_time_after_time(world: World, phase: str) -> None:
    """Then the job runs, unmoved; that is said, and on record."""
    world.hours(DAY if phase == "paused" else [900, 900, 900, 100, 100, 100, 100, 900])
    window = FREEZE if phase == "paused" else ["--start-within", "6h", "--expect", "1h", "--name", "night"]
    running = world.start(*window, "--", *job(PAIR))
    world.wait_for_phase(phase)
    dead = world.kill_each_keeper(lambda: world.status()["runs_on"] == "unled", "the word that nobody carries it out")
    assert world.status()["phase"] == "running"
    assert dead >= 3
    wait_for(lambda: lines(world) == 150, "the job's end")
    said = running.communicate(timeout=30)[1]
    assert running.returncode == 0 and said.count("is not moved") == 1, said
    assert world.status()["phase"] == "done"
    assert [run["state"] for run in world.lowtide.runs()] == ["finished"]
    assert world.lowtide("wait", "night").returncode == 0
    assert list((world.lowtide.home / "act").glob("*.lock")) == []


def test_an_end_that_could_not_be_written_is_found(world: World) -> None:
    """As on a full disk: the ledger can be written again only after the job's end."""
    world.hours(DAY)
    running = world.start(*FREEZE, "--", *job("import sys, time; time.sleep(7); sys.exit(5)"))
    world.wait_for_phase("paused")
    locked = sqlite3.connect(world.lowtide.home / "ledger.db", isolation_level=None)
    wait_for(lambda: world.now() > 3.5, "the end of the pause")
    locked.execute("BEGIN EXCLUSIVE")
    said = running.communicate(timeout=120)[1]
    locked.execute("ROLLBACK")
    locked.close()
    assert running.returncode == 5 and "its end is not on record" in said, said
    assert world.lowtide("resume", "night").returncode == 0
    assert world.lowtide("wait", "night").returncode in (1, 5)
    assert world.status()["phase"] == "done"
    assert [run["state"] for run in world.lowtide.runs()][0] not in ("paused", "running")


def test_wait_ends_with_a_job_whose_end_nobody_saw(world: World) -> None:
    world.hours([100] * 10)
    world.start(*FREEZE, "--", *job("import time; time.sleep(2.5)"))
    world.wait_for_phase("running")
    world.kill_lowtide()
    began = time.monotonic()
    done = world.lowtide("wait", "night")
    assert done.returncode == 1 and "nobody saw how the job" in done.stderr, done.stderr
    assert time.monotonic() - began < 4 * HOUR_S


def test_at_boot_a_home_without_a_run_is_no_error(world: World) -> None:
    done = world.lowtide("resume", "--all")
    assert (done.returncode, done.stderr) == (0, "no run waits or is paused\n")
