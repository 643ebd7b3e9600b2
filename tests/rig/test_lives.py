"""One record over many lives: restarts, crashes, ranks, threads, nested lowtides. Each device and each joule once."""

import json
import sqlite3
import subprocess
import time
from datetime import datetime

import pytest
from curve import Flat, Square
from gpus import Gpu
from harness import (
    BIN,
    J_PER_KWH,
    JOB,
    Site,
    alive,
    assert_energy,
    boot,
    children,
    descendants,
    kill9,
    stamps,
    steady,
    utc_minus_boot,
)
from powercap import Zone, package
from test_kill import wait_for
from test_rapl import machine

CURVE = Square(50.0, 400.0, 1.4, 0.5, 0.25)
PYTHON = "/usr/bin/python3"

# As torchrun does it: starts the ranks, waits for all, kills the rest when one fails, exits with its status.
LAUNCHER = """
import os, subprocess, sys
ranks = [subprocess.Popen(sys.argv[2:], env=os.environ | {"LOCAL_RANK": str(i)}, start_new_session=True)
         for i in range(int(sys.argv[1]))]
while ranks:
    pid, status = os.wait()
    ranks = [rank for rank in ranks if rank.pid != pid]
    if code := os.waitstatus_to_exitcode(status):
        for rank in ranks:
            rank.terminate()
        sys.exit(code)
"""


class Lives:
    """Runs of one site whose reports are in boot time."""

    def __init__(self, folder, *gpus, site=None):
        self.site = site or Site(folder, list(gpus))
        self.offset = utc_minus_boot()
        self.site.t0_path.write_text(f"{boot():.9f}\n")

    def command(self, *job, options=()):
        return [str(BIN), "run", "--quiet", "--intensity", "475g/kWh", *options, "--", *map(str, job)]

    def start(self, *job, options=(), **env):
        return subprocess.Popen(self.command(*job, options=options), env=self.site.environment | env,
                                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, *job, options=(), **env):
        return self.start(*job, options=options, **env).wait(60)

    def report(self, run="last"):
        return json.loads(self.site.lowtide("report", run, "--format", "json"))

    def listed(self):
        return json.loads(self.site.lowtide("runs", "--json"))["runs"]

    def rows(self, *columns):
        """Of the ledger, oldest first: what each lowtide wrote of its own."""
        self.site.lowtide("runs")  # recovers what was left behind
        with sqlite3.connect(self.site.folder / "ledger" / "ledger.db") as ledger:
            return ledger.execute(f"SELECT {','.join(columns)} FROM run ORDER BY submitted_ns").fetchall()

    def spans(self):
        """Begin and end in boot time of what the rows recorded, joined where they overlap."""
        joined = []
        for begin, end in sorted(self.rows("begin_ns", "end_ns")):
            begin, end = begin / 1e9 - self.offset, end / 1e9 - self.offset
            if joined and begin <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        return joined

    def truth(self, joules_of):
        """True joules of a device over those spans: joules_of(t0, begin, end) knows it."""
        start = float(self.site.t0_path.read_text())
        return sum(joules_of(start, begin, end) for begin, end in self.spans())

    def skew(self):
        """Seconds that the longest of the rows did not see."""
        spans = self.rows("begin_ns", "end_ns")
        hull = max(end for _, end in spans) - min(begin for begin, _ in spans)
        return (hull - max(end - begin for begin, end in spans)) / 1e9


def gpu_of(report, uuid):
    found = [c for c in report["energy"]["by_channel"] if c["uuid"] == uuid]
    assert len(found) == 1, f"{uuid} is {len(found)} channels: {found}"
    return found[0]


