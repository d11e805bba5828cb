"""`probe`: what works on a server, what does not, why, and what to set."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.hosting import Gateway
from harness.serving import AccountSpec, ServeOptions
from tests.cli.inside import call
from tests.commands import Done
from tests.targets.test_ears import other_server

KEY = "uk_very_secret"
ACCOUNT = (AccountSpec(api_key=KEY, plan="200k-monthly"),)


def probe(*arguments: str, **environment: str) -> Done:
    return call("probe", *arguments, folder=Path(__file__).parent, **environment)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Gateway(ServeOptions(accounts=ACCOUNT, control=True)) as gateway:
        yield gateway.url


def test_everything_works_on_a_serve_and_nothing_stays_there(url: str, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    done = probe("--server", url, "--json", str(file), HTTPSMS_HARNESS_USER_KEY=KEY)
    assert done.code == 0, done
    assert "✗" not in done.out
    assert "its own push service takes emulated phones" in done.out
    found = json.loads(file.read_text())
    assert found["can_run"]
    assert found["push"] == "stream"
    assert found["capabilities"]["send"] == {"there": True}
    assert found["capabilities"]["time-travel"] == {"there": True}
    assert "--listen" not in found["capabilities"]["gateway-trace"]["reason"]
    assert found["left"] == []
    assert KEY not in done.out + done.err + file.read_text()
    again = call("cleanup", "--server", url, "--user-key", KEY, folder=tmp_path)
    assert (again.code, again.out, again.err.strip()) == (0, "", "nothing of ours is there")


def test_json_may_go_to_stdout_and_the_table_goes_beside_it(url: str) -> None:
    done = probe("--server", url, "--user-key", KEY, "--json", "-")
    assert done.code == 0, done
    assert json.loads(done.out)["server"] == url
    assert "✓ server" in done.err


def test_a_push_service_that_is_real_is_told_as_what_it_is() -> None:
    with ExitStack() as open_things:
        fcm = open_things.enter_context(Gateway(ServeOptions(phones=0)))
        serve = ServeOptions(accounts=ACCOUNT, phones=0, fcm_endpoint=fcm.url)
        gateway = open_things.enter_context(Gateway(serve))
        done = probe("--server", gateway.url, "--user-key", KEY)
        on_elsewhere = probe("--server", gateway.url, "--user-key", KEY, "--push", "poll", "--color", "always")
    for each in (done, on_elsewhere):
        assert each.code == 0, each  # texts still come in
        assert "messages out" in each.out
        assert "does not know the token of an emulated phone, as real FCM does not" in each.out
        assert "FCM_ENDPOINT=http://HOST:PORT" in each.out
        assert "with real FCM only a real device can send" in each.out
    assert "\x1b[" not in done.out
    assert "\x1b[31m✗" in on_elsewhere.out


def test_without_a_key_it_tells_what_it_is_and_that_nothing_can_probe(url: str) -> None:
    done = probe("--server", url)
    assert done.code == 3, done
    assert "✓ server" in done.out
    assert "✗ user key  none was given" in done.out


@pytest.mark.soak  # it waits for them
def test_webhooks_that_do_not_come_are_told_with_the_place(url: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = probe("--server", url, "--user-key", KEY, "--callback-url", place)
    assert done.code == 0, done
    assert f"no webhook came to {place}" in done.out
    done = probe("--server", url, "--user-key", KEY, "--callback-url", "http://localhost:9")
    assert "the server does not take http://localhost:9" in done.out
    assert "--callback-url gives another address" in done.out


def test_what_is_no_server_of_httpsms_ends_with_3_and_what_to_do(url: str) -> None:
    probe("--server", "http://127.0.0.1:9", "--user-key", KEY).failed(3, "nothing listens there")
    probe("--server", url, "--user-key", "uk_wrong").failed(3, "refuses the user key", "--user-key")
    with other_server() as other:
        probe("--server", other, "--user-key", KEY).failed(3, "no httpSMS server is there", "is the URL right?")
        probe("--server", other).failed(3, "no httpSMS server is there")


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--server", "sms.example.com"], "no http or https URL"),
        (["--server", "http://127.0.0.1:9", "--listen", "9099"], "HOST:PORT"),
        (["--server", "http://127.0.0.1:9?x=1"], "without a path, a query"),
        (["--server", "http://127.0.0.1:9", "--user-key", "uk_secret\n"], "the user key has a character"),
        (["--server", "http://127.0.0.1:9", "--control-token", "a secret"], "the control token has a character"),
        (["--server", "http://127.0.0.1:9", "--phone", "alice"], "alice=+18005550199"),
        (["--server", "http://127.0.0.1:9", "--push", "pigeon"], "pigeon"),
        ([], "--server"),
    ],
)
def test_wrong_usage_ends_with_2(options: list[str], part: str) -> None:
    done = probe(*options)
    done.failed(2, part)
    assert "secret" not in done.out + done.err
