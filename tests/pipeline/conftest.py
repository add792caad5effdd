"""The runs that the tests of this folder look at; each is paid once, by the first of the suite's
processes that asks, and none is changed after.

A test that needs to change something takes a copy. The weeks of the sandbox lie in the past, which
it can answer for; those of the market of files are the running one and the two before.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from ingest.settings import PROJECT, Settings, latest_monday
from tests.support import market as files
from tests.support.market import FIRST_WEEK, Market, make_market
from tests.support.once import once
from tests.support.runs import Ending, Publication, prospects

WEEK = date(2025, 3, 3)
NEXT_WEEK = date(2025, 3, 10)
ONE_WEEK = timedelta(days=7)
SANDBOX_COMPANIES = 1200


@dataclass(frozen=True)
class Backfill:
    """A market of files whose files were changed in between: what the running week and the one
    before it published of it, and how the commands ended."""

    market: Market
    running: Publication
    earlier: Publication
    endings: tuple[Ending, Ending]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Publication]:
    """The lists of two weeks in a row, of a small sandbox that overflows its document's tiers."""
    return once(tmp_path_factory, "sandbox", _sandbox)


@pytest.fixture(scope="session")
def first(sandbox: tuple[Publication, Publication]) -> Publication:
    """The first list of the sandbox."""
    return sandbox[0]


@pytest.fixture(scope="session")
def second(sandbox: tuple[Publication, Publication]) -> Publication:
    """The list of the following week in the same home."""
    return sandbox[1]


@pytest.fixture(scope="session")
def running_week() -> date:
    """The week that fetches from files as they are now."""
    return latest_monday(datetime.now(UTC).date())


@pytest.fixture(scope="session")
def backfill(tmp_path_factory: pytest.TempPathFactory, running_week: date) -> Backfill:
    """A market of files, landed two weeks ago and changed since; then the running week is listed,
    and after it the week between."""
    return once(tmp_path_factory, "files", partial(_backfill, running_week))


@pytest.fixture
def market(backfill: Backfill, tmp_path: Path) -> Market:
    """A copy of the market of files with all that was published, to be changed at will."""
    shutil.copytree(backfill.market.folder, tmp_path / "market", symlinks=True)
    return Market(tmp_path / "market")


def _sandbox(folder: Path) -> tuple[Publication, Publication]:
    sources = _changed(
        folder, "sources.yml", {"companies: 5000": f"companies: {SANDBOX_COMPANIES}"}
    )
    tiers = {
        "minimum: {organisation: 25": "minimum: {organisation: 15",
        "capacity: 50": "capacity: 4",
        "capacity: 200": "capacity: 12",
    }
    customer = _changed(folder, "perfect_customer.yml", tiers)
    settings = Settings(folder / "home", sources, customer, FIRST_WEEK)
    for week in (WEEK, NEXT_WEEK):
        ending = prospects(settings, "run", "--week", week)
        assert ending.code == 0, ending.err
    return Publication(settings, WEEK), Publication(settings, NEXT_WEEK)


def _backfill(running_week: date, folder: Path) -> Backfill:
    market = make_market(folder / "market", running_week - 2 * ONE_WEEK)
    market.land(running_week - 2 * ONE_WEEK)
    files.resize(market, "headcount", 900)
    files.opt_out(market, files.person("headcount", 1))
    files.suppress_person(market, files.person("headcount", 2))
    files.suppress_company(market, "objector")
    files.add_registry(market)
    market.drop("visits").unlink()
    endings = (
        prospects(market.settings, "run"),
        prospects(market.settings, "run", "--week", running_week - ONE_WEEK),
    )
    return Backfill(
        market,
        Publication(market.settings, running_week),
        Publication(market.settings, running_week - ONE_WEEK),
        endings,
    )


def _changed(folder: Path, name: str, changes: dict[str, str]) -> Path:
    """A copy of the project's document in a folder, changed."""
    text = (PROJECT / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{name} no longer says {old!r}"
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name
