"""`phone`: whose fault it is, and that no key is shown."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import termios
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.usage import Wrong, each, refuses
from tests.commands import COMMAND, Done, clean_environment, run
from tests.limited import limited
from tests.pages import web_server
from tests.processes import LIFE_S, NUMBER, Gateway, end, gateway, start

PHONE = ("phone", "--server", "http://127.0.0.1:1", "--phone-key", "pk_secret", "--number", NUMBER)
WRONG_USAGE: list[Wrong] = [
    ((*PHONE, "--server", "foo"), 2, ("'foo' is no http or https URL",)),
    ((*PHONE, "--server", "http://me:pa55@127.0.0.1:1"), 2, ("is not taken",)),
    ((*PHONE, "--push", "foo"), 2, ("'foo' is no http or https URL",)),
    (("phone", "--server", "http://127.0.0.1:1", "--phone-key", "pk", "--number", "123"), 2, ("not an E.164 number",)),
    ((*PHONE, "--number", NUMBER, "--number", NUMBER), 2, ("two SIMs at most",)),
    ((*PHONE, "--number", NUMBER), 2, ("both SIMs have the same number",)),
    ((*PHONE, "--poll"), 2, ("--poll needs the account's key",)),
    ((*PHONE, "--push-port", "0", "--push", "http://127.0.0.1:1"), 2, ("exclude each other",)),
    ((*PHONE, "--push-port", "0", "--push-host", "nobody.invalid"), 2, ("cannot listen on nobody.invalid",)),
    ((*PHONE, "--push-host", "127.0.0.1"), 2, ("--push-host without --push-port",)),
    ((*PHONE, "--control-token", "secret"), 2, ("--control-token without --control-port",)),
    ((*PHONE, "--view"), 2, ("--view needs a terminal",)),
    ((*PHONE, "--app", "5dab6f9"), 2, ("there is no app profile '5dab6f9'", "did you mean 5dab6f8")),
    ((*PHONE, "--oem", "mine.toml"), 2, ("mine.toml: No such file",)),
    ((*PHONE, "--count", "0"), 2, ("--count",)),
    ((*PHONE, "--insecure", "--ca-file", "other.db"), 2, ("--insecure and --ca-file exclude each other",)),
    ((*PHONE, "--ca-file", "other.db"), 2, ("other.db: no certificates are in it",)),
    ((*PHONE, "--state", "other.db"), 2, ("other.db: is no state file",)),
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


def test_a_thousand_phones_are_refused_where_they_have_no_room() -> None:
    arguments = ("--server", "http://127.0.0.1:1", "--phone-key", "pk", "--number", NUMBER, "--count", "1000")
    command = [*limited("files=1024"), *COMMAND, "phone", *arguments]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "1000 phones need 2400 open files, and 1024 are allowed" in done.stderr


# -- the terminal ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def terminal(served: Gateway, *arguments: str, stdin: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
    """A phone with a stdin; it gets Ctrl-C if it is still there."""
    settings = ("--phone-key", served.phone_key, "--number", NUMBER, *arguments)
    process = subprocess.Popen(
        [*COMMAND, "phone", "--server", served.url, *settings],
        env=clean_environment(), stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    watchdog = threading.Timer(LIFE_S, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        if process.stdin is not None and process.stdin.closed:
            process.stdin = None
        process.communicate(timeout=30)
        watchdog.cancel()


def until(process: subprocess.Popen[bytes], *texts: str) -> str:
    """What it says until it has said each text, in this order."""
    assert process.stderr is not None
    said = ""
    for text in texts:
        while text not in said:
            line = process.stderr.readline().decode()
            assert line, said
            said += line
    return said


def typed(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text.encode())
    process.stdin.flush()


def test_what_is_piped_into_it_is_done_in_order_once_it_has_logged_in() -> None:
    script = "text BANK Your code is 1234\n\ndance\n+18005550101 Grüße\npause\nstatus\nresume\nhelp\nquit"
    with gateway("--phones", "0") as served, terminal(served) as process:
        typed(process, script)
        assert process.stdin is not None
        process.stdin.close()
        said = until(process, "\nquit  ", "\nstopped")
        assert process.wait(timeout=30) == 0
        [row] = served.ask(f"/v1/messages?owner=%2B{NUMBER[1:]}&contact=BANK")["data"]
        assert row["content"] == "Your code is 1234"
    order = ["logged in", "'dance' is nothing", "Grüße", "logged in, paused", "no data network: ", "\nstopped"]
    places = [said.index(part) for part in order]
    assert places == sorted(places)
    assert "+18005550101 -> +18005550199: Grüße" in said
    assert "Traceback" not in said


def test_a_file_may_be_its_stdin(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("text BANK Your code is 1234\nquit\n", encoding="utf-8")
    with gateway("--phones", "0") as served, script.open() as stdin, terminal(served, stdin=stdin.fileno()) as process:
        assert "finished" in until(process, "stopped")
        rows = served.ask(f"/v1/messages?owner=%2B{NUMBER[1:]}&contact=BANK")["data"]
        assert [row["content"] for row in rows] == ["Your code is 1234"]


def test_of_several_phones_one_is_chosen_by_its_number() -> None:
    with gateway("--phones", "0") as served, terminal(served, "--count", "3") as process:
        assert "+18005550199 … +18005550201: 3 phones are ready" in until(process, "are ready")
        typed(process, "+18005550201: lose network\nstatus\n+18005550111: reboot\n")
        said = until(process, "there is no phone +18005550111")
    assert "+18005550201: network network=none" in said
    assert said.count("logged in, no network") == 1


def test_a_stop_finishes_what_is_under_way_and_says_what_is_given_up() -> None:
    with gateway("--phones", "0") as served, terminal(served) as process:
        until(process, "is ready")
        typed(process, "text BANK one\nquit\n")
        assert "stopped; 1 job finished" in until(process, "stopped")
    with gateway("--phones", "0") as served, terminal(served) as process:
        until(process, "is ready")
        typed(process, "lose network\ntext BANK one\ntext BANK two\nquit\n")
        assert "stopped; 2 jobs given up (--state FILE would keep them)" in until(process, "stopped")


def test_with_a_file_ctrl_c_keeps_the_jobs_and_the_next_start_goes_on(tmp_path: Path) -> None:
    path = str(tmp_path / "phone.db")
    with gateway("--phones", "0") as served:
        with terminal(served, "--state", path) as process:
            until(process, "is ready")
            typed(process, "lose network\ntext BANK kept\n")
            until(process, "text received")
            process.send_signal(signal.SIGINT)
            assert f"stopped; 1 job kept in {path}" in until(process, "stopped")
        with terminal(served, "--state", path) as process:
            until(process, "is ready")
            typed(process, "regain network\n")
            until(process, "text forwarded")
            process.send_signal(signal.SIGINT)
            assert "stopped; no job is left" in until(process, "stopped")


def test_it_listens_where_it_says(tmp_path: Path) -> None:
    with gateway("--phones", "0") as served:
        environment = {"HTTPSMS_HARNESS_CONTROL_TOKEN": "t0ken"}
        arguments = ("--phone-key", served.phone_key, "--number", NUMBER, "--control-port", "0", "--push-port", "0")
        process = start("phone", "--server", served.url, *arguments, environment=environment)
        try:
            assert process.stderr is not None
            said = [next(process.stderr), next(process.stderr)]
            lines = dict(zip(("push", "control"), sorted(said, key=lambda line: "control" in line), strict=True))
            assert "start the server with FCM_ENDPOINT=http://127.0.0.1:" in lines["push"]
            url = lines["control"].split()[-1]
            health = urllib.request.Request(
                url.replace("handsets", "health"), headers={"Authorization": "Bearer t0ken"}
            )
            with urllib.request.urlopen(health, timeout=30) as answer:
                assert json.load(answer)["server"] == served.url
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(url, timeout=30)
        finally:
            end(process)


def test_the_view_shows_what_the_phones_do_now_and_takes_what_is_typed() -> None:
    with gateway("--phones", "0") as served:
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        before = termios.tcgetattr(side)
        settings = ("--phone-key", served.phone_key, "--number", NUMBER, "--view")
        process = subprocess.Popen(
            [*COMMAND, "phone", "--server", served.url, *settings],
            env=clean_environment(TERM="xterm"), stdin=side, stdout=side, stderr=side, start_new_session=True,
        )  # fmt: skip
        watchdog = threading.Timer(LIFE_S, process.kill)
        watchdog.start()
        shown = ""

        def see(text: str) -> None:
            nonlocal shown
            while text not in shown:
                shown += os.read(main, 65536).decode("utf-8", "ignore")

        try:
            see(f"{NUMBER}: logged in\x1b[K")
            os.write(main, b"lose netwerk\x7f\x7f\x7fork")
            see("> lose network\x1b[K")
            os.write(main, b"\n")
            see(f"{NUMBER}: logged in, no network\x1b[K")
            process.send_signal(signal.SIGINT)
            see("stopped")
            assert process.wait(timeout=30) == 0
            assert termios.tcgetattr(side) == before
        finally:
            process.kill()
            watchdog.cancel()
            os.close(main)
            os.close(side)
        assert "\x1b[?1049h" in shown
        assert shown.index("\x1b[?1049l") < shown.index("stopped")


# -- what does not come through ----------------------------------------------------------------------------------------


def test_a_dead_push_service_is_said_at_once_and_the_terminal_still_answers() -> None:
    with gateway("--phones", "0") as served, terminal(served, "--push", "http://127.0.0.1:1") as process:
        said = until(process, "no push comes: http://127.0.0.1:1: no connection", "is that push service up")
        typed(process, "reboot\n")
        said += until(process, "once every phone has logged in")
        assert "logged in\n" not in said.replace("has logged in\n", "")


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
