"""Salesforce: accounts with parents, contacts, opportunities with stage history, and users.

What: by the Bulk API 2.0 of an org, or from CSV exports of its objects by path. Records that are
deleted or merged are gone; customers (by account type) and people who opted out before their record
was deleted become suppressions.
Terms of use: the org's own data. Rate: about five query jobs a read, of 10,000 that an org may
start in 24 hours; no limit by the second is published.
Tables: companies, company_relationships, contacts, deals, owners, suppressions. Secrets: `token`,
or `client_id` and `client_secret` of a connected app with the client-credentials flow.
"""

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, Self

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from ingest import files
from ingest.bulk_query import Org, Query, is_unknown_object, records
from ingest.convert import canonical_text, named, stripped
from ingest.crm import Objects, entered_key, parents, parted, rest_of_last_batch, typed, wishes
from ingest.errors import RequestRefused, SourceRejected
from ingest.files import VENDOR, FileOptions
from ingest.incremental import changed_since
from ingest.mapping import AttributeKey, near_miss
from ingest.merges import standing, survivors
from ingest.oauth import sign_in
from ingest.options import FromEnvironment, PrivateAddress
from ingest.records import batches, on_disk
from ingest.registry import Request
from ingest.salesforce_ids import long_id
from ingest.salesforce_labels import LABELS
from ingest.unread import UNREAD

RATE_PER_SECOND = 20.0
WAREHOUSE = ("_fivetran_active", "_fivetran_deleted", "_fivetran_start")
"""What a warehouse adds to each object: whether a version is current, and since when."""
IDS = ("Id", "ParentId", "MasterRecordId", "AccountId", "OpportunityId", "OwnerId")
GONE = ("IsDeleted", "MasterRecordId")
UPDATED = ("SystemModstamp", "LastModifiedDate")
ACCOUNT = {
    "name": "Name",
    "website": "Website",
    "region": "BillingState",
    "city": "BillingCity",
    "postal_code": "BillingPostalCode",
    "street": "BillingStreet",
    "phone": "Phone",
    "industry": "Industry",
    "industry_code": "Sic",
    "ownership": "Ownership",
    "employees": "NumberOfEmployees",
}
COUNTRIES = ("BillingCountryCode", "BillingCountry", "ShippingCountryCode", "ShippingCountry")
CONTACT = {"title": "Title", "department": "Department", "email": "Email"}
DEAL = {
    "name": "Name",
    "amount": "Amount",
    "stage": "StageName",
    "created_at": "CreatedDate",
    "owner_id": "OwnerId",
}
READ_AS = {
    **dict.fromkeys(COUNTRIES, "country"),
    **dict.fromkeys(("NumberOfEmployees", "AnnualRevenue", "Amount"), "number"),
    **dict.fromkeys(("IsDeleted", "IsClosed", "IsWon"), "boolean"),
    **dict.fromkeys((*UPDATED, "CreatedDate", "CloseDate", "LastStageChangeDate"), "timestamp"),
    "_fivetran_active": "boolean",
    "_fivetran_deleted": "boolean",
    "_fivetran_start": "timestamp",
}

log = logging.getLogger(__name__)

STRICT = ConfigDict(extra="forbid", frozen=True)


