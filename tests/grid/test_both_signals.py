"""Average and marginal side by side: two providers, one run; the keys of both are nowhere afterwards."""

import json
import sqlite3
from collections.abc import Iterator

import electricitymaps
import pytest
import watttime
from fetching import assert_nowhere
from harness import PATIENCE_S, Lowtide, job, wait_for
from server import Server

WAITS = "import os,time\nwhile not os.path.exists('go'): time.sleep(0.02)"
PASSWORD, TOKEN = "correct-horse", "em-key-12345"


@pytest.fixture
def california(lowtide: Lowtide) -> Iterator[tuple[Server, Server]]:
    """WattTime and Electricity Maps on loopback, and a config that names them for the zone."""
    with Server(watttime.Provider(users={"ann": PASSWORD})) as marginal, \
            Server(electricitymaps.Provider(keys={TOKEN: set()})) as average:
        config = lowtide.folder / "user/.config/lowtide/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f"""location = "aws:us-west-1"
signal = "both"
[sources]
average.default = "electricitymaps"
marginal.US-CAL-CISO = "watttime"
[watttime]
url = "{marginal.url}"
username = "ann"
password = "{PASSWORD}"
[electricitymaps]
url = "{average.url}/v4"
""")
        config.chmod(0o600)
        lowtide.env["LOWTIDE_ELECTRICITYMAPS_TOKEN"] = TOKEN
        yield marginal, average


def issues(lowtide: Lowtide) -> int:
    """Forecasts that are kept."""
    try:
        with sqlite3.connect(f"file:{lowtide.home / 'cache.db'}?mode=ro", uri=True, timeout=5) as database:
            return database.execute("SELECT count(*) FROM issue").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_a_run_has_both_and_the_figure_of_each(lowtide: Lowtide, california: tuple[Server, Server]) -> None:
    process = lowtide.start("run", "--json", "run.json", "--", *job(WAITS))
    wait_for(lambda: issues(lowtide) >= 2, "the forecasts of both")
    (lowtide.folder / "go").touch()
    said = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0, said
    report = json.loads((lowtide.folder / "run.json").read_text())
    average, marginal = report["intensity"]
    assert (average["signal"], average["source"], average["scope"]) == ("average", "electricitymaps", "lifecycle")
    assert (marginal["signal"], marginal["source"], marginal["gas"]) == ("marginal", "watttime", "co2")
    assert average["coverage"] == marginal["coverage"] == pytest.approx(1)
    carbon, it = report["carbon"], report["energy"]["total_kwh"]
    assert carbon["signal"] == "average"
    assert carbon["operational_g"] == pytest.approx(it * average["energy_weighted_g_per_kwh"])
    assert carbon["other_signal_g"] == pytest.approx(it * marginal["energy_weighted_g_per_kwh"])
    config = lowtide.folder / "user/.config/lowtide/config.toml"
    config.unlink()  # the one place where a key may stand
    assert_nowhere(lowtide, PASSWORD, said)
    assert_nowhere(lowtide, TOKEN, said)


def test_marginal_heads_where_it_is_asked_for(lowtide: Lowtide, california: tuple[Server, Server]) -> None:
    done = lowtide("run", "--signal", "marginal", "--json", "run.json", "--", "true")
    assert done.returncode == 0, done.stderr
    report = json.loads((lowtide.folder / "run.json").read_text())
    assert report["carbon"]["signal"] == "marginal"
    assert [series["signal"] for series in report["intensity"]] == ["marginal", "average"]


def test_both_without_a_marginal_source_is_refused(lowtide: Lowtide) -> None:
    done = lowtide("run", "--location", "FR", "--signal", "both", "--", "true")
    assert done.returncode == 125
    assert "no marginal source is configured or known for FR" in done.stderr
    assert "lowtide config set sources.marginal.FR PROVIDER" in done.stderr
