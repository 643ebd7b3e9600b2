"""A run that a later command takes up: whatever happens to that command's lowtide, nothing is begun twice and no save is
lost; and what was cancelled does not look like a success.
"""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from harness import binary, job, wait_for
from test_freeze import DAY, WINDOW
from world import World

NIGHT = ["--name", "night", "--detach"]
FREEZE = [*WINDOW, *NIGHT]
CHECKPOINT = ["--finish-within", "9h", "--expect", "4h", "--pause", "checkpoint", "--resume-energy", "0.0001kWh",
              "--checkpoint-grace", "20m", *NIGHT]
WAITS = ["--start-within", "9h", "--expect", "1h", *NIGHT]

# Notes each start; removes an old save when it is not told to go on, as docs/pausing.md says.
SAVER = """
import os, signal, sys, time
again = os.environ.get('LOWTIDE_RESUME')
print(os.getpid(), again, file=open('starts', 'a'), flush=True)
if again != '1' and os.path.exists('save'): os.remove('save')
asked = []
signal.signal(signal.SIGUSR1, lambda *_: asked.append(1))
for i in range(1, 201):
    time.sleep(0.1)
    with open(os.environ['LOWTIDE_PROGRESS'], 'a') as out: print(f'{i}/200', file=out)
    if asked: open('save', 'w').write(str(i)); sys.exit(STATUS)
print('end', file=open('starts', 'a'), flush=True)
"""


def saver(status: int = 75) -> list[str]:
    return job(SAVER.replace("STATUS", str(status)))


def starts(world: World) -> list[str]:
    path = world.lowtide.folder / "starts"
    return path.read_text().splitlines() if path.exists() else []


def left_behind(world: World, phase: str) -> Path:
    """A run in that phase, whose lowtide is dead; its lock."""
    world.hours({"waiting": [900] * 5 + [100] * 9, "running": [100] * 20, "paused": DAY}[phase])
    options = {"waiting": WAITS, "running": FREEZE, "paused": CHECKPOINT}[phase]
    assert world.run(*options, "--", *saver()).returncode == 0
    world.wait_for_phase(phase)
    if phase != "waiting":
        wait_for(lambda: starts(world), "its start")
    world.kill_lowtide()
    [lock] = (world.lowtide.home / "act").glob("*.lock")
    return lock


@pytest.mark.parametrize("phase", ["waiting", "running", "paused"])
@pytest.mark.parametrize("words", [("resume", "--all"), ("cancel", "night"), ("start-now", "night")], ids=lambda w: w[0])
def test_who_cannot_keep_it_begins_nothing(world: World, phase: str, words: tuple[str, ...]) -> None:
    """Its lock cannot be had, as on a disk that became read-only."""
    lock = left_behind(world, phase)
    before = starts(world)
    lock.unlink()
    lock.mkdir()
    for _ in range(2):
        done = world.lowtide(*words)
        assert done.returncode not in (0, 130), (done.stdout, done.stderr)
        assert str(lock) in done.stderr or "nobody has taken it up" in done.stderr, done.stderr
    wait_for(lambda: not world.lowtides(), "the end of those who tried")
    assert starts(world) == before
    assert (world.lowtide.folder / "save").exists() == (phase == "paused")
    lock.rmdir()
    assert world.lowtide("resume", "--all").returncode == 0
    assert world.lowtide("start-now", "night").returncode == 0
    wait_for(lambda: "end" in starts(world), "the job's end")
    assert world.lowtide("wait", "night").returncode == 0
    lives = [line.split()[1] for line in starts(world) if line != "end"]
    assert lives == (["None", "1"] if phase == "paused" else ["None"])


@pytest.mark.parametrize("phase", ["running", "paused"])
def test_who_took_it_up_is_killed_time_after_time(world: World, phase: str) -> None:
    """Then it lies on disk again: it does not begin anew, beside itself or without its save."""
    left_behind(world, phase)
    assert world.lowtide("resume", "--all").returncode == 0
    dead = world.kill_each_keeper(lambda: not world.lowtides(), "the end of its lowtide")
    assert dead == 3 and len(starts(world)) == 1
    assert (world.lowtide.folder / "save").exists() == (phase == "paused")
    assert world.lowtide("resume", "night").returncode == 0
    wait_for(lambda: "end" in starts(world), "the job's end")
    assert world.lowtide("wait", "night").returncode == 0
    lives = [line.split()[1] for line in starts(world) if line != "end"]
    assert lives == (["None", "1"] if phase == "paused" else ["None"])


@pytest.mark.parametrize("left_with", [0, 75])
@pytest.mark.parametrize("how", ["cancel", "TERM"])
def test_what_is_cancelled_while_it_is_paused_was_no_success(world: World, how: str, left_with: int) -> None:
    """The status with which its last life left for the pause is not that of the run."""
    world.hours(DAY)
    options = [word for word in CHECKPOINT if word != "--detach"]
    command = ["sh", "-c", '"$@" && echo deployed', "sh", binary(), "run", *options, "--",
               *saver(left_with)]
    shell = subprocess.Popen(command, cwd=world.lowtide.folder, env=world.lowtide.env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    world.wait_for_phase("paused")
    if how == "cancel":
        assert world.lowtide("cancel", "night").returncode == 0
    else:
        [seat] = [pid for pid in world.lowtides() if parent(pid) == shell.pid]
        os.kill(seat, signal.SIGTERM)
    out, err = shell.communicate(timeout=30)
    assert shell.returncode == (130 if how == "cancel" else 143), err
    assert out == ""
    assert world.lowtide("wait", "night").returncode == 130
    report = json.loads(world.lowtide("report", "night", "--format", "json").stdout)
    assert report["run"]["state"] == "cancelled" and report["run"]["exit_status"] is None
    assert "exit 0" not in err and "cancelled while it was paused" in err, err


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
