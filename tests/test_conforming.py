"""Recordings agree on the embedded gateway, on a `serve` of their own, and on one that somebody else runs."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from harness.adapters.case_files import load_cases, load_orders
from harness.conform import Case, CaseResult, read_case, text
from harness.conforming import Target, replay_live, replay_virtual, spawned, there
from harness.errors import HarnessError, KeyRefused, NoControlRoutes, NotHttpSms, ServerUnreachable
from tests.foreign import USER_KEY, foreign, owned
from tests.pages import web_server
from tests.processes import gateway
from tests.recorded import folder
from tests.test_serving import free_port

GATEWAY = folder("gateway")
READ = [*load_cases(GATEWAY), *load_orders(GATEWAY / "message-orders.jsonl")]
CASES = {case.name: case for case in READ if isinstance(case, Case)}
# What the gateway must do by the real server's own timing, over sockets.
FAITHFUL = (
    "send-delivered",
    "send-failed",
    "receive",
    "outstanding",
    "auth-phone-key-scope",
    "webhook-retry",
    "expiry",
)


def named(*names: str) -> list[Case]:
    return [CASES[name] for name in names]


def verdicts(results: Sequence[CaseResult]) -> dict[str, str]:
    return {result.case: result.verdict for result in results}


# -- in virtual time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAITHFUL)
def test_a_conversation_agrees_in_virtual_time(name: str) -> None:
    result = replay_virtual(CASES[name])
    assert result.verdict == "agree", text([result])


def test_a_conversation_that_was_changed_differs() -> None:
    case = CASES["outstanding"]
    wrong = replace(case, steps=tuple(step for step in case.steps if type(step).__name__ != "Push"))
    assert replay_virtual(wrong).verdict == "agree"  # a push that nobody asks for is no difference
    swapped = replace(case, steps=(case.steps[0], *reversed(case.steps[3:5])))
    assert replay_virtual(swapped).verdict == "differ"


def test_an_order_that_was_changed_differs_at_the_event_that_was_changed() -> None:
    order, other = CASES["order-FSD"], CASES["order-FXX"]
    swapped = replace(order, steps=(*order.steps[:8], other.steps[8], *order.steps[9:]))
    result = replay_virtual(swapped)
    assert result.verdict == "differ"
    assert next(step.index for step in result.steps if step.differences) == 10


# -- on a process of its own -------------------------------------------------------------------------------------------


def test_cases_agree_with_a_process_of_its_own_several_at_once_and_come_in_their_order() -> None:
    told: list[CaseResult] = []
    cases = named("order-FD", "outstanding", "auth-phone-key-scope", "order-none")
    results = asyncio.run(replay_live(cases, spawned, at_once=4, say=told.append))
    assert verdicts(results) == dict.fromkeys(verdicts(results), "agree"), text(results)
    assert [result.case for result in results] == [case.name for case in cases]
    assert sorted(verdicts(told)) == sorted(verdicts(results))
    assert told[-1].case == "order-FD"  # the longest


@pytest.mark.soak
def test_everything_agrees_with_a_process_of_its_own() -> None:
    results = asyncio.run(replay_live(list(CASES.values()), spawned, at_once=16))
    assert {result.verdict for result in results} == {"agree"}, text(results)


def test_a_server_that_does_not_start_is_an_error_of_the_server() -> None:
    async def start() -> None:
        async with spawned(0, "--no-such-option"):
            raise AssertionError("it started")

    with pytest.raises(ServerUnreachable):
        asyncio.run(start())


# -- on a server that somebody else runs -------------------------------------------------------------------------------


def test_a_given_account_is_used_and_left_as_it_was() -> None:
    port = free_port()
    cases = named("outstanding", "phones", "phone-keys", "order-F", "order-X", "expiry", "users", "heartbeat-monitor")
    with foreign(port) as served:
        target = Target(served.url, user_keys=(USER_KEY,))
        results = asyncio.run(replay_live(cases, there(target), listen_port=port, at_once=4))
        assert verdicts(results) == {
            **dict.fromkeys(("outstanding", "phones", "phone-keys", "order-F", "order-X"), "agree"),
            **dict.fromkeys(("expiry", "users", "heartbeat-monitor"), "skip"),
        }, text(results)
        assert owned(served) == {}
    reasons = {result.case: result.reason for result in results}
    assert "needs the key of the system user" in reasons["expiry"]
    assert "would change the account" in reasons["users"]
    assert "control routes" in reasons["heartbeat-monitor"]


def test_the_threads_of_its_messages_are_removed_too() -> None:
    port = free_port()
    with foreign(port, "--control") as served:
        target = Target(served.url, user_keys=(USER_KEY,))
        asyncio.run(replay_live(named("outstanding"), there(target), listen_port=port))
        with urllib.request.urlopen(f"{served.url}/_control/trace") as lines:
            kinds = [json.loads(line)["kind"] for line in lines]
    # Of the probe and of the case.
    assert (kinds.count("message.api.sent"), kinds.count("message-thread.api.deleted")) == (2, 2)


def test_what_an_account_has_already_is_not_touched_and_keeps_some_cases_away() -> None:
    port = free_port()
    with foreign(port) as served:
        served.ask("/v1/phones", {"phone_number": "+18005550177", "fcm_token": "t", "sim": "SIM1"}, method="PUT")
        target = Target(served.url, user_keys=(USER_KEY,))
        results = asyncio.run(replay_live(named("phones", "phones-null"), there(target), listen_port=port))
        assert [phone["phone_number"] for phone in owned(served)["/v1/phones"]] == ["+18005550177"]
    assert verdicts(results) == {"phones": "skip", "phones-null": "skip"}


def test_a_second_key_is_the_other_account() -> None:
    step = {"do": "call", "as": "other", "method": "GET", "path": "/v1/users/me", "expect": {"status": 200}}
    accounts = [{"as": "user", "plan": "200k-monthly"}, {"as": "other", "plan": "free"}]
    case = {"case": "two", "area": "users", "setup": {"accounts": accounts}, "steps": [step, {**step, "as": "user"}]}
    two = read_case(json.dumps(case))
    with foreign(free_port(), "--account", "api_key=uk_other,plan=free") as served:
        both = Target(served.url, user_keys=(USER_KEY, "uk_other"))
        [result] = asyncio.run(replay_live([two], there(both)))
        [skipped] = asyncio.run(replay_live([two], there(Target(served.url, user_keys=(USER_KEY,)))))
    assert result.verdict == "agree", text([result])
    assert skipped.reason == "needs 2 accounts, there are 1 (give another --user-key)"


@pytest.mark.soak
def test_where_no_pushes_come_what_needs_them_is_skipped_with_the_remedy() -> None:
    warned: list[str] = []
    port = free_port()
    with foreign(free_port()) as served:
        target = there(Target(served.url, user_keys=(USER_KEY,)))
        cases = named("outstanding", "webhook-urls")
        results = asyncio.run(replay_live(cases, target, listen_port=port, warn=warned.append))
        assert owned(served) == {}
    assert verdicts(results) == {"outstanding": "skip", "webhook-urls": "agree"}, text(results)
    assert warned == [results[0].reason]
    assert f"FCM_ENDPOINT=http://127.0.0.1:{port}" in warned[0]


def replayed_on(target: Target) -> None:
    asyncio.run(replay_live(named("webhook-urls"), there(target)))


@pytest.mark.parametrize(
    ("status", "user_keys", "error"),
    [
        (200, (), NoControlRoutes),
        (404, (), NoControlRoutes),
        (401, (), KeyRefused),
        (200, (USER_KEY,), NotHttpSms),
        (404, (USER_KEY,), NotHttpSms),
        (401, (USER_KEY,), KeyRefused),
    ],
)
def test_a_server_that_is_something_else_is_told_from_one_that_refuses_us(
    status: int, user_keys: tuple[str, ...], error: type[HarnessError]
) -> None:
    with web_server(status) as url, pytest.raises(error) as told:
        replayed_on(Target(url, user_keys=user_keys))
    assert url in str(told.value)
    assert USER_KEY not in str(told.value)


@pytest.mark.parametrize("user_keys", [(), (USER_KEY,)])
def test_a_server_that_is_not_there_is_an_error_of_the_server(user_keys: tuple[str, ...]) -> None:
    with pytest.raises(ServerUnreachable):
        replayed_on(Target("http://127.0.0.1:1", user_keys=user_keys))


@pytest.mark.parametrize(("token", "refused"), [("right", False), ("wrong", True), (None, True)])
def test_control_routes_ask_for_their_token(token: str | None, refused: bool) -> None:
    expected: AbstractContextManager[Any] = pytest.raises(KeyRefused) if refused else nullcontext()
    with gateway("--phones", "0", "--control", "--control-token", "right") as served, expected:
        replayed_on(Target(served.url, control_token=token))
