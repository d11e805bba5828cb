"""`serve` is held against its own document by schemathesis: see schemathesis.toml for what it may not find wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.processes import TIMEOUT_S, Gateway, clean_environment, opened, start

CONFIG = Path(__file__).with_name("schemathesis.toml")
USER = ("u1", "uk_demo")
# These two end the account whose key all other operations are called with.
ENDING = ("--exclude-operation-id", "rotateApiKey", "--exclude-operation-id", "deleteUser")
# What a phone key is good for; all else would answer 401.
OF_PHONES = (
    "fetchOutstandingMessage", "reportMessageEvent", "receiveMessage", "reportMissedCall", "registerPhone",
    "storeHeartbeats",
)  # fmt: skip


@contextmanager
def serving(life_s: float) -> Iterator[Gateway]:
    """A `serve` in which the queue's user has the key, too. Fails if it did not end quietly."""
    user_id, key = USER
    account = (f"user_id={user_id},api_key={key}",)
    queue = ("--queue-user-id", user_id, "--queue-user-api-key", key)
    process = start("serve", "--port", "0", "--account", *account, *queue, life_s=life_s)
    assert process.stderr is not None
    said: deque[str] = deque(maxlen=50)
    # It shows every text that goes out: nobody may make it wait for a reader.
    reader = threading.Thread(target=said.extend, args=(process.stderr,))
    reader.start()
    try:
        yield opened(process)
    finally:
        process.send_signal(2)
        process.wait(TIMEOUT_S)
        reader.join()
        assert process.stdout is not None
        process.stdout.close()
        process.stderr.close()
    assert (process.returncode, said[-1]) == (0, "stopped\n"), "".join(said)


def fuzz(served: Gateway, key: str, seconds: float, *options: str) -> None:
    """Lets schemathesis loose on the server. Fails with what it found, and if nothing it asked went well."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
    done = subprocess.run(
        [*command, f"{served.url}/openapi.json", "--max-time", str(round(seconds)), "--no-color", *options],
        cwd=ROOT, env=clean_environment(KEY=key), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=seconds + 100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert served.ask("/v1/heartbeats?owner=%2B18005550199")["data"] != []


@pytest.mark.soak
def test_whatever_a_user_asks_is_answered_as_the_document_tells(soak_s: float) -> None:
    with serving(soak_s + 120) as served:
        fuzz(served, served.user_key, soak_s, *ENDING)


@pytest.mark.soak
def test_whatever_a_phone_asks_is_answered_as_the_document_tells(soak_s: float) -> None:
    names = [option for name in OF_PHONES for option in ("--include-operation-id", name)]
    with serving(soak_s + 120) as served:
        fuzz(served, served.phone_key, soak_s, *names)
