"""Writes docs/phone.md: what the emulated phone does, its surprises with their tests, its settings (`make docs`)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from harness.deeds import SHAPES, Shape
from harness.phone import Settings, Sim
from tests.phone.surprises.table import SURPRISES, Surprise

__all__ = ["DIFFERENCES", "PLACE", "SETTINGS", "SIM_SETTINGS", "TESTS", "WAITS", "files_of_tests", "page"]

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "docs" / "phone.md"
TESTS = ROOT / "tests" / "phone" / "surprises"

_HEAD = """\
# The emulated phone

An Android handset with the httpSMS app: the app, Android's telephony and job scheduler as far as the app uses them, and
a radio for each of up to two SIMs. A server gets the requests that the real app would send, byte for byte, on the same
occasions. It runs in stories, in `httpsms-harness serve`, and alone by `httpsms-harness phone` against any server that
you host.

What it does was read in the app's public source and in Android's, and checked against recordings: the app's own code
was run on a JVM against a scripted gateway (`tests/data/phone`), and the emulated phone has to do the same. The page is
made by `make docs` from `tests/phone/surprises/table.py`, `harness/deeds.py` and `tools/phone_page.py`.

Magic numbers choose what becomes of a text: [magic-numbers.md](magic-numbers.md). Builds of the app and the habits of
makers of phones are in [profiles.md](profiles.md); a story names them at its phone (`app`, `oem`). What stands for the
server is in [stand-in.md](stand-in.md).
"""
_DIFFERS = """\
## Where it differs from a real one
"""
DIFFERENCES = (
    ("server URL", "The login takes `http` and `https`, since its servers are local.", "Takes `https` alone."),
    ("attachments", "Fetched from `http` and `https`.", "Android refuses `http`: such a message fails."),
    (
        "screens",
        "None. What a user does is a deed (see below); what a screen would show is in the trace: toasts, the "
        "complaints of the login screen, permissions that are asked for.",
        "Login, main screen and settings; notifications; the key can be scanned.",
    ),
    (
        "push service",
        "The harness's own, in the world or over a stream. For a handset that is away it keeps a hundred pushes, each "
        "for as long as it says.",
        "Firebase Cloud Messaging, by Google Play services.",
    ),
    (
        "permissions",
        "All are granted but RECEIVE_MMS, which the app never asks for; a test may deny others.",
        "The user's.",
    ),
    ("debug logs", "None is sent.", "With the debug switch on, every line goes to Axiom, keys included."),
    (
        "crash reports",
        "None is sent. The two headers of the published build are there with the profile `5dab6f8-published`; their "
        "organisation and key are placeholders.",
        "Sentry.",
    ),
    (
        "delays",
        "None unless a profile or a test asks for them: pushes arrive and jobs run at once.",
        "Doze, standby buckets and makers' battery managers delay both.",
    ),
    (
        "limits of Android",
        "Off unless a test switches them on: 30 texts a minute (`Telephony`), fixed dialling. Short codes are what "
        "has at most five digits.",
        "On; short codes are what the country's table says.",
    ),
    (
        "MMS",
        "Handed to the network as it is; nobody fetches it. Results are what a test asks for (`PlanMms`).",
        "Goes to the carrier's MMSC; Android reads the file that the app is deleting.",
    ),
    ("one-time codes", "Arrive like other texts.", "Android 17 may keep them from the app for three hours."),
    (
        "memory",
        "Remembers 512 hand-overs that wait for a result, 50 rows of the call log, 256 files in the cache.",
        "As much as there is room for.",
    ),
)
_SURPRISES = """\
## Surprises

{count} things that the app and Android do and that servers and applications trip over, each with the tests that show
the emulated phone doing it (`tests/phone/surprises`). How each is known: *recorded*: seen when the app's own code ran.
*Recorded in part*: some of it was, the rest was read. *Read in the source*: of the app. *Platform*: read in the source
or the documents of Android and its libraries.
"""
_HEADS = ("", "what happens", "known", "tests")
_MISSING = """\
Not reproduced:
"""
_SETTINGS = """\
## Settings

