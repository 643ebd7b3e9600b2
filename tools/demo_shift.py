#!/usr/bin/env python3
"""`make demo-shift`: a day of a training that waits, pauses twice and outlives its lowtide, in two minutes.

A clock on which an hour passes in five seconds (LOWTIDE_TIME_SCALE=720), a grid whose hours are known, and a real
training (examples/train_digits.py --checkpoint): `lowtide run --finish-within 24h --pause checkpoint`. While the job
waits the forecast changes; in its second pause every process of lowtide is killed. Everything happens in a folder of
its own, which is removed. Each promise is then checked from what lowtide says as JSON: exits with 1 if one was broken.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SCALE = 720
HOUR_S = 3600 / SCALE
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "train_digits.py"
LOOK_EVERY_S = 0.25
TOO_LONG_S = 240.0  # the whole story; a day of 24 h is 120 s

# g/kWh of each hour: two dirty stretches after the first, and clean hours between.
FORECAST = [410, 420, 110, 95, 90, 110, 440, 470, 450, 130, 115, 140,
            460, 480, 450, 210, 200, 205, 210, 215, 230, 240, 250, 255]
CAME = [410, 420, 400, 95, 90, 105, 110, 440, 470, 450, 130, 115, 140,
        460, 480, 450, 200, 205, 210, 215, 230, 240, 250, 255]
EXPECT_H = 8
WINDOW_H = 24
TRAINING = ["--epochs", "9", "--width", "128"]
REST_S = 0.35  # after each of its 108 steps: the eight hours of the story are mostly these, on a busy machine too


class Broken(Exception):
    """Something that the story needs did not happen."""


class Teller:
    """Prints what happens at what time of the story, and keeps what was promised."""

    def __init__(self, boot_s: float) -> None:
        self.boot_s = boot_s
        self.failed = 0
        self.colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def hours(self) -> float:
        """Since midnight, by the scaled clock."""
        return (time.clock_gettime(time.CLOCK_BOOTTIME) - self.boot_s) / HOUR_S

    def ink(self, text: str, code: str) -> str:
        """On a terminal that is coloured; else as it is."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def say(self, text: str) -> None:
        """A sentence, with the time of the story."""
        clock = clock_of(self.hours())
        print(textwrap.fill(text, 100, initial_indent=self.ink(clock, "1") + "  ", subsequent_indent=" " * 7), flush=True)

    def quote(self, text: str) -> None:
        """What a program said, set in."""
        for line in text.splitlines():
            print(f"       {self.ink('|', '2')} {line.rstrip()}", flush=True)

    def check(self, kept: bool, promise: str, seen: object) -> None:
        """One promise, and what was seen of it."""
        self.failed += not kept
        word = self.ink("PASS", "32") if kept else self.ink("FAIL", "1;31")
        print(f" {word}  {promise}: {seen}", flush=True)


def clock_of(hours: float) -> str:
    """03:25, and 25:10 after midnight."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hours_of(stamp: str) -> float:
    """Of a time in lowtide's JSON, since midnight."""
    return (datetime.fromisoformat(stamp.replace("Z", "+00:00")) - MIDNIGHT).total_seconds() / 3600


def hours_text(values: Sequence[int]) -> str:
    """One character an hour: # dirty, + between, . clean."""
    return "".join("#" if value >= 300 else "." if value < 150 else "+" for value in values)


def runs_text(plan: Json | None) -> str:
    """03:00 to 07:00, 10:00 to 13:00."""
    runs = plan["runs"] if plan else []
    return ", ".join(f"{clock_of(hours_of(run['begin']))} to {clock_of(hours_of(run['end']))}" for run in runs)


def edges(plan: Json | None, hours: float) -> list[float]:
    """When a plan lets the job run and stop from now on, but for its end: that moves with each estimate of the length."""
    runs = plan["runs"] if plan else []
    times = [hours_of(run[edge]) for run in runs for edge in ("begin", "end")]
    return [one for one in times[:-1] if one > hours]


def weights(said: str) -> str | None:
    """The word that stands for all weights of a training that has finished."""
    found = re.search(r"^weights sha256 ([0-9a-f]{64})$", said, re.MULTILINE)
    return found.group(1) if found else None


