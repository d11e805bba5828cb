"""What holds in every story without being written, as folds over its trace.

A story that means to break one says so (`breaks: one-sms-per-send`). The folds read what the entries say and nothing
else; a hop that a trace does not have is a hop about which nothing can be said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from harness.frozen import frozen
from harness.trace import Entry
from harness.verdict import Failure, Verdict

__all__ = ["FOLDS", "INVARIANTS", "Violation", "check", "judge"]

RECEIVED = "message.phone.received"


@frozen
class Violation:
    """One break: which invariant, what happened, the message that it is about, and the numbers of the entries."""

    invariant: str
    words: str
    message: str | None
    entries: tuple[int, ...]

    def __str__(self) -> str:
        numbers = ", ".join(str(number) for number in self.entries)
        about = f" (message {self.message})" if self.message else ""
        return f"{self.invariant}: {self.words}{about}; {'entry' if len(self.entries) == 1 else 'entries'} {numbers}"


def check(entries: Iterable[Entry], breaks: Iterable[str] = ()) -> tuple[str, ...]:
    """Every violation in words, but for those of the invariants in `breaks`."""
    return tuple(str(violation) for violation in _violations(entries, breaks))


def judge(verdict: Verdict, entries: Iterable[Entry], breaks: Iterable[str], place: str) -> Verdict:
    """The verdict on a story that went as told, once its trace has been looked at: a violation fails it."""
    if not verdict.passed or verdict.skipped is not None:
        return verdict
    violations = list(_violations(entries, breaks))
    if not violations:
        return verdict
    why = tuple(str(violation) for violation in violations[:_SHOWN_MAX])
    failure = Failure("what holds in every story", place, why, violations[0].message or "")
    return replace(verdict, passed=False, failure=failure)


_SHOWN_MAX = 12


def _violations(entries: Iterable[Entry], breaks: Iterable[str]) -> Iterator[Violation]:
    story = _Story(entries)
    meant = frozenset(breaks)
    for name, fold in FOLDS.items():
        if name not in meant:
            for words, found in fold(story):
                message = next((entry.message for entry in found if entry.message is not None), None)
                yield Violation(name, words, message, tuple(entry.number for entry in found))


_Found = Iterator[tuple[str, tuple[Entry, ...]]]
"""What happened, and the entries that show it."""


class _Story:
    """A trace with its causes."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = list(entries)
        self.hops = {entry.hop for entry in self.entries}
        self._numbered = {entry.number: entry for entry in self.entries}

    def of(self, hop: str, *kinds: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.hop == hop and entry.kind in kinds)

    def causes(self, entry: Entry) -> Iterator[Entry]:
        """The entry's cause, its cause and so on."""
        number = entry.cause
        while number is not None and number in self._numbered:
            entry = self._numbered[number]
            yield entry
            number = entry.cause

    def origin(self, text: Entry) -> list[Entry]:
        """How a text came through the air to the entry that shows it, from there back to who wrote it."""
        path: list[Entry] = []
        for entry in self.causes(text):
            if entry.hop not in _AIR:
                break
            path.append(entry)
        return path


_AIR = ("radio", "contact")


# -- sending and reporting ---------------------------------------------------------------------------------------------


def no_sms_without_a_send(story: _Story) -> _Found:
    sends = {entry.message for entry in (*story.of("client", "accepted"), *story.of("gateway", "message.api.sent"))}
    for message, sent in _by_message(story.of("radio", "submitted", "rejected")).items():
        if message not in sends and story.hops & {"client", "gateway"}:
            yield "a text went to the radio that nobody sent", (sent[0],)


def one_sms_per_send(story: _Story) -> _Found:
    for sent in _by_message(story.of("radio", "submitted")).values():
        firsts = tuple(entry for entry in sent if entry.facts.get("segment") == 1)
        if len(firsts) > 1:
            yield f"one send became {len(firsts)} texts", firsts


def _by_message(entries: Iterable[Entry]) -> dict[str | None, list[Entry]]:
    found: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.message].append(entry)
    return found


# What the gateway hears → the entries of which one must have come before.
_RESULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "message.phone.sent": (("radio", "submitted"),),
    "message.phone.delivered": (("radio", "report"),),
    "message.send.failed": (("radio", "rejected"), ("phone", "failed"), ("gateway", "message.notification.failed")),
}


