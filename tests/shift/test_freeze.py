"""`--pause freeze`: a job that knows nothing is frozen in dirty hours and thawed, whoever is killed meanwhile."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
from harness import Terminal, job, state_of, wait_for
from world import HOUR_S, World

# Clean in the hours 0 and 4 to 6: a job of 4 h is best run in these, with one pause.
DAY = [100, 900, 900, 900, 100, 100, 100, 900, 900, 900]
WINDOW = ["--finish-within", "9h", "--expect", "4h", "--pause", "freeze", "--resume-energy", "0.0001kWh"]

# Works for 4 h of the scaled clock by its own CPU time; a child works too. Its beats are real seconds.
TREE = """
import os, sys, time
pid = os.fork()
end = {work}
name = 'child' if pid == 0 else 'main'
beats = open(name, 'a', buffering=1)
print(os.getpid(), file=open(name + '.pid', 'w'), flush=True)
while time.process_time() < end:
    t = time.monotonic() + 0.05
    while time.monotonic() < t: pass
    print(time.clock_gettime(time.CLOCK_BOOTTIME), file=beats)
if pid: os.waitpid(pid, 0)
""".replace("{work}", str(4 * HOUR_S * 0.45))  # two processes on what may be one busy core
WHOLE = 4 * HOUR_S * 0.45 / 0.05 * 0.5  # the least beats of a tree that came to its own end


@pytest.fixture(params=["as the machine has it", "by signals"])
def way(request: pytest.FixtureRequest, world: World) -> str:
    """A cgroup of version 2 where one can be had, else signals; and signals on every machine."""
    if request.param == "by signals":
        world.lowtide.env["LOWTIDE_CGROUP"] = "false"
    return request.param


def pauses_of(world: World) -> list[str]:
    """What the record says of each freeze."""
    return [event["detail"] for event in world.lowtide.report()["events"] if event["kind"] == "paused"]


def beats(folder: Path, name: str) -> list[float]:
    return [float(line) for line in (folder / name).read_text().split()]


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def runs(pid: int) -> bool:
    """It lives and is not stopped."""
    return state_of(pid) in ("R", "S")


def lives(pid: int) -> bool:
    return state_of(pid) not in ("", "Z")


def pids(world: World) -> list[int]:
    folder = world.lowtide.folder
    wait_for(lambda: all((folder / f"{n}.pid").exists() and (folder / f"{n}.pid").read_text().strip()
                         for n in ("main", "child")), "both processes")
    return [int((folder / f"{n}.pid").read_text()) for n in ("main", "child")]


def test_the_whole_tree_is_frozen_in_the_dirty_hours_and_goes_on(world: World, way: str) -> None:
    world.hours(DAY)
    running = world.start(*WINDOW, "--", *job(TREE))
    both = pids(world)
    world.wait_for_phase("paused")
    assert [r["state"] for r in world.lowtide.runs()] == ["paused"]
    before = [cpu_of(pid) for pid in both]
    time.sleep(2)
    assert [cpu_of(pid) for pid in both] == before  # flat for two seconds
    said = running.communicate(timeout=120)[1]
    assert running.returncode == 0, said
    run = world.lowtide.report()["run"]
    assert run["state"] == "finished" and run["lives"] == 1
    assert 2.5 * 3600 < run["paused_s"] < 3.5 * 3600, run
    assert run["active_s"] == pytest.approx(run["duration_s"] - run["paused_s"], abs=1)
    assert world.hour_of(run["end"]) < 9
    for name in ("main", "child"):
        gap = max(b - a for a, b in zip(beats(world.lowtide.folder, name), beats(world.lowtide.folder, name)[1:]))
        assert gap > 2.5 * HOUR_S, (name, gap)
    states = {slot["state"] for slot in world.lowtide.report()["slots"]}
    assert states == {"running", "paused"}
    if way == "by signals":
        assert pauses_of(world) == ["frozen as planned, by signals"]


@pytest.mark.parametrize("victim", ["controller", "waker"])
def test_the_death_of_one_leaves_no_job_frozen(world: World, way: str, victim: str) -> None:
    world.hours(DAY)
    running = world.start(*WINDOW, "--", *job(TREE))
    main, _ = pids(world)
    controller = world.wait_for_phase("paused")["keeper_pid"]
    if victim == "controller":
        os.kill(controller, signal.SIGKILL)
        # The job is woken; the successor has the plan and pauses again, in the next 20 ms or so.
        wait_for(lambda: world.status()["keeper_pid"] not in (None, controller), "a successor")
        world.wait_for_phase("paused")
    else:
        note = next((world.lowtide.home / "act").glob("*.frozen")).read_text()
        waker = int([line.split()[1] for line in note.splitlines() if line.startswith("waker")][-1])
        os.kill(waker, signal.SIGKILL)
        wait_for(lambda: sum(line.startswith("waker") for line in
                             next((world.lowtide.home / "act").glob("*.frozen")).read_text().splitlines()) == 2,
                 "another waker")
        assert state_of(main) == "T" or world.status()["phase"] == "paused"
    said = running.communicate(timeout=120)[1]
    assert running.returncode == 0, said
    assert world.hour_of(world.lowtide.report()["run"]["end"]) < 9


@pytest.mark.parametrize("detach", [[], ["--detach"]], ids=["in a script", "detached"])
def test_all_of_lowtide_is_killed_and_the_next_command_thaws(world: World, way: str, detach: list[str]) -> None:
    """Started as a script, a service or cron starts it: without job control, in a session of its own."""
    world.hours(DAY)
    running = world.start(*WINDOW, *detach, "--name", "night", "--", *job(TREE), process_group=None, start_new_session=True)
    both = pids(world)
    world.wait_for_phase("paused")
    world.kill_lowtide()
    running.wait(30)
    before = [cpu_of(pid) for pid in both]
    time.sleep(1)
    assert [cpu_of(pid) for pid in both] == before and all(lives(pid) for pid in both), "nobody is there to wake it"
    done = world.lowtide("runs")
    assert "was frozen and its lowtide is gone: it was let go on" in done.stderr, done.stderr
    wait_for(lambda: [cpu_of(pid) for pid in both] != before, "the job runs")
    assert world.lowtide("resume", "night").returncode == 0
    assert world.lowtide("wait", "night").returncode in (0, 1)
    wait_for(lambda: not lives(both[0]), "the job's end")
    assert len(beats(world.lowtide.folder, "main")) >= WHOLE


@pytest.mark.parametrize("way", ["by signals"], indirect=True)  # by its cgroup nothing is stopped
def test_below_a_shell_the_kernel_hangs_up_on_a_stopped_job_that_lost_all(world: World, way: str) -> None:
    """Below job control (docs/pausing.md): what has ended is not said to have been thawed."""
    world.hours(DAY)
    running = world.start(*WINDOW, "--name", "night", "--", *job(TREE))
    main, child = pids(world)
    world.wait_for_phase("paused")
    world.kill_lowtide()
    running.wait(30)
    wait_for(lambda: not lives(main) and not lives(child), "the kernel's HUP")
    done = world.lowtide("runs")
    assert "its job has ended with it" in done.stderr and "let go on" not in done.stderr, done.stderr
    assert "frozen" not in world.lowtide("runs").stderr, "said once"
    assert world.lowtide("resume", "night").returncode == 0
    waited = world.lowtide("wait", "night")
    assert "nobody saw how the job" in waited.stderr and waited.returncode == 1, waited.stderr


@pytest.mark.parametrize("way", ["by signals"], indirect=True)  # by its cgroup nothing is stopped
def test_the_supervisor_of_a_job_frozen_on_a_terminal_is_killed(world: World, way: str, terminal: Terminal) -> None:
    """No stopped orphaned process group is left: the kernel would hang up on it."""
    world.hours(DAY)
    script = world.lowtide.folder / "tree.py"
    script.write_text(TREE)
    terminal.type(f"$LOWTIDE run {' '.join(WINDOW)} --name night -- /usr/bin/python3 -S {script}\n")
    main, child = pids(world)
    status = world.wait_for_phase("paused")
    seat = int(Path(f"/proc/{status['keeper_pid']}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(seat, signal.SIGKILL)
    time.sleep(1)
    assert state_of(main) != "" and state_of(child) != ""
    wait_for(lambda: state_of(main) == "", "the job's own end")
    assert max(beats(world.lowtide.folder, "main")) > 0
    assert len(beats(world.lowtide.folder, "main")) >= WHOLE


@pytest.mark.parametrize("way", ["by signals"], indirect=True)  # by its cgroup nothing is stopped
def test_the_shell_sees_no_stop(world: World, way: str) -> None:
    """A stop of lowtide's own making is not passed on."""
    world.hours(DAY)
    running = world.start(*WINDOW, "--", *job(TREE))
    pids(world)
    world.wait_for_phase("paused")
    pid, status = os.waitpid(running.pid, os.WNOHANG | os.WUNTRACED)
    assert (pid, status) == (0, 0)
    assert state_of(running.pid) == "S"
    assert running.wait(120) == 0


