"""The SMSC: stores a submit, forwards it as a deliver, reports; and what a carrier does on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from harness.carrier_rules import AddRules, RemoveRules, Rule
from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError, SmsError
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.modem import magic as plan
from harness.modem.carrier import Passage, Room, steer
from harness.radio import (
    AirCall,
    AirDeliver,
    AirDelivered,
    AirMms,
    AirRefused,
    AirReport,
    AirSubmit,
    AirSubmitted,
    Joined,
)
from harness.sms import SmsSubmit, deliver_tpdus, forwarded_tpdu, parse_submit, status_report_tpdu, submit_head

__all__ = ["EVERYONE", "DeliverPdu", "Smsc"]

EVERYONE = "*"
"""Stands in the directory for every number that nobody joined with."""

DELIVERED = 0  # TP-ST: received by the recipient (3GPP TS 23.040 §9.2.3.15)

# A robot at a magic number that calls back lets it ring so long.
_ROBOT_RINGS = 10 * SECOND


@frozen
class DeliverPdu:
    """Act: the SMSC hands this SMS-DELIVER to `number`, whatever is in it."""

    number: str
    tpdu: bytes


@frozen
class Underway:
    """A segment that its recipient has not acknowledged yet. `report_to` is the sender's core, if it asked for one.

    `reports` are those that a rule wants instead of the ordinary one: after how long (ns), and which TP-ST.
    """

    report_to: str | None
    tp_mr: int
    recipient: str
    submitted_at: Instant
    reports: tuple[tuple[int, int], ...] | None = None


@frozen
class _Later:
    """What the SMSC tells somebody is due."""

    port: str
    event: Any


@frozen
class _Forward:
    """A segment for `number` is due; `token` is its name in `underway`."""

    number: str
    tpdu: bytes
    token: str


@frozen
class _Reply:
    """The robot at a magic number has read a segment."""

    submitted: AirSubmit


class Smsc(Core):
    """One network for everybody in the world. Joins tell it which core answers for which number.

    Speaks to `@core` of each handset. A number that nobody answers for goes to whoever joined as `*`. Texts obey
    `rules`, and with `magic` the numbers of `harness.modem.magic` do as they say there. Takes `AddRules`, `RemoveRules`
    and `DeliverPdu` from whoever directs the story.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("directory", "underway", "facts", "rules", "counts")

    def __init__(self, name: str, draws: Draws, rules: tuple[Rule, ...] = (), *, magic: bool = True) -> None:
        super().__init__(name, draws)
        self.magic = magic
        self.directory: Table[str, str] = Table()
        self.underway: Table[str, Underway] = Table()
        self.facts: Table[str, int] = Table({"token": 0, "rules": 0, "concat_ref": 0})
        self.rules: Table[int, Rule] = Table()
        # What rules remember: by their number, or by the segment for the rules of a magic number.
        self.counts: Table[str, Any] = Table()
        self._add(rules)

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case AirSubmit():
                return self._submit(event, now)
            case AirDelivered(token):
                return self._delivered(token, now)
            case Joined(origin, number):
                self.directory[number] = origin
                return []
            case _Later(port, told):
                return [Tell(port, told)]
            case _Forward():
                return self._forward(event, now)
            case _Reply(submitted):
                return self._reply(submitted, now)
            case AirCall(number) | AirMms(number):
                return self._pass_on(event, number)
            case DeliverPdu(number, tpdu):
                return self._pass_on(AirDeliver(number, tpdu, self._token()), number)
            case AddRules(rules):
                self._add(rules)
                return [Record("radio", "rules", None, {"added": _kinds(rules)})]
            case RemoveRules(kind):
                return [self._remove(kind)]
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- a text --------------------------------------------------------------------------------------------------

    def _submit(self, submitted: AirSubmit, now: Instant) -> list[Command]:
        tp_mr, to, wants_report = submit_head(submitted.tpdu)
        known = plan.entry(to) if self.magic and to.startswith(plan.PREFIX) else None
        if self.rules or known is not None:
            return self._steered(submitted, parse_submit(submitted.tpdu), known, now)
        target = self._target(to)
        answer = Tell(f"@{submitted.origin}", AirSubmitted(tp_mr, submitted.token))
        if target is None:
            return [answer, _nobody(submitted.number, to)]
        tpdu = _deliver_tpdu(submitted.tpdu, submitted.number, now)
        if tpdu is None:
            return [answer, _no_sender(submitted.number, to)]
        token = self._token()
        self.underway[token] = Underway(submitted.origin if wants_report else None, tp_mr, to, now)
        return [answer, Tell(f"@{target}", AirDeliver(to, tpdu, token))]

    def _target(self, number: str) -> str | None:
        return self.directory.get(number, self.directory.get(EVERYONE))

    def _token(self) -> str:
        token = self.facts["token"] + 1
        self.facts["token"] = token
        return str(token)

    def _delivered(self, token: str, now: Instant) -> list[Command]:
        underway = self.underway.drop(token)
        if underway is None or underway.report_to is None:
            return []
        if underway.reports is None:
            return [Tell(f"@{underway.report_to}", _report(underway, now, DELIVERED))]
        return self._reports(underway, underway.reports, now)

    def _reports(self, underway: Underway, reports: tuple[tuple[int, int], ...], now: Instant) -> list[Command]:
        port = f"@{underway.report_to}"
        return [_told(port, _report(underway, now + after, status), after, now) for after, status in reports]

    # -- what the carrier makes of it ----------------------------------------------------------------------------

    def _add(self, rules: tuple[Rule, ...]) -> None:
        for rule in rules:
            number = self.facts["rules"] + 1
            self.facts["rules"] = number
            self.rules[number] = rule

    def _remove(self, kind: str | None) -> Record:
        gone = {number: rule for number, rule in self.rules.items() if kind in (None, type(rule).__name__)}
        for number in gone:
            del self.rules[number]
            for key in [key for key in self.counts if key.partition("/")[0] == str(number)]:
                del self.counts[key]
        return Record("radio", "rules", None, {"removed": _kinds(gone.values())})

    def _steered(
        self, submitted: AirSubmit, submit: SmsSubmit, known: plan.Entry | None, now: Instant
    ) -> list[Command]:
        # A retry of a segment meets the magic number's rules where the first attempt left them.
        own = f"magic/{submitted.origin}/{submitted.token}"
        rules: list[tuple[str, Rule]] = [
            (f"{own}/{place}", rule) for place, rule in enumerate(known.rules if known else ())
        ]
        rules += [(str(number), rule) for number, rule in self.rules.items()]
        passage = _passage(submitted, submit)
        for number, rule in rules:
            passage = steer(passage, rule, Room(number, self.counts, self.draws, now))
            if passage.code is not None:
                break
        else:
            for number, _ in rules:
                if number.startswith("magic/"):
                    self.counts.drop(number)
        commands: list[Command] = [_steered_record(passage, submitted)] if passage.steered else []
        return [*commands, *self._carried(submitted, submit, passage, known, now)]

    def _carried(
        self, submitted: AirSubmit, submit: SmsSubmit, passage: Passage, known: plan.Entry | None, now: Instant
    ) -> list[Command]:
        """Does as the rules have decided."""
        origin, token = f"@{submitted.origin}", submitted.token
        answer: Any = AirSubmitted(submit.tp_mr, token) if passage.code is None else AirRefused(passage.code, token)
        underway = Underway(
            submitted.origin if submit.report_requested else None, submit.tp_mr, submit.to, now, passage.reports
        )
        answered = _told(origin, answer, passage.answer_after_ns, now)
        ends_here = passage.code is not None or passage.is_lost
        if underway.report_to is None or passage.reports is None or not (passage.is_early or ends_here):
            reported: list[Command] = []
        else:
            reported = self._reports(underway, passage.reports, now)
            underway = _unreported(underway)
        commands = [*reported, answered] if passage.is_early else [answered, *reported]
        if ends_here:
            return commands
        return [*commands, *self._dispatched(submitted, passage, underway, known, now)]

    def _dispatched(
        self, submitted: AirSubmit, passage: Passage, underway: Underway, known: plan.Entry | None, now: Instant
    ) -> list[Command]:
        """The segment and its copies leave for the recipient, now or later."""
        sender = submitted.number if passage.shown_sender is None else passage.shown_sender
        tpdu = _deliver_tpdu(submitted.tpdu, sender, now)
        if tpdu is None:
            return [_no_sender(sender, passage.to)]
        commands: list[Command] = []
        for copy, after in enumerate((0, *passage.copies)):
            token = self._token()
            self.underway[token] = underway if copy == 0 else _unreported(underway)
            forward = _Forward(passage.to, tpdu, token)
            late_ns = passage.late_ns + after
            commands += [At(now + late_ns, forward)] if late_ns else self._forward(forward, now)
        if known is not None and known.reply is not None:
            commands.append(At(now + passage.late_ns, _Reply(submitted)))
        return commands

    def _forward(self, forward: _Forward, now: Instant) -> list[Command]:
        target = self._target(forward.number)
        if target is not None:
            return [Tell(f"@{target}", AirDeliver(forward.number, forward.tpdu, forward.token))]
        if self.magic and plan.entry(forward.number) is not None:  # a robot reads it
            return self._delivered(forward.token, now)
        self.underway.drop(forward.token)
        return [_nobody(None, forward.number)]

    # -- the robots at the magic numbers -------------------------------------------------------------------------

    def _reply(self, submitted: AirSubmit, now: Instant) -> list[Command]:
        submit = parse_submit(submitted.tpdu)
        known = plan.entry(submit.to)
        reply = known.reply if known is not None else None
        target = self._target(submitted.number)
        if reply is None or target is None:
            return []
        is_last = submit.concat is None or submit.concat.sequence == submit.concat.count
        if reply.calls:
            call = AirCall(submitted.number, submit.to, "missed", _ROBOT_RINGS)
            return [Tell(f"@{target}", call)] if is_last else []
        if reply.text is None:
            tpdus = [forwarded_tpdu(submitted.tpdu, submit.to, now)]
        else:
            tpdus = list(deliver_tpdus(submit.to, reply.text, now, self._concat_ref())) if is_last else []
        text = submit.text if reply.text is None else reply.text
        wrote = Record("contact", "wrote", None, {"from": submit.to, "to": submitted.number, "text": text})
        delivers = [AirDeliver(submitted.number, tpdu, self._token()) for tpdu in tpdus]
        return [wrote, *(Tell(f"@{target}", deliver) for deliver in delivers)] if delivers else []

    def _concat_ref(self) -> int:
        concat_ref = (self.facts["concat_ref"] + 1) & 0xFF
        self.facts["concat_ref"] = concat_ref
        return concat_ref

    # -- what is no text -----------------------------------------------------------------------------------------

    def _pass_on(self, event: AirCall | AirMms | AirDeliver, number: str) -> list[Command]:
        target = self._target(number)
        return [_nobody(None, number)] if target is None else [Tell(f"@{target}", event)]


