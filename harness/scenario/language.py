"""The words of a scenario file: YAML fields → plan. One function per verb, each beside its row in a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from harness.cast import ContactSpec, PhoneSpec
from harness.deeds import Deed, parse_deed
from harness.errors import UsageError
from harness.instants import SECOND
from harness.scenario.document import Field, documents, suggest
from harness.scenario.invariants import INVARIANTS
from harness.scenario.plan import (
    FOR_DEFAULT,
    WITHIN_DEFAULT,
    Act,
    Advance,
    CallPhone,
    Expect,
    Look,
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
from harness.scenario.source import Source, Stop, shortened

__all__ = ["EVENTS", "FAULTS", "FIRST_NUMBER", "INVARIANTS", "STATUSES", "read_scenarios"]

FIRST_NUMBER = 18005550100
"""Phones and contacts without a number get one by rule, from here upwards in the order of the file."""

EVENTS = (
    "message.phone.received", "message.phone.sent", "message.phone.delivered", "message.send.failed",
    "message.send.expired", "message.call.missed", "phone.heartbeat.online", "phone.heartbeat.offline",
)  # fmt: skip
STATUSES = ("pending", "scheduled", "sending", "sent", "delivered", "failed", "expired", "received")
FAULTS = ("lost-push", "lost-update")
OUTCOMES = ("missed", "answered", "rejected")
_NAMES_COMPARED = 500  # to compare more takes longer than anybody waits for a hint


def read_scenarios(content: bytes, path: str) -> tuple[Scenario, ...]:
    """The stories of a file, one a YAML document. Raises `ScenarioError`, a `ScenarioErrors` for several mistakes."""
    source = Source(path)
    stories: list[Scenario] = []
    with source.whole():
        for document in documents(content, source):
            with source.part():
                stories.append(_scenario(document))
    return tuple(stories)


# -- who takes part ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Names:
    """What the story has named so far.

    A name that could not be read makes the list of names `vague`; then nobody is told that a name is unknown. And
    nobody is told twice of the same one.
    """

    phones: dict[str, PhoneSpec] = field(default_factory=dict)
    contacts: dict[str, ContactSpec] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    numbers: dict[str, str] = field(default_factory=dict)
    vague: bool = False
    vague_messages: bool = False
    told: set[tuple[str, str]] = field(default_factory=set)

    def phone(self, value: Field) -> PhoneSpec:
        return self.phones[self._known(value, self.phones, "phones", "there is no phone")]

    def contact(self, value: Field) -> ContactSpec:
        if value.is_scalar and value.node.text in self.phones:
            value.fail(f"{value.node.text} is a phone", "contacts text; phones `send`")
        return self.contacts[self._known(value, self.contacts, "contacts", "there is no contact")]

    def party(self, value: Field) -> str:
        """Who can be texted: a contact, or another phone."""
        return self._known(value, (*self.phones, *self.contacts), "contacts", "there is nobody named")

    def message(self, value: Field) -> str:
        return self._known(value, self.messages, "as", "no earlier step is named")

    def _known(self, value: Field, known: Iterable[str], section: str, problem: str) -> str:
        name = value.name()
        if name in known:
            return name
        if (self.vague_messages if section == "as" else self.vague) or (section, name) in self.told:
            raise Stop
        self.told.add((section, name))
        near = suggest(name, sorted(known)[:_NAMES_COMPARED])
        where = "name a step with `as:`" if section == "as" else f"name it under `{section}:`"
        value.fail(f"{problem} {name}", near if near.startswith("did") else where)

    def new_person(self, name: Field) -> str:
        before, self.vague = self.vague, True
        text = name.name()
        self.vague = before
        if text in self.phones or text in self.contacts:
            name.fail(f"{text} is here twice", "give each phone and contact a name of its own")
        return text

    def new_message(self, name: Field) -> str:
        before, self.vague_messages = self.vague_messages, True
        text = name.name()
        self.vague_messages = before
        if text in self.messages:
            name.fail(f"{text} is the name of an earlier step", "choose another one")
        self.messages.add(text)
        return text

    def new_number(self, value: Field, owner: str) -> str:
        number = value.number()
        if number in self.numbers:
            value.fail(f"{number} is the number of {self.numbers[number]}", "give each its own, or leave it out")
        self.numbers[number] = owner
        return number

    def everybody(self) -> tuple[tuple[PhoneSpec, ...], tuple[ContactSpec, ...]]:
        """All of them with a number."""
        free = (number for number in (f"+{digits}" for digits in count(FIRST_NUMBER)) if number not in self.numbers)
        phones = tuple(spec if spec.number else replace(spec, number=next(free)) for spec in self.phones.values())
        contacts = tuple(spec if spec.number else replace(spec, number=next(free)) for spec in self.contacts.values())
        return phones, contacts


_Add = Callable[[_Names, Field, Field | None], None]


def _people(names: _Names, section: Field, add: _Add) -> None:
    """`[bob, carol]` or `{bob: {number: …}}`."""
    before, names.vague = names.vague, True
    with section.source.part():
        entries = list(_entries(section))
        names.vague = before
        for name, settings in entries:
            with section.source.part():
                add(names, name, settings)


def _entries(section: Field) -> Iterator[tuple[Field, Field | None]]:
    if section.is_scalar:
        section.fail("names belong here", "write a list of them: [alice, bob]")
    if section.is_list:
        yield from ((name, None) for name in section.items())
    else:
        for key, settings in section.members().values():
            yield key, None if settings.is_empty else settings


_PHONE_KEYS = (
    "number", "second_number", "encryption_key", "messages_per_minute", "message_expiration", "max_send_attempts",
    "app", "oem", "operator", "android",
)  # fmt: skip


def _phone(names: _Names, name: Field, settings: Field | None) -> None:
    text = names.new_person(name)
    names.phones[text] = PhoneSpec(text, "")
    if settings is None:
        return
    fields = settings.known(_PHONE_KEYS)
    names.phones[text] = PhoneSpec(
        text,
        names.new_number(fields["number"], text) if "number" in fields else "",
        _key(fields["encryption_key"]) if "encryption_key" in fields else None,
        fields["messages_per_minute"].integer(1, 60) if "messages_per_minute" in fields else None,
        _whole_seconds(fields["message_expiration"]) if "message_expiration" in fields else None,
        fields["max_send_attempts"].integer(1, 5) if "max_send_attempts" in fields else None,
        names.new_number(fields["second_number"], text) if "second_number" in fields else None,
        fields["app"].line() if "app" in fields else None,
        fields["oem"].line() if "oem" in fields else None,
        _operator(fields["operator"]) if "operator" in fields else None,
        fields["android"].integer(9, 99) if "android" in fields else None,
    )


def _operator(value: Field) -> str:
    text = value.text()
    if not re.fullmatch("[0-9]{5,6}", text):
        value.fail(f"{shortened(text)!r} is no operator", 'write MCC and MNC, in quotes: "28601"')
    return text


def _contact(names: _Names, name: Field, settings: Field | None) -> None:
    text = names.new_person(name)
    names.contacts[text] = ContactSpec(text, "")
    fields = {} if settings is None else settings.known(("number",))
    if "number" in fields:
        names.contacts[text] = ContactSpec(text, names.new_number(fields["number"], text))


def _key(value: Field) -> str:
    return value.text() or value.fail("an empty key", "leave it out, or write one")


def _whole_seconds(value: Field) -> int:
    duration = value.duration()
    if duration < SECOND or duration % SECOND:
        value.fail(f"{value.node.text} are no whole seconds", "the server counts in seconds: 1s at least")
    return duration // SECOND


# -- a story -----------------------------------------------------------------------------------------------------------


def _scenario(document: Field) -> Scenario:
    if document.is_scalar or document.is_list:
        document.fail("a story belongs here", "begin with `scenario: what the story shows`")
    fields = document.sifted(
        ("scenario", "about", "tags", "phones", "contacts", "breaks", "steps"), ("scenario", "steps")
    )
    part = document.source.part
    names = _Names()
    if "phones" in fields:
        _people(names, fields["phones"], _phone)
    if "contacts" in fields:
        _people(names, fields["contacts"], _contact)
    title, tags, breaks = "", [], []
    with part():
        title = fields["scenario"].line()
    with part():
        tags = [tag.name() for tag in _some(fields.get("tags"))]
    with part():
        breaks = [word.one_of(INVARIANTS) for word in _some(fields.get("breaks"))]
    steps: list[Step] = []
    with part():
        steps = _steps(names, fields["steps"])
    phones, contacts = names.everybody()
    return Scenario(title, phones, contacts, tuple(steps), tuple(tags), tuple(breaks), document.place)


def _some(value: Field | None) -> Iterable[Field]:
    """One word, or a list of them."""
    if value is None:
        return ()
    return (value,) if value.is_scalar else value.items()


def _steps(names: _Names, section: Field) -> list[Step]:
    steps: list[Step] = []
    for step in section.items():
        with section.source.part():
            steps.append(_step(names, step))
    if not section.node.children:
        section.fail("a story without steps", "begin with `- send: {from: …, to: …, text: …}`")
    return steps


_MODIFIERS = ("as", "within", "for")


def _step(names: _Names, step: Field) -> Step:
    members = step.members("a step is a verb with its fields, for example `send: {from: …, to: …, text: …}`")
    modifiers = {name: value for name, (_, value) in members.items() if name in _MODIFIERS}
    alias = names.new_message(modifiers["as"]) if "as" in modifiers else None
    verbs = [name for name in members if name not in _MODIFIERS]
    for verb in verbs:
        if verb not in _VERBS:
            members[verb][0].fail(f"unknown verb {shortened(verb)}", suggest(verb, [*_VERBS, *_MODIFIERS]))
    if len(verbs) != 1:
        step.fail("a step has exactly one verb", f"verbs are: {', '.join(_VERBS)}")
    (verb,) = verbs
    key, value = members[verb]
    allowed = _ALLOWED.get(verb, ())
    for name in modifiers:
        if name not in allowed:
            members[name][0].fail(
                f"{verb} takes no `{name}`", f"it takes `{'`, `'.join(allowed)}`" if allowed else "leave it out"
            )
    return Step(_VERBS[verb](names, value, modifiers), key.place, alias)


_Modifiers = dict[str, Field]


# -- acts --------------------------------------------------------------------------------------------------------------


def _send(names: _Names, value: Field, _modifiers: _Modifiers) -> Send:
    fields = value.known(("from", "sim", "to", "text", "ciphertext", "encrypted", "key"), ("from", "to"))
    phone = names.phone(fields["from"])
    sim = _sim(fields, phone)
    to = names.party(fields["to"])
    if "ciphertext" in fields:
        for name in ("text", "encrypted", "key"):
            if name in fields:
                fields[name].fail(
                    f"`{name}` beside a ciphertext", "a ciphertext is sent as it is: leave one of them out"
                )
        return Send(phone.name, to, fields["ciphertext"].text(), None, ciphertext=True, sim=sim)
    if "text" not in fields:
        value.fail("text is missing", "write `text: …`, or `ciphertext: …` for one that is to be sent as it is")
    return Send(phone.name, to, fields["text"].text(), _sending_key(fields, phone), sim=sim)


def _sim(fields: dict[str, Field], phone: PhoneSpec) -> int:
    """Which of the phone's SIMs is meant."""
    if "sim" not in fields:
        return 1
    sim = fields["sim"].integer(1, 2)
    if sim == 2 and phone.second_number is None:
        fields["sim"].fail(f"{phone.name} has one SIM", "give the phone a `second_number`, or leave `sim` out")
    return sim


