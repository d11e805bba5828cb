"""A run as plain data, for programs. The shape is stable: what changes it changes the name of the schema.

    schema      "httpsms-interop-report/1"
    verdict     fail: something failed or is gone, or a text of the matrix did not come back; skip: nobody could be
                asked; else pass
    passed      true if the verdict is pass
    repeat      the command that repeats the run
    runners     a list of
        runner, hello {protocol, name, version, can, dialect} or null, version (that of hello, or what was asked where
        nobody says hello), missing ("" if it ran), complaints, restarts, seconds, crashes (a number),
        totals {pass, known, fail, gone, skip},
        results     a list of {vector, verdict, expected, why, outcome}; `vector` is an id of `vectors`
    vectors     by id {operation, group, comment, flags, result, key, ciphertext, text, iv, ciphertext_sha256,
                encryptions, outcomes by dialect}; what a vector does not have is null, `iv` is in hex
    flags       by name {kind, what, risk, remedy}
    matrix      a list of {encryptor, decryptor, tried, right, failures}; each failure {key, text, ciphertext, outcome}

An outcome has a `kind`, and the members of that kind: text {text}, envelope {ciphertext}, ivs {encryptions, distinct,
of_16_bytes, examined, predictable, fixed_bits}, refused {error, message}, crashed {how, message}, silent {seconds},
garbled {what}, skipped {why}, not_run {why}. `words` tells it for people.

A string that is no well-formed text has a sister with its bytes in hex, as programs may replace halves of surrogate
pairs: `key_hex`, `text_hex`, `ciphertext_hex`. There a half has the three bytes that UTF-8 would give it; where an
implementation handed on bytes that are no UTF-8, they are these bytes, and in the string each is U+DC00 and the byte.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from harness.interop import words
from harness.interop.facts import VERDICTS, crashes, tally, vectors_of, verdict
from harness.interop.outcomes import (
    Crashed,
    Decrypted,
    DrawnIvs,
    Encrypted,
    Garbled,
    NotRun,
    Outcome,
    Refused,
    Silent,
    Skipped,
)
from harness.interop.results import Cell, Hello, Interop, MatrixFailure, RunnerReport, VectorResult
from harness.interop.suite import Flag, Vector

__all__ = ["SCHEMA", "Json", "to_json"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

SCHEMA = "httpsms-interop-report/1"


def to_json(interop: Interop) -> dict[str, Json]:
    """The run as the docstring of this module draws it; every value is whole."""
    return {
        "schema": SCHEMA,
        "verdict": verdict(interop),
        "passed": verdict(interop) == "pass",
        "repeat": interop.repeat,
        "runners": [_runner(report) for report in interop.runners],
        "vectors": {name: _vector(vector) for name, vector in vectors_of(interop).items()},
        "flags": {flag.name: _flag(flag) for flag in interop.flags},
        "matrix": [_cell(cell) for cell in interop.cells],
    }


def _runner(report: RunnerReport) -> Json:
    tallied = tally(report.results)
    return {
        "runner": report.runner,
        "hello": None if report.hello is None else _hello(report.hello),
        "version": report.version or (report.hello.version if report.hello else ""),
        "missing": report.missing,
        "complaints": list(report.complaints),
        "restarts": report.restarts,
        "seconds": report.seconds,
        "crashes": len(crashes(report)),
        "totals": {name: tallied[name] for name in VERDICTS},
        "results": [_result(result) for result in report.results],
    }


def _hello(hello: Hello) -> Json:
    return {
        "protocol": hello.protocol,
        "name": hello.name,
        "version": hello.version,
        "can": list[Json](sorted(hello.can)),
        "dialect": hello.dialect,
    }


def _result(result: VectorResult) -> Json:
    judgement = result.judgement
    return {
        "vector": result.vector.id,
        "verdict": judgement.verdict,
        "expected": judgement.expected,
        "why": judgement.why,
        "outcome": _outcome(result.outcome),
    }


def _vector(vector: Vector) -> Json:
    return {
        "operation": vector.operation,
        "group": vector.group,
        "comment": vector.comment,
        "flags": list(vector.flags),
        "result": vector.result,
        **_text("key", vector.key),
        **_text("ciphertext", vector.ciphertext),
        **_text("text", vector.text),
        "iv": None if vector.iv is None else vector.iv.hex(),
        "ciphertext_sha256": vector.ciphertext_sha256,
        "encryptions": vector.encryptions,
        "outcomes": {dialect: _outcome(outcome) for dialect, outcome in vector.outcomes.items()},
    }


def _text(name: str, text: str | None) -> dict[str, Json]:
    if text is None or not any("\ud800" <= character <= "\udfff" for character in text):
        return {name: text}
    return {name: text, f"{name}_hex": text.encode("utf-8", "surrogatepass").hex()}


def _flag(flag: Flag) -> Json:
    return {"kind": flag.kind, "what": flag.what, "risk": flag.risk, "remedy": flag.remedy}


def _cell(cell: Cell) -> Json:
    return {
        "encryptor": cell.encryptor,
        "decryptor": cell.decryptor,
        "tried": cell.tried,
        "right": cell.right,
        "failures": [_unread(failure) for failure in cell.failures],
    }


def _unread(failure: MatrixFailure) -> Json:
    return {
        **_text("key", failure.call.key),
        **_text("text", failure.call.text),
        **_text("ciphertext", failure.ciphertext),
        "outcome": _outcome(failure.outcome),
    }


def _outcome(outcome: Outcome) -> dict[str, Json]:
    return {**_members(outcome), "words": words.outcome(outcome)}


def _members(outcome: Outcome) -> dict[str, Json]:
    match outcome:
        case Decrypted(text):
            raw = words.raw_bytes(text)
            known = _text("text", text) if raw is None else {"text": text, "text_hex": raw.hex()}
            return {"kind": "text", **known}
        case Encrypted(ciphertext):
            return {"kind": "envelope", **_text("ciphertext", ciphertext)}
        case DrawnIvs():
            return {"kind": "ivs", **_drawn(outcome)}
        case Refused(error, message):
            return {"kind": "refused", "error": error, "message": message}
        case Crashed(how, message):
            return {"kind": "crashed", "how": how, "message": message}
        case Silent(seconds):
            return {"kind": "silent", "seconds": seconds}
        case Garbled(what):
            return {"kind": "garbled", "what": what}
        case Skipped(why):
            return {"kind": "skipped", "why": why}
        case NotRun(why):
            return {"kind": "not_run", "why": why}
        case _:
            assert_never(outcome)


def _drawn(drawn: DrawnIvs) -> dict[str, Json]:
    return {
        "encryptions": drawn.encryptions,
        "distinct": drawn.distinct,
        "of_16_bytes": drawn.of_16_bytes,
        "examined": drawn.examined,
        "predictable": drawn.predictable,
        "fixed_bits": drawn.fixed_bits,
    }
