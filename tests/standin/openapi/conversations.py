"""What the stand-in was asked and what it answered, held against the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from harness.adapters.case_files import load_cases
from harness.adapters.virtual import run_virtual
from harness.conform import Begin, Case, ConformRun, ControlAccounts
from harness.core import Command
from harness.draws import Draws
from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import Instant
from harness.standin import Pace, StandIn
from harness.standin.openapi.document import document
from harness.standin.routes import find
from harness.trace import Trace
from harness.wire.bodies import Body
from harness.wire.json import BadBody
from harness.world import World
from tests.recorded import folder

API, FCM, HOOKS = "api.internal", "fcm.internal", "127.0.0.1:9999"
QUEUE_USER = ("queue-user", "uk_queue-user-key")


@dataclass(frozen=True)
class Exchange:
    """A request, what was answered, and in which case."""

    case: str
    request: Request
    response: Response

    @property
    def route(self) -> str | None:
        """Method and template of the route, None where there is none."""
        found = find(self.request.method, self.request.path)
        if found is None or found[0].hop != "api":
            return None
        return f"{found[0].method} {found[0].template}"

    def __str__(self) -> str:
        return f"{self.case}: {self.request.method} {self.request.target.decode()} {self.response.status}"


class Overheard(StandIn):
    """A stand-in that notes what it is asked and answers. An answer may come after others were asked."""

    def __init__(self, name: str, draws: Draws, case: str = "", **settings: Any) -> None:
        super().__init__(name, draws, **settings)
        self.case = case
        self.open: dict[str, Request] = {}
        self.heard: list[Exchange] = []

    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        if isinstance(event, Arrived):
            self.open[event.exchange] = event.request
        commands = super().handle(event, now)
        for command in commands:
            if isinstance(command, Respond):
                self.heard.append(Exchange(self.case, self.open.pop(command.exchange), command.response))
        return commands


def _replayed(case: Case) -> Sequence[Exchange]:
    """Everything that was asked and answered in a case; nothing if the stand-in disagrees with the recording."""
    world = World(1, Trace(0, hashed=False))
    standin = Overheard(
        "gateway", world.draws("gateway"), case.name, pace=Pace.FAITHFUL, queue_user=QUEUE_USER, control=True,
        fcm_endpoint=f"http://{FCM}",
    )  # fmt: skip
    run = ConformRun(
        "conform", world.draws("conform"), case, api=f"http://{API}", fcm_authority=FCM, hook_base=f"http://{HOOKS}",
        accounts=ControlAccounts(), system_key=QUEUE_USER[1], sequential=True,
    )  # fmt: skip
    world.add(standin)
    world.add(run)
    world.site(API, standin.name)
    world.site(FCM, run.name)
    world.site(HOOKS, run.name)
    world.inject(run.name, Begin())
    run_virtual(world, lambda: run.result is not None)
    return standin.heard if run.result is not None and run.result.verdict == "agree" else ()


@cache
def recorded() -> Sequence[Exchange]:
    """Every exchange of every recorded conversation that the stand-in agrees with."""
    cases = [case for case in load_cases(folder("gateway")) if isinstance(case, Case)]
    return [exchange for case in cases for exchange in _replayed(case) if exchange.route is not None]


@dataclass(frozen=True)
class Told:
    """The document, and what it says of an exchange."""

    document: Mapping[str, Any] = field(default_factory=document)
    validators: dict[int, Draft202012Validator] = field(default_factory=dict)

    def operation(self, exchange: Exchange) -> Mapping[str, Any]:
        assert exchange.route is not None
        method, template = exchange.route.split()
        operation: Mapping[str, Any] = self.document["paths"][template][method.lower()]
        return operation

    def wrong_answer(self, exchange: Exchange) -> list[str]:
        """Everything in the answer that the document does not tell of."""
        response = exchange.response
        told = self.operation(exchange)["responses"].get(str(response.status))
        if told is None:
            return [f"{exchange}: the status is not told of"]
        told = self._resolved(told)
        missing = [f"{exchange}: no {name}" for name in told.get("headers", {}) if response.header(name) is None]
        return missing + [f"{exchange}: {line}" for line in self._wrong_content(told.get("content"), exchange)]

    def _wrong_content(self, content: Mapping[str, Any] | None, exchange: Exchange) -> Iterator[str]:
        response = exchange.response
        kind = (response.header("Content-Type") or "").partition(";")[0]
        if content is None:
            if response.body or kind:
                yield "no body is told of"
            return
        if kind not in content:
            yield f"{kind} is not told of"
        elif exchange.request.method != "HEAD":
            schema = content[kind].get("schema", {})
            text = response.body.decode("utf-8", "replace")
            yield from self.wrong(schema, json.loads(text) if kind == "application/json" else text)

    def wrong_request(self, exchange: Exchange) -> list[str]:
        """Everything in the body of a request that the document does not allow."""
        content = self.operation(exchange).get("requestBody", {}).get("content", {})
        request = exchange.request
        body = Body(request.body, request.header("Content-Type") or "", request.header("Content-Encoding") or "")
        if body.kind not in content:
            return [f"$: {body.kind or 'no type'} is not told of"]
        if "json" not in body.kind:
            return []
        try:
            value = json.loads(body.unpacked().decode("utf-8", "replace"))
        except (ValueError, BadBody):
            return ["$: no JSON"]
        return list(self.wrong(content[body.kind]["schema"], value))

    def wrong(self, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
        """What is wrong with a value, each with its place."""
        validator = self.validators.get(id(schema))
        if validator is None:
            whole = {**schema, "components": self.document["components"]}
            checker = Draft202012Validator.FORMAT_CHECKER
            validator = self.validators[id(schema)] = Draft202012Validator(whole, format_checker=checker)
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message[:200]}"

    def _resolved(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in told:
            return told
        found: Mapping[str, Any] = self.document
        for name in told["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found


@cache
def told() -> Told:
    """What the document says, made once."""
    return Told()
