"""One recorded case as typed values: what exists before it, and its steps.

The format is that of `tests/data/gateway/README.md`. A text that is no case raises `CaseError`. A step that
is well formed but of a kind (or with a field) that is not known becomes `Unknown`: its case is skipped.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from harness.errors import CaseError

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
    "Text",
    "Unknown",
    "Unsaid",
    "WebhookAnswers",
    "Webhooks",
    "WeekdayAfter",
    "WeekdayInDays",
    "WithoutPlus",
    "long_text",
    "read_case",
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


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """A user with a key and a plan; binds `<role>_id`, `<role>_key` and `<role>_email`."""

    role: str
    plan: str | None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class JsonContent:
    value: Json


@dataclass(frozen=True, slots=True)
class Text:
    """The body as text; names in it are replaced."""

    text: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """The body byte for byte."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Sheet:
    """An XLSX file whose first sheet has these rows of text cells; None = no cell."""

    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    field: str
    name: str
    content_type: str
    content: str | Sheet


@dataclass(frozen=True, slots=True)
class Files:
    """A multipart form of files."""

    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Bytes that were not recorded; `note` says in words what they were."""

    note: str


Content = JsonContent | Text | Bytes | Files | Unsaid


# -- steps -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What is expected of an answer. ABSENT is not compared; a header that is null must not be there."""

    status: Json
    body: Maybe = ABSENT
    content_type: Maybe = ABSENT
    headers: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Push:
    """The next push for a token within so many seconds; `expect` None = none comes."""

    token: str
    within_s: float
    capture: dict[str, str]
    expect: Json


@dataclass(frozen=True, slots=True)
class WebhookAnswers:
    """How the receiver answers, call by call: a status, or `hang`."""

    url: str
    plan: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Webhooks:
    """What the receiver got since the last look, after so many seconds of quiet."""

    url: str
    settle_s: float
    expect: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Settle:
    seconds: float


@dataclass(frozen=True, slots=True)
class Arrange:
    """A fact with no API, in words and as data for a control route."""

    what: str
    of: str | None
    facts: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Observe:
    """A measured value, for information."""

    what: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A step that cannot be carried out, and why."""

    do: str
    why: str


# -- bindings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """The text as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class NowPlus:
    """Now plus so many seconds, RFC 3339 with so many fraction digits."""

    seconds: float
    digits: int


@dataclass(frozen=True, slots=True)
class PlusOf:
    """A bound time plus so many seconds."""

    seconds: float
    of: str


@dataclass(frozen=True, slots=True)
class WeekdayInDays:
    """The weekday (0 = Sunday) so many days after today in a zone; if it is `but_not`, the next one."""

    days: int
    zone: str
    but_not: int | None


@dataclass(frozen=True, slots=True)
class WeekdayAfter:
    """The day after a bound weekday."""

    of: str


@dataclass(frozen=True, slots=True)
class MinutesIntoDay:
    """So many minutes after the midnight with which the day in so many days begins in a zone."""

    minutes: int
    days: int
    zone: str


@dataclass(frozen=True, slots=True)
class WithoutPlus:
    of: str


@dataclass(frozen=True, slots=True)
class Spelled:
    """A bound number written otherwise: A, B and C stand for its digits after the +1."""

    of: str
    pattern: str


@dataclass(frozen=True, slots=True)
class PathOf:
    """The path of a bound URL."""

    of: str


@dataclass(frozen=True, slots=True)
class Control:
    """A field of what a control route answers."""

    path: str
    field: str


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Bind:
    """Binds names, in this order."""

    bindings: tuple[tuple[str, Binding], ...]


