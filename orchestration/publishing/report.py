"""The report: one self-contained page that tells the week's list to whoever opens it.

Here belongs what the page shows and in which order. Not here: why an account is on the list
(`orchestration.reading` answers that for the command line too) and how it looks (the template).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from expectations.results import GateResults
from orchestration.explanations import ask, explanations
from orchestration.publishing.pages import render
from orchestration.publishing.people_files import country_names
from orchestration.reading import LIST_QUERY

DETAILED = 500
"""How many accounts are shown in detail; a page with thousands would open in no browser."""


@dataclass(frozen=True)
class Share:
    """A count with its share of a whole, for a bar."""

    label: str
    count: int
    pct: float


def render_report(marts: duckdb.DuckDBPyConnection, gate: GateResults) -> str:
    """The report on a published marts file as HTML."""
    listed = ask(marts, LIST_QUERY)
    detailed = explanations(marts, [row["account_id"] for row in listed[:DETAILED]])
    return render(
        "report.html.j2",
        meta=ask(marts, "select * from meta")[0],
        gate=gate,
        listed=listed,
        detailed=detailed,
        countries=country_names(),
        outcomes=_shares(marts, _OUTCOMES),
        tiers=_shares(marts, _TIERS),
        changes=_shares(marts, _CHANGES),
        below_line=_shares(marts, _BELOW_LINE),
        qualified_out=_shares(marts, _QUALIFIED_OUT),
        suppressed=_shares(marts, _SUPPRESSED),
        left=ask(marts, _LEFT),
        issues=ask(marts, _ISSUES),
        batches=ask(marts, _BATCHES),
    )


_OUTCOMES = """
    select outcome, count(*) from account_scores group by outcome
    order by array_position(['listed', 'below_line', 'qualified_out', 'suppressed'], outcome)
"""

_TIERS = "select tier, count(*) from target_accounts group by tier order by tier"

_CHANGES = """
    select change, count(*) from target_account_changes group by change
    order by array_position(['new', 'returned', 'up', 'same', 'down', 'left'], change)
"""

_BELOW_LINE = """
    select outcome_reason, count(*) as accounts from account_scores where outcome = 'below_line'
    group by outcome_reason order by accounts desc, outcome_reason limit 8
"""

_QUALIFIED_OUT = """
    select outcome_reason, count(*) as accounts from account_scores where outcome = 'qualified_out'
    group by outcome_reason order by accounts desc, outcome_reason limit 8
"""

_SUPPRESSED = """
    select outcome_reason, count(*) as accounts from account_scores where outcome = 'suppressed'
    group by outcome_reason order by accounts desc, outcome_reason limit 8
"""

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


def _shares(marts: duckdb.DuckDBPyConnection, query: str) -> list[Share]:
    counts = marts.execute(query).fetchall()
    whole = sum(count for _, count in counts) or 1
    return [Share(label or "no reason", count, 100 * count / whole) for label, count in counts]
