"""What a host types: a command as a line that the console takes for that command."""

from __future__ import annotations

import re

from harness.emulator.answers import TOO_LONG, Ko, remedy
from harness.emulator.commands import LINE_BYTES_MAX, Auth, Command
from harness.emulator.vocabulary import AFTER_AUTH, BEFORE_AUTH
from harness.errors import UsageError

__all__ = ["line"]


def line(command: Command) -> str:
    """What a host types, without the line's end.

    Raises UsageError for what the console would refuse or take for something else, and for what does not fit into its
    line: it drops the beginning of a longer one and does what the rest says.
    """
    whole = f"{command.words} {command.argument}" if command.argument else command.words
    size = len(whole.encode("utf-8", "surrogatepass"))
    if size > LINE_BYTES_MAX:
        raise UsageError(f"{command.words}: {TOO_LONG} ({size} bytes of {LINE_BYTES_MAX})", remedy(TOO_LONG))
    understood = (BEFORE_AUTH if isinstance(command, Auth) else AFTER_AUTH).parsed(whole)
    if isinstance(understood, Ko):
        raise UsageError(f"{command.words}: {understood.words.strip()}", remedy(understood.words))
    if understood != command or _UNTYPABLE.search(whole):
        raise UsageError(
            f"{command.words}: this cannot be typed on one line", "leave out blanks and control characters"
        )
    return whole


# It ends the line, is left out, ends what is read of a line, or is no UTF-8.
_UNTYPABLE = re.compile(r"[\n\r\x00\ud800-\udfff]")
