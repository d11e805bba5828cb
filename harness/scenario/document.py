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
from harness.late import Words, is_open, names_in
from harness.scenario.nodes import Node, compose
from harness.scenario.plan import Place
from harness.scenario.source import FILLED_MAX, SECRETS, Source, Stop, looks_secret, shortened
from harness.scenario.variables import NO_VARIABLES, Scope, UnknownName
from harness.sms import PhoneNumber

__all__ = ["NAME_SHAPE", "Field", "documents", "is_name", "nearest", "suggest"]

_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": MS, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND}
_DURATION_MAX = 366 * 86400 * SECOND
_GONE = {"not_text": "write `text: {not: …}`", "as": "write it beside the verb, not in what stands behind it"}
_INTEGER = re.compile("-?[0-9]{1,9}")
_QUOTED = 'write it in quotes, with + and the country code: "+18005550199"'
_NAME = re.compile(r"\w(?:[\w .-]{0,62}[\w.-])?")
NAME_SHAPE = "begin with a letter or a digit; then letters, digits, dots, dashes and spaces, 64 at most"
"""What a name is made of, in words for whoever wrote another one."""


class Field:
    """One YAML node with its file, and the variables that it may refer to.

    Every reader reports what is wrong at the node's place, and raises `Stop`.
    """

    __slots__ = ("node", "scope", "source")

    def __init__(self, node: Node, source: Source, scope: Scope = NO_VARIABLES) -> None:
        self.node = node
        self.source = source
        self.scope = scope

    def within(self, scope: Scope) -> Field:
        """The same with other variables."""
        return Field(self.node, self.source, scope)

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
            yield Field(node, self.source, self.scope)

    def members(self, remedy: str = "write `key: value`") -> dict[str, tuple[Field, Field]]:
        """Key → (the key's own node, the value's node), in the order of the file."""
        if self.node.kind != "mapping":
            self.fail("a mapping belongs here", remedy)
        members: dict[str, tuple[Field, Field]] = {}
        children = self.node.children
        for key_node, value_node in zip(children[::2], children[1::2], strict=True):
            key = Field(key_node, self.source, self.scope)
            name = key_node.text if key_node.kind == "scalar" and key_node.text else key.key()
            if name in members:
                key.fail(
                    f"{shortened(name)} is here twice", f"the first one is on line {members[name][0].node.line + 1}"
                )
            members[name] = (key, Field(value_node, self.source, self.scope))
        return members

    def known(self, names: Iterable[str], required: Iterable[str] = ()) -> dict[str, Field]:
        """The members, all of them among `names` and all of `required` there."""
        before = self.source.failures
        members = self.sifted(names, required)
        if self.source.failures > before:
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
                meant.add(nearest(name, known) or name)
                value._hide_if_secret(name, known)
                key.report(f"unknown key {shortened(name)}", value._remedy_for_unknown(name, known))
        for name in missing:
            if name not in meant:
                self.report(f"{name} is missing", f"write `{name}: …`")
        if missing:
            raise Stop
        return {name: value for name, (_, value) in members.items() if name in known}

    def _remedy_for_unknown(self, key: str, known: list[str]) -> str:
        """What to write instead of a key that has this value."""
        if key in _GONE:
            return _GONE[key]
        if self.is_empty and nearest(key, known) is None:
            return "a text with a comma in it needs quotes"
        return suggest(key, known)

    def hide(self) -> None:
        """Shows stars in its place, and to the end of its line."""
        line = self.node.line
        self.source.hide((line, self.node.column), (line, len(self.source.shown(line))))

    def _hide_if_secret(self, key: str, known: list[str]) -> None:
        """Behind an unknown key may stand a pass phrase: that of a misspelt `encryption_key`."""
        if looks_secret(key) or nearest(key, known) in SECRETS:
            self.hide()

    # -- scalars -------------------------------------------------------------------------------------------------

    def _written(self, remedy: str) -> str:
        if not self.is_scalar:
            self.fail("a text belongs here", remedy)
        if self.is_empty:
            self.fail("the value is missing", remedy)
        return self.node.text

    def _scalar(self, remedy: str) -> str:
        """The text, which has to be known when the file is read."""
        text = self._written(remedy)
        return self._early(self._filled(text)) if "$" in text else text

    def _filled(self, text: str) -> Words:
        if is_open(text):
            self.fail("`${` without its end", "close it: ${name}; a dollar sign itself is $$")
        self._pay(text)
        try:
            return self.scope.filled(text)
        except UnknownName as unknown:
            near = nearest(unknown.name, self.scope.names)
            literal = "name it under `variables:`, or capture it in an earlier step; a dollar sign itself is $$"
            problem = f"nothing is named {shortened(unknown.name)}" if unknown.name else "no name between the braces"
            self.fail(problem, f"did you mean ${{{near}}}?" if near else literal)

    def _pay(self, text: str) -> None:
        """A few lines of variables that refer to each other stand for gigabytes."""
        if not self.source.pays(sum(len(self.scope.values.get(name, "")) for name in names_in(text))):
            self.fail("too much text comes of the variables", f"{FILLED_MAX >> 20} MiB at most")

    def _early(self, words: Words) -> str:
        if isinstance(words, str):
            return words
        name = names_in(words.template)[0]
        self.fail(f"${{{name}}} has no value before the story runs", "what stands here must be known when it is read")

    def key(self) -> str:
        """A key of a mapping: as it is written."""
        return self._written('write a text, or "" in quotes for the empty one')

    def text(self) -> str:
        """The characters as they are written, whatever YAML would make of them; with the values of variables."""
        return self._scalar('write a text, or "" in quotes for the empty one')

    def words(self) -> Words:
        """The same, and names may get their values while the story runs."""
        text = self._written('write a text, or "" in quotes for the empty one')
        return self._filled(text) if "$" in text else text

    def shown(self, text: str) -> str:
        """A text that was read here, for an error, in quotes."""
        return repr(self.visible(text))

    def visible(self, text: str) -> str:
        """A text that was read here, for an error: as it stands in the file where a pass phrase may be in it."""
        hidden = "$" in self.node.text and not self.source.secret_names.isdisjoint(names_in(self.node.text))
        return shortened(self.node.text if hidden else text)

    def line(self) -> str:
        """A text that is shown to people: one line, not empty, nothing invisible in it."""
        text = self._scalar("write a text")
        unseen = next((letter for letter in text if not letter.isprintable()), None)
        if unseen is not None:
            self.fail(f"nobody sees the character U+{ord(unseen):04X}", "write one line of letters, digits and signs")
        if not text.strip():
            self.fail("a text for people belongs here", "write one line of letters, digits and signs")
        return text

    def name(self) -> str:
        """The name of somebody or something in the story."""
        text = self._scalar("write a name")
        if not is_name(text):
            self.fail(f"{self.shown(text)} is no name", NAME_SHAPE)
        return text

    def number(self) -> str:
        """A phone number in quotes, as E.164."""
        text = self._scalar(_QUOTED)
        try:
            number = PhoneNumber.parse(text).e164
        except InvalidNumber as error:
            self.fail(f"{self.shown(text)} is not an E.164 number", _QUOTED if self.is_plain else error.remedy)
        # What comes of a variable is a text, with quotes or without.
        if self.is_plain and "$" not in self.node.text:
            self.fail("a number without quotes", f'YAML reads it as an integer: write "{shortened(text)}"')
        return number

    def duration(self) -> int:
        """A time with its unit, in ns."""
        remedy = "write a number with its unit: 500ms, 5s, 10m, 2h, 1d"
        text = self._scalar(remedy)
        match = _DURATION.fullmatch(text)
        if match is None:
            self.fail(f"{self.shown(text)} is no duration", remedy)
        duration = round(float(match[1]) * _UNITS[match[2]])
        if duration > _DURATION_MAX:
            self.fail(f"{shortened(text)} is too long", "366d at most")
        return duration

    def integer(self, low: int, high: int, remedy: str = "") -> int:
        text = self._scalar(f"write a whole number from {low} to {high}")
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            self.fail(f"{self.shown(text)} is no whole number from {low} to {high}", remedy)
        return int(text)

    def flag(self) -> bool:
        return self.one_of(("true", "false")) == "true"

    def one_of(self, words: Iterable[str]) -> str:
        known = list(words)
        text = self._scalar(f"known are: {', '.join(known)}")
        if text not in known:
            self.fail(f"unknown word {self.shown(text)}", suggest(text, known))
        return text


# To compare more takes longer than anybody waits for a hint.
_COMPARED_MAX = 500
_LENGTH_MAX = 100


def is_name(text: str) -> bool:
    """Somebody or something in a story may be called so."""
    return _NAME.fullmatch(text) is not None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, if any is."""
    if len(word) > _LENGTH_MAX:
        return None
    return next(iter(get_close_matches(word, list(known)[:_COMPARED_MAX], 1)), None)


def suggest(word: str, known: list[str]) -> str:
    """The remedy for a word that is not known."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else f"known are: {', '.join(known)}"


def documents(content: bytes, source: Source) -> list[Field]:
    """The documents of a file that are not empty. Reports what is wrong with it as YAML."""
    return [Field(node, source) for node in compose(content, source)]
