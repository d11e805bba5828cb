"""What every form of the report tells of an outcome, in words: the one place where they are chosen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from harness.frozen import frozen
from harness.instants import MS
from harness.outcome import Outcome
from harness.report.life import Stage, lasted, stages
from harness.trace import HOPS
from harness.verdict import Failure, Status, StepVerdict

__all__ = [
    "LABELS",
    "SET_UP",
    "Skip",
    "broken",
    "counted",
    "counts",
    "gist",
    "lacking",
    "missing",
    "named",
    "own_steps",
    "place",
    "plain",
    "skip",
    "skips",
    "subject",
    "took",
    "unseen",
]

SET_UP = "set-up"
"""How the titles of its steps begin, and their ids."""
LABELS = {Status.PASSED: "passed", Status.FAILED: "failed", Status.EXPECTED: "known defect", Status.SKIPPED: "skipped"}


@frozen
class Skip:
    """Why a story did not run, and how to get it to run ("": nothing helps, or nobody says)."""

    reason: str
    remedy: str = ""


def skip(outcome: Outcome) -> Skip | None:
    """The first line of a skip is its reason, what follows the remedy."""
    if outcome.verdict.skipped is None:
        return None
    reason, _, remedy = outcome.verdict.skipped.partition("\n")
    return Skip(reason.strip(), " ".join(remedy.split()))


def skips(outcomes: Sequence[Outcome]) -> dict[Skip, list[Outcome]]:
    """The stories that did not run, by reason.

    A target says first which step needs what it lacks (`send: {…}: no push`): that differs, the reason is the same.
    """
    alike: dict[Skip, list[tuple[Skip, Outcome]]] = {}
    for outcome in outcomes:
        if (why := skip(outcome)) is not None:
            same = Skip(why.reason.rpartition(": ")[2], why.remedy)
            alike.setdefault(same, []).append((why, outcome))
    grouped: dict[Skip, list[Outcome]] = {}
    for same, found in alike.items():
        known = {why for why, _ in found}
        grouped[known.pop() if len(known) == 1 else same] = [outcome for _, outcome in found]
    return grouped


def subject(outcome: Outcome) -> str | None:
    """The message that a failure is about: its id; None: the last text that came in; "": none.

    A run tells the last message there was. If that one lacks nothing and what was looked for is a text at a contact,
    the last that did not get there explains more.
    """
    failure = outcome.verdict.failure
    if failure is None or failure.rule or failure.message == "":
        return "" if failure is None else failure.message
    if not failure.title.startswith(_TEXT_LOOKS) or _lacking(outcome, failure.message) is not None:
        return failure.message
    sent = [entry.message for entry in outcome.entries if entry.hop == "client" and entry.message]
    stuck = (message for message in reversed(dict.fromkeys(sent)) if _lacking(outcome, message) is not None)
    return next(stuck, failure.message)


_TEXT_LOOKS = ("expect: {sms:", "expect_order:", "expect sms ", "expect in order ")


def missing(outcome: Outcome) -> Stage | None:
    """The first stage that is missing from the life of the message that the failure is about, where that explains it.

    It does not where the story failed for something else: a broken invariant, a message that nobody knows, what came
    and should not have, a state that is no success, or a difference in a fact.
    """
    failure = outcome.verdict.failure
    return lacking(outcome) if failure is not None and _is_in_vain(failure) else None


# As a look tells what it missed in what came instead.
_DIFFERS = re.compile(r"^\s+\w[\w.]*: expected ")
# How a look begins its reason that waited in vain, and how it names the states that no message is sent for.
_IN_VAIN = re.compile(r"not seen |seen \d+ of ")
_NO_SUCCESS = re.compile(r"\bstatus='(failed|expired)'|\bmessage\.send\.(failed|expired)\b")


def _is_in_vain(failure: Failure) -> bool:
    """A look waited in vain for a message to get further."""
    sought = failure.why[0] if failure.why else ""
    if _IN_VAIN.match(sought) is None or _NO_SUCCESS.search(sought) is not None:
        return False
    differs = [line for line in failure.why if _DIFFERS.search(line)]
    # The state of another message tells nothing of this one: a look that names no message found others.
    return "(of " not in sought or not differs or any(line.lstrip().startswith("status:") for line in differs)


def lacking(outcome: Outcome) -> Stage | None:
    """The first stage that is missing from the life of the message, whether or not the story failed for it."""
    failure = outcome.verdict.failure
    if failure is None or failure.rule:
        return None
    about = subject(outcome)
    return None if about == "" else _lacking(outcome, about)


def _lacking(outcome: Outcome, message: str | None) -> Stage | None:
    life = stages(outcome.entries, message, outcome.hops)
    if not any(stage.entry is not None for stage in life):
        return None
    return next((stage for stage in life if stage.entry is None), None)


def broken(failure: Failure | None) -> tuple[str, ...]:
    """The names of the invariants that were broken, each once; the lines of such a failure begin with them."""
    if failure is None or not failure.rule:
        return ()
    return tuple(dict.fromkeys([failure.rule, *(line.partition(":")[0] for line in failure.why if ":" in line)]))


def place(failure: Failure, outcome: Outcome) -> tuple[str, int, int]:
    """File, line and column of a failure, as far as they are known: else those of the story."""
    path, _, line = failure.place.rpartition(":")
    if failure.line:
        return (path if line.isdigit() else failure.place) or outcome.path, failure.line, failure.column
    return (path, int(line), 0) if path and line.isdigit() else (outcome.path, outcome.line, 0)


def named(outcome: Outcome, message: str | None) -> str:
    """A message by the name that the story gives it; "" if it has none."""
    return next((name for name, known in outcome.verdict.messages if known == message), "")


def gist(outcome: Outcome) -> str:
    """In one line: what went wrong. The missing step of the message's life, else what differs, else the reason."""
    failure = outcome.verdict.failure
    if failure is None:
        return ""
    if failure.rule:
        return f"broken: {', '.join(broken(failure))}"
    stage = missing(outcome)
    if stage is not None:
        return f"missing: {stage}{_of(outcome)}"
    differs = (line for line in failure.why if _DIFFERS.search(line))
    return next(differs, failure.why[0] if failure.why else failure.title).strip()


