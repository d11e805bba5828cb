"""What a scenario says, as values. A file and the Python API both end here.

Variables, rows, `repeat` and `include` are gone by now: what is left are steps, one after the other, and `together`.
Names stand for people (their numbers are in the cast) and for messages; a number in a story begins with `+`. Durations
are in ns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

from harness.answers import Answer, Capture
from harness.behaviours import Behaviour
from harness.capability import Capability
from harness.carrier_rules import Rule
from harness.cast import ContactSpec, GatewaySpec, PhoneSpec
from harness.deeds import Deed
from harness.frozen import frozen
from harness.instants import SECOND
from harness.late import Words
from harness.matchers import Matcher

__all__ = [
    "FOR_DEFAULT",
    "NOWHERE",
    "WITHIN_DEFAULT",
    "Act",
    "Advance",
    "Answer",
    "Api",
    "Attachment",
    "Behave",
    "CallPhone",
    "Capture",
    "Carrier",
    "ClearCarrier",
    "Distance",
    "EndFault",
    "Expect",
    "ExpectOrder",
    "Fault",
    "Gateway",
    "Look",
    "MessageLook",
    "Never",
    "PhoneAct",
    "Place",
    "Scenario",
    "Send",
    "SmsLook",
    "Step",
    "Text",
    "Together",
    "TraceLook",
    "WebhookLook",
    "Webhooks",
    "every_step",
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


# -- acts --------------------------------------------------------------------------------------------------------------


@frozen
class Send:
    """The client sends through the API: `text`, encrypted with `key` if there is one, or `ciphertext` as it is.

    `sim` is the phone's, 1 or 2. `to`: names or numbers; several are one request to the bulk route. `later`: so
    much later (ns), by `send_at`. `attachments` are URLs.
    """

    sender: str
    to: tuple[str, ...]
    text: Words
    key: str | None = field(default=None, repr=False)
    ciphertext: bool = False
    sim: int = 1
    request_id: Words | None = None
    later: int | None = None
    attachments: tuple[Words, ...] = ()
    answer: Answer = Answer()


@frozen
class Attachment:
    """Something in a multimedia message: `size` bytes of a `content_type`, made up."""

    name: str
    content_type: str
    size: int


@frozen
class Text:
    """A contact texts a phone, at the number of that SIM. With `attachments` it is an MMS. `flash`: class 0."""

    sender: str
    to: str
    text: Words
    sim: int = 1
    attachments: tuple[Attachment, ...] = ()
    flash: bool = False


@frozen
class CallPhone:
    """A contact calls a phone. `outcome` is `missed`, `answered` or `rejected`. `withheld`: without a number."""

    sender: str
    to: str
    outcome: str
    sim: int = 1
    withheld: bool = False


@frozen
class PhoneAct:
    """Something is done to a phone, its app or its radio."""

    phone: str
    deed: Deed


@frozen
class Behave:
    """From now on a contact does this about what it reads, and nothing else."""

    contact: str
    behaviours: tuple[Behaviour, ...]


@frozen
class Carrier:
    """From now on the network has these rules as well. `only.sender` and `only.to` may be names of the cast."""

    rules: tuple[Rule, ...]


@frozen
class ClearCarrier:
    """The network's rules of this `kind` (the name of the class) end; None: all of them."""

    kind: str | None = None


@frozen
class Fault:
    """A fault between two parties from now on, by its name in `FAULTS`; each takes some of these.

    `phone`: whose (None: everybody's). `times`: how often (None: until it ends). `delay`: how late, in ns. `status`: of
    an HTTP answer. `error`: FCM's (`UNREGISTERED` …). `who`: whose requests, `client` or `phone`.
    """

    name: str
    phone: str | None = None
    times: int | None = None
    delay: int = 0
    status: int = 0
    error: str = ""
    who: str = ""


@frozen
class EndFault:
    """The fault of that name ends; None: all of them."""

    name: str | None = None


@frozen
class Webhooks:
    """How the webhook receiver answers the next `times` calls (None: all from now on).

    `answer` is a status; `hang`: no answer in time; `down`: no connection.
    """

    answer: int | str
    times: int | None = None


@frozen
class Gateway:
    """Facts of the gateway that have no API are set (the control routes of the stand-in).

    Of the account: `plan`, `sent_messages`, `received_messages`. With a `phone`, of that: `last_heartbeat_age_s`,
    `messages_per_minute` (0: none), `message_expiration_seconds`.
    """

    facts: tuple[tuple[str, str | int], ...]
    phone: str | None = None


@frozen
class Api:
    """Any request to the API. `path` begins with `/`, and may have a query.

    `credential`: `user`, `none`, or the name of a phone, whose phone key it is. `key` is sent instead, as `x-api-key`.
    `body` is what JSON has, its texts `Words`; `raw` is sent as it is.
    """

    method: str
    path: Words
    credential: str = "user"
    key: Words | None = field(default=None, repr=False)
    headers: tuple[tuple[str, Words], ...] = ()
    body: Any = None
    raw: Words | None = None
    answer: Answer = Answer()


