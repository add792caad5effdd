"""Files that CRM and ad platforms import: plain values, one row per domain, an external id.

Values are never escaped, as an added apostrophe would break matching. What can't be imported
safely or unambiguously goes to `rejects.csv` with its reason. Nothing is more exact than its
source: where only a band of employees is known, the band is told and no number.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from orchestration.publishing import csv_files

_ACCOUNTS = """
    select
        listed.account_id as external_id, record_ids, listed.domain, listed.name, listed.website,
        accounts.phone, listed.country, listed.city, listed.industry,
        case when accounts.employees_low is null then listed.employees end as employees,
        accounts.employees_low, accounts.employees_high, listed.revenue_usd, rank, tier,
        alignment_score, organisation_fit_score, people_coverage_score, issue_urgency_score,
        why_now, change, listed.list_week, listed.publish_id,
        (select is_made_up from meta) as is_made_up
    from target_accounts as listed
    left join accounts on listed.account_id = accounts.account_id
    left join (
        select
            account_id,
            string_agg(source || ':' || source_company_id, ';' order by source, source_company_id)
                as record_ids
        from account_sources
        where account_id in (select account_id from target_accounts)
        group by account_id
    ) as records on listed.account_id = records.account_id
    order by rank
"""

_CONTACTS = """
    select
        contact_id as external_id, account_id as account_external_id, email, full_name, title,
        phone, profile_url, company_name, domain,
        string_agg(role_id, ';' order by criteria.position, role_id) as role_ids,
        rank, list_week, publish_id, (select is_made_up from meta) as is_made_up
    from target_contacts
    left join (select criterion_id, position from criteria where kind = 'role') as criteria
        on role_id = criteria.criterion_id
    group by all
    order by rank, account_id, contact_id
"""

_NAMES = ("name", "full_name", "company_name")
"""A row is known by its name, so one whose name can't be imported as it is can't be at all."""

_PHONE = r"^\+\d[\d\s().\-/]*(?:\s*(?:x|ext\.?)\s*\d+)?$"
"""A number with the code of its country, whose plus is rightly there."""

_OTHER_ADDRESS = r"(?i)^\s*(?:[a-z][a-z0-9+.-]*:|//)"
_WEB_ADDRESS = r"(?i)^https?://[^/?#\s]"
_ADDRESSES = ("website", "profile_url")

_UNCHECKED = ("external_id", "account_external_id", "phone", "publish_id", *_NAMES)
"""Own values, and phone numbers, which rightly begin with a plus."""


def write_import_files(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Write accounts.csv, contacts.csv and rejects.csv into a new folder."""
    folder.mkdir()
    accounts = _judged(connection, _ACCOUNTS, once_per="domain", is_key_needed=True)
    contacts = _judged(connection, _CONTACTS, once_per="email", is_key_needed=False)
    _write(folder / "accounts.csv", _accepted(accounts))
    _write(folder / "contacts.csv", _accepted(contacts).drop("rank"))
    rejects = pl.concat([_rejected(accounts, "accounts"), _rejected(contacts, "contacts")])
    _write(folder / "rejects.csv", rejects)


def _judged(
    connection: duckdb.DuckDBPyConnection, query: str, *, once_per: str, is_key_needed: bool
) -> pl.DataFrame:
    """The rows of a list, best first, with the first reason, if any, why each can't be imported."""
    frame = pl.concat(csv_files.frames(connection, query))
    formulas = [
        pl.when(csv_files.begins_formula(name)).then(
            pl.lit(f"{name} begins like a formula: correct it in its source")
        )
        for name in _NAMES
        if name in frame.columns
    ]
    missing = pl.when(pl.col(once_per).is_null() & is_key_needed).then(
        pl.lit(f"no {once_per}: nothing to match the row by")
    )
    judged = frame.with_columns(reason=pl.coalesce(*formulas, missing))
    # Only after the others: a row that can't be imported takes no key from the next one.
    return _without_formulas(judged).with_columns(
        reason=pl.coalesce("reason", _taken(once_per)),
    )


def _taken(key: str) -> pl.Expr:
    """A reason against every further row of a key among those that have no other reason."""
    place = pl.int_range(pl.len())
    is_free = pl.col("reason").is_null()
    first = pl.when(is_free).then(place).min().over(key)
    first_rank = pl.when(is_free).then(pl.col("rank")).min().over(key)
    return pl.when(pl.col(key).is_not_null() & (place.over(key) > first)).then(
        pl.format(f"{key} is taken by rank {{}}: one row per {key}", first_rank)
    )


def _without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Other text that begins like a formula, and an address that no browser should open, are left
    out; their row can be matched without them."""
    checked = [n for n in csv_files.text_columns(frame) if n not in (*_UNCHECKED, "reason")]
    is_odd = {name: csv_files.begins_formula(name) for name in checked}
    if "phone" in frame.columns:
        is_odd["phone"] = csv_files.begins_formula("phone") & ~pl.col("phone").str.contains(_PHONE)
    for name in set(_ADDRESSES).intersection(frame.columns):
        is_other = pl.col(name).str.contains(_OTHER_ADDRESS)
        is_odd[name] |= is_other & ~pl.col(name).str.contains(_WEB_ADDRESS)
    return frame.with_columns(
        pl.when(odd).then(None).otherwise(pl.col(name)).alias(name) for name, odd in is_odd.items()
    )


def _accepted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("reason").is_null()).drop("reason")


def _rejected(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    return frame.filter(pl.col("reason").is_not_null()).select(
        pl.lit(file).alias("file"), "external_id", "domain", "reason"
    )


def _write(path: Path, frame: pl.DataFrame) -> None:
    csv_files.write(path, iter((frame,)), byte_order_mark=False, quotes="necessary")
