"""What `lowtide plan` shows: chart and table agree with the JSON, it fits the terminal, and its command works."""

import datetime as dt
import json
import math
import re
import subprocess
from zoneinfo import ZoneInfo

import pytest
from harness import Lowtide, binary
from plan_cases import AT, BUSY, plan, series
from test_width import COLOUR, assert_fits, on_terminal

DAY = [300 + round(200 * math.sin(i / 24 * 2 * math.pi)) for i in range(72)]  # g/kWh, hourly
ASK = ("plan", "--duration", "9h", "--power", "2.4kW", "--finish-within", "30h", "--intensity", "file:grid.csv",
       "--location", "FR", "--at", AT)


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("more", [(), ("--pausable",), ("--pausable", "--machine", "held", "--idle-power", "480",
                                                       "--price", "€20/h")], ids=["start", "pause", "held"])
def test_it_fits_the_terminal(lowtide: Lowtide, columns: int, more: tuple[str, ...]) -> None:
    series(lowtide, DAY, step=60)
    said = on_terminal(lowtide, columns, *ASK, *more)
    # A command is there to be copied: it is left in one piece.
    kept = [line for line in said.split("\r\n") if "lowtide run" not in COLOUR.sub("", line)]
    lines = assert_fits("\r\n".join(kept), columns)
    assert any("Verdict" in line for line in lines)
    assert COLOUR.search(said)


def test_colours_are_for_terminals(lowtide: Lowtide) -> None:
    series(lowtide, DAY, step=60)
    assert not COLOUR.search(on_terminal(lowtide, 80, *ASK, NO_COLOR="1"))
    assert "\x1b" not in lowtide(*ASK).stdout


def test_the_strip_under_the_curve_is_the_plan(lowtide: Lowtide) -> None:
    """30 h on 72 columns are 5 slots a column: each column works wholly, in part or not."""
    series(lowtide, DAY, step=60)
    text = on_terminal(lowtide, 80, *ASK, "--pausable", NO_COLOR="1", TZ="UTC")
    said = plan(lowtide, *ASK[1:5], "--finish-within", "30h", "--pausable")
    start = dt.datetime.fromisoformat(AT)
    for policy, label in (("flexible_start", "start"), ("lowest_slots", "lowest"), ("exact", "exact")):
        runs = next(one["runs"] for one in said["policies"] if one["policy"] == policy)
        spans = [tuple((dt.datetime.fromisoformat(run[end]) - start).total_seconds() / 1500
                       for end in ("begin", "end")) for run in runs]
        strip = next(line for line in text.split("\r\n") if line.lstrip().startswith(label + " ")).strip()[len(label) + 1:]
        assert len(strip) == 72
        for column, mark in enumerate(strip):
            works = sum(max(0.0, min(end, column + 1) - max(begin, column)) for begin, end in spans)
            assert mark == ("█" if works > 0.999 else " ▁▂▃▄▅▆▇"[max(1, round(works * 8))] if works > 0.001 else "·")


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_axis_is_in_local_time(lowtide: Lowtide, zone: str) -> None:
    """30 h on 72 columns are 25 minutes a column; the intensity is low from 15:00 to 20:00 UTC."""
    series(lowtide, [0.5 if 5 <= i < 10 else 400 for i in range(72)], step=60)
    lines = on_terminal(lowtide, 80, *ASK, NO_COLOR="1", TZ=zone).split("\r\n")
    top = next(line for line in lines if line.startswith("   400 "))
    assert [i for i, mark in enumerate(top[7:]) if mark == " "] == list(range(12, 24))
    axis = next(line for line in lines if re.match(r"  +\d\d[ -]", line))
    labels = list(re.finditer(r"\d\d(-\d\d)?", axis))
    assert len(labels) >= 8
    for label in labels:
        begin = dt.datetime.fromisoformat(AT) + dt.timedelta(minutes=25 * (label.start() - 7))
        of_column = [(begin + dt.timedelta(minutes=m)).astimezone(ZoneInfo(zone)) for m in range(0, 25, 5)]
        form = "%m-%d" if "-" in label.group() else "%H"
        assert label.group() in {time.strftime(form) for time in of_column if time.minute == 0}, label


