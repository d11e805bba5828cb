"""Vectors as values: numbered cases with what a correct implementation does, and flags that say why it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal

from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop.outcomes import Outcome

__all__ = ["Flag", "Operation", "Result", "Suite", "Vector"]

Operation = Literal["decrypt", "encrypt", "ivs"]
Result = Literal["valid", "invalid", "acceptable"]


@frozen
class Flag:
    """A property of vectors, explained once: what it is, what can happen (`risk`), and what to do (`remedy`)."""

    name: str
    kind: str
    what: str
    risk: str
    remedy: str


@frozen
class Vector:
    """A case. `id` is its number ("17"), or the name that a recording gave it ("d017").

    `valid`: a correct implementation gives exactly `text` (decrypt) or the envelope of `text` (encrypt). `invalid`: it
    refuses. `acceptable`: it may refuse, or do what any of `outcomes` does; the flags say what is at stake.
    `outcomes` has what the real clients do, by dialect, also where all do the same.
    """

    id: str
    operation: Operation
    group: str
    comment: str
    flags: tuple[str, ...]
    result: Result
    key: str
    ciphertext: str | None = None  # decrypt: the input; encrypt: what comes out under `iv`
    text: str | None = None  # encrypt and ivs: the input; decrypt: what comes out, if all agree
    iv: bytes | None = None  # encrypt
    ciphertext_sha256: str | None = None  # encrypt, recorded: instead of a long `ciphertext`
    encryptions: int = 1  # ivs: how many
    unpredictable: bool = False  # ivs: none of them may be an output of java.util.Random
    # A factory, because CPython 3.11 takes a mappingproxy for mutable.
    outcomes: Mapping[Dialect, Outcome] = field(default_factory=lambda: MappingProxyType({}))


@frozen
class Suite:
    """The vectors of a file or of several, in order, and the flags that they bear."""

    name: str
    vectors: tuple[Vector, ...]
    flags: Mapping[str, Flag]
