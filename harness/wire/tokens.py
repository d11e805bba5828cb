"""The bearer token of a webhook: a JWT signed with the webhook's key (gateway-protocol.md §7.4).

A token of HS256 (RFC 7515 and 7519) is three texts and an HMAC. A library for it takes a tenth of a second to load,
which is a good part of what a story takes; the tests hold this against one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from harness.instants import SECOND, Instant

__all__ = ["ISSUER", "LIFE_S", "is_signed", "read", "sign", "verify"]

ISSUER = "api.httpsms.com"
LIFE_S = 600
"""How long before and after its making a token is valid."""


def sign(key: str, user_id: str, url: str, now: Instant) -> str:
    """A token for a call to the webhook at `url` of the user. `key` must not be empty."""
    issued_s = now // SECOND
    claims = {
        "iss": ISSUER,
        "sub": user_id,
        "aud": [url],
        "exp": issued_s + LIFE_S,
        "nbf": issued_s - LIFE_S,
        "iat": issued_s,
    }
    signed = f"{_text({'alg': 'HS256', 'typ': 'JWT'})}.{_text(claims)}"
    return f"{signed}.{_base64(_signature(signed, key))}"


def verify(token: str, key: str, audience: str, now: Instant) -> dict[str, Any]:
    """The claims of a token for `audience` that is valid at `now`.

    Raises `ValueError` saying what is wrong with it.
    """
    _, claims = read(token)
    if not is_signed(token, key):
        raise ValueError("the token is not valid: it is not signed with the key, by HS256")
    whom = claims.get("aud")
    if audience not in (whom if isinstance(whom, list) else [whom]):
        raise ValueError("the token is not valid: its audience is somebody else")
    if claims.get("iss") != ISSUER:
        raise ValueError(f"the token is not valid: its issuer is not {ISSUER}")
    now_s = now / SECOND
    if not _number(claims, "nbf") <= now_s:
        raise ValueError("the token is not valid yet")
    if not now_s < _number(claims, "exp"):
        raise ValueError("the token has expired")
    return claims


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, whoever signed them and with what. Raises `ValueError` for what is no token."""
    header, claims, signature = _parts(token)
    _bytes(signature)
    return _object(header), _object(claims)


def is_signed(token: str, key: str) -> bool:
    """A token is signed with the key, by HS256. Raises `ValueError` for what is no token."""
    header, claims, signature = _parts(token)
    # Whoever takes the algorithm that a token names takes one without a signature.
    if _object(header).get("alg") != "HS256":
        return False
    return hmac.compare_digest(_bytes(signature), _signature(f"{header}.{claims}", key))


def _parts(token: str) -> list[str]:
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("the token is not valid: it has not three parts")
    return parts


def _signature(text: str, key: str) -> bytes:
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256)


def _text(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part.encode() + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:  # binascii.Error, and a text that is not ASCII
        raise ValueError("the token is not valid: a part of it is not base64") from None


def _object(part: str) -> dict[str, Any]:
    content = _bytes(part)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("the token is not valid: a part of it is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("the token is not valid: a part of it is no object")
    return value


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if type(value) is not int and type(value) is not float:
        raise ValueError(f"the token has no {name}")
    return value
