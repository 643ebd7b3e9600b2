"""`lowtide grid fetch` from the loopback Electricity Maps, which codecarbon accepts: values by the scripted truth."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import electricitymaps
import pytest
import server as framework
from fetching import Fetched, assert_nowhere, fetch, kept
from harness import Lowtide
from server import Server, steps

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = START + timedelta(days=40, minutes=2)
KEY = "k3y-of-ann"


@pytest.fixture
def provider(lowtide: Lowtide) -> Iterator[Server]:
    """An Electricity Maps of now, and lowtide with a key that may have everything."""
    with Server(electricitymaps.Provider(now=lambda: NOW, keys={KEY: set()})) as started:
        lowtide.env |= {"LOWTIDE_ELECTRICITYMAPS_URL": started.url + "/v4", "LOWTIDE_ELECTRICITYMAPS_TOKEN": KEY}
        yield started


def average(lowtide: Lowtide, zone: str = "DE", end: datetime = START + timedelta(hours=6)) -> Fetched:
    return fetch(lowtide, "electricitymaps", zone, START, end, "--signal", "average")


@pytest.mark.parametrize(("lacks", "step"), [
    (set(), timedelta(minutes=5)), ({"5_minutes"}, timedelta(minutes=15)), ({"5_minutes", "15_minutes"}, timedelta(hours=1)),
], ids=["5 minutes", "15 minutes", "hours"])
def test_a_month_at_the_finest_step_that_the_key_may_have(
        lowtide: Lowtide, provider: Server, lacks: set[str], step: timedelta) -> None:
    provider.provider.keys[KEY] = lacks
    end = START + timedelta(days=25, hours=7)
    fetched = average(lowtide, end=end)
    assert fetched.done.returncode == 0, fetched.done.stderr
    times = steps(START, end, step)
    values = kept(lowtide)
    assert [at for _, at, _, _ in values] == times
    assert [value for *_, value in values] == [round(provider.provider.truth("DE", "lifecycle", at)) for at in times]
    assert {length for _, _, length, _ in values} == {step.total_seconds()}
    assert {request.status for request in provider.seen} <= {200, 401}
    assert sum(request.status == 401 for request in provider.seen) == len(lacks)
    assert_nowhere(lowtide, KEY, fetched.done.stdout, fetched.done.stderr)


def test_a_point_and_a_data_centre_have_a_zone(lowtide: Lowtide, provider: Server) -> None:
    for place, zone in (("47.0,2.4", "FR"), ("gcp:europe-west1", "BE")):
        fetched = average(lowtide, place)
        assert fetched.done.returncode == 0, fetched.done.stderr
        assert [request.one("zone") for request in provider.seen if request.path.endswith("past-range")][-1] == zone


def test_estimated_values_are_marked(lowtide: Lowtide, provider: Server) -> None:
    provider.provider.estimated = lambda at: "TIME_SLICER_AVERAGE" if at.hour == 3 else None
    assert average(lowtide).done.returncode == 0
    values = kept(lowtide, "(SELECT * FROM value WHERE kind = 1)")
    assert [at.hour for _, at, _, _ in values] == [3] * 12


def test_nulls_are_a_gap_and_text_is_a_number(lowtide: Lowtide, provider: Server) -> None:
    provider.fault("edit", change=framework.strings("carbonIntensity"), path="/v4/carbon-intensity/past-range")
    assert average(lowtide, end=START + timedelta(hours=1)).done.returncode == 0
    provider.fault("edit", change=framework.nulls("carbonIntensity"), path="/v4/carbon-intensity/past-range")
    assert average(lowtide, end=START + timedelta(hours=2)).done.returncode == 0
    assert len(kept(lowtide)) == 12


def renamed(zone: str) -> object:
    return lambda said: framework.walk(said, lambda key, leaf: zone if key == "zone" else leaf)


FAULTS = {
    "the caller's own zone": ("edit", {"change": renamed("US-CAL-CISO")}, "US-CAL-CISO"),
    "a test key": ("edit", {"change": lambda said: framework.walk(said, lambda key, leaf: {
        "isEstimated": True, "estimationMethod": "SANDBOX_MODE_DATA"}.get(key, leaf))}, "test"),
    "down": ("status", {"code": 503, "retry_after": 0}, "503"),
    "a page": ("html", {}, "HTML"),
    "half a text": ("half", {}, "JSON"),
    "cut": ("cut", {}, "127.0.0.1"),
    "elsewhere": ("redirect", {"to": "http://localhost:1/"}, "not followed"),
    "wrong types": ("edit", {"change": framework.wrong("datetime")}, "datetime"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line(lowtide: Lowtide, provider: Server, name: str) -> None:
    kind, args, says = FAULTS[name]
    provider.fault(kind, path="/v4/carbon-intensity/past-range", count=0, **args)
    fetched = average(lowtide)
    line = fetched.line()
    for part in ("Electricity Maps", "DE", "2026-01-05T00:00Z", says):
        assert part in line
    assert_nowhere(lowtide, KEY, fetched.done.stdout, fetched.done.stderr)


def test_a_bad_key_and_a_plan_without_the_zone(lowtide: Lowtide, provider: Server) -> None:
    provider.provider.keys[KEY] = {"zone:FR"}
    lacking = average(lowtide, "FR")
    assert lacking.done.returncode == 4
    assert "You do not have access" in lacking.line()
    lowtide.env["LOWTIDE_ELECTRICITYMAPS_TOKEN"] = "wr0ng-key"
    bad = average(lowtide)
    assert bad.done.returncode == 4
    assert "Invalid auth-token" in bad.line() and "electricitymaps.token" in bad.line()
    assert_nowhere(lowtide, "wr0ng-key", bad.done.stdout, bad.done.stderr)


def test_a_free_key_has_the_last_day(lowtide: Lowtide, provider: Server) -> None:
    provider.provider.keys[KEY] = {"past-range", "5_minutes", "15_minutes"}
    provider.provider.clock = framework.utc_now  # the plan counts from now
    begin = framework.utc_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    fetched = fetch(lowtide, "electricitymaps", "DE", begin, begin + timedelta(hours=3), "--signal", "average")
    assert fetched.done.returncode == 0, fetched.done.stderr
    assert [at for _, at, _, _ in kept(lowtide)] == steps(begin, begin + timedelta(hours=3), timedelta(hours=1))
    old = average(lowtide)
    assert old.done.returncode == 4
    assert "past-range" in old.line()
