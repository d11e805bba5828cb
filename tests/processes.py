"""The command in processes of its own, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.commands import clean_environment

NUMBER = "+18005550199"
TIMEOUT_S = 30
LIFE_S = 60


@dataclass(slots=True)
class Gateway:
    """A `serve` that runs, by what it printed."""

    process: subprocess.Popen[str]
    url: str
    user_key: str
    phone_key: str

    def ask(self, path: str, body: Any = None, key: str | None = None, method: str | None = None) -> Any:
        """One request with the user key (or `key`); the answer as JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"x-api-key": key or self.user_key, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def send(self, text: str, to: str = "+18005550100") -> str:
        """The id of the message."""
        body = {"from": NUMBER, "to": to, "content": text}
        message: str = self.ask("/v1/messages/send", body)["data"]["id"]
        return message

    def follow(self) -> Iterator[dict[str, Any]]:
        """The entries of the trace from this call on (needs --control)."""
        stream = urllib.request.urlopen(self.url + "/_control/trace?follow=1", timeout=TIMEOUT_S)

        def read() -> Iterator[dict[str, Any]]:
            with stream:
                for line in stream:
                    if line.startswith(b"data: "):
                        yield json.loads(line[6:])

        return read()


def start(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    wrapper: Sequence[str] = (),
    life_s: float = LIFE_S,
) -> subprocess.Popen[str]:
    """`httpsms-harness ARGUMENTS` with pipes for what it prints; killed if it is still there after `life_s`.

    `wrapper` stands before the command, as tests.limited makes one.
    """
    process = subprocess.Popen(
        [*wrapper, sys.executable, "-m", "harness", *arguments],
        env=clean_environment(**environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(life_s, process.kill)
    watchdog.daemon = True
    watchdog.start()
    return process


def open_gateway(*arguments: str) -> Gateway:
    """A gateway on a free port. Fails with what it said if it did not start."""
    return opened(start("serve", "--port", "0", *arguments))


def opened(process: subprocess.Popen[str]) -> Gateway:
    """The gateway of a `serve`, once it says that it is there."""
    assert process.stdout is not None
    lines = [process.stdout.readline().split() for _ in range(4)]
    if not lines[0]:
        raise AssertionError(process.communicate()[1])
    return Gateway(process, lines[0][0], lines[1][-1], lines[3][-1])


def end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Stops the process as Ctrl-C does; what it printed."""
    if process.poll() is None:
        process.send_signal(2)
    return process.communicate(timeout=TIMEOUT_S)


@contextmanager
def gateway(*arguments: str) -> Iterator[Gateway]:
    opened = open_gateway(*arguments)
    try:
        yield opened
    finally:
        end(opened.process)