def check(lives, report, gpu, count, slack=0.0):
    """The record's GPU has the truth of its lives and no more, in a time that leaves out what lies between."""
    seconds = sum(end - begin for begin, end in lives.spans())
    truth = lives.truth(gpu.joules)
    channel = gpu_of(report, gpu.uuid)
    assert_energy(channel, truth, slack=slack)
    assert channel["low_kwh"] * J_PER_KWH <= truth <= channel["high_kwh"] * J_PER_KWH, channel
    assert channel["coverage"] > 0.99, channel
    assert report["run"]["lives"] == count, report["run"]
    assert report["run"]["duration_s"] == pytest.approx(seconds, abs=0.02)
    assert len(lives.listed()) == 1, lives.listed()
    slots = sum(slot["energy_kwh"] or 0 for slot in report["slots"])
    assert slots == pytest.approx(report["energy"]["it_kwh"], rel=1e-9)


def any_gpu(uuid="GPU-live", curve=CURVE):
    return Gpu(uuid, curve, ("contexts unsupported",))


@steady()
def test_a_killed_job_goes_on_in_the_same_record(tmp_path):
    """kill -9 of the job and of all of lowtide, then `--continue`."""
    gpu = any_gpu()
    lives = Lives(tmp_path, gpu)
    stamp = lives.site.stamp_path
    first = lives.start(JOB, "60", "--stamp", stamp, options=("--name", "train"))
    wait_for("the job", lambda: stamp.exists() and "first" in stamp.read_text(), 20)
    # Something is on record: else this life has no length.
    wait_for("a reading", lambda: (lives.listed() or [{}])[0].get("duration_s"), 20)
    kill9(first.pid, *descendants(first.pid))
    first.wait(10)
    time.sleep(1.0)  # not the job's
    assert lives.report()["run"]["state"] == "interrupted"
    assert lives.run(JOB, "2", "--exit", "3", options=("--continue", "train")) == 3
    report = lives.report("train")
    check(lives, report, gpu, 2)
    assert report["run"]["state"] == "failed" and report["run"]["exit_status"] == 3
    assert report["run"]["id"] == lives.rows("id")[0][0], "the record is that of the first life"
    kinds = [event["kind"] for event in report["events"]]
    assert "life" in kinds and "interrupted" in kinds, kinds


@steady()
def test_restarts_under_one_id_are_one_record(tmp_path):
    gpu = any_gpu()
    lives = Lives(tmp_path, gpu)
    for status in (1, 1, 0):
        assert lives.run(JOB, "1.5", "--exit", status, LOWTIDE_RUN_ID="bert-7") == status
        time.sleep(0.3)  # not the job's
    report = lives.report("bert-7")
    check(lives, report, gpu, 3)
    assert report["run"]["id"] == "bert-7" and report["run"]["parent"] is None
    assert report["run"]["state"] == "finished" and report["run"]["exit_status"] == 0
    begin, end = (json_time(report["run"][k]) for k in ("begin", "end"))
    assert end - begin >= report["run"]["duration_s"] + 0.6, "the time between lives counts as run time"


def json_time(text):
    return datetime.fromisoformat(text).timestamp()


@steady()
def test_four_ranks_under_one_lowtide_count_each_device_once(tmp_path):
    gpus = [any_gpu(), any_gpu("GPU-two", Flat(300.0))]
    lives = Lives(tmp_path, *gpus)
    assert lives.run(PYTHON, "-S", "-c", LAUNCHER, "4", str(JOB), "2") == 0
    for gpu in gpus:
        check(lives, lives.report(), gpu, 1)


@steady()
def test_four_ranks_each_under_a_lowtide_of_its_own_count_each_device_once(tmp_path):
    """They start in the same instant: nobody is first."""
    gpu = any_gpu()
    lives = Lives(tmp_path, gpu)
    launcher = [PYTHON, "-S", "-c", LAUNCHER, "4", *lives.command(JOB, "2")]
    status = subprocess.run(launcher, env=lives.site.environment | {"LOWTIDE_RUN_ID": "ranks"},
                            stdin=subprocess.DEVNULL, check=False, timeout=60).returncode
    assert status == 0
    assert [row[0] for row in lives.rows("life_of")] == ["ranks"] * 4
    report = lives.report("ranks")
    # Inside a sample nobody knows how the power went: what others fill may be off by the curve's swing.
    check(lives, report, gpu, 1, slack=lives.skew() * 350.0)
    assert report["run"]["state"] == "finished"
    rows = json.loads(lives.site.lowtide("export", "ranks"))["runs"]
    assert len(rows) == 4, "export has each row"
    joules = gpu_of(report, gpu.uuid)["device_kwh"] * J_PER_KWH
    for row in rows:
        mine = [channel["uuid"] for channel in row["channel"]].index(gpu.uuid)
        alone = sum(slot["device_j"] for slot in row["slot"] if slot["channel"] == mine)
        assert alone == pytest.approx(joules, rel=0.3), "each of the four read the whole device"


