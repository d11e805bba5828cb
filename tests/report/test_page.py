"""The story page as a file: what is in it before any script ran, and what can never be."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.report_files import assets
from harness.outcome import Outcome
from harness.report import story_page
from harness.report.page import SIGNS
from harness.verdict import Status
from tests.report.outcomes import ALL, FAILED, HOSTILE, KNOWN, PASSED, SKIPPED, TYPO, hostile, long, outcome, verdict

STYLE, SCRIPT = assets().style, assets().script
# What parses text as HTML or as a program, or talks to the world.
_DANGEROUS = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp|import\(|WebSocket"


class _Page(HTMLParser):
    """Elements with their attributes, the text that is shown, and what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self.held: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.held:
            self.held[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in self.held:
            self.held[str(self.cdata_elem)][-1] += data
        else:
            self.shown += data

    @property
    def stories(self) -> list[Any]:
        return [json.loads(text) for text in self.held["script"][:-1]]


def _page(*outcomes: Outcome) -> _Page:
    # As it is when it has been a file.
    return _Page(story_page(outcomes, assets()).encode().decode())


def _sum(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_list_of_stories_tells_without_a_script_what_went_wrong() -> None:
    shown = _page(*ALL).shown
    assert "✗ 3 failed" in shown
    assert "≈ 1 known defect" in shown
    assert "missing: the push reaches the phone (phone: pushed), of the message hi" in shown
    assert "broken: one-sms-per-send, no-clear-text" in shown
    assert "no device" in shown
    assert "upstream 412 is open" in _page(KNOWN).shown


def test_without_a_script_the_page_says_why_stories_failed() -> None:
    shown = _page(TYPO, KNOWN, PASSED).shown
    for line in (
        "s.yaml:7: expect: {sms: {to: bob}}",
        "reason: expected 'NO_SERVCE', got 'NO_SERVICE'",
        "repeat with: httpsms-harness run s.yaml",
    ):
        assert shown.count(line) >= 1, line
    assert shown.count("not seen within 30 s") == 2


def test_each_story_is_data_of_its_own() -> None:
    assert [story["title"] for story in _page(PASSED, SKIPPED, FAILED).stories] == ["A story"] * 3
    assert _page().stories == []


def test_one_story_needs_no_list() -> None:
    shells = [dict(attrs).get("class") for tag, attrs in _page(FAILED).elements if tag == "div"]
    assert "shell single" in shells
    assert "nothing was run" in _page().shown


def test_the_file_allows_its_own_style_and_script_and_nothing_else() -> None:
    page = _page(FAILED)
    policy = next(attrs["content"] for tag, attrs in page.elements if "http-equiv" in attrs)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert f"style-src {_sum(page.held['style'][0])}" in policy
    assert f"script-src {_sum(page.held['script'][-1])}" in policy
    assert not [attrs for _, attrs in page.elements if {"src", "style", "onclick", "onerror"} & set(attrs)]
    assert {attrs["href"] for tag, attrs in page.elements if "href" in attrs} == {"#story=0"}


def test_what_strangers_wrote_is_never_markup() -> None:
    page = _page(hostile(), PASSED)
    assert [tag for tag, _ in page.elements].count("script") == 3
    assert not [tag for tag, _ in page.elements if tag in ("img", "b")]
    text = page.stories[0]["entries"][0]["facts"]["text"]
    assert text == HOSTILE


@given(st.text(), st.text())
def test_whatever_a_story_says_the_file_can_be_written_and_read(title: str, text: str) -> None:
    told = outcome(verdict(title=title), [(0, "contact", "wrote", None, {"text": text})])
    page = _page(told)
    assert page.stories[0]["title"] == title
    assert page.stories[0]["entries"][0]["facts"] == {"text": text}


def test_a_long_story_stays_a_file_of_its_own_size() -> None:
    assert len(story_page([long(5_000)], assets())) < 3_000_000


def test_every_status_has_a_sign() -> None:
    assert set(SIGNS) == set(Status)
    assert len(set(SIGNS.values())) == len(SIGNS)


# -- style and script --------------------------------------------------------------------------------------------------


def test_the_script_never_reads_text_as_html_and_loads_nothing() -> None:
    assert re.findall(_DANGEROUS, SCRIPT) == []
    assert re.findall(r"https?:(?!//www\.w3\.org/2000/svg)", SCRIPT + STYLE) == []
    assert "url(" not in STYLE
    for text in (SCRIPT, STYLE):
        assert re.search(r"</(script|style)", text, re.IGNORECASE) is None


def test_each_colour_has_its_counterpart_in_the_dark_asked_for_or_chosen() -> None:
    light, by_system, chosen = (
        re.findall(r"(--[\w-]+): ([^;]+);", part) for part in STYLE.split("* { box-sizing")[0].split(":root")[1:4]
    )
    assert {name for name, _ in light} == {name for name, _ in by_system}
    assert by_system == chosen


def test_the_page_can_be_printed_and_read_on_a_phone() -> None:
    assert "@media print" in STYLE
    assert "@media (max-width: 900px)" in STYLE
