"""What differs from one build of the app to the next, and from one make of phone to the next.

The figures stand in `harness/profiles`, each with its source, and what has no source is off.
`harness.adapters.profile_files` reads them.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from harness.delays import Delay, sample
from harness.draws import Draws
from harness.errors import UsageError
from harness.frozen import frozen
from harness.instants import Instant

__all__ = ["DEFAULT_APP", "STOCK", "AppProfile", "OemProfile", "Runtime", "Windows"]

Runtime = Literal["android", "jvm"]


@frozen
class AppProfile:
    """A build of the app. `version` is what it calls itself (`X-Client-Version`).

    `runtime` is what its code runs on: `android`, or the `jvm` that the recordings were made on, which resolves a
    server URL with a slash at its end otherwise. `sentry_headers`: every request carries `sentry-trace` and `baggage`.
    """

    name: str = "5dab6f8"
    version: str = "5dab6f8"
    runtime: Runtime = "android"
    sentry_headers: bool = False
    about: str = field(default="", compare=False)


@frozen
class Windows:
    """Doze: whatever waits is let through in windows.

    The n-th window opens when it has been closed for the n-th of `closed_ns`, and stays open for the n-th of `open_ns`;
    the last of each goes on for ever. Raises `UsageError` for times that are none.
    """

    closed_ns: tuple[int, ...]
    open_ns: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.closed_ns or not self.open_ns or min(*self.closed_ns, *self.open_ns) <= 0:
            raise UsageError(
                f"there are no windows closed for {self.closed_ns} and open for {self.open_ns}",
                "give at least one time of each, longer than 0",
            )

    def opens_at(self, begins_at: Instant, at: Instant) -> Instant:
        """When that which waits at `at` is let through: `at` itself while a window is open, or before `begins_at`."""
        if at < begins_at:
            return at
        start_at = begins_at
        last = max(len(self.closed_ns), len(self.open_ns)) - 1
        for number in range(last):
            closed_ns, open_ns = self._window(number)
            if at < start_at + closed_ns + open_ns:
                return max(at, start_at + closed_ns)
            start_at += closed_ns + open_ns
        closed_ns, open_ns = self._window(last)
        start_at += (at - start_at) // (closed_ns + open_ns) * (closed_ns + open_ns)
        return max(at, start_at + closed_ns)

    def _window(self, number: int) -> tuple[int, int]:
        return self.closed_ns[min(number, len(self.closed_ns) - 1)], self.open_ns[min(number, len(self.open_ns) - 1)]


@frozen
class OemProfile:
    """What a make of phone, or a state of Android, does to an app in the background. None is off.

    `restricted_after_ns`: how long nobody has used the phone before the next three hold. `push_delay`: how long a push
    of normal priority waits. `job_delay`: how long a job waits that could run. `windows`: when both are let through.
    `killed_in_background_after`: when the process dies once nobody uses the app. `stopped_after`: when the app is
    stopped, as by force, until somebody opens it. `cpu_cores` decide how many jobs run at once.
    """

    name: str = "stock"
    restricted_after_ns: int = 0
    push_delay: Delay | None = None
    job_delay: Delay | None = None
    windows: Windows | None = None
    killed_in_background_after: Delay | None = None
    stopped_after: Delay | None = None
    cpu_cores: int | None = None
    about: str = field(default="", compare=False)

    def push_at(self, at: Instant, unused_since: Instant | None, draws: Draws) -> Instant:
        """When a push of normal priority that is there at `at` reaches the app. None: in use, or on the charger.

        One of high priority is not held (Android Developers, "Power management restrictions": Doze, FCM).
        """
        return self._held(self.push_delay, at, unused_since, draws)

    def job_at(self, at: Instant, unused_since: Instant | None, draws: Draws) -> Instant:
        """When a job that could run at `at` runs. `unused_since` is None while in use, or on the charger."""
        return self._held(self.job_delay, at, unused_since, draws)

    def _held(self, delay: Delay | None, at: Instant, unused_since: Instant | None, draws: Draws) -> Instant:
        if unused_since is None or at < unused_since + self.restricted_after_ns:
            return at
        due_at = at if delay is None else at + sample(delay, draws)
        begins_at = unused_since + self.restricted_after_ns
        return due_at if self.windows is None else self.windows.opens_at(begins_at, due_at)


STOCK = OemProfile()
DEFAULT_APP = AppProfile()
