"""The tables of the stand-in, and how they are read and written.

A listener of an event is a `Load`: it reads rows and decides, and returns a `Change`, which is plain data; `store`
writes whole rows. Normally nothing comes between the two; with the fault `lost-update` other deliveries do
(harness.standin.races).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from harness.core import At, Command, Core, Table, Tell
from harness.draws import Draws
from harness.frozen import frozen
from harness.instants import Instant
from harness.standin import rows
from harness.standin.listed import Listed, Place
from harness.wire.events import Event, Payload
from harness.wire.json import Stamp

__all__ = ["LOST_UPDATE", "Change", "Load", "Pace", "Put", "Settings", "State"]


class Pace(Enum):
    """FAITHFUL has the real server's delays and spacing; in INSTANT internal delays are zero.

    Expiry and send schedules are in both: a phone has a schedule only because somebody asked for it.
    """

    FAITHFUL = "faithful"
    INSTANT = "instant"


LOST_UPDATE = "lost-update"

Put = tuple[str, Any, Any]
"""Table, key, row; the row None takes the key out."""


class Change(NamedTuple):  # made for every listener of every event, and a tuple is made fastest
    """What a listener decided: rows to store, calls to make, and what else is to be done."""

    puts: tuple[Put, ...] = ()
    calls: tuple[rows.PushCall | rows.HookCall, ...] = ()
    then: tuple[Command, ...] = ()


Load = Callable[["State", Event, Instant], Change | None]
"""Reads rows and decides; None when there is nothing to do. Changes nothing."""


@frozen
class Settings:
    """How a stand-in is set up. Whoever puts another world in the place of its own may give it other ones."""

    pace: Pace
    keep_rate: bool
    fcm_scheme: str
    fcm_authority: str
    fcm_path: str
    base_url: str
    queue_user_id: str | None
    control: bool
    control_token: str | None
    token_clock: Callable[[Instant], Instant]
    heartbeats_kept: int | None = None
    exchanges: bool = False

    @classmethod
    def of(
        cls,
        pace: Pace,
        fcm_endpoint: str,
        base_url: str,
        queue_user_id: str | None,
        keep_rate: bool | None,
        control: bool,
        control_token: str | None,
        token_clock: Callable[[Instant], Instant] | None = None,
        heartbeats_kept: int | None = None,
        exchanges: bool = False,
    ) -> Settings:
        """`keep_rate` None: spacing is kept in the faithful pace only. `token_clock` None: tokens tell this time.

        `heartbeats_kept`: how many of a number, the newest; None: all. `exchanges`: the trace shows what was asked
        and answered.
        """
        fcm = urlsplit(fcm_endpoint)
        return cls(
            pace,
            pace is Pace.FAITHFUL if keep_rate is None else keep_rate,
            fcm.scheme,
            fcm.netloc,
            fcm.path.rstrip("/") + "/v1/projects/httpsms-test/messages:send",
            base_url.rstrip("/"),
            queue_user_id,
            control,
            control_token,
            token_clock or _same,
            heartbeats_kept,
            exchanges,
        )

    def paced(self, pace: Pace | None, keep_rate: bool | None) -> Settings:
        """The same at another pace; None: as it is. `keep_rate` follows a pace that comes alone."""
        if keep_rate is None:
            keep_rate = self.keep_rate if pace is None else pace is Pace.FAITHFUL
        return replace(self, pace=pace or self.pace, keep_rate=keep_rate)


def _same(now: Instant) -> Instant:
    return now


# -- in which lists a row stands: (list, what it is sorted by) -------------------------------------------------------


def _by_user(row: rows.Phone | rows.PhoneKey | rows.Webhook | rows.Schedule) -> tuple[Place, ...]:
    return (((row.user_id,), row.created_at),)


def _message_places(row: rows.Message) -> tuple[Place, ...]:
    """In its conversation, and with the user's batches: whoever chose the request id (§2.11)."""
    place: Place = (row.user_id, row.owner, row.contact), row.order_at
    if row.request_id is None or not row.request_id.startswith("bulk-"):
        return (place,)
    return place, (("bulk", row.user_id), row.created_at)


def _thread_places(row: rows.Thread) -> tuple[Place, ...]:
    """Of two threads of one conversation the server takes that with the smaller id: it asks for the first by key."""
    return (
        ((row.user_id, row.owner), row.order_at),
        ((row.user_id, row.owner, row.contact), row.id),
    )


def _notification_places(row: rows.Notification) -> tuple[Place, ...]:
    return ((("phone", row.phone_id), row.scheduled_at), (("message", row.message_id), row.scheduled_at))


