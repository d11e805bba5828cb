"""The command as a child process, with a time limit, without a terminal, and with nothing of our environment."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["COMMAND", "Done", "clean_environment", "run"]

COMMAND = (sys.executable, "-m", "harness")
TIMEOUT_S = 60
# What the command reads besides its options.
_OWN = (
    "HTTPSMS_HARNESS_", "APP_HOST", "APP_PORT", "FCM_ENDPOINT", "EVENTS_QUEUE_", "NO_COLOR", "FORCE_COLOR", "TERM",
    "PYTHONIOENCODING",
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A command that has ended. What it printed is text, whatever it was."""

    code: int
    out: str
    err: str

    def failed(self, code: int, *parts: str) -> None:
        """It ended with `code`, said all these parts on stderr, and nothing of its insides."""
        assert (self.code, *parts) == (code, *(part for part in parts if part in self.err)), self
        assert "Traceback" not in self.out + self.err, self


def clean_environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN)} | more


def run(*arguments: str, folder: Path | None = None, stdin: bytes = b"", **environment: Any) -> Done:
    """`httpsms-harness ARGUMENTS` in `folder`."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=clean_environment(**environment),
        input=stdin,
        capture_output=True,
        timeout=TIMEOUT_S,
        start_new_session=True,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
