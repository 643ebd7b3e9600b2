"""`lowtide grid import`: files as people have them, with their faults, checked, kept and priced with."""

import datetime as dt
import gzip
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide, Screen, Terminal, binary, job

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schema" / "lowtide.import-1.schema.json").read_text())
OWN = "time,g_per_kwh\n"
MEASURE = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
MAPS = ("Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA),"
        "Low Carbon Percentage,Data Source,Data Estimated,Data Estimation Method\n")


def day(first: str, hours: int, value: float) -> str:
    """Rows of an hour each, from a time of UTC on."""
    at = dt.datetime.fromisoformat(first)
    return "".join(f"{at + dt.timedelta(hours=i):%Y-%m-%dT%H:%M:%SZ},{value + i}\n" for i in range(hours))


def imported(lowtide: Lowtide, *args: str) -> list[dict[str, Any]]:
    """The report of an import that goes well."""
    done = lowtide("grid", "import", *args, "--json", "-")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    reports = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(reports)
    return reports


def write(lowtide: Lowtide, name: str, text: str | bytes) -> str:
    """A file beside the ledger."""
    (lowtide.folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def test_a_file_is_checked_kept_shown_and_priced_with(lowtide: Lowtide) -> None:
    now = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    text = OWN + "".join(f"{now + dt.timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ},321\n" for h in range(-3, 4))
    file = write(lowtide, "fr.csv", text)
    report, = imported(lowtide, file, "--zone", "FR", "--signal", "average", "--scope", "lifecycle", "--gas", "co2e")
    assert (report["kept"], report["added"], report["rows"]) == (True, 7, 7) and report["mean"] == pytest.approx(321)
    assert report["model"] == hashlib.sha256(text.encode()).hexdigest()[:12], "sha256sum tells which file it was"
    shown = lowtide("grid", "show", "FR", "--source", "import")
    assert shown.returncode == 0 and "import" in shown.stdout and "321" in shown.stdout
    done = lowtide("run", "--quiet", "--location", "FR", "--intensity", "import,typical", "--", "true")
    assert done.returncode == 0, done.stderr
    used = lowtide.report()["intensity"][0]
    assert (used["source"], used["scope"], used["gas"]) == ("import", "lifecycle", "co2e")
    assert used["mean_g_per_kwh"] == pytest.approx(321)
    assert (used["model"], used["coverage"], used["fallback"]) == (report["model"], 1, False)


def test_two_columns_are_two_series_with_their_scopes_and_the_zone_of_the_file(lowtide: Lowtide) -> None:
    rows = [f"2023-01-01 {h:02}:00:00,France,France,FR,{20 + h}.5,{40 + h},90,x,{'true' if h == 5 else 'false'},\r\n" for h in range(24)]
    file = write(lowtide, "FR_2023_hourly.csv.gz", gzip.compress(("\ufeff" + MAPS + "".join(rows)).encode()))
    direct, lifecycle = imported(lowtide, file)
    assert [(r["zone"], r["scope"], r["signal"], r["gas"], r["unit"]) for r in (direct, lifecycle)] == [
        ("FR", "direct", "average", "co2e", "gCO2eq/kWh"), ("FR", "lifecycle", "average", "co2e", "gCO2eq/kWh")]
    assert (direct["min"], lifecycle["max"], direct["estimated"], direct["step_s"]) == (20.5, 63, 1, 3600)
    assert (direct["first"], direct["last"]) == ("2023-01-01T00:00:00.000Z", "2023-01-01T23:00:00.000Z")
    text = lowtide("grid", "import", file, "--scope", "direct", "--check").stdout
    for said in ("Electricity Maps, up to 2023", "gCO2eq/kWh", "average, direct", "CO2e", "UTC", "ignored", "--check only looks"):
        assert said in text, said
    kept = json.loads(lowtide("grid", "show", "FR", "--json", "--from", "2023-01-01", "--to", "2023-01-02").stdout)
    assert {(s["scope"], len(s["values"])) for s in kept["series"]} == {("direct", 24), ("lifecycle", 24)}
    assert {v["kind"] for s in kept["series"] for v in s["values"]} == {"history", "estimated"}


def test_months_that_overlap_are_one_series_and_the_repeated_rows_are_counted_apart(lowtide: Lowtide) -> None:
    def month(first: str, last: str) -> str:
        at, end = dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last)
        text = "time,moer\n"
        while at < end:
            text += f"{at:%Y-%m-%d %H:%M:%S}+00:00,{(at.toordinal() % 7) / 10 + at.hour / 1000}\n"
            at += dt.timedelta(minutes=5)
        return text
    files = [write(lowtide, "05.csv", month("2019-04-30", "2019-06-02")), write(lowtide, "06.csv", month("2019-05-31", "2019-07-02"))]
    may, june = imported(lowtide, *files, "--zone", "US-CAL-CISO")
    assert (may["duplicates"], june["duplicates"]) == (0, 0)
    assert (may["duplicates_between_files"], june["duplicates_between_files"]) == (0, 2 * 288)
    assert (may["signal"], may["unit"], may["factor_to_g_per_kwh"]) == ("marginal", "kgCO2/kWh", 1000)
    assert may["rows"] + june["rows"] - 576 == may["added"] + june["added"]
    assert may["model"] == june["model"]
    again = imported(lowtide, *reversed(files), "--zone", "US-CAL-CISO")
    assert [(r["added"], r["revised"]) for r in again] == [(0, 0), (0, 0)] and again[0]["model"] == may["model"]


