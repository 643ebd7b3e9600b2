#!/usr/bin/env python3
"""Write data/typical_odbl_error.csv and typical_odbl_savings.csv: how wrong the typical year was in other years.

    tools/typical_error.py DATA_DIR [--out DIR]     build, from the inputs named by sha256
    tools/typical_error.py DATA_DIR --list-inputs   print a fresh data/typical_error_inputs.csv
    tools/typical_error.py DATA_DIR --judge         print what leaving each zone out says of the pools

A zone with other years (data/typical_error_inputs.csv) is judged by them: each hour against its typical value, and
shifts chosen by the typical year, priced by the real hours. Every other zone gets what was found in the zones with a
like daily swing: its own year's spread, widened by as much as theirs was too narrow for their other years
(docs/adr/0010-typical-intensity.md). Errors are whole tenths of a percent and energies of shifts whole numbers, so
that the output is the same bit for bit on every machine. Needs numpy.
"""

import argparse
import csv
import datetime as dt
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import make_typical  # noqa: E402  (its neighbour, found by the line above)
from make_typical import InputError, decimal_text, to_csv  # noqa: E402

DATA = Path(__file__).resolve().parents[1] / "data"
INPUTS = "typical_error_inputs.csv"
ERROR = "typical_odbl_error.csv"
SAVINGS = "typical_odbl_savings.csv"
ERROR_COLUMNS = ["zone", "basis", "savings_of", "zones", "years", "hours", "low95_pct", "high95_pct", "mae_pct",
                 "bias_pct", "worst_year_bias_pct", "source"]
SAVINGS_COLUMNS = ["of", "promised_pct", "mean_pct", "low10_pct", "high90_pct", "shifts"]
SOURCE = "Electricity Maps (ODbL 1.0), measured by lowtide"

# Zones with a like swing: calm ones, and the others. With the pools' tail the edge is what leaving each zone out asked
# for: the narrowest bounds that held 95 % of the hours (--judge). A zone whose own hours lie far from its mean days is
# not calm, however flat those are: no calm zone with other years is like it.
EDGE = 150        # daily swing, 0.1 %
CALM_SPREAD = 200  # of a calm zone's own year, 0.1 %
TAIL = 25         # of 1000 hours beyond each end, in a zone's own other years
POOL_TAIL = 10    # the same of a pool, which has to hold for a zone that is not in it
TAIL_SAVING = 100  # of 1000 shifts
MIN_SHIFTS = 1000  # a range of promises with fewer says nothing
# Zones that hold one another are no strangers: one is never judged by the other.
KIN = ({"BR", "BR-CS"},)

LENGTHS, SLACKS = (1, 3, 6, 12, 24), (6, 12, 24, 48)  # hours
PROMISES = (0, 20, 50, 100, 150, 200, 250, 300, 400, 500, 700, 1000)  # 0.1 %: edges of ranges

Pair = tuple[np.ndarray, np.ndarray]


class Zone:
    """A zone's typical year beside its other years; intensities in whole millionths of a g/kWh."""

    def __init__(self, name: str, swing: int, spread: tuple[int, int]) -> None:
        self.name = name
        self.swing = swing    # 0.1 %
        self.spread = spread  # of its own year, 0.1 %
        self.years: dict[str, Pair] = {}  # typical, real
        self._shifts: Pair | None = None

    def errors(self) -> np.ndarray:
        """(hour - typical) / typical of every hour of the other years, in 0.1 %."""
        return np.concatenate([tenths(real - typical, typical) for typical, real in self.years.values()])

    def shifts(self) -> Pair:
        """What was promised and what came, of every shift in every other year, in 0.1 %."""
        if self._shifts is None:
            found = [shifts(*year, length, slack) for year in self.years.values() for length in LENGTHS
                     for slack in SLACKS]
            self._shifts = tuple(np.concatenate([pair[side] for pair in found]) for side in (0, 1))
        return self._shifts

    def yearly(self) -> tuple[list[int], list[int]]:
        """Of each year the mean absolute error and the mean error of the typical year, in 0.1 % of the real mean."""
        maes = [tenths(np.abs(real - typical).sum(), real.sum()) for typical, real in self.years.values()]
        return [int(x) for x in maes], [int(tenths((t - r).sum(), r.sum())) for t, r in self.years.values()]


