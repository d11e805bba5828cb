"""What an implementation makes of a call: the answers that runners give, models predict and vectors record."""

from __future__ import annotations

from harness.frozen import frozen

__all__ = [
    "Crashed",
    "Decrypted",
    "DrawnIvs",
    "Encrypted",
    "Garbled",
    "NotRun",
    "Outcome",
    "Refused",
    "Silent",
    "Skipped",
]


@frozen
class Decrypted:
    """A text came out. Where an implementation hands on bytes that are no UTF-8 (Go), each of them is a lone
    surrogate here, as by Python's `surrogateescape`: `bytes_of` gives the bytes back."""

    text: str


@frozen
class Encrypted:
    """An envelope came out."""

    ciphertext: str


@frozen
class DrawnIvs:
    """What a series of encryptions of one text says of the IVs.

    `distinct` and `of_16_bytes` count envelopes; `predictable` those whose IV is an output of `java.util.Random`,
    `examined` how many were looked at for that. `fixed_bits` are alike in all IVs, where there are enough to tell.
    """

    encryptions: int
    distinct: int
    of_16_bytes: int
    examined: int
    predictable: int
    fixed_bits: int = 0


@frozen
class Refused:
    """An error that a caller can handle. `error` is its class in the implementation's own words."""

    error: str
    message: str = ""


@frozen
class Crashed:
    """What no caller handles: a panic that the runner caught, or the end of its process in the midst of the call."""

    how: str
    message: str = ""


@frozen
class Silent:
    """No answer within `seconds`."""

    seconds: float


@frozen
class Garbled:
    """An answer that the protocol does not have: `what` says which."""

    what: str


@frozen
class Skipped:
    """The runner, or the way to it, cannot carry this call, and says why."""

    why: str


@frozen
class NotRun:
    """The call was never made, since the runner had to be given up before."""

    why: str


Outcome = Decrypted | Encrypted | DrawnIvs | Refused | Crashed | Silent | Garbled | Skipped | NotRun
