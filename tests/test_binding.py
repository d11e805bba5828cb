"""Every step of a plan becomes commands to the cores of a world, or what to look for in its trace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.answers import Answer, Capture
from harness.behaviours import Echo
from harness.binding import SOMEBODY, Binding
from harness.carrier_rules import AddRules, Lose, Only, Refuse, RemoveRules
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Lift, Pause, Place, Tell
from harness.deeds import Deed
from harness.errors import UsageError
from harness.fault_words import FAULTS
from harness.handset import Handset
from harness.late import Late
from harness.matchers import Absent, Contains, Equals, Matches, OneOf, Present
from harness.modem import LoseService, PowerOff, PowerOn, RegainService
from harness.parties import (
    NOBODY,
    USER,
    AnswerHooks,
    ApiCall,
    Behave,
    CallNumber,
    File,
    IssuePhoneKey,
    SendText,
    WriteMms,
    WriteText,
)
from harness.phone import AnswerPermissions, LoseNetwork, NewRegistrationToken
from harness.scenario import plan
from harness.scenario.plan import (
    Advance,
    Api,
    Attachment,
    CallPhone,
    Carrier,
    ClearCarrier,
    Distance,
    EndFault,
    Expect,
    ExpectOrder,
    Fault,
    Gateway,
    MessageLook,
    Never,
    PhoneAct,
    Send,
    SmsLook,
    Step,
    Text,
    TraceLook,
    WebhookLook,
    Webhooks,
)
from harness.scenario.steps import Await, AwaitOrder, Do, Forbid, Match, Move, Span, What
from harness.standin import LoseUpdates, SetFacts

ALICE = PhoneSpec("alice", "+18005550199", "Password123")
TWIN = PhoneSpec("twin", "+18005550198", second_number="+18005550197")
BOB, BANK = ContactSpec("bob", "+18005550100"), ContactSpec("bank", "+18005550101", sender="BANK")
NUMBER = "+18005550001"
VALUES = {"code": "1234", "url": "http://files.test/1", "lines": "a\nb"}

BINDING = Binding(
    {"alice": ALICE, "twin": TWIN},
    {"bob": BOB, "bank": BANK},
    {
        "alice": Handset("alice", ALICE.numbers, ("modem:alice",)),
        "twin": Handset("twin", TWIN.numbers, ("modem:twin", "modem:twin/2")),
    },
    lambda phone: f"token of {phone}",
    lambda phone, step: f"new token of {phone} in {step}",
    "account",
)


def bound(what: Any) -> What:
    return BINDING(Step(what), "step-1", VALUES)


def commands(what: Any) -> list[Any]:
    act = bound(what)
    assert isinstance(act, Do)
    return list(act.commands)


def send(**changes: Any) -> Tell:
    plain = {"answer": Answer(), "asked_by": "scenario"}
    return Tell("@client", SendText("step-1", ALICE.number, BOB.number, "hi", **{**plain, **changes}))


SENDS: list[tuple[Send, Tell]] = [
    (Send("alice", ("bob",), "hi"), send()),
    (Send("alice", ("bob",), "hi", "Secret1"), send(encryption_key="Secret1")),
    (Send("alice", ("bob",), "hi", ciphertext=True), send(encrypted=True)),
    (Send("alice", ("bob",), "hi", request_id=Late("r-${code}")), send(request_id="r-1234")),
    (Send("alice", ("bob",), "hi", later=5), send(later=5)),
    (Send("alice", ("bob",), "hi", attachments=(Late("${url}.png"),)), send(attachments=("http://files.test/1.png",))),
    (
        Send("alice", ("bob",), "hi", answer=Answer(402, (("x", Equals(Late("${code}"))),), (("a", Present()),))),
        send(answer=Answer(402, (("x", Equals("1234")),), (("a", Present()),))),
    ),
    (
        Send("alice", ("bob", "twin", NUMBER), Late("${code}")),
        Tell(
            "@client",
            SendText(
                "step-1", ALICE.number, (BOB.number, TWIN.number, NUMBER), "1234", answer=Answer(), asked_by="scenario"
            ),
        ),
    ),
    (
        Send("twin", ("alice",), "hi", sim=2),
        Tell("@client", SendText("step-1", "+18005550197", ALICE.number, "hi", asked_by="scenario")),
    ),
]


@pytest.mark.parametrize(("act", "told"), SENDS)
def test_a_send_is_a_request_whose_answer_is_awaited(act: Send, told: Tell) -> None:
    assert bound(act) == Do((told,), reply="step-1")


CAPTURES = Answer(captures=(Capture("a", "b"),))
APIS: list[tuple[Api, dict[str, Any]]] = [
    (Api("GET", "/v1/phones"), {}),
    (Api("GET", Late("/v1/messages/${code}")), {"path": "/v1/messages/1234"}),
    (Api("POST", "/v1/phones", "none"), {"method": "POST", "credential": "none"}),
    (Api("GET", "/v1/phones", "alice"), {"credential": "phone:alice"}),
    (Api("GET", "/v1/phones", key=Late("uk_${code}")), {"key": "uk_1234"}),
    (Api("GET", "/v1/phones", headers=(("X-One", Late("${code}")),)), {"headers": (("X-One", "1234"),)}),
    (Api("GET", "/v1/phones", body={"a": [Late("${code}"), 1, None]}), {"body": {"a": ["1234", 1, None]}}),
    (Api("GET", "/v1/phones", raw=Late("{${code}")), {"raw": "{1234"}),
    (Api("GET", "/v1/phones", answer=CAPTURES), {"answer": CAPTURES}),
]  # fmt: skip


@pytest.mark.parametrize(("act", "changes"), APIS)
def test_a_request_to_the_api_is_filled_and_its_answer_awaited(act: Api, changes: dict[str, Any]) -> None:
    plain = {"method": "GET", "path": "/v1/phones", "asked_by": "scenario"}
    call: Any = bound(act)
    assert call == Do((Tell("@client", ApiCall("step-1", **{**plain, **changes})),), reply="step-1")
    told = call.commands[0].event
    for name in ("body", "raw", "key", "headers"):
        assert getattr(told, name) == {"body": None, "raw": None, "key": None, "headers": (), **changes}[name]


ACTS: list[tuple[Any, list[Any]]] = [
    (Text("bob", "alice", Late("${code}")), [Tell("@contact:bob", WriteText(ALICE.number, "1234"))]),
    (Text("bob", "twin", "hi", sim=2), [Tell("@contact:bob", WriteText("+18005550197", "hi"))]),
    (Text("bob", "alice", "hi", flash=True), [Tell("@contact:bob", WriteText(ALICE.number, "hi", message_class=0))]),
    (Text(NUMBER, "alice", "hi"), [Tell(f"@{SOMEBODY}", WriteText(ALICE.number, "hi", NUMBER))]),
    (
        Text("bob", "alice", "hi", attachments=(Attachment("a.png", "image/png", 5),)),
        [
            Tell("@phone:alice", AnswerPermissions((("RECEIVE_MMS", True),))),
            Tell("@contact:bob", WriteMms(ALICE.number, "hi", (File("a.png", "image/png", 5),))),
        ],
    ),
    (CallPhone("bob", "alice", "missed"), [Tell("@contact:bob", CallNumber(ALICE.number, "missed"))]),
    (
        CallPhone("bob", "alice", "missed", withheld=True),
        [Tell("@contact:bob", CallNumber(ALICE.number, "missed", ""))],
    ),
    (CallPhone(NUMBER, "alice", "answered"), [Tell(f"@{SOMEBODY}", CallNumber(ALICE.number, "answered", NUMBER))]),
    (PhoneAct("alice", Deed("radio", (True,))), [Tell("@modem:alice", PowerOn())]),
    (PhoneAct("alice", Deed("radio", (False,))), [Tell("@modem:alice", PowerOff())]),
    (PhoneAct("alice", Deed("service", ("full",))), [Tell("@modem:alice", RegainService())]),
    (PhoneAct("alice", Deed("service", ("none",))), [Tell("@modem:alice", LoseService())]),
    (PhoneAct("alice", Deed("lose network")), [Tell("@phone:alice", LoseNetwork())]),
    (PhoneAct("alice", Deed("text", ("BANK", "hi"))), [Tell(f"@{SOMEBODY}", WriteText(ALICE.number, "hi", "BANK"))]),
    (PhoneAct("alice", Deed("pause")), [Pause("phone:alice")]),
    (
        PhoneAct("alice", Deed("new token")),
        [Tell("@phone:alice", NewRegistrationToken("new token of alice in step-1"))],
    ),
    (plan.Behave("bob", (Echo(),)), [Tell("@contact:bob", Behave((Echo(),)))]),
    (Webhooks(500, 2), [Tell("@receiver", AnswerHooks(500, 2))]),
    (Webhooks("down"), [Tell("@receiver", AnswerHooks("down"))]),
    (ClearCarrier("Lose"), [Tell("@smsc", RemoveRules("Lose"))]),
    (ClearCarrier(), [Tell("@smsc", RemoveRules())]),
    (Fault("lost-update"), [Tell("@gateway", LoseUpdates())]),
    (EndFault("lost-update"), [Tell("@gateway", LoseUpdates(0))]),
    (EndFault("lost-push"), [Lift("lost-push")]),
    (EndFault(), [*(Lift(name) for name in FAULTS if name != "lost-update"), Tell("@gateway", LoseUpdates(0))]),
]  # fmt: skip


@pytest.mark.parametrize(("act", "told"), ACTS)
def test_an_act_is_told_to_whom_it_concerns(act: Any, told: list[Any]) -> None:
    assert commands(act) == told


WRITTEN: list[tuple[Any, str, str | None, tuple[Any, ...]]] = [
    (Text("bob", "alice", "hi"), "wrote", "could not write", (BOB.number,)),
    (Text("bank", "alice", "hi"), "wrote", "could not write", (BANK.number, "BANK")),
    (Text(NUMBER, "alice", "hi"), "wrote", "could not write", (NUMBER,)),
    (
        Text("bob", "alice", "hi", attachments=(Attachment("a", "b/c", 1),)),
        "wrote mms",
        "could not write",
        (BOB.number,),
    ),
    (CallPhone("bob", "alice", "missed"), "calls", None, (BOB.number,)),
    (CallPhone("bob", "alice", "missed", withheld=True), "calls", None, ()),
]


@pytest.mark.parametrize(("act", "done", "refused", "senders"), WRITTEN)
def test_what_a_contact_does_ends_with_its_entry(
    act: Any, done: str, refused: str | None, senders: tuple[Any, ...]
) -> None:
    what = bound(act)
    assert isinstance(what, Do)
    sender = Equals(senders[0]) if len(senders) == 1 else OneOf(senders)
    facts = (("to", Equals(ALICE.number)), *([("from", sender)] if senders else []))
    assert what.done == Match("contact", (done,), facts)
    assert what.refused == (None if refused is None else Match("contact", (refused,), facts))


@pytest.mark.parametrize(
    ("only", "becomes"),
    [
        (Only(), [Only()]),
        (Only("alice", "bob", "hi", (1,), 2, 3), [Only(ALICE.number, BOB.number, "hi", (1,), 2, 3)]),
        (Only("bank", "alice"), [Only("BANK", ALICE.number)]),
        (Only(to="bank"), [Only(to=BANK.number)]),
        (Only("+1800*", NUMBER), [Only("+1800*", NUMBER)]),
        (Only("twin"), [Only("+18005550198"), Only("+18005550197")]),
    ],
)
def test_a_rule_of_the_carrier_is_about_numbers(only: Only, becomes: list[Only]) -> None:
    rules = (Refuse(4, only), Lose(only))
    expected = [Refuse(4, each) for each in becomes] + [Lose(each) for each in becomes]
    assert commands(Carrier(rules)) == [Tell("@smsc", AddRules(tuple(expected)))]


def test_a_login_takes_a_key_of_its_own_and_waits_for_the_phone() -> None:
    issue = IssuePhoneKey("step-1", "phone:alice", "httpsms-harness alice step-1")
    logged_in, failed = Match("phone", ("logged in",)), Match("phone", ("login failed",))
    assert bound(PhoneAct("alice", Deed("log in"))) == Do((Tell("@client", issue),), logged_in, failed)


@pytest.mark.parametrize(("phone", "number"), [(None, None), ("alice", ALICE.number)])
def test_facts_are_set_in_the_gateway_itself(phone: str | None, number: str | None) -> None:
    about = (("step", Equals("step-1")),)
    facts = (("sent_messages", 199),)
    assert bound(Gateway(facts, phone)) == Do(
        (Tell("@gateway", SetFacts("step-1", "account", facts, number)),),
        Match("gateway", ("facts set",), about),
        Match("gateway", ("facts refused",), about),
    )


FAULTY: list[tuple[Fault, list[tuple[str, dict[str, Any]]]]] = [
    (Fault("lost-push", "alice"), [("push", {"_token": "token of alice", "times": 1})]),
    (Fault("lost-push", times=3), [("push", {"_token": None, "times": 3})]),
    (Fault("late-push", "alice", delay=5), [("push", {"delay": 5, "times": 1})]),
    (Fault("duplicate-push", "alice"), [("push", {"times": 1})]),
    (Fault("refused-push", "alice", error="INTERNAL"), [("push", {"error": "INTERNAL", "times": 1})]),
    (Fault("unreachable", who="client"), [("client", {"times": None})]),
    (Fault("unreachable", who="phone"), [("phone:alice", {}), ("phone:twin", {})]),
    (Fault("unreachable", phone="twin", times=2), [("phone:twin", {"times": 2, "_core": "phone:twin"})]),
    (Fault("slow-network", delay=5), [("client", {"delay": 5}), ("phone:alice", {}), ("phone:twin", {})]),
    (Fault("lost-answer", who="client"), [("client", {"times": None})]),
    (Fault("failing-api", phone="alice", status=503), [("phone:alice", {"status": 503, "times": None})]),
]


@pytest.mark.parametrize(("act", "placed"), FAULTY)
def test_a_fault_stands_behind_those_whose_pushes_or_requests_it_is_about(act: Fault, placed: list[Any]) -> None:
    places = commands(act)
    assert all(isinstance(place, Place) and place.fault.name == act.name for place in places)
    assert [place.core for place in places] == [core for core, _ in placed]
    for place, (_, knobs) in zip(places, placed, strict=True):
        assert {name: vars(place.fault)[name] for name in knobs} == knobs


def test_every_fault_can_be_made() -> None:
    assert {act.name for act, _ in FAULTY} | {"lost-update"} == set(FAULTS)


WRONG: list[tuple[Any, str]] = [
    (Fault("lost-pushes"), "there is no fault lost-pushes"),
    (EndFault("lost-pushes"), "there is no fault lost-pushes"),
    (Fault("late-push", "alice"), "late-push without delay"),
    (Fault("refused-push"), "refused-push without error"),
    (Fault("refused-push", error="NONSENSE"), "FCM has no error NONSENSE"),
    (Fault("failing-api"), "failing-api without status"),
    (Fault("unreachable", who="everybody"), "nobody is everybody here"),
    (Fault("lost-push", "nobody"), "there is no phone nobody"),
    (Send("bob", ("alice",), "hi"), "there is no phone bob"),
    (Send("alice", ("nobody",), "hi"), "there is nobody named nobody"),
    (Send("alice", ("bob",), "hi", sim=2), "alice has no SIM 2"),
    (Send("alice", ("bob", "bank"), "hi", later=5), "several recipients, and a later time"),
    (Text("alice", "bob", "hi"), "there is no phone bob"),
    (Text("nobody", "alice", "hi"), "nobody named nobody|no contact nobody"),
    (Api("GET", "/", "nobody"), "there is no phone nobody"),
    (Api("GET", Late("${code}")), "a path begins with /"),
    (Api("GET", "/", headers=(("X A", "b"),)), "'X A' is no name of a header"),
    (Api("GET", "/", headers=(("X-A", Late("${lines}")),)), r"U\+000A has no place in a header"),
    (Api("GET", "/", key=Late("${lines}")), r"U\+000A has no place in a header"),
    (Text("bob", "alice", "hi", attachments=(Attachment("", "a/b", 1),)), "a file without a name"),
    (PhoneAct("alice", Deed("reject", ("FOO",))), "there is no result 'FOO'"),
    (Webhooks("nowhere"), "a webhook is not answered with 'nowhere'"),
    (Expect(SmsLook("nobody")), "there is nobody named nobody"),
]


@pytest.mark.parametrize(("what", "problem"), WRONG)
def test_what_cannot_be_meant_is_told(what: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        bound(what)


def test_the_words_for_credentials_are_no_phones() -> None:
    phones = {"user": PhoneSpec("user", "+18005550111")}
    for word in (USER, NOBODY):
        do: Any = replace(BINDING, phones={**BINDING.phones, **phones})(Step(Api("GET", "/", word)), "step-1", {})
        assert do.commands[0].event.credential == word


def test_a_name_without_a_value_is_told_as_itself() -> None:
    with pytest.raises(KeyError, match="unknown"):
        bound(Send("alice", ("bob",), Late("${unknown}")))


# -- looks ---------------------------------------------------------------------------------------------------------

READ = Match("contact", ("received",), (("to", Equals(BOB.number)),))
LOOKS: list[tuple[Any, Match]] = [
    (SmsLook("bob"), READ),
    (SmsLook(NUMBER), Match("contact", ("received",), (("to", Equals(NUMBER)),))),
    (
        SmsLook("bob", Contains(Late("${code}")), "twin", 2),
        Match(
            "contact",
            ("received",),
            (
                ("to", Equals(BOB.number)),
                ("from", OneOf(("+18005550198", "+18005550197"))),
                ("segments", Equals(2)),
            ),
            text=Contains("1234"),
        ),
    ),
    (
        SmsLook("alice", sender="bank"),
        Match("radio", ("delivered",), (("to", Equals(ALICE.number)), ("from", Equals("BANK")))),
    ),
    (
        SmsLook("alice", sender="SHOP"),
        Match("radio", ("delivered",), (("to", Equals(ALICE.number)), ("from", Equals("SHOP")))),
    ),
    (
        SmsLook("twin", sender=NUMBER),
        Match("radio", ("delivered",), (("to", OneOf(("+18005550198", "+18005550197"))), ("from", Equals(NUMBER)))),
    ),
    (
        MessageLook("m", "failed", Matches("NO_")),
        Match("gateway", (), (("status", Equals("failed")), ("reason", Matches("NO_"))), alias="m", state=True),
    ),
    (
        WebhookLook("message.phone.received", "m", Equals(Late("${code}")), (("contact", Equals("bank")),)),
        Match(
            "webhook",
            ("message.phone.received",),
            (("verified", Equals(True)), ("contact", OneOf((BANK.number, "BANK")))),
            "m",
            Equals("1234"),
            ((ALICE.number, "Password123"),),
        ),
    ),
    (
        WebhookLook("message.phone.sent", facts=(("contact", Equals("bob")), ("sim", Equals("bob")))),
        Match(
            "webhook",
            ("message.phone.sent",),
            (("verified", Equals(True)), ("contact", Equals(BOB.number)), ("sim", Equals("bob"))),
            keys=((ALICE.number, "Password123"),),
        ),
    ),
    (TraceLook("push"), Match("push")),
    (
        TraceLook("phone", "fetched", "m", (("sim", Absent()),)),
        Match("phone", ("fetched",), (("sim", Absent()),), "m"),
    ),
]


@pytest.mark.parametrize(("look", "match"), LOOKS)
def test_a_look_matches_the_hop_where_it_is_seen(look: Any, match: Match) -> None:
    assert bound(Expect(look, 7)) == Await(match, 7)


@pytest.mark.parametrize(
    ("step", "what"),
    [
        (Advance(5), Move(5)),
        (Expect(SmsLook("bob"), 7, 2, 3, (Capture("a"),)), Await(READ, 7, 2, 3, (Capture("a"),))),
        (Never(SmsLook("bob"), 7), Forbid(READ, 7)),
        (ExpectOrder((SmsLook("bob"), TraceLook("push")), 7), AwaitOrder((READ, Match("push")), 7)),
        (Distance("a", "b", 1, 2), Span("a", "b", 1, 2)),
    ],
)
def test_other_steps_are_what_a_run_knows(step: Any, what: What) -> None:
    assert bound(step) == what
