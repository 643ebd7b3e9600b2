"""`lowtide plan` and two signals: the sign test, `--agree both`, and the words of each signal."""

import datetime as dt

import pytest
from harness import Lowtide
from plan_cases import AT, BUSY, HAND, JOB, minutes, plan, series


def test_a_plan_says_whether_the_other_signal_agrees(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    series(lowtide, HAND, name="same.csv")
    series(lowtide, [10, 10] + [100] * 6, name="against.csv")
    series(lowtide, [70] * 8, name="flat.csv")
    series(lowtide, HAND[:5], name="short.csv")
    unknown = plan(lowtide, *JOB)["sign_test"]
    assert (unknown["average"], unknown["marginal"], unknown["other_model"]) == ("yes", "unknown", "unknown")
    for name, answer in (("same", "yes"), ("against", "no"), ("flat", "unknown"), ("short", "unknown")):
        sign = plan(lowtide, *JOB, "--other-signal", f"file:{name}.csv")["sign_test"]
        assert (sign["average"], sign["marginal"]) == ("yes", answer), name
        assert name in sign["other_source"]
        swapped = plan(lowtide, *JOB, "--signal", "marginal", "--other-signal", f"file:{name}.csv")["sign_test"]
        assert (swapped["marginal"], swapped["average"]) == ("yes", answer), name


def test_with_agree_both_only_what_both_call_better_is_done(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    series(lowtide, [50, 50, 40, 40, 40, 40, 40, 40], name="same.csv")
    series(lowtide, [10, 10] + [100] * 6, name="against.csv")
    both = ("--pausable", "--signal", "marginal", "--agree", "both", "--resume-energy", "0kWh")
    agreed = plan(lowtide, *JOB, *both, "--other-signal", "file:same.csv")
    assert agreed["agree"]["chosen"]["saving_on_marginal_pct"] == pytest.approx(90)
    assert agreed["agree"]["chosen"]["saving_on_average_pct"] == pytest.approx(20)
    assert minutes(agreed, agreed["agree"]["chosen"]["runs"]) == [(10, 15), (20, 25)]
    assert agreed["verdict"]["kind"] == "shift"
    against = plan(lowtide, *JOB, *both, "--other-signal", "file:against.csv")
    assert against["agree"]["chosen"] is None and against["agree"]["pareto"]
    assert against["verdict"]["kind"] == "run-now" and against["best"] != "now"


def test_the_sign_test_and_the_money_are_those_of_the_plan_on_which_both_agree(lowtide: Lowtide) -> None:
    """The best by the signal that decides is worse on the other one: another plan is announced."""
    series(lowtide, [100, 100, 10, 10, 60, 60, 100, 100])
    series(lowtide, [50, 50, 400, 400, 10, 10, 50, 50], name="other.csv")
    two = (*JOB, "--signal", "marginal", "--other-signal", "file:other.csv", "--pausable")
    alone = plan(lowtide, *two)
    assert alone["sign_test"]["average"] == "no" and "but more on average" in alone["verdict"]["text"]
    said = plan(lowtide, *two, "--agree", "both")
    assert minutes(said, said["agree"]["chosen"]["runs"]) == [(20, 30)]
    assert (said["sign_test"]["marginal"], said["sign_test"]["average"]) == ("yes", "yes")
    assert "start at 10:20" in said["verdict"]["text"] and "40.0 % less on marginal" in said["verdict"]["text"]
    held = ("--machine", "held", "--idle-power", "0", "--hold-g", "0", "--price", "$100/h")
    assert plan(lowtide, *two, "--agree", "both", *held)["verdict"]["kind"] == "too-dear"
    text = lowtide("plan", *two, "--agree", "both", "--intensity", "file:grid.csv", "--at", AT).stdout
    assert "a thousand do" in text and "not what is avoided" in " ".join(text.split())


def test_where_neither_signal_gains_nobody_says_that_they_disagree(lowtide: Lowtide) -> None:
    series(lowtide, [10, 10] + [100] * 6)
    series(lowtide, [20, 20] + [90] * 6, name="other.csv")
    said = plan(lowtide, *JOB, "--signal", "marginal", "--other-signal", "file:other.csv", "--agree", "both")
    assert said["agree"]["chosen"] is None and "on neither signal" in said["verdict"]["text"]


def test_equal_on_the_other_signal_is_not_more(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    series(lowtide, [50, 50, 50, 50, 50, 50, 60, 60], name="level.csv")
    said = plan(lowtide, *JOB, "--signal", "marginal", "--other-signal", "file:level.csv")
    assert "but no less on average" in said["verdict"]["text"]


def test_an_average_is_attributed_and_a_marginal_has_its_caveat(lowtide: Lowtide) -> None:
    series(lowtide, HAND)
    average = lowtide("plan", *JOB, "--intensity", "file:grid.csv", "--at", AT).stdout
    assert "less attributed" in average and "saved" not in average and "avoided" in average
    assert "margin;" not in average
    marginal = lowtide("plan", *JOB, "--intensity", "file:grid.csv", "--at", AT, "--signal", "marginal").stdout
    assert "attributed" not in marginal and "does not move the grid's margin; a thousand do" in " ".join(marginal.split())


def test_a_plan_on_another_signal_than_the_run_says_so(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 3000, first=(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat())
    priced = ("--signal", "marginal", "--intensity", "file:grid.csv")
    assert lowtide("run", "--name", "margin", *priced, "--", *BUSY).returncode == 0
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    other = plan(lowtide, "--like", "margin", at=at, source=("--location", "FR"))
    assert any("priced on the marginal signal" in note for note in other["notes"]), other["notes"]
    same = plan(lowtide, "--like", "margin", at=at, source=(*priced, "--location", "FR"))
    assert not any("priced on" in note for note in same["notes"])
