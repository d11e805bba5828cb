"""Which numbers the people of a story have on a server that has phones already."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from harness.cast import PhoneSpec
from harness.errors import UsageError
from harness.scenario.plan import Place, Scenario
from harness.targets.guards import phone_refusal

__all__ = ["RULE", "free_number", "recast", "renumbered"]

RULE = range(18005550100, 18005550200)
"""The numbers that people have by rule: those of the exchange that is kept for stories."""


EXPIRATION_MIN_S = 60


def free_number(taken: Container[str], turn: int = 0) -> str:
    """A number by rule that nobody has, from the middle on: stories begin at the first. Raises `UsageError`."""
    return next(_free(taken, len(RULE) // 2 + turn))


def _free(taken: Container[str], first: int) -> Iterator[str]:
    """By rule, from that one on. Raises `UsageError` at their end."""
    for place in range(len(RULE)):
        number = f"+{RULE[(first + place) % len(RULE)]}"
        if number not in taken:
            yield number
    raise UsageError(
        f"the account has phones with all the numbers from +{RULE.start} to +{RULE.stop - 1}",
        "give the phones of the stories others with --phone NAME=NUMBER",
    )


def recast(
    scenario: Scenario,
    phones: Mapping[str, str],
    contacts: Mapping[str, str],
    account: Iterable[str],
    *,
    take_over: bool,
    turn: int = 0,
) -> Scenario:
    """The story with numbers that it may have: those given by name, and free ones for those by rule that are taken.

    `account`: the numbers of the phones that the account has. Raises `UsageError` for one of those, unless it is to be
    taken over. Free ones are looked for from number `turn` of the rule on.
    """
    has = frozenset(account)
    people = [
        *(number for phone in scenario.phones for number in phone.numbers),
        *(c.number for c in scenario.contacts),
    ]
    spare = _free({*has, *people, *phones.values(), *contacts.values()}, turn)
    cast = tuple([_renumbered(phone, phones.get(phone.name), has, spare, take_over) for phone in scenario.phones])
    others = tuple([replace(one, number=contacts.get(one.name, one.number)) for one in scenario.contacts])
    _check(cast, [one.number for one in others])
    changed = dict(
        zip(people, [*(n for phone in cast for n in phone.numbers), *(c.number for c in others)], strict=True)
    )
    return replace(scenario, phones=cast, contacts=others, steps=renumbered(scenario.steps, changed))


def renumbered(value: Any, changed: Mapping[str, str]) -> Any:
    """A piece of a plan in which each number that is written out has followed its owner, in a path (`%2B1800…`) too.

    What is shown of a step stays as its author wrote it.
    """
    changed = {old.lstrip("+"): new.lstrip("+") for old, new in changed.items() if old != new and old != "*"}
    if not changed:
        return value
    pattern = re.compile(rf"(?<!\d)(?:{'|'.join(map(re.escape, changed))})(?!\d)")
    return _rewritten(value, lambda text: pattern.sub(lambda found: changed[found[0]], text))


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    match value:
        case str():
            return rewrite(value)
        case Place():
            return value
        case tuple() | list():
            return type(value)([_rewritten(one, rewrite) for one in value])
        case dict():
            return {key: _rewritten(one, rewrite) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            parts = {one.name: _rewritten(getattr(value, one.name), rewrite) for one in fields(value) if one.init}
            return replace(value, **parts)
        case _:
            return value


def _renumbered(
    phone: PhoneSpec, given: str | None, account: frozenset[str], spare: Iterator[str], take_over: bool
) -> PhoneSpec:
    number = _number(given, phone.number, account, spare, take_over)
    second = phone.second_number
    if second is not None:
        second = _number(None, second, account, spare, take_over)
    expiration_s = _expiration(phone.message_expiration_s)
    return replace(phone, number=number, second_number=second, message_expiration_s=expiration_s)


def _expiration(wanted_s: int | None) -> int | None:
    """The API takes none below a minute (gateway-protocol.md §2.12)."""
    return None if wanted_s is None else max(wanted_s, EXPIRATION_MIN_S)


def _number(given: str | None, wanted: str, account: frozenset[str], spare: Iterator[str], take_over: bool) -> str:
    """A number that somebody chose is that or none; one by rule is any."""
    if given is None and wanted in account and int(wanted[1:]) in RULE and not take_over:
        return next(spare)
    number = wanted if given is None else given
    refusal = phone_refusal(number, account, take_over=take_over)
    if refusal is not None:
        problem, _, remedy = refusal.partition(": ")
        raise UsageError(problem, remedy)
    return number


def _check(phones: Iterable[PhoneSpec], contacts: Iterable[str]) -> None:
    seen: set[str] = set()
    for number in [*(number for phone in phones for number in phone.numbers), *contacts]:
        if number in seen and number != "*":
            raise UsageError(f"two people of the story have the number {number}", "give each a number of its own")
        seen.add(number)
