"""How what we make on somebody's server is recognised: by the names of keys and the paths of callbacks.

A phone has no name of its own; it is ours if it belongs to a key that is. A phone that was taken over from somebody
stays theirs: its key says so.
"""

from __future__ import annotations

import re

from harness.wire.owned import KeyRow, WebhookRow

__all__ = [
    "CALLBACK",
    "HOLD",
    "PROBE",
    "STORY",
    "TAKEN",
    "callback_path",
    "is_hold",
    "is_our_webhook",
    "is_ours",
    "key_name",
    "was_taken",
]

STORY, PROBE, TAKEN, HOLD = "story", "probe", "taken over", "number"
"""What a key was made for. One for a number has no phones: it tells other runs that the number is ours."""

CALLBACK = "/httpsms-harness/"
"""In the path of every callback URL of ours."""

# A `serve` names the keys of its phones httpsms-harness, httpsms-harness 2 …: those stay.
_OURS = re.compile(rf"httpsms-harness (?:{STORY}|{PROBE}|{TAKEN}|{HOLD}) ")
_BYTES_MAX = 60  # gateway-protocol.md §2.13


def key_name(purpose: str, run: str, phone: str) -> str:
    """The name of a phone key: `run` tells the story from all others, `phone` is cut where it is too long."""
    name = f"httpsms-harness {purpose} {run} {phone}".encode()[:_BYTES_MAX]
    return name.decode("utf-8", "ignore").strip()


def is_ours(key: KeyRow, run: str = "") -> bool:
    """A key of ours; with a `run`, of that alone."""
    found = _OURS.match(key.name)
    return found is not None and key.name[found.end() :].startswith(f"{run} " if run else "")


def was_taken(key: KeyRow) -> bool:
    """Its phones were somebody's before: they are not to be deleted."""
    return key.name.startswith(f"httpsms-harness {TAKEN} ")


def is_hold(key: KeyRow) -> bool:
    """It stands for a number, of ours or of another run."""
    return key.name.startswith(f"httpsms-harness {HOLD} ")


def callback_path(run: str) -> str:
    return f"{CALLBACK}{run}"


def is_our_webhook(webhook: WebhookRow, run: str = "") -> bool:
    """A webhook of ours; with a `run`, of that alone."""
    _, found, rest = webhook.url.partition(CALLBACK)
    return bool(found) and (not run or rest == run)
