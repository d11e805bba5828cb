"""Bytes → YAML nodes that know their places. Nothing is resolved: what a scalar means, its reader says.

Anchors, aliases and tags are refused: a story needs none, and a few lines of aliases stand for gigabytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from harness.scenario.source import SECRETS, Source, masked, shortened

__all__ = ["SIZE_MAX", "Node", "compose"]

SIZE_MAX = 1 << 20
_DEPTH_MAX = 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What YAML 1.1 takes in a stream, and what libyaml takes of that: no byte order mark in the middle.
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
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

    `line` and `column` count from 0. `plain`: without quotes.
    """

    kind: str
    line: int
    column: int
    text: str = ""
    plain: bool = False
    children: list[Node] = field(default_factory=list)

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
    return composer.documents


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
    match = _NOT_YAML.search(text)
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


class _Composer:
    """Events → nodes, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.documents: list[Node] = []
        self._roots: list[Node] = []
        self._open: list[Node] = []

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._check(event)
        match event:
            case yaml.ScalarEvent():
                node = self._put(event, "scalar")
                node.text, node.plain = event.value, bool(event.implicit[0])
                self._hide(event)
            case yaml.SequenceStartEvent():
                self._enter(self._put(event, "list"))
            case yaml.MappingStartEvent():
                self._enter(self._put(event, "mapping"))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
            case yaml.DocumentEndEvent():
                self.documents += [root for root in self._roots if not root.is_empty]
                self._roots = []
            case _:
                pass

    def _check(self, event: Any) -> None:
        mark = event.start_mark
        if event.anchor is not None:
            what = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
            self._fail(mark, f"{what} ({shortened(event.anchor)})", "write the value out wherever it is meant")
        if getattr(event, "tag", None) is not None:
            self._fail(mark, f"a tag ({shortened(event.tag)})", "leave it out: every field knows its own kind")
        if isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
            self._fail(mark, "half of a surrogate pair", "write the character itself, or \\U and its 8 digits")

    def _fail(self, mark: Any, problem: str, remedy: str) -> NoReturn:
        self.source.fail(mark.line, mark.column, problem, remedy)

    def _put(self, event: Any, kind: str) -> Node:
        node = Node(kind, event.start_mark.line, event.start_mark.column)
        self._siblings.append(node)
        return node

    @property
    def _siblings(self) -> list[Node]:
        return self._open[-1].children if self._open else self._roots

    def _enter(self, node: Node) -> None:
        self._open.append(node)
        if len(self._open) > _DEPTH_MAX:
            self.source.fail(node.line, node.column, "nested too deeply", "a story needs six levels")

    def _hide(self, event: Any) -> None:
        siblings = self._siblings
        is_value = bool(self._open) and self._open[-1].kind == "mapping" and len(siblings) % 2 == 0
        if is_value and siblings[-2].text in SECRETS:
            start, end = event.start_mark, event.end_mark
            self.source.hide((start.line, start.column), (end.line, end.column))


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
    source.fail(line, column, f"broken YAML: {complaint}", remedy)
