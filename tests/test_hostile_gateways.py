"""A phone whose gateway answers nonsense, over real sockets: it does what the app does, lives on, and leaks nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import re
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.http_client import HttpClient
from harness.adapters.live import LiveDriver
from harness.cast import PhoneSpec
from harness.handset import add_handset
from harness.instants import SECOND, ns
from harness.modem import Smsc
from harness.parties import CallNumber, Contact, WriteText
from harness.phone import (
    ChangeSettings,
    LogIn,
    LogOut,
    NewRegistrationToken,
    Phone,
    ResumeApp,
    SendHeartbeat,
    SwitchSim,
)  # fmt: skip
from harness.phone.jobs import Fetch, Forward, MissedCall, Report
from harness.phone.work import State
from harness.trace import Entry, Trace
from harness.wire.fcm import MESSAGE_ID, PushReceived
from harness.world import OUTSIDE, World
from tests.adapters.moved_loop import MovedLoop, move
from tests.adapters.raw_server import Peer, raw_server
from tests.nonsense import NONSENSE, STALLS, Meaning, Nonsense, Sane, head, whole
from tests.phone.kit import ALICE, BOB, outstanding
from tests.processes import start

KEY, PHRASE = "pk-very-secret", "phrase-very-secret"
PHONE = "phone:alice"
IMAGE = b"\x89PNG" + bytes(100)
STORED = b'{"data": null, "message": "stored", "status": "success"}'
TAKEN = b'{"data": {"id": "1", "user_id": "u"}, "message": "m", "status": "s"}'
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: listening\ndata: {}\n\n"
BACKOFF = 30 * SECOND
PATIENCE_S = 3600  # of the loop's time
PROCESS_S = 300
SLACK = 10
M = Meaning


# -- the scene -----------------------------------------------------------------------------------------------


@dataclass
class Gateway:
    """Answers sanely, but for the requests named in `nonsense`. `requests` are the names of all, streams excepted."""

    nonsense: dict[str, Nonsense] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    stream: Callable[[Peer], Awaitable[None]] | None = None
    streams: list[Peer] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)

    async def talk(self, peer: Peer) -> None:
        self.peers.append(peer)
        while request := await peer.request():
            line, _, _ = request.partition(b"\r\n")
            _, target, _ = line.split(b" ")
            name = name_of(target.decode())
            if name == "stream":
                self.streams.append(peer)
                await (self.stream or listen)(peer)
                return
            self.requests.append(name)
            nonsense = self.nonsense.get(name)
            sane = self._sane(name, target)
            if nonsense is not None:
                await nonsense.say(peer, sane)
                await peer.writer.drain()
                return
            peer.send(head(sane, length=len(sane.body)) + sane.body)

    def _sane(self, name: str, target: bytes) -> Sane:
        match name:
            case "fetch":
                message_id = target.rpartition(b"=")[2].decode()
                answer = outstanding(id=message_id, attachments=self.attachments or None)
                return Sane(b"application/json; charset=utf-8", answer.body, target)
            case "token":
                return Sane(b"application/json", TAKEN, target)
            case "file":
                return Sane(b"image/png", IMAGE, target)
            case _:
                return Sane(b"application/json", STORED, target)


PATHS = {
    "/stream": "stream", "/v1/phones/fcm-token": "token", "/v1/messages/outstanding": "fetch",
    "/v1/messages/receive": "receive", "/v1/messages/calls/missed": "call", "/v1/heartbeats": "heartbeat",
}  # fmt: skip


def name_of(target: str) -> str:
    path = target.partition("?")[0]
    return PATHS.get(path) or ("event" if path.endswith("/events") else "file")


async def listen(peer: Peer) -> None:
    peer.send(STREAM)
    await peer.reader.read()


@dataclass
class Scene:
    """A phone that is logged in, its driver on a clock that can be moved, and the gateway."""

    gateway: Gateway
    driver: LiveDriver
    client: HttpClient
    port: int
    messages: int = 0

    @property
    def phone(self) -> Phone:
        phone = self.driver.world.cores[PHONE]
        assert isinstance(phone, Phone)
        return phone

    @property
    def entries(self) -> list[Entry]:
        return list(self.driver.world.trace.entries)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries if entry.hop == "phone"]

    def tell(self, event: Any, core: str = PHONE) -> None:
        self.driver.tell(core, event)

    def push(self) -> str:
        self.messages += 1
        message_id = f"message-{self.messages}"
        self.tell(PushReceived(self.phone.settings.registration_token, ((MESSAGE_ID, message_id),)))
        return message_id

    async def settle(self, *, moving_s: float = 0.0) -> None:
        """Until nothing is due within a second and no request is under way."""
        world = self.driver.world
        while True:
            await asyncio.sleep(0)
            due_at = world.next_due_at
            if due_at is not None and due_at <= self.driver.now:
                continue
            if world.open_calls:
                if moving_s:
                    await move(moving_s)
                continue
            if due_at is None or due_at > self.driver.now + SECOND:
                return
            self.driver.advance(due_at - self.driver.now)

    async def do(self, act: Callable[[Scene], object], *, moving_s: float = 0.0) -> list[Entry]:
        """What the trace tells of it."""
        mark = len(self.entries)
        self.gateway.requests.clear()
        act(self)
        await self.settle(moving_s=moving_s)
        return self.entries[mark:]

    async def later(self, duration: int) -> list[Entry]:
        return await self.do(lambda scene: scene.driver.advance(duration))

    def leftovers(self) -> tuple[int, int, int]:
        """Open connections and files of this process, and tasks."""
        files = "/proc/self/fd"
        count = len(os.listdir(files)) if os.path.isdir(files) else 0
        return self.client.connections, count, len(asyncio.all_tasks())

    async def tidied(self, before: tuple[int, int, int]) -> None:
        """Until nothing more is left than there was."""
        while any(now > then for now, then in zip(self.leftovers(), before, strict=True)):
            await move(0.05)


def _world(url: str) -> World:
    world = World(1, Trace(10_000, hashed=False), start_at=10**18, draws_order=False)
    smsc = Smsc("smsc", world.draws("smsc"))
    world.add(smsc)
    add_handset(world, smsc, PhoneSpec("alice", ALICE, PHRASE), server_url=url, push=OUTSIDE)
    world.add(Contact("contact:bob", world.draws("contact:bob"), BOB))
    world.wire("contact:bob", "smsc", "smsc")
    smsc.directory[BOB] = "contact:bob"
    return world


@contextlib.asynccontextmanager
async def scene_on(gateway: Gateway) -> AsyncIterator[Scene]:
    troubles: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: troubles.append(context))
    begun_at = 10**18 - ns(loop.time())
    client = HttpClient(follows_up=False, linger_s=0.0)
    async with raw_server(gateway.talk) as server, contextlib.AsyncExitStack() as open_things:
        open_things.push_async_callback(client.close)
        url = f"http://127.0.0.1:{server.port}"
        driver = LiveDriver(
            _world(url), client=client, push_url=f"{url}/stream", clock=lambda: begun_at + ns(loop.time())
        )
        async with driver:
            scene = Scene(gateway, driver, client, server.port)
            await log_in(scene)
            scene.tell(SwitchSim(1, "calls", on=True))
            await scene.settle()
            yield scene
    gc.collect()
    assert troubles == []


async def log_in(scene: Scene) -> None:
    """The push service is outside: its answer is waited for."""
    scene.tell(LogIn(KEY))
    await scene.driver.until(lambda: scene.phone.settings.logged_in)
    await scene.settle()


def run(gateway: Gateway, test: Callable[[Scene], Awaitable[None]]) -> None:
    """Patiently: minutes pass in no time."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S), scene_on(gateway) as scene:
            await test(scene)
            shown = "\n".join(scene.driver.world.trace.lines())
            for secret in (KEY, PHRASE, scene.phone.settings.registration_token):
                assert secret not in shown

    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(main())


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is logged, least of all a traceback."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


