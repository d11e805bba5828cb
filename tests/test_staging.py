"""A story has a world of its own, with everybody in it, and its steps do there what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness import behaviours
from harness.answers import Answer, Capture
from harness.binding import SOMEBODY
from harness.carrier_rules import Only, Refuse
from harness.cast import ContactSpec, GatewaySpec, PhoneSpec
from harness.deeds import parse_deed
from harness.errors import ScenarioError, UsageError
from harness.instants import SECOND
from harness.late import Late
from harness.live_story import run_scenario_live
from harness.matchers import Contains, Equals, Matches, OneOf, Present
from harness.phone import Phone
from harness.report import as_text
from harness.scenario import read_scenarios
from harness.scenario.plan import (
    NOWHERE,
    Advance,
    Api,
    Attachment,
    Behave,
    CallPhone,
    Carrier,
    ClearCarrier,
    Expect,
    Gateway,
    MessageLook,
    Never,
    PhoneAct,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    Together,
    TraceLook,
    WebhookLook,
    Webhooks,
)
from harness.scenario.steps import Await, Do, Match, RunStep
from harness.staging import needs_somebody, setup_steps, stage
from harness.standin import Pace, StandIn
from harness.testing import run_scenario

S = SECOND
ALICE = PhoneSpec("alice", "+18005550199", "Password123")
TWIN = PhoneSpec("twin", "+18005550198", second_number="+18005550197")
BOB, CAROL = ContactSpec("bob", "+18005550100"), ContactSpec("carol", "+18005550101")
BANK = ContactSpec("bank", "+18005550102", sender="BANK")
ECHO = ContactSpec("echo", "+18005550103", (behaviours.Echo(),))
NUMBER = "+18005550001"


def a_story(*steps: Any, **changes: Any) -> Scenario:
    told = tuple(what if isinstance(what, Step) else Step(what) for what in steps)
    return replace(Scenario("s", (ALICE, TWIN), (BOB, CAROL, BANK, ECHO), told), **changes)


# -- who is there --------------------------------------------------------------------------------------------------


def test_phones_log_in_first_and_then_the_receiver_subscribes() -> None:
    bed = stage(a_story(phones=(replace(ALICE, messages_per_minute=60),)), 1).bed
    assert [step.title for step in setup_steps(bed)] == [
        "set-up: alice logs in",
        "set-up: the settings of alice",
        "set-up: the webhook receiver subscribes",
    ]


def test_before_the_receiver_subscribes_the_gateway_knows_each_number_of_a_phone() -> None:
    *logins, subscribes = setup_steps(stage(a_story(phones=(TWIN,)), 1).bed)
    assert subscribes.title == "set-up: the webhook receiver subscribes"
    awaited = {str(dict(_awaited(step).facts)["owner"]) for step in logins}
    assert awaited == {str(Equals(TWIN.number)), str(Equals(TWIN.second_number))}


def _awaited(step: RunStep) -> Match:
    assert isinstance(step.what, Do | Await)
    match = step.what.done if isinstance(step.what, Do) else step.what.match
    assert match is not None
    return match


def test_a_profile_that_there_is_not_is_told_at_its_story() -> None:
    (story,) = read_scenarios(b"scenario: s\nphones: {alice: {oem: samsung-slep}}\nsteps: [{advance: 1s}]\n", "s.yaml")
    with pytest.raises(ScenarioError, match=r"s\.yaml:1:1: .*samsung-slep"):
        stage(story, 1)
    with pytest.raises(UsageError, match="samsung-slep"):
        stage(replace(story, place=NOWHERE), 1)


def test_a_profile_is_the_phones() -> None:
    story = a_story(phones=(PhoneSpec("alice", ALICE.number, oem="samsung-sleep", app="5dab6f8-published"),))
    phone = stage(story, 1).bed.world.cores["phone:alice"]
    assert isinstance(phone, Phone)
    assert (phone.build.oem.name, phone.build.app.sentry_headers) == ("samsung-sleep", True)


@pytest.mark.parametrize(
    ("gateway", "settings", "pace", "keep_rate", "plan"),
    [
        (GatewaySpec(), {}, Pace.FAITHFUL, True, "200k-monthly"),
        (GatewaySpec(), {"pace": Pace.INSTANT}, Pace.INSTANT, False, "200k-monthly"),
        (GatewaySpec("faithful"), {"pace": Pace.INSTANT}, Pace.FAITHFUL, True, "200k-monthly"),
        (GatewaySpec("instant", keep_rate=True, plan="free"), {}, Pace.INSTANT, True, "free"),
        (GatewaySpec(keep_rate=False), {}, Pace.FAITHFUL, False, "200k-monthly"),
    ],
)
def test_a_story_has_the_gateway_that_it_wants(
    gateway: GatewaySpec, settings: Any, pace: Pace, keep_rate: bool, plan: str
) -> None:
    standin = stage(a_story(gateway=gateway), 1, **settings).bed.standin
    assert isinstance(standin, StandIn)
    assert (standin.settings.pace, standin.settings.keep_rate) == (pace, keep_rate)
    assert [account.plan for account in standin.accounts.values()] == [plan]


@pytest.mark.parametrize(
    ("what", "needed"),
    [
        (Send("alice", ("bob",), "hi"), False),
        (Send("alice", ("bob", NUMBER), "hi"), True),
        (Text("bob", "alice", "hi"), False),
        (Text(NUMBER, "alice", "hi"), True),
        (CallPhone(NUMBER, "alice", "missed"), True),
        (PhoneAct("alice", parse_deed("off")), True),
        (Never(SmsLook(NUMBER)), True),
        (Together(((Step(Text(NUMBER, "alice", "hi")),),)), True),
    ],
)
def test_somebody_without_a_name_is_there_for_numbers_that_are_nobodys(what: Any, needed: bool) -> None:
    story = a_story(what)
    assert needs_somebody(story) is needed
    assert (SOMEBODY in stage(story, 1).bed.world.cores) is needed


@pytest.mark.parametrize("name", ["somebody else", "somebody", "contact"])
def test_no_name_of_a_contact_is_taken_by_somebody(name: str) -> None:
    story = a_story(Text(NUMBER, "alice", "hi"))
    assert stage(replace(story, contacts=(*story.contacts, ContactSpec(name, "+18005550177"))), 1)


# -- what the steps do ---------------------------------------------------------------------------------------------

HELLO = Step(Send("alice", ("bob",), "Hello"), alias="m")
DELIVERED = Expect(MessageLook("m", "delivered"))


def deed(line: str, phone: str = "alice") -> PhoneAct:
    return PhoneAct(phone, parse_deed(line))


STORIES: dict[str, list[Any]] = {
    "a name with a value": [
        Send("alice", ("bob",), Late("Your code is ${unique}")),
        Expect(SmsLook("bob", Matches("^Your code is [a-z0-9]{8}$"))),
        Expect(SmsLook("bob"), at_least=0, at_most=0, within=S),
    ],
    "several recipients": [
        Step(Send("alice", ("bob", "carol", NUMBER), "Hello all"), alias="m"),
        Expect(SmsLook("bob", sender="alice")),
        DELIVERED,
        Expect(SmsLook("carol"), 60 * S),
        Expect(SmsLook(NUMBER, Equals("Hello all")), 60 * S),
    ],
    "a later send": [
        Step(Send("alice", ("bob",), "Later", later=600 * S, request_id=Late("r-${unique}")), alias="m"),
        Never(SmsLook("bob"), 590 * S),
        Expect(SmsLook("bob")),
        Expect(WebhookLook("message.phone.sent", "m", facts=(("request_id", Matches("^r-")),))),
    ],
    "the second SIM": [
        Send("twin", ("bob",), "Hi", sim=2),
        Expect(SmsLook("bob", sender="twin")),
        Text("bob", "twin", "Yes?", sim=2),
        Expect(WebhookLook("message.phone.received", facts=(("sim", Equals("SIM2")),))),
    ],
    "from phone to phone": [
        Step(Send("alice", ("twin",), "Hi", "Password123"), alias="m"),
        Expect(SmsLook("twin", Equals("Hi"), "alice")),
        Expect(WebhookLook("message.phone.received", None, Equals("Hi"), (("owner", Equals("twin")),))),
    ],
    "a refusal that is wanted": [
        Gateway((("plan", "free"), ("sent_messages", 200))),
        Send("alice", ("bob",), "x", answer=Answer(402, body=(("message", Contains("limit of [200]")),))),
        Gateway((("sent_messages", 199),)),
        HELLO,
        DELIVERED,
    ],
    "an old heartbeat": [
        Step(deed("heartbeat")),
        Expect(TraceLook("api", "POST /v1/heartbeats")),
        Gateway((("last_heartbeat_age_s", 7200), ("message_expiration_seconds", 1)), "alice"),
    ],
    "any request": [
        Api("GET", "/v1/phones?limit=1", answer=Answer(200, body=(), captures=(Capture("id", "data.0.id"),))),
        Api("GET", Late("/v1/messages/${id}"), answer=Answer(404, (("content-type", Contains("json")),))),
        Api("GET", "/v1/phones", "none", answer=Answer(401)),
        Api("GET", "/v1/phones", key="uk_nobody", answer=Answer(401)),
        Api("GET", "/v1/messages/outstanding?message_id=1", "alice", answer=Answer(422)),
        Api("POST", "/v1/messages/send", raw="{", answer=Answer(400)),
        Api(
            "POST",
            "/v1/messages/send",
            body={"from": ALICE.number, "to": BOB.number, "content": Late("${id}"), "encrypted": False},
            answer=Answer(body=(("data.content", Matches("-4")), ("data.sent_at", Equals(None)))),
        ),
        Expect(SmsLook("bob", Matches("-4"))),
    ],
    "the message that a request made": [
        Step(
            Api(
                "POST", "/v1/messages/send",
                body={"from": ALICE.number, "to": BOB.number, "content": "Hi", "encrypted": False},
            ),
            alias="m",
        ),
        DELIVERED,
    ],
    "a name that phones see": [
        Text("bank", "alice", "Your card is blocked"),
        Expect(SmsLook("alice", sender="bank")),
        Expect(WebhookLook("message.phone.received", facts=(("contact", Equals("BANK")),))),
        Text(NUMBER, "alice", "Hi"),
        Expect(SmsLook("alice", sender=NUMBER)),
    ],
    "a flash text": [
        deed("storage full"),
        Text("bob", "alice", "Now!", flash=True),
        Expect(WebhookLook("message.phone.received", None, Equals("Now!"))),
    ],
    "a picture": [
        Text("bob", "alice", "Look", attachments=(Attachment("cat.jpg", "image/jpeg", 300_000),)),
        Expect(WebhookLook("message.phone.received", None, Equals("Look"), (("attachments", Present()),))),
    ],
    "a call without a number": [
        deed("switch sim1 calls on"),
        CallPhone("bob", "alice", "missed", withheld=True),
        Advance(60 * S),
        CallPhone(NUMBER, "alice", "missed"),
        Expect(WebhookLook("message.call.missed", facts=(("contact", Equals(NUMBER)),))),
    ],
    "behaviours at the start, and later": [
        Send("alice", ("echo",), "Hello"),
        Expect(SmsLook("alice", Equals("Hello"), "echo")),
        Behave("echo", (behaviours.Answer("No more"),)),
        Send("alice", ("echo",), "Hello"),
        Expect(SmsLook("alice", Equals("No more"), "echo")),
    ],
    "a carrier that refuses somebody": [
        Carrier((Refuse(4, Only("alice", "bob")),)),
        HELLO,
        Expect(MessageLook("m", "failed", Equals("NO_SERVICE"))),
        Step(Send("alice", ("carol",), "Hello"), alias="n"),
        Expect(MessageLook("n", "delivered")),
        ClearCarrier("Refuse"),
        HELLO,
        DELIVERED,
    ],
    "webhooks that fail once": [
        Webhooks(500, 1),
        HELLO,
        Expect(TraceLook("webhook", "refused", "m", (("answer", Equals("500")),))),
        Expect(WebhookLook("message.phone.sent", "m")),
    ],
    "webhooks that hang": [
        Webhooks("hang", 1),
        HELLO,
        Expect(TraceLook("gateway", "webhook.answered", "m", (("outcome", Equals("timed out")),))),
        Expect(WebhookLook("message.phone.sent", "m")),
    ],
    "webhooks that are down": [
        Webhooks("down"),
        HELLO,
        Expect(TraceLook("gateway", "webhook.answered", "m", (("outcome", Equals("closed before an answer")),))),
        Webhooks(200),
        Step(Send("alice", ("bob",), "Hello"), alias="n"),
        Expect(WebhookLook("message.phone.delivered", "n")),
    ],
    "somebody logs in again": [deed("log out"), deed("log in"), HELLO, DELIVERED],
    "storage": [
        deed("storage full"),
        Text("bob", "alice", "Hi"),
        Never(WebhookLook("message.phone.received"), 60 * S),
        deed("storage free"),
        Expect(WebhookLook("message.phone.received")),
    ],
    "another app takes a text": [
        deed("swallow 1"),
        Text("bob", "alice", "one"),
        Text("bob", "alice", "two"),
        Expect(WebhookLook("message.phone.received", None, Equals("two"))),
    ],
    "abroad": [
        deed("roam NETWORK_REJECT"),
        HELLO,
        Expect(MessageLook("m", "failed", Equals("UNKNOWN:10"))),
        deed("come home"),
        HELLO,
        DELIVERED,
    ],
    "results by segment": [
        deed("results 1:RADIO_OFF"),
        HELLO,
        Expect(MessageLook("m", "failed", Equals("RADIO_OFF"))),
    ],
    "a slow network": [deed("delay accept 20s"), HELLO, Never(SmsLook("bob"), 15 * S), Expect(SmsLook("bob"))],
    "fixed dialling": [
        deed("fixed dialling +1999"),
        HELLO,
        Expect(MessageLook("m", "failed")),
        deed("fixed dialling off"),
        HELLO,
        DELIVERED,
    ],
    "branches": [
        Together(
            (
                (Step(Send("alice", ("bob",), "one"), alias="a"), Step(Expect(MessageLook("a", "delivered")))),
                (Step(Text("bob", "alice", "two")), Step(Expect(WebhookLook("message.phone.received")))),
            )
        ),
        Expect(TraceLook("gateway", facts=(("status", OneOf(("sent", "delivered"))),))),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_story_goes_as_told(name: str) -> None:
    outcome = run_scenario(a_story(*STORIES[name]))
    assert outcome.passed, as_text(outcome)


LIVE = ["several recipients", "any request", "a picture", "webhooks that fail once", "webhooks that are down"]


@pytest.mark.parametrize("name", LIVE)
def test_it_goes_so_over_sockets_too(name: str) -> None:
    outcome = run_scenario_live(a_story(*STORIES[name]))
    assert outcome.passed, as_text(outcome)


FAILING: list[tuple[list[Any], str]] = [
    ([Send("nobody", ("bob",), "hi")], "there is no phone nobody"),
    ([Send("alice", ("bob",), Late("${code}"))], "${code} has no value yet"),
    ([Send("alice", ("bob", "carol"), "hi", later=5)], "several recipients, and a later time"),
    ([Gateway((("last_heartbeat_age_s", 5),), "alice")], "the phone has no heartbeat yet"),
    ([Api("GET", "/v1/phones", answer=Answer(body=(("data.0.id", Equals("x")),)))], "data.0.id: expected 'x', got "),
    ([Send("alice", ("bob",), "x", answer=Answer(402))], "status: expected 402, got 200"),
    ([deed("reject foo")], "there is no result 'FOO'"),
    ([deed("remove sim 2")], "has one SIM"),
]


@pytest.mark.parametrize(("steps", "why"), FAILING)
def test_a_step_that_cannot_be_done_fails_with_the_reason(steps: list[Any], why: str) -> None:
    outcome = run_scenario(a_story(*steps))
    assert outcome.verdict.failure is not None
    assert why in "\n".join(outcome.verdict.failure.why)


def test_no_key_stands_in_the_trace() -> None:
    body = {"url": "http://hooks.example.com", "signing_key": "hush", "events": ["message.phone.sent"]}
    capture = Answer(200, captures=(Capture("key", "data.api_key"),))
    story = a_story(
        Api("POST", "/v1/phone-api-keys", body={"name": "mine"}, answer=capture),
        Api("GET", "/v1/messages/outstanding?message_id=1", key=Late("${key}"), answer=Answer(422)),
        Api("GET", "/v1/phones", headers=(("x-api-key", "uk_hush_hush"),), answer=Answer(401)),
        Api("POST", "/v1/webhooks", body={**body, "phone_numbers": [ALICE.number]}, answer=Answer(201)),
    )
    outcome = run_scenario(story)
    assert outcome.passed, as_text(outcome)
    told = repr(outcome)
    assert "pk_" not in told
    assert "hush" not in told
    assert "Password123" not in told
