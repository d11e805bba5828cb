"""Replays one recorded case against a server: its client, its phones' keys, its FCM endpoint, its receivers.

A core: in virtual time it runs beside the stand-in within a world, live the driver carries its calls over sockets.
It starts with the event `Begin` and is over when `result` is there; late requests of the server are still answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from harness.conform.bindings import compute
from harness.conform.cases import (
    ABSENT,
    Answer,
    Arrange,
    Bind,
    Binding,
    Call,
    Case,
    Control,
    Json,
    JsonContent,
    Observe,
    Push,
    Settle,
    Step,
    Unknown,
    WebhookAnswers,
    Webhooks,
)
from harness.conform.inbox import HANG, Inbox, PushSeen, body_of, read_push, read_webhook
from harness.conform.match import Actual, Difference, compare, compare_set
from harness.conform.names import fill, fill_text, hide, pick
from harness.conform.requests import Base, build
from harness.conform.sequential import sequential as sequential_choices
from harness.conform.setup import (
    Accounts,
    AwaitKey,
    Configure,
    MakeAccount,
    MakeKey,
    Register,
    Task,
    control_request,
    fresh_names,
    learn,
    obstacle,
    task_request,
    tasks,
)
from harness.core import At, Command, Core, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Arrived, ConnectFailed, Exchange, Limits, Outcome, Request, Respond
from harness.http.values import Call as HttpCall
from harness.http.values import Response
from harness.instants import MS, SECOND, Instant, ns

__all__ = ["Begin", "CaseResult", "ConformRun", "StepResult", "Verdict"]

Verdict = Literal["agree", "differ", "skip"]

# `until`: how often and how long (tests/data/gateway/README.md). The set-up waits for a key in the same way.
_POLL = 100 * MS
_POLL_LIMIT = 10 * SECOND
# A server that never stops calling a receiver must not keep the case open.
_QUIET_LIMIT = 60 * SECOND
# Above all delays that a server has by itself: its own POST to the queue may take 30 s.
_LIMITS = Limits(connect_s=10.0, read_s=40.0, write_s=40.0)
_SETUP = (MakeAccount, MakeKey, Register, AwaitKey, Configure)


@dataclass(frozen=True, slots=True)
class Begin:
    """Event: start the replay."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step. `index` counts from 0; `answer` is what came, as one text, without secrets."""

    index: int
    do: str
    title: str
    differences: tuple[Difference, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case. `reason` says why it was skipped, or why it could not be carried out to its end."""

    case: str
    area: str
    verdict: Verdict
    steps: tuple[StepResult, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Wake:
    """Event: the timer of that number is due."""

    timer: int


@dataclass(frozen=True, slots=True)
class _Late:
    """Event: an answer that was held back."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class _Wait:
    """What the present item waits for: an answer, a timer, or both (a push has a time limit). `at` counts its parts."""

    begun_at: Instant
    exchange: Exchange | None = None
    timer: int | None = None
    at: int = 0


class ConformRun(Core):
    """One case against one server.

    `api` is the server's base URL. The server must send its pushes to `fcm_authority` (its FCM_ENDPOINT) and reach
    the webhook receivers under `hook_base`. `accounts` says where accounts come from, `system_key` is the key of the
    queue's user; what a case needs and does not get makes it a skip. `sequential`: of every race the one outcome of
    a server that handles one event after the other, instead of any that was recorded.
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
    ) -> None:
        super().__init__(name, draws)
        self.case = case
        self.result: CaseResult | None = None
        self.names: Table[str, str | int] = Table()
        self.signing_keys: Table[str, tuple[str, ...]] = Table()
        self._base = Base(api)
        self._fcm_authority = fcm_authority
        self._hook_base = hook_base
        self._accounts = accounts
        self._system_key = system_key
        self._sequential = sequential
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
            case Answered(exchange, outcome):
                return self._answered(exchange, outcome, now)
            case Arrived(exchange, request):
                return self._arrived(exchange, request, now)
            case _Wake(timer):
                return self._woken(timer, now)
            case _Late(exchange):
                return [Respond(exchange, Response(200))]
        raise ProtocolError(self.name, event, "not begun" if self._position < 0 else f"item {self._position}")

    # -- from item to item -------------------------------------------------------------------------------------------

    def _begin(self, now: Instant) -> list[Command]:
        self._position = 0
        reason = obstacle(self.case, self._accounts, self._system_key)
        if reason is not None:
            return self._end("skip", reason)
        fresh = fresh_names(self.case, self._accounts, self._hook_base, self.draws)
        if self._system_key is not None:
            fresh["system_key"] = self._system_key
        self._learn(fresh)
        return self._go_on(now)

    def _go_on(self, now: Instant) -> list[Command]:
        """Starts items until one has to wait, or the case is over."""
        commands: list[Command] = []
        while self.result is None and self._wait is None:
            item = self._item()
            if item is None:
                differ = any(step.differences for step in self._results)
                commands += self._end("differ" if differ else "agree")
            else:
                commands += self._start(item, now)
        return commands

    def _item(self) -> Task | Step | None:
        """The set-up task or step that it is at."""
        if self._position < len(self._setup):
            return self._setup[self._position]
        return self.case.steps[self._index] if self._index < len(self.case.steps) else None

    @property
    def _index(self) -> int:
        return self._position - len(self._setup)

    def _start(self, item: Task | Step, now: Instant) -> list[Command]:
        match item:
            case Call():
                return self._call(item, now)
            case Push():
                return self._push(item, now)
            case Webhooks():
                return self._sleep(ns(item.settle_s), _Wait(now), now)
            case Settle():
                return self._sleep(ns(item.seconds), _Wait(now), now)
            case Bind():
                return self._bind(item, 0, now)
            case Arrange(_, of, facts):
                request = control_request(
                    self._base, self._accounts, "PATCH", self._fill_text(of or ""), fill(facts, self.names)
                )
                return self._send(request, _Wait(now))
            case WebhookAnswers(url, plan):
                self._inbox = self._inbox.with_plan(fill_text(url, self.names), plan)
                return self._finish()
            case Observe() | Unknown():
                return self._finish()
        return self._send(task_request(item, self._base, self._accounts, self.names), _Wait(now))

    def _finish(self, differences: Sequence[Difference] = (), answer: str = "") -> list[Command]:
        """The present item is over: writes its result down, if it is a step."""
        self._wait = None
        index = self._index
        self._position += 1
        if index < 0:
            return []
        step = self.case.steps[index]
        shown = tuple(
            replace(difference, actual=hide(difference.actual, self.names)) for difference in differences
        )
        self._results += (StepResult(index, _do(step), _title(step), shown, hide(answer, self.names)),)
        return [self._record("step", {"step": index, "do": _do(step), "differences": len(shown)})]

    def _end(self, verdict: Verdict, reason: str = "") -> list[Command]:
        self._wait = None
        reason = hide(reason, self.names)
        self.result = CaseResult(self.case.name, self.case.area, verdict, self._results, reason)
        return [self._record("case", {"verdict": verdict, "reason": reason})]

    def _record(self, kind: str, facts: dict[str, str | int | bool | None]) -> Record:
        return Record("harness", f"conform-{kind}", None, {"case": self.case.name, **facts})

    def _learn(self, bound: dict[str, str | int]) -> None:
        for name, value in bound.items():
            self.names[name] = value

    def _fill_text(self, text: str) -> str:
        return fill_text(text, self.names)

    # -- waiting -----------------------------------------------------------------------------------------------------

    def _send(self, request: Request, wait: _Wait) -> list[Command]:
        self._serial += 1
        exchange = str(self._serial)
        self._wait = replace(wait, exchange=exchange, timer=None)
        return [HttpCall(exchange, self.name, request, _LIMITS)]

    def _sleep(self, duration: int, wait: _Wait, now: Instant) -> list[Command]:
        self._serial += 1
        self._wait = replace(wait, exchange=None, timer=self._serial)
        return [At(now + duration, _Wake(self._serial))]

    def _woken(self, timer: int, now: Instant) -> list[Command]:
        wait = self._wait
        if wait is None or wait.timer != timer:
            return []  # what it limited is over
        item = self._item()
        match item:
            case Call():
                commands = self._send(build(self._base, item, self.names), wait)
            case Push():
                commands = self._pushed(item, None)
            case Webhooks():
                commands = self._look(item, wait, now)
            case Settle():
                commands = self._finish()
            case MakeAccount() | MakeKey() | Register() | AwaitKey() | Configure():
                commands = self._send(task_request(item, self._base, self._accounts, self.names), wait)
            case _:
                raise AssertionError(f"{item} waits for no timer")
        return commands + self._go_on(now)

    def _answered(self, exchange: Exchange, outcome: Outcome, now: Instant) -> list[Command]:
        wait, item = self._wait, self._item()
        if wait is None or wait.exchange != exchange:
            return []
        if isinstance(outcome, ConnectFailed):
            commands = self._end("differ", f"{self._base.authority} cannot be reached: {outcome.kind}")
        elif isinstance(item, Call):
            commands = self._call_answered(item, wait, outcome, now)
        elif isinstance(item, _SETUP):
            commands = self._task_answered(item, wait, outcome, now)
        else:
            commands = self._control_answered(item, wait, outcome, now)
        return commands + self._go_on(now)

    # -- set-up and control routes -----------------------------------------------------------------------------------

    def _task_answered(self, task: Task, wait: _Wait, outcome: Outcome, now: Instant) -> list[Command]:
        if not isinstance(outcome, Response) or outcome.status // 100 != 2:
            return self._end("differ", f"set-up, {_task_title(task)}: {_shown(outcome)}")
        try:
            learnt = learn(task, body_of(outcome), self.names)
        except ValueError as error:
            return self._end("differ", f"set-up, {_task_title(task)}: {error}")
        if learnt is None and now < wait.begun_at + _POLL_LIMIT:
            return self._sleep(_POLL, wait, now)
        if learnt is None:
            return self._end("differ", f"set-up, {_task_title(task)}: not within 10 s")
        self._learn(learnt)
        return self._finish()

    def _control_answered(
        self, item: Task | Step | None, wait: _Wait, outcome: Outcome, now: Instant
    ) -> list[Command]:
        good = isinstance(outcome, Response) and outcome.status // 100 == 2
        if not good:
            return self._finish([Difference("control", "a success", _shown(outcome))])
        if isinstance(item, Bind) and isinstance(outcome, Response):
            name, binding = item.bindings[wait.at]
            value = pick(body_of(outcome), binding.field) if isinstance(binding, Control) else ABSENT
            if not isinstance(value, str | int):
                return self._finish([Difference(f"control.{name}", "a value", ABSENT)])
            self.names[name] = value
            return self._bind(item, wait.at + 1, now)
        return self._finish()

    def _bind(self, step: Bind, first: int, now: Instant) -> list[Command]:
        """Binds from the name numbered `first` on; a control route may have to be asked in between."""
        for at, (name, binding) in enumerate(step.bindings[first:], start=first):
            if isinstance(binding, Control):
                path = self._fill_text(binding.path)
                request = control_request(self._base, self._accounts, "GET", path)
                return self._send(request, _Wait(now, at=at))
            difference = self._compute(name, binding, now)
            if difference is not None:
                return self._finish([difference])
        return self._finish()

    def _compute(self, name: str, binding: Binding, now: Instant) -> Difference | None:
        try:
            self.names[name] = compute(binding, self.names, now)
        except KeyError as error:
            return _unbound(str(error.args[0]))
        except ValueError as error:
            return Difference(name, "a value", str(error))
        return None

    # -- calls -------------------------------------------------------------------------------------------------------

    def _call(self, step: Call, now: Instant) -> list[Command]:
        try:
            request = build(self._base, step, self.names)
        except KeyError as error:
            return self._finish([_unbound(str(error.args[0]))])
        self._note_signing_key(step)
        return self._send(request, _Wait(now))

    def _note_signing_key(self, step: Call) -> None:
        """Remembers with which keys a receiver's tokens may be signed."""
        content = fill(step.content.value, self.names) if isinstance(step.content, JsonContent) else None
        match content:
            case {"url": str(url), "signing_key": str(key)}:
                self.signing_keys[url] = (*self.signing_keys.get(url, ()), key)

    def _call_answered(self, step: Call, wait: _Wait, outcome: Outcome, now: Instant) -> list[Command]:
        body = body_of(outcome) if isinstance(outcome, Response) else None
        for name, path in step.capture.items():
            value = pick(body, path)
            if isinstance(value, str | int):
                self.names[name] = value
        if now < wait.begun_at + _POLL_LIMIT and not self._has(body, step.until):
            return self._sleep(_POLL, wait, now)
        if not isinstance(outcome, Response):
            return self._finish([Difference("answer", "an answer", _shown(outcome))])
        return self._finish(self._judge(step.expect, outcome, body), _shown(outcome))

    def _has(self, body: Json, until: dict[str, Json]) -> bool:
        return all(not compare(value, pick(body, path), self.names) for path, value in until.items())

    def _judge(self, expect: Answer | None, response: Response, body: Json) -> list[Difference]:
        if expect is None:
            return []
        wanted: dict[str, Json] = {"status": expect.status}
        got: dict[str, Json] = {"status": response.status}
        if expect.body is not ABSENT:
            wanted["body"], got["body"] = _tolerant(expect.body, response.status), body
        if expect.content_type is not ABSENT:
            wanted["content_type"], got["content_type"] = expect.content_type, response.header("content-type")
        if expect.headers:
            wanted["headers"] = expect.headers
            got["headers"] = {name: response.header(name) for name in expect.headers}
        return compare(wanted, got, self.names, self._choices())

    def _choices(self) -> dict[str, Json]:
        return dict(sequential_choices(self.case.name, self._index)) if self._sequential else {}

    # -- the FCM endpoint and the receivers --------------------------------------------------------------------------

    def _arrived(self, exchange: Exchange, request: Request, now: Instant) -> list[Command]:
        """Answers first: the server must have its answer before the next step begins."""
        url = f"{self._hook_base.rstrip('/')}{request.path.removeprefix(Base(self._hook_base).path)}"
        if url in self.names.values():
            return self._webhook_arrived(exchange, request, url, now)
        if request.authority == self._fcm_authority or request.path.endswith("/messages:send"):
            return self._push_arrived(exchange, request, now)
        return [Respond(exchange, Response(404))]

    def _webhook_arrived(self, exchange: Exchange, request: Request, url: str, now: Instant) -> list[Command]:
        seen = read_webhook(request, url, now, self.signing_keys.get(url, ()))
        answer, self._inbox = self._inbox.with_webhook(seen).next_answer(url)
        if answer == "hang":
            return [At(now + HANG, _Late(exchange))]
        return [Respond(exchange, Response(int(answer)))]

    def _push_arrived(self, exchange: Exchange, request: Request, now: Instant) -> list[Command]:
        seen = read_push(request)
        self._serial += 1
        commands: list[Command] = [Respond(exchange, self._fcm_answer(seen))]
        item = self._item()
        self._inbox = self._inbox.with_push(seen)
        if isinstance(item, Push) and self._wait is not None:
            taken, self._inbox = self._inbox.take_push(self._fill_text(item.token))
            if taken is not None:
                commands += self._pushed(item, taken)
        return commands + self._go_on(now) if self._position >= 0 else commands

    def _fcm_answer(self, seen: PushSeen) -> Response:
        refused = {self.names.get(phone.token) for phone in self.case.phones if phone.push == "refused"}
        headers = (("Content-Type", "application/json; charset=UTF-8"),)
        if seen.token in refused:
            return Response(404, headers, b'{"error":{"code":404,"status":"NOT_FOUND"}}')
        name = f"projects/httpsms-test/messages/{self._serial}"
        return Response(200, headers, f'{{"name":"{name}"}}'.encode())

    def _push(self, step: Push, now: Instant) -> list[Command]:
        try:
            taken, self._inbox = self._inbox.take_push(self._fill_text(step.token))
        except KeyError as error:
            return self._finish([_unbound(str(error.args[0]))])
        if taken is not None:
            return self._pushed(step, taken)
        return self._sleep(ns(step.within_s), _Wait(now), now)

    def _pushed(self, step: Push, seen: PushSeen | None) -> list[Command]:
        value = None if seen is None else seen.value
        for name, path in step.capture.items():
            captured = pick(value, f"body.{path}")
            if isinstance(captured, str | int):
                self.names[name] = captured
        differences = compare(step.expect, value, self.names, self._choices(), path="push")
        return self._finish(differences, "no push" if value is None else str(value))

    def _look(self, step: Webhooks, wait: _Wait, now: Instant) -> list[Command]:
        url = self._fill_text(step.url)
        quiet_at = (self._inbox.last_at(url) or wait.begun_at) + ns(step.settle_s)
        if now < min(quiet_at, wait.begun_at + _QUIET_LIMIT):
            return self._sleep(quiet_at - now, wait, now)
        seen, self._inbox = self._inbox.take_webhooks(url)
        expected = step.expect if isinstance(step.expect, list) else []
        got = [_as_asked(webhook, expected) for webhook in seen]
        differences = compare_set(expected, got, self.names, self._choices(), path="webhooks")
        return self._finish(differences, str(got))


def _tolerant(body: Json, status: int) -> Json:
    """The `data` of a 400 describes a decoder's error: only its being there matters."""
    if status == 400 and isinstance(body, dict) and "data" in body:
        return {**body, "data": "#any"}
    return body


def _as_asked(webhook: dict[str, Json], expected: list[Json]) -> Json:
    """The webhook with only those parts and headers that the case looks at."""
    asked = [item for item in expected if isinstance(item, dict)]
    parts = {name for item in asked for name in item} or set(webhook)
    headers = {
        name
        for item in asked
        if isinstance(item.get("headers"), dict)
        for name in item["headers"]  # type: ignore[union-attr]
    }
    shown: dict[str, Json] = {name: value for name, value in webhook.items() if name in parts}
    known = webhook["headers"]
    if "headers" in shown and isinstance(known, dict):
        shown["headers"] = {name: known.get(name) for name in headers}
    return shown


def _unbound(name: str) -> Difference:
    return Difference("names", f"${{{name}}}", ABSENT)


def _shown(outcome: Outcome) -> str:
    """What came, as one text."""
    if isinstance(outcome, Response):
        return f"{outcome.status} {outcome.body.decode('utf-8', 'replace')}".strip()
    return str(outcome)


def _do(step: Step) -> str:
    match step:
        case Unknown(do):
            return do
        case WebhookAnswers():
            return "webhook_answers"
    return type(step).__name__.lower()


def _title(step: Step) -> str:
    """What the step is about, in one line."""
    match step:
        case Call(method=method, path=path, role=role):
            return f"{method} {path} as {role}"
        case Push(token=token, within_s=within_s):
            return f"the next push for {token} within {within_s:g} s"
        case Webhooks(url=url):
            return f"what came to {url}"
        case WebhookAnswers(url, plan):
            return f"{url} answers {', '.join(map(str, plan))}"
        case Settle(seconds):
            return f"{seconds:g} s"
        case Arrange(what=what) | Observe(what=what):
            return what
        case Bind(bindings):
            return ", ".join(name for name, _ in bindings)
        case Unknown(why=why):
            return why


def _task_title(task: Task) -> str:
    match task:
        case MakeAccount(account):
            return f"account {account.role}"
        case MakeKey(key):
            return f"phone key {key}"
        case Register(phone):
            return f"registration of {phone.number}"
        case AwaitKey(phone):
            return f"key of {phone.number}"
        case Configure(phone):
            return f"settings of {phone.number}"
