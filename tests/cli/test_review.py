"""`lowtide review`: every figure against plain Python, on runs in a real ledger whose worlds are known."""

import datetime as dt
import itertools
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import jsonschema
import pytest
from harness import Lowtide
from review_cases import (
    BEGIN,
    KWH,
    PUE,
    REVIEW,
    REVIEWS,
    WINDOW,
    Shifted,
    basis,
    best,
    cost,
    levels,
    ns,
    review,
    utc,
    write_series,
)

KNOWN, FORECAST, OTHER = levels(1), levels(2), levels(3)
RAN = (4, 5, 12, 13)
PLANNED, TOOK = 0.1, 0.5  # kWh a resume
PARTS = ("policy", "forecast", "charges", "revision")


@pytest.fixture
def shifted(lowtide: Lowtide) -> Shifted:
    """A ledger to be filled."""
    return Shifted(lowtide)


def parts(said: dict) -> dict:
    return {name: said["regret"][f"{name}_g"] for name in PARTS}


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_figure_of_a_shifted_run(shifted: Shifted) -> None:
    """File, forecast kept, a pause that taught more than was planned; paused energy is beside the plan."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN, paused_kwh=0.01)
    shifted.act(key)
    promised = cost(FORECAST, best(FORECAST, PLANNED), PLANNED), cost(FORECAST, range(4), PLANNED)
    shifted.plan(key, FORECAST, promised)
    shifted.learn(key, 12.5, energy_kwh=TOOK)
    said = review(shifted.lowtide, "last")
    first, charged, hindsight = best(FORECAST, PLANNED), best(KNOWN, PLANNED), best(KNOWN, TOOK)
    actual, now = cost(KNOWN, RAN, TOOK), cost(KNOWN, range(4), TOOK)
    assert first not in (charged, hindsight), "a world in which nothing is to be told apart"
    assert said["actual_g"] == pytest.approx(actual) and said["now_g"] == pytest.approx(now)
    assert said["hindsight_g"] == pytest.approx(cost(KNOWN, hindsight, TOOK))
    emitted = PUE * (sum(KNOWN[slot] for slot in RAN) + 0.01 * sum(KNOWN[6:12]))
    assert said["emitted_g"] == pytest.approx(emitted)
    assert said["beside_plan_g"] == pytest.approx(emitted - actual)
    less = said["less_than_now"]
    assert less["g"] == pytest.approx(now - actual) and less["pct"] == pytest.approx(100 * (now - actual) / now)
    assert less["low_g"] is None and "does not say" in less["bounds_note"]
    assert less["finding"] == ("less" if actual < now else "more")
    assert said["promise"]["cost_g"] == pytest.approx(promised[0])
    assert said["promise"]["cost_now_g"] == pytest.approx(promised[1])
    assert said["promise"]["saving_pct"] == pytest.approx(100 * (1 - promised[0] / promised[1]))
    assert (said["promise"]["gate"], said["promise"]["saving_low_pct"]) == ("shift", 5)
    assert (said["promise"]["kind"], said["promise"]["issued"]) == ("forecast", utc(0))
    assert said["regret"]["policy_g"] == pytest.approx(actual - cost(KNOWN, first, TOOK))
    assert said["regret"]["forecast_g"] == pytest.approx(cost(KNOWN, first, TOOK) - cost(KNOWN, charged, TOOK))
    assert said["regret"]["charges_g"] == pytest.approx(cost(KNOWN, charged, TOOK) - cost(KNOWN, hindsight, TOOK))
    assert said["regret"]["revision_g"] is None and "forecast covers it" in said["regret"]["revision_why_not"]
    assert said["regret"]["total_g"] == pytest.approx(sum(value or 0 for value in parts(said).values()))
    assert said["regret"]["total_g"] == pytest.approx(actual - cost(KNOWN, hindsight, TOOK))
    assert [span["begin"] for span in said["actual_runs"]] == [utc(4), utc(12)]
    assert said["now_runs"] == [{"begin": utc(0), "end": utc(4)}]
    assert {span["begin"] for span in said["hindsight_runs"]} <= {utc(slot) for slot in hindsight}
    assert (said["submitted"], said["deadline"], said["resumes"]) == (utc(0), utc(WINDOW), 1)
    assert said["charges"] == {"planned": said["charges"]["planned"], "measured": {"resume_kwh": TOOK, "resumes_seen": 1, "paused_w": None}}
    assert said["charges"]["planned"]["resume_kwh"] == pytest.approx(PLANNED)


def test_the_text_says_what_the_json_has(shifted: Shifted) -> None:
    shifted.lowtide.env["TZ"] = "UTC"
    key = shifted.run(write_series(shifted.lowtide, "known.csv", [300] * 4 + [100] * 4 + [300] * 8), (4, 5, 6, 7))
    shifted.act(key)
    shifted.plan(key, [300] * 4 + [150] * 4 + [300] * 8, (720, 1440), manner="none")
    done = shifted.lowtide("review", "last", "--json", "review.json")
    assert done.returncode == 0, done.stderr
    text = words(done.stdout)
    said = json.loads((shifted.lowtide.folder / "review.json").read_text())
    jsonschema.validate(said, REVIEW, jsonschema.Draft202012Validator)
    assert "at once 1.44 kg" in text and "as it ran 0.48 kg -66.7 %" in text and "promised 720 g -50.0 %" in text
    assert "Verdict: 66.7 % attributed less than at once (bounds not known)." in text
    assert "promised 50.0 % less by the forecast of 00:00, came to 66.7 % less: 16.7 points better" in text
    as_of = dt.datetime.fromisoformat(said["read_at"]).strftime("%Y-%m-%d %H:%M")
    assert f"as of {as_of}" in text
    assert "An average says what is attributed to the job, not what is avoided." in text
    assert "saved" not in text and "avoided less" not in text
    assert said["verdict"] in text and said["regret"]["total_g"] == pytest.approx(0)
    assert said["regret"]["charges_g"] == pytest.approx(0), "its start alone was free: no resume plays a part"


def test_a_marginal_signal_carries_the_caveat_and_the_average_stands_beside_it(shifted: Shifted) -> None:
    source = write_series(shifted.lowtide, "marginal.csv", KNOWN)
    shifted.lowtide.env["LOWTIDE_INTENSITY"] = write_series(shifted.lowtide, "average.csv", OTHER)
    key = shifted.run(source, RAN, "--signal", "marginal")
    shifted.act(key)
    shifted.plan(key, FORECAST, signal="marginal")
    alone = review(shifted.lowtide, "last")
    assert alone["other_signal"] is None and "average" in alone["other_signal_note"]
    shifted.series(key, "average")
    said = review(shifted.lowtide, "last")
    assert (said["signal"], said["other_signal"]["signal"]) == ("marginal", "average")
    assert said["actual_g"] == pytest.approx(cost(KNOWN, RAN, PLANNED))
    assert said["other_signal"]["actual_g"] == pytest.approx(cost(OTHER, RAN, PLANNED))
    assert said["other_signal"]["now_g"] == pytest.approx(cost(OTHER, range(4), PLANNED))
    text = words(shifted.lowtide("review", "last").stdout)
    assert "One more job does not move the grid's margin" in text
    assert "On average (file " in text and "attributed" in text


def test_what_a_resume_took_is_no_work(shifted: Shifted) -> None:
    """A minute of the second stretch was spent on resuming: its energy is the charge, not work that now has too."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN)
    shifted.act(key)
    shifted.plan(key, FORECAST)
    shifted.learn(key, 12.2, takes_s=60)
    said = review(shifted.lowtide, "last")
    work = (1, 1, 1, 0.8)
    assert said["work"]["energy_kwh"] == pytest.approx(3.8) and said["work"]["duration_s"] == pytest.approx(1140)
    assert said["charges"]["measured"]["resume_kwh"] == pytest.approx(0.2)
    assert said["now_g"] == pytest.approx(cost(KNOWN, range(4), 0.2, work))
    assert said["actual_g"] == pytest.approx(cost(KNOWN, RAN, 0.2, work))
    assert said["hindsight_g"] == pytest.approx(cost(KNOWN, best(KNOWN, 0.2, work), 0.2, work))


