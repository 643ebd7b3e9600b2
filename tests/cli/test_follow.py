"""`lowtide show RUN --follow`: real runs, followed through a pipe and on a real terminal."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from harness import QUIET_S, Lowtide, Terminal, binary, children, job, rendered, state_of, wait_for

UNTIL_END = "import os, time\nwhile not os.path.exists('end'):\n    time.sleep(0.02)\n"
LIVE = r"\d:\d\d:\d\d · "


def begun(lowtide: Lowtide, *options: str) -> tuple[Popen[Any], str]:
    """A run that lasts until there is a file `end`, and its id."""
    before = {run["id"] for run in lowtide.runs()}
    process = lowtide.start_run("--interval", "100ms", *options, "--", *job(UNTIL_END))

    def found() -> str:
        return next((run["id"] for run in lowtide.runs()
                     if run["id"] not in before and run["state"] == "running"), "")

    return process, wait_for(found, "the run in the ledger")


def end(lowtide: Lowtide) -> None:
    """Lets the job end."""
    (lowtide.folder / "end").touch()


def state(lowtide: Lowtide, run: str) -> str:
    """The state of a run in the ledger."""
    return next(found["state"] for found in lowtide.runs() if found["id"] == run)


def test_through_a_pipe_it_waits_in_silence_and_shows_the_run_once(lowtide: Lowtide) -> None:
    running, run = begun(lowtide, "--name", "first")
    follower = lowtide.start("show", "last", "--follow")
    time.sleep(QUIET_S)
    assert lowtide.run("--name", "second", "--", "true").returncode == 0  # now this one is `last`
    time.sleep(2 * QUIET_S)
    assert follower.poll() is None, "the first run goes on, and so does its follower"
    end(lowtide)
    out, err = follower.communicate(timeout=60)
    assert (follower.returncode, err) == (0, "")
    running.communicate(timeout=60)
    assert out == lowtide("show", run).stdout
    assert out.count("finished in") == 1
    assert "\x1b" not in out


def test_json_is_of_the_run_at_its_end(lowtide: Lowtide) -> None:
    begun(lowtide)
    follower = lowtide.start("show", "last", "--follow", "--json")
    time.sleep(QUIET_S)
    end(lowtide)
    out, _ = follower.communicate(timeout=60)
    assert json.loads(out)["run"]["state"] == "finished"


@pytest.mark.parametrize("option", ["--explain", "--complete=50%", "--json"])
def test_a_run_that_is_over_is_shown_as_without_it(lowtide: Lowtide, option: str) -> None:
    lowtide.run("--", "false")
    plain = lowtide("show", "last", option)
    followed = lowtide("show", "last", option, "--follow")
    assert (followed.returncode, followed.stdout, followed.stderr) == (0, plain.stdout, "")


def test_a_terminal_shows_line_and_chart_until_the_end(lowtide: Lowtide, terminal: Terminal) -> None:
    _, run = begun(lowtide, "--name", "digits")
    terminal.type(f"$LOWTIDE show {run} --follow\n")
    said = "".join(terminal.until(LIVE + r"[^\r]*SCI[^\r]*\r\n") for _ in range(8))
    times = re.findall(r"(\d:\d\d:\d\d) · ", said)
    assert len(set(times)) > 1, f"time goes on: {times}"
    shown = rendered(said)
    assert [line for line in shown if "digits" in line] == [f"run {run} · digits"], "one, drawn over"
    assert len([line for line in shown if re.match(r"(power|.*g/kWh$|.*CO2e so far$)", line)]) == 3, shown
    end(lowtide)
    said += terminal.until(re.escape(terminal.PROMPT)).removesuffix(terminal.PROMPT)
    assert terminal.status() == 0
    over = rendered(said)
    assert over == rendered(terminal.command(f"$LOWTIDE show {run}")), "nothing else is left"
    assert "finished in" in over[0]


def test_the_chart_gives_way_on_a_low_terminal(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.resize(18, 80)
    begun(lowtide)
    terminal.type("$LOWTIDE show last --follow\n")
    said = "".join(terminal.until(LIVE + r"[^\r]*\r\n") for _ in range(2))
    assert "so far\r\n" not in said and "power" not in said
    terminal.resize(19, 80)
    terminal.until(r"power [a-zA-Z]+(\x1b\[0m)?\r\n")
    end(lowtide)
    terminal.until(re.escape(terminal.PROMPT))


def test_interrupt_ends_the_follower_and_not_the_run(lowtide: Lowtide, terminal: Terminal) -> None:
    running, run = begun(lowtide)
    terminal.type(f"$LOWTIDE show {run} --follow\n")
    terminal.until(LIVE)
    terminal.type("\x03")
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 130
    assert state(lowtide, run) == "running"
    end(lowtide)
    assert running.wait(60) == 0
    assert state(lowtide, run) == "finished"


def test_an_interrupt_by_signal_is_130_too(lowtide: Lowtide) -> None:
    _, run = begun(lowtide)
    follower = lowtide.start("show", run, "--follow")
    wait_for(lambda: int(re.findall(r"SigCgt:\t(\w+)", Path(f"/proc/{follower.pid}/status").read_text())[0], 16) & 2,
             "the follower waiting")
    follower.send_signal(signal.SIGINT)
    assert follower.communicate(timeout=60) == ("", "")
    assert follower.returncode == 130
    assert state(lowtide, run) == "running"


def test_a_suspended_follower_keeps_off_what_the_shell_wrote(lowtide: Lowtide, terminal: Terminal) -> None:
    begun(lowtide)
    terminal.type("$LOWTIDE show last --follow\n")
    said = terminal.until(LIVE + r"[^\r]*\r\n")
    terminal.type("\x1a")
    said += terminal.until(re.escape(terminal.PROMPT))
    said += terminal.command("echo kept")
    terminal.type("fg\n")
    said += "".join(terminal.until(LIVE + r"[^\r]*\r\n") for _ in range(3))
    assert any("kept" in line for line in rendered(said))
    end(lowtide)
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 0


@pytest.mark.parametrize("kind", ["TERM=dumb", "TERM="])
def test_a_terminal_that_cannot_draw_gets_the_end_only(lowtide: Lowtide, terminal: Terminal, kind: str) -> None:
    begun(lowtide)
    terminal.type(f"{kind} $LOWTIDE show last --follow\n")
    time.sleep(3 * QUIET_S)
    assert terminal.read(0.1) == ""
    end(lowtide)
    said = terminal.until(re.escape(terminal.PROMPT))
    assert "\x1b" not in said
    assert said.startswith("run ")


def kill_lowtide(process: Popen[Any]) -> int:
    """Kills supervisor and meter; the job's pid."""
    (meter,) = wait_for(lambda: children(process.pid), "the meter")
    assert os.readlink(f"/proc/{meter}/exe") == os.path.realpath(binary())
    (the_job,) = wait_for(lambda: children(meter), "the job")
    for pid in (process.pid, meter):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    return the_job


