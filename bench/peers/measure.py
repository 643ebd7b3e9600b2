"""The measurements, each a function from the stage to plain data for the page.

Runs that only wait for their job go on side by side, a few starting at a time, in an order that
mixes the tools; start-up, stop and CPU time are measured one at a time or over a long window.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from contenders import ALL, BARE, DEFAULTS, ONLINE, Contender, on_disk
from stage import (
    CURVES,
    JOB_S,
    MODES,
    Scene,
    Stage,
    comm,
    cpu_seconds,
    kill9,
    private_mb,
)

FAULT_AT_S = 8.0
KILL_AT_S = 12.0
START_ROUNDS = 5
START_JOB_S = 1.0
COST_SETTLE_S = 10.0
FLAT = CURVES["flat"][0]


@dataclass(frozen=True)
class Plan:
    """How much is measured: all of it, or little to see that it works."""

    repeats: int = 2
    start_rounds: int = START_ROUNDS
    cost_s: float = 60.0


Work = Callable[[], dict]


def spread_out(
    works: Iterable[tuple[str, Work]], say: Callable[[str], None], most: int = 24
) -> dict[str, list[dict]]:
    """Runs all works, `most` side by side (stage.STARTING paces them); their results by key."""
    listed = list(works)
    found: dict[str, list[dict]] = {}
    with ThreadPoolExecutor(most) as pool:
        futures = {pool.submit(work): key for key, work in listed}
        for number, future in enumerate(as_completed(futures), 1):
            found.setdefault(futures[future], []).append(future.result())
            if number % 20 == 0:
                say(f"{number} of {len(listed)} runs over")
    return found


def outcome(contender: Contender, scene: Scene, truth: float | None) -> dict:
    """What a run told, beside the truth, and how it ended."""
    stamps = scene.stamps()
    span = stamps["last"] - stamps["first"] if "last" in stamps else None
    status = scene.status
    return {
        **asdict(contender.read(scene)),
        "truth_j": truth,
        "span_s": span,
        "status": status,
        "said": scene.said() if status else "",
        "wall_s": scene.returned - scene.spawned,
        "before_s": stamps["first"] - scene.spawned if "first" in stamps else None,
        "after_s": scene.returned - stamps["last"] if "last" in stamps else None,
    }


def energy(stage: Stage, plan: Plan, say: Callable[[str], None]) -> dict[str, list[dict]]:
    """Every tool on every curve through every sensor, by `tool|sensor|curve`."""

    def work(contender: Contender, mode: str, curve: str, turn: int) -> tuple[str, Work]:
        def go() -> dict:
            name = f"energy/{contender.key}-{mode}-{curve}-{turn}"
            scene = stage.scene(name, CURVES[curve][turn], mode)
            scene.run(contender.command(scene, scene.job(JOB_S)), JOB_S)
            return outcome(contender, scene, scene.truth())

        return f"{contender.key}|{mode}|{curve}", go

    works = [
        (contender.key == "zeus" and mode == "instant", work(contender, mode, curve, turn))
        for turn in range(plan.repeats)
        for contender in ALL
        for mode in MODES
        for curve in CURVES
    ]
    random.Random(4).shuffle(works)
    found = spread_out((w for burns, w in works if not burns), say)
    say("Zeus without a counter, which uses a whole core, by itself")
    found.update(spread_out((w for burns, w in works if burns), say, most=4))
    return found


def faults(stage: Stage, _plan: Plan, say: Callable[[str], None]) -> dict[str, list[dict]]:
    """GPU lost, counter reset, kill -9 of the meter and of all, by `tool|fault`."""
    lines = {"lost": f"lost_at {FAULT_AT_S}", "reset": f"reset_at {FAULT_AT_S}"}

    def broken(contender: Contender, fault: str) -> Work:
        def go() -> dict:
            scene = stage.scene(f"faults/{contender.key}-{fault}", FLAT, "counter", lines[fault])
            scene.run(contender.command(scene, scene.job(JOB_S)), JOB_S)
            truth = scene.truth(FAULT_AT_S if fault == "lost" else None)
            return outcome(contender, scene, truth)

        return go

    def killed(contender: Contender, fault: str) -> Work:
        return lambda: kill_run(stage, contender, fault)

    works: list[tuple[str, Work]] = []
    for contender in ALL:
        works += [(f"{contender.key}|{fault}", broken(contender, fault)) for fault in lines]
        works += [(f"{contender.key}|{f}", killed(contender, f)) for f in ("meter", "all")]
    return spread_out(works, say)


def meter_of(contender: Contender, scene: Scene) -> int:
    """The process that measures: lowtide's child of the same name, else the tool's first."""
    assert scene.process is not None
    first = scene.process.pid
    if contender.tool != "lowtide":
        return first
    others = [pid for pid in scene.tool_pids() if pid != first and comm(pid) == "lowtide"]
    return min(others, default=first)


def kill_run(stage: Stage, contender: Contender, fault: str) -> dict:
    """kill -9 in mid-run: what is on disk once the job is over, and who is left behind."""
    scene = stage.scene(f"faults/{contender.key}-{fault}", FLAT)
    scene.begin(contender.command(scene, scene.job(JOB_S)))
    scene.wait_until(KILL_AT_S)
    kill9({meter_of(contender, scene)} if fault == "meter" else scene.tool_pids())
    scene.wait_job()
    time.sleep(2.0)
    # A process of the tool whose job is over and that still runs will do so for ever.
    orphans = sum(1 for pid in scene.tool_pids() if pid != scene.process.pid)
    scene.finish(5)
    kept = on_disk(contender, scene)
    kill9(scene.pids())
    return {
        "kept_j": kept,
        "until_kill_j": scene.truth(KILL_AT_S),
        "whole_j": scene.truth(),
        "status": scene.status,
        "orphans": orphans,
    }


def start_stop(stage: Stage, plan: Plan, say: Callable[[str], None]) -> dict[str, list[dict]]:
    """Wall clock before and after a short job, one run at a time; `job` is the job alone."""
    found: dict[str, list[dict]] = {}
    for turn in range(plan.start_rounds + 1):
        say(f"start and stop, round {turn} of {plan.start_rounds}" + ("" if turn else " (warm-up)"))
        for contender in (*DEFAULTS, BARE, None):
            key = contender.key if contender else "job"
            scene = stage.scene(f"start/{key}-{turn}", FLAT)
            job = scene.job(START_JOB_S)
            scene.run(contender.command(scene, job) if contender else job, START_JOB_S)
            stamps = scene.stamps()
            if "last" not in stamps:
                raise RuntimeError(f"{key} did not run its job: {scene.said()}")
            if turn == 0:
                continue
            figures = {
                "before_s": stamps["first"] - scene.spawned,
                "after_s": scene.returned - stamps["last"],
                "wall_s": scene.returned - scene.spawned,
                "cpu_s": scene.usage_s,
            }
            found.setdefault(key, []).append(figures)
    return found


def watch_cost(contender: Contender, stage: Stage, mode: str, lasts: float) -> dict:
    """CPU seconds an hour and private memory of a tool while its job sleeps."""
    scene = stage.scene(f"cost/{contender.key}-{mode}", CURVES["square"][0], mode)
    scene.begin(contender.command(scene, scene.job(lasts + COST_SETTLE_S + 2)))
    if not scene.wait_until(COST_SETTLE_S):
        scene.finish(1)
        return {"said": scene.said()}
    before = {pid: cpu_seconds(pid) for pid in scene.tool_pids()}
    begin = time.monotonic()
    time.sleep(lasts)
    after = {pid: cpu_seconds(pid) for pid in scene.tool_pids()}
    wall = time.monotonic() - begin
    memory = sum(private_mb(pid) for pid in scene.tool_pids())
    used = sum(after[pid] - before.get(pid, 0.0) for pid in after)
    scene.finish(lasts + 60)
    kill9(scene.pids())
    return {"cpu_s_per_h": used / wall * 3600, "private_mb": memory, "processes": len(after)}


def cost(stage: Stage, plan: Plan, say: Callable[[str], None]) -> dict[str, list[dict]]:
    """watch_cost of every tool with and without a counter, by `tool|sensor`."""

    def work(contender: Contender, mode: str, lasts: float) -> tuple[str, Work]:
        return f"{contender.key}|{mode}", lambda: watch_cost(contender, stage, mode, lasts)

    pairs = [(c, m) for c in (*ALL, BARE) for m in ("counter", "instant")]
    burns = [(c, m) for c, m in pairs if (c.key, m) == ("zeus", "instant")]
    calm = [work(c, m, plan.cost_s) for c, m in pairs if (c, m) not in burns]
    found = spread_out(calm, say)
    found.update(spread_out([work(c, m, plan.cost_s / 4) for c, m in burns], say))
    return found


@contextmanager
def dead_end() -> Iterator[None]:
    """A default route and a name server that take every packet and never answer."""
    with tempfile.NamedTemporaryFile("w") as resolver:
        resolver.write("nameserver 198.51.100.1\n")
        resolver.flush()
        path = str(Path("/etc/resolv.conf").resolve())
        words = [
            ["ip", "link", "set", "lo", "up"],
            ["ip", "addr", "add", "192.0.2.2/32", "dev", "lo"],
            ["ip", "route", "add", "default", "dev", "lo"],
            ["mount", "--bind", resolver.name, path],
        ]
        for line in words:
            subprocess.run(line, check=True, capture_output=True)
        try:
            yield
        finally:
            subprocess.run(["umount", path], check=True)
            subprocess.run(["ip", "route", "del", "default", "dev", "lo"], check=True)


def network(stage: Stage, _plan: Plan, say: Callable[[str], None]) -> dict[str, list[dict]]:
    """Each tool as it looks for its place by itself, by `tool|none` and `tool|silent`."""

    def work(contender: Contender, kind: str) -> tuple[str, Work]:
        asked = ONLINE.get(contender.key, contender)

        def go() -> dict:
            scene = stage.scene(f"network/{contender.key}-{kind}", FLAT)
            scene.run(asked.command(scene, scene.job(2.0)), 120.0)
            return outcome(asked, scene, scene.truth())

        return f"{contender.key}|{kind}", go

    found = spread_out([work(c, "none") for c in DEFAULTS], say)
    with dead_end():
        found.update(spread_out([work(c, "silent") for c in DEFAULTS], say))
    return found

