"""One handset's radio and Android's telephony around it: takes submits, hands what the network brings to the phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.delays import Delay, sample
from harness.draws import Draws
from harness.errors import ProtocolError, SmsError
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.modem import acts, magic
from harness.modem.acts import Delays, PlanMms, PlanResults, RejectSegments, SwallowTexts
from harness.modem.calls import CallStep, begun, stepped
from harness.modem.pushes import Pushes
from harness.modem.service import (
    CHANGES,
    ComeHome,
    Coverage,
    LoseService,
    RegainService,
    Roam,
    Service,
    Situation,
    changed,
)
from harness.modem.telephony import (
    DIALOGS_MAX,
    About,
    Dialog,
    Telephony,
    Verdict,
    denied_code,
    examine,
    within,
)
from harness.radio import (
    RESULT_OK,
    AirCall,
    AirDeliver,
    AirDelivered,
    AirMms,
    AirRefused,
    AirReport,
    AirSubmit,
    AirSubmitted,
    DeliverReceived,
    Joined,
    MmsResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitMms,
    SubmitRejected,
    WapPushReceived,
)
from harness.sms import parse_deliver, parse_status_report, resent, tp_status_group, with_reference
from harness.sms_results import (
    GENERIC_FAILURE,
    LIMIT_EXCEEDED,
    NO_DATA_NETWORK,
    NO_SERVICE,
    RADIO_OFF,
    SEND_FAIL_RETRY,
)

__all__ = ["AwaitedReport", "Modem"]

# Android's results where the radio is not registered or off (phone-behaviour.md §8.2).
REJECTS = {Service.NONE: NO_SERVICE, Service.OFF: RADIO_OFF}

# Where the radio asks for a retry: so often and so much later Android tries again before it tells anybody (§8.2).
RETRIES_MAX = 3
RETRY_DELAY = 2 * SECOND

_AT_ONCE = (0, 0)

CLASS_DISPLAY = 0
CLASS_SIM = 2
_COVERAGE_ACTS = (LoseService, RegainService, Roam, ComeHome)


@frozen
class AwaitedReport:
    """A segment whose status report may come, by its `tp_mr`."""

    id: str
    segment: int


@frozen
class _Reach:
    """A segment on its way to the SMSC. `planned` is the result that was planned for it.

    `boot`: which start of the phone process knows of it. `shown`: the trace has it as submitted.
    """

    id: str
    segment: int
    to: str
    text: str
    tpdu: bytes
    boot: int
    planned: int | None = None
    attempt: int = 0
    shown: bool = False


@frozen
class _Retry:
    """Android's silent resend is due."""

    reach: _Reach


@frozen
class _Report:
    """A status report reaches the handset after the drawn delay."""

    tpdu: bytes


@frozen
class _MmsDone:
    """The result of an MMS is due."""

    submit: SubmitMms
    code: int


@frozen
class _NextSpell:
    """The next spell of coverage begins, unless an act has changed the coverage since."""

    timeline: int
    spells: tuple[tuple[int, str], ...]


