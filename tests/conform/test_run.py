"""Replaying a case in a world against a small scripted server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest

from harness.adapters.virtual import run_virtual
from harness.conform import Account, Begin, ConformRun, ControlAccounts, GivenAccounts, runs
from harness.conform.cases import ABSENT, Json, Tally
from harness.conform.reading import read_case
from harness.core import At
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Arrived, Call, Closed, Request, Respond, Response, TimedOut
from harness.instants import SECOND, seconds
from harness.world import EPOCH_AT
from tests.conform.worlds import (
    API,
    FCM,
    HOOKS,
    PHONE_KEY,
    SIGNING_KEY,
    USER_KEY,
    FakeServer,
    case_text,
    push,
    replay,
    replay_case,
    reply,
    start,
    webhook,
)

UUID = "32343a19-da5e-4b1b-a767-3298a73703cb"
GIVEN = GivenAccounts((Account("u-9", USER_KEY, "g@example.com"),))


def _call(method: str = "GET", path: str = "/v1/x", role: str = "user", **fields: Any) -> dict[str, Any]:
    return {"do": "call", "as": role, "method": method, "path": path, **fields}


def _visit(name: str, **fields: Any) -> dict[str, Any]:
    """The call that makes a request come to the harness; it tells the server where the receiver is."""
    return _call("GET", f"/visit/{name}", "none", headers={"X-Hook-Url": "${hook_url}"}, **fields)


def _differences(result: Any) -> list[tuple[Any, ...]]:
    """(step, path, expected, actual) of everything that differs."""
    return [
        (step.index, difference.path, difference.expected, difference.actual)
        for step in result.steps
        for difference in step.differences
    ]


def _asked(run: ConformRun) -> str:
    """Begins a run without a set-up, and names the exchange of its first call."""
    [timer] = run.handle(Begin(), 0)
    assert isinstance(timer, At)
    [asked] = run.handle(timer.event, timer.due_at)
    assert isinstance(asked, Call)
    return asked.exchange


# -- set-up ------------------------------------------------------------------------------------------


def test_the_set_up_makes_account_key_and_phone_and_waits_for_the_key() -> None:
    server = LateKey([reply(200, {"data": []}), reply(200, {"data": [{"id": "key-1", "phone_numbers": []}]})])
    result = replay(case_text([_call(expect={"status": 404})], settings={"messages_per_minute": 60}), server)
    assert result.verdict == "agree"
    assert [f"{request.method} {request.path}" for request in server.asked] == [
        "POST /_control/accounts",
        "POST /v1/phone-api-keys",
        "PUT /v1/phones/fcm-token",
        *["GET /v1/phone-api-keys"] * 3,
        "PUT /v1/phones",
        "GET /v1/x",
    ]
    assert json.loads(server.requests("PUT /v1/phones")[0].body) == {
        "phone_number": server.number,
        "fcm_token": server.token,
        "sim": "SIM1",
        "messages_per_minute": 60,
    }


class LateKey(FakeServer):
    """Answers the first looks at the keys by a script, then knows the number."""

    def __init__(self, first: list[Response]) -> None:
        super().__init__()
        self.first = first

    def _answer(self, request: Request) -> Response:
        answer = super()._answer(request)
        looks = request.method == "GET" and request.path == "/v1/phone-api-keys"
        return self.first.pop(0) if looks and self.first else answer


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ({"POST /_control/accounts": [reply(404, "Not Found")]}, "set-up, account user: 404 Not Found"),
        (
            {"POST /_control/accounts": [reply(201, {})]},
            "set-up, account user: the answer lacks what the set-up needs",
        ),
        (
            {"PUT /v1/phones/fcm-token": [reply(401, {"status": "error"})]},
            'set-up, registration of phone: 401 {"status": "error"}',
        ),
        (
            {"GET /v1/phone-api-keys": [reply(200, {"data": []})]},
            "set-up, key phone_key for phone: not in 10 s",
        ),
    ],
    ids=lambda value: "",
)
def test_a_set_up_that_fails_is_a_difference_of_the_case(script: dict[str, Any], reason: str) -> None:
    result = replay(case_text([_call()]), FakeServer(script))
    assert (result.verdict, result.reason, result.steps) == ("differ", reason, ())


def test_a_given_account_makes_no_account() -> None:
    server = FakeServer()
    result = replay(case_text([_call(path="/v1/${user_id}")], phones=[]), server, accounts=GIVEN)
    assert result.verdict == "agree"
    assert [request.path for request in server.asked] == ["/v1/u-9"]
    assert server.asked[0].header("x-api-key") == USER_KEY


def test_a_case_that_cannot_be_replayed_is_skipped_before_anything_is_asked() -> None:
    server = FakeServer()
    result = replay(case_text([{"do": "dance"}]), server)
    assert (result.verdict, result.reason) == ("skip", "step 0: a step `dance` is not known")
    assert server.asked == []


def test_a_server_that_is_not_there_ends_the_case() -> None:
    result = replay(case_text([]), api="http://nowhere.internal")
    assert (result.verdict, result.reason) == ("differ", "nowhere.internal cannot be reached: resolve")


# -- calls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expect", "differences"),
    [
        (reply(200, {"a": UUID}), {"status": 200, "body": {"a": "#uuid"}}, []),
        (reply(200, {"a": 1}), {"status": 201, "body": {"a": 2}}, [("status", 201, 200), ("body.a", 2, 1)]),
        (reply(200, "OK"), {"status": 200, "body": "OK", "content_type": "text/plain; charset=utf-8"}, []),
        (
            reply(200, "OK"),
            {"status": 200, "content_type": "text/html"},
            [("content_type", "text/html", "text/plain; charset=utf-8")],
        ),
        (reply(204), {"status": 204, "body": None}, []),
        (reply(204, "x"), {"status": 204, "body": None}, [("body", None, "x")]),
        # The data of a 400 is what a decoder says: any will do, but it must be there.
        (reply(400, {"data": {"Err": 7}}), {"status": 400, "body": {"data": {}}}, []),
        (reply(400, {}), {"status": 400, "body": {"data": {}}}, [("body.data", "#any", ABSENT)]),
        (reply(422, {"data": {"a": 7}}), {"status": 422, "body": {"data": {}}}, [("body.data.a", ABSENT, 7)]),
        (reply(200, None, allow="GET"), {"status": 200, "headers": {"Allow": "GET", "vary": None}}, []),
        (
            reply(200, None, allow="GET"),
            {"status": 200, "headers": {"allow": None}},
            [("headers.allow", None, "GET")],
        ),
        (reply(404), {"status": {"#oneof": [200, 404]}}, []),
    ],
    ids=lambda value: "",
)
def test_an_answer_is_compared_in_the_parts_that_are_expected(
    answer: Response, expect: Json, differences: list[tuple[Any, ...]]
) -> None:
    result = replay(case_text([_call(expect=expect)]), FakeServer({"GET /v1/x": [answer]}))
    assert _differences(result) == [(0, *difference) for difference in differences]
    assert result.verdict == ("differ" if differences else "agree")


def test_a_call_captures_names_for_itself_and_for_what_follows() -> None:
    first = _call(capture={"m": "data.0.id"}, expect={"status": 200, "body": {"data": [{"id": "${m}"}]}})
    server = FakeServer({"GET /v1/x": [reply(200, {"data": [{"id": UUID}]})]})
    result = replay(case_text([first, _call("POST", "/v1/${m}", json={"id": "${m}"})]), server)
    assert result.verdict == "agree"
    [request] = server.requests(f"POST /v1/{UUID}")
    assert json.loads(request.body) == {"id": UUID}


def test_what_an_answer_lacks_keeps_its_old_value() -> None:
    steps = [_call(capture={"w": "data.id"}), _call(capture={"w": "data.id"}), _call("DELETE", "/v1/x/${w}")]
    server = FakeServer({"GET /v1/x": [reply(201, {"data": {"id": "w-1"}}), reply(422, {"data": {}})]})
    replay(case_text(steps), server)
    assert [request.path for request in server.asked[-1:]] == ["/v1/x/w-1"]


@pytest.mark.parametrize(
    "step",
    [
        _call(path="/v1/${nobody}"),
        _call(role="nobody"),
        {"do": "push", "token": "${nobody}", "within": 1, "expect": None},
        {"do": "webhooks", "url": "${nobody}", "settle": 1, "expect": []},
        {"do": "webhook_answers", "url": "${nobody}", "plan": []},
        {"do": "bind", "b": {"path_of": "nobody"}},
        {"do": "arrange", "what": "", "of": "/${nobody}", "set": {}},
    ],
    ids=lambda step: step["do"],
)
def test_a_name_that_is_not_bound_is_a_difference_of_its_step_and_the_case_goes_on(
    step: dict[str, Any],
) -> None:
    result = replay(case_text([step, _call(expect={"status": 404})]))
    assert _differences(result) == [(0, "names", "${nobody}", ABSENT)]
    assert len(result.steps) == 2


def test_no_two_requests_reach_the_server_at_one_instant() -> None:
    server = FakeServer()
    replay(case_text([_call(), _call()], settings={"messages_per_minute": 60}), server)
    assert len({at for at, _ in server.arrivals}) == len(server.arrivals) == 7


def test_until_asks_again_every_100_ms_and_judges_the_last_answer() -> None:
    answers = [reply(200, {"s": "a", "n": n}) for n in range(3)] + [reply(200, {"s": "b", "n": 3})]
    server = FakeServer({"GET /v1/x": answers})
    step = _call(until={"s": "b"}, capture={"n": "n"}, expect={"status": 200, "body": {"s": "b", "n": "${n}"}})
    world, run = start(case_text([step]), server)
    run_virtual(world, lambda: run.result is not None)
    assert run.result is not None
    assert run.result.verdict == "agree"
    assert run.names["n"] == 3
    times = server.times("GET /v1/x")
    assert [seconds(later - times[0]) for later in times] == [0, 0.1, 0.2, 0.3]


def test_until_gives_up_after_10_s() -> None:
    server = FakeServer({"GET /v1/x": [reply(200, {"s": "a"})]})
    step = _call(until={"s": "b"}, expect={"status": 200, "body": {"s": "b"}})
    world, run = start(case_text([step]), server)
    run_virtual(world, lambda: run.result is not None)
    assert run.result is not None
    assert _differences(run.result) == [(0, "body.s", "b", "a")]
    assert len(server.requests("GET /v1/x")) == 101
    assert seconds(world.now - server.times("GET /v1/x")[0]) == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize("outcome", [TimedOut("read"), Closed(sent_all=True)])
def test_a_call_without_an_answer_is_a_difference(outcome: Any) -> None:
    _, run = start(case_text([_call()], phones=[]), FakeServer(), accounts=GIVEN)
    run.handle(Answered(_asked(run), outcome), EPOCH_AT)
    assert run.result is not None
    assert _differences(run.result) == [(0, "answer", "an answer", str(outcome))]


def test_the_sequential_outcome_of_a_race_is_the_only_one_that_agrees() -> None:
    race = {"status": 200, "body": {"data": {"send_attempt_count": {"#oneof": [1, 0]}}}}
    steps = [{"do": "settle", "seconds": 0}] * 3 + [_call(expect=race)]
    server = {"GET /v1/x": [reply(200, {"data": {"send_attempt_count": 0}})]}
    text = case_text(steps, name="outstanding")
    assert replay(text, FakeServer(server)).verdict == "agree"
    result = replay(text, FakeServer(server), sequential=True)
    assert _differences(result) == [(3, "body.data.send_attempt_count", 1, 0)]


# -- pushes ------------------------------------------------------------------------------------------

Visits = dict[str, list[tuple[float, Callable[[FakeServer, str], Request]]]]


def _pushes(*times: float) -> Visits:
    """Pushes to the phone's token so many seconds after the call, numbered from 0."""

    def make(number: int) -> Callable[[FakeServer, str], Request]:
        return lambda server, _url: push(server.token, KEY_MESSAGE_ID=f"m-{number}")

    return {"push": [(after_s, make(number)) for number, after_s in enumerate(times)]}


