"""`phone`: whose fault it is, and that no key is shown."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.cli.usage import Wrong, each, refuses
from tests.commands import COMMAND, Done, clean_environment, run
from tests.pages import web_server
from tests.processes import NUMBER, end, gateway, start

PHONE = ("phone", "--server", "http://127.0.0.1:1", "--phone-key", "pk_secret", "--number", NUMBER)
WRONG_USAGE: list[Wrong] = [
    ((*PHONE, "--server", "foo"), 2, ("'foo' is no http or https URL",)),
    ((*PHONE, "--server", "http://me:pa55@127.0.0.1:1"), 2, ("is not taken",)),
    ((*PHONE, "--push", "foo"), 2, ("'foo' is no http or https URL",)),
    (("phone", "--server", "http://127.0.0.1:1", "--phone-key", "pk", "--number", "123"), 2, ("not an E.164 number",)),
    ((*PHONE, "--number", NUMBER, "--number", NUMBER), 2, ("two SIMs at most",)),
    ((*PHONE, "--poll"), 2, ("--poll needs the account's key",)),
    ((*PHONE, "--push-port", "0", "--push", "http://127.0.0.1:1"), 2, ("exclude each other",)),
    (PHONE, 3, ("error: http://127.0.0.1:1: no connection",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


def phone(url: str, *arguments: str) -> Done:
    done = run("phone", "--server", url, "--phone-key", "pk_wrong", "--number", NUMBER, *arguments)
    assert "pk_wrong" not in done.out + done.err
    return done


PUSH = ("--push-port", "0")


@pytest.mark.parametrize(
    ("status", "arguments", "part"),
    [
        (200, (), "no push service is there"),
        (200, PUSH, "200"),
        (302, (), "no push service is there"),
        (404, (), "no push service is there"),
        (404, PUSH, "404"),
        (401, PUSH, "refuses the phone key (401)"),
        (500, (), "unexpected answer 500"),
        (500, PUSH, "unexpected answer 500"),
    ],
)
def test_a_phone_tells_that_the_server_is_no_httpsms(status: int, arguments: tuple[str, ...], part: str) -> None:
    with web_server(status) as url:
        phone(url, *arguments).failed(3, f"error: {url}", part)


def test_a_phone_tells_that_the_server_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        phone(url, "--timeout", "0.3").failed(3, f"error: {url}: no answer in time")


def test_a_phone_tells_that_its_key_is_refused() -> None:
    with gateway("--phones", "0") as served:
        phone(served.url).failed(3, f"error: {served.url}: the server refuses the phone key (401)")


def test_what_is_typed_into_the_phones_terminal_texts_it() -> None:
    typed = "text BANK Your code is 1234\n\ndance\ntext muchtoolonganame Hi\n+18005550101 Grüße\nhelp\nunfinished"
    with gateway("--phones", "0") as served:
        arguments = ("--phone-key", served.phone_key, "--number", NUMBER)
        process = subprocess.Popen(
            [*COMMAND, "phone", "--server", served.url, *arguments],
            env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stderr is not None
        said = ""
        while "logged in" not in said:
            said += process.stderr.readline().decode()
        process.stdin.write(typed.encode())
        process.stdin.close()
        while said.count("text forwarded") < 2:
            said += process.stderr.readline().decode()
        process.send_signal(2)
        assert process.wait(timeout=30) == 0
        process.stderr.close()
    assert "'dance' is nothing that can be done to a phone" in said
    assert "lose network" in said
    assert "'muchtoolonganame'" in said
    assert "+18005550101 -> +18005550199: Grüße" in said
    assert "Traceback" not in said


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_no_key_is_shown_but_by_serve_on_stdout() -> None:
    with gateway("--phones", "0") as served:
        arguments = ("--phone-key", served.phone_key, "--number", NUMBER, "--encryption-key", "Password123")
        other = start("phone", "--server", served.url, *arguments)
        assert other.stderr is not None
        said = ""
        while "logged in" not in said:
            said += other.stderr.readline()
        served.send("Hello")
        while "-> +18005550100" not in said:
            said += other.stderr.readline()
        shown = said + "".join(end(other))
        shown += end(served.process)[1]
        for secret in (served.phone_key, served.user_key, "Password123"):
            assert secret not in shown
