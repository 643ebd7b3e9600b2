"""Fixtures of the tests of the binary."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Lowtide, Terminal  # noqa: E402


@pytest.fixture
def lowtide(tmp_path: Path) -> Iterator[Lowtide]:
    """The program with an empty ledger; nothing that it started outlives the test."""
    program = Lowtide(tmp_path)
    yield program
    program.clean()


@pytest.fixture
def terminal(lowtide: Lowtide) -> Iterator[Terminal]:
    """A shell on a terminal, with $LOWTIDE naming the program."""
    shell = Terminal(lowtide)
    yield shell
    shell.close()
