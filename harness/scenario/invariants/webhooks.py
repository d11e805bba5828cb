"""Rules about webhooks: every event reaches every subscriber, once, with a token that names it."""

from __future__ import annotations

from collections import Counter

from harness.frozen import frozen
from harness.scenario.invariants.story import Found, Story, listed
from harness.trace import Entry

__all__ = ["one_webhook_per_event", "webhook_tokens_verify"]

# gateway-protocol.md §7.4
_SUBSCRIBABLE = (
    "message.phone.received",
    "message.phone.sent",
    "message.phone.delivered",
    "message.send.failed",
    "message.send.expired",
    "message.call.missed",
    "phone.heartbeat.online",
    "phone.heartbeat.offline",
)
_ATTEMPTS_MAX = 2


@frozen
class _Subscription:
    """What a webhook wants, from the entry `since` on and up to the entry `until`."""

    webhook: str
    events: tuple[str, ...]
    numbers: tuple[str, ...]
    since: int
    until: int

    def wants(self, entry: Entry, owner: str) -> bool:
        is_on = self.since < entry.number < self.until
        return is_on and entry.kind in self.events and owner in self.numbers


_FOR_EVER = 1 << 62


def _subscriptions(story: Story) -> list[_Subscription]:
    """Each state of each webhook: a change ends one and begins the next."""
    changes = sorted(
        (*story.every("gateway", "webhook.saved", "webhook.deleted"), *story.of("gateway", "user.account.deleted")),
        key=lambda entry: entry.number,
    )
    found: list[_Subscription] = []
    on: dict[object, Entry] = {}
    for entry in changes:
        webhook = entry.facts.get("webhook")
        ended = [webhook] if webhook is not None else list(on)
        found += [_subscription(on.pop(known), entry.number) for known in ended if known in on]
        if entry.kind == "webhook.saved":
            on[webhook] = entry
    return found + [_subscription(entry, _FOR_EVER) for entry in on.values()]


def _subscription(saved: Entry, until: int) -> _Subscription:
    return _Subscription(
        str(saved.facts.get("webhook")), listed(saved, "events"), listed(saved, "numbers"), saved.number, until
    )


def one_webhook_per_event(story: Story) -> Found:
    """A call that fails is made once more (gateway-protocol.md §7.4), so a subscriber may read an event twice."""
    if "gateway" not in story.hops:
        return
    if not story.injected:
        yield from _called(story)
    yield from _arrived(story)


def _called(story: Story) -> Found:
    subscriptions = _subscriptions(story)
    calls, orphans = _calls(story)
    for orphan in orphans:
        yield f"a webhook for {orphan.facts['event']} with no such event", (orphan,)
    for event in story.every("gateway", *_SUBSCRIBABLE):
        owner = event.facts.get("owner") or story.owners.get(event.message or "")
        wanted = [known.webhook for known in subscriptions if isinstance(owner, str) and known.wants(event, owner)]
        own = calls.pop(event.number, {})
        for webhook in wanted:
            called = own.pop(webhook, [])
            if len(called) != 1:
                words = "no webhook" if not called else f"{len(called)} webhooks"
                yield f"{words} for {event.kind} where there is one subscriber", (event, *called)
        for unwanted in own.values() if isinstance(owner, str) else ():
            yield f"a webhook for {event.kind} that nobody subscribed to", (event, *unwanted)
    yield from _again(story)


def _calls(story: Story) -> tuple[dict[int, dict[object, list[Entry]]], list[Entry]]:
    """The first calls of each event, by the number of its entry and by webhook; and those of no event."""
    calls: dict[int, dict[object, list[Entry]]] = {}
    orphans: list[Entry] = []
    for entry in story.of("gateway", "webhook.called"):
        if entry.facts.get("attempt") != 1 or "webhook" not in entry.facts:
            continue
        event = next((one for one in story.causes(entry) if one.kind == entry.facts.get("event")), None)
        if event is not None:
            calls.setdefault(event.number, {}).setdefault(entry.facts["webhook"], []).append(entry)
        elif entry.cause is not None and entry.cause >= story.entries[0].number:
            orphans.append(entry)
    return calls, orphans


def _again(story: Story) -> Found:
    """A second attempt follows a first one that failed, and there is no third."""
    for entry in story.of("gateway", "webhook.called"):
        attempt = entry.facts.get("attempt")
        if type(attempt) is not int or attempt == 1:
            continue
        answered = next((one for one in story.causes(entry) if one.kind == "webhook.answered"), None)
        status = None if answered is None else answered.facts.get("status")
        if attempt > _ATTEMPTS_MAX or (type(status) is int and status < 300):
            yield f"a webhook for {entry.facts.get('event')} was called for the {attempt}. time", (entry,)


def _arrived(story: Story) -> Found:
    """What reaches the receiver was called for. What was called for may be lost, or still under way."""
    calls = Counter((entry.facts.get("event"), entry.message) for entry in story.of("gateway", "webhook.called"))
    arrived: set[int] = set()
    for entry in story.entries:
        if entry.hop != "webhook" or entry.message is None:
            continue
        kind = entry.facts.get("event") if entry.kind == "refused" else entry.kind
        calls[kind, entry.message] -= 1
        if calls[kind, entry.message] < 0 or entry.cause in arrived:
            yield f"a webhook for {kind} with no such event, or its second one", (entry,)
        call = story.cause(entry)
        if call is not None and call.kind == "webhook.called":
            arrived.add(call.number)


def webhook_tokens_verify(story: Story) -> Found:
    """The receiver's key is that of the webhook that the set-up made; others have keys of their own, or none.

    A token is for one address and tells whose it is; the receiver looks at both. A token names the subscriber's
    address by `aud`, so one that verifies names it.
    """
    foreign = _foreign_webhooks(story)
    for entry in story.entries:
        if entry.hop == "webhook" and entry.facts.get("verified") is False:
            call = story.cause(entry)
            if call is None or call.facts.get("webhook") not in foreign:
                yield f"the token of {entry.kind} does not verify", (entry,)


def _foreign_webhooks(story: Story) -> set[object]:
    """Webhooks that a step of the story has made or changed."""
    foreign: set[object] = set()
    for saved in story.of("gateway", "webhook.saved"):
        request = story.cause(saved)
        accepted = () if request is None else story.led_to(request)
        steps = [str(one.facts.get("step")) for one in accepted if one.hop == "client"]
        if steps and not any(step.startswith("set-up/") for step in steps):
            foreign.add(saved.facts.get("webhook"))
    return foreign
