"""A command that asks no provider does not load libcurl: nobody pays for a network that is not used."""

from pathlib import Path

import pytest
from harness import Lowtide

RUN = ["run", "--location", "FR", "--intensity", "100g/kWh", "--", "true"]


@pytest.mark.parametrize("command", [
    RUN, ["report", "last"], ["show", "last"], ["grid", "zones"], ["doctor"],
    ["plan", "--location", "FR", "--intensity", "typical", "--duration", "1h", "--power", "100W", "--within", "6h"],
], ids=lambda command: command[0])
def test_libcurl_is_not_loaded(lowtide: Lowtide, tmp_path: Path, command: list[str]) -> None:
    lowtide(*RUN)
    traced = lowtide.env | {"LD_DEBUG": "libs", "LD_DEBUG_OUTPUT": str(tmp_path / "libraries")}
    done = lowtide(*command, env=traced)
    assert done.returncode == 0, done.stderr
    loaded = "".join(file.read_text(errors="replace") for file in tmp_path.glob("libraries.*"))
    assert "libsqlite3" in loaded  # it was traced
    assert "libcurl" not in loaded
