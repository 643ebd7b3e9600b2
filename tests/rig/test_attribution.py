"""Whose energy it is, on the CPU: two jobs side by side, by cgroup and by process tree."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from curve import List
from harness import BIN, J_PER_KWH, SLOWNESS, Site, boot, kill9, steady
from powercap import package
from test_rapl import machine

# Idle is little: it is taken from the lowest power seen, and on a busy machine the one who writes the
# fake counter is late now and then, so that a second of it looks like half of what it was.
IDLE_W, BUSY_W = 5.0, 205.0
QUIET_S, LOAD_S = 2.0, 8.0

# Uses SHARE of a core for SECONDS, in pieces of 50 ms, after a quiet time; by its own CPU clock, so
# that a busy machine makes it late and not lighter.
BURN = """
import sys, time
share, seconds, quiet = map(float, sys.argv[1:4])
time.sleep(quiet)
begin = time.monotonic()
for i in range(int(seconds / 0.05)):
    until = time.process_time() + share * 0.05
    while time.process_time() < until: pass
    time.sleep(max(0.0, begin + (i + 1) * 0.05 - time.monotonic()))
"""

# The same, and then it waits until all the jobs are through, so that a late one is never alone.
BURN_TOGETHER = (
    BURN
    + """
import pathlib
folder, jobs = pathlib.Path(sys.argv[4]), int(sys.argv[5])
(folder / f"through-{share}").touch()
while len(list(folder.glob("through-*"))) < jobs: time.sleep(0.2)
time.sleep(1.0)
"""
)

# Children that nobody waits for: the kernel forgets their CPU time, but not in a cgroup.
FORGET = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(20):
    if os.fork() == 0:
        while time.process_time() < 0.1: pass
        os._exit(0)
    time.sleep(0.02)
try:
    while True: os.wait()
except ChildProcessError: pass
"""


def python(text: str, *words: object) -> list[str]:
    return [sys.executable, "-S", "-c", text, *(str(word) for word in words)]


def start(site: Site, name: str, command: list[str]) -> subprocess.Popen:
    words = [str(BIN), "run", "--quiet", "--name", name, "--intensity", "475g/kWh", "--", *command]
    return subprocess.Popen(words, env=site.environment, stdin=subprocess.DEVNULL)


def report(site: Site, *runs: str) -> dict:
    return json.loads(site.lowtide("report", *runs, "--format", "json"))


def job_cpu_s(site: Site, name: str) -> float:
    """CPU time that the run was counted, from the ledger's rows."""
    exported = json.loads(site.lowtide("export", name))["runs"][0]
    return sum(row["job_cpu_ns"] for row in exported["use"]) / 1e9


def counted_by(site: Site, name: str) -> str:
    return json.loads(site.lowtide("export", name))["runs"][0]["run"]["machine"]["cpu_time_by"]


def job_processes(pid: int) -> list[int]:
    """All below a process that are not lowtide's own."""
    try:
        below = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        own = os.readlink(f"/proc/{pid}/exe") == str(BIN.resolve())
    except OSError:
        return []
    return ([] if own else [pid]) + [job for child in below for job in job_processes(child)]


def cpu_of(whole: dict) -> dict:
    (cpu,) = (c for c in whole["energy"]["by_channel"] if c["kind"] == "cpu" and c["in_total"])
    assert cpu["source"] == "rapl", cpu
    return cpu


def wait_for_a_slot(seconds: float) -> None:
    """Until a 5-minute slot has that much left: at its edge the two parts have CPU times of their own,
    and the made-up proc/stat is a little late in each."""
    left = 300 - time.time() % 300
    if left < seconds:
        time.sleep(left)


