"""What a list is made from, and what its batches are held against."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingest.batches import Batch
from ingest.documents.sources import load_sources
from ingest.errors import ProspectError
from ingest.settings import PROJECT, Settings
from orchestration.inputs import choose_inputs, deliveries, take_inputs
from orchestration.warehouse import connect, create_raw_view
from tests.support.landing import WEEK, companies, land_frames

LAST, NEXT = WEEK - timedelta(weeks=1), WEEK + timedelta(weeks=1)
SOURCES = """\
sources:
  crm:
    connector: files
    tables:
      companies: {path: a.csv, columns: {source_company_id: ID}}
      contacts: {path: b.csv, columns: {source_contact_id: ID}}
      signals: {path: c.csv, columns: {source_signal_id: ID, domain: Web, kind: {const: news}}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home whose sources.yml names the source `crm` alone."""
    settings = Settings(
        tmp_path, tmp_path / "sources.yml", PROJECT / "perfect_customer.yml", date(2026, 1, 5)
    )
    settings.sources.write_text(SOURCES)
    return settings


def land_companies(home: Settings, rows: int, week: date = WEEK) -> Batch:
    """So many made-up companies of the CRM."""
    return land_frames(home, companies(*map(str, range(rows))), source="crm", week=week)


def land_signals(home: Settings, rows: int, week: date) -> Batch:
    """So many made-up signals of the CRM."""
    ids = [f"{week} {number}" for number in range(rows)]
    frame = pl.DataFrame({"source_signal_id": ids}).with_columns(
        kind=pl.lit("news"),
        company_name=pl.lit("Acme"),
        occurred_at=pl.lit(datetime(2026, 10, 1, tzinfo=UTC)),
        known_at=pl.lit(datetime(2026, 10, 1, tzinfo=UTC)),
    )
    return land_frames(home, frame, table="signals", source="crm", week=week)


def land_contacts(home: Settings, week: date = WEEK, source: str = "crm", **opted: bool) -> Batch:
    """Made-up people, each with whether they opted out."""
    frame = pl.DataFrame(
        {
            "source_contact_id": list(opted),
            "company_domain": ["acme.example"] * len(opted),
            "email": [f"{name}@acme.example" for name in opted],
            "is_opted_out": list(opted.values()),
        }
    )
    return land_frames(home, frame, table="contacts", source=source, week=week)


def publish(home: Settings, week: date) -> None:
    """What publishing leaves of a week for later ones: its manifest, history and link."""
    inputs = choose_inputs(home, week)
    version = home.published / ".versions" / inputs.publish_id
    version.mkdir(parents=True)
    (version / "manifest.json").write_text(json.dumps(inputs.manifest_facts))
    (home.published / f"{week}").symlink_to(f".versions/{inputs.publish_id}")
    for kind in ("target_accounts", "account_facts"):
        folder = home.history / kind
        folder.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({"account_id": ["a1"]}).write_parquet(folder / f"{inputs.publish_id}.parquet")


def rows_before(home: Settings, week: date, table: str = "companies") -> int | None:
    """What the table's delivery is held against."""
    given = deliveries(load_sources(home.sources), choose_inputs(home, week))
    return next(delivery.rows_before for delivery in given if delivery.table == table)


def opted_out(home: Settings, week: date) -> dict[str, bool | None]:
    """The newest word of each person who ever opted out, as the models see it."""
    take_inputs(home, week)
    with connect(home, week) as connection:
        rows = connection.execute(
            "SELECT source || ':' || source_contact_id, is_opted_out FROM raw.latest_contacts"
        ).fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_a_refused_batch_never_becomes_the_measure(home: Settings) -> None:
    """A broken source stays refused until it is mended: only published batches are a measure."""
    land_companies(home, 100, LAST - timedelta(weeks=1))
    publish(home, LAST - timedelta(weeks=1))
    land_companies(home, 3, LAST)
    land_companies(home, 2, WEEK)

    assert [rows_before(home, week) for week in (LAST, WEEK)] == [100, 100]


def test_a_batch_is_held_against_the_last_published_list(home: Settings) -> None:
    """Of several published lists the one before counts, also when a week is made again."""
    for week, rows in ((LAST, 100), (WEEK, 90), (NEXT, 80)):
        land_companies(home, rows, week)
        publish(home, week)

    assert [rows_before(home, week) for week in (LAST, WEEK, NEXT)] == [None, 100, 90]


def test_without_a_published_list_the_content_before_is_the_measure(home: Settings) -> None:
    """Also when it landed for the same week: a broken file that replaces a good one is seen."""
    land_companies(home, 100)
    assert rows_before(home, WEEK) is None

    land_companies(home, 3)

    assert rows_before(home, WEEK) == 100


def test_a_table_new_since_the_published_list_is_held_against_the_content_before(
    home: Settings,
) -> None:
    """A source that was added later has a measure of its own."""
    land_companies(home, 100, LAST)
    publish(home, LAST)
    land_contacts(home, WEEK, ada=False, bob=False)
    land_contacts(home, WEEK, ada=False)

    assert rows_before(home, WEEK, "contacts") == 2


def test_events_are_held_against_the_newest_published_batch(home: Settings) -> None:
    """A week of signals is compared with one week, not with all of them."""
    land_signals(home, 9, LAST - timedelta(weeks=1))
    land_signals(home, 7, LAST)
    publish(home, LAST)
    land_signals(home, 5, WEEK)

    assert rows_before(home, WEEK, "signals") == 7


def test_an_opt_out_outlives_the_person_in_the_source(home: Settings) -> None:
    """Who opted out and was then deleted stays opted out, and the list is another one for it."""
    land_contacts(home, LAST, ada=True, bob=False)
    alone = choose_inputs(home, WEEK).publish_id
    land_contacts(home, WEEK, bob=False)

    assert opted_out(home, WEEK) == {"crm:ada": True}
    remembered = choose_inputs(home, WEEK)
    assert remembered.publish_id != alone
    assert len([row for row in remembered.newest if row["table_name"] == "contacts"]) == 2


def test_what_is_remembered_is_part_of_the_publish_id(home: Settings) -> None:
    """An older batch that lands late can hold an opt-out, so it makes another list."""
    land_contacts(home, WEEK, bob=False)
    before = choose_inputs(home, WEEK).publish_id

    land_contacts(home, LAST, ada=True)

    assert choose_inputs(home, WEEK).publish_id != before


def test_the_newest_word_of_a_person_counts(home: Settings) -> None:
    """By week and then by revision, also of weeks after the list's and of content taken back."""
    land_contacts(home, LAST, ada=True, bob=False, eve=True)
    land_contacts(home, WEEK, ada=False, bob=False)
    land_contacts(home, WEEK, ada=True, bob=False)
    land_contacts(home, WEEK, ada=False, bob=False)
    land_contacts(home, NEXT, bob=True)

    assert opted_out(home, WEEK) == {"crm:ada": False, "crm:bob": True, "crm:eve": True}


def test_an_opt_out_outlives_the_source(home: Settings) -> None:
    """A source that was taken out of sources.yml is still heard, though nothing else of it."""
    land_contacts(home, source="old_crm", ada=True)
    land_contacts(home, ada=False)

    assert opted_out(home, WEEK) == {"old_crm:ada": True}
    assert {batch["source"] for batch in choose_inputs(home, WEEK).batches} == {"crm"}


def test_facts_of_accounts_outlive_the_links_of_their_lists(home: Settings) -> None:
    """Deals are judged by lists older than those that are kept; of these only what links name."""
    weeks = (LAST - timedelta(weeks=1), LAST, WEEK)
    for week in weeks:
        land_companies(home, 100, week)
        publish(home, week)
    (home.published / f"{weeks[0]}").unlink()
    (home.history / "account_facts" / f"{WEEK}-superseded.parquet").touch()

    found = choose_inputs(home, NEXT)

    assert set(found.history) == {f"{LAST}", f"{WEEK}"}
    assert [name[:10] for name in found.facts_history.values()] == [f"{week}" for week in weeks]
    assert "superseded" not in "".join(found.facts_history.values())
    assert not choose_inputs(home, weeks[0]).facts_history


def test_a_column_added_later_is_null_in_what_landed_before(home: Settings) -> None:
    """Neither a table nor the history has to be written again when it gains a column."""
    batch = land_companies(home, 2)
    data = batch.data(home)
    pl.read_parquet(data).drop("founded_year", "attributes").write_parquet(data)
    publish(home, LAST)

    take_inputs(home, WEEK)

    with connect(home, WEEK) as connection:
        companies = "SELECT founded_year, attributes, name FROM raw.companies ORDER BY name"
        assert connection.execute(companies).fetchall() == [
            (None, None, "Company 0"),
            (None, None, "Company 1"),
        ]
        history = "SELECT account_id, tier, reason_ids FROM raw.last_account_facts"
        assert connection.execute(history).fetchall() == [("a1", None, None)]


def test_a_view_has_the_types_of_its_columns(home: Settings) -> None:
    """With files or without, whatever the files hold, and nothing besides."""
    columns = {"rank": "INTEGER", "reason_ids": "VARCHAR[]"}
    file = home.home / "one.parquet"
    pl.DataFrame({"rank": ["7"], "gone": [1]}).write_parquet(file)
    with connect(home, WEEK) as connection:
        for name, files in (("none", []), ("some", [file])):
            create_raw_view(connection, name, columns, files, home.home)
            described = connection.execute(f"DESCRIBE raw.{name}").fetchall()
            assert {row[0]: row[1] for row in described} == columns
        assert connection.execute("FROM raw.some").fetchall() == [(7, None)]


@pytest.mark.parametrize("damage", ["cut off", "missing"])
def test_a_damaged_batch_is_named_and_can_be_fetched_again(home: Settings, damage: str) -> None:
    """One clear line with the folder to remove; doing so and fetching again mends it."""
    good, bad = land_contacts(home, LAST, ada=True), land_contacts(home, WEEK, bob=False)
    data = bad.data(home)
    if damage == "cut off":
        data.write_bytes(data.read_bytes()[:-20])
    else:
        data.unlink()

    with pytest.raises(ProspectError, match="remove the folder and fetch again") as raised:
        take_inputs(home, WEEK)

    assert f"landing/contacts/crm/{bad.batch_id}:" in str(raised.value)
    assert good.batch_id not in str(raised.value)
    shutil.rmtree(bad.folder(home))
    land_contacts(home, WEEK, bob=False)
    assert opted_out(home, WEEK) == {"crm:ada": True}
