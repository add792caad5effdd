"""Why an account is or isn't on the list: everything there is to say about it in one week.

Here belongs what is asked of a published marts file about given accounts. Not here: which version
is read and how an account is found (`reading`), and layout as a page (`publishing/report.py`).
The command line and the report use the same explanations, so that the two can't disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEG_TITLES = {
    "organisation": "organisation fit",
    "people": "people coverage",
    "issue": "issue urgency",
}
SIGNALS_SHOWN = 5

_Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Reason:
    """One addend of a leg's score, on its scale of 0 to 100."""

    reason_id: str
    text: str
    points: Decimal
    evidence: str | None
    source: str | None
    date: date | None


@dataclass(frozen=True)
class Leg:
    """One leg with the reasons whose points sum to its score; the score is None if not judged."""

    leg: str
    score: Decimal | None
    reasons: tuple[Reason, ...]

    @property
    def title(self) -> str:
        """The leg in the words of the business."""
        return LEG_TITLES[self.leg]


@dataclass(frozen=True)
class Person:
    """Someone reachable who plays a role; `motivation` is what is in it for them."""

    full_name: str | None
    title: str | None
    roles: tuple[str, ...]
    motivation: str | None
    email: str | None
    phone: str | None
    profile_url: str | None
    reachable_by: str | None


@dataclass(frozen=True)
class MissingRole:
    """A role for which nobody reachable is known, and who could play it."""

    role_id: str
    wanted: str | None


@dataclass(frozen=True)
class SeenSignal:
    """Something the account did that can be evidence of an issue."""

    kind: str
    text: str
    source: str
    occurred: date | None
    strength: float | None
    url: str | None


@dataclass(frozen=True)
class Unknown:
    """A criterion or disqualifier that couldn't be judged for lack of data; `is_wanted` unless its
    points are negative or it is a disqualifier."""

    criterion_id: str
    attribute: str | None
    wanted: str | None
    is_wanted: bool


@dataclass(frozen=True)
class SourceRecord:
    """A record of a source that is part of the account, and why."""

    source: str
    source_company_id: str
    name: str | None
    domain: str | None
    link_reason: str | None
    match_weight: float | None


@dataclass(frozen=True)
class Contradiction:
    """What another source says in place of a value that stands in the account."""

    attribute: str
    value: str
    value_source: str
    value_date: date | None
    other_value: str
    other_value_source: str
    other_value_date: date | None


@dataclass(frozen=True)
class Change:
    """What became of the account since the list compared with."""

    change: str
    reason: str | None
    previous_rank: int | None
    previous_week: date | None


@dataclass(frozen=True)
class Explanation:
    """All there is to say about one account in one week; people are left out when suppressed."""

    account_id: str
    name: str | None
    domain: str | None
    website: str | None
    country: str | None
    city: str | None
    industry: str | None
    employees: int | None
    employees_low: int | None
    employees_high: int | None
    revenue_usd: float | None
    parent: str | None
    ultimate_parent: str | None
    rolled_up_accounts: int | None
    list_week: date
    publish_id: str
    is_made_up: bool
    is_known_later: bool
    outcome: str
    outcome_reason: str | None
    rank: int | None
    tier: str | None
    alignment_score: Decimal | None
    weakest_leg: str | None
    data_coverage_pct: Decimal | None
    disqualifiers: tuple[str, ...]
    legs: tuple[Leg, ...]
    people: tuple[Person, ...]
    missing_roles: tuple[MissingRole, ...]
    signals: tuple[SeenSignal, ...]
    signals_seen: int
    unknown: tuple[Unknown, ...]
    unknown_disqualifiers: tuple[Unknown, ...]
    records: tuple[SourceRecord, ...]
    contradictions: tuple[Contradiction, ...]
    change: Change | None


def explanations(marts: DuckDBPyConnection, account_ids: Sequence[str]) -> list[Explanation]:
    """The explanations of the given accounts, in the order given."""
    facts = {row["account_id"]: row for row in ask(marts, _FACTS, account_ids=account_ids)}
    found = _Found(
        reasons=_reasons(marts, account_ids),
        people=_by_account(marts, _PEOPLE, account_ids),
        signals=_by_account(marts, _SIGNALS, account_ids, shown=SIGNALS_SHOWN),
        records=_by_account(marts, _RECORDS, account_ids),
        contradictions=_by_account(marts, _CONTRADICTIONS, account_ids),
        changes=_by_account(marts, _CHANGES, account_ids),
        qualified_out=_by_account(marts, _QUALIFIED_OUT, account_ids),
        criteria={row["criterion_id"]: row for row in ask(marts, _CRITERIA)},
    )
    return [_explanation(facts[account_id], found) for account_id in account_ids]


