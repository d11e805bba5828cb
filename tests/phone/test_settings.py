"""What the stored settings mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.phone import Build, Settings, Sim
from harness.plain import dump, load
from harness.profile import AppProfile
from tests.phone.kit import ALICE, SECOND_SIM, SETTINGS

ONE = (Sim(ALICE),)
TWO = (Sim(ALICE), Sim(SECOND_SIM, active=False))


@pytest.mark.parametrize("sims", [(), ONE, TWO])
def test_there_are_always_two_sims(sims: tuple[Sim, ...]) -> None:
    settings = Settings(sims)
    assert len(settings.sims) == 2
    assert settings.sims[: len(sims)] == sims
    assert load(dump(settings)) == settings


@pytest.mark.parametrize(
    ("sims", "api_key", "logged_in"),
    [(ONE, "pk_one", True), (ONE, "", True), (ONE, None, False), ((), "pk_one", False),
     ((Sim(), Sim(SECOND_SIM)), "pk_one", False)],
)  # fmt: skip
def test_a_key_and_a_first_number_make_a_login(sims: tuple[Sim, ...], api_key: str | None, logged_in: bool) -> None:
    assert Settings(sims, api_key=api_key).logged_in is logged_in


@pytest.mark.parametrize(
    ("sims", "name", "active"),
    [(ONE, "SIM1", True), (ONE, "SIM2", False), (ONE, "anything", True), (TWO, "SIM2", False), (TWO, "SIM1", True),
     ((Sim(), Sim(SECOND_SIM)), "SIM2", False), ((Sim(ALICE), Sim(SECOND_SIM)), "SIM2", True)],
)  # fmt: skip
def test_a_sim_is_active_by_its_switch_the_second_only_beside_a_first(
    sims: tuple[Sim, ...], name: str, active: bool
) -> None:
    assert Settings(sims).is_active(name) is active


@pytest.mark.parametrize(
    ("sims", "any_active"),
    [((), True), ((Sim(active=False),), False), ((Sim(ALICE, active=False), Sim(SECOND_SIM)), True),
     ((Sim(ALICE, active=False), Sim(SECOND_SIM, active=False)), False)],
)  # fmt: skip
def test_a_phone_without_numbers_counts_as_active(sims: tuple[Sim, ...], any_active: bool) -> None:
    assert Settings(sims).any_active is any_active


@pytest.mark.parametrize(("switch", "key", "encrypts"), [(True, "k", True), (True, "", False), (False, "k", False)])
def test_received_texts_are_encrypted_only_with_a_key(switch: bool, key: str, encrypts: bool) -> None:
    assert Settings(ONE, encrypt_received=switch, encryption_key=key).encrypts_received is encrypts


@pytest.mark.parametrize(
    ("typed", "stored", "encrypts"), [("  my key ", "my key", True), ("   ", "", False), ("", "", False)]
)
def test_a_typed_key_is_trimmed_and_an_empty_one_switches_encryption_off(
    typed: str, stored: str, encrypts: bool
) -> None:
    settings = Settings(encryption_key="old", encrypt_received=True).with_encryption_key(typed)
    assert (settings.encryption_key, settings.encrypt_received) == (stored, encrypts)


def test_a_logout_forgets_who_was_logged_in_and_keeps_what_is_the_handsets() -> None:
    kept: dict[str, Any] = {"server_url": "http://x", "registration_token": "t", "heartbeat_at": 5, "debug": True}
    settings = Settings(
        (Sim(ALICE, False, False, True), Sim(SECOND_SIM)), api_key="k", encryption_key="e", encrypt_received=True,
        user_id="u", token_uploaded_at=7, **kept,
    )  # fmt: skip
    assert settings.logged_out() == Settings(**kept)


def test_requests_go_to_the_server_under_the_key() -> None:
    access = SETTINGS.access()
    assert (access.scheme, access.authority, access.base) == ("http", "api.internal", "/v1")
    assert access.head == (("x-api-key", "pk_one"), ("X-Client-Version", "5dab6f8"))


def test_without_a_login_the_key_of_a_request_is_empty() -> None:
    assert replace(SETTINGS, api_key=None).access().head[0] == ("x-api-key", "")


def test_the_version_and_the_joining_of_slashes_are_those_of_the_build() -> None:
    access = SETTINGS.access(Build(AppProfile(version="abc", runtime="jvm")))
    assert access.head[1] == ("X-Client-Version", "abc")
    assert not access.collapses


@pytest.mark.parametrize("secret", ["pk_one", "fcm-token-one"])
def test_settings_show_no_secrets(secret: str) -> None:
    assert secret not in repr(SETTINGS)