def _sending_key(fields: dict[str, Field], phone: PhoneSpec) -> str | None:
    encrypted = "encrypted" in fields and fields["encrypted"].flag()
    if "key" in fields:
        if not encrypted:
            fields["key"].fail("a key without `encrypted: true`", "add `encrypted: true`")
        return _key(fields["key"])
    if not encrypted:
        return None
    return phone.encryption_key or fields["encrypted"].fail(
        f"{phone.name} has no encryption key", "give the phone an `encryption_key`, or a `key:` here"
    )


def _text(names: _Names, value: Field, _modifiers: _Modifiers) -> Text:
    fields = value.known(("from", "to", "sim", "text"), ("from", "to", "text"))
    contact, phone = names.contact(fields["from"]), names.phone(fields["to"])
    return Text(contact.name, phone.name, fields["text"].text(), _sim(fields, phone))


def _call(names: _Names, value: Field, _modifiers: _Modifiers) -> CallPhone:
    fields = value.known(("from", "to", "sim", "outcome"), ("from", "to"))
    contact, phone = names.contact(fields["from"]), names.phone(fields["to"])
    outcome = fields["outcome"].one_of(OUTCOMES) if "outcome" in fields else OUTCOMES[0]
    return CallPhone(contact.name, phone.name, outcome, _sim(fields, phone))


