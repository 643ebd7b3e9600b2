#!/usr/bin/python3
"""A job in plain Python that can be paused: estimates pi by throwing darts.

    lowtide run --finish-within 2x --pause checkpoint -- python3 examples/checkpoint.py --steps 3000

On SIGUSR1, or when the file that LOWTIDE_CONTROL names says `pause`, it finishes its step, saves and
exits with 75. Started again with LOWTIDE_RESUME=1 it goes on from there and prints the same figure
as a run that was never paused. docs/pausing.md says what lowtide does with that.
"""

import argparse
import json
import os
import random
import signal
import sys
from pathlib import Path

PAUSED = 75  # EX_TEMPFAIL of sysexits.h: not done, to be started again
THROWS = 100_000  # a step

wish = False


def note_wish(*_: object) -> None:
    """The handler: it only notes the wish. Saving here would save the midst of a step."""
    global wish
    wish = True


def pause_is_wished() -> bool:
    """By signal, or by the file: either will do."""
    control = os.environ.get("LOWTIDE_CONTROL")
    if wish or not control or not os.path.exists(control):
        return wish
    return Path(control).read_text(encoding="ascii").startswith("pause")


def say_progress(done: float) -> None:
    """A share of the work, 0 to 1."""
    if path := os.environ.get("LOWTIDE_PROGRESS"):
        Path(path).write_text(f"{done:.6f}\n", encoding="ascii")


def save(file: Path, step: int, hits: int) -> None:
    """Whole or not at all: a job that is killed in here leaves the save before."""
    beside = file.with_name(file.name + ".new")
    beside.write_text(json.dumps({"step": step, "hits": hits, "random": random.getstate()}), encoding="ascii")
    beside.replace(file)


def begin(file: Path) -> tuple[int, int]:
    """Steps that are done and darts that hit, by the save when lowtide goes on after a pause."""
    if os.environ.get("LOWTIDE_RESUME") != "1" or not file.exists():
        file.unlink(missing_ok=True)  # of an earlier run: this one must never go on from it
        random.seed(7)
        return 0, 0
    saved = json.loads(file.read_text(encoding="ascii"))
    version, numbers, gauss = saved["random"]
    random.setstate((version, tuple(numbers), gauss))
    print(f"going on from step {saved['step']}", flush=True)
    return saved["step"], saved["hits"]


def main() -> int:
    """Throws, looking between two steps whether a pause is wished for."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoint.json"), metavar="FILE")
    options = parser.parse_args()

    step, hits = begin(options.checkpoint)
    while step < options.steps:
        say_progress(step / options.steps)
        if pause_is_wished():
            save(options.checkpoint, step, hits)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # a second one would hit us on our way out
            print(f"saved at step {step}", flush=True)
            return PAUSED
        hits += sum(random.random() ** 2 + random.random() ** 2 < 1 for _ in range(THROWS))
        step += 1
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # done: from here on a wish comes too late
    print(f"pi is about {4 * hits / (options.steps * THROWS):.6f}", flush=True)
    say_progress(1)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, note_wish)  # first of all
    sys.exit(main())
