"""What can be done to a phone, in words: one line of text as a value.

The same in stories (`phone: {name: alice, do: lose network}`), on the terminal of `phone`, and over its control route.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import field
from difflib import get_close_matches
from typing import Any

from harness.errors import SmsError, UsageError
from harness.frozen import frozen
from harness.instants import SECOND
from harness.sms.address import party_address

__all__ = ["SHAPES", "Deed", "Shape", "help_lines", "parse_deed"]


@frozen
class Deed:
    """Something that is done to a phone: its words, and what was said beside them, in order."""

    words: str
    values: tuple[Any, ...] = field(default=(), repr=False)  # a pass phrase may be among them


@frozen
class Take:
    """One thing that is said beside the words. `read` raises `ValueError` with what is expected."""

    name: str
    read: Callable[[str], Any]
    optional: bool = False


@frozen
class Shape:
    """How a deed is said, and what it does."""

    does: str
    takes: tuple[Take, ...] = ()


def _choice(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text.lower()

    return read


def _flag(text: str) -> bool:
    return _choice("on", "off")(text) == "on"


def _slot(text: str) -> int:
    return int(_choice("1", "2")(text.lower().removeprefix("sim")))


def _integer(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) == 0:
        raise ValueError("a whole number from 1")
    return int(text)


def _duration(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|m|min|h|d)", text)
    if match is None:
        raise ValueError("a time with its unit: 500ms, 5s, 10m, 2h, 1d")
    return round(float(match[1]) * _UNITS[match[2]])


_MINUTE = 60 * SECOND
_UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": _MINUTE, "min": _MINUTE, "h": 60 * _MINUTE, "d": 1440 * _MINUTE}


def _sender(text: str) -> str:
    """A number, a short code or a name such as BANK."""
    try:
        party_address(text)
    except SmsError:
        raise ValueError("a number such as +18005550101, or a name such as BANK") from None
    return text


def _caller(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{1,15}|unknown", text):
        raise ValueError("a number such as +18005550101, or `unknown`")
    return "" if text == "unknown" else text


def _code(text: str) -> str | int:
    """A result of Android's: its name or its number. Whether there is such a name the radio knows."""
    return int(text) if re.fullmatch("-?[0-9]{1,5}", text) else text.upper()


def _results(text: str) -> tuple[tuple[int, str | int], ...]:
    """`1:RADIO_OFF,-1:4`: segments from 1 (-1 is the last), each with its result."""
    pairs = [re.fullmatch(r" ?(-1|[1-9][0-9]{0,2}) ?: ?([A-Za-z_]+|-?[0-9]{1,5}) ?", pair) for pair in text.split(",")]
    if not all(pairs):
        raise ValueError("pairs of a segment and a result: 1:RADIO_OFF,2:4")
    return tuple([(int(pair[1]), _code(pair[2])) for pair in pairs if pair is not None])


def _allowed(text: str) -> str | None:
    """What the card allows to be dialled, or None."""
    if text.lower() == "off":
        return None
    if not re.fullmatch(r"\+?[0-9]{1,15}", text):
        raise ValueError("a number such as +18005550101, the beginning of one, or off")
    return text


def _one_of(*words: str, optional: bool = False) -> Take:
    return Take("|".join(words), _choice(*words), optional)


_ON_OFF = Take("on|off", _flag)
_SLOT = Take("1|2", _slot)
_TIME = Take("TIME", _duration)
_RESULT = Take("RESULT", _code)
_TIMES = Take("TIMES", _integer, optional=True)
_TEXT = Take("TEXT", str)

