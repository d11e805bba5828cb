"""Writes the vectors of the envelope anew, or says whether they are what the tables of cases give.

    python -m tools.vectors            writes harness/interop/vectors/cipher-v1.json
    python -m tools.vectors --check    only compares; exit code 1 if the file is another one

Nobody edits the file by hand: the tables are in tools/vector_cases. New cases go to the end of the last table, or into
a table after it, since the numbers of vectors are what lists of expected failures name.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from harness.cipher import bytes_of
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, Outcome, Refused
from harness.interop.reading import ALGORITHM, SCHEMA, agreement
from harness.interop.suite import Flag, Operation, Vector
from tools.vector_cases import FLAGS, GROUPS
from tools.vector_cases.case import Group, built

__all__ = ["PLACE", "document", "main", "summary", "vectors", "written"]

PLACE = Path(__file__).parents[1] / "harness" / "interop" / "vectors" / "cipher-v1.json"
_GENERATOR_VERSION = "1.0"
_HEADER = [
    "Vectors for the end-to-end encryption of httpSMS.",
    "Envelope: base64(IV[16] | AES-256-CFB128(SHA-256(UTF-8 of key), IV, UTF-8 of text)).",
    "valid: give exactly the text, or the envelope. invalid: refuse, with an error that a caller can handle.",
    "acceptable: refuse, or do what one of the outcomes says that is no panic.",
    "outcomes: what the phone, its code on a JVM, and the clients for Node and Go do; absent where all do the same.",
    "Texts with halves of surrogate pairs are given as UTF-16 units in hex too (keyUtf16, textUtf16, ciphertextUtf16).",
]
_TYPES: dict[Operation, str] = {"decrypt": "EnvelopeDecrypt", "encrypt": "EnvelopeEncrypt", "ivs": "EnvelopeIvs"}

Json = dict[str, object]
_END = "\n}"
_HALF = re.compile("[\ud800-\udfff]")


def vectors() -> list[tuple[Group, list[Vector]]]:
    """Each table and its vectors, which are numbered from 1 on."""
    numbers = count(1)
    return [(group, [built(group, case, next(numbers)) for case in group.cases]) for group in GROUPS]


def document(made: Sequence[tuple[Group, Sequence[Vector]]]) -> Json:
    """The whole file."""
    return {
        "algorithm": ALGORITHM,
        "schema": SCHEMA,
        "generatorVersion": _GENERATOR_VERSION,
        "numberOfTests": sum(len(group) for _, group in made),
        "header": _HEADER,
        "notes": {flag.name: _note(flag) for flag in FLAGS},
        "testGroups": [_group(group, made_of_it) for group, made_of_it in made],
    }


def _note(flag: Flag) -> Json:
    return {"bugType": flag.kind, "description": flag.what, "effect": flag.risk, "remedy": flag.remedy}


def _group(group: Group, made: Sequence[Vector]) -> Json:
    return {
        "type": _TYPES[group.operation],
        "name": group.name,
        "comment": group.comment,
        "source": {"name": group.source, "version": _GENERATOR_VERSION},
        "tests": [_test(vector) for vector in made],
    }


def _test(vector: Vector) -> Json:
    test: Json = {"tcId": int(vector.id), "comment": vector.comment, "flags": list(vector.flags)}
    for name in ("key", "text", "ciphertext"):
        test |= _text(name, getattr(vector, name))
    if vector.iv is not None:
        test["iv"] = vector.iv.hex()
    if vector.operation == "ivs":
        test["encryptions"] = vector.encryptions
    test["result"] = vector.result
    return test | _plaintext_hex(vector) | _outcomes(vector)


def _text(name: str, text: str | None) -> Json:
    if text is None:
        return {}
    if not _HALF.search(text):
        return {name: text}
    return {name: text, f"{name}Utf16": text.encode("utf-16-be", "surrogatepass").hex()}


def _plaintext_hex(vector: Vector) -> Json:
    """What AES gives, where it is no UTF-8 or not the same for all: Go hands it on as it is."""
    given = vector.outcomes.get("go")
    if vector.text is not None or not isinstance(given, Decrypted):
        return {}
    return {"plaintextHex": bytes_of(given.text).hex()}


def _outcomes(vector: Vector) -> Json:
    """Nothing where all do what the vector says of text or ciphertext already."""
    if vector.outcomes == agreement(vector.operation, vector.text, vector.ciphertext):
        return {}
    return {"outcomes": {dialect: _outcome(outcome) for dialect, outcome in vector.outcomes.items()}}


def _outcome(outcome: Outcome) -> Json:
    match outcome:
        case Decrypted(text):
            return {"bytes": bytes_of(text).hex()} if _HALF.search(text) else {"text": text}
        case Encrypted(ciphertext):
            return {"ciphertext": ciphertext}
        case Refused(error):
            return {"error": error}  # without the message, which belongs to the version of a runtime
        case Crashed(how):
            return {"panic": how}
        case DrawnIvs(encryptions, distinct, of_16_bytes, examined, predictable):
            counts = {"encryptions": encryptions, "distinct": distinct, "of16Bytes": of_16_bytes}
            return {"ivs": {**counts, "examined": examined, "predictable": predictable}}
    raise ValueError(f"{outcome} is nothing that a client does")


# -- the file ----------------------------------------------------------------------------------------------------------


def written(whole: Json) -> str:
    """The text of a file: ASCII, a test a line."""
    groups = whole["testGroups"]
    assert isinstance(groups, list)
    top = json.dumps({name: value for name, value in whole.items() if value is not groups}, indent=1)
    tables = ",\n".join(map(_group_text, groups))
    return f'{top.removesuffix(_END)},\n "testGroups": [\n{tables}\n ]{_END}\n'


def _group_text(group: Json) -> str:
    tests = group["tests"]
    assert isinstance(tests, list)
    head = json.dumps({name: value for name, value in group.items() if value is not tests}).removesuffix("}")
    lines = ",\n".join(f"   {json.dumps(test)}" for test in tests)
    return f'  {head}, "tests": [\n{lines}\n  ]}}'


def summary(made: Sequence[tuple[Group, Sequence[Vector]]]) -> str:
    """A line for each table, and the sums."""
    rows = [(group.name, Counter(vector.result for vector in vectors)) for group, vectors in made]
    total = sum((counts for _, counts in rows), Counter[str]())
    return "\n".join(
        f"{name:32} {counts.total():4}  {counts['valid']:4} valid {counts['invalid']:4} invalid "
        f"{counts['acceptable']:4} acceptable"
        for name, counts in [*rows, ("all", total)]
    )


def main(arguments: Sequence[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    made = vectors()
    text = written(document(made))
    if arguments:
        is_current = PLACE.is_file() and PLACE.read_text(encoding="ascii") == text
        print(f"{PLACE.name}: {'as the tables say' if is_current else 'write it anew with python -m tools.vectors'}")
        return 0 if is_current else 1
    PLACE.write_text(text, encoding="ascii")
    print(summary(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
