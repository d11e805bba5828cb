"""The verb `carrier` → rules of the network, their end, or a phone's service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.carrier_rules import (
    KINDS,
    REPORT_STATUSES,
    DailyCap,
    Duplicate,
    Late,
    LongCodeFilter,
    Lose,
    Only,
    Refuse,
    Reorder,
    Reports,
    Rule,
    ShowSender,
    Slow,
    SpamBlock,
    Throttle,
)
from harness.deeds import Deed
from harness.delays import AT_ONCE
from harness.scenario.grammar import CARRIER_RULES
from harness.scenario.people import Names
from harness.scenario.plan import Carrier, ClearCarrier, PhoneAct
from harness.scenario.reading import Read
from harness.sms_results import RATE_LIMITED

__all__ = ["carrier"]

_ONLY = ("from", "to", "text_matches", "segments", "times", "skip")
_ASKED = ", ".join(CARRIER_RULES)


def carrier(names: Names, found: Read) -> Carrier | ClearCarrier | PhoneAct:
    kinds = [name for name in found.values if name in CARRIER_RULES or name in ("clear", "service")]
    if len(kinds) != 1:
        found.at.fail("one rule belongs here", f"write one of: {_ASKED}, clear, service")
    (kind,) = kinds
    _refuse_others(found, kind)
    if kind == "service":
        if "phone" not in found:
            found.at.fail("phone is missing", "write `phone: …`")
        return PhoneAct(found["phone"], Deed("service", (found["service"],)))
    if kind == "clear":
        return ClearCarrier(None if found["clear"] == "all" else KINDS[found["clear"]].__name__)
    return Carrier((_rule(names, found, kind),))


def _refuse_others(found: Read, kind: str) -> None:
    """A field that means nothing for this kind of rule."""
    taken = {"clear": (), "service": ("phone",)}.get(kind, (*_ONLY, *_OWN.get(kind, ())))
    for name in found.values:
        if name != kind and name not in taken:
            found.fields[name].fail(
                f"`{name}` beside `{kind}`", f"it takes: {', '.join(taken)}" if taken else "leave it out"
            )


_OWN = {"duplicate": ("after",), "reports": ("early",)}


def _rule(names: Names, found: Read, kind: str) -> Rule:
    for segment in found.get("segments", ()):
        if segment == 0:
            found.fields["segments"].fail("there is no segment 0", "they count from 1; -1 is the last")
    if kind == "show_sender" and found[kind]:
        names.new_sender(found.fields[kind], found[kind])
    only = Only(
        found.get("from"), found.get("to"), found.get("text_matches"), found.get("segments", ()), found.get("times"),
        found.get("skip", 0),
    )  # fmt: skip
    return _MAKERS[kind](found[kind], only, found)


def _duplicate(copies: int | str, only: Only, found: Read) -> Duplicate:
    return Duplicate(1 if copies == "true" else int(copies), found.get("after", AT_ONCE), only)


def _reorder(gap: int | str, only: Only, _found: Read) -> Reorder:
    return Reorder(only=only) if isinstance(gap, str) else Reorder(gap, only)


def _throttle(value: Read, only: Only, _found: Read) -> Throttle:
    code = value.get("result", RATE_LIMITED)
    return Throttle(value["count"], value["every"], None if code == "none" else code, only)


def _spam_block(value: Read | str, only: Only, _found: Read) -> SpamBlock:
    return SpamBlock(only, None if isinstance(value, str) else value["result"])


def _reports(value: str | tuple[Read, ...], only: Only, found: Read) -> Reports:
    statuses = () if isinstance(value, str) else tuple(_report(each) for each in value)
    return Reports(statuses, found.get("early", False), only)


def _report(found: Read) -> tuple[Any, int]:
    status = found["status"]
    return found.get("after", AT_ONCE), REPORT_STATUSES[status] if isinstance(status, str) else status


_MAKERS: Mapping[str, Callable[[Any, Only, Read], Rule]] = {
    "refuse": lambda code, only, _: Refuse(code, only),
    "lose": lambda share, only, _: Lose(only, share),
    "late": lambda delay, only, _: Late(delay, only),
    "slow": lambda delay, only, _: Slow(delay, only),
    "duplicate": _duplicate,
    "reorder": _reorder,
    "throttle": _throttle,
    "daily_cap": lambda value, only, _: DailyCap(value["count"], value.get("result"), only),
    "spam_block": _spam_block,
    "long_code_filter": lambda share, only, _: LongCodeFilter(share, only),
    "show_sender": lambda sender, only, _: ShowSender(sender, only),
    "reports": _reports,
}