def test_figures_of_the_table_are_those_of_the_json(lowtide: Lowtide) -> None:
    series(lowtide, [value + 150 * (i % 3 == 0) for i, value in enumerate(DAY)], step=60)
    text = lowtide(*ASK, "--pausable").stdout
    said = plan(lowtide, *ASK[1:5], "--finish-within", "30h", "--pausable")
    for one in said["policies"]:
        name = one["policy"].replace("_", " ")
        row = next(line for line in text.splitlines() if re.match(rf"[ *] {name}  +\S", line))
        if one["cost_g"] is None:
            continue
        shown = re.search(r"  ([\d.]+) kg", row)
        assert shown and float(shown.group(1)) == pytest.approx(one["cost_g"] / 1000, rel=5e-3)
        assert row.startswith("*") == (one["policy"] == said["best"])
        if one["saving_vs_now_pct"] and abs(one["saving_vs_now_pct"]) > 0.05:
            assert f"{-one['saving_vs_now_pct']:+.1f} %" in row
    even = said["break_even_resume_kwh"]
    shown = re.search(r"Pausing\s+pays up to ([\d.]+)\s+(min|h)", text)
    assert even and shown
    length = float(shown.group(1)) * (1 if shown.group(2) == "min" else 60)
    assert length == pytest.approx(even / 2.4 * 60, rel=0.01)


def test_without_pausable_the_text_says_what_pausing_would_bring(lowtide: Lowtide) -> None:
    series(lowtide, [10, 500] * 36, step=60)
    text = " ".join(lowtide(*ASK).stdout.split())
    assert "If it may be paused (--pausable)" in text and "lowest slots" not in text
    assert "If it may be paused" not in lowtide(*ASK, "--pausable").stdout


def test_the_command_of_today_is_one_that_run_takes(lowtide: Lowtide) -> None:
    """Pasted into a shell it carries out the very plan, with all that was asked of it."""
    hour = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    series(lowtide, [500] * 12 + [10] * 72, first=hour.isoformat(), step=60)
    lowtide.run("--name", "again", "--", *BUSY)
    asked = ("plan", "--like", "last", "--intensity", "file:grid.csv", "--within", "24h", "--json", "-")
    said = json.loads(lowtide(*asked).stdout)
    begin = dt.datetime.fromisoformat(said["policies"][1]["begin"])
    assert begin == hour + dt.timedelta(hours=12)
    text = lowtide("plan", "--like", "last", "--intensity", "file:grid.csv", "--within", "24h").stdout
    assert said["command_today"] == said["command"] and "--start-within 24h" in said["command"]
    assert said["command"] in text and f"lowtide compare {said['job']['run']}\n" in text
    tools = lowtide.folder / "tools"
    tools.mkdir()
    (tools / "lowtide").symlink_to(binary())
    env = lowtide.env | {"PATH": f"{tools}:{lowtide.env['PATH']}"}

    def dry(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["/bin/bash", "-c", command.replace("run ", "run --dry-run ", 1)], env=env, text=True,
                              cwd=lowtide.folder, check=True, timeout=60, capture_output=True)

    assert f"{begin.astimezone():%H:%M}" in dry(said["command"]).stdout
    more = ("--pausable", "--resume-energy", "1m", "--min-pause", "10m", "--machine", "held", "--idle-power", "30W",
            "--hold-g", "1g/h", "--not", "00:00-00:05", "--duration", "3h", "--power", "300W")
    pausing = json.loads(lowtide("plan", *more, *asked[3:]).stdout)
    for command in (said["command"], pausing["command"]):
        assert dry(command.replace(" COMMAND", " true")).returncode == 0
    assert len(lowtide.runs()) == 1, "nothing was started"
