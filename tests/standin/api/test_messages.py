"""harness.standin.api.messages: send, fetch, report, receive, missed calls, lists (gateway-protocol.md §2.4-2.10)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import Tell
from harness.http.values import Arrived, Request
from harness.instants import SECOND, ns
from harness.standin import Pace
from harness.wire.server import Status
from tests.standin.gateways import CONTACT, OWNER, START_AT, TOKEN, Gateway

UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
NO_PHONE = [
    "no phone found with with 'from' number [+18005559999]. "
    "install the android app on your phone to start sending messages",
    "could not validate 'from' number [+18005559999], please try again later",
]
TOO_LATE = "the scheduled time cannot be more than 20 days (480 hours) in the future"


# -- send ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            {},
            {"status": "pending", "type": "mobile-terminated", "attachments": None, "request_id": None, "sim": "SIM1"},
        ),
        ({"from": "18005550199", "to": " 12345 "}, {"owner": OWNER, "contact": "12345"}),
        ({"attachments": ["", " https://a.b/c "]}, {"attachments": ["https://a.b/c"]}),
        ({"request_id": " same "}, {"request_id": "same"}),
        ({"encrypted": True}, {"encrypted": True}),
        (
            {"send_at": "2026-11-21T00:00:00.000000001+02:00"},
            {
                "scheduled_send_time": "2026-11-21T00:00:00.000000001+02:00",
                "order_timestamp": "2026-11-21T00:00:00.000000001+02:00",
            },
        ),
        ({}, {"created_at": "2026-11-20T10:00:01.223456789Z", "order_timestamp": "2026-11-20T10:00:01.223456789Z"}),
    ],
)
def test_a_send_is_answered_with_the_message_as_written(fields: dict[str, Any], shown: dict[str, Any]) -> None:
    answer = Gateway.with_phone().send(**fields)
    assert (answer.status, answer.body["message"]) == (200, "message added to queue")
    assert {name: answer.data[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"content": ""}, {"content": ["The content field is required", "The content field must be minimum 1 char"]}),
        ({"from": "+18005559999"}, {"from": NO_PHONE}),
        ({"send_at": "2026-12-10T10:00:02Z"}, {"send_at": [TOO_LATE]}),
        ({"from": "+18005559999", "send_at": "2036-01-01T00:00:00Z"}, {"from": NO_PHONE, "send_at": [TOO_LATE]}),
        (
            {"from": "+18005559999", "to": "x"},
            {"to": ["The to field must contain only digits and must be less than 14 characters"]},
        ),
    ],
)
def test_a_send_that_cannot_be_is_refused(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    gateway = Gateway.with_phone()
    answer = gateway.send(**fields)
    assert (answer.status, answer.body["message"]) == (422, "validation errors while sending message")
    assert answer.data == problems
    gateway.settle()
    assert gateway.standin.messages == {}
    assert gateway.pushes() == []


def test_a_send_may_lie_as_far_as_480_hours_ahead() -> None:
    assert Gateway.with_phone().send(send_at="2026-12-10T10:00:01Z").status == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"content": "\0"}, 500),
        ({"request_id": "a\0"}, 500),
        ({"attachments": ["https://a.b/\0"]}, 422),  # which is no URL
    ],
)
def test_a_nul_character_is_an_internal_error(fields: dict[str, Any], status: int) -> None:
    gateway = Gateway.with_phone()
    assert gateway.send(**fields).status == status
    assert gateway.standin.messages == {}


def test_over_the_limit_nothing_is_sent_or_received_but_calls_are_missed() -> None:
    gateway = Gateway.with_phone(plan="free")
    for _ in range(200):
        gateway.send()
    gateway.settle(1)
    text = "You have exceeded your limit of [200] messages on your [free] plan. Upgrade to send more messages on https://httpsms.com/billing"
    for answer in (gateway.send(), gateway.receive()):
        assert (answer.status, answer.body) == (402, {"message": text, "status": "error"})
    assert (
        gateway.call("POST", "/v1/messages/calls/missed", {"from": CONTACT, "to": OWNER}, key=gateway.key).status == 200
    )


@pytest.mark.parametrize(
    ("send_at", "pushed_at"),
    [
        (None, START_AT + ns(1.1)),
        ("2026-11-20T09:00:00Z", START_AT + ns(1.1)),
        ("2026-11-20T10:01:00Z", START_AT - 123_456_789 + 60 * SECOND),
    ],
)
def test_a_message_is_pushed_at_its_time(send_at: str | None, pushed_at: int) -> None:
    gateway = Gateway.with_phone()
    gateway.send(send_at=send_at)
    gateway.settle(120)
    assert [at for at, _ in gateway.fcm.requests] == [pushed_at]


# -- fetch -----------------------------------------------------------------------------------------------------


def test_a_message_is_fetched_once() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    first, second = gateway.fetch(message_id), gateway.fetch(message_id)
    assert (first.status, first.data["status"]) == (200, "sending")
    assert first.body["message"] == "outstanding message fetched successfully"
    assert first.data["last_attempted_at"] is None
    assert (second.status, second.body["message"]) == (404, f"Cannot find outstanding message with ID [{message_id}]")
    gateway.settle(0)
    assert gateway.message(message_id).last_attempted_at is not None


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("message_id=x", ["The message_id field must contain valid UUID"]),
        ("", ["The message_id field is required", "The message_id field must contain valid UUID"]),
    ],
)
def test_a_fetch_needs_an_id(query: str, problems: list[str]) -> None:
    answer = Gateway().call("GET", f"/v1/messages/outstanding?{query}")
    assert (answer.status, answer.data) == (422, {"message_id": problems})


def test_a_phone_key_fetches_for_its_numbers_and_one_without_numbers_for_all() -> None:
    gateway = Gateway.with_phone()
    other = gateway.add_phone("+18005550198", "other-token")
    bare = gateway.call("POST", "/v1/phone-api-keys", {"name": "bare"}).data["api_key"]
    message_id = gateway.send().data["id"]
    path = f"/v1/messages/outstanding?message_id={message_id}"
    assert gateway.call("GET", path, key=other).status == 404
    assert gateway.call("GET", path, key=bare).status == 200


# -- reports ---------------------------------------------------------------------------------------------------


def test_a_report_is_answered_with_the_message_as_it_was() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.fetch(message_id)
    answer = gateway.report(message_id, "SENT")
    assert (answer.status, answer.body["message"]) == (200, "message event stored successfully")
    assert answer.data["status"] == "sending"
    gateway.settle(0)
    assert gateway.message(message_id).status is Status.SENT


@pytest.mark.parametrize(("pace", "after_s"), [(Pace.FAITHFUL, 1), (Pace.INSTANT, 0)])
def test_delivered_takes_effect_a_second_later(pace: Pace, after_s: int) -> None:
    gateway = Gateway.with_phone(pace=pace)
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.report(message_id, "DELIVERED")
    reported_at = gateway.world.now
    gateway.settle()
    (event,) = gateway.entries("gateway", "message.phone.delivered")
    assert event.at - reported_at == after_s * SECOND


PERMISSION = (
    " You need to grant the SMS permission to the httpSMS Android app"
    " https://httpsms.com/blog/grant-send-and-read-sms-permissions-on-android"
)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"reason": "NO_SERVICE"}, "NO_SERVICE"),
        ({"reason": ""}, ""),
        ({"reason": None}, "UNKNOWN ERROR"),
        ({}, "UNKNOWN ERROR"),
        ({"reason": "no android.permission.SEND_SMS."}, "no android.permission.SEND_SMS." + PERMISSION),
    ],
)
def test_a_failure_has_a_reason(fields: dict[str, Any], reason: str) -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.report(message_id, "FAILED", **fields)
    gateway.settle(0)
    assert gateway.message(message_id).failure_reason == reason


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("{id}.1", {"event_name": "SENT"}, 204),
        ("{id}.1", {"event_name": "nonsense"}, 204),
        ("{id}.1", {"event_name": 5}, 400),
        (UNKNOWN, {"event_name": "SENT"}, 404),
        ("xyz", {"event_name": "SENT"}, 422),
        ("{id}", {}, 422),
        ("{id}", {"event_name": "SENT", "timestamp": "yesterday"}, 400),
    ],
)
def test_a_report_that_cannot_be_is_refused(path: str, body: dict[str, Any], status: int) -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    path = f"/v1/messages/{path.format(id=message_id)}/events"
    assert gateway.call("POST", path, body, key=gateway.key).status == status
    gateway.settle()
    assert gateway.message(message_id).status is Status.SCHEDULED


def test_a_report_for_a_number_of_another_key_is_refused() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.key = gateway.add_phone("+18005550198", "other-token")
    answer = gateway.report(message_id, "SENT")
    assert answer.status == 401
    assert answer.data.endswith(f"[{OWNER}]. The API key is only configured for these phone numbers [+18005550198]")


# -- what came in ----------------------------------------------------------------------------------------------


def test_a_received_text_is_answered_as_given_and_read_back_cut() -> None:
    gateway = Gateway.with_phone()
    given = "2026-07-23T05:10:00.123456789+02:00"
    answer = gateway.receive(timestamp=given, **{"from": "8005550101"})
    times = ("request_received_at", "order_timestamp", "received_at")
    assert answer.body["message"] == "message received successfully"
    assert {answer.data[name] for name in times} == {given}
    assert (answer.data["contact"], answer.data["attachments"]) == ("+18005550101", [])
    read = gateway.call("GET", f"/v1/messages/{answer.data['id']}").data
    assert {read[name] for name in times} == {"2026-07-23T03:10:00.123456Z"}


def test_a_received_text_without_a_time_is_of_the_year_one() -> None:
    assert Gateway.with_phone().receive(timestamp=None).data["received_at"] == "0001-01-01T00:00:00Z"


def test_every_receive_is_a_new_message() -> None:
    gateway = Gateway.with_phone()
    assert gateway.receive().data["id"] != gateway.receive().data["id"]


def test_a_text_that_cannot_be_stored_is_told_and_counted_anyway() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    assert gateway.receive(content="a\0b").status == 500
    gateway.settle()
    assert [event["data"]["content"] for event in gateway.hooks()] == ["a\0b"]
    assert gateway.call("GET", "/v1/billing/usage").data["received_messages"] == 1
    assert gateway.standin.messages == {}


def test_attachments_are_kept_and_served_to_anybody() -> None:
    gateway = Gateway.with_phone(base_url="http://localhost:8000")
    file = {"name": "my photo!.png", "content_type": "image/png", "content": "eA=="}
    answer = gateway.receive(content="", attachments=[file])
    (url,) = answer.data["attachments"]
    path = f"/v1/attachments/{gateway.account.id}/{answer.data['id']}/0/my-photo.png"
    assert url == "http://localhost:8000" + path
    served = gateway.call("GET", path, key="")
    assert (served.status, served.response.body) == (200, b"x")
    assert served.response.header("Content-Type") == "image/png"
    assert served.response.header("Content-Disposition") == "attachment"
    missing = gateway.call("GET", path + "x", key="")
    assert (missing.status, missing.body["message"]) == (404, "attachment not found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/messages/receive", {"from": CONTACT, "to": "+18005550198", "content": "x"}),
        ("/v1/messages/calls/missed", {"from": CONTACT, "to": "+18005550198"}),
    ],
)
def test_a_phone_key_takes_in_for_its_own_numbers_only(path: str, body: dict[str, Any]) -> None:
    gateway = Gateway.with_phone()
    assert gateway.call("POST", path, body, key=gateway.key).status == 401
    assert gateway.call("POST", path, body).status == 200


def test_a_missed_call_is_a_message_of_its_own_kind() -> None:
    gateway = Gateway.with_phone()
    body = {"from": "Bank", "to": OWNER, "sim": "SIM2", "timestamp": "2026-07-23T05:10:00+02:00"}
    data = gateway.call("POST", "/v1/messages/calls/missed", body, key=gateway.key).data
    shown = {"type": "call/missed", "content": "", "attachments": None, "received_at": None, "sim": "SIM2",
             "request_received_at": "2026-07-23T05:10:00+02:00", "contact": "Bank"}  # fmt: skip
    assert {name: data[name] for name in shown} == shown


def test_a_caller_with_a_nul_character_is_an_internal_error() -> None:
    gateway = Gateway.with_phone()
    body = {"from": "a\0", "to": OWNER}
    assert gateway.call("POST", "/v1/messages/calls/missed", body).status == 500
    gateway.settle()
    assert gateway.standin.threads == {}


# -- reading ---------------------------------------------------------------------------------------------------


def test_a_conversation_is_listed_by_time() -> None:
    gateway = Gateway.with_phone()
    for number, minute in enumerate((2, 0, 1)):
        gateway.receive(content=f"m{number}", timestamp=f"2026-07-23T05:0{minute}:00Z")
    gateway.receive(**{"from": "Bank"})
    path = f"/v1/messages?owner=+{OWNER[1:]}&contact=%2B{CONTACT[1:]}"
    assert [row["content"] for row in gateway.call("GET", path).data] == ["m0", "m2", "m1"]
    assert [row["content"] for row in gateway.call("GET", path + "&skip=1&limit=1").data] == ["m2"]
    assert gateway.call("GET", path + "&query=M1").body["message"] == "fetched 1 message"
    assert gateway.call("GET", path.replace(CONTACT[1:], "1 800")).data == []
    assert gateway.call("GET", "/v1/messages?owner=x").status == 422


@pytest.mark.parametrize(
    ("message_id", "status", "text"),
    [
        (UNKNOWN, 404, f"cannot find message with ID [{UNKNOWN}]"),
        (UNKNOWN.upper(), 422, "validation errors while storing event"),
    ],
)
def test_a_message_that_is_not_there_cannot_be_read(message_id: str, status: int, text: str) -> None:
    answer = Gateway().call("GET", f"/v1/messages/{message_id}")
    assert (answer.status, answer.body["message"]) == (status, text)


def test_the_push_goes_to_the_token_of_the_phone() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    assert [(push["token"], push["data"]) for push in gateway.pushes()] == [(TOKEN, {"KEY_MESSAGE_ID": message_id})]


# -- deletion --------------------------------------------------------------------------------------------------


def test_a_deleted_message_is_gone_at_once_and_its_thread_by_event() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.receive().data["id"]
    gateway.settle(0)
    answer = gateway.call("DELETE", f"/v1/messages/{message_id}")
    assert (answer.status, answer.response.body) == (204, b"")
    assert (len(gateway.standin.messages), len(gateway.standin.threads)) == (0, 1)
    assert gateway.call("GET", f"/v1/messages/{message_id}").status == 404
    gateway.settle(0)
    assert not gateway.standin.threads
    (entry,) = gateway.entries("gateway", "message.api.deleted")
    assert entry.message == message_id


@pytest.mark.parametrize(
    ("message_id", "status", "text"),
    [
        (UNKNOWN, 404, f"cannot find message with ID [{UNKNOWN}]"),
        ("x", 422, "validation errors while storing event"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_message_that_is_not_there_is_neither_shown_nor_deleted(
    method: str, message_id: str, status: int, text: str
) -> None:
    answer = Gateway().call(method, f"/v1/messages/{message_id}")
    assert (answer.status, answer.body["message"]) == (status, text)


def test_the_push_of_a_deleted_message_still_goes_out_and_the_phone_finds_nothing() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    gateway.call("DELETE", f"/v1/messages/{message_id}")
    gateway.settle(1)
    assert gateway.pushes()[-1]["data"]["KEY_MESSAGE_ID"] == message_id
    assert gateway.fetch(message_id).status == 404


def test_a_conversation_with_somebody_whom_no_database_takes_is_an_internal_error() -> None:
    path = f"/v1/messages?owner={OWNER.replace('+', '%2B')}&contact="
    assert Gateway().call("GET", path + "a%00b").status == 500
    assert Gateway().call("GET", path + "a&query=%00").status == 500


def test_what_a_fetch_leads_to_names_its_path_without_the_query() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    target = f"/v1/messages/outstanding?message_id={message_id}"
    headers = (("Host", "api.internal"), ("x-api-key", gateway.account.api_key))
    request = Request("GET", "http", "api.internal", target.encode(), headers, b"")
    commands = gateway.standin.handle(Arrived("1", request), gateway.world.now)
    (event,) = [command.event for command in commands if isinstance(command, Tell)]
    assert event.source == "/v1/messages/outstanding"
