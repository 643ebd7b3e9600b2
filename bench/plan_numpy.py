#!/usr/bin/env python3
"""What plan_bench is compared with: the same questions in NumPy and SciPy, written with care.

Usage: plan_numpy.py SERIES WORK SLACK. SERIES holds doubles, g/kWh by slot. Prints a line a
question: its name, nanoseconds a start (CPU time of this one thread, best of three), and the sum of
its results in grams over the starts asked for, by which plan_bench sees that both say the same.
"""

import sys
import time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import minimum_filter1d

ROUNDS = 3
CHUNK = 512  # starts at a time: what fits in the cache is faster
EXACT_STARTS = 256


def profile(work: int) -> np.ndarray:
    """kWh by work slot; plan_bench has the same."""
    return 1.0 + 0.5 * np.sin(0.1 * np.arange(work))


def flexible_start(c: np.ndarray, p: np.ndarray, slack: int) -> np.ndarray:
    """np.correlate is compiled and vectorised; the minimum filter takes no longer for longer windows."""
    baseline = np.correlate(c, p, "valid")
    least = minimum_filter1d(baseline, slack + 1, origin=-((slack + 1) // 2))
    return least[: len(baseline) - slack]


def lowest_flat(c: np.ndarray, p: np.ndarray, slack: int) -> np.ndarray:
    """The sum of the lowest intensities of each window, by partition."""
    windows = sliding_window_view(c, len(p) + slack)
    sums = [np.partition(windows[i : i + CHUNK], len(p) - 1, axis=1)[:, : len(p)].sum(axis=1)
            for i in range(0, len(windows), CHUNK)]
    return np.concatenate(sums)


def lowest_profile(c: np.ndarray, p: np.ndarray, slack: int) -> np.ndarray:
    """The chosen slots in order of time, times the profile; resumes by gaps between them."""
    windows = sliding_window_view(c, len(p) + slack)
    sums = []
    for i in range(0, len(windows), CHUNK):
        part = windows[i : i + CHUNK]
        slots = np.sort(np.argpartition(part, len(p) - 1, axis=1)[:, : len(p)], axis=1)
        sums.append(np.take_along_axis(part, slots, axis=1) @ p)
        (np.diff(slots, axis=1) > 1).sum(axis=1)
    return np.concatenate(sums)


def exact(c: np.ndarray, p: np.ndarray, slack: int) -> np.ndarray:
    """A row of the sweep is a multiply-add and a running minimum, over slack and starts at once."""
    starts = EXACT_STARTS
    least = np.zeros((slack + 1, starts), dtype=np.float32)
    by_slot = sliding_window_view(c[: starts + len(p) + slack - 1].astype(np.float32), starts)
    for j, energy in enumerate(p.astype(np.float32)):
        least += energy * by_slot[j : j + slack + 1]
        np.minimum.accumulate(least, axis=0, out=least)
    return least[-1]


def main() -> int:
    """Times each question."""
    c = np.fromfile(sys.argv[1])
    work, slack = int(sys.argv[2]), int(sys.argv[3])
    p = profile(work)
    few = c[: 8 * CHUNK + work + slack - 1]
    for name, ask, series in (("flexible_start", flexible_start, c), ("lowest_flat", lowest_flat, few),
                              ("lowest_profile", lowest_profile, few), ("exact", exact, c)):
        best = float("inf")
        for _ in range(ROUNDS):
            begin = time.process_time()
            result = ask(series, p, slack)
            best = min(best, time.process_time() - begin)
        print(name, best * 1e9 / len(result), float(np.sum(result)), len(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
