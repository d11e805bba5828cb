"""Writes the vectors of the envelope anew, or says whether they are what the tables of cases give.

    python -m tools.vectors            writes harness/interop/vectors/cipher-v1.json
    python -m tools.vectors --check    only compares; exit code 1 if the file is another one

Nobody edits the file by hand: the tables are in tools/vector_cases. New cases go to the end of the last table, or into
a table after it, since the numbers of vectors are what lists of expected failures name.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from harness.cipher import bytes_of
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, Outcome, Refused
from harness.interop.reading import ALGORITHM, SCHEMA, agreement
from harness.interop.suite import Flag, Operation, Vector
from tools.vector_cases import FLAGS, GROUPS
from tools.vector_cases.case import Group, built
from tools.vector_files import Json, command, json_text, text_fields

__all__ = ["PLACE", "document", "main", "summary", "text", "vectors"]

PLACE = Path(__file__).parents[1] / "harness" / "interop" / "vectors" / "cipher-v1.json"
_GENERATOR_VERSION = "1.0"
_HEADER = [
    "Vectors for the end-to-end encryption of httpSMS.",
    "Envelope: base64(IV[16] | AES-256-CFB128(SHA-256(UTF-8 of key), IV, UTF-8 of text)).",
    "valid: give exactly the text, or the envelope. invalid: refuse, with an error that a caller can handle.",
    "acceptable: refuse, or do what one of the outcomes says that is no panic.",
    "outcomes: what the phone, its code on a JVM, and the clients for Node and Go do; absent where all do the same.",
    "unpredictable: none of the IVs of the series may be an output of java.util.Random.",
    "Texts with halves of surrogate pairs are given as UTF-16 units in hex too (keyUtf16, textUtf16, ciphertextUtf16).",
]
_TYPES: dict[Operation, str] = {"decrypt": "EnvelopeDecrypt", "encrypt": "EnvelopeEncrypt", "ivs": "EnvelopeIvs"}

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
        test |= text_fields(name, getattr(vector, name))
    if vector.iv is not None:
        test["iv"] = vector.iv.hex()
    if vector.operation == "ivs":
        test["encryptions"] = vector.encryptions
    if vector.unpredictable:
        test["unpredictable"] = True
    test["result"] = vector.result
    return test | _plaintext_hex(vector) | _outcomes(vector)


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


def text(made: Sequence[tuple[Group, Sequence[Vector]]]) -> str:
    """The file: ASCII, a test a line."""
    return json_text(document(made))


def summary(made: Sequence[tuple[Group, Sequence[Vector]]]) -> str:
    """A line for each table, and the sums."""
    rows = [(group.name, Counter(vector.result for vector in vectors)) for group, vectors in made]
    total = sum((counts for _, counts in rows), Counter[str]())
    return "\n".join(
        f"{name:32} {counts.total():4}  {counts['valid']:4} valid {counts['invalid']:4} invalid "
        f"{counts['acceptable']:4} acceptable"
        for name, counts in [*rows, ("all", total)]
    )


def main(arguments: Sequence[str], place: Path = PLACE, say: Callable[[str], object] = print) -> int:
    """0 if the file is written, or is what would be written."""
    return command("tools.vectors", arguments, place, _made, say)


def _made() -> tuple[str, str]:
    made = vectors()
    return text(made), summary(made)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
