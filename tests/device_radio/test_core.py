"""The radio of a card in a device: nothing is believed before the device shows it."""

from __future__ import annotations

import pytest

from harness.core import Record, Tell
from harness.device_radio import LOST, CallTold, NumberGuard, Patience, Refused, RowSeen, SmsRow, Taken
from harness.errors import ProtocolError
from harness.instants import SECOND
from harness.modem import DeliverPdu
from harness.parties import CallNumber, PushMms, WriteMms, WriteText
from harness.plain import dump, load
from harness.radio import (
    AirCall,
    AirDeliver,
    AirReport,
    CallLogged,
    CallStateChanged,
    MmsResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitMms,
    SubmitRejected,
    TextReceived,
)
from harness.sms import deliver_tpdus
from tests.device_radio.kit import ALICE, BOB, CAROL, RADIO, Around, a_submit
from tests.device_radio.pocket import EMULATOR, Pocket

LONG = "All work and no play makes Jack a dull boy. " * 6
HARDWARE = NumberGuard(is_emulator=False, allowed=frozenset({BOB}))


# -- out ---------------------------------------------------------------------------------------------------------------


def test_a_text_is_accepted_once_the_device_shows_it_among_those_sent() -> None:
    around = Around(looks=False)
    around.world.inject("phone", a_submit("m1", "hello"))
    around.run(around.world.now + SECOND)
    assert around.told() == []
    assert around.read() == []
    around.look()
    around.run()
    [accepted] = around.told()
    assert accepted == SubmitAccepted("m1/1", 0, accepted.tp_mr)
    assert around.read() == ["hello"]
    assert [facts["text"] for facts in around.facts("submitted")] == ["hello"]


def test_what_the_contact_reads_comes_of_what_the_phone_submitted() -> None:
    around = Around(looks=False)
    around.world.inject("phone", a_submit("m1", "hello"))
    around.run(around.world.now + SECOND)
    entries = list(around.world.trace.entries)
    submitted = next(entry for entry in entries if entry.kind == "submitted")
    [row] = around.pocket.boxes["sent"]
    assert around.radio.awaits("sent", row) == "m1/1"
    around.world.inject(RADIO, RowSeen("sent", row), cause=submitted.number)
    around.run()
    sent, read = list(around.world.trace.entries)[-2:]
    assert (sent.kind, sent.cause, sent.message) == ("sent on the device", submitted.number, "m1")
    assert (read.kind, read.cause) == ("received", sent.number)


@pytest.mark.parametrize(
    ("pocket", "submit", "code", "why", "after_s"),
    [
        (Pocket(refuses="SecurityException"), a_submit("m", "hi"), 1, "SecurityException", 0),
        (Pocket(keeps=True), a_submit("m", "hi"), 1, "did not show it among the texts sent within 30 s", 30),
        (Pocket(), a_submit("m", LONG), 1, "one segment only", 0),
        (Pocket(), Submit("m/1", "x", "hi", ("hi",), (), 1), 1, "no PDU", 0),
        (Pocket(HARDWARE), a_submit("m", "hi", CAROL), 20, f"--allow {CAROL}", 0),
    ],
    ids=["refused", "never shown", "too long", "no PDU", "not allowed"],
)
def test_a_text_that_the_device_does_not_send_is_rejected_with_the_reason(
    pocket: Pocket, submit: Submit, code: int, why: str, after_s: int
) -> None:
    around = Around(pocket)
    began_at = around.world.now
    around.do("phone", submit)
    assert around.told() == [SubmitRejected("m/1", place, code) for place in range(len(submit.segments))]
    assert all(why in facts["why"] and facts["code"] == code for facts in around.facts("rejected"))
    assert around.handset.told[0][0] - began_at == after_s * SECOND
    assert around.read() == []
    assert not around.radio.is_waiting


def test_the_patience_is_whoever_asks_for_it() -> None:
    around = Around(Pocket(keeps=True), patience=Patience(sent_within=2 * SECOND))
    began_at = around.world.now
    around.do("phone", a_submit("m", "hi"))
    assert around.handset.told[0][0] - began_at == 2 * SECOND


def test_a_text_that_goes_out_after_it_was_given_up_is_read_and_not_accepted() -> None:
    around = Around(Pocket(keeps=True))
    around.do("phone", a_submit("m", "hi"))
    around.pocket.put("sent", BOB, "hi")
    around.look()
    around.run()
    assert around.told() == [SubmitRejected("m/1", 0, 1)]
    assert around.read() == ["hi"]
    assert len(around.facts("sent after all")) == 1


def test_of_two_equal_texts_each_row_is_one_and_the_one_that_waits_comes_first() -> None:
    around = Around(Pocket(keeps=True))
    around.do("phone", a_submit("first", "hi"))
    around.world.inject("phone", a_submit("second", "hi"))
    around.run(around.world.now + SECOND)
    around.pocket.put("sent", BOB, "hi")
    around.look()
    around.run()
    assert [event.id for event in around.told(SubmitAccepted)] == ["second/1"]


