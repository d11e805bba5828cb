"""Texts of strangers stay texts in HTML, in XML, and within a script's element."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.markup import added, counted, html_text, policy_sum, script_json, to_xml, with_properties, xml_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("\"'", "&quot;&#x27;"),
        ("half \ud83d", "half \ufffd"),
        ("\x1b[1m\0\x85", "\ufffd[1m\ufffd\ufffd"),
        ("\u202eno\u2066", "\ufffdno\ufffd"),
        ("a\tb\nc", "a\tb\nc"),
        ("ä😀", "ä😀"),
    ],
)
def test_a_text_of_html_is_escaped(text: str, written: str) -> None:
    assert html_text(text) == written


class _Held(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.held = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.held += data


@given(JSON)
def test_data_never_ends_the_element_that_it_stands_in(data: Any) -> None:
    written = script_json([data, "</script><!--<script>&lt;"])
    assert not set("<>&") & set(written)
    page = _Held(f'<script type="application/json">{written}</script>')
    assert page.tags == ["script"]
    assert json.loads(page.held) == [data, "</script><!--<script>&lt;"]


def test_a_policy_names_a_script_by_its_sum() -> None:
    # RFC 6234's digest of "abc", in base64.
    assert policy_sum("abc") == "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="


@pytest.mark.parametrize(
    ("text", "written"),
    [("a\tb\nc", "a\tb\nc"), ("\x00\x1b\r", "\\u0000\\u001b\\u000d"), ("\ud83d\ufffe", "\\ud83d\\ufffe"), ("😀", "😀")],
)
def test_what_xml_cannot_hold_is_escaped(text: str, written: str) -> None:
    assert xml_text(text) == written


@given(st.text(), st.text())
def test_a_document_with_any_text_is_read_back(text: str, value: str) -> None:
    root = ElementTree.Element("testsuites")
    added(root, "system-out", text, note=value)
    (child,) = ElementTree.fromstring(to_xml(root).encode())
    assert (child.text or "") == xml_text(text)
    # An attribute's line ends and tabulators come back as they were written, as references.
    assert child.get("note") == xml_text(value)


def test_suites_are_counted_and_properties_are_kept_together() -> None:
    root = ElementTree.Element("testsuites")
    suite = added(root, "testsuite", name="one")
    for tag in ("failure", "skipped", "error", "system-out"):
        added(added(suite, "testcase", name=tag), tag)
    with_properties(suite, [])
    with_properties(suite, [("seed", "7")])
    counted(suite, [suite])
    counted(root, [suite])
    counts = {"tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    assert suite.attrib == {"name": "one", **counts}
    assert root.attrib == counts
    assert [each.attrib for each in suite.iter("property")] == [{"name": "seed", "value": "7"}]
    assert len(suite.findall("properties")) == 1
