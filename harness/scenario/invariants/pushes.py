"""Rules about pushes: not too soon after one another, in their windows, and not too often."""

from __future__ import annotations

from collections import Counter

from harness.instants import SECOND, Instant
from harness.scenario.invariants.story import Found, Story
from harness.trace import Entry

__all__ = ["attempts_within_the_maximum", "rate_and_windows_kept"]

_PLANNED = "message.notification.scheduled"
_SEND = "message.notification.send"


def rate_and_windows_kept(story: Story) -> Found:
    """gateway-protocol.md §4.3: ⌊60 / rate⌋ seconds after the latest push that is planned for the phone.

    A message with a time of its own heeds neither, but others queue up behind it; one that is deleted frees its place.
    """
    if story.injected or story.races:
        return
    queues: dict[str, _Queue] = {}
    for entry in _in_order(story, _PLANNED, "message.api.deleted", "phone.deleted", "user.account.deleted"):
        if entry.kind != _PLANNED:
            _forget(queues, entry)
            continue
        wait, owner = entry.facts.get("wait_ns"), story.owners.get(entry.message or "")
        if type(wait) is not int or owner is None:
            continue
        at = entry.at + wait
        queue = queues.setdefault(owner, _Queue())
        if not _has_own_time(story, entry):
            yield from _too_soon(queue, entry, at)
            yield from _out_of_windows(entry, at)
        queue.put(entry, at)
    yield from _early(story)


class _Queue:
    """The pushes that are planned for a phone, by message."""

    def __init__(self) -> None:
        self._planned: dict[str | None, tuple[Instant, Entry]] = {}
        self.last: tuple[Instant, Entry] | None = None

    def put(self, entry: Entry, at: Instant) -> None:
        known = self._planned.get(entry.message)
        if known is None or known[0] < at:
            self._planned[entry.message] = (at, entry)
        if self.last is None or self.last[0] < at:
            self.last = (at, entry)

    def free(self, message: str | None) -> None:
        """The message's places are free again."""
        if self._planned.pop(message, None) is not None:
            self.last = max(self._planned.values(), key=lambda planned: planned[0], default=None)


def _in_order(story: Story, *kinds: str) -> list[Entry]:
    return sorted(story.every("gateway", *kinds), key=lambda entry: entry.number)


def _forget(queues: dict[str, _Queue], entry: Entry) -> None:
    if entry.kind == "message.api.deleted":
        for queue in queues.values():
            queue.free(entry.message)
    elif entry.kind == "phone.deleted":
        queues.pop(str(entry.facts.get("owner")), None)
    else:
        queues.clear()


def _has_own_time(story: Story, planned: Entry) -> bool:
    """Whether it is the first push of a message with `send_at`; a retry is like any other."""
    cause = story.cause(planned)
    if cause is None or cause.kind != "message.api.sent":
        return False
    return bool(cause.facts.get("own_time"))


def _too_soon(queue: _Queue, entry: Entry, at: Instant) -> Found:
    rate = entry.facts.get("per_minute")
    if type(rate) is not int or rate <= 0 or queue.last is None:
        return
    before_at, before = queue.last
    if at < before_at + 60 // rate * SECOND:
        apart_s = (at - before_at) / SECOND
        yield f"two pushes are planned {apart_s:g} s apart at {rate} a minute", (before, entry)


def _out_of_windows(entry: Entry, at: Instant) -> Found:
    windows = entry.facts.get("windows")
    if isinstance(windows, str) and not _is_open(windows, at):
        yield f"a push is planned for a time that is in none of the windows ({windows})", (entry,)


def _is_open(told: str, at: Instant) -> bool:
    """`told`: a time zone, then windows as `1 540-1020` (day of the week from Sunday, minutes of the day).

    As the server counts, windows are so many minutes after midnight, also on a day on which the clock changes; on such
    a day nothing is said.
    """
    from harness.wire import zones  # slow to load, and few phones have a schedule

    timezone, *windows = told.split("; ")
    zone = zones.find(timezone)
    second = at // SECOND
    if zone is None or not windows:
        return True
    if zone.offset_s(second) != zone.offset_s(second - zones.DAY_S):
        return True
    day, second_of_day = divmod(zone.wall(second), zones.DAY_S)
    for window in windows:
        weekday, _, minutes = window.partition(" ")
        start, _, end = minutes.partition("-")
        if int(weekday) == (day + 4) % 7 and int(start) * 60 <= second_of_day < int(end) * 60:
            return True
    return False


def _early(story: Story) -> Found:
    """A push goes out when it was planned for, not before."""
    for planned in story.of("gateway", _PLANNED):
        wait, cause = planned.facts.get("wait_ns"), story.cause(planned)
        if type(wait) is not int or cause is None:
            continue
        due_at = planned.at + wait
        for sent in story.led_to(cause):
            if sent.kind == _SEND and sent.at < due_at:
                yield f"a push went out {(due_at - sent.at) / SECOND:g} s early", (planned, sent)


def attempts_within_the_maximum(story: Story) -> Found:
    """The maximum is the phone's when the message was sent (gateway-protocol.md §4.5)."""
    if story.injected or story.races:
        return
    for accepted in story.of("gateway", "message.api.sent"):
        most, own = accepted.facts.get("max_attempts"), story.messages.get(accepted.message or "", ())
        if type(most) is int:
            yield from _too_many(most, own)


def _too_many(most: int, own: list[Entry] | tuple[Entry, ...]) -> Found:
    counts: Counter[str] = Counter()
    final: Entry | None = None
    for entry in own:
        if entry.hop != "gateway":
            continue
        counts[entry.kind] += 1
        attempt = entry.facts.get("attempt") if entry.kind == "message.notification.sent" else None
        if type(attempt) is int and attempt > most:
            yield f"attempt {attempt} of a message that has {most}", (entry,)
        if entry.kind == _SEND and counts[_SEND] > most:
            yield f"{counts[_SEND]} pushes are sent for a message that has {most} attempts", (entry,)
        if entry.kind == "message.send.expired" and entry.facts.get("final") is True:
            final = entry
        if entry.kind == "message.send.retry" and final is not None:
            yield "a message that had expired for good is tried again", (final, entry)
