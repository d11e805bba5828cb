"""Entries as a gateway writes them, for what reads its trace."""

from __future__ import annotations

from typing import Any

from harness.trace import Entry, Trace

PHONE, BOB, CAROL = "+18005550199", "+18005550100", "+18005550101"


def entries(*told: tuple[str, str, str | None, dict[str, Any]]) -> list[Entry]:
    """(hop, kind, message, facts) of each, and each is caused by the one before it."""
    trace = Trace(hashed=False)
    for number, (hop, kind, message, facts) in enumerate(told):
        trace.write(number, hop, kind, message, number - 1 if number else None, facts)
    return list(trace.entries)


def sent(message: str, to: str = BOB) -> tuple[str, str, str | None, dict[str, Any]]:
    """The gateway has taken a message up."""
    return ("gateway", "message.api.sent", message, {"content": "Hi", "encrypted": False, "contact": to})


def received(text: str, to: str = BOB) -> tuple[str, str, str | None, dict[str, Any]]:
    return ("contact", "received", None, {"from": PHONE, "to": to, "text": text, "segments": 1})


def life(message: str, stages: int = 99) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    """The first so many stages of a message's life, as one that an application sends has them."""
    from harness.report.life import OUTGOING

    known = [stage[:2] for stage in OUTGOING if stage[0] != "client"][:stages]
    return [sent(message) if kind == "message.api.sent" else (hop, kind, message, {}) for hop, kind in known]
