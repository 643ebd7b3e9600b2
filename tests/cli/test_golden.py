"""What users read, word for word: tests/golden/NAME.txt. `make golden` writes them anew."""

import os
import re
from pathlib import Path

import pytest
from harness import Lowtide

GOLDEN = Path(__file__).resolve().parents[1] / "golden"

PLAN = ["plan", "--duration", "9h", "--power", "2.4kW", "--intensity", "file:plan.csv", "--location", "US-CAL-CISO",
        "--signal", "marginal", "--at", "2021-03-01T14:03Z"]
PLANNED = [310, 280, 260, 250, 255, 300, 380, 420, 410, 300, 180, 120, 90, 80, 85, 110, 190, 320, 430, 460, 450, 430,
           390, 340]  # g/kWh of each hour of a day

CASES: dict[str, list[str]] = {
    "help": ["--help"],
    "help_run": ["run", "--help"],
    "help_runs": ["runs", "--help"],
    "help_show": ["show", "--help"],
    "help_report": ["report", "--help"],
    "help_compare": ["compare", "--help"],
    "help_plan": ["plan", "--help"],
    "help_review": ["review", "--help"],
    "review_nothing": ["review"],
    "plan": [*PLAN, "--finish-within", "2x", "--pausable", "--not", "22:00-23:30"],
    "plan_held": [*PLAN, "--within", "12h", "--pausable", "--machine", "held", "--idle-power", "480W", "--hold-g",
                  "37.6g/h", "--price", "$20/h", "--restore", "2m", "--min-run", "1h"],
    "plan_start": [*PLAN, "--within", "8h"],
    "plan_typical": ["plan", "--duration", "3h", "--power", "300W", "--location", "FR", "--at", "2026-06-01T18:00Z",
                     "--within", "24h"],
    "plan_nothing": ["plan"],
    "plan_gap": [*PLAN, "--within", "3d"],
    "plan_past": [*PLAN, "--finish-within", "8h"],
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
    "help_study": ["study", "--help"],
    "help_grid": ["grid", "--help"],
    "help_grid_zones": ["grid", "zones", "--help"],
    "help_grid_fetch": ["grid", "fetch", "--help"],
    "help_grid_import": ["grid", "import", "--help"],
    "help_grid_show": ["grid", "show", "--help"],
    "help_grid_export": ["grid", "export", "--help"],
    "help_grid_forecast": ["grid", "forecast", "--help"],
    "help_grid_score": ["grid", "score", "--help"],
    "help_verify": ["verify", "--help"],
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
    "compare_an_empty_ledger": ["compare", "last"],
    "compare_sku_without_file": ["compare", "last", "--sku", "V100"],
    "compare_unknown_country": ["compare", "last", "--legal", "EU,Mars"],
    "continue_nothing": ["run", "--continue", "bert", "--", "true"],
}


def said(lowtide: Lowtide, name: str) -> str:
    """Status, stdout and stderr of one case, free of what differs by machine."""
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n2026-01-01T00:00:00Z,100\n2026-01-01T01:00:00Z,lots\n")
    (lowtide.folder / "plan.csv").write_text("time,g_per_kwh\n" + "".join(
        f"2021-03-{1 + h // 24:02}T{h % 24:02}:00Z,{PLANNED[h % 24] + h}\n" for h in range(72)))
    lowtide.env["TZ"] = "UTC"
    if name == "home_cannot_be_made":
        lowtide.env["LOWTIDE_HOME"] = "/proc/none"
    done = lowtide(*CASES[name])
    text = f"$ lowtide {' '.join(CASES[name])}\nstatus {done.returncode}\n"
    text += "".join(f"{stream}:\n{out}" for stream, out in (("stdout", done.stdout), ("stderr", done.stderr)) if out)
    text = re.sub(re.escape(str(lowtide.folder)), "FOLDER", text)
    return re.sub(r"lowtide-\d+/(\w+)-\w{8}\.db", r"lowtide-UID/\1-ID.db", text)


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
