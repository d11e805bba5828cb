"""What a phone's recorded request comes from: the cue on which our own phone makes that request by itself.

`cue` reads a request as the recording has it and says what happens to the handset just before (a push, a text, a
result of the radio …). Where no handset makes such a request it says so, by one of a few rules: `Left`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import parse_qs

from harness.conform.cases import Json
from harness.conform.inbox import body_of
from harness.errors import HarnessError
from harness.frozen import frozen
from harness.http.values import Request
from harness.instants import MS, SECOND, Instant, parse_rfc3339
from harness.mms import Part, cache_line, forwarded, parse_retrieve, read_cache_line, retrieve_conf, text_part
from harness.phone import ChangeCharging, LogIn, NewRegistrationToken, SendHeartbeat, SwitchSim
from harness.radio import (
    CALL_TYPES,
    CallLogged,
    CallStateChanged,
    DeliverReceived,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
    SubmitThrew,
    TextReceived,
    WapPushReceived,
)
from harness.sms import deliver_tpdus, parse_deliver, reassemble
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID, PushReceived

__all__ = ["Cue", "Handed", "Handset", "Installed", "Left", "Moment", "cue", "key_of", "kind_of"]

# Why a request stays scripted.
NO_PHONE = "a key that is no phone's"
QUERY = "a query that the app never writes"
BODY = "a body that the app never writes"
TIME = "a time that the app never writes"
FOREIGN = "a number or a slot that is not the phone's"
CLEAR = "called encrypted, and is clear text"
UNKNOWN = "a report on a message that the phone does not have"
NO_RESULT = "a report that no result of the radio leads to"
NO_PICTURE = "attachments that no picture message comes to"


@frozen
class Handset:
    """What the cues are made for. `numbers` by slot; `charging` and `version` as they are now."""

    name: str
    numbers: tuple[str, ...]
    token: str = field(repr=False)
    charging: bool = True
    version: str = ""


@frozen
class Installed:
    """Another build of the app is installed, one that calls itself `version`."""

    version: str


@frozen
class Handed:
    """A text that the handset gave to the radio, and the results that it has had: SENT, FAILED, DELIVERED."""

    submit: Submit
    results: tuple[str, ...] = ()


@frozen
class Moment:
    """When a cue is looked for, and what there is.

    `handed` by message, `pushes` those that came for the handset and were not handed on, `pushed` the messages of those
    that were, `logged_in` whether its key is in it already, `uploaded` whether this token was uploaded for this number.
    """

    now: Instant
    serial: int
    handed: Mapping[str, Handed]
    pushes: Sequence[PushReceived]
    pushed: frozenset[str]
    logged_in: bool
    uploaded: bool


@frozen
class Cue:
    """What happens to the handset, and in one word how; its clock says `clock_at` then, if that is not None."""

    how: str
    events: tuple[Any, ...]
    clock_at: Instant | None = None


@frozen
class Left:
    """The request stays as it is in the script, by this rule."""

    rule: str


_EVENTS = re.compile(r"/v1/messages/([^/]*)/events")
_KINDS = {
    ("PUT", "/v1/phones/fcm-token"): "token",
    ("GET", "/v1/messages/outstanding"): "fetch",
    ("POST", "/v1/messages/receive"): "receive",
    ("POST", "/v1/messages/calls/missed"): "missed call",
    ("POST", "/v1/heartbeats"): "heartbeat",
}


def kind_of(request: Request) -> str | None:
    """Which of the phone's requests it is; None if none."""
    if request.method == "POST" and _EVENTS.fullmatch(request.path):
        return "report"
    return _KINDS.get((request.method, request.path))


def key_of(request: Request) -> str:
    return request.header("x-api-key") or ""


_TIMED: dict[str, type] = {"from": str, "to": str, "sim": str, "timestamp": str}
# What each body of the app has: the type of every member, and those that a script may leave out as the app writes null.
_MEMBERS: dict[str, dict[str, type]] = {
    "token": {"fcm_token": str, "phone_number": str, "sim": str},
    "heartbeat": {"charging": bool, "phone_numbers": list},
    "missed call": _TIMED,
    "receive": {**_TIMED, "content": str, "encrypted": bool},
    "report": {"event_name": str, "timestamp": str},
}
_OPTIONAL = {"receive": {"attachments"}, "report": {"reason"}}


