"""Commands of the system: properties, settings, the provider's `content`, `svc`, who one is, what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from harness.fake_device.commands_files import utc
from harness.fake_device.content import content
from harness.fake_device.happened import NetworkSet, SettingSet
from harness.fake_device.process import Ran, encoded
from harness.fake_device.shell import Call, Command, failed

__all__ = ["SYSTEM_COMMANDS", "network_switched", "properties"]

_ID = (
    "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),"
    "1028(sdcard_r),3003(inet),3009(readproc) context=u:r:shell:s0\n"
)
_OPERATOR = ("T-Mobile", "310260")


def properties(call: Call) -> dict[str, str]:
    """What `getprop` knows: what the build says, the state of the radio, and what was set."""
    device = call.device
    emulator = device.is_emulator
    slots = range(device.sims)
    alpha, numeric = _OPERATOR if device.in_service else ("", "")
    return {
        "ro.build.version.release": device.release.android,
        "ro.build.version.sdk": str(device.release.sdk),
        "ro.build.type": "userdebug" if emulator else "user",
        "ro.build.characteristics": "emulator" if emulator else "nosdcard",
        "ro.debuggable": "1" if emulator else "0",
        "ro.kernel.qemu": "1" if emulator else "",
        "ro.product.model": "sdk_gphone64_x86_64" if emulator else "Fake phone",
        "ro.product.manufacturer": "Google" if emulator else "httpsms-harness",
        "ro.product.cpu.abi": "x86_64" if emulator else "arm64-v8a",
        "ro.serialno": device.serial,
        "sys.boot_completed": "1",
        "dev.bootcomplete": "1",
        "gsm.sim.state": ",".join("LOADED" for _ in slots),
        "gsm.operator.alpha": ",".join(alpha for _ in slots),
        "gsm.operator.numeric": ",".join(numeric for _ in slots),
        "gsm.sim.operator.alpha": ",".join(_OPERATOR[0] for _ in slots),
        "gsm.sim.operator.numeric": ",".join(_OPERATOR[1] for _ in slots),
        "gsm.network.type": ",".join("LTE" if device.in_service else "Unknown" for _ in slots),
        **device.properties,
    }


def _getprop(call: Call) -> Ran:
    known = properties(call)
    if not call.arguments:
        return Ran(encoded("".join(f"[{name}]: [{value}]\n" for name, value in sorted(known.items()) if value)))
    default = call.arguments[1] if len(call.arguments) > 1 else ""
    return Ran(encoded((known.get(call.arguments[0], "") or default) + "\n"))


def _setprop(call: Call) -> Ran:
    if len(call.arguments) != 2:
        return call.failed("Need 2 arguments")
    name, value = call.arguments
    # The shell user may set what is for debugging alone (AOSP system/sepolicy: property_contexts, shell.te).
    if not name.startswith(("debug.", "log.", "persist.log.tag")):
        return failed(f"Failed to set property '{name}' to '{value}'.\nSee dmesg for error reason.")
    call.device.properties[name] = value
    return Ran()


def _settings(call: Call) -> Ran:
    words = list(call.arguments)
    if words[:1] == ["--user"]:
        del words[:2]
    verb, namespace, *rest = [*words, "", ""][: max(2, len(words))]
    table = call.device.settings.get(namespace)
    done = _SETTINGS.get((verb, len(rest)))
    if verb == "put" and len(rest) in (3, 4):
        done, rest = _SETTINGS["put", 2], rest[:2]
    if done is None:
        return failed("Invalid command: " + " ".join(call.arguments), 255)
    if table is None:
        return failed(f"Invalid namespace '{namespace}'", 255)
    return done(call, namespace, rest)


def _put(call: Call, namespace: str, rest: list[str]) -> Ran:
    name, value = rest
    call.device.settings[namespace][name] = value
    call.device.tell(SettingSet(namespace, name, value))
    return Ran()


def _deleted(call: Call, namespace: str, rest: list[str]) -> Ran:
    known = call.device.settings[namespace].pop(rest[0], None)
    if known is not None:
        call.device.tell(SettingSet(namespace, rest[0], None))
    return Ran(b"Deleted %d rows\n" % (known is not None))


_SETTINGS: Mapping[tuple[str, int], Callable[[Call, str, list[str]], Ran]] = {
    ("get", 1): lambda call, namespace, rest: Ran(encoded(call.device.settings[namespace].get(rest[0], "null") + "\n")),
    ("put", 2): _put,
    ("delete", 1): _deleted,
    ("list", 0): lambda call, namespace, _rest: Ran(
        encoded("".join(f"{name}={value}\n" for name, value in sorted(call.device.settings[namespace].items())))
    ),
}


def _content(call: Call) -> Ran:
    return content(call.arguments, call.device.sms, call.device.release, call.now_ms)


_SWITCHES: Mapping[str, tuple[str, str, str]] = {
    "wifi": ("wifi_on", "Control the Wi-Fi manager", "Turn Wi-Fi on or off."),
    "data": ("mobile_data", "Control mobile data connectivity", "Turn mobile data on or off."),
}


def network_switched(call: Call, what: str, on: bool) -> Ran:
    """Wi-Fi or mobile data."""
    call.device.settings["global"][_SWITCHES[what][0]] = str(int(on))
    call.device.tell(NetworkSet("wifi" if what == "wifi" else "data", on))
    return Ran()


def _svc(call: Call) -> Ran:
    match call.arguments:
        case [("wifi" | "data") as what, ("enable" | "disable") as order, *_]:
            return network_switched(call, what, order == "enable")
        case [("wifi" | "data") as what, *_]:
            _, about, effect = _SWITCHES[what]
            return Ran(encoded(f"{about}\n\nusage: svc {what} [enable|disable]\n         {effect}\n\n"), code=1)
    return Ran(b"Available commands:\n    help\n    wifi\n    data\n", code=1)


def _date(call: Call) -> Ran:
    at = utc(call.now_ms)
    form = next((word[1:] for word in call.arguments if word.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    parts = {
        "a": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at.weekday()],
        "b": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][at.month - 1],
        "d": f"{at.day:02}",
        "e": f"{at.day:2}",
        "F": f"{at.year:04}-{at.month:02}-{at.day:02}",
        "H": f"{at.hour:02}",
        "M": f"{at.minute:02}",
        "m": f"{at.month:02}",
        "N": f"{call.now_ms % 1000 * 1_000_000:09}",
        "S": f"{at.second:02}",
        "s": str(call.now_ms // 1000),
        "T": f"{at.hour:02}:{at.minute:02}:{at.second:02}",
        "Y": f"{at.year:04}",
        "%": "%",
    }
    return Ran(encoded(re.sub("%(.)", lambda match: parts.get(match[1], match[0]), form) + "\n"))


def _uname(call: Call) -> Ran:
    whole = "Linux localhost 5.15.0-android14 #1 SMP PREEMPT " + ("x86_64" if call.device.is_emulator else "aarch64")
    shown = {"-a": whole, "-r": whole.split()[2], "-m": whole.split()[-1], "-n": "localhost"}
    return Ran(encoded(shown.get(call.arguments[0] if call.arguments else "", "Linux") + "\n"))


def _wm(call: Call) -> Ran:
    sizes = {"size": b"Physical size: 1080x2400\n", "density": b"Physical density: 420\n"}
    known = sizes.get(call.arguments[0] if call.arguments else "")
    return Ran(known) if known else failed("Window manager (window) commands: size, density", 255)


SYSTEM_COMMANDS: Mapping[str, Command] = {
    "content": _content,
    "date": _date,
    "getenforce": lambda _call: Ran(b"Enforcing\n"),
    "getprop": _getprop,
    "id": lambda _call: Ran(encoded(_ID)),
    "input": lambda _call: Ran(),
    "setprop": _setprop,
    "settings": _settings,
    "svc": _svc,
    "uname": _uname,
    "whoami": lambda _call: Ran(b"shell\n"),
    "wm": _wm,
}
