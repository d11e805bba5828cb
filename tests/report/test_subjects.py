"""Which message an entry is about, where it does not say so itself."""

from __future__ import annotations

import pytest

from harness.report.subjects import subjects
from harness.story import Story
from harness.testing import run_scenario
from harness.trace import Entry
from tests.report.traces import CAME_IN, SENT, Written, trace

# (hop, kind, message, number of the cause) → what the entry is about.
Told = tuple[str, str, str | None, int | None]


def _entries(*told: Told) -> list[Entry]:
    return [Entry(number, 0, hop, kind, message, cause, {}) for number, (hop, kind, message, cause) in enumerate(told)]


@pytest.mark.parametrize(
    ("told", "about"),
    [
        # A send learns its message from the API, and so does a text that came in.
        ([("client", "send", None, None), ("api", "POST", "m1", 0)], ["m1", "m1"]),
        (
            [("contact", "wrote", None, None), ("radio", "delivered", None, 0), ("api", "POST", "m2", 1)],
            ["m2", "m2", "m2"],
        ),
        # What a contact received belongs to what the radio sent, also where it answers at once.
        (
            [
                ("radio", "submitted", "m1", None),
                ("contact", "received", None, 0),
                ("contact", "wrote", None, 1),
                ("api", "POST", "m2", 2),
                ("radio", "report", "m1", 1),
            ],
            ["m1", "m1", "m2", "m2", "m1"],
        ),
        # … and where no report comes back, as from a device.
        (
            [
                ("radio", "submitted", "m1", None),
                ("contact", "received", None, 0),
                ("contact", "wrote", None, 1),
                ("api", "POST", "m2", 2),
            ],
            ["m1", "m1", "m2", "m2"],
        ),
        # A text that never got an id has a name of its own, and so has what came of it.
        (
            [("contact", "wrote", None, None), ("radio", "delivered", None, 0), ("phone", "text received", None, 1)],
            ["text 0"] * 3,
        ),
        (
            [("contact", "wrote mms", None, None), ("radio", "mms delivered", None, 0)],
            ["text 0"] * 2,
        ),
        # A phone tells itself what a report came to; a heartbeat is about nothing.
        ([("api", "POST", "m1", None), ("phone", "reported", None, 0)], ["m1", "m1"]),
        ([("phone", "heartbeat", None, None), ("api", "POST /v1/heartbeats", None, 0)], [None, None]),
        ([("gateway", "message.x", "m1", None), ("gateway", "phone.updated", None, 0)], ["m1", None]),
        # A cause that is not kept any more leads nowhere.
        ([("api", "POST", None, 99)], [None]),
    ],
)
def test_causes_tell_which_message_an_entry_is_about(told: list[Told], about: list[str | None]) -> None:
    assert subjects(_entries(*told)) == about


@pytest.mark.parametrize(("written", "message"), [(SENT, "m1"), (CAME_IN, "m2")])
def test_a_whole_life_is_about_one_message(written: list[Written], message: str) -> None:
    assert set(subjects(trace(*written))) == {message}


def test_of_a_real_story_every_text_in_the_air_is_somebody_s() -> None:
    story = Story("both ways")
    alice, bob = story.phone("alice"), story.contact("bob")
    hello = story.send(from_=alice, to=bob, text="hello")
    story.expect_message(hello, status="delivered")
    story.text(from_=bob, to=alice, text="hi")
    story.expect_webhook("message.phone.received", text="hi")
    outcome = run_scenario(story.plan(), 3)
    about = subjects(outcome.entries)
    assert len(set(about) - {None}) == 2
    for entry, subject in zip(outcome.entries, about, strict=True):
        assert entry.message in (None, subject)
        assert subject is not None or entry.hop not in ("contact", "radio", "push", "webhook")
