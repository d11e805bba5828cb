"""The pytest plugin: the fixture `httpsms`, a running gateway with a phone in it, and the vectors of the cipher.

Loads nothing before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.hosting import Gateway
    from harness.vector_checks import VectorCheck, VectorChecks

__all__ = ["httpsms", "httpsms_vector", "httpsms_vectors", "pytest_generate_tests"]


@pytest.fixture
def httpsms() -> Iterator[Gateway]:
    """A gateway on 127.0.0.1 with one emulated phone, in a thread of its own; gone when the test ends."""
    from harness.hosting import Gateway

    with Gateway() as gateway:
        yield gateway


@pytest.fixture(scope="session")
def httpsms_vectors() -> VectorChecks:
    """All vectors of the cipher: `httpsms_vectors.check(encrypt=…, decrypt=…)` tries your client with each of them."""
    from harness.vector_checks import VectorChecks

    return VectorChecks.own()


@pytest.fixture
def httpsms_vector(request: pytest.FixtureRequest) -> VectorCheck:
    """One vector of the cipher; the test runs for each: `httpsms_vector.check(encrypt=…, decrypt=…)`."""
    vector: VectorCheck = request.param
    return vector


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `httpsms_vector` is one test for each vector."""
    if "httpsms_vector" in metafunc.fixturenames:
        from harness.vector_checks import VectorChecks

        checks = list(VectorChecks.own())
        metafunc.parametrize("httpsms_vector", checks, indirect=True, ids=[check.name for check in checks])
