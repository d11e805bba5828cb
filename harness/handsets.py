"""The handsets of a running world: what they do now, and what is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.acting import LOG_IN, Scene, commands_of
from harness.adapters.live import LiveDriver
from harness.core import Command, LetThrough, Pause, Resume, Tell
from harness.deeds import Deed, parse_deed
from harness.errors import UsageError
from harness.frozen import frozen
from harness.handset import Handset
from harness.instants import Instant, seconds
from harness.phone import LogIn, Phone

__all__ = ["Handsets", "Keyed"]


@frozen
class Keyed:
    """A handset, and the phone key with which its user logs in."""

    handset: Handset
    key: str


class Handsets:
    """Handsets that a live driver carries. `contact` is the core that texts and calls for everybody."""

    def __init__(self, driver: LiveDriver, handsets: Sequence[Keyed], contact: str) -> None:
        self._driver = driver
        self._handsets = handsets
        self._contact = contact

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(number for keyed in self._handsets for number in keyed.handset.numbers)

    def phone(self, handset: Handset) -> Phone:
        phone = self._driver.world.cores[handset.phone]
        assert isinstance(phone, Phone)
        return phone

    # -- what is done --------------------------------------------------------------------------------------------

    def act(self, words: str, number: str | None = None) -> None:
        """Does what `words` say to the phone with that number, or to all of them. Raises `UsageError`."""
        chosen = [keyed for keyed in self._handsets if number is None or number in keyed.handset.numbers]
        if number is not None and not chosen:
            raise UsageError(f"there is no phone {number}", f"there are: {', '.join(self.numbers)}")
        deed = parse_deed(words)
        for command in [command for keyed in chosen for command in self._commands(deed, keyed)]:
            self._carry_out(command)

    def _commands(self, deed: Deed, keyed: Keyed) -> Sequence[Command]:
        if deed.words == LOG_IN:
            return [Tell(f"@{keyed.handset.phone}", LogIn(keyed.key))]
        world, phone = self._driver.world, keyed.handset.phone
        token = world.draws(f"{phone}/token/{world.trace.count}").token(142)
        return commands_of(deed, Scene(keyed.handset, self._contact, token))

    def _carry_out(self, command: Command) -> None:
        world = self._driver.world
        match command:
            case Tell(port, event):
                self._driver.tell(port.removeprefix("@"), event)
            case Pause(core):
                world.pause(core)
            case LetThrough(core):
                world.let_through(core)
            case Resume(core):
                world.resume(core)
            case _:
                raise AssertionError(command)
        self._driver.pump_soon()

    # -- what they do --------------------------------------------------------------------------------------------

    def state(self) -> list[dict[str, Any]]:
        """Each handset as plain data: its numbers, whether its phone is paused, and what that waits for."""
        return [self._state(keyed.handset, self._driver.now) for keyed in self._handsets]

    def _state(self, handset: Handset, now: Instant) -> dict[str, Any]:
        world, phone = self._driver.world, self.phone(handset)
        return {
            "numbers": list(handset.numbers),
            "logged_in": phone.settings.logged_in,
            "paused": world.is_paused(handset.phone),
            "held_back": len(world.held(handset.phone)),
            "pending": [
                {
                    "what": pending.what,
                    "message": pending.message,
                    "waits_for": pending.waits_for,
                    "for_s": None if pending.until_at is None else max(0.0, round(seconds(pending.until_at - now), 3)),
                }
                for pending in phone.pending(now)
            ],
        }
