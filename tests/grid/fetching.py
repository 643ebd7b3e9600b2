"""What tests of `lowtide grid fetch` share: the command against a loopback provider, and what it left behind."""

import json
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import Lowtide
from server import iso


@dataclass
class Fetched:
    """A finished `grid fetch`: the process and its JSON ([] when it wrote none)."""

    done: subprocess.CompletedProcess[str]
    said: list[dict[str, Any]]

    def line(self) -> str:
        """Its one line of trouble."""
        lines = [line for line in self.done.stderr.splitlines() if line.startswith("lowtide: ")]
        assert self.done.returncode != 0 and len(lines) == 1, self.done.stderr
        return lines[0]


def fetch(lowtide: Lowtide, source: str, zone: str, begin: datetime, end: datetime, *more: str) -> Fetched:
    """Fetches a span; the provider's settings are in lowtide.env."""
    path = lowtide.folder / "fetched.json"
    path.unlink(missing_ok=True)
    done = lowtide("grid", "fetch", zone, "--source", source, "--from", iso(begin), "--to", iso(end), "--json", str(path),
                   *more, timeout=300)
    return Fetched(done, json.loads(path.read_text()) if path.exists() else [])


def kept(lowtide: Lowtide, table: str = "value") -> list[tuple[str, datetime, int, float]]:
    """All that the cache has: (model, begin, length in seconds, g/kWh) in order of time."""
    with sqlite3.connect(lowtide.home / "cache.db") as cache:
        rows = cache.execute(f"SELECT model, begin_s, length_s, g_per_kwh FROM {table} AS v "
                             "JOIN series ON series.key = v.series ORDER BY begin_s").fetchall()
    return [(model, datetime.fromtimestamp(begin, UTC), length, value) for model, begin, length, value in rows]


def assert_nowhere(lowtide: Lowtide, secret: str, *texts: str) -> None:
    """Neither in these texts nor in any file that the program left."""
    assert secret not in "".join(texts)
    files = [path for path in Path(lowtide.folder).rglob("*") if path.is_file()]
    assert not [path for path in files if secret.encode() in path.read_bytes()]
