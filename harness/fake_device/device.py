"""A fake Android device: its state, what a command line does to it, and what comes to it from outside."""

from __future__ import annotations

from harness.draws import Draws
from harness.errors import MalformedPdu
from harness.fake_device.commands import COMMANDS
from harness.fake_device.files import Files
from harness.fake_device.happened import (
    CallEnded,
    Happened,
    NetworkSet,
    Rang,
    TextArrived,
    TextLost,
    TextRefused,
    TextSubmitted,
)
from harness.fake_device.process import PIECE, Process, Ran
from harness.fake_device.releases import USUAL, Release
from harness.fake_device.shell import Shell
from harness.fake_device.sms_store import Box, Row, SmsStore
from harness.fake_device.state import APP, Battery, LogLine, Package, Registration, Troubles
from harness.instants import MS
from harness.sms.address import address_text
from harness.sms.collecting import Collecting
from harness.sms.dialling import is_sms_address
from harness.sms.pdu import parse_deliver, reassemble
from harness.sms.segments import divide

__all__ = ["RUN_MAX", "FakeDevice"]

RUN_MAX = 64 << 20
"""How much `FakeDevice.run` keeps of a command that does not end."""
_SILENT_MAX = 256
_LOG_MAX = 4096
_SYSTEM_PACKAGES = ("android", "com.android.phone", "com.android.providers.telephony", "com.android.shell")
_MESSAGES = "com.google.android.apps.messaging"
# phone-behaviour.md 8.2
_GENERIC_FAILURE, _RADIO_OFF, _NO_SERVICE = 1, 2, 4


