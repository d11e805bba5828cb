"""What every form of report says: counts, what failed, and the facts of one result as labels and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from harness.interop import words
from harness.interop.outcomes import Crashed
from harness.interop.results import Interop, MatrixFailure, RunnerReport, VectorResult, Verdict
from harness.interop.suite import Flag, Vector

__all__ = [
    "VERDICTS",
    "Facts",
    "call_facts",
    "crashes",
    "facts",
    "flags_of",
    "gist",
    "inputs",
    "missed",
    "speed",
    "tally",
    "told_flag",
    "vectors_of",
    "verdict",
    "version",
]

VERDICTS: tuple[Verdict, ...] = ("pass", "known", "fail", "gone", "skip")
Facts = list[tuple[str, str]]


def tally(results: Iterable[VectorResult]) -> Counter[Verdict]:
    """How many results have each verdict."""
    return Counter(result.judgement.verdict for result in results)


def missed(report: RunnerReport) -> list[VectorResult]:
    """The results that make a run fail: divergences nobody expected, and expected ones that did not come."""
    return [result for result in report.results if result.judgement.verdict in ("fail", "gone")]


def crashes(report: RunnerReport) -> list[VectorResult]:
    return [result for result in report.results if isinstance(result.outcome, Crashed)]


def verdict(interop: Interop) -> Literal["pass", "fail", "skip"]:
    """`fail`: something failed or is gone, or a text of the matrix did not come back. Where nobody could be asked
    anything, nothing has passed: `skip`."""
    if any(map(missed, interop.runners)) or any(cell.right != cell.tried for cell in interop.cells):
        return "fail"
    verdicts = {result.judgement.verdict for report in interop.runners for result in report.results}
    return "pass" if verdicts - {"skip"} or any(cell.tried for cell in interop.cells) else "skip"


def speed(report: RunnerReport) -> float | None:
    """Calls a second; None where there was nothing to measure."""
    calls = sum(result.vector.encryptions for result in report.results if result.judgement.verdict != "skip")
    return calls / report.seconds if calls and report.seconds > 0 else None


def version(report: RunnerReport) -> str:
    """How a runner introduced itself, or what was asked where nobody does."""
    hello = report.hello
    if hello is None:
        return words.plain(report.version) or "never said hello"
    is_said = hello.name == report.runner or hello.name in hello.version
    said = hello.version if is_said else f"{hello.name} {hello.version}"
    return words.plain(f"{said} (as {hello.dialect})" if hello.dialect else said)


def vectors_of(interop: Interop) -> dict[str, Vector]:
    """All vectors that any runner met, by id, in the order of the suite."""
    return {result.vector.id: result.vector for report in interop.runners for result in report.results}


def flags_of(vectors: Iterable[Vector], flags: Mapping[str, Flag]) -> list[Flag]:
    """The flags that the vectors bear, each once."""
    names = dict.fromkeys(name for vector in vectors for name in vector.flags)
    return [flags[name] for name in names if name in flags]


# -- one result --------------------------------------------------------------------------------------


def inputs(vector: Vector, limit: int | None) -> Iterator[tuple[str, str]]:
    """What goes in."""
    yield "key", words.quoted(vector.key, limit)
    if vector.operation == "decrypt":
        yield "ciphertext", words.quoted(vector.ciphertext or "", limit)
    else:
        yield "text", words.quoted(vector.text or "", limit)
    if vector.iv is not None:
        yield "IV", vector.iv.hex(" ")


def facts(result: VectorResult, limit: int | None = None) -> Facts:
    """What went in, what was expected, what came, and why that is judged as it is."""
    vector, judgement = result.vector, result.judgement
    found = [
        *inputs(vector, limit),
        ("expected", words.plain(judgement.expected) or words.demanded(vector)),
        ("got", words.compared(vector, result.outcome, limit)),
    ]
    why = words.plain(judgement.why)
    # Where nothing but the outcome is wrong, it has been said.
    said = ("", words.outcome(result.outcome), words.compared(vector, result.outcome))
    return found if why in said else [*found, ("why", why)]


def call_facts(failure: MatrixFailure, limit: int | None = None) -> Facts:
    """The same of an envelope that one implementation made and another did not read."""
    return [
        ("key", words.quoted(failure.call.key, limit)),
        ("expected", f"text {words.quoted(failure.call.text, limit)}"),
        ("envelope", words.quoted(failure.ciphertext, limit)),
        ("got", words.told(failure.outcome, limit)),
    ]


def gist(result: VectorResult) -> str:
    """The failure in one line."""
    if result.judgement.why:
        return words.plain(result.judgement.why)
    return f"expected {words.plain(result.judgement.expected)}, got {words.compared(result.vector, result.outcome)}"


def told_flag(flag: Flag) -> Facts:
    """What a flag means, what can happen, and what to do about it."""
    return [(label, words.plain(text)) for label, text in _flag(flag) if text]


def _flag(flag: Flag) -> list[tuple[str, str]]:
    return [("what", flag.what), ("risk", flag.risk), ("remedy", flag.remedy)]
