"""The tables that the identity step reads, from a few words per record; nothing here runs dbt.

Names are taken as their own keys, so a test writes "acme tools" and not "Acme Tools Ltd.".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from orchestration.identity.decisions import MatchDecision
from orchestration.identity.matching import SHIPPED, load_model
from orchestration.identity.resolve import Resolution, resolve_companies
from orchestration.warehouse import HISTORY_COLUMNS

WEEK = date(2026, 11, 23)
TEXTS = (
    "record_id", "source", "name_key", "identity_domain", "country", "lei", "cik",
    "registration_key", "city_key", "postal_key", "street_number", "phone_key", "industry_key",
    "same_as",
)  # fmt: skip
LINKS = {
    "lei": "lei",
    "cik": "cik",
    "registration": "registration_key",
    "domain": "identity_domain",
}


@dataclass(frozen=True)
class Record:
    """One company record; `id` is source:key."""

    id: str
    name: str | None = None
    domain: str | None = None
    country: str | None = None
    aliases: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    def row(self) -> dict[str, str | None]:
        """The row of int_company_records."""
        row: dict[str, str | None] = dict.fromkeys(TEXTS)
        row |= {"record_id": self.id, "source": self.id.split(":")[0], "name_key": self.name}
        return row | {"identity_domain": self.domain, "country": self.country} | dict(self.more)


@dataclass(frozen=True)
class Resolved:
    """What the step wrote."""

    resolution: Resolution
    accounts: Mapping[str, str]
    reasons: Mapping[str, str]
    held: Sequence[tuple[str, ...]]
    uncertain: Sequence[tuple[object, ...]]
    changes: Sequence[tuple[object, ...]]

    def together(self, *records: str) -> bool:
        """Whether all these records are one account."""
        return len({self.accounts[record] for record in records}) == 1


def resolve(
    records: Iterable[Record],
    *,
    before: Mapping[str, str] | None = None,
    changes: Iterable[tuple[str, str, str, date]] = (),
    decisions: Sequence[MatchDecision] = (),
    week: date = WEEK,
    cache: Path | None = None,
) -> Resolved:
    """Run the step on these records; `before` is the account of each record on the list before,
    `cache` the file of weights that runs hand on, by default one that is gone afterwards."""
    with duckdb.connect() as connection, TemporaryDirectory() as scratch:
        write_tables(connection, records, before=before or {}, changes=changes)
        file = cache or Path(scratch) / "pairs.parquet"
        found = resolve_companies(connection, load_model(SHIPPED), decisions, week, file)
        clusters = connection.execute("FROM identity.company_clusters").fetchall()
        return Resolved(
            found,
            {record: account for record, account, *_ in clusters},
            {record: reason for record, _, reason, _ in clusters},
            connection.execute("FROM identity.held_links ORDER BY ALL").fetchall(),
            connection.execute("FROM identity.uncertain_matches ORDER BY ALL").fetchall(),
            connection.execute("FROM identity.account_id_changes").fetchall(),
        )


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    records: Iterable[Record],
    *,
    before: Mapping[str, str],
    changes: Iterable[tuple[str, str, str, date]] = (),
) -> None:
    """The models that the step reads, and the history, in the order given."""
    records = list(records)
    rows = pl.DataFrame([r.row() for r in records], schema=dict.fromkeys(TEXTS, pl.String))
    names = [(r.id, name, name == r.name) for r in records for name in {r.name, *r.aliases} if name]
    named = (
        pl.DataFrame(names, schema=["record_id", "name_key", "is_own"], orient="row")
        if names
        else (
            pl.DataFrame(
                schema={"record_id": pl.String, "name_key": pl.String, "is_own": pl.Boolean}
            )
        )
    )
    last = pl.DataFrame(
        list(before.items()), schema={"record_id": pl.String, "account_id": pl.String}, orient="row"
    )
    connection.register("given_rows", rows)
    connection.register("given_names", named)
    connection.register("given_last", last)
    connection.execute("CREATE SCHEMA intermediate")
    connection.execute("CREATE SCHEMA raw")
    connection.execute("CREATE TABLE intermediate.int_company_records AS FROM given_rows")
    connection.execute(
        """
        CREATE TABLE intermediate.int_company_names AS
        SELECT *, array_to_string(list_sort(string_split(name_key, ' ')), ' ') AS name_sorted,
            replace(name_key, ' ', '') AS name_squashed,
            [regexp_replace(name_key, '( international| holdings)+$', '')] AS cores,
            []::VARCHAR[] AS fronts,
            NULL::VARCHAR AS one_word_core
        FROM given_names
        """
    )
    links = " UNION ALL ".join(
        f"SELECT record_id, '{kind}' AS link_kind, {column} AS link_key FROM given_rows "
        f"WHERE {column} IS NOT NULL"
        for kind, column in LINKS.items()
    )
    pointed = (
        "SELECT unnest([record_id, same_as]), 'crm', same_as FROM given_rows WHERE same_as <> ''"
    )
    connection.execute(f"CREATE TABLE intermediate.int_company_links AS {links} UNION {pointed}")
    connection.execute(
        "CREATE TABLE intermediate.int_domains_shared "
        "(identity_domain VARCHAR, is_in_conflict BOOLEAN)"
    )
    connection.execute("CREATE TABLE raw.last_account_records AS FROM given_last")
    typed = ", ".join(f"{c} {k}" for c, k in HISTORY_COLUMNS["last_account_id_changes"].items())
    connection.execute(f"CREATE TABLE raw.last_account_id_changes ({typed})")
    for change in changes:
        connection.execute("INSERT INTO raw.last_account_id_changes VALUES (?, ?, ?, ?)", change)
