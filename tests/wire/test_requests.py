"""harness.wire.requests: bodies and queries of the routes, decoded, sanitised and judged."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from harness.instants import SECOND
from harness.wire import requests
from harness.wire.bodies import Body, Query
from harness.wire.json import ZERO_STAMP, BadBody, Stamp

OWNER = "+18005550199"
ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
E164 = "must be a valid E.164 phone number in the international format e.g +18005550100"
DIGITS = "must contain only digits and must be less than 14 characters"


def body(**fields: Any) -> Body:
    return Body(json.dumps(fields).encode(), "application/json")


SEND = {"from": OWNER, "to": "+18005550100", "content": "hi"}


def test_a_send_is_read_and_sanitised() -> None:
    sent = requests.SendMessage.read(
        body(
            **{
                "from": "18005550199",
                "to": "1 800",
                "content": "hi",
                "request_id": "  ",
                "send_at": "1970-01-01T01:00:01+01:00",
            },
            attachments=["", " https://a.b/c "],
        )
    )
    assert sent == requests.SendMessage(OWNER, "1 800", "hi", ("https://a.b/c",), False, None, Stamp(SECOND, 60))


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"from": "x"}, {"from": [f"The from field {E164}"]}),
        ({"to": "abc"}, {"to": [f"The to field {DIGITS}"]}),
        ({"to": None}, {"to": ["The to field is required", f"The to field {DIGITS}"]}),
        ({"content": "\u00e9" * 1025}, {"content": ["The content field must be maximum 2048 char"]}),
        ({"content": "\u00e9" * 1024}, {}),
        ({"request_id": "r" * 256}, {"request_id": ["The request_id field must be maximum 255 char"]}),
        (
            {"attachments": ["https://a.b/c"] * 11},
            {"attachments": ["The attachments field must be maximum 10 in size"]},
        ),
        ({"attachments": [" "] * 11}, {}),
    ],
)
def test_a_send_is_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    assert requests.SendMessage.read(body(**SEND) if not fields else body(**(SEND | fields))).problems() == problems


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"event_name": "SENT"}, {}),
        (
            {},
            {
                "event_name": [
                    "The event_name field is required",
                    "The event_name field must be one of SENT, FAILED, DELIVERED",
                ]
            },
        ),
        ({"event_name": "sent"}, {"event_name": ["The event_name field must be one of SENT, FAILED, DELIVERED"]}),
    ],
)
def test_a_report_is_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    assert requests.Report.read(ID, body(**fields)).problems() == problems


def test_a_report_without_time_and_reason_has_the_zero_time_and_none() -> None:
    asked = requests.Report.read("x", body(event_name="FAILED", reason=None))
    assert (asked.timestamp, asked.reason) == (ZERO_STAMP, None)
    assert asked.problems() == {"messageID": ["The messageID field must contain valid UUID"]}


RECEIVE = {"from": "12345", "to": OWNER, "content": "hi", "sim": "SIM2"}


def _file(**fields: Any) -> dict[str, Any]:
    return {"name": "a.png", "content_type": "image/png", "content": "eA==", **fields}


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"from": ""}, {"from": ["The from field is required"]}),
        ({"to": "12345"}, {"to": [f"The to field {E164}"]}),
        ({"sim": "SIM3"}, {"sim": ["The sim field must be one of SIM1, SIM2"]}),
        ({"sim": " "}, {}),
        ({"content": ""}, {"content": ["The content field is required", "The content field must be minimum 1 char"]}),
        ({"content": "", "attachments": [_file()]}, {}),
        (
            {"content": "x" * 2049, "attachments": [_file()]},
            {"content": ["The content field must be maximum 2048 char"]},
        ),
        ({"attachments": [_file()] * 11}, {"attachments": ["attachment count [11] exceeds maximum of [10]"]}),
        ({"attachments": [None]}, {"attachments": ["attachment [0] has unsupported content type []"]}),
        (
            {"attachments": [_file(content="%"), _file(), _file(content_type="x/y", content="%")]},
            {
                "attachments": [
                    "attachment [0] has invalid base64 content",
                    "attachment [2] has unsupported content type [x/y]",
                ]
            },
        ),
        ({"attachments": [_file(content="eA")]}, {"attachments": ["attachment [0] has invalid base64 content"]}),
        *(
            ({"attachments": [_file(content=text)]}, {"attachments": ["attachment [0] has invalid base64 content"]})
            for text in ("==", "eA===", "eHh4=", "eHh4==", "eA==eA==", "eA==\0", "\u00e9A==")
        ),
        ({"attachments": [_file(content="_-8=")]}, {"attachments": ["attachment [0] has invalid base64 content"]}),
        ({"attachments": [_file(content="eA\n==")]}, {}),
        (
            {"attachments": [_file(content=base64.b64encode(b"x" * 1_572_865).decode())]},
            {"attachments": ["attachment [0] size [1572865] exceeds maximum of [1572864] bytes"]},
        ),
        (
            {"attachments": [_file(content=base64.b64encode(b"x" * 1_048_577).decode())] * 3},
            {"attachments": ["total attachment size [3145731] exceeds maximum of [3145728] bytes"]},
        ),
    ],
)
def test_a_received_text_is_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    assert requests.ReceiveMessage.read(body(**(RECEIVE | fields))).problems() == problems


@pytest.mark.parametrize(
    ("name", "content_type", "file_name"),
    [
        ("my photo!.png", "image/png", "my-photo.png"),
        ("a.b.c.png", "image/png", "abc.png"),
        ("../../etc/passwd", "image/png", "etcpasswd.png"),
        ("-- a b --.jpg", "image/png", "a-b.png"),
        (".hidden", "image/png", "attachment-3.png"),
        ("\u00e4 \u00f6.png", "image/png", "attachment-3.png"),
        ("noext", "video/3gpp", "noext.3gp"),
        ("", "text/x-vcard", "attachment-3.vcf"),
        ("..", "text/vcard", "attachment-3.vcf"),
    ],
)
def test_an_attachment_gets_a_plain_name(name: str, content_type: str, file_name: str) -> None:
    assert requests.Attachment(name, content_type).file_name(3) == file_name
    assert requests.file_type(file_name).split("/")[0] == content_type.split("/")[0]


def test_attachments_of_another_shape_cannot_be_decoded() -> None:
    with pytest.raises(BadBody):
        requests.ReceiveMessage.read(body(**RECEIVE, attachments="x"))


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"from": "Bank", "to": OWNER}, {}),
        ({"to": "x"}, {"from": ["The from field is required"], "to": [f"The to field {E164}"]}),
    ],
)
def test_a_missed_call_is_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    call = requests.MissedCall.read(body(**fields, sim="SIM9"))
    assert (call.problems(), call.sim) == (problems, "SIM1")


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"is_read": True}, {}),
        ({"is_archived": False}, {}),
        ({"is_read": None}, {"payload": ["at least one of is_archived or is_read is required"]}),
    ],
)
def test_a_thread_update_needs_a_flag(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    assert requests.ThreadUpdate.read(ID, body(**fields)).problems() == problems


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"phone_number": "x"}, {"phone_number": [f"The phone_number field {E164}"]}),
        ({"fcm_token": "t" * 1001}, {"fcm_token": ["The fcm_token field must be maximum 1000 char"]}),
        (
            {"messages_per_minute": 61},
            {"messages_per_minute": ["The messages_per_minute field value can not be greater than 60"]},
        ),
        (
            {"max_send_attempts": 6, "message_expiration_seconds": 60},
            {"max_send_attempts": ["The max_send_attempts field value can not be greater than 5"]},
        ),
        (
            {"message_expiration_seconds": 59},
            {"message_expiration_seconds": ["The message_expiration_seconds field value can not be less than 60"]},
        ),
        (
            {"message_expiration_seconds": 3601},
            {"message_expiration_seconds": ["The message_expiration_seconds field value can not be greater than 3600"]},
        ),
        (
            {"max_send_attempts": 1},
            {
                "message_expiration_seconds": [
                    "message_expiration_seconds cannot be 0 when max_send_attempts is greater than 0"
                ]
            },
        ),
    ],
)
def test_a_phone_update_is_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    update = requests.PhoneUpdate.read(body(**({"phone_number": OWNER} | fields)))
    assert update.problems() == problems


def test_a_registration_is_read_and_sanitised() -> None:
    assert requests.PhoneToken.read(body(phone_number="18005550199", fcm_token=" t ", sim="x")) == (
        requests.PhoneToken(OWNER, "SIM1", "t")
    )


@pytest.mark.parametrize(
    ("given", "name", "problems"),
    [
        (" key ", "key", {}),
        ("8005550100", "+8005550100", {}),
        (" ", "", {"name": ["The name field is required", "The name field must be minimum 1 char"]}),
        ("n" * 61, "n" * 61, {"name": ["The name field must be maximum 60 char"]}),
    ],
)
def test_the_name_of_a_phone_key_is_treated_like_a_number(given: str, name: str, problems: Any) -> None:
    assert requests.key_name(body(name=given)) == (name, problems)


@pytest.mark.parametrize(
    ("fields", "numbers", "problems"),
    [
        ({"phone_numbers": ["18005550199"]}, (OWNER,), {}),
        ({"owner": OWNER}, (OWNER,), {}),
        ({"phone_numbers": [OWNER], "owner": "x"}, (OWNER,), {}),
        ({}, ("",), {"phone_numbers": [f"The phone_numbers field in index [0] {E164}"]}),
        (
            {"phone_numbers": [OWNER] * 3},
            (OWNER,) * 3,
            {"phone_numbers": ["The phone_numbers field must be maximum 2 in size"]},
        ),
    ],
)
def test_heartbeats_are_judged(fields: dict[str, Any], numbers: tuple[str, ...], problems: Any) -> None:
    beats = requests.Heartbeats.read(body(**fields))
    assert (beats.phone_numbers, beats.problems()) == (numbers, problems)


WEBHOOK = {"url": "example.com/x", "phone_numbers": [OWNER], "events": ["message.phone.sent"] * 2}


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"url": ""}, {"url": ["The url field format is invalid"]}),
        ({"url": "x" * 300}, {"url": ["The url field format is invalid", "The url field must be maximum 255 char"]}),
        ({"signing_key": "k" * 256}, {"signing_key": ["The signing_key field must be maximum 255 char"]}),
        ({"events": []}, {"events": ["The events field is an empty array", "The events field is required"]}),
        ({"events": ["x"]}, {"events": ["The events field has an invalid event with name [x]"]}),
        ({"phone_numbers": []}, {"phone_numbers": ["The phone_numbers field is required"]}),
        ({"phone_numbers": ["abc"]}, {"phone_numbers": [f"The phone_numbers field in index [0] {DIGITS}"]}),
    ],
)
def test_a_webhook_is_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    webhook = requests.WebhookUpdate.read(body(**(WEBHOOK | fields)))
    assert webhook.problems() == problems


def test_the_events_of_a_webhook_are_named_once() -> None:
    assert requests.WebhookUpdate.read(body(**WEBHOOK)).events == ("message.phone.sent",)


@pytest.mark.parametrize(
    ("query", "limit", "skip", "problems"),
    [
        ("", 10, 0, {}),
        ("limit=&skip=", 10, 0, {}),
        ("limit=5000&skip=3", 5000, 3, {}),
        ("limit=-1&skip=-1", None, 0, {}),
        ("limit=0", 0, 0, {}),
        ("limit=%20&skip=%203%20", 10, 3, {}),
        ("limit=%205", None, None, {"limit": ["The limit field must be numeric"]}),
        ("limit=99999999999999999999", (1 << 63) - 1, 0, {}),
        (
            "limit=1.5&skip=x",
            None,
            None,
            {"limit": ["The limit field must be numeric"], "skip": ["The skip field must be numeric"]},
        ),
        ("limit=999999999999999999999", None, None, {"limit": ["The limit field must be maximum 20 char"]}),
        ("query=" + "q" * 101, None, None, {"query": ["The query field must be maximum 100 char"]}),
    ],
)
def test_a_page_is_judged_by_the_length_of_its_numbers(query: str, limit: Any, skip: Any, problems: Any) -> None:
    asked = requests.ListQuery.read(Query(query), 10)
    assert asked.problems() == problems
    if not problems:
        assert (asked.limit, asked.skip) == (limit, skip)


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("owner=%2B18005550199&contact=x", {}),
        ("owner=+18005550199&contact=x", {}),
        ("owner=18005550199&contact=x", {"owner": [f"The owner field {E164}"]}),
        (
            "owner=%2B18005550199",
            {"contact": ["The contact field is required", "The contact field must be minimum 1 char"]},
        ),
    ],
)
def test_a_conversation_needs_owner_and_contact(query: str, problems: dict[str, Any]) -> None:
    assert requests.MessageQuery.read(Query(query)).problems() == problems


@pytest.mark.parametrize(
    ("value", "archived", "valid"),
    [
        ("", "false", True),
        ("0", "false", True),
        ("1", "true", True),
        ("%20TRUE", "true", True),
        ("maybe", "maybe", False),
    ],
)
def test_archived_is_said_in_many_ways(value: str, archived: str, valid: bool) -> None:
    asked = requests.ThreadQuery.read(Query(f"owner=18005550199&is_archived={value}"), 20)
    assert asked.is_archived == archived
    assert (asked.problems() == {}) is valid
