"""What `lowtide plan` refuses: one line that says what, where and what to do next, and the exit status for it."""

import pytest
from harness import Lowtide
from plan_cases import AT, plan, series

JOB = ("--duration", "10m", "--power", "1200W", "--within", "30m")


def refused(lowtide: Lowtide, status: int, *args: str) -> str:
    """The line that was said."""
    when = () if "--at" in args else ("--at", AT)
    done = lowtide("plan", "--intensity", "file:grid.csv", *when, *args)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert done.stderr.startswith("lowtide: ") and done.stderr.count("\n") == 1
    return done.stderr


USAGE = [
    ((), "--like RUN, --profile FILE, or --duration D with --power W"),
    (("--duration", "10m"), "--duration requires --power"),
    (("--power", "300W", "--finish-within", "2x"), "--power requires --duration"),
    (("--like", "last", "--profile", "p.csv"), "excludes"),
    (("--duration", "0s", "--power", "3"), "--duration: is nothing"),
    (("--duration", "soon", "--power", "3"), "--duration: 'soon' is not a duration"),
    (("--duration", "3650d", "--power", "3"), "366 days"),
    (("--duration", "10m", "--power", "nan"), "--power: 'nan' is no power"),
    (("--duration", "10m", "--power", "-3"), "--power: '-3' is no power"),
    (("--duration", "10m", "--power", "0"), "without energy"),
    ((*JOB, "--finish-within", "2x"), "excludes"),
    (("--duration", "10m", "--power", "3", "--within", "3650d"), "366 days"),
    (("--duration", "2d", "--power", "3", "--within", "365d"), "366 days"),
    (("--duration", "1d", "--power", "3", "--within", "1e9x"), "366 days"),
    (("--duration", "180d", "--power", "3", "--within", "180d"), "1 GB"),
    (("--duration", "1d", "--power", "3", "--within", "-2x"), "--within: '-2x'"),
    ((*JOB, "--resume-energy", "5m"), "--resume-energy requires --pausable"),
    ((*JOB, "--min-run", "1h"), "--min-run requires --pausable"),
    ((*JOB, "--pausable", "--restore-power", "3"), "--restore-power requires --restore"),
    ((*JOB, "--pausable", "--resume-energy", "much"), "--resume-energy: 'much'"),
    ((*JOB, "--pausable", "--resume-energy", "nankWh"), "--resume-energy: 'nankWh'"),
    ((*JOB, "--not", "8-18"), "--not: '8-18'"),
    ((*JOB, "--not", "25:00-26:00"), "--not"),
    ((*JOB, "--not", "10:00-10:00"), "00:00-24:00 is the whole day"),
    ((*JOB, "--machine", "held"), "--idle-power"),
    ((*JOB, "--machine", "gone"), "--machine"),
    ((*JOB, "--policy", "guess"), "--policy"),
    ((*JOB, "--policy", "exact"), "--policy exact: pauses the job; add --pausable"),
    ((*JOB, "--price", "cheap"), "--price: 'cheap'"),
    ((*JOB, "--at", "noon"), "--at: 'noon' is not a time"),
    ((*JOB, "--pue", "0.5"), "--pue"),
]


@pytest.mark.parametrize(("args", "words"), USAGE)
def test_a_command_line_that_is_off(lowtide: Lowtide, args: tuple[str, ...], words: str) -> None:
    series(lowtide, [100] * 20)
    assert words in refused(lowtide, 2, *args)


PROFILES = [
    ("", "the header is neither"),
    ("time,kwh\n1,2\n", "p.csv:1: the header is neither"),
    ("slot,kwh\n", "no data rows"),
    ("slot,kwh\n0,-1\n", "p.csv:2, field kwh: '-1' is below zero"),
    ("slot,kwh\n0,1\n2,1\n", "p.csv:3, field slot"),
    ("slot,kwh\n5,1\n", "p.csv:2, field slot"),
    ("slot,kwh\n0,nan\n", "p.csv:2, field kwh: 'nan' is not a number"),
    ("slot,kwh\n0,inf\n", "p.csv:2, field kwh"),
    ("slot,kwh\n0,0\n1,0\n", "without energy"),
    ("slot,kwh\n0,1,2\n", "p.csv:2: a row of 2 fields"),
    ("elapsed_s,energy_j\n300,-4\n", "p.csv:2, field energy_j: '-4' is below zero"),
    ("elapsed_s,energy_j\n300,4\n300,4\n", "p.csv:3, field elapsed_s: the time does not rise"),
    ("elapsed_s,energy_j\n0,4\n", "one row at 0 does not say how long"),
    ("elapsed_s,energy_j\n1e300,4\n", "over 366 days"),
    ("elapsed_s,energy_j\n,4\n", "p.csv:2, field elapsed_s: '' is not a number"),
]


