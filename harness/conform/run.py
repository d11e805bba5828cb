"""Replays one recorded case: plays the server's client, its phones, its FCM endpoint and webhook receivers.

A core: in virtual time it runs beside the stand-in within a world, live the driver carries its calls over
sockets. It starts with the event `Begin` and is over when `result` is there; what the server still asks after
that is answered all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from harness.conform.bindings import compute
from harness.conform.cases import (
    ABSENT,
    Arrange,
    Bind,
    Call,
    Case,
    Control,
    Json,
    JsonContent,
    Push,
    Settle,
    Step,
    Tally,
    WebhookAnswers,
    Webhooks,
)
from harness.conform.inbox import HANG, Inbox, PushSeen, read_push, read_webhook
from harness.conform.judge import as_asked, body_in, is_good, judge, shown
from harness.conform.leftovers import made_by
from harness.conform.match import Difference, compare, compare_set
from harness.conform.names import fill, fill_text, hide, pick
from harness.conform.obstacles import obstacle
from harness.conform.requests import Base, build
from harness.conform.results import CaseResult, StepResult, Verdict, step_result
from harness.conform.sequential import choices
from harness.conform.setup import (
    Accounts,
    Task,
    control_request,
    fresh_names,
    learn,
    task_request,
    task_title,
    tasks,
)
from harness.core import At, Command, Core, Fact, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.http import values as http
from harness.instants import MS, SECOND, Instant, ns

__all__ = ["Begin", "ConformRun"]

# Before each request: in virtual time an answer takes no time, and a server would see two requests at one
# instant, as no client sends them. What it compares by time (read before, received after) needs them apart.
_GAP = 2 * MS
# `until`: how often and how long (harness/recordings/gateway/README.md). The set-up waits for a key in the same way.
_POLL = 100 * MS
_POLL_LIMIT = 10 * SECOND
# A server that never stops calling a receiver must not keep the case open.
_QUIET_LIMIT = 60 * SECOND
# Above the longest that the server waits before it answers: 30 s for its queue (gateway-protocol.md §7.1).
_LIMITS = http.Limits(connect_s=10.0, read_s=40.0, write_s=40.0)


@frozen
class Begin:
    """Event: start the replay."""


@frozen
class _Wake:
    """Event: the timer of that number is due."""

    timer: int


@frozen
class _Late:
    """Event: an answer that was held back."""

    exchange: http.Exchange


@frozen
class _Wait:
    """What the present item waits for: an answer or a timer. `at` counts the names a `bind` has bound."""

    begun_at: Instant
    exchange: http.Exchange | None = None
    timer: int | None = None
    at: int = 0
    request: http.Request | None = None


class ConformRun(Core):
    """One case against one server.

    `api` is the server's base URL. The server must send its pushes to `fcm_authority` (its FCM_ENDPOINT) and
    reach the webhook receivers under `hook_base`. `accounts` says where accounts come from, `system_key` is
    the key of the queue's user, `no_pushes` why the server's pushes do not come to us, if they do not; a case that
    needs what is not there is skipped. `sequential`: of every race the one outcome of a server that handles one
    event after the other, instead of any that was recorded. `numbers`: those of its phones, if they are not its own
    to draw.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("names", "signing_keys")

    def __init__(
        self,
        name: str,
        draws: Draws,
        case: Case,
        *,
        api: str,
        fcm_authority: str,
        hook_base: str,
        accounts: Accounts,
        system_key: str | None = None,
        sequential: bool = False,
        no_pushes: str = "",
        numbers: Sequence[str] = (),
    ) -> None:
        super().__init__(name, draws)
        self.case = case
        self.result: CaseResult | None = None
        self.names: Table[str, str | int] = Table()
        self.signing_keys: Table[str, tuple[str, ...]] = Table()
        self.base = Base(api)
        self._fcm_authority = fcm_authority
        self._hook_base = hook_base
        self._accounts = accounts
        self._system_key = system_key
        self._sequential = sequential
        self._no_pushes = no_pushes
        self._numbers = numbers
        self.made: tuple[str, ...] = ()
        # All below are immutable values: a fork shares them until one of the two puts others in their place.
        self._setup = tasks(case, accounts)
        self._position = -1  # counts set-up tasks and steps in one; -1 = not begun
        self._wait: _Wait | None = None
        self._inbox = Inbox()
        self._results: tuple[StepResult, ...] = ()
        self._serial = 0

    def handle(self, event: Any, now: Instant) -> list[Command]:
        match event:
            case Begin() if self._position < 0:
                return self._begin(now)
            case http.Answered(exchange, outcome):
                return self._answered(exchange, outcome, now)
            case http.Arrived(exchange, request):
                return self._arrived(exchange, request, now)
            case _Wake(timer):
                return self._woken(timer, now)
            case _Late(exchange):
                return [http.Respond(exchange, http.Response(200))]
        raise ProtocolError(self.name, event, f"item {self._position}" if self._position >= 0 else "not begun")

    # -- from item to item ---------------------------------------------------------------------------

    def _begin(self, now: Instant) -> list[Command]:
        self._position = 0
        reason = obstacle(self.case, self._accounts, self._system_key, self._no_pushes)
        if reason is not None:
            return self._end("skip", reason)
        self._learn(fresh_names(self.case, self._accounts, self._hook_base, self.draws, self._numbers))
        if self._system_key is not None:
            self.names["system_key"] = self._system_key
        return self._go_on(now)

    def _go_on(self, now: Instant) -> list[Command]:
        """Starts items until one has to wait, or the case is over."""
        commands: list[Command] = []
        while self._position >= 0 and self.result is None and self._wait is None:
            item = self._item()
            if item is None:
                differ = any(step.differences for step in self._results)
                commands += self._end("differ" if differ else "agree")
            else:
                commands += self._carry_out(partial(self._start, item, now))
        return commands

    def _carry_out(self, part: Callable[[], list[Command]]) -> list[Command]:
        """Does a part of the present item; a name that is not bound is a difference."""
        try:
            return part()
        except KeyError as error:
            return self._finish([Difference("names", f"${{{error.args[0]}}}", ABSENT)])

    def _item(self) -> Task | Step | None:
        """The set-up task or step that it is at; None before the first and after the last."""
        if self._position < 0:
            return None
        if self._position < len(self._setup):
            return self._setup[self._position]
        return self.case.steps[self._index] if self._index < len(self.case.steps) else None

    @property
    def _index(self) -> int:
        return self._position - len(self._setup)

    def _start(self, item: Task | Step, now: Instant) -> list[Command]:
        match item:
            case Push():
                return self._await_push(item, now)
            case Webhooks(settle_s=quiet_s) | Settle(quiet_s):
                return self._sleep(ns(quiet_s), _Wait(now), now)
            case Bind():
                return self._bind(item, 0, now)
            case Arrange():
                return self._arrange(item, now)
            case Tally(token, url, expect):
                came = self._inbox.tally(fill_text(token, self.names), fill_text(url, self.names))
                return self._finish(compare({**expect}, came, self.names, self._choices()), json.dumps(came))
            case WebhookAnswers(url, plan):
                self._inbox = self._inbox.with_plan(fill_text(url, self.names), plan)
                return self._finish()
        if isinstance(item, Call | Task):
            return self._sleep(_GAP, _Wait(now), now)
        return self._finish()

    def _finish(self, differences: Sequence[Difference] = (), answer: str = "") -> list[Command]:
        """The present item is over: writes its result down, if it is a step."""
        index, self._wait = self._index, None
        self._position += 1
        if index < 0:
            return []
        found = [replace(difference, actual=self._hide(difference.actual)) for difference in differences]
        result = step_result(self.case, index, tuple(found), self._hide(answer))
        self._results += (result,)
        return [self._record("step", {"step": index, "do": result.do, "differences": len(found)})]

    def _end(self, verdict: Verdict, reason: str = "") -> list[Command]:
        self._wait = None
        reason = self._hide(reason)
        self.result = CaseResult(self.case.name, self.case.area, verdict, self._results, reason, self.case.path)
        return [self._record("case", {"verdict": verdict, "reason": reason})]

    def _record(self, kind: str, facts: dict[str, Fact]) -> Record:
        return Record("harness", f"conform-{kind}", None, {"case": self.case.name, **facts})

    def _learn(self, bound: dict[str, str | int]) -> None:
        for name, value in bound.items():
            self.names[name] = value

    def _capture(self, value: Json, places: dict[str, str], below: str = "") -> None:
        """Binds what stands at dotted places; what is not there keeps its old value, if it has one."""
        for name, place in places.items():
            found = pick(value, below + place)
            if isinstance(found, str | int):
                self.names[name] = found

    def _hide(self, value: Any) -> Any:
        return hide(value, self.names)

    def _choices(self) -> dict[str, Json]:
        if not self._sequential:
            return {}
        return {**choices(self.case.name, self._index), **self.case.sequential.get(self._index, {})}

    # -- waiting -------------------------------------------------------------------------------------

    def _send(self, request: http.Request, wait: _Wait) -> list[Command]:
        self._serial += 1
        exchange = str(self._serial)
        self._wait = replace(wait, exchange=exchange, timer=None, request=request)
        return [http.Call(exchange, self.name, request, _LIMITS)]

    def _sleep(self, duration: int, wait: _Wait, now: Instant) -> list[Command]:
        self._serial += 1
        self._wait = replace(wait, exchange=None, timer=self._serial)
        return [At(now + duration, _Wake(self._serial))]

    def _woken(self, timer: int, now: Instant) -> list[Command]:
        wait = self._wait
        if wait is None or wait.timer != timer:
            return []  # what it limited is over
        return self._carry_out(partial(self._resume, self._item(), wait, now)) + self._go_on(now)

    def _resume(self, item: Task | Step | None, wait: _Wait, now: Instant) -> list[Command]:
        match item:
            case Call():
                request = build(self.base, item, self.names)
                self._note_signing_key(item)
                return self._send(request, wait)
            case Push():
                return self._judge_push(item, None)
            case Webhooks():
                return self._look(item, wait, now)
        if isinstance(item, Task):
            return self._send(task_request(item, self.base, self._accounts, self.names), wait)
        return self._finish()

    def _answered(self, exchange: http.Exchange, outcome: http.Outcome, now: Instant) -> list[Command]:
        wait, item = self._wait, self._item()
        if wait is None or wait.exchange != exchange:
            return []
        if isinstance(outcome, http.ConnectFailed):
            return self._end("differ", f"{self.base.authority} cannot be reached: {outcome.kind}")
        made = made_by(self.base, wait.request, body_in(outcome)) if wait.request and is_good(outcome) else None
        if made is not None and made not in self.made:
            self.made = (*self.made, made)
        if isinstance(item, Call):
            commands = self._call_answered(item, wait, outcome, now)
        elif isinstance(item, Task):
            commands = self._task_answered(item, wait, outcome, now)
        else:
            commands = self._carry_out(partial(self._control_answered, item, wait, outcome, now))
        return commands + self._go_on(now)

    # -- set-up and control routes -------------------------------------------------------------------

    def _task_answered(self, task: Task, wait: _Wait, outcome: http.Outcome, now: Instant) -> list[Command]:
        where = f"set-up, {task_title(task)}"
        if not is_good(outcome):
            return self._end("differ", f"{where}: {shown(outcome)}")
        try:
            learnt = learn(task, body_in(outcome), self.names)
        except ValueError as error:
            return self._end("differ", f"{where}: {error}")
        if learnt is None:
            late = now >= wait.begun_at + _POLL_LIMIT
            return self._end("differ", f"{where}: not in 10 s") if late else self._sleep(_POLL, wait, now)
        self._learn(learnt)
        return self._finish()

    def _arrange(self, step: Arrange, now: Instant) -> list[Command]:
        path, facts = fill_text(step.of or "", self.names), fill(step.facts, self.names)
        return self._send(control_request(self.base, self._accounts, "PATCH", path, facts), _Wait(now))

    def _bind(self, step: Bind, first: int, now: Instant) -> list[Command]:
        """Binds from the name numbered `first` on; a control route may have to be asked in between."""
        for at, (name, binding) in enumerate(step.bindings[first:], start=first):
            if isinstance(binding, Control):
                path = fill_text(binding.path, self.names)
                request = control_request(self.base, self._accounts, "GET", path)
                return self._send(request, _Wait(now, at=at))
            try:
                self.names[name] = compute(binding, self.names, now)
            except ValueError as error:
                return self._finish([Difference(name, "a value", str(error))])
        return self._finish()

    def _control_answered(
        self, item: Task | Step | None, wait: _Wait, outcome: http.Outcome, now: Instant
    ) -> list[Command]:
        if not is_good(outcome):
            return self._finish([Difference("control", "a success", shown(outcome))])
        if not isinstance(item, Bind):
            return self._finish()
        name, binding = item.bindings[wait.at]
        value = pick(body_in(outcome), binding.field) if isinstance(binding, Control) else ABSENT
        if not isinstance(value, str | int):
            return self._finish([Difference(name, "a value", value)])
        self.names[name] = value
        return self._bind(item, wait.at + 1, now)

    # -- calls ---------------------------------------------------------------------------------------

    def _note_signing_key(self, step: Call) -> None:
        """Remembers with which keys a receiver's tokens may be signed."""
        content = fill(step.content.value, self.names) if isinstance(step.content, JsonContent) else None
        match content:
            case {"url": str(url), "signing_key": str(key)}:
                known = self.signing_keys.get(url, ())
                self.signing_keys[url] = known if key in known else (*known, key)

    def _call_answered(self, step: Call, wait: _Wait, outcome: http.Outcome, now: Instant) -> list[Command]:
        body = body_in(outcome)
        self._capture(body, step.capture)
        if now < wait.begun_at + _POLL_LIMIT and not self._has(body, step.until):
            return self._sleep(_POLL, wait, now)
        if not isinstance(outcome, http.Response):
            return self._finish([Difference("answer", "an answer", shown(outcome))])
        choices = self._choices()
        differences = judge(step.expect, outcome, body, self.names, choices) if step.expect else []
        return self._finish(differences, shown(outcome))

    def _has(self, body: Json, until: dict[str, Json]) -> bool:
        return all(not compare(value, pick(body, path), self.names) for path, value in until.items())

    # -- the FCM endpoint and the receivers ----------------------------------------------------------

    def expects(self, request: http.Request) -> bool:
        """Whether it is this case's receiver or phone that a server asks, where several cases have one address."""
        if self._receiver(request) is not None:
            return True
        tokens = {self.names.get(phone.token) for phone in self.case.phones}
        return _is_push(request) and read_push(request).token in tokens

    def _arrived(self, exchange: http.Exchange, request: http.Request, now: Instant) -> list[Command]:
        url = self._receiver(request)
        if url is not None:
            return self._webhook_arrived(exchange, request, url, now)
        if request.authority == self._fcm_authority or _is_push(request):
            return self._push_arrived(exchange, request, now)
        return [http.Respond(exchange, http.Response(404))]

    def _receiver(self, request: http.Request) -> str | None:
        """The URL of the receiver that is asked: known by its path, as a host may have several names."""
        urls = [str(url) for name, url in self.names.items() if name.startswith("hook_url")]
        return next((url for url in urls if urlsplit(url).path == request.path), None)

    def _webhook_arrived(self, exchange: http.Exchange, request: http.Request, url: str, now: Instant) -> list[Command]:
        seen = read_webhook(request, url, now, self.signing_keys.get(url, ()))
        answer, self._inbox = self._inbox.with_webhook(seen).next_answer(url)
        if answer == "hang":
            return [At(now + HANG, _Late(exchange))]
        return [http.Respond(exchange, http.Response(int(answer)))]

    def _push_arrived(self, exchange: http.Exchange, request: http.Request, now: Instant) -> list[Command]:
        """Answers first: the server is to know what became of its push before the next step begins."""
        seen = read_push(request)
        commands: list[Command] = [http.Respond(exchange, self._fcm_answer(seen))]
        self._inbox = self._inbox.with_push(seen)
        item = self._item()
        if isinstance(item, Push) and self._wait is not None:
            taken, self._inbox = self._inbox.take_push(fill_text(item.token, self.names))
            if taken is not None:
                commands += self._judge_push(item, taken)
        return commands + self._go_on(now)

    def _fcm_answer(self, seen: PushSeen) -> http.Response:
        refused = {self.names.get(phone.token) for phone in self.case.phones if phone.push == "refused"}
        headers = (("Content-Type", "application/json; charset=UTF-8"),)
        if seen.token in refused:
            return http.Response(404, headers, b'{"error":{"code":404,"status":"NOT_FOUND"}}')
        self._serial += 1
        name = f"projects/httpsms-test/messages/{self._serial}"
        return http.Response(200, headers, json.dumps({"name": name}).encode())

    def _await_push(self, step: Push, now: Instant) -> list[Command]:
        taken, self._inbox = self._inbox.take_push(fill_text(step.token, self.names))
        if taken is not None:
            return self._judge_push(step, taken)
        return self._sleep(ns(step.within_s), _Wait(now), now)

    def _judge_push(self, step: Push, seen: PushSeen | None) -> list[Command]:
        value = None if seen is None else seen.value
        self._capture(value, step.capture, "body.")
        differences = compare(step.expect, value, self.names, self._choices(), path="push")
        return self._finish(differences, json.dumps(value))

    def _look(self, step: Webhooks, wait: _Wait, now: Instant) -> list[Command]:
        url = fill_text(step.url, self.names)
        quiet_at = max(wait.begun_at, self._inbox.last_at(url)) + ns(step.settle_s)
        if now < min(quiet_at, wait.begun_at + _QUIET_LIMIT):
            return self._sleep(quiet_at - now, wait, now)
        seen, self._inbox = self._inbox.take_webhooks(url)
        got = [as_asked(webhook, step.expect) for webhook in seen]
        differences = compare_set(step.expect, got, self.names, self._choices(), path="webhooks")
        return self._finish(differences, json.dumps(got))


def _is_push(request: http.Request) -> bool:
    return request.path.endswith("/messages:send")
