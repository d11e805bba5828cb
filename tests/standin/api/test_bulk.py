"""harness.standin.api.bulk: many messages at once, and what became of them (gateway-protocol.md §2.5, §2.11)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.conform.requests import xlsx
from harness.instants import SECOND, Instant, ns
from harness.standin import Pace
from harness.standin.rows import evolve
from tests.standin.gateways import CONTACT, OWNER, START_AT, TOKEN, Answer, Gateway

HEADER = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional),AttachmentURLs(optional)\n"
LINE = f"{OWNER},{CONTACT},hi,,\n"
SECOND_OWNER = "+18005550198"
BOUNDARY = "----line"


def send(gateway: Gateway, **fields: Any) -> Answer:
    return gateway.call("POST", "/v1/messages/bulk-send", {"from": OWNER, "to": [CONTACT], "content": "hi", **fields})


def form(data: bytes, name: str = "a.csv", field: str = "document") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(gateway: Gateway, text: str | bytes, name: str = "a.csv", field: str = "document", **more: Any) -> Answer:
    data = text if isinstance(text, bytes) else (HEADER + text).encode()
    body = form(data, name, field)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(len(body))}
    return gateway.call("POST", "/v1/bulk-messages", raw=body, headers=headers, **more)


def pushed_after(gateway: Gateway, since: Instant) -> list[float]:
    """When pushes went out, in seconds after an instant."""
    gateway.settle(30)
    return [round((at - since) / SECOND, 3) for at, _ in gateway.fcm.requests]


def set_rate(gateway: Gateway, messages_per_minute: int) -> None:
    phone = gateway.standin.phone_of(gateway.account.id, OWNER)
    assert phone is not None
    gateway.standin.phones[phone.id] = evolve(phone, messages_per_minute=messages_per_minute)


# -- as JSON -------------------------------------------------------------------------------------------------


def test_a_text_goes_to_each_number_in_its_order() -> None:
    gateway = Gateway.with_phone()
    answer = send(gateway, to=[CONTACT, "18005550101", CONTACT], encrypted=True, attachments=[" https://a.b/c "])
    assert (answer.status, answer.body["message"]) == (200, "3 out of 3 messages processed successfully")
    assert [message["contact"] for message in answer.data] == [CONTACT, "+18005550101", CONTACT]
    assert {message["status"] for message in answer.data} == {"pending"}
    assert len({message["id"] for message in answer.data}) == 3
    first = answer.data[0]
    assert (first["encrypted"], first["attachments"], first["request_id"]) == (True, ["https://a.b/c"], None)
    gateway.settle(5)
    assert [push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()] == [row["id"] for row in answer.data]


@pytest.mark.parametrize(
    ("settings", "rate", "pushed"),
    [
        # The delay of a message is exact, the spacing of the pushes is of whole seconds (§10.2-34).
        ({}, 45, [0, 1.333, 2.667, 4]),
        ({}, 60, [0, 1, 2, 3]),
        ({}, 7, [0, 8.571, 17.143, 25.714]),
        ({}, 0, [0, 0, 0, 0]),
        ({"pace": Pace.INSTANT}, 60, [0, 0, 0, 0]),
        ({"pace": Pace.INSTANT, "keep_rate": True}, 60, [0, 1, 2, 3]),
    ],
)
def test_a_batch_is_spread_by_the_rate_of_the_phone(settings: dict[str, Any], rate: int, pushed: list[float]) -> None:
    gateway = Gateway.with_phone(**settings)
    set_rate(gateway, rate)
    since = gateway.world.now
    send(gateway, to=[CONTACT] * 4)
    assert pushed_after(gateway, since) == pushed


def test_a_text_that_cannot_be_stored_leaves_null_at_its_place() -> None:
    gateway = Gateway.with_phone()
    answer = send(gateway, to=[CONTACT, CONTACT], content="a\0b")
    assert (answer.status, answer.data) == (200, [None, None])
    assert answer.body["message"] == "0 out of 2 messages processed successfully"
    gateway.settle()
    assert not gateway.pushes()
    assert not gateway.standin.messages


def test_a_batch_from_an_unknown_phone_is_refused() -> None:
    answer = send(Gateway.with_phone(), **{"from": "+18005559999"})
    assert (answer.status, answer.body["message"]) == (422, "validation errors while sending messages")
    assert answer.data["from"][0].endswith("Install the android app on your phone to start sending messages")


@pytest.mark.parametrize(("count", "status"), [(200, 200), (201, 402)])
def test_the_limit_of_the_plan_is_asked_for_all_at_once(count: int, status: int) -> None:
    gateway = Gateway.with_phone(plan="free")
    answer = send(gateway, to=[CONTACT] * count)
    assert answer.status == status
    assert len(gateway.standin.messages) == (count if status == 200 else 0)


def test_the_events_of_a_batch_name_their_route() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.send.expired")
    send(gateway)
    upload(gateway, LINE)
    gateway.settle(605)  # nobody fetches them
    assert [hook["source"] for hook in gateway.hooks()] == ["/v1/messages/bulk-send", "/v1/bulk-messages"]


# -- as a file -----------------------------------------------------------------------------------------------


def messages(gateway: Gateway) -> list[Any]:
    return list(gateway.standin.messages.values())


def test_every_line_of_a_file_is_a_message() -> None:
    gateway = Gateway.with_phone()
    answer = upload(gateway, f'{LINE}{OWNER},18005550101, there ,2026-11-20T12:00:00.5Z,"http://a, http://b"\n')
    assert (answer.status, answer.body) == (
        202,
        {"message": "Added 2 out of 2 messages to the queue", "status": "success"},
    )
    first, second = messages(gateway)
    assert (first.contact, first.content, first.attachments, first.send_at) == (CONTACT, "hi", None, None)
    assert (second.contact, second.content, second.attachments) == ("+18005550101", "there", ("http://a", "http://b"))
    assert second.send_at == second.order_at == START_AT - 123_456_789 + 7200 * SECOND + ns(0.5)
    assert first.request_id == second.request_id
    assert first.request_id.startswith("bulk-")
    assert first.request_id.endswith("-a.csv")
    gateway.settle(10)
    assert [push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()] == [first.id]
    gateway.settle(7200)
    assert second.id in [push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()]


def test_a_sheet_is_read_as_well() -> None:
    gateway = Gateway.with_phone()
    rows = [["from", "to", "text"], [OWNER, CONTACT, "hi", "2026-11-20 12:00:00"]]
    assert upload(gateway, xlsx(rows), "a.xlsx").status == 202
    assert [message.content for message in messages(gateway)] == ["hi"]


def test_a_time_without_an_offset_is_one_of_the_account() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/users/me", {"timezone": "America/New_York"})
    upload(gateway, LINE.replace(",,", ",2026-11-20 12:00:00,"))
    (message,) = messages(gateway)
    assert message.send_at == START_AT - 123_456_789 + 7 * 3600 * SECOND


def test_lines_without_a_time_wait_for_those_of_the_same_phone() -> None:
    gateway = Gateway.with_phone()
    gateway.add_phone(SECOND_OWNER, TOKEN)  # 10 a minute
    set_rate(gateway, 45)
    other, planned = LINE.replace(OWNER, SECOND_OWNER), LINE.replace(",,", ",2026-01-01 00:00:00,")
    since = gateway.world.now
    upload(gateway, LINE + other + planned + LINE + other)
    assert pushed_after(gateway, since) == [0, 0, 0, 1.333, 6]


def test_in_the_instant_pace_a_file_is_not_spread() -> None:
    gateway = Gateway.with_phone(pace=Pace.INSTANT)
    since = gateway.world.now
    upload(gateway, LINE * 3)
    assert pushed_after(gateway, since) == [0, 0, 0]


def test_a_line_that_cannot_be_stored_is_not_counted() -> None:
    gateway = Gateway.with_phone()
    text = (HEADER + LINE.replace("hi", "a\0b") + LINE.replace("hi", "X") + LINE).encode().replace(b"X", b"\xe4")
    assert upload(gateway, text).body["message"] == "Added 1 out of 3 messages to the queue"
    assert [message.content for message in messages(gateway)] == ["hi"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["The uploaded file doesn't contain any valid records."]),
        (LINE + "x", ["Cannot read the contents of the uploaded file [a.csv]."]),
        (LINE.replace(OWNER, "x") + LINE.replace(OWNER, "+18005559999"), ["Row [2]: The FromPhoneNumber [x] is not"]),
        (
            LINE.replace(OWNER, "+18005559999") + LINE + LINE.replace(OWNER, SECOND_OWNER),
            ["Rows [2]: The FromPhoneNumber [+18005559999]", "Rows [4]: The FromPhoneNumber [+18005550198]"],
        ),
    ],
)
def test_a_problem_in_one_line_refuses_the_file(text: str, problems: list[str]) -> None:
    gateway = Gateway.with_phone(plan="free")
    answer = upload(gateway, text)
    assert (answer.status, answer.body["message"]) == (422, "validation errors while sending bulk SMS")
    for said, problem in zip(answer.data["document"], problems, strict=True):
        assert said.startswith(problem)
    assert not messages(gateway)


@pytest.mark.parametrize(("count", "status"), [(200, 202), (201, 402)])
def test_the_limit_is_asked_for_the_whole_file(count: int, status: int) -> None:
    gateway = Gateway.with_phone(plan="free")
    assert upload(gateway, LINE * count).status == status
    assert len(messages(gateway)) == (count if status == 202 else 0)


def test_a_request_without_the_file_is_not_properly_formed() -> None:
    gateway = Gateway.with_phone()
    for answer in (upload(gateway, LINE, field="file"), gateway.call("POST", "/v1/bulk-messages", {})):
        assert (answer.status, answer.body["message"], answer.data) == (400, "The request isn't properly formed", {})


def test_a_file_needs_a_user_key() -> None:
    gateway = Gateway.with_phone()
    assert upload(gateway, LINE, key=gateway.key).status == 401
    assert gateway.call("GET", "/v1/bulk-messages", key="").status == 401


# -- what became of them -------------------------------------------------------------------------------------


def listed(gateway: Gateway) -> Any:
    answer = gateway.call("GET", "/v1/bulk-messages")
    assert answer.status == 200
    return answer.data


def test_the_messages_of_a_batch_are_counted_by_status() -> None:
    gateway = Gateway.with_phone()
    assert gateway.call("GET", "/v1/bulk-messages").body["message"] == "fetched 0 bulk messages"
    ids = [row["id"] for row in send(gateway, to=[CONTACT] * 4, request_id="bulk-mine").data]
    gateway.settle(5)
    gateway.fetch(ids[0])
    gateway.report(ids[1], "SENT")
    gateway.report(ids[2], "FAILED")
    gateway.settle()
    (tally,) = listed(gateway)
    created_at = gateway.call("GET", f"/v1/messages/{ids[0]}").data["created_at"]
    assert tally == {
        "request_id": "bulk-mine",
        "total": 4,
        "scheduled_count": 1,
        "pending_count": 0,
        "failed_count": 1,
        "expired_count": 0,
        "sent_count": 1,
        "delivered_count": 0,
        "created_at": created_at,
    }


def test_only_ids_that_begin_with_bulk_are_listed_and_only_ones_own() -> None:
    gateway = Gateway.with_phone()
    for request_id in ("bulk-", "bulk", "Bulk-x", "my-bulk-x", None):
        gateway.send(request_id=request_id)
    assert [tally["request_id"] for tally in listed(gateway)] == ["bulk-"]
    other = gateway.standin.create_account(gateway.world.now)
    assert gateway.call("GET", "/v1/bulk-messages", key=other.api_key).data == []


def test_the_last_ten_batches_are_listed_by_their_first_message() -> None:
    gateway = Gateway.with_phone()
    for number in range(12):
        gateway.send(request_id=f"bulk-{number}")
        gateway.settle(0.001)
    gateway.send(request_id="bulk-5")
    assert [tally["request_id"] for tally in listed(gateway)] == [f"bulk-{number}" for number in range(11, 1, -1)]
    assert listed(gateway)[6]["total"] == 2


def test_files_of_one_instant_are_told_apart_by_their_names() -> None:
    gateway = Gateway.with_phone()
    upload(gateway, LINE, "a.csv")
    upload(gateway, LINE, "b.csv")
    assert [tally["request_id"][-5:] for tally in listed(gateway)] == ["b.csv", "a.csv"]
