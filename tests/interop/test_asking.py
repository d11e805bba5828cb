"""From vectors to calls, from outcomes to results, and which vectors are wanted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import pytest

from harness.adapters.vector_files import own
from harness.cipher import Dialect, encrypt
from harness.errors import UsageError
from harness.interop.asking import calls_of, chosen, outcomes_of, results_of
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.ourselves import performer
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, NotRun, Outcome, Refused, Skipped
from harness.interop.results import Hello
from harness.interop.suite import Flag, Suite, Vector

IV = bytes(range(16))
TEXT = "Hello"
ENVELOPE = encrypt("k", TEXT, iv=IV)
CRASH = Crashed("runtime.boundsError")
NO = Refused("java.security.InvalidAlgorithmParameterException", "short")
DECRYPT = Vector("1", "decrypt", "Known answers", "a word", ("Good",), "valid", "k", ENVELOPE, TEXT)
ENCRYPT = Vector("2", "encrypt", "Known answers", "one block", (), "valid", "k", ENVELOPE, TEXT, IV)
IVS = Vector("3", "ivs", "IVs", "of many", (), "valid", "k", None, TEXT, encryptions=4)
SHORT = Vector(
    "12", "decrypt", "Short", "3 bytes", ("Bad",), "invalid", "k", "AAAA", outcomes={"go": CRASH, "phone": NO}
)
ALL = (DECRYPT, IVS, ENCRYPT, SHORT)
SUITE = Suite("s", ALL, {name: Flag(name, "", "", "", "") for name in ("Good", "Bad")})


# -- which vectors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, "1 3 2 12"),
        ({"name": "2"}, "2"),
        ({"name": "BLOCK"}, "2"),
        ({"name": "known"}, "1 2"),
        ({"name": "known answers\na"}, "1"),
        ({"name": "nothing"}, ""),
        ({"flags": ["Good"]}, "1"),
        ({"flags": ["Good", "Bad"]}, "1 12"),
        ({"flags": ["Bad"], "name": "1"}, ""),
        ({"result": "invalid"}, "12"),
        ({"result": "valid", "name": "known", "flags": ["Good"]}, "1"),
    ],
)
def test_vectors_are_found_by_id_or_else_by_what_they_are_about(wanted: dict[str, object], ids: str) -> None:
    found = chosen(SUITE, **wanted)  # type: ignore[arg-type]
    assert [vector.id for vector in found.vectors] == ids.split()
    assert found == replace(SUITE, vectors=found.vectors)


def test_a_flag_that_there_is_not_is_refused_with_a_guess() -> None:
    with pytest.raises(UsageError, match="no flag 'Goood'; did you mean Good"):
        chosen(SUITE, flags=["Bad", "Goood"])


# -- from vectors to calls and back ------------------------------------------------------------------------------------


def test_a_vector_is_a_call_and_a_series_one_for_each_encryption() -> None:
    assert calls_of(DECRYPT) == [Decrypt("k", ENVELOPE)]
    assert calls_of(ENCRYPT) == [Encrypt("k", TEXT, IV)]
    assert calls_of(IVS) == [Encrypt("k", TEXT)] * 4


def envelopes(*ivs: int) -> list[Outcome]:
    return [Encrypted(encrypt("k", TEXT, iv=bytes([number] * 16))) for number in ivs]


@pytest.mark.parametrize(
    ("series", "outcome"),
    [
        (envelopes(1, 2, 3, 4), DrawnIvs(4, distinct=4, of_16_bytes=4, examined=4, predictable=0)),
        (envelopes(1, 2, 1, 2), DrawnIvs(4, distinct=2, of_16_bytes=4, examined=2, predictable=0)),
        ([*envelopes(1, 2), CRASH, NO], CRASH),
    ],
)
def test_a_series_becomes_one_outcome_and_the_others_stay_in_their_places(
    series: list[Outcome], outcome: Outcome
) -> None:
    first, second, third, fourth = outcomes_of(ALL, [Decrypted("1"), *series, Encrypted("2"), NO])
    assert (first, third, fourth) == (Decrypted("1"), Encrypted("2"), NO)
    if isinstance(outcome, DrawnIvs) and isinstance(second, DrawnIvs):
        second, outcome = (replace(drawn, examined=0, fixed_bits=0) for drawn in (second, outcome))
    assert second == outcome


# -- verdicts ----------------------------------------------------------------------------------------------------------


def verdicts(
    outcome: Outcome | Callable[[Call], Outcome],
    *vectors: Vector,
    can: Collection[str] | None = None,
    claims: Dialect | None = None,
    wanted: Dialect | None = None,
    listed: Collection[str] = (),
) -> list[str]:
    """Of who answers each call so. Without `can` and `claims` he says no hello."""
    hello = Hello(1, "x", "1", frozenset(can or ()), claims) if can is not None or claims else None
    outcomes = [outcome(call) if callable(outcome) else outcome for vector in vectors for call in calls_of(vector)]
    results = results_of(vectors, outcomes, hello=hello, wanted=wanted, listed=listed)
    assert [result.vector for result in results] == list(vectors)
    return [result.judgement.verdict for result in results]


def test_what_our_own_cipher_does_is_right() -> None:
    assert verdicts(performer("phone"), *ALL, can=["iv"], claims="phone") == ["pass"] * 4


def test_an_iv_that_is_given_and_not_used_fails_unless_none_was_given() -> None:
    [drawn] = envelopes(7)
    assert [verdicts(drawn, ENCRYPT, can=can) for can in (["encrypt", "iv"], ["encrypt"], None)] == [
        ["fail"],
        ["pass"],
        ["pass"],
    ]


def test_what_a_runner_is_held_to_is_what_is_wanted_or_what_it_claims() -> None:
    assert verdicts(CRASH, SHORT) == ["fail"]
    assert verdicts(CRASH, SHORT, claims="go") == ["known"]
    assert verdicts(CRASH, SHORT, claims="go", wanted="phone") == ["fail"]
    assert verdicts(CRASH, SHORT, wanted="go") == ["known"]


def test_the_class_of_an_error_is_that_of_who_claims_to_be_that_client() -> None:
    own_words = Refused("Sodium\\Exception", "no")
    assert verdicts(own_words, SHORT, wanted="phone") == ["pass"]
    assert verdicts(own_words, SHORT, claims="phone") == ["gone"]
    assert verdicts(NO, SHORT, claims="phone") == ["pass"]


def test_a_failure_in_the_list_is_known_and_one_that_does_not_come_gone() -> None:
    assert verdicts(Refused("E"), DECRYPT, SHORT, listed=["1"]) == ["known", "pass"]
    assert verdicts(Refused("E"), DECRYPT, SHORT, listed=["12"]) == ["fail", "gone"]


def test_nobody_can_have_expected_what_was_never_asked() -> None:
    assert verdicts(NotRun("it died"), DECRYPT, listed=["1"]) == ["fail"]
    assert verdicts(Skipped("it cannot"), DECRYPT, listed=["1"]) == ["skip"]


def test_every_vector_of_ours_is_a_call_that_can_be_answered() -> None:
    calls = [call for vector in own().vectors for call in calls_of(vector)]
    outcomes = list(outcomes_of(own().vectors, list(map(performer("phone"), calls))))
    assert len(outcomes) == len(own().vectors)
    assert sum(isinstance(outcome, DrawnIvs) for outcome in outcomes) >= 2
