"""`prospects fetch`: one source alone, landed as a run would land it, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from ingest.batches import batches
from ingest.settings import PROJECT, Settings, latest_monday
from orchestration.inputs import choose_inputs
from orchestration.run_lock import run_lock
from orchestration.terminal import WIDTH
from tests.support.hubspot import TOKEN, MadeUpHubSpot, record
from tests.support.runs import Ending, prospects
from tests.support.sources import write

RUNNING = latest_monday(datetime.now(UTC).date())
SOURCES = (
    "sources:",
    "  market:",
    "    connector: files",
    "    tables:",
    "      companies:",
    "        path: market.csv",
    "        columns: {source_company_id: ID, name: Name, employees: Staff, country: Country}",
    "        attributes: {stage: Stage}",
    "  gone:",
    "    connector: files",
    "    tables: {companies: {path: gone.csv, columns: {source_company_id: ID}}}",
)
HEADER = "ID,Name,Staff,Country,Stage"
Drop = Callable[..., Ending]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home for two sources, and the perfect customer that is shipped."""
    write(tmp_path, "sources.yml", *SOURCES)
    return Settings(
        tmp_path / "home",
        tmp_path / "sources.yml",
        PROJECT / "perfect_customer.yml",
        date(2026, 1, 5),
    )


@pytest.fixture
def drop(home: Settings) -> Drop:
    """Puts lines into the market's file and fetches it."""

    def dropped(*lines: str) -> Ending:
        write(home.sources.parent, "market.csv", *lines)
        return prospects(home, "fetch", "market")

    return dropped


def test_what_arrived_is_told_and_shown(home: Settings, drop: Drop) -> None:
    """Rows, the batch, and the first rows in the columns that have something."""
    ending = drop(HEADER, "1,Acme,20,US,", "2,Bolt,,,")
    (batch,) = batches(home)

    assert (ending.code, ending.err) == (0, "")
    assert "companies: 2 rows, 0 rejected" in ending.out
    assert f"new: batch {batch.batch_id}, the first of this table" in ending.out
    assert [line.strip() for line in ending.out.splitlines()[4:6]] == [
        "source_company_id  name  country  employees",
        "1                  Acme  US       20",
    ]


def test_what_was_fetched_alone_is_what_the_next_run_uses(home: Settings, drop: Drop) -> None:
    """The week's inputs name the batch, without anything in between."""
    drop(HEADER, "1,Acme,20,US,")
    (batch,) = batches(home)

    used = choose_inputs(home, RUNNING).batches

    assert [(b["source"], b["batch_id"]) for b in used] == [("market", batch.batch_id)]
    assert batch.week == RUNNING


def test_a_second_fetch_says_that_nothing_is_new(home: Settings, drop: Drop) -> None:
    """The same rows are the same batch."""
    lines = (HEADER, "1,Acme,20,US,")
    drop(*lines)

    again = drop(*lines)

    assert again.code == 0
    assert "nothing new: the same rows as in batch" in again.out
    assert len(batches(home)) == 1


def test_other_rows_are_told_beside_those_before(home: Settings, drop: Drop) -> None:
    """Who looks sees at once that a source shrank."""
    drop(HEADER, "1,Acme,20,US,", "2,Bolt,,,")
    before = batches(home)[0]

    assert f"before: 2 rows, {before.batch_id}" in drop(HEADER, "1,Acme,20,US,").out


def test_rejects_are_told_by_reason_with_an_example(home: Settings, drop: Drop) -> None:
    """How many, why, one of them with its place in the file, and where they all lie."""
    ending = drop(HEADER, "1,Acme,-5,US,", "2,Bolt,-7,US,", ",Nameless,,,", "4,Cog,1,US,")
    (batch,) = batches(home)
    lines = [line.strip() for line in ending.out.splitlines()]

    assert "companies: 1 rows, 3 rejected" in lines
    first = lines.index("2  expected employees to be at least 0")
    assert lines[first + 1] == "market.csv:2: expected employees to be at least 0, found -5"
    assert lines[first + 2].startswith("source_company_id=1, name=Acme, country=US, employees=-5")
    assert any("1  source_company_id is missing" in line for line in lines)
    assert f"rejected; the rows lie in {batch.rejected(home)}" in lines


def test_news_of_the_schema_are_told(drop: Drop) -> None:
    """A column that came, one that went, and what is filled or empty for the first time."""
    first = drop(f"{HEADER},Fax", "1,Acme,20,US,,5")
    second = drop(f"{HEADER},Mood", "1,Acme,,US,Growth,glad")

    assert "columns that are not mapped: Fax" in first.out
    assert "new in the schema" not in first.out
    assert "new in the schema, and without a place: Mood" in second.out
    assert "gone from the schema: Fax" in second.out
    assert "filled now, and empty before: attributes.stage" in second.out
    assert "empty now, and filled before: employees" in second.out


