"""[scale] of `lowtide study` as Parquet, read by Apache Arrow: every value bit for bit, as its CSV has it."""

import csv
import datetime as dt
import json
import struct
import subprocess
from pathlib import Path

from harness import Lowtide

SCALE = """
name = "made"
title = "Wärme und Strom"
begin = 2022-03-26
end = 2022-04-02

[series]
file = "{zone}_hourly.csv"
signal = "marginal"
licence = "made here"

[scale]
zones = "all"
lengths = ["1h", "6h"]
slacks = ["6h", "24h"]
out = "cells.parquet"
"""
READ = """
import json, sys
import pyarrow.parquet as parquet
file = parquet.ParquetFile(sys.argv[1])
table = file.read()
groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
bits = lambda column: [None if v is None else __import__("struct").pack("<f", v).hex() for v in column.to_pylist()]
print(json.dumps({
    "names": table.column_names,
    "types": [str(field.type) for field in table.schema],
    "facts": {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()},
    "zone": table["zone"].to_pylist(),
    "start": [v.strftime("%Y-%m-%dT%H:%MZ") for v in table["start"].to_pylist()],
    "values": {name: bits(table[name]) for name in table.column_names[2:]},
    "groups": [[g.num_rows, g.column(0).statistics.min, g.column(0).statistics.max, g.column(0).compression] for g in groups],
    "one_zone": parquet.read_table(sys.argv[1], filters=[("zone", "=", "FR")]).num_rows,
}))
"""
HOURS = 7 * 24


def make(lowtide: Lowtide, out: str) -> Path:
    for k, zone in enumerate(("DE", "FR", "US-CAL-CISO")):
        rows = [f"2022-03-{26 + t // 24:02}T{t % 24:02}:00:00Z,{(t * 7919 * (k + 3)) % 641}\n" for t in range(6 * 24)]
        rows += [f"2022-04-01T{t:02}:00:00Z,{100 + 3 * t}\n" for t in range(24)]
        if zone == "FR":
            del rows[60:63]  # a gap in the midst
        (lowtide.folder / f"{zone}_hourly.csv").write_text("time,g_per_kwh\n" + "".join(rows))
    (lowtide.folder / "scale.toml").write_text(SCALE.replace("cells.parquet", out))
    done = lowtide("study", "scale.toml", "--out", out.split(".")[1])
    assert done.returncode == 0, done.stderr
    return lowtide.folder / out.split(".")[1] / out


def test_arrow_reads_every_value_bit_for_bit(lowtide: Lowtide, clients_python: str) -> None:
    with make(lowtide, "cells.csv").open() as file:
        rows = list(csv.DictReader(file))
    path = make(lowtide, "cells.parquet")
    done = subprocess.run([clients_python, "-c", READ, str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert len(rows) == 3 * HOURS and read["names"] == list(rows[0])
    assert read["types"] == ["string", "timestamp[ms, tz=UTC]"] + ["float"] * 8
    assert read["zone"] == [row["zone"] for row in rows]
    assert read["start"] == [row["start"] for row in rows]
    first = dt.datetime(2022, 3, 26, tzinfo=dt.UTC)
    assert read["start"][5] == (first + dt.timedelta(hours=5)).strftime("%Y-%m-%dT%H:%MZ")
    nulls = 0
    for name, values in read["values"].items():
        want = [struct.pack("<f", float(row[name])).hex() if row[name] else None for row in rows]
        assert values == want, name
        nulls += want.count(None)
        assert len(set(want)) > 100, "there is something to read"
    assert nulls > 3 * 8 * 6, "ends and the gap are null"


def test_arrow_finds_zones_by_row_group_and_what_is_said_of_the_figures(lowtide: Lowtide, clients_python: str) -> None:
    path = make(lowtide, "cells.parquet")
    done = subprocess.run([clients_python, "-c", READ, str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read["groups"] == [[HOURS, zone, zone, "ZSTD"] for zone in ("DE", "FR", "US-CAL-CISO")]
    assert read["one_zone"] == HOURS
    assert read["facts"]["title"] == "Wärme und Strom"
    assert read["facts"]["signal"] == "marginal" and read["facts"]["licence"] == "made here"
