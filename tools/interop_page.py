"""Writes docs/interop.md: where the clients diverge, how dangerous that is, and what to do (`make docs`).

The texts are here; every number in them is counted by tools/interop_counts.py.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness.adapters.vector_files import own
from harness.cipher import DIALECTS, Dialect
from harness.frozen import frozen
from harness.interop import words
from harness.interop.outcomes import Decrypted
from harness.interop.suite import Flag
from tools.interop_counts import (
    GUARD,
    Met,
    Reading,
    Row,
    bearing,
    called,
    figures,
    is_misread_by_node,
    is_raw_in_go,
    is_spelling,
    is_unnoticed,
    is_wrong,
    met,
    numbers,
    panics_in_go,
    reading,
    rows,
)

__all__ = ["CHECKLIST", "DANGERS", "PLACE", "Danger", "page"]

PLACE = Path(__file__).parents[1] / "docs" / "interop.md"

_COLUMNS: Mapping[Dialect, str] = {"phone": "phone", "jvm": "JVM", "node": "Node", "go": "Go"}
_SHOWN = 48  # letters of a text in a table

_HEAD = """\
# Where the clients diverge, and how dangerous that is

For those who maintain or use a client of httpSMS that encrypts or decrypts. Everything here is counted in the {vectors}
vectors of this project (`harness/interop/vectors/cipher-v1.json`): each says what goes in, what a correct client does,
and what four clients do with it. `httpsms-harness vectors explain {stop}` tells all about a number. The page is made by
`make docs` from the vectors, from their tables (`tools/vector_cases`), and from `tools/interop_page.py`.
"""
_SAFE = """\
## Is my client safe?

Wrong is to give a text where an error belongs, to crash, or to draw IVs that can be foretold.
"""
_SAFE_ROWS: tuple[tuple[Dialect, str, str], ...] = (
    ("go", "One short content ends the process.", "Check the content before it is decrypted."),
    ("node", "What is no envelope is read, and texts are cut in silence.", "Check the content before it is decrypted."),
    ("phone", "Its IVs can be foretold. As a reader it is strict.", "Write no client that draws IVs as it does."),
    ("jvm", "The same.", "Use it for what it is: the phone's code without a phone."),
)
_SAFE_AFTER = """\
Yours is another one? `httpsms-harness vectors verify -r 'your runner'` asks it, and all of this is a failure there
([runner-protocol.md](runner-protocol.md) says what a runner is).

**No client can tell whether a text is authentic.** The encryption of today hides texts from the gateway, and does
nothing else.

What is meant by the names, and how it is known:

| name | what was run |
| --- | --- |
| phone | the app's own code, with Android's AES and decoder of UTF-8 as far as these run without a phone |
| JVM | the app's own code on OpenJDK |
| Node | the npm package `httpsms` {npm} |
| Go | the module `httpsms-go` {module} |

