"""What became of vectors and of the matrix: all that reports are made from."""

from __future__ import annotations

from typing import Literal

from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop.calls import Encrypt
from harness.interop.outcomes import Outcome
from harness.interop.suite import Flag, Vector

__all__ = ["Cell", "Hello", "Interop", "Judgement", "MatrixFailure", "RunnerReport", "VectorResult", "Verdict"]

Verdict = Literal["pass", "known", "fail", "gone", "skip"]
"""`known`: a divergence that was expected, by the dialect that the runner speaks or by a list of names. `fail`: one
that was not. `gone`: an expected one that did not come."""


@frozen
class Hello:
    """How a runner introduces itself. `can` names operations: encrypt, decrypt, iv (it takes an IV)."""

    protocol: int
    name: str
    version: str
    can: frozenset[str]
    dialect: Dialect | None = None


@frozen
class Judgement:
    """`why` says what is wrong, or what divergence is known; `expected` tells it in words for a person."""

    verdict: Verdict
    expected: str
    why: str = ""


@frozen
class VectorResult:
    """What one runner made of one vector."""

    vector: Vector
    outcome: Outcome
    judgement: Judgement


@frozen
class RunnerReport:
    """What one runner made of all vectors.

    `missing` says why it could not be run at all, with the command that helps; `complaints` what it did beside the
    protocol; `restarts` how often its process was started anew; `seconds` how long the calls took, without the start.
    `version` says what was asked where nobody says hello.
    """

    runner: str
    hello: Hello | None = None
    results: tuple[VectorResult, ...] = ()
    complaints: tuple[str, ...] = ()
    missing: str = ""
    version: str = ""
    restarts: int = 0
    seconds: float = 0.0


@frozen
class MatrixFailure:
    """A text that did not come back: what was encrypted (`call`), and what `decryptor` made of the envelope."""

    call: Encrypt
    ciphertext: str
    outcome: Outcome


@frozen
class Cell:
    """One pair of the matrix: of `tried` envelopes of `encryptor`, `right` were read by `decryptor` as they should."""

    encryptor: str
    decryptor: str
    tried: int
    right: int
    failures: tuple[MatrixFailure, ...] = ()


@frozen
class Interop:
    """All that a run of `vectors verify` or `vectors matrix` found out."""

    runners: tuple[RunnerReport, ...] = ()
    cells: tuple[Cell, ...] = ()
    flags: tuple[Flag, ...] = ()
    repeat: str = ""  # the command that repeats it
