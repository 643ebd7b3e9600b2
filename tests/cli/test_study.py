"""`lowtide study`: every cell recomputed in plain Python, cut off and gone on with, made again, and what is refused."""

import csv
import datetime as dt
import json
import math
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from harness import Lowtide, binary, wait_for

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[2] / "docs/schema/lowtide.study-1.schema.json").read_text())
BEGIN = dt.datetime(2020, 1, 30, tzinfo=dt.UTC)
SLOTS = 4 * 288
PROFILE = [0.1, 0.3, 0.3, 0.05, 0.2]  # kWh
STUDY = """
name = "made"
title = "A made study"
begin = 2020-01-30
end = 2020-02-03
windows = ["30min", "50%"]
policies = ["flexible_start", "lowest_slots", "exact"]
resume = ["0min", "10min"]

[series]
file = "{zone}.csv"
signal = "marginal"

[[starts]]
name = "three hours"
every = "3h"

[[starts]]
name = "second of the month"
days = [1, 2]
hours = [7, 23]
tz = "+01:00"

[[job]]
name = "flat"
kwh = 0.7
length = "35min"

[[job]]
name = "ragged"
profile = "profile.csv"

[[region]]
name = "One"
zone = "FR"

[[region]]
name = "Two"
zone = "DE"
"""


def grid(seed: int) -> list[float | None]:
    """Days, noise and zeros; of the second series some hours are missing."""
    out: list[float | None] = []
    for t in range(SLOTS):
        seed = (seed * 1103515245 + 12345) % 2**31
        out.append(round(max(0.0, 180 + 140 * math.sin(t / 46) + 200 * (seed / 2**31 - 0.5)), 1))
    return out


def write_series(folder: Path, zone: str, values: list[float | None]) -> None:
    rows = [f"{(BEGIN + dt.timedelta(minutes=5 * t)).strftime('%Y-%m-%dT%H:%M:%SZ')},{value}\n"
            for t, value in enumerate(values) if value is not None]
    (folder / f"{zone}.csv").write_text("time,g_per_kwh\n" + "".join(rows))


def make(lowtide: Lowtide, text: str = STUDY) -> dict[str, list[float | None]]:
    """The study and its files, in the test's folder."""
    series = {"FR": grid(3), "DE": grid(4)}
    series["DE"][500:520] = [None] * 20
    for zone, values in series.items():
        write_series(lowtide.folder, zone, values)
    (lowtide.folder / "profile.csv").write_text("slot,kwh\n" + "".join(f"{i},{p}\n" for i, p in enumerate(PROFILE)))
    (lowtide.folder / "study.toml").write_text(text)
    return series


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def price(slots: list[int], work: list[float], window: list[float], resume: float) -> float:
    """Grams of a plan: energy by intensity, and a charge where it goes on after a pause."""
    cost = sum(p * window[x] for p, x in zip(work, slots, strict=True))
    return cost + sum(resume * window[b] for a, b in zip(slots, slots[1:], strict=False) if b > a + 1)


def least(work: list[float], window: list[float], resume: float) -> float:
    """The exact plan's cost, by the recursion over (slot, work done, running)."""
    never = math.inf
    run, idle = [never] * (len(work) + 1), [0.0] + [never] * len(work)
    for c in window:
        idle_next = [min(a, b) for a, b in zip(idle, run, strict=True)]
        run_next = [never] * (len(work) + 1)
        for j in range(1, len(work) + 1):
            before = 0.0 if j == 1 else min(run[j - 1], idle[j - 1] + resume * c)
            run_next[j] = before + work[j - 1] * c
        run, idle = run_next, [0.0, *idle_next[1:]]
    return min(run[-1], idle[-1])


def planned(policy: str, work: list[float], window: list[float], resume: float) -> tuple[float, int | None]:
    """Cost and resumes of one start."""
    d = len(work)
    if policy == "exact":
        return least(work, window, resume), None
    if policy == "flexible_start":
        return min(price(list(range(x, x + d)), work, window, 0) for x in range(len(window) - d + 1)), 0
    slots = sorted(sorted(range(len(window)), key=lambda x: (window[x], x))[:d])
    return price(slots, work, window, resume), sum(b > a + 1 for a, b in zip(slots, slots[1:], strict=False))


