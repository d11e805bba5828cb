"""What `dumpsys package` tells of the app: its permissions, how it was built.

The form of a dump is nobody's promise, and differs between releases: what is not found is not there, or not told.
"""

from __future__ import annotations

import re

__all__ = ["is_debuggable", "permissions_in", "version_in"]


def permissions_in(dump: str) -> dict[str, bool]:
    """The permissions of `dumpsys package PACKAGE` that are granted or refused, without `android.permission.`."""
    found = re.findall(r"^\s*android\.permission\.(\w+): granted=(true|false)\b", dump, re.MULTILINE)
    return {name: granted == "true" for name, granted in found}


def is_debuggable(dump: str) -> bool:
    """Whoever has adb may run as the app: `run-as` says it for certain, this only why not."""
    return re.search(r"^\s*(?:pkgFlags|flags)=\[[^\]]*\bDEBUGGABLE\b", dump, re.MULTILINE) is not None


def version_in(dump: str) -> str:
    """What the app calls its version; "" where it is not told."""
    found = re.search(r"^\s*versionName=(\S+)", dump, re.MULTILINE)
    return found[1] if found else ""
