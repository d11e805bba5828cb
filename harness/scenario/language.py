"""The words of a scenario file: YAML fields → plan. One function per verb, each beside its row in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.scenario.document import Field, documents, suggest
from harness.scenario.plan import (
    FOR_DEFAULT,
    WITHIN_DEFAULT,
    Advance,
    CarrierAct,
    ContactSpec,
    Expect,
    FaultAct,
    Look,
    MessageLook,
    Never,
    PhoneAct,
    PhoneSpec,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    WebhookLook,
)

__all__ = ["FIRST_NUMBER", "read_scenarios"]

FIRST_NUMBER = 18005550100
"""Phones and contacts without a number get one by rule, from here upwards in the order of the file."""

EVENTS = (
    "message.phone.received", "message.phone.sent", "message.phone.delivered", "message.send.failed",
    "message.send.expired", "message.call.missed", "phone.heartbeat.online", "phone.heartbeat.offline",
)  # fmt: skip
STATUSES = ("pending", "scheduled", "sending", "sent", "delivered", "failed", "expired", "received")
FAULTS = ("lost-push",)
INVARIANTS = (
    "no-sms-without-a-send", "one-sms-per-send", "every-report-has-its-radio-result", "no-clear-text",
    "webhook-tokens-verify",
)  # fmt: skip


@dataclass(slots=True)
class _Names:
    """What the story has named so far."""

    phones: dict[str, PhoneSpec] = field(default_factory=dict)
    contacts: dict[str, ContactSpec] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)

    def phone(self, value: Field) -> PhoneSpec:
        name = value.text()
        if name not in self.phones:
            value.fail(f"there is no phone {name}", self._remedy(name, self.phones, "phones"))
        return self.phones[name]

    def party(self, value: Field) -> PhoneSpec | ContactSpec:
        """Who can be texted: a contact, or another phone."""
        name = value.text()
        everybody: dict[str, PhoneSpec | ContactSpec] = {**self.phones, **self.contacts}
        if name not in everybody:
            value.fail(f"there is nobody named {name}", self._remedy(name, everybody, "contacts"))
        return everybody[name]

    def message(self, value: Field) -> str:
        name = value.text()
        if name not in self.messages:
            value.fail(f"no earlier step is named {name}", self._remedy(name, self.messages, "as"))
        return name

    def _remedy(self, name: str, known: Iterable[str], place: str) -> str:
        names = list(known)
        near = suggest(name, names) if names else ""
        return (
            near
            if near.startswith("did")
            else f"name it under `{place}:`"
            if place != "as"
            else "name a step with `as:`"
        )


def read_scenarios(content: bytes, path: str) -> tuple[Scenario, ...]:
    """The stories of a file, one a YAML document. Raises `ScenarioError`."""
    return tuple(_scenario(document) for document in documents(content, path))


def _scenario(document: Field) -> Scenario:
    fields = document.known(
        ("scenario", "about", "tags", "phones", "contacts", "breaks", "steps"), ("scenario", "steps")
    )
    names = _Names()
    numbers = iter(f"+{number}" for number in range(FIRST_NUMBER, FIRST_NUMBER + 10_000))
    if "phones" in fields:
        _people(fields["phones"], lambda name, value: _phone(names, name, value, numbers))
    if "contacts" in fields:
        _people(fields["contacts"], lambda name, value: _contact(names, name, value, numbers))
    return Scenario(
        name=fields["scenario"].text(),
        phones=tuple(names.phones.values()),
        contacts=tuple(names.contacts.values()),
        steps=tuple(_step(names, step) for step in fields["steps"].items()),
        tags=tuple(tag.text() for tag in fields["tags"].items()) if "tags" in fields else (),
        breaks=tuple(word.one_of(INVARIANTS) for word in fields["breaks"].items()) if "breaks" in fields else (),
        place=document.place,
    )


def _people(value: Field, add: Callable[[Field, Field | None], None]) -> None:
    """`[bob, carol]` or `{bob: {number: …}}`."""
    if value.is_list:
        for name in value.items():
            add(name, None)
    else:
        for key, settings in value.members().values():
            add(key, None if settings.is_empty else settings)


def _name(names: _Names, name: Field) -> str:
    text = name.text()
    if text in names.phones or text in names.contacts:
        name.fail(f"{text} is here twice", "give each phone and contact a name of its own")
    return text


def _phone(names: _Names, name: Field, value: Field | None, numbers: Iterable[str]) -> None:
    known = ("number", "encryption_key", "messages_per_minute", "message_expiration", "max_send_attempts")
    fields = {} if value is None else value.known(known)
    key = fields["encryption_key"].text() if "encryption_key" in fields else None
    expiration = fields["message_expiration"].duration() // 1_000_000_000 if "message_expiration" in fields else None
    per_minute = fields["messages_per_minute"].integer(1, 60) if "messages_per_minute" in fields else None
    attempts = fields["max_send_attempts"].integer(1, 5) if "max_send_attempts" in fields else None
    text = _name(names, name)
    names.phones[text] = PhoneSpec(text, _number(fields, numbers), key, per_minute, expiration, attempts)


def _contact(names: _Names, name: Field, value: Field | None, numbers: Iterable[str]) -> None:
    fields = {} if value is None else value.known(("number",))
    text = _name(names, name)
    names.contacts[text] = ContactSpec(text, _number(fields, numbers))


def _number(fields: dict[str, Field], numbers: Iterable[str]) -> str:
    return fields["number"].number() if "number" in fields else next(iter(numbers))


# -- steps -------------------------------------------------------------------------------------------------------------

_MODIFIERS = ("as", "within", "for")


def _step(names: _Names, step: Field) -> Step:
    members = step.members()
    verbs = [name for name in members if name not in _MODIFIERS]
    unknown = [name for name in verbs if name not in _VERBS]
    if unknown:
        members[unknown[0]][0].fail(f"unknown verb {unknown[0]}", suggest(unknown[0], [*_VERBS, *_MODIFIERS]))
    if len(verbs) != 1:
        step.fail("a step has exactly one verb", f"verbs are: {', '.join(_VERBS)}")
    verb = verbs[0]
    place = members[verb][0].place
    modifiers = {name: value for name, (_, value) in members.items() if name in _MODIFIERS}
    allowed = _ALLOWED.get(verb, ())
    for name, value in modifiers.items():
        if name not in allowed:
            value.fail(f"{verb} takes no `{name}`", f"it takes {', '.join(allowed) or 'no modifiers'}")
    what = _VERBS[verb](names, members[verb][1], modifiers)
    alias = modifiers["as"].text() if "as" in modifiers else None
    if alias is not None:
        if alias in names.messages:
            modifiers["as"].fail(f"{alias} is the name of an earlier step", "choose another one")
        names.messages.add(alias)
    return Step(what, place, alias)


_Modifiers = dict[str, Field]


def _send(names: _Names, value: Field, _modifiers: _Modifiers) -> Send:
    fields = value.known(("from", "to", "text", "ciphertext", "encrypted", "key"), ("from", "to"))
    phone = names.phone(fields["from"])
    to = names.party(fields["to"]).name
    if ("text" in fields) == ("ciphertext" in fields):
        value.fail("either text or ciphertext is needed", "text is what the contact is to read")
    if "ciphertext" in fields:
        return Send(phone.name, to, fields["ciphertext"].text(), None, ciphertext=True)
    encrypted = "encrypted" in fields and fields["encrypted"].flag()
    key = fields["key"].text() if "key" in fields else phone.encryption_key
    if not encrypted:
        if "key" in fields:
            fields["key"].fail("a key without `encrypted: true`", "add `encrypted: true`")
        return Send(phone.name, to, fields["text"].text())
    if key is None:
        fields["encrypted"].fail(
            f"{phone.name} has no encryption key", "give the phone an `encryption_key`, or a `key:` here"
        )
    return Send(phone.name, to, fields["text"].text(), key)


def _text(names: _Names, value: Field, _modifiers: _Modifiers) -> Text:
    fields = value.known(("from", "to", "text"), ("from", "to", "text"))
    return Text(names.party(fields["from"]).name, names.phone(fields["to"]).name, fields["text"].text())


def _phone_act(names: _Names, value: Field, _modifiers: _Modifiers) -> PhoneAct:
    fields = value.known(("name", "radio"), ("name", "radio"))
    return PhoneAct(names.phone(fields["name"]).name, fields["radio"].one_of(("on", "off")))


def _carrier(names: _Names, value: Field, _modifiers: _Modifiers) -> CarrierAct:
    fields = value.known(("phone", "service"), ("phone", "service"))
    return CarrierAct(names.phone(fields["phone"]).name, fields["service"].one_of(("full", "none")))


def _fault(names: _Names, value: Field, _modifiers: _Modifiers) -> FaultAct:
    fields = value.known(("name", "phone", "times"), ("name", "phone"))
    times = fields["times"].integer(1, 1000) if "times" in fields else 1
    return FaultAct(fields["name"].one_of(FAULTS), names.phone(fields["phone"]).name, times)


def _advance(_names: _Names, value: Field, _modifiers: _Modifiers) -> Advance:
    return Advance(value.duration())


def _expect(names: _Names, value: Field, modifiers: _Modifiers) -> Expect:
    look, within = _look(names, value, "within")
    chosen = within or modifiers.get("within")
    return Expect(look, chosen.duration() if chosen else WITHIN_DEFAULT)


def _never(names: _Names, value: Field, modifiers: _Modifiers) -> Never:
    look, duration = _look(names, value, "for")
    chosen = duration or modifiers.get("for")
    return Never(look, chosen.duration() if chosen else FOR_DEFAULT)


def _look(names: _Names, value: Field, time: str) -> tuple[Look, Field | None]:
    """What is looked for, and the time if it stands inside."""
    members = value.members()
    # A webhook may name its message, so it is asked for first.
    kinds = [kind for kind in ("webhook", "sms", "message") if kind in members][:1]
    if not kinds:
        value.fail("what to look for is missing", "look for sms, message or webhook")
    if kinds[0] == "sms":
        fields = value.known(("sms", time))
        return _sms_look(names, fields["sms"]), fields.get(time)
    if kinds[0] == "message":
        fields = value.known(("message", "status", "reason", time), ("message", "status"))
        reason = fields["reason"].text() if "reason" in fields else None
        message = names.message(fields["message"])
        return MessageLook(message, fields["status"].one_of(STATUSES), reason), fields.get(time)
    fields = value.known(("webhook", "message", "text", time))
    return WebhookLook(
        fields["webhook"].one_of(EVENTS),
        names.message(fields["message"]) if "message" in fields else None,
        fields["text"].text() if "text" in fields else None,
    ), fields.get(time)


def _sms_look(names: _Names, value: Field) -> SmsLook:
    fields = value.known(("to", "from", "text", "not_text", "segments"), ("to",))
    return SmsLook(
        names.party(fields["to"]).name,
        fields["text"].text() if "text" in fields else None,
        names.party(fields["from"]).name if "from" in fields else None,
        fields["segments"].integer(1, 255) if "segments" in fields else None,
        fields["not_text"].text() if "not_text" in fields else None,
    )


_Reader = Callable[
    [_Names, Field, _Modifiers], "Send | Text | PhoneAct | CarrierAct | FaultAct | Advance | Expect | Never"
]

_VERBS: dict[str, _Reader] = {
    "send": _send,
    "text": _text,
    "phone": _phone_act,
    "carrier": _carrier,
    "fault": _fault,
    "advance": _advance,
    "expect": _expect,
    "never": _never,
}
_ALLOWED = {"send": ("as",), "expect": ("within",), "never": ("for",)}
