"""An example as lowtide treats it: asked to pause by signal, started again, killed."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAUSED = 75
LONG = 120.0  # s: more than a life takes on a machine that is busy with other things


def catches(pid: int, number: int) -> bool:
    """Has the process a handler for this signal? lowtide asks so before it sends."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


def wait_for(what: Callable[[], bool]) -> None:
    """Until it is so."""
    end = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.001)


class Job:
    """One command in one folder, life after life."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.folder = folder
        self.command = command
        self.progress_path = folder / "progress"
        self.control_path = folder / "control"
        self.lives = 0

    def start(self, resume: bool | None = None) -> "Life":
        """A life; a further one is told to resume, unless said otherwise."""
        resume = self.lives > 0 if resume is None else resume
        self.lives += 1
        environment = {**os.environ, "LOWTIDE_PROGRESS": str(self.progress_path),
                       "LOWTIDE_CONTROL": str(self.control_path), "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("LOWTIDE_RESUME", None)
        if resume:
            environment["LOWTIDE_RESUME"] = "1"
        self.progress_path.unlink(missing_ok=True)
        return Life(self, subprocess.Popen(self.command, cwd=self.folder, env=environment, text=True,
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT))

    def progress(self) -> float:
        """What the job says is done; -1 when it has said nothing."""
        try:
            text = self.progress_path.read_text().strip()
        except FileNotFoundError:
            return -1.0
        part, _, whole = text.partition("/")
        return float(part) / float(whole or 1) if part else -1.0


class Life:
    """From one start to its end."""

    def __init__(self, job: Job, process: "subprocess.Popen[str]") -> None:
        self.job = job
        self.process = process

    def ready(self) -> "Life":
        """Until it would catch the signal."""
        wait_for(lambda: catches(self.process.pid, signal.SIGUSR1) or self.process.poll() is not None)
        return self

    def at(self, done: float) -> "Life":
        """Until so much is done."""
        self.ready()
        wait_for(lambda: self.job.progress() >= done or self.process.poll() is not None)
        return self

    def ask(self, times: int = 1) -> "Life":
        """The wish to pause, some times at once."""
        for _ in range(times):
            self.process.send_signal(signal.SIGUSR1)
        return self

    def ask_until_it_ends(self) -> "Life":
        """The wish again and again; only while it is caught, as lowtide does."""
        while self.process.poll() is None:
            if catches(self.process.pid, signal.SIGUSR1):
                self.process.send_signal(signal.SIGUSR1)
        return self

    def end(self, expected: int) -> str:
        """What it printed; it ended with this status."""
        try:
            said, _ = self.process.communicate(timeout=LONG)
        finally:
            self.process.kill()
        assert self.process.returncode == expected, said
        return said


def moment(numbers: random.Random, after: float) -> float:
    """A random share of the work, so that some of it is left."""
    return after + numbers.random() * (0.75 - after) / 2
