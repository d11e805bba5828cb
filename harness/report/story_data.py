"""An outcome as the story page's script reads it. Everything in it is a text, a number, or made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.frozen import frozen
from harness.outcome import Outcome
from harness.redaction import redacted
from harness.report import told
from harness.report.life import WROTE, Stage, stages_of, told_as
from harness.report.plain_data import STATUSES
from harness.report.subjects import subjects
from harness.trace import Entry
from harness.verdict import Failure, StepVerdict

__all__ = ["LANES", "story_data"]

LANES: Mapping[str, tuple[str, ...]] = {
    "client": ("client",),
    "gateway": ("gateway", "api"),
    "push": ("push",),
    "phone": ("phone",),
    "radio": ("radio",),
    "contact": ("contact",),
    "webhook": ("webhook",),
    "harness": ("harness",),
}
"""The lanes from left to right, each with its hops. That of the harness is there only where something is in it."""

_BAD = re.compile(r"\b(lost|refused|failed|rejected|unanswered|expired|broken|dropped|unreadable|undelivered)\b")
# What the run itself writes when a step fails: the page shows the step there.
_FAILED = ("harness", "step failed")
_TEXT_MAX = 60
_GIST_MAX = 48


def story_data(outcome: Outcome) -> dict[str, Any]:
    """Times are in milliseconds since the first entry; entries, messages and lanes are named by their places."""
    seen = _Seen(outcome)
    verdict = outcome.verdict
    skip = told.skip(outcome)
    return {
        "title": outcome.title,
        "status": STATUSES[verdict.status],
        "words": told.LABELS[verdict.status],
        "meta": _meta(outcome),
        "took": told.took(outcome),
        "tags": list(outcome.tags),
        "repeat": outcome.repeat,
        "expected": verdict.expected,
        "skipped": None if skip is None else {"reason": skip.reason, "remedy": skip.remedy},
        "lanes": [{"name": lane, "seen": seen.sees(lane)} for lane in seen.lanes],
        "messages": [seen.message(subject) for subject in seen.known],
        "setup": seen.setup,
        "steps": _steps(outcome, seen),
        "own_steps": len(told.own_steps(verdict.steps)),
        "entries": [seen.entry(place) for place in range(len(seen.entries))],
        "failure": None if verdict.failure is None else _failure(outcome, verdict.failure, seen),
    }


def _meta(outcome: Outcome) -> list[str]:
    place = f"{outcome.path}:{outcome.line}" if outcome.line else outcome.path
    return [text for text in (place, f"target {outcome.target}", f"seed {outcome.seed}") if text]


# -- what the trace has ------------------------------------------------------------------------------------------------


class _Seen:
    """The trace of an outcome, read once."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.entries = list(outcome.entries)
        self.began = self.entries[0].at if self.entries else 0
        self.subjects = subjects(self.entries)
        self.known = list(dict.fromkeys(subject for subject in self.subjects if subject is not None))
        self.numbers = {subject: number for number, subject in enumerate(self.known)}
        self.places = {entry.number: place for place, entry in enumerate(self.entries)}
        hops = {entry.hop for entry in self.entries if (entry.hop, entry.kind) != _FAILED}
        self.lanes = [lane for lane in LANES if lane != "harness" or "harness" in hops]
        self._lane_of = {hop: number for number, lane in enumerate(self.lanes) for hop in LANES[lane]}
        self._people = {person.number: person.name for person in outcome.people}
        self._own: dict[str, list[Entry]] = {subject: [] for subject in self.known}
        for entry, subject in zip(self.entries, self.subjects, strict=True):
            if subject is not None:
                self._own[subject].append(entry)
        self.setup = self._set_up()

    def sees(self, lane: str) -> bool:
        return not self.outcome.hops or any(hop in self.outcome.hops for hop in LANES[lane])

    def lane(self, hop: str) -> int:
        # A hop that is not known here happens somewhere in between.
        return self._lane_of.get(hop, self._lane_of["gateway"])

    def ms(self, at: int) -> float:
        return round((at - self.began) / 1e6, 3)

    def _set_up(self) -> int:
        """How many entries there are up to the last one of the set-up."""
        last = [place for place, entry in enumerate(self.entries) if _step_id(entry).startswith(told.SET_UP)]
        return last[-1] + 1 if last else 0

    def entry(self, place: int) -> dict[str, Any]:
        entry, subject = self.entries[place], self.subjects[place]
        return {
            "number": entry.number,
            "at": self.ms(entry.at),
            "hop": entry.hop,
            "lane": self.lane(entry.hop),
            "kind": entry.kind,
            "gist": _gist(entry),
            "message": -1 if subject is None else self.numbers[subject],
            "cause": self._cause(entry),
            "bad": _is_bad(entry),
            "hidden": (entry.hop, entry.kind) == _FAILED,
            "facts": redacted(dict(entry.facts)),
        }

    def _cause(self, entry: Entry) -> int:
        return -1 if entry.cause is None else self.places.get(entry.cause, -1)

    # -- messages ------------------------------------------------------------------------------------------------

    def message(self, subject: str) -> dict[str, Any]:
        own = self._own[subject]
        who = f"{self._who(_fact(own, 'from', 'owner'))} → {self._who(_fact(own, 'to', 'contact'))}"
        if _is_incoming(own):
            who = f"{self._who(_fact(own, 'from', 'contact'))} → {self._who(_fact(own, 'to', 'owner'))}"
        text = _text(own)
        name = told.named(self.outcome, subject)
        words = f"“{text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + '…'}”" if text else ""
        return {
            "id": subject,
            "name": f"{name}: {who}" if name else who,
            "words": words,
            "text": text,
            "stages": [self._stage(stage) for stage in stages_of(own, self.outcome.hops)],
        }

    def _who(self, number: str) -> str:
        return self._people.get(number, number or "?")

    def _stage(self, stage: Stage) -> dict[str, Any]:
        place = -1 if stage.entry is None else self.places[stage.entry.number]
        return {"words": stage.words, "hop": stage.hop, "kind": stage.kind, "entry": place}

    def about(self) -> int:
        """The message that the failure is about."""
        message = told.subject(self.outcome)
        if message is not None:
            return self.numbers.get(message, -1)
        wrote = [place for place, entry in enumerate(self.entries) if told_as(entry) == WROTE]
        subject = self.subjects[wrote[-1]] if wrote else None
        return -1 if subject is None else self.numbers[subject]


