"""What `content query` prints of the texts on a device (phone-behaviour.md §9.2).

It quotes and escapes nothing, so a body may imitate the rest of its row or the next one. Hence one row at a time is
asked for, and of it one text at a time, which stands last: then all that follows its name is the text.
"""

from __future__ import annotations

import re
from typing import Literal

from harness.frozen import frozen

__all__ = [
    "BOXES",
    "Box",
    "Refusal",
    "SmsRow",
    "body_query",
    "head_query",
    "ids_query",
    "newest_query",
    "read_body",
    "read_head",
    "read_ids",
]  # fmt: skip

Box = Literal["inbox", "sent"]
BOXES: tuple[Box, ...] = ("inbox", "sent")
"""Those that a shell sees: drafts, and what waits or failed, are for the default SMS app alone (§9.2)."""

_NOTHING = "No result found."
_TROUBLE = re.compile(r"\[ERROR\] .*|.*\w(?:Exception|Error)\b.*")
_SHOWN_MAX = 200


@frozen
class SmsRow:
    """A text as the device has it. `subscription_id`: the card's, None where the device does not say."""

    id: int
    address: str
    body: str
    date_ms: int
    subscription_id: int | None = None


@frozen
class Refusal:
    """The device did not answer with rows; `why` is what it said, in a line."""

    why: str


# -- what is asked -----------------------------------------------------------------------------------------------------


def newest_query(box: Box) -> str:
    """Which rows the box has, the newest first."""
    return _query(box, "_id", "_id>=0", "_id DESC")


def ids_query(box: Box, after_id: int) -> str:
    """Which rows have come since that one."""
    return _query(box, "_id", f"_id>{after_id}", "_id ASC")


def head_query(box: Box, row_id: int) -> str:
    """Everything of a row but its body."""
    return _query(box, "_id:date:sub_id:address", f"_id={row_id}", "_id ASC")


def body_query(box: Box, row_id: int) -> str:
    """The body of a row. It tells a body that is missing from one that says NULL."""
    return _query(box, "_id:body", f"_id={row_id} AND body IS NOT NULL", "_id ASC")


def _query(box: Box, columns: str, where: str, order: str) -> str:
    return f"content query --uri content://sms/{box} --projection {columns} --where '{where}' --sort '{order}'"


# -- what is answered --------------------------------------------------------------------------------------------------


def read_ids(out: str, err: str = "") -> list[int] | Refusal:
    """The ids in an answer to `ids_query` or `newest_query`, in its order."""
    lines = out.splitlines()
    if [line for line in lines if line.strip()] == [_NOTHING]:
        return []
    found = [re.fullmatch(r"Row: [0-9]+ _id=([0-9]+)", line) for line in lines]
    if not lines or not all(found):
        return _refusal(out, err)
    return [int(one[1]) for one in found if one is not None]


def read_head(row_id: int, out: str, err: str = "") -> tuple[int, int | None, str] | Refusal | None:
    """The date (ms), the subscription and the address in an answer to `head_query`; None: the row is gone."""
    if out.strip() == _NOTHING:
        return None
    # A card that is unknown is NULL or -1.
    shape = rf"Row: 0 _id={row_id}, date=(NULL|-?[0-9]+), sub_id=(NULL|-?[0-9]+), address=(.*?)\n?"
    found = re.fullmatch(shape, out, re.DOTALL)
    if found is None:
        return _refusal(out, err)
    date_ms, subscription_id = _number(found[1]), _number(found[2])
    known = None if subscription_id is None or subscription_id < 0 else subscription_id
    return date_ms or 0, known, "" if found[3] == "NULL" else found[3]


def read_body(row_id: int, out: str, err: str = "") -> str | Refusal:
    """The body in an answer to `body_query`; "" where the row has none."""
    if out.strip() == _NOTHING:
        return ""
    before = f"Row: 0 _id={row_id}, body="
    if not out.startswith(before):
        return _refusal(out, err)
    return out.removeprefix(before).removesuffix("\n")


def _number(text: str) -> int | None:
    return None if text == "NULL" else int(text)


def _refusal(out: str, err: str) -> Refusal:
    """The exit status is 0 whatever happens (§9.2): the words must tell."""
    lines = [line.strip() for line in f"{err}\n{out}".splitlines() if line.strip()]
    told = next((line for line in lines if _TROUBLE.fullmatch(line)), lines[0] if lines else "it said nothing")
    return Refusal(told[:_SHOWN_MAX])
