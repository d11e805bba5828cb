"""Writes docs/interop.md: where the clients diverge, how dangerous that is, and what to do (`make docs`).

Every number on the page is counted here: in the vectors, whose outcomes are what the clients do, and in what was
recorded of the IVs that they drew (tests/data/cipher).
"""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from harness.adapters.vector_files import own
from harness.cipher import DIALECTS, Dialect, bytes_of
from harness.frozen import frozen
from harness.interop import words
from harness.interop.judging import PREDICTABLE, judge
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Outcome, Refused
from harness.interop.predicting import predict
from harness.interop.suite import Flag, Vector
from tools.vector_cases import GROUPS
from tools.vector_cases.case import Case

__all__ = ["DANGERS", "GUARD", "PLACE", "Danger", "Met", "Reading", "met", "numbers", "reading"]

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "docs" / "interop.md"
RECORDED = ROOT / "tests" / "data" / "cipher"
RUNNERS = ROOT / "harness" / "interop" / "runners"

GUARD = "^(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$"
"""What every encryptor writes: standard base64, padded, of 16 bytes and more."""

SEND_LETTERS, BULK_LETTERS = 2048, 1024  # what the gateway admits (cipher.md §1)
_IV_BYTES = 16

# -- what a client makes of a vector -----------------------------------------------------------------------------------

Reading = Literal["crashes", "alters", "replaces", "refuses", "reads"]
READINGS: Mapping[Reading, str] = {
    "reads": "The text that the sender encrypted comes out; of an encryptor, the envelope of that text.",
    "refuses": "An error that a caller can handle.",
    "replaces": "What was encrypted is not UTF-8, and U+FFFD stands for what cannot be read.",
    "alters": "A text comes out that nobody encrypted, and no error; of an encryptor, the envelope of another text or "
    "under another key.",
    "crashes": "What no caller can handle.",
}
_COLUMNS: Mapping[Dialect, str] = {"phone": "phone", "jvm": "JVM", "node": "Node", "go": "Go"}
_REPLACED = re.compile("\ufffd+")


@frozen
class Met:
    """A vector, and the bytes of the text that its sender encrypted: None if nobody encrypted anything like it."""

    vector: Vector
    sent: bytes | None


@cache
def met() -> tuple[Met, ...]:
    """All vectors, each with the row of the tables that it was made of."""
    cases = [case for group in GROUPS for case in group.cases]
    return tuple(Met(vector, _sent(vector, case)) for vector, case in zip(own().vectors, cases, strict=True))


def _sent(vector: Vector, case: Case) -> bytes | None:
    if case.comment != vector.comment:
        raise ValueError(f"vector {vector.id} is not of the tables: write the vectors anew")
    if vector.operation == "decrypt" and case.ciphertext is not None:
        return None if vector.text is None else vector.text.encode()
    return case.text if isinstance(case.text, bytes) else case.text.encode("utf-8", "surrogatepass")


def reading(it: Met, dialect: Dialect) -> Reading:
    """What the client makes of the vector, beside what was sent."""
    outcome = it.vector.outcomes.get(dialect)
    match outcome:
        case Crashed():
            return "crashes"
        case Refused():
            return "refuses"
        case Decrypted(text):
            return _text_reading(text, it.sent)
    return "reads" if it.vector.result == "valid" else "alters"


def _text_reading(text: str, sent: bytes | None) -> Reading:
    if sent is None:
        return "alters"
    if bytes_of(text) == sent:
        return "reads"
    replaced = sent.decode("utf-8", "replace")
    return "replaces" if _once(text) == _once(replaced) and "\ufffd" in replaced else "alters"


def _once(text: str) -> str:
    """OpenJDK puts fewer U+FFFD than the others, and no other character."""
    return _REPLACED.sub("\ufffd", text)


def _is_read_on(outcome: Outcome | None) -> bool:
    return isinstance(outcome, Decrypted)


# -- numbers -----------------------------------------------------------------------------------------------------------