def every_report_has_its_radio_result(story: _Story) -> _Found:
    seen: set[tuple[str, str, str | None]] = set()
    for entry in story.entries:
        seen.add((entry.hop, entry.kind, entry.message))
        # Of a phone that is not ours neither hop is seen.
        if entry.hop == "gateway" and entry.kind in _RESULTS and story.hops & {"radio", "phone"}:
            results = _RESULTS[entry.kind]
            if not any((hop, kind, entry.message) in seen for hop, kind in results):
                wanted = " or ".join(f"{hop} {kind}" for hop, kind in results)
                yield f"{entry.kind} without {wanted} before it", (entry,)


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


def status_moves_along_the_table(story: _Story) -> _Found:
    last: dict[str | None, Entry] = {}
    for entry in story.entries:
        was, status = entry.facts.get("was"), entry.facts.get("status")
        if entry.hop != "gateway" or not isinstance(was, str) or not isinstance(status, str):
            continue
        before = last.get(entry.message, entry)
        left = before.facts["status"] if before is not entry else was
        if left != was and not (was == "sending" and left in _FETCHED_FROM):
            yield f"the status went from {left} to {was} with no event", (before, entry)
        if was != status and was not in _MOVES.get(entry.kind, {}).get(status, ()):
            yield f"{entry.kind} moved the status from {was} to {status}", (entry,)
        last[entry.message] = entry


# -- contents ----------------------------------------------------------------------------------------------------------

# Facts that are addresses: a text that is just a number is no leak there.
_ADDRESSES = frozenset({"from", "to", "owner", "contact", "number", "numbers", "url", "step"})
# A shorter text counts as leaked only where a fact is that text and nothing else.
_PIECE = 8


def no_clear_text(story: _Story) -> _Found:
    secrets = _secrets(story)
    pieces: dict[str, list[str]] = defaultdict(list)
    for secret in secrets:
        if len(secret) >= _PIECE:
            pieces[secret[:_PIECE]].append(secret)
    for entry in story.entries if secrets else ():
        # What says that it is not encrypted is about another message: it may have the same text.
        if entry.hop not in _AIR and entry.facts.get("encrypted") is not False:
            for name, value in entry.facts.items():
                found = _secret_in(value, secrets, pieces) if name not in _ADDRESSES else None
                if found is not None:
                    words = f"{_name(entry)} shows the clear text of an encrypted one in {name}"
                    yield words, (entry, secrets[found])


def _secrets(story: _Story) -> dict[str, Entry]:
    """The texts that were encrypted before or after the air → where the air shows them."""
    encrypted = {entry.message for entry in story.entries if entry.facts.get("encrypted") is True} - {None}
    shown = [entry for entry in story.of("radio", "submitted", "rejected") if entry.message in encrypted]
    for entry in story.of("phone", "text received"):
        if entry.facts.get("encrypted"):
            shown += story.origin(entry)
    return {text: entry for entry in shown if isinstance(text := entry.facts.get("text"), str) and text}


def _secret_in(value: object, secrets: dict[str, Entry], pieces: dict[str, list[str]]) -> str | None:
    if not isinstance(value, str):
        return None
    if value in secrets:
        return value
    for start in range(len(value) - _PIECE + 1):
        for secret in pieces.get(value[start : start + _PIECE], ()):
            if value.startswith(secret, start):
                return secret
    return None


def content_unchanged(story: _Story) -> _Found:
    yield from _same_on_every_hop(story)
    yield from _same_through_the_air(story)
    yield from _same_as_received(story)


def _same_on_every_hop(story: _Story) -> _Found:
    """Content and flag of a message, wherever they are told."""
    first: dict[str, Entry] = {}
    steps = {entry.facts.get("step"): entry.message for entry in story.of("client", "accepted") if entry.message}
    for entry in story.entries:
        message = steps.get(entry.facts.get("step")) if entry.hop == "client" else entry.message
        if message is None or "content" not in entry.facts or "encrypted" not in entry.facts:
            continue
        known = first.setdefault(message, entry)
        for fact in ("content", "encrypted"):
            if known.facts[fact] != entry.facts[fact]:
                yield f"{fact} changed between {_name(known)} and {_name(entry)}", (known, entry)


