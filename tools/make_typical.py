#!/usr/bin/env python3
"""Write data/typical_odbl.csv: the typical carbon intensity of a zone, in g CO2e/kWh.

    tools/make_typical.py DATA_DIR [--out DIR]      build, from the inputs named by sha256
    tools/make_typical.py DATA_DIR --list-inputs    print a fresh data/typical_inputs.csv

DATA_DIR holds hourly Electricity Maps series (ODbL 1.0) as named in data/typical_inputs.csv. A cell
is the plain mean of all hours of its UTC month, its day type (weekday: Monday to Friday of the UTC
day) and its UTC hour. Every sum is made in integers, and rounding is half to even, so that the
output is the same bit for bit on every machine. Only the standard library is used.
"""

import argparse
import csv
import datetime
import decimal
import gzip
import hashlib
import io
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
INPUTS = HERE.parent / "data" / "typical_inputs.csv"
TYPICAL = "typical_odbl.csv"
ZONES = "typical_odbl_zones.csv"

# The value column by data set; both are average, consumption-based, life-cycle, in g CO2e/kWh.
COMMON_YEAR_SET = "electricitymaps-lca-hourly-2022"
COMMON_YEAR_COLUMN = "carbon_intensity_lca_gco2eq_per_kwh"
FULL_SETS = ("electricitymaps-hourly-2021-2024", "electricitymaps-hourly-2021-2023-br-es-no")
FULL_COLUMN = "Carbon Intensity gCO₂eq/kWh (LCA)"
# The newest year of the full sets whose publication under ODbL was read at the publisher; the
# licence of 2024 was not checked, so 2024 is left out (docs/adr/0010-typical-intensity.md).
FULL_YEAR = 2023
VIA = "Electricity Maps (ODbL 1.0) via github.com/"
FULL_SET_SOURCE = {
    FULL_SETS[0]: VIA + "HewlettPackard/sustain-cluster 293fbd15",
    FULL_SETS[1]: VIA + "umassos/decarbonization-potential 3493a630",
    COMMON_YEAR_SET: VIA + "umassos/decarbonization-potential 3493a630",
}
INPUT_COLUMNS = ["zone", "year", "file", "column", "sha256", "source"]
SCALE = 10**6  # values are summed as whole millionths of a g/kWh


class InputError(Exception):
    """An input is missing, is not the one named, or is malformed."""


def divide_half_even(numerator, denominator):
    """Whole-number quotient, rounded half to even; the denominator is positive."""
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1):
        quotient += 1
    return quotient


def decimal_text(whole, digits):
    """`whole` counts units of 10^-digits; written without trailing zeros."""
    text = str(decimal.Decimal(whole).scaleb(-digits))
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_time(text):
    """UTC hour of a row; both spellings of the data sets."""
    return datetime.datetime.fromisoformat(text.rstrip("Z"))


def read_series(path, column):
    """[(utc hour, millionths of g/kWh, estimated or None)], one a row; blanks are left out."""
    rows = []
    text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text))
    if column not in (reader.fieldnames or []):
        raise InputError(f"{path.name}: no column '{column}'")
    time_column = reader.fieldnames[0]
    for row in reader:
        if not row[column]:
            continue
        scaled = decimal.Decimal(row[column]) * SCALE
        if scaled != int(scaled):
            raise InputError(f"{path.name}:{reader.line_num}: more than six decimals")
        estimated = row.get("Data Estimated")
        rows.append((parse_time(row[time_column]), int(scaled),
                     None if estimated is None else estimated == "true"))
    return rows


def cells_of(rows):
    """{(month, day type): [[sum, count] of each UTC hour]}."""
    cells = {(month, day): [[0, 0] for _ in range(24)]
             for month in range(1, 13) for day in ("weekday", "weekend")}
    for when, value, _ in rows:
        day = "weekend" if when.weekday() >= 5 else "weekday"
        cell = cells[(when.month, day)][when.hour]
        cell[0] += value
        cell[1] += 1
    return cells


def typical_rows(zone, cells):
    """The lines of one zone: 12 months x 2 day types, 24 hours each, to 0.1 g/kWh."""
    for (month, day), hours in cells.items():
        if any(count == 0 for _, count in hours):
            raise InputError(f"{zone}: month {month} {day} has an hour without data")
        means = [decimal_text(divide_half_even(total * 10, count * SCALE), 1)
                 for total, count in hours]
        yield [zone, str(month), day, *means]


