"""The vectors in somebody's own test suite: what the fixtures `httpsms_vectors` and `httpsms_vector` give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.adapters import vector_files
from harness.cipher import Dialect
from harness.cipher.dialects import rules_of
from harness.interop import words
from harness.interop.asking import calls_of, results_of
from harness.interop.facts import facts, flags_of
from harness.interop.ourselves import Cipher, outcome_of
from harness.interop.results import VectorResult
from harness.interop.suite import Suite, Vector

__all__ = ["VectorCheck", "VectorChecks"]

_VALUE = 200
_TOLD = 5


class VectorCheck:
    """One vector. `name` is its number and what it is about, such as 17-short-iv."""

    def __init__(self, vector: Vector, suite: Suite) -> None:
        self.vector = vector
        self._suite = suite

    def __repr__(self) -> str:
        return f"<httpSMS vector {self.name}>"

    @property
    def name(self) -> str:
        about = re.sub(r"[^a-z0-9]+", "-", self.vector.comment.lower()).strip("-")
        return f"{self.vector.id}-{about[:40].rstrip('-')}".rstrip("-")

    def check(
        self, *, encrypt: Cipher | None = None, decrypt: Cipher | None = None, dialect: Dialect | None = None
    ) -> None:
        """Fails the test if the functions do not do with the vector what a correct client does.

        `encrypt(key, text)` gives the ciphertext, `decrypt(key, ciphertext)` the text; to refuse is to raise. With
        `dialect` they shall do what that client does, its divergences too. The test is skipped if the function that
        the vector is for is not given.
        """
        __tracebackhide__ = True
        _check(self._suite, (self.vector,), encrypt, decrypt, dialect)


class VectorChecks:
    """All vectors, in order."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    @classmethod
    def own(cls) -> VectorChecks:
        """Those that come with the package."""
        return cls(vector_files.own())

    def __iter__(self) -> Iterator[VectorCheck]:
        return (VectorCheck(vector, self._suite) for vector in self._suite.vectors)

    def __len__(self) -> int:
        return len(self._suite.vectors)

    def check(
        self, *, encrypt: Cipher | None = None, decrypt: Cipher | None = None, dialect: Dialect | None = None
    ) -> None:
        """As `VectorCheck.check`, for every vector that one of the functions is for. One failure tells of all."""
        __tracebackhide__ = True
        _check(self._suite, self._suite.vectors, encrypt, decrypt, dialect)


def _check(
    suite: Suite, vectors: tuple[Vector, ...], encrypt: Cipher | None, decrypt: Cipher | None, dialect: Dialect | None
) -> None:
    import pytest

    __tracebackhide__ = True
    if encrypt is None and decrypt is None:
        raise TypeError("check() needs encrypt=, decrypt= or both")
    if dialect is not None:
        rules_of(dialect)  # raises ValueError for one that there is not
    outcomes = [outcome_of(call, encrypt, decrypt) for vector in vectors for call in calls_of(vector)]
    results = results_of(vectors, outcomes, wanted=dialect)
    failed = [result for result in results if result.judgement.verdict in ("fail", "gone")]
    if failed:
        pytest.fail(_told(failed, len(vectors), suite), pytrace=False)
    if all(result.judgement.verdict == "skip" for result in results):
        missing = "decrypt" if decrypt is None else "encrypt"
        pytest.skip(f"no {missing} was given to check()")


def _told(failed: list[VectorResult], tried: int, suite: Suite) -> str:
    parts = [_failure(result, suite) for result in failed[:_TOLD]]
    if tried > 1:
        parts.insert(0, f"{len(failed)} of {words.count(tried, 'vector')} failed")
    if failed[_TOLD:]:
        parts.append(f"and {words.count(len(failed) - _TOLD, 'more vector')}: " + ", ".join(
            result.vector.id for result in failed[_TOLD:]
        ))  # fmt: skip
    return "\n\n".join(parts)


def _failure(result: VectorResult, suite: Suite) -> str:
    vector = result.vector
    told = [
        *facts(result, _VALUE),
        *(("risk", f"{flag.name}: {words.plain(flag.risk)}") for flag in flags_of([vector], suite.flags) if flag.risk),
        ("explain", f"httpsms-harness vectors explain {vector.id}"),
    ]
    title = f"vector {vector.id} ({words.plain(vector.group)}: {words.plain(vector.comment)})"
    return "\n".join([title, *(f"  {label:<10}  {value}" for label, value in told)])
