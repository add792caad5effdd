"""CSV files that people open in a spreadsheet: safe from formulas, quoted, with a BOM.

A text that a spreadsheet might run as a formula gets a leading apostrophe here, and only here:
files for machines (`import_files`) carry values as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from orchestration.publishing import csv_files
from orchestration.reading import LIST_QUERY

_QUERIES = {
    "target_accounts.csv": LIST_QUERY,
    "target_contacts.csv": """
        select
            rank, company_name, domain, full_name, title, role_id, budget, decision, motivation,
            email, phone, profile_url, reachable_by, contact_id, account_id, list_week,
            (select is_made_up from meta) as is_made_up
        from target_contacts
        order by rank, account_id, contact_id, role_id
    """,
    "changes.csv": """
        select
            change, name, domain, rank, previous_rank,
            alignment_score, previous_alignment_score,
            reason, previous_week, account_id, list_week,
            (select is_made_up from meta) as is_made_up
        from target_account_changes
        -- Who must not be listed now is in no list file, also not as one who left.
        where account_id not in (select account_id from account_scores where outcome = 'suppressed')
        order by rank nulls last, previous_rank nulls last, account_id
    """,
    "qualified_out.csv": """
        select
            name, domain, country, reason_id, reason, evidence, evidence_source, evidence_date,
            account_id, list_week, (select is_made_up from meta) as is_made_up
        from qualified_out
        order by account_id, reason_id
    """,
    "pipeline_review.csv": """
        select
            verdict, weak_leg, reason, age_note, is_older_than_usual, age_days, usual_days,
            deal_name, company_name, domain, owner_name, stage, amount, currency, created_date,
            alignment_score, organisation_fit_score, people_coverage_score, issue_urgency_score,
            is_known_later, deal_id, account_id, owner_id, list_week,
            (select is_made_up from meta) as is_made_up
        from pipeline_review
        order by
            array_position(['keep', 'find_out', 'qualify_out'], verdict),
            age_days desc nulls last, deal_id
    """,
}


def write_people_files(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Write the CSV files for people into the folder."""
    for name, query in _QUERIES.items():
        rows = map(formula_safe, _with_country_names(csv_files.frames(connection, query)))
        csv_files.write(folder / name, rows, byte_order_mark=True, quotes="always")


def formula_safe(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text that a spreadsheet might run."""
    return frame.with_columns(
        pl.when(csv_files.begins_formula(name))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in csv_files.text_columns(frame)
    )


def _with_country_names(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    names = country_names()
    for frame in frames:
        yield frame.with_columns(pl.col("^country$").replace(names))


def country_names() -> dict[str, str]:
    """The usual English name for each ISO code."""
    import pycountry

    return {c.alpha_2: getattr(c, "common_name", c.name) for c in pycountry.countries}
