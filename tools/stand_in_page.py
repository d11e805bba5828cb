"""Writes docs/stand-in.md: what of the stand-in is as the real server, and what is not (`make docs`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness.adapters.case_files import load_cases, load_orders, recordings
from harness.conform import Case, CaseResult
from harness.conform.cases import Call
from harness.conforming import replay_virtual
from harness.standin.fidelity import BY_ROUTE, GENERAL, Fidelity
from harness.standin.routes import ROUTES, find

__all__ = ["PLACE", "page", "replayed"]

PLACE = Path(__file__).parents[1] / "docs" / "stand-in.md"

_HEAD = """\
# The stand-in and the real server

The stand-in is a model of the httpSMS server. It does what was read in the server's public source, and what a running
server was seen to do. This page lists what is as there, what differs, and what is absent. A dash means that nothing is
known. The page is made by `make docs` from `harness/standin/fidelity.py` and from a replay of the recordings in
`harness/recordings/gateway`.

"As there" means statuses, bodies, the order of the checks, the texts of refusals, and what a call leads to.
`GET /openapi.json` of a running gateway has every field and status.
"""
_RESULTS = """\
## What the recordings say

Every recorded conversation is replayed on the stand-in in virtual time. A step agrees if the whole answer, push or
webhook is as recorded. The orders are all orders of up to three things that can happen to an outgoing message: fetch,
SENT, DELIVERED, FAILED, expiry. `httpsms-harness conform` shows the same, and every difference.
"""
_ROUTES = """\
## Route by route

The number says how many calls of the route are in the recordings that agree. With 0, no recording has the route.
"""
_NOTHING = "–"
_REST = """\
## What is no single route
"""


def replayed() -> Sequence[tuple[Case, CaseResult]]:
    """Every recorded case of the package with its result."""
    read = [*load_cases(recordings()), *load_orders(recordings() / "gateway" / "message-orders.jsonl")]
    return [(case, replay_virtual(case)) for case in read if isinstance(case, Case)]


def page(results: Sequence[tuple[Case, CaseResult]]) -> str:
    """The whole page."""
    calls = _calls(case for case, result in results if result.verdict == "agree")
    routes = [(f"{route.method} {route.template}", route) for route in ROUTES]
    parts = (
        _HEAD,
        _RESULTS,
        _table(("area", "conversations that agree", "steps that agree"), _areas(results)),
        _ROUTES,
        _table(
            ("route", "recorded", "as there", "differs", "absent"),
            ((f"`{name}`", str(calls[name]), *_cells(BY_ROUTE[name])) for name, _ in routes),
        ),
        _REST,
        _table(("subject", "as there", "differs", "absent"), ((name, *_cells(GENERAL[name])) for name in GENERAL)),
    )
    return "\n".join(parts)


def _cells(told: Fidelity) -> tuple[str, str, str]:
    return told.faithful, told.differs or _NOTHING, told.absent or _NOTHING


def _areas(results: Sequence[tuple[Case, CaseResult]]) -> Iterator[tuple[str, str, str]]:
    """How many conversations and steps of each area agree, of how many."""
    by_area: dict[str, list[tuple[Case, CaseResult]]] = {}
    for case, result in results:
        by_area.setdefault(case.area, []).append((case, result))
    for area, found in [*sorted(by_area.items()), ("all", list(results))]:
        agreeing = sum(result.verdict == "agree" for _, result in found)
        steps = sum(not step.differences for _, result in found for step in result.steps)
        yield area, f"{agreeing} of {len(found)}", f"{steps} of {sum(len(case.steps) for case, _ in found)}"


def _calls(cases: Iterable[Case]) -> Mapping[str, int]:
    """How many calls there are of each route."""
    counts: Counter[str] = Counter()
    for case in cases:
        for step in case.steps:
            found = find(step.method, step.path) if isinstance(step, Call) else None
            if found is not None:
                counts[f"{found[0].method} {found[0].template}"] += 1
    return counts


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PLACE.write_text(page(replayed()), encoding="utf-8")