def test_a_new_column_is_told_though_no_row_is_new(drop: Drop) -> None:
    """The rows that land are the same ones; the schema isn't."""
    drop(HEADER, "1,Acme,20,US,")

    second = drop(f"{HEADER},Mood", "1,Acme,20,US,,glad")
    third = drop(f"{HEADER},Mood", "1,Acme,20,US,,glad")

    assert "nothing new: the same rows" in second.out
    assert "new in the schema, and without a place: Mood" in second.out
    assert "new in the schema" not in third.out
    assert "columns that are not mapped: Mood" in third.out


def test_hostile_text_is_harmless(drop: Drop) -> None:
    """Names, columns and rejects can't move the cursor or turn the line around."""
    evil = "\x1b[2J\u202eAcme"
    endless = "x" * 9_000
    ending = drop(f"{HEADER},{evil}", f"1,{evil},20,US,,x", f"2,{evil}{endless},-1,US,,x")

    assert ending.code == 0
    assert all(len(line) <= WIDTH or "the rows lie in" in line for line in ending.out.splitlines())
    assert all(line.isprintable() for line in ending.out.splitlines())
    assert "Acme" in ending.out


def test_hostile_columns_are_harmless_where_they_are_refused(drop: Drop) -> None:
    """What was found in place of a column that is mapped is told without what moves a cursor."""
    ending = drop("ID,Na\x1b[2Jme\u202e,Staff,Country,Stage", "1,Acme,20,US,")

    assert (ending.code, ending.out) == (1, "")
    assert all(line.isprintable() for line in ending.err.splitlines())
    assert "expected the column" in ending.err


def test_a_source_that_fails_is_one_line(home: Settings, drop: Drop) -> None:
    """Exit code 1, and what had landed stays."""
    drop(HEADER, "1,Acme,20,US,")
    before = batches(home)

    ending = prospects(home, "fetch", "gone")

    assert (ending.code, ending.out) == (1, "")
    (line,) = ending.err.splitlines()
    assert line.startswith("prospects: source gone: no file matches")
    assert batches(home) == before


@pytest.mark.parametrize(
    ("name", "hint"), [("markte", 'did you mean "market", line 2?'), ("zzz", ";")]
)
def test_a_name_that_is_none_is_one_line(home: Settings, name: str, hint: str) -> None:
    """It tells the document, the nearest name with its line, and all names."""
    ending = prospects(home, "fetch", name)

    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert f'{home.sources}: there is no source "{name}"' in line
    assert hint in line
    assert line.endswith("expected one of market, gone")


def test_a_run_in_progress_keeps_a_fetch_out(home: Settings, drop: Drop) -> None:
    """Both would write into the same folders."""
    with run_lock(home, RUNNING):
        ending = drop(HEADER, "1,Acme,20,US,")

    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert "another run holds run.lock" in line
    assert not batches(home)


def test_a_past_week_is_not_rewritten_with_what_a_file_says_today(
    home: Settings, drop: Drop
) -> None:
    """A week that has nothing takes it, as `run --fetch` does; one that has something keeps it."""
    past = RUNNING - timedelta(weeks=2)
    write(home.sources.parent, "market.csv", HEADER, "1,Acme,20,US,")
    taken = prospects(home, "fetch", "market", "--week", past)
    write(home.sources.parent, "market.csv", HEADER, "1,Acme,9000,US,")

    refused = prospects(home, "fetch", "market", "--week", past)

    assert taken.code == 0
    assert [batch.week for batch in batches(home)] == [past]
    assert refused.code == 1
    assert "source market: it can't tell what it would have said" in refused.err


def test_a_day_that_is_no_list_week_is_refused(home: Settings) -> None:
    """As by `prospects run`."""
    ending = prospects(home, "fetch", "market", "--week", RUNNING + timedelta(days=1))

    assert ending.code == 1
    assert f"{RUNNING + timedelta(days=1)} is no list week; expected a Monday" in ending.err


def test_before_the_first_list_week_there_is_none(home: Settings) -> None:
    """Which is told by the variable that names it."""
    ahead = replace(home, first_week=RUNNING + timedelta(weeks=2))

    ending = prospects(ahead, "fetch", "market", "--week", RUNNING)

    assert ending.code == 1
    assert ending.err.startswith("prospects: PROSPECT_FIRST_WEEK lies ahead")


def test_a_real_source_answers_and_no_secret_is_shown(
    httpserver: HTTPServer, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the source says it back, whole or cut off at the end of a column."""
    long_name = f"{'x' * 20}{TOKEN}"
    crm = MadeUpHubSpot(
        {
            "companies": [record("1", name=long_name, numberofemployees="-3"), record("2")],
            "contacts": [],
            "deals": [record("7", "1", dealname=TOKEN, dealstage=TOKEN)],
        }
    )
    home.sources.write_text(
        f"sources: {{crm: {{connector: hubspot, base_url: '{crm.serve(httpserver)}', "
        "token: '${CRM_TOKEN}'}}"
    )
    monkeypatch.setenv("CRM_TOKEN", TOKEN)

    ending = prospects(home, "fetch", "crm")

    assert ending.code == 0, ending.err
    assert "crm (hubspot), list week" in ending.out
    assert "deals: 1 rows" in ending.out
    assert TOKEN[:6] not in ending.out + ending.err