class OnlyThese:
    """A proc/stat in which nothing runs but the jobs below these lowtides: by the scheduler's
    nanoseconds, for each of a process's own times in proc/PID/stat lacks up to a tick."""

    def __init__(self, root: Path) -> None:
        self.path = root / "proc" / "stat"
        self.lowtides: list[int] = []
        self.seen_ns: dict[int, int] = {}
        self.path.unlink()
        self.write()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.keep_writing)

    def write(self) -> None:
        for pid in [job for lowtide in self.lowtides for job in job_processes(lowtide)]:
            with contextlib.suppress(OSError):
                self.seen_ns[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        ticks = round(sum(self.seen_ns.values()) / 1e7)
        draft = self.path.with_suffix(".new")
        draft.write_text(f"cpu  {1000 + ticks} 0 0 99999 0 0 0 0 0 0\n")
        draft.rename(self.path)

    def keep_writing(self) -> None:
        while not self.stopped.wait(0.02):
            self.write()

    def __enter__(self) -> "OnlyThese":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()


@pytest.mark.parametrize("by", ["cgroup", "process tree"])
@steady(2)
def test_two_jobs_loaded_three_to_one_are_charged_75_and_25(tmp_path, by):
    curve = List(((IDLE_W, QUIET_S), (BUSY_W, 60.0)))
    wait_for_a_slot(30)
    with machine(tmp_path, [package(curve, idle_w=IDLE_W)]) as (site, tree):
        site.environment["LOWTIDE_CGROUP"] = "true" if by == "cgroup" else "false"
        t0 = boot()
        site.t0_path.write_text(repr(t0))
        since_boot = time.time() - t0
        with OnlyThese(site.sysroot) as stat:
            jobs = [
                start(site, name, python(BURN_TOGETHER, load, LOAD_S, QUIET_S, tmp_path, 2))
                for name, load in (("three", 0.45), ("one", 0.15))
            ]
            stat.lowtides = [job.pid for job in jobs]
            assert [job.wait(60) for job in jobs] == [0, 0]
        assert counted_by(site, "three").startswith(by) and counted_by(site, "one").startswith(by)
        three, one = (cpu_of(report(site, name)) for name in ("three", "one"))
        both = three["job_kwh"] + one["job_kwh"]
        share = three["job_kwh"] / both
        assert abs(share - 0.75) <= (0.03 if SLOWNESS == 1 else 0.1), f"{100 * share:.1f} % and {100 * (1 - share):.1f} %"
        # Over the jobs plus idle the device's total comes back, and it is the truth.
        whole = report(site, "three")
        seconds = whole["run"]["duration_s"]
        end = datetime.fromisoformat(whole["run"]["end"]).timestamp() - since_boot
        assert both + IDLE_W * seconds / J_PER_KWH == pytest.approx(three["device_kwh"], rel=0.02)
        dynamic = (BUSY_W - IDLE_W) * (end - t0 - QUIET_S) / J_PER_KWH
        assert both == pytest.approx(dynamic, rel=0.05), tree.zones.keys()
        # And so it does in a report of both, in which no joule counts twice.
        devices = sum(c["device_kwh"] for c in whole["energy"]["by_channel"] if c["in_total"])
        together = report(site, "three", "one")["sum"]["energy"]["it_kwh"]
        assert together == pytest.approx(devices, rel=0.03)


def test_children_that_nobody_waits_for_are_counted_by_the_cgroup(tmp_path):
    site = Site(tmp_path)
    assert start(site, "forgetful", python(FORGET)).wait(60) == 0
    assert counted_by(site, "forgetful") == "cgroup"
    assert job_cpu_s(site, "forgetful") >= 0.97 * 20 * 0.1


def test_the_job_has_a_group_of_its_own_that_is_gone_after_it(tmp_path):
    site = Site(tmp_path)
    seen = tmp_path / "cgroup"
    assert start(site, "look", ["sh", "-c", f"cat /proc/self/cgroup > {seen}; exit 7"]).wait(30) == 7
    run = json.loads(site.lowtide("export", "look"))["runs"][0]["run"]["id"]
    group = next(line for line in seen.read_text().splitlines() if line.startswith("0::"))
    assert f"/lowtide-{run}-" in group
    left = [path for path in Path("/sys/fs/cgroup").rglob(f"lowtide-{run}-*") if path.is_dir()]
    assert not left, left


def test_a_meter_that_takes_the_job_up_goes_on_counting_by_its_group(tmp_path):
    site = Site(tmp_path)
    lowtide = start(site, "taken-up", python(BURN, 0.4, 5.0, 0.0))
    time.sleep(1.5)
    meters = [
        int(child)
        for child in Path(f"/proc/{lowtide.pid}/task/{lowtide.pid}/children").read_text().split()
        if os.readlink(f"/proc/{child}/exe") == str(BIN.resolve())
    ]
    kill9(*meters)
    assert lowtide.wait(60) == 0
    assert job_cpu_s(site, "taken-up") == pytest.approx(2.0, rel=0.05)


def test_lowtides_side_by_side_do_not_take_each_others_groups_away(tmp_path):
    site = Site(tmp_path)
    names = [f"n{i}" for i in range(12)]
    jobs = [start(site, name, ["sh", "-c", "exit 0"]) for name in names for _ in range(2)]
    assert [job.wait(60) for job in jobs] == [0] * len(jobs)
    assert {counted_by(site, name) for name in names} == {"cgroup"}
