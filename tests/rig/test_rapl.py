"""RAPL through a moving powercap tree: wraps, zones inside zones, zones that repeat."""

import pytest
from curve import Flat, Ramp, Square, Training
from harness import J_PER_KWH, SLOWNESS, assert_energy, machine, names, steady
from powercap import Zone, package


def truth(run, tree, zone):
    start = float(run.site.t0_path.read_text())
    return tree.joules(zone, start, run.begin, run.end)


def lag(run, tree, watts):
    """Joules by which a late update of the rig's own files may have misled the two end readings."""
    slots = (
        tree.late_s(run.begin - 0.05, run.begin + 0.05),
        tree.late_s(run.end - 0.05, run.end + 0.05),
    )
    return watts * sum(slots)


def rapl(run, kind, in_total=True):
    return [c for c in run.channels(kind) if c["source"] == "rapl" and c["in_total"] == in_total]


@pytest.mark.parametrize(
    "curve",
    [Flat(120.0), Ramp(20.0, 200.0, 3.0), Square(30.0, 180.0, 0.5), Training()],
    ids=["flat", "ramp", "square", "training"],
)
@steady()
def test_package_and_dram_count_once_through_a_wrap(tmp_path, curve):
    zones = [
        # Both counters wrap about a second into the job; the cores are inside the package.
        package(
            curve,
            range_uj=60_000_000_000,
            start_uj=60_000_000_000 - 100_000_000,
            children=[
                Zone("core", Flat(80.0)),
                Zone(
                    "dram", Flat(8.0), range_uj=65_712_999_613, start_uj=65_712_999_613 - 9_000_000
                ),
            ],
        )
    ]
    with machine(tmp_path, zones) as (site, tree):
        run = site.run(3.0)
        cpu, dram = rapl(run, "cpu"), rapl(run, "dram")
        assert len(cpu) == 1 and len(dram) == 1, names(run.channels())
        assert_energy(cpu[0], truth(run, tree, "intel-rapl:0"), slack=lag(run, tree, 400.0))
        assert_energy(dram[0], truth(run, tree, "intel-rapl:0:1"), slack=lag(run, tree, 8.0))
        assert not [c for c in run.channels() if c["name"] == "core" and c["in_total"]]
        whole = (cpu[0]["device_kwh"] + dram[0]["device_kwh"]) * (1 + 1e-9)
        assert run.report["energy"]["it_kwh"] <= whole, "charged more than the machine used"


@steady()
def test_psys_is_recorded_and_never_added(tmp_path):
    zones = [package(Flat(65.0), children=[Zone("dram", Flat(8.0))])]
    with machine(tmp_path, zones, psys=Zone("psys", Flat(150.0))) as (site, tree):
        run = site.run(2.0)
        psys = rapl(run, "psys", in_total=False)
        assert len(psys) == 1, names(run.channels())
        assert_energy(psys[0], truth(run, tree, "intel-rapl:1"), slack=lag(run, tree, 150.0))
        assert run.report["energy"]["it_kwh"] * J_PER_KWH <= 75.0 * (run.end - run.begin)


@steady()
def test_each_socket_counts_and_the_mmio_copy_does_not(tmp_path):
    zones = [package(Flat(65.0), 0), package(Flat(35.0), 1)]
    with machine(tmp_path, zones, mmio=[package(Flat(65.0), 0)]) as (site, tree):
        run = site.run(2.0)
        cpu = rapl(run, "cpu")
        assert len(cpu) == 2, names(run.channels())
        both = sum(c["device_kwh"] for c in cpu) * J_PER_KWH
        true = truth(run, tree, "intel-rapl:0") + truth(run, tree, "intel-rapl:1")
        assert both == pytest.approx(true, rel=0.001 * SLOWNESS, abs=lag(run, tree, 100.0) * SLOWNESS)


@steady()
def test_a_tree_of_plain_folders_is_read_as_well(tmp_path):
    with machine(tmp_path, [package(Flat(65.0))], links=False) as (site, tree):
        run = site.run(1.5)
        cpu = rapl(run, "cpu")
        assert len(cpu) == 1, names(run.channels())
        assert_energy(cpu[0], truth(run, tree, "intel-rapl:0"), slack=lag(run, tree, 65.0))


def test_a_busy_job_is_charged_at_most_the_package_and_more_than_nothing(tmp_path):
    with machine(tmp_path, [package(Flat(65.0))]) as (site, _tree):
        run = site.run(1.5, "--busy")
        cpu = rapl(run, "cpu")[0]
        assert 0 < cpu["job_kwh"] <= cpu["kwh"] <= cpu["device_kwh"] * (1 + 1e-9), cpu
        low, high = cpu["low_kwh"] * J_PER_KWH, cpu["high_kwh"] * J_PER_KWH
        assert low <= cpu["kwh"] * J_PER_KWH <= high
