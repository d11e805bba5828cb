"""A gateway in a thread of its own, for tests of applications that speak HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from harness.parties import WriteText
from harness.serving import Served, ServeOptions, serving
from harness.sms.address import party_address
from harness.trace import Entry

__all__ = ["Gateway"]


class Gateway:
    """A served gateway with one phone; `url`, `user_key` and `number` are what an application needs.

    Use as a context. Waiting is for the trace, not for time: `wait_for_sms` returns as soon as the text is there.
    """

    def __init__(self, options: ServeOptions | None = None) -> None:
        self._options = options or ServeOptions()
        self._started: Future[Served] = Future()
        self._ended: Future[None] = Future()
        self._entries: list[Entry] = []
        # Texts that a `wait_for_sms` has returned, by the number of their entry.
        self._taken: set[int] = set()
        self._grown = threading.Condition()
        # A daemon: a program that never leaves the context can still end.
        self._thread = threading.Thread(target=self._run, name="httpsms-gateway", daemon=True)

    def __enter__(self) -> Self:
        """Starts. Raises `PortInUse`, `StateFileError`."""
        self._thread.start()
        self._served = self._started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops. What went wrong within the gateway comes out here, unless the test has failed already."""
        if not self._ended.done():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if kind is None:
            self._ended.result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 (whatever it is, nobody would see it in this thread)
            (self._ended if self._started.done() else self._started).set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with serving(self._options) as served:
            for entry in served.bed.trace.entries:
                self._grow(entry)
            served.bed.trace.subscribe(self._grow)
            self._started.set_result(served)
            await self._stop.wait()

    # -- what a test asks ----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return self._served.url

    @property
    def user_key(self) -> str:
        return self._served.user_key

    @property
    def number(self) -> str:
        """The phone's number: the `from` of what the application sends."""
        return self._served.number

    def wait_for_sms(self, *, to: str | None = None, text: str | None = None, timeout_s: float = 10) -> str:
        """The next text that reached a contact; none is returned twice. Raises `TimeoutError` with what came."""

        def fits(entry: Entry) -> bool:
            return (
                (entry.hop, entry.kind) == ("contact", "received")
                and entry.number not in self._taken
                and to in (None, entry.facts["to"])
                and text in (None, entry.facts["text"])
            )

        entry = self._wait(fits, timeout_s)
        self._taken.add(entry.number)
        return str(entry.facts["text"])

    def text(self, *, from_: str, text: str) -> None:
        """Somebody texts the phone. `from_` is a number, or a name such as BANK. Raises `UnencodableAddress`."""
        party_address(from_)
        write = WriteText(self.number, text, from_)
        self._loop.call_soon_threadsafe(self._served.driver.tell, "contact:everybody", write)

    def wait_for_status(self, message_id: str, status: str, *, timeout_s: float = 10) -> None:
        """Waits until the message has the status. Raises `TimeoutError`."""
        self._wait(
            lambda entry: (
                entry.message == message_id and entry.facts.get("status") == status and entry.hop == "gateway"
            ),
            timeout_s,
        )

    def trace(self) -> list[Entry]:
        """Everything that has happened so far."""
        with self._grown:
            return list(self._entries)

    def _grow(self, entry: Entry) -> None:
        with self._grown:
            self._entries.append(entry)
            self._grown.notify_all()

    def _wait(self, fits: Callable[[Entry], bool], timeout_s: float) -> Entry:
        until = time.monotonic() + timeout_s
        seen = 0
        with self._grown:
            while True:
                for entry in self._entries[seen:]:
                    if fits(entry):
                        return entry
                seen = len(self._entries)
                left = until - time.monotonic()
                if left <= 0 or not self._grown.wait(left):
                    last = "\n".join(f"  {one.hop} {one.kind} {dict(one.facts)}" for one in self._entries[-10:])
                    raise TimeoutError(f"not seen within {timeout_s:g} s; the last entries:\n{last}")
