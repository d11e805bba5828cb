"""Requests and answers as lines: both ends understand each other, and nothing that is printed makes a reader raise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import (
    Crashed,
    Decrypted,
    Encrypted,
    Garbled,
    NotRun,
    Outcome,
    Refused,
    Silent,
    Skipped,
)
from harness.interop.protocol import (
    BYE,
    HELLO,
    Answer,
    BadRequest,
    LineSplitter,
    Noise,
    Request,
    answer,
    hello,
    outcome,
    parse_answer,
    parse_request,
    request,
    respond,
)
from harness.interop.results import Hello

TOLD = Hello(1, "r", "1", frozenset({"encrypt", "decrypt", "iv"}))
WITHOUT_IV = Hello(1, "r", "1", frozenset({"encrypt", "decrypt"}))
IV = bytes(range(16))

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
CALLS = st.one_of(
    st.builds(Encrypt, ANY_TEXT, ANY_TEXT, st.none() | st.binary(min_size=16, max_size=16)),
    st.builds(Decrypt, ANY_TEXT, ANY_TEXT),
)


def fields_of(line: bytes) -> dict[str, Any]:
    assert line.isascii()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    fields: dict[str, Any] = json.loads(line)
    return fields


# -- requests ----------------------------------------------------------------------------------------------------------

REQUESTS: list[tuple[str, Any, Hello | None, dict[str, Any]]] = [
    ("hello", HELLO, None, {"op": "hello", "protocol": 1}),
    ("bye", BYE, TOLD, {"op": "bye"}),
    (
        "decrypt",
        Decrypt("k", "\ud800é"),
        TOLD,
        {"op": "decrypt", "key": "k", "key_hex": "6b", "ciphertext": "\ud800é", "ciphertext_hex": "eda080c3a9"},
    ),
    (
        "encrypt",
        Encrypt("", '"\n\\😀'),
        TOLD,
        {"op": "encrypt", "key": "", "key_hex": "", "text": '"\n\\😀', "text_hex": "220a5cf09f9880"},
    ),
    (
        "encrypt under an IV",
        Encrypt("k", "t", IV),
        TOLD,
        {"op": "encrypt", "key": "k", "key_hex": "6b", "text": "t", "text_hex": "74", "iv_hex": IV.hex()},
    ),
    (
        "an IV for who takes none",
        Encrypt("k", "t", IV),
        WITHOUT_IV,
        {"op": "encrypt", "key": "k", "key_hex": "6b", "text": "t", "text_hex": "74"},
    ),
]


@pytest.mark.parametrize(
    ("asked", "told", "fields"), [case[1:] for case in REQUESTS], ids=[case[0] for case in REQUESTS]
)
def test_a_request_is_one_ascii_line_with_these_fields(asked: Any, told: Hello | None, fields: dict[str, Any]) -> None:
    assert fields_of(request(7, asked, told)) == {"id": 7, **fields}


@given(st.integers(min_value=1), CALLS)
def test_a_runner_reads_every_call_as_it_was_meant(number: int, call: Call) -> None:
    assert parse_request(request(number, call, TOLD)) == Request(number, call)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (b'{"id":1,"op":"hello","protocol":1}', Request(1, HELLO)),
        (b'{"id":1,"op":"bye","more":[{}]}\r', Request(1, BYE)),
        (b'{"id":2,"op":"decrypt","key":"k","ciphertext":"c"}', Request(2, Decrypt("k", "c"))),
        (b'{"id":2,"op":"decrypt","key":"?","key_hex":"eda080","ciphertext":"c"}', Request(2, Decrypt("\ud800", "c"))),
        (b'{"id":3,"op":"encrypt","key":"k","text":"t","iv_hex":"00"}', Request(3, Encrypt("k", "t", b"\0"))),
        (b'{"id":3,"op":"sign"}', BadRequest(3, "unknown op 'sign'")),
        (b'{"id":3}', BadRequest(3, "unknown op 'None'")),
        (b'{"id":3,"op":"decrypt","key":"k"}', BadRequest(3, "no ciphertext")),
        (b'{"op":"bye"}', BadRequest(None, "it has no id")),
        (b"", BadRequest(None, "it is blank")),
    ],
)
def test_a_runner_reads_what_is_asked_or_says_what_is_wrong(line: bytes, read: object) -> None:
    assert parse_request(line) == read


@pytest.mark.parametrize("wrong", [b'"key_hex":"x"', b'"key_hex":5', b'"key_hex":"ff"', b'"key":5', b'"key":null'])
def test_a_field_of_another_kind_is_a_bad_request(wrong: bytes) -> None:
    read = parse_request(b'{"id":3,"op":"decrypt","ciphertext":"c",%s}' % wrong)
    assert isinstance(read, BadRequest)
    assert read.number == 3
    assert read.why


# -- answers -----------------------------------------------------------------------------------------------------------

ENCRYPT, DECRYPT = Encrypt("k", "t"), Decrypt("k", "c")
ANSWERS: list[tuple[Call, dict[str, Any], Outcome]] = [
    (ENCRYPT, {"ciphertext": "AA=="}, Encrypted("AA==")),
    (ENCRYPT, {"ciphertext": "AA==", "took": 5}, Encrypted("AA==")),
    (ENCRYPT, {"ciphertext": "AA==", "error": None}, Encrypted("AA==")),
    (DECRYPT, {"text": ""}, Decrypted("")),
    (DECRYPT, {"text": "\ud800"}, Decrypted("\ud800")),
    (DECRYPT, {"text_hex": "61ff"}, Decrypted("a\udcff")),
    (DECRYPT, {"text_hex": ""}, Decrypted("")),
    (DECRYPT, {"text": "a\ufffd", "text_hex": "61ff"}, Decrypted("a\udcff")),
    (DECRYPT, {"error": "TypeError", "message": "m"}, Refused("TypeError", "m")),
    (DECRYPT, {"error": "TypeError"}, Refused("TypeError")),
    (DECRYPT, {"error": "TypeError", "message": 5}, Refused("TypeError")),
    (DECRYPT, {"panic": "runtime.boundsError", "message": "m"}, Crashed("runtime.boundsError", "m")),
    (ENCRYPT, {"skip": "no such key"}, Skipped("no such key")),
    (ENCRYPT, {"skip": "s" * 501}, Skipped("s" * 500 + "…")),
    (DECRYPT, {"error": "e" * 200, "message": "m" * 500}, Refused("e" * 200, "m" * 500)),
    (DECRYPT, {"error": "e" * 201, "message": "m" * 501}, Refused("e" * 200 + "…", "m" * 500 + "…")),
    (DECRYPT, {"panic": "e" * 201, "message": "m" * 501}, Crashed("e" * 200 + "…", "m" * 500 + "…")),
    (ENCRYPT, {}, Garbled("no ciphertext, error, panic or skip")),
    (ENCRYPT, {"text": "t"}, Garbled("no ciphertext, error, panic or skip")),
    (DECRYPT, {"ciphertext": "t"}, Garbled("no text, text_hex, error, panic or skip")),
    (DECRYPT, {"text": None}, Garbled("no text, text_hex, error, panic or skip")),
    (DECRYPT, {"text": "t", "error": "E"}, Garbled("both text and error")),
    (DECRYPT, {"text": 5}, Garbled("text is a number")),
    (DECRYPT, {"text": True}, Garbled("text is true or false")),
    (DECRYPT, {"text": [116]}, Garbled("text is a list")),
    (ENCRYPT, {"ciphertext": {"data": ""}}, Garbled("ciphertext is an object")),
    (DECRYPT, {"error": 17}, Garbled("error is a number")),
    (DECRYPT, {"text_hex": "6"}, Garbled("text_hex is no hex: '6'")),
    (DECRYPT, {"text_hex": "z" * 99}, Garbled(f"text_hex is no hex: '{'z' * 80}…'")),
]


@pytest.mark.parametrize(
    ("call", "fields", "meant"), ANSWERS, ids=[f"{call} {said}"[:100] for call, said, _ in ANSWERS]
)
def test_an_answer_is_an_outcome(call: Call, fields: dict[str, Any], meant: Outcome) -> None:
    read = parse_answer(json.dumps({"id": 3, **fields}).encode())
    assert isinstance(read, Answer)
    assert (read.number, outcome(read.fields, call)) == (3, meant)


LINES: list[tuple[bytes, tuple[int, str] | str]] = [
    (b'{"id":3}', (3, "")),
    (b' { "text" : "t" , "id" : 3 } \r', (3, "")),
    ('{"id":3,"text":"é"}'.encode(), (3, "")),
    (b'{"id":"3"}', (3, "a string as the id")),
    (b'{"id":3.0}', (3, "a fraction as the id")),
    (b'\xef\xbb\xbf{"id":3}', (3, "a byte order mark")),
    (b'{"id":3.5}', "its id is no number"),
    (b'{"id":true}', "its id is no number"),
    (b'{"id":null}', "its id is no number"),
    (b'{"id":NaN}', "its id is no number"),
    (b'{"id":Infinity}', "its id is no number"),
    (b'{"id":"\xc2\xb3"}', "its id is no number"),
    (b'{"id":"%s"}' % (b"9" * 5000), "its id is no number"),
    (b'{"text":"t"}', "it has no id"),
    (b"[]", "it is no JSON object"),
    (b"3", "it is no JSON object"),
    (b"", "it is blank"),
    (b" \r", "it is blank"),
    (b"\xef\xbb\xbf", "it is blank"),
    (b"Listening on port 80", "it is no JSON"),
    (b'{"id":3,"text":"t"', "it is no JSON"),
    (b'{"id":3}{"id":4}', "it is no JSON"),
    (b"[" * 100_000, "it is no JSON"),
    (b'{"id":%s}' % (b"9" * 5000), "it is no JSON"),
    (b'{"id":3,"text":"\xff"}', "it is no UTF-8"),
    ('{"id":3}'.encode("utf-16"), "it is no UTF-8"),
]


@pytest.mark.parametrize(("line", "meant"), LINES, ids=[repr(line[:40]) for line, _ in LINES])
def test_a_line_is_an_answer_or_noise(line: bytes, meant: tuple[int, str] | str) -> None:
    read = parse_answer(line)
    assert (read.why if isinstance(read, Noise) else (read.number, read.oddity)) == meant


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["id", "text", "text_hex", "ciphertext", "error", "message", "panic", "skip", "protocol", "can"]
)


@given(st.binary() | st.dictionaries(NAMES, JSON).map(lambda fields: json.dumps(fields).encode()), CALLS)
def test_nothing_that_is_printed_makes_the_reader_raise(line: bytes, call: Call) -> None:
    read = parse_answer(line)
    assert outcome(read.fields, call) is not None
    assert hello(read.fields) != ""


SAID = st.one_of(
    st.builds(Encrypted, ANY_TEXT.filter(lambda text: text == json.loads(json.dumps(text)))),
    st.builds(Decrypted, st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))),
    st.builds(Refused, st.text(), st.text()),
    st.builds(Crashed, st.text(), st.text()),
    st.builds(Skipped, st.text()),
)


@given(SAID)
def test_what_a_runner_answers_is_read_as_it_was_meant(said: Outcome) -> None:
    read = parse_answer(answer(5, said).rstrip(b"\n"))
    assert isinstance(read, Answer)
    assert read.number == 5
    assert outcome(read.fields, ENCRYPT if isinstance(said, Encrypted) else DECRYPT) == said


def test_a_lone_surrogate_that_is_no_byte_is_answered_as_a_text() -> None:
    assert fields_of(answer(5, Decrypted("\ud800"))) == {"id": 5, "text": "\ud800"}


@pytest.mark.parametrize("said", [NotRun("w"), Silent(1), Garbled("w")])
def test_a_runner_does_not_say_what_only_we_can_say_of_it(said: Outcome) -> None:
    with pytest.raises(TypeError, match="a runner does not answer with"):
        answer(5, said)


# -- hello -------------------------------------------------------------------------------------------------------------

GOOD = {"protocol": 1, "name": "n", "version": "v", "can": ["encrypt"]}
HELLOS: list[tuple[dict[str, Any], Hello | str]] = [
    (GOOD, Hello(1, "n", "v", frozenset({"encrypt"}))),
    ({**GOOD, "dialect": "node"}, Hello(1, "n", "v", frozenset({"encrypt"}), "node")),
    ({**GOOD, "dialect": "ruby"}, Hello(1, "n", "v", frozenset({"encrypt"}))),
    (
        {**GOOD, "name": "n" * 81, "version": "v" * 81, "can": ["c" * 81]},
        Hello(1, "n" * 80 + "…", "v" * 80 + "…", frozenset({"c" * 80 + "…"})),
    ),
    ({**GOOD, "can": list(map(str, range(16)))}, Hello(1, "n", "v", frozenset(map(str, range(16))))),
    ({**GOOD, "can": ["a"] * 17}, "its hello names 17 things that it can, and 16 are the most"),
    ({**GOOD, "can": []}, Hello(1, "n", "v", frozenset())),
    ({**GOOD, "protocol": 2}, "it speaks protocol 2, and this is 1"),
    ({**GOOD, "protocol": "1"}, 'it speaks protocol "1", and this is 1'),
    ({**GOOD, "protocol": True}, "it speaks protocol true, and this is 1"),
    ({**GOOD, "protocol": [2] * 99}, f"it speaks protocol {json.dumps([2] * 99)[:80]}…, and this is 1"),
    ({**GOOD, "name": 5}, "its hello has no name, which is a string"),
    ({**GOOD, "version": None}, "its hello has no version, which is a string"),
    ({**GOOD, "can": "encrypt"}, "its hello has no can, which is a list of strings"),
    ({**GOOD, "can": [1]}, "its hello has no can, which is a list of strings"),
    ({"name": "n"}, "its hello has no protocol, which is a number"),
    ({"error": "unknown op hello"}, "it answers hello with the error 'unknown op hello'"),
    ({"panic": "x"}, "it answers hello with the panic 'x'"),
]


@pytest.mark.parametrize(("fields", "meant"), HELLOS)
def test_a_hello_introduces_a_runner_or_says_why_it_cannot_be_used(fields: dict[str, Any], meant: Hello | str) -> None:
    assert hello(fields) == meant


@pytest.mark.parametrize("dialect", [None, "go"])
def test_a_hello_that_we_say_is_read_as_it_was_meant(dialect: Any) -> None:
    told = Hello(1, "n", "v", frozenset({"encrypt", "iv"}), dialect)
    read = parse_answer(answer(1, told))
    assert isinstance(read, Answer)
    assert hello(read.fields) == told


# -- a runner's loop ---------------------------------------------------------------------------------------------------


def perform(call: Call) -> Outcome:
    return Decrypted(call.ciphertext) if isinstance(call, Decrypt) else Skipped("no")


RESPONSES: list[tuple[bytes, dict[str, Any] | None, bool]] = [
    (request(1, HELLO), {"id": 1, **GOOD, "dialect": "go"}, True),
    (request(2, Decrypt("k", "c"), TOLD), {"id": 2, "text": "c"}, True),
    (request(3, Encrypt("k", "c"), TOLD), {"id": 3, "skip": "no"}, True),
    (b'{"id":4,"op":"sign"}', {"id": 4, "error": "BadRequest", "message": "unknown op 'sign'"}, True),
    (b"noise", None, True),
    (request(5, BYE), {"id": 5}, False),
]


@pytest.mark.parametrize(("line", "said", "goes_on"), RESPONSES)
def test_a_runner_is_a_loop_around_this(line: bytes, said: dict[str, Any] | None, goes_on: bool) -> None:
    written, on = respond(line, Hello(1, "n", "v", frozenset({"encrypt"}), "go"), perform)
    assert on is goes_on
    assert (fields_of(written) if written else None) == said


# -- lines -------------------------------------------------------------------------------------------------------------


def cut(pieces: list[bytes], limit: int) -> tuple[list[bytes], bool]:
    """All lines, with the rest at the end, and whether one was too long."""
    splitter = LineSplitter(limit)
    fed = [splitter.feed(piece) for piece in pieces]
    assert [is_too_long for _, is_too_long in fed].count(True) <= 1
    return [line for lines, _ in fed for line in lines] + splitter.end(), any(too_long for _, too_long in fed)


PIECES = st.lists(st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r"]), max_size=6).map(b"".join), max_size=8)


@given(PIECES)
def test_lines_are_the_same_however_they_come(pieces: list[bytes]) -> None:
    *lines, rest = b"".join(pieces).split(b"\n")
    assert cut(pieces, 1000) == ([*lines, rest] if rest else lines, False)


@given(PIECES, st.integers(0, 5))
def test_nothing_is_read_from_the_first_line_on_that_is_too_long(pieces: list[bytes], limit: int) -> None:
    *lines, rest = b"".join(pieces).split(b"\n")
    whole = [*lines, rest] if rest else lines
    first = next((at for at, line in enumerate(whole) if len(line) > limit), None)
    assert cut(pieces, limit) == (whole[:first], first is not None)
