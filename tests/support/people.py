"""The models that make people of contact records, run on rows that a test gives.

The SQL is what dbt compiled, over raw views on Parquet files as a week has them; only the accounts
are given, since whose they are is decided elsewhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.tables import TABLES, duckdb_columns
from orchestration.inputs import REMEMBERED
from orchestration.warehouse import connect, create_raw_view
from tests.support.built import NO_TESTS
from tests.support.dbt_project import Dbt
from tests.support.empty_warehouse import WEEK

Row = Mapping[str, object]
BATCH = f"{WEEK}-0123456789ab"
DAY = datetime(2026, 11, 16, tzinfo=UTC)
MODELS = (
    "int_people_suppressed",
    "int_contacts_suppressed",
    "int_contacts_linked",
    "int_contacts_resolved",
    "int_contacts_mastered",
)
"""In the order in which they read each other; what lies between them are views."""


@dataclass(frozen=True)
class People:
    """A warehouse in which those models stand, and how they are made."""

    dbt: Dbt
    files: Path
    accounts: Sequence[str] = ("acme", "bolt", "cube")
    statements: list[str] = field(default_factory=list)

    def build(self) -> People:
        """Let dbt compile the models, and fill in the accounts: each has its key as its domain."""
        result = self.dbt.run("build", *NO_TESTS, "--select", "+int_contacts_identified")
        assert result.success, result.exception
        compiled = self.dbt.target / "compiled/prospects/models/intermediate/people"
        for name in MODELS:
            query = (compiled / f"{name}.sql").read_text()
            self.statements.append(f"create or replace table intermediate.{name} as {query}")
        known = ", ".join(
            f"('crm:{name}', 'acc_{name}', '{name}.example')" for name in self.accounts
        )
        with connect(self.dbt.settings, WEEK) as warehouse:
            for name, columns in (
                ("int_records_identified", "record_id, account_id"),
                ("int_account_domains", "domain, account_id"),
            ):
                warehouse.execute(f"drop table intermediate.{name}")
                warehouse.execute(
                    f"create table intermediate.{name} as select {columns} "
                    f"from (values {known}) as known (record_id, account_id, domain)"
                )
        return self

    def contacts(
        self, *parts: Iterable[Row], latest: Iterable[Row] = (), asked: Iterable[Row] = ()
    ) -> list[dict[str, Any]]:
        """Who can be contacted, of the records in these parts, each of which is a file.

        `latest` is what later batches say, and `asked` are suppressions.
        """
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir()
        files = [self._written("contacts", number, rows) for number, rows in enumerate(parts)]
        newest = [*files, self._written("contacts", len(files), latest)]
        suppressions = [self._written("suppressions", 0, asked)]
        with connect(self.dbt.settings, WEEK) as warehouse:
            self._view(warehouse, "contacts", files)
            self._view(warehouse, "latest_contacts", newest)
            self._view(warehouse, "latest_suppressions", suppressions)
            for statement in self.statements:
                warehouse.execute(statement)
            found = warehouse.execute(
                "select * replace (coalesce(contact_ids, [contact_id]) as contact_ids) "
                "from intermediate.int_contacts_identified order by all"
            )
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def _written(self, table: str, number: int, rows: Iterable[Row]) -> Path:
        path = self.files / f"{table}-{number}.parquet"
        pl.DataFrame(list(rows), TABLES[table].columns).write_parquet(path)
        return path

    def _view(self, warehouse: duckdb.DuckDBPyConnection, name: str, files: list[Path]) -> None:
        columns = duckdb_columns(TABLES[name.removeprefix("latest_")])
        home = self.dbt.settings.home
        create_raw_view(warehouse, name, columns, files, home, remembered=REMEMBERED.get(name))


def record(key: str, *, source: str = "crm", company: str | None = "acme", **values: object) -> Row:
    """A contact record as it landed; whoever has an address has its host as a domain."""
    email = values.get("email")
    return {
        "source": source,
        "batch_id": BATCH,
        "observed_at": DAY,
        "source_contact_id": key,
        "source_company_id": company,
        "email_domain": str(email).partition("@")[2] if email else None,
        "is_opted_out": False,
        "is_do_not_call": False,
        **values,
    }


def asked(kind: str, key: str) -> Row:
    """Somebody's wish to be left alone."""
    return {
        "source": "do_not_contact",
        "batch_id": BATCH,
        "observed_at": DAY,
        "key_kind": kind,
        "key": key,
        "reason": "do_not_contact",
    }
