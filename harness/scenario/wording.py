"""Steps in words: titles where there is no line of a file to show."""

from __future__ import annotations

from typing import Any, assert_never

from harness.carrier_rules import Rule
from harness.deeds import SHAPES, Deed
from harness.instants import SECOND, seconds
from harness.late import Late, Words
from harness.matchers import (
    Absent,
    Contains,
    Differs,
    Equals,
    Matcher,
    Matches,
    OneOf,
    Present,
)
from harness.scenario.plan import (
    Act,
    Advance,
    Api,
    Behave,
    CallPhone,
    Carrier,
    ClearCarrier,
    Distance,
    EndFault,
    Expect,
    ExpectOrder,
    Fault,
    Gateway,
    Look,
    MessageLook,
    Never,
    PhoneAct,
    Send,
    SmsLook,
    Step,
    Text,
    Together,
    TraceLook,
    WebhookLook,
    Webhooks,
)

__all__ = ["look_in_words", "time_in_words", "title_of", "words_of"]

_TEXT_MAX = 60


def title_of(step: Step) -> str:
    """The step on one line: its line of the file, or in words where there is none, or one that it does not fill."""
    if step.title:
        return step.title
    excerpt = step.place.excerpt
    line = excerpt.strip().removeprefix("- ")
    is_first = step.place.column - 1 <= len(excerpt) - len(excerpt.lstrip(" -{"))
    return words_of(step.what) if not line or not is_first or line.endswith((":", "|", ">")) else line


def words_of(what: Act | Expect | Never | ExpectOrder | Distance | Together) -> str:
    """A step in words: `send from shop to bob: "Hello"`. Keys and pass phrases are not in it."""
    match what:
        case Expect(look, within, at_least, at_most):
            return f"expect {look_in_words(look)}{_how_often(at_least, at_most)} within {time_in_words(within)}"
        case Never(look, duration):
            return f"never {look_in_words(look)} for {time_in_words(duration)}"
        case ExpectOrder(looks, within):
            found = ", then ".join(look_in_words(look) for look in looks)
            return f"expect in order {found} within {time_in_words(within)}"
        case Distance(first, then, at_least, at_most):
            return f"distance from {first} to {then}{_how_long(at_least, at_most)}"
        case Together(branches):
            return f"together: {len(branches)} branches"
        case _:
            return _act(what)


def _act(act: Act) -> str:
    match act:
        case Send(sender, to, text, key):
            how = " encrypted" if key is not None or act.ciphertext else ""
            late = f" in {time_in_words(act.later)}" if act.later is not None else ""
            return f"send{how} from {sender}{_sim(act.sim)} to {', '.join(to)}{late}: {_quoted(text)}"
        case Text(sender, to, text, sim, attachments):
            more = f" with {', '.join(each.name for each in attachments)}" if attachments else ""
            return f"text from {sender} to {to}{_sim(sim)}{more}: {_quoted(text)}"
        case CallPhone(sender, to, outcome, sim, withheld):
            return f"call from {sender} to {to}{_sim(sim)}: {outcome}{', without a number' if withheld else ''}"
        case PhoneAct(phone, deed):
            return f"phone {phone}: {' '.join([deed.words, *_values(deed)])}"
        case Behave(contact, behaviours):
            return f"contact {contact}: {', '.join(_kind(each) for each in behaviours) or 'no rules'}"
        case Carrier(rules):
            return f"carrier: {', '.join(_rule(rule) for rule in rules)}"
        case ClearCarrier(kind):
            return f"carrier: clear {'all' if kind is None else _spaced(kind)}"
        case Fault(name, phone, times):
            return f"network: {', '.join([f'{name}{_of(phone or act.who or None)}', *_knobs(act), *_often(times)])}"
        case EndFault(name):
            return f"network: end {name or 'all'}"
        case Webhooks(answer, times):
            return f"webhooks: {', '.join([str(answer), *_often(times)])}"
        case Gateway(facts, phone):
            return f"gateway{_of(phone)}: {', '.join(f'{name}={value}' for name, value in facts)}"
        case Api(method, path):
            return f"api {method} {_plain(path)}"
        case Advance(duration):
            return f"advance {time_in_words(duration)}"
        case _:
            assert_never(act)


