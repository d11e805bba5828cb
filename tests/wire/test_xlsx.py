"""harness.wire.xlsx: the rows of the first sheet. Expected rows are what excelize gives for these files.

Where openpyxl refuses a file that excelize takes, the test says so.
"""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conform.requests import xlsx as written
from harness.wire import xlsx
from tests.wire.books import DATE, GENERAL, SHORT_DATE, TEXT, TWO_PLACES, book, sheet

COLUMNS = 5
GOOD = sheet("<row><c><v>1</v></c></row>")


def read(rows: str) -> list[xlsx.Row]:
    return xlsx.rows(book(sheet(rows)), COLUMNS)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('t="s"><v>0</v>', "one"),
        ('t="s"><v> 1 </v>', " two "),
        ('t="s"><v>2</v>', "ab"),
        ('t="s"><v>3</v>', "a\nb"),
        ('t="inlineStr"><is><t>in</t></is>', "in"),
        ('t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is>', "xy"),
        ('t="inlineStr"><is><r><rPr><family val="99"/></rPr><t>x&#13;</t></r></is>', "x\r"),
        ('t="str"><f>A1</f><v>18005550100</v>', "18005550100"),
        ('t="b"><v>1</v>', "TRUE"),
        ('t="b"><v>0</v>', "FALSE"),
        ('t="e"><v>#N/A</v>', "#N/A"),
        ("><v>18005550100</v>", "18005550100"),
        ("><v>1.8005550100E10</v>", "18005550100"),
        ("><v>1.50</v>", "1.5"),
        ("><v>12345678901234567</v>", "1.23456789012346E+16"),
        ("><f>A1</f><v>7</v>", "7"),
        ("/", None),
        (f's="{GENERAL}"><v>18005550199</v>', "18005550199"),
        (f's="{GENERAL}"><v>1.8005550199E10</v>', "18005550199"),
        (f's="{GENERAL}"><v>447911123456</v>', "4.479111235E+11"),
        (f's="{DATE}"><v>46351.4375</v>', "2026-11-25T10:30:00"),
        ('t="d"><v>2026-11-25T10:30:00</v>', "2026-11-25T10:30:00"),
        (f's="{DATE}"><v>0.4375</v>', "1900-01-00T10:30:00"),
        (f's="{DATE}"><v>59</v>', "1900-02-28T00:00:00"),
        (f's="{DATE}"><v>61</v>', "1900-03-01T00:00:00"),
        (f's="{SHORT_DATE}"><v>46351.4375</v>', "11/25/26"),
        ('t="d"><v>2026-11-25</v>', "2026-11-25"),
        (f's="{DATE}" t="d"><v>2026-11-25T10:30:00</v>', "2026-11-25T10:30:00"),
        (f's="{DATE}" t="s"><v>0</v>', "one"),
        (f's="{TEXT}"><v>1.50</v>', "1.5"),
        (f's="{TWO_PLACES}"><v>7</v>', "7.00"),
        ('s="0"><v>7</v>', "7"),
    ],
)
def test_a_cell_is_the_text_that_it_shows(cell: str, text: str | None) -> None:
    end = "" if cell == "/" else "</c"
    assert read(f"<row><c {cell}{end}></row>") == ([] if text is None else [(1, [text])])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("", []),
        ("<row/><row><c/></row>", []),
        ('<row r="3"><c r="B3"><v>1</v></c></row>', [(3, ["", "1"])]),
        ("<row><c><v>1</v></c></row><row/><row><c><v>2</v></c></row>", [(1, ["1"]), (3, ["2"])]),
        ('<row r="5"><c><v>1</v></c></row><row><c><v>2</v></c></row>', [(5, ["1"]), (6, ["2"])]),
        ('<row><c r="B1"><v>1</v></c><c><v>2</v></c></row>', [(1, ["", "1", "2"])]),
        ('<row r="1048576"><c><v>1</v></c></row>', [(1_048_576, ["1"])]),
    ],
)
def test_rows_and_cells_stand_where_they_say(rows: str, found: list[xlsx.Row]) -> None:
    assert read(rows) == found


def test_far_more_rows_than_the_server_takes_are_not_read() -> None:
    assert [number for number, _ in read("<row/><row><c><v>1</v></c></row>" * 2001)] == list(range(2, 4001, 2))


def test_the_rows_of_a_written_file_are_read() -> None:
    rows = [["a", None, "c"], [], [None, "x", None], ["1", "2", "3", "4", "5", "6", "7"]]
    assert xlsx.rows(written(rows), COLUMNS) == [(1, ["a", "", "c"]), (3, ["", "x"]), (4, ["1", "2", "3", "4", "5"])]


def test_a_number_format_is_cut_at_255_characters() -> None:
    styles = f'<numFmts><numFmt numFmtId="170" formatCode="{"0" * 300}"/></numFmts><cellXfs><xf/><xf numFmtId="170"/>'
    file = book(sheet('<row><c s="1"><v>7</v></c></row>'), styles=f"{styles}</cellXfs>")
    assert xlsx.rows(file, COLUMNS) == [(1, ["7".rjust(255, "0")])]


def test_dates_may_count_from_1904() -> None:
    workbook = '<workbookPr date1904="1"/><sheets><sheet name="S" sheetId="1" r:id="b"/></sheets>'
    worksheet = sheet(f'<row><c s="{DATE}"><v>44889</v></c></row>')
    assert xlsx.rows(book(worksheet, workbook=workbook), COLUMNS) == [(1, ["2026-11-25T00:00:00"])]


