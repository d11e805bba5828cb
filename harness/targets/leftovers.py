"""What we have left on somebody's server: found by its marks, told, removed."""

from __future__ import annotations

from collections.abc import Iterable

from harness.frozen import frozen
from harness.targets.account import Account
from harness.targets.marks import is_our_webhook, is_ours, was_taken
from harness.wire.owned import KeyRow, PhoneRow

__all__ = ["Left", "Leftover", "find", "remove"]


@frozen
class Leftover:
    """One thing: `what` it is in words, the `path` at which it is deleted, "" for what must stay, and `why` then."""

    what: str
    path: str
    why: str = ""


@frozen
class Left:
    """What could not be removed, and why."""

    leftover: Leftover
    why: str


async def find(account: Account, run: str = "", numbers: Iterable[str] = ()) -> list[Leftover]:
    """Everything that our marks tell, in the order in which it is to be removed; with a `run`, of that story alone.

    `numbers` are phones that are ours without a mark. The keys come last: by them the phones are known as ours. Raises
    `ServerError`.
    """
    keys = [key for key in await account.keys() if is_ours(key, run)]
    phones = [phone for phone in await account.phones() if _is_ours(phone, keys, frozenset(numbers))]
    found = [thread for phone in phones for thread in await _threads(account, phone, keys)]
    for webhook in await account.webhooks():
        if is_our_webhook(webhook, run):
            found.append(Leftover(f"webhook {webhook.url}", f"/v1/webhooks/{webhook.id}"))
    found += [_phone(phone, keys) for phone in phones]
    found += [Leftover(f"phone key {key.name!r}", f"/v1/phone-api-keys/{key.id}") for key in keys]
    return found


def _is_ours(phone: PhoneRow, keys: Iterable[KeyRow], numbers: frozenset[str]) -> bool:
    return phone.number in numbers or any(phone.id in key.phone_ids for key in keys)


def _is_taken(phone: PhoneRow, keys: Iterable[KeyRow]) -> bool:
    return any(was_taken(key) for key in keys if phone.id in key.phone_ids)


def _phone(phone: PhoneRow, keys: Iterable[KeyRow]) -> Leftover:
    if _is_taken(phone, keys):
        why = "it was somebody's before it was taken over: log in again on that phone, and it has its messages back"
        return Leftover(f"phone {phone.number}", "", why)
    return Leftover(f"phone {phone.number}", f"/v1/phones/{phone.id}")


async def _threads(account: Account, phone: PhoneRow, keys: Iterable[KeyRow]) -> list[Leftover]:
    """Those of a phone that was taken over may be its owner's."""
    if _is_taken(phone, keys):
        return []
    threads = await account.threads(phone.number)
    return [Leftover(f"thread {thread} of {phone.number}", f"/v1/message-threads/{thread}") for thread in threads]


async def remove(account: Account, leftovers: Iterable[Leftover]) -> list[Left]:
    """Removes what can be removed, and goes on where something cannot; gives what is left."""
    left: list[Left] = []
    for leftover in leftovers:
        why = leftover.why if not leftover.path else await account.remove(leftover.path)
        if why:
            left.append(Left(leftover, why))
    return left
