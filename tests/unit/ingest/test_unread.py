"""What could not be read is told by column."""

import json
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ingest.batches import MANIFEST, batches
from ingest.unread import UNREAD, counted, told, unread
from tests.support.landing import settings_in
from tests.support.sources import fetched, write

MASKS = st.lists(st.tuples(st.booleans(), st.none() | st.booleans()), max_size=20)


@given(MASKS)
def test_counts_are_those_of_the_masks(rows: list[tuple[bool, bool | None]]) -> None:
    """A mask that is null is no loss; a column that lost nothing is not named."""
    frame = pl.DataFrame(rows, schema={"a": pl.Boolean, "b": pl.Boolean}, orient="row")
    masks = {"employees": pl.col("a"), "attributes.stage": pl.col("b")}

    counts = counted(frame.select(unread(masks))[UNREAD])

    expected = {"employees": frame["a"].sum(), "attributes.stage": frame["b"].sum()}
    assert counts == {name: count for name, count in expected.items() if count}


def test_columns_are_told_most_first() -> None:
    """Equals by name, whatever their order was."""
    assert told({"b": 1, "a": 1, "c": 1_234}) == "c 1,234, a 1, b 1"
    assert told({}) == ""


def test_a_batch_tells_which_columns_lost_values(tmp_path: Path) -> None:
    """Those that the map reads and those that the landing does; a manifest of an older program
    tells none."""
    write(tmp_path, "c.csv", "ID,Land,Heads,Since", "1,Atlantis,many,soon", "2,DE,1.5,2020-01-01")
    source = """\
connector: files
tables:
  companies:
    path: c.csv
    columns: {source_company_id: ID, country: Land, employees: {from: Heads, as: number}}
    attributes: {since: {from: Since, as: date}}
"""

    batch = fetched(tmp_path, source)["companies"].batch

    assert batch.unread == {"attributes.since": 1, "country": 1, "employees": 2}
    assert batch.unconverted == 4
    settings = settings_in(tmp_path)
    manifest = batch.folder(settings) / MANIFEST
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    del facts["unread"]
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    assert [old.unread for old in batches(settings)] == [{}]
