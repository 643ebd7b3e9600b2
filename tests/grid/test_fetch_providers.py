"""`lowtide grid fetch` from the loopback providers without an account service: values by their scripted truth, and refusals."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import carbonawaresdk
import eia
import energycharts
import entsoe
import openelectricity
import pytest
import server
import uk
from harness import Lowtide
from server import Server

NOW = datetime(2026, 1, 8, 12, 0, tzinfo=UTC)
BEGIN, END = datetime(2026, 1, 5, 0, 0, tzinfo=UTC), datetime(2026, 1, 7, 0, 0, tzinfo=UTC)
# g/kWh, life-cycle and direct, by hand from docs/providers/README.md.
FACTORS = {"gas": (490, 370), "sun": (45, 0), "wind": (11, 0), "nuclear": (12, 0), "water": (24, 0)}
EIA_FUELS = {"NG": "gas", "SUN": "sun", "WND": "wind", "NUC": "nuclear", "WAT": "water"}
ENTSOE_TYPES = {"B14": "nuclear", "B04": "gas", "B16": "sun"}


def mix(energies: dict[str, float], scope: int = 0) -> float:
    """Intensity of energies by kind of source; what is negative counts as nothing."""
    kept = {kind: max(0.0, energy) for kind, energy in energies.items()}
    return sum(energy * FACTORS[kind][scope] for kind, energy in kept.items()) / sum(kept.values())


@dataclass
class Case:
    """A provider, whom to ask for, and what each step of the truth is in g/kWh."""

    make: Callable[..., server.Provider]
    zone: str
    step: timedelta
    expected: Callable[[datetime], float]
    settings: dict[str, str] = field(default_factory=dict)
    secret: str = ""


CASES = {
    "uk": Case(uk.Provider, "GB", timedelta(minutes=30), lambda at: round(server.day_curve("GB", "actual", at))),
    "energycharts": Case(energycharts.Provider, "DE", timedelta(minutes=15),
                         lambda at: server.day_curve("de", "measured", at)),
    "eia": Case(eia.Provider, "US-CAL-CISO", timedelta(hours=1),
                lambda at: mix({kind: round(eia.day_mix("CISO", code, at) or 0) for code, kind in EIA_FUELS.items()}),
                {"LOWTIDE_EIA_TOKEN": "eia-key"}, "eia-key"),
    "openelectricity": Case(openelectricity.Provider, "AU-NSW", timedelta(minutes=5),
                            lambda at: server.day_curve("NSW1", "intensity", at),
                            {"LOWTIDE_OPENELECTRICITY_TOKEN": "oe-key"}, "oe-key"),
    "carbonawaresdk": Case(carbonawaresdk.Provider, "azure:eastus", timedelta(hours=1),
                           lambda at: server.day_curve("eastus", "emissions", at)),
    "entsoe": Case(entsoe.Provider, "FR", timedelta(hours=1),
                   lambda at: mix({kind: entsoe.day_generation("", code, at) or 0 for code, kind in ENTSOE_TYPES.items()}),
                   {"LOWTIDE_ENTSOE_TOKEN": "entsoe-token"}, "entsoe-token"),
}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch(lowtide: Lowtide, name: str, url: str, *more: str, case: Case | None = None, begin: datetime = BEGIN,
          end: datetime = END) -> tuple[Any, list[dict[str, Any]]]:
    """What the command did, and its JSON ([] when there is none)."""
    case = case or CASES[name]
    lowtide.env |= {f"LOWTIDE_{name.upper()}_URL": url} | case.settings
    path = lowtide.folder / "fetched.json"
    done = lowtide("grid", "fetch", case.zone, "--source", name, "--signal", "average", "--from", stamp(begin),
                   "--to", stamp(end), "--json", str(path), *more)
    return done, json.loads(path.read_text()) if path.exists() else []


def everything_kept(lowtide: Lowtide) -> bytes:
    """All bytes of all files of the program's home and folder."""
    return b"".join(path.read_bytes() for path in Path(lowtide.folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("name", CASES)
def test_two_days_are_as_the_truth_says(lowtide: Lowtide, name: str) -> None:
    case = CASES[name]
    with Server(case.make(now=lambda: NOW)) as provider:
        done, said = fetch(lowtide, name, provider.url)
        assert done.returncode == 0, done.stderr
    (series,) = said
    truth = [case.expected(at) for at in server.steps(BEGIN, END, case.step)]
    assert series["rows"] == len(truth)
    assert series["step_s"] == case.step.total_seconds()
    assert series["missing"] == 0 and series["gaps"] == 0
    for key, value in {"mean": sum(truth) / len(truth), "min": min(truth), "max": max(truth)}.items():
        assert math.isclose(series[key], value, rel_tol=1e-6), key
    assert series["signal"] == "average" and series["unit"] == "g/kWh"
    if case.secret:
        assert case.secret not in done.stdout + done.stderr
        assert case.secret.encode() not in everything_kept(lowtide)


@pytest.mark.parametrize("name", CASES)
def test_trouble_that_passes_is_tried_again(lowtide: Lowtide, name: str) -> None:
    case = CASES[name]
    with Server(case.make(now=lambda: NOW)) as provider:
        provider.fault("status", code=503, retry_after=0)
        provider.fault("close")
        done, said = fetch(lowtide, name, provider.url, end=BEGIN + timedelta(hours=6))
        assert done.returncode == 0, done.stderr
        assert said[0]["rows"] == timedelta(hours=6) / case.step


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", ["html", "half"])
def test_what_is_no_answer_is_one_line(lowtide: Lowtide, name: str, kind: str) -> None:
    case = CASES[name]
    with Server(case.make(now=lambda: NOW)) as provider:
        provider.fault(kind, count=0)
        done, _ = fetch(lowtide, name, provider.url, end=BEGIN + timedelta(hours=6))
    assert done.returncode == 5, done.stderr
    assert case.secret == "" or case.secret not in done.stderr
    assert "2026-01-05" in done.stderr
    assert "Traceback" not in done.stderr and "terminate" not in done.stderr


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.secret])
def test_a_bad_key_is_denied_and_never_shown(lowtide: Lowtide, name: str) -> None:
    case = CASES[name]
    bad = Case(case.make, case.zone, case.step, case.expected,
               {key: "a-bad-secret-key" for key in case.settings}, "a-bad-secret-key")
    with Server(case.make(now=lambda: NOW)) as provider:
        done, _ = fetch(lowtide, name, provider.url, case=bad)
    assert done.returncode == 4, done.stderr
    assert f"{name}.token" in done.stderr
    assert "a-bad-secret-key" not in done.stdout + done.stderr
    assert b"a-bad-secret-key" not in everything_kept(lowtide)


