"""The fake powercap tree against its own closed form."""

import os
import time
from pathlib import Path

import pytest
from curve import Flat, Square
from powercap import Machine, Powercap, Zone, package

UPDATER = str(Path(os.environ["RIG_DIR"]) / "rig_powercap")


def boot():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def tree_of(root, packages, t0="boot 0", **options):
    return Powercap(root, packages, updater=UPDATER, t0=t0, **options)


def read_uj(path):
    return int(path.read_text())


def check_counter(tree, zone, start, path, seconds=0.6):
    """Each reading lies between the truth of a moment ago and the truth now."""
    spec = tree.zones[zone]
    seen = []
    end = boot() + seconds
    while boot() < end:
        before = boot()
        seen.append((before, read_uj(path), boot()))
        time.sleep(0.007)
    time.sleep(0.02)
    # A late update is noted when it comes, so the readings are judged afterwards.
    for before, value, after in seen:
        late = tree.late_s(before, after)
        low = spec.joules_until(start, tree.epoch, before - late) * 1e6 + spec.start_uj
        high = spec.joules_until(start, tree.epoch, after) * 1e6 + spec.start_uj
        wraps = int(high // spec.range_uj)
        assert any(low - 2 <= value + n * spec.range_uj <= high + 2 for n in (wraps - 1, wraps)), (
            f"{value} is not in [{low:.0f}, {high:.0f}] uJ"
        )


@pytest.mark.parametrize("curve", [Flat(65.0), Square(20.0, 120.0, 0.2)], ids=["flat", "square"])
@pytest.mark.parametrize("lines", [(), ("replace yes",)], ids=["pwrite", "rename"])
def test_counter_follows_the_closed_form(tmp_path, curve, lines):
    start = boot() - 0.1
    with tree_of(tmp_path, [package(curve)], t0=f"boot {start!r}", plan_lines=lines) as tree:
        check_counter(
            tree, "intel-rapl:0", start, tmp_path / "sys/class/powercap/intel-rapl:0/energy_uj"
        )


def test_counter_wraps_at_its_range(tmp_path):
    start = boot()
    zone = package(Flat(100.0), range_uj=60_000_000, start_uj=40_000_000)
    with tree_of(tmp_path, [zone], t0=f"boot {start!r}") as tree:
        path = tree.files["intel-rapl:0"]
        check_counter(tree, "intel-rapl:0", start, path)
        assert read_uj(path) < zone.start_uj + 60_000_000


def test_a_reader_that_keeps_the_file_open_never_sees_half_a_number(tmp_path):
    with tree_of(tmp_path, [package(Flat(1000.0), range_uj=200_000_000, start_uj=0)]) as tree:
        fd = os.open(tree.files["intel-rapl:0"], os.O_RDONLY)
        last, drops = -1, 0
        end = boot() + 0.7
        while boot() < end:
            text = os.pread(fd, 64, 0).decode()
            value = int(text.split()[0])
            assert 0 <= value < 200_000_000 and text[-1] == "\n"
            drops += value < last
            last = value
        os.close(fd)
        assert drops <= 4, "only a wrap lowers the counter"


def test_tree_looks_like_the_kernels(tmp_path):
    zones = [
        package(Flat(65.0), 0, children=[Zone("core", Flat(40.0)), Zone("dram", Flat(8.0))]),
        package(Flat(65.0), 1, children=[Zone("uncore", Flat(5.0))]),
    ]
    machine = Machine(model="Rig CPU 9000", cpus=8, memory_kib=1 << 20)
    with tree_of(
        tmp_path,
        zones,
        psys=Zone("psys", Flat(150.0)),
        mmio=[package(Flat(65.0))],
        machine=machine,
    ):
        classes = tmp_path / "sys/class/powercap"
        names = {entry.name: entry for entry in classes.iterdir()}
        assert set(names) == {
            "intel-rapl", "intel-rapl:0", "intel-rapl:0:0", "intel-rapl:0:1", "intel-rapl:1",
            "intel-rapl:1:0", "intel-rapl:2", "intel-rapl-mmio", "intel-rapl-mmio:0",
        }  # fmt: skip
        assert all(entry.is_symlink() for entry in names.values())
        assert (names["intel-rapl:0"] / "intel-rapl:0:1/name").read_text() == "dram\n"
        assert (names["intel-rapl:2"] / "name").read_text() == "psys\n"
        assert (names["intel-rapl:0"] / "constraint_0_max_power_uw").read_text() == "270000000\n"
        assert (names["intel-rapl:0"] / "energy_uj").stat().st_mode & 0o777 == 0o400
        assert (tmp_path / "proc/cpuinfo").read_text().count("Rig CPU 9000") == 8
        assert (tmp_path / "proc/meminfo").read_text().startswith("MemTotal:")


def test_tree_of_plain_folders(tmp_path):
    zones = [package(Flat(65.0), children=[Zone("dram", Flat(8.0))])]
    with tree_of(tmp_path, zones, links=False):
        folder = tmp_path / "sys/class/powercap/intel-rapl:0:0"
        assert folder.is_dir() and not folder.is_symlink()
        assert (folder / "name").read_text() == "dram\n"


def test_counter_can_freeze(tmp_path):
    start = boot()
    with tree_of(tmp_path, [package(Flat(65.0), freeze_at=0.1)], t0=f"boot {start!r}") as tree:
        time.sleep(0.2)
        value = read_uj(tree.files["intel-rapl:0"])
        time.sleep(0.1)
        assert read_uj(tree.files["intel-rapl:0"]) == value > tree.zones["intel-rapl:0"].start_uj
