"""What happened on one target and not on the other, in another order, or otherwise.

Entries of one message and one hop are compared with each other, since hops of a live target are concurrent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from harness.capability import Capability
from harness.frozen import frozen
from harness.outcome import Outcome
from harness.report import told
from harness.report.fidelity.aligning import Pair, aligned, in_order, matched
from harness.report.fidelity.reading import Key, Life, Moment, Reading, drawn
from harness.report.life import lasted
from harness.report.plain_data import STATUSES

__all__ = ["TOLD", "Difference", "Fidelity", "Kind", "Row", "Side", "Strand", "compared"]


class Kind(Enum):
    """Every difference that there can be. A is the first target, B the second."""

    ONLY_IN_A = "only in A"
    ONLY_IN_B = "only in B"
    ORDER = "other order"
    TEXT = "other text"
    REASON = "other reason"
    STATUS = "other status"
    SLOWER = "slower"
    FASTER = "faster"


TOLD = frozenset({Kind.SLOWER, Kind.FASTER})
"""What is said and makes nothing different: how long things take is the machine's, and the network's."""


@frozen
class Difference:
    """One of them. `whose` is the message, or what else it is about; `one` and `other` are what each target has.

    Of an order they are what came before on the same hop; of what is slower or faster `other` is by how much.
    """

    kind: Kind
    whose: str
    hop: str
    what: str
    one: str = ""
    other: str = ""


@frozen
class Row:
    """What belongs together on both targets; None: it is not there. `note`: why that is no difference."""

    one: Moment | None
    other: Moment | None
    differences: tuple[Difference, ...] = ()
    note: str = ""

    @property
    def moment(self) -> Moment:
        found = self.other if self.one is None else self.one
        assert found is not None
        return found


@frozen
class Strand:
    """All that happened to one message. `whole`: only one of the targets has it at all."""

    name: str
    rows: tuple[Row, ...]
    whole: Difference | None = None

    @property
    def differences(self) -> tuple[Difference, ...]:
        if self.whole is not None:
            return (self.whole,)
        return tuple(found for row in self.rows for found in row.differences)


@frozen
class Side:
    """One target and what the story came to on it. `reason`: why it failed or did not run, `remedy`: what helps.

    `unseen` are the hops that it does not see; `repeat` is the command that runs it there again.
    """

    target: str
    status: str
    took: str
    reason: str = ""
    remedy: str = ""
    unseen: tuple[str, ...] = ()
    repeat: str = ""


@frozen
class Fidelity:
    """How alike two runs of one story are. `is_compared` is False where a target skipped it: nothing can be said."""

    title: str
    one: Side
    other: Side
    strands: tuple[Strand, ...]
    is_compared: bool = True
    verdicts: tuple[Difference, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Those of the verdicts first."""
        return (*self.verdicts, *(found for strand in self.strands for found in strand.differences))

    @property
    def is_alike(self) -> bool:
        return all(found.kind in TOLD for found in self.differences)

    @property
    def apart(self) -> int | None:
        """By how many ns the two are apart where they are furthest; None: they have nothing in common."""
        rows = (row for strand in self.strands for row in strand.rows)
        return max((abs(row.other.at - row.one.at) for row in rows if row.one and row.other), default=None)


def compared(
    one: Outcome,
    other: Outcome,
    apart: int | None = None,
    *,
    lacks: tuple[Collection[Capability], Collection[Capability]] = ((), ()),
) -> Fidelity:
    """What differs. `apart`: what happens so many ns later, or earlier, is told as slower, or faster; None: nothing is.

    `lacks` are the capabilities that the first and the second target miss: what needs one is not looked for there.
    """
    sides = _side(one), _side(other)
    if one.verdict.skipped is not None or other.verdict.skipped is not None:
        return Fidelity(one.title, *sides, (), is_compared=False)
    readings = Reading(one, lacks[0], "A"), Reading(other, lacks[1], "B", drawn(one, other))
    return Fidelity(one.title, *sides, tuple(_strands(*readings, apart)), verdicts=tuple(_verdicts(*sides)))


def _side(outcome: Outcome) -> Side:
    skip, failure = told.skip(outcome), outcome.verdict.failure
    known = STATUSES[outcome.verdict.status], told.took(outcome)
    if skip is not None:
        return Side(outcome.target, *known, skip.reason, skip.remedy, told.unseen(outcome), outcome.repeat)
    why = "" if failure is None else ", ".join(told.broken(failure)) or failure.title
    return Side(outcome.target, *known, why, "", told.unseen(outcome), outcome.repeat)


def _verdicts(one: Side, other: Side) -> Iterator[Difference]:
    if one.status != other.status:
        yield Difference(Kind.STATUS, "the story", "", "its verdict", one.status, other.status)
    elif one.reason != other.reason:
        yield Difference(Kind.REASON, "the story", "", "its verdict", one.reason, other.reason)


# -- messages ----------------------------------------------------------------------------------------------------------


def _strands(one: Reading, other: Reading, apart: int | None) -> Iterator[Strand]:
    pairs = list(_paired(list(one.lives), list(other.lives)))
    for mine, yours in pairs:
        yield _Judge(one, other, one.lives.get(mine or ()), other.lives.get(yours or ()), apart).strand()
    yield from _handsets(one, other, {mine: yours for mine, yours in pairs if mine is not None and yours is not None})


def _paired(mine: Sequence[Key], yours: Sequence[Key]) -> Iterator[tuple[Key | None, Key | None]]:
    """The same messages; then, in their order, those between the same people, which differ in their text."""
    common = {*mine} & {*yours}
    left = [key for key in yours if key not in common]
    for key in mine:
        if key in common:
            yield key, key
            continue
        like = next((each for each in left if each[:3] == key[:3] and key[0] in ("text", "sent")), None)
        if like is not None:
            left.remove(like)
        yield key, like
    yield from ((None, key) for key in left)


