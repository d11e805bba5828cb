"""Whose world it is that a gateway serves, and which requests come too late for theirs.

An application may be set up once for a whole session: its connections, and what it does in the background, outlive the
test. So a connection says nothing. What shows that a request is of an earlier test is: that it was under way when the
world ended, that it names something of an earlier world, that it comes while no test is running.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from hashlib import blake2b

from harness.frozen import frozen
from harness.http.values import Request, Response

__all__ = ["PREPARING", "Door", "LateCall", "Worlds"]

Door = Callable[[Request], Response | None]
"""The answer to a request that is not let in, None for any other."""

PREPARING = "the preparation"
"""The name of the world before the first test."""

_KNOWN_MAX = 50_000  # ids of earlier worlds: those of the last some thousand tests
_ID = re.compile(r"[\w-]{20,}")  # UUIDs; ids of users are shorter than any key and say nothing of a test
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


@frozen
class LateCall:
    """A request out of the world of `test` that came, or was still unanswered, when that had ended.

    `during`: the test that was running then, "" for none. `path` is without its query.
    """

    test: str
    method: str
    path: str
    why: str
    during: str = ""

    def __str__(self) -> str:
        return f"late call of test {self.test}: {self.method} {self.path} ({self.why})"


class Worlds:
    """One world after the other, each named for its test. Without a test everything is let in."""

    def __init__(self) -> None:
        self.test: str | None = None
        self._former = ""
        self._ids: dict[str, str] = {}
        self._late: list[LateCall] = []
        self._begun: dict[str, int] = {}
        self._name = b""  # that of no other world
        self._is_open = True

    def begin(self, test: str) -> int:
        """The world of a test begins. How far apart from every other its ids are to be drawn."""
        self.test, self._is_open = test, True
        times = self._begun[test] = self._begun.get(test, -1) + 1
        self._name = f"{test}\n{times}".encode()
        return int.from_bytes(blake2b(self._name, digest_size=7).digest(), "big") << 32

    def end(self, ids: Iterable[str], waiting: Iterable[Request]) -> None:
        """It ends. `ids` are those that only it knew, `waiting` the requests that it has not answered."""
        test = self.test or PREPARING
        for known in ids:
            self._ids[known] = test
        for old in list(self._ids)[: max(0, len(self._ids) - _KNOWN_MAX)]:
            del self._ids[old]
        for request in waiting:
            self._note(test, request, "it was not answered when the test ended")
        self.test, self._former, self._is_open = None, test, False

    def gate(self, request: Request) -> Response | None:
        """The answer to a request that comes too late, None for any other."""
        test = self._test_of(request)
        if test is not None:
            return self._refuse(test, request, "it names what was in the world of that test", _MADE_ANEW)
        if not self._is_open:
            why = "the test had ended, and the next one had not begun"
            return self._refuse(self._former, request, why, _SET_UP_FIRST)
        return None

    def door(self) -> Door:
        """Leads into the world that there is now, and into none after it; between two tests it leads into all."""
        test, name = self.test, self._name

        def let_in(request: Request) -> Response | None:
            if test is None or name == self._name:
                return None
            return self._refuse(test, request, "it came by a transport that was made in that test", _MADE_ANEW)

        return let_in

    def refusal(self) -> Response:
        """The answer to what is unanswered as the world ends."""
        gone = f"the test {self.test or self._former or PREPARING} has ended, and its world with it"
        return _refusal(gone, "let the test wait for the answer")

    @property
    def late(self) -> tuple[LateCall, ...]:
        return tuple(self._late)

    def take_late(self) -> tuple[LateCall, ...]:
        """The late calls since the last time."""
        late, self._late = tuple(self._late), []
        return late

    def _test_of(self, request: Request) -> str | None:
        if not self._ids:
            return None
        named = [*_ID.findall(request.target.decode("latin-1")), request.header("x-api-key") or ""]
        return next((self._ids[known] for known in named if known in self._ids), None)

    def _refuse(self, test: str, request: Request, why: str, remedy: str) -> Response:
        self._note(test, request, why)
        return _refusal(f"{self._late[-1]}:", remedy)

    def _note(self, test: str, request: Request, why: str) -> None:
        self._late.append(LateCall(test, request.method, request.path, why, self.test or ""))


_MADE_ANEW = "stop what a test has started before it ends, and make anew in each what it is to have"
_SET_UP_FIRST = (
    "stop what a test has started before it ends, and set up what all are to find before the first one begins "
    "(with pytest: in a fixture of the scope session)"
)


def _refusal(message: str, remedy: str) -> Response:
    """As the API words an error."""
    body = json.dumps({"data": remedy, "message": message, "status": "error"}).encode()
    return Response(409, (*_JSON, ("Content-Length", str(len(body)))), body)
