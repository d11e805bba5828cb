"""One recorded case as typed values: what exists before it, and its steps."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Final, TypeAlias

from harness.frozen import frozen

__all__ = [
    "ABSENT",
    "Absent",
    "AccountSetup",
    "Answer",
    "Arrange",
    "Bind",
    "Binding",
    "Bytes",
    "Call",
    "Case",
    "Content",
    "Control",
    "File",
    "Files",
    "Json",
    "JsonContent",
    "Literal",
    "Maybe",
    "MinutesIntoDay",
    "NowPlus",
    "Observe",
    "PathOf",
    "PhoneSetup",
    "PlusOf",
    "Push",
    "Says",
    "Settle",
    "Sheet",
    "Spelled",
    "Step",
    "Tally",
    "Text",
    "Unknown",
    "Unsaid",
    "WebhookAnswers",
    "Webhooks",
    "WeekdayAfter",
    "WeekdayInDays",
    "WithoutPlus",
    "long_text",
]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Absent(Enum):
    """Stands where a value is not there at all, which is something else than null."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

Maybe: TypeAlias = "Json | Absent"


def long_text(value: Json) -> str | None:
    """The text that a `#repeat` or `#base64` stands for; None for any other value."""
    match value:
        case {"#repeat": {"unit": str(unit), "count": int(count)}}:
            return unit * count
        case {"#base64": {"repeat": str(unit), "bytes": int(count)}}:
            data = unit.encode()
            return base64.b64encode((data * (count // len(data) + 1))[:count]).decode() if data else ""
    return None


# -- the set-up ------------------------------------------------------------------------------------


@frozen
class AccountSetup:
    """A user with a key and a plan; binds `<role>_id`, `<role>_key` and `<role>_email`."""

    role: str
    plan: str | None


@frozen
class PhoneSetup:
    """A registered phone. `number`, `token`, `id` and `key` are the names that its facts are bound to."""

    number: str
    token: str
    id: str
    key: str
    sim: str
    push: str
    settings: dict[str, Json]

    @property
    def key_id(self) -> str:
        """`phone_key_id` for `phone_key`, `phone_key_id2` for `phone_key2`."""
        return re.sub(r"(\d*)$", r"_id\1", self.key, count=1)


# -- the body of a call ----------------------------------------------------------------------------


@frozen
class JsonContent:
    value: Json


@frozen
class Text:
    """The body as text; names in it are replaced."""

    text: str


@frozen
class Bytes:
    """The body byte for byte."""

    data: bytes


@frozen
class Sheet:
    """An XLSX file whose first sheet has these rows of text cells; None = no cell."""

    rows: tuple[tuple[str | None, ...], ...]


@frozen
class File:
    field: str
    name: str
    content_type: str
    content: str | Sheet


@frozen
class Files:
    """A multipart form of files."""

    files: tuple[File, ...]


@frozen
class Unsaid:
    """Bytes that were not recorded; `note` says in words what they were."""

    note: str


Content = JsonContent | Text | Bytes | Files | Unsaid


# -- steps -----------------------------------------------------------------------------------------


@frozen
class Answer:
    """What is expected of an answer. ABSENT is not compared; a header that is null must not be there.

    `places` are looked at in a body whose rest does not matter: dotted path → value.
    """

    status: Json
    body: Maybe = ABSENT
    content_type: Maybe = ABSENT
    headers: dict[str, Json] = field(default_factory=dict)
    places: Mapping[str, Json] = field(default_factory=dict)


@frozen
class Call:
    """A request. `role` is `user`, `other`, `phone`, `phone2`, `none`, or the name of a bound key."""

    role: str
    method: str
    path: str
    query: dict[str, Json]
    headers: dict[str, Json]
    content: Content | None
    capture: dict[str, str]
    until: dict[str, Json]
    expect: Answer | None


@frozen
class Push:
    """The next push for a token within so many seconds; `expect` None = none comes."""

    token: str
    within_s: float
    capture: dict[str, str]
    expect: Json


@frozen
class WebhookAnswers:
    """How the receiver answers, call by call: a status, or `hang`."""

    url: str
    plan: tuple[int | str, ...]


@frozen
class Webhooks:
    """What the receiver got since the last look, after so many seconds of quiet."""

    url: str
    settle_s: float
    expect: tuple[Json, ...]


@frozen
class Tally:
    """What came from the beginning on, by number and kind: `pushes` for a token, the sorted types of the `webhooks`."""

    token: str
    url: str
    expect: Mapping[str, Json]


@frozen
class Settle:
    seconds: float


@frozen
class Arrange:
    """A fact with no API, in words and as data for a control route."""

    what: str
    of: str | None
    facts: dict[str, Json]


@frozen
class Observe:
    """A measured value, for information."""

    what: str


@frozen
class Unknown:
    """A step that cannot be carried out, and why."""

    do: str
    why: str


# -- bindings --------------------------------------------------------------------------------------


@frozen
class Literal:
    """The text as it is."""

    text: str


@frozen
class NowPlus:
    """Now plus so many seconds, RFC 3339 with so many fraction digits."""

    seconds: float
    digits: int


@frozen
class PlusOf:
    """A bound time plus so many seconds."""

    seconds: float
    of: str


@frozen
class WeekdayInDays:
    """The weekday (0 = Sunday) so many days after today in a zone; if it is `but_not`, the next one."""

    days: int
    zone: str
    but_not: int | None


@frozen
class WeekdayAfter:
    """The day after a bound weekday."""

    of: str


@frozen
class MinutesIntoDay:
    """So many minutes after the midnight with which the day in so many days begins in a zone."""

    minutes: int
    days: int
    zone: str


@frozen
class WithoutPlus:
    of: str


@frozen
class Spelled:
    """A bound number written otherwise: A, B and C stand for its digits after the +1."""

    of: str
    pattern: str


@frozen
class PathOf:
    """The path of a bound URL."""

    of: str


@frozen
class Control:
    """A field of what a control route answers."""

    path: str
    field: str


@frozen
class Says:
    """Only words: nothing that can be computed."""

    why: str


Binding = (
    Literal
    | NowPlus
    | PlusOf
    | WeekdayInDays
    | WeekdayAfter
    | MinutesIntoDay
    | WithoutPlus
    | Spelled
    | PathOf
    | Control
    | Says
)


@frozen
class Bind:
    """Binds names, in this order."""

    bindings: tuple[tuple[str, Binding], ...]


Step = Call | Push | WebhookAnswers | Webhooks | Tally | Settle | Arrange | Bind | Observe | Unknown


@frozen
class Case:
    """One recorded case.

    `path` is where it was read from, `lines` the lines of its steps there (empty: not known), `unknown` what is not
    known of its set-up. `sequential`: what each race of a step comes to where one event is handled after the other,
    by path. `shares`: its account may be used by others at the same time, as it looks at nothing but its own phone.
    """

    name: str
    area: str
    about: str
    accounts: tuple[AccountSetup, ...]
    phones: tuple[PhoneSetup, ...]
    steps: tuple[Step, ...]
    path: str = ""
    unknown: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    sequential: Mapping[int, Mapping[str, Json]] = field(default_factory=dict)
    shares: bool = False