def test_what_another_app_sends_is_told_and_is_nobodys_answer() -> None:
    around = Around(Pocket(keeps=True))
    around.pocket.put("sent", BOB, "not ours")
    around.do("phone", a_submit("m", "hi"))
    assert around.told(SubmitAccepted) == []
    assert around.read() == []
    assert [facts["to"] for facts in around.facts("sent by another app")] == [BOB]


def test_a_status_report_of_our_network_is_none_of_the_devices() -> None:
    around = Around()
    around.do("phone", a_submit("m", "hi"))
    assert around.read() == ["hi"]
    assert around.told(StatusReport) == []
    assert list(around.radio.handle(AirReport(b"\x06"), 0)) == []


def test_a_device_sends_no_multimedia_message() -> None:
    around = Around()
    around.do(RADIO, SubmitMms("m/1", BOB, b"pdu"))
    assert around.told() == [MmsResult("m/1", 1)]
    assert "multimedia" in around.facts("mms result")[0]["why"]


# -- in ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["hello", LONG, "Row: 1 _id=2, body=x\n", "ж" * 100], ids=["short", "long", "row", "ж"]
)
def test_a_text_that_a_contact_writes_reaches_the_phone_as_the_device_shows_it(text: str) -> None:
    around = Around()
    around.do("contact:bob", WriteText(ALICE, text))
    assert around.told() == [TextReceived(BOB, text, 1)]
    assert around.facts("delivered") == [{"from": BOB, "to": ALICE, "text": text, "row": 1}]
    assert not around.smsc.underway
    assert not around.radio.is_waiting


def test_the_phone_is_told_what_the_row_says_and_not_what_was_typed() -> None:
    around = Around(Pocket(says="something else"))
    around.do("contact:bob", WriteText(ALICE, "hello"))
    assert around.told() == [TextReceived(BOB, "something else", 1)]
    assert "uncalled-for" not in around.facts("delivered")[0]


def test_a_text_that_the_console_takes_and_the_device_never_shows_is_lost_and_said_so() -> None:
    around = Around(Pocket(swallows=True))
    began_at = around.world.now
    around.do("contact:bob", WriteText(ALICE, "hello"))
    assert around.told() == []
    assert around.world.now - began_at == 10 * SECOND
    assert around.facts(LOST) == [
        {"from": BOB, "to": ALICE, "text": "hello", "why": "the console said OK and nothing came"}
    ]
    assert list(around.smsc.underway), "nobody said that it is stored"
    assert not around.radio.is_waiting


def test_a_text_that_the_console_refuses_is_lost_with_its_words() -> None:
    radio = Around().radio
    radio.handle(AirDeliver(ALICE, deliver_tpdus(BOB, "a", 0, 1)[0], "1"), 0)
    [lost] = radio.handle(Refused("text/1/1", "KO: modem emulation not running"), 0)
    assert isinstance(lost, Record)
    assert (lost.kind, lost.facts["why"]) == (LOST, "KO: modem emulation not running")


def test_a_strangers_text_reaches_the_phone_too() -> None:
    around = Around()
    around.pocket.put("inbox", CAROL, "who is this?")
    around.look()
    around.run()
    assert around.told() == [TextReceived(CAROL, "who is this?", 1)]
    assert around.facts("delivered")[0]["uncalled-for"] is True


def test_a_strangers_text_is_not_taken_for_one_that_a_contact_wrote() -> None:
    around = Around(looks=False)
    around.world.inject("contact:bob", WriteText(ALICE, "hello"))
    around.run(around.world.now)
    assert around.radio.awaits("inbox", SmsRow(9, CAROL, "hello", 0)) is None
    assert around.radio.awaits("inbox", SmsRow(9, BOB.removeprefix("+"), "hello", 0)) == "text/1/1"


def test_of_two_texts_of_one_sender_each_row_is_the_one_with_its_words() -> None:
    around = Around(looks=False)
    for text in ("first", "second"):
        around.world.inject("contact:bob", WriteText(ALICE, text))
        around.run(around.world.now)
    assert around.radio.awaits("inbox", SmsRow(9, BOB, "second", 0)) == "text/1/2"
    assert around.radio.awaits("inbox", SmsRow(9, BOB, "neither", 0)) == "text/1/1"


def test_a_row_that_is_told_twice_counts_once() -> None:
    around = Around(looks=False)
    row = around.pocket.put("inbox", CAROL, "hello")
    around.do(RADIO, RowSeen("inbox", row), RowSeen("inbox", row))
    assert len(around.told()) == 1


