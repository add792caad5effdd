"""What each vendor knows: incomplete, out of date, spelled its own way, now and then wrong.

One function per vendor table; the frames have the vendor's column names and, where a row is a
company record, the column `company` that says which company it truly is (for `truth.py` alone:
`answers.py` leaves it out).
"""

from hashlib import sha256

import numpy as np
import polars as pl

from ingest.sandbox.companies import employees_at, gathered
from ingest.sandbox.draws import Draws, Ints
from ingest.sandbox.market import Snapshot
from ingest.sandbox.words import COUNTRIES

REFRESH_DAYS = 91
_BANDS = {
    10: "1-10 employees",
    50: "11-50 employees",
    200: "51-200 employees",
    500: "201-500 employees",
    1_000: "501-1,000 employees",
    5_000: "1,001-5,000 employees",
    10_000: "5,001-10,000 employees",
}
_TOP_BAND = "10,001+ employees"
_OWN_COMPETITOR = "closewise-fictive.com"


def day_text(name: str, form: str = "%Y-%m-%d") -> pl.Expr:
    """A column of days since 1970 as text."""
    return pl.col(name).cast(pl.Int32).cast(pl.Date).dt.strftime(form)


def firmographics(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """The directory: most companies, some twice, refreshed once a quarter each."""
    frame, key = records(draws, snapshot, "directory", 0.92, 0.02)
    refreshed = (
        snapshot.day - (snapshot.day + draws.whole("refresh", key, REFRESH_DAYS)) % REFRESH_DAYS
    )
    wide = frame.with_columns(
        pl.Series("refreshed", refreshed),
        pl.Series("headcount", employees_at(frame, refreshed)),
        website(draws, frame, key, "directory").alias("Website"),
        spelled_country(draws, frame, key).alias("Country"),
        pl.concat_str(pl.lit("FM"), pl.Series("key", 1_000_000 + key)).alias("Company ID"),
    ).join(_funding_day(snapshot), on="company", how="left", maintain_order="left")
    legal = chance(draws, "directory/legal", key, 0.85) | (pl.col("copy") == 1)
    known = {name: chance(draws, f"directory/{name}", key, share) for name, share in (
        ("alias", 0.5), ("street", 0.7), ("phone", 0.6), ("industry", 0.88), ("headcount", 0.87),
        ("band", 0.25), ("revenue", 0.7), ("founded", 0.75), ("ownership", 0.8), ("lei", 0.15),
        ("erp", 0.55), ("entities", 0.45), ("rival", 0.7),
    )}  # fmt: skip
    also = pl.concat_str("name", "brand", separator="; ")
    millions = (pl.col("revenue_usd") / 1e6).round(1).cast(pl.String)
    return wide.select(
        "company",
        "Company ID",
        pl.when(legal).then("legal_name").otherwise("name").alias("Company Name"),
        pl.when(known["alias"]).then(also).alias("Also Known As"),
        "Website",
        "Country",
        pl.col("region").alias("State"),
        pl.col("city").alias("City"),
        pl.when(known["street"]).then("postal_code").alias("Zip"),
        pl.when(known["street"]).then("street").alias("Street"),
        pl.when(known["phone"]).then("phone").alias("Phone"),
        pl.when(known["industry"]).then("industry").alias("Industry"),
        pl.when(known["industry"]).then("sic").alias("SIC"),
        pl.when(known["headcount"] & known["band"]).then(band("headcount"))
        .when(known["headcount"]).then(_thousands("headcount")).alias("Headcount"),
        pl.when(known["revenue"]).then(millions + " MM").alias("Revenue"),
        pl.when(known["founded"]).then("founded_year").alias("Founded"),
        pl.when(known["ownership"]).then(pl.col("ownership").str.to_titlecase()).alias("Ownership"),
        pl.col("legal_form").alias("Legal Form"),
        pl.when("is_dissolved").then(pl.lit("Dissolved")).otherwise(pl.lit("Active")).alias("Status"),
        pl.when(known["lei"]).then(_lei()).alias("LEI"),
        pl.when(known["erp"]).then("erp").alias("ERP"),
        pl.when(known["entities"]).then("legal_entities").alias("Legal Entities"),
        pl.when(known["rival"]).then(yes_no("uses_rival")).alias("Uses Rival"),
        day_text("funding").alias("Last Funding"),
        day_text("refreshed", "%d/%m/%Y").alias("Last Refreshed"),
    )  # fmt: skip


def subsidiaries(snapshot: Snapshot, directory: pl.DataFrame) -> pl.DataFrame:
    """Who belongs to whom in the directory, with the mistakes such lists have: a ring, a self."""
    ids = directory.unique("company", keep="first").select("company", "Company ID")
    rows = (
        snapshot.subsidiaries.join(ids, on="company")
        .join(ids, left_on="parent", right_on="company", suffix=" of parent")
        .sort("company")
    )
    listed = rows.select(
        pl.col("Company ID").alias("Child ID"),
        pl.col("Company ID of parent").alias("Parent ID"),
        yes_no(pl.col("company") % 29 > 0).alias("Active"),
        day_text("since_day", "%d/%m/%Y").alias("Since"),
    )  # fmt: skip
    ring = listed.slice(0, 1).rename({"Child ID": "Parent ID", "Parent ID": "Child ID"})
    alone = listed.slice(1, 1).with_columns(pl.col("Child ID").alias("Parent ID"))
    return pl.concat([listed, ring.select(listed.columns), alone])


def contacts(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """The contact vendor: who sits where today, by the domain of the employer."""
    people = share_of(draws, snapshot.people, "vendor/contact", 0.8).filter(
        pl.any_horizontal(pl.col("domain", "email").is_not_null())
    )
    sorted_in = chance(draws, "vendor/department", people["seat"].to_numpy(), 0.75)
    return people.select(
        pl.concat_str(pl.lit("P"), pl.col("seat") * 100 + pl.col("holder")).alias("Contact ID"),
        pl.col("domain").alias("Company Domain"),
        pl.col("full_name").alias("Full Name"),
        pl.col("title").alias("Job Title"),
        pl.when(sorted_in).then("department").alias("Department"),
        pl.when(sorted_in).then("seniority").alias("Level"),
        pl.col("email").alias("Work Email"),
        pl.col("phone").alias("Direct Phone"),
        pl.col("profile_url").alias("Profile"),
        yes_no("is_opted_out").alias("Opted Out"),
        yes_no("is_do_not_call").alias("Do Not Call"),
    )


def visits(snapshot: Snapshot) -> pl.DataFrame:
    """Our own web analytics: visits that could be put down to a company's network."""
    domains = snapshot.companies.select("company", "domain")
    at = (pl.col("day") * 86_400 + pl.col("second")).cast(pl.Int64)
    return (
        snapshot.visits.join(domains, on="company", maintain_order="left")
        .filter(pl.col("domain").is_not_null())
        .select(
            pl.concat_str(pl.lit("V"), "visit").alias("Visit ID"),
            pl.col("domain").alias("Domain"),
            ("https://www.closewise.example" + pl.col("page")).alias("Page"),
            pl.col("page").str.replace_all("[/-]+", " ").str.strip_chars().alias("Page Title"),
            pl.from_epoch(at).dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("Visited At"),
        )
    )


def news(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """A news feed: fundings and other news, one in five by name and country alone."""
    names = snapshot.companies.select("company", "name", "domain", "country")
    told = snapshot.news.join(names, on="company", maintain_order="left")
    nameless = chance(draws, "news/by_name", told["news"].to_numpy(), 0.2)
    return told.select(
        pl.concat_str(pl.lit("N"), "news").alias("News ID"),
        pl.col("kind").alias("Kind"),
        pl.when(~nameless).then("domain").alias("Domain"),
        pl.col("name").alias("Company"),
        pl.col("country").alias("Country"),
        pl.concat_str("name", "headline", separator=" ").alias("Headline"),
        day_text("day").alias("Date"),
    )


def surge(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """The intent vendor: research by domain, with the little it knows of the company."""
    known = intent_companies(draws, snapshot)
    industry = pl.col("industry").str.to_lowercase()
    name = pl.col("name").str.to_lowercase()
    return snapshot.research.join(known, on="company", maintain_order="left").filter(
        pl.col("domain").is_not_null()
    ).select(
        pl.when(pl.col("company") % 20 > 0).then(name).alias("Company Name"),
        pl.col("domain").alias("Domain"),
        pl.when(pl.col("company") % 5 > 0).then(band("employees")).alias("Size"),
        pl.when(pl.col("company") % 7 > 0).then(industry).alias("Industry"),
        pl.col("topic").alias("Topic"),
        pl.col("score").alias("Composite Score"),
        day_text("day").alias("Date"),
        pl.col("country").replace_strict(_FIRST_SPELLINGS).alias("Domain Origin Country"),
    )  # fmt: skip


def intent_companies(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """The companies that the intent vendor can tell by domain; a shared one is one company."""
    companies = snapshot.companies.with_columns(punycode(snapshot.companies["domain"]))
    found = chance(draws, "intent/known", companies["company"].to_numpy(), 0.93)
    return companies.filter(found, pl.col("domain").is_not_null()).unique(
        "domain", keep="first", maintain_order=True
    )


def job_boards(snapshot: Snapshot) -> pl.DataFrame:
    """The list of boards to read; one in forty is gone."""
    gone = pl.when(pl.col("company") % 40 == 7).then(pl.lit("-gone")).otherwise(pl.lit(""))
    return snapshot.boards.select(
        pl.col("kind").alias("ats"),
        (pl.col("token") + gone).alias("token"),
        "domain",
        pl.col("name").alias("company_name"),
    )


def do_not_contact(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    """Companies and people to leave alone: rivals, partners, objections, some of them hashed."""
    companies = snapshot.companies.filter(pl.col("domain").is_not_null())
    luck = pl.Series(draws.uniform("suppressed", companies["company"].to_numpy()))
    reason = (
        pl.when(luck < 0.004).then(pl.lit("competitor"))
        .when(luck < 0.010).then(pl.lit("partner"))
        .when(luck < 0.016).then(pl.lit("do_not_contact"))
        .when(luck < 0.018).then(pl.lit("manual"))
    )  # fmt: skip
    objecting = share_of(draws, snapshot.people, "objection", 0.015).filter(
        pl.col("email").str.contains("@")
    )["email"]
    half = objecting.len() // 2
    hashed = [sha256(email.encode()).hexdigest() for email in objecting[half:]]
    return pl.concat(
        [
            _keys("domain", [_OWN_COMPETITOR], "competitor", "our closest rival"),
            companies.select(
                pl.lit("domain").alias("Type"),
                pl.col("domain").alias("Key"),
                reason.alias("Reason"),
                pl.when(luck > 0.017).then(pl.lit("2030-12-31")).alias("Until"),
                pl.lit("made up").alias("Note"),
            ).filter(pl.col("Reason").is_not_null()),
            _keys("email", objecting[:half].to_list(), "do_not_contact", "asked by mail"),
            _keys("email_sha256", hashed, "do_not_contact", "asked in the web form"),
        ]
    )


def verdicts(snapshot: Snapshot) -> pl.DataFrame:
    """What our own sales people wrote beside the companies of earlier lists."""
    domains = snapshot.companies.select("company", "domain")
    answered = snapshot.verdicts.join(domains, on="company", maintain_order="left")
    answer = pl.when("is_accepted").then(pl.lit("Accepted")).otherwise(pl.lit("Qualified out"))
    return answered.sort("given_day", "company").select(
        pl.col("domain").alias("Domain"),
        day_text("given_day").alias("Given On"),
        answer.alias("Answer"),
        pl.col("reason").alias("Reason"),
        day_text("until_day").alias("Until"),
    )


def records(
    draws: Draws, snapshot: Snapshot, vendor: str, share: float, twice: float
) -> tuple[pl.DataFrame, Ints]:
    """The companies that a vendor has, some twice, and a key for each of its records."""
    rows = snapshot.companies["company"].to_numpy()
    has = draws.uniform(f"{vendor}/has", rows) < share
    copies = has & (draws.uniform(f"{vendor}/twice", rows) < twice)
    found = np.concatenate([rows[has], rows[copies]])
    copy = np.concatenate([np.zeros(has.sum(), np.int64), np.ones(copies.sum(), np.int64)])
    frame = snapshot.companies[found].with_columns(pl.Series("copy", copy))
    return frame, found * 2 + copy


def share_of(draws: Draws, people: pl.DataFrame, table: str, share: float) -> pl.DataFrame:
    """That share of the people, the same ones every week."""
    return people.filter(chance(draws, table, people["seat"].to_numpy(), share))


def chance(draws: Draws, table: str, rows: Ints, share: float) -> pl.Expr:
    """True for that share of the rows, the same ones every week."""
    return pl.lit(pl.Series(draws.uniform(table, rows) < share))


def yes_no(flag: str | pl.Expr) -> pl.Expr:
    """A flag as the vendors write it."""
    return pl.when(flag).then(pl.lit("Y")).otherwise(pl.lit("N"))


def website(draws: Draws, frame: pl.DataFrame, key: Ints, vendor: str) -> pl.Expr:
    """The domain in one of its many spellings; now and then another company's or a shared host."""
    luck = draws.uniform(f"{vendor}/website", key)
    other = pl.lit(frame["domain"].gather(draws.whole(f"{vendor}/other", key, frame.height)))
    domain = pl.when(pl.lit(pl.Series(luck < 0.006))).then(other).otherwise("domain")
    spelled = [
        "https://www." + domain,
        domain,
        "www." + domain,
        "HTTP://" + domain.str.to_uppercase() + "/",
        "https://" + domain + ":443/en/home?ref=x",
        domain + ".",
    ]
    chosen = pl.lit(pl.Series(draws.whole(f"{vendor}/spelling", key, len(spelled))))
    shared = "https://www.facebook.com/" + pl.col("brand").str.to_lowercase()
    written = pl.coalesce(pl.when(chosen == at).then(form) for at, form in enumerate(spelled))
    return pl.when(pl.lit(pl.Series(luck > 0.995))).then(shared).otherwise(written)


def spelled_country(draws: Draws, frame: pl.DataFrame, key: Ints) -> pl.Series:
    """The country in one of the spellings that people use for it."""
    names = [name for country in COUNTRIES for name in country.spellings]
    first = np.cumsum([0, *(len(country.spellings) for country in COUNTRIES[:-1])])
    many = np.array([len(country.spellings) for country in COUNTRIES])
    codes = {country.code: at for at, country in enumerate(COUNTRIES)}
    at = frame["country"].replace_strict(codes).to_numpy()
    return gathered(names, first[at] + (draws.uniform("spelling", key) * many[at]).astype(np.int64))


def punycode(domains: pl.Series) -> pl.Expr:
    """International names as the wire writes them; few are so, and only these are touched."""
    foreign = domains.filter(domains.str.contains(r"[^\x00-\x7f]")).unique().drop_nulls()
    spelled = {name: name.encode("idna").decode() for name in foreign}
    return pl.lit(domains.replace(spelled))


def band(name: str) -> pl.Expr:
    """A head count as the band that vendors sell."""
    found = pl.lit(_TOP_BAND)
    for top, text in reversed(_BANDS.items()):
        found = pl.when(pl.col(name) <= top).then(pl.lit(text)).otherwise(found)
    return found


_FIRST_SPELLINGS = {country.code: country.spellings[0] for country in COUNTRIES}


def _keys(kind: str, keys: list[str], reason: str, note: str) -> pl.DataFrame:
    return pl.DataFrame({"Key": keys}, schema={"Key": pl.String}).select(
        pl.lit(kind).alias("Type"),
        "Key",
        pl.lit(reason).alias("Reason"),
        pl.lit(None, pl.String).alias("Until"),
        pl.lit(note).alias("Note"),
    )


def _funding_day(snapshot: Snapshot) -> pl.DataFrame:
    """The day of each company's last funding."""
    rounds = snapshot.news.filter(pl.col("kind") == "funding")
    return rounds.group_by("company").agg(pl.col("day").max().alias("funding"))


def _thousands(name: str) -> pl.Expr:
    """A whole number with a comma before its thousands."""
    high, low = pl.col(name) // 1000, pl.col(name) % 1000
    grouped = high.cast(pl.String) + "," + low.cast(pl.String).str.zfill(3)
    return pl.when(high > 0).then(grouped).otherwise(low.cast(pl.String))


def _lei() -> pl.Expr:
    """A well-formed Legal Entity Identifier that no issuer gave: twenty digits, `0000` first."""
    body = 770_000_000_000 + pl.col("company") * 13
    check = 98 - body % 97 * 100 % 97
    number = pl.lit("000000") + body.cast(pl.String) + check.cast(pl.String).str.zfill(2)
    return number
