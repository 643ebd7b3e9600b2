"""The ledger's disk fills, turns read-only or goes away in mid-run: the job never feels it, and the run is
kept in memory, then in a side file, and comes into the ledger by itself. Two lowtides at once lose nothing.

The disk is a file system of the test's own, so these tests run as root.
"""

import json
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from curve import Flat
from gpus import Gpu
from harness import (
    BIN,
    J_PER_KWH,
    SLOWNESS,
    Finished,
    Site,
    assert_energy,
    boot,
    events,
    kill9,
    start_faulty,
    untouched,
    wait_until,
)

GPU = Gpu("GPU-1", Flat(300.0))


class Disk:
    """A small disk that can be filled and emptied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.mount()

    def mount(self) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", self.folder], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", self.folder], check=True)

    def fill(self) -> None:
        with pytest.raises(OSError, match="No space left"), (self.folder / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass

    def free(self) -> None:
        (self.folder / "filler").unlink()


class FailingDisk(Disk):
    """An ext4 that turns read-only under open files, as it does when its hardware fails."""

    def mount(self) -> None:
        self.image = self.folder.with_suffix(".image")
        if not self.image.exists():
            with self.image.open("wb") as image:
                image.truncate(8 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        subprocess.run(["mount", "-o", "loop,errors=remount-ro", self.image, self.folder], check=True)

    def turn_read_only(self) -> None:
        subprocess.run(["sync", "-f", self.folder], check=True)
        source = subprocess.run(["findmnt", "-no", "SOURCE", self.folder], check=True, capture_output=True, text=True)
        Path("/sys/fs/ext4", Path(source.stdout.strip()).name, "trigger_fs_error").write_text("1")

    def mend(self) -> None:
        subprocess.run(["umount", self.folder], check=True)
        subprocess.run(["e2fsck", "-p", self.image], check=False, capture_output=True)
        self.mount()


@pytest.fixture
def disk(tmp_path, request):
    kind = getattr(request, "param", Disk)
    small = kind(tmp_path / "ledger")  # where Site has LOWTIDE_HOME
    yield small
    small.unmount()


@pytest.fixture
def site(tmp_path, disk):
    """Its side folders, both on a disk that is well."""
    return Site(tmp_path, [GPU], env={"XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "TMPDIR": str(tmp_path / "tmp")})


@contextmanager
def fault_at(site, seconds, fault_s=1.5):
    """A run of that length; the body is what befalls the machine soon after its first flush."""
    for name in ("runtime", "tmp"):
        (site.folder / name).mkdir(exist_ok=True)
    running = start_faulty(site, seconds)
    wait_until(running.job_started() + fault_s)
    yield running


def aside(site):
    """Side files outside of the ledger's own disk."""
    return sorted(path for name in ("runtime", "tmp") for path in (site.folder / name).glob("lowtide*/*.db"))


def ended(running, seconds):
    run = untouched(running.finish(seconds + 20), warned=True)
    assert_energy(run.channel("GPU-1"), run.truth(GPU))
    assert run.channel("GPU-1")["coverage"] >= 0.999
    return run


def check_in_ledger(run: Finished):
    """All of the run is in the ledger now, and in no other place: its samples and slots have the energy."""
    report = run.site.last_report("--samples")
    assert report["run"]["id"] == run.report["run"]["id"] and report["run"]["state"] == "failed"
    assert aside(run.site) == [] and not list(run.site.folder.glob("ledger/spool/*"))
    truth = run.truth(GPU)
    assert sum(s["energy_j"] for s in report["samples"] if s["channel"] == "gpu:0") == pytest.approx(truth, rel=0.001 * SLOWNESS)
    kept = Finished(run.site, run.status, report, run.spawned, run.returned, run.offset)
    assert_energy(kept.channel("GPU-1"), truth)
    with sqlite3.connect(run.site.folder / "ledger" / "ledger.db") as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return kept


def warnings(run):
    return [line for line in (run.site.folder / "stderr").read_text().splitlines() if "warning" in line]


def test_a_disk_that_is_full_for_a_while_costs_nothing(site, disk):
    with fault_at(site, 13.0) as running:
        disk.fill()
        wait_until(running.job_started() + 11.5)  # two flushes were refused
        disk.free()
    run = ended(running, 13.0)
    assert warnings(run) == []
    assert any("full" in text and "memory" in text for text in events(run, "ledger-refused")), run.report["events"]
    check_in_ledger(run)


@pytest.mark.parametrize("folder", ["runtime", "tmp"])
def test_a_disk_that_stays_full_leaves_a_side_file_that_the_next_lowtide_takes_in(site, disk, folder):
    if folder == "tmp":
        site.environment.pop("XDG_RUNTIME_DIR")
    with fault_at(site, 4.0) as running:
        disk.fill()
    run = ended(running, 4.0)
    files = aside(site)
    assert len(files) == 1 and files[0].parent.parent.name == folder
    assert files[0].stat().st_mode & 0o777 == 0o600 and files[0].parent.stat().st_mode & 0o777 == 0o700
    told = warnings(run)
    assert len(told) == 1 and "full" in told[0] and str(files[0]) in told[0], told
    assert str(files[0]) in events(run, "kept-aside")[0]
    # While the disk is full the file stays, and what cannot be shown is said.
    refused = subprocess.run([str(BIN), "runs"], env=site.environment, capture_output=True, text=True, check=False)
    assert aside(site) == files and "not shown" in refused.stderr, refused
    disk.free()
    assert events(check_in_ledger(run), "kept-aside")


