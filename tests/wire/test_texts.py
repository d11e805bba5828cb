"""harness.wire.texts: the texts that are made from facts."""

from __future__ import annotations

import pytest

from harness.wire import texts


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (texts.fetched(0, "phone"), "fetched 0 phones"),
        (texts.fetched(1, "message thread"), "fetched 1 message thread"),
        (texts.fetched(2, "phone API key"), "fetched 2 phone API keys"),
        (texts.heartbeats_stored(2), "[2] heartbeats received successfully"),
        (texts.invalid("sending message"), "validation errors while sending message"),
        (texts.cannot_find("phone", "x"), "cannot find phone with ID [x]"),
        (texts.no_outstanding("x"), "Cannot find outstanding message with ID [x]"),
        (
            texts.limit_reached(200, "free"),
            "You have exceeded your limit of [200] messages on your [free] plan. "
            "Upgrade to send more messages on https://httpsms.com/billing",
        ),
        (
            texts.phone_not_allowed_why("+1", ("+2", "+3")),
            "The phone API key is does not have permission to carry out actions on the phone number [+1]. "
            "The API key is only configured for these phone numbers [+2,+3]",
        ),
        (texts.not_loaded("u", "p"), "cannot load phone with userID [u] and phoneID [p]"),
        (texts.no_token("p"), "phone with id [p] has no FCM token"),
        (
            texts.no_discord_channel("5"),
            "cannot fetch discord channel with ID [5] make sure the bot has access to the channel",
        ),
        (
            texts.no_discord_server("5"),
            "cannot fetch discord server with ID [5] make sure the bot has access to the server",
        ),
    ],
)  # fmt: skip
def test_a_text_says_its_facts_as_the_server_does(made: str, text: str) -> None:
    assert made == text
