"""Reading recorded cases, and whether our models do what was recorded."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import pytest

from harness.cipher import DIALECTS, Dialect
from harness.errors import VectorError
from harness.interop.judging import judge, same
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused
from harness.interop.recorded import parse_recorded
from harness.interop.suite import Flag, Suite, Vector
from tests.interop.models import modelled
from tests.interop.vector_texts import ABSENT, RECORDED, Path, changed
from tests.recorded import OURS, folder

FLAG = Flag("Basic", "BASIC", "what", "risk", "remedy")
CASES = folder("cipher")


def _read(place: Path, value: object) -> Vector:
    return parse_recorded(changed(RECORDED, place, value), "a.json", {"Basic": FLAG}).vectors[0]


def _suite(name: str) -> Suite:
    return parse_recorded((CASES / name).read_text(encoding="utf-8"), name, {})


SUITES = [_suite(name) for name in ("decrypt.json", "encrypt.json") if (CASES / name).is_file()]
RECORDED_CASES = [vector for suite in SUITES for vector in suite.vectors]


def _in_case(field: str) -> Path:
    return ("groups", 0, "cases", 0, field)


@pytest.mark.cases
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_every_recorded_case_is_read(suite: Suite) -> None:
    recorded = json.loads((CASES / suite.name).read_text(encoding="utf-8"))
    results = Counter({"valid": 0, "invalid": 0, "acceptable": 0})
    results.update(vector.result for vector in suite.vectors)
    told = {"divergent": 0, "invalid": 0, **recorded["results"]}
    assert len(suite.vectors) == recorded["count"]
    assert results == {"valid": told["valid"], "invalid": told["invalid"], "acceptable": told["divergent"]}
    assert suite.flags.keys() == {flag for vector in suite.vectors for flag in vector.flags}


@pytest.mark.cases
@pytest.mark.skipif(not OURS, reason="counts the cases that ship with the tests")
def test_the_recorded_cases_are_all_there() -> None:
    assert [len(suite.vectors) for suite in SUITES] == [406, 164]
    of_all_dialects = [vector for vector in RECORDED_CASES if vector.outcomes.keys() == set(DIALECTS)]
    told_by_their_hash = [vector for vector in RECORDED_CASES if vector.ciphertext_sha256]
    assert (len(of_all_dialects), len(told_by_their_hash)) == (565, 5)


@pytest.mark.cases
def test_our_models_do_what_was_recorded() -> None:
    differing = [
        (vector.id, dialect, outcome, modelled(vector, dialect))
        for vector in RECORDED_CASES
        for dialect, outcome in vector.outcomes.items()
        if not _is_the_same(vector, modelled(vector, dialect), dialect)
    ]
    assert not differing


def _is_the_same(vector: Vector, outcome: Outcome, dialect: Dialect) -> bool:
    """Crashes too are compared by class here, though a verdict takes one for another."""
    known = vector.outcomes[dialect]
    if isinstance(outcome, Crashed) and isinstance(known, Crashed):
        return outcome.how == known.how
    return same(vector, outcome, dialect, claimed=dialect, given_iv=vector.iv)


@pytest.mark.cases
def test_long_envelopes_have_the_recorded_hash() -> None:
    for vector in RECORDED_CASES:
        if vector.ciphertext_sha256:
            made = modelled(vector, "phone")
            assert isinstance(made, Encrypted)
            assert hashlib.sha256(made.ciphertext.encode()).hexdigest() == vector.ciphertext_sha256


@pytest.mark.cases
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_client_that_does_what_was_recorded_never_fails(dialect: Dialect) -> None:
    verdicts = {
        judge(vector, modelled(vector, dialect), held_to=dialect, claimed=dialect, given_iv=vector.iv).verdict
        for vector in RECORDED_CASES
    }
    assert verdicts <= {"pass", "known"}


def test_the_recorded_names_become_dialects() -> None:
    told = {
        "node": {"text": "n"},
        "go": {"bytes": "ff"},
        "kotlin": {"error": "E", "message": "m"},
        "kotlin_android": {"text": "a"},
    }
    vector = _read(_in_case("outcomes"), told)
    expected = {"phone": Decrypted("a"), "jvm": Refused("E", "m"), "node": Decrypted("n"), "go": Decrypted("\udcff")}
    assert vector.outcomes == expected


def test_where_android_was_not_recorded_the_phone_does_what_its_code_does() -> None:
    vector = _read(_in_case("outcomes"), {"kotlin": {"ciphertext": "AAAA"}, "go": {"panic": "P"}})
    assert vector.outcomes == {"phone": Encrypted("AAAA"), "jvm": Encrypted("AAAA"), "go": Crashed("P")}


@pytest.mark.parametrize(
    ("unit", "length", "text"), [("ab", 5, "ababa"), ("é", 4, "éé"), ("é", 5, "éé"), ("a", 0, ""), ("long", 2, "lo")]
)
def test_a_long_text_is_told_by_what_it_repeats(unit: str, length: int, text: str) -> None:
    assert _read(_in_case("text_repeat"), {"unit": unit, "bytes": length}).text == text


def test_a_flag_that_nobody_explains_is_taken_as_it_is() -> None:
    suite = parse_recorded(changed(RECORDED, _in_case("flags"), ["Basic", "New"]), "a.json", {"Basic": FLAG})
    assert suite.vectors[0].flags == ("Basic", "New")
    assert (suite.flags["Basic"], suite.flags["New"].kind) == (FLAG, "UNKNOWN")


WRONG: list[tuple[Path, object, str]] = [
    (("schema",), "httpsms-cipher-structure/1", "schema: is 'httpsms-cipher-structure/1', and this version reads"),
    (("operation",), "sign", "operation: is 'sign', which is none of decrypt, encrypt"),
    (("count",), 2, "count: is 2, but there are 1 cases"),
    (("groups",), ABSENT, "groups: is missing"),
    (_in_case("id"), ABSENT, "group 1, text, case 1, id: is missing"),
    (_in_case("key"), ABSENT, "case d1, key: is missing"),
    (_in_case("key_utf16"), "d83", "case d1, key_utf16: is no hex: 'd83'"),
    (_in_case("ciphertext"), ABSENT, "case d1, ciphertext: is missing"),
    (_in_case("result"), "acceptable", "case d1, result: is 'acceptable', which is none of valid, invalid, divergent"),
    (_in_case("text"), ABSENT, "case d1, outcomes: is missing: neither a result nor an outcome is given"),
    (_in_case("text_repeat"), {"unit": "a", "bytes": 10**13}, "case d1, text_repeat, bytes: is more than 67,108,864"),
    (_in_case("ciphertext_sha256"), "\x1b[31mred", "case d1, ciphertext_sha256: is no hex: '\\x1b[31mred'"),
    (_in_case("ciphertext_sha256"), "00" * 31, "case d1, ciphertext_sha256: has 31 bytes instead of 32"),
    (_in_case("text_repeat"), {"unit": "", "bytes": 1}, "case d1, text_repeat, unit: is empty"),
    (_in_case("outcomes"), {"go": {}}, "case d1, outcomes, go: is no outcome"),
]


@pytest.mark.parametrize(("place", "value", "text"), WRONG)
def test_a_recording_that_is_not_as_it_should_be_is_refused(place: Path, value: object, text: str) -> None:
    with pytest.raises(VectorError) as caught:
        _read(place, value)
    assert str(caught.value).startswith(f"a.json: {text}")


def _encryption(**fields: object) -> str:
    case = {**RECORDED["groups"][0]["cases"][0], "iv": "00" * 16, "ciphertext_sha256": "AB" * 32, **fields}
    whole = {**RECORDED, "operation": "encrypt", "groups": [{"name": "text", "cases": [case]}]}
    return changed(whole, _in_case("ciphertext"), ABSENT)


def test_the_hash_of_an_envelope_is_kept_in_small_digits() -> None:
    assert parse_recorded(_encryption(), "a.json", {}).vectors[0].ciphertext_sha256 == "ab" * 32


def test_an_encryption_without_a_text_is_refused() -> None:
    with pytest.raises(VectorError, match=r"^a\.json: case d1, text: is missing$"):
        parse_recorded(changed(json.loads(_encryption()), _in_case("text"), ABSENT), "a.json", {})


def test_two_cases_of_one_name_are_refused() -> None:
    case = RECORDED["groups"][0]["cases"][0]
    with pytest.raises(VectorError, match="test d1: has the number of another one"):
        _read(("groups", 0, "cases"), [case, case])