@frozen
class _Spot:
    """A moment with its place in the life of its message, and what came before it on its hop, in words."""

    place: int
    moment: Moment
    before: str


def _spots(life: Life | None, hop: str) -> list[_Spot]:
    found: list[_Spot] = []
    for place, moment in enumerate(() if life is None else life.moments):
        if moment.hop == hop:
            found.append(_Spot(place, moment, found[-1].moment.words if found else ""))
    return found


@frozen
class _Judge:
    """One message on both sides (None: it is not there)."""

    reading: Reading
    other_reading: Reading
    life: Life | None
    other_life: Life | None
    apart: int | None

    @property
    def name(self) -> str:
        life = self.other_life if self.life is None else self.life
        assert life is not None
        return life.label

    def strand(self) -> Strand:
        rows = tuple(self._rows())
        is_in_both = self.life is not None and self.other_life is not None
        if is_in_both or not any(row.differences for row in rows):
            return Strand(self.name, rows)
        kind = Kind.ONLY_IN_A if self.other_life is None else Kind.ONLY_IN_B
        return Strand(self.name, rows, Difference(kind, self.name, rows[0].moment.hop, "all of it"))

    def _rows(self) -> list[Row]:
        """Aligned hop by hop, and then as they came about on the first target."""
        pairs: list[Pair] = []
        rows: list[Row] = []
        lives = [life for life in (self.life, self.other_life) if life is not None]
        for hop in dict.fromkeys(moment.hop for life in lives for moment in life.moments):
            here, there = _spots(self.life, hop), _spots(self.other_life, hop)
            for pair in aligned([_what(each.moment) for each in here], [_what(each.moment) for each in there]):
                one = None if pair.one is None else here[pair.one]
                other = None if pair.other is None else there[pair.other]
                pairs.append(Pair(None if one is None else one.place, None if other is None else other.place))
                rows.append(self._row(one, other, pair))
        return [rows[place] for place in in_order(pairs)]

    def _row(self, one: _Spot | None, other: _Spot | None, pair: Pair) -> Row:
        if other is None:
            assert one is not None
            note = self.other_reading.excuse(self.other_life, one.moment, is_last=pair.is_last)
            return Row(one.moment, None, () if note else (self._differs(Kind.ONLY_IN_A, one.moment),), note)
        if one is None:
            note = self.reading.excuse(self.life, other.moment, is_last=pair.is_last)
            return Row(None, other.moment, () if note else (self._differs(Kind.ONLY_IN_B, other.moment),), note)
        moved = (
            [self._differs(Kind.ORDER, one.moment, _after(one.before), _after(other.before))] if pair.is_moved else []
        )
        return Row(one.moment, other.moment, (*moved, *self._otherwise(one.moment, other.moment)))

    def _otherwise(self, one: Moment, other: Moment) -> Iterator[Difference]:
        if one.text != other.text:
            yield self._differs(Kind.TEXT, one, *_texts(one.text, other.text))
        if one.reason != other.reason:
            yield self._differs(Kind.REASON, one, one.reason, other.reason)
        if one.status != other.status:
            yield self._differs(Kind.STATUS, one, one.status, other.status)
        late = other.at - one.at
        if self.apart is not None and abs(late) > self.apart:
            yield self._differs(Kind.SLOWER if late > 0 else Kind.FASTER, one, "", lasted(abs(late)))

    def _differs(self, kind: Kind, moment: Moment, one: str = "", other: str = "") -> Difference:
        return Difference(kind, self.name, moment.hop, moment.words, one, other)


def _what(moment: Moment) -> tuple[str, int]:
    """What has to be the same for two moments to belong together."""
    return moment.kind, moment.segment


def _after(before: str) -> str:
    return f"after {before}" if before else "first"


_AROUND = 30
"""So many characters of a text are shown in front of where it differs, and twice as many from there."""


def _texts(one: str | None, other: str | None) -> tuple[str, str]:
    """Both, around the first character that differs."""
    if one is None or other is None:
        return _excerpt(one, 0), _excerpt(other, 0)
    shorter = min(len(one), len(other))
    same = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    return _excerpt(one, same), _excerpt(other, same)


def _excerpt(text: str | None, place: int) -> str:
    if text is None:
        return "no text in clear"
    begin, end = max(place - _AROUND, 0), place + 2 * _AROUND
    return f"“{'…' if begin else ''}{text[begin:end]}{'…' if text[end:] else ''}”"


# -- handsets ----------------------------------------------------------------------------------------------------------


def _handsets(one: Reading, other: Reading, pairs: Mapping[Key, Key]) -> Iterator[Strand]:
    """Texts that a handset shows in another order: each of them may be as it should."""
    back = {yours: mine for mine, yours in pairs.items()}
    for (hop, who), shown in one.shown.items():
        theirs = {back[key]: moment for key, moment in other.shown.get((hop, who), {}).items() if key in back}
        here = [key for key in shown if key in theirs]
        there = [key for key in theirs if key in shown]
        _, moved = matched(here, there)
        if moved:
            name = f"what the handset of {who} shows, in order"
            labels = [one.lives[key].label for key in here]
            there_labels = [one.lives[key].label for key in there]
            rows = []
            for place, key in enumerate(here):
                label = labels[place]
                befores = _after_what(labels, place), _after_what(there_labels, there.index(key))
                found = (Difference(Kind.ORDER, name, hop, label, *befores),) if place in moved else ()
                rows.append(Row(replace(shown[key], words=label), replace(theirs[key], words=label), found))
            yield Strand(name, tuple(rows))


def _after_what(labels: Sequence[str], place: int) -> str:
    return _after(labels[place - 1] if place else "")
