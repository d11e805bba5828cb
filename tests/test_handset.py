"""A handset in a world: a phone, a radio for each card, and what the profiles make of it."""

from __future__ import annotations

import pytest

from harness.cast import PhoneSpec
from harness.handset import Handset, add_handset, build_of
from harness.modem import Modem, Smsc
from harness.phone import Build, Phone
from harness.profile import AppProfile, OemProfile
from harness.world import World

ONE, TWO = "+18005550199", "+18005550200"


def handset(spec: PhoneSpec, build: Build | None = None) -> tuple[World, Smsc, Handset]:
    world = World(1)
    smsc = Smsc("smsc", world.draws("smsc"))
    world.add(smsc)
    return world, smsc, add_handset(world, smsc, spec, server_url="http://api.internal", push="push", build=build)


@pytest.mark.parametrize(("second", "numbers"), [(None, (ONE,)), (TWO, (ONE, TWO))])
def test_each_card_has_a_radio_that_the_network_finds_by_its_number(
    second: str | None, numbers: tuple[str, ...]
) -> None:
    world, smsc, made = handset(PhoneSpec("alice", ONE, second_number=second))
    assert made.numbers == numbers
    assert [smsc.directory[number] for number in numbers] == list(made.modems)
    modems = [world.cores[name] for name in made.modems]
    assert [modem.slot for modem in modems if isinstance(modem, Modem)] == list(range(1, len(numbers) + 1))
    phone = world.cores[made.phone]
    assert isinstance(phone, Phone)
    assert [card.number for card in phone.device.cards] == list(numbers)


@pytest.mark.parametrize(("key", "encrypts"), [(None, False), ("Pass word", True)])
def test_a_phone_with_an_encryption_key_encrypts_what_it_receives(key: str | None, encrypts: bool) -> None:
    world, _, made = handset(PhoneSpec("alice", ONE, key))
    phone = world.cores[made.phone]
    assert isinstance(phone, Phone)
    assert phone.settings.encrypts_received is encrypts
    assert not phone.settings.logged_in


def test_a_phone_is_what_its_profiles_come_to() -> None:
    app, oem = AppProfile("mine", "mine-1", sentry_headers=True), OemProfile("slow", cpu_cores=2)
    world, _, made = handset(PhoneSpec("alice", ONE), build_of(app, oem))
    phone = world.cores[made.phone]
    assert isinstance(phone, Phone)
    assert (phone.build.app, phone.build.oem) == (app, oem)
    assert build_of() == Build()
