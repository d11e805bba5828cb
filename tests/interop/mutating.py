"""Our own cipher with a patch in it, and what the vectors say of that.

The patched package is loaded beside the real one and forgotten again: `harness.cipher` and `sys.modules` stay as they
are, and no file is written. What it does is judged by the real judge, which knows the real cipher only.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import harness.cipher
from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop.asking import calls_of, outcomes_of
from harness.interop.judging import judge
from harness.interop.ourselves import outcome_of
from harness.interop.outcomes import Outcome, Refused
from harness.interop.suite import Operation, Vector

__all__ = ["Edit", "Mutant", "fewest", "killers", "loaded", "source"]

_REAL = harness.cipher.__name__
_NAME = "mutated_cipher"
_SLIPS = frozenset(
    ("AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "TypeError", "UnboundLocalError")
)
"""What a patch raises that does not do what it says; as a refusal it would be killed for nothing."""
_FOLDER = Path(harness.cipher.__file__).parent


@frozen
class Edit:
    """`old`, which a file of harness/cipher has exactly once, becomes `new`."""

    file: str
    old: str
    new: str


@frozen
class Mutant:
    """A mistake that a client could make (`stands_for`), made by patches of our own source.

    `sides` are the operations each of which has vectors that show it: who only decrypts has to be found out too. What a
    client is free to do is a mistake only of one that `claims` to do what another client does.
    """

    name: str
    stands_for: str
    edits: tuple[Edit, ...]
    sides: tuple[Operation, ...] = ("decrypt", "encrypt")
    claims: Dialect | None = None


# -- loading -----------------------------------------------------------------------------------------------------------


@cache
def source(file: str) -> str:
    """The source of a file of harness/cipher."""
    return (_FOLDER / file).read_text(encoding="utf-8")


def loaded(edits: Iterable[Edit]) -> ModuleType:
    """The package harness.cipher with the `edits` made. Raises ValueError if an old text is not there exactly once."""
    finder = _Patched(_patched(edits))
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(_NAME)
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _is_ours(name)]:
            del sys.modules[name]


def _patched(edits: Iterable[Edit]) -> dict[str, str]:
    """The sources that the edits change, by file."""
    patched: dict[str, str] = {}
    for edit in edits:
        text = patched.get(edit.file, source(edit.file))
        if source(edit.file).count(edit.old) != 1 or text.count(edit.old) != 1:
            raise ValueError(f"harness/cipher/{edit.file} has not exactly once: {edit.old}")
        patched[edit.file] = text.replace(edit.old, edit.new)
    return patched


class _Patched(InspectLoader, MetaPathFinder):
    """Finds the modules of the real package under another name, by which they import each other."""

    def __init__(self, patched: Mapping[str, str]) -> None:
        self._patched = patched

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if _is_ours(fullname) else None

    def is_package(self, fullname: str) -> bool:
        return fullname == _NAME

    def get_source(self, fullname: str) -> str:
        file = f"{fullname.partition('.')[2] or '__init__'}.py"
        return self._patched.get(file, source(file)).replace(_REAL, _NAME)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == _NAME


# -- asking and judging ------------------------------------------------------------------------------------------------


def killers(edits: Iterable[Edit], vectors: Iterable[Vector], claims: Dialect | None = None) -> Iterator[Vector]:
    """The vectors that show that our cipher with these `edits` is wrong, one after the other.

    It `claims` to do what a client does, or only to be right.
    """
    ask = _asking(loaded(edits))
    for vector in vectors:
        judgement = judge(vector, ask(vector), held_to=claims, claimed=claims, given_iv=vector.iv)
        if judgement.verdict in ("fail", "gone"):
            yield vector


def _asking(cipher: Any) -> Callable[[Vector], Outcome]:
    def encrypt_under(key: str, text: str, iv: bytes) -> Any:
        return cipher.encrypt(key, text, iv=iv)

    def ask(vector: Vector) -> Outcome:
        done = [outcome_of(call, cipher.encrypt, cipher.decrypt, encrypt_under) for call in calls_of(vector)]
        [outcome] = outcomes_of([vector], done)
        if isinstance(outcome, Refused) and outcome.error in _SLIPS:
            raise ValueError(f"the patch itself is broken: {outcome.error}: {outcome.message}")
        return outcome

    return ask


# -- how many vectors it takes -----------------------------------------------------------------------------------------


def fewest(kills: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Vectors of which each mutant has at least one among its killers (`kills`), as few as there can be.

    Raises ValueError if a mutant has no killer.
    """
    if not all(kills.values()):
        raise ValueError("a mutant survives, and no vectors are enough")
    hard = _hardest(kills.values())
    size = next(size for size in count() if _covered(hard, size) is not None)
    return tuple(sorted(_covered(hard, size) or (), key=lambda vector: (len(vector), vector)))


def _hardest(kills: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The sets of killers that count: whoever has one of a smaller set has one of a larger set around it."""
    hard: list[frozenset[str]] = []
    for killing in sorted(set(kills), key=lambda killing: (len(killing), sorted(killing))):
        if not any(other <= killing for other in hard):
            hard.append(killing)
    return hard


def _covered(kills: Sequence[frozenset[str]], size: int) -> list[str] | None:
    """At most `size` vectors of which each of `kills` has one, or None."""
    if not kills:
        return []
    if _disjoint(kills) > size:
        return None
    hit = Counter(vector for killing in kills for vector in killing)
    for vector in sorted(kills[0], key=lambda vector: (-hit[vector], vector)):
        rest = _covered([killing for killing in kills if vector not in killing], size - 1)
        if rest is not None:
            return [vector, *rest]
    return None


def _disjoint(kills: Iterable[frozenset[str]]) -> int:
    """So many of `kills` have no vector in common, so many it takes at least."""
    seen: set[str] = set()
    number = 0
    for killing in kills:
        if seen.isdisjoint(killing):
            seen |= killing
            number += 1
    return number
