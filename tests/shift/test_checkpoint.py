"""`--pause checkpoint`: a job that saves and ends when asked, and goes on as a further life."""

import signal
import time

import pytest
from harness import job, wait_for
from world import HOUR_S, World

DAY = [100, 900, 900, 900, 100, 100, 100, 900, 900, 900]
WINDOW = ["--finish-within", "9h", "--expect", "4h", "--pause", "checkpoint", "--resume-energy", "0.0001kWh",
          "--checkpoint-grace", "20m"]

# Counts steps of real work; on USR1 it saves and ends with STATUS; with LOWTIDE_RESUME it goes on.
STEPS = """
import os, signal, sys, time
want = []
signal.signal(signal.SIGUSR1, lambda *_: want.append(1))
done = int(open('saved').read()) if os.environ.get('LOWTIDE_RESUME') == '1' else 0
open('lives', 'a').write(os.environ.get('LOWTIDE_RESUME', '0') + ' '.join(sys.argv[1:]) + '\\n')
total = {total}
while done < total:
    time.sleep(0.1); done += 1
    open('log', 'a').write(f'{{done}}\\n')
    with open(os.environ['LOWTIDE_PROGRESS'] + '.new', 'w') as f: f.write(str(done / total))
    os.rename(os.environ['LOWTIDE_PROGRESS'] + '.new', os.environ['LOWTIDE_PROGRESS'])
    if want:
        open('saved', 'w').write(str(done)); sys.exit({status})
print('finished')
"""


def steps(status: int = 75, total: int = int(4 * HOUR_S * 10 * 0.9)) -> list[str]:
    return job(STEPS.format(status=status, total=total))


def lives(world: World) -> list[str]:
    return (world.lowtide.folder / "lives").read_text().split("\n")[:-1]


def test_it_saves_ends_and_goes_on_where_it_was(world: World) -> None:
    world.hours(DAY)
    running = world.start(*WINDOW, "--resume-args", "--from saved", "--", *steps())
    world.wait_for_phase("paused")
    assert [r["state"] for r in world.lowtide.runs()] == ["paused"]
    log = (world.lowtide.folder / "log").read_text()
    time.sleep(1.5)
    assert (world.lowtide.folder / "log").read_text() == log  # no process of the job is left
    out, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert "finished" in out  # the second life has the terminal, or pipe, of the first
    assert lives(world) == ["0", "1--from saved"]
    done = [int(line) for line in (world.lowtide.folder / "log").read_text().split()]
    assert done == list(range(1, len(done) + 1))  # nothing lost, nothing doubled
    run = world.lowtide.report()["run"]
    assert (run["lives"], run["state"], run["exit_status"]) == (2, "finished", 0)
    assert 2.3 * 3600 < run["paused_s"] < 3.5 * 3600, run
    assert world.hour_of(run["end"]) < 9
    assert len(world.lowtide.runs()) == 1


def test_a_job_without_a_handler_is_never_killed(world: World) -> None:
    world.hours(DAY)
    done = world.run(*WINDOW, "--", *job(f"import time; time.sleep({2 * HOUR_S}); print('alive')"))
    assert done.returncode == 0 and "alive" in done.stdout, done.stderr
    assert "catch" in done.stderr, done.stderr
    run = world.lowtide.report()["run"]
    assert run["lives"] == 1 and run["paused_s"] == 0


def test_a_job_that_saves_and_goes_on_has_not_paused(world: World) -> None:
    world.hours(DAY)
    done = world.run(*WINDOW, "--", *job(
        f"import signal, time; signal.signal(10, lambda *_: open('asked', 'a').write('x')); time.sleep({3 * HOUR_S})"))
    assert done.returncode == 0, done.stderr
    assert (world.lowtide.folder / "asked").read_text() == "x"
    assert world.lowtide.report()["run"]["lives"] == 1


def test_the_status_decides_where_one_is_given(world: World) -> None:
    """The job ends with another status inside the grace: it has failed, and is not run again."""
    world.hours(DAY)
    done = world.run(*WINDOW, "--paused-status", "75", "--", *steps(status=3))
    assert done.returncode == 3, done.stderr
    assert lives(world) == ["0"]
    assert world.lowtide.report()["run"]["state"] == "failed"


def test_finished_in_the_same_moment_as_the_signal(world: World) -> None:
    """Its progress says 1: it is done, whatever the signal."""
    world.hours(DAY)
    code = """
import os, signal, sys, time
def last(*_):
    open(os.environ['LOWTIDE_PROGRESS'], 'w').write('1\\n'); open('n', 'a').write('x'); os._exit(0)
signal.signal(signal.SIGUSR1, last)
time.sleep(100)
"""
    done = world.run(*WINDOW, "--", *job(code))
    assert done.returncode == 0, done.stderr
    assert (world.lowtide.folder / "n").read_text() == "x"
    assert world.lowtide.report()["run"]["lives"] == 1


def test_the_final_status_is_that_of_the_last_life(world: World) -> None:
    world.hours(DAY)
    code = """
import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: os._exit(75))
if os.environ.get('LOWTIDE_RESUME'):
    time.sleep({late}); sys.exit(9)
time.sleep(100)
""".format(late=HOUR_S * 1.5)
    done = world.run(*WINDOW, "--", *job(code))
    assert done.returncode == 9, done.stderr
    run = world.lowtide.report()["run"]
    assert (run["lives"], run["exit_status"], run["state"]) == (2, 9, "failed")