def _by_path(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


Export = Annotated[FileOptions, BeforeValidator(_by_path)]


class Exports(BaseModel):
    """Files of whole objects, by path or as files of sources.yml are described."""

    model_config = STRICT

    accounts: Export | None = None
    contacts: Export | None = None
    opportunities: Export | None = None
    opportunity_history: Export | None = None
    users: Export | None = None

    @model_validator(mode="after")
    def _is_of_use(self) -> Self:
        if not (self.accounts or self.contacts or self.opportunities or self.users):
            raise ValueError("expected accounts, contacts, opportunities or users")
        if self.opportunity_history and not self.opportunities:
            raise ValueError("`opportunity_history` goes with `opportunities`")
        return self


class Options(BaseModel):
    """Which org or which exports, and what its fields mean."""

    model_config = STRICT

    instance_url: PrivateAddress | None = Field(None, description="the address of the org")
    token: SecretStr | None = None
    client_id: FromEnvironment | None = None
    client_secret: SecretStr | None = None
    api_version: float = Field(62.0, ge=47, le=200, description="a version such as 62.0")
    exports: Exports | None = None
    page_records: int = Field(100_000, ge=1, description="a number of records")
    wait_seconds: float = Field(1800.0, gt=0, description="a number of seconds")
    full_every_weeks: int = Field(1, ge=1, le=52, description="a number of weeks, from 1")
    currency: str = Field("USD", description="of an org that has a single currency")
    customer_types: tuple[str, ...] = ("Customer", "Customer - Direct", "Customer - Channel")
    partner_types: tuple[str, ...] = (
        "Partner",
        "Channel Partner / Reseller",
        "Installation Partner",
        "Technology Partner",
    )
    competitor_types: tuple[str, ...] = ("Competitor",)
    opt_out_fields: tuple[str, ...] = ("HasOptedOutOfEmail",)
    do_not_call_fields: tuple[str, ...] = ("DoNotCall",)
    day_format: str | None = Field(None, description="how a report writes days, as %m/%d/%Y")
    decimal_mark: Literal[".", ","] = "."
    stage_history: Literal["OpportunityHistory", "OpportunityFieldHistory", "none"] = (
        "OpportunityHistory"
    )
    loss_reason_field: str | None = None
    attributes: dict[AttributeKey, str] = Field({}, description="of companies, by field")
    deal_attributes: dict[AttributeKey, str] = Field({}, description="of deals, by field")

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.instance_url is None) == (self.exports is None):
            raise ValueError("expected either `instance_url` or `exports`")
        app = [self.client_id, self.client_secret]
        if any(app) and (self.token or not all(app)):
            raise ValueError("expected either `token`, or `client_id` and `client_secret`")
        if self.exports is None and (self.day_format or self.decimal_mark != "."):
            raise ValueError("`day_format` and `decimal_mark` go with `exports`")
        if self.day_format is not None:
            named(f"timestamp:{self.day_format}")
        if self.instance_url and not (self.token or all(app)):
            raise ValueError("expected `token`, or `client_id` and `client_secret`")
        return self


class _Kind(NamedTuple):
    """An object: the fields without which it means nothing, and those that an org may lack."""

    name: str
    export: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def fields(self) -> list[str]:
        """Each once, in the order of a query."""
        return list(dict.fromkeys([*self.needed, *self.optional]))


class _Stages(NamedTuple):
    """The stages that opportunities came through.

    present: Id, StageName and `since` when it holds. entered: Id and `entered`, the attributes that
    say on which day each stage was first come into.
    """

    present: pl.DataFrame
    entered: pl.DataFrame


class _Reading(NamedTuple):
    """What one fetch asks with; `since` is null where everything is read."""

    source: str
    options: Options
    request: Request
    since: datetime | None


def tables(options: Options) -> tuple[str, ...]:
    """All of an org; of exports those that the files feed."""
    given = options.exports
    feeds = {
        "companies": not given or given.accounts,
        "company_relationships": not given or given.accounts,
        "contacts": not given or given.contacts,
        "deals": not given or given.opportunities,
        "owners": not given or given.users,
        "suppressions": not given or given.accounts or given.contacts,
    }
    return tuple(table for table, is_fed in feeds.items() if is_fed)


