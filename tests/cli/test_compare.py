"""`lowtide compare`: a run's energy in other zones and at other times, against figures computed here from the same series."""

import csv
import json
import math
import re
import sqlite3
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide, Terminal, job, rendered
from test_width import assert_fits, on_terminal

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "lowtide.compare-1.schema.json").read_text())
BUSY = job("import time\nend = time.time() + 0.3\nwhile time.time() < end: pass")
ZONE_KEYS = ["zone", "region", "signal", "year", "starts", "min_g", "q1_g", "median_g", "mean_g", "q3_g", "max_g",
             "best_begin", "now_g"]
Json = dict[str, Any]


@pytest.fixture
def ran(lowtide: Lowtide) -> Lowtide:
    """A ledger with one busy run in France."""
    assert lowtide("run", "--quiet", "--name", "busy", "--location", "FR", "--", *BUSY).returncode == 0
    return lowtide


def compare(lowtide: Lowtide, *args: str) -> Json:
    """The JSON of a comparison, which fits its schema."""
    done = lowtide("compare", "last", *args, "--json", "-")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    whole = json.loads(done.stdout)
    jsonschema.validate(whole, SCHEMA)
    assert [zone["zone"] for zone in whole["zones"]] == [more["zone"] for more in whole["details"]]
    return whole


def zone(whole: Json, key: str) -> Json:
    return next(z for z in whole["zones"] if (z["region"] or z["zone"]) == key)


def details(whole: Json, key: str) -> Json:
    return next(z for z in whole["details"] if (z["region"] or z["zone"]) == key)


def refused(lowtide: Lowtide, status: int, *args: str, run: str = "last") -> str:
    done = lowtide("compare", run, *args)
    assert (done.returncode, done.stdout) == (status, ""), done
    assert done.stderr.count("\n") == 1, "one line"
    return done.stderr


def write(path: Path, begin: str, values: list[float | None], step_min: int = 60) -> str:
    """A series of lowtide's own form; None is a gap."""
    at = datetime.fromisoformat(begin)
    rows = [f"{(at + timedelta(minutes=step_min * i)).isoformat()},{'' if v is None else v}" for i, v in enumerate(values)]
    path.write_text("\n".join(["time,g_per_kwh", *rows]) + "\n")
    return f"file:{path}"


def energy_kwh(lowtide: Lowtide) -> float:
    """What the run used while it ran; it is shorter than a slot, so that each start has one intensity."""
    slots = lowtide.report()["slots"]
    return sum(slot["energy_kwh"] or 0 for slot in slots if slot["state"] == "running")


# Figures ---------------------------------------------------------------------------------------------


def test_two_step_series_by_hand(ran: Lowtide) -> None:
    """Four hours of France and Germany: every figure is an intensity times the run's energy."""
    fr = write(ran.folder / "fr.csv", "2020-01-31T22:00:00+00:00", [100, 40, 300, 20])
    de = write(ran.folder / "de.csv", "2020-01-31T22:00:00+00:00", [500, 500, 500, 10])
    whole = compare(ran, "--intensity", fr, "--intensity", f"DE={de}", "--at", "2020-01-31T23:07:00Z")
    kwh = energy_kwh(ran)
    assert whole["run"]["it_kwh"] == pytest.approx(kwh) and whole["run"]["work_slots"] == 1
    expected = {
        # Sorted: 12 starts each of 20, 40, 100, 300; places 11.75, 23.5 and 35.25 of 0 .. 47.
        "FR": {"min_g": 20, "q1_g": 35, "median_g": 70, "mean_g": 115, "q3_g": 150, "max_g": 300, "now_g": 40},
        "DE": {"min_g": 10, "q1_g": 377.5, "median_g": 500, "mean_g": 377.5, "q3_g": 500, "max_g": 500, "now_g": 500},
    }
    assert [z["zone"] for z in whole["zones"]] == ["FR", "DE"]
    for key, figures in expected.items():
        found = zone(whole, key)
        assert list(found) == ZONE_KEYS
        assert (found["signal"], found["year"], found["starts"], found["region"]) == ("average", 2020, 48, None)
        for name, intensity in figures.items():
            assert found[name] == pytest.approx(kwh * intensity, rel=1e-9), (key, name)
        assert found["best_begin"] == "2020-02-01T01:00:00.000Z"
    assert whole["best_region"] | {"g": 0} == {"zone": "FR", "region": None, "begin": "2020-02-01T01:00:00.000Z", "g": 0}
    assert whole["best_region"]["g"] == pytest.approx(115 * kwh)
    assert whole["best_start"]["zone"] == "DE" and whole["best_start"]["g"] == pytest.approx(10 * kwh)
    months = details(whole, "FR")["by_month"]
    assert [(m["month"], m["starts"]) for m in months] == [(1, 24), (2, 24)]
    assert [m["mean_g"] for m in months] == pytest.approx([70 * kwh, 160 * kwh])
    hours = details(whole, "FR")["by_hour"]
    assert [(h["hour"], h["starts"]) for h in hours] == [(0, 12), (1, 12), (22, 12), (23, 12)]
    assert [h["mean_g"] for h in hours] == pytest.approx([300 * kwh, 20 * kwh, 100 * kwh, 40 * kwh])


