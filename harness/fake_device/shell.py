"""Runs a command line: expands words, joins commands by pipes, sends their output where it shall go."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, assert_never

from harness.fake_device.files import Problem, resolved
from harness.fake_device.process import (
    KEPT_MAX,
    READ,
    Effect,
    Err,
    Kept,
    Out,
    Ran,
    Talk,
    Wait,
    encoded,
    pieces,
    said,
    through,
)
from harness.fake_device.shell_language import (
    AndOr,
    Group,
    Piece,
    Pipeline,
    Plain,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Substitution,
    Variable,
    Word,
    parse,
)
from harness.frozen import frozen

if TYPE_CHECKING:
    from harness.fake_device.device import FakeDevice

__all__ = ["Call", "Command", "Shell", "failed", "problem"]

NAME = "/system/bin/sh"
_DEPTH_MAX = 12
_PATTERN = frozenset("*?[")
_FIELDS_MAX = 1 << 17  # as many as a word may become


@frozen
class Call:
    """A command as it is called. `argv` begins with its name."""

    device: FakeDevice
    shell: Shell
    argv: Sequence[str]
    now_ms: int

    @property
    def arguments(self) -> Sequence[str]:
        return self.argv[1:]

    def path(self, argument: str) -> str:
        return resolved(argument, self.shell.folder)

    def failed(self, why: str, code: int = 1) -> Ran:
        return failed(f"{self.argv[0]}: {why}", code)


Command = Callable[[Call], Ran | Talk]


class _Exit(Exception):
    """`exit`: ends the shell that runs."""

    def __init__(self, code: int) -> None:
        self.code = code


def failed(why: str, code: int = 1) -> Ran:
    return Ran(err=encoded(why + "\n"), code=code)


def problem(call: Call, argument: str, what: Problem) -> Ran:
    """How toybox says that a file cannot be had."""
    return call.failed(f"{argument}: {what.words}")


class Shell:
    """One shell: its folder, its variables, and the status of its last command. `left`: `exit` has ended it."""

    def __init__(self, device: FakeDevice, commands: Mapping[str, Command], now_ms: int, depth: int = 0) -> None:
        self.device = device
        self.folder = "/"
        self.variables = {
            "HOME": "/",
            "PATH": "/product/bin:/apex/com.android.runtime/bin:/system/bin",
            "USER": "shell",
        }
        self.status = 0
        self.left = False
        self.commands = commands
        self._now_ms = now_ms
        self._depth = depth
        # The status of the last `$( )`: that of a command of assignments alone.
        self._printed_status = 0

    def run(self, text: str) -> Talk:
        """`sh -c text`: to its end, or to `exit`."""
        try:
            script = parse(text.partition("\0")[0])
        except ShellSyntaxError as error:
            yield Err(encoded(f"{NAME}: {error}\n"))
            return 1
        try:
            return (yield from self._own(script))
        except RecursionError:
            yield Err(encoded(f"{NAME}: the line is nested too deeply\n"))
            return 1

    def inner(self) -> Shell:
        """A shell that this one starts: it has its own copy of everything."""
        shell = Shell(self.device, self.commands, self._now_ms, self._depth + 1)
        shell.folder, shell.variables, shell.status = self.folder, dict(self.variables), self.status
        return shell

    def leave(self, code: int) -> NoReturn:
        """The builtin `exit`."""
        self.left = True
        raise _Exit(code)

    def find(self, name: str) -> Command | None:
        """The command of a name, or of a path below /system/bin."""
        return self.commands.get(name.removeprefix("/system/bin/"))

    def call(self, argv: Sequence[str]) -> Talk:
        """Runs one command whose words are known."""
        command = self.find(argv[0])
        if command is None:
            return said(self._not_run(argv[0]))
        outcome = command(Call(self.device, self, (argv[0].removeprefix("/system/bin/"), *argv[1:]), self._now_ms))
        return said(outcome) if isinstance(outcome, Ran) else outcome

    def _not_run(self, name: str) -> Ran:
        if "/" not in name:
            return failed(f"{NAME}: {name}: inaccessible or not found", 127)
        found = self.device.files.stat(resolved(name, self.folder))
        if isinstance(found, Problem):
            return failed(f"{NAME}: {name}: inaccessible or not found", 127)
        why = Problem.IS_A_DIRECTORY if found.is_directory else Problem.DENIED
        return failed(f"{NAME}: {name}: can't execute: {why.words}", 126)

    def _own(self, script: Script) -> Talk:
        if self._depth > _DEPTH_MAX:
            yield Err(encoded(f"{NAME}: shells are nested too deeply\n"))
            return 1
        try:
            yield from self._script(script)
        except _Exit as leave:
            self.status = leave.code
        return self.status

    def _script(self, script: Script) -> Generator[Effect, bytes, None]:
        for each in script.lists:
            yield from self._and_or(each)

    def _and_or(self, each: AndOr) -> Generator[Effect, bytes, None]:
        for sign, pipeline in each.pipelines:
            if sign == "" or (sign == "&&") is (self.status == 0):
                code = yield from self._pipeline(pipeline)
                self.status = int(code == 0) if pipeline.negated else code & 0xFF

    def _pipeline(self, pipeline: Pipeline) -> Talk:
        first, *others = pipeline.commands
        if not others:
            return self._command(first)
        talk = self.inner()._guarded(first)
        for other in others:
            talk = _piped(talk, self.inner()._guarded(other))
        return talk

    def _guarded(self, command: Simple | Group) -> Talk:
        try:
            return (yield from self._command(command))
        except _Exit as leave:
            return leave.code

    def _command(self, command: Simple | Group) -> Talk:
        match command:
            case Simple():
                return self._simple(command)
            case Group():
                talk = self.inner()._own(command.script) if command.own_shell else self._here(command.script)
                return self._redirected(talk, command.redirects)
            case _:
                assert_never(command)

    def _here(self, script: Script) -> Talk:
        yield from self._script(script)
        return self.status

    def _simple(self, command: Simple) -> Talk:
        argv: list[str] = []
        size = 0
        for word in command.words:
            fields = yield from self._fields(word)
            argv.extend(fields)
            size += sum(map(len, fields))
            if size > KEPT_MAX:
                yield from self._out_of_memory()
        values = {}
        self._printed_status = 0
        for name, word in command.assignments:
            values[name] = yield from self._text(word)
        if not argv:
            self.variables.update(values)
            return (yield from self._redirected(said(Ran(code=self._printed_status)), command.redirects))
        return (yield from self._with(values, self._redirected_call(argv, command.redirects)))

    def _with(self, values: dict[str, str], talk: Talk) -> Talk:
        """Variables that hold for one command."""
        before = dict(self.variables)
        self.variables.update(values)
        try:
            return (yield from talk)
        finally:
            for name in values:
                self.variables.pop(name, None)
                if name in before:
                    self.variables[name] = before[name]

    def _redirected_call(self, argv: list[str], redirects: Sequence[Redirect]) -> Talk:
        return self._redirected(_begun(self.call, argv), redirects)

    def _redirected(self, talk: Talk, redirects: Sequence[Redirect]) -> Talk:
        if not redirects:
            return (yield from talk)
        ends = _Ends(self)
        for redirect in redirects:
            target = yield from self._text(redirect.word)
            if why := ends.set(redirect, target, self._now_ms):
                talk.close()
                yield Err(encoded(f"{NAME}: {why}\n"))
                return 1
        return (yield from ends.carried(talk, self._now_ms))

    def _fields(self, word: Word) -> Generator[Effect, bytes, list[str]]:
        """The arguments that a word becomes: unquoted values are split, and patterns matched."""
        fields = _Fields()
        for piece, text in zip(word, (yield from self._texts(word)), strict=True):
            if piece.quoted or isinstance(piece, Plain):
                fields.join(text, piece.quoted)
            else:
                fields.split(text)
        if len(fields.found) > _FIELDS_MAX:
            yield from self._out_of_memory()
        return [name for text, is_pattern in fields.found for name in (self._matched(text) if is_pattern else [text])]

    def _text(self, word: Word) -> Generator[Effect, bytes, str]:
        """A word that stays one."""
        return "".join((yield from self._texts(word)))

    def _texts(self, word: Word) -> Generator[Effect, bytes, list[str]]:
        """What each piece of a word is."""
        texts: list[str] = []
        size = 0
        for piece in word:
            texts.append((yield from self._piece(piece)))
            size += len(texts[-1])
            if size > KEPT_MAX:
                yield from self._out_of_memory()
        return texts

    def _piece(self, piece: Piece) -> Generator[Effect, bytes, str]:
        match piece:
            case Plain(text):
                return text
            case Variable(name, _, default):
                return self._value(name) or default
            case Substitution(script):
                return (yield from self._printed(script))
            case _:
                assert_never(piece)

    def _value(self, name: str) -> str:
        special = {"?": str(self.status), "$": "4242", "#": "0", "0": NAME}
        return special[name] if name in special else self.variables.get(name, "")

    def _printed(self, script: Script) -> Generator[Effect, bytes, str]:
        kept = Kept()
        code = yield from through(self.inner()._own(script), kept)
        if kept.has_enough:
            yield from self._out_of_memory()
        self.status = self._printed_status = code
        return kept.data.replace(b"\0", b"").decode("utf-8", "surrogateescape").rstrip("\n")

    def _out_of_memory(self) -> Generator[Effect, bytes, NoReturn]:
        """The shell ends (mksh: internal_errorf)."""
        yield Err(b"internal error: can't allocate %d data bytes\n" % (2 * KEPT_MAX))
        self.leave(1)

    def _matched(self, pattern: str) -> list[str]:
        """The paths that a pattern means; itself without any. A pattern in a folder's name is not looked at."""
        folder, slash, last = pattern.rpartition("/")
        names = self.device.files.names(resolved(folder + slash, self.folder))
        if isinstance(names, Problem):
            return [pattern]
        hidden = last.startswith(".")
        found = [name for name in names if fnmatch.fnmatchcase(name, last) and hidden == name.startswith(".")]
        return [folder + slash + name for name in found] or [pattern]


