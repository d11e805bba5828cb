"""`serve`: what it refuses, and the variables that it knows."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.usage import Wrong, each, refuses
from tests.commands import run
from tests.processes import gateway

SERVE = ("serve", "--port", "0")
WRONG_USAGE: list[Wrong] = [
    ((*SERVE, "--account", "user=x"), 2, ("unknown key 'user'", "user_id")),
    ((*SERVE, "--account", "api_key="), 2, ("api_key has no value",)),
    ((*SERVE, "--pace", "slow"), 2, ("--pace", "'slow'")),
    ((*SERVE, "--phones", "51"), 2, ("--phones", "51")),
    ((*SERVE, "--host", "nobody.invalid"), 2, ("error: cannot listen on nobody.invalid",)),
    ((*SERVE, "--state", "other.db"), 2, ("error: other.db: is no state file",)),
    ((*SERVE, "--state", "no/state.db"), 2, ("error: no/state.db: its folder does not exist",)),
    ((*SERVE, "--state", "empty"), 2, ("empty", "is a directory")),
    ((*SERVE, "--control", "--host", "0.0.0.0"), 2, ("--control on 0.0.0.0", "--control-token")),
    ((*SERVE, "--queue-user-id", "system"), 2, ("error: the queue user needs an id and a key",)),
    ((*SERVE, "--queue-user-api-key", "secret"), 2, ("error: the queue user needs an id and a key",)),
    ((*SERVE, "--fcm-endpoint", "foo"), 2, ("'foo' is no http or https URL",)),
    ((*SERVE, "--public-url", "foo"), 2, ("'foo' is no http or https URL",)),
    (
        (*SERVE, "--queue-user-id", "q", "--queue-user-api-key", "k", "--account", "user_id=q,api_key=other"),
        2,
        ("another key for the queue user q", "leave its key out"),
    ),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run("serve", "--port", port).failed(2, f"error: port {port} on 127.0.0.1 is in use", "0 for any free one")


SERVERS_VARIABLES = (
    "APP_HOST",
    "APP_PORT",
    "EVENTS_QUEUE_ENDPOINT",
    "EVENTS_QUEUE_USER_API_KEY",
    "EVENTS_QUEUE_USER_ID",
    "FCM_ENDPOINT",
)


@pytest.mark.parametrize("name", SERVERS_VARIABLES)
def test_the_help_names_the_variables_of_the_real_server_that_mean_the_same(name: str) -> None:
    shown = " ".join(run("serve", "--help").out.split())
    assert re.search(rf"\[env var: HTTPSMS_HARNESS_\w+, {name}[;\]]", shown)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("APP_HOST", "nobody.invalid", "cannot listen on nobody.invalid"),
        ("APP_PORT", "many", "APP_PORT"),
        ("EVENTS_QUEUE_ENDPOINT", "foo", "EVENTS_QUEUE_ENDPOINT"),
        ("EVENTS_QUEUE_USER_ID", "system", "the queue user needs an id and a key"),
        ("FCM_ENDPOINT", "foo", "FCM_ENDPOINT"),
    ],
)
def test_a_variable_is_read_like_the_option_and_named_where_it_is_wrong(name: str, value: str, said: str) -> None:
    environment: dict[str, Any] = {"APP_PORT": "0", name: value}
    run("serve", **environment).failed(2, said)


def test_every_account_is_told_with_its_key() -> None:
    with gateway("--account", "email=a@example.com", "--account", "email=b@example.com,api_key=uk_b") as served:
        assert served.process.stdout is not None
        assert served.process.stdout.readline() == "user key   uk_b  (of b@example.com, without a phone)\n"


@pytest.mark.parametrize("key", ["pk_mine", "undefined"])
def test_a_key_that_the_api_never_takes_is_refused(key: str) -> None:
    run("serve", "--account", f"api_key={key}").failed(2, "the API would refuse it")


def test_an_account_has_one_key() -> None:
    run("serve", "--account", "api_key=a,api_key=b").failed(2, "api_key is there twice")


def test_with_control_something_can_be_done_to_the_phones_inside() -> None:
    with gateway("--control", "--phones", "2") as served:
        done = served.ask("/_control/handsets", {"do": "lose network", "number": "+18005550198"})
        assert done == {"done": True}
        states = served.ask("/_control/handsets")["handsets"]
        assert [(state["numbers"], state["network"]) for state in states] == [
            (["+18005550199"], "validated"),
            (["+18005550198"], "none"),
        ]
