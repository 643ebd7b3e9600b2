"""lowtide in a real `bash -i` on a pseudo-terminal: job control, resizing, full screens, the live line."""

import os
import re
import signal
from pathlib import Path

from harness import PYTHON, Lowtide, Terminal, rendered, state_of, wait_for, wait_for_text


def script(lowtide: Lowtide, name: str, code: str) -> str:
    """Puts Python into a file and returns the line that runs it under lowtide."""
    (lowtide.folder / name).write_text(code)
    return f"$LOWTIDE run --intensity 400g/kWh -- {PYTHON} -S {name}"


WAITING = """
import os, time
open("pid", "w").write(str(os.getpid()) + "\\n")
print("job started", flush=True)
while not os.path.exists("end"):
    time.sleep(0.02)
print("job ended", flush=True)
"""


def test_interrupt_ends_the_job_and_the_shell_goes_on(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "job.py", WAITING) + "\n")
    terminal.until("job started")
    terminal.type("\x03")
    said = terminal.until(re.escape(terminal.PROMPT))
    assert "KeyboardInterrupt" in said
    assert "energy" in said, "the summary comes all the same"
    assert terminal.status() == 128 + signal.SIGINT
    assert lowtide.report()["run"]["state"] == "killed"


def test_a_job_that_catches_interrupt_goes_on_and_gets_it_once(lowtide: Lowtide, terminal: Terminal) -> None:
    catching = "import os, signal\nsignal.signal(signal.SIGINT, lambda *_: os.write(1, b'caught\\n'))\n" + WAITING
    terminal.type(script(lowtide, "job.py", catching) + "\n")
    terminal.until("job started")
    terminal.type("\x03")
    terminal.until("caught")
    (lowtide.folder / "end").touch()
    said = terminal.until(re.escape(terminal.PROMPT))
    assert "caught" not in said
    assert terminal.status() == 0


def test_quit_ends_the_job(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.command("ulimit -c 0")
    terminal.type(script(lowtide, "job.py", WAITING) + "\n")
    terminal.until("job started")
    terminal.type("\x1c")
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 128 + signal.SIGQUIT


def test_suspend_gives_the_shell_control_and_fg_goes_on(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "job.py", WAITING) + "\n")
    terminal.until("job started")
    job = int(wait_for_text(lowtide.folder / "pid", "\n"))
    for _ in range(3):
        terminal.type("\x1a")
        terminal.until(re.escape(terminal.PROMPT))
        assert "Stopped" in terminal.command("jobs")
        wait_for(lambda: state_of(job) == "T", "the job stopped")
        terminal.type("fg\n")
        wait_for(lambda: state_of(job) == "S", "the job going on")
    (lowtide.folder / "end").touch()
    terminal.until("job ended")
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 0
    assert lowtide.report()["run"]["state"] == "finished"


def test_bg_lets_the_job_go_on_in_the_background(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "job.py", WAITING) + "\n")
    terminal.until("job started")
    job = int(wait_for_text(lowtide.folder / "pid", "\n"))
    terminal.type("\x1a")
    terminal.until(re.escape(terminal.PROMPT))
    terminal.command("bg")
    wait_for(lambda: state_of(job) == "S", "the job going on")
    (lowtide.folder / "end").touch()
    terminal.command("wait")
    assert lowtide.report()["run"]["state"] == "finished"


def test_a_job_that_ignores_suspend_is_not_suspended(lowtide: Lowtide, terminal: Terminal) -> None:
    ignoring = "import os, signal\nsignal.signal(signal.SIGTSTP, lambda *_: os.write(1, b'no thanks\\n'))\n" + WAITING
    terminal.type(script(lowtide, "job.py", ignoring) + "\n")
    terminal.until("job started")
    terminal.type("\x1a")
    terminal.until("no thanks")
    (lowtide.folder / "end").touch()
    said = terminal.until(re.escape(terminal.PROMPT))
    assert "job ended" in said, "the shell got no prompt before the end"
    assert "Stopped" not in terminal.command("jobs")
    assert lowtide.report()["run"]["state"] == "finished"


