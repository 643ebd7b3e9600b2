"""docs/comparison.md from what was measured: a pure function, and no number of its own.

Rows are built for any list of tools, so that the table of the defaults and that of the tuned
settings are the same code. A cell has a text and, where lower is better, a score.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

CURVES = {
    "flat": "flat 300 W",
    "ramp": "ramp 50 to 450 W",
    "square": "square 50/400 W, 2 s",
    "spike": "100 W, one 500 W spike of 0.5 s",
    "training": "training-like",
}
MODES = {
    "counter": "GPU energy, with a live energy counter",
    "instant": "GPU energy, no counter, instantaneous power (Pascal, a driver with field 186)",
    "averaged": "GPU energy, no counter, power averaged over 1 s (Hopper)",
}


@dataclass(frozen=True)
class Cell:
    """What stands in the table; `score`: lower is better, None: not comparable."""

    text: str
    score: float | None = None


@dataclass
class Row:
    """One figure of every tool; without cells it is the heading of those that follow."""

    title: str
    cells: dict[str, Cell] = field(default_factory=dict)


Results = dict[str, list[dict]]
NONE = Cell("not measured")


def number(value: float) -> str:
    """Three digits that mean something, and no exponent."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{value:.{digits}f}"


def percent(value: float) -> str:
    """A signed percentage."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 1 else 2
    text = f"{value:+,.{digits}f}"
    return text if float(text.replace(",", "")) else "0.00"


def ranged(values: list[float], show) -> str:
    """The value, both of two, or the median of more with their range."""
    low, high = show(min(values)), show(max(values))
    if low == high:
        return low
    return f"{low} to {high}" if len(values) < 3 else f"{show(median(values))} [{low} to {high}]"


def reason(run: dict) -> str:
    """Why a run has no figure: the exit status and the kind of error, without what it quotes."""
    status = f"exit {run['status']}" if run["status"] else "exit 0"
    kind = re.match(r"(?:\w+\.)*(\w+):", run.get("said") or "")
    return f"{status}, {kind[1]}" if kind and run["status"] else status


def error_cell(runs: list[dict], told: str = "gpu_j", truth: str = "truth_j") -> Cell:
    """Percent by which the tool's joules differ from the truth."""
    good = [run for run in runs if run.get(told) is not None and run.get(truth)]
    lost = [run for run in runs if run not in good]
    if not good:
        return Cell(f"no figure ({reason(lost[0])})", float("inf"))
    errors = [100 * (run[told] - run[truth]) / run[truth] for run in good]
    text = ranged(errors, percent) + " %"
    if lost:
        text += f"; {len(lost)} of {len(runs)} runs: no figure ({reason(lost[0])})"
        return Cell(text, float("inf"))
    return Cell(text, max(abs(e) for e in errors))


def row(title: str, results: Results, keys: Iterable[str], suffix: str, cell) -> Row | None:
    """A row of `cell(runs)` for `key|suffix`; nothing when no tool has it."""
    cells = {}
    for key in keys:
        runs = results.get(f"{key}|{suffix}" if suffix else key)
        cells[key] = cell(runs) if runs else NONE
    return Row(title, cells) if any(c is not NONE for c in cells.values()) else None


def energy_rows(results: Results, keys: list[str]) -> list[Row | None]:
    """Error on each curve through each sensor, and of RAPL on all of them."""
    rows: list[Row | None] = []
    for mode, title in MODES.items():
        rows.append(Row(title))
        rows += [row(t, results, keys, f"{mode}|{c}", error_cell) for c, t in CURVES.items()]
    cpu: Results = {}
    for key in keys:
        for run in (run for curve in CURVES for run in results.get(f"{key}|counter|{curve}", [])):
            truth = (run.get("cpu_truth_w") or 0) * (run.get("span_s") or 0)
            cpu.setdefault(key, []).append({**run, "cpu_true_j": truth})

    def cell(runs: list[dict]) -> Cell:
        if not any(run["cpu_j"] for run in runs):
            return Cell("does not read it")
        return error_cell(runs, "cpu_j", "cpu_true_j")

    rows.append(Row("CPU energy, from RAPL counters"))
    rows.append(row("constant 65 W package, 8 W DRAM", cpu, keys, "", cell))
    return rows


