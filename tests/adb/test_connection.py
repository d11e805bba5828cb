from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.banner import Banner
from harness.adb.connection import AdbConnection
from harness.adb.events import Arrived, Closed, KeyAsked, KeyOffered, KeysSpent, Online, OpenAsked, Refused, TlsAsked
from harness.adb.packets import MAX_PAYLOAD, VERSION, Checksums, Command, Packet, PacketReader, encode
from harness.errors import MalformedAdb
from tests.adb.joined import PHONE, Cut, End, Joined, device, host, key, one_by_one, online_device, packets, whole

OLD = 0x01000000
GREETING = Packet(Command.CNXN, VERSION, MAX_PAYLOAD, b"host::features=cmd")
ANSWER = Packet(Command.CNXN, VERSION, MAX_PAYLOAD, b"device::features=cmd")
AUTH_TOKEN = Packet(Command.AUTH, 1, 0, bytes(20))
SIGNED = Packet(Command.AUTH, 2, 0, bytes(256))


# -- who may talk ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [whole, one_by_one])
def test_without_authentication_both_are_online_after_one_greeting_each(cut: Cut) -> None:
    joined = Joined(host(), device(), cut)
    assert joined.host.told(Online) == [Online(PHONE)]
    assert joined.host.connection.peer == PHONE
    assert joined.device.connection.peer == Banner("host", {}, frozenset({"shell_v2"}))
    assert [packet.command for packet in joined.host.packets + joined.device.packets] == [Command.CNXN] * 2


@pytest.mark.parametrize("cut", [whole, one_by_one])
@pytest.mark.parametrize("order", list(permutations([1, 2])))
def test_whichever_of_the_hosts_keys_is_trusted_will_do(order: tuple[int, ...], cut: Cut) -> None:
    joined = Joined(host([key(number) for number in order]), device([key(2).public_key()]), cut)
    assert joined.host.connection.is_online
    assert joined.device.connection.is_online
    assert len(joined.host.sent(Command.AUTH)) == order.index(2) + 1


def test_an_unknown_key_is_offered_and_waits_for_the_devices_user() -> None:
    joined = Joined(host([key(1)]), device([]))
    assert joined.host.events == [KeyAsked(key(1).public_key())]
    assert joined.device.events == [KeyOffered(key(1).public_key())]
    assert not joined.device.connection.is_online
    joined.allow()
    assert joined.host.connection.is_online
    assert joined.device.connection.is_online


def test_a_key_that_was_allowed_is_known_the_next_time() -> None:
    trusting = device([])
    Joined(host([key(1)]), trusting).allow()
    again = Joined(host([key(1)]), trusting)
    assert again.host.events[0] == Online(PHONE)


def test_a_host_that_was_denied_is_told_nothing() -> None:
    joined = Joined(host([key(1)]), device([]))
    joined.device.connection.deny()
    joined.settle()
    assert joined.device.connection.allow(key(1).public_key()) == []
    assert not joined.host.connection.is_online


def test_a_host_without_keys_is_told() -> None:
    assert Joined(host(), device([])).host.events == [KeysSpent()]


def test_a_device_that_wants_tls_is_told_of() -> None:
    connection = host()
    assert connection.receive(encode(Packet(Command.STLS, OLD, 0))) == [TlsAsked()]


def test_a_withdrawn_authorisation_ends_everything() -> None:
    joined = Joined(host([key(1)]), device([key(1).public_key()]))
    joined.host.connection.open("shell:")
    joined.settle()
    connection = joined.device.connection
    assert connection.withdraw() == [Closed(1)]
    assert connection.is_over
    assert not connection.is_online
    assert connection.receive(encode(GREETING)) == []
    assert connection.take() == b""


def test_only_a_device_has_a_user_who_allows_keys() -> None:
    with pytest.raises(TypeError):
        host().allow(key(1).public_key())


@pytest.mark.parametrize("packet", [SIGNED, GREETING])
def test_a_stranger_opens_nothing(packet: Packet) -> None:
    connection = device([key(1).public_key()])
    opening = encode(Packet(Command.OPEN, 5, 0, b"shell:id\0"))
    told = connection.receive(opening + encode(GREETING) + opening + encode(packet) + opening)
    assert told == []
    assert {sent.command for sent in packets(connection.take())} == {Command.AUTH}


def test_nothing_is_opened_before_the_peer_is_online() -> None:
    with pytest.raises(ValueError, match="before the peer is online"):
        host().open("shell:")