def picked(rule: str) -> list[int]:
    out = []
    for t in range(SLOTS):
        at = BEGIN + dt.timedelta(minutes=5 * t)
        local = at + dt.timedelta(hours=1)
        if rule == "three hours":
            holds = at.hour % 3 == 0 and at.minute == 0
        else:
            holds = local.day in (1, 2) and local.hour in (7, 23) and local.minute == 0
        if holds:
            out.append(t)
    return out


def check_cell(row: dict[str, str], series: dict[str, list[float | None]]) -> int:
    """One row of cells.csv against plain loops; the starts that counted."""
    work = [0.1] * 7 if row["job"] == "flat" else PROFILE
    slack = 6 if row["window"] == "30min" else len(work) // 2
    resume = float(row["resume_min"]) / 5 * sum(work) / len(work)
    now, then, percents, resumes, dropped = [], [], [], [], 0
    for t in picked(row["start_rule"]):
        window = series[row["zone"]][t:t + len(work) + slack]
        if len(window) < len(work) + slack or None in window:
            dropped += 1
            continue
        known = [c for c in window if c is not None]
        now.append(sum(p * c for p, c in zip(work, known, strict=False)))
        cost, went_on = planned(row["policy"], work, known, resume)
        then.append(cost)
        percents.append(100 * (1 - cost / now[-1]) if now[-1] > 0 else 0)
        resumes.append(went_on)
    assert (int(row["starts"]), int(row["dropped"])) == (len(now), dropped)
    if not now:
        assert row["saving_mean_of_pct"] == ""
        return 0
    assert float(row["saving_mean_of_pct"]) == pytest.approx(sum(percents) / len(percents), abs=6e-3)
    assert float(row["saving_ratio_of_sums_pct"]) == pytest.approx(100 * (1 - sum(then) / sum(now)), abs=6e-3)
    assert float(row["baseline_g"]) == pytest.approx(sum(now) / len(now), rel=1e-5)
    assert float(row["cost_g"]) == pytest.approx(sum(then) / len(then), rel=3e-5)
    if row["policy"] == "exact":
        assert row["pauses_per_hour"] == ""
    else:
        hours = (len(work) + slack) / 12
        want = sum(r for r in resumes if r is not None) / len(resumes) / hours
        assert float(row["pauses_per_hour"]) == pytest.approx(want, abs=1e-6)
    return len(now)


def test_every_cell_is_what_plain_loops_give(lowtide: Lowtide) -> None:
    series = make(lowtide)
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert not done.stderr, "no progress where there is no terminal"
    cells = rows(lowtide.folder / "out/cells.csv")
    # Regions, jobs, windows, start rules; policies with their charges.
    assert len(cells) == 2 * 2 * 2 * 2 * (1 + 2 + 2)
    assert sum(check_cell(row, series) for row in cells) > 1000
    check_results(rows(lowtide.folder / "out/results.csv"), cells)


def check_results(results: list[dict[str, str]], cells: list[dict[str, str]]) -> None:
    """The first rule and charge, and the means over zones."""
    assert list(results[0]) == ["zone", "job", "window", "policy", "starts", "saving_mean_of_pct",
                                "saving_ratio_of_sums_pct", "pauses_per_hour", "baseline_g", "cost_g"]
    first = [row for row in cells if row["start_rule"] == "three hours" and row["resume_min"] == "0"]
    assert len(results) == len(first) * 3 // 2
    for row in results:
        of = [one for one in first if (one["job"], one["window"], one["policy"])
              == (row["job"], row["window"], row["policy"]) and row["zone"] in ("ALL", one["zone"])]
        assert len(of) == (2 if row["zone"] == "ALL" else 1)
        for key in ("saving_mean_of_pct", "saving_ratio_of_sums_pct", "baseline_g", "cost_g", "starts"):
            assert float(row[key]) == pytest.approx(sum(float(one[key]) for one in of) / len(of), rel=1e-5, abs=1e-4)


