"""Reading files of vectors."""

from __future__ import annotations

import json
import subprocess
import sys
import timeit

import pytest

from harness.errors import VectorError
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, Outcome, Refused
from harness.interop.reading import parse_suite
from harness.interop.suite import Flag, Vector
from tests.interop.vector_texts import ABSENT, IV, KEY, SUITE, TEXT, Path, changed, in_test
from tools.vectors import PLACE

ALL = ("phone", "jvm", "node", "go")
IN_DECRYPT, IN_ENCRYPT, IN_IVS = 0, 1, 2


def _read(place: Path, value: object) -> Vector:
    """The vector that was changed."""
    vectors = parse_suite(changed(SUITE, place, value), "a.json").vectors
    return vectors[place[1]]  # type: ignore[index]


def test_a_file_of_vectors_is_read() -> None:
    suite = parse_suite(json.dumps(SUITE), "a.json")
    assert suite.name == "a.json"
    assert suite.flags == {"Basic": Flag("Basic", "BASIC", "what it is", "what can happen", "what to do")}
    decrypt, encrypt, ivs = suite.vectors
    assert decrypt == Vector(
        id="1",
        operation="decrypt",
        group="texts",
        comment="a text",
        flags=("Basic",),
        result="valid",
        key=KEY,
        ciphertext="AAAA",
        text=TEXT,
        outcomes=dict.fromkeys(ALL, Decrypted(TEXT)),
    )
    assert (encrypt.iv, encrypt.outcomes) == (bytes.fromhex(IV), dict.fromkeys(ALL, Encrypted("AAAA")))
    assert (ivs.encryptions, ivs.outcomes) == (20, {})


def test_a_series_says_whether_its_ivs_must_be_unpredictable() -> None:
    def read(text: str) -> bool:
        return parse_suite(text, "a.json").vectors[IN_IVS].unpredictable

    place = in_test(IN_IVS, "unpredictable")
    assert not read(json.dumps(SUITE))
    assert [read(changed(SUITE, place, told)) for told in (True, False)] == [True, False]


def test_what_a_later_version_may_add_is_passed_over() -> None:
    assert _read(in_test(IN_DECRYPT, "weather"), "fine") == _read(in_test(IN_DECRYPT, "key"), KEY)