def test_a_job_stopped_from_elsewhere_gives_the_shell_control(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "job.py", WAITING) + "\n")
    terminal.until("job started")
    job = int(wait_for_text(lowtide.folder / "pid", "\n"))
    os.kill(job, signal.SIGSTOP)
    terminal.until(re.escape(terminal.PROMPT))
    assert "Stopped" in terminal.command("jobs")
    (lowtide.folder / "end").touch()
    terminal.type("fg\n")
    terminal.until("job ended")
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 0


def test_a_resize_reaches_the_job(lowtide: Lowtide, terminal: Terminal) -> None:
    sizes = ("import os, signal\nsignal.signal(signal.SIGWINCH, lambda *_: "
             "os.write(1, b'size %dx%d\\n' % os.get_terminal_size(1)))\n" + WAITING)
    terminal.type(script(lowtide, "job.py", sizes) + "\n")
    terminal.until("job started")
    terminal.resize(31, 97)
    terminal.until("size 97x31")
    terminal.resize(40, 132)
    terminal.until("size 132x40")
    (lowtide.folder / "end").touch()
    terminal.until(re.escape(terminal.PROMPT))


FULL_SCREEN = """
import sys, termios, time, tty
old = termios.tcgetattr(0)
tty.setraw(0)
sys.stdout.write("\\x1b[?1049h\\x1b[2J\\x1b[H")
for n in range(25):
    sys.stdout.write("\\x1b[%d;1Hrow %d" % (n % 20 + 1, n))
    sys.stdout.flush()
    time.sleep(0.1)
key = sys.stdin.read(1)
sys.stdout.write("\\x1b[?1049l")
sys.stdout.flush()
termios.tcsetattr(0, termios.TCSADRAIN, old)
print("key was %r" % key)
"""


def test_a_full_screen_program_is_undisturbed(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "screen.py", FULL_SCREEN) + "\n")
    terminal.until(r"\x1b\[\?1049h")
    drawn = terminal.until("row 24")
    expected = "\x1b[2J\x1b[H" + "".join(f"\x1b[{n % 20 + 1};1Hrow {n}" for n in range(25))
    assert drawn == expected, "nothing of lowtide's between what the program draws"
    terminal.type("q")
    terminal.until("key was 'q'")
    terminal.until(re.escape(terminal.PROMPT))
    assert "icanon" in terminal.command("stty -a").replace("-icanon", ""), "the terminal is as it was"


def test_a_full_screen_program_can_be_suspended_and_resumed(lowtide: Lowtide, terminal: Terminal) -> None:
    program = """
import os, signal, sys, termios, time, tty
old = termios.tcgetattr(0)
def leave(*_):
    termios.tcsetattr(0, termios.TCSADRAIN, old)
    os.kill(os.getpid(), signal.SIGSTOP)
    tty.setcbreak(0)
    os.write(1, b"drawn again\\n")
signal.signal(signal.SIGTSTP, leave)
tty.setcbreak(0)
print("job started", flush=True)
while sys.stdin.read(1) != "q":
    pass
termios.tcsetattr(0, termios.TCSADRAIN, old)
"""
    terminal.type(script(lowtide, "screen.py", program) + "\n")
    terminal.until("job started")
    terminal.type("\x1a")
    terminal.until(re.escape(terminal.PROMPT))
    terminal.type("fg\n")
    terminal.until("drawn again")
    terminal.type("q")
    terminal.until(re.escape(terminal.PROMPT))
    assert terminal.status() == 0


def test_the_job_reads_what_is_typed(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "job.py", "print('read', repr(input()))") + "\n")
    terminal.type("some words\n")
    terminal.until("read 'some words'")
    terminal.until(re.escape(terminal.PROMPT))


LIVE = re.compile(r"\d:\d\d[^\x1b]* W [^\x1b]*Wh [^\x1b]*g/kWh [^\x1b]*CO2e[^\x1b]*SCI")


