"""The commands of the emulator's console as values: the words that each has, and the argument after them.

Known are those that have to do with a phone: `sms`, `gsm`, `power`, `network`, `avd name|status`, and `help`, `ping`,
`auth`, `kill`, `quit`. How they are typed is in `lines`, what a console makes of a line in `vocabulary`.
"""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar, TypeAlias

from harness.emulator.text import typed
from harness.frozen import frozen

__all__ = [
    "HEALTHS",
    "LINE_BYTES_MAX",
    "REGISTRATIONS",
    "STATUSES",
    "Auth",
    "AvdName",
    "AvdStatus",
    "Command",
    "GsmAccept",
    "GsmBusy",
    "GsmCall",
    "GsmCancel",
    "GsmData",
    "GsmHold",
    "GsmList",
    "GsmMeter",
    "GsmSignal",
    "GsmSignalProfile",
    "GsmStatus",
    "GsmVoice",
    "Help",
    "Kill",
    "NetworkCaptureStart",
    "NetworkCaptureStop",
    "NetworkDelay",
    "NetworkSpeed",
    "NetworkStatus",
    "Ping",
    "PowerAc",
    "PowerCapacity",
    "PowerDisplay",
    "PowerHealth",
    "PowerPresent",
    "PowerStatus",
    "Quit",
    "SmsPdu",
    "SmsSend",
]

LINE_BYTES_MAX = 4095
"""Without the line's end: the buffer has 4096 bytes, the last one for a NUL."""

REGISTRATIONS = ("unregistered", "home", "roaming", "searching", "denied", "off", "on")
STATUSES = ("unknown", "charging", "discharging", "not-charging", "full")
HEALTHS = ("unknown", "good", "overheat", "dead", "overvoltage", "failure")


class _Words:
    """A command is a value with its `words`, and the `argument` that stands after them ("": none)."""

    __slots__ = ()
    words: ClassVar[str]

    @property
    def argument(self) -> str:
        return ""


@frozen
class _OfNumber(_Words):
    number: str

    @property
    def argument(self) -> str:
        return self.number


@frozen
class _OfState(_Words):
    state: str

    @property
    def argument(self) -> str:
        return self.state


@frozen
class SmsSend(_Words):
    """A text comes in. `number`: at most 32 digits, or + and as many; the modem divides a long text into segments."""

    words = "sms send"
    number: str
    text: str

    @property
    def argument(self) -> str:
        return f"{self.number} {typed(self.text)}"


@frozen
class SmsPdu(_Words):
    """A PDU comes in: the service centre's address (one octet 00 for none) and an SMS-DELIVER.

    Only this way has a sender letters. Emulators of late hand it to their old modem alone (phone-behaviour.md 9.1).
    """

    words = "sms pdu"
    octets: bytes

    @property
    def argument(self) -> str:
        return self.octets.hex()


@frozen
class GsmCall(_OfNumber):
    """A call comes in, and rings. `number`: digits, + and #."""

    words = "gsm call"


@frozen
class GsmAccept(_OfNumber):
    """The call is now active."""

    words = "gsm accept"


@frozen
class GsmCancel(_OfNumber):
    """The call ends; one that was still ringing is then a missed call."""

    words = "gsm cancel"


@frozen
class GsmBusy(_OfNumber):
    """A call that the device makes ends, because the other side is busy."""

    words = "gsm busy"


@frozen
class GsmHold(_OfNumber):
    """The call is now held."""

    words = "gsm hold"


@frozen
class GsmList(_Words):
    """Asks for the calls: `answers.call_line` for each."""

    words = "gsm list"


@frozen
class GsmStatus(_Words):
    """Asks for both registrations: `answers.registrations`."""

    words = "gsm status"


@frozen
class GsmVoice(_OfState):
    """One of `REGISTRATIONS`. Without a service, what the device sends fails."""

    words = "gsm voice"


@frozen
class GsmData(_OfState):
    """One of `REGISTRATIONS`; all but home, roaming and on take the network away."""

    words = "gsm data"


@frozen
class GsmMeter(_Words):
    words = "gsm meter"
    on: bool

    @property
    def argument(self) -> str:
        return "on" if self.on else "off"


