"""Is my runner right? One rule of the runner protocol after the other, each with what to change where it is broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator

from harness.cipher import DIALECTS, bytes_of, decrypt, encrypt
from harness.errors import CipherError
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused
from harness.interop.probing import Check, CloseInput, Heard, Script, Step, Subject, Write, cut
from harness.interop.protocol import BYE, HELLO, VERSION, outcome, request
from harness.interop.results import Hello

__all__ = ["checklist"]

PIPELINED = 200
LONG = 1 << 20

Rule = Generator[Step, Heard | None, Check]


def checklist() -> Script:
    """The whole conversation. Without an answer to `hello` the other rules are not tried."""
    subject = Subject()
    first = yield from _starts(subject)
    yield first
    if first.verdict == "wrong":
        return
    for rule in _RULES:
        if not subject.is_alive:
            yield from subject.start()
        yield (yield from rule(subject))


# Printed in the project's blog post; every client reads it (cipher.md §1).
_KEY, _PLAIN = "Password123", "This is a test text message"
_PUBLISHED = Decrypt(_KEY, "Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg==")
_IV = bytes(range(16))
_HOW = "the key is SHA-256 of its UTF-8 bytes, the envelope base64(IV ‖ AES-256-CFB128); `vectors verify` tells more"


def _sealed(key: str, text: str) -> Decrypt:
    return Decrypt(key, encrypt(key, text, iv=_IV))


def _is_right(call: Call, outcome: Outcome | None) -> bool:
    """Whether a correct client would say so. An envelope is right if it can be read."""
    if isinstance(call, Decrypt):
        return outcome == Decrypted(decrypt(call.key, call.ciphertext))
    try:
        return isinstance(outcome, Encrypted) and decrypt(call.key, outcome.ciphertext) == call.text
    except CipherError:
        return False


# -- hello -------------------------------------------------------------------------------------------------------------


_HELLO = f'{{"id":…,"protocol":{VERSION},"name":"…","version":"…","can":["encrypt","decrypt"]}}'


def _starts(subject: Subject) -> Rule:
    rule = "starts, and answers `hello`"
    reply = yield from subject.start()
    if reply.fields.keys() & {"name", "version", "can"}:
        return Check("right", rule)
    if reply.fields:  # an error, or an echo
        return Check("wrong", rule, reply.said, f"answer {_HELLO}")
    if subject.noise:
        remedy = "answer each line with one line of JSON that has the same `id`, and print nothing else"
        return Check("wrong", rule, f"{subject.trouble}; it printed {subject.noise[0]!r}", remedy)
    remedy = "read lines from standard input, answer each with a line, and flush standard output after it"
    return Check("wrong", rule, subject.trouble, remedy)


def _introduces_itself(subject: Subject) -> Rule:
    yield from ()
    rule, told = "says its name, its version, and what it can", subject.hello
    if not isinstance(told, Hello):
        return Check("wrong", rule, told, f"answer {_HELLO}")
    if not (told.name.strip() and told.version.strip()):
        return Check("wrong", rule, "an empty name or version", f"answer {_HELLO}")
    if not told.can & {"encrypt", "decrypt"}:
        return Check("wrong", rule, f"can {sorted(told.can)}", 'name "encrypt" or "decrypt" in `can`, or both')
    return Check("right", rule, f"{told.name}, {told.version}, can {', '.join(sorted(told.can))}")


def _tells_its_protocol(subject: Subject) -> Rule:
    rule = f"says that it speaks version {VERSION}, to whoever asks for another too"
    [reply] = yield from subject.ask({"op": HELLO, "protocol": 999})
    if reply.fields.get("protocol") == VERSION or "error" in reply.fields:
        return Check("right", rule)
    remedy = f'answer any `hello` with "protocol":{VERSION}, or with an error; whoever asks decides what that means'
    return Check("wrong", rule, f"asked for version 999: {reply.said}", remedy)


def _names_a_dialect(subject: Subject) -> Rule:
    rule = "names a client that it does the same as, if any"
    [reply] = yield from subject.ask({"op": HELLO, "protocol": VERSION})
    dialect = reply.fields.get("dialect")
    if dialect is None:
        return Check("note", rule, "it names none: it is held to what a correct client does")
    if dialect in DIALECTS:
        return Check("right", rule, dialect)
    return Check("wrong", rule, cut(repr(dialect)), f"leave `dialect` away, or say one of {', '.join(DIALECTS)}")


# -- answers -----------------------------------------------------------------------------------------------------------


def _decrypts(subject: Subject) -> Rule:
    rule = "decrypts a published ciphertext"
    if not subject.can("decrypt"):
        return Check("note", rule, "it says that it cannot decrypt")
    [reply] = yield from subject.ask(_PUBLISHED)
    if _is_right(_PUBLISHED, reply.outcome):
        return Check("right", rule)
    return Check("wrong", rule, reply.said, f'the answer is {{"id":…,"text":"{_PLAIN}"}}; {_HOW}')


def _encrypts(subject: Subject) -> Rule:
    rule = "encrypts what others can read"
    if not subject.can("encrypt"):
        return Check("note", rule, "it says that it cannot encrypt")
    call = Encrypt(_KEY, _PLAIN)
    [reply] = yield from subject.ask(call)
    if _is_right(call, reply.outcome):
        return Check("right", rule)
    return Check("wrong", rule, reply.said, f'the answer is {{"id":…,"ciphertext":"base64"}}; {_HOW}')


def _uses_the_iv(subject: Subject) -> Rule:
    rule = "uses the IV that it is given"
    if not subject.can("iv"):
        return Check("note", rule, "it says that it takes none: its envelopes are judged under the IV that they bear")
    [reply] = yield from subject.ask(Encrypt(_KEY, _PLAIN, _IV))
    if reply.outcome == Encrypted(encrypt(_KEY, _PLAIN, iv=_IV)):
        return Check("right", rule)
    return Check("wrong", rule, reply.said, "encrypt under `iv_hex` where it is there, or leave `iv` out of `can`")


def _keeps_the_order(subject: Subject) -> Rule:
    rule = f"answers {PIPELINED} calls that come at once, in their order"
    if not _can_anything(subject):
        return Check("note", rule, _NEITHER)
    calls = tuple(_mixed(subject))
    replies = yield from subject.ask_all(calls)
    if len(replies) < len(calls):
        found = f"{len(replies)} answers came; then: {subject.trouble}"
        return Check("wrong", rule, found, "read one line after the other until the input ends, whatever waits there")
    if list(replies) != sorted(replies):
        return Check("wrong", rule, "they came in another order", "answer one line before you read the next")
    numbered = zip(calls, (replies[number] for number in sorted(replies)), strict=True)
    wrong = [reply.said for call, reply in numbered if not _is_right(call, reply.outcome)]
    if wrong:
        found = f"{len(wrong)} answers are wrong, the first of them {wrong[0]}"
        return Check("wrong", rule, found, "keep nothing of one call for the next")
    return Check("right", rule)


_NEITHER = "it says that it can neither encrypt nor decrypt"


def _can_anything(subject: Subject) -> bool:
    return subject.can("encrypt") or subject.can("decrypt")


def _mixed(subject: Subject) -> list[Call]:
    """Calls of many lengths, encryptions and decryptions in turn."""
    makers = [maker for maker in (_sealed, Encrypt) if subject.can("decrypt" if maker is _sealed else "encrypt")]
    return [makers[number % len(makers)](_KEY, f"{number} " * (number % 40)) for number in range(PIPELINED)]


def _takes_special_characters(subject: Subject) -> Rule:
    rule = "reads and writes quotes, control characters, NUL and emoji"
    key, text = 'kéy "\\ \u2028🔑', 'a "quoted" \\ back\0slash \b\f\n\r\t\x1f\x7f é € 😀 \u2028'
    remedy = (
        "decode every escape of JSON strings, surrogate pairs too, or take `key_hex`, `text_hex` and `ciphertext_hex` "
        "(UTF-8 in hex) instead; answer with `text_hex` where escaping is a burden"
    )
    return (yield from _both_ways(subject, rule, key, text, remedy))


def _takes_nothing(subject: Subject) -> Rule:
    remedy = "an empty string is a value like any other, in answers too"
    return (yield from _both_ways(subject, "takes an empty key and an empty text", "", "", remedy))


def _takes_much(subject: Subject) -> Rule:
    remedy = "read lines whole, however long (this one has 3 MB), and write all of the answer"
    return (yield from _both_ways(subject, "takes a text of 1 MB", _KEY, "0123456789abcdef" * (LONG // 16), remedy))


def _both_ways(subject: Subject, rule: str, key: str, text: str, remedy: str) -> Rule:
    if not _can_anything(subject):
        return Check("note", rule, _NEITHER)
    for operation, call in (("encrypt", Encrypt(key, text)), ("decrypt", _sealed(key, text))):
        if subject.can(operation):
            [reply] = yield from subject.ask(call)
            if not _is_right(call, reply.outcome):
                return Check("wrong", rule, f"{operation}: {reply.said}", remedy)
    return Check("right", rule)


def _takes_a_lone_surrogate(subject: Subject) -> Rule:
    rule = "lives on after a lone surrogate in a text"
    if not subject.can("encrypt"):
        return Check("note", rule, "it says that it cannot encrypt")
    [reply] = yield from subject.ask(Encrypt(_KEY, "\ud83d"))
    if reply.outcome is None:
        return Check("wrong", rule, reply.said, 'answer what you cannot take with "error", or with "skip" and why')
    return Check("note", rule, _surrogate(reply.outcome) or reply.said)


def _surrogate(outcome: Outcome) -> str:
    """Which bytes it has become (cipher.md §2)."""
    try:
        text = decrypt(_KEY, outcome.ciphertext, dialect="go") if isinstance(outcome, Encrypted) else ""
    except CipherError:
        return ""
    known = {"?": "it becomes ?, as on the phone", "\ufffd": "it becomes U+FFFD, as in Node and Go"}
    return known.get(text, f"it becomes the bytes {bytes_of(text)[:8].hex(' ')}, as in no known client") if text else ""


def _refuses(subject: Subject) -> Rule:
    rule = "refuses a ciphertext that is shorter than an IV, and lives on"
    if not subject.can("decrypt"):
        return Check("note", rule, "it says that it cannot decrypt")
    refusal, after = yield from subject.ask(Decrypt(_KEY, "AAAA"), _PUBLISHED)
    if after.outcome is None:
        remedy = 'catch what decrypting raises, and answer {"id":…,"error":"CLASS","message":"…"} ("panic" for a crash)'
        return Check("wrong", rule, after.said, remedy)
    match refusal.outcome:
        case Refused(error):
            return Check("right", rule, error)
        case Crashed(how):
            return Check("note", rule, f"it panics there ({how}): who calls this client must be ready for that")
    return Check("wrong", rule, refusal.said, 'fewer than 16 bytes are no envelope: answer with "error"')


# -- what else comes ---------------------------------------------------------------------------------------------------


def _ignores_unknown_fields(subject: Subject) -> Rule:
    rule = "ignores fields that it does not know"
    if not _can_anything(subject):
        return Check("note", rule, _NEITHER)
    call = _PUBLISHED if subject.can("decrypt") else Encrypt(_KEY, _PLAIN)
    asked = json.loads(request(0, call))
    del asked["id"]
    [reply] = yield from subject.ask({"x_new": "field", **asked, "x_newer": True})
    if _is_right(call, outcome(reply.fields, call)):
        return Check("right", rule)
    return Check("wrong", rule, reply.said, "take fields by their names, and leave the others alone")


def _answers_an_unknown_operation(subject: Subject) -> Rule:
    rule = "answers an operation that it does not know with an error"
    [reply] = yield from subject.ask({"op": "sing"})
    if isinstance(reply.fields.get("error"), str):
        return Check("right", rule)
    remedy = 'answer {"id":…,"error":"UnknownOperation","message":"…"}, and go on'
    return Check("wrong", rule, reply.said, remedy)


def _survives_garbage(subject: Subject) -> Rule:
    rule = "survives a line that is no JSON"
    noise = len(subject.noise)
    if subject.is_alive:
        yield Write(b'{"id": "no", "op": \n')
    [reply] = yield from subject.ask({"op": HELLO, "protocol": VERSION})
    del subject.noise[noise:]  # whatever it says to such a line
    if reply.fields:
        return Check("right", rule)
    return Check("wrong", rule, reply.said, "catch what your JSON parser raises, and go on with the next line")


def _leaves(subject: Subject) -> Rule:
    rule, remedy = "ends with status 0 after `bye`", 'answer {"id":…} to `bye`, then exit with 0'
    [reply] = yield from subject.ask({"op": BYE})
    if not reply.fields:
        return Check("wrong", rule, f"no answer: {reply.said}", remedy)
    status = yield from subject.hear_the_end()
    return Check("right", rule) if status == 0 else Check("wrong", rule, subject.trouble, remedy)


def _leaves_at_the_end_of_input(subject: Subject) -> Rule:
    rule = "ends when its standard input ends"
    yield CloseInput()
    status = yield from subject.hear_the_end()
    if status is not None:
        return Check("right", rule)
    return Check("wrong", rule, subject.trouble, "leave your loop when there is no line to read any more")


def _is_quiet(subject: Subject) -> Rule:
    yield from ()
    rule = "prints nothing but answers on standard output"
    if not subject.noise:
        return Check("right", rule)
    found = f"{len(subject.noise)} times something else, first {cut(subject.noise[0])}"
    return Check("wrong", rule, found, "talk on standard error; answer each request once, with its own `id`, a number")


_RULES: tuple[Callable[[Subject], Rule], ...] = (
    _introduces_itself,
    _tells_its_protocol,
    _names_a_dialect,
    _decrypts,
    _encrypts,
    _uses_the_iv,
    _keeps_the_order,
    _takes_special_characters,
    _takes_a_lone_surrogate,
    _takes_nothing,
    _takes_much,
    _refuses,
    _ignores_unknown_fields,
    _answers_an_unknown_operation,
    _survives_garbage,
    _leaves,
    _leaves_at_the_end_of_input,
    _is_quiet,
)