def _same_through_the_air(story: _Story) -> _Found:
    """A text that was sent in clear is what the radio takes, and what the contact reads."""
    sent = {entry.message: entry for entry in story.of("gateway", "message.api.sent")}
    taken = {message: _joined(entries) for message, entries in _by_message(story.of("radio", "submitted")).items()}
    for message, entry in sent.items():
        if entry.facts.get("encrypted") is False and message in taken and taken[message] != entry.facts.get("content"):
            yield "the radio took another text than the API", (entry, *_first(story, message))
    for read in story.of("contact", "received"):
        path = story.origin(read)
        if path and path[-1].kind == "submitted" and taken[path[-1].message] != read.facts.get("text"):
            yield "the contact reads another text than the radio took", (path[-1], read)


def _joined(segments: list[Entry]) -> str:
    """The text of the first hand-over: a second one begins with its first segment again."""
    texts: dict[object, str] = {}
    for entry in segments:
        texts.setdefault(entry.facts.get("segment"), str(entry.facts.get("text")))
    return "".join(texts.values())


def _first(story: _Story, message: str | None) -> tuple[Entry, ...]:
    return tuple(entry for entry in story.of("radio", "submitted") if entry.message == message)[:1]


def _same_as_received(story: _Story) -> _Found:
    """A text that came in is what the phone tells the gateway."""
    texts = list(story.of("phone", "text received"))
    for text in texts:
        path = story.origin(text)
        wrote = path[-1] if path and path[-1].kind == "wrote" and text.facts.get("encrypted") is False else None
        if wrote is not None and wrote.facts.get("text") != text.facts.get("content"):
            yield "the phone reads another text than the contact wrote", (wrote, text)
    known = {(text.facts.get("content"), text.facts.get("encrypted")) for text in texts}
    for entry in story.of("gateway", RECEIVED) if texts else ():
        if (entry.facts.get("content"), entry.facts.get("encrypted")) not in known:
            yield "the gateway has a text that no phone received like this", (entry,)


def _name(entry: Entry) -> str:
    return f"{entry.hop} {entry.kind}"


# -- what comes back ---------------------------------------------------------------------------------------------------


def webhook_tokens_verify(story: _Story) -> _Found:
    for entry in story.entries:
        if entry.hop == "webhook" and entry.facts.get("verified") is False:
            yield f"the token of {entry.kind} does not verify", (entry,)


def one_webhook_per_event(story: _Story) -> _Found:
    """Of one subscriber, as a story has it. Webhooks that are still under way at the end are missing, not wrong."""
    events = Counter((entry.kind, entry.message) for entry in story.entries if entry.hop == "gateway")
    for entry in story.entries:
        if entry.hop == "webhook" and entry.message is not None and "gateway" in story.hops:
            events[entry.kind, entry.message] -= 1
            if events[entry.kind, entry.message] < 0:
                yield f"a webhook for {entry.kind} with no such event, or its second one", (entry,)


def one_message_per_text(story: _Story) -> _Found:
    messages: dict[int, list[Entry]] = defaultdict(list)
    for entry in story.of("gateway", RECEIVED):
        text = next((one for one in story.causes(entry) if (one.hop, one.kind) == ("phone", "text received")), None)
        if text is not None:
            messages[text.number].append(entry)
    for entries in messages.values():
        if len(entries) > 1:
            yield f"one received text became {len(entries)} messages", tuple(entries)


def nothing_on_a_dead_radio(story: _Story) -> _Found:
    dead: dict[object, Entry] = {}
    for entry in story.entries:
        if entry.hop != "radio":
            continue
        if entry.kind == "service":
            dead.pop(entry.facts.get("number"), None)
            if entry.facts.get("service") != "full":
                dead[entry.facts.get("number")] = entry
        number = entry.facts.get({"submitted": "from", "delivered": "to"}.get(entry.kind, ""))
        if number in dead:
            yield f"a text was {entry.kind} while the radio had no service", (dead[number], entry)


FOLDS: dict[str, Callable[[_Story], _Found]] = {
    "no-sms-without-a-send": no_sms_without_a_send,
    "one-sms-per-send": one_sms_per_send,
    "every-report-has-its-radio-result": every_report_has_its_radio_result,
    "status-moves-along-the-table": status_moves_along_the_table,
    "no-clear-text": no_clear_text,
    "content-unchanged": content_unchanged,
    "webhook-tokens-verify": webhook_tokens_verify,
    "one-webhook-per-event": one_webhook_per_event,
    "one-message-per-text": one_message_per_text,
    "nothing-on-a-dead-radio": nothing_on_a_dead_radio,
}
INVARIANTS = tuple(FOLDS)
