"""The magic numbers do what their table says."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import SECOND
from harness.modem import AnswerDialog, Modem, Smsc
from harness.modem.magic import ENTRIES, PREFIX, dialog, entry, report_code
from harness.parties import WriteText
from harness.radio import (
    RESULT_OK,
    CallLogged,
    CallStateChanged,
    DeliverReceived,
    StatusReport,
    SubmitAccepted,
    SubmitRejected,
)
from harness.sms import PhoneNumber, parse_deliver
from harness.sms_results import RESULTS
from tests.modem.kit import ALICE, NOW, Network, a_submit

LONG = "x" * 161


def _told(network: Network) -> list[tuple[float, Any]]:
    """What the radio told of a text, with its second: `sent`, a code, or a status with what the app hears of it."""
    told: list[tuple[float, Any]] = []
    for at, event in network.handset.told:
        match event:
            case SubmitAccepted():
                told.append((_seconds(at), "sent"))
            case SubmitRejected(code=code):
                told.append((_seconds(at), code))
            case StatusReport(status=status, code=code):
                told.append((_seconds(at), (status, code)))
            case _:
                pass
    return told


def _seconds(at: int) -> float:
    return (at - NOW) / SECOND


def _texted(suffix: str, text: str = "hi", **settings: Any) -> Network:
    network = Network(**settings)
    network.send(a_submit("m", text, to=PREFIX + suffix))
    return network


DELIVERED = (0, RESULT_OK)
OUTCOMES: dict[str, list[tuple[float, Any]]] = {
    "1000": [(0, "sent"), (0, DELIVERED)],
    "1001": [(0, "sent")],
    "1002": [(0, "sent")],
    "1003": [(0, "sent"), (0, (0x21, RESULT_OK)), (5, DELIVERED)],
    "1004": [(0, "sent"), (0, (0x21, RESULT_OK)), (5, (0x46, RESULT_OK))],
    "1005": [(0, "sent"), (0, (0x46, RESULT_OK))],
    "1006": [(0, "sent"), (0, (0x46, 1))],
    "1007": [(0, "sent"), (0, DELIVERED)],
    "1008": [(0, "sent")],
    "2000": [(30, "sent"), (30, DELIVERED)],
    "2001": [(0, "sent"), (30, DELIVERED)],
    "2002": [(4, "sent"), (4, DELIVERED)],
    "2003": [(6, 101)],
    "2004": [],
    "2005": [],
    **{suffix: [(0, "sent"), (0, DELIVERED)] for suffix in ("3000", "3001", "3002", "3003", "3004")},
    "4000": [(0, 1)],
    "4001": [(0, 1)],
}


@pytest.mark.parametrize("everybody", [False, True])
@pytest.mark.parametrize(("suffix", "told"), OUTCOMES.items())
def test_each_number_of_the_table_has_its_outcome(suffix: str, told: Any, everybody: bool) -> None:
    """Whether or not somebody reads whatever nobody else does."""
    network = _texted(suffix, everybody=everybody)
    assert _told(network) == told
    assert not network.smsc.underway
    assert not network.smsc.counts or suffix == "2003"


def test_every_number_of_the_table_is_among_them() -> None:
    assert OUTCOMES.keys() == {known.suffix for known in ENTRIES}
    assert len(OUTCOMES) == len(ENTRIES)


@pytest.mark.parametrize("code", [*(code for code in RESULTS if code >= 0 and code != 101), 34, 139, 999])
def test_the_last_three_digits_after_a_zero_are_androids_result(code: int) -> None:
    network = _texted(f"{code:04}", LONG)
    assert [told for _, told in _told(network)] == [code, code]


def test_the_result_that_asks_for_a_retry_is_retried() -> None:
    assert _told(_texted("0101")) == [(6, 101)]


@pytest.mark.parametrize(("suffix", "codes"), [("4000", {0: 1}), ("4001", {1: 1})])
def test_one_segment_of_several_may_fail(suffix: str, codes: dict[int, int]) -> None:
    network = _texted(suffix, LONG)
    assert {event.segment: event.code for event in network.told(SubmitRejected)} == codes
    assert len(network.told(SubmitAccepted)) == 1


@pytest.mark.parametrize(
    ("suffix", "answer", "told"),
    [
        ("2004", AnswerDialog("allow"), ["sent", DELIVERED]),
        ("2004", AnswerDialog("deny"), [5]),
        ("2005", AnswerDialog("allow"), ["sent", DELIVERED]),
        ("2005", AnswerDialog("deny"), [7]),
        ("2005", AnswerDialog("deny", remember=True), [8]),
    ],
)
def test_a_number_that_asks_does_as_the_human_says(suffix: str, answer: AnswerDialog, told: list[Any]) -> None:
    network = _texted(suffix)
    network.do("modem", answer)
    assert [what for _, what in _told(network)] == told


@pytest.mark.parametrize(
    ("suffix", "text", "answer"),
    [
        ("3000", "hi", "hi"),
        ("3000", "Grüße 😀", "Grüße 😀"),
        ("3000", LONG, LONG),
        ("3001", LONG, "STOP"),
        ("3002", "hi", "START"),
        ("3003", "hi", "Your code is 123456."),
    ],
)
def test_a_robot_answers_once_under_its_own_number(suffix: str, text: str, answer: str) -> None:
    network = _texted(suffix, text)
    delivers = [parse_deliver(event.pdu) for event in network.told(DeliverReceived)]
    assert "".join(deliver.text or "" for deliver in delivers) == answer
    assert {deliver.sender for deliver in delivers} == {PREFIX + suffix}
    assert all(facts["from"] == PREFIX + suffix for facts in network.facts("contact", "wrote"))


def test_a_robot_calls_back_and_hangs_up() -> None:
    network = _texted("3004", LONG)
    assert network.when(CallStateChanged) == [0, 0, 10, 10]
    assert [(row.number, row.type) for row in network.told(CallLogged)] == [(PREFIX + "3004", 3)]


@pytest.mark.parametrize("suffix", ["1009", "5000", "9999", "100", "10000", "", "000", "00000", "0٠00"])
def test_another_number_that_begins_like_these_is_an_ordinary_one(suffix: str) -> None:
    number = PREFIX + suffix
    assert entry(number) is None
    assert dialog(number) is None
    assert report_code(number) == RESULT_OK


def test_the_plan_can_be_switched_off() -> None:
    network = Network(magic=False, everybody=True)
    network.smsc.magic = False
    for number, suffix in enumerate(("0002", "1001", "2004", "3001")):
        network.send(a_submit(str(number), "hi", to=PREFIX + suffix))
    assert [told for _, told in _told(network)] == ["sent", DELIVERED] * 4
    assert network.told(DeliverReceived) == []


def test_the_plan_is_on_unless_told_otherwise() -> None:
    network = Network()
    assert isinstance(network.smsc, Smsc)
    assert isinstance(network.modem, Modem)
    assert network.smsc.magic
    assert network.modem.magic


@pytest.mark.parametrize("number", [known.number for known in ENTRIES])
def test_a_magic_number_is_e164_and_none_that_phones_and_contacts_get_by_rule(number: str) -> None:
    assert str(PhoneNumber.parse(number)) == number
    assert not 18005550100 <= int(number) <= 18005550199
    assert number != ALICE


def test_a_contact_may_text_a_magic_number_too() -> None:
    network = Network()
    network.do("contact:bob", WriteText(PREFIX + "3000", "hi"), WriteText(PREFIX + "0102", "hi"))
    assert network.read() == ["hi"]
