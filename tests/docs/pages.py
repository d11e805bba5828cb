"""A page whose blocks are executed as they stand there; ports alone are replaced by free ones."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.children import NODE
from tests.processes import LIFE_S, TIMEOUT_S
from tests.test_readme import environment
from tests.test_serving import free_port

# Packages come from what `make clients` and the installation left on this machine, never from a network.
OFFLINE = {
    "npm_config_offline": "true",
    "npm_config_cache": str(NODE / ".npm"),
    "npm_config_update_notifier": "false",
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "PIP_NO_INDEX": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
PORT = re.compile(r"\b800[01]\b")
# A block that begins with a comment that is nothing but a name is a file of this name.
FILE = re.compile(r"(?://|#) (\w+\.\w+)\n")


@dataclass(slots=True)
class Page:
    """A page in a folder of its own, into which its files are written."""

    path: Path
    folder: Path
    text: str = field(init=False)
    unused: list[str] = field(init=False)
    ports: dict[str, str] = field(default_factory=lambda: {"8000": str(free_port()), "8001": str(free_port())})

    def __post_init__(self) -> None:
        self.text = PORT.sub(lambda port: self.ports[port[0]], self.path.read_text(encoding="utf-8"))
        self.unused = re.findall(r"^```\w*\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        for block in self.unused:
            name = FILE.match(block)
            if name:
                (self.folder / name[1]).write_text(block, encoding="utf-8")

    def block(self, beginning: str) -> str:
        """The one block that begins so. It and the files that it names count as used."""
        blocks = re.findall(r"^```\w*\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        [found] = [block for block in blocks if block.startswith(beginning)]
        named = [block for block in blocks if (name := FILE.match(block)) and name[1] in found]
        self.unused = [block for block in self.unused if block not in (found, *named)]
        return str(found)

    def run(self, beginning: str, **more: str) -> str:
        """Executes a block that ends by itself, and each of whose lines must succeed; what it printed."""
        done = subprocess.run(
            ["bash", "-e", "-c", self.block(beginning)],
            cwd=self.folder, env=environment(**OFFLINE, **more), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=LIFE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        return done.stdout

    @contextmanager
    def terminal(self, beginning: str, **more: str) -> Iterator[subprocess.Popen[str]]:
        """A block that runs until Ctrl-C, which reaches everything that it has started."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {self.block(beginning)}"],
            cwd=self.folder, env=environment(**OFFLINE, **more), start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        watchdog = threading.Timer(LIFE_S, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=TIMEOUT_S)
