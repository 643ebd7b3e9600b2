"""Sensors that contradict each other are said; honest ones, however coarse, are not."""

import re

import pytest
from curve import Flat, Ramp, Square, Training
from gpus import Gpu
from harness import Finished, Site
from powercap import Zone, package
from test_energy import MODES
from test_rapl import machine

SECONDS = 34.0  # 30 readings of the other path at the least
CURVES = (Flat(300.0), Ramp(50.0, 450.0, 30.0), Square(50.0, 400.0, 2.0, 0.5, 0.25), Training())


def contradictions(run: Finished) -> list[str]:
    return [event["detail"] for event in run.report["events"] if event["kind"] == "self-check"]


def test_a_counter_and_a_power_apart_and_a_device_over_its_limit_are_said(tmp_path):
    honest = [
        Gpu(f"GPU-{mode}-{i}", curve, lines, arch=arch)
        for mode, (lines, arch, _) in MODES.items()
        for i, curve in enumerate(CURVES)
    ]
    liars = [
        Gpu("GPU-more", Flat(300.0), ("power_gain_pct 20",)),
        Gpu("GPU-less", Flat(300.0), ("power_gain_pct -20",)),
        Gpu("GPU-over", Flat(400.0), limit_w=300.0),
    ]
    site = Site(tmp_path, [*liars, *honest])
    run = site.run(SECONDS)
    said = contradictions(run)
    assert len(said) == 3, said
    assert said[0].startswith("gpu:0: its power adds up to +20"), said
    assert said[1].startswith("gpu:1: its power adds up to -20"), said
    watts = re.match(r"gpu:2: ([\d.]+) W on average", said[2])
    assert watts and float(watts[1]) == pytest.approx(400, rel=0.002), said
    for words in (("show", "last"), ("report", "last", "--format", "html")):
        assert "self-check" in site.lowtide(*words), words


@pytest.mark.parametrize(("psys_w", "said"), [(60.0, 1), (120.0, 0)])
def test_a_platform_below_what_it_holds_is_said(tmp_path, psys_w, said):
    inside = [package(Flat(80.0), children=[Zone("dram", Flat(10.0))])]
    with machine(tmp_path, inside, psys=Zone("psys", Flat(psys_w))) as (site, _):
        found = contradictions(site.run(12.0))
    assert len(found) == said, found
    assert all("psys" in detail for detail in found), found
