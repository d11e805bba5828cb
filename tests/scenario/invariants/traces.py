"""Traces for the rules: a real one with everything in it, ways of tampering with it, and small ones by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from harness.scenario import Scenario, read_scenarios
from harness.scenario.invariants import check
from harness.testing import run_scenario
from harness.trace import Entry, Trace

Entries = list[Entry]
Find = Callable[[Entry], bool]
Tamper = Callable[[Entries], Entries]

ALICE, CAROL, DORA, DORA_2, BOB = (f"+1800555010{digit}" for digit in range(5))
LONG = "Hello from the other side, with a smile 😀. " * 6
SECRET = "Between the two of us"
SECRET_BACK = "To a phone that encrypts"

STORY = f"""
scenario: everything
phones:
  alice: {{number: "{ALICE}", encryption_key: Password123}}
  carol: {{number: "{CAROL}"}}
  dora: {{number: "{DORA}", second_number: "{DORA_2}"}}
contacts:
  bob: {{number: "{BOB}"}}
steps:
  - api:
      method: POST
      path: /v1/webhooks
      body: {{url: "http://elsewhere.internal/hook", signing_key: "", phone_numbers: ["{CAROL}"],
              events: [message.phone.sent]}}
    answer: {{status: 201}}
  - send: {{from: alice, to: bob, text: "{LONG}", encrypted: true}}
    as: m1
  - send: {{from: alice, to: bob, text: In clear}}
    as: m2
  - send: {{from: carol, to: alice, text: From carol to alice}}
    as: m3
  - send: {{from: alice, to: carol, text: "Once encrypted, then in clear", encrypted: true}}
    as: m4
  - send: {{from: alice, to: bob, text: {SECRET}, encrypted: true}}
    as: m5
  - send: {{from: carol, to: bob, text: "{LONG}"}}
    as: m6
  - send: {{from: dora, sim: 2, to: bob, text: From the second card}}
    as: m7
  - expect: {{message: m1, status: delivered}}
    within: 2m
  - expect: {{message: m2, status: delivered}}
    within: 2m
  - expect: {{message: m3, status: delivered}}
    within: 2m
  - expect: {{message: m4, status: delivered}}
    within: 2m
  - expect: {{message: m5, status: delivered}}
    within: 2m
  - expect: {{message: m6, status: delivered}}
    within: 2m
  - expect: {{message: m7, status: delivered}}
    within: 2m
  - text: {{from: bob, to: alice, text: {SECRET_BACK}}}
  - text: {{from: bob, to: carol, text: "{LONG}"}}
  - expect: {{webhook: message.phone.received, text: {SECRET_BACK}}}
  - expect: {{webhook: message.phone.received, text: "{LONG}"}}
  - phone: {{name: dora, do: switch sim1 calls on}}
  - call: {{from: bob, to: dora}}
  - expect: {{webhook: message.call.missed}}
  - carrier: {{phone: carol, service: none}}
  - send: {{from: carol, to: bob, text: Nobody hears me}}
    as: m8
  - expect: {{message: m8, status: failed, reason: NO_SERVICE}}
    within: 2m
  - carrier: {{phone: carol, service: full}}
"""


def everything() -> Scenario:
    """Clear and encrypted texts out and in, long ones, one from phone to phone, one that nobody can deliver, a call.

    Two subscribe to what carol sends; the other one is not there.
    """
    (story,) = read_scenarios(STORY.encode(), "everything.scenario.yaml")
    return story


@cache
def real() -> tuple[Entry, ...]:
    """The trace of that story. Its numbers leave room for more."""
    outcome = run_scenario(everything())
    assert outcome.passed, outcome.verdict.failure
    return spread(outcome.entries)


def spread(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The same trace with its numbers ten apart."""
    return tuple(
        entry._replace(number=entry.number * 10, cause=None if entry.cause is None else entry.cause * 10)
        for entry in entries
    )


def find(hop: str, kind: str, **facts: Any) -> Find:
    """Entries with these facts; a fact's name may have an underscore behind it (`as_`, `from_`)."""
    wanted = [(name.rstrip("_"), value) for name, value in facts.items()]
    return lambda entry: (
        (entry.hop, entry.kind) == (hop, kind) and all(entry.facts.get(name) == value for name, value in wanted)
    )


