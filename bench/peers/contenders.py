"""The tools under comparison: how each is started around a job, and where it leaves its result.

Each is run by its own command where it has one, else by wrap.py. The result that counts is what a
user finds afterwards: the tool's file, or the object that its API returns.
"""

from __future__ import annotations

import contextlib
import csv
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from stage import DRAM_W, HERE, PACKAGE_W, Scene

J_PER_KWH = 3.6e6


@dataclass(frozen=True)
class Result:
    """What a tool tells; None: nothing. `cpu_truth_w` is the power of what its CPU figure covers."""

    gpu_j: float | None = None
    cpu_j: float | None = None
    cpu_truth_w: float | None = None
    intensity: float | None = None  # g/kWh


@dataclass(frozen=True)
class Contender:
    """A tool at one setting."""

    key: str
    tool: str
    title: str  # row or column head
    setting: str  # what was set, for the page
    period: str  # sampling, as documented
    command: Callable[[Scene, list[str]], list[str]]
    read: Callable[[Scene], Result]


def wrapped(flavour: str) -> Callable[[Scene, list[str]], list[str]]:
    """A command through wrap.py."""

    def command(scene: Scene, job: list[str]) -> list[str]:
        python = str(scene.stage.venv / "bin/python")
        return [python, str(HERE / "wrap.py"), "result.json", flavour, "--", *job]

    return command


def lowtide(scene: Scene, job: list[str]) -> list[str]:
    binary = str(scene.stage.build / "lowtide")
    return [binary, "run", "--quiet", "--json", "result.json", "--", *job]


def codecarbon(*options: str) -> Callable[[Scene, list[str]], list[str]]:
    return lambda scene, job: ["codecarbon", "monitor", *options, "--", *job]


def carbontracker(scene: Scene, job: list[str]) -> list[str]:
    return ["carbontracker", *job]


def read_lowtide(scene: Scene) -> Result:
    """Its report: the file of --json, or what the ledger gives when that was never written."""
    path = scene.folder / "result.json"
    if path.exists():
        report = json.loads(path.read_text())
    else:
        words = [str(scene.stage.build / "lowtide"), "report", "last", "--format", "json"]
        done = subprocess.run(
            words, env=scene.environment(), capture_output=True, text=True, check=False, timeout=30
        )
        if done.returncode != 0:
            return Result()
        report = json.loads(done.stdout)
    joules: dict[str, float] = {}
    for channel in report["energy"]["by_channel"]:
        measured = channel["kind"] == "gpu" or channel["source"] == "rapl"
        if measured and channel["in_total"] and channel["device_kwh"] is not None:
            kind = "gpu" if channel["kind"] == "gpu" else "cpu"
            joules[kind] = joules.get(kind, 0.0) + channel["device_kwh"] * J_PER_KWH
    grams, kwh = report["carbon"]["operational_g"], report["energy"]["total_kwh"]
    intensity = grams / kwh if grams and kwh else None
    return Result(joules.get("gpu"), joules.get("cpu"), PACKAGE_W + DRAM_W, intensity)


def read_wrapped(scene: Scene) -> Result:
    """What wrap.py was told by the API."""
    path = scene.folder / "result.json"
    if not path.exists():
        return Result()
    told = json.loads(path.read_text())
    return Result(
        told.get("gpu_j"), told.get("cpu_j"), PACKAGE_W + DRAM_W, told.get("intensity")
    )


def last_row(path: object) -> dict[str, str] | None:
    """The last row of a CSV file, or nothing."""
    with contextlib.suppress(OSError), open(str(path), newline="") as file:
        rows = list(csv.DictReader(file))
        return rows[-1] if rows else None
    return None


def read_codecarbon(scene: Scene) -> Result:
    """Its emissions.csv. The CPU part is the package alone: its RAM is a model."""
    row = last_row(scene.folder / "emissions.csv")
    if row is None:
        return Result()
    used = float(row["energy_consumed"])
    intensity = float(row["emissions"]) * 1000 / used if used else None
    joules = {part: float(row[f"{part}_energy"]) * J_PER_KWH for part in ("gpu", "cpu")}
    return Result(joules["gpu"], joules["cpu"], PACKAGE_W, intensity)


