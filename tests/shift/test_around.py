"""What stands around a moved run: doubt, turns on a GPU, notices, what is learnt, what is kept for a resume."""

import http.server
import json
import os
import re
import signal
import sqlite3
import stat
import threading
from datetime import datetime

import pytest
from harness import Terminal, job, wait_for
from world import HOUR_S, World

DAY = [100, 900, 900, 900, 100, 100, 100, 900, 900, 900]
PAUSING = ["--finish-within", "9h", "--expect", "4h", "--pause", "checkpoint", "--resume-energy", "0.0001kWh",
           "--checkpoint-grace", "20m"]
SAVES = """
import os, signal, sys, time
want = []
signal.signal(signal.SIGUSR1, lambda *_: want.append(1))
resumed = os.environ.get('LOWTIDE_RESUME') == '1'
done = int(open('saved').read()) if resumed else 0
if resumed: time.sleep(1.5)
total = 170
while done < total:
    time.sleep(0.1); done += 1
    with open(os.environ['LOWTIDE_PROGRESS'], 'a') as f: f.write(f'{done}/{total}\\n')
    if want:
        open('saved', 'w').write(str(done)); sys.exit(75)
"""


def typical(world: World, zone: str, begin: str) -> None:
    """The shipped typical year of a zone, from this time on."""
    world.begin = datetime.fromisoformat(begin)
    del world.lowtide.env["LOWTIDE_INTENSITY"]
    world.lowtide.env["LOWTIDE_LOCATION"] = zone
    world.lowtide.env["LOWTIDE_TIME_ORIGIN"] = f"{int(world.begin.timestamp()) * 10**9},{world.boot_ns}"


@pytest.fixture
def doubt(world: World) -> World:
    """A place and an hour in which a shift by the typical year is not sure to gain."""
    typical(world, "FR", "2026-03-04T18:00:00+00:00")
    said = world.lowtide("plan", "--duration", "3h", "--power", "100W", "--within", "6h", "--json", "-")
    verdict = json.loads(said.stdout)["verdict"]["kind"]
    assert verdict == "unsure", said.stdout
    return world


def test_a_gain_that_is_not_sure_is_not_gone_for(doubt: World) -> None:
    done = doubt.run("--start-within", "6h", "--expect", "3h", "--", "true")
    assert done.returncode == 0 and "not shifted" in done.stderr and "--trust-typical" in done.stderr, done.stderr
    assert doubt.hour_of(doubt.lowtide.report()["run"]["begin"]) < 1
    assert doubt.status()["runs_on"] == "not_sure"


def test_unless_the_user_trusts_it(doubt: World) -> None:
    begun = doubt.now()
    done = doubt.run("--start-within", "6h", "--expect", "3h", "--trust-typical", "--", "true")
    assert done.returncode == 0 and "not shifted" not in done.stderr, done.stderr
    assert doubt.hour_of(doubt.lowtide.report()["run"]["begin"]) > begun + 0.9


def test_a_forecast_may_be_required(doubt: World) -> None:
    done = doubt.run("--start-within", "6h", "--expect", "3h", "--require-forecast", "--", "touch", "ran")
    assert done.returncode == 125 and "typical year" in done.stderr and "grid fetch FR" in done.stderr, done.stderr
    assert not (doubt.lowtide.folder / "ran").exists() and doubt.lowtide.runs() == []


@pytest.mark.parametrize("way", ["wait", "share"])
def test_two_runs_on_one_gpu(world: World, way: str) -> None:
    world.hours([100] * 12)
    common = ["--start-within", "6h", "--expect", "2h", "--gpus"]
    first = world.start(*common, "0", "--name", "first", "--", *job(f"import time; time.sleep({2.2 * HOUR_S})"))
    world.wait_for_phase("running", "first")
    second = world.start(*common, "0", "--name", "second", "--gpu-turn", way, "--", *job("import time; time.sleep(1)"))
    other = world.start(*common, "1", "--name", "other", "--gpu-turn", "wait", "--", "true")
    assert [p.wait(90) for p in (first, second, other)] == [0, 0, 0]
    begun, ended = (world.hour_of(world.lowtide.report("first")["run"][end]) for end in ("begin", "end"))
    later = world.hour_of(world.lowtide.report("second")["run"]["begin"])
    assert begun < 1
    assert (later >= ended) if way == "wait" else (later < ended)
    assert world.hour_of(world.lowtide.report("other")["run"]["begin"]) < ended, "another GPU is no matter"


def test_notices_reach_a_webhook_and_none_holds_the_run_up(world: World) -> None:
    heard: list[dict] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.lowtide.env["LOWTIDE_NOTICE"] = f"http://127.0.0.1:{server.server_port}/hook?key=sesame"
    world.hours(DAY)
    done = world.run(*PAUSING, "--quiet", "--name", "told", "--", *job(SAVES))
    assert done.returncode == 0, done.stderr
    wait_for(lambda: any("paused" in news["what"] for news in heard), "the news of the pause")
    assert {news["name"] for news in heard} == {"told"} and all(news["run"] for news in heard)
    assert "sesame" not in done.stderr + json.dumps(world.lowtide.report())
    server.shutdown()


