"""The job sees what it would see without lowtide: bytes, descriptors, environment, signals, group."""

import hashlib
import json
import os
import signal
import subprocess
from typing import Any

import pytest
from harness import PYTHON, Lowtide, binary, job

LOOK = """
import json, os, resource, signal, sys
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
def target(fd):
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return None
fds = {int(f): target(f) for f in os.listdir("/proc/self/fd")}
print(json.dumps({
    "argv": sys.argv[1:], "cwd": os.getcwd(), "env": dict(os.environ),
    "fds": {k: v for k, v in fds.items() if v and "/proc/" not in v},
    "blocked": status["SigBlk"], "ignored": status["SigIgn"], "umask": status["Umask"],
    "nice": os.nice(0), "session": os.getsid(0), "group": os.getpgrp(), "parent": os.getppid(),
    "limits": {str(r): resource.getrlimit(r) for r in range(16)},
    "affinity": sorted(os.sched_getaffinity(0)), "no_new_privs": status.get("NoNewPrivs"),
}))
"""


def look(command: list[str], lowtide: Lowtide, **more: Any) -> dict[str, Any]:
    """What a job sees that is started so."""
    done = subprocess.run(command, env=lowtide.env, cwd=lowtide.folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, **more)
    return json.loads(done.stdout)


