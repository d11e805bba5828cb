"""The verbs that do something → the plan's acts, one function each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.answers import NO_ANSWER, Answer
from harness.deeds import Deed
from harness.fault_words import FAULTS
from harness.http.fields import name_trouble, value_trouble
from harness.instants import SECOND
from harness.late import Words
from harness.scenario.carrying import carrier
from harness.scenario.casting import behaviours
from harness.scenario.grammar import MMS_MAX
from harness.scenario.people import Names
from harness.scenario.plan import (
    Act,
    Api,
    Attachment,
    Behave,
    CallPhone,
    EndFault,
    Fault,
    Gateway,
    PhoneAct,
    Send,
    Text,
    Webhooks,
)
from harness.scenario.reading import Read

__all__ = ["ACTS"]


def _send(names: Names, found: Read) -> Send:
    sim = _sim(names, found, found["from"])
    _check_recipients(found)
    if "ciphertext" in found:
        text, key = found["ciphertext"], None
        for name in ("text", "encrypted", "key"):
            if name in found:
                found.fields[name].fail(
                    f"`{name}` beside a ciphertext", "a ciphertext is sent as it is: leave one of them out"
                )
    elif "text" in found:
        text, key = found["text"], _sending_key(names, found)
    else:
        found.at.fail("text is missing", "write `text: …`, or `ciphertext: …` for one that is to be sent as it is")
    return Send(
        found["from"], found["to"], text, key, "ciphertext" in found, sim,
        found.get("request_id"), found.get("later"), found.get("attachments", ()), _answer(found),
    )  # fmt: skip


def _check_recipients(found: Read) -> None:
    to = found["to"]
    if not to:
        found.fields["to"].fail("nobody is named", "name at least one")
    if len(set(to)) < len(to):
        found.fields["to"].fail("somebody is named twice", "each gets one text: leave one of them out")
    if len(to) > 1 and "later" in found:
        found.fields["later"].fail("a later time for several", "the bulk route knows none: send one by one")


def _sim(names: Names, found: Read, phone: str) -> int:
    """Which of the phone's SIMs is meant."""
    sim: int = found.get("sim", 1)
    if sim == 2 and names.phones[phone].second_number is None:
        found.fields["sim"].fail(f"{phone} has one SIM", "give the phone a `second_number`, or leave `sim` out")
    return sim


def _sending_key(names: Names, found: Read) -> str | None:
    encrypted = found.get("encrypted", False)
    if "key" in found:
        if not encrypted:
            found.fields["key"].fail("a key without `encrypted: true`", "add `encrypted: true`")
        return str(found["key"])
    if not encrypted:
        return None
    phone = names.phones[found["from"]]
    return phone.encryption_key or found.fields["encrypted"].fail(
        f"{phone.name} has no encryption key", "give the phone an `encryption_key`, or a `key:` here"
    )


def _answer(found: Read) -> Answer:
    """What the API must answer, and what is kept of it."""
    answer = found.get("answer") or Read(found.at)
    if answer.get("status") == NO_ANSWER:
        for name, read in (("headers", answer), ("body", answer), ("capture", found)):
            if name in read:
                read.fields[name].fail(f"`{name}` of no answer", "leave it out, or write another `status`")
    return Answer(
        answer.get("status"), answer.get("headers", ()), answer.get("body", ()), found.get("capture", ())
    )  # fmt: skip


def _text(names: Names, found: Read) -> Text:
    attachments = tuple(map(_attachment, found.get("attachments", ())))
    if sum(each.size for each in attachments) > MMS_MAX:
        found.fields["attachments"].fail("too many bytes", f"{MMS_MAX:,} at most, all of them together")
    if attachments and found.get("flash"):
        found.fields["flash"].fail("a multimedia message is never flash", "leave `flash` or `attachments` out")
    sim = _sim(names, found, found["to"])
    return Text(found["from"], found["to"], found["text"], sim, attachments, found.get("flash", False))


_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)


def _attachment(found: Read) -> Attachment:
    name, kind = found["name"], found["type"]
    if not name.strip() or not name.isprintable():
        found.fields["name"].fail("a file needs a name", "write one such as cat.jpg")
    if not _TYPE.fullmatch(kind):
        found.fields["type"].fail(f"{found.fields['type'].shown(kind)} is no content type", "write one like image/jpeg")
    return Attachment(name, kind, found["size"])


def _call(names: Names, found: Read) -> CallPhone:
    sim = _sim(names, found, found["to"])
    return CallPhone(found["from"], found["to"], found.get("outcome", "missed"), sim, found.get("withheld", False))


def _phone(_names: Names, found: Read) -> PhoneAct:
    """One thing: words after `do`, or one of the two that have fields of their own."""
    acts = [name for name in found.values if name != "name"]
    if len(acts) != 1:
        found.at.fail("one thing is done in a step", "write one of: do, radio, encryption_key")
    match acts[0]:
        case "do":
            return PhoneAct(found["name"], found["do"])
        case "radio":
            return PhoneAct(found["name"], Deed("radio", (found["radio"] == "on",)))
        case _:
            return PhoneAct(found["name"], Deed("encryption key", (found["encryption_key"],)))


