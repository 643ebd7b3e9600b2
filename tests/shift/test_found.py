"""What a new user found, held: each of these stranded a job, lost a record or said nothing."""

import os
import signal
import sqlite3
import subprocess
import time

import pytest
from harness import binary, job, state_of, wait_for
from world import HOUR_S, World


def test_a_ledger_that_takes_no_rows_keeps_no_job_from_its_latest_start(world: World) -> None:
    world.hours([500, 500, 100, 100, 500, 500])
    waiting = world.start("--start-within", "2h", "--expect", "1h", "--", "touch", "ran")
    world.wait_for_phase("waiting")
    locked = sqlite3.connect(world.lowtide.home / "ledger.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    wait_for(lambda: (world.lowtide.folder / "ran").exists(), "the start")
    assert 1.9 < world.now() < 4
    locked.execute("ROLLBACK")
    assert waiting.wait(60) == 0


def test_a_home_that_cannot_be_written_is_a_warning_and_the_job_runs(world: World) -> None:
    blocked = world.lowtide.folder / "a file"
    blocked.write_text("")
    done = world.run("--start-within", "2h", "--expect", "1h", "--", "touch", "ran",
                     env=world.lowtide.env | {"LOWTIDE_HOME": str(blocked)})
    assert done.returncode == 0 and "is not moved" in done.stderr, done.stderr
    assert (world.lowtide.folder / "ran").exists()


@pytest.mark.parametrize("flags", [["--detach"], ["--pause", "freeze"], ["--not", "08:00-18:00"], ["--dry-run"],
                                   ["--require-forecast"], ["--gpu-turn", "wait"]])
def test_flags_that_move_nothing_without_a_window_are_refused(world: World, flags: list[str]) -> None:
    done = world.run(*flags, "--", "touch", "ran")
    assert done.returncode == 125 and flags[0] in done.stderr and "--start-within" in done.stderr, done.stderr
    assert not (world.lowtide.folder / "ran").exists()


def test_a_mistyped_command_is_told_at_once(world: World) -> None:
    world.hours([500, 500, 500, 100])
    done = world.run("--start-within", "4h", "--expect", "1h", "--", "nosuchcmd")
    assert done.returncode == 127 and world.now() < 2, done.stderr
    (world.lowtide.folder / "plain").write_text("")
    assert world.run("--start-within", "4h", "--expect", "1h", "--", "./plain").returncode == 126
    assert world.lowtide.runs() == []


def test_words_of_resume_args_are_quoted_as_in_a_shell(world: World) -> None:
    world.hours([100, 900, 900, 900, 100, 100, 100, 900, 900, 900])
    code = """
import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: os._exit(75))
if os.environ.get('LOWTIDE_RESUME'):
    open('words', 'w').write('|'.join(sys.argv[1:])); sys.exit(0)
time.sleep(100)
"""
    done = world.run("--finish-within", "9h", "--expect", "4h", "--pause", "checkpoint", "--resume-energy",
                     "0.0001kWh", "--checkpoint-grace", "20m", "--resume-args", "--again 'a b'", "--", *job(code))
    assert done.returncode == 0, done.stderr
    assert (world.lowtide.folder / "words").read_text() == "--again|a b"


def test_cancel_ends_the_program_behind_a_shell(world: World) -> None:
    world.hours([100] * 10)
    running = world.start("--start-within", "2h", "--expect", "1h", "--", "sh", "-c", "sleep 1000; echo after")
    world.wait_for_phase("running")
    sleeper = wait_for(lambda: [pid for pid in world.ours("sleep 1000") if open(f"/proc/{pid}/comm").read() ==
                                "sleep\n"], "the program")[0]
    assert world.lowtide("cancel", "last").returncode == 0
    assert running.wait(30) == 128 + signal.SIGTERM
    wait_for(lambda: state_of(sleeper) in ("", "Z"), "its end")


def test_a_waiting_run_that_is_stopped_hears_its_cancel(world: World) -> None:
    """^Z while it waits, past its time: nothing starts behind the user's back, and nothing hangs."""
    world.hours([500, 100, 100, 500, 500])
    waiting = world.start("--start-within", "2h", "--expect", "1h", "--", "touch", "ran")
    world.wait_for_phase("waiting")
    os.kill(waiting.pid, signal.SIGSTOP)
    wait_for(lambda: world.now() > 3.5, "its latest start")
    assert world.lowtide("cancel", "last").returncode == 0
    os.kill(waiting.pid, signal.SIGCONT)
    assert waiting.wait(30) == 130
    assert not (world.lowtide.folder / "ran").exists()


def test_a_run_that_nobody_carries_out_says_so_in_the_list(world: World) -> None:
    world.hours([500, 500, 500, 500, 100])
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--name", "left", "--", "true")
    world.wait_for_phase("waiting")
    waiting.send_signal(signal.SIGHUP)
    said = waiting.communicate(timeout=30)[1]
    assert "stays as it is on disk" in said and "lowtide resume" in said, said
    listed = wait_for(lambda: "nobody carries it out" in (text := world.lowtide("status").stdout) and text, "it")
    assert "left" in listed
    assert "work       none yet of 1 h" in world.lowtide("status", "left").stdout


def test_people_and_job_are_told_the_plans_own_hour(world: World) -> None:
    """A start that is more than six hours off, which is as long as a plan lasts unless it is renewed."""
    world.hours([500] * 10 + [100, 100] + [500] * 5)
    waiting = world.start("--start-within", "12h", "--expect", "1h", "--", "true")
    world.wait_for_phase("waiting")
    wait_for(lambda: "starts at 10:00" in world.lowtide("status", "last").stdout, "the hour of the plan")
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(30) == 130


def test_the_end_of_a_run_whose_files_are_gone_can_be_written_later(world: World) -> None:
    """The disk took no row at its end: `cancel` closes the record."""
    world.hours([500, 500, 500, 500, 100])
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--", "true")
    world.wait_for_phase("waiting")
    locked = sqlite3.connect(world.lowtide.home / "ledger.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(60) == 130
    locked.execute("ROLLBACK")
    assert [run["state"] for run in world.lowtide.runs()] == ["waiting"]
    done = world.lowtide("cancel", "last")
    assert done.returncode == 0, done.stderr
    assert [run["state"] for run in world.lowtide.runs()] == ["cancelled"]


def test_no_forbidden_hour_is_run_in(world: World) -> None:
    world.hours([500, 100, 100, 100, 300, 300, 500, 500])
    done = world.run("--start-within", "6h", "--expect", "1h", "--not", "00:30-03:30", "--", *job(
        f"import time; time.sleep({0.8 * HOUR_S})"))
    assert done.returncode == 0, done.stderr
    begin = world.hour_of(world.lowtide.report()["run"]["begin"])
    assert 3.4 < begin < 5.5, begin


def test_what_cannot_go_on_can_be_cancelled(world: World) -> None:
    """Its working folder is gone: nobody can carry it out, and nobody has to."""
    world.hours([500, 500, 500, 500, 100])
    folder = world.lowtide.folder / "gone"
    folder.mkdir()
    done = world.run("--start-within", "6h", "--expect", "1h", "--detach", "--", "touch", "ran", cwd=folder)
    assert done.returncode == 0, done.stderr
    world.wait_for_phase("waiting")
    folder.rename(world.lowtide.folder / "elsewhere")
    world.kill_lowtide()
    wait_for(lambda: world.status()["keeper_pid"] is None, "the end of its lowtide")
    began = time.monotonic()
    done = world.lowtide("resume", "--all")
    assert done.returncode == 4 and str(folder) in done.stderr and "lowtide cancel" in done.stderr, done.stderr
    assert time.monotonic() - began < 4, "said before anything is started"
    assert world.lowtide("cancel", "last").returncode == 0
    assert [run["state"] for run in world.lowtide.runs()] == ["cancelled"]
    assert world.lowtide("wait", "last").returncode == 130
    assert world.lowtide("rm", "last", "--yes").returncode == 0
    assert list((world.lowtide.home / "act").iterdir()) == [], "of a job that never began nothing stays"


def test_nothing_waits_that_was_refused(world: World) -> None:
    """A shell may stand in a folder that is gone."""
    world.hours([500, 500, 500, 500, 100])
    (world.lowtide.folder / "gone").mkdir()
    command = 'cd gone; rmdir ../gone; exec "$0" run --start-within 6h --expect 1h --detach -- true'
    done = subprocess.run(["/bin/sh", "-c", command, binary()], env=world.lowtide.env, cwd=world.lowtide.folder,
                          text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 125 and "working folder is gone" in done.stderr, done.stderr
    assert world.lowtide.runs() == []


def test_a_relative_home_is_the_same_for_a_job_that_goes_elsewhere(world: World) -> None:
    code = "cd /; echo 0.5 > $LOWTIDE_PROGRESS && cat $LOWTIDE_CONTROL"
    done = world.run("--start-within", "2h", "--expect", "1h", "--", "sh", "-c", code,
                     env=world.lowtide.env | {"LOWTIDE_HOME": "relative"}, cwd=world.lowtide.folder)
    assert done.returncode == 0 and done.stdout == "run\n", done.stderr


def test_time_in_which_the_user_stopped_the_job_is_no_work(world: World) -> None:
    """It is an hour behind then, and has to run on for that hour to keep its deadline."""
    world.hours([100] + [900] * 6 + [100] * 3 + [900] * 5)
    running = world.start("--finish-within", "10h", "--expect", "4h", "--pause", "freeze", "--resume-energy",
                          "0.0001kWh", "--", *job(f"import time; time.sleep(0.1)\nfor _ in range({int(3.4 * HOUR_S * 10)}):"
                                                  " time.sleep(0.1)"))
    world.wait_for_phase("running")
    main = world.ours("time.sleep(0.1)")[-1]
    os.kill(main, signal.SIGSTOP)
    wait_for(lambda: world.now() > 0.9, "most of an hour")
    worked = world.status()["worked_s"] / 3600
    os.kill(main, signal.SIGCONT)
    assert worked < 0.5, "of the nine tenths that have passed"
    assert running.wait(120) == 0
    assert world.hour_of(world.lowtide.report()["run"]["end"]) < 10


def test_a_run_that_misses_its_deadline_says_so(world: World) -> None:
    running = world.start("--finish-within", "2h", "--expect", "1h", "--", *job(f"import time; time.sleep({3 * HOUR_S})"))
    world.wait_for_phase("running")
    wait_for(lambda: "past its deadline (02:00)" in world.lowtide("status").stdout, "the word of it")
    assert world.now() >= 2
    said = running.communicate(timeout=60)[1]
    assert said.count("its deadline of 02:00 has passed; it runs on") == 1, said
    assert "late: ended at 03:" in said, "in the summary"
    assert [event["detail"].endswith("its deadline was 02:00") for event in world.lowtide.report()["events"]
            if event["kind"] == "late"] == [True]
    assert "after its deadline" in world.lowtide("review", "last").stdout


def test_a_job_that_fails_to_go_on_is_not_said_to_be_paused(world: World) -> None:
    world.hours([100, 900, 900, 900, 100, 100, 100, 900, 900, 900])
    code = """
import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: os._exit(75))
if os.environ.get('LOWTIDE_RESUME'):
    sys.exit(9)
time.sleep(100)
"""
    running = world.start("--finish-within", "9h", "--expect", "4h", "--pause", "checkpoint", "--resume-energy",
                          "0.0001kWh", "--checkpoint-grace", "20m", "--", *job(code))
    text = wait_for(lambda: "failed to go on" in (now := world.lowtide("status").stdout) and now, "it")
    assert "status 9, try " in text and " of 6), tries again at 04:" in text, text
    assert running.wait(60) == 9


def test_what_cannot_be_taken_is_said_once_and_says_what_can(world: World) -> None:
    done = world.run("--finish-within", "4h", "--expect", "2h", "--pause", "freeze", "--",
                     *job(f"import time; time.sleep({1.5 * HOUR_S})"), env=world.lowtide.env | {"LOWTIDE_PUE": "x"})
    assert done.returncode == 0 and done.stderr.count("(ignored)") == 1, done.stderr
    refused = world.run("--finish-within", "07:00", "--expect", "1h", "--", "true").stderr
    assert "a time: 2026-03-02T09:00 (local)" in refused, refused
    assert "too long" in world.run("--finish-within", "999999d", "--expect", "1h", "--", "true").stderr
