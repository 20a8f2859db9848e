"""The contract tests of the port `ReportStore`, and of the files in the store.

The test file of an adapter inherits the suite and overrides two fixtures.
"""

from collections import Counter
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.adapters.report_formats.files import ReportFiles, copies_of
from vehicles.adapters.report_formats.render import render_report
from vehicles.domain.errors import ReportChanged, StorageCorrupted
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import Change, ReportFormat, WeeklyReport, WeekTotal
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.report_store import StoredReport, key_of
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.contended_reports import ContendedReports, Crash, crash_at
from vehicles.testing.racing import SECONDS, racing, started
from vehicles.testing.strategies import ALPHABET

ZONE: Final = ZoneInfo("UTC")
WEEK: Final = IsoWeek(2026, 47)
NOW: Final = datetime(2026, 11, 25, 12, tzinfo=ZONE)  # the week ended on Monday
KEY: Final = key_of(WEEK)
COPIES: Final = (ReportFormat.CSV, ReportFormat.HTML)
THREADS: Final = 16

SAVE: Final = ("write", "versions", "write", "write", "versions")
"""The operations on files of a save without concurrent writers."""


def report_of(total: int, week: IsoWeek = WEEK, *, complete: bool = True) -> WeeklyReport:
    """Return the report of a fleet of `total` vehicles, all registered in the week."""
    summary = Summary(
        week,
        ZONE,
        Counter({FuelType.DIESEL: total}),
        Counter({2: total}),
        Counter({"WMA": total}),
        Counter({week: total}),
    )
    return WeeklyReport.of(summary, complete=complete, earlier=None)


def large_report() -> WeeklyReport:
    """Return the report of a fleet of 4,000 manufacturers."""
    wmis = ["".join(each) for each in product("ABCD", ALPHABET, ALPHABET)][:4_000]
    counts: Any = (Counter({FuelType.DIESEL: 4_000}), Counter({2: 4_000}), Counter(wmis), Counter({WEEK: 4_000}))
    return WeeklyReport.of(Summary(WEEK, ZONE, *counts), complete=True, earlier=None)


def other_report() -> WeeklyReport:
    """Return a report with entries in every section, some of them unknown."""
    before = WEEK.shifted(-1)
    summary = Summary(
        WEEK,
        ZoneInfo("Europe/Berlin"),
        Counter({FuelType.DIESEL: 5, FuelType.ELECTRIC: 2}),
        Counter({2: 4, 99: 3}),
        Counter({"WMA": 4, "1E9": 2, "ZZZ": 1}),
        Counter({WEEK: 3, before: 1}),
    )
    return WeeklyReport(summary, True, Change(before, -2, 3, None), (WeekTotal(before, 9), WeekTotal(WEEK, 7)))  # noqa: FBT003 — positions of a report


REPORT: Final = report_of(5)
DOCUMENT: Final = render_report(REPORT, ReportFormat.JSON)
DAMAGED: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "cut": DOCUMENT[: len(DOCUMENT) // 2],
    "longer": DOCUMENT + b"\n",
    "another document": b"{}",
    "no checksum": b'{\n  "week": "2026-W47"\n}\n',
    "no text": b"\x00\xff\r\n\x1a",
    "of another week": render_report(report_of(5, WEEK.shifted(-1)), ReportFormat.JSON),
}


def signed(document: bytes) -> bytes:
    """Return a document with the matching checksum."""
    first, _, rest = document.partition(b'"sha256": "')
    unsigned = first + b'"sha256": "' + rest[64:]
    return unsigned.replace(b'"sha256": "', b'"sha256": "' + sha256(unsigned).hexdigest().encode(), 1)


def version_in(store: ReportFiles, week: IsoWeek = WEEK) -> Version | None:
    stored = store.load(week)
    return stored.version if stored else None


def stored_in(store: ReportFiles, week: IsoWeek = WEEK) -> StoredReport:
    """Return the stored report of a week, which must exist."""
    stored = store.load(week)
    assert stored is not None
    return stored


def put(store: ReportFiles, *reports: WeeklyReport) -> StoredReport:
    """Save reports, each in place of the current version, and return the last one as it is stored."""
    for report in reports:
        while True:
            try:
                store.save(report, expected=version_in(store, report.week))
            except ReportChanged:
                continue
            break
    return stored_in(store, reports[-1].week)


def copies_in(files: Mapping[str, bytes], week: IsoWeek = WEEK) -> dict[str, bytes | None]:
    return {key: files.get(key) for key in (key_of(week, each) for each in COPIES)}


