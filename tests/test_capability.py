"""The words for what a target may be able to do."""

from __future__ import annotations

import re

from harness.capability import CAPABILITIES, Capability


def test_every_capability_is_explained() -> None:
    assert CAPABILITIES.keys() == set(Capability)
    assert all(CAPABILITIES.values())


def test_a_capability_is_a_word_as_files_have_them() -> None:
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", capability.value) for capability in Capability)
