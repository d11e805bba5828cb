"""Runners that break one rule each are told which, and what to change. Here a runner is a function in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.cipher import encrypt
from harness.interop.checklist import checklist
from harness.interop.ourselves import introduction, performer
from harness.interop.probing import Check, CloseInput, Ended, Hear, Heard, Late, Line, Start, Write
from harness.interop.protocol import respond

Answers = Callable[[bytes], list[bytes]]
"""What a runner prints when it has read a line. It raises EOFError to end."""

TOLD, PERFORM = introduction("phone"), performer("phone")


def ours(line: bytes) -> list[bytes]:
    answer, goes_on = respond(line, TOLD, PERFORM)
    return [answer.rstrip(b"\n")] if goes_on and answer else [] if goes_on else [answer.rstrip(b"\n"), b"bye"]


def run(runner: Callable[[], Answers], *, at_end_of_input: Heard | None = None) -> list[Check]:
    """The checks of a runner; `runner` starts it."""
    return list(_checks(runner, at_end_of_input or Ended("it ended with status 0", 0)))


def _checks(start: Callable[[], Answers], at_end_of_input: Heard) -> Iterator[Check]:
    script, heard, waiting = checklist(), None, list[Heard]()
    while True:
        try:
            step = script.send(heard)
        except StopIteration:
            return
        heard = None
        match step:
            case Check():
                yield step
            case Start():
                answers, waiting = start(), []
            case Write(data):
                waiting += _answered(answers, data)
            case CloseInput():
                waiting.append(at_end_of_input)
            case Hear():
                heard = waiting[0] if waiting else Late(10)
                del waiting[:1]


def _answered(answers: Answers, data: bytes) -> list[Heard]:
    heard: list[Heard] = []
    for line in data.splitlines():
        try:
            said = answers(line)
        except EOFError as error:
            return [*heard, Ended(f"it ended with status {error.args[0]}", error.args[0])]
        heard += [Line(answer) for answer in said if answer != b"bye"]
        if said[-1:] == [b"bye"]:
            return [*heard, Ended("it ended with status 0", 0)]
    return heard


def broken(checks: list[Check]) -> list[str]:
    return [check.rule for check in checks if check.verdict == "wrong"]


# -- runners that are right --------------------------------------------------------------------------------------------


def test_a_runner_that_is_right_breaks_no_rule() -> None:
    checks = run(lambda: ours)
    assert broken(checks) == []
    assert len(checks) == 19
    assert [check.rule for check in checks if check.verdict == "note"] == ["lives on after a lone surrogate in a text"]


def changed(change: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any] | None]) -> Callable[[], Answers]:
    """Our own runner, whose answers are changed: from the request and the answer comes another answer, or none."""

    def answers(line: bytes) -> list[bytes]:
        said = ours(line)
        try:
            request = json.loads(line)
        except ValueError:
            return said
        if not said:
            return said
        answer = change(request, json.loads(said[0]))
        return [*([] if answer is None else [json.dumps(answer).encode()]), *said[1:]]

    return lambda: answers


def hello(**fields: Any) -> Callable[[], Answers]:
    """A hello with other fields; None is a field that is not there."""

    def change(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if request["op"] != "hello":
            return answer
        return {name: value for name, value in {**answer, **fields}.items() if value is not None}

    return changed(change)


@pytest.mark.parametrize(
    ("can", "notes"),
    [
        (["decrypt"], {"encrypts what others can read": "it says that it cannot encrypt"}),
        (["encrypt"], {"decrypts a published ciphertext": "it says that it cannot decrypt"}),
    ],
)
def test_who_can_only_one_of_both_is_asked_nothing_else(can: list[str], notes: dict[str, str]) -> None:
    forbidden = {"encrypt", "decrypt"} - set(can)

    def change(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        assert request["op"] not in forbidden
        return {**answer, "can": can} if request["op"] == "hello" else answer

    checks = run(changed(change))
    assert broken(checks) == []
    found = {check.rule: check.found for check in checks if check.verdict == "note"}
    assert notes.items() <= found.items()
    assert "uses the IV that it is given" in found


def test_texts_may_come_in_hex() -> None:
    def change(_request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if "text" in answer:
            answer["text_hex"] = answer.pop("text").encode().hex()
        return answer

    assert broken(run(changed(change))) == []


def test_a_panic_that_the_runner_caught_is_a_note() -> None:
    def change(_request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        return {"id": answer["id"], "panic": "boundsError"} if "ciphertext" in str(answer.get("message")) else answer

    [check] = [check for check in run(changed(change)) if check.rule.startswith("refuses a ciphertext")]
    assert (check.verdict, "boundsError" in check.found) == ("note", True)


@pytest.mark.parametrize("can", [[], ["sing"]])
def test_of_who_can_neither_no_more_is_said_than_was_tried(can: list[str]) -> None:
    def change(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        assert request["op"] not in {"encrypt", "decrypt"}
        return {**answer, "can": can} if request["op"] == "hello" else answer

    checks = run(changed(change))
    assert broken(checks) == [INTRODUCTION]
    neither = [check.rule for check in checks if check.found == "it says that it can neither encrypt nor decrypt"]
    assert neither == [
        "answers 200 calls that come at once, in their order",
        "reads and writes quotes, control characters, NUL and emoji",
        "takes an empty key and an empty text",
        "takes a text of 1 MB",
        "ignores fields that it does not know",
    ]
    assert {check.verdict for check in checks if check.rule in neither} == {"note"}


def test_a_long_dialect_is_shown_in_part() -> None:
    [check] = [check for check in run(hello(dialect="x" * 1_000_000)) if check.verdict == "wrong"]
    assert len(check.found) < 200


@pytest.mark.parametrize("said", [lambda line: [line], lambda _line: [b'{"id":1,"error":"no such op"}']])
def test_an_echo_or_an_error_is_no_hello(said: Answers) -> None:
    [check] = run(lambda: said)
    assert (check.verdict, check.rule) == ("wrong", "starts, and answers `hello`")
    assert '"can":["encrypt","decrypt"]' in check.remedy


# -- runners that break a rule -----------------------------------------------------------------------------------------


def on(operation: str, **fields: Any) -> Callable[[], Answers]:
    """Answers to `operation` bear these fields instead of their own."""
    return changed(lambda request, answer: {"id": answer["id"], **fields} if request["op"] == operation else answer)


def silent(operation: str) -> Callable[[], Answers]:
    return changed(lambda request, answer: None if request["op"] == operation else answer)


def noisy(line: bytes) -> list[bytes]:
    return [b"DEBUG: a line", *ours(line)]


def in_bulk() -> Answers:
    """Two encryptions are answered together, the second one first."""
    held: list[bytes] = []

    def answers(line: bytes) -> list[bytes]:
        if b'"text":"' not in line or b' "' not in line:  # none of those that come at once
            return ours(line)
        held.extend(ours(line))
        out = held[::-1] if len(held) == 2 else []
        del held[: len(out)]
        return out

    return answers


def dies(when: Callable[[dict[str, Any]], bool], status: int = 1) -> Callable[[], Answers]:
    def answers(line: bytes) -> list[bytes]:
        try:
            request = json.loads(line)
        except ValueError:
            request = {}
        if when(request):
            raise EOFError(status)
        return ours(line)

    return lambda: answers


def remembers() -> Answers:
    """Answers each decryption with the text of the first one."""
    first: list[str] = []

    def change(_request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if "text" in answer:
            first.append(answer["text"])
            answer["text"] = first[0]
        return answer

    return changed(change)()


def trims(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """A runner in C: strings end at a NUL."""
    if "\0" in request.get("text", ""):
        answer["ciphertext"] = encrypt(request["key"], request["text"].partition("\0")[0])
    return answer


def loses_much(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if len(request.get("text", "")) > 65536:
        answer["ciphertext"] = encrypt(request["key"], request["text"][:65536])
    return answer


def refuses_nothing(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if request.get("key") == "":
        return {"id": answer["id"], "error": "EmptyKey"}
    return answer


def own_iv(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    if request["op"] == "encrypt":
        answer["ciphertext"] = encrypt(request["key"], request["text"])
    return answer


def strict(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {"id": answer["id"], "error": "UnknownField"} if "x_new" in request else answer


def distracted(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {"id": answer["id"], "text": request["x_new"]} if "x_new" in request else answer


def id_as_text(_request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "id": str(answer["id"])}


INTRODUCTION = "says its name, its version, and what it can"
BROKEN: list[tuple[str, Callable[[], Answers], str, str]] = [
    ("never answers", lambda: lambda _line: [], "starts, and answers `hello`", "flush standard output"),
    ("prints a banner only", lambda: lambda _line: [b"Welcome!"], "starts, and answers `hello`", "print nothing else"),
    ("ends at once", dies(lambda _request: True), "starts, and answers `hello`", "read lines from standard input"),
    ("has no name", hello(name=None), INTRODUCTION, '"name"'),
    ("has an empty version", hello(version=" "), INTRODUCTION, '"version"'),
    ("can nothing", hello(can=["sing"]), INTRODUCTION, "`can`"),
    ("is of protocol 2", hello(protocol=2), INTRODUCTION, '"protocol":1'),
    ("claims a dialect that there is not", hello(dialect="php"), "names a client", "phone, jvm, node, go"),
    ("decrypts to something else", on("decrypt", text="?"), "decrypts a published ciphertext", "SHA-256"),
    ("encrypts to base64 alone", on("encrypt", ciphertext="AAAA"), "encrypts what others can read", "ciphertext"),
    ("draws its own IV", changed(own_iv), "uses the IV that it is given", "leave `iv` out of `can`"),
    ("answers in another order", in_bulk, "answers 200 calls that come at once, in their order", "answer one line"),
    ("keeps something", remembers, "answers 200 calls that come at once, in their order", "keep nothing"),
    ("stops at a NUL", changed(trims), "reads and writes quotes, control characters, NUL and emoji", "`text_hex`"),
    ("refuses an empty key", changed(refuses_nothing), "takes an empty key and an empty text", "an empty string"),
    ("has a buffer of 64 KiB", changed(loses_much), "takes a text of 1 MB", "lines whole"),
    (
        "dies of a short ciphertext",
        dies(lambda request: request.get("ciphertext") == "AAAA"),
        "refuses a ciphertext that is shorter than an IV, and lives on",
        '"panic" for a crash',
    ),
    (
        "dies of a lone surrogate",
        dies(lambda request: request.get("text") == "\ud83d"),
        "lives on after a lone surrogate in a text",
        '"skip" and why',
    ),
    ("refuses unknown fields", changed(strict), "ignores fields that it does not know", "by their names"),
    ("takes a new field for the text", changed(distracted), "ignores fields that it does not know", "by their names"),
    ("says nothing to an unknown op", silent("sing"), "answers an operation that it does not know", "UnknownOperation"),
    ("dies of garbage", dies(lambda request: not request), "survives a line that is no JSON", "JSON parser"),
    ("says nothing to bye", silent("bye"), "ends with status 0 after `bye`", "exit with 0"),
    ("fails at the end", dies(lambda request: request.get("op") == "bye", 3), "ends with status 0", "exit with 0"),
    ("prints noise", lambda: noisy, "prints nothing but answers on standard output", "talk on standard error"),
    ("has ids as texts", changed(id_as_text), "prints nothing but answers on standard output", "a number"),
]


@pytest.mark.parametrize(("runner", "rule", "remedy"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_rule_is_named_with_what_to_change(runner: Callable[[], Answers], rule: str, remedy: str) -> None:
    checks = run(runner)
    found = [check for check in checks if check.verdict == "wrong"]
    assert found, checks
    assert found[0].rule.startswith(rule), checks
    assert remedy in found[0].remedy
    assert found[0].found


def test_without_an_answer_to_hello_nothing_else_is_tried() -> None:
    assert len(run(lambda: lambda _line: [])) == 1


def test_a_runner_that_died_is_started_anew_for_the_other_rules() -> None:
    checks = run(dies(lambda request: request.get("ciphertext") == "AAAA"))
    assert broken(checks) == ["refuses a ciphertext that is shorter than an IV, and lives on"]


def test_one_that_goes_on_when_its_input_ends_is_told() -> None:
    [check] = [check for check in run(lambda: ours, at_end_of_input=Late(5)) if check.verdict == "wrong"]
    assert (check.rule, check.found) == ("ends when its standard input ends", "it goes on")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("?", "it becomes ?, as on the phone"),
        ("\ufffd", "it becomes U+FFFD, as in Node and Go"),
        ("x", "it becomes the bytes 78, as in no known client"),
    ],
)
def test_what_becomes_of_a_lone_surrogate_is_told(text: str, told: str) -> None:
    def change(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "ciphertext": encrypt(request["key"], text)} if request.get("text") == "\ud83d" else answer

    [check] = [check for check in run(changed(change)) if check.rule.startswith("lives on")]
    assert (check.verdict, check.found) == ("note", told)
