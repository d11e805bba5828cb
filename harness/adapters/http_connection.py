"""One connection of an HTTP client: a request goes out, what became of it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from harness.http.parse import ResponseParser
from harness.http.values import Closed, Limits, Outcome, TimedOut

__all__ = ["Connection"]

_DISCARD_S = 0.1  # so long okhttp looks for the end of a body that nobody reads, so that the connection can go on


class Connection(asyncio.Protocol):
    """Carries one exchange after the other. `on_lost` is called once, when the connection is no more."""

    transport: asyncio.Transport

    def __init__(self, on_lost: Callable[[Connection], None]) -> None:
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._parser: ResponseParser | None = None
        self._outcome: asyncio.Future[Outcome] | None = None
        self._limits = Limits()
        self._unsent = False  # part of the request is still here
        self._left_to_send = 0
        self._heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._discards = False
        self.garbled = False  # what came last was no HTTP

    async def exchange(self, request: bytes, parser: ResponseParser, limits: Limits) -> Outcome:
        """Sends, and waits for what `parser` makes of the answer. Cancelled or timed out, it is closed."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._parser = parser
        self._limits = limits
        self._discards = self.garbled = False
        self._outcome = self._loop.create_future()
        try:
            if self.transport.is_closing():
                return parser.eof(sent_all=False)
            self.transport.write(request)
            self._watch()
            return await self._outcome
        finally:
            self._stop_watching()
            if not self._outcome.done() or not self.reusable:
                self.transport.abort()
            self._outcome = None

    def close(self) -> None:
        """An exchange under way ends as if the server had closed."""
        if self._outcome is None:
            self.transport.close()
        else:
            self.transport.abort()

    @property
    def reusable(self) -> bool:
        """The last exchange left the connection as it found it."""
        parser = self._parser
        whole = parser is not None and parser.keep_alive
        return whole and not self._unsent and not self.transport.is_closing()

    def close_after(self, idle_s: float) -> None:
        """Closes if nothing is exchanged for so long; 0: now."""
        if idle_s <= 0:
            self.transport.close()
        else:
            self._idle_timer = self._loop.call_later(idle_s, self.transport.close)

    # -- what asyncio calls ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        # It tells us whenever anything is left to send. TLS takes a limit as reached, others as passed.
        over_tls = transport.get_extra_info("ssl_object") is not None
        self.transport.set_write_buffer_limits(high=1 if over_tls else 0, low=0)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        if self._outcome is None or self._parser is None:
            self.transport.abort()  # nobody asked for this
        else:
            self._read(self._parser, self._outcome, data)

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(reset=isinstance(exc, ConnectionResetError))
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._unsent = True

    def resume_writing(self) -> None:
        self._unsent = False
        if self._outcome is not None:
            self._watch()

    # -- the outcome -----------------------------------------------------------------------------------------------

    def _read(self, parser: ResponseParser, outcome: asyncio.Future[Outcome], data: bytes) -> None:
        try:
            ending = parser.feed(data)
        except Exception as error:  # noqa: BLE001 - it came from who takes the body, and goes back to there
            if not outcome.done():
                outcome.set_exception(error)
            return
        if ending is not None:
            self.garbled = isinstance(ending, Closed) and bool(ending.complaint)
            self._settle(ending)
        elif parser.is_enough and not self._discards:
            self._discards = True
            self._stop_watching()
            self._timer = self._loop.call_later(_DISCARD_S, self._ended)

    def _ended(self, *, reset: bool = False) -> None:
        if self._outcome is not None and self._parser is not None:
            self._settle(self._parser.eof(sent_all=not self._unsent, reset=reset))

    def _settle(self, outcome: Outcome) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)

    def _watch(self) -> None:
        """Waits for the next progress: first of the request, then of the answer."""
        self._stop_watching()
        self._heard_at = self._loop.time()
        self._left_to_send = self.transport.get_write_buffer_size()
        limit_s = self._limits.write_s if self._unsent else self._limits.read_s
        if limit_s is not None:
            self._timer = self._loop.call_later(limit_s, self._expired, limit_s)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self, limit_s: float) -> None:
        """Any progress begins the time anew, as with okhttp; the timer is not moved at every byte."""
        if self._unsent and self.transport.get_write_buffer_size() < self._left_to_send:
            self._watch()
        elif self._unsent:
            self._settle(TimedOut("write"))
        elif (left_s := self._heard_at + limit_s - self._loop.time()) > 0:
            self._timer = self._loop.call_later(left_s, self._expired, limit_s)
        elif self._parser is not None:
            self._settle(self._parser.late())
