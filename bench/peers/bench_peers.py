"""Measures lowtide and its peers on one rig in one run and writes docs/comparison.md.

    bench_peers.py BUILD VENV --page docs/comparison.md [--quick] [--only energy,faults]
    bench_peers.py BUILD VENV --page docs/comparison.md --from results.json   # the page alone

VENV holds requirements.txt beside this file (tools/setup.sh peers). All that was measured goes to
BUILD/peers/results.json; the page is made from that file and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import measure  # noqa: E402
from contenders import ALL, DEFAULTS  # noqa: E402
from page import page  # noqa: E402
from stage import (  # noqa: E402
    JOB_S,
    NAMESPACE_MARK,
    Stage,
    can_isolate,
    powercap_tree,
    run_isolated,
)

PARTS = {
    "start": measure.start_stop,
    "energy": measure.energy,
    "faults": measure.faults,
    "cost": measure.cost,
    "network": measure.network,
}


def versions(stage: Stage) -> dict[str, str]:
    """Of the tools as they are installed here."""
    names = sorted({c.tool for c in DEFAULTS} - {"lowtide"})
    code = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {names!r}}}))"
    python = str(stage.venv / "bin/python")
    told = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout
    binary = str(stage.build / "lowtide")
    own = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    return {"lowtide": own.split()[1], **json.loads(told)}


def about(stage: Stage) -> dict:
    """The facts at the head of the page."""
    memory = next(s for s in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in s)
    return {
        "versions": versions(stage),
        "settings": [{"title": c.title, "setting": c.setting, "period": c.period, "key": c.key,
                      "tool": c.tool} for c in ALL],
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "memory_gb": round(int(memory.split()[1]) * 1024 / 1e9),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "python": platform.python_version(),
        "isolated": bool(os.environ.get(NAMESPACE_MARK)),
        "job_s": JOB_S,
        "fault_at_s": measure.FAULT_AT_S,
        "kill_at_s": measure.KILL_AT_S,
        "settle_s": measure.COST_SETTLE_S,
    }  # fmt: skip


def run_all(arguments: argparse.Namespace, folder: Path) -> dict:
    """Every part, with progress, and the machine's load beside it."""
    stage = Stage(arguments.build, arguments.venv, folder / "runs")
    stage.programs()
    begin = time.monotonic()
    plan = measure.Plan(1, 1, 15.0) if arguments.quick else measure.Plan()

    def say(what: str) -> None:
        print(f"  {time.monotonic() - begin:4.0f} s  {what}", flush=True)

    results: dict = {"about": about(stage), "load": [os.getloadavg()[0]]}
    for name in arguments.only.split(","):
        if name == "network" and not results["about"]["isolated"]:
            say("network: needs root, left out")
            continue
        say(name)
        results[name] = PARTS[name](stage, plan, say)
        results["load"].append(os.getloadavg()[0])
    results["about"]["lasted_s"] = round(time.monotonic() - begin)
    return results


def main() -> None:
    """Reads the arguments, measures, writes both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("venv", type=Path)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="one repetition: to see that it works")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--from", dest="source", type=Path, help="results.json of an earlier run")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    arguments.venv = arguments.venv.absolute()
    if arguments.source:
        arguments.page.write_text(page(json.loads(arguments.source.read_text())))
        return
    folder = arguments.build / "peers"
    inside = bool(os.environ.get(NAMESPACE_MARK))
    if not inside:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if can_isolate():
            with powercap_tree(folder / "machine", arguments.build / "rig"):
                sys.exit(run_isolated(folder / "machine"))
    results = run_all(arguments, folder)
    (folder / "results.json").write_text(json.dumps(results, indent=1))
    arguments.page.write_text(page(results))
    print(f"wrote {arguments.page} and {folder / 'results.json'}")


if __name__ == "__main__":
    main()
