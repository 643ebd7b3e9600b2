"""What `make test-gpu` says of a real card's sensors, on cards of which all is known."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from curve import List, Square
from gpus import Gpu, GpuScript
from harness import RIG_DIR, boot

GPU_TESTS = Path(__file__).resolve().parent.parent / "gpu"
sys.path.insert(0, str(GPU_TESTS))
import sensor  # noqa: E402

# Polls until that boot time.
POLL = """
import sys, time, sensor
with sensor.Poll(0, sensor.Path(sys.argv[1])):
    time.sleep(float(sys.argv[2]) - time.clock_gettime(time.CLOCK_BOOTTIME))
"""


def polled(folder: Path, curve, seconds: float, *lines: str) -> tuple[sensor.Series, float]:
    """The series of a fake card, and the boot time of its curve's begin."""
    # A whole number of 100 ms, so that every series lies alike to what comes each 100 ms.
    # Not before a busy machine has started the one who polls.
    begin = math.ceil(10 * boot() + 20) / 10
    script = GpuScript([Gpu("GPU-1", curve, lines)], f"boot {begin!r}").write(folder / "script")
    environment = {
        **os.environ,
        "LOWTIDE_RIG": str(script),
        "LD_LIBRARY_PATH": str(RIG_DIR / "nvml"),
        "PYTHONPATH": str(GPU_TESTS),
    }
    path = folder / "series.csv"
    words = [sys.executable, "-c", POLL, str(path), repr(begin + seconds + 0.2)]
    subprocess.run(words, env=environment, check=True, timeout=seconds + 30)
    return sensor.read(path), begin


def test_each_path_gives_the_mean_power_that_was_there(tmp_path):
    series, begin = polled(tmp_path, Square(100.0, 500.0, 0.4), 4.0, "power instant")
    watts = sensor.power_w(series, begin, begin + 4.0)
    for path in ("counter", "instant_mw", "usage_mw"):
        assert watts[path] == pytest.approx(300.0, rel=0.03), watts


def test_the_update_period_is_that_of_the_script(tmp_path):
    series, begin = polled(tmp_path, Square(100.0, 500.0, 0.33), 4.0, "power instant", "refresh_ms 100", "counter step_ms 50")
    assert sensor.update_period_ms(series, "energy_mj", begin, begin + 4.0) == pytest.approx(50, rel=0.2)
    assert sensor.update_period_ms(series, "instant_mw", begin, begin + 4.0) == pytest.approx(200, abs=110)


def test_a_mean_over_a_second_rises_for_a_second_and_an_instant_at_once(tmp_path):
    curve = List(((100.0, 2.0), (500.0, 60.0)))
    series, begin = polled(tmp_path, curve, 6.0, "power average_ms 1000")
    step = begin + 2.0
    slow = sensor.rise_ms(series, "average_mw", step, step + 4.0)
    assert slow["to_10_pct"] == pytest.approx(100, abs=60)
    assert slow["to_90_pct"] == pytest.approx(900, abs=60)
    assert sensor.rise_ms(series, "instant_mw", step, step + 4.0)["to_90_pct"] < 60


def test_a_counter_that_sees_a_quarter_of_the_time_shows_in_the_phases(tmp_path):
    """Pulses of 25 ms in each 100 ms, before the sensor's eye and behind its back."""
    seen = {}
    for duty in ("duty_ms 25 100", ""):
        for phase in (0.0, 0.5):
            folder = tmp_path / f"{duty}-{phase}"
            folder.mkdir()
            lines = (duty,) if duty else ()
            series, begin = polled(folder, Square(50.0, 450.0, 0.1, 0.25, phase), 3.0, *lines)
            seen[bool(duty), phase] = sensor.power_w(series, begin + 0.5, begin + 3.0)["counter"]
    blind = [seen[True, phase] for phase in (0.0, 0.5)]
    whole = [seen[False, phase] for phase in (0.0, 0.5)]
    assert max(blind) / min(blind) > 2.0, seen
    assert max(whole) / min(whole) < 1.1, seen