def test_a_live_line_shows_while_the_job_is_silent_and_goes(lowtide: Lowtide, terminal: Terminal) -> None:
    # With a reading each 100 ms the last one drawn stands between 3.4 and 3.5 s.
    terminal.type("$LOWTIDE run --intensity 400g/kWh --interval 100ms -- sleep 3.5; echo after\n")
    said = terminal.until("after\r?\n")
    drawn = LIVE.findall(re.sub(r"\x1b\[[0-9;]*m", "", said))
    assert len(drawn) >= 2, "elapsed, W, kWh, g/kWh now, gCO2e so far, SCI"
    assert drawn[-1].startswith("0:00:03"), drawn
    shown = rendered(said)
    assert not any(LIVE.search(line) for line in shown), shown
    assert shown[0].startswith("lowtide"), "the summary stands where the cursor was"


def test_the_live_line_does_not_bend_the_jobs_output(lowtide: Lowtide, terminal: Terminal) -> None:
    lines = "import time\nfor n in range(3):\n    print(f'line {n} of the job', flush=True)\n    time.sleep(1.7)\n"
    terminal.type(script(lowtide, "job.py", lines) + "; echo after\n")
    said = terminal.until("after\r?\n")
    assert LIVE.search(said)
    assert rendered(said)[:3] == [f"line {n} of the job" for n in range(3)]


def test_the_live_line_keeps_a_half_written_line_of_the_job(lowtide: Lowtide, terminal: Terminal) -> None:
    half = "import time\nprint('half a line', end='', flush=True)\ntime.sleep(2.5)\nprint(' and the rest', flush=True)\n"
    terminal.type(script(lowtide, "job.py", half) + "; echo after\n")
    said = terminal.until("after\r?\n")
    assert LIVE.search(said)
    assert rendered(said)[0] == "half a line and the rest"


def test_the_live_line_is_right_at_the_foot_of_a_full_screen(lowtide: Lowtide, terminal: Terminal) -> None:
    fill = "import time\nfor n in range(40):\n    print(f'line {n}', flush=True)\ntime.sleep(2.5)\nprint('end', flush=True)\n"
    terminal.type(script(lowtide, "job.py", fill) + "; echo after\n")
    said = terminal.until("after\r?\n")
    assert LIVE.search(said)
    assert rendered(said)[:41] == [f"line {n}" for n in range(40)] + ["end"]


def test_quiet_shows_no_live_line(lowtide: Lowtide, terminal: Terminal) -> None:
    assert terminal.command("$LOWTIDE run --quiet --intensity 400g/kWh -- sleep 2.5") == ""


def test_no_live_line_when_stderr_is_a_file(lowtide: Lowtide, terminal: Terminal) -> None:
    assert terminal.command("$LOWTIDE run --intensity 400g/kWh -- sleep 2.5 2> err") == ""
    assert "\r" not in Path(lowtide.folder / "err").read_text()
    assert "\x1b" not in Path(lowtide.folder / "err").read_text()


def test_tostop_does_not_stop_a_run(lowtide: Lowtide, terminal: Terminal) -> None:
    # The meter is in a background group of its own: what it writes to the terminal must not stop it.
    terminal.command("stty tostop")
    terminal.command("$LOWTIDE run --intensity 400g/kWh -- sleep 2.5")
    assert terminal.status() == 0
    assert lowtide.report()["run"]["state"] == "finished"


def test_closing_the_terminal_ends_the_job_and_the_run_is_kept(lowtide: Lowtide) -> None:
    shell = Terminal(lowtide)
    shell.type(script(lowtide, "job.py", WAITING) + "\n")
    shell.until("job started")
    job = int(wait_for_text(lowtide.folder / "pid", "\n"))
    os.close(shell.fd)  # SIGHUP to the foreground group
    os.waitpid(shell.pid, 0)
    wait_for(lambda: state_of(job) in ("", "Z"), "the job ended by the hangup")
    wait_for(lambda: [run for run in lowtide.runs() if run["state"] == "killed"], "the run closed")


def test_a_pipeline_with_lowtide_in_it_can_be_interrupted(lowtide: Lowtide, terminal: Terminal) -> None:
    terminal.type(script(lowtide, "job.py", WAITING) + " | cat\n")
    terminal.until("job started")
    terminal.type("\x03")
    terminal.until(re.escape(terminal.PROMPT))
    assert lowtide.report()["run"]["state"] == "killed"
