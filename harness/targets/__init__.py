"""Where stories run: on the embedded gateway, or on somebody's httpSMS server; a device may be their phone's radio.

What is about servers and devices is loaded when it is first used: a story in virtual time needs none of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.targets.base import Target
from harness.targets.options import PUSHES, TargetOptions

if TYPE_CHECKING:
    from harness.targets.leftovers import Left, Leftover
    from harness.targets.leftovers import find as find_leftovers
    from harness.targets.leftovers import remove as remove_leftovers
    from harness.targets.link import linked
    from harness.targets.probing import Finding, Findings, examine
    from harness.targets.probing import as_json as findings_as_json

__all__ = [
    "PUSHES",
    "Finding",
    "Findings",
    "Left",
    "Leftover",
    "Target",
    "TargetOptions",
    "examine",
    "find_leftovers",
    "findings_as_json",
    "linked",
    "opened",
    "remove_leftovers",
]

_HOMES = {
    "Finding": ("probing", "Finding"),
    "Findings": ("probing", "Findings"),
    "Left": ("leftovers", "Left"),
    "Leftover": ("leftovers", "Leftover"),
    "examine": ("probing", "examine"),
    "find_leftovers": ("leftovers", "find"),
    "findings_as_json": ("probing", "as_json"),
    "linked": ("link", "linked"),
    "remove_leftovers": ("leftovers", "remove"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'harness.targets' has no attribute {name!r}")
    module, known_as = _HOMES[name]
    value = getattr(import_module(f"harness.targets.{module}"), known_as)
    globals()[name] = value
    return value


@contextlib.contextmanager
def opened(options: TargetOptions, warn: Callable[[str], object] = lambda _text: None) -> Iterator[Target]:
    """The target, as long as the context lasts. `warn` is told what could not be removed from a server.

    Raises `UsageError`, `PortInUse` and, for a server or a device that cannot be used, `ServerError` and `DeviceError`.
    """
    target = _target(options, warn)
    try:
        yield target
    finally:
        target.close()


def _target(options: TargetOptions, warn: Callable[[str], object]) -> Target:
    # Each loads what it needs: a story in virtual time needs no sockets.
    if options.kind == "server":
        from harness.targets.server import ServerTarget

        return ServerTarget(options, warn)
    if options.kind == "device" and options.app:
        from harness.targets.device import open_device
        from harness.targets.device_app import AppTarget

        return AppTarget(options, partial(open_device, warn=warn))
    if options.kind == "device":
        from harness.targets.device import DeviceTarget, open_device

        return DeviceTarget(options, partial(open_device, warn=warn))
    from harness.targets.embedded import EmbeddedLive, EmbeddedVirtual

    return EmbeddedLive() if options.live else EmbeddedVirtual()
