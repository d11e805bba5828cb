"""harness.wire.events: CloudEvents and their payloads (gateway-protocol.md §7.2, §7.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.instants import parse_rfc3339
from harness.wire import events
from harness.wire.bodies import Body
from harness.wire.events import PAYLOADS, Event, PhoneReceived, Unknown, read_envelope, read_payload, write
from harness.wire.json import ZERO_STAMP, BadBody, Pairs, Stamp, load

ID = "32343a19-da5e-4b1b-a767-3298a73703cb"
AT = Stamp(parse_rfc3339("2026-07-23T05:10:00.123456789Z"))
GIVEN = Stamp(parse_rfc3339("2026-07-23T05:09:59.123Z"), 120)
RECEIVED = PhoneReceived(ID, "user-1", "+18005550199", False, "+18005550100", GIVEN, "a < b & c", "SIM1", ())

# Field order of gateway-protocol.md §7.3.
FIELDS = {
    "message.api.sent": "message_id user_id owner request_id max_send_attempts contact scheduled_send_time "
    "exact_send_time request_received_at content attachments encrypted sim",
    "message.api.deleted": "message_id user_id owner request_id contact timestamp content encrypted "
    "previous_message_id previous_message_status previous_message_content sim",
    "message.phone.sending": "id user_id request_id timestamp owner encrypted contact content sim",
    "message.phone.sent": "id user_id request_id owner contact encrypted timestamp content sim",
    "message.phone.delivered": "id owner contact request_id user_id encrypted timestamp content sim",
    "message.send.failed": "id error_message user_id owner request_id contact timestamp encrypted content sim",
    "message.send.expired": "message_id owner send_attempt_count is_final request_id contact encrypted user_id "
    "timestamp content sim",
    "message.phone.received": "message_id user_id owner encrypted contact timestamp content sim attachments",
    "message.call.missed": "message_id user_id owner contact timestamp sim",
    "phone.heartbeat.online": "phone_id user_id last_heartbeat_timestamp timestamp monitor_id owner",
    "phone.heartbeat.offline": "phone_id user_id last_heartbeat_timestamp timestamp monitor_id owner",
    "phone.heartbeat.missed": "phone_id user_id last_heartbeat_timestamp timestamp monitor_id owner",
    "phone.heartbeat.check": "phone_id user_id scheduled_at owner monitor_id",
    "message.notification.scheduled": "id owner contact content encrypted sim user_id phone_id scheduled_at "
    "notification_id",
    "message.notification.send": "id user_id phone_id scheduled_at notification_id",
    "message.notification.sent": "message_id user_id phone_id scheduled_at fcm_message_id "
    "message_expiration_duration notification_sent_at notification_id",
    "message.notification.failed": "message_id user_id notification_id phone_id error_message notification_failed_at",
    "message.send.expired.check": "message_id scheduled_at user_id",
    "message.send.retry": "message_id owner contact encrypted user_id timestamp content sim",
    "message-send-schedule.deleted": "schedule_id user_id timestamp",
    "phone.updated": "phone_id user_id phone_api_key_id timestamp owner sim",
    "phone.deleted": "phone_id user_id timestamp owner sim",
    "webhook.send.failed": "webhook_id webhook_url owner user_id event_id event_type event_payload "
    "http_response_status_code error_message",
    "message-thread.api.deleted": "message_thread_id user_id owner contact is_archived color status timestamp",
    "user.account.created": "user_id timestamp",
    "user.account.deleted": "user_id user_email timestamp",
    "user.api-key.rotated": "user_id email timestamp timezone",
    "user.subscription.created": "user_id subscription_created_at subscription_id subscription_name "
    "subscription_renews_at subscription_status",
    "user.subscription.updated": "user_id subscription_updated_at subscription_ends_at subscription_renews_at "
    "subscription_id subscription_name subscription_status",
    "user.subscription.cancelled": "user_id subscription_cancelled_at subscription_ends_at subscription_id "
    "subscription_name subscription_status",
    "user.subscription.expired": "user_id subscription_expired_at subscription_ends_at is_cancelled subscription_id "
    "subscription_name subscription_status",
}


@pytest.mark.parametrize(("event_type", "fields"), FIELDS.items())
def test_a_payload_has_its_fields_in_their_order(event_type: str, fields: str) -> None:
    event = Event("/test", AT, read_payload(event_type, load(b"{}")), "1")
    written = json.loads(write(event))
    assert written["type"] == event_type
    assert list(written["data"]) == fields.split()


def test_every_payload_is_listed_here() -> None:
    assert FIELDS.keys() == PAYLOADS.keys()


def test_an_event_is_written_as_the_server_writes_it() -> None:
    assert write(Event("/v1/messages/receive?a=b&c=d", AT, RECEIVED, ID)).decode() == (
        '{"specversion":"1.0","id":"' + ID + '","source":"/v1/messages/receive?a=b\\u0026c=d",'
        '"type":"message.phone.received","datacontenttype":"application/json",'
        '"time":"2026-07-23T05:10:00.123456789Z","data":{"message_id":"' + ID + '","user_id":"user-1",'
        '"owner":"+18005550199","encrypted":false,"contact":"+18005550100",'
        '"timestamp":"2026-07-23T07:09:59.123+02:00","content":"a \\u003c b \\u0026 c","sim":"SIM1",'
        '"attachments":[]}}'
    )


def test_the_time_of_an_event_is_shown_in_utc_and_those_in_its_data_as_they_came() -> None:
    written = json.loads(write(Event("/test", Stamp(AT.at, 120), RECEIVED, ID)))
    assert (written["time"], written["data"]["timestamp"]) == (str(AT), "2026-07-23T07:09:59.123+02:00")


@pytest.mark.parametrize("text", ["urn:uuid:{}", "{{{}}}"])
def test_an_id_is_read_in_every_form(text: str) -> None:
    payload = read_payload("message.phone.sent", Pairs([("id", text.format(ID.upper()))]))
    assert payload.id == ID  # type: ignore[attr-defined]


@pytest.mark.parametrize("event_type", PAYLOADS)
def test_a_payload_that_was_written_is_read_back(event_type: str) -> None:
    payload = read_payload(event_type, load(b"{}"))
    text = events.data_text(Event("/test", AT, payload))
    assert read_payload(event_type, load(text.encode())) == payload


def test_data_are_read_with_the_offsets_of_their_times() -> None:
    text = events.data_text(Event("/test", AT, RECEIVED))
    assert read_payload("message.phone.received", load(text.encode())) == RECEIVED


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("message.phone.sent", b'{"id":"x"}'),
        ("message.phone.sent", b'{"timestamp":"x"}'),
        ("message.phone.sent", b'{"encrypted":"x"}'),
        ("message.phone.sent", b"[]"),
        ("message.send.expired.check", b'{"message_id":5}'),
    ],
)
def test_data_that_do_not_fit_their_type_are_refused(event_type: str, data: bytes) -> None:
    with pytest.raises(BadBody):
        read_payload(event_type, load(data))


def test_a_type_that_nobody_knows_has_no_data() -> None:
    assert read_payload("x.y", load(b'{"a":1}')) == Unknown()


def _envelope(**members: Any) -> Body:
    event = {"specversion": "1.0", "id": "1", "source": "/t", "type": "x.y", "data": {}}
    return Body(
        json.dumps({k: v for k, v in {**event, **members}.items() if v is not None}).encode(), "application/json"
    )


@pytest.mark.parametrize(
    ("members", "problems"),
    [
        ({}, {}),
        ({"id": None}, {"event": ["id: MUST be a non-empty string\n"]}),
        ({"source": ""}, {"event": ["source: REQUIRED\n"]}),
        ({"type": None}, {"event": ["type: MUST be a non-empty string\n"]}),
        ({"id": None, "type": None}, {"event": ["id: MUST be a non-empty string\ntype: MUST be a non-empty string\n"]}),
    ],
)
def test_an_event_needs_id_source_and_type(members: dict[str, Any], problems: dict[str, Any]) -> None:
    assert read_envelope(_envelope(**members)).problems() == problems


@pytest.mark.parametrize(
    ("body", "time"), [(_envelope(), ZERO_STAMP), (_envelope(time="2026-07-23T07:09:59.123+02:00"), GIVEN)]
)
def test_an_event_may_say_when_it_was(body: Body, time: Stamp) -> None:
    assert read_envelope(body).time == time


@pytest.mark.parametrize(
    "body",
    [
        _envelope(specversion="9"),
        _envelope(specversion=None),
        _envelope(time="x"),
        _envelope(id=5),
        Body(b"[]", "application/json"),
        Body(b'{"specversion":"1.0"}', "text/plain"),
    ],
)
def test_what_is_no_event_cannot_be_decoded(body: Body) -> None:
    with pytest.raises(BadBody):
        read_envelope(body)
