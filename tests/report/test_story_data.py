"""An outcome as the page's script reads it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import SECOND
from harness.report.story_data import story_data
from harness.verdict import StepVerdict
from tests.report.outcomes import (
    ALL,
    BROKEN,
    FAILED,
    IN_PYTHON,
    KNOWN,
    PASSED,
    SKIPPED,
    failed,
    hostile,
    incoming,
    outcome,
    verdict,
)
from tests.report.traces import CAME_IN, SENT, Written


def _lanes(data: dict[str, Any]) -> list[str]:
    return [lane["name"] for lane in data["lanes"]]


def test_entries_are_in_their_lanes_with_times_since_the_first() -> None:
    data = story_data(PASSED)
    lanes = _lanes(data)
    assert lanes == ["client", "gateway", "push", "phone", "radio", "contact", "webhook"]
    shown = [(entry["at"], lanes[entry["lane"]], entry["kind"], entry["cause"]) for entry in data["entries"][:6]]
    assert shown == [
        (0.0, "client", "send", -1),
        (0.0, "client", "accepted", 0),
        (0.0, "gateway", "message.api.sent", 1),
        (0.0, "gateway", "message.notification.scheduled", 2),
        (0.0, "push", "accepted", 3),
        (100.0, "phone", "pushed", 4),
    ]


def test_the_api_is_in_the_lane_of_the_gateway_and_what_is_unknown_too() -> None:
    data = story_data(outcome(verdict(), [*CAME_IN, (1.0, "moon", "shines", None, {})]))
    lanes = [_lanes(data)[entry["lane"]] for entry in data["entries"]]
    assert lanes[3] == lanes[-1] == "gateway"


def test_the_harness_has_a_lane_where_it_did_something_but_fail_a_step() -> None:
    step_failed: Written = (3.0, "harness", "step failed", "m1", {"step": "x"})
    data = story_data(outcome(verdict(), [*SENT, step_failed]))
    assert "harness" not in _lanes(data)
    assert [entry["hidden"] for entry in data["entries"][-2:]] == [False, True]
    control: Written = (3.0, "harness", "POST /_control/reset", None, {})
    assert _lanes(story_data(outcome(verdict(), [*SENT, control])))[-1] == "harness"


def test_a_lane_that_the_target_does_not_see_says_so() -> None:
    data = story_data(failed(hops=("client", "api", "phone")))
    assert [lane["name"] for lane in data["lanes"] if not lane["seen"]] == ["push", "radio", "contact", "webhook"]


def test_a_message_has_its_name_its_people_its_text_and_its_life() -> None:
    (message,) = story_data(failed("m1", SENT[:8]))["messages"]
    assert (message["name"], message["words"]) == ("hi: ? → bob", "“hi”")
    assert [stage["entry"] for stage in message["stages"]] == [1, 2, 3, 4, 5, 6, 7, *[-1] * 6]
    (text,) = story_data(incoming())["messages"]
    assert (text["name"], text["text"]) == ("bob → alice", "Thank you")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"content": "AbC=", "encrypted": True}, "“(encrypted)”"),
        ({"content": "x" * 80}, f"“{'x' * 59}…”"),
        ({}, ""),
    ],
)
def test_a_message_says_what_can_be_read_of_it(facts: dict[str, Any], words: str) -> None:
    (message,) = story_data(outcome(verdict(), [(0, "client", "accepted", "m1", facts)]))["messages"]
    assert message["words"] == words


def test_a_call_is_told_as_one() -> None:
    calls: list[Written] = [
        (0, "contact", "calls", None, {"from": "+2", "to": "+1"}),
        (0, "radio", "call", None, {"from": "+2", "to": "+1"}),
        (0, "api", "POST /v1/messages/calls/missed", "c1", {"status": 200}),
    ]
    (message,) = story_data(outcome(verdict(), calls))["messages"]
    assert (message["name"], message["text"], message["stages"]) == ("bob → alice", "a call", [])


def test_secrets_are_hidden_in_facts_whoever_wrote_them() -> None:
    written: list[Written] = [(0, "api", "GET /v1/users/me", None, {"token": "t0p", "answer": "Bearer abc.def-1"})]
    (entry,) = story_data(outcome(verdict(), written))["entries"]
    assert entry["facts"] == {"token": "[hidden]", "answer": "Bearer [hidden]"}


# -- what went wrong ---------------------------------------------------------------------------------------------------


def test_what_is_missing_stands_in_its_lane_after_the_last_entry_of_the_message() -> None:
    data = story_data(FAILED)
    assert data["failure"]["missing"]["words"] == "the push reaches the phone"
    assert data["failure"]["ghost"] == {"lane": 3, "after": 4, "before": 5}
    assert data["failure"]["subject"] == 0


def test_what_is_missing_is_shown_where_the_step_failed() -> None:
    later: list[Written] = [
        (30.0, "harness", "step failed", "m1", {"step": "expect: {…}"}),
        (31.0, "gateway", "message.send.expired", "m1", {"status": "expired"}),
    ]
    other: Written = (20.0, "gateway", "message.api.sent", "m9", {})
    data = story_data(failed("m1", [*SENT[:5], other, *later]))
    assert data["failure"]["ghost"] == {"lane": 3, "after": 4, "before": 6}
    assert data["failure"]["gave_up"] == 6
    assert story_data(FAILED)["failure"]["gave_up"] == -1


def test_steps_of_the_set_up_are_shown_and_not_counted() -> None:
    steps = _steps(("set-up: alice logs in", 0, 0, ""), ("send: {…}", 0, 0, ""), ("expect: {…}", 0, 0, ""))
    data = story_data(outcome(verdict(steps=steps)))
    assert (len(data["steps"]), data["own_steps"]) == (3, 2)


def test_other_failures_have_nothing_missing() -> None:
    for told in (BROKEN, IN_PYTHON):
        data = story_data(told)["failure"]
        assert (data["missing"], data["ghost"]) == (None, None)
    assert story_data(BROKEN)["failure"]["broken"] == ["one-sms-per-send", "no-clear-text"]
    assert story_data(incoming(1))["failure"]["ghost"] == {"lane": 4, "after": 0, "before": 1}


def test_a_story_that_did_not_run_and_a_known_defect_say_why() -> None:
    assert story_data(SKIPPED)["skipped"] == {"reason": "no device", "remedy": "connect one and try again"}
    assert story_data(KNOWN)["expected"] == "upstream 412 is open"
    assert [story_data(told)["status"] for told in ALL[:3]] == ["passed", "failed", "skipped"]


def test_every_failure_is_of_an_outcome_that_can_be_shown() -> None:
    assert story_data(hostile())["steps"][0]["branch"] == "1"


# -- which attempts are bad --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hop", "kind", "facts", "bad"),
    [
        ("push", "lost", {}, True),
        ("gateway", "message.send.failed", {}, True),
        ("gateway", "message.send.expired.check", {}, False),
        ("api", "GET /v1/messages", {"status": 401}, True),
        ("api", "GET /v1/messages", {"status": 200}, False),
        ("radio", "report", {"status": 64}, False),
        ("phone", "submitted", {}, False),
    ],
)
def test_what_went_wrong_is_marked(hop: str, kind: str, facts: dict[str, Any], bad: bool) -> None:
    (entry,) = story_data(outcome(verdict(), [(0, hop, kind, None, facts)]))["entries"]
    assert entry["bad"] is bad


@pytest.mark.parametrize(
    ("hop", "kind", "facts", "gist"),
    [
        ("api", "GET /v1/messages", {"status": 200, "as": "user"}, "200"),
        ("gateway", "message.phone.sent", {"was": "sending", "status": "sent"}, "sent"),
        ("gateway", "webhook.answered", {"event": "e", "status": 500}, "e 500"),
        ("contact", "received", {"text": "hi"}, "“hi”"),
        ("phone", "submitted", {"segments": 2}, "2 segments"),
        ("phone", "submitted", {"segments": 1}, "1 segment"),
        ("phone", "reported", {"event": "SENT", "status": 200}, "SENT"),
        ("client", "unanswered", {"outcome": "TimedOut"}, "TimedOut"),
        ("push", "lost", {}, ""),
        ("radio", "submitted", {"text": "x" * 90}, f"“{'x' * 46}…"),
    ],
)
def test_an_entry_says_what_one_wants_to_know_first(hop: str, kind: str, facts: dict[str, Any], gist: str) -> None:
    (entry,) = story_data(outcome(verdict(), [(0, hop, kind, None, facts)]))["entries"]
    assert entry["gist"] == gist


# -- where steps stand -------------------------------------------------------------------------------------------------


def _steps(*told: tuple[str, float, float, str]) -> tuple[StepVerdict, ...]:
    return tuple(
        StepVerdict(title, True, "", round(began_s * SECOND), round(ended_s * SECOND), branch)
        for title, began_s, ended_s, branch in told
    )


def _before(steps: tuple[StepVerdict, ...], written: list[Written]) -> list[int]:
    return [step["before"] for step in story_data(outcome(verdict(steps=steps), written))["steps"]]


def _act(number: int, at_s: float = 0) -> list[Written]:
    facts = {"step": f"step-{number}"}
    return [(at_s, "client", "send", None, facts), (at_s, "client", "accepted", f"m{number}", facts)]


def test_steps_of_one_instant_stand_where_their_acts_are() -> None:
    set_up: list[Written] = [(0, "client", "accepted", None, {"step": "set-up/alice"})]
    noise: list[Written] = [(0, "phone", "sent", "m1", {})] * 3
    steps = _steps(
        ("set-up: alice logs in", 0, 0, ""), ("send: {…}", 0, 0, ""), ("expect: {…}", 0, 0, ""), ("send: {…}", 0, 0, "")
    )
    assert _before(steps, [*set_up, *_act(1), *noise, *_act(3)]) == [0, 1, 3, 6]


def test_no_step_of_the_story_stands_in_the_set_up() -> None:
    set_up: list[Written] = [(0, "client", "accepted", None, {"step": "set-up/alice"})] * 3
    steps = _steps(("set-up: alice logs in", 0, 0, ""), ("carrier: {…}", 0, 0, ""))
    assert _before(steps, [*set_up, (0, "radio", "service", None, {})]) == [0, 3]


def test_a_look_stands_after_what_ended_the_step_before_it() -> None:
    steps = _steps(("send: {…}", 0, 0, ""), ("expect: {…}", 0, 1, ""), ("never: {…}", 1, 6, ""))
    later: list[Written] = [(1, "contact", "received", None, {}), (2, "phone", "heartbeat", None, {})]
    assert _before(steps, [*_act(1), *later]) == [0, 2, 3]


def test_a_text_stands_before_the_contact_who_writes_it() -> None:
    steps = _steps(("text: {…}", 0, 0, ""), ("expect: {…}", 0, 1, ""), ("call: {…}", 1, 1, ""))
    written: list[Written] = [
        (0, "phone", "heartbeat", None, {}),
        (0, "contact", "wrote", None, {}),
        (1, "phone", "heartbeat", None, {}),
        (1, "contact", "calls", None, {}),
    ]
    assert _before(steps, written) == [1, 2, 3]


def test_branches_stand_by_their_times() -> None:
    steps = _steps(("together: …", 0, 2, ""), ("send: {…}", 0, 0, "1"), ("send: {…}", 2, 2, "2"))
    written: list[Written] = [(0, "phone", "a", None, {}), (1, "phone", "b", None, {}), (2, "phone", "c", None, {})]
    assert _before(steps, written) == [0, 1, 2]


def test_steps_without_any_trace_stand_at_its_end() -> None:
    assert _before(_steps(("send: {…}", 0, 0, ""), ("expect: {…}", 0, 1, "")), []) == [0, 0]