class FakeDevice:
    """One device. Instants (`now_ms`) are ms since 1970.

    `installs_as` is the name that every APK installed over adb has: what is in it is not looked at.
    """

    def __init__(
        self,
        release: Release = USUAL,
        *,
        serial: str = "emulator-5554",
        is_emulator: bool = True,
        number: str = "+15555215554",
        sims: int = 1,
        capacity_bytes: int = 4 << 30,
        seed: int = 0,
        installs_as: str = APP,
        troubles: Troubles | None = None,
    ) -> None:
        self.release = release
        self.serial = serial
        self.is_emulator = is_emulator
        self.sims = sims
        self.numbers = {1: number}
        self.draws = Draws(seed, "fake_device")
        self.installs_as = installs_as
        self.troubles = troubles or Troubles()
        self.files = Files(capacity_bytes)
        self.sms = SmsStore()
        self.settings: dict[str, dict[str, str]] = _first_settings(self.draws)
        self.properties: dict[str, str] = {}
        self.packages = {name: Package(name, is_system=True) for name in (*_SYSTEM_PACKAGES, _MESSAGES)}
        self.sessions: dict[int, list[bytes]] = {}
        self.iccids = {slot: f"8901260{self.draws.between(10**11, 10**12 - 1)}" for slot in range(1, sims + 1)}
        self.voice: Registration = "home"
        self.data: Registration = "home"
        self.battery = Battery()
        self.ringing: dict[int, str] = {}
        self.log: list[LogLine] = []
        self.dropped_lines = 0
        self._radio_off = False
        self._collecting = Collecting()
        self._held: list[tuple[str, str, int, int, str | None]] = []
        self._happened: list[Happened] = []
        for name in COMMANDS:
            self.files.install(f"/system/bin/{name}", b"\x7fELF")

    def run(self, command: str, stdin: bytes = b"", now_ms: int = 0) -> Ran:
        """Runs a command line to its end, with all its input there.

        What does not end by itself (`logcat`, `yes`) is cancelled where it has nothing to say, has said `RUN_MAX`, or
        has paused again and again without a word.
        """
        process = self.start(command, now_ms)
        process.feed(stdin)
        process.end_input()
        out: list[bytes] = []
        err: list[bytes] = []
        size = delay_ms = silent = 0
        while process.code is None and not process.is_idle and size < RUN_MAX and silent < _SILENT_MAX:
            said = process.take(PIECE)
            silent = 0 if said.out or said.err else silent + 1
            out.append(said.out)
            err.append(said.err)
            size += len(said.out) + len(said.err)
            delay_ms += said.delay_ms
        process.cancel()
        return Ran(b"".join(out), b"".join(err), process.code or 0, delay_ms)

    def start(self, command: str, now_ms: int = 0) -> Process:
        """The command line as a process that is fed and drawn from; without a command, a shell that reads its input."""
        shell = Shell(self, COMMANDS, now_ms)
        return Process(shell.run(command) if command else shell.call(["sh"]))

    def take(self) -> list[Happened]:
        """What has happened since the last call."""
        happened, self._happened = self._happened, []
        return happened

    def tell(self, happened: Happened) -> None:
        self._happened.append(happened)

    def note(self, tag: str, text: str, now_ms: int) -> None:
        """A line for logcat."""
        self.log.append(LogLine(now_ms, tag, text))
        if len(self.log) > _LOG_MAX:
            del self.log[0]
            self.dropped_lines += 1

    # What comes from outside.

    def incoming_text(self, sender: str, text: str, now_ms: int, slot: int = 1) -> None:
        """A whole text, as from another phone. Without service the SMSC keeps it until there is some."""
        self._deliver(sender, text, now_ms, slot, now_ms, None)

    def incoming_pdu(self, octets: bytes, now_ms: int, slot: int = 1) -> None:
        """An SMS-DELIVER with the SMSC's address before it, as the console's `sms pdu` takes it.

        A segment waits for the others. What is no text for a person (data, a flash) leaves no row.
        Raises `MalformedPdu`.
        """
        if not octets or len(octets) <= octets[0] + 1:
            raise MalformedPdu("it ends before its SMS-DELIVER begins")
        length = octets[0]
        deliver = parse_deliver(octets[length + 1 :])
        center = address_text(2 * length - 2, octets[1], octets[2 : length + 1]) if length > 1 else None
        if deliver.text is None or deliver.ports is not None or deliver.message_class == 0:
            return
        if segments := self._collecting.collect(deliver, str(slot)):
            sent_ms = deliver.timestamp_at // MS
            self._deliver(deliver.sender, reassemble(segments), now_ms, slot, sent_ms, center)

    def incoming_call(self, number: str, slot: int = 1) -> None:
        """It rings until `cancel_call`."""
        if self.in_service:
            self.ringing[slot] = number
            self.tell(Rang(number, slot))

    def cancel_call(self, number: str, slot: int = 1) -> None:
        """The caller gives up. Nothing happens if that number does not ring."""
        if self.ringing.get(slot) == number:
            del self.ringing[slot]
            self.tell(CallEnded(number, slot))

    def set_voice(self, state: Registration) -> None:
        """The registration with the network, as the console sets it."""
        self.voice = state
        self.tell(NetworkSet("voice", self.in_service))
        self._release_held()

    def set_data(self, state: Registration) -> None:
        self.data = state

    # What commands do.

    @property
    def is_airplane(self) -> bool:
        return self._radio_off

    @property
    def in_service(self) -> bool:
        return not self._radio_off and self.voice in ("home", "roaming", "on")

    def set_airplane(self, on: bool) -> None:
        """The radio goes off or on. Writing the setting alone does not do that (phone-behaviour.md 9.4)."""
        self.settings["global"]["airplane_mode_on"] = str(int(on))
        self._radio_off = on
        if on:
            self.ringing.clear()
        self.tell(NetworkSet("airplane", on))
        self._release_held()

    def submit_text(self, sub_id: int, to: str, text: str, creator: str | None, now_ms: int) -> None:
        """A text that the shell hands over. A subscription that is not there swallows it (AOSP: SmsController)."""
        if not 1 <= sub_id <= self.sims:
            return
        result = self._result(to, text)
        box = Box.FAILED if result else Box.SENT
        row = self.sms.add(box, to, text, now_ms, sub_id=sub_id, creator=creator, error_code=result)
        if result:
            self.tell(TextRefused(to, text, sub_id, row.id, result))
        else:
            self.tell(TextSubmitted(to, text, sub_id, row.id))

    def app_submitted(self, to: str, text: str, now_ms: int, slot: int = 1, creator: str = APP) -> Row:
        """An app sent a text by itself: the system writes its row (phone-behaviour.md 8.6)."""
        return self.sms.add(Box.SENT, to, text, now_ms, sub_id=slot, creator=creator)

    def _result(self, to: str, text: str) -> int:
        """0, or why it does not go out (phone-behaviour.md 8.2)."""
        if self._radio_off:
            return _RADIO_OFF
        if not self.in_service:
            return _NO_SERVICE
        # One text is one PDU here: nobody divides it (phone-behaviour.md 9.3).
        return 0 if is_sms_address(to) and len(divide(text)) <= 1 else _GENERIC_FAILURE

    def _deliver(self, sender: str, text: str, now_ms: int, slot: int, sent_ms: int, center: str | None) -> None:
        if not self.in_service:
            self._held.append((sender, text, slot, sent_ms, center))
            return
        if self.troubles.loses_texts:
            self.tell(TextLost(sender, text, slot))
            return
        row = self.sms.add(
            Box.INBOX,
            sender,
            text,
            now_ms,
            date_sent_ms=sent_ms,
            protocol=0,
            service_center=center,
            sub_id=slot,
            creator=_MESSAGES,
        )
        self.tell(TextArrived(sender, text, slot, row.id))

    def _release_held(self) -> None:
        """The SMSC delivers what it kept; it is dated by when it was sent."""
        if self.in_service:
            held, self._held = self._held, []
            for sender, text, slot, sent_ms, center in held:
                self._deliver(sender, text, sent_ms, slot, sent_ms, center)


def _first_settings(draws: Draws) -> dict[str, dict[str, str]]:
    return {
        "system": {"screen_brightness": "102", "screen_off_timeout": "60000"},
        "secure": {"android_id": f"{draws.getrandbits(64):016x}", "sms_default_application": _MESSAGES},
        "global": {
            "airplane_mode_on": "0",
            "wifi_on": "1",
            "mobile_data": "1",
            "adb_enabled": "1",
            "device_provisioned": "1",
            "development_settings_enabled": "1",
        },
    }
