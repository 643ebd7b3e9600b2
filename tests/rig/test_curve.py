"""The Python twin against numeric sums, and against the C++ curves through the fake library."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from curve import Flat, List, Ramp, Spike, Square, Training
from gpus import Gpu, GpuScript

RIG_DIR = Path(os.environ["RIG_DIR"])

CURVES = [
    Flat(300.0),
    Flat(300.0, 2.0),
    Ramp(50.0, 450.0, 5.0),
    Ramp(450.0, 50.0, 5.0),
    Square(50.0, 400.0, 2.0, 0.5, 0.25),
    Square(50.0, 400.0, 0.7, 0.3, 0.9),
    Spike(100.0, 500.0, 1.25, 0.5),
    Training(),
    List(((10.0, 1.0), (20.0, 2.0))),
    List(((10.0, 1.0), (20.0, 2.0)), repeat=True),
]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.line())
def test_integral_is_the_sum_of_its_power(curve):
    curve.with_idle(33.0)
    steps = 50_000
    begin, end = -0.5, 9.3
    step = (end - begin) / steps
    total = 0.0
    for i in range(steps):
        at = begin + (i + 0.5) * step
        total += (curve.idle_w if at < 0 else curve.watts(at)) * step
    # Each jump may fall inside one step: 450 W x 0.2 ms, under 170 jumps, half of them each way.
    assert curve.joules(begin, end) == pytest.approx(total, abs=0.5)


# A process of its own: the library keeps the script of its first nvmlInit.
READER = """
import ctypes, sys
nvml = ctypes.CDLL(sys.argv[1])
assert nvml.nvmlInit_v2() == 0
energy = ctypes.c_ulonglong()
for index in range(int(sys.argv[2])):
    handle = ctypes.c_void_p()
    assert nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0
    assert nvml.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(energy)) == 0
    print(energy.value / 1000)
"""


def test_both_implementations_give_the_same_joules(tmp_path):
    """Counters that stand still (steps of 1000 s) can be compared digit by digit."""
    step_s = 1000.0
    tick = time.clock_gettime(time.CLOCK_BOOTTIME) // step_s * step_s
    gpus = [
        Gpu(f"GPU-{i}", curve, ("counter step_ms 1000000",), idle_w=33.0)
        for i, curve in enumerate(CURVES)
    ]
    # Curve time at the last step: an odd number, far into every curve.
    start = tick - 777.123
    script = GpuScript(gpus, f"boot {start!r}").write(tmp_path / "script")
    answer = subprocess.run(
        [sys.executable, "-c", READER, str(RIG_DIR / "nvml/libnvidia-ml.so.1"), str(len(gpus))],
        env={**os.environ, "LOWTIDE_RIG": str(script)},
        capture_output=True,
        text=True,
        check=True,
    )
    for gpu, line in zip(gpus, answer.stdout.split(), strict=True):
        truth = max(0.0, 33.0 * start + gpu.curve.with_idle(33.0).joules(0.0, tick - start))
        assert float(line) == pytest.approx(truth, abs=0.002), gpu.curve.line()


def test_structures_of_the_library_are_the_public_ones():
    """Field positions that a caller relies on, as in NVIDIA's public header."""

    class FieldValue(ctypes.Structure):
        _fields_ = [
            ("field", ctypes.c_uint),
            ("scope", ctypes.c_uint),
            ("timestamp", ctypes.c_longlong),
            ("latency", ctypes.c_longlong),
            ("value_type", ctypes.c_uint),
            ("answer", ctypes.c_int),
            ("value", ctypes.c_ulonglong),
        ]

    assert ctypes.sizeof(FieldValue) == 40
