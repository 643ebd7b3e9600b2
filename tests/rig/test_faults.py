"""A driver that is slow, hangs, fails or loses a GPU: the job never feels it, and no joule that
was measured is thrown away."""

import pytest
from curve import Flat, Square
from gpus import Gpu
from harness import (
    J_PER_KWH,
    Site,
    assert_bounded,
    assert_energy,
    events,
    kill9,
    names,
    run_faulty,
    start_faulty,
    steady,
    untouched,
    wait_until,
)

# What a loaded machine of two cores may add to start and exit; what is caught here takes far longer
# (serial slow calls: over 1.6 s; a hung call: for ever).
SLACK_S = 0.5
START_S = 0.1 + SLACK_S  # --wait-sensors
EXIT_S = 0.25 + SLACK_S  # a hung reader


def check_not_delayed(run):
    start = run.job["first"] - run.spawned
    leave = run.returned - run.job["last"]
    assert start <= START_S, f"the job started {start:.2f} s after lowtide"
    assert leave <= EXIT_S, f"lowtide ended {leave:.2f} s after the job"


def curves():
    return [Flat(300.0), Square(50.0, 400.0, 1.0)]


@steady(2)
def test_calls_of_200_ms_delay_neither_start_nor_exit(tmp_path):
    gpus = [Gpu(f"GPU-{i}", curve) for i, curve in enumerate(curves())]
    site = Site(tmp_path, gpus, ["delay_ms 200"])
    run = run_faulty(site, 3.0)
    check_not_delayed(run)
    # The sensors may be ready only seconds into the job: then a gap at the head, never a zero.
    for channel in run.channels("gpu"):
        gpu = next(g for g in gpus if g.uuid == channel["uuid"])
        energy = channel["device_kwh"]
        assert energy is None or energy * J_PER_KWH <= run.truth(gpu) * 1.05, channel
        assert channel["coverage"] < 1, "a driver that slow can't have covered the ends"


@pytest.mark.parametrize(
    "rule", ["hang nvmlInit_v2 1-", "hang nvmlDeviceGetCount_v2 1-", "hang any 6-"]
)
def test_a_driver_that_hangs_at_start_is_left_behind(tmp_path, rule):
    run = run_faulty(Site(tmp_path, [Gpu("GPU-1", Flat(300.0))], [rule]), 1.0)
    check_not_delayed(run)


@steady(2)
def test_a_driver_that_hangs_in_the_run_costs_only_what_came_after(tmp_path):
    site = Site(tmp_path, [Gpu("GPU-1", Flat(300.0))], ["hang_at 2.5"])
    run = run_faulty(site, 4.0)
    check_not_delayed(run)
    channel = run.channel("GPU-1")
    start = run.job["first"]
    joules = channel["device_kwh"] * J_PER_KWH
    # One reading each second at least: what was measured before the hang is kept.
    assert joules >= run.truth(site.gpus[0], run.begin, start + 1.4), channel
    assert joules <= run.truth(site.gpus[0]) * 1.001, channel
    assert channel["coverage"] < 0.9, channel
    # The CPU model does not come from the driver: its channel has no gap.
    others = [c for c in run.channels() if c["kind"] != "gpu" and c["in_total"]]
    assert all(c["coverage"] >= 0.99 for c in others), names(others)


def test_no_driver_is_no_gpu_and_no_trouble(tmp_path):
    run = run_faulty(Site(tmp_path, [Gpu("GPU-1", Flat(300.0))], ["init_error 9"]), 0.5)
    assert not run.channels("gpu"), names(run.channels())
    check_not_delayed(run)


def test_no_library_is_no_gpu_and_no_trouble(tmp_path):
    run = run_faulty(Site(tmp_path), 0.5)
    assert not run.channels("gpu"), names(run.channels())
    assert run.channels("cpu"), "the CPU is modelled where nothing measures it"


