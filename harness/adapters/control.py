"""The control routes that are about the world itself: health, time, trace, reset, snapshots. Off unless asked for."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from harness import __version__
from harness.adapters.live import LiveDriver
from harness.http.sse import Event, event_bytes
from harness.http.values import Chunk, Gone, Request, Response
from harness.instants import ns
from harness.plain import from_plain, to_plain
from harness.trace import Entry
from harness.world import Outward, Row

__all__ = ["Control"]

_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_LINES = (("Content-Type", "application/x-ndjson"),)
_EVENTS = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))

VERSION = 1
"""Of a snapshot."""

# The core that holds the streams of phones in other processes (harness.push.streams).
STREAMS = "push-streams"

Send = Callable[[str, bytes], None]


class Control:
    """Answers `/_control/…` beside the stand-in's own control routes (accounts, phones).

    `token`: what a caller must show as `Authorization: Bearer`, None when nothing is asked.
    """

    def __init__(self, driver: LiveDriver, settings: dict[str, Any], token: str | None, send: Send) -> None:
        self._driver = driver
        self._settings = settings
        self._token = token
        self._send = send
        self._followers: set[str] = set()
        self._empty = self._snapshot()
        driver.world.trace.subscribe(self._tell_followers)

    def answer(self, exchange: str, request: Request) -> Response | None:
        """The answer, or None for a route that is not ours."""
        routes: dict[tuple[str, str], Callable[[str, Request], Response]] = {
            ("GET", "/_control/health"): self._health,
            ("POST", "/_control/advance"): self._advance,
            ("POST", "/_control/reset"): self._reset,
            ("POST", "/_control/snapshot"): self._take,
            ("POST", "/_control/restore"): self._restore,
            ("GET", "/_control/trace"): self._trace,
        }
        route = routes.get((request.method, request.path))
        if route is None:
            return None
        if not self._may(request):
            return _problem(401, "the control token is missing or wrong")
        return route(exchange, request)

    def gone(self, exchange: str) -> None:
        self._followers.discard(exchange)

    def _may(self, request: Request) -> bool:
        shown = (request.header("Authorization") or "").encode()
        return self._token is None or hmac.compare_digest(shown, f"Bearer {self._token}".encode())

    # -- routes --------------------------------------------------------------------------------------------------

    def _health(self, _exchange: str, _request: Request) -> Response:
        world = self._driver.world
        counts = {
            "entries": world.trace.count,
            "open_calls": len(world.open_calls),
            "cores": len(world.cores),
        }
        return _json({"version": __version__, **self._settings, "now": world.now, "counts": counts})

    def _advance(self, _exchange: str, request: Request) -> Response:
        body = _object(request)
        amount = body.get("seconds") if body is not None else None
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 1e7:
            return _problem(422, 'the body must be {"seconds": a number from 0 to 1e7}')
        self._driver.advance(ns(amount))
        return _json({"advanced_s": amount})

    def _reset(self, _exchange: str, _request: Request) -> Response:
        self._put(self._empty)
        return _json({"reset": True})

    def _take(self, _exchange: str, _request: Request) -> Response:
        return _json({"version": VERSION, "rows": to_plain(self._snapshot())})

    def _restore(self, _exchange: str, request: Request) -> Response:
        rows = _rows(_object(request))
        if rows is None:
            return _problem(422, "the body must be what POST /_control/snapshot gave")
        try:
            self._put(rows)
        except ValueError as error:
            return _problem(422, str(error))
        return _json({"restored": len(rows)})

    def _trace(self, exchange: str, request: Request) -> Response:
        if parse_qs(request.query).get("follow") == ["1"]:
            self._followers.add(exchange)
            return Response(200, _EVENTS, stream=True)
        return Response(200, _LINES, "".join(f"{line}\n" for line in self._driver.world.trace.lines()).encode())

    # -- the world -----------------------------------------------------------------------------------------------

    def _snapshot(self) -> tuple[Row, ...]:
        return tuple(self._driver.world.snapshot())

    def _put(self, rows: tuple[Row, ...]) -> None:
        """Another world in the place of this one. Clocks do not go back, nor does the trace.

        Streams of pushes are facts of the outside: those of then are gone, and those of now break off, so that their
        phones come again.
        """
        world = self._driver.world
        world.outward += [Outward(STREAMS, Chunk(exchange, b"", last=True), None) for exchange in self._streams()]
        world.restore(rows)
        for exchange in self._streams():
            world.inject(STREAMS, Gone(exchange))
        self._driver.pump_soon()

    def _streams(self) -> list[str]:
        return list(self._driver.world.cores[STREAMS].tables()["tokens"])

    def _tell_followers(self, entry: Entry) -> None:
        for exchange in self._followers:
            self._send(exchange, event_bytes(Event(data=json.dumps(entry.plain()))))


def _rows(body: dict[str, Any] | None) -> tuple[Row, ...] | None:
    """The rows of a snapshot; None if it is none."""
    try:
        rows = from_plain(body["rows"]) if body is not None and body.get("version") == VERSION else None
    except (ValueError, KeyError):
        return None
    return rows if isinstance(rows, tuple) and rows and all(_is_row(row) for row in rows) else None


def _is_row(row: Any) -> bool:
    return isinstance(row, tuple) and len(row) == 4 and isinstance(row[0], str) and isinstance(row[1], str)


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, _JSON, json.dumps(value).encode())


def _problem(status: int, text: str) -> Response:
    return _json({"error": text}, status)


def _object(request: Request) -> dict[str, Any] | None:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
