"""The envelope of an encrypted message, and what each of the real clients makes of one."""

from __future__ import annotations

from harness.cipher import raw
from harness.cipher.dialects import DIALECTS, Dialect
from harness.cipher.envelope import IV_BYTES, bytes_of, decrypt, encrypt

__all__ = ["DIALECTS", "IV_BYTES", "Dialect", "bytes_of", "decrypt", "encrypt", "raw"]
