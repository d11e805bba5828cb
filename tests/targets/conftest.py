"""Servers that are somebody else's: gateways in threads of this process, reached over sockets alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.hosting import Gateway
from harness.serving import AccountSpec, ServeOptions
from harness.targets import TargetOptions

KEY = "uk_given"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Foreign:
    """A server, and what its user says of it."""

    gateway: Gateway
    options: TargetOptions = field(repr=False)

    def owned(self) -> dict[str, list[str]]:
        """What the account has, list by list, but for the phone that the server has inside."""
        found: dict[str, list[str]] = {}
        for path, name in (("phones", "phone_number"), ("phone-api-keys", "name"), ("webhooks", "url")):
            rows = self.gateway.ask("GET", f"/v1/{path}?limit=100").data
            found[path] = [row[name] for row in rows if row[name] not in (*OWN, "httpsms-harness")]
        return {path: rows for path, rows in found.items() if rows}

    def threads(self, number: str) -> list[str]:
        path = f"/v1/message-threads?owner=%2B{number[1:]}&limit=100"
        return [row["contact"] for row in self.gateway.ask("GET", path).data]


OWN = ("+18005550199",)


def options_for(url: str, **more: object) -> TargetOptions:
    return TargetOptions(kind="server", server=url, user_key=KEY, **more)  # type: ignore[arg-type]


def _foreign(serve: ServeOptions, **more: object) -> Iterator[Foreign]:
    with Gateway(serve) as gateway:
        yield Foreign(gateway, options_for(gateway.url, **more))


ACCOUNTS = (AccountSpec(api_key=KEY, plan="200k-monthly"),)


@pytest.fixture(scope="package")
def ours() -> Iterator[Foreign]:
    """A `serve --control`: its own push service, and a clock that can be moved."""
    yield from _foreign(ServeOptions(accounts=ACCOUNTS, control=True))


@pytest.fixture(scope="package")
def endpoint() -> Iterator[Foreign]:
    """A server whose FCM_ENDPOINT is our push service."""
    place = f"127.0.0.1:{free_port()}"
    serve = ServeOptions(accounts=ACCOUNTS, phones=0, fcm_endpoint=f"http://{place}")
    yield from _foreign(serve, push_listen=place)


@pytest.fixture(scope="package")
def echo() -> Iterator[Foreign]:
    """A server whose push service takes whatever comes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = b'{"name": "projects/x/messages/1"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    fcm = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield from _foreign(ServeOptions(accounts=ACCOUNTS, phones=0, fcm_endpoint=fcm))
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="package")
def strict() -> Iterator[Foreign]:
    """A server whose push service knows no token of ours, as real FCM."""
    with Gateway(ServeOptions(phones=0)) as other:  # it speaks FCM, and nobody is registered with it
        yield from _foreign(ServeOptions(accounts=ACCOUNTS, phones=0, fcm_endpoint=other.url))
