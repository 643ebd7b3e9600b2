"""What the tests of `lowtide review` share: runs that a plan moved, as a ledger holds them, and the planner's sums in
plain Python."""

import itertools
import json
import math
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
from harness import Lowtide

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"
REVIEW, REVIEWS = (json.loads((FOLDER / f"lowtide.{name}-1.schema.json").read_text()) for name in ("review", "reviews"))
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
SLOT = 300 * 10**9
KWH = 3.6e6
WORK, WINDOW = 4, 16  # slots: 20 minutes of work, an hour to spare
PUE = 1.2


def ns(slot: float) -> int:
    """The begin of a slot, counted from BEGIN, in nanoseconds."""
    return int(BEGIN.timestamp()) * 10**9 + round(slot * SLOT)


def utc(slot: float) -> str:
    """The same as JSON has it."""
    return (BEGIN + timedelta(seconds=300 * slot)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def levels(seed: int) -> list[float]:
    """Intensities of a window, no two alike."""
    chance = random.Random(seed)
    return [round(chance.uniform(50, 400), 3) for _ in range(WINDOW)]


def write_series(lowtide: Lowtide, name: str, values: Sequence[float]) -> str:
    """A file of 5-minute values from BEGIN on, as a source."""
    path = lowtide.folder / name
    rows = [f"{(BEGIN + timedelta(minutes=5 * i)).isoformat()},{value}\n" for i, value in enumerate(values)]
    path.write_text("time,g_per_kwh\n" + "".join(rows))
    return f"file:{path}"


# The planner in plain Python: work of 1 kWh a slot, a charge for each resume, pauses free.

def cost(values: Sequence[float], slots: Sequence[int], resume_kwh: float, work: Sequence[float] = (1.0,) * WORK) -> float:
    """Grams of this schedule, PUE in."""
    sums = [PUE * energy * values[slot] for energy, slot in zip(work, slots, strict=True)]
    sums += [PUE * resume_kwh * values[now] for before, now in itertools.pairwise(slots) if now > before + 1]
    return math.fsum(sums)


def best(values: Sequence[float], resume_kwh: float, work: Sequence[float] = (1.0,) * WORK) -> tuple[int, ...]:
    """The cheapest of all schedules, by trying each."""
    return min(itertools.combinations(range(WINDOW), len(work)), key=lambda slots: cost(values, slots, resume_kwh, work))


# Runs in the ledger ----------------------------------------------------------------------------

def basis(**more: Any) -> dict[str, Any]:
    """What a plan was made on, as the driver keeps it."""
    return {"zone": "FR", "signal": "average", "source": "file", "model": "forecast.csv",
            "origins": [{"source": "file", "model": "h", "kind": "history", "issued": None},
                        {"source": "file", "model": "f", "kind": "forecast", "issued": utc(0)}], "sha256": "0" * 64, "pue": PUE, "gate": {"verdict": "shift", "low": 0.05, "high": 0.4},
            "charges": {"resume_j": 0.1 * KWH, "pause_j": 0, "restore_slots": 0, "restore_w": 0, "min_run": 1, "min_pause": 1,
                        "machine": "stays-on", "idle_w": 0, "hold_g_per_h": 0},
            "deadline": utc(WINDOW), "manner": "checkpoint"} | more


class Shifted:
    """A ledger with runs that a plan moved. A real run is made, then its rows are those of the run that is meant."""

    def __init__(self, lowtide: Lowtide) -> None:
        self.lowtide = lowtide

    def open(self) -> closing[sqlite3.Connection]:
        """The ledger."""
        return closing(sqlite3.connect(self.lowtide.home / "ledger.db", isolation_level=None))

    def run(self, source: str, ran: Sequence[int], *options: str, name: str = "shifted", zone: str = "FR",
            paused_kwh: float = 0.0) -> int:
        """A run that worked 1 kWh in each of these slots of the window, on a GPU; its key."""
        done = self.lowtide("run", "--intensity", source, "--location", zone, "--pue", str(PUE), "--embodied", "none",
                            "--name", name, *options, "--", "true")
        assert done.returncode == 0, done.stderr
        with self.open() as ledger:
            key = ledger.execute("SELECT max(key) FROM run").fetchone()[0]
            for table in ("slot", "use", "sample", "channel", "intensity_piece"):
                ledger.execute(f"DELETE FROM {table} WHERE run = ?", (key,))
            ledger.execute("UPDATE run SET submitted_ns = ?, begin_ns = ?, end_ns = ? WHERE key = ?",
                           (ns(0), ns(ran[0]), ns(ran[-1] + 1), key))
            ledger.execute("INSERT INTO channel VALUES (?, 0, 'gpu:0', 'gpu', 'made', 'GPU-1', 'nvml-counter', 1, NULL, '[]',"
                           " '', NULL)", (key,))
            for slot in range(ran[0], ran[-1] + 1):
                works = slot in ran
                ledger.execute("INSERT INTO slot VALUES (?, ?, 0, ?, ?, ?, ?, 0, 'measured', NULL, NULL)",
                               (key, ns(slot), ns(slot + 1), "running" if works else "paused",
                                (1.0 if works else paused_kwh) * KWH, SLOT))
        return key

    def act(self, key: int, standing: str = "done", about: str = "{}") -> None:
        """Says that a plan moved it."""
        with self.open() as ledger:
            ledger.execute("INSERT INTO act VALUES (?, 'here', ?, '', ?, ?)", (key, standing, about, ns(WINDOW)))

    def plan(self, key: int, forecast: Sequence[float] | None, promised: tuple[float, float] | None = None,
             **more: Any) -> None:
        """Its first plan: the forecast, and what was expected of the plan and of starting at once."""
        pieces = None
        if forecast is not None:
            pieces = json.dumps([[ns(i), ns(i + 1), value, "modelled", 0] for i, value in enumerate(forecast)])
        plan, now = promised or (None, None)
        saving = 1 - plan / now if promised else 0.25
        with self.open() as ledger:
            ledger.execute("INSERT INTO act_plan VALUES (?, 1, ?, 'cheaper', ?, '[]', ?, ?, ?, ?)",
                           (key, ns(0), saving, json.dumps(basis(**more)), pieces, plan, now))

    def pause(self, key: int, begin: float, end: float) -> None:
        """Its transitions: started, paused and running again."""
        with self.open() as ledger:
            for number, (at, changes, phase) in enumerate(((0, "started", "running"), (begin, "paused", "paused"),
                                                           (begin, "planned", "paused"), (end, "resumes", "resuming"),
                                                           (end, "resumed", "running"))):
                ledger.execute("INSERT INTO act_transition VALUES (?, ?, ?, ?, ?, '')", (key, number, ns(at), changes, phase))

    def learn(self, key: int, at: float, energy_kwh: float | None = None, takes_s: float | None = None,
              name: str = "shifted", number: int = 1) -> None:
        """What a pause taught."""
        energy = None if energy_kwh is None else energy_kwh * KWH
        with self.open() as ledger:
            ledger.execute("INSERT INTO act_learnt VALUES (?, ?, ?, 'checkpoint', ?, NULL, ?, NULL, ?)",
                           (key, number, name, ns(at), takes_s, energy))

    def id(self, key: int) -> str:
        """Of the run."""
        with self.open() as ledger:
            return ledger.execute("SELECT id FROM run WHERE key = ?", (key,)).fetchone()[0]

    def series(self, key: int, signal: str) -> None:
        """Adds the row of a series of the other signal, as a run keeps it."""
        with self.open() as ledger:
            ledger.execute("INSERT INTO intensity SELECT run, series + 1, zone, ?, source, sha256, about FROM intensity"
                           " WHERE run = ? AND series = 0", (signal, key))


def review(lowtide: Lowtide, *args: str) -> dict[str, Any]:
    """`lowtide review --json -`, read and checked by its schema."""
    done = lowtide("review", *args, "--json", "-")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    schema = REVIEWS if said["schema"] == "lowtide.reviews/1" else REVIEW
    store = {one["$id"]: one for one in (REVIEW, REVIEWS)}
    checker = jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=store))
    assert [error.message for error in checker.iter_errors(said)] == []
    return said
