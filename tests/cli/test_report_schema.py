"""The JSON of reports against its schema in docs/schema: real ones fit, and what is not quite one is refused."""

import copy
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import Lowtide, job, wait_for

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"
REPORT, REPORTS = (json.loads((FOLDER / f"lowtide.{name}-1.schema.json").read_text()) for name in ("report", "reports"))
BUSY = job("import time\nend = time.time() + 0.7\nwhile time.time() < end: pass")
Json = dict[str, Any]


def validator(schema: Json) -> jsonschema.Draft202012Validator:
    """One that knows both schemas."""
    store = {schema["$id"]: schema for schema in (REPORT, REPORTS)}
    return jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=store))


def faults(report: Json) -> list[str]:
    """What the schema of a report says against it."""
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator(REPORT).iter_errors(report)]


def test_the_schemas_are_schemas() -> None:
    for schema in (REPORT, REPORTS):
        jsonschema.Draft202012Validator.check_schema(schema)


def objects(schema: Json) -> Iterator[Json]:
    """Every schema of an object inside a schema."""
    if "properties" in schema:
        yield schema
    for value in schema.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from objects(item)


@pytest.mark.parametrize("schema", [REPORT, REPORTS], ids=["report", "reports"])
def test_every_key_is_required_and_no_other_allowed(schema: Json) -> None:
    for found in objects(schema):
        assert found["additionalProperties"] is False
        assert set(found["properties"]) - set(found["required"]) <= {"samples", "repriced"}


# Real reports ------------------------------------------------------------------------------------


