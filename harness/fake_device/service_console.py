"""What an emulator's console does to a fake device (phone-behaviour.md 9.1)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from harness.emulator.answers import (
    NOT_CANCELLED,
    Answer,
    Ko,
    Ok,
    call_line,
    network_status,
    no_call,
    no_outgoing_call,
    power_display,
    registrations,
)
from harness.emulator.commands import (
    Command,
    GsmAccept,
    GsmBusy,
    GsmCall,
    GsmCancel,
    GsmData,
    GsmHold,
    GsmList,
    GsmStatus,
    GsmVoice,
    NetworkDelay,
    NetworkSpeed,
    NetworkStatus,
    PowerAc,
    PowerCapacity,
    PowerDisplay,
    PowerHealth,
    PowerStatus,
    SmsPdu,
    SmsSend,
)
from harness.errors import MalformedPdu
from harness.fake_device.device import FakeDevice
from harness.fake_device.state import Registration

__all__ = ["ConsoleService"]

# The emulator's own numbers for the networks that it knows by name: kbit/s up and down, ms least and most
# (Android Developers, "Send emulator console commands").
_SPEEDS = {
    "gsm": (14.4, 14.4), "hscsd": (14.4, 57.6), "gprs": (28.8, 57.6), "edge": (473.6, 473.6), "umts": (384.0, 384.0),
    "hsdpa": (5760.0, 13980.0), "lte": (58000.0, 173000.0), "evdo": (75000.0, 280000.0), "full": (0.0, 0.0),
}  # fmt: skip
_DELAYS = {"gsm": (150, 550), "gprs": (35, 200), "edge": (80, 400), "umts": (35, 200), "none": (0, 0)}
_NUMBERS = re.compile(r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?")


class ConsoleService:
    """Does the console's commands, and remembers what only the console knows: calls, battery words, the network."""

    def __init__(self, device: FakeDevice) -> None:
        self._device = device
        self._calls: dict[str, str] = {}
        self._status = "charging"
        self._health = "good"
        self._speed = (0.0, 0.0)
        self._delay = (0, 0)

    def do(self, command: Command, now_ms: int) -> Answer:
        """What came of it. A command that has no meaning for a fake device is done by doing nothing."""
        match command:
            case SmsSend(number, text):
                self._device.incoming_text(number, text, now_ms)
            case SmsPdu(octets):
                return self._pdu(octets, now_ms)
            case GsmVoice(state):
                self._device.set_voice(cast("Registration", state))
            case GsmData(state):
                self._device.set_data(cast("Registration", state))
            case GsmStatus():
                return registrations(self._device.voice, self._device.data)
            case GsmCall() | GsmAccept() | GsmCancel() | GsmBusy() | GsmHold() | GsmList():
                return self._call(command)
            case PowerAc() | PowerCapacity() | PowerStatus() | PowerHealth() | PowerDisplay():
                return self._power(command)
            case NetworkSpeed() | NetworkDelay() | NetworkStatus():
                return self._network(command)
            case _:
                pass
        return Ok()

    def _pdu(self, octets: bytes, now_ms: int) -> Answer:
        try:
            self._device.incoming_pdu(octets, now_ms)
        except MalformedPdu:
            return Ko("badly formatted <hexstring>")
        return Ok()

    def _call(self, command: GsmCall | GsmAccept | GsmCancel | GsmBusy | GsmHold | GsmList) -> Answer:
        match command:
            case GsmList():
                return Ok(tuple(call_line("inbound", number, state) for number, state in self._calls.items()))
            case GsmCall(number):
                self._device.incoming_call(number)
                self._calls[number] = "ringing"
            case GsmBusy(number):
                return no_outgoing_call(number)  # the device calls nobody
            case GsmCancel(number):
                if self._calls.pop(number, None) is None:
                    return NOT_CANCELLED
                self._device.cancel_call(number)
            case GsmAccept(number) | GsmHold(number):
                if number not in self._calls:
                    return no_call(number)
                self._calls[number] = "active" if isinstance(command, GsmAccept) else "held"
                self._answered(number)
        return Ok()

    def _answered(self, number: str) -> None:
        """It rings no more, and is no missed call either."""
        ringing = self._device.ringing
        for slot in [slot for slot, rings in ringing.items() if rings == number]:
            del ringing[slot]

    def _power(self, command: PowerAc | PowerCapacity | PowerStatus | PowerHealth | PowerDisplay) -> Answer:
        battery = self._device.battery
        match command:
            case PowerAc(on):
                self._device.battery = replace(battery, on_ac=on)
            case PowerCapacity(percent):
                self._device.battery = replace(battery, level=percent)
            case PowerStatus(state):
                self._status = state
            case PowerHealth(state):
                self._health = state
            case PowerDisplay():
                return power_display(
                    (
                        ("AC", "online" if battery.on_ac else "offline"),
                        ("status", self._status.capitalize()),
                        ("health", self._health.capitalize()),
                        ("present", "true"),
                        ("capacity", str(battery.level)),
                    )
                )
        return Ok()

    def _network(self, command: NetworkSpeed | NetworkDelay | NetworkStatus) -> Answer:
        match command:
            case NetworkSpeed(speed):
                self._speed = _SPEEDS.get(speed) or _pair(speed)
            case NetworkDelay(delay):
                least, most = _DELAYS.get(delay) or _pair(delay)
                self._delay = (round(least), round(most))
            case NetworkStatus():
                up, down = self._speed
                return network_status(round(down * 1000), round(up * 1000), *self._delay)
        return Ok()


def _pair(text: str) -> tuple[float, float]:
    """One number for both, or two of them; what is not known by its name is as good as unlimited."""
    match = _NUMBERS.match(text.strip())
    if match is None:
        return (0.0, 0.0)
    first = float(match[1])
    return (first, first if match[2] is None else float(match[2]))