def cue(script: Request, handset: Handset | None, moment: Moment) -> Cue | Left:
    """On what `handset` makes such a request as this one of a script. `handset` None: nobody has its key."""
    kind = kind_of(script) or ""
    query, body = parse_qs(script.query, keep_blank_values=True), _body(kind, script)
    if [*query] != (["message_id"] if kind == "fetch" else []):
        return Left(QUERY)
    if body is None:
        return Left(BODY)
    if handset is None:
        return Left(NO_PHONE)
    match kind:
        case "token":
            return _token(script, body, handset, moment)
        case "fetch":
            return _fetch(query["message_id"][0], handset, moment)
        case "heartbeat":
            return _heartbeat(script, body, handset, moment)
        case "missed call":
            return _missed_call(body, handset, moment)
        case "receive":
            return _receive(body, handset, moment)
    return _report(script, body, moment)


def _body(kind: str, script: Request) -> Mapping[str, Any] | None:
    """The body, if it has the members that the app writes; no member where it writes no body."""
    body = body_of(script)
    if kind == "fetch":
        return {} if body is None else None
    members = _MEMBERS[kind]
    if not isinstance(body, dict) or body.keys() - _OPTIONAL.get(kind, set()) != members.keys():
        return None
    return body if all(type(body[name]) is member for name, member in members.items()) else None


def _clock(text: str) -> Instant | None:
    """The instant of a time of the app: UTC, and whole milliseconds. Its number of digits does not matter here."""
    try:
        at = parse_rfc3339(text)
    except ValueError:
        return None
    return at if text.endswith("Z") and at % MS == 0 else None


def _slot(handset: Handset, number: str, sim: str) -> int | None:
    """The slot (1, 2) that `sim` names, if the card in it has the number."""
    slot = {"SIM1": 1, "SIM2": 2}.get(sim, 0)
    return slot if 0 < slot <= len(handset.numbers) and handset.numbers[slot - 1] == number else None


# -- one for each kind -------------------------------------------------------------------------------------------------


def _token(script: Request, body: Mapping[str, Any], handset: Handset, moment: Moment) -> Cue | Left:
    if _slot(handset, body["phone_number"], body["sim"]) is None:
        return Left(FOREIGN)
    if not moment.logged_in:
        return Cue("log-in", (LogIn(key_of(script)),))
    if body["fcm_token"] == handset.token and not moment.uploaded:
        return Cue("the other card's", ())  # comes by itself, as soon as the first card's has its answer
    return Cue("new token", (NewRegistrationToken(body["fcm_token"]),))


def _fetch(message_id: str, handset: Handset, moment: Moment) -> Cue | Left:
    for push in moment.pushes:
        if push.get(MESSAGE_ID) == message_id:
            return Cue("push", (push,))
    # Pushes come twice, late, and for messages that the server no longer has: the phone asks all the same.
    stray = PushReceived(handset.token, ((MESSAGE_ID, message_id),))
    return Cue("push again" if message_id in moment.pushed else "stray push", (stray,))


def _heartbeat(script: Request, body: Mapping[str, Any], handset: Handset, moment: Moment) -> Cue | Left:
    charging = body["charging"]
    if body["phone_numbers"] != [*handset.numbers]:
        return Left(FOREIGN)
    asked = [push for push in moment.pushes if push.get(HEARTBEAT_ID) is not None]
    version = script.header("X-Client-Version") or ""
    before: list[Any] = [ChangeCharging(charging)] if charging != handset.charging else []
    before += [Installed(version)] if version != handset.version else []
    if asked:
        return Cue("push", (*before, asked[0]))
    return Cue("button", (*before, SendHeartbeat()))


def _missed_call(body: Mapping[str, Any], handset: Handset, moment: Moment) -> Cue | Left:
    caller, at, slot = body["from"], _clock(body["timestamp"]), _slot(handset, body["to"], body["sim"])
    if at is None:
        return Left(TIME)
    if slot is None:
        return Left(FOREIGN)
    row = CallLogged(caller, CALL_TYPES["missed"], at, slot, str(slot))
    rings, ends = CallStateChanged("RINGING", caller, slot), CallStateChanged("IDLE", caller, slot)
    return Cue("call", (SwitchSim(slot, "calls", True), rings, row, ends), at)


def _receive(body: Mapping[str, Any], handset: Handset, moment: Moment) -> Cue | Left:
    at, slot = _clock(body["timestamp"]), _slot(handset, body["to"], body["sim"])
    if at is None:
        return Left(TIME)
    if slot is None:
        return Left(FOREIGN)
    if body["encrypted"]:
        return Left(CLEAR)
    if body.get("attachments") is not None:
        return _picture(body, slot, at)
    pdus = _pdus(body["from"], body["content"], moment)
    if pdus:
        return Cue("SMS", tuple(DeliverReceived(pdu, slot) for pdu in pdus), at)
    return Cue("text", (TextReceived(body["from"], body["content"], slot),), at)