def test_a_pause_that_only_the_controller_saw_is_a_pause(shifted: Shifted) -> None:
    """The meter read on through it, so that its slots say running."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN)
    shifted.act(key)
    shifted.plan(key, FORECAST)
    meant = review(shifted.lowtide, "last")
    with shifted.open() as ledger:
        ledger.execute("UPDATE slot SET state = 'running', device_j = 1000 WHERE state = 'paused'")
    assert review(shifted.lowtide, "last")["work"]["slots"] == 10
    shifted.pause(key, 6, 12)
    said = review(shifted.lowtide, "last")
    for name in ("actual_g", "now_g", "hindsight_g", "work", "actual_runs", "resumes"):
        assert said[name] == meant[name], name


def test_a_thaw_took_nothing_whatever_was_planned(shifted: Shifted) -> None:
    """A frozen job does nothing twice: no row has the planned charge, and what it led to is charges."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN, paused_kwh=0.01)
    shifted.act(key)
    dear = 3.0
    shifted.plan(key, FORECAST, manner="freeze", charges=basis()["charges"] | {"resume_j": dear * KWH})
    said = review(shifted.lowtide, "last")
    chain = [RAN, best(FORECAST, dear), best(KNOWN, dear), best(KNOWN, 0)]
    grams = [cost(KNOWN, slots, 0) for slots in chain]
    assert chain[2] != chain[3], "a world in which nothing is to be told apart"
    assert said["charges"]["measured"] == {"resume_kwh": 0, "resumes_seen": 1, "paused_w": None}
    assert said["charges"]["planned"]["resume_kwh"] == pytest.approx(dear)
    assert said["actual_g"] == pytest.approx(grams[0]) and said["hindsight_g"] == pytest.approx(grams[3])
    for name, before, after in zip(("policy", "forecast", "charges"), grams, grams[1:], strict=False):
        assert said["regret"][f"{name}_g"] == pytest.approx(before - after), name
    assert said["regret"]["total_g"] == pytest.approx(sum(value or 0 for value in parts(said).values()))


