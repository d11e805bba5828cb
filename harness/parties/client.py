"""The user's application: calls the API, mostly with the user key, and looks at what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any, ClassVar, assert_never

from harness import cipher
from harness.answers import NO_ANSWER, Answer, Captured, Replied
from harness.core import Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError, UsageError
from harness.frozen import frozen
from harness.http.fields import name_trouble, value_trouble
from harness.http.values import Answered, Call, Limits, Outcome, Request, Response
from harness.instants import Instant, rfc3339
from harness.parties.expecting import judged
from harness.redaction import shown_text
from harness.wire.client import (
    PhoneKeyIssued,
    UserAccess,
    any_request,
    api_request,
    bulk_body,
    error_of,
    message_ids_of,
    send_body,
    text_of,
    webhook_body,
)

__all__ = ["NOBODY", "USER", "ApiCall", "Client", "IssuePhoneKey", "SendText", "Subscribe"]

USER, NOBODY = "user", "none"
"""Credentials of an `ApiCall`: the user key, and none."""

SUCCESS = Answer()


@frozen
class SendText:
    """Send `text`; with an `encryption_key` it is encrypted first. `encrypted` marks a text that is ciphertext already.

    `step` names the act: the trace's entries about it carry it. `to` is a number, or several for the bulk route, which
    knows no `later` (so much later, in ns). `attachments` are URLs. The answer is held against `answer`; what came of
    that is told to the core `asked_by` as `Replied`.
    """

    step: str
    sender: str
    to: str | tuple[str, ...]
    text: str
    encryption_key: str | None = field(default=None, repr=False)
    encrypted: bool = False
    request_id: str | None = None
    later: int | None = None
    attachments: tuple[str, ...] = ()
    answer: Answer = SUCCESS
    asked_by: str | None = None


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
    """Any other request. `body` is what JSON has, or None; it may hold a key or a token. `raw` is sent as it is.

    `credential` is `USER`, `NOBODY`, or the core of a phone, whose phone key it is then; `key` is sent instead of it.
    `headers` stand in the place of the usual ones. `answer` and `asked_by` as in `SendText`. Raises `UsageError` for
    what no request can have.
    """

    step: str
    method: str
    path: str
    body: Any = field(default=None, repr=False)
    raw: str | None = field(default=None, repr=False)
    credential: str = USER
    key: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    answer: Answer = SUCCESS
    asked_by: str | None = None

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise UsageError("a path begins with /", "write it like /v1/messages")
        values = [self.key or "", *(value for _, value in self.headers)]
        troubles = [name_trouble(name) for name, _ in self.headers] + [value_trouble(value) for value in values]
        for trouble in filter(None, troubles):
            raise UsageError(trouble, "write names of letters, digits and dashes, and values on one line")


Act = SendText | IssuePhoneKey | Subscribe | ApiCall


class Client(Core):
    """An application that uses httpSMS.

    The outcome of each act is an entry of hop client, with the act's step: `accepted`, `refused` or `unanswered`. Of
    several messages that one send made, each has its own.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("acts", "facts", "keys")

    def __init__(self, name: str, draws: Draws, access: UserAccess) -> None:
        super().__init__(name, draws)
        self.acts: Table[str, Act] = Table()
        self.facts: Table[str, Any] = Table({"access": access, "counter": 0})
        # The last phone key that was issued to a phone, by its core.
        self.keys: Table[str, str] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case SendText():
                return self._send(event, now)
            case IssuePhoneKey():
                return [self._post(event, "/v1/phone-api-keys", {"name": event.key_name})]
            case Subscribe():
                body = webhook_body(event.url, event.signing_key, event.numbers, event.events)
                return [self._post(event, "/v1/webhooks", body)]
            case ApiCall():
                return self._ask(event)
            case Answered(exchange, outcome):
                return self._answered(exchange, outcome)
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- asking --------------------------------------------------------------------------------------------------

    def _send(self, act: SendText, now: Instant) -> list[Command]:
        content, encrypted = act.text, act.encrypted
        if act.encryption_key is not None:
            content = cipher.encrypt(act.encryption_key, act.text, iv=self.draws.randbytes(16))
            encrypted = True
        to = act.to if isinstance(act.to, str) else ", ".join(act.to)
        facts: dict[str, Fact] = {"step": act.step, "from": act.sender, "to": to}
        record = Record("client", "send", None, {**facts, "content": content, "encrypted": encrypted})
        if isinstance(act.to, str):
            send_at = None if act.later is None else rfc3339(now + act.later)
            body = send_body(
                act.sender, act.to, content, encrypted=encrypted, request_id=act.request_id, send_at=send_at,
                attachments=act.attachments,
            )  # fmt: skip
            return [record, self._post(act, "/v1/messages/send", body)]
        body = bulk_body(
            act.sender, act.to, content, encrypted=encrypted, request_id=act.request_id, attachments=act.attachments
        )
        return [record, self._post(act, "/v1/messages/bulk-send", body)]

    def _ask(self, act: ApiCall) -> list[Command]:
        key = act.key if act.key is not None else self._key(act.credential)
        if key is None and act.credential != NOBODY:
            return _told(act, Record("client", "refused", None, {"step": act.step, "error": _KEYLESS}), [_KEYLESS])
        content = act.raw.encode("utf-8", "replace") if act.raw is not None else None
        if content is None and act.body is not None:
            content = json.dumps(act.body).encode()
        access: UserAccess = self.facts["access"]
        return [self._call(act, any_request(access, act.method, act.path, content, key=key, headers=act.headers))]

    def _key(self, credential: str) -> str | None:
        """None where there is none."""
        access: UserAccess = self.facts["access"]
        return access.api_key if credential == USER else self.keys.get(credential)

    def _post(self, act: Act, path: str, body: Any) -> Call:
        return self._call(act, api_request(self.facts["access"], "POST", path, body))

    def _call(self, act: Act, request: Request) -> Call:
        number = self.facts["counter"] + 1
        self.facts["counter"] = number
        exchange = f"api-{number}"
        self.acts[exchange] = act
        return Call(exchange, self.name, request, Limits(total_s=30.0))

    # -- what comes back -----------------------------------------------------------------------------------------

    def _answered(self, exchange: str, outcome: Outcome) -> list[Command]:
        act = self.acts.drop(exchange)
        if act is None:
            raise ProtocolError(self.name, Answered(exchange, outcome), "no such call")
        facts: dict[str, Fact] = {"step": act.step}
        if not isinstance(outcome, Response):
            kind = type(outcome).__name__
            unanswered = Record("client", "unanswered", None, {**facts, "outcome": kind})
            is_wanted = isinstance(act, SendText | ApiCall) and act.answer.status == NO_ANSWER
            return _told(act, unanswered, [] if is_wanted else [f"there was no answer ({kind})"])
        facts["status"] = outcome.status
        if outcome.status < 300:
            try:
                return self._accepted(act, outcome, facts)
            except ValueError as error:
                refused = Record("client", "refused", None, {**facts, "error": str(error)})
                return _told(act, refused, [*_judged(act, outcome)[0], str(error)])
        refused = Record("client", "refused", None, {**facts, "error": shown_text(error_of(outcome))})
        return _told(act, refused, *_judged(act, outcome))

    def _accepted(self, act: Act, response: Response, facts: dict[str, Fact]) -> list[Command]:
        match act:
            case SendText() | ApiCall():
                accepted = list(_messages(act, response, facts))
                return _told(act, accepted[0], *_judged(act, response)) + list(accepted[1:])
            case IssuePhoneKey(phone=phone):
                key = text_of(response, "api_key")
                self.keys[phone] = key
                return [Record("client", "accepted", None, facts), Tell(f"@{phone}", PhoneKeyIssued(key))]
            case Subscribe():
                return [Record("client", "accepted", None, facts)]
            case _:
                assert_never(act)


