"""Reading recorded cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.conform.cases import (
    ABSENT,
    Answer,
    Bind,
    Bytes,
    Call,
    Case,
    File,
    Files,
    JsonContent,
    Literal,
    NowPlus,
    Observe,
    Push,
    Says,
    Settle,
    Sheet,
    Spelled,
    Text,
    Unknown,
    Unsaid,
    WebhookAnswers,
    Webhooks,
)
from harness.conform.reading import read_case
from harness.errors import CaseError
from tests.recorded import folder

CONVERSATIONS = sorted((folder("gateway") / "conversations").glob("*.json"))
CALL = {"do": "call", "as": "user", "method": "GET", "path": "/v1/phones"}


def _case(step: dict[str, Any] | None = None, **changes: Any) -> Case:
    whole = {"case": "c", "area": "a", "about": "", "setup": {}, "steps": [step] if step else [], **changes}
    return read_case(json.dumps(whole), "c.json")


@pytest.mark.cases
@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_a_recorded_case_is_read_without_a_step_that_is_not_known(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    case = read_case(path.read_text(encoding="utf-8"), str(path))
    assert (case.name, case.area) == (recorded["case"], recorded["area"])
    assert [type(step).__name__.lower() for step in case.steps] == [
        step["do"].replace("_", "") for step in recorded["steps"]
    ]
    assert len(case.phones) == len(recorded["setup"].get("phones", []))


def test_there_are_recorded_cases() -> None:
    assert CONVERSATIONS


@pytest.mark.parametrize(
    ("step", "read"),
    [
        ({"do": "settle", "seconds": 0.5}, Settle(0.5)),
        ({"do": "observe", "what": "a gap", "value": [3.0]}, Observe("a gap")),
        (
            {"do": "push", "token": "${token}", "within": 5, "expect": None, "note": "none"},
            Push("${token}", 5, {}, None),
        ),
        (
            {"do": "webhook_answers", "url": "${hook_url}", "plan": [500, "hang"]},
            WebhookAnswers("${hook_url}", (500, "hang")),
        ),
        (
            {"do": "webhooks", "url": "${hook_url}", "settle": 1, "expect": [{}], "gaps_s": []},
            Webhooks("${hook_url}", 1, ({},)),
        ),
        ({"do": "dance"}, Unknown("dance", "a step `dance` is not known")),
        (
            {"do": "settle", "seconds": 1, "moons": 2},
            Unknown("settle", "a `settle` with `moons` is not known"),
        ),
        (
            {"do": "bind", "note": "times", "t": {"text": "x"}, "n": {"now_plus_s": 3, "digits": 0}},
            Bind((("t", Literal("x")), ("n", NowPlus(3, 0)))),
        ),
        (
            {"do": "bind", "p": {"spelled": "phone", "as": "AAA"}, "q": {"says": "by hand"}},
            Bind((("p", Spelled("phone", "AAA")), ("q", Says("by hand")))),
        ),
        ({"do": "bind", "q": {"magic": 1}}, Bind((("q", Says("a binding with ['magic'] is not known")),))),
    ],
    ids=lambda value: "",
)
def test_a_step_is_read_as_its_kind(step: dict[str, Any], read: object) -> None:
    assert _case(step).steps == (read,)


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({}, None),
        ({"json": None}, JsonContent(None)),
        ({"json": {"a": 1}}, JsonContent({"a": 1})),
        ({"raw": "a=b"}, Text("a=b")),
        ({"raw": {"#repeat": {"unit": "x", "count": 3}}}, Text("xxx")),
        ({"raw": "<2 bytes>", "raw_base64": "/+8="}, Bytes(b"\xff\xef")),
        ({"raw": "<2 bytes>", "note": "two odd bytes"}, Unsaid("two odd bytes")),
        ({"files": {"f": ["a.csv", "text/csv", "x"]}}, Files((File("f", "a.csv", "text/csv", "x"),))),
        (
            {"files": {"f": ["a.csv", "text/csv", {"#repeat": {"unit": "x", "count": 3}}]}},
            Files((File("f", "a.csv", "text/csv", "xxx"),)),
        ),
        (
            {"files": {"f": ["a.xlsx", "x/y", {"sheet": [["a", None]]}]}},
            Files((File("f", "a.xlsx", "x/y", Sheet((("a", None),))),)),
        ),
    ],
    ids=lambda value: "",
)
def test_the_body_of_a_call_is_read_as_its_kind(fields: dict[str, Any], content: object) -> None:
    [call] = _case({**CALL, **fields}).steps
    assert isinstance(call, Call)
    assert call.content == content


def test_an_answer_tells_a_null_body_from_one_that_is_not_looked_at() -> None:
    [null, none] = (
        step.expect
        for expect in ({"status": 204, "body": None}, {"status": 204})
        for step in _case({**CALL, "expect": expect}).steps
        if isinstance(step, Call)
    )
    assert null == Answer(204, None)
    assert none == Answer(204, ABSENT)


def test_parts_of_a_set_up_that_are_not_known_are_named() -> None:
    account = {"as": "user", "moons": 2}
    case = _case(setup={"accounts": [account], "weather": "rain"})
    assert case.unknown == ("setup.weather", "setup.accounts[0].moons")


@pytest.mark.parametrize(
    ("step", "changes", "why"),
    [
        (None, {"case": 1}, "case: a text is needed, not a number"),
        (None, {"steps": {}}, "steps: a list is needed, not an object"),
        (None, {"setup": {"phones": [{}]}}, "setup.phones[0].push: a text is needed, not nothing"),
        (
            None,
            {"setup": {"phones": [{"push": "lost"}]}},
            "setup.phones[0].push: is accepted or refused, not 'lost'",
        ),
        (
            None,
            {"setup": {"phones": [{"push": "refused", "number": "+1"}]}},
            "setup.phones[0].number: a name like ${phone} is needed, not '+1'",
        ),
        ({}, {}, "steps[0].do: a text is needed, not nothing"),
        ({"do": "settle", "seconds": True}, {}, "steps[0].seconds: a number is needed, not a boolean"),
        ({"do": "settle", "seconds": None}, {}, "steps[0].seconds: a number is needed, not null"),
        ({"do": "push", "token": "t", "within": 1}, {}, "steps[0].expect: is missing"),
        ({"do": "webhooks", "url": "u", "settle": 1}, {}, "steps[0].expect: is missing"),
        (
            {"do": "webhook_answers", "url": "u", "plan": [1.5]},
            {},
            "steps[0].plan[0]: a whole number is needed, not 1.5",
        ),
        ({**CALL, "expect": {}}, {}, "steps[0].expect.status: is missing"),
        ({**CALL, "query": [1]}, {}, "steps[0].query: an object is needed, not a list"),
        (
            {**CALL, "files": {"f": ["a", "b"]}},
            {},
            "steps[0].files.f: a file is a name, a content type and a content",
        ),
        ({**CALL, "raw_base64": "?"}, {}, "steps[0].raw_base64: is no base64"),
    ],
    ids=lambda value: "",
)
def test_a_malformed_case_names_the_file_and_the_place(
    step: dict[str, Any] | None, changes: dict[str, Any], why: str
) -> None:
    whole = {"case": "c", "area": "a", "steps": [] if step is None else [step], **changes}
    with pytest.raises(CaseError) as error:
        read_case(json.dumps(whole), "c.json")
    assert error.value.path == "c.json"
    assert error.value.why.startswith(why)


def test_a_text_that_is_no_json_is_no_case() -> None:
    with pytest.raises(CaseError, match=r"c\.json: is no JSON: .*line 1 column 2"):
        read_case("{", "c.json")


def test_a_case_without_steps_says_so() -> None:
    with pytest.raises(CaseError, match="steps: is missing"):
        read_case('{"case": "c", "area": "a"}')


def test_each_step_knows_its_line() -> None:
    steps = [{**CALL, "json": {"a": 1}}, {"do": "settle", "seconds": 1}]
    text = json.dumps({"case": "c", "area": "a", "steps": steps}, indent=1)
    case = read_case(text, "c.json")
    lines = text.split("\n")
    assert [lines[line - 1].strip() for line in case.lines] == ['"do": "call",', '"do": "settle",']


def test_lines_are_not_guessed_where_something_else_says_do() -> None:
    assert _case({**CALL, "json": {"do": "x"}}).lines == ()
