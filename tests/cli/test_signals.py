"""Signals sent to lowtide reach the job once; what dies, and in which order, costs neither job nor status."""

import os
import signal
import subprocess
import time

import pytest
from harness import PATIENCE_S, QUIET_S, Lowtide, children, job, processes, state_of, wait_for, wait_for_text

# Notes each signal in a file, and ends when the file `end` appears.
LISTENER = """
import os, signal, sys, time
def note(number, frame):
    with open("signals", "a") as out:
        out.write(signal.Signals(number).name + "\\n")
for name in ("TERM", "HUP", "USR1", "USR2", "CONT", "INT", "QUIT"):
    signal.signal(getattr(signal, "SIG" + name), note)
open("pid", "w").write(str(os.getpid()) + "\\n")
while not os.path.exists("end"):
    time.sleep(0.02)
sys.exit(9)
"""


class Listening:
    """A run whose job notes its signals."""

    def __init__(self, lowtide: Lowtide) -> None:
        self.folder = lowtide.folder
        self.process = lowtide.start_run("--", *job(LISTENER))
        self.job = int(wait_for_text(self.folder / "pid", "\n"))

    def signals(self) -> list[str]:
        """The signals noted so far."""
        path = self.folder / "signals"
        return path.read_text().split() if path.exists() else []

    def finish(self) -> int:
        """Lets the job end; the status of lowtide."""
        (self.folder / "end").touch()
        return self.process.wait(timeout=PATIENCE_S)


@pytest.mark.parametrize("name", ["TERM", "HUP", "USR1", "USR2", "CONT"])
def test_a_signal_sent_to_lowtide_reaches_the_job_once(lowtide: Lowtide, name: str) -> None:
    run = Listening(lowtide)
    run.process.send_signal(getattr(signal, "SIG" + name))
    wait_for(run.signals, f"SIG{name} at the job")
    time.sleep(QUIET_S)
    assert run.signals() == ["SIG" + name]
    assert run.finish() == 9


@pytest.mark.parametrize("name", ["INT", "QUIT"])
def test_int_and_quit_sent_to_lowtide_alone_are_ignored(lowtide: Lowtide, name: str) -> None:
    run = Listening(lowtide)
    run.process.send_signal(getattr(signal, "SIG" + name))
    time.sleep(QUIET_S)
    assert run.signals() == []
    assert run.finish() == 9


@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT", "HUP", "USR1"])
def test_a_signal_to_the_whole_group_reaches_the_job_and_lowtide_stays(lowtide: Lowtide, name: str) -> None:
    run = Listening(lowtide)
    os.killpg(run.process.pid, getattr(signal, "SIG" + name))
    wait_for(run.signals, f"SIG{name} at the job")
    time.sleep(QUIET_S)
    assert set(run.signals()) == {"SIG" + name}
    assert len(run.signals()) <= 2  # documented: may arrive twice
    assert run.finish() == 9


def test_a_signal_from_the_jobs_own_group_is_not_forwarded(lowtide: Lowtide) -> None:
    code = """
import os, signal, sys, time
seen = []
signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
os.kill(os.getpgrp(), signal.SIGUSR1)  # lowtide leads the group
time.sleep(1)
sys.exit(len(seen))
"""
    process = lowtide.start_run("--", *job(code))
    assert process.wait(timeout=PATIENCE_S) == 0


def test_a_job_that_dies_of_a_forwarded_signal_is_killed(lowtide: Lowtide) -> None:
    process = lowtide.start_run("--", *job("open('pid', 'w').write('x\\n'); import time; time.sleep(600)"))
    wait_for_text(lowtide.folder / "pid", "\n")
    process.terminate()
    assert process.wait(timeout=PATIENCE_S) == 128 + signal.SIGTERM
    assert lowtide.report()["run"]["state"] == "killed"


def test_a_signal_right_at_the_start_is_not_lost(lowtide: Lowtide) -> None:
    # Whether it comes before the job or after, the whole ends by it and hangs never.
    for wait_s in (0.0, 0.005, 0.02, 0.05):
        process = lowtide.start_run("--", "sleep", "600")
        time.sleep(wait_s)
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) in (128 + signal.SIGTERM, -signal.SIGTERM)
        assert not [p for p, parent, group, _ in processes() if group == process.pid and p != process.pid]


