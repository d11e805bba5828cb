"""A gateway, a phone or a radio that does something wrong is noticed when a shipped story runs.

Each one is a core of its own class, in the place of the real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from harness.adapters.scenario_files import read_file
from harness.adapters.virtual import run_virtual
from harness.core import Command, Core, Record
from harness.http.values import Answered, Arrived
from harness.instants import SECOND, Instant
from harness.modem import Modem
from harness.phone import Phone
from harness.phone.core import Gate
from harness.phone.events import LogOut
from harness.phone.jobs import Forward, Task
from harness.radio import RESULT_OK
from harness.scenario.invariants import INVARIANTS, violations
from harness.staging import stage
from harness.standin import StandIn
from harness.standin.rows import HookCall, evolve
from harness.standin.state import Put
from harness.trace import Entry
from harness.wire import events
from harness.wire.server import Status
from tests.house.sources import ROOT

NEVER = 1_000 * 86_400 * SECOND


def mutated(core: Core, kind: type[Any]) -> Any:
    """A core of that class with the state of the given one."""
    twin: Any = object.__new__(kind)
    twin.__dict__.update(vars(core))
    return twin


def played(story: str, core: str, kind: type[Any]) -> Sequence[Entry]:
    """The trace of a shipped story in a world where that core is of another class."""
    (path,) = (ROOT / "scenarios").rglob(f"{story}.scenario.yaml")
    first, *_ = read_file(path)
    staged = stage(first, 1)
    world = staged.bed.world
    world.cores[core] = mutated(world.cores[core], kind)
    staged.start()
    run_virtual(world, lambda: staged.run.verdict is not None)
    run_virtual(world, lambda: False, world.now + 5 * SECOND)
    return staged.bed.trace.entries


# -- gateways ------------------------------------------------------------------------------------------------------


class CallsTwice(StandIn):
    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        again = super().handle(event, now) if type(event) is HookCall else ()
        return [*super().handle(event, now), *again]


class ForgetsASubscriber(StandIn):
    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        return [] if type(event) is HookCall else super().handle(event, now)


class SignsWithAnotherKey(StandIn):
    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        return super().handle(evolve(event, key="another") if type(event) is HookCall else event, now)


class ForgetsAnswers(StandIn):
    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        is_hook = type(event) is Answered and type(self.calls.get(event.exchange)) is HookCall
        return [] if is_hook else super().handle(event, now)


class Stores(StandIn):
    """Writes other rows than it was told."""

    def store(self, puts: tuple[Put, ...]) -> None:
        super().store(tuple([put for put in map(self.changed, puts) if put is not None]))

    def changed(self, put: Put) -> Put | None:
        return put


class CountsTwice(Stores):
    def changed(self, put: Put) -> Put | None:
        table, key, row = put
        return (table, key, evolve(row, sent_messages=row.sent_messages + 1)) if table == "usages" else put


class LeavesThreadsAlone(Stores):
    def changed(self, put: Put) -> Put | None:
        return None if put[0] == "threads" and put[1] in self.threads else put


class GoesBackInTime(Stores):
    def changed(self, put: Put) -> Put | None:
        table, key, row = put
        if table != "messages" or row is None or row.status is not Status.DELIVERED:
            return put
        return table, key, evolve(row, order_at=row.order_at - SECOND)


class SkipsSent(Stores):
    def changed(self, put: Put) -> Put | None:
        table, key, row = put
        if table != "messages" or row is None or row.status is not Status.SENT:
            return put
        return table, key, evolve(row, status=Status.DELIVERED)


class ForgetsPlans(Stores):
    def changed(self, put: Put) -> Put | None:
        return None if put[0] == "notifications" else put


class Queues(StandIn):
    """Puts events off for ever."""

    FORGOTTEN: type[events.Payload]

    def queue(self, data: events.Payload, source: str, now: Instant, delay_ns: int = 0) -> Command:
        return super().queue(data, source, now, NEVER if type(data) is self.FORGOTTEN else delay_ns)


class ForgetsSends(Queues):
    FORGOTTEN = events.ApiSent


class ForgetsToPlan(Queues):
    FORGOTTEN = events.NotificationScheduled


class ForgetsToPush(Queues):
    FORGOTTEN = events.NotificationSend


class ForgetsExpiries(Queues):
    FORGOTTEN = events.ExpiredCheck


class PushesAtOnce(StandIn):
    def queue(self, data: events.Payload, source: str, now: Instant, delay_ns: int = 0) -> Command:
        return super().queue(data, source, now, 0 if type(data) is events.NotificationSend else delay_ns)


class PushesThreeTimes(StandIn):
    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        pushes = type(event) is events.Event and type(event.data) is events.NotificationSend
        commands = [*super().handle(event, now)]
        return [*commands, *super().handle(event, now), *super().handle(event, now)] if pushes else commands


class StopsWithoutAWord(StandIn):
    """Plans nothing at all."""

    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        if type(event) is not events.Event or type(event.data) is not events.ApiSent:
            return super().handle(event, now)
        return [command for command in super().handle(event, now) if type(command) is Record]


class BringsBackWhatWasDeleted(StandIn):
    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        if type(event) is not Arrived or event.request.method != "DELETE":
            return super().handle(event, now)
        before = dict(self.messages)
        commands = super().handle(event, now)
        for key, row in before.items():
            self.messages[key] = row
        return commands


class OpensEverything(StandIn):
    """A phone key is as good as the user's."""

    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        key = event.request.header("x-api-key") if type(event) is Arrived else None
        if key is None or not key.startswith("pk_") or event.request.path != "/v1/webhooks":
            return super().handle(event, now)
        (account,) = self.accounts.values()
        request = replace(event.request, headers=(("x-api-key", account.api_key),))
        commands = super().handle(Arrived(event.exchange, request), now)
        return [one._replace(facts={**one.facts, "as": "phone"}) if type(one) is Record else one for one in commands]


