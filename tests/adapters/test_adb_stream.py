from __future__ import annotations

import asyncio

import pytest

from harness.adapters.adb_stream import Stream, malformed
from harness.errors import DeviceGone, MalformedAdb
from tests.adapters import moved_loop


class Carried(Stream):
    """A stream that a test carries."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.taken = 0
        self.is_full = False

    def _send(self, data: bytes) -> None:
        self.sent.append(data)

    def _is_drained(self) -> bool:
        return not self.is_full

    def _taken(self) -> None:
        self.taken += 1

    def tell(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._arrived(piece)

    def end(self) -> None:
        self._end()

    def fail(self) -> None:
        self._fail(DeviceGone("a", "it broke", "open it again"))

    def empty(self) -> None:
        self.is_full = False
        self._wake()


def test_what_has_come_is_read_before_the_fault_that_came_after_it() -> None:
    async def main() -> None:
        stream = Carried()
        stream.tell(b"one", b"two")
        stream.fail()
        assert [await stream.read(), await stream.read()] == [b"one", b"two"]
        assert stream.taken == 2
        for _ in range(2):
            with pytest.raises(DeviceGone, match="it broke"):
                await stream.read()

    moved_loop.run(main())


def test_a_fault_after_the_end_is_none() -> None:
    async def main() -> None:
        stream = Carried()
        stream.end()
        stream.fail()
        assert await stream.read() == b""
        stream.write(b"x")
        assert stream.sent == []

    moved_loop.run(main())


@pytest.mark.parametrize("news", ["empty", "tell", "end", "fail"])
def test_who_waits_for_room_goes_on_with_any_news(news: str) -> None:
    async def main() -> None:
        stream = Carried()
        stream.is_full = True
        waiting = asyncio.ensure_future(stream.drained())
        await asyncio.sleep(0)
        assert not waiting.done()
        if news == "tell":
            stream.tell(b"x")
        else:
            getattr(stream, news)()
        await waiting

    moved_loop.run(main())


def test_a_reader_and_a_writer_wait_at_the_same_time() -> None:
    async def main() -> None:
        stream = Carried()
        stream.is_full = True
        reading, writing = asyncio.ensure_future(stream.read()), asyncio.ensure_future(stream.drained())
        await asyncio.sleep(0)
        stream.empty()
        await writing
        assert not reading.done()
        stream.tell(b"x")
        assert await reading == b"x"

    moved_loop.run(main())


def test_what_a_codec_found_is_told_of_a_device() -> None:
    error = malformed("emulator-5554", "no packet", "look at it")
    assert isinstance(error, MalformedAdb)
    assert str(error) == "emulator-5554: no packet\n  look at it"
