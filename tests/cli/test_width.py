"""Real terminals of 20, 40 and 80 columns: no line is wider, whatever the names; and who gets escape sequences."""

import fcntl
import os
import pty
import re
import struct
import termios
import unicodedata
from collections.abc import Sequence

import pytest
from harness import Lowtide, binary

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NAMES = {
    "wide": "深度学习模型训练" * 8,
    "wide words": "한국어 모델 " * 9 + "ｆｕｌｌ",
    "combining": "e\u0301\u0323\u20d7" * 30 + "שָׁלוֹם" * 4 + "กำลังเรียนรู้" * 4 + "नमस्ते" * 9,
    "emoji": "👩\u200d💻🔥🇫🇷⌚✅" * 12,
    "control": "a\x1b[31m\x07\r\tb\x7f\x9b\u202e\u2028\u061c" * 6,
    "long": "x" * 300,
    "short": "ab",
}


def width(text: str) -> int:
    """Columns that a terminal needs, from Unicode's own data: East Asian Width W and F are two, what combines none."""
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text), f"a control character in {text!r}"
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else
               2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def on_terminal(lowtide: Lowtide, columns: int, *args: str, **environment: str) -> str:
    """What the program writes to a terminal of this size of its own."""
    env = {k: v for k, v in (lowtide.env | environment).items() if v}
    pid, fd = pty.fork()
    if pid == 0:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.chdir(lowtide.folder)
            os.execve(binary(), [binary(), *args], env)
        finally:
            os._exit(127)  # a copy of the test program must not go on
    said = b""
    try:
        while more := os.read(fd, 65536):
            said += more
    except OSError:  # the other end is closed
        pass
    os.close(fd)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said
    return said.decode()  # what was cut is cut between characters


def assert_fits(said: str, columns: int) -> list[str]:
    """The lines, none of which is wider than the terminal."""
    lines = COLOUR.sub("", said).removesuffix("\r\n").split("\r\n")
    for line in lines:
        assert width(line) <= columns, (width(line), line)
    return lines


def live_lines(said: str) -> list[str]:
    """Each live line that was drawn: what stands between going down a row and clearing its rest."""
    return re.findall(r"\x1b\[B\r(.*?)\x1b\[K", COLOUR.sub("", said), flags=re.S)


def run_with_names(lowtide: Lowtide, columns: int, name: str, *command: str) -> str:
    """A run whose name, project, count and command have these characters, on a terminal."""
    (lowtide.folder / "counts").write_text("")
    return on_terminal(lowtide, columns, "run", "--intensity", "400g/kWh", "--interval", "100ms", "--name", name,
                       "--project", name, *command)


SIZES = [20, 40, 80]


@pytest.mark.parametrize("columns", SIZES)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_summary_list_and_report_fit(lowtide: Lowtide, columns: int, name: str) -> None:
    said = run_with_names(lowtide, columns, name, "--", "/bin/sh", "-c", "exit 0", name)
    summary = assert_fits(said, columns)
    assert summary[0].startswith("lowtide") and len(summary) <= 15
    assert any(" carbon" in line for line in summary)
    listed = assert_fits(on_terminal(lowtide, columns, "runs"), columns)
    assert len(listed) == 2, "a head and a line"
    shown = assert_fits(on_terminal(lowtide, columns, "show", "last"), columns)
    assert sum("provenance" in line for line in shown) == 1
    assert_fits(on_terminal(lowtide, columns, "show", "last", "--follow"), columns)
    assert_fits(on_terminal(lowtide, columns, "report", "last"), columns)


@pytest.mark.parametrize("columns", SIZES)
def test_the_live_line_fits(lowtide: Lowtide, columns: int) -> None:
    said = run_with_names(lowtide, columns, NAMES["wide"], "--per", "1000 samples",
                          "--count", "samples=1000", "--", "sleep", "2.2")
    drawn = live_lines(said)
    assert len(drawn) >= 2
    for line in drawn:
        assert re.match(r"\d:\d\d:\d\d", line)
        assert width(line) < columns, "the last column stays free: a terminal may wrap behind it"


@pytest.mark.parametrize("columns", SIZES)
@pytest.mark.parametrize("place", ["wide", "combining", "control", "long"])
def test_doctor_fits(lowtide: Lowtide, columns: int, place: str) -> None:
    said = on_terminal(lowtide, columns, "doctor", LOWTIDE_LOCATION=NAMES[place])
    # A command is there to be copied: it is left in one piece.
    kept = [line for line in said.split("\r\n") if not COLOUR.sub("", line).lstrip().startswith("$ ")]
    lines = assert_fits("\r\n".join(kept), columns)
    assert any("place" in line for line in lines)


WALK: list[Sequence[str]] = [
    ("run", "--intensity", "400g/kWh", "--", "sleep", "1.6"),
    ("runs",),
    ("show", "last"),
    ("show", "last", "--follow"),
    ("show", "last", "--explain"),
    ("report", "last"),
    ("doctor",),
]


def test_escape_sequences_are_for_terminals_that_know_them(lowtide: Lowtide) -> None:
    for args in WALK:
        assert COLOUR.search(on_terminal(lowtide, 80, *args)), args
        plain = on_terminal(lowtide, 80, *args, NO_COLOR="1")
        assert not COLOUR.search(plain), args
        if args[0] != "run":  # its live line is no colour; it needs to move the cursor
            assert "\x1b" not in plain, args
        for kind in ("dumb", ""):
            assert "\x1b" not in on_terminal(lowtide, 80, *args, TERM=kind), (args, kind)
        done = lowtide(*args)
        assert "\x1b" not in done.stdout + done.stderr, args
