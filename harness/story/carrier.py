"""The words of a story's `carrier` → a rule of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.carrier_rules import (
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
from harness.delays import AT_ONCE, Delay
from harness.sms_results import RATE_LIMITED, result_code
from harness.story.values import Seconds, delay, duration

__all__ = ["rule_of"]


def rule_of(kind: str, value: Any, only: Only, more: Mapping[str, Any]) -> Rule:
    """The rule that `kind=value` says; `more`: `result`, `after_s`, `early`. Raises `UsageError`, `ValueError`."""
    for name, given in more.items():
        if given not in (None, False) and name not in _TAKES.get(kind, ()):
            raise ValueError(f"{kind} takes no {name}")
    return _MAKERS[kind](value, only, more)


_TAKES = {
    "throttle": ("result",),
    "daily_cap": ("result",),
    "spam_block": ("result",),
    "duplicate": ("after_s",),
    "reports": ("early",),
}


def _code(result: str | int | None) -> int | None:
    """A result of Android's, by its name or number; `none` is none."""
    if result is None or result == "none":
        return None
    return result if isinstance(result, int) else result_code(result)


def _share(share: int) -> int:
    if not 1 <= share <= 100:
        raise ValueError(f"{share} in a hundred: from 1 to 100")
    return share


def _throttle(value: tuple[int, float], only: Only, more: Mapping[str, Any]) -> Throttle:
    result = more["result"]
    return Throttle(value[0], duration(value[1]), RATE_LIMITED if result is None else _code(result), only)


def _refuse(result: str | int, only: Only, _more: Mapping[str, Any]) -> Refuse:
    code = _code(result)
    if code is None:
        raise ValueError("a refusal without a result: lose the text instead")
    return Refuse(code, only)


def _reports(value: Sequence[tuple[str | int, Seconds]], only: Only, more: Mapping[str, Any]) -> Reports:
    return Reports(tuple(_report(status, after) for status, after in value), more["early"], only)


def _report(status: str | int, after: Seconds) -> tuple[Delay, int]:
    if isinstance(status, str) and status not in REPORT_STATUSES:
        raise ValueError(f"a status report says no {status!r}: {', '.join(REPORT_STATUSES)}, or a TP-ST")
    return delay(after), REPORT_STATUSES[status] if isinstance(status, str) else status


def _after(more: Mapping[str, Any]) -> Delay:
    return AT_ONCE if more["after_s"] is None else delay(more["after_s"])


_MAKERS: Mapping[str, Callable[[Any, Only, Mapping[str, Any]], Rule]] = {
    "refuse": _refuse,
    "lose": lambda share, only, _: Lose(only, _share(share)),
    "late": lambda seconds, only, _: Late(delay(seconds), only),
    "slow": lambda seconds, only, _: Slow(delay(seconds), only),
    "duplicate": lambda copies, only, more: Duplicate(copies, _after(more), only),
    "reorder": lambda seconds, only, _: Reorder(duration(seconds), only),
    "throttle": _throttle,
    "daily_cap": lambda count, only, more: DailyCap(count, _code(more["result"]), only),
    "spam_block": lambda _yes, only, more: SpamBlock(only, _code(more["result"])),
    "long_code_filter": lambda share, only, _: LongCodeFilter(_share(share), only),
    "show_sender": lambda sender, only, _: ShowSender(sender, only),
    "reports": _reports,
}