They were run on {recorded} recorded cases (`tests/data/cipher`). The models of them in `harness.cipher`
(`dialect="phone"`, `"jvm"`, `"node"`, `"go"`) do the same in each of these cases, and say what the clients make of each
vector. `vectors verify` asks the clients themselves. On what is well-formed all agree: {texts} texts and pass phrases
came back in {pairs} pairs of encryptor and decryptor (the fifth of them is the phone's algorithm with a JDK alone).
"""
_DANGERS_HEAD = """\
## What hurts, the worst first
"""


@frozen
class Danger:
    """A divergence that hurts. `is_shown_by` chooses the vectors that show it.

    `examples` are vectors by their comments, and whose reading of them is shown.
    """

    title: str
    who: str
    what: str
    why: str
    remedy: str
    is_shown_by: Callable[[Met], bool]
    examples: tuple[Dialect, tuple[str, ...]] | None = None

    @property
    def vectors(self) -> list[Met]:
        return [it for it in met() if self.is_shown_by(it)]


DANGERS = (
    Danger(
        "Go ends the process on a short content",
        "Whoever decrypts with `httpsms-go`.",
        """`Decrypt` cuts the IV off without looking whether there is one. Legal base64 of fewer than 16 bytes is no
        error there but a panic, `slice bounds out of range`. So is the empty content.""",
        """In a goroutine of its own, in a worker that reads a queue, and in a script nothing catches it: the process
        ends with status 2, and one content is a remote crash of a webhook consumer. In a handler of `net/http` the
        server catches it: the call ends without an answer, the gateway calls once more, and the event is lost. A
        consumer that decrypts whatever comes, without looking at `encrypted`, needs no attacker: a text message from
        any stranger will do. `Stop` ({stop}) and `4711` ({code}) are legal base64.""",
        """Look at `encrypted` first. Then [check the content](#one-check-before-decrypting), or call `Decrypt` behind
        `recover`.""",
        panics_in_go,
    ),
    Danger(
        "Node reads what is no envelope, and cuts texts in silence",
        """Whoever decrypts with `httpsms` for Node.js, or by `Buffer.from(content, "base64")` in a client of their
        own.""",
        """That decoder refuses nothing. It stops at the first `=`: of {misplaced} contents with a `=` where none
        belongs it cuts {cut} in silence. It skips what is no letter: {skipped} contents. Beyond ASCII it reads the low
        byte of each UTF-16 unit, so that `Ł` is an `A`, and `😀` a `=` that cuts the text: {foreign} contents. The
        phone and Go refuse all of these.""",
        """One content is two messages: what a filter, a log or a person sees is not what is decrypted. And accidents
        go unnoticed: a `+` that a form decoder turned into a space is a letter lost, and what follows is rubbish. Of
        the {misread} contents that should be refused and are read, {altered} give another text than the sender's.""",
        "[Check the content](#one-check-before-decrypting) before it is decrypted.",
        is_misread_by_node,
        (
            "node",
            (
                "= after 24 letters",
                "an emoji after the IV hides the whole text",
                "each + is a space, as form decoders do",
                "U+0141, whose low byte is A, for a letter",
            ),
        ),
    ),
    Danger(
        "Nobody notices a change or a wrong pass phrase",
        "All clients, and every client that reads this envelope.",
        """There is no authentication. A bit flipped in the envelope is that bit flipped in the text. The 16 bytes
        behind it turn to rubbish, and behind the last block there are none. An envelope that was cut gives the
        beginning of the text, one without its first 16 bytes the rest. A wrong pass phrase gives rubbish. Of {tampered}
        vectors for this the phone reads {unnoticed} without an error; it refuses {refused} only because they are too
        short or no base64 any more.""",
        """Whoever runs the gateway, or stands between it and a client, changes texts without the pass phrase. Short
        texts, such as codes and amounts, are one block: there a change leaves no trace.""",
        """Do not act on a text as if its sender were proven because it could be decrypted. The cure is another
        envelope: [envelope-v2.md](envelope-v2.md) is a proposal.""",
        is_unnoticed,
        (
            "phone",
            (
                "an amount: '100' to '900'",
                "a one-time code: '482913' to '117305'",
                "the last 27 bytes",
                "other case",
            ),
        ),
    ),
    Danger(
        "The phone's IVs can be foretold",
        "The app, for each text that it encrypts, and clients that copy it.",
        """They come from `java.util.Random`, a generator with a state of 48 bits. 16 bytes of its output tell the whole
        state by at most 65,536 trials, and with it all that this generator drew before and will draw
        (`harness/interop/ivs.py` does it). The IVs of the app's code on a JVM told it in {jvm} cases, with Android's
        parts in {phone}; those of Node in {node}, those of Go in {go}. No IV came twice in {encryptions} encryptions of
        any of them.""",
        """CFB asks for IVs that nobody can foresee (NIST SP 800-38A). Anyone who sees the envelopes, can have texts of
        their choice encrypted (a phone that encrypts what it receives does so for every sender), and knows the next IV
        can test guesses of the first 16 bytes of earlier texts.""",
        """There is nothing that a reader can do. Writers draw 16 bytes from the system's cryptographic source:
        `SecureRandom`, `crypto.randomBytes`, `crypto.getRandomValues`, `crypto/rand`, `os.urandom`.""",
        lambda it: it.vector.unpredictable,
    ),
    Danger(
        "Go hands on bytes that are no text",
        "Whoever decrypts with `httpsms-go`.",
        """Where the decrypted bytes are not UTF-8, the phone and Node put U+FFFD, and Go returns the bytes. A wrong
        pass phrase is enough. OpenJDK counts the U+FFFD otherwise than the phone where bytes look like surrogates
        ({counted} vectors): a JVM is no perfect stand-in for a phone.""",
        "Such a string breaks what it is handed on to: a database that takes UTF-8 alone, a protocol buffer, a log.",
        """In Go, `utf8.ValidString` and an error, or `strings.ToValidUTF8`. Do not compare the texts of two clients if
        they have U+FFFD.""",
        is_raw_in_go,
    ),
    Danger(
        "Half of a surrogate pair is another key",
        """Anyone who has pass phrases or texts that are no well-formed Unicode: cut within an emoji, or made by a
        program.""",
        """UTF-8 cannot hold it. The phone and the JVM encode `?`, Node encodes U+FFFD, and in Go `encoding/json` has
        made it U+FFFD before.""",
        """One pass phrase is two keys, and neither side gets an error. `?` also makes one key of many pass phrases.""",
        """Refuse what is not well-formed before it gets to the cipher (`isWellFormed()` in JavaScript). Do not cut
        texts by UTF-16 units.""",
        lambda it: "LoneSurrogate" in it.vector.flags,
    ),
    Danger(
        "One client's base64 is an error for another",
        "Encryptors that write something else than all clients write.",
        """No two of phone, Node and Go accept the same. Without padding: the phone and Node read it, Go refuses. One
        `=` where two belong: Node alone reads it. Line breaks: Go and Node read it, the phone refuses. `-` and `_`:
        Node alone reads it.""",
        """It is no danger, but the message is lost. On the phone it ends as `FAILED`, with the reason `Cannot decrypt
        the outgoing message. Check your encryption key on the Android app.`""",
        """Write the standard alphabet, all of the padding, and no line breaks. All clients do, at any length. A reader
        need not be lenient.""",
        is_spelling,
    ),
)

