"""Requests and answers come out of bytes the same, however the bytes are cut."""

from __future__ import annotations

import gzip
import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.parse import Ending, Refusal, RequestEvent, RequestHead, RequestParser, ResponseParser
from harness.http.render import chunk_bytes, request_bytes, response_bytes
from harness.http.values import BodyBroken, Closed, Headers, Request, Response

TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
HOST = (("Host", "h"),)


def refusal(status: int, text: str, *, close: bool = True) -> Refusal:
    return Refusal(Response(status, TEXT, text.encode()), close)


BAD = refusal(400, "Bad Request")
UNKNOWN = refusal(501, "Not Implemented", close=False)
TOO_LARGE = refusal(413, "Request Entity Too Large")
LONG_HEAD = refusal(431, "Request Header Fields Too Large")


def request(method: str, target: bytes, headers: Headers = HOST, body: bytes = b"") -> Request:
    return Request(method, "http", "h", target, headers, body)


def head_of(size: int) -> bytes:
    """A request whose head has exactly `size` bytes."""
    start = b"GET / HTTP/1.1\r\nHost: h\r\nX: "
    return start + b"x" * (size - len(start) - 4) + b"\r\n\r\n"


def events_of(parser: RequestParser, *pieces: bytes) -> list[RequestEvent]:
    return [event for piece in pieces for event in parser.feed(piece)]


def outcome(events: list[RequestEvent]) -> list[Request | Refusal]:
    """The events without the heads, which are looked at elsewhere."""
    return [event for event in events if not isinstance(event, RequestHead)]


def check(data: bytes, *expected: Request | Refusal) -> None:
    """Whole, byte by byte, and with another request behind it."""
    assert outcome(events_of(RequestParser(), data)) == [*expected]
    assert outcome(events_of(RequestParser(), *(data[i : i + 1] for i in range(len(data))))) == [*expected]
    last = expected[-1]
    closes = last.close if isinstance(last, Refusal) else last.header("Connection") == "close"
    follows = [] if closes or b" HTTP/1.0" in data else [request("GET", b"/next")]
    behind = b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
    assert outcome(events_of(RequestParser(), data + behind)) == [*expected, *follows]