@pytest.mark.parametrize("named", [["resume"], []])
def test_a_charge_by_an_assumed_power_is_the_share_of_the_job_that_it_was(shifted: Shifted, named: list[str]) -> None:
    """The plan assumed ten times the job's 12 kW; a charge that was given as energy stays that."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN)
    shifted.act(key)
    planned = basis()["charges"] | {"resume_j": 10 * PLANNED * KWH, "assumed_w": 120e3, "of_mean": named}
    shifted.plan(key, FORECAST, charges=planned)
    said = review(shifted.lowtide, "last")
    charge = PLANNED if named else 10 * PLANNED
    assert said["charges"]["measured"] is None
    assert said["charges"]["planned"]["resume_kwh"] == pytest.approx(charge)
    assert said["actual_g"] == pytest.approx(cost(KNOWN, RAN, charge))
    assert said["hindsight_g"] == pytest.approx(cost(KNOWN, best(KNOWN, charge), charge))
    first = cost(KNOWN, best(FORECAST, charge), charge)
    assert said["regret"]["policy_g"] == pytest.approx(cost(KNOWN, RAN, charge) - first)


def test_a_gap_of_the_meter_is_no_pause(shifted: Shifted) -> None:
    """The job ran on: its mean power is laid out, and a note says so."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), (4, 5, 6, 7))
    shifted.act(key)
    shifted.plan(key, FORECAST)
    meant = review(shifted.lowtide, "last")
    with shifted.open() as ledger:
        ledger.execute("DELETE FROM slot WHERE run = ? AND begin_ns = ?", (key, ns(5)))
    said = review(shifted.lowtide, "last")
    assert said["resumes"] == 0
    for name in ("work", "actual_runs", "now_runs"):
        assert said[name] == meant[name], name
    for name in ("actual_g", "now_g", "hindsight_g"):
        assert said[name] == pytest.approx(meant[name]), name
    assert any("gaps of 5 min" in note for note in said["notes"]) and said["emitted_g"] < meant["emitted_g"]