_GUARD_HEAD = """\
## One check before decrypting

Every encryptor writes one form: letters of standard base64, padded, of 16 bytes and more. A content of this form
matches:
"""
_GUARD_AFTER = """\
The expression means the same in JavaScript, in Go, in Java and Kotlin (`matches`), and in Python (`re.fullmatch`). In
PHP, Perl and Ruby write `\\A` and `\\z` for `^` and `$`, which there mean the ends of a line, or take a line break at
the end. It lets {valid_passed} of {valid} envelopes through that must be read, {invalid_passed} of {invalid} contents
that must be refused, and {crashing_passed} of {crashing} on which Go panics. It does not help against changes of an
envelope, nor against what one says in that form: see [3](#3-nobody-notices-a-change-or-a-wrong-pass-phrase).
"""
_UNSHOWN = """\
## What no vector shows

Read in the app's source, and not run:

* The app writes the envelopes that it handles into its log. With the debug switch on, every line of the log goes to
  Axiom, an outside service.
* The pass phrase lies in the app's settings as plain text, and Android's backup takes it along.
* The settings trim it at every letter that is typed. An empty one means that nothing is encrypted.
* Attachments are never encrypted, whatever `encrypted` says.
"""
_TABLE_HEAD = """\
## Input by input

How many vectors of each class of input a client treats how. Bold is what nobody should do with them.
"""
_READINGS: Mapping[Reading, str] = {
    "reads": "The text that the sender encrypted comes out. Of an encryptor: the envelope of that text.",
    "refuses": "An error that a caller can handle.",
    "replaces": "What was encrypted is not UTF-8, and U+FFFD stands for what cannot be read.",
    "alters": "A text comes out that nobody encrypted, and no error. Of an encryptor: the envelope of another text, or "
    "under another key.",
    "foretold": "From one IV follow all others.",
    "crashes": "What no caller can handle.",
}
_TABLE_AFTER = """\
A correct client gives exactly what a vector says that is *valid*, refuses one that is *invalid*, and does either with
one that is *acceptable*: refuse it, or do what one of the four does that is no crash. Of an envelope that was changed a
vector says the changed text, since nobody can do better.
"""
_AGREED = """\
## Where all do the same, and right

{vectors} vectors. A client that fails here is read by nobody, or reads nobody.
"""
_FLAGS_HEAD = """\
## The flags

What vectors have in common, and why it matters. `vectors verify --flag NAME` asks for those with one flag.
"""
_CHECKLIST_HEAD = """\
## For authors of clients

Each rule with the number of vectors that try whether it is kept.
"""
CHECKLIST: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        """Write base64 of IV (16 bytes) and ciphertext: standard alphabet, padding, one line. AES-256-CFB with segments
        of 128 bits, without block padding.""",
        ("Published", "KnownAnswer", "Length", "Large"),
    ),
    (
        """The key is the SHA-256 of the pass phrase's UTF-8 bytes as they are: not trimmed, normalised, cut, or
        decoded. Two pass phrases are the same if their bytes are.""",
        ("KeyText", "LooksLikeData"),
    ),
    (
        """Where a pass phrase is entered, refuse the empty one, and warn of white space around it, which the phone
        trims.""",
        ("EmptyKey", "KeyHasOuterWhitespace"),
    ),
    (
        """Decode base64 as the phone does: letters of the standard alphabet, then `=`, and nothing else. The number of
        letters leaves, divided by four, 0 (no `=`), 2 (`==` or none) or 3 (`=` or none). Or be stricter, by the check
        above.""",
        ("MissingPadding", "PartialPadding", "ExtraPadding", "MisplacedPadding", "UrlSafeAlphabet", "Whitespace",
         "LineBreak", "InvalidCharacter", "NonAscii", "NonCanonicalBits"),
    ),
    ("Fewer than 16 bytes are an error that a caller can handle. 16 are the empty text.", ("ShorterThanIv", "IvOnly")),
    ("Never crash, whatever comes.", ("ShorterThanIv", "NotAnEnvelope")),
    (
        """Of bytes that are not UTF-8 make U+FFFD, or an error. Hand on no bytes as a text. Leave a byte order mark
        where it is.""",
        ("PlaintextBytes", "UnicodeText"),
    ),
    ("Refuse texts and pass phrases that are no well-formed Unicode.", ("LoneSurrogate",)),
    ("Draw each IV from the system's cryptographic source.", ("FreshIv", "PredictableIv", "ReusedIv")),
    (
        """Count before sending: `n` bytes of UTF-8 make `4 * ceil((16 + n) / 3)` letters, and the gateway takes
        {send_letters} ({send} bytes), in bulk {bulk_letters} ({bulk} bytes). Bytes, not characters. Encrypt the whole
        text, not its segments.""",
        ("NearGatewayLimit", "SegmentBorder"),
    ),
    ("Decrypt what has `encrypted: true`, and nothing else. Looks say nothing.", ("NotAnEnvelope",)),
    (
        """Do not call a text authentic. Do not take a ciphertext for the identity of a message: it has several
        spellings.""",
        ("WrongKey", "Modified", "BitFlip", "MovedBlock", "Truncated", "NonCanonicalBits"),
    ),
)  # fmt: skip
_REST = """\
## WebCrypto

Browsers have no CFB. It can be made of modes that they have: [web-client.md](web-client.md) shows how, and
`vectors verify -r web` tries it. `atob` is another trap there: it skips white space, which the phone refuses.

## An envelope that cannot be changed

[envelope-v2.md](envelope-v2.md) is a proposal for an authenticated one, with vectors of its own. No client reads it,
and nothing here uses it unless it is asked to.

## Do it yourself

```sh
httpsms-harness vectors install
httpsms-harness vectors verify
httpsms-harness vectors matrix
```

asks the published clients themselves: each of them each vector, and then each of them what the others encrypted. One
vector in full, and what a client that you do not have makes of a content:

```sh
httpsms-harness vectors explain {early}
httpsms-harness decrypt --dialect node --key '{key}' '{ciphertext}'
```

From other languages: [quick-starts/vectors.md](quick-starts/vectors.md).
"""


