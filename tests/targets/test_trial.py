"""One phone, one text in, one message out, on servers of every kind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.targets import linked
from harness.targets.link import new_run
from harness.targets.trial import Trial, try_out
from tests.targets.conftest import Foreign

NUMBER = "+18005550160"


def tried(foreign: Foreign, *, deaf: bool = False) -> Trial:
    async def main() -> Trial:
        async with linked(foreign.options) as link:
            ears = replace(link.ears, hooks=None) if deaf else link.ears
            return await try_out(link.account, new_run(), NUMBER, ears, link.door)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("kind", "heard"),
    [("ours", "streamed"), ("endpoint", "pushed to us"), ("echo", "accepted elsewhere"), ("strict", "refused")],
)
def test_a_trial_hears_what_the_server_does_about_a_message_and_leaves_nothing(
    kind: str, heard: str, request: pytest.FixtureRequest
) -> None:
    foreign: Foreign = request.getfixturevalue(kind)
    trial = tried(foreign)
    assert (trial.ready, trial.received, trial.webhook, trial.push, trial.left) == (True, True, True, heard, [])
    assert trial.clock_offset_s is not None
    assert foreign.owned() == {}
    assert foreign.threads(NUMBER) == []


def test_without_a_place_no_webhook_is_asked_for(endpoint: Foreign) -> None:
    assert tried(endpoint, deaf=True).webhook is None


def test_an_account_that_has_used_up_its_messages_is_told_in_the_words_of_the_server(ours: Foreign) -> None:
    poor = ours.gateway.add_account(plan="free")
    ours.gateway.ask("PATCH", f"/_control/accounts/{poor.user_id}", {"sent_messages": 200})
    trial = tried(replace(ours, options=replace(ours.options, user_key=poor.api_key)))
    assert "exceeded your limit" in trial.received_why
    assert "exceeded your limit" in trial.push_why
    assert trial.push == "not sent"