def test_made_again_it_is_the_same_bit_for_bit_and_says_when_it_is_not(lowtide: Lowtide) -> None:
    series = make(lowtide)
    assert lowtide("study", "study.toml", "--out", "out").returncode == 0
    manifest = json.loads((lowtide.folder / "out/manifest.json").read_text())
    jsonschema.validate(manifest, SCHEMA, jsonschema.Draft202012Validator)
    assert manifest["schema"] == "lowtide.study/1" and manifest["recipe"]["text"] == STUDY
    assert {one["file"] for one in manifest["written"]} == {
        str(path.relative_to(lowtide.folder / "out")) for path in (lowtide.folder / "out").rglob("*")
        if path.is_file() and path.name != "manifest.json"}
    again = lowtide("study", "out/manifest.json", "--data", ".", "--out", "again")
    assert again.returncode == 0 and "the same bit for bit" in again.stdout, again.stdout + again.stderr
    assert (lowtide.folder / "again/manifest.json").read_bytes() == (lowtide.folder / "out/manifest.json").read_bytes()
    series["FR"][700:760] = [1.0] * 60
    write_series(lowtide.folder, "FR", series["FR"])
    other = lowtide("study", "out/manifest.json", "--data", ".", "--out", "other")
    assert other.returncode == 1 and "another series: One" in other.stdout and "another file: cells.csv" in other.stdout


FLEET = STUDY + """
[fleet]
jobs = ["ragged", "flat"]
machines = [1, 2, 9]
every = "30min"
window = "2h"
resume = "10min"
"""


def queue(jobs: list[tuple[int, list[float]]], series: list[float], slack: int) -> float:
    """What jobs emit on one machine, each begun when it is free; none may be late."""
    free, cost = 0, 0.0
    for arrives, work in jobs:
        begin = max(free, arrives)
        assert begin + len(work) <= arrives + len(work) + slack
        cost += sum(p * series[begin + j] for j, p in enumerate(work))
        free = begin + len(work)
    return cost


def test_jobs_on_machines_are_what_plain_loops_give(lowtide: Lowtide) -> None:
    series = make(lowtide, FLEET)
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    found = {(row["region"], row["machines"]): row for row in rows(lowtide.folder / "out/tables/fleet_regions.csv")}
    assert len(found) == 2 * 3
    known = [c for c in series["FR"] if c is not None]
    arrivals = [(t, PROFILE if i % 2 == 0 else [0.1] * 7) for i, t in enumerate(range(0, SLOTS, 6))]
    jobs = [(t, work) for t, work in arrivals if t + len(work) + 24 <= SLOTS]
    alone = sum(least(work, known[t:t + len(work) + 24], 2 * sum(work) / len(work)) for t, work in jobs)
    for row in (found["One", k] for k in ("1", "2", "9")):
        assert (int(row["arrived"]), int(row["dropped"])) == (len(arrivals), len(arrivals) - len(jobs))
        assert int(row["admitted"]) == len(jobs)
        assert float(row["independent_g"]) == pytest.approx(alone, rel=1e-6)
        assert float(row["bound_g"]) <= float(row["plan_g"]) <= float(row["now_g"])
        want = 100 * (1 - float(row["plan_g"]) / float(row["now_g"]))
        assert float(row["plan_saved_pct"]) == pytest.approx(want, abs=1e-3)
    one, two, nine = (found["One", k] for k in ("1", "2", "9"))
    assert float(one["now_g"]) == pytest.approx(queue(jobs, known, 24), rel=1e-6)
    assert float(nine["plan_g"]) == pytest.approx(alone, rel=1e-6) and float(nine["gap_pct"]) == 0
    assert int(one["overloaded_slots"]) > 0 and int(one["most_at_once"]) > 1 and nine["overloaded_slots"] == "0"
    assert alone < float(two["bound_g"]) < float(one["bound_g"]) and float(two["gap_pct"]) < 1
    assert int(found["Two", "9"]["dropped"]) > int(nine["dropped"]), "a gap drops jobs"
    both = {row["machines"]: row for row in rows(lowtide.folder / "out/tables/fleet.csv")}
    assert float(both["1"]["plan_g"]) == pytest.approx(
        float(one["plan_g"]) + float(found["Two", "1"]["plan_g"]), rel=1e-6)


