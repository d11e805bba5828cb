"""No key, no pass phrase and no token of a story is in any form of its report, whatever it asks for and misses."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.adapters.report_files import assets
from harness.adapters.virtual import run_virtual
from harness.outcome import Outcome
from harness.parties import Client
from harness.phone import Phone
from harness.report import annotations as commands
from harness.report import as_json, as_text, junit, markdown, story_page, summary, with_steps
from harness.staging import Stage, stage
from harness.testbed import SIGNING_KEY
from harness.testing import ended
from tests.scenario.files import HEAD, read

PASS_PHRASES = ("Zebra-Pass-77", "Other-Secret-5", "New-Secret-3", "Wrong-Secret-9", "Bearer-Secret-8")


def told(*lines: str) -> tuple[Stage, Outcome]:
    """The end of a story with such steps, and the world in which it was told."""
    steps = "".join(f"  - {line}\n" for line in lines)
    (story,) = read(HEAD.replace("Pw1", "Zebra-Pass-77") + steps)
    staged = stage(story, 1)
    staged.start()
    run_virtual(staged.bed.world, lambda: staged.run.verdict is not None)
    return staged, ended(story, staged, 1)


def secrets(staged: Stage) -> Iterator[str]:
    yield from PASS_PHRASES
    yield SIGNING_KEY
    for core in staged.bed.world.cores.values():
        if isinstance(core, Client):
            yield from (core.facts["access"].api_key, *core.keys.values())
        if isinstance(core, Phone):
            yield core.settings.registration_token


def forms(outcome: Outcome) -> dict[str, str]:
    return {
        "text": as_text(outcome),
        "steps": with_steps(outcome),
        "summary": summary([outcome]),
        "json": json.dumps(as_json([outcome])),
        "junit": junit([outcome]),
        "markdown": markdown([outcome]),
        "annotations": "\n".join(commands([outcome])),
        "page": story_page([outcome], assets()),
        "trace": "\n".join(json.dumps(entry.plain()) for entry in outcome.entries),
        "repr": repr(outcome),
    }


KEY = "api: {path: /v1/users/me}\n    capture: {key: data.api_key}"
SIGNING = "api: {path: /v1/webhooks}\n    capture: {key: data.0.signing_key}"
SIGNED = """api: {path: /v1/webhooks}\n    capture: {key: {path: data.0, pattern: '"signing_key": "(.*?)"'}}"""
NOT_THERE = "expect: {sms: {to: bob, text: no}, within: 1s}"


@pytest.mark.parametrize(
    "lines",
    [
        ("send: {from: alice, to: bob, text: hi, encrypted: true}", NOT_THERE),
        ("send: {from: alice, to: bob, text: hi, encrypted: true, key: Other-Secret-5}", NOT_THERE),
        ("phone: {name: alice, encryption_key: New-Secret-3}", "phone: {name: alice, do: log in}", NOT_THERE),
        ("api: {path: /v1/users/me, key: Wrong-Secret-9, headers: {Authorization: Bearer-Secret-8}}",),
        (KEY, "api: {path: /v1/users/me, key: '${key}'}", "api: {path: '/v1/messages?key=${key}'}"),
        (KEY, "api: {path: '/v1/${key}'}"),
        (KEY, "api: {method: POST, path: /v1/phone-api-keys, body: {name: '${key}'}}"),
        (KEY, "api: {method: POST, path: /v1/messages/send, raw: '${key}'}"),
        (KEY, "api: {path: /v1/users/me}\n    answer: {body: {data.email: '${key}'}}"),
        (KEY, "expect: {sms: {to: bob, text: '${key}'}, within: 1s}"),
        (SIGNING, "expect: {sms: {to: bob, text: '${key}'}, within: 1s}"),
        (SIGNING, "api: {path: /v1/users/me}\n    answer: {body: {data.email: '${key}'}}"),
        (SIGNED, "api: {path: /v1/users/me}\n    answer: {headers: {Date: '${key}'}}"),
        *[
            (f"api: {{path: /v1/{path}}}\n    answer: {{body: {{data: wrong}}}}",)
            for path in ("users/me", "phones", "phone-api-keys", "webhooks")
        ],
        *[
            (f"api: {{path: /v1/{path}}}\n    answer: {{body: {{{name}: wrong}}}}",)
            for path, name in (
                ("users/me", "data.api_key"),
                ("phones", "data.0.fcm_token"),
                ("phone-api-keys", "data.0.api_key"),
                ("webhooks", "data.0.signing_key"),
            )
        ],
        ("api: {path: /v1/phone-api-keys}\n    capture: {k: {path: data, pattern: nothing like it}}",),
        ("api: {path: /v1/webhooks}\n    capture: {k: {path: data.0.signing_key, pattern: nothing like it}}",),
    ],
)
def test_no_form_of_a_report_has_a_secret(lines: tuple[str, ...]) -> None:
    staged, outcome = told(*lines)
    assert not outcome.passed
    kept = list(secrets(staged))
    assert len(kept) > len(PASS_PHRASES) + 4
    for name, text in forms(outcome).items():
        assert [secret for secret in kept if secret in text] == [], name
