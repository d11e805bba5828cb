"""Commands over files and streams, as toybox has them: cat, ls, rm, wc, head, sums …"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from harness.fake_device.files import Problem, Stat, parent
from harness.fake_device.process import KEPT_MAX, PIECE, READ, Err, Out, Ran, Talk, encoded, endless, pieces, through
from harness.fake_device.shell import Call, Command, problem

__all__ = ["FILE_COMMANDS", "utc"]

_LAST_MS = 253_402_300_799_000  # the end of the year 9999


def utc(ms: int) -> datetime:
    """The instant in UTC; beyond the years that have a name, the nearest that has."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(max(ms, 0), _LAST_MS))


def _split(call: Call) -> tuple[str, list[str]]:
    """The letters of the options, and the rest."""
    letters: list[str] = []
    rest = list(call.arguments)
    while rest and re.fullmatch(r"-[A-Za-z0-9]+", rest[0]):
        letters.append(rest.pop(0)[1:])
    return "".join(letters), rest[1:] if rest[:1] == ["--"] else rest


def _cat(call: Call) -> Talk:
    code = 0
    for name in _split(call)[1] or ["-"]:
        code |= yield from _source(call, name)
    return code


def _source(call: Call, name: str) -> Talk:
    """What a file says, or the input as `-`; what cannot be read is complained of."""
    return _input() if name == "-" else _shown(call, name)


def _input() -> Talk:
    while piece := (yield READ):
        yield Out(piece)
    return 0


def _shown(call: Call, name: str) -> Talk:
    path = call.path(name)
    if path == "/dev/zero":
        yield from endless(bytes(PIECE))
    data = b"" if path == "/dev/null" else call.device.files.read(path)
    if isinstance(data, Problem):
        yield Err(problem(call, name, data).err)
        return 1
    for piece in pieces(data):
        yield Out(piece)
    return 0


class _Counts:
    """Counts what it takes."""

    has_enough = False

    def __init__(self) -> None:
        self.counts = {"l": 0, "w": 0, "c": 0}
        self._is_amid_word = False

    def take(self, data: bytes) -> bytes:
        self.counts["l"] += data.count(b"\n")
        self.counts["w"] += len(data.split()) - (self._is_amid_word and not data[:1].isspace())
        self.counts["c"] += len(data)
        self._is_amid_word = not data[-1:].isspace()
        return b""


def _wc(call: Call) -> Talk:
    letters, names = _split(call)
    code = 0
    for name in names or ["-"]:
        counted = _Counts()
        if (yield from through(_source(call, name), counted)):
            code = 1
            continue
        numbers = " ".join(str(counted.counts[letter]) for letter in "lwc" if letter in (letters or "lwc"))
        yield Out(encoded(numbers + ("" if name == "-" else f" {name}") + "\n"))
    return code


class _Digest:
    has_enough = False

    def __init__(self, algorithm: str) -> None:
        self.hash = hashlib.new(algorithm, usedforsecurity=False)

    def take(self, data: bytes) -> bytes:
        self.hash.update(data)
        return b""


def _sum(call: Call) -> Talk:
    code = 0
    for name in _split(call)[1] or ["-"]:
        digest = _Digest(call.argv[0].removesuffix("sum"))
        if (yield from through(_source(call, name), digest)):
            code = 1
        else:
            yield Out(encoded(f"{digest.hash.hexdigest()}  {name}\n"))
    return code


