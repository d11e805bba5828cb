"""What a file says becomes a plan, and whatever is wrong with it becomes an error that says where and what to do."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cast import ContactSpec, PhoneSpec
from harness.deeds import Deed
from harness.errors import ScenarioError, ScenarioErrors
from harness.instants import SECOND
from harness.scenario import (
    Advance,
    CallPhone,
    Expect,
    LosePushes,
    LoseUpdates,
    MessageLook,
    Never,
    PhoneAct,
    Send,
    SmsLook,
    Text,
    WebhookLook,
)
from harness.scenario.language import EVENTS, FAULTS, FIRST_NUMBER, INVARIANTS, STATUSES
from harness.scenario.plan import FOR_DEFAULT, WITHIN_DEFAULT
from tests.scenario.files import HEAD, error_of, read, steps

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.scenario.yaml"))
BAD_FILES = Path(__file__).with_name("bad_files.txt")

# -- plans ---------------------------------------------------------------------------------------------------------

SEND = "send: {from: alice, to: bob, text: hi}\n    as: m"
BOB = SmsLook("bob", None)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("send: {from: alice, to: bob, text: hi}", Send("alice", "bob", "hi")),
        ("send: {from: alice, to: carol, text: 1234}", Send("alice", "carol", "1234")),
        ("send: {from: alice, to: bob, text: hi, encrypted: true}", Send("alice", "bob", "hi", "Pw1")),
        ("send: {from: alice, to: bob, text: hi, encrypted: false}", Send("alice", "bob", "hi")),
        ("send: {from: carol, to: bob, text: hi, encrypted: true, key: 12}", Send("carol", "bob", "hi", "12")),
        ("send: {from: alice, to: bob, text: hi, encrypted: true, key: K2}", Send("alice", "bob", "hi", "K2")),
        ("send: {from: alice, to: bob, ciphertext: aGk=}", Send("alice", "bob", "aGk=", None, ciphertext=True)),
        ('send: {from: alice, to: bob, text: ""}', Send("alice", "bob", "")),
        ("text: {from: bob, to: alice, text: yes}", Text("bob", "alice", "yes")),
        ("phone: {name: alice, radio: off}", PhoneAct("alice", Deed("radio", (False,)))),
        ("phone: {name: alice, do: lose network}", PhoneAct("alice", Deed("lose network"))),
        ("phone: {name: alice, do: switch sim2 calls on}", PhoneAct("alice", Deed("switch", (2, "calls", True)))),
        ("phone: {name: alice, encryption_key: Pw2}", PhoneAct("alice", Deed("encryption key", ("Pw2",)))),
        ("call: {from: bob, to: alice}", CallPhone("bob", "alice", "missed")),
        ("call: {from: bob, to: alice, outcome: answered}", CallPhone("bob", "alice", "answered")),
        ("call: {from: bob, to: carol, sim: 2}", CallPhone("bob", "carol", "missed", 2)),
        ("send: {from: carol, sim: 2, to: bob, text: hi}", Send("carol", "bob", "hi", sim=2)),
        ("text: {from: bob, to: carol, sim: 2, text: hi}", Text("bob", "carol", "hi", 2)),
        ("carrier: {phone: alice, service: none}", PhoneAct("alice", Deed("service", ("none",)))),
        ("fault: {name: lost-push, phone: alice}", LosePushes("alice", 1)),
        ("fault: {name: lost-update}", LoseUpdates()),
        ("fault: {name: lost-push, phone: alice, times: 3}", LosePushes("alice", 3)),
        ("advance: 10m", Advance(600 * SECOND)),
        ("expect: {sms: {to: bob}}", Expect(BOB, WITHIN_DEFAULT)),
        ("expect: {sms: {to: bob}, within: 2s}", Expect(BOB, 2 * SECOND)),
        ("expect: {sms: {to: bob}}\n    within: 2s", Expect(BOB, 2 * SECOND)),
        (
            "expect: {sms: {to: bob, from: alice, text: ~, segments: 3, not_text: no}}",
            Expect(SmsLook("bob", "~", "alice", 3, "no")),
        ),
        ("expect: {sms: {to: alice, from: bob}}", Expect(SmsLook("alice", None, "bob"))),
        ("expect: {message: m, status: sent}", Expect(MessageLook("m", "sent"))),
        ("expect: {message: m, status: failed, reason: NO_SERVICE}", Expect(MessageLook("m", "failed", "NO_SERVICE"))),
        ("expect: {webhook: message.phone.sent}", Expect(WebhookLook("message.phone.sent"))),
        (
            "expect: {webhook: message.phone.sent, message: m, text: hi, within: 1m}",
            Expect(WebhookLook("message.phone.sent", "m", "hi"), 60 * SECOND),
        ),
        ("never: {sms: {to: bob}}", Never(BOB, FOR_DEFAULT)),
        ("never: {message: m, status: failed, for: 1h}", Never(MessageLook("m", "failed"), 3600 * SECOND)),
        ("never: {webhook: message.send.failed}\n    for: 1ms", Never(WebhookLook("message.send.failed"), 10**6)),
    ],
)
def test_a_step_becomes_a_value_of_the_plan(line: str, what: object) -> None:
    (_, step) = steps(SEND, line)
    assert step.what == what
    assert step.alias is None
    assert step.place.line == 7
    assert step.place.excerpt == "  - " + re.sub(
        "key: ([^}]+)", lambda key: "key: " + "*" * len(key[1]), line.splitlines()[0]
    )


def test_a_step_may_be_written_in_block_style() -> None:
    (step,) = steps("send:\n      from: alice\n      to: bob\n      text: >\n        two\n        lines\n    as: m")
    assert (step.what, step.alias) == (Send("alice", "bob", "two lines\n"), "m")


def test_a_story_has_everything_that_it_names() -> None:
    (story,) = read(
        """\
