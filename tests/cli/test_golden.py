"""What users read, word for word: tests/golden/NAME.txt. `make golden` writes them anew."""

import os
import re
from pathlib import Path

import pytest
from harness import Lowtide

GOLDEN = Path(__file__).resolve().parents[1] / "golden"

CASES: dict[str, list[str]] = {
    "help": ["--help"],
    "help_run": ["run", "--help"],
    "help_runs": ["runs", "--help"],
    "help_show": ["show", "--help"],
    "help_report": ["report", "--help"],
    "help_doctor": ["doctor", "--help"],
    "help_help": ["help", "--help"],
    "help_completion": ["completion", "--help"],
    "help_config": ["config", "--help"],
    "help_edit": ["edit", "--help"],
    "help_rm": ["rm", "--help"],
    "help_export": ["export", "--help"],
    "edit_nothing": ["edit", "last"],
    "config": ["config"],
    "config_wrong_key": ["config", "set", "locaton", "FR"],
    "help_grid": ["grid", "--help"],
    "help_grid_zones": ["grid", "zones", "--help"],
    "grid_zones": ["grid", "zones", "denmark"],
    "grid_zones_none": ["grid", "zones", "Atlantis"],
    "no_command": ["run"],
    "unknown_flag": ["run", "--no-such-flag", "--", "true"],
    "unknown_subcommand": ["no-such-command"],
    "unknown_zone": ["run", "--location", "US-CAL-CISOO", "--", "true"],
    "unknown_region": ["run", "--location", "azure:westus22", "--", "true"],
    "bad_location": ["run", "--location", "95,10", "--", "true"],
    "bad_intensity": ["run", "--intensity", "475", "--", "true"],
    "bad_interval": ["run", "--interval", "soon", "--", "true"],
    "bad_gpus": ["run", "--gpus", "two", "--", "true"],
    "bad_per": ["run", "--per", "1000", "--", "true"],
    "bad_pue": ["run", "--pue", "0.5", "--", "true"],
    "bad_count": ["run", "--count", "samples=many", "--", "true"],
    "marginal_without_a_source": ["run", "--location", "FR", "--signal", "marginal", "--", "true"],
    "series_not_a_number": ["run", "--intensity", "file:grid.csv", "--", "true"],
    "series_unnamed": ["run", "--intensity", "file:", "--", "true"],
    "series_missing": ["run", "--intensity", "file:none.csv", "--", "true"],
    "not_found": ["run", "--quiet", "--intensity", "400g/kWh", "--", "no-such-command-anywhere"],
    "not_named": ["run", "--quiet", "--intensity", "400g/kWh", "--", ""],
    "not_executable": ["run", "--quiet", "--intensity", "400g/kWh", "--", "./grid.csv"],
    "home_cannot_be_made": ["run", "--quiet", "--intensity", "400g/kWh", "--", "true"],
    "runs_of_an_empty_ledger": ["runs"],
    "last_of_an_empty_ledger": ["show", "last"],
    "none_since": ["runs", "--since", "2100-01-01", "--project", "none"],
    "unknown_run": ["report", "zzzz"],
}


def said(lowtide: Lowtide, name: str) -> str:
    """Status, stdout and stderr of one case, free of what differs by machine."""
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n2026-01-01T00:00:00Z,100\n2026-01-01T01:00:00Z,lots\n")
    if name == "home_cannot_be_made":
        lowtide.env["LOWTIDE_HOME"] = "/proc/none"
    done = lowtide(*CASES[name])
    text = f"$ lowtide {' '.join(CASES[name])}\nstatus {done.returncode}\n"
    text += "".join(f"{stream}:\n{out}" for stream, out in (("stdout", done.stdout), ("stderr", done.stderr)) if out)
    return re.sub(re.escape(str(lowtide.folder)), "FOLDER", text)


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_is_as_reviewed(lowtide: Lowtide, name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    now = said(lowtide, name)
    if os.environ.get("LOWTIDE_GOLDEN") == "write":
        path.write_text(now)
    assert now == path.read_text(), "if this is meant: make golden, and review the diff"


def test_no_golden_file_is_left_over() -> None:
    if os.environ.get("LOWTIDE_GOLDEN") == "write":
        for path in GOLDEN.glob("*.txt"):
            if path.stem not in CASES:
                path.unlink()
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)
