"""Steps in words."""

from __future__ import annotations

import pytest

from harness.behaviours import Echo, ReadsCodes
from harness.carrier_rules import DailyCap, Lose, Only, Refuse
from harness.deeds import Deed, parse_deed
from harness.instants import SECOND
from harness.late import Late
from harness.matchers import Absent, Contains, Differs, Equals, Matches, OneOf, Present
from harness.scenario.plan import (
    Act,
    Advance,
    Api,
    Attachment,
    Behave,
    CallPhone,
    Carrier,
    ClearCarrier,
    Distance,
    EndFault,
    Expect,
    ExpectOrder,
    Fault,
    Gateway,
    Look,
    MessageLook,
    Never,
    PhoneAct,
    Place,
    Send,
    SmsLook,
    Step,
    Text,
    Together,
    TraceLook,
    WebhookLook,
    Webhooks,
)
from harness.scenario.wording import look_in_words, title_of, words_of

HELLO = Equals("Hello")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Send("shop", ("bob",), "Hello"), 'send from shop to bob: "Hello"'),
        (Send("shop", ("bob", "carol"), Late("Hi ${code}"), "Password123", sim=2, later=600 * SECOND),
         'send encrypted from shop (SIM 2) to bob, carol in 10 min: "Hi ${code}"'),
        (Send("shop", ("bob",), "line\nline"), "send from shop to bob: 'line\\nline'"),
        (Send("shop", ("bob",), "x" * 60), f'send from shop to bob: "{"x" * 60}"'),
        (Send("shop", ("bob",), "x" * 99), f'send from shop to bob: "{"x" * 59}…"'),
        (Text("bob", "shop", "Hi", 2, (Attachment("a.jpg", "b", 1),)),
         'text from bob to shop (SIM 2) with a.jpg: "Hi"'),
        (CallPhone("bob", "shop", "missed", withheld=True), "call from bob to shop: missed, without a number"),
        (PhoneAct("shop", Deed("encryption key", ("Password123",))), "phone shop: encryption key ***"),
        (PhoneAct("shop", parse_deed("service none")), "phone shop: service none"),
        (PhoneAct("shop", parse_deed("tunnel 5m")), "phone shop: tunnel 5 min"),
        (PhoneAct("shop", parse_deed("switch sim2 calls off")), "phone shop: switch sim2 calls off"),
        (PhoneAct("shop", parse_deed("reject NO_SERVICE 2")), "phone shop: reject NO_SERVICE 2"),
        (PhoneAct("shop", parse_deed("results 1:4,2:1 3")), "phone shop: results 1:4,2:1 3"),
        (PhoneAct("shop", parse_deed("fixed dialling off")), "phone shop: fixed dialling off"),
        (Behave("bob", (Echo(), ReadsCodes())), "contact bob: echo, reads codes"),
        (Behave("bob", ()), "contact bob: no rules"),
        (Carrier((Lose(), DailyCap(5))), "carrier: lose, daily cap"),
        (Carrier((Refuse(4, Only("bob", "shop", times=2)),)), "carrier: refuse from bob to shop 2 times"),
        (ClearCarrier("DailyCap"), "carrier: clear daily cap"),
        (ClearCarrier(), "carrier: clear all"),
        (Fault("lost-push", "shop", 2), "network: lost-push of shop, 2 times"),
        (Fault("lost-push", "shop", 1), "network: lost-push of shop, once"),
        (Fault("lost-update"), "network: lost-update"),
        (Fault("slow-network", delay=5 * SECOND, who="client"), "network: slow-network of client, 5 s"),
        (Fault("failing-api", times=3, status=503), "network: failing-api, 503, 3 times"),
        (Fault("refused-push", times=1, error="UNREGISTERED"), "network: refused-push, UNREGISTERED, once"),
        (EndFault(), "network: end all"),
        (Webhooks(500, 2), "webhooks: 500, 2 times"),
        (Webhooks("down", 1), "webhooks: down, once"),
        (Webhooks("hang"), "webhooks: hang"),
        (Gateway((("sent_messages", 199), ("plan", "free"))), "gateway: sent_messages=199, plan=free"),
        (Api("GET", Late("/v1/x/${id}"), key="uk_secret"), "api GET /v1/x/${id}"),
        (Advance(1_500_000_000), "advance 1.5 s"),
        (Advance(90 * SECOND), "advance 90 s"),
        (Advance(120 * SECOND), "advance 2 min"),
        (Advance(0), "advance 0 s"),
        (Expect(SmsLook("bob"), 5 * SECOND), "expect sms to bob within 5 s"),
        (Expect(SmsLook("bob"), 5 * SECOND, 2), "expect sms to bob at least 2 times within 5 s"),
        (Expect(SmsLook("bob"), 5 * SECOND, 0, 1), "expect sms to bob at most once within 5 s"),
        (Expect(SmsLook("bob"), 5 * SECOND, 1, 1), "expect sms to bob exactly once within 5 s"),
        (Expect(SmsLook("bob"), 5 * SECOND, 1, 3), "expect sms to bob at least 1 and at most 3 times within 5 s"),
        (Never(SmsLook("bob"), 5 * SECOND), "never sms to bob for 5 s"),
        (ExpectOrder((SmsLook("bob"), SmsLook("carol")), 60 * SECOND),
         "expect in order sms to bob, then sms to carol within 1 min"),
        (Distance("a", "b", SECOND, 2 * SECOND), "distance from a to b at least 1 s at most 2 s"),
        (Together(((), ())), "together: 2 branches"),
    ],
)  # fmt: skip
def test_a_step_in_words(what: Act | Expect | Never | ExpectOrder | Distance | Together, words: str) -> None:
    assert words_of(what) == words


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (SmsLook("bob", HELLO, "shop", 2), 'sms to bob from shop text "Hello" in 2 segments'),
        (SmsLook("bob", segments=1), "sms to bob in 1 segment"),
        (MessageLook("hello", "failed", Contains("NO")), 'message hello failed reason with "NO" in it'),
        (WebhookLook("message.phone.sent", "hello", Matches("^H"), (("sim", OneOf(("SIM1", "SIM2"))),)),
         'webhook message.phone.sent of hello text like /^H/ sim one of "SIM1", "SIM2"'),
        (TraceLook("phone", "fetched", "hello", (("a", Present()), ("b", Absent()), ("c", Differs(3)))),
         "phone fetched of hello some a no b c not 3"),
        (TraceLook("phone"), "phone anything"),
    ],
)  # fmt: skip
def test_a_look_in_words(look: Look, words: str) -> None:
    assert look_in_words(look) == words


SEND = Send("shop", ("bob",), "Hello")


@pytest.mark.parametrize(
    ("step", "title"),
    [
        (Step(SEND), 'send from shop to bob: "Hello"'),
        (Step(SEND, title="as it is"), "as it is"),
        (Step(SEND, Place("s.yaml", 3, 5, "  - send: {from: shop}")), "send: {from: shop}"),
        # Of a step over several lines the first one tells nothing.
        (Step(SEND, Place("s.yaml", 3, 5, "  - send:")), 'send from shop to bob: "Hello"'),
        # Of several on one line it would name the others, too.
        (Step(SEND, Place("s.yaml", 3, 6, "  - {send: {from: shop}}")), "{send: {from: shop}}"),
        (
            Step(SEND, Place("s.yaml", 3, 6, "  - [{send: {from: shop}}, {advance: 1s}]")),
            'send from shop to bob: "Hello"',
        ),
        (
            Step(SEND, Place("s.yaml", 3, 20, "  - [{advance: 1s}, {send: {from: shop}}]")),
            'send from shop to bob: "Hello"',
        ),
    ],
)
def test_a_step_has_its_line_for_a_title_or_its_words(step: Step, title: str) -> None:
    assert title_of(step) == title
