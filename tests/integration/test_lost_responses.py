"""Clients that lose responses and try again: with idempotency keys every registration ends with 201."""

from pathlib import Path

from tests.support.command_line import CommandLine
from tests.support.lossy_proxy import REGISTRATIONS, registered
from tests.support.server_process import serving


def test_keys_make_every_registration_succeed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert registered(server.port, has_key=True) == {201: REGISTRATIONS}
    assert len(CommandLine(tmp_path).fleet()) == REGISTRATIONS


def test_lost_responses_look_like_conflicts_without_keys(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        statuses = registered(server.port, has_key=False)
    assert (set(statuses), statuses.total()) == ({201, 409}, REGISTRATIONS)
    assert len(CommandLine(tmp_path).fleet()) == REGISTRATIONS
