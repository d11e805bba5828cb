"""CSV, read as Go's `encoding/csv` reads it with the settings of the server: Python's reader is laxer.

A record is a line; commas divide it; a field may stand in quotes, with doubled quotes and line ends in it. A quote
anywhere else is an error, and so is a record with more or fewer fields than the first. Lines end in LF or CRLF, also
within quotes; blank lines are no records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

__all__ = ["BadCsv", "rows"]


class BadCsv(ValueError):
    """A quote out of its place, or a record of another length than the first."""


def rows(data: bytes, columns: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """The first `most` records below the header: a text for each of `columns`, empty where there is no such column.

    Of columns with the same name the last counts (csvutil). Bytes that are no UTF-8 become lone surrogates. Raises
    `BadCsv`, also for an error after the last record that is wanted.
    """
    records = _even(_records(data))
    header = next(records, [])
    places = {name: place for place, name in enumerate(header)}
    wanted = [places.get(column.encode()) for column in columns]
    found = [_row(record, wanted) for record in islice(records, most)]
    for _ in records:
        pass
    return found


def _row(record: list[bytes], wanted: list[int | None]) -> tuple[str, ...]:
    return tuple(["" if place is None else record[place].decode("utf-8", "surrogateescape") for place in wanted])


def _even(records: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
    width = None
    for record in records:
        if width is None:
            width = len(record)
        elif len(record) != width:
            raise BadCsv("a record is longer or shorter than the first")
        yield record


def _records(data: bytes) -> Iterator[list[bytes]]:
    data = data.replace(b"\r\n", b"\n").removesuffix(b"\r")
    at, length = 0, len(data)
    while at < length:
        end = data.find(b"\n", at)
        end = length if end < 0 else end
        if end == at:
            at += 1
        elif data.find(b'"', at, end) < 0:
            yield data[at:end].split(b",")
            at = end + 1
        else:
            record, at = _quoted(data, at)
            yield record


# What comes after a field: a comma, a line end, or nothing.
_BARE = re.compile(rb'([^",\n]*)(?:([,\n])|\Z)')
_IN_QUOTES = re.compile(rb'"([^"]*+(?:""[^"]*+)*+)"(?:([,\n])|\Z)')


def _quoted(data: bytes, at: int) -> tuple[list[bytes], int]:
    """A record in which something is quoted, and where the next one begins."""
    record: list[bytes] = []
    while True:
        in_quotes = data.startswith(b'"', at)
        match = (_IN_QUOTES if in_quotes else _BARE).match(data, at)
        if match is None:
            raise BadCsv("a quote is out of its place")
        record.append(match[1].replace(b'""', b'"') if in_quotes else match[1])
        at = match.end()
        if match[2] != b",":
            return record, at
