"""Numbers that one run holds, while others on the same account look for theirs.

A server has no locks. Whoever wants a number makes a key whose name says so, and then reads the names of all keys: of
two who want one number at the same time at least one sees the other's, and goes for another number.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TypeVar

from harness.errors import ServerError, UsageError
from harness.targets.account import Account
from harness.targets.marks import HOLD, is_hold, is_ours, key_name

__all__ = ["holding"]

TRIES = 6
_KEYS = "/v1/phone-api-keys"

T = TypeVar("T")


@contextlib.asynccontextmanager
async def holding(
    account: Account,
    run: str,
    taken: Iterable[str],
    choose: Callable[[frozenset[str], int], T],
    numbers_of: Callable[[T], Iterable[str]],
) -> AsyncIterator[T]:
    """What `choose` makes of the numbers that are taken; no other run has its numbers as long as the context lasts.

    `choose` is also told by how much to turn away from its first choice: runs that met turn by different amounts.
    Raises `UsageError`, `ServerError`.
    """
    known = frozenset(taken)
    try:
        for turn in range(TRIES):
            chosen = choose(known, int(run, 16) >> turn if turn else 0)
            rivals = await _hold(account, run, frozenset(numbers_of(chosen)))
            if not rivals:
                yield chosen
                return
            known |= rivals
            await _release(account, run)
        raise UsageError(
            f"other runs on the account have the number {min(rivals)}",
            "wait for their end, or give another with --phone; `cleanup` removes what a killed run has left",
        )
    finally:
        with contextlib.suppress(ServerError):  # `cleanup` finds what is left
            await _release(account, run)


async def _hold(account: Account, run: str, numbers: frozenset[str]) -> frozenset[str]:
    """Says that we have the numbers. Those that somebody else has said so about."""
    for number in sorted(numbers):
        await account.ask("POST", _KEYS, {"name": key_name(HOLD, run, number)})
    others = [key.name for key in await account.keys() if is_hold(key) and not is_ours(key, run)]
    return frozenset(number for number in numbers if any(name.endswith(f" {number}") for name in others))


async def _release(account: Account, run: str) -> None:
    for key in await account.keys():
        if is_hold(key) and is_ours(key, run):
            await account.remove(f"{_KEYS}/{key.id}")