def _step_id(entry: Entry) -> str:
    step = entry.facts.get("step")
    return step if isinstance(step, str) else ""


def _is_bad(entry: Entry) -> bool:
    status = entry.facts.get("status")
    is_refusal = entry.hop in ("api", "client") and isinstance(status, int) and status >= 400
    return is_refusal or (_BAD.search(entry.kind) is not None and not entry.kind.endswith(".check"))


def _is_incoming(own: Sequence[Entry]) -> bool:
    kinds = {told_as(entry) for entry in own}
    return bool(kinds & {WROTE, ("phone", "text received"), ("contact", "calls"), ("radio", "call")})


def _fact(entries: Sequence[Entry], *names: str) -> str:
    """The first of the facts that any of the entries has."""
    for name in names:
        for entry in entries:
            value = entry.facts.get(name)
            if isinstance(value, str) and value:
                return value
    return ""


def _text(own: Sequence[Entry]) -> str:
    """What the message says, as it went through the air; else what the API was told, if that can be read."""
    if any((entry.hop, entry.kind) in (("radio", "call"), ("contact", "calls")) for entry in own):
        return "a call"
    text = _fact([entry for entry in own if entry.hop in ("contact", "radio")], "text")
    if text:
        return text
    return "(encrypted)" if any(entry.facts.get("encrypted") is True for entry in own) else _fact(own, "content")


def _gist(entry: Entry) -> str:
    """What one wants to know of an entry without opening it."""
    facts = entry.facts
    match entry.hop:
        case "api" | "client" if "status" in facts:
            text = str(facts["status"])
        case "gateway" if entry.kind.startswith("webhook."):
            text = " ".join(str(facts[name]) for name in ("event", "status", "outcome") if name in facts)
        case "gateway" if "status" in facts:
            text = str(facts["status"])
        case "contact" | "radio" if "text" in facts:
            text = f"“{facts['text']}”"
        case "phone" if "event" in facts:
            text = str(facts["event"])
        case "phone" if "segments" in facts:
            text = f"{facts['segments']} segment{'' if facts['segments'] == 1 else 's'}"
        case _:
            text = str(facts.get("error") or facts.get("outcome") or facts.get("reason") or "")
    return text if len(text) <= _GIST_MAX else text[: _GIST_MAX - 1] + "…"


# -- steps -------------------------------------------------------------------------------------------------------------


