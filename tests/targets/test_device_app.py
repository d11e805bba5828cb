"""The app on a device as a target: which message a row of its texts is."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest

from harness.core import Fact
from harness.device_radio import SmsRow
from harness.fake_app import install_fake_app
from harness.report.text import as_text
from harness.scenario import read_scenarios
from harness.targets.device_app import AppTarget, message_of
from harness.targets.options import TargetOptions
from harness.trace import Trace
from tests.adb_peers.fakes import fake

BOB, ANN = "+18005550101", "+18005550102"


def entries(*sent: tuple[str, Mapping[str, Fact]]) -> Trace:
    trace = Trace(hashed=False)
    for message, facts in sent:
        trace.write(0, "gateway", "message.api.sent", message, None, facts)
    return trace


def clear(to: str, content: str) -> dict[str, Fact]:
    return {"contact": to, "content": content, "encrypted": False}


SEALED: dict[str, Fact] = {"contact": BOB, "content": "zGwy0", "encrypted": True}


@pytest.mark.parametrize(
    ("sent", "known", "message"),
    [
        ([("m1", clear(BOB, "Hello"))], set(), "m1"),
        ([("m1", clear(BOB, "Hello")), ("m2", clear(BOB, "Hello"))], {"m1"}, "m2"),
        ([("m1", clear(ANN, "Hello"))], set(), None),
        ([("m1", clear(BOB, "Other"))], set(), None),
        ([("m1", SEALED)], set(), "m1"),
        ([("m1", SEALED), ("m2", clear(BOB, "Hello"))], set(), "m2"),
        ([], set(), None),
    ],
)
def test_a_row_is_the_oldest_message_that_it_fits(
    sent: list[tuple[str, dict[str, Fact]]], known: set[str], message: str | None
) -> None:
    found = message_of(SmsRow(1, BOB.removeprefix("+"), "Hello", 0), entries(*sent).entries, known)
    assert (None if found is None else found.message) == message


def test_on_a_server_the_clients_own_entries_tell() -> None:
    trace = Trace(hashed=False)
    facts: dict[str, Fact] = {"step": "step-1", "to": BOB, "content": "Hello", "encrypted": False}
    trace.write(0, "client", "send", None, None, facts)
    trace.write(0, "client", "accepted", "m1", None, {"step": "step-1"})
    found = message_of(SmsRow(1, BOB, "Hello", 0), trace.entries, set())
    assert found is not None
    assert found.message == "m1"


OUT = b"scenario: Out\nphones: [alice]\ncontacts: [bob]\nsteps:\n  - send: {from: alice, to: bob, text: Hello}\n"
REFUSES = "java.net.UnknownServiceException: CLEARTEXT communication to localhost not permitted"


@pytest.mark.parametrize(("logged", "part"), [("", "whether it reaches http://127.0.0.1:"), (REFUSES, REFUSES)])
def test_an_app_that_never_logs_in_fails_the_story_with_what_its_log_says(logged: str, part: str) -> None:
    [story] = read_scenarios(OUT, "story.yaml")
    with fake() as device:
        device.call(lambda android: install_fake_app(android.device))  # and nobody behind it
        if logged:
            device.call(lambda android: android.device.note("OkHttp", logged, 1))
        options = TargetOptions("device", device=device.address, adb_server="never", app=True)
        with contextlib.closing(AppTarget(options, logs_in_s=0.1)) as target:
            told = as_text(target.run(story))
    assert "set-up: alice logs in" in told
    assert "the app has not told the server of itself within 0.1 s" in told
    assert part in told
