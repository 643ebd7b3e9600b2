"""A machine that misbehaves: clocks set and suspended, RAPL that may not be read, jobs that fork, leave
children behind or are many. The job never feels it, and what was knowable is kept."""

import os
import signal
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from curve import Flat, List
from gpus import Gpu
from harness import (
    EXIT,
    J_PER_KWH,
    RIG_DIR,
    SLOWNESS,
    Site,
    alive,
    assert_energy,
    boot,
    events,
    kill9,
    machine,
    start_faulty,
    steady,
    untouched,
    wait_until,
)
from powercap import package

HOUR = 3600.0


class Clocks:
    """What is added to the clocks of lowtide and of the GPU's driver in it, from now on."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clocks"
        self.path.write_bytes(bytes(16))
        options = os.environ.get("ASAN_OPTIONS", "")  # the sanitizer wants to be loaded first
        self.env = {
            "LD_PRELOAD": str(RIG_DIR / "librig_clock.so"),
            "LOWTIDE_RIG_CLOCK": str(self.path),
            "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
        }

    def shift(self, realtime_s: float, boottime_s: float) -> None:
        with self.path.open("r+b", buffering=0) as file:
            file.write(struct.pack("=qq", int(realtime_s * 1e9), int(boottime_s * 1e9)))


@steady(2)
def test_a_clock_that_is_set_back_an_hour_changes_no_elapsed_time(tmp_path):
    """Nor does a meter that dies after it."""
    clocks = Clocks(tmp_path)
    gpu = Gpu("GPU-1", Flat(300.0))
    site = Site(tmp_path, [gpu], env=clocks.env)
    running = start_faulty(site, 5.0)
    start = running.job_started()
    wait_until(start + 1.6)
    clocks.shift(-HOUR, 0)
    wait_until(start + 3.0)
    kill9(running.meter_pid())
    run = untouched(running.finish(25))
    assert run.end - run.begin == pytest.approx(5.0, abs=0.05)
    assert run.report["run"]["duration_s"] == pytest.approx(5.0, abs=0.05)
    assert run.begin == pytest.approx(start, abs=0.05), "the run stays on the clock it began with"
    assert_energy(run.channel("GPU-1"), run.truth(gpu))
    assert run.channel("GPU-1")["coverage"] >= 0.999
    assert any(text.startswith("the system's clock was set 1 h") and " back" in text for text in events(run, "clock-step"))
    check_slots(run)


def check_slots(run):
    """In order, without overlap, within the run; their energy is the run's."""
    slots = run.report["slots"]
    assert slots[0]["begin"] == run.report["run"]["begin"] and slots[-1]["end"] == run.report["run"]["end"]
    for before, after in zip(slots, slots[1:], strict=False):
        assert before["begin"] < before["end"] <= after["begin"] < after["end"]
    known = [slot["energy_kwh"] for slot in slots if slot["energy_kwh"] is not None]
    assert sum(known) == pytest.approx(run.report["energy"]["it_kwh"], rel=1e-9)


@steady(2)
def test_a_suspended_machine_keeps_a_counters_energy_and_has_a_gap_in_what_is_polled(tmp_path):
    clocks = Clocks(tmp_path)
    # 5 W while it sleeps, from the moment on at which the clocks jump.
    sleeps = List(((300.0, 2.0), (5.0, HOUR), (300.0, 60.0)))
    gpus = [Gpu("GPU-counter", sleeps), Gpu("GPU-polled", sleeps, ("counter none", "refresh_ms 20"))]
    site = Site(tmp_path, gpus, env=clocks.env)
    running = start_faulty(site, 5.0)
    running.job_started()
    wait_until(float(site.t0_path.read_text()) + 2.0)
    clocks.shift(HOUR, HOUR)
    run = untouched(running.finish(25))
    duration = run.report["run"]["duration_s"]
    assert duration == pytest.approx(HOUR + 5.0, abs=0.2)
    counter, polled = run.channel("GPU-counter"), run.channel("GPU-polled")
    assert_energy(counter, run.truth(gpus[0]))
    assert counter["coverage"] >= 0.999 and counter["quality"] == "spread", counter
    assert polled["device_kwh"] * J_PER_KWH == pytest.approx(5.0 * 300, rel=0.1), polled
    assert polled["coverage"] == pytest.approx(5.0 / duration, rel=0.1), polled
    models = [c for c in run.channels() if c["source"] == "model"]
    assert models and all(c["coverage"] < 6.0 / duration for c in models), models
    assert any("1 h" in text for text in events(run, "suspended")), run.report["events"]
    assert events(run, "clock-step") == [], "both clocks moved together"
    check_slots(run)


