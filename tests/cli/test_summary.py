"""The summary on stderr: short, and honest about what is modelled, assumed and missing."""

import re

from harness import Lowtide, flat, job

BUSY = job("import time\nend = time.time() + 1.2\nwhile time.time() < end: pass")


def test_the_summary_has_what_the_contract_names_in_at_most_15_lines(lowtide: Lowtide) -> None:
    done = lowtide("run", "--name", "digits", "--location", "FR", "--", *BUSY)
    lines = done.stderr.splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 120
    for word in ("digits", "energy", "intensity", "carbon", "SCI", "per run", "FR", "average", "life-cycle", "typical",
                 "boundary", "Wh", "g/kWh", "CO2", "next", "lowtide show"):
        assert word in flat(done.stderr), word
    assert lowtide.report()["run"]["id"][:4] in done.stderr


def test_energy_that_is_mostly_modelled_is_said_in_the_first_line(lowtide: Lowtide) -> None:
    done = lowtide.run("--", *BUSY)
    if lowtide.report()["energy"]["modelled_share"] > 0.3:
        assert "modelled" in done.stderr.splitlines()[0]
    else:
        assert "modelled" not in done.stderr.splitlines()[0]


def test_a_failed_job_is_said_to_have_failed(lowtide: Lowtide) -> None:
    assert "exit 3" in lowtide.run("--", "sh", "-c", "exit 3").stderr
    killed = lowtide.run("--", "sh", "-c", "kill -9 $$").stderr
    assert "killed" in killed and "137" in killed


def test_an_assumed_place_is_said_to_be_assumed(lowtide: Lowtide) -> None:
    (lowtide.folder / "machine").mkdir()
    lowtide.env |= {"LOWTIDE_SYSROOT": str(lowtide.folder / "machine"), "TZ": "Europe/Paris"}
    assert "assumed" in lowtide("run", "--", "true").stderr


def test_a_summary_is_free_of_colour_in_a_file(lowtide: Lowtide) -> None:
    done = lowtide.run("--", "true")
    assert "\x1b" not in done.stderr and "\r" not in done.stderr


def test_a_very_short_job_says_so_and_divides_by_nothing(lowtide: Lowtide) -> None:
    done = lowtide.run("--", "true")
    assert not re.search(r"\b(nan|inf)\b", done.stderr, re.IGNORECASE)
    text = lowtide("report", "last", "--format", "json").stdout
    assert not re.search(r"NaN|Infinity", text)
    assert lowtide.report()["run"]["duration_s"] >= 0
