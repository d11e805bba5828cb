"""What a scenario says, as values. A file and the Python API both end here."""

from __future__ import annotations

from dataclasses import field

from harness.cast import ContactSpec, PhoneSpec
from harness.deeds import Deed
from harness.frozen import frozen
from harness.instants import SECOND

__all__ = [
    "Act",
    "Advance",
    "CallPhone",
    "Expect",
    "Look",
    "LosePushes",
    "LoseUpdates",
    "MessageLook",
    "Never",
    "PhoneAct",
    "Place",
    "Scenario",
    "Send",
    "SmsLook",
    "Step",
    "Text",
    "WebhookLook",
]

WITHIN_DEFAULT = 30 * SECOND
FOR_DEFAULT = 5 * SECOND


@frozen
class Place:
    """Where something stands in a file; lines and columns count from 1. `excerpt` is its line, pass phrases hidden."""

    path: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.path else ""


NOWHERE = Place()
"""The place of what was written in Python."""


@frozen
class Send:
    """The client sends through the API: `text`, encrypted with `key` if there is one, or `ciphertext` as it is.

    `sim` is the phone's, 1 or 2.
    """

    sender: str
    to: str
    text: str
    key: str | None = field(default=None, repr=False)
    ciphertext: bool = False
    sim: int = 1


@frozen
class Text:
    """A contact texts a phone, at the number of that SIM."""

    sender: str
    to: str
    text: str
    sim: int = 1


@frozen
class CallPhone:
    """A contact calls a phone. `outcome` is `missed`, `answered` or `rejected`."""

    sender: str
    to: str
    outcome: str
    sim: int = 1


@frozen
class PhoneAct:
    """Something is done to a phone, its app or its radio."""

    phone: str
    deed: Deed


@frozen
class LosePushes:
    """The fault `lost-push`: the next `times` pushes to a phone are accepted and lost."""

    phone: str
    times: int


@frozen
class LoseUpdates:
    """The fault `lost-update`: from now on the gateway's handlers overwrite each other's rows."""


@frozen
class Advance:
    """Time moves on, in ns; what becomes due is done."""

    duration: int


@frozen
class SmsLook:
    """A text that somebody's handset shows."""

    to: str
    text: str | None
    sender: str | None = None
    segments: int | None = None
    not_text: str | None = None


@frozen
class MessageLook:
    """What the gateway says of a message."""

    message: str
    status: str
    reason: str | None = None


@frozen
class WebhookLook:
    """An event that reached the webhook receiver with a good token; `text` is what its content decrypts to."""

    event: str
    message: str | None = None
    text: str | None = None


Act = Send | Text | CallPhone | PhoneAct | LosePushes | LoseUpdates | Advance
Look = SmsLook | MessageLook | WebhookLook


@frozen
class Expect:
    """Something must be seen within a time (ns) from here."""

    look: Look
    within: int = WITHIN_DEFAULT


@frozen
class Never:
    """Something must not be seen for a time (ns) from here; what is there already and was never looked for counts."""

    look: Look
    duration: int = FOR_DEFAULT


@frozen
class Step:
    """One step: a verb and its modifiers. `alias` is the name that `as` gives to the message that it makes."""

    what: Act | Expect | Never
    place: Place = NOWHERE
    alias: str | None = None


@frozen
class Scenario:
    """One story. `breaks` names the invariants that it means to break."""

    name: str
    phones: tuple[PhoneSpec, ...]
    contacts: tuple[ContactSpec, ...]
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    place: Place = NOWHERE

    @property
    def may_break(self) -> tuple[str, ...]:
        """`breaks`, and what the story's faults break by their nature."""
        faulty = any(isinstance(step.what, LoseUpdates) for step in self.steps)
        return (*self.breaks, *_BROKEN_BY_LOST_UPDATES) if faulty else self.breaks


# A status goes back, and a push that was not counted is sent once more.
_BROKEN_BY_LOST_UPDATES = ("status-moves-along-the-table", "one-sms-per-send")
