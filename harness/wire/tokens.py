"""The bearer token of a webhook: a JWT signed with the webhook's key (gateway-protocol.md §7.4)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness.instants import SECOND, Instant

__all__ = ["ISSUER", "LIFE_S", "sign", "verify"]

ISSUER = "api.httpsms.com"
LIFE_S = 600
"""How long before and after its making a token is valid."""


@contextmanager
def _short_keys() -> Iterator[None]:
    """Any text is a signing key for the server, also one that HS256 would rather have longer."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The HMAC key is")  # by its text: older versions have no class for it
        yield


def sign(key: str, user_id: str, url: str, now: Instant) -> str:
    """A token for a call to the webhook at `url` of the user. `key` must not be empty."""
    import jwt  # slow to load, and needed only where there are webhooks with a key

    issued_s = now // SECOND
    claims = {
        "iss": ISSUER,
        "sub": user_id,
        "aud": [url],
        "exp": issued_s + LIFE_S,
        "nbf": issued_s - LIFE_S,
        "iat": issued_s,
    }
    with _short_keys():
        return jwt.encode(claims, key.encode(), "HS256")


def verify(token: str, key: str, audience: str, now: Instant) -> dict[str, Any]:
    """The claims of a token for `audience` that is valid at `now`.

    Raises `ValueError` saying what is wrong with it.
    """
    import jwt

    # The library would ask the machine's clock.
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        with _short_keys():
            claims: dict[str, Any] = jwt.decode(
                token, key.encode(), ["HS256"], options, audience=audience, issuer=ISSUER
            )
    except jwt.InvalidTokenError as error:
        raise ValueError(f"the token is not valid: {error}") from None
    now_s = now / SECOND
    if not _number(claims, "nbf") <= now_s:
        raise ValueError("the token is not valid yet")
    if not now_s < _number(claims, "exp"):
        raise ValueError("the token has expired")
    return claims


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if type(value) is not int and type(value) is not float:
        raise ValueError(f"the token has no {name}")
    return value
