"""Our phone against the recorded server: it does what a phone did there, and the conversation ends as recorded.

`python -m tests.conform.acting` shows the table of what is acted and what is left to the script.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from harness.adapters.case_files import load_cases, load_orders
from harness.conform import Case, read_case
from harness.core import Command, Tell
from harness.draws import Draws
from harness.http.values import Call, Request
from harness.instants import Instant
from harness.phone import Build, Device, Phone, Settings
from harness.radio import Submit
from tests.conform.acting import Make, Played, act, table
from tests.recorded import OURS, folder

GATEWAY = folder("gateway")
CONVERSATIONS = {case.name: case for case in load_cases(GATEWAY) if isinstance(case, Case)}
ORDERS = [case for case in load_orders(GATEWAY / "message-orders.jsonl") if isinstance(case, Case)]

# How many of a conversation's requests our phone makes at least. Raise what has grown.
ACTED = {
    "attachment-names": 11,
    "auth-phone-key-scope": 2,
    "auth-places": 1,
    "events-odd": 1,
    "expiry": 2,
    "heartbeat-monitor": 2,
    "heartbeats": 2,
    "missed-call": 4,
    "outstanding": 4,
    "phone-keys": 4,
    "receive": 2,
    "receive-attachments": 5,
    "receive-events": 2,
    "receive-forms": 18,
    "send-delivered": 3,
    "send-failed": 8,
    "send-over-limit": 2,
    "send-push-refused": 1,
    "thread-filters": 3,
    "threads": 3,
    "two-sims": 4,
    "webhook-retry": 2,
}
# How many are left to the script at most, by rule. Lower what has shrunk.
LEFT = {
    "a key that is no phone's": 2,
    "a query that the app never writes": 3,
    "a body that the app never writes": 33,
    "a time that the app never writes": 5,
    "a number or a slot that is not the phone's": 11,
    "called encrypted, and is clear text": 1,
    "a report on a message that the phone does not have": 6,
    "attachments that no picture message comes to": 2,
}
ACTED_IN_ORDERS = 87


@cache
def _played(name: str) -> Played:
    return act(CONVERSATIONS[name])


def _agrees(played: Played) -> None:
    assert played.agrees, played.shown()


@pytest.mark.cases
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_ends_as_recorded_when_our_phone_acts(name: str) -> None:
    _agrees(_played(name))


@pytest.mark.cases
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", ACTED)
def test_it_does_in_whatever_order_equal_instants_come(name: str, seed: int) -> None:
    if name not in CONVERSATIONS:
        pytest.skip(f"{GATEWAY} has no case {name}")
    _agrees(act(CONVERSATIONS[name], seed))


@pytest.mark.cases
@pytest.mark.parametrize("case", ORDERS, ids=lambda case: case.name)
def test_an_order_ends_as_recorded_when_our_phone_acts(case: Case) -> None:
    _agrees(act(case))


@pytest.mark.cases
@pytest.mark.skipif(not OURS, reason="other cases have other counts")
def test_what_our_phone_acts_can_only_grow() -> None:
    plays = [_played(name) for name in CONVERSATIONS]
    print(table(plays))
    acted = {played.result.case: played.acted for played in plays}
    left = Counter(part.why for played in plays for part in played.parts if not part.acted)
    assert {name: acted[name] for name in ACTED if acted[name] < ACTED[name]} == {}
    assert {rule: count for rule, count in left.items() if count > LEFT.get(rule, 0)} == {}
    assert all(part.acted for played in plays for part in played.parts if part.kind == "set-up")
    assert sum(act(case).acted for case in ORDERS) >= ACTED_IN_ORDERS


# -- phones that are not as the app ------------------------------------------------------------------------------------

Bend = Callable[[Command], Iterable[Command]]


class BentPhone(Phone):
    """A phone whose commands go through `bend`."""

    bend: Bend

    def handle(self, event: Any, now: Instant) -> list[Command]:
        return [bent for command in super().handle(event, now) for bent in self.bend(command)]


def _bent(bend: Bend) -> Make:
    def make(name: str, draws: Draws, settings: Settings, device: Device, build: Build) -> Phone:
        phone = BentPhone(name, draws, settings, device, build)
        phone.bend = bend
        return phone

    return make


def _asks(command: Command, place: str) -> bool:
    return isinstance(command, Call) and place in f"{command.request.method} {command.request.path}"


def _twice(place: str) -> Bend:
    def bend(command: Command) -> Iterable[Command]:
        yield command
        if isinstance(command, Call) and _asks(command, place):
            yield replace(command, exchange=f"{command.exchange} again")

    return bend


def _never(place: str) -> Bend:
    return lambda command: [] if _asks(command, place) else [command]


def _saying(place: str, old: bytes, new: bytes) -> Bend:
    def said(request: Request) -> Request:
        return replace(request, body=request.body.replace(old, new), target=request.target.replace(old, new))

    def bend(command: Command) -> Iterable[Command]:
        if isinstance(command, Call) and _asks(command, place):
            return [replace(command, request=said(command.request))]
        return [command]

    return bend


def _submitting(change: Callable[[Submit], list[Submit]]) -> Bend:
    def bend(command: Command) -> Iterable[Command]:
        if isinstance(command, Tell) and isinstance(command.event, Submit):
            return [Tell(command.port, submit) for submit in change(command.event)]
        return [command]

    return bend


BROKEN: list[tuple[str, Bend, str, str]] = [
    ("reports twice", _twice("/events"), "send-delivered", "request: ABSENT in the script, 'POST /v1/messages/"),
    ("reports nothing", _never("/events"), "send-delivered", "/events' in the script, ABSENT"),
    ("reports another result", _saying("/events", b"SENT", b"DELIVERED"), "send-delivered", "event_name: 'SENT'"),
    ("reports another reason", _saying("/events", b"NO_SERV", b"SERV"), "send-failed", "reason: 'NO_SERVICE'"),
    ("reports its own time", _saying("/events", b".000000000Z", b".001000000Z"), "send-delivered", "timestamp: 17"),
    ("fetches twice", _twice("/outstanding"), "expiry", "request: ABSENT in the script, 'GET /v1/messages/outst"),
    ("fetches nothing", _never("/outstanding"), "send-delivered", "/v1/messages/outstanding?"),
    ("fetches another", _saying("/outstanding", b"_id=", b"_id=1"), "send-delivered", "request.place: 'GET"),
    ("submits nothing", _submitting(lambda _: []), "two-sims", "submit: '"),
    ("submits twice", _submitting(lambda submit: [submit, submit]), "two-sims", "submit: ABSENT in the script"),
    ("submits less", _submitting(lambda it: [replace(it, text="hell")]), "two-sims", "submit.text: 'hello'"),
    ("submits by the other card", _submitting(lambda it: [replace(it, subscription_id=1)]), "two-sims", "card: 2"),
    ("sends two heartbeats", _twice("/heartbeats"), "two-sims", "request: ABSENT in the script, 'POST /v1/heartbeats'"),
    ("forwards twice", _twice("/receive"), "receive", "'POST /v1/messages/receive'"),
    ("forwards nothing", _never("/receive"), "receive", "'POST /v1/messages/receive' in the script, ABSENT"),
    ("forwards less", _saying("/receive", b"hi there", b"hi"), "receive", "request.body.content: 'hi there'"),
    ("forwards for the other card", _saying("/receive", b"SIM2", b"SIM1"), "two-sims", "request.body.sim: 'SIM2'"),
    ("forgets a card's heartbeat", _saying("/heart", b'", "+', b'"], "more": ["+'), "two-sims", "phone_numbers[1]"),
    ("never logs the second card in", _never("/fcm-token"), "two-sims", "'PUT /v1/phones/fcm-token' in the script"),
    (
        "uploads the token more often",
        _twice("/fcm-token"),
        "two-sims",
        "request: ABSENT in the script, 'PUT /v1/phones/fcm",
    ),
    ("reports no missed call", _never("/calls/missed"), "missed-call", "/calls/missed' in the script, ABSENT"),
    ("reports a later call", _saying("/missed", b".123000000Z", b".124000000Z"), "missed-call", "timestamp: 17"),
    ("forwards pictures by another name", _saying("/receive", b"photo", b"foto"), "receive-attachments", "[0].name: '"),
    ("feels no charger", _saying("/heartbeats", b"false", b"true"), "heartbeats", "request.body.charging: False"),
    ("uploads another token", _saying("/fcm-token", b"conform-", b"other-"), "send-delivered", "fcm_token: 'conform"),
]


@pytest.mark.parametrize(("bend", "name", "difference"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_phone_that_is_not_as_the_app_is_found_out(bend: Bend, name: str, difference: str) -> None:
    if name not in CONVERSATIONS:
        pytest.skip(f"{GATEWAY} has no case {name}")
    played = act(CONVERSATIONS[name], make=_bent(bend))
    assert not played.agrees
    assert difference in played.shown()


def _beating(command: Command) -> Iterable[Command]:
    """A heartbeat of its own beside a text."""
    if isinstance(command, Call) and _asks(command, "/receive"):
        yield replace(command, exchange="beat", request=replace(command.request, target=b"/v1/heartbeats"))
    yield command


def _as_it_is(command: Command) -> Iterable[Command]:
    return [command]


BESIDES: list[tuple[str, str, Bend, str, int]] = [
    ("the main screen uploads the token twice more", "send-delivered", _as_it_is, "the token once more", 2),
    ("and that of either card", "two-sims", _as_it_is, "the token once more, lost on the way", 4),
    ("a heartbeat comes when it comes", "receive", _beating, "periodic heartbeat, lost on the way", 2),
]


@pytest.mark.parametrize(
    ("name", "bend", "what", "times"), [row[1:] for row in BESIDES], ids=[row[0] for row in BESIDES]
)
def test_what_the_app_does_besides_is_no_difference(name: str, bend: Bend, what: str, times: int) -> None:
    if name not in CONVERSATIONS:
        pytest.skip(f"{GATEWAY} has no case {name}")
    played = act(CONVERSATIONS[name], make=_bent(bend))
    _agrees(played)
    assert played.more[what] == times


# -- what happens in no recording yet ----------------------------------------------------------------------------------


def _told(*steps: dict[str, Any]) -> Played:
    """A phone with two cards, which makes these requests."""
    cards = [
        {"number": "${phone}", "token": "${token}", "id": "${id}", "key": "${phone_key}", "sim": "SIM1"},
        {"number": "${phone2}", "token": "${token2}", "id": "${id2}", "key": "${phone_key}", "sim": "SIM2"},
    ]
    setup = {"accounts": [{"as": "user"}], "phones": [{**card, "push": "accepted"} for card in cards]}
    calls = [{"do": "call", "as": "phone", **step} for step in steps]
    return act(read_case(json.dumps({"case": "told", "area": "phones", "about": "", "setup": setup, "steps": calls})))


def _put(number: str, sim: str, token: str) -> dict[str, Any]:
    body = {"phone_number": number, "fcm_token": token, "sim": sim}
    return {"method": "PUT", "path": "/v1/phones/fcm-token", "json": body, "expect": {"status": 200}}


def _beat(version: str, *, charging: bool) -> dict[str, Any]:
    body = {"phone_numbers": ["${phone}", "${phone2}"], "charging": charging}
    headers = {"X-Client-Version": version}
    return {"method": "POST", "path": "/v1/heartbeats", "headers": headers, "json": body, "expect": {"status": 201}}


def _how(played: Played) -> list[str]:
    return [part.why for part in played.parts if part.kind != "set-up"]


def test_a_new_token_goes_up_for_both_cards() -> None:
    played = _told(_put("${phone}", "SIM1", "new"), _put("${phone2}", "SIM2", "new"))
    _agrees(played)
    assert _how(played) == ["new token", "the other card's"]


def test_a_new_token_that_the_script_has_for_one_card_alone_is_a_difference() -> None:
    assert "request: ABSENT in the script, 'PUT /v1/phones/fcm-token'" in _told(_put("${phone}", "SIM1", "new")).shown()


def test_builds_of_the_app_and_the_charger_come_and_go() -> None:
    beats = [("a", True), ("b", True), ("b", False), ("c", True)]
    played = _told(*(_beat(version, charging=charging) for version, charging in beats))
    _agrees(played)
    assert _how(played) == ["button"] * 4


# -- the rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not OURS, reason="other cases have other requests")
@pytest.mark.parametrize(
    ("name", "kind", "acted", "why"),
    [
        ("two-sims", "set-up", True, "log-in"),
        ("two-sims", "set-up", True, "the other card's"),
        ("phone-keys", "token", True, "log-in"),
        ("missed-call", "missed call", True, "call"),
        ("attachment-names", "receive", True, "MMS"),
        ("receive-attachments", "receive", False, "attachments that no picture message comes to"),
        ("send-delivered", "fetch", True, "push"),
        ("outstanding", "fetch", True, "push again"),
        ("send-push-refused", "fetch", True, "stray push"),
        ("send-failed", "report", True, "radio"),
        ("heartbeat-monitor", "heartbeat", True, "push"),
        ("heartbeat-monitor", "heartbeat", True, "button"),
        ("receive-forms", "receive", True, "SMS"),
        ("receive-forms", "receive", True, "text"),
        ("auth-places", "fetch", False, "a query that the app never writes"),
        ("events-odd", "report", False, "a time that the app never writes"),
        ("events-odd", "report", False, "a report on a message that the phone does not have"),
        ("heartbeats", "heartbeat", False, "a body that the app never writes"),
        ("auth-phone-key-scope", "heartbeat", False, "a number or a slot that is not the phone's"),
    ],
)
def test_a_request_is_acted_or_left_by_this_rule(name: str, kind: str, acted: bool, why: str) -> None:
    assert (kind, acted, why) in {(part.kind, part.acted, part.why) for part in _played(name).parts}
