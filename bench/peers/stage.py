"""The one machine that all the tools meter: a private copy of the rig's, without a network.

As root the whole measurement goes into mount and network namespaces of its own, where /sys shows
the fake powercap tree at the one path that the peers know, and where nothing can be reached. Without
root, or where namespaces are forbidden, there is no powercap and the page says so. Times are
seconds of CLOCK_BOOTTIME, energies joules.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "rig"))

from curve import Curve, Flat, Ramp, Spike, Square, Training  # noqa: E402
from gpus import Gpu, GpuScript  # noqa: E402
from powercap import Powercap, Zone, package  # noqa: E402

HERE = Path(__file__).resolve().parent
PACKAGE_W, DRAM_W = 65.0, 8.0  # for ever, so that one tree serves every run
JOB_S = 20.0
NAMESPACE_MARK = "LOWTIDE_PEERS_INSIDE"
# At most so many tools are in their start-up at a time, which fills a core each.
STARTING = threading.BoundedSemaphore(2)

CURVES: dict[str, list[Curve]] = {
    # One curve a repetition: only the phase and the moment of the spike differ.
    "flat": [Flat(300.0)] * 2,
    "ramp": [Ramp(50.0, 450.0, JOB_S)] * 2,
    "square": [Square(50.0, 400.0, 2.0, 0.5, phase) for phase in (0.25, 0.75)],
    "spike": [Spike(100.0, 500.0, at, 0.5) for at in (7.3, 12.9)],
    "training": [Training()] * 2,
}

MODES: dict[str, tuple[tuple[str, ...], int]] = {
    # Lines of the script, and the architecture that reports so (4: Pascal, 9: Hopper).
    "counter": ((), 9),
    "instant": (("counter none", "power instant", "refresh_ms 20"), 4),
    "averaged": (("counter none", "power average_ms 1000", "refresh_ms 100", "instant no"), 9),
}


def boot() -> float:
    """Boot time now."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def can_isolate() -> bool:
    """Whether mount and network namespaces can be had."""
    words = ["unshare", "-m", "-n", "mount", "-t", "tmpfs", "none", "/sys/class"]
    return os.geteuid() == 0 and not subprocess.run(words, check=False, capture_output=True).returncode


def run_isolated(root: Path) -> int:
    """This program once more, in namespaces of its own where /sys shows the powercap tree `root`."""
    script = (
        "set -e; for at in class devices/virtual; do"
        "  mount -t tmpfs none /sys/$at; mkdir /sys/$at/powercap;"
        f"  mount --bind '{root}'/sys/$at/powercap /sys/$at/powercap;"
        'done; exec "$@"'
    )
    words = ["unshare", "-m", "-n", "sh", "-c", script, "sh", sys.executable, *sys.argv]
    return subprocess.run(words, check=False, env={**os.environ, NAMESPACE_MARK: "1"}).returncode


def powercap_tree(root: Path, rig: Path) -> Powercap:
    """The tree that all runs share; its counters never stop."""
    zone = package(Flat(PACKAGE_W), children=[Zone("dram", Flat(DRAM_W))])
    tree = Powercap(root, [zone], updater=str(rig / "rig_powercap"), t0=f"boot {boot()!r}")
    # The kernel's own link, the only place where one of the peers looks.
    link = root / "sys/devices/virtual/powercap/intel-rapl/subsystem"
    link.symlink_to("../../../../class/powercap")
    return tree


