"""What a scenario says, as values. A file and the Python API both end here."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.instants import SECOND

__all__ = [
    "Act",
    "Advance",
    "CarrierAct",
    "ContactSpec",
    "Expect",
    "FaultAct",
    "Look",
    "MessageLook",
    "Never",
    "PhoneAct",
    "PhoneSpec",
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class PhoneSpec:
    """A phone of the story. `number` is E.164."""

    name: str
    number: str
    encryption_key: str | None = field(default=None, repr=False)
    messages_per_minute: int | None = None
    message_expiration_s: int | None = None
    max_send_attempts: int | None = None


@dataclass(frozen=True, slots=True)
class ContactSpec:
    """Somebody whom the phones text with."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Send:
    """The client sends through the API: `text`, encrypted with `key` if there is one, or `ciphertext` as it is."""

    sender: str
    to: str
    text: str
    key: str | None = field(default=None, repr=False)
    ciphertext: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A contact texts a phone."""

    sender: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class PhoneAct:
    """Somebody does something with a phone: `radio` is `on` or `off`."""

    phone: str
    radio: str


@dataclass(frozen=True, slots=True)
class CarrierAct:
    """The network changes for a phone: `service` is `full` or `none`."""

    phone: str
    service: str


@dataclass(frozen=True, slots=True)
class FaultAct:
    """A fault by the name of its file, for one phone."""

    name: str
    phone: str
    times: int


@dataclass(frozen=True, slots=True)
class Advance:
    """Time moves on, in ns; what becomes due is done."""

    duration: int


@dataclass(frozen=True, slots=True)
class SmsLook:
    """A text that somebody's handset shows."""

    to: str
    text: str | None
    sender: str | None = None
    segments: int | None = None
    not_text: str | None = None


@dataclass(frozen=True, slots=True)
class MessageLook:
    """What the gateway says of a message."""

    message: str
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookLook:
    """An event that reached the webhook receiver with a good token; `text` is what its content decrypts to."""

    event: str
    message: str | None = None
    text: str | None = None


Act = Send | Text | PhoneAct | CarrierAct | FaultAct | Advance
Look = SmsLook | MessageLook | WebhookLook


@dataclass(frozen=True, slots=True)
class Expect:
    """Something must be seen within a time (ns) from here."""

    look: Look
    within: int = WITHIN_DEFAULT


@dataclass(frozen=True, slots=True)
class Never:
    """Something must not be seen for a time (ns) from here; what is there already and was never looked for counts."""

    look: Look
    duration: int = FOR_DEFAULT


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a verb and its modifiers. `alias` is the name that `as` gives to the message that it makes."""

    what: Act | Expect | Never
    place: Place = NOWHERE
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story. `breaks` names the invariants that it means to break."""

    name: str
    phones: tuple[PhoneSpec, ...]
    contacts: tuple[ContactSpec, ...]
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    place: Place = NOWHERE
