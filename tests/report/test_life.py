"""A message's life: where it ends, and what happened in it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import MS, SECOND
from harness.report import first_missing, timeline
from harness.report.life import INCOMING, OUTGOING, lasted, life_of, stages, stages_of
from harness.scenario.plan import Attachment
from harness.story import Story
from harness.trace import HOPS
from tests.report.traces import ASKED, CAME_IN, RECEIVED, SENT, Written, trace


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


def test_that_the_contact_received_it_is_in_the_life_of_a_message() -> None:
    other: list[Written] = [(at_s, *rest, "m9" if message else None, facts) for at_s, *rest, message, facts in RECEIVED]  # type: ignore[misc]
    entries = [
        *trace(*RECEIVED),
        *(each._replace(number=each.number + 50, cause=(each.cause or 0) + 50) for each in trace(*other)),
    ]
    read = [entry.number for entry in life_of(entries, "m1") if entry.hop == "contact"]
    assert read == [len(RECEIVED) - 1]
    assert timeline(entries, "m1")[-1] == "    +0.300 s  contact  received  from=+1, to=+2, text=hi, segments=1"


@pytest.mark.parametrize("kind", ["wrote", "calls"])
def test_what_the_contact_does_next_is_no_part_of_it(kind: str) -> None:
    entries = trace(*RECEIVED, (0.4, "contact", kind, None, {}))
    assert life_of(entries, "m1")[-1].kind == "received"


@pytest.mark.parametrize(
    ("about", "words"),
    [("short code", "allows a text to a short code"), ("outgoing limit", "allows more texts than Android's limit")],
)
def test_a_text_that_android_asks_about_waits_for_an_answer(about: str, words: str) -> None:
    asked: list[Written] = [*ASKED[:-1], (0.2, "radio", "dialog", "m1", {"about": about})]
    missing = first_missing(trace(*asked), "m1")
    assert missing == f"the phone's user {words}, as `do: dialog allow` does (radio: dialog answered)"
    answered: Written = (0.3, "radio", "dialog answered", "m1", {"answer": "allow"})
    assert first_missing(trace(*asked, answered), "m1") == "the network takes it (radio: submitted)"


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
    assert first_missing(outcome.entries, message) is None
    assert first_missing(outcome.entries, None) is None


@pytest.mark.parametrize(("size", "lacking"), [(1000, None), (20_000_000, "the gateway hears of it")])
def test_a_multimedia_message_has_the_life_of_a_text(size: int, lacking: str | None) -> None:
    story = Story("a picture")
    alice, bob = story.phone("alice"), story.contact("bob")
    story.text(from_=bob, to=alice, text="Look", attachments=[Attachment("cat.jpg", "image/jpeg", size)])
    story.advance(60)
    outcome = story.run()
    assert [(entry.hop, entry.kind) for entry in life_of(outcome.entries, None)][:3] == [
        ("contact", "wrote mms"),
        ("radio", "mms delivered"),
        ("phone", "text received"),
    ]
    missing = first_missing(outcome.entries, None)
    assert missing is None if lacking is None else str(missing).startswith(lacking)


def test_every_stage_is_on_a_hop() -> None:
    assert {hop for hop, _, _ in (*OUTGOING, *INCOMING)} <= set(HOPS)


# -- servers of which less is seen -------------------------------------------------------------------------------------

FOREIGN = ("client", "phone", "radio", "contact", "webhook")


def test_a_stage_on_a_hop_that_nobody_sees_is_not_missing() -> None:
    seen = [entry for entry in SENT if entry[1] in FOREIGN]
    assert first_missing(trace(*seen), "m1", FOREIGN) is None
    assert first_missing(trace(*seen), "m1") == "the gateway takes it up (gateway: message.api.sent)"
    assert {stage.hop for stage in stages(trace(*seen), "m1", FOREIGN)} == {"client", "phone", "radio"}


def test_where_the_gateway_is_not_seen_the_webhook_tells_the_id_of_a_text() -> None:
    content = {"content": "Thank you", "verified": True}
    seen: list[Written] = [entry for entry in CAME_IN if entry[1] not in ("gateway", "api", "webhook")]
    told: Written = (0.6, "webhook", "message.phone.received", "m2", content)
    entries = trace(*seen, told, linked=False)
    assert life_of(entries, None)[-1].message == "m2"
    assert first_missing(entries, None, FOREIGN) is None


def test_a_stage_knows_the_first_entry_that_shows_it() -> None:
    entries = trace(*SENT, *SENT[5:6])
    known = {stage.kind: stage.entry for stage in stages(entries, "m1")}
    assert known["pushed"] == entries[5]


def test_entries_of_one_message_tell_which_way_it_went() -> None:
    assert [stage.kind for stage in stages_of(trace(*SENT))] == [kind for _, kind, _ in OUTGOING]
    assert [stage.kind for stage in stages_of(trace(*CAME_IN[:1]))] == [kind for _, kind, _ in INCOMING]
    assert stages_of(trace((0, "contact", "calls", None, {}))) == []


# -- timelines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
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


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"request_id": None, "encrypted": False}, ""),
        ({"encrypted": True, "verified": False}, "  encrypted=True, verified=False"),
        ({"thread": "sent", "order_moved_ns": 1, "step": "step-1", "rules": "Late"}, ""),
        ({"late_ns": 60 * SECOND}, "  late=1 min"),
        ({"request": "R" * 500, "pdu": "00"}, ""),
    ],
)
def test_a_life_shows_no_facts_that_say_nothing_and_none_of_the_harness(facts: dict[str, Any], shown: str) -> None:
    (line,) = timeline(trace((0, "phone", "fetched", "m1", facts)), "m1")
    assert line == f"    +0.000 s  phone    fetched{shown}"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "0 ms"),
        (250 * MS, "250 ms"),
        (1_234 * MS, "1.2 s"),
        (60 * SECOND, "1 min"),
        (125 * SECOND, "2 min 5 s"),
        (3_600 * SECOND, "1 h"),
        (86_403 * SECOND, "1 day"),
        (3 * 86_400 * SECOND + 4 * 3_600 * SECOND, "3 days 4 h"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(duration: int, words: str) -> None:
    assert lasted(duration) == words


def test_a_timeline_begins_with_its_own_first_entry() -> None:
    lines = timeline(trace((5, "phone", "heartbeat", None, {}), *((at + 7, *rest) for at, *rest in SENT)), "m1")  # type: ignore[arg-type]
    assert lines[0] == "    +0.000 s  client   accepted  status=200"
    assert lines[-1] == "    +2.000 s  gateway  message.phone.delivered  was=sent, status=delivered"
