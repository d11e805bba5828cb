"""What okhttp follows, proved by what the real app sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from harness.http.urls import Url
from harness.http.values import Headers, Request, Response
from harness.okhttp.follow_ups import FOLLOW_UPS_MAX, GaveUp, follow_up
from harness.okhttp.headers import prepare
from tests.okhttp.recordings import CASES, outcome_of, request_of


def _calls(case: dict[str, Any]) -> Iterator[tuple[Request, Response, list[Response], Request | None]]:
    """Each answer of a case, those before it in its call, and the request right after it in the same work."""
    asked: Counter[str] = Counter()
    previous: list[Response] = []
    entries = [entry for entry in case["happened"] if entry["kind"] in ("request", "work_ran", "step")]
    for entry, after in zip(entries, [*entries[1:], None], strict=True):
        if entry["kind"] != "request":
            continue
        response = outcome_of(case, request_of(entry), asked)
        if not isinstance(response, Response):
            previous = []
            continue
        assert response.status == entry["answered"]
        following = after if after is not None and after["kind"] == "request" else None
        yield request_of(entry), response, previous, None if following is None else request_of(following)
        again = follow_up(request_of(entry), response, previous)
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
FOLLOW_UPS: list[tuple[Request, Response, Request | GaveUp | None]] = [
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
    (GET, answer(503, Retry_After="2147483647"), None),
    *(
        (
            GET,
            answer(status, Retry_After=digits),
            GaveUp(f'For input string: "{digits[:100]}"', "NumberFormatException"),
        )
        for status, digits in ((503, "2147483648"), (408, "9" * 5000))
    ),
    (GET, answer(407), GaveUp("Received HTTP_PROXY_AUTH (407) code while not using proxy")),
    (GET, Response(302, (("Location", "/y"), ("location", "/x"))), moved(GET, HERE)),
    (GET, answer(401, Location="/x"), None),
    (GET, answer(421), None),
]


@pytest.mark.parametrize(("request_", "response", "expected"), FOLLOW_UPS)
def test_okhttp_follows_these_answers(request_: Request, response: Response, expected: Request | GaveUp | None) -> None:
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
