"""What is ours on somebody's server, and what is not."""

from __future__ import annotations

import pytest

from harness.targets.marks import (
    HOLD,
    PROBE,
    STORY,
    TAKEN,
    callback_path,
    is_hold,
    is_our_webhook,
    is_ours,
    key_name,
    was_taken,
)
from harness.wire.owned import KeyRow, WebhookRow


def key(name: str) -> KeyRow:
    return KeyRow("id", name, (), ())


@pytest.mark.parametrize("purpose", [STORY, PROBE, TAKEN, HOLD])
def test_a_key_that_we_made_is_ours(purpose: str) -> None:
    made = key(key_name(purpose, "0a1b2c3d", "alice"))
    assert is_ours(made)
    assert is_ours(made, "0a1b2c3d")
    assert not is_ours(made, "0a1b2c3e")
    assert was_taken(made) is (purpose == TAKEN)
    assert is_hold(made) is (purpose == HOLD)


@pytest.mark.parametrize(
    "name", ["httpsms-harness", "httpsms-harness 2", "httpsms-harness phone", "story", "my httpsms-harness story x"]
)
def test_a_key_of_a_serve_and_of_others_is_not(name: str) -> None:
    assert not is_ours(key(name))


def test_a_name_has_sixty_bytes_at_most_and_no_half_letter() -> None:
    name = key_name(STORY, "0a1b2c3d", "ä" * 60)
    assert len(name.encode()) <= 60
    assert name.startswith("httpsms-harness story 0a1b2c3d ää")
    assert is_ours(key(name), "0a1b2c3d")


@pytest.mark.parametrize(
    ("url", "ours", "of_the_run"),
    [
        ("http://127.0.0.1:9099" + callback_path("0a1b2c3d"), True, True),
        ("https://hooks.example.com/base" + callback_path("ffffffff"), True, False),
        ("https://app.example.com/hooks", False, False),
        ("https://app.example.com/httpsms-harness", False, False),
    ],
)
def test_a_webhook_is_known_by_its_path(url: str, ours: bool, of_the_run: bool) -> None:
    webhook = WebhookRow("id", url, ())
    assert is_our_webhook(webhook) is ours
    assert is_our_webhook(webhook, "0a1b2c3d") is of_the_run
