"""A comparison in words, and as plain data for programs.

`docs/schemas/comparison.schema.json` is the JSON Schema of the latter. Its shape is stable: what changes it changes
`SCHEMA`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from harness import __version__
from harness.report import told
from harness.report.fidelity.judging import TOLD, Difference, Fidelity, Kind, Row, Side, Strand
from harness.report.fidelity.reading import Moment
from harness.report.life import lasted

__all__ = ["SCHEMA", "as_json", "as_text", "summary"]

SCHEMA = "httpsms-harness-comparison/1"

# -- in words ----------------------------------------------------------------------------------------------------------

_INDENT = "      "


def as_text(fidelity: Fidelity) -> str:
    """A line for what is alike; else both verdicts, and every message that differs with all that happened to it."""
    return "\n".join(told.plain(line).rstrip() for line in _lines(fidelity))


def _lines(fidelity: Fidelity) -> Iterator[str]:
    if not fidelity.is_compared:
        yield from _skipped(fidelity)
        return
    if fidelity.is_alike:
        yield f"same  {fidelity.title}  (both {fidelity.one.status}, {_stages_in_words(fidelity)})"
    else:
        yield f"DIFF  {fidelity.title}  ({_kinds_in_words(fidelity.differences)})"
    if fidelity.differences:
        yield from (_INDENT + line for line in _details(fidelity))


def _skipped(fidelity: Fidelity) -> Iterator[str]:
    """Both targets may have skipped it, each for a reason of its own."""
    begin = f"SKIP  {fidelity.title}: "
    for letter, side in _sides(fidelity):
        if side.status == "skipped":
            yield f"{begin}{letter} ({side.target}): {side.reason}"
            if side.remedy:
                yield f"{_INDENT}to compare it: {side.remedy}"
            begin = _INDENT


def _sides(fidelity: Fidelity) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("A", fidelity.one), ("B", fidelity.other)


def _stages_in_words(fidelity: Fidelity) -> str:
    """`16 stages, 4 of them seen in one only, at most 1.2 s apart`."""
    rows = [row for strand in fidelity.strands for row in strand.rows]
    excused = sum(bool(row.note) for row in rows)
    parts = [f"{len(rows)} stage{'' if len(rows) == 1 else 's'}"]
    parts += [f"{excused} of them seen in one only"] if excused else []
    parts += [f"at most {lasted(fidelity.apart)} apart"] if fidelity.apart else []
    return ", ".join(parts)


def _details(fidelity: Fidelity) -> Iterator[str]:
    width = max(len(side.target) for _, side in _sides(fidelity))
    for letter, side in _sides(fidelity):
        took = f", {side.took}" if side.took else ""
        yield f"{letter}  {side.target:{width}}  {side.status}{took}{f': {side.reason}' if side.reason else ''}"
    for strand in fidelity.strands:
        if strand.differences:
            yield from _strand_lines(strand)
    for letter, side in _sides(fidelity):
        if side.unseen:
            yield f"not seen in {letter}: {', '.join(side.unseen)}"
    if not fidelity.is_alike:
        yield from (f"{letter} again: {side.repeat}" for letter, side in _sides(fidelity))


def _strand_lines(strand: Strand) -> Iterator[str]:
    """A table of all its rows; those that differ bear a mark in front."""
    if strand.whole is not None:
        yield f"{strand.name}: {strand.whole.kind.value}"
        return
    yield f"{strand.name}:"
    cells = [("", "A", "B", "", "", ""), *map(_cells, strand.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    for mark, a, b, hop, words, said in cells:
        yield f"{mark:1} {a:>{widths[1]}}  {b:>{widths[2]}}  {hop:{widths[3]}}  {words:{widths[4]}}  {said}"


def _cells(row: Row) -> tuple[str, str, str, str, str, str]:
    mark = "≠" if any(found.kind not in TOLD for found in row.differences) else ""
    said = row.note or "; ".join(map(_in_words, row.differences))
    return mark, _at(row.one), _at(row.other), row.moment.hop, row.moment.words, said


def _at(moment: Moment | None) -> str:
    return "–" if moment is None else f"{moment.at / 1e9:+.3f} s"


def _in_words(found: Difference) -> str:
    if found.kind in TOLD:
        return f"{found.kind.value} by {found.other}"
    if found.one or found.other:
        return f"{found.kind.value}: A {found.one or 'none'}, B {found.other or 'none'}"
    return found.kind.value


def summary(found: Sequence[Fidelity], not_run: int = 0) -> str:
    """`60 alike, 1 different, 2 skipped`, and how often there is each kind of difference."""
    counts = _counts(found)
    parts = [f"{counts['alike']} alike", f"{counts['different']} different"]
    parts += [f"{counts['skipped']} skipped"] if counts["skipped"] else []
    parts += [f"{not_run} not run"] if not_run else []
    kinds = _kinds_in_words(each for fidelity in found for each in fidelity.differences)
    return ", ".join(parts) + (f": {kinds}" if kinds else "")


def _kinds_in_words(differences: Iterable[Difference]) -> str:
    """`1 only in A, 2 other order`."""
    kinds = Counter(found.kind for found in differences)
    return ", ".join(f"{kinds[kind]} {kind.value}" for kind in Kind if kinds[kind])


def _counts(found: Sequence[Fidelity]) -> dict[str, int]:
    tallied = Counter(_state(fidelity) for fidelity in found)
    return {state: tallied[state] for state in ("alike", "different", "skipped")}


def _state(fidelity: Fidelity) -> str:
    if not fidelity.is_compared:
        return "skipped"
    return "alike" if fidelity.is_alike else "different"


# -- for programs ------------------------------------------------------------------------------------------------------


def as_json(found: Sequence[Fidelity], not_run: int = 0) -> dict[str, Any]:
    """The comparison as plain data. Times are in seconds since each story's first own step.

    `not_run`: so many stories were never begun.
    """
    counts = _counts(found)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "alike": bool(counts["alike"]) and not counts["different"] and not not_run,
        "counts": {**counts, "not_run": not_run},
        "stories": [_story(fidelity) for fidelity in found],
    }


def _story(fidelity: Fidelity) -> dict[str, Any]:
    return {
        "title": fidelity.title,
        "state": _state(fidelity),
        "apart_s": None if fidelity.apart is None else _s(fidelity.apart),
        "a": _plain_side(fidelity.one),
        "b": _plain_side(fidelity.other),
        "differences": [_plain_difference(found) for found in fidelity.differences],
        "strands": [
            {"name": strand.name, "rows": [_plain_row(row) for row in strand.rows]} for strand in fidelity.strands
        ],
    }


def _plain_side(side: Side) -> dict[str, Any]:
    return {
        "target": side.target,
        "status": side.status,
        "reason": side.reason or None,
        "remedy": side.remedy or None,
        "unseen": list(side.unseen),
        "repeat": side.repeat,
    }


def _plain_difference(found: Difference) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "whose": found.whose,
        "hop": found.hop or None,
        "what": found.what,
        "a": found.one or None,
        "b": found.other or None,
    }


def _plain_row(row: Row) -> dict[str, Any]:
    moment = row.moment
    return {
        "hop": moment.hop,
        "kind": moment.kind,
        "words": moment.words,
        "a_s": None if row.one is None else _s(row.one.at),
        "b_s": None if row.other is None else _s(row.other.at),
        "differences": [found.kind.value for found in row.differences],
        "note": row.note or None,
    }


def _s(duration: int) -> float:
    return round(duration / 1e9, 6)
