"""One handset's radio: takes submits, hands what the SMSC delivers to the phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import Instant
from harness.radio import (
    AirDeliver,
    AirDelivered,
    AirReport,
    AirSubmit,
    AirSubmitted,
    DeliverReceived,
    Joined,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
)
from harness.sms import parse_deliver, parse_status_report

__all__ = ["Delays", "LoseService", "Modem", "PowerOff", "PowerOn", "RegainService"]

# Android's results when the radio is off and when it is not registered (phone-behaviour.md §8.2).
RADIO_OFF = 2
NO_SERVICE = 4


@dataclass(frozen=True, slots=True)
class LoseService:
    """The handset loses its network."""


@dataclass(frozen=True, slots=True)
class RegainService:
    """The handset is registered again."""


@dataclass(frozen=True, slots=True)
class PowerOff:
    """The radio is switched off (airplane mode)."""


@dataclass(frozen=True, slots=True)
class PowerOn:
    """The radio is switched on."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the network takes, in ns: ranges to draw from. Zero by default: no figure without a source."""

    accept_ns: tuple[int, int] = (0, 0)
    report_ns: tuple[int, int] = (0, 0)


class Service(Enum):
    """What the radio can do now, and the result of a submit in that state."""

    FULL = "full"
    NONE = "none"
    OFF = "off"


REJECTS = {Service.NONE: NO_SERVICE, Service.OFF: RADIO_OFF}


@dataclass(frozen=True, slots=True)
class Pending:
    """A segment that the network has, or will have, taken; a status report names it by its `tp_mr`."""

    id: str
    segment: int


@dataclass(frozen=True, slots=True)
class _Reach:
    """A segment reaches the SMSC after the drawn delay."""

    id: str
    segment: int
    tpdu: bytes


@dataclass(frozen=True, slots=True)
class _Report:
    """A status report reaches the handset after the drawn delay."""

    tpdu: bytes


class Modem(Core):
    """A simulated radio for one SIM with `number`.

    Ports: `phone` takes the radio's events, `smsc` what goes over the air.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "pending", "waiting")

    def __init__(self, name: str, draws: Draws, number: str, delays: Delays | None = None, slot: int = 1) -> None:
        super().__init__(name, draws)
        self.number = number
        self.delays = delays or Delays()
        self.slot = slot
        self.facts: Table[str, Any] = Table({"service": Service.FULL, "tp_mr": draws.getrandbits(8)})
        self.pending: Table[int, Pending] = Table()
        self.waiting: Table[str, AirDeliver] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Submit():
                return list(self._submit(event, now))
            case _Reach():
                return list(self._reach(event))
            case AirSubmitted(tp_mr):
                return self._submitted(tp_mr)
            case AirReport(tpdu):
                return [At(now + self._draw(self.delays.report_ns), _Report(tpdu))]
            case _Report(tpdu):
                return list(self._report(tpdu))
            case AirDeliver():
                return list(self._deliver(event))
            case LoseService():
                return self._serve(Service.NONE)
            case PowerOff():
                return self._serve(Service.OFF)
            case RegainService() | PowerOn():
                return self._regain()
            case _:
                raise ProtocolError(self.name, event, "any")

    def _draw(self, bounds: tuple[int, int]) -> int:
        return self.draws.between(*bounds) if bounds[1] else 0

    # -- out -----------------------------------------------------------------------------------------------------

    def _submit(self, submit: Submit, now: Instant) -> Iterator[Command]:
        code = REJECTS.get(self.facts["service"])
        for segment, tpdu in enumerate(submit.tpdus):
            text = submit.segments[segment]
            facts: dict[str, Fact] = {
                "from": self.number,
                "to": submit.to,
                "text": text,
                "segment": segment + 1,
            }
            message = submit.id.partition("/")[0]
            if code is not None:
                yield Record("radio", "rejected", message, {**facts, "code": code})
                yield Tell("phone", SubmitRejected(submit.id, segment, code))
                continue
            yield Record("radio", "submitted", message, facts)
            delay = self._draw(self.delays.accept_ns)
            reach = _Reach(submit.id, segment, tpdu)
            if delay:
                yield At(now + delay, reach)
            else:
                yield from self._reach(reach)

    def _reach(self, reach: _Reach) -> Iterator[Command]:
        """The modem fills in its own message reference, the second octet (segmentation.md, data README)."""
        tp_mr: int = (self.facts["tp_mr"] + 1) & 0xFF
        self.facts["tp_mr"] = tp_mr
        # References wrap: an unanswered older segment with the same one is forgotten (phone-behaviour.md §8.5).
        self.pending[tp_mr] = Pending(reach.id, reach.segment)
        tpdu = reach.tpdu[:1] + bytes([tp_mr]) + reach.tpdu[2:]
        yield Tell("smsc", AirSubmit(self.name, self.number, tpdu))

    def _submitted(self, tp_mr: int) -> list[Command]:
        pending = self.pending.get(tp_mr)
        if pending is None:
            return []
        return [Tell("phone", SubmitAccepted(pending.id, pending.segment, tp_mr))]

    def _report(self, tpdu: bytes) -> Iterator[Command]:
        report = parse_status_report(tpdu)
        pending = self.pending.get(report.tp_mr)
        if pending is None:
            return
        # 32 to 63 is temporary: the entry stays, a final report follows (phone-behaviour.md §8.5).
        if not 32 <= report.status < 64:
            del self.pending[report.tp_mr]
        message = pending.id.partition("/")[0]
        yield Record("radio", "report", message, {"segment": pending.segment + 1, "status": report.status})
        yield Tell("phone", StatusReport(pending.id, pending.segment, report.tp_mr, report.status))

    # -- in ------------------------------------------------------------------------------------------------------

    def _deliver(self, deliver: AirDeliver) -> Iterator[Command]:
        if self.facts["service"] is not Service.FULL:
            self.waiting[deliver.token] = deliver  # the SMSC keeps it until the handset is back
            return
        segment = parse_deliver(deliver.tpdu)
        facts = {"from": segment.sender, "to": self.number, "text": segment.text}
        yield Record("radio", "delivered", None, facts)
        yield Tell("phone", DeliverReceived(deliver.tpdu, self.slot))
        yield Tell("smsc", AirDelivered(deliver.token))

    # -- the network ---------------------------------------------------------------------------------------------

    def _serve(self, service: Service) -> list[Command]:
        self.facts["service"] = service
        return [Record("radio", "service", None, {"number": self.number, "service": service.value})]

    def _regain(self) -> list[Command]:
        commands = self._serve(Service.FULL)
        waiting = [self.waiting[token] for token in self.waiting]
        for deliver in waiting:
            del self.waiting[deliver.token]
            commands += self._deliver(deliver)
        return commands + [Tell("smsc", Joined(self.name, self.number))]
