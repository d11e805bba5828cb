"""What can be done to a radio and to the telephony around it, as plain events. For its network see `service`."""

from __future__ import annotations

from typing import Any

from harness.delays import AT_ONCE, Delay
from harness.errors import UsageError
from harness.frozen import frozen
from harness.radio import RESULT_OK

__all__ = [
    "AnswerDialog", "ChangeDelay", "ChangeDelays", "ChangeTelephony", "Delays", "FillStorage", "FreeStorage", "PlanMms",
    "PlanResults", "RejectSegments", "RestartTelephony", "SwallowTexts",
]  # fmt: skip


@frozen
class Delays:
    """How long the network takes, in ns: ranges to draw from, or distributions. Zero by default: no figure without a
    source.
    """

    accept_ns: tuple[int, int] | Delay = (0, 0)
    report_ns: tuple[int, int] | Delay = (0, 0)


@frozen
class ChangeDelays:
    """From now on the network takes as long as this."""

    delays: Delays


@frozen
class ChangeDelay:
    """From now on the network takes `duration` (ns) to `accept` a segment, or to `report` on it; the other stays."""

    what: str
    duration: int

    def __post_init__(self) -> None:
        if self.what not in ("accept", "report"):
            raise UsageError(f"no network has a delay called {self.what!r}", "it is accept or report")


@frozen
class RejectSegments:
    """The network refuses `times` segments, after letting `skip` of them through, with Android's result `code`.

    With 101 the radio asks for a retry: each of Android's silent resends is one more of the `times`.
    """

    code: int
    times: int = 1
    skip: int = 0


@frozen
class PlanResults:
    """The result of each segment of the next `times` texts: pairs of a segment and Android's result code.

    Segments count from 1, as the trace counts them; -1 is the last one. What is not named goes out. A segment that is
    resent meets the same result again.
    """

    results: tuple[tuple[int, int], ...]
    times: int = 1


@frozen
class PlanMms:
    """What becomes of every MMS from now on, and after how long. `RESULT_OK` lets it through."""

    code: int = RESULT_OK
    delay: Delay = AT_ONCE


@frozen
class ChangeTelephony:
    """Some settings of Android's telephony change: pairs of a field of `Telephony` and its value."""

    changes: tuple[tuple[str, Any], ...]


@frozen
class AnswerDialog:
    """A human answers the oldest system dialog: `answer` is `allow` or `deny` (or to dismiss it).

    `remember`: for every short code, for ever; a dialog about the outgoing limit remembers nothing.
    """

    answer: str
    remember: bool = False

    def __post_init__(self) -> None:
        if self.answer not in ("allow", "deny"):
            raise UsageError(f"a dialog cannot be answered with {self.answer!r}", "answer it with allow or deny")


@frozen
class FillStorage:
    """The handset has no room for texts: it refuses them, and the SMSC keeps them."""


@frozen
class FreeStorage:
    """The handset has room for texts again, and says so to the SMSC."""


@frozen
class SwallowTexts:
    """Another app keeps the next `times` texts from reaching this one: all of them, or those from `sender`."""

    times: int = 1
    sender: str | None = None


@frozen
class RestartTelephony:
    """The phone process starts anew: it forgets dialogs, the outgoing limit's window and every report that is due.

    A text that it had not told the result of never gets one.
    """
