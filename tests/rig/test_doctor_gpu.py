"""`lowtide doctor` on machines with GPUs: contexts, versions, a driver that fails or hangs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from curve import Flat
from gpus import Gpu
from harness import Site


def doctor(site: Site) -> dict[str, dict]:
    said = json.loads(site.lowtide("doctor", "--json"))
    return {finding["subject"]: finding for finding in said["findings"]}


def test_driver_devices_and_contexts_are_told(tmp_path: Path) -> None:
    gpus = [Gpu("GPU-1", Flat(300.0), ("counter live", "contexts none")),
            Gpu("GPU-2", Flat(300.0), ("counter none", "power instant", "contexts none"))]
    found = doctor(Site(tmp_path, gpus, ["driver 580.65.06"]))
    assert found["NVML"]["state"] == "ok"
    assert found["NVML"]["facts"]["driver"] == "580.65.06"
    assert found["NVML"]["facts"]["path"].endswith("nvml/libnvidia-ml.so.1")
    assert [found[f"gpu:{i}"]["facts"]["source"] for i in (0, 1)] == ["nvml-counter", "nvml-power"]
    assert found["gpu:0"]["facts"]["limit_w"] == 700
    contexts = found["contexts"]["facts"]
    assert contexts["devices_that_tell"] == 2 and contexts["processes"] == 0
    first = Path("/proc/self/ns/pid").readlink() == Path("pid:[4026531836]")
    assert contexts["pid_namespace"] == ("first" if first else "own")
    assert found["contexts"]["state"] == ("ok" if first else "info")


def test_contexts_that_cannot_be_told_are_trouble_unless_the_gpus_are_named(tmp_path: Path) -> None:
    gpus = [Gpu("GPU-1", Flat(300.0), ("contexts unsupported",))]
    found = doctor(Site(tmp_path, gpus))
    assert found["contexts"]["state"] == "trouble" and "--gpus" in found["contexts"]["hint"]
    (tmp_path / "named").mkdir()
    found = doctor(Site(tmp_path / "named", gpus, env={"CUDA_VISIBLE_DEVICES": "0"}))
    assert found["contexts"]["state"] == "info"


@pytest.mark.parametrize("rule, state, says", [
    ("init_error 9", "absent", "driver is not loaded"),
    ("init_error 4", "denied", "/dev/nvidia"),
    ("hang nvmlInit_v2 1-", "trouble", "does not answer"),
])
def test_a_driver_in_trouble_is_said(tmp_path: Path, rule: str, state: str, says: str) -> None:
    found = doctor(Site(tmp_path, [Gpu("GPU-1", Flat(300.0))], [rule]))
    assert found["NVML"]["state"] == state
    assert says in found["NVML"]["detail"]
