"""The control routes that are about the world itself: health, time, trace, reset, snapshots. Off unless asked for."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qs

from harness import __version__
from harness.adapters.direct import Server
from harness.adapters.live import LiveDriver
from harness.errors import UsageError
from harness.http.sse import Event, event_bytes
from harness.http.values import Chunk, Gone, Request, Response
from harness.instants import ns, parse_rfc3339
from harness.plain import from_plain, to_plain
from harness.trace import Entry
from harness.world import Outward, Row

__all__ = ["Control", "Handsets", "WorldControl"]

_JSON = (("Content-Type", "application/json; charset=utf-8"),)
_LINES = (("Content-Type", "application/x-ndjson"),)
_EVENTS = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))

VERSION = 1
"""Of a snapshot."""

# The core that holds the streams of phones in other processes (harness.push.streams).
STREAMS = "push-streams"

RESTORE = "/_control/restore"
# Far enough from the calendar's end for everything that is planned ahead.
LATEST_AT = parse_rfc3339("9000-01-01T00:00:00Z")
SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024
_AMOUNT = "a number from 0 to 1e7"


_Route = Callable[[Any, str, Request], None]
_Routes = dict[tuple[str, str], _Route]


class Handsets(Protocol):
    """The handsets in a world: what each does now, and what is done to one of them or all (`UsageError`)."""

    def state(self) -> list[dict[str, Any]]: ...

    def act(self, words: str, phone: str | None = None) -> None: ...


class WorldControl:
    """Answers the control routes that every world has: health, time, trace, handsets.

    `token`: what a caller must show as `Authorization: Bearer`, None when nothing is asked. `server` is where the
    requests come in. As any other answer, one of these leaves when all that it tells of is durable.
    """

    def __init__(
        self, driver: LiveDriver, settings: dict[str, Any], token: str | None, server: Server, handsets: Handsets
    ) -> None:
        self._driver = driver
        self._handsets = handsets
        self._settings = settings
        self._token = token
        self._server = server
        self._followers: set[str] = set()
        self._asking: set[str] = set()  # whose answers are on their way
        driver.world.trace.subscribe(self._tell_followers)

    def take(self, exchange: str, request: Request) -> bool:
        """Answers, now or later; False for a route that is not ours."""
        route = self.ROUTES.get((request.method, request.path))
        if route is None:
            return False
        self._asking.add(exchange)
        if self._may(request):
            route(self, exchange, request)
        else:
            self._answer(exchange, _problem(401, "the control token is missing or wrong"))
        return True

    def body_bytes_max(self, request: Request, otherwise: int) -> int:
        """How long the body of a request may be."""
        return otherwise

    def gone(self, exchange: str) -> None:
        self._followers.discard(exchange)
        self._asking.discard(exchange)

    def _answer(self, exchange: str, response: Response) -> None:
        self._driver.when_durable(partial(self._respond, exchange, response))

    def _respond(self, exchange: str, response: Response) -> None:
        self._asking.discard(exchange)
        self._server.respond(exchange, response)

    def _may(self, request: Request) -> bool:
        shown = (request.header("Authorization") or "").encode()
        return self._token is None or hmac.compare_digest(shown, f"Bearer {self._token}".encode())

    # -- routes --------------------------------------------------------------------------------------------------

    def _health(self, exchange: str, _request: Request) -> None:
        world = self._driver.world
        counts = {
            "entries": world.trace.count,
            "open_calls": len(world.open_calls),
            "cores": len(world.cores),
        }
        self._answer(exchange, _json({"version": __version__, **self._settings, "now": world.now, "counts": counts}))

    def _advance(self, exchange: str, request: Request) -> None:
        body = _object(request)
        amount = body.get("seconds") if body is not None else None
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            self._answer(exchange, _problem(422, f'the body must be {{"seconds": {_AMOUNT}}}'))
            return
        try:
            self.advance(amount)
        except ValueError as error:
            self._answer(exchange, _problem(422, str(error)))
        else:
            self._driver.when_done(partial(self._respond, exchange, _json({"advanced_s": amount})))

    def _trace(self, exchange: str, request: Request) -> None:
        if parse_qs(request.query).get("follow") == ["1"]:
            # At once: what the trace tells from now on belongs to it.
            self._followers.add(exchange)
            self._respond(exchange, Response(200, _EVENTS, stream=True))
            return
        lines = "".join(f"{line}\n" for line in self._driver.world.trace.lines())
        self._answer(exchange, Response(200, _LINES, lines.encode()))

    def _show(self, exchange: str, _request: Request) -> None:
        self._answer(exchange, _json({"handsets": self._handsets.state()}))

    def _act(self, exchange: str, request: Request) -> None:
        body = _object(request) or {}
        words, number = body.get("do"), body.get("number")
        if not isinstance(words, str) or not isinstance(number, str | None):
            self._answer(
                exchange, _problem(422, 'the body must be like {"do": "lose network", "number": "+18005550199"}')
            )
            return
        try:
            self._handsets.act(words, number)
        except UsageError as error:
            self._answer(exchange, _problem(422, str(error)))
        else:
            self._driver.when_done(partial(self._respond, exchange, _json({"done": True})))

    ROUTES: ClassVar[_Routes] = {
        ("GET", "/_control/health"): _health,
        ("POST", "/_control/advance"): _advance,
        ("GET", "/_control/trace"): _trace,
        ("GET", "/_control/handsets"): _show,
        ("POST", "/_control/handsets"): _act,
    }

    # -- the world -----------------------------------------------------------------------------------------------

    def advance(self, amount_s: float) -> None:
        """Moves the clock on. Raises `ValueError` for an amount that leads nowhere."""
        if not 0 <= amount_s <= 1e7:
            raise ValueError(f"seconds must be {_AMOUNT}")
        if self._driver.now + ns(amount_s) > LATEST_AT:
            raise ValueError("seconds would lead beyond the year 9000")
        self._driver.advance(ns(amount_s))

    def _tell_followers(self, entry: Entry) -> None:
        if self._followers:
            self._driver.when_durable(partial(self._send, event_bytes(Event(data=json.dumps(entry.plain())))))

    def _send(self, piece: bytes) -> None:
        for exchange in list(self._followers):
            self._server.chunk(exchange, piece)


class Control(WorldControl):
    """Those of a gateway, beside the stand-in's own (accounts, phones): it can be reset, taken and brought back.

    What the routes do to the world is here for this process too: `snapshot`, `check`, `put`, and the world `empty`.
    """

    def __init__(
        self, driver: LiveDriver, settings: dict[str, Any], token: str | None, server: Server, handsets: Handsets
    ) -> None:
        super().__init__(driver, settings, token, server, handsets)
        self.empty = self.snapshot()

    def body_bytes_max(self, request: Request, otherwise: int) -> int:
        """A world that was taken can be brought back, though the API takes no body of that length."""
        is_restore = (request.method, request.path) == ("POST", RESTORE)
        return SNAPSHOT_BYTES_MAX if is_restore and self._may(request) else otherwise

    def _reset(self, exchange: str, _request: Request) -> None:
        self.put(self.empty)
        self._answer(exchange, _json({"reset": True}))

    def _take(self, exchange: str, _request: Request) -> None:
        rows = to_plain(self.snapshot())
        self._answer(exchange, _json({"version": VERSION, "count": len(rows), "rows": rows}))

    def _restore(self, exchange: str, request: Request) -> None:
        try:
            rows = _rows(_object(request))
            self.check(rows)
        except ValueError as error:
            self._answer(exchange, _problem(422, f"the body must be what POST /_control/snapshot gave: {error}"))
            return
        self.put(rows)
        self._answer(exchange, _json({"restored": len(rows)}))

    ROUTES: ClassVar[_Routes] = {
        **WorldControl.ROUTES,
        ("POST", "/_control/reset"): _reset,
        ("POST", "/_control/snapshot"): _take,
        ("POST", RESTORE): _restore,
    }

    # -- the world -----------------------------------------------------------------------------------------------

    def snapshot(self) -> tuple[Row, ...]:
        return tuple(self._driver.world.snapshot())

    def check(self, rows: tuple[Row, ...]) -> None:
        """Raises `ValueError` for what is no whole gateway."""
        world = self._driver.world
        world.check(rows)
        known = {(core.name, name) for core in world.cores.values() for name in core.tables()}
        foreign = next((row for row in rows if row[0] and row[:2] not in known), None)
        if foreign is not None:
            raise ValueError(f"this gateway has no {foreign[0]}.{foreign[1]}")
        if not any(row[:2] == ("gateway", "accounts") for row in rows):
            raise ValueError("no account is in it")
        owners = {row[0] for row in rows}
        lost = next((name for name in world.cores if name.startswith("phone:") and name not in owners), None)
        if lost is not None:
            raise ValueError(f"nothing of {lost} is in it, which is here")
        if any(row[:3] == ("", "facts", "now") and row[3] > LATEST_AT for row in rows):
            raise ValueError("it is of a time beyond the year 9000")

    def put(self, rows: tuple[Row, ...], refusal: Response | None = None) -> None:
        """Another world in the place of this one. Clocks do not go back, nor does the trace.

        Streams of pushes are facts of the outside: those of then are gone, and those of now break off, so that their
        phones come again. Requests that wait for their answers in the world that goes are closed, or get `refusal`.
        """
        world = self._driver.world
        streams = self._streams()
        world.outward += [Outward(STREAMS, Chunk(exchange, b"", last=True), None) for exchange in streams]
        waiting = self.waiting
        world.restore(rows)
        for exchange in self._streams():
            world.inject(STREAMS, Gone(exchange))
        for exchange in waiting:  # after the answers that are on their way already
            if refusal is not None and exchange not in streams:
                self._driver.when_durable(partial(self._server.respond, exchange, refusal))
            self._driver.when_durable(partial(self._server.drop, exchange))

    def begin_anew(self, rows: tuple[Row, ...], refusal: Response, apart: int) -> None:
        """Another world as `put` makes it, that knows nothing of the one before: no call of that goes on.

        Its time is that of the machine, also where the other one's was moved on. Its cores draw from a place `apart`,
        so that an id of one world is none of the other.
        """
        world, driver = self._driver.world, self._driver
        self.put(rows, refusal)
        driver.break_off_calls()
        for core in world.cores.values():
            core.draws.position += apart
        driver.offset = 0
        world.now = next(row[3] for row in rows if row[:3] == ("", "facts", "now"))

    @property
    def unanswered(self) -> tuple[Request, ...]:
        """The requests that wait in the world, without their bodies; streams do not count."""
        streams = self._streams()
        waiting = [self._server.request(name) for name in self.waiting if name not in streams]
        return tuple(request for request in waiting if request is not None)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The exchanges that wait for their answers in the world."""
        return tuple(name for name in self._server.open_exchanges if name not in self._asking | self._followers)

    def _streams(self) -> list[str]:
        return list(self._driver.world.cores[STREAMS].tables()["tokens"])


def _rows(body: dict[str, Any] | None) -> tuple[Row, ...]:
    """The rows of a snapshot. Raises `ValueError` if it is none."""
    if body is None or "rows" not in body:
        raise ValueError("it has no rows")
    if body.get("version") != VERSION:
        raise ValueError(f"it is of version {body.get('version')!r}, this program takes {VERSION}")
    rows = from_plain(body["rows"])
    if not isinstance(rows, tuple) or not rows or not all(_is_row(row) for row in rows):
        raise ValueError("its rows are no rows")
    if body.get("count") != len(rows):
        raise ValueError(f"it has {len(rows)} rows, and {body.get('count')!r} are its count")
    return rows


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
