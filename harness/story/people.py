"""Who takes part in a story that is written in Python, and whom its steps may name."""

from __future__ import annotations

from collections.abc import Collection

from harness.cast import ContactSpec, PhoneSpec
from harness.errors import SmsError
from harness.scenario.document import NAME_SHAPE, is_name, nearest
from harness.scenario.people import ANY_NUMBER, BEGINNING, CREDENTIALS, numbered
from harness.sms import PhoneNumber
from harness.sms.address import party_address

__all__ = ["People", "check_word"]


class People:
    """Phones and contacts by their names. What checks a name raises `ValueError` for one that nobody has."""

    def __init__(self) -> None:
        self._phones: dict[str, PhoneSpec] = {}
        self._contacts: dict[str, ContactSpec] = {}
        self._senders: set[str] = set()
        self._owners: dict[str, str] = {}

    def everybody(self) -> tuple[tuple[PhoneSpec, ...], tuple[ContactSpec, ...]]:
        """All of them with a number."""
        return numbered(self._phones.values(), self._contacts.values())

    def add_phone(self, phone: PhoneSpec) -> None:
        self._check_new(phone.name)
        if phone.name in CREDENTIALS:
            raise ValueError(f"{phone.name} is a credential of `api`: choose another name for the phone")
        self._phones[phone.name] = phone

    def add_contact(self, contact: ContactSpec) -> None:
        self._check_new(contact.name)
        if contact.sender is not None:
            self.add_sender(contact.sender)
        self._contacts[contact.name] = contact

    def add_sender(self, sender: str) -> None:
        """What phones show instead of a number, and looks may name."""
        try:
            party_address(sender)
        except SmsError:
            raise ValueError(f"{sender!r} is no sender: a name of 1 to 11 characters, or a short code") from None
        self._senders.add(sender)

    def new_number(self, owner: str, text: str | None) -> str:
        """A number in E.164; "" for None: then there will be one by rule. Raises `InvalidNumber`."""
        if text is None:
            return ""
        number = PhoneNumber.parse(text).e164
        if number in self._owners:
            raise ValueError(f"{number} is the number of {self._owners[number]}")
        self._owners[number] = owner
        return number

    def _check_new(self, name: str) -> None:
        if not is_name(name):
            raise ValueError(f"{name!r} is no name: {NAME_SHAPE}")
        if name in self._phones or name in self._contacts:
            raise ValueError(f"there is a {name} already")

    # -- who is there ------------------------------------------------------------------------------------------------

    def phone(self, name: str) -> PhoneSpec:
        check_word(name, self._phones, "there is no phone")
        return self._phones[name]

    def phone_with(self, name: str, sim: int) -> PhoneSpec:
        """The phone, which has that SIM."""
        phone = self.phone(name)
        if not 1 <= sim <= len(phone.numbers):
            raise ValueError(f"{name} has no SIM {sim}: give the phone a second_number")
        return phone

    def is_phone(self, name: str) -> bool:
        return name in self._phones

    def check_contact(self, name: str) -> None:
        check_word(name, self._contacts, "there is no contact")

    def check_writer(self, name: str) -> None:
        """A contact, or a number in place of one."""
        if not ANY_NUMBER.fullmatch(name):
            self.check_contact(name)

    def check_somebody(self, name: str) -> None:
        if not ANY_NUMBER.fullmatch(name):
            check_word(name, (*self._phones, *self._contacts), "there is nobody named")

    def check_sender(self, name: str) -> None:
        """Somebody, or what phones show."""
        if name not in self._senders:
            self.check_somebody(name)

    def check_numbers(self, name: str) -> None:
        """Somebody, or the beginning of numbers with a `*`."""
        if not BEGINNING.fullmatch(name):
            self.check_somebody(name)


def check_word(word: str, known: Collection[str], problem: str) -> None:
    """Raises `ValueError`, with the nearest known word, for one that is not known."""
    if word not in known:
        near = nearest(word, known)
        raise ValueError(f"{problem} {word}" + (f": did you mean {near}?" if near else ""))
