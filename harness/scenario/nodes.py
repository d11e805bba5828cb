"""Bytes → YAML nodes that know their places. Nothing is resolved: what a scalar means, its reader says.

Anchors, aliases and tags are refused: a story needs none, and a few lines of aliases stand for gigabytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from harness.late import names_in
from harness.scenario.source import SECRETS, Source, masked, shortened

__all__ = ["SIZE_MAX", "Node", "compose", "hide_variables"]

SIZE_MAX = 1 << 20
_DEPTH_MAX = 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What YAML 1.1 takes in a stream, and what libyaml takes of that: no byte order mark in the middle. Made only for a
# text with other letters than these: it takes a while.
_NOT_YAML = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_NOT_ASCII = re.compile("[^\t\n\r\x20-\x7e]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# A piece of the parser's complaint → what to do about it.
_REMEDIES = {
    "mapping values are not allowed": "a text with a colon in it needs quotes",
    "cannot start any token": "a text that begins like this needs quotes",
    "',' or '}'": "close the braces, or put a text with , : } in quotes",
    "',' or ']'": "close the brackets, or put a text with , : ] in quotes",
    "end of stream": "close the quotes",
    "Unicode character escape": "write the character itself, or \\U and its 8 digits",
    "escape": "a backslash in double quotes begins an escape: write two, or use single quotes",
    "block": "indent the lines of one list or mapping alike",
    "expected ':'": "write `key: value`",
}


@dataclass(slots=True)
class Node:
    """A value as it stands in the file. `kind` is scalar, list or mapping; a mapping's keys and values alternate.

    `line` and `column` count from 0. `plain`: without quotes. `end` is the parser's mark behind the value.
    """

    kind: str
    line: int
    column: int
    text: str = ""
    plain: bool = False
    children: list[Node] = field(default_factory=list)
    end: Any = None

    @property
    def is_empty(self) -> bool:
        """Nothing was written here."""
        return self.plain and not self.text


def compose(content: bytes, source: Source, loader: Any = _LOADER) -> list[Node]:
    """The whole YAML documents of a file but for the empty ones.

    Reports what is no UTF-8, no YAML, empty, or larger than 1 MiB. Of a file that breaks off, the documents before
    are there.
    """
    composer = _Composer(source)
    with source.part():
        text = _decoded(content, source)
        source.lines = text.splitlines()
        _check_characters(text, source)
        try:
            for event in yaml.parse(text, Loader=loader):
                composer.take(event)
        except yaml.MarkedYAMLError as error:
            _broken(error, source)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            source.fail(0, 0, f"broken YAML: {error}")
        if not composer.documents:
            source.fail(0, 0, "the file is empty", "begin with `scenario: what the story shows`")
    hide_variables(composer.roots, source)
    return composer.documents


# What gives values to variables.
_GIVING = ("variables", "for_each", "with")


def hide_variables(documents: list[Node], source: Source) -> None:
    """No excerpt shows the value of a variable that a pass phrase is taken from."""
    known = -1
    while known != len(source.secret_names):
        known = len(source.secret_names)
        for node in documents if known else ():
            _hide_within(node, source)


def _hide_within(root: Node, source: Source) -> None:
    waiting = [(root, False)]
    while waiting:
        node, gives = waiting.pop()
        children = node.children
        if node.kind == "list":
            waiting += [(child, gives) for child in children]
            continue
        for key, value in zip(children[::2], children[1::2], strict=False):
            waiting.append((value, gives or key.text in _GIVING))
            if gives and key.text in source.secret_names:
                _hide(value, source)


def _hide(node: Node, source: Source) -> None:
    source.secret_names.update(names_in(node.text))
    end = (node.end.line, node.end.column) if node.end else (len(source.lines), 0)
    source.hide((node.line, node.column), end)


def _decoded(content: bytes, source: Source) -> str:
    if len(content) > SIZE_MAX:
        source.fail(0, 0, f"the file has {len(content)} bytes", f"split it: {SIZE_MAX} bytes at most")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind a byte order mark.
        start = error.start + len(content) - len(error.object)
        text = content.decode("utf-8-sig", "replace")
        before = content[:start].decode("utf-8-sig")
        _fail_at(text, len(before), source, f"byte 0x{content[start]:02x} is not UTF-8", "save the file as UTF-8")


def _check_characters(text: str, source: Source) -> None:
    match = _NOT_ASCII.search(text) and re.search(_NOT_YAML, text)
    if match is not None:
        code = ord(match[0])
        escape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
        problem = f"the character U+{code:04X} has no place in YAML"
        _fail_at(text, match.start(), source, problem, f"take it out, or write {escape} in a text in double quotes")


def _fail_at(text: str, position: int, source: Source, problem: str, remedy: str) -> NoReturn:
    """Fails at a place in a file that is no text, or not quite."""
    before = text[:position].replace("\r\n", "\n")
    # Not splitlines: it takes some of the characters that are wrong here for line ends.
    source.lines = [_printable(masked(line)) for line in text.replace("\r\n", "\n").split("\n")]
    source.fail(before.count("\n"), len(before) - before.rfind("\n") - 1, problem, remedy)


def _printable(line: str) -> str:
    return "".join([letter if letter.isprintable() or letter == "\t" else "\ufffd" for letter in line])


_BEGINS = {yaml.ScalarEvent: "scalar", yaml.SequenceStartEvent: "list", yaml.MappingStartEvent: "mapping"}


class _Composer:
    """Events → nodes, without recursion. A thousand small files have a hundred thousand events."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.documents: list[Node] = []
        self._roots: list[Node] = []
        self._open: list[Node] = []
        self._siblings = self._roots  # of the next node

    def take(self, event: Any) -> None:
        kind = _BEGINS.get(type(event))
        if kind is not None:
            self._begin(kind, event)
        elif isinstance(event, yaml.CollectionEndEvent):
            node = self._open.pop()
            self._siblings = self._open[-1].children if self._open else self._roots
            self._end(node, event)
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(
                event, f"an alias ({shortened(str(event.anchor))})", "write the value out wherever it is meant"
            )
        elif isinstance(event, yaml.DocumentEndEvent):
            self.documents += [root for root in self._roots if not root.is_empty]
            self._siblings = self._roots = []

    def _begin(self, kind: str, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, f"an anchor ({shortened(event.anchor)})", "write the value out wherever it is meant")
        if event.tag is not None:
            self._refuse(event, f"a tag ({shortened(event.tag)})", "leave it out: every field knows its own kind")
        start = event.start_mark
        node = Node(kind, start.line, start.column)
        self._siblings.append(node)
        if kind == "scalar":
            node.text, node.plain = event.value, bool(event.implicit[0])
            if _SURROGATE.search(node.text):
                self._refuse(event, "half of a surrogate pair", "write the character itself, or \\U and its 8 digits")
            self._end(node, event)
        else:
            self._open.append(node)
            self._siblings = node.children
            if len(self._open) > _DEPTH_MAX:
                self._refuse(event, "nested too deeply", f"{_DEPTH_MAX} levels at most")

    def _refuse(self, event: Any, problem: str, remedy: str) -> NoReturn:
        self.source.fail(event.start_mark.line, event.start_mark.column, problem, remedy)

    @property
    def roots(self) -> list[Node]:
        """The documents, and what is there of one that breaks off."""
        return [*self.documents, *self._roots]

    def _end(self, node: Node, event: Any) -> None:
        node.end = event.end_mark
        siblings = self._siblings
        is_value = len(siblings) % 2 == 0 and bool(self._open) and self._open[-1].kind == "mapping"
        if is_value and siblings[-2].text.lower() in SECRETS:
            _hide(node, self.source)


def _broken(error: Any, source: Source) -> NoReturn:
    # A quote may be closed much too late, or never: then the place where it was opened helps.
    in_quotes = "quoted scalar" in (error.context or "") and error.context_mark is not None
    mark = error.context_mark if in_quotes else error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    source.lines = [masked(text) for text in source.lines]
    text = source.shown(line)
    indent = text[: len(text) - len(text.lstrip())]
    if "\t" in indent:
        source.fail(line, indent.index("\t"), "a tab where YAML wants spaces", "indent with spaces")
    complaint = f"{error.context or ''} {error.problem or ''}".strip()
    remedy = next((remedy for words, remedy in _REMEDIES.items() if words in complaint), "")
    if "${" in text[: column + 1] and "block" not in complaint:
        remedy = "between braces or brackets a text with ${…} needs quotes"
    source.fail(line, column, f"broken YAML: {complaint}", remedy)
