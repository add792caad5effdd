"""The report: one self-contained page that tells the week's list to whoever opens it.

Here belongs what the page shows and in which order. Not here: why an account is on the list
(`orchestration.explanations` answers that for the command line too), how that is put into a
sentence (`account_story`), how the page looks (`templates/report.html.j2`) and what its controls do
(`templates/report.js`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import duckdb

from expectations.results import GateResults
from orchestration.explanations import LEG_TITLES, ask, explanations
from orchestration.publishing.account_story import Story, criteria, story
from orchestration.publishing.evidence_page import has_evidence
from orchestration.publishing.open_deals import open_deals
from orchestration.publishing.pages import render, script
from orchestration.publishing.people_files import country_names
from orchestration.publishing.shares import shares
from orchestration.reading import LIST_QUERY

DETAILED = 500
"""How many accounts are shown in detail; a page with thousands would open in no browser."""

CHANGES = {
    "new": "new",
    "returned": "returned",
    "up": "moved up",
    "same": "same rank",
    "down": "moved down",
}
"""What can have become of a listed account since the list compared with, in words."""

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Choice:
    """A value that the list can be filtered by, as it is shown, and how many accounts have it."""

    value: str
    label: str
    count: int


def render_report(marts: duckdb.DuckDBPyConnection, gate: GateResults) -> str:
    """The report on a published marts file as HTML."""
    listed = ask(marts, LIST_QUERY)
    return render(
        "report.html.j2",
        script=script("report.js"),
        meta=ask(marts, "select * from meta")[0],
        gate=gate,
        listed=listed,
        filters=_filters(listed),
        stories=_stories(marts, listed[:DETAILED]),
        countries=country_names(),
        numbers=ask(marts, _NUMBERS),
        ages=ask(marts, _AGES)[0],
        outcomes=shares(marts, _OUTCOMES),
        changes=shares(marts, _CHANGES),
        **{outcome: shares(marts, _reasons(outcome)) for outcome in _KINDS},
        left=ask(marts, _LEFT),
        issues=ask(marts, _ISSUES),
        open_deals=open_deals(marts),
        has_evidence=has_evidence(marts),
        batches=ask(marts, _BATCHES),
    )


def _reasons(outcome: str) -> str:
    return _REASONS.format(kind=_KINDS[outcome], outcome=outcome, most=_MOST_KINDS)


def _stories(marts: duckdb.DuckDBPyConnection, listed: Sequence[Mapping[str, Any]]) -> list[Story]:
    known = criteria(marts)
    told = explanations(marts, [row["account_id"] for row in listed])
    return [story(account, known) for account in told]


def _filters(listed: Sequence[Mapping[str, Any]]) -> dict[str, list[Choice]]:
    """By column the values that occur in the list, in the order in which a reader expects them."""
    countries = dict(sorted(country_names().items(), key=itemgetter(1)))
    return {
        "tier": _choices(listed, "tier", {}),
        "change": _choices(listed, "change", CHANGES),
        "country": _choices(listed, "country", countries),
        "weakest_leg": _choices(listed, "weakest_leg", {leg: leg for leg in LEG_TITLES}),
    }


def _choices(
    listed: Sequence[Mapping[str, Any]], column: str, labels: Mapping[str, str]
) -> list[Choice]:
    counts = Counter(row[column] or UNKNOWN for row in listed)
    order = [*labels, *sorted(counts)]
    return [Choice(v, labels.get(v, v), counts[v]) for v in sorted(counts, key=order.index)]


_NUMBERS = """
    with before as (
        select * from target_account_changes where previous_rank is not null
    ),

    tiers_before as (
        select tier, count(*) as accounts
        from list_history
        join meta on meta.compared_with_week = list_history.list_week
        group by tier
    ),

    tiers as (
        select tier, count(*) as accounts from target_accounts group by tier
    ),

    numbers as (
        select
            1 as position, 'listed accounts' as label, 0 as decimals,
            (select count(*) from target_accounts) as now,
            (select count(*) from before) as before, null as note
        union all
        select
            2, 'in tier ' || tier, 0, coalesce(tiers.accounts, 0),
            case when (select count(*) from tiers_before) > 0
                then coalesce(tiers_before.accounts, 0) end,
            null
        from tiers full join tiers_before using (tier)
        union all
        select
            3, 'new or returned', 0, count(*) filter (change in ('new', 'returned')), null,
            count(*) filter (change = 'left') || ' left the list'
        from target_account_changes
        union all
        select
            4, 'moved up', 0, count(*) filter (change = 'up'), null,
            count(*) filter (change = 'down') || ' moved down, '
            || count(*) filter (change = 'same') || ' stayed'
        from target_account_changes
        union all
        select
            5, 'median alignment', 1,
            (select round(median(alignment_score), 1) from target_accounts),
            (select round(median(previous_alignment_score), 1) from before), null
        union all
        select
            6, 'people to talk to', 0, count(distinct contact_id), null,
            'at ' || count(distinct account_id) || ' of the accounts'
        from target_contacts
    )

    select
        label, decimals, now, note,
        case when (select compared_with_week from meta) is not null then before end as before
    from numbers
    order by position, label