def _begun(call: Callable[[Sequence[str]], Talk], argv: Sequence[str]) -> Talk:
    """The command acts only once its redirections stand."""
    return (yield from call(argv))


class _Fields:
    """The fields of a word, each with whether it is a pattern."""

    def __init__(self) -> None:
        self.found: list[tuple[str, bool]] = []
        self._open = False

    def join(self, text: str, quoted: bool) -> None:
        """More of the field that is being written."""
        known, is_pattern = self.found.pop() if self._open else ("", False)
        self.found.append((known + text, is_pattern or not (quoted or _PATTERN.isdisjoint(text))))
        self._open = True

    def split(self, text: str) -> None:
        """An unquoted value: blanks part fields, and nothing is no field."""
        if not text:
            return
        self._open &= not text[:1].isspace()
        for part in text.split(None, _FIELDS_MAX):
            self.join(part, False)
            self._open = False
        self._open = not text[-1].isspace()


class _Ends:
    """Where the input of a command comes from, and its output goes."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._input: Iterator[bytes] | None = None
        self._to: dict[int, int | str] = {1: 1, 2: 2}
        self._full: set[str] = set()

    def set(self, redirect: Redirect, target: str, now_ms: int) -> str:
        """Why it cannot be done, or nothing."""
        path = resolved(target, self._shell.folder)
        if redirect.sign == ">&":
            if target not in ("1", "2"):
                return f"{target}: bad file descriptor"
            self._to[redirect.fd] = self._to[int(target)]
            return ""
        if redirect.sign == "<":
            return self._read_from(path, target)
        return self._write_to(redirect, path, target, now_ms)

    def _read_from(self, path: str, target: str) -> str:
        data = b"" if path == "/dev/null" else self._shell.device.files.read(path)
        if isinstance(data, Problem):
            return f"can't open {target}: {data.words}"
        self._input = pieces(data)
        return ""

    def _write_to(self, redirect: Redirect, path: str, target: str, now_ms: int) -> str:
        if path != "/dev/null":
            files = self._shell.device.files
            found = files.write(path, b"", now_ms) if redirect.sign == ">" else files.append(path, b"", now_ms)
            if found is not None:
                return f"can't create {target}: {found.words}"
        self._to[redirect.fd] = path
        return ""

    def carried(self, talk: Talk, now_ms: int) -> Talk:
        """The command, its effects sent where they shall go."""
        answer: bytes | None = None
        try:
            while True:
                try:
                    effect = next(talk) if answer is None else talk.send(answer)
                except StopIteration as end:
                    return end.value or int(bool(self._full))
                answer = None
                match effect:
                    case Out(data):
                        yield from self._sent(1, data, now_ms)
                    case Err(data):
                        yield from self._sent(2, data, now_ms)
                    case Wait.INPUT if self._input is not None:
                        answer = next(self._input, b"")
                    case _:
                        answer = yield effect
        finally:
            talk.close()

    def _sent(self, fd: int, data: bytes, now_ms: int) -> Generator[Effect, bytes, None]:
        to = self._to[fd]
        if to == 1:
            yield Out(data)
        elif to == 2:
            yield Err(data)
        elif isinstance(to, str) and to != "/dev/null" and to not in self._full:
            found = self._shell.device.files.append(to, data, now_ms)
            if found is not None:
                self._full.add(to)
                yield Err(encoded(f"write error: {found.words}\n"))


def _piped(left: Talk, right: Talk) -> Talk:
    """The right command draws from the left one, which runs no further than that takes it."""
    source = _Source(left)
    answer: bytes | None = None
    try:
        while True:
            try:
                effect = next(right) if answer is None else right.send(answer)
            except StopIteration as end:
                yield from source.drained()
                code: int = end.value
                return code
            answer = (yield from source.next()) if effect is READ else (yield effect)
    finally:
        right.close()
        left.close()


class _Source:
    """What a command says, drawn piece by piece; the rest of its effects pass by."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._answer: bytes | None = None
        self._ended = False

    def next(self) -> Generator[Effect, bytes, bytes]:
        """The next piece; none at the end."""
        while not self._ended:
            effect = self._step()
            if isinstance(effect, Out):
                if effect.data:
                    return effect.data
            elif effect is not None:
                self._answer = yield effect
        return b""

    def drained(self) -> Generator[Effect, bytes, None]:
        """Nobody reads any more: it goes on until it would write, read or wait, and ends there (SIGPIPE)."""
        while not self._ended and (effect := self._step()) is not None:
            if isinstance(effect, Out | Wait):
                return
            yield effect

    def _step(self) -> Effect | None:
        answer, self._answer = self._answer, None
        try:
            return next(self._talk) if answer is None else self._talk.send(answer)
        except StopIteration:
            self._ended = True
            return None
