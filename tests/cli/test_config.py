"""`lowtide config`: where each setting comes from, and a file that keeps all that was not changed."""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from harness import Lowtide

FILE = """# mine
pue = 1.2   # of the hall

location = "FR"
# what follows is another program's

[other]
pue = 9
"""


@pytest.fixture
def config(lowtide: Lowtide) -> Path:
    """A config with comments, blank lines and a table."""
    path = lowtide.folder / "user/.config/lowtide/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(FILE)
    return path


def listed(lowtide: Lowtide, *args: str) -> dict[str, dict[str, Any]]:
    """`lowtide config --json` by key."""
    done = lowtide("config", *args, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["schema", "file", "settings", "warnings"] and said["schema"] == "lowtide.config/1"
    for setting in said["settings"]:
        assert list(setting) == ["key", "value", "default", "origin", "where", "takes"]
    return {setting["key"]: setting for setting in said["settings"]}


def test_each_setting_says_its_value_and_where_it_comes_from(lowtide: Lowtide, config: Path) -> None:
    lowtide.env["LOWTIDE_LOCATION"] = "DE"
    settings = listed(lowtide, "list")
    origins = {key: (s["value"], s["origin"], s["where"]) for key, s in settings.items()}
    assert origins["pue"] == ("1.2", "file", f"{config}:2")
    assert origins["location"] == ("DE", "environment", "LOWTIDE_LOCATION")
    assert origins["signal"] == (None, "default", None) and settings["signal"]["default"] == "average"
    text = lowtide("config").stdout.splitlines()
    assert len(text) == 1 + len(settings)
    assert any(line.split() == ["location", "DE", "LOWTIDE_LOCATION"] for line in text)
    assert lowtide("config", "get", "pue").stdout == "1.2\n"
    assert lowtide("config", "get", "signal").stdout == "average\n"
    assert list(listed(lowtide, "get", "pue")) == ["pue"]


def test_a_value_that_is_off_is_passed_over_and_said(lowtide: Lowtide, config: Path) -> None:
    config.write_text("pue = 0.5\n")
    done = lowtide("config", "get", "pue")
    assert done.returncode == 0 and done.stdout == "of the cloud region\n"
    assert f"{config}:1: pue" in done.stderr and "ignored" in done.stderr


@pytest.mark.parametrize("key, value, line, new", [
    ("pue", "1.35", "pue = 1.2   # of the hall", "pue = 1.35   # of the hall"),
    ("location", "azure:westus2", 'location = "FR"', 'location = "azure:westus2"'),
    ("quiet", "true", 'location = "FR"\n', 'location = "FR"\nquiet = true\n'),
    ("project", 'a "b"\t\\é', 'location = "FR"\n', None),
    ("project", "1\nspool = true", 'location = "FR"\n', None),
])
def test_set_keeps_comments_order_and_everything_else(
        lowtide: Lowtide, config: Path, key: str, value: str, line: str, new: str | None) -> None:
    config.chmod(0o640)
    done = lowtide("config", "set", key, value)
    assert done.returncode == 0, done.stderr
    text = config.read_text()
    if new:
        assert text == FILE.replace(line, new)
    assert tomllib.loads(text) == {**tomllib.loads(FILE), key: json.loads(value) if key in ("pue", "quiet") else value}
    assert "# mine\n" in text and "# what follows" in text
    assert listed(lowtide)[key]["value"] == value
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"], "nothing is left beside it"


def test_unset_takes_one_line_out(lowtide: Lowtide, config: Path) -> None:
    assert lowtide("config", "unset", "pue").returncode == 0
    assert config.read_text() == FILE.replace("pue = 1.2   # of the hall\n", "")
    again = lowtide("config", "unset", "pue")
    assert again.returncode == 0 and "is not set" in again.stdout
    config.write_text("locaton = 'FR'\n")
    assert lowtide("config", "unset", "locaton").returncode == 0
    assert config.read_text() == ""


def test_set_makes_the_file_for_its_owner_only(lowtide: Lowtide) -> None:
    assert lowtide("config", "set", "signal", "average").returncode == 0
    path = lowtide.folder / "user/.config/lowtide/config.toml"
    assert path.read_text() == 'signal = "average"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_the_file_stays_a_link(lowtide: Lowtide, config: Path) -> None:
    kept = lowtide.folder / "dotfiles.toml"
    config.rename(kept)
    config.symlink_to(kept)
    assert lowtide("config", "set", "pue", "1.5").returncode == 0
    assert config.is_symlink() and "pue = 1.5 " in kept.read_text()


def test_no_end_of_line_and_foreign_ones_are_kept(lowtide: Lowtide, config: Path) -> None:
    config.write_bytes(b"pue = 1.2\r\n# end")
    assert lowtide("config", "set", "idle", "all").returncode == 0
    assert config.read_bytes() == b'pue = 1.2\r\nidle = "all"\r\n# end'
    config.write_text("[other]\nidle = 'none'\n")
    assert lowtide("config", "set", "idle", "all").returncode == 0
    assert config.read_text() == "idle = \"all\"\n[other]\nidle = 'none'\n"
    config.write_bytes(b"# no end")
    assert lowtide("config", "set", "idle", "all").returncode == 0
    assert config.read_bytes() == b'# no end\nidle = "all"\n'


@pytest.mark.parametrize("args, words", [
    (["set", "pue", "0.5"], ["pue", "0.5", "1 to 10"]),
    (["set", "location", "FRR"], ["location", "FRR", "nearest"]),
    (["set", "locaton", "FR"], ["locaton", "nearest: location", "there are"]),
    (["get", "pui"], ["pui", "nearest: pue"]),
    (["unset", "pui"], ["pui", "nearest: pue"]),
])
def test_what_is_off_is_refused_and_nothing_is_written(
        lowtide: Lowtide, config: Path, args: list[str], words: list[str]) -> None:
    done = lowtide("config", *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    for word in words:
        assert word in done.stderr
    assert config.read_text() == FILE


def test_a_wrong_key_in_the_file_is_named_with_its_line_and_the_nearest(lowtide: Lowtide, config: Path) -> None:
    config.write_text("pue = 1.2\nlocaton = 'FR'\n")
    for args in (["config"], ["config", "set", "pue", "1.3"], ["run", "--intensity", "400g/kWh", "--", "true"]):
        done = lowtide(*args)
        assert done.returncode == 0
        for word in (f"{config}:2", "locaton", "nearest: location", "there are location, intensity"):
            assert word in done.stderr
    assert config.read_text() == "pue = 1.3\nlocaton = 'FR'\n"


def test_a_file_that_is_no_toml_is_never_overwritten(lowtide: Lowtide, config: Path) -> None:
    config.write_text("pue = 1.2\npue = = 3\n")
    done = lowtide("config", "set", "pue", "1.3")
    assert done.returncode == 3 and f"{config}:2" in done.stderr
    assert config.read_text() == "pue = 1.2\npue = = 3\n"


def test_a_file_that_cannot_be_replaced_stays_as_it_was(lowtide: Lowtide, config: Path) -> None:
    lowtide.env["XDG_CONFIG_HOME"] = "/proc/none"
    done = lowtide("config", "set", "pue", "1.3")
    assert done.returncode == 4 and "nothing was changed" in done.stderr


def test_the_environment_that_goes_before_the_file_is_said(lowtide: Lowtide, config: Path) -> None:
    lowtide.env["LOWTIDE_PUE"] = "1.1"
    done = lowtide("config", "set", "pue", "1.3")
    assert done.returncode == 0 and "LOWTIDE_PUE" in done.stderr
    assert "pue = 1.3 " in config.read_text()


def test_control_characters_of_a_value_cannot_steer_the_terminal(lowtide: Lowtide, config: Path) -> None:
    assert lowtide("config", "set", "project", "a\x1b[31m<b>\\textbf{x}\"").returncode == 0
    for args in (["config"], ["config", "get", "project"], ["config", "--json"]):
        assert "\x1b" not in lowtide(*args).stdout
    assert listed(lowtide)["project"]["value"] == "a\x1b[31m<b>\\textbf{x}\""
