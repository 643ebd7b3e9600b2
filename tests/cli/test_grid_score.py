"""`lowtide grid score`: errors, bands and kept savings of forecasts that can be checked by hand."""

import datetime as dt
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide, binary

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.score-1.schema.json").read_text())
FIRST = dt.datetime(2021, 1, 4, tzinfo=dt.UTC)
Json = dict[str, Any]


def wave(hour: int) -> float:
    """A day's shape and weather: no two days are alike."""
    return 300 + 80 * math.sin(2 * math.pi * hour / 24) + 40 * math.sin(hour / 17.3) + 25 * math.sin(hour / 3.1)


def series(lowtide: Lowtide, values: list[float]) -> None:
    rows = [f"{(FIRST + dt.timedelta(hours=i)).isoformat()},{value}\n" for i, value in enumerate(values)]
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n" + "".join(rows))


def score(lowtide: Lowtide, *args: str) -> Json:
    """Its JSON, checked by the schema."""
    done = lowtide("grid", "score", "FR", "--intensity", "file:grid.csv", "--json", "-", *args, timeout=300)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, "no progress where there is no terminal"
    said = json.loads(done.stdout)
    jsonschema.validate(said, SCHEMA, jsonschema.Draft202012Validator)
    return said


def model(said: Json, name: str) -> Json:
    return next(one for one in said["models"] if one["forecaster"] == name)


def test_the_schema_requires_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for found in (SCHEMA, *(SCHEMA["$defs"][name] for name in ("spread", "job", "model"))):
        assert set(found["required"]) == set(found["properties"]) and found["additionalProperties"] is False


def test_who_knows_each_day_keeps_the_oracles_saving(lowtide: Lowtide) -> None:
    """Every day is the same: yesterday is right, persistence never moves a job."""
    day = [wave(h) for h in range(24)]
    series(lowtide, day * 110)
    said = score(lowtide, "--last", "20d", "--forecaster", "persistence,yesterday")
    assert [one["forecaster"] for one in said["models"]] == ["persistence", "yesterday"]
    assert said["best_baseline"] == "yesterday" and said["mean_g_per_kwh"] == pytest.approx(sum(day) / 24)
    right, still = model(said, "yesterday"), model(said, "persistence")
    assert right["mae"]["value"] == pytest.approx(0, abs=1e-9) and right["rank_correlation"] == pytest.approx(1)
    # By hand: the newest value against each of the next 48, over all hours of the day.
    by_hour = [sum(abs(day[(t + 1 + h) % 24] - day[t]) for t in range(24)) / sum(day) for h in range(48)]
    assert still["mae_by_hour"] == pytest.approx(by_hour, rel=0.02)
    assert {job["job_s"] / 3600 for job in right["jobs"]} == {1, 6, 19, 36} and len(right["jobs"]) == 16
    for mine, other in zip(right["jobs"], still["jobs"], strict=True):
        if not mine["gated"]:
            assert mine["kept"]["value"] == pytest.approx(1, abs=1e-3) and mine["worse_than_now"] == 0
            assert mine["oracle_saving"] > 0.02 and mine["starts"] > 50
            assert other["kept"]["value"] == pytest.approx(0, abs=1e-9)


def test_the_oracles_saving_is_that_of_brute_force(lowtide: Lowtide) -> None:
    """Flexible start of 6 h with 24 h of slack, by trying each start."""
    values = [wave(h) for h in range(24 * 110)]
    series(lowtide, values)
    said = score(lowtide, "--last", "15d", "--forecaster", "yesterday")
    [job] = [job for job in said["models"][0]["jobs"]
             if job["job_s"] == 6 * 3600 and job["policy"] == "flexible_start" and not job["gated"]]
    starts = range(24 * 95, 24 * 110 - 30 + 1, 7)
    run = [sum(values[t:t + 6]) for t in range(len(values) - 5)]
    now = sum(run[t] for t in starts)
    best = sum(min(run[t:t + 25]) for t in starts)
    assert job["starts"] == len(starts)
    assert job["oracle_saving"] == pytest.approx(1 - best / now, rel=1e-9)
    assert job["saving"]["value"] <= job["oracle_saving"]
    assert job["kept"]["low"] <= job["kept"]["value"] <= job["kept"]["high"]


