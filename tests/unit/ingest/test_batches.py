"""Which batches a list uses: point in time, whatever landed later."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.batches import Batch, batches, newest_batches, select_batches
from ingest.errors import ProspectError
from tests.support.landing import WEEK, companies, land_frames, settings_in

WEEKS = st.integers(0, 6).map(lambda number: WEEK + timedelta(weeks=number))


def batch(table: str, source: str, week: date, revision: int) -> Batch:
    """A batch that never landed."""
    return Batch(
        source=source,
        table=table,
        batch_id=f"{week}-{revision:012}",
        week=week,
        revision=revision,
        rows=1,
        rejects=0,
        unconverted=0,
        unread={},
        content_hash="",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        schema={},
        new_columns=(),
        made_up=True,
    )


BATCHES = st.lists(
    st.builds(
        batch,
        st.sampled_from(["companies", "signals"]),
        st.sampled_from(["a", "b"]),
        WEEKS,
        st.integers(1, 3),
    ),
    unique_by=lambda batch: (batch.table, batch.source, batch.week, batch.revision),
)


@given(BATCHES, WEEKS, st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order(landed: list, week: date, random: object) -> None:
    """Folders have no order."""
    shuffled = random.sample(landed, len(landed))  # type: ignore[attr-defined]

    assert select_batches(shuffled, week) == select_batches(landed, week)


@given(BATCHES, WEEKS)
def test_what_lands_later_changes_nothing_where_something_is_known(
    landed: list[Batch], week: date
) -> None:
    """A back-fill gives what the week itself would have given."""
    then = [batch for batch in landed if batch.week <= week]
    known = {(batch.table, batch.source) for batch in then}

    chosen = select_batches(landed, week)

    assert [s for s in chosen if not s.is_known_later] == list(select_batches(then, week))
    assert all((s.batch.table, s.batch.source) not in known for s in chosen if s.is_known_later)


@given(BATCHES, WEEKS)
def test_every_source_and_table_is_represented(landed: list[Batch], week: date) -> None:
    """A source that has landed anything gives something to every list."""
    chosen = {(s.batch.table, s.batch.source) for s in select_batches(landed, week)}

    assert chosen == {(batch.table, batch.source) for batch in landed}


def test_a_snapshot_is_one_batch_and_events_are_all() -> None:
    """The newest snapshot replaces the older ones; events add up."""
    weeks = [WEEK, WEEK + timedelta(weeks=1), WEEK + timedelta(weeks=2)]
    landed = [batch(table, "a", week, 1) for table in ("companies", "signals") for week in weeks]

    chosen = select_batches(landed, weeks[1])

    assert [(s.batch.table, s.batch.week) for s in chosen] == [
        ("companies", weeks[1]),
        ("signals", weeks[0]),
        ("signals", weeks[1]),
    ]


def test_the_last_revision_of_a_week_replaces_the_others() -> None:
    """A corrected file replaces what it corrects, events too."""
    landed = [batch("signals", "a", WEEK, 1), batch("signals", "a", WEEK, 2)]

    assert [s.batch.revision for s in select_batches(landed, WEEK)] == [2]


def test_without_anything_known_the_oldest_later_batch_is_marked() -> None:
    """The first list of a new source rests on what was learnt later, and says so."""
    later = [batch("signals", "a", WEEK + timedelta(weeks=n), 1) for n in (1, 2)]

    (chosen,) = select_batches(later, WEEK)

    assert (chosen.batch, chosen.is_known_later) == (later[0], True)


@given(BATCHES)
def test_the_newest_batches_are_the_newest(landed: list[Batch]) -> None:
    """Opt-outs apply in their newest state, whatever the list's week."""
    for newest in newest_batches(landed):
        rivals = [b for b in landed if (b.table, b.source) == (newest.table, newest.source)]
        assert (newest.week, newest.revision) == max((b.week, b.revision) for b in rivals)


def test_manifests_are_read_as_they_were_written(tmp_path: Path) -> None:
    """What landing returns is what a later run finds."""
    settings = settings_in(tmp_path)

    landed = land_frames(settings, companies("1"))

    assert batches(settings) == [landed]


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    """One clear line with the file, no traceback."""
    settings = settings_in(tmp_path)
    landed = land_frames(settings, companies("1"))
    (landed.folder(settings) / "manifest.json").write_text("{")

    with pytest.raises(ProspectError, match=r"manifest\.json: expected the manifest of a batch"):
        batches(settings)
