"""Causes across our own sockets: both ends of a connection know its addresses, so nothing is added to a request."""

from __future__ import annotations

from collections import deque

__all__ = ["Follower", "Joins"]

Address = tuple[str, int]


class Joins:
    """What was sent from which address, and because of which trace entry. A foreign peer has no cause here."""

    def __init__(self) -> None:
        self._asking: set[Address] = set()  # where one of us waits for an answer
        self._requests: dict[Address, int | None] = {}
        self._pieces: dict[Address, deque[int | None]] = {}
        self._answers: dict[Address, int | None] = {}

    def request_sent(self, address: Address, cause: int | None) -> None:
        """A request goes out from `address`; one at a time does."""
        self._asking.add(address)
        self._requests[address] = cause
        self._answers.pop(address, None)

    def cause_of_request(self, peer: Address) -> int | None:
        return self._requests.pop(peer, None)

    def answer_sent(self, peer: Address | None, cause: int | None) -> None:
        if peer in self._asking and cause is not None:
            self._answers[peer] = cause

    def cause_of_answer(self, address: Address | None, otherwise: int | None) -> int | None:
        """The entry behind the answer that came to `address`; a foreign server's is caused by the request itself."""
        if address is None:
            return otherwise
        # The next one at this address may be somebody else.
        self._asking.discard(address)
        self._requests.pop(address, None)
        return self._answers.pop(address, otherwise)

    def piece_sent(self, peer: Address | None, cause: int | None) -> None:
        """One more piece goes to a stream that one of us follows."""
        if peer in self._pieces:
            self._pieces[peer].append(cause)

    def follower(self) -> Follower:
        return Follower(self._pieces)


class Follower:
    """The reading end of a stream: pieces come in the order in which they were sent."""

    def __init__(self, pieces: dict[Address, deque[int | None]]) -> None:
        self._pieces = pieces
        self._address: Address | None = None

    def connected(self, address: Address) -> None:
        """The stream begins anew from `address`."""
        if self._address is not None:
            self._pieces.pop(self._address, None)
        self._address = address
        self._pieces[address] = deque()

    def next_cause(self) -> int | None:
        """The cause of the piece that has just been read."""
        pieces = self._pieces.get(self._address) if self._address is not None else None
        return pieces.popleft() if pieces else None
