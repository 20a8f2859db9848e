"""What weekly summaries promise on every report store: one complete summary, whatever ends or comes between.

A test file of an adapter inherits the suite and overrides one fixture.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.contended_reports import ContendedReports, Crash, crash_at
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import ReportNotFound
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.report_manifest import LATEST_KEY, Manifest, ReportForm, manifest_key, read_pointer
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.report_store import ReportStore
from vehicles.ports.vehicle_repository import StoredVehicle, Version

type CutOff = Callable[[int], ContendedReports]

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK = IsoWeek(2026, 47)  # over since Monday
BEFORE = WEEK.shifted(-1)
WRITES = range(1, 6)  # three forms, the manifest, the pointer
THREADS = 6


def page_of(report: WeeklyReport) -> bytes:
    return f"<p>{report.summary.total} vehicles in {report.summary.week}".encode()


def fleet_of(count: int) -> InMemoryVehicleRepository:
    repository = InMemoryVehicleRepository()
    grow(repository, range(count))
    return repository


def grow(repository: InMemoryVehicleRepository, numbers: range) -> None:
    moment = WEEK.start(UTC) + timedelta(hours=1)
    for number in numbers:
        vehicle = Vehicle(Vin.of(f"WMAH05ZZ94M{number:06d}"), 2, FuelType.DIESEL, moment)
        repository.add(StoredVehicle(vehicle, Version("1")))


def on(store: ReportStore, vehicles: int) -> WeeklySummaries:
    """Return the summaries of a fleet of so many vehicles."""
    return WeeklySummaries(fleet_of(vehicles), store, lambda: NOW, UTC, page_of)


def contents(store: ReportStore) -> dict[str, bytes]:
    return {key: store.read(key).content for key in store.keys()}  # noqa: SIM118 — a port is no dictionary


def totals(store: ReportStore, week: IsoWeek = WEEK) -> tuple[int, int, int]:
    """Return the total that each form of one manifest tells; demand that each is what the manifest says."""
    manifest = Manifest.read(store.read(manifest_key(week)).content)
    found: dict[ReportForm, bytes] = {}
    for form, kept in manifest.forms.items():
        found[form] = store.read(kept.key).content
        kept.demand(found[form])
    document: Any = json.loads(found[ReportForm.JSON])
    line = next(line for line in found[ReportForm.CSV].decode().splitlines() if ",total,," in line)
    page = found[ReportForm.HTML].decode().removeprefix("<p>").partition(" ")[0]
    return document["total"], int(line.rpartition(",")[2]), int(page)


class SummariesContract:
    """The promises of `WeeklySummaries` to whoever reads at any moment."""

    @pytest.fixture
    def store(self) -> ReportStore:
        """Return a store without any report."""
        raise NotImplementedError

    @pytest.fixture(params=("before", "after"))
    def cut_off(self, request: pytest.FixtureRequest, store: ReportStore) -> CutOff:
        """Return what makes a store that ends the process before, or right after, its n-th write."""

        def make(number: int) -> ContendedReports:
            if request.param == "before":
                return ContendedReports(store, crash_at(number))
            return ContendedReports(store, after=crash_at(number))

        return make

    # --- cut off at any write

    @pytest.mark.parametrize("number", WRITES)
    def test_crash_leaves_old_or_new(self, store: ReportStore, cut_off: CutOff, number: int) -> None:
        on(store, 3).summarize(WEEK)
        with pytest.raises(Crash):
            # The second run writes no pointer: it points there already.
            on(cut_off(min(number, 4)), 5).summarize(WEEK, again=True)
        assert totals(store) in {(3, 3, 3), (5, 5, 5)}

    @pytest.mark.parametrize("number", WRITES)
    def test_crash_leaves_the_latest_whole(self, store: ReportStore, cut_off: CutOff, number: int) -> None:
        on(store, 3).summarize(BEFORE)
        with pytest.raises(Crash):
            on(cut_off(number), 5).summarize(WEEK)
        latest = read_pointer(store.read(LATEST_KEY).content)
        assert totals(store, latest) == ((0, 0, 0) if latest == BEFORE else (5, 5, 5))

    @pytest.mark.parametrize("number", WRITES)
    def test_first_crash_leaves_nothing_dangling(self, store: ReportStore, cut_off: CutOff, number: int) -> None:
        with pytest.raises(Crash):
            on(cut_off(number), 5).summarize(WEEK)
        try:
            found = json.loads(on(store, 0).get().content)["total"]
        except ReportNotFound as error:
            found = error.key
        assert found in {5, LATEST_KEY}

    @pytest.mark.parametrize("number", WRITES)
    def test_crash_is_mended_by_the_next(self, store: ReportStore, cut_off: CutOff, number: int) -> None:
        with pytest.raises(Crash):
            on(cut_off(number), 5).summarize(WEEK)
        on(store, 5).summarize(WEEK)
        mended = contents(store)
        on(store, 5).summarize(WEEK)
        assert (totals(store), mended) == ((5, 5, 5), contents(store))

    # --- others at the same time

    @pytest.mark.parametrize("number", WRITES)
    def test_other_run_does_not_mix(self, store: ReportStore, number: int) -> None:
        other = on(store, 5)
        contended = ContendedReports(store, lambda write: write == number and other.summarize(WEEK, again=True))
        on(contended, 3).summarize(WEEK, again=True)
        assert totals(store) in {(3, 3, 3), (5, 5, 5)}

    @pytest.mark.parametrize("first", WRITES)
    @pytest.mark.parametrize("second", WRITES)
    def test_two_crashes_do_not_mix(self, store: ReportStore, first: int, second: int) -> None:
        # One run is cut off in the middle of another that is cut off too.
        on(store, 7).summarize(WEEK)

        def interfere(write: int) -> None:
            if write == first:
                with pytest.raises(Crash):
                    on(ContendedReports(store, after=crash_at(min(second, 4))), 5).summarize(WEEK, again=True)
                raise Crash

        contended = ContendedReports(store, interfere)
        if first <= 4:  # the pointer is there already, so that there is no fifth write
            with pytest.raises(Crash):
                on(contended, 3).summarize(WEEK, again=True)
        assert totals(store) in {(3, 3, 3), (5, 5, 5), (7, 7, 7)}

    @pytest.mark.parametrize("number", WRITES)
    def test_earlier_week_never_turns_back(self, store: ReportStore, number: int) -> None:
        later = on(store, 5)
        contended = ContendedReports(store, lambda write: write == number and later.summarize(WEEK))
        on(contended, 5).summarize(BEFORE)
        assert read_pointer(store.read(LATEST_KEY).content) == WEEK

    def test_threads_never_show_a_mix(self, store: ReportStore) -> None:
        on(store, 0).summarize(WEEK)
        with ThreadPoolExecutor(THREADS) as threads:
            runs = [threads.submit(on(store, count).summarize, WEEK, again=True) for count in range(1, THREADS + 1)]
            seen = {totals(store)}
            while not all(run.done() for run in runs):
                seen.add(totals(store))
        for run in runs:
            run.result()
        seen.add(totals(store))
        assert {each for each in seen if len(set(each)) > 1} == set()

    # --- again

    def test_again_the_same_bytes(self, store: ReportStore) -> None:
        on(store, 5).summarize(WEEK)
        once = contents(store)
        on(store, 5).summarize(WEEK, again=True)
        assert once == contents(store)

    def test_complete_week_stays(self, store: ReportStore) -> None:
        once = on(store, 5).summarize(WEEK)
        assert (on(store, 3).summarize(WEEK), totals(store)) == (once, (5, 5, 5))

    def test_complete_week_counted_again(self, store: ReportStore) -> None:
        on(store, 5).summarize(WEEK)
        on(store, 3).summarize(WEEK, again=True)
        assert totals(store) == (3, 3, 3)

    @pytest.mark.parametrize("number", WRITES[:-1])
    def test_first_complete_count_wins(self, store: ReportStore, number: int) -> None:
        first = on(store, 5)
        contended = ContendedReports(store, lambda write: write == number and first.summarize(WEEK))
        on(contended, 3).summarize(WEEK)
        assert totals(store) == (5, 5, 5)

    @pytest.mark.parametrize("form", ReportForm)
    def test_damaged_complete_week_is_mended(self, store: ReportStore, form: ReportForm) -> None:
        on(store, 5).summarize(WEEK)
        key = Manifest.read(store.read(manifest_key(WEEK)).content).forms[form].key
        store.write(key, b"{}", media_type=form.media_type)
        on(store, 3).summarize(WEEK)
        assert totals(store) == (3, 3, 3)

    def test_damaged_pointer_is_mended(self, store: ReportStore) -> None:
        on(store, 5).summarize(WEEK)
        store.write(LATEST_KEY, b"{", media_type="application/json")
        on(store, 5).summarize(BEFORE)
        assert read_pointer(store.read(LATEST_KEY).content) == WEEK

    def test_past_week_leaves_the_others(self, store: ReportStore) -> None:
        on(store, 5).summarize(WEEK)
        once = contents(store)
        on(store, 5).summarize(BEFORE)
        assert once.items() <= contents(store).items()
