"""The radio of a card in a real device or emulator, as the phone and the SMSC of a story see it.

It does what harness.modem does, but that the device itself texts and is texted. Nothing is believed before the device
shows it: a text was sent once it is in the box of sent texts, and has come once it is in the inbox, as it stands there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.device_radio.door import CallTold, EndCall, InjectText, PlaceCall, Refused, RowSeen, SendText, Taken
from harness.device_radio.guard import NumberGuard
from harness.device_radio.rows import Box, SmsRow
from harness.draws import Draws
from harness.errors import ProtocolError, SmsError
from harness.frozen import frozen
from harness.instants import SECOND, Instant, seconds
from harness.radio import (
    CALL_TYPES,
    AirCall,
    AirDeliver,
    AirDelivered,
    AirMms,
    AirRefused,
    AirReport,
    AirSubmit,
    AirSubmitted,
    CallLogged,
    CallStateChanged,
    MmsResult,
    Submit,
    SubmitAccepted,
    SubmitMms,
    SubmitRejected,
    TextReceived,
)
from harness.sms import Collecting, SmsDeliver, parse_deliver, reassemble, with_reference
from harness.sms_results import GENERIC_FAILURE

__all__ = ["LOST", "SEEN_WITHIN", "SENT_WITHIN", "DeviceRadio", "Patience"]

LOST = "lost on the device"
"""The kind of the entry about a text or a call that a device was given, and that never showed there."""

SENT_WITHIN = 30 * SECOND
SEEN_WITHIN = 10 * SECOND

# A shell's way out takes a text as it is, without dividing it (phone-behaviour.md §9.3).
SEGMENTS_MAX = 1

# Android's results for what is not done at all (§8.2).
OPERATION_NOT_ALLOWED = 20
MMS_UNSPECIFIED = 1

# So long a call rings that its caller gives no time for: the device must have the time to notice it.
_RINGS = 3 * SECOND

_SAID_OK = "the console said OK and nothing came"
_SILENT = "nothing was said, and nothing came"


@frozen
class Patience:
    """How long (ns) the device is waited for: until a text is among those sent, and until one is in the inbox.

    Both are ours; Android promises nothing.
    """

    sent_within: int = SENT_WITHIN
    seen_within: int = SEEN_WITHIN


@frozen
class _Sending:
    """A text that the device was told to send. `rejected`: it was given up."""

    submit: Submit
    rejected: bool = False


@frozen
class _Injected:
    """A text that was typed into the console. `tokens` are for the SMSC, once it has come."""

    sender: str
    text: str
    tokens: tuple[str, ...]
    taken: bool = False


@frozen
class _Calling:
    """A call that was typed into the console. `ringing`: the device, or the console, said that it rings."""

    call: AirCall
    began_at: Instant
    ringing: bool = False


@frozen
class _Late:
    """What bears this id should have shown by now."""

    id: str


@frozen
class _HangUp:
    """The call has rung for long enough."""

    id: str


class DeviceRadio(Core):
    """The card in `slot` with `number`, whose subscription has the id `subscription_id` on the device.

    Ports: `phone` takes the radio's events, `smsc` what goes over the air, `device` leads out of the world: `SendText`,
    `InjectText`, `PlaceCall`, `EndCall`. Takes the phone's submits, what the SMSC tells, and what the device tells.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "sending", "submitted", "injected", "calls", "collecting", "tokens")

    def __init__(
        self,
        name: str,
        draws: Draws,
        number: str,
        guard: NumberGuard,
        *,
        slot: int = 1,
        subscription_id: int = 1,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(name, draws)
        self.number = number
        self.guard = guard
        self.slot = slot
        self.subscription_id = subscription_id
        self.patience = Patience() if patience is None else patience
        self.facts: Table[str, int] = Table({"tp_mr": 0, "counter": 0, "inbox": 0, "sent": 0})
        self.sending: Table[str, _Sending] = Table()
        # Segments that the SMSC has yet to answer: by token, the text's id and the segment's place.
        self.submitted: Table[str, tuple[str, int]] = Table()
        self.injected: Table[str, _Injected] = Table()
        self.calls: Table[str, _Calling] = Table()
        self.collecting: Collecting = Collecting()
        self.tokens: Table[str, tuple[str, ...]] = Table()

    @property
    def is_waiting(self) -> bool:
        """Something that the device was told to do has not shown yet, and was not given up."""
        under_way = any(not sending.rejected for sending in self.sending.values())
        return under_way or bool(self.injected or self.calls)

    def awaits(self, box: Box, row: SmsRow) -> str | None:
        """The id of what this row comes of; None for what nobody here has asked for."""
        return self._sent_by(row) if box == "sent" else self._injected_as(row)

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Submit():
                return self._submit(event, now)
            case RowSeen(box, row):
                return self._row(box, row)
            case Taken(name):
                return self._taken(name)
            case Refused(name, why):
                return self._refused(name, why)
            case AirSubmitted(tp_mr, token):
                return self._submitted(tp_mr, token)
            case AirDeliver():
                return self._deliver(event, now)
            case AirReport() | AirRefused():
                return []  # a network of ours has something to say about a text that went over another one
            case AirCall():
                return self._call(event, now)
            case CallTold():
                return self._told(event, now)
            case _HangUp(name):
                return self._hang_up(name, now)
            case _Late(name):
                return self._late(name)
            case SubmitMms():
                return self._submit_mms(event)
            case AirMms(number, sender):
                return [_lost({"from": sender, "to": number}, "a multimedia message cannot be brought into a device")]
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- out -----------------------------------------------------------------------------------------------------

    def _submit(self, submit: Submit, now: Instant) -> list[Command]:
        refusal = self.guard.refusal(submit.to)
        if refusal is not None:
            return self._reject(submit, OPERATION_NOT_ALLOWED, refusal)
        if not submit.tpdus:
            # Where Android can build no PDU it says so for every part, at once (phone-behaviour.md §8.2).
            return self._reject(submit, GENERIC_FAILURE, "no PDU can be built of it")
        if len(submit.segments) > SEGMENTS_MAX:
            return self._reject(submit, GENERIC_FAILURE, "the device's shell sends texts of one segment only")
        self.sending[submit.id] = _Sending(submit)
        text = SendText(submit.id, submit.to, submit.text, self.subscription_id)
        return [
            *[Record("radio", "submitted", _message(submit.id), self._facts_of(submit, place))
              for place in range(len(submit.segments))],
            Tell("device", text),
            At(now + self.patience.sent_within, _Late(submit.id)),
        ]  # fmt: skip

    def _facts_of(self, submit: Submit, place: int) -> dict[str, Fact]:
        pdu = submit.tpdus[place].hex() if submit.tpdus else ""
        text = submit.segments[place]
        return {"from": self.number, "to": submit.to, "text": text, "segment": place + 1, "pdu": pdu}

    def _reject(self, submit: Submit, code: int, why: str) -> list[Command]:
        commands: list[Command] = []
        for place in range(len(submit.segments)):
            facts = {**self._facts_of(submit, place), "code": code, "why": why}
            commands.append(Record("radio", "rejected", _message(submit.id), facts))
            commands.append(Tell("phone", SubmitRejected(submit.id, place, code)))
        return commands

    def _give_up(self, name: str, sending: _Sending, why: str) -> list[Command]:
        self.sending[name] = _Sending(sending.submit, rejected=True)
        return self._reject(sending.submit, GENERIC_FAILURE, why)

    def _sent_by(self, row: SmsRow) -> str | None:
        """Which text a row of the sent ones is. One that was given up comes after those that still wait."""
        fits = [
            (sending.rejected, name)
            for name, sending in self.sending.items()
            if sending.submit.text == row.body and _is_same(sending.submit.to, row.address)
        ]
        return min(fits, key=lambda fit: fit[0])[1] if fits else None

    def _sent(self, row: SmsRow) -> list[Command]:
        name = self._sent_by(row)
        facts: dict[str, Fact] = {"from": self.number, "to": row.address, "row": row.id}
        if name is None:
            return [Record("radio", "sent by another app", None, facts)]
        sending = self.sending[name]
        del self.sending[name]
        kind = "sent after all" if sending.rejected else "sent on the device"
        return [Record("radio", kind, _message(name), facts), *self._over_the_air(sending)]

    def _over_the_air(self, sending: _Sending) -> list[Command]:
        """The contacts of a story read what the device sent. The SMSC's answer is the phone's, unless it has one."""
        submit = sending.submit
        commands: list[Command] = []
        for place, tpdu in enumerate(submit.tpdus):
            tp_mr = (self.facts["tp_mr"] + 1) & 0xFF
            self.facts["tp_mr"] = tp_mr
            token = f"{submit.id}/{place}"
            if not sending.rejected:
                self.submitted[token] = (submit.id, place)
            commands.append(Tell("smsc", AirSubmit(self.name, self.number, with_reference(tpdu, tp_mr), token)))
        return commands

    def _submitted(self, tp_mr: int, token: str) -> list[Command]:
        known = self.submitted.drop(token)
        return [] if known is None else [Tell("phone", SubmitAccepted(known[0], known[1], tp_mr))]

    def _submit_mms(self, submit: SubmitMms) -> list[Command]:
        facts: dict[str, Fact] = {"from": self.number, "to": submit.to, "code": MMS_UNSPECIFIED}
        facts["why"] = "a device's shell sends no multimedia messages"
        told = Record("radio", "mms result", _message(submit.id), facts)
        return [told, Tell("phone", MmsResult(submit.id, MMS_UNSPECIFIED))]

    # -- in ------------------------------------------------------------------------------------------------------

    def _deliver(self, deliver: AirDeliver, now: Instant) -> list[Command]:
        """Gathers the segments of a text: a console is told texts, not segments."""
        try:
            segment = parse_deliver(deliver.tpdu)
        except SmsError as error:
            unread: dict[str, Fact] = {"to": self.number, "why": str(error), "pdu": deliver.tpdu.hex()}
            return [Record("radio", "unreadable", None, unread), Tell("smsc", AirDelivered(deliver.token))]
        key = _key(segment)
        tokens = (*(self.tokens.drop(key) or ()), deliver.token)
        segments = self.collecting.collect(segment)
        if not segments:
            self.tokens[key] = tokens
            return []
        if segment.text is None:
            return [_lost({"from": segment.sender, "to": self.number}, "binary data is no text for a console")]
        return self._inject(segment.sender, reassemble(segments), tokens, now)

    def _inject(self, sender: str, text: str, tokens: tuple[str, ...], now: Instant) -> list[Command]:
        refusal = self.guard.injection_refusal() or _unspeakable(sender)
        if refusal is not None:
            return [self._lost_text(sender, text, refusal)]
        name = self._new_id("text")
        self.injected[name] = _Injected(sender, text, tokens)
        late = At(now + self.patience.seen_within, _Late(name))
        return [Tell("device", InjectText(name, sender, text)), late]

    def _injected_as(self, row: SmsRow) -> str | None:
        """Which text a row of the inbox is: the very words first, or else the oldest of that sender."""
        of_sender = [(name, one) for name, one in self.injected.items() if _is_same(one.sender, row.address)]
        same = [name for name, one in of_sender if one.text == row.body]
        return next(iter([*same, *[name for name, _ in of_sender]]), None)

    def _came(self, row: SmsRow) -> list[Command]:
        name = self._injected_as(row)
        injected = None if name is None else self.injected.drop(name)
        facts: dict[str, Fact] = {"from": row.address, "to": self.number, "text": row.body, "row": row.id}
        if injected is None:
            facts["uncalled-for"] = True
        taken = [Tell("smsc", AirDelivered(token)) for token in (injected.tokens if injected else ())]
        received = Tell("phone", TextReceived(row.address, row.body, self.slot))
        return [Record("radio", "delivered", None, facts), received, *taken]

    def _lost_text(self, sender: str, text: str, why: str) -> Record:
        return _lost({"from": sender, "to": self.number, "text": text}, why)

    # -- what the device tells -----------------------------------------------------------------------------------

    def _row(self, box: Box, row: SmsRow) -> list[Command]:
        """Whoever looks into a box twice tells of a row twice."""
        if row.id <= self.facts[box]:
            return []
        self.facts[box] = row.id
        return self._sent(row) if box == "sent" else self._came(row)

    def _taken(self, name: str) -> list[Command]:
        injected = self.injected.get(name)
        if injected is not None:
            self.injected[name] = _Injected(injected.sender, injected.text, injected.tokens, taken=True)
        return []

    def _refused(self, name: str, why: str) -> list[Command]:
        sending, injected, calling = self.sending.get(name), self.injected.drop(name), self.calls.drop(name)
        if sending is not None and not sending.rejected:
            return self._give_up(name, sending, why)
        if injected is not None:
            return [self._lost_text(injected.sender, injected.text, why)]
        return [] if calling is None else [_lost_call(calling.call, why)]

    def _late(self, name: str) -> list[Command]:
        sending, injected, calling = self.sending.get(name), self.injected.drop(name), self.calls.get(name)
        if sending is not None and not sending.rejected:
            within_s = seconds(self.patience.sent_within)
            return self._give_up(
                name, sending, f"the device did not show it among the texts sent within {within_s:g} s"
            )
        if injected is not None:
            return [self._lost_text(injected.sender, injected.text, _SAID_OK if injected.taken else _SILENT)]
        if calling is None or calling.ringing:
            return []
        del self.calls[name]
        return [_lost_call(calling.call, _SAID_OK)]

    # -- calls ---------------------------------------------------------------------------------------------------

    def _call(self, call: AirCall, now: Instant) -> list[Command]:
        facts: dict[str, Fact] = {"from": call.caller, "to": call.number, "outcome": call.outcome}
        refusal = self.guard.injection_refusal() or _unspeakable(call.caller)
        if refusal is None and call.outcome != "missed":
            refusal = "nobody is there to answer or to reject a call on the device"
        if refusal is not None:
            return [_lost_call(call, refusal)]
        name = self._new_id("call")
        self.calls[name] = _Calling(call, now)
        late = At(now + self.patience.seen_within, _Late(name))
        return [Record("radio", "call", None, facts), Tell("device", PlaceCall(name, call.caller)), late]

    def _told(self, told: CallTold, now: Instant) -> list[Command]:
        calling = self.calls.get(told.id)
        if calling is None:
            return []  # it was given up
        call = calling.call
        facts: dict[str, Fact] = {"from": call.caller, "to": call.number, "state": told.state, "said by": told.said_by}
        state = Record("radio", "call state", None, facts)
        if told.state == "RINGING":
            self.calls[told.id] = _Calling(call, calling.began_at, ringing=True)
            return [state, *self._broadcast(call, "RINGING"), At(now + (call.rings_ns or _RINGS), _HangUp(told.id))]
        del self.calls[told.id]
        row = CallLogged(call.caller, CALL_TYPES["missed"], calling.began_at, self.slot)
        logged = Record("radio", "call logged", None, {"from": call.caller, "to": call.number, "outcome": "missed"})
        return [state, *self._broadcast(call, "IDLE"), logged, Tell("phone", row)]

    def _broadcast(self, call: AirCall, state: str) -> list[Command]:
        """Each state is broadcast with the number and without it (phone-behaviour.md §5.3)."""
        return [Tell("phone", CallStateChanged(state, number, self.slot)) for number in (call.caller, None)]

    def _hang_up(self, name: str, now: Instant) -> list[Command]:
        calling = self.calls.get(name)
        return [] if calling is None else [Tell("device", EndCall(name, calling.call.caller))]

    def _new_id(self, kind: str) -> str:
        counter = self.facts["counter"] + 1
        self.facts["counter"] = counter
        return f"{kind}/{self.slot}/{counter}"


def _message(submit_id: str) -> str:
    """The id of the message: a submit is named `<message id>/<job>`."""
    return submit_id.rpartition("/")[0]


def _key(segment: SmsDeliver) -> str:
    concat = segment.concat
    return "" if concat is None else f"{segment.sender}/{concat.concat_ref}/{concat.count}"


def _is_same(number: str, shown: str) -> bool:
    """A device may show a number without its plus."""
    return number.removeprefix("+") == shown.removeprefix("+")


def _unspeakable(sender: str) -> str | None:
    """Why a console cannot be told that sender: it takes digits alone (phone-behaviour.md §9.1)."""
    if sender.removeprefix("+").isdecimal() and sender.isascii():
        return None
    return f"the console takes numbers only, and no {sender!r}" if sender else "the console knows no withheld number"


def _lost(facts: dict[str, Fact], why: str) -> Record:
    return Record("radio", LOST, None, {**facts, "why": why})


def _lost_call(call: AirCall, why: str) -> Record:
    return _lost({"from": call.caller, "to": call.number, "outcome": call.outcome}, why)
