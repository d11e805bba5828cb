"""Reads a stream of server-sent events, and connects again whenever it breaks off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from harness.adapters.http_client import Address, Caller
from harness.frozen import frozen
from harness.http.parse import Sink
from harness.http.sse import Decoder, Event
from harness.http.urls import parse_url
from harness.http.values import Call, Closed, Headers, Limits, Outcome, Request, Response

__all__ = ["Backoff", "follow"]


@frozen
class Backoff:
    """How long to wait before a new connection: `first_s` after one that worked, then always twice as long.

    What the server asked for by `retry:` takes the place of `first_s`, but it is never less than `min_s`.
    """

    first_s: float = 0.25
    max_s: float = 5.0
    min_s: float = 0.1


async def follow(
    client: Caller,
    url: str,
    on_event: Callable[[Event], None],
    *,
    on_open: Callable[[], None] | None = None,
    on_sent: Callable[[Address], None] | None = None,
    headers: Headers = (),
    silence_s: float | None = None,
    backoff: Backoff | None = None,
) -> Response:
    """Hands over every event until cancelled, or until the server answers that there is nothing to follow.

    Returns that answer: any but a stream of events and 5xx. `on_open` is called at each connection that is accepted.
    `on_sent` gets our address of each connection. `silence_s`: a stream that is silent for longer counts as
    broken, as does one with an event that is too long. Raises ValueError for what is no URL.
    """
    reader = _Reader(on_event, on_open)
    backoff = backoff or Backoff()
    wait_s = backoff.first_s
    while True:
        reader.worked = False
        request = _request(url, headers, reader.last_id)
        call = Call("stream", "event stream", request, Limits(read_s=silence_s))
        try:
            outcome: Outcome = await client.call(call, sink=reader.open, on_sent=on_sent)
        except _Overlong:
            outcome = Closed(sent_all=True)
        if isinstance(outcome, Response) and outcome.status < 500 and not reader.worked:
            return outcome
        if reader.worked:
            wait_s = backoff.first_s if reader.retry_s is None else max(reader.retry_s, backoff.min_s)
        await asyncio.sleep(min(wait_s, backoff.max_s))
        wait_s = min(2 * wait_s, backoff.max_s)


def _request(url: str, headers: Headers, last_id: str) -> Request:
    parts = parse_url(url)
    if parts is None:
        raise ValueError(f"{url!r} is no http or https URL")
    more: Headers = (("Accept", "text/event-stream"), ("Cache-Control", "no-store"))
    if last_id:
        more += (("Last-Event-ID", last_id),)
    return Request("GET", parts.scheme, parts.authority, parts.target, headers + more)


class _Overlong(Exception):
    """The stream has an event that is too long: ends the call."""


class _Reader:
    """What outlives the single connection: the last id, and what the server said about retries."""

    def __init__(self, on_event: Callable[[Event], None], on_open: Callable[[], None] | None) -> None:
        self._on_event = on_event
        self._on_open = on_open
        self._decoder = Decoder()
        self.worked = False

    @property
    def last_id(self) -> str:
        return self._decoder.last_id

    @property
    def retry_s(self) -> float | None:
        return self._decoder.retry_s

    def open(self, head: Response) -> Sink | None:
        # As a browser does: anything else is a page that somebody shows at this address.
        if head.status != 200 or not (head.header("Content-Type") or "").lower().startswith("text/event-stream"):
            return None
        self.worked = True
        self._decoder = Decoder(self._decoder.last_id, self._decoder.retry_s)
        if self._on_open is not None:
            self._on_open()
        return self._read

    def _read(self, data: bytes) -> None:
        for event in self._decoder.feed(data):
            self._on_event(event)
        if self._decoder.overlong:
            raise _Overlong
