"""Which operator gets which configuration."""

from __future__ import annotations

import pytest

from harness.sms.config import SmsConfig


@pytest.mark.parametrize(
    ("mcc_mnc", "gid", "config"),
    [
        ("26201", None, SmsConfig()),
        ("28601", None, SmsConfig(single_shift=(1,))),
        ("28603", "BAE0000000000000", SmsConfig(single_shift=(1,))),
        ("20404", "BAE0000000000000", SmsConfig(ems="suffix")),
        ("20404", "bae0000000000000", SmsConfig(ems="suffix")),
        ("20404", "FF", SmsConfig()),
        ("20404", None, SmsConfig()),
    ],
)
def test_an_operator_has_the_configuration_of_aosp(mcc_mnc: str, gid: str | None, config: SmsConfig) -> None:
    assert SmsConfig.for_operator(mcc_mnc, gid) == config


def test_the_release_of_android_is_kept() -> None:
    assert SmsConfig.for_operator("26201", android=10) == SmsConfig(android=10)
