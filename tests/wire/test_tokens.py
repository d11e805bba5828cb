"""harness.wire.tokens: the bearer token of a webhook (gateway-protocol.md §7.4)."""

from __future__ import annotations

import base64
import json

import pytest

from harness.instants import SECOND
from harness.wire import tokens

ISSUED_AT = 1_780_000_000 * SECOND
NOW = ISSUED_AT + 123
URL = "https://example.com/hook"
TOKEN = tokens.sign("signing-key", "user-1", URL, NOW)


def _part(token: str, number: int) -> str:
    part = token.split(".")[number]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()


def test_a_token_says_who_signed_it_for_whom() -> None:
    assert json.loads(_part(TOKEN, 0)) == {"alg": "HS256", "typ": "JWT"}
    claims = json.loads(_part(TOKEN, 1))
    assert list(claims) == ["iss", "sub", "aud", "exp", "nbf", "iat"]
    assert claims == {
        "iss": "api.httpsms.com",
        "sub": "user-1",
        "aud": [URL],
        "exp": 1_780_000_600,
        "nbf": 1_779_999_400,
        "iat": 1_780_000_000,
    }
    assert tokens.verify(TOKEN, "signing-key", URL, NOW) == claims


@pytest.mark.parametrize("key", ["k", "Z\u00fcrich", " "])
def test_any_text_is_a_key(key: str) -> None:
    assert tokens.verify(tokens.sign(key, "u", URL, NOW), key, URL, NOW)["sub"] == "u"


@pytest.mark.parametrize(
    ("token", "key", "audience", "after_s", "why"),
    [
        (TOKEN, "other-key", URL, 0, "Signature"),
        (TOKEN, "signing-key", "https://example.com", 0, "[Aa]udience"),
        (TOKEN, "signing-key", URL, 600, "expired"),
        (TOKEN, "signing-key", URL, -601, "not valid yet"),
        (TOKEN[:-4], "signing-key", URL, 0, "not valid"),
        ("nonsense", "signing-key", URL, 0, "not valid"),
    ],
)
def test_a_token_that_is_not_valid_is_refused(token: str, key: str, audience: str, after_s: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        tokens.verify(token, key, audience, ISSUED_AT + after_s * SECOND)


@pytest.mark.parametrize("after_s", [-600, 0, 599])
def test_a_token_is_valid_for_ten_minutes_around_its_making(after_s: int) -> None:
    assert tokens.verify(TOKEN, "signing-key", URL, ISSUED_AT + after_s * SECOND)


def test_a_token_without_times_is_refused() -> None:
    import jwt

    bare = jwt.encode({"iss": tokens.ISSUER, "aud": [URL]}, "k" * 32, "HS256")
    with pytest.raises(ValueError, match="no nbf"):
        tokens.verify(bare, "k" * 32, URL, NOW)
