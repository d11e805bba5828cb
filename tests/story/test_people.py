"""Who takes part in a story in Python, and whom its steps may name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.cast import ContactSpec, PhoneSpec
from harness.errors import InvalidNumber
from harness.story.people import People, check_word


def cast() -> People:
    people = People()
    people.add_phone(PhoneSpec("shop", ""))
    people.add_phone(PhoneSpec("desk", people.new_number("desk", "+1 800 555 0100"), second_number="+18005550102"))
    people.add_contact(ContactSpec("bob", ""))
    people.add_contact(ContactSpec("bank", "", sender="BANK"))
    return people


def test_who_has_no_number_gets_one_that_nobody_has() -> None:
    phones, contacts = cast().everybody()
    assert [phone.number for phone in phones] == ["+18005550101", "+18005550100"]
    assert [contact.number for contact in contacts] == ["+18005550103", "+18005550104"]


def test_a_number_has_one_owner() -> None:
    people = cast()
    with pytest.raises(ValueError, match="is the number of desk"):
        people.new_number("other", "+18005550100")
    with pytest.raises(InvalidNumber):
        people.new_number("other", "800")


@pytest.mark.parametrize(
    ("check", "fine", "problems"),
    [
        (People.phone, ["shop"], {"shpo": "no phone shpo: did you mean shop", "bob": "no phone bob", "+1": "no phone"}),
        (People.check_contact, ["bob"], {"shop": "no contact shop", "bobb": "did you mean bob"}),
        (People.check_writer, ["bob", "+18005550001"], {"shop": "no contact shop", "+1a": "no contact"}),
        (People.check_somebody, ["bob", "shop", "+1"], {"BANK": "nobody named BANK", "+49*": "nobody named"}),
        (People.check_sender, ["bob", "shop", "+1", "BANK"], {"ALERT": "nobody named ALERT"}),
        (People.check_numbers, ["bob", "+1", "+49*", "+*"], {"BANK": "nobody named BANK", "*": "nobody named"}),
    ],
)
def test_a_name_is_of_somebody(
    check: Callable[[People, str], object], fine: list[str], problems: dict[str, str]
) -> None:
    people = cast()
    for name in fine:
        check(people, name)
    for name, problem in problems.items():
        with pytest.raises(ValueError, match=problem.replace("+", r"\+")):
            check(people, name)


def test_a_phone_has_one_sim_or_two() -> None:
    people = cast()
    assert people.phone_with("desk", 2) is people.phone("desk")
    for name, sim in (("shop", 2), ("desk", 3), ("desk", 0)):
        with pytest.raises(ValueError, match=f"{name} has no SIM {sim}"):
            people.phone_with(name, sim)


def test_names_are_given_once() -> None:
    people = cast()
    with pytest.raises(ValueError, match="a bob already"):
        people.add_phone(PhoneSpec("bob", ""))
    with pytest.raises(ValueError, match="a shop already"):
        people.add_contact(ContactSpec("shop", ""))


def test_a_word_that_is_like_no_other_gets_no_hint() -> None:
    check_word("a", ["a"], "there is no letter")
    with pytest.raises(ValueError, match=r"^there is no letter xyz$"):
        check_word("xyz", ["a"], "there is no letter")
