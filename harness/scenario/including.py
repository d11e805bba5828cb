"""Parts: files that stories take phones, contacts, variables and steps from."""

from __future__ import annotations

import posixpath
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.frozen import frozen
from harness.late import names_in
from harness.scenario.document import Field, nearest
from harness.scenario.grammar import PART
from harness.scenario.nodes import Node, compose, hide_variables
from harness.scenario.people import variable_name
from harness.scenario.source import Source, Stop
from harness.scenario.variables import Scope

__all__ = ["Gathered", "Library", "Part", "ReadPart", "evaluated", "gather", "given"]

ReadPart = Callable[[str], bytes]
"""The bytes of the file at a path. Raises `OSError`."""

_DEPTH_MAX = 20


@frozen
class Part:
    """A part: its path, its document, and the names that it refers to."""

    path: str
    document: Field
    refers_to: frozenset[str]


class Library:
    """The files that are read together: the story's, and every part once."""

    def __init__(self, source: Source, roots: list[Node], read_part: ReadPart | None) -> None:
        self._files: list[tuple[list[Node], Source]] = [(roots, source)]
        self._read_part = read_part
        self._parts: dict[str, Part | None] = {}

    def part(self, name: Field, stack: tuple[str, ...]) -> Part:
        """The part that is named here. `stack`: the paths of the files that are being included, outermost first."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name.source.path), _file_name(name)))
        if path in stack:
            name.fail(f"{path} includes itself", " → ".join((*stack[stack.index(path) :], path)))
        if len(stack) > _DEPTH_MAX:
            name.fail("included too deeply", f"{_DEPTH_MAX} files at most")
        if path not in self._parts:
            self._parts[path] = None
            self._parts[path] = self._loaded(name, path)
        part = self._parts[path]
        if part is None:
            raise Stop  # what is wrong with it has been told
        return part

    def _loaded(self, name: Field, path: str) -> Part:
        source = name.source.opened(path, len(self._files))
        roots = compose(self._content(name, path), source)
        self._files.append((roots, source))
        for known, where in self._files:
            hide_variables(known, where)
        if not roots:
            raise Stop
        if len(roots) > 1:
            Field(roots[1], source).fail("a second document", "a part has one: put the other into a file of its own")
        return _part(path, Field(roots[0], source))

    def _content(self, name: Field, path: str) -> bytes:
        if self._read_part is None:
            name.fail("no other file can be read from here", "put what it has into this file")
        try:
            return self._read_part(path)
        except OSError as error:
            name.fail(f"{path}: {error.strerror or error}", "name a file relative to the one that includes it")


def _file_name(name: Field) -> str:
    text = name.text()
    if not text.strip() or not text.isprintable():
        name.fail(f"{name.shown(text)} is no file", "write a path, such as people.part.yaml")
    # Any other file is none of a story's business: what is wrong with it would show what is in it.
    if not text.lower().endswith((".yaml", ".yml")):
        name.fail(f"{name.shown(text)} is no YAML file", "name one that ends in .yaml, such as people.part.yaml")
    return text


def _part(path: str, document: Field) -> Part:
    if document.is_scalar or document.is_list:
        document.fail("a part belongs here", "write phones, contacts, variables or steps")
    for name, (key, _) in document.members().items():
        if name == "scenario":
            key.fail("a story, not a part", "a part has no `scenario`: only that makes it one")
    return Part(path, document, frozenset(_references(document.node)))


def _references(root: Node) -> Iterator[str]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        if "$" in node.text:
            yield from names_in(node.text)


# -- what a file and its parts say -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Gathered:
    """The variables (those of the file itself before those of its parts), and the sections of each file by its path."""

    variables: dict[str, Field] = field(default_factory=dict)
    sections: dict[str, Mapping[str, Field]] = field(default_factory=dict)


def gather(fields: Mapping[str, Field], path: str, library: Library, stack: tuple[str, ...]) -> Gathered:
    """What a file says with everything that it includes. Its own sections come last."""
    found = Gathered()
    if "include" in fields:
        for name in _some(fields["include"]):
            with name.source.part():
                _take(name, library, stack, found)
    found.sections[path] = fields
    if "variables" in fields:
        with fields["variables"].source.part():
            found.variables.update(_variables(fields["variables"]))
    return found


def _some(value: Field) -> Iterator[Field]:
    return iter((value,)) if value.is_scalar else value.items()


def _take(name: Field, library: Library, stack: tuple[str, ...], found: Gathered) -> None:
    part = library.part(name, stack)
    if part.path not in found.sections:
        inner = gather(part.document.sifted(PART.by_name), part.path, library, (*stack, part.path))
        found.variables.update(inner.variables)
        found.sections.update(inner.sections)


def _variables(section: Field) -> Iterator[tuple[str, Field]]:
    for key, value in section.members().values():
        with section.source.part():
            yield variable_name(key), value


def evaluated(
    variables: Mapping[str, Field], values: Mapping[str, str], outer: Scope, wanted: Iterable[str] | None = None
) -> Scope:
    """`outer` with the variables. They may refer to each other; `values` come before all of them.

    `wanted`: only these, and those that they refer to; None: all.
    """
    known = dict(values)
    evaluation = _Evaluation(variables, known, Scope(ChainMap(known, dict(outer.values)), outer.captured))
    for name in variables if wanted is None else wanted:
        if name in variables:
            with variables[name].source.part():
                evaluation.add(name, ())
    return outer.with_values(known)


@dataclass(slots=True)
class _Evaluation:
    """Variables on their way into `known`, which `scope` sees as it grows."""

    variables: Mapping[str, Field]
    known: dict[str, str]
    scope: Scope

    def add(self, name: str, stack: tuple[str, ...]) -> None:
        """The variable, after those that it refers to. `stack`: those that led to it."""
        if name in self.known:
            return
        value = self.variables[name]
        try:
            if name in stack:
                value.fail(f"${{{name}}} refers to itself", " → ".join((*stack[stack.index(name) :], name)))
            if len(stack) > _DEPTH_MAX:
                value.fail("variables of variables of variables …", f"{_DEPTH_MAX} levels at most")
            for other in names_in(value.node.text):
                if other in self.variables:
                    self.add(other, (*stack, name))
            self.known[name] = value.within(self.scope).text()
        except Stop:
            self.known[name] = ""  # told once, not wherever it is used
            raise


def given(section: Field, part: Part, variables: Mapping[str, Field]) -> dict[str, str]:
    """The values that `with` gives to a part: for its variables, and for what else it refers to."""
    wanted = {*variables, *part.refers_to}
    values = {}
    for key, value in section.members().values():
        name = variable_name(key)
        if name not in wanted:
            near = nearest(name, sorted(wanted))
            key.fail(f"{part.path} has no variable {name}", f"did you mean {near}?" if near else "leave it out")
        values[name] = value.text()
    return values
