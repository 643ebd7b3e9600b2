"""`lowtide show --explain`: what is printed can be computed again, and comes to the report's figures."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import Lowtide, job

DOCS = Path(__file__).resolve().parents[2] / "docs"
DIGITS = 6
TITLE = re.compile(r"^ (?P<what>\S.*?) +methods\.md#(?P<anchor>[a-z0-9-]+)$")
NUMBER = re.compile(r"(?<![A-Za-z0-9.])\d[\d.]*(?:e[+-]?\d+)?")
UNIT = re.compile(r"(?<=\d) (?:kWh|J/kWh|g/kWh|CPUs|GB|[WJghs])(?![A-Za-z])")


@dataclass(frozen=True)
class Range:
    """A number as printed: anything that rounds to it. Arithmetic keeps both ends."""

    low: float
    high: float

    @staticmethod
    def printed(text: str) -> "Range":
        value = float(text)
        exact = value == int(value) and abs(value) < 10**DIGITS
        half = 0 if value == 0 or exact else 0.5000001 * 10 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
        return Range(value - half, value + half)

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Range") -> "Range":
        return Range(self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Range") -> "Range":
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends))

    def __truediv__(self, other: "Range") -> "Range":
        return self * Range(1 / other.high, 1 / other.low)

    def __pow__(self, power: int) -> "Range":
        return Range(self.low**power, self.high**power)

    def meets(self, other: "Range") -> bool:
        return self.low <= other.high and other.low <= self.high


def least(a: Range, b: Range) -> Range:
    return Range(min(a.low, b.low), min(a.high, b.high))


def most(a: Range, b: Range) -> Range:
    return Range(max(a.low, b.low), max(a.high, b.high))


def root(a: Range) -> Range:
    return Range(math.sqrt(max(0, a.low)), math.sqrt(a.high))


def computed(numbers: str) -> Range:
    """The value of `0.5 kWh x 1.2 x 400 g/kWh`."""
    text = UNIT.sub("", numbers)
    assert not re.sub(r"min|max|sqrt|[x\d.e+\-/*^(), ]", "", text), f"cannot be computed: {numbers!r}"
    text = re.sub(r"\^2\b", " ** two", text)
    text = NUMBER.sub(lambda found: f"P('{found.group()}')", text).replace(" x ", " * ")
    names = {"P": Range.printed, "min": least, "max": most, "sqrt": root, "two": 2, "__builtins__": {}}
    return eval(text, names)  # noqa: S307  (its characters were judged above)


@dataclass(frozen=True)
class Step:
    what: str
    anchor: str
    name: str
    numbers: str
    result: str

    @property
    def value(self) -> float:
        return float(self.result.split(" ")[0])


def steps_of(text: str) -> list[Step]:
    """The steps of an explanation; an equation's lines are joined."""
    steps: list[Step] = []
    what = anchor = ""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if title := TITLE.match(line):
            what, anchor = title["what"], title["anchor"]
        elif line.startswith("   ") and not line.startswith("    ") and not line.startswith("   ("):
            joined = line.strip()
            for more in lines[at + 1 :]:
                if not more.startswith("     "):
                    break
                joined += " " + more.strip()
            parts = joined.split(" = ")
            assert len(parts) in (2, 4), joined
            steps.append(Step(what, anchor, parts[0], parts[2] if len(parts) == 4 else "", parts[-1]))
    return steps


def explained(lowtide: Lowtide, *more: str) -> list[Step]:
    done = lowtide("show", "last", "--explain", *more)
    assert done.returncode == 0, done.stderr
    steps = steps_of(done.stdout)
    assert steps
    return steps


def has(steps: list[Step], name: str, value: float) -> bool:
    """Some worked step ends in this figure, to the digits printed."""
    return any(s.numbers and s.name == name and math.isclose(s.value, value, rel_tol=6e-6) for s in steps)


@pytest.fixture
def explained_run(lowtide: Lowtide) -> Lowtide:
    busy = job("import time\nend = time.time() + 2.5\nwhile time.time() < end: pass")
    done = lowtide("run", "--location", "FR", "--interval", "200ms", "--pue", "1.25", "--per", "instance-hour", "--", *busy)
    assert done.returncode == 0, done.stderr
    return lowtide


@pytest.mark.parametrize("more", [[], ["--all"]])
def test_each_printed_formula_gives_the_printed_result(explained_run: Lowtide, more: list[str]) -> None:
    worked = [s for s in explained(explained_run, *more) if s.numbers]
    assert len(worked) > 25
    for step in worked:
        assert computed(step.numbers).meets(Range.printed(step.result.split(" ")[0])), step


def test_a_wrong_number_would_be_noticed() -> None:
    assert computed("0.5 kWh x 1.2 x 400 g/kWh").meets(Range.printed("240"))
    assert not computed("0.5 kWh x 1.2 x 400 g/kWh").meets(Range.printed("240.1"))
    assert computed("max(0, 0.25 kWh - sqrt(0.3 kWh^2 + 0.4 kWh^2))").meets(Range.printed("0"))


def test_the_results_are_the_figures_of_the_report(explained_run: Lowtide) -> None:
    steps = explained(explained_run)
    report = explained_run.report()
    energy, carbon, sci = report["energy"], report["carbon"], report["sci"]
    for name, value in [("IT energy", energy["it_kwh"]), ("E", energy["total_kwh"]), ("operational", carbon["operational_g"]),
                        ("M", carbon["embodied_g"]), ("total", carbon["total_g"]), ("low", carbon["low_g"]),
                        ("high", carbon["high_g"]), ("value", sci["value"]), ("I", sci["i_g_per_kwh"])]:
        assert has(steps, name, value), (name, value)
    for channel in energy["by_channel"]:
        assert has(steps, "charged", channel["kwh"]) == channel["in_total"], channel["channel"]
        assert has(steps, "E_device", channel["device_kwh"])


def test_with_all_each_reading_and_slot_is_there(explained_run: Lowtide) -> None:
    steps = explained(explained_run, "--all")
    report = explained_run.report("last", "--samples")
    for slot in report["slots"]:
        assert has(steps, "carbon", slot["carbon_g"])
    for sample in report["samples"]:
        assert has(steps, "mean", sample["mean_w"])
    assert len([s for s in explained(explained_run) if s.name == "mean"]) < len(report["samples"])


def test_each_place_named_is_in_the_methods(explained_run: Lowtide) -> None:
    headings = re.findall(r"^#+ (.*)$", (DOCS / "methods.md").read_text(), flags=re.M)
    places = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    named = {step.anchor for step in explained(explained_run)}
    assert {"times", "charges", "coverage", "carbon", "embodied-carbon-m", "sci", "bounds", "equivalents"} <= named
    assert named <= places


def test_all_without_explain_is_refused(explained_run: Lowtide) -> None:
    done = explained_run("show", "last", "--all")
    assert done.returncode == 2
    assert "--explain" in done.stderr