def _heartbeat_places(row: rows.Heartbeat) -> tuple[Place, ...]:
    return (((row.user_id, row.owner), row.beat_at),)


def _usage_places(row: rows.Usage) -> tuple[Place, ...]:
    return (((row.user_id,), row.start_at),)


class State(Core):
    """Tables and settings. Secondary indexes are tables too."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "accounts",
        "account_ids",
        "phones",
        "phone_ids",
        "phone_keys",
        "phone_key_ids",
        "cached_keys",
        "messages",
        "threads",
        "notifications",
        "webhooks",
        "schedules",
        "heartbeats",
        "monitors",
        "usages",
        "files",
        "calls",
        "waiting",
        "counters",
        "faults",
    )

    def __init__(self, name: str, draws: Draws, settings: Settings) -> None:
        super().__init__(name, draws)
        self.settings = settings
        self.port = f"@{name}"
        self.accounts: Table[str, rows.Account] = Table()
        self.account_ids: Table[str, str] = Table()  # by API key
        self.phones: Listed[str, rows.Phone] = Listed(_by_user)
        self.phone_ids: Table[tuple[str, str], str] = Table()  # by user and number
        self.phone_keys: Listed[str, rows.PhoneKey] = Listed(_by_user)
        self.phone_key_ids: Table[str, str] = Table()  # by API key
        self.cached_keys: Table[str, rows.CachedKey] = Table()  # by API key, of users and of phones
        self.messages: Listed[str, rows.Message] = Listed(_message_places)
        self.threads: Listed[str, rows.Thread] = Listed(_thread_places)
        self.notifications: Listed[str, rows.Notification] = Listed(_notification_places)
        self.webhooks: Listed[str, rows.Webhook] = Listed(_by_user)
        self.schedules: Listed[str, rows.Schedule] = Listed(_by_user)
        self.heartbeats: Listed[str, rows.Heartbeat] = Listed(_heartbeat_places)
        self.monitors: Table[tuple[str, str], rows.Monitor] = Table()  # by user and owner
        self.usages: Listed[tuple[str, Instant], rows.Usage] = Listed(_usage_places)  # by user and start
        self.files: Table[tuple[str, str, str, str], rows.StoredFile] = Table()  # by the parts of the URL
        self.calls: Table[str, rows.PushCall | rows.HookCall] = Table()  # by exchange
        self.waiting: Table[str, rows.Waiting] = Table()  # by exchange
        self.counters: Table[str, int] = Table()
        self.faults: Table[str, int] = Table()  # by name: its one figure

    # -- writing -------------------------------------------------------------------------------------------------

    def store(self, puts: tuple[Put, ...]) -> None:
        """Writes whole rows, whatever stands there now."""
        for table, key, row in puts:
            if row is None:
                getattr(self, table).drop(key)
            else:
                getattr(self, table)[key] = row

    def count(self, counter: str) -> int:
        """The next number of a counter, from 1."""
        number = self.counters.get(counter, 0) + 1
        self.counters[counter] = number
        return number

    # -- reading -------------------------------------------------------------------------------------------------

    def phone_of(self, user_id: str, number: str) -> rows.Phone | None:
        """The user's phone with that number."""
        phone_id = self.phone_ids.get((user_id, number))
        return None if phone_id is None else self.phones.get(phone_id)

    def schedule_of(self, user_id: str, schedule_id: str) -> rows.Schedule | None:
        """The user's send schedule with that id."""
        schedule = self.schedules.get(schedule_id)
        return None if schedule is None or schedule.user_id != user_id else schedule

    def message_of(self, user_id: str, message_id: str) -> rows.Message | None:
        """The user's message with that id."""
        message = self.messages.get(message_id)
        return None if message is None or message.user_id != user_id else message

    def handling(self) -> int:
        """How long a handler takes under the fault `lost-update`, in ns: mostly little, now and then all it may.

        Nothing if the fault has ended while the handler was under way.
        """
        part = self.draws.between(0, 1000)
        return self.faults.get(LOST_UPDATE, 0) * part**3 // 1000**3

    # -- the queue -----------------------------------------------------------------------------------------------

    def queue(self, data: Payload, source: str, now: Instant, delay_ns: int = 0) -> Command:
        """Puts an event on the server's queue.

        Events without a delay are told by the stand-in to itself, so they are handled in the order in which they
        arose: the real server may handle them in any (§10.2-39), and so does the fault `lost-update`.
        """
        event = Event(source, Stamp(now), data)
        if self.faults:
            return At(now + max(0, delay_ns) + self.handling(), event)
        return At(now + delay_ns, event) if delay_ns > 0 else Tell(self.port, event)
