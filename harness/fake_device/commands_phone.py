"""The services behind the commands: `service`, `dumpsys`, `cmd`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from harness.fake_device import parcel
from harness.fake_device.process import Ran, Talk, encoded
from harness.fake_device.releases import TextCall
from harness.fake_device.shell import Call, Command, failed

__all__ = ["PHONE_COMMANDS"]

SERVICES: Mapping[str, str] = {
    "activity": "android.app.IActivityManager",
    "battery": "",
    "connectivity": "android.net.IConnectivityManager",
    "content": "android.content.IContentService",
    "deviceidle": "android.os.IDeviceIdleController",
    "iphonesubinfo": "com.android.internal.telephony.IPhoneSubInfo",
    "isms": "com.android.internal.telephony.ISms",
    "isub": "com.android.internal.telephony.ISub",
    "jobscheduler": "android.app.job.IJobScheduler",
    "package": "android.content.pm.IPackageManager",
    "phone": "com.android.internal.telephony.ITelephony",
    "settings": "",
    "telephony.registry": "com.android.internal.telephony.ITelephonyRegistry",
    "wifi": "android.net.wifi.IWifiManager",
}
# The last method of ISms that every release since 8 has; what is beyond is no method.
_CALLS_MAX = 24
_USAGE = (
    "Usage: service [-h|-?]\n       service list\n       service check SERVICE\n"
    "       service call SERVICE CODE [i32 N | i64 N | f N | d N | s16 STR | null ] ...\n"
)


def _service(call: Call) -> Ran:
    match call.arguments:
        case ["list", *_]:
            lines = [f"{number}\t{name}: [{kind}]\n" for number, (name, kind) in enumerate(SERVICES.items())]
            return Ran(encoded(f"Found {len(lines)} services:\n" + "".join(lines)))
        case ["check", name, *_]:
            return Ran(encoded(f"Service {name}: {'found' if name in SERVICES else 'not found'}\n"))
        case ["call", name, code, *words]:
            return _called(call, name, code, words)
        case ["check"] | ["call", *_] as given:
            return Ran(encoded(_USAGE), encoded(f"service: No service specified for {given[0]}\n"), 10)
        case []:
            return Ran(encoded(_USAGE))
    return Ran(encoded(_USAGE), encoded(f"service: Unknown command {call.arguments[0]}\n"), 10)


def _called(call: Call, name: str, code: str, words: list[str]) -> Ran:
    if not SERVICES.get(name):
        return failed(f"service: Service {name} does not exist", 10)
    given = parcel.arguments(words)
    if isinstance(given, str):
        return Ran(encoded(_USAGE), encoded(f"service: {given}\n"), 10)
    match = re.match(r"\s*(\d{1,9})", code, re.ASCII)
    number = int(match[1]) if match else 0
    if name != "isms" or not 1 <= number <= _CALLS_MAX:
        return Ran(encoded(parcel.UNKNOWN_CALL + "\n"))
    texting = next((each for each in call.device.release.text_calls if each.code == number), None)
    # Another method than the one that was meant: it takes what it can read of the parcel, and no text goes out.
    reply = _submitted(call, texting, given) if texting else parcel.NO_EXCEPTION
    return Ran(encoded(parcel.printed(reply) + "\n"))


def _submitted(call: Call, texting: TextCall, given: list[parcel.Argument]) -> bytes:
    read, left = parcel.arguments_read(texting, given)
    if left and call.device.release.checks_parcel_end:
        return parcel.exception(parcel.BAD_PARCELABLE, f"Parcel data not fully consumed, unread size: {4 * left}")
    if call.device.troubles.refuses_isms:
        return parcel.exception(
            parcel.SECURITY, "Sending SMS message: uid 2000 does not have android.permission.SEND_SMS."
        )
    match read:
        case {"sub_id": int() as sub_id, "to": str() as to, "text": str() as text, "package": creator}:
            call.device.submit_text(sub_id, to, text, creator if isinstance(creator, str) else None, call.now_ms)
            return parcel.NO_EXCEPTION
    return parcel.exception(parcel.ILLEGAL_ARGUMENT, "Invalid destination or text")


_STATES = {"home": (0, "IN_SERVICE"), "roaming": (0, "IN_SERVICE"), "on": (0, "IN_SERVICE")}


def _registry(call: Call) -> str:
    device = call.device
    lines = ["last known state:\n"]
    for slot in range(1, device.sims + 1):
        number = device.ringing.get(slot, "")
        voice = (3, "POWER_OFF") if device.is_airplane else _STATES.get(device.voice, (1, "OUT_OF_SERVICE"))
        data = (3, "POWER_OFF") if device.is_airplane else _STATES.get(device.data, (1, "OUT_OF_SERVICE"))
        lines.append(
            f"  Phone Id={slot - 1}\n    mCallState={int(bool(number))}\n    mCallIncomingNumber={number}\n"
            f"    mServiceState={{mVoiceRegState={voice[0]}({voice[1]}), mDataRegState={data[0]}({data[1]}), "
            f"isManualNetworkSelection=false(automatic)}}\n"
        )
    return "".join(lines)


def _isub(call: Call) -> str:
    device = call.device
    lines = [
        f"  {{id={slot} iccId={iccid} simSlotIndex={slot - 1} displayName=SIM {slot}"
        f" number={device.numbers.get(slot, '')}}}\n"
        for slot, iccid in device.iccids.items()
    ]
    return "Active subscriptions:\n" + "".join(lines)


def _battery(call: Call) -> str:
    battery = call.device.battery
    match list(call.arguments[1:]):
        case ["unplug", *_]:
            call.device.battery = replace(battery, on_ac=False, on_usb=False)
            return ""
        case ["reset", *_]:
            call.device.battery = replace(battery, on_ac=True, level=100)
            return ""
        case ["set", "level", level, *_] if re.fullmatch(r"\d{1,3}", level, re.ASCII):
            call.device.battery = replace(battery, level=int(level))
            return ""
        case ["set", "ac", on, *_]:
            call.device.battery = replace(battery, on_ac=on != "0")
            return ""
    return (
        f"Current Battery Service state:\n  AC powered: {str(battery.on_ac).lower()}\n"
        f"  USB powered: {str(battery.on_usb).lower()}\n  status: {2 if battery.on_ac else 3}\n"
        f"  present: true\n  level: {battery.level}\n  scale: 100\n"
    )


def _package(call: Call) -> str:
    name = next((word for word in call.arguments[1:] if not word.startswith("-")), "")
    package = call.device.packages.get(name)
    if package is None:
        return f"Unable to find package: {name}\n"
    granted = [f"        {each}: granted={str(on).lower()}\n" for each, on in package.permissions.items()]
    flags = "    flags=[ DEBUGGABLE HAS_CODE ALLOW_CLEAR_USER_DATA ]\n" if package.is_debuggable else ""
    return (
        f"Packages:\n  Package [{name}] (fa4e):\n    codePath={package.path.rpartition('/')[0]}\n"
        f"    versionCode=1 minSdk=28 targetSdk=37\n{flags}      runtime permissions:\n{''.join(granted)}"
    )


_DUMPS: Mapping[str, Callable[[Call], str]] = {
    "battery": _battery,
    "deviceidle": lambda _call: "  mLightState=ACTIVE\n  mState=ACTIVE\n",
    "isub": _isub,
    "jobscheduler": lambda _call: "JOB SCHEDULER (jobscheduler) state:\nRegistered 0 jobs:\n  None.\n",
    "package": _package,
    "telephony.registry": _registry,
}


def _dumpsys(call: Call) -> Ran:
    """A service that is not there is said to be so, with exit status 0."""
    name = next((word for word in call.arguments if not word.startswith("-")), "")
    if not name or "-l" in call.arguments:
        return Ran(encoded("Currently running services:\n" + "".join(f"  {each}\n" for each in SERVICES)))
    if name not in SERVICES:
        return Ran(err=encoded(f"Can't find service: {name}\n"))
    dump = _DUMPS.get(name)
    return Ran(encoded(dump(call) if dump else ""))


def _connectivity(call: Call) -> Ran:
    airplane = call.device.release.airplane
    match call.arguments[1:]:
        case _ if airplane == "none":
            return _NO_COMMANDS
        case ["airplane-mode", ("enable" | "disable") as order, *_]:
            call.device.set_airplane(order == "enable")
            return Ran()
        case ["airplane-mode"] if airplane == "set and get":
            return Ran(b"enabled\n" if call.device.is_airplane else b"disabled\n")
    return Ran(b"Connectivity service commands:\n  help\n  airplane-mode [enable|disable]\n", code=255)


_NO_COMMANDS = failed("No shell command implementation.", 255)


def _wifi(call: Call) -> Ran | Talk:
    match call.arguments[1:]:
        case ["set-wifi-enabled", ("enabled" | "disabled") as order, *_]:
            return call.shell.call(["svc", "wifi", order.removesuffix("d")])
    return failed("Wi-Fi (wifi) commands: set-wifi-enabled enabled|disabled", 255)


def _phone(call: Call) -> Ran | Talk:
    match call.arguments[1:]:
        case ["data", ("enable" | "disable") as order, *_]:
            return call.shell.call(["svc", "data", order])
    return failed("Telephony Commands: data enable|disable", 255)


# Services whose commands are those of a program of their own.
_PROGRAMS = {"activity": "am", "package": "pm", "settings": "settings"}
_CMDS: Mapping[str, Callable[[Call], Ran | Talk]] = {
    "connectivity": _connectivity,
    "phone": _phone,
    "wifi": _wifi,
}


def _cmd(call: Call) -> Ran | Talk:
    name = call.arguments[0] if call.arguments else ""
    if not name:
        return failed(
            "cmd: No service specified; use -l to list all running services. Use -w to start and wait for a service.",
            20,
        )
    if name == "-l":
        return call.shell.call(["dumpsys", "-l"])
    if name not in SERVICES:
        return failed(f"cmd: Can't find service: {name}", 20)
    if name in _PROGRAMS:
        return call.shell.call([_PROGRAMS[name], *call.arguments[1:]])
    done = _CMDS.get(name)
    return done(call) if done else _NO_COMMANDS


PHONE_COMMANDS: Mapping[str, Command] = {"cmd": _cmd, "dumpsys": _dumpsys, "service": _service}
