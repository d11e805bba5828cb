"""One handset's radio: takes submits, hands what the SMSC delivers to the phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum
from typing import Any, ClassVar

from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
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

__all__ = ["Delays", "LoseService", "Modem", "PowerOff", "PowerOn", "RegainService", "RejectSegments"]

# Android's results: no PDU can be built, the radio is off, it is not registered (phone-behaviour.md §8.2).
GENERIC_FAILURE = 1
RADIO_OFF = 2
NO_SERVICE = 4


@frozen
class LoseService:
    """The handset loses its network."""


@frozen
class RegainService:
    """The handset is registered again."""


@frozen
class PowerOff:
    """The radio is switched off (airplane mode)."""


@frozen
class PowerOn:
    """The radio is switched on."""


@frozen
class RejectSegments:
    """The network refuses `times` segments, after letting `skip` of them through, with Android's result `code`."""

    code: int
    times: int = 1
    skip: int = 0


@frozen
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


@frozen
class Pending:
    """A segment that waits: for the SMSC to take it, by its token; then for its status report, by its `tp_mr`."""

    id: str
    segment: int


@frozen
class _Reach:
    """A segment reaches the SMSC after the drawn delay."""

    id: str
    segment: int
    tpdu: bytes


@frozen
class _Report:
    """A status report reaches the handset after the drawn delay."""

    tpdu: bytes