def _expected_push(number: Json) -> Json:
    message: Json = {
        "token": "${token}",
        "data": {"KEY_MESSAGE_ID": number},
        "android": {"priority": "normal"},
    }
    return {"path": "/v1/projects/httpsms-test/messages:send", "body": {"message": message}}


def _push_step(expect: Json, within: float = 5, **fields: Any) -> dict[str, Any]:
    return {"do": "push", "token": "${token}", "within": within, "expect": expect, **fields}


@pytest.mark.parametrize(
    ("times", "steps", "differences"),
    [
        ((1,), [_push_step(_expected_push("m-0"))], []),
        ((1, 2), [_push_step(_expected_push("m-0")), _push_step(_expected_push("m-1"))], []),
        ((1,), [{"do": "settle", "seconds": 2}, _push_step(_expected_push("m-0"), 0)], []),
        (
            (1,),
            [_push_step(_expected_push("${reply}"), capture={"reply": "message.data.KEY_MESSAGE_ID"})],
            [],
        ),
        ((), [_push_step(None, 1)], []),
        ((2,), [_push_step(None, 1)], []),
        ((), [_push_step({"#oneof": [_expected_push("m-0"), None]})], []),
        (
            (1,),
            [_push_step(_expected_push("m-7"))],
            [("push.body.message.data.KEY_MESSAGE_ID", "m-7", "m-0")],
        ),
        ((6,), [_push_step(_expected_push("m-0"))], [("push", _expected_push("m-0"), None)]),
    ],
    ids=lambda value: "",
)
def test_a_push_step_takes_the_next_push_in_time(
    times: tuple[float, ...], steps: list[dict[str, Any]], differences: list[tuple[Any, ...]]
) -> None:
    result = replay(case_text([_visit("push"), *steps]), FakeServer(visits=_pushes(*times)))
    assert _differences(result) == [(len(steps), *difference) for difference in differences]


