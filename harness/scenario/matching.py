"""Finding an entry in the trace by what it is, not by how many there are."""

from __future__ import annotations

from dataclasses import field

from harness import cipher
from harness.core import Fact
from harness.errors import CipherError
from harness.frozen import frozen
from harness.trace import Entry

__all__ = ["Match"]


@frozen
class Match:
    """What an entry must be. `facts` must be there with these values, `not_facts` must not.

    `alias` names the step whose message it must belong to. `text` is compared with the entry's `content`, decrypted
    with the key of its owner where the entry says `encrypted`.
    """

    hop: str
    kinds: tuple[str, ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()
    not_facts: tuple[tuple[str, Fact], ...] = ()
    alias: str | None = None
    text: str | None = None
    keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    state: bool = False
    """A state is looked at, not taken: two looks may find the same entry."""

    def fits(self, entry: Entry, messages: dict[str, str]) -> bool:
        """`messages` maps the names of steps to the ids of their messages."""
        return self.concerns(entry, messages) and not self.misses(entry)

    def concerns(self, entry: Entry, messages: dict[str, str]) -> bool:
        """The entry is of the right kind and message, whatever its facts."""
        if entry.hop != self.hop or (self.kinds and entry.kind not in self.kinds):
            return False
        return self.alias is None or (entry.message is not None and entry.message == messages.get(self.alias))

    def tells_state(self, entry: Entry) -> bool:
        """The entry says what became of its message; that a webhook's answer had a status is something else."""
        return isinstance(entry.facts.get("status"), str)

    def misses(self, entry: Entry) -> list[str]:
        """Why an entry of the right kind does not fit, one line a fact."""
        misses = [
            f"{name}: expected {value!r}, got {entry.facts.get(name)!r}"
            for name, value in self.facts
            if entry.facts.get(name) != value
        ]
        misses += [f"{name}: is {value!r}" for name, value in self.not_facts if entry.facts.get(name) == value]
        if self.text is not None:
            shown = self.shown_text(entry)
            if shown != self.text:
                misses.append(f"text: expected {self.text!r}, got {shown!r}")
        return misses

    def shown_text(self, entry: Entry) -> str | None:
        content = entry.facts.get("content")
        if not isinstance(content, str) or not entry.facts.get("encrypted"):
            return content if isinstance(content, str) else None
        key = dict(self.keys).get(str(entry.facts.get("owner")))
        if key is None:
            return content
        try:
            return cipher.decrypt(key, content)
        except CipherError:
            return None