@pytest.mark.parametrize(("rows", "words"), PROFILES)
def test_a_profile_that_is_off_is_named_by_file_line_and_field(lowtide: Lowtide, rows: str, words: str) -> None:
    series(lowtide, [100] * 20)
    (lowtide.folder / "p.csv").write_text(rows)
    said = refused(lowtide, 3, "--profile", "p.csv", "--within", "10m")
    assert words in said and "p.csv" in said


def test_a_malformed_series_is_refused_as_anywhere(lowtide: Lowtide) -> None:
    (lowtide.folder / "grid.csv").write_text(f"time,g_per_kwh\n{AT},100\n2021-03-01T10:05:00Z,nan\n")
    assert "grid.csv:3, field g_per_kwh" in refused(lowtide, 3, *JOB)


def test_a_window_that_touches_a_gap_names_it(lowtide: Lowtide) -> None:
    series(lowtide, [100, 100, None, None, 100, 100, None, 100])
    said = refused(lowtide, 4, *JOB)
    assert "no intensity for 2021-03-01 10:10Z to 2021-03-01 10:20Z, 2021-03-01 10:30Z to 2021-03-01 10:35Z" in said
    series(lowtide, [None if i in (1, 3, 5, 7) else 100 for i in range(40)])
    assert "and 1 more" in refused(lowtide, 4, *JOB)


def test_a_gap_that_the_window_does_not_touch_is_no_matter(lowtide: Lowtide) -> None:
    series(lowtide, [100, None] + [100] * 8 + [None, 100], first="2021-03-01T09:50:00+00:00")
    assert plan(lowtide, *JOB)["best"] == "now"


def test_a_series_shorter_than_the_window_says_to_where_it_is_needed(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 5)
    said = refused(lowtide, 4, *JOB)
    assert "10:25Z to 2021-03-01 10:40Z" in said and "the window is 2021-03-01 10:00Z to 2021-03-01 10:40Z" in said
    series(lowtide, [100] * 5, first="2031-01-01T00:00:00+00:00")
    assert "10:00Z to 2021-03-01 10:40Z" in refused(lowtide, 4, *JOB)


def test_what_is_not_there_is_absent(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 20)
    assert "none.csv" in refused(lowtide, 4, "--profile", "none.csv")
    assert "no run has been recorded yet" in refused(lowtide, 4, "--like", "last")
    assert "--other-signal" in refused(lowtide, 4, *JOB, "--agree", "both")
    done = lowtide("plan", *JOB, "--location", "FR", "--signal", "marginal")
    assert done.returncode == 4 and "no marginal source is configured or known for FR" in done.stderr
    lowtide.run("--", "true")
    done = lowtide("plan", "--like", "no-such-run")
    assert done.returncode != 0 and "no-such-run" in done.stderr


def test_a_deadline_that_is_past_says_the_earliest_that_would_do(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 40)
    said = refused(lowtide, 6, "--duration", "2h", "--power", "300W", "--finish-within", "90m")
    assert "ends at 2021-03-01 12:00 at the earliest" in said and "give at least 2h" in said
    assert plan(lowtide, "--duration", "2h", "--power", "300W", "--finish-within", "2h")["slack_slots"] == 0
    assert "give at least 10m" in refused(lowtide, 6, "--duration", "10m", "--power", "300W", "--finish-within", "0.5x")


def test_hours_that_leave_no_room_say_the_earliest_end_that_would_do(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 400)
    hours = ("--duration", "2h", "--power", "300W", "--not", "11:00-13:00")
    said = refused(lowtide, 6, *hours, "--finish-within", "3h")
    assert "the earliest end is 2021-03-01 15:00" in said and "--finish-within 5h" in said
    assert plan(lowtide, *hours, "--finish-within", "5h")["policies"][1]["end"] == "2021-03-01T15:00:00.000Z"
    said = refused(lowtide, 6, *hours, "--pausable", "--finish-within", "3h")
    assert "the earliest end is 2021-03-01 14:00" in said and "--finish-within 4h" in said
    assert plan(lowtide, *hours, "--pausable", "--finish-within", "4h")["best"] in ("lowest_slots", "exact")
    never = refused(lowtide, 6, *JOB, "--not", "00:00-24:00")
    assert "earliest" not in never and "allow more hours" in never
    assert "--pausable" in refused(lowtide, 6, "--duration", "20h", "--power", "3", "--within", "4h",
                                   "--not", "06:00-14:00")


def test_a_policy_that_may_not_be_carried_out_is_no_plan(lowtide: Lowtide) -> None:
    series(lowtide, [100, 100, 10, 100, 10, 100, 100, 100])
    said = refused(lowtide, 6, *JOB, "--pausable", "--min-pause", "20m", "--policy", "lowest_slots")
    assert "lowest_slots" in said and "--policy" in said


def test_trouble_with_the_environment_is_a_warning(lowtide: Lowtide) -> None:
    series(lowtide, [100] * 20)
    lowtide.env["LOWTIDE_PUE"] = "0.5"
    done = lowtide("plan", *JOB, "--intensity", "file:grid.csv", "--at", AT)
    assert done.returncode == 0 and "warning" in done.stderr and "LOWTIDE_PUE" in done.stderr
