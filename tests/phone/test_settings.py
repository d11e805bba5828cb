"""What the stored settings mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.phone import Settings, Sim
from tests.phone.kit import ALICE, SECOND_SIM, SETTINGS

ONE = (Sim(ALICE),)
TWO = (Sim(ALICE), Sim(SECOND_SIM, active=False))


@pytest.mark.parametrize(
    ("sims", "api_key", "logged_in"),
    [(ONE, "pk_one", True), (ONE, "", True), (ONE, None, False), ((), "pk_one", False)],
)
def test_a_key_and_a_number_make_a_login(sims: tuple[Sim, ...], api_key: str | None, logged_in: bool) -> None:
    assert Settings(sims, api_key=api_key).logged_in is logged_in


@pytest.mark.parametrize(
    ("sims", "name", "active"),
    [(ONE, "SIM1", True), (ONE, "SIM2", False), (ONE, "anything", True), (TWO, "SIM2", False), (TWO, "SIM1", True)],
)
def test_a_sim_is_active_by_its_switch_if_it_is_there(sims: tuple[Sim, ...], name: str, active: bool) -> None:
    assert Settings(sims).is_active(name) is active


@pytest.mark.parametrize(("switch", "key", "encrypts"), [(True, "k", True), (True, "", False), (False, "k", False)])
def test_received_texts_are_encrypted_only_with_a_key(switch: bool, key: str, encrypts: bool) -> None:
    assert Settings(ONE, encrypt_received=switch, encryption_key=key).encrypts_received is encrypts


def test_requests_go_to_the_server_under_the_key() -> None:
    access = SETTINGS.access()
    assert (access.scheme, access.authority, access.base) == ("http", "api.internal", "/v1")
    assert access.head == (("x-api-key", "pk_one"), ("X-Client-Version", "5dab6f8"))


def test_without_a_login_the_key_of_a_request_is_empty() -> None:
    assert replace(SETTINGS, api_key=None).access().head[0] == ("x-api-key", "")
