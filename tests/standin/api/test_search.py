"""harness.standin.api.search: the search that Turnstile guards (gateway-protocol.md §2.7)."""

from __future__ import annotations

import pytest

from tests.standin.gateways import Gateway

PATH = "/v1/messages/search"


@pytest.mark.parametrize(
    ("query", "headers", "status", "data"),
    [
        ("", {}, 422, {"token": ["The token field is required"]}),
        ("", {"token": "x"}, 422, {"token": ["The captcha token from turnstile is invalid"]}),
        ("", {"Token": "x"}, 422, {"token": ["The captcha token from turnstile is invalid"]}),
        (
            "?types=sms",
            {"token": "x"},
            422,
            {"types": ["the types field in contains an invalid value [sms] at index [0]"]},
        ),
        ("?sort_descending=maybe", {"token": "x"}, 400, None),
    ],
)
def test_no_search_gets_past_its_token(
    query: str, headers: dict[str, str], status: int, data: dict[str, list[str]] | None
) -> None:
    answer = Gateway().call("GET", PATH + query, headers=headers)
    assert answer.status == status
    if data is not None:
        assert (answer.body["message"], answer.data) == ("validation errors while searching messages", data)


def test_a_search_takes_a_user_key() -> None:
    gateway = Gateway.with_phone()
    assert gateway.call("GET", PATH, key="").status == 401
    assert gateway.call("GET", PATH, key=gateway.key).status == 401
