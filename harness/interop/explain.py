"""One vector told in full, and many in a line each: for whoever asks what a number of a report stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.cipher import DIALECTS
from harness.interop import words
from harness.interop.facts import Facts, flags_of, told_flag
from harness.interop.layout import fit, table, wrapped
from harness.interop.outcomes import Decrypted, Encrypted, Outcome
from harness.interop.suite import Flag, Vector

__all__ = ["explain", "listing"]

_WIDTH = 100
# Values of more characters (or bytes in hex) are cut: nobody reads them, and the JSON of the vectors has them whole.
_VALUE, _HEX = 400, 96


def explain(vector: Vector, flags: Mapping[str, Flag], width: int = _WIDTH) -> str:
    """What goes in, what a correct implementation does, what each real client does, and what is at stake."""
    lines = [*_title(vector, width), "", *_labelled(_facts(vector), width)]
    if vector.outcomes:
        lines += ["", "what the real clients do", *_labelled(_clients(vector), width)]
    for flag in flags_of([vector], flags):
        kind = f" ({words.plain(flag.kind)})" if flag.kind else ""
        lines += ["", f"{words.plain(flag.name)}{kind}", *_labelled(told_flag(flag), width)]
    return "\n".join(lines) + "\n"


def _title(vector: Vector, width: int) -> list[str]:
    name = f"{words.plain(vector.id)}  {words.plain(vector.group)}: {words.plain(vector.comment)}"
    return wrapped(name, width, "", "    ")


def _labelled(known: Facts, width: int) -> Iterator[str]:
    margin = max((len(label) for label, _ in known), default=0)
    for label, value in known:
        yield from wrapped(value, width, f"  {label:<{margin}}  ")


def _facts(vector: Vector) -> Facts:
    known = [("operation", words.OPERATIONS[vector.operation]), *_shown("key", vector.key)]
    if vector.operation == "decrypt":
        known += _shown("ciphertext", vector.ciphertext or "")
    else:
        known += _shown("text", vector.text or "")
    if vector.iv is not None:
        known.append(("IV", vector.iv.hex(" ")))
    known += [
        ("result", f"{vector.result}: {words.meaning(vector)}"),
        ("expected", words.demanded(vector, _VALUE)),
    ]
    return [*known, ("flags", ", ".join(map(words.plain, vector.flags)))] if vector.flags else known


def _shown(label: str, text: str) -> Facts:
    """A text, and its bytes where letters do not tell all: beyond printable ASCII, or with spaces at an end."""
    known = [(label, words.quoted(text, _VALUE))]
    if text and not (text.isascii() and text.isprintable() and text == text.strip()):
        known.append(("  in hex", _hex(text)))
    return known


def _hex(text: str) -> str:
    shown = words.hex_of(text)
    size = (len(shown) + 1) // 3
    return shown if size <= _HEX else f"{shown[: 3 * _HEX - 1]} … ({words.count(size, 'byte')})"


def _clients(vector: Vector) -> Facts:
    """Each client with its outcome; those that do the same stand in one line."""
    same: dict[str, list[str]] = {}
    for dialect in DIALECTS:
        if dialect in vector.outcomes:
            told = _client(vector, vector.outcomes[dialect])
            same.setdefault(told, []).append(dialect)
    return [(_who(dialects, len(same) == 1), told) for told, dialects in same.items()]


def _client(vector: Vector, outcome: Outcome) -> str:
    if vector.result == "valid" and outcome == Decrypted(vector.text or "") and vector.operation == "decrypt":
        return "exactly the expected text"
    if vector.result == "valid" and outcome == Encrypted(vector.ciphertext or ""):
        return "exactly the expected envelope"
    return words.compared(vector, outcome, _VALUE)


def _who(dialects: list[str], is_all: bool) -> str:
    return f"all of {', '.join(dialects)}" if is_all and len(dialects) > 1 else ", ".join(dialects)


def listing(vectors: Iterable[Vector], width: int | None = None) -> str:
    """A line for each vector: id, operation, result, group, comment and flags. Only `width` cuts it."""
    rows = [_row(vector) for vector in vectors]
    lines = table([["id", "operation", "result", "group", "comment"], *rows], left=5)
    return "\n".join(line if width is None else fit(line, width) for line in lines) + "\n"


def _row(vector: Vector) -> list[str]:
    flags = f"  [{', '.join(vector.flags)}]" if vector.flags else ""
    return [*map(words.plain, (vector.id, vector.operation, vector.result, vector.group, vector.comment + flags))]
