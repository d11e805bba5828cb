"""Who is at the other end: the identity in CNXN, such as `device::ro.product.name=x;features=cmd,shell_v2`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from harness.errors import UsageError
from harness.frozen import frozen

__all__ = ["Banner", "parse"]


@frozen
class Banner:
    """`kind` is `host`, `device`, `recovery`, `sideload` …; `features` names what the sender can do.

    Nothing in a banner can be escaped. Raises UsageError for a value that would be read as something else.
    """

    kind: str
    properties: Mapping[str, str] = field(default_factory=dict)
    features: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _refuse(":", [self.kind])
        _refuse("=;", self.properties)
        _refuse(";", self.properties.values())
        _refuse(",;", self.features)

    def __str__(self) -> str:
        said = [f"{name}={value}" for name, value in self.properties.items()]
        if self.features:
            said.append("features=" + ",".join(sorted(self.features)))
        return f"{self.kind}::{';'.join(said)}"


def _refuse(marks: str, words: object) -> None:
    for word in words:  # type: ignore[attr-defined]
        if any(mark in word for mark in marks + "\0"):
            raise UsageError(f"{word!r} cannot stand in a banner of adb", f"leave out {' '.join(marks)} and NUL")


def parse(payload: bytes) -> Banner:
    """Reads what a peer says of itself. Never raises: whatever has no name and value is passed over, as adb does."""
    text = payload.decode("utf-8", "replace").partition("\0")[0]  # hosts of old end it with NUL
    kind, _, rest = text.partition(":")
    named = (piece.partition("=") for piece in rest.partition(":")[2].split(";"))
    properties = {name: value for name, mark, value in named if mark and name}
    features = properties.pop("features", "")
    return Banner(kind, properties, frozenset(filter(None, features.split(","))))