class Stage:
    """lowtide in a folder of its own, on the scaled clock."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.binary = binary
        self.folder = folder
        self.home = folder / "home"
        self.grid = folder / "grid.csv"
        boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self.teller = Teller(boot_ns / 1e9)
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("LOWTIDE_")}
        self.environment = inherited | {
            "LOWTIDE_HOME": str(self.home), "XDG_CONFIG_HOME": str(folder), "LOWTIDE_TIME_SCALE": str(SCALE),
            "LOWTIDE_TIME_ORIGIN": f"{int(MIDNIGHT.timestamp()) * 10**9},{boot_ns}", "LOWTIDE_INTERVAL": "5m",
            "LOWTIDE_LOCATION": "local:demo", "LOWTIDE_INTENSITY": f"file:{self.grid}", "TZ": "UTC",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip

    def publish(self, values: Sequence[int]) -> None:
        """The hours as they are known now: yesterday's last, today's, tomorrow's like the last."""
        hours = [values[0]] * 24 + list(values) + [values[-1]] * 48
        rows = [f"{(MIDNIGHT + timedelta(hours=i - 24)).isoformat()},{value}\n" for i, value in enumerate(hours)]
        beside = self.grid.with_suffix(".new")
        beside.write_text("time,g_per_kwh\n" + "".join(rows))
        beside.replace(self.grid)

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command of lowtide, to its end."""
        return subprocess.run([self.binary, *words], env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=TOO_LONG_S)

    def json(self, *words: str) -> Json:
        """The same of one that answers in JSON."""
        done = self.ask(*words)
        if done.returncode != 0:
            raise Broken(f"lowtide {' '.join(words)}: {done.stderr.strip()}")
        answer: Json = json.loads(done.stdout)
        return answer

    def status(self) -> Json | None:
        """How the run stands; nothing before it is on record."""
        done = self.ask("status", "night", "--json")
        return json.loads(done.stdout)["runs"][0] if done.returncode == 0 else None

    def processes(self) -> Iterator[tuple[int, str]]:
        """(pid, name) of each process that carries our folder in its environment."""
        mark = f"LOWTIDE_HOME={self.home}".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name), (entry / "comm").read_text().strip()

    def kill_lowtide(self) -> int:
        """KILL to all that is lowtide; how many there were."""
        ours = [pid for pid, name in self.processes() if name.startswith("lowtide")]
        for pid in ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(ours)

    def clear(self) -> None:
        """Ends what a broken story left behind."""
        for pid, _ in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class Day:
    """The story, told while it happens."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.teller = stage.teller
        self.before: Json = {}  # the last status that was told
        self.run: subprocess.Popen[bytes] | None = None
        self.ends = time.monotonic() + TOO_LONG_S

    def begin(self) -> None:
        """The job is handed over at midnight."""
        stage = self.stage
        job = [sys.executable, str(EXAMPLE), *TRAINING, "--slow", str(REST_S), "--checkpoint", "saved.bin"]
        words = ["run", "--name", "night", "--finish-within", f"{WINDOW_H}h", "--expect", f"{EXPECT_H}h",
                 "--pause", "checkpoint", "--checkpoint-grace", "1h", "--paused-status", "75", "--resume-energy", "0.2J",
                 "--machine", "stays-on"]
        stage.publish(FORECAST)
        self.teller.say(f"A training of about {EXPECT_H} h must be done by {WINDOW_H}:00. The forecast, an hour a sign "
                        f"(# dirty, + between, . clean): {hours_text(FORECAST)}")
        self.teller.say(f"lowtide {' '.join(words)} -- train_digits.py --checkpoint saved.bin")
        with (stage.folder / "said").open("wb") as said, (stage.folder / "job").open("wb") as out:
            self.run = subprocess.Popen([stage.binary, *words, "--", *job], env=stage.environment, cwd=stage.folder,
                                        stdin=subprocess.DEVNULL, stdout=out, stderr=said, process_group=0)
        self.until("waiting")
        self.teller.quote((stage.folder / "said").read_text())

    def forecast_changes(self) -> None:
        """The wind comes an hour later than was thought."""
        while self.teller.hours() < 0.5:
            time.sleep(LOOK_EVERY_S)
        self.stage.publish(CAME)
        self.teller.say(f"The forecast changes: all of it comes an hour later: {hours_text(CAME)}")

    def until(self, phase: str) -> Json:
        """Looks on until the run is in this phase; tells what changes meanwhile."""
        while time.monotonic() < self.ends:
            now = self.stage.status()
            if now:
                self.tell(now)
                if now["phase"] == phase and (now["keeper_pid"] or phase == "done"):
                    return now
                if now["phase"] in ("done", "cancelled"):
                    raise Broken(f"the run is {now['phase']}, and was never {phase}")
            elif self.run and self.run.poll() is not None:
                raise Broken((self.stage.folder / "said").read_text())
            time.sleep(LOOK_EVERY_S)
        raise Broken(f"the run was not {phase} in {TOO_LONG_S:.0f} s")

    def tell(self, now: Json) -> None:
        """What is new since the last look."""
        last, self.before = self.before, now
        if now["phase"] != last.get("phase"):
            self.tell_phase(now)
        hours = self.teller.hours()
        if last.get("plan") and now["plan"] and edges(now["plan"], hours) != edges(last["plan"], hours):
            self.teller.say(f"Planned anew, from where the job is: {runs_text(now['plan'])}.")

    def tell_phase(self, now: Json) -> None:
        """In a sentence."""
        done = f"{now['worked_s'] / 3600:.1f} h of its work are done"
        sentence = {
            "waiting": "The job waits. Nothing runs but lowtide's two processes.",
            "running": "The training begins." if now["lives"] == 1 else f"The training goes on, life {now['lives']}; {done}.",
            "pausing": "The hours turn dirty: lowtide asks the training to save and to end.",
            "paused": f"It has saved and ended (pause {now['pauses']}); {done}. No process of the job is left.",
            "done": f"The training is done, with status {now['exit_status']}.",
        }.get(now["phase"])
        if sentence:
            self.teller.say(sentence)

    def kill_and_resume(self) -> Json:
        """All of lowtide dies in a pause; one command takes its run up again."""
        killed = self.stage.kill_lowtide()
        assert self.run
        self.run.wait(30)
        left = self.stage.status() or {}
        self.teller.say(f"kill -9: all {killed} processes of lowtide are gone. Nobody keeps the run now.")
        time.sleep(HOUR_S / 2)
        self.teller.say("Half an hour later: lowtide resume --all")
        resumed = self.stage.ask("resume", "--all")
        self.teller.quote(resumed.stderr.replace(str(self.stage.home), "$LOWTIDE_HOME"))
        if resumed.returncode != 0:
            raise Broken(f"lowtide resume --all: status {resumed.returncode}")
        return {"killed": killed, "keeper_after_kill": left.get("keeper_pid"), "phase": left.get("phase")}

    def wait(self) -> int:
        """`lowtide wait`, told meanwhile; its status is the job's."""
        waiting = subprocess.Popen([self.stage.binary, "wait", "night"], env=self.stage.environment)
        self.until("done")
        return waiting.wait(30)

    def to_its_end(self) -> None:
        """A review made before the window is over would judge by hours to come."""
        if self.teller.hours() < WINDOW_H:
            time.sleep((WINDOW_H - self.teller.hours()) * HOUR_S + LOOK_EVERY_S)
        self.teller.say("The window is over: what became of it, and was it well done?")

    def said_by_job(self) -> str:
        """Of all lives: to the terminal of the first ones, and to lowtide's file after the resume."""
        outs = [self.stage.folder / "job", *sorted((self.stage.home / "act").glob("*.out"))]
        return "".join(path.read_text(errors="replace") for path in outs)


