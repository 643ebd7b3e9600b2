"""Secrets of a command line are not kept, and text from outside cannot steer a terminal."""

import sqlite3
from pathlib import Path

import pytest
from harness import Lowtide

SECRET = "hunter2hunter2"


@pytest.mark.parametrize("arguments", [
    [f"--api-key={SECRET}"], ["--api-key", SECRET], [f"--token={SECRET}"], ["--auth-token", SECRET], [f"PASSWORD={SECRET}"],
    [f"WANDB_API_KEY={SECRET}"], ["--client-secret", SECRET], [f"--db.passwd={SECRET}"], [f"-Dapi.secret={SECRET}"],
    [f"https://me:{SECRET}@host.org/x"], [f"--db=postgres://me:{SECRET}@host/db?n=1"],
])
def test_a_secret_in_the_command_line_reaches_the_job_and_nothing_else(lowtide: Lowtide, arguments: list[str]) -> None:
    done = lowtide.run("--json", "out.json", "--", "sh", "-c", 'printf "%s\\n" "$@" > seen', "sh", *arguments)
    assert done.returncode == 0
    assert (lowtide.folder / "seen").read_text().splitlines() == arguments, "the job gets it whole"
    command = lowtide.report()["run"]["command"]
    assert any("***" in word for word in command)
    assert len(command) == 4 + len(arguments)
    for path in [*Path(lowtide.home).rglob("*"), lowtide.folder / "out.json"]:
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path.name
    for said in (done.stderr, lowtide("show", "last").stdout, lowtide("runs").stdout, lowtide("report", "last").stdout):
        assert SECRET not in said


def test_a_word_that_only_looks_like_a_value_is_kept(lowtide: Lowtide) -> None:
    lowtide.run("--", "true", "--epochs", "3", "train.py", "--keyboard-interrupt-ok")
    assert lowtide.report()["run"]["command"][:4] == ["true", "--epochs", "3", "train.py"]


def test_no_command_keeps_none(lowtide: Lowtide) -> None:
    lowtide.run("--no-command", "--", "sh", "-c", "true", "private-name")
    assert "private-name" not in str(lowtide.report())
    for path in Path(lowtide.home).rglob("*"):
        assert not path.is_file() or b"private-name" not in path.read_bytes()


HOSTILE = "evil\x1b]0;title\x07\x1b[2J\r\nname\x9b31m\x7f"


def test_control_characters_are_escaped_wherever_text_is_shown(lowtide: Lowtide) -> None:
    done = lowtide.run("--name", HOSTILE, "--project", HOSTILE, "--", "true", HOSTILE)
    assert done.returncode == 0
    shown = [done.stderr] + [lowtide(*a).stdout for a in (["runs"], ["show", "last"], ["report", "last"])]
    for text in shown:
        assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in text), repr(text)
        assert "evil" in text
    assert lowtide.report()["run"]["name"] == HOSTILE, "JSON escapes and keeps it"


def test_control_characters_in_an_error_are_escaped(lowtide: Lowtide) -> None:
    for arguments in (["run", "--location", "\x1b[31mX", "--", "true"], ["show", "\x1b[31mX"],
                      ["run", "--", "\x1b[31mX"], ["run", "--\x1b[31mX", "--", "true"]):
        assert "\x1b" not in lowtide(*arguments).stderr


def test_a_command_line_that_is_no_utf8_is_kept_and_reported(lowtide: Lowtide) -> None:
    done = lowtide.run("--", b"sh", b"-c", b'printf %s "$1"', b"sh", b"caf\xe9", text=False)  # type: ignore[arg-type]
    assert done.stdout == b"caf\xe9"
    assert lowtide.report()["run"]["command"][4].startswith("caf")


def test_the_ledger_is_sound_and_in_wal_mode(lowtide: Lowtide) -> None:
    lowtide.run("--", "true")
    with sqlite3.connect(lowtide.home / "ledger.db") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
