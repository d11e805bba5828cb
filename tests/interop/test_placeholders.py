"""Command lines with places: what is a template, what it makes of a call, and what the end of a process means."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cipher import decrypt
from harness.errors import UsageError
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused, Skipped
from harness.interop.placeholders import PROBE, Finished, Template, adds_newline, arguments, outcome, parse_templates

ENCRYPTS = "prog encrypt {key} {text}"
DECRYPTS = "prog decrypt --key={key} -- {ciphertext}"
BOTH = parse_templates([ENCRYPTS, DECRYPTS])


# -- templates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        (ENCRYPTS, "encrypt", ("prog", "encrypt", "{key}", "{text}")),
        (DECRYPTS, "decrypt", ("prog", "decrypt", "--key={key}", "--", "{ciphertext}")),
        ("'my prog' \"{key} {text}\" '{}' '{\"a\":1}'", "encrypt", ("my prog", "{key} {text}", "{}", '{"a":1}')),
    ],
)
def test_a_template_is_read_as_a_person_types_it(text: str, operation: str, words: tuple[str, ...]) -> None:
    [template] = parse_templates([text]).values()
    assert (template.operation, template.words) == (operation, words)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["prog 'encrypt {key} {text}"], "is no command line: no closing quotation"),
        (["prog {key}"], "has neither {text} nor {ciphertext}"),
        ([""], "has neither {text} nor {ciphertext}"),
        (["prog {key} {text} {ciphertext}"], "has both {text} and {ciphertext}"),
        (["prog {text}"], "has no {key}"),
        (["prog {key} {cyphertext}"], "has an unknown place {cyphertext}; did you mean ciphertext?"),
        (["prog {KEY} {text}"], "has an unknown place {KEY}; did you mean key?"),
        (["${HOME}/prog {key} {text}"], "has an unknown place {HOME}"),
        ([ENCRYPTS, "other {key} {text}"], "two commands encrypt: 'other {key} {text}' is the second"),
    ],
)
def test_a_template_that_cannot_be_used_is_a_usage_error_that_says_why(texts: list[str], says: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_templates(texts)
    assert says in raised.value.problem
    assert raised.value.remedy


# -- arguments ---------------------------------------------------------------------------------------------------------

ROOM = 128 * 1024 - 1
CALLS: list[tuple[Call, list[bytes] | str]] = [
    (Encrypt("k", "t"), [b"prog", b"encrypt", b"k", b"t"]),
    (Encrypt("", "a b\n'\"$HOME*"), [b"prog", b"encrypt", b"", b"a b\n'\"$HOME*"]),
    (Encrypt("{text}", "{key}"), [b"prog", b"encrypt", b"{text}", b"{key}"]),
    (Encrypt("\\1", "é😀"), [b"prog", b"encrypt", b"\\1", "é😀".encode()]),
    (Decrypt("k", "c"), [b"prog", b"decrypt", b"--key=k", b"--", b"c"]),
    (Encrypt("k", "a\0b"), "the text holds a NUL, which no argument of a command can"),
    (Decrypt("\0", "c"), "the key holds a NUL, which no argument of a command can"),
    (Decrypt("k", "\0"), "the ciphertext holds a NUL, which no argument of a command can"),
    (Encrypt("\ud800", "t"), "the key holds a lone surrogate, which no argument of a command can"),
    (Encrypt("k", "\udcff"), "the text holds a lone surrogate, which no argument of a command can"),
    (Encrypt("k", "x" * ROOM), [b"prog", b"encrypt", b"k", b"x" * ROOM]),
    (Encrypt("k", "x" * (ROOM + 1)), "an argument would be longer than 131071 bytes"),
    (Decrypt("x" * ROOM, "c"), "an argument would be longer than 131071 bytes"),
]


@pytest.mark.parametrize(("call", "words"), CALLS, ids=[str(number) for number in range(len(CALLS))])
def test_a_call_is_a_command_line_or_skipped_with_the_reason(call: Call, words: list[bytes] | str) -> None:
    assert arguments(BOTH, call) == (Skipped(words) if isinstance(words, str) else words)


@pytest.mark.parametrize(
    ("only", "call", "why"),
    [
        (ENCRYPTS, Decrypt("k", "c"), "there is no command to decrypt"),
        (DECRYPTS, Encrypt("k", "t"), "there is no command to encrypt"),
    ],
)
def test_a_call_without_a_command_is_skipped(only: str, call: Call, why: str) -> None:
    assert arguments(parse_templates([only]), call) == Skipped(why)


def test_what_is_no_text_in_a_template_goes_on_as_it_was_typed() -> None:
    typed = os.fsdecode(b"p\xff{key} \xc3\xa9 {text}")
    assert arguments(parse_templates([typed]), Encrypt("k", "é")) == [b"p\xffk", b"\xc3\xa9", "é".encode()]


@given(st.text(), st.text())
def test_nothing_in_a_value_is_read_as_a_part_of_the_template(key: str, text: str) -> None:
    words = arguments({"encrypt": Template("encrypt", ("p", "{text}{key}{text}"))}, Encrypt(key, text))
    assert isinstance(words, Skipped) or words == [b"p", (text + key + text).encode()]


# -- ends --------------------------------------------------------------------------------------------------------------

ENDS: list[tuple[Finished, bool, str | Outcome]] = [
    (Finished(0, "", b"abc\n", ""), True, "abc"),
    (Finished(0, "", b"abc\n", ""), False, "abc\n"),
    (Finished(0, "", b"abc\n\n", ""), True, "abc\n"),
    (Finished(0, "", b"abc", "warning: old"), True, "abc"),
    (Finished(0, "", b"", ""), True, ""),
    (Finished(0, "", "é".encode() + b"\xff\n", ""), True, "é\udcff"),
    (Finished(0, "", b"abc", "panic: at the disco"), True, "abc"),
    (Finished(1, "", b"abc\n", "ValueError: no"), True, Refused("exit 1", "ValueError: no")),
    (Finished(2, "", b"", "panic: runtime error: x"), True, Crashed("exit 2", "panic: runtime error: x")),
    (Finished(-11, "SIGSEGV", b"abc", "boom"), True, Crashed("SIGSEGV", "boom")),
]


@pytest.mark.parametrize(("finished", "newline", "means"), ENDS)
def test_the_end_of_a_process_is_an_outcome(finished: Finished, newline: bool, means: str | Outcome) -> None:
    said: tuple[Outcome, Outcome] = (
        (means, means) if not isinstance(means, str) else (Encrypted(means), Decrypted(means))
    )
    calls: tuple[Call, Call] = (Encrypt("k", "t"), Decrypt("k", "c"))
    assert tuple(outcome(call, finished, newline) for call in calls) == said


@pytest.mark.parametrize(
    ("probed", "adds"),
    [
        (Finished(0, "", b"text\n", ""), True),
        (Finished(0, "", b"text", ""), False),
        (Finished(0, "", b"", ""), True),
        (Finished(1, "", b"text", "no"), True),
        (Finished(-9, "SIGKILL", b"text", ""), True),
    ],
)
def test_a_program_without_a_line_break_of_its_own_is_recognised(probed: Finished, adds: bool) -> None:
    assert adds_newline(probed) is adds


def test_the_probe_is_an_envelope_of_a_text_without_a_line_break() -> None:
    assert decrypt(PROBE.key, PROBE.ciphertext) == "text"