def test_the_typical_year_of_every_zone_against_its_table(ran: Lowtide) -> None:
    """A whole year of the shipped table, read here."""
    whole = compare(ran, "--at", "2026-03-02T10:00:00Z")
    with (ROOT / "data" / "typical_odbl.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(whole["zones"]) == len({row["zone"] for row in rows}) == 124 and whole["left_out"] == []
    means = [z["mean_g"] for z in whole["zones"]]
    assert means == sorted(means)
    kwh = energy_kwh(ran)
    begin = datetime(2026, 3, 2, 10, tzinfo=UTC)
    for key in ("FR", "PL"):
        table = {(int(r["month"]), r["day"]): [float(r[f"h{h:02}"]) for h in range(24)] for r in rows if r["zone"] == key}
        hours = [begin + timedelta(hours=i) for i in range(365 * 24)]
        values = [table[at.month, "weekend" if at.isoweekday() > 5 else "weekday"][at.hour] for at in hours]
        found = zone(whole, key)
        assert found["starts"] == 105120 and found["year"] in (2022, 2023)
        assert found["now_g"] == pytest.approx(values[0] * kwh)
        assert found["min_g"] == pytest.approx(min(values) * kwh)
        assert found["mean_g"] == pytest.approx(statistics.fmean(values) * kwh)
        assert found["median_g"] == pytest.approx(statistics.median(values) * kwh)
        assert found["best_begin"].startswith(f"{hours[values.index(min(values))]:%Y-%m-%dT%H:00}")
        july = [v for v, at in zip(values, hours, strict=True) if at.month == 7]
        month = next(m for m in details(whole, key)["by_month"] if m["month"] == 7)
        assert month["mean_g"] == pytest.approx(statistics.fmean(july) * kwh)


def test_coming_days_rank_by_the_best_start_and_list_every_start(ran: Lowtide) -> None:
    whole = compare(ran, "--coming", "2d", "--zones", "DE", "--at", "2026-07-03T10:02:00Z")
    assert whole["ranked_by"] == "min_g" and {z["zone"] for z in whole["zones"]} == {"FR", "DE"}
    for key in ("FR", "DE"):
        starts = details(whole, key)["by_start_g"]
        found = zone(whole, key)
        assert len(starts) == found["starts"] == 576
        assert details(whole, key)["first_start"] == "2026-07-03T10:00:00.000Z"
        assert found["min_g"] == min(starts) and found["now_g"] == starts[0]
    year = compare(ran, "--year", "2024", "--zones", "FR")
    assert zone(year, "FR")["starts"] == 366 * 288


def test_pue_is_the_regions_own_and_the_runs_elsewhere(lowtide: Lowtide) -> None:
    assert lowtide("run", "--quiet", "--location", "FR", "--pue", "1.5", "--", *BUSY).returncode == 0
    whole = compare(lowtide, "--zones", "FR,DE,azure:francecentral", "--at", "2026-03-02T10:00:00Z")
    with (ROOT / "data" / "regions.csv").open(encoding="utf-8", newline="") as file:
        region = next(r for r in csv.DictReader(file) if (r["provider"], r["region"]) == ("azure", "francecentral"))
    assert details(whole, "azure:francecentral")["pue"] == float(region["pue"])
    assert details(whole, "azure:francecentral")["pue_source"] == region["pue_source"]
    assert details(whole, "DE")["pue"] == 1.5
    ratio = zone(whole, "azure:francecentral")["mean_g"] / zone(whole, "FR")["mean_g"]
    assert ratio == pytest.approx(float(region["pue"]) / 1.5)
    assert "each cloud region's own" in lowtide("compare", "last", "--zones", "azure:francecentral").stdout


# Longer runs, as a ledger holds them -----------------------------------------------------------------

RUN_BEGIN = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)


