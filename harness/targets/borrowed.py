"""Phones that a story takes over from somebody, and gives back as they were."""

from __future__ import annotations

from collections.abc import Iterable

from harness.frozen import frozen
from harness.targets.account import Account
from harness.wire.client import error_of
from harness.wire.owned import KeyRow, PhoneRow, phone_body, settings_body

__all__ = ["Borrowed", "borrow", "give_back"]


@frozen
class Borrowed:
    """A phone as it was: its row, the key that it belongs to if any, and the threads that it had."""

    phone: PhoneRow
    key: KeyRow | None
    threads: frozenset[str]


async def borrow(account: Account, numbers: Iterable[str], phones: Iterable[PhoneRow]) -> list[Borrowed]:
    """Those of the account's phones that have one of the numbers. Raises `ServerError`."""
    wanted = frozenset(numbers)
    taken = [phone for phone in phones if phone.number in wanted]
    keys = await account.keys() if taken else []
    return [
        Borrowed(
            phone,
            next((key for key in keys if phone.id in key.phone_ids), None),
            frozenset(await account.threads(phone.number)),
        )
        for phone in taken
    ]


async def give_back(account: Account, borrowed: Borrowed) -> str | None:
    """Token, key and settings as they were. Why that did not work; None if it did."""
    phone = borrowed.phone
    if borrowed.key is not None:
        body = phone_body(phone.number, str(phone.settings.get("fcm_token") or ""), str(phone.settings.get("sim")))
        answer = await account.ask("PUT", "/v1/phones/fcm-token", body, key=borrowed.key.api_key)
        if answer.status >= 300:
            return error_of(answer)
    answer = await account.ask("PUT", "/v1/phones", settings_body(phone))
    return error_of(answer) if answer.status >= 300 else None
