"""HubSpot: companies, their parents, contacts, deals and owners, by the CRM's list and search API.

What: every record that is neither archived nor merged into another; customers (by lifecycle stage)
and people who opted out before their record was archived or merged become suppressions.
Terms of use: the account's own data. Rate: 100 requests in 10 s on the smallest plan.
Tables: companies, company_relationships, contacts, deals, owners, suppressions. Secrets: `token`,
of a private app with the read scopes of crm.objects.companies, contacts, deals and owners; or
`client_id`, `client_secret` and `refresh_token` of a public app with the same scopes.

Every property is a string or null, and one that the account doesn't have is left out silently.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from ingest.columns import attribute_entries
from ingest.convert import canonical_text, convert, stripped
from ingest.crm import Objects, entered_key, parents, parted, rest_of_last_batch, typed, wishes
from ingest.errors import SourceRejected
from ingest.incremental import changed_since
from ingest.json_values import at, objects_of, text_of
from ingest.mapping import AttributeKey
from ingest.merges import standing, survivors
from ingest.oauth import sign_in
from ingest.options import FromEnvironment, PrivateAddress
from ingest.pages import pages
from ingest.records import batches, frames, on_disk
from ingest.registry import Request
from ingest.unread import UNREAD

RATE_PER_SECOND = 10.0
PAGE_SIZE = 100
SEARCH_SIZE = 200
SEARCH_PAUSE = 0.2
"""Seconds between searches, of which HubSpot permits fewer than of other requests: 5 a second."""
SEARCH_MOST = 10_000
"""What a query of the search API gives at most; paging beyond it is a 400."""
PRIMARY = {
    "primary",
    *(f"{kind}_to_{of}" for kind in ("contact", "deal") for of in ("company", "primary_company")),
}
UNLABELLED = {"contact_to_company_unlabeled", "deal_to_company_unlabeled"}
MERGED = ("hs_merged_object_ids", "hs_calculated_merged_vids")
CHANGED = {"contacts": "lastmodifieddate"}
NUMBERS = ("numberofemployees", "annualrevenue", "founded_year", "amount")
TIMES = ("updated", "updatedAt", "createdate", "closedate")
READ_AS = dict.fromkeys(NUMBERS, "number") | dict.fromkeys(TIMES, "timestamp")
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
ENTERED = "hs_v2_date_entered_"
"""What HubSpot calls the time at which a deal came into a stage, before the stage's id."""
DEAL_PROPERTIES = [
    *DEAL.values(),
    "hs_primary_associated_company",
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

    base_url: PrivateAddress = "https://api.hubapi.com"
    token: SecretStr | None = None
    client_id: FromEnvironment | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    full_every_weeks: int = Field(1, ge=1, le=52, description="a number of weeks, from 1")
    currency: str = Field("USD", description="of revenue, and of deals that name none")
    customer_stages: tuple[str, ...] = ("customer",)
    won_stages: tuple[str, ...] = ("closedwon",)
    lost_stages: tuple[str, ...] = ("closedlost",)
    dated_stages: tuple[str, ...] = Field(
        (
            "appointmentscheduled",
            "qualifiedtobuy",
            "presentationscheduled",
            "decisionmakerboughtin",
            "contractsent",
        ),
        description="deal stages of which it is asked when a deal came into them",
    )
    opt_out_properties: tuple[str, ...] = ("hs_email_optout",)
    do_not_call_properties: tuple[str, ...] = ("do_not_call",)
    ignored_labels: tuple[str, ...] = Field(
        (), description="labels of associations that don't count, such as Former employee"
    )
    attributes: dict[AttributeKey, str] = Field(
        {}, description="attributes of companies, by property"
    )

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        app = [self.client_id, self.client_secret, self.refresh_token]
        if any(app) and (self.token or not all(app)):
            raise ValueError(
                "expected either `token`, or `client_id`, `client_secret` and `refresh_token`"
            )
        return self


class _Reading(NamedTuple):
    """What one fetch asks with; `since` is null where everything is read."""

    source: str
    options: Options
    request: Request
    since: datetime | None


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
    _sign_in(options, request)
    since = None if answers_for_past(options) else _since(options, request)
    reading = _Reading(source, options, request, since)
    companies = _objects(reading, "companies", _company_properties(options))
    contacts = _objects(reading, "contacts", _contact_properties(options))
    deals = _objects(reading, "deals", _deal_properties(options))
    merged = companies.merged
    told = wishes(_opted_out(contacts.gone, options))
    for found in batches(companies.standing):
        yield "companies", _companies(found, options)
        yield "company_relationships", parents(_parents(found), merged)
        yield "suppressions", _customers(found, options)
    yield "suppressions", told
    for found in batches(contacts.standing):
        yield "contacts", _contacts(found, options, merged)
    for found in batches(deals.standing):
        yield "deals", _deals(found, options, merged)
    for owners in _all_owners(reading):
        yield "owners", _owners(owners)
    if since is not None:
        yield from rest_of_last_batch(request, companies, contacts, deals, told)


def _sign_in(options: Options, request: Request) -> None:
    if options.token is not None:
        request.session.use_token(options.token, "token")
    elif options.client_id and options.client_secret and options.refresh_token:
        grant = {
            "grant_type": "refresh_token",
            "client_id": options.client_id,
            "client_secret": options.client_secret.get_secret_value(),
            "refresh_token": options.refresh_token.get_secret_value(),
        }
        sign_in(request.session, _address(options, "/oauth/v1/token"), grant, "refresh_token")


def _since(options: Options, request: Request) -> datetime | None:
    return changed_since(request, tables(options), options.full_every_weeks)


def _company_properties(options: Options) -> list[str]:
    own = ["numberofemployees", "annualrevenue", "founded_year", "lifecyclestage"]
    return [*COMPANY.values(), *own, "hs_parent_company_id", *options.attributes.values()]


def _contact_properties(options: Options) -> list[str]:
    named = ["firstname", "lastname", "associatedcompanyid", *CONTACT.values()]
    return [*named, *_opt_outs(options)]


def _opt_outs(options: Options) -> tuple[str, ...]:
    return (*options.opt_out_properties, *options.do_not_call_properties)


def _deal_properties(options: Options) -> list[str]:
    return [*DEAL_PROPERTIES, *(ENTERED + stage for stage in options.dated_stages)]


def _objects(reading: _Reading, kind: str, properties: list[str]) -> Objects:
    """Everything of one kind, or what changed; a record that was merged or archived is gone."""
    names = list(dict.fromkeys([*properties, *MERGED]))
    columns = dict.fromkeys(
        ["id", "updated", "archived", "company_id", "labels", *names], pl.String
    )
    ignored = {_label(label) for label in reading.options.ignored_labels}
    records = (_record(found, ignored) for found in _found(reading, kind, names))
    found = on_disk(frames(records, columns), columns, reading.request.scratch / kind)
    archived = found.filter(archived="true").select("id").collect()["id"]
    return parted(typed(found, READ_AS, _opt_outs(reading.options)), "id", archived, _merged(found))


def _found(reading: _Reading, kind: str, names: list[str]) -> Iterator[dict[str, Any]]:
    """The objects as HubSpot gives them; the archived ones too where somebody asks for them."""
    query = {"limit": PAGE_SIZE, "properties": ",".join(names)}
    if kind != "companies":
        query["associations"] = "companies"
    path = f"/crm/v3/objects/{kind}"
    if reading.since is None:
        yield from _results(reading, path, query)
    else:
        yield from _changed(reading, kind, names, reading.since)
    if reading.since is not None or kind == "contacts":
        listed = _results(reading, path, {**query, "archived": "true"})
        yield from (found for found in listed if found.get("archived"))


def _all_owners(reading: _Reading) -> Iterator[pl.DataFrame]:
    found = _results(reading, "/crm/v3/owners", {"limit": PAGE_SIZE})
    names = ["id", "firstName", "lastName", "email", "updatedAt"]
    owners = ({name: _text(owner.get(name)) for name in names} for owner in found)
    texts = frames(owners, dict.fromkeys(names, pl.String))
    return (typed(frame.lazy(), READ_AS, _opt_outs(reading.options)).collect() for frame in texts)


def _address(options: Options, path: str) -> str:
    return options.base_url.rstrip("/") + path


def _results(reading: _Reading, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All results of a list, page by page."""
    address = _address(reading.options, path)

    def page(after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        asked = {**query, "after": after} if after else query
        answer = reading.request.session.get_json(f"{address}?{urlencode(asked)}")
        return _page(reading.source, address, answer)

    for results in pages(reading.source, page):
        yield from results


def _page(source: str, address: str, answer: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The results of an answer, and where its next page begins."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or not all(map(_is_object, results)):
        raise SourceRejected(source, f"{address}: expected an object with `results`")
    return results, text_of(at(answer, "paging.next.after"))


def _is_object(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("properties"), dict | None)


def _changed(
    reading: _Reading, kind: str, names: list[str], since: datetime
) -> Iterator[dict[str, Any]]:
    """What changed, and every company that others were merged into, in the order of ids.

    A query ends at SEARCH_MOST results; the next one begins behind the last id. So the cursor is
    that id and the place in its query.
    """
    address = _address(reading.options, f"/crm/v3/objects/{kind}/search")

    def page(cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        last, _, after = (cursor or "/").partition("/")
        query = _search(kind, names, since, last) | ({"after": after} if after else {})
        reading.request.session.wait(address, SEARCH_PAUSE)
        answer = reading.request.session.post_json(address, query)
        results, following = _page(reading.source, address, answer)
        if following is None or not results:
            return results, None
        if following.isdigit() and int(following) >= SEARCH_MOST:
            return results, f"{results[-1].get('id')}/"
        return results, f"{last}/{following}"

    for results in pages(reading.source, page):
        yield from results if kind == "companies" else _associated(reading, kind, results)


def _search(kind: str, names: list[str], since: datetime, last: str) -> dict[str, Any]:
    moment = str(int(since.timestamp() * 1000))
    wanted = [
        {
            "propertyName": CHANGED.get(kind, "hs_lastmodifieddate"),
            "operator": "GTE",
            "value": moment,
        }
    ]
    groups = [wanted]
    if kind == "companies":
        groups.append([{"propertyName": "hs_merged_object_ids", "operator": "HAS_PROPERTY"}])
    behind = [{"propertyName": "hs_object_id", "operator": "GT", "value": last}] if last else []
    return {
        "filterGroups": [{"filters": [*filters, *behind]} for filters in groups],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": names,
        "limit": SEARCH_SIZE,
    }


def _associated(
    reading: _Reading, kind: str, results: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The results of a search with their companies, which a search doesn't tell."""
    address = _address(reading.options, f"/crm/v3/associations/{kind}/companies/batch/read")
    for start in range(0, len(results), PAGE_SIZE):
        some = results[start : start + PAGE_SIZE]
        asked = {"inputs": [{"id": found.get("id")} for found in some]}
        answer = reading.request.session.post_json(address, asked)
        linked, _ = _page(reading.source, address, answer)
        try:
            companies = {str(each["from"]["id"]): each["to"] for each in linked}
        except (KeyError, TypeError):
            raise SourceRejected(
                reading.source, f"{address}: expected `from` and `to` in each of `results`"
            ) from None
        for found in some:
            yield found | {
                "associations": {"companies": {"results": companies.get(str(found.get("id")), [])}}
            }


def _record(found: Mapping[str, Any], ignored: set[str]) -> dict[str, Any]:
    """An object as text by column, with the one company that it belongs to."""
    given = found.get("properties")
    properties = {name: _text(value) for name, value in given.items()} if given else {}
    labels: dict[str, set[str]] = {}
    for each in objects_of(at(found, "associations.companies.results")):
        labels.setdefault(str(each.get("id")), set()).add(str(each.get("type") or ""))
    counting = {
        company: types for company, types in labels.items() if not ignored & set(map(_label, types))
    }
    named = properties.get("associatedcompanyid") or properties.get("hs_primary_associated_company")
    primary = [company for company, types in counting.items() if PRIMARY & set(map(_label, types))]
    first = [named] if named and (named in counting or named not in labels) else []
    company_id = next(iter([*first, *primary, *counting]), None)
    own = sorted(
        t for t in counting.get(company_id or "", ()) if _label(t) not in PRIMARY | UNLABELLED
    )
    return {
        **properties,
        "id": _text(found.get("id")),
        "updated": _text(found.get("updatedAt")),
        "archived": "true" if found.get("archived") else "false",
        "company_id": company_id,
        "labels": "; ".join(filter(None, own)) or None,
    }


def _label(text: str) -> str:
    """A label as it is compared: the API writes `former_employee` for "Former employee"."""
    return text.strip().lower().replace(" ", "_")


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _merged(found: pl.LazyFrame) -> pl.DataFrame:
    """Merged ids with their survivors, from `1;2` and `1:1617212345000;2:1617212345001`."""
    ids = pl.concat_str(MERGED, separator=";", ignore_nulls=True).str.split(";")
    pairs = (
        found.select(merged=ids, survivor="id")
        .explode("merged")
        .with_columns(stripped(pl.col("merged").str.split(":").list.first()))
        .filter(pl.col("merged") != pl.col("survivor"))
    )
    return survivors(pairs.collect())


def _companies(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    revenue = pl.col("annualrevenue") if options.currency == "USD" else pl.lit(None)
    attributes = {
        key: canonical_text(pl.col(name), found.schema[name])
        for key, name in options.attributes.items()
    }
    return found.select(
        UNREAD,
        *(pl.col(name).alias(column) for column, name in COMPANY.items()),
        source_company_id="id",
        observed_at="updated",
        employees="numberofemployees",
        revenue_usd=revenue,
        founded_year="founded_year",
        **({"attributes": attribute_entries(attributes)} if attributes else {}),
    )


def _parents(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("hs_parent_company_id") != "").select(
        child_source_company_id="id",
        parent_source_company_id="hs_parent_company_id",
        kind=pl.lit("parent"),
        is_active=pl.lit(value=True),
        observed_at="updated",
    )


def _customers(found: pl.DataFrame, options: Options) -> pl.DataFrame:
    return found.filter(pl.col("lifecyclestage").is_in(options.customer_stages)).select(
        key_kind=pl.lit("company_id"),
        key="id",
        reason=pl.lit("customer"),
        observed_at="updated",
    )


def _opted_out(gone: pl.LazyFrame, options: Options) -> pl.LazyFrame:
    has_opted_out = _any_true(_opt_outs(options))
    return gone.filter(has_opted_out).select("email", observed_at="updated")


def _contacts(found: pl.DataFrame, options: Options, merged: pl.DataFrame) -> pl.DataFrame:
    full_name = pl.concat_str("firstname", "lastname", separator=" ", ignore_nulls=True)
    return found.select(
        UNREAD,
        *(pl.col(name).alias(column) for column, name in CONTACT.items()),
        source_contact_id="id",
        source_company_id=standing(pl.col("company_id"), merged),
        full_name=full_name,
        is_opted_out=_any_true(options.opt_out_properties),
        is_do_not_call=_any_true(options.do_not_call_properties),
        observed_at="updated",
    )


def _any_true(properties: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(properties) if properties else pl.lit(None, pl.Boolean)


def _deals(found: pl.DataFrame, options: Options, merged: pl.DataFrame) -> pl.DataFrame:
    """The close date of an open deal is a hope, so only closed ones have one."""
    stage = pl.col("dealstage")
    is_won = stage.is_in(options.won_stages) | (pl.col("hs_is_closed_won") == "true")
    is_lost = stage.is_in(options.lost_stages) | (pl.col("hs_is_closed") == "true")
    outcome = pl.when(is_won).then(pl.lit("won")).when(is_lost).then(pl.lit("lost"))
    return found.select(
        UNREAD,
        *(pl.col(name).alias(column) for column, name in DEAL.items()),
        source_deal_id="id",
        source_company_id=standing(pl.col("company_id"), merged),
        amount="amount",
        currency=pl.coalesce("deal_currency_code", pl.lit(options.currency)),
        outcome=outcome.otherwise(pl.lit("open")),
        created_at="createdate",
        closed_at=pl.when(is_won | is_lost).then("closedate"),
        owner_id="hubspot_owner_id",
        attributes=pl.concat_list(
            pl.struct(key=pl.lit("company_labels"), value="labels"),
            *(_entered(stage) for stage in options.dated_stages),
        ),
        observed_at="updated",
    )


def _entered(stage: str) -> pl.Expr:
    """The attribute that says on which day a deal came into the stage."""
    day = convert(pl.col(ENTERED + stage), "timestamp", date.min).dt.strftime("%Y-%m-%d")
    return pl.struct(key=entered_key(pl.lit(stage)), value=day)


def _owners(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        UNREAD,
        source_owner_id="id",
        name=pl.concat_str("firstName", "lastName", separator=" ", ignore_nulls=True),
        email="email",
        observed_at="updatedAt",
    )