Step = Call | Push | WebhookAnswers | Webhooks | Settle | Arrange | Bind | Observe | Unknown


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded case. `path` is where it was read from, `unknown` what is not known of its set-up."""

    name: str
    area: str
    about: str
    accounts: tuple[AccountSetup, ...]
    phones: tuple[PhoneSetup, ...]
    steps: tuple[Step, ...]
    path: str = ""
    unknown: tuple[str, ...] = ()


# -- reading ---------------------------------------------------------------------------------------

_NAME = re.compile(r"\$\{(\w+)\}")
_LEFT_OUT = re.compile(r"<\d+ bytes>")
_PHONE_FIELDS = {"number", "token", "id", "key", "sim", "push", "settings"}
# Facts about the recording, not about the step.
_INFORMATION = {"do", "note", "took_ms", "gaps_s"}


@dataclass(frozen=True, slots=True)
class _Node:
    """A value of the file and its place in it. Every reading method raises `CaseError` for another type."""

    path: str
    place: str
    value: Maybe

    def error(self, why: str) -> CaseError:
        return CaseError(self.path, f"{self.place}: {why}" if self.place else why)

    def __getitem__(self, name: str) -> _Node:
        """The member of that name; its value is ABSENT if there is none."""
        return _Node(self.path, f"{self.place}.{name}".lstrip("."), self.object().get(name, ABSENT))

    def __bool__(self) -> bool:
        return self.value is not ABSENT

    def object(self) -> dict[str, Json]:
        if not isinstance(self.value, dict):
            raise self.error(f"an object is needed, not {self._kind()}")
        return self.value

    def members(self) -> list[tuple[str, _Node]]:
        """Name and node of each member; none if the object is absent."""
        return [(name, self[name]) for name in self.object()] if self else []

    def items(self) -> list[_Node]:
        """The node of each item; none if the list is absent."""
        if not self:
            return []
        if not isinstance(self.value, list):
            raise self.error(f"a list is needed, not {self._kind()}")
        return [_Node(self.path, f"{self.place}[{at}]", item) for at, item in enumerate(self.value)]

    def json(self) -> Json:
        if isinstance(self.value, Absent):
            raise self.error("is missing")
        return self.value

    def others(self, known: set[str]) -> list[str]:
        """The members that have none of the known names."""
        return [name for name in self.object() if name not in known]

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.error(f"a text is needed, not {self._kind()}")
        return self.value

    def long(self) -> str:
        """A text, maybe written as a `#repeat` or `#base64`."""
        text = None if self.value is ABSENT else long_text(self.value)
        return self.text() if text is None else text

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.error(f"a number is needed, not {self._kind()}")
        return self.value

    def whole(self) -> int:
        number = self.number()
        if not isinstance(number, int):
            raise self.error(f"a whole number is needed, not {number}")
        return number

    def name(self) -> str:
        """The name in a text that is nothing but `${name}`."""
        found = _NAME.fullmatch(self.text())
        if found is None:
            raise self.error(f"a name like ${{phone}} is needed, not {self.value!r}")
        return found[1]

    def texts(self) -> dict[str, str]:
        return {name: node.text() for name, node in self.members()}

    def values(self) -> dict[str, Json]:
        return dict(self.object()) if self else {}

    def _kind(self) -> str:
        match self.value:
            case None:
                return "null"
            case bool():
                return "a boolean"
            case int() | float():
                return "a number"
            case str():
                return "a text"
            case list():
                return "a list"
            case dict():
                return "an object"
        return "nothing"


def read_case(text: str, path: str = "") -> Case:
    """Reads one case; `path` is where it comes from. Raises `CaseError` with the place of what is wrong."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CaseError(path, f"is no JSON: {error}") from error
    root = _Node(path, "", value)
    setup = root["setup"]
    return Case(
        root["case"].text(),
        root["area"].text(),
        root["about"].text() if root["about"] else "",
        tuple(_account(node) for node in setup["accounts"].items()) if setup else (),
        tuple(_phone(node) for node in setup["phones"].items()) if setup else (),
        tuple(_step(node) for node in _needed(root["steps"]).items()),
        path,
        tuple(_unknown(setup)) if setup else (),
    )


def _unknown(setup: _Node) -> Iterator[str]:
    """The places of the set-up that nobody here reads."""
    known = [(setup, {"accounts", "phones"})]
    known += [(account, {"as", "plan"}) for account in setup["accounts"].items()]
    known += [(phone, _PHONE_FIELDS) for phone in setup["phones"].items()]
    for node, names in known:
        yield from (node[name].place for name in node.others(names))


def _needed(node: _Node) -> _Node:
    if not node:
        raise node.error("is missing")
    return node


def _account(node: _Node) -> AccountSetup:
    plan = node["plan"]
    return AccountSetup(node["as"].text(), plan.text() if plan else None)


def _phone(node: _Node) -> PhoneSetup:
    push = node["push"].text()
    if push not in ("accepted", "refused"):
        raise node["push"].error(f"is accepted or refused, not {push!r}")
    return PhoneSetup(
        node["number"].name(),
        node["token"].name(),
        node["id"].name(),
        node["key"].name(),
        node["sim"].text(),
        push,
        node["settings"].values(),
    )


def _step(node: _Node) -> Step:
    do = node["do"].text()
    if do not in _STEPS:
        return Unknown(do, f"a step `{do}` is not known")
    fields, read = _STEPS[do]
    more = node.others(fields | _INFORMATION) if fields else []
    return Unknown(do, f"a `{do}` with `{more[0]}` is not known") if more else read(node)


def _call(node: _Node) -> Call:
    return Call(
        node["as"].text() if node["as"] else "none",
        node["method"].text(),
        node["path"].text(),
        node["query"].values(),
        node["headers"].values(),
        _content(node),
        node["capture"].texts(),
        node["until"].values(),
        _answer(node["expect"]) if node["expect"] else None,
    )


