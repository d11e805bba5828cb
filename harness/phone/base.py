"""What every part of the phone stands on: its tables, its settings, and the process that the app lives in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from harness.core import Core, Fact, Table
from harness.draws import Draws
from harness.frozen import frozen
from harness.http.values import Headers
from harness.instants import Instant
from harness.phone.build import Build
from harness.phone.device import Card, Device
from harness.phone.inbox import Inbox
from harness.phone.settings import Settings
from harness.phone.stages import Submission
from harness.phone.threads import Thread
from harness.phone.work import Queue
from harness.radio import CallLogged
from harness.wire.app import Access, sentry_headers

__all__ = ["NO_REQUEST", "Base", "Intent", "Life", "Login", "Sentry", "emptied"]

# The app throws before it makes a request: from a URL or a key that no request can carry (phone-behaviour.md §2.3).
NO_REQUEST: dict[str, Fact] = {"outcome": "no request can be made"}


@frozen
class Life:
    """`process`: the number of the app's process; 0: it does not run. `receivers`: it listens for results (§4.1-6).

    `stopped`: the user has stopped the app; nothing of it runs until it is opened.
    """

    powered: bool = True
    stopped: bool = False
    process: int = 0
    receivers: bool = False


@frozen
class Login:
    """A login under way: what was typed, checked, one number for each card. `slot`: whose token is being uploaded.

    0: the push service is being asked.
    """

    api_key: str
    numbers: tuple[str, ...]
    server_url: str
    slot: int = 0

    def __repr__(self) -> str:
        return f"Login(slot={self.slot})"


class Intent(NamedTuple):
    """A result that Android will broadcast: with the id of a message, for so many hand-overs (§4.8)."""

    message_id: str
    holders: int


@frozen
class Sentry:
    """What the crash reporter draws anew in each process."""

    trace_id: str
    span_id: str
    sample_rand: str


class Base(Core):
    """Tables, and short ways to what stands in them.

    `facts` has the settings, the device and the build as rows. `ready` are jobs that wait for a free thread,
    `submissions` what the radio has and has not finished, `intents` the broadcasts for it by Java's hash of their id,
    `calls` the call log, `files` the app's cache.
    """

    TABLES: ClassVar[tuple[str, ...]] = (
        "facts", "jobs", "ready", "threads", "submissions", "intents", "inbox", "calls", "files",
    )  # fmt: skip

    def __init__(
        self, name: str, draws: Draws, settings: Settings, device: Device | None = None, build: Build | None = None
    ) -> None:
        super().__init__(name, draws)
        first = {"settings": settings, "device": device or _device_for(settings), "build": build or Build()}
        self.facts: Table[str, Any] = Table({**first, "life": Life(), "counter": 0, "processes": 0})
        # A real phone starts its concatenation reference at random (segmentation.md, data README).
        self.facts["concat_ref"] = draws.getrandbits(8)
        self.jobs: Queue = Queue()
        self.ready: Table[int, int] = Table()
        self.threads: Table[str, Thread] = Table()
        self.submissions: Table[str, Submission] = Table()
        self.intents: Table[int, Intent] = Table()
        self.inbox: Inbox = Inbox()
        self.calls: Table[int, CallLogged] = Table()
        self.files: Table[str, bytes] = Table()
        self._known: tuple[tuple[object, ...], Access] | None = None

    @property
    def settings(self) -> Settings:
        settings: Settings = self.facts["settings"]
        return settings

    @property
    def device(self) -> Device:
        device: Device = self.facts["device"]
        return device

    @property
    def build(self) -> Build:
        build: Build = self.facts["build"]
        return build

    @property
    def life(self) -> Life:
        life: Life = self.facts["life"]
        return life

    def _change_settings(self, **changes: Any) -> None:
        self.facts["settings"] = replace(self.settings, **changes)

    def _change_device(self, **changes: Any) -> None:
        self.facts["device"] = replace(self.device, **changes)

    def _change_life(self, **changes: Any) -> None:
        self.facts["life"] = replace(self.life, **changes)

    def _next(self) -> int:
        number: int = self.facts["counter"] + 1
        self.facts["counter"] = number
        return number

    def _unused_since(self) -> Instant | None:
        """Since when nobody has used the phone; None while it is on the charger."""
        return None if self.device.charging else self.facts.get("used_at", 0)

    def _headers(self) -> Headers:
        """The crash reporter's, if the build has it."""
        sentry: Sentry | None = self.facts.get("sentry")
        if sentry is None:
            return ()
        build = self.build
        return sentry_headers(
            sentry.trace_id, sentry.span_id, sentry.sample_rand, build.app.version, build.org_id, build.public_key
        )

    def _whose(self) -> dict[str, Fact]:
        """The numbers that the app knows, for entries about the phone as a whole."""
        return {"numbers": ", ".join([sim.number for sim in self.settings.sims if sim.number])}

    def _access(self) -> Access:
        """As the settings say now. Raises `Threw` where the app can make no request."""
        settings, build = self.settings, self.build
        read = (settings.server_url, settings.api_key, build, self.facts.get("sentry"))
        if self._known is None or self._known[0] != read:
            self._known = (read, settings.access(build, self._headers()))
        return self._known[1]


def emptied(table: Table[Any, Any]) -> None:
    """Takes every row out."""
    for key in list(table):
        del table[key]


def _device_for(settings: Settings) -> Device:
    """A handset with a card for each number that its settings name, and with one if they name none."""
    numbers = [sim.number for sim in settings.sims if sim.number] or [""]
    return Device(tuple([Card(slot, slot, number) for slot, number in enumerate(numbers, start=1)]))