@pytest.mark.parametrize(("old", "new", "says"), [
    ('machines = [1, 2, 9]', 'machines = [0]', ["machines", "'0' is not within 1 and 10000", "study.toml:"]),
    ('every = "30min"', 'every = "7min"', ["every", "5 minutes"]),
    ('every = "30min"', 'every = "30min"\nper_day = 3', ["every", "one of both"]),
    ('every = "30min"', 'per_day = 0', ["per_day", "above 0"]),
    ('window = "2h"\nresume', 'resume', ["window", "24h"]),
    ('jobs = ["ragged", "flat"]', 'jobs = ["none"]', ["no job is called 'none'", "[fleet]"]),
])
def test_a_fleet_that_is_refused_says_where_and_why(lowtide: Lowtide, old: str, new: str, says: list[str]) -> None:
    assert FLEET.count(old) == 1
    make(lowtide, FLEET.replace(old, new))
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode in (2, 3) and done.stderr.count("\n") == 1
    for text in says:
        assert text in done.stderr, done.stderr


BEYOND = """
[other]
file = "other_{zone}.csv"
signal = "average"
licence = "made, non-commercial"
non_commercial = true

[beyond]
machines = ["stays-on", "held"]
resume = "10min"
idle_pct = 50
price_per_gpu_hour = 2
"""


def test_start_by_start_prices_plans_on_the_other_signal(lowtide: Lowtide) -> None:
    """Flexible start, planned on one series and priced on another, by plain loops; both stand in the manifest."""
    series = make(lowtide, STUDY.replace("[[region]]", BEYOND + "[[region]]", 1))
    other = {"FR": grid(8), "DE": grid(9)}
    for zone, values in other.items():
        write_series(lowtide.folder, f"other_{zone}", values)
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((lowtide.folder / "out/manifest.json").read_text())
    jsonschema.validate(manifest, SCHEMA, jsonschema.Draft202012Validator)
    assert [(one["signal"], one["non_commercial"]) for one in manifest["other"]] == [("average", True)] * 2
    now = then = other_now = other_then = worse = 0.0
    for zone, values in series.items():
        for t in picked("three hours"):
            window = values[t:t + 13]
            if len(window) < 13 or None in window:
                continue
            known = [c for c in window if c is not None]
            there = [c or 0.0 for c in other[zone][t:t + 13]]
            at = min(range(7), key=lambda x: (round(sum(known[x:x + 7]), 6), x))
            now, then = now + sum(known[:7]), then + sum(known[at:at + 7])
            before, after = sum(there[:7]), sum(there[at:at + 7])
            other_now, other_then, worse = other_now + before, other_then + after, worse + (after > before + 1e-9)
    [row] = [one for one in rows(lowtide.folder / "out/tables/start_by_start.csv") if
             (one["job"], one["window"], one["machine"], one["policy"]) == ("flat", "30min", "stays-on", "flexible_start")]
    assert float(row["saved, %"]) == pytest.approx(100 * (1 - then / now), abs=1e-3)
    assert float(row["saved on the other, %"]) == pytest.approx(100 * (1 - other_then / other_now), abs=1e-3)
    assert float(row["worse on the other, %"]) == pytest.approx(100 * worse / float(row["starts"]), abs=1e-3)
    write_series(lowtide.folder, "other_FR", grid(10))
    again = lowtide("study", "out/manifest.json", "--data", ".", "--out", "again")
    assert again.returncode == 1 and "another series: One" in again.stdout and "start_by_start.csv" in again.stdout


def test_the_schema_requires_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for found in (SCHEMA, *SCHEMA["$defs"].values()):
        assert set(found["required"]) == set(found["properties"]) and found["additionalProperties"] is False


