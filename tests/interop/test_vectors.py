"""Our own vectors: the file is what the tables give, and says what is true."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from jsonschema import Draft202012Validator

from harness.adapters import vector_files
from harness.cipher import DIALECTS, Dialect
from harness.interop.judging import judge
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Refused
from harness.interop.reading import SCHEMA, parse_suite
from harness.interop.suite import Vector
from tests.interop.models import modelled
from tests.recorded import folder
from tools.vector_cases import FLAGS, GROUPS
from tools.vector_cases.case import Case, Group, built
from tools.vectors import PLACE, main, summary, text, vectors

try:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # cryptography before 47
    from cryptography.hazmat.primitives.ciphers.modes import CFB

TEXT = PLACE.read_text(encoding="ascii")
DOCUMENT: dict[str, Any] = json.loads(TEXT)
MADE = vectors()
RECORDED = folder("cipher")
SUITE = vector_files.own()
TESTS = [test for group in DOCUMENT["testGroups"] for test in group["tests"]]


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_file_is_what_the_tables_give() -> None:
    assert text(MADE) == TEXT, "write it anew with python -m tools.vectors"


def test_the_tables_give_the_same_bytes_each_time() -> None:
    assert text(vectors()) == TEXT


def test_the_file_keeps_to_its_schema() -> None:
    schema = json.loads(PLACE.with_name(SCHEMA).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("result",), "perhaps"),
        (("iv",), "00"),
        (("key",), None),
        (("outcomes",), {"php": {"text": ""}}),
        (("outcomes",), {"go": {"text": "", "error": ""}}),
        (("weather",), "fine"),
    ],
)
def test_the_schema_refuses_what_the_form_does_not_have(place: tuple[str], value: object) -> None:
    schema = json.loads(PLACE.with_name(SCHEMA).read_text(encoding="utf-8"))
    test = {**TESTS[2], place[0]: value}
    group = {**DOCUMENT["testGroups"][1], "tests": [test]}
    assert list(Draft202012Validator(schema).iter_errors({**DOCUMENT, "testGroups": [group]}))


def test_each_test_is_a_line_of_ascii() -> None:
    lines = [line for line in TEXT.splitlines() if line.lstrip().startswith('{"tcId"')]
    assert [json.loads(line.rstrip(",")) for line in lines] == TESTS
    assert TEXT.isascii()


def test_tests_are_numbered_from_1_on() -> None:
    assert [test["tcId"] for test in TESTS] == list(range(1, len(TESTS) + 1))
    assert DOCUMENT["numberOfTests"] == len(TESTS)


def test_what_is_read_is_what_was_written() -> None:
    made = [vector for _, group in MADE for vector in group]
    assert [_without_messages(vector) for vector in made] == list(SUITE.vectors)
    assert tuple(SUITE.flags.values()) == FLAGS


def _without_messages(vector: Vector) -> Vector:
    return replace(vector, outcomes={dialect: _silent(outcome) for dialect, outcome in vector.outcomes.items()})


def _silent(outcome: object) -> Any:
    match outcome:
        case Refused(error):
            return Refused(error)
        case Crashed(how):
            return Crashed(how)
    return outcome


def test_halves_of_surrogate_pairs_survive_and_are_told_twice() -> None:
    halves = [vector for vector in SUITE.vectors if _has_half(vector.key) or _has_half(vector.text or "")]
    assert len(halves) >= 24
    for vector in halves:
        test = TESTS[int(vector.id) - 1]
        name = "key" if _has_half(vector.key) else "text"
        units = bytes.fromhex(test[f"{name}Utf16"]).decode("utf-16-be", "surrogatepass")
        assert units == getattr(vector, name) == test[name]


def _has_half(text: str) -> bool:
    return re.search("[\ud800-\udfff]", text) is not None


# -- how many, and of what ---------------------------------------------------------------------------------------------


def test_there_are_enough_of_each_kind() -> None:
    results = Counter(vector.result for vector in SUITE.vectors)
    assert results.total() >= 900
    assert results["invalid"] >= 250
    assert results["acceptable"] >= 300
    words = summary(MADE).splitlines()[-1].split()
    counts = (results.total(), results["valid"], "valid", results["invalid"], "invalid", results["acceptable"])
    assert words == ["all", *map(str, counts), "acceptable"]


# Each class that the vectors must have, by the flag or table that stands for it, and how many there are at least.
CLASSES: list[tuple[str, Callable[[Vector], bool], int]] = [
    ("published ciphertexts", lambda it: "Published" in it.flags, 2),
    ("known answers with a given IV", lambda it: it.operation == "encrypt" and it.result == "valid", 200),
    ("every length from 0 to 33, both ways", lambda it: it.group.startswith("length") and _length(it) <= 33, 68),
    ("block borders", lambda it: _length(it) in (48, 64, 80, 96, 112, 128, 256), 14),
    ("segment borders", lambda it: "SegmentBorder" in it.flags, 40),
    ("just within the gateway's limit", lambda it: _length(it) == 1520, 6),
    ("just beyond the gateway's limit", lambda it: _length(it) in (1521, 1522, 1524), 6),
    ("just within the limit of bulk messages", lambda it: _length(it) in (750, 752), 6),
    ("just beyond the limit of bulk messages", lambda it: _length(it) in (753, 754, 756), 6),
    ("keys of every kind", lambda it: "KeyText" in it.flags, 120),
    ("keys with white space around", lambda it: "KeyHasOuterWhitespace" in it.flags, 20),
    ("the empty key", lambda it: it.key == "" and it.result == "valid", 2),
    ("halves of surrogate pairs", lambda it: "LoneSurrogate" in it.flags, 60),
    ("texts of every kind", lambda it: "UnicodeText" in it.flags, 90),
    ("too short", lambda it: "ShorterThanIv" in it.flags, 45),
    ("only the IV", lambda it: "IvOnly" in it.flags, 8),
    ("the other alphabet", lambda it: "UrlSafeAlphabet" in it.flags, 12),
    ("padding", lambda it: bool({"MissingPadding", "PartialPadding", "ExtraPadding"} & set(it.flags)), 30),
    ("misplaced padding", lambda it: "MisplacedPadding" in it.flags, 30),
    ("white space", lambda it: "Whitespace" in it.flags, 60),
    ("other characters", lambda it: "InvalidCharacter" in it.flags, 45),
    ("characters beyond ASCII", lambda it: "NonAscii" in it.flags, 45),
    ("unused bits", lambda it: "NonCanonicalBits" in it.flags, 18),
    ("no envelope", lambda it: "NotAnEnvelope" in it.flags, 40),
    ("what carriers do to envelopes", lambda it: it.group == "carried-envelopes", 16),
    ("plain texts that are short envelopes", lambda it: it.group == "short-texts", 8),
    ("wrong key", lambda it: "WrongKey" in it.flags, 30),
    ("not UTF-8", lambda it: "PlaintextBytes" in it.flags and it.result == "acceptable", 50),
    ("just UTF-8", lambda it: "PlaintextBytes" in it.flags and it.result == "valid", 8),
    ("bit flips", lambda it: "BitFlip" in it.flags, 50),
    ("clean bit flips", lambda it: "BitFlip" in it.flags and it.result == "valid", 15),
    ("truncation", lambda it: "Truncated" in it.flags, 40),
    ("moved blocks", lambda it: "MovedBlock" in it.flags, 25),
    ("reused IVs", lambda it: "ReusedIv" in it.flags, 16),
    ("series of IVs", lambda it: it.operation == "ivs", 2),
]


def _length(vector: Vector) -> int:
    return len((vector.text or "").encode("utf-8", "surrogatepass")) if vector.group.startswith("length") else -1


@pytest.mark.parametrize(("belongs", "least"), [row[1:] for row in CLASSES], ids=[row[0] for row in CLASSES])
def test_every_class_is_there(belongs: Callable[[Vector], bool], least: int) -> None:
    assert sum(map(belongs, SUITE.vectors)) >= least


def test_every_flag_is_borne_and_every_vector_bears_one() -> None:
    assert {flag for vector in SUITE.vectors for flag in vector.flags} == SUITE.flags.keys()
    assert [vector.id for vector in SUITE.vectors if not vector.flags] == []


def test_flags_of_recorded_cases_are_explained() -> None:
    recorded = {"Published", "EmptyKey", "KeyHasOuterWhitespace", "LoneSurrogate", "ShorterThanIv", "IvOnly",
                "UrlSafeAlphabet", "MissingPadding", "ExtraPadding", "MisplacedPadding", "Whitespace",
                "InvalidCharacter", "NonCanonicalBits", "NotAnEnvelope", "Truncated", "Modified", "WrongKey",
                "PlaintextBytes", "ReusedIv", "Large", "NearGatewayLimit"}  # fmt: skip
    assert recorded <= SUITE.flags.keys()


def test_no_two_vectors_of_a_table_are_the_same_call() -> None:
    calls = Counter(
        (vector.group, vector.key, vector.ciphertext if vector.operation == "decrypt" else vector.text, vector.iv)
        for vector in SUITE.vectors
        if vector.operation != "ivs" and "again" not in vector.comment
    )
    assert [call for call, number in calls.items() if number > 1] == []


def test_no_two_vectors_of_a_table_are_called_the_same() -> None:
    names = Counter((vector.group, vector.comment) for vector in SUITE.vectors)
    assert [name for name, number in names.items() if number > 1] == []


# -- what they say -----------------------------------------------------------------------------------------------------


def test_every_outcome_is_that_of_our_models() -> None:
    wrong = [
        (vector.id, dialect)
        for vector in SUITE.vectors
        for dialect, outcome in vector.outcomes.items()
        if vector.operation != "ivs" and _silent(modelled(vector, dialect)) != outcome
    ]
    assert not wrong


def test_the_outcomes_of_series_of_ivs_are_those_that_were_recorded() -> None:
    """`java.util.Random` was looked for in 20 IVs of each client; all 1,000 of each are told from each other."""
    recorded = json.loads((RECORDED / "structure.json").read_text(encoding="ascii"))["structure"]
    names = {"phone": "kotlin_android", "jvm": "kotlin", "node": "node", "go": "go"}
    series = [vector for vector in SUITE.vectors if vector.operation == "ivs"]
    assert [vector.unpredictable for vector in series] == [False, True]
    for vector in series:
        for dialect, drawn in vector.outcomes.items():
            known = recorded[names[dialect]]
            assert isinstance(drawn, DrawnIvs)
            assert f"{drawn.predictable} of {drawn.examined}" == known["java_util_random_seed_recovered"]
            assert known["iv_bytes"] == 16
            assert known["encryptions"] == known["distinct_ivs"] >= vector.encryptions
            assert drawn.encryptions == drawn.distinct == drawn.of_16_bytes == vector.encryptions


def test_each_vector_has_an_outcome_of_each_dialect() -> None:
    assert {frozenset(vector.outcomes) for vector in SUITE.vectors} == {frozenset(DIALECTS)}


def test_results_mean_what_they_say() -> None:
    for vector in SUITE.vectors:
        outcomes = set(vector.outcomes.values())
        refusals = {outcome for outcome in outcomes if isinstance(outcome, Refused | Crashed)}
        if vector.operation == "ivs":
            continue
        if vector.result == "valid":
            assert len(outcomes) == 1
            assert not refusals
        elif vector.result == "invalid":
            assert any(isinstance(outcome, Refused) for outcome in refusals), vector.id
        else:
            assert outcomes - refusals, vector.id


def _of(operation: str) -> Iterator[Vector]:
    return (vector for vector in SUITE.vectors if vector.operation == operation and vector.result == "valid")


def _stream(key: str, iv: bytes) -> Cipher[Any]:
    return Cipher(AES(hashlib.sha256(key.encode()).digest()), CFB(iv))


def test_another_implementation_encrypts_the_same() -> None:
    for vector in _of("encrypt"):
        assert vector.iv is not None
        assert vector.text is not None
        encryptor = _stream(vector.key, vector.iv).encryptor()
        envelope = vector.iv + encryptor.update(vector.text.encode()) + encryptor.finalize()
        assert base64.b64encode(envelope).decode() == vector.ciphertext, vector.id


def test_another_implementation_decrypts_the_same() -> None:
    for vector in _of("decrypt"):
        assert vector.ciphertext is not None
        envelope = base64.b64decode(vector.ciphertext, validate=True)
        decryptor = _stream(vector.key, envelope[:16]).decryptor()
        assert (decryptor.update(envelope[16:]) + decryptor.finalize()).decode() == vector.text, vector.id


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_client_that_does_what_it_is_known_for_never_fails(dialect: Dialect) -> None:
    verdicts = {
        judge(vector, vector.outcomes[dialect], held_to=dialect, claimed=dialect, given_iv=vector.iv).verdict
        for vector in SUITE.vectors
    }
    assert verdicts <= {"pass", "known"}


def test_a_strict_client_passes_every_vector() -> None:
    """One that takes only what encryptors write and only UTF-8: refusing is never wrong but for valid vectors."""
    for vector in SUITE.vectors:
        if vector.operation == "decrypt":
            assert judge(vector, _strict(vector), held_to=None).verdict == "pass", vector


def _strict(vector: Vector) -> Decrypted | Refused:
    ciphertext = vector.ciphertext or ""
    try:
        envelope = base64.b64decode(ciphertext, validate=True)
        if base64.b64encode(envelope).decode() != ciphertext or len(envelope) < 16:
            return Refused("strict")
        decryptor = _stream(vector.key, envelope[:16]).decryptor()
        return Decrypted((decryptor.update(envelope[16:]) + decryptor.finalize()).decode())
    except ValueError:
        return Refused("strict")


# -- the tool ----------------------------------------------------------------------------------------------------------


def test_the_tool_says_whether_the_file_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "cipher-v1.json: up to date\n"


def test_the_tool_takes_no_other_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chek"]) == 2
    assert "python -m tools.vectors" in capsys.readouterr().out


WRONG_ROWS = [
    (Case("no UTF-8", text=b"\xff"), "is no valid case, since the clients differ"),
    (Case("short", ciphertext="AAAA", result="acceptable"), "is invalid: all clients refuse it"),
    (Case("a text", result="invalid"), "is not invalid: no client refuses it"),
    (Case("a text", gives="another"), "instead of 'another'"),
    (Case("impossible", wants=lambda _: False), "no IV among 2000 gives an envelope as it is wanted"),
]


@pytest.mark.parametrize(("case", "why"), WRONG_ROWS)
def test_a_row_that_says_what_is_not_so_is_refused(case: Case, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        built(Group("table", "decrypt", "", (case,)), case, 1)


def test_ivs_of_a_case_do_not_depend_on_its_number() -> None:
    group = next(group for group in GROUPS if group.operation == "encrypt")
    assert built(group, group.cases[0], 1).iv == built(group, group.cases[0], 999).iv


def test_the_text_of_the_file_is_read_as_a_suite() -> None:
    assert parse_suite(TEXT, "cipher-v1.json") == SUITE
