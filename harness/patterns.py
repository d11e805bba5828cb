"""Regular expressions that somebody wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import UsageError

__all__ = ["check_pattern", "searched", "trouble", "written"]


def check_pattern(pattern: str) -> None:
    """Raises `UsageError` for what is no regular expression, and for one that might never come to an end."""
    found = trouble(pattern)
    if found is not None:
        problem, remedy = found
        raise UsageError(f"{written(pattern)} {problem}", remedy)


def written(pattern: str) -> str:
    r"""An expression in quotes, as somebody wrote it: with single backslashes, '\d{4}'."""
    return f"'{pattern}'" if pattern.isprintable() else repr(pattern)


def searched(pattern: str, text: str, place: str) -> tuple[str | None, str]:
    """What the expression finds in the text, its first group or all of it; None with the reason if there is nothing.

    `place` is what the reason calls the text.
    """
    found = re.search(pattern, text)
    if found is None:
        return None, f"{written(pattern)} is not found in {place}"
    if found.re.groups and found[1] is None:
        return None, f"the first group of {written(pattern)} finds nothing in {place}"
    return found[1 if found.re.groups else 0], ""


def trouble(pattern: str) -> tuple[str, str] | None:
    """What is wrong with an expression: the rest of a sentence about it, and what to do (""); None: nothing."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        return f"is no regular expression: {error}", ""
    if _is_endless(pattern):
        return (
            "could search for years: a repeat in a repeat takes a text apart in countless ways",
            r"make the inner one possessive (`\w++`), or put something between that must be there",
        )
    return None


# An escape, a class, a comment or flags, the beginning of a group, its end, a bar, a repeat, any other letter.
_TOKEN = re.compile(
    r"""(?sx) \\. | \[\^?\]?(?:\\.|[^\]\\])*\] | \(\?(?:\#[^)]*|[aiLmsux]+|P=\w+)\)
    | (?P<open> \( (?: \? (?: P<\w+> | <?[=!] | [>:] | [aiLmsux]*-?[imsx]*: | \(\w+\) ) )? )
    | (?P<close> \) ) | (?P<bar> \| ) | (?P<repeat> (?: [*+?] | \{(?:\d+,?\d*|,\d*)\} ) [+?]? ) | ."""
)


@dataclass(slots=True)
class _Branch:
    """What of a group has been read: `loose` if something in it takes as much as it likes, `firm` if not all does.

    `last` is the piece before, to which a repeat may still belong: it is loose, firm, or neither (None: there is none).
    """

    keeps: bool = False
    loose: bool = False
    firm: bool = False
    last: str | None = None
    splits: bool = False

    def add(self, piece: str | None) -> None:
        """A piece follows: the one before has no repeat."""
        self.loose = self.loose or self.last == "loose"
        self.firm = self.firm or self.last == "firm"
        self.last = piece

    def end(self) -> None:
        """A branch is over. Of loose pieces alone it takes a text apart in many ways."""
        self.add(None)
        self.splits = self.splits or (self.loose and not self.firm)
        self.loose = self.firm = False


def _is_endless(pattern: str) -> bool:
    """A group that takes a text apart in many ways is repeated without a bound: of n letters there are 2^n ways."""
    groups = [_Branch()]
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup:
            case "open":
                groups.append(_Branch(keeps=token[0] in ("(?>", "(?=", "(?!", "(?<=", "(?<!")))
            case "close":
                group = groups.pop()
                group.end()
                groups[-1].add("loose" if group.splits and not group.keeps else "firm")
            case "bar":
                groups[-1].end()
            case "repeat":
                if _repeated(groups[-1], token[0]):
                    return True
            case _:
                groups[-1].add("firm")
    return False


def _repeated(group: _Branch, repeat: str) -> bool:
    """The last piece is repeated: whether that has no end."""
    was, possessive = group.last, len(repeat) > 1 and repeat[-1] == "+"
    unbounded = repeat[0] in "*+" or (repeat[0] == "{" and ",}" in repeat)
    if unbounded and not possessive:
        group.last = "loose"
        # Of a single letter or class there is one way for each length.
        return was == "loose"
    if repeat[0] == "?" or repeat.startswith(("{0", "{,")):
        group.last = "optional" if was == "firm" else was
    return False
