"""Who takes part in a story, and what its steps have named so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from harness.cast import ContactSpec, PhoneSpec
from harness.errors import InvalidNumber, SmsError
from harness.frozen import frozen
from harness.scenario.document import Field, nearest
from harness.scenario.source import Stop
from harness.scenario.variables import is_variable, reserved
from harness.sms import PhoneNumber
from harness.sms.address import party_address

__all__ = [
    "ANY_NUMBER", "BEGINNING", "CREDENTIALS", "FIRST_NUMBER", "NO_MESSAGE", "SEVERAL_MESSAGES", "Fork", "Names",
    "numbered", "people", "variable_name",
]  # fmt: skip

FIRST_NUMBER = 18005550100
"""Phones and contacts without a number get one by rule, from here upwards in the order of the file."""

ANY_NUMBER = re.compile(r"\+[0-9]{1,30}")
"""Also one that no network has."""
BEGINNING = re.compile(r"\+[0-9]{0,30}\*")
"""The beginning of numbers."""

CREDENTIALS = ("user", "none")
"""Whose API key a request may have, beside that of a phone."""

_SHOWN_MAX = 5

NO_MESSAGE = "no message"
SEVERAL_MESSAGES = "several messages"


@frozen
class _Alias:
    """The name of a step: where it was given, and why it names no message ("": it does)."""

    place: tuple[str, int, int]
    why_not: str


@dataclass(slots=True)
class Names:
    """What the story has named so far.

    A name that could not be read makes the list of names `vague`; then nobody is told that a name is unknown. And
    nobody is told twice of the same one. `senders` are names that phones show. `captured` is the set that the scopes
    of the story share. `given` are the names that this branch of a `together` gives to steps and values, `elsewhere`
    those of the branches beside it.
    """

    phones: dict[str, PhoneSpec] = field(default_factory=dict)
    contacts: dict[str, ContactSpec] = field(default_factory=dict)
    steps: dict[str, _Alias] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    senders: set[str] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    vague: bool = False
    vague_steps: bool = False
    told: set[tuple[str, str]] = field(default_factory=set)
    given: set[tuple[str, str]] = field(default_factory=set)
    elsewhere: set[tuple[str, str]] = field(default_factory=set)

    # -- who ---------------------------------------------------------------------------------------------------------

    def who(self, section: str, value: Field) -> str:
        """Somebody of the cast, or a number, as `harness.scenario.kinds.Who` says."""
        return _WHO[section](self, value)

    def phone(self, value: Field) -> str:
        _refuse_number(value, "phone", self.phones)
        name = value.name()
        if name in self.contacts:
            value.fail(f"{name} is a contact", "a phone belongs here; contacts `text` and `call`")
        return self._known(value, self.phones, "phones", "there is no phone")

    def contact(self, value: Field) -> str:
        _refuse_number(value, "contact", self.contacts)
        name = value.name()
        if name in self.phones:
            value.fail(f"{name} is a phone", "contacts text; phones `send`")
        return self._known(value, self.contacts, "contacts", "there is no contact")

    def contact_or_number(self, value: Field) -> str:
        return _number(value) or self.contact(value)

    def anybody(self, value: Field) -> str:
        """Who can be texted: a contact, another phone, or a number."""
        return _number(value) or self._known(value, (*self.phones, *self.contacts), "contacts", "there is nobody named")

    def sender(self, value: Field) -> str:
        """Anybody, or what phones show."""
        text = value.text()
        if text in self.senders:
            return text
        return _number(value) or self._known(
            value, (*self.phones, *self.contacts), "senders", "there is nobody named",
            "name it under `contacts:`, or give one of them a `sender`",
        )  # fmt: skip

    def some_numbers(self, value: Field) -> str:
        """Anybody, or the beginning of numbers."""
        text = value.text()
        return text if BEGINNING.fullmatch(text) else self.anybody(value)

    def credential(self, value: Field) -> str:
        text = value.text()
        if text in CREDENTIALS:
            return text
        return self._known(value, self.phones, "phones", "there is no phone", "write user, none, or a phone's name")

    def _known(self, value: Field, known: Iterable[str], section: str, problem: str, remedy: str = "") -> str:
        name = value.name()
        if name in known:
            return name
        if self.vague or (section, name) in self.told:
            raise Stop
        self.told.add((section, name))
        near = nearest(name, sorted(known))
        value.fail(f"{problem} {name}", f"did you mean {near}?" if near else remedy or f"name it under `{section}:`")

    # -- steps and values --------------------------------------------------------------------------------------------

    def step(self, value: Field) -> str:
        """The name of an earlier step."""
        name = value.name()
        if name not in self.steps:
            if self.vague_steps or ("as", name) in self.told:
                raise Stop
            self.told.add(("as", name))
            near = nearest(name, sorted(self.steps))
            value.fail(
                f"no earlier step is named {name}", f"did you mean {near}?" if near else "name a step with `as:`"
            )
        return name

    def message(self, value: Field) -> str:
        """The name of an earlier step that has one message."""
        name = self.step(value)
        why = self.steps[name].why_not
        if why:
            value.fail(f"the step {name} has {why}", "name a `send` to one, an `api` request, or an `expect`")
        return name

    def new_step(self, name: Field) -> str:
        """A name for a step. The same line may give it once more, in another round of a `repeat`."""
        before, self.vague_steps = self.vague_steps, True
        text = name.name()
        self.vague_steps = before
        known = self.steps.get(text)
        if known is not None and known.place != _place(name):
            name.fail(f"{text} is the name of an earlier step", "choose another one")
        if ("as", text) in self.elsewhere:
            self.named(text, name)  # what refers to it is no mistake
        self._give("as", text, name)
        return text

    def _give(self, what: str, text: str, name: Field) -> None:
        """What runs at the same time must not give the same name."""
        if (what, text) in self.elsewhere:
            name.fail(f"{text} is named in another branch, too", "both run at the same time: choose another name")
        self.given.add((what, text))

    def named(self, name: str, at: Field, why_no_message: str = "") -> None:
        """From now on a step is named so."""
        self.steps[name] = _Alias(_place(at), why_no_message)

    def new_capture(self, name: Field) -> str:
        """A name for a value that a step captures."""
        text = variable_name(name)
        if text in name.scope.values:
            name.fail(f"{text} is a variable", "choose another name")
        self._give("capture", text, name)
        return text

    # -- the cast ----------------------------------------------------------------------------------------------------

    def new_person(self, name: Field) -> str:
        before, self.vague = self.vague, True
        text = name.name()
        self.vague = before
        if text in self.phones or text in self.contacts:
            name.fail(f"{text} is here twice", "give each phone and contact a name of its own")
        return text

    def new_phone(self, name: Field) -> str:
        text = self.new_person(name)
        if text in CREDENTIALS:
            name.fail(f"{text} is a word of `api: {{as: …}}`", "choose another name for the phone")
        return text

    def new_number(self, value: Field, number: str, owner: str) -> str:
        if number in self.numbers:
            value.fail(f"{number} is the number of {self.numbers[number]}", "give each its own, or leave it out")
        self.numbers[number] = owner
        return number

    def new_sender(self, value: Field, text: str, owner: str = "") -> str:
        """What phones show instead of a number, and looks may name. `owner`: whose it is."""
        if text != owner and text in (*self.phones, *self.contacts):
            value.fail(f"{text} is the name of somebody else", "looks could not tell them apart: choose another one")
        try:
            party_address(text)
        except SmsError:
            value.fail(f"{value.shown(text)} is no sender", "write a name of 1 to 11 characters, or a short code")
        self.senders.add(text)
        return text

    def everybody(self) -> tuple[tuple[PhoneSpec, ...], tuple[ContactSpec, ...]]:
        """All of them with a number."""
        return numbered(self.phones.values(), self.contacts.values())


def numbered(
    phones: Collection[PhoneSpec], contacts: Collection[ContactSpec]
) -> tuple[tuple[PhoneSpec, ...], tuple[ContactSpec, ...]]:
    """Those whose number is "" get one by rule."""
    taken = {number for phone in phones for number in phone.numbers} | {contact.number for contact in contacts}
    free = (number for number in (f"+{digits}" for digits in count(FIRST_NUMBER)) if number not in taken)
    return (
        tuple(spec if spec.number else replace(spec, number=next(free)) for spec in phones),
        tuple(spec if spec.number else replace(spec, number=next(free)) for spec in contacts),
    )


class Fork:
    """Branches that run at the same time: what one names the others do not know, and must not name, too.

    Behind all of them everything is known.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._steps, self._captured = dict(names.steps), set(names.captured)
        self._given, self._elsewhere = names.given, names.elsewhere
        self._all_steps, self._all_captured = dict(self._steps), set(self._captured)
        self._all_given: set[tuple[str, str]] = set()

    def __enter__(self) -> Fork:
        return self

    def __exit__(self, *_error: object) -> None:
        self._know(self._all_steps, self._all_captured, self._given | self._all_given, self._elsewhere)

    @contextmanager
    def branch(self) -> Iterator[None]:
        """What is read in it is of a branch."""
        names = self._names
        self._know(dict(self._steps), self._captured, set(), self._elsewhere | self._all_given)
        try:
            yield
        finally:
            self._all_steps |= names.steps
            self._all_captured |= names.captured
            self._all_given |= names.given

    def _know(
        self, steps: dict[str, _Alias], captured: set[str], given: set[tuple[str, str]], elsewhere: set[tuple[str, str]]
    ) -> None:
        names = self._names
        names.steps, names.given, names.elsewhere = steps, given, elsewhere
        # The scopes of the story share this very set.
        names.captured.clear()
        names.captured.update(captured)