@frozen
class GsmSignal(_Words):
    """`rssi` from 0 to 31, or 99; `ber` from 0 to 7, or 99, None: as it was."""

    words = "gsm signal"
    rssi: int
    ber: int | None = None

    @property
    def argument(self) -> str:
        return str(self.rssi) if self.ber is None else f"{self.rssi} {self.ber}"


@frozen
class GsmSignalProfile(_Words):
    """`strength` from 0 to 4."""

    words = "gsm signal-profile"
    strength: int

    @property
    def argument(self) -> str:
        return str(self.strength)


@frozen
class PowerDisplay(_Words):
    """Asks for the battery's state: `answers.power_display`."""

    words = "power display"


@frozen
class PowerAc(_Words):
    words = "power ac"
    on: bool

    @property
    def argument(self) -> str:
        return "on" if self.on else "off"


@frozen
class PowerStatus(_OfState):
    """One of `STATUSES`."""

    words = "power status"


@frozen
class PowerPresent(_Words):
    """Whether there is a battery. The emulator takes false for true as well (phone-behaviour.md 9.1)."""

    words = "power present"
    present: bool

    @property
    def argument(self) -> str:
        return "true" if self.present else "false"


@frozen
class PowerHealth(_OfState):
    """One of `HEALTHS`."""

    words = "power health"


@frozen
class PowerCapacity(_Words):
    """From 0 to 100 per cent."""

    words = "power capacity"
    percent: int

    @property
    def argument(self) -> str:
        return str(self.percent)


@frozen
class NetworkStatus(_Words):
    """Asks for speeds and delays: `answers.network_status`."""

    words = "network status"


@frozen
class NetworkSpeed(_Words):
    """A network's name, full, a number of kbit/s, or two of them: up:down."""

    words = "network speed"
    speed: str

    @property
    def argument(self) -> str:
        return self.speed


@frozen
class NetworkDelay(_Words):
    """A network's name, none, a number of milliseconds, or two of them: least:most."""

    words = "network delay"
    delay: str

    @property
    def argument(self) -> str:
        return self.delay


@frozen
class NetworkCaptureStart(_Words):
    """Packets go into the file at `path`, on the machine that the emulator runs on."""

    words = "network capture start"
    path: str

    @property
    def argument(self) -> str:
        return self.path


@frozen
class NetworkCaptureStop(_Words):
    words = "network capture stop"


@frozen
class AvdName(_Words):
    """Asks for the name of the virtual device."""

    words = "avd name"


@frozen
class AvdStatus(_Words):
    """Asks whether the virtual device runs."""

    words = "avd status"


@frozen
class Ping(_Words):
    words = "ping"


@frozen
class Help(_Words):
    """Asks for the commands, or about one."""

    words = "help"
    about: str = ""

    @property
    def argument(self) -> str:
        return self.about


@frozen
class Auth(_Words):
    """Shows the token, which is a secret: no repr tells it."""

    words = "auth"
    token: str = field(repr=False)

    @property
    def argument(self) -> str:
        return self.token


@frozen
class Kill(_Words):
    """Ends the emulator."""

    words = "kill"


@frozen
class Quit(_Words):
    """Ends the connection: the only command without an answer."""

    words = "quit"


_Sms: TypeAlias = SmsSend | SmsPdu
_Gsm: TypeAlias = (
    GsmCall
    | GsmAccept
    | GsmCancel
    | GsmBusy
    | GsmHold
    | GsmList
    | GsmStatus
    | GsmVoice
    | GsmData
    | GsmMeter
    | GsmSignal
    | GsmSignalProfile
)
_Power: TypeAlias = PowerDisplay | PowerAc | PowerStatus | PowerPresent | PowerHealth | PowerCapacity
_Network: TypeAlias = NetworkStatus | NetworkSpeed | NetworkDelay | NetworkCaptureStart | NetworkCaptureStop
_Session: TypeAlias = AvdName | AvdStatus | Ping | Help | Auth | Kill | Quit
Command: TypeAlias = _Sms | _Gsm | _Power | _Network | _Session
