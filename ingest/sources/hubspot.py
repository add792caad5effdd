"""HubSpot: companies, their parents, contacts, deals and owners, by the CRM's list API.

What: every record that is not archived; customers (by lifecycle stage) become suppressions.
Terms of use: the account's own data. Rate: 100 requests in 10 s on the smallest plan.
Tables: companies, company_relationships, contacts, deals, owners, suppressions. Secrets: `token`,
of a private app with the read scopes of crm.objects.companies, contacts, deals and owners.

Every property is a string or null, and one that the account doesn't have is left out silently.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ingest.columns import attribute_entries
from ingest.convert import convert
from ingest.errors import SourceRejected
from ingest.mapping import AttributeKey
from ingest.pages import pages
from ingest.records import frames
from ingest.registry import Request

RATE_PER_SECOND = 10.0
PAGE_SIZE = 100
COMPANY = {
    "name": "name",
    "website": "website",
    "domain": "domain",
    "country": "country",
    "region": "state",
    "city": "city",
    "postal_code": "zip",
    "street": "address",
    "phone": "phone",
    "industry": "industry",
}
CONTACT = {
    "title": "jobtitle",
    "department": "department",
    "seniority": "seniority",
    "email": "email",
    "phone": "phone",
    "profile_url": "hs_linkedin_url",
}
DEAL = {"name": "dealname", "stage": "dealstage", "loss_reason": "closed_lost_reason"}
DEAL_PROPERTIES = [
    *DEAL.values(),
    "amount",
    "deal_currency_code",
    "createdate",
    "closedate",
    "hs_is_closed",
    "hs_is_closed_won",
    "hubspot_owner_id",
]


class Options(BaseModel):
    """Which account, and what its stages mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://api.hubapi.com"
    token: SecretStr | None = None
    currency: str = Field("USD", description="of revenue, and of deals that name none")
    customer_stages: tuple[str, ...] = ("customer",)
    won_stages: tuple[str, ...] = ("closedwon",)
    lost_stages: tuple[str, ...] = ("closedlost",)
    opt_out_properties: tuple[str, ...] = ("hs_email_optout",)
    do_not_call_properties: tuple[str, ...] = ("do_not_call",)
    attributes: dict[AttributeKey, str] = Field(
        {}, description="attributes of companies, by property"
    )


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return (
        "companies",
        "company_relationships",
        "contacts",
        "deals",
        "owners",
        "suppressions",
    )


