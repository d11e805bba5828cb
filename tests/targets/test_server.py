"""Stories on somebody's server: by every way of pushes, and nothing is left of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from harness.errors import KeyRefused, NotHttpSms, ServerUnreachable, UsageError
from harness.http.values import Request
from harness.outcome import Outcome
from harness.report import as_text
from harness.scenario import read_scenarios
from harness.scenario.plan import Scenario
from harness.targets import opened
from harness.targets.server import ServerTarget
from harness.verdict import Status
from harness.wire.client import UserAccess, api_request
from tests.targets.conftest import Foreign, options_for
from tests.targets.test_ears import other_server


def story(text: str) -> Scenario:
    [read] = read_scenarios(text.encode(), "story.scenario.yaml")
    return read


ROUND_TRIP = story("""
scenario: There and back, encrypted, by both SIMs
phones:
  alice: {encryption_key: Password123, second_number: "+18005550142"}
contacts: [bob]
steps:
  - send: {from: alice, sim: 2, to: bob, text: "Order ${unique}", encrypted: true}
    as: order
  - expect: {sms: {to: bob, text: {contains: Order}}}
  - expect: {message: order, status: sent}
  - expect: {message: order, status: delivered}
  - expect: {webhook: message.phone.delivered, message: order}
  - text: {from: bob, to: alice, text: Thanks}
  - expect: {webhook: message.phone.received, text: Thanks}
""")
FAILS = story("""
scenario: The radio fails
phones: [alice]
contacts: [bob]
steps:
  - carrier: {phone: alice, service: none}
  - send: {from: alice, to: bob, text: Hello}
    as: hello
  - expect: {message: hello, status: failed, reason: NO_SERVICE}
""")
LOST_PUSH = story("""
scenario: A push is lost
phones: [alice]
contacts: [bob]
steps:
  - network: {fault: lost-push, phone: alice}
  - send: {from: alice, to: bob, text: Hello}
  - never: {sms: {to: bob}}
    for: 1s
""")
RECEIVES = story("""
scenario: A text comes in
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hi}
  - expect: {webhook: message.phone.received, text: Hi}
""")


@pytest.fixture(scope="module")
def server(ours: Foreign) -> Iterator[ServerTarget]:
    """One session for all the stories that need no options of their own."""
    target = ServerTarget(ours.options, pytest.fail)
    yield target
    target.close()


def passed(outcome: Outcome) -> bool:
    assert outcome.verdict.status is Status.PASSED, as_text(outcome)
    return True


def run(foreign: Foreign, scenario: Scenario, **changes: Any) -> Outcome:
    with opened(replace(foreign.options, **changes), pytest.fail) as target:
        return target.run(scenario, 3)


# -- the ways of pushes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "push", "found"),
    [
        ("ours", "auto", "stream"),
        ("endpoint", "auto", "fcm-endpoint"),
        ("echo", "auto", "echo"),
        ("echo", "poll", "poll"),
    ],
)
def test_a_story_runs_by_each_way_of_pushes_and_nothing_of_it_is_left(
    kind: str, push: str, found: str, request: pytest.FixtureRequest
) -> None:
    foreign: Foreign = request.getfixturevalue(kind)
    with opened(replace(foreign.options, push=push), pytest.fail) as target:
        assert isinstance(target, ServerTarget)
        assert target.findings.push == found
        assert passed(target.run(ROUND_TRIP, 3))
        assert passed(target.run(FAILS, 3))
        assert foreign.owned() == {}
    assert [foreign.threads(number) for number in ("+18005550100", "+18005550142")] == [[], []]


def test_a_push_can_be_lost_where_the_push_service_is_ours(endpoint: Foreign, server: ServerTarget) -> None:
    assert passed(run(endpoint, LOST_PUSH))
    skipped = server.run(LOST_PUSH).verdict
    assert skipped.status is Status.SKIPPED
    assert "--push-listen" in str(skipped.skipped)


def test_where_the_push_service_is_real_texts_come_in_and_sending_is_skipped_with_the_remedy(strict: Foreign) -> None:
    with opened(strict.options, pytest.fail) as target:
        assert passed(target.run(RECEIVES))
        sends = target.run(ROUND_TRIP)
    assert sends.verdict.status is Status.SKIPPED
    assert "message failed at once" in str(sends.verdict.skipped)
    assert "FCM_ENDPOINT" in str(sends.verdict.skipped)
    assert strict.owned() == {}


# -- what an outcome tells ---------------------------------------------------------------------------------------------


def test_an_outcome_tells_where_it_ran_and_how_to_repeat_it_without_a_key(server: ServerTarget) -> None:
    outcome = server.run(RECEIVES, 7)
    assert outcome.target == server.name
    assert outcome.trace_hash is None
    assert "gateway" not in outcome.hops
    assert "--server" in outcome.repeat
    assert "uk_given" not in repr(outcome) + outcome.repeat


def test_a_story_that_fails_tells_what_was_there_instead(server: ServerTarget) -> None:
    outcome = server.run(
        story("""
