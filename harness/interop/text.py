"""The report that a person reads: who did how well, what went wrong and why it matters, and how to repeat it.

Colour, if any, is the door's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.interop import words
from harness.interop.facts import (
    VERDICTS,
    Facts,
    call_facts,
    crashes,
    facts,
    missed,
    speed,
    tally,
    told_flag,
    vectors_of,
    verdict,
    version,
)
from harness.interop.layout import columns, fit, table, wrapped
from harness.interop.outcomes import Crashed, NotRun, Skipped
from harness.interop.results import Cell, Interop, RunnerReport, VectorResult
from harness.interop.suite import Flag

__all__ = ["text"]

# Below it the table of runners has no room.
_NARROWEST = 64
# A line about a value holds so much of it; the other reports have all.
_VALUE = 160
# So many failures of a runner are told whole. Of more, the first one of each kind, and of so many kinds.
_FEW, _KINDS = 5, 8
# Names of vectors in a row, before the rest is a count.
_NAMES = 10
# What a long label leaves to others: names of runners are commands, at times.
_RUNNER = 24

Section = list[str]


def text(interop: Interop, width: int) -> str:
    """The whole report, in lines of at most `width` columns (64 or more), but for commands, which stay whole."""
    width = max(width, _NARROWEST)
    flags = {flag.name: flag for flag in interop.flags}
    told: set[str] = set()
    sections = [
        _runners(interop.runners, width),
        _missing(interop.runners, width),
        _complaints(interop.runners, width),
        _crashes(interop.runners, width),
        *(_failures(report, flags, told, width) for report in interop.runners),
        _known(interop.runners, flags, told, width),
        _skips(interop.runners, width),
        *_matrix(interop.cells, width),
        _end(interop, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _name(report: RunnerReport) -> str:
    return words.plain(report.runner)


# -- the table ---------------------------------------------------------------------------------------


def _runners(reports: Sequence[RunnerReport], width: int) -> Section:
    ran = [report for report in reports if not report.missing]
    if not ran:
        return []
    if not any(report.results for report in ran):  # a matrix alone
        return ["runners", *_below([version(report) for report in ran], [_name(report) for report in ran], width)]
    head = ["runner", "vectors", *VERDICTS, "crash", "per s"]
    lines = table([head, *map(_row, ran)], gap=2 if width >= 80 else 1)
    return _versions(lines, [version(report) for report in ran], [_name(report) for report in ran], width)


def _row(report: RunnerReport) -> list[str]:
    tallied, per_s = tally(report.results), speed(report)
    counts = [len(report.results), *(tallied[one] for one in VERDICTS), len(crashes(report))]
    return [
        fit(_name(report), _RUNNER),
        *(f"{number:,}" for number in counts),
        "" if per_s is None else f"{per_s:,.0f}",
    ]


def _versions(lines: Section, versions: Sequence[str], names: Sequence[str], width: int) -> Section:
    """Beside the rows if they fit there, and else below them."""
    margin = max(map(columns, lines)) + 2
    if margin + max(map(columns, versions)) <= width:
        beside = [line + " " * (margin - columns(line)) + said for line, said in zip(lines[1:], versions, strict=True)]
        return [lines[0] + " " * (margin - columns(lines[0])) + "version", *beside]
    return [*(fit(line, width) for line in lines), "", "versions", *_below(versions, names, width)]


def _below(versions: Sequence[str], names: Sequence[str], width: int) -> Section:
    told = [wrapped(said, width, f"  {name}: ", "    ") for name, said in zip(names, versions, strict=True)]
    return [line for entry in told for line in entry]


def _missing(reports: Iterable[RunnerReport], width: int) -> Section:
    """Why a runner could not be run. What helps is a command in most cases, which nobody could copy if it was cut."""
    missing = [report for report in reports if report.missing]
    lines = [line for report in missing for line in _why_missing(report, width)]
    return ["not run", *lines] if lines else []


def _why_missing(report: RunnerReport, width: int) -> Iterator[str]:
    first, *more = report.missing.splitlines()
    yield from wrapped(words.plain(first), width, f"  {_name(report)}: ", "    ")
    yield from (f"    {words.plain(line.strip())}" for line in more)


def _complaints(reports: Iterable[RunnerReport], width: int) -> Section:
    lines = [line for report in reports for line in _beside_the_protocol(report, width)]
    return ["beside the protocol", *lines] if lines else []


def _beside_the_protocol(report: RunnerReport, width: int) -> Iterator[str]:
    before = f"  {_name(report)}: "
    if report.restarts:
        yield from wrapped(f"started anew {words.count(report.restarts, 'time')}", width, before, "    ")
    for complaint in report.complaints:
        yield from wrapped(words.plain(complaint), width, before, "    ")


def _often(times: int) -> str:
    return f" (×{times:,})" if times > 1 else ""


def _crashes(reports: Iterable[RunnerReport], width: int) -> Section:
    lines = [line for report in reports for line in _crashed(report, width)]
    return ["crashes", *lines] if lines else []


def _crashed(report: RunnerReport, width: int) -> Iterator[str]:
    by_how: dict[str, list[VectorResult]] = {}
    for result in crashes(report):
        if isinstance(result.outcome, Crashed):
            by_how.setdefault(words.plain(result.outcome.how), []).append(result)
    for how, results in by_how.items():
        told = f"{how}, {words.count(len(results), 'vector')}: {_names(results)}"
        yield from wrapped(told, width, f"  {_name(report)}: ", "    ")


def _names(results: Sequence[VectorResult]) -> str:
    names = [words.plain(result.vector.id) for result in results[:_NAMES]]
    more = f" and {len(results) - _NAMES:,} more" if len(results) > _NAMES else ""
    return ", ".join(names) + more


# -- failures ----------------------------------------------------------------------------------------


def _failures(report: RunnerReport, flags: Mapping[str, Flag], told: set[str], width: int) -> Section:
    results = missed(report)
    if not results:
        return []
    kinds = [[result] for result in results] if len(results) <= _FEW else _kinds(results)
    lines = [f"{_name(report)}: {_tallied(results)}"]
    for kind in kinds[:_KINDS]:
        lines += ["", *_failure(kind, flags, told, width)]
    if kinds[_KINDS:]:
        lines += ["", "  more of other kinds", *(line for kind in kinds[_KINDS:] for line in _counted(kind, width))]
    return [*wrapped(lines[0], width, "", "  "), *lines[1:]]


def _tallied(results: Iterable[VectorResult]) -> str:
    tallied = tally(results)
    parts = [f"{tallied[one]:,} {one}" for one in VERDICTS if tallied[one]]
    return ", ".join(parts)


def _kinds(results: Iterable[VectorResult]) -> list[list[VectorResult]]:
    """Failures that are alike for a reader: of one group of vectors, and of one shape of outcome."""
    kinds: dict[tuple[str, str, str], list[VectorResult]] = {}
    for result in results:
        # Why a call was never made has nothing to do with its vector.
        group = "" if isinstance(result.outcome, NotRun) else result.vector.group
        alike = (result.judgement.verdict, group, words.shape(result.outcome))
        kinds.setdefault(alike, []).append(result)
    return list(kinds.values())


def _failure(kind: Sequence[VectorResult], flags: Mapping[str, Flag], told: set[str], width: int) -> Iterator[str]:
    result, *others = kind
    vector = result.vector
    title = f"{words.plain(vector.id)}  {words.plain(vector.group)}: {words.plain(vector.comment)}"
    yield from wrapped(title, width, f"  {result.judgement.verdict} ", "       ")
    yield from _labelled(facts(result, _VALUE), width)
    for name in vector.flags:
        yield from _labelled(_risk(name, flags, told), width)
    if others:
        yield from wrapped(f"and {len(others):,} more like it: {_names(others)}", width, "    ")


def _labelled(known: Facts, width: int) -> Iterator[str]:
    for label, value in known:
        yield from wrapped(value, width, f"    {label:<10}  ")


def _risk(name: str, flags: Mapping[str, Flag], told: set[str]) -> Facts:
    """What can happen and what to do, at the first failure that bears the flag; later ones refer to it."""
    flag = flags.get(name)
    if flag is None:
        return []
    if name in told:
        return [("risk", f"{words.plain(name)}, as above")]
    told.add(name)
    first, *more = [(label, said) for label, said in told_flag(flag) if label != "what"] or [("risk", "none")]
    return [(first[0], f"{words.plain(name)}: {first[1]}"), *more]


def _counted(kind: Sequence[VectorResult], width: int) -> list[str]:
    first = kind[0]
    what = f"{words.plain(first.vector.group)}: {words.shape(first.outcome)}"
    return wrapped(
        f"{what}, {words.count(len(kind), 'vector')}: {_names(kind)}", width, f"  {first.judgement.verdict} "
    )


# -- what was expected -------------------------------------------------------------------------------


def _known(reports: Sequence[RunnerReport], flags: Mapping[str, Flag], told: set[str], width: int) -> Section:
    """The divergences that were expected, by flag: still worth a thought by whoever depends on that client."""
    counts: dict[str, Counter[str]] = {}
    for report in reports:
        for result in report.results:
            for name in result.vector.flags[:1] if result.judgement.verdict == "known" else ():
                counts.setdefault(name, Counter())[fit(_name(report), _RUNNER)] += 1
    lines = [line for name in sorted(counts) for line in _diverging(name, counts[name], flags, told, width)]
    return ["known divergences, by flag", *lines] if lines else []


def _diverging(name: str, counts: Counter[str], flags: Mapping[str, Flag], told: set[str], width: int) -> Iterator[str]:
    runners = ", ".join(f"{runner} {number:,}" for runner, number in counts.items())
    yield from wrapped(f"{words.plain(name)}  {runners}", width, "  ")
    if name in flags and name not in told:
        yield from wrapped(words.plain(flags[name].risk or "no risk is known"), width, "    ")


def _skips(reports: Iterable[RunnerReport], width: int) -> Section:
    counts = Counter(
        f"{_name(report)}: {words.plain(result.outcome.why)}"
        for report in reports
        for result in report.results
        if result.judgement.verdict == "skip" and isinstance(result.outcome, Skipped)
    )
    lines = [line for why, times in counts.items() for line in wrapped(why + _often(times), width, "  ", "    ")]
    return ["skipped", *lines] if lines else []


# -- the matrix --------------------------------------------------------------------------------------


def _matrix(cells: Sequence[Cell], width: int) -> list[Section]:
    if not cells:
        return []
    encryptors = list(dict.fromkeys(cell.encryptor for cell in cells))
    decryptors = list(dict.fromkeys(cell.decryptor for cell in cells))
    right = {(cell.encryptor, cell.decryptor): _right(cell) for cell in cells}
    shown = [fit(words.plain(name), _RUNNER // 2) for name in decryptors]
    rows = [
        [fit(words.plain(one), _RUNNER // 2), *(right.get((one, other), "") for other in decryptors)]
        for one in encryptors
    ]
    grid = table([["", *shown], *rows])
    head = "matrix: who encrypts (rows), who decrypts (columns), how many texts come back"
    return [[*wrapped(head, width), *_fitting(grid, width)], _unread(cells, width), *_examples(cells, width)]


def _fitting(lines: Iterable[str], width: int) -> Iterator[str]:
    return (fit(f"  {line}", width) for line in lines)


def _right(cell: Cell) -> str:
    counts = f"{cell.right:,}/{cell.tried:,}"
    return counts if cell.right == cell.tried else f"! {counts}"


def _unread(cells: Iterable[Cell], width: int) -> Section:
    lines = []
    for cell in cells:
        if cell.right != cell.tried:
            shapes = Counter(words.shape(failure.outcome) for failure in cell.failures)
            counts = ", ".join(f"{shape}{_often(number)}" for shape, number in shapes.items())
            lost = f"{words.count(cell.tried - cell.right, 'text')} did not come back"
            lines += wrapped(f"{lost}: {counts}" if counts else lost, width, f"  {_pair(cell)}: ", "    ")
    return ["texts that were lost", *lines] if lines else []


def _pair(cell: Cell) -> str:
    return f"{words.plain(cell.encryptor)} → {words.plain(cell.decryptor)}"


def _examples(cells: Iterable[Cell], width: int) -> Iterator[Section]:
    """A lost text in full for each encryptor and each decryptor with each shape of outcome.

    Whose envelopes nobody reads would be told of once for each reader, otherwise, and so would one who reads none.
    """
    told: set[tuple[str, str, str]] = set()
    for cell in cells:
        for failure in cell.failures:
            shape = words.shape(failure.outcome)
            alike = {("by", cell.encryptor, shape), ("to", cell.decryptor, shape)}
            if not alike & told:
                yield [*wrapped(_pair(cell), width, "  "), *_labelled(call_facts(failure, _VALUE), width)]
            told |= alike


# -- the end -----------------------------------------------------------------------------------------


def _end(interop: Interop, width: int) -> Section:
    lines = wrapped(_verdict(interop), width, "", "      ")
    if any(map(missed, interop.runners)):
        lines += wrapped("more about a vector: httpsms-harness vectors explain ID", width)
    return [*lines, f"repeat with: {words.plain(interop.repeat)}"] if interop.repeat else lines


def _verdict(interop: Interop) -> str:
    ran = [report for report in interop.runners if not report.missing]
    results = [result for report in ran for result in report.results]
    parts = [words.count(len(ran), "runner")]
    if results:
        parts.append(words.count(len(vectors_of(interop)), "vector"))
        parts.append(f"{words.count(len(results), 'result')}: {_tallied(results)}")
    if interop.cells:
        right = sum(cell.right for cell in interop.cells)
        tried = sum(cell.tried for cell in interop.cells)
        parts.append(f"{words.count(len(interop.cells), 'pair')} with {right:,} of {tried:,} texts back")
    word = verdict(interop)
    return f"{'FAIL' if word == 'fail' else word}  {', '.join(parts)}"