def _content(node: _Node) -> Content | None:
    if node["json"]:
        return JsonContent(node["json"].json())
    if node["files"]:
        return Files(tuple(_file(name, file) for name, file in node["files"].members()))
    if node["raw_base64"]:
        return Bytes(_base64(node["raw_base64"]))
    if not node["raw"]:
        return None
    raw = node["raw"].long()
    if _LEFT_OUT.fullmatch(raw):
        return Unsaid(node["note"].text() if node["note"] else raw)
    return Text(raw)


def _base64(node: _Node) -> bytes:
    try:
        return base64.b64decode(node.text(), validate=True)
    except binascii.Error as error:
        raise node.error(f"is no base64: {error}") from error


def _file(field_name: str, node: _Node) -> File:
    items = node.items()
    if len(items) != 3:
        raise node.error("a file is a name, a content type and a content")
    name, content_type, content = items
    return File(field_name, name.text(), content_type.text(), _file_content(content))


def _file_content(node: _Node) -> str | Sheet:
    if not isinstance(node.value, dict) or "sheet" not in node.value:
        return node.long()
    return Sheet(tuple(tuple(_cell(cell) for cell in row.items()) for row in _needed(node["sheet"]).items()))


def _cell(node: _Node) -> str | None:
    return None if node.value is None else node.long()


def _answer(node: _Node) -> Answer:
    return Answer(node["status"].json(), node["body"].value, node["content_type"].value, node["headers"].values())


def _push(node: _Node) -> Push:
    return Push(node["token"].text(), node["within"].number(), node["capture"].texts(), node["expect"].json())


def _webhook_answers(node: _Node) -> WebhookAnswers:
    return WebhookAnswers(node["url"].text(), tuple(_receiver_answer(item) for item in node["plan"].items()))


def _receiver_answer(node: _Node) -> int | str:
    if node.value == "hang":
        return "hang"
    return node.whole()


def _webhooks(node: _Node) -> Webhooks:
    expect = tuple(item.json() for item in _needed(node["expect"]).items())
    return Webhooks(node["url"].text(), node["settle"].number(), expect)


def _arrange(node: _Node) -> Arrange:
    return Arrange(node["what"].text(), node["of"].text() if node["of"] else None, dict(node["set"].values()))


def _bind(node: _Node) -> Bind:
    return Bind(tuple((name, _binding(kind)) for name, kind in node.members() if name not in ("do", "note")))


def _binding(node: _Node) -> Binding:
    for mark, read in _BINDINGS.items():
        if mark in node.object():
            return read(node)
    return Says(f"a binding with {sorted(node.object())} is not known")


_STEPS: dict[str, tuple[set[str], Callable[[_Node], Step]]] = {
    "call": (
        {"as", "method", "path", "query", "headers", "json", "raw", "raw_base64", "files"}
        | {"capture", "until", "expect"},
        _call,
    ),
    "push": ({"token", "within", "capture", "expect"}, _push),
    "webhook_answers": ({"url", "plan"}, _webhook_answers),
    "webhooks": ({"url", "settle", "expect"}, _webhooks),
    "settle": ({"seconds"}, lambda node: Settle(node["seconds"].number())),
    "arrange": ({"what", "of", "set"}, _arrange),
    "bind": (set(), _bind),  # its fields are the names that it binds
    "observe": ({"what", "value"}, lambda node: Observe(node["what"].text())),
}

_BINDINGS: dict[str, Callable[[_Node], Binding]] = {
    "text": lambda node: Literal(node["text"].text()),
    "now_plus_s": lambda node: NowPlus(node["now_plus_s"].number(), node["digits"].whole() if node["digits"] else 0),
    "plus_s": lambda node: PlusOf(node["plus_s"].number(), node["of"].text()),
    "weekday_in_days": lambda node: WeekdayInDays(
        node["weekday_in_days"].whole(), node["zone"].text(), node["not"].whole() if node["not"] else None
    ),
    "weekday_after": lambda node: WeekdayAfter(node["weekday_after"].text()),
    "minutes_into_day": lambda node: MinutesIntoDay(
        node["minutes_into_day"].whole(), node["in_days"].whole(), node["zone"].text()
    ),
    "without_plus": lambda node: WithoutPlus(node["without_plus"].text()),
    "spelled": lambda node: Spelled(node["spelled"].text(), node["as"].text()),
    "path_of": lambda node: PathOf(node["path_of"].text()),
    "control": lambda node: Control(node["control"].text(), node["field"].text()),
    "says": lambda node: Says(node["says"].text()),
}
