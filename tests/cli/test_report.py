"""What a run leaves: the ledger, its listings, and the JSON of contract section 5."""

import csv
import json
import math
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide, binary, flat, job, wait_for

ROOT = Path(__file__).resolve().parents[2]
BUSY = job("import time\nend = time.time() + 1.5\nwhile time.time() < end: pass")

KEYS = {
    "": {"schema", "run", "energy", "intensity", "carbon", "sci", "errors", "slots", "complete", "equivalents", "events",
         "provenance"},
    "run": {"id", "name", "project", "parent", "command", "host", "state", "exit_status", "submitted", "begin", "end",
            "duration_s", "active_s", "paused_s", "waiting_s", "lives"},
    "energy": {"boundary", "total_kwh", "it_kwh", "pue", "pue_source", "active_kwh", "paused_kwh", "waiting_kwh",
               "idle_charged_kwh", "idle_not_charged_kwh", "modelled_share", "by_channel"},
    "energy.by_channel": {"channel", "kind", "name", "uuid", "source", "in_total", "device_kwh", "job_kwh", "kwh",
                          "quality", "coverage", "low_kwh", "high_kwh"},
    "intensity": {"zone", "asked", "resolved_by", "signal", "scope", "gas", "source", "model", "step_s", "mean_g_per_kwh",
                  "energy_weighted_g_per_kwh", "coverage", "fallback", "provisional", "series_sha256"},
    "carbon": {"signal", "gas", "operational_g", "embodied_g", "total_g", "low_g", "high_g", "other_signal_g", "assumed"},
    "sci": {"value", "unit", "r", "r_count", "e_kwh", "i_g_per_kwh", "m_g", "boundary", "methodology", "note"},
    "errors": {"origin", "kind", "low_pct", "high_pct", "reference"},
    "slots": {"begin", "end", "energy_kwh", "intensity_g_per_kwh", "carbon_g", "state", "quality", "source"},
    "provenance": {"lowtide_version", "methodology", "sources"},
}


def part(report: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """The objects at a path: lists are opened."""
    found: list[Any] = [report]
    for name in filter(None, path.split(".")):
        found = [item for one in found for item in (one[name] if isinstance(one[name], list) else [one[name]])]
    return found


def close(a: float, b: float) -> bool:
    """Equal up to what summing in another order does."""
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15)


@pytest.mark.parametrize("path", KEYS)
def test_every_promised_key_is_there(lowtide: Lowtide, path: str) -> None:
    assert lowtide.run("--", *BUSY).returncode == 0
    report = lowtide.report()
    assert report["schema"] == "lowtide.report/1"
    found = part(report, path)
    assert found, f"{path} is empty"
    for item in found:
        assert item.keys() >= KEYS[path], f"{path} lacks {KEYS[path] - item.keys()}"


def test_samples_come_when_asked_for(lowtide: Lowtide) -> None:
    lowtide.run("--interval", "100ms", "--", *BUSY)
    assert "samples" not in lowtide.report()
    report = lowtide.report("last", "--samples")
    assert report["samples"]
    channels = {c["channel"]: c for c in report["energy"]["by_channel"]}
    for name, channel in channels.items():
        mine = [s for s in report["samples"] if s["channel"] == name]
        assert mine
        for sample in mine:
            assert {"begin", "end", "energy_j", "min_w", "mean_w", "max_w"} <= sample.keys()
            assert sample["min_w"] <= sample["mean_w"] * (1 + 1e-9) <= sample["max_w"] * (1 + 2e-9)
        total = sum(s["energy_j"] for s in mine) / 3.6e6
        assert math.isclose(total, channel["device_kwh"], rel_tol=1e-6), "buckets conserve energy"


def test_the_parts_sum_to_the_whole(lowtide: Lowtide) -> None:
    lowtide.run("--pue", "1.25", "--", *BUSY)
    report = lowtide.report()
    energy, carbon, sci = report["energy"], report["carbon"], report["sci"]
    assert energy["total_kwh"] > 0
    assert close(energy["it_kwh"], sum(c["kwh"] for c in energy["by_channel"] if c["in_total"]))
    assert close(energy["it_kwh"], energy["active_kwh"] + energy["paused_kwh"] + energy["waiting_kwh"]
                 + energy["idle_charged_kwh"])
    assert close(energy["total_kwh"], energy["it_kwh"] * 1.25)
    assert energy["pue"] == 1.25
    assert close(energy["total_kwh"], sci["e_kwh"])
    assert close(sum(s["energy_kwh"] for s in report["slots"]), energy["it_kwh"])
    assert close(sum(s["carbon_g"] for s in report["slots"]), carbon["operational_g"])
    for slot in report["slots"]:
        assert close(slot["carbon_g"], slot["energy_kwh"] * 1.25 * slot["intensity_g_per_kwh"])
    assert close(carbon["operational_g"], energy["total_kwh"] * 400)
    assert close(carbon["total_g"], carbon["operational_g"] + carbon["embodied_g"])
    assert close(sci["value"] * sci["r_count"], carbon["total_g"])


