"""harness.standin.api.schedules: send schedules (gateway-protocol.md §2.16)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import Tell
from harness.http.values import Arrived, Request
from harness.instants import rfc3339
from harness.wire.events import ScheduleDeleted
from harness.wire.json import Stamp, micros
from tests.standin.gateways import OWNER, TOKEN, Answer, Gateway

WINDOW = {"day_of_week": 1, "start_minute": 540, "end_minute": 600}
BODY = {"name": "office", "timezone": "Europe/London", "windows": [WINDOW]}
UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
SCHEDULES = "/v1/send-schedules"


def _made(gateway: Gateway, **fields: Any) -> Answer:
    return gateway.call("POST", SCHEDULES, BODY | fields)


def _put(gateway: Gateway, schedule_id: str, **fields: Any) -> Answer:
    return gateway.call("PUT", f"{SCHEDULES}/{schedule_id}", BODY | fields)


def test_a_schedule_is_made_replaced_listed_and_deleted() -> None:
    gateway = Gateway()
    made = _made(gateway)
    assert (made.status, made.body["message"]) == (201, "send schedule created successfully")
    assert list(made.data) == ["id", "user_id", "name", "timezone", "windows", "created_at", "updated_at"]
    gateway.settle(1)
    replaced = _put(gateway, made.data["id"], name=" home ", timezone="Local")
    assert (replaced.status, replaced.body["message"]) == (200, "send schedule updated successfully")
    assert {key: value for key, value in replaced.data.items() if made.data[key] != value} == {
        "name": "home",
        "timezone": "Local",
        "created_at": rfc3339(micros(gateway.standin.schedules[made.data["id"]].created_at)),
        "updated_at": replaced.data["updated_at"],
    }
    listed = gateway.call("GET", SCHEDULES)
    assert (listed.status, listed.body["message"]) == (200, "send schedules fetched successfully")
    assert [schedule["name"] for schedule in listed.data] == ["home"]
    deleted = gateway.call("DELETE", f"{SCHEDULES}/{made.data['id']}")
    assert (deleted.status, deleted.response.body) == (204, b"")
    assert gateway.call("GET", SCHEDULES).data == []


def test_what_writes_shows_nanoseconds_and_what_reads_microseconds() -> None:
    gateway = Gateway()
    made = _made(gateway).data
    assert made["created_at"] == made["updated_at"] == rfc3339(gateway.world.now)
    assert len(made["created_at"]) == len("2026-11-20T10:00:00.123456789Z")
    (read,) = gateway.call("GET", SCHEDULES).data
    assert read["created_at"] == rfc3339(micros(gateway.world.now))


def test_schedules_are_listed_newest_first_whatever_the_query_says() -> None:
    gateway = Gateway()
    for name in ("aa", "bb", "cc"):
        _made(gateway, name=name)
        gateway.settle(1)
    listed = gateway.call("GET", f"{SCHEDULES}?limit=1&skip=x&query=a")
    assert [schedule["name"] for schedule in listed.data] == ["cc", "bb", "aa"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_id_is_read_as_the_uuid_parser_reads_it(method: str) -> None:
    gateway = Gateway()
    made = _made(gateway).data["id"]
    path = f"{SCHEDULES}/urn:uuid:{made.upper()}"
    assert gateway.call(method, path, BODY).status == (200 if method == "PUT" else 204)
    assert (made in gateway.standin.schedules) is (method == "PUT")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("schedule_id", ["x", "0", UNKNOWN + "0", f"%7B{UNKNOWN}%7D"])
def test_another_id_is_refused_before_anything_else(method: str, schedule_id: str) -> None:
    answer = Gateway().call(method, f"{SCHEDULES}/{schedule_id}", raw=b"no JSON")
    assert (answer.status, answer.body) == (
        400,
        {"data": {}, "message": "The request isn't properly formed", "status": "error"},
    )


def test_the_rules_come_before_the_question_whether_there_is_such_a_schedule() -> None:
    gateway = Gateway()
    refused = _put(gateway, UNKNOWN, windows=[])
    assert (refused.status, refused.body["message"]) == (422, "validation errors while updating send schedule")
    assert refused.data == {"windows": ["at least one active window is required"]}
    for answer in (_put(gateway, UNKNOWN), gateway.call("DELETE", f"{SCHEDULES}/{UNKNOWN}")):
        assert (answer.status, list(answer.body)) == (404, ["message", "status"])
        assert "\n" in answer.body["message"]
    assert _made(gateway, name="x").body["message"] == "validation errors while saving send schedule"


def test_the_schedules_of_another_are_unknown() -> None:
    gateway = Gateway()
    made = _made(gateway).data["id"]
    stranger = gateway.standin.create_account(gateway.world.now).api_key
    assert gateway.call("GET", SCHEDULES, key=stranger).data == []
    assert gateway.call("PUT", f"{SCHEDULES}/{made}", BODY, key=stranger).status == 404
    assert gateway.call("DELETE", f"{SCHEDULES}/{made}", key=stranger).status == 404
    assert made in gateway.standin.schedules


def test_a_name_that_no_database_takes_is_an_internal_error() -> None:
    gateway = Gateway()
    assert _made(gateway, name="a\0b").status == 500
    made = _made(gateway).data["id"]
    assert _put(gateway, UNKNOWN, name="a\0b").status == 404
    assert _put(gateway, made, name="a\0b").status == 500
    assert [schedule.name for schedule in gateway.standin.schedules.values()] == ["office"]


def test_deleting_is_told_in_the_name_of_the_servers_service() -> None:
    gateway = Gateway()
    made = _made(gateway).data["id"]
    headers = (("Host", "api.internal"), ("x-api-key", gateway.account.api_key))
    request = Request("DELETE", "http", "api.internal", f"{SCHEDULES}/{made}?a=b".encode(), headers, b"")
    commands = gateway.standin.handle(Arrived("1", request), 5)
    (event,) = [command.event for command in commands if isinstance(command, Tell)]
    assert event.source == "*services.MessageSendScheduleService"
    assert event.data == ScheduleDeleted(made, gateway.account.id, Stamp(5))


def test_a_phone_loses_its_schedule_when_that_is_deleted() -> None:
    gateway = Gateway.with_phone()
    kept, gone = _made(gateway).data["id"], _made(gateway).data["id"]
    for number, schedule_id in ((OWNER, gone), ("+18005550198", kept), ("+18005550197", gone)):
        body = {"phone_number": number, "fcm_token": TOKEN, "message_send_schedule_id": schedule_id}
        assert gateway.call("PUT", "/v1/phones", body).data["message_send_schedule_id"] == schedule_id
    gateway.call("DELETE", f"{SCHEDULES}/{gone}")
    gateway.settle(0)
    phones = gateway.standin.phones.values()
    assert {phone.phone_number: phone.message_send_schedule_id for phone in phones} == {
        OWNER: None,
        "+18005550198": kept,
        "+18005550197": None,
    }
