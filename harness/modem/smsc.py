"""The SMSC: stores a submit, forwards it as a deliver, reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from harness.core import Command, Core, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.instants import Instant
from harness.radio import AirDeliver, AirDelivered, AirReport, AirSubmit, AirSubmitted, Joined
from harness.sms import forwarded_tpdu, parse_submit, status_report_tpdu

__all__ = ["EVERYONE", "Smsc"]

EVERYONE = "*"
"""Stands in the directory for every number that nobody joined with."""

DELIVERED = 0  # TP-ST: received by the recipient (3GPP TS 23.040 §9.2.3.15)


@frozen
class Underway:
    """A segment that its recipient has not acknowledged yet. `report_to` is the sender's core, if it asked for one."""

    report_to: str | None
    tp_mr: int
    recipient: str
    submitted_at: Instant


class Smsc(Core):
    """One network for everybody in the world. Joins tell it which core answers for which number.

    Speaks to `@core` of each handset. A number that nobody answers for goes to whoever joined as `*`.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("directory", "underway", "facts")

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name, draws)
        self.directory: Table[str, str] = Table()
        self.underway: Table[str, Underway] = Table()
        self.facts: Table[str, int] = Table({"token": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case AirSubmit():
                return self._submit(event, now)
            case AirDelivered(token):
                return self._delivered(token, now)
            case Joined(origin, number):
                self.directory[number] = origin
                return []
            case _:
                raise ProtocolError(self.name, event, "any")

    def _submit(self, submitted: AirSubmit, now: Instant) -> list[Command]:
        origin, number = submitted.origin, submitted.number
        submit = parse_submit(submitted.tpdu)
        answer = Tell(f"@{origin}", AirSubmitted(submit.tp_mr, submitted.token))
        target = self.directory.get(submit.to, self.directory.get(EVERYONE))
        if target is None:
            return [answer, Record("radio", "no subscriber", None, {"from": number, "to": submit.to})]
        token = self.facts["token"] + 1
        self.facts["token"] = token
        report_to = origin if submit.report_requested else None
        self.underway[str(token)] = Underway(report_to, submit.tp_mr, submit.to, now)
        deliver = AirDeliver(submit.to, forwarded_tpdu(submitted.tpdu, number, now), str(token))
        return [answer, Tell(f"@{target}", deliver)]

    def _delivered(self, token: str, now: Instant) -> list[Command]:
        underway = self.underway.drop(token)
        if underway is None or underway.report_to is None:
            return []
        report = status_report_tpdu(underway.tp_mr, underway.recipient, underway.submitted_at, now, DELIVERED)
        return [Tell(f"@{underway.report_to}", AirReport(report))]