def _of(outcome: Outcome) -> str:
    about = subject(outcome)
    if about is None:
        return ", of a text that came in"
    name = named(outcome, about)
    return f", of the message {name}" if name else ""


def unseen(outcome: Outcome) -> tuple[str, ...]:
    """The hops that this target does not see; nobody asks about the harness itself."""
    return tuple(hop for hop in HOPS if outcome.hops and hop not in outcome.hops and hop != "harness")


def own_steps(steps: Sequence[StepVerdict]) -> list[StepVerdict]:
    """Those that the story has written down, also within branches: the set-up's are none of them."""
    return [step for step in steps if not step.title.startswith(SET_UP)]


def took(outcome: Outcome) -> str:
    """`1 day of virtual time`; of a live run `2.5 s`. "" where no time went by."""
    duration = outcome.verdict.took
    if duration < MS:
        return ""
    return lasted(duration) if outcome.trace_hash is None else f"{lasted(duration)} of virtual time"


def plain(line: str) -> str:
    """A line for any terminal: what is not printed there, half a letter or a command to it, is shown as an escape."""
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in line)


def counts(outcomes: Sequence[Outcome], not_run: int = 0) -> str:
    """`3 passed, 1 failed`: what there is none of is not named, but for what passed."""
    tallied = Counter(outcome.verdict.status for outcome in outcomes)
    parts = [counted(status, tallied[status]) for status in LABELS if tallied[status] or status is Status.PASSED]
    return ", ".join([*parts, *([f"{not_run} not run"] if not_run else [])])


def counted(status: Status, number: int) -> str:
    """`2 known defects`."""
    return f"{number} {LABELS[status]}{'s' if status is Status.EXPECTED and number != 1 else ''}"
