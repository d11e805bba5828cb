"""Phones that come to a running gateway, and go: worlds with more of them than usual, and with fewer."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.serving import ServeOptions
from tests.hosting.sessions import session_of
from tests.hosting.test_gateway import CONTACT, ask, send

NUMBERS = ("+18005550199", "+18005550198", "+18005550197", "+18005550196")


@pytest.mark.parametrize("usual", [0, 1, 3])
def test_each_world_has_its_phones_at_the_same_place(usual: int) -> None:
    with session_of(ServeOptions(phones=usual)) as (gateway, session):
        place = (gateway.url, gateway.user_key, gateway.number)
        for count in (2, 1, 4, 0, 3):
            with session.world_of(f"with {count}", phones=count):
                assert (gateway.url, gateway.user_key, gateway.number) == place
                assert [state["numbers"] for state in gateway.handsets()] == [[number] for number in NUMBERS[:count]]
                assert {row["phone_number"] for row in ask(gateway, "/v1/phones")} == set(NUMBERS[:count])
                for number in NUMBERS[:count]:
                    body = {"from": number, "to": CONTACT, "content": number}
                    gateway.wait_for_status(ask(gateway, "/v1/messages/send", body)["id"], "delivered")
                    gateway.contact("bob").text(f"to {number}", to=number)
                gateway.advance(1)
                told = [entry.facts["owner"] for entry in gateway.trace() if entry.kind == "message.phone.received"]
                assert sorted(told) == sorted(NUMBERS[:count])
                assert session.violations() == ()
        with session.world_of("usual"):
            assert len(gateway.handsets()) == usual


def test_a_number_is_a_phones_in_the_worlds_alone_that_have_it() -> None:
    with session_of() as (gateway, session):
        for count, found in ((1, 1), (2, 0), (1, 1)):
            with session.world_of(f"with {count}", phones=count):
                gateway.wait_for_status(send(gateway, "Hello", to=NUMBERS[1]), "delivered")
                gateway.advance(0)
                assert len(gateway.inbox) == found


def test_a_phone_that_is_gone_does_nothing_more() -> None:
    with session_of() as (gateway, session), session.world_of("nobody", phones=0):
        gateway.advance(3600)
        assert [entry.kind for entry in gateway.trace() if entry.hop in ("phone", "api")] == []


def test_a_test_has_the_same_ids_whatever_ran_before_it() -> None:
    def first_id(*others: int) -> str:
        with session_of(ServeOptions(seed=7)) as (gateway, session):
            for count in others:
                with session.world_of(f"with {count}", phones=count):
                    gateway.advance(60)
            with session.world_of("one", phones=2):
                return send(gateway, "Hello")

    assert first_id() == first_id(3, 1) == first_id(0, 2, 1)


def test_what_was_prepared_is_in_worlds_of_every_size() -> None:
    with session_of() as (gateway, session):
        hook = gateway.webhooks.subscribe()
        for count in (3, 0, 1):
            with session.world_of(f"with {count}", phones=count):
                assert [row["id"] for row in ask(gateway, "/v1/webhooks")] == [hook]


def test_a_reset_leaves_a_world_as_it_was_when_the_test_began() -> None:
    with session_of() as (gateway, session):
        gateway.webhooks.subscribe()
        with session.world_of("one", phones=2):
            send(gateway, "Hello")
            gateway.reset()
            assert (len(gateway.handsets()), len(ask(gateway, "/v1/webhooks"))) == (2, 1)
            assert gateway.inbox == ()


def test_a_snapshot_with_other_phones_is_refused_and_changes_nothing() -> None:
    with session_of() as (gateway, session):
        one = gateway.snapshot()
        with session.world_of("two", phones=2):
            two = gateway.snapshot()
            with pytest.raises(ValueError, match="nothing of phone:phone-2 is in it"):
                gateway.restore(one)
            assert len(gateway.handsets()) == 2
            gateway.restore(two)
        with session.world_of("one"):
            gateway.restore(one)
            with pytest.raises(ValueError, match="due for phone:phone-2, which is not here"):
                gateway.restore(two)
            gateway.wait_for_status(send(gateway, "Hello"), "delivered")


def test_there_are_numbers_for_fifty() -> None:
    with session_of() as (gateway, session):
        with pytest.raises(UsageError, match="51 phones"), session.world_of("many", phones=51):
            pass
        with session.world_of("one"):
            assert len(gateway.handsets()) == 1
