"""What happens to the handset and to the app as a whole: power, updates, cards, permissions."""

from __future__ import annotations

from harness.core import At, Command, Record
from harness.delays import sample
from harness.frozen import frozen
from harness.instants import Instant
from harness.phone.base import emptied
from harness.phone.device import Card
from harness.phone.events import ChangeSims
from harness.phone.screens import Screens

__all__ = ["Living", "UnusedDue"]


@frozen
class UnusedDue:
    """Time to look whether the phone has been used since."""

    used_at: Instant


class Living(Screens):
    # -- power ---------------------------------------------------------------------------------------------------

    def _power_off(self, now: Instant) -> list[Command]:
        """Jobs, settings and received segments stay; what telephony was still waiting for is forgotten."""
        if not self.life.powered:
            return []
        closed = self._close_stream()
        self._die(now)  # its jobs are due again at the next boot
        emptied(self.submissions)
        emptied(self.intents)
        self._change_life(powered=False)
        return [Record("phone", "powered off", None, self._whose()), *closed]

    def _boot(self, now: Instant) -> list[Command]:
        """BOOT_COMPLETED: no request; the service, and whatever jobs are due (§5.4). A stopped app stays stopped."""
        off = self._power_off(now)
        self._change_life(powered=True)
        booted = [*off, Record("phone", "booted", None, self._whose()), *self._open_stream(now)]
        if self.life.stopped:
            return booted
        return [*booted, *self._start_process(now), *self._start_service(), *self._all_due(now)]

    # -- the app -------------------------------------------------------------------------------------------------

    def _force_stop(self, now: Instant) -> list[Command]:
        self._die(now)  # its jobs are due again when it is opened
        self._change_life(stopped=True)
        return [Record("phone", "force-stopped")]

    def _update_app(self, now: Instant) -> list[Command]:
        return [Record("phone", "app updated"), *(self._die(now) if self.life.process else [])]

    def _open(self, now: Instant) -> list[Command]:
        """The user looks at the app: it runs again, whatever has been done to it."""
        was_stopped = self.life.stopped
        if was_stopped:
            self._change_life(stopped=False)
        commands = [] if self.life.process else self._start_process(now)
        return [*commands, *self._release(now), *self._all_due(now)] if was_stopped else commands

    def _used(self, now: Instant) -> list[Command]:
        """The user has the phone in his hand; some makers stop an app that nobody opens for long enough."""
        self.facts["used_at"] = now
        after = self.build.oem.stopped_after
        return [] if after is None else [At(now + sample(after, self.draws), UnusedDue(now))]

    def _unused(self, event: UnusedDue, now: Instant) -> list[Command]:
        return self._force_stop(now) if self.facts.get("used_at") == event.used_at else []

    # -- cards ---------------------------------------------------------------------------------------------------

    def _change_sims(self, event: ChangeSims) -> list[Command]:
        """A card that was there before keeps its number; another one has what the last card in its slot had."""
        numbers = {card.subscription_id: card.number for card in self._cards_ever()}
        by_slot = {card.slot: card.number for card in self._cards_ever()}
        cards = sorted(event.subscriptions, key=lambda card: (card[1], card[0]))
        made = [Card(known, slot, numbers.get(known, by_slot.get(slot, ""))) for known, slot in cards]
        return self._set_cards(tuple(made), event.default)

    def _remove_card(self, slot: int) -> list[Command]:
        device = self.device
        left = tuple([card for card in device.cards if card.slot != slot])
        default = device.default_subscription
        if default not in [card.subscription_id for card in left]:
            default = left[0].subscription_id if left else None
        return self._set_cards(left, default)

    def _insert_card(self, slot: int) -> list[Command]:
        """The one that was there before; a new one else."""
        device = self.device
        if any(card.slot == slot for card in device.cards):
            return []
        known = next((card for card in self._cards_ever() if card.slot == slot), Card(slot, slot))
        cards = sorted((*device.cards, known), key=lambda card: card.slot)
        default = device.default_subscription
        return self._set_cards(tuple(cards), known.subscription_id if default is None else default)

    def _set_cards(self, cards: tuple[Card, ...], default: int | None) -> list[Command]:
        self.facts["drawer"] = self._cards_ever()
        self._change_device(cards=cards, default_subscription=default)
        return [Record("phone", "cards changed", None, {"slots": ", ".join([str(card.slot) for card in cards])})]

    def _cards_ever(self) -> tuple[Card, ...]:
        """Those that are in, and those that were."""
        known = {card.slot: card for card in self.facts.get("drawer", ())}
        known.update({card.slot: card for card in self.device.cards})
        return tuple(known.values())