def _steps(outcome: Outcome, seen: _Seen) -> list[dict[str, Any]]:
    steps = outcome.verdict.steps
    return [
        {
            "title": step.title,
            "passed": step.passed,
            "place": step.place,
            "began": seen.ms(step.began_at) if step.began_at else 0,
            "took": round((step.ended_at - step.began_at) / 1e6, 3),
            "branch": step.branch,
            "before": before,
            "setup": step.title.startswith(told.SET_UP),
        }
        for step, before in zip(steps, _places(steps, seen.entries, seen.setup), strict=True)
    ]


def _places(steps: Sequence[StepVerdict], entries: Sequence[Entry], setup: int) -> list[int]:
    """Before which entry each step is shown.

    Times alone do not tell: in virtual time much happens at one instant. But what an act did names the act (`step-3`),
    a text begins with who wrote it, and the others stand between them in their order.
    """
    acts = _acts(steps, entries)
    found: list[int] = []
    floor, waited = 0, False
    for number, step in enumerate(steps):
        own = acts[number]
        if not step.title.startswith(told.SET_UP):
            floor = max(floor, setup)
        ceiling = min((later[0] for later in acts[number:] if later), default=len(entries))
        place = own[0] if own else _begin(step, entries, range(floor, ceiling), waited)
        place = max(floor, place)
        found.append(place)
        floor = max(place + _is_text(step), own[-1] + 1 if own else 0)
        waited = step.ended_at > step.began_at
    return found


def _acts(steps: Sequence[StepVerdict], entries: Sequence[Entry]) -> list[list[int]]:
    """For each step the entries that name it, up to its end."""
    own: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        if step_id := _step_id(entry):
            own.setdefault(step_id, []).append(place)
    found: list[list[int]] = []
    number = 0
    for step in steps:
        is_own = not step.branch and not step.title.startswith(told.SET_UP)
        number += is_own
        named = own.get(f"step-{number}", []) if is_own else []
        found.append([place for place in named if entries[place].at <= step.ended_at])
    return found


_BEGINS = {"text": WROTE, "call": ("contact", "calls")}


def _is_text(step: StepVerdict) -> bool:
    return _verb(step) in _BEGINS


def _verb(step: StepVerdict) -> str:
    """Of a title that is a line of a file, or words."""
    return re.split("[: ]", step.title, maxsplit=1)[0]


def _begin(step: StepVerdict, entries: Sequence[Entry], places: range, waited: bool) -> int:
    if _is_text(step):
        begins = _BEGINS[_verb(step)]
        written = (place for place in places if told_as(entries[place]) == begins)
        return next(written, places.stop)
    first = next((place for place in places if entries[place].at >= step.began_at), places.stop)
    # Something ended the step before, if that one waited: it comes first.
    return min(first + waited, places.stop)


# -- the failure -------------------------------------------------------------------------------------------------------


@frozen
class _Ghost:
    """Where what is missing would stand: in which lane, after which entry, and before which one it is shown."""

    lane: int
    after: int
    before: int

    def plain(self) -> dict[str, int]:
        return {"lane": self.lane, "after": self.after, "before": self.before}


def _failure(outcome: Outcome, failure: Failure, seen: _Seen) -> dict[str, Any]:
    lacking = told.missing(outcome)
    about = seen.about()
    ghost = None if lacking is None else _ghost(outcome, lacking, about, seen)
    missing = None if lacking is None else {"words": lacking.words, "hop": lacking.hop, "kind": lacking.kind}
    return {
        "title": failure.title,
        "place": failure.place,
        "why": list(failure.why),
        "broken": list(told.broken(failure)),
        "missing": missing,
        "subject": about,
        "ghost": None if ghost is None else ghost.plain(),
        "gave_up": _gave_up(seen),
    }


def _ghost(outcome: Outcome, lacking: Stage, about: int, seen: _Seen) -> _Ghost | None:
    """After the last entry of the message that is not later than the failure."""
    if about < 0:
        return None
    own = [place for place, subject in enumerate(seen.subjects) if subject == seen.known[about]]
    failed = _gave_up(seen)
    until = [place for place in own if failed < 0 or place < failed] or own
    return _Ghost(seen.lane(lacking.hop), until[-1], max(until[-1] + 1, failed))


def _gave_up(seen: _Seen) -> int:
    """Before which entry the story failed, -1: nobody says."""
    return next((place for place, entry in enumerate(seen.entries) if (entry.hop, entry.kind) == _FAILED), -1)
