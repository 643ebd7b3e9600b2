"""Fixtures of the tests of providers: the loopback ones of rig/providers, and the program with a home of its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "rig" / "providers"), str(ROOT / "tests" / "cli")]
from harness import Lowtide  # noqa: E402


@pytest.fixture
def lowtide(tmp_path: Path) -> Iterator[Lowtide]:
    """The program with an empty ledger and cache; nothing that it started outlives the test."""
    program = Lowtide(tmp_path)
    yield program
    program.clean()


@pytest.fixture
def clients_python() -> str:
    """The interpreter that has the providers' own clients (tools/setup.sh clients)."""
    python = Path(os.environ.get("CLIENTS_VENV") or ROOT / "build" / "clients-venv") / "bin" / "python"
    assert python.exists(), "tools/setup.sh clients makes build/clients-venv"
    return str(python)
