from __future__ import annotations

from dataclasses import fields

import pytest

from harness.errors import UsageError
from harness.fake_device.releases import ARGUMENTS, QUIRKS, RELEASES, Release, release


def test_every_field_that_differs_has_a_source() -> None:
    sourced = {quirk.field for quirk in QUIRKS if quirk.source}
    assert sourced == {field.name for field in fields(Release)} - {"android", "sdk"}


def test_releases_are_known_from_8_on() -> None:
    assert [RELEASES[name].android for name in RELEASES] == [str(number) for number in range(8, 18)]
    assert release("14").sdk == 34


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(UsageError):
        release("7")


@pytest.mark.parametrize(
    ("android", "codes", "airplane", "hides"),
    [
        ("8", [6, 7], "none", False),
        ("10", [5], "none", False),
        ("11", [5], "set", False),
        ("17", [5], "set and get", True),
    ],
)
def test_a_quirk_holds_from_its_first_release_on(android: str, codes: list[int], airplane: str, hides: bool) -> None:
    found = release(android)
    assert [call.code for call in found.text_calls] == codes
    assert (found.airplane, bool(found.hides_codes_ms)) == (airplane, hides)


def test_every_argument_has_a_kind() -> None:
    for known in RELEASES.values():
        for call in known.text_calls:
            assert set(call.arguments) <= ARGUMENTS.keys()
