"""A push that FCM does not take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.core import Command, Fact, Record
from harness.draws import Draws
from harness.fault_words import FCM_ERRORS
from harness.faults.counted import OfPushes
from harness.http.values import Arrived, Request, Respond
from harness.wire.fcm import MESSAGE_ID, SendRequest, read_send, refused

__all__ = ["RefusedPush"]

_TEXTS = {
    "INVALID_ARGUMENT": "The request has an invalid argument.",
    "SENDER_ID_MISMATCH": "The token belongs to another sender.",
    "UNREGISTERED": "Requested entity was not found.",
    "QUOTA_EXCEEDED": "The sending limit is exceeded.",
    "INTERNAL": "An internal error occurred.",
    "UNAVAILABLE": "The service is unavailable.",
}


class RefusedPush(OfPushes):
    """Answers the pushes of the next `times` messages with `error`, a name in `FCM_ERRORS`.

    Of a message every try is refused: a server tries some errors again (gateway-protocol.md §9.2).
    """

    name = "refused-push"

    def __init__(self, token: str | None, error: str, times: int | None = 1) -> None:
        super().__init__(token, times)
        self.error = error
        self._messages: frozenset[str] = frozenset()

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        return None

    def admit(self, event: Any, draws: Draws) -> tuple[Any, Sequence[Command]] | None:
        send = _send(event.request) if isinstance(event, Arrived) else None
        message = None if send is None or not self._is_its(send.token) else dict(send.data).get(MESSAGE_ID)
        if message is None or (message not in self._messages and not self.happens()):
            return None
        self._messages |= {message}
        status = FCM_ERRORS[self.error]
        facts: dict[str, Fact] = {"status": status, "error": self.error}
        answer = Respond(event.exchange, refused(status, self.error, _TEXTS[self.error]))
        return None, [Record("push", "refused", message, facts), answer]


def _send(request: Request) -> SendRequest | None:
    try:
        return read_send(request.body) if request.path.endswith("/messages:send") else None
    except ValueError:
        return None
