"""Where a machine of a cloud is: asked of its metadata service in the background, only where DMI says so."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import metadata
import pytest
from harness import PATIENCE_S, Lowtide, job, wait_for
from server import Server

WAITS = "import os,time\nwhile not os.path.exists('go'): time.sleep(0.02)"
CLOUDS = {
    "aws": ("sys_vendor", "Amazon EC2", metadata.Aws, "us-east-1", "aws:us-east-1", 2),
    "azure": ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", metadata.Azure, "westus2", "azure:westus2", 1),
    "gcp": ("product_name", "Google Compute Engine", metadata.Gcp, "europe-north1", "gcp:europe-north1", 1),
}


def machine(lowtide: Lowtide, name: str, text: str) -> None:
    """A machine whose DMI strings say this."""
    folder: Path = lowtide.folder / "sysroot" / "sys/class/dmi/id"
    folder.mkdir(parents=True)
    (folder / name).write_text(text + "\n")
    lowtide.env["LOWTIDE_SYSROOT"] = str(lowtide.folder / "sysroot")


@pytest.fixture
def utc(lowtide: Lowtide) -> Iterator[Lowtide]:
    """A machine whose clock tells nothing of its place."""
    lowtide.env |= {"TZ": "UTC", "http_proxy": "http://127.0.0.1:9"}  # which nobody may use for this
    yield lowtide


def place_is_kept(lowtide: Lowtide) -> bool:
    try:
        with sqlite3.connect(f"file:{lowtide.home / 'cache.db'}?mode=ro", uri=True, timeout=5) as database:
            return database.execute("SELECT count(*) FROM note WHERE key LIKE 'place %'").fetchone()[0] > 0
    except sqlite3.OperationalError:
        return False


def report_after(lowtide: Lowtide, server: Server, questions: int) -> dict[str, Any]:
    process = lowtide.start("run", "--json", "run.json", "--", *job(WAITS))
    wait_for(lambda: len([r for r in server.seen if r.status == 200]) >= questions, "the service's answer")
    wait_for(lambda: place_is_kept(lowtide), "the place in cache.db")
    (lowtide.folder / "go").touch()
    assert process.wait(timeout=PATIENCE_S) == 0
    return json.loads((lowtide.folder / "run.json").read_text())


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_region_is_learnt_while_the_run_goes_on_and_known_to_the_next(utc: Lowtide, cloud: str) -> None:
    file, text, service, region, place, questions = CLOUDS[cloud]
    machine(utc, file, text)
    with Server(service(region)) as server:
        utc.env[f"LOWTIDE_METADATA_{cloud.upper()}_URL"] = server.url
        report_after(utc, server, questions)
        (utc.folder / "go").touch()
        assert utc("run", "--json", "next.json", "--", "true").returncode == 0
        report = json.loads((utc.folder / "next.json").read_text())
        series = report["intensity"][0]
        assert series["resolved_by"] == f"metadata service, {place}" and series["zone"] != "world"
        assert report["energy"]["pue"] is not None, "the region's PUE comes with it"
        assert len(server.seen) == questions, "once a boot"


def test_a_machine_that_is_no_clouds_asks_nobody(utc: Lowtide) -> None:
    machine(utc, "sys_vendor", "Dell Inc.")
    with Server(metadata.Aws()) as server:
        utc.env["LOWTIDE_METADATA_AWS_URL"] = server.url
        assert utc("run", "--quiet", "--", "true").returncode == 0
        assert server.seen == []


def test_a_service_that_is_switched_off_costs_nothing(utc: Lowtide) -> None:
    file, text, service, *_ = CLOUDS["aws"]
    machine(utc, file, text)
    with Server(service()) as server:
        server.fault("silent", count=0)
        utc.env["LOWTIDE_METADATA_AWS_URL"] = server.url
        done = utc("run", "--json", "run.json", "--", "true")
        assert done.returncode == 0
        assert json.loads((utc.folder / "run.json").read_text())["intensity"][0]["zone"] == "world"


def test_a_slurm_cluster_has_the_place_that_the_config_gives_it(utc: Lowtide) -> None:
    assert utc("config", "set", "clusters.jeanzay", "FR").returncode == 0
    utc.env["SLURM_CLUSTER_NAME"] = "jeanzay"
    assert utc("run", "--json", "run.json", "--", "true").returncode == 0
    series = json.loads((utc.folder / "run.json").read_text())["intensity"][0]
    assert series["zone"] == "FR" and series["resolved_by"] == "Slurm cluster jeanzay"


def test_a_kubernetes_node_says_its_region_by_the_downward_api(utc: Lowtide) -> None:
    utc.env |= {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "LOWTIDE_KUBE_REGION": "europe-north1"}
    assert utc("run", "--json", "run.json", "--", "true").returncode == 0
    series = json.loads((utc.folder / "run.json").read_text())["intensity"][0]
    assert series["zone"] == "FI" and series["resolved_by"] == "Kubernetes node, region europe-north1"