def make_long(lowtide: Lowtide, slots: int, paused: tuple[int, ...] = ()) -> None:
    """Makes the last run one over so many slots of UTC, the first of 3 minutes; slot i holds 1000 + 10 i J of the CPU."""
    edges = [RUN_BEGIN] + [RUN_BEGIN + timedelta(minutes=3 + 5 * i) for i in range(slots)]
    ns = [int(edge.timestamp()) * 10**9 for edge in edges]
    with sqlite3.connect(lowtide.home / "ledger.db") as ledger:
        for table in ("slot", "use", "sample", "intensity_piece"):
            ledger.execute(f"DELETE FROM {table}")
        ledger.execute("UPDATE run SET submitted_ns = ?, begin_ns = ?, end_ns = ?", (ns[0], ns[0], ns[-1]))
        ledger.executemany("INSERT INTO slot VALUES (1, ?, 0, ?, ?, ?, ?, 0, 'measured', NULL, NULL)",
                           [(ns[i], ns[i + 1], "paused" if i in paused else "running", 1000.0 + 10 * i, ns[i + 1] - ns[i])
                            for i in range(slots)])


def test_a_run_with_a_pause_is_laid_end_to_end(ran: Lowtide) -> None:
    """Its first slot is a whole one of the new start, and the pause is no part of it."""
    make_long(ran, 9, paused=(3, 4))
    series = write(ran.folder / "fr.csv", "2020-06-01T00:00:00+00:00", [100, 40, 300, 20, 250, 90], step_min=20)
    found = zone(compare(ran, "--zones", "FR", "--intensity", series), "FR")
    per_second = []  # g per second of the job's own time is its energy there times the intensity of that second
    for slot in ran.report()["slots"]:
        seconds = int((datetime.fromisoformat(slot["end"]) - datetime.fromisoformat(slot["begin"])).total_seconds())
        if slot["state"] == "running":
            per_second += [slot["energy_kwh"] / seconds] * seconds
    assert len(per_second) == 180 + 6 * 300
    work = [math.fsum(per_second[i:i + 300]) for i in range(0, len(per_second), 300)]
    intensity = [v for v in (100, 40, 300, 20, 250, 90) for _ in range(4)]
    starts = [math.fsum(w * c for w, c in zip(work, intensity[t:], strict=False)) for t in range(len(intensity) - len(work) + 1)]
    assert (len(work), found["starts"]) == (7, len(starts))
    assert found["min_g"] == pytest.approx(min(starts)) and found["max_g"] == pytest.approx(max(starts))
    assert found["mean_g"] == pytest.approx(statistics.fmean(starts)) and found["median_g"] == pytest.approx(statistics.median(starts))
    best = datetime(2020, 6, 1, tzinfo=UTC) + timedelta(minutes=5 * starts.index(min(starts)))
    assert found["best_begin"] == f"{best:%Y-%m-%dT%H:%M:%S}.000Z"
    assert "of pauses and waiting" in " ".join(ran("compare", "last").stdout.split())


def test_a_series_shorter_than_the_run_is_left_out_and_said(ran: Lowtide) -> None:
    make_long(ran, 30)
    short = write(ran.folder / "de.csv", "2020-06-01T00:00:00+00:00", [100, 40])
    whole = compare(ran, "--zones", "FR", "--intensity", f"DE={short}")
    assert whole["left_out"] == [{"zone": "DE", "region": None, "why": "its series is shorter than the run"}]
    said = ran("compare", "last", "--zones", "FR", "--intensity", f"DE={short}").stdout
    assert "Left out: 1, its series is shorter than the run (DE)." in said
    assert "shorter than the run" in refused(ran, 4, "--zones", "FR", "--intensity", short)


def test_a_job_of_sixty_days_says_how_far_it_is_and_can_be_interrupted(ran: Lowtide, terminal: Terminal) -> None:
    make_long(ran, 60 * 288)
    terminal.type("$LOWTIDE compare last\n")
    terminal.until(r"comparing: \d+ %")
    terminal.type("\x03")
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 130
    said = terminal.command("$LOWTIDE compare last --zones FR,DE")
    assert "17280 slots" in said
    assert "comparing" not in "\n".join(rendered(said))