def start_rows(results: Results, keys: list[str]) -> list[Row | None]:
    """Wall clock added to a job of a second; an empty Python process is shown beside the tools."""
    if not results:
        return []
    alone = median(run["wall_s"] for run in results["job"])

    def added(what: str, less: float):
        def cell(runs: list[dict]) -> Cell:
            values = [run[what] - less for run in runs]
            return Cell(ranged(values, number) + " s", median(values))

        return cell

    def ratio(runs: list[dict]) -> Cell:
        values = [run["wall_s"] / alone for run in runs]
        return Cell(ranged(values, number), median(values))

    before, after = (median(run[w] for run in results["job"]) for w in ("before_s", "after_s"))
    return [
        Row("Time added to a job of 1 s, median [min to max]"),
        row("before the job's first moment", results, keys, "", added("before_s", before)),
        row("after its last", results, keys, "", added("after_s", after)),
        row("wall clock / that of the job alone", results, keys, "", ratio),
        row("CPU time of the whole", results, keys, "", added("cpu_s", 0.0)),
    ]


def cost_rows(results: Results, keys: list[str]) -> list[Row | None]:
    """What a tool takes while the job goes on; peers without the Python process around the job."""
    bare = results.get("bare|counter", [{}])[0]

    def cell(what: str, unit: str):
        def make(runs: list[dict]) -> Cell:
            if what not in runs[0]:
                return Cell("did not run its job")
            python = 0.0 if runs is results.get("lowtide|counter") else bare.get(what, 0.0)
            value = runs[0][what] - python
            return Cell(f"{number(value)}{unit}", value)

        return make

    cpu = cell("cpu_s_per_h", " s")
    return [
        Row("While the job goes on"),
        row("CPU seconds an hour, with a counter", results, keys, "counter", cpu),
        row("CPU seconds an hour, without", results, keys, "instant", cpu),
        row("private memory added", results, keys, "counter", cell("private_mb", " MB")),
        row("processes", results, keys, "counter",
            lambda runs: Cell(str(runs[0].get("processes", "none")))),
    ]  # fmt: skip


def kept_cell(truth: str):
    """Share of the energy that is on disk after a kill."""

    def cell(runs: list[dict]) -> Cell:
        run = runs[0]
        kept = run["kept_j"]
        share = 0.0 if kept is None else 100 * kept / run[truth]
        text = "nothing" if kept is None else f"{number(share)} %"
        if truth == "whole_j":
            text += "; the shell gets " + ("the job's status" if run["status"] == 0 else "SIGKILL")
        if run["orphans"]:
            text += f"; {run['orphans']} processes stay for ever"
        return Cell(text, abs(100 - share))

    return cell


def lost_cell(runs: list[dict]) -> Cell:
    """A GPU is lost: what is told of the energy until then, and how the command ends."""
    cell = error_cell(runs)
    ended = "" if runs[0]["gpu_j"] is None else f", exit {runs[0]['status']}"
    return Cell(cell.text + ended, cell.score)


def fault_rows(results: Results, keys: list[str], about: dict) -> list[Row | None]:
    """kill -9, a lost GPU, a counter that starts anew."""
    kill, fault = f"{about['kill_at_s']:g} s", f"{about['fault_at_s']:g} s"
    return [
        Row(f"Trouble in a job of {about['job_s']:g} s that ends with status 0"),
        row(f"kill -9 of the metering process at {kill}: on disk, of the job's energy", results,
            keys, "meter", kept_cell("whole_j")),
        row(f"kill -9 of all its processes at {kill}: on disk, of the energy until then", results,
            keys, "all", kept_cell("until_kill_j")),
        row(f"GPU lost at {fault}: error against the energy until then", results, keys, "lost",
            lost_cell),
        row(f"energy counter reset at {fault}: error", results, keys, "reset", error_cell),
    ]  # fmt: skip


