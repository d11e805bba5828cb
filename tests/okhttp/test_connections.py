"""Which connection a request takes and where it is sent again: as recorded, by tables, and whatever happens."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from harness.errors import ProtocolError
from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Request, Response, TimedOut
from harness.instants import SECOND
from harness.okhttp.connections import IDLE, IDLE_MAX, Connections, in_turn
from harness.okhttp.events import (
    Abandon,
    Asked,
    Cancelled,
    Cause,
    Close,
    Connect,
    ConnectBroke,
    Event,
    Exchanged,
    Finish,
    Lost,
    NotResolved,
    Number,
    Reached,
    Resolve,
    Resolved,
    Retired,
    Secure,
    Secured,
    Send,
    StreamsLimited,
    Waited,
)
from harness.okhttp.headers import prepare
from tests.okhttp.playing import Network, Sent, play, play_call
from tests.okhttp.recordings import CASES, outcome_of, recorded_requests, request_of

OK = Response(200, (("Content-Length", "0"),))
CLOSED = Closed(sent_all=True)
REFUSED = ConnectFailed("refused")
A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"


def request(authority: str = "h", scheme: str = "http", *, close: bool = False) -> Request:
    made = prepare(Request("POST", scheme, authority, b"/", (("x-api-key", "k"),), b"{}"))
    if close:
        made.headers = tuple((name, "close" if name == "Connection" else value) for name, value in made.headers)
    return made


# -- as recorded -------------------------------------------------------------------------------------------------

# What the recording's resolver said, and where nothing listened.
NAMES = {"twin.test": [A, B], "halfdead.test": [A, B]}
DEAD: dict[str, list[str]] = {"http/two-addresses-first-dead": [A]}
# Here one instance makes several calls: login both numbers, an MMS all attachments.
SHARED: dict[str, Callable[[Request], str]] = {
    "registration/login-two-sims": lambda request: "login",
    "registration/login-two-sims-second-refused": lambda request: "login",
    "attachments/second-missing": lambda request: "files" if request.authority == "files.test" else "",
}
NUMBERED = [case for case in CASES if case["case"].startswith("http/") or case["case"] in SHARED]


def numbering(case: dict[str, Any]) -> list[tuple[int, int]]:
    """(connection, nth) of each request, connections numbered as they come to the gateway."""
    recorded = [request_of(entry) for entry in recorded_requests(case)]
    asked: Counter[str] = Counter()
    rooms: dict[str, Connections] = {}
    numbers: dict[tuple[str, Number], int] = {}
    numbered: list[tuple[int, int]] = []
    while len(numbered) < len(recorded):
        first = recorded[len(numbered)]
        name = SHARED.get(case["case"], lambda _: "")(first) or f"instance {len(rooms)}"
        network = Network(
            lambda _, request: outcome_of(case, request, asked),
            names=NAMES,
            dead=dict.fromkeys(DEAD.get(case["case"], []), REFUSED),
        )
        room = rooms.setdefault(name, Connections())
        network.addresses = {number: A for known, number in numbers if known == name}
        play_call(room, network, first)
        for sent in network.sent:
            number = numbers.setdefault((name, sent.connection), len(numbers) + 1)
            numbered.append((number, sent.nth))
    return numbered


@pytest.mark.cases
@pytest.mark.parametrize("case", NUMBERED, ids=lambda case: case["case"])
def test_connections_are_numbered_as_recorded(case: dict[str, Any]) -> None:
    recorded = [(entry["connection"], entry["nth_on_connection"]) for entry in recorded_requests(case)]
    assert numbering(case) == recorded


# -- which connection ----------------------------------------------------------------------------------------------

# What is asked one after the other (authority, scheme), what is answered, and (connection, nth) of each.
TWICE = [("h", "http")] * 2
REUSE: list[tuple[str, list[tuple[str, str]], Outcome, list[tuple[int, int]]]] = [
    ("the same place", TWICE, OK, [(1, 1), (1, 2)]),
    ("the same port, said or not", [("h", "http"), ("H:80", "http")], OK, [(1, 1), (1, 2)]),
    ("another port", [("h", "http"), ("h:81", "http")], OK, [(1, 1), (2, 1)]),
    ("another scheme", [("h:81", "http"), ("h:81", "https")], OK, [(1, 1), (2, 1)]),
    ("another host", [("h", "http"), ("i", "http"), ("h", "http")], OK, [(1, 1), (2, 1), (1, 2)]),
    ("the server says close", TWICE, Response(200, (("connection", "Close"),)), [(1, 1), (2, 1)]),
    ("the body breaks off", TWICE, BodyBroken(OK, b""), [(1, 1), (2, 1)]),
    ("no answer in time", TWICE, TimedOut("read"), [(1, 1), (2, 1)]),
    ("no answer at all", TWICE, CLOSED, [(1, 1), (2, 1)]),
]


@pytest.mark.parametrize(("asked", "answer", "expected"), [case[1:] for case in REUSE], ids=[case[0] for case in REUSE])
def test_a_connection_is_used_again_for_the_same_place_if_it_can_be(
    asked: list[tuple[str, str]], answer: Outcome, expected: list[tuple[int, int]]
) -> None:
    room, network = Connections(), Network(lambda *_: answer)
    for authority, scheme in asked:
        assert play(room, network, request(authority, scheme)) == answer
    assert [(sent.connection, sent.nth) for sent in network.sent] == expected


def test_a_request_that_says_close_leaves_no_connection() -> None:
    room, network = Connections(), Network(lambda *_: OK)
    assert play(room, network, request(close=True)) == OK
    assert (room.is_empty, network.closed) == (True, [1])


def test_what_the_server_cannot_go_on_with_is_not_kept() -> None:
    """HTTP/1.0, or bytes behind the answer: the connection itself knows."""
    room, network = Connections(), Network(lambda *_: Exchanged(0, OK, reusable=False))
    assert play(room, network, request()) == OK
    assert room.is_empty


def test_the_oldest_free_connection_is_taken_first() -> None:
    room = Connections()
    for call in (1, 2):
        begin(room, call)
    for call in (2, 1):
        room.feed(Exchanged(call, OK, reusable=True), 0)
    assert room.feed(Asked(3, request()), 0) == [Send(3, 1, 2)]
    assert room.feed(Asked(4, request()), 0) == [Send(4, 2, 2)]


def begin(room: Connections, call: int, authority: str = "h") -> None:
    """A request is on a connection of its own."""
    play_until_sent(room, call, request(authority), Network(lambda *_: OK))


def play_until_sent(room: Connections, call: int, asked: Request, network: Network, now: int = 0) -> Send:
    event: Event = Asked(call, asked)
    while not isinstance(step := room.feed(event, now)[-1], Send):
        event = network.take(step, asked)
    return step


# -- sent again ----------------------------------------------------------------------------------------------------


def refused() -> Exchanged:
    return Exchanged(0, CLOSED, reusable=True, cause="refused")


def broken(cause: Cause) -> Exchanged:
    return Exchanged(0, CLOSED, cause=cause)


# Addresses, those where nobody listens, what each request in turn meets; where they went, and what came of it.
RESENT: list[tuple[str, list[str], dict[str, Outcome], list[Outcome | Exchanged], list[str], Outcome]] = [
    ("the first address is dead", [A, B], {A: REFUSED}, [OK], [B], OK),
    ("connecting to it takes too long", [A, B], {A: TimedOut("connect")}, [OK], [B], OK),
    ("its TLS fails", [A, B], {A: ConnectFailed("tls")}, [OK], [B], OK),
    ("all are dead: the first one's failure", [A, B], {A: REFUSED, B: TimedOut("connect")}, [], [], REFUSED),
    ("closed without an answer", [A, B], {}, [CLOSED, OK], [A, B], OK),
    ("each of three closes", [A, B, C], {}, [CLOSED] * 3, [A, B, C], CLOSED),
    ("closed, and there is no other", [A], {}, [CLOSED], [A], CLOSED),
    ("closed, and the other is dead", [A, B], {B: REFUSED}, [CLOSED], [A], REFUSED),
    ("no answer in time", [A, B], {}, [TimedOut("read")], [A], TimedOut("read")),
    ("not sent in time", [A, B], {}, [TimedOut("write")], [A], TimedOut("write")),
    ("no HTTP", [A, B], {}, [broken("garbled")], [A], CLOSED),
    ("half an answer", [A, B], {}, [BodyBroken(OK, b"")], [A], BodyBroken(OK, b"")),
    ("no address", [], {}, [], [], ConnectFailed("resolve")),
]


def told(answers: list[Outcome | Exchanged]) -> Callable[[str, Request], Outcome | Exchanged]:
    left = iter(answers)
    return lambda *_: next(left)


@pytest.mark.parametrize(
    ("names", "dead", "met", "addresses", "outcome"), [case[1:] for case in RESENT], ids=[case[0] for case in RESENT]
)
def test_a_request_is_sent_again_only_where_another_route_exists(
    names: list[str],
    dead: dict[str, Outcome],
    met: list[Outcome | Exchanged],
    addresses: list[str],
    outcome: Outcome,
) -> None:
    room = Connections()
    network = Network(told(met), names={"h": names}, dead=dead)
    assert play(room, network, request()) == outcome
    assert [sent.address for sent in network.sent] == addresses
    assert len(room.idle) == (outcome == OK)


# What an idle connection meets at the next request, and what the connections after it do.
STALE: list[tuple[str, list[Outcome | Exchanged], list[tuple[int, int]], Outcome]] = [
    ("it is dead", [CLOSED, OK], [(1, 2), (2, 1)], OK),
    ("the fresh one dies too", [CLOSED, CLOSED, CLOSED], [(1, 2), (2, 1), (3, 1)], CLOSED),
    ("no answer in time", [TimedOut("read")], [(1, 2)], TimedOut("read")),
    ("no HTTP", [broken("garbled")], [(1, 2)], CLOSED),
]


@pytest.mark.parametrize(("met", "sent", "outcome"), [case[1:] for case in STALE], ids=[case[0] for case in STALE])
def test_an_idle_connection_that_turns_out_dead_is_replaced(
    met: list[Outcome | Exchanged], sent: list[tuple[int, int]], outcome: Outcome
) -> None:
    """A route that has answered before is tried again at once, and then whatever the resolver says."""
    room = Connections()
    assert play(room, Network(lambda *_: OK), request()) == OK
    network = Network(told(met), addresses={1: A})
    assert play(room, network, request()) == outcome
    assert [(each.connection, each.nth) for each in network.sent] == sent


def test_an_address_that_did_not_answer_is_tried_last_the_next_time() -> None:
    room = Connections()
    network = Network(told([CLOSED, OK, OK]), names={"h": [A, B]})
    play(room, network, request(close=True))
    play(room, network, request(close=True))
    assert [sent.address for sent in network.sent] == [A, B, B]


ORDERS = [
    (["192.0.2.1", "192.0.2.2"], ["192.0.2.1", "192.0.2.2"]),
    (["::2", "::1"], ["::2", "::1"]),
    (["192.0.2.1", "192.0.2.2", "::1"], ["::1", "192.0.2.1", "192.0.2.2"]),
    (["::1", "::2", "::3", "192.0.2.1"], ["::1", "192.0.2.1", "::2", "::3"]),
    ([], []),
]


@pytest.mark.parametrize(("addresses", "ordered"), ORDERS)
def test_both_kinds_of_addresses_are_tried_in_turn(addresses: list[str], ordered: list[str]) -> None:
    assert in_turn(addresses) == ordered


# -- several addresses at once -------------------------------------------------------------------------------------

RACE: list[tuple[Event, list[object]]] = [
    (Asked(1, request()), [Resolve(1, "h")]),
    (Resolved(1, (A, B, C)), [Connect(1, 1, A, 80, others=True)]),
    (Waited(1), [Connect(1, 2, B, 80, others=True)]),
    (ConnectBroke(1, 1, REFUSED), []),
    (Waited(1), [Connect(1, 3, C, 80, others=False)]),
    (Waited(1), []),
    (Reached(1, 3), [Abandon(2), Send(1, 3, 1)]),
    (Exchanged(1, CLOSED), [Close(3), Connect(1, 4, B, 80, others=False)]),
    (ConnectBroke(1, 4, TimedOut("connect")), [Finish(1, TimedOut("connect"))]),
]


def test_after_a_quarter_of_a_second_the_next_address_is_tried_beside_the_first() -> None:
    room = Connections()
    for event, actions in RACE:
        assert room.feed(event, 0) == actions, event
    assert room.is_empty


def test_over_tls_the_race_ends_before_the_handshake_and_a_loser_has_its_turn_after_it() -> None:
    room = Connections()
    script: list[tuple[Event, list[object]]] = [
        (Asked(1, request("h", "https")), [Resolve(1, "h")]),
        (Resolved(1, (A, B)), [Connect(1, 1, A, 443, others=True)]),
        (Waited(1), [Connect(1, 2, B, 443, others=False)]),
        (Reached(1, 2), [Abandon(1), Secure(1, 2, "h")]),
        (ConnectBroke(1, 2, ConnectFailed("tls")), [Connect(1, 3, A, 443, others=False)]),
        (Reached(1, 3), [Secure(1, 3, "h")]),
        (Secured(1, 3), [Send(1, 3, 1)]),
    ]
    for event, actions in script:
        assert room.feed(event, 0) == actions, event


def test_a_connection_that_becomes_free_is_taken_instead_of_the_next_address() -> None:
    room = Connections()
    begin(room, 1)
    script: list[tuple[Event, list[object]]] = [
        (Asked(2, request()), [Resolve(2, "h")]),
        (Resolved(2, (A, B)), [Connect(2, 2, A, 80, others=True)]),
        (Exchanged(1, OK, reusable=True), [Finish(1, OK)]),
        (Waited(2), [Abandon(2), Send(2, 1, 2)]),
    ]
    for event, actions in script:
        assert room.feed(event, 0) == actions, event


# -- idle connections ----------------------------------------------------------------------------------------------


def test_an_idle_connection_closes_after_five_minutes() -> None:
    room, network = Connections(), Network(lambda *_: OK)
    play(room, network, request("a"), now=0)
    play(room, network, request("b"), now=10 * SECOND)
    play(room, network, request("a"), now=20 * SECOND)
    assert (room.idle, room.next_close_at) == ([2, 1], 10 * SECOND + IDLE)
    assert room.close_old(10 * SECOND + IDLE - 1) == []
    assert room.close_old(10 * SECOND + IDLE) == [Close(2)]
    assert room.close_old(20 * SECOND + IDLE) == [Close(1)]
    assert (room.is_empty, room.next_close_at) == (True, None)


def test_of_more_than_five_idle_connections_the_one_that_idles_longest_closes() -> None:
    room, network = Connections(), Network(lambda *_: OK)
    for number in range(IDLE_MAX + 2):
        play(room, network, request(f"h{number}"), now=number)
    assert network.closed == [1, 2]
    assert room.idle == [3, 4, 5, 6, 7]


def test_an_idle_connection_that_is_lost_is_taken_no_more() -> None:
    room, network = Connections(), Network(lambda *_: OK)
    play(room, network, request())
    assert room.feed(Lost(1), 0) == []
    assert room.is_empty
    play(room, network, request())
    assert [(sent.connection, sent.nth) for sent in network.sent] == [(1, 1), (2, 1)]
    assert room.feed(Lost(99), 0) == []


def test_without_idle_life_every_connection_closes_at_once() -> None:
    room, network = Connections(idle=0), Network(lambda *_: OK)
    play(room, network, request())
    assert (network.closed, room.is_empty) == ([1], True)


# -- HTTP/2 --------------------------------------------------------------------------------------------------------


def over_http2(met: list[Outcome | Exchanged], names: list[str]) -> tuple[Outcome, list[Sent]]:
    """A request over an HTTP/2 connection of its own."""
    network = Network(told(met), names={"h": names}, multiplexes=True)
    return play(Connections(), network, request("h", "https")), network.sent


HTTP2: list[tuple[str, list[Outcome | Exchanged], list[str], list[tuple[int, str]], Outcome]] = [
    ("refused once", [refused(), OK], [A, B], [(1, A), (1, A)], OK),
    ("refused twice", [refused(), refused(), OK], [A, B], [(1, A), (1, A), (2, B)], OK),
    ("refused, and there is no other address", [refused()], [A], [(1, A)], CLOSED),
    ("reset", [broken("reset"), OK], [A, B], [(1, A), (2, B)], OK),
    ("the connection breaks", [broken("broke"), OK], [A, B], [(1, A), (2, B)], OK),
    ("no new streams", [broken("shutdown"), OK], [A, B], [(1, A), (2, B)], OK),
    ("no answer in time", [TimedOut("read")], [A, B], [(1, A)], TimedOut("read")),
]


@pytest.mark.parametrize(
    ("met", "names", "sent", "outcome"), [case[1:] for case in HTTP2], ids=[case[0] for case in HTTP2]
)
def test_a_stream_is_sent_again_on_the_same_connection_or_to_another_address(
    met: list[Outcome | Exchanged], names: list[str], sent: list[tuple[int, str]], outcome: Outcome
) -> None:
    got, streams = over_http2(met, names)
    assert (got, [(each.connection, each.address) for each in streams]) == (outcome, sent)


def http2_room(*calls: int) -> Connections:
    """An instance with these calls on its one HTTP/2 connection."""
    room, network = Connections(), Network(lambda *_: OK, multiplexes=True)
    for nth, call in enumerate(calls, start=1):
        assert play_until_sent(room, call, request("h", "https"), network) == Send(call, 1, nth)
    return room


def test_one_connection_carries_several_streams() -> None:
    room = http2_room(1, 2, 3)
    for call in (2, 1):
        assert room.feed(Exchanged(call, OK, reusable=True), 0) == [Finish(call, OK)]
        assert room.idle == []
    room.feed(Exchanged(3, TimedOut("read"), reusable=True), 0)
    assert room.idle == [1]


def test_a_server_may_limit_the_streams() -> None:
    room = http2_room(1, 2)
    room.feed(StreamsLimited(1, 2), 0)
    assert room.feed(Asked(3, request("h", "https")), 0) == [Resolve(3, "h")]
    room.feed(Exchanged(1, OK, reusable=True), 0)
    assert room.feed(Asked(4, request("h", "https")), 0) == [Send(4, 1, 3)]


def test_a_connection_that_goes_away_ends_its_streams_and_takes_no_more() -> None:
    room = http2_room(1, 2)
    assert room.feed(Retired(1), 0) == []
    assert room.feed(Asked(3, request("h", "https")), 0) == [Resolve(3, "h")]
    assert room.feed(Exchanged(1, OK, reusable=True), 0) == [Finish(1, OK)]
    assert room.feed(Exchanged(2, OK, reusable=True), 0) == [Close(1), Finish(2, OK)]
    assert room.feed(Retired(1), 0) == []


def test_of_two_connections_that_began_at_the_same_time_one_is_enough() -> None:
    room, network = Connections(), Network(lambda *_: OK, multiplexes=True)
    asked = request("h", "https")
    for call in (1, 2):
        room.feed(Asked(call, asked), 0)
        room.feed(Resolved(call, (A,)), 0)
        room.feed(Reached(call, call), 0)
    assert room.feed(Secured(2, 2, multiplexed=True), 0) == [Send(2, 2, 1)]
    assert room.feed(Secured(1, 1, multiplexed=True), 0) == [Close(1), Send(1, 2, 2)]
    assert network.sent == []


# -- whatever happens ----------------------------------------------------------------------------------------------

STATES: list[tuple[str, list[Event], Event]] = [
    ("no such call", [], Resolved(1, (A,))),
    ("asked twice", [Asked(1, request())], Asked(1, request())),
    ("not connecting yet", [Asked(1, request())], Reached(1, 1)),
    ("resolved twice", [Asked(1, request()), Resolved(1, (A,))], NotResolved(1, REFUSED)),
    ("another connection", [Asked(1, request()), Resolved(1, (A,))], Reached(1, 2)),
    ("not sent yet", [Asked(1, request()), Resolved(1, (A,))], Exchanged(1, OK)),
    ("nothing to secure", [Asked(1, request()), Resolved(1, (A,)), Reached(1, 1)], Secured(1, 1)),
    ("already sent", [Asked(1, request()), Resolved(1, (A,)), Reached(1, 1)], Waited(1)),
    (
        "another one is secured",
        [Asked(1, request("h", "https")), Resolved(1, (A,)), Reached(1, 1)],
        Secured(1, 2),
    ),
    (
        "another one breaks",
        [Asked(1, request("h", "https")), Resolved(1, (A,)), Reached(1, 1)],
        ConnectBroke(1, 2, REFUSED),
    ),
    ("cancelled", [Asked(1, request()), Cancelled(1)], Cancelled(1)),
]


def snapshot(room: Connections) -> object:
    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        slots = getattr(type(value), "__slots__", None)
        if slots and not isinstance(value, tuple):
            return [(name, plain(getattr(value, name))) for name in slots]
        return copy.copy(value)

    return plain(vars(room))


@pytest.mark.parametrize(("before", "event"), [case[1:] for case in STATES], ids=[case[0] for case in STATES])
def test_an_event_that_cannot_happen_raises_and_changes_nothing(before: list[Event], event: Event) -> None:
    room = Connections()
    for each in before:
        room.feed(each, 0)
    unchanged = snapshot(room)
    with pytest.raises(ProtocolError):
        room.feed(event, 0)
    assert snapshot(room) == unchanged


CANCELLED: list[tuple[list[Event], list[object]]] = [
    ([Asked(1, request())], []),
    ([Asked(1, request()), Resolved(1, (A, B)), Waited(1)], [Abandon(1), Abandon(2)]),
    ([Asked(1, request("h", "https")), Resolved(1, (A,)), Reached(1, 1)], [Abandon(1)]),
    ([Asked(1, request()), Resolved(1, (A,)), Reached(1, 1)], [Close(1)]),
]


@pytest.mark.parametrize(("before", "actions"), CANCELLED)
def test_a_call_that_is_cancelled_leaves_nothing(before: list[Event], actions: list[object]) -> None:
    room = Connections()
    for event in before:
        room.feed(event, 0)
    assert room.feed(Cancelled(1), 0) == actions
    assert room.is_empty


def test_a_stream_that_is_cancelled_leaves_its_connection() -> None:
    room = http2_room(1)
    assert room.feed(Cancelled(1), 0) == []
    assert room.idle == [1]


PLACES = [("a", "http"), ("b", "http"), ("a", "https")]
OUTCOMES: list[tuple[Outcome, bool, Cause]] = [
    (OK, True, "broke"),
    (OK, False, "broke"),
    (BodyBroken(OK, b""), False, "broke"),
    (TimedOut("read"), False, "broke"),
    *((CLOSED, False, cause) for cause in ("broke", "garbled", "refused", "reset", "shutdown")),  # type: ignore[misc]
]


class Anything(RuleBasedStateMachine):
    """Plays a driver that obeys, in a network where anything happens, beside a plain account of what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Connections()
        self.now = 0
        self.calls = 0
        self.steps: dict[int, object] = {}  # what each call waits for
        self.racing: dict[int, set[Number]] = {}
        self.open: dict[Number, str] = {}  # "h1" | "h2"
        self.carries: dict[Number, set[int]] = {}
        self.places: dict[int, tuple[str, str]] = {}
        self.place_of: dict[Number, tuple[str, str]] = {}
        self.sent: Counter[Number] = Counter()
        self.finished: set[int] = set()
        self.retired: set[Number] = set()

    def feed(self, event: Event) -> None:
        actions = self.room.feed(event, self.now)
        for place, action in enumerate(actions):
            match action:
                case Close(connection):
                    self.open.pop(connection, None)
                    assert not self.carries.get(connection)
                case Abandon(connection):
                    assert any(connection in racers for racers in self.racing.values())
                    for racers in self.racing.values():
                        racers.discard(connection)
                case _:
                    assert place == len(actions) - 1
                    self.step(action)

    def step(self, action: object) -> None:
        match action:
            case Finish(call, _):
                assert call not in self.finished
                assert not self.racing.pop(call)
                self.finished.add(call)
                del self.steps[call]
            case Send(call, connection, nth):
                assert self.open[connection] == "h2" or not self.carries[connection]
                assert connection not in self.retired
                assert self.place_of[connection] == self.places[call]
                assert not self.racing[call]
                self.sent[connection] += 1
                assert nth == self.sent[connection]
                self.carries[connection].add(call)
                self.steps[call] = action
            case Connect(call, connection, _, _, _):
                self.racing[call].add(connection)
                self.steps[call] = action
            case Resolve(call) | Secure(call):
                self.steps[call] = action

    @rule(place=st.sampled_from(PLACES))
    def ask(self, place: tuple[str, str]) -> None:
        self.calls += 1
        self.places[self.calls] = place
        self.racing[self.calls] = set()
        self.feed(Asked(self.calls, request(*place)))

    @precondition(lambda self: self.steps)
    @rule(data=st.data(), count=st.integers(0, 3), multiplexed=st.booleans(), done=st.sampled_from(OUTCOMES))
    def go_on(self, data: st.DataObject, count: int, multiplexed: bool, done: tuple[Outcome, bool, Cause]) -> None:
        call = data.draw(st.sampled_from(sorted(self.steps)))
        match self.steps[call]:
            case Resolve():
                self.feed(Resolved(call, (A, B, C)[:count]) if count else NotResolved(call, ConnectFailed("resolve")))
            case Connect():
                connection = data.draw(st.sampled_from(sorted(self.racing[call])))
                self.racing[call].discard(connection)
                if not count:
                    self.feed(ConnectBroke(call, connection, REFUSED))
                    return
                if self.places[call][1] == "http":
                    self.opened(call, connection, "h1")
                self.feed(Reached(call, connection))
            case Secure(_, connection):
                if not count:
                    self.feed(ConnectBroke(call, connection, ConnectFailed("tls")))
                    return
                self.opened(call, connection, "h2" if multiplexed else "h1")
                self.feed(Secured(call, connection, multiplexed))
            case Send(_, connection):
                self.carries[connection].discard(call)
                self.feed(Exchanged(call, *done))

    def opened(self, call: int, connection: Number, kind: str) -> None:
        self.open[connection] = kind
        self.carries[connection] = set()
        self.place_of[connection] = self.places[call]

    @precondition(lambda self: any(self.racing.values()))
    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        self.feed(Waited(data.draw(st.sampled_from(sorted(call for call, racers in self.racing.items() if racers)))))

    @precondition(lambda self: self.steps)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(sorted(self.steps)))
        step = self.steps.pop(call)
        if isinstance(step, Secure):
            self.racing[call].add(step.connection)
        for calls in self.carries.values():
            calls.discard(call)
        self.feed(Cancelled(call))
        assert not self.racing.pop(call)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), lost=st.booleans())
    def go_away(self, data: st.DataObject, lost: bool) -> None:
        connection = data.draw(st.sampled_from(sorted(self.open)))
        self.retired.add(connection)
        self.feed(Lost(connection) if lost else Retired(connection))
        if lost:
            self.open.pop(connection, None)

    @rule(seconds=st.integers(1, 200))
    def pass_time(self, seconds: int) -> None:
        self.now += seconds * SECOND
        for close in self.room.close_old(self.now):
            assert not self.carries[close.connection]
            del self.open[close.connection]

    @invariant()
    def idle_connections_are_open_few_and_young(self) -> None:
        idle = self.room.idle
        assert len(idle) <= IDLE_MAX
        assert all(number in self.open and not self.carries[number] for number in idle)
        assert self.room.next_close_at is None or self.room.next_close_at > self.now

    @invariant()
    def nothing_is_forgotten(self) -> None:
        carrying = {number for number, calls in self.carries.items() if calls and number in self.open}
        assert set(self.open) == carrying | set(self.room.idle)
        assert self.room.is_empty == (not self.open and not self.steps)


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
