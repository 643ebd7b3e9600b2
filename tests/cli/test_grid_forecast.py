"""`lowtide grid forecast`: what is said, that nothing of what came later is seen, and what is refused."""

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.forecast-1.schema.json").read_text())
FIRST = dt.datetime(2021, 1, 4, tzinfo=dt.UTC)
MODELS = ["persistence", "yesterday", "last-week", "mean-7-days", "decay", "ridge", "blend"]


def wave(hour: int) -> float:
    """A day's shape, a week's, and weather of its own: no two days are alike."""
    day = 80 * math.sin(2 * math.pi * hour / 24) - (40 if hour // 24 % 7 >= 5 else 0)
    return 300 + day + 30 * math.sin(hour / 17.3) + 15 * math.sin(hour / 3.1)


def series(lowtide: Lowtide, values: list[float | None], step: int = 60, name: str = "grid.csv") -> None:
    """lowtide's own form from FIRST on; None is a row that is not there."""
    rows = [f"{(FIRST + dt.timedelta(minutes=step * i)).isoformat()},{value}\n"
            for i, value in enumerate(values) if value is not None]
    (lowtide.folder / name).write_text("time,g_per_kwh\n" + "".join(rows))


def forecast(lowtide: Lowtide, *args: str, zone: str = "FR") -> dict[str, Any]:
    """Its JSON, checked by the schema."""
    done = lowtide("grid", "forecast", zone, "--intensity", "file:grid.csv", "--json", "-", *args)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    jsonschema.validate(said, SCHEMA, jsonschema.Draft202012Validator)
    return said


def after(days: float) -> str:
    """A time so long after FIRST."""
    return (FIRST + dt.timedelta(days=days)).isoformat().replace("+00:00", "Z")


def test_the_schema_requires_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"]) and SCHEMA["additionalProperties"] is False


def test_yesterday_is_yesterday(lowtide: Lowtide) -> None:
    values = [wave(h) for h in range(24 * 12)]
    series(lowtide, values)
    said = forecast(lowtide, "--forecaster", "yesterday", "--at", after(12), "--hours", "30")
    assert [v["g_per_kwh"] for v in said["values"]] == pytest.approx((values[-24:] * 2)[:30])
    assert (said["values"][0]["begin"], said["step_s"], said["hours"]) == ("2021-01-16T00:00:00.000Z", 3600, 30)
    assert said["source"] == "file" and said["issued"] == said["at"] == "2021-01-16T00:00:00.000Z"


@pytest.mark.parametrize("model", MODELS)
def test_nothing_of_what_came_later_is_seen(lowtide: Lowtide, model: str) -> None:
    """Not even by a hash: the same bits, whatever stands behind --at."""
    known = [wave(h) for h in range(24 * 130)]
    args = ("--forecaster", model, "--at", after(120.5))
    series(lowtide, known)
    first = forecast(lowtide, *args)
    series(lowtide, known[:24 * 120 + 12] + [9999.0 if h % 2 else 0.0 for h in range(400)])
    assert forecast(lowtide, *args) == first
    series(lowtide, known[:24 * 120 + 12])
    assert forecast(lowtide, *args) == first


def test_the_blend_is_the_usual_one_and_is_better_than_any_baseline(lowtide: Lowtide) -> None:
    values = [wave(h) for h in range(24 * 420)]
    series(lowtide, values)
    error = {}
    for model in MODELS:
        off = 0.0
        for day in (400.3, 405.6, 411.9):
            said = forecast(lowtide, "--forecaster", model, "--at", after(day))
            at = int(day * 24)
            off += sum(abs(v["g_per_kwh"] - values[at + i]) for i, v in enumerate(said["values"]))
        error[model] = off
    assert error["blend"] < 0.8 * min(error[model] for model in MODELS[:5]), error
    assert forecast(lowtide, "--at", after(400))["forecaster"] == "blend"


def test_a_band_says_its_level_and_on_how_much_it_rests(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 200)])
    wide, narrow = (forecast(lowtide, "--at", after(190), "--level", level) for level in ("95", "50"))
    assert (wide["level_pct"], narrow["level_pct"]) == (95, 50)
    assert wide["band_errors"] == narrow["band_errors"] >= 100
    for w, n in zip(wide["values"], narrow["values"], strict=True):
        assert w["low_g_per_kwh"] <= n["low_g_per_kwh"] <= n["high_g_per_kwh"] <= w["high_g_per_kwh"]
        assert w["g_per_kwh"] == n["g_per_kwh"]


def test_too_little_is_no_band_and_less_is_no_forecast(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 8)])
    said = forecast(lowtide, "--at", after(8))
    assert said["level_pct"] is None and said["band_errors"] == 0
    assert all(v["low_g_per_kwh"] is None and v["g_per_kwh"] > 100 for v in said["values"])
    done = lowtide("grid", "forecast", "FR", "--intensity", "file:grid.csv", "--at", after(8))
    assert "none: too few past errors" in done.stdout
    done = lowtide("grid", "forecast", "FR", "--intensity", "file:grid.csv", "--at", after(2))
    assert done.returncode != 0 and "too little of the past" in done.stderr and not done.stdout


