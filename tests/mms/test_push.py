"""MMS PDUs in WAP pushes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mms import pushed_pdu, wap_push

MMS = b"\x8c\x82\x98T1\x00"


@given(st.binary(max_size=600))
def test_a_pdu_that_is_pushed_is_found_again(pdu: bytes) -> None:
    assert pushed_pdu(wap_push(pdu)) == pdu


@pytest.mark.parametrize(
    ("push", "pdu"),
    [
        (b"\x01\x06\x01\xbe" + MMS, MMS),
        (b"\x01\x06\x20application/vnd.wap.mms-message\0" + MMS, MMS),
        (b"\x01\x06\x81\x00\xbe" + b"\x8d" * 127 + MMS, MMS),
        (b"\x01\x06\x03\xbe\xaf\x84" + MMS, MMS),
        (b"\x01\x06\x01\xae" + MMS, None),
        (b"\x01\x07\x01\xbe" + MMS, None),
        (b"\x01\x06\x7f\xbe" + MMS, None),
        (b"\x01\x06\xff\xff\xff\xff\xff\xff", None),
        (b"\x01\x06", None),
        (b"", None),
    ],
)
def test_only_a_push_of_an_mms_has_one(push: bytes, pdu: bytes | None) -> None:
    assert pushed_pdu(push) == pdu