def test_lessons_of_other_runs_are_not_this_runs(shifted: Shifted) -> None:
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN)
    shifted.act(key)
    shifted.plan(key, FORECAST)
    shifted.learn(key, 500, energy_kwh=7)
    shifted.learn(key, 12.5, energy_kwh=7, name="another", number=2)
    said = review(shifted.lowtide, "last")
    assert said["charges"]["measured"] is None
    assert said["regret"]["charges_g"] is None and "no pause" in said["regret"]["charges_why_not"]
    assert said["actual_g"] == pytest.approx(cost(KNOWN, RAN, PLANNED)), "as planned"


def keep_uk(lowtide: Lowtide, rows: list[tuple[int, float, int]]) -> None:
    """The kept series of a provider: (slot, g/kWh, hours after it at which it was learnt)."""
    write_series(lowtide, "seed.csv", [1, 2])
    done = lowtide("grid", "import", "seed.csv", "--zone", "local:seed", "--signal", "average")
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(lowtide.home / "cache.db", isolation_level=None)) as cache:
        cache.execute("INSERT INTO stream VALUES (77, 'uk', 'GB', 'average', 'direct')")
        cache.execute("INSERT INTO series VALUES (78, 77, 'co2', 'made', 300)")
        cache.execute("INSERT INTO note VALUES ('zone uk average GB', 'GB', 1)")
        begin = int(BEGIN.timestamp())
        cache.executemany("INSERT INTO value VALUES (78, ?, 300, 0, ?, ?)",
                          [(begin + 300 * slot, 1000 * (begin + 300 * slot + 3600 * hours), value)
                           for slot, value, hours in rows])


def test_values_that_were_published_anew_are_told_apart(shifted: Shifted) -> None:
    """Three values were revised since; the parts are all known and add up."""
    lowtide = shifted.lowtide
    lowtide.env["LOWTIDE_OFFLINE"] = "true"
    published = list(KNOWN)
    for slot, value in ((0, 5.0), (1, 6.0), (9, 7.0)):
        published[slot] = value
    revised = [(slot, KNOWN[slot], 48) for slot in range(WINDOW) if KNOWN[slot] != published[slot]]
    keep_uk(lowtide, [(slot, value, 1) for slot, value in enumerate(published)] + revised)
    key = shifted.run("uk", RAN, zone="GB")
    shifted.act(key)
    shifted.plan(key, FORECAST)
    shifted.learn(key, 12.5, energy_kwh=TOOK)
    said = review(lowtide, "last")
    chain = [RAN, best(FORECAST, PLANNED), best(published, PLANNED), best(published, TOOK), best(KNOWN, TOOK)]
    grams = [cost(KNOWN, slots, TOOK) for slots in chain]
    assert said["source"] == "uk" and said["actual_g"] == pytest.approx(grams[0])
    for name, before, after in zip(PARTS, grams, grams[1:], strict=False):
        assert said["regret"][f"{name}_g"] == pytest.approx(before - after), name
    assert said["regret"]["revision_g"] > 0
    assert said["regret"]["total_g"] == pytest.approx(sum(parts(said).values()))


def test_a_window_with_a_gap_has_no_hindsight_but_a_difference(shifted: Shifted) -> None:
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN[:14]), RAN)
    shifted.act(key)
    shifted.plan(key, FORECAST)
    said = review(shifted.lowtide, "last")
    assert said["less_than_now"]["g"] == pytest.approx(cost(KNOWN, range(4), PLANNED) - cost(KNOWN, RAN, PLANNED))
    assert said["hindsight_g"] is None and "slot 14" in said["hindsight_why_not"]
    assert said["regret"]["total_g"] is None and said["hindsight_runs"] == []
    assert "best in hindsight is not known" in words(shifted.lowtide("review", "last").stdout)