def test_what_is_late_is_forecast_from_the_newest_value(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 30)])
    said = forecast(lowtide, "--forecaster", "persistence", "--at", after(30.25), "--hours", "12")
    assert said["values"][0]["begin"] == "2021-02-03T06:00:00.000Z" and len(said["values"]) == 12
    assert all(v["g_per_kwh"] == pytest.approx(wave(24 * 30 - 1)) for v in said["values"])
    assert said["past"]["end"] == "2021-02-03T00:00:00.000Z"
    assert any("newest value" in note for note in said["notes"])
    done = lowtide("grid", "forecast", "FR", "--intensity", "file:grid.csv", "--at", after(38))
    assert done.returncode != 0 and "the newest value is of 2021-02-03" in done.stderr


def test_a_gap_is_no_zero(lowtide: Lowtide) -> None:
    values: list[float | None] = [300.0] * (24 * 40)
    values[24 * 39:24 * 39 + 5] = [None] * 5
    series(lowtide, values)
    for model in MODELS:
        said = forecast(lowtide, "--forecaster", model, "--at", after(40))
        assert all(v["g_per_kwh"] == pytest.approx(300) for v in said["values"]), model
        assert said["past"]["coverage"] == pytest.approx(1 - 5 / 960)


def test_five_minutes_stay_five_minutes(lowtide: Lowtide) -> None:
    series(lowtide, [wave(i // 12) + i % 12 for i in range(288 * 40)], step=5)
    said = forecast(lowtide, "--at", after(40), "--hours", "1.5")
    assert said["step_s"] == 300 and len(said["values"]) == 18


def test_the_slot_that_holds_now_comes_first(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 30)])
    at = (FIRST + dt.timedelta(days=20, minutes=40)).isoformat()
    said = forecast(lowtide, "--at", at, "--hours", "2")
    assert [v["begin"][11:16] for v in said["values"]] == ["00:00", "01:00", "02:00"]
    assert said["past"]["end"] == "2021-01-24T00:00:00.000Z", "the hour that holds --at has not ended"


@pytest.mark.parametrize(("args", "status", "says"), [
    (("FR", "--hours", "0"), 2, "--hours"),
    (("FR", "--hours", "169"), 2, "168"),
    (("FR", "--hours", "soon"), 2, "--hours"),
    (("FR", "--level", "100"), 2, "--level"),
    (("FR", "--forecaster", "oracle"), 2, "mean-7-days"),
    (("FR", "--at", "soon"), 2, "--at"),
    (("Atlantis",), 2, "Atlantis"),
    (("FR", "--intensity", "file:none.csv"), 4, "none.csv"),
    (("FR", "--signal", "marginal"), 4, "marginal"),
    (("FR",), 4, "lowtide grid fetch FR"),
    (("FR", "--forecaster", "provider"), 4, "--forecast"),
])
def test_what_is_refused(lowtide: Lowtide, args: tuple[str, ...], status: int, says: str) -> None:
    """With one line that says what to do; a typical year is no past."""
    done = lowtide("grid", "forecast", *args)
    assert done.returncode == status, done.stderr
    assert says in done.stderr and done.stderr.count("\n") == 1 and not done.stdout


def test_the_text_shows_chart_band_and_table(lowtide: Lowtide) -> None:
    series(lowtide, [wave(h) for h in range(24 * 100)])
    lowtide.env["TZ"] = "UTC"
    done = lowtide("grid", "forecast", "FR", "--intensity", "file:grid.csv", "--at", after(100), "--json", "f.json")
    assert done.returncode == 0 and json.loads((lowtide.folder / "f.json").read_text())["zone"] == "FR"
    text = done.stdout
    assert "blend" in text and "█" in text and "░" in text and "80 %" in text
    assert sum(line.startswith("  2021-04-1") for line in text.splitlines()) == 16


def test_values_below_zero_are_kept_and_a_forecast_that_is_cut_there_says_so(lowtide: Lowtide) -> None:
    """An import keeps them; a forecast is never below zero, and says of how many it learned."""
    series(lowtide, [-20.0 if h % 24 < 6 else 60.0 for h in range(24 * 40)])
    kept = lowtide("grid", "import", "grid.csv", "--zone", "local:n", "--signal", "average")
    assert kept.returncode == 0, kept.stderr
    done = lowtide("grid", "forecast", "local:n", "--intensity", "import", "--at", after(40), "--forecaster", "yesterday",
                   "--hours", "24", "--json", "-")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert min(value["low_g_per_kwh"] for value in said["values"]) == 0
    assert any("240 of 960 values of the past are below zero" in note for note in said["notes"])
