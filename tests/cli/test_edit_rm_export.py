"""`lowtide edit`, `rm` and `export`: what may be done to a run in the ledger, and what may not."""

import json
import re
import sqlite3
import stat
from contextlib import closing
from typing import Any

import pytest
from harness import Lowtide, Terminal, job, wait_for

ODD = "a\x1b[31m<b>\\x&\"'é"
SHOWN = "a\\x1b[31m<b>\\x&\"'é"
TABLES = ("run", "keeper", "channel", "sample", "slot", "use", "intensity", "intensity_piece", "event")


def query(lowtide: Lowtide, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the ledger, read by SQLite itself."""
    with closing(sqlite3.connect(lowtide.home / "ledger.db")) as ledger:
        return ledger.execute(sql).fetchall()


def rows(lowtide: Lowtide, table: str, of: str = "1") -> list[tuple[Any, ...]]:
    """All rows of a table, `of` some run."""
    return query(lowtide, f"SELECT * FROM {table} WHERE {of}")


def make(lowtide: Lowtide, name: str, *args: str, seconds: float = 0.3) -> str:
    """A finished run; its id."""
    done = lowtide.run("--quiet", "--name", name, *args, "--", *job(f"import time; time.sleep({seconds})"))
    assert done.returncode == 0, done.stderr
    return lowtide.runs()[-1]["id"]


@pytest.fixture
def running(lowtide: Lowtide) -> str:
    """The id of a run that goes on."""
    lowtide.start_run("--quiet", "--name", "goes-on", "--", "sleep", "600")
    wait_for(lambda: lowtide.runs() and query(lowtide, "SELECT 1 FROM keeper WHERE job_pid>0"), "the run in the ledger")
    return lowtide.runs()[-1]["id"]


def test_edit_changes_what_is_about_the_run_and_nothing_that_was_measured(lowtide: Lowtide) -> None:
    run = make(lowtide, "before", "--tag", "draft=yes", "--tag", "phase=try")
    measured = {table: rows(lowtide, table) for table in TABLES if table not in ("run", "event")}
    columns = "id,command,state,exit_status,submitted_ns,begin_ns,end_ns,lives,machine,options"
    row = query(lowtide, f"SELECT {columns} FROM run")
    energy = lowtide.report()["energy"]
    done = lowtide("edit", run[:4], "--name", ODD, "--project", "bert", "--tag", "phase=final", "--untag", "draft",
                   "--count", "samples=60000")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{run}: name from 'before' to '{SHOWN}'\n" in done.stdout and "\x1b" not in done.stdout
    report = lowtide.report(ODD)
    assert (report["run"]["name"], report["run"]["project"]) == (ODD, "bert")
    assert query(lowtide, "SELECT tags,counts FROM run") == [('{"phase":"final"}', '{"samples":60000.0}')]
    assert report["energy"] == energy
    assert query(lowtide, f"SELECT {columns} FROM run") == row
    assert {table: rows(lowtide, table) for table in measured} == measured
    said = {event["detail"]: event["time"] for event in report["events"] if event["kind"] == "edited"}
    assert set(said) == {f"name from 'before' to '{ODD}'", "project from none to 'bert'", "tag draft from 'yes' to none",
                         "tag phase from 'try' to 'final'", "count samples from none to 60000"}
    assert all(time > report["run"]["end"] for time in said.values())
    assert lowtide("edit", run, "--no-project").stdout == f"{run}: project from 'bert' to none\n"
    assert lowtide("edit", run, "--no-project").stdout == f"{run}: nothing to change, it is so already\n"
    assert len([e for e in lowtide.report()["events"] if e["kind"] == "edited"]) == 6


@pytest.mark.parametrize(("args", "said"), [
    ([], "give --name, --project, --no-project, --tag, --untag or --count"),
    (["--name", ""], "--name: is empty"),
    (["--project", ""], "--no-project"),
    (["--name", "new", "--untag", "none"], "the run has no tag 'none'; it has phase"),
    (["--name", "new", "--tag", "=x"], "--tag"),
    (["--name", "new", "--count", "samples=many"], "--count"),
])
def test_an_edit_that_is_off_changes_nothing(lowtide: Lowtide, args: list[str], said: str) -> None:
    make(lowtide, "digits", "--tag", "phase=try", seconds=0)
    before = [rows(lowtide, table) for table in TABLES]
    done = lowtide("edit", "last", *args)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr
    assert [rows(lowtide, table) for table in TABLES] == before


def test_a_run_that_goes_on_is_neither_edited_nor_removed(lowtide: Lowtide, running: str) -> None:
    ended = make(lowtide, "ended", seconds=0)
    pid = query(lowtide, f"SELECT job_pid FROM keeper JOIN run ON run=key WHERE id='{running}'")[0][0]
    for args in (["edit", running, "--name", "x"], ["rm", ended, running, "--yes"]):
        done = lowtide(*args)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{running}: is running" in done.stderr and f"kill {pid}" in done.stderr
    assert {run["id"]: run["name"] for run in lowtide.runs()} == {running: "goes-on", ended: "ended"}
    assert lowtide("rm", ended, "--yes").returncode == 0, "beside one that goes on"
    assert [run["id"] for run in lowtide.runs()] == [running]
    done = lowtide("export", running)
    assert json.loads(done.stdout)["runs"][0]["run"]["state"] == "running"


def test_rm_leaves_no_row_and_no_word_of_the_run(lowtide: Lowtide) -> None:
    kept = make(lowtide, "kept", "--tag", "a=b")
    gone = [make(lowtide, f"unwelcome-{i}", "--project", "word-to-forget") for i in range(2)]
    keys = query(lowtide, f"SELECT key FROM run WHERE id='{kept}'")
    of_kept = f"run={keys[0][0]}"
    before = {table: rows(lowtide, table, of_kept) for table in TABLES[1:]}
    everything = {table: len(rows(lowtide, table)) for table in TABLES[1:]}
    assert all(everything[table] > len(before[table]) for table in TABLES[1:] if table != "event")
    done = lowtide("rm", gone[0], "unwelcome-1", gone[0][:6], "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"removed {gone[0]} unwelcome-0\nremoved {gone[1]} unwelcome-1\n")
    assert {table: rows(lowtide, table) for table in TABLES[1:]} == before
    assert [run["id"] for run in lowtide.runs()] == [kept]
    assert query(lowtide, "PRAGMA integrity_check") == [("ok",)]
    assert query(lowtide, "PRAGMA foreign_key_check") == []
    for file in lowtide.home.glob("ledger.db*"):
        assert b"word-to-forget" not in file.read_bytes(), file


def test_rm_gives_room_back_to_the_disk(lowtide: Lowtide) -> None:
    make(lowtide, "small", seconds=0)
    big = make(lowtide, "big", seconds=0)
    with closing(sqlite3.connect(lowtide.home / "ledger.db")) as ledger, ledger:
        key = ledger.execute("SELECT key FROM run WHERE id=?", (big,)).fetchone()[0]
        ledger.executemany("INSERT INTO sample VALUES(?,0,?,?,1,1,1,'measured')", ((key, t, t + 1) for t in range(20000)))
    size = (lowtide.home / "ledger.db").stat().st_size
    done = lowtide("rm", "big", "--yes")
    said = re.search(r"(\d+) kB given back to the disk", done.stdout)
    assert said, done.stdout
    assert size - (lowtide.home / "ledger.db").stat().st_size >= int(said.group(1)) * 1000 > 500_000
    assert query(lowtide, "PRAGMA freelist_count") == [(0,)]


def test_rm_of_one_that_is_not_there_removes_none(lowtide: Lowtide) -> None:
    run = make(lowtide, "digits", seconds=0)
    done = lowtide("rm", run, "zzzz", "--yes")
    assert done.returncode == 2 and "zzzz" in done.stderr
    done = lowtide("rm", run)
    assert (done.returncode, done.stdout) == (2, "") and "give --yes" in done.stderr
    assert [listed["id"] for listed in lowtide.runs()] == [run]


def test_rm_asks_on_a_terminal(lowtide: Lowtide, terminal: Terminal) -> None:
    run = make(lowtide, ODD, seconds=0)
    for answer, left in (("n", [run]), ("", [run]), ("y", [])):
        terminal.type('"$LOWTIDE" rm last\n')
        said = terminal.until(r"Remove 1 run for good\? \[y/N\] ")
        assert run in said and "\x1b[31m" not in said
        terminal.command(answer)
        assert terminal.status() == (1 if left else 0)
        assert [listed["id"] for listed in lowtide.runs()] == left


def test_export_is_all_that_the_ledger_holds(lowtide: Lowtide) -> None:
    first = make(lowtide, ODD, "--tag", f"{ODD}={ODD}", "--count", "samples=7", seconds=1.5)
    second = make(lowtide, "second", seconds=0)
    lowtide("edit", second, "--project", "p")
    done = lowtide("export", ODD, second, first[:6])
    assert (done.returncode, done.stderr) == (0, "")
    whole = json.loads(done.stdout)
    assert list(whole) == ["schema", "lowtide_version", "runs"] and whole["schema"] == "lowtide.export/1"
    assert [run["run"]["id"] for run in whole["runs"]] == [first, second], "each once"
    for run in whole["runs"]:
        key = query(lowtide, f"SELECT key FROM run WHERE id='{run['run']['id']}'")[0][0]
        for table in TABLES[2:]:
            assert len(run[table]) == len(rows(lowtide, table, f"run={key}")), table
        report = lowtide.report(run["run"]["id"])
        for index, channel in enumerate(report["energy"]["by_channel"]):
            assert run["channel"][index]["id"] == channel["channel"]
            for table, column in (("slot", "device_j"), ("sample", "energy_j")):
                total = sum(row[column] for row in run[table] if row["channel"] == index)
                assert total / 3.6e6 == pytest.approx(channel["device_kwh"], rel=1e-9, abs=1e-15), (table, channel)
        series = run["intensity"][0]
        assert (series["source"], series["sha256"]) == ("constant", report["intensity"][0]["series_sha256"])
        assert {piece["g_per_kwh"] for piece in run["intensity_piece"]} == {400.0}
        assert series["about"]["gas"] == report["intensity"][0]["gas"]
        assert [e["detail"] for e in run["event"]] == [e["detail"] for e in report["events"]]
        assert not any("carbon" in key or "sci" in key for table in TABLES[2:] for row in run[table] for key in row)
    about = whole["runs"][0]["run"]
    assert (about["name"], about["tags"], about["counts"]) == (ODD, {ODD: ODD}, {"samples": 7})
    assert about["options"]["intensity"] == "400g/kWh" and about["command"][1] == "-S"
    begin = query(lowtide, f"SELECT begin_ns FROM run WHERE id='{first}'")[0][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", about["begin"])
    assert about["begin"].endswith(f".{begin % 10**9:09}Z") and about["begin"][:23] == lowtide.report(first)["run"]["begin"][:23]


def test_export_into_a_file_is_a_whole_file_or_none(lowtide: Lowtide) -> None:
    run = make(lowtide, "digits", seconds=0)
    out = lowtide.folder / "run.json"
    assert lowtide("export", run, "-o", str(out)).stdout == ""
    assert out.read_text() == lowtide("export", run).stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600, "it holds a command line"
    out.write_text("mine")
    assert lowtide("export", "zzzz", "--out", str(out)).returncode == 2 and out.read_text() == "mine"
    assert lowtide("export", run, "--out", "/dev/stdout", "--out", str(out)).returncode == 2
    done = lowtide("export", run, "--out", "/dev/stdout")
    assert json.loads(done.stdout)["runs"][0]["run"]["id"] == run
    done = lowtide("export", run, "--out", str(lowtide.folder))
    assert done.returncode == 4 and str(lowtide.folder) in done.stderr


@pytest.mark.parametrize("args", [["edit", "last", "--name", "x"], ["rm", "last", "--yes"], ["export", "last"]])
def test_an_empty_ledger_is_said_and_not_made(lowtide: Lowtide, args: list[str]) -> None:
    done = lowtide(*args)
    assert done.returncode == 4 and "no run has been recorded yet" in done.stderr
    assert not lowtide.home.exists()
