"""Bytes into requests and answers, as they come in.

The head of a message is read by httptools. The framing of requests is our own, because limits, refusals and
pipelined requests need to know exactly where a message ends: the real server counts the bytes of a head, and
answers an announced length before the body has come.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

import httptools

from harness.frozen import frozen
from harness.http.urls import parse_url
from harness.http.values import BodyBroken, Closed, Headers, Request, Response, TimedOut

__all__ = [
    "BODY_BYTES_MAX",
    "GZIP_HEAD_BYTES",
    "HEAD_BYTES_MAX",
    "METHODS",
    "AnswerReader",
    "Ending",
    "Refusal",
    "RequestEvent",
    "RequestHead",
    "RequestParser",
    "ResponseParser",
    "Sink",
]

# The defaults of the server's framework, which sets none of its own (gateway-protocol §2.1).
HEAD_BYTES_MAX = 4096
BODY_BYTES_MAX = 4 * 1024 * 1024
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})

GZIP_HEAD_BYTES = 10

_HEAD_END = re.compile(rb"\n\r?\n")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Size line of a chunk. Extensions are read over, as everybody does; a long one is an attack.
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
_CHUNK_LINE_BYTES_MAX = 256


@frozen
class RequestHead:
    """Event: the head of a request is here. `request` has no body yet.

    `keep_alive`: the client wants to use the connection again. `expects_continue`: it waits for `100
    Continue` to send the body. `chunked`: it understands a chunked answer (HTTP/1.1).
    """

    request: Request
    keep_alive: bool
    expects_continue: bool
    chunked: bool


@frozen
class Refusal:
    """Event: what came in is answered without asking anybody. `close`: nothing after it can be read."""

    response: Response
    close: bool


RequestEvent = RequestHead | Request | Refusal


class _Refused(Exception):
    """Leaves the parser's depths with the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status)
        self.refusal = Refusal(_text(status, text), close=True)


def _text(status: int, text: str) -> Response:
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"),), text.encode())


class RequestParser:
    """Reads the requests of one connection.

    `feed` returns, for each request, a `RequestHead` as soon as its head is here and the `Request` when its
    body is, or a `Refusal` in place of what is missing. What comes after the last request of a connection, or
    after a refusal that closes, is ignored. Never raises. `body_bytes_of` tells how long the body of a request may be,
    if that depends on its head.
    """

    def __init__(
        self,
        *,
        scheme: str = "http",
        head_bytes_max: int = HEAD_BYTES_MAX,
        body_bytes_max: int = BODY_BYTES_MAX,
        body_bytes_of: Callable[[Request], int] | None = None,
        methods: frozenset[str] = METHODS,
    ) -> None:
        self._scheme = scheme
        self._head_bytes_max = head_bytes_max
        self._body_bytes_max = body_bytes_max
        self._body_bytes_of = body_bytes_of
        self._methods = methods
        self._buffer = bytearray()
        self._searched = 0
        self._head: RequestHead | None = None
        self._length = 0
        self._chunks: _Chunks | None = None
        self._over = False

    @property
    def phase(self) -> Literal["idle", "head", "body"]:
        """What it is in the middle of. `idle`: no byte of the next request has come."""
        if self._head is not None:
            return "body"
        return "head" if self._buffer else "idle"

    @property
    def held(self) -> int:
        """How many bytes of a request that is not whole are kept here."""
        return len(self._buffer) + (0 if self._chunks is None else self._chunks.held)

    def feed(self, data: bytes) -> list[RequestEvent]:
        events: list[RequestEvent] = []
        if self._over:
            return events
        self._buffer += data
        try:
            while (event := self._next()) is not None:
                events.append(event)
        except _Refused as refused:
            self._end()
            events.append(refused.refusal)
        return events

    def _end(self) -> None:
        """Nothing more is read: the connection is to be closed."""
        self._over = True
        self._buffer.clear()
        self._chunks = None

    def _next(self) -> RequestEvent | None:
        if self._over:
            return None
        if self._head is None:
            return self._next_head()
        body = self._take_body() if self._chunks is None else self._chunks.take(self._buffer)
        return None if body is None else self._finish(self._head, body)

    def _take_body(self) -> bytes | None:
        if len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        return body

    def _finish(self, head: RequestHead, body: bytes) -> Request | Refusal:
        self._head = self._chunks = None
        if not head.keep_alive:
            self._end()
        if head.request.method not in self._methods:
            return Refusal(_text(501, "Not Implemented"), close=not head.keep_alive)
        return replace(head.request, body=body) if body else head.request

    def _next_head(self) -> RequestHead | None:
        raw = self._take_head()
        if raw is None:
            return None
        head, fields = _read_head(raw, self._scheme)
        self._length = int(fields.get("content-length", "0"))
        most = self._body_bytes_max if self._body_bytes_of is None else self._body_bytes_of(head.request)
        if self._length > most:
            raise _Refused(413, "Request Entity Too Large")
        if "transfer-encoding" in fields:
            self._chunks = _Chunks(most, self._head_bytes_max)
        self._head = head
        return head

    def _take_head(self) -> bytes | None:
        """Cuts the head, with its blank line, off the buffer as soon as it is there and fits."""
        buffer = self._buffer
        if buffer and buffer[0] in b"\r\n":  # empty lines before a request are skipped (RFC 9112 §2.2)
            buffer[:] = buffer.lstrip(b"\r\n")
        if not buffer:
            return None
        if not _TOKEN.match(buffer):  # for instance TLS on the plain port: say so, do not wait for a line end
            raise _Refused(400, "Bad Request")
        end = _HEAD_END.search(buffer, self._searched)
        if (end.end() if end else len(buffer)) > self._head_bytes_max:
            raise _Refused(431, "Request Header Fields Too Large")
        if end is None:
            self._searched = max(0, len(buffer) - 2)
            return None
        self._searched = 0
        raw = bytes(buffer[: end.end()])
        del buffer[: end.end()]
        return raw