def test_what_is_not_said_is_asked_for_and_nothing_is_kept(lowtide: Lowtide) -> None:
    file = write(lowtide, "gb.csv", "Time,Carbon Intensity\n2020-01-01 00:00:00,200\n2020-01-01 00:30:00,210\n")
    said = []
    for flag, value in (("--unit", "gCO2/kWh"), ("--signal", "average"), ("--zone", "GB"), ("--tz", "UTC")):
        done = lowtide("grid", "import", file, *said)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1
        assert f"give {flag}" in done.stderr, done.stderr
        said += [flag, value]
    assert not (lowtide.home / "cache.db").exists()
    report, = imported(lowtide, file, *said)
    assert (report["gas"], report["scope"], report["kept"]) == ("co2", None, True)
    assert any("scope" in warning for warning in report["warnings"])


def test_hours_of_the_year_without_stamps(lowtide: Lowtide) -> None:
    rows = "".join(f"{h},1,2,gas_cc,0.5,57.6,{446.6 if h % 5 else 0},158.4\n" for h in range(48))
    file = write(lowtide, "CEFs_2019_AT.csv", "T,residual_load,total_load,marginal_fuel,efficiency,marginal_cost,MEFs,XEFs\n" + rows)
    marginal, average = imported(lowtide, file, "--zone", "AT", "--begin", "2019-01-01", "--tz", "+01:00")
    assert (marginal["signal"], average["signal"], marginal["first"]) == ("marginal", "average", "2018-12-31T23:00:00.000Z")
    assert marginal["zeros"] == 10 and any("10 of 48 values are 0" in warning for warning in marginal["warnings"])


@pytest.mark.parametrize(("name", "text", "status", "said"), [
    ("cut.csv.gz", gzip.compress((OWN + day("2020-01-01", 24, 5)).encode())[:-9], 3, "the gzip stream ends early; the file is not whole"),
    ("comma.csv", OWN + '2020-01-01T00:00Z,"84,73"\n', 3, "comma.csv:2, field g_per_kwh: '84,73' is not a number; write numbers with a point"),
    ("mixed.csv", OWN + "2020-01-01T00:00Z,1\n2020-01-01 01:00,2\n", 3, "mixed.csv:3, field time"),
    ("json.csv", '{"data": []}\n', 3, "json.csv:1: this is JSON and no table"),
    ("empty.csv", "", 3, "empty.csv: the file is empty"),
    ("other.csv", "a,b\n1,2\n", 2, "no column is called time"),
    ("none.csv", None, 4, "none.csv"),
    ("twice.csv", OWN + "2020-01-01T00:00Z,1\n2020-01-01T00:00Z,2\n", 3, "twice.csv:3, field g_per_kwh: another value"),
])
def test_a_bad_file_is_refused_in_one_line_and_nothing_is_kept(lowtide: Lowtide, name: str, text: str | bytes | None, status: int,
                                                                said: str) -> None:
    if text is not None:
        write(lowtide, name, text)
    good = write(lowtide, "good.csv", OWN + day("2019-01-01", 24, 5))
    done = lowtide("grid", "import", good, name, "--zone", "FR", "--signal", "average")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert said in done.stderr
    assert not (lowtide.home / "cache.db").exists(), "not even the good one"


