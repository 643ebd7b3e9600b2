"""The loopback Electricity Maps as codecarbon meets it, unchanged but for its address."""

import json
import subprocess
from datetime import UTC, datetime

import electricitymaps
import pytest
from server import Server

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ASK = """
import json, sys
from codecarbon.core import electricitymaps_api as api
from codecarbon.core.units import Energy
from codecarbon.external.geography import GeoMetadata
api.URL = sys.argv[1] + "/v3/carbon-intensity/latest"
api.ELECTRICITYMAPS_API_TIMEOUT = 100
places = [GeoMetadata(country_iso_code="FRA", country_2letter_iso_code="FR"),
          GeoMetadata(country_iso_code="DEU", latitude=51.2, longitude=9.8)]
print(json.dumps([api.get_emissions(Energy(kWh=2), place, sys.argv[2]) for place in places]))
"""


def ask(python: str, server: Server, key: str = "k3y-of-ann") -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-c", ASK, server.url, key], capture_output=True, text=True, timeout=300,
                          check=False, env={"PATH": "/usr/bin:/bin"})


def test_codecarbon_reads_the_newest_value_of_a_country_and_a_point(clients_python: str) -> None:
    with Server(electricitymaps.Provider(now=lambda: NOON)) as server:
        done = ask(clients_python, server)
        assert done.returncode == 0, done.stderr
        truth = server.provider.truth
    expected = [2 * round(truth(zone, "lifecycle", NOON)) / 1000 for zone in ("FR", "DE")]
    assert json.loads(done.stdout) == pytest.approx(expected)


def test_codecarbon_says_what_the_provider_refuses(clients_python: str) -> None:
    with Server(electricitymaps.Provider(keys={"k3y-of-ann": {"zone:FR"}})) as server:
        assert "Invalid auth-token" in ask(clients_python, server, "other").stderr
        assert "zoneKey=FR" in ask(clients_python, server).stderr