def answers_for_past(options: Options) -> bool:
    """An org tells how things are now; dated exports how they were."""
    if options.exports is None:
        return False
    return all(files.answers_for_past(file) for _, file in options.exports if file is not None)


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Accounts with parents and customers, then contacts, opportunities and users."""
    landing = tables(options)
    since = None
    if options.instance_url is not None:
        _sign_in(options, request)
        since = changed_since(request, landing, options.full_every_weeks)
    for table, frame in _everything(_Reading(source, options, request, since)):
        if table in landing:
            yield table, frame


def _everything(reading: _Reading) -> Iterator[tuple[str, pl.DataFrame]]:
    """All tables; those without an export are empty."""
    options = reading.options
    accounts = _objects(reading, _accounts_kind(options))
    contacts = _objects(reading, _contacts_kind(options))
    deals = _objects(reading, _deals_kind(options))
    stages = _stages(reading)
    merged = accounts.merged
    told = wishes(_opted_out(contacts.gone, options))
    for found in batches(accounts.standing):
        yield from _of_accounts(found, options, merged)
    yield "suppressions", told
    for found in batches(contacts.standing):
        yield "contacts", _contacts(found, options, merged)
    for found in batches(deals.standing):
        yield "deals", _deals(found, options, merged, stages)
    for found in batches(_objects(reading, _USERS).standing):
        yield "owners", _owners(found)
    if reading.since is not None:
        yield from rest_of_last_batch(reading.request, accounts, contacts, deals, told)


def _sign_in(options: Options, request: Request) -> None:
    if options.token is not None:
        request.session.use_token(options.token, "token")
    elif options.client_id and options.client_secret:
        grant = {
            "grant_type": "client_credentials",
            "client_id": options.client_id,
            "client_secret": options.client_secret.get_secret_value(),
        }
        sign_in(
            request.session, _address(options, "/services/oauth2/token"), grant, "client_secret"
        )


def _address(options: Options, path: str) -> str:
    return (options.instance_url or "").rstrip("/") + path


# Which fields are asked for


def _accounts_kind(options: Options) -> _Kind:
    needed = ("Id", "Name", *options.attributes.values())
    own = ("ParentId", "Type", "AnnualRevenue", "CurrencyIsoCode")
    return _Kind(
        "Account", "accounts", needed, (*GONE, *UPDATED, *ACCOUNT.values(), *COUNTRIES, *own)
    )


def _contacts_kind(options: Options) -> _Kind:
    """A wish that can't be read must not count as none, so its field is needed."""
    own = ("AccountId", "FirstName", "LastName", "Name", "Phone", "MobilePhone")
    return _Kind(
        "Contact",
        "contacts",
        ("Id", *_opt_outs(options)),
        (*GONE, *UPDATED, *CONTACT.values(), *own),
    )


def _opt_outs(options: Options) -> tuple[str, ...]:
    return (*options.opt_out_fields, *options.do_not_call_fields)


def _deals_kind(options: Options) -> _Kind:
    named = [*options.deal_attributes.values(), options.loss_reason_field]
    own = ("AccountId", "CloseDate", "CurrencyIsoCode", "LastStageChangeDate")
    return _Kind(
        "Opportunity",
        "opportunities",
        ("Id", "StageName", "IsClosed", "IsWon", *filter(None, named)),
        ("IsDeleted", *UPDATED, *DEAL.values(), *own),
    )


_USERS = _Kind("User", "users", ("Id",), ("Name", "FirstName", "LastName", "Email", *UPDATED))
_EVENT = ("OpportunityId", "CreatedDate")
_HISTORIES = {
    "OpportunityHistory": _Kind(
        "OpportunityHistory", "opportunity_history", ("StageName", *_EVENT), ("IsDeleted",)
    ),
    "OpportunityFieldHistory": _Kind(
        "OpportunityFieldHistory",
        "opportunity_history",
        ("Field", "NewValue", *_EVENT),
        ("IsDeleted",),
    ),
}
# A warehouse keeps the versions of the opportunity itself, so an export may lack the event.
_VERSIONS = _Kind("OpportunityHistory", "opportunity_history", ("StageName",), ("Id", *_EVENT))
# Columns that are there whatever was asked for, since every object is read in one way.
_ALWAYS = ("Id", "StageName", *_EVENT, "Field", "NewValue", *GONE, *UPDATED, *WAREHOUSE)