def test_a_push_that_was_not_to_come_is_shown_with_names_for_values() -> None:
    result = replay(case_text([_visit("push"), _push_step(None)]), FakeServer(visits=_pushes(1)))
    assert _differences(result) == [(1, "push", None, _expected_push("m-0"))]


def test_a_push_for_another_token_is_left_for_nobody() -> None:
    visits: Visits = {"push": [(1, lambda _server, _url: push("other", KEY_MESSAGE_ID="m"))]}
    assert replay(case_text([_visit("push"), _push_step(None)]), FakeServer(visits=visits)).verdict == "agree"


@pytest.mark.parametrize(("kind", "status"), [("accepted", 200), ("refused", 404)])
def test_the_fcm_endpoint_answers_as_the_phone_is_set(kind: str, status: int) -> None:
    server = FakeServer(visits=_pushes(0))
    replay(
        case_text([_visit("push"), _push_step(_expected_push("m-0")), {"do": "settle", "seconds": 1}], push=kind),
        server,
    )
    [answered] = server.heard
    assert answered.outcome.status == status
    if status == 200:
        assert json.loads(answered.outcome.body)["name"].startswith("projects/httpsms-test/messages/")


def test_a_push_at_another_path_of_the_fcm_endpoint_is_seen_with_that_path() -> None:
    def make(server: FakeServer, _url: str) -> Request:
        sent = push(server.token, KEY_MESSAGE_ID="m-0")
        return Request("POST", "http", FCM, b"/v2/send", sent.headers, sent.body)

    result = replay(
        case_text([_visit("push"), _push_step(_expected_push("m-0"))]),
        FakeServer(visits={"push": [(0, make)]}),
    )
    assert _differences(result) == [
        (1, "push.path", "/v1/projects/httpsms-test/messages:send", "/v2/send"),
    ]