def long_study(lowtide: Lowtide) -> None:
    """Seconds of work in many pieces: exact plans of a ragged profile at every start."""
    make(lowtide)
    year = [float(100 + (t * 7919) % 400) for t in range(30 * 288)]
    write_series(lowtide.folder, "FR", list(year))
    (lowtide.folder / "profile.csv").write_text("slot,kwh\n" + "".join(f"{i},{0.1 + i % 3}\n" for i in range(150)))
    jobs = "".join(f'[[job]]\nname = "j{i}"\nprofile = "profile.csv"\n' for i in range(24))
    (lowtide.folder / "study.toml").write_text(f"""
name = "long"
begin = 2020-01-30
end = 2020-02-29
windows = ["24h"]
policies = ["exact"]
[series]
file = "{{zone}}.csv"
signal = "marginal"
[[starts]]
every = "5min"
[[region]]
zone = "FR"
{jobs}""")


def test_a_study_that_is_killed_goes_on_where_it_was(lowtide: Lowtide) -> None:
    long_study(lowtide)
    job = subprocess.Popen([binary(), "study", "study.toml", "--out", "out"], cwd=lowtide.folder,
                           env=lowtide.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = lowtide.folder / "out/.study-journal"
    lines: Callable[[], int] = lambda: journal.read_text().count("\n") if journal.exists() else 0
    wait_for(lambda: lines() >= 4 or job.poll() is not None, "pieces in the journal")
    job.send_signal(signal.SIGKILL)
    assert job.wait() == -signal.SIGKILL, "it was done before it could be killed"
    kept = lines() - 1
    assert not (lowtide.folder / "out/results.csv").exists()
    with journal.open("a") as file:
        file.write('{"region":0,"job":23,"ce')  # a line that was cut off
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0 and f"goes on; {kept} of 24" in done.stderr, done.stderr
    assert not journal.exists()
    whole = lowtide("study", "study.toml", "--out", "whole")
    assert whole.returncode == 0 and not whole.stderr
    for name in ("results.csv", "cells.csv", "manifest.json"):
        assert (lowtide.folder / "out" / name).read_bytes() == (lowtide.folder / "whole" / name).read_bytes()


def test_another_study_does_not_take_up_its_journal(lowtide: Lowtide) -> None:
    make(lowtide)
    (lowtide.folder / "out").mkdir()
    (lowtide.folder / "out/.study-journal").write_text('{"schema":"lowtide.study-journal/1","study":"00"}\n'
                                                       '{"region":0,"job":0,"cells":[]}\n')
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 2 and "not done yet" in done.stderr and "--force" in done.stderr
    assert (lowtide.folder / "out/.study-journal").read_text().count("\n") == 2, "it is left as it was"
    forced = lowtide("study", "study.toml", "--out", "out", "--force")
    assert forced.returncode == 0 and "goes on" not in forced.stderr
    assert len(rows(lowtide.folder / "out/cells.csv")) == 80


def test_no_room_on_disk_keeps_what_is_done(lowtide: Lowtide) -> None:
    """A limit on the size of files stands for a full disk: the same failed write."""
    long_study(lowtide)

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))

    full = subprocess.run([binary(), "study", "study.toml", "--out", "out"], cwd=lowtide.folder,
                          env=lowtide.env, capture_output=True, text=True, preexec_fn=small, check=False)
    assert full.returncode != 0 and ".study-journal" in full.stderr and "is kept" in full.stderr, full.stderr
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0 and "goes on" in done.stderr


