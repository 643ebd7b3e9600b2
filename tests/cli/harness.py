"""What the tests of the binary share: a home of its own, jobs in Python, waiting, a real shell on a terminal."""

import codecs
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PYTHON = "/usr/bin/python3"
PATIENCE_S = 60.0  # for what must happen; a slow machine is no failure
QUIET_S = 1.0      # how long to look for what must not happen


def binary() -> str:
    """The program under test."""
    path = os.environ.get("LOWTIDE_BIN", "")
    assert os.access(path, os.X_OK), "set LOWTIDE_BIN to the program under test"
    return path


def job(code: str) -> list[str]:
    """A command that runs this Python; kept free of site packages, so that it starts quickly."""
    return [PYTHON, "-S", "-c", code]


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of the condition; fails with `what` when there is none in time."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"never came: {what}")


def wait_for_text(path: Path, text: str) -> str:
    """The contents of a file once they hold `text`."""
    return wait_for(lambda: path.exists() and text in (said := path.read_text()) and said,
                    f"{text!r} in {path.name}")


def processes() -> list[tuple[int, int, int, str]]:
    """(pid, parent, process group, state) of every process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            found.append((int(entry.name), int(fields[1]), int(fields[2]), fields[0]))
    return found


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    return [child for child, parent, _, state in processes() if parent == pid and state != "Z"]


def state_of(pid: int) -> str:
    """The letter of /proc/PID/stat, or '' when the process is gone."""
    return next((state for found, _, _, state in processes() if found == pid), "")


class Lowtide:
    """The program with a home and an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "lowtide-home"
        (folder / "user").mkdir()
        self.env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(folder / "user"),
            "LOWTIDE_HOME": str(self.home),
            "TMPDIR": str(folder / "user"),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
        }
        self.started: list[subprocess.Popen[Any]] = []
        # The sanitizers' settings, not the caller's own lowtide settings, come along.
        self.env |= {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}

    def __call__(self, *args: str, **more: Any) -> subprocess.CompletedProcess[Any]:
        """Runs it to the end with text output."""
        more = {"env": self.env, "cwd": self.folder, "capture_output": True, "text": True,
                "timeout": 2 * PATIENCE_S, "check": False, "stdin": subprocess.DEVNULL} | more
        if "input" in more:
            del more["stdin"]
        return subprocess.run([binary(), *args], **more)

    def start(self, *args: str, **more: Any) -> subprocess.Popen[Any]:
        """Starts it as the leader of a process group of its own, as a shell would."""
        more = {"env": self.env, "cwd": self.folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE, "text": True, "process_group": 0} | more
        process = subprocess.Popen([binary(), *args], **more)
        self.started.append(process)
        return process

    def clean(self) -> None:
        """Ends what a failed test left behind: all that carries its folder in its environment."""
        mark = f"LOWTIDE_HOME={self.home}".encode()
        for pid, _, _, _ in processes():
            try:
                if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        for process in self.started:
            process.wait()

    def run(self, *args: str, **more: Any) -> subprocess.CompletedProcess[Any]:
        """`lowtide run` with a fixed intensity, so that no test hangs on the machine's place."""
        return self("run", "--intensity", "400g/kWh", *args, **more)

    def start_run(self, *args: str, **more: Any) -> subprocess.Popen[Any]:
        """As run(), in the background."""
        return self.start("run", "--intensity", "400g/kWh", *args, **more)

    def report(self, run: str = "last", *args: str) -> dict[str, Any]:
        """`lowtide report RUN --format json`, read."""
        done = self("report", run, "--format", "json", *args)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def runs(self) -> list[dict[str, Any]]:
        """`lowtide runs --json`, read."""
        done = self("runs", "--json")
        assert done.returncode == 0, done.stderr
        listed = json.loads(done.stdout)
        return listed["runs"] if isinstance(listed, dict) else listed


