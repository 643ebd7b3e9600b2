"""How long `lowtide grid import` takes for a year of 5-minute data, from start to exit, the series kept on the disk.

105,120 rows with an offset in each stamp, as SGIP writes them, plain and packed with gzip; each round into a new home folder.
The reference is Python's csv module and sqlite3: the same rows read and put into a table of one key in one transaction. Wall time
and CPU time; goal: under 150 ms. With --rows N one import of N rows instead: its time and the most memory it held.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 15
YEAR = 365 * 288
GOAL_MS = 150.0


def write(path: Path, rows: int, opener: Callable[..., object] = open) -> None:
    """A file as SGIP writes them, values in kg/kWh."""
    at = dt.datetime(2021, 1, 1)
    step = dt.timedelta(minutes=5 if rows <= 20 * YEAR else 0, seconds=0 if rows <= 20 * YEAR else 10)
    with opener(path, "wt", encoding="ascii") as file:
        file.write("time,moer\n")
        for i in range(rows):
            file.write(f"{at + i * step:%Y-%m-%d %H:%M:%S}+00:00,{0.2 + i * 7919 % 10007 / 40000:.15f}\n")


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU milliseconds."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1e3 * wall, 1e3 * cpu


def reference(path: Path, folder: Path) -> float:
    """The same rows by csv and sqlite3, in this process: milliseconds."""
    begin = time.perf_counter()
    base = sqlite3.connect(folder / "reference.db")
    base.execute("CREATE TABLE value(begin_s INTEGER PRIMARY KEY, g REAL)")
    with path.open(newline="", encoding="ascii") as file:
        rows = csv.reader(file)
        next(rows)
        base.executemany("INSERT INTO value VALUES(?,?)",
                         ((int(dt.datetime.fromisoformat(stamp).timestamp()), float(value) * 1000) for stamp, value in rows))
    base.commit()
    base.close()
    (folder / "reference.db").unlink()
    return 1e3 * (time.perf_counter() - begin)


def say(name: str, values: list[float]) -> float:
    """Min, median and max of a row of figures; the median."""
    middle = statistics.median(values)
    print(f"  {name:<44} {min(values):8.1f} {middle:8.1f} {max(values):8.1f} ms")
    return middle


def year(binary: Path, folder: Path) -> None:
    """The rounds."""
    plain, packed = folder / "year.csv", folder / "year.csv.gz"
    write(plain, YEAR)
    write(packed, YEAR, gzip.open)
    home, env = folder / "home", {**os.environ, "LOWTIDE_HOME": str(folder / "home")}
    figures: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, file in (("plain", plain), ("gzip", packed)):
            shutil.rmtree(home, ignore_errors=True)
            wall, cpu = timed([str(binary), "grid", "import", str(file), "--zone", "US-CAL-CISO"], env)
            figures.setdefault(f"{name}, wall time", []).append(wall)
            figures.setdefault(f"{name}, CPU time", []).append(cpu)
            wall, _ = timed([str(binary), "grid", "import", str(file), "--zone", "US-CAL-CISO", "--check"], env)
            figures.setdefault(f"{name}, only checked, wall time", []).append(wall)
        figures.setdefault("reference: csv and sqlite3 of Python", []).append(reference(plain, folder))
    print(f"a year of 5-minute data imported ({YEAR} rows), from start to exit")
    medians = {name: say(name, values) for name, values in figures.items()}
    plain_ms = medians["plain, wall time"]
    print(f"  {plain_ms:.0f} ms (goal: under {GOAL_MS:g} ms: {'met' if plain_ms < GOAL_MS else 'missed'}), "
          f"{plain_ms / medians['reference: csv and sqlite3 of Python']:.2f} times the reference")


def long_file(binary: Path, folder: Path, rows: int) -> None:
    """One import of a long file."""
    path = folder / "long.csv.gz"
    write(path, rows, lambda *args, **more: gzip.open(*args, compresslevel=1, **more))
    env = {**os.environ, "LOWTIDE_HOME": str(folder / "home")}
    for more in (["--check"], []):
        wall, cpu = timed([str(binary), "grid", "import", str(path), "--zone", "US-CAL-CISO", *more], env)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{rows} rows {'checked' if more else 'kept'}: {wall / 1e3:.1f} s, {cpu / 1e3:.1f} s of CPU, at most {most:.1f} MB held")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path, help="a build folder with lowtide in it")
    parser.add_argument("--rows", type=int, default=0, help="one import of so many rows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        binary = (options.build / "lowtide").resolve()
        if options.rows:
            long_file(binary, Path(name), options.rows)
        else:
            year(binary, Path(name))


if __name__ == "__main__":
    main()