_WHO: dict[str, Callable[[Names, Field], str]] = {
    "phone": Names.phone,
    "contact": Names.contact,
    "contact or number": Names.contact_or_number,
    "anybody": Names.anybody,
    "sender": Names.sender,
    "numbers": Names.some_numbers,
    "credential": Names.credential,
}


def _place(value: Field) -> tuple[str, int, int]:
    return value.source.path, value.node.line, value.node.column


def _refuse_number(value: Field, kind: str, known: Iterable[str]) -> None:
    """Where only names are possible."""
    text = "" if value.is_empty or not value.is_scalar else value.text()
    if ANY_NUMBER.fullmatch(text):
        there = ", ".join(list(known)[:_SHOWN_MAX])
        value.fail(
            f"{value.shown(text)} is a number",
            f"a {kind} of this story belongs here: {there}" if there else f"name a {kind} under `{kind}s:`",
        )


def _number(value: Field) -> str | None:
    """A number instead of a name: also one that no network has, as long as it looks like one."""
    text = value.text()
    if not text.startswith("+"):
        return None
    if value.is_plain and "$" not in value.node.text:
        return value.number()  # tells about the quotes
    try:
        return PhoneNumber.parse(text).e164
    except InvalidNumber:
        return text if ANY_NUMBER.fullmatch(text) else value.number()


def variable_name(name: Field) -> str:
    """A key that names a variable or a captured value."""
    text = name.key()
    if not is_variable(text):
        name.fail(f"{name.shown(text)} is no name for a value", "begin with a letter; then letters, digits, _ . -")
    if reserved(text):
        name.fail(f"${{{text}}} has a value by itself", "choose another name")
    return text


_Add = Callable[[Names, Field, Field | None], None]


def people(names: Names, section: Field, add: _Add) -> None:
    """`[bob, carol]`, `{bob: {number: …}}` or `{bob: "+18005550101"}`."""
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
            nothing = settings.is_empty or (settings.is_plain and settings.node.text in ("~", "null"))
            yield key, None if nothing else settings
