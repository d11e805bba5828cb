"""Stories in Python: the same plans as files give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.capability import Capability
from harness.cast import PhoneSpec
from harness.errors import UsageError
from harness.instants import SECOND
from harness.late import Late
from harness.outcome import Outcome
from harness.scenario.language import read_scenarios
from harness.scenario.plan import NOWHERE, Attachment, Scenario, Step, Together
from harness.story import (
    Story,
    absent,
    answer,
    calls_back,
    contains,
    differs,
    echoes,
    matches,
    one_of,
    opts_out,
    present,
    reads_codes,
    replies,
    typos,
)
from harness.testing import StoryFailed

HEAD = """\
scenario: A story
phones:
  shop: {encryption_key: Password123}
  desk: {number: "+4915112345678", second_number: "+4915112345679"}
contacts: [bob, carol]
steps:
"""


def cast() -> Story:
    story = Story("A story")
    story.phone("shop", encryption_key="Password123")
    story.phone("desk", number="+4915112345678", second_number="+4915112345679")
    story.contact("bob")
    story.contact("carol")
    return story


def bare(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps without their places and titles."""
    return tuple(Step(_bare(step.what), alias=step.alias) for step in steps)


def _bare(what: Any) -> Any:
    return Together(tuple(bare(branch) for branch in what.branches)) if isinstance(what, Together) else what


def read(text: str) -> Scenario:
    (plan,) = read_scenarios(text.encode(), "s.yaml")
    return replace(plan, place=NOWHERE, steps=bare(plan.steps))


def written(story: Story) -> Scenario:
    plan = story.plan()
    return replace(plan, steps=bare(plan.steps))


# -- the same words --------------------------------------------------------------------------------------------------


def _together(story: Story) -> None:
    with story.together():
        with story.branch():
            story.send(from_="shop", to="bob", text="a", as_="a")
            story.expect_sms(to="bob")
        with story.branch(), story.together():
            with story.branch():
                story.text(from_="bob", to="shop", text="b")
            with story.branch():
                story.advance(1)


def _repeat(story: Story) -> None:
    for number in story.repeat(3):
        story.text(from_="bob", to="shop", text=f"Number {number}")


def _captured(story: Story) -> None:
    hello = story.send(from_="shop", to="bob", text="Hello", as_="hello")
    sent = hello.capture("data.id", name="sent")
    found = story.expect_sms(to="bob", text=contains("code"), as_="arrival")
    code = found.capture(r"\d{4}", name="code")
    sender = found.capture(path="from", name="sender")
    listed = story.api("GET", f"/v1/messages/{sent}", answer=answer(200, body={"data.id": sent}))
    first = listed.capture("data.0.content", pattern="^.", name="first")
    story.text(from_="bob", to="shop", text=f"{code} costs $$5, says {sender}: {first}")
    story.expect_webhook("message.phone.received", text=contains(code), facts={"contact": sender, "sim": "SIM1"})