# -- what the phone is made to ask ---------------------------------------------------------------------------


def fetch(scene: Scene) -> None:
    scene.push()


def download(scene: Scene) -> None:
    scene.gateway.attachments = [f"{scene.url}/1.png"]
    scene.push()


def receive(scene: Scene) -> None:
    scene.tell(WriteText(ALICE, "Hi"), "contact:bob")


def miss_call(scene: Scene) -> None:
    scene.tell(CallNumber(ALICE), "contact:bob")


def beat(scene: Scene) -> None:
    scene.tell(SendHeartbeat())


def upload(scene: Scene) -> None:
    """The main screen finds the last upload too old."""
    scene.tell(ChangeSettings((("token_uploaded_at", 0),)))
    scene.tell(ResumeApp())


def log_in_again(scene: Scene) -> None:
    scene.tell(LogOut())
    scene.tell(LogIn(KEY))


# By the request: what makes the phone make it, and what the trace tells of the end.
ACTS: dict[str, tuple[Callable[[Scene], None], frozenset[str]]] = {
    "fetch": (fetch, frozenset({"fetched", "fetch failed", "submitted"})),
    "event": (fetch, frozenset({"reported", "report lost", "job retried"})),
    "receive": (receive, frozenset({"text forwarded", "text dropped", "job retried"})),
    "call": (miss_call, frozenset({"call forwarded", "call dropped", "job retried"})),
    "heartbeat": (beat, frozenset({"toast"})),
    "token": (upload, frozenset({"registered"})),
    "login": (log_in_again, frozenset({"logged in", "login failed"})),
    "file": (download, frozenset({"failed", "submitted"})),
}

