"""What an account has, as the API's lists tell it: messages, phones, keys, webhooks, threads, usage."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeVar

from harness.frozen import frozen
from harness.http.values import Response
from harness.wire.client import rows_of

__all__ = [
    "KeyRow",
    "MessageState",
    "PhoneRow",
    "Usage",
    "User",
    "WebhookRow",
    "data_of",
    "ids_of",
    "keys_of",
    "message_state_of",
    "phone_body",
    "phones_of",
    "received_body",
    "settings_body",
    "usage_of",
    "user_of",
    "webhooks_of",
]

Row = TypeVar("Row")


@frozen
class MessageState:
    """What became of a message. `times`: those that are set, by their names; `attempts`: pushes that went out."""

    status: str
    owner: str
    contact: str
    reason: str | None
    attempts: int
    times: tuple[tuple[str, str], ...]


@frozen
class PhoneRow:
    """A phone of the account. `settings` is its whole row: what is needed to put it back as it was."""

    id: str
    number: str
    settings: dict[str, Any] = field(repr=False)


@frozen
class KeyRow:
    """A phone key of the account, with the phones that it belongs to."""

    id: str
    name: str
    numbers: tuple[str, ...]
    phone_ids: tuple[str, ...]
    api_key: str = field(default="", repr=False)


@frozen
class WebhookRow:
    """A webhook of the account."""

    id: str
    url: str
    numbers: tuple[str, ...]


@frozen
class User:
    """Whose key it is."""

    id: str
    email: str
    plan: str


@frozen
class Usage:
    """Messages in the billing cycle of today."""

    sent: int
    received: int


def data_of(response: Response) -> dict[str, Any]:
    """The `data` object of a success. Raises `ValueError` where there is none."""
    try:
        answer = json.loads(response.body)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    data = answer.get("data") if type(answer) is dict else None
    if type(data) is not dict:
        raise ValueError("the answer has no data object")
    return data


_TIMES = ("scheduled_at", "last_attempted_at", "sent_at", "delivered_at", "failed_at", "expired_at")


def message_state_of(response: Response) -> MessageState:
    """The state of the message in an answer. Raises `ValueError` where there is none."""
    data = data_of(response)
    status = data.get("status")
    if type(status) is not str:
        raise ValueError("the answer has no data.status")
    reason, attempts = data.get("failure_reason"), data.get("send_attempt_count")
    return MessageState(
        status,
        _text(data, "owner"),
        _text(data, "contact"),
        reason if type(reason) is str else None,
        attempts if type(attempts) is int else 0,
        tuple([(name, data[name]) for name in _TIMES if type(data.get(name)) is str]),
    )


def phones_of(response: Response) -> list[PhoneRow]:
    """Raises `ValueError` as `rows_of`; what is no phone is left out."""
    return _each(response, lambda row: PhoneRow(row["id"], row["phone_number"], row))


def keys_of(response: Response) -> list[KeyRow]:
    """Raises `ValueError` as `rows_of`; what is no key is left out."""
    return _each(
        response,
        lambda row: KeyRow(
            row["id"], row["name"], _texts(row, "phone_numbers"), _texts(row, "phone_ids"), _text(row, "api_key")
        ),
    )


def webhooks_of(response: Response) -> list[WebhookRow]:
    """Raises `ValueError` as `rows_of`; what is no webhook is left out."""
    return _each(response, lambda row: WebhookRow(row["id"], row["url"], _texts(row, "phone_numbers")))


def ids_of(response: Response) -> list[str]:
    """The ids of the rows, in their order. Raises `ValueError` as `rows_of`."""
    return [row["id"] for row in rows_of(response) if type(row.get("id")) is str]


def user_of(response: Response) -> User:
    """Raises `ValueError` where the answer tells of no user."""
    data = data_of(response)
    if type(data.get("id")) is not str or type(data.get("email")) is not str:
        raise ValueError("the answer tells of no user")
    return User(data["id"], data["email"], _text(data, "subscription_name"))


def usage_of(response: Response) -> Usage:
    """Raises `ValueError` where the answer tells of no usage."""
    data = data_of(response)
    sent, received = data.get("sent_messages"), data.get("received_messages")
    if type(sent) is not int or type(received) is not int:
        raise ValueError("the answer tells of no usage")
    return Usage(sent, received)


def _each(response: Response, read: Callable[[dict[str, Any]], Row]) -> list[Row]:
    found: list[Row] = []
    for row in rows_of(response):
        try:
            found.append(read(row))
        except KeyError:
            continue
    return found


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if type(value) is str else ""


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name)
    return tuple([value for value in values if type(value) is str]) if type(values) is list else ()


# -- what is written ---------------------------------------------------------------------------------------------------


def phone_body(number: str, token: str, sim: str = "SIM1") -> dict[str, Any]:
    """Registers a number with a push token."""
    return {"phone_number": number, "fcm_token": token, "sim": sim}


def received_body(sender: str, to: str, content: str, at: str) -> dict[str, Any]:
    """A text that came in, as a phone tells it; `at` is RFC 3339."""
    return {"from": sender, "to": to, "content": content, "sim": "SIM1", "encrypted": False, "timestamp": at}


_SETTINGS = (
    "phone_number", "sim", "fcm_token", "messages_per_minute", "max_send_attempts", "message_expiration_seconds",
    "missed_call_auto_reply", "unarchive_thread", "message_send_schedule_id",
)  # fmt: skip


def settings_body(phone: PhoneRow) -> dict[str, Any]:
    """Puts a phone's settings back as they were; what was nothing is left out, since the API takes no nothing."""
    return {name: phone.settings[name] for name in _SETTINGS if phone.settings.get(name) is not None}
