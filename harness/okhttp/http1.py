"""The answer to a request over HTTP/1.1 as okhttp 5.4.0 reads it: more lenient than others, and stricter in places.

Facts are okhttp's own code (Http1ExchangeCodec, HeadersReader, StatusLine, CallServerInterceptor, Headers).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.http.parse import Ending, ResponseParser, Sink
from harness.http.values import Reads, Request, Response, TimedOut
from harness.okhttp.follow_ups import follow_up

__all__ = ["ANSWER_BYTES_MAX", "Http1Answer", "Http1Reader", "is_read"]

ANSWER_BYTES_MAX = 4 * 1024 * 1024
"""The most that is taken of a body. okhttp knows no bound, but an app has a heap, in which JSON takes up many times its
length. No honest answer and no attachment that the app takes is half as long."""

_HEAD_CHARACTERS_MAX = 256 * 1024
_LINE_BYTES_MAX = 64 * 1024  # of what may follow the size of a chunk; okhttp knows no bound
_SHOWN = 200
_NUMBER = re.compile(r"[+-]?[0-9]+")
_LONG = 1 << 63
_HEX = re.compile(rb"[0-9a-fA-F]*")
_BLANK = " \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f"  # as far as Kotlin's `trim` looks


def is_read(request: Request, response: Response, reads: Reads) -> bool:
    """The app reads the body of this answer; of one that okhttp follows up it sees nothing."""
    return reads.wants(response.status) and (response.status < 300 or follow_up(request, response) is None)


class Http1Answer(ResponseParser):
    """Reads the answer to a prepared request. A body that nobody reads is thrown away, and cannot break.

    Of a body more than `body_bytes_max` is too long.
    """

    def __init__(
        self,
        request: Request,
        reads: Reads = Reads.ALL,
        *,
        body_bytes_max: int = ANSWER_BYTES_MAX,
        sink: Callable[[Response], Sink | None] | None = None,
    ) -> None:
        super().__init__(
            request.method,
            head_bytes_max=4 * _HEAD_CHARACTERS_MAX,  # the reader has the true bound
            body_bytes_max=body_bytes_max,
            sink=sink,
            reader=Http1Reader(request.method),
        )
        self._request = request
        self._reads = reads
        self._unread = False

    @property
    def is_enough(self) -> bool:
        return self._unread

    def late(self) -> Ending | TimedOut:
        return TimedOut("read") if self.head is None else self._break("late")

    def _begin(self, size: int) -> None:
        super()._begin(size)
        if self.head is not None:
            self._unread = not is_read(self._request, self.head, self._reads)

    def _take_pieces(self) -> str:
        if not self._unread:
            return super()._take_pieces()
        self._reader.pieces = []
        return ""

    def _break(self, why: str) -> Ending:
        ending = super()._break(why)
        return self._as_unread() if self._unread else ending

    def _end(self) -> Ending:
        return self._as_unread() if self._unread else super()._end()

    def _as_unread(self) -> Response:
        assert self.head is not None
        self._ending = self.head
        return self.head


class _Wrong(Exception):
    """No answer can come of it. `complaint`: okhttp's words, where it is a ProtocolException."""

    def __init__(self, complaint: str = "") -> None:
        super().__init__()
        self.complaint = complaint


