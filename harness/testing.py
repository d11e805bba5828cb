"""What a test author uses: stories, alone or from files, and a running gateway."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from itertools import count

from harness.adapters.virtual import run_virtual
from harness.cast import ContactSpec, PhoneSpec
from harness.deeds import Deed, parse_deed
from harness.frozen import frozen
from harness.instants import SECOND, ns
from harness.report import as_text
from harness.scenario import (
    Advance,
    CallPhone,
    Expect,
    LosePushes,
    LoseUpdates,
    MessageLook,
    Never,
    PhoneAct,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    WebhookLook,
)
from harness.scenario.invariants import judge
from harness.scenario.language import FIRST_NUMBER
from harness.scenario.plan import Act, Look
from harness.staging import stage
from harness.trace import Trace
from harness.verdict import Verdict

__all__ = ["Outcome", "Story", "StoryFailed", "repeat_command", "run_scenario"]


SETTLE = 5 * SECOND


@frozen
class Outcome:
    """What a run came to: its verdict, its trace and the seed that repeats it."""

    verdict: Verdict
    trace: Trace
    seed: int
    repeat: str

    @property
    def passed(self) -> bool:
        return self.verdict.passed

    def report(self) -> str:
        """The story report: for a failure, what is missing, the message's life, and how to repeat it."""
        return as_text(self.verdict, self.trace.entries, self.repeat)


def run_scenario(scenario: Scenario, seed: int = 1) -> Outcome:
    """Runs a story in virtual time on the embedded gateway."""
    staged = stage(scenario, seed)
    bed, run = staged.bed, staged.run
    staged.start()
    run_virtual(bed.world, lambda: run.verdict is not None)
    # What is still under way belongs to the story: its last reports and webhooks.
    run_virtual(bed.world, lambda: False, bed.world.now + SETTLE)
    assert run.verdict is not None
    verdict = judge(run.verdict, bed.trace.entries, scenario.may_break, str(scenario.place))
    return Outcome(verdict, bed.trace, seed, repeat_command(scenario, seed))


def repeat_command(scenario: Scenario, seed: int) -> str:
    """The command line that runs this story again; for one written in Python the call."""
    if not scenario.place.path:
        return f"run_scenario(story.plan(), seed={seed})"
    path = shlex.quote(scenario.place.path)
    return f"httpsms-harness run {path} -k {shlex.quote(scenario.name)} --seed {seed}"


class StoryFailed(AssertionError):
    """A story did not go as told. `outcome` has the verdict and the trace."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.report())


@dataclass(slots=True)
class Story:
    """A scenario written in Python, with the words of the files.

    Phones, contacts and messages are named by what `phone`, `contact` and `send` give back. `breaks` names the
    invariants that the story means to break.
    """

    name: str
    breaks: tuple[str, ...] = ()
    _phones: list[PhoneSpec] = field(default_factory=list)
    _contacts: list[ContactSpec] = field(default_factory=list)
    _steps: list[Step] = field(default_factory=list)

    def phone(
        self, name: str, *, encryption_key: str | None = None, number: str | None = None,
        second_number: str | None = None,
    ) -> str:  # fmt: skip
        """A phone; with a `second_number` it has two SIMs."""
        number = number or self._free_number()
        self._phones.append(PhoneSpec(name, number, encryption_key, second_number=second_number))
        return name

    def contact(self, name: str, *, number: str | None = None) -> str:
        self._contacts.append(ContactSpec(name, number or self._free_number()))
        return name

    def send(
        self, *, from_: str, to: str, text: str, encrypted: bool = False, key: str | None = None, sim: int = 1
    ) -> str:
        """The client sends through the API; gives the message's name. `key` overrides the phone's own.

        Raises `ValueError` for a phone or SIM that is not there, and for a key that is missing or serves nothing.
        """
        phone = self._phone(from_)
        self._check_sim(phone, sim)
        own = phone.encryption_key
        if encrypted and not (key or own):
            raise ValueError(f"{from_} has no encryption key: give the phone one, or a key here")
        if key is not None and not encrypted:
            raise ValueError("a key without encrypted=True")
        alias = f"message-{len(self._steps) + 1}"
        self._add(Send(from_, to, text, (key or own) if encrypted else None, sim=sim), alias)
        return alias

    def text(self, *, from_: str, to: str, text: str, sim: int = 1) -> None:
        """A contact texts a phone."""
        self._check_sim(self._phone(to), sim)
        self._add(Text(from_, to, text, sim))

    def call(self, *, from_: str, to: str, outcome: str = "missed", sim: int = 1) -> None:
        """A contact calls a phone: the call is `missed`, `answered` or `rejected`."""
        self._check_sim(self._phone(to), sim)
        self._add(CallPhone(from_, to, outcome, sim))

    def do(self, phone: str, words: str) -> None:
        """Something is done to a phone: `story.do("alice", "lose network")`. Raises `UsageError` for other words."""
        self._add(PhoneAct(phone, parse_deed(words)))

    def carrier(self, *, phone: str, service: str) -> None:
        """The network changes for a phone: `full` or `none`."""
        self._add(PhoneAct(phone, Deed("service", (service,))))

    def lose_push(self, *, phone: str, times: int = 1) -> None:
        """The next pushes to the phone are lost."""
        self._add(LosePushes(phone, times))

    def lose_updates(self) -> None:
        """From now on the gateway's handlers overwrite each other's rows, as the real server's do now and then."""
        self._add(LoseUpdates())

    def advance(self, seconds: float) -> None:
        self._add(Advance(ns(seconds)))

    def expect_sms(self, *, to: str, text: str | None = None, from_: str | None = None, within_s: float = 30) -> None:
        self._expect(SmsLook(to, text, from_), within_s)

    def expect_message(self, message: str, *, status: str, reason: str | None = None, within_s: float = 30) -> None:
        self._expect(MessageLook(message, status, reason), within_s)

    def expect_webhook(
        self, event: str, *, message: str | None = None, text: str | None = None, within_s: float = 30
    ) -> None:
        self._expect(WebhookLook(event, message, text), within_s)

    def never_sms(self, *, to: str, text: str | None = None, for_s: float = 5) -> None:
        self._add(Never(SmsLook(to, text), ns(for_s)))

    def run(self, seed: int = 1) -> Outcome:
        """Runs the story in virtual time. Raises `StoryFailed`."""
        outcome = run_scenario(self.plan(), seed)
        if not outcome.passed:
            raise StoryFailed(outcome)
        return outcome

    def plan(self) -> Scenario:
        """The story as a scenario file would give it."""
        return Scenario(self.name, tuple(self._phones), tuple(self._contacts), tuple(self._steps), breaks=self.breaks)

    def _expect(self, look: Look, within_s: float) -> None:
        self._add(Expect(look, ns(within_s)))

    def _add(self, what: Act | Expect | Never, alias: str | None = None) -> None:
        self._steps.append(Step(what, alias=alias))

    def _phone(self, name: str) -> PhoneSpec:
        phone = next((phone for phone in self._phones if phone.name == name), None)
        if phone is None:
            raise ValueError(f"there is no phone {name}")
        return phone

    def _check_sim(self, phone: PhoneSpec, sim: int) -> None:
        if not 1 <= sim <= len(phone.numbers):
            raise ValueError(f"{phone.name} has no SIM {sim}: give the phone a second_number")

    def _free_number(self) -> str:
        taken = {number for phone in self._phones for number in phone.numbers}
        taken |= {contact.number for contact in self._contacts}
        return next(number for number in (f"+{digits}" for digits in count(FIRST_NUMBER)) if number not in taken)