REQUESTS: list[tuple[bytes, tuple[Request | Refusal, ...]]] = [
    (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", (request("GET", b"/"),)),
    (b"GET /a?b=%20 HTTP/1.1\r\nHost: h\r\n\r\n", (request("GET", b"/a?b=%20"),)),
    (b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", (request("HEAD", b"/"),)),
    (b"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", (request("GET", b"/"),)),
    (b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", (request("OPTIONS", b"*"),)),
    (b"GET http://h/a HTTP/1.1\r\nHost: other\r\n\r\n", (request("GET", b"/a", (("Host", "other"),)),)),
    (b"GET / HTTP/1.0\r\nHost: h\r\n\r\n", (request("GET", b"/"),)),
    (
        b"GET / HTTP/1.1\r\nhOST:  h \t\r\nx-a: 1\r\nX-A:\r\nX-B: \xe9\r\n\r\n",
        (request("GET", b"/", (("hOST", "h"), ("x-a", "1"), ("X-A", ""), ("X-B", "é"))),),
    ),
    (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        (request("POST", b"/", (*HOST, ("Content-Length", "3")), b"abc"),),
    ),
    (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
        (request("POST", b"/", (*HOST, ("Content-Length", "0"))),),
    ),
    (
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
        b"3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
        (request("PUT", b"/", (*HOST, ("Transfer-Encoding", "Chunked")), b"abc0123456789"),),
    ),
    (
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        (request("PUT", b"/", (*HOST, ("Transfer-Encoding", "chunked"))),),
    ),
    (
        b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        (request("GET", b"/1"), request("GET", b"/2")),
    ),
    # Offers to change the protocol are read over.
    (
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc",
        (
            request(
                "GET",
                b"/",
                (*HOST, ("Connection", "Upgrade"), ("Upgrade", "h2c"), ("Content-Length", "3")),
                b"abc",
            ),
        ),
    ),
    # Unknown methods are answered when the request is whole, and the connection goes on.
    (b"FOO / HTTP/1.1\r\nHost: h\r\n\r\n", (UNKNOWN,)),
    (b"get / HTTP/1.1\r\nHost: h\r\n\r\n", (UNKNOWN,)),
    (b"PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n", (UNKNOWN,)),
    (b"FOO / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", (UNKNOWN,)),
    (b"FOO / HTTP/1.1\r\nConnection: close\r\n\r\n", (refusal(501, "Not Implemented"),)),
    (
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        (request("GET", b"/", (*HOST, ("Connection", "close"))),),
    ),
    (head_of(4096), (request("GET", b"/", (*HOST, ("X", "x" * 4064))),)),
    (head_of(4097), (LONG_HEAD,)),
    (b"GET /" + b"a" * 5000, (LONG_HEAD,)),
    (b"POST / HTTP/1.1\r\nContent-Length: 4194305\r\n\r\n", (TOO_LARGE,)),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n400001\r\n", (TOO_LARGE,)),
    (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * 5000,
        (LONG_HEAD,),
    ),
]


@pytest.mark.parametrize(("data", "expected"), REQUESTS)
def test_a_request_is_read_however_its_bytes_come(data: bytes, expected: tuple[Request | Refusal, ...]) -> None:
    check(data, *expected)


MALFORMED = [
    b"\x16\x03\x01",  # TLS
    b"GET\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/1.1\n\n",
    b"GET / HTTP/2.0\r\n\r\n",
    b"GET /a b HTTP/1.1\r\n\r\n",
    b"G@T / HTTP/1.1\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;" + b"x" * 300,
]


@pytest.mark.parametrize("data", MALFORMED)
def test_what_is_no_request_is_refused_once_and_for_all(data: bytes) -> None:
    check(data, BAD)


def test_a_long_announced_body_is_refused_before_it_comes() -> None:
    parser = RequestParser(body_bytes_max=10)
    assert events_of(parser, b"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n") == [TOO_LARGE]
    assert parser.feed(b"x" * 11) == []


def test_limits_and_methods_can_be_chosen() -> None:
    parser = RequestParser(head_bytes_max=64, body_bytes_max=3, methods=frozenset({"FOO"}), scheme="https")
    data = b"FOO / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n"
    made, refused = outcome(events_of(parser, data))
    assert isinstance(made, Request)
    assert (made.scheme, made.authority, made.body) == ("https", "", b"abc")
    assert refused == UNKNOWN
    assert outcome(events_of(parser, head_of(65))) == [LONG_HEAD]


HEADS: list[tuple[bytes, bool, bool, bool]] = [
    (b"HTTP/1.1\r\n", True, False, True),
    (b"HTTP/1.1\r\nConnection: Keep-Alive\r\n", True, False, True),
    (b"HTTP/1.1\r\nConnection: te, Close\r\n", False, False, True),
    (b"HTTP/1.0\r\n", False, False, False),
    (b"HTTP/1.0\r\nConnection: keep-alive\r\n", True, False, False),
    (b"HTTP/1.1\r\nExpect: 100-Continue\r\n", True, True, True),
    (b"HTTP/1.0\r\nExpect: 100-continue\r\n", False, False, False),
]


@pytest.mark.parametrize(("rest", "keep_alive", "expects_continue", "chunked"), HEADS)
def test_the_head_comes_before_the_body_and_says_what_the_client_wants(
    rest: bytes, keep_alive: bool, expects_continue: bool, chunked: bool
) -> None:
    [head] = RequestParser().feed(b"POST / " + rest + b"Content-Length: 3\r\n\r\n")
    assert isinstance(head, RequestHead)
    assert (head.keep_alive, head.expects_continue, head.chunked) == (keep_alive, expects_continue, chunked)
    assert head.request.body == b""


def test_the_length_of_a_body_can_depend_on_the_head() -> None:
    parser = RequestParser(body_bytes_of=lambda request: 10 if request.path == "/large" else 2)
    for target, size, fits in ((b"/large", 10, True), (b"/", 2, True), (b"/", 3, False)):
        head = b"POST %b HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % (target, size)
        (last,) = outcome(parser.feed(head + bytes(size)))
        assert isinstance(last, Request) is fits


def test_the_parser_tells_how_much_of_an_unfinished_request_it_holds() -> None:
    parser = RequestParser()
    head = b"POST / HTTP/1.1\r\nHost: h\r\n"
    pieces = [(head, len(head)), (b"Content-Length: 9\r\n\r\n", 0), (b"12345", 5), (b"6789", 0)]
    pieces += [(head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab", 2), (b"c\r\n4\r\n", 3), (b"d", 4)]
    pieces += [(b"zzzzzz", 0)]  # refused: nothing is kept
    for data, held in pieces:
        parser.feed(data)
        assert parser.held == held


def test_the_phase_says_what_the_parser_is_in_the_middle_of() -> None:
    parser = RequestParser()
    phases = [parser.phase]
    for piece in (b"\r\n", b"POST", b" / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", b"ab", b"c"):
        parser.feed(piece)
        phases.append(parser.phase)
    assert phases == ["idle", "idle", "head", "body", "body", "idle"]


# -- answers -------------------------------------------------------------------------------------------------


def check_answer(data: bytes, expected: Ending, *, eof: bool = False, method: str = "GET") -> ResponseParser:
    """Whole and byte by byte; `eof`: the answer is over only when the connection is."""
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        parser = ResponseParser(method)
        endings = [parser.feed(piece) for piece in pieces]
        assert endings[-1] == (None if eof else expected)
        assert parser.eof() == expected
    return parser


OK = Response(200)
PACKED = gzip.compress(b"hello", mtime=0)  # the time would make ids of cases that two processes do not share
LENGTH = (("Content-Length", "5"),)
CHUNKED = (("Transfer-Encoding", "chunked"),)
ANSWERS: list[tuple[str, bytes, Ending, bool]] = [
    ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Response(200, LENGTH, b"hello"), True),
    ("GET", b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", Response(200, LENGTH, b"hello"), True),
    ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Response(200, LENGTH), True),
    ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Response(200, CHUNKED), True),
    ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", Response(204), True),
    ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Response(304, LENGTH), True),
    (
        "GET",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n",
        Response(200, CHUNKED, b"hello"),
        True,
    ),
    (
        "GET",
        b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        Response(204),
        True,
    ),
    (
        "GET",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nX: y\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
        Response(200, (("X", "y"),), b"hello"),
        True,
    ),
    (
        "HEAD",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
        Response(200, (("Content-Encoding", "gzip"),)),
        False,
    ),
    (
        "GET",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        Response(101, (("Connection", "upgrade"), ("Upgrade", "h2c"))),
        False,
    ),
    (
        "GET",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        Response(200, (*LENGTH, ("Connection", "close")), b"hello"),
        False,
    ),
    ("GET", b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", Response(200, LENGTH, b"hello"), False),
]


@pytest.mark.parametrize(("method", "data", "expected", "keep_alive"), ANSWERS)
def test_an_answer_is_read_however_its_bytes_come(method: str, data: bytes, expected: Ending, keep_alive: bool) -> None:
    assert check_answer(data, expected, method=method).keep_alive is keep_alive


UNTIL_EOF: list[tuple[bytes, Ending]] = [
    (b"", Closed(True)),
    (b"HTTP/1.1 200 O", Closed(True)),
    (b"HTTP/1.1 100 Continue\r\n\r\n", Closed(True)),
    (b"HTTP/1.1 200 OK\r\n\r\nhello", Response(200, (), b"hello")),
    (b"HTTP/1.1 200 OK\r\n\r\n", OK),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED, Response(200, (), b"hello")),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED[:-1], BodyBroken(OK, b"hello", "packed")),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", BodyBroken(OK, b"", "number")),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", BodyBroken(Response(200, LENGTH), b"hell")),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        BodyBroken(Response(200, CHUNKED), b"hell"),
    ),
]


