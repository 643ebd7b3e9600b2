"""Runs the binary on a scripted machine and reads what it recorded.

All times are seconds of CLOCK_BOOTTIME; the report's UTC is converted with the offset between the
two clocks, read before and after the run. Energies are joules.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gpus import Gpu, GpuScript
from powercap import Machine, Powercap, write_proc

BIN = Path(os.environ.get("LOWTIDE_BIN", "lowtide"))
RIG_DIR = Path(os.environ["RIG_DIR"])
# A build with sanitizers takes several times as long over each reading: it is there for memory and
# undefined behaviour, so bounds of accuracy and time are that many times as wide with it. The plain
# build is held to the true ones.
SLOWNESS = int(os.environ.get("RIG_SLOWNESS", "1"))
JOB = RIG_DIR / "rig_job"
UPDATER = str(RIG_DIR / "rig_powercap")
# What a fault must not touch: bytes on both streams, then the job itself under the same pid.
TALK = ("sh", "-c", r'printf "to stdout\000"; printf "to stderr, no newline" >&2; exec "$@"', "talk")
EXIT = 5
INTENSITY = 475.0  # g/kWh, given to every run
J_PER_KWH = 3.6e6


def boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def utc_minus_boot() -> float:
    """Offset of UTC to boot time: the tightest of a few double readings."""
    best = None
    for _ in range(8):
        before = boot()
        utc = time.time()
        after = boot()
        if best is None or after - before < best[0]:
            best = (after - before, utc - (before + after) / 2)
    return best[1]


def steady(tries: int = 3):
    """Repeats a test whose only enemy is a busy machine: being preempted for some ms between two
    clock readings spoils a 0.1 % comparison, and does so at random. What is wrong fails each time.
    """

    def decorate(test):
        @functools.wraps(test)
        def wrapper(tmp_path, *args, **kwargs):
            for attempt in range(1, tries + 1):
                folder = tmp_path / f"try{attempt}"
                folder.mkdir()
                try:
                    return test(folder, *args, **kwargs)
                except AssertionError:
                    if attempt == tries:
                        raise
            return None

        return wrapper

    return decorate


@dataclass
class Site:
    """A scripted machine: its GPUs, sysroot, ledger, and the job's files."""

    folder: Path
    gpus: list[Gpu] = field(default_factory=list)
    script_lines: list[str] = field(default_factory=list)
    sysroot: Path | None = None
    env: dict[str, str] = field(default_factory=dict)
    before_job: tuple[str, ...] = ()  # words in front of the job's command
    before_lowtide: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.t0_path = self.folder / "t0"
        self.pid_path = self.folder / "pid"
        self.stamp_path = self.folder / "stamp"
        self.json_path = self.folder / "report.json"
        self.log_path = self.folder / "nvml.log"
        empty = self.folder / "nothing"
        empty.mkdir()
        if self.sysroot is None:
            self.sysroot = self.folder / "sysroot"
            write_proc(self.sysroot, Machine())
        for gpu in self.gpus:
            if not any(line.startswith("contexts") for line in gpu.lines):
                gpu.lines = (*gpu.lines, f"contexts file {self.pid_path}")
        library = RIG_DIR / "nvml" if self.gpus else empty
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LOWTIDE_HOME": str(self.folder / "ledger"),
            "LOWTIDE_SYSROOT": str(self.sysroot),
            "LOWTIDE_RIG": str(self.write_script(self.gpus)),
            "LD_LIBRARY_PATH": str(library),
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **self.env,
        }

    def write_script(self, gpus: list[Gpu]) -> Path:
        """What each process that opens the driver from now on finds."""
        script = GpuScript(gpus, f"file {self.t0_path}", self.script_lines)
        return script.write(self.folder / "script")

    def t0(self) -> str:
        """Curve time 0 of this site, for a powercap tree beside the GPUs."""
        return f"file {self.t0_path}"

    def start(self, seconds: float, *job: str, options: tuple[str, ...] = ()) -> Running:
        command = [
            *self.before_job, str(JOB), str(seconds), "--stamp", str(self.stamp_path),
            "--t0", str(self.t0_path), "--pid", str(self.pid_path), *job,
        ]  # fmt: skip
        return self.start_command(*command, options=options)

    def start_command(self, *command: str, options: tuple[str, ...] = ()) -> Running:
        """Any job; where it is not rig_job, the caller says when curve time begins (t0_path)."""
        command = (
            *self.before_lowtide, str(BIN), "run", "--json", str(self.json_path), "--quiet",
            "--intensity", f"{INTENSITY:g}g/kWh", *options, "--", *command,
        )  # fmt: skip
        offset = utc_minus_boot()
        spawned = boot()
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        return Running(self, process, spawned, offset)

    def run(self, seconds: float, *job: str, options: tuple[str, ...] = ()) -> Finished:
        return self.start(seconds, *job, options=options).finish(seconds + 20)

    def lowtide(self, *words: str, check: bool = True) -> str:
        """Another command on the same ledger: its standard output."""
        answer = subprocess.run(
            [str(BIN), *words],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
        if check:
            assert answer.returncode == 0, f"lowtide {' '.join(words)}: {answer.stderr}"
        return answer.stdout

    def last_report(self, *words: str) -> dict:
        return json.loads(self.lowtide("report", "last", "--format", "json", *words))


@contextlib.contextmanager
def machine(folder, packages, **options):
    """A site whose sysroot has a powercap tree; in memory, where a write takes no disk's time."""
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else folder))
    try:
        t0 = f"file {folder / 't0'}"
        with Powercap(root, packages, updater=UPDATER, t0=t0, **options) as tree:
            yield Site(folder, sysroot=root), tree
    finally:
        shutil.rmtree(root)


