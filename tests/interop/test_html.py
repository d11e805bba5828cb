"""A run as one HTML file: what a browser finds in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.interop.html import SIGNS, to_html
from harness.interop.outcomes import Decrypted, Refused
from harness.interop.results import Cell, Interop
from harness.interop.suite import Vector
from tests.interop.runs import GOOD, HOSTILE, LOST, RUN, WEB, hostile, report, result


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

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)

    @property
    def data(self) -> Any:
        return json.loads(self.held["script"][0])


def _page(interop: Interop) -> _Page:
    # As it is when it has been a file.
    return _Page(to_html(interop).encode().decode())


def test_counts_and_matrix_need_no_script() -> None:
    shown = _page(RUN).shown
    assert "✗ failed" in shown
    assert "4 vectors, 2 runners; 2 results: a divergence that was not expected" in shown
    assert "1 text of the matrix did not come back" in shown
    assert "httpsms-go v0.0.6 (as go)" in shown
    assert "web: it is not installedhttpsms-harness vectors install web" in shown
    assert "./mine --slow: a line of noise (2 times)" in shown
    assert "✗ 75/76" in shown
    assert RUN.repeat in shown


def test_a_good_run_says_so() -> None:
    shown = _page(GOOD).shown
    assert "✓ passed" in shown
    assert "Not run" not in shown


def test_a_matrix_alone_shows_no_counts_of_vectors() -> None:
    asked = [replace(report, results=()) for report in RUN.runners]
    shown = _page(replace(RUN, runners=tuple(asked))).shown
    assert "2 runners, 303 of 304 texts came back" in shown
    assert "httpsms-go v0.0.6 (as go)" in shown
    assert "vectors" not in shown.partition("Repeat it")[0]
    assert "per second" not in shown


def test_where_nobody_could_be_asked_nothing_has_passed() -> None:
    shown = _page(Interop((WEB,))).shown
    assert "– nothing was run" in shown
    assert "passed" not in shown


def test_each_verdict_has_a_sign_of_its_own() -> None:
    assert len(set(SIGNS.values())) == 5
    assert [known["sign"] for known in _page(RUN).data["verdicts"]] == list(SIGNS.values())


def test_nothing_is_loaded_from_anywhere() -> None:
    page = _page(RUN)
    assert not [known for _, known in page.elements if {"src", "href", "srcset", "action"} & known.keys()]
    assert "url(" not in page.held["style"][0]
    [policy] = [known["content"] for _, known in page.elements if known.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in str(policy)


def test_the_policy_admits_the_script_and_the_style_and_no_other() -> None:
    page = _page(RUN)
    [policy] = [str(known["content"]) for _, known in page.elements if "http-equiv" in known]
    sums = re.findall(r"(script|style)-src '(sha256-[^']+)'", policy)
    held = {"script": page.held["script"][1], "style": page.held["style"][0]}
    for kind, found in sums:
        assert found == f"sha256-{base64.b64encode(hashlib.sha256(held[kind].encode()).digest()).decode()}"
    assert len(sums) == 2
    assert "unsafe" not in policy


def test_the_script_gets_each_result_of_each_runner() -> None:
    data = _page(RUN).data
    strings = data["strings"]
    assert [runner["name"] for runner in data["runners"]] == ["go", "./mine --slow"]
    assert [[found[:2] for found in row] for row in data["results"]] == [
        [[0, 0], [0, 0], [1, 1], [0, 0]],
        [[2, 0], [2, 0], [3, 0], [4, 0]],
    ]
    brief, got, raw, expected, why = (strings[number] for number in data["results"][1][1][2:])
    assert (brief, got, raw) == ('text "He"', 'text "He" (cut)', "")
    assert (expected, why) == ("an error that a caller can handle", 'text "He" came of what must be refused')


def test_the_script_gets_vectors_with_bytes_of_what_letters_do_not_tell() -> None:
    data = _page(RUN).data
    sealed = data["vectors"][3]
    told = [[data["strings"][part] if isinstance(part, int) else part for part in known] for known in sealed["inputs"]]
    assert told == [
        ["key", '"k\\n"', "6b 0a"],
        ["text", '"🎉"', "f0 9f 8e 89"],
        ["IV", "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f", ""],
    ]
    assert [data["flags"][number]["risk"] for number in data["vectors"][1]["flags"]] == [
        "A text is cut, and nobody hears of it."
    ]
    assert data["vectors"][2]["clients"][0][0] == "go"


def test_a_runner_that_met_only_some_vectors_has_gaps() -> None:
    first, second = RUN.runners[0].results[:2]
    data = _page(Interop((report("a", [first]), report("b", [second])))).data
    assert [[found != 0 for found in row] for row in data["results"]] == [[True, False], [False, True]]


def test_bytes_that_are_no_text_come_in_hex() -> None:
    vector = Vector("1", "decrypt", "g", "c", (), "valid", "k", "QUJD", "t")
    data = _page(Interop((report("x", [result(vector, Decrypted("a\udcff"))]),))).data
    assert data["strings"][data["results"][0][0][4]] == "61 ff"


def test_long_values_are_cut_with_their_length() -> None:
    vector = Vector("1", "decrypt", "g", "c", (), "valid", "k" * 100_000, "A" * 100_000, "я" * 65_536)
    text = to_html(Interop((report("x", [result(vector, Decrypted("я" * 65_536))]),)))
    assert len(text) < 200_000
    assert "(100,000 characters)" in text
    assert "(65,536 characters)" in text


def test_of_many_lost_texts_some_are_shown() -> None:
    data = _page(Interop(cells=(Cell("a", "b", 76, 0, (LOST,) * 76),))).data
    assert data["cells"][0]["right"] == 0
    assert len(data["cells"][0]["failures"]) == 20


def test_a_run_without_vectors_has_no_table_of_them() -> None:
    assert "grid" not in [known.get("id") for _, known in _page(Interop(cells=RUN.cells)).elements]
    assert "Runners" not in _page(Interop((WEB,))).shown


def test_what_strangers_wrote_stays_text() -> None:
    page = _page(hostile())
    assert page.count("script") == 2
    assert page.count("style") == 1
    assert not [known for _, known in page.elements if any(name.startswith("on") for name in known)]
    # In the place where it stands, and nothing of it is gone.
    assert "</script><script>alert(1)</script><!-- \"'&amp; \\u0000\\u001b[31m" in page.shown
    assert page.held["script"][1] == _page(RUN).held["script"][1]
    assert HOSTILE[:30] in page.data["vectors"][0]["comment"]


def test_nothing_in_the_data_ends_its_element() -> None:
    [held] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', to_html(hostile()))
    assert not set("<>&") & set(held)
    assert held.isascii()


@given(
    st.text(st.characters(codec=None, categories=None), min_size=1)
    | st.sampled_from(["<!--<script>", "]]>", "</style >", "{0}"])
)
def test_no_text_breaks_out(text: str) -> None:
    vector = Vector(text, "decrypt", text, text, (), "valid", text, text, text)
    shown = report(text, [result(vector, Refused(text, text), "fail", text, text)], complaints=(text,))
    page = _page(Interop((shown,), (Cell(text, text, 1, 0),), repeat=text))
    assert page.count("script") == 2
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in _page_of_x().elements]
    assert page.data["vectors"][0]["result"] == "valid"


def _page_of_x() -> _Page:
    vector = Vector("x", "decrypt", "x", "x", (), "valid", "x", "x", "x")
    shown = report("x", [result(vector, Refused("x", "x"), "fail", "x", "x")], complaints=("x",))
    return _page(Interop((shown,), (Cell("x", "x", 1, 0),), repeat="x"))
