"""A grid of known hours and a scaled clock: a day of a run passes in two minutes.

UTC runs SCALE times as fast as the machine's clock, in every process of the run (docs/adr/0021). The origin is set
here, so that the test knows which hour it is.
"""

import contextlib
import csv
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
from harness import Lowtide, processes, wait_for

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.status-1.schema.json"

SCALE = 720  # an hour of UTC is five seconds
HOUR_S = 3600 / SCALE


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    """The program on a scaled clock that begins now, at a full hour of UTC, with a series of its own."""

    def __init__(self, lowtide: Lowtide) -> None:
        self.lowtide = lowtide
        self.begin = datetime(2026, 3, 2, 0, tzinfo=timezone.utc)
        self.boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        origin = f"{int(self.begin.timestamp()) * 1_000_000_000},{self.boot_ns}"
        lowtide.env |= {"LOWTIDE_TIME_SCALE": str(SCALE), "LOWTIDE_TIME_ORIGIN": origin, "LOWTIDE_INTERVAL": "5m",
                        "LOWTIDE_LOCATION": "local:test", "TZ": "UTC"}
        self.hours([100] * 48)

    def hours(self, values: Sequence[float], name: str = "grid.csv") -> Path:
        """The intensity from an hour before the begin on, an hour a value; the last hours are the last value."""
        path = self.lowtide.folder / name
        with path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["time", "g_per_kwh"])
            padded = [values[0]] * 24 + list(values) + [values[-1]] * 48
            for i, value in enumerate(padded):
                rows.writerow([text_of(self.begin + timedelta(hours=i - 24)), value])
        self.lowtide.env["LOWTIDE_INTENSITY"] = f"file:{path}"
        return path

    def now(self) -> float:
        """Hours since the begin."""
        return (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - self.boot_ns) / 1e9 / HOUR_S

    def hour_of(self, stamp: str) -> float:
        """The same of a time in a report."""
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        return (moment - self.begin).total_seconds() / 3600

    def run(self, *args: str, **more: Any):
        return self.lowtide("run", *args, **more)

    def start(self, *args: str, **more: Any):
        return self.lowtide.start("run", *args, **more)

    def status(self, run: str = "last") -> dict[str, Any]:
        """`lowtide status RUN --json`, of one run."""
        done = self.lowtide("status", run, "--json")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        jsonschema.validate(said, json.loads(SCHEMA.read_text()))
        return said["runs"][0]

    def wait_for_phase(self, phase: str, run: str = "last") -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            done = self.lowtide("status", run, "--json")
            if done.returncode != 0:
                return None
            now = json.loads(done.stdout)["runs"][0]
            return now if now["phase"] == phase and now["keeper_pid"] else None
        return wait_for(look, f"phase {phase}")

    def ours(self, needle: str = "") -> list[int]:
        """Processes that carry this home in their environment, job and all, whose command has `needle`."""
        mark = f"LOWTIDE_HOME={self.lowtide.home}".encode()
        found = []
        for pid, _, _, state in processes():
            try:
                if state != "Z" and mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if needle in command:
                        found.append(pid)
            except OSError:
                continue
        return found

    def lowtides(self) -> set[int]:
        """Every living process of lowtide, none of the job."""
        found = set()
        for pid in self.ours():
            try:
                if Path(f"/proc/{pid}/comm").read_text().strip().startswith("lowtide"):
                    found.add(pid)
            except OSError:
                continue
        return found

    def kill_each_keeper(self, enough: Callable[[], Any], what: str, run: str = "last") -> int:
        """KILL to who carries the run out, and to each that takes its place, until it is enough; how many."""
        dead: set[int] = set()

        def kill_the_next() -> bool:
            keeper = self.status(run)["keeper_pid"]
            if keeper and keeper not in dead:
                os.kill(keeper, signal.SIGKILL)
                dead.add(keeper)
            return enough()
        wait_for(kill_the_next, what)
        return len(dead)

    def kill_lowtide(self) -> None:
        """KILL to every process of lowtide at one moment, so that none answers the death of another.

        None is stopped first: the kernel hangs up on a group with a stopped member that loses its last tie.
        """
        while pids := sorted(self.lowtides()):
            with uninterrupted():
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            wait_for(lambda gone=pids: not self.lowtides() & set(gone), "the end of all of lowtide")


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """No other program gets this processor meanwhile, where we may ask for that."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def eventually(condition: Callable[[], Any], what: str) -> Any:
    return wait_for(condition, what)
