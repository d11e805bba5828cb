"""harness.standin.api.webhooks: create, replace, delete, list (gateway-protocol.md §2.15)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.gateways import HOOK, OWNER, Gateway

UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
BODY = {"url": HOOK, "signing_key": " k ", "phone_numbers": [OWNER], "events": ["message.phone.sent"]}


def test_a_webhook_is_made_replaced_and_deleted() -> None:
    gateway = Gateway.with_phone()
    made = gateway.call("POST", "/v1/webhooks", BODY)
    assert (made.status, made.body["message"]) == (201, "webhook created successfully")
    assert (made.data["url"], made.data["signing_key"], made.data["events"]) == (HOOK, "k", ["message.phone.sent"])
    path = f"/v1/webhooks/{made.data['id']}"
    replaced = gateway.call("PUT", path, {**BODY, "signing_key": "", "events": ["message.call.missed"]})
    assert (replaced.status, replaced.body["message"]) == (200, "webhook updated successfully")
    assert (replaced.data["signing_key"], replaced.data["events"]) == ("", ["message.call.missed"])
    (listed,) = gateway.call("GET", "/v1/webhooks").data
    assert listed | {"updated_at": ""} == replaced.data | {"updated_at": ""}
    deleted = gateway.call("DELETE", path)
    assert (deleted.status, deleted.body["data"], deleted.body["message"]) == (
        200,
        None,
        "webhook deleted successfully",
    )
    assert gateway.call("GET", "/v1/webhooks").body["message"] == "fetched 0 webhooks"


@pytest.mark.parametrize(
    ("method", "webhook_id", "body", "status"),
    [
        ("PUT", UNKNOWN, BODY, 500),
        ("PUT", "x", BODY, 422),
        ("PUT", UNKNOWN, {**BODY, "url": "x"}, 422),
        ("DELETE", UNKNOWN, None, 500),
        ("DELETE", "x", None, 422),
    ],
)
def test_an_unknown_webhook_is_an_internal_error(method: str, webhook_id: str, body: Any, status: int) -> None:
    assert Gateway.with_phone().call(method, f"/v1/webhooks/{webhook_id}", body).status == status


@pytest.mark.parametrize(
    ("numbers", "problems"),
    [
        ([OWNER, OWNER], {}),
        (["18005550199"], {"from": ["18005550199"]}),
        (["+18005559999", OWNER, "+18005559998"], {"from": ["+18005559999", "+18005559998"]}),
    ],
)
def test_the_numbers_must_be_those_of_phones_literally(numbers: list[str], problems: dict[str, list[str]]) -> None:
    answer = Gateway.with_phone().call("POST", "/v1/webhooks", {**BODY, "phone_numbers": numbers})
    texts = {
        name: [
            f"The phone number [{number}] is not available in your account. "
            "Install the android app on your phone to store a webhook with this phone number"
            for number in missing
        ]
        for name, missing in problems.items()
    }
    assert (answer.status, answer.data if texts else {}) == (422 if texts else 201, texts)


def test_there_are_ten_webhooks_at_most_listed_newest_first() -> None:
    gateway = Gateway.with_phone()
    made = [gateway.call("POST", "/v1/webhooks", BODY).data["id"] for _ in range(10)]
    answer = gateway.call("POST", "/v1/webhooks", BODY)
    assert answer.status == 402
    assert answer.body["message"].startswith("You can't create more than 10 webhooks")
    listed = gateway.call("GET", "/v1/webhooks?limit=20").data
    assert [webhook["id"] for webhook in listed] == made[::-1]
    assert len(gateway.call("GET", "/v1/webhooks").data) == 1
    assert gateway.call("GET", "/v1/webhooks?limit=x").status == 422


def test_a_key_that_no_database_takes_is_an_internal_error() -> None:
    gateway = Gateway.with_phone()
    body = BODY | {"signing_key": "a\0b"}
    assert gateway.call("POST", "/v1/webhooks", body).status == 500
    assert gateway.call("PUT", f"/v1/webhooks/{UNKNOWN}", body).status == 500
    made = gateway.call("POST", "/v1/webhooks", BODY).data["id"]
    assert gateway.call("PUT", f"/v1/webhooks/{made}", body).status == 500
    assert [webhook.signing_key for webhook in gateway.standin.webhooks.values()] == ["k"]


def test_an_answer_that_writes_shows_nanoseconds_of_what_it_has_just_set() -> None:
    gateway = Gateway.with_phone()
    made = gateway.call("POST", "/v1/webhooks", BODY).data
    replaced = gateway.call("PUT", f"/v1/webhooks/{made['id']}", BODY).data
    assert [made["created_at"][-5:], made["updated_at"][-5:]] == ["6789Z", "6789Z"]
    assert [replaced["created_at"][-5:], replaced["updated_at"][-5:]] == ["3456Z", "6789Z"]
