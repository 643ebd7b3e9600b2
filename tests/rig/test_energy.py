"""Every curve seen through every sensor: what lowtide records against the exact integral."""

import math

import pytest
from curve import Flat, Ramp, Spike, Square, Training
from gpus import Gpu
from harness import INTENSITY, J_PER_KWH, SLOWNESS, Site, assert_bounded, assert_energy, names, steady

CURVES = {
    "flat": Flat(300.0),
    "ramp_up": Ramp(50.0, 450.0, 4.0),
    "ramp_down": Ramp(450.0, 50.0, 4.0),
    "square": Square(50.0, 400.0, 2.0, 0.5, 0.25),
    "spike": Spike(100.0, 500.0, 1.3, 0.5),
    "training": Training(),
}

# What the device reports, the architecture that does so, and the widest half-width of the bound
# that still says something (a share of the energy).
MODES = {
    "live": ((), 9, 0.25),
    "step20": (("counter step_ms 20",), 9, 0.25),
    "step100": (("counter step_ms 100",), 9, 0.25),
    "gain": (("gain_pct 3.5", "offset_w 1"), 9, 0.25),
    "loss": (("gain_pct -3.5", "offset_w -1"), 9, 0.25),
    "average": (("counter none", "power average_ms 1000", "refresh_ms 100", "instant no"), 9, 0.8),
    "instant": (("counter none", "power average_ms 1000", "refresh_ms 20"), 9, 0.4),
    "pascal": (("counter none", "power instant", "instant no", "refresh_ms 20"), 4, 0.4),
}


def site_of(folder, curve_name):
    gpus = [
        Gpu(f"GPU-{name}", CURVES[curve_name], lines, arch=arch)
        for name, (lines, arch, _) in MODES.items()
    ]
    return Site(folder, gpus)


@pytest.mark.parametrize("curve_name", CURVES)
@steady()
def test_every_sensor_tells_the_energy_of(tmp_path, curve_name):
    site = site_of(tmp_path, curve_name)
    run = site.run(4.0)
    assert run.status == 0
    for gpu, (mode, (_, _, widest)) in zip(site.gpus, MODES.items(), strict=True):
        channel = run.channel(gpu.uuid)
        truth = run.truth(gpu)
        assert channel["in_total"], f"{mode} is charged to nobody: {channel}"
        if mode == "live":
            assert_energy(channel, truth)
            assert channel["source"] == "nvml-counter" and channel["coverage"] >= 0.999, channel
        expected = "nvml-counter" if "counter none" not in gpu.lines else "nvml-power"
        assert channel["source"] == expected, channel
        assert_bounded(channel, truth, widest)
    check_sums(run)


@pytest.mark.parametrize("curve_name", ["flat", "ramp_up", "training"])
def test_a_sensor_that_looks_a_quarter_of_the_time_stays_in_its_bound(tmp_path, curve_name):
    """25 of each 100 ms, counter and power alike; a step of training takes 120 ms."""
    gpus = [
        Gpu("GPU-counter", CURVES[curve_name], ("duty_ms 25 100",)),
        Gpu("GPU-power", CURVES[curve_name], ("duty_ms 25 100", "counter none")),
    ]
    run = Site(tmp_path, gpus).run(3.0)
    assert_bounded(run.channel("GPU-counter"), run.truth(gpus[0]), 0.25)
    assert_bounded(run.channel("GPU-power"), run.truth(gpus[1]), 0.5)


@steady()
def test_polls_do_not_lock_to_a_load_whose_steps_are_a_multiple_of_theirs(tmp_path):
    """12 ms of each 120 ms, polled each 20 ms: evenly spaced polls see each pulse once, which is 41 %
    too much, or none, 62 % too little. Others miss by chance, less the longer it goes on: here by 4 %
    each, by more where a busy machine polls less often.
    """
    gpus = [
        Gpu(f"GPU-{phase}", Square(50.0, 850.0, 0.12, 0.1, phase / 8), ("counter none", "power instant"), arch=4)
        for phase in range(8)
    ]
    run = Site(tmp_path, gpus).run(20.0)
    off = [run.channel(gpu.uuid)["device_kwh"] * J_PER_KWH / run.truth(gpu) - 1 for gpu in gpus]
    assert math.hypot(*off) / math.sqrt(len(off)) < 0.25, " ".join(f"{one:+.1%}" for one in off)