@frozen
class Advance:
    """Time moves on, in ns; what becomes due is done."""

    duration: int


# -- looks -------------------------------------------------------------------------------------------------------------


@frozen
class SmsLook:
    """A text that somebody's handset shows. `to` and `sender` are names or numbers, or what a phone shows (BANK)."""

    to: str
    text: Matcher | None = None
    sender: str | None = None
    segments: int | None = None


@frozen
class MessageLook:
    """What the gateway says of a message."""

    message: str
    status: str
    reason: Matcher | None = None


@frozen
class WebhookLook:
    """An event that reached the webhook receiver with a good token; `text` is what its content decrypts to.

    `facts` are others of its data: `sim`, `error_message`, `request_id`, `contact` …
    """

    event: str
    message: str | None = None
    text: Matcher | None = None
    facts: tuple[tuple[str, Matcher], ...] = ()


@frozen
class TraceLook:
    """Any entry of the trace. `kind` None: any of the hop."""

    hop: str
    kind: str | None = None
    message: str | None = None
    facts: tuple[tuple[str, Matcher], ...] = ()


Look = SmsLook | MessageLook | WebhookLook | TraceLook


@frozen
class Expect:
    """Something must be seen within a time (ns) from here, `at_least` so often.

    With `at_most` the whole time is waited for, and no more than so many may come. At least 0 needs an `at_most`.
    """

    look: Look
    within: int = WITHIN_DEFAULT
    at_least: int = 1
    at_most: int | None = None
    captures: tuple[Capture, ...] = ()


@frozen
class Never:
    """Something must not be seen for a time (ns) from here; what is there already and was never looked for counts."""

    look: Look
    duration: int = FOR_DEFAULT


@frozen
class ExpectOrder:
    """All of these must be seen within a time (ns), each after the one before it. Others may come in between."""

    looks: tuple[Look, ...]
    within: int = WITHIN_DEFAULT


@frozen
class Distance:
    """How long it took from one named step to another (ns): what the steps found, or made."""

    first: str
    then: str
    at_least: int | None = None
    at_most: int | None = None


# -- the story ---------------------------------------------------------------------------------------------------------


@frozen
class Together:
    """Branches of steps that run at the same time; the story goes on when all have ended."""

    branches: tuple[tuple[Step, ...], ...]


Act = (
    Send
    | Text
    | CallPhone
    | PhoneAct
    | Behave
    | Carrier
    | ClearCarrier
    | Fault
    | EndFault
    | Webhooks
    | Gateway
    | Api
    | Advance
)


@frozen
class Step:
    """One step: a verb and its modifiers. `alias` is the name that `as` gives to what it makes or finds.

    `title`: the step in words, where there is no line of a file to show.
    """

    what: Act | Expect | Never | ExpectOrder | Distance | Together
    place: Place = NOWHERE
    alias: str | None = None
    title: str = ""


@frozen
class Scenario:
    """One story. `breaks` names the invariants that it means to break.

    `row`: which row of its table it is, in words. `skip`: why it does not run. `expect_failure`: the known defect that
    it shows, so that it passes as long as it fails. `requires`: what the target must be able to do, beside what the
    steps need by their nature.
    """

    name: str
    phones: tuple[PhoneSpec, ...]
    contacts: tuple[ContactSpec, ...]
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    place: Place = NOWHERE
    about: str = ""
    row: str = ""
    skip: str | None = None
    expect_failure: str | None = None
    requires: tuple[Capability, ...] = ()
    gateway: GatewaySpec = GatewaySpec()

    @property
    def may_break(self) -> tuple[str, ...]:
        """`breaks`, and what the story's faults break by their nature."""
        names = {step.what.name for step in every_step(self.steps) if isinstance(step.what, Fault)}
        return (*self.breaks, *(rule for name in sorted(names) for rule in _BROKEN_BY.get(name, ())))

    @property
    def title(self) -> str:
        """The name, with the row behind it."""
        return f"{self.name} [{self.row}]" if self.row else self.name


def every_step(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and those in the branches of each `together`, in the order of the story."""
    for step in steps:
        yield step
        if isinstance(step.what, Together):
            for branch in step.what.branches:
                yield from every_step(branch)


_BROKEN_BY = {
    # A status goes back, a push that was not counted is sent once more, and two first events of a contact make two
    # threads (gateway-protocol.md §10.2-39).
    "lost-update": ("status-moves-along-the-table", "one-sms-per-send", "thread-shows-its-last-message"),
    # A phone that does not hear that its text was taken posts it once more.
    "lost-answer": ("one-message-per-text",),
}