DONE = frozenset({M.SANE, M.READABLE, M.UNTYPED, M.NULL, M.BROKEN})
BROKEN_FAILURES = frozenset({M.ODD_BROKEN, M.CLIENT_BROKEN, M.SERVER_BROKEN})


def expected(name: str, meaning: Meaning) -> list[str]:
    """What the app makes of an answer: the tables in phone-behaviour.md 2.5, and the app's code for broken bodies.

    A failure's body is read for a log, outside of what catches exceptions: if it breaks, the worker dies.
    """
    match name:
        case "fetch":
            return ["fetched", "submitted"] if meaning is M.SANE else ["fetch failed"]
        case "event" if meaning in DONE or meaning is M.GONE:
            return ["reported"]
        case "event":
            return ["report lost"] if meaning is M.NOTHING or meaning in BROKEN_FAILURES else ["job retried"]
        case "receive" if meaning in DONE:
            return ["text forwarded"]
        case "receive":
            dropped = meaning in (M.CLIENT, M.GONE) or meaning in BROKEN_FAILURES
            return ["text dropped"] if dropped else ["job retried"]
        case "call" if meaning in DONE:
            return ["call forwarded"]
        case "call":
            return ["job retried"] if meaning in (M.EARLY, M.ODD, M.SERVER) else ["call dropped"]
        case "heartbeat":
            return ["toast"]
        case "token":
            return ["registered"] if meaning is M.SANE else []
        case "login":
            return ["logged in"] if meaning in (M.SANE, M.NULL) else ["login failed"]
        case "file":
            return ["submitted"] if meaning in (M.SANE, M.READABLE, M.NULL) else ["failed"]
    raise AssertionError(name)


SAID = "Heartbeat sent successfully"
UNSAID = "Could not send heartbeat make sure the phone is connected to the internet"


def toasted(meaning: Meaning) -> str:
    if meaning in DONE:
        return SAID
    return "an exception" if meaning is M.NOTHING or meaning in BROKEN_FAILURES else UNSAID


