"""`lowtide doctor`: what is there, what is denied, and that the printed command grants it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide, binary

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "rig"))
from powercap import Machine, default_machine, write_proc  # noqa: E402

NOBODY = "4242"  # a user without a name and without a right
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def findings(lowtide: Lowtide, *args: str, **more: Any) -> dict[str, dict[str, Any]]:
    """`lowtide doctor --json` by subject."""
    done = lowtide("doctor", "--json", *args, **more)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["schema"] == "lowtide.doctor/1"
    for finding in said["findings"]:
        assert list(finding) == ["topic", "subject", "state", "detail", "hint", "commands", "facts"]
        assert finding["state"] in ("ok", "info", "absent", "denied", "trouble")
    return {finding["subject"]: finding for finding in said["findings"]}


class Ward:
    """A machine with RAPL that only root may read, and lowtide on it as a user without rights."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        shutil.copy(binary(), folder / "lowtide")
        shutil.copytree(Path(binary()).parent / "share", folder / "share")
        self.root = folder / "machine"
        self.root.mkdir()
        self.tree = default_machine(self.root, "", "boot 0")
        for path in self.tree.files.values():
            path.chmod(0o400)
        (folder / "home").mkdir()
        os.chown(folder / "home", int(NOBODY), int(NOBODY))
        self.lowtide = str(folder / "lowtide")
        self.env = {"PATH": os.environ["PATH"], "LOWTIDE_HOME": str(folder / "home"), "TERM": "dumb",
                    "LOWTIDE_SYSROOT": str(self.root), "LOWTIDE_SHARE": str(folder / "share/lowtide"),
                    **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}

    def __call__(self, *command: str, root: bool = False, **env: str) -> str:
        done = subprocess.run([*([] if root else AS_NOBODY), *command], env=self.env | env, cwd="/", check=False,
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def states(self) -> dict[str, str]:
        said = json.loads(self(self.lowtide, "doctor", "--json"))
        return {finding["subject"]: finding["state"] for finding in said["findings"]}


@pytest.fixture
def ward() -> Iterator[Ward]:
    with tempfile.TemporaryDirectory(prefix="lowtide-doctor-") as folder:
        yield Ward(Path(folder))


def assert_seen(ward: Ward) -> None:
    states = ward.states()
    assert states["RAPL package-0"] == states["RAPL package-0/dram"] == states["RAPL psys"] == "ok"
    assert "RAPL" not in states
    ward(ward.lowtide, "run", "--quiet", "--intensity", "400g/kWh", "--", "true")
    report = json.loads(ward(ward.lowtide, "report", "last", "--format", "json"))
    sources = {channel["channel"]: channel["source"] for channel in report["energy"]["by_channel"]}
    assert sources["cpu:0"] == sources["dram:0"] == "rapl"
    assert ward.tree.files["intel-rapl:0:0"].stat().st_mode & 0o777 == 0o400, "a core is not asked for"
    assert ward.tree.files["intel-rapl:0"].stat().st_mode & 0o777 == 0o440, "its group, not the world"


def test_the_printed_command_grants_what_was_denied(ward: Ward) -> None:
    assert ward.states()["RAPL package-0"] == ward.states()["RAPL"] == "denied"
    script = ward(ward.lowtide, "doctor", "--fix")
    commands = [line for line in script.splitlines() if not line.startswith("#")]
    assert commands and all(line.startswith("sudo ") for line in commands)
    (ward.root / "sudo").write_text('#!/bin/sh\nexec "$@"\n')  # the test is root already
    (ward.root / "sudo").chmod(0o755)
    ward("sh", "-ec", script, root=True, PATH=f"{ward.root}:{os.environ['PATH']}")
    rule = (ward.root / "etc/udev/rules.d/70-lowtide-powercap.rules").read_text()
    assert f'/bin/chgrp {NOBODY} /sys%p/energy_uj"' in rule and 'SUBSYSTEM=="powercap"' in rule
    assert_seen(ward)
    assert ward(ward.lowtide, "doctor", "--fix").startswith("# nothing is denied")


def test_apply_behind_sudo_grants_it_to_who_called_sudo(ward: Ward) -> None:
    assert ward.states()["RAPL package-0"] == "denied"
    ward(ward.lowtide, "doctor", "--fix", "--apply", root=True, SUDO_UID=NOBODY)
    assert_seen(ward)


def test_apply_without_root_says_so(ward: Ward) -> None:
    (ward.root / "sudo").write_text("#!/bin/sh\nexit 1\n")
    (ward.root / "sudo").chmod(0o755)
    done = subprocess.run([*AS_NOBODY, ward.lowtide, "doctor", "--fix", "--apply"], check=False, capture_output=True,
                          text=True, env=ward.env | {"PATH": f"{ward.root}:{os.environ['PATH']}"}, cwd="/")
    assert done.returncode == 4
    assert "sudo" in done.stderr
    assert ward.states()["RAPL package-0"] == "denied"


def test_the_terms_of_the_cpu_model_are_said_with_numbers(lowtide: Lowtide, tmp_path: Path) -> None:
    lowtide.env["LOWTIDE_SYSROOT"] = str(tmp_path / "machine")
    write_proc(tmp_path / "machine", Machine(cpus=64, cores=32))
    found = findings(lowtide)
    model = found["CPU model"]
    assert found["RAPL"]["state"] == "absent"
    facts = model["facts"]
    assert facts["in_use"] == "yes"
    assert facts["table_row"] == "Intel Xeon Platinum 8370C" and facts["tdp_w"] == 205
    assert facts["vcpus"] == facts["tdp_threads"] == 64
    assert facts["full_w_per_vcpu"] == pytest.approx(205 / 64) and facts["idle_fraction"] == 0.21
    assert facts["idle_w"] == pytest.approx(0.21 * facts["full_w"])
    for number in ("TDP 205 W", "64 threads", "21 %", "8370C"):
        assert number in model["detail"]


@pytest.mark.parametrize("config, variable, says", [
    ("", {}, ("assumed", "default", "default")),
    ('location = "FR"\nsignal = "average"\n', {}, ("config.toml: location", "default", "config.toml: signal")),
    ('location = "FR"\n', {"LOWTIDE_LOCATION": "DE", "LOWTIDE_INTENSITY": "400g/kWh"},
     ("LOWTIDE_LOCATION", "LOWTIDE_INTENSITY", "default")),
])
def test_zone_source_and_signal_name_their_origin(lowtide: Lowtide, config: str, variable: dict[str, str],
                                                  says: tuple[str, str, str]) -> None:
    path = lowtide.folder / "user/.config/lowtide/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(config)
    lowtide.env |= variable | {"TZ": "Europe/Paris"}
    found = findings(lowtide)
    assert tuple(found[subject]["facts"]["origin"] for subject in ("zone", "intensity", "signal")) == says
    assert found["zone"]["facts"]["zone"] == variable.get("LOWTIDE_LOCATION", "FR")
    if not config:
        assert found["zone"]["facts"]["resolved_by"] == "time zone Europe/Paris"


def test_the_system_is_looked_at(lowtide: Lowtide) -> None:
    found = findings(lowtide)
    assert found["ledger"]["facts"]["path"] == str(lowtide.home / "ledger.db")
    assert found["ledger"]["facts"]["network"] in ("yes", "no")
    mounts = Path("/proc/self/mountinfo").read_text()
    versions = {"2" if " - cgroup2 " in mounts else "1" if " - cgroup " in mounts else ""}
    assert found["cgroup"]["facts"]["version"] in versions
    if found["cgroup"]["facts"]["mount"]:
        assert f" {found['cgroup']['facts']['mount']} " in mounts
    assert found["clock"]["facts"]["synchronised"] in ("yes", "no")
    assert found["NVML"]["state"] in ("absent", "ok", "trouble")
    assert not lowtide.home.exists(), "doctor looks and changes nothing"


def test_a_wrong_config_is_a_finding(lowtide: Lowtide) -> None:
    path = lowtide.folder / "user/.config/lowtide/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("colour = 1\npue = 0.5\n")
    done = lowtide("doctor", "--json")
    assert done.returncode == 0
    assert "config.toml:1: 'colour' is no setting" in done.stdout and "config.toml:2: pue" in done.stdout
    assert done.stdout.count("is no PUE") == 1


def test_twenty_columns_are_enough(terminal: Any) -> None:
    terminal.resize(24, 20)
    said = terminal.command("$LOWTIDE doctor")
    for line in said.splitlines():
        if "$ " not in line:
            assert len(line) <= 20 + 9, "a line and the codes that colour its first word"
