"""The answer to a request over HTTP/2, put together from its frames."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from harness.http.parse import GZIP_HEAD_BYTES
from harness.http.values import BodyBroken, Closed, Headers, Reads, Request, Response
from harness.okhttp.headers import NOT_IN_HTTP2
from harness.okhttp.http1 import ANSWER_BYTES_MAX, is_read

__all__ = ["Http2Answer"]

_CODED = frozenset({"content-encoding", "content-length"})

Sink = Callable[[bytes], None]


class Http2Answer:
    """Becomes what `okhttp.http1.Http1Answer` makes of the same answer over HTTP/1.1, with the same bounds.

    `begin` and `take` return False for what cannot be read; `broken` then says what is there. Only what a taker raises
    leaves `take`. `is_enough`: nobody waits for what is still to come.
    """

    def __init__(
        self,
        request: Request,
        reads: Reads = Reads.ALL,
        *,
        body_bytes_max: int = ANSWER_BYTES_MAX,
        sink: Callable[[Response], Sink | None] | None = None,
    ) -> None:
        self.head: Response | None = None
        self.is_enough = False
        self._request = request
        self._reads = reads
        self._body_bytes_max = body_bytes_max
        self._sink = sink
        self._taker: Sink | None = None
        self._gunzip: zlib._Decompress | None = None
        self._packed_bytes = 0
        self._body = bytearray()
        self._why = ""

    def begin(self, fields: Iterable[tuple[bytes, bytes]]) -> bool:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
        status = dict(headers).get(":status", "")
        if not (status.isascii() and status.isdecimal()):
            return False
        named = tuple(item for item in headers if item[0][:1] != ":" and item[0] not in NOT_IN_HTTP2)
        self._begin(int(status), named)
        return True

    def _begin(self, status: int, headers: Headers) -> None:
        self.head = Response(status, headers)
        has_body = self._request.method != "HEAD" and status not in (204, 304)
        if has_body and (self.head.last_header("content-encoding") or "").lower() == "gzip":
            self._gunzip = zlib.decompressobj(31)
            self.head = Response(status, tuple(item for item in headers if item[0] not in _CODED))
        self.is_enough = not is_read(self._request, self.head, self._reads)
        if self._sink is not None:
            self._taker = self._sink(self.head)

    def take(self, data: bytes) -> bool:
        if self.is_enough:
            return True
        unpacked = data if self._gunzip is None else self._unpack(self._gunzip, data)
        if isinstance(unpacked, str):
            self._why = unpacked
            return False
        if self._taker is not None:
            self._taker(unpacked)
        else:
            self._body += unpacked
        if len(self._body) > self._body_bytes_max:
            self._why = "long"
        return not self._why

    def _unpack(self, gunzip: zlib._Decompress, data: bytes) -> bytes | str:
        self._packed_bytes += len(data)
        try:
            unpacked = gunzip.decompress(data, self._body_bytes_max + 1)
        except zlib.error:
            return "garbled"
        if gunzip.unconsumed_tail:
            return "long"
        return "garbled" if gunzip.unused_data else unpacked

    def end(self) -> Response | BodyBroken | Closed:
        """The stream has ended."""
        if self.head is not None and self.is_enough:
            return self.head
        if self.head is None or (self._gunzip is not None and not self._gunzip.eof):
            return self.broken("number" if self._packed_bytes < GZIP_HEAD_BYTES else "packed")
        return replace(self.head, body=bytes(self._body)) if self._body else self.head

    def broken(self, why: str = "garbled") -> Response | BodyBroken | Closed:
        if self.head is None:
            return Closed(sent_all=True)
        return self.head if self.is_enough else self._broken(self.head, self._why or why)

    def _broken(self, head: Response, why: str) -> BodyBroken:
        return BodyBroken(head, b"" if why == "long" else bytes(self._body), why)
