"""A stand-in in another process, in the place of the gateway of a story: what has no API goes to its control routes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar

from harness.core import Command, Core, Fact, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Call, Limits, Outcome, Request, Response
from harness.instants import Instant
from harness.standin import FACTS_REFUSED, FACTS_SET, LoseUpdates, SetFacts
from harness.wire.client import UserAccess, api_request
from harness.wire.owned import phones_of

__all__ = ["RemoteGateway", "control_request"]

_LIMITS = Limits(total_s=30.0)


def control_request(access: UserAccess, token: str | None, method: str, path: str, body: Any = None) -> Request:
    """A request to a control route; `path` follows `/_control`."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = [("Host", access.authority), ("Content-Length", str(len(content)))]
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    return Request(method, access.scheme, access.authority, f"/_control{path}".encode(), tuple(headers), content)


class RemoteGateway(Core):
    """Takes `SetFacts` and `LoseUpdates` as the stand-in itself does, and has them done where it runs."""

    TABLES: ClassVar[tuple[str, ...]] = ("asked", "facts")

    def __init__(self, name: str, draws: Draws, access: UserAccess, token: str | None) -> None:
        super().__init__(name, draws)
        self.access = access
        self._token = token
        self.asked: Table[str, SetFacts | None] = Table()
        self.facts: Table[str, int] = Table({"calls": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case SetFacts(phone_number=None):
                return [self._control(event, "PATCH", f"/accounts/{event.user_id}", dict(event.facts))]
            case SetFacts(phone_number=str()):
                # The control routes know phones by their ids.
                return [self._call("phones", event, api_request(self.access, "GET", "/v1/phones?limit=1000"))]
            case LoseUpdates(within):
                return [self._control(None, "POST", "/faults", {"lost_update": within > 0})]
            case Answered(exchange, outcome) if exchange in self.asked:
                return self._answered(exchange, self.asked.drop(exchange), outcome)
            case _:
                raise ProtocolError(self.name, event, "any")

    def _control(self, event: SetFacts | None, method: str, path: str, body: Any) -> Call:
        return self._call("control", event, control_request(self.access, self._token, method, path, body))

    def _call(self, what: str, event: SetFacts | None, request: Request) -> Call:
        number = self.facts["calls"] + 1
        self.facts["calls"] = number
        exchange = f"{what}-{number}"
        self.asked[exchange] = event
        return Call(exchange, self.name, request, _LIMITS)

    def _answered(self, exchange: str, event: SetFacts | None, outcome: Outcome) -> list[Command]:
        if event is None:
            return []
        if not isinstance(outcome, Response) or outcome.status != 200:
            return [_refused(event, _error_of(outcome))]
        if exchange.startswith("phones-"):
            known = next((row.id for row in phones_of(outcome) if row.number == event.phone_number), None)
            if known is None:
                return [_refused(event, f"there is no phone {event.phone_number}")]
            return [self._control(event, "PATCH", f"/phones/{known}", dict(event.facts))]
        shown: dict[str, Fact] = {
            name: str(value) if isinstance(value, float) else value for name, value in event.facts
        }
        return [Record("gateway", FACTS_SET, None, {"step": event.step, **shown, "observed": True})]


def _refused(event: SetFacts, error: str) -> Record:
    return Record("gateway", FACTS_REFUSED, None, {"step": event.step, "error": error, "observed": True})


def _error_of(outcome: Outcome) -> str:
    if not isinstance(outcome, Response):
        return f"there was no answer ({type(outcome).__name__})"
    try:
        return str(json.loads(outcome.body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"it answers {outcome.status}"