def tenths(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A quotient in whole tenths of a percent, rounded half to even."""
    return np.rint(1000 * part / whole).astype(np.int64)


def quantiles(values: np.ndarray, tail: int) -> tuple[int, int]:
    """The ends that leave `tail` of 1000 values beyond each."""
    ordered = np.sort(values)
    beyond = len(ordered) * tail // 1000
    return int(ordered[beyond]), int(ordered[-1 - beyond])


def shifts(typical: np.ndarray, real: np.ndarray, length: int, slack: int) -> Pair:
    """Promised and real savings of starting later, and of pausing, from every hour; only what promises to save."""
    windows = np.lib.stride_tricks.sliding_window_view
    t, r = windows(typical, length + slack), windows(real, length + slack)
    sums_t, sums_r = (np.convolve(values, np.ones(length, np.int64), "valid") for values in (typical, real))
    now_t, now_r = sums_t[: len(t)], sums_r[: len(t)]
    best = np.argmin(windows(sums_t, slack + 1)[: len(t)], axis=1) + np.arange(len(t))
    # The lowest hours, the earlier of equal ones: the place in the window is the last digits of the key.
    lowest = np.partition(t * 128 + np.arange(length + slack), length - 1, axis=1)[:, :length] % 128
    paused = [np.take_along_axis(values, lowest, axis=1).sum(axis=1) for values in (t, r)]
    promised, came = [], []
    for shifted_t, shifted_r in ((sums_t[best], sums_r[best]), paused):
        moved = (shifted_t < now_t) & (now_r > 0)
        promised.append(tenths((now_t - shifted_t)[moved], now_t[moved]))
        came.append(tenths((now_r - shifted_r)[moved], now_r[moved]))
    return np.concatenate(promised), np.concatenate(came)


def savings_table(pair: Pair) -> list[list[int]]:
    """Of each range of promises: mean promise, mean of what came, its 10 % and 90 % quantiles (0.1 %), shifts."""
    promised, came = pair
    rows = []
    for low, high in zip(PROMISES, PROMISES[1:]):
        there = (promised >= low) & (promised < high)
        if there.sum() < MIN_SHIFTS:
            continue
        ends = quantiles(came[there], TAIL_SAVING)
        rows.append([*(int(tenths(x[there].sum(), 1000 * there.sum())) for x in (promised, came)), *ends,
                     int(there.sum())])
    return rows


def pool_key(zone: Zone, edge: int = EDGE) -> str:
    """The name of the zones with a like swing."""
    near = -CALM_SPREAD <= zone.spread[0] and zone.spread[1] <= CALM_SPREAD
    return "calm" if zone.swing < edge and near else "swinging"


def strangers(zone: Zone, zones: list[Zone], edge: int) -> list[Zone]:
    """The zones of a like swing that a zone can be judged by."""
    kin = next((group for group in KIN if zone.name in group), {zone.name})
    return [other for other in zones if other.name not in kin and pool_key(other, edge) == pool_key(zone, edge)]


def excess(pool: list[Zone], tail: int) -> tuple[int, int]:
    """By how much the other years went beyond the spread of each zone's own year, in 0.1 %."""
    low = np.concatenate([zone.errors() - zone.spread[0] for zone in pool])
    high = np.concatenate([zone.errors() - zone.spread[1] for zone in pool])
    return quantiles(low, tail)[0], quantiles(high, tail)[1]


def widened(spread: tuple[int, int], by: tuple[int, int]) -> tuple[int, int]:
    """A year's own spread with a pool's excess; nothing is under zero intensity."""
    return max(-1000, spread[0] + by[0]), spread[1] + by[1]


def typical_cells(data: Path) -> dict[str, dict[tuple[int, str], list[int]]]:
    """Zone, then month and day type: 24 values in whole millionths of a g/kWh."""
    cells: dict[str, dict[tuple[int, str], list[int]]] = {}
    with (data / make_typical.TYPICAL).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values = [round(float(row[f"h{hour:02}"]) * 10) * make_typical.SCALE // 10 for hour in range(24)]
            cells.setdefault(row["zone"], {})[int(row["month"]), row["day"]] = values
    return cells


def beside(cells: dict[tuple[int, str], list[int]], rows: list, name: str) -> Pair:
    """The typical and the real value of each hour of a year."""
    for (before, *_), (when, *_) in zip(rows, rows[1:]):
        if when - before != dt.timedelta(hours=1):
            raise InputError(f"{name}: {when} does not follow {before}")
    typical = [cells[when.month, "weekend" if when.weekday() >= 5 else "weekday"][when.hour] for when, *_ in rows]
    return np.array(typical), np.array([value for _, value, _ in rows])


def zone_table(data: Path) -> dict[str, Zone]:
    """What typical_odbl_zones.csv says of each."""
    with (data / make_typical.ZONES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def number(row: dict[str, str], column: str) -> int:
        return round(float(row[column]) * 10)

    return {row["zone"]: Zone(row["zone"], number(row, "daily_swing_pct"),
                              (number(row, "low95_pct"), number(row, "high95_pct"))) for row in rows}


def read(data_dir: Path, data: Path) -> dict[str, Zone]:
    """All zones of the typical year, those with other years beside them."""
    zones, cells = zone_table(data), typical_cells(data)
    with (data / INPUTS).open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            path = make_typical.checked_path(data_dir, entry)
            rows = make_typical.read_series(path, entry["column"])
            zones[entry["zone"]].years[entry["year"]] = beside(cells[entry["zone"]], rows, path.name)
    return zones


def percent(value: int) -> str:
    """Tenths of a percent as text."""
    return decimal_text(value, 1)


def mean_of(values: list[int]) -> int:
    """The mean, rounded half to even."""
    return make_typical.divide_half_even(sum(values), len(values))


def error_row(zone: Zone, pool: list[Zone], by: tuple[int, int]) -> list[str]:
    """A zone by its own other years, else by its pool."""
    own = bool(zone.years)
    judges = [zone] if own else pool
    low, high = quantiles(zone.errors(), TAIL) if own else widened(zone.spread, by)
    maes, biases = (sum((judge.yearly()[side] for judge in judges), []) for side in (0, 1))
    years = sorted({year for judge in judges for year in judge.years})
    hours = sum(len(real) for judge in judges for _, real in judge.years.values())
    return [zone.name, "held-out" if own else "pooled", zone.name if own else pool_key(zone), str(len(judges)),
            " ".join(years), str(hours), percent(low), percent(high), percent(mean_of(maes)), percent(mean_of(biases)),
            percent(max(biases, key=abs)), SOURCE]


def build(data_dir: Path, data: Path = DATA) -> dict[str, str]:
    """{file name: text} of the two files, from the inputs and the typical year in `data`."""
    zones = read(Path(data_dir), Path(data))
    judges = [zone for zone in zones.values() if zone.years]
    pools = {key: [zone for zone in judges if pool_key(zone) == key] for key in ("calm", "swinging")}
    by = {key: excess(pool, POOL_TAIL) for key, pool in pools.items()}
    errors = [error_row(zone, pools[pool_key(zone)], by[pool_key(zone)]) for zone in zones.values()]
    tables = {key: savings_table(together(pool)) for key, pool in pools.items()}
    tables |= {zone.name: savings_table(zone.shifts()) for zone in judges}
    savings = [[of, *map(percent, row[:4]), str(row[4])] for of, rows in tables.items() for row in rows]
    return {ERROR: to_csv(ERROR_COLUMNS, errors), SAVINGS: to_csv(SAVINGS_COLUMNS, savings)}


def together(pool: list[Zone]) -> Pair:
    """The shifts of all zones of a pool."""
    return tuple(np.concatenate([zone.shifts()[side] for zone in pool]) for side in (0, 1))


def range_of(table: list[list[int]], promised: np.ndarray) -> Pair:
    """The bounds that the program reads off a table: linear between promises, no more than was seen."""
    known = [row[0] for row in table]
    return tuple(np.interp(promised, known, [row[column] for row in table]) for column in (2, 3))


def held(values: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> float:
    """The share of values within the bounds, in percent."""
    return 100 * float(((values >= low) & (values <= high)).mean())


def summary(shares: dict[str, float]) -> str:
    """All zones alike, and the worst."""
    worst = min(shares, key=lambda name: shares[name])
    return f"{sum(shares.values()) / len(shares):5.1f} %, worst {worst} {shares[worst]:.1f} %"


def judge(data_dir: Path, data: Path, say: Callable[[str], None] = print) -> None:
    """Each zone by the pool without it, each year by the zone's others."""
    zones = [zone for zone in read(data_dir, data).values() if zone.years]
    say("hours within the bounds of the other zones with a like swing, by the swing that parts them and the tail")
    for edge in (0, 100, 150, 180, 200, 250):
        for tail in (25, 15, 10, 5):
            bounds = {zone.name: widened(zone.spread, excess(strangers(zone, zones, edge), tail)) for zone in zones}
            width = sum(high - low for low, high in bounds.values()) / len(bounds) / 10
            say(f"  {edge / 10:4.0f} % {tail / 10:4.1f} %: "
                + summary({zone.name: held(zone.errors(), *bounds[zone.name]) for zone in zones})
                + f", mean width {width:.0f} %")
    say("hours of a year within the bounds of the zone's other years")
    say("  " + summary({f"{zone.name} {year}": held(tenths(zone.years[year][1] - zone.years[year][0],
                                                          zone.years[year][0]), *without(zone, year))
                        for zone in zones for year in zone.years}))
    say("shifts above the 10 % quantile of the other zones, and within 10 % and 90 %")
    for edge in (0, EDGE):
        above, within = {}, {}
        for zone in zones:
            promised, came = zone.shifts()
            low, high = range_of(savings_table(together(strangers(zone, zones, edge))), promised)
            above[zone.name], within[zone.name] = held(came, low, np.inf), held(came, low, high)
        say(f"  {edge / 10:4.0f} %: {summary(above)}; {summary(within)}")


def without(zone: Zone, year: str) -> tuple[int, int]:
    """A zone's bounds by its other years but one."""
    rest = Zone(zone.name, zone.swing, zone.spread)
    rest.years = {other: pair for other, pair in zone.years.items() if other != year}
    return quantiles(rest.errors(), TAIL)


def list_inputs(data_dir: Path, data: Path) -> str:
    """Text of typical_error_inputs.csv: each year of a zone but that of its typical values."""
    with (data / make_typical.ZONES).open(encoding="utf-8", newline="") as file:
        of_typical = {row["zone"]: row["year"] for row in csv.DictReader(file)}
    rows = []
    for folder in make_typical.FULL_SETS:
        for path in sorted((data_dir / folder).glob("*_hourly.csv.gz")):
            year = path.name.split("_")[1]
            zone = make_typical.zone_of(path)
            if year != of_typical[zone]:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                rows.append([zone, year, str(path.relative_to(data_dir)), make_typical.FULL_COLUMN, digest,
                             make_typical.FULL_SET_SOURCE[folder]])
    return to_csv(make_typical.INPUT_COLUMNS, sorted(rows))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--list-inputs", action="store_true")
    parser.add_argument("--judge", action="store_true")
    arguments = parser.parse_args()
    try:
        if arguments.list_inputs:
            sys.stdout.write(list_inputs(arguments.data_dir, DATA))
        elif arguments.judge:
            judge(arguments.data_dir, DATA)
        else:
            for name, text in build(arguments.data_dir).items():
                (arguments.out / name).write_bytes(text.encode("utf-8"))
    except InputError as error:
        print(f"typical_error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
