"""The results of a run as JUnit XML: a suite for each file, a test case for each story.

A story that failed has its report as the text of its `failure`. One that did not run is `skipped`, with the reason and
the remedy as the message. A known defect that still shows is `skipped` too, as pytest writes an expected failure: its
message begins with `known defect:`, its text is the report of the failure, and CI does not turn red for it. Properties
of each story: seed, target, tags, repeat, story_time_s (how long it took in its own time, where a day that is skipped
is a day), and the trace_hash of a virtual run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from harness.markup import Element, added, counted, to_xml, with_properties
from harness.outcome import Outcome
from harness.report import told
from harness.report.text import as_text, failure_text
from harness.verdict import Status

__all__ = ["junit"]

_NAME = "httpsms-harness run"
_NO_FILE = "stories in Python"


def junit(outcomes: Sequence[Outcome], took_s: Sequence[float] | None = None) -> str:
    """The document; whatever stands in the stories, it can be written as UTF-8 and read as XML.

    `took_s`: how long each of them took by the wall's clock, which is what `time` means to a CI server. Where nobody
    knows there is no `time`: the story's own, in which a day that was skipped is a day, is a property.
    """
    root = ElementTree.Element("testsuites", {"name": _NAME})
    by_file: dict[str, list[tuple[Outcome, float | None]]] = {}
    for number, outcome in enumerate(outcomes):
        by_file.setdefault(outcome.path, []).append((outcome, None if took_s is None else took_s[number]))
    for path, stories in by_file.items():
        suite = added(root, "testsuite", name=path or _NO_FILE, **_time(*[took for _, took in stories]))
        for outcome, took in stories:
            _case(suite, outcome, took)
        counted(suite, [suite])
    counted(root, list(root))
    for name, time in _time(*(took_s or ())).items():
        root.set(name, time)
    return to_xml(root)


def _time(*took_s: float | None) -> dict[str, str]:
    known = [took for took in took_s if took is not None]
    return {"time": f"{sum(known):.3f}"} if known else {}


def _case(suite: Element, outcome: Outcome, took_s: float | None) -> None:
    # The class is what CI servers group by; dots would make packages of it.
    area = outcome.path.rpartition("/")[2].removesuffix(".scenario.yaml").replace(".", "_") or "stories"
    place = {"file": outcome.path, "line": str(outcome.line)} if outcome.path else {}
    case = added(suite, "testcase", classname=area, name=outcome.title, **_time(took_s), **place)
    with_properties(case, _properties(outcome))
    match outcome.verdict.status:
        case Status.FAILED:
            added(case, "failure", as_text(outcome), message=told.gist(outcome), type=_kind(outcome))
        case Status.SKIPPED:
            why = told.skip(outcome)
            assert why is not None
            added(case, "skipped", message=f"{why.reason}; to run it: {why.remedy}" if why.remedy else why.reason)
        case Status.EXPECTED:
            added(case, "skipped", failure_text(outcome), message=f"known defect: {outcome.verdict.expected}")
        case Status.PASSED:
            pass


def _kind(outcome: Outcome) -> str:
    failure = outcome.verdict.failure
    return "invariant" if failure is not None and failure.rule else "expectation"


def _properties(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "seed", str(outcome.seed)
    yield "target", outcome.target
    if outcome.tags:
        yield "tags", ", ".join(outcome.tags)
    yield "repeat", outcome.repeat
    if outcome.verdict.skipped is None:
        yield "story_time_s", f"{outcome.verdict.took / 1e9:.3f}"
    if outcome.trace_hash is not None:
        yield "trace_hash", outcome.trace_hash
