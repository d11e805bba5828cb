"""What okhttp adds and follows, proved by what the real app sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from harness.http.urls import Url
from harness.http.values import Headers, Request, Response
from harness.okhttp import FOLLOW_UPS_MAX, GaveUp, follow_up, prepare
from tests.recorded import folder

ADDED = {"content-length", "host", "connection", "accept-encoding", "user-agent"}


def _cases() -> Iterator[dict[str, Any]]:
    for path in sorted(folder("phone").glob("*.jsonl")):
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


CASES = list(_cases())


def _request(recorded: dict[str, Any]) -> Request:
    headers = tuple((name, value) for name, value in recorded["headers"])
    host = dict(headers)["Host"]
    scheme = "https" if recorded["tls"] else "http"
    body = recorded.get("body", "").encode()
    return Request(recorded["method"], scheme, host, recorded["target"].encode(), headers, body)


def _recorded(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in case["happened"] if entry["kind"] == "request"]


@pytest.mark.cases
def test_every_recorded_request_is_prepared_as_it_was_sent() -> None:
    seen = 0
    for recorded in (entry for case in CASES for entry in _recorded(case)):
        sent = _request(recorded)
        given = tuple(item for item in sent.headers if item[0].lower() not in ADDED)
        bare = Request(sent.method, sent.scheme, sent.authority, sent.target, given, sent.body)
        assert prepare(bare) == sent
        assert prepare(sent) == sent
        seen += 1
    assert seen


def _answer(case: dict[str, Any], recorded: dict[str, Any], asked: Counter[str]) -> Response | None:
    """What the gateway of the case answered: the first rule that fits, its answers in turn."""
    for rule in case["gateway"]:
        method, path = rule["on"].split(" ")
        fits = recorded["path"].startswith(path[:-1]) if path.endswith("*") else recorded["path"] == path
        if method == recorded["method"] and fits:
            answer = rule["answers"][min(asked[rule["on"]], len(rule["answers"]) - 1)]
            asked[rule["on"]] += 1
            if "status" not in answer:
                return None
            return Response(answer["status"], tuple((name, value) for name, value in answer["headers"]))
    return Response(404)


def _calls(case: dict[str, Any]) -> Iterator[tuple[Request, Response, list[Response], Request | None]]:
    """Each answer of a case, those before it in its call, and the request right after it in the same work."""
    asked: Counter[str] = Counter()
    previous: list[Response] = []
    entries = [entry for entry in case["happened"] if entry["kind"] in ("request", "work_ran", "step")]
    for entry, after in zip(entries, [*entries[1:], None], strict=True):
        if entry["kind"] != "request":
            continue
        response = _answer(case, entry, asked)
        if response is None:
            previous = []
            continue
        assert response.status == entry["answered"]
        following = after if after is not None and after["kind"] == "request" else None
        yield _request(entry), response, previous, None if following is None else _request(following)
        again = follow_up(_request(entry), response, previous)
        previous = [*previous, response] if isinstance(again, Request) else []


# Here a run of work makes more than one call, or threads make them side by side.
SEVERAL_CALLS = ("attachments/", "registration/")
FOLLOWED = [
    case
    for case in CASES
    if not case["case"].startswith(SEVERAL_CALLS)
    or case["case"] in ("attachments/redirect", "registration/login-redirect-301", "registration/login-redirect-308")
]


@pytest.mark.cases
def test_the_recorded_follow_ups_are_sent_and_no_others() -> None:
    followed = []
    for case in FOLLOWED:
        for request, response, previous, sent_next in _calls(case):
            again = follow_up(request, response, previous)
            if again is not None:
                assert again == sent_next, case["case"]
                followed.append(case["case"])
            elif sent_next is not None and response.status != 200:
                assert not case["case"].startswith("http/"), (case["case"], response, sent_next)
    assert {"http/post-redirect-301", "http/post-redirect-other-host", "http/post-408"} <= {*followed}
    assert {"http/post-503-retry-after-0", "http/get-redirect-302", "with-sentry/redirect"} <= {*followed}
    assert not {"http/post-503-retry-after-5", "http/post-redirect-no-location", "http/post-421"} & {*followed}
    assert Counter(followed)["http/post-408-twice"] == 1


POST = prepare(Request("POST", "http", "h:81", b"/a/b?c", (("x-api-key", "k"), ("Authorization", "t")), b"{}"))
GET = prepare(Request("GET", "http", "h:81", b"/a/b?c", (("x-api-key", "k"), ("Authorization", "t"))))


def answer(status: int, **headers: str) -> Response:
    return Response(status, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def moved(request: Request, url: Url, *, drop: str = "", to_get: bool = False) -> Request:
    headers: Headers = tuple(item for item in request.headers if item[0] != drop)
    method, body = ("GET", b"") if to_get else (request.method, request.body)
    return prepare(Request(method, url.scheme, url.authority, url.target, headers, body))


HERE = Url("http", "h:81", b"/x")
THERE = Url("http", "other", b"/x")
FOLLOW_UPS: list[tuple[Request, Response, Request | None]] = [
    (GET, answer(200, Location="/x"), None),
    (GET, answer(304, Location="/x"), None),
    (GET, answer(302), None),
    (GET, answer(302, Location="ftp://h/x"), None),
    (GET, answer(302, Location="http://h:99999/x"), None),
    *((GET, answer(status, Location="/x"), moved(GET, HERE)) for status in (300, 301, 302, 303, 307, 308)),
    *((POST, answer(status, Location="/x"), moved(POST, HERE, to_get=True)) for status in (300, 301, 302, 303)),
    *((POST, answer(status, Location="/x"), moved(POST, HERE)) for status in (307, 308)),
    (POST, answer(307, Location="http://other/x"), moved(POST, THERE, drop="Authorization")),
    (
        POST,
        answer(307, Location="https://h:81/x"),
        moved(POST, Url("https", "h:81", b"/x"), drop="Authorization"),
    ),
    (GET, answer(408), GET),
    (GET, answer(408, Retry_After="0"), GET),
    (GET, answer(408, Retry_After="1"), None),
    (GET, answer(503), None),
    (POST, answer(503, Retry_After="00"), POST),
    (GET, answer(503, Retry_After=""), None),
    (GET, answer(503, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), None),
    (GET, answer(503, Retry_After="9" * 5000), None),
    (GET, answer(401, Location="/x"), None),
    (GET, answer(421), None),
]


@pytest.mark.parametrize(("request_", "response", "expected"), FOLLOW_UPS)
def test_okhttp_follows_these_answers(request_: Request, response: Response, expected: Request | None) -> None:
    assert follow_up(request_, response) == expected


@pytest.mark.parametrize("response", [answer(408), answer(503, Retry_After="0")])
def test_a_request_is_repeated_once(response: Response) -> None:
    assert follow_up(GET, response, [response]) is None
    assert follow_up(GET, response, [response, answer(302, Location="/x")]) == GET


def test_the_key_goes_along_to_another_host_but_authorization_does_not() -> None:
    again = follow_up(POST, answer(307, Location="http://other/x"))
    assert isinstance(again, Request)
    assert (again.header("x-api-key"), again.header("Authorization")) == ("k", None)
    assert again.header("Host") == "other"


def test_after_twenty_follow_ups_okhttp_gives_up() -> None:
    redirect = answer(302, Location="/x")
    assert isinstance(follow_up(GET, redirect, [redirect] * (FOLLOW_UPS_MAX - 1)), Request)
    gave_up = follow_up(GET, redirect, [redirect] * FOLLOW_UPS_MAX)
    assert gave_up == GaveUp("Too many follow-up requests: 21")
    assert follow_up(GET, answer(200), [redirect] * FOLLOW_UPS_MAX) is None


PREPARED: list[tuple[str, str, str, Headers, bytes, Headers]] = [
    ("GET", "http", "H:80", (), b"", (("Host", "h"),)),
    ("GET", "https", "h:80", (), b"", (("Host", "h:80"),)),
    ("GET", "https", "u:p@h:443", (), b"", (("Host", "h"),)),
    ("GET", "http", "h", (("host", "x"), ("a", "b")), b"", (("a", "b"), ("Host", "h"))),
    (
        *("POST", "http", "h", (("Content-Length", "9"), ("a", "b")), b""),
        (
            ("a", "b"),
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", "0"),
            ("Host", "h"),
        ),
    ),
    (
        *("DELETE", "http", "h", (("content-type", "text/plain"), ("a", "b")), b"x"),
        (("a", "b"), ("Content-Type", "text/plain"), ("Content-Length", "1"), ("Host", "h")),
    ),
]


@pytest.mark.parametrize(("method", "scheme", "authority", "given", "body", "begins"), PREPARED)
def test_okhttp_adds_its_headers_behind_the_callers(
    method: str, scheme: str, authority: str, given: Headers, body: bytes, begins: Headers
) -> None:
    prepared = prepare(Request(method, scheme, authority, b"/", given, body))
    always = (("Connection", "Keep-Alive"), ("Accept-Encoding", "gzip"), ("User-Agent", "okhttp/5.4.0"))
    assert prepared.headers == begins + always