# A comment
scenario: A story, with a comma
about: [anything, {goes: here}]
tags: [smoke, 2]
breaks: one-sms-per-send
phones:
  alice:
    number: "+1 (800) 555-0199"
    encryption_key: Password 123
    messages_per_minute: 60
    message_expiration: 10m
    max_send_attempts: 5
    second_number: "+18005550188"
    app: 5dab6f8-published
    oem: samsung-sleep
    operator: "28601"
    android: 14
  carol:
contacts: {bob: {number: "+4915112345678"}, dave: , erin: {}}
steps:
  - advance: 1s
"""
    )
    assert (story.name, story.tags, story.breaks) == ("A story, with a comma", ("smoke", "2"), ("one-sms-per-send",))
    assert story.phones == (
        PhoneSpec(
            "alice",
            "+18005550199",
            "Password 123",
            60,
            600,
            5,
            "+18005550188",
            "5dab6f8-published",
            "samsung-sleep",
            "28601",
            14,
        ),
        PhoneSpec("carol", "+18005550100"),
    )
    assert story.contacts == (
        ContactSpec("bob", "+4915112345678"),
        ContactSpec("dave", "+18005550101"),
        ContactSpec("erin", "+18005550102"),
    )
    assert (story.place.line, story.place.column) == (2, 1)


def test_numbers_by_rule_pass_over_those_that_are_taken() -> None:
    (story,) = read(
        """\
