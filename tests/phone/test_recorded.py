"""What the real app did, this phone does."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.phone.replay import Replayed, replay_folder
from tests.recorded import folder

OWN = Path(__file__).parents[1] / "data" / "phone"

# Group: how many cases agree, of how many. The first number may only grow.
AGREEING = {
    "app": (8, 8),
    "attachments": (37, 37),
    "calls": (32, 32),
    "encryption": (18, 18),
    "event-answers": (31, 31),
    "fetch": (74, 74),
    "heartbeats": (22, 22),
    "http": (27, 27),
    "push": (17, 17),
    "receive": (41, 41),
    "receive-answers": (18, 18),
    "receive-mms": (14, 14),
    "registration": (65, 65),
    "results": (86, 86),
    "send": (42, 42),
    "with-sentry": (6, 6),
}

# Why a case differs.
LEFT: dict[str, str] = {}


@cache
def _own() -> list[Replayed]:
    return replay_folder(OWN)


def _reason(name: str) -> str | None:
    return next((reason for pattern, reason in LEFT.items() if fnmatchcase(name, pattern)), None)


@pytest.mark.cases
def test_every_case_agrees_or_it_is_known_why_not() -> None:
    replayed = replay_folder(folder("phone"))
    unexplained = [f"{name}: {why}" for name, agrees, why in replayed if not agrees and not _reason(name)]
    assert unexplained == []
    assert replayed


def test_as_many_cases_agree_as_ever_did() -> None:
    total = Counter(name.partition("/")[0] for name, _, _ in _own())
    agreeing = Counter(name.partition("/")[0] for name, agrees, _ in _own() if agrees)
    found = {group: (agreeing[group], total[group]) for group in total}
    assert found == AGREEING, "fewer is a defect; after an improvement write the new number down"


def test_what_is_said_to_be_left_is_left() -> None:
    differing = [name for name, agrees, _ in _own() if agrees is False]
    idle = [pattern for pattern in LEFT if not any(fnmatchcase(name, pattern) for name in differing)]
    assert idle == []