def test_a_typical_year_has_bounds_and_what_lies_within_them_is_called_so(shifted: Shifted) -> None:
    """Whatever the zone's hours are: bounds that hold zero are said to, others are not."""
    seen = set()
    for zone in ("FR", "DE", "US-CAL-CISO", "GB", "PL"):
        key = shifted.run("typical", (12, 13, 14, 15), zone=zone, name=zone)
        shifted.act(key)
        shifted.plan(key, None, manner="none")
        said = review(shifted.lowtide, zone)
        less = said["less_than_now"]
        assert said["regret"]["policy_g"] is None and "forecast" in said["regret"]["policy_why_not"]
        if less["low_g"] is None:
            assert less["g"] <= 5e-4 * said["now_g"] and less["bounds_basis"] is None
            continue
        assert less["bounds_basis"] in ("held-out", "pooled")
        within = less["low_g"] <= 0 <= less["high_g"]
        assert (less["finding"] == "within-error") == within
        assert ("within its error" in said["verdict"]) == within
        seen.add(within)
    assert True in seen, "no zone with bounds that hold zero: choose others"


def test_a_project_adds_up_like_runs_and_lists_the_others(shifted: Shifted) -> None:
    lowtide = shifted.lowtide
    source = write_series(lowtide, "known.csv", KNOWN)
    keys = [shifted.run(source, ran, "--project", "thesis", name=f"job{i}") for i, ran in enumerate((RAN, (1, 2, 8, 9)))]
    for key in keys:
        shifted.act(key)
        shifted.plan(key, FORECAST, (800, 1000))
    marginal = shifted.run(source, RAN, "--project", "thesis", "--signal", "marginal", name="unlike")
    shifted.act(marginal)
    shifted.plan(marginal, FORECAST, signal="marginal")
    plain = shifted.run(source, RAN, "--project", "thesis", name="plain")
    waits = shifted.run(source, RAN, "--project", "thesis", name="waits")
    shifted.act(waits, "waiting")
    shifted.run(source, RAN, "--project", "another", name="elsewhere")
    said = review(lowtide, "--project", "thesis")
    assert [run["run"] for run in said["runs"]] == [shifted.id(key) for key in [*keys, marginal]]
    assert [len(total["runs"]) for total in said["sums"]] == [2, 1]
    both, alone = said["sums"]
    assert (both["signal"], alone["signal"]) == ("average", "marginal")
    for name in ("actual_g", "now_g", "hindsight_g"):
        assert both[name] == pytest.approx(sum(run[name] for run in said["runs"][:2]))
    assert both["promised_less_g"] == pytest.approx(400)
    assert both["regret"]["total_g"] == pytest.approx(both["actual_g"] - both["hindsight_g"])
    assert sum(value or 0 for value in parts(both).values()) == pytest.approx(both["regret"]["total_g"])
    left_out = {one["run"]: one["why"] for one in said["left_out"]}
    assert set(left_out) == {shifted.id(plain), shifted.id(waits)}
    assert "no plan" in left_out[shifted.id(plain)] and "waits" in left_out[shifted.id(waits)]
    text = words(lowtide("review", "--project", "thesis").stdout)
    assert "Together:" in text and "Unlike signals and boundaries are not added up." in text
    assert f"Not in it: {shifted.id(plain)} (plain): no plan moved it." in text


@pytest.mark.parametrize(("standing", "said"), [("waiting", "still waits for its start"), ("paused", "is paused"),
                                                ("runs", "still runs"), ("cancelled", "was cancelled")])
def test_what_is_not_over_is_not_judged(shifted: Shifted, standing: str, said: str) -> None:
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN)
    shifted.act(key, standing)
    shifted.plan(key, FORECAST, (750, 1000))
    done = shifted.lowtide("review", "last")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and shifted.id(key) in done.stderr
    if standing != "cancelled":
        assert "25.0 % less" in done.stderr and "review it when it has ended" in done.stderr


