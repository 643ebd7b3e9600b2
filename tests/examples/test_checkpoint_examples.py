"""A job that was paused, or killed, ends with the very figures of one that was not."""

import random
import re
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from paused_job import EXAMPLES, PAUSED, Job, moment  # noqa: E402

DIGITS = [sys.executable, str(EXAMPLES / "train_digits.py"), "--epochs", "3", "--width", "48",
          "--checkpoint", "saved.bin"]
SLOWLY = [*DIGITS, "--slow", "0.1"]
SMALL = {
    "bash": ["bash", str(EXAMPLES / "checkpoint.sh"), "40", "0.1"],
    "python": [sys.executable, str(EXAMPLES / "checkpoint.py"), "--steps", "40"],
}


def weights(said: str) -> str:
    """The word that stands for all weights of a finished training."""
    found = re.search(r"^weights sha256 ([0-9a-f]{64})$", said, re.MULTILINE)
    assert found, said
    return found.group(1)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights of a training that nobody disturbed, and that knows nothing of pausing."""
    return weights(Job(tmp_path_factory.mktemp("whole"), DIGITS[:6]).start().end(0))


def test_a_training_that_was_paused_again_and_again_has_the_same_weights(tmp_path: Path, uninterrupted: str) -> None:
    numbers = random.Random(seed := random.randrange(10**6))
    job = Job(tmp_path, SLOWLY)
    assert "saved at epoch 1, step 0" in job.start().ready().ask().end(PAUSED)  # importing
    done = 0.0
    for times in (1, 2, 1):
        done = moment(numbers, done)
        said = job.start().at(done).ask(times).end(PAUSED)
        assert "going on from" in said, f"seed {seed}"
        assert job.progress() >= done, f"seed {seed}"
    assert weights(job.start().end(0)) == uninterrupted, f"seed {seed}"
    assert job.progress() == 1.0


def test_a_training_that_was_killed_goes_on_from_its_last_save(tmp_path: Path, uninterrupted: str) -> None:
    numbers = random.Random(seed := random.randrange(10**6))
    job = Job(tmp_path, [*SLOWLY, "--checkpoint-every", "5"])
    life = job.start().at(0.2 + moment(numbers, 0.0))
    life.process.kill()
    life.end(-signal.SIGKILL)
    said = job.start().end(0)
    place = re.search(r"going on from epoch (\d), step (\d+)", said)
    assert place and int(place.group(2)) % 5 == 0 and place.groups() != ("1", "0"), f"seed {seed}: {said}"
    assert weights(said) == uninterrupted, f"seed {seed}"


def test_a_training_does_not_go_on_from_the_save_of_another(tmp_path: Path) -> None:
    job = Job(tmp_path, SLOWLY)
    job.start().at(0.1).ask().end(PAUSED)
    job.command = [*DIGITS[:-2], "--width", "32", *DIGITS[-2:]]
    assert "saved by a run with" in job.start().end(1)


@pytest.mark.parametrize("language", SMALL)
def test_a_job_that_was_paused_prints_what_an_undisturbed_one_does(language: str, tmp_path: Path) -> None:
    whole = Job(tmp_path, SMALL[language]).start().end(0)
    numbers = random.Random(seed := random.randrange(10**6))
    job = Job(tmp_path, SMALL[language])
    done = moment(numbers, 0.0)
    first = job.start().at(done).ask().end(PAUSED)
    done = moment(numbers, done)
    second = job.start().at(done).ask(2).end(PAUSED)
    assert "saved at step" in first and "going on from step" in second, f"seed {seed}"
    said = job.start().end(0)
    assert said.splitlines()[-1] == whole.splitlines()[-1], f"seed {seed}"
    assert job.progress() == 1.0


@pytest.mark.parametrize("language", SMALL)
def test_a_job_that_is_asked_all_the_while_never_dies_of_it(language: str, tmp_path: Path) -> None:
    job = Job(tmp_path, SMALL[language])
    job.start().at(0.1).ask_until_it_ends().end(PAUSED)
    life = job.start()
    life.at(0.9)
    life.ask_until_it_ends()
    assert life.process.returncode in (0, PAUSED)
    life.end(life.process.returncode)


@pytest.mark.parametrize("language", SMALL)
def test_a_fresh_start_never_goes_on_from_an_old_save(language: str, tmp_path: Path) -> None:
    job = Job(tmp_path, SMALL[language])
    job.start().at(0.1).ask().end(PAUSED)
    killed = job.start(resume=False).at(0.0)  # begins anew, and is killed before it saves
    killed.process.kill()
    killed.end(-signal.SIGKILL)
    assert "going on" not in job.start().at(0.0).ask().end(PAUSED)


def test_the_control_file_is_as_good_as_the_signal(tmp_path: Path) -> None:
    whole = Job(tmp_path, SMALL["python"]).start().end(0)
    job = Job(tmp_path, SMALL["python"])
    job.control_path.write_text("run\n")
    life = job.start().at(0.2)
    job.control_path.write_text("pause\n2026-12-01T03:05:00.000Z\n")
    assert "saved at step" in life.end(PAUSED)
    job.control_path.write_text("run\n")
    assert job.start().end(0).splitlines()[-1] == whole.splitlines()[-1]