def page() -> str:
    """The whole page."""
    counted = figures()
    agreed, diverging = ([row for row in rows() if row.is_agreed is wanted] for wanted in (True, False))
    parts = (
        _HEAD.format(**counted),
        _SAFE,
        _table(("client", "does wrong", "the worst of it", "what to do first"), _safe_rows()),
        _SAFE_AFTER.format(**counted),
        _DANGERS_HEAD,
        *(_told(number, danger, counted) for number, danger in enumerate(DANGERS, start=1)),
        _GUARD_HEAD,
        f"```text\n{GUARD}\n```\n",
        _wrapped(_GUARD_AFTER.format(**counted)) + "\n",
        _UNSHOWN,
        _TABLE_HEAD,
        _table(("word", "what it says"), ((f"*{name}*", what) for name, what in _READINGS.items())),
        _TABLE_AFTER,
        _table(("input", "flag", "vectors", "a correct client", *_COLUMNS.values()), map(_diverging_row, diverging)),
        _AGREED.format(vectors=sum(len(row.met) for row in agreed)),
        _table(("input", "flag", "vectors"), map(_agreed_row, agreed)),
        _FLAGS_HEAD,
        *(_flag(flag) for flag in own().flags.values()),
        _CHECKLIST_HEAD,
        _table(("rule", "vectors"), ((_line(rule).format(**counted), _tried_by(flags)) for rule, flags in CHECKLIST)),
        _REST.format(**counted),
    )
    return "\n".join(parts)