@steady()
def test_packages_and_dram_count_once_over_ranks_and_restarts(tmp_path):
    """RAPL through a crash of everything, then four ranks at once."""
    zones = [package(Flat(120.0), children=[Zone("dram", Flat(8.0))])]
    with machine(tmp_path, zones) as (site, tree):
        lives = Lives(tmp_path, site=site)
        first = lives.start(JOB, "60", LOWTIDE_RUN_ID="train")
        wait_for("a reading", lambda: (lives.listed() or [{}])[0].get("duration_s"), 20)
        kill9(first.pid, *descendants(first.pid))
        first.wait(10)
        time.sleep(0.5)  # not the job's
        ranks = [lives.start(JOB, "2", "--busy", LOWTIDE_RUN_ID="train") for _ in range(4)]
        assert [rank.wait(60) for rank in ranks] == [0] * 4
        report = lives.report("train")
        late = sum(tree.late_s(at - 0.05, at + 0.05) for span in lives.spans() for at in span)
        for zone, watts in (("intel-rapl:0", 120.0), ("intel-rapl:0:0", 8.0)):
            kind = "cpu" if watts > 100 else "dram"
            (channel,) = [c for c in report["energy"]["by_channel"] if c["kind"] == kind]
            truth = lives.truth(lambda start, begin, end, zone=zone: tree.joules(zone, start, begin, end))
            assert_energy(channel, truth, slack=watts * late)
            assert channel["coverage"] > 0.99 and channel["kwh"] <= channel["device_kwh"] * (1 + 1e-9), channel
        assert report["run"]["lives"] == 2 and report["run"]["state"] == "finished"


def test_the_first_rank_that_fails_says_how_the_record_ended(tmp_path):
    lives = Lives(tmp_path)
    rank = ["sh", "-c", 'if [ "$LOCAL_RANK" = 2 ]; then sleep 0.3; exit 9; fi; sleep 30']
    launcher = [PYTHON, "-S", "-c", LAUNCHER, "4", *lives.command(*rank)]
    status = subprocess.run(launcher, env=lives.site.environment | {"LOWTIDE_RUN_ID": "ranks"},
                            stdin=subprocess.DEVNULL, check=False, timeout=60).returncode
    assert status == 9
    wait_for("the end of all", lambda: lives.report("ranks")["run"]["state"] != "running", 20)
    run = lives.report("ranks")["run"]
    assert (run["state"], run["exit_status"], run["lives"]) == ("failed", 9, 1)


@steady()
def test_threads_count_once(tmp_path):
    gpu = any_gpu()
    lives = Lives(tmp_path, gpu)
    busy = "import threading, time\nend = time.monotonic() + 2\n" \
           "def spin():\n    while time.monotonic() < end: pass\n" \
           "threads = [threading.Thread(target=spin) for _ in range(8)]\n" \
           "[t.start() for t in threads]; [t.join() for t in threads]\n"
    assert lives.run(PYTHON, "-S", "-c", busy) == 0
    report = lives.report()
    check(lives, report, gpu, 1)
    for channel in report["energy"]["by_channel"]:
        assert channel["kwh"] <= channel["device_kwh"] * (1 + 1e-9), channel


