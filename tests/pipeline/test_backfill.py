"""Earlier weeks are made from what had landed by then, however the files were changed since."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from orchestration.dbt import prepare_manifest
from tests.pipeline.conftest import ONE_WEEK, Backfill
from tests.support import market as files
from tests.support.attempts import Attempt, attempt
from tests.support.crash import run_without_history
from tests.support.market import Market, make_market
from tests.support.runs import Publication, fingerprint

HEADCOUNT = "select employees from accounts where domain = 'headcount-fictive.com'"
OPTED_OUT = (files.person("headcount", 1), files.person("headcount", 2), files.domain("objector"))


@dataclass(frozen=True)
class Past:
    """Two weeks in a row that were listed when newer ones were: `in_time` is what the first of them
    gave in its own time, `again` the same made after its files had changed; `market` is one that
    published newer lists, of which `before` is the fingerprint, and then made both at once."""

    weeks: tuple[date, date]
    in_time: Publication
    again: Publication
    market: Market
    before: dict[str, str]
    ending: Attempt

    @property
    def made(self) -> tuple[Publication, Publication]:
        """The two weeks in the market with newer lists."""
        first, second = (Publication(self.market.settings, week) for week in self.weeks)
        return first, second


@pytest.fixture(scope="module")
def past(backfill: Backfill, tmp_path_factory: pytest.TempPathFactory, running_week: date) -> Past:
    """The market before all that changed it, and a copy of the one after, with what landed then."""
    prepare_manifest()
    folder = tmp_path_factory.mktemp("past")
    weeks = (running_week - 4 * ONE_WEEK, running_week - 3 * ONE_WEEK)
    then = make_market(folder / "then", weeks[0])
    files.resize(then, "headcount", 300)
    in_time = _run(then, "--week", weeks[0], "--fetch")
    assert in_time.came_through, in_time
    changed = _changed(then, folder / "changed", running_week)
    market = _with_newer_lists(backfill.market, then, folder / "market", weeks[1])
    before = fingerprint(market.settings.home)
    with ThreadPoolExecutor(1) as beside:
        again = beside.submit(_run, changed, "--week", weeks[0])
        ending = _run(market, "--week", weeks[0], "--to", weeks[1])
        assert again.result().came_through, again.result()
    return Past(
        weeks,
        Publication(then.settings, weeks[0]),
        Publication(changed.settings, weeks[0]),
        market,
        before,
        ending,
    )


def test_a_backfill_gives_what_the_week_would_have_given(past: Past) -> None:
    """The vendor changed its files in place since, and left one out: not a byte of any CSV file is
    another, but for the name of the version."""
    assert past.again.publish_id != past.in_time.publish_id
    assert dict(_csv_files(past.again)) == dict(_csv_files(past.in_time))


def test_several_weeks_are_made_in_order(past: Past) -> None:
    """`--to` makes each week from the first to the last, and compares it with the one before."""
    ending = past.ending.ending
    assert past.ending.came_through, past.ending
    assert [line for line in ending.out.splitlines() if line.startswith("List week")] == [
        f"List week {week}" for week in past.weeks
    ]
    assert [made.manifest()["compared_with_week"] for made in past.made] == [
        None,
        f"{past.weeks[0]}",
    ]


def test_each_of_several_weeks_is_made_from_its_own_batches(past: Past) -> None:
    """The same company had another size in each."""
    assert [made.values(HEADCOUNT) for made in past.made] == [[300], [400]]


def test_newer_weeks_are_left_alone(past: Past) -> None:
    """All that was published, every link, the history and what landed are as they were, `latest`
    too; what is new is the two weeks' own."""
    after = fingerprint(past.market.settings.home)
    kept = ("published", "history", "landing", "rejects")
    newer = {path: found for path, found in past.before.items() if path.startswith(kept)}
    new = {path for path in after if path.startswith(kept)} - newer.keys()

    assert {path: after.get(path) for path in newer} == newer
    assert {path for path in new if not any(f"{week}" in path for week in past.weeks)} == set()


def test_opt_outs_since_then_apply(past: Past) -> None:
    """Who was on the list of that week in its time and has objected since is in no file of it."""
    assert all(_is_named(past.in_time, name) for name in OPTED_OUT)
    for made in past.made:
        assert not any(_is_named(made, name) for name in OPTED_OUT)


def _changed(then: Market, folder: Path, week: date) -> Market:
    """What had landed, and files that are others since, landed as well."""
    shutil.copytree(then.folder, folder, ignore=shutil.ignore_patterns("home"))
    market = Market(folder)
    shutil.copytree(then.settings.landing, market.settings.landing)
    files.resize(market, "headcount", 900)
    files.resize(market, "spare-1", 20)
    market.empty("research")
    market.land(week)
    return market


def _with_newer_lists(published: Market, then: Market, folder: Path, second: date) -> Market:
    """A copy of a market with newer lists, in which the week and the one after it had landed."""
    shutil.copytree(published.folder, folder, symlinks=True)
    market = Market(folder)
    files.resize(then, "headcount", 400)
    then.land(second)
    shutil.copytree(then.settings.landing, market.settings.landing, dirs_exist_ok=True)
    return market


def _run(market: Market, *options: object) -> Attempt:
    return attempt(partial(run_without_history, market.settings, *options), market.settings.home)


def _csv_files(publication: Publication) -> Iterator[tuple[str, str]]:
    for path in sorted(publication.folder.rglob("*.csv")):
        text = path.read_text(encoding="utf-8").replace(publication.publish_id, "<version>")
        yield f"{path.relative_to(publication.folder)}", text


def _is_named(publication: Publication, name: str) -> bool:
    """Whether any list file says the name."""
    return any(name in text for _, text in _csv_files(publication))
