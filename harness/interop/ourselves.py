"""Our own cipher, or functions of somebody else in this process, as a runner: calls become outcomes."""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import partial
from typing import Any

from harness import __version__
from harness.cipher import Dialect, decrypt, encrypt
from harness.errors import CipherError
from harness.interop.calls import Call, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, Outcome, Refused, Skipped
from harness.interop.protocol import VERSION
from harness.interop.results import Hello

__all__ = ["NAME", "Cipher", "EncryptUnder", "introduction", "outcome_of", "performer"]

NAME = "python"

Cipher = Callable[[str, str], Any]
"""(key, text or ciphertext) → the other one, as a str. What it raises is a refusal."""

EncryptUnder = Callable[[str, str, bytes], Any]
"""(key, text, IV of 16 bytes) → the envelope."""


def introduction(dialect: Dialect) -> Hello:
    """How we introduce ourselves."""
    import cryptography

    versions = f"httpsms-harness {__version__}, cryptography {cryptography.__version__}"
    version = f"{versions}, Python {platform.python_version()}"
    return Hello(VERSION, NAME, version, frozenset(("encrypt", "decrypt", "iv")), dialect)


def performer(dialect: Dialect) -> Callable[[Call], Outcome]:
    """Does a call as the client that speaks `dialect` does. It raises nothing."""
    return partial(
        outcome_of,
        encrypt=partial(encrypt, dialect=dialect),
        decrypt=partial(decrypt, dialect=dialect),
        encrypt_under=lambda key, text, iv: encrypt(key, text, iv=iv, dialect=dialect),
    )


def outcome_of(
    call: Call,
    encrypt: Cipher | None,
    decrypt: Cipher | None,
    encrypt_under: EncryptUnder | None = None,
) -> Outcome:
    """What the functions make of `call`. `encrypt_under` takes the IV too; None for a function skips its calls.

    Raises no Exception: one of the functions' own is `Refused` with its class. Nothing guards against a function that
    hangs or ends the process.
    """
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
