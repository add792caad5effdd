"""The runs that the tests of this folder look at; each is paid once, and none is changed after.

A test that needs to change something takes a copy. The weeks of the sandbox lie in the past, which
it can answer for; those of the market of files are the running one and the two before.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.settings import PROJECT, Settings, latest_monday
from tests.support import market as files
from tests.support.market import FIRST_WEEK, Market, make_market
from tests.support.runs import Ending, Publication, prospects, start_prospects

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
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """sources.yml of a small sandbox, and perfect_customer.yml with tiers that it overflows."""
    folder = tmp_path_factory.mktemp("documents")
    sources = (PROJECT / "sources.yml").read_text(encoding="utf-8")
    customer = (PROJECT / "perfect_customer.yml").read_text(encoding="utf-8")
    return (
        _written(
            folder / "sources.yml",
            sources,
            {"companies: 5000": f"companies: {SANDBOX_COMPANIES}"},
        ),
        _written(
            folder / "perfect_customer.yml",
            customer,
            {
                "minimum: {organisation: 25": "minimum: {organisation: 15",
                "capacity: 50": "capacity: 4",
                "capacity: 200": "capacity: 12",
            },
        ),
    )


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, documents: tuple[Path, Path]) -> Settings:
    """Settings for runs on the sandbox."""
    return Settings(tmp_path_factory.mktemp("sandbox") / "home", *documents, FIRST_WEEK)


@pytest.fixture(scope="session")
def after_a_kill(
    tmp_path_factory: pytest.TempPathFactory, documents: tuple[Path, Path]
) -> Iterator[tuple[Settings, Future[Ending]]]:
    """A home in which a run is killed in the middle, and how the run of the same week after it
    ends. Both have processes of their own, beside the runs in this one."""
    from orchestration.dbt import prepare_manifest

    prepare_manifest()
    settings = Settings(tmp_path_factory.mktemp("killed") / "home", *documents, FIRST_WEEK)
    with ThreadPoolExecutor(1) as beside:
        yield settings, beside.submit(_kill_and_run_again, settings)


@pytest.fixture(scope="session")
def first(sandbox: Settings, after_a_kill: object) -> Publication:
    """The first list of the sandbox; made while `after_a_kill` works in processes of its own."""
    ending = prospects(sandbox, "run", "--week", WEEK)
    assert ending.code == 0, ending.err
    return Publication(sandbox, WEEK)


@pytest.fixture(scope="session")
def second(first: Publication) -> Publication:
    """The list of the following week in the same home."""
    ending = prospects(first.settings, "run", "--week", NEXT_WEEK)
    assert ending.code == 0, ending.err
    return Publication(first.settings, NEXT_WEEK)


@pytest.fixture(scope="session")
def running_week() -> date:
    """The week that fetches from files as they are now."""
    return latest_monday(datetime.now(UTC).date())


@pytest.fixture(scope="session")
def backfill(tmp_path_factory: pytest.TempPathFactory, running_week: date) -> Backfill:
    """A market of files, landed two weeks ago and changed since; then the running week is listed,
    and after it the week between."""
    market = make_market(tmp_path_factory.mktemp("files") / "market", running_week - 2 * ONE_WEEK)
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


@pytest.fixture
def market(backfill: Backfill, tmp_path: Path) -> Market:
    """A copy of the market of files with all that was published, to be changed at will."""
    shutil.copytree(backfill.market.folder, tmp_path / "market", symlinks=True)
    return Market(tmp_path / "market")


def _kill_and_run_again(settings: Settings) -> Ending:
    """The second run differs in all that must not matter: hash seed, time zone, locale."""
    with start_prospects(settings, "run", "--week", WEEK) as victim:
        while "records" not in (line := victim.stdout.readline()):
            assert line, "the run ended before its step `records`"
        victim.kill()
    further = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    with start_prospects(settings, "run", "--week", WEEK, **further) as second:
        said, _ = second.communicate()
    return Ending(second.returncode, said, "")


def _written(path: Path, text: str, changes: dict[str, str]) -> Path:
    for old, new in changes.items():
        assert old in text, f"{path.name} no longer says {old!r}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path
