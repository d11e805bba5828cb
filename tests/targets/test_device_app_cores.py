"""What stands in a story's world for a device with the app on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core import Record, Tell
from harness.device_app import AppSettings, SimSettings
from harness.device_radio import NumberGuard, RowSeen, SmsRow
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Call, Limits, Request
from harness.phone import KillProcess, SwitchSim
from harness.radio import AirSubmit
from harness.targets.device_app_cores import (
    AppDid,
    AppOnDevice,
    AppRadio,
    AppRefused,
    AppSent,
    Configure,
    DoToApp,
    SendGuard,
    may_send,
)
from harness.wire.client import PhoneKeyIssued

BOB = "+18005550101"
SETTINGS = AppSettings((SimSettings("+18005550100"), SimSettings()))
EMULATOR = NumberGuard(is_emulator=True)


def an_app() -> AppOnDevice:
    return AppOnDevice("phone:alice", Draws(1, "app"), SETTINGS)


def a_radio() -> AppRadio:
    return AppRadio("modem:alice", Draws(1, "radio"), "+18005550100", EMULATOR)


def test_a_phone_key_becomes_settings_and_is_shown_nowhere() -> None:
    app = an_app()
    [command] = app.handle(PhoneKeyIssued("pk_secret"), 0)
    assert isinstance(command, Tell)
    assert isinstance(command.event, Configure)
    assert command.event.settings.api_key == "pk_secret"
    assert "pk_secret" not in repr(command)
    assert app.is_waiting


def test_settings_add_up() -> None:
    app = an_app()
    list(app.handle(PhoneKeyIssued("pk_secret"), 0))
    list(app.handle(SwitchSim(1, "calls", True), 0))
    assert (app.settings.api_key, app.settings.sims[0].calls) == ("pk_secret", True)


@pytest.mark.parametrize(("answer", "kinds"), [(AppDid("app/1"), []), (AppRefused("app/1", "no"), ["login failed"])])
def test_what_the_device_refuses_is_a_login_that_failed(answer: Any, kinds: list[str]) -> None:
    app = an_app()
    assert list(app.handle(KillProcess(), 0)) == [Tell("device", DoToApp("app/1", "kill"))]
    told = list(app.handle(answer, 0))
    assert [one.kind for one in told if isinstance(one, Record) and one.hop == "phone"] == kinds
    assert not app.is_waiting


def test_what_nobody_can_do_to_an_app_is_refused() -> None:
    with pytest.raises(ProtocolError):
        an_app().handle("reboot", 0)


@pytest.mark.parametrize(("text", "segments"), [("Hello", 1), ("x" * 161, 2)])
def test_contacts_read_what_the_app_sent_once(text: str, segments: int) -> None:
    radio, sent = a_radio(), AppSent(SmsRow(7, BOB, text, 0), "m1")
    told = list(radio.handle(sent, 0))
    air = [one.event for one in told if isinstance(one, Tell) and isinstance(one.event, AirSubmit)]
    assert len(air) == segments
    assert [one.message for one in told if isinstance(one, Record)] == ["m1"] * segments
    assert list(radio.handle(sent, 0)) == []


def test_a_row_of_no_known_message_is_somebody_elses() -> None:
    told = list(a_radio().handle(AppSent(SmsRow(7, BOB, "Hi", 0), None), 0))
    assert isinstance(told[0], Record)
    assert told[0].kind == "sent by another app"


def test_rows_of_the_inbox_are_told_as_they_are() -> None:
    seen = RowSeen("inbox", SmsRow(7, BOB, "Hi", 0))
    assert [one.kind for one in a_radio().handle(seen, 0) if isinstance(one, Record)] == ["delivered"]


CAROL = "+18005550199"
SEND = "POST /v1/messages/send"


@pytest.mark.parametrize(
    ("line", "body", "refused"),
    [
        (SEND, {"to": BOB}, False),
        (f"{SEND}/", {"to": CAROL}, True),
        ("POST /v1//messages/send", {"to": CAROL}, True),
        ("POST /V1/Messages/Send", {"to": CAROL}, True),
        ("POST /v1/messages/%73end", {"to": CAROL}, True),
        (SEND, {"To": CAROL}, True),
        (SEND, {"TO": BOB}, False),
        (SEND, {"to": BOB, "To": CAROL}, True),
        (SEND, b'{"to": "+18005550199", "to": "+18005550101"}', True),
        (SEND, b"to=%2B18005550101", True),
        (SEND, b"[" * 100_000, True),
        (SEND, {}, True),
        (SEND, [], True),
        (SEND, [["to", BOB]], True),
        (SEND, {"to": {"to": BOB}}, True),
        ("POST /v1/messages/bulk-send", {"to": [BOB, CAROL]}, True),
        ("POST /v1/messages/bulk-send", {"to": [BOB]}, False),
        ("POST /v1/messages/bulk-send", {"to": []}, True),
        ("POST /v1/bulk-messages", None, True),
        ("POST /integration/3cx/messages", {"to": CAROL}, True),
        ("POST /integration/3cx/messages", {"to": BOB}, False),
        ("POST /v1/events", {"type": "message.api.sent"}, True),
        ("PUT /v1/phones", {"missed_call_auto_reply": "hi"}, True),
        ("POST /v1/webhooks", {"to": CAROL}, False),
        ("GET /v1/messages/send", None, False),
    ],
)
def test_on_hardware_no_request_texts_whom_it_must_not(line: str, body: Any, refused: bool) -> None:
    method, path = line.split(" ")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(method, "http", "x.test", path.encode(), (), content)
    told = SendGuard(NumberGuard(False, frozenset({BOB}))).apply(Call("1", "client", request, Limits()), Draws(1, "g"))
    assert (told is not None) is refused
    if told is not None:
        answers = [command.event for _, command in told if isinstance(command, Tell)]
        assert [type(answer) for answer in answers] == [Answered]
    assert SendGuard(EMULATOR).refusal(method, path, content) is None


@pytest.mark.parametrize(
    ("line", "may"),
    [
        (f"{SEND}?x=1", True),
        ("post /v1/messages/send", True),
        ("PUT /v1/phones/fcm-token", True),  # and the app would hear of nothing
        ("POST /v1/messages/receive", False),
        ("DELETE /v1/phones", False),
    ],
)
def test_only_routes_that_text_may_text(line: str, may: bool) -> None:
    assert may_send(*line.split(" ")) is may