@dataclass
class Running:
    """`lowtide run` on its way: the shell's child is `process`."""

    site: Site
    process: subprocess.Popen
    spawned: float
    offset: float

    def job_started(self, timeout: float = 10.0) -> float:
        """Waits for the job's first stamp; its boot time."""
        end = boot() + timeout
        while boot() < end:
            if self.site.stamp_path.exists() and "first" in stamps(self.site):
                return stamps(self.site)["first"]
            time.sleep(0.005)
        raise AssertionError(f"the job never started; lowtide said: {self.stderr()}")

    def meters(self) -> list[int]:
        """Processes of the same binary whose parent is the shell's child."""
        below = children(self.process.pid)
        return [p for p in below if alive(p) and executable(p) == BIN.resolve()]

    def meter_pid(self) -> int:
        """The meter."""
        found = self.meters()
        assert len(found) == 1, f"not one lowtide below {self.process.pid}, but {found}"
        return found[0]

    def stderr(self) -> str:
        return (self.site.folder / "stderr").read_text(errors="replace")

    def finish(self, timeout: float) -> Finished:
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            kill9(*descendants(self.process.pid), self.process.pid)
            self.process.wait()
            raise AssertionError(f"lowtide did not end in {timeout} s: {self.stderr()}") from None
        returned = boot()
        path = self.site.json_path
        assert path.exists(), f"exit {status}, and no --json file; lowtide said: {self.stderr()}"
        report = json.loads(path.read_text())
        return Finished(self.site, status, report, self.spawned, returned, self.offset)


@dataclass
class Finished:
    """A run that is over, and its report."""

    site: Site
    status: int
    report: dict
    spawned: float
    returned: float
    offset: float

    @property
    def begin(self) -> float:
        return self._boot_time(self.report["run"]["begin"])

    @property
    def end(self) -> float:
        return self._boot_time(self.report["run"]["end"])

    @property
    def job(self) -> dict[str, float]:
        return stamps(self.site)

    def _boot_time(self, text: str) -> float:
        assert abs(utc_minus_boot() - self.offset) < 0.003, "the machine's clock was set: run again"
        return datetime.fromisoformat(text).timestamp() - self.offset

    def channel(self, uuid: str) -> dict:
        found = [c for c in self.channels() if c["uuid"] == uuid]
        assert len(found) == 1, f"{len(found)} channels for {uuid}: {names(self.channels())}"
        return found[0]

    def channels(self, kind: str | None = None) -> list[dict]:
        return [c for c in self.report["energy"]["by_channel"] if kind is None or c["kind"] == kind]

    def exact_span(self) -> tuple[float, float]:
        """Begin and end from the ledger, which keeps nanoseconds; the report cuts to milliseconds."""
        with sqlite3.connect(self.site.folder / "ledger" / "ledger.db") as ledger:
            row = ledger.execute("SELECT begin_ns, end_ns FROM run WHERE id = ?", (self.report["run"]["id"],)).fetchone()
        return row[0] / 1e9 - self.offset, row[1] / 1e9 - self.offset

    def truth(self, gpu: Gpu, begin: float | None = None, end: float | None = None) -> float:
        """True joules of a GPU over the recorded run, or between two boot times."""
        start = float(self.site.t0_path.read_text())
        return gpu.joules(
            start, self.begin if begin is None else begin, self.end if end is None else end
        )