def test_a_peer_that_greets_again_starts_anew() -> None:
    connection = online_device()
    connection.receive(encode(Packet(Command.OPEN, 5, 0, b"a\0")))
    told = connection.receive(encode(GREETING))
    assert told[0] == Closed(1)
    assert isinstance(told[1], Online)
    assert [packet.command for packet in packets(connection.take())] == [Command.CNXN]


# -- versions and sizes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "summed"),
    [(OLD, OLD, True), (OLD, VERSION, True), (VERSION, OLD, True), (VERSION, VERSION, False)],
)
def test_a_peer_of_the_old_version_gets_checksums(ours: int, theirs: int, summed: bool) -> None:
    joined = Joined(host(version=ours), device(version=theirs))
    stream = joined.host.connection.open("x")
    joined.host.connection.write(stream, b"y")
    octets = joined.host.connection.take()
    if summed:
        assert len(PacketReader(checksums=Checksums.HELD).feed(octets)) == 1
    else:
        assert octets[16:20] == bytes(4)


@pytest.mark.parametrize("version", [OLD, VERSION])
def test_a_peer_of_the_old_version_is_held_to_checksums(version: int) -> None:
    connection = device()
    connection.receive(encode(Packet(Command.CNXN, version, 4096, b"host::")))
    unsummed = encode(Packet(Command.OPEN, 1, 0, b"x\0"), checksum=False)
    if version == VERSION:
        assert connection.receive(unsummed) == [OpenAsked(1, "x")]
    else:
        with pytest.raises(MalformedAdb, match="OPEN: the checksum says 0"):
            connection.receive(unsummed)


@pytest.mark.parametrize("takes", [1, 4096, 256 * 1024, MAX_PAYLOAD, 0xFFFFFFFF])
def test_no_peer_gets_more_at_once_than_it_takes(takes: int) -> None:
    connection = device()
    connection.receive(
        encode(Packet(Command.CNXN, VERSION, takes, b"host::")) + encode(Packet(Command.OPEN, 1, 0, b"x"))
    )
    connection.accept(1)
    connection.write(1, bytes(2 * MAX_PAYLOAD))
    assert connection.max_data == min(takes, MAX_PAYLOAD)
    assert len(packets(connection.take())[-1].payload) == min(takes, MAX_PAYLOAD)


# -- what is no adb ----------------------------------------------------------------------------------------------------


MALFORMED = [
    (device, [SIGNED], "AUTH: a host has not been asked for that"),
    (device, [GREETING, SIGNED], "AUTH: both sides have agreed already"),
    (device, [Packet(Command.STLS, OLD, 0)], "STLS: a host has not been asked for that"),
    (device, [Packet(Command.CNXN, 0x00FFFFFF, 4096, b"host::")], "CNXN: version 0x00ffffff is not known"),
    (device, [Packet(Command.CNXN, VERSION, 0, b"host::")], "CNXN: the peer takes no payload at all"),
    (device, [GREETING, Packet(Command.OPEN, 0, 0, b"x\0")], "OPEN: the stream has no number"),
    (lambda: device([]), [GREETING, AUTH_TOKEN], "AUTH: a host sends signatures"),
    (lambda: device([]), [GREETING, Packet(Command.AUTH, 3, 0, b"?")], "the public key is no base64"),
    (host, [SIGNED], "AUTH: a device sends tokens"),
    (lambda: host([key(1)]), [Packet(Command.AUTH, 1, 0, b"")], "the token to sign has 0 bytes"),
    (host, [ANSWER, AUTH_TOKEN], "AUTH: both sides have agreed already"),
    (host, [ANSWER, Packet(Command.STLS, OLD, 0)], "STLS: both sides have agreed already"),
]


@pytest.mark.parametrize("cut", [whole, one_by_one])
@pytest.mark.parametrize(("made", "sent", "says"), MALFORMED, ids=[says for *_, says in MALFORMED])
def test_a_packet_out_of_place_ends_the_connection(made: type, sent: list[Packet], says: str, cut: Cut) -> None:
    end = End(made())
    with pytest.raises(MalformedAdb, match=says):
        hear(end, b"".join(map(encode, sent)), cut)
    with pytest.raises(MalformedAdb, match=says):
        end.connection.receive(b"")
    assert str(end.connection.fault).startswith(says)


def hear(end: End, octets: bytes, cut: Cut) -> None:
    for piece in cut(octets):
        end.hear(piece)


