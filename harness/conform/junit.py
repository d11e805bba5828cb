"""The results as JUnit XML: one test case for each case, its area as the class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from harness.conform.report import differing_steps
from harness.conform.results import CaseResult
from harness.errors import CaseError

__all__ = ["to_junit"]

_NAME = "httpsms-harness conform"
# What XML 1.0 has no way to write down.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(results: Sequence[CaseResult], unreadable: Sequence[CaseError] = ()) -> str:
    """A failure has the difference as its text, a skip its reason as the message; what is unreadable is an error."""
    counts = {
        "tests": str(len(results) + len(unreadable)),
        "failures": str(sum(result.verdict == "differ" for result in results)),
        "errors": str(len(unreadable)),
        "skipped": str(sum(result.verdict == "skip" for result in results)),
    }
    root = ElementTree.Element("testsuites", {"name": _NAME, **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": _NAME, **counts})
    for result in results:
        _add(suite, result)
    for error in unreadable:
        element = _case(suite, "unreadable", error.path)
        ElementTree.SubElement(element, "error", {"message": _plain(error.why)})
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ElementTree.Element, area: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", {"classname": _plain(area), "name": _plain(name)})


def _add(suite: ElementTree.Element, result: CaseResult) -> None:
    element = _case(suite, result.area, result.case)
    match result.verdict:
        case "differ":
            failure = ElementTree.SubElement(element, "failure", {"message": _plain(_gist(result))})
            failure.text = _plain(differing_steps(result))
        case "skip":
            ElementTree.SubElement(element, "skipped", {"message": _plain(result.reason)})


def _gist(result: CaseResult) -> str:
    """In one line: why it ended early, or where it differs first."""
    step = next((step for step in result.steps if step.differences), None)
    if result.reason or step is None:
        return result.reason
    return f"step {step.index}, {step.title}: {step.differences[0].path} differs"


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
