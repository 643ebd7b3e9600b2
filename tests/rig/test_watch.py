"""`lowtide watch`: windows add up to the whole, and kill -9 costs no joule of a counter."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from curve import Flat, Square
from gpus import Gpu
from harness import BIN, INTENSITY, J_PER_KWH, SLOWNESS, Site, alive, boot, children, executable, kill9, steady, utc_minus_boot

CURVE = Square(50.0, 400.0, 1.4, 0.5, 0.25)


@dataclass
class Watched:
    """A watch on its way. Its guard is `process`."""

    site: Site
    process: subprocess.Popen
    offset: float

    def watcher(self) -> int:
        """The process that reads the sensors."""
        return wait_for("a watcher", lambda: [p for p in children(self.process.pid) if executable(p) == BIN.resolve()])[0]

    def end(self) -> None:
        """Ends it as ^C does."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(20) == 0, self.stderr()

    def stderr(self) -> str:
        return (self.site.folder / "watch-stderr").read_text(errors="replace")


def wait_for(what, condition, seconds=20.0):
    end = boot() + seconds
    while boot() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def start(site: Site, *words: str) -> Watched:
    if not site.t0_path.exists():
        site.t0_path.write_text(repr(boot()))
        site.pid_path.write_text("")
    with (site.folder / "watch-stderr").open("ab") as stderr:
        process = subprocess.Popen(
            [str(BIN), "watch", "--quiet", "--intensity", f"{INTENSITY:g}g/kWh", *words],
            env=site.environment, stdin=subprocess.DEVNULL, stderr=stderr,
        )  # fmt: skip
    watched = Watched(site, process, utc_minus_boot())
    wait_for("a row", lambda: rows(site) or process.poll() is not None)
    return watched


def rows(site: Site) -> list[tuple[str, str, float, float | None]]:
    """id, state, begin and end (s UTC) of the runs, oldest first."""
    path = site.folder / "ledger" / "ledger.db"
    if not path.exists():
        return []
    with contextlib.suppress(sqlite3.OperationalError), sqlite3.connect(path) as ledger:
        found = ledger.execute("SELECT id, state, begin_ns, end_ns FROM run ORDER BY begin_ns").fetchall()
        return [(i, s, b / 1e9, e / 1e9 if e else None) for i, s, b, e in found]
    return []


def check_whole(watched: Watched, gpu: Gpu, state: str = "finished") -> list[dict]:
    """Windows touch, and their energy adds up to the curve's integral; their reports."""
    site = watched.site
    found = rows(site)
    assert all(row[1] == state for row in found), found
    for before, after in zip(found, found[1:]):
        assert after[2] == before[3], f"windows do not touch: {found}"
    reports = [json.loads(site.lowtide("report", row[0], "--format", "json")) for row in found]
    channels = [next(c for c in r["energy"]["by_channel"] if c["uuid"] == gpu.uuid) for r in reports]
    assert all(c["device_kwh"] is not None for c in channels), channels
    seen = sum(c["device_kwh"] for c in channels) * J_PER_KWH
    begin = float(site.t0_path.read_text())
    truth = gpu.joules(begin, found[0][2] - watched.offset, found[-1][3] - watched.offset)
    assert abs(seen / truth - 1) < 0.001 * SLOWNESS, f"{seen} J of {truth} J in {found}"
    assert all(c["coverage"] > 0.999 for c in channels), channels
    return reports


@steady()
def test_windows_add_up_to_the_whole(tmp_path):
    gpu = Gpu("GPU-live", CURVE)
    watched = start(Site(tmp_path, [gpu]), "--window", "5s", "--for", "12s")
    assert watched.process.wait(30) == 0, watched.stderr()
    reports = check_whole(watched, gpu)
    assert len(reports) in (3, 4)
    for report in reports:
        assert report["sci"]["r"] == "instance-hour"
        assert report["run"]["exit_status"] is None


@steady()
def test_a_killed_watcher_is_started_again_and_bridges_across_windows(tmp_path):
    gpu = Gpu("GPU-live", CURVE)
    watched = start(Site(tmp_path, [gpu]), "--window", "7s")
    time.sleep(1.5)
    watcher = watched.watcher()
    time.sleep(1.0)
    kill9(watcher)
    assert wait_for("another watcher", lambda: watched.watcher() != watcher)
    time.sleep(9.0)
    watched.end()
    reports = check_whole(watched, gpu)
    assert "watch-restarted" in {event["kind"] for report in reports for event in report["events"]}
    assert "bridged" in {c["quality"] for r in reports for c in r["energy"]["by_channel"] if c["uuid"] == gpu.uuid}


@steady()
def test_all_of_it_killed_the_next_watch_goes_on_with_the_run(tmp_path):
    gpu = Gpu("GPU-live", CURVE)
    watched = start(Site(tmp_path, [gpu]))
    watcher = watched.watcher()
    time.sleep(2.5)
    kill9(watched.process.pid, watcher)
    watched.process.wait()
    wait_for("the watcher gone", lambda: not alive(watcher))
    watched.site.lowtide("runs")  # closes what was left behind
    assert [row[1] for row in rows(watched.site)] == ["interrupted"]
    again = start(watched.site)
    time.sleep(2.5)
    again.end()
    check_whole(again, gpu)
    assert len(rows(watched.site)) <= 2, "one run, or two about a full hour"


