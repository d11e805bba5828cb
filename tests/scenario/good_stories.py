"""Random stories with everything that the language has, most of them without a mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from hypothesis import strategies as st

from harness.fault_words import FAULTS
from harness.scenario import kinds
from harness.scenario.grammar import CARRIER_RULES, CONTACT, LOOKS, PHONE, SCENARIO, VERBS, Verb
from harness.scenario.kinds import Form, Kind

__all__ = ["STORIES", "written"]

Some = st.SearchStrategy[Any]


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True


def written(document: Any) -> str:
    """The document as a file has it."""
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False)


_TEXT = st.sampled_from(["hello", "code 1234", "x" * 200, "é😀", "a: b", "yes", "1", "${v}"])
_LATE = _TEXT | st.just("n ${unique}")
_WHO = {
    "phone": ["shop"],
    "contact": ["bob", "carol"],
    "contact or number": ["bob", "+18005559999"],
    "anybody": ["bob", "shop", "+18005559999"],
    "sender": ["bob", "BANK", "+18005559999"],
    "numbers": ["bob", "+1800*"],
    "credential": ["user", "none", "shop"],
}
_RULES = [
    "echo",
    {"reply": r"ok \1", "when": "(c)"},
    {"reply": "ok", "after": "1s"},
    {"echo": {"after": ["1s", "2s"]}},
    {"reads_codes": {"reply": True, "pattern": r"\d{4}"}},
    {"opts_out": {"after_texts": 2, "back_after": 3}},
    {"calls_back": {"when": "x", "outcome": "rejected"}},
    {"typos": 5},
]


def _whole(kind: kinds.Whole) -> Some:
    low, high = kind.low, min(kind.high, kind.low + 50)
    return st.integers(max(low, 1), high) | st.integers(max(low, 1), high).map(str)


_OF: Mapping[type, Callable[[Any], Some]] = {
    kinds.Writing: lambda kind: _LATE if kind.late else _TEXT,
    kinds.Title: lambda _kind: st.sampled_from(["A title", "1", "t ${v}"]),
    kinds.NewName: lambda _kind: st.integers(1, 10**6).map("n{}".format),
    kinds.Who: lambda kind: st.sampled_from(_WHO[kind.section]),
    kinds.StepName: lambda _kind: st.just("m"),
    kinds.Number: lambda _kind: st.integers(10**6, 10**7 - 1).map("+1800{}".format),
    kinds.Time: lambda kind: st.sampled_from(["1s", "10m"] if kind.seconds else ["500ms", "1.5s", "2m"]),
    kinds.Spread: lambda _kind: st.sampled_from(["1s", ["1s", "2s"], {"median": "1s", "sigma": 0.5}]),
    kinds.Whole: _whole,
    kinds.Percent: lambda _kind: st.sampled_from([True, "true", 50, 100]),
    kinds.Sigma: lambda _kind: st.sampled_from([0, 0.5, 10]),
    kinds.Truth: lambda _kind: st.booleans(),
    kinds.Word: lambda kind: st.sampled_from(kind.choices),
    kinds.Pattern: lambda _kind: st.sampled_from(["code", r"\d+", "(h)(e)?"]),
    kinds.Secret: lambda _kind: st.sampled_from(["Pass1", "x y"]),
    kinds.Result: lambda _kind: st.sampled_from(["NO_SERVICE", 38]),
    kinds.DeedLine: lambda _kind: st.sampled_from(["off", "lose network", "switch sim1 calls on"]),
    kinds.Match: lambda kind: (
        st.sampled_from(
            [1, None, [1], {"a": 1}, {"not": 1}, {"one_of": [1, "a"]}] if kind.typed else ["x", True, {"one_of": ["a"]}]
        )
        | st.sampled_from(["present", "absent", {"matches": "."}, {"contains": "x"}])
    ),
    kinds.Json: lambda _kind: st.sampled_from([1, "x", True, [1, {"a": None}], {"a": "${unique}"}]),
    kinds.Listed: lambda kind: (
        st.lists(of(kind.of), min_size=1, max_size=2) | (of(kind.of) if kind.alone else st.nothing())
    ),
    kinds.Table: lambda kind: st.dictionaries(
        st.sampled_from(kind.known or ("a", "X-Test", "data.id")), of(kind.of), max_size=2
    ),
    kinds.Either: lambda kind: st.one_of([of(each) for each in kind.of]),
    kinds.Form: lambda kind: _form(kind),
    kinds.Captures: lambda kind: st.dictionaries(
        st.sampled_from(["c1", "c2"]),
        st.sampled_from(
            ["data.id", {"path": "data.id", "pattern": "."}] if kind.of_answer else [".", {"path": "text"}]
        ),
    ),
    kinds.Looked: lambda _kind: st.one_of([_form(look.form) for look in LOOKS.values()]),
    kinds.People: lambda kind: st.dictionaries(
        st.sampled_from(["x", "y"]), _form(kind.settings) | of(kinds.Number()), max_size=2
    ),
    kinds.Rows: lambda _kind: st.lists(
        st.fixed_dictionaries({"v": st.integers()}), min_size=1, max_size=3, unique_by=repr
    ),
    kinds.Steps: lambda _kind: st.lists(_STEPS, min_size=1, max_size=2),
    kinds.Branches: lambda _kind: st.lists(st.lists(_STEPS, min_size=1, max_size=2), min_size=2, max_size=2),
}


def of(kind: Kind) -> Some:
    """What may stand in a field of this kind."""
    if isinstance(kind, Form) and kind.name == "rule":
        return st.sampled_from(_RULES)
    return _OF[type(kind)](kind)


def _form(form: Form, *without: str) -> Some:
    required = {slot.name: of(slot.kind) for slot in form.slots if slot.required}
    others = {slot.name: of(slot.kind) for slot in form.slots if not slot.required and slot.name not in without}
    return st.fixed_dictionaries(required, optional=others)


def _fault(name: str) -> Some:
    slots = VERBS["network"].takes.by_name  # type: ignore[union-attr]
    shape = FAULTS[name]
    fields = {field: of(slots[field].kind) for field in shape.fields}
    needed = {field: fields.pop(field) for field in shape.required}
    fields.pop("phone", None)
    return st.fixed_dictionaries({"fault": st.just(name), **needed}, optional=fields)


def _one_of(**fields: Some) -> Some:
    return st.one_of([st.fixed_dictionaries({name: value}) for name, value in fields.items()])


def _behind(verb: Verb) -> Some:
    """What stands behind a verb: of what excludes each other one."""
    match verb.name, verb.takes:
        case "send", Form() as form:
            return _form(form, "ciphertext", "key", "later").map(lambda body: {"text": "hi", **body})
        case "phone", _:
            return _one_of(do=of(kinds.DeedLine()), radio=st.sampled_from(["on", "off", True])).map(
                lambda act: {"name": "shop", **act}
            )
        case "carrier", _:
            return _one_of(**{name: of(slot.kind) for name, slot in CARRIER_RULES.items() if name != "show_sender"})
        case "network", _:
            return st.one_of([_fault(name) for name in FAULTS]) | st.sampled_from(
                [{"end": "all"}, {"end": "lost-push"}]
            )
        case "gateway", _:
            return st.sampled_from(
                [{"sent_messages": 5}, {"phone": "shop", "last_heartbeat_age": "2h"}, {"plan": "free"}]
            )
        case "api", Form() as form:
            return _form(form, "key", "raw").map(lambda body: {**body, "path": "/v1/phones"})
        case "distance", _:
            return st.just({"from": "m", "to": "m", "at_most": "5s"})
        case "text", Form() as form:
            return _form(form, "attachments")
        case "expect_order", _:
            return st.lists(of(kinds.Looked()), min_size=2, max_size=3)
        case _, takes:
            return of(takes)


def _step(verb: Verb) -> Some:
    beside = {slot.name: of(slot.kind) for slot in verb.modifiers}
    return st.fixed_dictionaries({verb.name: st.deferred(lambda: _behind(verb))}, optional=beside)


_STEPS: Some = st.deferred(lambda: st.one_of([_step(verb) for verb in VERBS.values() if verb.name != "include"]))
_HEAD = {
    "scenario": "s",
    "variables": {"v": "7"},
    "phones": {"shop": {"encryption_key": "Pw1", "second_number": "+18005550190"}, "two": {}},
    "contacts": {"bob": {}, "carol": {"sender": "BANK"}},
}
_FIRST = {"send": {"from": "shop", "to": "bob", "text": "hi"}, "as": "m"}
_SECTIONS = ("about", "tags", "skip", "expect_failure", "requires", "breaks", "for_each", "gateway")

STORIES: Some = st.builds(
    lambda sections, phone, contact, steps: {
        **_HEAD,
        **sections,
        "phones": {**_HEAD["phones"], "three": phone},  # type: ignore[dict-item]
        "contacts": {**_HEAD["contacts"], "dora": contact},  # type: ignore[dict-item]
        "steps": [_FIRST, *steps],
    },
    st.fixed_dictionaries({}, optional={name: of(SCENARIO.by_name[name].kind) for name in _SECTIONS}),
    _form(PHONE, "operator", "second_number"),
    _form(CONTACT, "sender"),
    st.lists(_STEPS, max_size=4),
)
"""Documents as a loader gives them; the values that a story may not have are rare in them."""
