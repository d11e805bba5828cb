"""Starts a command with less than it might have: `python limited.py [files=N] [file_bytes=N] [rights] -- COMMAND …`.

`files`: how many it may have open. `file_bytes`: how large a file may become, as on a full disk. `rights`: as root,
without the right to write where the permissions forbid it; it exits with 77 where that cannot be given up.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

CANNOT = 77
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1


def limited(*limits: str) -> tuple[str, ...]:
    """What stands before a command."""
    return (sys.executable, __file__, *limits, "--")


def main(arguments: list[str]) -> None:
    end = arguments.index("--")
    for limit in arguments[:end]:
        name, _, value = limit.partition("=")
        match name:
            case "files":
                resource.setrlimit(resource.RLIMIT_NOFILE, (int(value), int(value)))
            case "file_bytes":
                resource.setrlimit(resource.RLIMIT_FSIZE, (int(value), int(value)))
                _measure_nothing()
            case "rights" if os.geteuid() == 0 and not _is_given_up():
                sys.exit(CANNOT)
            case "rights":
                pass
            case _:
                sys.exit(f"no such limit: {limit}")
    os.execvp(arguments[end + 1], arguments[end + 1 :])


def _measure_nothing() -> None:
    """What is measured could not be written either, and coverage would say so on stderr."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        del os.environ[name]


def _is_given_up() -> bool:
    """Counts from the next exec on: what is not in the bounding set is given to nobody, not even to root."""
    return ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0) == 0


if __name__ == "__main__":
    main(sys.argv[1:])
