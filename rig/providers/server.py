"""Loopback providers of carbon intensity: a small server that speaks a provider's protocol and misbehaves on request.

    with Server(uk.Provider(truth=my_truth, now=lambda: NOON)) as server:
        server.fault("status", code=503, count=2)             # the next two requests get a 503
        ...                                                   # a client asks server.url
        assert server.paths() == ["/intensity/2026-01-05T00:00Z/.."]

A provider is a subclass of `Provider` in a module of its own beside this one, with a table of routes. What it says is
`truth(zone, signal, time)` in g/kWh (None: no value), a function of its arguments alone, so that a test derives what it
expects from the same script and not from an answer. Times are aware, in UTC. Standard library only; one thread a
connection; nothing but loopback. As a program: `python3 rig/providers/server.py uk --port 0` prints the URL and serves.

Faults, by kind (each for paths that start with `path`, `count` times, 0: until clear_faults()):

    status    code, retry_after=None, html=False  an error in the provider's own shape, or a page of HTML
    html      200 and a page of HTML
    cut       the body stops in the middle of what Content-Length promised
    half      the body is half of the text, and complete as far as HTTP goes
    slow      seconds=30: the body arrives a byte at a time over so long
    silent    takes the request and never answers
    close     takes the request and closes
    redirect  to=URL, code=302
    encoding  lies: says gzip and sends none
    edit      change=f(value) -> value, of the JSON; nulls(), strings(), wrong() below are such
    call      before=f(request): whatever else, before the answer is made
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib
import json
import math
import re
import ssl
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

Truth = Callable[[str, str, datetime], float | None]
HTML = b"<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Checking your browser</body></html>"


def day_curve(zone: str, signal: str, at: datetime) -> float:
    """A day's wave whose height and phase go by zone and signal: g/kWh, one decimal, between 90 and 610."""
    seed = zlib.crc32(f"{zone}/{signal}".encode())
    turn = (at.timestamp() % 86400) / 86400 + (seed % 97) / 97
    return round(150 + seed % 400 + 60 * math.sin(2 * math.pi * turn), 1)


def utc_now() -> datetime:
    return datetime.now(UTC)


def parse_time(text: str) -> datetime:
    """ISO 8601 with or without seconds and zone (UTC without one)."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def iso(at: datetime, timespec: str = "seconds") -> str:
    return at.astimezone(UTC).isoformat(timespec=timespec)


def steps(begin: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """The multiples of `step` (since the epoch) from the one that holds `begin` to before `end`."""
    width = step.total_seconds()
    at = datetime.fromtimestamp(begin.timestamp() // width * width, UTC)
    found = []
    while at < end:
        found.append(at)
        at += step
    return found


@dataclass
class Request:
    """What arrived; names of headers in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    connection: int
    params: dict[str, str] = field(default_factory=dict)  # of the route's {braces}
    status: int = 0                                       # what it was answered; 0: nothing

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass
class Answer:
    """What goes back. `value` is sent as JSON unless it is bytes or None."""

    value: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def body(self) -> bytes:
        if self.value is None:
            return b""
        return self.value if isinstance(self.value, bytes) else json.dumps(self.value).encode()


class Provider:
    """What a provider's module implements: routes, and its own shape of an error."""

    name = ""
    routes: list[tuple[str, str, str]] = []  # method, path with {names}, name of the function; the first that fits

    def __init__(self, truth: Truth = day_curve, now: Callable[[], datetime] = utc_now) -> None:
        self.truth = truth
        self.clock = now
        self.skew = timedelta(0)  # how far this provider's clock is off

    def now(self) -> datetime:
        return self.clock() + self.skew

    def refuse(self, request: Request) -> Answer | None:
        """The answer for who may not ask; None: may."""
        return None

    def error(self, status: int, message: str) -> Answer:
        return Answer({"error": message}, status)

    def answer(self, request: Request) -> Answer:
        for method, pattern, name in self.routes:
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern), request.path)
            if found and method == request.method:
                request.params = {key: unquote(value) for key, value in found.groupdict().items()}
                return self.refuse(request) or getattr(self, name)(request)
        return self.error(404, f"no route for {request.path}")


@dataclass
class Fault:
    kind: str
    path: str = ""
    left: int = 1  # 0: for ever
    args: dict[str, Any] = field(default_factory=dict)


