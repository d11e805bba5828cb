"""A gateway that somebody else runs: without control routes, with an account whose key is given away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.processes import Gateway, gateway

__all__ = ["USER_KEY", "foreign", "owned"]

USER_KEY = "uk_given"


@contextmanager
def foreign(fcm_port: int, *options: str) -> Iterator[Gateway]:
    """A `serve` without control routes, with an account, which pushes to `fcm_port`."""
    arguments = ("--phones", "0", "--pace", "faithful", "--fcm-endpoint", f"http://127.0.0.1:{fcm_port}")
    account = ("--account", f"api_key={USER_KEY},plan=200k-monthly")
    with gateway(*arguments, *account, *options) as served:
        # The key of the phone that is not there: what the account has keeps cases from being replayed.
        for key in served.ask("/v1/phone-api-keys?limit=20")["data"]:
            served.ask(f"/v1/phone-api-keys/{key['id']}", method="DELETE")
        yield served


def owned(served: Gateway) -> dict[str, Any]:
    """What the account has, list by list."""
    paths = ("/v1/phones", "/v1/phone-api-keys", "/v1/webhooks", "/v1/send-schedules")
    rows = {path: served.ask(f"{path}?limit=100")["data"] for path in paths}
    return {path: found for path, found in rows.items() if found}
