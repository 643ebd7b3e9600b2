"""`LOWTIDE_RUN_ID` and `run --continue`: which record a run belongs to, and what the commands make of one."""

import json
import sqlite3
from pathlib import Path

import jsonschema
import pytest
from harness import Lowtide, binary


def life(lowtide: Lowtide, run_id: str, *args: str) -> None:
    """One life of this record."""
    assert lowtide.run(*args, "--quiet", "--", "true", env=lowtide.env | {"LOWTIDE_RUN_ID": run_id}).returncode == 0


def kinds(report: dict) -> list[str]:
    return [event["kind"] for event in report["events"]]


def test_continue_joins_the_record_and_takes_its_name_project_and_tags(lowtide: Lowtide) -> None:
    first = lowtide.run("--name", "train", "--project", "bert", "--tag", "phase=final", "--count", "samples=100",
                        "--", "false")
    assert first.returncode == 1
    again = lowtide("run", "--continue", "train", "--count", "samples=20", "--json", "life.json", "--", "true")
    assert again.returncode == 0 and ", this life" in again.stderr, again.stderr
    report = lowtide.report("train")
    run = report["run"]
    assert (run["lives"], run["state"], run["exit_status"]) == (2, "finished", 0)
    assert (run["name"], run["project"], run["command"]) == ("train", "bert", ["false"])
    assert report["intensity"][0]["source"] == "constant" and len(report["intensity"]) == 1
    assert report["intensity"][0]["mean_g_per_kwh"] == pytest.approx(400)
    of_life = json.loads((lowtide.folder / "life.json").read_text())
    assert of_life["run"]["id"] == run["id"] and of_life["run"]["lives"] == 1
    assert of_life["run"]["duration_s"] < run["duration_s"]
    assert "life" in kinds(report) and "life-options" not in kinds(report)
    assert [r["id"] for r in lowtide.runs()] == [run["id"]]
    counts = [r["run"]["counts"] for r in json.loads(lowtide("export", "train").stdout)["runs"]]
    assert counts == [{"samples": 100}, {"samples": 20}]


@pytest.mark.parametrize("name", ["last", "prefix", "the id"])
def test_continue_finds_a_run_as_everywhere(lowtide: Lowtide, name: str) -> None:
    lowtide.run("--name", "one", "--", "true")
    whole = lowtide.runs()[0]["id"]
    wanted = {"last": "last", "prefix": whole[:5], "the id": whole}[name]
    assert lowtide("run", "--quiet", "--continue", wanted, "--", "true").returncode == 0
    assert [r["id"] for r in lowtide.runs()] == [whole] and lowtide.runs()[0]["lives"] == 2


def test_a_run_that_is_not_there_is_refused_with_the_nearest(lowtide: Lowtide) -> None:
    refused = lowtide.run("--continue", "train", "--", "touch", "ran")
    assert refused.returncode == 125 and "--continue" in refused.stderr
    lowtide.run("--name", "training", "--quiet", "--", "true")
    refused = lowtide.run("--continue", "trainin", "--", "touch", "ran")
    assert refused.returncode == 125 and "nearest: 'training'" in refused.stderr, refused.stderr
    assert refused.stderr.count("\n") == 1 and not (lowtide.folder / "ran").exists()


def test_a_ledger_in_trouble_keeps_no_job_from_running(lowtide: Lowtide) -> None:
    lowtide.home.mkdir()
    (lowtide.home / "ledger.db").write_bytes(b"this is no database, " * 100)
    done = lowtide.run("--continue", "train", "--quiet", "--", "sh", "-c", "touch ran; exit 4")
    assert done.returncode == 4 and (lowtide.folder / "ran").exists()
    assert "--continue" in done.stderr and "a record of its own" in done.stderr, done.stderr


def test_flags_that_disagree_with_the_record_are_one_warning(lowtide: Lowtide) -> None:
    lowtide.run("--name", "one", "--idle", "reserved", "--quiet", "--", "true")
    again = lowtide.run("--continue", "last", "--idle", "all", "--pue", "1.5", "--name", "two", "--quiet", "--", "true")
    assert again.returncode == 0
    assert again.stderr.count("\n") == 1 and "--name, --idle, --pue: run" in again.stderr, again.stderr
    report = lowtide.report("one")
    assert report["energy"]["pue"] is None and report["run"]["name"] == "one"
    quiet = lowtide.run("--continue", "last", "--idle", "reserved", "--quiet", "--", "true")
    assert quiet.stderr == ""


@pytest.mark.parametrize("bad", ["a b", "x" * 65, "../x", "last", "-x"])
def test_an_id_that_is_none_is_a_warning_and_the_run_its_own(lowtide: Lowtide, bad: str) -> None:
    done = lowtide.run("--quiet", "--", "true", env=lowtide.env | {"LOWTIDE_RUN_ID": bad})
    assert done.returncode == 0 and "LOWTIDE_RUN_ID" in done.stderr and "(ignored)" in done.stderr
    assert len(lowtide.runs()) == 1 and lowtide.runs()[0]["id"] != bad


