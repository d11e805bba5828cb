"""What stories can do with the httpSMS app on a device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from harness.capability import Capability, Missing
from harness.device_app import PACKAGE, PHONE_CORE
from harness.targets.device_app_door import AppFacts
from harness.targets.device_probe import DeviceFindings, Shell
from harness.targets.options import TargetOptions
from harness.targets.probing import Finding

__all__ = ["app_findings", "with_app_named"]

_ELSEWHERE = "run it without --device"
_FIREBASE = (
    "build the APK with your own Firebase, let the server push through it over trusted HTTPS, and give "
    "--server https://… and --app-pushes"
)
_BY_HAND = (
    "use a build for debugging (run-as), or an image where `adb root` works; the login screen would be for your hand: "
    "each story has a phone key of its own, and this package types into no screen"
)
# What is about this package's radio on the device, which there is none of.
_OWN_RADIO = (Capability.SEND, Capability.DELIVERY_REPORTS)


async def with_app_named(found: DeviceFindings, shell: Shell) -> DeviceFindings:
    """A device where something else stands in for the app says so in every probe."""
    note = (await shell(f"getprop {PHONE_CORE}"))[0].strip()
    return replace(found, findings=(*found.findings, _named(note))) if note else found


def _named(note: str) -> Finding:
    return Finding("app", None, f"{PACKAGE} is {note}")


def app_findings(found: DeviceFindings, app: AppFacts, options: TargetOptions) -> DeviceFindings:
    """What is found of the device, and of the app on it."""
    kept = {what: lack for what, lack in found.missing.items() if what not in _OWN_RADIO}
    missing = {**kept, **{what: Missing(what, *why) for what, why in _missing(found, app, options)}}
    others = [one for one in found.findings if one.name not in ("texts out", "reports")]
    return DeviceFindings(found.facts, (*others, *_lines(app, missing, options)), missing)


_Why = tuple[str, str]


def _missing(found: DeviceFindings, app: AppFacts, options: TargetOptions) -> Iterator[tuple[Capability, _Why]]:
    unusable = _unusable(app, options)
    if unusable is not None:
        for what in (Capability.SEND, Capability.RECEIVE, Capability.CALLS, Capability.PUSH, Capability.CONTACT_RULES):
            yield what, unusable
    unsent = _unsent(found, app, options)
    if unusable is None and unsent is not None:
        yield Capability.SEND, unsent
        yield Capability.PUSH, unsent
    if not app.note:
        yield (
            Capability.DELIVERY_REPORTS,
            ("nobody can tell beforehand whether this emulator's modem sends status reports; old ones send none",
             _ELSEWHERE),
        )  # fmt: skip
    yield Capability.CHANNEL_FAULTS, ("nothing of ours is between the server and the app", _ELSEWHERE)
    if options.server is None:
        yield Capability.TIME_TRAVEL, ("the app on the device goes by the real clock", _ELSEWHERE)
        yield Capability.EXPIRY, ("no message expires while the story runs", _ELSEWHERE)


def _unusable(app: AppFacts, options: TargetOptions) -> _Why | None:
    if not app.installed:
        return None if options.apk is not None else (f"{PACKAGE} is not installed", "give --apk FILE")
    if not app.way:
        return "the app's settings can be written neither as the app (run-as) nor as root", _BY_HAND
    return None


def _unsent(found: DeviceFindings, app: AppFacts, options: TargetOptions) -> _Why | None:
    """Why nothing that the API sends goes out by the app."""
    unread = dict(found.facts.unreadable).get("sent")
    if unread is not None:
        return f"what is sent cannot be seen: {unread}", "use another device, or an emulator"
    if app.note or (options.app_pushes and (options.server or "").startswith("https://")):
        return None
    return "a server that is not httpSMS's own cannot push to the app as it is published", _FIREBASE


def _lines(app: AppFacts, missing: Mapping[Capability, Missing], options: TargetOptions) -> Iterator[Finding]:
    if app.note:
        yield _named(app.note)
    elif not app.installed:
        yield Finding("app", False, f"{PACKAGE} is not installed", "give --apk FILE")
    else:
        kind = "a build for debugging" if app.debuggable or app.way == "run-as" else "no build for debugging"
        yield Finding("app", True, f"{PACKAGE} {app.version or '?'}, {kind}")
    if app.installed:
        lack = "" if app.way else "they can be written neither as the app nor as root"
        yield Finding("settings", not lack, lack or f"they can be written ({app.way})", _BY_HAND if lack else "")
        if app.refused:
            yield Finding("permissions", None, f"a run grants {', '.join(app.refused)}")
    if not app.note and not (options.server or "").startswith("https://"):
        # phone-behaviour.md §1.1
        words = "the app refuses http:// unless its APK permits it: without --server https://… it may not log in"
        yield Finding("clear text", None, words)
    lack_out = missing.get(Capability.SEND)
    words = "what the API sends reaches the app" if lack_out is None else lack_out.reason
    yield Finding("texts out", lack_out is None, words, "" if lack_out is None else lack_out.remedy)
