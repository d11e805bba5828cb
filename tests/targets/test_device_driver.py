"""The driver between a world and a device: what leaves is carried, what comes into the boxes is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from harness.adapters.http_client import HttpClient
from harness.core import Core
from harness.device_radio import LOST, DeviceRadio, InjectText, Patience, SendText, SmsRow
from harness.draws import Draws
from harness.errors import DeviceGone
from harness.parties import WriteText
from harness.radio import SubmitAccepted, SubmitRejected, TextReceived
from harness.targets.device_driver import DeviceDriver, TravellingDeviceDriver, looked_for
from harness.world import OUTSIDE
from tests.adapters.adb_peer import until
from tests.adapters.moved_loop import MovedLoop, move
from tests.device_radio.kit import ALICE, BOB, CAROL, Around, a_submit
from tests.device_radio.pocket import EMULATOR, Pocket


class Told(Core):
    """A phone in the second slot: it keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("other", Draws(1, "other"))
        self.events: list[Any] = []

    def handle(self, event: Any, now: int) -> Any:
        self.events.append(event)
        return []


def driven(
    pocket: Pocket,
    begin: Callable[[Around, DeviceDriver], object],
    is_over: Callable[[Around], bool],
    kind: type[DeviceDriver] = DeviceDriver,
    patience: Patience | None = None,
    **more: Any,
) -> Around:
    """A world around the device in the pocket, by the real clock, until it is over and quiet."""
    around = Around(pocket, patience=patience, looks=False, live=True)

    async def main() -> None:
        client = HttpClient()
        driver = kind(around.world, client=client, door=pocket, every_s=0.002, **more)
        async with driver:
            begin(around, driver)
            async with asyncio.timeout(5):
                await driver.until(lambda: is_over(around))
                await driver.quiet()
        await client.close()

    around.world.now = 0
    asyncio.run(main())
    return around


@pytest.mark.parametrize(("kind", "more"), [(DeviceDriver, {}), (TravellingDeviceDriver, {"travel": None})])
def test_a_text_goes_out_and_another_comes_in(kind: type[DeviceDriver], more: dict[str, Any]) -> None:
    def begin(around: Around, driver: DeviceDriver) -> None:
        driver.tell("phone", a_submit("m", "out"))
        driver.tell("contact:bob", WriteText(ALICE, "in"))

    around = driven(Pocket(), begin, lambda around: len(around.told()) == 2, kind, **more)
    assert {type(event) for event in around.told()} == {SubmitAccepted, TextReceived}
    assert around.read() == ["out"]


def test_what_comes_in_is_caused_by_what_was_written() -> None:
    around = driven(
        Pocket(),
        lambda around, driver: driver.tell("contact:bob", WriteText(ALICE, "in")),
        lambda around: bool(around.told()),
    )
    wrote, delivered = list(around.world.trace.entries)
    assert (wrote.kind, delivered.kind) == ("wrote", "delivered")
    assert delivered.cause == wrote.number


def test_it_is_not_quiet_while_the_device_has_yet_to_show_something() -> None:
    pocket = Pocket(swallows=True)
    seen: list[bool] = []

    def begin(around: Around, driver: DeviceDriver) -> None:
        driver.tell("contact:bob", WriteText(ALICE, "in"))

        def later() -> None:
            seen.append(driver.is_quiet)
            pocket.put("inbox", BOB, "in")

        asyncio.get_running_loop().call_later(0.05, later)

    driven(pocket, begin, lambda around: bool(around.told()))
    assert seen == [False]


def test_what_is_in_the_boxes_already_is_not_told() -> None:
    pocket = Pocket()
    pocket.put("inbox", CAROL, "long ago")

    def begin(around: Around, driver: DeviceDriver) -> None:
        asyncio.get_running_loop().call_later(0.02, lambda: pocket.put("inbox", CAROL, "now"))

    around = driven(pocket, begin, lambda around: bool(around.told()))
    assert around.told() == [TextReceived(CAROL, "now", 1)]


@pytest.mark.parametrize(
    ("subscription_id", "first", "second"), [(1, 1, 0), (2, 0, 1), (9, 1, 0), (None, 1, 0)], ids=str
)
def test_a_row_is_told_to_the_card_whose_it_is(subscription_id: int | None, first: int, second: int) -> None:
    pocket, other = Pocket(), Told()

    def begin(around: Around, driver: DeviceDriver) -> None:
        world = around.world
        world.add(other)
        world.add(DeviceRadio("modem:2", world.draws("x"), "+18005550198", EMULATOR, slot=2, subscription_id=2))
        for port, target in (("phone", "other"), ("smsc", "smsc"), ("device", OUTSIDE)):
            world.wire("modem:2", port, target)
        asyncio.get_running_loop().call_later(0.02, lambda: pocket.put("inbox", CAROL, "hi", subscription_id))

    around = driven(pocket, begin, lambda around: bool(around.told() or other.events))
    assert (len(around.told()), len(other.events)) == (first, second)


