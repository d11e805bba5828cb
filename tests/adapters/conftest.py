"""One certificate for all servers of these tests: making a key takes its time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.certificates import write_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, signed by itself, with its key."""
    return write_certificate(tmp_path_factory.mktemp("tls"))