# -- webhooks ----------------------------------------------------------------------------------------


def _token(key: str = SIGNING_KEY) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        claims = {"iss": "api.httpsms.com", "sub": "user-1", "iat": 1000, "nbf": 400, "exp": 1600}
        return "Bearer " + jwt.encode(claims, key, algorithm="HS256")


def _hooks(*hooks: tuple[float, str], key: str = SIGNING_KEY) -> Visits:
    """Webhooks after so many seconds, of that kind."""

    def make(kind: str) -> Callable[[FakeServer, str], Request]:
        return lambda _server, url: webhook(url, kind, {"id": UUID}, Authorization=_token(key))

    return {"hook": [(after_s, make(kind)) for after_s, kind in hooks]}


SHOWN_TOKEN: Json = {
    "header": {"alg": "HS256", "typ": "JWT"},
    "claims": {"iss": "api.httpsms.com", "sub": "${user_id}"},
    "nbf_minus_iat": -600,
    "exp_minus_iat": 600,
}


def _expected_hook(kind: str) -> dict[str, Json]:
    headers: Json = {"content-type": "application/json"}
    return {"type": kind, "headers": headers, "body": {"id": "#uuid"}, "jwt": SHOWN_TOKEN}


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True


ANYTHING = _Anything()
SUBSCRIBE = _call("POST", "/v1/webhooks", json={"url": "${hook_url}", "signing_key": SIGNING_KEY})
SUBSCRIBED = [SUBSCRIBE, _visit("hook")]


def _look(*kinds: str, settle: float = 1) -> dict[str, Any]:
    return {
        "do": "webhooks",
        "url": "${hook_url}",
        "settle": settle,
        "expect": [_expected_hook(kind) for kind in kinds],
    }


