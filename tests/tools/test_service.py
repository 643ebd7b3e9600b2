"""The systemd unit that is shipped: systemd finds nothing wrong with it, and rates it as hardened."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[2] / "data/systemd/lowtide-watch.service"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as `make install` writes it, of a program that is there."""
    (tmp_path / "lowtide").symlink_to(shutil.which("true"))
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("@BINDIR@", str(tmp_path)))
    return path


def test_systemd_finds_nothing_wrong(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_unit_would_be_found(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("ExecStart=", "ExecStart=/no/such"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_its_exposure_is_at_most_2_5_of_10(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


def test_it_survives_what_kills_it(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert "Restart=always" in lines
    assert any(line.startswith("ExecStart=") and line.endswith("watch --machine --quiet") for line in lines)