def _contact(_names: Names, found: Read) -> Behave:
    return Behave(found["name"], behaviours(found))


def _network(_names: Names, found: Read) -> Fault | EndFault:
    if ("fault" in found) == ("end" in found):
        found.at.fail("one fault belongs here", "write `fault: NAME`, or `end: NAME` for one that began")
    if "end" in found:
        for name in found.values:
            if name != "end":
                found.fields[name].fail(f"`{name}` beside `end`", "a fault ends as a whole: leave it out")
        return EndFault(None if found["end"] == "all" else found["end"])
    name = found["fault"]
    shape = FAULTS[name]
    _refuse_others(found, shape.fields)
    for field in shape.required:
        if field not in found:
            found.at.fail(f"{field} is missing", f"{name} needs it: write `{field}: …`")
        if not found[field]:
            found.fields[field].fail(f"a {field} of nothing", f"{name} needs one: 500ms, 5s, 10m")
    if found.get("who") == "client" and "phone" in found:
        found.fields["phone"].fail("a phone beside `who: client`", "leave one of the two out")
    return Fault(
        name, found.get("phone"), found.get("times", 1 if shape.once else None), found.get("delay", 0),
        found.get("status", 0), found.get("error", ""), found.get("who", ""),
    )  # fmt: skip


def _refuse_others(found: Read, taken: tuple[str, ...]) -> None:
    """A field that means nothing for this fault."""
    for name in found.values:
        if name != "fault" and name not in taken:
            remedy = f"it takes: {', '.join(taken)}" if taken else "leave it out"
            found.fields[name].fail(f"{found['fault']} takes no `{name}`", remedy)


def _webhooks(_names: Names, found: Read) -> Webhooks:
    return Webhooks(found["answer"], found.get("times"))


_OF_ACCOUNT = ("plan", "sent_messages", "received_messages")
_OF_PHONE = ("last_heartbeat_age", "messages_per_minute", "message_expiration")


def _gateway(_names: Names, found: Read) -> Gateway:
    phone = found.get("phone")
    wanted, others = (_OF_ACCOUNT, _OF_PHONE) if phone is None else (_OF_PHONE, _OF_ACCOUNT)
    for name in others:
        if name in found:
            found.fields[name].fail(
                f"`{name}` is of {'a phone' if phone is None else 'the account'}",
                "name the phone: `phone: …`" if phone is None else "leave `phone` out",
            )
    facts = tuple(_fact(name, found[name]) for name in wanted if name in found)
    if not facts:
        found.at.fail("no fact is set", f"write one of: {', '.join(wanted)}")
    return Gateway(facts, phone)


def _fact(name: str, value: Any) -> tuple[str, str | int]:
    """As the control routes name it."""
    match name:
        case "last_heartbeat_age":
            return "last_heartbeat_age_s", value // SECOND
        case "message_expiration":
            return "message_expiration_seconds", value // SECOND
        case _:
            return name, value


def _api(_names: Names, found: Read) -> Api:
    path: Words = found["path"]
    if isinstance(path, str) and not path.startswith("/"):
        found.fields["path"].fail("a path begins with /", "write it like /v1/messages")
    _check_headers(found)
    if "body" in found and found["body"] is None:
        found.fields["body"].fail("a body of nothing", 'leave it out; null itself is `raw: "null"`')
    if "body" in found and "raw" in found:
        found.fields["raw"].fail("two bodies", "leave `body` or `raw` out")
    if "key" in found and "as" in found:
        found.fields["as"].fail("two keys", "leave `as` or `key` out")
    return Api(
        found.get("method", "GET"), path, found.get("as", "user"), found.get("key"), found.get("headers", ()),
        found.get("body"), found.get("raw"), _answer(found),
    )  # fmt: skip


def _check_headers(found: Read) -> None:
    """Of a value that is known only later the request itself tells."""
    if "headers" not in found:
        return
    members = found.fields["headers"].members()
    for name, written in found["headers"]:
        key, value = members[name]
        if trouble := name_trouble(name):
            key.fail(trouble, "a name has letters, digits and dashes")
        if isinstance(written, str) and (trouble := value_trouble(written)):
            value.fail(trouble, "write it on one line, in Latin letters")


ACTS: Mapping[str, Callable[[Names, Any], Act]] = {
    "send": _send,
    "text": _text,
    "call": _call,
    "phone": _phone,
    "contact": _contact,
    "carrier": carrier,
    "network": _network,
    "webhooks": _webhooks,
    "gateway": _gateway,
    "api": _api,
}
"""By their verbs; each takes the fields of its mapping, read."""