def walk(value: Any, change: Callable[[str, Any], Any], key: str = "") -> Any:
    """`value` with change(key, leaf) for each leaf; leaves of an array have its key."""
    if isinstance(value, dict):
        return {name: walk(part, change, name) for name, part in value.items()}
    if isinstance(value, list):
        return [walk(part, change, key) for part in value]
    return change(key, value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def nulls(*keys: str) -> Callable[[Any], Any]:
    """An edit: null for these keys."""
    return lambda value: walk(value, lambda key, leaf: None if key in keys else leaf)


def strings(*keys: str) -> Callable[[Any], Any]:
    """An edit: numbers as text; of all keys when none is named."""
    return lambda value: walk(
        value, lambda key, leaf: str(leaf) if is_number(leaf) and (not keys or key in keys) else leaf)


def wrong(*keys: str) -> Callable[[Any], Any]:
    """An edit: an object where these keys had something else."""
    return lambda value: walk(value, lambda key, leaf: {"surprise": True} if key in keys else leaf)


class Server:
    """Serves a provider on a free port of 127.0.0.1 from a thread, until the `with` ends."""

    def __init__(self, provider: Provider, port: int = 0, certificate: Certificate | None = None) -> None:
        self.provider = provider
        self.seen: list[Request] = []
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self.faults: list[Fault] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # a client that went away is none of ours
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.chain, certificate.key)
            # The handshake is the connection's own thread's, so that one client never holds up another.
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
            scheme = "https"
        self.port = self.http.server_address[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.http.shutdown()
        self.http.server_close()

    def fault(self, kind: str, *, path: str = "", count: int = 1, **args: Any) -> None:
        assert kind in KINDS, kind
        with self.lock:
            self.faults.append(Fault(kind, path, count, args))

    def clear_faults(self) -> None:
        with self.lock:
            self.faults.clear()

    def take_fault(self, request: Request) -> Fault | None:
        """The first that fits, used up by one; the request is on record from here on."""
        with self.lock:
            self.seen.append(request)
            for fault in self.faults:
                if request.path.startswith(fault.path):
                    if fault.left == 1:
                        self.faults.remove(fault)
                    fault.left -= fault.left > 1
                    return fault
        return None

    def paths(self) -> list[str]:
        with self.lock:
            return [request.path for request in self.seen]

    def forget(self) -> None:
        with self.lock:
            self.seen.clear()


KINDS = ("status", "html", "cut", "half", "slow", "silent", "close", "redirect", "encoding", "edit", "call")


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    """The standard library makes handlers from a class: one that knows its server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 120

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                self.command, parts.path, parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)), self.client_address[1])
            fault = server.take_fault(request) or Fault("")
            if fault.kind == "call":
                fault.args["before"](request)
            answer = self.faulty(fault) or server.provider.answer(request)
            if fault.kind == "edit":
                answer.value = fault.args["change"](answer.value)
            if fault.kind in ("silent", "close"):
                self.close_connection = True
                if fault.kind == "silent":
                    server.ended.wait()
                return
            request.status = answer.status
            self.deliver(request, answer, fault)

        do_POST = do_PUT = do_GET

        def faulty(self, fault: Fault) -> Answer | None:
            args = fault.args
            page = Answer(HTML, content_type="text/html")
            if fault.kind == "status":
                answer = page if args.get("html") else server.provider.error(args["code"], "as the test wants it")
                answer.status = args["code"]
                if args.get("retry_after") is not None:
                    answer.headers["Retry-After"] = str(args["retry_after"])
                return answer
            if fault.kind == "html":
                return page
            if fault.kind == "redirect":
                return Answer(b"", args.get("code", 302), {"Location": args["to"]})
            return None

        def deliver(self, request: Request, answer: Answer, fault: Fault) -> None:
            body = answer.body()
            headers = {"Content-Type": answer.content_type} | answer.headers
            if answer.status == 200:
                headers.setdefault("ETag", f'"{hashlib.sha256(body).hexdigest()[:16]}"')
                if request.headers.get("if-none-match") == headers["ETag"]:
                    request.status = answer.status = 304
                    body = b""
            if fault.kind == "half":
                body = body[: len(body) // 2]
            if fault.kind == "encoding":
                headers["Content-Encoding"] = "gzip"
            elif "gzip" in request.headers.get("accept-encoding", "") and body:
                body = gzip.compress(body)
                headers["Content-Encoding"] = "gzip"
            if answer.status not in (204, 304):
                headers["Content-Length"] = str(len(body))
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.send_body(body, fault)

        def send_body(self, body: bytes, fault: Fault) -> None:
            if fault.kind == "cut":
                self.close_connection = True
                body = body[: len(body) // 2]
            if fault.kind == "slow":
                pause = fault.args.get("seconds", 30) / max(len(body), 1)
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    if server.ended.wait(pause):
                        return
                return
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(server.provider.now().astimezone(UTC), usegmt=True)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@dataclass
class Certificate:
    """Files in PEM: the authority for the client (SSL_CERT_FILE), chain and key for the server."""

    authority: Path
    chain: Path
    key: Path


def make_certificate(folder: Path, names: str = "IP:127.0.0.1,DNS:localhost", days: int = 2) -> Certificate:
    """An authority and a certificate by it, with openssl. `names` that do not fit, or days < 0, make a bad one."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*args: str) -> None:
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=rig authority")
    openssl("req", *new, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=rig")
    (folder / "names").write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "server.pem", "-days", str(days), "-extfile", "names")
    return Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")


def main() -> None:
    parser = argparse.ArgumentParser(description="A loopback provider of carbon intensity, for hand use.")
    parser.add_argument("provider", help="a module beside this file: uk, ..")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[:COUNT]",
                        help="html, cut, half, slow, silent, close, encoding, or a status such as 503; COUNT 0: always")
    args = parser.parse_args()
    provider = importlib.import_module(args.provider).Provider()
    with Server(provider, args.port) as server:
        for text in args.fault:
            kind, _, count = text.partition(":")
            code = {"code": int(kind)} if kind.isdigit() else {}
            server.fault("status" if code else kind, count=int(count or 1), **code)
        print(server.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    # The providers import this file by its name: one module, not two.
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    importlib.import_module("server").main()
