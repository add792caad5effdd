"""Company records of several sources, fetched from files and resolved to accounts by the real step.

Made for tests of identity: a test writes records and asks which of them became one company.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from ingest.settings import Settings
from orchestration.assets.warehouse import BEFORE_IDENTITY
from orchestration.dbt import build
from orchestration.identity.decisions import decisions_file, read_decisions
from orchestration.identity.matching import load_model, model_file
from orchestration.identity.pair_cache import cache_file
from orchestration.identity.resolve import Resolution, resolve_companies
from orchestration.inputs import read_inputs
from orchestration.warehouse import connect, warehouse_file
from tests.support.built import NO_TESTS, build_records
from tests.support.market import PERFECT_CUSTOMER

WEEK = date(2026, 11, 23)
COLUMNS = (
    "source_company_id", "name", "aliases", "domain", "country", "region", "city", "postal_code",
    "street", "phone", "industry", "lei", "cik", "registration_authority", "registration_number",
    "same_as",
)  # fmt: skip

LEFT_ALONE = "left_alone"
SUPPRESSION_COLUMNS = ("key", "reason")

Record = Mapping[str, object]


@dataclass(frozen=True)
class Companies:
    """A home in which sources of company records were fetched, and the first models built."""

    settings: Settings

    def resolve(self, week: date = WEEK) -> Resolution:
        """Run the identity step on the week's warehouse."""
        decisions = read_decisions(decisions_file(self.settings))
        with connect(self.settings, week) as connection:
            return resolve_companies(
                connection,
                load_model(model_file(self.settings)),
                decisions,
                week,
                cache_file(self.settings),
            )

    def accounts(self, week: date = WEEK) -> dict[str, str]:
        """The account of each record."""
        return dict(self.ask("select record_id, account_id from identity.company_clusters", week))

    def build(self, *models: str, week: date = WEEK) -> None:
        """Build these models on what the identity step wrote, with all that they need."""
        selected = " ".join(f"+{model}" for model in models).split()
        without = [*NO_TESTS, "--exclude", *BEFORE_IDENTITY.split()]
        inputs = read_inputs(self.settings, week)
        database = warehouse_file(self.settings, week)
        build(self.settings, database, inputs.dbt_vars, [*without, "--select", *selected])

    def ask(self, query: str, week: date = WEEK) -> list[tuple[object, ...]]:
        """Rows of a query on the week's warehouse."""
        with connect(self.settings, week) as connection:
            return connection.execute(query).fetchall()


def land_companies(
    folder: Path, sources: Mapping[str, Sequence[Record]], week: date = WEEK, files: int = 1
) -> Companies:
    """Fetch every source's records from so many files of its own, and build what identity reads.

    A source named `left_alone` gives domains not to be listed: records of `key` and `reason`.
    """
    (folder / "perfect_customer.yml").write_text(PERFECT_CUSTOMER, encoding="utf-8")
    (folder / "sources.yml").write_text(
        "sources:\n" + "".join(map(_source, sources)), encoding="utf-8"
    )
    settings = Settings(
        folder / "home", folder / "sources.yml", folder / "perfect_customer.yml", week
    )
    for name, records in sources.items():
        columns = SUPPRESSION_COLUMNS if name == LEFT_ALONE else COLUMNS
        rows = [{column: record.get(column) for column in columns} for record in records]
        frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), strict=False)
        for number in range(files):
            frame[number::files].write_csv(folder / f"{name}-{number}.csv")
    build_records(settings, week)
    return Companies(settings)


def resolved(
    folder: Path, sources: Mapping[str, Sequence[Record]], week: date = WEEK, files: int = 1
) -> Companies:
    """`land_companies`, and the identity step."""
    companies = land_companies(folder, sources, week, files)
    companies.resolve(week)
    return companies


def _source(name: str) -> str:
    if name == LEFT_ALONE:
        return (
            f"  {name}:\n    connector: files\n    tables:\n      suppressions:\n"
            f"        path: {name}-*.csv\n"
            "        columns: {key_kind: {const: domain}, key: key, reason: reason}\n"
        )
    columns = ", ".join(f"{column}: {column}" for column in COLUMNS if column not in _SPECIAL)
    return (
        f"  {name}:\n    connector: files\n    tables:\n      companies:\n"
        f"        path: {name}-*.csv\n"
        f'        columns: {{{columns}, aliases: {{from: aliases, as: "list:|"}}}}\n'
        "        attributes: {same_as: same_as}\n"
    )


_SPECIAL = ("aliases", "same_as")