# ---- RAPL that may not be read

BLIND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")


def deny(energy: Path) -> None:
    """0400 and not ours, as since CVE-2020-8694; without root, nobody's."""
    if os.geteuid() == 0:
        os.chown(energy, 1, 1)
        energy.chmod(0o400)
    else:
        energy.chmod(0)


def allow(energy: Path) -> None:
    energy.chmod(0o444)


def energy_file(site) -> Path:
    return (site.sysroot / "sys/class/powercap/intel-rapl:0/energy_uj").resolve()


def test_rapl_that_only_root_may_read_is_denied_with_the_command_and_modelled(tmp_path):
    with machine(tmp_path, [package(Flat(65.0))]) as (site, _tree):
        site.before_lowtide = BLIND if os.geteuid() == 0 else ()
        deny(energy_file(site))
        run = untouched(start_faulty(site, 2.0).finish(22))
        cpu = [c for c in run.channels("cpu") if c["in_total"]]
        assert [c["source"] for c in cpu] == ["model"] and cpu[0]["coverage"] >= 0.99, cpu
        assert cpu[0]["low_kwh"] < cpu[0]["kwh"] < cpu[0]["high_kwh"], "a model says how far it may be off"
        assert run.report["energy"]["modelled_share"] == 1
        denied = events(run, "sensor-denied")
        assert len(denied) == 1 and "chmod" in denied[0], run.report["events"]


@steady(2)
def test_rapl_that_is_denied_in_mid_run_loses_no_joule(tmp_path):
    with machine(tmp_path, [package(Flat(65.0))]) as (site, tree):
        site.before_lowtide = BLIND if os.geteuid() == 0 else ()
        running = start_faulty(site, 6.0)
        start = running.job_started()
        wait_until(start + 1.5)
        deny(energy_file(site))
        wait_until(start + 4.2)
        allow(energy_file(site))
        run = untouched(running.finish(26))
        cpu = [c for c in run.channels("cpu") if c["source"] == "rapl"]
        assert len(cpu) == 1 and cpu[0]["coverage"] >= 0.999, cpu
        assert not events(run, "sensor-denied"), "what was opened before is read on"
        late = 65.0 * (tree.late_s(run.begin - 0.05, run.begin + 0.05) + tree.late_s(run.end - 0.05, run.end + 0.05))
        assert_energy(cpu[0], tree.joules("intel-rapl:0", float(site.t0_path.read_text()), run.begin, run.end), slack=late)


# ---- jobs of many processes; each says at its end what the kernel charges it

HEAD = f"""
import os, resource, signal, sys, time
def used(who=resource.RUSAGE_SELF):
    use = resource.getrusage(who)
    return use.ru_utime + use.ru_stime
def burn(seconds):
    while time.process_time() < seconds: pass
def tell(seconds):
    fd = os.open("used", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(fd, f"{{seconds}}\\n".encode())
    os.close(fd)
def wait_for(path):
    while not os.path.exists(path): time.sleep(0.01)
print("on stdout", flush=True)
print("on stderr", file=sys.stderr, flush=True)
count = int(sys.argv[1])
"""
TAIL = f"""
tell(used() + used(resource.RUSAGE_CHILDREN))
sys.exit({EXIT})
"""
# Short processes that the shell of a build would start, each waited for.
STORM = """
for _ in range(count):
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
"""
# Grandchildren whose parent does not wait: whoever adopts them reaps them. What they tell leaves out
# their own exit (0.7 ms a pair was seen), so they are few and long: 1 % of it.
ORPHANS = """
read, write = os.pipe()
for _ in range(count):
    if (child := os.fork()) == 0:
        if os.fork() == 0:
            burn(0.06)
            tell(used())
            os.write(write, b".")
        os._exit(0)
    os.waitpid(child, 0)
    os.read(read, 1)
"""
MANY = """
children = []
for _ in range(count):
    if (child := os.fork()) == 0:
        burn(0.1)
        os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
open("burned", "w").close()
wait_for("go")
"""


