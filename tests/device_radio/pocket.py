"""A device in the pocket of a test: what a `DeviceDoor` leads to, without a wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.device_radio import (
    Box,
    CallTold,
    EndCall,
    InjectText,
    NumberGuard,
    PlaceCall,
    Refused,
    SendText,
    SmsRow,
    Taken,
)

EMULATOR = NumberGuard(is_emulator=True)


@dataclass
class Pocket:
    """An emulator, or hardware, with one or two cards. It is a `DeviceDoor`.

    `refuses`: what it says to every text that it should send. `swallows`: the console says OK and nothing comes.
    `keeps`: nothing gets into the box of sent texts. `says`: the body of the next row, whatever was typed.
    """

    guard: NumberGuard = EMULATOR
    boxes: dict[Box, list[SmsRow]] = field(default_factory=lambda: {"inbox": [], "sent": []})
    calls: list[str] = field(default_factory=list)
    refuses: str | None = None
    swallows: bool = False
    keeps: bool = False
    says: str | None = None
    no_calls: bool = False
    texted: list[str] = field(default_factory=list)

    def put(self, box: Box, address: str, body: str, subscription_id: int | None = 1) -> SmsRow:
        row = SmsRow(1 + sum(len(rows) for rows in self.boxes.values()), address, body, 0, subscription_id)
        self.boxes[box].append(row)
        return row

    async def send(self, text: SendText) -> Taken | Refused:
        return self.send_now(text)

    def send_now(self, text: SendText) -> Taken | Refused:
        refusal = self.guard.refusal(text.to) or self.refuses
        if refusal is not None:
            return Refused(text.id, refusal)
        self.texted.append(text.to)
        if not self.keeps:
            self.put("sent", text.to, text.text, text.subscription_id)
        return Taken(text.id)

    async def inject(self, text: InjectText) -> Taken | Refused:
        return self.inject_now(text)

    def inject_now(self, text: InjectText) -> Taken | Refused:
        refusal = self.guard.injection_refusal()
        if refusal is not None:
            return Refused(text.id, refusal)
        if not self.swallows:
            body, self.says = self.says or text.text, None
            self.put("inbox", text.sender, body)
        return Taken(text.id)

    async def call(self, call: PlaceCall | EndCall) -> CallTold | Refused:
        return self.call_now(call)

    def call_now(self, call: PlaceCall | EndCall) -> CallTold | Refused:
        if self.no_calls:
            return Refused(call.id, "KO: bad phone number format")
        if isinstance(call, PlaceCall):
            self.calls.append(call.caller)
            return CallTold(call.id, "RINGING", "device")
        return CallTold(call.id, "IDLE", "console")

    async def newest(self, box: Box) -> int:
        return max([row.id for row in self.boxes[box]], default=0)

    async def rows(self, box: Box, after_id: int) -> list[SmsRow]:
        return [row for row in self.boxes[box] if row.id > after_id]
