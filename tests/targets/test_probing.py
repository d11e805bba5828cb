"""What a trial means: which way messages go, and what stories cannot have."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from harness.capability import Capability
from harness.targets import examine, findings_as_json, linked
from harness.targets.options import TargetOptions
from harness.targets.probing import channel_of, missing_of
from harness.targets.trial import Trial
from tests.targets.conftest import KEY, Foreign

GOOD = {"ready": True, "received": True, "webhook": True}


@pytest.mark.parametrize(
    ("heard", "asked", "channel"),
    [
        ("streamed", "auto", "stream"),
        ("pushed to us", "auto", "fcm-endpoint"),
        ("accepted elsewhere", "auto", "echo"),
        ("silent", "auto", "echo"),  # it did not fail at once
        ("refused", "auto", "none"),
        ("not sent", "auto", "none"),
        ("pushed to us", "fcm-endpoint", "fcm-endpoint"),
        ("accepted elsewhere", "fcm-endpoint", "none"),
        ("pushed to us", "poll", "poll"),
        ("accepted elsewhere", "poll", "poll"),
        ("refused", "poll", "none"),
        ("refused", "echo", "none"),
        ("streamed", "none", "none"),
    ],
)
def test_messages_go_the_way_that_is_asked_for_or_that_works(heard: Any, asked: Any, channel: str) -> None:
    assert channel_of(TargetOptions(push=asked), Trial(**GOOD, push=heard)) == channel


@pytest.mark.parametrize(
    ("trial", "control", "missing"),
    [
        (Trial(**GOOD, push="pushed to us"), True, set()),
        (Trial(**GOOD, push="streamed"), True, {"push"}),
        (Trial(**GOOD, push="pushed to us"), False, {"time-travel", "expiry", "control", "gateway-faults"}),
        (Trial(**GOOD, push="refused"), True, {"send", "push"}),
        (Trial(**{**GOOD, "webhook": None}, push="pushed to us"), True, {"webhooks"}),
        (Trial(**{**GOOD, "webhook": False}, push="pushed to us"), True, {"webhooks"}),
        (Trial(ready_why="no"), True, {"send", "push", "receive", "calls", "webhooks"}),
    ],
)
def test_what_does_not_work_is_missing_and_the_rest_is_not(trial: Trial, control: bool, missing: set[str]) -> None:
    found = missing_of(TargetOptions(), trial, control, "")
    assert {what.value for what in found} == missing | {"gateway-trace", "virtual-time"}
    assert [what for what, one in found.items() if not one.reason] == []


def test_real_fcm_is_told_with_what_works_all_the_same_and_the_remedy() -> None:
    trial = Trial(**GOOD, push="refused", push_why="Reinstall the app")
    for place, remedy in (("http://10.0.0.7:9", "FCM_ENDPOINT=http://10.0.0.7:9"), ("", "--push-listen HOST:PORT")):
        missing = missing_of(TargetOptions(), trial, False, place)[Capability.SEND]
        assert "Reinstall the app" in missing.reason
        assert "texts that come in, calls, heartbeats and webhooks work" in missing.reason
        assert remedy in missing.remedy


def test_on_a_server_everything_is_found_and_nothing_stays(ours: Foreign) -> None:
    async def main() -> dict[str, Any]:
        async with linked(ours.options) as link:
            found = await examine(link)
            assert KEY not in repr(found)
            return findings_as_json(found)

    told = asyncio.run(main())
    assert (told["can_run"], told["push"], told["control"], told["left"]) == (True, "stream", True, [])
    assert {finding["ok"] for finding in told["findings"]} == {True, None}
    words = {finding["name"]: finding["words"] for finding in told["findings"]}
    assert words["messages out"] == "its own push service takes emulated phones (nothing to set)"
    assert KEY not in json.dumps(told)
    assert ours.owned() == {}