class Terminal:
    """A real `bash -i` on a pseudo-terminal, typed into and read from."""

    PROMPT = "shell-ready> "

    def __init__(self, lowtide: Lowtide, rows: int = 24, columns: int = 120) -> None:
        self.seen = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a read may end within a character
        env = lowtide.env | {"PS1": self.PROMPT, "LOWTIDE": binary()}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(lowtide.folder)
                os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], env)
            finally:
                os._exit(127)  # a copy of the test program must not go on
        self.resize(rows, columns)
        self.type("stty -echo; echo ready-$((1 + 1))\n")  # what is typed now is still echoed
        self.until(r"ready-2\r\n")
        self.until(re.escape(self.PROMPT))

    def close(self) -> None:
        """Ends the shell and what it started."""
        for pid, _, group, _ in processes():
            if self._session(pid) == self.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        os.close(self.fd)
        os.waitpid(self.pid, 0)

    @staticmethod
    def _session(pid: int) -> int:
        try:
            return os.getsid(pid)
        except OSError:
            return -1

    def resize(self, rows: int, columns: int) -> None:
        """Gives the terminal another size, as a window manager does."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        """Types this."""
        os.write(self.fd, text.encode())

    def read(self, seconds: float) -> str:
        """What comes within this time, also kept in `seen`."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return ""
        try:
            text = self.decoder.decode(os.read(self.fd, 65536))
        except OSError:
            return ""
        self.seen += text
        return text

    def until(self, pattern: str) -> str:
        """Reads until the pattern was seen; returns and forgets everything up to its end."""
        end = time.monotonic() + PATIENCE_S
        while not (match := re.search(pattern, self.seen)):
            assert time.monotonic() < end, f"never saw {pattern!r} in:\n{self.seen}"
            self.read(0.1)
        said, self.seen = self.seen[: match.end()], self.seen[match.end():]
        return said

    def command(self, line: str) -> str:
        """Types a line and reads up to the next prompt; returns what was said between."""
        self.type(line + "\n")
        return self.until(re.escape(self.PROMPT)).removesuffix(self.PROMPT)

    def status(self) -> int:
        """$? of the last command."""
        said = self.command("echo status=$?")
        found = re.search(r"status=(\d+)", said)
        assert found, f"no status in {said!r}"
        return int(found.group(1))


class Screen:
    """What a terminal shows after these bytes, with what scrolled off its top: enough of a VT100 for us."""

    def __init__(self, rows: int = 24) -> None:
        self.rows = rows
        self.lines = [""]  # from the first ever shown to the last
        self.row = self.column = 0
        self.saved = (0, 0)

    def feed(self, text: str) -> "Screen":
        """Applies the bytes."""
        text = re.sub(r"\x1b\[\?1049h.*?\x1b\[\?1049l", "", text, flags=re.S)  # the other screen
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b.|.", text, flags=re.S):
            self._apply(token)
        return self

    def _apply(self, token: str) -> None:
        if token in ("\n", "\x1bD"):
            self._to_row(self.row + 1)
        elif token == "\r":
            self.column = 0
        elif token == "\x1bM":
            self.row = max(0, self.row - 1)
        elif token == "\x1b7":  # the place on the screen: it does not scroll with the text
            self.saved = (self.row - self._top(), self.column)
        elif token == "\x1b8":
            self.row, self.column = self._top() + self.saved[0], self.saved[1]
        elif token == "\x1b[B":  # stops at the last row of the screen
            self._to_row(min(self.row + 1, self._top() + self.rows - 1))
        elif up := re.fullmatch(r"\x1b\[(\d+)A", token):  # stops at the first row of the screen
            self.row = max(self._top(), self.row - int(up.group(1)))
        elif token == "\x1b[K":
            self.lines[self.row] = self.lines[self.row][: self.column]
        elif token == "\x1b[J":
            self.lines[self.row] = self.lines[self.row][: self.column]
            self.lines[self.row + 1:] = [""] * len(self.lines[self.row + 1:])
        elif token.startswith("\x1b"):
            assert token[-1] in "mhl", f"a sequence that this screen does not know: {token!r}"
        else:
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + token + line[self.column + 1:]
            self.column += 1

    def _top(self) -> int:
        return max(0, len(self.lines) - self.rows)

    def _to_row(self, row: int) -> None:
        self.lines += [""] * (row + 1 - len(self.lines))
        self.row = row


def rendered(text: str) -> list[str]:
    """The lines that a terminal shows after these bytes."""
    return [line.rstrip() for line in Screen().feed(text).lines]


def flat(text: str) -> str:
    """The words without the line breaks of a paragraph."""
    return " ".join(text.split())
