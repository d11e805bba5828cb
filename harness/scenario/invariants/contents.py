"""Rules about texts: they come out as they went in, each once, and what is secret stays so."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from harness.core import Fact
from harness.scenario.invariants.story import AIR, Found, Story, name
from harness.trace import Entry

__all__ = ["content_unchanged", "no_clear_text", "no_secret_in_the_trace", "one_message_per_text"]

_RECEIVED = "message.phone.received"

# -- secrets -----------------------------------------------------------------------------------------------------------

# Facts, and members of bodies, that are addresses or the story's own words: a text that is just a number is no leak
# there.
_ADDRESSES = frozenset({"from", "to", "owner", "contact", "number", "numbers", "for", "url", "step", "request_id"})
# A shorter text counts as leaked only where a fact is that text and nothing else.
_PIECE = 8
# One word may be the protocol's own (`pending`, `GENERIC_FAILURE`): it counts only where there are texts of people.
_WORD = re.compile("[A-Za-z_]+[0-9]?")
_TEXTS = frozenset({"content", "text", "body"})


def no_clear_text(story: Story) -> Found:
    secrets = _secrets(story)
    if not secrets:
        return
    words = {secret for secret in secrets if _WORD.fullmatch(secret)}
    pieces = [secret for secret in secrets.keys() - words if len(secret) >= _PIECE]
    for entry in story.entries:
        # What says that it is not encrypted is about another message: it may have the same text.
        if entry.hop in AIR or entry.facts.get("encrypted") is False:
            continue
        for fact, value in entry.facts.items():
            if type(value) is not str or fact in _ADDRESSES:
                continue
            if value in secrets:
                found = None if value in words and fact not in _TEXTS else value
            else:
                found = next((piece for piece in pieces if _is_told(piece, value)), None)
            if found is not None:
                yield f"{name(entry)} shows the clear text of an encrypted one in {fact}", (entry, secrets[found])


def _secrets(story: Story) -> dict[str, Entry]:
    """The texts that were encrypted before or after the air → where the air shows them.

    One that somebody also sends or receives in clear may be shown.
    """
    shown: list[Entry] = []
    for entry in story.every("radio", "submitted", "rejected"):
        if entry.message is not None and _is_encrypted(story.messages[entry.message]):
            shown.append(entry)
    for entry in story.of("phone", "text received"):
        if entry.facts.get("encrypted"):
            shown += story.origin(entry)
    secrets = {text: entry for entry in shown if isinstance(text := entry.facts.get("text"), str) and text}
    in_clear = [str(entry.facts.get("content")) for entry in story.entries if entry.facts.get("encrypted") is False]
    asked = [str(entry.facts.get("request")) for entry in story.entries if entry.hop == "api"] if secrets else []
    return {
        text: entry
        for text, entry in secrets.items()
        if not any(text in content for content in in_clear)
        and not any(text in body and _is_asked_in_clear(text, _json(body)) for body in asked)
    }


def _json(text: str) -> Any:
    """None for what is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_told(piece: str, value: str) -> bool:
    """The value has the piece; of a body, a member that is no address."""
    if piece not in value:
        return False
    body = _json(value)
    return not isinstance(body, dict | list) or any(piece in text for text in _told(body))


