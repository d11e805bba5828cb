"""Requests, answers and outcomes as values."""

from __future__ import annotations

from dataclasses import field
from enum import Enum

from harness.frozen import frozen

__all__ = [
    "Answered",
    "Arrived",
    "BodyBroken",
    "Call",
    "Chunk",
    "Closed",
    "ConnectFailed",
    "Exchange",
    "Gone",
    "HangUp",
    "Headers",
    "Limits",
    "Outcome",
    "Reads",
    "Request",
    "Respond",
    "Response",
    "TimedOut",
]

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order and case of the wire."""

Exchange = str
"""Names one request and its answer for the core that made or got it."""


@frozen
class Request:
    """One request. `authority` is host or host:port; `target` is the raw path with its query, as in the request."""

    method: str
    scheme: str
    authority: str
    target: bytes
    headers: Headers = ()
    body: bytes = b""

    def __repr__(self) -> str:
        """Without the query, headers and body: a stream of pushes is asked for by a token."""
        return f"Request({self.method} {self.scheme}://{self.authority}{self.path})"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target.decode('latin-1')}"

    @property
    def path(self) -> str:
        """The raw path, without the query."""
        return self.target.partition(b"?")[0].decode("latin-1")

    @property
    def query(self) -> str:
        """The raw query, without its question mark."""
        return self.target.partition(b"?")[2].decode("latin-1")

    def header(self, name: str) -> str | None:
        return _header(self.headers, name)


@frozen
class Response:
    """One answer. A `stream` has no end yet: chunks follow (`Chunk`)."""

    status: int
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    stream: bool = False

    def header(self, name: str) -> str | None:
        return _header(self.headers, name)

    def last_header(self, name: str) -> str | None:
        """Of a header that comes twice okhttp takes the last one, where others take the first."""
        return _header(self.headers[::-1], name)


def _header(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    for known, value in headers:
        if known.lower() == wanted:
            return value
    return None


@frozen
class ConnectFailed:
    """No connection: `kind` is `refused`, `resolve`, `unreachable`, `tls` or `timeout`."""

    kind: str
    text: str = ""


@frozen
class TimedOut:
    """The time limit of a `phase` ran out: `connect`, `write`, `read` or `total`."""

    phase: str


@frozen
class Closed:
    """There was no answer: the peer closed the connection, or what came was none.

    `sent_all`: the whole request had been written. `complaint`: what okhttp has against what came. `reset`: the
    connection was not closed in order.
    """

    sent_all: bool
    complaint: str = field(default="", repr=False)  # it shows what the peer sent
    reset: bool = False


@frozen
class BodyBroken:
    """The head of `response` arrived, its body broke off after `partial`.

    `why`: `ended`: the connection, before the body; `number` or `line`: the same where the size of a chunk or the end
    of a line was to come; `packed`: the body, before what was packed in it; `garbled`; `late`: nothing came in time;
    `long`: more came than is taken, and nothing of it is kept.
    """

    response: Response
    partial: bytes = field(repr=False)
    why: str = "ended"


Outcome = Response | ConnectFailed | TimedOut | Closed | BodyBroken


@frozen
class Limits:
    """Time limits of a call, in seconds; None = no limit. `total` covers everything from connect to the last byte."""

    connect_s: float | None = 10.0
    read_s: float | None = 10.0
    write_s: float | None = 10.0
    total_s: float | None = None


class Reads(Enum):
    """Of which answers the caller reads the body. What nobody reads cannot break, or keep anybody waiting."""

    ALL = "all"
    SUCCESSES = "successes"
    FAILURES = "failures"
    FAILURES_BUT_GONE = "failures but 404"

    __hash__ = object.__hash__  # an enumeration's own one is slow

    def wants(self, status: int) -> bool:
        success = 200 <= status < 300
        match self:
            case Reads.ALL:
                return True
            case Reads.SUCCESSES:
                return success
            case Reads.FAILURES:
                return not success
            case Reads.FAILURES_BUT_GONE:
                return not success and status != 404


@frozen
class Call:
    """Command: make this request. `client` names the HTTP client whose connections it may use.

    `reads` counts for phones alone.
    """

    exchange: Exchange
    client: str
    request: Request
    limits: Limits = Limits()
    reads: Reads = Reads.ALL


@frozen
class Answered:
    """Event: what became of a `Call`."""

    exchange: Exchange
    outcome: Outcome


@frozen
class Arrived:
    """Event: a request reached this server."""

    exchange: Exchange
    request: Request


@frozen
class Respond:
    """Command: answer the exchange. For a stream, chunks follow."""

    exchange: Exchange
    response: Response


@frozen
class HangUp:
    """Command: close the exchange's connection without an answer."""

    exchange: Exchange


@frozen
class Chunk:
    """Command: one more piece of a streamed answer; `last` ends it."""

    exchange: Exchange
    data: bytes = field(repr=False)
    last: bool = False


@frozen
class Gone:
    """Event: the client of a streamed answer has left."""

    exchange: Exchange
