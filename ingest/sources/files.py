"""Any CSV, Excel or Parquet file, by a map from canonical columns to the file's.

What: firmographics, people, deals, signals, suppressions, verdicts: whatever a vendor, a warehouse
or a person drops as files. Terms of use: those of who wrote the file. Rate: one request per file
that has an address. Tables: those that sources.yml maps. Secrets: none.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import polars as pl
from pydantic import BaseModel, Field, create_model

from ingest import files, normalise
from ingest.columns import joined_key
from ingest.convert import BAND, canonical_text, named, stripped
from ingest.files import VENDOR
from ingest.headers import check_columns
from ingest.mapping import (
    STRICT,
    Rule,
    Value,
    attribute_value,
    column_value,
    file_model,
    origin,
    usual,
)
from ingest.registry import Request
from ingest.suppression_keys import with_kinds
from ingest.tables import TABLES, Table
from ingest.unread import unread

RATE_PER_SECOND = 1.0
ADVICE = "mend `columns` in sources.yml, or `delimiter` if that is one column only"
KEYS = {
    "domain": normalise.registrable_domain,
    "website": normalise.registrable_domain,
    "name": normalise.lower_case,
}
SIGNAL_KEYS = (
    "source_company_id",
    "domain",
    "cik",
    "lei",
    "company_name",
    "country",
    "kind",
    "topic",
    "title",
    "url",
    "occurred_at",
)
SPELLED = {"domain": normalise.registrable_domain, "topic": normalise.lower_case}

ENTRY = "attribute."

_TABLES: dict[str, Any] = {
    name: (file_model(table) | None, Field(None, description=table.doc))
    for name, table in TABLES.items()
}
Tables = create_model("Tables", __config__=STRICT, **_TABLES)


class Options(BaseModel):
    """The tables to land, each with its file and its map of columns."""

    model_config = STRICT

    tables: Tables = Field(description="a mapping of input tables to files")


def tables(options: Options) -> tuple[str, ...]:
    """Those that are mapped."""
    return tuple(_files(options))


def answers_for_past(options: Options) -> bool:
    """Where every file is a dated drop or comes from the sandbox."""
    return all(map(files.answers_for_past, _files(options).values()))


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every mapped table, file by file."""
    for name, file in _files(options).items():
        table = TABLES[name]
        for path in files.located(source, file, request, all_dates=table.drops_add_up):
            for frame in files.read(source, path, file):
                yield name, _mapped(source, path.name, table, file, frame, request)


def _files(options: Options) -> dict[str, Any]:
    return {name: file for name, file in options.tables if file is not None}


def _mapped(
    source: str, path: str, table: Table, file: Any, frame: pl.DataFrame, request: Request
) -> pl.DataFrame:
    """A frame in canonical columns, with the remarks about each row."""
    rules = {name: rule for name, rule in file.columns if rule is not None}
    attributes: dict[str, Rule] = getattr(file, "attributes", {})
    mapped_columns = (rule.columns() for rule in (*rules.values(), *attributes.values()))
    needed = set(chain(*mapped_columns, file.only_with, file.only_where))
    used = {VENDOR + name for name in needed}
    check_columns(source, path, sorted(needed), frame, ADVICE)
    rows = frame.filter(*_belongs(file, frame.schema))
    values = {
        name: column_value(rule, name, table.columns[name], rows.schema, request.week)
        for name, rule in rules.items()
    }
    entries = {
        key: attribute_value(rule, rows.schema, request.week) for key, rule in attributes.items()
    }
    mapped = rows.select(
        "_file",
        "_line",
        *_columns(rules, values),
        *(entry.value.alias(f"{ENTRY}{key}") for key, entry in entries.items()),
        *(pl.lit(None).alias(name) for name in _vendor_columns(frame) if name not in used),
        unread(_lost(values) | _lost(entries, "attributes.")),
        _reject=pl.coalesce("_reject", *_unreadable_keys(table, rules, values, rows.schema)),
    )
    complete = _with_attributes(mapped, sorted(entries)) if entries else mapped
    identify = IDENTIFIED.get(table.name)
    return identify(complete) if identify else complete


