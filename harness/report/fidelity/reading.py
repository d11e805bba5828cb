"""One run of a story, as far as a user knows of it: what happened to each message, and when.

Ids, instants, ports and PDUs are of a run. So messages are recognised by the story's own steps and names, and texts
that come in by who wrote them and what.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.capability import Capability
from harness.frozen import frozen
from harness.outcome import Outcome
from harness.report import told
from harness.report.fidelity.messages import CALLS, COMES_IN, GOES_WRONG, NEEDS, fact, grouped, words_of
from harness.report.life import WROTE, told_as
from harness.trace import Entry

__all__ = ["Key", "Life", "Moment", "Reading", "drawn"]

Key = tuple[str, ...]
"""What a message is recognised by on both sides; the last part counts those that are alike."""


@frozen
class Moment:
    """Something that happened to a message. `at` is in nanoseconds since the story's first own step.

    `text` is None where there is none, or where it is encrypted: no two ciphertexts are alike. `segment` counts from 1;
    0: it is about all of them.
    """

    hop: str
    kind: str
    words: str
    at: int
    text: str | None = None
    reason: str = ""
    status: str = ""
    segment: int = 0


@frozen
class Life:
    """All that happened to one message. `is_open`: it was on its way when the story ended."""

    label: str
    moments: tuple[Moment, ...]
    is_open: bool


# -- what a trace tells ------------------------------------------------------------------------------------------------

_RUNS_OWN = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "(id)"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "(time)"),
    (re.compile(r"\b(?:localhost|127\.0\.0\.1|\[::1\]):\d+"), "(address)"),
)
"""What reasons may have in them that is another in every run."""
_SHOWS = frozenset({("contact", "received"), ("phone", "text received")})
_REASONS = ("reason", "error", "error_message", "answer")
_STATUSES = ("status", "code", "outcome")


class Reading:
    """One outcome, read once. `letter` names its side, `lacks` are the capabilities that its target misses.

    `lives` are its messages in the order in which they began; `shown` is what each handset showed, in order, by the hop
    and the name of whose it is. `drawn` is what that function gives for this outcome and the one beside it.
    """

    def __init__(
        self, outcome: Outcome, lacks: Collection[Capability], letter: str, drawn: Mapping[str, str] | None = None
    ) -> None:
        self.letter, self.lives, self.shown = letter, dict[Key, Life](), dict[tuple[str, str], dict[Key, Moment]]()
        self._lacks, self._hops, self._drawn = lacks, outcome.hops, drawn or {}
        # The longest first: one number may be the beginning of another.
        self._people = {one.number: one.name for one in sorted(outcome.people, key=lambda one: -len(one.number))}
        self._names = {message: name for name, message in outcome.verdict.messages}
        own = told.own_steps(outcome.verdict.steps)
        first, last = (outcome.entries[0].at, outcome.entries[-1].at) if outcome.entries else (0, 0)
        self._began = min((step.began_at for step in own), default=first)
        self._ended = max([last, *(step.ended_at for step in own)]) - self._began
        self._read(outcome)

    def excuse(self, life: Life | None, moment: Moment, *, is_last: bool) -> str:
        """Why nobody wonders that this is not there; "" if somebody should. `life` is the message on this side."""
        need = NEEDS.get((moment.hop, moment.kind))
        if self._hops and moment.hop not in self._hops:
            return f"not seen in {self.letter}"
        if need is not None and need in self._lacks:
            return f"{self.letter} has no {need.value}"
        # A story ends with its last step: what comes of its messages afterwards is seen where other things took longer.
        is_open = life is not None and life.is_open
        is_later = moment.at > self._ended and (moment.hop, moment.kind) not in GOES_WRONG
        return f"{self.letter} ended before" if is_last and (is_open or is_later) else ""

    def _read(self, outcome: Outcome) -> None:
        open_ids = {message for message, _ in outcome.verdict.still_open}
        counted: Counter[Key] = Counter()
        for subject, entries in grouped(outcome.entries).items():
            plain = self._key(subject, entries)
            counted[plain] += 1
            key = (*plain, str(counted[plain]))
            self.lives[key] = self._life(subject, plain, entries, counted[plain], is_open=subject in open_ids)
            for entry, moment in zip(entries, self.lives[key].moments, strict=True):
                if (entry.hop, entry.kind) in _SHOWS:
                    self.shown.setdefault((entry.hop, self._who([entry], "to")), {}).setdefault(key, moment)

    def _life(self, subject: str, key: Key, entries: Sequence[Entry], count: int, *, is_open: bool) -> Life:
        is_secret = any(entry.facts.get("encrypted") is True for entry in entries)
        label = self._label(subject, key, entries) + (f" ({count})" if count > 1 else "")
        return Life(label, tuple(self._moment(entry, is_secret=is_secret) for entry in entries), is_open)

    # -- which message it is -----------------------------------------------------------------------------------------

    def _key(self, subject: str, entries: Sequence[Entry]) -> Key:
        kinds = {told_as(entry) for entry in entries}
        # The step before the name: a step that sends again and again gives its name to the last message.
        if step := _first(entries, "step", hop="client"):
            return ("step", step, self._who(entries, "to", "contact"))
        if subject in self._names:
            return ("message", self._names[subject])
        if kinds & CALLS:
            return ("call", self._who(entries, "from", "contact"))
        if kinds & COMES_IN:
            who = self._who(entries, "from", "contact"), self._who(entries, "to", "owner")
            return ("text", *who, self._text_of(entries))
        if step := _first(entries, "step"):
            return ("step", step, self._who(entries, "to", "contact"))
        who = self._who(entries, "from", "owner"), self._who(entries, "to", "contact")
        return ("sent", *who, self._text_of(entries)) if who[1] else ("phone", who[0])

    def _label(self, subject: str, key: Key, entries: Sequence[Entry]) -> str:
        said = _quoted(self._text_of(entries))
        if subject in self._names:
            return f"{self._names[subject]}{said}"
        match key:
            case ("call", caller):
                return f"the calls of {caller}"
            case ("text" | "sent", sender, to, _):
                return f"{sender} → {to}{said}"
            case ("step", step, to):
                return f"{step.replace('-', ' ')}{f' → {to}' if to else ''}{said}"
            case _:
                return f"the phone {key[-1]}" if key[-1] else "the story"

    def _who(self, entries: Iterable[Entry], *names: str) -> str:
        found = next(filter(None, (_first(entries, name) for name in names)), "")
        return self._people.get(found, found)

    def _text_of(self, entries: Sequence[Entry]) -> str:
        """What the message says, as it went through the air; else what the API was told, if that can be read."""
        clear = [entry for entry in entries if entry.facts.get("encrypted") is not True]
        is_secret = len(clear) < len(entries)
        found = (fact(entry, name) for name in ("text", "content") for entry in clear)
        return next((self._plain(text) for text in found if text and not (is_secret and _is_garbage(text))), "")

    # -- what happened to it -----------------------------------------------------------------------------------------

    def _moment(self, entry: Entry, *, is_secret: bool) -> Moment:
        facts, (hop, kind) = entry.facts, told_as(entry)
        segment = facts.get("segment")
        return Moment(
            hop, kind, words_of(entry) or "", entry.at - self._began,
            self._clear_text(entry, is_secret=is_secret),
            ", ".join(self._reason(str(facts[name])) for name in _REASONS if facts.get(name) is not None),
            ", ".join(str(facts[name]) for name in _STATUSES if facts.get(name) is not None),
            segment if isinstance(segment, int) else 0,
        )  # fmt: skip

    def _clear_text(self, entry: Entry, *, is_secret: bool) -> str | None:
        text = entry.facts.get("text", entry.facts.get("content"))
        if not isinstance(text, str) or entry.facts.get("encrypted") is True or (is_secret and _is_garbage(text)):
            return None
        return self._plain(text)

    def _plain(self, text: str) -> str:
        """Numbers that have a name in the story, and what the story draws, are others on other targets."""
        for number, name in self._people.items():
            text = text.replace(number, name)
        return _WORD.sub(lambda word: self._drawn.get(word[0], word[0]), text) if self._drawn else text

    def _reason(self, text: str) -> str:
        for pattern, instead in _RUNS_OWN:
            text = pattern.sub(instead, text)
        return self._plain(text)


def _first(entries: Iterable[Entry], name: str, hop: str = "") -> str:
    """The first that is told of this fact, on this hop; "": on any."""
    return next(filter(None, (fact(entry, name) for entry in entries if not hop or entry.hop == hop)), "")


def _is_garbage(text: str) -> bool:
    """What comes of a text under a wrong key: it follows from an octet string that is drawn anew in each run."""
    return "\N{REPLACEMENT CHARACTER}" in text or any(not (c.isprintable() or c.isspace()) for c in text)


_TEXT_MAX = 40


def _quoted(text: str) -> str:
    return f" “{text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + '…'}”" if text else ""


# -- what a story draws ------------------------------------------------------------------------------------------------

_WORD = re.compile(r"\w+")


def drawn(one: Outcome, other: Outcome) -> dict[str, str]:
    """The words of the second run that are others in the first: where the same step says something else in each.

    A story's `${random}` is drawn from the seed, and on a server anew in each run.
    """
    found: dict[str, str] = {}
    said, said_there = _said_by_the_story(one), _said_by_the_story(other)
    for key in said.keys() & said_there.keys():
        words, others = _WORD.findall(said[key]), _WORD.findall(said_there[key])
        if len(words) == len(others):
            found.update({back: word for word, back in zip(words, others, strict=True) if word != back})
    return found


def _said_by_the_story(outcome: Outcome) -> dict[Key, str]:
    """What its steps have sent, and what contacts wrote by themselves."""
    people = {person.number: person.name for person in outcome.people}
    counted: Counter[Key] = Counter()
    said: dict[Key, str] = {}
    for entry in outcome.entries:
        is_step = (entry.hop, entry.kind) == ("client", "send")
        if is_step or (told_as(entry) == WROTE and entry.cause is None):
            who = (people.get(fact(entry, name), "") for name in ("from", "to"))
            key = (entry.hop, fact(entry, "step"), *who)
            counted[key] += 1
            said[*key, str(counted[key])] = fact(entry, "content" if is_step else "text")
    return said
