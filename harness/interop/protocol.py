"""Protocol 1 of runners: a JSON object a line, on stdin and stdout of a child process. Both ends, as bytes and values.

Texts go along as hex too: JSON readers differ in what they make of lone surrogates, and some runners have no JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Literal, NamedTuple, get_args

from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.fields import kind_of
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, Outcome, Refused, Skipped
from harness.interop.results import Hello

__all__ = [
    "BYE",
    "HELLO",
    "VERSION",
    "Answer",
    "BadRequest",
    "LineSplitter",
    "Noise",
    "Request",
    "answer",
    "hello",
    "outcome",
    "parse_answer",
    "parse_request",
    "request",
    "respond",
]

VERSION = 1
HELLO: Literal["hello"] = "hello"
BYE: Literal["bye"] = "bye"

Asked = Call | Literal["hello", "bye"]


# -- our end -----------------------------------------------------------------------------------------------------------


def request(number: int, asked: Asked, told: Hello | None = None) -> bytes:
    """The line that asks for `asked` under the id `number`. An IV goes along if the runner `told` that it takes one."""
    match asked:
        case Decrypt(key, ciphertext):
            fields = f'"op":"decrypt",{_twice("key", key)},{_twice("ciphertext", ciphertext)}'
        case Encrypt(key, text, iv):
            fields = f'"op":"encrypt",{_twice("key", key)},{_twice("text", text)}'
            if iv is not None and told is not None and "iv" in told.can:
                fields += f',"iv_hex":"{iv.hex()}"'
        case "hello":
            fields = f'"op":"hello","protocol":{VERSION}'
        case "bye":
            fields = '"op":"bye"'
    return f'{{"id":{number},{fields}}}\n'.encode("ascii")


def _twice(name: str, text: str) -> str:
    return f'"{name}":{_quoted(text)},"{name}_hex":"{text.encode("utf-8", "surrogatepass").hex()}"'


class Answer(NamedTuple):
    """A line with an id. `oddity` says what was forgiven in reading it."""

    number: int
    fields: dict[str, Any]
    oddity: str = ""


class Noise(NamedTuple):
    """A line that is no answer, and why."""

    why: str
    fields: dict[str, Any]


_BOM = b"\xef\xbb\xbf"


def parse_answer(line: bytes) -> Answer | Noise:
    """What a runner printed, without the LF. Never raises."""
    try:
        fields = json.loads(str(line, "utf-8"))
    except (ValueError, RecursionError):
        # .NET's writers begin with a byte order mark.
        return _with_oddity(parse_answer(line[3:]), "a byte order mark") if line.startswith(_BOM) else _noise(line)
    if type(fields) is not dict:
        return Noise("it is no JSON object", {})
    number = fields.get("id")
    if type(number) is int:
        return Answer(number, fields)
    if isinstance(number, float) and number.is_integer():
        return Answer(int(number), fields, "a fraction as the id")
    if isinstance(number, str) and number.isdecimal() and len(number) < 19:
        return Answer(int(number), fields, "a string as the id")
    return Noise("its id is no number" if "id" in fields else "it has no id", fields)


def _with_oddity(read: Answer | Noise, oddity: str) -> Answer | Noise:
    return read._replace(oddity=oddity) if isinstance(read, Answer) else read


def _noise(line: bytes) -> Noise:
    if not line.strip():
        return Noise("it is blank", {})
    return Noise("it is no JSON" if _is_utf8(line) else "it is no UTF-8", {})


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def hello(fields: dict[str, Any]) -> Hello | str:
    """How a runner introduces itself, or what is wrong with that. Raises nothing."""
    if (said := fields.get("protocol")) != VERSION or type(said) is not int:
        return _no_hello(fields)
    match fields:
        case {"name": str(name), "version": str(version), "can": list(can)} if all(isinstance(one, str) for one in can):
            if len(can) > _CAN_MAX:
                return f"its hello names {len(can)} things that it can, and {_CAN_MAX} are the most"
            named = frozenset(map(_short, can))
            return Hello(VERSION, _short(name), _short(version), named, _dialect(fields.get("dialect")))
    wanted = {"name": "a string", "version": "a string", "can": "a list of strings"}
    wrong = [name for name in wanted if not _is_shaped(name, fields.get(name))]
    return f"its hello has no {wrong[0]}, which is {wanted[wrong[0]]}"


def _is_shaped(name: str, value: Any) -> bool:
    if name == "can":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _no_hello(fields: dict[str, Any]) -> str:
    for name in ("error", "panic"):
        if isinstance(refusal := fields.get(name), str):
            return f"it answers hello with the {name} {_cut(refusal)}"
    if "protocol" not in fields:
        return "its hello has no protocol, which is a number"
    return f"it speaks protocol {_short(json.dumps(fields['protocol']))}, and this is {VERSION}"


def _dialect(said: Any) -> Dialect | None:
    return said if said in get_args(Dialect) else None


def outcome(fields: dict[str, Any], call: Call) -> Outcome:
    """What an answer to `call` says: `Garbled` if it has another shape. A field that is null is as good as absent."""
    if isinstance(call, Encrypt):
        if type(ciphertext := fields.get("ciphertext")) is str and len(fields) == 2:
            return Encrypted(ciphertext)
    elif type(text := fields.get("text")) is str and len(fields) == 2:
        return Decrypted(text)
    return _outcome(fields, ("ciphertext",) if isinstance(call, Encrypt) else ("text", "text_hex"))


def _outcome(fields: dict[str, Any], results: tuple[str, ...]) -> Outcome:
    said = [name for name in (*results, "error", "panic", "skip") if fields.get(name) is not None]
    if said == ["text", "text_hex"]:
        said = ["text_hex"]  # a text for people, and the bytes that count
    if len(said) != 1:
        return Garbled(f"both {said[0]} and {said[1]}" if said else f"no {', '.join(results)}, error, panic or skip")
    value, message = fields[said[0]], fields.get("message")
    if not isinstance(value, str):
        return Garbled(f"{said[0]} is {kind_of(value)}")
    return _said(said[0], value, message if isinstance(message, str) else "")


def _said(name: str, value: str, message: str) -> Outcome:
    match name:
        case "ciphertext":
            return Encrypted(value)
        case "text":
            return Decrypted(value)
        case "text_hex":
            return _from_hex(value)
        case "error":
            return Refused(_short(value, _CLASS_MAX), _short(message, _MESSAGE_MAX))
        case "panic":
            return Crashed(_short(value, _CLASS_MAX), _short(message, _MESSAGE_MAX))
        case _:
            return Skipped(_short(value, _MESSAGE_MAX))


def _from_hex(digits: str) -> Outcome:
    try:
        return Decrypted(bytes.fromhex(digits).decode("utf-8", "surrogateescape"))
    except ValueError:
        return Garbled(f"text_hex is no hex: {_cut(digits)}")


# Reports are for people, and a thousand answers may bear 64 KiB each.
_CUT = 80
_CLASS_MAX = 200
_MESSAGE_MAX = 500
_CAN_MAX = 16


def _short(text: str, limit: int = _CUT) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def _cut(text: str) -> str:
    return repr(_short(text))


class LineSplitter:
    """Cuts what comes in pieces into lines, and holds no more than one line of `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun: list[bytes] = []
        self._size = 0
        self._has_stopped = False

    def feed(self, data: bytes) -> tuple[list[bytes], bool]:
        """The lines that are complete now, without LF, and whether the next one is too long.

        After that nothing is read any more.
        """
        if self._has_stopped:
            return [], False
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._begun:
            lines[0] = b"".join((*self._begun, lines[0]))
            self._begun, self._size = [], 0
        if rest:
            self._begun.append(rest)
            self._size += len(rest)
        if self._size > self._limit or any(len(line) > self._limit for line in lines):
            return self._stop(lines), True
        return lines, False

    def _stop(self, lines: list[bytes]) -> list[bytes]:
        self._begun, self._size, self._has_stopped = [], 0, True
        return lines[: next((at for at, line in enumerate(lines) if len(line) > self._limit), len(lines))]

    def end(self) -> list[bytes]:
        """The last line, if it lacks its LF."""
        rest, self._begun, self._size = self._begun, [], 0
        return [b"".join(rest)] if rest else []


# -- the runner's end --------------------------------------------------------------------------------------------------


@frozen
class Request:
    """A line that asks for something under the id `number`."""

    number: int
    asked: Asked


@frozen
class BadRequest:
    """A line that asks for nothing that there is; `number` is None if it does not even have an id."""

    number: int | None
    why: str


def parse_request(line: bytes) -> Request | BadRequest:
    """What somebody asks a runner. The hex fields count, where they are. Never raises."""
    read = parse_answer(line)
    if isinstance(read, Noise):
        return BadRequest(None, read.why)
    try:
        return Request(read.number, _asked(read.fields))
    except (LookupError, TypeError, ValueError) as error:
        return BadRequest(read.number, str(error))


def _asked(fields: dict[str, Any]) -> Asked:
    match fields.get("op"):
        case "encrypt":
            iv = fields.get("iv_hex")
            return Encrypt(_text(fields, "key"), _text(fields, "text"), None if iv is None else bytes.fromhex(iv))
        case "decrypt":
            return Decrypt(_text(fields, "key"), _text(fields, "ciphertext"))
        case "hello":
            return HELLO
        case "bye":
            return BYE
        case op:
            raise LookupError(f"unknown op {_cut(str(op))}")


def _text(fields: dict[str, Any], name: str) -> str:
    if (digits := fields.get(f"{name}_hex")) is not None:
        return bytes.fromhex(digits).decode("utf-8", "surrogatepass")
    text = fields.get(name)
    if not isinstance(text, str):
        raise LookupError(f"no {name}")
    return text


def answer(number: int, said: Outcome | Hello | None) -> bytes:
    """The line that says `said` (None: goodbye) to the request `number`. Raises TypeError for what no runner says."""
    fields = _fields(said)
    return json.dumps({"id": number, **fields}, separators=(",", ":")).encode("ascii") + b"\n"


def _fields(said: Outcome | Hello | None) -> dict[str, Any]:
    match said:
        case Encrypted(ciphertext):
            return {"ciphertext": ciphertext}
        case Decrypted(text):
            return _decrypted(text)
        case Refused(error, message):
            return {"error": error, "message": message}
        case Crashed(how, message):
            return {"panic": how, "message": message}
        case Skipped(why):
            return {"skip": why}
        case None:
            return {}
        case Hello(protocol, name, version, can, dialect):
            told = {"protocol": protocol, "name": name, "version": version, "can": sorted(can)}
            return told if dialect is None else {**told, "dialect": dialect}
        case _:
            raise TypeError(f"a runner does not answer with {said!r}")


def _decrypted(text: str) -> dict[str, str]:
    """As hex where bytes are no UTF-8: those are lone surrogates in the text (`Decrypted`)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return {"text_hex": text.encode("utf-8", "surrogateescape").hex()}
        except UnicodeEncodeError:  # a lone surrogate that stands for no byte
            return {"text": text}
    return {"text": text}


def respond(line: bytes, told: Hello, perform: Callable[[Call], Outcome]) -> tuple[bytes, bool]:
    """What a runner writes after it read `line`, and whether it goes on: all of a runner but for its loop.

    `perform` does an encryption or decryption and raises nothing.
    """
    asked = parse_request(line)
    if isinstance(asked, BadRequest):
        said = b"" if asked.number is None else answer(asked.number, Refused("BadRequest", asked.why))
        return said, True
    match asked.asked:
        case "hello":
            return answer(asked.number, told), True
        case "bye":
            return answer(asked.number, None), False
        case Encrypt() | Decrypt() as call:
            return answer(asked.number, perform(call)), True