STORIES: list[tuple[str, Callable[[Story], object]]] = [
    (
        "- send: {from: shop, to: bob, text: Hi}\n  as: message-1",
        lambda story: story.send(from_="shop", to="bob", text="Hi"),
    ),
    (
        "- send: {from: shop, to: [bob, '+18005550001'], text: Hi, encrypted: true}\n  as: all",
        lambda story: story.send(from_="shop", to=["bob", "+18005550001"], text="Hi", encrypted=True, as_="all"),
    ),
    (
        "- send: {from: desk, sim: 2, to: bob, text: Hi, encrypted: true, key: Other}\n  as: message-1",
        lambda story: story.send(from_="desk", sim=2, to="bob", text="Hi", encrypted=True, key="Other"),
    ),
    (
        "- send: {from: shop, to: bob, ciphertext: abc}\n  as: message-1",
        lambda story: story.send(from_="shop", to="bob", ciphertext="abc"),
    ),
    (
        "- send: {from: shop, to: bob, text: 'Hi ${unique} ${unique.b}', request_id: 'r-${unique}', later: 10m,\n"
        "    attachments: ['https://a.b/c'], answer: {status: 402, headers: {a: {contains: b}},\n"
        "    body: {status: error, data.0: present, data.1: absent, data.2: {not: 5}, data.3: {one_of: [1, x]}}}}\n"
        "  as: message-1",
        lambda story: story.send(
            from_="shop", to="bob", text=f"Hi {story.unique()} {story.unique('b')}",
            request_id=f"r-{story.unique()}", later_s=600, attachments=["https://a.b/c"],
            answer=answer(402, headers={"a": contains("b")}, body={
                "status": "error", "data.0": present(), "data.1": absent(), "data.2": differs(5),
                "data.3": one_of(1, "x"),
            }),
        ),
    ),
    ("- text: {from: bob, to: shop, text: yes}", lambda story: story.text(from_="bob", to="shop", text="yes")),
    (
        "- text: {from: '+18005550001', to: desk, sim: 2, text: yes, flash: true}\n  as: one",
        lambda story: story.text(from_="+18005550001", to="desk", sim=2, text="yes", flash=True, as_="one"),
    ),
    (
        "- text: {from: bob, to: shop, text: '', attachments: [{name: a.jpg, type: image/jpeg, size: 2000}]}",
        lambda story: story.text(
            from_="bob", to="shop", text="", attachments=[Attachment("a.jpg", "image/jpeg", 2000)]
        ),
    ),
    ("- call: {from: bob, to: shop}", lambda story: story.call(from_="bob", to="shop")),
    (
        "- call: {from: bob, to: desk, sim: 2, outcome: answered, withheld: true}",
        lambda story: story.call(from_="bob", to="desk", sim=2, outcome="answered", withheld=True),
    ),
    ("- phone: {name: shop, do: switch sim1 active off}", lambda story: story.do("shop", "switch sim1 active off")),
    (
        "- contact: {name: bob, rules: [{when: 'code (\\d+)', reply: 'got \\1', after: 3s},\n"
        "    {echo: {after: [1s, 2s]}}, {reads_codes: {reply: true}}, {reads_codes: {pattern: x}},\n"
        "    {opts_out: {after_texts: 2, back_after: 3}},\n"
        "    {calls_back: {when: call, outcome: answered, after: 1s}}, {typos: 10}]}",
        lambda story: story.behave(
            "bob", replies(r"got \1", when=r"code (\d+)", after_s=3), echoes(after_s=(1, 2)), reads_codes(reply=True),
            reads_codes(pattern="x"), opts_out(after_texts=2, back_after=3),
            calls_back(when="call", outcome="answered", after_s=1), typos(10),
        ),
    ),
    ("- carrier: {phone: shop, service: none}", lambda story: story.carrier(phone="shop", service="none")),
    (
        "- carrier: {refuse: NO_SERVICE, to: bob, from: shop, times: 2, skip: 1, segments: [1, -1], text_matches: a}",
        lambda story: story.carrier(
            refuse="NO_SERVICE", to="bob", from_="shop", times=2, skip=1, segments=[1, -1], text_matches="a"
        ),
    ),
    ("- carrier: {lose: 50}", lambda story: story.carrier(lose=50)),
    ("- carrier: {late: 3s}", lambda story: story.carrier(late_s=3)),
    ("- carrier: {late: [1s, 3s], segments: 2}", lambda story: story.carrier(late_s=(1, 3), segments=2)),
    ("- carrier: {slow: 500ms}", lambda story: story.carrier(slow_s=0.5)),
    ("- carrier: {duplicate: 2, after: 1s}", lambda story: story.carrier(duplicate=2, after_s=1)),
    ("- carrier: {reorder: 2s}", lambda story: story.carrier(reorder_s=2)),
    ("- carrier: {throttle: {count: 5, every: 1m}}", lambda story: story.carrier(throttle=(5, 60))),
    (
        "- carrier: {throttle: {count: 5, every: 1m, result: none}}",
        lambda story: story.carrier(throttle=(5, 60), result="none"),
    ),
    (
        "- carrier: {daily_cap: {count: 5, result: NO_SERVICE}}",
        lambda story: story.carrier(daily_cap=5, result="NO_SERVICE"),
    ),
    ("- carrier: {spam_block: true}", lambda story: story.carrier(spam_block=True)),
    ("- carrier: {spam_block: {result: 4}}", lambda story: story.carrier(spam_block=True, result=4)),
    ("- carrier: {long_code_filter: 30}", lambda story: story.carrier(long_code_filter=30)),
    ("- carrier: {show_sender: BANK}", lambda story: story.carrier(show_sender="BANK")),
    ("- carrier: {reports: none}", lambda story: story.carrier(reports=[])),
    (
        "- carrier: {reports: [{status: trying}, {status: delivered, after: 3s}, {status: 65}], early: true}",
        lambda story: story.carrier(reports=[("trying", 0), ("delivered", 3), (65, 0)], early=True),
    ),
    ("- carrier: {clear: daily_cap}", lambda story: story.clear_carrier("daily_cap")),
    ("- carrier: {clear: all}", lambda story: story.clear_carrier()),
    ("- network: {fault: lost-push, phone: shop}", lambda story: story.fault("lost-push", phone="shop")),
    (
        "- network: {fault: lost-push, phone: shop, times: 2}",
        lambda story: story.lose_push(phone="shop", times=2),
    ),
    (
        "- network: {fault: refused-push, error: UNREGISTERED}",
        lambda story: story.fault("refused-push", error="UNREGISTERED"),
    ),
    (
        "- network: {fault: slow-network, who: phone, delay: 2s}",
        lambda story: story.fault("slow-network", who="phone", delay_s=2),
    ),
    (
        "- network: {fault: failing-api, phone: desk, status: 503, times: 3}",
        lambda story: story.fault("failing-api", phone="desk", status=503, times=3),
    ),
    ("- network: {fault: lost-update}", lambda story: story.fault("lost-update")),
    ("- network: {end: lost-push}", lambda story: story.end_fault("lost-push")),
    ("- network: {end: all}", lambda story: story.end_fault()),
    ("- webhooks: {answer: 500, times: 2}", lambda story: story.webhooks(answer=500, times=2)),
    ("- webhooks: {answer: hang}", lambda story: story.webhooks(answer="hang")),
    (
        "- gateway: {received_messages: 3, sent_messages: 199, plan: free}",
        lambda story: story.gateway(plan="free", sent_messages=199, received_messages=3),
    ),
    (
        "- gateway: {phone: shop, last_heartbeat_age: 2h, messages_per_minute: 0, message_expiration: 1s}",
        lambda story: story.gateway(
            phone="shop", last_heartbeat_age_s=7200, messages_per_minute=0, message_expiration_s=1
        ),
    ),
    (
        "- api: {method: POST, path: '/v1/x?a=${unique}', as: shop, headers: {a: b},\n"
        "    body: {a: [1, true, 'x${unique}']}}",
        lambda story: story.api(
            "POST", f"/v1/x?a={story.unique()}", credential="shop", headers={"a": "b"},
            body={"a": [1, True, f"x{story.unique()}"]},
        ),
    ),
    (
        "- api: {method: PUT, path: /v1/x, key: secret, raw: '{'}",
        lambda story: story.api("PUT", "/v1/x", key="secret", raw="{"),
    ),
    ("- advance: 1500ms", lambda story: story.advance(1.5)),
    (
        "- expect: {sms: {to: bob, from: shop, text: Hi, segments: 1}}\n  within: 5s",
        lambda story: story.expect_sms(to="bob", from_="shop", text="Hi", segments=1, within_s=5),
    ),
    (
        "- expect: {sms: {to: bob, text: {matches: '^H'}}}\n  at_least: 2\n  at_most: 3\n  as: found",
        lambda story: story.expect(
            story.sms(to="bob", text=matches("^H")), at_least=2, at_most=3, as_="found"
        ),
    ),
    (
        "- send: {from: shop, to: bob, text: a}\n  as: a\n- expect: {message: a, status: failed, reason: {not: x}}",
        lambda story: story.expect_message(
            story.send(from_="shop", to="bob", text="a", as_="a"), status="failed", reason=differs("x")
        ),
    ),
    (
        "- expect: {webhook: message.phone.received, text: {one_of: [a, b]}, facts: {sim: SIM1, attachments: 2}}",
        lambda story: story.expect_webhook(
            "message.phone.received", text=one_of("a", "b"), facts={"sim": "SIM1", "attachments": 2}
        ),
    ),
    (
        "- expect: {webhook: message.phone.sent, contact: bob, facts: {sim: SIM1}}",
        lambda story: story.expect_webhook("message.phone.sent", contact="bob", facts={"sim": "SIM1"}),
    ),
    (
        "- send: {from: shop, to: bob, text: a}\n  as: a\n- expect: {hop: phone, kind: fetched, message: a}",
        lambda story: story.expect(
            story.hop("phone", "fetched", message=story.send(from_="shop", to="bob", text="a", as_="a"))
        ),
    ),
    ("- never: {sms: {to: bob, text: no}}\n  for: 1s", lambda story: story.never_sms(to="bob", text="no", for_s=1)),
    ("- never: {hop: push}", lambda story: story.never(story.hop("push"))),
    (
        "- expect_order: [{sms: {to: bob}}, {webhook: message.phone.sent}]\n  within: 1m",
        lambda story: story.expect_order(story.sms(to="bob"), story.webhook("message.phone.sent"), within_s=60),
    ),
    (
        "- expect_order: [{sms: {to: bob}}, {hop: push}]",
        lambda story: story.expect_order(story.sms(to="bob"), story.hop("push")),
    ),
    (
        "- text: {from: bob, to: shop, text: a}\n  as: text-2\n- expect: {sms: {to: shop}}\n  as: b\n"
        "- distance: {from: text-2, to: b, at_least: 1s, at_most: 5s}",
        lambda story: story.distance(
            story.text(from_="bob", to="shop", text="a"), story.expect_sms(to="shop", as_="b"),
            at_least_s=1, at_most_s=5,
        ),
    ),
    (
        "- expect: {sms: {to: bob}}\n  as: a\n- expect: {sms: {to: bob}}\n  as: b\n"
        "- distance: {from: a, to: b, at_least: 1s, at_most: 1s}",
        lambda story: story.distance(
            story.expect_sms(to="bob", as_="a"), story.expect_sms(to="bob", as_="b"), at_least_s=1, at_most_s=1
        ),
    ),
    (
        "- together:\n"
        "  - - send: {from: shop, to: bob, text: a}\n      as: a\n    - expect: {sms: {to: bob}}\n"
        "  - - together:\n      - - text: {from: bob, to: shop, text: b}\n      - - advance: 1s",
        _together,
    ),
    ("- repeat: {times: 3, steps: [{text: {from: bob, to: shop, text: 'Number ${round}'}}]}", _repeat),
    (
        "- send: {from: shop, to: bob, text: Hello}\n  as: hello\n  capture: {sent: data.id}\n"
        "- expect: {sms: {to: bob, text: {contains: code}}}\n  as: arrival\n"
        "  capture: {code: '\\d{4}', sender: {path: from}}\n"
        "- api: {method: GET, path: '/v1/messages/${sent}'}\n"
        "  answer: {status: 200, body: {data.id: '${sent}'}}\n"
        "  capture: {first: {path: data.0.content, pattern: '^.'}}\n"
        "- text: {from: bob, to: shop, text: '${code} costs $$$$5, says ${sender}: ${first}'}\n"
        "- expect: {webhook: message.phone.received, text: {contains: '${code}'},\n"
        "    facts: {contact: '${sender}', sim: SIM1}}",
        _captured,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "say"), STORIES, ids=[lines.split("\n")[0][:70] for lines, _ in STORIES])
