"""A contact: somebody with a handset of their own, who reads and writes texts, and calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from harness.behaviours import START_WORDS, STOP_WORDS, Behaviour, check_outcome
from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.delays import AT_ONCE, Delay, sample
from harness.draws import Draws
from harness.errors import ProtocolError, SmsError, UsageError
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.mms import WAP_PUSH_PORT, Part, retrieve_conf, text_part, wap_push
from harness.parties.behaviours import Heard, Note, Ring, Say, react
from harness.radio import AirCall, AirDeliver, AirDelivered, AirMms, AirRefused, AirReport, AirSubmit, AirSubmitted
from harness.sms import (
    Collecting,
    Ports,
    divide,
    parse_deliver,
    reassemble,
    submit_data_tpdus,
    submit_tpdus,
    with_reference,
)

__all__ = ["Behave", "CallNumber", "Contact", "File", "PushMms", "WriteData", "WriteMms", "WriteText"]


READ_MAX = 1000
"""So many texts of one sender in a second a contact reacts to: two who answer each other at once would never end."""


@frozen
class WriteText:
    """The contact writes a text to a number. `sender` overrides the contact's own number; "" names nobody.

    `message_class`: 0 is a flash text, 2 one for the card; None, as usual, is none.
    """

    to: str
    text: str
    sender: str | None = None
    message_class: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):  # here it is the slip of whoever writes it; in a core it would end the world
            raise TypeError(f"a text is a str, not {type(self.text).__name__}")
        if self.message_class not in (None, 0, 1, 2, 3):
            raise UsageError(f"there is no message class {self.message_class}", "it is 0 (flash), 1, 2 (the card) or 3")


@frozen
class WriteData:
    """The contact sends binary data for a port."""

    to: str
    data: bytes
    port: int
    sender: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 0xFFFF:
            raise UsageError(f"there is no port {self.port}", "it is a number up to 65535")


@frozen
class PushMms:
    """The contact's MMSC tells a number of a multimedia message: a WAP push with this MMS PDU (M-Notification.ind)."""

    to: str
    pdu: bytes
    sender: str | None = None


@frozen
class File:
    """Something in a multimedia message: `size` bytes of a `content_type`, made up."""

    name: str
    content_type: str
    size: int

    def __post_init__(self) -> None:
        if not self.name or not self.content_type or self.size < 0:
            raise UsageError("a file without a name, a content type or a size", "such as cat.jpg, image/jpeg, 2000")


@frozen
class WriteMms:
    """The contact sends a multimedia message. `sender` as in `WriteText`.

    Its MMSC hands it over whole, however large it is. Real ones only tell that there is one, and the app forwards none
    of those (phone-behaviour.md §5.2): this is the one that it would.
    """

    to: str
    text: str
    files: tuple[File, ...]
    sender: str | None = None


@frozen
class CallNumber:
    """The contact calls a number. `outcome` is one of `CALL_OUTCOMES`; a missed call rings for `rings_ns`, then ends.

    `caller` is the number that is shown, "" for a withheld one. `log` is how long the handset's call log takes to have
    the row after the call's end; `phone_account_id` stands in that row instead of the subscription's id.
    """

    to: str
    outcome: str = "missed"
    caller: str | None = None
    rings_ns: int = 0
    talks_ns: int = 0
    log: Delay = AT_ONCE
    phone_account_id: str | None = None

    def __post_init__(self) -> None:
        check_outcome(self.outcome)


@frozen
class Behave:
    """From now on the contact behaves like this."""

    behaviours: tuple[Behaviour, ...]


@frozen
class _React:
    """What the contact wanted to do about a text is due. `to` wrote it, to `number`."""

    number: str
    to: str
    what: Say | Ring | Note