def _phone_act(names: _Names, value: Field, _modifiers: _Modifiers) -> PhoneAct:
    """One thing: words after `do`, or one of the two that have fields of their own."""
    fields = value.known(("name", "do", "radio", "encryption_key"), ("name",))
    name = names.phone(fields["name"]).name
    acts = [field for field in fields if field != "name"]
    if len(acts) != 1:
        value.fail("one thing is done in a step", "write one of: do, radio, encryption_key")
    match acts[0]:
        case "do":
            return PhoneAct(name, _deed(fields["do"]))
        case "radio":
            return PhoneAct(name, Deed("radio", (fields["radio"].one_of(("on", "off")) == "on",)))
        case _:
            return PhoneAct(name, Deed("encryption key", (fields["encryption_key"].text(),)))


def _deed(value: Field) -> Deed:
    text = value.text()
    if text.strip().lower().startswith("encryp") and "received" not in text:
        value.hide()  # a key, or something meant to be one
        value.fail("a key among words", "write `encryption_key: …` instead of `do: …`")
    try:
        return parse_deed(text)
    except UsageError as error:
        value.fail(error.problem, error.remedy)


def _carrier(names: _Names, value: Field, _modifiers: _Modifiers) -> PhoneAct:
    fields = value.known(("phone", "service"), ("phone", "service"))
    return PhoneAct(names.phone(fields["phone"]).name, Deed("service", (fields["service"].one_of(("full", "none")),)))


