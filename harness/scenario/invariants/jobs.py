"""Rules about what was asked for and taken on: every request has its answer, no job is lost, every send ends."""

from __future__ import annotations

from collections.abc import Iterator

from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.scenario.invariants.story import Found, Story
from harness.trace import Entry

__all__ = ["Open", "every_request_is_answered", "every_send_comes_to_an_end", "no_job_is_lost", "open_sends"]

# -- requests ----------------------------------------------------------------------------------------------------------

# How long the caller waits: the client (harness.parties), and the server for a webhook (gateway-protocol.md §7.4).
_CLIENT_NS = 30 * SECOND
_WEBHOOK_NS = 5 * SECOND
_ANSWERS = ("accepted", "refused", "unanswered")


def every_request_is_answered(story: Story) -> Found:
    """By the end of the story, unless the caller still waits; that nobody answered in time is an answer."""
    steps = {entry.facts.get("step") for entry in story.every("client", *_ANSWERS)}
    for entry in story.of("client", "send"):
        if entry.facts.get("step") not in steps and entry.at + _CLIENT_NS < story.end_at:
            yield "the client's request has no answer", (entry,)
    answered = {_call(entry) for entry in story.of("gateway", "webhook.answered")}
    for entry in story.of("gateway", "webhook.called"):
        if _call(entry) not in answered and entry.at + _WEBHOOK_NS < story.end_at:
            yield f"the webhook for {entry.facts.get('event')} has no answer", (entry,)


def _call(entry: Entry) -> tuple[object, ...]:
    facts = entry.facts
    return entry.message, facts.get("event"), facts.get("webhook"), facts.get("attempt")


# -- the gateway's queue -----------------------------------------------------------------------------------------------

# What a request puts on the queue (gateway-protocol.md §4.1, §5.1), and how long it may stay there: of a report that
# is DELIVERED a second.
_PROMISED: dict[str, tuple[tuple[str, ...], int]] = {
    "POST /v1/messages/send": (("message.api.sent",), 0),
    "POST /v1/messages/{id}/events": (
        ("message.phone.sent", "message.phone.delivered", "message.send.failed"),
        SECOND,
    ),
    "POST /v1/messages/receive": (("message.phone.received",), 0),
    "POST /v1/messages/calls/missed": (("message.call.missed",), 0),
    "GET /v1/messages/outstanding": (("message.phone.sending",), 0),
    "DELETE /v1/messages/{id}": (("message.api.deleted",), 0),
    "PUT /v1/phones/fcm-token": (("phone.updated",), 0),
    "PUT /v1/phones": (("phone.updated",), 0),
}
_PLANNED, _SEND = "message.notification.scheduled", "message.notification.send"
_PUSHED, _REFUSED = "message.notification.sent", "message.notification.failed"
_EXPIRED, _CHECKED, _RETRIED = "message.send.expired", "message.send.expired.check", "message.send.retry"
# All tries of a push, and the pauses between them (§9.2).
_PUSH_NS = 64 * SECOND


def no_job_is_lost(story: Story) -> Found:
    """What a server or a phone has said yes to it does: at once, or when its time has come."""
    if "gateway" in story.hops and not story.races and not story.injected:
        yield from _lost_requests(story)
        yield from _lost_pushes(story)
        yield from _lost_expiries(story)
    yield from _lost_on_phones(story)


def _lost_requests(story: Story) -> Found:
    for route, (kinds, within) in _PROMISED.items():
        for entry in story.of("api", route):
            status, wait = entry.facts.get("status"), entry.facts.get("wait_ns", within)
            if status not in (200, 204) or (status == 204) is not route.startswith("DELETE"):
                continue
            led = sum(one.kind in kinds and one.hop == "gateway" for one in story.led_to(entry))
            if led > 1:
                yield f"{route} led to {led} events", (entry, *story.led_to(entry))
            if not led and type(wait) is int and (wait == 0 or entry.at + wait < story.end_at):
                yield f"{route} was answered {status}, and nothing came of it", (entry,)


