"""A gateway in a thread of its own, for tests of applications that speak HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import field
from types import TracebackType
from typing import Any, Self, TypeVar

from harness.frozen import frozen
from harness.parties import WriteText
from harness.serving import AccountSpec, Served, ServeOptions, fault_event, serving
from harness.sms.address import party_address
from harness.trace import Entry
from harness.world import Row

__all__ = ["Gateway", "Snapshot"]

T = TypeVar("T")


@frozen
class Snapshot:
    """A gateway's world as `Gateway.snapshot` found it, phones and clocks included. It never changes."""

    rows: tuple[Row, ...] = field(repr=False)
    user_key: str = field(repr=False)


class Gateway:
    """A served gateway with a phone, or as many as its options say.

    `url`, `user_key` and `number` are what an application needs.
    Use as a context. Waiting is for the trace, not for time: `wait_for_sms` returns as soon as the text is there.
    Any thread may call any of this; what changes the gateway returns when it is done.
    """

    def __init__(self, options: ServeOptions | None = None) -> None:
        self._options = options or ServeOptions()
        self._started: Future[Served] = Future()
        self._ended: Future[None] = Future()
        self._entries: list[Entry] = []
        self._first = 0  # of this world: earlier ones are of worlds that a reset or a restore has ended
        # Texts that a `wait_for_sms` has returned, by the number of their entry.
        self._taken: set[int] = set()
        self._grown = threading.Condition()
        # A daemon: a program that never leaves the context can still end.
        self._thread = threading.Thread(target=self._run, name="httpsms-gateway", daemon=True)

    def __enter__(self) -> Self:
        """Starts. Raises `PortInUse`, `StateFileError`."""
        self._thread.start()
        self._served = self._started.result()
        self._user_key = self._served.user_key
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
        return self._user_key

    @property
    def number(self) -> str:
        """The (first) phone's number: the `from` of what the application sends."""
        return self._served.number

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of all phones."""
        return tuple(phone.number for phone in self._served.phones)

    def wait_for_sms(self, *, to: str | None = None, text: str | None = None, timeout_s: float = 10) -> str:
        """The next text that reached a contact; none is returned twice, and none from before a reset or restore.

        Raises `TimeoutError` with what came.
        """

        def fits(entry: Entry) -> bool:
            return (
                (entry.hop, entry.kind) == ("contact", "received")
                and entry.number not in self._taken
                and to in (None, entry.facts["to"])
                and text in (None, entry.facts["text"])
            )

        return str(self._wait(fits, timeout_s, self._take).facts["text"])

    def _take(self, entry: Entry) -> None:
        self._taken.add(entry.number)

    def text(self, *, from_: str, text: str, to: str | None = None) -> None:
        """Somebody texts a phone: `to`, or the first. `from_` is a number, or a name such as BANK.

        Raises `UnencodableAddress`.
        """
        party_address(from_)
        write = WriteText(to or self.number, text, from_)
        self._do(lambda: self._served.driver.tell("contact:everybody", write))

    def do(self, words: str, *, number: str | None = None) -> None:
        """Something is done to the phone with that number, or to every one: `gateway.do("lose network")`.

        The words are those of the command `phone` (its `help` lists them). Raises `UsageError` for others.
        """
        self._do(lambda: self._served.handsets.act(words, number))

    def handsets(self) -> list[dict[str, Any]]:
        """What each phone does now: its `numbers`, and under `pending` what it waits for."""
        return self._do(self._served.handsets.state)

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

    # -- what a test does to it ----------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Moves the clock on. All that becomes due has happened then; calls to webhooks may still be on their way.

        Raises `ValueError` for less than 0 or more than 1e7 seconds.
        """
        self._do(lambda: self._served.control.advance(seconds))

    def reset(self) -> None:
        """Back to the gateway as it was when it started: one account, its phone logged in, no messages."""
        self._replace_world(self._served.control.empty, self._served.user_key)

    def snapshot(self) -> Snapshot:
        """The world as it is now, for `restore`, here or on another gateway with as many phones."""
        return self._do(lambda: Snapshot(self._served.control.snapshot(), self._user_key))

    def restore(self, snapshot: Snapshot) -> None:
        """Back to that world, as often as one likes; time alone never goes back. Its `user_key` is valid again.

        Raises `ValueError` for a snapshot of a gateway with other phones; then nothing changes.
        """
        self._replace_world(snapshot.rows, snapshot.user_key)

    def add_account(
        self, *, user_id: str | None = None, api_key: str | None = None, email: str | None = None,
        plan: str = "200k-monthly",
    ) -> AccountSpec:  # fmt: skip
        """Another account; what is not given is made up. Raises `ValueError` if id or key are taken."""
        standin, driver = self._served.bed.standin, self._served.driver
        made = self._do(lambda: standin.create_account(driver.now, user_id, api_key, email, plan))
        return AccountSpec(made.id, made.api_key, made.email, made.plan)

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults that are on, by the names that `serve --fault` has: `lost-update` or none.

        To assign others switches to them at once: `gateway.faults = ("lost-update",)`, and `()` for none. Raises
        `UsageError` for a fault that there is not.
        """
        return tuple(self._served.bed.standin.faults)

    @faults.setter
    def faults(self, names: tuple[str, ...]) -> None:
        event = fault_event(names)
        self._do(lambda: self._served.driver.tell(self._served.bed.standin.name, event))

    def _replace_world(self, rows: tuple[Row, ...], user_key: str) -> None:
        def replace() -> None:
            self._served.control.check(rows)
            self._served.control.put(rows)
            with self._grown:
                self._user_key = user_key
                self._first = len(self._entries)

        self._do(replace)

    def _do(self, work: Callable[[], T]) -> T:
        """Does it in the gateway's thread, and returns when everything that is due is done and durable.

        Raises what it raises, what ended the gateway, or `RuntimeError` if it has stopped.
        """
        done: Future[T] = Future()

        def begin() -> None:
            try:
                value = work()
            except Exception as error:  # noqa: BLE001 (it is the caller's, and nothing of the gateway's)
                done.set_exception(error)
            else:
                self._served.driver.when_done(lambda: done.set_result(value))

        if not self._ended.done():
            self._loop.call_soon_threadsafe(begin)
        either: list[Future[Any]] = [done, self._ended]
        wait(either, return_when=FIRST_COMPLETED)
        if not done.done():
            self._ended.result()
            raise RuntimeError("the gateway has stopped")
        return done.result()

    def _grow(self, entry: Entry) -> None:
        with self._grown:
            self._entries.append(entry)
            self._grown.notify_all()

    def _wait(
        self, fits: Callable[[Entry], bool], timeout_s: float, found: Callable[[Entry], None] = lambda _: None
    ) -> Entry:
        """`found` is called before anybody else can find the entry."""
        until = time.monotonic() + timeout_s
        with self._grown:
            seen = self._first
            while True:
                for entry in self._entries[seen:]:
                    if fits(entry):
                        found(entry)
                        return entry
                seen = len(self._entries)
                left = until - time.monotonic()
                if left <= 0 or not self._grown.wait(left):
                    last = "\n".join(f"  {one.hop} {one.kind} {dict(one.facts)}" for one in self._entries[-10:])
                    raise TimeoutError(f"not seen within {timeout_s:g} s; the last entries:\n{last}")
