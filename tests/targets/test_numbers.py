"""Which numbers people have on a server that has phones already."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cast import ContactSpec, PhoneSpec
from harness.errors import UsageError
from harness.late import Late
from harness.scenario.plan import Api, Expect, Place, Scenario, SmsLook, Step
from harness.targets.numbers import RULE, free_number, recast, renumbered

ALICE, BOB, SECOND, FREE = "+18005550100", "+18005550101", "+18005550102", "+18005550103"
OUTSIDE = "+18446060001"


def story(phone: str = ALICE, second: str | None = None, **more: Any) -> Scenario:
    spec = PhoneSpec("alice", phone, second_number=second, **more)
    return Scenario("story", (spec,), (ContactSpec("bob", BOB),), ())


def numbers(scenario: Scenario, account: tuple[str, ...] = (), take_over: bool = False, **given: str) -> list[str]:
    phones = {name: number for name, number in given.items() if name != "bob"}
    contacts = {name: number for name, number in given.items() if name == "bob"}
    cast = recast(scenario, phones, contacts, account, take_over=take_over)
    return [*(number for phone in cast.phones for number in phone.numbers), *(one.number for one in cast.contacts)]


@pytest.mark.parametrize(
    ("scenario", "account", "given", "expected"),
    [
        (story(), (), {}, [ALICE, BOB]),
        (story(), (OUTSIDE,), {"alice": "+18446060002", "bob": "+18446060003"}, ["+18446060002", "+18446060003"]),
        # By rule any number will do, but not one that somebody of the story has, or a phone of the account.
        (story(), (ALICE,), {}, [SECOND, BOB]),
        (story(), (ALICE, SECOND), {}, [FREE, BOB]),
        (story(second=SECOND), (SECOND,), {}, [ALICE, FREE, BOB]),
        (story(OUTSIDE), (ALICE,), {}, [OUTSIDE, BOB]),
    ],
)
def test_people_have_the_numbers_that_are_free(
    scenario: Scenario, account: tuple[str, ...], given: dict[str, str], expected: list[str]
) -> None:
    assert numbers(scenario, account, **given) == expected


@pytest.mark.parametrize(
    ("scenario", "account", "given", "problem"),
    [
        (story(OUTSIDE), (OUTSIDE,), {}, "--take-over"),
        (story(), (OUTSIDE,), {"alice": OUTSIDE}, "--take-over"),
        (story(), (), {"alice": BOB}, "two people"),
        (story(), tuple(f"+{digits}" for digits in RULE), {}, "--phone NAME=NUMBER"),
    ],
)
def test_a_number_that_somebody_has_is_refused(
    scenario: Scenario, account: tuple[str, ...], given: dict[str, str], problem: str
) -> None:
    with pytest.raises(UsageError) as caught:
        numbers(scenario, account, **given)
    assert problem in str(caught.value)


def test_a_phone_is_taken_over_on_demand() -> None:
    assert numbers(story(OUTSIDE), (OUTSIDE,), take_over=True) == [OUTSIDE, BOB]


def test_a_number_that_is_written_out_follows_its_owner() -> None:
    place = Place("a.yaml", 3, 1, f"path: {ALICE}")
    path, body = Late("/v1/messages?owner=%2B18005550100&x=${id}"), {"from": ALICE, "to": [BOB], "text": "118005550100"}
    steps = (Step(Api("GET", path, body=body), place), Step(Expect(SmsLook(ALICE))))
    moved = renumbered(steps, {ALICE: OUTSIDE, "*": "*", BOB: BOB})
    assert moved[0].what.path == Late("/v1/messages?owner=%2B18446060001&x=${id}")
    assert moved[0].what.body == {"from": OUTSIDE, "to": [BOB], "text": "118005550100"}
    assert moved[0].place == place
    assert moved[1].what.look.to == OUTSIDE
    assert renumbered(steps, {ALICE: ALICE}) is steps


def test_two_who_change_numbers_do_not_end_up_with_one() -> None:
    assert renumbered(f"{ALICE} {BOB}", {ALICE: BOB, BOB: ALICE}) == f"{BOB} {ALICE}"


def test_a_message_expires_after_a_minute_at_the_earliest() -> None:
    cast = recast(story(message_expiration_s=1), {}, {}, (), take_over=False)
    assert [phone.message_expiration_s for phone in cast.phones] == [60]


def test_a_trial_has_a_number_with_which_no_story_begins() -> None:
    assert free_number(()) == "+18005550150"
    assert free_number(("+18005550150",)) == "+18005550151"
    assert free_number([f"+{digits}" for digits in RULE[50:]]) == ALICE
    assert free_number((), turn=151) == "+18005550101"


def test_whoever_turns_away_begins_elsewhere() -> None:
    cast = recast(story(), {}, {}, (ALICE,), take_over=False, turn=0x4634_1C42)
    assert [phone.number for phone in cast.phones] == [f"+{RULE[0x4634_1C42 % 100]}"]
