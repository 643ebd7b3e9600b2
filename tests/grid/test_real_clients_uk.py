"""The loopback Carbon Intensity API as a client of others meets it: CATS, unchanged but for its address."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uk
from server import Server, steps

CATS = """
import sys
from cats.cli import main
from cats.providers import UKCarbonIntensityProvider
UKCarbonIntensityProvider.BASE_URL = sys.argv[1]
sys.exit(main(sys.argv[2:]))
"""
ASK = """
import json, sys
from datetime import datetime
from cats.providers import UKCarbonIntensityProvider
said = UKCarbonIntensityProvider(base_url=sys.argv[1]).get_data(datetime.fromisoformat(sys.argv[2]), sys.argv[3])
print(json.dumps([[point.datetime.isoformat(), point.value] for point in said.values]))
"""


def run(python: str, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """CATS keeps what it was told in the temporary folder: one of this test's own."""
    return subprocess.run([python, "-c", *args], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
                          env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "HOME": str(folder), "TZ": "UTC"})


def test_cats_reads_48_hours_of_a_postcode(clients_python: str, tmp_path: Path) -> None:
    begin = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
    with Server(uk.Provider(now=lambda: begin)) as server:
        done = run(clients_python, tmp_path, ASK, server.url, "2026-01-05T12:10:00+00:00", "OX1")
        assert done.returncode == 0, done.stderr
        assert server.paths() == ["/regional/intensity/2026-01-05T12:01Z/fw48h/postcode/OX1"]
        truth = server.provider.truth
    times = steps(begin, begin + timedelta(hours=48, minutes=1), timedelta(minutes=30))
    assert len(times) == 97
    assert json.loads(done.stdout) == [[at.isoformat(), round(truth("12", "forecast", at))] for at in times]


def test_cats_starts_a_job_where_the_truth_is_low(clients_python: str, tmp_path: Path) -> None:
    low = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=6)
    end = low + timedelta(hours=4)
    with Server(uk.Provider(truth=lambda zone, _, at: 30 if zone == "3" and low <= at < end else 200)) as server:
        done = run(clients_python, tmp_path, CATS, server.url, "-d", "60", "--loc", "M15", "--format", "json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert low <= datetime.fromisoformat(said["valueOptimal"]["start"]) <= end - timedelta(hours=1)
    assert said["valueOptimal"]["value"] == pytest.approx(30)
    assert said["valueNow"]["value"] == pytest.approx(200)


def test_cats_says_what_the_provider_refuses(clients_python: str, tmp_path: Path) -> None:
    with Server(uk.Provider()) as server:
        server.fault("status", code=503)
        done = run(clients_python, tmp_path, CATS, server.url, "-d", "60", "--loc", "OX1")
    assert done.returncode != 0
    assert "503" in done.stderr
