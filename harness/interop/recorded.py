"""Reads recorded cases: what the real clients did (`decrypt.json`, `encrypt.json`) as vectors.

The form is that of `tests/data/cipher/README.md`. A case where the clients do not agree is `acceptable` here: a
recording tells what is, and the flags what is at stake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.cipher import Dialect
from harness.interop.fields import Fields, parse_json, shorter, shown
from harness.interop.outcomes import Outcome
from harness.interop.reading import agreement, envelope_iv, outcome_of, unique
from harness.interop.suite import Flag, Operation, Result, Suite, Vector

__all__ = ["SCHEMA", "parse_recorded"]

SCHEMA = "httpsms-cipher-cases/1"

_SHA256_BYTES = 32
_REPEATED_MAX = 64 << 20  # bytes
_OPERATIONS: tuple[Operation, ...] = ("decrypt", "encrypt")
_RESULTS: Mapping[str, Result] = {"valid": "valid", "invalid": "invalid", "divergent": "acceptable"}
# Encryptions were not recorded with Android's parts, which take no part in them.
_RECORDED: Mapping[Dialect, tuple[str, ...]] = {
    "phone": ("kotlin_android", "kotlin"),
    "jvm": ("kotlin",),
    "node": ("node",),
    "go": ("go",),
}


def parse_recorded(text: str, name: str, flags: Mapping[str, Flag]) -> Suite:
    """The cases in the JSON `text` of the file `name`, with the `flags` that explain theirs.

    Raises VectorError, which says where the file is wrong. A flag that nobody explains is taken as it is.
    """
    top = parse_json(text, name)
    if top.text("schema") != SCHEMA:
        raise top.wrong("schema", f"is {shown(top.text('schema'))}, and this version reads {SCHEMA!r}")
    operation = top.one_of("operation", _OPERATIONS)
    vectors = unique(name, (vector for group in top.objects("groups", "group") for vector in _group(group, operation)))
    if top.number("count") != len(vectors):
        raise top.wrong("count", f"is {top.number('count')}, but there are {len(vectors)} cases")
    borne = dict.fromkeys(flag for vector in vectors for flag in vector.flags)
    return Suite(name, vectors, {flag: flags.get(flag) or _unexplained(flag) for flag in borne})


def _unexplained(name: str) -> Flag:
    return Flag(name, "UNKNOWN", "A flag of the recording.", "Not known here.", "Look at the README of the recording.")


def _group(group: Fields, operation: Operation) -> Iterator[Vector]:
    name = group.text("name")
    for case in group.objects("cases", f"{name}, case"):
        yield _vector(Fields(case.file, f"case {shorter(case.text('id'))}", case.values), operation, name)


def _vector(case: Fields, operation: Operation, group: str) -> Vector:
    key = _text(case, "key")
    if key is None:
        raise case.wrong("key", "is missing")
    needed = "ciphertext" if operation == "decrypt" else "iv"
    case.text(needed)
    text, ciphertext = _text(case, "text"), case.unicode("ciphertext", "ciphertext_utf16")
    if operation == "encrypt" and text is None:
        raise case.wrong("text", "is missing")
    return Vector(
        id=case.text("id"),
        operation=operation,
        group=group,
        comment=case.text("comment"),
        flags=case.texts("flags"),
        result=_RESULTS[case.one_of("result", _RESULTS)],
        key=key,
        ciphertext=ciphertext,
        text=text,
        iv=envelope_iv(case),
        ciphertext_sha256=_sum(case),
        outcomes=_outcomes(case, operation, text, ciphertext),
    )


def _sum(case: Fields) -> str | None:
    """The SHA-256 of an envelope, in small hex digits."""
    found = case.maybe_octets("ciphertext_sha256")
    if found is not None and len(found) != _SHA256_BYTES:
        raise case.wrong("ciphertext_sha256", f"has {len(found)} bytes instead of {_SHA256_BYTES}")
    return None if found is None else found.hex()


def _text(case: Fields, name: str) -> str | None:
    """A key or text. One that is long is told as a unit to repeat, and the bytes to cut it to."""
    if f"{name}_repeat" not in case.values:
        return case.unicode(name, f"{name}_utf16")
    told = case.inner(f"{name}_repeat")
    unit, length = told.text("unit").encode("utf-8", "surrogatepass"), told.number("bytes", _REPEATED_MAX)
    if not unit:
        raise told.wrong("unit", "is empty")
    return (unit * (length // len(unit) + 1))[:length].decode("utf-8", "ignore")


def _outcomes(
    case: Fields, operation: Operation, text: str | None, ciphertext: str | None
) -> Mapping[Dialect, Outcome]:
    if "outcomes" in case.values:
        return dict(_recorded(case.inner("outcomes")))
    agreed = agreement(operation, text, ciphertext)
    if not agreed and "ciphertext_sha256" not in case.values:
        raise case.wrong("outcomes", "is missing: neither a result nor an outcome is given")
    return agreed


def _recorded(outcomes: Fields) -> Iterator[tuple[Dialect, Outcome]]:
    for dialect, names in _RECORDED.items():
        found = next((name for name in names if name in outcomes.values), None)
        if found is not None:
            yield dialect, outcome_of(outcomes.inner(found))
