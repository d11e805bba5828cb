"""What the console of the emulator answers, and what to do about it when it refuses.

Words and layout are those of the emulator (its console.cpp, seen in the public source; `power display` in transcripts).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.frozen import frozen

__all__ = [
    "ABANDONED",
    "CLOSED",
    "LATE",
    "MODEM_OFF",
    "NOBODY",
    "NOT_A_CONSOLE",
    "NOT_CANCELLED",
    "NO_TOKEN",
    "REMEDIES",
    "TOO_LONG",
    "Answer",
    "Ko",
    "Ok",
    "answer_bytes",
    "call_line",
    "lines_bytes",
    "network_status",
    "no_call",
    "no_outgoing_call",
    "power_display",
    "registrations",
    "remedy",
]


@frozen
class Ok:
    """Done. `lines` come before the OK, without line ends."""

    lines: tuple[str, ...] = ()


@frozen
class Ko:
    """Refused, for the reason in `words` (what follows `KO: `). `lines` come before it."""

    words: str
    lines: tuple[str, ...] = ()


Answer = Ok | Ko


def answer_bytes(answer: Answer) -> bytes:
    """The answer as it is sent: each line ends with CR LF, also those within what a device calls a line."""
    last = "OK" if isinstance(answer, Ok) else f"KO: {answer.words}"
    return lines_bytes((*answer.lines, last))


def lines_bytes(lines: Iterable[str]) -> bytes:
    """Lines as they are sent."""
    return "".join(f"{part}\r\n" for line in lines for part in _parts(line)).encode("utf-8", "replace")


def _parts(line: str) -> list[str]:
    return line.replace("\r\n", "\n").split("\n")


# -- refusals, and what a user does about them -----------------------------------------------------------------------

MODEM_OFF = Ko("modem emulation not running")
NOT_CANCELLED = Ko("could not cancel this number")

# What happens without words of the console's.
ABANDONED = "it was given up before its answer came, and what comes now belongs to nothing"
CLOSED = "the console closed the connection before its answer was complete"
LATE = "no answer in time"
NOBODY = "no console listens"
NO_TOKEN = "the console asks for a token, and none is there to show"
NOT_A_CONSOLE = "what answers there is no console of an emulator"
TOO_LONG = "too long for a line of the console"

REMEDIES: tuple[tuple[str, str], ...] = (
    (
        "authentication token does not match",
        "give the token, or its file, of the user who runs the emulator: .emulator_console_auth_token in that home",
    ),
    ("missing authentication token", "give the token, or a file that holds one"),
    (NO_TOKEN, "give the token, or the file .emulator_console_auth_token of the user who runs the emulator"),
    ("unable to read ~/.emulator_console_auth_token", "let the emulator's user read that file, or empty it"),
    (
        "bad phone number format, must be",
        "`sms send` takes at most 32 digits, with a + before them or without: "
        "a sender with letters is impossible there, use `sms pdu`",
    ),
    ("bad phone number format, use digits", "a call comes from digits, + and #, without blanks"),
    ("badly formatted text", r"write a backslash as \\, a new line as \n, and any other character as \uNNNN"),
    (
        "badly formatted <hexstring>",
        "give a whole SMS-DELIVER in hexadecimal digits, with the service centre's address before it (00: none)",
    ),
    (
        MODEM_OFF.words,
        "take a system image that has telephony (a phone's), and wait until the emulator has started its modem",
    ),
    ("unknown command", "`help` lists what this emulator knows; before the token was shown it knows very little"),
    (CLOSED, "see whether the emulator still runs; nobody can tell whether the command was done"),
    (
        LATE,
        "see whether the emulator is busy or frozen, or allow more time; nobody can tell whether the command was done",
    ),
    (ABANDONED, "connect anew"),
    (NOBODY, "start the emulator, or give its port: an even number from 5554, as in the name emulator-5554"),
    (NOT_A_CONSOLE, "give the port of the console: the even one of the two that an emulator has, adb's is the odd one"),
    (TOO_LONG, "send a shorter text, or its segments one by one with `sms pdu`"),
)
"""(how the reason begins, what to do)."""


def remedy(reason: str) -> str:
    """What to do about a refusal with these words; "" if there is nothing to say."""
    return next((words for begin, words in REMEDIES if reason.startswith(begin)), "")


def no_call(number: str) -> Ko:
    return Ko(f"no current call to/from number '{number}'")


def no_outgoing_call(number: str) -> Ko:
    """To `gsm busy`, which ends calls of the device alone. A null pointer stands where there is no call at all."""
    return Ko(f"no current outbound call to number '{number}' (call (nil))")


# -- what the commands that ask are answered ---------------------------------------------------------------------------


def call_line(direction: str, number: str, state: str) -> str:
    """A call in `gsm list`. `direction`: inbound or outbound; `state`: active, held, ringing, waiting, incoming."""
    whose = "outbound to " if direction == "outbound" else "inbound from"
    return f"{whose} {number:<10} : {state}"


_SAME_AS = {"off": "unregistered", "on": "home"}


def registrations(voice: str, data: str) -> Ok:
    """To `gsm status`: the states that `gsm voice` and `gsm data` set, which are told without their other names."""
    return Ok((f"gsm voice state: {_SAME_AS.get(voice, voice)}", f"gsm data state:  {_SAME_AS.get(data, data)}"))


def network_status(download_bits_s: int, upload_bits_s: int, latency_min_ms: int, latency_max_ms: int) -> Ok:
    """To `network status`."""
    return Ok(
        (
            "Current network status:",
            f"  download speed:   {download_bits_s:8d} bits/s ({download_bits_s / 8192:.1f} KB/s)",
            f"  upload speed:     {upload_bits_s:8d} bits/s ({upload_bits_s / 8192:.1f} KB/s)",
            f"  minimum latency:  {latency_min_ms} ms",
            f"  maximum latency:  {latency_max_ms} ms",
        )
    )


def power_display(values: Sequence[tuple[str, str]]) -> Ok:
    """To `power display`: (name, value) of AC, status, health, present, capacity, as in ("AC", "online")."""
    return Ok(tuple(f"{name}: {value}" for name, value in values))