def test_odd_values_are_kept_and_flagged(lowtide: Lowtide) -> None:
    file = write(lowtide, "odd.csv", OWN + "2020-01-01T00:00Z,-4\n2020-01-01T01:00Z,0\n2020-01-01T02:00Z,9000\n2020-01-01T03:00Z,\n")
    report, = imported(lowtide, file, "--zone", "local:MINE", "--signal", "marginal")
    assert (report["min"], report["max"], report["negative"], report["zeros"], report["absurd"], report["missing"]) == (-4, 9000, 1, 1, 1, 1)
    kept = json.loads(lowtide("grid", "show", "local:MINE", "--json", "--from", "2020-01-01", "--to", "2020-01-02").stdout)
    assert [v["g_per_kwh"] for v in kept["series"][0]["values"]] == [-4, 0, 9000], "a blank is a gap"


def test_values_far_below_all_near_them_are_flagged_and_kept(lowtide: Lowtide) -> None:
    """As a fleet that was reported as 0 looks: PJM on 2022-10-01 and 02."""
    values = [300.0 + i % 9 for i in range(100)]
    values[40:44], values[63] = [46.9, 46.9, 46.9, 44.8], 42.7
    text = OWN + "".join(f"2022-10-{1 + i // 24:02}T{i % 24:02}:00Z,{value}\n" for i, value in enumerate(values))
    report, = imported(lowtide, write(lowtide, "pjm.csv", text), "--zone", "US-MIDA-PJM", "--signal", "average")
    assert (report["low"], report["added"], report["min"]) == (5, 100, 42.7)
    assert [w for w in report["warnings"] if "5 values are below a quarter" in w and "line 42" in w and "kept as they are" in w]
    report, = imported(lowtide, write(lowtide, "day.csv", OWN + day("2022-10-01", 90, 300)), "--zone", "FR", "--signal", "average")
    assert report["low"] == 0 and not [w for w in report["warnings"] if "quarter" in w]


def test_a_run_where_nothing_is_imported_says_so_and_has_a_gap(lowtide: Lowtide) -> None:
    done = lowtide("run", "--location", "FR", "--intensity", "import", "--", "true")
    assert done.returncode == 0
    report = lowtide.report()
    assert report["intensity"][0]["coverage"] == 0 and report["carbon"]["operational_g"] is None
    assert any("no average file of FR is imported" in event["detail"] for event in report["events"])


def test_names_with_control_characters_are_escaped(lowtide: Lowtide) -> None:
    file = write(lowtide, "odd\x1b[2J.csv", OWN + "2020-01-01T00:00Z,1\n2020-01-01T01:00Z,2\n")
    done = lowtide("grid", "import", file, "--zone", "FR", "--signal", "average", "--check")
    assert done.returncode == 0 and "\x1b" not in done.stdout


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_line_is_wider_than_the_terminal(lowtide: Lowtide, width: int) -> None:
    file = write(lowtide, "fr.csv", OWN + day("2020-01-01", 24, 5) + day("2020-01-03", 30, 0))
    shell = Terminal(lowtide, columns=width)
    said = Screen(rows=200).feed(shell.command(f"NO_COLOR=1 $LOWTIDE grid import {file} --zone FR --signal average --check")).lines
    shell.close()
    assert any("note" in line for line in said)
    assert max(len(line) for line in said) <= width


def test_memory_does_not_grow_with_the_file(lowtide: Lowtide) -> None:
    """A short file and one a hundred times as long, packed: what the program holds at most is the same."""
    def peak_mb(rows: int) -> float:
        at = dt.datetime(1990, 1, 1)
        text = OWN + "".join(f"{at + dt.timedelta(minutes=i):%Y-%m-%dT%H:%M}Z,{i % 991}\n" for i in range(rows))
        file = write(lowtide, f"{rows}.csv.gz", gzip.compress(text.encode(), 1))
        # By way of a small process: what is counted begins with what the parent held.
        done = subprocess.run([*job(MEASURE), binary(), "grid", "import", file, "--zone", "FR", "--signal", "average"],
                              env=lowtide.env, cwd=lowtide.folder, capture_output=True, text=True, check=True)
        return float(done.stdout) / 1024

    freed_is_held = any(name.endswith("SAN_OPTIONS") for name in os.environ)  # up to 256 MB, by the address sanitizer
    short, long = peak_mb(4_000), peak_mb(400_000)
    assert long - short < (300 if freed_is_held else 10), f"{short:.1f} MB, then {long:.1f} MB"
