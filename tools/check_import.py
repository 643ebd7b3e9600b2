"""Import every file of a folder of series with the binary and compare each report with index.csv.

index.csv has a row a file and value column, computed apart from lowtide: rows, duplicates, gaps, steps lost, blanks, first and
last stamp, step, lowest, mean and highest value (in the file's own unit) and the longest run of one value. Files that do not say
all of it themselves are given the flags that a user would give, by the rows of index.csv.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
from collections.abc import Iterator
from typing import Any

COUNTS = ("rows", "duplicates", "gaps", "steps_lost", "missing", "longest_constant_run")
FIGURES = ("min", "mean", "max")
ROUNDED = 5.1e-5  # index.csv has four decimals
AT_ONCE = 40      # files a call
Row = dict[str, str]


def flags_of(row: Row) -> list[str]:
    """What the file's header leaves open."""
    flags = []
    if row["source"].startswith("draf"):
        offset = re.match(r"UTC\+(\d)", row["time_zone"])
        flags += ["--begin", row["first"], "--tz", f"+0{offset[1]}:00" if offset else "UTC"]
    if row["source"].startswith("lets-wait-awhile"):
        flags += ["--unit", row["unit"], "--signal", "average", "--scope", "lifecycle", "--tz", "UTC"]
    return flags


def reports_of(binary: str, folder: pathlib.Path, files: list[str], flags: list[str]) -> list[dict[str, Any]]:
    """The check reports of some files; nothing is kept."""
    done = subprocess.run([binary, "grid", "import", "--check", *files, "--json", "-", *flags], cwd=folder,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(done.stderr.strip())
    return json.loads(done.stdout)


def seconds_of(stamp: str, zone: str) -> str:
    """A stamp of index.csv, in its own zone of time, as lowtide writes it."""
    import datetime as dt
    offset = re.match(r"UTC\+(\d)", zone)
    utc = dt.datetime.fromisoformat(stamp) - dt.timedelta(hours=int(offset[1]) if offset else 0)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def differences(row: Row, report: dict[str, Any]) -> Iterator[str]:
    """What of a report is not as index.csv has it."""
    for key in COUNTS:
        if report[key] != int(row[key]):
            yield f"{key} {report[key]}, not {row[key]}"
    for key in ("first", "last"):
        if report[key] != seconds_of(row[key], row["time_zone"]):
            yield f"{key} {report[key]}, not {row[key]} {row['time_zone']}"
    if report["step_s"] != float(row["step_s"]):
        yield f"step_s {report['step_s']}, not {row['step_s']}"
    factor = float(row["factor_to_g_per_kwh"])
    if report["factor_to_g_per_kwh"] != factor:
        yield f"factor {report['factor_to_g_per_kwh']}, not {row['factor_to_g_per_kwh']}"
    for key in FIGURES:
        if abs(report[key] / factor - float(row[key])) > ROUNDED:
            yield f"{key} {report[key] / factor}, not {row[key]}"
    if row["rows_flagged_estimated"] and report["estimated"] != int(row["rows_flagged_estimated"]):
        yield f"estimated {report['estimated']}, not {row['rows_flagged_estimated']}"
    if report["signal"] != row["signal"].split()[0]:
        yield f"signal {report['signal']}, not {row['signal']}"
    for word, scope in (("direct", "direct"), ("life-cycle", "lifecycle")):
        if word in row["signal"] and report["scope"] != scope:
            yield f"scope {report['scope']}, not {scope}"


def check_import(folder: pathlib.Path, binary: str) -> Iterator[str]:
    """One fault for each figure that differs; prints how many columns agree."""
    index = folder / "index.csv"
    with index.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    calls: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        files = calls.setdefault(tuple(flags_of(row)), [])
        if row["file"] not in files:
            files.append(row["file"])
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for flags, files in calls.items():
        # Two monthly files of one month would be one series: each apart.
        for at in range(0, len(files), AT_ONCE):
            try:
                reports = reports_of(binary, folder, files[at:at + AT_ONCE], list(flags))
            except ValueError as error:
                yield f"import: {error}"
                continue
            found.update({(report["file"], report["column"]): report for report in reports})
    agree = 0
    for row in rows:
        report = found.get((row["file"], row["column"]))
        wrong = ["no report"] if report is None else list(differences(row, report))
        agree += not wrong
        for fault in wrong:
            yield f"import: {row['file']}, {row['column']}: {fault}"
    print(f"check_data: {agree} of {len(rows)} imported columns are as index.csv has them")


def binary_of(root: pathlib.Path) -> str:
    """The program to import with."""
    return os.environ.get("LOWTIDE_BIN", str(root / "build" / "release" / "lowtide"))
