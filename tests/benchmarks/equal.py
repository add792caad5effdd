"""Whether the reference and the pipeline made the same list of the same batches.

    python -m tests.benchmarks.equal REFERENCE.duckdb PIPELINE.duckdb

Prints each difference as a line and how many there are; the exit code is 0 only where there is
none. It compares values, so that neither the order of rows nor what only one of both has matters.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

LINES_SHOWN = 50


@dataclass(frozen=True)
class Comparison:
    """Rows that must be the same on both sides: what of, found by which key."""

    name: str
    query: str
    key: Sequence[str]
    columns: Sequence[str]


DEMANDED = (
    Comparison(
        "list",
        """
        select
            rank, domain, organisation_fit_score, people_coverage_score, issue_urgency_score,
            alignment_score
        from {side}.target_accounts
        """,
        ("rank",),
        (
            "domain",
            "organisation_fit_score",
            "people_coverage_score",
            "issue_urgency_score",
            "alignment_score",
        ),
    ),
    Comparison(
        "account",
        """
        select
            account_id, outcome, organisation_fit_score, people_coverage_score,
            issue_urgency_score, alignment_score
        from {side}.account_scores
        """,
        ("account_id",),
        (
            "outcome",
            "organisation_fit_score",
            "people_coverage_score",
            "issue_urgency_score",
            "alignment_score",
        ),
    ),
    Comparison(
        "reason",
        "select account_id, leg, reason_id, points from {side}.target_account_reasons",
        ("account_id", "leg", "reason_id"),
        ("points",),
    ),
)
"""What makes two lists the same list."""

BESIDES = (
    Comparison(
        "account in full",
        "from {side}.account_scores",
        ("account_id",),
        (
            "is_aligned",
            "weakest_leg",
            "data_coverage_pct",
            "missing_roles",
            "reasons_earned",
            "reasons_unknown",
            "met_disqualifiers",
            "outcome_reason",
            "tier",
            "rank",
        ),
    ),
    Comparison(
        "attributes",
        "select * replace (map_extract_value(attributes, 'erp') as attributes) "
        "from {side}.accounts",
        ("account_id",),
        (
            "name",
            "domain",
            "website",
            "country",
            "region",
            "city",
            "phone",
            "industry",
            "industry_code",
            "employees",
            "revenue_usd",
            "founded_year",
            "ownership",
            "legal_form",
            "status",
            "parent_account_id",
            "ultimate_parent_account_id",
            "attributes",
            "subsidiaries",
            "topics_researched_90_days",
            "visits_90_days",
            "last_funding_date",
            "newest_signal_date",
        ),
    ),
    Comparison(
        "contact",
        "from {side}.contacts",
        ("contact_id",),
        (
            "account_id",
            "source_contact_id",
            "full_name",
            "title",
            "department",
            "seniority",
            "email",
            "phone",
            "profile_url",
            "reachable_by",
            "is_reachable",
            "role_ids",
            "contact_records",
            "sources",
            "contact_ids",
        ),
    ),
    Comparison(
        "signal",
        "from {side}.signals",
        ("signal_id",),
        (
            "account_id",
            "kind",
            "topic",
            "title",
            "strength",
            "occurred_at",
            "known_at",
            "url",
        ),
    ),
    Comparison(
        "reason in words",
        "from {side}.target_account_reasons",
        ("account_id", "leg", "reason_id"),
        ("reason", "evidence", "evidence_source", "evidence_date"),
    ),
    Comparison(
        "listed account in full",
        "from {side}.target_accounts",
        ("rank",),
        (
            "account_id",
            "name",
            "country",
            "tier",
            "is_aligned",
            "weakest_leg",
            "data_coverage_pct",
            "city",
            "industry",
            "employees",
            "revenue_usd",
            "website",
            "reachable_contacts",
            "missing_roles",
            "why_now",
            "newest_signal_date",
        ),
    ),
)
"""What else both publish: the reference shall not be fast by leaving out what is work."""


def differences(
    reference: Path, pipeline: Path, comparisons: Sequence[Comparison] = (*DEMANDED, *BESIDES)
) -> list[str]:
    """Each key that one side lacks and each value in which they differ, as a line; at best none."""
    with duckdb.connect() as connection:
        for side, path in (("reference", reference), ("pipeline", pipeline)):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {side} (read_only)")
        return [line for comparison in comparisons for line in _differences(connection, comparison)]


def _differences(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> Iterator[str]:
    found = connection.execute(_query(comparison))
    while rows := found.fetchmany(10_000):
        for row in rows:
            yield from _lines(comparison, row)


def _query(comparison: Comparison) -> str:
    """The rows that differ: key, whether each side has it, and each column of both."""
    pairs = [f"reference.{name}, pipeline.{name}" for name in comparison.columns]
    differing = [
        f"reference.{name} is distinct from pipeline.{name}" for name in comparison.columns
    ]
    return f"""
        with
        reference as ({comparison.query.format(side="reference")}),
        pipeline as ({comparison.query.format(side="pipeline")})
        select
            {", ".join(comparison.key)},
            reference.{comparison.key[0]} is not null,
            pipeline.{comparison.key[0]} is not null,
            {", ".join(pairs)}
        from reference full outer join pipeline using ({", ".join(comparison.key)})
        where
            reference.{comparison.key[0]} is null or pipeline.{comparison.key[0]} is null
            or {" or ".join(differing)}
        order by {", ".join(comparison.key)}
    """


def _lines(comparison: Comparison, row: Sequence[object]) -> Iterator[str]:
    keys = len(comparison.key)
    what = f"{comparison.name} {', '.join(map(str, row[:keys]))}"
    in_reference, in_pipeline = row[keys : keys + 2]
    if not in_pipeline:
        yield f"{what}: in the reference only"
    elif not in_reference:
        yield f"{what}: in the pipeline only"
    else:
        values = row[keys + 2 :]
        for name, ours, theirs in zip(comparison.columns, values[::2], values[1::2], strict=True):
            if ours != theirs:
                yield f"{what}: {name} is {ours} in the reference, {theirs} in the pipeline"


def main(reference: Path, pipeline: Path) -> int:
    """Print the differences; 1 where there is any."""
    lines = differences(reference, pipeline)
    for line in lines[:LINES_SHOWN]:
        print(line)
    print(f"{len(lines)} differences")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
