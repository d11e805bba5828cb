"""Wrong code is caught by the vectors: each mutant of tests/interop/mutants.py is killed, and nothing else is."""

from __future__ import annotations

import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness.cipher
from harness.adapters import vector_files
from harness.cipher import Dialect
from harness.interop.suite import Operation, Vector
from tests.interop.mutants import EQUIVALENT, MUTANTS, UNSEEN, main
from tests.interop.mutating import Edit, Mutant, fewest, killers, loaded, source

VECTORS = vector_files.own().vectors
# What a client may do otherwise than the phone has nothing to do with IVs, and to look at these takes its time.
QUICK = [vector for vector in VECTORS if vector.operation != "ivs"]


def _killer(mutant: Mutant, side: Operation) -> Vector | None:
    """The first vector of an operation that shows the mistake."""
    asked = (vector for vector in VECTORS if vector.operation == side)
    return next(killers(mutant.edits, asked, mutant.claims), None)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_vectors_kill(mutant: Mutant) -> None:
    surviving = [side for side in mutant.sides if _killer(mutant, side) is None]
    assert not surviving, f"{mutant.name}: no vector shows it ({', '.join(surviving)})"


@pytest.mark.parametrize("claims", [None, "phone"])
def test_the_cipher_as_it_is_passes_all_vectors_when_it_is_loaded_in_the_same_way(claims: Dialect | None) -> None:
    assert list(killers((), VECTORS, claims)) == []


@pytest.mark.soak
@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.claims], ids=lambda mutant: mutant.name)
def test_who_claims_to_be_nobody_in_particular_is_free_to_do_otherwise_than_the_phone(mutant: Mutant) -> None:
    assert [vector.id for vector in killers(mutant.edits, QUICK) if vector.result != "invalid"] == []


@pytest.mark.parametrize("mutant", EQUIVALENT, ids=lambda mutant: mutant.name)
def test_other_code_that_does_the_same_is_not_killed(mutant: Mutant) -> None:
    asked = [vector for vector in VECTORS if vector.operation in mutant.sides]
    assert list(killers(mutant.edits, asked, "phone")) == []


@pytest.mark.parametrize("mutant", UNSEEN, ids=lambda mutant: mutant.name)
def test_the_list_of_what_the_vectors_do_not_show_is_true(mutant: Mutant) -> None:
    asked = [vector for vector in VECTORS if vector.operation in mutant.sides]
    found = next(killers(mutant.edits, asked, "phone"), None)
    assert found is None, f"vector {found.id} kills it: now it belongs among the mutants"


def test_the_table_is_long_and_calls_each_mutant_by_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in (*MUTANTS, *EQUIVALENT, *UNSEEN)]
    assert len(MUTANTS) >= 40
    assert len(names) == len(set(names))


# -- patching ----------------------------------------------------------------------------------------------------------


def test_nothing_is_left_of_a_patched_cipher_but_itself() -> None:
    modules, finders, real = dict(sys.modules), list(sys.meta_path), dict(vars(harness.cipher))
    patched = loaded([Edit("raw.py", "AES(key)", "AES(key[:16])")])
    assert (dict(sys.modules), list(sys.meta_path), dict(vars(harness.cipher))) == (modules, finders, real)
    iv = bytes(16)
    assert patched.encrypt("key", "text", iv=iv) != harness.cipher.encrypt("key", "text", iv=iv)
    assert patched.decrypt("key", patched.encrypt("key", "text")) == "text"


@pytest.mark.parametrize(
    "edit",
    [
        Edit("raw.py", "what is not there", ""),
        Edit("raw.py", "def ", ""),
        Edit("envelope.py", "AES(key)", "AES(key[:16])"),
    ],
)
def test_a_patch_whose_old_text_is_not_there_exactly_once_is_no_patch(edit: Edit) -> None:
    with pytest.raises(ValueError, match="not exactly once"):
        loaded([edit])


def test_two_patches_of_one_text_are_no_patch() -> None:
    with pytest.raises(ValueError, match="not exactly once"):
        loaded([Edit("raw.py", "AES(key)", "AES(key[:16])")] * 2)


@pytest.mark.parametrize("slip", ["undefined", "None.nothing", "len(1)", "__import__('harness.nowhere')"])
def test_a_patch_that_is_broken_itself_kills_nothing(slip: str) -> None:
    edits = [Edit("envelope.py", "return hashlib.sha256(key).digest()", f"return {slip}")]
    with pytest.raises(ValueError, match="the patch itself is broken"):
        next(killers(edits, VECTORS))


def test_every_patch_finds_its_place_in_the_source_of_today() -> None:
    patches = [(mutant.name, edit) for mutant in (*MUTANTS, *EQUIVALENT, *UNSEEN) for edit in mutant.edits]
    lost = [f"{name}: {edit.old}" for name, edit in patches if source(edit.file).count(edit.old) != 1]
    assert not lost, "\n".join(["patch what is there now instead of", *lost])


# -- the table ---------------------------------------------------------------------------------------------------------


def test_the_table_names_the_killer_and_a_survivor_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    dead = next(mutant for mutant in MUTANTS if mutant.name == "PKCS#7 padding added")
    assert main([dead]) == 0
    killed = capsys.readouterr().out
    assert "| PKCS#7 padding added | AES/CFB/PKCS5Padding when encrypting | 3, iv-encrypt: IV all zero;" in killed
    assert "1 of 1 mutants are killed" in killed
    assert "Fewest vectors that kill each mutant: 1 (" in killed
    alive = next(mutant for mutant in UNSEEN if mutant.name == "key cut after 10,000 bytes")
    assert main([dead, alive]) == 1
    survived = capsys.readouterr().out
    assert f"| {alive.name} | {alive.stands_for} | nothing | 0 decrypt, 0 encrypt |" in survived
    assert "1 of 2 mutants are killed" in survived
    assert "Fewest" not in survived


_SOME = st.frozensets(st.sampled_from("abcdefg"), min_size=1)


@given(st.lists(_SOME, min_size=1, max_size=8))
def test_the_fewest_vectors_kill_all_and_fewer_do_not(sets: list[frozenset[str]]) -> None:
    found = fewest({str(number): killing for number, killing in enumerate(sets)})

    def is_enough(vectors: tuple[str, ...]) -> bool:
        return all(not killing.isdisjoint(vectors) for killing in sets)

    assert is_enough(found)
    assert not any(map(is_enough, combinations("abcdefg", len(found) - 1)))


def test_no_vectors_are_enough_for_a_survivor() -> None:
    with pytest.raises(ValueError, match="survives"):
        fewest({"a mutant": frozenset()})
