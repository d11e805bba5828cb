"""Answers that no server should give, and what okhttp makes of each: the bytes, and a word for the meaning."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import zlib
from collections.abc import Awaitable, Callable
from enum import Enum
from functools import cache
from typing import NamedTuple

from tests.adapters.raw_server import Peer

__all__ = ["NONSENSE", "STALLS", "Meaning", "Nonsense", "Sane", "head", "whole"]

MIB = 1024 * 1024


class Meaning(Enum):
    """What is left of an answer once okhttp has read it.

    SANE: what was meant. READABLE: a success with a body that says something else, UNTYPED: without a media type,
    NULL: of which the app dies by an exception without a message. BROKEN: a success whose body breaks
    off. Then failures, whole or with a body that breaks off; EARLY and ODD are not the fault of anybody. NOTHING: no
    answer.
    """

    SANE = "sane"
    READABLE = "readable"
    UNTYPED = "readable, of no media type"
    NULL = "readable, but null"
    BROKEN = "broken"
    EARLY = "below 200"
    ODD = "odd"
    GONE = "gone"
    CLIENT = "client's fault"
    SERVER = "server's fault"
    ODD_BROKEN = "odd, broken"
    CLIENT_BROKEN = "client's fault, broken"
    SERVER_BROKEN = "server's fault, broken"
    NOTHING = "nothing"


class Sane(NamedTuple):
    """The answer that was due: its media type and its body; `path` is that of the request."""

    kind: bytes
    body: bytes
    path: bytes = b"/"


Say = Callable[[Peer, Sane], Awaitable[None]]


class Nonsense(NamedTuple):
    """`requests`: how many the phone makes because of it."""

    say: Say
    meaning: Meaning
    requests: int = 1


# -- how it is said ------------------------------------------------------------------------------------------


def head(sane: Sane, *more: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Type: " + sane.kind, *more]
    lines += [] if length is None else [b"Content-Length: %d" % length]
    return b"\r\n".join([*lines, b"", b""])


def raw(data: bytes) -> Say:
    """These bytes, and the end of the connection."""

    async def say(peer: Peer, sane: Sane) -> None:
        await flow(peer, data)

    return say


async def flow(peer: Peer, data: bytes) -> None:
    """As fast as it is taken."""
    for at in range(0, len(data), MIB):
        peer.send(data[at : at + MIB])
        await peer.writer.drain()


def whole(
    body: bytes | Callable[[bytes], bytes] | None = None, *more: bytes, status: bytes = b"200 OK", kind: bytes = b""
) -> Say:
    """A whole answer with another body: these bytes, or what is made of the right ones."""

    async def say(peer: Peer, sane: Sane) -> None:
        content = sane.body if body is None else body if isinstance(body, bytes) else body(sane.body)
        await flow(
            peer, head(sane._replace(kind=kind or sane.kind), *more, status=status, length=len(content)) + content
        )

    return say


def begun(data: bytes, *more: bytes, status: bytes = b"200 OK") -> Say:
    """A head without a length, these bytes, and the end of the connection."""

    async def say(peer: Peer, sane: Sane) -> None:
        await flow(peer, head(sane, *more, status=status) + data)

    return say


def chunked(data: bytes) -> Say:
    return begun(data, b"Transfer-Encoding: chunked")


def packed(data: bytes, status: bytes = b"200 OK") -> Say:
    return begun(data, b"Content-Encoding: gzip", status=status)


def endless(first: bytes, more: bytes, *headers: bytes, status: bytes = b"200 OK") -> Say:
    """Goes on for as long as anybody listens."""

    async def say(peer: Peer, sane: Sane) -> None:
        peer.send((head(sane, *headers, status=status) if not first.startswith(b"HTTP") else b"") + first)
        while not peer.writer.is_closing():
            peer.send(more)
            await peer.writer.drain()
            await asyncio.sleep(0)

    return say


async def reset(peer: Peer, sane: Sane) -> None:
    linger_not = b"\x01\0\0\0\0\0\0\0"
    peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    peer.writer.transport.abort()


def redirect(location: bytes, status: bytes = b"302 Found") -> Say:
    return whole(b"", b"Location: " + location, status=status)


async def again(peer: Peer, sane: Sane) -> None:
    """Redirects to the same place."""
    await redirect(sane.path, b"307 Temporary Redirect")(peer, sane)


def cut_to(share: float) -> Callable[[bytes], bytes]:
    return lambda body: body[: int(len(body) * share)]


def short(length_more: int, status: bytes = b"200 OK") -> Say:
    """Announces more than comes."""

    async def say(peer: Peer, sane: Sane) -> None:
        peer.send(head(sane, status=status, length=len(sane.body) + length_more) + sane.body)

    return say


def lengths(*announced: Callable[[int], int]) -> Say:
    async def say(peer: Peer, sane: Sane) -> None:
        lines = [b"Content-Length: %d" % length(len(sane.body)) for length in announced]
        peer.send(head(sane, *lines) + sane.body)

    return say


def stall(data: bytes) -> Say:
    """Says so much, and no more."""

    async def say(peer: Peer, sane: Sane) -> None:
        peer.send(data and head(sane, status=data) + b"{")
        await peer.reader.read()

    return say


def drip(status: bytes, every_s: float, times: int) -> Say:
    """One byte now and then; breaks off before the end that was announced."""

    async def say(peer: Peer, sane: Sane) -> None:
        peer.send(head(sane, status=status, length=times + 1))
        for _ in range(times):
            await asyncio.sleep(every_s)
            peer.send(b" ")

    return say


# -- bodies --------------------------------------------------------------------------------------------------


@cache
def bomb(mib: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(MIB)
    return b"".join(packer.compress(piece) for _ in range(mib)) + packer.flush()


def with_data(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    """The right answer, its data changed; what has no data stays as it is."""

    def changed(body: bytes) -> bytes:
        if not body.startswith(b'{"data": {'):
            return body
        answer = json.loads(body)
        change(answer["data"])
        return json.dumps(answer).encode()

    return changed


def with_member(member: bytes) -> Callable[[bytes], bytes]:
    """One more member in front, in JSON; other bodies get it behind them."""
    return lambda body: b"{" + member + b", " + body[1:] if body[:1] == b"{" else body + member


JSON = b"application/json"
HTML = b"<!DOCTYPE html><html><body>Sign in to <b>Free WiFi</b></body></html>"
NESTED = b"[" * 100_000 + b"]" * 100_000
INTERIM = b"HTTP/1.1 103 Wait\r\n\r\n"
MANY_KEYS = b", ".join(b'"k%d": %d' % (n, n) for n in range(90_000))
COOKIES = tuple(b"Set-Cookie: id%d=%s; Path=/; HttpOnly" % (n, b"c" * 50) for n in range(50))
CHUNKED = b"Transfer-Encoding: chunked"
M = Meaning

NONSENSE: dict[str, Nonsense] = {
    # what is meant can be read
    "cookies": Nonsense(whole(None, *COOKIES), M.SANE),
    "invalid UTF-8": Nonsense(whole(with_member(b'"x": "\xff\xfe\xed\xa0\x80"')), M.SANE),
    "lone surrogates beside the rest": Nonsense(whole(with_member(b'"\\ud800": "\\udfff"')), M.SANE),
    "the same key twice": Nonsense(whole(with_member(b'"data": {}, "status": []')), M.SANE),
    "90,000 keys more": Nonsense(whole(with_member(MANY_KEYS)), M.SANE),
    "100,000 digits beside the rest": Nonsense(whole(with_member(b'"n": ' + b"9" * 100_000)), M.SANE),
    "100,000 brackets beside the rest": Nonsense(
        whole(with_member(b'"n": ' + NESTED)), M.SANE
    ),
    "a byte order mark": Nonsense(whole(lambda body: b"\xef\xbb\xbf" + body), M.SANE),
    "a charset that is none": Nonsense(whole(None, kind=JSON + b"; charset=klingon"), M.SANE),
    "a charset of 100,000 letters": Nonsense(whole(None, kind=JSON + b"; charset=" + b"x" * 100_000), M.SANE),
    "a charset that is a coding": Nonsense(whole(None, kind=JSON + b"; charset=zlib"), M.SANE),
    "a coding that nobody asked for": Nonsense(whole(None, b"Content-Encoding: br"), M.SANE),
    "two lengths, the last one right": Nonsense(lengths(lambda n: n + 7, lambda n: n), M.SANE),
    "a length that is none": Nonsense(whole(None, b"content-length : x", b"Content-Length:"), M.SANE),
    "lines without a colon": Nonsense(whole(None, b"what", b": is", b"\0this"), M.SANE),
    "1000 interim answers": Nonsense(
        lambda peer, sane: raw(INTERIM * 1000 + head(sane, length=len(sane.body)) + sane.body)(
            peer, sane
        ),
        M.SANE,
    ),
    # a body that says something else
    "the page of a captive portal": Nonsense(whole(HTML, kind=b"text/html; charset=utf-8"), M.READABLE),
    "no body": Nonsense(whole(b""), M.READABLE),
    "half of the JSON": Nonsense(whole(cut_to(0.5)), M.READABLE),
    "null": Nonsense(whole(b"null"), M.NULL),
    "a list": Nonsense(whole(b"[{}]"), M.READABLE),
    "no data": Nonsense(whole(b'{"data": null, "message": "m", "status": "success"}'), M.READABLE),
    "numbers for texts": Nonsense(
        whole(with_data(lambda data: data.update(dict.fromkeys(data, 7)))), M.READABLE
    ),
    "objects for texts": Nonsense(whole(with_data(lambda data: data.update({key: {} for key in data}))), M.READABLE),
    "a text for the data": Nonsense(whole(b'{"data": "x", "message": "m", "status": "success"}'), M.READABLE),
    "100,000 digits for the data": Nonsense(
        whole(b'{"message": "m", "status": "s", "data": ' + b"9" * 100_000 + b"}"), M.READABLE
    ),
    "a number beyond every exponent": Nonsense(whole(b'{"data": 1e999999999}'), M.READABLE),
    "100,000 brackets": Nonsense(whole(b"[" * 100_000), M.READABLE),
    "100,000 brackets for an id": Nonsense(
        whole(b'{"message": "m", "status": "s", "data": {"user_id": "u", "id": ' + NESTED + b"}}"),
        M.READABLE,
    ),
    "a hundred thousand words": Nonsense(whole(b"[" + b"true " * 100_000), M.READABLE),
    "NUL bytes": Nonsense(whole(bytes(1000)), M.READABLE),
    "UTF-16 without a mark": Nonsense(whole(lambda body: body.decode("latin-1").encode("utf-16-le")), M.READABLE),
    "two byte order marks": Nonsense(whole(lambda body: b"\xef\xbb\xbf" * 2 + body), M.READABLE),
    "gzip in gzip": Nonsense(
        lambda peer, sane: packed(gzip.compress(gzip.compress(sane.body)))(peer, sane), M.READABLE
    ),
    "a bomb in gzip in gzip": Nonsense(lambda peer, sane: packed(gzip.compress(bomb(100)))(peer, sane), M.READABLE),
    "204 with a body": Nonsense(raw(b"HTTP/1.1 204 No\r\n\r\n" + HTML), M.UNTYPED),
    "a radio station": Nonsense(raw(b"ICY 200 OK\r\nicy-name: x\r\n\r\n" + HTML), M.UNTYPED),
    # a success whose body breaks off
    "a length that is too long": Nonsense(short(1), M.BROKEN),
    "a length of exabytes": Nonsense(short(2**60), M.BROKEN),
    "a length below zero": Nonsense(lengths(lambda n: -n - 2), M.BROKEN),
    "two lengths, the last one too long": Nonsense(lengths(lambda n: n, lambda n: n + 7), M.BROKEN),
    "no gzip": Nonsense(packed(b"none" * 10), M.BROKEN),
    "half of gzip": Nonsense(lambda peer, sane: packed(gzip.compress(sane.body)[:-5])(peer, sane), M.BROKEN),
    "more behind gzip": Nonsense(lambda peer, sane: packed(gzip.compress(sane.body) + b"x")(peer, sane), M.BROKEN),
    "a gzip bomb": Nonsense(lambda peer, sane: packed(bomb(300))(peer, sane), M.BROKEN),
    "100 MiB": Nonsense(endless(b"", bytes(MIB), b"Content-Length: %d" % (100 * MIB)), M.BROKEN),
    "no end": Nonsense(endless(b"", b'{"a": [' * 10_000), M.BROKEN),
    "chunks without an end": Nonsense(endless(b"", b"10000\r\n" + bytes(0x10000) + b"\r\n", CHUNKED), M.BROKEN),
    "a chunk size that is none": Nonsense(chunked(b"zz\r\n"), M.BROKEN),
    "a chunk size below zero": Nonsense(chunked(b"-1\r\n"), M.BROKEN),
    "a chunk size beyond 64 bits": Nonsense(chunked(b"f" * 100_000 + b"\r\n"), M.BROKEN),
    "a chunk extension without an end": Nonsense(endless(b"", b"4;" + b"x" * MIB, CHUNKED), M.BROKEN),
    "half a chunk": Nonsense(chunked(b"ff\r\n{"), M.BROKEN),
    "trailers without an end": Nonsense(endless(b"", b"0\r\n" + b"X: y\r\n" * 10_000, CHUNKED), M.BROKEN),
    # failures
    "status 000": Nonsense(raw(b"HTTP/1.1 000 Nothing\r\n\r\n"), M.EARLY),
    "status 999": Nonsense(whole(HTML, status=b"999 Odd"), M.ODD),
    "101": Nonsense(raw(b"HTTP/1.1 101 Up\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05Hello"), M.EARLY),
    "304": Nonsense(raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), M.ODD),
    "302 to nowhere": Nonsense(whole(b"", status=b"302 Found"), M.ODD),
    "302 to a file": Nonsense(redirect(b"file:///etc/passwd"), M.ODD),
    "302 to FTP": Nonsense(redirect(b"ftp://127.0.0.1/x"), M.ODD),
    "302 to a port that is none": Nonsense(redirect(b"http://127.0.0.1:99999/x"), M.ODD),
    "302 to half an address": Nonsense(redirect(b"http://[::1/x"), M.ODD),
    "302 to 100,000 letters": Nonsense(redirect(b"x:" * 50_000), M.ODD),
    "400 with a page": Nonsense(whole(HTML, status=b"400 Bad Request"), M.CLIENT),
    "404 with a page": Nonsense(whole(HTML, status=b"404 Not Found"), M.GONE),
    "429 with a wait": Nonsense(whole(HTML, b"Retry-After: 3600", status=b"429 Slow"), M.CLIENT),
    "408 twice": Nonsense(whole(b"", status=b"408 Late"), M.CLIENT, requests=2),
    "500 with a page": Nonsense(whole(HTML, status=b"500 Oops"), M.SERVER),
    "503, at once": Nonsense(whole(b"", b"Retry-After: 0", status=b"503 Busy"), M.SERVER, requests=2),
    # failures with a body that breaks off
    "304 without the body that it tells of": Nonsense(short(10**6, b"304 Not Modified"), M.ODD_BROKEN),
    "400 with half a body": Nonsense(short(1, b"400 Bad Request"), M.CLIENT_BROKEN),
    "500 with half a body": Nonsense(short(1, b"500 Oops"), M.SERVER_BROKEN),
    "500 without gzip": Nonsense(packed(b"none" * 10, b"500 Oops"), M.SERVER_BROKEN),
    "500 without an end": Nonsense(endless(b"", bytes(MIB), status=b"500 Oops"), M.SERVER_BROKEN),
    # no answer
    "nothing at all": Nonsense(raw(b""), M.NOTHING),
    "a reset": Nonsense(reset, M.NOTHING),
    "half a head": Nonsense(raw(b"HTTP/1.1 200 OK\r\nContent-Le"), M.NOTHING),
    "a greeting": Nonsense(raw(b"220 mail.example.com ESMTP\r\n"), M.NOTHING),
    "HTTP/0.9": Nonsense(raw(HTML), M.NOTHING),
    "HTTP/2": Nonsense(raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)), M.NOTHING),
    "TLS": Nonsense(raw(b"\x15\x03\x01\x00\x02\x02\x46"), M.NOTHING),
    "NUL bytes for a head": Nonsense(raw(bytes(MIB)), M.NOTHING),
    "a status of four digits": Nonsense(whole(None, status=b"2000 OK"), M.NOTHING),
    "204 with a length": Nonsense(whole(None, status=b"204 No Content"), M.NOTHING),
    "a head of 10 MiB": Nonsense(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10 * MIB), M.NOTHING),
    "100,000 headers": Nonsense(raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"), M.NOTHING),
    "interim answers without an end": Nonsense(endless(INTERIM, INTERIM * 999), M.NOTHING),
    "a redirect to itself": Nonsense(again, M.NOTHING, requests=21),
    "a redirect to a port where nobody is": Nonsense(redirect(b"http://127.0.0.1:1/"), M.NOTHING),
    "407": Nonsense(whole(b"", status=b"407 Proxy"), M.NOTHING),
    "503 with a wait beyond all numbers": Nonsense(
        whole(b"", b"Retry-After: " + b"9" * 5000, status=b"503 Busy"), M.NOTHING
    ),
}  # fmt: skip
"""By what it is like."""

STALLS: dict[str, Nonsense] = {
    "silence": Nonsense(stall(b""), M.NOTHING),
    "silence after a head": Nonsense(stall(b"200 OK"), M.BROKEN),
    "silence after the head of a failure": Nonsense(stall(b"500 Oops"), M.SERVER_BROKEN),
    "a byte every nine seconds": Nonsense(drip(b"200 OK", 9, 5), M.BROKEN),
}
"""The same, where the phone has to wait."""