def test_what_cannot_be_reviewed_is_said_in_one_line(shifted: Shifted) -> None:
    lowtide = shifted.lowtide
    key = shifted.run(write_series(lowtide, "known.csv", KNOWN), RAN)
    for args, status, said in ((("last",), 2, f"lowtide compare {shifted.id(key)}"), ((), 2, "one run or one project"),
                               (("last", "--project", "p"), 2, "one run or one project"), (("nothing",), 2, "'nothing'"),
                               (("--project", "none"), 2, "no run of project 'none'")):
        done = lowtide("review", *args)
        assert done.returncode == status and said in done.stderr and done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_basis_that_says_little_is_read_with_patience(shifted: Shifted) -> None:
    """The deadline alone: charges are not known, the job's start alone is taken to have been free."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), (4, 5, 6, 7))
    shifted.act(key, about='{"not": ["25:00-xx"]}')
    shifted.plan(key, None)
    with closing(sqlite3.connect(shifted.lowtide.home / "ledger.db", isolation_level=None)) as ledger:
        ledger.execute("UPDATE act_plan SET basis = ?", (json.dumps({"deadline": utc(WINDOW), "charges": 7}),))
    said = review(shifted.lowtide, "last")
    assert said["charges"] == {"planned": None, "measured": None} and said["manner"] == "none"
    assert said["hindsight_g"] == pytest.approx(PUE * min(sum(KNOWN[i:i + 4]) for i in range(13)))
    assert any("25:00-xx" in note for note in said["notes"])
    with closing(sqlite3.connect(shifted.lowtide.home / "ledger.db", isolation_level=None)) as ledger:
        ledger.execute("UPDATE act_plan SET basis = 'no json'")
    done = shifted.lowtide("review", "last")
    assert done.returncode == 4 and "deadline" in done.stderr


def test_hours_that_were_forbidden_are_no_hindsight(shifted: Shifted) -> None:
    """Local hours; the tests' time zone is UTC."""
    shifted.lowtide.env["TZ"] = "UTC"
    lowest = min(range(13), key=lambda i: sum(KNOWN[i:i + 4]))
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), (4, 5, 6, 7))
    shifted.act(key)
    begin, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (5 * lowest, 5 * lowest + 5))
    shifted.plan(key, None, manner="none", **{"not": [f"{begin}-{end}"]})
    said = review(shifted.lowtide, "last")
    free = [i for i in range(13) if not i <= lowest < i + 4]
    assert said["hindsight_g"] == pytest.approx(PUE * min(sum(KNOWN[i:i + 4]) for i in free))


def test_the_schemas_are_schemas() -> None:
    for schema in (REVIEW, REVIEWS):
        jsonschema.Draft202012Validator.check_schema(schema)
    assert ns(1) - ns(0) == 300 * 10**9


def test_what_a_frozen_job_was_charged_is_a_cost_of_every_schedule(shifted: Shifted) -> None:
    """Its machine was held: 0.01 kWh in each slot in which it did not work, from its submission to its end."""
    key = shifted.run(write_series(shifted.lowtide, "known.csv", KNOWN), RAN, paused_kwh=0.01)
    with shifted.open() as ledger:
        ledger.execute("UPDATE run SET options = json_set(options, '$.machine', 'held') WHERE key = ?", (key,))
    shifted.act(key)
    shifted.plan(key, FORECAST, manner="freeze")
    said = review(shifted.lowtide, "last")
    assert said["charges"]["planned"]["machine"] == "stays-on", "the first plan could not know it"
    assert said["charges"]["measured"]["paused_w"] == pytest.approx(0.01 * KWH / 300)
    def held(slots: Sequence[int]) -> float:
        return cost(KNOWN, slots, 0) + 0.01 * PUE * sum(KNOWN[slot] for slot in range(max(slots)) if slot not in slots)
    assert said["actual_g"] == pytest.approx(held(RAN))
    assert said["now_g"] == pytest.approx(held(range(len(RAN))))
    assert said["hindsight_g"] == pytest.approx(min(held(slots) for slots in itertools.combinations(range(WINDOW), len(RAN))))