def _lost_pushes(story: Story) -> Found:
    phones = _phones(story)
    for entry in (*story.of("gateway", "message.api.sent"), *story.of("gateway", _RETRIED)):
        led = story.led_to(entry)
        planned = [one for one in led if one.kind == _PLANNED]
        if not planned and phones.get(story.owners.get(entry.message or "", ""), -1) > entry.number:
            yield f"no push was planned after {entry.kind}", (entry,)
        for one in planned:
            due_at = _due_at(one, "wait_ns")
            is_out = any(sent.kind == _SEND for sent in led)
            if due_at is not None and not is_out and due_at < story.end_at:
                yield "a push that was planned never went out", (one,)
    for entry in story.of("gateway", _SEND):
        if entry.at + _PUSH_NS < story.end_at and not _outcome(story, entry):
            yield "nothing came of a push", (entry,)


def _phones(story: Story) -> dict[str, int]:
    """Up to which entry a number has a phone at the gateway."""
    phones: dict[str, int] = {}
    for entry in story.of("gateway", "phone.updated"):
        phones[str(entry.facts.get("owner"))] = 1 << 62
    for entry in story.of("gateway", "phone.deleted"):
        phones[str(entry.facts.get("owner"))] = -1
    if story.has("gateway", "user.account.deleted"):
        return {}
    return {owner: until for owner, until in phones.items() if until > 0}


def _due_at(entry: Entry, fact: str) -> Instant | None:
    wait = entry.facts.get(fact)
    return entry.at + wait if type(wait) is int else None


def _outcome(story: Story, push: Entry) -> bool:
    return any(
        entry.number > push.number and entry.kind in (_PUSHED, _REFUSED)
        for entry in story.messages.get(push.message or "", ())
    )


def _lost_expiries(story: Story) -> Found:
    for entry in story.of("gateway", _PUSHED):
        due_at = _due_at(entry, "expires_in_ns")
        is_checked = any(one.kind == _CHECKED for one in story.led_to(entry))
        if due_at is not None and not is_checked and due_at < story.end_at:
            yield "nobody looked whether the message has expired", (entry,)
    for entry in story.of("gateway", _EXPIRED):
        is_retried = any(one.kind == _RETRIED for one in story.led_to(entry))
        if entry.facts.get("final") is False and entry.facts.get("status") == "expired" and not is_retried:
            yield "a message that has attempts left was not tried again", (entry,)


# -- the phone's queue -------------------------------------------------------------------------------------------------

_JOBS_NS = 600 * SECOND
"""Android runs a job no longer than this (phone-behaviour.md §7), so what waited for a thread has had its turn."""

# What befalls a phone so that jobs wait, begin anew or come to nothing.
_TROUBLE = (
    "network", "powered off", "booted", "logged out", "logged in", "process died", "force-stopped", "app updated",
    "job stopped", "job retried", "settings changed",
)  # fmt: skip
_REPORTED = ("reported", "report lost")


def _lost_on_phones(story: Story) -> Found:
    """A job is lost where the phone goes on with others: a heartbeat is a job too, and went out long after it."""
    beats = [entry for entry in story.of("phone", "heartbeat") if _is_a_job(story, entry)]
    if not beats or any("holds_jobs" in entry.facts for entry in story.of("phone", "logged in")):
        return
    troubles = story.every("phone", *_TROUBLE)
    for job, owner in _jobs(story):
        later = [beat for beat in beats if beat.at > job.at + _JOBS_NS and owner in str(beat.facts.get("numbers"))]
        if later and not any(job.number < one.number < later[0].number for one in troubles):
            yield f"nothing came of {job.kind}, and the phone went on", (job, later[0])


def _is_a_job(story: Story, heartbeat: Entry) -> bool:
    """One that a push asks for or a person is made on a thread of its own."""
    cause = story.cause(heartbeat)
    return cause is not None and cause.hop in ("phone", "api") and cause.kind != "heartbeat asked for"


def _jobs(story: Story) -> Iterator[tuple[Entry, str]]:
    """Jobs of phones that came to nothing yet, and the number of the phone."""
    for entry in story.every("phone", "pushed", "sent", "delivered", "failed"):
        own = story.messages.get(entry.message or "", ())
        done = ("fetched", "fetch failed") if entry.kind == "pushed" else _REPORTED
        came = any(one.number > entry.number and one.hop == "phone" and one.kind in done for one in own)
        owner = story.owners.get(entry.message or "")
        if not came and owner is not None:
            yield entry, owner
    # A job that waited for its turn is caused by what gave it the turn: such a request may be that of any of them.
    waited = [entry for entry in story.every("api", *_TOLD) if _is_of_a_turn(story, entry)]
    for entry in story.every("phone", "text received", "call missed"):
        number = entry.facts.get("to")
        if story.led_to(entry) or not isinstance(number, str):
            continue
        told = next((one for one in waited if one.number > entry.number), None)
        if told is None:
            yield entry, number
        else:
            waited.remove(told)


