"""The part of mksh's language that command lines over adb are written in: from text to a tree.

Known: words with quotes, backslashes, variables and substitutions; redirections; `|`, `&&`, `||`, `;`, `&`, `!`,
`( )`, `{ }`. Not known: `if`, loops, `case`, functions, here-documents, arithmetic. What is not known is said to be so.
"""

from __future__ import annotations

import re
from typing import Literal, NoReturn

from harness.frozen import frozen

__all__ = [
    "AndOr",
    "Group",
    "Piece",
    "Pipeline",
    "Plain",
    "Redirect",
    "Script",
    "ShellSyntaxError",
    "Simple",
    "Substitution",
    "UnfinishedLine",
    "Variable",
    "Word",
    "parse",
]

_DEPTH_MAX = 40
_OPERATORS = ("&&", "||", ";;", "<<", ">>", ">&", "<&", "&>", "|&", ";", "&", "|", "<", ">", "(", ")", "\n")
_COMPOUND = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "function",
        "select",
        "time",
        "[[",
    ]
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PARAMETER = re.compile(r"[A-Za-z_]\w*|[0-9?$#!@*-]", re.ASCII)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)
_BLANK = " \t"


class ShellSyntaxError(Exception):
    """What the shell says of a line that it cannot read. It leaves this package as the shell's stderr."""


class UnfinishedLine(ShellSyntaxError):
    """A line that more lines may end."""


@frozen
class Plain:
    """Text as it is. In quotes nothing of it is a pattern, and it is a word even where it is empty."""

    text: str
    quoted: bool = False


@frozen
class Variable:
    """`$NAME`, `${NAME}`, `${NAME:-default}`, `$?`."""

    name: str
    quoted: bool = False
    default: str = ""


@frozen
class Substitution:
    """`$(script)`: what it prints."""

    script: Script
    quoted: bool = False


Piece = Plain | Variable | Substitution
Word = tuple[Piece, ...]


@frozen
class Redirect:
    """`fd < word`, `fd > word`, `fd >> word`; `fd >& word` makes it what another one is."""

    fd: int
    sign: Literal["<", ">", ">>", ">&"]
    word: Word


