"""A run as JUnit XML: a suite for each runner with a test case for each vector, and one suite for the matrix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias
from xml.etree import ElementTree

from harness.interop import words
from harness.interop.facts import Facts, call_facts, facts, flags_of, gist, told_flag
from harness.interop.results import Cell, Interop, RunnerReport, VectorResult
from harness.interop.suite import Flag

__all__ = ["to_junit"]

_NAME = "httpsms-harness vectors"
# What XML 1.0 has no way to write down, and the line ends that its parsers turn into others.
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# CI servers show the text of a failure as it is: nobody wants 64 KiB of it.
_VALUE = 4096

Element: TypeAlias = "ElementTree.Element[str]"


def to_junit(interop: Interop) -> str:
    """A failure has its facts as text, with the risk; a skip its reason as message; what XML cannot hold is escaped."""
    root = ElementTree.Element("testsuites", {"name": _NAME})
    flags = {flag.name: flag for flag in interop.flags}
    for report in interop.runners:
        _runner(root, report, flags)
    if interop.cells:
        _matrix(root, interop.cells)
    for suite in root:
        _count(suite, [suite])
    _count(root, list(root))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _count(element: Element, suites: Sequence[Element]) -> None:
    counts = {
        "tests": sum(len(suite.findall("testcase")) for suite in suites),
        "failures": sum(len(suite.findall("testcase/failure")) for suite in suites),
        "errors": 0,
        "skipped": sum(len(suite.findall("testcase/skipped")) for suite in suites),
    }
    for name, number in counts.items():
        element.set(name, str(number))


def _runner(root: Element, report: RunnerReport, flags: dict[str, Flag]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", {"name": _plain(report.runner), "time": f"{report.seconds:.3f}"})
    if known := _introduced(report):
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in known.items():
            ElementTree.SubElement(properties, "property", {"name": name, "value": _plain(value)})
    if report.missing:
        case = _case(suite, report.runner, "all vectors")
        ElementTree.SubElement(case, "skipped", {"message": _plain(report.missing)})
    for result in report.results:
        _result(suite, report.runner, result, flags)
    if report.complaints:
        ElementTree.SubElement(suite, "system-err").text = _plain("\n".join(report.complaints))


def _introduced(report: RunnerReport) -> dict[str, str]:
    if report.hello is None:
        return {"version": report.version} if report.version else {}
    return {"version": report.hello.version, "dialect": report.hello.dialect or ""}


def _case(suite: Element, area: str, name: str) -> Element:
    return ElementTree.SubElement(suite, "testcase", {"classname": _plain(area), "name": _plain(name)})


def _result(suite: Element, runner: str, result: VectorResult, flags: dict[str, Flag]) -> None:
    vector = result.vector
    case = _case(suite, f"{runner}.{vector.group}", f"{vector.id} {vector.comment}")
    match result.judgement.verdict:
        case "fail" | "gone":
            failure = ElementTree.SubElement(case, "failure", {"message": _plain(gist(result))})
            failure.text = _plain(_told(facts(result, _VALUE)) + _risks(result, flags))
        case "skip":
            why = words.outcome(result.outcome).removeprefix("skipped: ")
            ElementTree.SubElement(case, "skipped", {"message": _plain(why)})
        case "known":
            ElementTree.SubElement(case, "system-out").text = _plain(f"a known divergence: {gist(result)}")


def _told(known: Facts) -> str:
    return "".join(f"{label}: {value}\n" for label, value in known)


def _risks(result: VectorResult, flags: dict[str, Flag]) -> str:
    told = [f"\n{flag.name}\n{_told(told_flag(flag))}" for flag in flags_of([result.vector], flags)]
    return "".join(told)


def _matrix(root: Element, cells: Sequence[Cell]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", {"name": "matrix"})
    for cell in cells:
        case = _case(suite, "matrix", f"{cell.encryptor} → {cell.decryptor}")
        if cell.right != cell.tried:
            lost = f"{words.count(cell.tried - cell.right, 'text')} of {cell.tried:,} did not come back"
            failure = ElementTree.SubElement(case, "failure", {"message": lost})
            failure.text = _plain("\n".join(_told(call_facts(unread, _VALUE)) for unread in cell.failures))


def _plain(text: str) -> str:
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