# Objects as text, from the API or from files


def _objects(reading: _Reading, kind: _Kind) -> Objects:
    """The records of an object, typed; a record that was deleted or merged is gone."""
    found = typed(_found(reading, kind), _forms(reading.options), _opt_outs(reading.options))
    current = found.filter(pl.col("_fivetran_active").fill_null(value=True))
    gone = current.filter(pl.col("IsDeleted") | pl.col("_fivetran_deleted")).select("Id").collect()
    pairs = current.select(merged="Id", survivor=stripped(pl.col("MasterRecordId"))).drop_nulls()
    return parted(current, "Id", gone["Id"], survivors(pairs.collect()))


def _found(reading: _Reading, kind: _Kind) -> pl.LazyFrame:
    """All rows of an object as text, and where they stood; fields that it lacks are null."""
    places = {"_file": pl.String, "_line": pl.Int64, "_reject": pl.String}
    names = list(dict.fromkeys([*kind.fields, *_ALWAYS]))
    frames = (
        _in_fields(reading.source, name, kind, names, frame)
        for name, frame in _parts(reading, kind)
    )
    schema = places | dict.fromkeys(names, pl.String)
    return on_disk(frames, schema, reading.request.scratch / kind.name)


def _parts(reading: _Reading, kind: _Kind) -> Iterator[tuple[str, pl.DataFrame]]:
    """Frames of the object's CSV, each with the name of its file."""
    if reading.options.exports is None:
        for frame in records(_org(reading), _query(reading, kind)):
            yield kind.name, frame
        return
    file: FileOptions | None = getattr(reading.options.exports, kind.export)
    if file is not None:
        for path in files.located(reading.source, file, reading.request):
            for frame in files.read(reading.source, path, file):
                yield path.name, frame


def _org(reading: _Reading) -> Org:
    options, request = reading.options, reading.request
    address = _address(options, f"/services/data/v{options.api_version:.1f}/jobs/query")
    return Org(
        request.session, address, options.page_records, options.wait_seconds, request.scratch
    )


def _query(reading: _Reading, kind: _Kind) -> Query:
    """Deleted and merged records are asked for too; users are never deleted."""
    where = None
    if reading.since is not None and kind is not _USERS:
        where = f"SystemModstamp >= {reading.since:%Y-%m-%dT%H:%M:%SZ}"
        if kind.export == "opportunity_history":
            where = f"OpportunityId IN (SELECT Id FROM Opportunity WHERE {where})"
    return Query(kind.name, kind.needed, kind.optional, where, with_deleted=kind is not _USERS)


def _in_fields(
    source: str, file: str, kind: _Kind, names: list[str], frame: pl.DataFrame
) -> pl.DataFrame:
    """A frame in the object's fields.

    Headers may be the fields' names in any letter case and with underscores, or a report's labels;
    where a field has both, its name counts. Not so in a report of history: it can be told by its
    label "To Stage", and what it calls Created Date is the day of the deal, not of the change.
    """
    given = [name.removeprefix(VENDOR) for name in frame.columns if name.startswith(VENDOR)]
    headers = {_folded(name): VENDOR + name for name in reversed(given)}
    labels = LABELS[kind.export]
    is_history_report = kind.export == "opportunity_history" and "tostage" in headers
    found = {
        name: _header(headers, *labels[name])
        if is_history_report and name in labels
        else _header(headers, name, *labels.get(name, ()))
        for name in names
    }
    missing = [f"{name}{near_miss(name, given)}" for name in kind.needed if not found[name]]
    if missing:
        raise SourceRejected(
            source,
            f"{file}: expected {', '.join(missing)} among the columns of {kind.name}, found "
            f"{len(given)} others; export it too, or change the option that names it",
        )
    texts = {
        name: canonical_text(pl.col(header), frame.schema[header])
        if header
        else pl.lit(None, pl.String)
        for name, header in found.items()
    }
    ids = {
        name: stripped(texts[name]).map_batches(long_id, return_dtype=pl.String)
        for name in IDS
        if found.get(name)
    }
    return frame.select("_file", pl.col("_line").cast(pl.Int64), "_reject", **texts | ids)


