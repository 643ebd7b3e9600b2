#!/usr/bin/env python3
"""Scores the forecasts on real series and writes the tables of docs/forecast.md.

Reads hourly files of Electricity Maps (FOLDER/electricitymaps-hourly-*/ZONE_YEAR_hourly.csv.gz, life-cycle) and
5-minute marginal ones (FOLDER/sgip-caiso-pge-5min-*/*.csv.gz, kg/kWh), turns each into lowtide's own CSV, and runs
`lowtide grid score`: the last year of the first, the last 430 days of the second, whose rest is learned from.
A series that has its JSON in OUT already is not scored again. Progress and the time left go to stderr.
"""

import argparse
import csv
import gzip
import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- score: begin -->", "<!-- score: end -->"
# The zone of lowtide for a file's name, where they differ.
ZONES = {"BR-SP": "BR-CS", "DE-LU": "DE"}
Json = dict[str, Any]


@dataclass
class Series:
    """One file in lowtide's form and how it is scored."""

    name: str
    zone: str
    signal: str
    last: str
    rows: dict[str, float]


def rows_of(path: Path, column: str, factor: float) -> Iterator[tuple[str, float]]:
    """Time (UTC) and g/kWh of each row with a value."""
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        head = next(reader)
        at = next(i for i, name in enumerate(head) if column in name)
        for row in reader:
            if row[at]:
                yield row[0][:19].replace(" ", "T") + "Z", float(row[at]) * factor


def hourly(folder: Path) -> Iterator[Series]:
    """The zones that have several years."""
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*_hourly.csv.gz")):
        files.setdefault(re.sub(r"_\d{4}_hourly.*", "", path.name), []).append(path)
    for name, paths in files.items():
        rows = {time: value for path in paths for time, value in rows_of(path, "(LCA)", 1)}
        yield Series(name, ZONES.get(name, name), "average", "366d", rows)


def marginal(folder: Path) -> Iterator[Series]:
    """The 5-minute set: one series of all its months."""
    paths = sorted(folder.glob("*.csv.gz"))
    if paths:
        rows = {time: value for path in paths for time, value in rows_of(path, "moer", 1000)}
        yield Series("marginal-5min", "US-CAL-CISO", "marginal", "430d", rows)


def scored(binary: str, series: Series, out: Path) -> Json:
    """Its lowtide.score/1, made now or before."""
    path = out / f"{series.name}.json"
    if not path.exists():
        source = out / f"{series.name}.csv"
        source.write_text("time,g_per_kwh\n" + "".join(f"{time},{value}\n" for time, value in sorted(series.rows.items())))
        made = path.with_suffix(".part")
        subprocess.run([binary, "grid", "score", series.zone, "--signal", series.signal, "--intensity", f"file:{source}",
                        "--last", series.last, "--json", str(made)], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "LOWTIDE_HOME": str(out / "home")})
        made.rename(path)
    return json.loads(path.read_text())


def pct(value: float | None, digits: int = 1) -> str:
    """A share in percent."""
    return "·" if value is None or math.isnan(value) else f"{value * 100:.{digits}f}"


def spread(one: Json, digits: int = 1) -> str:
    """A figure with its interval."""
    return f"{pct(one['value'], digits)} ({pct(one['low'], digits)} to {pct(one['high'], digits)})"


def model_of(said: Json, name: str) -> Json:
    """One model's part."""
    return next(one for one in said["models"] if one["forecaster"] == name)


def errors_table(all_said: dict[str, Json]) -> str:
    """What the blend's errors are against the best baseline's."""
    lines = ["| series | best baseline | its MAE, % | blend, % | blend against it, % | rank | band holds, % | pinball, % | climatology, % |",
             "|---|---|---|---|---|---|---|---|---|"]
    for name, said in all_said.items():
        best, blend = model_of(said, said["best_baseline"]), model_of(said, "blend")
        lines.append(f"| {name} | {said['best_baseline']} | {pct(best['mae']['value'])} | {pct(blend['mae']['value'])} | "
                     f"{spread(blend['against_best_baseline'])} | {blend['rank_correlation']:.2f} | "
                     f"{pct(blend['coverage']['value'])} | {pct(blend['pinball']['value'], 2)} | "
                     f"{pct(said['climatology_pinball']['value'], 2)} |")
    return "\n".join(lines)


def jobs_table(all_said: dict[str, Json]) -> str:
    """What plans on the blend keep, without and with the gate."""
    lines = ["| series | job | policy | oracle saves, % | kept, % | worse, % of starts | with the gate kept, % | worse, % |",
             "|---|---|---|---|---|---|---|---|"]
    for name, said in all_said.items():
        jobs = model_of(said, "blend")["jobs"]
        for free, gated in zip(jobs[::2], jobs[1::2], strict=True):
            lines.append(f"| {name} | {free['job_s'] / 3600:g} h | {free['policy']} | {pct(free['oracle_saving'])} | "
                         f"{spread(free['kept'])} | {pct(free['worse_than_now'])} | {spread(gated['kept'])} | "
                         f"{pct(gated['worse_than_now'])} |")
    return "\n".join(lines)


def write_page(page: Path, all_said: dict[str, Json]) -> None:
    """Replaces what stands between the marks."""
    text = page.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    first = next(iter(all_said.values()))
    spans = f"Scored {first['begin'][:10]} to {first['end'][:10]}"
    page.write_text(f"{before}{BEGIN}\n{spans} (each file's own last year).\n\n{errors_table(all_said)}\n\n"
                    f"{jobs_table(all_said)}\n{END}{after}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    series = [one for folder in sorted(args.data.glob("electricitymaps-hourly-2021-2024")) for one in hourly(folder)]
    series += [one for folder in sorted(args.data.glob("sgip-caiso-pge-5min-*")) for one in marginal(folder)]
    if not series:
        print(f"score: no series that I know below {args.data}", file=sys.stderr)
        return 1
    begin, said = time.monotonic(), {}
    for i, one in enumerate(series):
        said[one.name] = scored(args.binary, one, args.out)
        left = (time.monotonic() - begin) / (i + 1) * (len(series) - i - 1)
        print(f"score: {one.name}, {i + 1} of {len(series)}, about {left / 60:.0f} min left", file=sys.stderr)
    if args.page:
        write_page(args.page, said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
