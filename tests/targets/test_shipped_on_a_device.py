"""The shipped stories over adb and a console, with a fake Android behind both: its radio, and the app on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from harness.adapters.scenario_files import find_files, read_file
from harness.outcome import Outcome
from harness.report.text import as_text
from harness.targets.device import DeviceTarget
from harness.targets.device_app import AppTarget
from harness.targets.options import TargetOptions
from tests.targets.fake_apps import app_device

ROOT = Path(__file__).parent.parent.parent
STORIES = [story for path in find_files([str(ROOT / "scenarios")]) for story in read_file(path)]

OF_A_RADIO = frozenset({
    "A contact who answers by rule", "A message that is deleted while the phone has no network",
    "A number without a country code is refused", "A page of 9,999 is refused",
    "A phone that is logged out sends nothing", "A phone that may send two texts a minute",
    "A phone whose token the push service does not know", "A text that comes in over the limit is kept",
    "A text that was received once is one message", "A webhook receiver that fails once gets the event again",
    "A webhook receiver that is down loses the event", "An account that has used up its messages",
    "One bad number spoils the whole bulk request",
    "Received texts are encrypted before they leave the phone",
    "Somebody who answers STOP is left alone, and may come back",
    "Three people write at the same time, and everybody gets an answer",
    "What the API refuses, and with what [a word for a number]", "What the API refuses, and with what [no text]",
    "Whoever calls in vain gets a text",
})  # fmt: skip
OF_AN_APP = frozenset({
    "A chat, both sides more than once", "A code fits into one segment [English]",
    "A code fits into one segment [German]", "A code fits into one segment [Greek]",
    "A code fits into one segment [Polish]", "A contact who answers by rule",
    "A customer who asks twice gets both codes, in order",
    "A long text in GSM 7-bit, with an extension character at each border",
    "A long text in UCS-2, with an emoji at each border", "A number without a country code is refused",
    "A one-time code comes back as it was sent", "A page of 9,999 is refused", "A plain text, there and back",
    "A text arrives although the server forgets", "A text of 1,100 Cyrillic letters is accepted",
    "A text under the wrong key goes out as garbage", "A webhook receiver that fails once gets the event again",
    "An answer leaves by the SIM that was written to [sim=1]", "An encrypted text, there and back",
    "Received texts are encrypted before they leave the phone",
    "Somebody who answers STOP is left alone, and may come back", "The published ciphertexts read as published",
    "Three people write at the same time, and everybody gets an answer",
    "What the API refuses, and with what [a word for a number]", "What the API refuses, and with what [no text]",
    "Whoever calls in vain gets a text",
})  # fmt: skip
QUICK = frozenset({
     "Received texts are encrypted before they leave the phone",
    "Somebody who answers STOP is left alone, and may come back",
    "What the API refuses, and with what [no text]",
})  # fmt: skip

Target = Callable[[TargetOptions], DeviceTarget]
BOTH = pytest.mark.parametrize(
    ("target", "run"), [(DeviceTarget, OF_A_RADIO), (AppTarget, OF_AN_APP)], ids=["radio", "app"]
)


def outcomes(opens: Target, titles: frozenset[str] | None = None) -> list[Outcome]:
    with app_device(sims=2) as android:
        is_app = opens is AppTarget
        options = TargetOptions("device", device=android.address, adb_server="never", app=is_app)
        with closing(opens(options)) as target:
            return [target.run(story, 3) for story in STORIES if titles is None or story.title in titles]


@BOTH
def test_some_of_them_pass_and_each_in_both_ways(target: Target, run: frozenset[str]) -> None:
    told = outcomes(target, QUICK)
    assert [as_text(outcome) for outcome in told if not outcome.passed] == []
    assert {outcome.title for outcome in told if outcome.verdict.skipped is None} == QUICK
    assert run >= QUICK


@pytest.mark.soak
@BOTH
def test_each_that_the_device_can_passes_and_each_other_has_a_reason_with_a_remedy(
    target: Target, run: frozenset[str]
) -> None:
    told = outcomes(target)
    assert [as_text(outcome) for outcome in told if not outcome.passed] == []
    assert {outcome.title for outcome in told if outcome.verdict.skipped is None} == run
    reasons = [outcome.verdict.skipped for outcome in told if outcome.verdict.skipped is not None]
    assert [reason for reason in reasons if ";" not in reason] == []
