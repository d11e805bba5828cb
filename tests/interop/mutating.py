"""Our own cipher with a patch in it, and what the vectors say of that.

The patched package is loaded beside the real one and forgotten again: `harness.cipher` and `sys.modules` stay as they
are, and no file is written. What it does is judged by the real judge, which knows the real cipher only.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import harness.cipher
from harness.adapters.runner_in_process import in_process
from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.ivs import drawn
from harness.interop.judging import judge
from harness.interop.outcomes import Encrypted, Outcome
from harness.interop.suite import Operation, Vector

__all__ = ["Edit", "Mutant", "fewest", "killers", "loaded", "source"]

_REAL = harness.cipher.__name__
_NAME = "mutated_cipher"
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
    patched: dict[str, str] = {}
    for edit in edits:
        if source(edit.file).count(edit.old) != 1:
            raise ValueError(f"harness/cipher/{edit.file} has not exactly once: {edit.old}")
        patched[edit.file] = patched.get(edit.file, source(edit.file)).replace(edit.old, edit.new)
    finder = _Patched(patched)
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(_NAME)
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _is_ours(name)]:
            del sys.modules[name]


class _Patched(InspectLoader, MetaPathFinder):
    """Finds the modules of the real package under another name, by which they import each other."""

    def __init__(self, patched: Mapping[str, str]) -> None:
        self._patched = patched

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
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
        judgement = judge(vector, ask(vector), dialect=claims, iv_given=vector.iv is not None)
        if judgement.verdict in ("fail", "gone"):
            yield vector


def _asking(cipher: Any) -> Callable[[Vector], Outcome]:
    def encrypt_under(key: str, text: str, iv: bytes) -> Any:
        return cipher.encrypt(key, text, iv=iv)

    def ask(vector: Vector) -> Outcome:
        talked = in_process(cipher.encrypt, cipher.decrypt, _calls(vector), encrypt_under=encrypt_under)
        envelopes = [outcome.ciphertext for outcome in talked.outcomes if isinstance(outcome, Encrypted)]
        is_series = vector.operation == "ivs" and len(envelopes) == vector.encryptions
        return drawn(envelopes) if is_series else talked.outcomes[0]

    return ask


def _calls(vector: Vector) -> list[Call]:
    if vector.operation == "decrypt":
        return [Decrypt(vector.key, vector.ciphertext or "")]
    return [Encrypt(vector.key, vector.text or "", vector.iv)] * vector.encryptions


# -- how many vectors it takes -----------------------------------------------------------------------------------------


def fewest(kills: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Vectors of which each mutant has at least one among its killers (`kills`), as few as there can be.

    Raises ValueError if a mutant has no killer.
    """
    raise NotImplementedError