_TOLD = ("POST /v1/messages/receive", "POST /v1/messages/calls/missed")


def _is_of_a_turn(story: Story, request: Entry) -> bool:
    cause = story.cause(request)
    return cause is not None and cause.kind not in ("text received", "call missed")


# -- sends -------------------------------------------------------------------------------------------------------------


@frozen
class Open:
    """A send that has not come to its end: `status` is the last that the gateway told, "" if none.

    `due`: what is still to come, in words; "" where nothing is.
    """

    message: str
    status: str
    due: str
    entry: Entry

    def __str__(self) -> str:
        return f"{self.status or 'accepted'}; {self.due or 'nothing is due for it any more'}"


_ENDED = frozenset({"sent", "delivered", "failed", "received"})
_GONE = "deleted"
# Of another server nothing is seen but what it tells, and what our phone has told it.
_OVER = frozenset(
    {
        ("phone", "reported"),
        ("webhook", "message.phone.sent"),
        ("webhook", "message.phone.delivered"),
        ("webhook", "message.send.failed"),
    }
)


def open_sends(story: Story) -> list[Open]:
    """Every accepted send that has neither been sent nor failed nor expired for good when the trace ends."""
    found: list[Open] = []
    seen: set[str] = set()
    for entry in _accepted(story):
        message = entry.message
        if message is None or message in seen:
            continue
        seen.add(message)
        one = _open(story, message, entry)
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda one: one.entry.number)


def _accepted(story: Story) -> list[Entry]:
    """Whoever has sent them; at another server those that the story's client has sent."""
    if "gateway" in story.hops:
        asked = [entry for entry in story.of("api", "POST /v1/messages/send") if entry.facts.get("status") == 200]
        return [*story.of("gateway", "message.api.sent"), *asked]
    steps = {entry.facts.get("step") for entry in story.of("client", "send")}
    return [entry for entry in story.of("client", "accepted") if entry.facts.get("step") in steps]


def _open(story: Story, message: str, accepted: Entry) -> Open | None:
    own = story.messages[message]
    if message in story.deleted:
        return None
    if "gateway" not in story.hops:
        is_over = any((entry.hop, entry.kind) in _OVER for entry in own)
        return None if is_over else Open(message, "", "what the server makes of it is not seen", accepted)
    status, last, final = "", accepted, False
    for entry in own:
        # The status of the answer to a webhook is a number.
        if entry.hop == "gateway" and isinstance(told := entry.facts.get("status", 0), str | None):
            status, last = told or _GONE, entry
            final = entry.facts.get("final") is True or (final and status == "expired")
    if status in _ENDED or status == _GONE or (status == "expired" and final):
        return None
    return Open(message, status, _due(story, own, status), last)


def _due(story: Story, own: list[Entry], status: str) -> str:
    """What is to come: the message's own time, its push, its expiry, or a report of the phone that has it."""
    if status == "sending":
        return "the phone has it and may report"
    if not any(entry.hop == "gateway" and entry.kind == "message.api.sent" for entry in own):
        return "its time has not come"
    for entry in reversed(own):
        if entry.hop != "gateway":
            continue
        if entry.kind in (_PUSHED, _PLANNED, _SEND, _CHECKED, _RETRIED):
            return _next(story, entry)
        if entry.kind == "message.api.sent" and entry.number == story.entries[-1].number:
            return "its push is being planned"
    return ""


def _next(story: Story, entry: Entry) -> str:
    """What follows an entry of the queue, if it may still come. What does not come though it should is a lost job."""
    if entry.kind == _PUSHED:
        due_at = _due_at(entry, "expires_in_ns")
        if due_at is None or due_at >= story.end_at:
            return "it waits for its phone, or to expire"
        return ""
    if entry.kind == _PLANNED:
        return "its push is planned"
    if entry.kind == _SEND:
        return "its push is under way"
    return ""


def every_send_comes_to_an_end(story: Story) -> Found:
    """A send that was under way when the story ended is named, no more; one that has nothing to come is stuck."""
    if story.races or story.injected:
        return
    for one in open_sends(story):
        if not one.due:
            yield f"a message stays {one.status or 'accepted'} for ever: nothing is due for it any more", (one.entry,)
