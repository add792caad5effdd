"""The input tables: the one contract between sources and everything behind the landing.

What belongs here: names, types, bounds and meaning of the columns. What doesn't: how a vendor's
fields become them (`sources/`), and any rule that needs a second row or another table.

Every table has `source`, `batch_id` and `observed_at`, filled in by the landing. Text is cleaned
and never empty, times are UTC, money is named by its currency, countries are ISO 3166-1 alpha-2,
domains are registrable ones in lower-case punycode. `attributes` lists the fields that have no
column, as key and value in canonical text (ISO date, point decimal, true or false).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import dataframely as dy
import polars as pl

SIGNAL_KINDS = (
    "topic_surge",
    "job_posting",
    "filing",
    "funding",
    "web_visit",
    "research",
    "news",
    "technology",
)
OUTCOMES = ("open", "won", "lost")
SUPPRESSION_REASONS = ("customer", "competitor", "partner", "do_not_contact", "manual")
SUPPRESSION_KEYS = ("domain", "company_id", "email", "email_sha256")
VERDICTS = ("accepted", "qualified_out")


def _text(description: str, *, required: bool = False) -> dy.String:
    return dy.String(nullable=not required, description=description)


def _one_of(values: tuple[str, ...], description: str, *, required: bool = True) -> dy.String:
    listed = ", ".join(values)
    return dy.String(
        nullable=not required,
        check={f"one of {listed}": lambda value: value.is_in(list(values))},
        description=f"{description}: {listed}",
    )


def _count(description: str) -> dy.Int64:
    return dy.Int64(nullable=True, min=0, description=description)


def _amount(description: str) -> dy.Float64:
    return dy.Float64(nullable=True, min=0.0, description=description)


def _flag(description: str) -> dy.Bool:
    return dy.Bool(nullable=True, description=description)


def _day(description: str, *, required: bool = False) -> dy.Date:
    return dy.Date(nullable=not required, description=description)


def _time(description: str, *, required: bool = False) -> dy.Datetime:
    return dy.Datetime(
        nullable=not required, time_zone="UTC", time_unit="us", description=description
    )


def _attributes() -> dy.List:
    entry = dy.Struct(
        {"key": dy.String(description="lower_snake"), "value": dy.String(description="text")}
    )
    return dy.List(entry, nullable=True, description="fields that have no column, sorted by key")


class Landed(dy.Schema):
    """What every input table has."""

    source = _text("name of the source in sources.yml", required=True)
    batch_id = _text("week and content hash of the batch", required=True)
    observed_at = _time("the source's own update time, else the batch's Monday", required=True)


class Companies(Landed):
    """Companies as one source knows them."""

    source_company_id = _text("the source's key of the company", required=True)
    name = _text("name as the source writes it")
    aliases = dy.List(dy.String(), nullable=True, description="further names")
    website = _text("address as the source writes it")
    domain = _text("registrable domain; a shared host's tenants keep their own name")
    country = _text("ISO 3166-1 alpha-2")
    region = _text("state or province")
    city = _text("city")
    postal_code = _text("postal code")
    street = _text("street and number")
    phone = _text("switchboard")
    industry = _text("industry in words")
    industry_code = _text("industry code")
    industry_system = _text("system of the code: naics, sic, nace, ...")
    employees = _count("head count")
    employees_low = _count("lower end of the head-count band")
    employees_high = _count("upper end of the head-count band; null for no end")
    revenue_usd = _amount("yearly revenue in US dollars")
    founded_year = dy.Int64(nullable=True, min=1000, max=2200, description="year of foundation")
    ownership = _text("private, public, subsidiary, ...")
    legal_form = _text("legal form")
    status = _text("active, inactive, ...")
    lei = _text("Legal Entity Identifier, 20 characters")
    cik = _text("SEC Central Index Key, ten digits with leading zeros")
    registration_authority = _text("issuer of the registration number")
    registration_number = _text("number in that register")
    attributes = _attributes()

    @dy.rule()
    def employees_high_is_not_below_low(cls) -> pl.Expr:
        return pl.col("employees_high") >= pl.col("employees_low")


class CompanyRelationships(Landed):
    """Parents and children among one source's companies."""

    child_source_company_id = _text("the company below", required=True)
    parent_source_company_id = _text("the company above", required=True)
    kind = _text("parent, ultimate_parent, ...", required=True)
    is_active = _flag("whether it still holds")
    since_date = _day("first day")

    @dy.rule()
    def a_company_is_not_its_own_parent(cls) -> pl.Expr:
        return pl.col("child_source_company_id") != pl.col("parent_source_company_id")


class Contacts(Landed):
    """People as one source knows them."""

    source_contact_id = _text("the source's key of the person", required=True)
    source_company_id = _text("the source's key of the employer")
    company_domain = _text("registrable domain of the employer")
    full_name = _text("name")
    title = _text("job title")
    department = _text("department")
    seniority = _text("seniority")
    email = _text("e-mail address in lower case")
    email_domain = _text("registrable domain of the address, filled in by the landing")
    phone = _text("own phone")
    profile_url = _text("public profile")
    is_opted_out = _flag("asked not to get mail")
    is_do_not_call = _flag("asked not to be called")


CONSENT = ("is_opted_out", "is_do_not_call")
"""Columns of contacts by which somebody asked to be left alone: in doubt they count."""


