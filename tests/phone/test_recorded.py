"""What the real app did, this phone does: as far as it goes, and what is left is written down."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.phone.replay import Replayed, replay_folder
from tests.recorded import folder

OWN = Path(__file__).parents[1] / "data" / "phone"

# Group: how many cases were replayed and agree, of how many. The first number may only grow.
AGREEING = {
    "app": (1, 8),
    "attachments": (1, 37),
    "calls": (0, 32),
    "encryption": (18, 18),
    "event-answers": (31, 31),
    "fetch": (74, 74),
    "heartbeats": (22, 22),
    "http": (21, 27),
    "push": (17, 17),
    "receive": (36, 41),
    "receive-answers": (18, 18),
    "receive-mms": (0, 14),
    "registration": (37, 65),
    "results": (82, 86),
    "send": (42, 42),
    "with-sentry": (0, 6),
}

# Why a case that was replayed differs. (Why one was not replayed stands in replay.py.)
LEFT = {
    "attachments/*": "this phone sends no MMS: it fails the message at once",
    "http/url-path-slash": "the recorder's JDK keeps two slashes, a phone joins them",
    "registration/login-bad-number": "the login screen checks no numbers",
    "registration/login-bad-second-number": "the login screen checks no numbers",
    "registration/login-empty-number": "the login screen checks no numbers",
    "registration/login-http-url": "this phone takes http, as its servers are local",
    "registration/login-no-token": "this phone always has a registration token",
    "registration/login-number-*": "the login screen checks no numbers",
    "registration/login-spaces": "the login screen does not trim what is typed",
    "registration/login-then-main-screen": "the main screen uploads no tokens",
    "registration/login-trailing-slash": "the recorder's JDK keeps two slashes, a phone joins them",
    "registration/main-screen-*": "the main screen uploads no tokens",
    "results/hash-collision": "results are told by the text, not by the 32-bit hash of its id",
    "with-sentry/*": "the crash reporter's two headers are missing",
}


@cache
def _own() -> list[Replayed]:
    return replay_folder(OWN)


def _reason(name: str) -> str | None:
    return next((reason for pattern, reason in LEFT.items() if fnmatchcase(name, pattern)), None)


@pytest.mark.cases
def test_every_replayed_case_agrees_or_it_is_known_why_not() -> None:
    replayed = replay_folder(folder("phone"))
    unexplained = [f"{name}: {why}" for name, agrees, why in replayed if agrees is False and not _reason(name)]
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


def test_every_case_that_is_not_replayed_says_why() -> None:
    assert [name for name, agrees, why in _own() if agrees is None and not why] == []