def test_a_story_gives_the_plan_of_the_file_with_the_same_words(lines: str, say: Callable[[Story], object]) -> None:
    story = cast()
    say(story)
    assert written(story) == read(HEAD + "".join(f"  {line}\n" for line in lines.split("\n")))


def test_the_head_of_a_story_is_that_of_a_file() -> None:
    plan = read(
        """\
scenario: A story
about: why
tags: [smoke, otp]
skip: later
expect_failure: known
requires: [dual-sim, virtual-time]
breaks: [one-sms-per-send]
gateway: {pace: instant, keep_rate: true, plan: free}
phones:
  shop: {encryption_key: Pw1, messages_per_minute: 5, message_expiration: 10m, max_send_attempts: 2, app: a, oem: o,
    operator: "28601", android: 12}
contacts:
  bob: {number: "+18005550177", sender: BANK, rules: [echo, {reply: hi}]}
steps:
  - advance: 1s
"""
    )
    story = Story(
        "A story", ("one-sms-per-send",), about="why", tags=("smoke", "otp"), skip="later", expect_failure="known",
        requires=("dual-sim", Capability.VIRTUAL_TIME), pace="instant", keep_rate=True, account_plan="free",
    )  # fmt: skip
    story.phone(
        "shop", encryption_key="Pw1", messages_per_minute=5, message_expiration_s=600, max_send_attempts=2, app="a",
        oem="o", operator="28601", android=12,
    )  # fmt: skip
    story.contact("bob", number="+18005550177", sender="BANK", rules=[echoes(), replies("hi")])
    story.advance(1)
    assert written(story) == plan