@steady()
def test_a_killed_guard_leaves_the_watcher_and_a_service_goes_on_with_the_run(tmp_path):
    gpu = Gpu("GPU-live", CURVE)
    watched = start(Site(tmp_path, [gpu]))
    watcher = watched.watcher()
    kill9(watched.process.pid)
    watched.process.wait()
    time.sleep(1.5)
    assert alive(watcher)
    os.kill(watcher, signal.SIGTERM)  # as systemd does with what is left of a service
    wait_for("the watcher gone", lambda: not alive(watcher))
    again = start(watched.site)
    time.sleep(1.5)
    again.end()
    check_whole(again, gpu)


@steady()
def test_a_log_out_leaves_it_running(tmp_path):
    gpu = Gpu("GPU-live", CURVE)
    watched = start(Site(tmp_path, [gpu]))
    watcher = watched.watcher()
    for pid in (watched.process.pid, watcher):
        os.kill(pid, signal.SIGHUP)
    time.sleep(1.0)
    assert watched.process.poll() is None and alive(watcher)
    watched.end()
    check_whole(watched, gpu)


def test_a_process_is_charged_the_gpu_it_holds_and_its_end_ends_the_watch(tmp_path):
    held, other = Gpu("GPU-held", Flat(300.0)), Gpu("GPU-other", Flat(200.0), ("contexts pids 1",))
    site = Site(tmp_path, [held, other])
    job = subprocess.Popen(["sleep", "600"])
    site.t0_path.write_text(repr(boot()))
    site.pid_path.write_text(str(job.pid))
    watched = start(site, "--pid", str(job.pid), "--gpus", "0,1")
    watched.end()
    watched = start(site, "--pid", str(job.pid))
    time.sleep(2.5)
    job.kill()
    job.wait()
    assert watched.process.wait(20) == 0, watched.stderr()
    report = site.last_report()
    charged = {c["uuid"]: c["in_total"] for c in report["energy"]["by_channel"] if c["kind"] == "gpu"}
    assert charged["GPU-held"]
    assert not charged["GPU-other"], charged
    assert any(e["kind"] == "watch-ended" for e in report["events"])
    assert report["sci"]["r"] == "hour"


def a_cgroup() -> tuple[Path, bool]:
    """A group with CPU times: one of our own where we may make one, else the one we are in."""
    for mount in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        folder = Path(mount) / f"lowtide-test-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            if (folder / "cgroup.procs").exists():
                return folder, True
            folder.rmdir()
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    return Path(next(line for line in lines if line.startswith("0::") or "cpuacct" in line).split(":", 2)[2]), False


def test_a_cgroup_is_charged_its_own_cpu_time(tmp_path):
    site = Site(tmp_path)
    group, ours = a_cgroup()
    busy = "import time\nend = time.monotonic() + 600\nwhile time.monotonic() < end: pass"
    job = subprocess.Popen(["python3", "-c", busy])
    try:
        if ours:
            (group / "cgroup.procs").write_text(str(job.pid))
        watched = start(site, "--cgroup", str(group))
        time.sleep(6.0)
        watched.end()
    finally:
        job.kill()
        job.wait()
        if ours:
            wait_for("an empty group", lambda: (group / "cgroup.procs").read_text() == "")
            group.rmdir()
    with sqlite3.connect(site.folder / "ledger" / "ledger.db") as ledger:
        used = ledger.execute("SELECT sum(job_cpu_ns) / 1e9 FROM use").fetchone()[0]
    assert used > 1.0, "a busy loop of 6 s"
    assert used < 7.0 or not ours, "no more than its own"


def test_a_second_watch_of_the_same_is_refused_and_stop_ends_the_first(tmp_path):
    site = Site(tmp_path, [Gpu("GPU-live", CURVE)])
    watched = start(site)
    again = subprocess.run([str(BIN), "watch"], env=site.environment, capture_output=True, text=True, timeout=20)
    assert again.returncode == 2 and "watched already" in again.stderr, again
    assert "ended" in subprocess.run(
        [str(BIN), "watch", "--stop"], env=site.environment, capture_output=True, text=True, timeout=20
    ).stderr
    assert watched.process.wait(20) == 0
    none = subprocess.run([str(BIN), "watch", "--stop"], env=site.environment, capture_output=True, text=True, timeout=20)
    assert none.returncode == 4 and "not being watched" in none.stderr


def test_detached_it_outlives_the_one_who_started_it(tmp_path):
    site = Site(tmp_path, [Gpu("GPU-live", CURVE)])
    site.t0_path.write_text(repr(boot()))
    site.pid_path.write_text("")
    said = subprocess.run([str(BIN), "watch", "--detach"], env=site.environment, capture_output=True, text=True, timeout=20)
    assert said.returncode == 0 and "in the background" in said.stderr, said
    time.sleep(2.0)
    assert [row[1] for row in rows(site)] == ["running"]
    site.lowtide("watch", "--stop")
    wait_for("the run closed", lambda: rows(site)[-1][1] == "finished")
