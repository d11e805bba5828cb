"""A request on its way through the stand-in, and who sent it."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.frozen import frozen
from harness.http.values import Exchange, Request
from harness.instants import Instant
from harness.wire.bodies import Body, Query
from harness.wire.json import Stamp

__all__ = ["NOBODY", "Identity", "Visit"]


@frozen
class Identity:
    """Whose credential came along: `credential` is `user`, `phone` or `none`.

    `phone_numbers` are those of a phone key; a user may act for all.
    """

    credential: str
    user_id: str = ""
    email: str = ""
    phone_key_id: str | None = None
    phone_numbers: tuple[str, ...] = ()

    def may_act_for(self, number: str) -> bool:
        return self.credential != "phone" or number in self.phone_numbers


NOBODY = Identity("none")


@dataclass(slots=True)
class Visit:
    """A request with what was found out about it; lives as long as its handler runs."""

    exchange: Exchange
    request: Request
    now: Instant
    headers: dict[str, str]  # by name in lower case, the first of each
    ids: tuple[str, ...] = ()  # what stands at the placeholders of the route
    who: Identity = field(default=NOBODY)

    @property
    def source(self) -> str:
        """What events of this request name as their source: the path with its query (§7.2)."""
        return self.request.target.decode("utf-8", "replace")

    def stamped(self, *names: str) -> dict[str, str]:
        """The time of the request in these fields: an answer shows what it has just written in nanoseconds (§3.1)."""
        return dict.fromkeys(names, str(Stamp(self.now)))

    @property
    def body(self) -> Body:
        get = self.headers.get
        return Body(self.request.body, get("content-type", ""), get("content-encoding", ""))

    @property
    def query(self) -> Query:
        return Query(self.request.query)