async def meets(scene: Scene, name: str, nonsense: Nonsense, *, moving_s: float = 0.0) -> str:
    """The phone makes this request and gets nonsense; what it does otherwise than the app, or nothing."""
    act, kinds = ACTS[name]
    before = scene.leftovers()
    path = "token" if name == "login" else name
    scene.gateway.nonsense = {path: nonsense}
    told = await scene.do(act, moving_s=moving_s)
    requests = scene.gateway.requests.count(path)
    scene.gateway.nonsense = {}
    scene.gateway.attachments = []
    got = [entry.kind for entry in told if entry.hop == "phone" and entry.kind in kinds]
    if name == "heartbeat":
        text = str(next(entry.facts["text"] for entry in told if entry.kind == "toast"))
        got.append(text if text in (SAID, UNSAID) else "an exception")
    wanted = expected(name, nonsense.meaning)
    wanted = [*wanted, toasted(nonsense.meaning)] if name == "heartbeat" else wanted
    await scene.tidied(before)
    trouble = "" if got[: len(wanted)] == wanted and set(got) == set(wanted) else f"{name}: {got} for {wanted}"
    texted = any(entry.hop == "contact" and entry.kind == "received" for entry in told)
    if name == "fetch" and texted is not (nonsense.meaning is M.SANE):
        trouble += f" {name}: texted {texted}"
    if requests != nonsense.requests * calls_of(name, told):
        trouble += f" {name}: {requests} requests"
    if not scene.phone.settings.logged_in:
        await log_in(scene)
    return trouble + await made_up_for(scene, "job retried" in got)


def calls_of(name: str, told: list[Entry]) -> int:
    """A text is reported as sent and as delivered; after a login the main screen uploads the token twice."""
    kinds = [entry.kind for entry in told]
    if name == "event":
        return kinds.count("sent") + kinds.count("delivered")
    return 3 if "logged in" in kinds else 1


async def made_up_for(scene: Scene, retried: bool) -> str:
    """A job that is to be tried again waits for half a minute and then succeeds; no other one is left."""
    waiting = [job for job in scene.phone.jobs.values() if isinstance(job.task, Fetch | Report | Forward | MissedCall)]
    if bool(waiting) is not retried or any(job.state is not State.ENQUEUED for job in waiting):
        return f" waiting: {waiting}"
    if not retried:
        return ""
    early = await scene.later(BACKOFF - 5 * SECOND)
    told = await scene.later(5 * SECOND)
    late = {entry.kind for entry in told} & {"reported", "text forwarded", "call forwarded"}
    return "" if late and not any(entry.kind in late for entry in early) else " never made up for"


async def lives_on(scene: Scene) -> None:
    """A sane exchange each way."""
    told = await scene.do(fetch)
    kinds = [entry.kind for entry in told if entry.hop == "phone"]
    assert kinds.count("reported") == 2  # sent, delivered
    told = await scene.do(receive)
    assert [entry.kind for entry in told if entry.hop == "phone"] == ["text received", "text forwarded"]


# -- every request meets every kind of nonsense --------------------------------------------------------------


IN_TURN = [
    # Every request meets a third of the kinds, every kind a third of the requests; in the soak all meet all.
    pytest.param(nonsense, [act for place, act in enumerate(ACTS) if (place + number) % 3 == 0], id=kind)
    for number, (kind, nonsense) in enumerate(NONSENSE.items())
]
ALL = [
    pytest.param(nonsense, list(ACTS), id=f"{kind}, all", marks=pytest.mark.soak) for kind, nonsense in NONSENSE.items()
]


@pytest.mark.parametrize(("nonsense", "names"), [*IN_TURN, *ALL])
def test_the_phone_does_what_the_app_does_and_lives_on(nonsense: Nonsense, names: list[str]) -> None:
    async def test(scene: Scene) -> None:
        troubles = [await meets(scene, name, nonsense) for name in names]
        assert [trouble for trouble in troubles if trouble] == []
        await lives_on(scene)

    run(Gateway(), test)


@pytest.mark.parametrize("nonsense", STALLS.values(), ids=STALLS)
def test_the_phone_waits_ten_seconds_for_more(nonsense: Nonsense) -> None:
    async def test(scene: Scene) -> None:
        troubles = [await meets(scene, name, nonsense, moving_s=0.5) for name in ACTS]
        assert [trouble for trouble in troubles if trouble] == []
        await lives_on(scene)

    run(Gateway(), test)


async def refuse_tls(peer: Peer) -> None:
    await peer.reader.read(1)
    peer.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


async def ignore_tls(peer: Peer) -> None:
    await peer.reader.read()


