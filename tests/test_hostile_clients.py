"""A gateway that is served, and clients who mean no good: real processes, real sockets.

Each of them gets its answer or a closed connection; meanwhile somebody else is served, and the memory stays as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import re
import resource
import socketserver
import threading
import zipfile
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.limited import limited
from tests.processes import NUMBER, Gateway, opened, start

MIB = 1024 * 1024
GROWTH_MIB_MAX = 60
JSON_MIB_MAX = 300  # while 4 MiB of it are read, one body at a time
PATIENCE_S = 60
LIFE_S = 600
FILES = 4096


# -- the scene -----------------------------------------------------------------------------------------------


@dataclass
class Siege:
    """A gateway that is attacked: where it is, and what its process says of itself."""

    served: Gateway
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.served.url.rpartition(":")[2])

    @property
    def memory_mib(self) -> float:
        """What is resident; nothing where the system does not tell."""
        return self._told("VmRSS")

    @property
    def peak_mib(self) -> float:
        """The most that was resident since `forget_peak`."""
        return self._told("VmHWM")

    def forget_peak(self) -> None:
        with contextlib.suppress(OSError):
            (self._proc / "clear_refs").write_text("5")

    @property
    def _proc(self) -> Path:
        return Path(f"/proc/{self.served.process.pid}")

    def _told(self, name: str) -> float:
        status = self._proc / "status"
        found = re.search(rf"{name}:\s*(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) / 1024 if found else 0.0

    def read(self, stream: Any) -> threading.Thread:
        """Keeps the pipe empty: whoever prints into a full one stands still."""

        def to_its_end() -> None:
            with stream:
                self.said.extend(stream)

        thread = threading.Thread(target=to_its_end, daemon=True)
        thread.start()
        return thread


@contextlib.contextmanager
def siege(*arguments: str, wrapper: Sequence[str] = ()) -> Iterator[Siege]:
    """A gateway that has warmed up. At the end it is still there, and has told of no error."""
    served = opened(start("serve", "--port", "0", "--control", *arguments, wrapper=wrapper, life_s=LIFE_S))
    scene = Siege(served)
    readers = [scene.read(stream) for stream in (served.process.stdout, served.process.stderr)]
    try:
        for _ in range(3):
            neighbourly(served)
        yield scene
        assert served.process.poll() is None, "".join(scene.said)
    finally:
        if served.process.poll() is None:
            served.process.send_signal(2)
        served.process.wait(PATIENCE_S)
        for reader in readers:
            reader.join()
    assert served.process.returncode == 0
    assert "Traceback" not in "".join(scene.said)
    assert "Error" not in "".join(scene.said)


@pytest.fixture(scope="module")
def scene() -> Iterator[Siege]:
    with many_files(), siege() as scene:
        yield scene


@contextlib.contextmanager
def many_files() -> Iterator[None]:
    """For as many sockets as these tests have, here and in the child."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, before[1]) if before[1] > 0 else FILES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def neighbourly(served: Gateway) -> None:
    """What an honest client does; raises if it does not get what it should."""
    message = served.send("Hello")
    assert served.ask(f"/v1/messages/{message}")["data"]["content"] == "Hello"
    assert served.ask("/v1/phones")["status"] == "success"


@contextlib.contextmanager
def besieged(scene: Siege, peak_mib_max: float = GROWTH_MIB_MAX) -> Iterator[None]:
    """Serves a neighbour again and again while the attack goes on, and watches the memory."""
    before = scene.memory_mib
    scene.forget_peak()
    over = threading.Event()
    laps: list[str] = []

    def live_on() -> None:
        try:
            while not over.is_set() or not laps:
                neighbourly(scene.served)
                laps.append("served")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            laps.append(repr(error))

    neighbour = threading.Thread(target=live_on)
    neighbour.start()
    try:
        yield
    finally:
        over.set()
        neighbour.join()
    assert set(laps) == {"served"}
    assert scene.memory_mib - before < GROWTH_MIB_MAX
    assert scene.peak_mib - before < peak_mib_max


# -- clients -------------------------------------------------------------------------------------------------