_KEYLESS = "no phone key was made for it: it has not logged in"
# Of these an answer has the message that was made (gateway-protocol.md §2.4, §2.9, §2.10).
_MAKES = ("/v1/messages/send", "/v1/messages/receive", "/v1/messages/calls/missed")


def _messages(act: SendText | ApiCall, response: Response, facts: dict[str, Fact]) -> Iterator[Record]:
    """An entry for each message that was made, one at least. Raises `ValueError` where a send made none."""
    if isinstance(act, ApiCall):
        made = act.method == "POST" and act.path.partition("?")[0] in _MAKES
        yield Record("client", "accepted", _id(response) if made else None, facts)
    elif isinstance(act.to, str):
        yield Record("client", "accepted", text_of(response, "id"), facts)
    else:
        made_ids = message_ids_of(response)
        if not any(made_ids):
            raise ValueError("the answer has no message")
        for to, made_id in zip(act.to, made_ids, strict=False):
            if made_id is not None:
                yield Record("client", "accepted", made_id, {**facts, "to": to})


def _id(response: Response) -> str | None:
    try:
        return text_of(response, "id")
    except ValueError:
        return None


def _judged(act: Act, response: Response) -> tuple[list[str], tuple[Captured, ...]]:
    return judged(act.answer, response) if isinstance(act, SendText | ApiCall) else ([], ())


def _told(act: Act, record: Record, unmet: list[str], captured: tuple[Captured, ...] = ()) -> list[Command]:
    """The entry, and whoever asked hears of it."""
    if not isinstance(act, SendText | ApiCall) or act.asked_by is None:
        return [record]
    return [record, Tell(f"@{act.asked_by}", Replied(act.step, tuple(unmet), record.message, captured))]
