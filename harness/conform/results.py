"""What became of a case and of its steps. No secret is kept here: values are shown by their bound names."""

from __future__ import annotations

from typing import Literal

from harness.conform.cases import (
    Arrange,
    Bind,
    Call,
    Case,
    Observe,
    Push,
    Settle,
    Step,
    Tally,
    Unknown,
    WebhookAnswers,
    Webhooks,
)
from harness.conform.match import Difference
from harness.frozen import frozen

__all__ = ["CaseResult", "StepResult", "Verdict", "step_result", "title"]

Verdict = Literal["agree", "differ", "skip"]


@frozen
class StepResult:
    """What became of a step. `index` counts from 0; `answer` is what came, as one text; `line` its line, if known."""

    index: int
    do: str
    title: str
    differences: tuple[Difference, ...] = ()
    answer: str = ""
    line: int | None = None


@frozen
class CaseResult:
    """What became of a case. `reason` says why it was skipped or ended early, `path` where it is written."""

    case: str
    area: str
    verdict: Verdict
    steps: tuple[StepResult, ...] = ()
    reason: str = ""
    path: str = ""


def step_result(case: Case, index: int, differences: tuple[Difference, ...], answer: str) -> StepResult:
    step = case.steps[index]
    line = case.lines[index] if index < len(case.lines) else None
    return StepResult(index, _do(step), title(step), differences, answer, line)


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
        case Tally():
            return "all pushes and webhooks that came"
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