@pytest.mark.parametrize(
    ("hooks", "looks", "differences"),
    [
        ([(0.5, "a"), (1.2, "b")], [_look("b", "a")], []),
        # The third comes after a second of quiet: the next look sees it.
        ([(0.5, "a"), (1.2, "b"), (2.3, "c")], [_look("a", "b"), _look("c")], []),
        ([], [_look()], []),
        ([(0.5, "a")], [_look()], [("webhooks[0]", ABSENT, ANYTHING)]),
        ([(0.5, "a")], [_look("a", "b")], [("webhooks[1]", _expected_hook("b"), ABSENT)]),
        ([(0.5, "a")], [_look("b")], [("webhooks[0].type", "b", "a")]),
    ],
    ids=lambda value: "",
)
def test_a_look_sees_what_came_since_the_last_one_until_it_is_quiet(
    hooks: list[tuple[float, str]], looks: list[dict[str, Any]], differences: list[tuple[Any, ...]]
) -> None:
    result = replay(case_text([*SUBSCRIBED, *looks]), FakeServer(visits=_hooks(*hooks)))
    assert _differences(result) == [(2, *difference) for difference in differences]


def test_a_receiver_that_is_never_quiet_is_looked_at_after_a_minute() -> None:
    hooks = [(n / 2, "a") for n in range(400)]
    world, run = start(case_text([*SUBSCRIBED, _look()]), FakeServer(visits=_hooks(*hooks)))
    run_virtual(world, lambda: run.result is not None)
    assert 60 <= seconds(world.now - EPOCH_AT) < 62


def test_a_token_that_was_signed_with_another_key_is_a_difference() -> None:
    result = replay(case_text([*SUBSCRIBED, _look("a")]), FakeServer(visits=_hooks((0, "a"), key="another")))
    assert _differences(result) == [(2, "webhooks[0].jwt.signature", ABSENT, "not made with the signing key")]


def test_a_receiver_answers_as_planned() -> None:
    server = FakeServer(visits=_hooks((0, "a"), (1, "a"), (2, "a")))
    plan = {"do": "webhook_answers", "url": "${hook_url}", "plan": [500, "hang"]}
    world, run = start(case_text([plan, *SUBSCRIBED, _look("a", "a", "a", settle=8)]), server)
    times: list[int] = []
    while run.result is None and world.step():
        if len(server.heard) > len(times):
            times.append(world.now)
    assert [answered.outcome.status for answered in server.heard] == [500, 200, 200]
    assert [seconds(at - times[0]) for at in times] == [0, 2, 8]


def test_a_request_to_nobody_is_404() -> None:
    lost: Visits = {"hook": [(0, lambda _server, _url: webhook(f"{HOOKS}/elsewhere", "a", {}))]}
    server = FakeServer(visits=lost)
    assert replay(case_text([_visit("hook"), {"do": "settle", "seconds": 1}]), server).verdict == "agree"
    assert [answered.outcome.status for answered in server.heard] == [404]


# -- settling, binding, arranging ----------------------------------------------------------------------


def test_settling_and_observing_take_their_time_and_no_more() -> None:
    steps = [{"do": "settle", "seconds": 1.5}, {"do": "observe", "what": "x", "value": 1}]
    world, run = start(case_text(steps, phones=[]), FakeServer(), accounts=GIVEN)
    run_virtual(world, lambda: run.result is not None)
    assert seconds(world.now - EPOCH_AT) == 1.5


def test_names_are_bound_in_their_order() -> None:
    bind = {"do": "bind", "d": {"weekday_in_days": 0, "zone": "UTC"}, "e": {"weekday_after": "d"}}
    server = FakeServer()
    replay(case_text([bind, _call("POST", json=["${d}", "${e}"])]), server)
    assert json.loads(server.asked[-1].body) == [4, 5]


def test_a_binding_that_cannot_be_computed_is_a_difference() -> None:
    result = replay(case_text([{"do": "bind", "t": {"plus_s": 1, "of": "phone"}}]))
    assert [(at, path, expected) for at, path, expected, _ in _differences(result)] == [(0, "t", "a value")]


