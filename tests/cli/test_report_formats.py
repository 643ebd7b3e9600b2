"""`lowtide report --format csv|md`: read back by what reads such files."""

import csv
import io
import math
import re
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide

NASTY = "=a|b <i>\"'&$_%#{}~^\\`é日\x1b[31m\n\t@c"
PHASES = ["exploration", "failures", "final"]


@pytest.fixture
def project(lowtide: Lowtide) -> Lowtide:
    """Three runs of one project: one of each phase, the final one with a name that tries to break out."""
    lowtide.run("--project", "p", "--name", "try", "--", "sleep", "0.3")
    lowtide.run("--project", "p", "--name", "broken", "--", "sh", "-c", "sleep 0.3; exit 3")
    lowtide.run("--project", "p", "--name", NASTY, "--tag", "phase=final", "--tag", "training_type=fine-tuning",
                "--pue", "1.25", "--", "sleep", "0.3")
    return lowtide


def said(lowtide: Lowtide, *args: str) -> str:
    """What `lowtide report` prints, byte for byte."""
    done = lowtide("report", *args, text=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def rows(text: str) -> list[dict[str, str]]:
    """A CSV as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def control(text: str) -> list[str]:
    """Control characters other than ends of line."""
    return re.findall(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", text)


def test_csv_has_the_figures_of_the_json_unrounded(project: Lowtide) -> None:
    (row,) = rows(said(project, "try", "--format", "csv"))
    report = project.report("try")
    for column, value in {"total_kwh": report["energy"]["total_kwh"], "operational_g": report["carbon"]["operational_g"],
                          "low_g": report["carbon"]["low_g"], "sci_value": report["sci"]["value"],
                          "duration_s": report["run"]["duration_s"],
                          "energy_weighted_g_per_kwh": report["intensity"][0]["energy_weighted_g_per_kwh"]}.items():
        assert (row[column] == "") if value is None else (float(row[column]) == value), column
    assert (row["row"], row["pue"], row["parent"]) == ("run", "", "")


def test_csv_sums_by_phase(project: Lowtide) -> None:
    runs = [run["id"] for run in project.runs()]
    text = said(project, *runs, "--format", "csv", "--mixed-boundary")
    assert text.count("\r\n") == text.count("\n") == 8
    table = rows(text)
    assert [row["row"] for row in table] == ["run"] * 3 + PHASES + ["sum"]
    assert [row["phase"] for row in table[:3]] == PHASES
    for column in ("total_kwh", "total_g", "duration_s"):
        whole = float(table[-1][column])
        for parts in (table[:3], table[3:6]):
            assert math.isclose(sum(float(row[column]) for row in parts), whole, rel_tol=1e-12), column


@pytest.mark.parametrize("form", ["text", "json", "csv", "md", "latex", "html"])
def test_no_name_breaks_out_of_a_format(project: Lowtide, form: str) -> None:
    assert not control(said(project, "last", "--format", form))
    assert not control(said(project, "--project", "p", "--mixed-boundary", "--format", form))


def test_csv_name_is_no_formula(project: Lowtide) -> None:
    (row,) = rows(said(project, "last", "--format", "csv"))
    assert row["name"] == "'" + NASTY.replace("\x1b", "\\x1b").replace("\n", "\\x0a").replace("\t", "\\x09")


@pytest.mark.parametrize("form", ["csv", "md", "latex", "html"])
def test_runs_of_unlike_boundary_are_refused_with_both_named(project: Lowtide, form: str) -> None:
    ids = [run["id"] for run in project.runs()]
    done = project("report", "--project", "p", "--format", form)
    assert (done.returncode, done.stdout) == (2, "")
    for part in (ids[0], "boundary it", ids[2], "boundary facility", "--mixed-boundary"):
        assert part in done.stderr


@pytest.mark.parametrize("form", ["csv", "md", "latex", "html"])
def test_runs_of_unlike_signal_are_refused_with_both_named(lowtide: Lowtide, form: str) -> None:
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n2020-01-01T00:00:00Z,400\n2099-01-01T00:00:00Z,400\n")
    for signal in ("average", "marginal"):
        done = lowtide("run", "--project", "p", "--signal", signal, "--intensity", "file:grid.csv", "--", "sleep", "0.3")
        assert done.returncode == 0, done.stderr
    ids = [run["id"] for run in lowtide.runs()]
    done = lowtide("report", "--project", "p", "--format", form)
    assert (done.returncode, done.stdout) == (2, "")
    for part in (*ids, "average", "marginal", "unlike"):
        assert part in done.stderr


def yaml_scalars(text: str) -> dict[str, Any]:
    """The model card's block, read by the small part of YAML that it uses."""
    (block,) = re.findall(r"```yaml\nco2_eq_emissions:\n(.*?)```", text, flags=re.S)
    found: dict[str, Any] = {}
    for line in block.splitlines():
        key, value = re.fullmatch(r'  (\w+): ("(?:[^"\\]|\\.)*"|[\d.]+(?=  #)|null)(?:  # grams)?', line).groups()
        found[key] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else float(value)
    return found


def test_model_card_block_has_the_keys_of_the_hub(project: Lowtide) -> None:
    card = yaml_scalars(said(project, "last", "--format", "md"))
    report = project.report("last")
    assert set(card) <= {"emissions", "source", "training_type", "geographical_location", "hardware_used"}
    assert math.isclose(card["emissions"], report["carbon"]["operational_g"], rel_tol=0.5)
    assert card["training_type"] == "fine-tuning"
    assert "PUE 1.25" in card["source"]
    assert "CPUs" in card["hardware_used"]


def test_markdown_sums_by_phase(project: Lowtide) -> None:
    text = said(project, "--project", "p", "--mixed-boundary", "--format", "md")
    assert [line.split(" | ")[0] for line in text.splitlines() if re.match(r"\| (explor|fail|final|total)", line)] == \
        [f"| {name}" for name in (*PHASES, "total")]
    assert "fine-tuning" in yaml_scalars(text)["training_type"]


def test_a_file_is_written_byte_for_byte(project: Lowtide) -> None:
    assert project("report", "try", "--format", "csv", "--out", "out.csv").returncode == 0
    assert Path(project.folder / "out.csv").read_bytes().decode() == said(project, "try", "--format", "csv")
