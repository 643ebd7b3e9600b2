"""`lowtide plan`: figures that can be checked by hand, a brute force in Python, and the times of the plan."""

import csv
import itertools
import json
import os
import random
import shlex
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide, job
from plan_cases import AT, BUSY, HAND, JOB, SCHEMA, minutes, plan, policy, series

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


# By hand -----------------------------------------------------------------------------------------

def test_the_plans_of_a_short_series_are_as_by_hand(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    said = plan(lowtide, *JOB, "--pausable")
    assert (said["work_slots"], said["slack_slots"], said["slot_s"]) == (2, 6, 300)
    assert said["window"] == {"begin": "2021-03-01T10:00:00.000Z", "end": "2021-03-01T10:40:00.000Z"}
    assert said["charges"]["resume_kwh"] == pytest.approx(0.1)
    assert said["charges"]["resume_assumed"] is True
    figures = {one["policy"]: (one["job_g"], one["charge_g"], one["resumes"]) for one in said["policies"]}
    assert figures == {"now": (pytest.approx(20), 0, 0),
                       "flexible_start": (pytest.approx(11), 0, 0),
                       "lowest_slots": (pytest.approx(2), pytest.approx(1), 1),
                       "threshold": (None, None, None),  # nothing is known of the time before
                       "exact": (pytest.approx(2), pytest.approx(1), 1)}
    assert "before" in policy(said, "threshold")["why_not"]
    assert said["best"] == "lowest_slots", "the simpler of two that cost the same"
    exact = policy(said, "exact")
    assert exact["cost_g"] == pytest.approx(3)
    assert exact["saving_vs_now_pct"] == pytest.approx(85)
    assert exact["saving_vs_flexible_start_pct"] == pytest.approx(100 * (1 - 3 / 11))
    assert minutes(said, exact["runs"]) == [(10, 15), (20, 25)]
    assert minutes(said, policy(said, "flexible_start")["runs"]) == [(5, 15)], "the earliest of two"
    assert (exact["begin"], exact["end"]) == ("2021-03-01T10:10:00.000Z", "2021-03-01T10:25:00.000Z")
    assert 2 <= said["bound_g"] <= 3 + 1e-9
    assert said["break_even_resume_kwh"] == pytest.approx(0.9), "2 g + 10 g/kWh x 0.9 kWh are flexible start's 11 g"
    assert said["verdict"]["kind"] == "shift"
    assert said["command_today"] is None, "the plan is as of another time"


def test_a_job_that_may_not_be_paused_starts_at_the_best_time(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    said = plan(lowtide, *JOB)
    assert said["best"] == "flexible_start" and said["pausable"] is False
    assert "--start-within 30m" in said["command"]
    assert policy(said, "exact")["cost_g"] == pytest.approx(3), "what pausing would bring is told all the same"


def test_carbon_includes_the_pue_once_and_energy_never(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    bare, with_pue = (plan(lowtide, *JOB, "--pausable", *more) for more in ((), ("--pue", "1.5")))
    assert (bare["pue"], with_pue["pue"], with_pue["pue_source"]) == (None, 1.5, "--pue")
    for one, other in zip(bare["policies"], with_pue["policies"], strict=True):
        if one["cost_g"] is not None:
            assert other["cost_g"] == pytest.approx(1.5 * one["cost_g"])
    assert with_pue["bound_g"] == pytest.approx(1.5 * bare["bound_g"])
    for key in ("break_even_resume_kwh", "job", "charges"):
        assert with_pue[key] == bare[key]


def test_the_ends_of_runs_are_those_of_the_work(lowtide: Lowtide) -> None:
    """8 minutes from 10:02 on: the second slot is filled to 3 minutes of 5."""
    series(lowtide, HAND)
    said = plan(lowtide, "--duration", "8m", "--power", "1200W", "--within", "30m", "--pausable", "--at",
                "2021-03-01T10:02:00Z")
    assert policy(said, "now")["cost_g"] == pytest.approx(10 + 6)
    assert minutes(said, policy(said, "now")["runs"]) == [(2, 10)]
    assert minutes(said, policy(said, "exact")["runs"]) == [(10, 15), (20, 23)]
    assert policy(said, "exact")["cost_g"] == pytest.approx(1 + 0.6 + 1)
    series(lowtide, [10, 100, 100, 10, 100, 100, 100, 100])
    said = plan(lowtide, "--duration", "8m", "--power", "1200W", "--within", "30m", "--pausable", "--at",
                "2021-03-01T10:02:00Z")
    runs = minutes(said, policy(said, "exact")["runs"])
    assert runs == [(2, 5), (15, 20)], "what was missed of slot 0 is worked at the end"
    assert sum(end - begin for begin, end in runs) == 8


@pytest.mark.parametrize("window", [("--within", "30m"), ("--within", "33m"), ("--finish-within", "4x"),
                                    ("--finish-within", "40m"), ("--within", "300%")])
def test_windows_are_slack_or_a_deadline_in_whole_slots(lowtide: Lowtide, window: tuple[str, str]) -> None:
    series(lowtide, HAND)
    said = plan(lowtide, "--duration", "10m", "--power", "1200W", *window)
    assert said["slack_slots"] == 6
    assert said["window"]["end"] == "2021-03-01T10:40:00.000Z"


def test_slack_that_is_no_slot_leaves_only_now_and_says_so(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    said = plan(lowtide, "--duration", "10m", "--power", "1200W", "--finish-within", "14m")
    assert said["slack_slots"] == 0 and said["best"] == "now"
    assert any("less than a slot" in note for note in said["notes"])


def test_a_held_machine_pays_for_waiting(lowtide: Lowtide) -> None:
    """600 W of idle are 0.05 kWh a slot, 12 g/h are 1 g a slot, 12 an hour are 1 a slot."""
    series(lowtide, HAND)
    held = ("--pausable", "--machine", "held", "--idle-power", "600W", "--hold-g", "12g/h", "--price", "$12/h")
    said = plan(lowtide, *JOB, *held)
    start = policy(said, "flexible_start")
    assert (start["cost_g"], start["charge_g"]) == (pytest.approx(17), pytest.approx(6)), "one slot is waited"
    assert said["best"] == "flexible_start"
    assert start["cost_money"] == pytest.approx(1)
    assert start["cost_per_tonne"] == pytest.approx(1 / 3e-6)
    assert said["verdict"]["kind"] == "too-dear"
    assert "do not hold" in said["verdict"]["text"] and "$333,333 a tonne" in said["verdict"]["text"]
    released = plan(lowtide, *JOB, "--pausable", "--machine", "released", "--price", "$12/h")
    assert policy(released, "exact")["cost_money"] == 0
    assert policy(released, "exact")["cost_g"] == pytest.approx(3)
    assert released["verdict"]["kind"] == "shift" and "--pause checkpoint" in released["command"]
    series(lowtide, [100, 100, 10, 100, 100, 10, 100, 100])  # a slot to pause in and one to restore in
    restored = plan(lowtide, *JOB, "--pausable", "--machine", "released", "--price", "$12/h", "--restore", "5m",
                    "--restore-power", "0W")
    exact = policy(restored, "exact")
    assert (exact["cost_g"], exact["cost_money"]) == (pytest.approx(2), pytest.approx(1)), "it is paid to restore"
    assert exact["cost_per_tonne"] == pytest.approx(1 / 18e-6)
    assert restored["verdict"]["kind"] == "too-dear" and "hold" not in restored["verdict"]["text"]


def test_forbidden_hours_are_of_the_local_day(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    said = plan(lowtide, *JOB, "--not", "10:00-10:15")
    assert said["forbidden"] == ["10:00-10:15"]
    assert policy(said, "now")["cost_g"] is None and policy(said, "now")["why_not"]
    assert minutes(said, policy(said, "flexible_start")["runs"]) == [(15, 25)]
    assert said["sign_test"]["average"] == "unknown", "there is no now to compare with"
    over_midnight = plan(lowtide, *JOB, "--not", "23:00-10:05")
    assert minutes(over_midnight, policy(over_midnight, "flexible_start")["runs"]) == [(5, 15)]
    there = lowtide.env | {"TZ": "Asia/Tokyo"}  # 10:00 UTC is 19:00 there
    elsewhere = plan(lowtide, *JOB, "--not", "19:00-19:15", env=there)
    assert minutes(elsewhere, policy(elsewhere, "flexible_start")["runs"]) == [(15, 25)]


def test_who_cannot_run_now_is_not_told_to(lowtide: Lowtide) -> None:
    """The earliest run is slot 1 for 20 g; the best is slots 4 and 5 for 2 g, held for three slots more."""
    series(lowtide, [100, 100, 100, 100, 10, 10, 100, 100])
    held = plan(lowtide, *JOB, "--not", "10:00-10:05", "--machine", "held", "--idle-power", "0W", "--hold-g", "0",
                "--price", "$12/h")
    start = policy(held, "flexible_start")
    assert minutes(held, start["runs"]) == [(20, 30)] and start["cost_money"] == pytest.approx(3)
    assert start["cost_per_tonne"] == pytest.approx(3 / 18e-6)
    assert held["verdict"]["kind"] == "shift" and "nothing is compared" in held["verdict"]["text"]


def test_a_policy_can_be_chosen(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    assert plan(lowtide, *JOB, "--pausable", "--policy", "exact")["best"] == "exact"
    assert plan(lowtide, *JOB, "--pausable", "--policy", "now")["verdict"]["kind"] == "run-now"
    worse = plan(lowtide, *JOB, "--pausable", "--policy", "lowest_slots", "--resume-energy", "3kWh")["verdict"]
    assert worse["kind"] == "run-now" and worse["text"].endswith("would be 60.0 % more"), "2 g and 30 g against 20 g"


def test_the_level_of_the_threshold_is_learnt_from_the_hours_before(lowtide: Lowtide) -> None:
    series(lowtide, [10, 100] * 12 + HAND, first="2021-03-01T08:00:00+00:00")
    said = plan(lowtide, *JOB, "--pausable", "--resume-energy", "0kWh")
    assert minutes(said, policy(said, "threshold")["runs"]) == [(10, 15), (20, 25)]


def test_the_same_question_has_the_same_answer(lowtide: Lowtide) -> None:
    series(lowtide, [200] * 40)
    first, second = (plan(lowtide, *JOB, "--pausable") for _ in range(2))
    assert first == second
    assert first["best"] == "now" and first["verdict"]["kind"] == "run-now"


# Against brute force -----------------------------------------------------------------------------


def cost(c: list[float], p: list[float], slots: tuple[int, ...], charges: Json) -> float:
    """By the definitions of docs/planning.md, in grams."""
    total = sum(e * c[x] for e, x in zip(p, slots, strict=True))
    for before, after in itertools.pairwise(slots):
        if after > before + 1:
            total += charges["resume"] * c[after] + charges["pause"] * c[before]
    if charges["held"]:
        idle = set(range(slots[-1])) - set(slots)
        total += sum(charges["idle"] * c[t] + charges["hold"] for t in idle)
    return total


@pytest.mark.parametrize("seed", range(12))
def test_the_exact_plan_is_the_least_of_all(lowtide: Lowtide, seed: int) -> None:
    dice = random.Random(seed)
    work, slack = dice.randint(1, 5), dice.randint(0, 6)
    c = [float(dice.choice([0, 10, 50, 50, 200, 400])) for _ in range(work + slack)]
    p = [dice.choice([0.01, 0.1, 0.3]) for _ in range(work)]
    charges = {"resume": dice.choice([0, 0.02, 0.2]), "pause": dice.choice([0, 0.05]), "held": bool(seed % 2),
               "idle": 0.025, "hold": 0.5}
    series(lowtide, c + [1000.0])
    rows = "".join(f"{i},{e}\n" for i, e in enumerate(p))
    (lowtide.folder / "job.csv").write_text("slot,kwh\n" + rows)
    held = ("--machine", "held", "--idle-power", "300W", "--hold-g", "6g/h") if charges["held"] else ()
    said = plan(lowtide, "--profile", "job.csv", "--within", f"{5 * slack}m", "--pausable", *held,
                "--resume-energy", f"{charges['resume']}kWh", "--pause-energy", f"{charges['pause']}kWh")
    every = [cost(c, p, slots, charges) for slots in itertools.combinations(range(work + slack), work)]
    contiguous = [cost(c, p, tuple(range(t, t + work)), charges) for t in range(slack + 1)]
    assert policy(said, "exact")["cost_g"] == pytest.approx(min(every), abs=1e-9)
    assert policy(said, "flexible_start")["cost_g"] == pytest.approx(min(contiguous), abs=1e-9)
    assert policy(said, "now")["cost_g"] == pytest.approx(contiguous[0], abs=1e-9)
    assert said["bound_g"] <= min(every) + 1e-9
    for one in said["policies"]:
        if one["runs"]:
            slots = tuple(int(m) // 5 for a, b in minutes(said, one["runs"]) for m in range(int(a), int(b), 5))
            assert one["cost_g"] == pytest.approx(cost(c, p, slots, charges), abs=1e-9), "the runs are those priced"


def test_what_rounds_to_the_same_is_no_reason_to_wait(lowtide: Lowtide) -> None:
    series(lowtide, [400, 400, 399.9, 399.9] + [400] * 4)
    said = plan(lowtide, *JOB)
    assert said["verdict"]["kind"] == "run-now" and said["command_today"]


def test_a_pause_that_costs_does_not_make_the_resume_free(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    charges = plan(lowtide, *JOB, "--pausable", "--pause-energy", "0.01kWh")["charges"]
    assert (charges["resume_kwh"], charges["resume_assumed"], charges["pause_kwh"]) == (pytest.approx(0.1), True, 0.01)
    told = plan(lowtide, *JOB, "--pausable", "--restore", "5m")["charges"]
    assert (told["resume_kwh"], told["resume_assumed"]) == (0, False)


def test_what_is_held_and_not_known_is_null(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    held = ("--machine", "held", "--idle-power", "80W")
    assert plan(lowtide, *JOB, *held)["charges"]["hold_g_per_hour"] is None
    assert plan(lowtide, *JOB, *held, "--hold-g", "4.7g/h")["charges"]["hold_g_per_hour"] == 4.7
    text = lowtide("plan", *JOB, *held, "--intensity", "file:grid.csv", "--at", AT).stdout
    assert "embodied carbon not known" in text and "0 g an hour" not in text


def test_a_share_of_the_job_is_a_slot_at_least(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    assert plan(lowtide, "--duration", "10m", "--power", "1200W", "--within", "25%")["slack_slots"] == 1


def test_a_job_that_begins_inside_of_a_slot_does_not_end_in_forbidden_hours(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 30)
    ask = ("--duration", "30m", "--power", "300W", "--within", "1h", "--not", "10:30-10:45")
    utc = lowtide.env | {"TZ": "UTC"}
    late = plan(lowtide, *ask, at="2021-03-01T10:03:00+00:00", env=utc)
    for one in late["policies"]:
        for run in one["runs"]:
            assert run["end"] <= "2021-03-01T10:30:00.000Z" or run["begin"] >= "2021-03-01T10:45", one
    assert policy(late, "now")["why_not"]
    in_time = plan(lowtide, *ask, at="2021-03-01T10:00:00+00:00", env=utc)
    assert in_time["best"] == "now"


def test_tomorrow_is_the_next_day_of_the_calendar(lowtide: Lowtide) -> None:
    """The clocks go forward on 14 March: 24 hours after 23:30 it is the day after tomorrow."""
    series(lowtide, [100, 90, 80, 100] + [100] * 300, first="2021-03-14T07:30:00+00:00", step=60)
    said = lowtide("plan", "--duration", "10h", "--power", "300W", "--within", "16h", "--intensity", "file:grid.csv",
                   "--at", "2021-03-13T23:30:00-08:00", env=lowtide.env | {"TZ": "America/Los_Angeles"}).stdout
    assert "done by 2021-03-15 02:30" in said, said


def test_the_command_says_all_that_was_asked_of_the_plan(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    asked = ("--pausable", "--not", "03:00-04:00", "--resume-energy", "0.01kWh", "--machine", "released", "--min-run", "5m")
    said = plan(lowtide, *JOB, *asked)
    words = shlex.split(said["command"])
    for flag, value in zip(asked[1::2], asked[2::2], strict=True):
        assert words[words.index(flag) + 1] == value, said["command"]


# The shipped source ------------------------------------------------------------------------------


EVENING = "2026-06-01T18:00:00Z"
THREE_HOURS = ("--duration", "3h", "--power", "300W", "--within", "24h")


@pytest.mark.parametrize(("zone", "kind", "basis"), [("FR", "unsure", "pooled"), ("AU-NSW", "shift", "held-out"),
                                                     ("GB", "unsure", "held-out"), ("GR", "shift", "pooled")])
def test_a_typical_year_is_trusted_where_nine_of_ten_such_shifts_saved(lowtide: Lowtide, zone: str, kind: str,
                                                                       basis: str) -> None:
    """It promises 17 % in France, 32 % in New South Wales and 36 % in Great Britain, whose other years kept less."""
    said = plan(lowtide, *THREE_HOURS, at=EVENING, source=("--location", zone))
    assert (said["source"], said["signal"], said["scope"]) == ("typical", "average", "lifecycle")
    assert any("no forecast" in note for note in said["notes"])
    start = policy(said, "flexible_start")
    assert start["saving_low_pct"] < start["saving_vs_now_pct"] < start["saving_high_pct"]
    assert said["verdict"]["kind"] == kind and (start["saving_low_pct"] > 0) == (kind == "shift")
    assert said["bounds_basis"] == basis
    assert said["bounds_note"].startswith("assumed: ") == (basis == "pooled")
    assert ("assumed" in said["verdict"]["text"]) == (basis == "pooled")
    if basis == "held-out":
        assert "in this zone in 2021, 2022 and 2024" in said["bounds_note"]
    if kind == "unsure":
        assert said["command"] == said["command_today"] == f"lowtide run --location {zone} -- COMMAND"


def came(of: str, promised: float) -> tuple[float, float]:
    """What the shipped table says of a promise, all in percent."""
    with (ROOT / "data" / "typical_odbl_savings.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(float(row[column]) for column in ("promised_pct", "low10_pct", "high90_pct"))
                for row in csv.DictReader(file) if row["of"] == of]
    above = next(i for i, row in enumerate(rows) if row[0] >= promised)
    (x0, *from_), (x1, *to) = rows[above - 1], rows[above]
    part = (promised - x0) / (x1 - x0)
    return tuple(a + part * (b - a) for a, b in zip(from_, to, strict=True))


def test_the_bounds_are_those_of_the_hours_less_the_charges(lowtide: Lowtide) -> None:
    said = plan(lowtide, "--duration", "12h", "--power", "300W", "--within", "24h", "--pausable", "--resume-energy",
                "200Wh", at=EVENING,
                source=("--location", "US-CAL-CISO"))
    lowest, now = policy(said, "lowest_slots"), policy(said, "now")
    charges = 100 * lowest["charge_g"] / now["cost_g"]
    assert charges > 3, "it pauses"
    low, high = came("US-CAL-CISO", lowest["saving_vs_now_pct"] + charges)
    assert lowest["saving_low_pct"] == pytest.approx(low - charges)
    assert lowest["saving_high_pct"] == pytest.approx(high - charges)


def test_without_its_error_a_typical_year_is_not_trusted(lowtide: Lowtide) -> None:
    share = lowtide.folder / "share"
    shutil.copytree(ROOT / "data", share)
    (share / "typical_odbl_savings.csv").unlink()
    said = plan(lowtide, *THREE_HOURS, at=EVENING, source=("--location", "AU-NSW"), env={"LOWTIDE_SHARE": str(share)})
    assert policy(said, "flexible_start")["saving_low_pct"] is None
    assert (said["bounds_basis"], said["bounds_note"]) == (None, "not known: there is no typical_odbl_savings.csv")
    assert said["verdict"]["kind"] == "unsure"
    assert "what such a promise is worth is not known" in said["verdict"]["text"]


def test_what_a_file_does_not_say_of_its_error_is_not_known(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    said = plan(lowtide, *JOB)
    assert policy(said, "flexible_start")["saving_low_pct"] is None
    assert "does not say" in said["bounds_note"] and said["bounds_basis"] is None


# Jobs --------------------------------------------------------------------------------------------


def test_a_recorded_run_is_planned_with_its_own_energy(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    assert lowtide.run("--name", "like me", "--pue", "1.2", "--", *BUSY).returncode == 0
    energy = lowtide.report()["energy"]
    above_idle = plan(lowtide, "--like", "last", "--within", "10m")
    assert above_idle["job"]["energy_kwh"] == pytest.approx(energy["active_kwh"], rel=1e-6)
    assert above_idle["job"]["name"] == "like me" and above_idle["job"]["from"].startswith("run ")
    assert above_idle["job"]["run"] == lowtide.report()["run"]["id"]
    assert above_idle["pue"] == 1.2 and above_idle["work_slots"] in (1, 2)
    assert "--name 'like me'" in above_idle["command"] and "time.time" in above_idle["command"]
    whole = plan(lowtide, "--like", "like me", "--within", "10m", "--machine", "released")
    assert whole["job"]["energy_kwh"] == pytest.approx(energy["active_kwh"] + energy["idle_charged_kwh"], rel=1e-6)
    held = plan(lowtide, "--like", "last", "--within", "10m", "--machine", "held")
    run = lowtide.report()["run"]
    assert held["charges"]["idle_w"] == pytest.approx(energy["idle_charged_kwh"] * 3.6e6 / run["active_s"], rel=1e-6)
    embodied = lowtide.report()["carbon"]["embodied_g"]
    assert held["charges"]["hold_g_per_hour"] == pytest.approx(embodied * 3600 / run["duration_s"], rel=1e-6)
    assert any("modelled" in note for note in held["notes"])


def test_gpus_of_a_run_are_planned_whole_and_not_held_at_any_price(lowtide: Lowtide) -> None:
    """The rig's cards (docs/rig.md): two of 300 W throughout, both used."""
    cards = [f"device GPU-{n}\nname NVIDIA H100\narch 9\nlimit_w 700\nidle_w 60\ncurve flat 300\ncontexts file "
             f"{lowtide.folder}/pid\n" for n in range(2)]
    (lowtide.folder / "script").write_text("t0 boot 0\n" + "".join(cards))
    lowtide.env |= {"LD_LIBRARY_PATH": os.environ["RIG_DIR"] + "/nvml", "LOWTIDE_RIG": str(lowtide.folder / "script")}
    lowtide.run("--", *job("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(2)"))
    series(lowtide, [1000] + HAND[1:])
    like = ("--like", "last", "--within", "30m", "--pausable")
    above_idle = plan(lowtide, *like)
    assert 500 < above_idle["job"]["mean_w"] < 650, "two cards, and the little that the CPU had to do"
    assert any("idle power" in note for note in above_idle["notes"])
    done = lowtide("plan", *like, "--intensity", "file:grid.csv", "--at", AT, "--machine", "held")
    assert done.returncode == 2 and "--idle-power" in done.stderr, "the idle power of a card is not known"
    held = plan(lowtide, *like, "--machine", "held", "--idle-power", "0W", "--hold-g", "0", "--price", "$20/h")
    assert held["verdict"]["kind"] == "too-dear" and "do not hold 2 GPUs for this: $" in held["verdict"]["text"]


def test_the_command_can_be_pasted_into_a_shell(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    lowtide.run("--name", "it's", "--", "/bin/sh", "-c", "i=0; while [ $i -lt 99999 ]; do i=$((i+1)); done", "a b")
    said = plan(lowtide, "--like", "last", "--within", "10m", "--policy", "now")
    words = shlex.split(said["command_today"])
    assert words[-3:] == ["-c", "i=0; while [ $i -lt 99999 ]; do i=$((i+1)); done", "a b"]
    assert words[words.index("--name") + 1] == "it's"


@pytest.mark.parametrize(("rows", "energies"), [
    ("elapsed_s,energy_j\n300,360000\n600,36000\n", [0.1, 0.01]),
    ("elapsed_s,energy_j\n0,0\n300,360000\n600,36000\n", [0.1, 0.01]),
    ("elapsed_s,energy_j\n0,360000\n300,36000\n", [0.1, 0.01]),
    ("elapsed_s,energy_j\n600,396000\n", [0.055, 0.055]),
    ("\ufeffelapsed_s,energy_j\r\n300,360000\r\n480,36000\r\n", [0.1, 0.01]),
    ("slot,kwh\n0,0.1\n1,0.01\n", [0.1, 0.01]),
    ("slot,kwh\n1,0.1\n2,0.01\n", [0.1, 0.01]),
])
def test_profiles_are_laid_on_the_slots(lowtide: Lowtide, rows: str, energies: list[float]) -> None:
    """`now` tells slot by slot: an intensity of one slot alone shows the energy of that slot."""
    (lowtide.folder / "job.csv").write_text(rows)
    for slot, energy in enumerate(energies):
        series(lowtide, [1000.0 if i == slot else 0.0 for i in range(4)])
        said = plan(lowtide, "--profile", "job.csv", "--within", "10m")
        assert policy(said, "now")["cost_g"] == pytest.approx(1000 * energy)
    assert said["job"]["duration_s"] == (480 if "480" in rows else 600)


# The schema --------------------------------------------------------------------------------------


def test_the_schema_is_strict(lowtide: Lowtide) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "properties" in node:
                assert node["additionalProperties"] is False
                assert set(node["properties"]) == set(node["required"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(SCHEMA)
    series(lowtide, HAND)
    said = plan(lowtide, *JOB, "--pausable")  # which validates it
    for path in (("bound_g",), ("policies", 0, "runs"), ("sign_test", "average")):
        broken = json.loads(json.dumps(said))
        inner = broken
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = "?"
        assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(broken)), path


def test_json_goes_to_a_file_beside_the_text_or_alone_to_stdout(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    common = ("plan", *JOB, "--intensity", "file:grid.csv", "--at", AT)
    done = lowtide(*common, "--json", "plan.json")
    assert done.returncode == 0 and "Verdict:" in done.stdout
    alone = lowtide(*common, "--json", "-")
    assert (lowtide.folder / "plan.json").read_text() == alone.stdout
    assert lowtide(*common, "--json", "no/such/folder").returncode == 4
