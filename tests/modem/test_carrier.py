"""What a carrier does with a text: each rule alone, and on its way through a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.carrier_rules import Rule
from harness.core import Table
from harness.delays import Fixed, Uniform
from harness.draws import Draws
from harness.instants import SECOND
from harness.modem import (
    AddRules,
    DailyCap,
    Duplicate,
    Late,
    LongCodeFilter,
    Lose,
    Only,
    Refuse,
    RemoveRules,
    Reorder,
    Reports,
    ShowSender,
    Slow,
    SpamBlock,
    Throttle,
)
from harness.modem.carrier import RULES, Passage, Room, steer
from harness.parties import WriteText
from harness.radio import DeliverReceived, StatusReport, SubmitAccepted, SubmitRejected
from harness.sms import parse_deliver
from tests.modem.kit import ALICE, BOB, CAROL, NOW, Network, a_submit

TEXT = Passage(ALICE, BOB, "You win a prize")
DAY = 86400 * SECOND


class _Carrier:
    """One rule and its memory."""

    def __init__(self, rule: Rule, seed: int = 1) -> None:
        self.rule = rule
        self.counts: Table[str, Any] = Table()
        self.draws = Draws(seed, "carrier")

    def steer(self, passage: Passage = TEXT, at_s: float = 0) -> Passage:
        return steer(passage, self.rule, Room("1", self.counts, self.draws, NOW + round(at_s * SECOND)))


def _changes(before: Passage, after: Passage) -> dict[str, Any]:
    names = (
        "code",
        "is_lost",
        "answer_after_ns",
        "late_ns",
        "copies",
        "reports",
        "is_early",
        "shown_sender",
        "steered",
    )
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (Refuse(777), {"code": 777}),
        (Slow(Fixed(5)), {"answer_after_ns": 5, "late_ns": 5}),
        (Throttle(1, 60 * SECOND), {}),
        (DailyCap(1), {}),
        (DailyCap(0), {"is_lost": True}),
        (DailyCap(0, 106), {"code": 106}),
        (SpamBlock(), {"is_lost": True}),
        (SpamBlock(code=117), {"code": 117}),
        (LongCodeFilter(), {"is_lost": True}),
        (LongCodeFilter(0), {}),
        (Lose(), {"is_lost": True}),
        (Lose(share=0), {}),
        (Late(Fixed(7)), {"late_ns": 7}),
        (Reorder(), {}),
        (Duplicate(), {"copies": (0,)}),
        (Duplicate(2, Fixed(3)), {"copies": (3, 3)}),
        (ShowSender("BANK"), {"shown_sender": "BANK"}),
        (Reports(), {"reports": ()}),
        (Reports(((Fixed(1), 48), (Fixed(9), 0)), early=True), {"reports": ((1, 48), (9, 0)), "is_early": True}),
    ],
    ids=repr,
)
def test_a_rule_does_its_one_thing(rule: Rule, changes: dict[str, Any]) -> None:
    named = {"steered": (type(rule).__name__,)} if changes else {}
    assert _changes(TEXT, _Carrier(rule).steer()) == {**changes, **named}


def test_every_rule_does_something() -> None:
    assert set(Rule.__args__) == RULES.keys()


LONG = replace(TEXT, sequence=2, count=3)


@pytest.mark.parametrize(
    ("only", "passage", "fits"),
    [
        (Only(), TEXT, True),
        (Only(sender=ALICE), TEXT, True),
        (Only(sender=BOB), TEXT, False),
        (Only(sender="+1800*"), TEXT, True),
        (Only(to="+49*"), TEXT, False),
        (Only(to=BOB), TEXT, True),
        (Only(text="w.n"), TEXT, True),
        (Only(text="^win"), TEXT, False),
        (Only(segments=(1,)), TEXT, True),
        (Only(segments=(-1,)), TEXT, True),
        (Only(segments=(2,)), TEXT, False),
        (Only(segments=(2,)), LONG, True),
        (Only(segments=(-2,)), LONG, True),
        (Only(segments=(1, -1)), LONG, False),
        (Only(ALICE, BOB, "win", (1,)), TEXT, True),
        (Only(ALICE, BOB, "lose", (1,)), TEXT, False),
    ],
    ids=repr,
)
def test_a_rule_is_about_what_it_says(only: Only, passage: Passage, fits: bool) -> None:
    assert (_Carrier(Refuse(1, only)).steer(passage).code == 1) is fits


@pytest.mark.parametrize(
    ("skip", "times", "taken"),
    [(0, 2, [0, 1]), (2, 1, [2]), (1, None, [1, 2, 3]), (9, 1, []), (0, None, [0, 1, 2, 3])],
)
def test_a_rule_leaves_some_alone_and_then_takes_so_many(skip: int, times: int | None, taken: list[int]) -> None:
    carrier = _Carrier(Refuse(1, Only(text="win", skip=skip, times=times)))
    other = replace(TEXT, text="hello")
    refused = []
    for number in range(4):
        assert carrier.steer(other).code is None  # what does not fit is not counted
        if carrier.steer().code is not None:
            refused.append(number)
    assert refused == taken


def test_a_throttle_refuses_what_is_above_and_counts_only_what_it_took() -> None:
    carrier = _Carrier(Throttle(2, 10 * SECOND, 106))
    times = [0, 1, 2, 9.9, 10, 10.5, 11]
    assert [carrier.steer(at_s=at_s).code for at_s in times] == [None, None, 106, 106, None, 106, None]
    assert carrier.steer(replace(TEXT, sender=CAROL), at_s=11).code is None  # each sender for themselves


def test_a_throttle_without_a_code_delivers_each_text_as_soon_as_it_may() -> None:
    carrier = _Carrier(Throttle(2, 10 * SECOND, None))
    late = [carrier.steer(at_s=at_s).late_ns / SECOND for at_s in (0, 1, 2, 3, 4, 45)]
    assert late == [0, 0, 8, 8, 16, 0]


@given(st.lists(st.integers(0, 40), max_size=40).map(sorted), st.integers(1, 4), st.integers(1, 20))
def test_never_do_more_pass_a_throttle_than_it_lets(times: list[int], count: int, interval_s: int) -> None:
    carrier = _Carrier(Throttle(count, interval_s * SECOND, None))
    leaves = [at_s + carrier.steer(at_s=at_s).late_ns // SECOND for at_s in times]
    assert leaves == sorted(leaves)
    assert all(late - early >= interval_s for early, late in zip(leaves, leaves[count:], strict=False))


def test_a_daily_cap_begins_anew_with_the_day() -> None:
    carrier = _Carrier(DailyCap(2))
    left_s = (DAY - NOW % DAY) / SECOND
    lost = [carrier.steer(at_s=at_s).is_lost for at_s in (0, 1, 2, left_s - 1, left_s, left_s + 1, left_s + 2)]
    assert lost == [False, False, True, True, False, False, True]


@pytest.mark.parametrize(
    ("sender", "lost"), [(ALICE, True), ("18005550199", True), ("12345", False), ("BANK", False), ("", False)]
)
def test_a_long_code_filter_leaves_short_codes_and_names_alone(sender: str, lost: bool) -> None:
    assert _Carrier(LongCodeFilter()).steer(replace(TEXT, sender=sender)).is_lost is lost


@pytest.mark.parametrize("rule", [Lose(share=30), LongCodeFilter(30)])
def test_about_so_many_in_a_hundred_get_lost_and_the_same_ones_with_the_same_seed(rule: Rule) -> None:
    runs = []
    for _ in range(2):
        carrier = _Carrier(rule, 7)
        runs.append([carrier.steer().is_lost for _ in range(1000)])
    assert runs[0] == runs[1]
    assert 250 < sum(runs[0]) < 350


# -- in a network ------------------------------------------------------------------------------------------------------


def _sent(*rules: Rule, text: str = "hi") -> Network:
    network = Network(rules=rules)
    network.send(a_submit("m", text))
    return network


def _statuses(network: Network) -> list[tuple[float, int]]:
    reports = network.told(StatusReport)
    return list(zip(network.when(StatusReport), [report.status for report in reports], strict=True))


@pytest.mark.parametrize(
    ("rules", "sent", "read", "statuses"),
    [
        ((), [0.0], ["hi"], [(0.0, 0)]),
        ((Refuse(106),), [], [], []),
        ((Refuse(106), Reports(((Fixed(0), 70),))), [], [], []),
        ((SpamBlock(),), [0.0], [], []),
        ((SpamBlock(Only(text="win")),), [0.0], ["hi"], [(0.0, 0)]),
        ((Lose(), Reports(((Fixed(SECOND), 70),))), [0.0], [], [(1.0, 70)]),
        ((Reports(),), [0.0], ["hi"], []),
        ((Reports(((Fixed(0), 48), (Fixed(5 * SECOND), 0))),), [0.0], ["hi"], [(0.0, 48), (5.0, 0)]),
        ((Reports(((Fixed(0), 0), (Fixed(0), 0))),), [0.0], ["hi"], [(0.0, 0)]),
        ((Reports(((Fixed(0), 255),)),), [0.0], ["hi"], [(0.0, 255)]),
        ((Reports(((Fixed(0), 0),), early=True),), [0.0], ["hi"], []),
        ((Slow(Fixed(3 * SECOND)),), [3.0], ["hi"], [(3.0, 0)]),
        ((Late(Fixed(3 * SECOND)),), [0.0], ["hi"], [(3.0, 0)]),
        ((Slow(Fixed(SECOND)), Late(Fixed(2 * SECOND))), [1.0], ["hi"], [(3.0, 0)]),
        ((Duplicate(2, Fixed(SECOND)),), [0.0], ["hi", "hi", "hi"], [(0.0, 0)]),
        ((ShowSender("BANK"),), [0.0], ["hi"], [(0.0, 0)]),
        ((ShowSender("a name that is too long"),), [0.0], [], []),
    ],
    ids=repr,
)
def test_a_text_through_a_carrier_with_rules(
    rules: Any, sent: list[float], read: list[str], statuses: list[tuple[float, int]]
) -> None:
    network = _sent(*rules)
    assert network.when(SubmitAccepted) == sent
    assert len(network.told(SubmitAccepted, SubmitRejected)) == 1
    assert network.read() == read
    assert _statuses(network) == statuses
    assert not network.smsc.underway


def test_a_copy_is_not_reported() -> None:
    network = _sent(Duplicate(2))
    assert network.facts("radio", "report dropped") == []


@pytest.mark.parametrize("rules", [(Late(Fixed(5)),), (Reports(),), (Duplicate(),)], ids=repr)
def test_a_text_to_nobody_is_taken_and_forgotten(rules: Any) -> None:
    network = Network(rules=rules)
    network.send(a_submit("m", "hi", to=CAROL))
    assert [type(event) for event in network.told()] == [SubmitAccepted]
    assert network.facts("radio", "no subscriber")
    assert not network.smsc.underway


def test_the_trace_names_the_rules_that_changed_something() -> None:
    network = _sent(Throttle(9, SECOND), Late(Fixed(5)), Lose(), Duplicate(only=Only(text="win")))
    (facts,) = network.facts("radio", "carrier")
    assert facts == {"from": ALICE, "to": BOB, "segment": 1, "rules": "Late, Lose", "lost": True, "late_ns": 5}
    (entry,) = [entry for entry in network.world.trace.entries if entry.kind == "carrier"]
    assert entry.message == "m"


def test_a_refusal_ends_the_way_of_a_segment() -> None:
    network = _sent(Refuse(117), Throttle(1, SECOND))
    assert network.told() == [SubmitRejected("m/1", 0, 117)]
    assert network.smsc.counts == {}


@pytest.mark.parametrize(
    ("rules", "read"),
    [
        ((Lose(Only(segments=(2,))),), 0),
        ((Late(Fixed(60 * SECOND), Only(segments=(2,))),), 1),
        ((Reorder(),), 1),
        ((Duplicate(3),), 1),
        ((Duplicate(1, Fixed(SECOND)), Reorder()), 1),
    ],
    ids=repr,
)
def test_a_long_text_is_read_whole_if_all_its_segments_come(rules: Any, read: int) -> None:
    text = "x" * 400
    network = _sent(*rules, text=text)
    assert len(network.told(SubmitAccepted)) == 3
    assert network.read().count(text) >= read
    assert bool(network.read()) is bool(read)


def test_reordered_segments_come_last_first() -> None:
    network = Network(rules=(Reorder(SECOND),))
    network.do("contact:bob", WriteText(ALICE, "x" * 400))
    concats = [parse_deliver(event.pdu).concat for event in network.told(DeliverReceived)]
    assert [concat.sequence for concat in concats if concat] == [3, 2, 1]
    assert network.when(DeliverReceived) == [0, 1, 2]


def test_a_duplicate_is_the_same_octet_for_octet_and_reported_once() -> None:
    network = Network(rules=(Duplicate(2, Fixed(90 * SECOND)),))
    network.do("contact:bob", WriteText(ALICE, "hi"))
    assert len({event.pdu for event in network.told(DeliverReceived)}) == 1
    assert network.when(DeliverReceived) == [0, 90, 90]


@pytest.mark.parametrize("sender", ["BANK", "12345", "500", "", "+4930123456"])
def test_a_text_may_come_from_any_sender(sender: str) -> None:
    network = Network()
    network.do("contact:bob", WriteText(ALICE, "x" * 161, sender))
    assert {parse_deliver(event.pdu).sender for event in network.told(DeliverReceived)} == {sender}
    assert "".join(str(parse_deliver(event.pdu).text) for event in network.told(DeliverReceived)) == "x" * 161
    shown = Network(rules=(ShowSender(sender),))
    shown.do("contact:bob", WriteText(ALICE, "hi"))
    assert {parse_deliver(event.pdu).sender for event in shown.told(DeliverReceived)} == {sender}


@pytest.mark.parametrize("sender", ["БАНК", "a name that is too long"])
def test_a_sender_whom_no_address_can_name_reaches_nobody(sender: str) -> None:
    network = Network()
    network.do("contact:bob", WriteText(ALICE, "hi", sender))
    assert network.told() == []
    assert network.facts("radio", "no such sender") == [{"from": sender, "to": ALICE}]


def test_rules_come_and_go() -> None:
    network = Network()
    network.do("smsc", AddRules((Refuse(102, Only(times=1, skip=1)), Late(Fixed(5)))))
    network.send(*(a_submit(str(number), "hi") for number in range(3)))
    assert [type(event) for event in network.told(SubmitAccepted, SubmitRejected)].count(SubmitRejected) == 1
    network.do("smsc", RemoveRules("Refuse"))
    assert [type(rule) for rule in network.smsc.rules.values()] == [Late]
    assert network.smsc.counts == {}
    network.do("smsc", RemoveRules())
    assert not network.smsc.rules
    told = network.facts("radio", "rules")
    assert told == [{"added": "Refuse, Late"}, {"removed": "Refuse"}, {"removed": "Late"}]


_RULES = st.lists(
    st.sampled_from(
        [
            Refuse(106, Only(times=1)), Refuse(101, Only(segments=(1,), times=2)), Slow(Uniform(0, SECOND)),
            Throttle(2, SECOND, None), Throttle(3, SECOND), DailyCap(4), SpamBlock(Only(text="x")), Lose(share=50),
            Late(Uniform(0, SECOND)), Reorder(), ShowSender("BANK"), Reports(),
            Reports(((Fixed(0), 48), (Fixed(5), 70))),
            Reports(((Fixed(0), 0),), early=True),
        ]
    ),
    max_size=5,
)  # fmt: skip


@settings(deadline=None)
@given(_RULES, st.booleans(), st.lists(st.sampled_from(["hi", "x" * 161]), max_size=6), st.integers(0, 1 << 32))
def test_whatever_the_carrier_does_every_segment_has_one_result_and_comes_once(
    rules: list[Rule], copied: bool, texts: list[str], seed: int
) -> None:
    network = Network(seed, rules=(*rules, *([Duplicate()] if copied else [])))
    submits = [a_submit(str(number), text, number) for number, text in enumerate(texts)]
    network.send(*submits)
    results = [(event.id, event.segment) for event in network.told(SubmitAccepted, SubmitRejected)]
    wanted = [(submit.id, segment) for submit in submits for segment in range(len(submit.segments))]
    assert sorted(results) == sorted(wanted)
    assert len(network.read()) <= len(texts) * (1 + copied)
    assert not network.modem.submitted
    assert not network.smsc.underway
