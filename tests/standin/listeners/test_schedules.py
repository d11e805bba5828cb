"""harness.standin.listeners.schedules: what follows a schedule that is gone."""

from __future__ import annotations

import pytest

from tests.standin.gateways import OWNER, TOKEN, Gateway

BODY = {
    "name": "office",
    "timezone": "UTC",
    "windows": [{"day_of_week": 1, "start_minute": 0, "end_minute": 1}],
}


def _with_schedule() -> tuple[Gateway, str]:
    gateway = Gateway.with_phone()
    schedule_id: str = gateway.call("POST", "/v1/send-schedules", BODY).data["id"]
    body = {"phone_number": OWNER, "fcm_token": TOKEN, "message_send_schedule_id": schedule_id}
    gateway.call("PUT", "/v1/phones", body)
    return gateway, schedule_id


@pytest.mark.parametrize(("own", "cleared"), [(True, True), (False, False)])
def test_the_event_clears_the_phones_of_its_user_alone(own: bool, cleared: bool) -> None:
    gateway, schedule_id = _with_schedule()
    data = {"schedule_id": schedule_id.upper(), "user_id": gateway.account.id if own else "somebody else"}
    assert gateway.inject("message-send-schedule.deleted", data).status == 204
    (phone,) = gateway.standin.phones.values()
    assert phone.message_send_schedule_id == (None if cleared else schedule_id)
    assert schedule_id in gateway.standin.schedules  # the event deletes nothing