async def talk(port: int, *pieces: bytes) -> bytes:
    """Sends everything, hearing what comes meanwhile, until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    sending = asyncio.create_task(send())
    answer = b""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(MIB):
            answer += data
    sending.cancel()
    await asyncio.wait([sending])
    if not sending.cancelled():
        sending.exception()  # that the server has closed is its right
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answer


def run(work: Awaitable[Any]) -> Any:
    async def patiently() -> Any:
        async with asyncio.timeout(PATIENCE_S):
            return await work

    return asyncio.run(patiently())


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def get(path: bytes = b"/health", *more: bytes, method: bytes = b"GET") -> bytes:
    lines = [b"%b %b HTTP/1.1" % (method, path), b"Host: h", *more, b"", b""]
    return b"\r\n".join(lines)


CLOSE = b"Connection: close"
LAST = get(b"/health", CLOSE)


def post(scene: Siege, path: bytes, body: bytes, *more: bytes) -> bytes:
    """A request with the user's key; `more` may say another content type."""
    kind = (
        () if any(line.lower().startswith(b"content-type") for line in more) else (b"Content-Type: application/json",)
    )
    key = b"x-api-key: " + scene.served.user_key.encode()
    return get(path, key, CLOSE, b"Content-Length: %d" % len(body), *kind, *more, method=b"POST") + body


# -- what is no request --------------------------------------------------------------------------------------


def chunked(*chunks: bytes) -> bytes:
    return get(b"/health", b"Transfer-Encoding: chunked", method=b"POST") + b"".join(chunks)


def framed(*lines: bytes) -> bytes:
    """A request with a body of four bytes, and one that is smuggled behind it."""
    return get(b"/health", *lines, method=b"POST") + b"abcd" + LAST