@steady()
def test_nested_lowtides_are_counted_in_the_outer_one(tmp_path):
    """Two levels; each level's run is a run of its own, and a sum has the device once."""
    gpu = any_gpu()
    lives = Lives(tmp_path, gpu)
    inner = lives.command(JOB, "2", "--busy", "--exit", "5", options=("--name", "inner"))
    middle = lives.command(*inner, options=("--name", "middle"))
    assert lives.run(*middle, options=("--name", "outer")) == 5
    ids = {row[0]: row[1] for row in lives.rows("name", "id")}
    parents = {row[0]: row[1] for row in lives.rows("name", "parent")}
    assert parents == {"outer": "", "middle": ids["outer"], "inner": ids["middle"]}
    assert {row[0] for row in lives.rows("life_of")} == {""}
    cpu_s = dict(lives.rows("name", "(SELECT sum(job_cpu_ns) FROM use WHERE run=key) / 1e9"))
    assert cpu_s["outer"] >= 0.95 * cpu_s["middle"] >= 0.9 * cpu_s["inner"] > 0.2, cpu_s
    reports = json.loads(lives.site.lowtide("report", "outer", "middle", "inner", "--format", "json"))
    outer = lives.report("outer")
    assert reports["sum"]["energy"]["it_kwh"] == pytest.approx(outer["energy"]["it_kwh"], rel=1e-9)
    assert_energy(gpu_of(outer, gpu.uuid), lives.truth(gpu.joules))


def test_nested_in_a_life_is_nested_in_its_record(tmp_path):
    lives = Lives(tmp_path)
    inner = lives.command("true", options=("--name", "inner"))
    assert lives.run(*inner, LOWTIDE_RUN_ID="again") == 0
    assert lives.run(*inner, LOWTIDE_RUN_ID="again") == 0
    assert lives.report("again")["run"]["lives"] == 2
    assert lives.report("inner")["run"]["parent"] == "again"
    assert [run["id"] == "again" for run in lives.listed()].count(True) == 1 and len(lives.listed()) == 3


@steady()
def test_two_runs_side_by_side_are_summed_with_each_device_once(tmp_path):
    gpu = any_gpu()
    lives = Lives(tmp_path, gpu)
    both = [lives.start(JOB, "2", options=("--name", name)) for name in ("left", "right")]
    assert [run.wait(60) for run in both] == [0, 0]
    summed = json.loads(lives.site.lowtide("report", "left", "right", "--format", "json"))
    gpus = [gpu_of(run, gpu.uuid)["kwh"] for run in summed["runs"]]
    rest = sum(run["energy"]["it_kwh"] for run in summed["runs"]) - sum(gpus)
    joules = lives.truth(gpu.joules)
    whole = summed["sum"]["energy"]["it_kwh"] * J_PER_KWH
    assert min(gpus) * J_PER_KWH > 0.8 * joules, "each run is charged the GPU as if alone"
    assert whole <= joules * 1.03 + rest * J_PER_KWH, (whole, joules, rest * J_PER_KWH)


def test_a_life_that_still_runs_makes_the_record_run(tmp_path):
    lives = Lives(tmp_path, any_gpu())
    assert lives.run("false", LOWTIDE_RUN_ID="long") == 1
    stamp = lives.site.stamp_path
    second = lives.start(JOB, "60", "--stamp", stamp, LOWTIDE_RUN_ID="long")
    wait_for("the job", lambda: stamp.exists() and "first" in stamp.read_text(), 20)
    wait_for("its row, for which no job waits", lambda: lives.report("long")["run"]["lives"] == 2, 20)
    run = lives.report("long")["run"]
    assert (run["state"], run["end"], run["exit_status"], run["lives"]) == ("running", None, None, 2)
    refused = subprocess.run([str(BIN), "rm", "long", "--yes"], env=lives.site.environment, capture_output=True,
                             text=True, check=False)
    assert refused.returncode == 2 and "still writes it" in refused.stderr, refused.stderr
    job = int(stamps(lives.site)["pid"])
    kill9(job)
    assert second.wait(20) == 137
    assert not alive(job) and not children(second.pid)
    run = lives.report("long")["run"]
    assert (run["state"], run["exit_status"]) == ("killed", 137)
