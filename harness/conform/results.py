"""What became of a case and of its steps. No secret is kept here: values are shown by their bound names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.conform.cases import (
    Arrange,
    Bind,
    Call,
    Observe,
    Push,
    Settle,
    Step,
    Unknown,
    WebhookAnswers,
    Webhooks,
)
from harness.conform.match import Difference

__all__ = ["CaseResult", "StepResult", "Verdict", "step_result", "title"]

Verdict = Literal["agree", "differ", "skip"]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step. `index` counts from 0; `answer` is what came, as one text."""

    index: int
    do: str
    title: str
    differences: tuple[Difference, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case. `reason` says why it was skipped, or why it did not come to its end."""

    case: str
    area: str
    verdict: Verdict
    steps: tuple[StepResult, ...] = ()
    reason: str = ""


def step_result(index: int, step: Step, differences: tuple[Difference, ...], answer: str) -> StepResult:
    return StepResult(index, _do(step), title(step), differences, answer)


def _do(step: Step) -> str:
    match step:
        case Unknown(do):
            return do
        case WebhookAnswers():
            return "webhook_answers"
    return type(step).__name__.lower()


def title(step: Step) -> str:
    """What the step is about, in one line and in the case's own words."""
    match step:
        case Call(method=method, path=path, role=role):
            return f"{method} {path} as {role}"
        case Push(token=token, within_s=within_s):
            return f"the next push for {token} within {within_s:g} s"
        case Webhooks(url=url):
            return f"what came to {url}"
        case WebhookAnswers(url, plan):
            return f"{url} answers {', '.join(map(str, plan))}"
        case Settle(seconds):
            return f"{seconds:g} s"
        case Arrange(what=what) | Observe(what=what):
            return what
        case Bind(bindings):
            return ", ".join(name for name, _ in bindings)
        case Unknown(why=why):
            return why
