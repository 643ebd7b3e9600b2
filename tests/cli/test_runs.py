"""`lowtide runs`: the newest first to be shown, and how many more there are."""

import sqlite3
from contextlib import closing

import pytest
from harness import Lowtide


@pytest.fixture
def many(lowtide: Lowtide) -> Lowtide:
    """A ledger of 60 runs: one real one, and copies of it an hour older each."""
    assert lowtide.run("--name", "a\x1b[31m<b>\\x&\"'", "--project", "p", "--", "true").returncode == 0
    with closing(sqlite3.connect(lowtide.home / "ledger.db")) as ledger, ledger:
        columns = [row[1] for row in ledger.execute("PRAGMA table_info(run)")]
        for i in range(1, 60):
            row = dict(zip(columns, ledger.execute("SELECT * FROM run WHERE key=1").fetchone(), strict=True))
            row |= {"key": i + 1, "id": f"copy{i:04}", "name": f"older-{i}", "project": "p" if i < 55 else "q",
                    "submitted_ns": row["submitted_ns"] - i * 3_600_000_000_000}
            ledger.execute(f"INSERT INTO run({','.join(row)}) VALUES({','.join('?' * len(row))})", list(row.values()))
    return lowtide


def shown(lowtide: Lowtide, *args: str) -> tuple[list[str], str]:
    """The names in the table, and what is said below it."""
    done = lowtide("runs", *args)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()[1:]
    below = lines.pop() if "--all" in lines[-1] else ""
    return [line.split()[1] for line in lines], below


def test_the_newest_fifty_are_shown_and_the_others_counted(many: Lowtide) -> None:
    names, below = shown(many)
    assert names[:-1] == [f"older-{i}" for i in range(49, 0, -1)]
    # How much of it is shown depends on how wide the other cells are.
    assert names[-1].startswith("a\\x1b[31m") and names[-1].endswith("…")
    assert below == "10 older runs are not shown: --all, --limit N"
    assert (len(shown(many, "--all")[0]), shown(many, "--all")[1]) == (60, "")


def test_a_limit_and_a_filter_go_together(many: Lowtide) -> None:
    names, below = shown(many, "--limit", "2", "--project", "q")
    assert names == ["older-56", "older-55"] and below.startswith("3 older runs are ")
    assert shown(many, "--limit", "4", "--project", "q")[1].startswith("1 older run is ")
    assert shown(many, "--limit", "5", "--project", "q") == ([f"older-{i}" for i in range(59, 54, -1)], "")


def test_json_lists_all_unless_it_is_limited(many: Lowtide) -> None:
    assert len(many.runs()) == 60
    assert many.runs()[-1]["name"].startswith("a\x1b")
    done = many("runs", "--json", "--limit", "3")
    assert done.stdout.count('"id"') == 3 and "older-2" in done.stdout


@pytest.mark.parametrize("args", [["--limit", "0"], ["--limit", "-1"], ["--limit", "x"], ["--limit", "1", "--all"]])
def test_a_limit_that_is_none_is_refused(lowtide: Lowtide, args: list[str]) -> None:
    assert lowtide("runs", *args).returncode == 2


def test_a_run_that_fits_nothing_is_offered_the_nearest(many: Lowtide) -> None:
    done = many("show", "oldr-7")
    assert done.returncode == 2 and "nearest: 'older-7'" in done.stderr
    assert "copy0030" in many("show", "copy003").stderr, "a prefix of several is refused with them"
    assert many("show", "copy0031").returncode == 0
