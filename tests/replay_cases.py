"""`make test-cases CASES=DIR`: replays recorded cases from any folder laid out like tests/data and harness/recordings.

Prints how many agree in each area, how many differ, how many nobody can replay yet, and the first differences.
Exit code 1 when something differs or cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from harness.adapters.case_files import load_cases, load_orders
from harness.conform import Case, CaseResult
from harness.conforming import replay_virtual
from harness.errors import CaseError
from tests.cipher.replay import cases as recorded_ciphers
from tests.cipher.replay import decryption, differences, encryption
from tests.phone.replay import replay
from tests.phone.test_recorded import LEFT
from tests.sms.replay import alphabet_parts, built, cut, dialled, measured, on_every_release, over_255, submitted

FIRST = 5


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case: `agrees` is None when nobody can replay it yet, `why` then says why, or how it differs."""

    case: str
    agrees: bool | None
    why: str = ""


Todo = tuple[str, Callable[[], Replayed]]
"""A case that is still to be replayed: what it is called if it cannot even be read, and how."""


def _compared(name: str, ours: object, theirs: object) -> Replayed:
    return Replayed(name, True) if ours == theirs else Replayed(name, False, f"{ours!r} instead of {theirs!r}")


def _lines(path: Path, replay: Callable[[dict[str, Any]], Replayed]) -> Iterator[Todo]:
    """The cases of a file of JSON lines, if it is there."""
    if path.is_file():
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if line.strip():
                yield f"{path.name}:{number}", lambda line=line: replay(json.loads(line))  # type: ignore[misc]


# -- gateway -----------------------------------------------------------------------------------------------------------


def conversations(folder: Path) -> Iterator[Todo]:
    yield from map(_recorded, load_cases(folder))


def orders(path: Path) -> Iterator[Todo]:
    yield from map(_recorded, load_orders(path))


def _recorded(case: Case | CaseError) -> Todo:
    if isinstance(case, CaseError):
        return case.path, lambda: Replayed(Path(case.path).name, False, f"cannot be read: {case.why}")
    return case.name, lambda: _conversation(replay_virtual(case))


def _conversation(result: CaseResult) -> Replayed:
    if result.verdict == "skip":
        return Replayed(result.case, None, result.reason)
    differing = [step for step in result.steps if step.differences]
    if result.verdict == "agree":
        return Replayed(result.case, True)
    # A route that is not there answers as the server's framework does.
    missing = next((step for step in differing if step.answer in ("405 Method Not Allowed", "404 Not Found")), None)
    if missing is not None:
        return Replayed(result.case, None, f"no {missing.title}")
    first = next(iter(differing), None)
    why = result.reason if first is None else f"step {first.index}, {first.title}: {first.differences[0]}"
    return Replayed(result.case, False, why)


# -- the others --------------------------------------------------------------------------------------------------------


def phone(folder: Path) -> Iterator[Todo]:
    for path in sorted(folder.glob("*.jsonl")):
        yield from _lines(path, _phone)


def _phone(case: dict[str, Any]) -> Replayed:
    """What this phone is known to do otherwise (tests/phone/test_recorded.py) is no claim of ours."""
    name, agrees, why = replay(case)
    known = next((reason for pattern, reason in LEFT.items() if fnmatchcase(name, pattern)), None)
    return Replayed(name, None, known) if agrees is False and known else Replayed(name, agrees, why)


def segmentation(folder: Path) -> Iterator[Todo]:
    for name in ("cases.jsonl", "settings.jsonl"):
        yield from _lines(folder / name, lambda case: _compared(case["id"], *_segments(case)))
    yield from _lines(folder / "over-255-parts.jsonl", lambda case: _compared(case["id"], *over_255(case)))
    yield from _lines(folder / "submit-pdus.jsonl", lambda case: _compared(case["id"], *submitted(case)))
    yield from _lines(folder / "numbers.jsonl", lambda case: _compared(repr(case["number"]), *dialled(case)))
    yield from _alphabets(folder / "alphabets.json")


