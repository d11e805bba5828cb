"""The tables of the stand-in, and how they are read and written.

A listener of an event is a `Load`: it reads rows and decides, and returns a `Change`, which is plain data; `store`
writes whole rows. Today nothing comes between the two; a fault may put other deliveries there, and then the
stand-in loses updates as the real server does (gateway-protocol.md §3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from harness.core import At, Command, Core, Table, Tell
from harness.draws import Draws
from harness.instants import Instant
from harness.standin import rows
from harness.wire.events import Event, Payload
from harness.wire.json import Stamp

__all__ = ["Change", "Conversation", "Load", "Pace", "Put", "Settings", "State"]


class Pace(Enum):
    """FAITHFUL has the real server's delays and spacing; in INSTANT internal delays are zero. Expiry is in both."""

    FAITHFUL = "faithful"
    INSTANT = "instant"


Put = tuple[str, Any, Any]
"""Table, key, row; the row None takes the key out."""

Conversation = tuple[str, str, str]
"""Who writes to whom: user id, owner, contact."""


class Change(NamedTuple):  # made for every listener of every event, and a tuple is made fastest
    """What a listener decided: rows to store, calls to make, and what else is to be done."""

    puts: tuple[Put, ...] = ()
    calls: tuple[rows.PushCall | rows.HookCall, ...] = ()
    then: tuple[Command, ...] = ()


Load = Callable[["State", Event, Instant], Change | None]
"""Reads rows and decides; None when there is nothing to do. Changes nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a stand-in is set up; none of it changes later."""

    pace: Pace
    keep_rate: bool
    fcm_scheme: str
    fcm_authority: str
    fcm_path: str
    base_url: str
    queue_user_id: str | None
    control: bool
    control_token: str | None

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
    ) -> Settings:
        """`keep_rate` None: spacing is kept in the faithful pace only."""
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
        )


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
        "thread_ids",
        "notifications",
        "slots",
        "webhooks",
        "heartbeats",
        "monitors",
        "usages",
        "files",
        "calls",
        "waiting",
        "heads",
        "links",
        "counters",
    )

    def __init__(self, name: str, draws: Draws, settings: Settings) -> None:
        super().__init__(name, draws)
        self.settings = settings
        self.port = f"@{name}"
        self.accounts: Table[str, rows.Account] = Table()
        self.account_ids: Table[str, str] = Table()  # by API key
        self.phones: Table[str, rows.Phone] = Table()
        self.phone_ids: Table[tuple[str, str], str] = Table()  # by user and number
        self.phone_keys: Table[str, rows.PhoneKey] = Table()
        self.phone_key_ids: Table[str, str] = Table()  # by API key
        self.cached_keys: Table[str, rows.CachedKey] = Table()  # by API key
        self.messages: Table[str, rows.Message] = Table()
        self.threads: Table[str, rows.Thread] = Table()
        self.thread_ids: Table[Conversation, str] = Table()
        self.notifications: Table[str, rows.Notification] = Table()
        self.slots: Table[str, Instant] = Table()  # by phone: the latest planned push
        self.webhooks: Table[str, rows.Webhook] = Table()
        self.heartbeats: Table[str, rows.Heartbeat] = Table()
        self.monitors: Table[tuple[str, str], rows.Monitor] = Table()  # by user and owner
        self.usages: Table[tuple[str, Instant], rows.Usage] = Table()  # by user and start
        self.files: Table[tuple[str, str, str, str], rows.StoredFile] = Table()  # by the parts of the URL
        self.calls: Table[str, rows.PushCall | rows.HookCall] = Table()  # by exchange
        self.waiting: Table[str, rows.Waiting] = Table()  # by exchange
        self.heads: Table[tuple[str, ...], str] = Table()
        self.links: Table[tuple[str, str], str] = Table()
        self.counters: Table[str, int] = Table()

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

    # -- lists, newest first -------------------------------------------------------------------------------------
    #
    # A list is a chain of ids: `heads` has the newest by scope, `links` the one before by kind and id. To add one
    # costs the same however long the list is, and a fork or a state file sees two changed rows.

    def listed(self, scope: tuple[str, ...], row_id: str) -> tuple[Put, ...]:
        """What puts a row on top of a list; `scope` begins with the kind of its rows."""
        head = self.heads.get(scope)
        top: Put = ("heads", scope, row_id)
        return (top,) if head is None else (top, ("links", (scope[0], row_id), head))

    def walk(self, scope: tuple[str, ...]) -> Iterator[str]:
        """The ids of a list, newest first."""
        row_id = self.heads.get(scope)
        while row_id is not None:
            yield row_id
            row_id = self.links.get((scope[0], row_id))

    def unlisted(self, scope: tuple[str, ...], row_id: str) -> tuple[Put, ...]:
        """What takes a row out of a list."""
        before = self.links.get((scope[0], row_id))
        gone: Put = ("links", (scope[0], row_id), None)
        if self.heads.get(scope) == row_id:
            return (("heads", scope, before), gone)
        after = next((other for other in self.walk(scope) if self.links.get((scope[0], other)) == row_id), None)
        return (gone,) if after is None else (("links", (scope[0], after), before), gone)

    # -- reading -------------------------------------------------------------------------------------------------

    def phone_of(self, user_id: str, number: str) -> rows.Phone | None:
        """The user's phone with that number."""
        phone_id = self.phone_ids.get((user_id, number))
        return None if phone_id is None else self.phones.get(phone_id)

    def message_of(self, user_id: str, message_id: str) -> rows.Message | None:
        """The user's message with that id."""
        message = self.messages.get(message_id)
        return None if message is None or message.user_id != user_id else message

    # -- the queue -----------------------------------------------------------------------------------------------

    def queue(self, data: Payload, source: str, now: Instant, delay_ns: int = 0) -> Command:
        """Puts an event on the server's queue.

        Events without a delay are told by the stand-in to itself, so they are handled in the order in which they
        arose: the real server may handle them in any (§10.2-39).
        """
        event = Event(source, Stamp(now), data)
        return At(now + delay_ns, event) if delay_ns > 0 else Tell(self.port, event)