@pytest.mark.parametrize(
    ("answer", "differences"),
    [
        (reply(200, {"monitor_id": "mon-1"}), []),
        (reply(200, {}), [(0, "m", "a value", ABSENT)]),
        (reply(404, "Not Found"), [(0, "control", "a success", "404 Not Found")]),
    ],
)
def test_a_control_route_binds_a_name_between_others(answer: Response, differences: list[Any]) -> None:
    bind = {
        "do": "bind",
        "a": {"text": "before"},
        "m": {"control": "/phones/${phone_id}", "field": "monitor_id"},
        "b": {"text": "${m} after"},
    }
    server = FakeServer({"GET /_control/phones/phone-1": [answer]})
    result = replay(case_text([bind, _call("POST", "/v1/${a}", json="${b}")] if not differences else [bind]), server)
    assert _differences(result) == differences
    if not differences:
        assert [json.loads(request.body) for request in server.requests("POST /v1/before")] == ["mon-1 after"]


@pytest.mark.parametrize(
    ("answer", "differences"),
    [(reply(200, {}), []), (reply(500, "no"), [(0, "control", "a success", "500 no")])],
)
def test_a_fact_without_an_api_is_arranged_by_its_control_route(answer: Response, differences: list[Any]) -> None:
    arrange = {"do": "arrange", "what": "rain", "of": "/accounts/${user_id}", "set": {"sent_messages": 200}}
    server = FakeServer({"PATCH /_control/accounts/user-1": [answer]})
    assert _differences(replay(case_text([arrange]), server)) == differences
    assert json.loads(server.asked[-1].body) == {"sent_messages": 200}


# -- the run as a core -------------------------------------------------------------------------------


def test_no_secret_is_in_a_result_or_in_the_trace() -> None:
    steps = [
        _call(expect={"status": 200, "body": {}}),
        _call("POST", "/v1/rotate", capture={"new_key": "data.api_key"}, expect={"status": 201}),
        _visit("push"),
        _push_step(None),
    ]
    new_key = "uk_" + "n" * 64
    other = "pk_" + "o" * 64
    keys = {"user": USER_KEY, "phone": PHONE_KEY, "other": other, "new": new_key}
    server = FakeServer(
        {"GET /v1/x": [reply(200, keys)], "POST /v1/rotate": [reply(200, {"data": {"api_key": new_key}})]},
        _pushes(0),
    )
    world, run = start(case_text(steps), server, system_key="system-secret")
    run_virtual(world, lambda: run.result is not None)
    result = run.result
    assert result is not None
    assert len(_differences(result)) == 6
    seen = repr(result) + "\n".join(world.trace.lines())
    for secret in (USER_KEY, PHONE_KEY, other, new_key, server.token, "system-secret"):
        assert secret not in seen
    for name in ("${user_key}", "${phone_key}", "${new_key}", "${token}", "#key"):
        assert name in seen


def test_every_step_leaves_a_record_in_the_trace() -> None:
    world, run = start(case_text([_call(expect={"status": 200})]), FakeServer())
    run_virtual(world, lambda: run.result is not None)
    assert [(entry.hop, entry.kind, entry.facts) for entry in world.trace.entries] == [
        ("harness", "conform-step", {"case": "story", "step": 0, "do": "call", "differences": 1}),
        ("harness", "conform-case", {"case": "story", "verdict": "differ", "reason": ""}),
    ]


def test_two_replays_of_a_case_are_the_same() -> None:
    hashes = set()
    for _ in range(2):
        world, run = start(case_text([_call()]), FakeServer())
        run_virtual(world, lambda run=run: run.result is not None)  # type: ignore[misc]
        hashes.add((world.trace.hash, json.dumps(dict(run.names))))
    assert len(hashes) == 1


def test_a_fork_goes_on_by_itself() -> None:
    steps = [_call(capture={"n": "n"}), {"do": "settle", "seconds": 5}, _call(path="/v1/${n}")]
    world, run = start(case_text(steps), FakeServer({"GET /v1/x": [reply(200, {"n": "one"})]}))
    world.run_until(EPOCH_AT + SECOND)
    twin = world.fork()
    forked = twin.cores["conform"]
    assert isinstance(forked, ConformRun)
    forked.names["n"] = "two"
    assert run_virtual(twin, lambda: forked.result is not None)
    assert run.result is None
    assert run_virtual(world, lambda: run.result is not None)
    assert (run.names["n"], forked.names["n"]) == ("one", "two")


@pytest.mark.parametrize("event", ["nonsense", 7])
def test_an_event_that_it_does_not_know_changes_nothing(event: object) -> None:
    _, run = start(case_text([]), FakeServer())
    with pytest.raises(ProtocolError, match="not begun"):
        run.handle(event, 0)
    assert run.result is None