@pytest.mark.parametrize(
    ("talk", "toast"), [(refuse_tls, "SSLHandshakeException"), (ignore_tls, "SocketTimeoutException")]
)
def test_a_server_that_speaks_no_tls_is_no_server(talk: Callable[[Peer], Awaitable[None]], toast: str) -> None:
    async def move_to(scene: Scene, url: str) -> None:
        await scene.do(lambda scene: scene.tell(ChangeSettings((("server_url", url),))))

    async def test(scene: Scene) -> None:
        async with raw_server(talk) as other:
            await move_to(scene, f"https://{other.authority}")
            told = await scene.do(fetch, moving_s=0.5)
            assert [entry.kind for entry in told if entry.hop == "phone"] == ["pushed", "fetch failed"]
            toasts = [entry.facts["text"] for entry in await scene.do(beat, moving_s=0.5) if entry.kind == "toast"]
            assert toasts == [toast]
        await move_to(scene, scene.url)
        await lives_on(scene)

    run(Gateway(), test)


# -- messages that are whole, but odd ------------------------------------------------------------------------

HALF = "\ud83d"
ODD_MESSAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a text of halves of emoji": ({"content": HALF * 100}, ["submitted", "reported", "reported"]),
    "a text of NULs": ({"content": "\0" * 100}, ["submitted", "reported", "reported"]),
    "a text of 300 signs for one place": ({"content": "a" + "\u0301" * 300}, ["submitted", "reported", "reported"]),
    "a contact of halves": ({"contact": HALF}, ["submitted", "failed", "reported"]),
    "a contact to clear the screen": ({"contact": "\x1b[2J\0\n"}, ["submitted", "reported"]),
    "an id of control characters": ({"id": "\x1b[31m\r\n\0"}, ["submitted", "report lost", "report lost"]),
    "an id of halves": ({"id": HALF}, ["submitted", "report lost", "report lost"]),
    "an id of a million letters": ({"id": "x" * 10**6}, ["submitted", "report lost", "report lost"]),
    "an id that climbs": ({"id": "../../../x"}, ["submitted"]),  # it has dots: that of a segment before the last
    "a SIM of a million letters": ({"sim": "S" * 10**6}, ["submitted", "reported", "reported"]),
    "an attachment nowhere": ({"attachments": [""]}, ["failed", "reported"]),
    "an attachment of halves": ({"attachments": [f"http://{HALF}/{HALF}"]}, ["failed", "reported"]),
    "an attachment behind halves": ({"attachments": [f"http://127.0.0.1:1/{HALF}?{HALF}"]}, ["failed", "reported"]),
    "an attachment at a port beyond numbers": ({"attachments": ["http://a:" + "9" * 5000]}, ["failed", "reported"]),
    "an attachment at a host of 100,000 letters": (
        {"attachments": [f"http://{'a' * 10**5}/"]},
        ["failed", "report lost"],
    ),
    "an attachment of control characters": ({"attachments": ["http://127.0.0.1:1/\0\r\n"]}, ["failed", "reported"]),
    "an attachment in a file": ({"attachments": ["file:///etc/passwd"]}, ["failed", "reported"]),
    "10,000 attachments": ({"attachments": ["x"] * 10_000}, ["failed", "reported"]),
}


@pytest.mark.parametrize(("changes", "kinds"), ODD_MESSAGES.values(), ids=ODD_MESSAGES)
def test_an_odd_message_ends_as_it_may(changes: dict[str, Any], kinds: list[str]) -> None:
    async def test(scene: Scene) -> None:
        odd = whole(outstanding(**changes).body)
        scene.gateway.nonsense = {"fetch": Nonsense(odd, M.SANE)}
        told = await scene.do(fetch)
        seen = ("submitted", "failed", "reported", "report lost")
        got = [entry.kind for entry in told if entry.hop == "phone" and entry.kind in seen]
        assert sorted(got) == sorted(kinds)
        scene.gateway.nonsense = {}
        await lives_on(scene)

    run(Gateway(), test)


# -- pushes --------------------------------------------------------------------------------------------------

