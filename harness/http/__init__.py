"""HTTP as values, and their bytes.

A core never opens a socket: it emits `Call` and later gets `Answered`; a server core gets `Arrived` and emits
`Respond`, maybe much later. `parse` and `render` turn values into bytes and back, the same for both drivers.
"""

from __future__ import annotations

from harness.http.values import (
    Answered,
    Arrived,
    BodyBroken,
    Call,
    Chunk,
    Closed,
    ConnectFailed,
    Exchange,
    Gone,
    Headers,
    Limits,
    Outcome,
    Request,
    Respond,
    Response,
    TimedOut,
)

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
    "Headers",
    "Limits",
    "Outcome",
    "Request",
    "Respond",
    "Response",
    "TimedOut",
]
