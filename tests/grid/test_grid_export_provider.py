"""`lowtide grid export` of what a provider said: its kinds, without forecasts, and that it may not be passed on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import watttime
from harness import Lowtide
from server import Server

KEY = "correct-horse-battery"
ZONE = "watttime:FR"
SOURCE = ("--signal", "marginal", "--intensity", "watttime")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ready(lowtide: Lowtide, now: datetime) -> Iterator[Lowtide]:
    """Two days of history and the newest forecast are kept."""
    with Server(watttime.Provider(now=lambda: now, users={"ann": KEY})) as server:
        lowtide.env |= {"LOWTIDE_WATTTIME_URL": server.url, "LOWTIDE_WATTTIME_USERNAME": "ann",
                        "LOWTIDE_WATTTIME_PASSWORD": KEY}
        span = ("--from", (now - timedelta(days=2)).isoformat(), "--to", now.isoformat())
        for more in (span, ("--forecast",)):
            done = lowtide("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *more)
            assert done.returncode == 0, done.stderr
        yield lowtide


def test_what_was_is_written_without_the_forecast_and_with_a_warning(ready: Lowtide, now: datetime) -> None:
    done = ready("grid", "export", ZONE, *SOURCE, "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    shown = json.loads(ready("grid", "show", ZONE, "--json", "--from", said["from"], "--to",
                             (now + timedelta(hours=3)).isoformat()).stdout)["series"][0]["values"]
    assert {v["kind"] for v in shown} == {"history", "forecast"}, "both are kept"
    assert [(v["begin"], v["end"], v["g_per_kwh"]) for v in said["values"]] == [
        (v["begin"], v["end"], v["g_per_kwh"]) for v in shown if v["kind"] == "history"]
    part, = said["sources"]
    assert (part["source"], part["model"], part["kind"], part["restricted"]) == ("watttime", "2025-06-01", "history", True)
    assert "lowtide: warning: watttime: for the account's own use" in done.stderr


def test_it_is_imported_again_as_it_was(ready: Lowtide) -> None:
    first = ready("grid", "export", ZONE, *SOURCE).stdout
    (ready.folder / "out.csv").write_text(first)
    done = ready("grid", "import", "out.csv", "--zone", "local:AGAIN", "--signal", "marginal")
    assert done.returncode == 0, done.stderr
    again = ready("grid", "export", "local:AGAIN", "--signal", "marginal", "--intensity", "import")
    assert (again.stdout, len(first.splitlines()) > 500) == (first, True)
