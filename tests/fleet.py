"""A fleet: many phones in one world, for days, with everything that befalls phones; and what must hold each midnight.

A day is drawn for each phone from the seed alone. Whatever is taken from a phone is given back before the evening, so
that at midnight all is quiet: jobs done, texts settled, tables as large as the day before.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from harness.acting import LOG_IN, Scene, commands_of
from harness.adapters.virtual import run_virtual
from harness.carrier_rules import Lose
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Command, Core, Record, Table, Tell
from harness.deeds import parse_deed
from harness.draws import Draws
from harness.frozen import frozen
from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import SECOND, Instant
from harness.modem import AddRules
from harness.modem.service import Service
from harness.parties import ApiCall, CallNumber, Client, IssuePhoneKey, SendText, WriteText
from harness.phone import LogIn, Phone, SwitchSim
from harness.phone.jobs import Forward, MissedCall, Report
from harness.phone.receiving import CALLS_MAX
from harness.phone.sending import SUBMISSIONS_MAX
from harness.standin.rows import Message
from harness.testbed import Testbed, gateway_site
from harness.trace import Entry, Trace
from harness.wire.client import UserAccess
from harness.wire.fcm import PushReceived
from harness.wire.server import Status

__all__ = ["DAY", "Fleet", "Midnight", "growth", "run_fleet"]

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

PHONES_PER_ACCOUNT = 50
PHONES_PER_CONTACT = 50
HEARTBEATS_KEPT = 4

TEXTS = (
    "On my way",
    "Your code is 493817. It is valid for ten minutes.",
    "Ça marche, à demain à 8 h devant la gare, près du kiosque.",
    "Happy birthday 🎂! " * 6,
    "The parcel is with the neighbour on the second floor, who is at home from five o'clock. " * 4,
)


@frozen
class Habit:
    """What befalls a phone `often` times in a hundred of its days; `ends` puts an end to it after so many minutes."""

    does: str
    often: int
    ends: str | None = None
    minutes: tuple[int, int] = (0, 0)


HABITS = (
    Habit("open app", 200),
    Habit("kill app", 200),
    Habit("heartbeat", 20),
    Habit("charging on", 50, "charging off", (5, 50)),
    Habit("tunnel 7m", 150),
    Habit("lose network", 150, "regain network", (1, 50)),
    Habit("lose validation", 50, "regain network", (1, 20)),
    Habit("airplane mode on", 10, "airplane mode off", (10, 50)),
    Habit("reboot", 30),
    Habit("off", 10, "on", (5, 50)),
    Habit("reject NO_SERVICE 1", 20),
    Habit("force stop", 3, "open app", (5, 50)),
    Habit("update app", 5, "open app", (1, 30)),
    Habit("log out", 4, LOG_IN, (1, 50)),
    Habit("remove sim 1", 2, "insert sim 1", (1, 30)),
    Habit("switch sim1 incoming off", 3, "switch sim1 incoming on", (5, 50)),
)
SENT, WRITTEN, CALLS = 500, 300, 60  # by the user, by somebody else, missed; in a hundred phone-days
LOST_PUSHES = LOST_TEXTS = 1  # in a hundred

# The waking hours, in slots of an hour: whatever lasts has one of its own.
WAKES_AT, SLOTS = 6 * HOUR, 16
EVENING_AT = 23 * HOUR
SETTLED_AFTER = 2 * HOUR


class LostPart:
    """Fault behind the push service: one push in a hundred never arrives."""

    name = "lost-part"

    def apply(self, command: Command, draws: Draws) -> list[tuple[int, Command]] | None:
        if not isinstance(command, Tell) or type(command.event) is not PushReceived:
            return None
        return [(0, Record("push", "lost"))] if draws.between(1, 100) <= LOST_PUSHES else None

    def fork(self) -> LostPart:
        return self


@frozen
class GoDown:
    """The API is down from now on: a proxy in front of it says 502, or nobody says anything."""

    is_silent: bool


@frozen
class ComeBack:
    """The API is there again."""


class Front(Core):
    """Stands where the API is while that is down."""

    TABLES: ClassVar[tuple[str, ...]] = ("facts",)

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name, draws)
        self.facts: Table[str, bool] = Table({"is_down": False, "is_silent": False})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case GoDown(is_silent):
                self.facts["is_down"], self.facts["is_silent"] = True, is_silent
                return [Record("harness", "the API goes down", None, {"silent": is_silent})]
            case ComeBack():
                self.facts["is_down"] = False
                return [Record("harness", "the API is back")]
            case Arrived(exchange):
                bad = Response(502, (("Content-Type", "text/plain"),), b"Bad Gateway")
                return [] if self.facts["is_silent"] else [Respond(exchange, bad)]
            case _:
                raise AssertionError(event)

    def site(self, request: Request) -> str:
        return self.name if self.facts["is_down"] else gateway_site(request)


class Fate(Core):
    """Does what is planned, in order: what is told a core at one instant comes in any order else."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        commands: Iterable[Command] = event
        return commands