def spread95(rows, cells):
    """The 2.5th and 97.5th percentile of (hour - its cell) / cell in the source, in 0.1 %."""
    shares = []
    for when, value, _ in rows:
        day = "weekend" if when.weekday() >= 5 else "weekday"
        total, count = cells[(when.month, day)][when.hour]
        shares.append(divide_half_even(1000 * (value * count - total), total))
    shares.sort()
    tail = len(shares) * 25 // 1000
    return shares[tail], shares[-1 - tail]


def zone_row(entry, rows, cells):
    """What is said of one zone: year, mean, daily swing, spread, how much was estimated."""
    hours = [[0, 0] for _ in range(24)]
    for when, value, _ in rows:
        hours[when.hour][0] += value
        hours[when.hour][1] += 1
    total = sum(value for _, value, _ in rows)
    means = [divide_half_even(value * 1000, count * SCALE) for value, count in hours]
    mean = divide_half_even(total * 1000, len(rows) * SCALE)
    swing = divide_half_even(1000 * (max(means) - min(means)), mean)
    low, high = spread95(rows, cells)
    known = [estimated for _, _, estimated in rows if estimated is not None]
    estimated = decimal_text(divide_half_even(1000 * sum(known), len(known)), 1) if known else ""
    constant = min(value for _, value, _ in rows) == max(value for _, value, _ in rows)
    return [entry["zone"], entry["year"], "average", "lifecycle", "co2e", str(len(rows)),
            decimal_text(divide_half_even(mean, 100), 1), decimal_text(swing, 1),
            decimal_text(low, 1), decimal_text(high, 1), estimated, "constant" if constant else "",
            entry["source"], entry["sha256"]]


def to_csv(header, rows):
    """CSV text with plain line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def checked_path(data_dir, entry):
    """Path of an input whose bytes are those named by its sha256."""
    path = data_dir / entry["file"]
    if not path.is_file():
        raise InputError(f"{entry['file']}: not found under {data_dir}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != entry["sha256"]:
        raise InputError(f"{entry['file']}: sha256 {found}, expected {entry['sha256']}")
    return path


def build(data_dir, inputs=INPUTS):
    """{file name: text} of the two files, from the inputs named in `inputs`."""
    typical, zones = [], []
    with open(inputs, encoding="utf-8", newline="") as handle:
        entries = list(csv.DictReader(handle))
    for entry in sorted(entries, key=lambda row: row["zone"]):
        rows = read_series(checked_path(pathlib.Path(data_dir), entry), entry["column"])
        cells = cells_of(rows)
        typical.extend(typical_rows(entry["zone"], cells))
        zones.append(zone_row(entry, rows, cells))
    hours = [f"h{hour:02d}" for hour in range(24)]
    return {
        TYPICAL: to_csv(["zone", "month", "day", *hours], typical),
        ZONES: to_csv(["zone", "year", "signal", "scope", "gas", "hours", "mean_g_per_kwh",
                       "daily_swing_pct", "low95_pct", "high95_pct", "estimated_pct", "note",
                       "source", "input_sha256"], zones),
    }


def zone_of(path):
    """The zone that a file of the full sets says it is of; its name may be another."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as handle:
        return next(csv.DictReader(handle))["Zone Id"]


def list_inputs(data_dir):
    """Text of typical_inputs.csv: the best file of each zone that lies in DATA_DIR."""
    chosen = {}
    for path in sorted((data_dir / COMMON_YEAR_SET).glob("*_2022_lca.csv.gz")):
        chosen[path.name.split("_")[0]] = (path, "2022", COMMON_YEAR_SET, COMMON_YEAR_COLUMN)
    for folder in FULL_SETS:  # direct and life-cycle side by side, a newer year: preferred
        for path in sorted((data_dir / folder).glob(f"*_{FULL_YEAR}_hourly.csv.gz")):
            chosen[zone_of(path)] = (path, str(FULL_YEAR), folder, FULL_COLUMN)
    rows = []
    for zone in sorted(chosen):
        path, year, folder, column = chosen[zone]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append([zone, year, str(path.relative_to(data_dir)), column, digest,
                     FULL_SET_SOURCE[folder]])
    return to_csv(INPUT_COLUMNS, rows)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "data")
    parser.add_argument("--list-inputs", action="store_true")
    arguments = parser.parse_args()
    try:
        if arguments.list_inputs:
            sys.stdout.write(list_inputs(arguments.data_dir))
            return 0
        for name, text in build(arguments.data_dir).items():
            (arguments.out / name).write_bytes(text.encode("utf-8"))
    except InputError as error:
        print(f"make_typical: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
