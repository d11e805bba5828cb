"""What is of a run, or of a target, and no difference."""

from __future__ import annotations

import pytest

from harness.capability import Capability
from harness.outcome import Outcome, Person
from harness.report.fidelity import compared
from tests.report.fidelity.runs import CALL, FAILS, changed, found, later, ran, renamed, swapped
from tests.report.traces import CAME_IN, SENT, Written

ID = "8cb4f770-00f4-4eb2-92a1-88f4b083fd62"
CALLED: list[Written] = [
    *CALL,
    (0.2, "phone", "call forwarded", None, {"from": "+2", "status": 200}),
    (0.3, "webhook", "message.call.missed", "m3", {"owner": "+1", "contact": "+2"}),
    (9.0, "contact", "calls", None, {"from": "+2", "to": "+1", "outcome": "answered"}),
]
TOLD = changed(CAME_IN, 5, content="Thank you")
SEEN_LESS = [each for each in SENT if each[1] not in ("gateway", "push")]
ALIKE: dict[str, tuple[Outcome, Outcome]] = {
    "ids": (ran(SENT), ran(renamed(SENT, m1="m9"), messages=(("hi", "m9"),))),
    "instants": (ran(SENT), ran(later(SENT, 7))),
    "the order of hops among each other": (ran(SENT), ran(swapped(SENT, 8, 9))),
    "PDUs": (ran(changed(SENT, 8, pdu="00")), ran(changed(SENT, 8, pdu="ff"))),
    "ids, times and ports in reasons": (
        ran(changed(FAILS, 9, reason=f"{ID} at 2026-01-01T00:00:00Z on 127.0.0.1:80")),
        ran(changed(FAILS, 9, reason=f"{ID.replace('8', '9')} at 2027-02-02T10:00:00.5Z on 127.0.0.1:8080")),
    ),
    "what two keys make of one text": (
        ran(changed(SENT, 6, encrypted=True, content="one")), ran(changed(SENT, 6, encrypted=True, content="other"))
    ),
    "what a wrong key makes of it": (
        ran(changed(changed(SENT, 6, encrypted=True), 8, text="\x01\ufffd")),
        ran(changed(changed(SENT, 6, encrypted=True), 8, text="\x02\ufffd!")),
    ),
    "numbers of the same people": (
        ran(changed([*CAME_IN, *CALL], 0, text="I am +2")),
        ran(
            changed([(*each[:4], {**each[4], **{name: {"+1": "+7", "+2": "+8"}.get(each[4][name], each[4][name])
             for name in ("from", "to", "owner", "contact") if name in each[4]}}) for each in [*CAME_IN, *CALL]],
             0, text="I am +8"),
            people=(Person("alice", "+7", "phone"), Person("bob", "+8", "contact")),
        ),
    ),
    "words that the story draws anew": (
        ran([(0.0, "client", "send", None, {"step": "step-1", "from": "+1", "to": "+2", "content": "Order 6wrn"}),
             *changed(SENT, 8, text="Order 6wrn")[1:]]),
        ran([(0.0, "client", "send", None, {"step": "step-1", "from": "+1", "to": "+2", "content": "Order w3yk"}),
             *changed(SENT, 8, text="Order w3yk")[1:]]),
    ),
    "causes that end at a socket": (ran(TOLD), ran(TOLD, linked=False)),
    "calls whose causes end there": (ran(CALLED), ran(CALLED, linked=False)),
    "what nobody knows of": (ran(SENT), ran([*SENT, (3.0, "gateway", "webhook.called", "m1", {"attempt": 1})])),
    "what the set-up did": (
        ran(SENT), ran([(0.0, "client", "accepted", None, {"step": "set-up/shop", "status": 200}), *later(SENT, 1)])
    ),
    "hops that one does not see": (ran(SENT), ran(SEEN_LESS, hops=("client", "phone", "radio", "contact", "webhook"))),
    "what was on its way when it ended": (ran(SENT), ran(SENT[:11], still_open=(("m1", "sent"),))),
    "what came after it had ended": (
        ran([*SENT[:13], (61.0, *SENT[13][1:])]), ran(SENT[:13])
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_what_is_of_a_run_or_of_a_target_is_no_difference(one: Outcome, other: Outcome) -> None:
    assert found(one, other) == []
    assert found(other, one) == []


def test_what_a_target_cannot_have_is_not_looked_for_there() -> None:
    without = [each for each in SENT if each[2] not in ("report", "delivered", "message.phone.delivered")]
    lacks = ((), {Capability.DELIVERY_REPORTS})
    assert [what for _, what in found(ran(SENT), ran(without))] == [
        "the status report comes back", "the phone knows that it is delivered", "the gateway hears DELIVERED",
    ]  # fmt: skip
    assert found(ran(SENT), ran(without), lacks=lacks) == []
    notes = [row.note for row in compared(ran(SENT), ran(without), lacks=lacks).strands[0].rows if row.note]
    assert notes == ["B has no delivery-reports"] * 3


def test_an_end_excuses_only_what_would_come_last() -> None:
    other = ran([*SENT[:9], *SENT[10:]], still_open=(("m1", "sent"),))
    assert found(ran(SENT), other) == [("only in A", "the phone knows that it is sent")]


def test_no_end_excuses_what_goes_wrong() -> None:
    lost: Written = (70.0, "radio", "lost on the device", None, {"from": "+2", "to": "+1", "text": "Thank you"})
    assert found(ran(CAME_IN), ran([*CAME_IN[:2], lost, *CAME_IN[2:]])) == [("only in B", "the device loses it")]
    assert found(ran(CAME_IN), ran([*CAME_IN[:2], (70.0, *CAME_IN[1][1:]), *CAME_IN[2:]])) == []


def _said(step: str, message: str, text: str) -> list[Written]:
    facts = {"step": step, "from": "+1", "to": "+2"}
    return [
        (0.0, "client", "accepted", message, {**facts, "status": 200}),
        (0.1, "gateway", "message.api.sent", message, {"status": "pending", "content": text}),
    ]


def test_a_step_that_sends_more_often_on_one_target_is_compared_from_its_first_message() -> None:
    """The story's name is that of the last one: here of another text on each target."""
    first, again = _said("step-2", "m1", "one"), _said("step-2", "m2", "two")
    one, other = ran([*first, *again], messages=(("it", "m2"),)), ran(first, messages=(("it", "m1"),))
    assert [(each.kind.value, each.whose) for each in compared(one, other).differences] == [
        ("only in A", "it “two” (2)")
    ]
    assert [strand.name for strand in compared(other, other).strands] == ["it “one”"]