def _fault(names: _Names, value: Field, _modifiers: _Modifiers) -> LosePushes | LoseUpdates:
    fields = value.known(("name", "phone", "times"), ("name",))
    if fields["name"].one_of(FAULTS) == "lost-update":
        value.known(("name",), ("name",))
        return LoseUpdates()
    fields = value.known(("name", "phone", "times"), ("name", "phone"))
    times = fields["times"].integer(1, 1000) if "times" in fields else 1
    return LosePushes(names.phone(fields["phone"]).name, times)


def _advance(_names: _Names, value: Field, _modifiers: _Modifiers) -> Advance:
    return Advance(value.duration())


# -- looks -------------------------------------------------------------------------------------------------------------


def _expect(names: _Names, value: Field, modifiers: _Modifiers) -> Expect:
    return Expect(*_look(names, value, "within", modifiers, WITHIN_DEFAULT))


def _never(names: _Names, value: Field, modifiers: _Modifiers) -> Never:
    return Never(*_look(names, value, "for", modifiers, FOR_DEFAULT))


def _look(names: _Names, value: Field, time: str, modifiers: _Modifiers, default: int) -> tuple[Look, int]:
    """What is looked for, and the time, which may stand inside or beside."""
    members = value.members("write what to look for: sms, message or webhook")
    # A webhook may name its message, so it is asked for first.
    kind = next((kind for kind in _LOOKS if kind in members), None)
    if kind is None:
        value.fail("what to look for is missing", "look for sms, message or webhook")
    fields, look = _LOOKS[kind](names, value, time)
    if time in fields and time in modifiers:
        modifiers[time].fail(f"{time} is here twice", f"leave one of the two `{time}` out")
    chosen = fields.get(time) or modifiers.get(time)
    return look, chosen.duration() if chosen else default


_Fields = dict[str, Field]


def _webhook_look(names: _Names, value: Field, time: str) -> tuple[_Fields, Look]:
    fields = value.known(("webhook", "message", "text", time))
    look = WebhookLook(
        fields["webhook"].one_of(EVENTS),
        names.message(fields["message"]) if "message" in fields else None,
        fields["text"].text() if "text" in fields else None,
    )
    return fields, look


def _message_look(names: _Names, value: Field, time: str) -> tuple[_Fields, Look]:
    fields = value.known(("message", "status", "reason", time), ("message", "status"))
    reason = fields["reason"].text() if "reason" in fields else None
    return fields, MessageLook(names.message(fields["message"]), fields["status"].one_of(STATUSES), reason)


def _sms_look(names: _Names, value: Field, time: str) -> tuple[_Fields, Look]:
    fields = value.known(("sms", time))
    sms = fields["sms"].known(("to", "from", "text", "not_text", "segments"), ("to",))
    to = names.party(sms["to"])
    if "segments" in sms and to in names.phones:
        sms["segments"].fail(f"{to} is a phone", "only a contact's handset tells how many segments it joined")
    look = SmsLook(
        to,
        sms["text"].text() if "text" in sms else None,
        names.party(sms["from"]) if "from" in sms else None,
        sms["segments"].integer(1, 255) if "segments" in sms else None,
        sms["not_text"].text() if "not_text" in sms else None,
    )
    return fields, look


_LOOKS: dict[str, Callable[[_Names, Field, str], tuple[_Fields, Look]]] = {
    "webhook": _webhook_look,
    "sms": _sms_look,
    "message": _message_look,
}

_Reader = Callable[[_Names, Field, _Modifiers], Act | Expect | Never]

_VERBS: dict[str, _Reader] = {
    "send": _send,
    "text": _text,
    "call": _call,
    "phone": _phone_act,
    "carrier": _carrier,
    "fault": _fault,
    "advance": _advance,
    "expect": _expect,
    "never": _never,
}
_ALLOWED = {"send": ("as",), "expect": ("within",), "never": ("for",)}
