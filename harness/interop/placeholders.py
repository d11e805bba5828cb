"""Command lines as runners: how a call becomes the arguments of a process, and what its end means.

A template is a command line as a person types it, with `{key}` and either `{text}` (it encrypts) or `{ciphertext}` (it
decrypts) in it. No shell reads it.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Literal

from harness.errors import UsageError
from harness.frozen import frozen
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.fields import guess
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused, Skipped

__all__ = ["PROBE", "Finished", "Template", "adds_newline", "arguments", "outcome", "parse_templates"]

Operation = Literal["encrypt", "decrypt"]

PLACES = ("key", "text", "ciphertext")
_PLACE = re.compile(r"\{(\w+)\}")
# Linux: MAX_ARG_STRLEN, 32 pages for one argument with the NUL behind it. Others have room for more.
_ARGUMENT_MAX = 128 * 1024 - 1

PROBE = Decrypt("Password123", "AAAAAAAAAAAAAAAAAAAAAGYlY/s=")
"""A call that says whether a program puts a line break behind what it prints: "text" has none of its own."""


@frozen
class Template:
    """A command line with places; `words` are the arguments, the program first."""

    operation: Operation
    words: tuple[str, ...]


def parse_templates(texts: Sequence[str]) -> dict[Operation, Template]:
    """The templates by what they do. Raises UsageError for one that cannot be used, or two that do the same."""
    found: dict[Operation, Template] = {}
    for text in texts:
        template = _parse(text)
        if template.operation in found:
            raise UsageError(
                f"two commands {template.operation}: {text!r} is the second", "give one for each operation"
            )
        found[template.operation] = template
    return found


def _parse(text: str) -> Template:
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is no command line: {str(error).lower()}", "close every quote") from None
    named = [name for word in words for name in _PLACE.findall(word)]
    for name in named:
        if name not in PLACES:
            near = guess(name.lower(), PLACES)
            raise UsageError(
                f"{text!r} has an unknown place {{{name}}}{near}", "there are {key}, {text} and {ciphertext}"
            )
    return Template(_operation(text, named), words)


def _operation(text: str, named: Sequence[str]) -> Operation:
    if ("text" in named) == ("ciphertext" in named):
        has = "both {text} and {ciphertext}" if "text" in named else "neither {text} nor {ciphertext}"
        raise UsageError(
            f"{text!r} has {has}",
            "a command that encrypts has {key} and {text}, one that decrypts {key} and {ciphertext}",
        )
    if "key" not in named:
        raise UsageError(f"{text!r} has no {{key}}", "say where the pass phrase goes")
    return "encrypt" if "text" in named else "decrypt"


def arguments(templates: Mapping[Operation, Template], call: Call) -> list[bytes] | Skipped:
    """The command line for `call`, or why there is none."""
    operation: Operation = "encrypt" if isinstance(call, Encrypt) else "decrypt"
    if (template := templates.get(operation)) is None:
        return Skipped(f"there is no command to {operation}")
    values = {"key": call.key} | ({"text": call.text} if isinstance(call, Encrypt) else {"ciphertext": call.ciphertext})
    for name, value in values.items():
        if why := _uncarried(value):
            return Skipped(f"the {name} {why}, which no argument of a command can")
    words = [_argument(word, values) for word in template.words]
    if any(len(word) > _ARGUMENT_MAX for word in words):
        return Skipped(f"an argument would be longer than {_ARGUMENT_MAX} bytes")
    return words


def _argument(word: str, values: Mapping[str, str]) -> bytes:
    """What a person typed goes on as it came, byte for byte; values are UTF-8 whatever the locale."""
    parts = enumerate(_PLACE.split(word))  # every second one is the name of a place
    return b"".join(values[part].encode() if number % 2 else os.fsencode(part) for number, part in parts)


def _uncarried(value: str) -> str:
    if "\0" in value:
        return "holds a NUL"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds a lone surrogate"
    return ""


@frozen
class Finished:
    """A process that is gone: with an exit `status`, or by a `signal` ("SIGSEGV")."""

    status: int
    signal: str
    output: bytes
    last_words: str  # the most telling line on its stderr


def adds_newline(probed: Finished) -> bool:
    """Whether the program that made this of `PROBE` puts a line break behind what it prints, as most do."""
    return bool(probed.status) or not probed.output or probed.output.endswith(b"\n")


def outcome(call: Call, finished: Finished, newline: bool) -> Outcome:
    """What the end of a process says. With `newline` a line break at the end of its output is none of the text."""
    if finished.signal:
        return Crashed(finished.signal, finished.last_words)
    # Go's run time says so and exits with 2, as many a program does for a mistake in its arguments.
    if finished.status and finished.last_words.startswith("panic: "):
        return Crashed(f"exit {finished.status}", finished.last_words)
    if finished.status:
        return Refused(f"exit {finished.status}", finished.last_words)
    output = finished.output.removesuffix(b"\n") if newline else finished.output
    text = output.decode("utf-8", "surrogateescape")
    return Encrypted(text) if isinstance(call, Encrypt) else Decrypted(text)
