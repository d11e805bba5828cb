"""Rules about handsets: nothing happens where there is no service, no power, or nobody logged in."""

from __future__ import annotations

from collections.abc import Iterable

from harness.scenario.invariants.story import Found, Story, listed
from harness.trace import Entry

__all__ = ["nothing_on_a_dead_radio", "nothing_on_a_phone_that_is_out"]

# What goes over the air, and which fact has the handset's own number.
_OVER_THE_AIR = {"submitted": "from", "delivered": "to", "call": "to"}


def nothing_on_a_dead_radio(story: Story) -> Found:
    if not story.has("radio", "service"):
        return
    dead: dict[object, Entry] = {}
    for entry in story.entries:
        if entry.hop != "radio":
            continue
        if entry.kind == "service":
            dead.pop(entry.facts.get("number"), None)
            if entry.facts.get("service") != "full":
                dead[entry.facts.get("number")] = entry
            continue
        number = entry.facts.get(_OVER_THE_AIR.get(entry.kind, ""))
        if number in dead:
            what = "call came" if entry.kind == "call" else f"text was {entry.kind}"
            yield f"a {what} while the radio had no service", (dead[number], entry)


_CHANGES = ("powered off", "booted", "logged out", "logged in")
# The app asks whether anybody is logged in before it does any of this (phone-behaviour.md §1.4); what was under way
# goes on.
_FOR_THE_LOGGED_IN = frozenset(
    {"text received", "call missed", "sent", "delivered", "heartbeat", "heartbeat asked for"}
)


def nothing_on_a_phone_that_is_out(story: Story) -> Found:
    """Out: without power nothing happens at all; logged out, nothing new begins."""
    if not (story.has("phone", "powered off") or story.has("phone", "logged out")):
        return
    off: dict[str, Entry] = {}
    out: dict[str, Entry] = {}
    for entry in story.entries:
        if entry.hop != "phone":
            continue
        if entry.kind in _CHANGES:
            _change(entry, off, out)
            continue
        for number in _numbers(story, entry):
            if number in off:
                yield f"{entry.kind}, on a phone that was switched off", (off[number], entry)
            elif number in out and entry.kind in _FOR_THE_LOGGED_IN:
                yield f"{entry.kind}, on a phone that was logged out", (out[number], entry)


def _change(entry: Entry, off: dict[str, Entry], out: dict[str, Entry]) -> None:
    # Somebody who logs in has a phone that is on.
    for number in listed(entry, "numbers"):
        if entry.kind == "powered off":
            off[number] = entry
        elif entry.kind == "logged out":
            out[number] = entry
        else:
            off.pop(number, None)
            if entry.kind == "logged in":
                out.pop(number, None)


def _numbers(story: Story, entry: Entry) -> Iterable[str]:
    if entry.kind in ("text received", "call missed"):
        return (str(entry.facts.get("to")),)
    if entry.message is not None:
        owner = story.owners.get(entry.message.partition(".")[0])
        return () if owner is None else (owner,)
    return listed(entry, "numbers")
