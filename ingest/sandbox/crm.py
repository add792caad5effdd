"""What our CRM holds: HubSpot's objects, every property a text, kept by people in a hurry.

Frames have `id`, the properties, `created`, `updated` (ISO times) and `associated` (the id of the
company, where somebody linked it). `company` says in company records which one it truly is.
"""

import numpy as np
import polars as pl

from ingest.sandbox.deals import entered_column
from ingest.sandbox.draws import Draws, Ints
from ingest.sandbox.market import Snapshot
from ingest.sandbox.records import chance, punycode, share_of, spelled_country, website
from ingest.sandbox.words import COUNTRIES, FREE_MAIL, OPEN_STAGES, OWNERS

OBJECTS = ("companies", "contacts", "deals")
_FIRST_COMPANY, _FIRST_CONTACT, _FIRST_OWNER = 9_000_000_000, 7_000_000_000, 301
_DAY = 86_400


def crm_companies(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """Companies of the CRM; one in thirty was entered twice."""
    frame, key = _members_twice(draws, snapshot)
    known = {name: chance(draws, f"crm/{name}", key, share) for name, share in (
        ("country", 0.85), ("city", 0.65), ("phone", 0.4), ("industry", 0.7), ("employees", 0.6),
        ("revenue", 0.45), ("founded", 0.3), ("website", 0.7), ("legal", 0.25), ("free", 0.004),
        ("parent", 0.7),
    )}  # fmt: skip
    off = 1 + pl.lit(pl.Series(draws.normal("crm/off", key))).clip(-2, 2) * 0.2
    contradicts = chance(draws, "crm/contradicts", key, 0.25)
    spelled = spelled_country(draws, frame, key + 1)
    revenue = (pl.col("revenue_usd") / 10_000).round(0).cast(pl.Int64) * 10_000
    employees = pl.when(contradicts).then(pl.col("employees") * off).otherwise("employees")
    updated = snapshot.day - (snapshot.day + draws.whole("crm/touched", key, 180)) % 180 - 1
    return frame.select(
        "company",
        _company_id(key).alias("id"),
        pl.when(known["legal"]).then("legal_name")
        .when(pl.col("copy") == 1).then(pl.col("name").str.to_uppercase())
        .otherwise("name").alias("name"),
        pl.when(known["free"]).then(pl.lit(FREE_MAIL[0]))
        .when(pl.col("copy") == 1).then("www." + pl.col("domain"))
        .otherwise(punycode(frame["domain"])).alias("domain"),
        pl.when(known["website"]).then(website(draws, frame, key, "crm")).alias("website"),
        pl.when(known["country"]).then(pl.lit(spelled)).alias("country"),
        pl.when(known["city"]).then("region").alias("state"),
        pl.when(known["city"]).then("city").alias("city"),
        pl.when(known["city"]).then("postal_code").alias("zip"),
        pl.when(known["city"] & known["phone"]).then("street").alias("address"),
        pl.when(known["phone"]).then("phone").alias("phone"),
        pl.when(known["industry"]).then("hubspot_industry").alias("industry"),
        pl.when(known["employees"]).then(_whole(employees)).alias("numberofemployees"),
        pl.when(known["revenue"]).then(_whole(revenue)).alias("annualrevenue"),
        pl.when(known["founded"]).then("founded_year").cast(pl.String).alias("founded_year"),
        pl.when("is_customer").then(pl.lit("customer")).otherwise(pl.lit("lead")).alias("lifecyclestage"),
        pl.when(known["parent"]).then("parent_id").alias("hs_parent_company_id"),
        _owner_id().alias("hubspot_owner_id"),
        _time(pl.col("joined_day") * _DAY).alias("created"),
        _time(pl.lit(pl.Series(updated)) * _DAY + 36_000).alias("updated"),
    ).sort("id")  # fmt: skip


def crm_contacts(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """People of the CRM: who sat there a year ago, most of them linked to their company."""
    people = share_of(draws, snapshot.former_people, "crm/contact", 0.5).join(
        snapshot.members, on="company", maintain_order="left"
    )
    seat = people["seat"].to_numpy()
    profiled = chance(draws, "crm/profile", seat, 0.3)
    return people.select(
        (_FIRST_CONTACT + pl.col("seat") * 40 + pl.col("holder")).cast(pl.String).alias("id"),
        pl.col("given_name").alias("firstname"),
        pl.col("surname").alias("lastname"),
        pl.col("title").alias("jobtitle"),
        "email",
        "phone",
        pl.when(profiled).then("profile_url").alias("hs_linkedin_url"),
        pl.when("is_opted_out").then(pl.lit("true")).alias("hs_email_optout"),
        pl.when("is_do_not_call").then(pl.lit("true")).alias("do_not_call"),
        pl.when(chance(draws, "crm/linked", seat, 0.85))
        .then(_company_id(people["company"].to_numpy() * 2)).alias("associated"),
        _time(pl.col("joined_day") * _DAY).alias("created"),
        _time(pl.col("joined_day") * _DAY + 3_600).alias("updated"),
    ).sort("id")  # fmt: skip


def crm_deals(snapshot: Snapshot) -> pl.DataFrame:
    """Deals of two years, each linked to its company."""
    deals = snapshot.deals.join(
        snapshot.companies.select("company", "name", "country"), on="company", maintain_order="left"
    )
    end = pl.coalesce("closed_day", pl.col("opened_day") + 120)
    last = pl.coalesce("closed_day", pl.lit(snapshot.day - 1))
    return deals.select(
        pl.col("deal").cast(pl.String).alias("id"),
        (pl.col("name") + " - Close & Consolidate").alias("dealname"),
        pl.col("amount").cast(pl.Int64).cast(pl.String).alias("amount"),
        pl.col("country").replace_strict(_CURRENCIES).alias("deal_currency_code"),
        pl.lit("default").alias("pipeline"),
        pl.col("stage").alias("dealstage"),
        _time(end * _DAY + 57_600).alias("closedate"),
        _owner_id().alias("hubspot_owner_id"),
        pl.col("loss_reason").alias("closed_lost_reason"),
        _company_id(deals["company"].to_numpy() * 2).alias("associated"),
        *(
            _time(pl.col(entered_column(number)) * _DAY).alias(f"hs_v2_date_entered_{stage}")
            for number, stage in enumerate(OPEN_STAGES)
        ),
        _time(pl.col("opened_day") * _DAY + 32_400).alias("created"),
        _time(last * _DAY + 57_600).alias("updated"),
    ).sort("id")


def crm_owners() -> pl.DataFrame:
    """The sales team."""
    names = [name.split(" ") for name, _ in OWNERS]
    return pl.DataFrame(
        {
            "id": [str(_FIRST_OWNER + at) for at in range(len(OWNERS))],
            "email": [f"{given}.{last}@closewise.example".lower() for given, last in names],
            "firstName": [given for given, _ in names],
            "lastName": [last for _, last in names],
            "archived": [False] * len(OWNERS),
        }
    )


_CURRENCIES = {country.code: country.currency for country in COUNTRIES}


def _members_twice(draws: Draws, snapshot: Snapshot) -> tuple[pl.DataFrame, Ints]:
    rows = snapshot.members["company"].to_numpy()
    again = rows[draws.uniform("crm/twice", rows) < 0.03]
    found = np.concatenate([rows, again])
    copy = np.concatenate([np.zeros(len(rows), np.int64), np.ones(len(again), np.int64)])
    parents = snapshot.subsidiaries.join(
        snapshot.members.select("company"), left_on="parent", right_on="company", how="semi"
    ).select("company", parent_id=_FIRST_COMPANY + pl.col("parent") * 2)
    frame = (
        snapshot.companies[found]
        .with_columns(pl.Series("copy", copy))
        .join(snapshot.members, on="company", maintain_order="left")
        .join(parents, on="company", how="left", maintain_order="left")
        .with_columns(pl.col("parent_id").cast(pl.String))
    )
    return frame, found * 2 + copy


def _company_id(keys: Ints) -> pl.Expr:
    return pl.lit(pl.Series(_FIRST_COMPANY + keys)).cast(pl.String)


def _owner_id() -> pl.Expr:
    """One of the owners of the country in turn; a country without any goes to the first."""
    lands = {
        country.code: [
            _FIRST_OWNER + at for at, (_, land) in enumerate(OWNERS) if land == country.code
        ]
        for country in COUNTRIES
    }
    owners = {land: ids or [_FIRST_OWNER] for land, ids in lands.items()}
    mine = pl.col("country").replace_strict(owners, return_dtype=pl.List(pl.Int64))
    return mine.list.get(pl.col("company") % mine.list.len().cast(pl.Int64)).cast(pl.String)


def _time(seconds: pl.Expr) -> pl.Expr:
    return pl.from_epoch(seconds.cast(pl.Int64)).dt.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _whole(number: pl.Expr) -> pl.Expr:
    return number.round(0).cast(pl.Int64).cast(pl.String)
