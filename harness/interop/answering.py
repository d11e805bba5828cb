"""Calls answered by functions: what an implementation in Python makes of them, as outcomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.errors import CipherError
from harness.interop.calls import Call, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, Outcome, Refused, Skipped

__all__ = ["Cipher", "EncryptUnder", "outcome_of"]

Cipher = Callable[[str, str], Any]
"""(key, text or ciphertext) → the other one, as a str. What it raises is a refusal."""

EncryptUnder = Callable[[str, str, bytes], Any]
"""(key, text, IV of 16 bytes) → the envelope."""


def outcome_of(
    call: Call,
    encrypt: Cipher | None,
    decrypt: Cipher | None,
    encrypt_under: EncryptUnder | None = None,
) -> Outcome:
    """What the functions make of `call`. `encrypt_under` takes the IV too. Raises no Exception."""
    function, arguments = _asked(call, encrypt, decrypt, encrypt_under)
    if function is None:
        return Skipped(f"it cannot {'encrypt' if isinstance(call, Encrypt) else 'decrypt'}")
    try:
        result = function(*arguments)
    except CipherError as error:
        return _refusal(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return Refused(type(error).__qualname__, _message(error))
    if not isinstance(result, str):
        return Garbled(f"{type(result).__qualname__} where a str belongs")
    return Encrypted(result) if isinstance(call, Encrypt) else Decrypted(result)


def _asked(
    call: Call,
    encrypt: Cipher | None,
    decrypt: Cipher | None,
    encrypt_under: EncryptUnder | None,
) -> tuple[Callable[..., Any] | None, tuple[Any, ...]]:
    if not isinstance(call, Encrypt):
        return decrypt, (call.key, call.ciphertext)
    if call.iv is not None and encrypt_under is not None:
        return encrypt_under, (call.key, call.text, call.iv)
    return encrypt, (call.key, call.text)


def _refusal(error: CipherError) -> Outcome:
    """Our own cipher says what the client that it imitates does."""
    name = error.raised or type(error).__qualname__
    return Crashed(name, str(error)) if error.panics else Refused(name, str(error))


def _message(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - __str__ is the implementation's too
        return ""
