"""What the tests of `lowtide plan` share: series, and the plan as checked JSON."""

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import jsonschema
from harness import Lowtide, job

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.plan-1.schema.json").read_text())
AT = "2021-03-01T10:00:00+00:00"
BUSY = job("import time\nend = time.time() + 0.7\nwhile time.time() < end: pass")


def series(lowtide: Lowtide, values: list[Any], first: str = AT, step: int = 5, name: str = "grid.csv") -> None:
    """A series of lowtide's own form; None is a row that is not there."""
    start = dt.datetime.fromisoformat(first)
    rows = [f"{(start + dt.timedelta(minutes=step * i)).isoformat()},{value}\n"
            for i, value in enumerate(values) if value is not None]
    (lowtide.folder / name).write_text("time,g_per_kwh\n" + "".join(rows))


def plan(lowtide: Lowtide, *args: str, at: str = AT, source: tuple[str, ...] = ("--intensity", "file:grid.csv"),
         **more: Any) -> dict[str, Any]:
    """`lowtide plan --json -`, read and checked by the schema."""
    when = () if "--at" in args else ("--at", at)
    done = lowtide("plan", *args, *source, *when, "--json", "-", **more)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    jsonschema.validate(said, SCHEMA, jsonschema.Draft202012Validator)
    return said


# 1200 W are 0.1 kWh a slot, and two slots of work; a resume at 5 minutes of mean power is 0.1 kWh.
HAND = [100, 100, 10, 100, 10, 100, 100, 100]
JOB = ("--duration", "10m", "--power", "1200W", "--within", "30m")


def at_once(lowtide: Lowtide, moment: dt.datetime) -> None:
    """The program's clock begins now at this moment, and goes twice as fast."""
    origin = int(moment.timestamp()) * 1_000_000_000
    lowtide.env |= {"LOWTIDE_TIME_SCALE": "2", "LOWTIDE_TIME_ORIGIN": f"{origin},{time.clock_gettime_ns(time.CLOCK_BOOTTIME)}"}


def policy(said: dict[str, Any], name: str) -> dict[str, Any]:
    """One of the five."""
    return next(one for one in said["policies"] if one["policy"] == name)


def minutes(said: dict[str, Any], times: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Runs as minutes from 10:00."""
    start = dt.datetime.fromisoformat(AT)
    return [tuple((dt.datetime.fromisoformat(run[end]) - start).total_seconds() / 60 for end in ("begin", "end"))
            for run in times]
