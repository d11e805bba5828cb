"""What a contact does by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.behaviours import Answer, Behaviour, CallsBack, Echo, OptsOut, ReadsCodes, Typos
from harness.delays import Fixed, LogNormal, Uniform
from harness.draws import Draws
from harness.parties.behaviours import Heard, Note, Reaction, Ring, Say, react, typed
from harness.plain import dump, load

ALICE = "+18005550199"
BOB = "+18005550100"
CODE = "G-482910 is your code, valid for 10 minutes."


def _reactions(*behaviours: Behaviour, text: str = "hello", count: int = 1) -> list[Reaction]:
    return react(behaviours, Heard(BOB, ALICE, text, count), Draws(1, "bob"))


@pytest.mark.parametrize(
    ("behaviours", "text", "reactions"),
    [
        ((), "hello", []),
        ((Answer("Yes?"),), "hello", [Reaction(0, Say("Yes?"))]),
        ((Answer("Yes?", delay=Fixed(5)),), "hello", [Reaction(5, Say("Yes?"))]),
        ((Answer("Bye", to="(?i)^goodbye"),), "hello", []),
        ((Answer("Bye", to="(?i)^goodbye"),), "Goodbye!", [Reaction(0, Say("Bye"))]),
        ((Answer(r"\1 it is", to=r"(\d+) o'clock"),), "At 5 o'clock", [Reaction(0, Say("5 it is"))]),
        ((Answer(r"\1 as it stands"),), "hello", [Reaction(0, Say(r"\1 as it stands"))]),
        ((Answer("One", to="1"), Answer("Two", to="2")), "1 and 2", [Reaction(0, Say("One")), Reaction(0, Say("Two"))]),
        ((Echo(),), "hello", [Reaction(0, Say("hello"))]),
        ((Echo(Fixed(9)),), "", [Reaction(9, Say(""))]),
        ((ReadsCodes(),), "hello", []),
        ((ReadsCodes(),), CODE, [Reaction(0, Note("482910"))]),
        ((ReadsCodes(answers=True),), CODE, [Reaction(0, Note("482910")), Reaction(0, Say("482910"))]),
        (
            (ReadsCodes(r"code (\w+)", answers=True, delay=Fixed(3)),), "code AB12",
            [Reaction(0, Note("AB12")), Reaction(3, Say("AB12"))],
        ),
        ((ReadsCodes(),), "Call +18005550199 or 123", []),
        ((CallsBack(),), "hello", [Reaction(0, Ring("missed"))]),
        ((CallsBack("answered", "call me", Fixed(7)),), "call me", [Reaction(7, Ring("answered"))]),
        ((CallsBack(to="call me"),), "hello", []),
        ((Typos(100),), "hello", []),
    ],
    ids=repr,
)  # fmt: skip
def test_a_behaviour_makes_of_a_text_what_it_says(behaviours: Any, text: str, reactions: list[Reaction]) -> None:
    assert _reactions(*behaviours, text=text) == reactions


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (OptsOut(), {1: "STOP"}),
        (OptsOut(3), {3: "STOP"}),
        (OptsOut(2, 4), {2: "STOP", 4: "START"}),
    ],
)
def test_somebody_who_opts_out_says_so_once(behaviour: Behaviour, words: dict[int, str]) -> None:
    said = {count: reaction.what.text for count in range(1, 7) for reaction in _reactions(behaviour, count=count)
            if isinstance(reaction.what, Say)}  # fmt: skip
    assert said == words


@given(st.integers(0, 1 << 32))
def test_a_delay_is_drawn_from_its_distribution(seed: int) -> None:
    for delay, low, high in ((Uniform(3, 5), 3, 5), (LogNormal(1000, 0.5), 1, 1_000_000)):
        (reaction,) = react((Answer("x", delay=delay),), Heard(BOB, ALICE, "hello", 1), Draws(seed, "bob"))
        assert low <= reaction.after_ns <= high


TEXT = "Please call me back after seven, it is really important 42"


def test_typos_are_as_many_as_they_should_be_and_the_same_with_the_same_seed() -> None:
    assert typed(TEXT, 0, Draws(1, "bob")) == TEXT
    assert typed(TEXT, 100, Draws(1, "bob")) == typed(TEXT, 100, Draws(1, "bob")) != TEXT
    words = [typed("hello", 30, Draws(seed, "bob")) != "hello" for seed in range(1000)]
    assert 150 < sum(words) < 350  # two letters that are the same may change places


@given(st.text(max_size=60), st.integers(0, 100), st.integers(0, 1 << 32))
def test_a_typo_is_a_slip_within_a_word(text: str, share: int, seed: int) -> None:
    slipped = typed(text, share, Draws(seed, "bob"))
    assert len(slipped.split()) == len(text.split())
    assert all(abs(len(one) - len(other)) <= 1 for one, other in zip(text.split(), slipped.split(), strict=True))
    assert all(set(other) <= set(one) for one, other in zip(text.split(), slipped.split(), strict=True))


def test_who_mistypes_does_so_in_answers_but_never_in_a_keyword() -> None:
    (answer,) = _reactions(Typos(100), Answer("certainly"))
    assert isinstance(answer.what, Say)
    assert answer.what.text != "certainly"
    assert [reaction.what for reaction in _reactions(Typos(100), OptsOut())] == [Say("STOP")]
    assert [reaction.what for reaction in _reactions(Typos(100), CallsBack())] == [Ring("missed")]


@pytest.mark.parametrize(
    "behaviour",
    [Answer("x", "y(z)", Fixed(1)), Echo(), ReadsCodes(), OptsOut(2, 3), CallsBack("answered"), Typos(5)],
    ids=repr,
)
def test_a_behaviour_comes_back_from_a_file_as_it_was(behaviour: Behaviour) -> None:
    assert load(dump(behaviour)) == behaviour
