"""The streams of one connection: opened by either side, with one WRTE under way in each direction of each.

Where AOSP's protocol.txt leaves a choice, this does as adb and adbd do (adb.cpp, sockets.cpp): packets for a stream
that is not known are passed over, save OKAY, which is answered by CLSE, so that a service whose asker has left comes
to an end; CLSE is answered once, and never when it is an answer itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from itertools import count

from harness.adb.events import Arrived, Closed, Event, OpenAsked, Opened, Refused, Sent
from harness.adb.packets import Command, Packet
from harness.errors import MalformedAdb, UsageError

__all__ = ["STREAMS_MAX", "Streams"]

# How many streams a peer may have open, or half closed, at a time; what is above is refused.
STREAMS_MAX = 1024
# A WRTE belongs behind the OKAY to the one before. adbd does not look, and adb 29 breaks the rule where its client
# leaves amid a push; who goes on so would fill our memory.
_AHEAD_MAX = 16


class _State(Enum):
    OPENING = auto()  # we have sent OPEN
    ASKED = auto()  # the peer has
    OPEN = auto()


class _Outbox:
    """What waits to be sent: taken in other pieces than it came."""

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: deque[memoryview] = deque()
        self.size = 0

    def put(self, data: bytes) -> None:
        if data:
            self._pieces.append(memoryview(data))
            self.size += len(data)

    def take(self, most: int) -> bytes:
        taken: list[memoryview] = []
        while self._pieces and most:
            piece = self._pieces.popleft()
            if len(piece) > most:
                self._pieces.appendleft(piece[most:])
                piece = piece[:most]
            taken.append(piece)
            most -= len(piece)
        data = b"".join(taken)
        self.size -= len(data)
        return data

    def clear(self) -> None:
        self._pieces.clear()
        self.size = 0


class _Stream:
    """`sent_bytes`: of the WRTE under way. `owes`: for so many WRTE the peer waits for an OKAY.

    `closing`: `close` was called.
    """

    __slots__ = ("closing", "local", "outbox", "owes", "remote", "sent_bytes", "state")

    def __init__(self, local: int, remote: int, state: _State) -> None:
        self.local = local
        self.remote = remote  # 0: not known yet
        self.state = state
        self.outbox = _Outbox()
        self.sent_bytes = 0
        self.owes = 0
        self.closing = False


class Streams:
    """Needs `send`, which takes a packet, and how many bytes of payload the peer takes at most."""

    def __init__(self, send: Callable[[Packet], None]) -> None:
        self.max_data = 0
        self._send = send
        self._ids = count(1)  # never given twice: what is late for a stream that is gone meets nobody
        self._streams: dict[int, _Stream] = {}
        # Closed by us, and the peer has not answered yet. Ordered: who never answers is forgotten, the oldest first.
        self._half_closed: dict[int, None] = {}

    # -- what the owner wants ------------------------------------------------------------------------------------------

    def open(self, service: str) -> int:
        """Asks for a service; the number of the stream. Raises UsageError for a name that does not fit a packet."""
        payload = service.encode("utf-8", "surrogateescape") + b"\0"  # adbd of old overwrites the last octet by NUL
        if len(payload) > self.max_data:
            raise UsageError(f"the name of the service has {len(payload)} bytes, the peer takes {self.max_data}")
        stream = self._new(0, _State.OPENING)
        self._packet(Command.OPEN, stream.local, 0, payload)
        return stream.local

    def accept(self, local: int) -> None:
        stream = self._streams.get(local)
        if stream is None or stream.state is not _State.ASKED:
            return
        stream.state = _State.OPEN
        self._packet(Command.OKAY, stream.local, stream.remote)
        self._push(stream)

    def refuse(self, local: int) -> None:
        stream = self._streams.get(local)
        if stream is not None and stream.state is _State.ASKED:
            del self._streams[local]
            self._packet(Command.CLSE, 0, stream.remote)

    def write(self, local: int, data: bytes) -> None:
        """Queues `data`. Nothing happens if the stream is gone. Raises ValueError after `close`."""
        stream = self._streams.get(local)
        if stream is None:
            return
        if stream.closing:
            raise ValueError(f"stream {local} was closed here: nothing can be written any more")
        stream.outbox.put(data)
        self._push(stream)

    def unsent(self, local: int) -> int:
        stream = self._streams.get(local)
        return 0 if stream is None else stream.outbox.size + stream.sent_bytes

    def consumed(self, local: int) -> None:
        stream = self._streams.get(local)
        if stream is not None and stream.owes:
            stream.owes -= 1
            self._packet(Command.OKAY, stream.local, stream.remote)

    def close(self, local: int) -> None:
        stream = self._streams.get(local)
        if stream is None or stream.closing:
            return
        if stream.state is _State.ASKED:
            self.refuse(local)
            return
        stream.closing = True
        while stream.owes:  # who waits to send more would not see the end coming
            self.consumed(local)
        self._push(stream)

    def abort(self, local: int) -> None:
        self.close(local)
        stream = self._streams.get(local)
        if stream is not None:
            stream.outbox.clear()
            stream.sent_bytes = 0
            self._push(stream)

    def clear(self) -> list[Event]:
        """The peer is gone, or starts anew: there are no streams any more."""
        gone: list[Event] = [Closed(local) for local in [*self._half_closed, *self._streams]]
        self._streams.clear()
        self._half_closed.clear()
        return gone

    # -- what the peer wants -------------------------------------------------------------------------------------------

    def receive(self, packet: Packet) -> list[Event]:
        """Raises MalformedAdb."""
        match packet.command:
            case Command.OPEN:
                return self._opened(packet)
            case Command.OKAY:
                return self._acknowledged(packet)
            case Command.WRTE:
                return self._written(packet)
            case _:
                return self._closed(packet)

    def _opened(self, packet: Packet) -> list[Event]:
        if packet.arg0 == 0:
            raise MalformedAdb("OPEN: the stream has no number")
        # A window in arg1 is of delayed_ack, which was not agreed on: adbd refuses it, too.
        if packet.arg1 != 0 or len(self._streams) >= STREAMS_MAX:
            self._packet(Command.CLSE, 0, packet.arg0)
            return []
        stream = self._new(packet.arg0, _State.ASKED)
        service = packet.payload.partition(b"\0")[0]
        return [OpenAsked(stream.local, service.decode("utf-8", "surrogateescape"))]

    def _acknowledged(self, packet: Packet) -> list[Event]:
        stream = self._streams.get(packet.arg1)
        if packet.arg0 == 0 or packet.arg1 == 0 or packet.arg1 in self._half_closed:
            return []
        if stream is None:
            self._packet(Command.CLSE, packet.arg1, packet.arg0)
            return []
        events: list[Event] = []
        if stream.state is _State.OPENING:
            stream.state, stream.remote = _State.OPEN, packet.arg0
            events.append(Opened(stream.local))
        elif not (self._is_of(stream, packet) and stream.sent_bytes):
            return []
        elif stream.outbox.size == 0:
            events.append(Sent(stream.local))
        stream.sent_bytes = 0
        self._push(stream)
        return events

    def _written(self, packet: Packet) -> list[Event]:
        stream = self._streams.get(packet.arg1)
        if stream is None or not self._is_of(stream, packet):
            return []
        if stream.owes >= _AHEAD_MAX:
            raise MalformedAdb(f"WRTE: stream {stream.local} has not acknowledged the {_AHEAD_MAX} before")
        stream.owes += 1
        if packet.payload and not stream.closing:
            return [Arrived(stream.local, packet.payload)]
        self.consumed(stream.local)  # nobody would
        return []

    def _closed(self, packet: Packet) -> list[Event]:
        if packet.arg1 in self._half_closed:
            del self._half_closed[packet.arg1]
            return [Closed(packet.arg1)]
        stream = self._streams.get(packet.arg1)
        if stream is None:
            return []
        if stream.state is _State.OPENING:
            del self._streams[stream.local]
            return [Refused(stream.local)]
        # adb of old closes with 0 for its own number.
        if packet.arg0 != 0 and not self._is_of(stream, packet):
            return []
        del self._streams[stream.local]
        self._packet(Command.CLSE, stream.local, stream.remote)
        return [Closed(stream.local)]

    def _is_of(self, stream: _Stream, packet: Packet) -> bool:
        return stream.state is _State.OPEN and stream.remote == packet.arg0

    # -- both ----------------------------------------------------------------------------------------------------------

    def _new(self, remote: int, state: _State) -> _Stream:
        stream = _Stream(next(self._ids), remote, state)
        self._streams[stream.local] = stream
        return stream

    def _push(self, stream: _Stream) -> None:
        """Sends what may be sent now: the next piece, or after the last one the end."""
        if stream.state is not _State.OPEN or stream.sent_bytes:
            return
        if stream.outbox.size:
            piece = stream.outbox.take(self.max_data)
            stream.sent_bytes = len(piece)
            self._packet(Command.WRTE, stream.local, stream.remote, piece)
        elif stream.closing:
            self._end(stream)

    def _end(self, stream: _Stream) -> None:
        del self._streams[stream.local]
        if len(self._half_closed) >= STREAMS_MAX:
            del self._half_closed[next(iter(self._half_closed))]
        self._half_closed[stream.local] = None
        self._packet(Command.CLSE, stream.local, stream.remote)

    def _packet(self, command: Command, local: int, remote: int, payload: bytes = b"") -> None:
        self._send(Packet(command, local, remote, payload))