@pytest.mark.parametrize(
    "file",
    [
        book(GOOD, without="xl/styles.xml"),
        book(GOOD, packing=zipfile.ZIP_STORED),
        book(
            GOOD,
            styles=f'<fills><fill/></fills><numFmts><numFmt numFmtId="170" formatCode="{"[" * 200_000}"/></numFmts>'
            '<cellXfs><xf numFmtId="170"><alignment x="y"/></xf></cellXfs>',
        ),
        book(GOOD, workbook='<x/><sheets><sheet name="S" sheetId="1" r:id="b"/><sheet name="T" r:id="none"/></sheets>'),
        book(GOOD.replace("<pageMargins/>", '<mergeCells><mergeCell ref="?"/></mergeCells>')),
        book(sheet('<row><c><v>1</v></c></row><row r="1048577"><c><v>2</v></c></row>')),
        book(GOOD.replace("<cols/>", '<dimension ref="B7:C9"/>')),
    ],
    ids=["no styles", "not packed", "odd styles", "odd book", "odd sheet", "beyond the last row", "wrong size"],
)
def test_what_no_cell_needs_does_not_matter(file: bytes) -> None:
    assert xlsx.rows(file, COLUMNS) == [(1, ["1"])]


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"nope",
        book(GOOD)[:-30],
        book(GOOD, without="[Content_Types].xml"),
        book(GOOD, without="xl/workbook.xml"),
        book(GOOD, without="xl/_rels/workbook.xml.rels"),
        book(GOOD, without="xl/worksheets/sheet1.xml"),
        book(GOOD, workbook="<sheets/>"),
        book(GOOD, packing=zipfile.ZIP_LZMA),
        book(sheet(" " * xlsx.UNPACKED_LIMIT)),
    ],
    ids=["empty", "text", "cut", "types", "book", "relations", "sheet", "sheets", "lzma", "bomb"],
)
def test_a_file_that_is_no_workbook_is_refused(file: bytes) -> None:
    with pytest.raises(xlsx.BadSheet):
        xlsx.rows(file, COLUMNS)


@pytest.mark.parametrize(
    "file",
    [
        book(GOOD, without="xl/sharedStrings.xml"),
        book(GOOD, strings="<si>"),
        book("no xml"),
        book(GOOD.replace("</sheetData>", "<row></x>")),
        book(sheet('<row><c t="s"><v>99</v></c></row>')),
        book(sheet('<row><c s="99"><v>1</v></c></row>')),
        book(sheet("<row><c><v>abc</v></c></row>")),
        book(sheet('<row><c r="$A$1"><v>1</v></c></row>')),
    ],
    ids=["no strings", "broken strings", "no sheet data", "broken row", "string", "style", "number", "cell"],
)
def test_what_the_server_reads_in_part_is_refused_here(file: bytes) -> None:
    with pytest.raises(xlsx.BadSheet):
        xlsx.rows(file, COLUMNS)


LAUGHS = "".join([f"<!ENTITY a{n} '{f'&a{n - 1};' * 10 if n else 'ha'}'>" for n in range(10)])


@pytest.mark.parametrize("declared", ["<!ENTITY a9 '1'>", LAUGHS], ids=["one", "a billion"])
def test_entities_are_refused_unread(declared: str) -> None:
    with pytest.raises(xlsx.BadSheet):
        xlsx.rows(book(f"<!DOCTYPE x [{declared}]>" + sheet("<row><c><v>&a9;</v></c></row>")), COLUMNS)


def test_a_part_gives_no_more_than_the_limit_whatever_the_directory_says() -> None:
    worksheet = sheet(" " * (xlsx.UNPACKED_LIMIT + 1))
    size = len(worksheet).to_bytes(4, "little")
    for said in (10, xlsx.UNPACKED_LIMIT):
        with pytest.raises(xlsx.BadSheet):
            xlsx.rows(book(worksheet).replace(size, said.to_bytes(4, "little")), COLUMNS)


def with_parts(*parts: tuple[str, str]) -> bytes:
    memory = io.BytesIO(book(GOOD))
    with zipfile.ZipFile(memory, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return memory.getvalue()


BLANKS = " " * xlsx.UNPACKED_LIMIT


def test_what_is_no_xml_or_not_of_the_sheet_is_passed_over() -> None:
    file = with_parts(("xl/media/image1.png", BLANKS), ("xl/theme/theme1.xml", "<theme><x/></theme>"))
    assert xlsx.rows(file, COLUMNS) == [(1, ["1"])]


@pytest.mark.parametrize(
    "parts", [[("a.xml", f"<a/>{BLANKS}")], [(f"{n}.xml", "<a/>") for n in range(1000)]], ids=["large", "many"]
)
def test_too_much_is_refused_wherever_it_stands(parts: list[tuple[str, str]]) -> None:
    with pytest.raises(xlsx.BadSheet):
        xlsx.rows(with_parts(*parts), COLUMNS)


FILE = book(sheet(f'<row r="2"><c t="s"><v>2</v></c><c s="{DATE}"><v>46351</v></c></row>'), packing=zipfile.ZIP_STORED)


@given(st.integers(0, len(FILE) - 1), st.binary(min_size=1, max_size=4))
def test_no_file_makes_the_reader_fail_otherwise(at: int, change: bytes) -> None:
    with suppress(xlsx.BadSheet):
        assert len(xlsx.rows(FILE[:at] + change + FILE[at + len(change) :], COLUMNS)) <= 1
