"""tools/setup.sh: silent when nothing is missing, one command for who is not root, one update for who is."""

import os
import subprocess
from pathlib import Path

SETUP = Path(__file__).resolve().parents[2] / "tools" / "setup.sh"


def run_setup(folder: Path, *groups: str, uid: int, missing: str = "") -> tuple[int, str, str, list[str]]:
    """Runs it with a pretended dpkg-query, id and apt-get: (status, stdout, stderr, calls of apt-get)."""
    fakes = {
        "dpkg-query": f'for last; do :; done; case " {missing} " in *" $last "*) echo not-installed;; *) echo installed;; esac',
        "id": f"echo {uid}",
        "apt-get": f'echo "$DEBIAN_FRONTEND $*" >> "{folder}/calls"',
    }
    for name, body in fakes.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    done = subprocess.run([str(SETUP), *groups], env={"PATH": f"{folder}:{os.environ['PATH']}"}, capture_output=True,
                          text=True, check=False)
    calls = folder / "calls"
    return done.returncode, done.stdout, done.stderr, calls.read_text().splitlines() if calls.exists() else []


def test_nothing_missing_says_and_does_nothing(tmp_path: Path) -> None:
    assert run_setup(tmp_path, "build", "test", "run", uid=0) == (0, "", "", [])


def test_root_updates_once_and_installs_what_is_missing_only(tmp_path: Path) -> None:
    status, _, _, calls = run_setup(tmp_path, "build", "test", uid=0, missing="cmake python3-pytest")
    assert status == 0
    assert calls == ["noninteractive update",
                     "noninteractive install -y --no-install-recommends cmake python3-pytest"]


def test_others_get_the_one_command(tmp_path: Path) -> None:
    status, _, said, calls = run_setup(tmp_path, "build", uid=1000, missing="cmake ccache")
    assert (status, calls) == (1, [])
    assert "sudo apt-get install -y --no-install-recommends ccache cmake\n" in said


def test_an_unknown_group_is_a_mistake(tmp_path: Path) -> None:
    assert run_setup(tmp_path, "everything", uid=0)[0] == 2
