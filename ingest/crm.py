"""What CRMs have in common: text for everything, records that go, their wishes, and changes.

What belongs here: whatever follows once a connector knows which records stand and which are gone.
What doesn't: how a CRM tells so (`sources/`), and following merges (`merges.py`).
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from ingest.convert import convert, stripped
from ingest.incremental import unchanged
from ingest.merges import standing
from ingest.normalise import email_addresses_among
from ingest.registry import Request
from ingest.unread import unread


class Objects(NamedTuple):
    """Records of one kind: those that stand (all, or what changed), and those that went.

    merged: each merged id and its survivor. touched: the ids of which the source's last batch
    tells nothing any more.
    """

    standing: pl.LazyFrame
    gone: pl.LazyFrame
    merged: pl.DataFrame
    touched: pl.Series


def parted(found: pl.LazyFrame, key: str, gone: pl.Series, merged: pl.DataFrame) -> Objects:
    """Records, parted by whether their key is among the ids that are gone or merged."""
    left = pl.concat([gone.rename(key), merged["merged"].rename(key)])
    is_gone = pl.col(key).is_in(left.implode()).fill_null(value=False)
    touched = pl.concat([found.select(key).collect()[key], left]).unique()
    return Objects(found.filter(~is_gone), found.filter(is_gone), merged, touched)


def typed(found: pl.LazyFrame, forms: Mapping[str, str], opt_outs: Collection[str]) -> pl.LazyFrame:
    """Text columns read by the conversions named; what can't be read is null and counted. An
    opt-out is yes or no, and yes where it can't be read."""
    names = found.collect_schema().names()
    asked = {**forms, **dict.fromkeys(opt_outs, "boolean")}
    read = {
        name: convert(pl.col(name), form, date.min) for name, form in asked.items() if name in names
    }
    lost = {
        name: stripped(pl.col(name)).is_not_null() & value.is_null() for name, value in read.items()
    }
    in_doubt = {name: read[name] | lost[name] for name in opt_outs if name in read}
    return found.with_columns(unread(lost), **(read | in_doubt))


def wishes(people: pl.LazyFrame) -> pl.DataFrame:
    """Suppressions of people (email, observed_at) who opted out and whose record is gone since.

    Of an address that several records had, the newest; what is no address would suppress nobody.
    """
    addresses = pl.col("email").map_batches(email_addresses_among, return_dtype=pl.List(pl.String))
    return (
        people.select(
            key_kind=pl.lit("email"),
            key=addresses,
            reason=pl.lit("do_not_contact"),
            note=pl.lit("opted out; the record is deleted, archived or merged"),
            observed_at="observed_at",
        )
        .explode("key")
        .drop_nulls("key")
        .sort("key", "observed_at")
        .unique("key", keep="last", maintain_order=True)
        .collect()
    )


def entered_key(stage: pl.Expr) -> pl.Expr:
    """The attribute of a deal that holds the day on which it first came into the stage."""
    return pl.lit("entered_") + stage.str.replace_all(r"[^\p{L}\p{N}]+", "_").str.to_lowercase()


def parents(relationships: pl.DataFrame, merged: pl.DataFrame) -> pl.DataFrame:
    """Relationships whose parents stand; a parent that was merged into its child is none."""
    parent = standing(pl.col("parent_source_company_id"), merged)
    return relationships.with_columns(parent_source_company_id=parent).filter(
        pl.col("parent_source_company_id") != pl.col("child_source_company_id")
    )


def rest_of_last_batch(
    request: Request, companies: Objects, contacts: Objects, deals: Objects, told: pl.DataFrame
) -> Iterator[tuple[str, pl.DataFrame]]:
    """What the last batches knew and nobody changed since; `told` are the wishes read this time."""
    yield from _rest(request, "companies", "source_company_id", companies.touched)
    for frame in unchanged(
        request, "company_relationships", "child_source_company_id", companies.touched
    ):
        yield "company_relationships", parents(frame, companies.merged)
    keys = pl.concat([companies.touched.rename("key"), told["key"]])
    yield from _rest(request, "suppressions", "key", keys)
    company = standing(pl.col("source_company_id"), companies.merged)
    people = _rest(request, "contacts", "source_contact_id", contacts.touched)
    sales = _rest(request, "deals", "source_deal_id", deals.touched)
    for rows in (people, sales):
        yield from ((table, frame.with_columns(source_company_id=company)) for table, frame in rows)


def _rest(
    request: Request, table: str, key: str, touched: pl.Series
) -> Iterator[tuple[str, pl.DataFrame]]:
    for frame in unchanged(request, table, key, touched):
        yield table, frame
