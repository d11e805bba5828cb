"""Phones that come to a gateway while it runs, and go: for tests that want more of them than others, or fewer."""

from __future__ import annotations

from dataclasses import replace

from harness.cast import PhoneSpec
from harness.parties import ApiCall, IssuePhoneKey
from harness.phone import LogOut
from harness.serving import Served, ServedPhone, handsets_of, key_name, phones_of

__all__ = ["cores_of", "count_of", "with_one_less", "with_one_more"]


def count_of(served: Served) -> int:
    """How many phones are logged in there."""
    return len(served.handsets.numbers)


def cores_of(served: Served) -> tuple[str, ...]:
    """The cores of its handsets, by name."""
    handsets = [served.bed.handsets[phone.name] for phone in served.phones]
    return tuple(name for handset in handsets for name in (handset.phone, *handset.modems))


async def with_one_more(served: Served) -> Served:
    """The next phone has logged in there. Raises `UsageError` if there is no number for it."""
    count, bed = count_of(served), served.bed
    phone = phones_of(count + 1)[count]
    if phone.name not in bed.phones:
        bed.add_phone(PhoneSpec(phone.name, phone.number))
    keys = bed.standin.phone_keys
    served.driver.tell("client", IssuePhoneKey(f"log in {phone.name}", f"phone:{phone.name}", key_name(phone)))
    await served.driver.until(lambda: any(phone.number in key.phone_numbers for key in keys.values()))
    key = next(key.api_key for key in keys.values() if phone.number in key.phone_numbers)
    return _with(served, (*served.phones[:count], replace(phone, key=key)))


async def with_one_less(served: Served) -> Served:
    """The last phone is logged out there, and the account knows nothing of it."""
    *others, gone = served.phones[: count_of(served)]
    bed, number = served.bed, (served.bed.account.id, gone.number)
    served.driver.tell(f"phone:{gone.name}", LogOut())
    served.driver.tell("client", ApiCall("forget the phone", "DELETE", f"/v1/phones/{bed.standin.phone_ids[number]}"))
    await served.driver.until(lambda: number not in bed.standin.phone_ids)
    bed.smsc.directory.drop(gone.number)
    return _with(served, tuple(others))


def _with(served: Served, phones: tuple[ServedPhone, ...]) -> Served:
    """Without a phone it has one all the same: that which somebody may bring along."""
    handsets = handsets_of(served.bed, served.driver, phones)
    return replace(served, phones=phones or served.phones[:1], handsets=handsets)