def test_nothing_after_the_span_counts(lowtide: Lowtide) -> None:
    values = [wave(h) for h in range(24 * 120)]
    args = ("--last", "15d", "--to", (FIRST + dt.timedelta(days=100)).isoformat(), "--forecaster", "decay")
    series(lowtide, values)
    first = score(lowtide, *args)
    series(lowtide, values[:2400] + [9999.0] * 480)
    assert score(lowtide, *args) == first
    assert first["end"] == "2021-04-14T00:00:00.000Z"


def test_the_text_has_both_tables(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 100)])
    done = lowtide("grid", "score", "FR", "--intensity", "file:grid.csv", "--last", "14d", "--forecaster",
                   "mean-7-days", "--json", "s.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((lowtide.folder / "s.json").read_text())["schema"] == "lowtide.score/1"
    for words in ("MAE in % of the mean", "oracle's saving", "climatology", "with the gate", "note: only 86 d"):
        assert words in done.stdout, words


def test_what_was_scored_before_is_kept_by_its_hash(lowtide: Lowtide) -> None:
    """The same question is answered from what is kept; other values, or another model, are not."""
    values = [wave(h) for h in range(24 * 110)]
    series(lowtide, values)
    args = ("--last", "15d", "--forecaster", "persistence,yesterday")
    first = score(lowtide, *args)
    [kept] = (lowtide.home / "results").iterdir()
    assert score(lowtide, *args) == first and len(list((lowtide.home / "results").iterdir())) == 1
    kept.write_bytes(kept.read_bytes()[:-9])  # damaged: as if it had not been kept
    assert score(lowtide, *args) == first
    score(lowtide, "--last", "15d", "--forecaster", "yesterday")
    values[24 * 60] += 1
    series(lowtide, values)
    score(lowtide, *args)
    assert len(list((lowtide.home / "results").iterdir())) == 3
    made = kept.stat().st_mtime_ns
    values[24 * 60] -= 1
    series(lowtide, values)
    assert score(lowtide, *args) == first and kept.stat().st_mtime_ns == made, "it is read, not made anew"
    kept.write_bytes(kept.read_bytes().replace(b"yesterday", b"last-week"))
    assert score(lowtide, *args) == first, "what was changed is not believed"
    assert kept.stat().st_mtime_ns != made
    other = lowtide.folder / "lowtide-of-another-build"
    other.write_bytes(Path(binary()).read_bytes() + b"\0")
    other.chmod(0o755)
    share = str(Path(binary()).parent / "share" / "lowtide")
    done = subprocess.run([other, "grid", "score", "FR", "--intensity", "file:grid.csv", "--json", "-", *args],
                          env=lowtide.env | {"LOWTIDE_SHARE": share}, cwd=lowtide.folder, capture_output=True, check=True)
    assert json.loads(done.stdout) == first
    assert len(list((lowtide.home / "results").iterdir())) == 4, "another build makes its own"


def test_without_a_baseline_nothing_is_said_of_it(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 110)])
    said = score(lowtide, "--last", "15d", "--forecaster", "decay,ridge")
    assert said["best_baseline"] in (None, "decay")
    if said["best_baseline"] is None:
        assert all(one["against_best_baseline"] == {"value": None, "low": None, "high": None} for one in said["models"])
    alone = score(lowtide, "--last", "15d", "--forecaster", "ridge")
    assert alone["best_baseline"] is None
    assert alone["models"][0]["against_best_baseline"] == {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(("args", "status", "says"), [
    (("--last", "13d"), 4, "14 days"),
    (("--last", "50d"), 4, "--last"),
    (("--last", "430d"), 4, "--last"),  # longer than a plan may look ahead
    (("--last", "soon"), 2, "--last"),
    (("--forecaster", "oracle"), 2, "mean-7-days"),
    (("--to", "soon"), 2, "--to"),
])
def test_what_is_refused(lowtide: Lowtide, args: tuple[str, ...], status: int, says: str) -> None:
    series(lowtide, [wave(h) for h in range(24 * 100)])
    done = lowtide("grid", "score", "FR", "--intensity", "file:grid.csv", *args)
    assert done.returncode == status, done.stderr
    assert says in done.stderr and done.stderr.count("\n") == 1 and not done.stdout
