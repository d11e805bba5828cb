"""What mksh does itself, and the small commands beside it: echo, printf, test, sleep, sh …"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from harness.fake_device.files import Problem, resolved
from harness.fake_device.process import PIECE, Ran, Talk, encoded, endless, said
from harness.fake_device.shell import Call, Command, failed
from harness.fake_device.shell_input import run_input

__all__ = ["SHELL_COMMANDS", "unescaped"]

_ESCAPE = re.compile(r"\\(?:([abcefnrtv\\])|0([0-7]{0,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4}))")
_CONTROLS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
_DELAY_MAX_S = 10**9


def unescaped(text: str) -> tuple[bytes, bool]:
    """A text with its backslash sequences done; False: `\\c` ended the output."""
    parts: list[bytes] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        parts.append(encoded(text[at : match.start()]))
        at = match.end()
        if match[1] == "c":
            return b"".join(parts), False
        parts.append(_character(match))
    return b"".join((*parts, encoded(text[at:]))), True


def _character(match: re.Match[str]) -> bytes:
    control, octal, hexadecimal, unit = match.groups()
    if control is not None:
        return _CONTROLS[control].encode()
    if unit is not None:
        return chr(int(unit, 16)).encode("utf-8", "replace")
    return bytes((int(octal or "0", 8) & 0xFF if octal is not None else int(hexadecimal, 16),))


def _echo(call: Call) -> Ran:
    """Built in: it does backslash sequences unless `-E` is said (mksh(1); AOSP builds it without MKSH_BINSHPOSIX)."""
    arguments = list(call.arguments)
    ends, escapes = b"\n", True
    while arguments and re.fullmatch("-[neE]+", arguments[0]):
        for letter in arguments.pop(0)[1:]:
            ends = b"" if letter == "n" else ends
            escapes = escapes if letter == "n" else letter == "e"
    text = " ".join(arguments)
    if not escapes:
        return Ran(encoded(text) + ends)
    done, goes_on = unescaped(text)
    return Ran(done + (ends if goes_on else b""))


def _printf(call: Call) -> Ran:
    if not call.arguments:
        return call.failed("not enough arguments")
    form, *values = call.arguments
    out: list[bytes] = []
    for _ in range(len(values) + 1):
        taken = _formatted(form, values, out)
        if not values or not taken:
            break
    return Ran(b"".join(out))


_CONVERSION = re.compile(r"%(?:%|[-0]?\d{0,4}(?:\.\d{0,4})?[sbdiuxXoc])")


def _formatted(form: str, values: list[str], out: list[bytes]) -> int:
    """Writes the format once; how many values it took."""
    at = taken = 0
    for match in _CONVERSION.finditer(form):
        out.append(unescaped(form[at : match.start()])[0])
        at = match.end()
        if match[0] == "%%":
            out.append(b"%")
        else:
            out.append(_converted(match[0], values.pop(0) if values else ""))
            taken += 1
    out.append(unescaped(form[at:])[0])
    return taken


def _converted(conversion: str, value: str) -> bytes:
    letter = conversion[-1]
    if letter == "b":
        return unescaped(value)[0]
    if letter in "sc":
        return encoded((conversion[:-1] + "s") % (value[:1] if letter == "c" else value))
    match = re.match(r"\s*([+-]?\d{1,18})", value, re.ASCII)
    return encoded((conversion[:-1] + ("d" if letter in "iu" else letter)) % (int(match[1]) if match else 0))


def _sleep(call: Call) -> Ran:
    total = 0.0
    for argument in call.arguments:
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", argument, re.ASCII)
        if match is None:
            return call.failed(f"bad -s {argument}" if argument[:1] == "-" else f"not double '{argument}'")
        total += float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
    return Ran(delay_ms=round(min(total, _DELAY_MAX_S) * 1000)) if call.arguments else call.failed("Needs 1 argument")


def _sh(call: Call) -> Talk:
    """`sh -c text`, `sh file`, or what its input says."""
    arguments = list(call.arguments)
    shell = call.shell.inner()
    if arguments[:1] == ["-c"]:
        if len(arguments) < 2:
            return (yield from said(failed("/system/bin/sh: -c: requires argument")))
        return (yield from shell.run(arguments[1]))
    if not arguments:
        return (yield from run_input(shell))
    data = call.device.files.read(call.path(arguments[0]))
    if isinstance(data, Problem):
        return (yield from said(failed(f"/system/bin/sh: {arguments[0]}: {data.words}", 127)))
    return (yield from shell.run(data.decode("utf-8", "surrogateescape")))


def _yes(call: Call) -> Talk:
    line = encoded(" ".join(call.arguments) or "y") + b"\n"
    return endless(line * (PIECE // len(line) + 1))


def _exit(call: Call) -> Ran:
    argument = call.arguments[0] if call.arguments else str(call.shell.status)
    if not re.fullmatch(r"-?\d{1,18}", argument, re.ASCII):
        return failed(f"/system/bin/sh: exit: {argument}: bad number")
    call.shell.leave(int(argument) & 0xFF)


def _cd(call: Call) -> Ran:
    target = call.arguments[0] if call.arguments else "/"
    found = call.device.files.stat(call.path(target))
    if isinstance(found, Problem):
        return failed(f"/system/bin/sh: cd: {target}: {found.words}", 2)
    if not found.is_directory:
        return failed(f"/system/bin/sh: cd: {target}: {Problem.NOT_A_DIRECTORY.words}", 2)
    call.shell.folder = resolved(target, call.shell.folder)
    return Ran()


def _export(call: Call) -> Ran:
    for argument in call.arguments:
        name, sign, value = argument.partition("=")
        if sign:
            call.shell.variables[name] = value
    return Ran()


def _unset(call: Call) -> Ran:
    for argument in call.arguments:
        call.shell.variables.pop(argument, None)
    return Ran()


def _command(call: Call) -> Ran | Talk:
    """`command -v name` and `which name` tell where it is; `command name …` runs it."""
    arguments = list(call.arguments)
    if arguments[:1] not in (["-v"], ["-V"]) and call.argv[0] == "command":
        return call.shell.call(arguments) if arguments else Ran()
    names = [name for name in arguments if not name.startswith("-")]
    known = [f"/system/bin/{name}\n" for name in names if call.shell.find(name)]
    return Ran(encoded("".join(known)), code=int(len(known) < len(names) or not names))


def _exec(call: Call) -> Talk:
    if not call.arguments:
        return 0
    code = yield from call.shell.call(call.arguments)
    call.shell.leave(code)


def _test(call: Call) -> Ran:
    words = list(call.arguments)
    if call.argv[0] == "[":
        if words[-1:] != ["]"]:
            return failed("/system/bin/sh: [: missing ]", 2)
        words.pop()
    truth = _truth(call, words)
    return (
        failed(f"/system/bin/sh: {call.argv[0]}: {' '.join(words)}: unexpected operator", 2)
        if truth is None
        else Ran(code=int(not truth))
    )


def _truth(call: Call, words: Sequence[str]) -> bool | None:
    """None: not an expression that is known here."""
    match words:
        case []:
            return False
        case [word]:
            return word != ""
        case ["!", *rest]:
            inner = _truth(call, rest)
            return None if inner is None else not inner
        case [a, sign, b] if sign in _STRINGS:
            return _STRINGS[sign](a, b)
        case [a, sign, b] if sign in _NUMBERS:
            return _numbers(a, sign, b)
        case [sign, word] if sign in ("-n", "-z"):
            return (word != "") is (sign == "-n")
        case [sign, word] if sign in _OF_FILES:
            found = call.device.files.stat(call.path(word))
            return not isinstance(found, Problem) and _OF_FILES[sign](found.is_directory, found.size)
    return None


_STRINGS: Mapping[str, Callable[[str, str], bool]] = {
    "=": str.__eq__,
    "==": str.__eq__,
    "!=": str.__ne__,
}
_NUMBERS: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": int.__eq__,
    "-ne": int.__ne__,
    "-lt": int.__lt__,
    "-le": int.__le__,
    "-gt": int.__gt__,
    "-ge": int.__ge__,
}
_OF_FILES: Mapping[str, Callable[[bool, int], bool]] = {
    "-e": lambda _is_directory, _size: True,
    "-r": lambda _is_directory, _size: True,
    "-w": lambda _is_directory, _size: True,
    "-x": lambda _is_directory, _size: True,
    "-f": lambda is_directory, _size: not is_directory,
    "-d": lambda is_directory, _size: is_directory,
    "-s": lambda _is_directory, size: size > 0,
}


def _numbers(a: str, sign: str, b: str) -> bool | None:
    if re.fullmatch(r"-?\d{1,18}", a, re.ASCII) and re.fullmatch(r"-?\d{1,18}", b, re.ASCII):
        return _NUMBERS[sign](int(a), int(b))
    return None


SHELL_COMMANDS: Mapping[str, Command] = {
    ":": lambda _call: Ran(),
    "[": _test,
    "cd": _cd,
    "command": _command,
    "echo": _echo,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "false": lambda _call: Ran(code=1),
    "printf": _printf,
    "pwd": lambda call: Ran(encoded(call.shell.folder + "\n")),
    "sh": _sh,
    "sleep": _sleep,
    "test": _test,
    "true": lambda _call: Ran(),
    "unset": _unset,
    "which": _command,
    "yes": _yes,
}