def numbers(vectors: Iterable[Vector]) -> str:
    """`615–617, 620`: the numbers of vectors, those in a row together."""
    runs = groupby(enumerate(sorted(int(vector.id) for vector in vectors)), lambda pair: pair[1] - pair[0])
    return ", ".join(_run([number for _, number in run]) for _, run in runs)


def _run(together: Sequence[int]) -> str:
    first, last = together[0], together[-1]
    return str(first) if first == last else f"{first}{'–' if last - first > 1 else ', '}{last}"


def _one(choose: Callable[[Vector], bool]) -> Vector:
    [found] = [it.vector for it in met() if choose(it.vector)]
    return found


def _called(comment: str) -> Vector:
    return _one(lambda vector: vector.comment == comment)


def _with(*flags: str) -> list[Met]:
    return [it for it in met() if set(flags) & set(it.vector.flags)]


def _decrypted(flag: str) -> list[Met]:
    return [it for it in _with(flag) if it.vector.operation == "decrypt"]


def _limit(letters: int) -> int:
    """The most bytes of text whose envelope has at most so many letters."""
    return letters // 4 * 3 - _IV_BYTES


@cache
def _recorded() -> Mapping[str, str]:
    """How many of the IVs that each client drew are outputs of java.util.Random."""
    known = json.loads((RECORDED / "structure.json").read_text(encoding="ascii"))["structure"]
    names = {"phone": "kotlin_android", "jvm": "kotlin", "node": "node", "go": "go"}
    return {dialect: known[name]["java_util_random_seed_recovered"] for dialect, name in names.items()}


@cache
def _pairs() -> Counter[str]:
    """How many pairs of encryptor and decryptor were recorded, and in how many all texts came back."""
    matrix = json.loads((RECORDED / "structure.json").read_text(encoding="ascii"))["matrix"]
    right = [pair for pair, texts in matrix["pairs"].items() if texts == matrix["texts_times_keys"]]
    return Counter({"tried": len(matrix["pairs"]), "right": len(right), "texts": matrix["texts_times_keys"]})


def _recorded_cases() -> int:
    files = (RECORDED / name for name in ("decrypt.json", "encrypt.json"))
    return sum(int(json.loads(file.read_text(encoding="ascii"))["count"]) for file in files)


def _wrong(dialect: Dialect) -> list[Vector]:
    """The vectors of which the client makes what nobody should: a text of what must be refused, a crash, a known IV."""
    return [it.vector for it in met() if _is_wrong(it.vector, dialect)]


def _is_wrong(vector: Vector, dialect: Dialect) -> bool:
    if PREDICTABLE in vector.flags:
        return not _recorded()[dialect].startswith("0 of")
    return judge(vector, predict(vector, dialect), dialect=dialect, iv_given=True).verdict == "known"


# -- the dangers -------------------------------------------------------------------------------------------------------


@frozen
class Danger:
    """A divergence that hurts. `shown_by` chooses the vectors that show it."""

    title: str
    who: str
    what: str
    why: str
    remedy: str
    shown_by: Callable[[Met], bool]

    @property
    def vectors(self) -> list[Vector]:
        return [it.vector for it in met() if self.shown_by(it)]


def _panics(it: Met) -> bool:
    return isinstance(it.vector.outcomes.get("go"), Crashed)


def _node_reads_alone(it: Met) -> bool:
    return it.vector.result == "invalid" and _is_read_on(it.vector.outcomes.get("node"))


_TAMPERED = ("BitFlip", "Truncated", "MovedBlock", "WrongKey")


def _goes_unnoticed(it: Met) -> bool:
    """Changed, cut, or under another key, and the phone reads on."""
    return bool(set(_TAMPERED) & set(it.vector.flags)) and _is_read_on(it.vector.outcomes.get("phone"))


def _is_raw(it: Met) -> bool:
    outcome = it.vector.outcomes.get("go")
    return isinstance(outcome, Decrypted) and words.raw_bytes(outcome.text) is not None


def _is_spelling(it: Met) -> bool:
    """One client reads what the sender wrote, another refuses it."""
    found = {reading(it, dialect) for dialect in DIALECTS}
    return it.vector.result == "acceptable" and found == {"reads", "refuses"}


