"""The control routes that are about the world itself: health, time, trace, reset, snapshots. Off unless asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from harness import __version__
from harness.adapters.live import LiveDriver
from harness.http.sse import Event, event_bytes
from harness.http.values import Request, Response
from harness.instants import ns
from harness.plain import from_plain, to_plain
from harness.trace import Entry

__all__ = ["Control"]

_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_LINES = (("Content-Type", "application/x-ndjson"),)
_EVENTS = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))

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
        if self._token is not None and request.header("Authorization") != f"Bearer {self._token}":
            return _problem(401, "the control token is missing or wrong")
        return route(exchange, request)

    def gone(self, exchange: str) -> None:
        self._followers.discard(exchange)

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
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 1e9:
            return _problem(422, 'the body must be {"seconds": a number from 0 to 1e9}')
        self._driver.advance(ns(amount))
        return _json({"advanced_s": amount})

    def _reset(self, _exchange: str, _request: Request) -> Response:
        self._put(self._empty)
        return _json({"reset": True})

    def _take(self, _exchange: str, _request: Request) -> Response:
        return _json({"version": 1, "rows": to_plain(self._snapshot())})

    def _restore(self, _exchange: str, request: Request) -> Response:
        body = _object(request)
        try:
            rows = from_plain(body["rows"]) if body is not None else None
            if rows is None or not all(len(row) == 4 for row in rows):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            return _problem(422, "the body must be what POST /_control/snapshot gave")
        self._put(rows)
        return _json({"restored": len(rows)})

    def _trace(self, exchange: str, request: Request) -> Response:
        if parse_qs(request.query).get("follow") == ["1"]:
            self._followers.add(exchange)
            return Response(200, _EVENTS, stream=True)
        return Response(200, _LINES, "".join(f"{line}\n" for line in self._driver.world.trace.lines()).encode())

    # -- the world -----------------------------------------------------------------------------------------------

    def _snapshot(self) -> tuple[tuple[str, str, Any, Any], ...]:
        return tuple(self._driver.world.snapshot())

    def _put(self, rows: tuple[tuple[str, str, Any, Any], ...]) -> None:
        self._driver.world.restore(rows)
        self._driver.pump_soon()

    def _tell_followers(self, entry: Entry) -> None:
        for exchange in self._followers:
            self._send(exchange, event_bytes(Event(data=json.dumps(entry.plain()))))


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, _JSON, json.dumps(value).encode())


def _problem(status: int, text: str) -> Response:
    return _json({"error": text}, status)


def _object(request: Request) -> dict[str, Any] | None:
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
