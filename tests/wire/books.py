"""XLSX files for tests, made from the XML of a sheet."""

from __future__ import annotations

import io
import zipfile

__all__ = ["DATE", "GENERAL", "SHORT_DATE", "TEXT", "TWO_PLACES", "book", "sheet"]

_OFFICE = "http://schemas.openxmlformats.org"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = f'xmlns="{_OFFICE}/spreadsheetml/2006/main"'
_RELATION = f"{_OFFICE}/officeDocument/2006/relationships"
_RELATIONS = f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'

GENERAL, DATE, TEXT, TWO_PLACES, SHORT_DATE = 1, 2, 3, 4, 5
"""The styles of `book`: General, `yyyy-mm-ddThh:mm:ss`, `@`, `0.00` and `m/d/yy`. Style 0 is none."""

_BOOK = (
    '<workbookPr/><sheets><sheet name="First" sheetId="3" r:id="b"/>'
    '<sheet name="Second" sheetId="1" r:id="a"/></sheets>'
)
_STYLES = (
    '<numFmts><numFmt numFmtId="170" formatCode="yyyy-mm-dd\\Thh:mm:ss"/>'
    '<numFmt numFmtId="171" formatCode="m/d/yy"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="2"/><xf numFmtId="0"/>'
    '<xf numFmtId="170"/><xf numFmtId="49"/><xf numFmtId="2"/><xf numFmtId="171"/></cellXfs>'
)
_STRINGS = (
    '<si><t>one</t></si><si><t xml:space="preserve"> two </t></si>'
    '<si><r><t>a</t></r><r><rPr/><t>b</t></r><rPh sb="0" eb="1"><t>read aloud</t></rPh></si><si><t>a_x000A_b</t></si>'
)


def sheet(rows: str) -> str:
    return f"<worksheet {_MAIN}><cols/><sheetData>{rows}</sheetData><pageMargins/></worksheet>"


def book(worksheet: str, *, without: str = "", packing: int = zipfile.ZIP_DEFLATED, **parts: str) -> bytes:
    """The file; `workbook`, `strings` and `styles` stand for what the usual ones have in them."""
    workbook, strings, styles = (
        parts.get(name, usual) for name, usual in (("workbook", _BOOK), ("strings", _STRINGS), ("styles", _STYLES))
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SPREADSHEET}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'{_RELATIONS}<Relationship Id="r" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATION}">{workbook}</workbook>',
        "xl/_rels/workbook.xml.rels": f'{_RELATIONS}<Relationship Id="a" Type="{_RELATION}/worksheet" Target="no.xml"/>'
        f'<Relationship Id="b" Type="{_RELATION}/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": worksheet,
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{strings}</sst>",
        "xl/styles.xml": f"<styleSheet {_MAIN}>{styles}</styleSheet>",
    }
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", packing) as archive:
        for name, text in files.items():
            if name != without:
                archive.writestr(zipfile.ZipInfo(name), text, packing)
    return memory.getvalue()
