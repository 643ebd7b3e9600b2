"""Several users of one GPU: whose energy it is, and that nothing is lost or counted twice."""

import json
from pathlib import Path

import pytest
from curve import Flat, List
from gpus import Gpu
from harness import J_PER_KWH, SLOWNESS, Finished, Site, steady

IDLE_W = 80.0
BUSY_W = 480.0
SECONDS = 8.0
UNSEEN = 1.2  # so long a newcomer may go unseen: contexts are asked for with the counter, each second


def two_sites(folder: Path, *lines: str) -> tuple[Site, Site, Gpu]:
    """Two sites with one ledger and one GPU, which rests for a second and is busy from then on.

    `lines` are of the device, with {a} and {b} for the files with the pids of the two jobs.
    """
    pids = {name: folder / name / "pid" for name in ("a", "b")}
    for path in pids.values():
        path.parent.mkdir()
    told = tuple(line.format(**pids) for line in lines)
    gpu = Gpu("GPU-1", List(((IDLE_W, 1.0), (BUSY_W, 600.0))), told, idle_w=IDLE_W)
    first = Site(folder / "a", [gpu])
    shared = ("LOWTIDE_HOME", "LOWTIDE_RIG")
    second = Site(folder / "b", [gpu], env={key: first.environment[key] for key in shared})
    return first, second, gpu


def run_both(first: Site, second: Site, seconds: float = SECONDS, options: tuple[str, ...] = ()) -> tuple[Finished, Finished]:
    running = first.start(seconds, options=options)
    running.job_started()
    beside = second.start(seconds, options=options)
    return running.finish(seconds + 20), beside.finish(seconds + 20)


def joules(channel: dict, key: str) -> float:
    return channel[key] * J_PER_KWH


def attribution(run: Finished) -> dict:
    found = [e for e in run.report["errors"] if e["origin"] == "gpu:0" and e["kind"] == "attribution"]
    assert len(found) == 1, run.report["errors"]
    return found[0]


CONTEXTS = ("contexts file {a}", "contexts file {b}")
THREE_TO_ONE = ("process_use 45 {a}", "process_use 15 {b}")


@pytest.mark.parametrize("options", [(), ("--gpus", "0")])
@steady(2)
def test_two_jobs_loaded_three_to_one_are_charged_so(tmp_path, options):
    first, second, gpu = two_sites(tmp_path, *CONTEXTS, *THREE_TO_ONE)
    # Long enough that the second at each end, in which a newcomer is unseen, is no point of it.
    a, b = run_both(first, second, 5 * SECONDS, options)
    # At both ends one of the two is alone; what is split is the time in common.
    begin, end = max(a.begin, b.begin), min(a.end, b.end)
    assert end - begin > SECONDS
    start = float(first.t0_path.read_text())
    idle = IDLE_W * (end - begin)
    dynamic = gpu.joules(start, begin, end) - idle
    for run, part in ((a, 0.75), (b, 0.25)):
        channel = run.channel(gpu.uuid)
        alone = gpu.joules(start, run.begin, begin) + gpu.joules(start, end, run.end)
        off = (joules(channel, "kwh") - alone - idle / 2) / dynamic - part
        assert abs(off) <= (0.03 if SLOWNESS == 1 else 0.1), f"{100 * off:+.1f} points of the dynamic energy off: {channel}"
        assert any("utilisation" in text for text in run.report["carbon"]["assumed"])
        low, high = joules(channel, "low_kwh"), joules(channel, "high_kwh")
        assert low <= alone + part * dynamic and joules(channel, "device_kwh") <= high, channel
        assert attribution(run)["low_pct"] > 20, attribution(run)
    runs = [run.report["run"]["id"] for run in (a, b)]
    total = json.loads(first.lowtide("report", *runs, "--format", "json"))["sum"]
    truth = gpu.joules(start, min(a.begin, b.begin), max(a.end, b.end))
    others = [sum(joules(c, "kwh") for c in run.channels() if c["kind"] != "gpu") for run in (a, b)]
    gpus = joules(total["energy"], "it_kwh")
    # The idle energy of the CPUs is counted once too.
    assert truth * 0.99 + max(others) <= gpus <= truth * 1.01 + sum(others), (truth, others, gpus)


def test_without_utilisation_each_is_charged_whole_and_says_so(tmp_path):
    first, second, gpu = two_sites(tmp_path, *CONTEXTS, "process_use unsupported")
    for run in run_both(first, second):
        channel = run.channel(gpu.uuid)
        assert channel["kwh"] == pytest.approx(channel["device_kwh"], rel=1e-6)
        assert any("charged whole" in text for text in run.report["carbon"]["assumed"])
        # Half of the processes are its own; the time alone may have been that of the lowest power.
        assert 35 <= attribution(run)["low_pct"] <= 60, attribution(run)


def test_a_mig_instance_is_charged_its_slices(tmp_path):
    parts = ("contexts none", "mig_part MIG-a 3 {a}", "mig_part MIG-b 4 {b}")
    first, second, gpu = two_sites(tmp_path, *parts)
    for site, part in ((first, "MIG-a"), (second, "MIG-b")):
        site.environment["CUDA_VISIBLE_DEVICES"] = part
    a, b = run_both(first, second)
    begin, end = max(a.begin, b.begin), min(a.end, b.end)
    start = float(first.t0_path.read_text())
    common = gpu.joules(start, begin, end)
    for run, slices in ((a, 3), (b, 4)):
        channel = run.channel(gpu.uuid)
        alone = gpu.joules(start, run.begin, begin) + gpu.joules(start, end, run.end)
        part = (joules(channel, "kwh") - alone) / common
        assert part == pytest.approx(slices / 7, abs=UNSEEN / (end - begin)), channel
        assert any("MIG slices" in text for text in run.report["carbon"]["assumed"])


@steady(2)
def test_a_sole_user_is_never_asked_how_busy_it_is(tmp_path):
    site = Site(tmp_path, [Gpu("GPU-1", Flat(300.0))], script_lines=[f"log {tmp_path / 'nvml.log'}"])
    run = site.run(2.0)
    channel = run.channel("GPU-1")
    assert channel["kwh"] == pytest.approx(channel["device_kwh"], rel=1e-9)
    assert not [e for e in run.report["errors"] if e["kind"] == "attribution" and e["origin"] == "gpu:0"]
    assert "nvmlDeviceGetProcessUtilization" not in (tmp_path / "nvml.log").read_text()


def test_the_explanation_of_a_shared_gpu_ends_in_its_charge(tmp_path):
    first, second, gpu = two_sites(tmp_path, *CONTEXTS, *THREE_TO_ONE)
    _, b = run_both(first, second)
    text = first.lowtide("show", b.report["run"]["id"], "--explain")
    assert "energy while shared of gpu:0" in text and "part of dynamic" in text, text
    assert f"= {b.channel(gpu.uuid)['kwh']:.6g} kWh" in text, text
