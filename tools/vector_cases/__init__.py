"""The tables of cases that the vectors are made of, in the order of their numbers."""

from __future__ import annotations

from tools.vector_cases import (
    carried,
    changed,
    corners,
    ivs,
    keys,
    known_answers,
    lengths,
    malformed,
    plaintexts,
    published,
    surrogates,
    texts,
    wrong_key,
)
from tools.vector_cases.case import Group
from tools.vector_cases.flags import FLAGS

__all__ = ["FLAGS", "GROUPS"]

GROUPS: tuple[Group, ...] = (
    published.PUBLISHED,
    known_answers.ENCRYPTED,
    known_answers.DECRYPTED,
    lengths.ENCRYPTED,
    lengths.DECRYPTED,
    texts.ENCRYPTED,
    texts.DECRYPTED,
    keys.ENCRYPTED,
    keys.DECRYPTED,
    surrogates.KEY_ENCRYPTED,
    surrogates.KEY_DECRYPTED,
    surrogates.TEXT_ENCRYPTED,
    malformed.SHORT,
    malformed.IV_ONLY,
    malformed.ALPHABETS,
    malformed.PADDING,
    malformed.MISPLACED,
    malformed.LINE_BREAKS,
    malformed.WHITE_SPACE,
    malformed.CHARACTERS,
    malformed.NON_ASCII,
    malformed.BITS,
    malformed.NOT_ENVELOPES,
    wrong_key.WRONG_KEY,
    plaintexts.PLAINTEXTS,
    changed.FLIPS,
    changed.CUT,
    changed.BLOCKS,
    known_answers.REUSED_ENCRYPTED,
    known_answers.REUSED_DECRYPTED,
    ivs.IVS,
    corners.KEYS_ENCRYPTED,
    corners.KEYS_DECRYPTED,
    corners.TEXTS_ENCRYPTED,
    corners.TEXTS_DECRYPTED,
    corners.ONE_CIPHERTEXT,
    carried.CARRIED,
    carried.JOINED,
    carried.SHORT_TEXTS,
)
