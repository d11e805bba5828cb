"""What comes to a port when nobody takes it."""

from __future__ import annotations

import asyncio
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness.http.values import Exchange, Request, Response
from harness.targets.ears import Ear


@contextmanager
def other_server() -> Iterator[str]:
    """Something on a port that is no httpSMS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"It works!")

        def log_message(self, *_arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_what_nobody_takes_is_answered_all_the_same() -> None:
    async def main() -> list[int]:
        ear = Ear("hook", Response(201))

        def take(exchange: Exchange, request: Request) -> bool:
            if request.path == "/mine":
                ear.server.respond(exchange, Response(202))
            return request.path == "/mine"

        port = await ear.server.start("127.0.0.1", 0)
        statuses = [await _status(port, "/mine")]
        ear.taker = take
        statuses += [await _status(port, "/mine"), await _status(port, "/others")]
        await ear.server.close()
        return statuses

    assert asyncio.run(main()) == [201, 202, 201]


async def _status(port: int, path: str) -> int:
    def ask() -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            status: int = answer.status
            return status

    return await asyncio.to_thread(ask)
