"""kill -9 at random instants, of the meter or of the shell's child: no joule of a counter is lost or
counted twice, the job and its exit status are untouched, the ledger is whole.

200 instants (LOWTIDE_TORTURE for more: `make torture`), drawn over the whole life of a run, start and
end included, by a seed that is printed (LOWTIDE_TORTURE_SEED). Power is flat, idle included: then a moment's delay
of a busy machine costs nothing, while a second that is lost or counted twice shows at once.
"""

import os
import random
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from curve import Flat
from gpus import Gpu
from harness import SLOWNESS, Finished, Site, alive, assert_energy, boot, kill9, stamps

INSTANTS = int(os.environ.get("LOWTIDE_TORTURE", "200"))
SEED = int(os.environ.get("LOWTIDE_TORTURE_SEED", str(random.SystemRandom().randrange(1 << 32))))
AT_ONCE = 8
JOB_S = 6.0
HEAD_S = 0.1  # a meter that is killed so soon has nothing on record yet that its heir could bridge from
EXIT = 7


@dataclass
class Kill:
    """One kill: whom, and how long after the shell started lowtide."""

    number: int
    meter: bool
    after_s: float

    def __str__(self) -> str:
        return f"kill {self.number}: the {'meter' if self.meter else 'shell child'} after {self.after_s:.4f} s"


def draw(count: int) -> list[Kill]:
    dice = random.Random(SEED)
    return [Kill(i, dice.random() < 0.6, dice.uniform(0, JOB_S + 0.1)) for i in range(count)]


def strike(running, kill: Kill) -> bool:
    """Waits for the instant and kills; False when the victim was not there (any more, or yet)."""
    time.sleep(max(0.0, running.spawned + kill.after_s - boot()))
    victims = running.meters() if kill.meter else [running.process.pid]
    kill9(*victims)
    return bool(victims)


def job_over(site: Site) -> bool:
    """The job has written its last stamp and is gone."""
    seen = stamps(site)
    return "last" in seen and not alive(int(seen["pid"]))


def wait(condition, seconds: float, each_s: float = 0.05) -> bool:
    end = boot() + seconds
    while boot() < end:
        if condition():
            return True
        time.sleep(each_s)
    return False


def closed(site: Site) -> dict | None:
    report = site.last_report()
    return None if report["run"]["state"] == "running" else report


def check(folder: Path, kill: Kill) -> str:
    """Empty when all is right; else what is not. `early`: the job was never started; `late`: so busy was the machine."""
    folder.mkdir()
    gpu = Gpu("GPU-live", Flat(300.0), idle_w=300.0)
    site = Site(folder, [gpu])
    running = site.start(JOB_S, "--exit", str(EXIT))
    strike(running, kill)
    status = running.process.wait(30)
    if not wait(site.stamp_path.exists, 2):
        # Only the death of the shell's child before the start may leave the job unstarted.
        return "early" if status == -9 else f"the job never ran, status {status}: {running.stderr()}"
    if not wait(lambda: job_over(site), JOB_S + 10):
        return f"the job did not reach its end: {running.stderr()}"
    if status not in ((EXIT, -9) if not kill.meter else (EXIT,)):
        return f"status {status}, the job's was {EXIT}: {running.stderr()}"
    reports: list[dict] = []
    if not wait(lambda: reports.append(closed(site)) or reports[-1] is not None, 10, 0.3):
        return "the run is still open"
    report = reports[-1]
    if report["run"]["exit_status"] != EXIT:
        return f"exit status on record: {report['run']['exit_status']}"
    run = Finished(site, status, report, running.spawned, boot(), running.offset)
    begin, end = run.exact_span()
    if begin > run.job["first"] + 0.001 or end < run.job["last"] - 0.001:
        return f"[{begin}, {end}) does not hold the job, {run.job}"
    channel = run.channel("GPU-live")
    truth = run.truth(gpu, begin, end)
    early = kill.after_s <= begin - running.spawned + HEAD_S
    # A machine so busy that the last reading did not come in time is a gap, and has to be said.
    late = any(event["kind"] == "sensor-late" for event in report["events"])
    if channel["coverage"] < 1:
        if not early and not late:
            return f"a gap that is not explained: coverage {channel['coverage']}"
        truth *= channel["coverage"]
    assert_energy(channel, truth)
    with sqlite3.connect(site.folder / "ledger" / "ledger.db") as ledger:
        said = ledger.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok":
        return f"integrity_check: {said}"
    return "late" if late and channel["coverage"] < 1 else ""


def judged(folder: Path, kill: Kill) -> str:
    try:
        return check(folder / str(kill.number), kill)
    except (AssertionError, OSError) as error:
        return str(error)


def test_kills_at_random_instants_cost_nothing(tmp_path):
    print(f"seed {SEED}, {INSTANTS} instants")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        kills = draw(INSTANTS)
        said = list(pool.map(lambda kill: judged(tmp_path, kill), kills))
    wrong = [f"{kill}: {text}" for kill, text in zip(kills, said, strict=True) if text not in ("", "early", "late")]
    early, late = said.count("early"), said.count("late")
    right = said.count("")
    print(f"{right} right, {early} before the job's start, {late} with a late reading, {len(wrong)} wrong")
    assert not wrong, f"seed {SEED}\n" + "\n".join(wrong[:20])
    assert early <= INSTANTS // 10, "most kills are meant to hit a run"
    assert late <= INSTANTS // (50 if SLOWNESS == 1 else 10), "readings that come too late are meant to be rare"
