"""Which app on which handset: what the same code does otherwise from build to build and from maker to maker."""

from __future__ import annotations

from enum import Enum

from harness.frozen import frozen

__all__ = ["Build", "Runtime"]


class Runtime(Enum):
    """What runs the app's code: a handset's, or the one that recorded what it does (tests/data/phone)."""

    ANDROID = "android"
    JVM = "jvm"


@frozen
class Build:
    """Times are ranges to draw from, in ns; off by default.

    `version` is the client version that the app sends. `sentry`: the published build, whose crash reporter adds two
    headers to every request; `org_id` and `public_key` go into them. `https_only`: the login screen refuses http, as
    the real app does; ours takes it, because its servers are local. `cores` decides how many jobs run at once.
    `push_delay`: how late a push for a message comes, as in Doze. `job_delay`: how late Android lets a job run.
    `killed_after`: how long an idle process lives in the background; None: for ever.
    """

    version: str = "5dab6f8"
    runtime: Runtime = Runtime.ANDROID
    sentry: bool = False
    org_id: str = "1"
    public_key: str = "0" * 32
    https_only: bool = False
    cores: int = 8
    push_delay: tuple[int, int] = (0, 0)
    job_delay: tuple[int, int] = (0, 0)
    killed_after: int | None = None

    @property
    def threads(self) -> int:
        """How many jobs run at once (phone-behaviour.md §7)."""
        return max(2, min(self.cores - 1, 4))
