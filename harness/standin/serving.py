"""From a request to its answer: framework, credentials, route, trace (gateway-protocol.md §1.1, §1.5)."""

from __future__ import annotations

from harness.core import Command, Fact, Record
from harness.http.values import Arrived, Headers, Respond, Response
from harness.instants import Instant
from harness.standin import answers, auth, control, exchanges, races, routes, sql, waits
from harness.standin.answers import Reply
from harness.standin.api import messages
from harness.standin.routes import Credentials, Route
from harness.standin.rows import Waiting
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import multipart, texts
from harness.wire.bodies import BODY_LIMIT
from harness.wire.json import BadBody

__all__ = ["arrived", "reread"]

_NO_ROUTE = "*"
_VARY = ("Vary", "Accept-Encoding")
_CORS = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"))
_PREFLIGHT: Headers = (
    ("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers, Origin, Accept-Encoding"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Expose-Headers", "*"),
)


def arrived(state: State, event: Arrived, now: Instant) -> list[Command]:
    """Answers a request, at once or when the calls that it waits for are done."""
    visit = _visit(event, now)
    path = event.request.path
    if path.startswith(control.PREFIX):
        reply = control.serve(state, visit, path)
        return _answered(state, visit, reply, f"{event.request.method} {control.template(path)}", "harness")
    found = routes.find(event.request.method, path)
    if found is not None and found[0] is routes.HEALTH:
        return _healthy(state, visit)
    reply = _unrouted(visit, path) if found is None else _routed(state, visit, *found)
    kind = f"{event.request.method} {_NO_ROUTE if found is None else found[0].template}"
    return _answered(state, visit, reply, kind, "api" if found is None else found[0].hop)


def reread(state: State, event: races.Reread, now: Instant) -> list[Command]:
    """Answers a report that a fault had left open."""
    visit = _visit(event.arrived, now)
    visit.who = event.who
    reply = messages.reported(state, event.who.user_id, event.message_id)
    return _answered(state, visit, reply, _REPORT, "api")


_REPORT = "POST /v1/messages/{id}/events"


def _healthy(state: State, visit: Visit) -> list[Command]:
    """`/health` stands before everything else: before compression, CORS and credentials."""
    reply = routes.HEALTH.handler(state, visit)
    headers = (*reply.headers, ("Content-Length", str(len(reply.body))))
    body = b"" if visit.request.method == "HEAD" else reply.body
    kind = f"{visit.request.method} {routes.HEALTH.template}"
    facts: dict[str, Fact] = {"status": reply.status, "as": visit.who.credential}
    return [Record("api", kind, None, facts), Respond(visit.exchange, Response(reply.status, headers, body))]


def _visit(event: Arrived, now: Instant) -> Visit:
    headers: dict[str, str] = {}
    for name, value in event.request.headers:
        headers.setdefault(name.lower(), value)
    return Visit(event.exchange, event.request, now, headers)


def _routed(state: State, visit: Visit, route: Route, ids: tuple[str, ...]) -> Reply:
    if len(visit.request.body) > BODY_LIMIT:
        return answers.plain(413, "Request Entity Too Large")
    if (broken := _broken_form(visit)) is not None:
        return answers.plain(400, f"cannot read multipart/form-data body: {broken}")
    visit.ids = ids
    if route.credentials is not Credentials.NONE:
        visit.who = auth.identify(state, visit)
        if route.credentials is Credentials.ANY_KEY and not visit.who.user_id:
            visit.who = auth.identify_phone(state, visit)
        elif route.credentials is Credentials.BEARER:
            visit.who = auth.identify_bearer(state, visit)
        if not visit.who.user_id:
            return answers.refused(401, texts.UNAUTHORIZED, data=texts.UNAUTHORIZED_WHY)
    try:
        return route.handler(state, visit)
    except BadBody as error:
        return answers.malformed(error.data)
    except sql.BadText:
        return answers.internal()


def _broken_form(visit: Visit) -> str | None:
    """A form of known length is read before anything else looks at the request (fasthttp), whether wanted or not."""
    headers = visit.headers
    if not multipart.boundary(headers.get("content-type", "")) or not visit.request.body:
        return None
    if "content-encoding" in headers or "content-length" not in headers:
        return None
    try:
        visit.body.form()
    except multipart.BrokenForm as error:
        return str(error)
    return None


def _unrouted(visit: Visit, path: str) -> Reply:
    method = visit.request.method
    if method not in routes.METHODS:
        return answers.plain(501, "Not Implemented")
    if method == "OPTIONS" and "origin" in visit.headers and _asks_first(visit):
        return Reply(204, _PREFLIGHT)
    if method in ("GET", "HEAD"):
        return answers.plain(404, "Not Found")
    return answers.plain(405, "Method Not Allowed", (("Allow", ", ".join(routes.allowed(path))),))


def _asks_first(visit: Visit) -> bool:
    return "access-control-request-method" in visit.headers


def _answered(state: State, visit: Visit, reply: Reply, kind: str, hop: str) -> list[Command]:
    if reply.later:
        return [*reply.before, *reply.then]
    response = _response(visit, reply)
    credential = visit.who.credential
    exchange = exchanges.of_api(visit, response) if state.settings.exchanges and hop == "api" else ()
    if reply.calls:
        waits.expect(state, visit.exchange, Waiting(reply.calls, kind, credential, response, exchange))
        return [*reply.before, *reply.then]
    facts: dict[str, Fact] = {"status": reply.status, "as": credential}
    if credential == "phone":
        facts["for"] = ", ".join(visit.who.phone_numbers)
    if reply.error is not None:
        facts["error"] = reply.error
    if reply.facts is not None:
        facts |= reply.facts
    facts.update(exchange)
    return [
        *reply.before,
        Record(hop, kind, reply.message_id, facts),
        Respond(visit.exchange, response),
        *reply.then,
    ]


def _response(visit: Visit, reply: Reply) -> Response:
    headers, body = reply.headers, reply.body
    if reply.status != 204:
        headers = (*headers, ("Content-Length", str(len(body))), _VARY)
    if "origin" in visit.headers and headers is not _PREFLIGHT:
        headers += _CORS
    return Response(reply.status, headers, b"" if visit.request.method == "HEAD" else body)