def _told(port: str, event: Any, after: int, now: Instant) -> Command:
    return At(now + after, _Later(port, event)) if after else Tell(port, event)


def _report(underway: Underway, at: Instant, status: int) -> AirReport:
    return AirReport(status_report_tpdu(underway.tp_mr, underway.recipient, underway.submitted_at, at, status))


def _unreported(underway: Underway) -> Underway:
    return Underway(None, underway.tp_mr, underway.recipient, underway.submitted_at)


def _passage(submitted: AirSubmit, submit: SmsSubmit) -> Passage:
    concat = submit.concat
    sequence, count = (concat.sequence, concat.count) if concat is not None else (1, 1)
    return Passage(submitted.number, submit.to, submit.text or "", sequence, count)


def _deliver_tpdu(tpdu: bytes, sender: str, now: Instant) -> bytes | None:
    """The SMS-DELIVER with this sender; None for one that no address can name."""
    try:
        return forwarded_tpdu(tpdu, sender, now)
    except SmsError:
        return None


def _steered_record(passage: Passage, submitted: AirSubmit) -> Record:
    facts: dict[str, Fact] = {
        "from": passage.sender,
        "to": passage.to,
        "segment": passage.sequence,
        "rules": ", ".join(passage.steered),
    }
    facts |= {"code": passage.code} if passage.code is not None else {}
    facts |= {"lost": True} if passage.is_lost else {}
    facts |= {"late_ns": passage.late_ns} if passage.late_ns else {}
    message = submitted.token.rpartition("/")[0].rpartition("/")[0]
    return Record("radio", "carrier", message or None, facts)


def _kinds(rules: Iterable[Rule]) -> str:
    return ", ".join([type(rule).__name__ for rule in rules])


def _nobody(sender: str | None, to: str) -> Record:
    return Record("radio", "no subscriber", None, {"from": sender, "to": to} if sender else {"to": to})


def _no_sender(sender: str, to: str) -> Record:
    return Record("radio", "no such sender", None, {"from": sender, "to": to})
