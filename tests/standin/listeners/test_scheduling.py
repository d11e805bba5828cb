"""harness.standin.listeners.scheduling: a message waits for its turn (gateway-protocol.md §4.3, §4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import SECOND, rfc3339
from harness.standin import Pace
from harness.standin.rows import evolve
from tests.standin.gateways import CONTACT, OWNER, TOKEN, Gateway


def _rate(gateway: Gateway, messages_per_minute: int) -> None:
    (phone,) = gateway.standin.phones.values()
    gateway.standin.phones[phone.id] = evolve(phone, messages_per_minute=messages_per_minute)


@pytest.mark.parametrize(("rate", "gap_s"), [(10, 6), (45, 1), (0, 0)])
def test_the_next_push_is_planned_behind_the_latest_one(rate: int, gap_s: int) -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, rate)
    planned = []
    for _ in range(3):
        message_id = gateway.send().data["id"]
        gateway.settle(0)
        planned.append(gateway.message(message_id).scheduled_at or 0)
    assert [at - planned[0] for at in planned] == [0, gap_s * SECOND, 2 * gap_s * SECOND]


def test_a_planned_time_takes_no_notice_of_the_rate_but_holds_the_next_one_back() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 10)
    first = gateway.send(send_at="2026-11-20T10:00:02Z").data["id"]
    second = gateway.send(send_at="2026-11-20T10:00:02Z").data["id"]
    gateway.settle(2)
    third = gateway.send().data["id"]
    gateway.settle(0)
    at = [gateway.message(message_id).scheduled_at or 0 for message_id in (first, second, third)]
    assert [later - at[0] for later in at] == [0, 0, 6 * SECOND]


def test_the_chain_hangs_on_the_latest_push_that_is_planned() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 10)
    sends: list[dict[str, str]] = [{}, {}, {"send_at": "2026-11-20T10:00:00Z"}, {}]
    planned = []
    for fields in sends:
        message_id = gateway.send(**fields).data["id"]
        gateway.settle(0)
        planned.append(gateway.message(message_id).scheduled_at or 0)
    assert [at - planned[0] for at in planned] == [0, 6 * SECOND, 0, 12 * SECOND]


def test_a_message_of_a_phone_that_is_gone_stays_pending() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send(send_at="2026-11-20T10:00:10Z").data["id"]
    (phone_id,) = gateway.standin.phones
    gateway.call("DELETE", f"/v1/phones/{phone_id}")
    gateway.settle(60)
    assert gateway.message(message_id).status == "pending"
    assert gateway.pushes() == []


def test_a_phone_that_goes_before_the_push_fails_the_message() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    (phone_id,) = gateway.standin.phones
    gateway.call("DELETE", f"/v1/phones/{phone_id}")
    gateway.settle(5)
    reason = f"cannot load phone with userID [{gateway.account.id}] and phoneID [{phone_id}]"
    assert (gateway.message(message_id).status, gateway.message(message_id).failure_reason) == ("failed", reason)


def test_a_phone_without_a_token_fails_the_message() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER})
    gateway.subscribe("message.send.failed")
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    (phone_id,) = gateway.standin.phones
    assert gateway.message(message_id).failure_reason == f"phone with id [{phone_id}] has no FCM token"
    assert gateway.pushes() == []
    assert [event["data"]["id"] for event in gateway.hooks()] == [message_id]


def test_an_empty_token_is_pushed_to() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": ""})
    gateway.send()
    gateway.settle(1)
    assert [push["token"] for push in gateway.pushes()] == [""]


def test_a_message_is_pushed_whatever_has_become_of_it() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    gateway.report(message_id, "FAILED")
    gateway.settle(1)
    assert len(gateway.pushes()) == 2
    assert gateway.message(message_id).status == "failed"


def test_a_silent_phone_is_asked_for_a_heartbeat() -> None:
    gateway = Gateway.with_phone()
    (phone_id,) = gateway.standin.phones
    data = {"phone_id": phone_id, "user_id": gateway.account.id, "owner": OWNER}
    gateway.inject("phone.heartbeat.missed", data)
    assert gateway.pushes() == [
        {"token": TOKEN, "data": {"KEY_HEARTBEAT_ID": "2026-11-20T10:00:01Z"}, "android": {"priority": "high"}}
    ]
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER})
    gateway.inject("phone.heartbeat.missed", data)
    assert len(gateway.pushes()) == 1


def test_a_retry_keeps_the_rate() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 1)
    first = gateway.send().data["id"]
    gateway.settle(1)
    gateway.check_expiry(first)
    gateway.settle(120)
    (one, _), (two, _) = gateway.fcm.requests
    assert two - one == 60 * SECOND
    assert {push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()} == {first}
    assert gateway.message(first).contact == CONTACT


# -- windows -----------------------------------------------------------------------------------------------------

# START_AT is a Friday, ten in the morning.
FRIDAY_NOON = (5, 720, 780)
FRIDAY_NOON_AT = "2026-11-20T12:00:00Z"
FRIDAY_TEN = (5, 600, 660)


def _windows(gateway: Gateway, *windows: tuple[int, int, int], rate: int = 10) -> None:
    """Gives the phone a schedule in UTC."""
    named = [dict(zip(("day_of_week", "start_minute", "end_minute"), window, strict=True)) for window in windows]
    body = {"name": "windows", "timezone": "UTC", "windows": named}
    made = gateway.call("POST", "/v1/send-schedules", body).data["id"]
    settings = {"phone_number": OWNER, "fcm_token": TOKEN, "messages_per_minute": rate}
    gateway.call("PUT", "/v1/phones", {**settings, "message_send_schedule_id": made})


def _planned(gateway: Gateway, **fields: str) -> str:
    message_id = gateway.send(**fields).data["id"]
    gateway.settle(0)
    return rfc3339(gateway.message(message_id).scheduled_at or 0)


@pytest.mark.parametrize("pace", Pace)
def test_a_message_waits_for_its_window_at_either_pace(pace: Pace) -> None:
    gateway = Gateway.with_phone(pace=pace)
    _windows(gateway, FRIDAY_NOON)
    message_id = gateway.send().data["id"]
    gateway.settle(3600)
    assert gateway.pushes() == []
    gateway.settle(3600)
    assert [push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()] == [message_id]
    assert rfc3339(gateway.message(message_id).scheduled_at or 0) == FRIDAY_NOON_AT


@pytest.mark.parametrize(
    ("rate", "settings", "second"),
    [
        (10, {}, "2026-11-20T12:00:06Z"),
        (1, {}, "2026-11-20T12:01:00Z"),
        (0, {}, FRIDAY_NOON_AT),
        (10, {"keep_rate": False}, FRIDAY_NOON_AT),
        (10, {"pace": Pace.INSTANT}, FRIDAY_NOON_AT),
        (10, {"pace": Pace.INSTANT, "keep_rate": True}, "2026-11-20T12:00:06Z"),
    ],
)
def test_in_a_window_messages_keep_the_rate_where_it_is_kept(rate: int, settings: Any, second: str) -> None:
    gateway = Gateway.with_phone(**settings)
    _windows(gateway, FRIDAY_NOON)
    _rate(gateway, rate)
    assert [_planned(gateway), _planned(gateway)] == [FRIDAY_NOON_AT, second]


def test_a_window_as_short_as_the_spacing_takes_one_message_a_week() -> None:
    gateway = Gateway.with_phone()
    _windows(gateway, (5, 720, 721), rate=1)
    planned = [_planned(gateway) for _ in range(3)]
    assert planned == [FRIDAY_NOON_AT, "2026-11-27T12:00:00Z", "2026-12-04T12:00:00Z"]


def test_the_rate_moves_a_message_into_the_next_window() -> None:
    gateway = Gateway.with_phone()
    _windows(gateway, (5, 720, 721), (5, 722, 723), rate=2)
    assert [_planned(gateway)[11:19] for _ in range(4)] == ["12:00:00", "12:00:30", "12:02:00", "12:02:30"]


def test_an_open_window_holds_nothing_back() -> None:
    gateway = Gateway.with_phone()
    _windows(gateway, FRIDAY_TEN)
    gateway.send()
    gateway.settle(0.1)
    assert len(gateway.pushes()) == 1


def test_a_planned_time_takes_no_notice_of_windows_but_holds_the_next_one_back() -> None:
    gateway = Gateway.with_phone()
    _windows(gateway, FRIDAY_NOON)
    message_id = gateway.send(send_at="2026-11-20T12:30:00Z").data["id"]
    gateway.settle(9000)
    assert rfc3339(gateway.message(message_id).scheduled_at or 0) == "2026-11-20T12:30:00Z"
    assert _planned(gateway) == "2026-11-20T12:30:06Z"


def test_messages_of_a_later_window_hold_back_those_that_no_window_binds_any_more() -> None:
    gateway = Gateway.with_phone()
    _windows(gateway, FRIDAY_NOON)
    _planned(gateway)
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": TOKEN})
    assert _planned(gateway) == "2026-11-20T12:00:06Z"


def test_a_retry_waits_for_a_window_even_of_a_message_with_a_planned_time() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send(send_at="2026-11-20T10:00:10Z").data["id"]
    gateway.settle(20)
    _windows(gateway, FRIDAY_NOON)
    gateway.check_expiry(message_id)
    gateway.settle(0)
    assert rfc3339(gateway.message(message_id).scheduled_at or 0) == FRIDAY_NOON_AT


def test_without_its_schedule_a_phone_has_no_windows() -> None:
    gateway = Gateway.with_phone()
    _windows(gateway, FRIDAY_NOON)
    for schedule_id in tuple(gateway.standin.schedules):
        gateway.standin.schedules.drop(schedule_id)  # deleted, and the event still to come
    gateway.send()
    gateway.settle(1)
    assert len(gateway.pushes()) == 1


def test_a_planned_message_that_is_told_twice_is_pushed_twice_but_planned_once() -> None:
    gateway = Gateway.with_phone()
    (phone,) = gateway.standin.phones.values()
    at = "2026-11-20T10:00:05Z"
    data = {
        "message_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "user_id": gateway.account.id,
        "owner": OWNER,
        "contact": CONTACT,
        "scheduled_send_time": at,
        "exact_send_time": True,
        "request_received_at": at,
    }
    for _ in range(2):
        gateway.inject("message.api.sent", data)
    assert [row.phone_id for row in gateway.standin.notifications.values()] == [phone.id]
    gateway.settle(10)
    assert len(gateway.pushes()) == 2


def test_a_deleted_message_gives_its_place_to_the_next_one() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 10)
    planned = []
    for deletes in (False, True, False):
        message_id = gateway.send().data["id"]
        gateway.settle(0)
        planned.append(gateway.message(message_id).scheduled_at or 0)
        if deletes:
            gateway.call("DELETE", f"/v1/messages/{message_id}")
            gateway.settle(0)
    assert [at - planned[0] for at in planned] == [0, 6 * SECOND, 6 * SECOND]


def test_only_the_own_places_of_a_message_are_given_up() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    for user_id, left in (("somebody-else", 1), (gateway.account.id, 0)):
        gateway.inject("message.api.deleted", {"message_id": message_id, "user_id": user_id, "owner": OWNER})
        assert len(gateway.standin.notifications) == left


def test_nobody_asks_the_phone_of_another_for_a_heartbeat() -> None:
    gateway = Gateway.with_phone()
    (phone_id,) = gateway.standin.phones
    gateway.inject("phone.heartbeat.missed", {"phone_id": phone_id, "user_id": "somebody else", "owner": OWNER})
    assert gateway.pushes() == []