_SIZES = {"": 1, "b": 512, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def _head(call: Call) -> Talk:
    """`head -n lines` or `-c octets`, of files or of its input: it draws no more than it needs."""
    match re.fullmatch(r"(?:-([nc])\s?|-)(\d{1,12})([bkmgBKMG]?)(?: (.*))?", " ".join(call.arguments), re.DOTALL):
        case None:
            letter, count, rest = "n", 10, list(call.arguments)
        case found:
            letter = found[1] or "n"
            count = int(found[2]) * _SIZES[found[3].lower()]
            rest = (found[4] or "").split()
    if bad := next((name for name in rest if name.startswith("-") and name != "-"), ""):
        yield Err(call.failed(f"Unknown option '{bad[1:]}' (see \"{call.argv[0]} --help\")").err)
        return 1
    code = 0
    for name in rest or ["-"]:
        code |= yield from through(_source(call, name), _First(count, letter == "n"))
    return code


class _First:
    """The beginning of what it takes: so many lines, or octets."""

    def __init__(self, count: int, lines: bool) -> None:
        self._left = count
        self._lines = lines

    @property
    def has_enough(self) -> bool:
        return self._left <= 0

    def take(self, data: bytes) -> bytes:
        first = _lines(data, self._left) if self._lines else data[: self._left]
        self._left -= first.count(b"\n") if self._lines else len(first)
        return first


def _lines(data: bytes, count: int) -> bytes:
    end = 0
    for _ in range(count):
        found = data.find(b"\n", end)
        if found < 0:
            return data
        end = found + 1
    return data[:end]


def _grep(call: Call) -> Talk:
    """Lines that hold a text. Patterns beyond plain text and `^ $` are not known here."""
    letters, rest = _split(call)
    pattern = rest[0] if rest else ""
    if not rest or ("F" not in letters and re.search(r"[\\.*\[\]+?{}()|]", pattern)):
        yield Err(call.failed(f"bad REGEX '{pattern}': not known to this fake device", 2).err)
        return 2
    grep = _Grep(pattern, letters)
    for name in rest[1:] or ["-"]:
        yield from through(_source(call, name), grep)
        if last := grep.end():
            yield Out(last)
    if "c" in letters and "q" not in letters:
        yield Out(b"%d\n" % grep.matched)
    return int(not grep.matched)


class _Grep:
    """Says those lines of what it takes that match."""

    def __init__(self, pattern: str, letters: str) -> None:
        expression = re.escape(pattern) if "F" in letters else _anchored(pattern)
        self._expression = re.compile(expression, re.IGNORECASE if "i" in letters else 0)
        self._wanted = "v" not in letters
        self._is_quiet = "q" in letters
        self._says = not self._is_quiet and "c" not in letters
        self._line = b""  # what has no end yet
        self.matched = 0

    @property
    def has_enough(self) -> bool:
        return (self._is_quiet and self.matched > 0) or len(self._line) > KEPT_MAX

    def take(self, data: bytes) -> bytes:
        *lines, self._line = (self._line + data).split(b"\n")
        found = [line + b"\n" for line in lines if self._matches(line)]
        self.matched += len(found)
        return b"".join(found) if self._says else b""

    def end(self) -> bytes:
        """The last line, if nothing ended it."""
        return self.take(b"\n") if self._line else b""

    def _matches(self, line: bytes) -> bool:
        return (self._expression.search(line.decode("utf-8", "surrogateescape")) is not None) is self._wanted


def _anchored(pattern: str) -> str:
    inner = pattern.removeprefix("^").removesuffix("$")
    return ("^" if pattern.startswith("^") else "") + re.escape(inner) + ("$" if pattern.endswith("$") else "")


def _ls(call: Call) -> Ran:
    letters, names = _split(call)
    out: list[str] = []
    err: list[str] = []
    for name in names or ["."]:
        path = call.path(name)
        found = call.device.files.stat(path)
        listed = call.device.files.names(path) if isinstance(found, Stat) and found.is_directory else [name]
        why = found if isinstance(found, Problem) else listed
        if isinstance(why, Problem):
            err.append(f"ls: {name}: {why.words}\n")
        elif not isinstance(found, Problem) and not isinstance(listed, Problem):
            out.extend(_listing(call, letters, name, path, found, listed, len(names) > 1))
    return Ran(encoded("".join(out)), encoded("".join(err)), int(bool(err)))


def _listing(
    call: Call, letters: str, name: str, path: str, found: Stat, listed: Sequence[str], several: bool
) -> list[str]:
    if not found.is_directory or "d" in letters:
        return [_long(name, found) if "l" in letters else f"{name}\n"]
    head = [f"{name}:\n"] if several else []
    shown = [each for each in listed if "a" in letters or not each.startswith(".")]
    if "l" not in letters:
        return head + [f"{each}\n" for each in shown]
    stats = [call.device.files.stat(path.rstrip("/") + "/" + each) for each in shown]
    return [
        *head,
        "total 0\n",
        *(_long(each, stat) for each, stat in zip(shown, stats, strict=True) if isinstance(stat, Stat)),
    ]


def _long(name: str, stat: Stat) -> str:
    kind = "d" if stat.is_directory else "-"
    rights = "".join(letter if stat.mode >> (8 - bit) & 1 else "-" for bit, letter in enumerate("rwxrwxrwx"))
    return f"{kind}{rights} 1 shell shell {stat.size:>7} {utc(stat.modified_ms):%Y-%m-%d %H:%M} {name}\n"


def _rm(call: Call) -> Ran:
    letters, names = _split(call)
    files = call.device.files
    err = ""
    for name in names:
        path = call.path(name)
        inside = files.below(path) if "r" in letters or "R" in letters else []
        found = files.stat(path)
        if isinstance(found, Stat) and found.is_directory and not ("r" in letters or "R" in letters):
            why: Problem | None = Problem.IS_A_DIRECTORY
        else:
            why = next((bad for each in (*inside, path) if (bad := files.remove(each))), None)
        if why and not ("f" in letters and why is Problem.NOT_THERE):
            err += f"rm: {name}: {why.words}\n"
    return Ran(err=encoded(err), code=int(bool(err)))


def _mkdir(call: Call) -> Ran:
    letters, names = _split(call)
    err = ""
    for name in names:
        path = call.path(name)
        why = _made_with_parents(call, path) if "p" in letters else call.device.files.mkdir(path, call.now_ms)
        if why:
            err += f"mkdir: '{name}': {why.words}\n"
    return Ran(err=encoded(err), code=int(bool(err)))


def _made_with_parents(call: Call, path: str) -> Problem | None:
    missing: list[str] = []
    while isinstance(found := call.device.files.stat(path), Problem):
        if found is not Problem.NOT_THERE:
            return found
        missing.append(path)
        path = parent(path)
    return next((why for each in reversed(missing) if (why := call.device.files.mkdir(each, call.now_ms))), None)


def _touch(call: Call) -> Ran:
    err = ""
    for name in _split(call)[1]:
        if why := call.device.files.append(call.path(name), b"", call.now_ms):
            err += f"touch: {name}: {why.words}\n"
    return Ran(err=encoded(err), code=int(bool(err)))


def _stat(call: Call) -> Ran:
    """`stat -c %s path`, the size alone."""
    letters, rest = _split(call)
    if letters != "c" or len(rest) != 2 or rest[0] != "%s":
        return call.failed("only -c %s is known to this fake device")
    found = call.device.files.stat(call.path(rest[1]))
    return problem(call, rest[1], found) if isinstance(found, Problem) else Ran(b"%d\n" % found.size)


FILE_COMMANDS: Mapping[str, Command] = {
    "cat": _cat,
    "grep": _grep,
    "head": _head,
    "ls": _ls,
    "md5sum": _sum,
    "mkdir": _mkdir,
    "rm": _rm,
    "sha1sum": _sum,
    "sha256sum": _sum,
    "stat": _stat,
    "touch": _touch,
    "wc": _wc,
}
