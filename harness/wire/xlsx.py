"""The first sheet of an XLSX file as rows of text, as the server reads it (excelize: `GetRows`).

What the server sees of a cell is what the spreadsheet shows: value and number format. openpyxl gives both. It is not
made for files of strangers (some of its patterns take a time that grows with the square of a text, and every sheet is
read once to be measured, also one that is listed a thousand times), so it gets those parts of a file alone that are
needed here, unpacked up to a limit and cut to size. Entities of XML are refused by defusedxml, which openpyxl uses too
where it is installed.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import islice
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring
from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import SHEET_MAIN_NS

from harness.wire import cell_formats

__all__ = ["UNPACKED_LIMIT", "BadSheet", "Row", "rows"]

UNPACKED_LIMIT = 2 * 1024 * 1024
"""Bytes of XML in a file: as many of the longest messages as the server takes, or a few seconds of openpyxl."""

_PARTS_MOST = 1000
_ROWS_MOST = 2000  # twice what the server takes
_SHEET_ROWS = 1_048_576
_STYLES_MOST = 4000
_CODE_MOST = 255  # as in Excel
# As Go's archive/zip; the standard library unpacks other ways without a limit.
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_KEPT: Mapping[str, frozenset[str]] = {
    "Types": frozenset({"Default", "Override"}),
    "Relationships": frozenset({"Relationship"}),
    "workbook": frozenset({"workbookPr", "sheets"}),
    "styleSheet": frozenset({"numFmts", "cellXfs"}),
    "sst": frozenset({"si"}),
    "worksheet": frozenset({"sheetData"}),
}
"""The elements that are needed of a part, by its outermost one. Other parts are not needed."""
_RUN = f"{{{SHEET_MAIN_NS}}}r"


class BadSheet(ValueError):
    """The file is no workbook, has no sheet, or is larger than anybody's list of messages."""


Row = tuple[int, list[str]]
"""The row's number on the sheet, from 1, and its first cells; empty ones at the end are cut, as are empty rows."""


def rows(data: bytes, columns: int) -> list[Row]:
    """The first rows with something in them, at most `columns` cells of each. Raises `BadSheet`.

    Those after the first 2000 are not read: the server takes 1000.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out of a file is of no use here
            return list(islice(_rows(_unpacked(data), columns), _ROWS_MOST))
    # openpyxl checks nothing before it uses it: a file may make it raise KeyError, IndexError, TypeError,
    # AttributeError, OSError, ValueError (also of defusedxml), SyntaxError (of XML), BadZipFile, zlib.error and more.
    except Exception as error:  # noqa: BLE001
        raise BadSheet(str(error)) from None


# -- what openpyxl gets --------------------------------------------------------------------------------------


def _unpacked(data: bytes) -> io.BytesIO:
    """An archive of what is needed. Each part is read up to the limit: a directory may lie about sizes."""
    plain = io.BytesIO()
    left = UNPACKED_LIMIT
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(plain, "w") as unpacked:
        if len(packed.infolist()) > _PARTS_MOST:
            raise BadSheet("too many parts")
        for info in packed.infolist():
            if info.filename.lower().endswith((".xml", ".rels")):
                part = _part(packed, info, left)
                left -= len(part)
                if (needed := _needed(part)) is not None:
                    unpacked.writestr(info.filename, needed)
    return plain


def _part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    if info.compress_type not in _PACKINGS:
        raise BadSheet("packed in another way")
    with archive.open(info) as file:
        part = file.read(most + 1)
    if len(part) > most:
        raise BadSheet("too large")
    return part


def _needed(part: bytes) -> bytes | None:
    root = fromstring(part)
    kept = _KEPT.get(_name(root))
    if kept is None:
        return None
    root[:] = [child for child in root if _name(child) in kept]
    for child in root:
        if _name(child) == "sheets":
            del child[1:]
        elif _name(child) == "numFmts":
            _cut_codes(child)
        elif _name(child) == "cellXfs":
            _cut_styles(child)
    for run in root.iter(_RUN):  # of a text with several fonts
        run[:] = [child for child in run if _name(child) == "t"]
    return tostring(root).replace(b"\r", b"&#13;")  # as it is, it would be read as the end of a line


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _cut_codes(formats: Element) -> None:
    for entry in formats:
        entry.set("formatCode", entry.get("formatCode", "")[:_CODE_MOST])


def _cut_styles(styles: Element) -> None:
    """Only the number format of a style stays."""
    del styles[_STYLES_MOST:]
    for style in styles:
        number_format = style.get("numFmtId", "0")
        style.clear()
        style.set("numFmtId", number_format)


# -- what openpyxl gives -------------------------------------------------------------------------------------


def _rows(file: io.BytesIO, columns: int) -> Iterator[Row]:
    sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
    # Without limits of its own it would fill every gap between two rows, and between two cells.
    for number, cells in enumerate(sheet.iter_rows(1, _SHEET_ROWS, 1, columns), start=1):
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _text(cell: object) -> str:
    if not isinstance(cell, ReadOnlyCell):
        return ""
    # The first style shows the bare value, whatever it says (excelize).
    code = cell.number_format if cell.has_style else None
    match cell.value:
        case None:
            return ""
        case bool(value):
            return "TRUE" if value else "FALSE"
        case str(value):
            text = unescape(value)
            return text if code is None else cell_formats.shown_text(text, code)
        case date() | time() as value if not is_date_format(cell.number_format):
            return value.isoformat()  # a date in words (ISO 8601), as it stands in the file
        case int() | float() as value:
            number = value
        case value:
            number = to_excel(value)  # type: ignore[no-untyped-call] # openpyxl has made a date of the number
    return cell_formats.number_text(number) if code is None else cell_formats.shown(number, code)