def stamps(site: Site) -> dict[str, float]:
    """The job's own stamps: pid, and boot time of its first and last moment."""
    lines = site.stamp_path.read_text().splitlines()
    return {words[0]: float(words[1]) for words in (line.split() for line in lines)}


def wait_until(boot_s: float) -> None:
    """Until that boot time: what a script of the rig has fixed to it."""
    time.sleep(max(0.0, boot_s - boot()))


def names(channels: list[dict]) -> str:
    return ", ".join(f"{c['channel']} ({c['source']}, {c['uuid']})" for c in channels)


def children(parent: int) -> list[int]:
    """Pids whose parent is `parent`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after_name[1]) == parent:
                found.append(int(entry.name))
    return found


def executable(pid: int) -> Path | None:
    """The program of a process; nothing when it has ended."""
    with contextlib.suppress(OSError):
        return Path(os.readlink(f"/proc/{pid}/exe"))
    return None


def descendants(parent: int) -> list[int]:
    """Pids of all that `parent` started, the deepest first."""
    below = children(parent)
    return [pid for child in below for pid in descendants(child)] + below


def alive(pid: int) -> bool:
    """Still running: a zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill9(*pids: int) -> None:
    """Kills them and waits until they are dead: a signal that is sent has not yet been obeyed."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    end = boot() + 10
    while any(map(alive, pids)) and boot() < end:
        time.sleep(0.001)


def start_faulty(site: Site, seconds: float, *options: str) -> Running:
    """Starts the job that talks on both streams and ends with EXIT."""
    site.before_job = TALK
    return site.start(seconds, "--exit", str(EXIT), options=options)


def run_faulty(site: Site, seconds: float, *options: str) -> Finished:
    """The same to its end: the fault has touched neither output nor exit status."""
    return untouched(start_faulty(site, seconds, *options).finish(seconds + 20))


def untouched(run: Finished, warned: bool = False, job: tuple[str, ...] = ()) -> Finished:
    """Output and exit status are those of the job without lowtide (`job`, else the one that start_faulty()
    starts); a warning may follow them."""
    job = job or (*TALK, str(JOB), "0", "--exit", str(EXIT))
    plain = subprocess.run(job, capture_output=True, check=False)
    out, err = ((run.site.folder / name).read_bytes() for name in ("stdout", "stderr"))
    assert (run.status, out) == (plain.returncode, plain.stdout)
    assert run.report["run"]["exit_status"] == plain.returncode
    assert err.startswith(plain.stderr) if warned else err == plain.stderr, err
    return run


def events(run: Finished, kind: str) -> list[str]:
    return [e["detail"] for e in run.report["events"] if e["kind"] == kind]


def assert_energy(channel: dict, truth: float, share: float = 0.001, slack: float = 0.0) -> None:
    """The device's recorded energy is `truth` joules, to a share of it and `slack` joules."""
    seen = channel["device_kwh"]
    assert seen is not None, f"{channel['channel']} has no energy: {channel}"
    joules = seen * J_PER_KWH
    error = joules - truth
    share, slack = share * SLOWNESS, slack * SLOWNESS
    assert abs(error) <= share * truth + slack, (
        f"{channel['channel']}: recorded {joules:.3f} J, truth {truth:.3f} J: "
        f"{100 * error / truth:+.3f} % (allowed {100 * share:.2f} % + {slack:.2f} J); {channel}"
    )


def assert_bounded(channel: dict, truth: float, widest: float) -> None:
    """Truth in [low, high], and the bound says something: at most `widest` of the energy wide."""
    low, high = channel["low_kwh"], channel["high_kwh"]
    assert low is not None and high is not None, f"no bound: {channel}"
    text = f"[{low * J_PER_KWH:.2f}, {high * J_PER_KWH:.2f}] J, truth {truth:.2f} J; {channel}"
    assert low * J_PER_KWH <= truth <= high * J_PER_KWH, f"truth outside the bound: {text}"
    assert (high - low) / 2 <= widest * channel["kwh"], f"bound too wide to mean much: {text}"
