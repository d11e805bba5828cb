"""A phone's side of the push service: follows its stream and hands the pushes to the phone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from harness.adapters.event_stream import follow
from harness.adapters.http_client import Address, Caller
from harness.errors import NoPushService
from harness.http.sse import Event
from harness.wire.fcm import Listening, PushReceived, read_push

__all__ = ["follow_pushes"]


async def follow_pushes(
    client: Caller,
    url: str,
    token: str,
    on_push: Callable[[Listening | PushReceived], None],
    on_sent: Callable[[Address], None],
) -> None:
    """Follows `url` for the registration token until cancelled. What is no push is left out.

    Raises `NoPushService` if no push service is there.
    """

    def read(event: Event) -> None:
        if event.event == "listening":
            on_push(Listening(token))
        elif (data := read_push(event.data)) is not None:
            on_push(PushReceived(token, data))

    answer = await follow(client, f"{url}?token={quote(token, safe='')}", read, on_sent=on_sent)
    raise NoPushService(url, answer.status)
