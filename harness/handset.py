"""Puts a handset into a world: the phone, and a radio for each of its cards."""

from __future__ import annotations

from harness.cast import PhoneSpec
from harness.frozen import frozen
from harness.modem import Modem, Smsc
from harness.phone import Build, Card, Device, Phone, Settings
from harness.profile import DEFAULT_APP, STOCK, AppProfile, OemProfile
from harness.sms import SmsConfig
from harness.world import World

__all__ = ["Handset", "add_handset", "build_for", "build_of"]


@frozen
class Handset:
    """The names of a handset's cores. `numbers` and `modems` are by slot."""

    name: str
    numbers: tuple[str, ...]
    modems: tuple[str, ...]

    @property
    def phone(self) -> str:
        return f"phone:{self.name}"


def add_handset(
    world: World, smsc: Smsc, spec: PhoneSpec, *, server_url: str, push: str, build: Build | None = None
) -> Handset:
    """A handset whose app nobody has logged in yet. Its pushes come from whatever is wired to `push`.

    `build` is what the profiles in `spec` come to (None: nothing special).
    """
    modems = (f"modem:{spec.name}", f"modem:{spec.name}/2")[: len(spec.numbers)]
    handset = Handset(spec.name, spec.numbers, modems)
    _add_phone(world, handset, spec, server_url, build)
    world.wire(handset.phone, "push", push)
    for slot, (modem, number, port) in enumerate(zip(modems, spec.numbers, ("radio", "radio2"), strict=False), start=1):
        world.add(Modem(modem, world.draws(modem), number, slot=slot, subscription_id=slot))
        world.wire(handset.phone, port, modem)
        world.wire(modem, "phone", handset.phone)
        world.wire(modem, "smsc", smsc.name)
        smsc.directory[number] = modem
    return handset


def _add_phone(world: World, handset: Handset, spec: PhoneSpec, server_url: str, build: Build | None) -> None:
    draws = world.draws(handset.phone)
    settings = Settings(
        server_url=server_url,
        encryption_key=spec.encryption_key or "",
        encrypt_received=bool(spec.encryption_key),
        registration_token=draws.stream("token").token(142),
    )
    cards = tuple([Card(slot, slot, number) for slot, number in enumerate(handset.numbers, start=1)])
    sms = SmsConfig.for_operator(spec.operator or "", android=spec.android or SmsConfig().android)
    world.add(Phone(handset.phone, draws, settings, Device(cards, sms=sms), build))


def build_for(spec: PhoneSpec) -> Build:
    """What the profiles that a phone names come to. Raises `UsageError` for one that there is not."""
    if spec.app is None and spec.oem is None:
        return build_of()  # most phones name none, and the files need not be read
    from harness.adapters.profile_files import app_profile, oem_profile

    app = DEFAULT_APP if spec.app is None else app_profile(spec.app)
    return build_of(app, STOCK if spec.oem is None else oem_profile(spec.oem))


def build_of(app: AppProfile = DEFAULT_APP, oem: OemProfile = STOCK) -> Build:
    """What the profiles come to."""
    return Build(app, oem)
