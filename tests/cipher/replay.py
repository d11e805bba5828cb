"""The recorded cipher cases (tests/data/cipher/README.md), and what each of our dialects makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from harness.cipher import DIALECTS, Dialect, bytes_of, decrypt, encrypt
from harness.errors import CipherError

__all__ = ["Case", "Outcome", "cases", "decryption", "differences", "encryption", "field", "recorded"]

Case = dict[str, Any]
Outcome = dict[str, str]
"""An outcome in the words of the recordings, without the message: one of text, bytes, ciphertext, error, panic."""

# Encryptions were not recorded for kotlin_android: nothing in them is Android's own.
IMPLEMENTATIONS: dict[Dialect, tuple[str, ...]] = {
    "phone": ("kotlin_android", "kotlin"),
    "jvm": ("kotlin",),
    "node": ("node",),
    "go": ("go",),
}


def cases(recording: dict[str, Any]) -> list[Case]:
    return [case for group in recording["groups"] for case in group["cases"]]


def field(case: Case, name: str) -> str:
    """A text of the case, however it is written down."""
    if f"{name}_repeat" in case:
        repeat = case[f"{name}_repeat"]
        whole: str = repeat["unit"] * (repeat["bytes"] // len(repeat["unit"].encode()) + 1)
        return whole.encode()[: repeat["bytes"]].decode()
    if f"{name}_utf16" in case:
        return bytes.fromhex(case[f"{name}_utf16"]).decode("utf-16-be", "surrogatepass")
    return str(case[name])


def recorded(case: Case, dialect: Dialect) -> Outcome | None:
    """What the real client did, or None where nobody recorded it."""
    if case["result"] == "valid":
        return _valid(case)
    outcomes = case["outcomes"]
    found = [outcomes[name] for name in IMPLEMENTATIONS[dialect] if name in outcomes]
    return {name: value for name, value in found[0].items() if name != "message"} if found else None


def _valid(case: Case) -> Outcome:
    if "iv" not in case:
        return {"text": field(case, "text")}
    name = "ciphertext_sha256" if "ciphertext_sha256" in case else "ciphertext"
    return {name: case[name]}


def decryption(case: Case, dialect: Dialect) -> Outcome:
    """What `decrypt` did with a case of decrypt.json."""
    try:
        text = decrypt(field(case, "key"), field(case, "ciphertext"), dialect=dialect)
    except CipherError as error:
        return {"panic" if error.panics else "error": error.raised}
    return {"text": text} if _well_formed(text) else {"bytes": bytes_of(text).hex()}


def _well_formed(text: str) -> bool:
    try:
        return bool(text.encode()) or not text
    except UnicodeEncodeError:
        return False


def encryption(case: Case, dialect: Dialect) -> Outcome:
    """What `encrypt` made of a case of encrypt.json: its hash alone, where no more was written down."""
    written = encrypt(field(case, "key"), field(case, "text"), iv=bytes.fromhex(case["iv"]), dialect=dialect)
    if "ciphertext_sha256" in (recorded(case, dialect) or {}):
        return {"ciphertext_sha256": hashlib.sha256(written.encode("ascii")).hexdigest()}
    return {"ciphertext": written}


def differences(case: Case, ours: Callable[[Case, Dialect], Outcome]) -> Iterator[str]:
    """A sentence for each dialect that ends otherwise than its client did. `ours` is `decryption` or `encryption`."""
    for dialect in DIALECTS:
        theirs = recorded(case, dialect)
        if theirs is not None and (own := ours(case, dialect)) != theirs:
            yield f"{dialect}: {own} instead of {theirs}"
