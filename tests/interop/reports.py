"""What is to be reported of each runner in bad_runners/, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, NotRun, Outcome, Silent
from harness.interop.talk import Limits

__all__ = ["CALLS", "REPORTS", "RIGHT", "Report"]

WORDS = ("one", "two", "three", "four", "five")
CALLS: tuple[Call, ...] = (*(Decrypt("k", word) for word in WORDS), Encrypt("k", "six", bytes(16)))
RIGHT: tuple[Outcome, ...] = (*(Decrypted(word[::-1]) for word in WORDS), Encrypted("xis"))


@dataclass(frozen=True)
class Report:
    """`stuck_at`: when so many calls have their outcome, nothing more comes of itself, and the time of a call passes.

    In complaints, "N times" stands for any number.
    """

    outcomes: tuple[Outcome, ...] = RIGHT
    complaints: tuple[str, ...] = ()
    restarts: int = 0
    limits: Limits = field(default_factory=Limits)
    stuck_at: tuple[int, ...] = ()
    says_hello: bool = True


def right_but(**others: Outcome) -> tuple[Outcome, ...]:
    """As it should be but for some of the calls."""
    words = (*WORDS, "six")
    assert others.keys() <= set(words)
    return tuple(others.get(word, outcome) for word, outcome in zip(words, RIGHT, strict=True))


def refused(why: str, *complaints: str, **more: Limits) -> Report:
    """It never came to a call."""
    given_up = f"it was given up: {why}"
    return Report((NotRun(why),) * len(CALLS), (*complaints, given_up), says_hello=False, **more)


NO_HELLO = "it said no hello within 0.4 s (does it flush its output after each line?)"
BUSY = "it ended before it said hello, with exit status 1: another one is running"
NO_FIELD = "no text, text_hex, error, panic or skip"
SHORT_START = Limits(start_s=0.4)
MIB = 1 << 20

REPORTS: dict[str, Report] = {
    "good": Report(),
    # harmless
    "crlf": Report(),
    "late_hello": Report(),
    "shouts": Report(),
    "ignores_iv": Report(right_but(six=Encrypted("AN IV OF MY OWN, xis"))),
    # beside the protocol
    "noise": Report(
        complaints=("it prints lines that are no answers (19 times, first: 'Welcome to the runner!' (it is no JSON))",)
    ),
    "out_of_order": Report(complaints=("it answers out of order (3 times, first: id 3 before 2)",)),
    "answers_twice": Report(complaints=("it answers again (8 times, first: id 1)",)),
    "unknown_ids": Report(complaints=("it answers what nobody asked (7 times, first: id 1002)",)),
    "ids_as_strings": Report(complaints=("it writes a string as the id (8 times)",)),
    "wrong_types": Report(
        right_but(
            one=Garbled("text is a number"),
            two=Garbled("text is a list"),
            three=Garbled(NO_FIELD),
            four=Garbled(NO_FIELD),
            five=Garbled("text_hex is no hex: 'xy'"),
        )
    ),
    "ignores_bye": Report(
        complaints=("it does not end within 0.4 s after bye",),
        limits=Limits(end_s=0.4),
    ),
    "leaves_badly": Report(
        complaints=("it does not answer bye", "it ends badly after bye: exit status 1: KeyError: 'bye'")
    ),
    # no hello
    "other_protocol": refused("it speaks protocol 2, and this is 1"),
    "no_ids": refused("its hello cannot be used: it has no id"),
    "dies_at_start": refused(
        "it ended before it said hello, with exit status 1: ModuleNotFoundError: no cipher here",
    ),
    "hangs_at_hello": refused(NO_HELLO, limits=SHORT_START),
    "forgets_to_flush": refused(NO_HELLO, limits=SHORT_START),
    # deaths
    "dies_at_every_third_call": Report(
        complaints=(
            "it dies at calls that it answers when asked again (2 times, first: exit status 1: out of luck)",
        ),
        restarts=2,
    ),
    "changes_version": Report(
        complaints=(
            "it says another version after a restart (2 times, first: '1.2' instead of '1.1')",
            "it dies at calls that it answers when asked again (2 times, first: exit status 3)",
        ),
        restarts=2,
    ),
    "dies_of_one_call": Report(right_but(three=Crashed("SIGKILL", "panic: index out of range")), restarts=2),
    "starts_once": Report(
        (RIGHT[0], *[NotRun(BUSY)] * 5),
        (f"it was given up: {BUSY}",),
        restarts=3,
    ),
    "closes_its_output": Report(
        right_but(three=Crashed("closed its output")),
        ("it closes its output and goes on running (2 times)",),
        restarts=2,
        limits=Limits(end_s=0.4),
    ),
    # silence
    "hangs_at_a_call": Report(right_but(three=Silent(10)), restarts=1, stuck_at=(2,)),
    "hangs_in_a_child": Report(right_but(three=Silent(10)), restarts=1, stuck_at=(2,)),
    "closes_its_input": Report(
        right_but(two=Silent(10), four=Silent(10), six=Silent(10)), restarts=2, stuck_at=(1, 3, 5)
    ),
    "never_reads": Report(
        (Silent(0.4), *[NotRun("it left 1 calls without an answer")] * 5),
        ("it was given up: it left 1 calls without an answer",),
        limits=Limits(per_call_s=0.4, silences=1),
    ),
    # too much
    "floods": Report(
        right_but(three=Silent(10)),
        ("it prints lines that are no answers (N times, first: 'still working' (it is no JSON))",),
        restarts=1,
        stuck_at=(2,),
    ),
    "answers_100_mb": Report(
        right_but(three=Garbled(f"a line of more than {MIB} bytes")),
        (f"it prints a line of more than {MIB} bytes",),
        restarts=1,
        limits=Limits(line_bytes=MIB),
    ),
}  # fmt: skip
