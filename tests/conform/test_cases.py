"""The values of a case."""

from __future__ import annotations

import pytest

from harness.conform.cases import Json, PhoneSetup, long_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"#repeat": {"unit": "ab", "count": 3}}, "ababab"),
        ({"#base64": {"repeat": "abc", "bytes": 5}}, "YWJjYWI="),
        ({"#base64": {"repeat": "", "bytes": 5}}, ""),
        ({"#repeat": {"unit": "x"}}, None),
        ("#repeat", None),
    ],
    ids=str,
)
def test_a_long_text_is_as_long_as_it_says(value: Json, text: str | None) -> None:
    assert long_text(value) == text


@pytest.mark.parametrize(("key", "key_id"), [("phone_key", "phone_key_id"), ("phone_key2", "phone_key_id2")])
def test_the_id_of_a_second_key_has_the_suffix_of_the_key(key: str, key_id: str) -> None:
    assert PhoneSetup("phone", "token", "phone_id", key, "SIM1", "refused", {}).key_id == key_id
