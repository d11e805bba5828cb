"""harness.wire.tokens: the bearer token of a webhook (gateway-protocol.md §7.4)."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        (TOKEN, "other-key", URL, 0, "not signed with the key"),
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
    bare = jwt.encode({"iss": tokens.ISSUER, "aud": [URL]}, "k" * 32, "HS256")
    with pytest.raises(ValueError, match="no nbf"):
        tokens.verify(bare, "k" * 32, URL, NOW)


# -- held against a library --------------------------------------------------------------------------------------------

KEYS = st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"]))
UNCHECKED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@given(KEYS, st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_library_reads_what_we_sign_and_we_what_it_signs(key: str, user: str) -> None:
    token = tokens.sign(key, user, URL, NOW)
    claims = jwt.decode(token, key.encode(), ["HS256"], UNCHECKED, audience=URL, issuer=tokens.ISSUER)
    theirs = jwt.encode(claims, key.encode(), "HS256")
    assert tokens.verify(theirs, key, URL, NOW) == claims == tokens.verify(token, key, URL, NOW)


def _token(header: Any, claims: Any, key: str = "signing-key") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return f"{'.'.join(parts)}.{tokens._base64(tokens._signature('.'.join(parts), key))}"


CLAIMS = json.loads(_part(TOKEN, 1))
HS256 = {"alg": "HS256"}


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize(
    ("token", "why"),
    [
        (_token({"alg": "none"}, CLAIMS), "by HS256"),
        (_token({}, CLAIMS), "by HS256"),
        (_token([], CLAIMS), "no object"),
        (_token(HS256, "text"), "no object"),
        (_token(HS256, CLAIMS | {"iss": "somebody"}), "issuer"),
        (_token(HS256, CLAIMS | {"aud": f"{URL}/deeper"}), "audience"),
        (_token(HS256, {key: value for key, value in CLAIMS.items() if key != "aud"}), "audience"),
        (TOKEN.rpartition(".")[0] + ".", "not signed with the key"),
        (TOKEN.rpartition(".")[0], "three parts"),
        (f"{TOKEN}.x", "three parts"),
        (f"\u00e4{TOKEN}", "not base64"),
        ("a.b.c", "not base64|not JSON"),
        ("YQ.YQ.YQ", "not JSON"),
    ],
)
def test_what_is_refused_the_library_refuses_too(token: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        tokens.verify(token, "signing-key", URL, NOW)
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(token, b"signing-key", ["HS256"], UNCHECKED, audience=URL, issuer=tokens.ISSUER)


@pytest.mark.parametrize("audience", [URL, [URL], ["https://other.example", URL]])
def test_an_audience_is_one_or_several(audience: Any) -> None:
    assert tokens.verify(_token(HS256, CLAIMS | {"aud": audience}), "signing-key", URL, NOW)["sub"] == "user-1"