@frozen
class Midnight:
    """What there is at the end of a day.

    Rows by kind of core and table, messages by status, entries of the trace by kind since the first day.
    """

    rows: dict[str, int]
    statuses: dict[str, int]
    entries: dict[str, int]
    memory_mib: float


def memory_mib() -> float:
    """What this process occupies now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


@dataclass
class Fleet:
    """So many phones in a world of their own. `days` has what was found at each midnight."""

    phones: int
    seed: int = 1
    bed: Testbed = field(init=False)
    days: list[Midnight] = field(init=False, default_factory=list)
    seen: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.bed = Testbed(self.seed, trace=Trace(0), heartbeats_kept=HEARTBEATS_KEPT)
        self.bed.trace.subscribe(self._count)
        self._open_accounts()
        self._add_people()
        self._break_things()
        self._log_in()

    def _count(self, entry: Entry) -> None:
        self.seen[entry.hop + " " + entry.kind] += 1

    # -- before the first day ------------------------------------------------------------------------------------

    def _open_accounts(self) -> None:
        """The bed's own account, and as many as it takes beside it."""
        bed = self.bed
        self.accounts = [bed.open_account()]
        access: UserAccess = bed.world.cores["client"].facts["access"]  # type: ignore[attr-defined]
        for number in range(1, -(-self.phones // PHONES_PER_ACCOUNT)):
            account = bed.standin.create_account(bed.world.now)
            own = replace(access, api_key=account.api_key)
            bed.world.add(Client(f"client{number}", bed.world.draws(f"client{number}"), own))
            self.accounts.append(account)

    def _add_people(self) -> None:
        for number in range(self.phones):
            self.bed.add_phone(PhoneSpec(str(number), f"+1800555{number:04d}"))
        self.contacts = [f"+1844555{number:04d}" for number in range(self.phones // PHONES_PER_CONTACT + 1)]
        for number in self.contacts:
            self.bed.add_contact(ContactSpec(number, number))

    def _break_things(self) -> None:
        world = self.bed.world
        world.fault("push", LostPart())
        world.inject("smsc", AddRules((Lose(share=LOST_TEXTS),)))
        front = Front("front", world.draws("front"))
        world.add(front)
        world.add(Fate("fate", world.draws("fate")))
        client: Any = world.cores["client"]
        world.site(client.facts["access"].authority, front.site)

    def _log_in(self) -> None:
        world = self.bed.world
        for number in range(self.phones):
            issue = IssuePhoneKey("set-up", f"phone:{number}", f"phone {number}")
            world.inject(self._client(number), issue)
        world.run_until(world.now + MINUTE)
        self.keys = [self.phone(number).settings.api_key for number in range(self.phones)]
        assert all(self.keys), f"{self.keys.count('')} phones could not log in"
        for number in range(self.phones):
            world.inject(f"phone:{number}", SwitchSim(1, "calls", True))

    # -- who is who ----------------------------------------------------------------------------------------------

    def phone(self, number: int) -> Phone:
        phone = self.bed.world.cores[f"phone:{number}"]
        assert isinstance(phone, Phone)
        return phone

    def _client(self, phone: int) -> str:
        account = phone // PHONES_PER_ACCOUNT
        return f"client{account}" if account else "client"

    def _number(self, phone: int) -> str:
        return self.bed.phones[str(phone)].number

    # -- a day ---------------------------------------------------------------------------------------------------

    def run_day(self) -> Midnight:
        """Whatever happens until the next midnight. Raises `AssertionError` for what must not be then."""
        world, day = self.bed.world, len(self.days)
        begins_at = world.now // DAY * DAY
        for at, core, event in self._plan(day, begins_at):
            world.inject(core, event, due_at=at)
        self._tidy_up(begins_at + WAKES_AT)
        self._run_until(begins_at + EVENING_AT)
        self._log_in_again()
        self._run_until(begins_at + DAY)
        self.days.append(self._midnight())
        self._check(world.now)
        return self.days[-1]

    def _run_until(self, at: Instant) -> None:
        world = self.bed.world
        run_virtual(world, lambda: False, at)
        world.now = max(world.now, at)

    def _log_in_again(self) -> None:
        """Whose login met a server that was down is at the login screen still."""
        for number in range(self.phones):
            if not self.phone(number).settings.logged_in:
                self.bed.world.inject(f"phone:{number}", LogIn(self.keys[number]))

    def _plan(self, day: int, begins_at: Instant) -> Iterator[tuple[Instant, str, Any]]:
        wakes_at = begins_at + WAKES_AT
        yield from self._outages(Draws(self.seed, f"outages/{day}"), wakes_at)
        for number in range(self.phones):
            draws = Draws(self.seed, f"plan/{number}/{day}")
            yield from self._befalls(number, draws, wakes_at)
            yield from self._texts(number, draws, wakes_at)

    def _outages(self, draws: Draws, wakes_at: Instant) -> Iterator[tuple[Instant, str, Any]]:
        for is_silent, slot in ((False, 3), (True, 11)):
            at = wakes_at + slot * HOUR + draws.between(0, HOUR // 2)
            yield at, "front", GoDown(is_silent)
            yield at + draws.between(MINUTE, 20 * MINUTE), "front", ComeBack()

    def _befalls(self, number: int, draws: Draws, wakes_at: Instant) -> Iterator[tuple[Instant, str, Any]]:
        handset = self.bed.handsets[str(number)]
        scene = Scene(handset, f"contact:{self.contacts[0]}", "")
        slots = list(range(SLOTS))
        for habit in HABITS:
            for _ in range(_times(habit.often, draws)):
                if not slots:
                    return
                at = wakes_at + slots.pop(draws.between(0, len(slots) - 1)) * HOUR + draws.between(0, 9 * MINUTE)
                yield from self._done(habit.does, number, scene, at)
                if habit.ends is not None:
                    low, high = habit.minutes
                    yield from self._done(habit.ends, number, scene, at + draws.between(low * MINUTE, high * MINUTE))

    def _done(self, words: str, number: int, scene: Scene, at: Instant) -> Iterator[tuple[Instant, str, Any]]:
        if words == LOG_IN:
            yield at, scene.handset.phone, LogIn(self.keys[number])
            return
        yield at, "fate", commands_of(_DEEDS[words], scene)

    def _texts(self, number: int, draws: Draws, wakes_at: Instant) -> Iterator[tuple[Instant, str, Any]]:
        own, client = self._number(number), self._client(number)
        for _ in range(_times(SENT, draws)):
            text = TEXTS[draws.between(0, len(TEXTS) - 1)]
            yield _awake(draws, wakes_at), client, SendText(f"phone {number}", own, self._somebody(draws), text)
        for _ in range(_times(WRITTEN, draws)):
            text = TEXTS[draws.between(0, len(TEXTS) - 1)]
            yield _awake(draws, wakes_at), self._contact(draws), WriteText(own, text)
        for _ in range(_times(CALLS, draws)):
            yield _awake(draws, wakes_at), self._contact(draws), CallNumber(own)

    def _contact(self, draws: Draws) -> str:
        return f"contact:{self.contacts[draws.between(0, len(self.contacts) - 1)]}"

    def _somebody(self, draws: Draws) -> str:
        """A contact; every fifth time another phone of the fleet."""
        if draws.between(1, 5) == 1:
            return self._number(draws.between(0, self.phones - 1))
        return self.contacts[draws.between(0, len(self.contacts) - 1)]

    def _tidy_up(self, at: Instant) -> None:
        """In the morning the users delete what is older than a day: the server itself forgets no message."""
        clients = {account.id: self._client(place * PHONES_PER_ACCOUNT) for place, account in enumerate(self.accounts)}
        for message in self.bed.standin.messages.values():
            if message.created_at < at - DAY:
                delete = ApiCall("tidy up", "DELETE", f"/v1/messages/{message.id}")
                self.bed.world.inject(clients[message.user_id], delete, due_at=at)

    # -- midnight ------------------------------------------------------------------------------------------------

    def _midnight(self) -> Midnight:
        rows: Counter[str] = Counter()
        for owner, table, _, row in self.bed.world.snapshot():
            # Some rows are lists of what waits, or of what has come so far.
            rows[f"{_kind(owner)}.{table}"] += len(row) if type(row) is tuple else 1
        statuses = Counter(message.status.value for message in self.bed.standin.messages.values())
        return Midnight(dict(rows), dict(statuses), dict(self.seen), memory_mib())

    def _check(self, now: Instant) -> None:
        unsettled = [row for row in self.bed.standin.messages.values() if _is_unsettled(row, now)]
        assert not unsettled, f"{len(unsettled)} messages are not settled: {unsettled[0]}"
        for number in range(self.phones):
            self._check_phone(self.phone(number))
            modem: Any = self.bed.world.cores[f"modem:{number}"]
            assert modem.facts["service"] is Service.FULL, modem.name
        waiting = Counter(type(job.task) for number in range(self.phones) for job in self.phone(number).jobs.values())
        for what, (begun, over, task) in _ACCOUNTS.items():
            made, done = sum(self.seen[kind] for kind in begun), sum(self.seen[kind] for kind in over)
            # A job that was stopped goes on all the same, and then runs again: it may end twice.
            assert made <= done + waiting[task], f"of {made} {what} {done} are over, {waiting[task]} wait"

    def _check_phone(self, phone: Phone) -> None:
        assert phone.settings.logged_in, phone.name
        assert phone.life.powered, phone.name
        assert not phone.life.stopped, phone.name
        assert not phone.threads, (phone.name, phone.threads)
        assert not phone.ready, (phone.name, phone.ready)
        # A retry may wait for hours, but not for ever; the periodic heartbeat is always there.
        assert phone.facts["heartbeat"] in phone.jobs, phone.name
        assert len(phone.jobs) <= JOBS_MOST, (phone.name, phone.jobs)


JOBS_MOST = 5

# What the app has begun with a job, how such a job ends, and the job.
_ACCOUNTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], type]] = {
    "results": (
        ("phone sent", "phone delivered", "phone failed"), ("phone reported", "phone report lost"), Report,
    ),
    "received texts": (("phone text received",), ("phone text forwarded", "phone text dropped"), Forward),
    "missed calls": (("phone call missed",), ("phone call forwarded", "phone call dropped"), MissedCall),
}  # fmt: skip

# On its way: a push, the phone or the expiry has to move it on. One that is sent may have been lost by the carrier.
_ON_ITS_WAY = (Status.PENDING, Status.SCHEDULED, Status.SENDING)
_DEEDS = {
    words: parse_deed(words) for habit in HABITS for words in (habit.does, habit.ends) if words not in (None, LOG_IN)
}


def _is_unsettled(message: Message, now: Instant) -> bool:
    return message.created_at < now - SETTLED_AFTER and message.status in _ON_ITS_WAY


def _times(often: int, draws: Draws) -> int:
    """How often on one day, on average `often` in a hundred: up to twice as often as usual."""
    return draws.between(0, 2 * often // 100) if often >= 100 else int(draws.between(1, 100) <= often)


def _awake(draws: Draws, wakes_at: Instant) -> Instant:
    return wakes_at + draws.between(0, SLOTS * HOUR)


def _kind(owner: str) -> str:
    return owner.partition(":")[0].rstrip("0123456789") or "world"


# Tables that fill up to a bound, if slowly, and the bound: of what is read only newest, of references of one octet, of
# pairs that have talked, of keys. Their rows are for ever, those of all other tables come and go.
BOUNDS: dict[str, int] = {
    "phone.calls": CALLS_MAX,
    "phone.submissions": SUBMISSIONS_MAX,
    "phone.intents": SUBMISSIONS_MAX,
    "phone.inbox": 256,
    "phone.facts": 20,
    "modem.pending": 256,
    "modem.facts": 20,
    "contact.collecting": 256,
}


def growth(before: Midnight, after: Midnight, phones: int) -> dict[str, tuple[int, int]]:
    """Tables that have grown from one midnight to a later one: their rows then and now.

    Days differ: a table may have a quarter more rows, and a tenth of a row a phone.
    """
    grown: dict[str, tuple[int, int]] = {}
    for table, rows in after.rows.items():
        known = before.rows.get(table, 0)
        most = BOUNDS[table] * phones if table in BOUNDS else known * 5 // 4 + phones // 10 + 10
        if rows > most:
            grown[table] = (known, rows)
    return grown


def run_fleet(phones: int, days: int, seed: int = 1) -> Fleet:
    """Days of a fleet. The same seed gives the same hash of the trace, `fleet.bed.trace.hash`."""
    fleet = Fleet(phones, seed)
    for _ in range(days):
        fleet.run_day()
    return fleet
