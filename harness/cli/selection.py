"""Which stories run: by file, name, tag, and by what failed the last time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, NoReturn

from harness.errors import HarnessError, ScenarioError, UsageError

if TYPE_CHECKING:
    from harness.scenario.plan import Scenario

__all__ = ["expanded", "near", "read_stories", "tagged", "wanted"]

_NOT = "not:"
_PART = ".part.yaml"
_WIDTH = 100

# -- files -------------------------------------------------------------------------------------------------------------


def expanded(paths: Iterable[str]) -> list[str]:
    """Paths with those that a pattern stands for, as where no shell did it. Raises `UsageError`."""
    return [path for text in paths for path in _expanded(text)]


def _expanded(text: str) -> list[str]:
    if Path(text).exists() or not any(letter in text for letter in "*?["):
        return [text]
    from glob import glob

    found = [path for path in sorted(glob(text, recursive=True)) if not path.endswith(_PART)]
    if not found:
        raise UsageError(f"{text}: no file or folder is called so", "name a scenario file, or a folder with some")
    return found


def read_stories(files: Iterable[Path]) -> tuple[list[Scenario], list[HarnessError]]:
    """The stories of all files, and all that is wrong with any of them."""
    from harness.adapters.scenario_files import read_file

    stories: list[Scenario] = []
    errors: list[HarnessError] = []
    for path in files:
        try:
            stories += read_file(path)
        except (ScenarioError, UsageError) as error:
            errors.append(error)
    return stories, errors


# -- names -------------------------------------------------------------------------------------------------------------


def wanted(stories: Sequence[Scenario], text: str) -> list[Scenario]:
    """Those with the title `text`, or else with it in title or file, or else those that it describes.

    A description is `sms and not (slow or "on and off")`. Capitals do not matter. Raises `UsageError`.
    """
    exact = [story for story in stories if text in (story.title, story.name)]
    if exact:
        return exact
    literal = [story for story in stories if text.casefold() in _names(story)]
    if literal:
        return literal
    fits = _Description(text).read()
    return [story for story in stories if fits(_names(story))]


def _names(story: Scenario) -> str:
    return f"{story.title}\n{story.place.path}".casefold()


_Fits = Callable[[str], bool]


class _Description:
    """`or` binds less than `and`, `and` less than `not`; words beside each other are one piece of text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = re.findall(r"\"[^\"]*\"|'[^']*'|[()]|[^\s()]+", text)

    def read(self) -> _Fits:
        fits = self._either()
        if self._words[:1] == [")"]:
            self._fail("a bracket is closed that nobody has opened")
        return fits if not self._words else self._fail()

    def _either(self) -> _Fits:
        fits = self._both()
        while self._take("or"):
            fits = _or(fits, self._both())
        return fits

    def _both(self) -> _Fits:
        fits = self._one()
        while self._take("and"):
            fits = _and(fits, self._one())
        return fits

    def _one(self) -> _Fits:
        if self._take("not"):
            return _not(self._one())
        if self._take("("):
            fits = self._either()
            if not self._words:
                self._fail("a bracket is not closed")
            return fits if self._take(")") else self._fail()
        words = []
        while self._words and self._words[0] not in ("and", "or", "not", "(", ")"):
            words.append(_unquoted(self._words.pop(0)))
        return _has(" ".join(words).casefold()) if words else self._fail()

    def _take(self, word: str) -> bool:
        if self._words[:1] != [word]:
            return False
        self._words.pop(0)
        return True

    def _fail(self, why: str = "nothing that describes names") -> NoReturn:
        raise UsageError(
            f"-k {self._text!r}: no name, and {why}",
            "write words with and, or, not and brackets; a name with such a word in it stands in quotes",
        )


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0] else word


def _has(piece: str) -> _Fits:
    return lambda names: piece in names


def _not(fits: _Fits) -> _Fits:
    return lambda names: not fits(names)


def _and(one: _Fits, two: _Fits) -> _Fits:
    return lambda names: one(names) and two(names)


def _or(one: _Fits, two: _Fits) -> _Fits:
    return lambda names: one(names) or two(names)


# -- tags --------------------------------------------------------------------------------------------------------------


def tagged(stories: Sequence[Scenario], tags: Sequence[str]) -> list[Scenario]:
    """Those with any of the tags, and none of those behind `not:`."""
    some = {tag for tag in tags if not tag.startswith(_NOT)}
    none = {tag.removeprefix(_NOT) for tag in tags if tag.startswith(_NOT)}
    return [story for story in stories if (not some or some & {*story.tags}) and not none & {*story.tags}]


# -- what there is instead ---------------------------------------------------------------------------------------------


def near(stories: Sequence[Scenario], text: str | None, tags: Sequence[str], again: str) -> str:
    """What somebody may have meant who found nothing; `again` is the command that has all of the stories."""
    lines = []
    if text:
        titles = {story.title.casefold(): story.title for story in stories}
        found = get_close_matches(text.casefold(), titles, 3, 0.5) or get_close_matches(text.casefold(), titles, 1, 0.3)
        lines += [f"  there is: {titles[each]}" for each in found]
    if tags:
        lines += _near_tags(sorted({tag for story in stories for tag in story.tags}), tags)
    return "\n".join([*lines, f"  {len(stories)} to choose from: {again} --list"])


def _near_tags(known: Sequence[str], tags: Sequence[str]) -> Iterator[str]:
    for tag in (tag.removeprefix(_NOT) for tag in tags):
        found = [] if tag in known else get_close_matches(tag, known, 1)
        yield from (f"  did you mean --tag {each}?" for each in found)
    told = f"the tags are: {', '.join(known)}" if known else "no story has a tag"
    yield from wrap(told, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
