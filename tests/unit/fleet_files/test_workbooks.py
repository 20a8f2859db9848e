"""Workbooks that are damaged, or that try to take all memory: each is refused in a sentence, before it takes much."""

import io
import zipfile
from collections.abc import Iterable
from typing import Final

import pytest
import xlsxwriter

from tests.unit.fleet_files.test_cases import NOW, OTHER, VIN, read, refusal_of, workbook
from vehicles.domain.vehicle import FuelType
from vehicles.entrypoints.fleet_files.reader import ReadOptions

HEAD: Final = ("VIN", "Axles", "Fuel")
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns"
TOO_MANY_CELLS: Final = "a sheet has more than 5,000,000 cells"
TOO_LONG: Final = "a cell has more than 32,767 characters"
TOO_MUCH_TEXT: Final = "a sheet has more than 268,435,456 characters"
DAMAGED: Final = "the workbook is damaged or protected"
ROWS: Final = (
    '<row r="1"><c r="A1" t="str"><v>VIN</v></c><c t="str"><v>Axles</v></c><c t="str"><v>Fuel</v></c></row>'
    f'<row><c t="str"><v>{VIN}</v></c><c><v>3</v></c><c t="str"><v>diesel</v></c></row>'
)


def packed(parts: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


def xlsx(
    rows: str, strings: Iterable[str] = (), *, path: str = "worksheets/sheet1.xml", before: str = "", counted: str = ""
) -> bytes:
    shared = "".join(f"<si><t>{text}</t></si>" for text in strings)
    relation = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="{path}"/>'
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>',
            f"xl/{path}": f'{before}<worksheet xmlns="{MAIN}" xmlns:x="{MAIN}"><sheetData>{ROWS}{rows}</sheetData>'
            "</worksheet>",
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"{counted}>{shared}</sst>',
        }
    )


