"""Finding an entry in the trace by what it is, not by how many there are."""

from __future__ import annotations

from collections.abc import Mapping

from harness import cipher
from harness.answers import Capture
from harness.core import Fact
from harness.errors import CipherError
from harness.matchers import MISSING, Absent, Contains, Differs, Equals, Matcher, Matches, OneOf, Present, miss, wish
from harness.patterns import searched
from harness.scenario.steps import Match
from harness.trace import BOOKKEEPING, Entry

__all__ = ["captured", "concerns", "fits", "misses", "shown", "tells_state", "wanted"]


def fits(match: Match, entry: Entry, messages: Mapping[str, str]) -> bool:
    """The entry is what is looked for. `messages` maps the names of steps to the ids of their messages."""
    if entry.hop != match.hop or (match.kinds and entry.kind not in match.kinds):
        return False  # said once more than in `concerns`: nearly every entry ends here
    return concerns(match, entry, messages) and not misses(match, entry)


def concerns(match: Match, entry: Entry, messages: Mapping[str, str]) -> bool:
    """The entry is of the right kind and message, whatever its facts."""
    if entry.hop != match.hop or (match.kinds and entry.kind not in match.kinds):
        return False
    return match.alias is None or (entry.message is not None and entry.message == messages.get(match.alias))


def tells_state(entry: Entry) -> bool:
    """The entry says what became of its message; that a webhook's answer had a status is something else."""
    return isinstance(entry.facts.get("status"), str)


def misses(match: Match, entry: Entry) -> list[str]:
    """Why an entry of the right kind does not fit, one line a fact."""
    found: list[str] = []
    for name, matcher in match.facts:
        missed = miss(matcher, _comparable(matcher, entry.facts.get(name, MISSING)))
        if missed is not None:
            found.append(f"{name}: {missed}")
    if match.text is not None:
        missed = _text_miss(match, match.text, entry)
        if missed is not None:
            found.append(f"text: {missed}")
    return found


def _text_miss(match: Match, matcher: Matcher, entry: Entry) -> str | None:
    text = _shown_text(match, entry)
    missed = miss(matcher, MISSING if text is None else text)
    if missed is not None and text is None and entry.facts.get("encrypted"):
        return f"expected {wish(matcher)}, and what came does not decrypt with the key of {entry.facts.get('owner')}"
    return missed


def _shown_text(match: Match, entry: Entry) -> str | None:
    """The entry's text as its reader sees it: decrypted where the key is known; None if it has none."""
    content = entry.facts.get("content")
    if not isinstance(content, str):
        text = entry.facts.get("text")
        return text if isinstance(text, str) else None
    key = dict(match.keys).get(str(entry.facts.get("owner"))) if entry.facts.get("encrypted") else None
    if key is None:
        return content
    try:
        return cipher.decrypt(key, content)
    except CipherError:
        return None


def _fact_text(value: Fact) -> str:
    """A fact as a story writes it: `true`, `3`, `null`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _comparable(matcher: Matcher, value: Fact) -> Fact:
    """A number or a truth as text where a text is wanted: the scalars of a story are texts."""
    if type(value) is str or value is MISSING or not _wants_text(matcher):
        return value
    return _fact_text(value)


def _wants_text(matcher: Matcher) -> bool:
    match matcher:
        case Equals(value) | Differs(value):
            return isinstance(value, str)
        case OneOf(values):
            return all(isinstance(value, str) for value in values)
        case Contains() | Matches():
            return True
        case Present() | Absent():
            return False


def captured(capture: Capture, match: Match, entry: Entry) -> tuple[str | None, str]:
    """The value that gets the name; None with the reason if there is none."""
    text = _shown_text(match, entry) if capture.path == "text" else None
    if text is None:
        if capture.path not in entry.facts:
            return None, f"there is no {capture.path}"
        text = _fact_text(entry.facts[capture.path])
    return (text, "") if capture.pattern is None else searched(capture.pattern, text, f"its {capture.path}")


# -- in words ----------------------------------------------------------------------------------------------------------


def wanted(match: Match) -> str:
    """What is looked for: `contact received (to='+18005550101', text='Hello')`."""
    where = f"{match.hop} {' or '.join(match.kinds)}" if match.kinds else match.hop
    facts = [*match.facts, *([("text", match.text)] if match.text is not None else [])]
    parts = [f"of {match.alias}"] if match.alias is not None else []
    parts += [f"{name}={wish(matcher)}" for name, matcher in facts]
    return f"{where} ({', '.join(parts)})" if parts else where


def shown(entry: Entry) -> str:
    """An entry on one line, with what may say something to a reader."""
    said = [(name, value) for name, value in entry.facts.items() if value is not None and name not in BOOKKEEPING]
    facts = ", ".join([f"{name}={value!r}" for name, value in said])
    return f"{entry.hop} {entry.kind} ({facts})" if facts else f"{entry.hop} {entry.kind}"
