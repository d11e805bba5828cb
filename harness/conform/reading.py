"""Reads a recorded case: JSON text → values.

The format is that of `harness/recordings/gateway/README.md`. A text that is no case raises `CaseError`. A step that
is well formed but of a kind (or with a field) that is not known becomes `Unknown`: its case is skipped.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator

from harness.conform.cases import (
    ABSENT,
    Absent,
    AccountSetup,
    Answer,
    Arrange,
    Bind,
    Binding,
    Bytes,
    Call,
    Case,
    Content,
    Control,
    File,
    Files,
    Json,
    JsonContent,
    Literal,
    Maybe,
    MinutesIntoDay,
    NowPlus,
    Observe,
    PathOf,
    PhoneSetup,
    PlusOf,
    Push,
    Says,
    Settle,
    Sheet,
    Spelled,
    Step,
    Text,
    Unknown,
    Unsaid,
    WebhookAnswers,
    Webhooks,
    WeekdayAfter,
    WeekdayInDays,
    WithoutPlus,
    long_text,
)
from harness.errors import CaseError
from harness.frozen import frozen

__all__ = ["Node", "read_case"]

_NAME = re.compile(r"\$\{(\w+)\}")
_DO = re.compile(r'"do"\s*:')
_LEFT_OUT = re.compile(r"<\d+ bytes>")
_PHONE_FIELDS = {"number", "token", "id", "key", "sim", "push", "settings"}
# Facts about the recording, not about the step.
_INFORMATION = {"do", "note", "took_ms", "gaps_s"}


@frozen
class Node:
    """A value of the file and its place in it. Every reading method raises `CaseError` for another type."""

    path: str
    place: str
    value: Maybe

    def error(self, why: str) -> CaseError:
        return CaseError(self.path, f"{self.place}: {why}" if self.place else why)

    def __getitem__(self, name: str) -> Node:
        """The member of that name; its value is ABSENT if there is none."""
        return Node(self.path, f"{self.place}.{name}".lstrip("."), self.object().get(name, ABSENT))

    def __bool__(self) -> bool:
        return self.value is not ABSENT

    def object(self) -> dict[str, Json]:
        if not isinstance(self.value, dict):
            raise self.error(f"an object is needed, not {self._kind()}")
        return self.value

    def members(self) -> list[tuple[str, Node]]:
        """Name and node of each member; none if the object is absent."""
        return [(name, self[name]) for name in self.object()] if self else []

    def items(self) -> list[Node]:
        """The node of each item; none if the list is absent."""
        if not self:
            return []
        if not isinstance(self.value, list):
            raise self.error(f"a list is needed, not {self._kind()}")
        return [Node(self.path, f"{self.place}[{at}]", item) for at, item in enumerate(self.value)]

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
    root = Node(path, "", value)
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
        _lines(text, len(root["steps"].items())),
    )


def _lines(text: str, count: int) -> tuple[int, ...]:
    """The line of each step, as its `do` tells; none if something else says `do`, too."""
    lines = [number for number, line in enumerate(text.split("\n"), start=1) for _ in _DO.finditer(line)]
    return tuple(lines) if len(lines) == count else ()


def _unknown(setup: Node) -> Iterator[str]:
    """The places of the set-up that nobody here reads."""
    known = [(setup, {"accounts", "phones"})]
    known += [(account, {"as", "plan"}) for account in setup["accounts"].items()]
    known += [(phone, _PHONE_FIELDS) for phone in setup["phones"].items()]
    for node, names in known:
        yield from (node[name].place for name in node.others(names))


def _needed(node: Node) -> Node:
    if not node:
        raise node.error("is missing")
    return node


def _account(node: Node) -> AccountSetup:
    plan = node["plan"]
    return AccountSetup(node["as"].text(), plan.text() if plan else None)


def _phone(node: Node) -> PhoneSetup:
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


def _step(node: Node) -> Step:
    do = node["do"].text()
    if do not in _STEPS:
        return Unknown(do, f"a step `{do}` is not known")
    fields, read = _STEPS[do]
    more = node.others(fields | _INFORMATION) if fields else []
    return Unknown(do, f"a `{do}` with `{more[0]}` is not known") if more else read(node)


def _call(node: Node) -> Call:
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


def _content(node: Node) -> Content | None:
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


def _base64(node: Node) -> bytes:
    try:
        return base64.b64decode(node.text(), validate=True)
    except binascii.Error as error:
        raise node.error(f"is no base64: {error}") from error


def _file(field_name: str, node: Node) -> File:
    items = node.items()
    if len(items) != 3:
        raise node.error("a file is a name, a content type and a content")
    name, content_type, content = items
    return File(field_name, name.text(), content_type.text(), _file_content(content))


def _file_content(node: Node) -> str | Sheet:
    if not isinstance(node.value, dict) or "sheet" not in node.value:
        return node.long()
    return Sheet(tuple(tuple(_cell(cell) for cell in row.items()) for row in _needed(node["sheet"]).items()))


def _cell(node: Node) -> str | None:
    return None if node.value is None else node.long()


def _answer(node: Node) -> Answer:
    return Answer(node["status"].json(), node["body"].value, node["content_type"].value, node["headers"].values())


def _push(node: Node) -> Push:
    return Push(node["token"].text(), node["within"].number(), node["capture"].texts(), node["expect"].json())


def _webhook_answers(node: Node) -> WebhookAnswers:
    return WebhookAnswers(node["url"].text(), tuple(_receiver_answer(item) for item in node["plan"].items()))


def _receiver_answer(node: Node) -> int | str:
    if node.value == "hang":
        return "hang"
    return node.whole()


def _webhooks(node: Node) -> Webhooks:
    expect = tuple(item.json() for item in _needed(node["expect"]).items())
    return Webhooks(node["url"].text(), node["settle"].number(), expect)


def _arrange(node: Node) -> Arrange:
    return Arrange(node["what"].text(), node["of"].text() if node["of"] else None, dict(node["set"].values()))


def _bind(node: Node) -> Bind:
    return Bind(tuple((name, _binding(kind)) for name, kind in node.members() if name not in ("do", "note")))


def _binding(node: Node) -> Binding:
    for mark, read in _BINDINGS.items():
        if mark in node.object():
            return read(node)
    return Says(f"a binding with {sorted(node.object())} is not known")


_STEPS: dict[str, tuple[set[str], Callable[[Node], Step]]] = {
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

_BINDINGS: dict[str, Callable[[Node], Binding]] = {
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
