"""The live driver of a story whose phone has a device for its radio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, Self, get_args

from harness.adapters.live import LiveDriver
from harness.core import Tell
from harness.device_radio import (
    BOXES,
    Box,
    DeviceDoor,
    DeviceRadio,
    EndCall,
    InjectText,
    Outgoing,
    Patience,
    PlaceCall,
    Refused,
    RowSeen,
    SendText,
    SmsRow,
    Taken,
)
from harness.frozen import frozen
from harness.instants import SECOND
from harness.targets.travel import TravellingDriver
from harness.world import Outward

__all__ = ["EVERY_S", "DeviceDriver", "LookedFor", "TravellingDeviceDriver", "looked_for"]

EVERY_S = 0.25
"""How often the boxes of a device are looked into."""


_NEVER = 365 * 24 * 3600 * SECOND
_SAID_OK = "the console said OK and nothing came"


@frozen
class LookedFor(Patience):
    """Patience that ends with a look: a text is given up that a look did not find which was begun so long (s) after
    the device, or its console, had said OK. A slow device answers late, and loses nothing by that.
    """

    sent_s: float = 0.0
    seen_s: float = 0.0


def looked_for(sent_s: float, seen_s: float) -> LookedFor:
    """A radio that has it gives nothing up by its own clock: `DeviceDriver` does."""
    return LookedFor(_NEVER, _NEVER, sent_s, seen_s)


@frozen
class _Awaited:
    """A text that the device has said OK to. `why` it is given up by a look that was begun after `until_s`."""

    core: str
    id: str
    until_s: float
    why: str


class DeviceDriver(LiveDriver):
    """Carries what the world's `DeviceRadio`s want through `door`, and tells them what comes into the device's boxes.

    What was in them before the story is none of its business. It leaves only once a look has come back, so that no
    story is judged whose device is gone. Time is counted in steps: while this machine sleeps the device has none.
    """

    OUTGOING: ClassVar[tuple[type, ...]] = get_args(Outgoing)

    def __init__(self, *positional: Any, door: DeviceDoor, every_s: float = EVERY_S, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._door = door
        self._every_s = every_s
        self._asked: dict[str, int | None] = {}  # by the id of what the device was asked for: what led to it
        self._asking = 0
        self._looked = asyncio.Event()
        self._came_back = asyncio.Event()  # the look that was begun last
        self._lived_s = 0.0
        self._awaited: list[_Awaited] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._own(self._look())
        self._own(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self._came_back.wait()
        except asyncio.CancelledError as ended:  # also by what the look found
            await super().__aexit__(type(ended), ended, ended.__traceback__)
            raise
        await super().__aexit__(kind, error, trace)

    @property
    def is_quiet(self) -> bool:
        """Nothing is under way on the device either."""
        return super().is_quiet and not self.is_device_busy

    @property
    def is_device_busy(self) -> bool:
        """The device is asked for something, or has not yet shown what it was asked for."""
        return bool(self._asking) or any(radio.is_waiting for radio in self._radios())

    def _radios(self) -> list[DeviceRadio]:
        return [core for core in self.world.cores.values() if isinstance(core, DeviceRadio)]

    # -- out -----------------------------------------------------------------------------------------------------

    def _release(self, outward: list[Outward], actions: list[Callable[[], object]]) -> None:
        others = []
        for item in outward:
            event = item.command.event if isinstance(item.command, Tell) else None
            if isinstance(event, self.OUTGOING):
                self._asking += 1
                self._own(self._ask(item.core, event, item.cause))
            else:
                others.append(item)
        super()._release(others, actions)

    async def _ask(self, core: str, event: Any, cause: int | None) -> None:
        try:
            await self._looked.wait()  # what comes of it must be newer than what is there
            self._asked[event.id] = cause
            answer = await self._carried(event)
        finally:
            self._asking -= 1
        if isinstance(answer, Taken):
            self._await(core, event)
        self.tell(core, answer, cause)

    def _await(self, core: str, event: SendText | InjectText) -> None:
        radio = self.world.cores.get(core)
        patience = radio.patience if isinstance(radio, DeviceRadio) else None
        if not isinstance(patience, LookedFor):
            return  # the radio goes by its own clock
        within_s, why = patience.seen_s, _SAID_OK
        if isinstance(event, SendText):
            within_s = patience.sent_s
            why = f"the device did not show it among the texts sent within {within_s:g} s"
        self._awaited.append(_Awaited(core, event.id, self._lived_s + within_s, why))

    async def _carried(self, event: Any) -> object:
        match event:
            case SendText():
                return await self._door.send(event)
            case InjectText():
                return await self._door.inject(event)
            case PlaceCall() | EndCall():
                return await self._door.call(event)
            case _:
                raise AssertionError(event)

    # -- in ------------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Looks into the boxes again and again."""
        newest: dict[Box, int] = {box: await self._door.newest(box) for box in BOXES}
        self._looked.set()
        while True:
            self._came_back.clear()
            began_s = self._lived_s
            found = [(box, row) for box in BOXES for row in await self._door.rows(box, newest[box])]
            # One table holds both boxes, so ids tell the order.
            for box, row in sorted(found, key=lambda one: one[1].id):
                newest[box] = row.id
                self._show(box, row)
            self._give_up(began_s)
            self._came_back.set()
            await asyncio.sleep(self._every_s)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            self._lived_s += self._every_s

    def _give_up(self, began_s: float) -> None:
        """What a look did not find that was begun late enough. Who was shown it meanwhile knows better."""
        late = [awaited for awaited in self._awaited if began_s > awaited.until_s]
        self._awaited = [awaited for awaited in self._awaited if awaited not in late]
        for awaited in late:
            self.tell(awaited.core, Refused(awaited.id, awaited.why), self._asked.get(awaited.id))

    def _show(self, box: Box, row: SmsRow) -> None:
        """Tells the card whose row it is: that which waits for it, or which the device names, or else the first one."""
        radios = self._radios()
        expected = [(radio, radio.awaits(box, row)) for radio in radios]
        radio, name = next((one for one in expected if one[1] is not None), (None, None))
        if radio is None:
            named = [radio for radio in radios if radio.subscription_id == row.subscription_id]
            radio = next(iter([*named, *radios]), None)
        if radio is not None:
            self._tell_row(radio, RowSeen(box, row), None if name is None else self._asked.get(name))

    def _tell_row(self, radio: DeviceRadio, seen: RowSeen, cause: int | None) -> None:
        self.tell(radio.name, seen, cause)


class TravellingDeviceDriver(DeviceDriver, TravellingDriver):
    """The same, where the gateway has a clock of its own."""

    def _is_busy(self) -> bool:
        return super()._is_busy() or self.is_device_busy
