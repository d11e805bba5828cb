"""Who takes part is a value that shows no pass phrase."""

from __future__ import annotations

from harness.cast import ContactSpec, PhoneSpec


def test_a_pass_phrase_is_in_no_repr() -> None:
    assert "Password123" not in repr(PhoneSpec("alice", "+1", "Password123"))


def test_people_of_the_same_facts_are_equal() -> None:
    assert ContactSpec("bob", "+1") == ContactSpec("bob", "+1") != ContactSpec("bob", "+2")