scenario: s
phones: {alice: , carol: {number: "+18005550101"}, erin: }
contacts: {bob: {number: "+18005550100"}, dave: }
steps: [{advance: 1s}]
"""
    )
    numbers = [spec.number for spec in story.phones] + [spec.number for spec in story.contacts]
    assert [int(number) - FIRST_NUMBER for number in numbers] == [2, 1, 3, 0, 4]


def test_a_file_has_a_story_a_document() -> None:
    story = "scenario: {}\nsteps: [{{advance: 1s}}]\n"
    content = "\ufeff---\n" + story.format("a") + "---\n---\n# nothing\n---\n" + story.format("b") + "...\n---\n"
    assert [story.name for story in read(content.replace("\n", "\r\n"))] == ["a", "b"]


def test_each_story_has_names_of_its_own() -> None:
    story = (
        "scenario: s\nphones: [alice]\ncontacts: [bob]\nsteps:\n  - send: {from: alice, to: bob, text: hi}\n    as: m\n"
    )
    one, two = read(f"{story}---\n{story}")
    assert one.steps[0].what == two.steps[0].what
    error = error_of(f"{story}---\nscenario: t\nsteps:\n  - expect: {{message: m, status: sent}}\n")
    assert error is not None
    assert error.problem == "no earlier step is named m"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_can_be_read(path: Path) -> None:
    assert read(path.read_bytes())


@pytest.mark.parametrize("words", [EVENTS, STATUSES, FAULTS, INVARIANTS])
def test_no_word_is_there_twice(words: tuple[str, ...]) -> None:
    assert len(words) == len(set(words))


def test_a_pass_phrase_is_in_no_excerpt_of_a_plan() -> None:
    (story,) = read(
        "scenario: s\nphones: {alice: {encryption_key: Hidden1}}\ncontacts: [bob]\nsteps:\n"
        "  - send: {from: alice, to: bob, text: hi, encrypted: true, key: Hidden2}\n"
    )
    assert isinstance(story.steps[0].what, Send)
    assert story.steps[0].what.key == "Hidden2"
    assert "Hidden" not in repr(story)


# -- errors --------------------------------------------------------------------------------------------------------

# Name, file, error: as they stand in bad_files.txt. GOLDEN=write writes the errors anew, to be read as a diff.
_CASE = re.compile(r"^#### (.+)\n((?:(?!####).*\n)*)####\n((?:(?!####).*\n)*)", re.MULTILINE)
CASES = [(match[1], match[2], match[3]) for match in _CASE.finditer(BAD_FILES.read_text(encoding="utf-8"))]


def _shown(content: str) -> str:
    error = error_of(content.replace("@head\n", HEAD))
    return "" if error is None else f"{error}\n"


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_is_shown_at_its_place_with_what_to_do(content: str, expected: str) -> None:
    assert _shown(content) == expected


def test_the_list_of_mistakes_is_whole() -> None:
    text = BAD_FILES.read_text(encoding="utf-8")
    if os.environ.get("GOLDEN") == "write":
        head, newline, _ = text.partition("\n#### ")
        cases = [f"#### {name}\n{content}####\n{_shown(content)}" for name, content, _ in CASES]
        BAD_FILES.write_text(head + newline[:1] + "".join(cases), encoding="utf-8")
    assert len(CASES) == text.count("#### ") == len({name for name, _, _ in CASES})
    assert text.startswith(f"@head stands for these four lines:\n{HEAD}")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"scenario: caf\xe9\n", "s.yaml:1:14: byte 0xe9 is not UTF-8\n  scenario: caf\ufffd\n               ^\n"),
        (b"a: b\r\nc: \x07d\r\n", "s.yaml:2:4: the character U+0007 has no place in YAML\n  c: \ufffdd\n     ^\n"),
        (b"key: Password\xe9\n", "s.yaml:1:14: byte 0xe9 is not UTF-8\n  key: *********\n               ^\n"),
        (b"a: \xe6\x9e\x97\xe9\n", "s.yaml:1:5: byte 0xe9 is not UTF-8\n  a: 林\ufffd\n       ^\n"),
        (
            HEAD.encode().replace(b"\n", b"\r\n") + b"  - sned: {}\r\n",
            "s.yaml:5:5: unknown verb sned\n    - sned: {}\n",
        ),
        (b"\xef\xbb\xbfscenaro: s\nsteps: [{advance: 1s}]\n", "s.yaml:1:1: unknown key scenaro\n  scenaro: s\n  ^\n"),
    ],
    ids=["latin-1", "control", "secret", "wide", "crlf", "bom"],
)
def test_a_mistake_in_the_bytes_is_shown_at_its_place_too(content: bytes, shown: str) -> None:
    assert str(error_of(content)).startswith(shown)


def test_the_caret_of_a_long_line_stands_below_its_place() -> None:
    text = "x" * 500
    error = error_of(HEAD + f"  - send: {{from: alice, to: bob, text: {text}, txt: {text}}}\n")
    assert isinstance(error, ScenarioError)
    assert error.column == 542
    _, excerpt, caret, remedy = str(error).splitlines()
    assert len(excerpt) <= 122
    assert excerpt[caret.index("^") :].startswith("txt: xxx")
    assert remedy == "  did you mean text?"


def test_all_mistakes_of_a_file_are_told_at_once_up_to_a_limit() -> None:
    error = error_of("scenario: s\nsteps:\n" + "  - advance: x\n" * 300)
    assert isinstance(error, ScenarioErrors)
    assert [one.line for one in error.errors] == list(range(3, 103))
    assert str(error).count("is no duration") == 10
    assert str(error).endswith("and 90 more in s.yaml")


# -- anything at all -----------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("scenario", "steps", "phones", "contacts", "tags", "breaks", "send", "text", "expect", "never", "message"),
        *("sms", "webhook", "within", "for", "as", "from", "to", "key", "encryption_key", "encrypted", "number"),
        *("alice", "bob", "m", "true", "1s", '"+18005550199"', "advance", "one-sms-per-send", "status", "sent"),
        *(":", ": ", " ", "  ", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ",", '"', "'", "|", ">", "#", "?"),
        *("&a ", "*a", "!!str ", "!x", "<<", "---\n", "...\n", "%YAML 1.1\n", "\t", "\r\n", "\ufeff", "é", "😀", "\0"),
    ]
)


def only_scenario_errors(content: bytes) -> None:
    error = error_of(content)
    if error is not None:
        assert error.line >= 1
        assert error.column >= 1
        str(error).encode()


@given(st.binary())
def test_any_bytes_are_a_story_or_a_scenario_error(content: bytes) -> None:
    only_scenario_errors(content)


@given(st.text())
def test_any_text_is_a_story_or_a_scenario_error(content: str) -> None:
    only_scenario_errors(content.encode())


@given(st.lists(PIECES, max_size=60).map("".join))
def test_anything_made_of_the_words_is_a_story_or_a_scenario_error(content: str) -> None:
    only_scenario_errors(content.encode())
    only_scenario_errors((HEAD + "  - " + content).encode())


@given(st.sampled_from(SHIPPED), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9), PIECES), max_size=4))
def test_a_shipped_file_with_mistakes_is_a_story_or_a_scenario_error(
    path: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = path.read_text(encoding="utf-8")
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    only_scenario_errors(text.encode())