@pytest.mark.parametrize(
    ("pocket", "event", "why"),
    [
        (Pocket(HARDWARE), WriteText(ALICE, "hello"), "only an emulator has a console"),
        (Pocket(), WriteText(ALICE, "hello", "BANK"), "numbers only"),
        (Pocket(), WriteMms(ALICE, "look", ()), "multimedia"),
        (Pocket(), PushMms(ALICE, b"\x8c\x82"), "binary"),
        (Pocket(HARDWARE), CallNumber(ALICE), "only an emulator has a console"),
        (Pocket(), CallNumber(ALICE, caller=""), "withheld"),
        (Pocket(), CallNumber(ALICE, "answered"), "nobody is there to answer"),
        (Pocket(no_calls=True), CallNumber(ALICE), "KO: bad phone number format"),
    ],
)
def test_what_cannot_be_brought_into_a_device_is_lost_at_once_and_said_so(
    pocket: Pocket, event: object, why: str
) -> None:
    around = Around(pocket)
    began_at = around.world.now
    around.do("contact:bob", event)
    assert around.told() == []
    assert around.pocket.boxes["inbox"] == []
    assert around.pocket.calls == []
    [lost] = around.facts(LOST)
    assert why in lost["why"]
    assert around.world.now - began_at <= 10 * SECOND
    assert not around.radio.is_waiting


@pytest.mark.parametrize(
    "event",
    [
        a_submit("m", "hi", CAROL),
        AirDeliver(ALICE, deliver_tpdus(BOB, "hello", 0, 1)[0], "1"),
        AirCall(ALICE, BOB, "missed", 0),
    ],
    ids=["text out", "text in", "call"],
)
def test_the_core_of_hardware_lets_nothing_out_of_the_world_that_is_not_allowed(event: object) -> None:
    radio = Around(Pocket(HARDWARE)).radio
    ports = [one.port for one in radio.handle(event, 0) if isinstance(one, Tell)]
    assert "device" not in ports
    assert not radio.is_waiting


def test_octets_that_are_no_text_are_told_and_taken() -> None:
    around = Around()
    around.do("smsc", DeliverPdu(ALICE, b"\xff\xff"))
    assert around.told() == []
    assert len(around.facts("unreadable")) == 1


# -- calls -------------------------------------------------------------------------------------------------------------


def test_a_missed_call_rings_on_the_device_until_the_caller_hangs_up() -> None:
    around = Around()
    began_at = around.world.now
    around.do("contact:bob", CallNumber(ALICE, rings_ns=4 * SECOND))
    states = [(event.state, event.number) for event in around.told(CallStateChanged)]
    assert states == [("RINGING", BOB), ("RINGING", None), ("IDLE", BOB), ("IDLE", None)]
    assert around.told(CallLogged) == [CallLogged(BOB, 3, began_at, 1)]
    assert around.handset.told[-1][0] - began_at == 4 * SECOND
    assert [(one["state"], one["said by"]) for one in around.facts("call state")] == [
        ("RINGING", "device"),
        ("IDLE", "console"),
    ]
    assert not around.radio.is_waiting


def test_a_call_that_never_rings_is_lost() -> None:
    radio = Around().radio
    called, _, late = radio.handle(AirCall(ALICE, BOB, "missed", 0), 0)
    assert isinstance(called, Record)
    [lost] = radio.handle(late.event, late.due_at)  # type: ignore[union-attr]
    assert isinstance(lost, Record)
    assert lost.kind == LOST
    assert list(radio.handle(CallTold("call/1/1", "RINGING", "device"), 0)) == []


# -- in itself ---------------------------------------------------------------------------------------------------------


def test_an_event_that_is_nothing_to_it_raises() -> None:
    with pytest.raises(ProtocolError):
        Around().radio.handle("hello", 0)


def test_a_card_says_which_subscription_its_texts_leave_by() -> None:
    around = Around()
    around.radio.subscription_id = 7
    tells = [one for one in around.radio.handle(a_submit("m", "hi"), 0) if isinstance(one, Tell)]
    assert tells[0].event.subscription_id == 7


def test_what_it_keeps_can_be_written_down_and_a_fork_goes_its_own_way() -> None:
    around = Around(looks=False)
    around.world.inject("phone", a_submit("m", "hi"))
    around.world.inject("contact:bob", WriteText(ALICE, LONG))
    around.run(around.world.now)
    for table in around.radio.tables().values():
        for key, row in table.items():
            assert load(dump((key, row))) == (key, row)
    twin = around.radio.fork()
    twin.handle(RowSeen("inbox", SmsRow(1, BOB, LONG, 0)), 0)
    assert around.radio.injected
    assert not twin.injected


def test_what_the_device_says_of_something_forgotten_is_nothing() -> None:
    radio = Around().radio
    assert [list(radio.handle(event, 0)) for event in (Taken("x"), Refused("x", "no"))] == [[], []]


def test_the_guard_of_an_emulator_lets_everybody_be_texted() -> None:
    around = Around(Pocket(EMULATOR))
    around.do("phone", a_submit("m", "hi", CAROL))
    assert around.pocket.texted == [CAROL]