@frozen
class Simple:
    """A command of words; its assignments hold for it alone, or for the shell where it has no words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@frozen
class Group:
    """`{ script; }`, or `( script )` in a shell of its own."""

    script: Script
    own_shell: bool
    redirects: tuple[Redirect, ...]


@frozen
class Pipeline:
    commands: tuple[Simple | Group, ...]
    negated: bool = False


@frozen
class AndOr:
    """Pipelines, each with what has to be before it: "" at the first, then `&&` or `||`."""

    pipelines: tuple[tuple[str, Pipeline], ...]


@frozen
class Script:
    lists: tuple[AndOr, ...]


def parse(text: str) -> Script:
    """Raises `ShellSyntaxError`."""
    reader = _Reader(text, 0)
    script = reader.script("")
    reader.blanks()
    if reader.at < len(text):
        reader.refuse(reader.operator() or text[reader.at])
    return script


class _Reader:
    """Reads a text from `at` on, by recursive descent."""

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.at = 0
        self._depth = depth

    def refuse(self, token: str) -> NoReturn:
        if not token:
            raise UnfinishedLine("syntax error: unexpected EOF")
        shown = "newline" if token == "\n" else token
        raise ShellSyntaxError(f"syntax error: unexpected '{shown}'")

    def script(self, closing: str) -> Script:
        """Up to `closing`, which is left."""
        lists: list[AndOr] = []
        while True:
            self._separators()
            if self._ends(closing):
                return Script(tuple(lists))
            lists.append(self._and_or())
            self.blanks()
            if self.operator() not in (";", "&", "\n"):
                return Script(tuple(lists))
            self.at += 1

    def blanks(self) -> None:
        """Spaces, continued lines, a comment."""
        while self.at < len(self.text):
            if self.text[self.at] in _BLANK:
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def operator(self) -> str:
        return next((sign for sign in _OPERATORS if self.text.startswith(sign, self.at)), "")

    def _separators(self) -> None:
        self.blanks()
        while self.text[self.at : self.at + 1] == "\n":
            self.at += 1
            self.blanks()

    def _ends(self, closing: str) -> bool:
        return self.at >= len(self.text) or (closing != "" and self.text.startswith(closing, self.at))

    def _and_or(self) -> AndOr:
        pipelines = [("", self._pipeline())]
        while True:
            self.blanks()
            sign = self.operator()
            if sign not in ("&&", "||"):
                return AndOr(tuple(pipelines))
            self.at += 2
            self._separators()
            pipelines.append((sign, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._is_reserved("!"):
            self.at += 1
            negated = not negated
            self.blanks()
        commands = [self._command()]
        self.blanks()
        while self.operator() == "|":
            self.at += 1
            self._separators()
            commands.append(self._command())
            self.blanks()
        return Pipeline(tuple(commands), negated)

    def _is_reserved(self, word: str) -> bool:
        after = self.text[self.at + len(word) : self.at + len(word) + 1]
        return self.text.startswith(word, self.at) and (after == "" or after in " \t\n;&|()<>")

    def _command(self) -> Simple | Group:
        self.blanks()
        if self.text[self.at : self.at + 1] == "(":
            if self.text.startswith("((", self.at):
                self._unknown("((")
            return self._group("(", ")")
        return self._group("{", "}") if self._is_reserved("{") else self._simple()

    def _group(self, opening: str, closing: str) -> Group:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise ShellSyntaxError("syntax error: nested too deeply")
        self.at += 1
        script = self.script(closing)
        if not script.lists or not self.text.startswith(closing, self.at):
            self.refuse(self.operator() or self.text[self.at : self.at + 1])
        self.at += 1
        self._depth -= 1
        return Group(script, opening == "(", self._redirects())

    def _redirects(self) -> tuple[Redirect, ...]:
        found = []
        self.blanks()
        while (redirect := self._redirect()) is not None:
            found.append(redirect)
            self.blanks()
        return tuple(found)

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            self.blanks()
            if (redirect := self._redirect()) is not None:
                redirects.append(redirect)
            elif self.at >= len(self.text) or self.operator():
                break
            elif not words and (match := _ASSIGNMENT.match(self.text, self.at)):
                self.at = match.end()
                assignments.append((match[1], self._word()))
            else:
                words.append(self._first_word() if not words else self._word())
        if not (words or redirects or assignments):
            self.refuse(self.operator())
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _first_word(self) -> Word:
        word = self._word()
        match word:
            case (Plain(text=text, quoted=False),) if text in _COMPOUND:
                self._unknown(text)
            case (Plain(text="}", quoted=False),):
                self.refuse("}")
        return word

    def _unknown(self, what: str) -> NoReturn:
        raise ShellSyntaxError(f"{what}: not known to this fake device")

    def _redirect(self) -> Redirect | None:
        match = re.compile(r"(\d?)(<<|>>|>&|<&|&>|<|>)").match(self.text, self.at)
        if match is None:
            return None
        sign = match[2]
        if sign in ("<<", "<&", "&>"):
            self._unknown(sign)
        self.at = match.end()
        if sign == ">" and self.text.startswith("|", self.at):
            self.at += 1
        self.blanks()
        if self.at >= len(self.text) or self.operator():
            self.refuse(self.operator())
        word = self._word()
        fd = int(match[1]) if match[1] else int(sign != "<")
        # The four that the pattern leaves.
        return Redirect(fd, sign, word)  # type: ignore[arg-type]

    def _word(self) -> Word:
        """May be empty, after an assignment's sign."""
        pieces: list[Piece] = []
        while self.at < len(self.text) and not self._ends_word():
            pieces.extend(self._pieces())
        return tuple(pieces)

    def _ends_word(self) -> bool:
        return self.text[self.at] in " \t\n;&|()<>"

    def _pieces(self) -> list[Piece]:
        char = self.text[self.at]
        if char == "'":
            return [Plain(self._until("'"), True)]
        if char == '"':
            return self._double_quoted()
        if char == "$":
            return [self._dollar(False)]
        if char == "`":
            return [self._backquoted(False)]
        if char == "\\":
            return self._escaped()
        match = re.compile(r"[^'\"$`\\ \t\n;&|()<>]+").match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return [Plain(match[0])]

    def _escaped(self) -> list[Piece]:
        char = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        return [] if char == "\n" else [Plain(char or "\\", True)]

    def _until(self, quote: str) -> str:
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise UnfinishedLine("no closing quote")
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        return inner

    def _double_quoted(self) -> list[Piece]:
        self.at += 1
        pieces: list[Piece] = [Plain("", True)]
        while True:
            match = re.compile(r'[^"$`\\]*').match(self.text, self.at)
            assert match is not None
            pieces.append(Plain(match[0], True))
            self.at = match.end()
            char = self.text[self.at : self.at + 1]
            if char == "":
                raise UnfinishedLine("no closing quote")
            if char == '"':
                self.at += 1
                return pieces
            pieces.append(self._inside(char))

    def _inside(self, char: str) -> Piece:
        """A character in double quotes that means something."""
        if char == "$":
            return self._dollar(True)
        if char == "`":
            return self._backquoted(True)
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if following == "\n":
            return Plain("", True)
        return Plain(following if following in ('"', "\\", "$", "`") else "\\" + following, True)

    def _dollar(self, quoted: bool) -> Piece:
        if self.text.startswith("$((", self.at):
            self._unknown("$((")
        if self.text.startswith("$(", self.at):
            return self._substituted(quoted)
        if self.text.startswith("${", self.at):
            return self._braced(quoted)
        if not quoted and self.text.startswith("$'", self.at):
            self._unknown("$'")
        match = _PARAMETER.match(self.text, self.at + 1)
        self.at = match.end() if match else self.at + 1
        return Variable(match[0], quoted) if match else Plain("$", quoted)

    def _braced(self, quoted: bool) -> Piece:
        end = self.text.find("}", self.at)
        if end < 0:
            raise UnfinishedLine("no closing quote")
        name, sign, default = self.text[self.at + 2 : end].partition(":-")
        if not _PARAMETER.fullmatch(name):
            raise ShellSyntaxError(f"${{{name}{sign}{default}}}: bad substitution")
        self.at = end + 1
        return Variable(name, quoted, default)

    def _substituted(self, quoted: bool) -> Substitution:
        inner = _Reader(self.text, self._depth + 1)
        if inner._depth > _DEPTH_MAX:
            raise ShellSyntaxError("syntax error: nested too deeply")
        inner.at = self.at + 2
        script = inner.script(")")
        if not self.text.startswith(")", inner.at):
            inner.refuse(inner.operator())
        self.at = inner.at + 1
        return Substitution(script, quoted)

    def _backquoted(self, quoted: bool) -> Substitution:
        inner = _Reader(self._until("`"), self._depth + 1)
        if inner._depth > _DEPTH_MAX:
            raise ShellSyntaxError("syntax error: nested too deeply")
        script = inner.script("")
        if inner.at < len(inner.text):
            inner.refuse(inner.operator() or inner.text[inner.at])
        return Substitution(script, quoted)