def read_carbontracker(scene: Scene) -> Result:
    """Its log, as its own parser reads it: mean power times duration, before PUE."""
    folders = [scene.folder / "logs"]
    text = "".join(p.read_text() for f in folders if f.exists() for p in sorted(f.glob("*.log")))
    lasts = re.search(r"Duration: (\d+):(\d+):([\d.]+)", text)
    means = dict(re.findall(r"Average power usage \(W\) for (\w+): ([\d.]+)", text))
    told = re.search(r"Average carbon intensity during training was ([\d.]+)", text)
    intensity = float(told[1]) if told else None
    if lasts is None:
        return Result(intensity=intensity)
    seconds = int(lasts[1]) * 3600 + int(lasts[2]) * 60 + float(lasts[3])
    joules = {part: float(watts) * seconds for part, watts in means.items()}
    return Result(joules.get("gpu"), joules.get("cpu"), PACKAGE_W + DRAM_W, intensity)


def on_disk(contender: Contender, scene: Scene) -> float | None:
    """Joules of the GPU that are found after a kill; eco2ai's file has one sum of all parts."""
    if contender.tool == "eco2ai":
        row = last_row(scene.folder / "emission.csv")
        return float(row["power_consumption(kWh)"]) * J_PER_KWH if row else None
    if contender.tool == "zeus":
        row = last_row(scene.folder / "zeus.csv")
        return float(row["gpu0_energy"]) if row else None
    with contextlib.suppress(sqlite3.Error):
        return contender.read(scene).gpu_j
    return None


OFFLINE = ("--offline", "--country-iso-code", "FRA")
DEFAULTS = [
    Contender("lowtide", "lowtide", "lowtide", "`lowtide run -- JOB`",
              "1 s; power, without a counter, each 20 ms", lowtide, read_lowtide),
    Contender("codecarbon", "codecarbon", "codecarbon",
              "`codecarbon monitor --offline --country-iso-code FRA -- JOB`", "10 s",
              codecarbon(*OFFLINE), read_codecarbon),
    Contender("carbontracker", "carbontracker", "carbontracker", "`carbontracker JOB`", "1 s",
              carbontracker, read_carbontracker),
    Contender("zeus", "zeus", "Zeus", "`ZeusMonitor(log_file=..)`, one window around the job",
              "none: reads at both ends of a window", wrapped("zeus"), read_wrapped),
    Contender("eco2ai", "eco2ai", "eco2AI", '`Tracker(alpha_2_code="FR")` around the job', "10 s",
              wrapped("eco2ai"), read_wrapped),
]  # fmt: skip
TUNED = [
    Contender("codecarbon-1s", "codecarbon", "codecarbon, 1 s",
              "as above with `--measure-power-secs 1`", "1 s",
              codecarbon("--measure-power-secs", "1", *OFFLINE), read_codecarbon),
    Contender("carbontracker-gpu", "carbontracker", "carbontracker, GPU only, 0.1 s",
              '`CarbonTracker(epochs=1, components="gpu", update_interval=0.1)`', "0.1 s",
              wrapped("carbontracker-gpu"), read_carbontracker),
    Contender("eco2ai-1s", "eco2ai", "eco2AI, 1 s", "as above with `measure_period=1`", "1 s",
              wrapped("eco2ai-1s"), read_wrapped),
]  # fmt: skip
ALL = [*DEFAULTS, *TUNED]
BARE = Contender("bare", "python", "an empty Python process", "`subprocess.run(JOB)`", "none",
                 wrapped("bare"), read_wrapped)  # fmt: skip
# What stands for a tool that is not told where it is, and looks for that on the network.
ONLINE = {
    "codecarbon": Contender("codecarbon", "codecarbon", "codecarbon",
                            "`codecarbon monitor --no-api -- JOB`", "10 s",
                            codecarbon("--no-api"), read_codecarbon),
    "eco2ai": Contender("eco2ai", "eco2ai", "eco2AI", "`Tracker()`", "10 s",
                        wrapped("eco2ai-online"), read_wrapped),
}  # fmt: skip
