"""Writes the script that the fake libnvidia-ml.so.1 plays (docs/rig.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from curve import Curve


@dataclass
class Gpu:
    """One fake GPU; `lines` are further script lines of the device, as in docs/rig.md."""

    uuid: str
    curve: Curve
    lines: tuple[str, ...] = ()
    idle_w: float = 60.0
    limit_w: float = 700.0
    arch: int = 9
    name: str = "NVIDIA H100 80GB HBM3"

    def text(self) -> str:
        own = [
            f"device {self.uuid}",
            f"name {self.name}",
            f"arch {self.arch}",
            f"limit_w {self.limit_w}",
            f"idle_w {self.idle_w}",
            f"curve {self.curve.line()}",
            *self.lines,
        ]
        return "\n".join(own) + "\n"

    def joules(self, start: float, begin: float, end: float) -> float:
        """True energy in joules between two boot times, `start` being that of curve time 0."""
        return self.curve.with_idle(self.idle_w).joules(begin - start, end - start)


@dataclass
class GpuScript:
    """All fake GPUs of a machine and what goes wrong with them."""

    gpus: list[Gpu]
    t0: str
    lines: list[str] = field(default_factory=list)

    def write(self, path: Path) -> Path:
        head = "\n".join([f"t0 {self.t0}", *self.lines]) + "\n"
        path.write_text(head + "".join(gpu.text() for gpu in self.gpus))
        return path
