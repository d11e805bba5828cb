"""The sections `phones` and `contacts`, and what contacts do by themselves → the cast."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.behaviours import Answer, Behaviour, CallsBack, Echo, OptsOut, ReadsCodes, Typos
from harness.cast import ContactSpec, PhoneSpec
from harness.delays import AT_ONCE
from harness.errors import UsageError
from harness.instants import SECOND
from harness.scenario.document import Field
from harness.scenario.grammar import CONTACT, PHONE
from harness.scenario.kinds import Form, words
from harness.scenario.people import Names, people
from harness.scenario.reading import Read, read_form

__all__ = ["behaviours", "cast"]


def cast(names: Names, fields: Mapping[str, Field]) -> None:
    """Whom a file names under `phones` and `contacts`."""
    if "phones" in fields:
        people(names, fields["phones"], _phone)
    if "contacts" in fields:
        people(names, fields["contacts"], _contact)


def _phone(names: Names, name: Field, settings: Field | None) -> None:
    text = names.new_phone(name)
    names.phones[text] = PhoneSpec(text, "")
    if settings is None:
        return
    found = _settings(PHONE, settings, names)
    names.phones[text] = PhoneSpec(
        text,
        _number(names, found, "number", text) or "",
        found.get("encryption_key"),
        found.get("messages_per_minute"),
        found["message_expiration"] // SECOND if "message_expiration" in found else None,
        found.get("max_send_attempts"),
        _number(names, found, "second_number", text),
        found.get("app"),
        found.get("oem"),
        _operator(found),
        found.get("android"),
    )


def _settings(form: Form, settings: Field, names: Names) -> Read:
    """What stands behind a name: the fields, or the number alone."""
    if not settings.is_scalar:
        return read_form(form, settings, names)
    if settings.text()[:1] not in _BEGIN_NUMBERS:
        settings.fail("a mapping or a number belongs here", f'write its fields {words(form)}, or "+18005550199"')
    return Read(settings, {"number": settings}, {"number": settings.number()})


_BEGIN_NUMBERS = frozenset("+0123456789")


def _number(names: Names, found: Read, name: str, owner: str) -> str | None:
    return names.new_number(found.fields[name], found[name], owner) if name in found else None


def _operator(found: Read) -> str | None:
    text: str | None = found.get("operator")
    if text is not None and not re.fullmatch("[0-9]{5,6}", text):
        value = found.fields["operator"]
        value.fail(f"{value.shown(text)} is no operator", 'write MCC and MNC, in quotes: "28601"')
    return text


def _contact(names: Names, name: Field, settings: Field | None) -> None:
    text = names.new_person(name)
    names.contacts[text] = ContactSpec(text, "")
    if settings is None:
        return
    found = _settings(CONTACT, settings, names)
    names.contacts[text] = ContactSpec(
        text,
        _number(names, found, "number", text) or "",
        behaviours(found),
        names.new_sender(found.fields["sender"], found["sender"], text) if "sender" in found else None,
    )


# -- what contacts do by themselves ------------------------------------------------------------------------------------


def behaviours(found: Read) -> tuple[Behaviour, ...]:
    """The rules of a contact: those in the field `rules`, if it is there."""
    if "rules" not in found:
        return ()
    section = found.fields["rules"]
    return tuple(_behaviour(rule, at) for rule, at in zip(found["rules"], section.items(), strict=True))


def _behaviour(rule: str | Read, at: Field) -> Behaviour:
    try:
        return _BARE[rule] if isinstance(rule, str) else _made(rule)
    except UsageError as error:
        at.fail(error.problem, error.remedy)


def _made(rule: Read) -> Behaviour:
    kinds = [name for name in rule.values if name in _MAKERS]
    if len(kinds) != 1:
        rule.at.fail("a rule does exactly one thing", f"write one of: {', '.join(_MAKERS)}")
    (kind,) = kinds
    if kind != "reply":
        for name in ("when", "after"):
            if name in rule:
                rule.fields[name].fail(
                    f"`{name}` beside `{kind}`", f"it goes with `reply`{_INSIDE.get((kind, name), '')}"
                )
    return _MAKERS[kind](rule if kind == "reply" else rule[kind])


_INSIDE = {
    (kind, "after"): f", or into the braces: {kind}: {{after: 3s}}"
    for kind in ("echo", "reads_codes", "opts_out", "calls_back")
} | {("calls_back", "when"): ", or into the braces: calls_back: {when: call me}"}


def _reads_codes(found: Read) -> ReadsCodes:
    after = found.get("after", AT_ONCE)
    if "pattern" in found:
        return ReadsCodes(found["pattern"], found.get("reply", False), after)
    return ReadsCodes(answers=found.get("reply", False), delay=after)


_MAKERS: Mapping[str, Callable[[Any], Behaviour]] = {
    "reply": lambda found: Answer(found["reply"], found.get("when"), found.get("after", AT_ONCE)),
    "echo": lambda found: Echo(found.get("after", AT_ONCE)),
    "reads_codes": _reads_codes,
    "opts_out": lambda found: OptsOut(
        found.get("after_texts", 1), found.get("back_after"), found.get("after", AT_ONCE)
    ),
    "calls_back": lambda found: CallsBack(
        found.get("outcome", "missed"), found.get("when"), found.get("after", AT_ONCE)
    ),
    "typos": Typos,
}
_BARE: Mapping[str, Behaviour] = {
    "echo": Echo(),
    "reads_codes": ReadsCodes(),
    "opts_out": OptsOut(),
    "calls_back": CallsBack(),
}
