"""What runners are asked for vectors, and what became of the vectors by their answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from harness.cipher import Dialect
from harness.errors import UsageError
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.fields import guess
from harness.interop.ivs import drawn
from harness.interop.judging import as_expected, judge
from harness.interop.outcomes import Encrypted, NotRun, Outcome, Skipped
from harness.interop.results import Hello, VectorResult
from harness.interop.suite import Result, Suite, Vector

__all__ = ["calls_of", "chosen", "outcomes_of", "results_of"]


def chosen(suite: Suite, name: str = "", flags: Collection[str] = (), result: Result | None = None) -> Suite:
    """The vector with the id `name`, or else every one whose group or comment contains it; of those, the ones with any
    of the `flags` and with that `result`. Raises UsageError for a flag that there is not.
    """
    for flag in flags:
        if flag not in suite.flags:
            problem = f"there is no flag {flag!r}{guess(flag, suite.flags)}"
            raise UsageError(problem, f"these are: {', '.join(suite.flags)}")
    wanted = [
        vector
        for vector in _named(suite.vectors, name)
        if (not flags or not {*flags}.isdisjoint(vector.flags)) and result in (None, vector.result)
    ]
    return replace(suite, vectors=tuple(wanted))


def _named(vectors: Sequence[Vector], name: str) -> list[Vector]:
    part = name.casefold()
    exact = [vector for vector in vectors if vector.id == name]
    return exact or [vector for vector in vectors if part in f"{vector.group}\n{vector.comment}".casefold()]


def calls_of(vector: Vector) -> list[Call]:
    """What a runner is asked for a vector: one call, or for `ivs` one for each encryption."""
    if vector.operation == "decrypt":
        assert vector.ciphertext is not None
        return [Decrypt(vector.key, vector.ciphertext)]
    assert vector.text is not None
    if vector.operation == "encrypt":
        return [Encrypt(vector.key, vector.text, vector.iv)]
    return [Encrypt(vector.key, vector.text)] * vector.encryptions


def outcomes_of(vectors: Iterable[Vector], outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """One outcome for each vector from one for each call."""
    start = 0
    for vector in vectors:
        end = start + len(calls_of(vector))
        yield _drawn(outcomes[start:end]) if vector.operation == "ivs" else outcomes[start]
        start = end


def _drawn(outcomes: Sequence[Outcome]) -> Outcome:
    """What a series of encryptions tells of the IVs, or the first outcome that is no envelope."""
    ciphertexts = [outcome.ciphertext for outcome in outcomes if isinstance(outcome, Encrypted)]
    if len(ciphertexts) == len(outcomes):
        return drawn(ciphertexts)
    return next(outcome for outcome in outcomes if not isinstance(outcome, Encrypted))


def results_of(
    vectors: Sequence[Vector],
    outcomes: Sequence[Outcome],
    *,
    hello: Hello | None = None,
    wanted: Dialect | None = None,
    listed: Collection[str] = (),
) -> tuple[VectorResult, ...]:
    """What became of the vectors, by one outcome for each call.

    The runner shall do what the client `wanted` does, else what the one does that it claims to be in `hello`, else
    what a correct client does. `listed` are the ids of which a list of expected failures says that it fails.
    """
    claimed = hello.dialect if hello is not None else None
    takes_iv = hello is not None and "iv" in hello.can

    def result(vector: Vector, outcome: Outcome) -> VectorResult:
        given_iv = vector.iv if takes_iv else None
        judgement = judge(vector, outcome, held_to=wanted or claimed, claimed=claimed, given_iv=given_iv)
        # A call that was never made is no failure that anybody can have expected.
        if vector.id in listed and not isinstance(outcome, NotRun | Skipped):
            judgement = as_expected(judgement)
        return VectorResult(vector, outcome, judgement)

    return tuple(map(result, vectors, outcomes_of(vectors, outcomes)))