def test_the_job_gets_the_id_of_the_record(lowtide: Lowtide) -> None:
    said = lowtide.run("--quiet", "--", "sh", "-c", "echo $LOWTIDE_RUN_ID",
                       env=lowtide.env | {"LOWTIDE_RUN_ID": "a.b_c-1"})
    assert said.stdout == "a.b_c-1\n"
    again = lowtide.run("--quiet", "--continue", "a.b_c-1", "--", "sh", "-c", "echo $LOWTIDE_RUN_ID")
    assert again.stdout == "a.b_c-1\n" and lowtide.runs()[0]["lives"] == 2


def test_continue_inside_the_record_itself_is_nested(lowtide: Lowtide) -> None:
    inner = f'"{binary()}" run --quiet --name inner --continue $LOWTIDE_RUN_ID -- true'
    assert lowtide.run("--quiet", "--name", "outer", "--", "sh", "-c", inner).returncode == 0
    assert lowtide.report("inner")["run"]["parent"] == lowtide.report("outer")["run"]["id"]
    assert len(lowtide.runs()) == 2


def test_commands_act_on_the_whole_record(lowtide: Lowtide) -> None:
    for _ in range(3):
        life(lowtide, "bert-7", "--name", "train", "--count", "samples=10")
    life(lowtide, "other", "--name", "train")
    listed = lowtide.runs()
    assert [(r["id"], r["lives"]) for r in listed] == [("bert-7", 3), ("other", 1)]
    rows = json.loads(lowtide("export", "bert-7").stdout)["runs"]
    assert len(rows) == 3 and all(r["run"]["life_of"] == "bert-7" for r in rows)
    one = rows[1]["run"]["id"]
    assert lowtide.report(one)["run"]["id"] == lowtide.report("bert-")["run"]["id"] == "bert-7"
    assert lowtide("edit", one, "--name", "new", "--count", "samples=7").returncode == 0
    assert lowtide.report("new")["run"]["name"] == "new"
    counts = [r["run"]["counts"] for r in json.loads(lowtide("export", "bert-7").stdout)["runs"]]
    assert counts == [{"samples": 7}, {}, {}]
    assert "3 lives" in lowtide("show", "bert-7").stdout
    assert lowtide("show", "bert-7", "--explain").returncode == 0
    removed = lowtide("rm", one, "--yes")
    assert removed.returncode == 0 and "removed bert-7 new" in removed.stdout, removed
    assert [r["id"] for r in lowtide.runs()] == ["other"]
    assert lowtide("export", "bert-7").returncode == 2


def test_a_life_on_another_machine_has_devices_of_its_own(lowtide: Lowtide) -> None:
    for _ in range(2):
        life(lowtide, "moved")
    with sqlite3.connect(lowtide.home / "ledger.db") as ledger:
        ledger.execute("UPDATE run SET host='node2' WHERE key=(SELECT max(key) FROM run)")
    report = lowtide.report("moved")
    channels = {c["channel"]: c for c in report["energy"]["by_channel"]}
    assert set(channels) == {"cpu:0", "dram:0", "cpu:0@node2", "dram:0@node2"}
    assert all(c["coverage"] == pytest.approx(1, abs=0.02) for c in channels.values())
    assert sum(c["kwh"] for c in channels.values()) == pytest.approx(report["energy"]["it_kwh"])
    rows = json.loads(lowtide("export", "moved").stdout)["runs"]
    joules = [sum(slot["device_j"] for slot in row["slot"]) for row in rows]
    assert sum(c["device_kwh"] for c in channels.values()) * 3.6e6 == pytest.approx(sum(joules))
    schema = json.loads((Path(__file__).parents[2] / "docs/schema/lowtide.report-1.schema.json").read_text())
    jsonschema.validate(report, schema)


@pytest.mark.parametrize("form", ["text", "json", "csv", "md", "latex", "html"])
def test_every_format_has_the_record_as_one_run(lowtide: Lowtide, form: str) -> None:
    for _ in range(2):
        life(lowtide, "bert-7")
    done = lowtide("report", "bert-7", "--format", form)
    assert done.returncode == 0 and done.stderr == "" and "bert-7" in done.stdout
    row = json.loads(lowtide("export", "bert-7").stdout)["runs"][0]["run"]["id"]
    assert done.stdout.count(row) <= 1, "the row's own id is in its event only"


def test_lives_in_a_spool_are_one_record(lowtide: Lowtide) -> None:
    env = lowtide.env | {"LOWTIDE_SPOOL": "true"}
    for _ in range(2):
        assert lowtide.run("--quiet", "--", "true", env=env | {"LOWTIDE_RUN_ID": "spooled"}).returncode == 0
    inner = f'"{binary()}" run --quiet --name inner --intensity 400g/kWh -- true'
    assert lowtide.run("--quiet", "--name", "outer", "--", "sh", "-c", inner, env=env).returncode == 0
    assert {(r["id"], r["lives"]) for r in lowtide.runs() if r["name"] == "true"} == {("spooled", 2)}
    assert lowtide.report("inner")["run"]["parent"] == lowtide.report("outer")["run"]["id"]


def test_help_and_completion_offer_it(lowtide: Lowtide) -> None:
    assert "--continue RUN" in lowtide("run", "--help").stdout
    lowtide.run("--name", "train", "--quiet", "--", "true")
    offered = lowtide("__complete", "run", "--continue", "tr")
    assert "train" in offered.stdout, offered