def test_modelled_energy_is_called_so_and_bounded(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    energy = lowtide.report()["energy"]
    for channel in energy["by_channel"]:
        if channel["source"] == "model":
            assert channel["quality"] == "modelled"
            assert channel["low_kwh"] <= 0.5 * channel["kwh"] * (1 + 1e-9)
            assert channel["high_kwh"] >= 1.5 * channel["kwh"] * (1 - 1e-9)
    modelled = sum(c["kwh"] for c in energy["by_channel"] if c["source"] == "model" and c["in_total"])
    assert close(energy["modelled_share"], modelled / energy["it_kwh"])


def test_slots_are_cut_at_five_minutes_and_cover_the_run(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    report = lowtide.report()
    slots = report["slots"]
    times = [(datetime.fromisoformat(s["begin"]), datetime.fromisoformat(s["end"])) for s in slots]
    assert slots[0]["begin"] == report["run"]["begin"]
    assert slots[-1]["end"] == report["run"]["end"]
    slot, epoch = timedelta(minutes=5), datetime(1970, 1, 1, tzinfo=UTC)
    for begin, end in times:
        assert begin < end
        assert (begin - epoch) // slot == (end - epoch - timedelta(microseconds=1)) // slot
    assert all(before[1] == after[0] for before, after in zip(times, times[1:], strict=False))
    assert abs((datetime.now(UTC) - times[-1][1]).total_seconds()) < 3600, "times are UTC"


def test_an_unknown_intensity_error_makes_the_bounds_null_with_the_reason(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)  # nobody knows how good 400g/kWh is
    report = lowtide.report()
    assert (report["carbon"]["low_g"], report["carbon"]["high_g"]) == (None, None)
    assert any(error["kind"] == "intensity" and error["low_pct"] is None for error in report["errors"])


def test_a_series_is_joined_over_time(lowtide: Lowtide) -> None:
    rows = "".join(f"{y}-01-01T00:00:00Z,{v}\n" for y, v in ((2020, 100), (2030, 300)))
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n" + rows)
    assert lowtide("run", "--intensity", "file:grid.csv", "--", *BUSY).returncode == 0
    intensity = lowtide.report()["intensity"][0]
    assert (intensity["source"], intensity["coverage"]) == ("file", 1)
    assert close(intensity["mean_g_per_kwh"], 100)
    assert re.fullmatch(r"[0-9a-f]{64}", intensity["series_sha256"])


def test_typical_is_the_default_and_names_itself(lowtide: Lowtide) -> None:
    lowtide("run", "--location", "FR", "--", "true")
    intensity = lowtide.report()["intensity"][0]
    assert (intensity["zone"], intensity["asked"], intensity["signal"]) == ("FR", "FR", "average")
    assert (intensity["source"], intensity["scope"], intensity["gas"]) == ("typical", "lifecycle", "co2e")
    assert 5 < intensity["mean_g_per_kwh"] < 300  # France: nuclear


@pytest.mark.parametrize(("zone", "said"), [
    ("FR", "assumed: pooled over 12 zones with a like swing, 95 % of their hours of 2021, 2022 and 2024, held out"),
    ("NO", "95 % of the hours of 2021 and 2022, held out, in this zone")])
def test_the_bounds_of_a_typical_year_are_its_error_in_other_years(lowtide: Lowtide, zone: str, said: str) -> None:
    with (ROOT / "data" / "typical_odbl_error.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["zone"] == zone)
    lowtide("run", "--location", zone, "--", *BUSY)
    error = next(one for one in lowtide.report()["errors"] if one["origin"] == "intensity")
    assert (error["low_pct"], error["high_pct"]) == (pytest.approx(-float(row["low95_pct"])),
                                                     pytest.approx(float(row["high95_pct"])))
    assert error["reference"] == said


def test_a_cloud_region_brings_its_zone_and_pue(lowtide: Lowtide) -> None:
    lowtide("run", "--location", "azure:westus2", "--", *BUSY)
    report = lowtide.report()
    assert report["intensity"][0]["zone"].startswith("US-NW")
    assert 1.0 < report["energy"]["pue"] < 2.0
    assert report["energy"]["pue_source"]


def test_a_place_on_the_map_gives_its_country(lowtide: Lowtide) -> None:
    lowtide("run", "--location", "48.85,2.35", "--", "true")
    assert lowtide.report()["intensity"][0]["zone"] == "FR"


def test_without_a_pue_the_boundary_says_so(lowtide: Lowtide) -> None:
    done = lowtide.run("--", *BUSY)
    assert "PUE not included" in flat(done.stderr)
    energy = lowtide.report()["energy"]
    assert close(energy["total_kwh"], energy["it_kwh"])


# SCI ---------------------------------------------------------------------------------------------


def test_sci_per_hour_divides_by_active_hours(lowtide: Lowtide) -> None:
    lowtide.run("--per", "hour", "--embodied", "0", "--", *BUSY)
    report = lowtide.report()
    assert report["sci"]["unit"] == "gCO2e/hour"
    assert close(report["sci"]["r_count"], report["run"]["active_s"] / 3600)
    assert close(report["sci"]["value"], report["carbon"]["total_g"] / report["sci"]["r_count"])


def test_sci_per_gpu_hour_without_a_gpu_is_null_with_the_reason(lowtide: Lowtide) -> None:
    lowtide.env["CUDA_VISIBLE_DEVICES"] = ""
    done = lowtide.run("--per", "gpu-hour", "--", *BUSY)
    sci = lowtide.report()["sci"]
    assert sci["value"] is None
    assert "GPU" in sci["note"]
    assert "GPU" in next(line for line in done.stderr.splitlines() if "SCI" in line)


def test_sci_per_count_takes_the_flag(lowtide: Lowtide) -> None:
    lowtide.run("--per", "1000 samples", "--count", "samples=60000", "--", *BUSY)
    report = lowtide.report()
    assert (report["sci"]["r"], report["sci"]["r_count"]) == ("1000 samples", 60)
    assert close(report["sci"]["value"], report["carbon"]["total_g"] / 60)


def test_sci_per_count_takes_lines_of_the_job(lowtide: Lowtide) -> None:
    count = "for n in 100 200 700; do echo samples=$n >> $LOWTIDE_COUNTS; done; echo nonsense >> $LOWTIDE_COUNTS"
    assert lowtide.run("--per", "1000 samples", "--", "sh", "-c", count).returncode == 0
    report = lowtide.report()
    assert report["sci"]["r_count"] == 1
    ignored = [event["detail"] for event in report["events"] if event["kind"] == "counts-ignored"]
    assert len(ignored) == 1
    assert ignored[0].startswith("1 lines") and ignored[0].endswith("'nonsense'")


def test_sci_per_count_without_a_count_is_null_with_the_reason(lowtide: Lowtide) -> None:
    lowtide.run("--per", "1000 samples", "--", *BUSY)
    sci = lowtide.report()["sci"]
    assert (sci["value"], sci["r_count"]) == (None, None)
    assert "samples" in sci["note"]


def test_without_embodied_carbon_the_label_is_operational(lowtide: Lowtide) -> None:
    done = lowtide.run("--embodied", "none", "--", *BUSY)
    assert "operational carbon per run" in flat(done.stderr)
    report = lowtide.report()
    assert report["sci"]["m_g"] in (None, 0)
    assert close(report["sci"]["value"], report["carbon"]["operational_g"])


# Listings ----------------------------------------------------------------------------------------


def test_runs_lists_the_newest_last_with_what_the_contract_names(lowtide: Lowtide) -> None:
    for name in ("one", "two"):
        lowtide.run("--name", name, "--project", "p1" if name == "one" else "p2", "--tag", f"k={name}", "--", "true")
    lowtide.run("--name", "three", "--", "false")
    assert [run["name"] for run in lowtide.runs()] == ["one", "two", "three"]
    assert [run["state"] for run in lowtide.runs()] == ["finished", "finished", "failed"]
    text = lowtide("runs").stdout
    assert all(word in text for word in ("one", "two", "three", "failed", "finished"))
    assert "one" in lowtide("runs", "--project", "p1").stdout
    assert "two" not in lowtide("runs", "--project", "p1").stdout
    assert "two" in lowtide("runs", "--tag", "k=two").stdout
    assert "one" not in lowtide("runs", "--tag", "k=two").stdout
    assert "one" in lowtide("runs", "--since", "1h").stdout


def test_an_empty_ledger_lists_nothing(lowtide: Lowtide) -> None:
    done = lowtide("runs")
    assert done.returncode == 0
    assert lowtide.runs() == []


def test_a_run_is_found_by_id_prefix_name_and_last(lowtide: Lowtide) -> None:
    for _ in range(2):
        lowtide.run("--name", "twice", "--", "true")
    oldest, newest = (run["id"] for run in lowtide.runs())
    length = next(n for n in range(1, len(oldest) + 1) if not newest.startswith(oldest[:n]))
    assert lowtide.report(oldest)["run"]["id"] == oldest
    assert lowtide.report(oldest[:length])["run"]["id"] == oldest
    assert lowtide.report("last")["run"]["id"] == newest
    named = lowtide("report", "twice", "--format", "json")
    assert json.loads(named.stdout)["run"]["id"] == newest
    assert "2" in named.stderr and "twice" in named.stderr, "several: the newest, and said so"


def test_show_draws_and_says_where_it_comes_from(lowtide: Lowtide) -> None:
    lowtide.run("--name", "drawn", "--interval", "100ms", "--", *BUSY)
    done = lowtide("show", "last")
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("drawn", "g/kWh", "W", "400"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout, "no colours into a pipe"
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_report_text_names_boundary_signal_coverage_and_model(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    text = lowtide("report", "last").stdout
    assert lowtide("report", "last", "--format", "text").stdout == text
    for word in ("boundary", "average", "coverage", "SCI", "400"):
        assert word.lower() in text.lower()


def test_several_runs_sum_up(lowtide: Lowtide) -> None:
    for status in ("0", "1"):
        lowtide.run("--", *job(f"import time, sys\nend = time.time() + 0.5\nwhile time.time() < end: pass\nsys.exit({status})"))
    ids = [run["id"] for run in lowtide.runs()]
    done = lowtide("report", *ids, "--format", "json")
    assert done.returncode == 0
    reports = json.loads(done.stdout)
    assert reports["schema"] == "lowtide.reports/1"
    assert [r["run"]["id"] for r in reports["runs"]] == ids
    assert close(reports["sum"]["energy"]["total_kwh"], sum(r["energy"]["total_kwh"] for r in reports["runs"]))


def test_several_at_once_share_one_ledger(lowtide: Lowtide) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: lowtide.run("--name", f"run{n}", "--", "sh", "-c", f"sleep 0.5; exit {n}"), range(8)))
    assert [d.returncode for d in done] == list(range(8))
    assert not any("warning" in d.stderr for d in done)
    runs = lowtide.runs()
    assert sorted(run["name"] for run in runs) == [f"run{n}" for n in range(8)]
    assert len({run["id"] for run in runs}) == 8
    for n in range(8):
        report = lowtide.report(f"run{n}")
        assert (report["run"]["exit_status"], len(report["slots"]) >= 1) == (n, True)


def test_a_run_inside_a_run_names_its_parent(lowtide: Lowtide) -> None:
    inner = '"$1" run --name inner --intensity 400g/kWh -- true; echo $LOWTIDE_RUN_ID > outer-id'
    lowtide.run("--name", "outer", "--", "sh", "-c", inner, "sh", binary())
    outer = (lowtide.folder / "outer-id").read_text().strip()
    assert lowtide.report("outer")["run"]["id"] == outer
    assert lowtide.report("outer")["run"]["parent"] is None
    assert lowtide.report("inner")["run"]["parent"] == outer


def test_a_running_run_is_listed_as_running(lowtide: Lowtide) -> None:
    process = lowtide.start_run("--name", "now", "--", *job("import os, time\nwhile not os.path.exists('end'): time.sleep(0.02)"))
    try:
        wait_for(lambda: lowtide.home.exists() and [r for r in lowtide.runs() if r["state"] == "running"], "a running run")
        report = lowtide.report("now")
        assert (report["run"]["state"], report["run"]["end"], report["run"]["exit_status"]) == ("running", None, None)
    finally:
        (lowtide.folder / "end").touch()
        process.wait()
    assert lowtide.report("now")["run"]["state"] == "finished"


def test_json_goes_to_the_file_named(lowtide: Lowtide) -> None:
    assert lowtide.run("--json", "out.json", "--", *BUSY).returncode == 0
    written = json.loads((lowtide.folder / "out.json").read_text())
    assert written == lowtide.report()


def test_a_json_file_that_cannot_be_written_is_a_warning(lowtide: Lowtide) -> None:
    done = lowtide.run("--json", "/proc/no/out.json", "--", "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert "/proc/no/out.json" in done.stderr


def test_a_report_into_a_closed_pipe_is_no_crash(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    done = subprocess.run(["bash", "-c", f"'{binary()}' report last --format json | true; echo ${{PIPESTATUS[0]}}"],
                          env=lowtide.env, capture_output=True, text=True, timeout=60, check=False)
    assert int(done.stdout) in (0, 141)
    assert done.stderr == ""
