"""What weekly summaries promise on every report store: one correct report a week, whatever ends or comes between.

A test file of an adapter inherits the suite and overrides one fixture.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.adapters.report_formats.summary_json import checksum_in
from vehicles.domain.errors import ReportNotFound
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.service import Outcome, WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.report_store import key_of
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.contended_reports import ContendedReports, Crash, crash_at, file_in, files_in, overwrite
from vehicles.testing.racing import SECONDS, racing, started

type CutOff = Callable[[int], ContendedReports]

ZONE: Final = ZoneInfo("UTC")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK = IsoWeek(2026, 47)  # over since Monday
BEFORE = WEEK.shifted(-1)
WRITES = range(1, 4)  # the JSON and two copies
COPIES: Final = (ReportFormat.CSV, ReportFormat.HTML)
THREADS = 6


def fleet_of(count: int) -> InMemoryVehicleRepository:
    """Return a fleet of so many vehicles, all of them registered before both weeks."""
    repository = InMemoryVehicleRepository()
    registered_at = BEFORE.start(UTC) - timedelta(hours=1)
    for number in range(count):
        vehicle = Vehicle(Vin.of(f"WMAH05ZZ94M{number:06d}"), 2, FuelType.DIESEL, registered_at)
        repository.add(StoredVehicle(vehicle, Version("1")))
    return repository


def on(store: ReportFiles, vehicles: int, now: datetime = NOW) -> WeeklySummaries:
    """Return the summaries of a fleet of so many vehicles."""
    return WeeklySummaries(fleet_of(vehicles), store, lambda: now, ZONE)


def kept(store: ReportFiles, week: IsoWeek = WEEK) -> WeeklyReport:
    """Return the report of a week, which must be there and whole."""
    stored = store.load(week)
    assert stored is not None
    assert stored.report is not None
    return stored.report


def total(store: ReportFiles) -> int:
    return kept(store).summary.total


def assert_copies_match(store: ReportFiles, week: IsoWeek = WEEK) -> None:
    """Check that both copies name the JSON that is there."""
    wanted = checksum_in(file_in(store, key_of(week)))
    named = [re.findall("[0-9a-f]{64}", file_in(store, key_of(week, each)).decode()) for each in COPIES]
    assert named == [[wanted], [wanted]]


class SummariesContract:
    """The promises of `WeeklySummaries` to whoever reads at any time."""

    @pytest.fixture
    def store(self) -> ReportFiles:
        """Return a store without any report."""
        raise NotImplementedError

    @pytest.fixture(params=("before", "after"))
    def cut_off(self, request: pytest.FixtureRequest, store: ReportFiles) -> CutOff:
        """Return what makes a store that ends the process before, or right after, its n-th write."""

        def make(number: int) -> ContendedReports:
            if request.param == "before":
                return ContendedReports(store, crash_at(number))
            return ContendedReports(store, after=crash_at(number))

        return make

    # --- cut off at any write

    @pytest.mark.parametrize("number", WRITES)
    def test_crash_leaves_old_or_new(self, store: ReportFiles, cut_off: CutOff, number: int) -> None:
        on(store, 3).summarize(WEEK)
        with pytest.raises(Crash):
            on(cut_off(number), 5).summarize(WEEK, again=True)
        assert total(store) in {3, 5}

    @pytest.mark.parametrize("number", WRITES)
    def test_first_crash_leaves_nothing_or_all(self, store: ReportFiles, cut_off: CutOff, number: int) -> None:
        with pytest.raises(Crash):
            on(cut_off(number), 5).summarize(WEEK)
        try:
            found: object = on(store, 1).get().summary.total
        except ReportNotFound as error:
            found = str(error)
        assert found in {5, "There is no report of any week"}

    @pytest.mark.parametrize("number", WRITES)
    def test_one_run_completes_crashed(self, store: ReportFiles, cut_off: CutOff, number: int) -> None:
        with pytest.raises(Crash):
            on(cut_off(number), 5).summarize(WEEK)
        on(store, 5).summarize(WEEK)
        assert_copies_match(store)
        completed = files_in(store)
        on(store, 5).summarize(WEEK)
        assert completed == files_in(store)

    # --- others at the same time

    @pytest.mark.parametrize("number", WRITES)
    def test_other_run_does_not_mix(self, store: ReportFiles, number: int) -> None:
        other = on(store, 5)
        contended = ContendedReports(store, lambda write: write == number and other.summarize(WEEK, again=True))
        on(contended, 3).summarize(WEEK, again=True)
        assert_copies_match(store)

    @pytest.mark.parametrize("first", WRITES)
    @pytest.mark.parametrize("second", WRITES)
    def test_two_crashes_are_repaired(self, store: ReportFiles, first: int, second: int) -> None:
        # One run is cut off in the middle of another that is cut off too.
        on(store, 7).summarize(WEEK)

        def interfere(write: int) -> None:
            if write == first:
                with pytest.raises(Crash):
                    on(ContendedReports(store, after=crash_at(second)), 5).summarize(WEEK, again=True)
                raise Crash

        with pytest.raises(Crash):
            on(ContendedReports(store, interfere), 3).summarize(WEEK, again=True)
        left = total(store)
        on(store, 7).summarize(WEEK)
        assert_copies_match(store)
        assert (left in {3, 5, 7}, total(store)) == (True, left)

    def test_threads_never_show_a_mix(self, store: ReportFiles) -> None:
        on(store, 7).summarize(WEEK)
        calls = [partial(on(store, count).summarize, WEEK, again=True) for count in range(1, THREADS + 1)]
        runs = started(lambda: racing(calls))
        seen = {total(store)}
        while not runs.done():
            seen.add(total(store))
        returned = {made.report.summary.total for made in runs.result(SECONDS)}
        assert seen | returned <= {*range(1, 8)}
        assert total(store) in returned
        assert_copies_match(store)

    def test_two_recounts_return_what_is_kept(self, store: ReportFiles) -> None:
        on(store, 7).summarize(WEEK)
        other = on(store, 5)
        contended = ContendedReports(store, lambda write: write == 1 and other.summarize(WEEK, again=True))
        made = on(contended, 3).summarize(WEEK, again=True)
        assert (made.report.summary.total, total(store)) == (5, 5)

    @pytest.mark.parametrize("number", WRITES)
    def test_first_complete_count_wins(self, store: ReportFiles, number: int) -> None:
        first = on(store, 5)
        contended = ContendedReports(store, lambda write: write == number and first.summarize(WEEK))
        on(contended, 3).summarize(WEEK)
        # The other run came before the JSON was there, or found it.
        assert total(store) == (5 if number == 1 else 3)
        assert_copies_match(store)

    def test_slow_provisional_run_loses(self, store: ReportFiles) -> None:
        # Begun on Sunday night, and overtaken by the run of Monday morning.
        monday = on(store, 5)
        contended = ContendedReports(store, lambda write: write == 1 and monday.summarize(WEEK))
        on(contended, 3, WEEK.end(UTC) - timedelta(seconds=1)).summarize(WEEK)
        assert (kept(store).complete, total(store)) == (True, 5)

    def test_complete_run_replaces_provisional(self, store: ReportFiles) -> None:
        sunday = on(store, 5, WEEK.end(UTC) - timedelta(seconds=1))
        contended = ContendedReports(store, lambda write: write == 1 and sunday.summarize(WEEK))
        on(contended, 3).summarize(WEEK)
        assert (kept(store).complete, total(store)) == (True, 3)
        assert_copies_match(store)

    # --- again

    def test_again_the_same_bytes(self, store: ReportFiles) -> None:
        on(store, 5).summarize(WEEK)
        once = files_in(store)
        on(store, 5).summarize(WEEK, again=True)
        assert once == files_in(store)

    def test_complete_week_stays_unless_counted_again(self, store: ReportFiles) -> None:
        on(store, 5).summarize(WEEK)
        made = on(store, 3).summarize(WEEK)
        assert (made.outcome, made.report.summary.total, total(store)) == (Outcome.ALREADY_COMPLETE, 5, 5)
        on(store, 3).summarize(WEEK, again=True)
        assert total(store) == 3
        assert_copies_match(store)

    def test_copies_name_the_json_of_another_release(self, store: ReportFiles) -> None:
        on(store, 5).summarize(WEEK)
        key = key_of(WEEK)
        document = file_in(store, key).replace(b"MAN Truck", b"M.A.N. Truck")
        unsigned = document.replace(checksum_in(document).encode(), b"")
        overwrite(store, key, document.replace(checksum_in(document).encode(), sha256(unsigned).hexdigest().encode()))
        on(store, 3).summarize(WEEK)
        assert (total(store), b"M.A.N. Truck" in file_in(store, key)) == (5, True)
        assert_copies_match(store)

    @pytest.mark.parametrize("at", range(0, 900, 60))
    def test_week_after_a_damaged_one_of_a_fleet_that_is_gone(self, store: ReportFiles, at: int) -> None:
        on(store, 5).summarize(BEFORE)
        document = bytearray(file_in(store, key_of(BEFORE)))
        document[at] ^= 1
        overwrite(store, key_of(BEFORE), bytes(document))
        on(store, 0).summarize(WEEK)
        assert (kept(store).complete, on(store, 0).get().week) == (True, WEEK)

    def test_damaged_report_is_made_again(self, store: ReportFiles) -> None:
        on(store, 5).summarize(WEEK)
        overwrite(store, key_of(WEEK), b"{}")
        on(store, 3).summarize(WEEK)
        assert total(store) == 3
        assert_copies_match(store)

    @pytest.mark.parametrize("copy", COPIES)
    def test_foreign_copy_is_repaired(self, store: ReportFiles, copy: ReportFormat) -> None:
        on(store, 5).summarize(WEEK)
        whole = files_in(store)
        overwrite(store, key_of(WEEK, copy), b"of somebody else")
        on(store, 3).summarize(WEEK)
        assert whole == files_in(store)

    def test_past_week_leaves_the_others(self, store: ReportFiles) -> None:
        on(store, 5).summarize(WEEK)
        once = files_in(store)
        on(store, 5).summarize(BEFORE)
        assert once.items() <= files_in(store).items()

    # --- a clock that is wrong

    @pytest.mark.parametrize(
        "now",
        (
            WEEK.end(UTC) - timedelta(seconds=2),
            WEEK.start(UTC),
            WEEK.shifted(-3).start(UTC),
            datetime(2000, 1, 3, 12, tzinfo=UTC),
        ),
    )
    def test_clock_that_is_behind_changes_no_complete_report(self, store: ReportFiles, now: datetime) -> None:
        for week in (BEFORE.shifted(-1), BEFORE, WEEK):
            on(store, 5).summarize(week)
        complete = files_in(store)
        behind = on(store, 3, now)
        behind.summarize_due()
        behind.summarize(again=True)
        assert complete.items() <= files_in(store).items()

    def test_year_ahead_for_one_run(self, store: ReportFiles) -> None:
        year = timedelta(weeks=52)
        on(store, 5, NOW + year).summarize_due()
        on(store, 3).summarize_due()
        latest = on(store, 3).get()
        assert (latest.week, latest.summary.total) == (WEEK.shifted(1), 3)

    def test_week_of_a_wrong_clock_is_counted_in_its_time(self, store: ReportFiles) -> None:
        year = timedelta(weeks=52)
        on(store, 5, NOW + year).summarize_due()
        on(store, 3).summarize_due()
        on(store, 4, NOW + year).summarize_due()
        due = IsoWeek.containing(NOW + year, UTC).shifted(-1)
        assert (kept(store, due).complete, kept(store, due).summary.total) == (True, 4)
        assert_copies_match(store, due)
