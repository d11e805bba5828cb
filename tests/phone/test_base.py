"""What every part of the phone stands on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.draws import Draws
from harness.phone import Build, Card, Settings, Sim
from harness.phone.base import Login
from harness.plain import dump, load
from harness.profile import AppProfile
from tests.phone.kit import ALICE, PUSH, SECOND_SIM, SETTINGS, TWO_SIMS, PhoneWorld, a_phone, call_in, tell


@pytest.mark.parametrize(
    ("sims", "cards"),
    [
        ((), (Card(1, 1),)),
        ((Sim(ALICE),), (Card(1, 1, ALICE),)),
        (TWO_SIMS, (Card(1, 1, ALICE), Card(2, 2, SECOND_SIM))),
    ],
)
def test_a_phone_has_a_card_for_each_number_if_nobody_says_otherwise(
    sims: tuple[Sim, ...], cards: tuple[Card, ...]
) -> None:
    assert a_phone(Settings(sims)).device.cards == cards


def test_everything_that_a_phone_keeps_can_be_kept_in_a_file() -> None:
    here = PhoneWorld()
    here.send("m1", "x" * 200)
    for _ in range(30):
        rows = tuple(here.world.snapshot())
        assert load(dump(rows)) == rows
        if not here.world.step():
            break


def test_a_login_under_way_shows_nothing_of_the_key() -> None:
    assert "hush" not in repr(Login("hush", (ALICE,), "http://h"))


def test_the_published_build_sends_what_its_crash_reporter_adds() -> None:
    phone = a_phone(build=Build(AppProfile(version="abc", sentry_headers=True), org_id="7", public_key="k" * 32))
    headers = call_in(tell(phone, PUSH)).request.headers
    assert [name for name, _ in headers][:5] == ["x-api-key", "X-Client-Version", "sentry-trace", "baggage", "Host"]
    trace, baggage = dict(headers)["sentry-trace"], dict(headers)["baggage"]
    assert len(trace.partition("-")[0]) == 32
    assert len(trace.partition("-")[2]) == 16
    assert f"sentry-trace_id={trace[:32]}" in baggage
    assert "sentry-org_id=7,sentry-public_key=" + "k" * 32 in baggage
    assert "sentry-release=com.httpsms%40abc%2B1" in baggage


def test_the_same_seed_gives_the_same_phone() -> None:
    names = [a_phone().facts["concat_ref"] for _ in range(2)]
    assert names[0] == names[1] == Draws(1, "phone:alice").getrandbits(8)


def test_requests_follow_the_settings_of_the_moment() -> None:
    phone = a_phone()
    one = phone._access()
    assert phone._access() is one
    phone.facts["settings"] = replace(SETTINGS, api_key="pk_two")
    assert phone._access().head[0] == ("x-api-key", "pk_two")