What the app stores (`Settings`, for each SIM `Sim` in `harness/phone/settings.py`). A logout keeps the server URL, the
registration token, the time of the last heartbeat and the debug switch.
"""
SETTINGS: Mapping[str, str] = {
    "sims": "SIM1 and SIM2, see below. SIM2 counts where both numbers are stored; what cards are in does not matter.",
    "server_url": "Where requests go: `/v1/…` is appended to its path.",
    "api_key": "The phone key. None: nobody is logged in; an empty one counts as logged in.",
    "encryption_key": "The pass phrase of encrypted messages.",
    "encrypt_received": "Received texts are encrypted before they are forwarded, if there is a pass phrase.",
    "registration_token": "What the push service knows this app by.",
    "user_id": "The account, as the server names it in the answer to an upload of the token.",
    "token_uploaded_at": "The last good upload from the main screen; a day later there is another.",
    "heartbeat_at": "The last heartbeat, also one that the server refused.",
    "debug": "Kept, and without effect here.",
}
SIM_SETTINGS: Mapping[str, str] = {
    "number": "The SIM's number in E.164, from the login.",
    "active": "Outgoing messages; also whether incoming ones are forwarded, and results reported.",
    "incoming": "Incoming messages.",
    "calls": "Missed calls are forwarded.",
}
_DEEDS = """\
## What can be done to it

The same words in a story (`- phone: {name: alice, do: lose network}`), typed into the terminal of
`httpsms-harness phone`, and posted to `/_control/handsets`. In Python: `story.do("alice", "lose network")`.
"""
_WAITING = """\
## What it waits for

`Phone.pending(now)` lists what is under way, for which message, what it waits for, and until when at the latest. A
paused phone is asked for it over `GET /_control/handsets`.
"""
WAITS = (
    ("a job: fetch and send, report SENT, forward a message from …, heartbeat …", "the answer to … (its request)"),
    ("a job that does not run", "the handset to be switched on"),
    ("", "the app to be opened"),
    ("", "a validated network"),
    ("", "the end of its backoff"),
    ("", "its next period"),
    ("", "a place in the scheduler"),
    ("", "a free thread"),
    ("", "the scheduler"),
    ("a job that was stopped, and whose request goes on", "the answer to … (its request)"),
    ("upload of the token for SIM1, heartbeat, login", "the answer to … (its request)"),
    ("login", "the push service"),
    ("message on the radio", "the radio, or a human whom Android asks"),
    ("", "a status report"),
    ("", "the radio"),
    ("text from …, 1 of 2 segments", "the other segments"),
)
_NOTHING = "–"


def page() -> str:
    """The whole page."""
    parts = (
        _HEAD,
        _DIFFERS,
        _table(("", "emulated", "real"), DIFFERENCES),
        _SURPRISES.format(count=len(SURPRISES)),
        *_surprises(),
        _MISSING,
        _table(_HEADS[:2], ((str(known.number), known.missing) for known in SURPRISES if known.missing)),
        _SETTINGS,
        _table(("setting", "at first", "meaning"), _settings(Settings, SETTINGS)),
        _table(("of a SIM", "at first", "meaning"), _settings(Sim, SIM_SETTINGS)),
        _DEEDS,
        _table(("words", "what happens"), (_deed(words, shape) for words, shape in SHAPES.items())),
        _WAITING,
        _table(("under way", "waits for"), WAITS),
    )
    return "\n".join(parts)


@cache
def files_of_tests() -> Mapping[str, str]:
    """The file of every test function of the surprises, by the function's name."""
    return {
        node.name: path.name
        for path in sorted(TESTS.glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def _surprises() -> Iterator[str]:
    files = files_of_tests()
    for area in dict.fromkeys(known.area for known in SURPRISES):
        yield f"### {area}\n"
        yield _table(_HEADS, (_surprise(known, files) for known in SURPRISES if known.area == area))


def _surprise(known: Surprise, files: Mapping[str, str]) -> tuple[str, ...]:
    tests = [f"[{_sentence(test)}](../tests/phone/surprises/{files[test]})" for test in known.tests]
    return str(known.number), known.sentence, known.known.value, "<br>".join(tests)


def _sentence(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def _settings(kind: type[Settings] | type[Sim], told: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    first: Any = kind()
    for known in fields(kind):
        yield f"`{known.name}`", _shown(getattr(first, known.name)), told[known.name]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`" if isinstance(value, str) and value else _NOTHING


def _deed(words: str, shape: Shape) -> tuple[str, str]:
    takes = [f"[{take.name}]" if take.optional else take.name for take in shape.takes]
    return f"`{' '.join([words, *takes])}`", shape.does


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PLACE.write_text(page(), encoding="utf-8")
