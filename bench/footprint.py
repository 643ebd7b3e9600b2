"""What a run costs while it goes on: CPU time, private memory, libraries.

Meters a job that sleeps on a machine of 8 fake GPUs with energy counters and RAPL (docs/rig.md) at
lowtide's default of 1 Hz, beside a C program that reads the same counters as often and does nothing
else (reference_poll.c). CPU time is that of /proc/PID/task/*/schedstat (nanoseconds on a CPU, exact
where utime and stime are counted in ticks) over the middle of the run, memory is RssAnon at its
end. The fake driver's own memory and time lie in both programs; a real driver's would too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "rig"))

from curve import Flat  # noqa: E402
from gpus import Gpu, GpuScript  # noqa: E402
from powercap import default_machine  # noqa: E402

GPUS = 8
SETTLE_S = 3.0  # start-up is not counted
GOAL_CPU_S_PER_HOUR = 0.4
GOAL_RSS_ANON_MB = 6.0


def tasks_ns(pid: int) -> dict[str, tuple[int, int]]:
    """CPU nanoseconds and runs of each thread of a process, by thread id."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        on_cpu, _, runs = (int(word) for word in (task / "schedstat").read_text().split())
        found[task.name] = (on_cpu, runs)
    return found


def rss_anon_mb(pid: int) -> float:
    """Private memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"no RssAnon for {pid}")


def libraries(pid: int) -> set[str]:
    """Shared libraries that a process has mapped."""
    names = {line.split()[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines()}
    return {Path(name).name for name in names if ".so" in name}


def meter_of(pid: int) -> int:
    """The meter: the child of lowtide's process, which a shell becomes first."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if Path(f"/proc/{pid}/comm").read_text().strip() == "lowtide":
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if children:
                return int(children[0])
        time.sleep(0.01)
    raise RuntimeError(f"{pid} has no meter")


def spent(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> float:
    """Seconds on a CPU between two looks at the same threads."""
    return sum(after[t][0] - before.get(t, (0, 0))[0] for t in after) / 1e9


def report_threads(name: str, before: dict, after: dict, wall_s: float) -> None:
    """One line a thread: where the CPU time goes."""
    for task in sorted(after, key=int):
        ns = after[task][0] - before.get(task, (0, 0))[0]
        runs = after[task][1] - before.get(task, (0, 0))[1]
        per_run = ns / runs / 1e3 if runs else 0.0
        print(
            f"    {name} thread {task}: {ns / 1e9 / wall_s * 3600:.3f} CPU s/h, "
            f"{runs / wall_s:.2f} runs/s of {per_run:.0f} us"
        )


def start_lowtide(
    words: str, script: Path, t0: str, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Meters `sleep` with 8 GPUs on all of which the run itself holds a context.

    The script names the pid before lowtide is there to have one, so a shell writes it and becomes
    lowtide: the fake driver then answers without reading a file, which no real one does.
    """
    lines = ("contexts pids PID",)
    gpus = [Gpu(f"GPU-{i}", Flat(300.0 + i), lines=lines) for i in range(GPUS)]
    GpuScript(gpus, t0).write(script)
    return subprocess.Popen(
        ["sh", "-c", f"sed -i s/PID/$$/ {script} && exec {words}"], env=environment
    )


def measure(arguments: argparse.Namespace, folder: Path) -> None:
    """Runs both programs side by side and prints what they cost."""
    rig = arguments.build / "rig"
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    script = folder / "script"
    environment = {
        **os.environ,
        "LOWTIDE_HOME": str(folder / "home"),
        "LOWTIDE_SYSROOT": str(folder / "root"),
        "LOWTIDE_RIG": str(script),
        "LD_LIBRARY_PATH": str(rig / "nvml"),
    }
    lasts = int(arguments.seconds + SETTLE_S + 2)
    with default_machine(folder / "root", str(rig / "rig_powercap"), f"boot {now!r}") as tree:
        files = [str(path) for path in tree.files.values()]
        binary = arguments.build / "lowtide"
        what = {
            "run": f"run --quiet --intensity 475g/kWh -- sleep {lasts}",
            "watch": f"watch --quiet --intensity 475g/kWh --for {lasts}s",
        }[arguments.command]
        lowtide = start_lowtide(f"{binary} {what}", script, f"boot {now!r}", environment)
        reference = subprocess.Popen(
            [
                str(arguments.build / "bench/reference_poll"), str(folder / "reference.db"),
                str(lasts), *files,
            ],
            env=environment,
        )  # fmt: skip
        meter = meter_of(lowtide.pid)
        time.sleep(SETTLE_S)
        pids = {"meter": meter, "supervisor": lowtide.pid, "reference": reference.pid}
        begin = time.monotonic()
        before = {name: tasks_ns(pid) for name, pid in pids.items()}
        time.sleep(arguments.seconds)
        after = {name: tasks_ns(pid) for name, pid in pids.items()}
        wall_s = time.monotonic() - begin
        memory = {name: rss_anon_mb(pid) for name, pid in pids.items()}
        loaded = libraries(meter) | libraries(lowtide.pid)
        if lowtide.wait(timeout=30) != 0 or reference.wait(timeout=30) != 0:
            raise RuntimeError("a program under measurement failed")
    print(f"lowtide {arguments.command}")
    print_figures(before, after, wall_s, memory)
    curl = sorted(name for name in loaded if "curl" in name)
    print(f"libraries of both processes: {', '.join(sorted(loaded))}")
    print(f"  libcurl: {'LOADED' if curl else 'not loaded'} (goal: not loaded)")


def print_figures(before: dict, after: dict, wall_s: float, memory: dict[str, float]) -> None:
    """CPU time an hour and private memory, against goal and reference."""
    hourly = {n: spent(before[n], after[n]) / wall_s * 3600 for n in after}
    cpu = hourly["meter"] + hourly["supervisor"]
    print(f"CPU time at 1 Hz, {GPUS} fake GPUs and RAPL, extrapolated from {wall_s:.0f} s")
    print(
        f"  lowtide: {cpu:.3f} CPU s/h (goal: at most {GOAL_CPU_S_PER_HOUR}: "
        f"{'met' if cpu <= GOAL_CPU_S_PER_HOUR else 'missed'}), "
        f"{cpu / hourly['reference']:.2f} times the reference of {hourly['reference']:.3f}"
    )
    for name in ("meter", "supervisor", "reference"):
        report_threads(name, before[name], after[name], wall_s)
    both = memory["meter"] + memory["supervisor"]
    print(f"private memory (RssAnon) with {GPUS} fake GPUs and RAPL")
    print(
        f"  lowtide: {both:.2f} MB = meter {memory['meter']:.2f} + supervisor "
        f"{memory['supervisor']:.2f} (goal: at most {GOAL_RSS_ANON_MB:g}: "
        f"{'met' if both <= GOAL_RSS_ANON_MB else 'missed'}), "
        f"{both / memory['reference']:.2f} times the reference of {memory['reference']:.2f} MB"
    )


def main() -> None:
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="the build folder")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--command", choices=["run", "watch"], default="run")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as folder:
        measure(arguments, Path(folder))


if __name__ == "__main__":
    main()
