"""kill -9 of any one process of lowtide costs no joule of a counter, nor the job's exit status."""

import contextlib
import json
import sqlite3
import time

from curve import Flat, Square
from gpus import Gpu
from harness import (
    Finished,
    Site,
    alive,
    assert_energy,
    boot,
    kill9,
    names,
    stamps,
    steady,
)

CURVE = Square(50.0, 400.0, 1.4, 0.5, 0.25)


def one_gpu(folder):
    return Site(folder, [Gpu("GPU-live", CURVE)])


def qualities(report):
    return {c["quality"] for c in report["energy"]["by_channel"]} | {
        slot["quality"] for slot in report["slots"]
    }


def wait_for(what, condition, seconds):
    end = boot() + seconds
    while boot() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


def one_value(site, sql):
    """The one value that a query of the ledger gives; nothing before there is a ledger."""
    with (
        contextlib.suppress(sqlite3.OperationalError),
        sqlite3.connect(site.folder / "ledger" / "ledger.db") as ledger,
    ):
        return ledger.execute(sql).fetchone()[0]


def finished_without_shell(site, running, seconds=10.0):
    """The report of a run whose shell's child is gone, once it is complete."""
    state = {}

    def over():
        state.update(site.last_report())
        return state["run"]["state"] not in ("running", "waiting", "paused")

    wait_for("the run's record to be closed", over, seconds)
    return Finished(site, 0, state, running.spawned, boot(), running.offset)


@steady()
def test_meter_killed(tmp_path):
    """A second meter bridges the hole from the counter; polled power has a gap, and says so."""
    polled = Gpu("GPU-polled", CURVE, ("counter none", "refresh_ms 20"))
    site = Site(tmp_path, [Gpu("GPU-live", CURVE), polled])
    running = site.start(4.0, "--exit", "7")
    running.job_started()
    time.sleep(1.5)
    meter = running.meter_pid()
    kill9(meter)
    run = running.finish(20)
    assert run.status == 7, f"not the job's own exit status: {running.stderr()}"
    assert run.report["run"]["exit_status"] == 7 and run.report["run"]["state"] == "failed"
    assert run.end - run.begin >= 4.0 - 0.01, "the run did not last as long as its job"
    assert_energy(run.channel("GPU-live"), run.truth(site.gpus[0]))
    assert run.channel("GPU-live")["coverage"] >= 0.999
    assert "bridged" in qualities(run.report), qualities(run.report)
    assert run.channel("GPU-polled")["coverage"] < 1, "polled power can't be bridged: a gap"


@steady()
def test_meter_killed_twice(tmp_path):
    site = one_gpu(tmp_path)
    running = site.start(4.0)
    running.job_started()
    for _ in range(2):
        time.sleep(1.0)
        meter = running.meter_pid()
        kill9(meter)
        wait_for("another meter", lambda old=meter: set(running.meters()) - {old}, 5)
    run = running.finish(20)
    assert run.status == 0
    assert_energy(run.channel("GPU-live"), run.truth(site.gpus[0]))


@steady()
def test_shells_child_killed(tmp_path):
    """The meter is the job's parent: the record is complete, with the exit status."""
    site = one_gpu(tmp_path)
    running = site.start(3.5, "--exit", "7")
    running.job_started()
    job = int(stamps(site)["pid"])
    time.sleep(1.2)
    kill9(running.process.pid)
    assert running.process.wait(5) == -9
    time.sleep(0.3)
    assert alive(job), "the job died with the shell's child"
    wait_for("the job's end", lambda: not alive(job), 10)
    run = finished_without_shell(site, running)
    assert run.report["run"]["exit_status"] == 7 and run.report["run"]["state"] == "failed"
    assert abs(run.end - run.job["last"]) <= 0.25
    assert_energy(run.channel("GPU-live"), run.truth(site.gpus[0]))
    assert run.channel("GPU-live")["coverage"] >= 0.999


@steady(2)
def test_both_killed_the_job_lives_on(tmp_path):
    """Later the run is closed as interrupted, with what was written at least each 5 s."""
    site = one_gpu(tmp_path)
    running = site.start(7.5)
    first = running.job_started()
    job = int(stamps(site)["pid"])
    meter = running.meter_pid()
    time.sleep(6.5)
    kill9(running.process.pid, meter)
    killed = boot()
    running.process.wait(5)
    time.sleep(0.3)
    assert alive(job), "the job died with lowtide"
    wait_for("the job's end", lambda: not alive(job), 10)
    assert "last" in stamps(site), "the job did not reach its own end"
    runs = site.lowtide("runs", "--json")
    assert "interrupted" in runs, runs
    run = Finished(site, 0, site.last_report(), running.spawned, boot(), running.offset)
    assert run.report["run"]["state"] == "interrupted"
    assert run.report["run"]["exit_status"] is None
    assert run.end <= killed + 0.05, "recorded beyond its own death"
    assert run.end >= min(killed - 5.3, first + 6.5), "lost more than 5 s"
    assert_energy(run.channel("GPU-live"), run.truth(site.gpus[0]))


def test_all_killed_a_gpu_that_the_job_never_used_is_not_charged(tmp_path):
    gpus = [Gpu("GPU-used", Flat(300.0)), Gpu("GPU-idle", Flat(100.0), ("contexts none",))]
    site = Site(tmp_path, gpus)
    running = site.start(30.0)
    running.job_started()
    meter = running.meter_pid()
    charged = "SELECT group_concat(uuid) FROM channel WHERE kind = 'gpu' AND in_total"
    wait_for("it is on record", lambda: one_value(site, charged) == "GPU-used", 15)
    kill9(running.process.pid, meter, int(stamps(site)["pid"]))
    running.process.wait(5)
    report = site.last_report()
    assert report["run"]["state"] == "interrupted"
    counted = {c["uuid"]: c["in_total"] for c in report["energy"]["by_channel"] if c["kind"] == "gpu"}
    assert counted == {"GPU-used": True, "GPU-idle": False}


@steady(2)
def test_both_killed_the_next_lowtide_finds_the_job_alive(tmp_path):
    """It takes the run up again, or closes it; no joule is invented, no exit status guessed."""
    site = one_gpu(tmp_path)
    running = site.start(6.0)
    running.job_started()
    job = int(stamps(site)["pid"])
    meter = running.meter_pid()
    time.sleep(2.0)
    kill9(running.process.pid, meter)
    running.process.wait(5)
    time.sleep(0.5)
    site.lowtide("runs", "--json")
    wait_for("the job's end", lambda: not alive(job), 15)
    run_id = site.last_report()["run"]["id"]
    run = finished_without_shell(site, running, 8.0)
    assert run.report["run"]["id"] == run_id
    assert run.report["run"]["exit_status"] is None, "only a parent knows it"
    channels = run.channels("gpu")
    if run.end > run.begin and channels:
        assert_energy(run.channel("GPU-live"), run.truth(site.gpus[0]))
    else:
        assert run.report["run"]["state"] == "interrupted", (
            names(channels),
            json.dumps(run.report),
        )
