"""harness.wire.integrations: what other programs send (gateway-protocol.md §2.17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.wire.bodies import Body
from harness.wire.integrations import DiscordUpdate, ThreeCxMessage, three_cx_answer


def _body(value: Any) -> Body:
    return Body(json.dumps(value).encode(), "application/json")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"from": "18005550199", "to": "18005550100", "text": " hi "}, ("+18005550199", "+18005550100", " hi ")),
        ({"from": "x", "to": " Bank ", "text": None}, ("+00", "Bank", "")),
        ({"From": "+1800"}, ("+1800", "", "")),
    ],
)
def test_a_text_of_3cx_is_taken_as_it_is(value: Any, message: tuple[str, str, str]) -> None:
    assert ThreeCxMessage.read(_body(value)) == ThreeCxMessage(*message)


def test_3cx_is_answered_in_its_own_form() -> None:
    assert three_cx_answer("m") == b'{"data":{"payload":{"id":"m"}}}'


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"name": " Game ", "server_id": " 1 ", "incoming_channel_id": "-2"}, {}),
        (
            {},
            {
                "name": ["The name field is required", "The name field must be minimum 1 char"],
                "server_id": ["The server_id field is required", "The server_id field must be numeric"],
                "incoming_channel_id": [
                    "The incoming_channel_id field is required",
                    "The incoming_channel_id field must be numeric",
                ],
            },
        ),
        (
            {"name": "Game", "server_id": "x" * 256, "incoming_channel_id": "x" * 256},
            {
                "server_id": ["The server_id field must be numeric", "The server_id field must be maximum 255 char"],
                "incoming_channel_id": [
                    "The incoming_channel_id field must be maximum 255 char",
                    "The incoming_channel_id field must be numeric",
                ],
            },
        ),
    ],
)
def test_a_discord_server_is_judged(value: Any, problems: dict[str, list[str]]) -> None:
    assert DiscordUpdate.read(_body(value)).problems() == problems
