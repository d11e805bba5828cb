"""What happens to the connections of one okhttp instance, and what it wants done about it.

A `call` is whatever names a request for the caller. A `Number` names a connection within its instance: they count
from 1 as they are begun, also those that never come about.
"""

from __future__ import annotations

from typing import Literal

from harness.frozen import frozen
from harness.http.values import Outcome, Request

__all__ = [
    "Abandon",
    "Asked",
    "Cancelled",
    "Cause",
    "Close",
    "Connect",
    "ConnectBroke",
    "Event",
    "Exchanged",
    "Finish",
    "Lost",
    "NotResolved",
    "Number",
    "Reached",
    "Resolve",
    "Resolved",
    "Retired",
    "Secure",
    "Secured",
    "Send",
    "Step",
    "StreamsLimited",
    "Waited",
]

Number = int

Cause = Literal["broke", "garbled", "refused", "reset", "shutdown"]
"""Why there was no answer: the connection broke; what came was no HTTP; the server refused the stream unread, or reset
it; the connection takes no new streams, so nothing was sent."""


@frozen
class Asked:
    """A prepared request is to go out."""

    call: int
    request: Request


@frozen
class Resolved:
    """The addresses of the host, in the resolver's order."""

    call: int
    addresses: tuple[str, ...]


@frozen
class NotResolved:
    call: int
    outcome: Outcome


@frozen
class Reached:
    """The address has taken the connection; TLS is still to come, if there is any."""

    call: int
    connection: Number


@frozen
class Secured:
    """TLS is agreed. `multiplexed`: the server chose HTTP/2."""

    call: int
    connection: Number
    multiplexed: bool = False


@frozen
class ConnectBroke:
    """There is no connection; `outcome` says why."""

    call: int
    connection: Number
    outcome: Outcome


@frozen
class Waited:
    """A quarter of a second has passed since the last `Connect` that has others behind it."""

    call: int


@frozen
class Exchanged:
    """The exchange is over. `reusable`: the connection is as it was before it; `cause` tells more of a `Closed`."""

    call: int
    outcome: Outcome
    reusable: bool = False
    cause: Cause = "broke"


@frozen
class Cancelled:
    """Nobody waits for the request any more."""

    call: int


@frozen
class Lost:
    """The connection is no more, whoever closed it."""

    connection: Number


@frozen
class Retired:
    """The connection takes no new streams (GOAWAY), or is not trusted any more; those under way may end."""

    connection: Number


@frozen
class StreamsLimited:
    """The server takes so many streams at once on the connection."""

    connection: Number
    streams_max: int


Event = (
    Asked
    | Resolved
    | NotResolved
    | Reached
    | Secured
    | ConnectBroke
    | Waited
    | Exchanged
    | Cancelled
    | Lost
    | Retired
    | StreamsLimited
)


@frozen
class Resolve:
    """Ask for the addresses of the host."""

    call: int
    host: str


@frozen
class Connect:
    """Begin a connection to the address. `others`: more are to be tried; tell when a quarter of a second is over."""

    call: int
    connection: Number
    address: str
    port: int
    others: bool


@frozen
class Secure:
    """Agree on TLS with the host."""

    call: int
    connection: Number
    host: str


@frozen
class Send:
    """Send the request; `nth` counts those of the connection from 1."""

    call: int
    connection: Number
    nth: int


@frozen
class Finish:
    """This became of the call."""

    call: int
    outcome: Outcome


@frozen
class Abandon:
    """Stop connecting: another address was faster."""

    connection: Number


@frozen
class Close:
    """Close the connection: nothing goes over it any more."""

    connection: Number


Step = Resolve | Connect | Secure | Send | Finish
"""What a call waits for; at most one comes of an event, as the last action."""
