"""A message's life: where it ends, and what happened in it."""

from __future__ import annotations

import pytest

from harness.report import first_missing, timeline
from harness.report.life import INCOMING, OUTGOING, life_of
from harness.testing import Story
from harness.trace import HOPS
from tests.report.traces import CAME_IN, SENT, Written, trace


@pytest.mark.parametrize("missing", range(len(OUTGOING)))
def test_the_first_stage_that_is_missing_is_told_in_words(missing: int) -> None:
    hop, kind, words = OUTGOING[missing]
    # What comes after the gap does not matter, and other messages do not fill it.
    written: list[Written] = [entry for entry in SENT if entry[1:3] != (hop, kind)]
    other: list[Written] = [(at_s, *rest, "m9", facts) for at_s, *rest, _, facts in SENT]  # type: ignore[misc]
    assert first_missing(trace(*written, *other), "m1") == f"{words} ({hop}: {kind})"


def test_nothing_is_missing_from_a_whole_life() -> None:
    assert first_missing(trace(*SENT), "m1") is None
    assert first_missing(trace(*CAME_IN), None) is None


def test_a_message_that_nobody_knows_lacks_everything() -> None:
    assert first_missing([], "m1") == "the API accepts it (client: accepted)"
    assert life_of([], None) == []
    assert timeline([], "m1") == []


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("known", range(1, len(CAME_IN)))
def test_the_life_of_a_text_that_came_in_is_followed_as_far_as_it_goes(linked: bool, known: int) -> None:
    noise: list[Written] = [(0.2, "phone", "heartbeat", None, {}), (0.3, "gateway", "message.phone.received", "m3", {})]
    entries = [*trace(*CAME_IN[:known], linked=linked)]
    own = life_of([*entries, *(entry._replace(number=99, cause=None) for entry in trace(*noise))], None)
    assert [entry for entry in own if entry.hop != "api"] == [entry for entry in entries if entry.hop != "api"]
    seen = {(entry.hop, entry.kind) for entry in entries}
    lacking = next((f"{words} ({hop}: {kind})" for hop, kind, words in INCOMING if (hop, kind) not in seen), None)
    assert first_missing(entries, None) == lacking


def test_of_several_texts_the_last_is_meant() -> None:
    early: list[Written] = [(0, "contact", "wrote", None, {"text": "first"}), (0, "radio", "delivered", None, {})]
    entries = [entry._replace(number=entry.number - 9) for entry in trace(*early)] + trace(*CAME_IN)
    assert len(life_of(entries, None)) == len(CAME_IN)


def test_a_real_story_has_every_stage() -> None:
    story = Story("both ways")
    alice, bob = story.phone("alice"), story.contact("bob")
    hello = story.send(from_=alice, to=bob, text="hello")
    story.expect_message(hello, status="delivered")
    story.text(from_=bob, to=alice, text="hi")
    story.expect_webhook("message.phone.received", text="hi")
    outcome = story.run()
    message = dict(outcome.verdict.messages)[hello]
    assert first_missing(outcome.trace.entries, message) is None
    assert first_missing(outcome.trace.entries, None) is None


def test_every_stage_is_on_a_hop() -> None:
    assert {hop for hop, _, _ in (*OUTGOING, *INCOMING)} <= set(HOPS)


# -- timelines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
        (None, "None"),
        (True, "True"),
        ("", ""),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
        ("two\nlines", "'two\\nlines'"),
        ("\ud83d", "'\\ud83d'"),
        ("\x1b[31m", "'\\x1b[31m'"),
        ("Grüße 😀", "Grüße 😀"),
    ],
)
def test_a_fact_is_shown_on_one_line_that_any_terminal_takes(value: object, shown: str) -> None:
    (line,) = timeline(trace((0, "phone", "fetched", "m1", {"content": value})), "m1")
    assert line == f"    +0.000 s  phone    fetched  content={shown}"
    line.encode()


def test_a_timeline_begins_with_its_own_first_entry() -> None:
    lines = timeline(trace((5, "phone", "heartbeat", None, {}), *((at + 7, *rest) for at, *rest in SENT)), "m1")  # type: ignore[arg-type]
    assert lines[0] == "    +0.000 s  client   accepted  step=step-1, status=200"
    assert lines[-1] == "    +2.000 s  gateway  message.phone.delivered  was=sent, status=delivered"
