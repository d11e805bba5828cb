"""The user's application: calls the API with the user key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Any, ClassVar, assert_never

from harness import cipher
from harness.core import Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.http.values import Answered, Call, Limits, Outcome, Response
from harness.instants import Instant
from harness.wire.client import (
    PhoneKeyIssued,
    UserAccess,
    api_request,
    error_of,
    send_body,
    text_of,
    webhook_body,
)

__all__ = ["ApiCall", "Client", "IssuePhoneKey", "SendText", "Subscribe"]


@frozen
class SendText:
    """Send `text`; with an `encryption_key` it is encrypted first. `encrypted` marks a text that is ciphertext already.

    `step` names the act: the trace's entries about it carry it.
    """

    step: str
    sender: str
    to: str
    text: str
    encryption_key: str | None = field(default=None, repr=False)
    encrypted: bool = False
    request_id: str | None = None


@frozen
class IssuePhoneKey:
    """Make a phone key called `key_name` and hand it to the core `phone`."""

    step: str
    phone: str
    key_name: str


@frozen
class Subscribe:
    """Subscribe `url` to events of the numbers."""

    step: str
    url: str
    signing_key: str = field(repr=False)
    numbers: tuple[str, ...]
    events: tuple[str, ...]


@frozen
class ApiCall:
    """Any other request with the user key; `body` is an object or None. It may hold a key or a token."""

    step: str
    method: str
    path: str
    body: Any = field(default=None, repr=False)


Act = SendText | IssuePhoneKey | Subscribe | ApiCall


class Client(Core):
    """An application that uses httpSMS. The outcome of each act is an entry `accepted` or `refused` of hop client."""

    TABLES: ClassVar[tuple[str, ...]] = ("acts", "facts")

    def __init__(self, name: str, draws: Draws, access: UserAccess) -> None:
        super().__init__(name, draws)
        self.acts: Table[str, Act] = Table()
        self.facts: Table[str, Any] = Table({"access": access, "counter": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case SendText():
                return self._send(event)
            case IssuePhoneKey():
                return [self._call(event, "POST", "/v1/phone-api-keys", {"name": event.key_name})]
            case Subscribe():
                body = webhook_body(event.url, event.signing_key, event.numbers, event.events)
                return [self._call(event, "POST", "/v1/webhooks", body)]
            case ApiCall():
                return [self._call(event, event.method, event.path, event.body)]
            case Answered(exchange, outcome):
                return self._answered(exchange, outcome)
            case _:
                raise ProtocolError(self.name, event, "any")

    def _send(self, act: SendText) -> list[Command]:
        content, encrypted = act.text, act.encrypted
        if act.encryption_key is not None:
            content = cipher.encrypt(act.encryption_key, act.text, iv=self.draws.randbytes(16))
            encrypted = True
        facts: dict[str, Fact] = {"step": act.step, "from": act.sender, "to": act.to}
        record = Record("client", "send", None, {**facts, "content": content, "encrypted": encrypted})
        body = send_body(act.sender, act.to, content, encrypted=encrypted, request_id=act.request_id)
        return [record, self._call(act, "POST", "/v1/messages/send", body)]

    def _call(self, act: Act, method: str, path: str, body: Any) -> Call:
        number = self.facts["counter"] + 1
        self.facts["counter"] = number
        exchange = f"api-{number}"
        self.acts[exchange] = act
        request = api_request(self.facts["access"], method, path, body)
        return Call(exchange, self.name, request, Limits(total_s=30.0))

    def _answered(self, exchange: str, outcome: Outcome) -> list[Command]:
        act = self.acts.drop(exchange)
        if act is None:
            raise ProtocolError(self.name, Answered(exchange, outcome), "no such call")
        facts: dict[str, Fact] = {"step": act.step}
        if not isinstance(outcome, Response):
            return [Record("client", "unanswered", None, {**facts, "outcome": type(outcome).__name__})]
        facts["status"] = outcome.status
        if outcome.status >= 300:
            return [Record("client", "refused", None, {**facts, "error": error_of(outcome)})]
        try:
            return _accepted(act, outcome, facts)
        except ValueError as error:
            return [Record("client", "refused", None, {**facts, "error": str(error)})]


def _accepted(act: Act, response: Response, facts: dict[str, Fact]) -> list[Command]:
    match act:
        case SendText():
            return [Record("client", "accepted", text_of(response, "id"), facts)]
        case IssuePhoneKey(phone=phone):
            issued = PhoneKeyIssued(text_of(response, "api_key"))
            return [Record("client", "accepted", None, facts), Tell(f"@{phone}", issued)]
        case Subscribe() | ApiCall():
            return [Record("client", "accepted", None, facts)]
        case _:
            assert_never(act)
