"""A run that a plan moves, in the listings and reports: what waits, is paused between lives, was cancelled."""

import json
import sqlite3
import time
from contextlib import closing

import pytest
from harness import Lowtide

HOUR_NS = 3_600_000_000_000


def now_ns() -> int:
    return time.time_ns()


def act(ledger: sqlite3.Connection, key: int, standing: str) -> None:
    """The rows that the controller of the plan keeps."""
    host = ledger.execute("SELECT host FROM run WHERE key=?", (key,)).fetchone()[0]
    ledger.execute("INSERT OR REPLACE INTO act VALUES(?,?,?,?,?,?)", (key, host, standing, "phase=x\n", "{}", now_ns()))
    ledger.execute("INSERT INTO act_transition VALUES(?,?,?,?,?,?)", (key, 1, now_ns(), "submitted", standing, ""))


def change(lowtide: Lowtide) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(lowtide.home / "ledger.db", isolation_level=None))


def asked(lowtide: Lowtide, *, standing: str = "waiting", state: str = "waiting", hours: float = 2,
          ended: bool = False) -> str:
    """A run that was submitted so many hours ago and has not begun: the row of a real one, as it is at first."""
    assert lowtide.run("--name", "other", "--quiet", "--", "true").returncode == 0
    with change(lowtide) as ledger:
        columns = [row[1] for row in ledger.execute("PRAGMA table_info(run)")]
        row = dict(zip(columns, ledger.execute("SELECT * FROM run WHERE key=1").fetchone(), strict=True))
        row |= {"key": 100, "id": "wait0001", "name": "later", "state": state, "exit_status": None, "begin_ns": None,
                "end_ns": now_ns() if ended else None, "submitted_ns": now_ns() - int(hours * HOUR_NS), "lives": 0}
        ledger.execute(f"INSERT INTO run({','.join(row)}) VALUES({','.join('?' * len(row))})", list(row.values()))
        act(ledger, 100, standing)
    return "wait0001"


def paused(lowtide: Lowtide, hours: float = 3) -> str:
    """A record whose only life ended so many hours ago, by its own checkpoint; its plan has paused it."""
    assert lowtide.run("--name", "train", "--quiet", "--", "sh", "-c", "exit 75").returncode == 75
    with change(lowtide) as ledger:
        back = int(hours * HOUR_NS)
        for table, times in (("run", ("submitted_ns", "begin_ns", "end_ns")), ("slot", ("begin_ns", "end_ns")),
                             ("use", ("begin_ns", "end_ns")), ("sample", ("begin_ns", "end_ns")),
                             ("intensity_piece", ("begin_ns", "end_ns")), ("event", ("time_ns",))):
            ledger.execute(f"UPDATE {table} SET {','.join(f'{t}={t}-{back}' for t in times)}")
        act(ledger, 1, "paused")
        return ledger.execute("SELECT id FROM run").fetchone()[0]


def stands(lowtide: Lowtide, standing: str) -> None:
    with change(lowtide) as ledger:
        ledger.execute("UPDATE act SET standing=?", (standing,))


def test_a_run_that_waits_is_listed_and_shown_with_no_energy_and_no_end(lowtide: Lowtide) -> None:
    run_id = asked(lowtide)
    report = lowtide.report(run_id)
    run = report["run"]
    assert (run["state"], run["begin"], run["end"], run["exit_status"]) == ("waiting", None, None, None)
    assert run["waiting_s"] == pytest.approx(7200, abs=120)
    assert (run["duration_s"], run["active_s"], run["paused_s"], run["lives"]) == (None, None, None, 0)
    assert (report["energy"]["total_kwh"], report["carbon"]["total_g"]) == (None, None)
    assert report["sci"]["value"] is None and report["slots"] == []
    listed = {r["id"]: r for r in lowtide.runs()}
    assert listed[run_id]["state"] == "waiting" and listed[run_id]["total_kwh"] is None
    table = lowtide("runs").stdout
    assert "waiting" in next(line for line in table.splitlines() if run_id in line)
    shown = lowtide("show", run_id)
    assert shown.returncode == 0 and "waiting for 2 h" in shown.stdout and "0 g" not in shown.stdout, shown.stdout


@pytest.mark.parametrize("form", ["text", "csv", "md", "html", "latex"])
@pytest.mark.parametrize("standing", ["waiting", "paused", "cancelled"])
def test_every_form_of_a_report_says_how_it_stands(lowtide: Lowtide, form: str, standing: str) -> None:
    if standing == "paused":
        run_id = paused(lowtide)
    else:
        run_id = asked(lowtide, standing=standing, state=standing, ended=standing == "cancelled")
    done = lowtide("report", run_id, "--format", form)
    assert done.returncode == 0, done.stderr
    assert standing in done.stdout, done.stdout
    for args in (["show", "--explain", run_id], ["compare", run_id]):
        assert lowtide(*args).returncode in {0, 1, 2, 4}