def _told(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        body = [member for name, member in body.items() if name not in _ADDRESSES]
    if isinstance(body, list):
        for member in body:
            yield from _told(member)
    elif isinstance(body, str):
        yield body


def _is_asked_in_clear(text: str, body: Any) -> bool:
    """Somebody asks, in vain perhaps, to send the text as it is."""
    if isinstance(body, list):
        return any(_is_asked_in_clear(text, member) for member in body)
    if not isinstance(body, dict):
        return False
    is_here = body.get("encrypted") is not True and text in str(body.get("content"))
    return is_here or any(_is_asked_in_clear(text, member) for member in body.values())


def _is_encrypted(own: Iterable[Entry]) -> bool:
    return any(entry.facts.get("encrypted") is True for entry in own)


# The forms of keys and tokens (harness.wire): API keys of users and phones, FCM's registration tokens, JWTs.
_KEY = re.compile(
    r"\b[up]k_[A-Za-z0-9_-]{16,}|:APA91b[A-Za-z0-9_-]{16,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*|Bearer [\w.-]{16,}"
)
_SIGNS = ("uk_", "pk_", ":APA91b", "eyJ", "Bearer ")
# What facts must not even be called.
_SECRET_NAMES = frozenset(
    {
        "api_key",
        "authorization",
        "encryption_key",
        "fcm_token",
        "key",
        "pass_phrase",
        "password",
        "registration_token",
        "secret",
        "signing_key",
        "token",
        "x-api-key",
    }
)


def no_secret_in_the_trace(story: Story) -> Found:
    """A rule knows no key. It looks for what keys and tokens look like, and for facts with the name of a secret.

    A pass phrase looks like anything: that none becomes a fact is a matter of those who write the trace.
    """
    for entry in story.entries:
        facts = entry.facts
        if not _SECRET_NAMES.isdisjoint(facts):
            yield f"{name(entry)} has a fact called {min(_SECRET_NAMES & facts.keys())}", (entry,)
    # All texts at once: one look in a whole trace costs less than one in each fact.
    everything = "\n".join([value for entry in story.entries for value in entry.facts.values() if type(value) is str])
    if not any(sign in everything for sign in _SIGNS) or _KEY.search(everything) is None:
        return
    for entry in story.entries:
        for fact, value in entry.facts.items():
            if type(value) is str and _KEY.search(value):
                yield f"{name(entry)} shows what looks like a key or a token in {fact}", (entry,)


# -- contents ----------------------------------------------------------------------------------------------------------


def content_unchanged(story: Story) -> Found:
    yield from _same_on_every_hop(story)
    yield from _same_recipient(story)
    yield from _same_through_the_air(story)
    yield from _same_as_received(story)


_CARRIED = ("content", "encrypted", "sim", "owner", "contact")
_TELLING = ("gateway", "phone", "webhook")


def _same_on_every_hop(story: Story) -> Found:
    """Content, flag, SIM and numbers of a message, wherever they are told."""
    sent = _sent_contents(story)
    for message, own in story.messages.items():
        first: dict[str, Entry] = {}
        known: dict[str, Fact] = {}
        asked = sent.get(message)
        if asked is not None:
            known = {fact: asked.facts[fact] for fact in ("content", "encrypted")}
            first = dict.fromkeys(known, asked)
        for entry in own:
            if entry.hop not in _TELLING:
                continue
            facts = entry.facts
            for fact in _CARRIED:
                if fact not in facts:
                    continue
                value = facts[fact]
                if fact not in known:
                    known[fact], first[fact] = value, entry
                elif known[fact] != value and not _is_as_sent(known[fact], value):
                    yield f"{fact} changed between {name(first[fact])} and {name(entry)}", (first[fact], entry)


def _same_recipient(story: Story) -> Found:
    contacts = {entry.message: entry for entry in story.of("gateway", "message.api.sent") if "contact" in entry.facts}
    for entry in (*story.of("phone", "fetched"), *story.every("radio", "submitted", "mms submitted")):
        asked = contacts.get(entry.message)
        if asked is not None and "to" in entry.facts and entry.facts["to"] != asked.facts["contact"]:
            yield f"the text is for {asked.facts['contact']}, {name(entry)} has {entry.facts['to']}", (asked, entry)


def _sent_contents(story: Story) -> dict[str, Entry]:
    """What the client asked for, by the message that it became."""
    asked = {
        entry.facts.get("step"): entry
        for entry in story.of("client", "send")
        if "content" in entry.facts and "encrypted" in entry.facts
    }
    accepted = story.of("client", "accepted")
    return {
        entry.message: asked[step]
        for entry in accepted
        if entry.message is not None and (step := entry.facts.get("step")) in asked
    }


def _is_as_sent(given: object, told: object) -> bool:
    """Half a surrogate pair is no text for JSON: the server has U+FFFD instead (gateway-protocol.md §1.5)."""
    if not isinstance(given, str) or not isinstance(told, str):
        return False
    return "\ufffd" in told and _LONE.sub("\ufffd", given) == told


_LONE = re.compile("[\ud800-\udfff]")


def _same_through_the_air(story: Story) -> Found:
    """A text that was sent in clear is what the radio takes, and what the contact reads."""
    segments: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in story.of("radio", "submitted"):
        segments[entry.message].append(entry)
    taken = {message: _joined(own) for message, own in segments.items()}
    refused = {entry.message for entry in story.of("radio", "rejected")}
    for entry in story.of("gateway", "message.api.sent"):
        is_clear = entry.facts.get("encrypted") is False and entry.message in taken
        # Of a text of which a segment was refused the radio has the rest.
        if is_clear and entry.message not in refused and taken[entry.message] != entry.facts.get("content"):
            yield "the radio took another text than the API", (entry, segments[entry.message][0])
    for read in story.of("contact", "received"):
        path = story.origin(read)
        if path and path[-1].kind == "submitted" and taken[path[-1].message] != read.facts.get("text"):
            yield "the contact reads another text than the radio took", (path[-1], read)


def _joined(segments: list[Entry]) -> str:
    """The text of the first hand-over: a second one begins with its first segment again."""
    texts: dict[object, str] = {}
    for entry in segments:
        texts.setdefault(entry.facts.get("segment"), str(entry.facts.get("text")))
    if len(texts) == 1:
        return next(iter(texts.values()))
    return "".join([texts[segment] for segment in sorted(texts, key=_segment)])


def _segment(segment: object) -> int:
    return segment if type(segment) is int else 0


def _same_as_received(story: Story) -> Found:
    """A text that came in is what the phone tells the gateway."""
    texts = story.of("phone", "text received")
    for text in texts:
        path = story.origin(text)
        wrote = path[-1] if path and path[-1].kind == "wrote" and text.facts.get("encrypted") is False else None
        if (
            wrote is not None
            and wrote.facts.get("text") != text.facts.get("content")
            and not _is_a_part(story, path, text)
        ):
            yield "the phone reads another text than the contact wrote", (wrote, text)
    for entry in story.of("gateway", _RECEIVED) if texts else ():
        own = next((one for one in story.causes(entry) if (one.hop, one.kind) == ("phone", "text received")), None)
        candidates = texts if own is None else (own,)
        if not any(_is_like(entry, text) for text in candidates) and story.by_our_phone(entry):
            yield "the gateway has a text that no phone received like this", (*candidates[:1], entry)


def _is_like(entry: Entry, text: Entry) -> bool:
    return all(
        entry.facts.get(fact) == text.facts.get(fact) or _is_as_sent(text.facts.get(fact), entry.facts.get(fact))
        for fact in ("content", "encrypted", "sim")
        if fact in entry.facts and fact in text.facts
    )


def _is_a_part(story: Story, path: list[Entry], text: Entry) -> bool:
    """A robot of the network writes back segment by segment: each of them is told as what it wrote."""
    wrote, content = path[-1].facts.get("text"), text.facts.get("content")
    read = story.cause(path[-1])
    by_robot = read is not None and read.hop == "radio" and path[0].facts.get("text") == wrote
    return by_robot and isinstance(wrote, str) and isinstance(content, str) and wrote in content


def one_message_per_text(story: Story) -> Found:
    """The server takes a second POST for a second text, so a phone that tries again makes two (§10.2-33).

    One try makes one message: two of the same try are told by one entry of the phone.
    """
    messages: dict[int, list[Entry]] = defaultdict(list)
    for entry in story.of("gateway", _RECEIVED):
        tried = next((one for one in story.causes(entry) if one.hop == "phone"), None)
        if tried is not None:
            messages[tried.number].append(entry)
    for entries in messages.values():
        if len(entries) > 1:
            yield f"one received text became {len(entries)} messages", tuple(entries)
