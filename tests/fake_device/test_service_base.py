"""A service that says one thing, and ends."""

from __future__ import annotations

import pytest

from harness.fake_device.service_base import Service, Told


@pytest.mark.parametrize("most", [1, 2, 100])
def test_what_is_told_is_told_whole_and_then_it_is_done(most: int) -> None:
    service = Told("héllo")
    heard = b""
    while not service.done:
        heard += service.take(most)
    assert heard.decode() == "héllo"


def test_a_service_that_its_host_has_left_is_done() -> None:
    service = Service()
    service.gone()
    assert (service.done, service.take(10), service.is_full) == (True, b"", False)
