"""What a target is made of, as its user says it."""

from __future__ import annotations

import re
from dataclasses import field
from pathlib import Path
from typing import Literal

from harness.errors import UsageError
from harness.frozen import frozen
from harness.http.urls import parse_url
from harness.wire.client import UserAccess

__all__ = ["PUSHES", "Push", "TargetOptions", "access_of", "callback_base", "is_near", "place_of"]

Push = Literal["auto", "stream", "fcm-endpoint", "echo", "poll", "none"]
PUSHES: tuple[Push, ...] = ("auto", "stream", "fcm-endpoint", "echo", "poll", "none")
"""How a phone hears of a message that the server has for it.

`auto`: whatever a probe finds. `stream`: from the push service that a `serve` has built in. `fcm-endpoint`: from a
push service of ours, which the server's FCM_ENDPOINT names. `echo`: once the API counts a push, whoever took it, the
phone is told. `poll`: the API is asked for messages that wait.
"""

_NEAR = frozenset({"127.0.0.1", "localhost", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})


@frozen
class TargetOptions:
    """Where stories run. `phones` and `contacts` give names in stories numbers; `allow` are numbers that a real radio
    may text and call.

    `listen` and `push_listen` are HOST:PORT where the server's webhooks and pushes come in, `callback_url` is how the
    server reaches the former. `control_token` is what the control routes of a stand-in ask for. `take_over` lets
    stories have numbers that the account has phones for; `slow` lets them wait for up to a minute at a time.

    `device` is the serial of the device that is the radio of a story's phone. A text must be seen among those that it
    sent within `sent_within_s`, and in its inbox within `seen_within_s`. `adb_server`: `auto`, `never` (the device is
    reached without one), or the port of one. `app`: the app itself is on it, and there is no phone of ours; `apk` is
    installed before. `app_pushes`: that build's own Firebase is the one through which the server pushes.
    """

    kind: Literal["embedded", "server", "device"] = "embedded"
    live: bool = False
    server: str | None = None
    user_key: str | None = field(default=None, repr=False)
    phones: tuple[tuple[str, str], ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()
    push: Push = "auto"
    listen: str | None = None
    callback_url: str | None = None
    push_listen: str | None = None
    ca_file: str | Path | None = None
    insecure: bool = False
    http1: bool = False
    take_over: bool = False
    slow: bool = False
    control_token: str | None = field(default=None, repr=False)
    device: str | None = None
    console_token_file: str | Path | None = None
    adb_server: str = "auto"
    sent_within_s: float = 30.0
    seen_within_s: float = 10.0
    app: bool = False
    apk: str | Path | None = None
    app_pushes: bool = False


def access_of(options: TargetOptions) -> UserAccess:
    """Where the account is, and under which key. Raises `UsageError`, without the key in it."""
    url = None if options.server is None else parse_url(options.server)
    if url is None or options.server is None:
        raise UsageError(f"{options.server!r} is no http or https URL", "write it like http://127.0.0.1:8000")
    if url.target != b"/" or "@" in options.server or "#" in options.server:
        raise UsageError("the server is asked at /v1/…", "give its URL without a path, a query, a user or a password")
    _check_secret("user key", options.user_key)
    _check_secret("control token", options.control_token)
    return UserAccess(url.scheme, url.authority, options.user_key or "")


def _check_secret(what: str, secret: str | None) -> None:
    if secret is not None and re.search(r"[^!-~]", secret):
        raise UsageError(
            f"the {what} has a character that no {what} has",
            "is there a space or a line break in it?",
        )


def is_near(authority: str) -> bool:
    """The server is on this machine, and can call us on 127.0.0.1."""
    host = authority.rpartition("]")[0].removeprefix("[") or authority.partition(":")[0]
    return host in _NEAR


def place_of(text: str, option: str) -> tuple[str, int]:
    """The host and port of HOST:PORT. Raises `UsageError`."""
    host, mark, port = text.rpartition(":")
    if not mark or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"{option} {text!r} is no place", "write HOST:PORT, like 0.0.0.0:9099")
    return host.removeprefix("[").removesuffix("]"), int(port)


def callback_base(options: TargetOptions, host: str, port: int) -> str:
    """What our webhooks' URLs begin with. Raises `UsageError` where nobody can know."""
    if options.callback_url is not None:
        return options.callback_url.rstrip("/")
    if host in _EVERYWHERE:
        raise UsageError(
            f"--listen {host}:{port} is no address that a server could call",
            "give --callback-url, the URL under which the server reaches it",
        )
    return f"http://{host}:{port}"