class MixesTextsUp(Stores):
    def changed(self, put: Put) -> Put | None:
        table, key, row = put
        return put if table != "messages" or row is None else (table, key, evolve(row, content=f"{row.content}!"))


# -- phones --------------------------------------------------------------------------------------------------------


class TakesTheOtherSim(Phone):
    def _port(self, subscription_id: int) -> str:
        return "radio" if super()._port(subscription_id) == "radio2" else "radio2"


class SendsTwice(Phone):
    def _hand_over(self, *args: Any) -> list[Command]:
        return [*super()._hand_over(*args), *super()._hand_over(*args)]


class ForgetsToEncrypt(Phone):
    """Says that it has encrypted."""

    def _forward(self, sender: str, content: str, *args: Any) -> list[Command]:
        self.clear = content
        return super()._forward(sender, content, *args)

    def _enqueue(self, task: Task, now: Instant) -> list[Command]:
        return super()._enqueue(replace(task, content=self.clear) if isinstance(task, Forward) else task, now)


class ForwardsTwice(Phone):
    def _enqueue(self, task: Task, now: Instant) -> list[Command]:
        again = super()._enqueue(task, now) if isinstance(task, Forward) else []
        return [*super()._enqueue(task, now), *again]


class CallsEverythingSent(Phone):
    def _sent_broadcast(self, message_id: str | None, code: int, now: Instant) -> list[Command]:
        return super()._sent_broadcast(message_id, RESULT_OK, now)


class SaysDeliveredAtOnce(Phone):
    def _sent_broadcast(self, message_id: str | None, code: int, now: Instant) -> list[Command]:
        heard = super()._sent_broadcast(message_id, code, now)
        return [*heard, *self._delivered_broadcast(message_id, code, now)]


class StaysLoggedIn(Phone):
    def _stay(self, *_: Any) -> list[Command]:
        return [Record("phone", "logged out", None, self._whose())]

    _HANDLERS: ClassVar[dict[type, Any]] = {**Phone._HANDLERS, LogOut: (_stay, Gate.USED)}


class TellsItsKey(Phone):
    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        told = Record("phone", "toast", None, {"text": f"{self.settings.api_key}"})
        return [told, *super().handle(event, now)]


# -- radios --------------------------------------------------------------------------------------------------------


class SendsWithoutService(Modem):
    def _attempt(self, reach: Any, now: Instant) -> list[Command]:
        service = self.facts["service"]
        self.facts["service"] = type(service).FULL
        commands = super()._attempt(reach, now)
        self.facts["service"] = service
        return commands


class SendsByItself(Modem):
    def _submit(self, submit: Any, now: Instant) -> list[Command]:
        return [*super()._submit(submit, now), *super()._submit(replace(submit, id="nobody/1"), now)]