class Jobs:
    """A site whose job is a Python program; its one GPU runs apart from it."""

    def __init__(self, folder: Path, body: str) -> None:
        self.gpu = Gpu("GPU-1", Flat(300.0))
        self.site = Site(folder, [self.gpu])
        self.site.t0_path.write_text(repr(boot()))
        self.site.pid_path.write_text("")
        self.program = HEAD + f"os.chdir({str(folder)!r})\n" + body + TAIL

    def words(self, count: int) -> tuple[str, ...]:
        return (sys.executable, "-S", "-c", self.program, str(count))

    def finish(self, running, seconds: float):
        """The run; GPU energy is right whatever the job does, output and status are its own."""
        run = running.finish(seconds)
        told = self.told()
        run = untouched(run, job=self.words(0))
        assert_energy(run.channel("GPU-1"), run.truth(self.gpu))
        return run, told

    def told(self) -> float:
        return sum(float(line) for line in (self.site.folder / "used").read_text().split())


def job_cpu_s(run) -> float:
    """CPU time that is charged to the job."""
    with sqlite3.connect(run.site.folder / "ledger" / "ledger.db") as ledger:
        return ledger.execute("SELECT sum(job_cpu_ns) FROM use").fetchone()[0] / 1e9


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(("body", "count"), [(STORM, 3000), (ORPHANS, 40)], ids=["waited-for", "orphans"])
@steady(2)
def test_a_storm_of_short_processes_is_charged_what_the_kernel_charges(tmp_path, body, count):
    jobs = Jobs(tmp_path, body)
    run, told = jobs.finish(jobs.site.start_command(*jobs.words(count)), 90)
    assert told > 0.5, "the storm is meant to use the CPU"
    assert job_cpu_s(run) == pytest.approx(told, rel=0.03, abs=0.02), (job_cpu_s(run), told)


@steady(2)
def test_64_busy_processes_are_charged_right_and_lowtide_takes_little(tmp_path):
    jobs = Jobs(tmp_path, MANY)
    running = jobs.site.start_command(*jobs.words(64))
    end = boot() + 60
    while not (tmp_path / "burned").exists() and boot() < end:
        wait_until(boot() + 0.02)
    own = sum(cpu_of(pid) for pid in [running.process.pid, *running.meters()])
    (tmp_path / "go").touch()
    run, told = jobs.finish(running, 60)
    assert told > 6.0
    assert job_cpu_s(run) == pytest.approx(told, rel=0.03), (job_cpu_s(run), told)
    assert own <= 0.03 * SLOWNESS * told, f"lowtide itself took {own} s"


DAEMON = """
if count and os.fork() == 0:
    os.setsid()
    if os.fork() != 0: os._exit(0)
    for fd in (0, 1, 2): os.close(fd)
    burn(0.6)
    tell(used())
    open("pid", "w").write(str(os.getpid()))
    signal.pause()
if count:
    os.wait()
    wait_for("pid")
"""


@steady(2)
def test_a_job_that_leaves_a_daemon_is_over_with_its_main_command(tmp_path):
    jobs = Jobs(tmp_path, DAEMON)
    (tmp_path / "pid").unlink()  # of the GPU's contexts, written by the daemon here
    running = jobs.site.start_command(*jobs.words(1))
    try:
        run, told = jobs.finish(running, 60)
        daemon = int((tmp_path / "pid").read_text())
        assert alive(daemon), "lowtide took the daemon down"
        left = events(run, "children-left")
        assert len(left) == 1 and str(daemon) in left[0].split(), left
        assert told > 0.6 and job_cpu_s(run) == pytest.approx(told, rel=0.03, abs=0.02)
        assert run.report["run"]["state"] == "failed"
    finally:
        if (tmp_path / "pid").exists():
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
