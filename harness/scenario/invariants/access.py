"""Rules about credentials: what a phone key opens."""

from __future__ import annotations

from harness.instants import SECOND
from harness.scenario.invariants.story import Found, Story, listed
from harness.trace import Entry

__all__ = ["phone_key_within_its_bounds"]

# gateway-protocol.md §1.3. For each GET there is a HEAD.
_ROUTES = frozenset(
    {
        "PUT /v1/phones/fcm-token",
        "GET /v1/messages/outstanding",
        "HEAD /v1/messages/outstanding",
        "POST /v1/messages/{id}/events",
        "POST /v1/messages/receive",
        "POST /v1/messages/calls/missed",
        "POST /v1/heartbeats",
    }
)
_REGISTERS = "PUT /v1/phones/fcm-token"
# Of what a key may do the server remembers the answer for so long (§1.4).
_REMEMBERED_NS = 15 * SECOND


def phone_key_within_its_bounds(story: Story) -> Found:
    associated: dict[str, Entry] = {}
    gone: dict[str, Entry] = {}
    for entry in story.entries:
        if entry.hop == "gateway" and entry.kind in ("phone.updated", "phone.deleted"):
            _follow(entry, associated, gone)
        if entry.hop != "api" or entry.facts.get("as") != "phone":
            continue
        status = entry.facts.get("status")
        if type(status) is not int or status >= 300:
            continue
        if entry.kind not in _ROUTES:
            yield f"a phone key opened {entry.kind}", (entry,)
        elif "for" in entry.facts and entry.kind != _REGISTERS:
            yield from _numbers(story, entry, associated, gone)


def _follow(entry: Entry, associated: dict[str, Entry], gone: dict[str, Entry]) -> None:
    owner = entry.facts.get("owner")
    if not isinstance(owner, str):
        return
    if entry.facts.get("key_associated") is True:
        associated[owner] = entry
        gone.pop(owner, None)
    elif entry.kind == "phone.deleted":
        gone.setdefault(owner, entry)


def _numbers(story: Story, entry: Entry, associated: dict[str, Entry], gone: dict[str, Entry]) -> Found:
    allowed = listed(entry, "for")
    # A key without numbers may fetch any message of its user (§10.2-27).
    if entry.kind.endswith("/outstanding") and not allowed:
        return
    owner = story.owners.get(entry.message or "")
    used = listed(entry, "numbers") or ((owner,) if owner is not None else ())
    for number in used:
        if number not in allowed:
            yield f"a phone key of {', '.join(allowed) or 'no number'} acted for {number}", (entry,)
        elif story.has("gateway", "phone.updated") and number not in associated:
            yield f"a phone key acted for {number}, which no phone has registered with it", (entry,)
        elif number in gone and entry.at > gone[number].at + _REMEMBERED_NS:
            yield f"a phone key acted for {number}, whose phone was deleted", (gone[number], entry)
