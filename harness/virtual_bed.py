"""A gateway, its phones and everybody else in virtual time: for tests of what happens in hours, and of what may happen.

The words are those of a running gateway (harness.hosting). Nothing waits here: time jumps from one thing to the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from harness.acting import LOG_IN, Scene, commands_of
from harness.adapters.virtual import run_virtual
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Fault, LetThrough, Pause, Resume, Tell
from harness.deeds import parse_deed
from harness.errors import NotSeen, UsageError
from harness.handset import Handset
from harness.hosting.contacts import ReceivedText, Texts, number_of
from harness.instants import SECOND, ns
from harness.parties import CallNumber, IssuePhoneKey, SendText, WriteText
from harness.sms.address import party_address
from harness.standin import Pace
from harness.testbed import Testbed
from harness.trace import Entry

T = TypeVar("T")

__all__ = ["VirtualBed", "VirtualContact"]

EVERYBODY = ContactSpec("everybody", "*")
LAST_NUMBER = 18005550199
"""The first phone's number; the others have those below, contacts those from +18005550100 upwards."""

PHONES_MAX = 50
LOGIN_WITHIN = 60 * SECOND


class VirtualBed:
    """A world in virtual time. `number` is the first phone's.

    `pace`: `faithful` has the real server's delays, `instant` none. Everything is decided by `seed`: two beds with the
    same seed and the same calls are the same, to the last id.
    """

    __test__ = False  # not for pytest to collect

    def __init__(self, seed: int = 1, *, phones: int = 1, pace: str = "faithful", plan: str = "200k-monthly") -> None:
        """Raises `UsageError` for more phones than there are numbers."""
        if not 1 <= phones <= PHONES_MAX:
            raise UsageError(f"{phones} phones cannot be in a world", f"it takes 1 to {PHONES_MAX}")
        self.bed = Testbed(seed, pace=Pace(pace))
        self.bed.open_account(plan=plan)
        self.bed.add_contact(EVERYBODY)
        self.bed.add_receiver()
        self._names: dict[str, str] = {}
        self._acts = 0
        for index in range(phones):
            self._add_phone(f"phone-{index + 1}", f"+{LAST_NUMBER - index}")
        self._begin_here()

    def _begin_here(self) -> None:
        self._first = self.bed.trace.count
        self._texts = Texts(self.trace)

    def _add_phone(self, name: str, number: str) -> None:
        self.bed.add_phone(PhoneSpec(name, number))
        self._tell("client", IssuePhoneKey(f"log in {name}", f"phone:{name}", name))
        keys = self.bed.standin.phone_keys
        is_known = self._until(lambda: any(number in key.phone_numbers for key in keys.values()), LOGIN_WITHIN)
        assert is_known, f"{name} has not logged in"
        self.run_until_quiet()

    def fork(self) -> VirtualBed:
        """A twin with the same past and a future of its own."""
        twin = object.__new__(VirtualBed)
        twin.bed = self.bed.fork()
        twin._names, twin._acts, twin._first = self._names.copy(), self._acts, self._first
        twin._texts = self._texts.fork(twin.trace)
        return twin

    # -- who is there --------------------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        return self.numbers[0]

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(spec.number for spec in self.bed.phones.values())

    def contact(self, who: str) -> VirtualContact:
        """Somebody, by their number or by any name, which has the same number from then on. Raises `InvalidNumber`."""
        return VirtualContact(self, number_of(who, self._names, self.numbers))

    # -- what is done --------------------------------------------------------------------------------------------

    def send(
        self, to: str, text: str, *, from_: str | None = None, encryption_key: str | None = None,
        request_id: str | None = None,
    ) -> str:  # fmt: skip
        """Sends through the API: the id of the message, which the API has taken by then. `to`: a number or a name.

        Raises `UsageError` with what the API says when it takes none.
        """
        self._acts += 1
        step = f"send {self._acts}"
        sender, receiver = from_ or self.number, self.contact(to).number
        self._tell("client", SendText(step, sender, receiver, text, encryption_key, request_id=request_id))
        seen = self.bed.trace.count
        answer = self._first_entry(lambda entry: entry if _is_answer(entry, step) else None, LOGIN_WITHIN, seen)
        assert answer is not None  # its own time limit is shorter
        if answer.kind != "accepted" or answer.message is None:
            raise UsageError(f"the API takes no such message: {answer.facts.get('error') or answer.kind}")
        return answer.message

    def text(self, *, from_: str, text: str, to: str | None = None) -> None:
        """Somebody texts a phone. `from_` is a number, or a name such as BANK.

        Raises `UnencodableAddress`, `UsageError` where no phone has the number `to`, `TypeError` for what is no text.
        """
        party_address(from_)
        self._tell(f"contact:{EVERYBODY.name}", WriteText(self._phone_number(to), text, from_))

    def call(self, *, from_: str, outcome: str = "missed", to: str | None = None) -> None:
        """Somebody calls a phone: the call is `missed`, `answered` or `rejected`. Raises `UsageError` for others."""
        self._tell(f"contact:{EVERYBODY.name}", CallNumber(self._phone_number(to), outcome, from_))

    def _phone_number(self, number: str | None) -> str:
        return self.number if number is None else self._chosen(number)[0].numbers[0]

    def do(self, words: str, *, number: str | None = None) -> None:
        """Something is done to the phone with that number, or to every one. Raises `UsageError` for other words."""
        deed = parse_deed(words)
        for handset in self._chosen(number):
            if deed.words == LOG_IN:
                self._acts += 1
                self._tell("client", IssuePhoneKey(f"log in {self._acts}", handset.phone, handset.name))
                continue
            token = self.bed.world.draws(f"{handset.phone}/token/{self.bed.trace.count}").token(142)
            for command in commands_of(deed, Scene(handset, f"contact:{EVERYBODY.name}", token, number)):
                self._carry_out(command)

    def _chosen(self, number: str | None) -> list[Handset]:
        handsets = list(self.bed.handsets.values())
        chosen = [handset for handset in handsets if number is None or number in handset.numbers]
        if not chosen:
            raise UsageError(f"there is no phone {number}", f"there are: {', '.join(self.numbers)}")
        return chosen

    def _carry_out(self, command: object) -> None:
        world = self.bed.world
        match command:
            case Tell(port, event):
                self._tell(port.removeprefix("@"), event)
            case Pause(core):
                world.pause(core)
            case LetThrough(core):
                world.let_through(core)
            case Resume(core):
                world.resume(core)
            case _:
                raise AssertionError(command)

    def fault(self, fault: Fault, *, behind: str = "push") -> None:
        """A fault (`harness.faults`) stands from now on between the world and `push`, `client` or another core."""
        self.bed.world.fault(behind, fault.fork())

    # -- time ----------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The world's time, in ns since the epoch."""
        return self.bed.world.now

    def advance(self, seconds: float) -> None:
        """Time moves on, and all that becomes due happens. Raises `ValueError` for less than 0."""
        if not 0 <= seconds <= 1e9:
            raise ValueError("seconds must be a number from 0 to 1e9")
        until_at = self.bed.world.now + ns(seconds)
        run_virtual(self.bed.world, lambda: False, until_at)
        self.bed.world.now = max(self.bed.world.now, until_at)

    def run_until_quiet(self, gap_s: float = 30) -> None:
        """Time moves on until nothing is due for the next `gap_s` seconds.

        What a phone does from time to time (its heartbeats) is further apart than that.
        """
        world, gap = self.bed.world, ns(gap_s)

        def is_quiet() -> bool:
            return not world.outward and (world.next_due_at is None or world.next_due_at > world.now + gap)

        run_virtual(world, is_quiet)

    # -- what is to be seen --------------------------------------------------------------------------------------

    def trace(self) -> list[Entry]:
        """What has happened since the phones had logged in."""
        return self._since(self._first)

    @property
    def inbox(self) -> tuple[ReceivedText, ...]:
        """All texts that have reached contacts."""
        return self._texts.all()

    def status(self, message_id: str) -> str:
        """What the gateway says of a message. Raises `UsageError` where it has none."""
        message = self.bed.standin.messages.get(message_id)
        if message is None:
            raise UsageError(f"the gateway has no message {message_id}")
        return message.status

    # -- the world -----------------------------------------------------------------------------------------------

    def _since(self, number: int) -> list[Entry]:
        entries = self.bed.trace.entries
        assert isinstance(entries, list)  # all of them are kept: a number is a place
        return entries[number:]

    def _tell(self, core: str, event: object) -> None:
        self.bed.world.inject(core, event)

    def _first_entry(self, fits: Callable[[Entry], T | None], within: int, seen: int) -> T | None:
        """What `fits` makes of the first entry from number `seen` on that it takes; time moves on until it is there."""
        found: list[T] = []

        def is_there() -> bool:
            nonlocal seen
            for entry in self._since(seen):
                seen = entry.number + 1
                taken = fits(entry)
                if taken is not None:
                    found.append(taken)
                    return True
            return False

        self._until(is_there, within)
        return found[0] if found else None

    def _until(self, is_so: Callable[[], bool], within: int) -> bool:
        return run_virtual(self.bed.world, is_so, self.bed.world.now + within)


