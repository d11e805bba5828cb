"""A fake device in a thread of its own, for clients that block."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from harness.adapters.adb_daemon import OnKey
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android
from harness.fake_device import Troubles

T = TypeVar("T")
PATIENCE_S = 30


class Fake:
    """The device, and the thread that it is in: nothing of it is touched from elsewhere."""

    def __init__(self, loop: asyncio.AbstractEventLoop, android: FakeAndroid) -> None:
        self.android = android
        self.address = android.address
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def call(self, action: Callable[[FakeAndroid], T]) -> T:
        async def there() -> T:
            return action(self.android)

        return self.run(there())

    @contextlib.contextmanager
    def troubled(self, **troubles: Any) -> Iterator[None]:
        """These troubles, as long as the context."""
        self.call(lambda android: android.set_troubles(replace(android.device.troubles, **troubles)))
        try:
            yield
        finally:
            self.call(lambda android: android.set_troubles(Troubles()))


@contextlib.contextmanager
def fake(options: FakeAndroidOptions | None = None, on_key: OnKey | None = None) -> Iterator[Fake]:
    """A device that runs as long as the context, on free ports unless the options say otherwise."""
    there: list[Fake | BaseException] = []
    is_there = threading.Event()
    ends: list[Callable[[], None]] = []

    async def main() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with fake_android(options or FakeAndroidOptions(), on_key=on_key) as android:
                ends.append(lambda: loop.call_soon_threadsafe(stop.set))
                there.append(Fake(loop, android))
                is_there.set()
                await stop.wait()
            assert asyncio.all_tasks() == {asyncio.current_task()}
        except BaseException as error:
            there.append(error)
            is_there.set()
            raise

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    is_there.wait(PATIENCE_S)
    first = there[0]
    if isinstance(first, BaseException):
        raise first
    try:
        yield first
    finally:
        for end in ends:
            end()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        assert there == [first]
