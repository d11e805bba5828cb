"""The world of a story around a gateway that is somewhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.cast import ContactSpec, PhoneSpec
from harness.http.values import Call
from harness.scenario.plan import Scenario
from harness.staging import Stage
from harness.targets.bed import Surroundings, stage_around
from harness.targets.marks import STORY, is_ours
from harness.wire.owned import KeyRow, User
from tests.targets.fakes import ACCESS

STORY_ = Scenario("s", (PhoneSpec("alice", "+18005550100"),), (ContactSpec("bob", "+18005550101"),), ())


def staged(**more: Any) -> Stage:
    settings = {"push": "echo", "run": "0a1b", "hook": "http://h/httpsms-harness/0a1b", "purpose": STORY, **more}
    return stage_around(STORY_, 1, Surroundings(ACCESS, User("u", "e", "free"), **settings))


@pytest.mark.parametrize(
    ("settings", "there", "absent"),
    [
        ({}, {"client", "receiver", "phone:alice", "contact:bob", "observer", "push"}, {"gateway"}),
        ({"push": "poll"}, {"poller:+18005550100"}, {"gateway"}),
        ({"control": True}, {"gateway"}, set()),
    ],
)
def test_everybody_is_there_but_the_gateway(settings: dict[str, Any], there: set[str], absent: set[str]) -> None:
    cores = staged(**settings).bed.world.cores.keys()
    assert there <= cores
    assert not absent & cores


def test_a_phone_key_has_our_mark() -> None:
    stage = staged()
    stage.start()
    stage.bed.world.run_until(stage.bed.world.now)
    [call] = [item.command for item in stage.bed.world.outward if isinstance(item.command, Call)]
    assert call.request.path == "/v1/phone-api-keys"
    assert is_ours(KeyRow("k", json.loads(call.request.body)["name"], (), ()), "0a1b")


def test_a_seed_has_other_tokens_in_another_run() -> None:
    worlds = [staged(run=run).bed.world.seed for run in ("0a1b", "0a1b", "0a1c")]
    assert worlds[0] == worlds[1] != worlds[2]