def test_no_place_at_all_is_said_and_the_report_is_right_all_the_same(site, disk):
    for name in ("XDG_RUNTIME_DIR", "TMPDIR"):
        site.environment[name] = str(disk.folder)
    with fault_at(site, 4.0) as running:
        disk.fill()
    run = ended(running, 4.0)
    told = warnings(run)
    assert len(told) == 1 and "full" in told[0] and "not (or not all) in the ledger" in told[0], told
    assert not list(disk.folder.glob("**/*-*.db"))


@pytest.mark.parametrize("disk", [FailingDisk], indirect=True, ids=["ext4"])
def test_a_disk_that_turns_read_only_leaves_a_side_file(site, disk):
    with fault_at(site, 4.0) as running:
        disk.turn_read_only()
    run = ended(running, 4.0)
    assert len(aside(site)) == 1 and len(warnings(run)) == 1, (warnings(run), run.report["events"])
    disk.mend()
    check_in_ledger(run)


def test_a_ledger_that_is_replaced_by_a_folder_leaves_a_file_in_the_spool(site, disk):
    ledger = disk.folder / "ledger.db"
    with fault_at(site, 4.0) as running:
        ledger.rename(disk.folder / "moved.db")
        ledger.mkdir()
    run = ended(running, 4.0)
    spooled = list((disk.folder / "spool").glob("*.db"))
    assert len(spooled) == 1 and str(spooled[0]) in warnings(run)[0], warnings(run)
    ledger.rmdir()
    for part in ("-wal", "-shm"):  # of the ledger that was moved away
        ledger.with_name(ledger.name + part).unlink(missing_ok=True)
    check_in_ledger(run)


def test_a_long_refusal_moves_the_run_aside_and_a_later_meter_goes_on_there(site, disk):
    with fault_at(site, 36.0) as running:
        disk.fill()
        end = boot() + 32
        while not aside(site) and boot() < end:
            wait_until(boot() + 0.1)
        assert aside(site), "kept in memory alone for too long"
        wait_until(boot() + 2.0)
        kill9(running.meter_pid())
    run = ended(running, 36.0)
    assert events(run, "meter-restarted") and events(run, "kept-aside")
    assert run.channel("GPU-1")["quality"] == "bridged"
    disk.free()
    check_in_ledger(run)


def test_ten_lowtides_at_once_on_a_fresh_home_leave_ten_whole_runs(tmp_path):
    site = Site(tmp_path)
    command = [str(BIN), "run", "--quiet", "--intensity", "475g/kWh", "--", "true"]
    racers = [
        subprocess.Popen(command, env=site.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
        for _ in range(10)
    ]  # fmt: skip
    said = [racer.communicate(timeout=60)[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * 10
    assert said == [b""] * 10
    listed = json.loads(site.lowtide("runs", "--json"))
    runs = listed["runs"] if isinstance(listed, dict) else listed
    assert len({run["id"] for run in runs}) == 10 and {run["state"] for run in runs} == {"finished"}
    with sqlite3.connect(tmp_path / "ledger" / "ledger.db") as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_two_that_recover_the_same_dead_run_close_it_once(tmp_path):
    site = Site(tmp_path, [GPU])
    running = start_faulty(site, 60.0)
    wait_until(running.job_started() + 6.5)  # what is on record is at most 5 s old
    job = int(site.pid_path.read_text())
    kill9(running.process.pid, running.meter_pid(), job)
    running.process.wait(10)
    readers = [
        subprocess.Popen([str(BIN), "runs", "--json"], env=site.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [reader.communicate(timeout=60) for reader in readers]
    assert [(reader.returncode, err) for reader, (_, err) in zip(readers, said, strict=True)] == [(0, b"")] * 4
    report = site.last_report()
    assert report["run"]["state"] == "interrupted"
    assert [e["kind"] for e in report["events"]].count("interrupted") == 1
    channel = next(c for c in report["energy"]["by_channel"] if c["uuid"] == "GPU-1")
    covered_s = report["run"]["duration_s"] * channel["coverage"]
    assert channel["coverage"] > 0.95, channel
    # Twice the run would be twice the energy. On a busy machine a reading may be held up between clock and counter:
    # 20 ms of 300 W are 6 J, and only 5 s are on record.
    assert channel["device_kwh"] * J_PER_KWH == pytest.approx(300.0 * covered_s, rel=0.001 * SLOWNESS, abs=6.0 * SLOWNESS)
    assert report["run"]["duration_s"] > 1.0