scenario: It is not so
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
    as: hello
  - expect: {message: hello, status: failed}
    within: 1s
""")
    )
    assert outcome.verdict.status is Status.FAILED
    assert "delivered" in as_text(outcome)
    assert "message.observed" in {entry.kind for entry in outcome.entries}


def test_a_push_is_told_of_where_the_push_service_is_ours_alone(endpoint: Foreign, server: ServerTarget) -> None:
    assert ["push" in run(endpoint, RECEIVES).hops, "push" in server.run(RECEIVES).hops] == [True, False]


def test_two_runs_of_a_seed_have_names_of_their_own(server: ServerTarget) -> None:
    texts = [
        {entry.facts["text"] for entry in server.run(ROUND_TRIP, 3).entries if entry.kind == "received"} for _ in "ab"
    ]
    assert texts[0] != texts[1]


# -- time --------------------------------------------------------------------------------------------------------------

EXPIRES = """
scenario: A message expires
phones:
  alice: {message_expiration: 10m, max_send_attempts: 1}
contacts: [bob]
steps:
  - phone: {name: alice, do: lose network}
  - send: {from: alice, to: bob, text: Too late}
    as: late
  - ADVANCE
  - expect: {message: late, status: expired}
    within: 15m
"""


@pytest.mark.parametrize("move", ["advance: 10m", "never: {sms: {to: bob}}"])
def test_time_moves_on_at_a_stand_in_whether_the_story_says_so_or_waits(server: ServerTarget, move: str) -> None:
    assert passed(server.run(story(EXPIRES.replace("ADVANCE", move))))


def test_after_a_journey_stories_of_a_new_session_still_agree_with_the_server_about_the_time(
    ours: Foreign,
) -> None:
    ours.gateway.ask("POST", "/_control/advance", {"seconds": 600})
    assert passed(
        run(
            ours,
            story("""
scenario: A text for later
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Later, later: 5m}
  - never: {sms: {to: bob}}
    for: 2m
  - expect: {sms: {to: bob}}
    within: 5m
"""),
        )
    )


CHAT = story("""
scenario: A text, and one that came before it
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: First}
    as: first
  - expect: {message: first, status: delivered}
  - text: {from: bob, to: alice, text: Second}
  - expect: {webhook: message.phone.received, text: Second}
  - api: {method: GET, path: "/v1/messages?owner=%2B18005550100&contact=%2B18005550101&limit=10"}
    answer: {body: {data.0.content: Second, data.1.content: First}}
""")


def test_messages_are_in_their_order_however_little_the_servers_clock_is_before_ours(ours: Foreign) -> None:
    ours.gateway.ask("POST", "/_control/advance", {"seconds": 0.9})
    assert passed(run(ours, CHAT))


def test_elsewhere_no_clock_is_moved(endpoint: Foreign) -> None:
    skipped = run(endpoint, story(EXPIRES.replace("ADVANCE", "advance: 10m"))).verdict
    assert skipped.status is Status.SKIPPED
    assert "in virtual time" in str(skipped.skipped)


# -- control -----------------------------------------------------------------------------------------------------------


def test_facts_that_have_no_api_are_set_for_the_story_alone(ours: Foreign, server: ServerTarget) -> None:
    before = ours.gateway.ask("GET", "/v1/billing/usage").data["sent_messages"]
    assert passed(
        server.run(
            story("""
scenario: The plan is used up
gateway: {plan: free}
phones: [alice]
contacts: [bob]
steps:
  - gateway: {sent_messages: 200}
  - send: {from: alice, to: bob, text: One too many, answer: {status: 402}}
""")
        )
    )
    assert ours.gateway.ask("GET", "/v1/billing/usage").data["sent_messages"] == before
    assert ours.gateway.ask("GET", "/v1/users/me").data["subscription_name"] == "200k-monthly"


def test_a_gateway_that_errs_is_well_again_afterwards(ours: Foreign, server: ServerTarget) -> None:
    server.run(
        story("""
scenario: The gateway errs
phones: [alice]
contacts: [bob]
steps:
  - network: {fault: lost-update}
  - send: {from: alice, to: bob, text: Hello}
  - expect: {sms: {to: bob}}
""")
    )
    assert ours.gateway.faults == ()


# -- guards ------------------------------------------------------------------------------------------------------------

TOUCHES = """
scenario: It touches what is not its own
phones: [alice]
contacts: [bob]
steps:
  - api: {REQUEST}
