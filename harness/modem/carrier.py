"""What a carrier may do with a text on its way: one rule for each fault. The SMSC applies a list of them, in order.

A rule sees one segment at a time, as an SMSC does. The first one that refuses a segment ends its way; one that is lost
is lost, and only its reports can still be told. Rules have no figures of their own: nobody has measured these networks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from harness.carrier_rules import (
    DailyCap,
    Duplicate,
    Late,
    LongCodeFilter,
    Lose,
    Only,
    Refuse,
    Reorder,
    Reports,
    Rule,
    ShowSender,
    Slow,
    SpamBlock,
    Throttle,
)
from harness.core import Table
from harness.delays import sample
from harness.draws import Draws
from harness.frozen import frozen
from harness.instants import SECOND, Instant

__all__ = ["RULES", "Passage", "Room", "steer"]

_DAY = 86400 * SECOND
_LONG_CODE = re.compile(r"\+?\d{7,15}", re.ASCII)


@frozen
class Passage:
    """A segment on its way through the carrier, and what the rules have made of it so far.

    `code`: it is refused. `is_lost`: it goes no further. `answer_after_ns`: until the sender hears that it was taken.
    `late_ns`, `copies`: after how long it is delivered, and delivered again. `reports`: (after, TP-ST) each, None for
    the ordinary one. `steered`: the names of the rules that did something.
    """

    sender: str
    to: str
    text: str
    sequence: int = 1
    count: int = 1
    code: int | None = None
    is_lost: bool = False
    answer_after_ns: int = 0
    late_ns: int = 0
    copies: tuple[int, ...] = ()
    reports: tuple[tuple[int, int], ...] | None = None
    is_early: bool = False
    shown_sender: str | None = None
    steered: tuple[str, ...] = ()


@frozen
class Room:
    """What a rule may use beside the segment: its own rows in `counts`, whose keys begin with `number`."""

    number: str
    counts: Table[str, Any]
    draws: Draws
    now: Instant


def steer(passage: Passage, rule: Rule, room: Room) -> Passage:
    """What `rule` makes of the segment."""
    if not _fits(rule.only, passage) or not _counts(rule.only, room):
        return passage
    changed = RULES[type(rule)](passage, rule, room)
    if changed is passage:
        return passage
    return replace(changed, steered=(*passage.steered, type(rule).__name__))


def _fits(only: Only, passage: Passage) -> bool:
    if not _is_number(only.sender, passage.sender) or not _is_number(only.to, passage.to):
        return False
    places = {place if place > 0 else passage.count + 1 + place for place in only.segments}
    if places and passage.sequence not in places:
        return False
    return only.text is None or _pattern(only.text).search(passage.text) is not None


def _is_number(wanted: str | None, number: str) -> bool:
    if wanted is None:
        return True
    return number.startswith(wanted[:-1]) if wanted.endswith("*") else number == wanted


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _counts(only: Only, room: Room) -> bool:
    """Counts what fits: whether it is among those that the rule takes."""
    if only.times is None and not only.skip:
        return True
    seen: int = room.counts.get(room.number, 0)
    room.counts[room.number] = seen + 1
    return seen >= only.skip and (only.times is None or seen < only.skip + only.times)


# -- what each rule does -----------------------------------------------------------------------------------------------


def _refused_or_lost(passage: Passage, code: int | None) -> Passage:
    return replace(passage, is_lost=True) if code is None else replace(passage, code=code)


def _throttle(passage: Passage, rule: Throttle, room: Room) -> Passage:
    key = f"{room.number}/{passage.sender}"
    left: tuple[Instant, ...] = room.counts.get(key, ())
    free_at = left[-rule.count] + rule.interval_ns if len(left) >= rule.count else room.now
    if free_at > room.now and rule.code is not None:
        return replace(passage, code=rule.code)
    leaves_at = max(room.now, free_at)
    room.counts[key] = (*left, leaves_at)[-rule.count :]
    late_ns = leaves_at - room.now
    return replace(passage, late_ns=passage.late_ns + late_ns) if late_ns else passage


def _daily_cap(passage: Passage, rule: DailyCap, room: Room) -> Passage:
    key, today = f"{room.number}/{passage.sender}", room.now // _DAY
    day, count = room.counts.get(key, (today, 0))
    count = count if day == today else 0
    room.counts[key] = (today, count + 1)
    return passage if count < rule.count else _refused_or_lost(passage, rule.code)


def _long_code_filter(passage: Passage, rule: LongCodeFilter, room: Room) -> Passage:
    is_long_code = _LONG_CODE.fullmatch(passage.sender) is not None
    return replace(passage, is_lost=True) if is_long_code and _drawn(rule.share, room) else passage


def _lose(passage: Passage, rule: Lose, room: Room) -> Passage:
    return replace(passage, is_lost=True) if _drawn(rule.share, room) else passage


def _drawn(share: int, room: Room) -> bool:
    return share >= 100 or room.draws.between(1, 100) <= share


def _slow(passage: Passage, rule: Slow, room: Room) -> Passage:
    delay = sample(rule.delay, room.draws)
    return replace(passage, answer_after_ns=passage.answer_after_ns + delay, late_ns=passage.late_ns + delay)


def _late(passage: Passage, rule: Late, room: Room) -> Passage:
    return replace(passage, late_ns=passage.late_ns + sample(rule.delay, room.draws))


def _reorder(passage: Passage, rule: Reorder, _: Room) -> Passage:
    behind = passage.count - passage.sequence
    return replace(passage, late_ns=passage.late_ns + behind * rule.gap_ns) if behind else passage


def _duplicate(passage: Passage, rule: Duplicate, room: Room) -> Passage:
    copies = tuple([sample(rule.delay, room.draws) for _ in range(rule.times)])
    return replace(passage, copies=passage.copies + copies)


def _reports(passage: Passage, rule: Reports, room: Room) -> Passage:
    reports = tuple([(sample(delay, room.draws), status) for delay, status in rule.statuses])
    return replace(passage, reports=reports, is_early=rule.early)


RULES: dict[type, Callable[[Passage, Any, Room], Passage]] = {
    Refuse: lambda passage, rule, _: replace(passage, code=rule.code),
    Slow: _slow,
    Throttle: _throttle,
    DailyCap: _daily_cap,
    SpamBlock: lambda passage, rule, _: _refused_or_lost(passage, rule.code),
    LongCodeFilter: _long_code_filter,
    Lose: _lose,
    Late: _late,
    Reorder: _reorder,
    Duplicate: _duplicate,
    ShowSender: lambda passage, rule, _: replace(passage, shown_sender=rule.sender),
    Reports: _reports,
}
"""What does each rule."""
