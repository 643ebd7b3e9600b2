"""tools/typical_error.py: the error of the typical year, from zones and years whose error is known beforehand."""

import csv
import datetime as dt
import gzip
import hashlib
import io
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import typical_error  # noqa: E402

HOURS = 30 * 24
COLUMN = "Carbon Intensity gCO₂eq/kWh (LCA)"
DAY = [100 + 5 * (hour % 12) for hour in range(24)]  # g/kWh, of every typical day


def packed(factor: float, at: dt.datetime) -> bytes:
    """Thirty days of a zone: the typical day, each hour times `factor`."""
    rows = [[str(at + dt.timedelta(hours=i)), f"{DAY[i % 24] * factor:.3f}"] for i in range(HOURS)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["Datetime (UTC)", COLUMN], *rows])
    return gzip.compress(text.getvalue().encode(), mtime=0)


def write_table(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.fixture()
def tables(tmp_path: Path) -> Path:
    """CALM and WILD have two other years, 10 and 20 % over the typical one; SAME, LIKE, FAR and FLAT have none."""
    zones = {"CALM": (5, -2, 3), "WILD": (40, -30, 40), "SAME": (5, -2, 3), "LIKE": (14.9, -4, 6), "FAR": (8, -60, 90),
             "FLAT": (0, 0, 0)}
    write_table(tmp_path / "typical_odbl_zones.csv", [["zone", "year", "daily_swing_pct", "low95_pct", "high95_pct"],
                                                      *[[name, 2023, *said] for name, said in zones.items()]])
    write_table(tmp_path / "typical_odbl.csv",
                [["zone", "month", "day", *[f"h{hour:02}" for hour in range(24)]],
                 *[[zone, month, day, *DAY] for zone in zones for month in range(1, 13) for day in ("weekday", "weekend")]])
    inputs: list[list[object]] = [["zone", "year", "file", "column", "sha256", "source"]]
    for zone in ("CALM", "WILD"):
        for year, factor in ((2021, 1.1), (2022, 1.2)):
            data = packed(factor, dt.datetime(year, 3, 1))
            (tmp_path / f"{zone}_{year}.csv.gz").write_bytes(data)
            inputs.append([zone, year, f"{zone}_{year}.csv.gz", COLUMN, hashlib.sha256(data).hexdigest(), "made up"])
    write_table(tmp_path / "typical_error_inputs.csv", inputs)
    return tmp_path


def built(tables: Path) -> dict[str, list[dict[str, str]]]:
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in
            typical_error.build(tables, tables).items()}


def test_a_zone_with_other_years_is_judged_by_them_and_the_others_by_zones_like_them(tables: Path) -> None:
    rows = {row["zone"]: row for row in built(tables)[typical_error.ERROR]}
    said = {zone: (row["basis"], row["savings_of"], row["zones"], row["years"], row["low95_pct"], row["high95_pct"])
            for zone, row in rows.items()}
    assert said == {
        "CALM": ("held-out", "CALM", "1", "2021 2022", "10", "20"),
        "WILD": ("held-out", "WILD", "1", "2021 2022", "10", "20"),
        # A pool goes 20 - 3 % over its own year's spread, and 10 + 2 % less far under it.
        "SAME": ("pooled", "calm", "1", "2021 2022", "10", "20"),
        "LIKE": ("pooled", "calm", "1", "2021 2022", "8", "23"),
        "FLAT": ("pooled", "calm", "1", "2021 2022", "12", "17"),
        # Its days are flat, its hours are not: WILD goes 20 - 40 % over and 10 + 30 % less far under.
        "FAR": ("pooled", "swinging", "1", "2021 2022", "-20", "70"),
    }
    # Of the real mean: 0.1 / 1.1 and 0.2 / 1.2, and the typical year is too low.
    assert [rows["CALM"][column] for column in ("hours", "mae_pct", "bias_pct", "worst_year_bias_pct")] == [
        "1440", "12.9", "-12.9", "-16.7"]


def test_a_year_of_another_level_and_the_same_shape_keeps_every_promise(tables: Path) -> None:
    rows = built(tables)[typical_error.SAVINGS]
    assert {row["of"] for row in rows} == {"calm", "swinging", "CALM", "WILD"}
    for row in rows:
        assert float(row["shifts"]) >= typical_error.MIN_SHIFTS
        assert float(row["low10_pct"]) <= float(row["promised_pct"]) <= float(row["high90_pct"])
        assert abs(float(row["mean_pct"]) - float(row["promised_pct"])) < 0.11


def test_the_same_inputs_give_the_same_bytes_and_others_are_refused(tables: Path) -> None:
    assert typical_error.build(tables, tables) == typical_error.build(tables, tables)
    (tables / "CALM_2021.csv.gz").write_bytes(packed(1.3, dt.datetime(2021, 3, 1)))
    with pytest.raises(typical_error.InputError, match="CALM_2021.csv.gz: sha256"):
        typical_error.build(tables, tables)


def test_a_hole_in_a_year_is_refused() -> None:
    cells = {(1, "weekday"): [1] * 24}
    monday = dt.datetime(2024, 1, 1)
    rows = [(monday, 5, None), (monday + dt.timedelta(hours=2), 5, None)]
    with pytest.raises(typical_error.InputError, match="02:00:00 does not follow"):
        typical_error.beside(cells, rows, "x.csv.gz")


def test_zones_that_hold_one_another_do_not_judge_one_another() -> None:
    zones = [typical_error.Zone(name, 200, (-100, 100)) for name in ("BR", "BR-CS", "ES")]
    assert [zone.name for zone in typical_error.strangers(zones[0], zones, 150)] == ["ES"]
    assert [zone.name for zone in typical_error.strangers(zones[2], zones, 150)] == ["BR", "BR-CS"]


def by_hand(values: list[int], real: list[int], length: int) -> list[list[tuple[int, int]]]:
    """Typical and real sums of every start, and of every choice of hours, in a window."""
    starts = [range(i, i + length) for i in range(len(values) - length + 1)]
    choices = list(combinations(range(len(values)), length))
    return [[(sum(values[i] for i in picked), sum(real[i] for i in picked)) for picked in all_of]
            for all_of in (starts, choices)]


def test_shifts_are_the_best_that_all_starts_and_all_choices_of_hours_give() -> None:
    random = np.random.default_rng(4)
    typical, real = random.permutation(np.arange(50, 90)), random.integers(1, 90, 40)
    length, slack = 3, 4
    promised, came = [], []
    for kind in (0, 1):
        for at in range(len(typical) - length - slack + 1):
            window = slice(at, at + length + slack)
            plans = by_hand([int(x) for x in typical[window]], [int(x) for x in real[window]], length)
            now, best = plans[0][0], min(plans[kind])
            if best[0] < now[0]:
                promised.append(round(1000 * (now[0] - best[0]) / now[0]))
                came.append(round(1000 * (now[1] - best[1]) / now[1]))
    found = typical_error.shifts(typical, real, length, slack)
    assert [list(side) for side in found] == [promised, came]
    assert len(promised) > 30


def test_a_range_with_few_shifts_says_nothing() -> None:
    promised = np.array([10] * typical_error.MIN_SHIFTS + [600] * (typical_error.MIN_SHIFTS - 1))
    came = np.arange(len(promised))
    table = typical_error.savings_table((promised, came))
    assert table == [[10, round((typical_error.MIN_SHIFTS - 1) / 2), 100, 899, typical_error.MIN_SHIFTS]]
