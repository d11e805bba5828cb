"""A run as JUnit XML, read back as a CI server reads it."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.interop.junit import to_junit
from harness.interop.outcomes import Refused
from harness.interop.results import Interop
from harness.interop.suite import Vector
from tests.interop.runs import GOOD, RUN, hostile, report, result

Element = ElementTree.Element


def _read(interop: Interop) -> dict[str, Element]:
    """The suites by name. The declaration names an encoding, as the file has one: it is read as bytes."""
    root = ElementTree.fromstring(to_junit(interop).encode())
    assert {suite.tag for suite in root} <= {"testsuite"}
    return {str(suite.get("name")): suite for suite in root}


def _cases(suite: Element) -> dict[str, Element]:
    return {str(case.get("name")): case for case in suite.findall("testcase")}


def test_each_runner_has_a_suite_and_the_matrix_has_one() -> None:
    assert list(_read(RUN)) == ["go", "./mine --slow", "web", "matrix"]


def test_each_vector_is_a_test_case_with_runner_and_group_as_its_class() -> None:
    cases = _cases(_read(RUN)["go"])
    assert {name: case.get("classname") for name, case in cases.items()} == {
        "1 ASCII": "go.text",
        '2 "=" inside': "go.padding",
        "3 empty": "go.short",
        "4 emoji": "go.text",
    }
    assert list(cases["1 ASCII"]) == []


def test_a_suite_says_version_dialect_and_time() -> None:
    suite = _read(RUN)["go"]
    assert suite.get("time") == "0.002"
    properties = {str(known.get("name")): known.get("value") for known in suite.findall("properties/property")}
    assert properties == {"version": "httpsms-go v0.0.6", "dialect": "go"}


def test_of_who_does_not_introduce_himself_the_version_is_what_was_asked() -> None:
    suite = _read(Interop((report("command", (), version="prog {key} {text}"),)))["command"]
    assert [known.attrib for known in suite.iter("property")] == [{"name": "version", "value": "prog {key} {text}"}]


def test_a_failure_carries_its_facts_and_the_risk() -> None:
    [failure] = _cases(_read(RUN)["./mine --slow"])['2 "=" inside']
    assert failure.tag == "failure"
    assert failure.get("message") == 'text "He" came of what must be refused'
    assert failure.text == (
        'key: "k"\nciphertext: "AAAAAAAAAAAAAAAAAAAAAAAA=AAAA"\nexpected: an error that a caller can handle\n'
        'got: text "He" (cut)\nwhy: text "He" came of what must be refused\n\n'
        'Padding\nwhat: A "=" in the middle.\nrisk: A text is cut, and nobody hears of it.\nremedy: Refuse it.\n'
    )


def test_an_expected_failure_that_did_not_come_is_a_failure() -> None:
    [failure] = _cases(_read(RUN)["./mine --slow"])["3 empty"]
    assert (failure.tag, failure.get("message")) == ("failure", "it did not come")


def test_a_known_divergence_passes_and_says_so() -> None:
    [said] = _cases(_read(RUN)["go"])["3 empty"]
    assert (said.tag, said.text) == ("system-out", "a known divergence: httpsms-go is known for it")


def test_what_could_not_be_asked_is_skipped_with_the_reason() -> None:
    [skipped] = _cases(_read(RUN)["./mine --slow"])["4 emoji"]
    assert (skipped.tag, skipped.get("message")) == ("skipped", "it cannot encrypt")


def test_a_runner_that_is_missing_is_one_skip_with_the_command_that_helps() -> None:
    [(name, case)] = _cases(_read(RUN)["web"]).items()
    assert name == "all vectors"
    assert case[0].get("message") == "it is not installed\nhttpsms-harness vectors install web"


def test_what_a_runner_did_beside_the_protocol_stands_in_its_suite() -> None:
    said = _read(RUN)["./mine --slow"].find("system-err")
    assert said is not None
    assert said.text == "a line of noise (2 times)"


def test_a_lost_text_fails_its_pair() -> None:
    cases = _cases(_read(RUN)["matrix"])
    assert [len(case) for case in cases.values()] == [0, 0, 1, 0]
    [failure] = cases["./mine --slow → go"]
    assert failure.get("message") == "1 text of 76 did not come back"
    assert 'envelope: "QUJD-_"' in (failure.text or "")


def test_the_suites_count() -> None:
    root = ElementTree.fromstring(to_junit(RUN).encode())
    names = ("tests", "failures", "errors", "skipped")
    counts = [[element.get(name) for name in names] for element in (root, *root)]
    assert counts == [
        ["13", "4", "0", "2"],
        ["4", "0", "0", "0"],
        ["4", "3", "0", "1"],
        ["1", "0", "0", "1"],
        ["4", "1", "0", "0"],
    ]
    assert ElementTree.fromstring(to_junit(GOOD).encode()).get("failures") == "0"


def test_what_xml_cannot_hold_is_escaped() -> None:
    assert "script" in "".join(_read(hostile()))
    vector = Vector("1", "decrypt", "g", "nul \0, bell \a, half \ud800, 😀 <&>]]>", (), "valid", "k", "")
    [name] = _cases(_read(Interop((report("x", [result(vector, Refused("E"))]),)))["x"])
    assert name == "1 nul \\u0000, bell \\u0007, half \\ud800, 😀 <&>]]>"


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_text_gives_xml(text: str) -> None:
    vector = Vector(text, "decrypt", text, text, (), "valid", text, text, text)
    results = [result(vector, Refused(text, text), verdict, text, text) for verdict in ("fail", "known", "skip")]
    suites = _read(Interop((report(text, results, complaints=(text,)), report("x", [], missing=text or "m"))))
    assert [len(_cases(suite)) for suite in suites.values()][-1:] == [1]