def place_of(entries: Sequence[Entry], wanted: Find) -> int:
    return next(index for index, entry in enumerate(entries) if wanted(entry))


# -- tampering -----------------------------------------------------------------------------------------------------


def without(wanted: Find) -> Tamper:
    return lambda entries: [entry for entry in entries if not wanted(entry)]


def changed(wanted: Find, **facts: Any) -> Tamper:
    """The first such entry has other facts."""
    more = {name.rstrip("_"): value for name, value in facts.items()}

    def tamper(entries: Entries) -> Entries:
        at = place_of(entries, wanted)
        return [*entries[:at], entries[at]._replace(facts={**entries[at].facts, **more}), *entries[at + 1 :]]

    return tamper


def twice(wanted: Find) -> Tamper:
    """The first such entry comes again at the end, by the same cause."""
    return lambda entries: [*entries, _last(entries, entries[place_of(entries, wanted)])]


def late(wanted: Find) -> Tamper:
    """Such entries come at the end, in their order."""

    def tamper(entries: Entries) -> Entries:
        rest = [entry for entry in entries if not wanted(entry)]
        for entry in [entry for entry in entries if wanted(entry)]:
            rest.append(_last(rest, entry))
        return rest

    return tamper


def _last(entries: Entries, entry: Entry) -> Entry:
    return entry._replace(number=entries[-1].number + 10, at=entries[-1].at)


def of_message(wanted: Find, message: str) -> Tamper:
    """Such entries are about another message."""
    return lambda entries: [entry._replace(message=message) if wanted(entry) else entry for entry in entries]


def also(hop: str, kind: str, message: str | None = None, *, after_s: float = 0, **facts: Any) -> Tamper:
    """One more entry at the end, so much later."""
    more = {name.rstrip("_"): value for name, value in facts.items()}

    def tamper(entries: Entries) -> Entries:
        last = entries[-1]
        return [*entries, Entry(last.number + 10, last.at + int(after_s * 1e9), hop, kind, message, None, more)]

    return tamper


def before(wanted: Find, hop: str, kind: str, *, own: bool = False, **facts: Any) -> Tamper:
    """One more entry just before the first of that kind; `own`: about the same message."""

    def message(entry: Entry) -> str | None:
        return entry.message if own else None

    more = {name.rstrip("_"): value for name, value in facts.items()}

    def tamper(entries: Entries) -> Entries:
        at = place_of(entries, wanted)
        one = Entry(entries[at].number - 1, entries[at].at, hop, kind, message(entries[at]), None, more)
        return [*entries[:at], one, *entries[at:]]

    return tamper


def both(*tampers: Tamper) -> Tamper:
    def tamper(entries: Entries) -> Entries:
        for one in tampers:
            entries = one(entries)
        return entries

    return tamper


Case = tuple[Tamper, str, str]
"""What is done to the trace, the rule that notices it, and what it says."""


def assert_noticed(tamper: Tamper, invariant: str, words: str) -> None:
    entries = tamper(list(real()))
    found = [line for line in check(entries) if line.startswith(f"{invariant}: ")]
    assert any(words in line for line in found), check(entries)
    assert all("entry " in line or "entries " in line for line in found)
    # A story that means to break it is let off.
    assert not [line for line in check(entries, [invariant]) if line.startswith(f"{invariant}: ")]


# -- by hand -------------------------------------------------------------------------------------------------------

S = 1_000_000_000


def written(*rows: tuple[Any, ...]) -> Entries:
    """A trace of rows `(seconds, hop, kind, message, cause, facts)`; what is missing at a row's end is none."""
    trace = Trace()
    for row in rows:
        filled: list[Any] = [*row, *(None, None, {})[len(row) - 3 :]]
        at_s, hop, kind, message, cause, facts = filled
        trace.write(int(at_s * S), hop, kind, message, cause, facts)
    return list(trace.entries)


def broken(entries: Sequence[Entry], invariant: str) -> list[str]:
    """What the rule of that name says, without its name."""
    found = [line for line in check(entries) if line.startswith(f"{invariant}: ")]
    return [line.removeprefix(f"{invariant}: ") for line in found]
