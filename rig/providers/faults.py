#!/usr/bin/env python3
"""A web server on the loopback that misbehaves on request, for tests of the network door.

    faults.py [CERTIFICATE KEY]

Prints its port for HTTP, and with a certificate the one for HTTPS, on one line; lives until its
standard input ends. The path says what goes wrong:

    /hello            200, a short body           /connection    the number of this connection
    /seen             the request's head as JSON  /gzip          a compressed body
    /hang             never an answer             /cut           ends in the middle of its body
    /stall            half a body, then nothing   /drip          a byte each 50 ms, for ever
    /large            a body without end          /bomb          50 MB of zeros, compressed
    /near /loop       redirects on this origin    /away?URL      a redirect to URL
    /busy/N?HEADER    429 with this header N times, then 200
    /garbage          no HTTP
A request for a whole URL (this is its proxy) is answered with that URL.
"""

import gzip
import itertools
import json
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from urllib.parse import unquote

CONNECTIONS = itertools.count(1)
ASKED: Counter[str] = Counter()


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer, ready to be sent."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def read_head(stream) -> tuple[str, dict[str, str]] | None:
    """The path and the headers of the next request; None when there is none."""
    first = stream.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers = {}
    while (line := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    stream.read(int(headers.get("content-length", 0)))
    return first[1], headers


def endless(sock: socket.socket, piece: bytes, pause: float) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        sock.sendall(piece)
        time.sleep(pause)


def plain(path: str, query: str, headers: dict[str, str], number: int) -> bytes:
    """The answer to what is answered at once."""
    if path.startswith("http:"):
        return answer(f"by proxy: {path}".encode())
    if path.startswith("/busy/"):
        ASKED[path] += 1
        if ASKED[path] <= int(path.removeprefix("/busy/")):
            return answer(b"busy", "429 Too Many Requests", *filter(None, [unquote(query)]))
        return answer(b"done")
    return {
        "/hello": lambda: answer(b"hello"),
        "/connection": lambda: answer(str(number).encode()),
        "/seen": lambda: answer(json.dumps(headers).encode()),
        "/gzip": lambda: answer(gzip.compress(b"unpacked"), "200 OK", "Content-Encoding: gzip"),
        "/bomb": lambda: answer(
            gzip.compress(bytes(50_000_000), 1), "200 OK", "Content-Encoding: gzip"
        ),
        "/cut": lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.",
        "/near": lambda: answer(b"", "302 Found", "Location: /hello"),
        "/loop": lambda: answer(b"", "302 Found", "Location: /loop"),
        "/away": lambda: answer(b"", "302 Found", f"Location: {unquote(query)}"),
        "/garbage": lambda: b"\0\1\2 this is no HTTP \r\n\r\n",
    }.get(path, lambda: answer(b"no such fault", "404 Not Found"))()


def serve(sock: socket.socket, context: ssl.SSLContext | None) -> None:
    """All requests of one connection."""
    number = next(CONNECTIONS)
    try:
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True)
        stream = sock.makefile("rb")
        while (head := read_head(stream)) is not None:
            path, _, query = head[0].partition("?")
            if path == "/hang":
                time.sleep(3600)
            elif path == "/stall":
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                time.sleep(3600)
            elif path == "/drip":
                endless(sock, b".", 0.05)
            elif path == "/large":
                endless(sock, b"x" * 65536, 0)
            sock.sendall(plain(path, query, head[1], number))
            if path in ("/cut", "/garbage"):
                break
    except (OSError, ValueError):
        pass  # the client has seen enough
    finally:
        sock.close()


def accept(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock, context), daemon=True).start()


def main() -> None:
    contexts: list[ssl.SSLContext | None] = [None]
    if len(sys.argv) == 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        contexts.append(context)
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in contexts]
    for listener, context in zip(listeners, contexts, strict=True):
        threading.Thread(target=accept, args=(listener, context), daemon=True).start()
    print(*(listener.getsockname()[1] for listener in listeners), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
