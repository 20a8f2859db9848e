"""Examines the reports of a store."""

from collections.abc import Collection, Iterator

from vehicles.domain.errors import RegistryError, ReportNotFound, StorageCorrupted
from vehicles.domain.summary.report_manifest import LATEST_KEY, WEEKS_PREFIX, ReportForm, read_pointer, weeks_of
from vehicles.domain.summary.service import read_form
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.checks import Check
from vehicles.ports.report_store import ReportStore


def check_reports(reports: ReportStore) -> Check:
    """Read every format of every summary, and the pointer to the latest one."""
    try:
        found = {week: _fault(reports, week) for week in weeks_of(reports.keys(WEEKS_PREFIX))}
        faults = [f"{week}: {fault}" for week, fault in found.items() if fault is not None]
        faults += _pointer_faults(reports, {week for week, fault in found.items() if fault is None})
    except RegistryError as error:
        return Check("reports", ok=False, detail=str(error))
    count = f"{len(found)} {'summary' if len(found) == 1 else 'summaries'}"
    return Check("reports", ok=not faults, detail="; ".join([count, *faults]))


def _fault(reports: ReportStore, week: IsoWeek) -> str | None:
    try:
        for form in ReportForm:
            read_form(reports, week, form)
    except StorageCorrupted as error:
        return error.reason
    return None


def _pointer_faults(reports: ReportStore, whole: Collection[IsoWeek]) -> Iterator[str]:
    """Yield what is wrong with the pointer to the latest summary, given the weeks whose summaries are whole."""
    try:
        latest = read_pointer(reports.read(LATEST_KEY).content)
    except ReportNotFound:
        return
    except StorageCorrupted as error:
        yield f"{LATEST_KEY}: {error.reason}"
        return
    if latest not in whole:
        yield f"{LATEST_KEY}: names {latest}, which has no summary that can be read"
