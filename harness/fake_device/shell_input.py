"""A shell that reads its commands from its input: it runs each line once that is there."""

from __future__ import annotations

from collections.abc import Generator

from harness.fake_device.process import KEPT_MAX, READ, Delay, Effect, Talk
from harness.fake_device.shell import Shell
from harness.fake_device.shell_language import ShellSyntaxError, UnfinishedLine, parse

__all__ = ["run_input"]

_LINES_MAX = 256  # of one command: it is read again with each
_TURN_LINES = 256


def run_input(shell: Shell) -> Talk:
    """What stands behind a line is the input of its commands. A line that cannot be read ends the shell."""
    source = _Lines()
    turn = 0
    while not shell.left and (line := (yield from source.line())):
        text, is_read = yield from _command(source, line)
        code = yield from source.given(shell.run(text))
        if not is_read:
            return code
        turn += 1
        if turn % _TURN_LINES == 0:
            yield Delay(1)
    return shell.status


def _command(source: _Lines, line: bytes) -> Generator[Effect, bytes, tuple[str, bool]]:
    """The line, with those that belong to it; False: it cannot be read."""
    text = line
    for _ in range(_LINES_MAX):
        words = text.decode("utf-8", "surrogateescape")
        try:
            parse(words.partition("\0")[0])
        except UnfinishedLine:
            pass
        except ShellSyntaxError:
            return words, False
        else:
            if not words.endswith("\\\n"):
                return words, True
        if not (line := (yield from source.line())):
            break
        text += line
    return text.decode("utf-8", "surrogateescape"), False


class _Lines:
    """The input, of which commands may take what stands behind the line that was read last."""

    def __init__(self) -> None:
        self._held = b""
        self._at = 0

    def line(self) -> Generator[Effect, bytes, bytes]:
        """The next one with its end, the last one without if it has none; nothing at the end of all."""
        while (end := self._held.find(b"\n", self._at)) < 0 and len(self._held) - self._at <= KEPT_MAX:
            piece = yield READ
            self._held, self._at = self._held[self._at :] + piece, 0
            if not piece:
                break
        return self._taken(end + 1 if end >= 0 else len(self._held))

    def given(self, talk: Talk) -> Talk:
        """A talk that reads what is held, and after that what comes."""
        answer: bytes | None = None
        try:
            while True:
                try:
                    effect = next(talk) if answer is None else talk.send(answer)
                except StopIteration as end:
                    code: int = end.value
                    return code
                answer = self._taken(len(self._held)) if effect is READ else None
                if not answer:
                    answer = yield effect
        finally:
            talk.close()

    def _taken(self, end: int) -> bytes:
        start, self._at = self._at, end
        return self._held[start:end]
