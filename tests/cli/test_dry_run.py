"""`lowtide run .. --dry-run`: what the same command without it would do, by the same plan."""

import datetime as dt
import json

import jsonschema
import pytest
from harness import Lowtide
from plan_cases import SCHEMA, at_once

SHIFT = ("--start-within", "24h", "--expect", "2h")


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_command_is_the_one_that_was_typed(lowtide: Lowtide) -> None:
    asked = ("--name", "x", "--finish-within", "6h", "--expect", "2h", "--pause", "checkpoint", "--checkpoint-signal", "USR2",
             "--paused-status", "75", "--checkpoint-grace", "5m", "--resume-args=-r --fast", "--gpu-turn", "wait", "--detach",
             "--location", "FR")
    done = lowtide("run", *asked, "--dry-run", "--", "python3", "a b.py")
    assert done.returncode == 0, done.stderr
    typed = [f"'{word}'" if " " in word else word for word in asked]
    assert words("lowtide run " + " ".join(typed) + " -- python3 'a b.py'") in words(done.stdout), done.stdout


def test_trust_typical_shows_the_plan_that_would_be_carried_out(lowtide: Lowtide) -> None:
    at_once(lowtide, dt.datetime(2026, 3, 2, 18, tzinfo=dt.timezone.utc))
    asked = (*SHIFT, "--location", "FR", "--dry-run", "--json", "-")
    doubted = json.loads(lowtide("run", *asked, "--", "true").stdout)
    assert doubted["verdict"]["kind"] == "unsure", doubted["verdict"]
    said = json.loads(lowtide("run", *asked, "--trust-typical", "--", "true").stdout)
    assert said["verdict"]["kind"] == "shift" and said["verdict"]["text"].startswith("start at"), said["verdict"]
    assert any("--trust-typical" in note for note in said["notes"])
    assert "--trust-typical" in said["command"]


def test_the_plan_goes_to_a_file_as_of_lowtide_plan(lowtide: Lowtide) -> None:
    path = lowtide.folder / "plan.json"
    done = lowtide("run", *SHIFT, "--location", "FR", "--dry-run", "--json", str(path), "--", "true")
    assert done.returncode == 0 and "Verdict" in done.stdout
    said = json.loads(path.read_text())
    jsonschema.validate(said, SCHEMA, jsonschema.Draft202012Validator)
    assert said["schema"] == "lowtide.plan/1"
    assert str(path) not in said["command"], "there the report would go"


@pytest.mark.parametrize(("zone", "offset_h"), [("XXX-9", 9), ("XXX8", -8)])
def test_a_deadline_by_the_clock_is_the_local_clocks(lowtide: Lowtide, zone: str, offset_h: int) -> None:
    lowtide.env["TZ"] = zone
    now = dt.datetime.now(dt.timezone.utc)
    local = (now + dt.timedelta(hours=offset_h + 5)).replace(tzinfo=None, microsecond=0)
    with_offset = (now + dt.timedelta(hours=5)).replace(microsecond=0)
    for text in (local.isoformat(), with_offset.isoformat()):
        done = lowtide("run", "--finish-within", text, "--expect", "1h", "--intensity", "100g/kWh", "--dry-run", "--json", "-",
                       "--", "true")
        assert done.returncode == 0, done.stderr
        window = json.loads(done.stdout)["window"]
        end = dt.datetime.fromisoformat(window["end"])
        assert dt.timedelta(hours=4, minutes=50) < end - now < dt.timedelta(hours=5, minutes=10), (text, window)
    soon = (now + dt.timedelta(hours=offset_h, minutes=30)).replace(tzinfo=None, microsecond=0)
    refused = lowtide("run", "--finish-within", soon.isoformat(), "--expect", "1h", "--intensity", "100g/kWh", "--dry-run", "--",
                      "true")
    assert refused.returncode == 125 and "ends at" in refused.stderr, refused.stderr


def test_what_is_advised_is_an_option_of_run(lowtide: Lowtide) -> None:
    done = lowtide("run", *SHIFT, "--not", "00:00-24:00", "--intensity", "100g/kWh", "--", "true")
    assert done.returncode == 125
    assert "--pausable" not in done.stderr and "--pause" in done.stderr, done.stderr
