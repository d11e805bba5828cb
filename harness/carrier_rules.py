"""What a carrier may do with a text on its way, as values: one rule for each fault.

`harness.modem` has what they do. Rules have no figures of their own: nobody has measured these networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from harness.delays import AT_ONCE, Delay
from harness.errors import UsageError
from harness.frozen import frozen
from harness.instants import SECOND
from harness.patterns import check_pattern
from harness.sms_results import RATE_LIMITED

__all__ = [
    "ALL", "KINDS", "REPORT_STATUSES", "AddRules", "DailyCap", "Duplicate", "Late", "LongCodeFilter", "Lose", "Only",
    "Refuse", "RemoveRules", "Reorder", "Reports", "Rule", "ShowSender", "Slow", "SpamBlock", "Throttle",
]  # fmt: skip


@frozen
class Only:
    """What a rule is about: by default everything.

    `sender` and `to` are numbers, or beginnings of numbers with a `*` at the end; `text` is a regular expression that
    is found in the segment. `segments` count from 1, -1 is the last; none means all. Of what fits, the rule leaves the
    first `skip` alone, then takes `times` (None: all).
    """

    sender: str | None = None
    to: str | None = None
    text: str | None = None
    segments: tuple[int, ...] = ()
    times: int | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if self.text is not None:
            check_pattern(self.text)


ALL = Only()


@frozen
class Refuse:
    """The carrier does not take the segment; the radio says so with Android's result `code`."""

    code: int
    only: Only = ALL


@frozen
class Slow:
    """The carrier answers late: the sent result comes after `delay`. The text waits as long."""

    delay: Delay
    only: Only = ALL


@frozen
class Throttle:
    """A sender may send `count` segments within `interval_ns`.

    What is above is refused with `code`, or with None delivered as late as it takes.
    """

    count: int
    interval_ns: int
    code: int | None = RATE_LIMITED
    only: Only = ALL

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError("a throttle of no segments at all", "refuse them with Refuse, or lose them with Lose")


@frozen
class DailyCap:
    """A sender may send `count` segments on one day (UTC); what is above is refused with `code`, or lost with None."""

    count: int
    code: int | None = None
    only: Only = ALL


@frozen
class SpamBlock:
    """The carrier takes what `only` says for spam: refused with `code`, or with None silently dropped."""

    only: Only = ALL
    code: int | None = None


@frozen
class LongCodeFilter:
    """The carrier drops texts from ordinary numbers without a word, `share` in a hundred of them."""

    share: int = 100
    only: Only = ALL


@frozen
class Lose:
    """The segment gets lost in the network, `share` in a hundred of them: it counts as sent, nothing else comes."""

    only: Only = ALL
    share: int = 100


@frozen
class Late:
    """The segment is delivered after `delay`."""

    delay: Delay
    only: Only = ALL


@frozen
class Reorder:
    """The segments of a text arrive in reverse, `gap_ns` apart, the first as late as there are segments behind it."""

    gap_ns: int = SECOND
    only: Only = ALL


@frozen
class Duplicate:
    """The segment is delivered once more, octet for octet, `times` times, each after `delay`."""

    times: int = 1
    delay: Delay = AT_ONCE
    only: Only = ALL


@frozen
class ShowSender:
    """The recipient sees another sender: a name such as `BANK`, a short code, or `""`, an address without a digit."""

    sender: str
    only: Only = ALL


@frozen
class Reports:
    """Which status reports the sender gets: pairs of a delay and TP-ST, counted from the delivery. None is `()`.

    Below 32 delivered, below 64 still trying, otherwise given up (3GPP TS 23.040 §9.2.3.15). A text that is lost or
    refused is reported as the rule says, too. `early`: the reports overtake the answer to the submit.
    """

    statuses: tuple[tuple[Delay, int], ...] = ()
    early: bool = False
    only: Only = ALL

    def __post_init__(self) -> None:
        wrong = next((status for _, status in self.statuses if not 0 <= status <= 255), None)
        if wrong is not None:
            raise UsageError(f"{wrong} is no TP-ST", "it is an octet: 0 delivered, 48 still trying, 70 given up")


Rule = (
    Refuse | Slow | Throttle | DailyCap | SpamBlock | LongCodeFilter | Lose | Late | Reorder | Duplicate | ShowSender
    | Reports
)  # fmt: skip

KINDS: Mapping[str, type[Rule]] = MappingProxyType(
    {
        "refuse": Refuse, "lose": Lose, "late": Late, "slow": Slow, "duplicate": Duplicate, "reorder": Reorder,
        "throttle": Throttle, "daily_cap": DailyCap, "spam_block": SpamBlock, "long_code_filter": LongCodeFilter,
        "show_sender": ShowSender, "reports": Reports,
    }
)  # fmt: skip
"""The rules by the words that stories have for them."""

REPORT_STATUSES: Mapping[str, int] = MappingProxyType({"delivered": 0, "trying": 48, "failed": 70})
"""A TP-ST for each of the words that stories have for what a status report says."""


@frozen
class AddRules:
    """Act on the SMSC: these rules apply from now on, after those that do."""

    rules: tuple[Rule, ...]


@frozen
class RemoveRules:
    """Act on the SMSC: rules of this `kind` (the name of its class) no longer apply; None: none does."""

    kind: str | None = None
