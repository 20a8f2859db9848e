"""Files as people really have them: each is read as its owner meant it, or named as what it is."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

import pytest
import xlsxwriter

from vehicles.domain.fleet_import import ChangeRow, RefusedRow, Row
from vehicles.domain.vehicle import Change, FuelType
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.reader import FleetFile, ReadOptions, read_fleet
from vehicles.entrypoints.fleet_files.records import Columns
from vehicles.entrypoints.fleet_files.words import field_of, fuel_of

NOW: Final = datetime(2026, 11, 28, tzinfo=UTC)
VIN: Final = "WMAH05ZZ04M012345"
OTHER: Final = "WMAH05ZZ24M012346"
HEAD: Final = "vin,noOfAxles,fuelType\n"
ROW: Final = f"{VIN},3,diesel\n"


class Read(NamedTuple):
    """What was read: the vehicles, the rejected rows with their first fault, and all notes."""

    vehicles: list[tuple[str, int, FuelType]]
    refused: list[tuple[str, str]]
    notes: list[str]
    file: FleetFile
    rows: list[Row | ChangeRow | RefusedRow]


def read(content: str | bytes, options: ReadOptions | None = None) -> Read:
    notes: list[str] = []
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file = read_fleet(stream, VinPolicy.STRICT.check, options or ReadOptions(registered_at=NOW), notes.append)
    rows = list(file.rows)
    return Read(
        [
            (str(row.vehicle.vin), row.vehicle.no_of_axles, row.vehicle.fuel_type)
            for row in rows
            if isinstance(row, Row)
        ],
        [(row.place, row.faults[0].code) for row in rows if isinstance(row, RefusedRow)],
        [*file.notes, *notes],
        file,
        rows,
    )


def refusal_of(content: str | bytes, options: ReadOptions | None = None) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content, options)
    return str(caught.value)


def workbook(*rows: tuple[object, ...], at: tuple[int, int] = (0, 0), sheet: str = "Fleet") -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows, start=at[0]):
            page.write_row(number, at[1], row)
    return content.getvalue()


def named(*headings: str, delimiter: str = ",") -> str:
    return f"{delimiter.join(headings)}\n{delimiter.join((VIN, '3', 'diesel'))}\n"


ONE: Final = {
    "spaced": named("VIN", "Fuel Type", "Axles").replace("3,diesel", "diesel,3"),
    "underscores": named("vin", "no_of_axles", "fuel_type"),
    "capitals": named("VIN", "NOOFAXLES", "FUELTYPE"),
    "blanks around": named(" vin ", "noOfAxles\t", "fuelType\u00a0"),
    "no-break space": named("VIN", "No\u00a0of\u00a0axles", "Fuel\u00a0type"),
    "remarks": named("VIN (17)", "Axles [count]", "Fuel (word)"),
    "German": named("Fahrgestellnummer", "Anzahl Achsen", "Kraftstoffart", delimiter=";"),
    "French": named("N° de châssis", "Nombre d'essieux", "Énergie", delimiter=";"),
    "Spanish": named("Número de bastidor", "Ejes", "Combustible", delimiter=";"),
    "Italian": named("Telaio", "N. assi", "Alimentazione", delimiter=";"),
    "Dutch": named("Chassisnummer", "Aantal assen", "Brandstof"),
    "Polish": named("Numer VIN", "Liczba osi", "Rodzaj paliwa"),
    "tab": named("vin", "noOfAxles", "fuelType", delimiter="\t"),
    "pipe": named("vin", "noOfAxles", "fuelType", delimiter="|"),
    "sep line": "sep=;\n" + named("vin", "noOfAxles", "fuelType", delimiter=";"),
    "unusual sep": "sep=^\n" + named("vin", "noOfAxles", "fuelType", delimiter="^"),
    "UTF-16": (HEAD + ROW).encode("utf-16"),
    "UTF-16 big": b"\xfe\xff" + (HEAD + ROW).encode("utf-16-be"),
    "UTF-16 without mark": (HEAD + ROW).encode("utf-16-le"),
    "UTF-32": (HEAD + ROW).encode("utf-32"),
    "Unicode text": (HEAD + ROW).replace(",", "\t").encode("utf-16"),
    "Windows-1252 heading": "vin;noOfAxles;Kraftstoff (für EU)\n".encode("cp1252") + ROW.replace(",", ";").encode(),
    "CR": (HEAD + ROW).replace("\n", "\r"),
    "CRLF": (HEAD + ROW).replace("\n", "\r\n"),
    "CRCRLF": (HEAD + ROW).replace("\n", "\r\r\n"),
    "no end": (HEAD + ROW).strip(),
    "titles": f"Fleet report,,\nCompany no. 1234,,\n,,\n{HEAD}{ROW}",
    "comment": f"# exported 2026-01-05\n{HEAD}{ROW}",
    "blank lines first": f"\n \n{HEAD}{ROW}",
    "empty columns": f"vin,noOfAxles,fuelType,,\n{VIN},3,diesel,,\n",
    "leading empty column": f",vin,noOfAxles,fuelType\n,{VIN},3,diesel\n",
    "short row": f"vin,noOfAxles,fuelType,notes\n{ROW}",
    "BOM": "\ufeff" + HEAD + ROW,
    "BOM twice": "\ufeff\ufeff" + HEAD + ROW,
    "BOM and quotes": f'\ufeff"vin","noOfAxles","fuelType"\n{ROW}',
    "all quoted": f'"vin","noOfAxles","fuelType"\n"{VIN}","3","diesel"\n',
    "blank before quote": f'vin, noOfAxles, fuelType\n{VIN}, "3", "diesel"\n',
    "line quoted whole": f'"vin,noOfAxles,fuelType"\n"{VIN},3,diesel"\n',
    "single quotes": f"'vin','noOfAxles','fuelType'\n'{VIN}','3','diesel'\n",
    "empty quoted row": f'{HEAD}{ROW}"","",""\n',
    "rows by another delimiter": f"vin;noOfAxles;fuelType\n{ROW}",
    "line break in a cell": f'{HEAD}"{VIN}\n",3,diesel\n',
    "formula that is text": f'{HEAD}"=""{VIN}""",3,diesel\n',
    "formula unquoted": f'{HEAD}="{VIN}",3,diesel\n',
    "end of file character": f"{HEAD}{ROW}\x1a",
    "headings again": f"{HEAD}{ROW}\ufeff{HEAD}",
    "JSON Lines": json.dumps({"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}),
    "JSON with a comma": json.dumps({"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}) + ",\n",
    "JSON names": json.dumps({"VIN": VIN, "Axles": "3", "Fuel type": "Diesel", "make": "MAN"}),
    "JSON number": json.dumps({"vin": VIN, "noOfAxles": 3.0, "fuelType": "diesel"}),
    "JSON with BOM": "\ufeff" + json.dumps([{"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}]),
    "JSON array": json.dumps([{"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}]),
    "pretty array": json.dumps([{"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}], indent=2),
    "page of the API": json.dumps({"items": [{"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}], "nextCursor": None}),
    "gzip": gzip.compress((HEAD + ROW).encode()),
    "workbook": workbook(("VIN", "Axles", "Fuel"), (VIN, 3, "Diesel")),
    "workbook with titles": workbook(("Fleet",), (), ("VIN", "Axles", "Fuel", "Plate"), (VIN, 3.0, "Diesel", "X 1")),
    "workbook beside the corner": workbook(("VIN", "Axles", "Fuel"), (VIN, "3", "Diesel"), at=(4, 2)),
    "workbook in gzip": gzip.compress(workbook(("VIN", "Axles", "Fuel"), (VIN, 3, "Diesel"))),
}


@pytest.mark.parametrize("content", ONE.values(), ids=ONE)
def test_one_vehicle_is_read(content: str | bytes) -> None:
    found = read(content)
    assert (found.vehicles, found.refused) == ([(VIN, 3, FuelType.DIESEL)], [])


@pytest.mark.parametrize(
    ("field", "headings"),
    (
        (
            "vin",
            "VIN-Nr.|VIN Nr|FIN-Nr.|FIN/VIN|Fahrzeug-Identifizierungs-Nr.|Fahrgestell-Nr.|VIN#|vin_number|VINNumber",
        ),
        ("vin", "Vehicle VIN|VIN or chassis no.|VIN Code|№ VIN|Chassis N°|N° châssis|Numéro de série|NIV"),
        (
            "vin",
            "Numéro d'identification du véhicule|Nº bastidor|Número bastidor|Número de identificación del vehículo",
        ),
        ("vin", "Nr. telaio|Numero di identificazione del veicolo|Identificatienummer van het voertuig|Chassis-nr."),
        ("vin", "Numer identyfikacyjny pojazdu|Numer VIN pojazdu|Nr nadwozia"),
        ("noOfAxles", "# of Axles|Axle no|Axle #|NOOFAXLES|numberofaxles|Total axles|Vehicle axle count|Anz. Achsen"),
        ("noOfAxles", "Zahl der Achsen|Achszahl|Anzahl/Achsen|Nbre d'essieux|N° essieux|Nº ejes|Número ejes|Nr. assi"),
        (
            "noOfAxles",
            "Cantidad de ejes|NOMBREDESSIEUX|Numero degli assi|Assali|Aantal assen|Liczba osi pojazdu",
        ),
        ("fuelType", "Type of fuel|FUELTYPE|Vehicle fuel|Kraftstoffart oder Energiequelle|Energieträger|Antriebsart"),
        (
            "fuelType",
            "Type d'énergie|typedecarburant|Source d'énergie|Fuente de energía|Tipo di alimentazione",
        ),
        ("fuelType", "Soort brandstof|Brandstofsoort|Energiebron|Rodzaj napędu|Rodzaj zasilania|Źródło energii"),
    ),
)
def test_headings_are_known(field: str, headings: str) -> None:
    assert {heading: field_of(heading) for heading in headings.split("|")} == dict.fromkeys(headings.split("|"), field)


@pytest.mark.parametrize(
    "heading",
    (
        *(
            "Plate",
            "Number",
            "Nr",
            "Type",
            "Vehicle",
            "Vehicle number",
            "Vehicle type",
            "Identification",
            "Series",
            "Code",
        ),
        *(
            "Chassis type",
            "Axle type",
            "Axle weight",
            "No. of doors",
            "Fuel card no.",
            "Fuel number",
            "Make/VIN",
            "VIN/Fuel",
        ),
        *("", "n", "#", "()", "/", "n" * 60_000, "no/" * 9_000),
    ),
)
def test_other_headings_are_not_guessed(heading: str) -> None:
    assert field_of(heading) is None


@pytest.mark.parametrize(
    ("words", "fuel"),
    (
        ("Gasoline Benzin Benzine Essence Gasolina benzyna", FuelType.PETROL),
        ("CNG LNG LPG Natural_gas Erdgas Autogas GNV GPL Flüssiggas gaz_ziemny", FuelType.GASEOUS),
        ("BEV EV Electricity Elektro Strom Électrique ELETTRICO", FuelType.ELECTRIC),
        ("Plug-in_hybrid PHEV HEV Hybrid_Electric Diesel/Electric híbrido Diesel/Elektro", FuelType.HYBRID),
        ("H2 fuel_cell FCEV Wasserstoff hydrogène", FuelType.HYDROGEN),
        ("Diesel DIESEL diesel\u00a0 Gazole Gasóleo HEAVY_OIL gasolio", FuelType.DIESEL),
        ("none NONE keine aucun", FuelType.NONE),
    ),
)
def test_fuel_words_are_known(words: str, fuel: FuelType) -> None:
    rows = "".join(f"{VIN},3,{word.replace('_', ' ')}\n" for word in words.split(" "))
    found = read(HEAD + rows)
    assert ([each for *_, each in found.vehicles], found.refused) == ([fuel] * len(words.split(" ")), [])


@pytest.mark.parametrize(
    ("words", "fuel"),
    (
        (
            "Electric (BEV)|Battery Electric Vehicle|Electric (150 kWh)|véhicule électrique|Elektroauto",
            FuelType.ELECTRIC,
        ),
        ("Petrol (E10)|Super E10|Essence sans plomb 95|Benzin [bleifrei]|Benzinmotor", FuelType.PETROL),
        (
            "Diesel (B7)|Diesel (EU)|Diesel (Euro 6)|moteur diesel|Dieselkraftstoff|Diesel fuel|(Diesel)",
            FuelType.DIESEL,
        ),
        ("Erdgas (CNG)|Methan (CNG)|Propan (LPG)|gas naturale|gaz naturel (GNV)|Gas (LPG)", FuelType.GASEOUS),
        ("Wasserstoff (FCEV)|Hydrogen fuel cell|pile à combustible|Fuel cell electric vehicle", FuelType.HYDROGEN),
        ("Hybrid (PHEV)|Hybride essence|Hybrid (Benzin/Elektro)|Plug-in hybrid electric vehicle", FuelType.HYBRID),
        (
            "Petrol (hybrid)|DieselElectric|Diesel-elektrisch|Diesel + EV|Electric (range extender)",
            FuelType.HYBRID,
        ),
        ("none (trailer)|no fuel", FuelType.NONE),
    ),
)
def test_fuels_with_remarks_are_known(words: str, fuel: FuelType) -> None:
    assert {word: fuel_of(word) for word in words.split("|")} == dict.fromkeys(words.split("|"), fuel)


@pytest.mark.parametrize(
    "word",
    (
        *("gas", "GAS BI-FUEL", "other", "unknown", "Rapsöl", "steam", "n/a", "diesel, petrol", "Petrol/LPG", "fuel"),
        *(
            "Diesel (CNG)",
            "Petrol (gas)",
            "Petrol (bi-fuel)",
            "LPG (bi-fuel)",
            "Electric (no fuel)",
            "kein Diesel",
            "E85",
        ),
        *("Diesel (converted to electric)", "Diesel (not hybrid)", "Diesel or electric", "Plug-in electric vehicle"),
    ),
)
def test_ambiguous_fuel_is_shown(word: str) -> None:
    (row,) = read(f'{HEAD}{VIN},3,"{word}"\n').rows
    assert isinstance(row, RefusedRow)
    detail = f'it is "{word}"; choose one of {", ".join(FuelType)}'
    assert [(fault.code, fault.detail) for fault in row.faults] == [("vehicle.fuel_type", detail)]


@pytest.mark.parametrize("text", ("3", "03", "3.0", "3,0", " 3 ", "3.00", "\u00a03"))
def test_axles_of_spreadsheets_are_read(text: str) -> None:
    assert read(f'{HEAD}{VIN},"{text}",diesel\n').vehicles == [(VIN, 3, FuelType.DIESEL)]


@pytest.mark.parametrize("text", ("3.5", "1e0", "6x2", "", "0", "100", "-3", "+3", "3 axles", "\uff10\uff13", "three"))
def test_other_axles_are_shown(text: str) -> None:
    (row,) = read(f'{HEAD}{VIN},"{text}",diesel\n').rows
    assert isinstance(row, RefusedRow)
    shown = f'"{text}"' if text else "empty"
    assert [fault.detail for fault in row.faults] == [f"it is {shown}; write a whole number from 1 to 99"]


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    (
        ("1.23457E+16", "vin.number", []),
        ("1,23457E+16", "vin.number", []),
        (f"'{VIN}", "vin.length", [VIN]),
        (f"{VIN}\u00a0", "vin.length", [VIN]),
        (f"\u200b{VIN}", "vin.length", [VIN]),
        ("WMA H05 ZZ0 4M0 123 45", "vin.length", [VIN]),
        ("WMA-H05ZZ0-4M012345", "vin.length", [VIN]),
        ('=HYPERLINK(""x"")', "vin.length", []),
        ("@SUM(1+1)*cmd|A0", "vin.length", []),
        ("Total", "vin.length", []),
        ("GJ7-123456", "vin.frame_number", []),
        ("", "vin.empty", []),
    ),
)
def test_other_vins_are_rejected(text: str, code: str, suggestion: list[str]) -> None:
    (row,) = read(f'{HEAD}"{text}",3,diesel\n').rows
    assert isinstance(row, RefusedRow)
    assert (row.faults[0].code, [str(each.vin) for each in row.suggestions]) == (code, suggestion)
    assert (row.place, row.vin, row.cells[1:]) == ("line 2", text.replace('""', '"').strip("\u00a0"), ("3", "diesel"))


def test_number_is_no_vin() -> None:
    assert read('{"vin": 12345678901234567, "noOfAxles": 3, "fuelType": "diesel"}').refused == [
        ("line 1", "vin.number")
    ]
    assert read(workbook(("vin", "axles", "fuel"), (12345678901234567, 3, "diesel"))).refused == [
        ("row 2", "vin.number")
    ]


@pytest.mark.parametrize(
    ("content", "refused"),
    (
        (f"{HEAD}{ROW}Total,1,\n", [("line 3", "vin.length")]),
        (f"{HEAD}(17 characters),(count),(word)\n{ROW}", [("line 2", "vin.length")]),
        (f'{HEAD}"{OTHER},3,diesel\n{ROW}', [("line 2", "row.csv")]),
        (f"{HEAD}{OTHER},3,diesel,surplus\n{ROW}", [("line 2", "row.columns")]),
        (f"{HEAD}{'x' * 70_000}\n{ROW}", [("line 2", "row.too_long")]),
        (f'{HEAD}"{OTHER}' + "\n" * 12 + f'",3,diesel\n{ROW}', [("line 2", "row.csv"), ("line 14", "row.csv")]),
    ),
    ids=("total", "units", "open quote", "surplus cell", "long line", "long row"),
)
def test_bad_row_costs_itself_alone(content: str, refused: list[tuple[str, str]]) -> None:
    found = read(content)
    assert (found.vehicles, found.refused) == ([(VIN, 3, FuelType.DIESEL)], refused)


def test_bad_line_of_json_costs_itself_alone() -> None:
    good = json.dumps({"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"})
    repeated = good.replace("{", '{"vin": "x", ', 1)
    found = read(f"{good}\nnothing\n[1]\n{repeated}\n{good}\n")
    assert found.refused == [("line 2", "row.json"), ("line 3", "row.json"), ("line 4", "row.fields")]
    assert len(found.vehicles) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    (
        (b"", "the file is empty"),
        (b"%PDF-1.7\n", "the file is a PDF document; "),
        (b"<!DOCTYPE html><table><tr><td>vin", "the file is a web page, whatever its name says; "),
        (b"<html><body>", "the file is a web page"),
        (b'<?xml version="1.0"?><Workbook>', "the file is an XML file; "),
        (b"\x89PNG\r\n\x1a\n", "the file is a picture; "),
        (b"SQLite format 3\x00", "the file is a database; "),
        (b"7z\xbc\xaf\x27\x1c", "the file is an archive; unpack it, and import the file in it"),
        (b"\x00\x01\x02" * 50, "the file is neither text nor a workbook"),
        (gzip.compress(b"vin,noOfAxles", mtime=0)[:-4], "the packed file (gzip) is damaged or incomplete"),
        (b"PK\x03\x04 broken", "the workbook is damaged or protected"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "the file is no workbook that can be read"),
        (ROW, "line 1 looks like a vehicle, not like headings; "),
        ("a,b,c\n1,2,3\n", "none of the first 20 lines names the columns vin, noOfAxles, fuelType"),
        ("\n\n", "the file has no rows"),
        (f"vin,fuelType\n{VIN},diesel\n", "line 1: missing column noOfAxles; "),
        (f"vin,Axels,fuelType\n{ROW}", 'line 1: missing column noOfAxles (did you mean "Axels"?); '),
        (f"VIN,Axles,Fuel,FUEL\n{ROW}", 'line 1: 2 columns have the heading "Fuel"; rename or delete all but one'),
        (f"vin,axles,achsen,fuel\n{VIN},3,3,diesel\n", 'line 1: the columns "axles" and "achsen" both name noOfAxles'),
        ("[", "item 1, line 1: this is not JSON"),
        ('[\n{"vin": "x", "noOfAxles": 3, "fuelType": "diesel"},\n{"vin": }]', "item 2, line 3: this is not JSON"),
        ('{"vin": "x"\n', "the file is neither a list of JSON objects"),
        ("[]", "the file has no vehicles"),
        (json.dumps([{"vin": VIN}]), "the objects: missing column noOfAxles, missing column fuelType"),
        (workbook((VIN, 3, "diesel")), "row 1 looks like a vehicle, not like headings"),
        (workbook(("VIN", "Fuel"), (VIN, "diesel")), "row 1: missing column noOfAxles"),
        (workbook(("a",), ("b",)), 'none of the first 20 filled rows of the sheet "Fleet" names the columns'),
        (workbook(), 'the sheet "Fleet" is empty'),
    ),
)
def test_other_files_are_named(content: str | bytes, words: str) -> None:
    assert words in refusal_of(content)


def test_cells_far_away_are_not_unpacked() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ("VIN", "Axles", "Fuel"))
        page.write(1_048_575, 16_383, "x")
    assert "more than 5,000,000 cells" in refusal_of(content.getvalue())


def test_sheet_is_chosen_by_name() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.add_worksheet("Cover").write(0, 0, "Fleet 2026")
        page = book.add_worksheet("Trucks")
        page.write_row(0, 0, ("VIN", "Axles", "Fuel"))
        page.write_row(1, 0, (VIN, 3, "diesel"))
    options = ReadOptions(registered_at=NOW, sheet="Trucks")
    assert read(content.getvalue(), options).vehicles == [(VIN, 3, FuelType.DIESEL)]
    assert 'there is no sheet \'Buses\'; the workbook has "Cover", "Trucks"' in refusal_of(
        content.getvalue(), ReadOptions(registered_at=NOW, sheet="Buses")
    )


def test_columns_are_assigned_by_hand() -> None:
    content = f"Vehicle;Count of wheels;Axle count;Fuel\n{VIN};6;3;diesel\n"
    options = ReadOptions(Columns({"vin": "vehicle", "noOfAxles": "Count of wheels"}), registered_at=NOW)
    found = read(content, options)
    assert (found.vehicles, found.notes) == ([(VIN, 6, FuelType.DIESEL)], ['columns ignored: "Axle count"'])
    missing = ReadOptions(Columns({"vin": "Chassis"}), registered_at=NOW)
    assert 'there is no column "Chassis" for vin; the columns are "Vehicle"' in refusal_of(content, missing)


def test_other_columns_are_ignored_with_one_note() -> None:
    found = read(f"vin,plate,noOfAxles,notes,fuelType\n{VIN},TEST 1,3,winter tyres,diesel\n")
    assert (found.vehicles, found.notes) == (
        [(VIN, 3, FuelType.DIESEL)],
        ['columns ignored: "plate", "notes"'],
    )


def test_headings_in_the_middle_are_skipped_with_a_note() -> None:
    found = read(f"{HEAD}{ROW}\ufeff{HEAD}{OTHER},2,petrol\n")
    assert (len(found.vehicles), found.notes) == (2, ["note: line 3 repeats the headings, and is skipped"])


def test_strict_rejects_other_columns() -> None:
    options = ReadOptions(Columns({}, strict=True), registered_at=NOW)
    assert '"plate" is no column of a vehicle' in refusal_of("vin,noOfAxles,fuelType,plate\n", options)


def test_strict_takes_the_columns_of_refused_rows() -> None:
    found = read(
        f"vin,noOfAxles,fuelType,error,suggestion\n{VIN},3,diesel,,\n",
        ReadOptions(Columns({}, strict=True), registered_at=NOW),
    )
    assert len(found.vehicles) == 1


def test_sixty_columns_are_ignored() -> None:
    more = [f"custom{number}" for number in range(57)]
    found = read(",".join(("vin", "noOfAxles", "fuelType", *more)) + f"\n{VIN},3,diesel{',' * 57}\n")
    assert (found.vehicles, len(found.notes)) == ([(VIN, 3, FuelType.DIESEL)], 1)


def test_trailer_needs_no_fuel() -> None:
    found = read(f"{HEAD}WKESD000000500001,3,\nWSMS7480000700001,3,none\n{VIN},3,\n")
    assert [fuel for *_, fuel in found.vehicles] == [FuelType.NONE, FuelType.NONE]
    assert found.refused == [("line 4", "vehicle.fuel_type")]


def test_empty_fuel_means_what_was_said() -> None:
    options = ReadOptions(registered_at=NOW, empty_fuel=FuelType.NONE)
    assert read(f"{HEAD}{VIN},3,\n", options).vehicles == [(VIN, 3, FuelType.NONE)]


def test_column_of_bytes_that_are_no_text_is_ignored() -> None:
    found = read(b"vin,noOfAxles,fuelType,driver\n" + ROW.strip().encode() + b",M\xfcller\n")
    assert found.vehicles == [(VIN, 3, FuelType.DIESEL)]


def test_late_byte_that_is_no_text_is_rejected_where_it_matters() -> None:
    rows = [f"{Vin.of(f'WMAH05ZZ04M{number:06d}')},3,diesel,\n" for number in range(4000)]
    late = f"{VIN},3,di\udcffesel,\n{OTHER},3,diesel,\udcff\n"
    found = read(("vin,noOfAxles,fuelType,notes\n" + "".join(rows) + late).encode("utf-8", "surrogateescape"))
    assert (len(found.vehicles), found.refused) == (4001, [("line 4002", "row.encoding")])


@pytest.mark.parametrize(
    ("text", "taken"),
    (
        ("2026-01-05T08:00:00+01:00", datetime(2026, 1, 5, 7, tzinfo=UTC)),
        ("2026-01-05T08:00:00.123456Z", datetime(2026, 1, 5, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-05 08:00:00", None),
        ("05.01.2026 08:00", None),
        ("", None),
        ("2099-01-01T00:00:00Z", None),
        ("2026-01-05", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("20260105T080000.1+01:00", None),
    ),
)
def test_timestamps_need_an_offset(text: str, taken: datetime | None) -> None:
    (row,) = read(f"vin,noOfAxles,fuelType,timestamp\n{VIN},3,diesel,{text}\n", ReadOptions(latest=NOW)).rows
    assert (row.vehicle.registered_at if isinstance(row, Row) else None) == taken


def test_timestamps_that_are_kept_need_a_column() -> None:
    assert "no column timestamp" in refusal_of(HEAD + ROW, ReadOptions())


def test_sheet_of_text_is_an_error() -> None:
    assert "--sheet is for workbooks" in refusal_of(HEAD + ROW, ReadOptions(sheet="Trucks", registered_at=NOW))


@pytest.mark.parametrize(
    "content",
    (
        f"vin,noOfAxles,fuelType,Plate\n{VIN},3,diesel,\n,,,B-MN 123\n",
        f"vin,noOfAxles,fuelType,error,suggestion\n{VIN},3,diesel,,\n,,,row.json: it is not a JSON object,\n",
    ),
)
def test_row_with_anything_in_it_is_never_dropped(content: str) -> None:
    assert read(content).refused == [("line 3", "vin.empty")]


def test_refused_row_is_as_it_came() -> None:
    late = HEAD.encode().rstrip() + b",Driver\n" + b"\n" * 70_000 + f"{VIN},9x9,diesel,M\xfcller\n".encode("latin-1")
    (row,) = read(late).rows
    assert isinstance(row, RefusedRow)
    assert row.cells == (VIN, "9x9", "diesel", "Müller")


def test_value_that_is_no_text_is_shown() -> None:
    late = HEAD.encode() + b"\n" * 70_000 + f"{VIN},3,M\xfcll\n".encode("latin-1")
    (row,) = read(late).rows
    assert isinstance(row, RefusedRow)
    assert row.faults[0].detail == '"M\\udcfcll" has bytes that are not text; save the file as CSV in UTF-8'


def test_timestamps_are_ignored_with_a_note() -> None:
    found = read(f"vin,noOfAxles,fuelType,timestamp\n{VIN},3,diesel,05.01.2026 08:00\n")
    assert found.vehicles == [(VIN, 3, FuelType.DIESEL)]
    assert found.notes == ["the timestamps of the file are ignored; --keep-timestamps keeps them"]


@pytest.mark.parametrize(
    ("text", "taken"),
    (
        (f"*{VIN}*", VIN),
        (f"'{VIN}", VIN),
        (f"\u200b{VIN}", VIN),
        ("WMA-H05ZZ0-4M012345", VIN),
        ("I5FNRL38408B400001", "5FNRL38408B400001"),
        ("1HGCM82633A0043S2", "1HGCM82633A004352"),
        (f"I{VIN}", None),
        ("WMAHO5ZZ04M012345", None),
        ("WMAH05ZZ04M0Q2345", None),
    ),
)
def test_only_sure_suggestions_are_accepted(text: str, taken: str | None) -> None:
    found = read(f"{HEAD}{text},3,diesel\n", ReadOptions(registered_at=NOW, accept_suggestions=True))
    assert [vin for vin, *_ in found.vehicles] == ([taken] if taken else [])
    assert len(found.notes) == (1 if taken else 0)


def test_doubtful_vins_are_accepted_with_warnings() -> None:
    found = read(f"{HEAD}00000000000000001,3,diesel\nTESTTESTTEST01234,3,diesel\nWMA06XZZ2CP000001,3,diesel\n")
    codes = [[warning.code for warning in row.warnings] for row in found.rows if isinstance(row, Row)]
    assert codes == [
        ["vin.unassigned_block", "vin.unknown_wmi"],
        ["vin.unknown_wmi"],
        ["vin.check_digit_unexpected"],
    ]


@pytest.mark.parametrize(
    ("content", "understood"),
    (
        (f"sep=;\nFleet\n{HEAD.replace(',', ';')}", ("csv", "utf-8", ";", "", 3)),
        ((HEAD + ROW).encode("utf-16"), ("csv", "utf-16-le", ",", "", 1)),
        (workbook(("Fleet",), ("VIN", "Axles", "Fuel")), ("xlsx", "", "", "Fleet", 2)),
        (json.dumps([{"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}]), ("json", "utf-8", "", "", 0)),
    ),
)
def test_understanding_is_known(content: str | bytes, understood: tuple[object, ...]) -> None:
    found = read(content).file.understood
    assert (found.format, found.encoding, found.delimiter, found.sheet, found.heading_line) == understood


@pytest.mark.parametrize("make", (gzip.compress, lambda content: content))
def test_long_files_are_read_to_the_end(make: Callable[[bytes], bytes]) -> None:
    rows = "".join(f"WMAH05ZZ04M{number:06d},3,diesel\r" for number in range(3000))
    assert len(read(make((HEAD.replace("\n", "\r") + rows).encode())).vehicles) == 3000


@pytest.mark.parametrize("indent", (None, 2))
def test_long_documents_are_read_to_the_end(indent: int | None) -> None:
    items = [{"vin": f"WMAH05ZZ04M{n:06d}", "noOfAxles": 3, "fuelType": "diesel"} for n in range(2000)]
    assert len(read(json.dumps(items, indent=indent)).vehicles) == 2000


def test_file_without_a_column_may_change_vehicles() -> None:
    options = ReadOptions(Columns({}, partial=True), registered_at=NOW)
    (row,) = read(f"VIN;Axles\n{VIN};4\n", options).rows
    assert isinstance(row, ChangeRow)
    assert row.change == Change(Vin.of(VIN), 4, None)
    assert "line 1: missing column" in refusal_of(f"VIN;Plate\n{VIN};T 1\n", options)


@pytest.mark.parametrize(
    ("headings", "hint"),
    (
        ("VIN,Axels,Fuel", 'missing column noOfAxles (did you mean "Axels"?)'),
        ("VIN,No. of axels,Fuel", 'missing column noOfAxles (did you mean "No. of axels"?)'),
        ("VIN,Axles,Fule", 'missing column fuelType (did you mean "Fule"?)'),
        ("VIN,Achsen,Kraftstof", 'missing column fuelType (did you mean "Kraftstof"?)'),
        ("VIN,Essieux,Carburent", 'missing column fuelType (did you mean "Carburent"?)'),
    ),
)
def test_misspelt_column_is_not_ignored(headings: str, hint: str) -> None:
    content = f"{headings}\n{VIN},3,diesel\n"
    options = ReadOptions(Columns({}, partial=True), registered_at=NOW)
    assert hint in refusal_of(content, options)
    assert refusal_of(content, options).endswith("; if it is something else, delete it")
    assert hint in refusal_of(content)
    misspelt = hint.split('"')[1]
    named = ReadOptions(Columns({hint.split(" ")[2]: misspelt}, partial=True), registered_at=NOW)
    assert read(content, named).vehicles == [(VIN, 3, FuelType.DIESEL)]


@pytest.mark.parametrize("heading", ("Asset", "Sales", "Taxes", "Axle 1", "Axle weight", "Notes", "Seats", "Osoby"))
def test_other_columns_are_no_misspelt_ones(heading: str) -> None:
    options = ReadOptions(Columns({}, partial=True), registered_at=NOW)
    found = read(f"VIN,{heading},Fuel\n{ROW}", options)
    assert [row.change for row in found.rows if isinstance(row, ChangeRow)] == [
        Change(Vin.of(VIN), None, FuelType.DIESEL)
    ]


def test_assigned_column_must_be_there() -> None:
    options = ReadOptions(Columns({"noOfAxles": "Wheels"}, partial=True), registered_at=NOW)
    assert 'there is no column "Wheels" for noOfAxles' in refusal_of(f"VIN,Fuel\n{VIN},diesel\n", options)


def test_equal_headings_are_not_told_apart_by_hand() -> None:
    options = ReadOptions(Columns({"fuelType": "Fuel"}), registered_at=NOW)
    words = 'line 1: 2 columns have the heading "Fuel"; rename or delete all but one'
    assert refusal_of(f"VIN,Axles,Fuel,Fuel\n{VIN},3,diesel,diesel\n", options) == words
