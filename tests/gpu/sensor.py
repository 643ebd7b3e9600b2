"""One GPU's sensors through libnvidia-ml, polled as fast as they answer, and what the series tell.

    with Poll(0, path) as poll:       # a CSV: boot_s,energy_mj,average_mw,instant_mw,usage_mw
        ...
    series = read(path)
    power_of(series, begin, end)      # W by each path

Works with the real library and with the rig's (docs/rig.md), which is how the figures below are
tested. Times are seconds of CLOCK_BOOTTIME, in the middle of each call; a value that the driver does
not give is empty. Sources: NVML API reference (fields 185 average, 186 instant).
"""

from __future__ import annotations

import csv
import ctypes
import statistics
import threading
import time
from pathlib import Path
from typing import Self

COLUMNS = ("boot_s", "energy_mj", "average_mw", "instant_mw", "usage_mw")
Series = list[dict[str, float | None]]


class FieldValue(ctypes.Structure):
    """nvmlFieldValue_t; the value is read as the unsigned integer that a power is."""

    _fields_ = (
        ("field", ctypes.c_uint), ("scope", ctypes.c_uint), ("timestamp", ctypes.c_longlong),
        ("latency", ctypes.c_longlong), ("type", ctypes.c_int), ("code", ctypes.c_int),
        ("value", ctypes.c_ulonglong),
    )  # fmt: skip


class Sensor:
    """The calls of one device."""

    def __init__(self, index: int) -> None:
        self.nvml = ctypes.CDLL("libnvidia-ml.so.1")
        code = self.nvml.nvmlInit_v2()
        if code != 0:
            raise RuntimeError(f"nvmlInit_v2 answers {code}")
        self.device = ctypes.c_void_p()
        code = self.nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(self.device))
        if code != 0:
            raise RuntimeError(f"there is no GPU {index}: {code}")

    def text(self, call: str) -> str:
        buffer = ctypes.create_string_buffer(96)
        return buffer.value.decode() if getattr(self.nvml, call)(self.device, buffer, 96) == 0 else ""

    def energy_mj(self) -> float | None:
        value = ctypes.c_ulonglong()
        code = self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.device, ctypes.byref(value))
        return float(value.value) if code == 0 else None

    def usage_mw(self) -> float | None:
        value = ctypes.c_uint()
        code = self.nvml.nvmlDeviceGetPowerUsage(self.device, ctypes.byref(value))
        return float(value.value) if code == 0 else None

    def field_mw(self, number: int) -> float | None:
        field = FieldValue(field=number)
        code = self.nvml.nvmlDeviceGetFieldValues(self.device, 1, ctypes.byref(field))
        if code != 0 or field.code != 0:
            return None
        # Types 1 and 5 fill four bytes of the eight.
        return float(field.value & 0xFFFFFFFF if field.type in (1, 5) else field.value)

    def sample(self) -> list[float | None]:
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        values = [self.energy_mj(), self.field_mw(185), self.field_mw(186), self.usage_mw()]
        return [(before + time.clock_gettime(time.CLOCK_BOOTTIME)) / 2, *values]


class Poll:
    """Writes the sensor's series until it is left; `pause_s` between two samples."""

    def __init__(self, index: int, path: Path, pause_s: float = 0.002) -> None:
        self.sensor, self.path, self.pause_s = Sensor(index), path, pause_s
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        with self.path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            while not self.stopped.wait(self.pause_s):
                sample = self.sensor.sample()
                writer.writerow([f"{sample[0]:.6f}", *("" if v is None else int(v) for v in sample[1:])])

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()


def read(path: Path) -> Series:
    with path.open(newline="") as file:
        return [{k: float(v) if v else None for k, v in row.items()} for row in csv.DictReader(file)]


def points(series: Series, column: str, begin: float, end: float) -> list[tuple[float, float]]:
    """(time, value) of a column between two moments, where it was given."""
    return [
        (row["boot_s"], row[column])
        for row in series
        if row[column] is not None and begin <= row["boot_s"] <= end
    ]


def integral_j(series: Series, column: str, begin: float, end: float) -> float | None:
    """Joules of a power column, by trapezoids."""
    seen = points(series, column, begin, end)
    if len(seen) < 2:
        return None
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(seen, seen[1:], strict=False)) / 1e3


def counter_j(series: Series, begin: float, end: float) -> float | None:
    """Joules of the energy counter between two moments."""
    seen = points(series, "energy_mj", begin, end)
    return (seen[-1][1] - seen[0][1]) / 1e3 if len(seen) > 1 else None


def power_w(series: Series, begin: float, end: float) -> dict[str, float | None]:
    """Mean power by each path, in W."""
    by_path = {name: integral_j(series, name, begin, end) for name in COLUMNS[2:]}
    joules = {"counter": counter_j(series, begin, end), **by_path}
    return {name: None if j is None else j / (end - begin) for name, j in joules.items()}


def update_period_ms(series: Series, column: str, begin: float, end: float) -> float | None:
    """Median time between two changes of a value, in ms; nothing where it hardly changes."""
    seen = points(series, column, begin, end)
    changes = [b[0] for a, b in zip(seen, seen[1:], strict=False) if a[1] != b[1]]
    if len(changes) < 5:
        return None
    return 1e3 * statistics.median(b - a for a, b in zip(changes, changes[1:], strict=False))


def rise_ms(series: Series, column: str, step: float, settled: float) -> dict[str, float] | None:
    """From a step of the load at `step` to 10 % and 90 % of the new level (that before `settled`)."""
    seen = points(series, column, step - 1.0, settled)
    low = [value for at, value in seen if at < step - 0.1]
    high = [value for at, value in seen if at > settled - 1.0]
    if not low or not high:
        return None
    bottom, top = statistics.median(low), statistics.median(high)
    after = [(at, (value - bottom) / (top - bottom)) for at, value in seen if at >= step and top > bottom]
    times = [next((at - step for at, share in after if share >= part), None) for part in (0.1, 0.9)]
    if None in times:
        return None
    return {"to_10_pct": 1e3 * times[0], "to_90_pct": 1e3 * times[1]}
