"""One HTTP/2 connection of a phone: several requests at once, each with its own outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from harness.http.values import Closed, Limits, Outcome, Request, TimedOut
from harness.okhttp import http2_headers
from harness.okhttp.answers import Http2Answer
from harness.okhttp.events import Cause

if TYPE_CHECKING:
    from h2.connection import H2Connection

__all__ = ["Http2Connection"]

_WINDOW_BYTES = 16 * 1024 * 1024  # okhttp's, of each stream and of the connection
_GOAWAY = 7
_HEAD_BYTES = 9  # of a frame
_REFUSED_STREAM = 7
_CANCEL = 8


class Http2Connection(asyncio.Protocol):
    """Carries exchanges side by side.

    `on_lost` is called once, when the connection is no more; `on_retired` when it takes no new streams, `on_limit`
    with the number of streams that the server takes at once.
    """

    transport: asyncio.Transport

    def __init__(
        self,
        on_lost: Callable[[Http2Connection], None],
        on_retired: Callable[[], None],
        on_limit: Callable[[int], None],
    ) -> None:
        self._on_lost = on_lost
        self._on_retired = on_retired
        self._on_limit = on_limit
        self._loop = asyncio.get_running_loop()
        self._streams: dict[int, _Stream] = {}
        self._unread = bytearray()
        self._paused = False
        self._retired = False
        self._ended = False
        self.streams_max: int | None = None  # that the server takes at once; None: it has not said yet

    async def exchange(self, request: Request, answer: Http2Answer, limits: Limits) -> tuple[Outcome, Cause]:
        """What became of a prepared request, and why if it is `Closed`. Cancelled or timed out, its stream is reset."""
        if self._ended or self._retired or self.transport.is_closing():
            return Closed(sent_all=False), "shutdown"
        has_body = request.header("Content-Length") is not None
        number = self._begin(request, has_body)
        if number is None:
            return Closed(sent_all=False), "shutdown"
        stream = self._streams[number] = _Stream(self, number, answer, limits)
        try:
            stream.unsent = memoryview(request.body) if has_body else None
            self.send_more(stream)
            return await stream.ending
        finally:
            stream.stop()
            del self._streams[number]
            self._reset_unless_over(number)

    def _begin(self, request: Request, has_body: bool) -> int | None:
        """The number of a new stream; None if the server takes no more of them."""
        from h2.exceptions import ProtocolError

        try:
            number = self._h2.get_next_available_stream_id()
            self._h2.send_headers(number, http2_headers(request), end_stream=not has_body)
        except ProtocolError:
            return None
        return number

    def close(self) -> None:
        """Requests under way end as if the server had closed."""
        if self._streams:
            self.transport.abort()
            return
        if not self._ended:
            self._h2.close_connection()
            self._flush()
        self.transport.close()

    # -- what asyncio calls ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Loaded here: few servers in a test speak it, and every command would pay for it.
        from h2.config import H2Configuration
        from h2.connection import H2Connection
        from h2.settings import SettingCodes, Settings
        from hyperframe.frame import SettingsFrame

        self.transport = cast(asyncio.Transport, transport)
        config = H2Configuration(
            header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
        )
        self._h2: H2Connection = H2Connection(config)
        window = {SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW_BYTES}
        self._h2.local_settings = Settings(client=True, initial_values=window)
        self._h2.initiate_connection()
        # okhttp says only what differs from the defaults.
        preface = self._h2.data_to_send()[: len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
        said = SettingsFrame(0, settings={int(code): value for code, value in window.items()})
        self.transport.write(preface + said.serialize())
        self._h2.increment_flow_control_window(_WINDOW_BYTES - 65535)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while len(self._unread) >= _HEAD_BYTES and not self._ended:
            size = _HEAD_BYTES + int.from_bytes(self._unread[:3], "big")
            if size > _HEAD_BYTES + self._h2.max_inbound_frame_size:
                self._garbled()  # h2 would wait for all of it before it says so
                return
            if len(self._unread) < size:
                break
            frame = bytes(self._unread[:size])
            del self._unread[:size]
            self._read(frame)
        self._flush()

    def eof_received(self) -> None:
        self._break("broke")

    def connection_lost(self, exc: Exception | None) -> None:
        self._break("broke")
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._send_all()

    # -- what the server says --------------------------------------------------------------------------------------

    def _read(self, frame: bytes) -> None:
        from h2.connection import ConnectionState
        from h2.exceptions import ProtocolError

        try:
            events = self._h2.receive_data(frame)
        except (ProtocolError, ValueError):  # the latter of what hpack and hyperframe cannot read
            self._garbled()
            return
        for event in events:
            self._happened(event)
        if frame[3] == _GOAWAY:
            # Streams under way go on, which h2 does not know of: for it a connection ends there.
            self._h2.state_machine.state = ConnectionState.CLIENT_OPEN

    def _happened(self, event: Any) -> None:
        from h2 import events

        stream = self._streams.get(getattr(event, "stream_id", None) or 0)
        match event:
            case events.DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if stream is not None:
                    stream.read(lambda: stream.answer.take(event.data))
            case events.ResponseReceived() if stream is not None:
                stream.read(lambda: stream.answer.begin(event.headers))
                stream.settle_if_enough()
            case events.StreamEnded() if stream is not None:
                stream.settle(stream.answer.end())
            case events.StreamReset() if stream is not None:
                stream.was_reset(refused=event.error_code == _REFUSED_STREAM)
            case events.WindowUpdated():
                self._send_all()
            case events.RemoteSettingsChanged():
                self.streams_max = self._h2.remote_settings.max_concurrent_streams
                self._on_limit(self.streams_max)
                self._send_all()
            case events.ConnectionTerminated():
                self._goes_away(event.last_stream_id)
            case events.PushedStreamReceived():
                self._reset_unless_over(event.pushed_stream_id or 0)  # nobody asked for it

    def _goes_away(self, last: int | None) -> None:
        """Streams up to `last` will be answered; the server has not looked at those behind it."""
        self._retire()
        for number, stream in list(self._streams.items()):
            if number > (last or 0):
                stream.was_reset(refused=True)

    def _retire(self) -> None:
        if not self._retired:
            self._retired = True
            self._on_retired()

    def _garbled(self) -> None:
        self._flush()
        self._break("garbled")
        self.transport.close()

    def _break(self, cause: Cause) -> None:
        self._ended = True
        self._retire()
        for stream in list(self._streams.values()):
            stream.broke(cause)

    # -- what we say -----------------------------------------------------------------------------------------------

    def send_more(self, stream: _Stream) -> None:
        """As much of the body as the server and the socket take now."""
        while stream.unsent is not None and not self._paused and not self._ended:
            room = self._h2.local_flow_control_window(stream.number)
            size = min(room, self._h2.max_outbound_frame_size, len(stream.unsent))
            if size <= 0 and stream.unsent:
                break
            last = size == len(stream.unsent)
            self._h2.send_data(stream.number, bytes(stream.unsent[:size]), end_stream=last)
            stream.unsent = None if last else stream.unsent[size:]
            stream.progressed()
            self._flush()
        self._flush()
        stream.watch()

    def _send_all(self) -> None:
        for stream in list(self._streams.values()):
            if stream.unsent is not None and not stream.ending.done():
                self.send_more(stream)

    def _reset_unless_over(self, number: int) -> None:
        """Tells the server that nobody waits for an answer that is still on its way."""
        from h2.exceptions import ProtocolError

        if self._ended:
            return
        try:
            self._h2.reset_stream(number, _CANCEL)
        except ProtocolError:  # it was over
            return
        self._flush()

    def timed_out(self) -> None:
        """A connection over which nothing came in time gets no further requests (okhttp asks it with a ping first)."""
        self._retire()

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)


class _Stream:
    """One exchange. `unsent`: what is left of the body to send; None: everything is sent."""

    def __init__(self, connection: Http2Connection, number: int, answer: Http2Answer, limits: Limits) -> None:
        self.number = number
        self.answer = answer
        self.unsent: memoryview | None = None
        self._loop = asyncio.get_running_loop()
        self.ending: asyncio.Future[tuple[Outcome, Cause]] = self._loop.create_future()
        self._connection = connection
        self._limits = limits
        self._progress_at = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def read(self, take: Callable[[], bool]) -> None:
        """Hands something of the answer on; what cannot be read ends it."""
        self._progress_at = self._loop.time()
        if self.ending.done():
            return
        try:
            readable = take()
        except Exception as error:  # noqa: BLE001 - it came from who takes the body, and goes back to there
            self.ending.set_exception(error)
            return
        if not readable:
            self.settle(self.answer.broken(), "garbled")

    def settle(self, outcome: Outcome, cause: Cause = "broke") -> None:
        if not self.ending.done():
            self.ending.set_result((outcome, cause))

    def settle_if_enough(self) -> None:
        if self.answer.is_enough:
            self.settle(self.answer.broken())

    def was_reset(self, *, refused: bool) -> None:
        self._end_early("refused" if refused else "reset")

    def broke(self, cause: Cause) -> None:
        self._end_early(cause)

    def _end_early(self, cause: Cause) -> None:
        outcome = self.answer.broken()
        self.settle(Closed(sent_all=self.unsent is None) if isinstance(outcome, Closed) else outcome, cause)

    # -- time ------------------------------------------------------------------------------------------------------

    def progressed(self) -> None:
        self._progress_at = self._loop.time()

    def watch(self) -> None:
        """Waits for progress: of the request until it is sent, then of the answer."""
        self.stop()
        limit_s = self._limits.read_s if self.unsent is None else self._limits.write_s
        if limit_s is not None:
            self._timer = self._loop.call_at(self._progress_at + limit_s, self._expired)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self) -> None:
        """Any progress begins the time anew; the timer is not moved at every frame."""
        phase, limit_s = ("read", self._limits.read_s) if self.unsent is None else ("write", self._limits.write_s)
        if limit_s is not None and self._progress_at + limit_s > self._loop.time():
            self.watch()
        elif not self.ending.done():
            self._connection.timed_out()
            self.settle(TimedOut(phase) if self.answer.head is None else self.answer.broken("late"))