class Contact(Core):
    """A handset that joins the segments of long texts, as every ordinary one does.

    Port: `smsc`. A contact named for the number `*` reads whatever nobody else does, and answers as whoever was meant.
    `shown` is what others see instead of the number of one who writes: a name such as BANK.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "collecting", "counts", "pace", "opted_out")

    def __init__(
        self, name: str, draws: Draws, number: str, behaviours: tuple[Behaviour, ...] = (), shown: str | None = None
    ) -> None:
        super().__init__(name, draws)
        self.number = number
        self.shown = shown
        self.facts: Table[str, Any] = Table({"tp_mr": 0, "concat_ref": draws.getrandbits(8), "behaviours": behaviours})
        self.collecting: Collecting = Collecting()
        # By `<number>/<sender>`, kept for a contact who behaves: texts read, those of one second, who was told STOP.
        self.counts: Table[str, int] = Table()
        self.pace: Table[str, tuple[int, int]] = Table()
        self.opted_out: Table[str, bool] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case AirDeliver(number, tpdu, token):
                return self._read(number, tpdu, token, now)
            case WriteText():
                return self._write(event)
            case AirSubmitted() | AirReport() | AirRefused():
                return []
            case _React():
                return self._react(event)
            case WriteData(to, data, port, sender):
                return self._write_data(to, data, port, sender or self.number)
            case PushMms(to, pdu, sender):
                return self._write_data(to, wap_push(pdu), WAP_PUSH_PORT, sender or self.number)
            case WriteMms():
                return self._write_mms(event, now)
            case CallNumber():
                return self._call(event)
            case Behave(behaviours):
                self.facts["behaviours"] = behaviours
                return []
            case AirCall(number, caller):
                return [Record("contact", "called", None, {"from": caller, "to": number})]
            case AirMms(number, sender, pdu):
                facts: dict[str, Fact] = {"from": sender, "to": number, "bytes": len(pdu)}
                return [Record("contact", "received mms", None, facts)]
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- reading -------------------------------------------------------------------------------------------------

    def _read(self, number: str, tpdu: bytes, token: str, now: Instant) -> list[Command]:
        stored = Tell("smsc", AirDelivered(token))
        try:
            segment = parse_deliver(tpdu)
        except SmsError as error:
            return [Record("contact", "unreadable", None, {"to": number, "why": str(error), "pdu": tpdu.hex()}), stored]
        segments = self.collecting.collect(segment, number)
        if not segments:
            return [stored]
        text = reassemble(segments)
        facts: dict[str, Fact] = {
            "from": segment.sender,
            "to": number,
            "text": text,
            "segments": len(segments),
        }
        received = Record("contact", "received", None, facts)
        if not self.facts["behaviours"] and not self.opted_out:
            return [received, stored]
        return [received, stored, *self._heard(number, segment.sender, text, now)]

    def _heard(self, number: str, sender: str, text: str, now: Instant) -> list[Command]:
        """What the contact does about a text, now or later."""
        key = f"{number}/{sender}"
        count = self.counts.get(key, 0) + 1
        self.counts[key] = count
        facts: dict[str, Fact] = {"from": sender, "to": number, "text": text}
        commands: list[Command] = [Record("contact", "unwanted", None, facts)] if key in self.opted_out else []
        if self._is_too_much(key, now):
            return [*commands, Record("contact", "answers no more", None, facts)]
        heard = Heard(number, sender, text, count)
        for reaction in react(self.facts["behaviours"], heard, self.draws):
            due = _React(number, sender, reaction.what)
            commands += [At(now + reaction.after_ns, due)] if reaction.after_ns else self._react(due)
        return commands

    def _is_too_much(self, key: str, now: Instant) -> bool:
        second, count = self.pace.get(key, (0, 0))
        count = count + 1 if second == now // SECOND else 1
        self.pace[key] = (now // SECOND, count)
        return count > READ_MAX

    def _react(self, due: _React) -> list[Command]:
        match due.what:
            case Say(text):
                return self._write(WriteText(due.to, text, self.shown or due.number))
            case Ring(outcome):
                return self._call(CallNumber(due.to, outcome, due.number))
            case Note(code):
                return [Record("contact", "read a code", None, {"from": due.to, "to": due.number, "code": code})]

    # -- writing -------------------------------------------------------------------------------------------------

    def _write(self, text: WriteText) -> list[Command]:
        sender = self._as_shown(text.sender)
        facts: dict[str, Fact] = {"from": sender, "to": text.to, "text": text.text}
        segments = divide(text.text) or ("",)  # a handset may send an empty text
        try:
            tpdus = submit_tpdus(
                text.to, segments, self._concat_ref(), status_report=False, message_class=text.message_class
            )
        except SmsError as error:
            return [Record("contact", "could not write", None, {**facts, "why": str(error)})]
        self._remember(f"{sender}/{text.to}", text.text.strip().upper())
        return [Record("contact", "wrote", None, facts), *self._submit(sender, tpdus)]

    def _as_shown(self, sender: str | None) -> str:
        return (self.shown or self.number) if sender is None else sender

    def _write_mms(self, message: WriteMms, now: Instant) -> list[Command]:
        sender = self._as_shown(message.sender)
        parts = [text_part(message.text)] if message.text else []
        for file in message.files:
            parts.append(Part(file.content_type, file.name, file.name, file.name, self.draws.randbytes(file.size)))
        pdu = retrieve_conf(f"T{self._concat_ref()}", sender, now // SECOND, parts)
        facts: dict[str, Fact] = {"from": sender, "to": message.to, "text": message.text}
        facts["attachments"] = len(message.files)
        air = AirMms(message.to, sender, pdu, pushed=True)
        return [Record("contact", "wrote mms", None, facts), Tell("smsc", air)]

    def _remember(self, key: str, word: str) -> None:
        if word in STOP_WORDS:
            self.opted_out[key] = True
        elif word in START_WORDS:
            self.opted_out.drop(key)

    def _write_data(self, to: str, data: bytes, port: int, sender: str) -> list[Command]:
        facts: dict[str, Fact] = {"from": sender, "to": to, "port": port, "bytes": len(data)}
        try:
            tpdus = submit_data_tpdus(to, data, self._concat_ref(), ports=Ports(port, port), status_report=False)
        except SmsError as error:
            return [Record("contact", "could not write", None, {**facts, "why": str(error)})]
        return [Record("contact", "wrote data", None, facts), *self._submit(sender, tpdus)]

    def _concat_ref(self) -> int:
        concat_ref: int = (self.facts["concat_ref"] + 1) & 0xFF
        self.facts["concat_ref"] = concat_ref
        return concat_ref

    def _submit(self, sender: str, tpdus: Iterable[bytes]) -> list[Command]:
        commands: list[Command] = []
        for tpdu in tpdus:
            tp_mr: int = (self.facts["tp_mr"] + 1) & 0xFF
            self.facts["tp_mr"] = tp_mr
            commands.append(Tell("smsc", AirSubmit(self.name, sender, with_reference(tpdu, tp_mr))))
        return commands

    def _call(self, call: CallNumber) -> list[Command]:
        caller = self.number if call.caller is None else call.caller
        facts: dict[str, Fact] = {"from": caller, "to": call.to, "outcome": call.outcome}
        log_after_ns = sample(call.log, self.draws)
        air = AirCall(call.to, caller, call.outcome, call.rings_ns, call.talks_ns, log_after_ns, call.phone_account_id)
        return [Record("contact", "calls", None, facts), Tell("smsc", air)]
