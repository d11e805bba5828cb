"""A phone that was taken over goes back to whom it belongs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.targets.borrowed import Borrowed, borrow, give_back
from harness.wire.owned import KeyRow, PhoneRow
from tests.targets.fakes import account_of

NUMBER = "+18005550177"
ROW = {"id": "p", "phone_number": NUMBER, "fcm_token": "theirs", "sim": "SIM2", "messages_per_minute": 7}
PHONE = PhoneRow("p", NUMBER, ROW)
KEY = KeyRow("k", "theirs", (NUMBER,), ("p",), "pk_theirs")


def test_what_a_phone_had_is_remembered() -> None:
    keys = [{"id": "k", "name": "theirs", "phone_numbers": [NUMBER], "phone_ids": ["p"], "api_key": "pk_theirs"}]
    account, _ = account_of(**{"GET /v1/phone-api-keys": keys, "GET /v1/message-threads": [{"id": "t"}]})
    other = PhoneRow("q", "+18005550178", {})
    assert asyncio.run(borrow(account, [NUMBER], [other, PHONE])) == [Borrowed(PHONE, KEY, frozenset({"t"}))]


def test_where_no_number_is_somebodys_nothing_is_asked() -> None:
    account, answers = account_of()
    assert asyncio.run(borrow(account, ["+18005550100"], [PHONE])) == []
    assert answers.asked == []


@pytest.mark.parametrize(
    ("key", "answers", "why", "asked"),
    [
        (KEY, {}, None, ["PUT /v1/phones/fcm-token", "PUT /v1/phones"]),
        (None, {}, None, ["PUT /v1/phones"]),
        (KEY, {"PUT /v1/phones/fcm-token": 401}, "", ["PUT /v1/phones/fcm-token"]),
        (KEY, {"PUT /v1/phones": 500}, "", ["PUT /v1/phones/fcm-token", "PUT /v1/phones"]),
    ],
)
def test_key_token_and_settings_are_put_back(
    key: KeyRow | None, answers: dict[str, Any], why: str | None, asked: list[str]
) -> None:
    account, server = account_of(**{"PUT /v1/phones/fcm-token": {}, "PUT /v1/phones": {}, **answers})
    found = asyncio.run(give_back(account, Borrowed(PHONE, key, frozenset())))
    assert (found is None) is (why is None)
    assert server.asked == asked