DANGERS = (
    Danger(
        "Go ends the process on a short content",
        "Whoever decrypts with `httpsms-go`.",
        "`Decrypt` cuts the IV off without looking whether there is one. Legal base64 of fewer than 16 bytes, the empty "
        "content among it, is no error there but a panic: `slice bounds out of range`.",
        "In a goroutine of its own, in a worker that reads a queue, or in a script nothing catches it: the process ends "
        "with status 2, and one content is a remote crash of a webhook consumer. In a handler of `net/http` the server "
        "catches it: the call ends without an answer, and so does its second attempt. Consumers that decrypt "
        "whatever comes, without looking at `encrypted`, need no attacker: a text message from any stranger will do. "
        "`Stop` ({stop}) and `4711` ({code}) are legal base64.",
        "Look at `encrypted` first. Then check the content ([below](#one-check-before-decrypting)), or call `Decrypt` "
        "behind `recover`.",
        _panics,
    ),
    Danger(
        "Node reads what is no envelope, and cuts texts in silence",
        "Whoever decrypts with `httpsms` for Node.js, or by `Buffer.from(content, \"base64\")` in a client of their own.",
        "That decoder refuses nothing. It stops at the first `=`: of {misplaced} contents with a `=` in the midst it "
        "cuts {cut} in silence. It skips what is no letter: {skipped} contents. Beyond ASCII it reads the low byte of "
        "each UTF-16 unit, so that `Ł` is an `A`, and an emoji is a `=` that cuts the text: {foreign} contents. The "
        "phone and Go refuse each of these.",
        "One content is two messages: what a filter, a log or a person sees is not what is decrypted. And accidents go "
        "unnoticed: a `+` that a form decoder turned into a space ({form}) is a letter lost, and rubbish from there on. "
        "Of the {read} contents that must be refused and are read, {altered} give another text than the sender's.",
        "Check the content before it is decrypted ([below](#one-check-before-decrypting)).",
        _node_reads_alone,
    ),
    Danger(
        "Nobody notices a change or a wrong pass phrase",
        "All clients, and every client that reads this envelope.",
        "There is no authentication. A bit flipped in the envelope is that bit flipped in the text; the 16 bytes behind it "
        "turn to rubbish, and behind the last block there are none. `Pay 100 EUR now` becomes `Pay 900 EUR now` "
        "({amount}). An envelope that was cut gives the beginning of the text, one without its first 16 bytes the rest. "
        "A wrong pass phrase gives rubbish. Of the {tampered} vectors for this the phone reads {read_on} without an "
        "error, and refuses {refused} only because they are too short or no base64 any more.",
        "Whoever runs the gateway, or stands between it and a client, changes texts without the pass phrase. Short "
        "texts, such as codes and amounts, are one block: there the change leaves no trace.",
        "Do not act on a text as if its sender were proven because it could be decrypted. The cure is another envelope: "
        "[envelope-v2.md](envelope-v2.md) is a proposal.",
        _goes_unnoticed,
    ),
    Danger(
        "The phone's IVs can be foretold",
        "The app, for each text that it encrypts, and clients that copy it.",
        "They come from `java.util.Random`, a generator with a state of 48 bits. 16 bytes of its output tell the whole "
        "state by at most 65,536 trials, and with it all that this generator drew before and will draw "
        "(`harness/interop/ivs.py` does it). Of the IVs that the app's code drew, {jvm} gave it away, and {phone} with "
        "Android's own parts; Node {node}, Go {go}. No IV came twice in {encryptions} encryptions.",
        "CFB asks for IVs that nobody can foresee (NIST SP 800-38A). Who sees the envelopes, can have texts of their choice "
        "encrypted (a phone that encrypts what it receives does so for every sender), and knows the next IV, can test "
        "guesses of the first 16 bytes of earlier texts.",
        "There is nothing a reader can do. Writers draw 16 bytes from the system's cryptographic source: `SecureRandom`, "
        "`crypto.randomBytes`, `crypto.getRandomValues`, `crypto/rand`, `os.urandom`.",
        lambda it: PREDICTABLE in it.vector.flags,
    ),
    Danger(
        "Go hands on bytes that are no text",
        "Whoever decrypts with `httpsms-go`.",
        "Where the decrypted bytes are not UTF-8, the phone and Node put U+FFFD, and Go returns the bytes. A wrong pass "
        "phrase is enough. OpenJDK counts the U+FFFD of surrogates otherwise than the phone ({counted} vectors), so a "
        "JVM is no perfect stand-in for a phone.",
        "Such a string breaks what it is handed on to: a database that takes UTF-8 alone, a protocol buffer, a log.",
        "In Go: `utf8.ValidString` and an error, or `strings.ToValidUTF8`. Do not compare the texts of two clients if they "
        "have U+FFFD.",
        _is_raw,
    ),
    Danger(
        "Half of a surrogate pair is another key",
        "Pass phrases and texts that are no well-formed Unicode: cut within an emoji, or made by a program.",
        "UTF-8 cannot hold it. The phone and the JVM encode `?`, Node encodes U+FFFD, and in Go it is U+FFFD since "
        "`encoding/json`.",
        "The same pass phrase is two keys, and neither side gets an error. `?` also makes one key of many pass phrases.",
        "Refuse what is not well-formed before it gets to the cipher (`isWellFormed()` in JavaScript). Do not cut texts by "
        "UTF-16 units.",
        lambda it: "LoneSurrogate" in it.vector.flags,
    ),
    Danger(
        "One client's base64 is an error for another",
        "Encryptors that write something else than all clients write.",
        "No client reads what all others read. Missing padding: the phone and Node read it, Go refuses; one `=` where two "
        "belong: only Node reads it. Line breaks: Go and Node read them, the phone refuses. `-` and `_`: only Node "
        "reads them.",
        "No danger, but a message is lost: on the phone it ends as `FAILED` with `Cannot decrypt the outgoing message. "
        "Check your encryption key on the Android app.`",
        "Write the standard alphabet, all of the padding, and no line breaks. All clients do, at any length. A reader need "
        "not be lenient.",
        _is_spelling,
    ),
)