def network_cell(runs: list[dict]) -> Cell:
    """When the job began, what came after it, and what the carbon was worked out with."""
    run = runs[0]
    if run["before_s"] is None:
        return Cell(f"the job does not run: {reason(run)} after {number(run['wall_s'])} s")
    text = f"{number(run['before_s'])} s before the job, {number(run['after_s'])} s after"
    if run["intensity"] is not None:
        text += f"; {number(run['intensity'])} g/kWh"
    return Cell(text, run["before_s"] + run["after_s"])


def network_rows(results: Results, keys: list[str]) -> list[Row | None]:
    """A machine without a network, and one whose network swallows all."""
    return [
        Row("Not told where it is, and no network"),
        row("nothing can be reached, told at once", results, keys, "none", network_cell),
        row("packets vanish, names are not answered", results, keys, "silent", network_cell),
    ]


def table(results: dict, keys: list[str]) -> list[Row]:
    """All rows for these tools, headings without rows left out."""
    rows = [
        *energy_rows(results.get("energy", {}), keys),
        *start_rows(results.get("start", {}), keys),
        *cost_rows(results.get("cost", {}), keys),
        *fault_rows(results.get("faults", {}), keys, results["about"]),
        *network_rows(results.get("network", {}), keys),
    ]
    there = [r for r in rows if r is not None]
    return [r for r, after in zip(there, [*there[1:], Row("")], strict=True)
            if r.cells or after.cells]  # fmt: skip


def markdown(rows: list[Row], titles: dict[str, str]) -> str:
    """The table; headings stand bold in the first column."""
    lines = ["| | " + " | ".join(titles.values()) + " |", "|---" * (len(titles) + 1) + "|"]
    for r in rows:
        cells = [r.cells[key].text if r.cells else "" for key in titles]
        title = r.title if r.cells else f"**{r.title}**"
        lines.append(f"| {title} | " + " | ".join(c.replace("|", "/") for c in cells) + " |")
    return "\n".join(lines) + "\n"


def behind(rows: list[Row], titles: dict[str, str]) -> str:
    """Rows where a peer's figure is better than lowtide's, computed and not chosen."""
    heading, lines = "", []
    for r in rows:
        if not r.cells:
            heading = r.title
            continue
        own = r.cells["lowtide"]
        better = [
            f"{titles[key]} {cell.text}"
            for key, cell in r.cells.items()
            if own.score is not None and cell.score is not None and cell.score < own.score
            and cell.text != own.text
        ]  # fmt: skip
        if better:
            lines.append(f"- {heading}, {r.title}: lowtide {own.text}; {', '.join(better)}\n")
    return "".join(lines) or "None in this run.\n"


HEAD = """<!-- Written by `make bench-peers` from one run: do not edit, run it again. -->
# lowtide beside other meters

Measured on {date}, everything in one run of {minutes} minutes, on a virtual machine with {cpus} cores
and {memory_gb} GB that other work shared (load average {load}): Linux {kernel}, Python {python}.
Versions: {versions}; the peers are as PyPI has them.
`make bench-peers` measures all of it anew.

"""

METHOD = """## How

Each tool meters the same job, `rig/rig_job`, which only sleeps and notes its own first and last moment. The GPU is
the rig's fake NVML library (docs/rig.md) that plays a power curve whose integral is known exactly; the error is that
of the tool's joules against the integral from the job's first moment to its last. A job lasts {job_s:g} s, twice
on each curve (the square wave at two phases, the spike at two moments; both results are given where they differ),
and starts from 60 W idle. {powercap}

Tools are run by their own command where they have one, else by the smallest use of their API that their guide shows.
What could wait for the network is told a place where it can be told one, but for the last rows.
Runs that only sleep go on side by side, at most two in their start-up at a time, in mixed order; start-up and stop
are measured one run at a time with warm file caches, {rounds} rounds, against the job alone. CPU time is
that of all the tool's processes (not of the job) over a minute from {settle} s into the job; private memory is what no
other process shares. An empty Python process around the job, which a user's training is anyway, was taken off
the peers' CPU time and memory; it was not taken off their start-up: it is {bare} s of it.
The energy on disk is what the tool's own reader or file gives after the job has ended.

| tool | run as | period |
|---|---|---|
{settings}
"""