def _vendor_columns(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith(VENDOR)]


def _lost(values: dict[str, Value], within: str = "") -> dict[str, pl.Expr]:
    return {
        f"{within}{name}": value.is_lost
        for name, value in values.items()
        if value.is_lost is not None
    }


def _belongs(file: Any, vendor: pl.Schema) -> Iterator[pl.Expr]:
    """Whether a row belongs to the table at all; a broken one does, to be set aside."""
    is_broken = pl.col("_reject").is_not_null()
    for name in file.only_with:
        yield _said(name, vendor).is_not_null() | is_broken
    for name, texts in file.only_where.items():
        wanted = [text.strip().lower() for text in texts]
        yield _said(name, vendor).str.to_lowercase().is_in(wanted) | is_broken


def _said(name: str, vendor: pl.Schema) -> pl.Expr:
    return stripped(canonical_text(pl.col(VENDOR + name), vendor[VENDOR + name]))


def _columns(rules: dict[str, Rule], values: dict[str, Value]) -> list[pl.Expr]:
    """One column per rule; a band of employees gives its ends too, where nothing else does."""
    columns = {name: value.value for name, value in values.items()}
    employees = rules.get("employees")
    if employees and employees.conversion and named(employees.conversion)[0].gives == BAND:
        band = columns["employees"].struct
        ends = {"employees_low": band.field("low"), "employees_high": band.field("high")}
        columns = {**ends, **columns, "employees": band.field("number")}
    return [column.alias(name) for name, column in columns.items()]


def _with_attributes(mapped: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Entries as lists of key and value, in the order of the keys and without those of no value."""
    columns = [f"{ENTRY}{key}" for key in keys]
    numbered = mapped.with_row_index("_row")
    entries = (
        numbered.unpivot(columns, index="_row", variable_name="key")
        .drop_nulls("value")
        .with_columns(pl.col("key").str.strip_prefix(ENTRY))
        .sort("_row", maintain_order=True)
    )
    lists = entries.group_by("_row", maintain_order=True).agg(attributes=pl.struct("key", "value"))
    joined = numbered.drop(columns).join(lists, on="_row", how="left", maintain_order="left")
    return joined.drop("_row")


def _unreadable_keys(
    table: Table, rules: dict[str, Rule], values: dict[str, Value], vendor: pl.Schema
) -> list[pl.Expr]:
    """Why a row must go: a value without which it means nothing could not be read."""
    problems: list[pl.Expr] = []
    for name, rule in rules.items():
        column = table.schema.columns()[name]
        is_lost = values[name].is_lost
        if is_lost is not None and not column.nullable and name != "observed_at":
            expected = named(rule.conversion or usual(column.dtype))[0].expected
            found = canonical_text(*origin(rule, vendor))
            problem = pl.format(f"{name}: expected {expected}, found {{}}", found)
            problems.append(pl.when(is_lost).then(problem))
    return problems


def _identified_companies(companies: pl.DataFrame) -> pl.DataFrame:
    """Companies of a file without a key of its own are known by domain, else by name."""
    if "source_company_id" in companies.columns:
        return companies
    keys = [
        pl.col(name).map_batches(spell, return_dtype=pl.String)
        for name, spell in KEYS.items()
        if name in companies.columns
    ]
    return companies.with_columns(source_company_id=pl.coalesce(*keys, pl.lit(None, pl.String)))


def _identified_signals(signals: pl.DataFrame) -> pl.DataFrame:
    """Signals of a file without a key of its own are known by what they say of whom and when."""
    if "source_signal_id" in signals.columns:
        return signals
    texts = [_key_text(signals, name) for name in SIGNAL_KEYS if name in signals.columns]
    return signals.with_columns(source_signal_id=joined_key(texts))


def _key_text(signals: pl.DataFrame, name: str) -> pl.Expr:
    text = stripped(canonical_text(pl.col(name), signals.schema[name]))
    spell = SPELLED.get(name)
    return text.map_batches(spell, return_dtype=pl.String) if spell else text


IDENTIFIED = {
    "companies": _identified_companies,
    "signals": _identified_signals,
    "suppressions": with_kinds,
}
