"""What the document of the perfect customer says that the list must keep to.

Here belong the document's own standing (agreed, not out of date) and the terms a reader can hold
the finished list against: tiers, the parent's cap, people to reach. How the models apply them is
tested in dbt; here only the outcome counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from expectations.checks import Check, no_rows, text_literal

VALID_DAYS = 365

ROUNDING = 0.005
"""What equals a threshold to two places reaches it, since points were rounded one by one before
they were added; the dbt macro reached_from() says the same."""


@dataclass(frozen=True)
class Tier:
    """A part of the list: the alignment it begins at and how many accounts it takes."""

    id: str
    at_least: float
    capacity: int


@dataclass(frozen=True)
class Terms:
    """Who agreed to the document and when, and what it says of the list as a whole."""

    sales: str | None
    marketing: str | None
    agreed_date: date | None
    tiers: Sequence[Tier]
    most_per_parent: int


NO_TERMS = Terms(None, None, None, (), 0)
"""For the names of the checks alone, which depend on no document."""


def kept_terms(terms: Terms, list_week: date) -> list[Check]:
    """The checks of the document and of the list by its terms."""
    return [
        _agreed(terms),
        _current(terms, list_week),
        _within_capacity(terms),
        _reaching_tier(terms),
        _within_parent_cap(terms),
        _reachable(),
    ]


def _agreed(terms: Terms) -> Check:
    given = {"sales": terms.sales, "marketing": terms.marketing, "date": terms.agreed_date}
    missing = ", ".join(f"({text_literal(side)})" for side, value in given.items() if not value)
    return no_rows(
        "document_agreed",
        "raw.batches",
        f"select missing from (values {missing or '(null)'}) as agreement (missing) "
        "where missing is not null",
        severity="warning",
        why="A list by criteria that one side never agreed to is that side's list; the other will "
        "not act on it.",
        expected="perfect_customer.yml names who agreed for sales and for marketing, and the date",
    )


def _current(terms: Terms, list_week: date) -> Check:
    oldest = list_week - timedelta(days=VALID_DAYS)
    agreed = f"date '{terms.agreed_date}'" if terms.agreed_date else "null::date"
    return no_rows(
        "document_current",
        "raw.batches",
        f"select agreed from (values ({agreed})) as agreement (agreed) "
        f"where agreed < date '{oldest}'",
        severity="warning",
        why="Markets, competitors and our own strengths change; criteria that nobody looked at for "
        "a year describe the customer of a year ago.",
        expected=f"agreed upon within {VALID_DAYS} days before the list week",
    )


def _within_capacity(terms: Terms) -> Check:
    return no_rows(
        "tiers_within_capacity",
        "marts.target_accounts",
        "select tier, count(*) as accounts, any_value(capacity) as capacity from this as listed "
        f"left join {_tiers(terms)} on listed.tier = tiers.id group by tier "
        "having count(*) > coalesce(any_value(capacity), 0)",
        why="A tier that holds more accounts than people can work means that some are worked "
        "badly and nobody knows which.",
        expected="each tier one of the document, with at most as many accounts as its capacity",
    )


def _reaching_tier(terms: Terms) -> Check:
    return no_rows(
        "tier_thresholds_reached",
        "marts.target_accounts",
        f"select account_id, rank, tier from this as listed join {_tiers(terms)} "
        f"on listed.tier = tiers.id where alignment_score < at_least - {ROUNDING}",
        why="An account in a tier that it doesn't reach takes the effort meant for a better one.",
        expected="each listed account reaches the threshold of its tier",
    )


def _within_parent_cap(terms: Terms) -> Check:
    return no_rows(
        "parent_cap_kept",
        "marts.target_accounts",
        "select parents.ultimate_parent_account_id as parent_id, count(*) as accounts "
        "from this as listed join marts.accounts as parents "
        "on listed.account_id = parents.account_id "
        "where parents.ultimate_parent_account_id is not null "
        f"group by all having count(*) > {terms.most_per_parent}",
        why="Many accounts of one group are one decision maker called many times.",
        expected=f"at most {terms.most_per_parent} accounts of one ultimate parent",
    )


def _reachable() -> Check:
    return no_rows(
        "contacts_reachable",
        "marts.target_accounts",
        "select listed.account_id, listed.rank from this as listed where listed.account_id not in "
        "(select account_id from marts.target_contacts) and listed.people_coverage_score > 0",
        why="The list promises somebody to talk to; an account whose people are not in the "
        "contacts file can't be worked.",
        expected="at least one person in the contacts for each account whose people coverage "
        "is above 0",
    )


def _tiers(terms: Terms) -> str:
    rows = ", ".join(
        f"({text_literal(tier.id)}, {tier.at_least!r}, {tier.capacity})" for tier in terms.tiers
    )
    return f"(values {rows or '(null, null, null)'}) as tiers (id, at_least, capacity)"
