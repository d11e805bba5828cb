"""What the app stores (phone-behaviour.md §1.2), as one value."""

from __future__ import annotations

from dataclasses import field, replace

from harness.frozen import frozen
from harness.http.values import Headers
from harness.instants import Instant
from harness.phone.build import Build
from harness.wire.app import Access, access

__all__ = ["Settings", "Sim"]

DEFAULT_SERVER_URL = "https://api.httpsms.com"


@frozen
class Sim:
    """What is stored of one SIM: its number ("": none) and its three switches."""

    number: str = ""
    active: bool = True
    incoming: bool = True
    calls: bool = False


@frozen
class Settings:
    """The stored settings. There are always two SIMs, a second one without a number too.

    `api_key` is None until a login has succeeded. `token_uploaded_at` is the last upload from the main screen,
    `heartbeat_at` the last heartbeat; 0: never. An `encryption_key` of "" is none.
    """

    sims: tuple[Sim, ...] = (Sim(), Sim())
    server_url: str = DEFAULT_SERVER_URL
    api_key: str | None = field(default=None, repr=False)
    encryption_key: str = field(default="", repr=False)
    encrypt_received: bool = False
    registration_token: str = field(default="", repr=False)
    user_id: str = ""
    token_uploaded_at: Instant = 0
    heartbeat_at: Instant = 0
    debug: bool = False

    def __post_init__(self) -> None:
        if len(self.sims) != 2:
            object.__setattr__(self, "sims", (*self.sims, Sim(), Sim())[:2])

    @property
    def logged_in(self) -> bool:
        """An empty key counts as logged in (§1.2)."""
        return self.api_key is not None and bool(self.sims[0].number)

    @property
    def dual_sim(self) -> bool:
        """Two numbers are stored; what cards there are does not matter."""
        return bool(self.sims[0].number and self.sims[1].number)

    @property
    def encrypts_received(self) -> bool:
        return self.encrypt_received and bool(self.encryption_key)

    @property
    def names(self) -> tuple[str, ...]:
        """What the app calls the SIMs that it uploads a token for, where it looks at the numbers."""
        return ("SIM1", "SIM2") if self.dual_sim else ("SIM1",)

    def sim(self, name: str) -> Sim:
        """The SIM that the server calls `SIM1` or `SIM2`; any other name means SIM1."""
        return self.sims[name == "SIM2"]

    def is_active(self, name: str) -> bool:
        """SIM2 is active only when there are two numbers."""
        if name == "SIM2":
            return self.sims[1].active and self.dual_sim
        return self.sims[0].active

    @property
    def any_active(self) -> bool:
        return self.sims[0].active or self.is_active("SIM2")

    def access(self, build: Build | None = None, extra: Headers = ()) -> Access:
        """Where requests go, and under which key. Raises `Threw` where the app can make none."""
        build = build or Build()
        collapses = build.app.runtime == "android"
        return access(self.server_url, self.api_key or "", build.app.version, extra, collapses=collapses)

    def with_sim(self, slot: int, **changes: object) -> Settings:
        """`slot` is 1 or 2."""
        sims = list(self.sims)
        sims[slot - 1] = replace(sims[slot - 1], **changes)  # type: ignore[arg-type]
        return replace(self, sims=tuple(sims))

    def with_encryption_key(self, text: str) -> Settings:
        """What the settings screen makes of it: trimmed; an empty key switches the encryption of received texts off."""
        key = text.strip()
        return replace(self, encryption_key=key, encrypt_received=self.encrypt_received and bool(key))

    def without_calls(self) -> Settings:
        """Missed calls switched off for both SIMs."""
        return replace(self, sims=tuple([replace(sim, calls=False) for sim in self.sims]))

    def logged_out(self) -> Settings:
        """What a logout leaves (§1.4): token, URL, the time of the heartbeat, the debug switch."""
        return Settings(
            server_url=self.server_url,
            registration_token=self.registration_token,
            heartbeat_at=self.heartbeat_at,
            debug=self.debug,
        )
