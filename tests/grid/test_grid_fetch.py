"""`lowtide grid fetch` and `grid show` against a loopback WattTime: kept, resumed, offline, and what goes wrong."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import watttime
from harness import Lowtide, Terminal, wait_for
from server import Server, day_curve

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = START + timedelta(days=200)
SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.import-1.schema.json").read_text())
Json = dict[str, Any]
KEY = "correct-horse-battery"
ZONE = "watttime:FR"  # for both signals; FR alone says its marginal region only


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(watttime.Provider(now=lambda: NOW, users={"ann": KEY})) as running:
        yield running


@pytest.fixture
def ready(lowtide: Lowtide, server: Server) -> Lowtide:
    lowtide.env |= {"LOWTIDE_WATTTIME_URL": server.url, "LOWTIDE_WATTTIME_USERNAME": "ann",
                    "LOWTIDE_WATTTIME_PASSWORD": KEY}
    return lowtide


def span(days: float, begin: datetime = START) -> list[str]:
    return ["--from", begin.isoformat(), "--to", (begin + timedelta(days=days)).isoformat()]


def fetch(lowtide: Lowtide, *args: str, status: int = 0, source: str = "watttime") -> list[Json]:
    done = lowtide("grid", "fetch", ZONE, "--source", source, "--json", "-", *args)
    assert done.returncode == status, done.stderr
    assert "\r" not in done.stderr and "chunks" not in done.stderr, "no progress where there is no terminal"
    series = json.loads(done.stdout) if done.stdout else []
    jsonschema.Draft202012Validator(SCHEMA).validate(series)
    return series


def asked(server: Server) -> list[str]:
    return [path for path in server.paths() if path == "/v3/historical"]


def show(lowtide: Lowtide, *args: str) -> list[Json]:
    done = lowtide("grid", "show", ZONE, "--json", *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["series"]


def test_what_comes_is_what_the_provider_says(ready: Lowtide) -> None:
    [series] = fetch(ready, "--signal", "marginal", *span(2))
    expected = [day_curve("FR", "co2_moer", START + timedelta(minutes=5 * i)) for i in range(576)]
    assert (series["rows"], series["step_s"], series["gaps"], series["column"]) == (576, 300, 0, None)
    assert series["min"] == pytest.approx(min(expected)) and series["max"] == pytest.approx(max(expected))
    assert series["mean"] == pytest.approx(sum(expected) / 576)
    assert (series["signal"], series["gas"], series["model"], series["provisional"]) == (
        "marginal", "co2", "2025-06-01", False)
    [kept] = show(ready, *span(2))
    assert [value["g_per_kwh"] for value in kept["values"]] == pytest.approx(expected)
    assert kept["values"][0]["begin"] == "2026-01-05T00:00:00.000Z" and kept["coverage"] == 1


def test_what_is_final_is_asked_for_once_and_again_on_demand(ready: Lowtide, server: Server) -> None:
    fetch(ready, "--signal", "marginal", *span(100))
    once = len(asked(server))
    assert once >= 4, "in the provider's own chunks"
    [series] = fetch(ready, "--signal", "marginal", *span(100))
    assert len(asked(server)) == once and series["chunks"] == 0 and series["rows"] == 28800
    [series] = fetch(ready, "--signal", "marginal", "--again", *span(100))
    assert len(asked(server)) == 2 * once and series["equal"] == 28800
    assert series["revised"] == 0 == series["added"]


def answered(server: Server) -> list[int]:
    return [request.status for request in server.seen if request.path == "/v3/historical"]


def test_what_has_not_changed_is_not_sent_again(ready: Lowtide, server: Server) -> None:
    [before] = fetch(ready, "--signal", "marginal", *span(2))
    server.forget()
    [series] = fetch(ready, "--signal", "marginal", "--again", *span(2))
    assert answered(server) == [304] and series["equal"] == 576
    assert series["mean"] == before["mean"] and series["revised"] == 0
    first = server.provider.truth
    server.provider.truth = lambda zone, sign, at: first(zone, sign, at) + 50 * (at.hour == 7)
    server.forget()
    [series] = fetch(ready, "--signal", "marginal", "--again", *span(2))
    assert answered(server) == [200] and series["revised"] == 24


def test_an_answer_that_broke_off_is_asked_for_whole(ready: Lowtide, server: Server) -> None:
    server.fault("half", path="/v3/historical")
    fetch(ready, "--signal", "marginal", *span(1), status=5)
    server.forget()
    [series] = fetch(ready, "--signal", "marginal", *span(1))
    assert answered(server) == [200] and series["rows"] == 288


def test_what_left_the_cache_comes_again(ready: Lowtide, server: Server) -> None:
    fetch(ready, "--signal", "marginal", *span(1))
    with sqlite3.connect(ready.home / "cache.db") as cache:
        for table in ("value", "month", "asked"):
            cache.execute(f"DELETE FROM {table}")
    [series] = fetch(ready, "--signal", "marginal", *span(1))
    assert answered(server) == [200, 304] and series["added"] == 288


def test_a_revision_keeps_both_values(ready: Lowtide, server: Server) -> None:
    fetch(ready, "--signal", "marginal", *span(1))
    first = server.provider.truth
    server.provider.truth = lambda zone, sign, at: first(zone, sign, at) + 50 * (at.hour == 7)
    [series] = fetch(ready, "--signal", "marginal", "--again", *span(1))
    assert series["revised"] == 12
    [kept] = show(ready, *span(1))
    assert len(kept["revisions"]) == 12
    for revision in kept["revisions"]:
        assert revision["after_g_per_kwh"] - revision["before_g_per_kwh"] == pytest.approx(50)
        assert revision["known_before"] < revision["known_after"]


def test_one_that_is_killed_goes_on_where_it_stopped(ready: Lowtide, server: Server) -> None:
    server.fault("silent", path="/v3/historical", count=0)
    fetched = ready.start("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *span(160))
    wait_for(lambda: asked(server), "the first request")
    fetched.send_signal(signal.SIGKILL)
    fetched.wait()
    server.clear_faults()

    def third(_: object) -> None:
        if len(asked(server)) == 3:
            os.kill(half.pid, signal.SIGKILL)

    server.forget()
    server.fault("call", path="/v3/historical", count=0, before=third)
    half = ready.start("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *span(160))
    half.wait()
    assert half.returncode == -signal.SIGKILL
    server.clear_faults()
    server.forget()
    [series] = fetch(ready, "--signal", "marginal", *span(160))
    rest = len(asked(server))
    assert series["rows"] == 160 * 288 and series["gaps"] == 0
    assert 1 <= rest and series["added"] < 160 * 288, "only the rest"
    server.forget()
    fetch(ready, "--signal", "marginal", "--again", *span(160))
    assert rest == len(asked(server)) - 2, "two chunks had been kept"


def test_both_signals_side_by_side(ready: Lowtide) -> None:
    average, marginal = fetch(ready, "--signal", "both", *span(2))
    assert (average["signal"], average["step_s"]) == ("average", 3600)
    assert (marginal["signal"], marginal["step_s"]) == ("marginal", 300)
    assert [series["signal"] for series in show(ready, *span(2))] == ["average", "marginal"]
    drawn = ready("grid", "show", ZONE, *span(2)).stdout
    assert drawn.index("average, g/kWh") < drawn.index("marginal, g/kWh")


def test_the_typical_year_is_drawn_beside_and_named(ready: Lowtide) -> None:
    done = ready("grid", "fetch", "FR", "--source", "watttime", "--signal", "marginal", *span(2))
    assert done.returncode == 0, done.stderr
    drawn = ready("grid", "show", "FR", *span(2)).stdout
    assert drawn.index("marginal, g/kWh") < drawn.index("beside it the typical year")
    assert "average, lifecycle, CO2e, g/kWh" in drawn, "beside direct CO2 it says what it is"


def test_the_map_of_days_begins_where_something_is_kept(ready: Lowtide) -> None:
    fetch(ready, "--signal", "marginal", *span(2))
    ready.env["TZ"] = "UTC"
    drawn = ready("grid", "show", ZONE, "--heat", *span(7, START - timedelta(days=5))).stdout.splitlines()
    days = [line[:10] for line in drawn if line.startswith("202")]
    assert days == ["2026-01-05", "2026-01-06"] and "5 days before without a value" in drawn


def test_what_is_kept_is_there_for_ever_without_the_provider(lowtide: Lowtide) -> None:
    with Server(watttime.Provider(now=lambda: NOW, users={"ann": KEY})) as server:
        lowtide.env |= {"LOWTIDE_WATTTIME_URL": server.url, "LOWTIDE_WATTTIME_USERNAME": "ann",
                        "LOWTIDE_WATTTIME_PASSWORD": KEY}
        fetch(lowtide, "--signal", "marginal", *span(3))
        before = show(lowtide, *span(3))
    for key in ("URL", "USERNAME", "PASSWORD"):
        del lowtide.env[f"LOWTIDE_WATTTIME_{key}"]
    assert show(lowtide, *span(3)) == before
    assert lowtide("grid", "show", ZONE, "--heat", *span(3)).returncode == 0


def test_a_hole_is_a_gap_and_said(ready: Lowtide, server: Server) -> None:
    server.provider.truth = lambda zone, sign, at: None if at.hour in (3, 4) else 100.0
    [series] = fetch(ready, "--signal", "marginal", *span(2))
    assert (series["gaps"], series["steps_lost"], series["rows"]) == (2, 48, 528)
    assert series["provisional"] and series["longest_constant_run"] == 528
    [kept] = show(ready, *span(2))
    assert kept["gaps"][0] == {"begin": "2026-01-05T03:00:00.000Z", "end": "2026-01-05T05:00:00.000Z"}
    assert kept["coverage"] == pytest.approx(44 / 48)
    assert "·" in ready("grid", "show", ZONE, "--heat", *span(2)).stdout


def test_a_provider_that_fails_in_the_middle_keeps_what_came(ready: Lowtide, server: Server) -> None:
    def fail(_: object) -> None:
        if len(asked(server)) == 2:
            server.clear_faults()
            server.fault("status", path="/v3/historical", code=400, count=0)

    server.fault("call", path="/v3/historical", count=0, before=fail)
    [series] = fetch(ready, "--signal", "marginal", *span(100), status=5)
    assert series["chunks_done"] == 2 and series["error"] and series["rows"] > 0


@pytest.mark.parametrize(("change", "status", "words"), [
    ({"LOWTIDE_WATTTIME_PASSWORD": "wrong-password-of-ann"}, 4, "WattTime"),
    ({"LOWTIDE_WATTTIME_PASSWORD": ""}, 4, "watttime.password"),
    ({"LOWTIDE_WATTTIME_URL": "http://127.0.0.1:9"}, 5, "WattTime"),
], ids=["wrong key", "no key", "nobody there"])
def test_what_goes_wrong_is_one_line_without_the_secret(
        ready: Lowtide, change: dict[str, str], status: int, words: str) -> None:
    ready.env |= change
    done = ready("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *span(1))
    assert done.returncode == status, done.stderr
    assert done.stderr.startswith("lowtide: ") and done.stderr.count("\n") == 1 and words in done.stderr
    secrets = (KEY, "wrong-password-of-ann")
    kept = b"".join(path.read_bytes() for path in ready.home.iterdir() if path.is_file())
    for secret in secrets:
        assert secret not in done.stdout + done.stderr and secret.encode() not in kept


@pytest.mark.parametrize(("args", "status", "words"), [
    (("Nowhere",), 2, "Nowhere"),
    (("FR", "--source", "wattime"), 2, "watttime"),
    (("FR", "--signal", "green"), 2, "both"),
    (("FR", "--scope", "wide"), 2, "--scope"),
    (("FR", "--from", "yesterday"), 2, "--from"),
    (("FR", "--from", "2026-01-06", "--to", "2026-01-05"), 2, "--to"),
    (("FR", "--from", "2199-01-06", "--to", "2199-01-07"), 2, "--forecast"),
    (("FR",), 4, "--source"),
])
def test_what_is_off_is_one_line(lowtide: Lowtide, args: tuple[str, ...], status: int, words: str) -> None:
    done = lowtide("grid", "fetch", *args)
    assert done.returncode == status, done.stderr
    assert done.stderr.count("\n") == 1 and words in done.stderr and not done.stdout


def test_nothing_kept_is_said_with_the_next_step(lowtide: Lowtide, ready: Lowtide) -> None:
    done = lowtide("grid", "show", "FR")
    assert done.returncode == 4 and "lowtide grid fetch" in done.stderr and done.stderr.count("\n") == 1
    fetch(ready, "--signal", "marginal", *span(1))
    assert lowtide("grid", "show", "DE").returncode == 4


def test_a_series_beyond_the_bound_is_cut_down(ready: Lowtide) -> None:
    ready.env["LOWTIDE_CACHE_SIZE"] = "500000"
    fetch(ready, "--signal", "marginal", *span(90))
    size = sum(path.stat().st_size for path in ready.home.glob("cache.db*"))
    assert size < 600_000
    assert show(ready, "--day")[0]["values"], "the newest stays"


def test_the_newest_forecast_is_kept_by_issue(ready: Lowtide, server: Server) -> None:
    now = datetime.now(UTC)
    server.provider.clock = lambda: now
    done = ready("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", "--forecast", "--json", "-")
    assert done.returncode == 0, done.stderr
    [series] = json.loads(done.stdout)
    assert series["forecast"] == series["rows"] > 200 and series["provisional"]
    [kept] = show(ready, "--from", now.isoformat(), "--to", (now + timedelta(hours=20)).isoformat())
    assert all(value["kind"] == "forecast" and value["issued"] for value in kept["values"])


def test_progress_is_drawn_on_a_terminal_only_and_goes_away(ready: Lowtide) -> None:
    terminal = Terminal(ready)
    try:
        words = " ".join(["grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *span(160)])
        terminal.type(f"$LOWTIDE {words}; echo over-$((2 + 2))\n")
        seen = terminal.until(r"over-4")
    finally:
        terminal.close()
    assert "watttime FR marginal: 1 of " in seen and " left" in seen
    last = seen.rindex("watttime FR marginal: ")
    assert "\r\x1b[K" in seen[last:] and "WattTime" in seen


def test_widths_and_colours(ready: Lowtide) -> None:
    fetch(ready, "--signal", "both", *span(2))
    for width in (40, 80, 200):
        terminal = Terminal(ready, columns=width)
        try:
            terminal.type(f"clear; NO_COLOR=1 $LOWTIDE grid show {ZONE} {' '.join(span(2))}; echo over-$((2 + 2))\n")
            seen = terminal.until(r"over-4")
        finally:
            terminal.close()
        lines = seen.replace("\r", "").split("\n")
        assert max(len(line) for line in lines[1:-1]) <= width
        assert "\x1b[1m" not in seen


def test_of_two_signals_the_one_without_a_provider_is_said(ready: Lowtide) -> None:
    ready.env["LOWTIDE_CONFIG"] = str(ready.folder / "none.toml")
    done = ready("grid", "fetch", "FR", "--signal", "both", *span(1))
    assert done.returncode == 4 and done.stderr.count("no provider of a") == 2, "and nothing was fetched"
    ready.env["LOWTIDE_UK_URL"] = ready.env["LOWTIDE_WATTTIME_URL"]
    done = ready("grid", "fetch", ZONE, "--signal", "both", "--source", "uk,watttime", *span(1))
    assert "no provider" not in done.stderr


def test_an_address_that_is_none_is_not_replaced_by_the_providers_own(ready: Lowtide, server: Server) -> None:
    for address in ("ftp://x", server.url.replace("//", "//ann:url-secret@")):
        ready.env["LOWTIDE_WATTTIME_URL"] = address
        done = ready("grid", "fetch", ZONE, "--source", "watttime", "--signal", "marginal", *span(1))
        assert done.returncode == 2 and "watttime.url" in done.stderr, done.stderr
        assert "url-secret" not in done.stdout + done.stderr
    assert not server.paths()
