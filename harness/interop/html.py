"""A run as one HTML file that needs nothing else: counts, the matrix, and each vector with each runner to open.

Counts and matrix are plain HTML. The vectors are JSON inside it, which the page's script turns into a table: as HTML
they would be ten times as large. A policy inside the file forbids all loading and every script but that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from harness.cipher import DIALECTS
from harness.interop import words
from harness.interop.as_json import Json
from harness.interop.facts import (
    VERDICTS,
    call_facts,
    crashes,
    flags_of,
    inputs,
    speed,
    tally,
    told_flag,
    vectors_of,
    version,
)
from harness.interop.facts import verdict as verdict_of
from harness.interop.outcomes import Crashed, Decrypted, Outcome
from harness.interop.page import FRAME, SCRIPT, STYLE
from harness.interop.results import Cell, Interop, RunnerReport, VectorResult, Verdict
from harness.interop.suite import Vector
from harness.markup import policy_sum, script_json

__all__ = ["SIGNS", "to_html"]


SIGNS: dict[Verdict, str] = {"pass": "✓", "known": "≈", "fail": "✗", "gone": "○", "skip": "–"}
"""Verdicts are told by a sign as well as by a colour."""

_TITLE = "Cipher interop of httpSMS"
# Longer values are cut, with their length; whole they are in the JSON report.
_VALUE, _BRIEF, _HEX_BYTES = 4096, 40, 256
_CAME = {"pass": "passed", "fail": "failed", "skip": "nothing was run"}
_TOLD: tuple[Verdict, ...] = ("fail", "gone", "known")
# A pair of which all texts are lost has one after the other for the same reason.
_LOST = 20


def to_html(interop: Interop) -> str:
    """The file as text; whatever stands in the run, it can be written as UTF-8."""
    body = [*_head(interop), *_runners(interop.runners), *_matrix(interop.cells), *_vectors(interop)]
    return FRAME.format(
        title=_TITLE,
        style=STYLE,
        style_sum=policy_sum(STYLE),
        script=SCRIPT,
        script_sum=policy_sum(SCRIPT),
        body="\n".join(body),
        data=script_json(_data(interop)),
    )


def _safe(text: str) -> str:
    return escape(words.plain(text))


# -- what needs no script ------------------------------------------------------------------------------


def _head(interop: Interop) -> Iterator[str]:
    yield f"<h1>{_TITLE}</h1>"
    came = verdict_of(interop)
    badge = f'<span class="badge {came}">{SIGNS[came]} {_CAME[came]}</span>'
    yield f"<p>{badge} {escape(_gist(interop))}</p>"
    if interop.repeat:
        yield f'<p class="soft">Repeat it with <code class="repeat">{_safe(interop.repeat)}</code></p>'


def _gist(interop: Interop) -> str:
    """What went wrong, or how much went well."""
    tallied = tally(result for report in interop.runners for result in report.results)
    lost = sum(cell.tried - cell.right for cell in interop.cells)
    ran = [report for report in interop.runners if not report.missing]
    tried, back = (sum(getattr(cell, name) for cell in interop.cells) for name in ("tried", "right"))
    told = [
        *([f"{words.count(len(vectors_of(interop)), 'vector')}, {words.count(len(ran), 'runner')}"] if tallied else []),
        *(
            []
            if tallied
            else [f"{words.count(len(ran), 'runner')}, {back:,} of {words.count(tried, 'text')} came back"]
        ),
        *(
            f"{words.count(tallied[verdict], 'result')}: {words.VERDICTS[verdict]}"
            for verdict in _TOLD
            if tallied[verdict]
        ),
        *([f"{words.count(lost, 'text')} of the matrix did not come back"] if lost else []),
    ]
    return "; ".join(told)


def _runners(reports: Sequence[RunnerReport]) -> Iterator[str]:
    ran = [report for report in reports if not report.missing]
    if ran and not any(report.results for report in ran):  # a matrix alone
        yield from _listed("Runners", (f"<bdi>{_safe(r.runner)}</bdi>: {_safe(version(r))}" for r in ran))
    elif ran:
        yield "<h2>Runners</h2>"
        heads = ["vectors", *(f"{SIGNS[verdict]} {verdict}" for verdict in VERDICTS), "† crash", "per second"]
        numbers = "".join(f'<th class="number">{head}</th>' for head in heads)
        yield f'<div class="scroll"><table><thead><tr><th>runner</th><th>version</th>{numbers}</tr></thead><tbody>'
        yield from map(_runner, ran)
        yield "</tbody></table></div>"
        yield '<div class="legend">' + "".join(_legend()) + "</div>"
    yield from _listed("Not run", (f"<bdi>{_safe(r.runner)}</bdi>: {_remedy(r.missing)}" for r in reports if r.missing))
    yield from _listed("Beside the protocol", (line for report in reports for line in _complaints(report)))


def _runner(report: RunnerReport) -> str:
    tallied, per_s = tally(report.results), speed(report)
    cells = [f"<th><bdi>{_safe(report.runner)}</bdi></th>", f"<td>{_safe(version(report))}</td>"]
    cells.append(_number(len(report.results), ""))
    cells += [_number(tallied[verdict], verdict) for verdict in VERDICTS]
    cells += [
        _number(len(crashes(report)), "fail"),
        f'<td class="number">{"" if per_s is None else f"{per_s:,.0f}"}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _number(number: int, kind: str) -> str:
    return f'<td class="number {kind if number else "zero"}">{number:,}</td>'


def _legend() -> Iterator[str]:
    for verdict in VERDICTS:
        yield f'<span><span class="badge {verdict}">{SIGNS[verdict]} {verdict}</span> {words.VERDICTS[verdict]}</span>'
    yield "<span>† the implementation crashed</span>"


def _remedy(missing: str) -> str:
    """What is missing; what helps, which follows in lines of its own, is a command."""
    first, *more = missing.splitlines()
    commands = "".join(f'<br><code class="repeat">{_safe(line.strip())}</code>' for line in more)
    return f"{_safe(first)}{commands}"


def _complaints(report: RunnerReport) -> Iterator[str]:
    name = f"<bdi>{_safe(report.runner)}</bdi>"
    if report.restarts:
        yield f"{name}: started anew {words.count(report.restarts, 'time')}"
    for complaint in report.complaints:
        yield f"{name}: {_safe(complaint)}"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"<li>{line}</li>" for line in lines]
    if items:
        yield f"<h2>{title}</h2><ul class=plain>{''.join(items)}</ul>"


def _matrix(cells: Sequence[Cell]) -> Iterator[str]:
    if not cells:
        return
    encryptors = list(dict.fromkeys(cell.encryptor for cell in cells))
    decryptors = list(dict.fromkeys(cell.decryptor for cell in cells))
    numbers = {(cell.encryptor, cell.decryptor): index for index, cell in enumerate(cells)}
    yield "<h2>Matrix</h2><p class=soft>Who encrypts (rows), who decrypts (columns): how many texts come back.</p>"
    heads = "".join(f"<th scope=col><bdi>{_safe(name)}</bdi></th>" for name in decryptors)
    yield f'<div class="scroll fit"><table id="matrix"><thead><tr><th></th>{heads}</tr></thead><tbody>'
    for one in encryptors:
        pairs = (numbers.get((one, other)) for other in decryptors)
        row = "".join("<td></td>" if index is None else _pair(index, cells[index]) for index in pairs)
        yield f"<tr><th scope=row><bdi>{_safe(one)}</bdi></th>{row}</tr>"
    yield "</tbody></table></div>"


def _pair(index: int, cell: Cell) -> str:
    kind: Verdict = "pass" if cell.right == cell.tried else "fail"
    return f'<td><button class="{kind}" data-cell="{index}">{SIGNS[kind]} {cell.right:,}/{cell.tried:,}</button></td>'


def _vectors(interop: Interop) -> Iterator[str]:
    vectors = vectors_of(interop)
    if not vectors:
        return
    heads = "".join(
        f'<th class="runner" scope="col" title="{_safe(report.runner)}"><bdi>{_safe(report.runner)}</bdi></th>'
        for report in _asked(interop)
    )
    yield '<h2>Vectors</h2><div id="filters">'
    tallied = tally(result for report in interop.runners for result in report.results)
    yield from (_chip(index, verdict, tallied[verdict]) for index, verdict in enumerate(VERDICTS) if tallied[verdict])
    yield _select("flag", "any flag", [(str(index), name) for index, name in enumerate(_flag_names(interop))])
    yield _select("result", "any result", [(name, name) for name in words.RESULTS])
    yield '<input id="text" type="search" placeholder="id, comment, key, input, outcome" aria-label="text to find">'
    yield '<button class="tool" id="unfold">open or close all</button>'
    yield '<span id="shown" class="soft" role="status"></span></div>'
    yield "<noscript><p>The table of vectors needs JavaScript. It loads nothing.</p></noscript>"
    yield '<div class="scroll"><table id="grid"><thead><tr><th class="name" scope="col">vector</th>'
    yield f'{heads}</tr></thead><tbody id="rows"></tbody></table></div>'


def _chip(index: int, verdict: Verdict, number: int) -> str:
    label = f"{SIGNS[verdict]} {verdict} {number:,}"
    return f'<button class="chip {verdict}" data-verdict="{index}" aria-pressed="false">{label}</button>'


def _select(name: str, anything: str, choices: Iterable[tuple[str, str]]) -> str:
    options = "".join(f'<option value="{_safe(value)}">{_safe(label)}</option>' for value, label in choices)
    return f'<select id="{name}" aria-label="{name}"><option value="">{anything}</option>{options}</select>'


# -- what the script shows -----------------------------------------------------------------------------


class _Strings:
    """Strings that are kept once, by number; 0 is the empty one. Most outcomes of most runners are the same."""

    def __init__(self) -> None:
        self._numbers = {"": 0}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


def _asked(interop: Interop) -> list[RunnerReport]:
    return [report for report in interop.runners if report.results]


def _flag_names(interop: Interop) -> list[str]:
    known = {flag.name: flag for flag in interop.flags}
    return [flag.name for flag in flags_of(vectors_of(interop).values(), known)]


def _data(interop: Interop) -> Json:
    strings, vectors = _Strings(), vectors_of(interop)
    names = _flag_names(interop)
    explained = {flag.name: flag for flag in interop.flags}
    groups = {vector.group: strings.number(words.plain(vector.group)) for vector in vectors.values()}
    data: dict[str, Json] = {
        "verdicts": [_verdict(verdict) for verdict in VERDICTS],
        "meanings": dict[str, Json](words.RESULTS.items()),
        "runners": [{"name": words.plain(report.runner)} for report in _asked(interop)],
        "groups": list[Json](groups.values()),
        "flags": [{"name": name, "kind": explained[name].kind, **dict(told_flag(explained[name]))} for name in names],
        "vectors": [_vector(vector, list(groups), names, strings) for vector in vectors.values()],
        "results": [_row(report, vectors, strings) for report in _asked(interop)],
        "cells": [_cell(cell, strings) for cell in interop.cells],
    }
    return {**data, "strings": list[Json](strings.all())}


def _verdict(verdict: Verdict) -> Json:
    fails = verdict in ("fail", "gone")
    return {"name": verdict, "sign": SIGNS[verdict], "words": words.VERDICTS[verdict], "fails": fails}


def _vector(vector: Vector, groups: Sequence[str], flags: Sequence[str], strings: _Strings) -> Json:
    raw = {"key": vector.key, "ciphertext": vector.ciphertext, "text": vector.text}
    shown: list[Json] = [
        [label, strings.number(value), strings.number(_hex(raw.get(label)))] for label, value in inputs(vector, _VALUE)
    ]
    return {
        "id": words.plain(vector.id),
        "operation": words.OPERATIONS[vector.operation],
        "group": groups.index(vector.group),
        "comment": words.plain(vector.comment),
        "flags": [flags.index(name) for name in vector.flags if name in flags],
        "result": vector.result,
        "inputs": shown,
        "demanded": strings.number(words.demanded(vector, _VALUE)),
        "clients": _clients(vector, strings),
    }


def _clients(vector: Vector, strings: _Strings) -> Json:
    """[names of dialects, what they do] for each thing that any of them does."""
    same: dict[str, list[str]] = {}
    for dialect in DIALECTS:
        if dialect in vector.outcomes:
            same.setdefault(words.compared(vector, vector.outcomes[dialect], _VALUE), []).append(dialect)
    return [[", ".join(dialects), strings.number(told)] for told, dialects in same.items()]


def _row(report: RunnerReport, vectors: Iterable[str], strings: _Strings) -> Json:
    results = {result.vector.id: result for result in report.results}
    return [_result(results[name], strings) if name in results else 0 for name in vectors]


def _result(result: VectorResult, strings: _Strings) -> Json:
    """As the script knows it: [verdict, crash, brief, got, hex, expected, why]; all but the first two are strings."""
    outcome, judgement = result.outcome, result.judgement
    told = [
        words.outcome(outcome, _BRIEF),
        words.compared(result.vector, outcome, _VALUE),
        _outcome_hex(outcome),
        words.plain(judgement.expected),
        words.plain(judgement.why),
    ]
    numbers: list[Json] = [strings.number(text) for text in told]
    return [VERDICTS.index(judgement.verdict), int(isinstance(outcome, Crashed)), *numbers]


def _outcome_hex(outcome: Outcome) -> str:
    if not isinstance(outcome, Decrypted):
        return ""
    raw = words.raw_bytes(outcome.text)
    return _hex(outcome.text) if raw is None else raw[:_HEX_BYTES].hex(" ")


def _hex(text: str | None) -> str:
    """The bytes of a text of which letters do not tell all."""
    if not text or (text.isascii() and text.isprintable() and text == text.strip()):
        return ""
    shown = words.hex_of(text[:_HEX_BYTES])[: 3 * _HEX_BYTES - 1]
    return shown if len(text) <= _HEX_BYTES else f"{shown} …"


def _cell(cell: Cell, strings: _Strings) -> Json:
    failures: list[Json] = [
        [[label, strings.number(value)] for label, value in call_facts(failure, _VALUE)]
        for failure in cell.failures[:_LOST]
    ]
    return {
        "encryptor": words.plain(cell.encryptor),
        "decryptor": words.plain(cell.decryptor),
        "tried": cell.tried,
        "right": cell.right,
        "failures": failures,
    }
