"""`lowtide plan` on lowtide's own forecast: where no provider says what comes, and enough of what was is known."""

import datetime as dt
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from harness import Lowtide
from plan_cases import at_once, plan, policy

AT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.timezone.utc)
JOB = ("--duration", "2h", "--power", "300W", "--within", "24h", "--at", AT.isoformat())


def nights(hour: int, _: random.Random) -> float:
    """Clean from 2 to 6 each night, a little other each day."""
    return 100 if 2 <= hour < 6 else 400


def noise(_: int, draw: random.Random) -> float:
    return draw.uniform(100, 400)


def past(lowtide: Lowtide, of_hour: Callable[[int, random.Random], float], days: int = 150, until: dt.datetime = AT) -> None:
    """Hourly values up to `until`."""
    draw = random.Random(7)
    rows = []
    for i in range(days * 24):
        time = until - dt.timedelta(hours=days * 24 - i)
        rows.append(f"{time.isoformat()},{of_hour(time.hour, draw):.3f}\n")
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n" + "".join(rows))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def test_the_hours_to_come_are_forecast_from_those_that_were(lowtide: Lowtide) -> None:
    past(lowtide, nights)
    said = plan(lowtide, *JOB)
    assert said["known_by"] == "own-forecast" and "lowtide's own forecast (blend)" in said["model"]
    start = policy(said, "flexible_start")
    assert at(start["begin"]).hour in (2, 3, 4), start
    assert start["saving_vs_now_pct"] == pytest.approx(75, abs=3)
    assert said["bounds_basis"] == "forecast-errors"
    assert start["saving_low_pct"] == pytest.approx(75, abs=4) and start["saving_high_pct"] == pytest.approx(75, abs=4)
    assert said["verdict"]["kind"] == "shift"
    assert any("own forecast, learned from 150 days" in note for note in said["notes"])
    text = lowtide("plan", *JOB, "--intensity", "file:grid.csv").stdout
    assert "lowtide's own forecast" in text and "25.0" not in text.split("\n")[0]


def test_the_forecast_is_the_one_that_grid_forecast_shows(lowtide: Lowtide) -> None:
    past(lowtide, noise)
    source = ("--intensity", "file:grid.csv")
    shown = json.loads(lowtide("grid", "forecast", "DE", *source, "--at", AT.isoformat(), "--hours", "24", "--json", "-").stdout)
    mean = sum(value["g_per_kwh"] for value in shown["values"][:2]) / 2
    said = plan(lowtide, *JOB, "--location", "DE")
    assert policy(said, "now")["cost_g"] == pytest.approx(0.6 * mean, rel=1e-6)


def test_days_that_nobody_can_foresee_are_no_reason_to_shift(lowtide: Lowtide) -> None:
    past(lowtide, noise)
    said = plan(lowtide, *JOB)
    assert said["verdict"]["kind"] == "unsure", said["verdict"]
    start = policy(said, "flexible_start")
    assert start["saving_vs_now_pct"] > 0 > start["saving_low_pct"]
    assert "errors of earlier forecasts" in said["verdict"]["text"]


@pytest.mark.parametrize(("kept", "counted"), [(lambda back: back % 3 != 0, 50), (lambda back: back < 12, 0)], ids=["two of three", "12 days"])
def test_the_bounds_are_of_the_windows_that_count(lowtide: Lowtide, kept: Callable[[int], bool], counted: int) -> None:
    """Of 150 days the newer 75 are looked at; where the hour of now is missing, the window says nothing."""
    past(lowtide, nights)
    path = lowtide.folder / "grid.csv"
    rows = path.read_text().splitlines()
    left = [row for row in rows if "T12:" not in row or kept((AT.date() - dt.date.fromisoformat(row[:10])).days)]
    path.write_text("\n".join(left) + "\n")
    said = plan(lowtide, *JOB)
    assert said["known_by"] == "own-forecast"
    if counted:
        assert said["bounds_basis"] == "forecast-errors"
        assert abs(int(said["bounds_note"].split("in the last ")[1].split()[0]) - counted) <= 2, said["bounds_note"]
    else:
        assert said["bounds_basis"] is None and "too few forecasts" in said["bounds_note"], said["bounds_note"]
        assert said["verdict"]["kind"] == "unsure"
        assert all(one["saving_low_pct"] is None for one in said["policies"])


def test_the_other_signal_is_never_taken_by_a_forecast_that_nobody_judged(lowtide: Lowtide) -> None:
    past(lowtide, noise)
    (lowtide.folder / "grid.csv").rename(lowtide.folder / "marginal.csv")
    past(lowtide, nights, until=AT + dt.timedelta(days=3))
    said = plan(lowtide, *JOB, "--other-signal", "file:marginal.csv")
    assert said["sign_test"]["marginal"] == "unknown" and "does not cover" in said["sign_test"]["other_source"]
    refused = lowtide("plan", *JOB, "--agree", "both", "--intensity", "file:grid.csv", "--other-signal", "file:marginal.csv")
    assert refused.returncode == 4, refused.stderr


def test_too_little_or_too_old_a_past_makes_no_forecast(lowtide: Lowtide) -> None:
    for days, until in ((89, AT), (150, AT - dt.timedelta(days=8))):
        past(lowtide, nights, days, until)
        done = lowtide("plan", *JOB, "--intensity", "file:grid.csv")
        assert done.returncode == 4 and "no intensity for" in done.stderr, done.stderr


def test_it_stands_before_a_typical_year_and_for_seven_days(lowtide: Lowtide) -> None:
    past(lowtide, nights)
    source = ("--intensity", "file:grid.csv,typical")
    place = ("--location", "DE")
    assert plan(lowtide, *JOB, *place, source=source)["known_by"] == "own-forecast"
    week = [word if word != "24h" else "8d" for word in JOB]
    said = plan(lowtide, *week, *place, source=source)
    assert said["known_by"] == "typical", "as sure as its least sure hour"
    assert said["bounds_basis"] != "forecast-errors"
    assert any("no forecast goes beyond 2026-03-09" in note for note in said["notes"]), said["notes"]


def test_a_series_that_goes_on_is_the_users_own_word(lowtide: Lowtide) -> None:
    past(lowtide, nights, until=AT + dt.timedelta(days=3))
    said = plan(lowtide, *JOB)
    assert said["known_by"] == "values" and said["bounds_basis"] is None
    assert said["verdict"]["kind"] == "shift"


def dry(lowtide: Lowtide, *more: str) -> Any:
    return lowtide("run", "--dry-run", "--start-within", "24h", "--expect", "2h", "--intensity", "file:grid.csv", *more,
                   "--", "true")


def test_a_run_goes_by_it_and_by_the_same_gate(lowtide: Lowtide) -> None:
    at_once(lowtide, AT)
    past(lowtide, nights)
    done = dry(lowtide, "--require-forecast")
    assert done.returncode == 0, done.stderr
    assert "lowtide's own forecast" in done.stdout
    past(lowtide, noise)
    begun = lowtide("run", "--start-within", "24h", "--expect", "2h", "--intensity", "file:grid.csv", "--", "true")
    assert begun.returncode == 0
    assert "errors of earlier ones" in begun.stderr and "--trust-typical" in begun.stderr, begun.stderr
