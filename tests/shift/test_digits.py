"""A real training (examples/train_digits.py --checkpoint) that a plan moves: its weights are those of one left alone."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from harness import PYTHON, wait_for
from world import World

# Two clean hours, too few for the job, then dirty ones until 5 h.
DAY = [50, 50, 900, 900, 900, 100, 100, 100, 100, 100, 200, 200]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "train_digits.py"
TRAINING = [PYTHON, str(EXAMPLE), "--epochs", "4", "--width", "48"]  # 48 steps
SLOWLY = [*TRAINING, "--slow", "0.3", "--checkpoint", "saved.bin"]  # 3 h of the scaled clock
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # several wait for each other on a busy machine
# Time enough for the import on a busy machine, which is an hour of the scaled clock.
WINDOW = ["--finish-within", "30h", "--expect", "4h", "--pause", "checkpoint", "--paused-status", "75",
          "--checkpoint-grace", "1h", "--resume-energy", "0.001kWh"]  # fmt: skip


def weights(said: str) -> str:
    """The word that stands for all weights of a training that has finished."""
    found = re.search(r"^weights sha256 ([0-9a-f]{64})$", said, re.MULTILINE)
    assert found, said
    return found.group(1)


@pytest.fixture(scope="module")
def undisturbed() -> str:
    """The weights of a training that knows neither lowtide nor pauses."""
    done = subprocess.run(TRAINING, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    return weights(done.stdout)


def said_by_job(world: World) -> str:
    """Of all lives: what the first said, and what the later ones did after `lowtide resume`."""
    outs = [world.lowtide.folder / "job", *sorted((world.lowtide.home / "act").glob("*.out"))]
    return "".join(path.read_text() for path in outs)


def start(world: World, *more: str) -> subprocess.Popen[str]:
    world.lowtide.env |= ONE_THREAD
    with (world.lowtide.folder / "job").open("w") as out:
        return world.start(*WINDOW, "--name", "night", "--", *SLOWLY, *more, stdout=out)


def test_paused_and_its_lowtide_killed(world: World, undisturbed: str) -> None:
    world.hours(DAY)
    running = start(world)
    world.wait_for_phase("paused")
    world.kill_lowtide()
    assert running.wait(30) == -signal.SIGKILL
    assert world.ours() == []  # neither lowtide nor the training
    assert world.lowtide("resume", "--all").returncode == 0
    assert world.lowtide("wait", "night").returncode == 0
    said = said_by_job(world)
    assert weights(said) == undisturbed
    saved = re.findall(r"^saved at (epoch \d+, step \d+)$", said, re.MULTILINE)
    assert saved and saved == re.findall(r"^going on from (epoch \d+, step \d+)$", said, re.MULTILINE)
    run = world.lowtide.report()["run"]
    assert (run["lives"], run["state"], run["exit_status"]) == (1 + len(saved), "finished", 0)
    assert run["paused_s"] > 2 * 3600, run


def test_lowtide_and_the_training_killed_while_it_runs(world: World, undisturbed: str) -> None:
    """What the last periodic save kept is gone on from; what came after it is done again."""
    world.hours([100] * 12)
    running = start(world, "--checkpoint-every", "5")
    out = world.lowtide.folder / "job"
    wait_for(lambda: (world.lowtide.folder / "saved.bin").exists() and "epoch   1" in out.read_text(), "a save, and more")
    world.kill_lowtide()
    for pid in world.ours("train_digits"):
        os.kill(pid, signal.SIGKILL)
    assert running.wait(30) == -signal.SIGKILL
    assert world.lowtide("resume", "night").returncode == 0
    assert world.lowtide("wait", "night").returncode == 0
    said = said_by_job(world)
    assert weights(said) == undisturbed
    place = re.search(r"^going on from epoch (\d+), step (\d+)$", said, re.MULTILINE)
    assert place and place.groups() != ("1", "0") and int(place.group(2)) % 5 == 0, said
    run = world.lowtide.report()["run"]
    assert run["lives"] >= 2 and (run["state"], run["exit_status"]) == ("finished", 0)