# -- its parts ---------------------------------------------------------------------------------------------------------


def _safe_rows() -> Iterator[Sequence[str]]:
    for dialect, worst, first in _SAFE_ROWS:
        wrong = [it for it in met() if is_wrong(it, dialect)]
        yield _COLUMNS[dialect], f"{words.count(len(wrong), 'vector')} ({numbers(wrong)})", worst, first


def _told(number: int, danger: Danger, counted: Mapping[str, str]) -> str:
    parts = {"Who": danger.who, "What": danger.what, "Why it matters": danger.why, "What to do": danger.remedy}
    items = {name: text.format(**counted) for name, text in parts.items()} | {"Shown by": _counted(danger.vectors)}
    told = "".join(f"{_wrapped(f'* **{name}:** {text}', '  ')}\n" for name, text in items.items())
    return f"### {number}. {danger.title}\n\n{told}{_examples(danger)}"


def _examples(danger: Danger) -> str:
    if danger.examples is None:
        return ""
    dialect, comments = danger.examples
    head = ("vector", "what was done", "the sender wrote", f"{_COLUMNS[dialect]} reads")
    return "\n" + _table(head, (_example(called(comment), dialect) for comment in comments))


def _example(it: Met, dialect: Dialect) -> Sequence[str]:
    outcome = it.vector.outcomes[dialect]
    if it.sent is None or not isinstance(outcome, Decrypted):
        raise ValueError(f"vector {it.vector.id} is no example: nobody sent it, or it is not read")
    return it.vector.id, it.vector.comment, _quoted(it.sent.decode()), _quoted(outcome.text)


def _quoted(text: str) -> str:
    """A text in the cell of a table."""
    shown = words.quoted(text, _SHOWN).replace("|", "\\|")
    if "`" in shown:
        raise ValueError(f"{shown} cannot be shown as code: choose another example")
    return f"`{shown}`"


def _flag(flag: Flag) -> str:
    items = {"What": flag.what, "Risk": flag.risk, "Remedy": flag.remedy, "Vectors": _counted(bearing(flag.name))}
    return f"### {flag.name}\n\n" + "".join(f"* **{name}:** {text}\n" for name, text in items.items())


def _counted(vectors: Sequence[Met]) -> str:
    return f"{words.count(len(vectors), 'vector')}: {numbers(vectors)}"


def _tried_by(flags: Sequence[str]) -> str:
    return f"{len(bearing(*flags))}: {_links(flags)}"


def _diverging_row(row: Row) -> Sequence[str]:
    results = Counter(it.vector.result for it in row.met)
    demanded = ", ".join(name if len(results) == 1 else f"{name} {count}" for name, count in sorted(results.items()))
    return (*_agreed_row(row), demanded, *(_cell(row, dialect) for dialect in DIALECTS))


def _agreed_row(row: Row) -> Sequence[str]:
    return row.comment, _links(row.classes), f"{len(row.met)}: {numbers(row.met)}"


def _cell(row: Row, dialect: Dialect) -> str:
    """`**crashes 26**, refuses 19`: how often the client does what."""
    counts = Counter((reading(it, dialect), is_wrong(it, dialect)) for it in row.met)
    order = sorted(counts, key=lambda key: (not key[1], list(_READINGS).index(key[0])))
    shares = (f"{name} {counts[name, wrong]}" for name, wrong in order)
    return ", ".join(f"**{share}**" if wrong else share for share, (_, wrong) in zip(shares, order, strict=True))


def _links(flags: Iterable[str]) -> str:
    return ", ".join(f"[{flag}](#{flag.lower()})" for flag in flags)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(_line(text), 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _line(text: str) -> str:
    return " ".join(text.split())


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), *lines))


if __name__ == "__main__":
    PLACE.write_text(page(), encoding="utf-8")