@dataclass(frozen=True)
class _Found:
    """What the queries gave, by account."""

    reasons: _Rows
    people: _Rows
    signals: _Rows
    records: _Rows
    contradictions: _Rows
    changes: _Rows
    qualified_out: _Rows
    criteria: dict[str, dict[str, Any]]


def _explanation(facts: dict[str, Any], found: _Found) -> Explanation:
    account_id = facts["account_id"]
    is_suppressed = facts["outcome"] == "suppressed"
    signals = found.signals[account_id]
    kept = {name: facts[name] for name in _KEPT}
    return Explanation(
        **kept,
        disqualifiers=tuple(_disqualifiers(facts, found)),
        legs=tuple(_leg(leg, facts, found.reasons[account_id]) for leg in LEG_TITLES),
        people=() if is_suppressed else tuple(map(_person, found.people[account_id])),
        missing_roles=() if is_suppressed else tuple(_missing_roles(facts, found)),
        signals=tuple(_signal(row) for row in signals),
        signals_seen=signals[0]["signals_seen"] if signals else 0,
        unknown=tuple(_unknown(facts, found, "criterion")),
        unknown_disqualifiers=tuple(_unknown(facts, found, "disqualifier")),
        records=tuple(SourceRecord(**_without_id(row)) for row in found.records[account_id]),
        contradictions=tuple(
            Contradiction(**_without_id(row)) for row in found.contradictions[account_id]
        ),
        change=next((Change(**_without_id(row)) for row in found.changes[account_id]), None),
    )


def _leg(leg: str, facts: dict[str, Any], reasons: list[dict[str, Any]]) -> Leg:
    score = {
        "organisation": "organisation_fit_score",
        "people": "people_coverage_score",
        "issue": "issue_urgency_score",
    }[leg]
    is_hidden = facts["outcome"] == "suppressed" and leg == "people"
    mine = [] if is_hidden else [row for row in reasons if row["leg"] == leg]
    return Leg(leg, facts[score], tuple(_reason(row) for row in mine))


def _reason(row: dict[str, Any]) -> Reason:
    return Reason(
        reason_id=row["reason_id"],
        text=row["reason"] or row["reason_id"].replace("_", " "),
        points=row["points"],
        evidence=row["evidence"],
        source=row["evidence_source"],
        date=row["evidence_date"],
    )


def _person(row: dict[str, Any]) -> Person:
    roles = tuple(row["role_ids"])
    return Person(**{**_without_id(row), "roles": roles})


def _missing_roles(facts: dict[str, Any], found: _Found) -> Iterator[MissingRole]:
    for role_id in facts["missing_roles"] or ():
        yield MissingRole(role_id, found.criteria.get(role_id, {}).get("operand"))


def _signal(row: dict[str, Any]) -> SeenSignal:
    return SeenSignal(
        kind=row["kind"],
        text=row["title"] or row["topic"] or "",
        source=row["source"],
        occurred=row["occurred"],
        strength=row["strength"],
        url=row["url"],
    )


def _unknown(facts: dict[str, Any], found: _Found, kind: str) -> Iterator[Unknown]:
    for criterion_id in facts["reasons_unknown"] or ():
        criterion = found.criteria.get(criterion_id, {})
        if criterion.get("kind", "criterion") == kind:
            yield Unknown(
                criterion_id,
                criterion.get("attribute"),
                criterion.get("operand"),
                kind == "criterion" and (criterion.get("points") or 0) >= 0,
            )


def _disqualifiers(facts: dict[str, Any], found: _Found) -> Iterator[str]:
    """Every reason to qualify the account out, with what was found where that decided."""
    rows = {row["reason_id"]: row for row in found.qualified_out[facts["account_id"]]}
    for criterion_id in facts["met_disqualifiers"] or ():
        statement = found.criteria.get(criterion_id, {}).get("statement") or "no reason given"
        evidence = rows.get(criterion_id, {}).get("evidence")
        shown = f" ({evidence})" if evidence else ""
        yield f"{criterion_id.replace('_', ' ')}: {statement}{shown}"
    if said := rows.get("sales_verdict"):
        why = f": {said['evidence']}" if said["evidence"] else ""
        yield f"sales on {said['evidence_date']}{why} [{said['evidence_source']}]"


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("account_id", "role_ids")}


_KEPT = (
    "account_id",
    "name",
    "domain",
    "website",
    "country",
    "city",
    "industry",
    "employees",
    "employees_low",
    "employees_high",
    "revenue_usd",
    "parent",
    "ultimate_parent",
    "rolled_up_accounts",
    "list_week",
    "publish_id",
    "is_made_up",
    "is_known_later",
    "outcome",
    "outcome_reason",
    "rank",
    "tier",
    "alignment_score",
    "weakest_leg",
    "data_coverage_pct",
)