def look_in_words(look: Look) -> str:
    """What is looked for: `sms to bob from shop with text "Hello"`."""
    match look:
        case SmsLook(to, text, sender, segments):
            parts = [f"sms to {to}", f"from {sender}" if sender is not None else "", _fact("text", text)]
            parts.append(f"in {segments} segment{'' if segments == 1 else 's'}" if segments is not None else "")
        case MessageLook(message, status, reason):
            parts = [f"message {message} {status}", _fact("reason", reason)]
        case WebhookLook(event, message, text, facts):
            parts = [f"webhook {event}", f"of {message}" if message is not None else "", _fact("text", text)]
            parts += [_fact(name, matcher) for name, matcher in facts]
        case TraceLook(hop, kind, message, facts):
            parts = [f"{hop} {kind or 'anything'}", f"of {message}" if message is not None else ""]
            parts += [_fact(name, matcher) for name, matcher in facts]
        case _:
            assert_never(look)
    return " ".join(part for part in parts if part)


def time_in_words(duration: int) -> str:
    """To the last digit: `1.5 s`, `90 s`, `10 min`, `2 h`, `1 day`."""
    for name, size in (("day", 86_400), ("h", 3_600), ("min", 60)):
        whole, rest = divmod(duration, size * SECOND)
        if whole and not rest:
            return f"{whole} {name}{'s' if name == 'day' and whole > 1 else ''}"
    return f"{seconds(duration):g} s"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _often(times: int | None) -> list[str]:
    return [] if times is None else [_times(times)]


def _knobs(fault: Fault) -> list[str]:
    """What was said of a fault beside whose it is, and how often."""
    delay = [time_in_words(fault.delay)] if fault.delay else []
    return [*delay, *([str(fault.status)] if fault.status else []), *([fault.error] if fault.error else [])]


def _how_often(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return "" if at_least == 1 else f" at least {_times(at_least)}"
    if at_least == at_most:
        return f" exactly {_times(at_most)}"
    return f" at least {at_least} and at most {_times(at_most)}" if at_least else f" at most {_times(at_most)}"


def _how_long(at_least: int | None, at_most: int | None) -> str:
    least = f" at least {time_in_words(at_least)}" if at_least is not None else ""
    return least + (f" at most {time_in_words(at_most)}" if at_most is not None else "")


def _fact(name: str, matcher: Matcher | None) -> str:
    match matcher:
        case None:
            return ""
        case Equals(value):
            return f"{name} {_quoted(value)}"
        case Differs(value):
            return f"{name} not {_quoted(value)}"
        case Contains(text):
            return f"{name} with {_quoted(text)} in it"
        case Matches(pattern):
            return f"{name} like /{pattern}/"
        case OneOf(values):
            return f"{name} one of {', '.join(_quoted(value) for value in values)}"
        case Present():
            return f"some {name}"
        case Absent():
            return f"no {name}"
        case _:
            assert_never(matcher)


def _quoted(value: Any) -> str:
    if isinstance(value, str | Late):
        text = _plain(value)
        text = text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + "…"
        return f'"{text}"' if text.isprintable() else repr(text)
    return str(value)


def _plain(words: Words) -> str:
    return words.template if isinstance(words, Late) else words


def _sim(slot: int) -> str:
    return f" (SIM {slot})" if slot != 1 else ""


def _of(phone: str | None) -> str:
    return f" of {phone}" if phone is not None else ""


def _rule(rule: Rule) -> str:
    """Its kind, whom it is about, and how often."""
    only = rule.only
    sender = [f"from {only.sender}"] if only.sender is not None else []
    to = [f"to {only.to}"] if only.to is not None else []
    return " ".join([_kind(rule), *sender, *to, *_often(only.times)])


def _kind(value: object) -> str:
    return _spaced(type(value).__name__)


def _spaced(name: str) -> str:
    """`DailyCap` → `daily cap`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _values(deed: Deed) -> list[str]:
    """What was said beside the words; a pass phrase is shown as stars."""
    if deed.words == "encryption key":
        return ["***"]
    return [_said(take.name, value) for take, value in zip(SHAPES[deed.words].takes, deed.values, strict=False)]


def _said(name: str, value: Any) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case int() if name == "TIME":
            return time_in_words(value)
        case int() if name == "sim1|sim2":
            return f"sim{value}"
        case None:
            return "off"
        case tuple():
            return ",".join(":".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in value)
        case _:
            return str(value)
