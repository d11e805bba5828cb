"""harness.standin.fidelity: every route is told of, in plain sentences."""

from __future__ import annotations

import re

import pytest

from harness.standin.fidelity import BY_ROUTE, GENERAL, Fidelity
from harness.standin.routes import ROUTES

ALL = {**BY_ROUTE, **GENERAL}
# What users ask for who know the real server.
ASKED_FOR = (
    "compress", "Firebase", "XML", "remembered", "e-mail", "Discord", "Pusher", "Lemon Squeezy", "Turnstile",
    "instant", "lost-update", "TLS", "4096 bytes", "OpenTelemetry", "ENTITLEMENT_ENABLED", "SQL", "Swagger",
)  # fmt: skip


def test_every_route_is_told_of_and_no_other() -> None:
    assert BY_ROUTE.keys() == {f"{route.method} {route.template}" for route in ROUTES}


@pytest.mark.parametrize("name", ALL)
def test_what_is_told_are_sentences_that_fit_into_a_table(name: str) -> None:
    told = ALL[name]
    assert told.faithful
    for text in (told.faithful, told.differs, told.absent):
        assert text == "" or re.fullmatch(r"[A-Z0-9`].*\.", text), text
        assert "|" not in text
        assert "\n" not in text


def test_a_route_of_which_something_is_absent_is_not_all_there() -> None:
    assert [name for name, told in BY_ROUTE.items() if told.absent and told.faithful == "All of it."] == []


@pytest.mark.parametrize("word", ASKED_FOR)
def test_what_users_ask_for_is_told(word: str) -> None:
    texts = " ".join(f"{name} {told.faithful} {told.differs} {told.absent}" for name, told in ALL.items())
    assert word.casefold() in texts.casefold()


def test_nothing_known_is_the_default() -> None:
    assert Fidelity("All of it.") == Fidelity("All of it.", "", "")
