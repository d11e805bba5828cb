"""Why nothing could be connected to, in plain words: Python's own name calls, tuples and numbers."""

from __future__ import annotations

import errno
import os
import re
import socket

__all__ = ["unreached"]


def unreached(host: str, port: int, error: OSError | UnicodeError | OverflowError) -> str:
    """The sentence for what asyncio raised on the way to `host` and `port`."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if isinstance(error, OverflowError) or port == 0:
        return f"there is no port {port}"
    if isinstance(error, UnicodeError | socket.gaierror):  # UnicodeError: a name that no DNS can hold
        return f"there is no host {host}"
    codes = _codes(error)
    if codes and codes <= {errno.ECONNREFUSED}:
        return f"nothing listens on {place}"
    why = ", ".join([os.strerror(code) for code in sorted(codes)])
    return f"{place} cannot be reached ({why})" if why else f"{place} cannot be reached"


def _codes(error: OSError) -> set[int]:
    """Where a name has several addresses and none answers, asyncio tells the numbers in its text alone."""
    if error.errno is not None:
        return {error.errno}
    return {int(code) for code in re.findall(r"\[Errno ([0-9]+)\]", str(error))}
