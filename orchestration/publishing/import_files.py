"""Files that CRM and ad platforms import: plain values, one row per domain, an external id.

Values are never escaped, as an added apostrophe would break matching. What can't be imported
safely or unambiguously goes to `rejects.csv` with its reason.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from orchestration.publishing import csv_files

_ACCOUNTS = """
    select
        account_id as external_id, domain, name, website, country, city, industry, employees,
        revenue_usd, rank, tier, alignment_score, organisation_fit_score, people_coverage_score,
        issue_urgency_score, change, list_week, publish_id,
        (select is_made_up from meta) as is_made_up,
        case
            when domain is null then 'no domain: nothing to match the account by'
            when row_number() over (partition by domain order by rank) > 1
                then 'domain is taken by rank ' || min(rank) over (partition by domain)
                    || ': one row per domain'
        end as reason
    from target_accounts
    order by rank
"""

_CONTACTS = """
    select
        contact_id as external_id, account_id as account_external_id, email, full_name, title,
        phone, profile_url, company_name, domain, role_id, list_week, publish_id,
        (select is_made_up from meta) as is_made_up,
        case
            when email is not null
                and row_number() over (partition by email order by rank, contact_id) > 1
                then 'e-mail is taken by a contact of a higher ranked account: one row per e-mail'
        end as reason
    from target_contacts
    order by rank, account_id, contact_id
"""

_UNCHECKED = ("reason", "external_id", "account_external_id", "phone", "publish_id")
"""Own values, and phone numbers, which rightly begin with a plus."""


def write_import_files(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Write accounts.csv, contacts.csv and rejects.csv into a new folder."""
    folder.mkdir()
    accounts = _judged(connection, _ACCOUNTS)
    contacts = _judged(connection, _CONTACTS)
    _write(folder / "accounts.csv", _accepted(accounts))
    _write(folder / "contacts.csv", _accepted(contacts))
    rejects = pl.concat([_rejected(accounts, "accounts"), _rejected(contacts, "contacts")])
    _write(folder / "rejects.csv", rejects)


def _judged(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """The rows of a list with the first reason, if any, why each can't be imported."""
    frame = pl.concat(csv_files.frames(connection, query))
    checked = [name for name in csv_files.text_columns(frame) if name not in _UNCHECKED]
    formulas = [
        pl.when(csv_files.begins_formula(name)).then(
            pl.lit(f"{name} begins like a formula: correct it in its source")
        )
        for name in checked
    ]
    return frame.with_columns(pl.coalesce("reason", *formulas, *_odd_phones(frame)).alias("reason"))


def _odd_phones(frame: pl.DataFrame) -> list[pl.Expr]:
    """A reason against phones that begin like a formula, unless by the plus of a country code."""
    if "phone" not in frame.columns:
        return []
    is_odd = csv_files.begins_formula("phone") & ~pl.col("phone").str.contains(r"^\+\d")
    return [pl.when(is_odd).then(pl.lit("phone begins like a formula: correct it in its source"))]


def _accepted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("reason").is_null()).drop("reason")


def _rejected(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    return frame.filter(pl.col("reason").is_not_null()).select(
        pl.lit(file).alias("file"), "external_id", "domain", "reason"
    )


def _write(path: Path, frame: pl.DataFrame) -> None:
    csv_files.write(path, iter((frame,)), byte_order_mark=False, quotes="necessary")
