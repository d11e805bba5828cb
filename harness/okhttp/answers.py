"""The answer to a request over HTTP/2, put together from its frames."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace

from harness.http.values import BodyBroken, Closed, Headers, Response

__all__ = ["Http2Answer"]

_NOT_OF_THE_APP = frozenset(  # okhttp drops them (Http2ExchangeCodec)
    {"connection", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "encoding", "upgrade"}
)
_CODED = frozenset({"content-encoding", "content-length"})

Sink = Callable[[bytes], None]


class Http2Answer:
    """Becomes what `http.parse.ResponseParser` makes of the same answer over HTTP/1.1, with the same bounds.

    `begin` and `take` return False for what cannot be read; `broken` then says what is there. okhttp has no bound
    of a body and would fill its memory: here a body of more than `body_bytes_max` is a broken one. Only what a taker
    raises leaves `take`.
    """

    def __init__(
        self,
        method: str = "GET",
        *,
        body_bytes_max: int = 64 * 1024 * 1024,
        sink: Callable[[Response], Sink | None] | None = None,
    ) -> None:
        self.head: Response | None = None
        self._method = method
        self._body_bytes_max = body_bytes_max
        self._sink = sink
        self._taker: Sink | None = None
        self._gunzip: zlib._Decompress | None = None
        self._body = bytearray()

    def begin(self, fields: Iterable[tuple[bytes, bytes]]) -> bool:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
        status = dict(headers).get(":status", "")
        if not (status.isascii() and status.isdecimal()):
            return False
        self._begin(int(status), tuple(item for item in headers if item[0][:1] != ":" and _is_apps(item[0])))
        return True

    def _begin(self, status: int, headers: Headers) -> None:
        self.head = Response(status, headers)
        has_body = self._method != "HEAD" and status not in (204, 304)
        if has_body and (self.head.header("content-encoding") or "").lower() == "gzip":
            self._gunzip = zlib.decompressobj(31)
            self.head = Response(status, tuple(item for item in headers if item[0] not in _CODED))
        if self._sink is not None:
            self._taker = self._sink(self.head)

    def take(self, data: bytes) -> bool:
        unpacked = data if self._gunzip is None else self._unpack(self._gunzip, data)
        if unpacked is None:
            return False
        if self._taker is not None:
            self._taker(unpacked)
        else:
            self._body += unpacked
        return len(self._body) <= self._body_bytes_max

    def _unpack(self, gunzip: zlib._Decompress, data: bytes) -> bytes | None:
        try:
            unpacked = gunzip.decompress(data, self._body_bytes_max + 1)
        except zlib.error:
            return None
        return None if gunzip.unused_data or gunzip.unconsumed_tail else unpacked

    def end(self) -> Response | BodyBroken | Closed:
        """The stream has ended."""
        if self.head is None or (self._gunzip is not None and not self._gunzip.eof):
            return self.broken()
        return replace(self.head, body=bytes(self._body)) if self._body else self.head

    def broken(self) -> BodyBroken | Closed:
        return Closed(sent_all=True) if self.head is None else BodyBroken(self.head, bytes(self._body))


def _is_apps(name: str) -> bool:
    return name not in _NOT_OF_THE_APP
