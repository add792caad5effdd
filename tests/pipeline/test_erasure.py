"""Who asked to be erased leaves the whole home, older lists too, and no later run brings them
back, though their source goes on naming them."""

from __future__ import annotations

import io
import shutil
from datetime import date
from hashlib import sha256

import polars as pl
import pytest

from ingest.erasure import read_erased
from tests.pipeline.conftest import ONE_WEEK
from tests.support import market as files
from tests.support.market import Market
from tests.support.runs import Ending, Publication, fingerprint, prospects
from tests.support.traces import traces

ADDRESS = files.person("headcount", 3)
SAID_OF_THEM = (ADDRESS, "Made-up Person 3 of headcount", "people:headcount-3")
NEIGHBOUR = files.person("sister-1", 3)


def erase(market: Market, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> Ending:
    """Erase people whose addresses come by standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{a}\n" for a in addresses)))
    return prospects(market.settings, "erase", "-")


def contacts(market: Market, week: date) -> set[str]:
    """The addresses of all whom a week's list names."""
    return set(Publication(market.settings, week).csv("target_contacts.csv")["email"])


def test_an_erased_person_is_nowhere_and_never_comes_back(
    market: Market, running_week: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in batches, warehouses, lists of any week, or Dagster's log; only the hash is there."""
    home = market.settings.home
    before = traces(home, *SAID_OF_THEM)
    assert {path.split("/")[0] for path in before} == {"landing", "published", "warehouse"}

    ending = erase(market, monkeypatch, ADDRESS.upper())

    assert (ending.code, ending.err) == (0, "")
    assert ADDRESS not in ending.out.lower()
    assert traces(home, *SAID_OF_THEM) == {}
    for week in (running_week, running_week - ONE_WEEK):
        assert NEIGHBOUR in contacts(market, week)

    again = prospects(market.settings, "run")

    assert again.code == 0, again.err
    assert ADDRESS in market.drop("people").read_text(), "the source still names them"
    assert traces(home, *SAID_OF_THEM) == {}
    assert NEIGHBOUR in contacts(market, running_week)
    assert sha256(ADDRESS.encode()).hexdigest() in read_erased(market.settings).emails


def test_an_erasure_counts_even_where_old_batches_come_back(
    market: Market, running_week: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restored from a backup they hold the person again; the hash still keeps them off the list,
    though no line of sources.yml speaks of it."""
    home = market.settings.home
    shutil.copytree(home / "landing" / "contacts", home.parent / "backup")
    erase(market, monkeypatch, ADDRESS)
    shutil.rmtree(home / "landing" / "contacts")
    shutil.copytree(home.parent / "backup", home / "landing" / "contacts")

    ending = prospects(market.settings, "run", "--no-fetch")

    assert ending.code == 0, ending.err
    assert traces(home / "landing", ADDRESS)
    assert traces(home / "published", *SAID_OF_THEM) == {}
    assert NEIGHBOUR in contacts(market, running_week)


def test_erasing_again_changes_nothing_that_is_read(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does erasing somebody whom nobody knows; both end well."""
    home = market.settings.home
    erase(market, monkeypatch, ADDRESS)
    landed, published = fingerprint(home / "landing" / "contacts"), fingerprint(home / "published")

    endings = [erase(market, monkeypatch, one) for one in (ADDRESS, "nobody@nowhere.example")]

    assert [ending.code for ending in endings] == [0, 0]
    assert fingerprint(home / "landing" / "contacts") == landed
    assert fingerprint(home / "published") == published
    assert len(read_erased(market.settings).emails) == 2


def test_nothing_is_done_while_a_run_is_at_work_or_for_a_typo(
    market: Market, running_week: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear line each, which doesn't repeat what was typed."""
    from orchestration.run_lock import run_lock

    before = traces(market.settings.home, *SAID_OF_THEM)

    with run_lock(market.settings, running_week):
        locked = erase(market, monkeypatch, ADDRESS)
    typo = erase(market, monkeypatch, ADDRESS, "jane at acme")
    nobody = erase(market, monkeypatch)

    assert [ending.code for ending in (locked, typo, nobody)] == [1, 1, 1]
    assert "another run holds run.lock" in locked.err
    assert "no. 2 of 2 is none" in typo.err
    assert "jane" not in typo.err.replace("jane@example.com", "")
    assert "there was none" in nobody.err
    assert all(ending.err.count("\n") == 1 for ending in (locked, typo, nobody))
    assert traces(market.settings.home, *SAID_OF_THEM) == before


def test_a_source_without_its_contacts_stays_readable(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody of a source may go; its batches stay, empty, with all their columns."""
    everybody = [f"{row['Email']}" for row in market.rows("people")]

    ending = erase(market, monkeypatch, *everybody)

    assert ending.code == 0, ending.err
    batches = list((market.settings.landing / "contacts").glob("*/*/data.parquet"))
    assert batches
    assert {len(pl.read_parquet(batch)) for batch in batches} == {0}
