"""A phone towards a server that httpx reaches."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from harness import Gateway
from harness.errors import UsageError
from harness.httpx_phone import HttpxPhone, phone_over

NUMBER = "+18005550150"


AT, NULLS = "2026-01-01T00:00:00Z", ("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at")
# The app wants every key to be there.
MESSAGE: dict[str, Any] = {
    "contact": "+18005550100", "content": "Hello", "owner": NUMBER, "sim": "SIM1", "encrypted": False,
    "attachments": None, "type": "mobile-terminated", "status": "sending",
    **dict.fromkeys(("created_at", "updated_at", "order_timestamp", "request_received_at"), AT), **dict.fromkeys(NULLS),
}  # fmt: skip


def made_up(request: httpx.Request) -> httpx.Response:
    """A server that says yes to everything, and has one message."""
    data: dict[str, Any] = {"id": "1", "user_id": "me"}
    if request.url.path == "/v1/messages/outstanding":
        data = MESSAGE | {"id": request.url.params["message_id"]}
    return httpx.Response(200, json={"data": data, "message": "ok", "status": "success"})


def kinds(phone: HttpxPhone) -> list[str]:
    return [entry.kind for entry in phone.trace()]


def test_a_phone_fetches_a_message_and_sends_it() -> None:
    asked: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        asked.append(f"{request.method} {request.url.path} {body.get('event_name', '')}".strip())
        return made_up(request)

    async def story() -> None:
        async with phone_over(httpx.MockTransport(server), server="http://sms.test", number=NUMBER) as phone:
            assert await phone.log_in("pk_made_up")
            asked.clear()
            await phone.push("32343a19-da5e-4b1b-a767-3298a73703cb")
            assert {"fetched", "submitted", "received"} <= set(kinds(phone))

    asyncio.run(story())
    event = "POST /v1/messages/32343a19-da5e-4b1b-a767-3298a73703cb/events"
    assert asked == ["GET /v1/messages/outstanding", f"{event} SENT", f"{event} DELIVERED"]


def test_a_key_that_the_server_refuses_logs_nobody_in() -> None:
    async def story() -> bool:
        transport = httpx.MockTransport(lambda _request: httpx.Response(401))
        async with phone_over(transport, server="http://sms.test") as phone:
            return await phone.log_in("pk_wrong")

    assert asyncio.run(story()) is False


def test_a_client_sends_and_a_gateway_behind_a_transport_answers() -> None:
    """The other end may be a gateway of ours."""

    async def story(gateway: Gateway) -> str | None:
        transport = gateway.async_transport()
        async with phone_over(transport, server=gateway.url, user_key=gateway.user_key) as phone:
            answer = await phone.send("+18005550100", "Hello")
        assert answer.kind == "accepted"
        return answer.message

    with Gateway() as gateway:
        message = asyncio.run(story(gateway))
        assert message is not None
        gateway.wait_for_status(message, "delivered")  # by the gateway's own phone, which has the number


def test_something_is_done_to_it() -> None:
    async def story() -> None:
        async with phone_over(httpx.MockTransport(made_up), server="http://sms.test") as phone:
            await phone.log_in("pk_made_up")
            await phone.do("lose network")
            await phone.text(from_="BANK", text="Your code is 1234")
            assert "text forwarded" not in kinds(phone)
            await phone.do("regain network")
            assert "text forwarded" in kinds(phone)
            with pytest.raises(UsageError, match="of no use here"):
                await phone.do("pause")

    asyncio.run(story())