def test_a_stopped_job_stops_lowtide_and_cont_wakes_both(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    os.kill(run.job, signal.SIGSTOP)
    wait_for(lambda: state_of(run.process.pid) == "T", "lowtide stopped with its job")
    run.process.send_signal(signal.SIGCONT)
    wait_for(lambda: state_of(run.job) == "S", "the job running again")
    assert run.finish() == 9


def meter_of(run: Listening) -> int:
    """The meter: the child of `lowtide run` in a process group of its own."""
    def find() -> list[int]:
        groups = {pid: group for pid, _, group, _ in processes()}
        return [c for c in children(run.process.pid) if groups.get(c) != run.process.pid]
    return wait_for(find, "a meter")[0]


def test_the_meter_is_apart_from_the_jobs_group(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    meter = meter_of(run)
    os.killpg(run.process.pid, signal.SIGSTOP)
    wait_for(lambda: state_of(run.job) == "T", "the job stopped")
    assert state_of(meter) not in ("T", "Z", "")
    os.killpg(run.process.pid, signal.SIGCONT)
    assert run.finish() == 9


def test_news_of_a_stop_that_is_over_does_not_stop_lowtide(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    run.process.send_signal(signal.SIGSTOP)  # so that it hears of the job's stop only when that is over
    wait_for(lambda: state_of(run.process.pid) == "T", "lowtide stopped")
    os.kill(run.job, signal.SIGSTOP)
    wait_for(lambda: state_of(run.job) == "T", "the job stopped")
    time.sleep(QUIET_S)  # the news is on its way, unless the machine is too busy to send it
    os.kill(run.job, signal.SIGCONT)
    wait_for(lambda: state_of(run.job) != "T", "the job going on")
    run.process.send_signal(signal.SIGCONT)
    assert run.finish() == 9


def test_a_job_that_is_killed_while_it_is_stopped_does_not_leave_lowtide_stopped(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    os.kill(run.job, signal.SIGSTOP)
    wait_for(lambda: state_of(run.process.pid) == "T", "lowtide stopped with its job")
    os.kill(run.job, signal.SIGKILL)
    assert run.process.wait(timeout=PATIENCE_S) == 128 + signal.SIGKILL


def test_killing_the_meter_costs_neither_job_nor_status(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    for _ in range(2):
        meter = meter_of(run)
        os.kill(meter, signal.SIGKILL)
        wait_for(lambda gone=meter: state_of(gone) in ("", "Z"), "the meter dead")
        assert meter_of(run) != meter, "a new meter"
    time.sleep(QUIET_S)
    wait_for(lambda: state_of(run.job) == "S", "the job alive and waiting")
    assert run.finish() == 9
    report = lowtide.report()
    assert (report["run"]["state"], report["run"]["exit_status"]) == ("failed", 9)
    assert len(lowtide.runs()) == 1
    assert any("meter" in event["kind"] for event in report["events"])


def test_killing_lowtide_leaves_the_job_and_its_status_with_the_meter(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    meter = meter_of(run)
    time.sleep(QUIET_S)
    run.process.kill()
    run.process.wait()
    wait_for(lambda: state_of(run.job) == "S", "the job alive and waiting")
    (run.folder / "end").touch()
    wait_for(lambda: state_of(run.job) == "" and state_of(meter) == "", "job and meter gone")
    report = lowtide.report()
    assert (report["run"]["state"], report["run"]["exit_status"]) == ("failed", 9)


def test_killing_all_of_lowtide_leaves_the_job_and_the_next_lowtide_closes_the_run(lowtide: Lowtide) -> None:
    run = Listening(lowtide)
    meter = meter_of(run)
    time.sleep(6)  # what is older than five seconds is in the ledger
    os.kill(run.process.pid, signal.SIGSTOP)  # so that it starts no new meter
    os.kill(meter, signal.SIGKILL)
    run.process.kill()
    run.process.wait()
    wait_for(lambda: state_of(run.job) == "S", "the job alive and waiting")
    (run.folder / "end").touch()
    wait_for(lambda: state_of(run.job) == "", "the job gone")
    report = lowtide.report()
    assert report["run"]["state"] == "interrupted"
    assert report["run"]["exit_status"] is None
    assert report["slots"], "what was written stays"


def test_orphans_of_the_job_fall_to_lowtide_and_are_an_event(lowtide: Lowtide) -> None:
    code = ("(setsid sh -c 'echo $$ > orphan; exec sleep 600' > /dev/null 2>&1 < /dev/null &); "
            "while [ ! -s orphan ]; do sleep 0.05; done; sleep 0.3; awk '{print $4}' /proc/$(cat orphan)/stat")
    done = lowtide.run("--", "sh", "-c", code)
    assert done.returncode == 0
    orphan = int((lowtide.folder / "orphan").read_text())
    try:
        assert state_of(orphan) != "", "what is left behind is left alone"
        assert int(done.stdout) != 1, "not init, while lowtide is there"
        assert any("left" in f"{event['kind']} {event['detail']}" for event in lowtide.report()["events"])
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_the_run_ends_with_the_main_command_though_its_pipe_is_held_open(lowtide: Lowtide) -> None:
    process = lowtide.start_run("--quiet", "--", "sh", "-c", "sleep 600 & echo $!; exit 6")
    orphan = int(process.stdout.readline())
    try:
        assert process.wait(timeout=PATIENCE_S) == 6
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_lowtide_leaves_no_process_behind(lowtide: Lowtide) -> None:
    process = lowtide.start_run("--", "sleep", "0.3")
    meter = wait_for(lambda: children(process.pid), "children")
    process.wait(timeout=PATIENCE_S)
    wait_for(lambda: all(state_of(pid) == "" for pid in meter), "all of it gone")


def test_many_short_children_of_the_job_are_reaped(lowtide: Lowtide) -> None:
    # Orphans come to lowtide as the subreaper: none may stay a zombie while the job runs.
    code = "for i in $(seq 50); do (sleep 0.01 &); done; sleep 1.5; ps -eo ppid=,stat= | awk -v p=\"$PPID\" '$1 == p' | grep -c Z"
    done = lowtide.run("--quiet", "--", "sh", "-c", code)
    assert done.stdout.strip() == "0"


def test_a_failing_terminal_or_pipe_for_the_summary_keeps_the_status(lowtide: Lowtide) -> None:
    with open("/dev/full", "w") as full:
        done = lowtide.run("--", "sh", "-c", "exit 8", stderr=full, capture_output=False, stdout=subprocess.PIPE)
    assert done.returncode == 8