def text_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def table_row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def ods(*rows: str, tables: int = 1) -> bytes:
    headings = table_row(*map(text_cell, HEAD))
    names = " ".join(f'xmlns:{name}="{OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    table = "".join(
        f'<table:table table:name="S{number}">{headings}{"".join(rows)}</table:table>' for number in range(tables)
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {names}><office:body><office:spreadsheet>{table}"
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def with_sheets(**sheets: list[tuple[object, ...]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return content.getvalue()


def test_panic_of_calamine_is_a_refusal() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        page.write(1, 0, -1e300, book.add_format({"num_format": "yyyy-mm-dd"}))  # no date is as early
    assert "the file is no workbook that can be read" in refusal_of(content.getvalue())


@pytest.mark.parametrize(
    "cell",
    (
        "<c r='XFD1048576'><v>1</v></c>",
        '<c\n r="GR1048576"><v>1</v></c>',
        '<x:c r="XFD1048576"><v>1</v></x:c>',
        '<c s="1" r="xfd1048576"><v>1</v></c>',
        '<c r="XFD1048576"/>',
    ),
    ids=("quotes", "line break", "prefix", "lower case", "empty"),
)
@pytest.mark.parametrize("path", ("worksheets/sheet1.xml", "other/part.dat"))
def test_far_cell_is_found_however_it_is_written(cell: str, path: str) -> None:
    assert TOO_MANY_CELLS in refusal_of(xlsx(f"<row>{cell}</row>", path=path))


@pytest.mark.parametrize(
    "rows",
    (
        '<row r="1048576"><c r="A1"/><c r="XFC1048576"/><c/></row>',
        '<row r="5000000"><c/><c/></row>',
        f"<row>{'<c/>' * 500}</row>{'<row><c/></row>' * 10_000}",
    ),
    ids=("after another", "row", "no places"),
)
def test_cells_count_without_places_of_their_own(rows: str) -> None:
    assert TOO_MANY_CELLS in refusal_of(xlsx(rows))


@pytest.mark.parametrize(
    "rows",
    (
        '<row r="1000000"><c><is><row r="1"/></is></c></row>',
        "<row><c><c/></c></row>",
        '<c r="A9"/>',
        '<row r="x"/>',
        '<row><c r="$A$1"/></row>',
        '<row><c t="s"><v>7</v></c></row>',
        "<row>",
    ),
    ids=("row in a row", "cell in a cell", "no row", "row number", "place", "no such text", "open"),
)
def test_sheet_that_is_not_as_the_standard_says_is_damaged(rows: str) -> None:
    assert DAMAGED in refusal_of(xlsx(rows))


def test_sheet_has_no_document_type() -> None:
    assert DAMAGED in refusal_of(xlsx("", before='<!DOCTYPE worksheet [<!ENTITY a "b">]>'))


def test_sheet_in_another_encoding_is_damaged() -> None:
    sheet = "xl/worksheets/sheet2.xml"
    content = io.BytesIO(xlsx(""))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(sheet, "\ufeff<a>".encode("utf-16-le") + b"<sheetData>" + "</a>".encode("utf-16-le"))
    assert DAMAGED in refusal_of(content.getvalue())


@pytest.mark.parametrize("name", ("XL/SharedStrings.xml", "other/sharedStrings.xml"))
def test_shared_strings_are_in_one_part(name: str) -> None:
    content = io.BytesIO(xlsx(""))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(name, "<sst/>")
    assert DAMAGED in refusal_of(content.getvalue())


def test_shared_strings_are_no_sheet() -> None:
    parts = zipfile.ZipFile(io.BytesIO(xlsx("")))
    content = packed({name: parts.read(name).decode() for name in parts.namelist() if "shared" not in name})
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/worksheets/sharedStrings.xml", "<worksheet><sheetData/></worksheet>")
    assert DAMAGED in refusal_of(stream.getvalue())


def test_other_parts_may_be_anything() -> None:
    content = io.BytesIO(xlsx(""))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG")
        archive.writestr("xl/media/image2.svg", '<!DOCTYPE svg PUBLIC "a" "b"><svg/>')
        archive.writestr("xl/drawings/vmlDrawing1.vml", "<xml><br></xml>")
        archive.writestr("xl/calcChain.xml", '<calcChain><c r="XFD1048576" i="1"/></calcChain>')
        archive.writestr("customXml/item1.xml", f"<a><c>{'x' * 40_000}</c></a>")
    assert read(content.getvalue()).vehicles == [(VIN, 3, FuelType.DIESEL)]


def test_lists_of_choices_are_no_cell() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, (VIN, 3, "diesel"))
        for row in range(200):
            page.data_validation(row, 4, row, 4, {"validate": "list", "source": ["x" * 120, "y" * 120]})
    assert read(content.getvalue()).vehicles == [(VIN, 3, FuelType.DIESEL)]


@pytest.mark.parametrize(
    "content",
    (
        xlsx('<row><c t="s"><v>0</v></c></row>', ["x" * 32_768]),
        xlsx(f'<row><c t="inlineStr"><is><t>{"x" * 32_768}</t></is></c></row>'),
        ods(table_row(text_cell("x" * 32_768))),
        ods(table_row(text_cell('<text:s text:c="4000000000"/>'))),
    ),
    ids=("shared", "inline", "ods", "spaces"),
)
def test_text_has_room_in_a_cell(content: bytes) -> None:
    assert TOO_LONG in refusal_of(content)


@pytest.mark.parametrize("index", ("1", "1<!-- -->0", "<![CDATA[1]]>"))
def test_texts_count_as_often_as_they_are_used(index: str) -> None:
    strings = ["", "x" * 32_000, *[""] * 9]
    assert TOO_MUCH_TEXT in refusal_of(xlsx(f'<row><c t="s"><v>{index}</v></c></row>' * 9_000, strings))


def test_long_remark_in_a_large_sheet_is_no_bomb() -> None:
    found = read(xlsx('<row><c t="s"><v>0</v></c></row>' * 20_000, ["", "x" * 32_000]))
    assert len(found.vehicles) == 1


def test_strings_are_not_more_than_cells() -> None:
    content = xlsx("", counted=' uniqueCount="99999999999"')
    assert TOO_MANY_CELLS in refusal_of(content)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    (xlsx(f"<row>{'<c r="A1"/>' * 5_000_001}</row>"), xlsx("", [""] * 5_000_001)),
    ids=("cells in one place", "strings"),
)
def test_all_that_is_kept_counts(content: bytes) -> None:
    assert TOO_MANY_CELLS in refusal_of(content)


@pytest.mark.parametrize(
    ("rows", "tables"),
    (
        ((table_row(text_cell("x", ' table:number-columns-repeated="100000000"')),), 1),
        ((table_row(text_cell("x"), more=' table:number-rows-repeated="100000000"'),), 1),
        ((table_row(more=' table:number-rows-repeated="4000000"'), table_row(text_cell("x"))), 1),
        ((table_row('<table:table-cell table:number-columns-repeated="6000000"/><table:table-cell/>'),), 1),
        ((table_row('<table:covered-table-cell table:number-columns-repeated="3000000"/>', text_cell("x")),), 1),
        ((table_row(text_cell("x"), more=' table:number-rows-repeated="400000"'),), 5),
    ),
    ids=("columns", "rows", "gap", "empty cells", "covered cells", "tables"),
)
def test_what_repeats_counts_as_often(rows: tuple[str, ...], tables: int) -> None:
    assert TOO_MANY_CELLS in refusal_of(ods(*rows, tables=tables))


def test_text_that_repeats_counts_as_often() -> None:
    repeated = table_row(text_cell("x" * 3_000), more=' table:number-rows-repeated="100000"')
    assert TOO_MUCH_TEXT in refusal_of(ods(repeated))


def test_table_in_a_table_is_damaged() -> None:
    inner = "<table:table table:name='T'/>"
    assert DAMAGED in refusal_of(ods(table_row(text_cell(inner))))


def test_empty_rows_and_columns_may_repeat_to_the_end() -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    content = ods(
        table_row(text_cell(VIN), text_cell("3"), text_cell("diesel"), blank),
        table_row(blank, more=' table:number-rows-repeated="10"'),
        table_row(text_cell(OTHER), text_cell("3"), text_cell("diesel")),
        table_row(blank, more=' table:number-rows-repeated="1048000"'),
    )
    assert [(vehicle[0], row.place) for vehicle, row in zip(*read(content)[::4], strict=True)] == [
        (VIN, "row 2"),
        (OTHER, "row 13"),
    ]


def test_binary_workbook_is_named() -> None:
    assert "the workbook is a binary one (.xlsb); save it as .xlsx" in refusal_of(packed({"xl/workbook.bin": ""}))


def test_headings_are_looked_for_in_filled_rows() -> None:
    assert read(workbook(HEAD, (VIN, 3, "diesel"), at=(24, 0))).vehicles == [(VIN, 3, FuelType.DIESEL)]
    titles = [(f"Title {number}",) for number in range(20)]
    assert 'none of the first 20 filled rows of the sheet "Fleet" names the columns' in refusal_of(
        workbook(*titles, HEAD, (VIN, 3, "diesel"))
    )


@pytest.mark.parametrize(
    ("cover", "words"),
    (
        ([("Fleet of ACME",)], 'none of the first 20 filled rows of the sheet "Cover" names the columns'),
        ([], 'the sheet "Cover" is empty'),
        ([("Fuel",)], "row 1: missing column vin"),
    ),
)
def test_other_sheets_are_named(cover: list[tuple[object, ...]], words: str) -> None:
    content = with_sheets(Cover=cover, Trucks=[HEAD, (VIN, 3, "diesel")], Notes=[])
    refusal = refusal_of(content)
    assert refusal.startswith(words)
    assert refusal.endswith('; the workbook has other sheets, which --sheet chooses: "Trucks", "Notes"')
    assert read(content, ReadOptions(registered_at=NOW, sheet="Trucks")).vehicles == [(VIN, 3, FuelType.DIESEL)]


@pytest.mark.parametrize("part", ("word/document.xml", "ppt/presentation.xml", "Index/Document.iwa", "content.xml"))
def test_document_is_no_archive_to_unpack(part: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(part, "<x/>")
    assert "the file is a document, not a workbook" in refusal_of(packed.getvalue())
