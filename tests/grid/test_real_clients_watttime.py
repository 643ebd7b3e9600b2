"""The loopback WattTime as WattTime's own client meets it, unchanged but for its address."""

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import watttime
from server import Server, iso, parse_time, steps

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = START + timedelta(days=80, hours=12, minutes=2)
STEP = timedelta(minutes=5)

ASK = """
import json, sys
import watttime
who = {"username": "ann", "password": sys.argv[1]}
start, end = sys.argv[2:4]
history = watttime.WattTimeHistorical(**who)
forecast = watttime.WattTimeForecast(**who)
print(json.dumps({
    "history": history.get_historical_jsons(start, end, "CAISO_NORTH", "co2_moer", include_imputed_marker=True),
    "rows": len(history.get_historical_pandas(start, end, "CAISO_NORTH")),
    "average": history.get_historical_jsons(start, start[:8] + "06T00:00Z", "FR", "co2_aoer"),
    "region": history.region_from_loc("38.9", "-77.1", "co2_moer"),
    "forecast": forecast.get_forecast_json("PJM_DC", horizon_hours=72),
    "issued": forecast.get_historical_forecast_json(start, start[:8] + "05T00:10Z", "PJM_DC"),
    "access": watttime.WattTimeMyAccess(**who).get_access_pandas()["region"].tolist(),
}))
"""


def ask(python: str, server: Server, password: str = "correct-horse") -> subprocess.CompletedProcess[str]:
    end = START + timedelta(days=70)
    return subprocess.run([python, "-c", ASK, password, iso(START), iso(end)], capture_output=True, text=True,
                          timeout=300, check=False, env={"PATH": "/usr/bin:/bin", "WATTTIME_API_URL": server.url})


def test_watttimes_client_reads_history_forecasts_and_regions(clients_python: str) -> None:
    with Server(watttime.Provider(now=lambda: NOW)) as server:
        done = ask(clients_python, server)
        truth = server.provider.truth
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    rows = [row for part in said["history"] for row in part["data"]]
    times = steps(START, START + timedelta(days=70), STEP)
    times.append(START + timedelta(days=70))  # its end is inclusive
    assert len(said["history"]) == 3  # it asks for 30 days at a time
    assert [parse_time(row["point_time"]) for row in rows] == times
    assert [row["value"] * 0.45359237 for row in rows[:500]] == pytest.approx(
        [truth("CAISO_NORTH", "co2_moer", at) for at in times[:500]])
    assert said["rows"] == len(times)
    assert [row["value"] * 0.45359237 for row in said["average"][0]["data"][:3]] == pytest.approx(
        [truth("FR", "co2_aoer", START + timedelta(hours=hour)) for hour in range(3)])
    assert said["region"]["region"] == "PJM_DC"
    assert len(said["forecast"]["data"]) == 72 * 12
    assert said["forecast"]["meta"]["generated_at"] == "2026-03-26T12:00:00+00:00"
    assert [one["generated_at"] for part in said["issued"] for one in part["data"]] == [
        f"2026-01-05T00:{minute:02}:00+00:00" for minute in (0, 5, 10)]
    assert len(said["issued"][0]["data"][0]["forecast"]) == 288
    assert set(said["access"]) == {name for name, _, _ in watttime.PLACES}


def test_watttimes_client_says_what_the_account_lacks(clients_python: str) -> None:
    with Server(watttime.Provider(now=lambda: NOW, open_regions={"PJM_DC"})) as server:
        done = ask(clients_python, server)
        assert "403" in done.stderr
        assert "401" in ask(clients_python, server, "wrong").stderr
