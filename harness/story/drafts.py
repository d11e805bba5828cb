"""The steps of a story while it is written: where they stand, their names, and the values that are taken of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from harness.answers import NO_ANSWER, Capture
from harness.patterns import check_pattern
from harness.scenario.plan import (
    Act,
    Api,
    CallPhone,
    Distance,
    Expect,
    ExpectOrder,
    Never,
    Send,
    Step,
    Text,
    Together,
)
from harness.scenario.wording import words_of
from harness.story.values import Value

__all__ = ["Answered", "Draft", "Drafts", "Found", "Message", "Ref"]

_What = Act | Expect | Never | ExpectOrder | Distance


@dataclass(slots=True)
class Draft:
    """A step that may still get a name and captures. `what` None: a `together` of these `branches`."""

    what: _What | None
    alias: str | None = None
    branches: list[list[Draft]] = field(default_factory=list)

    def planned(self) -> Step:
        what = self.what or Together(tuple(tuple(draft.planned() for draft in branch) for branch in self.branches))
        return Step(what, alias=self.alias, title=words_of(what))


class Drafts:
    """The steps so far. Everything raises `ValueError` for what cannot be meant."""

    def __init__(self) -> None:
        self._steps: list[Draft] = []
        # Where steps go, the innermost last. None: within a `together`, and in none of its branches.
        self._into: list[list[Draft] | None] = [self._steps]
        self._open: list[Draft] = []
        self._count = 0
        self._named: dict[str, Draft] = {}
        self._captured: set[str] = set()

    def planned(self) -> tuple[Step, ...]:
        return tuple(draft.planned() for draft in self._steps)

    def add(self, what: _What | None, alias: str | None = None) -> Draft:
        into = self._into[-1]
        if into is None:
            raise ValueError("the steps of together stand in its branches: with story.branch()")
        draft = Draft(what)
        if alias is not None:
            self._name(draft, alias)
        into.append(draft)
        self._count += 1
        return draft

    @contextmanager
    def together(self) -> Iterator[None]:
        draft = self.add(None)
        self._open.append(draft)
        self._into.append(None)
        try:
            yield
        finally:
            self._open.pop()
            self._into.pop()
        if len(draft.branches) < 2:
            raise ValueError("two branches stand in together, or more")

    @contextmanager
    def branch(self) -> Iterator[None]:
        if self._into[-1] is not None:
            raise ValueError("a branch stands directly within together")
        branch: list[Draft] = []
        self._open[-1].branches.append(branch)
        self._into.append(branch)
        try:
            yield
        finally:
            self._into.pop()

    # -- names -------------------------------------------------------------------------------------------------------

    def _name(self, draft: Draft, alias: str) -> None:
        if alias in self._named:
            raise ValueError(f"{alias} is the name of an earlier step")
        draft.alias = alias
        self._named[alias] = draft

    def name(self, draft: Draft, kind: str) -> str:
        """The step's name; one by rule if it has none so far."""
        if draft.alias is None:
            names = (f"{kind}-{number}" for number in count(self._count))
            self._name(draft, next(name for name in names if name not in self._named))
        assert draft.alias is not None
        return draft.alias

    def step(self, step: Ref) -> str:
        """The name of an earlier step."""
        name = step if isinstance(step, str) else step._name()
        if name not in self._named:
            raise ValueError(f"there is no earlier step {name}")
        return str(name)

    def message(self, step: Ref) -> str:
        """The name of an earlier step that has one message."""
        name = self.step(step)
        what = self._named[name].what
        if isinstance(what, Send) and len(what.to) > 1:
            raise ValueError(f"{name} has several messages: name a send to one")
        is_refused = isinstance(what, Send | Api) and what.answer.status == NO_ANSWER
        if is_refused or isinstance(what, Text | CallPhone):
            raise ValueError(f"{name} has no message: name a send, an api request, or a look")
        return name

    def capture(self, draft: Draft, path: str, pattern: str | None, name: str | None) -> Value:
        if pattern is not None:
            check_pattern(pattern)
        if name is None:
            free = (f"value-{number}" for number in count(1))
            name = next(each for each in free if each not in self._captured)
        if name in self._captured:
            raise ValueError(f"{name} is captured already")
        capture = Capture(name, path, pattern)
        match draft.what:
            case Expect() as look:
                draft.what = replace(look, captures=(*look.captures, capture))
            case Send() | Api() as act:
                answer = act.answer
                draft.what = replace(act, answer=replace(answer, captures=(*answer.captures, capture)))
            case _:
                raise ValueError("only of what is expected, and of what the API answers, values are kept")
        self._captured.add(name)
        return Value(name)


# -- what steps give ---------------------------------------------------------------------------------------------------


class _Handle:
    """A step of a story; it gets a name when one is needed."""

    def __init__(self, drafts: Drafts, draft: Draft, kind: str) -> None:
        self._drafts, self._draft, self._kind = drafts, draft, kind

    def _name(self) -> str:
        return self._drafts.name(self._draft, self._kind)


class Found(_Handle):
    """What a step finds or does. Give it to `distance`, to looks at its message, or take values of it."""

    def capture(self, pattern: str | None = None, *, path: str = "text", name: str | None = None) -> Value:
        r"""A value of what the look finds for texts of later steps: `code = arrival.capture(r"\d{4}")`.

        Of its text, or of another fact (`path`), what the regular expression finds: its first group, or all of it.
        Raises `UsageError` for what is none, `ValueError` for a step that is no look.
        """
        return self._drafts.capture(self._draft, path, pattern, name)


class Answered(_Handle):
    """An API call of the story. Give it to `distance`, to looks at the message that it made, or take values of it."""

    def capture(self, path: str, *, pattern: str | None = None, name: str | None = None) -> Value:
        """A value of the answer for texts of later steps: `path` is dotted (`data.0.id`), or `header NAME`.

        With a `pattern` it is what this regular expression finds there: its first group, or all of it. Raises
        `UsageError` for what is none.
        """
        return self._drafts.capture(self._draft, path, pattern, name)


class Message(str):
    """The name of a message that a story sends: looks at its state take it."""

    _answered: Answered

    def __new__(cls, drafts: Drafts, draft: Draft) -> Message:
        answered = Answered(drafts, draft, "message")
        message = super().__new__(cls, answered._name())
        message._answered = answered
        return message

    def capture(self, path: str, *, pattern: str | None = None, name: str | None = None) -> Value:
        """A value of the answer to the send, as `Answered.capture`."""
        return self._answered.capture(path, pattern=pattern, name=name)


Ref = str | Found | Answered
"""A step, by the name that it was given or by what its method gave back."""
