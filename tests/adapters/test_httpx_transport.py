"""httpx and our values, both ways: httpx to a gateway without a socket, a phone to whatever httpx can reach."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import httpx
import pytest
import respx

from harness import Gateway
from harness.adapters.httpx_transport import AsyncGatewayTransport, GatewayTransport, HttpxClient
from harness.adapters.live import LiveDriver, wall_clock
from harness.cast import PhoneSpec
from harness.http.values import Call, Closed, ConnectFailed, Limits, Outcome, Request, Response, TimedOut
from harness.parties import IssuePhoneKey
from harness.phone import Phone
from harness.testbed import Places, Testbed
from harness.trace import Trace
from tests.hosting.sessions import session_of

CONTACT = "+18005550100"


# -- httpx to the gateway ----------------------------------------------------------------------------------------------


def message(gateway: Gateway) -> dict[str, str]:
    return {"from": gateway.number, "to": CONTACT, "content": "Hello"}


def test_a_client_of_httpx_reaches_the_gateway_without_a_socket() -> None:
    with Gateway() as gateway:
        headers = {"x-api-key": gateway.user_key}
        with httpx.Client(transport=gateway.transport(), base_url=gateway.url, headers=headers) as client:
            answer = client.post("/v1/messages/send", json=message(gateway))
            assert (answer.status_code, answer.json()["data"]["content"]) == (200, "Hello")
            assert gateway.wait_for_sms() == "Hello"
            listed = client.get("/v1/messages", params={"owner": gateway.number, "contact": CONTACT})
            assert [row["content"] for row in listed.json()["data"]] == ["Hello"]
            assert client.head("/health").content == b""


def test_so_does_an_asynchronous_one() -> None:
    async def story(gateway: Gateway) -> str:
        headers = {"x-api-key": gateway.user_key}
        transport = gateway.async_transport()
        async with httpx.AsyncClient(transport=transport, base_url=gateway.url, headers=headers) as client:
            answers = await asyncio.gather(*(client.post("/v1/messages/send", json=message(gateway)) for _ in range(5)))
            assert {answer.status_code for answer in answers} == {200}
            return (await gateway.contact(CONTACT).text_arrives()).text

    with Gateway() as gateway:
        assert asyncio.run(story(gateway)) == "Hello"


def test_an_application_in_the_same_loop_is_called_by_the_gateway_while_it_waits() -> None:
    """A bulk of requests in flight, a webhook in between: nobody holds up anybody."""

    async def story(gateway: Gateway) -> int:
        gateway.webhooks.subscribe(events=["message.phone.received"])
        async with httpx.AsyncClient(transport=gateway.async_transport(), base_url=gateway.url) as client:
            gateway.contact("bob").text("Hi")
            await gateway.webhooks.arrives("message.phone.received")
            return (await client.get("/v1/phones", headers={"x-api-key": gateway.user_key})).status_code

    with Gateway() as gateway:
        assert asyncio.run(story(gateway)) == 200


def nobody_answers() -> Callable[[Request], Future[Response]]:
    return lambda _request: Future()


def closed() -> Callable[[Request], Future[Response]]:
    def exchange(_request: Request) -> Future[Response]:
        answer: Future[Response] = Future()
        answer.set_exception(ConnectionError("closed"))
        return answer

    return exchange


@pytest.mark.parametrize(
    ("exchange", "raised"), [(nobody_answers(), httpx.ReadTimeout), (closed(), httpx.RemoteProtocolError)]
)
def test_what_goes_wrong_is_an_error_of_httpx(
    exchange: Callable[[Request], Future[Response]], raised: type[Exception]
) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=AsyncGatewayTransport(exchange), timeout=0.01) as client:
            await client.get("http://gateway/")

    with pytest.raises(raised), httpx.Client(transport=GatewayTransport(exchange), timeout=0.01) as client:
        client.get("http://gateway/")
    with pytest.raises(raised):
        asyncio.run(ask())


@pytest.mark.parametrize("url", ["/v1/phones", "ftp://gateway/v1/phones"])
def test_what_is_no_url_of_a_server_is_refused_with_a_remedy(url: str) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=AsyncGatewayTransport(nobody_answers())) as client:
            await client.get(url)

    told = "is no http:// or https:// URL: give the client base_url="
    client = httpx.Client(transport=GatewayTransport(nobody_answers()))
    with client, pytest.raises(httpx.UnsupportedProtocol, match=told):
        client.get(url)
    with pytest.raises(httpx.UnsupportedProtocol, match=told):
        asyncio.run(ask())


def test_a_gateway_that_has_stopped_answers_nobody() -> None:
    with Gateway() as gateway:
        transport = gateway.transport()
    with pytest.raises(httpx.RemoteProtocolError), httpx.Client(transport=transport) as client:
        client.get(gateway.url)


def test_a_late_call_without_a_socket_is_one_as_well() -> None:
    with (
        session_of() as (gateway, session),
        httpx.Client(transport=gateway.transport(), base_url=gateway.url) as client,
    ):
        with session.world_of("one"):
            pass
        assert client.get("/v1/phones").status_code == 409
        assert [call.test for call in session.take_late_calls()] == ["one"]


# -- whatever httpx can reach ------------------------------------------------------------------------------------------


def call(handler: Callable[[httpx.Request], Any], limits: Limits | None = None, **more: Any) -> Outcome:
    request = Request("POST", "https", "api.example.com", b"/v1?a=b", (("x-api-key", "uk"),), b"{}")

    async def ask() -> Outcome:
        client = HttpxClient(httpx.MockTransport(handler))
        try:
            return await client.call(Call("ask", "client", request, limits or Limits()), **more)
        finally:
            await client.close()

    return asyncio.run(ask())


def test_a_call_is_made_as_it_is_and_its_answer_is_a_value() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers=[("Location", "/x"), ("A", "1"), ("A", "2")], json={"data": None})

    outcome = call(handler)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.header("location"), outcome.last_header("A")) == (302, "/x", "2")
    assert json.loads(outcome.body) == {"data": None}
    [request] = seen
    assert (request.method, str(request.url), request.content) == ("POST", "https://api.example.com/v1?a=b", b"{}")
    assert request.headers["x-api-key"] == "uk"


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise error

    return handler


async def never(_request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize(
    ("handler", "outcome"),
    [
        (raising(httpx.ConnectError("refused")), ConnectFailed("refused", "refused")),
        (raising(httpx.ConnectTimeout("")), TimedOut("connect")),
        (raising(httpx.ReadTimeout("")), TimedOut("read")),
        (raising(httpx.RemoteProtocolError("odd")), Closed(sent_all=True, complaint="odd")),
        (never, TimedOut("total")),
    ],
)
def test_what_goes_wrong_is_an_outcome(handler: Callable[[httpx.Request], Any], outcome: Outcome) -> None:
    assert call(handler, Limits(total_s=0.01)) == outcome


def test_a_body_may_be_had_piece_by_piece_or_not_at_all() -> None:
    pieces: list[bytes] = []

    def body() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    class Stream(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            for piece in body():
                yield piece

    def handler(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Stream())

    taken = call(handler, sink=lambda _head: pieces.append)
    assert (b"".join(pieces), taken) == (b"onetwo", Response(200))
    whole = call(handler, sink=lambda _head: None)
    assert isinstance(whole, Response)
    assert whole.body == b"onetwo"


def test_a_phone_and_a_client_talk_to_a_server_that_respx_makes_up() -> None:
    """The phone logs in with the key that the client was given."""
    key = {"data": {"id": "1", "name": "phone", "api_key": "pk_made_up"}, "message": "made", "status": "success"}
    ok = {"data": {"id": "1", "user_id": "made up"}, "message": "ok", "status": "success"}

    async def story(router: respx.MockRouter) -> list[str]:
        bed = Testbed(1, places=Places(api="http://server.test"), trace=Trace(hashed=False), linked=False,
                      start_at=wall_clock(), draws_order=False, built_in_push=False)  # fmt: skip
        bed.open_account(api_key="uk_made_up")
        bed.add_phone(PhoneSpec("alice", "+18005550199"))
        bed.world.wire("phone:alice", "push", "push")  # its pushes come from within its own world
        phone = bed.world.cores["phone:alice"]
        assert isinstance(phone, Phone)
        client = HttpxClient(httpx.MockTransport(router.async_handler))
        async with LiveDriver(bed.world, client=client) as driver:
            driver.tell("client", IssuePhoneKey("log in", "phone:alice", "phone"))
            await driver.until(lambda: phone.settings.logged_in)
        return [f"{made.request.method} {made.request.url.path}" for made in router.calls]

    with respx.mock(assert_all_mocked=True, assert_all_called=False) as router:
        router.post("http://server.test/v1/phone-api-keys", headers={"x-api-key": "uk_made_up"}).respond(201, json=key)
        router.route(headers={"x-api-key": "pk_made_up"}).respond(200, json=ok)
        asked = asyncio.run(story(router))
    assert asked[:2] == ["POST /v1/phone-api-keys", "PUT /v1/phones/fcm-token"]
