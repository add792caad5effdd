"""The runs that the tests of this folder look at; each is paid once, and none is changed after.

A test that needs to change something takes a copy. The weeks of the sandbox lie in the past, which
it can answer for; those of the market of files are the running one and the two before.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
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
SANDBOX_COMPANIES = 600


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
            {"capacity: 50": "capacity: 2", "capacity: 200": "capacity: 6"},
        ),
    )


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, documents: tuple[Path, Path]) -> Settings:
    """Settings for runs on the sandbox."""
    return Settings(tmp_path_factory.mktemp("sandbox") / "home", *documents, FIRST_WEEK)


@pytest.fixture(scope="session")
def killed(
    tmp_path_factory: pytest.TempPathFactory, documents: tuple[Path, Path]
) -> Iterator[tuple[Settings, subprocess.Popen[str]]]:
    """A home in which a run was killed in the middle, and the run of the same week after it.

    The second differs in all that must not matter: hash seed, time zone, locale.
    """
    from orchestration.dbt import prepare_manifest

    prepare_manifest()
    settings = Settings(tmp_path_factory.mktemp("killed") / "home", *documents, FIRST_WEEK)
    victim = start_prospects(settings, "run", "--week", WEEK)
    while "records" not in (line := victim.stdout.readline()):
        assert line, "the run ended before its step `records`"
    victim.kill()
    victim.wait()
    further = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    with start_prospects(settings, "run", "--week", WEEK, **further) as second:
        yield settings, second
        second.kill()


@pytest.fixture(scope="session")
def first(sandbox: Settings, killed: object) -> Publication:
    """The first list of the sandbox; made while the run of `killed` works in its own process."""
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


def _written(path: Path, text: str, changes: dict[str, str]) -> Path:
    for old, new in changes.items():
        assert old in text, f"{path.name} no longer says {old!r}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path