# Choice of a region ----------------------------------------------------------------------------------


def test_legal_zones_leave_out_the_rest_and_count_it(ran: Lowtide) -> None:
    whole = compare(ran, "--provider", "azure", "--legal", "EU")
    with (ROOT / "data" / "legal_zones.csv").open(encoding="utf-8", newline="") as file:
        members = {row["country"] for row in csv.DictReader(file)}
    assert len(members) == 27
    assert {more["country"] for more in whole["details"]} <= members
    with (ROOT / "data" / "regions.csv").open(encoding="utf-8", newline="") as file:
        azure = [row for row in csv.DictReader(file) if row["provider"] == "azure"]
    assert len(whole["zones"]) + len(whole["left_out"]) == len(azure) + 1, "and France, where the run was"
    assert {out["why"] for out in whole["left_out"]} == {"not in a legal country", "no typical year"}
    only = compare(ran, "--zones", "DE,PL,SE-SE1", "--legal", "de,pl")
    assert {z["zone"] for z in only["zones"]} == {"DE", "PL", "FR"}
    assert [more["zone"] for more in only["details"] if not more["eligible"]] == ["FR"]
    assert only["best_region"]["zone"] == "DE", "France is there to compare with and may not take the job"


def test_a_sku_file_says_where_and_for_how_much(ran: Lowtide) -> None:
    offers = ran.folder / "offers.csv"
    offers.write_text("region,sku,price\nwestus2,V100,3.06\nswedencentral,A100,4\nazure:NorwayEast,v100,\neastus,V100,2.5\n")
    whole = compare(ran, "--provider", "azure", "--sku", "V100", "--sku-file", str(offers))
    assert {z["region"] for z in whole["zones"]} == {"azure:westus2", "azure:norwayeast", "azure:eastus", None}
    assert details(whole, "azure:westus2")["price"] == 3.06 and details(whole, "azure:norwayeast")["price"] is None
    assert whole["best_region"]["region"] == "azure:norwayeast"
    said = ran("compare", "last", "--provider", "azure", "--sku", "V100", "--sku-file", str(offers)).stdout
    said = " ".join(said.split())
    assert "price" in said and "3.06" in said and "it does not decide" in said
    for text, where in (("", "offers.csv:1"), ("region,sku\n", "offers.csv:2"), ("region,cost\nwestus2,1\n", "offers.csv:1"),
                        ("region,sku,price\nwestus2,V100,cheap\n", "offers.csv:2, field price"),
                        ("region,sku\nwestus2,V100,3\n", "offers.csv:2"), ("region,sku\n,V100\n", "offers.csv")):
        offers.write_text(text)
        assert where in refused(ran, 3, "--provider", "azure", "--sku", "V100", "--sku-file", str(offers))
    offers.write_text("region,sku\nwestus2,A100\n")
    assert "it has A100" in refused(ran, 2, "--provider", "azure", "--sku", "V100", "--sku-file", str(offers))
    offers.write_text("region,sku\nmars,V100\n")
    assert "no region is left" in refused(ran, 6, "--provider", "azure", "--sku", "V100", "--sku-file", str(offers))
    assert "none.csv" in refused(ran, 4, "--sku", "V100", "--sku-file", "none.csv")


def test_moving_the_data_is_added_where_the_run_was_not(ran: Lowtide) -> None:
    flags = ("--zones", "FR,SE-SE1", "--at", "2026-03-02T10:00:00Z")
    before, after = compare(ran, *flags), compare(ran, *flags, "--transfer", "2TB", "--transfer-intensity", "0.01 kWh/GB")
    assert after["transfer_kwh"] == pytest.approx(20)
    kwh = energy_kwh(ran)
    grids = [zone(before, key)["mean_g"] / kwh for key in ("FR", "SE-SE1")]
    moved = details(after, "SE-SE1")["transfer_g"]
    assert moved == pytest.approx(20 * sum(grids) / 2, rel=1e-6)
    for name in ("min_g", "median_g", "mean_g", "max_g", "now_g"):
        assert zone(after, "SE-SE1")[name] == pytest.approx(zone(before, "SE-SE1")[name] + moved)
        assert zone(after, "FR")[name] == zone(before, "FR")[name]
    assert before["best_region"]["zone"] == "SE-SE1" and after["best_region"]["zone"] == "FR"
    said = ran("compare", "last", *flags, "--transfer", "2TB").stdout
    assert "2000 GB x 0.06 kWh/GB (Aslan et al. 2018" in said


