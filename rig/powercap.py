"""A fake machine with RAPL: a tree to name in LOWTIDE_SYSROOT, and a process that keeps it moving.

    with Powercap(root, [package(Flat(65))], updater=".../rig_powercap", t0="file T0") as tree:
        ...
        tree.joules("intel-rapl:0", start, begin, end)   # the truth, between two boot times

The tree has sys/class/powercap as the kernel lays it (symlinks into sys/devices/virtual/powercap;
plain folders with `links=False`) and proc/cpuinfo, meminfo, stat of a named CPU. `rig_powercap`
advances each energy_uj about every millisecond. Units: joules, watts, boot-time seconds; uJ in
files. As a program: `python3 rig/powercap.py ROOT --updater BIN` plays a default machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from curve import Curve, Flat

# 2^32 steps of 61 uJ: the range of a package counter on Intel servers and desktops.
INTEL_RANGE_UJ = 262_143_328_850


@dataclass
class Zone:
    """One powercap zone and the counter in it."""

    name: str
    curve: Curve
    idle_w: float = 20.0
    range_uj: int = INTEL_RANGE_UJ
    start_uj: int = 10_000_000_000
    tdp_w: float | None = None
    freeze_at: float | None = None  # curve time at which the counter stops moving
    children: list[Zone] = field(default_factory=list)

    def joules_until(self, start: float, epoch: float, now: float) -> float:
        """True energy in joules since `epoch`, `start` being the boot time of curve time 0."""
        curve = self.curve.with_idle(self.idle_w)
        return self.idle_w * (start - epoch) + curve.joules_until(now - start)


@dataclass
class Machine:
    """What /proc says."""

    model: str = "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"
    vendor: str = "GenuineIntel"
    cpus: int = field(default_factory=lambda: os.cpu_count() or 1)
    cores: int | None = None
    memory_kib: int = 64 * 1024 * 1024


def package(curve: Curve, number: int = 0, **options: object) -> Zone:
    """A package zone with the usual name; further options as in Zone."""
    options.setdefault("tdp_w", 270.0)
    return Zone(f"package-{number}", curve, **options)  # type: ignore[arg-type]


class Powercap:
    """Builds the tree, starts the updater on entry and stops it on exit."""

    def __init__(
        self,
        root: Path,
        packages: list[Zone],
        *,
        updater: str,
        t0: str,
        psys: Zone | None = None,
        mmio: list[Zone] | None = None,
        machine: Machine | None = None,
        links: bool = True,
        mode: int = 0o400,
        plan_lines: tuple[str, ...] = (),
    ) -> None:
        self.root = Path(root)
        self.updater = updater
        self.t0 = t0
        self.links = links
        self.mode = mode
        self.plan_lines = plan_lines
        self.epoch = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.zones: dict[str, Zone] = {}
        self.files: dict[str, Path] = {}
        self.gaps_path = self.root / "gaps"
        self._process: subprocess.Popen[str] | None = None
        self._add_control("intel-rapl", [*packages, *([psys] if psys else [])])
        if mmio:
            self._add_control("intel-rapl-mmio", mmio)
        write_proc(self.root, machine or Machine())

    def joules(self, zone: str, start: float, begin: float, end: float) -> float:
        """True energy in joules of a zone (`intel-rapl:0`) between two boot times."""
        z = self.zones[zone]
        return z.joules_until(start, self.epoch, end) - z.joules_until(start, self.epoch, begin)

    def late_s(self, begin: float, end: float) -> float:
        """Seconds by which the slowest update in [begin, end] came late: a busy machine."""
        worst = 0.002
        if self.gaps_path.exists():
            for line in self.gaps_path.read_text().splitlines():
                when, gap = (float(word) for word in line.split())
                if begin <= when <= end + gap:
                    worst = max(worst, gap)
        return worst

    def __enter__(self) -> Self:
        plan = self.root / "plan"
        plan.write_text(self._plan())
        self._process = subprocess.Popen(
            [self.updater, str(plan)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError("rig_powercap did not start")
        for path in self.files.values():
            path.chmod(self.mode)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def _add_control(self, control: str, zones: list[Zone]) -> None:
        classes = self.root / "sys/class/powercap"
        devices = self.root / "sys/devices/virtual/powercap" if self.links else classes
        top = devices / control
        top.mkdir(parents=True)
        classes.mkdir(parents=True, exist_ok=True)
        (top / "enabled").write_text("1\n")
        self._link(control, top)
        for number, zone in enumerate(zones):
            self._add_zone(f"{control}:{number}", zone, top if self.links else classes)

    def _add_zone(self, name: str, zone: Zone, parent: Path) -> None:
        folder = parent / name
        folder.mkdir()
        (folder / "name").write_text(zone.name + "\n")
        (folder / "enabled").write_text("1\n")
        (folder / "max_energy_range_uj").write_text(f"{zone.range_uj}\n")
        (folder / "energy_uj").write_text(f"{zone.start_uj}\n")
        if zone.tdp_w is not None:
            limit = f"{int(zone.tdp_w * 1e6)}\n"
            (folder / "constraint_0_name").write_text("long_term\n")
            (folder / "constraint_0_power_limit_uw").write_text(limit)
            (folder / "constraint_0_max_power_uw").write_text(limit)
            (folder / "constraint_0_time_window_us").write_text("27983872\n")
        self._link(name, folder)
        self.zones[name] = zone
        self.files[name] = folder / "energy_uj"
        for number, child in enumerate(zone.children):
            # Plain folders lie side by side, as the class folder lists them.
            self._add_zone(f"{name}:{number}", child, folder if self.links else parent)

    def _link(self, name: str, folder: Path) -> None:
        if self.links:
            link = self.root / "sys/class/powercap" / name
            link.symlink_to(os.path.relpath(folder, link.parent))

    def _plan(self) -> str:
        lines = [f"t0 {self.t0}", f"epoch {self.epoch!r}", f"gaps {self.gaps_path}"]
        lines += self.plan_lines
        for name, zone in self.zones.items():
            lines += [
                f"zone {self.files[name]}",
                f"curve {zone.curve.line()}",
                f"idle_w {zone.idle_w}",
                f"range_uj {zone.range_uj}",
                f"start_uj {zone.start_uj}",
            ]
            if zone.freeze_at is not None:
                lines.append(f"freeze_at {zone.freeze_at}")
        return "\n".join(lines) + "\n"


def write_proc(root: Path, machine: Machine) -> None:
    """Writes proc/cpuinfo, meminfo and stat below `root`: a machine even without powercap."""
    proc = root / "proc"
    proc.mkdir(parents=True)
    cores = machine.cores or max(1, machine.cpus // 2)
    cpus = [
        f"processor\t: {cpu}\nvendor_id\t: {machine.vendor}\ncpu family\t: 6\nmodel\t\t: 106\n"
        f"model name\t: {machine.model}\nstepping\t: 6\nphysical id\t: 0\n"
        f"siblings\t: {machine.cpus}\ncore id\t\t: {cpu % cores}\ncpu cores\t: {cores}\n"
        for cpu in range(machine.cpus)
    ]
    (proc / "cpuinfo").write_text("\n".join(cpus) + "\n")
    (proc / "meminfo").write_text(
        f"MemTotal:       {machine.memory_kib} kB\nMemFree:        {machine.memory_kib // 2} kB\n"
        f"MemAvailable:   {machine.memory_kib // 2} kB\n"
    )
    # CPU time must run on: the machine's own.
    (proc / "stat").symlink_to("/proc/stat")


def default_machine(root: Path, updater: str, t0: str) -> Self:
    """A package of 65 W with core and DRAM zones, and psys: what bench/ measures against."""
    core = Zone("core", Flat(40.0), idle_w=10.0)
    dram = Zone("dram", Flat(8.0), idle_w=4.0)
    whole = Zone("psys", Flat(120.0), idle_w=60.0)
    return Powercap(
        root,
        [package(Flat(65.0), children=[core, dram])],
        psys=whole,
        updater=updater,
        t0=t0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="an empty folder: LOWTIDE_SYSROOT")
    parser.add_argument("--updater", required=True, help="the program rig_powercap")
    parser.add_argument("--seconds", type=float, help="stop by itself after that long")
    arguments = parser.parse_args()
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    with default_machine(arguments.root, arguments.updater, f"boot {now!r}"):
        print("ready", flush=True)
        if arguments.seconds is None:
            while True:
                time.sleep(3600)
        time.sleep(arguments.seconds)


if __name__ == "__main__":
    main()