class Http1Reader:
    """Reads what okhttp reads: lines may end with LF alone, a line without a colon is a header without a name.

    See `http.parse.AnswerReader`.
    """

    __slots__ = (
        *("complaint", "has_body", "headed", "headers", "keep_alive", "pieces", "status", "surplus", "whole"),
        *("_buffer", "_characters_left", "_cut", "_left", "_method", "_next", "_searched"),
    )

    def __init__(self, method: str = "GET") -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.pieces: list[bytes] = []
        self.headed = self.whole = self.surplus = False
        self.has_body = self.keep_alive = False
        self.complaint = ""
        self._method = method
        self._buffer = bytearray()
        self._searched = 0
        self._characters_left = _HEAD_CHARACTERS_MAX
        self._left = 0  # bytes of the body, or of its chunk
        self._cut: str | None = "ended"
        self._next: Callable[[Http1Reader], bool] = Http1Reader._status_line  # bound, it would keep us alive

    @property
    def cut(self) -> str | None:
        return "line" if self._cut == "number" and self._buffer else self._cut

    def feed(self, data: bytes) -> bool:
        if self.whole:
            self.surplus = self.surplus or bool(data)
            return True
        self._buffer += data
        try:
            while self._next(self):
                pass
        except _Wrong as wrong:
            self.complaint = wrong.complaint
            return False
        self._settle()
        return True

    def _settle(self) -> None:
        if self.whole:
            self.surplus = bool(self._buffer)

    # -- lines -----------------------------------------------------------------------------------------------------

    def _line(self, bytes_max: int) -> bytes | None:
        """The next line, without its end; None while it is not whole."""
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if len(self._buffer) > bytes_max + 1:
                raise _Wrong
            return None
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        if len(line) > bytes_max:
            raise _Wrong
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    def _head_line(self) -> str | None:
        line = self._line(self._characters_left)
        if line is None:
            return None
        self._characters_left -= len(line)
        return line.decode("latin-1")

    # -- the head --------------------------------------------------------------------------------------------------

    def _status_line(self) -> bool:
        line = self._head_line()
        if line is None:
            return False
        self.status = _status(line)
        self._next = Http1Reader._header
        return True

    def _header(self) -> bool:
        line = self._head_line()
        if line is None:
            return False
        if line:
            self.headers.append(_named(line))
        elif self.status == 100 or 102 <= self.status < 200:  # an answer of its own follows
            self.headers = []
            self._next = Http1Reader._status_line
        else:
            self._begin_body()
        return not self.whole

    def _begin_body(self) -> None:
        """A length or chunks count even where the status says that there is no body."""
        length = self._length()
        chunked = (self._last("transfer-encoding") or "").lower() == "chunked"
        if self.status in (204, 205) and length > 0 and not chunked:
            raise _Wrong(f"HTTP {self.status} had non-zero Content-Length: {length}")
        bodiless = 100 <= self.status < 200 or self.status in (204, 304)
        self.has_body = self._method != "HEAD" and (not bodiless or length != -1 or chunked)
        self.headed = True
        self.keep_alive = self.status != 101
        if not self.has_body or (length == 0 and not chunked):
            self.whole = True
        elif chunked:
            self._cut, self._next = "number", Http1Reader._chunk_size
        elif length == -1:
            self._cut, self._next, self.keep_alive = None, Http1Reader._rest, False
        elif length < 0:
            raise _Wrong  # okhttp dies of it as soon as it looks at the body
        else:
            self._left, self._next = length, Http1Reader._piece

    def _last(self, name: str) -> str | None:
        return next((value for known, value in reversed(self.headers) if known.lower() == name), None)

    def _length(self) -> int:
        """-1 if there is none that a long can hold."""
        text = self._last("content-length")
        if text is None or len(text) > 100 or not _NUMBER.fullmatch(text):
            return -1
        length = int(text)
        return length if -_LONG <= length < _LONG else -1

    # -- the body --------------------------------------------------------------------------------------------------

    def _rest(self) -> bool:
        self._take(len(self._buffer))
        return False

    def _piece(self) -> bool:
        self._take(min(self._left, len(self._buffer)))
        self.whole = not self._left
        return False

    def _take(self, size: int) -> None:
        if size:
            self.pieces.append(bytes(self._buffer[:size]))
            del self._buffer[:size]
            self._left -= size

    def _chunk_size(self) -> bool:
        line = self._line(_LINE_BYTES_MAX)
        if line is None:
            if self._buffer and not _HEX.match(self._buffer[:1])[0]:  # type: ignore[index]
                raise _Wrong
            return False
        self._left = _size(line)
        self._cut, self._next = ("ended", Http1Reader._chunk) if self._left else ("line", Http1Reader._trailer)
        return True

    def _chunk(self) -> bool:
        self._take(min(self._left, len(self._buffer)))
        if self._left:
            return False
        self._cut, self._next = "line", Http1Reader._chunk_end
        return True

    def _chunk_end(self) -> bool:
        """Whatever stands there up to the end of the line is not looked at."""
        if self._line(_LINE_BYTES_MAX) is None:
            return False
        self._cut, self._next = "number", Http1Reader._chunk_size
        return True

    def _trailer(self) -> bool:
        line = self._head_line()
        self.whole = line == ""
        return bool(line)


def _status(line: str) -> int:
    """Besides HTTP/1.0 and 1.1 okhttp knows what two kinds of radio stations say in their place."""
    at = 12 if line.startswith("SOURCETABLE ") else 4 if line.startswith("ICY ") else 9
    known = at != 9 or line[:9] in ("HTTP/1.0 ", "HTTP/1.1 ")
    code = line[at : at + 3]
    if not known or len(code) < 3 or not _NUMBER.fullmatch(code) or code[0] == "-" or line[at + 3 : at + 4].strip(" "):
        raise _Wrong(f"Unexpected status line: {line[:_SHOWN]}")
    return int(code)


def _named(line: str) -> tuple[str, str]:
    """A name keeps its blanks, so `Content-Length : 5` is no length."""
    colon = line.find(":", 1)
    if colon >= 0:
        return line[:colon], line[colon + 1 :].strip(_BLANK)
    return "", line.removeprefix(":").strip(_BLANK)


def _size(line: bytes) -> int:
    """Of a chunk."""
    match = _HEX.match(line)
    digits = match[0] if match else b""
    rest = line[len(digits) :].strip()
    size = int(digits, 16) if digits else _LONG
    if size >= _LONG or (rest and not rest.startswith(b";")):
        raise _Wrong
    return size