class VirtualContact:
    """Somebody with a handset of their own."""

    def __init__(self, bed: VirtualBed, number: str) -> None:
        self._bed = bed
        self.number = number

    def __repr__(self) -> str:
        return f"<contact {self.number}>"

    @property
    def texts(self) -> tuple[ReceivedText, ...]:
        """All that has reached the contact so far."""
        return self._bed._texts.all(self.number)

    def wait_for_text(
        self, text: str | re.Pattern[str] | None = None, *, contains: str | None = None, within_s: float = 30
    ) -> ReceivedText:
        """The next text that reaches the contact; none is returned twice. Time moves on until it is there.

        Raises `NotSeen` when that much of the world's time has gone by, with what became of the messages.
        """
        __tracebackhide__ = True
        wanted = self._bed._texts.wanted(self.number, text, contains, self.number)
        found = self._bed._first_entry(wanted.fits, ns(within_s), self._bed._first)
        if found is None:
            raise NotSeen(wanted.words, within_s, wanted.story(self._bed.trace()))
        return found

    def text(self, text: str, *, to: str | None = None) -> None:
        """Texts a phone: the one with the number `to`, or the first."""
        self._bed.text(from_=self.number, text=text, to=to)

    def call(self, outcome: str = "missed", *, to: str | None = None) -> None:
        """Calls a phone: the call is `missed`, `answered` or `rejected`. Raises `UsageError` for other ends."""
        self._bed.call(from_=self.number, outcome=outcome, to=to)


def _is_answer(entry: Entry, step: str) -> bool:
    is_end = entry.hop == "client" and entry.kind in ("accepted", "refused", "unanswered")
    return is_end and entry.facts.get("step") == step
