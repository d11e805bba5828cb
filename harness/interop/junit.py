"""A run as JUnit XML: a suite for each runner with a test case for each vector, and one suite for the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from harness.interop import words
from harness.interop.facts import Facts, call_facts, facts, flags_of, gist, told_flag
from harness.interop.results import Cell, Interop, RunnerReport, VectorResult
from harness.interop.suite import Flag
from harness.markup import Element, added, counted, to_xml, with_properties

__all__ = ["to_junit"]

_NAME = "httpsms-harness vectors"
# CI servers show the text of a failure as it is: nobody wants 64 KiB of it.
_VALUE = 4096


def to_junit(interop: Interop) -> str:
    """A failure has its facts as text, with the risk; a skip its reason as message; what XML cannot hold is escaped."""
    root = ElementTree.Element("testsuites", {"name": _NAME})
    flags = {flag.name: flag for flag in interop.flags}
    for report in interop.runners:
        _runner(root, report, flags)
    if interop.cells:
        _matrix(root, interop.cells)
    for suite in root:
        counted(suite, [suite])
    counted(root, list(root))
    return to_xml(root)


def _runner(root: Element, report: RunnerReport, flags: dict[str, Flag]) -> None:
    suite = added(root, "testsuite", name=report.runner, time=f"{report.seconds:.3f}")
    with_properties(suite, _introduced(report).items())
    if report.missing:
        added(_case(suite, report.runner, "all vectors"), "skipped", message=report.missing)
    for result in report.results:
        _result(suite, report.runner, result, flags)
    if report.complaints:
        added(suite, "system-err", "\n".join(report.complaints))


def _introduced(report: RunnerReport) -> dict[str, str]:
    if report.hello is None:
        return {"version": report.version} if report.version else {}
    return {"version": report.hello.version, "dialect": report.hello.dialect or ""}


def _case(suite: Element, area: str, name: str) -> Element:
    return added(suite, "testcase", classname=area, name=name)


def _result(suite: Element, runner: str, result: VectorResult, flags: dict[str, Flag]) -> None:
    vector = result.vector
    case = _case(suite, f"{runner}.{vector.group}", f"{vector.id} {vector.comment}")
    match result.judgement.verdict:
        case "fail" | "gone":
            added(case, "failure", _told(facts(result, _VALUE)) + _risks(result, flags), message=gist(result))
        case "skip":
            why = words.outcome(result.outcome).removeprefix("skipped: ")
            added(case, "skipped", message=why)
        case "known":
            added(case, "system-out", f"a known divergence: {gist(result)}")


def _told(known: Facts) -> str:
    return "".join(f"{label}: {value}\n" for label, value in known)


def _risks(result: VectorResult, flags: dict[str, Flag]) -> str:
    told = [f"\n{flag.name}\n{_told(told_flag(flag))}" for flag in flags_of([result.vector], flags)]
    return "".join(told)


def _matrix(root: Element, cells: Sequence[Cell]) -> None:
    suite = added(root, "testsuite", name="matrix")
    for cell in cells:
        case = _case(suite, "matrix", f"{cell.encryptor} → {cell.decryptor}")
        if cell.right != cell.tried:
            lost = f"{words.count(cell.tried - cell.right, 'text')} of {cell.tried:,} did not come back"
            told = "\n".join(_told(call_facts(unread, _VALUE)) for unread in cell.failures)
            added(case, "failure", told, message=lost)
