"""Power curves with a formula for each shape: the independent twin of rig/curve.h.

Units: seconds of curve time, watts, joules. `line()` is the words that the rig's scripts use.
Where rig/curve.h sums straight pieces, each class here has its own closed form; rig_test and
tests/rig/test_curve.py compare both with numeric sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


class Curve:
    """Power from curve time 0 on, `idle_w` before it (and after it, where a curve ends)."""

    idle_w: float = 0.0

    def line(self) -> str:
        """The words of the curve in a script."""
        raise NotImplementedError

    def watts(self, at: float) -> float:
        """Power at `at` >= 0 seconds."""
        raise NotImplementedError

    def energy(self, at: float) -> float:
        """Energy in joules from 0 to `at` >= 0 seconds."""
        raise NotImplementedError

    def with_idle(self, idle_w: float) -> Curve:
        self.idle_w = idle_w
        return self

    def joules_until(self, at: float) -> float:
        """Energy in joules from 0 to `at`; negative before the start."""
        return self.idle_w * at if at <= 0 else self.energy(at)

    def joules(self, begin: float, end: float) -> float:
        """Exact energy in joules between two curve times."""
        return self.joules_until(end) - self.joules_until(begin)


@dataclass
class Flat(Curve):
    """`level_w` for ever, or for `seconds`."""

    level_w: float
    seconds: float | None = None

    def line(self) -> str:
        return f"flat {self.level_w}" + ("" if self.seconds is None else f" {self.seconds}")

    def watts(self, at: float) -> float:
        return self.level_w if self.seconds is None or at < self.seconds else self.idle_w

    def energy(self, at: float) -> float:
        on = at if self.seconds is None else min(at, self.seconds)
        return self.level_w * on + self.idle_w * (at - on)


@dataclass
class Ramp(Curve):
    """From `first_w` to `last_w` in `seconds`, then stays."""

    first_w: float
    last_w: float
    seconds: float

    def line(self) -> str:
        return f"ramp {self.first_w} {self.last_w} {self.seconds}"

    def watts(self, at: float) -> float:
        slope = (self.last_w - self.first_w) / self.seconds
        return self.last_w if at >= self.seconds else self.first_w + slope * at

    def energy(self, at: float) -> float:
        on = min(at, self.seconds)
        slope = (self.last_w - self.first_w) / self.seconds
        return self.first_w * on + slope * on * on / 2 + self.last_w * (at - on)


@dataclass
class Square(Curve):
    """High for `duty` of each `period` seconds, low for the rest; `phase` periods into it at 0."""

    low_w: float
    high_w: float
    period: float
    duty: float = 0.5
    phase: float = 0.0

    def line(self) -> str:
        return f"square {self.low_w} {self.high_w} {self.period} {self.duty} {self.phase}"

    def watts(self, at: float) -> float:
        into = (at / self.period + self.phase) % 1.0
        return self.high_w if into < self.duty else self.low_w

    def _high_seconds(self, at: float) -> float:
        turns = at / self.period
        whole = math.floor(turns)
        return self.period * (whole * self.duty + min(turns - whole, self.duty))

    def energy(self, at: float) -> float:
        skipped = self.phase * self.period
        high = self._high_seconds(at + skipped) - self._high_seconds(skipped)
        return self.low_w * at + (self.high_w - self.low_w) * high


@dataclass
class Spike(Curve):
    """`base_w`, and `peak_w` for `width` seconds from `begin` on."""

    base_w: float
    peak_w: float
    begin: float
    width: float

    def line(self) -> str:
        return f"spike {self.base_w} {self.peak_w} {self.begin} {self.width}"

    def watts(self, at: float) -> float:
        return self.peak_w if self.begin <= at < self.begin + self.width else self.base_w

    def energy(self, at: float) -> float:
        peak = min(max(at - self.begin, 0.0), self.width)
        return self.base_w * at + (self.peak_w - self.base_w) * peak


@dataclass
class Training(Curve):
    """Loads data once, then for ever: `steps` steps of compute and communication, one save."""

    load_w: float = 120.0
    load_s: float = 0.5
    compute_w: float = 400.0
    comm_w: float = 250.0
    step_s: float = 0.12
    comm_share: float = 0.25
    save_w: float = 90.0
    save_s: float = 0.3
    steps: int = 10

    def line(self) -> str:
        return (
            f"training {self.load_w} {self.load_s} {self.compute_w} {self.comm_w} {self.step_s} "
            f"{self.comm_share} {self.save_w} {self.save_s} {self.steps}"
        )

    def _round(self, at: float) -> tuple[float, float]:
        length = self.steps * self.step_s + self.save_s
        return divmod(at - self.load_s, length)

    def watts(self, at: float) -> float:
        if at < self.load_s:
            return self.load_w
        _, into = self._round(at)
        if into >= self.steps * self.step_s:
            return self.save_w
        compute = self.step_s * (1 - self.comm_share)
        return self.compute_w if into % self.step_s < compute else self.comm_w

    def _steps_energy(self, into: float) -> float:
        compute = self.step_s * (1 - self.comm_share)
        step_j = self.compute_w * compute + self.comm_w * (self.step_s - compute)
        whole, rest = divmod(into, self.step_s)
        return (
            whole * step_j
            + self.compute_w * min(rest, compute)
            + self.comm_w * max(rest - compute, 0.0)
        )

    def energy(self, at: float) -> float:
        if at < self.load_s:
            return self.load_w * at
        rounds, into = self._round(at)
        training_s = self.steps * self.step_s
        mean_step_w = self.compute_w + (self.comm_w - self.compute_w) * self.comm_share
        round_j = mean_step_w * training_s + self.save_w * self.save_s
        rest_j = self._steps_energy(min(into, training_s)) + self.save_w * max(
            into - training_s, 0.0
        )
        return self.load_w * self.load_s + rounds * round_j + rest_j


@dataclass
class List(Curve):
    """(watts, seconds) one after the other, once or for ever."""

    parts: tuple[tuple[float, float], ...]
    repeat: bool = False

    def line(self) -> str:
        words = " ".join(f"{watts}:{seconds}" for watts, seconds in self.parts)
        return f"list {words}" + (" repeat" if self.repeat else "")

    def watts(self, at: float) -> float:
        length = sum(seconds for _, seconds in self.parts)
        if at >= length and not self.repeat:
            return self.idle_w
        at %= length
        for watts, seconds in self.parts:
            if at < seconds:
                return watts
            at -= seconds
        return self.parts[-1][0]

    def energy(self, at: float) -> float:
        length = sum(seconds for _, seconds in self.parts)
        once = sum(watts * seconds for watts, seconds in self.parts)
        rounds, into = divmod(at, length) if self.repeat else (0.0, min(at, length))
        joules = rounds * once if self.repeat else self.idle_w * (at - into)
        for watts, seconds in self.parts:
            joules += watts * min(max(into, 0.0), seconds)
            into -= seconds
        return joules
