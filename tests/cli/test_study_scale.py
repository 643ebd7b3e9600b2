"""[scale] of `lowtide study`: every cell recomputed in plain Python, the forms of its file, and what is refused."""

import csv
import datetime as dt
import gzip
import json
import math
import resource
import signal
import subprocess
from pathlib import Path

import jsonschema
import pytest
from harness import Lowtide, binary, wait_for

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs/schema/lowtide.study-1.schema.json").read_text())
BEGIN = dt.datetime(2022, 3, 26, tzinfo=dt.UTC)
SLOTS = 5 * 288
STEP = 2  # slots of 5 minutes
SCALE = """
name = "made"
title = "Every start of a made grid"
begin = 2022-03-26
end = 2022-03-31

[series]
file = "series/{zone}_5min.csv"
signal = "marginal"
licence = "made here"

[scale]
zones = "all"
lengths = ["10min", "2h", "1d"]
slacks = ["30min", "1d"]
step = "10min"
out = "cells.csv"
"""
TYPICAL = SCALE[:SCALE.index("[series]")] + '[series]\nintensity = "typical"\n' + SCALE[SCALE.index("[scale]"):]
COLUMNS = [f"{policy}_{length}_{slack}_pct" for length in ("10min", "2h", "1d") for slack in ("30min", "1d")
           for policy in ("flexible_start", "lowest_slots")]


def grid(seed: int) -> list[float | None]:
    """Days, noise and zeros."""
    out: list[float | None] = []
    for t in range(SLOTS):
        seed = (seed * 1103515245 + 12345) % 2**31
        out.append(round(max(0.0, 180 + 140 * math.sin(t / 46) + 200 * (seed / 2**31 - 0.5)), 1))
    return out


def make(lowtide: Lowtide, text: str = SCALE) -> dict[str, list[float | None]]:
    """Three zones, of one of which an hour is missing."""
    series = {"FR": grid(3), "DE": grid(4), "US-CAL-CISO": grid(5)}
    series["DE"][700:712] = [None] * 12
    (lowtide.folder / "series").mkdir(exist_ok=True)
    for zone, values in series.items():
        rows = [f"{(BEGIN + dt.timedelta(minutes=5 * t)).strftime('%Y-%m-%dT%H:%M:%SZ')},{value}\n"
                for t, value in enumerate(values) if value is not None]
        (lowtide.folder / "series" / f"{zone}_5min.csv").write_text("time,g_per_kwh\n" + "".join(rows))
    (lowtide.folder / "scale.toml").write_text(text)
    return series


def steps(values: list[float | None]) -> list[float | None]:
    """Means of each step; none where a slot is missing."""
    pairs = [values[t:t + STEP] for t in range(0, len(values), STEP)]
    return [None if None in pair else sum(v for v in pair if v is not None) / STEP for pair in pairs]


def saving(values: list[float | None], start: int, work: int, slack: int, policy: str) -> float | None:
    window = values[start:start + work + slack]
    if len(window) < work + slack or None in window:
        return None
    known = [v for v in window if v is not None]
    now = sum(known[:work])
    if policy == "lowest_slots":
        then = sum(sorted(known)[:work])
    else:
        then = min(sum(known[wait:wait + work]) for wait in range(slack + 1))
    return 100 * (1 - then / now) if now > 0 else 0.0