def _figures() -> dict[str, object]:
    """What stands in braces in the texts above."""
    node = [it for it in met() if _node_reads_alone(it)]
    tampered = _with(*_TAMPERED)
    misplaced = _decrypted("MisplacedPadding")
    return {
        "stop": _one(lambda vector: vector.ciphertext == "Stop").id,
        "code": _one(lambda vector: vector.ciphertext == "4711").id,
        "misplaced": len(misplaced),
        "cut": sum(_is_cut(it) for it in misplaced),
        "skipped": sum("InvalidCharacter" in it.vector.flags for it in node),
        "foreign": sum("NonAscii" in it.vector.flags for it in node),
        "form": _called("each + is a space, as form decoders do").id,
        "read": len(node),
        "altered": sum(reading(it, "node") == "alters" for it in node),
        "amount": _called("an amount: '100' to '900'").id,
        "tampered": len(tampered),
        "read_on": sum(_goes_unnoticed(it) for it in tampered),
        "refused": sum(reading(it, "phone") == "refuses" for it in tampered),
        "counted": sum(it.vector.outcomes.get("phone") != it.vector.outcomes.get("jvm") for it in _decrypted_all()),
        "encryptions": f"{_one(lambda vector: 'FreshIv' in vector.flags).encryptions:,}",
        **_recorded(),
    }


def _decrypted_all() -> list[Met]:
    return [it for it in met() if it.vector.operation == "decrypt"]


def _is_cut(it: Met) -> bool:
    """Node gives less than what was sent, and nothing else."""
    outcome = it.vector.outcomes.get("node")
    return (
        isinstance(outcome, Decrypted)
        and it.sent is not None
        and len(bytes_of(outcome.text)) < len(it.sent)
        and it.sent.startswith(bytes_of(outcome.text).rstrip(b"\xef\xbf\xbd"))
    )
