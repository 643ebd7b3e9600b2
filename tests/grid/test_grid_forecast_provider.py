"""`lowtide grid forecast` beside a provider's own forecast: taken where it covers all, with its issue time."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import watttime
from harness import Lowtide
from server import Server, day_curve

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.forecast-1.schema.json").read_text())
KEY = "correct-horse-battery"
ZONE = "watttime:FR"
SOURCE = ("--signal", "marginal", "--intensity", "watttime")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def server(now: datetime) -> Iterator[Server]:
    with Server(watttime.Provider(now=lambda: now, users={"ann": KEY})) as running:
        yield running


@pytest.fixture
def ready(lowtide: Lowtide, server: Server) -> Lowtide:
    lowtide.env |= {"LOWTIDE_WATTTIME_URL": server.url, "LOWTIDE_WATTTIME_USERNAME": "ann",
                    "LOWTIDE_WATTTIME_PASSWORD": KEY}
    return lowtide


def fetch(lowtide: Lowtide, *args: str) -> None:
    done = lowtide("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *args)
    assert done.returncode == 0, done.stderr


def forecast(lowtide: Lowtide, *args: str) -> dict[str, Any]:
    done = lowtide("grid", "forecast", ZONE, *SOURCE, "--json", "-", *args)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    jsonschema.validate(said, SCHEMA, jsonschema.Draft202012Validator)
    return said


def test_the_providers_own_is_taken_where_it_covers_all(ready: Lowtide, now: datetime) -> None:
    fetch(ready, "--from", (now - timedelta(days=20)).isoformat(), "--to", now.isoformat())
    fetch(ready, "--forecast")
    said = forecast(ready, "--hours", "6")
    assert (said["forecaster"], said["source"], said["source_model"]) == ("provider", "watttime", "2025-06-01")
    assert said["past"] is None and said["level_pct"] is None and said["band_errors"] == 0
    issued = datetime.fromisoformat(said["issued"])
    assert timedelta(minutes=-1) < now - issued < timedelta(minutes=10)
    with_value = [value for value in said["values"] if value["g_per_kwh"] is not None]
    assert len(with_value) >= 70
    [kept] = json.loads(ready("grid", "show", ZONE, "--json", "--from", with_value[0]["begin"], "--to",
                              with_value[-1]["end"]).stdout)["series"]
    by_begin = {value["begin"]: value["g_per_kwh"] for value in kept["values"] if value["kind"] == "forecast"}
    assert all(by_begin[value["begin"]] == pytest.approx(value["g_per_kwh"]) for value in with_value)


def test_a_model_stands_beside_it_and_learns_from_history_alone(ready: Lowtide, now: datetime) -> None:
    fetch(ready, "--from", (now - timedelta(days=20)).isoformat(), "--to", now.isoformat())
    before = forecast(ready, "--hours", "6", "--forecaster", "yesterday")
    fetch(ready, "--forecast")
    after = forecast(ready, "--hours", "6", "--forecaster", "yesterday")
    assert before["values"][:12] == after["values"][:12]
    assert after["forecaster"] == "yesterday" and after["past"]["end"] <= after["at"]
    end = datetime.fromisoformat(after["past"]["end"])
    assert day_curve("FR", "co2_moer", end - timedelta(days=1)) == pytest.approx(after["values"][0]["g_per_kwh"], rel=0.2)
    assert forecast(ready, "--hours", "168")["forecaster"] == "blend", "the provider's does not reach so far"


def test_the_providers_past_errors_make_its_band(ready: Lowtide, now: datetime) -> None:
    """What it had issued by each hour of the last days, against what came: 80 % of its errors lie within the band."""
    fetch(ready, "--from", (now - timedelta(days=8)).isoformat(), "--to", now.isoformat())
    fetch(ready, "--forecast")
    assert forecast(ready, "--hours", "3")["band_errors"] == 0, "nothing that it said before is kept"
    fetch(ready, "--forecast", "--from", (now - timedelta(days=7)).isoformat(), "--to", now.isoformat())
    # They were fetched today; a lowtide that ran since would have known each as it was issued.
    with sqlite3.connect(ready.home / "cache.db") as kept:
        kept.execute("UPDATE issue SET known_ms = issued_s * 1000")
        # The rig's forecasts are right; these are off by -50 to 50, each as often.
        kept.execute("UPDATE forecast SET g_per_kwh = g_per_kwh + (begin_s / 300 * 7919 + issue * 104729) % 101 - 50")
        [issues] = kept.execute("SELECT count(*) FROM issue").fetchone()
        errors = [was - said for was, said in kept.execute(
            "SELECT v.g_per_kwh, f.g_per_kwh FROM forecast f JOIN issue i ON f.issue = i.key JOIN value v"
            " ON v.begin_s = f.begin_s AND v.series = i.series WHERE f.begin_s < i.issued_s + 3 * 3600")]
    assert issues > 200 and len(errors) > 2000
    said = forecast(ready, "--hours", "3", "--forecaster", "provider")
    assert said["forecaster"] == "provider" and said["level_pct"] == 80 and said["band_errors"] >= 30
    widths = [(value["low_g_per_kwh"] - value["g_per_kwh"], value["high_g_per_kwh"] - value["g_per_kwh"])
              for value in said["values"] if value["low_g_per_kwh"] is not None]
    assert len(widths) > 30
    low, high = sum(w[0] for w in widths) / len(widths), sum(w[1] for w in widths) / len(widths)
    assert low == pytest.approx(-40, abs=5) and high == pytest.approx(40, abs=5)
    assert 0.75 < sum(low <= error <= high for error in errors) / len(errors) < 0.85
    wider = forecast(ready, "--hours", "3", "--level", "95")
    assert sum(v["high_g_per_kwh"] - v["low_g_per_kwh"] for v in wider["values"] if v["low_g_per_kwh"] is not None) > sum(
        v["high_g_per_kwh"] - v["low_g_per_kwh"] for v in said["values"] if v["low_g_per_kwh"] is not None)
