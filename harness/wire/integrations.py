"""What other programs send to the server: 3CX, and the settings of Discord (gateway-protocol.md §2.17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from harness.frozen import frozen
from harness.wire import numbers, rules
from harness.wire.bodies import Body
from harness.wire.json import Kind, dumps, text
from harness.wire.rules import Problems, problems, required

__all__ = ["DiscordUpdate", "ThreeCxMessage", "three_cx_answer"]

_THREE_CX: Mapping[str, Kind] = {"from": text, "to": text, "text": text}


@frozen
class ThreeCxMessage:
    """`POST /integration/3cx/messages`: nothing is refused, an owner that is no number becomes `+00`."""

    owner: str
    contact: str
    content: str

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_THREE_CX)
        return cls(numbers.owner(found.get("from", "")), numbers.address(found.get("to", "")), found.get("text", ""))


def three_cx_answer(message_id: str) -> bytes:
    """An answer without the envelope of all others."""
    data: dict[str, Any] = {"data": {"payload": {"id": message_id}}}
    return dumps(data)


_DISCORD: Mapping[str, Kind] = {"name": text, "server_id": text, "incoming_channel_id": text}
_NAME = (required, rules.minimum(1), rules.maximum(255))
_SERVER = (required, rules.numeric, rules.maximum(255))
_CHANNEL = (required, rules.maximum(255), rules.numeric)


@frozen
class DiscordUpdate:
    """`POST` and `PUT` of `/v1/discord-integrations`."""

    name: str = ""
    server_id: str = ""
    incoming_channel_id: str = ""

    @classmethod
    def read(cls, body: Body) -> Self:
        return cls(**{name: value.strip() for name, value in body.fields(_DISCORD).items()})

    def problems(self) -> Problems:
        return problems(
            ("name", self.name, _NAME),
            ("server_id", self.server_id, _SERVER),
            ("incoming_channel_id", self.incoming_channel_id, _CHANNEL),
        )