def test_start_now_wakes_it_for_good_and_cancel_ends_it(world: World, way: str) -> None:
    world.hours(DAY)
    running = world.start(*WINDOW, "--", *job(TREE))
    main, _ = pids(world)
    world.wait_for_phase("paused")
    assert world.lowtide("start-now", "last").returncode == 0
    assert runs(main)
    status = world.status()
    assert status["phase"] == "running" and status["runs_on"] == "asked"
    assert world.lowtide("cancel", "last").returncode == 0
    assert running.wait(30) == 128 + signal.SIGTERM


def test_cancel_while_frozen(world: World, way: str) -> None:
    world.hours(DAY)
    running = world.start(*WINDOW, "--", *job(TREE))
    main, child = pids(world)
    world.wait_for_phase("paused")
    assert world.lowtide("cancel", "last").returncode == 0
    assert running.wait(30) == 128 + signal.SIGTERM
    wait_for(lambda: state_of(main) == "" and state_of(child) == "", "the end of the tree")
    assert [r["state"] for r in world.lowtide.runs()] == ["cancelled"]


def test_a_job_that_ends_early_and_one_that_takes_twice_as_long(world: World) -> None:
    world.hours(DAY)
    early = world.run(*WINDOW, "--name", "early", "--", "true")
    assert early.returncode == 0, early.stderr
    late = world.run("--finish-within", "6h", "--expect", "2h", "--pause", "freeze", "--resume-energy",
                     "0.0001kWh", "--name", "late", "--", *job(f"import time; time.sleep({4 * HOUR_S})"))
    assert late.returncode == 0, late.stderr
    run = world.lowtide.report("late")["run"]
    assert run["state"] == "finished"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_who_asks_a_frozen_job_to_end_need_not_wait_for_its_plan(world: World, way: str, sent: signal.Signals) -> None:
    """As under `time`: ^C (to the whole group) and TERM (to lowtide) end the job at once."""
    world.hours(DAY)
    running = world.start(*WINDOW, "--", *job(TREE))
    main, child = pids(world)
    world.wait_for_phase("paused")
    if sent == signal.SIGINT:
        os.killpg(running.pid, sent)
    else:
        running.send_signal(sent)
    asked = world.now()
    assert running.wait(30) == 128 + sent
    assert world.now() - asked < 3, "hours of the scaled clock: within seconds"
    wait_for(lambda: state_of(main) == "", "its end")
    with contextlib.suppress(ProcessLookupError):  # TERM is passed on to the first process alone
        os.kill(child, signal.SIGKILL)
