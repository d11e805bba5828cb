"""Which app on which handset: what the same code does otherwise from build to build and from maker to maker."""

from __future__ import annotations

from dataclasses import field

from harness.frozen import frozen
from harness.profile import DEFAULT_APP, STOCK, AppProfile, OemProfile

__all__ = ["Build"]

CORES = 8
"""What a phone has whose maker is not named."""


@frozen
class Build:
    """A build of the app, and the habits of the phone's maker; stock by default, which delays and kills nothing.

    `https_only`: the login screen refuses http, as the real app does; ours takes it, because its servers are local.
    `org_id` and `public_key` go into the crash reporter's headers, where the app has one.
    """

    app: AppProfile = DEFAULT_APP
    oem: OemProfile = STOCK
    https_only: bool = False
    org_id: str = "1"
    public_key: str = "0" * 32
    holds_jobs: bool = field(init=False, repr=False, compare=False)
    holds_pushes: bool = field(init=False, repr=False, compare=False)
    threads: int = field(init=False, repr=False, compare=False)
    """How many jobs run at once (phone-behaviour.md §7)."""

    def __post_init__(self) -> None:
        oem = self.oem
        windows = oem.windows is not None
        object.__setattr__(self, "holds_jobs", windows or oem.job_delay is not None)
        object.__setattr__(self, "holds_pushes", windows or oem.push_delay is not None)
        object.__setattr__(self, "threads", max(2, min((oem.cpu_cores or CORES) - 1, 4)))
