"""What the app stores (phone-behaviour.md §1.2), as one value."""

from __future__ import annotations

from dataclasses import field, replace

from harness.frozen import frozen
from harness.wire.app import Access, access

__all__ = ["Settings", "Sim"]

DEFAULT_SERVER_URL = "https://api.httpsms.com"


@frozen
class Sim:
    """One SIM of the phone: its number and its two switches."""

    number: str
    active: bool = True
    incoming: bool = True


@frozen
class Settings:
    """The stored settings. `api_key` is None until a login has succeeded; before, `sims` are the cards' numbers."""

    sims: tuple[Sim, ...]
    server_url: str = DEFAULT_SERVER_URL
    api_key: str | None = field(default=None, repr=False)
    encryption_key: str = field(default="", repr=False)
    encrypt_received: bool = False
    registration_token: str = field(default="", repr=False)
    version: str = "5dab6f8"

    @property
    def logged_in(self) -> bool:
        """An empty key counts as logged in (phone-behaviour.md §1.2)."""
        return self.api_key is not None and bool(self.sims)

    @property
    def encrypts_received(self) -> bool:
        return self.encrypt_received and bool(self.encryption_key)

    def sim(self, name: str) -> Sim | None:
        """The SIM that the server calls `SIM1` or `SIM2`; any other name means SIM1."""
        slot = 1 if name == "SIM2" else 0
        return self.sims[slot] if slot < len(self.sims) else None

    def is_active(self, name: str) -> bool:
        """SIM2 is active only when the phone has two numbers."""
        sim = self.sim(name)
        return sim is not None and sim.active

    def access(self) -> Access:
        """Where requests go, and under which key. Raises `ValueError` where the app can make none."""
        return access(self.server_url, self.api_key or "", self.version)

    def logged_out(self) -> Settings:
        """What a logout leaves (§1.4). The numbers stay: they are those of the cards, for the next login."""
        sims = tuple([Sim(sim.number) for sim in self.sims])
        return replace(self, sims=sims, api_key=None, encryption_key="", encrypt_received=False)
