"""A small scripted server, and a world in which a case is replayed against it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from harness.adapters.virtual import run_virtual
from harness.conform import Begin, Case, CaseResult, ConformRun, ControlAccounts, read_case
from harness.core import At, Command, Core
from harness.draws import Draws
from harness.http.values import Arrived, Call, Request, Respond, Response
from harness.instants import Instant, ns
from harness.world import World

API = "http://api.internal"
HOOKS = "http://127.0.0.1:9999"
FCM = "fcm.internal"
USER_KEY = "uk_" + "u" * 64
PHONE_KEY = "pk_" + "p" * 64
SIGNING_KEY = "signing-key"


def reply(status: int, body: Any = None, **headers: str) -> Response:
    """An answer with `body` as JSON; a text is sent as plain text, None as no body at all."""
    kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json; charset=utf-8"
    content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(status, (("Content-Type", kind), *named), content)


def push(token: str, **data: str) -> Request:
    """What the server sends to its FCM endpoint."""
    message = {"token": token, "data": data, "android": {"priority": "normal"}}
    body = json.dumps({"message": message}).encode()
    target = b"/v1/projects/httpsms-test/messages:send"
    return Request("POST", "http", FCM, target, (("Content-Type", "application/json"),), body)


def webhook(url: str, kind: str, data: Any, **headers: str) -> Request:
    """What the server sends to a receiver."""
    authority, _, path = url.removeprefix("http://").partition("/")
    named = {"content-type": "application/json", "X-Event-Type": kind, **headers}
    return Request("POST", "http", authority, f"/{path}".encode(), tuple(named.items()), json.dumps(data).encode())


class FakeServer(Core):
    """Answers by a script: `GET /path` → the answers in their turn (the last one stays).

    The routes of a set-up are there from the start. `visits` are requests that come to the harness so many
    seconds after the call `/visit/<name>` of a case; the header X-Hook-Url of that call names the receiver.
    """

    def __init__(
        self,
        script: dict[str, list[Response]] | None = None,
        visits: dict[str, list[tuple[float, Any]]] | None = None,
    ) -> None:
        super().__init__("server", Draws(1, "server"))
        key = {"id": "key-1", "api_key": PHONE_KEY}
        self.script = {
            "POST /_control/accounts": [
                reply(201, {"user_id": "user-1", "api_key": USER_KEY, "email": "u@example.com"})
            ],
            "POST /v1/phone-api-keys": [reply(200, {"data": key})],
            "PUT /v1/phones/fcm-token": [reply(200, {"data": {"id": "phone-1"}})],
            "PUT /v1/phones": [reply(200, {"data": {"id": "phone-1"}})],
            **(script or {}),
        }
        self.visits = visits or {}
        self.arrivals: list[tuple[Instant, Request]] = []
        self.heard: list[Any] = []
        self.number = ""
        self.token = ""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                self.arrivals.append((now, request))
                return [Respond(exchange, self._answer(request)), *self._visit(request, now)]
            case (exchange, Request() as request):
                return [Call(exchange, "server", request)]
        self.heard.append(event)
        return []

    def _answer(self, request: Request) -> Response:
        place = f"{request.method} {request.path}"
        if place == "PUT /v1/phones/fcm-token":
            body = json.loads(request.body)
            self.number, self.token = body["phone_number"], body["fcm_token"]
        if place == "GET /v1/phone-api-keys" and place not in self.script:
            return reply(200, {"data": [{"id": "key-1", "phone_numbers": [self.number]}]})
        answers = self.script.get(place, [reply(404, "Not Found")])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _visit(self, request: Request, now: Instant) -> list[Command]:
        visits = self.visits.get(request.path.removeprefix("/visit/"), [])
        sent = request.header("x-hook-url") or ""
        return [
            At(now + ns(after_s), (f"{request.path}{number}", make(self, sent)))
            for number, (after_s, make) in enumerate(visits)
        ]

    @property
    def asked(self) -> list[Request]:
        return [request for _, request in self.arrivals]

    def requests(self, place: str) -> list[Request]:
        return [request for request in self.asked if f"{request.method} {request.path}" == place]

    def times(self, place: str) -> list[Instant]:
        return [at for at, request in self.arrivals if f"{request.method} {request.path}" == place]


def case_text(steps: list[dict[str, Any]], *, name: str = "story", push: str = "accepted", **more: Any) -> str:
    """A case with one account and one phone (`settings=` to have some, `phones=[]` to have none)."""
    phone = {"number": "${phone}", "token": "${token}", "id": "${phone_id}", "key": "${phone_key}"}
    phone |= {"sim": "SIM1", "push": push}
    if "settings" in more:
        phone["settings"] = more["settings"]
    setup = {"accounts": [{"as": "user", "plan": "free"}], "phones": more.get("phones", [phone])}
    return json.dumps({"case": name, "area": "area", "about": "", "setup": setup, "steps": steps})


def start(text: str, server: FakeServer, **options: Any) -> tuple[World, ConformRun]:
    """A world with the server and a run that is about to begin."""
    return start_case(read_case(text), server, **options)


def start_case(case: Case, server: FakeServer, **options: Any) -> tuple[World, ConformRun]:
    world = World(7)
    means = {"api": API, "fcm_authority": FCM, "hook_base": HOOKS, "accounts": ControlAccounts(), **options}
    run = ConformRun("conform", world.draws("conform"), case, **means)
    world.add(server)
    world.add(run)
    world.site("api.internal", server.name)
    world.site(FCM, run.name)
    world.site("127.0.0.1:9999", run.name)
    world.inject(run.name, Begin())
    return world, run


def replay(text: str, server: FakeServer | None = None, **options: Any) -> CaseResult:
    """The result of a case against a server."""
    return replay_case(read_case(text), server or FakeServer(), **options)


def replay_case(case: Case, server: FakeServer, **options: Any) -> CaseResult:
    world, run = start_case(case, server, **options)
    run_virtual(world, lambda: run.result is not None)
    assert run.result is not None, "nothing is due any more, and the case is not over"
    return run.result
