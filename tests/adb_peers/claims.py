"""What real programs do with the fake device: docs/reference/adb-peers.md is this, as a table."""

from __future__ import annotations

__all__ = ["CLAIMS", "LACKS", "PEERS"]

PEERS = {
    "debian": "adb 29 (Debian)",
    "newest": "adb 36 (in adbutils)",
    "adbutils": "adbutils 2.12",
    "adb-shell": "adb-shell 0.4.4",
}

CLAIMS = {
    "listed": "lists it, with its product and model",
    "found": "finds it by itself as `emulator-PORT`",
    "shell": "runs a command, and has what it says",
    "status": "has its exit status, and complaints apart from output",
    "stdin": "gives a command input, and its end",
    "much": "takes 1 MiB of output",
    "files": "pushes a file and pulls it again, with its time and rights",
    "folders": "pushes a folder and pulls it again",
    "names": "lists a folder",
    "missing": "is told that a file is not there",
    "refused": "is told that a file cannot be written, and that the device is full",
    "forward": "reaches a port of the device (`forward`)",
    "reverse": "is reached from a port of the device (`reverse`), lists such ports, takes them away",
    "logcat": "follows the log",
    "install": "installs an app and takes it away",
    "emu": "types into the console (`emu`), and the text is in `content://sms`",
    "auth": "shows its key, and is let in",
    "asked": "offers its key, waits for the device's user, and is let in when that says yes",
    "reboot": "restarts it, and finds it again",
    "vanished": "notices that it vanishes amid a file, and finds it again",
    "several": "uses it while others do",
}

NO_SERVER = "talks to one adbd, without a server"
OF_SERVER = "is the adb server's business"
LACKS = {
    ("adb-shell", "listed"): NO_SERVER,
    ("adb-shell", "found"): NO_SERVER,
    ("adb-shell", "status"): "knows `shell:` alone",
    ("adb-shell", "stdin"): "knows `shell:` alone",
    ("adb-shell", "folders"): "pushes folders, and pulls none",
    ("adb-shell", "forward"): "has none",
    ("adb-shell", "reverse"): "has none",
    ("adb-shell", "install"): "has none",
    ("adb-shell", "emu"): "has none",
    ("adb-shell", "vanished"): "spins until its time limit instead",
    ("adbutils", "folders"): "pulls folders, and pushes none",
    ("adbutils", "found"): OF_SERVER,
    ("adbutils", "stdin"): "has none",
    ("adbutils", "install"): "wants to read the APK's manifest first",
    ("adbutils", "emu"): "has none",
    ("adbutils", "auth"): OF_SERVER,
    ("adbutils", "asked"): OF_SERVER,
    ("adbutils", "vanished"): OF_SERVER,
}
"""What a program does not do, and why."""
