"""What a console makes of a line: the words that it knows, and what it says of a line that is no command.

The emulator has more of them (`geo`, `event`, `redir`, `sensor`, `avd snapshot` …), which are unknown commands here.
Which words a command has, how it reads them and how it refuses them is that of its console.cpp (seen in the public
source): the first blank ends a word, what comes after the last word is its argument, up to the line's end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from harness.emulator.answers import Answer, Ko, Ok
from harness.emulator.commands import (
    HEALTHS,
    REGISTRATIONS,
    STATUSES,
    Auth,
    AvdName,
    AvdStatus,
    Command,
    GsmAccept,
    GsmBusy,
    GsmCall,
    GsmCancel,
    GsmData,
    GsmHold,
    GsmList,
    GsmMeter,
    GsmSignal,
    GsmSignalProfile,
    GsmStatus,
    GsmVoice,
    Help,
    Kill,
    NetworkCaptureStart,
    NetworkCaptureStop,
    NetworkDelay,
    NetworkSpeed,
    NetworkStatus,
    Ping,
    PowerAc,
    PowerCapacity,
    PowerDisplay,
    PowerHealth,
    PowerPresent,
    PowerStatus,
    Quit,
    SmsPdu,
    SmsSend,
)
from harness.emulator.text import read

__all__ = ["AFTER_AUTH", "BEFORE_AUTH", "Vocabulary", "parsed"]

_NETWORKS = ("gsm", "hscsd", "gprs", "umts", "edge", "hsdpa", "lte", "evdo", "5g", "5gunmetered", "5gmetered")

_Reader = Callable[[str], Command | Ko]
"""Makes a command of its argument, "" if there is none."""


class _Table(dict[str, "_Reader | _Table"]):
    """Readers by their word, or further tables by theirs."""


def _always(command: Command) -> _Reader:
    """The argument is not looked at."""
    return lambda _argument: command


def _alone(command: Command) -> _Reader:
    return lambda argument: Ko("no argument required") if argument else command


def _given(ko: str, read_on: _Reader) -> _Reader:
    """There must be an argument."""
    return lambda argument: read_on(argument) if argument else Ko(ko)


def _sms_send(argument: str) -> Command | Ko:
    number, blank, rest = argument.partition(" ")
    if not blank:
        return Ko("missing argument, try 'sms send <phonenumber> <text message>'")
    if not re.fullmatch(r"\+?[0-9]{1,32}", number):
        return Ko("bad phone number format, must be [+](0-9)*")
    text = read(rest)
    return Ko("badly formatted text", _ESCAPES) if text is None else SmsSend(number, text)


_ESCAPES = (
    "message must be utf8 and can use the following escapes:",
    "    \\n      for a newline",
    "    \\xNN    where NN are two hexadecimal numbers",
    "    \\uNNNN  where NNNN are four hexadecimal numbers",
    "    \\\\     to send a '\\' character",
    "",
    "    anything else is an error",
)


def _sms_pdu(argument: str) -> Command | Ko:
    digits = re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", argument)
    octets = bytes.fromhex(argument) if digits else b""
    # What follows the service centre's address is not looked at before the modem gets it.
    return SmsPdu(octets) if octets and octets[0] < len(octets) else Ko("badly formatted <hexstring>")


_Call: TypeAlias = GsmCall | GsmCancel | GsmAccept | GsmBusy | GsmHold


def _dialled(make: Callable[[str], _Call], argument: str) -> Command | Ko:
    if re.fullmatch(r"[0-9+#]+", argument):
        return make(argument)
    return Ko("bad phone number format, use digits, # and + only")


def _of_call(make: Callable[[str], _Call], word: str, *, read_on: _Reader | None = None) -> _Reader:
    return _given(f"missing argument, try 'gsm {word} <phonenumber>'", read_on or make)


def _registration(make: Callable[[str], GsmVoice | GsmData], word: str) -> _Reader:
    bad = Ko(f"bad GSM data state name, try 'help gsm {word}' for list of valid values")
    return _given(f"missing argument, try 'gsm {word} <state>'", lambda state: _one_of(REGISTRATIONS, make, state, bad))


def _one_of(names: tuple[str, ...], make: Callable[[str], Command], name: str, otherwise: Ko) -> Command | Ko:
    return make(name) if name in names else otherwise


def _meter(argument: str) -> Command | Ko:
    bad = Ko("bad GSM meter state name, try 'help gsm meter' for list of valid values")
    return GsmMeter(argument == "on") if argument in ("on", "off") else bad


_NUMBER = re.compile(r"\s*([+-]?[0-9]+)[ \t]*")


def _signal(argument: str) -> Command | Ko:
    numbers: list[int] = []
    rest = argument
    while rest and len(numbers) < 2:
        number = _NUMBER.match(rest)
        if number is None:
            return Ko(f"argument '{rest}' is not a number")
        numbers.append(int(number[1]))
        rest = rest[number.end() :]
    return _signal_of(numbers)


def _signal_of(numbers: list[int]) -> Command | Ko:
    match numbers:
        case []:
            return Ko("not enough arguments: see 'help gsm signal' for details")
        case [rssi, *_] if rssi not in (*range(32), 99):
            return Ko("invalid RSSI - must be 0..31 or 99")
        case [_, ber] if ber not in (*range(8), 99):
            return Ko("invalid BER - must be 0..7 or 99")
        case _:
            return GsmSignal(*numbers)


def _signal_profile(argument: str) -> Command | Ko:
    number = _NUMBER.match(argument)
    if number is None:
        return Ko(f"argument '{argument}' is not a number")
    strength = int(number[1])
    return GsmSignalProfile(strength) if strength in range(5) else Ko("invalid signal strength - must be 0..4")


def _yes_or_no(make: Callable[[bool], Command], yes: str, no: str, usage: str) -> _Reader:
    return lambda argument: make(argument.lower() == yes) if argument.lower() in (yes, no) else Ko(usage)


def _power(make: Callable[[str], Command], word: str, names: tuple[str, ...]) -> _Reader:
    usage = Ko(f'Usage: "{word} {"|".join(names)}"')
    return lambda argument: _one_of(names, make, argument.lower(), usage)


def _capacity(argument: str) -> Command | Ko:
    number = _NUMBER.match(argument)
    percent = int(number[1]) if number else -1
    return PowerCapacity(percent) if percent in range(101) else Ko('Usage: "capacity <percentage>"')


def _network(make: Callable[[str], Command], word: str, unlimited: str) -> _Reader:
    """A name, or what begins with a number: the emulator looks no further."""
    names = (*_NETWORKS, unlimited)
    bad = Ko(f"invalid <{word}> argument, see 'help network {word}' for valid values")
    missing = f"missing <{word}> argument, see 'help network {word}'"
    begins = re.compile(r"\s*[+-]?\.?[0-9]")
    return _given(missing, lambda given: make(given) if given in names or begins.match(given) else bad)


_SMS = _Table(
    send=_given("missing argument, try 'sms send <phonenumber> <text message>'", _sms_send),
    pdu=_given("missing argument, try 'sms sendpdu <hexstring>'", _sms_pdu),
)
_GSM = _Table(
    {
        "list": _always(GsmList()),
        "call": _of_call(GsmCall, "call", read_on=partial(_dialled, GsmCall)),
        "busy": _of_call(GsmBusy, "busy"),
        "hold": _of_call(GsmHold, "hold"),
        "accept": _of_call(GsmAccept, "accept"),
        "cancel": _of_call(GsmCancel, "call", read_on=partial(_dialled, GsmCancel)),  # it says so itself
        "data": _registration(GsmData, "data"),
        "meter": _given("missing argument, try 'gsm meter <on|off>'", _meter),
        "voice": _registration(GsmVoice, "voice"),
        "status": _alone(GsmStatus()),
        "signal": _signal,
        "signal-profile": _signal_profile,
    }
)
_POWER = _Table(
    display=_always(PowerDisplay()),
    ac=_yes_or_no(PowerAc, "on", "off", 'Usage: "ac on" or "ac off"'),
    status=_power(PowerStatus, "status", STATUSES),
    present=_yes_or_no(PowerPresent, "true", "false", 'Usage: "present true" or "present false"'),
    health=_power(PowerHealth, "health", HEALTHS),
    capacity=_capacity,
)
_CAPTURE = _Table(
    start=_given("missing <file> argument, see 'help network capture start'", NetworkCaptureStart),
    stop=_always(NetworkCaptureStop()),
)
_NETWORK = _Table(
    status=_always(NetworkStatus()),
    speed=_network(NetworkSpeed, "speed", "full"),
    delay=_network(NetworkDelay, "delay", "none"),
    capture=_CAPTURE,
)
_AVD_NAME = _Table(name=_always(AvdName()))
# In the order in which `help` lists them.
_SMALL = {"help": Help, "help-verbose": _always(Help()), "ping": _always(Ping())}
_QUIT = _always(Quit())
_TABLE_AFTER_AUTH = _Table(
    {
        **_SMALL,
        "gsm": _GSM,
        "kill": _always(Kill()),
        "network": _NETWORK,
        "power": _POWER,
        "quit": _QUIT,
        "sms": _SMS,
        "avd": _Table(_AVD_NAME, status=_always(AvdStatus())),
    }
)
# No `auth` once it is done, and little else before.
_TABLE_BEFORE_AUTH = _Table(
    {**_SMALL, "avd": _AVD_NAME, "auth": _given("missing authentication token", Auth), "quit": _QUIT},
)
_ALSO = {"h": "help", "?": "help", "exit": "quit"}


class Vocabulary:
    """What the console knows at a time."""

    def __init__(self, table: _Table) -> None:
        self._table = table

    def parsed(self, line: str) -> Command | Ko:
        """What the console makes of a line, without its end."""
        word, _, rest = line.partition(" ")
        found = self._found(word)
        argument = rest.lstrip(" ")
        while isinstance(found, _Table):
            if not argument:
                return Ko("missing sub-command", _listed(found))
            word, _, rest = argument.partition(" ")
            if word not in found:
                return Ko(" bad sub-command", _listed(found))
            found, argument = found[word], rest.lstrip(" ")
        return Ko("unknown command, try 'help'") if found is None else found(argument)

    def helped(self, about: str) -> Answer:
        """The answer to `help`: the commands, or those below the one that is asked about."""
        every = ("Android console commands:", *(f"    {word}" for word in self._table), "")
        if not about:
            return Ok(every)
        first, *others = about.split(" ")
        found = self._found(first)
        for word in others:
            found = found.get(word) if isinstance(found, _Table) else found
        if found is None:
            return Ko("unknown command", every)
        return Ok(_listed(found) if isinstance(found, _Table) else (about,))

    def _found(self, word: str) -> _Reader | _Table | None:
        return self._table.get(_ALSO.get(word, word))


def _listed(table: _Table) -> tuple[str, ...]:
    return ("available sub-commands:", *(f"    {word}" for word in table), "")


AFTER_AUTH = Vocabulary(_TABLE_AFTER_AUTH)
BEFORE_AUTH = Vocabulary(_TABLE_BEFORE_AUTH)


def parsed(line: str) -> Command | Ko:
    """What the console makes of a line (without its end) once the token was shown, or where none is asked for."""
    return AFTER_AUTH.parsed(line)
