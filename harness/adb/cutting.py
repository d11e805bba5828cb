"""A stream cut into values, in whatever pieces it comes."""

from __future__ import annotations

from typing import Generic, TypeVar

from harness.errors import MalformedAdb

__all__ = ["Reader"]

T = TypeVar("T")


class Reader(Generic[T]):
    """Cuts values off a stream. A subclass says in `_cut` how.

    `feed` gives the values that are whole, always the same ones however the stream was split. Raises MalformedAdb for
    what is none, and from then on at every call. Values that came before it in the same piece are returned first:
    then `fault` has the error at once, and the next call raises it.
    """

    def __init__(self) -> None:
        self.fault: MalformedAdb | None = None
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        """How many octets of a value that is not whole are kept here."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[T]:
        values: list[T] = []
        self.add(data)
        try:
            while (value := self.next()) is not None:
                values.append(value)
        except MalformedAdb:
            if not values:
                raise
        return values

    def add(self, data: bytes) -> None:
        """Takes octets without cutting: `next` does. For who must look at one value before the next one is read."""
        if self.fault is None:
            self._buffer += data

    def next(self) -> T | None:
        """The next value, if it is whole. Raises MalformedAdb."""
        if self.fault is not None:
            raise self.fault.with_traceback(None)
        try:
            return self._cut()
        except MalformedAdb as fault:
            self.fault = fault
            self._buffer.clear()
            raise

    def ended(self) -> str | None:
        """The stream has ended: what is missing, in words; None between two values."""
        if self.fault is not None or not self._buffer:
            return None
        return f"the stream ended amid {self._amid()}"

    def _cut(self) -> T | None:
        """Takes one value off the buffer; None if it is not whole. Raises MalformedAdb."""
        raise NotImplementedError

    def _amid(self) -> str:
        """What the buffer is the beginning of."""
        raise NotImplementedError

    def _take(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:size])
        del self._buffer[:size]
        return taken
