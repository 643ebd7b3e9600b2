"""The loopback server itself: routes, the record of what was asked, every fault, compression, TLS."""

import gzip
import http.client
import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import server as framework
from server import Answer, Request, Server, make_certificate

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Echo(framework.Provider):
    routes = [("GET", "/value/{zone}", "value")]

    def value(self, request: Request) -> Answer:
        return Answer({"zone": request.params["zone"], "value": 7, "unit": None, "asked": request.one("q")})


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Echo(now=lambda: NOON)) as started:
        yield started


def ask(server: Server, path: str = "/value/FR", headers: dict[str, str] | None = None,
        context: ssl.SSLContext | None = None) -> tuple[int, bytes, http.client.HTTPMessage]:
    try:
        with urllib.request.urlopen(urllib.request.Request(server.url + path, headers=headers or {}), timeout=60,
                                    context=context) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_what_was_asked_is_on_record(server: Server) -> None:
    status, body, _ = ask(server, "/value/US-CAL%2FX?q=a%2Bb", {"X-Key": "abc"})
    assert (status, json.loads(body)["zone"], json.loads(body)["asked"]) == (200, "US-CAL/X", "a+b")
    assert ask(server, "/nothing")[0] == 404
    assert server.paths() == ["/value/US-CAL%2FX", "/nothing"]
    assert server.seen[0].headers["x-key"] == "abc"
    assert [seen.status for seen in server.seen] == [200, 404]


def test_a_fault_holds_for_its_path_and_count(server: Server) -> None:
    server.fault("status", path="/value/FR", code=429, retry_after=3, count=2)
    assert ask(server, "/value/DE")[0] == 200
    status, _, headers = ask(server)
    assert (status, headers["Retry-After"]) == (429, "3")
    assert [ask(server)[0] for _ in range(2)] == [429, 200]
    server.fault("status", code=500, html=True, count=0)
    assert [ask(server)[0] for _ in range(3)] == [500] * 3
    assert ask(server)[1].startswith(b"<!DOCTYPE html>")
    server.clear_faults()
    assert ask(server)[0] == 200


def test_bodies_that_lie(server: Server) -> None:
    whole = ask(server)[1]
    server.fault("cut")
    with pytest.raises(http.client.IncompleteRead):
        ask(server)
    server.fault("half")
    assert ask(server)[1] == whole[: len(whole) // 2]
    server.fault("html")
    assert ask(server)[2]["Content-Type"] == "text/html"
    server.fault("close")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        ask(server)
    server.fault("encoding")
    assert ask(server, headers={"Accept-Encoding": "gzip"})[2]["Content-Encoding"] == "gzip"
    server.fault("slow", seconds=0.3)
    began = time.monotonic()
    assert ask(server)[1] == whole
    assert time.monotonic() - began > 0.2


@pytest.mark.parametrize(("change", "value", "unit"), [
    (framework.nulls("value"), None, None),
    (framework.strings("value"), "7", None),
    (framework.strings(), "7", None),
    (framework.wrong("unit"), 7, {"surprise": True}),
])
def test_values_that_are_edited(server: Server, change: object, value: object, unit: object) -> None:
    server.fault("edit", change=change)
    said = json.loads(ask(server)[1])
    assert (said["value"], said["unit"], said["zone"]) == (value, unit, "FR")


def test_a_request_that_is_never_answered(server: Server) -> None:
    server.fault("silent")
    began = threading.Event()
    failed: list[Exception] = []

    def client() -> None:
        began.set()
        try:
            ask(server)
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=client)
    thread.start()
    began.wait()
    while not server.paths():
        time.sleep(0.01)
    assert ask(server)[0] == 200  # others are served
    assert thread.is_alive() and server.seen[0].status == 0
    server.ended.set()
    thread.join(60)
    assert failed


def test_compression_conditions_redirects_and_the_date(server: Server) -> None:
    _, body, headers = ask(server, headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(body))["value"] == 7
    assert ask(server, headers={"If-None-Match": headers["ETag"]})[0] == 304
    with Server(Echo()) as other:
        server.fault("redirect", to=other.url + "/value/DE")
        assert json.loads(ask(server)[1])["zone"] == "DE"
        assert other.paths() == ["/value/DE"]
    server.provider.skew = timedelta(minutes=-7)
    assert parsedate_to_datetime(ask(server)[2]["Date"]) == NOON - timedelta(minutes=7)


def test_certificates_good_and_bad(tmp_path: Path) -> None:
    good = make_certificate(tmp_path / "good")
    with Server(Echo(), certificate=good) as server:
        assert ask(server, context=ssl.create_default_context(cafile=str(good.authority)))[0] == 200
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(server, context=ssl.create_default_context())
    other = make_certificate(tmp_path / "other", names="DNS:elsewhere.invalid")
    with Server(Echo(), certificate=other) as server, pytest.raises(urllib.error.URLError, match="IP address mismatch"):
        ask(server, context=ssl.create_default_context(cafile=str(other.authority)))