@pytest.mark.parametrize(("old", "new", "says"), [
    ('title = "A made study"', 'titel = "A made study"', ["study.toml:3", "titel", "known: name, title"]),
    ('windows = ["30min", "50%"]', 'windows = ["30min", "half"]', ["study.toml:6", "windows", "half", "6h or 25%"]),
    ('policies = ["flexible_start"', 'policies = ["flexible"', ["study.toml:7", "flexible_start, lowest_slots"]),
    ('every = "3h"', 'every = "7h"', ["study.toml", "[[starts]]", "part of a day"]),
    ("end = 2020-02-03", "end = 2020-01-03", ["study.toml:5", "after begin"]),
    ("end = 2020-02-03", "end = 2020-02-09", ["One", "covers 40", "begin and end"]),
    ('file = "{zone}.csv"', 'file = "{zone}.txt"', ["[[region]]", "FR.txt", "--data"]),
    ('zone = "DE"', 'zone = "DE"\nscope = "direct"', ["One", "Two", "no scope", "direct"]),
    ('zone = "DE"', 'zone = "DE"\nintensity = "475g/kWh"\nsignal = "average"', ["One", "marginal", "average"]),
    ('zone = "DE"', 'zone = "XX-NOWHERE"', ["zone", "XX-NOWHERE"]),
    ('name = "Two"', 'name = "One"', ["two regions", "One"]),
    ('length = "35min"', 'length = "5d"', ["flat", "1440 slots", "1152"]),
    ('profile = "profile.csv"', 'profile = "none.csv"', ["[[job]]", "none.csv"]),
    ('kwh = 0.7', 'kwh = 0.7\nrun = "last"', ["[[job]]", "by one"]),
    ('windows = ["30min", "50%"]', 'windows = ["30min", "30min"]', ["two windows", "30min"]),
    ('name = "made"', 'name = "made', ["study.toml:2"]),
])
def test_what_is_refused_says_where_and_what_to_do(lowtide: Lowtide, old: str, new: str, says: list[str]) -> None:
    assert old in STUDY
    make(lowtide, STUDY.replace(old, new, 1) if old != 'name = "made"' else STUDY.replace(old, new))
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode not in (0, 1) and not done.stdout and done.stderr.count("\n") == 1, done.stderr
    for words in says:
        assert words in done.stderr, done.stderr
    assert not (lowtide.folder / "out").exists(), "nothing is written for a study that cannot be"


def test_hours_of_a_year_are_of_the_zone_of_time_that_is_said(lowtide: Lowtide) -> None:
    """`times_from` without an offset is local by `tz`, as --begin and --tz of `grid import` are; with one it says itself."""
    make(lowtide)
    (lowtide.folder / "hours.csv").write_text("T,MEFs\n" + "".join(f"{h},{h}\n" for h in range(96)))
    begun = {"2020-01-30": 9, "2020-01-30T00:00:00": 9, "2020-01-30T00:00:00+05:00": -5, "2020-01-30T00:00:00Z": 0}
    for i, (first, later) in enumerate(begun.items()):
        (lowtide.folder / "hours.toml").write_text(f"""
name = "hours"
begin = 2020-01-30T00:00:00Z
end = 2020-02-02T00:00:00Z
coverage = 50
windows = ["2h"]
[series]
file = "hours.csv"
signal = "marginal"
unit = "g/kWh"
column = "MEFs"
times_from = {first}
step = "1h"
tz = "-09:00"
[[starts]]
name = "first"
days = [1]
hours = [0]
[[job]]
name = "hour"
kwh = 1
length = "1h"
[[region]]
zone = "FR"
""")
        done = lowtide("study", "hours.toml", "--out", f"out{i}")
        assert done.returncode == 0, done.stderr
        [row] = [one for one in rows(lowtide.folder / f"out{i}/cells.csv") if one["policy"] == "flexible_start"]
        # 1 February, 0 h UTC, is 48 h after the study's begin; the file's hour 0 is `later` hours after it.
        assert float(row["baseline_g"]) == pytest.approx(48 - later), first


def test_what_is_odd_in_a_series_is_said_and_what_is_below_zero_refused(lowtide: Lowtide) -> None:
    series = make(lowtide)
    series["DE"][100] = 355000.0
    write_series(lowtide.folder, "DE", series["DE"])
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 0 and "note: Two: 1 values above 2000 g/kWh, up to 355000: is the unit right?" in done.stdout
    assert "is the unit right" in (lowtide.folder / "out/tables/series.md").read_text()
    assert "is the unit right" in (lowtide.folder / "out/index.html").read_text()
    manifest = json.loads((lowtide.folder / "out/manifest.json").read_text())
    assert any("unit right" in note for note in manifest["regions"][1]["notes"])
    (lowtide.folder / "below.csv").write_text((lowtide.folder / "DE.csv").read_text().replace("355000.0", "-3"))
    (lowtide.folder / "study.toml").write_text(STUDY.replace('zone = "DE"', 'zone = "DE"\nfile = "below.csv"\ncolumn = "g_per_kwh"'))
    below = lowtide("study", "study.toml", "--out", "below")
    assert below.returncode == 3 and "Two" in below.stderr and "below zero" in below.stderr and "08:20" in below.stderr


