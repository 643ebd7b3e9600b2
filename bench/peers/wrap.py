"""Runs a command inside the peers that have no wrapper command of their own, as their docs show it.

    python wrap.py RESULT FLAVOUR -- COMMAND...

Runs in the virtual environment of the peers. Joules of the GPU go to RESULT as JSON; the exit
status is the command's. `bare` measures nothing: it is the Python process that a user's own
training would be, and its memory and start-up are taken off those of the peers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

J_PER_KWH = 3.6e6


def run_bare(job: Callable[[], int]) -> tuple[int, dict]:
    """The command in a Python process that measures nothing."""
    return job(), {}


def run_zeus(job: Callable[[], int]) -> tuple[int, dict]:
    """One window around the job, logged, as in Zeus' guide; there is no PyTorch to wait for."""
    from zeus.monitor import ZeusMonitor

    monitor = ZeusMonitor(log_file="zeus.csv")
    monitor.begin_window("job", sync_execution=False)
    status = job()
    window = monitor.end_window("job", sync_execution=False)
    cpu = [*(window.cpu_energy or {}).values(), *(window.dram_energy or {}).values()]
    return status, {"gpu_j": sum(window.gpu_energy.values()), "cpu_j": sum(cpu) if cpu else None}


def run_eco2ai(job: Callable[[], int], **options: object) -> tuple[int, dict]:
    """Tracker.start and stop around the job; its GPU part, which its file adds up with the rest."""
    import eco2ai

    tracker = eco2ai.Tracker(file_name="emission.csv", **options)
    tracker.start()
    status = job()
    tracker.stop()
    joules = tracker._gpu.get_consumption() * J_PER_KWH
    # kg/MWh are g/kWh.
    return status, {"gpu_j": joules, "intensity": tracker.emission_level()}


def run_carbontracker(job: Callable[[], int], **options: object) -> tuple[int, dict]:
    """One epoch around the job; the result is read from its log, as with its own command."""
    from carbontracker.tracker import CarbonTracker

    tracker = CarbonTracker(epochs=1, epochs_before_pred=0, log_dir="logs", **options)
    tracker.epoch_start()
    status = job()
    tracker.epoch_end()
    tracker.stop()
    return status, {}


FLAVOURS: dict[str, Callable[[Callable[[], int]], tuple[int, dict]]] = {
    "bare": run_bare,
    "zeus": run_zeus,
    "eco2ai": lambda job: run_eco2ai(job, alpha_2_code="FR"),
    "eco2ai-1s": lambda job: run_eco2ai(job, alpha_2_code="FR", measure_period=1),
    "eco2ai-online": run_eco2ai,
    "carbontracker-gpu": lambda job: run_carbontracker(job, components="gpu", update_interval=0.1),
}


def main() -> int:
    """Runs the command and writes the result."""
    result, flavour, _, *command = sys.argv[1:]
    status, figures = FLAVOURS[flavour](lambda: subprocess.run(command, check=False).returncode)
    Path(result).write_text(json.dumps(figures))
    return status


if __name__ == "__main__":
    sys.exit(main())
