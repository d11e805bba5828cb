"""The httpSMS app of a fake device: this package's phone core, behind the device's preferences, radio and ports.

It is not the real app, and says so: the device has the property `harness.device_app.PHONE_CORE`, and a line in its log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from harness.adapters.adb_daemon import wall_ms
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.reversed_client import ReversedClient
from harness.cast import PhoneSpec
from harness.core import Command, Tell
from harness.device_app import (
    FILE,
    FOLDER,
    PACKAGE,
    PHONE_CORE,
    AppSettings,
    SimSettings,
    changed,
    parsed,
    rendered,
    settings_in,
    stored,
)
from harness.draws import Draws
from harness.errors import MalformedAdb, NoPushService
from harness.fake_android import FakeAndroid
from harness.fake_device import FakeDevice
from harness.fake_device.files import Problem
from harness.fake_device.happened import (
    ActivityStarted,
    AppCleared,
    AppRemoved,
    AppStopped,
    Broadcast,
    CallEnded,
    Happened,
    NetworkSet,
    PermissionSet,
    Rang,
    TextArrived,
)
from harness.fake_device.sms_store import Box
from harness.fake_device.state import RUNTIME_PERMISSIONS, Package
from harness.handset import Handset, add_handset
from harness.instants import MS, SECOND
from harness.modem import ChangeDelay, LoseService, PowerOff, PowerOn, RegainService, Smsc
from harness.parties import Contact
from harness.phone import (
    AnswerPermissions,
    ForceStop,
    KillProcess,
    LoseNetwork,
    OpenApp,
    Phone,
    RegainNetwork,
    ResultBroadcast,
    Settings,
)
from harness.phone.settings import Sim
from harness.push.streams import STREAM_PATH
from harness.radio import CALL_TYPES, CallLogged, CallStateChanged, Submit, SubmitAccepted, SubmitRejected, TextReceived
from harness.trace import Entry, Trace
from harness.wire.fcm import StreamOpened
from harness.world import OUTSIDE, World

__all__ = ["NOTE", "FakeApp", "fake_app", "install_fake_app"]

NOTE = "httpsms-harness's phone core, not the real app"
"""What stands wherever somebody might take it for the app."""

_TAG = "httpsms-harness"
_TRACE_KEPT = 2_000
_LISTENS_S = 3.0  # so long the app waits for its pushes before it tells the server where they shall go
_REPORTS_AFTER = 2 * SECOND  # as an emulator's new modem does (phone-behaviour.md §9.1)
_CHANGING = frozenset({"registered", "logged in", "logged out", "settings changed"})
_ANSWERS = {f"{PACKAGE}.SMS_SENT": "sent", f"{PACKAGE}.SMS_DELIVERED": "delivered"}


def install_fake_app(device: FakeDevice) -> None:
    """The package is there, without permissions, as a build for debugging whose preferences `run-as` may write."""
    permissions = dict.fromkeys([f"android.permission.{name}" for name in RUNTIME_PERMISSIONS], False)
    device.packages[PACKAGE] = Package(PACKAGE, 1, permissions, is_debuggable=True)
    device.properties[PHONE_CORE] = NOTE
    device.files.home(PACKAGE)


@contextlib.asynccontextmanager
async def fake_app(android: FakeAndroid, seed: int = 0) -> AsyncIterator[FakeApp]:
    """The app of a device that runs, until the context ends. It begins when an activity of it is started."""
    install_fake_app(android.device)
    app = FakeApp(android, seed)
    android.on_happened.append(app.happened)
    try:
        yield app
    finally:
        android.on_happened.remove(app.happened)
        await app.close()


class FakeApp:
    """The app, between the device and a world with a phone core in it.

    It reads its preferences when it is started: with others than it last had it begins anew, and the jobs that it had
    are gone, which WorkManager's would not be. `on_note` is told each line that it writes into the device's log.
    """

    def __init__(self, android: FakeAndroid, seed: int) -> None:
        self.device = android.device
        self.trace: Trace | None = None
        self.on_note: list[Callable[[str], object]] = []
        self._android = android
        self._draws = Draws(seed, "fake_app")
        self._lives = 0
        self._known: AppSettings | None = None
        self._life: asyncio.Task[None] | None = None
        self._world: _World | None = None
        self._held: list[Any] = []  # what the app hears as soon as it is up
        self._is_stopped = False  # by force: until it is opened it writes nothing

    async def close(self) -> None:
        await self._end()

    # -- what happens on the device ----------------------------------------------------------------------------------

    def happened(self, happened: Happened) -> None:
        match happened:
            case ActivityStarted(component=component) if component.partition("/")[0] == PACKAGE:
                self._start()
            case AppCleared(package) | AppRemoved(package) if package == PACKAGE:
                self._known = None
                self._cancel()
            case _:
                if isinstance(happened, AppStopped) and happened.package == PACKAGE:
                    self._is_stopped = happened.forced or self._is_stopped
                for event in _events(happened):
                    self._tell(event)
                if isinstance(happened, NetworkSet) and self._world is not None:
                    self._world.switch(happened)

    def _tell(self, event: Any) -> None:
        if self._world is not None and self._world.driver is not None:
            self._world.driver.tell(self._world.handset.phone, event)
        elif self._life is not None:
            self._held.append(event)

    def _start(self) -> None:
        self._is_stopped = False
        found = self._read()
        if self._world is not None and found == self._known:
            self._tell(OpenApp())
            return
        before = self._cancel()
        if found is not None:
            self._lives += 1
            self._life = asyncio.get_running_loop().create_task(self._live(found, before))
            self._life.add_done_callback(self._ended)

    def _cancel(self) -> asyncio.Task[None] | None:
        before, self._life, self._world, self._held = self._life, None, None, []
        if before is not None:
            before.cancel()
        return before

    async def _end(self) -> None:
        before = self._cancel()
        if before is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await before

    def _ended(self, life: asyncio.Task[None]) -> None:
        """As an app that crashes: the log tells."""
        if not life.cancelled() and (error := life.exception()) is not None:
            self._note(f"the app died: {type(error).__name__}")

    async def _live(self, settings: AppSettings, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        if settings.registration_token is None:
            settings = replace(settings, registration_token=self._draws.stream("token").token(142))
        world = _World(self.device, settings, self._draws.stream(f"life {self._lives}").getrandbits(32))
        self.trace = world.world.trace
        self.trace.subscribe(self._traced)
        self._known, self._world = settings, world
        self._write(settings)
        self._note(f"{NOTE}, speaks to {settings.server_url}")
        async with asyncio.TaskGroup() as tasks:
            client = ReversedClient(self._android.adb, tasks.create_task)
            try:
                await world.run(client, self._up)
            finally:
                await client.close()

    def _up(self) -> None:
        held, self._held = self._held, []
        for event in held:
            self._tell(event)

    def _traced(self, entry: Entry) -> None:
        """What the app would write into its log, without contents; what changes its settings, into their file."""
        if entry.hop == "phone":
            self._note(entry.kind)
            if entry.kind in _CHANGING:
                asyncio.get_running_loop().call_soon(self._keep)

    def _note(self, text: str) -> None:
        self.device.note(_TAG, text, wall_ms())
        for tell in self.on_note:
            tell(text)

    # -- the preferences ---------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        if self._world is not None and self._known is not None and not self._is_stopped:
            self._known = _as_stored(self._world.phone.settings)
            self._write(self._known)

    def _read(self) -> AppSettings | None:
        """None where the file cannot be read: the app dies of it at its start."""
        files = self.device.files
        before, files.user = files.user, PACKAGE
        try:
            data = files.read(f"{files.home(PACKAGE)}/{FILE}")
        finally:
            files.user = before
        try:
            return settings_in({} if isinstance(data, Problem) else parsed(data))
        except MalformedAdb as error:
            self._note(f"the app died: {error.why}")
            return None

    def _write(self, settings: AppSettings) -> None:
        files = self.device.files
        before, files.user = files.user, PACKAGE
        try:
            home = files.home(PACKAGE)
            files.mkdir(f"{home}/{FOLDER}", wall_ms())
            data = files.read(f"{home}/{FILE}")
            known = {} if isinstance(data, Problem) else parsed(data)
            files.write(f"{home}/{FILE}", rendered(changed(known, stored(settings))), wall_ms(), 0o660)
        finally:
            files.user = before


class _World:
    """A phone, its radios, and a contact that reads every number."""

    def __init__(self, device: FakeDevice, settings: AppSettings, seed: int) -> None:
        self.device = device
        self.settings = settings
        self.driver: LiveDriver | None = None
        self.world = world = World(seed, Trace(_TRACE_KEPT, hashed=False), start_at=wall_clock(), draws_order=False)
        smsc = Smsc("smsc", world.draws("smsc"))
        world.add(smsc)
        world.add(Contact("contact:everybody", world.draws("contact"), "*"))
        world.wire("contact:everybody", "smsc", smsc.name)
        smsc.directory["*"] = "contact:everybody"
        smsc.magic = False
        self.handset = add_handset(world, smsc, _spec(device, settings), server_url=settings.server_url, push=OUTSIDE)
        self.phone.facts["settings"] = _as_phone(settings)
        hands = _Hands(device, self.handset)
        for core in (self.handset.phone, *self.handset.modems):
            world.fault(core, hands)

    @property
    def phone(self) -> Phone:
        phone = self.world.cores[self.handset.phone]
        assert isinstance(phone, Phone)
        return phone

    async def run(self, client: ReversedClient, up: Callable[[], object]) -> None:
        """Until it is cancelled; `up` is called once it runs. A server without a stream of pushes sends it none."""
        push_url: str | None = self.settings.server_url.rstrip("/") + STREAM_PATH
        while True:
            try:
                await self._run(client, push_url, up)
            except NoPushService:
                push_url = None

    async def _run(self, client: ReversedClient, push_url: str | None, up: Callable[[], object]) -> None:
        async with LiveDriver(self.world, client=client, push_url=push_url) as driver:
            self.driver = driver
            for event in self._beginnings():
                driver.tell(self.handset.phone, event)
            for modem in self.handset.modems:
                driver.tell(modem, ChangeDelay("report", _REPORTS_AFTER))
            if self.phone.settings.logged_in and push_url is not None:
                driver.listen(self.handset.phone, StreamOpened(self.phone.settings.registration_token))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LISTENS_S):
                        await driver.quiet()
            driver.tell(self.handset.phone, OpenApp())
            up()
            await asyncio.Event().wait()

    def _beginnings(self) -> list[Any]:
        """What is so on the device already."""
        granted = self.device.packages[PACKAGE].permissions
        answers = tuple([(_bare(name), on) for name, on in granted.items()])
        return [AnswerPermissions(answers)]

    def switch(self, network: NetworkSet) -> None:
        """The radio, and what the app has for a network."""
        if self.driver is None:
            return
        device = self.device
        radio = PowerOff() if device.is_airplane else PowerOn()
        service = RegainService() if device.in_service else LoseService()
        for modem in self.handset.modems:
            self.driver.tell(modem, radio)
            self.driver.tell(modem, service)
        if network.what != "voice":
            has_one = not device.is_airplane and "1" in (
                device.settings["global"].get("wifi_on"), device.settings["global"].get("mobile_data"),
            )  # fmt: skip
            self.driver.tell(self.handset.phone, RegainNetwork() if has_one else LoseNetwork())


class _Hands:
    """No fault at all: sees what the phone submits, and writes the row once the network has taken all of it."""

    name = "hands"

    def __init__(self, device: FakeDevice, handset: Handset) -> None:
        self._device = device
        self._handset = handset
        self._submits: dict[str, tuple[Submit, set[int]]] = {}

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        match command:
            case Tell(_, Submit() as submit):
                self._submits[submit.id] = submit, set(range(len(submit.segments)))
            case Tell(_, SubmitAccepted(name, segment)) if name in self._submits:
                submit, left = self._submits[name]
                left.discard(segment)
                if not left:
                    self._row(submit, 0)
            case Tell(_, SubmitRejected(name, _, code)) if name in self._submits:
                self._row(self._submits[name][0], code)
        return None

    def _row(self, submit: Submit, code: int) -> None:
        """The system writes it, also for an app that is not the default one (phone-behaviour.md §8.6)."""
        del self._submits[submit.id]
        slot = submit.subscription_id or 1
        row = self._device.app_submitted(submit.to, submit.text, wall_ms(), slot)
        if code:
            self._device.sms.move(row.id, Box.FAILED, code)

    def fork(self) -> _Hands:
        return self


def _spec(device: FakeDevice, settings: AppSettings) -> PhoneSpec:
    first, second = settings.sims
    number = first.number or device.numbers[1]
    return PhoneSpec("app", number, second_number=(second.number or None) if device.sims > 1 else None)


def _events(happened: Happened) -> list[Any]:
    """What the app hears of it."""
    match happened:
        case AppStopped(package, forced) if package == PACKAGE:
            return [ForceStop() if forced else KillProcess()]
        case PermissionSet(package, permission, granted) if package == PACKAGE:
            return [AnswerPermissions(((_bare(permission), granted),))]
        case TextArrived(sender, text, slot):
            return [TextReceived(sender, text, slot)]
        case Rang(number, slot):
            return [CallStateChanged("RINGING", shown, slot) for shown in (number, None)]
        case CallEnded(number, slot):
            ended = [CallStateChanged("IDLE", shown, slot) for shown in (number, None)]
            return [*ended, CallLogged(number, CALL_TYPES["missed"], wall_clock(), slot)]
        case Broadcast(action, _, _, extras) if action in _ANSWERS:
            # From the shell the result is always 0 (phone-behaviour.md §9.3).
            return [ResultBroadcast(_ANSWERS[action], extras.get("KEY_MESSAGE_ID"), 0)]
        case _:
            return []


def _bare(permission: str) -> str:
    return permission.rpartition(".")[2]


def _as_phone(settings: AppSettings) -> Settings:
    sims = tuple([Sim(sim.number, sim.active, sim.incoming, sim.calls) for sim in settings.sims])
    same = {name: getattr(settings, name) for name in _SAME}
    return Settings(
        sims=sims,
        registration_token=settings.registration_token or "",
        token_uploaded_at=settings.token_uploaded_at_ms * MS,
        heartbeat_at=settings.heartbeat_at_ms * MS,
        **same,
    )


def _as_stored(settings: Settings) -> AppSettings:
    first, second = [SimSettings(sim.number, sim.active, sim.incoming, sim.calls) for sim in settings.sims]
    same = {name: getattr(settings, name) for name in _SAME}
    return AppSettings(
        sims=(first, second),
        registration_token=settings.registration_token or None,
        token_uploaded_at_ms=settings.token_uploaded_at // MS,
        heartbeat_at_ms=settings.heartbeat_at // MS,
        **same,
    )


_SAME = ("server_url", "api_key", "encryption_key", "encrypt_received", "user_id", "debug")