@pytest.mark.parametrize(("data", "expected"), UNTIL_EOF)
def test_what_the_end_of_the_connection_makes_of_an_answer(data: bytes, expected: Ending) -> None:
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        parser = ResponseParser()
        assert all(parser.feed(piece) is None for piece in pieces)
        assert parser.eof() == expected
        assert not parser.keep_alive


BROKEN: list[tuple[bytes, Ending]] = [
    (b"\x15\x03\x01", Closed(True)),
    (b"HTTP/1.1 abc\r\n\r\n", Closed(True)),
    (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Closed(True)),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nx\r\n",
        BodyBroken(Response(200, CHUNKED), b"he", "garbled"),
    ),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nhello", BodyBroken(OK, b"", "garbled")),
]


@pytest.mark.parametrize(("data", "expected"), BROKEN)
def test_what_cannot_become_an_answer_ends_at_once(data: bytes, expected: Ending) -> None:
    parser = ResponseParser()
    assert parser.feed(data) == expected
    assert not parser.keep_alive


def test_bytes_behind_a_gzipped_body_break_it_as_they_do_for_okhttp() -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED + b"more"
    assert isinstance(ResponseParser().feed(data), BodyBroken)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_connection_with_surplus_bytes_is_not_used_again(method: str) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (5 if method == "HEAD" else 0)
    for surplus in (b"x", b"HTTP/1.1 200 OK\r\n"):
        together, apart = ResponseParser(method), ResponseParser(method)
        assert isinstance(together.feed(whole + surplus), Response)
        assert isinstance(apart.feed(whole), Response)
        assert apart.keep_alive
        assert isinstance(apart.feed(surplus), Response)
        assert not together.keep_alive
        assert not apart.keep_alive