def both(lowtide: Lowtide, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What it sees without lowtide, and with."""
    command = [PYTHON, "-S", "-c", LOOK, "an argument", ""]
    return (look(command, lowtide, **more),
            look([binary(), "run", "--intensity", "400g/kWh", "--", *command], lowtide, **more))


def test_environment_folder_and_limits_are_unchanged(lowtide: Lowtide) -> None:
    plain, metered = both(lowtide)
    ours = {"LOWTIDE_RUN_ID", "LOWTIDE_COUNTS"}
    assert {k: v for k, v in metered["env"].items() if k not in ours} == plain["env"]
    assert ours <= metered["env"].keys()
    for key in ("argv", "cwd", "umask", "nice", "session", "limits", "affinity", "no_new_privs"):
        assert metered[key] == plain[key], key


def test_the_process_group_is_the_one_lowtide_was_started_in(lowtide: Lowtide) -> None:
    # The job is not made a leader and lowtide stays in its group, as `time` does.
    command = [binary(), "run", "--intensity", "400g/kWh", "--", PYTHON, "-S", "-c", LOOK]
    process = subprocess.Popen(command, env=lowtide.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, process_group=0)
    out, _ = process.communicate(timeout=60)
    assert json.loads(out)["group"] == process.pid


def test_inherited_descriptors_stay_and_none_is_added(lowtide: Lowtide) -> None:
    with open(lowtide.folder / "three", "w") as three, open("/dev/zero") as zero:
        os.set_inheritable(three.fileno(), True)
        os.set_inheritable(zero.fileno(), True)
        plain, metered = both(lowtide, pass_fds=(three.fileno(), zero.fileno()))
    assert metered["fds"].keys() == plain["fds"].keys()
    assert {k: v for k, v in metered["fds"].items() if "pipe" not in v} == {
        k: v for k, v in plain["fds"].items() if "pipe" not in v}


def test_ignored_and_blocked_signals_are_as_they_were(lowtide: Lowtide) -> None:
    def odd() -> None:
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGTSTP, signal.SIGCHLD])
    plain, metered = both(lowtide, preexec_fn=odd, restore_signals=False)
    assert (metered["ignored"], metered["blocked"]) == (plain["ignored"], plain["blocked"])


def test_default_signals_are_as_they_were(lowtide: Lowtide) -> None:
    plain, metered = both(lowtide)
    assert (metered["ignored"], metered["blocked"]) == (plain["ignored"], plain["blocked"])


def test_an_ignored_sigchld_does_not_lose_the_status(lowtide: Lowtide) -> None:
    done = lowtide.run("--", "sh", "-c", "exit 5", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
                       restore_signals=False)
    assert done.returncode == 5


def test_binary_stdin_arrives_byte_for_byte(lowtide: Lowtide) -> None:
    data = bytes(range(256)) * 40_000 + b"\x00\xff\r\n\x1a\x04 no newline at the end"
    done = lowtide.run("--quiet", "--", "sha256sum", input=data, text=False)
    assert done.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()


def test_stdin_that_the_job_does_not_read_is_left_for_the_next(lowtide: Lowtide) -> None:
    done = subprocess.run(["sh", "-c", f"'{binary()}' run --quiet --intensity 400g/kWh -- true; cat"], env=lowtide.env,
                          input=b"still here\n", stdout=subprocess.PIPE, timeout=60, check=False)
    assert done.stdout == b"still here\n"


def test_a_gigabyte_of_stdout_arrives_byte_for_byte(lowtide: Lowtide) -> None:
    block = hashlib.shake_256(b"lowtide").digest(1 << 20)
    (lowtide.folder / "block").write_bytes(block)
    copies = 1024
    process = lowtide.start_run("--quiet", "--", *job(
        f"import sys\nb = open('block', 'rb').read()\nfor _ in range({copies}): sys.stdout.buffer.write(b)"), text=False)
    seen, expected = hashlib.sha256(), hashlib.sha256()
    while chunk := process.stdout.read(1 << 20):
        seen.update(chunk)
    for _ in range(copies):
        expected.update(block)
    assert process.wait(timeout=60) == 0
    assert seen.hexdigest() == expected.hexdigest()


def test_the_job_holds_the_descriptors_themselves(lowtide: Lowtide) -> None:
    # No pipe of ours in between: the job's stdout is the very file.
    with open(lowtide.folder / "out", "wb") as out:
        lowtide.run("--quiet", "--", "readlink", "/proc/self/fd/1", stdout=out, capture_output=False, stderr=None)
    assert (lowtide.folder / "out").read_text().strip() == str(lowtide.folder / "out")


def test_a_reader_that_leaves_ends_the_job_with_sigpipe(lowtide: Lowtide) -> None:
    done = subprocess.run(["bash", "-c", f"'{binary()}' run --quiet --intensity 400g/kWh -- yes | head -n 1; "
                                         'echo "${PIPESTATUS[0]}"'],
                          env=lowtide.env, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["y", str(128 + signal.SIGPIPE)]


def test_nothing_is_on_stderr_during_the_job_when_it_is_no_terminal(lowtide: Lowtide) -> None:
    with open(lowtide.folder / "err", "wb") as err:
        done = lowtide.run("--", "sh", "-c", "sleep 2.5; stat -c %s err", stderr=err, capture_output=False,
                           stdout=subprocess.PIPE)
    assert done.stdout == "0\n"
    assert (lowtide.folder / "err").stat().st_size > 0, "the summary comes after"


def test_the_jobs_own_stderr_is_untouched_and_first(lowtide: Lowtide) -> None:
    done = lowtide.run("--", "sh", "-c", "printf 'no newline' >&2")
    assert done.stderr.startswith("no newline")
    assert done.stdout == ""


def test_quiet_says_nothing(lowtide: Lowtide) -> None:
    done = lowtide.run("--quiet", "--", "sh", "-c", "echo out; echo err >&2; exit 4")
    assert (done.returncode, done.stdout, done.stderr) == (4, "out\n", "err\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_standard_descriptors_stay_closed(lowtide: Lowtide, closed: tuple[int, ...]) -> None:
    # A file of ours opened as descriptor 1 would be written over by the job's output.
    def close() -> None:
        for fd in closed:
            os.close(fd)
    code = f"""
import os
open_ones = [fd for fd in range(3) if os.path.exists(f"/proc/self/fd/{{fd}}")]
open("seen", "w").write(str(open_ones))
for fd in {closed!r}:
    try:
        os.write(fd, b"garbage over the ledger")
    except OSError:
        pass
"""
    # Python itself reopens nothing: -S -c with closed descriptors leaves them closed.
    process = subprocess.Popen([binary(), "run", "--quiet", "--intensity", "400g/kWh", "--", *job(code)], env=lowtide.env,
                               cwd=lowtide.folder, preexec_fn=close, close_fds=True)
    assert process.wait(timeout=60) == 0
    assert (lowtide.folder / "seen").read_text() == str([fd for fd in range(3) if fd not in closed])
    assert lowtide.report()["run"]["state"] == "finished"