@pytest.mark.parametrize(
    ("say", "title"),
    [
        (lambda story: story.send(from_="shop", to="bob", text="Hello"), 'send from shop to bob: "Hello"'),
        (lambda story: story.do("shop", "encryption key Secret99"), "phone shop: encryption key ***"),
        (lambda story: story.expect_sms(to="bob", text="Hi", within_s=90),
         'expect sms to bob text "Hi" within 90 s'),
        (lambda story: story.never_sms(to="bob"), "never sms to bob for 5 s"),
    ],
)  # fmt: skip
def test_a_step_is_told_in_words(say: Callable[[Story], object], title: str) -> None:
    story = cast()
    say(story)
    assert story.plan().steps[0].title == title


# -- names ---------------------------------------------------------------------------------------------------------


def test_a_number_by_rule_passes_over_one_that_is_taken() -> None:
    story = Story("s")
    story.contact("bob", number="+18005550100")
    story.phone("alice")
    story.phone("carol", number="+18005550102")
    story.phone("erin")
    assert [spec.number for spec in story.plan().phones] == ["+18005550101", "+18005550102", "+18005550103"]


def test_a_text_in_python_is_literal() -> None:
    story = cast()
    story.text(from_="bob", to="shop", text="${unique} costs $$5")
    story.text(from_="bob", to="shop", text=Late("${unique}"))
    texts = [step.what.text for step in story.plan().steps]  # type: ignore[union-attr]
    assert texts == ["${unique} costs $$5", Late("${unique}")]


