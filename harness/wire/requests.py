"""What clients and phones send to the server, read as laxly as the server reads it.

Reading has two steps, as in the server: `read` decodes and sanitises a body (`BadBody`: 400), `problems` judges
the values by the rules (422). What depends on the server's state is judged elsewhere.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Self

from harness.frozen import frozen
from harness.wire import bodies, numbers, rules, texts
from harness.wire.bodies import Body, Query
from harness.wire.events import WEBHOOK_EVENTS
from harness.wire.json import (
    ZERO_STAMP,
    Kind,
    Nullable,
    Stamp,
    flag,
    listed,
    read_fields,
    stamp,
    text,
    unsigned,
)
from harness.wire.rules import Problems, problems, required

__all__ = [
    "ATTACHMENT_TYPES",
    "Attachment",
    "Heartbeats",
    "ListQuery",
    "MessageQuery",
    "MissedCall",
    "Outstanding",
    "PhoneToken",
    "PhoneUpdate",
    "ReceiveMessage",
    "Report",
    "SendMessage",
    "ThreadQuery",
    "ThreadUpdate",
    "WebhookUpdate",
    "file_type",
    "key_name",
    "path_id",
]


# -- queries -------------------------------------------------------------------------------------------------


_LARGEST = (1 << 63) - 1


def _number(value: str) -> int:
    """A number that is too large is the largest (§2.1)."""
    return max(-_LARGEST, min(int(value), _LARGEST))


def path_id(name: str, value: str) -> Problems:
    """What is wrong with an id in the path."""
    return problems((name, value, (required, rules.uuid)))


_LIMIT = {20: (rules.numeric, rules.maximum(20)), 100: (rules.numeric, rules.maximum(100))}
_SKIP = (rules.numeric,)
_FILTER = (rules.maximum(100),)


@frozen
class ListQuery:
    """`limit`, `skip` and `query` of a list, as they were given."""

    limit_text: str
    skip_text: str
    query: str
    limit_length: int = 20

    @classmethod
    def read(cls, query: Query, default: int, limit_length: int = 20) -> Self:
        limit = query["limit"] if query["limit"].strip() else str(default)  # not trimmed, unlike the others
        return cls(limit, query["skip"].strip() or "0", query["query"].strip(), limit_length)

    def problems(self) -> Problems:
        return problems(
            ("limit", self.limit_text, _LIMIT[self.limit_length]),
            ("query", self.query, _FILTER),
            ("skip", self.skip_text, _SKIP),
        )

    @property
    def limit(self) -> int | None:
        """How many rows at most; None = all."""
        limit = _number(self.limit_text)
        return None if limit < 0 else limit

    @property
    def skip(self) -> int:
        return max(0, _number(self.skip_text))


@frozen
class MessageQuery:
    """`GET /v1/messages`: the conversation between `owner` and `contact`."""

    owner: str
    contact: str
    page: ListQuery

    @classmethod
    def read(cls, query: Query) -> Self:
        return cls(
            numbers.index_address(query["owner"]),
            numbers.index_address(query["contact"]),
            ListQuery.read(query, 20),
        )

    def problems(self) -> Problems:
        found = problems(("owner", self.owner, (required, rules.phone_number)), ("contact", self.contact, _CONTACT))
        return found | self.page.problems()


_CONTACT = (required, rules.minimum(1))
_IS_ARCHIVED = {"": "false", "0": "false", "1": "true"}


@frozen
class ThreadQuery:
    """`GET /v1/message-threads`; `is_archived` is a text until it is judged."""

    owner: str
    is_archived: str
    page: ListQuery

    @classmethod
    def read(cls, query: Query, default: int) -> Self:
        archived = query["is_archived"].strip().lower()
        return cls(
            numbers.address(query["owner"]),
            _IS_ARCHIVED.get(archived, archived),
            ListQuery.read(query, default),
        )

    def problems(self) -> Problems:
        found = problems(
            ("owner", self.owner, (required, rules.phone_number)),
            ("is_archived", self.is_archived, (rules.one_of("true", "false"),)),
        )
        return found | self.page.problems()


@frozen
class Outstanding:
    """`GET /v1/messages/outstanding`."""

    message_id: str

    @classmethod
    def read(cls, query: Query) -> Self:
        return cls(query["message_id"].strip())

    def problems(self) -> Problems:
        return problems(("message_id", self.message_id, (required, rules.uuid)))


# -- messages ------------------------------------------------------------------------------------------------

_SEND: Mapping[str, Kind] = {
    "from": text,
    "to": text,
    "content": text,
    "attachments": bodies.texts,
    "encrypted": flag,
    "request_id": text,
    "send_at": Nullable(stamp),
}
_FROM = (required, rules.phone_number)
_TO = (required, rules.contact)
_TEXT = (required, rules.minimum(1), rules.maximum(2048))
_URLS = (rules.maximum(10), rules.attachment_urls)
_REQUEST_ID = (rules.maximum(255),)


@frozen
class SendMessage:
    """`POST /v1/messages/send` (§2.4). `attachments` is None when there are none."""

    sender: str
    to: str
    content: str
    attachments: tuple[str, ...] | None
    encrypted: bool
    request_id: str | None
    send_at: Stamp | None

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_SEND)
        get = found.get
        urls = tuple([url for entry in get("attachments", ()) if (url := entry.strip())])
        return cls(
            numbers.address(get("from", "")),
            numbers.address(get("to", "")),
            get("content", ""),
            urls or None,
            get("encrypted", False),
            get("request_id", "").strip() or None,
            get("send_at"),
        )

    def problems(self) -> Problems:
        return problems(
            ("attachments", self.attachments, _URLS),
            ("content", self.content, _TEXT),
            ("from", self.sender, _FROM),
            ("request_id", self.request_id, _REQUEST_ID),
            ("to", self.to, _TO),
        )


_REPORT: Mapping[str, Kind] = {"event_name": text, "timestamp": stamp, "reason": Nullable(text)}
_EVENT_NAME = (required, rules.one_of("SENT", "FAILED", "DELIVERED"))


@frozen
class Report:
    """`POST /v1/messages/{id}/events`: what became of a message on the phone (§2.8)."""

    message_id: str
    event_name: str
    timestamp: Stamp
    reason: str | None

    @classmethod
    def read(cls, message_id: str, body: Body) -> Self:
        found = body.fields(_REPORT)
        return cls(message_id, found.get("event_name", ""), found.get("timestamp", ZERO_STAMP), found.get("reason"))

    def problems(self) -> Problems:
        return problems(
            ("messageID", self.message_id, (required, rules.uuid)),
            ("event_name", self.event_name, _EVENT_NAME),
        )


@frozen
class Attachment:
    """A file that came with a received message; `content` is base64."""

    name: str = ""
    content_type: str = ""
    content: str = field(default="", repr=False)

    def decoded(self) -> bytes:
        """Raises `ValueError` for anything but padded standard base64; line ends are allowed (§5.2)."""
        packed = self.content.replace("\n", "").replace("\r", "")
        if len(packed) % 4:  # Python would do with too much padding
            raise ValueError("broken off, or padded wrongly")
        try:
            return base64.b64decode(packed, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from None

    def file_name(self, index: int) -> str:
        """A name of plain letters, with the extension of the content type."""
        dot = self.name.rfind(".")
        # As Go's filepath.Ext: only the last part of a path has an extension.
        stem = self.name[:dot] if dot > self.name.rfind("/") else self.name
        plain = "".join([letter for letter in stem.replace(" ", "-") if letter in _NAME_LETTERS]).strip("-")
        return (plain or f"attachment-{index}") + ATTACHMENT_TYPES[self.content_type]


_NAME_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
ATTACHMENT_TYPES: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/amr": ".amr",
    "application/pdf": ".pdf",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
_TYPES_BY_EXTENSION = {extension: kind for kind, extension in reversed(tuple(ATTACHMENT_TYPES.items()))}


def file_type(name: str) -> str:
    """The content type that a stored attachment is served with: by its extension (§5.2)."""
    return _TYPES_BY_EXTENSION[name[name.rfind(".") :]]


_MOST_ATTACHMENTS = 10
_MOST_BYTES = 1_572_864
_MOST_BYTES_IN_ALL = 3_145_728
_ATTACHMENT: Mapping[str, Kind] = {"name": text, "content_type": text, "content": text}


def _attachment(value: Any, name: str) -> Attachment:
    return Attachment(**read_fields(value, _ATTACHMENT))


def _attachment_problems(attachments: tuple[Attachment, ...]) -> list[str]:
    if len(attachments) > _MOST_ATTACHMENTS:
        return [f"attachment count [{len(attachments)}] exceeds maximum of [{_MOST_ATTACHMENTS}]"]
    found: list[str] = []
    in_all = 0
    for index, attachment in enumerate(attachments):
        if attachment.content_type not in ATTACHMENT_TYPES:
            found.append(f"attachment [{index}] has unsupported content type [{attachment.content_type}]")
            continue
        try:
            size = len(attachment.decoded())
        except ValueError:
            found.append(f"attachment [{index}] has invalid base64 content")
            continue
        in_all += size
        if size > _MOST_BYTES:
            found.append(f"attachment [{index}] size [{size}] exceeds maximum of [{_MOST_BYTES}] bytes")
    if in_all > _MOST_BYTES_IN_ALL:
        found.append(f"total attachment size [{in_all}] exceeds maximum of [{_MOST_BYTES_IN_ALL}] bytes")
    return found


_RECEIVE: Mapping[str, Kind] = {
    "from": text,
    "to": text,
    "content": text,
    "sim": text,
    "encrypted": flag,
    "timestamp": stamp,
    "attachments": listed(_attachment, Attachment()),
}
_SIM = (rules.one_of("SIM1", "SIM2"),)


@frozen
class ReceiveMessage:
    """`POST /v1/messages/receive`: a text that reached the phone (§2.9)."""

    sender: str
    to: str
    content: str
    sim: str
    encrypted: bool
    timestamp: Stamp
    attachments: tuple[Attachment, ...]

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_RECEIVE)
        to = numbers.address(found.get("to", ""))
        return cls(
            numbers.contact(found.get("from", ""), to),
            to,
            found.get("content", ""),
            numbers.receive_sim(found.get("sim", "")),
            found.get("encrypted", False),
            found.get("timestamp", ZERO_STAMP),
            found.get("attachments", ()),
        )

    def problems(self) -> Problems:
        found = problems(
            ("content", self.content, _TEXT[2:] if self.attachments else _TEXT),
            ("from", self.sender, (required,)),
            ("sim", self.sim, _SIM),
            ("to", self.to, _FROM),
        )
        if self.attachments and (bad := _attachment_problems(self.attachments)):
            found["attachments"] = bad
        return found


_MISSED_CALL: Mapping[str, Kind] = {"from": text, "to": text, "sim": text, "timestamp": stamp}


@frozen
class MissedCall:
    """`POST /v1/messages/calls/missed` (§2.10)."""

    sender: str
    to: str
    sim: str
    timestamp: Stamp

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_MISSED_CALL)
        to = numbers.address(found.get("to", ""))
        return cls(
            numbers.contact(found.get("from", ""), to),
            to,
            numbers.sim(found.get("sim", "")),
            found.get("timestamp", ZERO_STAMP),
        )

    def problems(self) -> Problems:
        return problems(("from", self.sender, (required,)), ("to", self.to, _FROM))


# -- threads -------------------------------------------------------------------------------------------------

_THREAD: Mapping[str, Kind] = {"is_archived": Nullable(flag), "is_read": Nullable(flag)}


@frozen
class ThreadUpdate:
    """`PUT /v1/message-threads/{id}`: None leaves a flag as it is."""

    thread_id: str
    is_archived: bool | None
    is_read: bool | None

    @classmethod
    def read(cls, thread_id: str, body: Body) -> Self:
        found = body.fields(_THREAD)
        return cls(thread_id, found.get("is_archived"), found.get("is_read"))

    def problems(self) -> Problems:
        found = path_id("messageThreadID", self.thread_id)
        if self.is_archived is None and self.is_read is None:
            found["payload"] = [texts.NOTHING_TO_UPDATE]
        return found


# -- phones --------------------------------------------------------------------------------------------------

_PHONE: Mapping[str, Kind] = {
    "phone_number": text,
    "sim": text,
    "fcm_token": text,
    "messages_per_minute": unsigned,
    "max_send_attempts": unsigned,
    "message_expiration_seconds": unsigned,
    "missed_call_auto_reply": text,
    "unarchive_thread": flag,
    "message_send_schedule_id": text,
}
_TOKEN = (rules.maximum(1000),)


@frozen
class PhoneUpdate:
    """`PUT /v1/phones` (§2.12). `present` holds the names that stand in the body in exactly their case."""

    phone_number: str
    sim: str
    fcm_token: str = field(repr=False)
    messages_per_minute: int
    max_send_attempts: int
    message_expiration_seconds: int
    missed_call_auto_reply: str
    unarchive_thread: bool
    message_send_schedule_id: str
    present: frozenset[str]

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_PHONE)
        get = found.get
        return cls(
            numbers.address(get("phone_number", "")),
            numbers.sim(get("sim", "")),
            get("fcm_token", "").strip(),
            get("messages_per_minute", 0),
            get("max_send_attempts", 0),
            get("message_expiration_seconds", 0),
            get("missed_call_auto_reply", "").strip(),
            get("unarchive_thread", False),
            get("message_send_schedule_id", "").strip(),
            body.names(),
        )

    def problems(self) -> Problems:
        found = problems(
            ("phone_number", self.phone_number, _FROM),
            ("fcm_token", self.fcm_token, _TOKEN),
            ("messages_per_minute", self.messages_per_minute, (rules.maximum(60),)),
            ("max_send_attempts", self.max_send_attempts, (rules.maximum(5),)),
            (
                "message_expiration_seconds",
                self.message_expiration_seconds,
                (rules.minimum(60), rules.maximum(3600)),
            ),
        )
        if self.max_send_attempts and not self.message_expiration_seconds:
            found["message_expiration_seconds"] = [texts.NO_EXPIRATION]
        return found


_FCM_TOKEN: Mapping[str, Kind] = {"phone_number": text, "sim": text, "fcm_token": text}


@frozen
class PhoneToken:
    """`PUT /v1/phones/fcm-token`: a phone registers (§2.12)."""

    phone_number: str
    sim: str
    fcm_token: str = field(repr=False)

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_FCM_TOKEN)
        return cls(
            numbers.address(found.get("phone_number", "")),
            numbers.sim(found.get("sim", "")),
            found.get("fcm_token", "").strip(),
        )

    def problems(self) -> Problems:
        return problems(("phone_number", self.phone_number, _FROM), ("fcm_token", self.fcm_token, _TOKEN))


_KEY: Mapping[str, Kind] = {"name": text}
_NAME = (required, rules.minimum(1), rules.maximum(60))


def key_name(body: Body) -> tuple[str, Problems]:
    """`POST /v1/phone-api-keys`: the name (it goes through sanitiser A), and what is wrong with it."""
    name = numbers.address(body.fields(_KEY).get("name", ""))
    return name, problems(("name", name, _NAME))


# -- heartbeats ----------------------------------------------------------------------------------------------

_HEARTBEAT: Mapping[str, Kind] = {"phone_numbers": bodies.texts, "charging": flag, "owner": text}


@frozen
class Heartbeats:
    """`POST /v1/heartbeats`; `owner` is looked at only when there are no `phone_numbers` (§2.14)."""

    phone_numbers: tuple[str, ...]
    charging: bool

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_HEARTBEAT)
        owners = found.get("phone_numbers") or (found.get("owner", ""),)
        return cls(tuple([numbers.address(owner) for owner in owners]), found.get("charging", False))

    def problems(self) -> Problems:
        return problems(("phone_numbers", self.phone_numbers, (required, rules.maximum(2), rules.phone_numbers)))


# -- webhooks ------------------------------------------------------------------------------------------------

_WEBHOOK: Mapping[str, Kind] = {
    "url": text,
    "signing_key": text,
    "phone_numbers": bodies.texts,
    "events": bodies.texts,
}
_EVENTS = (rules.webhook_events(WEBHOOK_EVENTS), required)
_URL = (required, rules.url, rules.maximum(255))
_SIGNING_KEY = (rules.maximum(255),)
_WEBHOOK_NUMBERS = (required, rules.contacts)


@frozen
class WebhookUpdate:
    """`POST` and `PUT` of webhooks: the whole of it (§2.15)."""

    url: str
    signing_key: str = field(repr=False)
    phone_numbers: tuple[str, ...]
    events: tuple[str, ...]

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_WEBHOOK)
        return cls(
            numbers.url(found.get("url", "")),
            found.get("signing_key", "").strip(),
            found.get("phone_numbers", ()),
            tuple(dict.fromkeys(found.get("events", ()))),
        )

    def problems(self) -> Problems:
        return problems(
            ("events", self.events, _EVENTS),
            ("phone_numbers", self.phone_numbers, _WEBHOOK_NUMBERS),
            ("signing_key", self.signing_key, _SIGNING_KEY),
            ("url", self.url, _URL),
        )