def killed(lowtide: Lowtide) -> None:
    """A job that dies of a signal."""
    assert lowtide.run("--", "sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM


def no_intensity(lowtide: Lowtide) -> None:
    """A run of a time that the series does not know."""
    (lowtide.folder / "grid.csv").write_text("time,g_per_kwh\n2020-01-01T00:00:00Z,1\n2020-01-01T01:00:00Z,2\n")
    lowtide("run", "--intensity", "file:grid.csv", "--", *BUSY)


def nothing_known(lowtide: Lowtide) -> None:
    """A machine of which nothing can be read."""
    (lowtide.folder / "empty").mkdir()
    lowtide.env["LOWTIDE_SYSROOT"] = str(lowtide.folder / "empty")
    lowtide.run("--name", "blind", "--", "true")


def two_gpus(lowtide: Lowtide) -> None:
    """The rig's cards (docs/rig.md), one of which the job does not use."""
    users = (f"file {lowtide.folder}/pid", "none")
    cards = [f"device GPU-{n}\nname NVIDIA H100\narch 9\nlimit_w 700\nidle_w 60\ncurve flat 300\ncontexts {user}\n"
             for n, user in enumerate(users)]
    (lowtide.folder / "script").write_text("t0 boot 0\n" + "".join(cards))
    lowtide.env |= {"LD_LIBRARY_PATH": os.environ["RIG_DIR"] + "/nvml", "LOWTIDE_RIG": str(lowtide.folder / "script")}
    uses = job("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(2)")
    lowtide.run("--pue", "1.2", "--per", "gpu-hour", "--", *uses)
    assert [c["in_total"] for c in lowtide.report()["energy"]["by_channel"] if c["kind"] == "gpu"] == [True, False]


def interrupted(lowtide: Lowtide) -> None:
    """All of lowtide and the job killed at once."""
    process = lowtide.start_run("--", "sleep", "60")
    wait_for(lambda: lowtide.home.exists() and [r for r in lowtide.runs() if r["state"] == "running"], "a running run")
    lowtide.clean()
    process.wait()
    wait_for(lambda: lowtide.runs()[-1]["state"] == "interrupted", "the end of the run")


KINDS: dict[str, Callable[[Lowtide], Any]] = {
    "finished": lambda lowtide: lowtide.run("--name", "a", "--project", "p", "--", *BUSY),
    "typical": lambda lowtide: lowtide("run", "--location", "azure:westus2", "--embodied", "none", "--", *BUSY),
    "failed": lambda lowtide: lowtide.run("--per", "1000 samples", "--", "false"),
    "killed": killed,
    "no_intensity": no_intensity,
    "nothing_known": nothing_known,
    "interrupted": interrupted,
    "two_gpus": two_gpus,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_real_report_fits(lowtide: Lowtide, kind: str) -> None:
    KINDS[kind](lowtide)
    for more in ([], ["--samples"]):
        report = lowtide.report("last", *more)
        assert faults(report) == []
        assert ("samples" in report) == bool(more)


def test_an_extrapolated_report_fits(lowtide: Lowtide) -> None:
    lowtide.run("--", *BUSY)
    assert lowtide.report()["complete"] is None
    report = lowtide.report("last", "--complete", "8/60")
    assert faults(report) == []
    for path in ([], ["energy"], ["carbon"], ["sci"], ["errors", 0], ["equivalents", 0]):
        whole = at(report, ["complete", *path])
        for key in [*whole, "?"]:
            wrong = copy.deepcopy(report)
            changed = at(wrong, ["complete", *path])
            if key in changed:
                del changed[key]
            else:
                changed[key] = 1
            assert faults(wrong), f"{path} {key}"
    for key, value in (("quality", "measured"), ("share", 0), ("share", 1.1), ("factor", 0.9), ("asked", "")):
        wrong = copy.deepcopy(report)
        wrong["complete"][key] = value
        assert faults(wrong), f"{key} {value}"


def test_a_running_run_fits(lowtide: Lowtide) -> None:
    lowtide.start_run("--", "sleep", "60")
    wait_for(lambda: lowtide.home.exists() and [r for r in lowtide.runs() if r["state"] == "running"], "a running run")
    report = lowtide.report()
    assert report["run"]["end"] is None
    assert faults(report) == []


def test_several_runs_fit_and_a_sum_that_is_not_one_is_refused(lowtide: Lowtide) -> None:
    for status in "0", "1":
        lowtide.run("--project", "p", "--", "sh", "-c", f"exit {status}")
    done = lowtide("report", "--project", "p", "--format", "json")
    reports = json.loads(done.stdout)
    check = validator(REPORTS)
    assert [error.message for error in check.iter_errors(reports)] == []
    for path in ([], ["sum"], ["sum", "energy"], ["sum", "carbon"], ["sum", "phases"], ["sum", "phases", "final"], ["runs", 0, "run"]):
        for key in list(at(reports, path)):
            wrong = copy.deepcopy(reports)
            del at(wrong, path)[key]
            assert not check.is_valid(wrong), f"{path} without {key}"
    reports["sum"]["states"]["lost"] = 1
    assert not check.is_valid(reports)


# What is not a report ----------------------------------------------------------------------------


def at(value: Any, path: list[Any]) -> Any:
    """The value at a path."""
    for step in path:
        value = value[step]
    return value


def places(value: Any, path: list[Any] | None = None) -> Iterator[list[Any]]:
    """The paths of all objects in it, the first of each list."""
    path = path or []
    if isinstance(value, dict):
        yield path
        for key, item in value.items():
            yield from places(item, [*path, key])
    elif isinstance(value, list) and value:
        yield from places(value[0], [*path, 0])


WRONG_WORDS = [["schema"], ["run", "state"], ["run", "begin"], ["energy", "boundary"], ["energy", "by_channel", 0, "kind"],
               ["energy", "by_channel", 0, "source"], ["energy", "by_channel", 0, "quality"], ["intensity", 0, "signal"],
               ["intensity", 0, "scope"], ["intensity", 0, "gas"], ["intensity", 0, "series_sha256"], ["carbon", "signal"],
               ["carbon", "gas"], ["sci", "unit"], ["sci", "boundary"], ["errors", 0, "kind"], ["slots", 0, "state"],
               ["slots", 0, "quality"], ["slots", 0, "begin"]]


def mutations(report: Json) -> Iterator[tuple[str, Json]]:
    """Reports that are each wrong in one place."""
    for path in places(report):
        for change in ("missing", "type", "extra"):
            keys = ["?"] if change == "extra" else [key for key in at(report, path) if (path, key) != ([], "samples")]
            for key in keys:
                wrong = copy.deepcopy(report)
                if change == "missing":
                    del at(wrong, path)[key]
                else:
                    # What no key of a report may be: an object in an object of no keys.
                    at(wrong, path)[key] = {"?": {}}
                yield f"{change} {path} {key}", wrong
    for path in WRONG_WORDS:
        wrong = copy.deepcopy(report)
        at(wrong, path[:-1])[path[-1]] = "Average"
        yield f"word {path}", wrong
    for path, value in ((["energy", "total_kwh"], -1), (["energy", "by_channel", 0, "coverage"], 1.5), (["run", "lives"], 0),
                        (["run", "lives"], 1.5), (["run", "exit_status"], 256), (["energy", "pue"], 0.9),
                        (["energy", "total_kwh"], "0"), (["carbon", "assumed"], None), (["run", "command"], "true")):
        wrong = copy.deepcopy(report)
        at(wrong, path[:-1])[path[-1]] = value
        yield f"{path} = {value!r}", wrong


def test_what_is_not_a_report_is_refused(lowtide: Lowtide) -> None:
    lowtide("run", "--location", "azure:westus2", "--", *BUSY)
    report = lowtide.report("last", "--samples")
    report["events"] = [{"time": report["run"]["begin"], "kind": "note", "detail": None}]
    assert faults(report) == []
    names = []
    check = validator(REPORT)
    for name, wrong in mutations(report):
        names.append(name)
        assert not check.is_valid(wrong), name
    assert len(names) >= 200
    assert {path for path in ("run", "sci", "slots", "samples", "equivalents", "provenance") if f"extra ['{path}'" in str(names)}
