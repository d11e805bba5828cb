"""The verbs that do something become the acts of a plan."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answers import Answer, Capture
from harness.behaviours import Echo, Typos
from harness.deeds import Deed
from harness.fault_words import FAULTS
from harness.instants import SECOND
from harness.late import Late
from harness.matchers import Absent, Contains, Differs, Equals, Present
from harness.scenario import (
    Api,
    Attachment,
    Behave,
    CallPhone,
    EndFault,
    Fault,
    Gateway,
    PhoneAct,
    Send,
    Text,
    Webhooks,
)
from harness.scenario.acts import ACTS
from harness.scenario.grammar import VERBS
from harness.scenario.kinds import Form
from tests.scenario.files import last, problems

ALICE_BOB = ("alice", ("bob",))

SENDS: list[tuple[str, Send]] = [
    ("{from: alice, to: bob, text: hi}", Send(*ALICE_BOB, "hi")),
    ("{from: alice, to: carol, text: 1234}", Send("alice", ("carol",), "1234")),
    ("{from: alice, to: bob, text: hi, encrypted: true}", Send(*ALICE_BOB, "hi", "Pw1")),
    ("{from: alice, to: bob, text: hi, encrypted: false}", Send(*ALICE_BOB, "hi")),
    ("{from: carol, to: bob, text: hi, encrypted: true, key: 12}", Send("carol", ("bob",), "hi", "12")),
    ("{from: alice, to: bob, text: hi, encrypted: true, key: K2}", Send(*ALICE_BOB, "hi", "K2")),
    ("{from: alice, to: bob, ciphertext: aGk=}", Send(*ALICE_BOB, "aGk=", None, ciphertext=True)),
    ('{from: alice, to: bob, text: ""}', Send(*ALICE_BOB, "")),
    ("{from: carol, sim: 2, to: bob, text: hi}", Send("carol", ("bob",), "hi", sim=2)),
    ("{from: alice, to: [bob, carol], text: hi}", Send("alice", ("bob", "carol"), "hi")),
    ('{from: alice, to: "+18885551000", text: hi}', Send("alice", ("+18885551000",), "hi")),
    ('{from: alice, to: "+1 (888) 555-1000", text: hi}', Send("alice", ("+18885551000",), "hi")),
    ('{from: alice, to: "+999", text: hi}', Send("alice", ("+999",), "hi")),
    ('{from: alice, to: [bob, "+999"], text: hi}', Send("alice", ("bob", "+999"), "hi")),
    ('{from: alice, to: bob, text: "${unique}"}', Send(*ALICE_BOB, Late("${unique}"))),
    (
        '{from: alice, to: bob, text: x, later: 10m, request_id: "r-${unique}", attachments: ["https://a/${unique}"]}',
        Send(
            *ALICE_BOB,
            "x",
            request_id=Late("r-${unique}"),
            later=600 * SECOND,
            attachments=(Late("https://a/${unique}"),),
        ),
    ),
    (
        "{from: alice, to: bob, text: x, answer: {status: 402, body: {status: error}, headers: {a: {contains: b}}}}",
        Send(
            *ALICE_BOB,
            "x",
            answer=Answer(402, (("a", Contains("b")),), (("status", Equals("error")),)),
        ),
    ),
    (
        "{from: alice, to: bob, text: x}\n    answer: {status: 402}\n    capture: {id: data.id}",
        Send(*ALICE_BOB, "x", answer=Answer(402, captures=(Capture("id", "data.id"),))),
    ),
]
APIS: list[tuple[str, Api]] = [
    ("{path: /v1/phones}", Api("GET", "/v1/phones")),
    ("{method: DELETE, path: /v1/phones, as: none}", Api("DELETE", "/v1/phones", "none")),
    ("{path: /v1/phones, as: alice}", Api("GET", "/v1/phones", "alice")),
    (
        '{path: "/v1/phones/${unique}", key: "${unique.key}"}',
        Api("GET", Late("/v1/phones/${unique}"), key=Late("${unique.key}")),
    ),
    ("{path: /a, headers: {Accept: 1}}", Api("GET", "/a", headers=(("Accept", "1"),))),
    ("{path: /a, raw: '{'}", Api("GET", "/a", raw="{")),
    (
        '{path: /a, body: {a: 1, b: "1", c: true, d: null, e: ~, f: [1.5, -2, x], g: {h: "${unique}"}, i: 010}}',
        Api(
            "GET",
            "/a",
            body={
                "a": 1,
                "b": "1",
                "c": True,
                "d": None,
                "e": None,
                "f": [1.5, -2, "x"],
                "g": {"h": Late("${unique}")},
                "i": "010",
            },
        ),
    ),
    (
        "{path: /a}\n    answer: {body: {a: 1, b: '1', c: present, d: 'present', e: absent, f: {g: h}, i: {not: 1}}}",
        Api(
            "GET",
            "/a",
            answer=Answer(
                body=(
                    ("a", Equals(1)),
                    ("b", Equals("1")),
                    ("c", Present()),
                    ("d", Equals("present")),
                    ("e", Absent()),
                    ("f", Equals({"g": "h"})),
                    ("i", Differs(1)),
                )
            ),
        ),
    ),
    (
        "{path: /a}\n    capture: {id: data.id, code: {path: text, pattern: '(\\d+)'}, at: header Date}",
        Api(
            "GET",
            "/a",
            answer=Answer(
                captures=(Capture("id", "data.id"), Capture("code", "text", r"(\d+)"), Capture("at", "header Date"))
            ),
        ),
    ),
]
OTHERS: list[tuple[str, Any]] = [
    ("text: {from: bob, to: alice, text: yes}", Text("bob", "alice", "yes")),
    ("text: {from: bob, to: carol, sim: 2, text: hi}", Text("bob", "carol", "hi", 2)),
    ('text: {from: "+18005550001", to: alice, text: hi, flash: true}', Text("+18005550001", "alice", "hi", flash=True)),
    (
        "text: {from: bob, to: alice, text: hi, attachments: [{name: cat.jpg, type: image/jpeg, size: 2000000}]}",
        Text("bob", "alice", "hi", attachments=(Attachment("cat.jpg", "image/jpeg", 2_000_000),)),
    ),
    ("call: {from: bob, to: alice}", CallPhone("bob", "alice", "missed")),
    ("call: {from: bob, to: alice, outcome: answered}", CallPhone("bob", "alice", "answered")),
    ("call: {from: bob, to: carol, sim: 2, withheld: true}", CallPhone("bob", "carol", "missed", 2, True)),
    ("phone: {name: alice, radio: off}", PhoneAct("alice", Deed("radio", (False,)))),
    ("phone: {name: alice, do: lose network}", PhoneAct("alice", Deed("lose network"))),
    ("phone: {name: alice, do: switch sim2 calls on}", PhoneAct("alice", Deed("switch", (2, "calls", True)))),
    ("phone: {name: alice, encryption_key: Pw2}", PhoneAct("alice", Deed("encryption key", ("Pw2",)))),
    ("contact: {name: bob, rules: []}", Behave("bob", ())),
    ("contact: {name: bob, rules: [echo, {typos: 3}]}", Behave("bob", (Echo(), Typos(3)))),
    ("network: {fault: lost-push, phone: alice}", Fault("lost-push", "alice", 1)),
    ("network: {fault: lost-push, times: 3}", Fault("lost-push", times=3)),
    ("network: {fault: late-push, delay: 3s}", Fault("late-push", times=1, delay=3 * SECOND)),
    ("network: {fault: refused-push, error: UNREGISTERED}", Fault("refused-push", times=1, error="UNREGISTERED")),
    ("network: {fault: lost-update}", Fault("lost-update")),
    ("network: {fault: unreachable}", Fault("unreachable")),
    ("network: {fault: unreachable, phone: alice}", Fault("unreachable", "alice")),
    ("network: {fault: slow-network, who: client, delay: 2s}", Fault("slow-network", delay=2 * SECOND, who="client")),
    (
        "network: {fault: failing-api, who: phone, phone: alice, status: 503, times: 2}",
        Fault("failing-api", "alice", 2, status=503, who="phone"),
    ),
    ("network: {end: lost-push}", EndFault("lost-push")),
    ("network: {end: all}", EndFault()),
    ("webhooks: {answer: 500, times: 2}", Webhooks(500, 2)),
    ("webhooks: {answer: hang}", Webhooks("hang")),
    ("gateway: {sent_messages: 199}", Gateway((("sent_messages", 199),))),
    (
        "gateway: {received_messages: 3, plan: pro-monthly}",
        Gateway((("plan", "pro-monthly"), ("received_messages", 3))),
    ),
    (
        "gateway: {phone: alice, last_heartbeat_age: 2h, messages_per_minute: 0, message_expiration: 1s}",
        Gateway(
            (("last_heartbeat_age_s", 7200), ("messages_per_minute", 0), ("message_expiration_seconds", 1)), "alice"
        ),
    ),
]
CASES: list[tuple[str, Any]] = [
    *((f"send: {line}", what) for line, what in SENDS),
    *((f"api: {line}", what) for line, what in APIS),
    *OTHERS,
]


@pytest.mark.parametrize(("line", "what"), CASES, ids=[line for line, _ in CASES])
def test_an_act_becomes_a_value_of_the_plan(line: str, what: object) -> None:
    found = last(line)
    assert found == what
    assert getattr(found, "key", None) == getattr(what, "key", None)  # two that differ in the key alone are not equal


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("send: {from: alice, to: [], text: hi}", "nobody is named"),
        ('send: {from: alice, to: [bob, "+999", "+999"], text: hi}', "somebody is named twice"),
        ("send: {from: alice, to: bob, text: hi, encrypted: true, key: ''}", "an empty key"),
        ("call: {from: bob, to: alice, sim: 2}", "alice has one SIM"),
        ("text: {from: bob, to: alice, text: hi, sim: 2}", "alice has one SIM"),
        ("api: {path: /a, as: user, key: a}", "two keys"),
        ("api: {path: /a, method: FETCH}", "unknown word 'FETCH'"),
        ("network: {phone: alice}", "one fault belongs here"),
        ("network: {end: all, phone: alice}", "`phone` beside `end`"),
        ("network: {fault: unreachable, who: client, phone: alice}", "a phone beside `who: client`"),
        ("network: {fault: failing-api}", "status is missing"),
        ("gateway: {phone: alice, plan: free}", "`plan` is of the account"),
        ("gateway: {phone: alice, last_heartbeat_age: ''}", "'' is no duration"),
        ("contact: {name: alice, rules: []}", "alice is a phone"),
        ("contact: {name: bob}", "rules is missing"),
    ],
)
def test_what_does_not_go_together_is_told(line: str, problem: str) -> None:
    assert problems(line) == [problem]


def test_every_verb_with_a_mapping_has_an_act_or_is_made_of_others() -> None:
    forms = {name for name, verb in VERBS.items() if isinstance(verb.takes, Form)}
    assert forms - set(ACTS) == {"distance", "repeat"}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_written_with_all_that_it_takes(name: str) -> None:
    shape = FAULTS[name]
    values = {"phone": "alice", "who": "phone", "times": "2", "delay": "3s", "status": "500", "error": "INTERNAL"}
    fields = "".join(f", {field}: {values[field]}" for field in shape.fields)
    found = last(f"network: {{fault: {name}{fields}}}")
    assert isinstance(found, Fault)
    assert {field for field in values if getattr(found, field) not in (None, 0, "")} == set(shape.fields)