GATEWAY, PHONE, RADIO = "gateway", "phone:alice", "modem:alice"

MUTANTS: dict[str, tuple[str, str, type[Any], str]] = {
    "two webhooks": ("plain_text", GATEWAY, CallsTwice, "one-webhook-per-event"),
    "no webhook": ("plain_text", GATEWAY, ForgetsASubscriber, "one-webhook-per-event"),
    "a wrong key for tokens": ("plain_text", GATEWAY, SignsWithAnotherKey, "webhook-tokens-verify"),
    "answers that nobody reads": ("two_sims", GATEWAY, ForgetsAnswers, "every-request-is-answered"),
    "a wrong counter": ("plain_text", GATEWAY, CountsTwice, "counters-add-up"),
    "threads that stand still": ("plain_text", GATEWAY, LeavesThreadsAlone, "thread-shows-its-last-message"),
    "a time that goes back": ("plain_text", GATEWAY, GoesBackInTime, "order-never-goes-back"),
    "a status that is skipped": ("plain_text", GATEWAY, SkipsSent, "status-moves-along-the-table"),
    "no rate": ("rate_limit", GATEWAY, ForgetsPlans, "rate-and-windows-kept"),
    "pushes before their time": ("rate_limit", GATEWAY, PushesAtOnce, "rate-and-windows-kept"),
    "three pushes": ("plain_text", GATEWAY, PushesThreeTimes, "attempts-within-the-maximum"),
    "sends that are forgotten": ("plain_text", GATEWAY, ForgetsSends, "no-job-is-lost"),
    "pushes that are not planned": ("plain_text", GATEWAY, ForgetsToPlan, "no-job-is-lost"),
    "pushes that are forgotten": ("rate_limit", GATEWAY, ForgetsToPush, "no-job-is-lost"),
    "expiries that are forgotten": ("missed_push", GATEWAY, ForgetsExpiries, "no-job-is-lost"),
    "sends that come to nothing": ("plain_text", GATEWAY, StopsWithoutAWord, "every-send-comes-to-an-end"),
    "messages that come back": (
        "deleted_in_flight",
        GATEWAY,
        BringsBackWhatWasDeleted,
        "nothing-after-a-delete",
    ),
    "keys for everything": ("key_of_one_phone", GATEWAY, OpensEverything, "phone-key-within-its-bounds"),
    "texts that change": ("plain_text", GATEWAY, MixesTextsUp, "content-unchanged"),
    "the other SIM": ("two_sims", PHONE, TakesTheOtherSim, "right-sim"),
    "two texts": ("plain_text", PHONE, SendsTwice, "one-sms-per-send"),
    "no encryption": ("encrypted_round_trip", PHONE, ForgetsToEncrypt, "no-clear-text"),
    "two messages": ("plain_text", PHONE, ForwardsTwice, "one-message-per-text"),
    "a good report of a bad text": ("radio_failure", PHONE, CallsEverythingSent, "every-report-has-its-radio-result"),
    "a report that is invented": ("plain_text", PHONE, SaysDeliveredAtOnce, "every-report-has-its-radio-result"),
    "a key in the trace": ("plain_text", PHONE, TellsItsKey, "no-secret-in-the-trace"),
    "a logout that is none": ("logged_out", "phone:shop", StaysLoggedIn, "nothing-on-a-phone-that-is-out"),
    "a dead radio": ("radio_failure", RADIO, SendsWithoutService, "nothing-on-a-dead-radio"),
    "a text of nobody": ("plain_text", RADIO, SendsByItself, "no-sms-without-a-send"),
}


@pytest.mark.parametrize(("story", "core", "kind", "invariant"), MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_is_noticed(story: str, core: str, kind: type[Any], invariant: str) -> None:
    found = {violation.invariant for violation in violations(played(story, core, kind))}
    assert invariant in found, found


def test_every_rule_notices_a_mutant() -> None:
    assert {invariant for *_, invariant in MUTANTS.values()} == set(INVARIANTS)


def test_a_core_of_the_real_class_breaks_nothing() -> None:
    for core, kind in ((GATEWAY, StandIn), (PHONE, Phone), (RADIO, Modem)):
        assert list(violations(played("plain_text", core, kind))) == []