def test_a_body_that_is_too_long_is_broken() -> None:
    parser = ResponseParser(body_bytes_max=4)
    assert parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell") is None
    assert isinstance(parser.feed(b"o"), BodyBroken)


def test_a_gzip_bomb_is_broken_before_it_is_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    parser = ResponseParser(body_bytes_max=1000)
    tracemalloc.start()
    try:
        assert isinstance(parser.feed(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + bomb), BodyBroken)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_head_that_never_ends_is_given_up() -> None:
    parser = ResponseParser(head_bytes_max=100)
    assert parser.feed(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60) is None
    assert parser.feed(b"x" * 60) == Closed(True)


def test_closed_says_whether_the_request_was_sent() -> None:
    assert ResponseParser().eof(sent_all=False) == Closed(False)


def test_a_sink_gets_the_body_piece_by_piece() -> None:
    pieces: list[bytes] = []
    heads: list[Response] = []

    def sink(head: Response) -> object:
        heads.append(head)
        return pieces.append

    parser = ResponseParser(sink=sink)  # type: ignore[arg-type]
    data = response_bytes(Response(200, stream=True), close=False, head=False)
    assert parser.feed(data) is None
    assert heads == [Response(200, CHUNKED)]
    assert parser.feed(chunk_bytes(b"one")) is None
    assert pieces == [b"one"]
    assert parser.feed(chunk_bytes(b"two", last=True)) == Response(200, CHUNKED)
    assert pieces == [b"one", b"two"]
    assert parser.keep_alive


def test_a_sink_may_leave_the_body_to_the_answer() -> None:
    parser = ResponseParser(sink=lambda head: None)
    assert parser.feed(b"HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nhello") == Response(404, LENGTH, b"hello")


# -- properties ----------------------------------------------------------------------------------------------

