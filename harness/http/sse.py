"""Server-sent events: their bytes, and a reader for the bytes as they come in (the HTML standard, §9.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.frozen import frozen

__all__ = ["EVENT_BYTES_MAX", "Decoder", "Event", "comment_bytes", "event_bytes"]

EVENT_BYTES_MAX = 1024 * 1024

_MARK_BYTES = 3
_LINE_END = re.compile(rb"\r\n|\n|\r")


@frozen
class Event:
    """One event. `id` is the last id that the stream gave, also if it was with an earlier event."""

    data: str
    event: str = "message"
    id: str = ""


def event_bytes(event: Event) -> bytes:
    """The event as it goes over the wire. Raises ValueError if its name or id has more than one line."""
    if any(sign in event.event + event.id for sign in "\r\n\0"):
        raise ValueError("a line break or NUL in the name or id of an event")
    lines = [] if event.event == "message" else [f"event: {event.event}"]
    if event.id:
        lines.append(f"id: {event.id}")
    lines += [f"data: {line}" for line in _lines(event.data)]
    return ("\n".join(lines) + "\n\n").encode()


def comment_bytes(text: str = "") -> bytes:
    """A line that nobody reads: keeps a silent stream alive."""
    return "".join(f": {line}\n" for line in _lines(text)).encode()


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Decoder:
    """Reads a stream of events. `retry_s`: what the server asked to wait before a new connection, or None.

    `overlong`: an event or a line of more than `bytes_max` has come. Nothing more is read then.
    """

    def __init__(self, last_id: str = "", retry_s: float | None = None, *, bytes_max: int = EVENT_BYTES_MAX) -> None:
        self.last_id = last_id
        self.retry_s = retry_s
        self.overlong = False
        self._bytes_max = bytes_max
        self._buffer = bytearray()
        self._begun = False
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []
        self._data_bytes = 0

    def feed(self, data: bytes) -> list[Event]:
        """The events that became whole. Never raises: bytes that are no UTF-8 become U+FFFD."""
        if self.overlong:
            return []
        searched = len(self._buffer)
        self._buffer += data
        if not self._begun and not self._skip_mark():
            return []
        events: list[Event] = []
        for line in self._take_lines(0 if searched < _MARK_BYTES else searched):
            if line:
                self._field(line.decode("utf-8", "replace"))
            elif (event := self._dispatch()) is not None:
                events.append(event)
        self.overlong = len(self._buffer) + self._data_bytes > self._bytes_max
        return events

    def _skip_mark(self) -> bool:
        """A stream may begin with a byte order mark. False while that is not decided."""
        mark = b"\xef\xbb\xbf"
        if len(self._buffer) < _MARK_BYTES and mark.startswith(self._buffer):
            return False
        if self._buffer.startswith(mark):
            del self._buffer[:_MARK_BYTES]
        self._begun = True
        return True

    def _take_lines(self, searched: int) -> Iterator[bytes]:
        """Whole lines, each of which ends with CR, LF or both. In the first `searched` bytes there is no end."""
        buffer, begins = self._buffer, 0
        if self._after_cr and buffer[:1] == b"\n":
            begins = searched = 1
        self._after_cr = self._after_cr and not buffer
        for end in _LINE_END.finditer(buffer, searched):
            yield bytes(buffer[begins : end.start()])
            begins = end.end()
            self._after_cr = end[0] == b"\r" and begins == len(buffer)
        del buffer[:begins]

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
                self._data_bytes += len(value) + 1
            case "id" if "\0" not in value:
                self.last_id = value
            case "retry" if value.isascii() and value.isdigit() and len(value) < 10:
                self.retry_s = int(value) / 1000
            case _:
                pass  # a comment, or a field that nobody knows

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name, self._data_bytes = [], "", 0
        return Event("\n".join(data), name or "message", self.last_id) if data else None