@pytest.mark.parametrize("cut", [whole, one_by_one])
def test_what_came_before_a_fault_is_told(cut: Cut) -> None:
    end = End(device())
    with pytest.raises(MalformedAdb, match="no packet of adb"):
        hear(end, encode(GREETING) + b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n", cut)
    assert [type(event) for event in end.events] == [Online]


@pytest.mark.parametrize("made", [host, device])
def test_a_peer_that_is_no_adb_is_refused(made: type) -> None:
    with pytest.raises(MalformedAdb, match="no packet of adb"):
        made().receive(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")


def test_an_end_amid_a_packet_is_told() -> None:
    connection = device()
    connection.receive(encode(GREETING)[:30])
    assert connection.ended() == "the stream ended amid the payload of CNXN (6 of 18 bytes came)"


def test_sync_is_of_no_use_and_does_no_harm() -> None:
    assert device().receive(encode(Packet(Command.SYNC, 1, 1))) == []


WORDS = st.one_of(st.integers(0, 4), st.integers(0, 0xFFFFFFFF))
ANY = st.builds(Packet, st.sampled_from(Command), WORDS, WORDS, st.one_of(st.binary(max_size=40), st.just(b"x\0")))


@given(st.sampled_from([host, device, online_device]), st.lists(ANY, max_size=30), st.integers(1, 50))
def test_whatever_packets_come_in_whatever_pieces_the_events_are_the_same(
    made: type, sent: list[Packet], size: int
) -> None:
    octets = b"".join(map(encode, sent))
    outcomes = [outcome(End(made()), pieces(octets, each)) for each in (size, len(octets) + 1)]
    assert outcomes[0] == outcomes[1]


def pieces(octets: bytes, size: int) -> Iterator[bytes]:
    return (octets[at : at + size] for at in range(0, len(octets), size))


def outcome(end: End, octets: Iterator[bytes]) -> tuple[object, ...]:
    says = ""
    try:
        for piece in octets:
            end.hear(piece)
    except MalformedAdb as fault:
        says = str(fault)
    return end.events, says, end.connection.take()


@given(st.sampled_from([host, device, online_device]), st.binary(max_size=300))
def test_whatever_octets_come_are_refused_or_wait(made: type, octets: bytes) -> None:
    _, says, answer = outcome(End(made()), iter([octets]))
    assert says or not octets or len(answer) < 200


# -- streams, end to end -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [whole, one_by_one])
def test_a_service_answers_and_both_ends_close(cut: Cut) -> None:
    joined = Joined(host(), device(), cut)
    ours = joined.host.connection.open("shell:echo")
    joined.settle()
    theirs = joined.device.services["shell:echo"]
    joined.device.connection.write(theirs, b"answer")
    joined.device.connection.close(theirs)
    joined.settle()
    assert joined.host.arrived[ours] == b"answer"
    assert joined.host.told(Closed) == [Closed(ours)]
    assert joined.device.told(Closed) == [Closed(theirs)]
    assert len(joined.host.sent(Command.CLSE)) == len(joined.device.sent(Command.CLSE)) == 1


def test_when_both_close_at_once_each_says_so_once() -> None:
    joined = Joined(host(), device())
    ours = joined.host.connection.open("x")
    joined.settle()
    joined.host.connection.close(ours)
    joined.device.connection.close(joined.device.services["x"])
    joined.settle()
    assert len(joined.host.sent(Command.CLSE)) == len(joined.device.sent(Command.CLSE)) == 1
    assert joined.host.told(Closed) == [Closed(ours)]
    assert len(joined.device.told(Closed)) == 1


def test_an_aborted_stream_takes_what_was_under_way_with_it() -> None:
    joined = Joined(host(), device(max_data=10))
    joined.device.consumes = False
    ours = joined.host.connection.open("x")
    joined.host.connection.write(ours, bytes(100))
    joined.settle()
    joined.host.connection.abort(ours)
    joined.settle()
    assert joined.host.told(Closed) == [Closed(ours)]
    assert joined.device.arrived == {1: bytes(10)}


def test_a_service_that_is_not_there_is_refused() -> None:
    joined = Joined(host(), device())
    joined.device.accepts = False
    ours = joined.host.connection.open("x")
    joined.settle()
    joined.device.connection.refuse(1)
    joined.settle()
    assert joined.host.told(Refused) == [Refused(ours)]
    assert joined.host.sent(Command.CLSE) == []


def test_a_device_opens_streams_to_its_host_too() -> None:
    joined = Joined(host(), device())
    joined.device.connection.open("tcp:8080")
    joined.settle()
    assert joined.host.told(OpenAsked) == [OpenAsked(1, "tcp:8080")]


def test_a_slow_reader_slows_the_writer() -> None:
    joined = Joined(host(max_data=1000), device())
    joined.host.consumes = False
    ours = joined.host.connection.open("x")
    joined.settle()
    theirs = joined.device.services["x"]
    joined.device.connection.write(theirs, bytes(3000))
    for arrived in (1000, 2000, 3000):
        joined.settle()
        assert len(joined.host.arrived[ours]) == arrived
        assert joined.device.connection.unsent(theirs) == 4000 - arrived
        joined.host.connection.consumed(ours)
    joined.settle()
    assert joined.device.connection.unsent(theirs) == 0


# -- any two, whatever they say ----------------------------------------------------------------------------------------


class Story:
    """Two connections, and streams that either opens and both write to and close; all of it drawn."""

    def __init__(self, seed: int, streams: int) -> None:
        self.draw = random.Random(seed)
        sizes = [7, 64, 4096, 256 * 1024, MAX_PAYLOAD]
        versions = [OLD, VERSION]
        self.joined = Joined(
            host(version=self.draw.choice(versions), max_data=self.draw.choice(sizes)),
            device(version=self.draw.choice(versions), max_data=self.draw.choice(sizes)),
            self._cut,
        )
        self.ends = (self.joined.host, self.joined.device)
        self.written: dict[tuple[End, int], bytearray] = {}
        self.pairs: list[tuple[End, int, End, str]] = []
        for number in range(streams):
            self._open(str(number))

    def _cut(self, octets: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(octets):
            size = self.draw.choice([1, 23, 24, 25, 100, 4096, 1 << 20])
            yield octets[at : at + max(size, len(octets) // 50)]
            at += max(size, len(octets) // 50)

    def _open(self, name: str) -> None:
        opener, other = self.draw.sample(self.ends, 2)
        self.pairs.append((opener, opener.connection.open(name), other, name))
        if self.draw.random() < 0.3:
            self._write(opener, self.pairs[-1][1])

    def _write(self, end: End, stream: int) -> None:
        size = self.draw.choice([1, 6, 7, 8, 100, 5000]) if self.draw.random() < 0.98 else 300_000
        data = self.draw.randbytes(min(size, 40 * end.connection.max_data))
        end.connection.write(stream, data)
        self.written.setdefault((end, stream), bytearray()).extend(data)

    def tell(self) -> None:
        """Everybody writes, sometimes carrying over, then one end of each stream closes, or both."""
        self.joined.settle()
        for _ in range(3):
            for opener, ours, other, name in self.pairs:
                self._write(*self.draw.choice([(opener, ours), (other, other.services[name])]))
                if self.draw.random() < 0.2:
                    self.joined.settle()
        self.joined.settle()
        self.check()
        for opener, ours, other, name in self.pairs:
            ends = [(opener, ours), (other, other.services[name])]
            for end, stream in self.draw.sample(ends, self.draw.choice([1, 2])):
                end.connection.close(stream)
        self.joined.settle()
        for end in self.ends:
            assert len(end.told(Closed)) == len(self.pairs)
            assert len(end.sent(Command.CLSE)) == len(self.pairs)

    def check(self) -> None:
        for opener, ours, other, name in self.pairs:
            theirs = other.services[name]
            assert other.arrived.get(theirs, b"") == self.written.get((opener, ours), b"")
            assert opener.arrived.get(ours, b"") == self.written.get((other, theirs), b"")


@given(st.integers(0, 1 << 32), st.integers(1, 6))
def test_every_octet_of_every_stream_arrives_in_order(seed: int, streams: int) -> None:
    Story(seed, streams).tell()


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_ten_thousand_random_streams_lose_nothing(first: int) -> None:
    for seed in range(first, first + 100):
        Story(seed, 10).tell()


def test_small_pieces_cost_no_more_than_large_ones() -> None:
    connection = online_device()
    connection.receive(encode(Packet(Command.OPEN, 1, 0, b"x\0")))
    connection.accept(1)
    octets = encode(Packet(Command.WRTE, 1, 1, bytes(MAX_PAYLOAD)), checksum=False)
    told = [event for piece in pieces(octets, 16) for event in connection.receive(piece)]
    assert [type(event) for event in told] == [Arrived]


def test_a_connection_is_made_by_its_role() -> None:
    assert isinstance(host(started=False), AdbConnection)
    assert host(started=False).take() == b""
    device_side = device()
    device_side.start()
    assert device_side.take() == b""
