"""A gateway that serves one test after the other, and gives each a world of its own: what a runner of tests holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from harness.core import Core
from harness.errors import UsageError
from harness.frozen import frozen
from harness.hosting import stories
from harness.hosting.gateway import Gateway, Snapshot
from harness.hosting.phones import cores_of, count_of, with_one_less, with_one_more
from harness.hosting.webhooks import WebhookCall
from harness.hosting.worlds import LateCall, Worlds
from harness.instants import SECOND
from harness.serving import Served, phones_of
from harness.standin import Pace
from harness.world import Row

__all__ = ["Session"]

_STALE_NS = 60 * SECOND  # so old a prepared world is made anew: what its phone does from time to time is due


@frozen
class _Stage:
    """What worlds begin with: so many phones that are logged in, and all that was prepared."""

    served: Served
    snapshot: Snapshot
    cores: tuple[Core, ...]  # of the phones


class Session:
    """The tests of a running gateway. What is there when the first one begins belongs to the world of each."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._worlds = Worlds()
        self._usual_phones = count_of(gateway._served)
        self._usual_settings = gateway._served.bed.standin.settings
        self._stages: dict[int, _Stage] = {}  # by the number of phones
        gateway._door = self._worlds.door

    @contextmanager
    def world_of(
        self, test: str, *, phones: int | None = None, keep_rate: bool | None = None, pace: Pace | None = None
    ) -> Iterator[None]:
        """A world of its own for a test, made from what was there before the first one.

        URL, keys and numbers are the same in all of them. `phones`, `keep_rate` and `pace` are as in `ServeOptions`;
        None is what the gateway was started with. Within it requests of earlier worlds are refused (`take_late_calls`),
        and so is every request between two of them. Raises `UsageError` for more phones than there are numbers.
        """
        self._begin(test, self._usual_phones if phones is None else phones, pace, keep_rate)
        try:
            yield
        finally:
            if self.gateway.is_running:
                self.gateway._do(self._end)

    def wait_at_most(self, timeout_s: float) -> None:
        """So long the gateway's waits take that are not told otherwise."""
        self.gateway._watch.timeout_s = timeout_s

    # -- what has become of a test -------------------------------------------------------------------------------

    @property
    def late_calls(self) -> tuple[LateCall, ...]:
        """The requests that were refused as those of an earlier world, and not taken yet."""
        return self._worlds.late

    def take_late_calls(self) -> tuple[LateCall, ...]:
        """The requests that were refused since the last time."""
        take = self._worlds.take_late
        return self.gateway._do(take) if self.gateway.is_running else take()

    def story(self) -> list[str]:
        """What has happened in this world, in lines."""
        return stories.of_texts(self.gateway._watch.own)

    def failures_left(self, timeout_s: float) -> tuple[WebhookCall, ...]:
        """The webhook calls that failed for good and at which nobody has looked.

        One that has failed once is waited for until it has been made again, or for so long.
        """
        self.gateway._calls.settle(timeout_s)
        return self.gateway._calls.unread_failures

    def violations(self, breaks: Iterable[str] = ()) -> tuple[str, ...]:
        """What has happened in this world that must not happen in any, in words; `breaks` names what may.

        Raises `UsageError` for a rule that there is not.
        """
        from harness.scenario.invariants import INVARIANTS, check  # with it comes the language of the files

        unknown = sorted({*breaks} - {*INVARIANTS})
        if unknown:
            raise UsageError(f"there is no rule {unknown[0]!r}", f"there are: {', '.join(INVARIANTS)}")
        entries = self.gateway._done(lambda: None, lambda _: self.gateway._whole_past())
        return check(list(entries), {*breaks, *self._may_break()})

    def _may_break(self) -> Iterator[str]:
        # Tokens tell the machine's time, and the receiver that is built in knows the world's, which tests move.
        yield "webhook-tokens-verify"
        if self.gateway._has_raced:
            yield from _RACES

    # -- one world after the other -------------------------------------------------------------------------------

    def _begin(self, test: str, phones: int, pace: Pace | None, keep_rate: bool | None) -> None:
        served = self.gateway._served
        if served.host.gate is None:  # what is there now belongs to every world
            served.host.gate = self._worlds.gate
            self._stages[self._usual_phones] = self._staged(served)
        stage = self._stage(phones)
        standin = served.bed.standin

        def begin() -> None:
            self._anew(stage, self._worlds.begin(test))
            standin.settings = standin.settings.paced(pace, keep_rate)

        self.gateway._do(begin)

    def _end(self) -> None:
        control = self.gateway._served.control
        known = _ids(self.gateway._beginning.rows)
        self._worlds.end(_ids(control.snapshot()) - known, control.unanswered)
        self._anew(self._stages[self._usual_phones], 0)

    def _stage(self, phones: int) -> _Stage:
        """The usual one with phones that have come, or gone, one by one."""
        phones_of(phones)
        known = self._stages.get(phones)
        if known is None:
            served = self._changed(phones)
        elif self.gateway._served.driver.now - _now_of(known.snapshot.rows) <= _STALE_NS:
            return known
        else:
            self.gateway._do(lambda: self._anew(known, 0))
            served = known.served
        self._stages[phones] = self._staged(served)
        return self._stages[phones]

    def _changed(self, phones: int) -> Served:
        """The next stage in the direction of the usual one, with one phone more, or less."""
        is_more = phones > self._usual_phones
        near = self._stage(phones - 1 if is_more else phones + 1)
        self.gateway._do(lambda: self._anew(near, 0))
        return self.gateway._awaited((with_one_more if is_more else with_one_less)(near.served))

    def _staged(self, served: Served) -> _Stage:
        """The world as it is now, without the cores of a phone that has gone."""
        cores = served.bed.world.cores

        def enter() -> None:
            self._enter(served, [cores[name] for name in cores_of(served)])

        self.gateway._do(enter)
        return _Stage(served, self.gateway.snapshot(), tuple([cores[name] for name in cores_of(served)]))

    def _enter(self, served: Served, phones: Iterable[Core]) -> None:
        """No other cores of phones are in the world from now on."""
        world = served.bed.world
        wanted = {core.name: core for core in phones}
        for handset in served.bed.handsets.values():
            for name in (handset.phone, *handset.modems):
                if name in world.cores and name not in wanted:
                    world.remove(name)
                elif name in wanted and name not in world.cores:
                    world.add(wanted[name])
        self.gateway._served = served

    def _anew(self, stage: _Stage, apart: int) -> None:
        self._enter(stage.served, stage.cores)
        stage.served.bed.standin.settings = self._usual_settings
        stage.served.control.begin_anew(stage.snapshot.rows, self._worlds.refusal(), apart)
        self.gateway._begin_with(stage.snapshot)


# The fault `lost-update` breaks these by its nature: a status goes back, an uncounted push is sent once more.
_RACES = ("status-moves-along-the-table", "one-sms-per-send")


def _now_of(rows: tuple[Row, ...]) -> int:
    now: int = next(row[3] for row in rows if row[:3] == ("", "facts", "now"))
    return now


_NAMED = ("messages", "threads", "webhooks", "schedules", "phones", "phone_keys", "phone_key_ids", "account_ids")


def _ids(rows: tuple[Row, ...]) -> set[str]:
    """What requests may name a row of the gateway by: its id, or its key."""
    return {key for owner, name, key, _ in rows if owner == "gateway" and name in _NAMED and isinstance(key, str)}
