"""A run with a provider: priced on what is kept, completed later, priced again when revised, and never held up."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uk
from harness import PATIENCE_S, Lowtide, job, wait_for
from server import Server

WAITS = "import os,time\nwhile not os.path.exists('go'): time.sleep(0.02)"


class Truth:
    """What the provider says: one value for the forecast, one for what was."""

    def __init__(self) -> None:
        self.forecast = 100.0
        self.actual = 150.0

    def __call__(self, zone: str, signal: str, at: datetime) -> float:
        return self.actual if signal == "actual" else self.forecast


@pytest.fixture
def truth() -> Truth:
    return Truth()


@pytest.fixture
def britain(lowtide: Lowtide, truth: Truth) -> Iterator[Server]:
    """A loopback provider of Great Britain, and a program that is set up for it."""
    with Server(uk.Provider(truth=truth)) as server:
        lowtide.env |= {"LOWTIDE_UK_URL": server.url, "LOWTIDE_LOCATION": "GB", "LOWTIDE_INTENSITY": "uk"}
        yield server


def notes(lowtide: Lowtide) -> dict[str, str]:
    """What cache.db has noted."""
    path = lowtide.home / "cache.db"
    if not path.exists():
        return {}
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as database:
            return dict(database.execute("SELECT key, value FROM note"))
    except sqlite3.OperationalError:
        return {}


def fetchers(lowtide: Lowtide) -> list[int]:
    """The processes that ask for a run of this home."""
    mark = f"LOWTIDE_HOME={lowtide.home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"fetch-for-run" in (entry / "cmdline").read_bytes() \
                    and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def run_until_asked(lowtide: Lowtide, asked: Callable[[], Any], *args: str) -> dict[str, Any]:
    """A run that goes on until its provider was asked; the report that it wrote at its end."""
    (lowtide.folder / "go").unlink(missing_ok=True)
    process = lowtide.start("run", "--json", "run.json", *args, "--", *job(WAITS))
    wait_for(asked, "the first round of the fetch")
    (lowtide.folder / "go").touch()
    assert process.wait(timeout=PATIENCE_S) == 0
    return json.loads((lowtide.folder / "run.json").read_text())


def forecast_is_kept(lowtide: Lowtide) -> Callable[[], bool]:
    """The last thing that a round does."""
    def kept() -> bool:
        try:
            with sqlite3.connect(f"file:{lowtide.home / 'cache.db'}?mode=ro", uri=True, timeout=5) as database:
                return database.execute("SELECT count(*) FROM issue").fetchone()[0] > 0
        except sqlite3.OperationalError:
            return False
    return kept


def headline(report: dict[str, Any]) -> dict[str, Any]:
    return report["intensity"][0]


def test_priced_on_the_forecast_then_completed_and_both_reports_hold(
        lowtide: Lowtide, britain: Server, truth: Truth) -> None:
    first = run_until_asked(lowtide, forecast_is_kept(lowtide))
    series = headline(first)
    assert (series["source"], series["provisional"], series["fallback"]) == ("uk", True, False)
    assert {origin["kind"] for origin in series["origins"]} == {"forecast"}
    assert series["mean_g_per_kwh"] == pytest.approx(100) and first["carbon"]["low_g"] is None
    assert all(slot["origin"] is not None and slot["source"] == "uk" for slot in first["slots"])
    early = lowtide.folder / "early.json"
    early.write_text(json.dumps(first))
    assert lowtide("verify", str(early)).returncode == 0

    britain.provider.lag = timedelta(hours=-1)  # what was is known at once
    done = lowtide("report", "last", "--format", "json")
    second = json.loads(done.stdout)
    series = headline(second)
    assert series["provisional"] is False and series["coverage"] == pytest.approx(1)
    assert {origin["kind"] for origin in series["origins"]} == {"history"}
    assert series["mean_g_per_kwh"] == pytest.approx(150)
    assert second["carbon"]["operational_g"] == pytest.approx(1.5 * first["carbon"]["operational_g"])
    event = [event for event in second["events"] if event["kind"] == "priced-again"]
    assert len(event) == 1 and "operational carbon" in event[0]["detail"] and "was" in event[0]["detail"]
    late = lowtide.folder / "late.json"
    late.write_text(done.stdout)
    for report in (early, late):  # the one before is found by its hash
        verified = lowtide("verify", str(report))
        assert verified.returncode == 0, verified.stdout

    britain.forget()
    assert json.loads(lowtide("report", "last", "--format", "json").stdout) == second
    assert britain.paths() == [], "what is final is not asked again"


def test_grid_fetch_completes_what_is_provisional(lowtide: Lowtide, britain: Server) -> None:
    assert lowtide("run", "--quiet", "--", *job("import time; time.sleep(0.3)"),
                   env=lowtide.env | {"LOWTIDE_OFFLINE": "true"}).returncode == 0
    britain.provider.lag = timedelta(hours=-1)
    done = lowtide("grid", "fetch", "GB", "--source", "uk")
    assert done.returncode == 0 and "1 run priced anew, 0 still provisional" in done.stdout, done.stderr
    britain.forget()
    lowtide.env["LOWTIDE_OFFLINE"] = "true"
    report = lowtide.report()
    assert headline(report)["provisional"] is False and headline(report)["mean_g_per_kwh"] == pytest.approx(150)
    assert britain.paths() == []


def test_reprice_shows_old_new_and_difference_and_stores_nothing(
        lowtide: Lowtide, britain: Server, truth: Truth) -> None:
    britain.provider.lag = timedelta(hours=-1)
    run_until_asked(lowtide, forecast_is_kept(lowtide))
    before = lowtide.report()
    assert headline(before)["mean_g_per_kwh"] == pytest.approx(150)
    truth.actual = 180
    assert lowtide.report() == before, "no report changes unasked"
    priced = lowtide.report("last", "--reprice")
    change = priced["repriced"]
    assert headline(priced)["mean_g_per_kwh"] == pytest.approx(180)
    assert change["now"]["operational_g"] == pytest.approx(change["before"]["operational_g"] * 1.2)
    assert change["difference_g"] == pytest.approx(change["before"]["operational_g"] * 0.2)
    assert change["before"]["series_sha256"] != change["now"]["series_sha256"]
    assert lowtide.report() == before, "it stores nothing"
    text = lowtide("report", "last", "--reprice").stdout
    assert "nothing was stored" in text and "+20 %" in text
    path = lowtide.folder / "priced.json"
    path.write_text(json.dumps(priced))
    assert lowtide("verify", str(path)).returncode == 0, "it follows from what is kept"
    path.write_text(json.dumps(priced | {"carbon": priced["carbon"] | {"operational_g": 1.0}}))
    assert lowtide("verify", str(path)).returncode == 1


def test_history_is_not_given_up_for_a_stand_in(lowtide: Lowtide, britain: Server) -> None:
    lowtide.env["LOWTIDE_INTENSITY"] = "uk,typical"
    britain.provider.lag = timedelta(hours=-1)
    run_until_asked(lowtide, forecast_is_kept(lowtide))
    before = lowtide.report()
    assert headline(before)["provisional"] is False and headline(before)["step_s"] == 1800
    assert f"intensity GB average: uk, sha256 {headline(before)['series_sha256']}" in before["provenance"]["sources"]
    for name in ("cache.db", "cache.db-wal", "cache.db-shm"):
        (lowtide.home / name).unlink(missing_ok=True)
    lowtide.env["LOWTIDE_OFFLINE"] = "true"
    done = lowtide("report", "last", "--reprice", "--format", "json")
    priced = json.loads(done.stdout)
    assert priced["carbon"]["operational_g"] == before["carbon"]["operational_g"]
    assert "the recorded intensity stands" in done.stderr


def test_a_cache_that_cannot_be_read_is_said(lowtide: Lowtide, britain: Server) -> None:
    lowtide.env |= {"LOWTIDE_INTENSITY": "uk,typical", "LOWTIDE_OFFLINE": "true"}
    (lowtide.home / "cache.db").parent.mkdir(parents=True, exist_ok=True)
    (lowtide.home / "cache.db").write_bytes(b"no database at all" * 500)
    assert lowtide("run", "--quiet", "--", "true").returncode == 0
    said = [event["detail"] for event in lowtide.report()["events"] if event["kind"] == "intensity-note"]
    assert any("cache.db" in detail and "remove it" in detail for detail in said), said


def test_a_provider_that_never_answers_is_not_waited_for(lowtide: Lowtide, britain: Server) -> None:
    britain.fault("silent", count=0)
    report = run_until_asked(lowtide, lambda: britain.paths())
    assert fetchers(lowtide), "the run has ended and its fetcher still waits for the provider"
    assert report["carbon"]["operational_g"] is None and headline(report)["provisional"] is True
    assert report["energy"]["it_kwh"] > 0
    wait_for(lambda: not fetchers(lowtide), "the end of the fetcher, once the run is over and its time is up")


def test_a_provider_that_failed_is_left_alone_for_a_while(lowtide: Lowtide, britain: Server) -> None:
    britain.fault("status", code=404, count=0)
    run_until_asked(lowtide, lambda: notes(lowtide).get("asked uk average GB", "asking") != "asking")
    assert notes(lowtide)["asked uk average GB"] != "ok"
    said = [event["detail"] for event in lowtide.report()["events"] if event["kind"] == "intensity-note"]
    assert len(said) == 1 and said[0].startswith("uk, GB, average: ") and "404" in said[0]
    britain.forget()
    assert lowtide("run", "--quiet", "--", "true").returncode == 0
    assert fetchers(lowtide) == [] and britain.paths() == []


def test_many_short_runs_ask_once(lowtide: Lowtide, britain: Server) -> None:
    run_until_asked(lowtide, forecast_is_kept(lowtide))
    wait_for(lambda: not fetchers(lowtide), "the end of the fetcher with its run")
    britain.forget()
    for _ in range(3):
        assert lowtide("run", "--quiet", "--", "true").returncode == 0
    assert britain.paths() == [] and fetchers(lowtide) == []


def test_without_a_fallback_nothing_stands_in_and_with_one_it_is_said(lowtide: Lowtide, britain: Server) -> None:
    lowtide.env["LOWTIDE_OFFLINE"] = "true"
    done = lowtide("run", "--json", "a.json", "--", "true")
    alone = json.loads((lowtide.folder / "a.json").read_text())
    assert alone["carbon"]["total_g"] is None or alone["carbon"]["operational_g"] is None
    assert headline(alone)["source"] == "uk" and headline(alone)["coverage"] == 0
    assert "provisional" in done.stderr
    done = lowtide("run", "--json", "b.json", "--allow-fallback", "--", *job("import time; time.sleep(0.3)"))
    fallen = json.loads((lowtide.folder / "b.json").read_text())
    assert headline(fallen)["fallback"] is True and headline(fallen)["provisional"] is True
    assert {origin["kind"] for origin in headline(fallen)["origins"]} == {"typical"}
    assert "a fallback" in done.stderr and fallen["carbon"]["operational_g"] > 0
    assert britain.paths() == [], "offline is offline"


def test_the_first_that_covers_an_interval_wins_and_each_slot_says_which(lowtide: Lowtide, britain: Server) -> None:
    run_until_asked(lowtide, forecast_is_kept(lowtide))
    lowtide.env["LOWTIDE_INTENSITY"] = "typical,uk"
    assert lowtide("run", "--json", "a.json", "--", *job("import time; time.sleep(0.3)")).returncode == 0
    report = json.loads((lowtide.folder / "a.json").read_text())
    assert {slot["source"] for slot in report["slots"]} == {"typical"}
    lowtide.env["LOWTIDE_INTENSITY"] = "uk,typical"
    assert lowtide("run", "--json", "b.json", "--", *job("import time; time.sleep(0.3)")).returncode == 0
    report = json.loads((lowtide.folder / "b.json").read_text())
    assert {slot["source"] for slot in report["slots"]} == {"uk"}


def test_the_sources_of_a_zone_stand_in_the_config(lowtide: Lowtide, britain: Server) -> None:
    del lowtide.env["LOWTIDE_INTENSITY"]
    assert lowtide("config", "set", "sources.average.GB", "uk").returncode == 0
    report = run_until_asked(lowtide, forecast_is_kept(lowtide))
    assert headline(report)["source"] == "uk"
    assert lowtide("run", "--location", "FR", "--json", "fr.json", "--", "true").returncode == 0
    assert headline(json.loads((lowtide.folder / "fr.json").read_text()))["source"] == "typical"


def test_the_job_sees_nothing_of_it(lowtide: Lowtide, britain: Server) -> None:
    """No child, no descriptor, no process in its session."""
    look = ("import os,json,time\nwhile not os.path.exists('go'): time.sleep(0.02)\n"
            "json.dump({'fds': sorted(int(f) for f in os.listdir('/proc/self/fd')), 'parent': os.getppid()},"
            "open('seen', 'w'))")
    process = lowtide.start("run", "--", *job(look))
    wait_for(lambda: britain.paths(), "the first question")
    asking = fetchers(lowtide)
    (lowtide.folder / "go").touch()
    assert process.wait(timeout=PATIENCE_S) == 0
    seen = json.loads((lowtide.folder / "seen").read_text())
    plain = subprocess.run(job("import os,json; print(json.dumps(sorted(int(f) for f in os.listdir('/proc/self/fd'))))"),
                           capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    assert seen["fds"] == json.loads(plain)
    events = {event["kind"] for event in lowtide.report()["events"]}
    assert "children-left" not in events and seen["parent"] not in asking
