"""A gateway in a thread of its own, for tests of applications that speak HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import field, replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from harness.adapters.control import Control
from harness.errors import HarnessError, UsageError
from harness.frozen import frozen
from harness.hosting import stories
from harness.hosting.contacts import Contact, ReceivedText, Texts, number_of
from harness.hosting.watching import Wanted, Watch
from harness.hosting.webhooks import Calls, Webhooks
from harness.hosting.worlds import Door
from harness.http.values import Request, Response
from harness.parties import CallNumber, WriteText
from harness.serving import AccountSpec, Served, ServeOptions, fault_event, serving
from harness.sms.address import party_address
from harness.standin.rows import HookCall
from harness.trace import Entry
from harness.wire.client import UserAccess, api_request, error_of
from harness.wire.events import write
from harness.wire.server import Status
from harness.world import Row

if TYPE_CHECKING:
    import httpx

__all__ = ["ApiAnswer", "Gateway", "HostedPhone", "Snapshot"]

T = TypeVar("T")
R = TypeVar("R")


def _itself(value: T) -> T:
    return value


@frozen
class Snapshot:
    """A gateway's world as `Gateway.snapshot` found it, phones and clocks included. It never changes."""

    rows: tuple[Row, ...] = field(repr=False)
    user_key: str = field(repr=False)
    past: tuple[Entry, ...] = field(default=(), repr=False)


@frozen
class ApiAnswer:
    """What the API answered. `data` is that of its JSON, None where there is none."""

    status: int
    text: str = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        answer = self.json if self.text else None
        return answer.get("data") if isinstance(answer, dict) else None

    @property
    def error(self) -> str:
        """What a refusal says is wrong, in one line."""
        return error_of(Response(self.status, (), self.text.encode()))


@frozen
class HostedPhone:
    """A phone in the gateway."""

    _gateway: Gateway = field(repr=False)
    number: str
    phone_key: str = field(repr=False)

    def do(self, words: str) -> None:
        """Something is done to the phone: `phone.do("lose network")`. Raises `UsageError` for other words."""
        self._gateway.do(words, number=self.number)

    @property
    def state(self) -> dict[str, Any]:
        """What it does now, and under `pending` what it waits for."""
        return next(state for state in self._gateway.handsets() if self.number in state["numbers"])


