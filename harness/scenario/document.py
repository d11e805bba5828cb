"""YAML with places: every value knows its line and column, and reads itself by the rules of its kind.

YAML's own scalar rules are a trap: an unquoted +18005550199 is an integer, `on` is true, a repeated key vanishes.
So nothing is resolved here but what a field asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NoReturn

from harness.errors import InvalidNumber
from harness.instants import MS, SECOND
from harness.scenario.nodes import Node, compose
from harness.scenario.plan import Place
from harness.scenario.source import SECRETS, Source, Stop, looks_secret, shortened
from harness.sms import PhoneNumber

__all__ = ["Field", "documents", "suggest"]

_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": MS, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND}
_DURATION_MAX = 366 * 86400 * SECOND
_NAME = re.compile(r"\w(?:[\w .-]{0,62}[\w.-])?")


class Field:
    """One YAML node with its file. Every reader reports what is wrong at the node's place, and raises `Stop`."""

    __slots__ = ("node", "source")

    def __init__(self, node: Node, source: Source) -> None:
        self.node = node
        self.source = source

    @property
    def place(self) -> Place:
        line = self.node.line
        return Place(self.source.path, line + 1, self.node.column + 1, self.source.shown(line))

    def report(self, problem: str, remedy: str = "") -> None:
        self.source.report(self.node.line, self.node.column, problem, remedy)

    def fail(self, problem: str, remedy: str = "") -> NoReturn:
        self.source.fail(self.node.line, self.node.column, problem, remedy)

    # -- shapes --------------------------------------------------------------------------------------------------

    @property
    def is_scalar(self) -> bool:
        return self.node.kind == "scalar"

    @property
    def is_list(self) -> bool:
        return self.node.kind == "list"

    @property
    def is_plain(self) -> bool:
        """Written without quotes."""
        return self.node.plain

    @property
    def is_empty(self) -> bool:
        return self.node.is_empty

    def items(self) -> Iterator[Field]:
        if not self.is_list:
            self.fail("a list belongs here", "write its entries on lines of their own, each after a dash")
        for node in self.node.children:
            yield Field(node, self.source)

    def members(self, remedy: str = "write `key: value`") -> dict[str, tuple[Field, Field]]:
        """Key → (the key's own node, the value's node), in the order of the file."""
        if self.node.kind != "mapping":
            self.fail("a mapping belongs here", remedy)
        members: dict[str, tuple[Field, Field]] = {}
        children = self.node.children
        for key_node, value_node in zip(children[::2], children[1::2], strict=True):
            key = Field(key_node, self.source)
            name = key.text()
            if name in members:
                key.fail(f"{shortened(name)} is here twice", f"the first one is on line {members[name][0].place.line}")
            members[name] = (key, Field(value_node, self.source))
        return members

    def known(self, names: Iterable[str], required: Iterable[str] = ()) -> dict[str, Field]:
        """The members, all of them among `names` and all of `required` there."""
        before = len(self.source.reports)
        members = self.sifted(names, required)
        if len(self.source.reports) > before:
            raise Stop
        return members

    def sifted(self, names: Iterable[str], required: Iterable[str] = ()) -> dict[str, Field]:
        """The members that are among `names`. Reports every other one; stops only when a `required` one is missing."""
        members = self.members()
        known = list(names)
        missing = [name for name in required if name not in members]
        meant: set[str] = set()
        for name, (key, value) in members.items():
            if name not in known:
                meant.update(get_close_matches(name, known, 1))
                value._hide_if_secret(name, known)
                remedy = suggest(name, known)
                if value.is_empty and not remedy.startswith("did"):
                    remedy = "a text with a comma in it needs quotes"
                key.report(f"unknown key {shortened(name)}", remedy)
        for name in missing:
            if name not in meant:
                self.report(f"{name} is missing", f"write `{name}: …`")
        if missing:
            raise Stop
        return {name: value for name, (_, value) in members.items() if name in known}

    def hide(self) -> None:
        """Shows stars in its place, and to the end of its line."""
        line = self.node.line
        self.source.hide((line, self.node.column), (line, len(self.source.shown(line))))

    def _hide_if_secret(self, key: str, known: list[str]) -> None:
        """Behind an unknown key may stand a pass phrase: that of a misspelt `encryption_key`."""
        if looks_secret(key) or set(SECRETS) & set(get_close_matches(key, known, 1)):
            self.hide()

    # -- scalars -------------------------------------------------------------------------------------------------

    def _scalar(self, remedy: str) -> str:
        if not self.is_scalar:
            self.fail("a text belongs here", remedy)
        if self.is_empty:
            self.fail("the value is missing", remedy)
        return self.node.text

    def text(self) -> str:
        """The characters as they are written, whatever YAML would make of them."""
        return self._scalar('write a text, or "" in quotes for the empty one')

    def line(self) -> str:
        """A text that is shown to people: one line, not empty, nothing invisible in it."""
        text = self._scalar("write a text")
        if not text.strip() or not text.isprintable():
            self.fail("a text for people belongs here", "write one line of letters, digits and signs")
        return text

    def name(self) -> str:
        """The name of somebody or something in the story."""
        text = self._scalar("write a name")
        if not _NAME.fullmatch(text):
            self.fail(
                f"{shortened(text)!r} is no name", "a name has letters, digits, dots, dashes and spaces, 64 at most"
            )
        return text

    def number(self) -> str:
        """A phone number in quotes, as E.164."""
        text = self._scalar('write it in quotes, with + and the country code: "+18005550199"')
        if self.is_plain:
            self.fail("a number without quotes", f'YAML reads it as an integer: write "{shortened(text)}"')
        try:
            return PhoneNumber.parse(text).e164
        except InvalidNumber as error:
            self.fail(f"{shortened(text)!r} is not an E.164 number", error.remedy)

    def duration(self) -> int:
        """A time with its unit, in ns."""
        remedy = "write a number with its unit: 500ms, 5s, 10m, 2h, 1d"
        text = self._scalar(remedy)
        match = _DURATION.fullmatch(text)
        if match is None:
            self.fail(f"{shortened(text)!r} is no duration", remedy)
        duration = round(float(match[1]) * _UNITS[match[2]])
        if duration > _DURATION_MAX:
            self.fail(f"{text} is too long", "366d at most")
        return duration

    def integer(self, low: int, high: int) -> int:
        text = self._scalar(f"write a whole number from {low} to {high}")
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            self.fail(f"{shortened(text)!r} is no whole number from {low} to {high}")
        return int(text)

    def flag(self) -> bool:
        return self.one_of(("true", "false")) == "true"

    def one_of(self, words: Iterable[str]) -> str:
        known = list(words)
        text = self._scalar(f"known are: {', '.join(known)}")
        if text not in known:
            self.fail(f"unknown word {shortened(text)!r}", suggest(text, known))
        return text


def suggest(word: str, known: list[str]) -> str:
    """The remedy for a word that is not known."""
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else f"known are: {', '.join(known)}"


def documents(content: bytes, source: Source) -> list[Field]:
    """The documents of a file that are not empty. Reports what is wrong with it as YAML."""
    return [Field(node, source) for node in compose(content, source)]
