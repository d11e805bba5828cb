"""Halves of surrogate pairs, which UTF-8 cannot hold."""

from __future__ import annotations

from tools.vector_cases.case import Case, Group

__all__ = ["KEY_DECRYPTED", "KEY_ENCRYPTED", "TEXT_ENCRYPTED"]

# No first half stands before a second one: JSON readers would join them.
_HALVES = (
    ("a first half alone", "\ud83d"),
    ("a second half alone", "\ude00"),
    ("a first half at the end", "end\ud83d"),
    ("a second half at the beginning", "\ude00begin"),
    ("a first half within", "wi\ud83dthin"),
    ("a second half within", "wi\ude00thin"),
    ("a pair in the wrong order", "\ude00\ud83d"),
    ("two first halves", "\ud83d\ud83d"),
    ("two second halves", "\ude00\ude00"),
    ("a half between two emoji", "😀\ud83d🚀"),
    ("the first of the first halves", "\ud800"),
    ("the last of the second halves", "\udfff"),
)
_WRITTEN_AS = (
    ("U+FFFD", lambda key: _replaced(key, "\ufffd")),
    ("a question mark", lambda key: _replaced(key, "?")),
    ("its three bytes", lambda key: key.encode("utf-8", "surrogatepass")),
)


def _replaced(text: str, by: str) -> bytes:
    return "".join(by if "\ud800" <= letter <= "\udfff" else letter for letter in text).encode()


KEY_ENCRYPTED = Group(
    "surrogate-key-encrypt",
    "encrypt",
    "Pass phrases that are no well-formed Unicode: the clients derive different keys.",
    tuple(Case(name, key=key) for name, key in _HALVES),
    flags=("LoneSurrogate",),
    result="acceptable",
)
TEXT_ENCRYPTED = Group(
    "surrogate-text-encrypt",
    "encrypt",
    "Texts that are no well-formed Unicode: the clients send different ones.",
    tuple(Case(name, text=text) for name, text in _HALVES),
    flags=("LoneSurrogate",),
    result="acceptable",
)
KEY_DECRYPTED = Group(
    "surrogate-key-decrypt",
    "decrypt",
    "Envelopes under such pass phrases, by what was hashed in place of the half.",
    tuple(
        Case(f"{name}; hashed as {how}", key=key, text="Read me if you can", hashed=written(key))
        for name, key in _HALVES
        for how, written in _WRITTEN_AS
    ),
    flags=("LoneSurrogate",),
    result="acceptable",
)
