"""bench/peers/page.py: results to markdown, with nothing that was not measured."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "peers"))

from page import page  # noqa: E402

SETTINGS = [("lowtide", "lowtide", "lowtide"), ("zeus", "zeus", "Zeus"), ("eco2ai", "eco2ai", "eco2AI"),
            ("eco2ai-1s", "eco2ai", "eco2AI, 1 s")]  # fmt: skip


def energy(joules, truth=6000.0, **more):
    return {"gpu_j": joules, "cpu_j": None, "cpu_truth_w": 73.0, "span_s": 20.0, "truth_j": truth, "status": 0,
            "said": "", "intensity": None, **more}  # fmt: skip


def start(before, after):
    return {"before_s": before, "after_s": after, "wall_s": before + 1 + after, "cpu_s": before}


def kill(kept, status, orphans=0):
    return {"kept_j": kept, "until_kill_j": 3600.0, "whole_j": 6000.0, "status": status, "orphans": orphans}


RESULTS = {
    "about": {
        "versions": {"lowtide": "0.1.0", "zeus": "0.16.0", "eco2ai": "0.3.12"},
        "settings": [{"key": k, "tool": t, "title": h, "setting": f"`{k}`", "period": "1 s"} for k, t, h in SETTINGS],
        "date": "2026-11-24", "cpus": 2, "memory_gb": 25, "kernel": "6.18", "python": "3.11.2", "isolated": True,
        "job_s": 20.0, "fault_at_s": 8.0, "kill_at_s": 12.0, "settle_s": 10.0, "lasted_s": 780,
    },
    "load": [0.5, 2.25],
    "energy": {
        "lowtide|counter|flat": [energy(6000.6), energy(6000.0)],
        "zeus|counter|flat": [energy(6000.0), energy(6000.0)],
        "eco2ai|counter|flat": [energy(None, status=1, said="a.b.GpuIsLost: gone (at 10.0.0.1)"), energy(6060.0)],
        "lowtide|counter|square": [energy(4500.0, 4500.0)] * 2,
        "zeus|counter|square": [energy(4455.0, 4500.0), energy(4590.0, 4500.0)],
        "eco2ai-1s|counter|square": [energy(4500.0, 4500.0)] * 2,
    },
    "start": {
        "job": [start(0.0, 0.0)],
        "bare": [start(0.04, 0.01)],
        "lowtide": [start(0.01, 0.01)],
        "zeus": [start(1.5, 0.25), start(1.0, 0.25), start(2.0, 0.25)],
    },
    "cost": {
        "lowtide|counter": [{"cpu_s_per_h": 1.5, "private_mb": 1.25, "processes": 2}],
        "zeus|counter": [{"cpu_s_per_h": 1.3, "private_mb": 171.0, "processes": 4}],
        "bare|counter": [{"cpu_s_per_h": 0.0, "private_mb": 7.0, "processes": 1}],
    },
    "faults": {
        "lowtide|meter": [kill(6000.0, 0)],
        "zeus|meter": [kill(None, -9, 3)],
        "lowtide|all": [kill(3240.0, -9)],
        "zeus|reset": [energy(-54000.0)],
    },
    "network": {
        "lowtide|silent": [energy(600.0, 600.0, before_s=0.02, after_s=0.01, wall_s=2.03, intensity=473.0)],
        "eco2ai|silent": [energy(None, None, status=1, said="x.ConnectionError: y(z)", before_s=None, after_s=None,
                                 wall_s=21.0)],
    },
}  # fmt: skip


def cells(text, title, table=0):
    """The cells of the row with that title, in the first or second table."""
    found = [line for line in text.splitlines() if line.startswith(f"| {title} |")]
    return [cell.strip() for cell in found[table].split("|")[2:-1]]


TEXT = page(RESULTS)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        # Errors of both repetitions where they differ, and a run without a figure is never hidden.
        ("flat 300 W", ["0.00 to +0.01 %", "0.00 %", "+1.0 %; 1 of 2 runs: no figure (exit 1, GpuIsLost)"]),
        ("square 50/400 W, 2 s", ["0.00 %", "-1.0 to +2.0 %", "not measured"]),
        ("before the job's first moment", ["0.010 s", "1.50 [1.00 to 2.00] s", "not measured"]),
        ("wall clock / that of the job alone", ["1.02", "2.75 [2.25 to 3.25]", "not measured"]),
        # The Python process around the job is the user's, not the peer's.
        ("private memory added", ["1.25 MB", "164 MB", "not measured"]),
        ("processes", ["2", "4", "not measured"]),
        ("kill -9 of the metering process at 12 s: on disk, of the job's energy",
         ["100 %; the shell gets the job's status", "nothing; the shell gets SIGKILL; 3 processes stay for ever",
          "not measured"]),
        ("kill -9 of all its processes at 12 s: on disk, of the energy until then",
         ["90.0 %", "not measured", "not measured"]),
        ("energy counter reset at 8 s: error", ["not measured", "-1,000 %", "not measured"]),
        ("packets vanish, names are not answered",
         ["0.020 s before the job, 0.010 s after; 473 g/kWh", "not measured",
          "the job does not run: exit 1, ConnectionError after 21.0 s"]),
    ],
)  # fmt: skip
def test_a_row(title, expected):
    assert cells(TEXT, title) == expected


def test_tuned_settings_stand_in_a_table_of_their_own():
    assert cells(TEXT, "square 50/400 W, 2 s", 1) == ["0.00 %", "0.00 %"]
    assert "| | lowtide | Zeus | eco2AI |" in TEXT and "| | lowtide | eco2AI, 1 s |" in TEXT


def test_where_a_peer_is_better_is_said():
    section = TEXT.split("## Where a peer is better than lowtide")[1].split("## How")[0]
    listed = [line for line in section.splitlines() if line.startswith("- ")]
    assert listed == [
        "- GPU energy, with a live energy counter, flat 300 W: lowtide 0.00 to +0.01 %; Zeus 0.00 %",
        "- While the job goes on, CPU seconds an hour, with a counter: lowtide 1.50 s; Zeus 1.30 s",
    ]


def test_the_head_says_that_it_is_written_and_from_what():
    assert TEXT.startswith("<!-- Written by `make bench-peers`")
    for fact in ("2026-11-24", "13 minutes", "2 cores", "lowtide 0.1.0, zeus 0.16.0, eco2ai 0.3.12", "0.5 to 2.2"):
        assert fact in TEXT, fact


def test_what_was_not_measured_is_left_out():
    some = {key: value for key, value in copy.deepcopy(RESULTS).items() if key in ("about", "load", "energy")}
    text = page(some)
    assert "kill -9 of the metering" not in text and "packets vanish" not in text
    assert cells(text, "flat 300 W")[1] == "0.00 %"