def test_what_has_no_name_gets_one_when_it_is_used() -> None:
    story = cast()
    first = story.expect_sms(to="bob")
    second = story.expect_sms(to="bob")
    story.expect_sms(to="bob", as_="seen-4")
    story.distance(first, second, at_least_s=1)
    assert [step.alias for step in story.plan().steps] == ["seen-3", "seen-5", "seen-4", None]


def test_values_without_a_name_get_one() -> None:
    story = cast()
    found = story.expect_sms(to="bob")
    one, other = found.capture(r"\d+"), found.capture(path="from")
    assert (repr(one), repr(other)) == ("${value-1}", "${value-2}")


def _outside(story: Story) -> None:
    with story.branch():
        pass


def _one_branch(story: Story) -> None:
    with story.together(), story.branch():
        story.advance(1)


def _bare_together(story: Story) -> None:
    with story.together():
        story.advance(1)


SLIPS: list[tuple[Callable[[Story], object], str]] = [
    (lambda story: story.send(from_="nobody", to="bob", text="a"), "there is no phone nobody"),
    (lambda story: story.send(from_="bob", to="bob", text="a"), "there is no phone bob"),
    (lambda story: story.send(from_="shop", to="bobb", text="a"), "there is nobody named bobb"),
    (lambda story: story.send(from_="shop", to=[], text="a"), "to somebody"),
    (lambda story: story.send(from_="shop", to=["bob", "bob"], text="a"), "to nobody twice"),
    (lambda story: story.send(from_="shop", to="bob"), "a text or a ciphertext"),
    (lambda story: story.send(from_="shop", to="bob", ciphertext="a", encrypted=True), "sent as it is"),
    # Else it would go out in clear.
    (lambda story: story.send(from_="desk", to="bob", text="a", encrypted=True), "desk has no encryption key"),
    (lambda story: story.send(from_="shop", to="bob", text="a", key="Other"), "a key without encrypted=True"),
    (lambda story: story.send(from_="shop", sim=2, to="bob", text="a"), "shop has no SIM 2"),
    (lambda story: story.text(from_="shop", to="shop", text="a"), "there is no contact shop"),
    (lambda story: story.text(from_="bob", to="shop", text="a", flash=True, attachments=[Attachment("a", "b", 1)]),
     "never flash"),
    (lambda story: story.behave("shop"), "there is no contact shop"),
    (lambda story: story.carrier(), "one rule at a time"),
    (lambda story: story.carrier(lose=1, late_s=1), "one rule at a time"),
    (lambda story: story.carrier(service="none"), "of a phone"),
    (lambda story: story.carrier(service="none", phone="shop", lose=1), "beside no rule"),
    (lambda story: story.carrier(phone="shop", lose=1), "beside no rule"),
    (lambda story: story.carrier(show_sender="much too long for a sender"), "no sender: a name of 1 to 11"),
    (lambda story: story.contact("erin", sender=""), "'' is no sender"),
    (lambda story: story.contact("*"), r"'\*' is no name: begin with a letter"),
    (lambda story: story.phone("+18005550177"), "is no name"),
    (lambda story: story.phone("user"), "choose another name for the phone"),
    (lambda story: story.send(from_="shop", to=["bob", "carol"], text="a", later_s=5), "send one by one"),
    (lambda story: story.carrier(late_s=1, early=True), "late takes no early"),
    (lambda story: story.carrier(lose=1, result="NO_SERVICE"), "lose takes no result"),
    (lambda story: story.carrier(lose=1, segments=0), "there is no segment 0"),
    (lambda story: story.carrier(lose=1, to="bobb"), "there is nobody named bobb: did you mean bob"),
    (lambda story: story.carrier(lose=1, from_="shpo"), "there is nobody named shpo: did you mean shop"),
    (lambda story: story.clear_carrier("nothing"), "no rule nothing"),
    (lambda story: story.fault("lost-psuh"), "no fault lost-psuh: did you mean lost-push"),
    (lambda story: story.fault("refused-push", error="GONE"), "FCM has no error GONE"),
    (lambda story: story.fault("unreachable", who="server"), "requests are not of server"),
    (lambda story: story.fault("lost-push", phone="shop", times=0), "once at least"),
    (lambda story: story.fault("late-push"), "late-push needs delay"),
    (lambda story: story.fault("late-push", delay_s=0), "late-push needs delay"),
    (lambda story: story.fault("lost-push", status=500), "lost-push takes no status"),
    (lambda story: story.end_fault("nothing"), "no fault nothing"),
    (lambda story: story.webhooks(answer="no"), "does not answer 'no'"),
    (lambda story: story.webhooks(answer=199), "does not answer 199"),
    (lambda story: story.webhooks(answer=600), "does not answer 600"),
    (lambda story: story.webhooks(answer=500, times=0), "once at least"),
    (lambda story: story.gateway(), "set plan, sent_messages, received_messages; others are of a phone"),
    (lambda story: story.gateway(plan="fre"), "there is no plan fre: did you mean free"),
    (lambda story: story.gateway(phone="shop", plan="free"), "message_expiration_seconds of a phone"),
    (lambda story: story.api("GET", "v1"), "begins with /"),
    (lambda story: story.api("GET", "/v1", body={}, raw=""), "a body or a raw body"),
    (lambda story: story.api("GET", "/v1", credential="nobody"), "there is no phone nobody"),
    (lambda story: story.api("FETCH", "/v1"), "there is no method FETCH"),
    (lambda story: story.advance(-1), "-1 s: time goes on"),
    (lambda story: story.advance(float("inf")), "inf s: time goes on, and a story ends"),
    (lambda story: story.expect_sms(to="nobody"), "there is nobody named nobody"),
    # Else a look that may not find anything never does.
    (lambda story: story.never_sms(to="bob", from_="shpo"), "there is nobody named shpo: did you mean shop"),
    (lambda story: story.expect_sms(to="shop", segments=2), "only a contact's handset"),
    (lambda story: story.expect_webhook("message.phone.snet"), "there is no event message.phone.snet: did you mean"),
    (lambda story: story.never(story.webhook("message.phone.sent", contact="bop")), "nobody named bop: did you mean"),
    (lambda story: story.never(story.webhook("message.phone.sent", facts={"from": "bob"})), "no fact from"),
    (lambda story: story.never(story.hop("phon")), "there is no hop phon: did you mean phone"),
    (lambda story: story.expect_message(story.send(from_="shop", to="bob", text="a"), status="delivred"),
     "there is no status delivred: did you mean delivered"),
    (lambda story: story.expect_message(story.send(from_="shop", to=["bob", "carol"], text="a"), status="sent"),
     "message-1 has several messages"),
    (lambda story: story.expect_message(story.text(from_="bob", to="shop", text="a"), status="sent"),
     "text-1 has no message"),
    (lambda story: story.expect_webhook("message.phone.sent", message=story.send(
        from_="shop", to="bob", text="a", answer=answer("none"))), "message-1 has no message"),
    (lambda story: story.distance("a", "b", at_least_s=2, at_most_s=1), "at most 1 s, and at least 2 s"),
    (lambda story: story.expect_sms(to="bob", at_least=-1, at_most=1), "-1 times: 0 at least"),
    (lambda story: story.expect_sms(to="bob", at_least=0), "nothing is expected"),
    (lambda story: story.expect_sms(to="bob", at_least=3, at_most=2), "at most 2, and at least 3"),
    (lambda story: story.expect_message("message-9", status="sent"), "no earlier step message-9"),
    (lambda story: story.expect_order(story.sms(to="bob")), "an order of one"),
    (lambda story: story.distance("a", "b"), "needs at_least_s or at_most_s"),
    (lambda story: story.text(from_="bob", to="shop", text="a").capture("a"), "values are kept"),
    (lambda story: [story.expect_sms(to="bob").capture("a", name="x") for _ in range(2)], "x is captured already"),
    (lambda story: [story.expect_sms(to="bob", as_="x") for _ in range(2)], "name of an earlier step"),
    (lambda story: story.phone("bob"), "there is a bob already"),
    (lambda story: story.phone("other", number="+4915112345678"), r"\+4915112345678 is the number of desk"),
    (lambda story: story.phone("twice", number="+18005550177", second_number="+18005550177"), "is the number of twice"),
    (lambda story: story.repeat(0), "a round at least"),
    (_outside, "directly within together"),
    (_bare_together, "in its branches"),
    (_one_branch, "two branches"),
]  # fmt: skip


