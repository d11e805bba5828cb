"""A story as it would run, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness.cast import ContactSpec, PhoneSpec

if TYPE_CHECKING:
    from harness.scenario.plan import Scenario, Step

__all__ = ["in_words", "listed"]


def listed(story: Scenario) -> str:
    """One line: where it is, its title, its tags."""
    tags = f"  [{', '.join(story.tags)}]" if story.tags else ""
    return f"{story.place}  {story.title}{tags}" if story.place.path else f"{story.title}{tags}"


def in_words(story: Scenario) -> str:
    """Who is in it, what it needs, and its steps, a line each; rows, variables and includes are resolved by now."""
    return "\n".join([listed(story), *(f"  {line}" for line in (*_about(story), *_steps(story.steps, "")))])


def _about(story: Scenario) -> Iterator[str]:
    from harness.scenario.needs import needs

    if story.skip is not None:
        yield f"is skipped: {story.skip}"
    if story.expect_failure is not None:
        yield f"shows a known defect: {story.expect_failure}"
    if story.phones:
        yield f"phones: {', '.join(map(_phone, story.phones))}"
    if story.contacts:
        yield f"contacts: {', '.join(map(_contact, story.contacts))}"
    needed = needs(story)
    if needed:
        yield "needs:"
        width = max(len(capability.value) for capability in needed)
        for capability, why in needed.items():
            yield f"  {capability.value:{width}}  {why}"
    if story.breaks:
        yield f"may break: {', '.join(story.breaks)}"


def _phone(spec: PhoneSpec) -> str:
    return f"{spec.name} {' and '.join(spec.numbers)}"


def _contact(spec: ContactSpec) -> str:
    return f"{spec.name} {spec.number}"


def _steps(steps: Sequence[Step], prefix: str) -> Iterator[str]:
    from harness.scenario.plan import Together
    from harness.scenario.wording import words_of

    for number, step in enumerate(steps, start=1):
        name = f"{prefix}{number}"
        alias = f"  (as {step.alias})" if step.alias else ""
        yield f"{name:>{4 if not prefix else 0}}. {words_of(step.what)}{alias}"
        if isinstance(step.what, Together):
            for count, branch in enumerate(step.what.branches, start=1):
                yield from (f"      {line}" for line in _steps(branch, f"{name}.{count}."))
