"""Somebody's httpSMS server as a target: our phones, application and webhook receiver, and their gateway."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from harness.adapters.interruptible import run_interruptible
from harness.capability import Capability, Missing
from harness.cast import GatewaySpec
from harness.errors import HarnessError, ServerMisbehaved, UsageError
from harness.frozen import frozen
from harness.http.values import Call, Exchange, Limits, Request, Response
from harness.http.values import Outcome as Ended
from harness.instants import ns, seconds
from harness.outcome import Outcome
from harness.parties.observer import Observer
from harness.push.streams import STREAM_PATH
from harness.scenario.ending import concluded
from harness.scenario.plan import Fault, Gateway, Scenario, every_step
from harness.staging import Stage
from harness.standin.state import LOST_UPDATE
from harness.targets.bed import OBSERVER, Surroundings, stage_around
from harness.targets.borrowed import Borrowed, borrow, give_back
from harness.targets.device import (
    Device,
    OpenDevice,
    guard_of,
    judged,
    open_device,
    patience_of,
    put_device,
    settle_s,
    words_of_device,
)
from harness.targets.device_app import TravellingAppDriver, divides, prepared, put_app
from harness.targets.device_app_lacking import why_not_with_the_app
from harness.targets.device_driver import TravellingDeviceDriver
from harness.targets.device_lacking import why_not_on_a_device
from harness.targets.door import Visit
from harness.targets.guards import Owned, step_refusal
from harness.targets.holding import holding
from harness.targets.lacking import why_not
from harness.targets.leftovers import Left, Leftover, find, remove
from harness.targets.link import Link, linked, new_run
from harness.targets.marks import STORY, TAKEN, callback_path
from harness.targets.numbers import recast
from harness.targets.options import TargetOptions
from harness.targets.probing import Findings, examine
from harness.targets.remote import control_request
from harness.targets.travel import TravellingDriver
from harness.testing import not_run, outcome_of
from harness.trace import Entry
from harness.verdict import Verdict
from harness.wire.owned import PhoneRow, Usage, usage_of

__all__ = ["ServerTarget"]

SETTLE_S = 2.0  # what is still under way when a story ends may take so long
HOPS: Final = ("client", "push", "phone", "radio", "contact", "webhook", "harness")
"""What can be seen of a story there: `push` where the push service is ours."""

_CONTROL = Limits(total_s=60.0)

Warn = Callable[[str], object]
T = TypeVar("T")


class ServerTarget:
    """Runs stories one after the other: they share an account. `left` is what could not be removed so far."""

    parallel = False

    def __init__(self, options: TargetOptions, warn: Warn, opens: OpenDevice | None = None) -> None:
        """`opens`: how the device is reached, if there is one. Raises `ServerError`, `UsageError`, `PortInUse`,
        `DeviceError`."""
        if not options.user_key:
            raise UsageError("no account is named", "give --user-key the API key of the account (uk_…)")
        self.name = f"server {options.server}"
        self._options = options
        self._warn = warn
        self._opens = opens or partial(open_device, warn=warn)
        self.left: list[Left] = []
        self._runner = asyncio.Runner()
        self._open_things = contextlib.AsyncExitStack()
        try:
            self._session = self._do(self._open())
        except BaseException:
            self.close()
            raise

    async def _open(self) -> _Session:
        """A device is asked first: a server that is asked has something made and removed in it."""
        device = None
        if self._options.device is not None:
            device = await self._open_things.enter_async_context(self._opens(self._options))
            if device.app is not None:
                self._open_things.push_async_callback(device.app.restore)
                device = await prepared(device, self._options)
        link = await self._open_things.enter_async_context(linked(self._options))
        return _Session(link, await examine(link), self._leave, device)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return run_interruptible(work, self._runner)

    def _leave(self, left: Iterable[Left]) -> None:
        for one in left:
            self.left.append(one)
            self._warn(f"{one.leftover.what} stays on the server: {one.why}")

    @property
    def findings(self) -> Findings:
        """What the probe at the beginning found."""
        return self._session.found

    @property
    def missing(self) -> Mapping[Capability, Missing]:
        found, own = self._session.found.missing, self._session.missing_on_device
        if self._options.app:  # how messages come to the app is told by the device's probe
            found = {what: lack for what, lack in found.items() if what not in (Capability.SEND, Capability.PUSH)}
        return {**found, **own}

    def run(self, scenario: Scenario, seed: int = 1) -> Outcome:
        options = _repeating(self._options)
        reason = scenario.skip or why_not(scenario, self.missing, slow=self._options.slow)
        reason = reason or self._wrong_gateway(scenario.gateway) or self._session.why_not_on_device(scenario)
        if reason is not None:
            return not_run(scenario, seed, reason, target=self.name, options=options)
        told = self._do(self._session.story(scenario, seed))
        if told.refused is not None:
            verdict = replace(told.verdict, passed=True, failure=None, skipped=step_refusal(told.refused))
        else:
            verdict = replace(told.verdict, still_open=told.still_open)
            verdict = concluded(scenario, verdict, told.entries, in_set_up=told.in_set_up)
        outcome = outcome_of(
            told.scenario, seed, verdict, told.entries, target=self.name, options=options, hops=self._hops(),
            trace_hash=None,
        )  # fmt: skip
        return judged(scenario, outcome)

    def _hops(self) -> tuple[str, ...]:
        """What is seen of a story there, beside what the API tells of messages."""
        unseen = {"push"} if Capability.PUSH in self.missing else set()
        unseen |= {"phone", "push"} if self._options.app else set()
        return tuple([hop for hop in HOPS if hop not in unseen])

    def _wrong_gateway(self, wanted: GatewaySpec) -> str | None:
        """Why a story that wants the gateway so cannot have it; None if it can."""
        user, pace = self.findings.user, self.findings.pace
        plan = "" if user is None else user.plan
        if wanted.plan not in (None, plan) and not self.findings.control:
            return (
                f"the story wants the plan {wanted.plan}, and the account has {plan}; give the key of such an account"
            )
        if pace == "instant" and (wanted.keep_rate or wanted.pace == "faithful"):
            return "the story wants the delays of a real server; start that `serve` with --pace faithful"
        return None

    def close(self) -> None:
        """Closes every port and connection; what a story has made was removed at its end."""
        with self._runner:
            self._do(self._close())

    async def _close(self) -> None:
        try:
            session: _Session | None = getattr(self, "_session", None)
            if session is not None:
                await session.sweep()
        finally:
            await self._open_things.aclose()
            if self.left:
                self._warn(f"`httpsms-harness cleanup --server {self._options.server}` removes what can be removed")


def _repeating(options: TargetOptions) -> str:
    """The options that run a story there again, but for the key."""
    words = ["--server", options.server or ""]
    for name, number in options.phones:
        words += ["--phone", f"{name}={number}"]
    for name, number in options.contacts:
        words += ["--contact", f"{name}={number}"]
    for option, value in (
        ("--listen", options.listen),
        ("--callback-url", options.callback_url),
        ("--push-listen", options.push_listen),
        ("--push", None if options.push == "auto" else options.push),
    ):
        words += [option, value] if value is not None else []
    words += [f"--{name}" for name in ("slow", "insecure", "http1") if getattr(options, name)]
    words += ["--take-over"] if options.take_over else []
    return f"{shlex.join(words)} {words_of_device(options)}".rstrip()


@frozen
class _Told:
    """What a story came to. `refused`: why a request of it was not made, None where all were.

    `still_open`: messages that may still change, each with its status.
    """

    scenario: Scenario
    verdict: Verdict
    entries: tuple[Entry, ...]
    in_set_up: bool
    refused: str | None
    still_open: tuple[tuple[str, str], ...]


class _Session:
    """Stories on one server, as long as the ports are open."""

    def __init__(
        self, link: Link, found: Findings, leave: Callable[[Iterable[Left]], None], device: Device | None = None
    ) -> None:
        self.found = found
        self._device = device
        self._link = link
        self._leave = leave
        # How far the server's clock is before ours: from the beginning, and by what we have moved it since. However
        # little it is: a text that a phone dates stands among messages that the server dates.
        self._ahead = ns(found.clock_offset_s or 0.0)
        # Numbers of ours that stories have had: what comes late may make threads of them again.
        self._numbers: set[str] = set()

    @property
    def missing_on_device(self) -> Mapping[Capability, Missing]:
        return {} if self._device is None else self._device.found.missing

    def why_not_on_device(self, scenario: Scenario) -> str | None:
        if self._device is None:
            return None
        options = self._link.options
        known = recast(scenario, {}, dict(options.contacts), (), take_over=True)
        if self._device.app is not None:
            return why_not_with_the_app(known, guard_of(options, self._device), divides=divides(self._device))
        return why_not_on_a_device(known, guard_of(options, self._device))

    # -- one story -----------------------------------------------------------------------------------------------

    async def story(self, scenario: Scenario, seed: int) -> _Told:
        """Raises `UsageError` for numbers that it must not have, `ServerError`."""
        options, account, run = self._link.options, self._link.account, new_run()
        phones = await account.phones()

        def cast(taken: frozenset[str], turn: int) -> Scenario:
            people = dict(options.phones), dict(options.contacts)
            return recast(scenario, *people, taken, take_over=options.take_over, turn=turn)

        async with holding(account, run, [phone.number for phone in phones], cast, _numbers_of) as scenario:
            return await self._told(scenario, seed, run, phones)

    async def _told(self, scenario: Scenario, seed: int, run: str, phones: Iterable[PhoneRow]) -> _Told:
        """The story with numbers that nobody else has."""
        options, account = self._link.options, self._link.account
        numbers = frozenset(_numbers_of(scenario))
        borrowed = await borrow(account, numbers, phones)
        usage = await self._usage(scenario)
        around = self._around(run, TAKEN if borrowed else STORY)
        staged = stage_around(scenario, seed, around)
        visit = Visit(Owned(numbers), take_over=options.take_over)
        self._link.door.visit = visit
        try:
            await self._carry_out(staged)
        finally:
            self._link.door.visit = None
            self._link.ears.close()
            if self._device is not None and self._device.app is not None:
                await self._device.app.do("stop")
            await self._tidy(staged, around, visit, borrowed)
            await self._mend(scenario, usage)
        assert staged.run.verdict is not None
        entries = tuple(staged.bed.trace.entries)
        still_open = _observer(staged).open
        return _Told(scenario, staged.run.verdict, entries, staged.run.failed_in_set_up, visit.refused, still_open)

    def _around(self, run: str, purpose: str) -> Surroundings:
        user = self.found.user
        assert user is not None
        return Surroundings(
            self._link.account.access,
            user,
            self.found.push,
            run,
            self._link.ears.callback + callback_path(run) if Capability.WEBHOOKS not in self.found.missing else "",
            purpose,
            self.found.control,
            self._link.options.control_token,
            lambda: self._ahead,
        )

    async def _carry_out(self, staged: Stage) -> None:
        ears, run = self._link.ears, staged.run
        servers = {ear.prefix: ear.server for ear in (ears.hooks, ears.pushes) if ear is not None}
        driver = self._driver(
            staged,
            client=self._link.door,
            servers=servers,
            push_url=self._link.account.url + STREAM_PATH if self.found.push == "stream" else None,
            travel=self._travel if self.found.control else None,
        )
        driver.offset = self._ahead
        async with driver:
            self._listen(staged, driver)
            staged.start()
            driver.pump_soon()
            driver.hurry(lambda: run.verdict is not None)
            await driver.until(lambda: run.verdict is not None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_S):
                    await driver.until(lambda: _is_settled(staged))
                    await driver.quiet()
            if isinstance(driver, TravellingDeviceDriver):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(settle_s(self._link.options)):
                        await driver.until(lambda: not driver.is_device_busy)

    def _driver(self, staged: Stage, **named: Any) -> TravellingDriver:
        device, options = self._device, self._link.options
        if device is None:
            return TravellingDriver(staged.bed.world, **named)
        if device.app is not None:
            put_app(staged, device.found.facts.cards, guard_of(options, device), patience_of(options))
            return TravellingAppDriver(staged.bed.world, door=device.door, app=device.app, **named)
        put_device(staged, device.found.facts.cards, guard_of(options, device), patience_of(options))
        return TravellingDeviceDriver(staged.bed.world, door=device.door, **named)

    def _listen(self, staged: Stage, driver: TravellingDriver) -> None:
        ears, hook = self._link.ears, staged.bed.places.hook

        def take_webhook(exchange: Exchange, request: Request) -> bool:
            if not hook or not request.path.endswith(callback_path(hook.rpartition("/")[2])):
                return False
            driver.guard(lambda: driver.arrived("receiver", exchange, request))
            return True

        def take_push(exchange: Exchange, request: Request) -> bool:
            driver.guard(lambda: driver.arrived("push", exchange, request))
            return True

        if ears.hooks is not None:
            ears.hooks.taker = take_webhook
        if ears.pushes is not None:
            ears.pushes.taker = take_push

    async def _travel(self, duration: int) -> None:
        """Moves the server's clock on. Raises `ServerMisbehaved`."""
        answer = await self._control("POST", "/advance", {"seconds": seconds(duration)})
        if not isinstance(answer, Response) or answer.status != 200:
            status, body = (answer.status, answer.body) if isinstance(answer, Response) else (0, b"")
            raise ServerMisbehaved(self._link.account.url, status, body)
        self._ahead += duration

    # -- afterwards ----------------------------------------------------------------------------------------------

    async def _tidy(self, staged: Stage, around: Surroundings, visit: Visit, borrowed: list[Borrowed]) -> None:
        """Removes what the story has made and gives back what it had taken, whatever else goes wrong."""
        taken = {one.phone.number for one in borrowed}
        own = sorted(visit.owned.numbers - taken)
        self._numbers |= set(own)
        left: list[Left] = []
        try:
            left += await self._remove(_open_messages(staged))
            for one in borrowed:
                left += await self._give_back(one, staged)
            found = await find(self._link.account, around.run, own)
            left += await self._remove([one for one in found if one.path])
            left += await self._remove(_others(visit, found, borrowed))
        except HarnessError as error:
            self._numbers.clear()  # nor would it answer about what came late
            left.append(Left(Leftover("what the story has made", ""), str(error)))
        self._leave(left)

    async def _remove(self, leftovers: Iterable[Leftover]) -> list[Left]:
        return await remove(self._link.account, leftovers)

    async def _give_back(self, borrowed: Borrowed, staged: Stage) -> list[Left]:
        account, number = self._link.account, borrowed.phone.number
        threads = [thread for thread in await account.threads(number) if thread not in borrowed.threads]
        made = [Leftover(f"thread {one} of {number}", f"/v1/message-threads/{one}") for one in threads]
        ids = dict.fromkeys(entry.message for entry in staged.bed.trace.entries if entry.message is not None)
        messages = [Leftover(f"message {one}", f"/v1/messages/{one}") for one in ids]
        left = await self._remove([*messages, *made])
        why = await give_back(account, borrowed)
        return [*left, Left(Leftover(f"phone {number} as it is now", ""), why)] if why else left

    async def _usage(self, scenario: Scenario) -> Usage | None:
        """The account's counters, if the story may change them; the plan that it wants is the account's from here."""
        plan, user = scenario.gateway.plan, self.found.user
        steps = any(isinstance(one.what, Gateway) for one in every_step(scenario.steps))
        if not self.found.control or user is None or (plan is None and not steps):
            return None
        usage = usage_of(await self._link.account.do("GET", "/v1/billing/usage"))
        if plan is not None:
            facts = {"plan": plan, "sent_messages": 0, "received_messages": 0}
            await self._control("PATCH", f"/accounts/{user.id}", facts)
        return usage

    async def _mend(self, scenario: Scenario, usage: Usage | None) -> None:
        """What the story has set by control routes is as it was before."""
        user, faults = self.found.user, [one.what for one in every_step(scenario.steps) if isinstance(one.what, Fault)]
        if usage is not None and user is not None:
            facts = {"plan": user.plan, "sent_messages": usage.sent, "received_messages": usage.received}
            await self._control("PATCH", f"/accounts/{user.id}", facts)
        if self.found.control and any(fault.name == LOST_UPDATE for fault in faults):
            await self._control("POST", "/faults", {"lost_update": False})

    async def _control(self, method: str, path: str, body: Any) -> Ended:
        request = control_request(self._link.account.access, self._link.options.control_token, method, path, body)
        return await self._link.door.call(Call("control", "harness", request, _CONTROL))

    async def sweep(self) -> None:
        """Threads that came into being once more, since something about their messages came late."""
        numbers, self._numbers = self._numbers, set()
        with contextlib.suppress(HarnessError):
            has = {phone.number for phone in await self._link.account.phones()}
            for number in sorted(numbers - has):
                threads = await self._link.account.threads(number)
                made = [Leftover(f"thread {one} of {number}", f"/v1/message-threads/{one}") for one in threads]
                self._leave(await self._remove(made))


def _numbers_of(scenario: Scenario) -> list[str]:
    return [number for phone in scenario.phones for number in phone.numbers]


def _observer(staged: Stage) -> Observer:
    observer = staged.bed.world.cores[OBSERVER]
    assert isinstance(observer, Observer)
    return observer


def _is_settled(staged: Stage) -> bool:
    """No phone has yet to report on a message."""
    return not any(status in ("sending", "sent") for _, status in _observer(staged).open)


def _open_messages(staged: Stage) -> list[Leftover]:
    """Messages that may still go out: no thread shows those of a later time."""
    return [Leftover(f"message {message}", f"/v1/messages/{message}") for message, _ in _observer(staged).open]


def _others(visit: Visit, found: list[Leftover], borrowed: list[Borrowed]) -> list[Leftover]:
    """What requests of the story made beside what its marks tell, the last first."""
    known = {one.path for one in found} | {f"/v1/phones/{one.phone.id}" for one in borrowed}
    return [Leftover(path.removeprefix("/v1/"), path) for path in reversed(visit.made) if path not in known]