def _pdus(sender: str, text: str, moment: Moment) -> tuple[bytes, ...]:
    """What crosses the air; nothing if the sender or the text cannot, in this spelling."""
    try:
        # Never the same PDU twice: Android drops a copy.
        pdus = deliver_tpdus(sender, text, moment.now + moment.serial * SECOND, moment.serial & 0xFF)
        read = [parse_deliver(pdu) for pdu in pdus]
    except (HarnessError, ValueError):
        return ()
    return pdus if reassemble(read) == text and {part.sender for part in read} == {sender} else ()


def _picture(body: Mapping[str, Any], slot: int, at: Instant) -> Cue | Left:
    """A pushed M-Retrieve.conf, the one that the app forwards (phone-behaviour.md §5.2)."""
    files = _files(body["attachments"])
    if files is None:
        return Left(BODY)
    pdu = _retrieve_conf(body["from"], body["content"], files, at)
    if pdu is None:
        return Left(NO_PICTURE)
    return Cue("MMS", (WapPushReceived(pdu, slot),), at)


_File = tuple[str, str, bytes]
"""Type, name and content."""


def _files(attachments: Json) -> tuple[_File, ...] | None:
    """The attachments of a body, if the app writes such: three texts each, and base64 in the one form that it has."""
    if not isinstance(attachments, list):
        return None
    files: list[_File] = []
    for attachment in attachments:
        match attachment:
            case {"content_type": str(kind), "name": str(name), "content": str(content), **more} if not more:
                data = _decoded(content)
            case _:
                return None
        if data is None:
            return None
        files.append((kind, name, data))
    return tuple(files)


def _decoded(content: str) -> bytes | None:
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == content else None


def _retrieve_conf(sender: str, content: str, files: tuple[_File, ...], at: Instant) -> bytes | None:
    """The picture message that comes to just this; None if there is none, as a name is lost on the way."""
    texts = [text_part(content)] if content else []
    parts = [*texts, *(Part(kind, name, name, name, data) for kind, name, data in files)]
    try:
        pdu = retrieve_conf("T1", sender, at // SECOND, parts)
        message = parse_retrieve(pdu, at // MS)
    except ValueError:
        return None
    found = None if message is None else forwarded(message)
    if found is None or (found.sender, found.content) != (sender, content):
        return None
    # What stands between a file and its post is a line that ends a name at a bar.
    entries = [read_cache_line(cache_line("path", file)) for file in found.files]
    told = [(item.content_type, item.name, file.data) for item, file in zip(entries, found.files, strict=True)]
    return pdu if told == [*files] else None


# -- results of the radio ----------------------------------------------------------------------------------------------

_CODES = {"GENERIC_FAILURE": 1, "RADIO_OFF": 2, "NULL_PDU": 3, "NO_SERVICE": 4, "LIMIT_EXCEEDED": 5}
# From the results so far to those that may follow: a status report may come before the submit's own result.
_FOLLOWING = {
    (): {"SENT", "FAILED", "DELIVERED"},
    ("SENT",): {"DELIVERED"},
    ("DELIVERED",): {"SENT"},
}


def _report(script: Request, body: Mapping[str, Any], moment: Moment) -> Cue | Left:
    found, event, at = _EVENTS.fullmatch(script.path), body["event_name"], _clock(body["timestamp"])
    handed = moment.handed.get(found[1] if found else "")
    reason = body.get("reason")
    if at is None:
        return Left(TIME)
    # A failure has a reason, nothing else has one.
    if event not in ("SENT", "DELIVERED", "FAILED") or isinstance(reason, str) is not (event == "FAILED"):
        return Left(BODY)
    if handed is None:
        return Left(UNKNOWN)
    if event not in _FOLLOWING.get(handed.results, ()):
        return Left(NO_RESULT)
    return Cue("radio", tuple(_results(event, reason, handed.submit)), at)


def _results(event: str, reason: str | None, submit: Submit) -> Iterator[Any]:
    """The radio's result for each segment; a failure is told of the last alone."""
    last = len(submit.segments) - 1
    match event:
        case "SENT":
            yield from (SubmitAccepted(submit.id, number, number) for number in range(last + 1))
        case "DELIVERED":
            yield from (StatusReport(submit.id, number, number, 0) for number in range(last + 1))
        case _ if reason in _CODES:
            yield SubmitRejected(submit.id, last, _CODES[reason])
        case _ if reason == "CANNOT BE DELIVERED":
            yield StatusReport(submit.id, last, last, 0, code=1)
        case _:
            yield SubmitThrew(submit.id, "SecurityException", reason)