WRONG: list[tuple[Path, object, str]] = [
    (("algorithm",), "AES-GCM", "algorithm: is 'AES-GCM', and this version reads 'HTTPSMS-AES-256-CFB128'"),
    (("schema",), "cipher-v9.schema.json", "schema: is 'cipher-v9.schema.json', and this version reads"),
    (("schema",), ABSENT, "schema: is missing"),
    (("notes",), ABSENT, "notes: is missing"),
    (("notes", "Basic", "effect"), ABSENT, "notes, Basic, effect: is missing"),
    (("numberOfTests",), 4, "numberOfTests: is 4, but there are 3 tests"),
    (("testGroups",), {}, "testGroups: is no list, but an object"),
    (("testGroups", 1, "type"), "EnvelopeSign", "group 2, type: is 'EnvelopeSign', which is none of EnvelopeDecrypt"),
    (("testGroups", 1, "name"), ABSENT, "group 2, name: is missing"),
    (("testGroups", 1, "tests"), [1], "group 2, tests: holds a number where objects belong (number 1)"),
    (in_test(IN_ENCRYPT, "tcId"), 1, "test 1: has the number of another one (a text)"),
    (in_test(IN_ENCRYPT, "tcId"), "2", "group 2, answers, test 1, tcId: is no number from 0 on, but a text"),
    (in_test(IN_ENCRYPT, "comment"), ABSENT, "test 2, comment: is missing"),
    (in_test(IN_ENCRYPT, "flags"), ["Basik"], "test 2, flags: has 'Basik', which notes do not explain; did you mean"),
    (in_test(IN_ENCRYPT, "key"), ABSENT, "test 2, key: is missing"),
    (in_test(IN_ENCRYPT, "result"), "perhaps", "test 2, result: is 'perhaps', which is none of valid, invalid"),
    (in_test(IN_ENCRYPT, "iv"), "00", "test 2, iv: has 1 bytes instead of 16"),
    (in_test(IN_ENCRYPT, "iv"), "0g" * 16, "test 2, iv: is no hex: '0g0g0g"),
    (in_test(IN_ENCRYPT, "iv"), ABSENT, "test 2, iv: is missing"),
    (in_test(IN_ENCRYPT, "text"), ABSENT, "test 2, text: is missing"),
    (in_test(IN_ENCRYPT, "ciphertext"), ABSENT, "test 2, ciphertext: is missing"),
    (in_test(IN_DECRYPT, "ciphertext"), ABSENT, "test 1, ciphertext: is missing"),
    (in_test(IN_DECRYPT, "text"), ABSENT, "test 1, text: is missing"),
    (in_test(IN_DECRYPT, "textUtf16"), "0048", "test 1, textUtf16: is another text than text"),
    (in_test(IN_DECRYPT, "outcomes"), {"fone": {"text": ""}}, "test 1, outcomes, fone: is none of the dialects phone"),
    (in_test(IN_DECRYPT, "outcomes"), {"go": {"letters": ""}}, "test 1, outcomes, go: is no outcome: it has no text"),
    (in_test(IN_DECRYPT, "outcomes"), {"go": {"bytes": "f"}}, "test 1, outcomes, go, bytes: is no hex: 'f'"),
    (in_test(IN_IVS, "encryptions"), ABSENT, "test 3, encryptions: is missing"),
    (in_test(IN_IVS, "encryptions"), 100_001, "test 3, encryptions: is more than 100,000"),
    (in_test(IN_IVS, "unpredictable"), 1, "test 3, unpredictable: is neither true nor false, but a number"),
    (in_test(IN_IVS, "outcomes"), {"jvm": {"ivs": {}}}, "test 3, outcomes, jvm, ivs, encryptions: is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "text"), WRONG)
def test_a_file_that_is_not_as_it_should_be_is_refused_with_the_place(place: Path, value: object, text: str) -> None:
    with pytest.raises(VectorError) as caught:
        parse_suite(changed(SUITE, place, value), "a.json")
    assert str(caught.value).startswith(f"a.json: {text}")


LONG = "x" * 1_000_000
WITH_A_LONG_COMMENT = json.loads(changed(SUITE, in_test(IN_DECRYPT, "comment"), LONG))


@pytest.mark.parametrize(
    ("whole", "place", "value"),
    [
        (SUITE, ("algorithm",), LONG),
        (SUITE, in_test(IN_ENCRYPT, "result"), LONG),
        (SUITE, in_test(IN_ENCRYPT, "flags"), [LONG]),
        (SUITE, in_test(IN_DECRYPT, "outcomes"), {LONG: {}}),
        (WITH_A_LONG_COMMENT, in_test(IN_ENCRYPT, "tcId"), 1),
    ],
    ids=str.split("algorithm result flags outcomes comment"),
)
def test_an_error_does_not_repeat_a_long_value(whole: dict[str, object], place: Path, value: object) -> None:
    with pytest.raises(VectorError) as caught:
        parse_suite(changed(whole, place, value), "a.json")
    assert len(str(caught.value)) < 250


def test_an_acceptable_vector_needs_an_outcome() -> None:
    whole = json.loads(changed(SUITE, in_test(IN_DECRYPT, "result"), "acceptable"))
    with pytest.raises(VectorError, match="test 1, outcomes: is missing"):
        parse_suite(changed(whole, in_test(IN_DECRYPT, "text"), ABSENT), "a.json")


OUTCOMES: list[tuple[dict[str, object], Outcome]] = [
    ({"text": "a"}, Decrypted("a")),
    ({"text": ""}, Decrypted("")),
    ({"bytes": "61ff"}, Decrypted("a\udcff")),
    ({"bytes": "eda080"}, Decrypted("\udced\udca0\udc80")),
    ({"ciphertext": "AAAA"}, Encrypted("AAAA")),
    ({"error": "E"}, Refused("E")),
    ({"error": "E", "message": "no"}, Refused("E", "no")),
    ({"panic": "P"}, Crashed("P")),
    ({"panic": "P", "message": "oh"}, Crashed("P", "oh")),
    (
        {"ivs": {"encryptions": 5, "distinct": 4, "of16Bytes": 3, "examined": 2, "predictable": 1}},
        DrawnIvs(5, 4, 3, 2, 1),
    ),
]


@pytest.mark.parametrize(("told", "outcome"), OUTCOMES)
def test_every_kind_of_outcome_is_read(told: dict[str, object], outcome: Outcome) -> None:
    assert _read(in_test(IN_DECRYPT, "outcomes"), {"go": told}).outcomes == {"go": outcome}


def test_our_vectors_are_read_in_a_moment() -> None:
    text = PLACE.read_text(encoding="ascii")
    # Goal: 100 ms on an idle machine. The best of several runs says what it takes.
    assert min(timeit.repeat(lambda: parse_suite(text, "own"), number=1, repeat=5)) < 0.3


def test_values_of_vectors_are_there_without_the_cipher_library() -> None:
    asked = "import sys, harness.interop.suite; sys.exit('cryptography' in sys.modules or 'asyncio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
