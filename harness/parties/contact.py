"""A contact: somebody with a handset of their own, who reads and writes texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from harness.core import Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.instants import Instant
from harness.radio import AirDeliver, AirDelivered, AirReport, AirSubmit, AirSubmitted
from harness.sms import SmsDeliver, divide, parse_deliver, reassemble, submit_tpdus

__all__ = ["Contact", "WriteText"]


@frozen
class WriteText:
    """The contact writes a text to a number. `sender` overrides the contact's own number."""

    to: str
    text: str
    sender: str | None = None


class Contact(Core):
    """A handset that joins the segments of long texts, as every ordinary one does.

    Port: `smsc`. A contact named for the number `*` reads whatever nobody else does.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "collecting")

    def __init__(self, name: str, draws: Draws, number: str) -> None:
        super().__init__(name, draws)
        self.number = number
        self.facts: Table[str, int] = Table({"tp_mr": 0, "concat_ref": draws.getrandbits(8)})
        self.collecting: Table[str, tuple[SmsDeliver, ...]] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case AirDeliver(number, tpdu, token):
                return self._read(number, tpdu, token)
            case WriteText():
                return self._write(event)
            case AirSubmitted() | AirReport():
                return []
            case _:
                raise ProtocolError(self.name, event, "any")

    def _read(self, number: str, tpdu: bytes, token: str) -> list[Command]:
        segment = parse_deliver(tpdu)
        stored = Tell("smsc", AirDelivered(token))
        segments = self._collect(number, segment)
        if not segments:
            return [stored]
        facts: dict[str, Fact] = {
            "from": segment.sender,
            "to": number,
            "text": reassemble(segments),
            "segments": len(segments),
        }
        return [Record("contact", "received", None, facts), stored]

    def _collect(self, number: str, segment: SmsDeliver) -> tuple[SmsDeliver, ...]:
        """All segments of the text once the last one is in, else none."""
        concat = segment.concat
        if concat is None:
            return (segment,)
        key = f"{segment.sender}/{number}/{concat.concat_ref}/{concat.count}"
        known = [old for old in self.collecting.get(key, ()) if old.concat and old.concat.sequence != concat.sequence]
        segments = (*known, segment)
        if len(segments) < concat.count:
            self.collecting[key] = segments
            return ()
        self.collecting.drop(key)
        return segments

    def _write(self, text: WriteText) -> list[Command]:
        sender = text.sender or self.number
        facts: dict[str, Fact] = {"from": sender, "to": text.to, "text": text.text}
        commands: list[Command] = [Record("contact", "wrote", None, facts)]
        segments = divide(text.text) or ("",)  # a handset may send an empty text
        concat_ref = (self.facts["concat_ref"] + 1) & 0xFF
        self.facts["concat_ref"] = concat_ref
        for tpdu in submit_tpdus(text.to, segments, concat_ref, status_report=False):
            tp_mr = (self.facts["tp_mr"] + 1) & 0xFF
            self.facts["tp_mr"] = tp_mr
            commands.append(Tell("smsc", AirSubmit(self.name, sender, tpdu[:1] + bytes((tp_mr,)) + tpdu[2:])))
        return commands
