"""`lowtide grid forecast` beside a provider's own forecast: taken where it covers all, with its issue time."""

import json
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