@pytest.mark.parametrize("text", ['{"schema":"lowtide.study/1"}', '{"schema":"lowtide.study/1","recipe":{"text":3}}', "{", "{}"])
def test_a_manifest_that_is_none_is_refused(lowtide: Lowtide, text: str) -> None:
    (lowtide.folder / "manifest.json").write_text(text)
    done = lowtide("study", "manifest.json", "--out", "out")
    assert done.returncode == 3 and "no manifest of a study" in done.stderr
    assert lowtide("study", "typical-2022", "--out", "").returncode == 2


def test_nothing_of_somebody_elses_is_written_over(lowtide: Lowtide) -> None:
    make(lowtide)
    (lowtide.folder / "out").mkdir()
    (lowtide.folder / "out/results.csv").write_text("mine\n")
    done = lowtide("study", "study.toml", "--out", "out")
    assert done.returncode == 2 and "--force" in done.stderr
    assert (lowtide.folder / "out/results.csv").read_text() == "mine\n"
    assert lowtide("study", "study.toml", "--out", "out", "--force").returncode == 0
    assert lowtide("study", "study.toml", "--out", "out").returncode == 0, "its own folder is written anew"


def test_a_recipe_that_comes_with_lowtide_is_found_by_its_name(lowtide: Lowtide) -> None:
    done = lowtide("study", "paper-2022", "--data", "nowhere", "--out", "out")
    assert done.returncode == 4 and "paper-2022.toml" in done.stderr and "--data DIR" in done.stderr
    none = lowtide("study", "paper-1999", "--out", "out")
    assert none.returncode == 4 and "paper-1999" in none.stderr and "typical-2022" in none.stderr
    (lowtide.folder / "paper-2022").write_text("name = 1\n")
    own = lowtide("study", "paper-2022", "--out", "out")
    assert own.returncode == 3 and "paper-2022:1" in own.stderr, "a file of one's own comes first"


def test_a_study_of_what_is_shipped_needs_no_data(lowtide: Lowtide) -> None:
    recipe = Path(__file__).resolve().parents[2] / "studies" / "typical-2022.toml"
    short = recipe.read_text().replace('policies = ["flexible_start", "lowest_slots", "exact"]', 'policies = ["flexible_start"]')
    (lowtide.folder / "typical.toml").write_text(short)
    done = lowtide("study", "typical.toml", "--out", "out", timeout=120)
    assert done.returncode == 0, done.stderr
    results = {(row["zone"], row["job"], row["window"]): float(row["saving_mean_of_pct"])
               for row in rows(lowtide.folder / "out/results.csv")}
    assert len(results) == (8 + 1) * 11 * 4
    assert results["ALL", "densenet-121", "24h"] > results["ALL", "densenet-121", "6h"] > 3
    manifest = json.loads((lowtide.folder / "out/manifest.json").read_text())
    assert all("Electricity Maps" in region["licence"] for region in manifest["regions"])


@pytest.mark.parametrize("name", sorted(path.name for path in (Path(__file__).resolve().parents[2] / "studies").glob("*.toml")))
def test_the_recipes_that_are_shipped_are_read(lowtide: Lowtide, name: str) -> None:
    """Without their series, which are not shipped, all else of them holds."""
    recipe = Path(__file__).resolve().parents[2] / "studies" / name
    if "intensity = " in recipe.read_text():
        return
    done = lowtide("study", str(recipe), "--data", os.devnull, "--out", "out")
    assert "no such file" in done.stderr and "--data DIR" in done.stderr, done.stderr