class _HeadLines:
    """What httptools calls while it reads the head of a request."""

    __slots__ = ("headers", "target")

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[str, str]] = []

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1").strip(" \t")))


def _read_head(raw: bytes, scheme: str) -> tuple[RequestHead, dict[str, str]]:
    """The head, and its fields by lower-case name. Raises _Refused 400."""
    method, _, rest = raw.partition(b" ")
    lines = _HeadLines()
    parser = httptools.HttpRequestParser(lines)
    try:
        if not _TOKEN.fullmatch(method):
            raise _Refused(400, "Bad Request")
        # Every method is read as POST: an unknown one is well-formed too, CONNECT is nothing special here.
        parser.feed_data(b"POST " + rest)
    except httptools.HttpParserUpgrade:
        pass  # an offer to change the protocol may be ignored (RFC 9110 §7.8)
    except httptools.HttpParserError:
        raise _Refused(400, "Bad Request") from None
    fields = {name.lower(): value for name, value in lines.headers}
    version = parser.get_http_version()
    if version not in ("1.1", "1.0") or fields.get("transfer-encoding", "chunked").lower() != "chunked":
        raise _Refused(400, "Bad Request")
    request = _request(method, lines, fields.get("host", ""), scheme)
    modern = version == "1.1"
    expects = modern and fields.get("expect", "").lower() == "100-continue"
    return RequestHead(request, _keeps_alive(fields, modern=modern), expects, chunked=modern), fields


def _request(method: bytes, lines: _HeadLines, host: str, scheme: str) -> Request:
    target, authority = lines.target, host
    if not target.startswith(b"/"):  # the absolute form, as to a proxy; its host counts (RFC 9112 §3.2.2)
        url = parse_url(target.decode("latin-1"))
        if url is not None:
            authority, target = url.authority, url.target
    return Request(method.decode("ascii"), scheme, authority, target, tuple(lines.headers))


def _keeps_alive(fields: dict[str, str], *, modern: bool) -> bool:
    if "connection" not in fields:
        return modern
    said = {token.strip() for token in fields["connection"].lower().split(",")}
    return "close" not in said and (modern or "keep-alive" in said)


