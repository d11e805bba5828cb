"""What makes one Android phone divide a text otherwise than another."""

from __future__ import annotations

from typing import Literal

from harness.frozen import frozen

__all__ = ["SmsConfig"]

_TURKEY = "286"
# The one entry of Android's list of networks that cannot join segments (segmentation.md §4).
_NO_EMS_OPERATOR = "20404"
_NO_EMS_GID = "BAE0000000000000"


@frozen
class SmsConfig:
    """The settings of the operator's SIM and the release of Android.

    `single_shift` and `locking_shift` are the enabled national language identifiers (1 to 13). `force_7bit` replaces
    what the default alphabet lacks. `ems` tells a network that joins segments from one that cannot: there each segment
    says its place in its text, as a `suffix` (` 1/2`) or a `prefix` (`1/2 `). `android` is the release; from 11 on all
    cut alike.
    """

    single_shift: tuple[int, ...] = ()
    locking_shift: tuple[int, ...] = ()
    force_7bit: bool = False
    ems: Literal[True, "suffix", "prefix"] = True
    android: int = 16

    @staticmethod
    def for_operator(mcc_mnc: str, gid: str | None = None, android: int = 16) -> SmsConfig:
        """The configuration that AOSP gives to a SIM of that operator, whose group identifier (EF GID1) is `gid`."""
        no_ems = mcc_mnc.startswith(_NO_EMS_OPERATOR) and gid is not None and gid.upper() == _NO_EMS_GID
        return SmsConfig(
            single_shift=(1,) if mcc_mnc.startswith(_TURKEY) else (),
            ems="suffix" if no_ems else True,
            android=android,
        )
