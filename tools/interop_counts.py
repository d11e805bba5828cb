"""What docs/interop.md counts: in the vectors, whose outcomes are what the clients do, and in what was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from harness.adapters.vector_files import own
from harness.cipher import DIALECTS, IV_BYTES, Dialect, bytes_of
from harness.frozen import frozen
from harness.interop.judging import judge
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Refused
from harness.interop.suite import Vector
from harness.interop.words import raw_bytes
from tools.vector_cases import GROUPS
from tools.vector_cases.case import Case, Group

__all__ = [
    "BULK_LETTERS",
    "GUARD",
    "SEND_LETTERS",
    "Met",
    "Reading",
    "Row",
    "asked",
    "bearing",
    "called",
    "figures",
    "is_misread_by_node",
    "is_raw_in_go",
    "is_spelling",
    "is_unnoticed",
    "is_wrong",
    "met",
    "numbers",
    "panics_in_go",
    "reading",
    "rows",
]

ROOT = Path(__file__).parents[1]
_RECORDED = ROOT / "tests" / "data" / "cipher"
_RUNNERS = ROOT / "harness" / "interop" / "runners"

GUARD = "^(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$"
"""What every encryptor writes: standard base64, padded, of 16 bytes and more."""

SEND_LETTERS, BULK_LETTERS = 2048, 1024  # what the gateway admits (cipher.md §1)

# -- what a client makes of a vector -----------------------------------------------------------------------------------

Reading = Literal["reads", "refuses", "replaces", "alters", "foretold", "crashes"]
_REPLACED = re.compile("\ufffd+")


@frozen
class Met:
    """A vector, and the bytes of the text that its sender encrypted: None if nobody encrypted anything like it.

    `classes` are the flags that tell its class within its table: those of the table, or else its own first one.
    """

    vector: Vector
    sent: bytes | None
    classes: tuple[str, ...]


@cache
def met() -> tuple[Met, ...]:
    """All vectors, each with what the row of the tables says that it was made of."""
    cases = [(group, case) for group in GROUPS for case in group.cases]
    return tuple(_met(vector, group, case) for vector, (group, case) in zip(own().vectors, cases, strict=True))


def _met(vector: Vector, group: Group, case: Case) -> Met:
    if (vector.group, vector.comment) != (group.name, case.comment):
        raise ValueError(f"vector {vector.id} is not of the tables: write the vectors anew")
    return Met(vector, _sent(vector, case), group.flags or case.flags[:1])


def _sent(vector: Vector, case: Case) -> bytes | None:
    if vector.operation == "decrypt" and case.ciphertext is not None:
        return None if vector.text is None else vector.text.encode()
    return case.text if isinstance(case.text, bytes) else case.text.encode("utf-8", "surrogatepass")


def reading(it: Met, dialect: Dialect) -> Reading:
    """What the client makes of the vector, beside what was sent."""
    match it.vector.outcomes.get(dialect):
        case Crashed():
            return "crashes"
        case Refused():
            return "refuses"
        case Decrypted(text):
            return _text_reading(text, it.sent)
        case DrawnIvs(predictable=foretold) if foretold and it.vector.unpredictable:
            return "foretold"
    # What all encryptors make of well-formed Unicode is right. Of anything else they make another text or key.
    return "reads" if it.vector.result == "valid" else "alters"


def _text_reading(text: str, sent: bytes | None) -> Reading:
    if sent is None:
        return "alters"
    if bytes_of(text) == sent:
        return "reads"
    replaced = sent.decode("utf-8", "replace")
    return "replaces" if "\ufffd" in replaced and _once(text) == _once(replaced) else "alters"


def _once(text: str) -> str:
    """OpenJDK puts fewer U+FFFD than the others, and no other character."""
    return _REPLACED.sub("\ufffd", text)


def is_wrong(it: Met, dialect: Dialect) -> bool:
    """A text where an error belongs, a crash, or an IV that can be foretold."""
    vector = it.vector
    done = vector.outcomes[dialect]
    return judge(vector, done, held_to=dialect, claimed=dialect, given_iv=vector.iv).verdict == "known"


# -- choosing vectors --------------------------------------------------------------------------------------------------

_TAMPERED = ("BitFlip", "Truncated", "MovedBlock", "WrongKey")


def bearing(*flags: str) -> list[Met]:
    """The vectors with one of these flags."""
    return [it for it in met() if set(flags) & set(it.vector.flags)]


def called(comment: str) -> Met:
    """The one vector with this comment."""
    [found] = [it for it in met() if it.vector.comment == comment]
    return found


def panics_in_go(it: Met) -> bool:
    return isinstance(it.vector.outcomes.get("go"), Crashed)


def is_misread_by_node(it: Met) -> bool:
    """Node gives a text where an error belongs."""
    return it.vector.result == "invalid" and isinstance(it.vector.outcomes.get("node"), Decrypted)


def is_unnoticed(it: Met) -> bool:
    """Changed, cut, or under another key, and the phone reads on."""
    return bool(set(_TAMPERED) & set(it.vector.flags)) and isinstance(it.vector.outcomes.get("phone"), Decrypted)


def is_raw_in_go(it: Met) -> bool:
    """Go hands on bytes that are not UTF-8."""
    outcome = it.vector.outcomes.get("go")
    return isinstance(outcome, Decrypted) and raw_bytes(outcome.text) is not None


def is_spelling(it: Met) -> bool:
    """One client reads what the sender wrote, another refuses it, and there is no harm in either."""
    return it.vector.result == "acceptable" and {reading(it, one) for one in DIALECTS} == {"reads", "refuses"}


def numbers(vectors: Iterable[Met]) -> str:
    """`615–617, 620`: the numbers of vectors, those in a row together."""
    runs = groupby(enumerate(sorted(int(it.vector.id) for it in vectors)), lambda pair: pair[1] - pair[0])
    return ", ".join(_run([number for _, number in run]) for _, run in runs)


def _run(together: Sequence[int]) -> str:
    first, last = together[0], together[-1]
    return str(first) if first == last else f"{first}{'–' if last - first > 1 else ', '}{last}"


@frozen
class Row:
    """The vectors of one class of input."""

    comment: str
    classes: tuple[str, ...]
    met: tuple[Met, ...]

    @property
    def is_agreed(self) -> bool:
        """All clients read all of it, and that is right."""
        return all(reading(it, one) == "reads" and not is_wrong(it, one) for it in self.met for one in DIALECTS)


@cache
def rows() -> tuple[Row, ...]:
    """All vectors by class, in the order of their numbers."""
    found: dict[tuple[str, tuple[str, ...]], list[Met]] = {}
    for it in met():
        found.setdefault((it.vector.group, it.classes), []).append(it)
    comments = {group.name: group.comment for group in GROUPS}
    return tuple(Row(comments[group], classes, tuple(its)) for (group, classes), its in found.items())


# -- figures -----------------------------------------------------------------------------------------------------------


def figures() -> dict[str, str]:
    """What the texts of the page have in braces."""
    counts = {**_totals(), **_of_node(), **_of_tampering(), **_of_the_guard()}
    return {**{name: f"{count:,}" for name, count in counts.items()}, **asked(), **_examples(), **_foretold()}


def asked() -> dict[str, str]:
    """The versions that the runners ask, and what came of the recorded pairs of encryptors and decryptors."""
    package = json.loads((_RUNNERS / "node" / "package.json").read_text(encoding="utf-8"))
    [module] = re.findall(r"httpsms-go (v[0-9.]+)", (_RUNNERS / "go" / "go.mod").read_text(encoding="utf-8"))
    matrix = json.loads((_RECORDED / "structure.json").read_text(encoding="ascii"))["matrix"]
    texts = matrix["texts_times_keys"]
    right = sum(count == texts for count in matrix["pairs"].values())
    pairs = f"{right} of {len(matrix['pairs'])}"
    return {"npm": package["dependencies"]["httpsms"], "module": module, "texts": str(texts), "pairs": pairs}


def _foretold() -> dict[str, str]:
    """By dialect, how many of the IVs that the client drew are outputs of java.util.Random: "20 of 20"."""
    [asked] = [it.vector for it in met() if it.vector.unpredictable]
    return {
        dialect: f"{drawn.predictable} of {drawn.examined}"
        for dialect, drawn in asked.outcomes.items()
        if isinstance(drawn, DrawnIvs)
    }


def _totals() -> dict[str, int]:
    recorded = [json.loads((_RECORDED / name).read_text(encoding="ascii")) for name in ("decrypt.json", "encrypt.json")]
    [series] = [it.vector for it in bearing("FreshIv")]
    return {
        "vectors": len(met()),
        "recorded": sum(file["count"] for file in recorded),
        "encryptions": series.encryptions,
        "counted": sum(it.vector.outcomes.get("phone") != it.vector.outcomes.get("jvm") for it in _decryptions()),
        "send_letters": SEND_LETTERS,
        "send": _room(SEND_LETTERS),
        "bulk_letters": BULK_LETTERS,
        "bulk": _room(BULK_LETTERS),
    }


def _room(letters: int) -> int:
    """The most bytes of text whose envelope has at most so many letters."""
    return letters // 4 * 3 - IV_BYTES


def _decryptions() -> list[Met]:
    return [it for it in met() if it.vector.operation == "decrypt"]


def _of_node() -> dict[str, int]:
    misread = [it for it in met() if is_misread_by_node(it)]
    misplaced = bearing("MisplacedPadding")
    return {
        "misread": len(misread),
        "altered": sum(reading(it, "node") == "alters" for it in misread),
        "skipped": sum("InvalidCharacter" in it.vector.flags for it in misread),
        "foreign": sum("NonAscii" in it.vector.flags for it in misread),
        "misplaced": len(misplaced),
        "cut": sum(map(_is_cut_by_node, misplaced)),
    }


def _is_cut_by_node(it: Met) -> bool:
    """A beginning of what was sent comes out; of a character that was cut, U+FFFD."""
    outcome = it.vector.outcomes.get("node")
    if not isinstance(outcome, Decrypted) or it.sent is None:
        return False
    given = bytes_of(outcome.text.rstrip("\ufffd"))
    return it.sent.startswith(given) and len(given) < len(it.sent)


def _of_tampering() -> dict[str, int]:
    tampered = bearing(*_TAMPERED)
    refused = sum(reading(it, "phone") == "refuses" for it in tampered)
    return {"tampered": len(tampered), "unnoticed": sum(map(is_unnoticed, tampered)), "refused": refused}


def _of_the_guard() -> dict[str, int]:
    """How many envelopes the check before decrypting lets through, of how many."""
    by_result = {name: [it for it in _decryptions() if it.vector.result == name] for name in ("valid", "invalid")}
    crashing = [it for it in met() if panics_in_go(it)]
    kinds = {**by_result, "crashing": crashing}
    passed = {f"{name}_passed": sum(map(_is_guarded, found)) for name, found in kinds.items()}
    return {name: len(found) for name, found in kinds.items()} | passed


def _is_guarded(it: Met) -> bool:
    return re.fullmatch(GUARD, it.vector.ciphertext or "") is not None


def _examples() -> dict[str, str]:
    cut = called("= after 24 letters").vector
    stop, code = ([it.vector.id for it in met() if it.vector.ciphertext == text] for text in ("Stop", "4711"))
    return {"stop": stop[0], "code": code[0], "early": cut.id, "key": cut.key, "ciphertext": cut.ciphertext or ""}
