"""A back-filled week gives what that week would have given, from batches stamped by then."""

from __future__ import annotations

from tests.pipeline.conftest import ONE_WEEK, Backfill
from tests.support.runs import Publication

HEADCOUNT = "select employees from accounts where domain = 'headcount-fictive.com'"
LATER = (
    "select is_known_later from {} "
    "where account_id = (select account_id from accounts where domain = '{}')"
)


def test_both_weeks_were_published(backfill: Backfill) -> None:
    """The running week, and after it the week before."""
    assert [(ending.code, ending.err) for ending in backfill.endings] == [(0, ""), (0, "")]


def test_a_backfill_reads_the_batch_of_its_time(backfill: Backfill) -> None:
    """The vendor changed its file in place since; the earlier week still says what it said then."""
    assert backfill.running.values(HEADCOUNT) == [900]
    assert backfill.earlier.values(HEADCOUNT) == [500]


def test_a_backfill_names_the_batches_of_its_time(backfill: Backfill) -> None:
    """Those stamped with a week before it, never the newer ones of the same source."""
    stamped = _stamped(backfill.earlier)
    two_weeks_ago = backfill.earlier.week - ONE_WEEK
    assert stamped.pop("registry") == (f"{backfill.running.week}", True)
    assert set(stamped.values()) == {(f"{two_weeks_ago}", False)}


def test_the_running_week_fetches_anew(backfill: Backfill) -> None:
    """Each source that answered is represented by what it says now."""
    stamped = _stamped(backfill.running)
    assert stamped.pop("visits") == (f"{backfill.running.week - 2 * ONE_WEEK}", False)
    assert set(stamped.values()) == {(f"{backfill.running.week}", False)}


def test_what_was_not_known_then_is_marked(backfill: Backfill) -> None:
    """An account from a source without an earlier batch is on the list, and marked."""
    for mart in ("accounts", "account_scores", "target_accounts"):
        assert backfill.earlier.values(LATER.format(mart, "latecomer-fictive.com")) == [True]
        assert backfill.earlier.values(LATER.format(mart, "headcount-fictive.com")) == [False]
        assert backfill.running.values(LATER.format(mart, "latecomer-fictive.com")) == [False]


def test_latest_stays_with_the_newer_week(backfill: Backfill) -> None:
    """Publishing an earlier week afterwards doesn't turn readers back."""
    latest = backfill.market.settings.published / "latest"
    assert latest.resolve() == backfill.running.folder


def test_a_list_is_compared_with_earlier_weeks_only(backfill: Backfill) -> None:
    """The back-filled week has none before it, though a later one was there first."""
    assert backfill.earlier.manifest()["compared_with"] is None


def _stamped(publication: Publication) -> dict[str, tuple[str, bool]]:
    """Per source the newest week its batches are stamped with, and whether it is a later one."""
    return {
        batch["source"]: (batch["stamped_week"], batch["is_known_later"])
        for batch in sorted(
            publication.manifest()["batches"], key=lambda batch: batch["stamped_week"]
        )
    }
