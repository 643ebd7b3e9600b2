"""What moving a job costs: how late a pause begins and ends, and what waiting takes.

Usage: shift_cost.py LOWTIDE [--seconds 60] [--runs 3]

A job that writes the boot clock each millisecond is frozen and thawed at the edges of its plan, which alternate each
5 minutes of a clock that runs 60 times as fast (the controller's timer is a real one: a late edge is late by as much on
the real clock). Late is the last beat before the gap, and the first after it, less the edge. Then a run that waits is
watched: on the real clock, and a day of it on one that is 2,400 times as fast, with its hourly plans. CPU time of seat
and controller is by schedstat, which is exact; that of the plans, which are children, by ticks.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from footprint import rss_anon_mb, spent, tasks_ns

SCALE = 60
SLOT_S = 300 / SCALE
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
SLOTS = [100, 900, 900] * 6 + [900] * 12  # a pause of one slot would begin a little late and be too short
CLEAN = 6  # slots of work
GAP_S = SLOT_S / 2
GOAL_LATE_S = 1.0
SETTLE_S = 3.0
DAY_S, DAY_SCALE = 86400.0, 2400.0
BEATS = f"""
import time
beats = open('beats', 'a', buffering=1)
worked = 0.0
while worked < {CLEAN * SLOT_S - 1.0}:
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    print(now, file=beats)
    time.sleep(0.001)
    worked += min(time.clock_gettime(time.CLOCK_BOOTTIME) - now, 0.1)
"""


def write_series(path: Path, begin: datetime, step: timedelta, values: Sequence[float]) -> None:
    """A file of intensities; an hour before the begin is like the first."""
    before = int(timedelta(hours=1) / step)
    values = [values[0]] * before + list(values)
    rows = [f"{(begin + step * (i - before)).isoformat()},{value}\n" for i, value in enumerate(values)]
    path.write_text("time,g_per_kwh\n" + "".join(rows))


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Of a lowtide with a home of its own."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("LOWTIDE_")}
    return kept | {"LOWTIDE_HOME": str(folder / "home"), "LOWTIDE_LOCATION": "local:bench", "TZ": "UTC",
                   "XDG_CONFIG_HOME": str(folder), "LOWTIDE_INTENSITY": f"file:{folder / 'grid.csv'}"} | more


def late_edges(lowtide: str, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from the planned edges to the last and the first beat of a frozen job."""
    write_series(folder / "grid.csv", MIDNIGHT, timedelta(minutes=5), SLOTS)
    boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    scaled = environment(folder, LOWTIDE_TIME_SCALE=str(SCALE),
                         LOWTIDE_TIME_ORIGIN=f"{int(MIDNIGHT.timestamp()) * 10**9},{boot_ns}")
    done = subprocess.run(
        [lowtide, "run", "--quiet", "--finish-within", "130m", "--expect", f"{5 * CLEAN}m", "--pause", "freeze",
         "--resume-energy", "0.0000001kWh", "--machine", "stays-on", "--", "/usr/bin/python3", "-S", "-c", BEATS],
        env=scaled, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=200)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    beats = [float(line) for line in (folder / "beats").read_text().split()]
    gaps = [(a, b) for a, b in zip(beats, beats[1:]) if b - a > GAP_S]
    edge = boot_ns / 1e9

    def late(moment: float) -> float:
        return (moment - edge) - round((moment - edge) / SLOT_S) * SLOT_S
    return [late(a) for a, _ in gaps], [late(b) for _, b in gaps]


def waiting(lowtide: str, folder: Path, seconds: float, scale: float = 1) -> dict[str, float]:
    """What the two processes of a run that waits use meanwhile: CPU seconds, those of plans too, and private memory."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    write_series(folder / "grid.csv", hour, timedelta(hours=1), [900] * 40 + [100] * 3 + [900] * 20)
    env = environment(folder, LOWTIDE_TIME_SCALE=str(scale)) if scale != 1 else environment(folder)
    run = subprocess.Popen(
        [lowtide, "run", "--quiet", "--start-within", "48h", "--expect", "1h", "--name", "late", "--", "true"],
        env=env, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(SETTLE_S)
    said = subprocess.run([lowtide, "status", "late", "--json", "-"], env=env, capture_output=True, text=True, check=True)
    pids = (run.pid, json.loads(said.stdout)["runs"][0]["keeper_pid"])
    before, plans = [tasks_ns(pid) for pid in pids], of_children_s(pids[1])
    begin = time.monotonic()
    time.sleep(seconds)
    wall_s = time.monotonic() - begin
    used = sum(spent(b, tasks_ns(pid)) for b, pid in zip(before, pids, strict=True))
    plans = of_children_s(pids[1]) - plans
    memory = sum(rss_anon_mb(pid) for pid in pids)
    run.terminate()
    run.wait(30)
    return {"own_s": used, "plans_s": plans, "memory_mb": memory, "watched_s": wall_s}


def of_children_s(pid: int) -> float:
    """CPU seconds of the children that a process has waited for: of a controller, those that planned."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def row(name: str, seconds: Sequence[float]) -> None:
    """A figure with its spread, in milliseconds."""
    ms = sorted(1e3 * one for one in seconds)
    print(f"  {name:<44} min {ms[0]:8.3f}  median {statistics.median(ms):8.3f}  max {ms[-1]:8.3f} ms  ({len(ms)} times)")


def main() -> None:
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lowtide", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the waiting run is watched")
    parser.add_argument("--runs", type=int, default=3, help="of the job that is frozen")
    options = parser.parse_args()
    lowtide = str(options.lowtide.resolve())
    pauses: list[float] = []
    resumes: list[float] = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as folder:
            begun, ended = late_edges(lowtide, Path(folder))
            pauses += begun
            resumes += ended
    print("a job frozen and thawed at the edges of its plan")
    row("from the edge to its last beat", pauses)
    row("from the edge to its first beat", resumes)
    worst = max(pauses + resumes)
    print(f"  goal: at most {GOAL_LATE_S:g} s: {'met' if worst <= GOAL_LATE_S else 'missed'}")
    with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as folder:
        still = waiting(lowtide, Path(folder), options.seconds)
    with tempfile.TemporaryDirectory(prefix="lowtide-bench-") as folder:
        day = waiting(lowtide, Path(folder), DAY_S / DAY_SCALE, DAY_SCALE)
    print("a run that waits: seat and controller")
    print(f"  on the real clock, {still['watched_s']:.0f} s: {1e3 * still['own_s']:.3f} ms CPU, "
          f"{still['memory_mb']:.2f} MB private")
    print(f"  24 h in {day['watched_s']:.0f} s: {day['own_s']:.3f} CPU s, and {day['plans_s']:.2f} of its hourly plans")


if __name__ == "__main__":
    main()
