"""The pytest plugin: the fixture `httpsms`, a running gateway with a phone in it. Loads nothing before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.hosting import Gateway

__all__ = ["httpsms"]


@pytest.fixture
def httpsms() -> Iterator[Gateway]:
    """A gateway on 127.0.0.1 with one emulated phone, in a thread of its own; gone when the test ends."""
    from harness.hosting import Gateway

    with Gateway() as gateway:
        yield gateway