@pytest.mark.parametrize(("say", "problem"), SLIPS, ids=[problem for _, problem in SLIPS])
def test_what_cannot_be_meant_is_a_slip_of_the_author(say: Callable[[Story], object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        say(cast())


@pytest.mark.parametrize(
    ("say", "problem"),
    [
        (lambda story: story.do("shop", "explode"), "explode"),
        (lambda story: story.carrier(refuse="NOTHING"), "NOTHING"),
        (lambda story: story.carrier(lose=1, text_matches="("), "no regular expression"),
        (lambda story: story.call(from_="bob", to="shop", outcome="lost"), "does not end 'lost'"),
        (lambda story: story.expect_sms(to="bob").capture("("), "no regular expression"),
        (lambda story: story.contact("erin", number="555"), "not an E.164 number"),
        (lambda _story: matches("("), "no regular expression"),
    ],
)
def test_words_that_nobody_knows_are_refused(say: Callable[[Story], object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        say(cast())


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ({"breaks": ("one-sms-per-sent",)}, "no invariant is called one-sms-per-sent: did you mean one-sms-per-send"),
        ({"requires": ("dual-simm",)}, "there is no capability dual-simm: did you mean dual-sim"),
        ({"pace": "slow"}, "there is no pace slow"),
        ({"account_plan": "fre"}, "there is no plan fre: did you mean free"),
    ],
)
def test_a_head_that_cannot_be_meant_is_a_slip_as_well(head: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Story("A story", **head).plan()


def test_looks_may_name_what_phones_show() -> None:
    story = cast()
    story.contact("bank", sender="BANK")
    story.carrier(show_sender="ALERT", to="+49*")
    for sender in ("BANK", "ALERT", "+18005550001", "bank"):
        story.expect_sms(to="shop", from_=sender)


# -- running -------------------------------------------------------------------------------------------------------


def plain() -> Story:
    story = Story("A plain text, there and back")
    alice, bob = story.phone("alice"), story.contact("bob", rules=[replies("got it", after_s=2)])
    message = story.send(from_=alice, to=bob, text=f"hello {story.unique()}")
    arrival = story.expect_sms(to=bob, from_=alice)
    text = arrival.capture(path="text")
    story.expect_message(message, status="delivered")
    wrote = story.text(from_=bob, to=alice, text=f"you wrote: {text}")
    received = story.expect_webhook("message.phone.received", text=contains(text))
    story.distance(message, received, at_least_s=0)
    story.distance(wrote, received, at_most_s=2)
    story.expect_webhook("message.phone.received", text="got it")
    return story


def test_a_story_runs_and_the_same_seed_gives_the_same_trace() -> None:
    one, again, other = plain().run(7), plain().run(7), plain().run(8)
    assert one.passed
    assert one.trace_hash == again.trace_hash != other.trace_hash
    assert (one.seed, one.repeat, one.target) == (7, "run_scenario(story.plan(), seed=7)", "embedded")


def test_a_story_runs_live_too() -> None:
    outcome = plain().run_live(7)
    assert outcome.passed
    assert (outcome.trace_hash, outcome.repeat) == (None, "run_scenario_live(story.plan(), seed=7)")


def test_a_story_that_fails_says_everything_in_its_error() -> None:
    story = plain()
    story.expect_sms(to="bob", text="never said", within_s=1)
    with pytest.raises(StoryFailed) as failed:
        story.run(7)
    assert isinstance(failed.value.outcome, Outcome)
    assert not failed.value.outcome.passed
    assert str(failed.value).startswith("FAIL  A plain text, there and back\n")
    assert "not seen within 1 s" in str(failed.value)
    assert 'expect sms to bob text "never said" within 1 s' in str(failed.value)


def test_a_story_is_its_own_and_a_run_leaves_it_alone() -> None:
    story = plain()
    before = story.plan()
    story.run()
    assert story.plan() == before
    assert before.phones == (PhoneSpec("alice", "+18005550100"),)
    assert before.steps[1].what.within == 30 * SECOND  # type: ignore[union-attr]
