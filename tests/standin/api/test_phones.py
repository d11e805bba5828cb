"""harness.standin.api.phones: settings, tokens, deletion (gateway-protocol.md §2.12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.gateways import OWNER, TOKEN, Gateway

ALL = {
    "sim": "SIM2",
    "messages_per_minute": 7,
    "max_send_attempts": 3,
    "message_expiration_seconds": 90,
    "missed_call_auto_reply": " later ",
    "unarchive_thread": True,
}
DEFAULTS = {"messages_per_minute": 10, "max_send_attempts": 2, "message_expiration_seconds": 600,
            "missed_call_auto_reply": None, "unarchive_thread": False, "message_send_schedule_id": None}  # fmt: skip


def _put(gateway: Gateway, **fields: Any) -> dict[str, Any]:
    answer = gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, **fields})
    assert answer.status == 200
    data: dict[str, Any] = answer.data
    return data


@pytest.mark.parametrize(
    ("fields", "token"), [({}, None), ({"fcm_token": None}, ""), ({"fcm_token": " "}, ""), ({"fcm_token": " t "}, "t")]
)
def test_the_first_update_ignores_settings(fields: dict[str, Any], token: str | None) -> None:
    phone = _put(Gateway(), **ALL, **fields)
    assert {name: phone[name] for name in DEFAULTS} == DEFAULTS
    assert (phone["fcm_token"], phone["sim"]) == (token, "SIM2")


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"fcm_token": "new"}, {"fcm_token": "new"}),
        ({"fcm_token": None}, {"fcm_token": ""}),
        ({}, {"fcm_token": None}),
        ({"FCM_TOKEN": "new"}, {"fcm_token": None}),
        ({"fcm_token": TOKEN, "sim": "SIM2"}, {"sim": "SIM2"}),
        ({"fcm_token": TOKEN, "messages_per_minute": 0, "missed_call_auto_reply": " "}, {}),
        ({"fcm_token": TOKEN, "messages_per_minute": 5}, {"messages_per_minute": 5}),
        ({"fcm_token": TOKEN, "Messages_Per_Minute": 5}, {}),
        ({"fcm_token": TOKEN, "message_expiration_seconds": 0}, {"message_expiration_seconds": 0}),
        ({"fcm_token": TOKEN, "message_expiration_seconds": None}, {"message_expiration_seconds": 0}),
        ({"fcm_token": TOKEN, "unarchive_thread": None}, {"unarchive_thread": False}),
    ],
)
def test_a_later_update_changes_what_stands_in_it(fields: dict[str, Any], changed: dict[str, Any]) -> None:
    gateway = Gateway.with_phone()
    before = _put(gateway, fcm_token=TOKEN, **{**ALL, "sim": "SIM1"})
    after = _put(gateway, **fields)
    assert {name: value for name, value in after.items() if value != before[name] and name != "updated_at"} == changed


def test_an_erased_token_comes_back_only_by_registration() -> None:
    gateway = Gateway.with_phone()
    _put(gateway)
    assert _put(gateway, fcm_token="new")["fcm_token"] is None
    register = {"phone_number": OWNER, "fcm_token": "new"}
    assert gateway.call("PUT", "/v1/phones/fcm-token", register).data["fcm_token"] == "new"
    assert _put(gateway, fcm_token="newer")["fcm_token"] == "newer"


def test_a_registration_changes_token_and_sim_alone() -> None:
    gateway = Gateway.with_phone()
    before = _put(gateway, fcm_token=TOKEN, **ALL)
    answer = gateway.call("PUT", "/v1/phones/fcm-token", {"phone_number": OWNER})
    assert answer.body["message"] == "FCM token updated successfully"
    changed = {name: value for name, value in answer.data.items() if value != before[name] and name != "updated_at"}
    assert changed == {"fcm_token": "", "sim": "SIM1"}


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"phone_number": ""}, ["phone_number"]),
        ({"messages_per_minute": 61}, ["messages_per_minute"]),
        ({"message_send_schedule_id": "x"}, ["message_send_schedule_id"]),
        ({"message_send_schedule_id": " "}, None),
    ],
)
def test_an_update_is_judged(fields: dict[str, Any], problems: list[str] | None) -> None:
    answer = Gateway().call("PUT", "/v1/phones", {"phone_number": OWNER, **fields})
    assert answer.status == (422 if problems else 200)
    if problems:
        assert list(answer.data) == problems
        assert answer.body["message"] == "validation errors while updating phones"


def test_a_negative_rate_cannot_be_decoded() -> None:
    answer = Gateway().call("PUT", "/v1/phones", {"phone_number": OWNER, "messages_per_minute": -1})
    assert (answer.status, answer.body["message"]) == (400, "The request isn't properly formed")


def test_phones_are_listed_newest_first() -> None:
    gateway = Gateway.with_phone()
    _put(gateway, phone_number="+18005550198")
    numbers = [phone["phone_number"] for phone in gateway.call("GET", "/v1/phones").data]
    assert numbers == ["+18005550198", OWNER]
    assert gateway.call("GET", "/v1/phones?query=0199").body["message"] == "fetched 1 phone"
    assert gateway.call("GET", "/v1/phones?limit=x").status == 422


def test_a_deleted_phone_is_gone_and_sends_no_more() -> None:
    gateway = Gateway.with_phone()
    (phone_id,) = gateway.standin.phones
    answer = gateway.call("DELETE", f"/v1/phones/{phone_id}")
    assert (answer.status, answer.body) == (
        200,
        {"data": None, "message": "phone deleted successfully", "status": "success"},
    )
    again = gateway.call("DELETE", f"/v1/phones/{phone_id}")
    assert (again.status, again.body["message"]) == (404, f"cannot find phone with ID [{phone_id}]")
    assert gateway.call("DELETE", "/v1/phones/x").status == 422
    assert gateway.call("GET", "/v1/phones").data == []
    assert gateway.send().status == 422
    gateway.settle(0)
    assert gateway.phone_key().phone_numbers == ()


def test_nobody_deletes_the_phone_of_another() -> None:
    gateway = Gateway.with_phone()
    stranger = gateway.standin.create_account(gateway.world.now)
    (phone_id,) = gateway.standin.phones
    assert gateway.call("DELETE", f"/v1/phones/{phone_id}", key=stranger.api_key).status == 404
    assert phone_id in gateway.standin.phones


# -- the send schedule -------------------------------------------------------------------------------------------

NO_SCHEDULE = "The message_send_schedule_id does not belong to the authenticated user or does not exist"


def _schedule(gateway: Gateway, key: str | None = None) -> str:
    window = {"day_of_week": 1, "start_minute": 0, "end_minute": 1}
    body = {"name": "office", "timezone": "UTC", "windows": [window]}
    schedule_id: str = gateway.call("POST", "/v1/send-schedules", body, key=key).data["id"]
    return schedule_id


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize("form", ["{}", " {} ", "urn:uuid:{}"])
def test_a_phone_takes_a_schedule_of_its_user(registered: bool, form: str) -> None:
    gateway = Gateway.with_phone() if registered else Gateway()
    schedule_id = _schedule(gateway)
    phone = _put(gateway, message_send_schedule_id=form.format(schedule_id.upper()))
    assert phone["message_send_schedule_id"] == schedule_id


@pytest.mark.parametrize("fields", [{}, {"message_send_schedule_id": " "}, {"message_send_schedule_id": None}])
def test_an_update_that_names_no_schedule_takes_it_away(fields: dict[str, Any]) -> None:
    gateway = Gateway.with_phone()
    assert _put(gateway, message_send_schedule_id=_schedule(gateway))["message_send_schedule_id"] is not None
    assert _put(gateway, **fields)["message_send_schedule_id"] is None


def test_a_schedule_under_a_name_in_another_case_is_looked_for_but_not_taken() -> None:
    gateway = Gateway.with_phone()
    assert _put(gateway, Message_Send_Schedule_Id=_schedule(gateway))["message_send_schedule_id"] is None
    answer = gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "Message_Send_Schedule_Id": "x"})
    assert answer.data == {"message_send_schedule_id": [NO_SCHEDULE]}


def test_a_registration_keeps_the_schedule() -> None:
    gateway = Gateway.with_phone()
    schedule_id = _schedule(gateway)
    _put(gateway, fcm_token=TOKEN, message_send_schedule_id=schedule_id)
    phone = gateway.call("PUT", "/v1/phones/fcm-token", {"phone_number": OWNER, "fcm_token": TOKEN}).data
    assert phone["message_send_schedule_id"] == schedule_id


def test_only_an_own_schedule_can_be_taken_and_that_is_asked_last() -> None:
    gateway = Gateway.with_phone()
    theirs = _schedule(gateway, gateway.standin.create_account(gateway.world.now).api_key)
    for unknown in (theirs, theirs[:-1], "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "x"):
        answer = gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "message_send_schedule_id": unknown})
        assert (answer.status, answer.data) == (422, {"message_send_schedule_id": [NO_SCHEDULE]})
    answer = gateway.call("PUT", "/v1/phones", {"phone_number": "", "message_send_schedule_id": "x"})
    assert list(answer.data) == ["phone_number"]


# -- what the database takes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/phones", {"fcm_token": "a\0b"}),
        ("/v1/phones", {"missed_call_auto_reply": "a\0b", "fcm_token": TOKEN}),
        ("/v1/phones/fcm-token", {"fcm_token": "a\0b"}),
    ],
)
def test_a_text_that_no_database_takes_is_an_internal_error(path: str, fields: dict[str, Any]) -> None:
    gateway = Gateway.with_phone()
    before = dict(gateway.standin.phones)
    assert gateway.call("PUT", path, {"phone_number": OWNER, **fields}).status == 500
    assert gateway.standin.phones == before
    assert gateway.call("GET", "/v1/phones?query=%00").status == 500


def test_what_a_new_phone_ignores_the_database_need_not_take() -> None:
    answer = Gateway().call("PUT", "/v1/phones", {"phone_number": OWNER, "missed_call_auto_reply": "a\0b"})
    assert (answer.status, answer.data["missed_call_auto_reply"]) == (200, None)


def test_an_auto_reply_is_taken_under_a_name_in_any_case() -> None:
    gateway = Gateway.with_phone()
    assert _put(gateway, Missed_Call_Auto_Reply="later")["missed_call_auto_reply"] == "later"


def test_an_answer_that_writes_shows_nanoseconds_of_what_it_has_just_set() -> None:
    gateway = Gateway()
    made, changed = _put(gateway), _put(gateway)
    (read,) = gateway.call("GET", "/v1/phones").data
    assert [phone[name][-5:] for phone in (made, changed, read) for name in ("created_at", "updated_at")] == [
        *("6789Z", "6789Z"),
        *("3456Z", "6789Z"),
        *("3456Z", "3456Z"),
    ]
