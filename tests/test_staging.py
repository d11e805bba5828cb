"""Every step of a plan becomes commands to the cores of a world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.cast import ContactSpec, PhoneSpec
from harness.core import Pause, Place, Tell
from harness.deeds import Deed
from harness.errors import ScenarioError, UsageError
from harness.modem import LoseService, PowerOff, PowerOn, RegainService
from harness.parties import CallNumber, SendText, WriteText
from harness.phone import LoseNetwork, Phone
from harness.scenario import (
    Advance,
    Await,
    CallPhone,
    Do,
    Expect,
    Forbid,
    LosePushes,
    LoseUpdates,
    Match,
    Move,
    Never,
    PhoneAct,
    RunStep,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    WebhookLook,
    read_scenarios,
)
from harness.scenario.plan import NOWHERE
from harness.staging import SOMEBODY, setup_steps, stage
from harness.standin import LoseUpdates as Races

ALICE, BOB = (
    PhoneSpec("alice", "+18005550199", "Password123", messages_per_minute=60),
    ContactSpec("bob", "+18005550100"),
)


def bound(what: Any) -> RunStep:
    """The one step of a story, as the run has it."""
    story = Scenario("s", (ALICE,), (BOB,), (Step(what, alias="m"),))
    staged = stage(story, 1)
    steps = staged.run.steps[len(setup_steps(staged.bed)) :]
    assert len(steps) == 1
    return steps[0]


@pytest.mark.parametrize(
    ("act", "command"),
    [
        (Send("alice", "bob", "hi"), Tell("@client", SendText("step-1", ALICE.number, BOB.number, "hi"))),
        (Text("bob", "alice", "hi"), Tell("@contact:bob", WriteText(ALICE.number, "hi"))),
        (PhoneAct("alice", Deed("radio", (True,))), Tell("@modem:alice", PowerOn())),
        (PhoneAct("alice", Deed("radio", (False,))), Tell("@modem:alice", PowerOff())),
        (PhoneAct("alice", Deed("service", ("full",))), Tell("@modem:alice", RegainService())),
        (PhoneAct("alice", Deed("service", ("none",))), Tell("@modem:alice", LoseService())),
        (PhoneAct("alice", Deed("lose network")), Tell("@phone:alice", LoseNetwork())),
        (PhoneAct("alice", Deed("text", ("BANK", "hi"))), Tell(f"@{SOMEBODY}", WriteText(ALICE.number, "hi", "BANK"))),
        (PhoneAct("alice", Deed("pause")), Pause("phone:alice")),
        (CallPhone("bob", "alice", "missed"), Tell("@contact:bob", CallNumber(ALICE.number, "missed"))),
        (LoseUpdates(), Tell("@gateway", Races())),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_act_is_told_to_whom_it_concerns(act: Any, command: Tell) -> None:
    step = bound(act)
    assert isinstance(step.what, Do)
    assert step.what.commands == (command,)
    assert step.alias == "m"


def test_lost_pushes_stand_behind_the_push_service() -> None:
    step = bound(LosePushes("alice", 2))
    assert isinstance(step.what, Do)
    (place,) = step.what.commands
    assert isinstance(place, Place)
    assert (place.core, place.fault.name) == ("push", "lost-push")


@pytest.mark.parametrize(
    ("look", "what"),
    [
        (Advance(5), Move(5)),
        (
            Expect(SmsLook("bob", "hi"), 7),
            Await(Match("contact", ("received",), (("to", BOB.number), ("text", "hi"))), 7),
        ),
        (Never(SmsLook("alice", None), 7), Forbid(Match("radio", ("delivered",), (("to", ALICE.number),)), 7)),
        (
            Expect(WebhookLook("message.phone.sent", "m"), 7),
            Await(
                Match(
                    "webhook",
                    ("message.phone.sent",),
                    (("verified", True),),
                    alias="m",
                    keys=((ALICE.number, "Password123"),),
                ),
                7,
            ),
        ),
    ],
)
def test_a_look_matches_the_hop_where_it_is_seen(look: Any, what: Any) -> None:
    assert bound(look).what == what


def test_phones_log_in_first_and_then_the_receiver_subscribes() -> None:
    staged = stage(Scenario("s", (ALICE,), (BOB,), ()), 1)
    assert [step.title for step in staged.run.steps] == [
        "set-up: alice logs in",
        "set-up: the settings of alice",
        "set-up: the webhook receiver subscribes",
    ]


def test_a_profile_that_there_is_not_is_told_at_its_story() -> None:
    (story,) = read_scenarios(b"scenario: s\nphones: {alice: {oem: samsung-slep}}\nsteps: [{advance: 1s}]\n", "s.yaml")
    with pytest.raises(ScenarioError, match=r"s\.yaml:1:1: .*samsung-slep"):
        stage(story, 1)
    with pytest.raises(UsageError, match="samsung-slep"):
        stage(replace(story, place=NOWHERE), 1)


def test_a_profile_is_the_phones() -> None:
    story = Scenario("s", (PhoneSpec("alice", ALICE.number, oem="samsung-sleep", app="5dab6f8-published"),), (), ())
    phone = stage(story, 1).bed.world.cores["phone:alice"]
    assert isinstance(phone, Phone)
    assert (phone.build.oem.name, phone.build.app.sentry_headers) == ("samsung-sleep", True)