Ending = Callable[[Lowtide, int], None]


@pytest.mark.parametrize("ending", [lambda _, pid: os.kill(pid, signal.SIGKILL), lambda lowtide, _: end(lowtide)],
                         ids=["job killed", "job ends"])
def test_a_run_that_nobody_meters_any_more_ends_the_follower(lowtide: Lowtide, ending: Ending) -> None:
    running, run = begun(lowtide)
    follower = lowtide.start("show", run, "--follow")
    the_job = kill_lowtide(running)
    ending(lowtide, the_job)
    wait_for(lambda: state_of(the_job) in ("", "Z"), "the job's end")
    out, _ = follower.communicate(timeout=60)
    assert follower.returncode == 0
    assert "interrupted" in out


def test_a_job_that_lost_its_meter_is_followed_to_its_end(lowtide: Lowtide) -> None:
    running, run = begun(lowtide)
    follower = lowtide.start("show", run, "--follow", "--json")
    kill_lowtide(running)
    time.sleep(3 * QUIET_S)
    assert follower.poll() is None, "a keeper goes on with it"
    end(lowtide)
    report = json.loads(follower.communicate(timeout=60)[0])
    assert follower.returncode == 0
    assert report["run"]["state"] != "running"
    assert "meter-restarted" in {event["kind"] for event in report["events"]}
    assert report["run"]["duration_s"] > 2 * QUIET_S, "what the keeper saw is in it"
