"""Are IVs unique, and can the next one be told from the last?

The phone draws its IVs from `java.util.Random`, a linear congruential generator of 48 bits. 16 bytes in a row are four
outputs of 32 bits: the first tells 32 bits of the state, the other 16 are tried, and the second output decides. So a
single IV tells the state, and with it every byte drawn before and after (cipher.md §2).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import reduce
from operator import or_
from struct import Struct

from harness.cipher import IV_BYTES
from harness.interop.outcomes import DrawnIvs

__all__ = ["ENOUGH", "EXAMINED", "drawn", "next_bytes", "recovered_state", "seeded"]

EXAMINED = 20
"""So many IVs of a series are looked at: each takes some milliseconds, and one that is predictable is enough."""

ENOUGH = 64
"""So many IVs tell whether a bit is the same in all of them: by chance one is, once in 2**56 series."""

# java.util.Random: next(32) steps the state and gives its upper 32 bits (Java SE API).
_MULTIPLIER, _ADDEND, _BITS = 0x5DEECE66D, 0xB, 48
_MASK = (1 << _BITS) - 1
_LOW_BITS = 16
_INTS = Struct("<4I")  # nextBytes gives each int from its low byte on


def seeded(seed: int) -> int:
    """The state of `new Random(seed)`."""
    return (seed ^ _MULTIPLIER) & _MASK


def next_bytes(state: int, number: int) -> tuple[bytes, int]:
    """What `nextBytes` fills an array of `number` bytes with, and the state afterwards."""
    drawn = bytearray()
    while len(drawn) < number:
        state = _stepped(state)
        drawn += (state >> _LOW_BITS).to_bytes(4, "little")
    return bytes(drawn[:number]), state


def _stepped(state: int) -> int:
    return (state * _MULTIPLIER + _ADDEND) & _MASK


def recovered_state(iv: bytes) -> int | None:
    """The state of a `java.util.Random` after it drew `iv` (16 bytes), or None if it could not have drawn that.

    By chance, one of 2**80 IVs that were drawn otherwise looks as if it had one.
    """
    first, second, *_ = _INTS.unpack(iv)
    lowest = first << _LOW_BITS
    # One more in the state is one multiplier more in the next: a range steps through all trials.
    nexts = range(_stepped(lowest), _stepped(lowest) + (_MULTIPLIER << _LOW_BITS), _MULTIPLIER)
    fitting = [trial for trial, after in enumerate(nexts) if (after & _MASK) >> _LOW_BITS == second]
    for trial in fitting:
        rest, state = next_bytes(lowest + trial, IV_BYTES - 4)
        if rest == iv[4:]:
            return state
    return None


def drawn(ciphertexts: Sequence[str], examined: int = EXAMINED) -> DrawnIvs:
    """What envelopes of one series of encryptions tell of their IVs. `examined` of them are looked at for their source.

    An envelope that is no base64, or holds fewer than 16 bytes, bears no IV of 16 bytes.
    """
    ivs = [iv for iv in map(_iv, ciphertexts) if iv is not None]
    looked_at = ivs[:examined]
    return DrawnIvs(
        encryptions=len(ciphertexts),
        distinct=len(set(ivs)),
        of_16_bytes=len(ivs),
        examined=len(looked_at),
        predictable=sum(recovered_state(iv) is not None for iv in looked_at),
        fixed_bits=_fixed_bits(ivs) if len(ivs) >= ENOUGH else 0,
    )


def _fixed_bits(ivs: Sequence[bytes]) -> int:
    numbers = [int.from_bytes(iv, "big") for iv in ivs]
    changing = reduce(or_, (number ^ numbers[0] for number in numbers))
    return 8 * IV_BYTES - changing.bit_count()


def _iv(ciphertext: str) -> bytes | None:
    try:
        envelope = base64.b64decode(ciphertext[: (IV_BYTES + 2) // 3 * 4], validate=True)
    except ValueError:
        return None
    return envelope[:IV_BYTES] if len(envelope) >= IV_BYTES else None