LIMITS = """## What this does not say

The rig favours whoever reads counters: its counter is live and exact where a real one steps each 20 to 100 ms
and may be off by percents (arXiv 2312.02741), and lowtide was developed on this rig, the peers were not. The job sleeps, so no tool competes
with a training for a core. One GPU and one CPU package were there: sums over devices, MIG, AMD, Apple and other
systems were not compared. Nor were: carbon figures and their sources over time, codecarbon's dashboard and API,
carbontracker's predictions, Zeus' optimisers and its carbon monitor (it needs a key), callbacks of frameworks.
Zeus measures windows: a user who closes one each epoch loses only the open one to a kill -9, where here one window is
the whole job; PyTorch was not installed, so it synchronised with nothing. Without a counter it keeps a reading of power
only when it differs from the one before and draws straight lines between those it kept: a power that stays exactly
level, as the rig's does and no real board's, costs it a whole flat stretch, so its large errors there are the
rig's. eco2AI's file has one sum of CPU, memory and GPU, so its figure after a kill -9 has a few joules of its CPU and
memory models in it.
codecarbon reports one CPU package and models memory; carbontracker averages package and DRAM. lowtide's default
takes 50 readings of power a second where there is no counter, codecarbon one a second whatever its period: the CPU
time buys that.
Energy and cost were measured {isolated}. Figures of one run on a shared machine: ratios
of 2 mean something, single percents of a time do not.
"""


def facts(results: dict) -> dict[str, object]:
    """What the prose quotes."""
    about = results["about"]
    bare = results.get("start", {}).get("bare", [])
    rounds = len(bare)
    load = results["load"]
    isolated = about["isolated"]
    return {
        **about,
        "minutes": f"{about['lasted_s'] / 60:.0f}",
        "load": f"{min(load):.1f} to {max(load):.1f}",
        "versions": ", ".join(f"{k} {v}" for k, v in about["versions"].items()),
        "rounds": rounds,
        "settle": number(about["settle_s"]),
        "bare": number(median(run["before_s"] + run["after_s"] for run in bare)) if bare else "0",
        "settings": "\n".join(
            f"| {s['title']} | {s['setting']} | {s['period']} |" for s in about["settings"]
        ),
        "powercap": "A powercap tree with 65 W and 8 W lies where the kernel has it, in a private\n"
        "name space." if isolated else "There was no powercap tree: it needs root.",
        "isolated": "in network and mount name spaces of their own" if isolated
        else "without root, so in no private name space",
    }  # fmt: skip


def page(results: dict) -> str:
    """The whole page."""
    told = facts(results)
    settings = results["about"]["settings"]
    titles = {s["key"]: s["title"] for s in settings if s["key"] == s["tool"]}
    tuned = {s["key"]: s["title"] for s in settings if s["key"] == "lowtide" or s["key"] != s["tool"]}
    rows = table(results, list(titles))
    tuned_rows = table({**results, "start": {}, "network": {}}, list(tuned))
    parts = [
        HEAD.format(**told),
        "## All at their defaults\n\n",
        markdown(rows, titles),
        "\n## Peers set to sample faster\n\n",
        "Where a peer's default is slow for a job of this length, the faster setting that its docs name.\n\n",
        markdown(tuned_rows, tuned),
        "\n## Where a peer is better than lowtide\n\n",
        "Every row of both tables in which one is, however little:\n\n",
        behind(rows, titles) if rows else "",
        behind(tuned_rows, tuned) if tuned_rows else "",
        "\n",
        METHOD.format(**told),
        "\n",
        LIMITS.format(**told),
    ]
    return "".join(parts)
