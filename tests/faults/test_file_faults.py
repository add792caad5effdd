"""Files that people and vendors drop: what is wrong with one never reaches a list unseen."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.support.landing import WEEK, tree
from tests.support.sources import fetched, write

DROPS = """
connector: files
tables:
  companies:
    path: drops/companies-*.csv
    date_in_name: "%Y-%m-%d"
    columns: {source_company_id: ID, name: Name, employees: Headcount, revenue_usd: Revenue}
"""
SIGNALS = """
connector: files
tables:
  signals:
    path: drops/signals.csv
    columns: {source_signal_id: ID, domain: Domain, kind: Kind}
"""
HEADER = "ID,Name,Headcount,Revenue"


def drop(folder: Path, day: date, *rows: str) -> None:
    """The companies of a day."""
    write(folder, f"drops/companies-{day}.csv", HEADER, *rows)


def test_a_corrected_file_of_an_old_week_replaces_that_week_only(tmp_path: Path) -> None:
    """Not a byte of the next week's batch changes."""
    later = WEEK + timedelta(weeks=1)
    for week in (WEEK, later):
        drop(tmp_path, week, "1,Acme Sample,5,1")
        fetched(tmp_path, DROPS, week)
    before = {name: body for name, body in tree(tmp_path).items() if f"/{later}-" in name}

    drop(tmp_path, WEEK, "1,Acme Sample,820,1", "2,Beta Sample,7,1")
    corrected = fetched(tmp_path, DROPS, WEEK)["companies"]

    assert corrected.rows["employees"].to_list() == [820, 7]
    assert (corrected.batch.week, corrected.batch.revision) == (WEEK, 2)
    assert len(before) == 2
    assert {name: body for name, body in tree(tmp_path).items() if name in before} == before


def test_numbers_that_are_none_never_land(tmp_path: Path) -> None:
    """What no column can hold is unknown and counted, a band in a column of numbers too; less than
    nobody is set aside.
    """
    strange = ["NaN", "Infinity", "1e308", "-1e999", "1,000-5,000"]
    rows = [f'{n},Strange,"{text}","{text}"' for n, text in enumerate(strange)]
    overflow = "97,Strange,9223372036854775808,"
    drop(tmp_path, WEEK, *rows, overflow, "98,Acme,820,18.5", "99,Negative,-5,1")

    landed = fetched(tmp_path, DROPS)["companies"]

    numbers = landed.rows.select("name", "employees", "revenue_usd").rows()
    assert numbers == [("Strange", None, None)] * 6 + [("Acme", 820, 18.5)]
    assert landed.batch.unconverted == 2 * len(strange) + 1
    assert landed.rejects.select("line", "reason").rows() == [
        (9, "expected employees to be at least 0, found -5")
    ]


def test_a_kind_that_is_new_is_set_aside_and_counted(tmp_path: Path) -> None:
    """The others land; the gate shows a banner where many rows are set aside, and refuses most."""
    kinds = ["news", "rumour", "Funding", "funding"]
    lines = [f"{n},acme-sample.com,{kind}" for n, kind in enumerate(kinds)]
    write(tmp_path, "drops/signals.csv", "ID,Domain,Kind", *lines)

    landed = fetched(tmp_path, SIGNALS)["signals"]

    assert landed.rows["kind"].to_list() == ["news", "funding"]
    assert landed.rejects["line"].to_list() == [3, 4]
    assert all(
        "expected kind to be one of topic_surge, " in text for text in landed.rejects["reason"]
    )