ODD_IDS: dict[str, tuple[str, bool]] = {
    "empty": ("", True),
    "of other alphabets": ("Grüße-日本", True),
    "a climb out of the path": ("../../x", True),
    "a question of its own": ("a&b=c?d", True),
    "escaped": ("%00%0d%0a", True),
    "half an escape": ("%0", False),
    "a blank": ("a b", False),
    "control characters": ("a\x1b[31m\r\nX: y\0", False),
    "half an emoji": (HALF, False),
    "a fragment": ("a#b", True),
    "10,000 letters": ("x" * 10_000, True),
}


@pytest.mark.parametrize(("message_id", "asks"), ODD_IDS.values(), ids=ODD_IDS)
def test_an_odd_id_is_asked_for_or_not(message_id: str, asks: bool) -> None:
    def push(scene: Scene) -> None:
        scene.tell(PushReceived(scene.phone.settings.registration_token, ((MESSAGE_ID, message_id),)))

    async def test(scene: Scene) -> None:
        scene.gateway.nonsense = {"fetch": NONSENSE["404 with a page"]}
        told = await scene.do(push)
        assert [entry.kind for entry in told if entry.hop == "phone"] == ["pushed", "fetch failed"]
        assert scene.gateway.requests == ["fetch"] * asks
        scene.gateway.nonsense = {}
        await lives_on(scene)

    run(Gateway(), test)


ODD_STREAMS: dict[str, bytes] = {
    "nothing": b"",
    "500": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"220 hello\r\n",
    "an end at once": STREAM,
    "no wait": STREAM + b"retry: 0\n\n",
    "no events": STREAM + b"\0\xff what: \n\n: \ndata\n\nid: \0\nevent\n\ndata: x\n\ndata: []\n\ndata: {}\n\n",
    "a line without an end": STREAM + b"data: " + b"x" * 3_000_000,
    "an event without an end": STREAM + (b"data: " + b"x" * 99 + b"\n") * 12_000,
    "200,000 line ends": STREAM + b"\n" * 200_000,
    "brackets": STREAM + b"data: " + b"[" * 100_000 + b"\n\n",
    "no texts": STREAM + b'data: {"KEY_MESSAGE_ID": 7}\n\ndata: {"KEY_MESSAGE_ID": null}\n\n',
    "an id of 1 MB": STREAM + b'data: {"KEY_MESSAGE_ID": "' + b"x" * 1_000_000 + b'"}\n\n',
    "a million digits": STREAM + b"data: " + b"9" * 1_000_000 + b"\n\n",
    "unchunked chunks": STREAM.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
}


@pytest.mark.parametrize("said", ODD_STREAMS.values(), ids=ODD_STREAMS)
def test_a_stream_of_nonsense_is_followed_anew_but_not_without_a_pause(said: bytes) -> None:
    async def nonsense(peer: Peer) -> None:
        peer.send(said)
        await peer.writer.drain()

    async def test(scene: Scene) -> None:
        gateway, before = scene.gateway, scene.leftovers()
        gateway.stream = nonsense
        gateway.streams.pop().writer.close()
        begun_at = asyncio.get_running_loop().time()
        while len(gateway.streams) < 5:
            await move(0.001)
        assert asyncio.get_running_loop().time() - begun_at >= 0.4
        gateway.stream, count = None, len(gateway.streams)
        while len(gateway.streams) == count:
            await move(0.1)
        gateway.streams[-1].send(b'data: {"KEY_MESSAGE_ID": "m-1"}\n\n')
        await scene.driver.until(lambda: "submitted" in scene.kinds)
        await scene.settle()
        assert scene.kinds.count("pushed") == 1
        await scene.tidied(before)

    run(Gateway(), test)


def test_a_token_that_is_gone_leaves_no_stream_behind() -> None:
    async def test(scene: Scene) -> None:
        before = scene.leftovers()
        for number in range(20):
            scene.tell(NewRegistrationToken(f"token-{number}"))
            await scene.settle()
        await scene.tidied(before)
        assert len(scene.gateway.streams) > 1

    run(Gateway(), test)


# -- the process ---------------------------------------------------------------------------------------------


async def until(is_so: Callable[[], bool]) -> None:
    """Another process is waited for: what it says comes by a thread, so there is nothing here to wake us."""
    while True:
        if is_so():
            return
        await asyncio.sleep(0.01)


