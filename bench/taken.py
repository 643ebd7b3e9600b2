"""What lowtide takes from a job: CPU time, context switches and speed of a CPU-bound loop.

The same loop (busy_loop.c) runs in turn alone and under lowtide, which of the two first changing
from pair to pair, so that what else the machine does falls on both alike. The speed of the two is
compared pair by pair; the interval is a bootstrap over the pairs (10,000 draws, fixed seed).
lowtide's own CPU time is that of all threads of its two processes (footprint.py) while the loop
runs, without start and end. The second part meters 64 processes, by cgroup and by process tree.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from footprint import meter_of, spent, tasks_ns

LOOP_S = 5.0
EDGE_S = 0.5  # of the loop, before the first and after the last look
PROCESSES = 64
TREE_S = 30.0
GOAL_TAKEN_PCT = 0.1
GOAL_TREE_PCT = 0.5


def share_pct(lowtide: subprocess.Popen[bytes], seconds: float) -> float:
    """Percent of a core that lowtide's two processes use over the coming seconds."""
    pids = (meter_of(lowtide.pid), lowtide.pid)
    begin = time.monotonic()
    before = [tasks_ns(pid) for pid in pids]
    time.sleep(seconds)
    after = [tasks_ns(pid) for pid in pids]
    used = sum(spent(b, a) for b, a in zip(before, after, strict=True))
    return 100 * used / (time.monotonic() - begin)


def loop(build: Path, folder: Path, metered: bool, environment: dict[str, str]) -> dict[str, float]:
    """One run of the loop: rounds, cpu_s, switches, and lowtide's share when it is metered."""
    out = folder / "out"
    command = [str(build / "bench/busy_loop"), str(LOOP_S), str(out)]
    if metered:
        command = [str(build / "lowtide"), "run", "--quiet", "--intensity", "475g/kWh", "--", *command]
    process = subprocess.Popen(command, env=environment)
    taken = 0.0
    if metered:
        time.sleep(EDGE_S)
        taken = share_pct(process, LOOP_S - 2 * EDGE_S)
    if process.wait(timeout=60) != 0:
        raise RuntimeError("a program under measurement failed")
    words = out.read_text().split()
    return {**dict(zip(words[::2], map(float, words[1::2]), strict=True)), "taken_pct": taken}


def interval(values: list[float]) -> tuple[float, float]:
    """95 % bootstrap interval of the mean."""
    draw = random.Random(1)
    means = sorted(statistics.fmean(draw.choices(values, k=len(values))) for _ in range(10_000))
    return means[249], means[9749]


def say(name: str, unit: str, values: list[float]) -> None:
    """Mean and interval of a figure over the pairs."""
    low, high = interval(values)
    print(f"  {name}: mean {statistics.fmean(values):+.4f} {unit}, 95 % [{low:+.4f}, {high:+.4f}], median {statistics.median(values):+.4f}")


def compare(build: Path, folder: Path, pairs: int, environment: dict[str, str]) -> None:
    """The loop alone and metered, turn by turn."""
    alone, metered = [], []
    for pair in range(pairs):
        for with_lowtide in (False, True) if pair % 2 == 0 else (True, False):
            (metered if with_lowtide else alone).append(loop(build, folder, with_lowtide, environment))
    print(f"CPU-bound loop of {LOOP_S:g} s, {pairs} pairs, load {os.getloadavg()[0]:.1f}")
    both = list(zip(alone, metered, strict=True))
    say("speed, metered against alone", "%", [100 * (m["rounds"] / a["rounds"] - 1) for a, m in both])
    per_cpu = [100 * ((m["rounds"] / m["cpu_s"]) / (a["rounds"] / a["cpu_s"]) - 1) for a, m in both]
    say("speed per CPU second of the job", "%", per_cpu)
    say("context switches of the job", "/s", [(m["switches"] - a["switches"]) / LOOP_S for a, m in both])
    taken = [m["taken_pct"] for m in metered]
    say("CPU time of lowtide", "% of a core", taken)
    met = "met" if statistics.fmean(taken) <= GOAL_TAKEN_PCT else "missed"
    print(f"  goal: at most {GOAL_TAKEN_PCT} % of a core: {met}")


def tree(build: Path, by_cgroup: bool, environment: dict[str, str]) -> None:
    """lowtide's share while it counts 64 processes."""
    job = f"for i in $(seq {PROCESSES}); do sleep {TREE_S + 4:g} & done; wait"
    lowtide = subprocess.Popen(
        [str(build / "lowtide"), "run", "--quiet", "--intensity", "475g/kWh", "--", "sh", "-c", job],
        env={**environment, "LOWTIDE_CGROUP": "true" if by_cgroup else "false"},
    )
    time.sleep(2.0)
    share = share_pct(lowtide, TREE_S)
    lowtide.wait(timeout=60)
    how = "cgroup" if by_cgroup else "process tree"
    goal = f" (goal: at most {GOAL_TREE_PCT} %: {'met' if share <= GOAL_TREE_PCT else 'missed'})"
    print(f"{PROCESSES} processes by {how}: {share:.4f} % of a core{'' if by_cgroup else goal}")


def main() -> None:
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="the build folder")
    parser.add_argument("--pairs", type=int, default=30)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as name:
        folder = Path(name)
        environment = {**os.environ, "LOWTIDE_HOME": str(folder / "home")}
        compare(build, folder, arguments.pairs, environment)
        for by_cgroup in (True, False):
            tree(build, by_cgroup, environment)


if __name__ == "__main__":
    main()
