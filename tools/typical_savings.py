#!/usr/bin/env python3
"""What shifts that the typical year promises came to in other years: the table in src/grid/typical.cc.

    tools/typical_savings.py FILE.csv.gz...

Each file holds a year of a zone by hours (Electricity Maps, ZONE_YEAR_hourly.csv.gz, its life-cycle column). The
year that the typical values are of is left out. From every hour, jobs of 1 to 24 h with 6 to 48 h to spare start at the
best time, and pause into the lowest hours, by the typical values; both are then priced by the real ones.
Needs numpy.
"""

import csv
import datetime as dt
import gzip
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[1] / "data"
NAMES = {"BR-SP": "BR-CS", "DE-LU": "DE"}  # of the files, as Electricity Maps calls the zones
LENGTHS, SLACKS = (1, 3, 6, 12, 24), (6, 12, 24, 48)  # hours
EDGES = (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7)


def table() -> dict[str, dict[tuple[int, str], list[float]]]:
    """Zone, then month and day type: 24 values."""
    cells: dict[str, dict[tuple[int, str], list[float]]] = {}
    with (DATA / "typical_odbl.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            values = [float(row[f"h{hour:02}"]) for hour in range(24)]
            cells.setdefault(row["zone"], {})[int(row["month"]), row["day"]] = values
    return cells


def read(path: Path) -> tuple[dt.datetime, np.ndarray]:
    """The first hour, and the life-cycle intensity of each."""
    with gzip.open(path, "rt", newline="") as file:
        head, *rows = csv.reader(file)
    column = next(i for i, name in enumerate(head) if "LCA" in name or "Life cycle" in name)
    return dt.datetime.fromisoformat(rows[0][0]), np.array([float(row[column]) for row in rows])


def shifts(typical: np.ndarray, real: np.ndarray, length: int, slack: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Promised and real savings of starting later, and of pausing."""
    windows = np.lib.stride_tricks.sliding_window_view
    t, r = windows(typical, length + slack), windows(real, length + slack)
    now_t, now_r = t[:, :length].sum(axis=1), np.maximum(r[:, :length].sum(axis=1), 1e-9)
    sums_t, sums_r = (windows(values, length).sum(axis=1) for values in (typical, real))
    best = np.argmin(np.round(windows(sums_t, slack + 1)[: len(t)], 6), axis=1) + np.arange(len(t))
    lowest = np.argsort(np.round(t, 6), axis=1, kind="stable")[:, :length]
    pick = [(sums_t[best], sums_r[best]), tuple(np.take_along_axis(v, lowest, axis=1).sum(axis=1) for v in (t, r))]
    return [(1 - one_t / now_t, 1 - one_r / now_r) for one_t, one_r in pick]


def main() -> None:
    """Prints a row for each range of promises."""
    cells = table()
    with (DATA / "typical_odbl_zones.csv").open(newline="") as file:
        years = {row["zone"]: row["year"] for row in csv.DictReader(file)}
    promised: list[np.ndarray] = []
    came: list[np.ndarray] = []
    for path in map(Path, sys.argv[1:]):
        name, year = path.name.split("_")[:2]
        zone = NAMES.get(name, name)
        if year == years[zone]:
            continue
        start, real = read(path)
        times = [start + dt.timedelta(hours=i) for i in range(len(real))]
        typical = np.array([cells[zone][time.month, "weekend" if time.isoweekday() >= 6 else "weekday"][time.hour]
                            for time in times])
        for length in LENGTHS:
            for slack in SLACKS:
                for promise, saving in shifts(typical, real, length, slack):
                    moved = promise > 1e-6
                    promised.append(promise[moved])
                    came.append(saving[moved])
    promise, saving = np.concatenate(promised), np.concatenate(came)
    print("promised    mean     10 %     90 %    shifts")
    for low, high in zip(EDGES, EDGES[1:]):
        there = (promise >= low) & (promise < high)
        ends = np.quantile(saving[there], (0.1, 0.9))
        print(f"{promise[there].mean():8.3f} {saving[there].mean():7.3f} {ends[0]:8.3f} {ends[1]:8.3f} {there.sum():9}")


if __name__ == "__main__":
    main()
