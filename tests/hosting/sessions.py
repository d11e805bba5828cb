"""A gateway that serves one test after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness import Gateway
from harness.hosting.session import Session
from harness.serving import ServeOptions

__all__ = ["session_of"]


@contextmanager
def session_of(options: ServeOptions | None = None) -> Iterator[tuple[Gateway, Session]]:
    with Gateway(options) as gateway:
        yield gateway, Session(gateway)
