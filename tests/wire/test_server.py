"""harness.wire.server: entities and envelopes (gateway-protocol.md Appendix E)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.instants import parse_rfc3339
from harness.standin.rows import Message
from harness.wire import server
from harness.wire.json import Stamp
from harness.wire.server import MessageType, Status

AT = parse_rfc3339("2026-07-23T05:10:00.123456Z")
MESSAGE = Message(
    "32343a19-da5e-4b1b-a767-3298a73703cb", None, "+18005550199", "user-1", "+18005550100", "hi", None, False,
    MessageType.OUTGOING, Status.PENDING, "SIM1", AT, AT, AT, AT, None, 2,
)  # fmt: skip
SAMPLE = (
    '{"data":{"id":"32343a19-da5e-4b1b-a767-3298a73703cb","request_id":null,"owner":"+18005550199",'
    '"user_id":"user-1","contact":"+18005550100","content":"hi","attachments":null,"encrypted":false,'
    '"type":"mobile-terminated","status":"pending","sim":"SIM1","send_time":null,'
    '"request_received_at":"2026-07-23T05:10:00.123456789Z","created_at":"2026-07-23T05:10:00.124456789Z",'
    '"updated_at":"2026-07-23T05:10:00.124456789Z","order_timestamp":"2026-07-23T05:10:00.123456789Z",'
    '"last_attempted_at":null,"scheduled_at":null,"sent_at":null,"scheduled_send_time":null,'
    '"delivered_at":null,"expired_at":null,"failed_at":null,"send_attempt_count":0,"max_send_attempts":2,'
    '"received_at":null,"failure_reason":null},"message":"message added to queue","status":"success"}'
)


def test_the_answer_to_a_send_is_the_documented_one() -> None:
    received = Stamp(parse_rfc3339("2026-07-23T05:10:00.123456789Z"))
    written = Stamp(parse_rfc3339("2026-07-23T05:10:00.124456789Z"))
    entity = server.message_as_written(MESSAGE, received, written)
    assert server.success(entity, "message added to queue").decode() == SAMPLE


def test_a_row_that_was_read_back_shows_microseconds() -> None:
    entity = server.message(replace(MESSAGE, sent_at=AT + 1000, send_duration=5))
    assert entity["created_at"] == "2026-07-23T05:10:00.123456Z"
    assert entity["sent_at"] == "2026-07-23T05:10:00.123457Z"
    assert entity["send_time"] == 5


def test_times_that_were_given_are_shown_as_they_were_given() -> None:
    given, now = Stamp(AT + 789, 120), Stamp(AT)
    entity = server.message_as_written(replace(MESSAGE, received_at=AT, send_at=AT), given, now, given)
    shown = {name for name, value in entity.items() if value == "2026-07-23T07:10:00.123456789+02:00"}
    assert shown == {"request_received_at", "order_timestamp", "received_at", "scheduled_send_time"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (server.accepted("m"), '{"message":"m","status":"success"}'),
        (server.success(None, "m"), '{"data":null,"message":"m","status":"success"}'),
        (server.error("m"), '{"message":"m","status":"error"}'),
        (server.error("m", data="why"), '{"data":"why","message":"m","status":"error"}'),
        (
            server.push_body("t", "KEY_MESSAGE_ID", "id", "normal"),
            '{"message":{"token":"t","data":{"KEY_MESSAGE_ID":"id"},"android":{"priority":"normal"}}}',
        ),
    ],
)  # fmt: skip
def test_a_body_has_its_keys_in_the_order_of_the_server(body: bytes, text: str) -> None:
    assert body.decode() == text


@pytest.mark.parametrize(
    ("body", "name"),
    [(b'{"name":"n"}', "n"), (b"{}", ""), (b'{"name":5}', None), (b"ok", None), (b"", None), (b"[]", None)],
)
def test_the_name_of_a_push_is_read_where_it_is(body: bytes, name: str | None) -> None:
    assert server.pushed_name(body) == name


@pytest.mark.parametrize(
    ("plan", "limit"),
    [("200k-monthly", 200_000), ("pro-lifetime", 5_000), ("free", None), ("", None)],
)
def test_only_paid_plans_have_a_limit_of_their_own(plan: str, limit: Any) -> None:
    assert server.PLAN_LIMITS.get(plan) == limit


def test_an_entity_is_json() -> None:
    assert json.loads(server.success(server.message(MESSAGE), "m"))["data"]["attachments"] is None


# gateway-protocol.md §2 and Appendix E; the recordings have the same orders.
KEYS = {
    server.thread: "id owner contact is_archived is_read user_id color status last_message_content last_message_id "
    "created_at updated_at order_timestamp",
    server.phone: "id user_id fcm_token phone_number messages_per_minute sim message_send_schedule_id "
    "max_send_attempts message_expiration_seconds missed_call_auto_reply unarchive_thread created_at updated_at",
    server.phone_key: "id name user_id user_email phone_numbers phone_ids api_key created_at updated_at",
    server.heartbeat: "id owner version charging user_id timestamp",
    server.webhook: "id user_id url signing_key phone_numbers events created_at updated_at",
    server.account: "id email api_key timezone active_phone_id subscription_name subscription_id "
    "subscription_status subscription_renews_at subscription_ends_at notification_message_status_enabled "
    "notification_webhook_enabled notification_heartbeat_enabled notification_newsletter_enabled created_at updated_at",
    server.usage: "id user_id sent_messages received_messages total_cost start_timestamp end_timestamp created_at "
    "updated_at",
}


@pytest.mark.parametrize(("entity", "keys"), KEYS.items(), ids=lambda value: str(value)[:12])
def test_an_entity_has_its_keys_in_the_order_of_the_server(entity: server.Entity, keys: str) -> None:
    assert list(entity.keys) == keys.split()
