"""Verdicts for people and for machines: pure functions over outcomes. Names are loaded when they are first used.

One of them is `annotations`: nothing may be imported from `__future__` here, which would give that name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.report.github import annotations, markdown
    from harness.report.junit_xml import junit
    from harness.report.life import first_missing, timeline
    from harness.report.page import Assets, story_page
    from harness.report.plain_data import as_json
    from harness.report.text import as_text, summary, with_steps

__all__ = [
    "Assets",
    "annotations",
    "as_json",
    "as_text",
    "first_missing",
    "junit",
    "markdown",
    "story_page",
    "summary",
    "timeline",
    "with_steps",
]

_HOMES = {
    "Assets": "page",
    "annotations": "github",
    "as_json": "plain_data",
    "as_text": "text",
    "first_missing": "life",
    "junit": "junit_xml",
    "markdown": "github",
    "story_page": "page",
    "summary": "text",
    "timeline": "life",
    "with_steps": "text",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'harness.report' has no attribute {name!r}")
    value = getattr(import_module(f"harness.report.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
