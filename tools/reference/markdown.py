"""Lines of Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["bullet", "code", "fence", "page", "prose", "sentence", "table"]

WIDTH = 120
_WORD = re.compile(r"[A-Za-z'-]+(?=[ ,;]|\.?$)")


def page(*parts: Iterable[str]) -> str:
    """The text of a page. Between its parts, and wherever else several empty lines would be, there is one."""
    lines = [line for part in parts for line in ("", *"\n".join(part).splitlines())]
    return "\n".join(_squeezed(lines)).strip("\n") + "\n"


def _squeezed(lines: Iterable[str]) -> Iterator[str]:
    before, in_code = "", False
    for line in lines:
        in_code ^= line.startswith("```")
        if line or before or in_code:
            yield line
        before = line


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["", *("| " + " | ".join(map(_cell, row)) + " |" for row in lines), ""]


def _cell(value: object) -> str:
    """A bar in a cell is no border."""
    return " ".join(str(value).replace("|", "\\|").split())


def code(text: str) -> str:
    return f"`{text}`"


def fence(language: str, text: str) -> list[str]:
    return ["", f"```{language}", *text.rstrip("\n").splitlines(), "```", ""]


def sentence(text: str) -> str:
    """With a capital letter, unless it begins with a name, and a full stop."""
    begins = text[0].upper() + text[1:] if _WORD.match(text) else text
    return begins + ("" if text.endswith((".", "…")) else ".")


def bullet(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="* ", subsequent_indent="  ", break_on_hyphens=False)


def prose(text: str) -> list[str]:
    """A docstring: its paragraphs, and as code those in which a line is indented."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        own = paragraph.strip("\n").splitlines()
        is_code = any(line.startswith("    ") for line in own)
        lines += fence("python", textwrap.dedent("\n".join(own))) if is_code else ["", *own, ""]
    return lines
