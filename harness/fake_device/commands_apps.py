"""Apps: `pm` (also `cmd package`), `am` (also `cmd activity`), `run-as`."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

from harness.fake_device.files import Files, Problem
from harness.fake_device.happened import (
    ActivityStarted,
    AppCleared,
    AppInstalled,
    AppRemoved,
    AppStopped,
    Broadcast,
    PermissionSet,
)
from harness.fake_device.process import READ, Effect, Ran, Talk, encoded, said
from harness.fake_device.shell import Call, Command, failed
from harness.fake_device.state import RUNTIME_PERMISSIONS, Package
from harness.frozen import frozen

__all__ = ["APP_COMMANDS"]

_PREFIX = "android.permission."
_FEATURES = ("android.hardware.telephony", "android.hardware.telephony.gsm", "android.hardware.wifi")
_ZIP = b"PK\x03\x04"
# Options of `pm install` that take a value.
_VALUED = frozenset(
    ("-S", "--user", "-i", "-p", "--abi", "--pkg", "--originating-uri", "--referrer", "--install-reason")
)


@frozen
class _Installing:
    """The arguments of an installation. `size` is None where it comes from a file."""

    words: tuple[str, ...]
    size: int | None
    grants: bool


def _installing(arguments: Sequence[str]) -> _Installing:
    words: list[str] = []
    size: int | None = None
    left = iter(arguments)
    for word in left:
        if word in _VALUED:
            value = next(left, "")
            size = int(value[:15]) if word == "-S" and value.isdecimal() and value.isascii() else size
        elif not word.startswith("-") or word == "-":
            words.append(word)
    return _Installing(tuple(words), size, "-g" in arguments)


def _taken(size: int) -> Generator[Effect, bytes, bytes]:
    """That many octets of the input, fewer if it ends before."""
    found: list[bytes] = []
    while size > 0 and (piece := (yield READ)):
        found.append(piece[:size])
        size -= len(piece)
    return b"".join(found)


def _source(call: Call, asked: _Installing, path: str) -> Generator[Effect, bytes, bytes | Ran]:
    if asked.size is not None and path in ("", "-"):
        data = yield from _taken(asked.size)
        if len(data) < asked.size:
            return _failure("INSTALL_FAILED_INVALID_APK", f"{len(data)} of {asked.size} bytes came")
        return data
    if not path or path == "-":
        return failed("Error: must either specify a package size or an APK file")
    found = call.device.files.read(call.path(path))
    if isinstance(found, Problem):
        return failed(f"Error: Unable to open file: {path}\nError: Can't open file: {path}")
    return found


def _failure(code: str, why: str = "") -> Ran:
    return Ran(encoded(f"Failure [{code}{': ' if why else ''}{why}]\n"), code=1)


def _install(call: Call) -> Talk:
    asked = _installing(call.arguments[1:])
    data = yield from _source(call, asked, asked.words[0] if asked.words else "")
    return (yield from said(data if isinstance(data, Ran) else _installed(call, [data], asked.grants)))


def _installed(call: Call, apks: Sequence[bytes], grants: bool) -> Ran:
    """What is in the APKs is not looked at, beyond their being archives."""
    device = call.device
    size = sum(map(len, apks))
    if not apks or not all(apk.startswith(_ZIP) for apk in apks):
        return _failure("INSTALL_PARSE_FAILED_NOT_APK", "Failed to parse base.apk")
    if size > device.files.capacity_bytes - device.files.used_bytes:
        return _failure("INSTALL_FAILED_INSUFFICIENT_STORAGE")
    before = device.packages.get(device.installs_as)
    kept = (
        dict(before.permissions) if before else dict.fromkeys((_PREFIX + name for name in RUNTIME_PERMISSIONS), False)
    )
    permissions = dict.fromkeys(kept, True) if grants else kept
    is_debuggable = before is not None and before.is_debuggable
    device.packages[device.installs_as] = Package(device.installs_as, size, permissions, is_debuggable=is_debuggable)
    device.files.home(device.installs_as)
    device.tell(AppInstalled(device.installs_as, size, grants))
    return Ran(b"Success\n")


def _install_create(call: Call) -> Ran:
    session = call.device.draws.between(10**8, 2 * 10**9)
    call.device.sessions[session] = []
    return Ran(b"Success: created install session [%d]\n" % session)


def _session(call: Call, words: Sequence[str]) -> int | None:
    number = int(words[0]) if words and re.fullmatch(r"\d{1,12}", words[0], re.ASCII) else -1
    return number if number in call.device.sessions else None


def _install_write(call: Call) -> Talk:
    asked = _installing(call.arguments[1:])
    session = _session(call, asked.words)
    if session is None:
        return (yield from said(_no_session()))
    data = yield from _source(call, asked, asked.words[2] if len(asked.words) > 2 else "-")
    if isinstance(data, Ran):
        return (yield from said(data))
    call.device.sessions[session].append(data)
    return (yield from said(Ran(b"Success: streamed %d bytes\n" % len(data))))


def _no_session() -> Ran:
    return failed("Error: java.lang.SecurityException: Caller has no access to session", 255)


def _install_commit(call: Call) -> Ran:
    session = _session(call, _installing(call.arguments[1:]).words)
    return (
        _no_session()
        if session is None
        else _installed(call, call.device.sessions.pop(session), "-g" in call.arguments)
    )


def _install_abandon(call: Call) -> Ran:
    session = _session(call, call.arguments[1:])
    if session is None:
        return _no_session()
    del call.device.sessions[session]
    return Ran(b"Success\n")


def _named(call: Call) -> tuple[Package | None, str]:
    words = _installing(call.arguments[1:]).words
    name = words[0] if words else ""
    return call.device.packages.get(name), name


def _uninstall(call: Call) -> Ran:
    package, name = _named(call)
    if package is None or package.is_system:
        return _failure("DELETE_FAILED_INTERNAL_ERROR")
    del call.device.packages[name]
    call.device.files.empty_home(name)
    call.device.tell(AppRemoved(name))
    return Ran(b"Success\n")


def _path(call: Call) -> Ran:
    package, _ = _named(call)
    return Ran(encoded(f"package:{package.path}\n")) if package else Ran(code=1)


def _clear(call: Call) -> Ran:
    package, name = _named(call)
    if package is None:
        return Ran(b"Failed\n", code=1)
    call.device.packages[name] = replace(package, permissions=dict.fromkeys(package.permissions, False))
    call.device.files.empty_home(name)
    call.device.tell(AppStopped(name, True))
    call.device.tell(AppCleared(name))
    return Ran(b"Success\n")


def _list(call: Call) -> Ran:
    match call.arguments[1:]:
        case ["packages" | "package", *rest]:
            wanted = next((word for word in rest if not word.startswith("-")), "")
            shown = [p for p in call.device.packages.values() if wanted in p.name]
            if "-3" in rest:
                shown = [p for p in shown if not p.is_system]
            lines = [f"package:{p.path + '=' if '-f' in rest else ''}{p.name}\n" for p in shown]
            return Ran(encoded("".join(lines)))
        case ["features", *_]:
            return Ran(encoded("".join(f"feature:{name}\n" for name in _FEATURES)))
        case ["users", *_]:
            return Ran(b"Users:\n\tUserInfo{0:Owner:c13} running\n")
    return failed("Error: unknown list type", 255)


def _grant(call: Call) -> Ran:
    """`pm grant` and `pm revoke`."""
    verb = call.arguments[0]
    words = _installing(call.arguments[1:]).words
    if len(words) < 2:
        return _thrown(verb, "IllegalArgumentException: Argument expected after")
    name, permission = words[:2]
    package = call.device.packages.get(name)
    if package is None:
        return _thrown(verb, f"IllegalArgumentException: Unknown package: {name}")
    if not permission.startswith(_PREFIX):
        return _thrown(verb, f"IllegalArgumentException: Unknown permission: {permission}")
    if permission not in package.permissions:
        asks = f"Package {name} has not requested permission {permission}"
        return _thrown(verb, f"SecurityException: {asks}")
    granted = verb == "grant"
    call.device.packages[name] = replace(package, permissions={**package.permissions, permission: granted})
    call.device.tell(PermissionSet(name, permission, granted))
    return Ran()


def _thrown(verb: str, why: str) -> Ran:
    """What a command of the system server throws, as `cmd` shows it."""
    return failed(f"\nException occurred while executing '{verb}':\njava.lang.{why}", 255)


_PM: Mapping[str, Command] = {
    "clear": _clear,
    "grant": _grant,
    "install": _install,
    "install-abandon": _install_abandon,
    "install-commit": _install_commit,
    "install-create": _install_create,
    "install-write": _install_write,
    "list": _list,
    "path": _path,
    "revoke": _grant,
    "uninstall": _uninstall,
}


def _pm(call: Call) -> Ran | Talk:
    verb = call.arguments[0] if call.arguments else ""
    done = _PM.get(verb)
    return done(call) if done else failed(f"Unknown command: {verb}\nUse 'pm help' for help." if verb else "", 255)


@frozen
class _Intent:
    action: str = ""
    data: str = ""
    kind: str = ""
    package: str = ""
    component: str = ""
    flags: int = 0
    extras: Mapping[str, str] | None = None

    def __str__(self) -> str:
        """As Android writes an intent: what a telephone number is in is made unreadable."""
        scheme, colon, rest = self.data.partition(":")
        if scheme in ("tel", "sms", "smsto", "mailto", "sip"):
            rest = re.sub(r"[^-@.]", "x", rest)
        parts = [
            ("act", self.action),
            ("dat", scheme + colon + rest),
            ("typ", self.kind),
            ("flg", f"0x{self.flags:x}" if self.flags else ""),
            ("pkg", self.package),
            ("cmp", self.component),
        ]
        extras = " (has extras)" if self.extras else ""
        return f"Intent {{ {' '.join(f'{name}={value}' for name, value in parts if value)}{extras} }}"


_INTENT_FIELDS = {"-a": "action", "-d": "data", "-t": "kind", "-p": "package", "-n": "component"}
_EXTRAS = frozenset(("-e", "--es", "--ez", "--ei", "--el", "--ef", "--eu", "--ecn", "--esa", "--eia", "--ela"))
_AM_VALUED = frozenset(("--user", "-c", "--receiver-permission", "--display"))


def _intent(arguments: Sequence[str]) -> _Intent | str:
    """What the arguments make, or the one that is unknown."""
    fields: dict[str, str] = {}
    extras: dict[str, str] = {}
    flags = 0
    left = iter(arguments)
    for word in left:
        if word in _INTENT_FIELDS:
            fields[_INTENT_FIELDS[word]] = next(left, "")
        elif word in _EXTRAS:
            name = next(left, "")
            extras[name] = next(left, "")
        elif word == "-f":
            value = next(left, "0")
            flags = int(value, 0) if re.fullmatch(r"0x[0-9a-fA-F]{1,8}|[1-9]\d{0,9}|0", value) else 0
        elif word in _AM_VALUED:
            next(left, "")
        elif not word.startswith("-"):
            fields["component" if "/" in word and ":" not in word else "package"] = word
        elif word not in ("-W", "-S", "-D", "-N", "--grant-read-uri-permission", "--include-stopped-packages"):
            return word
    return _Intent(**fields, flags=flags, extras=extras)


def _start(call: Call) -> Ran:
    intent = _intent(call.arguments[1:])
    if isinstance(intent, str):
        return _thrown(call.arguments[0], f"IllegalArgumentException: Unknown option: {intent}")
    name = intent.component.partition("/")[0]
    starting = f"Starting: {intent}\n"
    if name and name not in call.device.packages:
        activity = intent.component.replace("/.", f"/{name}.")
        return Ran(
            encoded(starting), encoded(f"Error type 3\nError: Activity class {{{activity}}} does not exist.\n"), 1
        )
    if not (intent.action or intent.component or intent.package):
        return _thrown(call.arguments[0], "IllegalArgumentException: No intent supplied")
    call.device.tell(ActivityStarted(intent.action, intent.data, intent.component, intent.extras or {}))
    return Ran(encoded(starting))


def _broadcast(call: Call) -> Ran:
    intent = _intent(call.arguments[1:])
    if isinstance(intent, str):
        return _thrown("broadcast", f"IllegalArgumentException: Unknown option: {intent}")
    if not (intent.action or intent.component):
        return _thrown("broadcast", "IllegalArgumentException: No intent supplied")
    # 0x400000 (FLAG_RECEIVER_FROM_SHELL) is in what public logs of Android 8 and later show.
    sent = replace(intent, flags=intent.flags | 0x400000)
    call.device.tell(Broadcast(intent.action, intent.package, intent.component, intent.extras or {}))
    return Ran(encoded(f"Broadcasting: {sent}\nBroadcast completed: result=0\n"))


def _stop(call: Call) -> Ran:
    """`am force-stop` and `am kill`: of an app that is not there nothing is said."""
    words = _installing(call.arguments[1:]).words
    if words and words[0] in call.device.packages:
        call.device.tell(AppStopped(words[0], call.arguments[0] == "force-stop"))
    return Ran() if words else _thrown(call.arguments[0], "IllegalArgumentException: Argument expected")


_AM: Mapping[str, Callable[[Call], Ran]] = {
    "broadcast": _broadcast,
    "force-stop": _stop,
    "get-current-user": lambda _call: Ran(b"0\n"),
    "kill": _stop,
    "start": _start,
    "start-activity": _start,
}


def _am(call: Call) -> Ran:
    verb = call.arguments[0] if call.arguments else ""
    done = _AM.get(verb)
    return done(call) if done else failed(f"Unknown command: {verb}", 255)


def _run_as(call: Call) -> Ran | Talk:
    """The command runs as the app, in the app's folder (AOSP: run-as.cpp)."""
    name = call.arguments[0] if call.arguments else ""
    if not name:
        return failed("run-as: usage: run-as <package-name> [--user <uid>] <command> [<args>]")
    package = call.device.packages.get(name)
    if package is None or not package.is_debuggable:
        return failed(f"run-as: package not debuggable: {name}" if package else f"run-as: unknown package: {name}")
    shell = call.shell.inner()
    shell.folder = call.device.files.home(name)
    return _as_user(call.device.files, name, shell.call(call.arguments[1:] or ["sh"]))


def _as_user(files: Files, user: str, talk: Talk) -> Talk:
    """Whenever the command does something, it is that user who does it."""
    answer: bytes | None = None
    try:
        while True:
            before, files.user = files.user, user
            try:
                effect = next(talk) if answer is None else talk.send(answer)
            except StopIteration as end:
                code: int = end.value
                return code
            finally:
                files.user = before
            answer = yield effect
    finally:
        talk.close()


APP_COMMANDS: Mapping[str, Command] = {"am": _am, "pm": _pm, "run-as": _run_as}