class Modem(Core):
    """A simulated radio for one SIM with `number`, and what Android's telephony does with it.

    Ports: `phone` takes the radio's events, `smsc` what goes over the air. Takes the phone's submits, the acts in
    `harness.modem.acts` and `harness.modem.service`, and what the SMSC tells. `magic`: whether the numbers of
    `harness.modem.magic` mean something. `subscription_id` is what the call log has for the card (None: the
    slot's number).
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "submitted", "pending", "waiting", "dialogs", "pushes")

    def __init__(
        self,
        name: str,
        draws: Draws,
        number: str,
        delays: Delays | None = None,
        slot: int = 1,
        *,
        telephony: Telephony | None = None,
        magic: bool = True,
        subscription_id: int | None = None,
    ) -> None:
        super().__init__(name, draws)
        self.number = number
        self.slot = slot
        self.magic = magic
        self.subscription_id = slot if subscription_id is None else subscription_id
        self.facts: Table[str, Any] = Table(
            {
                "situation": Situation(),
                "service": Service.FULL,
                "tp_mr": draws.getrandbits(8),
                "held": 0,
                "boot": 0,
                "dialogs": 0,
                "timeline": 0,
                "is_full": False,
                "delays": delays or Delays(),
                "telephony": telephony or Telephony(),
            }
        )
        self.submitted: Table[str, _Reach] = Table()
        self.pending: Table[int, AwaitedReport] = Table()
        # What the SMSC has for this handset while it is not there, in order.
        self.waiting: Table[int, AirDeliver | AirReport | AirMms] = Table()
        self.dialogs: Table[int, Dialog] = Table()
        self.pushes: Pushes = Pushes()

    @property
    def delays(self) -> Delays:
        delays: Delays = self.facts["delays"]
        return delays

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Submit():
                return self._submit(event, now)
            case AirSubmitted(tp_mr, token):
                return self._submitted(tp_mr, token)
            case AirDeliver() | AirReport():
                return self._came(event, now)
            case _Reach():
                return self._reach(event) if event.boot == self.facts["boot"] else [_forgotten(event)]
            case _Report(tpdu):
                return self._report(tpdu)
            case AirRefused():
                return self._refused_by_smsc(event, now)
            case _Retry(reach):
                return self._attempt(reach, now) if reach.boot == self.facts["boot"] else [_forgotten(reach)]
            case AirCall():
                return self._call(event, now)
            case AirMms(pushed=True):
                return self._came(event, now)
            case AirMms():
                return [Record("radio", "mms kept", None, _mms_facts(event.sender, event.number, event.pdu))]
            case CallStep():
                return stepped(event, self.slot, self.subscription_id, self.draws, now)
            case SubmitMms():
                return self._submit_mms(event, now)
            case _MmsDone():
                return self._mms_done(event)
            case _NextSpell(timeline, spells):
                return self._spell(spells, now) if timeline == self.facts["timeline"] else []
            case _:
                return self._act(event, now)

    def _act(self, act: Any, now: Instant) -> list[Command]:
        match act:
            case _ if type(act) in CHANGES:
                if isinstance(act, _COVERAGE_ACTS):
                    self.facts["timeline"] += 1
                return self._change(act, now)
            case Coverage(spells):
                self.facts["timeline"] += 1
                return self._spell(spells, now)
            case RejectSegments():
                self.facts["reject"] = act
            case PlanResults():
                self.facts["plan"] = act
            case PlanMms():
                self.facts["mms"] = act
            case SwallowTexts():
                self.facts["swallow"] = act
            case acts.ChangeDelays(delays):
                self.facts["delays"] = delays
            case acts.ChangeDelay(what, duration):
                self.facts["delays"] = replace(self.facts["delays"], **{f"{what}_ns": (duration, duration)})
            case acts.ChangeTelephony(changes):
                self.facts["telephony"] = replace(self.facts["telephony"], **dict(changes))
            case acts.AnswerDialog():
                return self._answer(act, now)
            case acts.FillStorage():
                return self._storage(now, is_full=True)
            case acts.FreeStorage():
                return self._storage(now, is_full=False)
            case acts.RestartTelephony():
                return self._restart()
            case _:
                raise ProtocolError(self.name, act, "any")
        return []

    # -- Android, before the radio -------------------------------------------------------------------------------

    def _submit(self, submit: Submit, now: Instant) -> list[Command]:
        verdict = self._verdict(submit, now)
        if verdict is Verdict.SEND:
            # Where Android can build no PDU it says so for every part, at once (phone-behaviour.md §8.2).
            return self._send(submit, now) if submit.tpdus else self._fail(submit, GENERIC_FAILURE)
        if isinstance(verdict, int):
            return self._fail(submit, verdict)
        return self._ask(submit, About.LIMIT if verdict is Verdict.ASK_LIMIT else About.SHORT_CODE)

    def _verdict(self, submit: Submit, now: Instant) -> Verdict | int:
        telephony: Telephony = self.facts["telephony"]
        to, limit = submit.to, telephony.limit
        if self.magic and to.startswith(magic.PREFIX) and (asks := magic.dialog(to)) is not None:
            return Verdict.ASK_LIMIT if asks is About.LIMIT else Verdict.ASK_SHORT_CODE
        if limit is None and telephony.fixed_dialling is None and to.startswith("+"):
            return Verdict.SEND
        sent: tuple[Instant, ...] = self.facts.get("sent", ())
        parts = len(submit.segments)
        verdict = examine(telephony, to, parts, sent, self.facts.get("premium"), now)
        if limit is not None and verdict is Verdict.SEND and submit.tpdus:
            self.facts["sent"] = within(limit, sent, now) + (now,) * parts
        return verdict

    def _ask(self, submit: Submit, about: About) -> list[Command]:
        """A system dialog; until somebody answers, nothing is told of the text (§8.3)."""
        if len(self.dialogs) >= DIALOGS_MAX:
            return self._fail(submit, LIMIT_EXCEEDED)
        number: int = self.facts["dialogs"] + 1
        self.facts["dialogs"] = number
        self.dialogs[number] = Dialog(about, submit)
        facts: dict[str, Fact] = {"dialog": number, "about": about.value, "from": self.number, "to": submit.to}
        return [Record("radio", "dialog", _message(submit.id), facts)]

    def _answer(self, answer: acts.AnswerDialog, now: Instant) -> list[Command]:
        number = next(iter(self.dialogs), None)
        if number is None:
            return [Record("radio", "no dialog", None, {"number": self.number})]
        dialog = self.dialogs[number]
        del self.dialogs[number]
        allowed = answer.answer == "allow"
        if answer.remember and dialog.about is About.SHORT_CODE:
            self.facts["premium"] = allowed
        facts: dict[str, Fact] = {"dialog": number, "about": dialog.about.value, "answer": answer.answer}
        answered = Record("radio", "dialog answered", _message(dialog.submit.id), facts)
        if allowed:  # it goes out, not examined again and not counted (§8.3)
            submit = dialog.submit
            return [answered, *(self._send(submit, now) if submit.tpdus else self._fail(submit, GENERIC_FAILURE))]
        return [answered, *self._fail(dialog.submit, denied_code(dialog.about, for_ever=answer.remember))]

    def _fail(self, submit: Submit, code: int) -> list[Command]:
        """Every segment fails with `code`; the radio never gets any."""
        return [
            command
            for segment, text in enumerate(submit.segments)
            for command in self._rejected(_Reach(submit.id, segment, submit.to, text, b"", 0), code)
        ]

    def _restart(self) -> list[Command]:
        lost = len(self.dialogs) + len(self.submitted) + len(self.pending)
        self.facts["boot"] += 1
        self.facts["sent"] = ()
        for table in (self.dialogs, self.pending):
            for key in list(table):
                del table[key]
        return [Record("radio", "telephony restarted", None, {"number": self.number, "forgotten": lost})]

    # -- out -----------------------------------------------------------------------------------------------------

    def _send(self, submit: Submit, now: Instant) -> list[Command]:
        planned = self._planned(len(submit.segments))
        boot: int = self.facts["boot"]
        commands: list[Command] = []
        for segment, text in enumerate(submit.segments):
            plan = None if planned is None else planned.get(segment)
            reach = _Reach(submit.id, segment, submit.to, text, submit.tpdus[segment], boot, plan)
            commands += self._attempt(reach, now)
        return commands

    def _planned(self, count: int) -> dict[int, int] | None:
        """The planned results of a text of `count` segments, which count from 0 here."""
        plan: PlanResults | None = self.facts.get("plan")
        if plan is None:
            return None
        self.facts["plan"] = replace(plan, times=plan.times - 1) if plan.times > 1 else None
        places = [(count + place if place < 0 else place - 1, code) for place, code in plan.results]
        return {place: code for place, code in places if code != RESULT_OK}

    def _attempt(self, reach: _Reach, now: Instant) -> list[Command]:
        code = REJECTS.get(self.facts["service"])
        if code is not None:
            return self._rejected(reach, code)
        code = self._refusal() if reach.planned is None else reach.planned
        if code is not None:
            return self._refused(reach, code, now)
        commands: list[Command] = []
        if not reach.shown:
            commands.append(Record("radio", "submitted", _message(reach.id), self._facts_of(reach)))
        delay = self._draw(self.facts["delays"].accept_ns)
        commands += [At(now + delay, reach)] if delay else self._reach(reach)
        return commands

    def _facts_of(self, reach: _Reach) -> dict[str, Fact]:
        """`pdu` is what Android hands over: the radio fills in the reference, the second octet."""
        return {
            "from": self.number,
            "to": reach.to,
            "text": reach.text,
            "segment": reach.segment + 1,
            "pdu": reach.tpdu.hex(),
        }

    def _refusal(self) -> int | None:
        """The code with which the network refuses the next segment, None if it takes it."""
        reject: RejectSegments | None = self.facts.get("reject")
        if reject is None:
            refusal: int | None = self.facts.get("refusal")
            return refusal
        if reject.skip:
            self.facts["reject"] = replace(reject, skip=reject.skip - 1)
            return None
        self.facts["reject"] = replace(reject, times=reject.times - 1) if reject.times > 1 else None
        return reject.code

    def _refused(self, reach: _Reach, code: int, now: Instant) -> list[Command]:
        if code != SEND_FAIL_RETRY or reach.attempt >= RETRIES_MAX:
            return self._rejected(reach, code)
        again = replace(reach, attempt=reach.attempt + 1)
        facts: dict[str, Fact] = {"segment": reach.segment + 1, "attempt": again.attempt}
        return [Record("radio", "retry", _message(reach.id), facts), At(now + RETRY_DELAY, _Retry(again))]

    def _refused_by_smsc(self, refused: AirRefused, now: Instant) -> list[Command]:
        reach = self.submitted.drop(refused.token)
        if reach is None:
            raise ProtocolError(self.name, refused, "no such submit")
        if reach.boot != self.facts["boot"]:
            return [_forgotten(reach)]
        return self._refused(replace(reach, shown=True), refused.code, now)

    def _rejected(self, reach: _Reach, code: int) -> list[Command]:
        facts = {**self._facts_of(reach), "code": code}
        rejected = Record("radio", "rejected", _message(reach.id), facts)
        return [rejected, Tell("phone", SubmitRejected(reach.id, reach.segment, code))]

    def _draw(self, delay: tuple[int, int] | Delay) -> int:
        if delay == _AT_ONCE:
            return 0
        if isinstance(delay, tuple):
            return self.draws.between(*delay) if delay[1] else 0
        return sample(delay, self.draws)

    def _reach(self, reach: _Reach) -> list[Command]:
        """The modem fills in its own message reference (segmentation.md, data README)."""
        code = REJECTS.get(self.facts["service"])
        if code is not None:  # it was lost on the way
            return self._rejected(reach, code)
        tp_mr: int = (self.facts["tp_mr"] + 1) & 0xFF
        self.facts["tp_mr"] = tp_mr
        token = f"{reach.id}/{reach.segment}"
        self.submitted[token] = reach
        tpdu = with_reference(reach.tpdu if reach.attempt == 0 else resent(reach.tpdu), tp_mr)
        return [Tell("smsc", AirSubmit(self.name, self.number, tpdu, token))]

    def _submitted(self, tp_mr: int, token: str) -> list[Command]:
        reach = self.submitted.drop(token)
        if reach is None:
            raise ProtocolError(self.name, AirSubmitted(tp_mr, token), "no such submit")
        if reach.boot != self.facts["boot"]:
            return [_forgotten(reach)]
        # References wrap: an unanswered older segment with the same one is forgotten (phone-behaviour.md §8.5).
        self.pending[tp_mr] = AwaitedReport(reach.id, reach.segment)
        return [Tell("phone", SubmitAccepted(reach.id, reach.segment, tp_mr))]

    def _report(self, tpdu: bytes) -> list[Command]:
        if self.facts["service"] is not Service.FULL:  # since it was sent
            self._hold(AirReport(tpdu))
            return []
        report = parse_status_report(tpdu)
        pending = self.pending.get(report.tp_mr)
        if pending is None:  # also one that overtakes the answer to its submit: Android drops it (§8.5)
            dropped: dict[str, Fact] = {"tp_mr": report.tp_mr, "status": report.status, "pdu": tpdu.hex()}
            return [Record("radio", "report dropped", None, dropped)]
        # After a temporary one the entry stays: a final report follows (§8.5).
        if tp_status_group(report.status) != "trying":
            del self.pending[report.tp_mr]
        facts: dict[str, Fact] = {"segment": pending.segment + 1, "status": report.status, "pdu": tpdu.hex()}
        code = RESULT_OK if report.status < 64 else self._report_code(report.recipient)
        event = StatusReport(pending.id, pending.segment, report.tp_mr, report.status, code)
        return [Record("radio", "report", _message(pending.id), facts), Tell("phone", event)]

    def _report_code(self, recipient: str) -> int:
        telephony: Telephony = self.facts["telephony"]
        if self.magic and recipient.startswith(magic.PREFIX):
            return magic.report_code(recipient)
        return telephony.failed_report_code

    # -- MMS -----------------------------------------------------------------------------------------------------

    def _submit_mms(self, submit: SubmitMms, now: Instant) -> list[Command]:
        plan: PlanMms = self.facts.get("mms", PlanMms())
        code = plan.code if self.facts["service"] is Service.FULL else NO_DATA_NETWORK
        delay, done = self._draw(plan.delay), _MmsDone(submit, code)
        facts = _mms_facts(self.number, submit.to, submit.pdu)
        submitted = Record("radio", "mms submitted", _message(submit.id), facts)
        return [submitted, *([At(now + delay, done)] if delay else self._mms_done(done))]

    def _mms_done(self, done: _MmsDone) -> list[Command]:
        submit, code = done.submit, done.code
        facts: dict[str, Fact] = {"from": self.number, "to": submit.to, "code": code}
        told: list[Command] = [Record("radio", "mms result", _message(submit.id), facts)]
        if code == RESULT_OK:
            told.append(Tell("smsc", AirMms(submit.to, self.number, submit.pdu)))
        return [*told, Tell("phone", MmsResult(submit.id, code))]

    # -- in ------------------------------------------------------------------------------------------------------

    def _came(self, event: AirDeliver | AirReport | AirMms, now: Instant) -> list[Command]:
        if self.facts["service"] is not Service.FULL:
            self._hold(event)
            return []
        if isinstance(event, AirMms):
            came = Record("radio", "mms delivered", None, _mms_facts(event.sender, event.number, event.pdu))
            return [came, Tell("phone", WapPushReceived(event.pdu, self.slot))]
        if isinstance(event, AirDeliver):
            return self._deliver(event)
        delay = self._draw(self.facts["delays"].report_ns)
        return [At(now + delay, _Report(event.tpdu))] if delay else self._report(event.tpdu)

    def _hold(self, event: AirDeliver | AirReport | AirMms) -> None:
        """The SMSC keeps it until the handset is back."""
        number: int = self.facts["held"] + 1
        self.facts["held"] = number
        self.waiting[number] = event

    def _deliver(self, deliver: AirDeliver) -> list[Command]:
        taken = Tell("smsc", AirDelivered(deliver.token))
        try:
            segment = parse_deliver(deliver.tpdu)
        except SmsError as error:  # Android makes no message of it
            unread: dict[str, Fact] = {"to": self.number, "why": str(error), "pdu": deliver.tpdu.hex()}
            return [Record("radio", "unreadable", None, unread), taken]
        facts: dict[str, Fact] = {
            "from": segment.sender,
            "to": self.number,
            "text": segment.text,
            "pdu": deliver.tpdu.hex(),
        }
        # What is only to be displayed takes no room (class 0, 3GPP TS 23.038 §4).
        message_class = segment.message_class if segment.dcs else None
        if self.facts["is_full"] and message_class != CLASS_DISPLAY:
            self._hold(deliver)
            return [Record("radio", "refused for want of room", None, facts)]
        if message_class == CLASS_SIM:
            # The radio stores it on the card and Android broadcasts nothing; no source in the dossier.
            return [Record("radio", "stored on the card", None, facts), taken]
        if self._swallows(segment.sender):
            return [Record("radio", "swallowed", None, facts), taken]
        delivered = Record("radio", "delivered", None, facts)
        if segment.ports is not None and segment.text is None:
            return [delivered, *self.pushes.take(segment, segment.ports, self.slot), taken]
        return [delivered, Tell("phone", DeliverReceived(deliver.tpdu, self.slot)), taken]

    def _swallows(self, sender: str) -> bool:
        swallow: SwallowTexts | None = self.facts.get("swallow")
        if swallow is None or swallow.sender not in (None, sender):
            return False
        self.facts["swallow"] = replace(swallow, times=swallow.times - 1) if swallow.times > 1 else None
        return True

    def _storage(self, now: Instant, *, is_full: bool) -> list[Command]:
        self.facts["is_full"] = is_full
        record = Record("radio", "storage", None, {"number": self.number, "full": is_full})
        return [record, *([] if is_full else self._release(now))]

    def _call(self, call: AirCall, now: Instant) -> list[Command]:
        facts: dict[str, Fact] = {"from": call.caller, "to": call.number, "outcome": call.outcome}
        if self.facts["service"] is not Service.FULL:
            return [Record("radio", "call unreachable", None, facts)]
        return [Record("radio", "call", None, facts), *begun(call, self.slot, self.draws, now)]

    # -- the network ---------------------------------------------------------------------------------------------

    def _spell(self, spells: tuple[tuple[int, str], ...], now: Instant) -> list[Command]:
        """The first of `spells` begins; full coverage once there is none."""
        if not spells:
            return self._change(RegainService(), now)
        duration, coverage = spells[0]
        act = {"full": RegainService(), "roaming": Roam(), "none": LoseService()}[coverage]
        return [*self._change(act, now), At(now + duration, _NextSpell(self.facts["timeline"], spells[1:]))]

    def _change(self, act: Any, now: Instant) -> list[Command]:
        situation = changed(self.facts["situation"], act)
        service = situation.service
        self.facts["situation"], self.facts["service"] = situation, service
        self.facts["refusal"] = situation.refusal
        facts: dict[str, Fact] = {"number": self.number, "service": service.value}
        if situation.coverage == "roaming":
            facts["roaming"] = True
        if not situation.has_sim:
            facts["sim"] = "removed"
        record = Record("radio", "service", None, facts)
        return [record, *(self._registered(now) if service is Service.FULL else [])]

    def _registered(self, now: Instant) -> list[Command]:
        return [Tell("smsc", Joined(self.name, self.number)), *self._release(now)]

    def _release(self, now: Instant) -> list[Command]:
        """The SMSC tries again what it has for this handset, in order."""
        commands: list[Command] = []
        for number in list(self.waiting):
            event = self.waiting[number]
            del self.waiting[number]
            commands += self._came(event, now)
        return commands


def _message(submit_id: str) -> str:
    """The id of the message: a submit is named `<message id>/<job>`."""
    return submit_id.rpartition("/")[0]


def _forgotten(reach: _Reach) -> Record:
    return Record("radio", "forgotten", _message(reach.id), {"segment": reach.segment + 1})


def _mms_facts(sender: str, to: str, pdu: bytes) -> dict[str, Fact]:
    """A multimedia PDU may have megabytes: its size is told."""
    return {"from": sender, "to": to, "bytes": len(pdu)}
