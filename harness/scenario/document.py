"""YAML with places: every value knows its line and column, and reads itself by the rules of its kind.

YAML's own scalar rules are a trap: an unquoted +18005550199 is an integer, `on` is true, a repeated key vanishes.
So nothing is resolved here but what a field asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NoReturn

import yaml

from harness.errors import InvalidNumber, ScenarioError
from harness.instants import MS, SECOND
from harness.scenario.plan import Place
from harness.sms import PhoneNumber

__all__ = ["Field", "documents"]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": MS, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Field:
    """One YAML node with its file. Every reader raises `ScenarioError` at the node's place."""

    __slots__ = ("lines", "node", "path")

    def __init__(self, node: yaml.Node, path: str, lines: list[str]) -> None:
        self.node = node
        self.path = path
        self.lines = lines

    @property
    def place(self) -> Place:
        mark = self.node.start_mark
        excerpt = self.lines[mark.line] if mark.line < len(self.lines) else ""
        return Place(self.path, mark.line + 1, mark.column + 1, excerpt)

    def fail(self, problem: str, remedy: str = "") -> NoReturn:
        place = self.place
        raise ScenarioError(place.path, place.line, place.column, problem, place.excerpt, remedy)

    def _other(self, node: yaml.Node) -> Field:
        return Field(node, self.path, self.lines)

    # -- shapes --------------------------------------------------------------------------------------------------

    def items(self) -> Iterator[Field]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("a list belongs here", "write its entries on lines of their own, each after a dash")
        for node in self.node.value:
            yield self._other(node)

    def members(self) -> dict[str, tuple[Field, Field]]:
        """Key → (the key's own node, the value's node), in the order of the file."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("a mapping belongs here", "write `key: value`")
        members: dict[str, tuple[Field, Field]] = {}
        for key_node, value_node in self.node.value:
            key = self._other(key_node)
            name = key.text()
            if name in members:
                key.fail(f"{name} is here twice", f"the first one is on line {members[name][0].place.line}")
            members[name] = (key, self._other(value_node))
        return members

    def known(self, names: Iterable[str], required: Iterable[str] = ()) -> dict[str, Field]:
        """The members, all of them among `names` and all of `required` there."""
        members = self.members()
        known = list(names)
        for name, (key, _) in members.items():
            if name not in known:
                key.fail(f"unknown key {name}", suggest(name, known))
        for name in required:
            if name not in members:
                self.fail(f"{name} is missing", f"write `{name}: …`")
        return {name: value for name, (_, value) in members.items()}

    @property
    def is_plain(self) -> bool:
        """Written without quotes."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.style is None

    @property
    def is_empty(self) -> bool:
        return self.is_plain and not self.node.value

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    # -- scalars -------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The characters as they are written, whatever YAML would make of them."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail("a text belongs here")
        value: str = self.node.value
        return value

    def number(self) -> str:
        """A phone number in quotes, as E.164."""
        text = self.text()
        if self.is_plain:
            self.fail("a number without quotes", f'YAML reads it as an integer: write "{text}"')
        try:
            return PhoneNumber.parse(text).e164
        except InvalidNumber as error:
            self.fail(error.problem, error.remedy)

    def duration(self) -> int:
        """A time with its unit, in ns."""
        text = self.text()
        match = _DURATION.fullmatch(text)
        if match is None:
            self.fail(f"{text!r} is no duration", "write a number with its unit: 500ms, 5s, 10m, 2h, 1d")
        return round(float(match[1]) * _UNITS[match[2]])

    def integer(self, low: int, high: int) -> int:
        text = self.text()
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            self.fail(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    def flag(self) -> bool:
        return self.one_of(("true", "false")) == "true"

    def one_of(self, words: Iterable[str]) -> str:
        text = self.text()
        known = list(words)
        if text not in known:
            self.fail(f"unknown word {text!r}", suggest(text, known))
        return text


def suggest(word: str, known: list[str]) -> str:
    """The remedy for a word that is not known."""
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"known are: {', '.join(known)}"


def documents(content: bytes, path: str) -> list[Field]:
    """The YAML documents of a file. Raises `ScenarioError` for what is no UTF-8, no YAML, or empty."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise ScenarioError(
            path,
            line,
            column,
            f"byte 0x{content[error.start]:02x} is not UTF-8",
            "",
            "save the file as UTF-8",
        ) from None
    lines = text.splitlines()
    try:
        nodes: list[yaml.Node] = list(yaml.compose_all(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        raise _broken(error, path, lines) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise ScenarioError(path, line, 1, f"a character that YAML does not allow: {error.reason}") from None
    if not nodes:
        raise ScenarioError(path, 1, 1, "the file is empty", "", "begin with `scenario: what the story shows`")
    return [Field(node, path, lines) for node in nodes]


def _broken(error: yaml.MarkedYAMLError, path: str, lines: list[str]) -> ScenarioError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    excerpt = lines[line] if line < len(lines) else ""
    if "\t" in excerpt[: len(excerpt) - len(excerpt.lstrip())]:
        column = excerpt.index("\t")
        return ScenarioError(path, line + 1, column + 1, "a tab where YAML wants spaces", excerpt, "indent with spaces")
    return ScenarioError(path, line + 1, column + 1, error.problem or "broken YAML", excerpt)
