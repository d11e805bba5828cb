"""The handsets of a running world: what they do now, and what is done to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from harness.acting import LOG_IN, Scene, commands_of
from harness.adapters.live import LiveDriver
from harness.core import Command, LetThrough, Pause, Resume, Tell
from harness.deeds import Deed, parse_deed
from harness.errors import UsageError
from harness.frozen import frozen
from harness.handset import Handset
from harness.http.values import Answered
from harness.instants import Instant, seconds
from harness.phone import LogIn, Phone
from harness.wire.fcm import MESSAGE_ID, PushReceived

__all__ = ["Handsets", "Keyed"]


@frozen
class Keyed:
    """A handset, and the phone key with which its user logs in."""

    handset: Handset
    key: str

    def __repr__(self) -> str:
        return f"Keyed({self.handset!r})"


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

    def _chosen(self, number: str | None) -> list[Keyed]:
        """Raises `UsageError` where nobody has the number."""
        chosen = [keyed for keyed in self._handsets if number is None or number in keyed.handset.numbers]
        if chosen:
            return chosen
        if not self._handsets:
            raise UsageError("there is no phone here", "start with one")
        listed = ", ".join(self.numbers[:_LISTED_MAX]) + (" …" if len(self.numbers) > _LISTED_MAX else "")
        raise UsageError(f"there is no phone {number}", f"there are: {listed}")

    # -- what is done --------------------------------------------------------------------------------------------

    def act(self, words: str, number: str | None = None) -> None:
        """Does what `words` say to the phone with that number, or to all of them. Raises `UsageError`."""
        chosen, deed = self._chosen(number), parse_deed(words)
        # All or nothing: whatever is wrong is found before the first of them is touched.
        commands = [command for keyed in chosen for command in self._commands(deed, keyed, number)]
        done = [self._carry_out(command) for command in commands]
        if not any(done):
            raise UsageError("nothing waits for a paused phone", "`pause` one first; its `status` shows what waits")

    def _commands(self, deed: Deed, keyed: Keyed, number: str | None) -> Sequence[Command]:
        world, phone = self._driver.world, keyed.handset.phone
        if deed.words == LOG_IN:
            return [Tell(f"@{phone}", LogIn(keyed.key))]
        token = world.draws(f"{phone}/token/{world.trace.count}").token(142)
        return commands_of(deed, Scene(keyed.handset, self._contact, token, number))

    def _carry_out(self, command: Command) -> bool:
        """False where there was nothing to do."""
        world, done = self._driver.world, True
        match command:
            case Tell(port, event):
                self._driver.tell(port.removeprefix("@"), event)
            case Pause(core):
                world.pause(core)
            case LetThrough(core):
                done = world.let_through(core)
            case Resume(core):
                world.resume(core)
            case _:
                raise AssertionError(command)
        self._driver.pump_soon()
        return done

    # -- what they do --------------------------------------------------------------------------------------------

    def state(self, number: str | None = None) -> list[dict[str, Any]]:
        """Each handset, or that with the number, as plain data: what it is, what it waits for, what is kept from it.

        Raises `UsageError` where nobody has the number.
        """
        chosen = self._chosen(number) if number is not None else self._handsets
        return [self._state(keyed.handset, self._driver.now) for keyed in chosen]

    def _state(self, handset: Handset, now: Instant) -> dict[str, Any]:
        world, phone = self._driver.world, self.phone(handset)
        life = phone.life
        return {
            "numbers": list(handset.numbers),
            "logged_in": phone.settings.logged_in,
            "powered": life.powered,
            "app": "stopped" if life.stopped else "running" if life.process else "not running",
            "network": phone.device.network.value,
            "paused": world.is_paused(handset.phone),
            "held_back": [
                {**_words(event, phone), "since_s": _rounded(now - due_at)}
                for due_at, event in world.held(handset.phone)
            ],
            "pending": [
                {
                    "what": pending.what,
                    "message": pending.message,
                    "waits_for": pending.waits_for,
                    "for_s": None if pending.until_at is None else _rounded(pending.until_at - now),
                }
                for pending in phone.pending(now)
            ],
        }


_LISTED_MAX = 10


def _rounded(duration: int) -> float:
    return max(0.0, round(seconds(duration), 3))


def _words(event: Any, phone: Phone) -> dict[str, Any]:
    """What comes to the phone, and about which message, as far as it says so itself."""
    match event:
        case PushReceived():
            return {"what": "push", "message": event.get(MESSAGE_ID)}
        case Answered(exchange, outcome):
            thread = phone.threads.get(exchange)
            request = "" if thread is None else f" to {thread.request.method} {thread.request.path}"
            status = getattr(outcome, "status", None)
            return {"what": f"{'no answer' if status is None else f'the answer {status}'}{request}", "message": None}
        case _:
            return {"what": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(event).__name__).lower(), "message": None}