def undisturbed(stage: Stage) -> str:
    """The weights of the same training, without lowtide, pauses or rests."""
    done = subprocess.run([sys.executable, str(EXAMPLE), *TRAINING], cwd=stage.folder, env=stage.environment,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=TOO_LONG_S)
    word = weights(done.stdout)
    if not word:
        raise Broken(f"the training alone failed:\n{done.stderr}")
    return word


def check_day(stage: Stage, killed: Json, waited: int, same: tuple[str | None, str]) -> None:
    """When it ran, how often it was paused, and what came of it."""
    check = stage.teller.check
    run = stage.json("report", "night", "--format", "json")["run"]
    state = stage.json("status", "night", "--json")["runs"][0]
    begin, end, deadline = (hours_of(text) for text in (run["begin"], run["end"], state["deadline"]))
    check(3.0 <= begin < 4.0, "starts late, when the clean hours came", f"{clock_of(begin)}, asked at 00:00")
    check(state["pauses"] == 2 and run["lives"] == 3, "pauses twice", f"{state['pauses']} pauses, {run['lives']} lives")
    check(4 * 3600 < run["paused_s"] < 8 * 3600, "through the dirty hours", f"{run['paused_s'] / 3600:.1f} h paused")
    check(killed["killed"] >= 2 and killed["keeper_after_kill"] is None and killed["phase"] == "paused",
          "is killed and resumed", f"{killed['killed']} processes killed while {killed['phase']}")
    check(end <= deadline, "meets the deadline", f"done at {clock_of(end)}, asked for by {clock_of(deadline)}")
    check(waited == 0 and run["exit_status"] == 0 and run["state"] == "finished", "ends well",
          f"{run['state']}, status {run['exit_status']}, of lowtide wait {waited}")
    check(same[0] == same[1], "the weights are those of a training that was never disturbed", f"sha256 {same[1][:16]}..")