def test_uk_day_of_46_half_hours_and_newest_without_actual(lowtide: Lowtide) -> None:
    """The day on which the clocks go forward has 46 half hours of London's; in UTC there is neither a hole nor one too many."""
    begin, end = datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)
    with Server(uk.Provider(now=lambda: datetime(2026, 3, 29, 12, tzinfo=UTC))) as provider:
        done, (series,) = fetch(lowtide, "uk", provider.url, begin=begin, end=end)
        assert done.returncode == 0, done.stderr
    assert (series["rows"], series["gaps"], series["missing"]) == (96, 0, 0)


def test_uk_postcode_in_both_shapes(lowtide: Lowtide) -> None:
    truth = [round(server.day_curve("13", "forecast", at)) for at in server.steps(BEGIN, END, timedelta(minutes=30))]
    for number, array in enumerate((False, True)):
        case = Case(uk.Provider, "uk:SW1A" if array else "uk:13", timedelta(minutes=30), lambda _: 0)
        with Server(uk.Provider(now=lambda: NOW, array=array)) as provider:
            done, said = fetch(lowtide, "uk", provider.url, case=case)
            assert done.returncode == 0, (number, done.stderr)
        assert math.isclose(said[0]["mean"], sum(truth) / len(truth), rel_tol=1e-6)


def test_eia_hours_that_are_not_explained_are_gaps(lowtide: Lowtide) -> None:
    """Gas is missing in three hours; pages hold 100 rows, so that a seam lies within."""
    hole = {BEGIN + timedelta(hours=hour) for hour in (10, 11, 30)}

    def truth(zone: str, signal: str, at: datetime) -> float | None:
        return None if signal == "NG" and at in hole else eia.day_mix(zone, signal, at)

    with Server(eia.Provider(truth, now=lambda: NOW, page=100)) as provider:
        done, (series,) = fetch(lowtide, "eia", provider.url)
        assert done.returncode == 0, done.stderr
        assert len([path for path in provider.paths() if "fuel-type" in path]) == 3
    expected = [CASES["eia"].expected(at) for at in server.steps(BEGIN, END, timedelta(hours=1)) if at not in hole]
    assert series["missing"] == 3
    assert math.isclose(series["mean"], sum(expected) / len(expected), rel_tol=1e-6)


def test_entsoe_nothing_found_is_no_failure(lowtide: Lowtide) -> None:
    for status in (200, 400):
        with Server(entsoe.Provider(now=lambda: NOW, zones=(), nothing_status=status)) as provider:
            done, _ = fetch(lowtide, "entsoe", provider.url)
        assert done.returncode in (0, 4), done.stderr
        assert "malformed" not in done.stderr


def test_a_zone_without_any_value_is_no_success(lowtide: Lowtide) -> None:
    with Server(eia.Provider(now=lambda: NOW)) as running:
        lowtide.env |= {"LOWTIDE_EIA_URL": running.url, "LOWTIDE_EIA_TOKEN": "eia-key"}
        done = lowtide("grid", "fetch", "eia:NOPE", "--source", "eia", "--from", BEGIN.isoformat(), "--to", END.isoformat())
    assert done.returncode == 4 and "EIA, NOPE, 2026-01-05T00:00Z" in done.stderr