def test_a_run_begins_once() -> None:
    _, run = start(case_text([{"do": "settle", "seconds": 1}]), FakeServer())
    run.handle(Begin(), 0)
    with pytest.raises(ProtocolError, match="item 0"):
        run.handle(Begin(), 0)


def test_what_comes_too_late_or_too_early_is_dropped() -> None:
    steps = [_call(), {"do": "settle", "seconds": 1}]
    _, run = start(case_text(steps, phones=[]), FakeServer(), accounts=GIVEN)
    assert run.handle(Answered("99", Response(200)), 0) == []
    answered = Answered(_asked(run), Response(200))
    _, timer = run.handle(answered, 0)
    assert isinstance(timer, At)
    assert run.handle(answered, 0) == []
    assert run.handle(timer.event, SECOND) != []
    assert run.handle(timer.event, SECOND) == []


def test_a_request_before_the_beginning_and_after_the_end_is_answered() -> None:
    world, run = start(case_text([], phones=[]), FakeServer())
    lost = Arrived("e", webhook(f"{HOOKS}/x", "a", {}))
    assert run.handle(lost, 0) == [Respond("e", Response(404))]
    [before] = run.handle(Arrived("e", push("t")), 0)
    run_virtual(world, lambda: run.result is not None)
    [after] = run.handle(Arrived("e", push("t")), 0)
    assert isinstance(before, Respond)
    assert isinstance(after, Respond)
    assert (before.response.status, after.response.status) == (200, 200)


MEANS: dict[str, Any] = {"api": API, "fcm_authority": FCM, "hook_base": HOOKS, "accounts": ControlAccounts()}


def test_runs_share_no_name_number_or_receiver() -> None:
    case = read_case(case_text([]))
    made = runs([case] * 300, Draws(1, "conform"), **MEANS)
    for run in made:
        run.handle(Begin(), 0)
    assert len({run.name for run in made}) == 300
    for name in ("hook_url", "phone", "token"):
        assert len({run.names[name] for run in made}) == 300
    taken = [str(run.names["phone"]) for run in made]
    [other] = runs([case], Draws(1, "conform"), **MEANS, taken=taken)
    other.handle(Begin(), 0)
    assert other.names["phone"] not in taken


def test_a_request_belongs_to_the_case_whose_receiver_or_phone_is_asked() -> None:
    one, two = runs([read_case(case_text([]))] * 2, Draws(1, "conform"), **MEANS)
    hook = webhook(f"{HOOKS}/x", "a", {})
    assert not one.expects(hook)
    for run in (one, two):
        run.handle(Begin(), 0)
    for mine, other in [(one, two), (two, one)]:
        for request in (push(str(mine.names["token"])), webhook(str(mine.names["hook_url"]), "a", {})):
            assert mine.expects(request)
            assert not other.expects(request)
    assert not one.expects(push("t1"))


def test_what_a_case_made_is_known_to_whoever_removes_it() -> None:
    hook = reply(201, {"data": {"id": "hook-1"}})
    server = FakeServer({"POST /v1/webhooks": [hook, reply(402, {"data": {"id": "no"}})], "GET /v1/x": [hook]})
    steps = [_call("POST", "/v1/webhooks", json={}), _call("POST", "/v1/webhooks", json={}), _call()]
    world, run = start(case_text(steps), server)
    run_virtual(world, lambda: run.result is not None)
    assert run.made == ("/v1/phone-api-keys/key-1", "/v1/phones/phone-1", "/v1/webhooks/hook-1")


def test_a_tally_is_compared_with_all_that_came() -> None:
    visits = {"a": [(0.1, lambda server, url: push(server.token)), (0.2, lambda _, url: webhook(url, "sent", {}))]}
    steps = [_visit("a"), {"do": "settle", "seconds": 1}]
    tally = Tally("${token}", "${hook_url}", {"pushes": {"#oneof": [1, 3]}, "webhooks": ["sent"]})
    case = read_case(case_text(steps))
    for sequential, wanted in [({}, []), ({2: {"pushes": 3}}, [(2, "pushes", 3, 1)])]:
        case = replace(case, steps=(*case.steps[:2], tally), sequential=sequential)
        result = replay_case(case, FakeServer(visits=visits), sequential=True)
        assert _differences(result) == wanted