@dataclass
class Stage:
    """Where the programs are and where runs leave their files."""

    build: Path
    venv: Path
    folder: Path

    @property
    def job(self) -> str:
        return str(self.build / "rig/rig_job")

    def programs(self) -> Path:
        """What comes with a driver: one peer takes the answer of nvidia-smi, and of AMD's rocm-smi,
        for whether there is such a GPU at all."""
        folder = self.folder / "programs"
        if not folder.exists():
            folder.mkdir(parents=True)
            for name, status in (("nvidia-smi", 0), ("rocm-smi", 1)):
                (folder / name).write_text(f"#!/bin/sh\nexit {status}\n")
                (folder / name).chmod(0o755)
        return folder

    def scene(self, name: str, curve: Curve, mode: str = "counter", *lines: str) -> Scene:
        """A fresh folder with one scripted GPU."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        base, arch = MODES[mode]
        card = "NVIDIA H100 80GB HBM3" if arch == 9 else "Tesla P100-PCIE-16GB"
        gpu = Gpu("GPU-1", curve, (*base, *lines), arch=arch, name=card)
        GpuScript([gpu], f"file {folder / 't0'}").write(folder / "script")
        return Scene(self, folder, gpu)


@dataclass
class Scene:
    """One run: its GPU, its files, and once started its processes."""

    stage: Stage
    folder: Path
    gpu: Gpu
    spawned: float = 0.0
    returned: float = 0.0
    status: int | None = None
    usage_s: float = 0.0
    process: subprocess.Popen | None = None
    killed_at: float | None = None
    seen: set[int] = field(default_factory=set)

    def job(self, seconds: float) -> list[str]:
        """The job, which stamps its own first and last moment."""
        stamp, t0 = str(self.folder / "stamp"), str(self.folder / "t0")
        return [self.stage.job, f"{seconds:g}", "--stamp", stamp, "--t0", t0]

    def environment(self) -> dict[str, str]:
        """Nothing of the user's but the path; the fake driver before any real one."""
        paths = (self.stage.programs(), self.stage.venv / "bin", os.environ["PATH"])
        return {
            "PATH": ":".join(str(path) for path in paths),
            "HOME": str(self.folder),
            "LOWTIDE_HOME": str(self.folder / "ledger"),
            "LOWTIDE_RIG": str(self.folder / "script"),
            "LD_LIBRARY_PATH": str(self.stage.build / "rig/nvml"),
        }

    def start(self, command: list[str]) -> None:
        """Starts a tool around its job, in a session of its own."""
        self.spawned = boot()
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "stdout").open("wb"),
            stderr=(self.folder / "stderr").open("wb"),
            start_new_session=True,
        )

    def begin(self, command: list[str]) -> bool:
        """Starts it when few others are starting; whether its job came to run."""
        with STARTING:
            self.start(command)
            return self.wait_until(0.0)

    def finish(self, timeout: float) -> None:
        """Waits for the tool without looking at the clock in between; ends all that is left."""
        assert self.process is not None
        watchdog = threading.Timer(timeout, lambda: kill9(self.pids()))
        watchdog.start()
        _, raw, usage = os.wait4(self.process.pid, 0)
        self.returned = boot()
        watchdog.cancel()
        self.process.returncode = self.status = os.waitstatus_to_exitcode(raw)
        self.usage_s = usage.ru_utime + usage.ru_stime

    def run(self, command: list[str], seconds: float) -> Scene:
        """Start to end, with a minute more than the job takes."""
        self.begin(command)
        self.finish(seconds + 90)
        kill9(self.pids())
        return self

    def pids(self) -> set[int]:
        """Living processes of this run's session: the tool, what it started, and the job."""
        assert self.process is not None
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    words = (entry / "stat").read_text().rpartition(")")[2].split()
                    if words[0] != "Z" and int(words[3]) == self.process.pid:
                        found.add(int(entry.name))
        return found

    def tool_pids(self) -> set[int]:
        """Living processes of the run without its job."""
        return {pid for pid in self.pids() if comm(pid) not in ("rig_job", "")}

    def stamps(self) -> dict[str, float]:
        """The job's pid, first and last moment, as far as they are there."""
        with contextlib.suppress(OSError):
            lines = (self.folder / "stamp").read_text().splitlines()
            return {words[0]: float(words[1]) for words in (line.split() for line in lines)}
        return {}

    def wait_until(self, seconds: float, patience: float = 60.0) -> bool:
        """Sleeps until the job has run that long; whether it ever started."""
        until = boot() + patience
        while "first" not in self.stamps():
            if boot() > until or self.ended():
                return False
            time.sleep(0.01)
        time.sleep(max(0.0, self.stamps()["first"] + seconds - boot()))
        return True

    def ended(self) -> bool:
        """Whether the tool's first process is over; leaves its status to finish()."""
        assert self.process is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def wait_job(self) -> None:
        """Sleeps until the job is over, though its parent may not be there any more."""
        job = int(self.stamps().get("pid", 0))
        while job and job in self.pids():
            time.sleep(0.05)

    def truth(self, until: float | None = None) -> float | None:
        """True joules of the GPU from the job's first moment to its last, or to curve time `until`."""
        stamps = self.stamps()
        if "first" not in stamps or ("last" not in stamps and until is None):
            return None
        first = stamps["first"]
        return self.gpu.joules(first, first, stamps["last"] if until is None else first + until)

    def said(self) -> str:
        """The last line that the tool wrote to stderr."""
        text = (self.folder / "stderr").read_text(errors="replace").strip()
        return text.splitlines()[-1].strip() if text else ""


def comm(pid: int) -> str:
    """Name of a process; empty when it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def kill9(pids: set[int]) -> None:
    """Ends processes that a run started."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process in seconds, to the nanosecond and with its ended threads.

    The kernel's clock id of a process is (~pid << 3) | 2 (clock_getcpuclockid(3)).
    """
    with contextlib.suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)
    return 0.0


def private_mb(pid: int) -> float:
    """Memory in MB that nobody shares with a process, so what it adds to the machine."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        parts = [line.split() for line in lines if line.startswith("Private_")]
        return sum(int(words[1]) for words in parts) * 1024 / 1e6
    return 0.0