TOKENS = st.text("abcXYZ019-_!#$", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20).map(
    lambda text: text.strip(" \t")
)
RESERVED = {"content-length", "transfer-encoding", "connection", "upgrade", "content-encoding", "host"}
HEADERS = st.lists(st.tuples(TOKENS.filter(lambda name: name.lower() not in RESERVED), VALUES), max_size=5).map(tuple)
TARGETS = st.text("/abc019-._~%?&=+:@", max_size=20).map(lambda text: b"/" + text.encode())
CUTS = st.lists(st.integers(0, 400), max_size=8)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({min(end, len(data)) for end in cuts} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(ends)]


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "CONNECT"]),
    TARGETS,
    HEADERS,
    st.binary(max_size=80),
    st.booleans(),
    CUTS,
)
def test_a_rendered_request_is_read_as_it_was(
    method: str, target: bytes, headers: Headers, body: bytes, chunked: bool, cuts: list[int]
) -> None:
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    made = Request(method, "http", "h:1", target, (("Host", "h:1"), *headers, framing), body)
    wire = Request(method, "http", "h:1", target, made.headers, chunk_bytes(body, last=True) if chunked else body)
    pieces = cut(request_bytes(wire) * 2, cuts)
    assert outcome(events_of(RequestParser(), *pieces)) == [made, made]


@given(
    st.sampled_from([200, 201, 204, 302, 304, 404, 422, 500, 599]),
    HEADERS,
    st.binary(max_size=80),
    st.booleans(),
    st.booleans(),
    CUTS,
)
def test_a_rendered_answer_is_read_as_it_was(
    status: int, headers: Headers, body: bytes, stream: bool, packed: bool, cuts: list[int]
) -> None:
    bodiless = status in (204, 304)
    coding: Headers = (("Content-Encoding", "gzip"),) if packed and not bodiless else ()
    content = gzip.compress(body) if coding else body
    made = Response(status, headers + coding, b"" if stream else content, stream)
    data = response_bytes(made, close=False, head=False)
    if stream and not bodiless:
        data += chunk_bytes(content, last=True)
    parser = ResponseParser()
    endings = [parser.feed(piece) for piece in cut(data, cuts)]
    ending = endings[-1]
    assert isinstance(ending, Response)
    assert (ending.status, ending.headers[: len(headers)]) == (status, headers)
    assert ending.body == (b"" if bodiless else body)
    assert parser.keep_alive


NOISE = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [
                *(
                    b"GET / HTTP/1.1\r\n",
                    b"Host: h\r\n",
                    b"\r\n",
                    b"\n",
                    b"\r",
                    b" ",
                    b"0",
                    b"5\r\n",
                    b"hello",
                ),
                *(
                    b"HTTP/1.1 200 OK\r\n",
                    b"HTTP/1.1 100 C\r\n",
                    b"Content-Length: 5\r\n",
                    b"POST / HTTP/1.1\r\n",
                ),
                *(
                    b"Transfer-Encoding: chunked\r\n",
                    b"Connection: close\r\n",
                    b"Upgrade: x\r\n",
                    b"\x00",
                    b"\xff",
                ),
                *(b"Content-Encoding: gzip\r\n", PACKED, b"Connection: upgrade\r\n", b"HTTP/1.1 101 S\r\n"),
            ]
        ),
        max_size=12,
    ).map(b"".join),
)


@given(NOISE, CUTS)
def test_no_bytes_make_a_parser_raise_and_cutting_them_changes_nothing(data: bytes, cuts: list[int]) -> None:
    whole = events_of(RequestParser(), data)
    assert events_of(RequestParser(), *cut(data, cuts)) == whole
    for method in ("GET", "HEAD"):
        one, other = ResponseParser(method), ResponseParser(method)
        one.feed(data)
        for piece in cut(data, cuts):
            other.feed(piece)
        assert one.eof() == other.eof()
        assert one.keep_alive == other.keep_alive
