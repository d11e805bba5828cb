"""A phone that is killed again and again, with work going on in both directions."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.processes import LIFE_S, NUMBER, TIMEOUT_S, Gateway, end, opened, start

__all__ = ["kill_and_go_on"]

CUSTOMER, FRIEND = "+18005550100", "+18005550101"
HOUR_S = 3600


class Phone:
    """A `phone` process with control routes."""

    def __init__(self, served: Gateway, path: Path) -> None:
        arguments = ("--phone-key", served.phone_key, "--number", NUMBER, "--state", str(path), "--control-port", "0")
        self.process = start("phone", "--server", served.url, *arguments)
        self.url = ""
        self._said: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        """To the end, so that it never waits for us."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more:
                self._said.append(line)
                self._more.notify_all()

    def wait(self) -> None:
        """Until it takes texts."""
        with self._more:
            assert self._more.wait_for(lambda: any("is ready" in line for line in self._said), TIMEOUT_S), self._said
            routes = next(line for line in self._said if "control routes" in line)
        self.url = routes.split()[-1].removesuffix("/_control/handsets")

    def close(self) -> None:
        """After its end."""
        self._reader.join()
        self.process.communicate()

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=TIMEOUT_S) as answer:
            return json.load(answer)

    def text(self, text: str) -> None:
        """Returns when the phone has it for good."""
        self.ask("/_control/handsets", {"do": f"text {FRIEND} {text}"})

    @property
    def work(self) -> list[dict[str, Any]]:
        """What it waits for, but for the heartbeat that comes back for ever."""
        [state] = self.ask("/_control/handsets")["handsets"]
        assert state["logged_in"]
        return [row for row in state["pending"] if not row["what"].startswith("heartbeat")]


def kill_and_go_on(path: Path, kills: int, seed: int) -> None:
    """Texts both ways without a pause, kills the phone at random moments; then everything must have arrived."""
    moments = random.Random(seed)
    sent: list[str] = []
    received: list[str] = []
    process = start("serve", "--port", "0", "--phones", "0", "--control", life_s=LIFE_S + 30 * kills)
    try:
        served = opened(process)
        for life in range(kills):
            _one_life(served, path, moments, life, sent, received)
        phone = Phone(served, path)
        try:
            phone.wait()
            _let_finish(served, phone)
            _check_everything(served, sent, received)
        finally:
            phone.process.send_signal(signal.SIGINT)
            phone.close()
    finally:
        end(process)


def _one_life(
    served: Gateway, path: Path, moments: random.Random, life: int, sent: list[str], received: list[str]
) -> None:
    phone = Phone(served, path)
    in_its_start = life % 4 == 3
    if not in_its_start:
        phone.wait()
    killer = threading.Thread(target=_kill, args=(phone, moments.random() * (1.0 if in_its_start else 0.3)))
    killer.start()
    while not in_its_start:
        try:
            sent.append(served.send(f"out {len(sent)}", CUSTOMER))
            phone.text(f"in {len(received)}")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            break
        received.append(f"in {len(received)}")
    killer.join()
    phone.close()


def _kill(phone: Phone, after_s: float) -> None:
    try:
        phone.process.wait(after_s)
    except subprocess.TimeoutExpired:
        phone.process.send_signal(signal.SIGKILL)


def _let_finish(served: Gateway, phone: Phone) -> None:
    """Until neither side has anything left to do, whatever the time: what a push was lost for is sent once more."""
    _work_off(phone)
    served.ask("/_control/advance", {"seconds": HOUR_S})
    # One text more through the whole way: whatever was pushed before it has come.
    entries = served.follow()
    last = served.send("the last one", CUSTOMER)
    assert any(entry["kind"] == "message.phone.delivered" and entry["message"] == last for entry in entries)
    _work_off(phone)


def _work_off(phone: Phone) -> None:
    """Moves the phone's clock whenever nothing is under way."""
    until_s = time.monotonic() + LIFE_S
    while work := phone.work:
        assert time.monotonic() < until_s, work
        if not any(row["waits_for"].startswith("the answer") for row in work):
            phone.ask("/_control/advance", {"seconds": HOUR_S})


def _check_everything(served: Gateway, sent: list[str], received: list[str]) -> None:
    states = {row["id"]: row["status"] for row in _messages(served, CUSTOMER)}
    # A radio's result that comes while the app is dead is lost, as with the real one: such a message stays sent.
    assert [message for message in sent if states.get(message) not in ("sent", "delivered")] == []
    came = {row["content"] for row in _messages(served, FRIEND)}
    assert [text for text in received if text not in came] == []


def _messages(served: Gateway, contact: str) -> list[dict[str, Any]]:
    path = f"/v1/messages?owner=%2B{NUMBER[1:]}&contact=%2B{contact[1:]}&limit=-1"
    rows: list[dict[str, Any]] = served.ask(path)["data"]
    return rows
