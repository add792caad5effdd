"""This week's list held against the last published one.

Here belong changes that are too large to be the market's. Without an earlier list there is nothing
to measure by, and these checks only say so by passing. Shares of fewer than FEWEST accounts say
nothing. After a gap of more than GAP_DAYS much may have changed, so that it is told but not held.
"""

from __future__ import annotations

from datetime import date, timedelta

from expectations.checks import Check, no_rows

FEWEST = 10
GAP_DAYS = 14
MOST_LEFT_PCT = 50
MOST_NEW_PCT = 50
MOST_LOST_PCT = 15
MOST_RENAMED_PCT = 1
MOST_SHIFT = 15
"""Points by which the mean alignment of all accounts may move."""

_CHANGES = "marts.target_account_changes"
_SCORES = "marts.account_scores"


def compared(list_week: date) -> list[Check]:
    """The checks against the list that the changes compare with."""
    recent = list_week - timedelta(days=GAP_DAYS)
    return [
        _churn(recent),
        _new_entries(recent),
        _new_at_the_top(recent),
        _changed_after_a_gap(recent),
        _accounts_lost(),
        _ids_kept(),
        _scores_steady(),
    ]


def _churn(recent: date) -> Check:
    return no_rows(
        "churn",
        _CHANGES,
        f"select {_PREVIOUS}, {_LEFT} from this as changed "
        f"where previous_week >= date '{recent}' having {_TOO_MANY_LEFT}",
        acceptable=True,
        why="When most of last week's accounts vanish at once, something broke; and people who "
        "began to work them would be left standing.",
        expected=f"at most {MOST_LEFT_PCT} % of the last list's accounts leave",
    )


def _new_entries(recent: date) -> Check:
    return no_rows(
        "new_entries",
        _CHANGES,
        f"select {_LISTED}, {_NEW} from this as changed "
        f"where {_compared_since(recent)} having {_too_many_new(FEWEST)}",
        acceptable=True,
        why="A list that is mostly new is another list; whoever trusts the ranking wants to know "
        "what happened first.",
        expected=f"at most {MOST_NEW_PCT} % of the accounts are new or returned",
    )


def _new_at_the_top(recent: date) -> Check:
    return no_rows(
        "new_at_the_top",
        _CHANGES,
        f"select {_LISTED}, {_NEW} from this as changed where {_compared_since(recent)} "
        f"and rank <= (select count(rank) / 2 from {_CHANGES}) having {_too_many_new(FEWEST // 2)}",
        acceptable=True,
        why="The top of the list is what gets worked; when most of it wasn't there a week ago, a "
        "source or a criterion has most likely changed, not the market.",
        expected=f"at most {MOST_NEW_PCT} % of the upper half are new or returned",
    )


def _changed_after_a_gap(recent: date) -> Check:
    return no_rows(
        "changed_after_a_gap",
        _CHANGES,
        f"select max(previous_week) as compared_with, {_PREVIOUS}, {_LEFT}, {_LISTED}, {_NEW} "
        f"from this as changed where (select max(previous_week) from {_CHANGES}) "
        f"< date '{recent}' having {_TOO_MANY_LEFT} or {_too_many_new(FEWEST)}",
        severity="warning",
        why="The list it is compared with is weeks old, so that much has changed; the marks new "
        "and left speak of that time, not of last week.",
        expected=f"most of the list compared with is still there after more than {GAP_DAYS} days",
    )


def _accounts_lost() -> Check:
    return no_rows(
        "accounts_kept",
        _SCORES,
        "select before, now from (select (select count(*) from raw.last_account_facts) as before, "
        f"count(*) as now from this as scored) as counted where before >= {FEWEST} "
        f"and now < before * {1 - MOST_LOST_PCT / 100!r}",
        acceptable=True,
        why="The universe of accounts grows or shrinks slowly; a sudden loss means that records "
        "are missing or that different companies were merged into one.",
        expected=f"at most {MOST_LOST_PCT} % fewer accounts than at the last list",
    )


def _ids_kept() -> Check:
    return no_rows(
        "account_ids_kept",
        "marts.accounts",
        "select before.domain, before.account_id as id_before, known.account_id as id "
        "from raw.last_account_facts as before "
        "join this as known on before.domain = known.domain "
        "where before.account_id not in (select account_id from marts.accounts) "
        "qualify count(*) over () > greatest(1, (select count(*) from raw.last_account_facts) "
        f"* {MOST_RENAMED_PCT / 100!r})",
        acceptable=True,
        why="CRM records, notes and history hang on the account's id; a company that comes back "
        "under another id loses them.",
        expected=f"at most {MOST_RENAMED_PCT} % of the accounts known by their domain come back "
        "under another id",
    )


def _scores_steady() -> Check:
    return no_rows(
        "scores_steady",
        _SCORES,
        "select round(avg(before.alignment_score), 1) as mean_before, "
        "round(avg(scored.alignment_score), 1) as mean from this as scored "
        "join raw.last_account_facts as before on scored.account_id = before.account_id "
        f"having count(*) >= {FEWEST} and "
        f"abs(avg(scored.alignment_score) - avg(before.alignment_score)) > {MOST_SHIFT}",
        severity="warning",
        why="When all accounts become better or worse at once, the criteria or a source changed; "
        "scores of this week and of last week then don't mean the same.",
        expected=f"the mean alignment of known accounts within {MOST_SHIFT} points of the last "
        "list's",
    )


_PREVIOUS = "count(previous_rank) as listed_before"
_LEFT = "count(*) filter (where change = 'left') as left_the_list"
_LISTED = "count(rank) as listed"
_NEW = "count(*) filter (where change in ('new', 'returned')) as new_or_returned"
_TOO_MANY_LEFT = (
    f"count(previous_rank) >= {FEWEST} and 100 * count(*) filter (where change = 'left') "
    f"> {MOST_LEFT_PCT} * count(previous_rank)"
)


def _too_many_new(fewest: int) -> str:
    return (
        f"count(rank) >= {fewest} "
        "and 100 * count(*) filter (where change in ('new', 'returned')) "
        f"> {MOST_NEW_PCT} * count(rank)"
    )


def _compared_since(day: date) -> str:
    return f"(select max(previous_week) from {_CHANGES}) >= date '{day}'"
