"""On a real NVIDIA GPU (`make test-gpu`): its sensors under a load of known times, and lowtide on it.

Writes figures.json and the raw series (CSV) to the folder LOWTIDE_GPU_OUT. What a sensor does is
recorded, not asserted: each card differs. Asserted is what lowtide makes of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import sensor

BIN, LOAD = os.environ["LOWTIDE_BIN"], os.environ["LOWTIDE_GPU_LOAD"]
OUT = Path(os.environ["LOWTIDE_GPU_OUT"])
PHASES_MS = (0, 25, 50, 75)


def boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def load(seconds: float, *rhythm: float) -> list[str]:
    return [LOAD, str(seconds), str(OUT / "load"), *map(str, rhythm)]


def stamps() -> tuple[float, float]:
    words = (OUT / "load").read_text().split()
    return float(words[1]), float(words[3])


def keep(name: str, figures: object) -> None:
    path = OUT / "figures.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: figures}, indent=1) + "\n")


def polled(name: str, seconds: float, *rhythm: float) -> tuple[sensor.Series, float, float]:
    """The sensors' series around one load, and the load's begin and end."""
    path = OUT / f"{name}.csv"
    with sensor.Poll(0, path):
        time.sleep(3.0)
        subprocess.run(load(seconds, *rhythm), check=True, timeout=seconds + 60)
        time.sleep(3.0)
    return sensor.read(path), *stamps()


@pytest.fixture(scope="module", autouse=True)
def device():
    OUT.mkdir(parents=True, exist_ok=True)
    card = sensor.Sensor(0)
    about = {"name": card.text("nvmlDeviceGetName"), "uuid": card.text("nvmlDeviceGetUUID")}
    if shutil.which("nvidia-smi"):
        query = ["nvidia-smi", "-i", "0", "--query-gpu=driver_version,power.limit,mig.mode.current", "--format=csv,noheader"]
        about["nvidia-smi"] = subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip()
    keep("device", about)


def test_a_step_and_its_response():
    series, begin, end = polled("step", 10.0)
    columns = sensor.COLUMNS[1:]
    keep("update_period_ms", {c: sensor.update_period_ms(series, c, begin, end) for c in columns})
    keep("rise_ms", {c: sensor.rise_ms(series, c, begin, end) for c in columns[1:]})
    keep("power_w", {
        "idle before": sensor.power_w(series, begin - 2.5, begin - 0.2),
        "load": sensor.power_w(series, begin + 2.0, end - 0.2),
    })  # fmt: skip
    assert counter_or_power(series, begin + 2, end) > 1.2 * counter_or_power(series, begin - 2.5, begin)


def counter_or_power(series: sensor.Series, begin: float, end: float) -> float:
    return next(watts for watts in sensor.power_w(series, begin, end).values() if watts is not None)


def test_nvidia_smi_reads_the_same_sensor():
    query = ["nvidia-smi", "-i", "0", "--query-gpu=power.draw.average,power.draw.instant", "--format=csv,noheader,nounits", "-lms", "100"]
    with sensor.Poll(0, OUT / "smi.csv"), (OUT / "smi.txt").open("w") as out:
        smi = subprocess.Popen(query, stdout=out)
        time.sleep(1.0)
        begin = boot()
        time.sleep(5.0)
        end = boot()
        smi.terminate()
        smi.wait()
    rows = [line.split(",") for line in (OUT / "smi.txt").read_text().splitlines()]
    values = [[float(row[i]) for row in rows if row[i].strip().replace(".", "").isdigit()] for i in (0, 1)]
    means = [sum(v) / len(v) if v else None for v in values]
    keep("nvidia_smi_w", {"average": means[0], "instant": means[1], "nvml": sensor.power_w(sensor.read(OUT / "smi.csv"), begin, end)})


def test_pulses_in_step_with_the_sensor_and_out_of_it():
    """A load of 25 ms in each 100 ms: does what the counter says depend on the phase?"""
    found = {}
    for name, rhythm in {**{f"phase {p} ms": (25, 100, p) for p in PHASES_MS}, "97 ms": (24.25, 97)}.items():
        series, begin, end = polled(f"pulses-{name.replace(' ', '-')}", 8.0, *rhythm)
        found[name] = sensor.power_w(series, begin + 0.5, end)
    counter = [found[f"phase {p} ms"]["counter"] for p in PHASES_MS]
    spread = max(counter) / min(counter) if all(counter) else None
    keep("pulses_w", found)
    keep("counter_spread_over_phases", {"highest / lowest": spread, "1 means": "every millisecond is seen"})


def lowtide(name: str, command: list[str]) -> subprocess.Popen:
    words = [BIN, "run", "--quiet", "--name", name, "--intensity", "475g/kWh", "--json", str(OUT / f"{name}.json"), "--", *command]
    return subprocess.Popen(words, env={**os.environ, "LOWTIDE_HOME": str(OUT / "home")})


def gpu_of(name: str) -> dict:
    channels = json.loads((OUT / f"{name}.json").read_text())["energy"]["by_channel"]
    return next(c for c in channels if c["kind"] == "gpu" and c["in_total"])


def test_lowtide_agrees_with_the_counter_and_its_bound_holds_the_other_paths():
    with sensor.Poll(0, OUT / "lowtide.csv"):
        assert lowtide("alone", load(15.0)).wait(90) == 0
    run = json.loads((OUT / "alone.json").read_text())["run"]
    channel = gpu_of("alone")
    offset = time.time() - boot()
    begin, end = (time_of(run[key]) - offset for key in ("begin", "end"))
    figures = sensor.power_w(sensor.read(OUT / "lowtide.csv"), begin, end)
    watts = channel["device_kwh"] * 3.6e6 / (end - begin)
    keep("lowtide_w", {"lowtide": watts, "low": channel["low_kwh"] * 3.6e6 / (end - begin),
                       "high": channel["high_kwh"] * 3.6e6 / (end - begin), **figures})  # fmt: skip
    if figures["counter"] is not None:
        assert watts == pytest.approx(figures["counter"], rel=0.01)


def time_of(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def test_two_processes_on_one_gpu_are_not_charged_twice():
    full, quarter = lowtide("full", load(20.0)), lowtide("quarter", [LOAD, "20", str(OUT / "load-2"), "25", "100"])
    assert full.wait(90) == 0 and quarter.wait(90) == 0
    charges = {name: gpu_of(name) for name in ("full", "quarter")}
    keep("two_processes_kwh", charges)
    both = sum(c["kwh"] for c in charges.values())
    assert both <= 1.1 * max(c["device_kwh"] for c in charges.values()), charges
