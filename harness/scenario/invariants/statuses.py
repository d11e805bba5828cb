"""Rules about what the gateway makes of a message: its status, its place in time, its thread, the counters, its end."""

from __future__ import annotations

from harness.scenario.invariants.story import Found, Story
from harness.trace import Entry

__all__ = [
    "counters_add_up",
    "nothing_after_a_delete",
    "order_never_goes_back",
    "status_moves_along_the_table",
    "thread_shows_its_last_message",
]

# gateway-protocol.md §3.2: what an event may do to a message's status.
_MOVES: dict[str, dict[str, frozenset[str]]] = {
    "message.notification.scheduled": {"scheduled": frozenset({"pending", "expired"})},
    "message.phone.sent": {"sent": frozenset({"sending", "scheduled", "expired"})},
    "message.phone.delivered": {"delivered": frozenset({"sent", "sending", "scheduled", "expired"})},
    "message.send.failed": {
        "failed": frozenset({"pending", "scheduled", "sending", "sent", "expired", "failed", "received"})
    },
    "message.send.expired": {"expired": frozenset({"pending", "scheduled", "sending"})},
}
# A fetch moves the status too, between two events.
_FETCHED_FROM = frozenset({"pending", "scheduled", "expired"})
_FETCH = "GET /v1/messages/outstanding"


def status_moves_along_the_table(story: Story) -> Found:
    for own in story.messages.values():
        yield from _moves(own, fetches_seen=story.has("api", _FETCH))


def _moves(own: list[Entry], *, fetches_seen: bool) -> Found:
    last: Entry | None = None
    fetched = not fetches_seen
    for entry in own:
        if entry.hop == "api" and entry.kind == _FETCH and entry.facts.get("status") == 200:
            fetched = True
        if entry.hop != "gateway":
            continue
        was, status = entry.facts.get("was"), entry.facts.get("status")
        if not isinstance(was, str) or not isinstance(status, str):
            continue
        left = was if last is None else last.facts["status"]
        if last is not None and left != was and not (fetched and was == "sending" and left in _FETCHED_FROM):
            yield f"the status went from {left} to {was} with no event", (last, entry)
        if was != status and was not in _MOVES.get(entry.kind, {}).get(status, ()):
            yield f"{entry.kind} moved the status from {was} to {status}", (entry,)
        last = entry


def order_never_goes_back(story: Story) -> Found:
    for entry in story.entries:
        if entry.hop == "gateway":
            moved = entry.facts.get("order_moved_ns")
            if type(moved) is int and moved < 0:
                yield f"order_timestamp went back by {-moved / 1e9:g} s", (entry,)


# gateway-protocol.md §8.2: what a thread shows after an event.
_SHOWN = {
    "message.api.sent": "pending",
    "message.notification.scheduled": "scheduled",
    "message.phone.sending": "sending",
    "message.phone.sent": "sent",
    "message.phone.delivered": "delivered",
    "message.send.failed": "failed",
    "message.send.expired": "expired",
    "message.phone.received": "received",
    "message.call.missed": "received",
}
# News that is older than what the thread shows of the same message is not told. So late reports come to nothing after
# an expiry, and after a retry that is planned for later.
_KEPT = frozenset({"delivered", "failed", "expired", "scheduled"})


def thread_shows_its_last_message(story: Story) -> Found:
    for own in story.messages.values():
        before: object = None
        for entry in own:
            if entry.hop != "gateway" or entry.kind not in _SHOWN or "thread" not in entry.facts:
                continue
            shown, wanted = entry.facts["thread"], _SHOWN[entry.kind]
            if shown is None:
                # The database takes no NUL: neither message nor thread is written (gateway-protocol.md §1.5).
                if entry.facts.get("status") is not None:
                    yield f"no thread shows the message after {entry.kind}", (entry,)
            elif shown != wanted and not (shown == before and shown in _KEPT) and not _told_by_others(story, entry):
                yield f"the thread shows {shown} after {entry.kind}", (entry,)
            before = shown


def _told_by_others(story: Story, entry: Entry) -> bool:
    """A report of somebody who is no phone of ours has a time of its own, or none: the thread may take it for old."""
    report = story.cause(entry)
    return report is not None and report.kind.endswith("/events") and not story.by_our_phone(entry)


_COUNTERS = (("message.api.sent", "sent_messages"), ("message.phone.received", "received_messages"))
_SET_FROM_OUTSIDE = "PATCH /_control/accounts/{id}"


def counters_add_up(story: Story) -> Found:
    """Each text counts once, in the cycle of its time. Counters that were set by hand begin anew."""
    if story.races:  # then an event is told before it counts
        return
    by_gateway = story.every("gateway", "facts set", "user.account.deleted")
    set_by = (*story.of("harness", _SET_FROM_OUTSIDE), *by_gateway)
    numbers = [entry.number for entry in set_by]
    for kind, counter in _COUNTERS:
        # In a world that was not there before nothing has been counted.
        fresh = bool(story.entries) and story.entries[0].number == 0
        last: dict[object, tuple[int, Entry]] = {}
        for entry in story.of("gateway", kind):
            count, cycle = entry.facts.get(counter), entry.facts.get("cycle")
            if type(count) is not int:
                continue
            before = last.get(cycle)
            was_set = any((before[1].number if before else -1) < number < entry.number for number in numbers)
            expected = before[0] + 1 if before else 1
            if count != expected and not was_set and (before or fresh):
                found = (entry,) if before is None else (before[1], entry)
                yield f"{counter} is {count} where {expected} texts have been counted", found
            last[cycle] = (count, entry)


def nothing_after_a_delete(story: Story) -> Found:
    """What was under way goes on: pushes, events that were queued, a text that the phone has fetched (§10.2-28)."""
    if story.races:  # a row that is written back comes to life again
        return
    for message, deleted in story.deleted.items():
        for entry in story.messages[message]:
            if entry.hop == "gateway" and entry.kind == "message.api.deleted" and entry.facts.get("thread"):
                yield "the thread still shows a message that was deleted", (entry,)
            if entry.number > deleted.number and (words := _alive(story, entry, deleted)):
                yield words, (deleted, entry)


def _alive(story: Story, entry: Entry, deleted: Entry) -> str:
    """What is wrong with an entry about a message that is gone; nothing where nothing is."""
    status = entry.facts.get("status")
    if entry.hop == "gateway" and isinstance(status, str):
        return f"{entry.kind} finds a message that was deleted"
    if entry.hop == "api" and type(status) is int and status < 300 and entry.kind != deleted.kind:
        return f"{entry.kind} answers {status} about a message that was deleted"
    if entry.hop == "radio" and entry.kind in ("submitted", "mms submitted"):
        fetched = [one for one in story.causes(entry) if one.kind == "fetched"]
        if fetched and fetched[0].number > deleted.number:
            return "a text went out that was fetched after it had been deleted"
    return ""
