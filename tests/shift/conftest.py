"""Fixtures of the tests of runs that a plan moves."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Lowtide, Terminal  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture
def lowtide(tmp_path: Path) -> Iterator[Lowtide]:
    """The program with an empty ledger; nothing that it started outlives the test."""
    program = Lowtide(tmp_path)
    yield program
    program.clean()


@pytest.fixture
def world(lowtide: Lowtide) -> World:
    """A grid whose hours are known, on a clock on which an hour is five seconds."""
    return World(lowtide)


@pytest.fixture
def terminal(world: World) -> Iterator[Terminal]:
    """A shell on a terminal, with $LOWTIDE naming the program."""
    shell = Terminal(world.lowtide)
    yield shell
    shell.close()