def test_what_a_pause_costs_is_learnt_and_planned_with(world: World) -> None:
    world.hours(DAY)
    done = world.run(*PAUSING, "--name", "learns", "--", *job(SAVES))
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(world.lowtide.home / "ledger.db") as ledger:
        columns = [row[1] for row in ledger.execute("PRAGMA table_info(act_learnt)")]
        rows = [dict(zip(columns, row)) for row in ledger.execute("SELECT * FROM act_learnt")]
    resumes = [row["resume_takes_s"] for row in rows if row["resume_takes_s"]]
    assert len(resumes) == 1 and 1.5 / HOUR_S < resumes[0] / 3600 < 4 / HOUR_S, rows
    origin = world.lowtide.env["LOWTIDE_TIME_ORIGIN"].split(",")[0]
    world.lowtide.env["LOWTIDE_TIME_ORIGIN"] = f"{origin},{int(world.boot_ns + world.now() * HOUR_S * 1e9)}"
    dry = world.run("--dry-run", "--finish-within", "9h", "--expect", "4h", "--pause", "checkpoint", "--name",
                    "learns", "--", "true")
    assert "measured in 1 earlier pause" in " ".join(dry.stdout.split()), dry.stdout + dry.stderr


def test_a_resume_has_folder_environment_and_words_of_the_run(world: World) -> None:
    world.hours([500, 500, 500, 500, 100, 100, 500, 500])
    place = world.lowtide.folder / "a place"
    place.mkdir()
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--name", "far", "--", *job(
        "import os, sys; open('seen', 'wb').write(os.environb[b'WORD'] + b'|' + os.fsencode(sys.argv[1]))"), "it's a 'word'\n",
                          cwd=place, env=world.lowtide.env | {"WORD": "caf\udce9 \U0001f30a"})
    world.wait_for_phase("waiting", "far")
    kept = next((world.lowtide.home / "act").glob("*.job"))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    world.kill_lowtide()
    waiting.wait(30)
    assert world.lowtide("resume", "far", cwd="/").returncode == 0
    assert world.lowtide("wait", "far").returncode == 0
    assert (place / "seen").read_bytes() == b"caf\xe9 \xf0\x9f\x8c\x8a|it's a 'word'\n"
    assert not kept.exists(), "secrets may be in it"
    wait_for(lambda: world.ours() == [], "no process is left")


def test_on_a_terminal_a_line_says_what_comes_next(world: World, terminal: Terminal) -> None:
    world.hours([500, 500, 500, 100, 100, 500, 500])
    terminal.type("$LOWTIDE run --start-within 6h --expect 1h -- true\n")
    terminal.until(r"waits, starts at 03:00 \(in \d")
    terminal.until(r"started")
    terminal.until(re.escape(Terminal.PROMPT))


def test_ctrl_c_on_the_terminal_cancels_and_gives_the_prompt_back(world: World, terminal: Terminal) -> None:
    world.hours([500, 500, 500, 500, 500, 100, 100, 500, 500])
    terminal.type("$LOWTIDE run --start-within 8h --expect 1h -- touch ran; echo status=$?\n")
    terminal.until(r"waits, starts at")
    terminal.type("\x03")
    terminal.until(r"status=130")
    assert [run["state"] for run in world.lowtide.runs()] == ["cancelled"]
    assert not (world.lowtide.folder / "ran").exists()


def test_a_log_out_leaves_a_waiting_run_on_disk(world: World) -> None:
    world.hours([500, 500, 500, 500, 100, 100, 500, 500])
    waiting = world.start("--start-within", "6h", "--expect", "1h", "--name", "left", "--", "touch", "ran")
    world.wait_for_phase("waiting", "left")
    waiting.send_signal(signal.SIGHUP)
    assert waiting.wait(30) == 128 + signal.SIGHUP
    wait_for(lambda: world.status("left")["keeper_pid"] is None, "its controller has left")
    assert [run["state"] for run in world.lowtide.runs()] == ["waiting"]
    assert world.lowtide("resume", "left").returncode == 0
    assert world.lowtide("wait", "left").returncode == 0
    assert (world.lowtide.folder / "ran").exists()


def test_a_disk_that_is_full_harms_no_job(world: World) -> None:
    """The ledger takes no row any more once the job runs: it is not paused, and ends as it would."""
    world.hours(DAY)
    running = world.start(*PAUSING, "--", *job(f"import time; time.sleep({1.6 * HOUR_S})"))
    world.wait_for_phase("running")
    locked = sqlite3.connect(world.lowtide.home / "ledger.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    said = running.communicate(timeout=90)[1]
    locked.execute("ROLLBACK")
    assert running.returncode == 0, said
    assert os.path.exists(world.lowtide.home / "ledger.db")


def test_where_no_forecast_can_be_had_a_typical_year_stands_in_and_is_said_to(world: World) -> None:
    """A provider that nobody can reach: planned by the typical year, through the gate; the job runs either way."""
    typical(world, "GB", "2026-03-04T18:00:00+00:00")
    world.lowtide.env |= {"LOWTIDE_INTENSITY": "uk", "LOWTIDE_UK_URL": "http://127.0.0.1:9"}
    done = world.run("--start-within", "2h", "--expect", "1h", "--", "true")
    assert done.returncode == 0 and "the plan is made on a typical year" in done.stderr, done.stderr
    refused = world.run("--start-within", "2h", "--expect", "1h", "--require-forecast", "--", "touch", "ran")
    assert refused.returncode == 125 and not (world.lowtide.folder / "ran").exists(), refused.stderr