class Signals(Landed):
    """Things that happened at or around a company."""

    source_signal_id = _text("the source's key of the event", required=True)
    source_company_id = _text("the source's key of the company")
    domain = _text("registrable domain of the company")
    cik = _text("SEC Central Index Key, ten digits with leading zeros")
    lei = _text("Legal Entity Identifier")
    company_name = _text("name, where there is no key")
    country = _text("country that goes with the name, ISO 3166-1 alpha-2")
    kind = _one_of(SIGNAL_KINDS, "kind of event")
    topic = _text("topic in lower case")
    title = _text("headline")
    text = _text("text without markup")
    strength = dy.Float64(nullable=True, min=0.0, max=1.0, description="0 to 1; null counts as 1")
    occurred_at = _time("when it happened: only decays")
    known_at = _time("when the source published it; null: the week it was first seen")
    url = _text("where to read it")

    @dy.rule()
    def some_company_is_named(cls) -> pl.Expr:
        keys = ["source_company_id", "domain", "cik", "lei", "company_name"]
        return pl.any_horizontal(pl.col(keys).is_not_null())


class Deals(Landed):
    """Deals as one source knows them."""

    source_deal_id = _text("the source's key of the deal", required=True)
    source_company_id = _text("the source's key of the company")
    domain = _text("registrable domain of the company")
    name = _text("name")
    amount = _amount("value in `currency`")
    currency = _text("ISO 4217")
    stage = _text("stage as the source names it")
    outcome = _one_of(OUTCOMES, "how it ended")
    created_at = _time("when it was opened")
    closed_at = _time("when it ended")
    owner_id = _text("the source's key of the owner")
    loss_reason = _text("why it was lost")
    attributes = _attributes()

    @dy.rule()
    def some_company_is_named(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col("source_company_id", "domain").is_not_null())


class Owners(Landed):
    """Sales people who own accounts and deals."""

    source_owner_id = _text("the source's key of the owner", required=True)
    name = _text("name")
    email = _text("e-mail address in lower case")
    territory = _text("territory")
    capacity = _count("accounts that can be worked at once")


class Suppressions(Landed):
    """Companies and people to leave alone."""

    key_kind = _one_of(SUPPRESSION_KEYS, "what the key is")
    key = _text("domain, company id, e-mail, or SHA-256 of the lower-cased e-mail", required=True)
    reason = _one_of(SUPPRESSION_REASONS, "why")
    until_date = _day("last day; null for ever")
    note = _text("note")


class Verdicts(Landed):
    """What sales said of accounts on earlier lists."""

    source_company_id = _text("the source's key of the company")
    domain = _text("registrable domain of the company")
    given_date = _day("day of the verdict", required=True)
    verdict = _one_of(VERDICTS, "verdict")
    reason = _text("why")
    until_date = _day("last day it holds; null for ever")
    owner_id = _text("who gave it")

    @dy.rule()
    def some_company_is_named(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col("source_company_id", "domain").is_not_null())


@dataclass(frozen=True)
class Table:
    """One input table. `key` with `source` is its grain and the order of its files.

    Of dated drops the newest alone counts; where `drops_add_up`, all up to the week do.
    """

    name: str
    schema: type[Landed]
    key: tuple[str, ...]
    kind: Literal["snapshot", "event"]
    drops_add_up: bool = False

    @property
    def grain(self) -> str:
        """What one row is, in words."""
        return ", ".join(("source", *self.key))

    @property
    def doc(self) -> str:
        """What the table holds, in a sentence."""
        return (self.schema.__doc__ or "").strip()

    @cached_property
    def columns(self) -> dict[str, pl.DataType]:
        """Name and Polars type of each column, in order."""
        return {name: column.dtype for name, column in self.schema.columns().items()}


TABLES = {
    table.name: table
    for table in (
        Table("companies", Companies, ("source_company_id",), "snapshot"),
        Table(
            "company_relationships",
            CompanyRelationships,
            ("child_source_company_id", "parent_source_company_id", "kind"),
            "snapshot",
        ),
        Table("contacts", Contacts, ("source_contact_id",), "snapshot"),
        Table("signals", Signals, ("source_signal_id",), "event", drops_add_up=True),
        Table("deals", Deals, ("source_deal_id",), "snapshot"),
        Table("owners", Owners, ("source_owner_id",), "snapshot"),
        Table("suppressions", Suppressions, ("key_kind", "key", "reason"), "snapshot"),
        Table(
            "verdicts",
            Verdicts,
            ("source_company_id", "domain", "given_date"),
            "snapshot",
            drops_add_up=True,
        ),
    )
}

_DUCKDB_TYPES = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMP WITH TIME ZONE",
}


def empty_frame(table: Table) -> pl.DataFrame:
    """No rows, all columns, in order."""
    return pl.DataFrame(schema=table.columns)


def duckdb_columns(table: Table) -> dict[str, str]:
    """Name and DuckDB type of each column, as the landed Parquet files are read."""
    return {name: _duckdb_type(dtype) for name, dtype in table.columns.items()}


def _duckdb_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.List):
        return f"{_duckdb_type(dtype.inner)}[]"  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        fields = (f'"{field.name}" {_duckdb_type(field.dtype)}' for field in dtype.fields)  # type: ignore[arg-type]
        return f"STRUCT({', '.join(fields)})"
    return _DUCKDB_TYPES[dtype.base_type()]
