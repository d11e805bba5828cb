"""Power, updates, cards: what happens to the handset and to the app as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import Tell
from harness.delays import Fixed
from harness.instants import SECOND
from harness.phone import (
    Boot,
    Build,
    Card,
    ChangeCharging,
    ChangeSims,
    Device,
    ForceStop,
    InsertCard,
    KillProcess,
    OpenApp,
    PowerOffHandset,
    Reboot,
    RemoveCard,
    ResumeApp,
    SendHeartbeat,
    Settings,
    Sim,
    UpdateApp,
)
from harness.phone.core import Late
from harness.phone.events import JobDue
from harness.phone.life import UnusedDue
from harness.phone.work import State
from harness.profile import OemProfile
from harness.radio import TextReceived
from tests.phone.kit import (
    ALICE,
    BOB,
    NOW,
    PUSH,
    SECOND_SIM,
    TWO_CARDS,
    a_phone,
    due_in,
    facts_in,
    kinds_in,
    requests_in,
    tell,
)


@pytest.mark.parametrize("event", [PUSH, TextReceived(BOB, "hi"), SendHeartbeat(), OpenApp(), ResumeApp()])
def test_a_handset_that_is_off_hears_and_does_nothing(event: Any) -> None:
    phone = a_phone()
    tell(phone, PowerOffHandset())
    assert tell(phone, event) == []
    assert not phone.jobs


def test_a_handset_goes_on_with_its_jobs_when_it_is_booted() -> None:
    phone = a_phone()
    tell(phone, TextReceived(BOB, "hi"))
    assert kinds_in(tell(phone, PowerOffHandset())) == ["powered off"]
    assert tell(phone, PowerOffHandset()) == []
    (job,) = phone.jobs.values()
    assert job.state is State.ENQUEUED
    assert tell(phone, JobDue(job.number), job.not_before_at) == []
    booted = tell(phone, Boot(), job.not_before_at)
    assert kinds_in(booted) == ["booted", "service started"]
    assert [request.path for request in requests_in(booted)] == ["/v1/messages/receive"]


@pytest.mark.parametrize("kind", ["powered off", "booted"])
def test_whose_handset_it_is_is_told_by_its_numbers(kind: str) -> None:
    phone = a_phone(Settings((Sim(ALICE), Sim(SECOND_SIM))), TWO_CARDS)
    assert facts_in(tell(phone, Reboot()), kind) == {"numbers": f"{ALICE}, {SECOND_SIM}"}


def test_a_reboot_is_off_and_on_again() -> None:
    phone = a_phone()
    tell(phone, TextReceived(BOB, "hi"))
    assert kinds_in(tell(phone, Reboot())) == ["powered off", "booted", "service started"]
    assert len(phone.jobs) == 1


@pytest.mark.parametrize(
    ("settings", "starts"),
    [(Settings(), True), (Settings((Sim(ALICE, active=False),)), False),
     (Settings((Sim(ALICE, active=False), Sim(SECOND_SIM))), True)],
)  # fmt: skip
def test_the_service_starts_with_an_active_sim_and_without_any_number(settings: Settings, starts: bool) -> None:
    assert ("service started" in kinds_in(tell(a_phone(settings), Boot()))) is starts


@pytest.mark.parametrize("event", [PUSH, TextReceived(BOB, "hi")])
def test_a_stopped_app_hears_nothing_until_it_is_opened(event: Any) -> None:
    phone = a_phone()
    asked = tell(phone, TextReceived(BOB, "one"))
    assert requests_in(asked)
    tell(phone, ForceStop())
    assert tell(phone, event) == []
    assert kinds_in(tell(phone, Reboot())) == ["powered off", "booted"]
    (job,) = phone.jobs.values()
    assert tell(phone, JobDue(job.number), job.not_before_at) == []
    again = tell(phone, ResumeApp(), job.not_before_at)
    assert "/v1/messages/receive" in [request.path for request in requests_in(again)]


def test_an_update_ends_the_process_and_starts_nothing() -> None:
    phone = a_phone()
    assert kinds_in(tell(phone, UpdateApp())) == ["app updated"]
    tell(phone, TextReceived(BOB, "hi"))
    updated = tell(phone, UpdateApp())
    assert kinds_in(updated) == ["app updated"]
    assert not phone.life.process
    (due,) = due_in(updated, JobDue)
    assert requests_in(tell(phone, due.event, due.due_at))


def test_whatever_is_done_twice_is_done_once() -> None:
    phone = a_phone()
    for event in (KillProcess(), ForceStop(), PowerOffHandset(), Boot(), OpenApp()):
        tell(phone, event)
        tell(phone, event)
    assert phone.life.powered
    assert not phone.life.stopped


def test_a_handset_that_listens_says_when_it_is_off_and_on() -> None:
    phone = a_phone()
    phone.facts["listens"] = True
    told = [type(item.event).__name__ for item in tell(phone, Reboot()) if isinstance(item, Tell)]
    assert told == ["StreamClosed", "StreamOpened"]


def test_a_maker_may_stop_an_app_that_nobody_opens() -> None:
    phone = a_phone(build=Build(oem=OemProfile(stopped_after=Fixed(SECOND))))
    (first,) = due_in(tell(phone, ResumeApp()), UnusedDue)
    (second,) = due_in(tell(phone, SendHeartbeat(), NOW + 1), UnusedDue)
    assert tell(phone, first.event, first.due_at) == []
    assert kinds_in(tell(phone, second.event, second.due_at)) == ["force-stopped"]


def test_jobs_and_pushes_wait_while_the_phone_is_not_used_unless_it_is_charged() -> None:
    build = Build(oem=OemProfile(push_delay=Fixed(SECOND), job_delay=Fixed(2 * SECOND), restricted_after_ns=SECOND))
    for charging, delay in ((False, SECOND), (True, 0)):
        phone = a_phone(build=build)
        tell(phone, ChangeCharging(charging))
        tell(phone, ResumeApp())
        (late,) = due_in(phone.handle(PUSH, NOW + SECOND), Late)
        assert late.due_at == NOW + SECOND + delay
        (job,) = due_in(phone.handle(late.event, late.due_at), JobDue)
        assert job.due_at == late.due_at + 2 * delay


def test_a_card_that_is_taken_out_and_put_in_again_is_the_same() -> None:
    phone = a_phone(device=TWO_CARDS)
    tell(phone, RemoveCard(1))
    assert (phone.device.cards, phone.device.default_subscription) == ((Card(2, 2, SECOND_SIM),), 2)
    tell(phone, RemoveCard(2))
    assert (phone.device.cards, phone.device.default_subscription) == ((), None)
    tell(phone, InsertCard(2))
    tell(phone, InsertCard(1))
    tell(phone, InsertCard(1))
    assert phone.device.cards == TWO_CARDS.cards
    assert phone.device.default_subscription == 2


def test_other_cards_are_sorted_by_slot_and_keep_the_numbers_that_are_known() -> None:
    phone = a_phone(device=Device((Card(1, 1, ALICE),)))
    tell(phone, ChangeSims(((9, 2), (1, 1)), 9))
    assert phone.device.cards == (Card(1, 1, ALICE), Card(9, 2))
    assert phone.device.default_subscription == 9
