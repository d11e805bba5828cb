"""harness.wire.uuids: the forms that google/uuid's parser takes."""

from __future__ import annotations

import pytest

from harness.wire import uuids

ID = "32343a19-da5e-4b1b-a767-3298a73703cb"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID.upper(),
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        f"URN:UUID:{ID.upper()}",
        f"<{ID}]",  # of 38 bytes the outer two are not looked at
    ],
)
def test_every_form_is_the_same_uuid(text: str) -> None:
    assert uuids.parse(text) == ID


def test_any_version_will_do() -> None:
    assert uuids.parse("00000000-0000-0000-0000-000000000000") == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        ID[:-1],
        ID + "0",
        ID[:-1] + "g",
        ID.replace("-", "_"),
        ID.replace("-", "")[:-4] + "-" * 4,
        f"{{{ID}",
        f"urn:uuix:{ID}",
        f"urn:uuid:{ID.replace('-', '')}",
        f"{{{ID.replace('-', '')}}}",
        f" {ID}",
        "é" * 16,  # 32 bytes
        "٣" * 32,
        f"é{ID[:-1]}",
    ],
)
def test_other_texts_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no UUID"):
        uuids.parse(text)