"""


@pytest.mark.parametrize(
    "request_",
    [
        'method: POST, path: /v1/messages/send, body: {from: "+18005550199", to: "+18005550177", content: x}',
        'method: DELETE, path: "/v1/phones/11111111-1111-4111-8111-111111111111"',
        "method: DELETE, path: /v1/users/me",
    ],
)
def test_what_is_somebody_elses_is_not_touched_and_the_story_is_skipped(
    ours: Foreign, server: ServerTarget, request_: str
) -> None:
    before = len(ours.gateway.trace())
    verdict = server.run(story(TOUCHES.replace("REQUEST", request_))).verdict
    assert verdict.status is Status.SKIPPED
    assert "--take-over lifts this" in str(verdict.skipped)
    asked = [entry for entry in ours.gateway.trace()[before:] if entry.hop == "api"]
    assert [entry for entry in asked if "send" in entry.kind or "users/me" in entry.kind] == []


def test_what_requests_of_a_story_make_is_removed_with_it(ours: Foreign, server: ServerTarget) -> None:
    assert passed(
        server.run(
            story("""
scenario: It makes things
phones: [alice]
steps:
  - api: {method: POST, path: /v1/phone-api-keys, body: {name: its own}}
    capture: {id: data.id}
  - api: {method: POST, path: /v1/phone-api-keys, body: {name: another}}
  - api: {method: DELETE, path: "/v1/phone-api-keys/${id}"}
    answer: {status: 204}
  - api: {method: POST, path: /v1/webhooks, body: {url: "http://127.0.0.1:9/x", events: [message.phone.received],
      phone_numbers: ["+18005550100"], signing_key: ""}}
""")
        )
    )
    assert ours.owned() == {}


# -- phones of somebody ------------------------------------------------------------------------------------------------

TAKEN = "+18446060001"


@pytest.fixture
def somebodys(ours: Foreign) -> Iterator[dict[str, Any]]:
    """A phone that the account has, with a key, settings of its own and a message in a thread."""
    ask = ours.gateway.ask
    key = ask("POST", "/v1/phone-api-keys", {"name": "theirs"}).data
    body = {"phone_number": TAKEN, "sim": "SIM2", "fcm_token": "their token"}
    ask("PUT", "/v1/phones", body)
    ours.gateway._exchange(lambda _: None, phone_request(ours, key["api_key"], body)).result(10)
    phone = ask("PUT", "/v1/phones", {**body, "messages_per_minute": 7, "message_expiration_seconds": 90}).data
    ask("POST", "/v1/messages/receive", {"from": "+18005550101", "to": TAKEN, "content": "theirs", "sim": "SIM2"})
    yield phone
    for row in ask("GET", f"/v1/message-threads?owner=%2B{TAKEN[1:]}").data:
        ask("DELETE", f"/v1/message-threads/{row['id']}")
    ask("DELETE", f"/v1/phones/{phone['id']}")
    ask("DELETE", f"/v1/phone-api-keys/{key['id']}")


def phone_request(ours: Foreign, key: str, body: dict[str, Any]) -> Request:
    host = ours.gateway.url.removeprefix("http://")
    return api_request(UserAccess("http", host, key), "PUT", "/v1/phones/fcm-token", body)


def test_a_number_that_the_account_has_is_refused(server: ServerTarget, somebodys: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--take-over"):
        server.run(replace(RECEIVES, phones=(replace(RECEIVES.phones[0], number=TAKEN),)))


def test_a_phone_that_was_taken_over_is_given_back_as_it_was(ours: Foreign, somebodys: dict[str, Any]) -> None:
    ask = ours.gateway.ask
    keys = ask("GET", "/v1/phone-api-keys?limit=100").data
    assert passed(run(ours, RECEIVES, take_over=True, phones=(("alice", TAKEN),)))
    [phone] = [row for row in ask("GET", "/v1/phones?limit=100").data if row["phone_number"] == TAKEN]
    changed = {name for name in phone if phone[name] != somebodys[name]}
    assert changed <= {"updated_at"}
    after = ask("GET", "/v1/phone-api-keys?limit=100").data
    assert [key["phone_numbers"] for key in after] == [key["phone_numbers"] for key in keys]
    messages = ask("GET", f"/v1/messages?owner=%2B{TAKEN[1:]}&contact=%2B18005550101").data
    assert [message["content"] for message in messages] == ["theirs"]


# -- what cannot be used -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "part"),
    [
        ({"user_key": "uk_wrong"}, KeyRefused, "refuses the user key"),
        ({"user_key": None}, UsageError, "--user-key"),
        ({"server": "http://127.0.0.1:9"}, ServerUnreachable, "nothing listens there"),
        ({"push": "fcm-endpoint"}, UsageError, "--push-listen"),
        ({"listen": "0.0.0.0:0"}, UsageError, "--callback-url"),
        ({"ca_file": __file__}, UsageError, "no certificates"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_at_once(
    ours: Foreign, options: dict[str, Any], error: type[Exception], part: str
) -> None:
    with pytest.raises(error) as caught, opened(replace(ours.options, **options)):
        pass
    assert part in str(caught.value)
    assert "uk_wrong" not in str(caught.value)


def test_something_else_than_httpsms_is_told_so(ours: Foreign) -> None:
    with other_server() as url, pytest.raises(NotHttpSms), opened(options_for(url)):
        pass