_FACTS = """
    select
        accounts.account_id, accounts.name, accounts.domain, accounts.website, accounts.country,
        accounts.city, accounts.industry, accounts.employees, accounts.employees_low,
        accounts.employees_high, accounts.revenue_usd,
        coalesce(parents.name, parents.account_id) as parent,
        coalesce(tops.name, tops.account_id) as ultimate_parent,
        listed.rolled_up_accounts, meta.list_week, meta.publish_id, meta.is_made_up,
        scores.is_known_later, scores.outcome, scores.outcome_reason, scores.rank, scores.tier,
        scores.alignment_score,
        scores.weakest_leg, scores.data_coverage_pct, scores.organisation_fit_score,
        scores.people_coverage_score, scores.issue_urgency_score, scores.met_disqualifiers,
        scores.missing_roles, scores.reasons_unknown
    from accounts
    join account_scores as scores on scores.account_id = accounts.account_id
    left join accounts as parents on parents.account_id = accounts.parent_account_id
    left join accounts as tops
        on tops.account_id = accounts.ultimate_parent_account_id
        and tops.account_id <> accounts.account_id
    left join target_accounts as listed on listed.account_id = accounts.account_id
    cross join meta
    where accounts.account_id in (select unnest($account_ids::varchar[]))
"""

# Where a query unnests, `list_contains` reaches below it and a semi join doesn't: 30 times faster.
_REASONS = """
    select account_id, leg, reason_id, reason, points, evidence, evidence_source, evidence_date
    from {mart}
    where list_contains($account_ids::varchar[], account_id)
    order by account_id, points desc, reason_id, evidence
"""

_PEOPLE = """
    with roles as (
        select criterion_id, points, statement from criteria where kind = 'role'
    ),

    people as materialized (
        from contacts where account_id in (select unnest($account_ids::varchar[]))
    ),

    best_roles as (
        select
            people.contact_id, people.account_id, max(roles.points) as points,
            max_by(roles.statement, (roles.points, roles.criterion_id)) as motivation
        from people, unnest(people.role_ids) as played (role_id)
        join roles on roles.criterion_id = played.role_id
        group by all
    )

    select
        people.account_id, full_name, title, role_ids, best_roles.motivation, email, phone,
        profile_url, reachable_by
    from people
    join best_roles
        on best_roles.contact_id = people.contact_id
        and best_roles.account_id = people.account_id
    where people.is_reachable
    order by people.account_id, best_roles.points desc, people.contact_id
"""

_SIGNALS = """
    select
        account_id, kind, topic, title, source, cast(occurred_at as date) as occurred, strength,
        url, count(*) over (partition by account_id) as signals_seen
    from signals
    where account_id in (select unnest($account_ids::varchar[]))
    qualify row_number() over (
        partition by account_id order by occurred_at desc nulls last, strength desc, signal_id
    ) <= $shown
    order by account_id, occurred_at desc nulls last, strength desc, signal_id
"""

_RECORDS = """
    select account_id, source, source_company_id, name, domain, link_reason,
        match_weight
    from account_sources
    where account_id in (select unnest($account_ids::varchar[]))
    order by account_id, source, source_company_id
"""

_CONTRADICTIONS = """
    select
        account_id, attribute, value, value_source, value_date, other_value, other_value_source,
        other_value_date
    from account_contradictions
    where account_id in (select unnest($account_ids::varchar[]))
    order by account_id, attribute, other_value_source
"""

_CHANGES = """
    select account_id, change, reason, previous_rank, previous_week
    from target_account_changes
    where account_id in (select unnest($account_ids::varchar[]))
"""

_QUALIFIED_OUT = """
    select account_id, reason_id, evidence, evidence_source, evidence_date
    from qualified_out
    where account_id in (select unnest($account_ids::varchar[]))
"""

_CRITERIA = """
    select criterion_id, kind, attribute, operand, statement, points from criteria order by position
"""


def ask(marts: DuckDBPyConnection, query: str, **parameters: object) -> list[dict[str, Any]]:
    """The rows that a query gives, each as a dict by column."""
    cursor = marts.execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _reasons(marts: DuckDBPyConnection, account_ids: Sequence[str]) -> _Rows:
    """Those of listed accounts are written down; others are put together from the largest marts."""
    listed = _by_account(marts, _REASONS.format(mart="target_account_reasons"), account_ids)
    others = [account_id for account_id in account_ids if account_id not in listed]
    if not others:
        return listed
    return listed | _by_account(marts, _REASONS.format(mart="account_reasons"), others)


def _by_account(
    marts: DuckDBPyConnection, query: str, account_ids: Sequence[str], **parameters: object
) -> _Rows:
    grouped: _Rows = defaultdict(list)
    for row in ask(marts, query, account_ids=account_ids, **parameters):
        grouped[row["account_id"]].append(row)
    return grouped