def test_one_that_cannot_resume_is_tried_again_and_then_given_up(world: World) -> None:
    """A shell: within a minute of the scaled clock, a twelfth of a second, its further life has failed."""
    world.hours(DAY)
    code = ("trap 'exit 75' USR1; if [ -n \"$LOWTIDE_RESUME\" ]; then printf x >> tries; exit 4; fi; "
            "while :; do sleep 0.05; done")
    done = world.run(*WINDOW, "--", "/bin/sh", "-c", code)
    assert done.returncode == 4, done.stderr
    assert len((world.lowtide.folder / "tries").read_text()) == 6  # the first and five more
    assert world.lowtide.report()["run"]["state"] == "failed"


def test_killed_while_paused_and_resumed(world: World) -> None:
    world.hours(DAY)
    running = world.start(*WINDOW, "--name", "night", "--", *steps())
    world.wait_for_phase("paused")
    world.kill_lowtide()
    assert running.wait(30) == -signal.SIGKILL
    assert world.lowtide("resume", "--all").returncode == 0
    assert world.lowtide("wait", "night").returncode == 0
    done = [int(line) for line in (world.lowtide.folder / "log").read_text().split()]
    assert done == list(range(1, len(done) + 1))
    run = world.lowtide.report()["run"]
    assert (run["lives"], run["state"]) == (2, "finished")


def test_killed_while_it_runs_and_resumed_the_job_is_taken_up(world: World) -> None:
    world.hours([100] * 10)
    running = world.start(*WINDOW, "--name", "night", "--", *steps(total=80))
    world.wait_for_phase("running")
    wait_for(lambda: (world.lowtide.folder / "log").exists(), "work")
    world.kill_lowtide()
    running.wait(30)
    assert world.lowtide("resume", "night").returncode == 0
    world.lowtide("wait", "night")
    assert lives(world) == ["0"]  # not started twice
    done = [int(line) for line in (world.lowtide.folder / "log").read_text().split()]
    assert done == list(range(1, 81))


def test_the_tree_is_asked_where_the_first_process_is_a_shell(world: World) -> None:
    world.hours(DAY)
    script = world.lowtide.folder / "steps.py"
    script.write_text(steps()[-1])
    command = ["sh", "-c", f"/usr/bin/python3 -S {script}; exit $?"]
    done = world.run(*WINDOW, "--checkpoint-to", "tree", "--", *command)
    assert done.returncode == 0, done.stderr
    assert lives(world) == ["0", "1"]


@pytest.mark.parametrize("taken_up", [True, False])
def test_one_that_finishes_while_nobody_can_see_how_is_not_run_again(world: World, taken_up: bool) -> None:
    """All of lowtide is killed; the job ends under a new one, which is not its parent, or alone. Its word counts."""
    world.hours([100] * 12)
    running = world.start(*WINDOW, "--name", "alone", "--", *steps(total=60))
    world.wait_for_phase("running")
    progress = wait_for(lambda: next((world.lowtide.home / "act").glob("*.progress"), None), "its first word")
    world.kill_lowtide()
    running.wait(30)
    if not taken_up:
        wait_for(lambda: progress.read_text() == "1.0", "the end of the work")
    assert world.lowtide("resume", "alone").returncode == 0
    waited = world.lowtide("wait", "alone")
    assert waited.returncode == 0 and "nobody saw how the job" in waited.stderr, waited.stderr
    assert lives(world) == ["0"]
    assert world.status("alone")["phase"] == "done"


def test_cancel_does_not_wait_for_the_grace(world: World) -> None:
    world.hours(DAY)
    code = "import signal, time; signal.signal(signal.SIGUSR1, lambda *_: None)\nfor _ in range(999): time.sleep(1)"
    running = world.start(*WINDOW[:-1], "2h", "--", *job(code))
    world.wait_for_phase("pausing")
    began = world.now()
    assert world.lowtide("cancel", "last").returncode == 0
    assert running.wait(30) == 128 + signal.SIGTERM
    assert world.now() - began < 1.5, "hours; the grace is two"


LOOKS = """
import os, sys, time
for step in range({total}):
    time.sleep(0.1)
    with open('seen', 'a') as log: log.write(open(os.environ['LOWTIDE_CONTROL']).read().split()[0] + '\\n')
"""


@pytest.mark.parametrize("asks", [[], ["--checkpoint-signal", "none"]])
def test_a_job_that_runs_on_does_not_read_that_it_should_pause(world: World, asks: list[str]) -> None:
    """One that cannot catch the signal never reads it; one that looks there reads it for the grace alone."""
    world.hours(DAY)
    done = world.run(*WINDOW, *asks, "--", *job(LOOKS.format(total=int(2.5 * HOUR_S * 10))))
    assert done.returncode == 0, done.stderr
    seen = (world.lowtide.folder / "seen").read_text().split()
    assert seen[0] == seen[-1] == "run" and ("pause" in seen) == bool(asks), seen