class _Chunks:
    """Collects a chunked body. Trailers are read over."""

    def __init__(self, bytes_max: int, trailer_bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._trailer_bytes_left = trailer_bytes_max
        self._body = bytearray()
        self._wanted: int | None = None  # bytes of the chunk that is being read; None: a size line is next

    @property
    def held(self) -> int:
        return len(self._body)

    def take(self, buffer: bytearray) -> bytes | None:
        """Takes what it can from the buffer; the body once its last chunk is in. Raises _Refused."""
        while True:
            if self._wanted is None:
                self._wanted = self._take_size(buffer)
            if self._wanted is None:
                return None
            if self._wanted == 0:
                return bytes(self._body) if self._take_trailers(buffer) else None
            if not self._take_chunk(buffer, self._wanted):
                return None
            self._wanted = None

    def _take_size(self, buffer: bytearray) -> int | None:
        line = _CHUNK_SIZE.match(buffer)
        if line is None:
            if b"\n" in buffer[:_CHUNK_LINE_BYTES_MAX] or len(buffer) >= _CHUNK_LINE_BYTES_MAX:
                raise _Refused(400, "Bad Request")
            return None
        size = int(line[1], 16)
        if len(self._body) + size > self._bytes_max:
            raise _Refused(413, "Request Entity Too Large")
        del buffer[: line.end()]
        return size

    def _take_chunk(self, buffer: bytearray, size: int) -> bool:
        if len(buffer) < size + 2:
            return False
        if buffer[size : size + 2] != b"\r\n":
            raise _Refused(400, "Bad Request")
        self._body += buffer[:size]
        del buffer[: size + 2]
        return True

    def _take_trailers(self, buffer: bytearray) -> bool:
        """True once the blank line after the last chunk is taken."""
        while (end := buffer.find(b"\r\n")) >= 0:
            del buffer[: end + 2]
            if end == 0:
                return True
            self._spend_trailer(end)
        if len(buffer) > self._trailer_bytes_left:
            self._spend_trailer(len(buffer))
        return False

    def _spend_trailer(self, size: int) -> None:
        self._trailer_bytes_left -= size
        if self._trailer_bytes_left < 0:
            raise _Refused(431, "Request Header Fields Too Large")


Ending = Response | BodyBroken | Closed
Sink = Callable[[bytes], None]


class AnswerReader(Protocol):
    """Reads the answer to one request as it comes in. It collects: whoever feeds it looks at what is there.

    `headed`: the head is whole. `pieces`: of the body, as far as nobody has taken them out. `whole`: all of it is in.
    `surplus`: something came behind it.
    """

    status: int
    headers: list[tuple[str, str]]
    pieces: list[bytes]
    headed: bool
    whole: bool
    surplus: bool
    has_body: bool
    keep_alive: bool
    complaint: str

    def feed(self, data: bytes) -> bool:
        """False if this is no HTTP."""

    @property
    def cut(self) -> str | None:
        """Why a body that ends now is broken (`BodyBroken.why`); None if it ends with its connection anyway."""


class ResponseParser:
    """Reads the answer to one request. `method` is that of the request: an answer to HEAD has no body.

    `feed` returns None until the answer is whole or cannot become so any more. A gzipped body is unpacked and
    loses `Content-Encoding` and `Content-Length`, as okhttp does it; 1xx before the answer is skipped. What
    is no HTTP at all counts as `Closed`. `sink` may have the body piece by piece: it is asked once, with the
    head, and returns the taker or None; an answer whose body was taken has none of its own. Only what a taker
    raises leaves `feed`.
    """

    def __init__(
        self,
        method: str = "GET",
        *,
        head_bytes_max: int = 256 * 1024,  # okhttp gives up there
        body_bytes_max: int = 8 * 1024 * 1024,
        sink: Callable[[Response], Sink | None] | None = None,
        reader: AnswerReader | None = None,
    ) -> None:
        self.head: Response | None = None  # the answer without its body, as soon as that is known
        self.started = False  # a byte has come
        self._reader = reader or _AnswerReader(method)
        self._head_bytes_left = head_bytes_max
        self._body_bytes_max = body_bytes_max
        self._sink = sink
        self._taker: Sink | None = None
        self._gunzip: zlib._Decompress | None = None
        self._packed_bytes = 0
        self._body = bytearray()
        self._ending: Ending | None = None

    @property
    def keep_alive(self) -> bool:
        """The connection can be used again: the answer was whole and nothing came after it."""
        whole = type(self._ending) is Response
        return whole and self._reader.whole and self._reader.keep_alive and not self._reader.surplus

    @property
    def is_enough(self) -> bool:
        """Nobody waits for what is still to come."""
        return False

    def feed(self, data: bytes) -> Ending | None:
        """The answer, once it is whole; afterwards always the same."""
        self.started = self.started or bool(data)
        well_formed = self._reader.feed(data)
        if self._ending is not None:
            return self._ending
        if self.head is None:
            self._begin(len(data))
        why = self._take_pieces()
        if why or not (well_formed or self._reader.whole):
            return self._break(why or "garbled")
        return self._end() if self._reader.whole else None

    def eof(self, *, sent_all: bool = True, reset: bool = False) -> Ending:
        """The peer has closed or `reset`: what that makes of it. `sent_all`: the whole request had been written."""
        if self._ending is not None:
            return self._ending
        if self.head is None:
            self._ending = Closed(sent_all, reset=reset)
            return self._ending
        # A body without a length ends with the connection; any other one has just broken off.
        why = self._reader.cut
        return self._end() if why is None else self._break(why)

    def late(self) -> Ending | TimedOut:
        """Nothing came for as long as one waits."""
        return TimedOut("read")

    def _begin(self, size: int) -> None:
        reader = self._reader
        if not reader.headed:
            self._head_bytes_left -= size
            return
        self.head = Response(reader.status, tuple(reader.headers))
        if _is_gzipped(self.head) and reader.has_body:
            self._gunzip = zlib.decompressobj(31)
            self.head = Response(reader.status, _without_coding(self.head.headers))
        if self._sink is not None:
            self._taker = self._sink(self.head)

    def _take_pieces(self) -> str:
        """Unpacks and hands on what has come; why it is broken, or nothing."""
        pieces, self._reader.pieces = self._reader.pieces, []
        for piece in pieces:
            data = piece if self._gunzip is None else self._unpack(self._gunzip, piece)
            if isinstance(data, str):
                return data
            if self._taker is not None:
                self._taker(data)
            else:
                self._body += data
        return "" if len(self._body) <= self._body_bytes_max and self._head_bytes_left >= 0 else "long"

    def _unpack(self, gunzip: zlib._Decompress, piece: bytes) -> bytes | str:
        self._packed_bytes += len(piece)
        try:
            data = gunzip.decompress(piece, self._body_bytes_max + 1)
        except zlib.error:
            return "garbled"
        if gunzip.unconsumed_tail:  # held back by the limit
            return "long"
        return "garbled" if gunzip.unused_data else data  # bytes after the end make okhttp fail too

    def _end(self) -> Ending:
        if self.head is None:
            return self._break("ended")
        if self._gunzip is not None and not self._gunzip.eof:
            return self._break("number" if self._packed_bytes < GZIP_HEAD_BYTES else "packed")
        self._ending = replace(self.head, body=bytes(self._body)) if self._body else self.head
        return self._ending

    def _break(self, why: str) -> Ending:
        if self.head is None:
            self._ending = Closed(True, self._reader.complaint)
        else:
            self._ending = BodyBroken(self.head, b"" if why == "long" else bytes(self._body), why)
            self._body.clear()
        return self._ending


def _is_gzipped(head: Response) -> bool:
    return (head.last_header("Content-Encoding") or "").lower() == "gzip"


def _without_coding(headers: Headers) -> Headers:
    return tuple(item for item in headers if item[0].lower() not in ("content-encoding", "content-length"))


class _AnswerReader:
    """What httptools calls while it reads an answer. It only collects: nothing may raise in there."""

    __slots__ = (
        *("complaint", "has_body", "headed", "headers", "keep_alive", "pieces", "status", "surplus", "whole"),
        *("_method", "_parser"),
    )

    def __init__(self, method: str) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.pieces: list[bytes] = []
        self.headed = self.whole = self.surplus = False
        self.complaint = ""
        self.has_body = self.keep_alive = False
        self._method = method
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> bool:
        """False if this is no HTTP."""
        if self._parser is None:
            self.surplus = self.surplus or bool(data)
            return True
        try:
            self._parser.feed_data(data)
            well_formed = True
        except httptools.HttpParserUpgrade:
            well_formed = True
        except httptools.HttpParserError:
            well_formed = False
            self.surplus = True
        if self.whole or not well_formed:
            self._parser = None  # it knows us, and we would keep each other alive
        return well_formed

    @property
    def cut(self) -> str | None:
        framed = any(name.lower() in ("content-length", "transfer-encoding") for name, _ in self.headers)
        return "ended" if framed else None

    def on_message_begin(self) -> None:
        self.surplus = self.surplus or self.whole

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:  # else it is a trailer
            self.headers.append((name.decode("latin-1"), value.decode("latin-1").strip(" \t")))

    def on_headers_complete(self) -> None:
        if self.headed or self._parser is None:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200 and self.status != 101:  # an interim answer
            self.headers.clear()
            return
        self.headed = True
        self.keep_alive = self._parser.should_keep_alive() and self.status != 101
        self.has_body = self._method != "HEAD" and self.status not in (101, 204, 304)
        self.whole = self._method == "HEAD"

    def on_body(self, data: bytes) -> None:
        if self.whole:
            self.surplus = True
        elif self.headed:
            self.pieces.append(data)

    def on_message_complete(self) -> None:
        self.whole = self.headed