"""

_AGES = """
    with tables as (
        select source, table_name, max(stamped_week) as newest_batch
        from source_batches
        group by source, table_name
    )

    select
        (select max(newest_signal_date) from target_accounts) as newest_signal,
        (select min(newest_signal_date) from target_accounts) as quietest_account,
        min(newest_batch) as oldest_batch,
        min_by(source || ' ' || table_name, (newest_batch, source, table_name)) as oldest_table
    from tables
"""

_OUTCOMES = """
    select outcome, count(*) from account_scores group by outcome
    order by array_position(['listed', 'below_line', 'qualified_out', 'suppressed'], outcome)
"""

_CHANGES = """
    select change, count(*) from target_account_changes group by change
    order by array_position(['new', 'returned', 'up', 'same', 'down', 'left'], change)
"""

_REASONS = """
    with counted as (
        select {kind} as kind, count(*) as accounts from account_scores
        where outcome = '{outcome}' group by all
    ),

    placed as (
        select *, row_number() over (order by accounts desc, kind) as place from counted
    )

    select case when place <= {most} then kind else 'for other reasons' end, sum(accounts)::bigint
    from placed group by all order by min(place)
"""
"""The most frequent kinds of reason, and all accounts that have another."""

_KINDS = {
    "below_line": r"""
        case when outcome_reason like 'stands under %'
            then 'stands under the best aligned of its family'
        else regexp_replace(outcome_reason, ' [0-9.]+ is under ', ' is under ') end""",
    "qualified_out": """
        case when outcome_reason like 'sales qualified it out on %' then 'sales qualified it out'
        else outcome_reason end""",
    "suppressed": r"regexp_replace(outcome_reason, ' on [0-9]{4}-[0-9]{2}-[0-9]{2} ', ' ')",
}
"""By outcome the reason without what is each account's own: its score, its day, its family."""

_MOST_KINDS = 8

_LEFT = """
    select name, domain, previous_rank, reason from target_account_changes where change = 'left'
    and account_id not in (select account_id from account_scores where outcome = 'suppressed')
    order by previous_rank, account_id
"""

_ISSUES = """
    select criteria.criterion_id, criteria.statement, criteria.severity, criteria.advantage,
        criteria.cost_of_inaction, count(distinct reasons.account_id) as accounts
    from criteria
    left join target_account_reasons as reasons
        on reasons.leg = 'issue' and reasons.reason_id = criteria.criterion_id
    where criteria.kind = 'issue'
    group by all
    order by accounts desc, criteria.criterion_id
"""

_BATCHES = """
    select source, table_name, max(stamped_week) as stamped_week, sum(rows)::bigint as rows,
        sum(rejects)::bigint as rejects, bool_or(is_known_later) as is_known_later,
        bool_or(is_made_up) as is_made_up, count(*) as batches
    from source_batches
    group by source, table_name
    order by source, table_name
"""