def _segments(case: dict[str, Any]) -> tuple[object, object]:
    """All that a case says of one text, of each release of Android too; of that, what we say otherwise."""
    pairs = [compare(case) for compare in (measured, cut, built, on_every_release)]
    differing = [pair for pair in pairs if pair[0] != pair[1]]
    return [ours for ours, _ in differing], [theirs for _, theirs in differing]


def _alphabets(path: Path) -> Iterator[Todo]:
    if path.is_file():
        for name, pair in alphabet_parts(json.loads(path.read_text(encoding="utf-8"))):
            yield name, lambda n=name, p=pair: _compared(n, *p)  # type: ignore[misc]


def cipher(folder: Path) -> Iterator[Todo]:
    for name, ours in (("decrypt.json", decryption), ("encrypt.json", encryption)):
        for case in _cipher_cases(folder / name):
            yield f"{name} {case!r}"[:60], lambda n=name, c=case, f=ours: _in_all_dialects(n, c, f)  # type: ignore[misc]


def _cipher_cases(path: Path) -> list[Any]:
    return recorded_ciphers(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def _in_all_dialects(file: str, case: dict[str, Any], ours: Callable[..., dict[str, str]]) -> Replayed:
    """Several clients did each case: it agrees if each dialect of ours ends as its client did."""
    differing = list(differences(case, ours))
    return Replayed(f"{file} {case['id']}", not differing, "; ".join(differing))


# -- the table ---------------------------------------------------------------------------------------------------------

AREAS: tuple[tuple[str, str, Callable[[Path], Iterable[Todo]]], ...] = (
    ("gateway conversations", "gateway/conversations", conversations),
    ("gateway orders", "gateway/message-orders.jsonl", orders),
    ("phone", "phone", phone),
    ("segmentation", "segmentation", segmentation),
    ("cipher", "cipher", cipher),
)


def replayed(area: Callable[[Path], Iterable[Todo]], path: Path) -> list[Replayed]:
    """Every case of an area; what cannot be read is a difference too, and keeps no other case from being replayed."""
    cases: list[Replayed] = []
    try:
        for name, todo in area(path):
            cases.append(_guarded(name, todo))
    except Exception as error:  # noqa: BLE001 (a file of any content may stand there)
        cases.append(Replayed(path.name, False, f"cannot be read: {error!r}"))
    return cases


def _guarded(name: str, todo: Callable[[], Replayed]) -> Replayed:
    try:
        return todo()
    except Exception as error:  # noqa: BLE001 (a case of any form may stand there)
        return Replayed(name, False, f"cannot be read: {error!r}")


def main(folder: Path) -> int:
    found = [(name, replayed(area, folder / path)) for name, path, area in AREAS if (folder / path).exists()]
    if not found:
        print(f"{folder}: nothing to replay; it must be laid out like tests/data", file=sys.stderr)
        return 2
    print(f"{'area':24}{'agree':>7}{'differ':>8}{'not yet':>9}")
    for name, cases in found:
        counts = [sum(case.agrees is value for case in cases) for value in (True, False, None)]
        print(f"{name:24}{counts[0]:7}{counts[1]:8}{counts[2]:9}")
    for name, cases in found:
        _show(f"{name}: differ", [case for case in cases if case.agrees is False])
        _show(f"{name}: not yet", [case for case in cases if case.agrees is None])
    return 1 if any(case.agrees is False for _, cases in found for case in cases) else 0


def _show(title: str, cases: list[Replayed]) -> None:
    if not cases:
        return
    print(f"\n{title}")
    for case in cases[:FIRST]:
        print(f"  {case.case}: {' '.join(case.why.split())[:200]}")
    if len(cases) > FIRST:
        print(f"  … and {len(cases) - FIRST} more")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say which folder: python -m tests.replay_cases DIR")
    sys.exit(main(Path(sys.argv[1])))