def check_review(stage: Stage) -> None:
    """What the shift did, and why it was not the best."""
    check = stage.teller.check
    said = stage.json("review", "night", "--json", "-")
    parts = {name: said["regret"][f"{name}_g"] for name in ("policy", "forecast", "charges", "revision")}
    known = {name: grams for name, grams in parts.items() if grams is not None}
    total = said["regret"]["total_g"]
    less = said["less_than_now"]
    told = ", ".join(f"{name} {grams * 1000:+.3f} mg" if grams is not None else f"{name} not known"
                     for name, grams in parts.items())
    check(less["g"] > 0, "less carbon is attributed to it than to a start at once", f"{less['pct']:.0f} % less")
    check(total is not None and abs(sum(known.values()) - total) <= 1e-9 * abs(total) + 1e-12, "the review tells the regret apart", told)
    check(parts["forecast"] is not None and parts["forecast"] > 0, "the forecast's error is seen",
          f"{(parts['forecast'] or 0) / said['hindsight_g'] * 100:+.0f} % of the best plan")


def day(stage: Stage) -> None:
    """Tells it all, and checks it."""
    alone = undisturbed(stage)
    stage = Stage(stage.binary, stage.folder)  # the story's clock begins now
    story = Day(stage)
    try:
        story.begin()
        story.forecast_changes()
        story.until("paused")
        story.until("running")
        story.until("paused")
        killed = story.kill_and_resume()
        waited = story.wait()
        story.to_its_end()
        for words in (("status", "night"), ("review", "night")):
            print(f"\n$ lowtide {' '.join(words)}")
            stage.teller.quote(stage.ask(*words).stdout)
        print()
        check_day(stage, killed, waited, (weights(story.said_by_job()), alone))
        check_review(stage)
        left = [name for _, name in stage.processes()]
        stage.teller.check(not left, "no process is left", len(left))
        if stage.teller.failed:
            raise Broken(f"{stage.teller.failed} of the promises were broken")
    except Broken:
        stage.teller.quote(stage.ask("status", "night").stdout + story.said_by_job())
        raise
    finally:
        stage.clear()


def main() -> int:
    """Reads the arguments; 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("binary", type=Path, help="lowtide")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lowtide-demo-") as folder:
        try:
            print("First the same training alone, for its weights.", flush=True)
            day(Stage(str(options.binary.resolve()), Path(folder)))
        except (Broken, subprocess.TimeoutExpired) as error:
            print(f"demo-shift: {error}", file=sys.stderr)
            return 1
    print(f"A day in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