# What is said ----------------------------------------------------------------------------------------


def test_an_average_signal_attributes_and_a_marginal_one_is_of_one_more_job(ran: Lowtide) -> None:
    said = ran("compare", "last").stdout
    assert "less attributed than FR" in said and "saved" not in said and "avoided" not in said
    assert "not a forecast" in said and "ODbL 1.0" in said and "PUE not included" in said
    assert "moving the data (--transfer 200GB)" in said and "its error moves every figure alike" in said
    series = write(ran.folder / "m.csv", "2020-01-01T00:00:00+00:00", [100, 50])
    said = ran("compare", "last", "--signal", "marginal", "--intensity", series, "--intensity", f"DE={series}").stdout
    assert "price-taker" in said and "marginal, scope not said" in said and "attributed" not in said
    assert "no marginal series" in refused(ran, 4, "--signal", "marginal")
    some = compare(ran, "--signal", "marginal", "--zones", "DE", "--intensity", f"PL={series}")
    assert [z["zone"] for z in some["zones"]] == ["PL"]
    assert {(out["zone"], out["why"]) for out in some["left_out"]} == {(z, "no marginal series") for z in ("DE", "FR")}


def test_unlike_series_are_never_compared_unsaid(ran: Lowtide) -> None:
    write(ran.folder / "de.csv", "2020-01-01T00:00:00+00:00", [100] * 24)
    whole = compare(ran, "--intensity", "DE=file:de.csv")
    assert details(whole, "DE")["unlike"] and not details(whole, "FR")["unlike"]
    said = " ".join(ran("compare", "last", "--intensity", "DE=file:de.csv").stdout.split())
    assert "DE*" in said and "another kind of series (average, scope not said, CO2e)" in said
    assert "Series: DE of file de.csv." in said


def test_a_zone_of_one_value_has_no_better_start(ran: Lowtide) -> None:
    said = " ".join(ran("compare", "last", "--zones", "AE", "--intensity", "AE=1g/kWh").stdout.split())
    assert "AE*~" in said and "No start in AE is better than another" in said
    assert details(compare(ran, "--zones", "AE"), "AE")["source"] == "annual"


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("flags", [(), ("--coming", "2d"), ("--provider", "azure", "--all")], ids=["year", "days", "regions"])
def test_it_fits_the_terminal(ran: Lowtide, columns: int, flags: tuple[str, ...]) -> None:
    said = on_terminal(ran, columns, "compare", "last", *flags)
    said = re.sub(r"^(\r\x1b\[Kcomparing: \d+ %)+\r\x1b\[K", "", said)  # on a slow machine: drawn, and taken away
    lines = assert_fits(said, columns)
    if columns >= 80:
        assert sum("to own" in line for line in lines) == 1 and any("now" in line for line in lines)
        if not flags:
            assert any("q1" in line and "median" in line and "q3" in line for line in lines), "Figure 2"
            assert len(lines) < 60 and any("more: --all" in line for line in lines)
            assert any("Jan" in line for line in lines) and any("0:00" in line for line in lines)


def test_a_place_that_nobody_named_is_said(lowtide: Lowtide) -> None:
    lowtide.env["TZ"] = "UTC"
    assert lowtide("run", "--quiet", "--", *BUSY).returncode == 0
    said = lowtide("compare", "last").stdout
    assert "Where the run was: place not known." in said and re.search(r"^ *\d+  world~ .*own$", said, re.M)
    lowtide.env["TZ"] = "Europe/Paris"
    assert lowtide("run", "--quiet", "--", *BUSY).returncode == 0
    assert "place assumed from time zone Europe/Paris" in lowtide("compare", "last").stdout


def test_all_lists_all(ran: Lowtide) -> None:
    said = ran("compare", "last", "--all").stdout
    assert "more: --all" not in said
    assert len(re.findall(r"^ *\d+  \S+  ", said, re.M)) == 124


# Bad input -------------------------------------------------------------------------------------------


def test_a_sentence_about_much_more_than_the_run_has_a_unit_of_its_own(ran: Lowtide) -> None:
    said = ran("compare", "last", "--zones", "SE-SE1,PL", "--legal", "EU", "--transfer", "200GB").stdout
    assert not re.search(r"e\+\d", "".join(line for line in said.splitlines() if line.startswith("Best"))), said