class Unplugged(Pocket):
    """A device whose cable is pulled out after a while."""

    looks = 0

    async def rows(self, box: Any, after_id: int) -> list[SmsRow]:
        self.looks += 1
        if self.looks > 3:
            raise DeviceGone("emulator-5554", "the connection broke")
        return await super().rows(box, after_id)

    async def send(self, text: SendText) -> Any:
        await asyncio.sleep(3600)


def test_a_device_that_is_unplugged_ends_it_with_its_error_and_no_task_stays() -> None:
    with pytest.raises(DeviceGone, match="the connection broke"):
        driven(
            Unplugged(),
            lambda around, driver: driver.tell("phone", a_submit("m", "out")),
            lambda around: False,
        )


def test_two_rows_are_told_in_the_order_of_their_ids_whatever_the_box() -> None:
    pocket = Pocket()

    def put() -> None:
        pocket.put("sent", CAROL, "by hand")
        pocket.put("inbox", CAROL, "the answer")

    def begin(around: Around, driver: DeviceDriver) -> None:
        asyncio.get_running_loop().call_later(0.02, put)

    around = driven(pocket, begin, lambda around: bool(around.told()))
    assert [entry.kind for entry in around.world.trace.entries] == ["sent by another app", "delivered"]


# -- what does not come ------------------------------------------------------------------------------------------------


class Slow(Pocket):
    """A device whose first look takes so long that a text is typed meanwhile, which that look does not show."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = asyncio.Event()

    async def inject(self, text: InjectText) -> Any:
        answer = await super().inject(text)
        self.typed.set()
        return answer

    async def rows(self, box: Any, after_id: int) -> list[SmsRow]:
        found = await super().rows(box, after_id)
        await self.typed.wait()
        for _ in range(20):  # the answer comes before the look is over
            await asyncio.sleep(0)
        return found


def test_a_text_that_a_slow_look_could_not_show_yet_is_not_lost() -> None:
    around = driven(
        Slow(),
        lambda around, driver: driver.tell("contact:bob", WriteText(ALICE, "in")),
        lambda around: bool(around.told() or around.facts(LOST)),
        patience=looked_for(0, 0),
    )
    assert around.told() == [TextReceived(BOB, "in", 1)]
    assert around.facts(LOST) == []


def test_a_text_that_looks_have_not_found_in_time_is_lost() -> None:
    around = driven(
        Pocket(swallows=True),
        lambda around, driver: driver.tell("contact:bob", WriteText(ALICE, "in")),
        lambda around: bool(around.facts(LOST)),
        patience=looked_for(0.01, 0.01),
    )
    (lost,) = around.facts(LOST)
    assert (lost["text"], lost["why"]) == ("in", "the console said OK and nothing came")


def test_a_text_that_looks_have_not_found_among_those_sent_has_failed() -> None:
    around = driven(
        Pocket(keeps=True),
        lambda around, driver: driver.tell("phone", a_submit("m", "out")),
        lambda around: bool(around.told()),
        patience=looked_for(0.01, 0.01),
    )
    (rejected,) = around.told(SubmitRejected)
    assert rejected.code == 1
    (facts,) = around.facts("rejected")
    assert facts["why"] == "the device did not show it among the texts sent within 0.01 s"


class Counted(Pocket):
    """Counts how often a box was looked into."""

    looks = 0

    async def rows(self, box: Any, after_id: int) -> list[SmsRow]:
        self.looks += 1
        return await super().rows(box, after_id)


def test_a_machine_that_slept_for_an_hour_has_not_waited_for_the_device() -> None:
    pocket = Counted(swallows=True)
    around = Around(pocket, patience=looked_for(30, 30), looks=False, live=True)

    async def main() -> None:
        client = HttpClient()
        async with DeviceDriver(around.world, client=client, door=pocket, every_s=0.002) as driver:
            driver.tell("contact:bob", WriteText(ALICE, "in"))
            await driver.until(lambda: any(one.taken for one in around.radio.injected.values()))
            await move(3600)
            pocket.looks = 0
            await until(lambda: pocket.looks > 4)  # two looks into two boxes, at the least, were begun and ended since
            pocket.put("inbox", BOB, "in")
            await driver.until(lambda: bool(around.told() or around.facts(LOST)))
        await client.close()

    around.world.now = 0
    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(main())
    assert around.told() == [TextReceived(BOB, "in", 1)]


class Hanging(Pocket):
    """A device that is lost amid a look, as is found out once the story is over."""

    def __init__(self) -> None:
        super().__init__()
        self.over = asyncio.Event()

    async def rows(self, box: Any, after_id: int) -> list[SmsRow]:
        await self.over.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        raise DeviceGone("emulator-5554", "the connection broke")


def test_nobody_leaves_before_a_look_has_told_that_the_device_is_still_there() -> None:
    pocket = Hanging()

    def is_over(_around: Around) -> bool:
        pocket.over.set()
        return True

    with pytest.raises(DeviceGone, match="the connection broke"):
        driven(pocket, lambda around, driver: None, is_over)