@steady(2)
def test_lost_gpu_keeps_what_it_gave_and_spares_the_others(tmp_path):
    gpus = [Gpu("GPU-lost", Flat(300.0), ("lost_at 2.6",)), Gpu("GPU-well", Flat(200.0))]
    site = Site(tmp_path, gpus)
    run = run_faulty(site, 4.0)
    check_not_delayed(run)
    start = run.job["first"]
    lost = run.channel("GPU-lost")
    joules = lost["device_kwh"] * J_PER_KWH
    assert joules >= run.truth(gpus[0], run.begin, start + 1.5), f"energy thrown away: {lost}"
    assert joules <= run.truth(gpus[0], run.begin, start + 2.6) * 1.001, f"energy invented: {lost}"
    assert lost["coverage"] < 0.9, lost
    well = run.channel("GPU-well")
    assert_energy(well, run.truth(gpus[1]))
    assert well["coverage"] >= 0.999, well


@steady(2)
def test_a_counter_that_starts_anew_is_a_gap_not_a_wrap(tmp_path):
    gpu = Gpu("GPU-reset", Flat(300.0), ("reset_at 2.1",))
    run = run_faulty(Site(tmp_path, [gpu]), 4.0)
    channel = run.channel("GPU-reset")
    joules = channel["device_kwh"] * J_PER_KWH
    # At most the second or two around the reset may be missing.
    assert run.truth(gpu) * 0.4 <= joules <= run.truth(gpu) * 1.001, channel
    if channel["coverage"] >= 0.999:
        assert_bounded(channel, run.truth(gpu), 0.5)


@steady(2)
def test_failed_calls_in_between_lose_nothing_of_a_counter(tmp_path):
    """The next difference carries the energy over the missed ticks."""
    gpu = Gpu("GPU-1", Flat(300.0), ("fail_between 0.6 1.8 999",))
    run = run_faulty(Site(tmp_path, [gpu]), 4.0)
    assert_energy(run.channel("GPU-1"), run.truth(gpu))


def test_a_counter_that_never_moves_is_unknown_energy_with_the_reason(tmp_path):
    """A flat zero of a powered device is no measurement."""
    site = Site(tmp_path, [Gpu("GPU-stuck", Flat(0.0), idle_w=0.0), Gpu("GPU-well", Flat(200.0))])
    run = run_faulty(site, 1.0)
    assert run.channel("GPU-stuck")["device_kwh"] is None
    told = events(run, "sensor-trouble")
    assert len(told) == 1 and told[0].startswith("gpu:0: its energy counter did not move"), told


def test_a_chosen_gpu_that_is_not_here_is_an_event_and_the_others_are_metered(tmp_path):
    site = Site(tmp_path, [Gpu("GPU-aa", Flat(300.0)), Gpu("GPU-bb", Flat(200.0))])
    run = run_faulty(site, 1.5, "--gpus", "1,7")
    assert [c["uuid"] for c in run.channels("gpu") if c["in_total"]] == ["GPU-bb"]
    assert run.channels("gpu")[0]["device_kwh"] > 0
    assert ["'7' names no single GPU here" in e["detail"] for e in site.last_report()["events"]].count(True) == 1


def joules(channel):
    return channel["device_kwh"] * J_PER_KWH


def test_a_counter_that_freezes_and_forgets_is_a_gap_and_the_rest_is_kept(tmp_path):
    gpu = Gpu("GPU-1", Flat(300.0), ("freeze_between 1.5 8.5 forgets",))
    run = run_faulty(Site(tmp_path, [gpu]), 11.0)
    channel = run.channel("GPU-1")
    assert_energy(channel, run.truth(gpu) - 7 * 300.0, 0.01)
    # The second in which it froze and the one in which it moved again are covered.
    assert (11 - 7) / 11 <= channel["coverage"] <= (11 - 4.5) / 11, channel
    assert any("has not moved for" in text for text in events(run, "sensor-trouble")), run.report["events"]


@steady(2)
def test_a_counter_that_freezes_and_catches_up_has_lost_nothing(tmp_path):
    gpu = Gpu("GPU-1", Flat(300.0), ("freeze_between 1.5 8.5 catches-up",))
    run = run_faulty(Site(tmp_path, [gpu]), 11.0)
    channel = run.channel("GPU-1")
    assert_energy(channel, run.truth(gpu))
    assert channel["coverage"] >= 0.999 and channel["quality"] == "spread", channel


