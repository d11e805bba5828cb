"""harness.wire.accounts: what clients send about their account (gateway-protocol.md §2.17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.wire.accounts import AccountUpdate, Invoice, NotificationUpdate, usage_history
from harness.wire.bodies import Body, Query
from harness.wire.json import BadBody

PHONE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def _body(value: Any) -> Body:
    return Body(json.dumps(value).encode(), "application/json")


@pytest.mark.parametrize(
    ("value", "zone", "phone_id", "problems"),
    [
        ({"timezone": " Europe/London ", "active_phone_id": f" {PHONE} "}, "Europe/London", PHONE, {}),
        ({"Timezone": "Local", "ACTIVE_PHONE_ID": "\t"}, "Local", None, {}),
        ({"timezone": "../UTC"}, "UTC", None, {}),
        ({}, "UTC", None, {}),
        (
            {"active_phone_id": PHONE.upper()},
            "UTC",
            PHONE.upper(),
            {"active_phone_id": ["The active_phone_id field must contain valid UUID"]},
        ),
    ],
)
def test_a_profile_is_read(value: Any, zone: str, phone_id: str | None, problems: dict[str, list[str]]) -> None:
    asked = AccountUpdate.read(_body(value))
    assert (asked.timezone, asked.active_phone_id, asked.problems()) == (zone, phone_id, problems)


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        ({"message_status_enabled": True, "Webhook_Enabled": True}, NotificationUpdate(True, True)),
        ({"heartbeat_enabled": True, "newsletter_enabled": True}, NotificationUpdate(False, False, True, True)),
        ({"heartbeat_enabled": None}, NotificationUpdate()),
    ],
)
def test_a_notification_is_off_unless_it_is_on(value: Any, flags: NotificationUpdate) -> None:
    assert NotificationUpdate.read(_body(value)) == flags


@pytest.mark.parametrize("value", [{"webhook_enabled": 1}, []])
def test_notifications_of_another_kind_cannot_be_decoded(value: Any) -> None:
    with pytest.raises(BadBody):
        NotificationUpdate.read(_body(value))


@pytest.mark.parametrize(
    ("query", "limit", "skip", "problems"),
    [
        ("", 12, 0, []),
        ("limit=5&skip=%202", 5, 2, []),
        ("limit=-1&query=" + "q" * 200, None, 0, []),
        ("limit=%205&skip=x", None, None, ["limit", "skip"]),
    ],
)
def test_a_history_has_no_filter(query: str, limit: int | None, skip: int | None, problems: list[str]) -> None:
    asked = usage_history(Query(query))
    assert list(asked.problems()) == problems
    if not problems:
        assert (asked.limit, asked.skip, asked.query) == (limit, skip, "")


# -- invoices ------------------------------------------------------------------------------------------------

REQUIRED = ["The {} field is required", "The {} field must be minimum 1 char"]
WHOLE = {
    "name": "Somebody",
    "address": "Street 1",
    "city": "Town",
    "state": "",
    "country": "DE",
    "zip_code": "12345",
    "notes": "",
}


def _required(*fields: str) -> dict[str, list[str]]:
    return {field: [text.format(field) for text in REQUIRED] for field in fields}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, {}),
        ({"name": " ", "zip_code": ""}, _required("name", "zip_code")),
        ({"country": ""}, {"country": ["The country field is required", "The country field must be length of 2"]}),
        ({"country": "DEU"}, {"country": ["The country field must be length of 2"]}),
        ({"state": "x" * 101}, {"state": ["The state field must be maximum 100 char"]}),
        ({"country": "US", "state": "CA"}, {}),
        ({"country": "CA", "state": "QC"}, {}),
        ({"zip_code": "1" * 21}, {"zip_code": ["The zip_code field must be maximum 20 char"]}),
        ({"notes": "n" * 1001}, {"notes": ["The notes field must be maximum 1000 char"]}),
    ],
)
def test_an_invoice_is_judged(changes: dict[str, str], problems: dict[str, list[str]]) -> None:
    assert Invoice.read(_body(WHOLE | changes)).problems() == problems


@pytest.mark.parametrize(("country", "count"), [("US", 50), ("CA", 13)])
@pytest.mark.parametrize("state", ["", "XX"])
def test_two_countries_have_their_own_states(country: str, count: int, state: str) -> None:
    found = Invoice.read(_body(WHOLE | {"country": country, "state": state})).problems()
    *required, text = found["state"]
    assert required == ([] if state else ["The state field is required"])
    assert text.startswith("The state field must be one of A")
    assert text.count(",") == count - 1


def test_the_texts_of_an_invoice_are_treated_like_numbers() -> None:
    invoice = Invoice.read(_body(WHOLE | {"name": " 18005550199 ", "zip_code": " 12345 "}))
    assert (invoice.name, invoice.zip_code) == ("+18005550199", "12345")
