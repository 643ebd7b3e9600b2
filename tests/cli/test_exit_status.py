"""The exit status belongs to the job; before its start 125, 126 and 127 say why there is none."""

import signal
from pathlib import Path

import pytest
from harness import Lowtide, job


@pytest.mark.parametrize("status", [0, 1, 2, 42, 125, 126, 127, 255])
def test_the_jobs_own_status_is_passed_on(lowtide: Lowtide, status: int) -> None:
    assert lowtide.run("--", "sh", "-c", f"exit {status}").returncode == status
    report = lowtide.report()
    assert report["run"]["exit_status"] == status
    assert report["run"]["state"] == ("finished" if status == 0 else "failed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT, signal.SIGUSR1])
def test_a_job_ended_by_a_signal_gives_128_and_its_number(lowtide: Lowtide, number: int) -> None:
    assert lowtide.run("--", *job(f"import os; os.kill(os.getpid(), {int(number)})")).returncode == 128 + number
    assert lowtide.report()["run"]["state"] == "killed"


def test_a_command_that_is_not_found_is_127(lowtide: Lowtide) -> None:
    done = lowtide.run("--", "no-such-command-anywhere")
    assert done.returncode == 127
    assert "no-such-command-anywhere" in done.stderr


def test_a_path_that_is_not_found_is_127(lowtide: Lowtide) -> None:
    assert lowtide.run("--", "./no/such/file").returncode == 127


def test_a_file_without_execute_permission_is_126(lowtide: Lowtide) -> None:
    (lowtide.folder / "plain.txt").write_text("x")
    done = lowtide.run("--", "./plain.txt")
    assert done.returncode == 126
    assert "plain.txt" in done.stderr


def test_a_folder_is_126(lowtide: Lowtide) -> None:
    assert lowtide.run("--", "./user").returncode == 126


def test_a_script_without_a_shebang_runs_as_a_shell_would_run_it(lowtide: Lowtide) -> None:
    script = lowtide.folder / "script"
    script.write_text("exit 7\n")
    script.chmod(0o755)
    assert lowtide.run("--", "./script").returncode == 7


# Each: the arguments before the command, and what the one line of the error must name.
REFUSED = {
    "no_command": ([], None, "command"),
    "unknown_flag": (["--no-such-flag"], "touch ran", "--no-such-flag"),
    "unknown_zone": (["--location", "FRR"], "touch ran", "FRR"),
    "unknown_region": (["--location", "azure:westus22"], "touch ran", "azure:westus22"),
    "latitude_out_of_range": (["--location", "95.0,10.0"], "touch ran", "95"),
    "intensity_without_unit": (["--intensity", "475"], "touch ran", "475"),
    "intensity_negative": (["--intensity", "-5g/kWh"], "touch ran", "-5g/kWh"),
    "intensity_unknown": (["--intensity", "nonsense"], "touch ran", "nonsense"),
    "interval_no_duration": (["--interval", "soon"], "touch ran", "soon"),
    "interval_zero": (["--interval", "0s"], "touch ran", "0s"),
    "pue_below_one": (["--pue", "0.5"], "touch ran", "0.5"),
    "pue_no_number": (["--pue", "much"], "touch ran", "much"),
    "idle_unknown": (["--idle", "some"], "touch ran", "some"),
    "signal_unknown": (["--signal", "loud"], "touch ran", "loud"),
    "count_without_value": (["--count", "samples"], "touch ran", "samples"),
    "count_no_number": (["--count", "samples=many"], "touch ran", "many"),
    "tag_without_value": (["--tag", "justkey"], "touch ran", "justkey"),
    "embodied_no_number": (["--embodied", "lots"], "touch ran", "lots"),
    "marginal_without_a_source": (["--location", "FR", "--signal", "marginal"], "touch ran", "marginal"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_lowtide_refuses_is_125_names_the_reason_and_runs_nothing(lowtide: Lowtide, name: str) -> None:
    flags, command, named = REFUSED[name]
    done = lowtide("run", *flags, *(["--", *command.split()] if command else []))
    assert done.returncode == 125
    assert named.lower() in done.stderr.lower()
    assert done.stderr.startswith("lowtide")
    assert done.stderr.count("\n") == 1, f"one line, not: {done.stderr}"
    assert done.stdout == ""
    assert not (lowtide.folder / "ran").exists(), "the job must not run"


def test_a_refused_run_leaves_no_run_behind(lowtide: Lowtide) -> None:
    lowtide("run", "--pue", "0.5", "--", "true")
    assert lowtide.runs() == []


def test_options_after_the_command_belong_to_the_command(lowtide: Lowtide) -> None:
    done = lowtide.run("--quiet", "--", "echo", "--pue", "--help", "-x", "--")
    assert (done.returncode, done.stdout) == (0, "--pue --help -x --\n")


def test_the_command_may_follow_without_dashes(lowtide: Lowtide) -> None:
    done = lowtide.run("--quiet", "echo", "hello")
    assert (done.returncode, done.stdout) == (0, "hello\n")


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-flag"], ["runs", "--no-such-flag"],
                                       ["report", "last", "--format", "papyrus"], ["show"], []])
def test_usage_of_other_commands_is_2(lowtide: Lowtide, arguments: list[str]) -> None:
    done = lowtide(*arguments)
    assert done.returncode == 2
    assert done.stderr != ""


@pytest.mark.parametrize("command", ["show", "report"])
def test_an_unknown_run_is_named(lowtide: Lowtide, command: str) -> None:
    lowtide.run("--", "true")
    done = lowtide(command, "zzzz-no-such-run")
    assert done.returncode not in (0, 70)
    assert "zzzz-no-such-run" in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_last_of_an_empty_ledger_says_what_to_do(lowtide: Lowtide) -> None:
    done = lowtide("show", "last")
    assert done.returncode not in (0, 70)
    assert "lowtide run" in done.stderr


def test_version_and_help_succeed_on_stdout(lowtide: Lowtide) -> None:
    for arguments in (["--version"], ["--help"], ["run", "--help"], ["show", "--help"]):
        done = lowtide(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout != ""
    assert not Path(lowtide.home).exists(), "asking for help leaves nothing on disk"
