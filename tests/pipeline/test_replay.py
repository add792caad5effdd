"""Taking a list back, and making it again, is one link; opt-outs win over it."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from tests.support import market as files
from tests.support.market import Market
from tests.support.runs import fingerprint, prospects


def version_in_force(market: Market, week: date) -> str:
    return (market.settings.published / f"{week}").resolve().name


def version_read(market: Market) -> str:
    """The version that BI reads through the link."""
    path = str(market.settings.published / "marts.duckdb")
    with duckdb.connect(path, read_only=True) as marts:
        return marts.execute("select publish_id from meta").fetchone()[0]


def publish(market: Market, week: date, version: str):
    return prospects(market.settings, "publish", "--week", week, "--version", version)


def test_a_link_moves_back_and_forth(market: Market, running_week: date) -> None:
    """Both versions stay as they are, readers see the one in force, `versions` marks it, and one
    that names somebody who has opted out since can't return."""
    first = version_in_force(market, running_week)
    files.resize(market, "headcount", 901)
    assert prospects(market.settings, "run").code == 0
    second = version_in_force(market, running_week)
    bytes_of_both = fingerprint(market.settings.published / ".versions")
    assert first != second

    assert publish(market, running_week, first).code == 0
    assert (version_in_force(market, running_week), version_read(market)) == (first, first)
    listed = prospects(market.settings, "versions", "--week", running_week).out
    (marked,) = [line for line in listed.splitlines() if "in force, latest" in line]
    assert first in marked
    assert second in listed

    assert publish(market, running_week, second).code == 0
    assert (version_in_force(market, running_week), version_read(market)) == (second, second)
    assert fingerprint(market.settings.published / ".versions") == bytes_of_both

    files.opt_out(market, files.person("spare-1", 1))
    market.land(running_week, "people")
    before = fingerprint(market.settings.published)
    refused = publish(market, running_week, second)
    assert refused.code == 1
    (line,) = refused.err.splitlines()
    assert "opted out since" in line
    assert f"prospects run --week {running_week}" in line
    assert fingerprint(market.settings.published) == before


@pytest.mark.parametrize("version", ["2026-11-23-000000000000", "../../etc", ""])
def test_only_a_kept_version_of_the_week_can_be_published(
    market: Market, running_week: date, version: str
) -> None:
    """Anything else is one line that names those there are; nothing moves."""
    before = fingerprint(market.settings.published)
    ending = publish(market, running_week, version)
    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert version_in_force(market, running_week) in line
    assert fingerprint(market.settings.published) == before


def test_without_a_publication_there_is_no_version(market: Market) -> None:
    """A week that was never published says so."""
    ending = prospects(market.settings, "versions", "--week", "2025-01-06")
    assert ending.code == 1
    assert ending.err == "prospects: no version of 2025-01-06 is published yet\n"