def answers_for_past(options: Options) -> bool:
    """HubSpot tells how things are now; the sandbox how they were."""
    return options.base_url.startswith("sandbox://")


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Companies with parents and customers, then contacts, deals and owners."""
    if options.token is not None:
        request.session.use_token(options.token, "token")
    for companies in _objects(source, options, request, "companies", _company_properties(options)):
        yield "companies", _companies(companies, options)
        yield "company_relationships", _parents(companies)
        yield "suppressions", _customers(companies, options)
    flags = [*options.opt_out_properties, *options.do_not_call_properties]
    contact = ["firstname", "lastname", "associatedcompanyid", *CONTACT.values(), *flags]
    for contacts in _objects(source, options, request, "contacts", contact):
        yield "contacts", _contacts(contacts, options)
    for deals in _objects(source, options, request, "deals", DEAL_PROPERTIES):
        yield "deals", _deals(deals, options)
    for owners in _all_owners(source, options, request):
        yield "owners", _owners(owners)


def _company_properties(options: Options) -> list[str]:
    own = ["numberofemployees", "annualrevenue", "founded_year", "lifecyclestage"]
    return [*COMPANY.values(), *own, "hs_parent_company_id", *options.attributes.values()]


def _objects(
    source: str, options: Options, request: Request, kind: str, properties: list[str]
) -> Iterator[pl.DataFrame]:
    """Objects of one kind as frames of text: id, updated, company_id and the properties."""
    names = list(dict.fromkeys(properties))
    query = {"limit": PAGE_SIZE, "properties": ",".join(names)}
    if kind != "companies":
        query["associations"] = "companies"
    found = _results(source, options, request, f"/crm/v3/objects/{kind}", query)
    columns = dict.fromkeys(["id", "updated", "company_id", *names], pl.String)
    return frames(map(_record, found), columns)


def _all_owners(source: str, options: Options, request: Request) -> Iterator[pl.DataFrame]:
    found = _results(source, options, request, "/crm/v3/owners", {"limit": PAGE_SIZE})
    columns = dict.fromkeys(["id", "firstName", "lastName", "email", "updatedAt"], pl.String)
    return frames(found, columns)


def _results(
    source: str, options: Options, request: Request, path: str, query: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """All results of a list, page by page."""
    address = options.base_url.rstrip("/") + path

    def page(after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        asked = {**query, "after": after} if after else query
        answer = request.session.get_json(f"{address}?{urlencode(asked)}")
        if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
            raise SourceRejected(source, f"{address}: expected an object with `results`")
        following = (answer.get("paging") or {}).get("next") or {}
        return answer["results"], following.get("after")

    for results in pages(source, page):
        yield from results


def _record(found: Mapping[str, Any]) -> dict[str, Any]:
    linked = found.get("associations", {}).get("companies", {}).get("results", [])
    company_id = linked[0]["id"] if linked else None
    return {
        **found["properties"],
        "id": found["id"],
        "updated": found.get("updatedAt"),
        "company_id": company_id,
    }


def _read(name: str, conversion: str) -> pl.Expr:
    return convert(pl.col(name), conversion, date.min)


def _companies(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    revenue = _read("annualrevenue", "number") if options.currency == "USD" else pl.lit(None)
    attributes = {key: pl.col(name) for key, name in options.attributes.items()}
    return found.select(
        *(pl.col(name).alias(column) for column, name in COMPANY.items()),
        source_company_id="id",
        observed_at=_read("updated", "timestamp"),
        employees=_read("numberofemployees", "number"),
        revenue_usd=revenue,
        founded_year=_read("founded_year", "number"),
        **({"attributes": attribute_entries(attributes)} if attributes else {}),
    )


def _parents(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("hs_parent_company_id") != "").select(
        child_source_company_id="id",
        parent_source_company_id="hs_parent_company_id",
        kind=pl.lit("parent"),
        is_active=pl.lit(value=True),
        observed_at=_read("updated", "timestamp"),
    )


def _customers(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    return found.filter(pl.col("lifecyclestage").is_in(options.customer_stages)).select(
        key_kind=pl.lit("company_id"),
        key="id",
        reason=pl.lit("customer"),
        observed_at=_read("updated", "timestamp"),
    )


def _contacts(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    full_name = pl.concat_str("firstname", "lastname", separator=" ", ignore_nulls=True)
    return found.select(
        *(pl.col(name).alias(column) for column, name in CONTACT.items()),
        source_contact_id="id",
        source_company_id=pl.coalesce("associatedcompanyid", "company_id"),
        full_name=full_name,
        is_opted_out=_any_true(options.opt_out_properties),
        is_do_not_call=_any_true(options.do_not_call_properties),
        observed_at=_read("updated", "timestamp"),
    )


def _any_true(properties: tuple[str, ...]) -> pl.Expr:
    flags = [_read(name, "boolean") for name in properties]
    return pl.any_horizontal(flags) if flags else pl.lit(None, pl.Boolean)


def _deals(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    """The close date of an open deal is a hope, so only closed ones have one."""
    stage = pl.col("dealstage")
    is_won = stage.is_in(options.won_stages) | (pl.col("hs_is_closed_won") == "true")
    is_lost = stage.is_in(options.lost_stages) | (pl.col("hs_is_closed") == "true")
    outcome = pl.when(is_won).then(pl.lit("won")).when(is_lost).then(pl.lit("lost"))
    return found.select(
        *(pl.col(name).alias(column) for column, name in DEAL.items()),
        source_deal_id="id",
        source_company_id="company_id",
        amount=_read("amount", "number"),
        currency=pl.coalesce("deal_currency_code", pl.lit(options.currency)),
        outcome=outcome.otherwise(pl.lit("open")),
        created_at=_read("createdate", "timestamp"),
        closed_at=pl.when(is_won | is_lost).then(_read("closedate", "timestamp")),
        owner_id="hubspot_owner_id",
        observed_at=_read("updated", "timestamp"),
    )


def _owners(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        source_owner_id="id",
        name=pl.concat_str("firstName", "lastName", separator=" ", ignore_nulls=True),
        email="email",
        observed_at=_read("updatedAt", "timestamp"),
    )
