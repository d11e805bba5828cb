"""Why a story does not run with a device for its phone's radio, beside what a probe says is missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from harness.device_radio import NumberGuard
from harness.late import Late, Words
from harness.modem import magic
from harness.scenario.plan import CallPhone, PhoneAct, Scenario, Send, Step, Text, every_step
from harness.scenario.wording import title_of
from harness.sms import divide

__all__ = ["RADIO_DEEDS", "of_cast", "of_recipients", "of_steps", "why_not_on_a_device"]

RADIO_DEEDS = frozenset({"off", "on", "reboot", "remove sim", "insert sim", "radio", "airplane mode"})
"""What is done to a phone and to its radio. Deeds to the radio alone are the carrier's (harness.scenario.needs)."""

_ELSEWHERE = "run it without --device"

_Numbers = Mapping[str, str]
"""Of everybody who has a name."""


def why_not_on_a_device(scenario: Scenario, guard: NumberGuard) -> str | None:
    """The reason and the remedy; None for a story that may run there."""
    return next((reason for reason in (*of_cast(scenario), *of_steps(scenario, partial(_of_step, guard)))), None)


def of_cast(scenario: Scenario) -> Iterator[str]:
    """Who is in the story, and has no place on one device."""
    if len(scenario.phones) > 1:
        yield f"the story has {len(scenario.phones)} phones, and there is one device; {_ELSEWHERE}"
    for contact in scenario.contacts:
        if contact.sender is not None and not _is_number(contact.sender):
            yield f"{contact.name} shows {contact.sender!r}, and a console takes numbers only; {_ELSEWHERE}"


def of_steps(scenario: Scenario, of_step: Callable[[Step, _Numbers], Iterator[str]]) -> Iterator[str]:
    """What no console can do, and what `of_step` says beside."""
    numbers = {contact.name: contact.number for contact in scenario.contacts}
    numbers |= {phone.name: phone.number for phone in scenario.phones}
    for step in every_step(scenario.steps):
        for reason in (*_of_console(step, numbers), *of_step(step, numbers)):
            yield f"{title_of(step)}: {reason}"


def of_recipients(send: Send, numbers: _Numbers, guard: NumberGuard) -> Iterator[str]:
    """Whom the device cannot text, or must not."""
    for name in send.to:
        number = numbers.get(name, name)
        if number.startswith(magic.PREFIX):
            yield f"{number} means something to an emulated network only; {_ELSEWHERE}"
        refusal = guard.refusal(number)
        if refusal is not None:
            yield refusal


def _of_step(guard: NumberGuard, step: Step, numbers: _Numbers) -> Iterator[str]:
    match step.what:
        case Send() as send:
            if send.attachments:
                yield f"a device's shell sends no multimedia messages; {_ELSEWHERE}"
            if not send.ciphertext and len(divide(_plain(send.text))) > 1:
                yield f"a device's shell sends texts of one segment only; {_ELSEWHERE}"
            yield from of_recipients(send, numbers, guard)
        case PhoneAct(_, deed) if deed.words in RADIO_DEEDS:
            yield f"the device's radio is not switched by stories; {_ELSEWHERE}"
        case _:
            pass


def _of_console(step: Step, numbers: _Numbers) -> Iterator[str]:
    """Why a console cannot let that sender text, or call, that SIM."""
    match step.what:
        case Text(sender=sender, sim=sim, attachments=attachments, flash=flash):
            if attachments or flash:
                yield f"a console takes plain texts only; {_ELSEWHERE}"
            yield from _of_sender(numbers.get(sender, sender), sim)
        case CallPhone(sender, _, outcome, sim, withheld):
            if outcome != "missed" or withheld:
                yield f"nobody answers or rejects a call on the device, and its number shows; {_ELSEWHERE}"
            yield from _of_sender(numbers.get(sender, sender), sim)
        case PhoneAct(_, deed) if deed.words in ("text", "call"):
            sender, *more = deed.values
            if deed.words == "call" and more not in ([], ["missed"]):
                yield f"nobody answers or rejects a call on the device; {_ELSEWHERE}"
            yield from _of_sender(sender, 1)
        case _:
            pass


def _of_sender(number: str, sim: int) -> Iterator[str]:
    if number != "*" and not _is_number(number):
        yield f"a console takes numbers only, and no {number!r}; {_ELSEWHERE}"
    if sim != 1:
        yield f"an emulator's console reaches the first SIM only; {_ELSEWHERE}"


def _plain(words: Words) -> str:
    """The text as far as its author wrote it."""
    return words.template if isinstance(words, Late) else words


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("+").isdecimal()