def read_cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_every_cell_is_what_plain_loops_give(lowtide: Lowtide) -> None:
    series = make(lowtide)
    done = lowtide("study", "scale.toml", "--out", "out")
    assert done.returncode == 0 and not done.stderr, done.stderr
    cells = read_cells((lowtide.folder / "out/cells.csv").read_text())
    assert list(cells[0]) == ["zone", "start", *COLUMNS]
    coarse = {zone: steps(values) for zone, values in series.items()}
    assert [(row["zone"], row["start"]) for row in cells] == [
        (zone, (BEGIN + dt.timedelta(minutes=10 * t)).strftime("%Y-%m-%dT%H:%MZ"))
        for zone in sorted(series) for t in range(SLOTS // STEP)]
    slots = {"10min": 1, "30min": 3, "2h": 12, "1d": 144}
    known = 0
    for i in range(0, len(cells), 7):
        row, start = cells[i], i % (SLOTS // STEP)
        for name in COLUMNS:
            policy, length, slack = name.removesuffix("_pct").rsplit("_", 2)
            want = saving(coarse[row["zone"]], start, slots[length], slots[slack], policy)
            if want is None:
                assert row[name] == "", (row["zone"], start, name)
            else:
                assert float(row[name]) == pytest.approx(want, abs=0.00501), (row["zone"], start, name)
                known += want > 1
    assert known > 500
    said = sum(1 for row in cells for name in COLUMNS if row[name])
    assert f"{len(cells) * len(COLUMNS):,} cells, {said:,} of them known" in done.stdout, done.stdout


def test_the_mean_of_a_column_is_the_cell_of_a_study(lowtide: Lowtide) -> None:
    """Two ways through the program: jobs and windows at every start of a rule, and [scale]."""
    make(lowtide)
    assert lowtide("study", "scale.toml", "--out", "out").returncode == 0
    (lowtide.folder / "study.toml").write_text("""
name = "same"
begin = 2022-03-26
end = 2022-03-31
windows = ["1d"]
[series]
file = "series/{zone}_5min.csv"
signal = "marginal"
[[starts]]
every = "5min"
[[job]]
name = "flat"
kwh = 3
length = "2h"
[[region]]
zone = "FR"
""")
    fine = SCALE.replace('step = "10min"', 'step = "5min"')
    make(lowtide, fine)
    assert lowtide("study", "scale.toml", "--out", "fine").returncode == 0
    assert lowtide("study", "study.toml", "--out", "study").returncode == 0
    cells = read_cells((lowtide.folder / "fine/cells.csv").read_text())
    for row in read_cells((lowtide.folder / "study/results.csv").read_text()):
        values = [float(cell[f"{row['policy']}_2h_1d_pct"]) for cell in cells
                  if cell["zone"] == "FR" and cell[f"{row['policy']}_2h_1d_pct"]]
        assert len(values) == int(row["starts"])
        assert sum(values) / len(values) == pytest.approx(float(row["saving_mean_of_pct"]), abs=0.001)


def test_packed_and_made_again_it_is_the_same(lowtide: Lowtide) -> None:
    make(lowtide)
    assert lowtide("study", "scale.toml", "--out", "out").returncode == 0
    plain = (lowtide.folder / "out/cells.csv").read_bytes()
    again = lowtide("study", "out/manifest.json", "--data", ".", "--out", "again")
    assert again.returncode == 0 and "the same bit for bit" in again.stdout, again.stdout + again.stderr
    make(lowtide, SCALE.replace("cells.csv", "cells.csv.gz"))
    assert lowtide("study", "scale.toml", "--out", "gz").returncode == 0
    assert gzip.decompress((lowtide.folder / "gz/cells.csv.gz").read_bytes()) == plain
    make(lowtide, SCALE.replace("cells.csv", "cells.csv.zst"))
    assert lowtide("study", "scale.toml", "--out", "zst").returncode == 0
    assert (lowtide.folder / "zst/cells.csv.zst").read_bytes().startswith(b"\x28\xb5\x2f\xfd")


def test_the_manifest_has_the_file_and_each_zone_and_fits_its_schema(lowtide: Lowtide) -> None:
    make(lowtide)
    assert lowtide("study", "scale.toml", "--out", "out").returncode == 0
    manifest = json.loads((lowtide.folder / "out/manifest.json").read_text())
    jsonschema.validate(manifest, SCHEMA, jsonschema.Draft202012Validator)
    assert [region["zone"] for region in manifest["regions"]] == ["DE", "FR", "US-CAL-CISO"]
    assert all(region["licence"] == "made here" and region["files"] for region in manifest["regions"])
    assert manifest["slots"] == SLOTS // STEP and manifest["slot_s"] == 600
    assert manifest["scale"]["lengths"] == ["10min", "2h", "1d"]
    assert manifest["scale"]["cells"] == 3 * SLOTS // STEP * len(COLUMNS) > manifest["scale"]["known"] > 0
    assert [one["file"] for one in manifest["written"]] == ["cells.csv"]


def test_all_zones_of_the_typical_year_need_no_data(lowtide: Lowtide) -> None:
    make(lowtide, TYPICAL.replace('step = "10min"', 'step = "1h"').replace('"10min", ', "").replace('"30min", ', ""))
    done = lowtide("study", "scale.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    cells = read_cells((lowtide.folder / "out/cells.csv").read_text())
    zones = {row["zone"] for row in cells}
    assert {"FR", "DE", "US-CAL-CISO"} < zones and len(zones) > 100 and len(cells) == len(zones) * 120


def test_killed_it_leaves_nothing_and_is_made_anew(lowtide: Lowtide) -> None:
    make(lowtide, TYPICAL.replace("end = 2022-03-31", "end = 2023-03-31"))
    job = subprocess.Popen([binary(), "study", "scale.toml", "--out", "out"], cwd=lowtide.folder, env=lowtide.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: (lowtide.folder / "out").exists() or job.poll() is not None, "its folder")
    job.send_signal(signal.SIGKILL)
    assert job.wait() == -signal.SIGKILL, "it was done before it could be killed"
    assert not list((lowtide.folder / "out").iterdir())
    make(lowtide)
    assert lowtide("study", "scale.toml", "--out", "out").returncode == 0


def test_no_room_on_disk_is_said_and_nothing_stays(lowtide: Lowtide) -> None:
    """A limit on the size of files stands for a full disk: the same failed write."""
    make(lowtide)

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    full = subprocess.run([binary(), "study", "scale.toml", "--out", "out"], cwd=lowtide.folder, env=lowtide.env,
                          capture_output=True, text=True, preexec_fn=small, check=False)
    assert full.returncode != 0 and "out/cells.csv" in full.stderr and "free some room" in full.stderr, full.stderr
    assert not full.stdout and not (lowtide.folder / "out").exists()


@pytest.mark.parametrize(("old", "new", "says"), [
    ('slacks = ["30min"', 'slacks = ["25min"', ["scale.toml", "[scale]", "slacks", "25min", "one step or several"]),
    ('lengths = ["10min"', 'lengths = ["2h"', ["lengths", "2h", "twice"]),
    ('lengths = ["10min"', 'lengths = ["soon"', ["lengths", "soon", "24h"]),
    ('"2h", "1d"]', '"2h", "5d"]', ["lengths", "longer than the study"]),
    ('step = "10min"', 'step = "7min"', ["step", "5 minutes"]),
    ('out = "cells.csv"', 'out = "cells.xlsx"', ["out", ".csv.zst or .parquet"]),
    ('out = "cells.csv"', 'out = "../cells.csv"', ["out", "a file's name"]),
    ('zones = "all"', 'zones = ["FR", "FR"]', ["zones", "FR", "twice"]),
    ('zones = "all"', 'zones = ["FR/../DE"]', ["zones", "letters, digits"]),
    ('zones = "all"', 'zones = ["FR", "NL"]', ["NL_5min.csv", "--data"]),
    ('zones = "all"', 'zone = "all"', ["zone", "known: zones"]),
    ("{zone}_5min.csv", "*_5min.csv", ["{zone}", "name the zones"]),
    ('file = "series/{zone}_5min.csv"', 'intensity = "475g/kWh"', ["zones", "name the zones"]),
    ("end = 2022-03-31", "end = 2022-04-30", ["DE", "covers", "begin and end"]),
    ("[scale]", "[[job]]\nname = \"a\"\n[scale]", ["scale.toml", "job", "known: name, title"]),
    ("[scale]", "[scale]\njobs = 3", ["jobs", "known: zones"]),
])
def test_what_is_refused_says_where_and_what_to_do(lowtide: Lowtide, old: str, new: str, says: list[str]) -> None:
    assert old in SCALE
    make(lowtide, SCALE.replace(old, new, 1))
    done = lowtide("study", "scale.toml", "--out", "out")
    assert done.returncode not in (0, 1) and not done.stdout and done.stderr.count("\n") == 1, done.stderr
    for words in says:
        assert words in done.stderr, done.stderr
    assert not (lowtide.folder / "out").exists(), "nothing is written for a study that cannot be"


def test_unlike_series_are_refused_and_nothing_stays(lowtide: Lowtide) -> None:
    make(lowtide, SCALE.replace('signal = "marginal"\n', "").replace('"2h", "1d"]', '"2h"]'))
    for zone, scope in (("DE", "direct"), ("FR", "LCA"), ("US-CAL-CISO", "direct")):
        rows = [f"{(BEGIN + dt.timedelta(hours=h)).strftime('%Y-%m-%d %H:%M:%S')},X,X,{zone},{h}\n" for h in range(120)]
        (lowtide.folder / "series" / f"{zone}_5min.csv").write_text(
            f"Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh ({scope})\n" + "".join(rows))
    done = lowtide("study", "scale.toml", "--out", "out")
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    for words in ("'DE' is average, direct", "'FR' is average, lifecycle", "unlike series"):
        assert words in done.stderr, done.stderr
    assert not (lowtide.folder / "out").exists()