SHAPES: Mapping[str, Shape] = {
    # the handset
    "off": Shape("the handset is switched off: nothing runs, nothing arrives"),
    "on": Shape("the handset starts"),
    "reboot": Shape("off and on again"),
    "open app": Shape("the user opens the app; one that was force-stopped runs again"),
    "kill app": Shape("Android kills the app for want of memory; its jobs stay"),
    "force stop": Shape("the user stops the app: nothing until it is opened"),
    "update app": Shape("another version is installed; nothing starts by itself"),
    "lose network": Shape("no data network: jobs wait, requests break off"),
    "lose validation": Shape("a network that does not reach the internet for Android: jobs wait"),
    "regain network": Shape("the data network is back"),
    "charging": Shape("the charger is plugged in or out", (_ON_OFF,)),
    "remove sim": Shape("a card is taken out", (_SLOT,)),
    "insert sim": Shape("it is put in again", (_SLOT,)),
    # the app
    "log in": Shape("the user logs in with the phone key"),
    "log out": Shape("the user logs out: no request, queued jobs stay"),
    "switch": Shape(
        "a switch of the settings screen",
        (Take("sim1|sim2", _slot), _one_of("active", "incoming", "calls"), _ON_OFF),
    ),
    "encrypt received": Shape("received texts are encrypted before they are forwarded", (_ON_OFF,)),
    "encryption key": Shape("another encryption key is typed in", (_TEXT,)),
    "server": Shape("another server URL is stored", (Take("URL", str),)),
    "heartbeat": Shape("the heartbeat button is pressed"),
    "new token": Shape("the push service gives the app another registration token"),
    # the radio
    "radio": Shape("the radio is switched off or on, as by airplane mode", (_ON_OFF,)),
    "airplane mode": Shape("no radio and no data network", (_ON_OFF,)),
    "service": Shape("the radio finds its network, or none", (_one_of("full", "none"),)),
    "tunnel": Shape("no service for a while", (_TIME,)),
    "roam": Shape(
        "a foreign network: as good as at home, unless it refuses every segment with this result",
        (Take("RESULT", _code, optional=True),),
    ),
    "come home": Shape("its own network again"),
    "reject": Shape("the next segments are refused with this result (RADIO_OFF, NO_SERVICE, 124 …)", (_RESULT, _TIMES)),
    "results": Shape(
        "the results of these segments of the next texts (1:RADIO_OFF,-1:4; -1 is the last one); the others go out",
        (Take("SEGMENT:RESULT,…", _results), _TIMES),
    ),
    "mms": Shape("what becomes of every MMS that the phone sends (OK, IO_ERROR, 3 …)", (_RESULT,)),
    "delay": Shape(
        "how long the network takes from now on to accept a segment, or to report it",
        (_one_of("accept", "report"), _TIME),
    ),
    "dialog": Shape("somebody answers what Android asks about a text", (_one_of("allow", "deny"),)),
    "outgoing limit": Shape(
        "Android asks before it sends more than 30 segments in a minute, or in half an hour; or never",
        (_one_of("minute", "half-hour", "off"),),
    ),
    "short codes": Shape("whether Android asks before it texts a short code", (_one_of("ask", "allow"),)),
    "fixed dialling": Shape(
        "the card allows numbers that begin like this and no others", (Take("NUMBER|off", _allowed),)
    ),
    "storage": Shape("the handset has no room for texts that come, or has some again", (_one_of("full", "free"),)),
    "swallow": Shape("another app keeps the next texts from the httpSMS app", (Take("TIMES", _integer),)),
    # others
    "text": Shape("somebody texts the phone", (Take("SENDER", _sender), _TEXT)),
    "call": Shape(
        "somebody calls the phone",
        (Take("CALLER", _caller), _one_of("missed", "answered", "rejected", optional=True)),
    ),
    # looking closely
    "pause": Shape("what comes to the phone waits from now on"),
    "step": Shape("the first thing that waits comes to a paused phone"),
    "resume": Shape("all that waits comes, and the phone goes on"),
}
"""Every deed by its words."""


def parse_deed(line: str) -> Deed:
    """Reads `lose network`, `switch sim2 incoming off`, `text +18005550101 "Hello"`. Raises `UsageError`."""
    if re.match(r"\+[0-9]", line):
        line = f"text {line}"  # a number and a text are a text from that number
    lower = " ".join(line.split()).lower() + " "
    words = max((words for words in SHAPES if lower.startswith(words + " ")), key=len, default=None)
    if words is None:
        near = get_close_matches(lower.strip(), SHAPES, 1)
        raise UsageError(
            f"{_shown(_beginning(line))} is nothing that can be done to a phone",
            f"did you mean `{near[0]}`?" if near else f"known are: {', '.join(SHAPES)}",
        )
    rest = line.split(None, words.count(" ") + 1)[words.count(" ") + 1 :]
    return Deed(words, _values(words, SHAPES[words].takes, rest[0] if rest else ""))


def _values(words: str, takes: tuple[Take, ...], rest: str) -> tuple[Any, ...]:
    texts = _split(words, rest, takes[-1] is _TEXT if takes else False, len(takes))
    needed = [take for take in takes if not take.optional]
    if not len(needed) <= len(texts) <= len(takes):
        raise UsageError(f"`{words}` takes {_usage(takes) or 'nothing more'}", f"write it like: {_example(words)}")
    values: list[Any] = []
    for take, text in zip(takes, texts, strict=False):
        try:
            values.append(take.read(text))
        except ValueError as error:
            raise UsageError(f"`{words}`: {_shown(text)} is not {error}", f"write it like: {_example(words)}") from None
    return tuple(values)


def _split(words: str, rest: str, ends_in_text: bool, count: int) -> list[str]:
    """The words of `rest`; a text at the end needs no quotes, but may have them."""
    if ends_in_text and count:
        *firsts, text = [*rest.split(None, count - 1)] if rest else [""]
        if len(firsts) < count - 1:
            return [*firsts, text] if rest else []
        text = text.strip()
        quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
        return [*firsts, text[1:-1] if quoted else text] if rest else []
    if count == 1 and rest:
        return [rest.strip()]
    try:
        return shlex.split(rest)
    except ValueError:
        raise UsageError(f"`{words}`: a quotation mark is missing", f"write it like: {_example(words)}") from None


def _beginning(line: str) -> str:
    """The first two words: a pass phrase may stand behind a misspelt `encryption key`."""
    words = line.split()
    return " ".join(words[:2]) + " …" if len(words) > 2 else line


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _usage(takes: tuple[Take, ...]) -> str:
    return " ".join(f"[{take.name}]" if take.optional else take.name for take in takes)


def _example(words: str) -> str:
    return f"{words} {_usage(SHAPES[words].takes)}".strip()


def help_lines() -> list[str]:
    """What can be done, a line each."""
    width = max(len(_example(words)) for words in SHAPES)
    return [f"{_example(words):{width}}  {shape.does}" for words, shape in SHAPES.items()]
