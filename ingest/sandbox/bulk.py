"""The market in bulk: Parquet drops of one vendor who knows each company once, under its domain.

The second outlet of the same market: `answers.py` speaks as many vendors do, this writes their
truth in columns named as the input tables are, for measurements at sizes that no wire is made for.
Nothing here loops over rows.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from ingest.sandbox.draws import Draws
from ingest.sandbox.market import Snapshot, market
from ingest.sandbox.records import chance, do_not_contact

SIGNAL_DAYS = 330
"""How far back the signals reach: about ten for each company."""


def write_drops(folder: Path, companies: int, seed: int, week: date) -> dict[str, int]:
    """Write <input table>.parquet for each table of the market on that day; the rows of each.

    `companies` counts legal entities; those without a domain of their own have no record.
    """
    made = market(companies, seed)
    snapshot = made.at(week, history_days=SIGNAL_DAYS)
    folder.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, frame_of in _TABLES.items():
        path = folder / f"{name}.parquet"
        # By streams: signals side by side in memory would be more than a machine has.
        frame_of(made.draws, snapshot).lazy().sink_parquet(path)
        rows[name] = pl.scan_parquet(path).select(pl.len()).collect().item()
    return rows


def _companies(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    known = _known(snapshot)
    key = known["company"].to_numpy()
    told = {name: chance(draws, f"bulk/{name}", key, share) for name, share in (
        ("industry", 0.88), ("employees", 0.87), ("revenue", 0.7), ("erp", 0.55),
        ("entities", 0.45), ("rival", 0.7),
    )}  # fmt: skip
    return known.select(
        _id("company").alias("source_company_id"),
        "name",
        pl.concat_str(pl.lit("https://www."), "domain").alias("website"),
        "domain",
        "country",
        "region",
        "city",
        "postal_code",
        "street",
        "phone",
        pl.when(told["industry"]).then("industry").alias("industry"),
        pl.when(told["industry"]).then("sic").alias("industry_code"),
        pl.when(told["employees"]).then("employees").alias("employees"),
        pl.when(told["revenue"]).then("revenue_usd").alias("revenue_usd"),
        "founded_year",
        "ownership",
        "legal_form",
        pl.when("is_dissolved").then(pl.lit("dissolved")).otherwise(pl.lit("active")).alias("status"),
        pl.when(told["erp"]).then("erp").alias("erp"),
        pl.when(told["entities"]).then("legal_entities").alias("legal_entities"),
        pl.when(told["rival"]).then("uses_rival").alias("uses_rival"),
    )  # fmt: skip


def _relationships(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    known = _known(snapshot).select("company")
    return (
        snapshot.subsidiaries.join(known, on="company", how="semi")
        .join(known, left_on="parent", right_on="company", how="semi")
        .select(
            _id("company").alias("child_source_company_id"),
            _id("parent").alias("parent_source_company_id"),
            _day("since_day").alias("since_date"),
        )
    )


def _contacts(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    return _of_known(snapshot, snapshot.people).select(
        _id("seat", "holder").alias("source_contact_id"),
        _id("company").alias("source_company_id"),
        "full_name",
        "title",
        "department",
        "seniority",
        "email",
        "phone",
        "profile_url",
        "is_opted_out",
        "is_do_not_call",
    )


def _signals(draws: Draws, snapshot: Snapshot) -> pl.LazyFrame:
    research = snapshot.research.lazy().select(
        "company",
        "day",
        kind=pl.lit("topic_surge"),
        topic="topic",
        strength=pl.col("score") / 100,
    )
    visits = snapshot.visits.lazy().select("company", "day", kind=pl.lit("web_visit"), title="page")
    postings = snapshot.postings.lazy().select(
        "company", "day", kind=pl.lit("job_posting"), title="title", text="text"
    )
    news = snapshot.news.lazy().select("company", "day", kind="kind", title="headline")
    known = _known(snapshot).lazy().select("company")
    return (
        pl.concat([research, visits, postings, news], how="diagonal")
        .join(known, on="company", how="semi", maintain_order="left")
        .with_row_index("number")
        .select(
            _id("number").alias("source_signal_id"),
            _id("company").alias("source_company_id"),
            "kind",
            "topic",
            "title",
            "text",
            "strength",
            _day("day").cast(pl.Datetime("us", "UTC")).alias("occurred_at"),
            _day("day").cast(pl.Datetime("us", "UTC")).alias("known_at"),
        )
    )


def _deals(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    is_won = pl.col("is_won")
    return _of_known(snapshot, snapshot.deals).select(
        _id("deal").alias("source_deal_id"),
        _id("company").alias("source_company_id"),
        "amount",
        "stage",
        pl.when(is_won).then(pl.lit("won"))
        .when(~is_won).then(pl.lit("lost"))
        .otherwise(pl.lit("open")).alias("outcome"),
        _day("opened_day").cast(pl.Datetime("us", "UTC")).alias("created_at"),
        _day("closed_day").cast(pl.Datetime("us", "UTC")).alias("closed_at"),
    )  # fmt: skip


def _suppressions(draws: Draws, snapshot: Snapshot) -> pl.DataFrame:
    return do_not_contact(draws, snapshot).select(
        pl.col("Type").alias("key_kind"),
        pl.col("Key").alias("key"),
        pl.col("Reason").alias("reason"),
        pl.col("Until").str.to_date("%Y-%m-%d").alias("until_date"),
    )


def _known(snapshot: Snapshot) -> pl.DataFrame:
    """The companies that have a domain which no other one has before them."""
    return snapshot.companies.filter(pl.col("domain").is_not_null()).unique(
        "domain", keep="first", maintain_order=True
    )


def _of_known(snapshot: Snapshot, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of companies that have a record."""
    return frame.join(
        _known(snapshot).select("company"), on="company", how="semi", maintain_order="left"
    )


def _id(*names: str) -> pl.Expr:
    return pl.concat_str(*names, separator="-")


def _day(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int32).cast(pl.Date)


_TABLES: dict[str, Callable[[Draws, Snapshot], pl.DataFrame | pl.LazyFrame]] = {
    "companies": _companies,
    "company_relationships": _relationships,
    "contacts": _contacts,
    "signals": _signals,
    "deals": _deals,
    "suppressions": _suppressions,
}
