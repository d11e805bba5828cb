"""Rules about a text that goes out: what asked for it, how often, by which SIM, and what is reported of it."""

from __future__ import annotations

from collections import Counter, defaultdict

from harness.scenario.invariants.story import Found, Story
from harness.trace import Entry

__all__ = ["every_report_has_its_radio_result", "no_sms_without_a_send", "one_sms_per_send", "right_sim"]


def no_sms_without_a_send(story: Story) -> Found:
    if not story.hops & {"client", "gateway"}:
        return
    # Of another server's queue nothing is seen: a fetch shows that it wants the text sent.
    hop, kind = ("gateway", "message.api.sent") if "gateway" in story.hops else ("phone", "fetched")
    sends = {entry.message for entry in (*story.of("client", "accepted"), *story.of(hop, kind))}
    told: set[str | None] = set()
    for entry in story.every("radio", "submitted", "rejected", "mms submitted"):
        if entry.message not in sends and entry.message not in told:
            told.add(entry.message)
            yield "a text went to the radio that nobody sent", (entry,)


def one_sms_per_send(story: Story) -> Found:
    """A message that expires goes round again, also one that the phone had fetched (gateway-protocol.md §4.5).

    So there is one more for each expiry, and never more than the phone has fetched.
    """
    firsts: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in story.of("radio", "submitted"):
        if entry.facts.get("segment") == 1:
            firsts[entry.message].append(entry)
    for entry in story.of("radio", "mms submitted"):
        firsts[entry.message].append(entry)
    for message, sent in firsts.items():
        if len(sent) > 1 and len(sent) > _allowed(story, message):
            yield f"one send became {len(sent)} texts", tuple(sent)


def _allowed(story: Story, message: str | None) -> int:
    kinds = Counter((entry.hop, entry.kind) for entry in story.messages.get(message or "", ()))
    fetched, expired = kinds["phone", "fetched"], kinds["gateway", "message.send.expired"]
    if "gateway" not in story.hops:
        return max(1, fetched)
    return 1 + min(expired, max(0, fetched - 1))


_Grounds = tuple[tuple[str, str], ...]
"""Entries of which one must have come before."""

# What the phone says of a message → what the radio must have told of it. An MMS has one result for all.
_RESULTS: dict[str, _Grounds] = {
    "sent": (("radio", "submitted"), ("radio", "mms result")),
    "delivered": (("radio", "report"),),
    "failed": (("radio", "rejected"), ("radio", "report"), ("radio", "mms result")),
}
# What kept a message from the radio.
_KEPT: _Grounds = (("phone", "fetched"), ("phone", "no card"))
_HANDED: _Grounds = (("phone", "submitted"),)
# What the gateway hears → what must have come before. A push that failed fails the message, too.
_HEARD: dict[str, _Grounds] = {
    "message.phone.sent": _RESULTS["sent"],
    "message.phone.delivered": _RESULTS["delivered"],
    "message.send.failed": (*_RESULTS["failed"], ("phone", "failed"), ("gateway", "message.notification.failed")),
}


def every_report_has_its_radio_result(story: Story) -> Found:
    """What somebody else reports than one of our phones, by a request of their own, is their affair."""
    if "radio" not in story.hops:
        return
    for kind, results in _RESULTS.items():
        for entry in story.of("phone", kind):
            if _is_an_act(story, entry):
                continue
            grounds = results if kind != "failed" or _came_before(story, entry, _HANDED) else _KEPT
            if not _came_before(story, entry, grounds):
                yield f"the phone says {kind} without {_words(grounds)} before it", (entry,)
    # An app on a device is not seen: its text may be found after it has reported it.
    is_app_unseen = story.has("harness", "app told its settings")
    for kind, grounds in _HEARD.items() if not is_app_unseen else ():
        for entry in story.of("gateway", kind):
            if story.by_our_phone(entry) and not _came_before(story, entry, grounds):
                yield f"{kind} without {_words(grounds)} before it", (entry,)
    yield from _other_reasons(story)


def _is_an_act(story: Story, entry: Entry) -> bool:
    """Any app on the handset may broadcast a result, if the story's author wants it: no radio leads to that."""
    cause = story.cause(entry)
    return entry.cause is None or (cause is not None and cause.hop not in ("radio", "phone"))


def _came_before(story: Story, entry: Entry, grounds: _Grounds) -> bool:
    for before in story.messages.get(entry.message or "", ()):
        if before.number >= entry.number:
            return False
        if (before.hop, before.kind) in grounds:
            return True
    return False


def _words(grounds: _Grounds) -> str:
    return " or ".join(f"{hop} {kind}" for hop, kind in grounds)


def _other_reasons(story: Story) -> Found:
    """The gateway tells the phone's reason; of a missing permission it says more (gateway-protocol.md §2.8)."""
    for entry in story.of("gateway", "message.send.failed"):
        report = story.cause(entry)
        said = story.cause(report) if report is not None and report.hop == "api" else None
        if said is None or (said.hop, said.kind) != ("phone", "failed"):
            continue
        reason, told = said.facts.get("reason"), entry.facts.get("reason")
        if isinstance(reason, str) and isinstance(told, str) and not told.startswith(reason):
            yield f"the phone's reason is {reason!r}, the gateway's {told!r}", (said, entry)


def right_sim(story: Story) -> Found:
    """A text leaves by the SIM whose number the message has.

    Where the card is not there the app takes another one and says so (phone-behaviour.md §4.2), and a phone's `sim`
    at the gateway may be set to another one than its number is in (gateway-protocol.md §10.3-48).
    """
    numbers = {entry.facts.get("number") for entry in story.of("phone", "registered")}
    numbers |= {entry.facts.get("owner") for entry in story.of("gateway", "phone.updated")}
    if len(numbers) < 2:
        return
    elsewhere = {entry.message for entry in story.of("phone", "submitted") if "card" in entry.facts}
    moved = _moved_owners(story)
    for entry in story.every("radio", "submitted", "mms submitted"):
        owner, number = story.owners.get(entry.message or ""), entry.facts.get("from")
        known = owner in numbers and number in numbers
        if known and number != owner and owner not in moved and entry.message not in elsewhere:
            yield f"a text of {owner} went out by {number}", (entry,)


def _moved_owners(story: Story) -> set[object]:
    """Numbers that the gateway has had in more than one SIM."""
    sims: dict[object, set[object]] = defaultdict(set)
    for entry in story.of("gateway", "phone.updated"):
        if "sim" in entry.facts:
            sims[entry.facts.get("owner")].add(entry.facts["sim"])
    return {owner for owner, names in sims.items() if len(names) > 1}