@dataclass
class Told:
    """A phone as a process, and what it has said."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read(self, stream: Any) -> threading.Thread:
        def to_its_end() -> None:
            with stream:
                self.lines.extend(stream)

        thread = threading.Thread(target=to_its_end, daemon=True)
        thread.start()
        return thread

    async def says(self, *words: str) -> None:
        """Waits for a line that has one of them."""
        await until(lambda: self._has_said(words))

    def _has_said(self, words: Sequence[str]) -> bool:
        assert self.process.poll() is None, "".join(self.lines)
        return any(word in line for line in self.lines for word in words)

    def figures(self) -> tuple[float, int]:
        """The most MiB that were resident, and the open files; nothing where the system does not tell."""
        place = Path(f"/proc/{self.process.pid}")
        if not place.exists():
            return 0.0, 0
        found = re.search(r"VmHWM:\s*(\d+) kB", (place / "status").read_text())
        return (int(found[1]) / 1024 if found else 0.0), len(list((place / "fd").iterdir()))


GROWTH_MIB_MAX = 80
ENDS = ("fetch failed", "reported", "report lost", "job retried", "failed")
PATHS_OF_MESSAGES = ("fetch", "event", "file")
LARGE = ("a gzip bomb", "a bomb in gzip in gzip", "100 MiB", "no end", "chunks without an end", "a head of 10 MiB",
         "500 without an end", "100,000 brackets for an id", "90,000 keys more")  # fmt: skip


@pytest.mark.soak
def test_a_phone_as_a_process_lives_through_all_of_it() -> None:
    gateway = Gateway()
    kinds = [NONSENSE[name] for name in dict.fromkeys([*LARGE, *NONSENSE])]

    async def push(told: Told) -> str:
        message_id = f"message-{len(told.lines)}"
        gateway.streams[-1].send(f'data: {{"{MESSAGE_ID}": "{message_id}"}}\n\n'.encode())
        await told.says(*(f"{end} [{message_id}]" for end in ENDS))
        return message_id

    async def lived(told: Told) -> None:
        message_id = await push(told)
        await told.says(f"reported [{message_id}]")

    async def main() -> None:
        async with asyncio.timeout(PROCESS_S), raw_server(gateway.talk) as server:
            url = f"http://{server.authority}"
            arguments = ("--server", url, "--push", f"{url}/stream", "--phone-key", KEY, "--number", ALICE)
            told = Told(start("phone", *arguments, "--encryption-key", PHRASE, life_s=PROCESS_S))
            readers = [told.read(stream) for stream in (told.process.stdout, told.process.stderr)]
            try:
                await told.says("logged in")
                await lived(told)
                before = told.figures()
                for nonsense in kinds:
                    for name in PATHS_OF_MESSAGES:
                        gateway.nonsense = {name: nonsense}
                        gateway.attachments = [f"{url}/1.png"] * (name == "file")
                        await push(told)
                gateway.nonsense, gateway.attachments = {}, []
                await lived(told)
                for said in ODD_STREAMS.values():
                    await stream_breaks(said)
                await lived(told)
                for peer in gateway.peers:
                    peer.writer.close()
                await until(lambda: told.figures()[1] <= before[1] + SLACK)
                grown_mib = told.figures()[0] - before[0]
            finally:
                told.process.send_signal(2)
                code = await asyncio.to_thread(told.process.wait, 30)
                for reader in readers:
                    reader.join()
            assert code == 0
            shown = "".join(told.lines)
            assert [word for word in (KEY, PHRASE, "Traceback", "Error") if word in shown] == []
            assert "\x1b" not in shown
            assert grown_mib < GROWTH_MIB_MAX

    async def stream_breaks(said: bytes) -> None:
        async def nonsense(peer: Peer) -> None:
            peer.send(said)
            await peer.writer.drain()

        count = len(gateway.streams)
        gateway.stream = nonsense
        gateway.streams[-1].writer.close()
        await until(lambda: len(gateway.streams) > count)
        gateway.stream = None
        await until(lambda: len(gateway.streams) > count + 1)

    asyncio.run(main())