BROKEN: dict[str, tuple[bytes, list[int]]] = {
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
    "no version": (b"GET /health\r\n\r\n", [400]),
    "an unknown version": (b"GET /health HTTP/9.9\r\n\r\n", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "a space in the target": (get(b"/he alth", CLOSE), [400]),
    "NUL in the target": (get(b"/he\0alth", CLOSE), [400]),
    "no target": (b"GET  HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    "a header without a name": (get(b"/health", b": x"), [400]),
    "a header without a colon": (get(b"/health", b"Hi"), [400]),
    "NUL in a header": (get(b"/health", b"X: a\0b"), [400]),
    "a folded header": (get(b"/health", b"X: a", b" b"), [400]),
    "a blank before the colon": (framed(b"Content-Length : 4"), [400]),
    "a huge head": (get(b"/health", b"X: " + b"x" * 5000), [431]),
    "thousands of headers": (get(b"/health", *[b"X: y"] * 5000), [431]),
    "a method without an end": (b"G" * 5000, [431]),
    "an unknown method": (get(b"/health", CLOSE, method=b"BREW"), [501]),
    "both lengths": (framed(b"Content-Length: 4", b"Transfer-Encoding: chunked"), [400]),
    "both lengths, the other way round": (framed(b"Transfer-Encoding: chunked", b"Content-Length: 4"), [400]),
    "two lengths": (framed(b"Content-Length: 4", b"Content-Length: 5"), [400]),
    "a list of lengths": (framed(b"Content-Length: 4, 4"), [400]),
    "a length with a sign": (framed(b"Content-Length: +4"), [400]),
    "a length below zero": (framed(b"Content-Length: -4"), [400]),
    "a length in hexadecimal": (framed(b"Content-Length: 0x4"), [400]),
    "a length that is none": (framed(b"Content-Length: "), [400]),
    "a length with an underscore": (framed(b"Content-Length: 1_0"), [400]),
    "a length of thousands of digits": (framed(b"Content-Length: " + b"9" * 4000), [400]),
    "a length beyond 64 bits": (framed(b"Content-Length: 18446744073709551617"), [400]),
    "two codings": (framed(b"Transfer-Encoding: gzip, chunked"), [400]),
    "chunked twice": (framed(b"Transfer-Encoding: chunked, chunked"), [400]),
    "a coding that looks like chunked": (framed(b"Transfer-Encoding: xchunked"), [400]),
    "a coding behind a control character": (framed(b"Transfer-Encoding: \x0bchunked"), [400]),
    "a chunk size that is none": (chunked(b"zz\r\n"), [400]),
    "a chunk size below zero": (chunked(b"-1\r\n"), [400]),
    "a chunk size with a prefix": (chunked(b"0x4\r\nabcd\r\n0\r\n\r\n"), [400]),
    "a chunk size beyond everything": (chunked(b"f" * 15 + b"\r\n"), [413]),
    "a chunk size beyond 64 bits": (chunked(b"f" * 20 + b"\r\n"), [400]),
    "a chunk longer than its size": (chunked(b"4\r\nabcdef\r\n0\r\n\r\n"), [400]),
    "a chunk extension without an end": (chunked(b"4;" + b"x" * 100_000), [400]),
    "thousands of trailers": (chunked(b"0\r\n", b"X: y\r\n" * 5000, b"\r\n"), [431]),
    "junk behind a request": (get() + b"\xff\xfe\x00", [200, 400]),
}


@pytest.mark.parametrize(("sent", "expected"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_request_is_refused_and_closed(scene: Siege, sent: bytes, expected: list[int]) -> None:
    assert statuses(run(talk(scene.port, sent))) == expected


KEYED: dict[str, tuple[bytes, list[int]]] = {
    "an absolute target": (b"http://elsewhere/health", [200]),
    "an absolute target that is none": (b"http://[::1/health", [404]),
    "a target of another scheme": (b"ftp://elsewhere/health", [404]),
    "4 KB of %": (b"/v1/messages?contact=" + b"%" * 3900, [422]),
    "an escape that is none": (b"/v1/messages/%zz", [422]),
    "NUL in an id": (b"/v1/messages/%00", [422]),
    "NUL in every parameter": (b"/v1/messages?owner=%00&contact=%00&query=%00&limit=%00", [422]),
    "invalid UTF-8 in a parameter": (b"/v1/webhooks?query=%ff%fe", [200]),
    "a parameter a thousand times": (b"/v1/webhooks?limit=1" + b"&limit=1" * 400, [200]),
    "a climb out of the path": (b"/v1/../../../etc/passwd", [404]),
    "a doubled slash": (b"//v1//phones", [404]),
}


@pytest.mark.parametrize(("target", "expected"), KEYED.values(), ids=KEYED)
def test_an_odd_target_is_answered(scene: Siege, target: bytes, expected: list[int]) -> None:
    key = b"x-api-key: " + scene.served.user_key.encode()
    assert statuses(run(talk(scene.port, get(target, CLOSE, key)))) == expected


# -- bodies --------------------------------------------------------------------------------------------------


def message(**changes: Any) -> bytes:
    return json.dumps({"from": "+18005550199", "to": "+18005550100", "content": "hi", **changes}).encode()


GZIP = b"Content-Encoding: gzip"
MULTIPART = b"Content-Type: multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.csv"\r\n\r\n'
BODIES: dict[str, tuple[Sequence[bytes], int]] = {
    "a gzip bomb": ((gzip.compress(bytes(100 * MIB)), GZIP), 400),
    "a gzip bomb in a gzip bomb": ((gzip.compress(gzip.compress(bytes(100 * MIB))), GZIP), 400),
    "a gzip bomb of JSON": ((gzip.compress(b'{"content":"' + b"x" * 5 * MIB + b'"}'), GZIP), 400),
    "gzip that is none": ((b"none", GZIP), 400),
    "gzip that breaks off": ((gzip.compress(message())[:-5], GZIP), 400),
    "an unknown coding": ((message(), b"Content-Encoding: br"), 400),
    "invalid UTF-8": ((message().replace(b"hi", b"\xff\xfe\xed\xa0\x80"),), 200),
    "NUL in the text": ((message(content="a\0b"),), 500),
    "lone surrogates": ((message(content="\ud800"),), 200),
    "a byte order mark": ((b"\xef\xbb\xbf" + message(),), 400),
    "UTF-16": ((message().decode().encode("utf-16"),), 400),
    "100,000 brackets": ((b"[" * 100_000,), 400),
    "100,000 braces": ((b'{"a":' * 100_000,), 400),
    "a text deep inside brackets": ((b"[" * 600 + b'"\\ud800"' + b"]" * 600,), 400),
    "a number of 100,000 digits": ((b'{"content":' + b"9" * 100_000 + b"}",), 400),
    "a number of 4,000 digits": ((b'{"content":' + b"9" * 4000 + b"}",), 400),
    "an exponent beyond everything": ((b'{"content":1e999999999}',), 400),
    "290,000 times the same key": ((b"{" + b'"content":"a",' * 290_000 + message()[1:],), 200),
    "300,000 keys": ((b"{" + b",".join(b'"k%d":1' % n for n in range(300_000)) + b"}",), 422),
    "a million objects": ((b"[" + b"{}," * 1_300_000 + b"{}]",), 400),
    "100,000 form fields": ((b"a=b&" * 100_000, b"Content-Type: application/x-www-form-urlencoded"), 422),
    "4 MiB of a number": ((message(**{"from": "1" * (4 * MIB - 100)}),), 422),
}


@pytest.mark.parametrize(("parts", "status"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_a_trap_is_answered(scene: Siege, parts: Sequence[bytes], status: int) -> None:
    with besieged(scene, JSON_MIB_MAX):
        answer = run(talk(scene.port, post(scene, b"/v1/messages/send", *parts)))
    assert statuses(answer) == [status]


def test_long_texts_are_not_kept(scene: Siege) -> None:
    """What remembers numbers and keys must not remember what is none."""
    anonymous = (b"Content-Type: application/json", CLOSE)
    with besieged(scene):
        for number in range(30):
            long = f"{number:03}" * 1_000_000
            answer = run(talk(scene.port, post(scene, b"/v1/messages/send", message(**{"from": long}))))
            assert statuses(answer) == [422]
            body = json.dumps({"x-api-key": long}).encode()
            head = get(b"/v1/messages/send", *anonymous, b"Content-Length: %d" % len(body), method=b"POST")
            assert statuses(run(talk(scene.port, head + body))) == [401]


def sheet(size: int) -> bytes:
    """An Excel file that unpacks to so many bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", bytes(size))
        book.writestr("xl/worksheets/sheet1.xml", bytes(size))
    return packed.getvalue()


UPLOADS: dict[str, Sequence[bytes]] = {
    "no boundary": (PART + b"a,b\r\n--x--", b"Content-Type: multipart/form-data"),
    "another boundary": (PART + b"a,b\r\n--x--", b"Content-Type: multipart/form-data; boundary=y"),
    "no end": (PART + b"a,b", MULTIPART),
    "an end alone": (b"--x--", MULTIPART),
    "nothing": (b"", MULTIPART),
    "no name": (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", MULTIPART),
    "a head without an end": (b"--x\r\n" + b"X" * 100_000, MULTIPART),
    "100,000 boundaries": (b"--x\r\n" * 100_000, MULTIPART),
    "100,000 records": (PART + b"a,b\n" * 100_000 + b"\r\n--x--\r\n", MULTIPART),
    "a sheet that unpacks to 100 MB": (PART.replace(b".csv", b".xlsx") + sheet(50 * MIB) + b"\r\n--x--\r\n", MULTIPART),
    "a sheet that is none": (PART.replace(b".csv", b".xlsx") + b"PK\x03\x04junk\r\n--x--\r\n", MULTIPART),
}


@pytest.mark.parametrize("parts", UPLOADS.values(), ids=UPLOADS)
def test_a_broken_upload_is_refused(scene: Siege, parts: Sequence[bytes]) -> None:
    with besieged(scene):
        (status,) = statuses(run(talk(scene.port, post(scene, b"/v1/bulk-messages", *parts))))
    assert 400 <= status < 500


def test_a_body_above_the_limit_is_refused_however_it_comes(scene: Siege) -> None:
    announced = get(b"/v1/messages/send", b"Content-Length: %d" % (100 * MIB), method=b"POST")
    piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    with besieged(scene):
        assert statuses(run(talk(scene.port, announced))) == [413]  # before a byte of it
        assert statuses(run(talk(scene.port, announced, *[bytes(MIB)] * 100))) in ([413], [])
        assert statuses(run(talk(scene.port, chunked(), *[piece] * 1600))) in ([413], [])
        assert statuses(run(talk(scene.port, chunked(*[piece] * 65)))) == [413]


def test_a_head_without_an_end_is_refused(scene: Siege) -> None:
    with besieged(scene):
        answer = run(talk(scene.port, b"GET /health HTTP/1.1\r\nX: ", *[b"x" * MIB] * 60))
        assert statuses(answer) in ([431], [])


def test_thousands_of_requests_in_a_row_are_answered(scene: Siege) -> None:
    with besieged(scene):
        answer = run(talk(scene.port, get() * 5000 + LAST))
    assert statuses(answer) == [200] * 5001


# -- many at once --------------------------------------------------------------------------------------------

Held = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


async def connected(port: int, count: int, first: bytes) -> Held:
    """So many connections that have said `first` and no more."""
    held: Held = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        held.append((reader, writer))
    return held


async def let_go(held: Held) -> None:
    for _, writer in held:
        writer.transport.abort()
    await asyncio.sleep(0)


async def served_meanwhile(scene: Siege, times: int = 5) -> None:
    """Somebody who comes now is served, as often as that."""
    for _ in range(times):
        await asyncio.to_thread(neighbourly, scene.served)


FIRST_WORDS: dict[str, bytes] = {
    "nothing": b"",
    "half a head": b"GET /health HTTP/1.1\r\nHost: h\r\nX: ",
    "half a small body": get(b"/v1/messages/send", b"Content-Length: 100", method=b"POST") + b"x",
    "half a chunk": chunked(b"ff\r\nx"),
}


@pytest.mark.parametrize("first", FIRST_WORDS.values(), ids=FIRST_WORDS)
def test_a_thousand_who_say_no_more_hinder_nobody(scene: Siege, first: bytes) -> None:
    async def attack() -> None:
        held = await connected(scene.port, 1000, first)
        await served_meanwhile(scene)
        await let_go(held)

    with besieged(scene):
        run(attack())


def test_a_thousand_with_a_request_each_are_all_served(scene: Siege) -> None:
    async def attack() -> list[bytes]:
        held = await connected(scene.port, 1000, b"")
        for _, writer in held:
            writer.write(LAST)
        answers = [await reader.read() for reader, _ in held]
        await let_go(held)
        return answers

    with besieged(scene):
        answers = run(attack())
    assert [statuses(answer) for answer in answers] == [[200]] * 1000


def test_a_hundred_who_send_a_byte_at_a_time_are_served_like_all_others(scene: Siege) -> None:
    body = message(content="slow")
    key = b"x-api-key: " + scene.served.user_key.encode()
    words = get(b"/v1/messages/send", key, CLOSE, b"Content-Length: %d" % len(body), method=b"POST")
    words = words.replace(b"Host: h", b"Content-Type: application/json") + body

    async def attack() -> list[bytes]:
        held = await connected(scene.port, 100, b"")
        for number in range(len(words)):
            for _, writer in held:
                writer.write(words[number : number + 1])
            await asyncio.gather(*(writer.drain() for _, writer in held))
        await served_meanwhile(scene)
        answers = [await reader.read() for reader, _ in held]
        await let_go(held)
        return answers

    with besieged(scene):
        answers = run(attack())
    assert [statuses(answer) for answer in answers] == [[200]] * 100


def test_large_bodies_that_stall_take_no_more_memory_than_there_is_for_all(scene: Siege) -> None:
    """Sixty announce 4 MiB each and send them all, as far as they are taken, but for the last byte."""
    head = get(b"/v1/messages/send", b"Content-Length: %d" % (4 * MIB), method=b"POST")

    async def attack() -> None:
        held = await connected(scene.port, 60, head + bytes(4 * MIB - 1))
        await served_meanwhile(scene, 20)
        await let_go(held)

    with besieged(scene):
        run(attack())


def test_large_answers_that_nobody_fetches_are_dropped(scene: Siege) -> None:
    file = {"name": "a.png", "content_type": "image/png", "content": "A" * 2_000_000}
    received = {"from": "+18005550100", "to": "+18005550199", "content": "", "sim": "SIM1", "attachments": [file]}
    stored = scene.served.ask("/v1/messages/receive", received | {"timestamp": "2026-11-20T10:00:00Z"})
    path = stored["data"]["attachments"][0].removeprefix(scene.served.url).encode()

    async def attack() -> None:
        # More than their kernels hold for them.
        held = await connected(scene.port, 100, get(path) * 8)
        await served_meanwhile(scene, 20)
        await let_go(held)

    with besieged(scene):
        run(attack())


def test_streams_that_nobody_reads_hinder_nobody(scene: Siege) -> None:
    async def attack() -> None:
        held = await connected(scene.port, 200, get(b"/_control/trace?follow=1"))
        await served_meanwhile(scene, 10)
        await let_go(held)

    with besieged(scene):
        run(attack())


@pytest.mark.soak
def test_more_clients_than_the_process_may_have_files_hinder_nobody() -> None:
    """Whoever has said nothing for the longest time makes room."""

    async def attack(scene: Siege) -> None:
        held = await connected(scene.port, 600, b"GET")
        await served_meanwhile(scene)
        await let_go(held)

    with many_files(), siege(wrapper=limited("files=200")) as scene, besieged(scene):
        run(attack(scene))


# -- receivers of webhooks -----------------------------------------------------------------------------------

NOWHERE = [
    *("http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://127.0.0.1:x/", "http://a.bb[", "http://..../"),
    *("http://a..b/", f"http://{'a' * 70}.b/x", "https://127.0.0.1:1/", "a.bb@c:d"),
]


def to(location: bytes) -> bytes:
    return b"HTTP/1.1 307 Temporary Redirect\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location


ODD_ANSWERS = [
    *(
        to(b"http://[::1"),
        to(b""),
        to(b"//127.0.0.1:99999/"),
        to(b"/\xff\xfe"),
        to(b"file:///etc/passwd"),
        b"junk",
        b"",
    ),
    b"HTTP/1.1 500 No\r\nContent-Length: 99999999999999999999\r\n\r\nx",
    b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\n\r\nnone",
]


def give_up_on(scene: Siege, urls: list[str]) -> None:
    """Subscribes all these, and waits until both attempts of each have failed, or one has not."""
    entries = scene.served.follow()
    hooks = [
        {"url": url, "signing_key": "k", "phone_numbers": [NUMBER], "events": ["message.phone.sent"]} for url in urls
    ]
    ids = [scene.served.ask("/v1/webhooks", hook)["data"]["id"] for hook in hooks]
    scene.served.send("Hello")
    left = set(urls)
    while left:
        entry = next(entries)
        facts = entry["facts"]
        if entry["kind"] == "webhook.answered" and (facts["attempt"] == 2 or facts.get("status", 500) < 400):
            left.discard(facts["url"])
    for hook in ids:
        scene.served.ask(f"/v1/webhooks/{hook}", method="DELETE")


def test_webhooks_that_lead_nowhere_hinder_nobody(scene: Siege) -> None:
    with besieged(scene):
        give_up_on(scene, NOWHERE)


@contextlib.contextmanager
def odd_receiver() -> Iterator[str]:
    """Answers `/3` with the third of the odd answers."""

    class Odd(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            line = self.request.recv(MIB).split(b" ", 2)
            self.request.sendall(ODD_ANSWERS[int(line[1][1:])] if line[1][1:].isdigit() else b"")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_receivers_that_answer_with_anything_hinder_nobody(scene: Siege) -> None:
    with odd_receiver() as url, besieged(scene):
        give_up_on(scene, [f"{url}/{number}" for number in range(len(ODD_ANSWERS))])
