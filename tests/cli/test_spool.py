"""On a network file system a run is written to a file of its own and merged by who reads next; `spool` asks for it."""

import os
import signal
import time

from harness import Lowtide, children, job, state_of, wait_for

SLEEPS = "import time; open('up', 'w').close(); time.sleep(600)"


def spooled(lowtide: Lowtide) -> list[str]:
    """Names of the files that wait."""
    folder = lowtide.home / "spool"
    return sorted(path.name for path in folder.glob("*.db")) if folder.exists() else []


def test_runs_written_apart_are_listed_together_and_their_files_go(lowtide: Lowtide) -> None:
    lowtide.env["LOWTIDE_SPOOL"] = "true"
    for name in ("one", "two"):
        assert lowtide.run("--name", name, "--", "true").returncode == 0
    assert len(spooled(lowtide)) == 2
    assert not (lowtide.home / "ledger.db").exists(), "no writer touches what others may write to"
    assert [run["name"] for run in lowtide.runs()] == ["one", "two"]
    assert spooled(lowtide) == []
    assert lowtide.report("one")["run"]["state"] == "finished"


def test_a_running_run_is_shown_and_goes_on(lowtide: Lowtide) -> None:
    lowtide.env["LOWTIDE_SPOOL"] = "true"
    process = lowtide.start_run("--", *job(SLEEPS))
    wait_for(lambda: (lowtide.folder / "up").exists() and spooled(lowtide), "the run on its way")
    wait_for(lambda: [run["state"] for run in lowtide.runs()] == ["running"], "it in the listing")
    process.send_signal(signal.SIGTERM)
    process.wait()
    assert [run["state"] for run in lowtide.runs()] == ["killed"]
    assert spooled(lowtide) == []


def test_a_run_that_lost_all_of_lowtide_is_closed_where_it_was_written(lowtide: Lowtide) -> None:
    lowtide.env["LOWTIDE_SPOOL"] = "true"
    process = lowtide.start_run("--", *job(SLEEPS))
    wait_for(lambda: (lowtide.folder / "up").exists() and spooled(lowtide), "the run on its way")
    meter = wait_for(lambda: children(process.pid), "the meter")[0]
    sleeper = wait_for(lambda: children(meter), "the job")[0]
    time.sleep(2)
    process.send_signal(signal.SIGSTOP)
    os.kill(meter, signal.SIGKILL)
    process.kill()
    process.wait()
    os.kill(sleeper, signal.SIGKILL)
    wait_for(lambda: state_of(sleeper) in ("", "Z"), "the job gone")
    assert [run["state"] for run in lowtide.runs()] == ["interrupted"]
    assert spooled(lowtide) == []


def test_a_damaged_file_in_the_spool_is_said_and_hides_nothing_else(lowtide: Lowtide) -> None:
    assert lowtide.run("--name", "good", "--", "true").returncode == 0
    (lowtide.home / "spool").mkdir()
    (lowtide.home / "spool" / "bad.db").write_text("not a database, but long enough to be looked at as one")
    done = lowtide("runs")
    assert done.returncode == 0 and "good" in done.stdout
    assert "bad.db" in done.stderr and "spool" in done.stderr