def test_a_run_that_waits_is_neither_edited_nor_removed_nor_taken_for_dead(lowtide: Lowtide) -> None:
    run_id = asked(lowtide)
    for args in (["edit", run_id, "--name", "x"], ["rm", "--yes", run_id], ["rm", run_id]):
        refused = lowtide(*args)
        assert refused.returncode == 2 and "cancel" in refused.stderr, (args, refused.stderr)
    for _ in range(2):
        assert lowtide.report(run_id)["run"]["state"] == "waiting"
    exported = json.loads(lowtide("export", run_id).stdout)["runs"][0]
    assert exported["act"][0]["standing"] == "waiting" and exported["run"]["begin"] is None
    assert exported["act_transition"][0]["changes"] == "submitted"


def test_a_run_that_was_cancelled_before_it_began_waited_until_then(lowtide: Lowtide) -> None:
    run_id = asked(lowtide, standing="cancelled", state="cancelled", ended=True)
    report = lowtide.report(run_id)
    run = report["run"]
    assert (run["state"], run["begin"], run["duration_s"]) == ("cancelled", None, None)
    assert run["end"] is not None and run["waiting_s"] == pytest.approx(7200, abs=120)
    assert (report["energy"]["total_kwh"], report["carbon"]["total_g"]) == (None, None)
    shown = lowtide("show", run_id).stdout
    assert "cancelled before it began" in shown and "never began" in shown, shown
    assert lowtide("edit", run_id, "--name", "gone").returncode == 0
    assert lowtide.report(run_id)["run"]["name"] == "gone"
    assert lowtide("rm", "--yes", run_id).returncode == 0
    assert run_id not in [r["id"] for r in lowtide.runs()]
    with change(lowtide) as ledger:
        assert ledger.execute("SELECT (SELECT count(*) FROM act) + (SELECT count(*) FROM act_transition)").fetchone() == (0,)


def test_between_two_lives_a_record_is_paused_and_goes_on_being_so(lowtide: Lowtide) -> None:
    run_id = paused(lowtide)
    report = lowtide.report(run_id)
    run = report["run"]
    assert (run["state"], run["end"], run["exit_status"], run["lives"]) == ("paused", None, None, 1)
    assert run["paused_s"] == pytest.approx(3 * 3600, abs=120)
    assert run["duration_s"] == pytest.approx(run["active_s"] + run["paused_s"], abs=1e-6)
    later = lowtide.report(run_id)["run"]["paused_s"]
    assert later > run["paused_s"]
    assert next(r for r in lowtide.runs() if r["id"] == run_id)["state"] == "paused"
    refused = lowtide("rm", run_id)
    assert refused.returncode == 2 and "is paused" in refused.stderr and "lowtide cancel" in refused.stderr
    shown = lowtide("show", run_id).stdout
    assert "paused; active for" in shown and "paused for 3 h" in shown, shown


def test_a_further_life_ends_the_pause_and_its_time_stays(lowtide: Lowtide) -> None:
    run_id = paused(lowtide)
    stands(lowtide, "runs")
    again = lowtide.run("--quiet", "--", "true", env=lowtide.env | {"LOWTIDE_RUN_ID": run_id})
    assert again.returncode == 0
    stands(lowtide, "done")
    run = lowtide.report(run_id)["run"]
    assert (run["state"], run["exit_status"], run["lives"]) == ("finished", 0, 2)
    assert run["paused_s"] == pytest.approx(3 * 3600, abs=120) and run["end"] is not None
    assert "paused time" in lowtide("report", run_id).stdout
    assert lowtide("rm", "--yes", run_id).returncode == 0


def test_without_a_plan_the_time_between_lives_is_none_of_the_run(lowtide: Lowtide) -> None:
    run_id = paused(lowtide)
    with change(lowtide) as ledger:
        ledger.execute("DELETE FROM act")
    assert lowtide.run("--quiet", "--", "true", env=lowtide.env | {"LOWTIDE_RUN_ID": run_id}).returncode == 0
    run = lowtide.report(run_id)["run"]
    assert (run["paused_s"], run["lives"], run["state"]) == (0, 2, "finished") and run["duration_s"] < 60


def test_a_cancelled_record_keeps_what_it_used(lowtide: Lowtide) -> None:
    run_id = paused(lowtide)
    stands(lowtide, "cancelled")
    report = lowtide.report(run_id)
    run = report["run"]
    assert (run["state"], run["exit_status"], run["paused_s"]) == ("cancelled", 75, 0) and run["end"] is not None
    assert report["energy"]["total_kwh"] is not None
    assert lowtide("rm", "--yes", run_id).returncode == 0


def test_a_row_that_waits_says_so_until_its_life_begins(lowtide: Lowtide) -> None:
    run_id = asked(lowtide)
    stands(lowtide, "runs")
    assert lowtide.report(run_id)["run"]["state"] == "waiting"