class Modem(Core):
    """A simulated radio for one SIM with `number`, and what Android's telephony does with it.

    Ports: `phone` takes the radio's events, `smsc` what goes over the air.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "submitted", "pending", "waiting")

    def __init__(self, name: str, draws: Draws, number: str, delays: Delays | None = None, slot: int = 1) -> None:
        super().__init__(name, draws)
        self.number = number
        self.delays = delays or Delays()
        self.slot = slot
        self.facts: Table[str, Any] = Table({"service": Service.FULL, "tp_mr": draws.getrandbits(8), "held": 0})
        self.submitted: Table[str, Pending] = Table()
        self.pending: Table[int, Pending] = Table()
        # What the SMSC has for this handset while it is not there, in order.
        self.waiting: Table[int, AirDeliver | AirReport] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Submit():
                return self._submit(event, now)
            case AirSubmitted(tp_mr, token):
                return self._submitted(tp_mr, token)
            case AirDeliver() | AirReport():
                return self._came(event, now)
            case _Reach():
                return self._reach(event)
            case _Report(tpdu):
                return self._report(tpdu)
            case LoseService():
                return [self._serve(Service.NONE)]
            case PowerOff():
                return [self._serve(Service.OFF)]
            case RejectSegments():
                self.facts["reject"] = event
                return []
            case RegainService() | PowerOn():
                return self._regain(now)
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- out -----------------------------------------------------------------------------------------------------

    def _submit(self, submit: Submit, now: Instant) -> list[Command]:
        # Where Android can build no PDU it says so for every part, at once (phone-behaviour.md §8.2).
        code = REJECTS.get(self.facts["service"]) if submit.tpdus else GENERIC_FAILURE
        commands: list[Command] = []
        for segment, text in enumerate(submit.segments):
            facts: dict[str, Fact] = {
                "from": self.number,
                "to": submit.to,
                "text": text,
                "segment": segment + 1,
            }
            message = _message(submit.id)
            refused = self._refusal() if code is None else code
            if refused is not None:
                commands.append(Record("radio", "rejected", message, {**facts, "code": refused}))
                commands.append(Tell("phone", SubmitRejected(submit.id, segment, refused)))
                continue
            commands.append(Record("radio", "submitted", message, facts))
            reach = _Reach(submit.id, segment, submit.tpdus[segment])
            delay = self._draw(self.delays.accept_ns)
            commands += [At(now + delay, reach)] if delay else self._reach(reach)
        return commands

    def _refusal(self) -> int | None:
        """The code with which the network refuses the next segment, None if it takes it."""
        reject: RejectSegments | None = self.facts.get("reject")
        if reject is None:
            return None
        if reject.skip:
            self.facts["reject"] = replace(reject, skip=reject.skip - 1)
            return None
        self.facts["reject"] = replace(reject, times=reject.times - 1) if reject.times > 1 else None
        return reject.code

    def _draw(self, bounds: tuple[int, int]) -> int:
        return self.draws.between(*bounds) if bounds[1] else 0

    def _reach(self, reach: _Reach) -> list[Command]:
        """The modem fills in its own message reference, the second octet (segmentation.md, data README)."""
        code = REJECTS.get(self.facts["service"])
        if code is not None:  # it was lost on the way
            facts: dict[str, Fact] = {"from": self.number, "segment": reach.segment + 1, "code": code}
            rejected = Record("radio", "rejected", _message(reach.id), facts)
            return [rejected, Tell("phone", SubmitRejected(reach.id, reach.segment, code))]
        tp_mr: int = (self.facts["tp_mr"] + 1) & 0xFF
        self.facts["tp_mr"] = tp_mr
        token = f"{reach.id}/{reach.segment}"
        self.submitted[token] = Pending(reach.id, reach.segment)
        tpdu = reach.tpdu[:1] + bytes((tp_mr,)) + reach.tpdu[2:]
        return [Tell("smsc", AirSubmit(self.name, self.number, tpdu, token))]

    def _submitted(self, tp_mr: int, token: str) -> list[Command]:
        pending = self.submitted.drop(token)
        if pending is None:
            raise ProtocolError(self.name, AirSubmitted(tp_mr, token), "no such submit")
        # References wrap: an unanswered older segment with the same one is forgotten (phone-behaviour.md §8.5).
        self.pending[tp_mr] = pending
        return [Tell("phone", SubmitAccepted(pending.id, pending.segment, tp_mr))]

    def _report(self, tpdu: bytes) -> list[Command]:
        if self.facts["service"] is not Service.FULL:  # since it was sent
            self._hold(AirReport(tpdu))
            return []
        report = parse_status_report(tpdu)
        pending = self.pending.get(report.tp_mr)
        if pending is None:  # also one that overtakes the answer to its submit: Android drops it (§8.5)
            return []
        # 32 to 63 is temporary: the entry stays, a final report follows (§8.5).
        if not 32 <= report.status < 64:
            del self.pending[report.tp_mr]
        facts: dict[str, Fact] = {"segment": pending.segment + 1, "status": report.status}
        event = StatusReport(pending.id, pending.segment, report.tp_mr, report.status)
        return [Record("radio", "report", _message(pending.id), facts), Tell("phone", event)]

    # -- in ------------------------------------------------------------------------------------------------------

    def _came(self, event: AirDeliver | AirReport, now: Instant) -> list[Command]:
        if self.facts["service"] is not Service.FULL:
            self._hold(event)
            return []
        if isinstance(event, AirDeliver):
            return self._deliver(event)
        delay = self._draw(self.delays.report_ns)
        return [At(now + delay, _Report(event.tpdu))] if delay else self._report(event.tpdu)

    def _hold(self, event: AirDeliver | AirReport) -> None:
        """The SMSC keeps it until the handset is back."""
        number: int = self.facts["held"] + 1
        self.facts["held"] = number
        self.waiting[number] = event

    def _deliver(self, deliver: AirDeliver) -> list[Command]:
        segment = parse_deliver(deliver.tpdu)
        facts: dict[str, Fact] = {"from": segment.sender, "to": self.number, "text": segment.text}
        return [
            Record("radio", "delivered", None, facts),
            Tell("phone", DeliverReceived(deliver.tpdu, self.slot)),
            Tell("smsc", AirDelivered(deliver.token)),
        ]

    # -- the network ---------------------------------------------------------------------------------------------

    def _serve(self, service: Service) -> Command:
        self.facts["service"] = service
        return Record("radio", "service", None, {"number": self.number, "service": service.value})

    def _regain(self, now: Instant) -> list[Command]:
        commands = [self._serve(Service.FULL), Tell("smsc", Joined(self.name, self.number))]
        for number in list(self.waiting):
            commands += self._came(self.waiting[number], now)
            del self.waiting[number]
        return commands


def _message(submit_id: str) -> str:
    """The id of the message: a submit is named `<message id>/<job>`."""
    return submit_id.rpartition("/")[0]