def summaries_on(store: ReportFiles) -> WeeklySummaries:
    """Return the summaries of a fleet of one vehicle."""
    repository = InMemoryVehicleRepository()
    vehicle = Vehicle(Vin.of("WMAH05ZZ94M000001"), 2, FuelType.DIESEL, WEEK.start(ZONE) - timedelta(weeks=2))
    repository.add(StoredVehicle(vehicle, Version("1")))
    return WeeklySummaries(repository, store, lambda: NOW, ZONE)


class ReportStoreContract:
    """The contract of `ReportStore`, and of its files."""

    @pytest.fixture
    def store(self) -> ReportFiles:
        """Return a store without any report."""
        raise NotImplementedError

    @pytest.fixture
    def files(self, store: ReportFiles) -> MutableMapping[str, bytes]:
        """Return the files of the store by key, bypassing the store."""
        raise NotImplementedError

    # --- load and save ---

    def test_load_of_nothing_is_none(self, store: ReportFiles) -> None:
        assert store.load(WEEK) is None

    @pytest.mark.parametrize(
        "report",
        (REPORT, report_of(5, complete=False), report_of(0), other_report()),
        ids=("complete", "provisional", "empty", "full"),
    )
    def test_saved_report_is_loaded(self, store: ReportFiles, report: WeeklyReport) -> None:
        assert report == put(store, report).report

    def test_large_report_is_loaded(self, store: ReportFiles) -> None:
        report = large_report()
        assert report == put(store, report).report

    @pytest.mark.parametrize("weeks", (-52, -1, 1, 6))
    def test_neighbour_is_not_loaded(self, store: ReportFiles, weeks: int) -> None:
        put(store, REPORT)
        assert store.load(WEEK.shifted(weeks)) is None

    def test_save_changes_no_other_week(self, store: ReportFiles) -> None:
        first = put(store, REPORT)
        put(store, report_of(7, WEEK.shifted(1)))
        assert first == store.load(WEEK)

    def test_other_report_has_other_version(self, store: ReportFiles) -> None:
        assert put(store, report_of(5)).version != put(store, report_of(7)).version

    # --- expected versions ---

    def test_stale_save_changes_nothing(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        stale = put(store, report_of(5)).version
        put(store, report_of(7))
        before = dict(files)
        with pytest.raises(ReportChanged):
            store.save(report_of(9), expected=stale)
        assert before == dict(files)

    def test_save_in_place_of_nothing_raises_on_something(
        self, store: ReportFiles, files: MutableMapping[str, bytes]
    ) -> None:
        put(store, report_of(5))
        before = dict(files)
        with pytest.raises(ReportChanged) as error:
            store.save(report_of(7), expected=None)
        assert (error.value.week, dict(files)) == ("2026-W47", before)

    def test_save_in_place_of_something_raises_on_nothing(
        self, store: ReportFiles, files: MutableMapping[str, bytes]
    ) -> None:
        version = put(store, report_of(5, WEEK.shifted(-1))).version
        before = dict(files)
        with pytest.raises(ReportChanged):
            store.save(report_of(5), expected=version)
        assert before == dict(files)

    # --- weeks ---

    def test_weeks_are_newest_first(self, store: ReportFiles) -> None:
        assert store.weeks() == []
        weeks = [IsoWeek.parse(each) for each in ("2026-W09", "2026-W10", "2020-W53", "2027-W01", "2026-W47")]
        put(store, report_of(5), report_of(7))
        put(store, *(report_of(1, week) for week in weeks))
        assert sorted(weeks, reverse=True) == store.weeks()

    def test_damaged_report_is_listed(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        files[KEY] = b""
        assert store.weeks() == [WEEK]

    @pytest.mark.parametrize(
        "key",
        (
            *("summaries/latest.json", "summaries/summary.json", "elsewhere/summaries/year=2026/week=47/summary.json"),
            *("summaries/year=2026/week=47/manifest.json", "summaries/year=2026/week=47/summary.csv"),
            *("summaries/year=2026/week=47/summary.html", "summaries/year=2026/week=47/summary.json.old"),
            *("summaries/year=2026/week=47/run=1/summary.json", "summaries/year=2026/week=54/summary.json"),
            *("summaries/year=2026/week=4/summary.json", "summaries/year=1666/week=01/summary.json"),
            "summaries/year=\u0662026/week=47/summary.json",
        ),
    )
    def test_foreign_file_is_no_week(self, store: ReportFiles, files: MutableMapping[str, bytes], key: str) -> None:
        files[key] = DOCUMENT
        assert (store.weeks(), store.load(WEEK)) == ([], None)

    # --- damage ---

    @given(position=st.integers(0, len(DOCUMENT) - 1), flipped=st.integers(1, 255))
    # Each example begins with the report of the previous one, or with none; both are valid.
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])
    def test_flipped_byte_is_damage(
        self, store: ReportFiles, files: MutableMapping[str, bytes], position: int, flipped: int
    ) -> None:
        store.save(REPORT, expected=version_in(store))
        damaged = bytearray(DOCUMENT)
        damaged[position] ^= flipped
        files[KEY] = bytes(damaged)
        stored = stored_in(store)
        assert stored.report is None
        store.save(REPORT, expected=stored.version)
        repaired = stored_in(store)
        assert repaired.report == REPORT

    @pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
    def test_damaged_report_is_replaced(
        self, store: ReportFiles, files: MutableMapping[str, bytes], content: bytes
    ) -> None:
        files[KEY] = content
        stored = stored_in(store)
        assert stored.report is None
        with pytest.raises(ReportChanged):
            store.save(REPORT, expected=None)
        store.save(REPORT, expected=stored.version)
        assert dict(files) == {KEY: DOCUMENT, **copies_of(REPORT)}

    def test_version_before_damage_is_stale(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        version = put(store, REPORT).version
        files[KEY] = DOCUMENT[:-1]
        with pytest.raises(ReportChanged):
            store.save(REPORT, expected=version)

    def test_report_of_newer_schema_raises(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        files[KEY] = signed(DOCUMENT.replace(b'"schema": 1', b'"schema": 2', 1))
        with pytest.raises(StorageCorrupted, match="newer version"):
            store.load(WEEK)

    def test_report_that_holds_no_report_is_none(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        files[KEY] = signed(DOCUMENT.replace(b'"total"', b'"Total"').replace(b'"history"', b'"History"'))
        stored = stored_in(store)
        assert stored.report is None

    # --- copies ---

    def test_save_leaves_report_and_copies(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        put(store, REPORT)
        assert dict(files) == {KEY: DOCUMENT, **copies_of(REPORT)}

    @pytest.mark.parametrize("missing", (COPIES, COPIES[:1], COPIES[1:]))
    def test_missing_copies_are_restored(
        self, store: ReportFiles, files: MutableMapping[str, bytes], missing: tuple[ReportFormat, ...]
    ) -> None:
        stored = put(store, REPORT)
        for report_format in missing:
            del files[key_of(WEEK, report_format)]
        store.restore_copies(stored)
        assert copies_in(files) == copies_of(REPORT)

    @pytest.mark.parametrize("report_format", COPIES)
    @pytest.mark.parametrize("content", (b"", b"foreign", render_report(report_of(7), ReportFormat.CSV)))
    def test_foreign_copies_are_replaced(
        self, store: ReportFiles, files: MutableMapping[str, bytes], report_format: ReportFormat, content: bytes
    ) -> None:
        stored = put(store, REPORT)
        files[key_of(WEEK, report_format)] = content
        store.restore_copies(stored)
        assert copies_in(files) == copies_of(REPORT)

    def test_correct_copy_is_not_rewritten(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        stored, stepped = put(store, REPORT), ContendedReports(store)
        del files[key_of(WEEK, ReportFormat.CSV)]
        stepped.restore_copies(stored)
        assert stepped.operations == ["versions", "write", "versions"]

    def test_copies_of_unknown_version_are_written_once(self, store: ReportFiles) -> None:
        stored, stepped = put(store, REPORT), ContendedReports(store, knows_versions=False)
        stepped.restore_copies(stored)
        assert stepped.operations == ["versions", "write", "write", "versions"]

    def test_copies_of_a_replaced_report_stay_away(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        replaced = put(store, report_of(5))
        put(store, report_of(7))
        del files[key_of(WEEK, ReportFormat.CSV)]
        before = dict(files)
        store.restore_copies(replaced)
        assert before == dict(files)

    @pytest.mark.parametrize("left", ((), (ReportFormat.CSV,)))
    def test_copies_of_a_lost_report_stay_away(
        self, store: ReportFiles, files: MutableMapping[str, bytes], left: tuple[ReportFormat, ...]
    ) -> None:
        lost = put(store, REPORT)
        for report_format in {*ReportFormat} - {*left}:
            del files[key_of(WEEK, report_format)]
        before = dict(files)
        store.restore_copies(lost)
        assert before == dict(files)

    def test_damaged_report_has_no_copies(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        files[KEY] = b""
        stored = stored_in(store)
        store.restore_copies(stored)
        assert dict(files) == {KEY: b""}

    def test_foreign_files_stay(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        foreign = {"summaries/year=2026/week=47/notes.txt": b"mine", "summaries/latest.json": b"{}"}
        files.update(foreign)
        put(store, report_of(5), report_of(7))
        assert foreign.items() <= dict(files).items()

    # --- crashes and concurrent writers ---

    def test_save_takes_its_operations(self, store: ReportFiles) -> None:
        stepped = ContendedReports(store)
        stepped.save(REPORT, expected=None)
        assert tuple(stepped.operations) == SAVE

    @pytest.mark.parametrize("step", range(1, len(SAVE) + 1))
    def test_cut_off_save_is_repaired(self, store: ReportFiles, files: MutableMapping[str, bytes], step: int) -> None:
        version = put(store, report_of(5)).version
        with pytest.raises(Crash):
            ContendedReports(store, crash_at(step), at=SAVE).save(report_of(7), expected=version)
        stored = stored_in(store)
        assert stored.report == report_of(5 if step == 1 else 7)
        store.restore_copies(stored)
        assert copies_in(files) == copies_of(stored.report)

    @pytest.mark.parametrize("step", range(1, len(SAVE) + 1))
    def test_copies_are_those_of_the_last_report(
        self, store: ReportFiles, files: MutableMapping[str, bytes], step: int
    ) -> None:
        version = put(store, report_of(5)).version
        contended = ContendedReports(store, lambda number: number == step and put(store, report_of(9)), at=SAVE)
        try:
            contended.save(report_of(7), expected=version)
        except ReportChanged:
            assert step == 1
        assert dict(files) == {KEY: render_report(report_of(9), ReportFormat.JSON), **copies_of(report_of(9))}

    @pytest.mark.parametrize("step", range(2, len(SAVE) + 1))
    def test_copies_are_those_of_a_report_that_comes_back(
        self, store: ReportFiles, files: MutableMapping[str, bytes], step: int
    ) -> None:
        version = put(store, report_of(5)).version
        contended = ContendedReports(store, lambda number: number == step and put(store, report_of(5)), at=SAVE)
        contended.save(report_of(7), expected=version)
        assert dict(files) == {KEY: DOCUMENT, **copies_of(REPORT)}

    # --- races ---

    def contend(self, store: ReportFiles, expected: Version | None, first: int) -> list[WeeklyReport]:
        """Save reports in parallel in place of one version, and return the ones that were saved."""

        def attempt(report: WeeklyReport) -> bool:
            try:
                store.save(report, expected=expected)
            except ReportChanged:
                return False
            return True

        reports = [report_of(first + thread) for thread in range(THREADS)]
        saved = racing(partial(attempt, report) for report in reports)
        return [report for report, was_saved in zip(reports, saved, strict=True) if was_saved]

    def test_one_save_wins(self, store: ReportFiles, files: MutableMapping[str, bytes]) -> None:
        for number in range(5):
            (winner,) = self.contend(store, version_in(store), number * THREADS)
            assert dict(files) == {KEY: render_report(winner, ReportFormat.JSON), **copies_of(winner)}

    def test_reader_sees_whole_reports(self, store: ReportFiles) -> None:
        reports = [report_of(1), report_of(10**9), large_report(), other_report()]
        put(store, reports[0])
        seen = []
        writers = started(lambda: racing(partial(put, store, *[report] * 5) for report in reports))
        while not writers.done():
            stored = stored_in(store)
            seen.append(stored.report)
        writers.result(SECONDS)
        assert [report for report in seen if report not in reports] == []

    def test_concurrent_saves_keep_all_weeks(self, store: ReportFiles) -> None:
        reports = [report_of(number, IsoWeek(2026, number)) for number in range(1, THREADS + 1)]
        kept = [stored.report for stored in racing(partial(put, store, report) for report in reports)]
        assert (reports, [report.week for report in reversed(reports)]) == (kept, store.weeks())

    # --- what it costs ---

    def test_finished_week_asked_for_again_costs_two_reads(self, store: ReportFiles) -> None:
        summaries_on(store).summarize(WEEK)
        stepped = ContendedReports(store)
        summaries_on(stepped).summarize(WEEK)
        assert stepped.operations == ["read", "versions"]

    def test_shown_week_costs_one_read(self, store: ReportFiles) -> None:
        summaries_on(store).summarize(WEEK)
        stepped = ContendedReports(store)
        summaries_on(stepped).get(WEEK)
        assert stepped.operations == ["read"]

    def test_latest_of_last_week_costs_two_reads(self, store: ReportFiles) -> None:
        summaries_on(store).summarize(WEEK)
        stepped = ContendedReports(store)
        summaries_on(stepped).get()
        assert stepped.operations == ["read", "read"]