def test_flags_that_mean_nothing_are_refused(ran: Lowtide) -> None:
    for flags, word in ((("--zones", "US-CAL-CISOO"), "US-CAL-CISO"), (("--provider", "ibm"), "aws, azure, gcp"),
                        (("--legal", "EU,Mars"), "'Mars'"), (("--legal", ""), "EU or FR,DE"),
                        (("--coming", "soon"), "write 2d"), (("--coming", "1s"), "5m to 365d"),
                        (("--at", "noon"), "--at"), (("--transfer", "much"), "200GB"), (("--sku", "V100"), "--sku-file"),
                        (("--transfer", "1GB", "--transfer-intensity", "-1"), "0.06kWh/GB"), (("--signal", "loud"), "average, marginal"),
                        (("--zones", "FR", "--provider", "aws"), "excludes"), (("--year", "2020", "--coming", "2d"), "excludes"),
                        (("--intensity", "DE=475"), "475g/kWh"), (("--intensity", "Mars=475g/kWh"), "Mars"),
                        (("--intensity", "DE=1g/kWh", "--intensity", "DE=2g/kWh"), "two series")):
        said = refused(ran, 3 if flags[1] == "DE=475" else 2, *flags)
        assert word in said, (flags, said)
    assert "none.csv" in refused(ran, 4, "--intensity", "DE=file:none.csv")
    assert refused(ran, 2, run="no-such-run")


def test_a_run_without_energy_has_nothing_to_compare(ran: Lowtide) -> None:
    with sqlite3.connect(ran.home / "ledger.db") as ledger:  # as of a machine on which no sensor answered
        ledger.execute("DELETE FROM slot")
    assert "its energy is not known" in refused(ran, 4)


def test_series_with_gaps_and_series_without_a_start(ran: Lowtide) -> None:
    holes = write(ran.folder / "holes.csv", "2020-01-01T00:00:00+00:00", [100, None, 300])
    whole = compare(ran, "--zones", "FR", "--intensity", holes)
    assert zone(whole, "FR")["starts"] == 24 and zone(whole, "FR")["mean_g"] == pytest.approx(200 * energy_kwh(ran))
    assert details(whole, "FR")["offered"] == 36
    said = " ".join(ran("compare", "last", "--zones", "FR", "--intensity", holes).stdout.split())
    assert "Starts that touch a gap of the series have no result: left are 24 of 36 in FR." in said
    short = write(ran.folder / "short.csv", "2020-01-01T00:01:00+00:00", [100, 100], step_min=1)
    whole = compare(ran, "--zones", "FR", "--intensity", f"DE={short}")
    assert whole["left_out"] == [{"zone": "DE", "region": None, "why": "its series has no start without a gap"}]
    other = compare(ran, "--zones", "FR", "--intensity", f"DE={holes}", "--coming", "2d")
    assert other["left_out"][0]["zone"] == "DE", "it ends long before the coming days"
    assert "no start without a gap" in refused(ran, 4, "--zones", "FR", "--intensity", short)


def test_ten_years_of_five_minutes(ran: Lowtide) -> None:
    """A series of a million rows is laid over whole."""
    count = 10 * 365 * 288
    values = [round(200 + 100 * math.sin(i / 1000), 2) for i in range(count)]
    series = write(ran.folder / "long.csv", "2011-01-01T00:00:00+00:00", values, step_min=5)
    found = zone(compare(ran, "--zones", "FR", "--intensity", series), "FR")
    assert (found["starts"], found["year"]) == (count, None)
    assert found["mean_g"] == pytest.approx(statistics.fmean(values) * energy_kwh(ran), rel=1e-9)
    one = zone(compare(ran, "--zones", "FR", "--intensity", series, "--year", "2012"), "FR")
    assert (one["starts"], one["year"]) == (366 * 288, 2012)


def test_json_goes_to_a_file_and_text_to_the_terminal(ran: Lowtide) -> None:
    done = ran("compare", "last", "--zones", "DE", "--json", "out.json")
    assert done.returncode == 0 and "Best place: FR" in done.stdout
    jsonschema.validate(json.loads((ran.folder / "out.json").read_text()), SCHEMA)
    assert ran("compare", "last", "--json", "/proc/none/out.json").returncode == 4


def test_the_schema_requires_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]["zones"]["items"]["properties"]) == ZONE_KEYS