class Gateway:
    """A served gateway with a phone, or as many as its options say.

    `url`, `user_key` and `number` are what an application needs. Use as a context.
    Waiting is for the trace, not for time: `contact.wait_for_text` returns as soon as the text is there. Each wait has
    a twin for tests in an event loop of asyncio, which goes on meanwhile: `await contact.text_arrives()`.
    Any thread may call any of this; what changes the gateway returns when it is done.
    """

    def __init__(self, options: ServeOptions | None = None, *, timeout_s: float = 10) -> None:
        self._options = replace(options or ServeOptions(), receiver=True)
        self._started: Future[Served] = Future()
        self._ended: Future[None] = Future()
        self._watch = Watch(timeout_s)
        self._calls = Calls(self._watch)
        self.webhooks = Webhooks(self, self._calls)
        self._texts = Texts(lambda: self._watch.own)
        self._door: Callable[[], Door] = lambda: _open  # for those who come without a socket from now on
        self._names: dict[str, str] = {}
        self._has_raced = bool(self._options.faults)
        self._past: tuple[Entry, ...] = ()  # what led to this world, beside what `_watch` has of it
        # A daemon: a program that never leaves the context can still end.
        self._thread = threading.Thread(target=self._run, name="httpsms-gateway", daemon=True)

    def __enter__(self) -> Self:
        """Starts. Raises `PortInUse`, `StateFileError`, and `UsageError` where it has been started before."""
        if self._thread.ident is not None:
            raise UsageError("this gateway has been started already", "make another one: a Gateway is started once")
        self._thread.start()
        self._served = self._started.result()
        self._user_key = self._served.user_key
        self._beginning = self.snapshot()
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

    def __repr__(self) -> str:
        return f"<gateway {self.url}>" if hasattr(self, "_served") else "<gateway, not started>"

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
                self._watch.grow(entry)
            self._hooks = served.bed.standin.calls
            served.bed.trace.subscribe(self._grow)
            self._started.set_result(served)
            await self._stop.wait()

    def _grow(self, entry: Entry) -> None:
        if entry.hop == "gateway" and entry.kind.startswith("webhook."):
            self._calls.grow(entry, self._last_call)  # first: who waits for the entry finds the call
        self._watch.grow(entry)

    def _last_call(self) -> bytes | None:
        """What the call posts that has just been begun."""
        hook = next(reversed(self._hooks.values()), None)
        return write(hook.event) if isinstance(hook, HookCall) else None

    # -- what a test asks ----------------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """False once it has stopped, also by a defect of its own."""
        return not self._ended.done()

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

    @property
    def phone(self) -> HostedPhone:
        """The (first) phone."""
        return self.phones[0]

    @property
    def phones(self) -> tuple[HostedPhone, ...]:
        return tuple(HostedPhone(self, phone.number, phone.key) for phone in self._served.phones)

    def contact(self, who: str) -> Contact:
        """Somebody, by their number or by any name, which has the same number throughout the test.

        Raises `InvalidNumber` for what begins like a number and is none.
        """
        number = number_of(who, self._names, self.numbers)
        return Contact(self, self._watch, self._texts, number, who if who in self._names else None)

    @property
    def inbox(self) -> tuple[ReceivedText, ...]:
        """All texts that have reached contacts so far."""
        return self._texts.all()

    def wait_for_sms(self, *, to: str | None = None, text: str | None = None, timeout_s: float | None = None) -> str:
        """The next text that reached a contact; none is returned twice, and none from before a reset or restore.

        Raises `NotSeen`, which is a `TimeoutError`, with what came.
        """
        __tracebackhide__ = True
        return self._watch.wait(self._texts.wanted(to, text, None, to or "anybody"), timeout_s).text

    async def sms_arrives(
        self, *, to: str | None = None, text: str | None = None, timeout_s: float | None = None
    ) -> str:
        """`wait_for_sms` for tests in an event loop."""
        __tracebackhide__ = True
        return (await self._watch.arrival(self._texts.wanted(to, text, None, to or "anybody"), timeout_s)).text

    def text(self, *, from_: str, text: str, to: str | None = None) -> None:
        """Somebody texts a phone: that with the number `to`, or the first. `from_` is a number, or a name such as BANK.

        Raises `UnencodableAddress`, `UsageError` where no phone has the number, and `TypeError` for what is no text.
        """
        party_address(from_)
        self._happens(WriteText(self._phone_number(to), text, from_))

    def call(self, *, from_: str, outcome: str = "missed", to: str | None = None) -> None:
        """Somebody calls a phone: the call is `missed`, `answered` or `rejected`. Raises `UsageError` for others."""
        self._happens(CallNumber(self._phone_number(to), outcome, from_))

    def _phone_number(self, number: str | None) -> str:
        if number not in (None, *self.numbers):
            raise UsageError(f"there is no phone {number}", f"there are: {', '.join(self.numbers)}")
        return number or self.number

    def _happens(self, event: WriteText | CallNumber) -> None:
        self._do(lambda: self._served.driver.tell("contact:everybody", event))

    def do(self, words: str, *, number: str | None = None) -> None:
        """Something is done to the phone with that number, or to every one: `gateway.do("lose network")`.

        The words are those of the command `phone` (its `help` lists them). Raises `UsageError` for others.
        """
        self._do(lambda: self._served.handsets.act(words, number))

    def handsets(self) -> list[dict[str, Any]]:
        """What each phone does now: its `numbers`, and under `pending` what it waits for."""
        return self._do(self._served.handsets.state)

    def wait_for_status(self, message_id: str, status: str, *, timeout_s: float | None = None) -> None:
        """Waits until the message has the status. Raises `NotSeen`, which is a `TimeoutError`, with its life.

        Raises `UsageError` for a status that there is not.
        """
        __tracebackhide__ = True
        self._watch.wait(_status(message_id, status), timeout_s)

    async def status_reached(self, message_id: str, status: str, *, timeout_s: float | None = None) -> None:
        """`wait_for_status` for tests in an event loop."""
        __tracebackhide__ = True
        await self._watch.arrival(_status(message_id, status), timeout_s)

    def trace(self) -> list[Entry]:
        """Everything that has happened so far; with the fixture, in this test."""
        return self._watch.entries

    def _subscriptions(self) -> list[str]:
        """Who is subscribed to webhooks, in words."""
        hooks = self._do(lambda: list(self._served.bed.standin.webhooks.values()))
        return [f"{hook.url} to {', '.join(hook.events)}" for hook in hooks]

    def ask(self, method: str, path: str, body: Any = None) -> ApiAnswer:
        """Asks the API with the user key: `gateway.ask("GET", "/v1/users/me").data`. Takes no socket."""
        access = UserAccess("http", urlsplit(self.url).netloc, self.user_key)
        response = self._exchange(_open, api_request(access, method, path, body)).result()
        return ApiAnswer(response.status, response.body.decode("utf-8", "replace"))

    def _exchange(self, door: Door, request: Request) -> Future[Response]:
        """Hands a request to the gateway without a socket. `ConnectionError`: it is closed without an answer."""
        answer: Future[Response] = Future()
        answer.set_running_or_notify_cancel()  # who gives up does not keep the gateway from answering

        def answered(response: Response | None) -> None:
            if response is None:
                answer.set_exception(ConnectionError("the gateway has closed the connection without an answer"))
            else:
                answer.set_result(response)

        def hand_over() -> None:
            refusal = door(request)
            if refusal is None:
                self._served.host.direct.ask(request, answered)
            else:
                answered(refusal)

        try:
            self._loop.call_soon_threadsafe(hand_over)
        except RuntimeError:  # the loop is closed
            answered(None)
        return answer

    def transport(self) -> httpx.BaseTransport:
        """For `httpx.Client(transport=…, base_url=gateway.url)`: requests reach the gateway without a socket.

        One that is made in a test is of that test: what comes by it later is a late call.
        """
        from harness.adapters.httpx_transport import GatewayTransport

        return GatewayTransport(partial(self._exchange, self._door()))

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """For `httpx.AsyncClient`, in an event loop of asyncio."""
        from harness.adapters.httpx_transport import AsyncGatewayTransport

        return AsyncGatewayTransport(partial(self._exchange, self._door()))

    # -- what a test does to it ----------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Moves the clock on. All that becomes due has happened then; calls to webhooks may still be on their way.

        Raises `ValueError` for less than 0 or more than 1e7 seconds.
        """
        __tracebackhide__ = True
        self._do(lambda: self._served.control.advance(seconds))

    def reset(self) -> None:
        """Back to the gateway as it was when it started, with the fixture: as it was when the test began."""
        self.restore(self._beginning)

    def snapshot(self) -> Snapshot:
        """The world as it is now, for `restore`, here or on another gateway with as many phones."""
        # When nothing is due any more: what is would happen in every world that is made from it.
        return self._done(lambda: self._served.control, self._snapshot_by)

    def _snapshot_by(self, control: Control) -> Snapshot:
        return Snapshot(control.snapshot(), self._user_key, self._whole_past())

    def restore(self, snapshot: Snapshot) -> None:
        """Back to that world, as often as one likes; time alone never goes back. Its `user_key` is valid again.

        Raises `ValueError` for a snapshot of a gateway with other phones; then nothing changes.
        """
        __tracebackhide__ = True
        self._replace_world(snapshot.rows, snapshot.user_key, snapshot.past)

    def add_account(
        self, *, user_id: str | None = None, api_key: str | None = None, email: str | None = None,
        plan: str = "200k-monthly",
    ) -> AccountSpec:  # fmt: skip
        """Another account; what is not given is made up. Raises `ValueError` if id or key are taken."""
        __tracebackhide__ = True
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
        self._has_raced |= bool(names)
        self._do(lambda: self._served.driver.tell(self._served.bed.standin.name, event))

    def _whole_past(self) -> tuple[Entry, ...]:
        return (*self._past, *self._watch.own)

    def _replace_world(self, rows: tuple[Row, ...], user_key: str, past: tuple[Entry, ...]) -> None:
        __tracebackhide__ = True

        def replace_it() -> None:
            self._served.control.check(rows)
            self._served.control.put(rows)
            self._user_key, self._past = user_key, past
            self._watch.begin()
            self._forget()

        self._do(replace_it)

    def _begin_with(self, snapshot: Snapshot) -> None:
        """Another test begins, and this is its world."""
        self._beginning = snapshot
        self._user_key, self._past = snapshot.user_key, snapshot.past
        self._names.clear()
        self._watch.begin_anew()
        self._forget()

    def _forget(self) -> None:
        self._calls.forget()
        self._texts.forget()
        self._has_raced = bool(self._options.faults)

    def _do(self, work: Callable[[], T]) -> T:
        """Does it in the gateway's thread, and returns when everything that is due is done and durable.

        Raises what it raises, what ended the gateway, or `RuntimeError` if it has stopped.
        """
        __tracebackhide__ = True
        return self._done(work, _itself)

    def _done(self, work: Callable[[], T], then: Callable[[T], R]) -> R:
        """The same, and `then` is done there as well, when all that was due is done and before anything else is."""
        __tracebackhide__ = True
        done: Future[R] = Future()

        def begin() -> None:
            try:
                value = work()
            except Exception as error:  # noqa: BLE001 (it is the caller's, and nothing of the gateway's)
                done.set_exception(error)
            else:
                self._served.driver.when_done(lambda: done.set_result(then(value)))

        if not self._ended.done():
            self._loop.call_soon_threadsafe(begin)
        return self._result(done)

    def _awaited(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine comes to that runs in the gateway's thread."""
        return self._result(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _result(self, done: Future[T]) -> T:
        __tracebackhide__ = True
        either: list[Future[Any]] = [done, self._ended]
        wait(either, return_when=FIRST_COMPLETED)
        if not done.done():
            self._ended.result()
            raise RuntimeError("the gateway has stopped")
        error = done.exception()
        if isinstance(error, HarnessError | ValueError):
            raise error.with_traceback(None)  # what the caller did wrong: how that thread came to it is no help
        return done.result()


def _open(_request: Request) -> Response | None:
    """The door of a gateway that has one world."""
    return None


def _status(message_id: str, status: str) -> Wanted[Entry]:
    if status not in [known.value for known in Status]:
        raise UsageError(f"there is no status {status!r}", f"there are: {', '.join(Status)}")

    def fits(entry: Entry) -> Entry | None:
        is_it = entry.message == message_id and entry.facts.get("status") == status and entry.hop == "gateway"
        return entry if is_it else None

    return Wanted(f"message {message_id} {status}", fits, lambda entries: stories.of_message(entries, message_id))
