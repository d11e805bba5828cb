"""A small run with one of everything that reports tell of."""

from __future__ import annotations

from collections.abc import Iterable

from harness.interop.calls import Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused, Skipped
from harness.interop.results import (
    Cell,
    Hello,
    Interop,
    Judgement,
    MatrixFailure,
    RunnerReport,
    VectorResult,
    Verdict,
)
from harness.interop.suite import Flag, Vector

PADDING = Flag("Padding", "LENIENCY", 'A "=" in the middle.', "A text is cut, and nobody hears of it.", "Refuse it.")
SHORT = Flag("Short", "MALFORMED", "No room for an IV.", "The process of a receiver ends.", "Look at the length first.")
UNUSED = Flag("Unused", "OTHER", "Borne by no vector.", "None.", "Nothing.")

_NO = Refused("java.lang.IllegalArgumentException", "Illegal base64 character 3d")
HELLO = Vector("1", "decrypt", "text", "ASCII", (), "valid", "Password123", "EbnC7HjTn7u75fJf2HHrXZL9G6xe", "Hello")
CUT = Vector("2", "decrypt", "padding", '"=" inside', ("Padding",), "invalid", "k", "AAAAAAAAAAAAAAAAAAAAAAAA=AAAA")
TOO_SHORT = Vector(
    "3", "decrypt", "short", "empty", ("Short",), "invalid", "k", "", outcomes={"go": Crashed("runtime.boundsError")}
)
SEALED = Vector(
    "4", "encrypt", "text", "emoji", (), "valid", "k\n", "AAECAwQFBgcICQoLDA0ODxAR", "🎉", iv=bytes(range(16))
)
FLAGS = (PADDING, SHORT, UNUSED)


def result(
    vector: Vector, outcome: Outcome, verdict: Verdict = "pass", expected: str = "", why: str = ""
) -> VectorResult:
    return VectorResult(vector, outcome, Judgement(verdict, expected, why))


def report(runner: str, results: Iterable[VectorResult], **known: object) -> RunnerReport:
    return RunnerReport(runner, results=tuple(results), **known)  # type: ignore[arg-type]


GO = report(
    "go",
    [
        result(HELLO, Decrypted("Hello"), expected='text "Hello"'),
        result(CUT, _NO, expected="an error"),
        result(
            TOO_SHORT, Crashed("runtime.boundsError", "slice bounds"), "known", "CRASH", "httpsms-go is known for it"
        ),
        result(SEALED, Encrypted("AAECAwQFBgcICQoLDA0ODxAR"), expected="envelope"),
    ],
    hello=Hello(1, "go", "httpsms-go v0.0.6", frozenset({"encrypt", "decrypt", "iv"}), "go"),
    seconds=0.002,
)
MINE = report(
    "./mine --slow",
    [
        result(HELLO, Decrypted("Hell"), "fail", 'text "Hello"', 'text "Hell" (cut)'),
        result(
            CUT, Decrypted("He"), "fail", "an error that a caller can handle", 'text "He" came of what must be refused'
        ),
        result(TOO_SHORT, Refused("E"), "gone", "CRASH: x", "it did not come"),
        result(SEALED, Skipped("it cannot encrypt"), "skip", "envelope", "it cannot encrypt"),
    ],
    hello=Hello(1, "mine", "0.3", frozenset({"decrypt"})),
    complaints=("a line of noise (2 times)",),
    restarts=2,
)
WEB = RunnerReport("web", missing="it is not installed\nhttpsms-harness vectors install web")
LOST = MatrixFailure(Encrypt("k", 'a "b"\n'), "QUJD-_", _NO)
CELLS = (
    Cell("go", "go", 76, 76),
    Cell("go", "./mine --slow", 76, 76),
    Cell("./mine --slow", "go", 76, 75, (LOST,)),
    Cell("./mine --slow", "./mine --slow", 76, 76),
)
RUN = Interop((GO, MINE, WEB), CELLS, FLAGS, "httpsms-harness vectors verify -r go -r './mine --slow' -r web")
GOOD = Interop((GO,), CELLS[:1], FLAGS, "httpsms-harness vectors verify -r go")

HOSTILE = (
    "</script><script>alert(1)</script><!-- \"'&amp; \0\x1b[31m\r\n\u2028\u202e\ud800 \udcff \ufffe ]]> "
    "שלום {braces} %s \U0010ffff"
)


def hostile() -> Interop:
    """A run in which whatever is free text says `HOSTILE`."""
    flag = Flag(*[HOSTILE] * 5)
    vector = Vector(
        HOSTILE,
        "decrypt",
        HOSTILE,
        HOSTILE,
        (HOSTILE,),
        "valid",
        HOSTILE,
        HOSTILE,
        HOSTILE,
        outcomes={"go": Decrypted(HOSTILE)},
    )
    outcomes: list[Outcome] = [
        Decrypted(HOSTILE), Refused(HOSTILE, HOSTILE), Crashed(HOSTILE, HOSTILE), Skipped(HOSTILE),
    ]  # fmt: skip
    verdicts: tuple[Verdict, ...] = ("fail", "known", "gone", "skip")
    results = [
        report(HOSTILE + verdict, [result(vector, outcome, verdict, HOSTILE, HOSTILE)], complaints=(HOSTILE,))
        for outcome, verdict in zip(outcomes, verdicts, strict=True)
    ]
    missing = RunnerReport(HOSTILE, Hello(1, HOSTILE, HOSTILE, frozenset({HOSTILE})), missing=HOSTILE)
    cell = Cell(HOSTILE, HOSTILE, 1, 0, (MatrixFailure(Encrypt(HOSTILE, HOSTILE), HOSTILE, Refused(HOSTILE)),))
    return Interop((*results, missing), (cell,), (flag,), HOSTILE)