def _header(headers: dict[str, str], *names: str) -> str | None:
    """The header of the first of these names that there is."""
    return next((headers[each] for each in map(_folded, names) if each in headers), None)


def _folded(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _forms(options: Options) -> dict[str, str]:
    """How each field is read."""
    written = {"number": f"number:{options.decimal_mark}"}
    if options.day_format is not None:
        written["timestamp"] = f"timestamp:{options.day_format}"
    return {name: written.get(form, form) for name, form in READ_AS.items()}


# What fields mean


def _of_accounts(
    found: pl.DataFrame, options: Options, merged: pl.DataFrame
) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "companies", _companies(found, options)
    yield "company_relationships", parents(_parents(found), merged)
    yield "suppressions", _left_alone(found, options)


def _where() -> list[str]:
    return ["_file", "_line", "_reject", UNREAD]


def _updated() -> pl.Expr:
    return pl.coalesce(UPDATED)


def _attributes(found: pl.DataFrame, fields: dict[AttributeKey, str]) -> list[pl.Expr]:
    """An entry for each field, in canonical text."""
    texts = {key: canonical_text(pl.col(name), found.schema[name]) for key, name in fields.items()}
    return [pl.struct(key=pl.lit(key), value=text) for key, text in texts.items()]


def _companies(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    currency = pl.coalesce(stripped(pl.col("CurrencyIsoCode")), pl.lit(options.currency))
    entries = _attributes(found, options.attributes)
    return found.select(
        *_where(),
        *(pl.col(name).alias(column) for column, name in ACCOUNT.items()),
        source_company_id="Id",
        country=pl.coalesce(COUNTRIES),
        industry_system=pl.when(stripped(pl.col("Sic")).is_not_null()).then(pl.lit("sic")),
        revenue_usd=pl.when(currency == "USD").then("AnnualRevenue"),
        observed_at=_updated(),
        **({"attributes": pl.concat_list(entries)} if entries else {}),
    )


def _parents(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(stripped(pl.col("ParentId")).is_not_null()).select(
        child_source_company_id="Id",
        parent_source_company_id=stripped(pl.col("ParentId")),
        kind=pl.lit("parent"),
        is_active=pl.lit(value=True),
        observed_at=_updated(),
    )


def _left_alone(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Accounts of a type that is not sold to, with the reason that the type is."""
    types = {
        "competitor": options.competitor_types,
        "partner": options.partner_types,
        "customer": options.customer_types,
    }
    reasons = {name.lower(): reason for reason, names in types.items() for name in names}
    reason = stripped(pl.col("Type")).str.to_lowercase().replace_strict(reasons, default=None)
    return found.select(
        key_kind=pl.lit("company_id"),
        key="Id",
        reason=reason.cast(pl.String),
        observed_at=_updated(),
    ).drop_nulls("reason")


def _any_true(fields: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(fields) if fields else pl.lit(None, pl.Boolean)


def _opted_out(gone: pl.LazyFrame, options: Options) -> pl.LazyFrame:
    has_opted_out = _any_true(_opt_outs(options))
    return gone.filter(has_opted_out).select(email="Email", observed_at=_updated())


def _full_name() -> pl.Expr:
    parts = pl.concat_str("FirstName", "LastName", separator=" ", ignore_nulls=True)
    return pl.coalesce(stripped(pl.col("Name")), parts)


def _contacts(found: pl.DataFrame, options: Options, merged: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        *_where(),
        *(pl.col(name).alias(column) for column, name in CONTACT.items()),
        source_contact_id="Id",
        source_company_id=standing(stripped(pl.col("AccountId")), merged),
        full_name=_full_name(),
        phone=pl.coalesce(stripped(pl.col("Phone")), stripped(pl.col("MobilePhone"))),
        is_opted_out=_any_true(options.opt_out_fields),
        is_do_not_call=_any_true(options.do_not_call_fields),
        observed_at=_updated(),
    )


def _deals(
    found: pl.DataFrame, options: Options, merged: pl.DataFrame, stages: _Stages
) -> pl.DataFrame:
    """The close date of an open opportunity is a hope, so only closed ones have one."""
    is_won = pl.col("IsWon").fill_null(value=False)
    is_closed = pl.col("IsClosed").fill_null(value=False)
    outcome = pl.when(is_won).then(pl.lit("won")).when(is_closed).then(pl.lit("lost"))
    staged = found.join(
        stages.present, on=["Id", "StageName"], how="left", maintain_order="left"
    ).join(stages.entered, on="Id", how="left", maintain_order="left")
    since = pl.coalesce("since", "LastStageChangeDate").dt.strftime("%Y-%m-%d")
    stage = pl.struct(key=pl.lit("stage_since_date"), value=since)
    return staged.select(
        *_where(),
        *(pl.col(name).alias(column) for column, name in DEAL.items()),
        source_deal_id="Id",
        source_company_id=standing(stripped(pl.col("AccountId")), merged),
        currency=pl.coalesce(stripped(pl.col("CurrencyIsoCode")), pl.lit(options.currency)),
        outcome=outcome.otherwise(pl.lit("open")),
        closed_at=pl.when(is_won | is_closed).then("CloseDate"),
        loss_reason=options.loss_reason_field or pl.lit(None, pl.String),
        observed_at=_updated(),
        attributes=pl.concat_list(
            [*_attributes(found, options.deal_attributes), stage]
        ).list.concat(pl.col("entered").fill_null(pl.lit([], _ENTRIES))),
    )


_ENTRIES = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))


def _stages(reading: _Reading) -> _Stages:
    """The last stage of each opportunity, and when it first came into each.

    A history is a row per change of the opportunity, a row per change of a field, or a warehouse's
    version of the opportunity itself; a row may repeat the stage of the one before.
    """
    own = pl.coalesce("OpportunityId", pl.when(pl.col("_fivetran_start").is_not_null()).then("Id"))
    changed = pl.when(pl.col("Field").is_in(["StageName", "Stage"])).then("NewValue")
    stages = typed(_history(reading), _forms(reading.options), ()).select(
        Id=own,
        StageName=pl.coalesce("StageName", changed),
        since=pl.coalesce("_fivetran_start", "CreatedDate"),
    )
    ordered = stages.drop_nulls().sort("Id", "since", "StageName")
    before = pl.col("StageName").shift().over("Id")
    moves = ordered.filter(pl.col("StageName").ne_missing(before)).collect()
    entries = moves.select(
        "Id", key=entered_key(pl.col("StageName")), value=pl.col("since").dt.strftime("%Y-%m-%d")
    )
    return _Stages(
        moves.unique("Id", keep="last", maintain_order=True),
        entries.unique(["Id", "key"], keep="first", maintain_order=True)
        .group_by("Id", maintain_order=True)
        .agg(entered=pl.struct("key", "value")),
    )


def _history(reading: _Reading) -> pl.LazyFrame:
    """The rows of the history that is asked for; none where the org doesn't show it."""
    nothing = pl.LazyFrame(schema=dict.fromkeys(_ALWAYS, pl.String))
    kind = _HISTORIES.get(reading.options.stage_history)
    if kind is None:
        return nothing
    if kind.name == "OpportunityHistory" and reading.options.exports:
        kind = _VERSIONS
    try:
        return _found(reading, kind)
    except RequestRefused as refusal:
        if not is_unknown_object(refusal):
            raise
        log.info("source %s: no %s here", reading.source, kind.name)
        return nothing


def _owners(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        *_where(),
        source_owner_id="Id",
        name=_full_name(),
        email="Email",
        observed_at=_updated(),
    )
