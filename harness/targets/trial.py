"""A trial on somebody's server: one phone of our own, one text in, one message out, and what came of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from harness.adapters.http_client import Caller
from harness.adapters.push_stream import follow_pushes
from harness.errors import NoPushService, ServerMisbehaved
from harness.frozen import frozen
from harness.http.values import Exchange, Request, Response
from harness.instants import SECOND, Instant, parse_rfc3339, rfc3339
from harness.push.streams import STREAM_PATH
from harness.targets.account import Account
from harness.targets.ears import Ear
from harness.targets.leftovers import Left, find, remove
from harness.targets.marks import PROBE, callback_path, key_name
from harness.wire.client import error_of, send_body, webhook_body
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived, accepted, read_send
from harness.wire.owned import MessageState, data_of, message_state_of, phone_body, received_body

__all__ = ["Heard", "Trial", "try_out"]

RECEIVED = "message.phone.received"
SOMEBODY = "+18005550100"
TEXT = "httpsms-harness probe"
# A real server answers 401 for up to 15 s after a key was associated (gateway-protocol.md §1.4).
ASSOCIATED_S = 20.0
# A webhook is tried twice, five seconds each (§7.4); one that comes at all comes in the first.
WEBHOOK_S = 6.0
# An FCM that cannot be reached is tried three times, after 1 and 2 s, then the message fails (§9.2).
PUSH_S = 8.0
# Whether somebody streams pushes is known at once, or the server is too slow to be told by it.
STREAM_S = 3.0
ASK_EVERY_S = 0.1

Heard = Literal["streamed", "pushed to us", "accepted elsewhere", "refused", "silent", "not sent"]
"""What the server did about a message to a phone whose token only its own push service, or ours, can know."""


@dataclass(slots=True)
class Trial:
    """What came of it. Each `…_why` tells what went wrong, in the server's words where it has some.

    `webhook` is None where there is nowhere for it to come. `clock_offset_s`: how far the server's clock is before
    ours; None where it did not tell. `left`: what could not be removed.
    """

    ready: bool = False
    ready_why: str = ""
    received: bool = False
    received_why: str = ""
    webhook: bool | None = None
    webhook_why: str = ""
    webhook_remedy: str = ""
    push: Heard = "not sent"
    push_why: str = ""
    clock_offset_s: float | None = None
    left: list[Left] = field(default_factory=list)


@frozen
class Ears:
    """Where webhooks and pushes come in, if anywhere; `callback` is what the URLs of the former begin with."""

    hooks: Ear | None = None
    callback: str = ""
    pushes: Ear | None = None

    def close(self) -> None:
        """Nobody takes what comes."""
        for ear in (self.hooks, self.pushes):
            if ear is not None:
                ear.taker = None


async def try_out(account: Account, run: str, number: str, ears: Ears, client: Caller) -> Trial:
    """Makes a phone with the number, which nobody has, and what it needs, tries both directions, and removes it all.

    Raises `ServerError`.
    """
    trying = _Trying(account, run, number, ears)
    stream = asyncio.create_task(trying.follow(client))
    try:
        await trying.go()
    finally:
        ears.close()
        stream.cancel()
        await asyncio.gather(stream, return_exceptions=True)
        trying.found.left += await remove(account, await find(account, run, [number]))
    return trying.found


class _Trying:
    """The trial as it goes."""

    def __init__(self, account: Account, run: str, number: str, ears: Ears) -> None:
        self.found = Trial()
        self._account = account
        self._run = run
        self._number = number
        self._ears = ears
        self._token = f"{TEXT.replace(' ', '-')}-{run}"
        self._hooked, self._stream = asyncio.Event(), asyncio.Event()
        if ears.hooks is not None:
            ears.hooks.taker = self._take_webhook
        if ears.pushes is not None:
            ears.pushes.taker = self._take_push

    async def follow(self, client: Caller) -> None:
        """Holds the stream of a stand-in's own push service open; any other server has none."""
        try:
            await follow_pushes(client, self._account.url + STREAM_PATH, self._token, self._hear, lambda _place: None)
        except NoPushService:
            self._stream.set()

    def _hear(self, push: Listening | PushReceived) -> None:
        self._stream.set()
        if isinstance(push, PushReceived) and push.get(MESSAGE_ID) is not None:
            self.found.push = "streamed"

    async def go(self) -> None:
        try:
            key = await self._phone()
            if key is None:
                return
            await self._subscribe()
            await self._receive(key)
            message = await self._send()
        except ServerMisbehaved as error:
            self.found.ready_why = self.found.ready_why or error.why
            return
        await asyncio.gather(self._webhook(), *([self._push(message)] if message is not None else []))

    # -- the phone -----------------------------------------------------------------------------------------------

    async def _phone(self) -> str | None:
        """The phone key, once it knows the phone's number."""
        await _within(STREAM_S, self._stream)  # a token counts from when somebody listens with it
        name = key_name(PROBE, self._run, "phone")
        made = await self._account.ask("POST", "/v1/phone-api-keys", {"name": name})
        if made.status >= 300:
            self.found.ready_why = f"no phone key can be made: {error_of(made)}"
            return None
        key = str(data_of(made).get("api_key"))
        put = await self._account.ask("PUT", "/v1/phones/fcm-token", phone_body(self._number, self._token), key=key)
        if put.status >= 300:
            self.found.ready_why = f"no phone can be registered: {error_of(put)}"
            return None
        self.found.ready = await _until(ASSOCIATED_S, lambda: self._is_associated(name))
        if self.found.ready:
            return key
        self.found.ready_why = "a phone key does not come to know its phone: the server's queue of events stands still"
        return None

    async def _is_associated(self, name: str) -> bool:
        return any(self._number in key.numbers for key in await self._account.keys() if key.name == name)

    # -- in ------------------------------------------------------------------------------------------------------

    async def _subscribe(self) -> None:
        if self._ears.hooks is None:
            return
        url = self._ears.callback + callback_path(self._run)
        made = await self._account.ask("POST", "/v1/webhooks", webhook_body(url, "", [self._number], [RECEIVED]))
        self.found.webhook = False
        if made.status >= 300:
            self.found.webhook_why = f"the server does not take {url} as a webhook: {error_of(made)}"
            self.found.webhook_remedy = "--callback-url gives another address; is there a webhook that nobody needs?"

    async def _receive(self, key: str) -> None:
        began_at = time.time_ns()
        body = received_body(SOMEBODY, self._number, TEXT, rfc3339(began_at))
        answer = await self._account.ask("POST", "/v1/messages/receive", body, key=key)
        if answer.status == 401:
            # It has been associated, and a copy in the server's memory says otherwise for a while yet (§1.4).
            answer = await self._account.ask("POST", "/v1/messages/receive", body)
        self.found.received = answer.status < 300
        self.found.received_why = "" if self.found.received else error_of(answer)
        self.found.clock_offset_s = _offset_s(answer, began_at, time.time_ns())

    async def _webhook(self) -> None:
        if self.found.webhook is not None and not self.found.webhook_why and self.found.received:
            self.found.webhook = await _within(WEBHOOK_S, self._hooked)
            if not self.found.webhook:
                self.found.webhook_why = f"no webhook came to {self._ears.callback} within {WEBHOOK_S:g} s"
                self.found.webhook_remedy = (
                    "is that address reachable from the server? --listen and --callback-url set it"
                )

    def _take_webhook(self, exchange: Exchange, request: Request) -> bool:
        if self._ears.hooks is None or not request.path.endswith(callback_path(self._run)):
            return False
        self._ears.hooks.server.respond(exchange, Response(200))
        self._hooked.set()
        return True

    # -- out -----------------------------------------------------------------------------------------------------

    async def _send(self) -> str | None:
        body = send_body(self._number, SOMEBODY, TEXT, encrypted=False)
        answer = await self._account.ask("POST", "/v1/messages/send", body)
        if answer.status >= 300:
            self.found.push_why = error_of(answer)
            return None
        return str(data_of(answer).get("id"))

    async def _push(self, message: str) -> None:
        if self.found.push == "not sent":
            self.found.push = "silent"
        await _until(PUSH_S, lambda: self._is_judged(message))

    async def _is_judged(self, message: str) -> bool:
        return self._judge(await self._state(message))

    async def _state(self, message: str) -> MessageState | None:
        answer = await self._account.ask("GET", f"/v1/messages/{message}")
        try:
            return message_state_of(answer) if answer.status == 200 else None
        except ValueError:
            return None

    def _judge(self, state: MessageState | None) -> bool:
        """What came to us was answered before the message tells of it."""
        if self.found.push != "silent":
            return True
        if state is not None and state.status == "failed":
            self.found.push, self.found.push_why = "refused", state.reason or ""
        elif state is not None and state.attempts > 0:
            self.found.push = "accepted elsewhere"
        return self.found.push != "silent"

    def _take_push(self, exchange: Exchange, request: Request) -> bool:
        try:
            send = read_send(request.body)
        except ValueError:
            return False
        if self._ears.pushes is None or send.token != self._token:
            return False
        self._ears.pushes.server.respond(exchange, accepted("httpsms-harness", "1"))
        if MESSAGE_ID in dict(send.data):
            self.found.push = "pushed to us"
        return True


async def _until(timeout_s: float, is_so: Callable[[], Awaitable[bool]]) -> bool:
    """Asks again and again, for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            while True:
                if await is_so():
                    return True
                await asyncio.sleep(ASK_EVERY_S)
    return False


async def _within(timeout_s: float, event: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
    return event.is_set()


def _offset_s(answer: Response, began_at: Instant, ended_at: Instant) -> float | None:
    """The message was made while it was asked for: halfway, for all that is known."""
    try:
        made_at = parse_rfc3339(str(data_of(answer).get("created_at")))
    except ValueError:
        return None
    return (made_at - (began_at + ended_at) // 2) / SECOND