@steady(2)
def test_a_jump_that_no_device_can_draw_is_a_gap_and_never_counted(tmp_path):
    gpus = [Gpu("GPU-mad", Flat(300.0), ("jump_at 2.5 1e7",)), Gpu("GPU-well", Flat(200.0))]
    run = run_faulty(Site(tmp_path, gpus), 4.0)
    mad = run.channel("GPU-mad")
    # One reading each second: at most the second of the jump is missing.
    assert run.truth(gpus[0]) - 1.3 * 300.0 <= joules(mad) <= run.truth(gpus[0]) * 0.95, mad
    assert mad["coverage"] == pytest.approx(joules(mad) / run.truth(gpus[0]), abs=0.01)
    assert any("jumped by 1000" in text for text in events(run, "sensor-trouble")), run.report["events"]
    assert_energy(run.channel("GPU-well"), run.truth(gpus[1]))


@steady(2)
def test_calls_that_flake_cost_a_counter_nothing_and_power_hardly_a_poll(tmp_path):
    """Each third call fails; a day of it must not fill the ledger with events."""
    counter, fields = "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues"
    rules = [f"fail {call} {n} 999" for call in (counter, fields) for n in range(6, 3000, 3)]
    gpus = [Gpu("GPU-counter", Flat(300.0)), Gpu("GPU-polled", Square(50.0, 400.0, 1.0), ("counter none", "refresh_ms 20"))]
    run = run_faulty(Site(tmp_path, gpus, rules), 6.0)
    assert_energy(run.channel("GPU-counter"), run.truth(gpus[0]))
    polled = run.channel("GPU-polled")
    assert polled["source"] == "nvml-power" and polled["coverage"] >= 0.95, polled
    assert_bounded(polled, run.truth(gpus[1]), 0.4)
    told = events(run, "sensor-trouble")
    assert len(told) <= 20, told


@pytest.mark.parametrize("reset", [False, True], ids=["the-counter-went-on", "the-counter-starts-anew"])
@steady(2)
def test_a_gpu_that_is_lost_and_comes_back_is_found_by_its_uuid(tmp_path, reset):
    lost = "lost_between 1.4 2.6"
    gpus = [
        Gpu("GPU-counter", Flat(300.0), (lost, "reset_at 2.0") if reset else (lost,)),
        Gpu("GPU-polled", Flat(200.0), (lost, "counter none", "refresh_ms 20")),
        Gpu("GPU-well", Flat(100.0)),
    ]
    run = run_faulty(Site(tmp_path, gpus), 6.0)
    counter, polled = run.channel("GPU-counter"), run.channel("GPU-polled")
    if reset:
        # Before the loss and after the first reading of the new counter: a gap of 1.2 to 3.7 s.
        assert (6 - 3.7) * 300 <= joules(counter) <= (6 - 1.2) * 300, counter
        assert counter["coverage"] == pytest.approx(joules(counter) / run.truth(gpus[0]), abs=0.01)
    else:
        assert_energy(counter, run.truth(gpus[0]))
        assert counter["coverage"] >= 0.999, counter
    # Power that nobody polled is a gap; what was polled is kept.
    assert (6 - 1.2 - 1.0) * 200 <= joules(polled) <= (6 - 1.2) * 200 * 1.02, polled
    assert polled["coverage"] == pytest.approx(joules(polled) / run.truth(gpus[1]), abs=0.02)
    assert {text.split(":")[1] for text in events(run, "sensor-trouble")} >= {"0", "1"}
    assert_energy(run.channel("GPU-well"), run.truth(gpus[2]))


@steady(2)
def test_devices_in_another_order_after_a_restart_are_told_apart_by_uuid(tmp_path):
    gpus = [Gpu("GPU-a", Flat(300.0)), Gpu("GPU-b", Square(50.0, 400.0, 1.4, 0.5, 0.25))]
    site = Site(tmp_path, gpus)
    running = start_faulty(site, 5.0)
    start = running.job_started()
    wait_until(start + 1.6)
    # The driver is asked anew by the next meter, and numbers the devices the other way round.
    site.write_script(list(reversed(gpus)))
    kill9(running.meter_pid())
    run = untouched(running.finish(25))
    assert len(run.channels("gpu")) == 2, names(run.channels())
    for gpu in gpus:
        assert_energy(run.channel(gpu.uuid), run.truth(gpu))
        assert run.channel(gpu.uuid)["coverage"] >= 0.999
    assert events(run, "meter-restarted")
