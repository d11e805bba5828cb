"""The log: `logcat`, `log`.

There is one log here, that of `main`; the other buffers are empty. What logcat's options are, which of them end it and
what it says: AOSP logcat.cpp (system/logging), seen in the public source. Filters and formats are passed over.
"""

from __future__ import annotations

import getopt
import re
from collections.abc import Mapping, Sequence

from harness.fake_device.commands_files import utc
from harness.fake_device.process import IDLE, Out, Ran, Talk, encoded
from harness.fake_device.shell import Call, Command
from harness.fake_device.state import LogLine

__all__ = ["LOG_COMMANDS"]

_SHORT = "cdDhLt:T:gG:sQf:r:n:v:b:BSpP:m:e:"
_LONG = (
    *("binary", "buffer=", "buffer-size", "clear", "debug", "dividers", "file=", "format=", "grep=", "head=", "help"),
    *("id=", "last", "max-count=", "pid=", "print", "proto", "prune", "regex=", "rotate-count=", "rotate-kbytes="),
    *("statistics", "tail=", "uid=", "wrap"),
)
_SHORT_OF = {"--buffer": "-b", "--buffer-size": "-g", "--clear": "-c", "--last": "-L", "--tail": "-t"}

# In the order of their ids, in which sizes are told.
_BUFFERS = ("main", "radio", "events", "system", "crash", "stats", "security", "kernel")
_GROUPS = {"all": _BUFFERS, "default": ("main", "system", "crash")}
_UNLESS_NAMED = ("main", "system", "crash", "kernel")
_BUFFER_BYTES = 256 << 10


def _logcat(call: Call) -> Ran | Talk:
    try:
        # What adb hands on may have options after filters, as getopt_long takes them, too.
        found, _ = getopt.gnu_getopt(list(call.arguments), _SHORT, _LONG)
    except getopt.GetoptError as error:
        dashes = "--" if len(error.opt) > 1 else "-"
        needs = "requires argument" in error.msg
        why = "Option '{}' needs an argument." if needs else "Unknown option '{}'."
        return call.failed(why.format(dashes + error.opt))
    asked = [(_SHORT_OF.get(name, name), value) for name, value in found]
    names = [name for option, value in asked if option == "-b" for name in re.split(r"[,:; \t\n\r\f]", value)]
    unknown = next((name for name in names if name not in _BUFFERS and name not in _GROUPS), None)
    if unknown is not None:
        return call.failed(f"Unknown -b buffer '{unknown}'.")
    chosen = {buffer for name in names or _UNLESS_NAMED for buffer in _GROUPS.get(name, (name,))}
    return _done(call, dict(asked), [buffer for buffer in _BUFFERS if buffer in chosen])


def _done(call: Call, options: Mapping[str, str], buffers: Sequence[str]) -> Ran | Talk:
    device = call.device
    if "-c" in options and "main" in buffers:
        device.dropped_lines += len(device.log)
        device.log.clear()
    if "-g" in options:
        return Ran(encoded("".join(_size(buffer, device.log) for buffer in buffers)))
    if options.keys() & {"-c", "-G"}:
        return Ran()
    lines = device.log if "main" in buffers else []
    if options.keys() & {"-d", "-t", "-L"}:
        return Ran(_head(buffers) + b"".join(map(_logged, _last(options.get("-t", ""), lines))))
    return _followed(call, buffers)


def _size(buffer: str, log: Sequence[LogLine]) -> str:
    used = _in_units(sum(len(_logged(line)) for line in log) if buffer == "main" else 0)
    return (
        f"{buffer}: ring buffer is {_in_units(_BUFFER_BYTES)} ({used} consumed, {used} readable), "
        "max entry is 5120 B, max payload is 4068 B\n"
    )


def _in_units(size: int) -> str:
    return f"{size} B" if size < 1 << 10 else f"{size >> 10} KiB" if size < 1 << 20 else f"{size >> 20} MiB"


def _last(count: str, lines: Sequence[LogLine]) -> Sequence[LogLine]:
    """As many lines as `-t` says; of a time that it may say instead nothing is made here."""
    return lines[-max(1, int(count[:9])) :] if count.isascii() and count.isdecimal() else lines


def _head(buffers: Sequence[str]) -> bytes:
    """A buffer's name stands before its first line; one without lines has its name here, too."""
    return encoded(f"--------- beginning of {buffers[0]}\n")


def _logged(line: LogLine) -> bytes:
    at = utc(line.at_ms)
    return encoded(f"{at:%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {4242:5} {4242:5} I {line.tag}: {line.text}\n")


def _followed(call: Call, buffers: Sequence[str]) -> Talk:
    """Without end: what is there, and then whatever comes."""
    yield Out(_head(buffers))
    while "main" not in buffers:
        yield IDLE
    seen = 0
    while True:
        first = call.device.dropped_lines
        fresh = call.device.log[max(0, seen - first) :]
        seen = first + len(call.device.log)
        if fresh:
            yield Out(b"".join(map(_logged, fresh)))
        else:
            yield IDLE


def _log(call: Call) -> Ran:
    """`log -t tag text`."""
    match call.arguments:
        case ["-t", tag, *words]:
            call.device.note(tag, " ".join(words), call.now_ms)
        case words:
            call.device.note("log", " ".join(words), call.now_ms)
    return Ran()


LOG_COMMANDS: Mapping[str, Command] = {"log": _log, "logcat": _logcat}