def check_sums(run):
    """The parts make the whole, and carbon is energy times the one intensity."""
    energy = run.report["energy"]
    parts = sum(c["kwh"] for c in run.channels() if c["in_total"])
    assert parts == pytest.approx(energy["it_kwh"], rel=1e-9)
    slots = sum(slot["energy_kwh"] for slot in run.report["slots"])
    assert slots == pytest.approx(energy["it_kwh"], rel=1e-6)
    grams = energy["total_kwh"] * INTENSITY
    assert run.report["carbon"]["operational_g"] == pytest.approx(grams, rel=1e-6)


@steady()
def test_samples_keep_every_joule(tmp_path):
    """Buckets conserve energy, and follow the square wave."""
    site = Site(tmp_path, [Gpu("GPU-1", CURVES["square"])])
    run = site.run(3.0)
    channel = run.channel("GPU-1")
    report = site.last_report("--samples")
    samples = [s for s in report["samples"] if s["channel"] == channel["channel"]]
    joules = sum(s["energy_j"] for s in samples)
    assert joules == pytest.approx(channel["device_kwh"] * J_PER_KWH, rel=1e-6)
    assert len(samples) >= 2, "a series, not a total"
    assert_energy(channel, run.truth(site.gpus[0]))


@steady(5)
def test_begin_and_end_are_the_jobs_own(tmp_path):
    run = Site(tmp_path, [Gpu("GPU-1", Flat(300.0))]).run(0.4)
    begin, end = run.exact_span()
    head = run.job["first"] - begin
    tail = end - run.job["last"]
    assert 0 <= head <= 0.005 * SLOWNESS, f"begin lies {1000 * head:.2f} ms before the job's first moment"
    assert 0 <= tail <= 0.005 * SLOWNESS, f"end lies {1000 * tail:.2f} ms after the job's last moment"
    assert run.report["run"]["duration_s"] == pytest.approx(run.end - run.begin, abs=0.002)


@steady(2)
def test_short_jobs_are_metered_whole(tmp_path):
    """Shorter than a sample: the readings at begin and end carry it."""
    site = Site(tmp_path, [Gpu("GPU-1", Flat(300.0))])
    run = site.run(0.3)
    # At 0.3 s a millisecond between clock and counter is 0.3 %.
    assert_energy(run.channel("GPU-1"), run.truth(site.gpus[0]), share=0.02)


def three_gpus(folder, **options):
    curves = [Flat(100.0), Flat(200.0), Flat(400.0)]
    gpus = [Gpu(f"GPU-{i}", curve) for i, curve in enumerate(curves)]
    return Site(folder, gpus, **options)


def charged(run):
    return {c["uuid"] for c in run.channels("gpu") if c["in_total"]}


@steady(2)
def test_visible_devices_are_charged_by_uuid(tmp_path):
    site = three_gpus(tmp_path, env={"CUDA_VISIBLE_DEVICES": "GPU-2,GPU-0"})
    run = site.run(1.5)
    assert charged(run) == {"GPU-2", "GPU-0"}, names(run.channels())
    for index in (0, 2):
        assert_energy(run.channel(f"GPU-{index}"), run.truth(site.gpus[index]), share=0.005)


@steady(2)
def test_visible_devices_may_be_numbers(tmp_path):
    run = three_gpus(tmp_path, env={"CUDA_VISIBLE_DEVICES": "1"}).run(0.8)
    assert charged(run) == {"GPU-1"}, names(run.channels())


@steady(2)
def test_a_context_decides_which_gpu_is_charged(tmp_path):
    """No variable set: all are recorded, and the one on which the job held a context is charged."""
    gpus = [
        Gpu("GPU-idle", Flat(100.0), ("contexts none",)),
        Gpu("GPU-used", Flat(300.0)),
        Gpu("GPU-others", Flat(200.0), ("contexts pids 1",)),
    ]
    run = Site(tmp_path, gpus).run(1.5)
    assert charged(run) == {"GPU-used"}, names(run.channels())
    assert_energy(run.channel("GPU-idle"), run.truth(gpus[0]), share=0.005)
    assert_energy(run.channel("GPU-used"), run.truth(gpus[1]), share=0.005)


def test_without_contexts_all_are_charged_and_said_so(tmp_path):
    gpus = [Gpu(f"GPU-{i}", Flat(100.0), ("contexts unsupported",)) for i in range(2)]
    run = Site(tmp_path, gpus).run(0.8)
    assert charged(run) == {"GPU-0", "GPU-1"}, names(run.channels())
