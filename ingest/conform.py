"""From a connector's frame to rows that keep the contract, and rows that are set aside.

What belongs here: types, normalised spelling, the verdict on each row and its reason. What
doesn't: rules that need a second row (`landing.py`) and the contract itself (`tables.py`).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from types import new_class

import dataframely as dy
import polars as pl

from ingest import normalise
from ingest.errors import SourceRejected
from ingest.tables import CONSENT, SUPPRESSION_REASONS, Landed, Table
from ingest.unread import UNREAD, counted, unread

REJECT_SCHEMA = {
    "file": pl.String,
    "line": pl.Int64,
    "reason": pl.String,
    "row": pl.String,
}
REMARKS = {
    "_reject": pl.String,
    "_file": pl.String,
    "_line": pl.Int64,
    UNREAD: pl.String,
}
VENDOR_PREFIX = "vendor."
ROW_NUMBER = "row_number"

_NORMALISERS: dict[str, normalise.Normaliser] = {
    "domain": normalise.registrable_domain,
    "company_domain": normalise.registrable_domain,
    "country": normalise.country_code,
    "region": normalise.region,
    "email": normalise.email_address,
    "lei": normalise.lei_code,
    "cik": normalise.cik_code,
    "currency": normalise.upper_case,
    "topic": normalise.lower_case,
}
_KEY_NORMALISERS: dict[str, normalise.Normaliser] = {
    "domain": normalise.registrable_domain,
    "email": normalise.email_address,
    "email_sha256": normalise.email_digest,
}


@dataclass(frozen=True)
class Judged:
    """Rows that land (all columns of the table, `batch_id` still empty) and rows that don't."""

    good: pl.DataFrame
    rejects: pl.DataFrame
    unread: Counter[str]


def new_columns(table: Table, frame: pl.DataFrame) -> set[str]:
    """Columns that have no place in the table, by the vendor's name."""
    extra = set(frame.columns) - set(table.columns) - set(REMARKS)
    return {name.removeprefix(VENDOR_PREFIX) for name in extra}


def typed(table: Table, source: str, frame: pl.DataFrame) -> pl.DataFrame:
    """All columns of the table with their types, and the remarks about each row.

    Numbers that don't fit become null and are counted; a column of another kind altogether is a
    SourceRejected, since half a column read by guess is worse than none.
    """
    columns = [_typed(table, source, frame, name) for name in table.columns]
    remarks = [_remark(frame, name) for name in REMARKS]
    lost = {
        name: pl.col(name).is_not_null() & column.is_null()
        for name, column in zip(table.columns, columns, strict=True)
        if name in frame.columns and frame.schema[name] != table.columns[name]
    }
    return frame.select(*columns, *remarks[:-1], _further(remarks[-1], lost))


def judge(table: Table, source: str, week: date, rows: pl.DataFrame) -> Judged:
    """Normalise typed rows, hold them to the table's contract and part good from bad."""
    spelled = _filled(_normalised(_clean(table, rows)), source, week).with_row_index(ROW_NUMBER)
    is_refused = spelled["_reject"].is_not_null()
    judged = spelled.filter(~is_refused) if is_refused.any() else spelled
    good, failures = _numbered(table.schema).filter(judged.drop(REMARKS))
    rejects = [pl.DataFrame(schema=REJECT_SCHEMA)]
    if len(judged) < len(spelled):
        rejects.append(_rejects(table, spelled.filter(is_refused), "_reject"))
    if len(failures):
        failed = _explained(table, failures.details())
        broken = spelled.join(failed, on=ROW_NUMBER, maintain_order="left")
        rejects.append(_rejects(table, broken, "_reason"))
    return Judged(
        good=good.drop(ROW_NUMBER),
        rejects=pl.concat(rejects),
        unread=counted(spelled[UNREAD]),
    )


def _typed(table: Table, source: str, frame: pl.DataFrame, name: str) -> pl.Expr:
    expected = table.columns[name]
    if name not in frame.columns:
        return pl.lit(None, dtype=expected).alias(name)
    found = frame.schema[name]
    if found == expected:
        return pl.col(name)
    if not _is_kin(found, expected):
        raise SourceRejected(
            source,
            f"{table.name}.{name}: expected {expected}, found {found}; "
            "convert the column where the source is read",
        )
    if isinstance(found, pl.Datetime) and found.time_zone is None:
        return pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    value = pl.col(name)
    if expected.is_integer() and (found.is_float() or found.is_decimal()):
        # 1.200 of some countries is no company of one.
        value = pl.when(value == value.round()).then(value)
    return value.cast(expected, strict=False)


def _is_kin(found: pl.DataType, expected: pl.DataType) -> bool:
    """Whether a cast keeps the meaning."""
    if found == pl.Null:
        return True
    if isinstance(expected, pl.List):
        return isinstance(found, pl.List)
    if expected == pl.String:
        return isinstance(found, pl.Categorical | pl.Enum)
    if expected.is_numeric():
        return found.is_numeric()
    return expected.is_temporal() and isinstance(found, pl.Date | pl.Datetime)


def _remark(frame: pl.DataFrame, name: str) -> pl.Expr:
    dtype = REMARKS[name]
    column = pl.col(name) if name in frame.columns else pl.lit(None)
    return column.cast(dtype).alias(name)


def _further(remark: pl.Expr, lost: dict[str, pl.Expr]) -> pl.Expr:
    """The remark of what was lost, and of what is lost now."""
    if not lost:
        return remark
    return pl.concat_str(remark, unread(lost), ignore_nulls=True).alias(UNREAD)


def _clean(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, dtype in table.columns.items() if dtype == pl.String]
    lists = [name for name, dtype in table.columns.items() if isinstance(dtype, pl.List)]
    return rows.with_columns(
        *(normalise.clean(rows[name]) for name in texts),
        *(_list_cleaner(name)(rows[name]) for name in lists if _has_values(rows[name])),
    )


def _list_cleaner(name: str) -> normalise.Normaliser:
    return normalise.clean_entries if name == "attributes" else normalise.clean_list


def _has_values(column: pl.Series) -> bool:
    return column.null_count() < len(column)


def _normalised(rows: pl.DataFrame) -> pl.DataFrame:
    """One spelling for domains, countries, e-mails and keys; what was no such thing is counted."""
    if "website" in rows.columns:
        rows = rows.with_columns(pl.col("domain").fill_null(pl.col("website")))
    spelled = [
        spell(rows[name])
        for name, spell in _NORMALISERS.items()
        if name in rows.columns and _has_values(rows[name])
    ]
    masks = {column.name: rows[column.name].is_not_null() & column.is_null() for column in spelled}
    lost = {name: pl.lit(mask) for name, mask in masks.items() if mask.any()}
    read = rows.with_columns(_further(pl.col(UNREAD), lost), *spelled)
    if "email_domain" in rows.columns:
        read = _one_address_each(rows["email"], read)
        hosts = normalise.email_domain(read["email"])
        read = _known_by_address(read.with_columns(hosts.alias("email_domain")))
    return _suppression_keys(read) if "key_kind" in rows.columns else read


def _one_address_each(written: pl.Series, contacts: pl.DataFrame) -> pl.DataFrame:
    """Contacts with one address or none; those of who asks to be left alone have a row each.

    Whoever else has several in one cell might have asked under any of them: they are set aside.
    """
    is_lost = written.is_not_null() & contacts["email"].is_null()
    if not written.filter(is_lost).str.contains(normalise.AT_SIGN).any():
        return contacts
    asks = contacts.select(pl.any_horizontal(pl.col(CONSENT).fill_null(value=False))).to_series()
    is_several = is_lost & ~asks & (written.str.count_matches(normalise.AT_SIGN) > 1)
    problem = pl.lit("expected one e-mail address, found several: give each a row of its own")
    found = normalise.email_addresses_among(written.set(~(is_lost & asks), None))
    first = pl.when(pl.lit(is_several)).then(pl.lit(written)).otherwise(pl.lit(found.list.first()))
    marked = contacts.with_columns(
        email=pl.coalesce("email", first),
        _reject=pl.coalesce("_reject", pl.when(pl.lit(is_several)).then(problem)),
    )
    further = (
        contacts.with_columns(email=found.list.slice(1))
        .filter(found.list.len() > 1)
        .explode("email")
        .select(
            *("observed_at", *CONSENT, "email", "_file", "_line"),
            # No source has such a key, so that no other row says otherwise.
            source_contact_id=pl.format("also {}", "email"),
        )
    )
    return pl.concat([marked, further], how="diagonal").select(contacts.columns)


def _known_by_address(contacts: pl.DataFrame) -> pl.DataFrame:
    """Who asks to be left alone needs no key: by address or profile they are everywhere."""
    if not contacts["source_contact_id"].null_count():
        return contacts
    known = pl.when(pl.any_horizontal(CONSENT)).then(pl.coalesce("email", "profile_url"))
    return contacts.with_columns(pl.coalesce("source_contact_id", known))


def _suppression_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Keys spelled by their kind; a key that is none would suppress nobody, so it is refused.

    A reason that is none of ours, however it is spelled, counts as `manual` and stands in the note.
    """
    rows = _one_key_each(rows)
    key = pl.col("key")
    for kind, spell in _KEY_NORMALISERS.items():
        key = pl.when(key_kind=kind).then(spell(rows["key"])).otherwise(key)
    problem = pl.format("expected key to be {}, found {}", "key_kind", "key")
    is_lost = pl.col("key").is_not_null() & key.is_null()
    # Who is to be left alone is left alone, in whatever words somebody wrote down why.
    spelled = pl.col("reason").str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    is_known = spelled.is_in(list(SUPPRESSION_REASONS)).fill_null(value=False)
    reason = pl.when(is_known).then(spelled).otherwise(pl.lit("manual"))
    both = pl.concat_str("reason", "note", separator="; ", ignore_nulls=True)
    note = pl.when(is_known).then("note").otherwise(pl.when(both != "").then(both))
    return rows.with_columns(
        key,
        pl.when(is_lost).then(problem).otherwise("_reject").alias("_reject"),
        reason.alias("reason"),
        note.alias("note"),
    )


def _one_key_each(suppressions: pl.DataFrame) -> pl.DataFrame:
    """A row for each of several addresses in one cell."""
    found = normalise.email_addresses(suppressions["key"])
    is_several = (suppressions["key_kind"] == "email").fill_null(value=False)
    is_several &= found.list.len() > 1
    if not is_several.any():
        return suppressions
    each = suppressions.with_columns(key=found).filter(is_several).explode("key")
    return pl.concat([suppressions.filter(~is_several), each])


def _filled(rows: pl.DataFrame, source: str, week: date) -> pl.DataFrame:
    """With the columns that the landing owns."""
    monday = pl.lit(datetime.combine(week, time(), tzinfo=UTC)).cast(rows.schema["observed_at"])
    return rows.with_columns(
        source=pl.lit(source), batch_id=pl.lit(""), observed_at=pl.coalesce("observed_at", monday)
    )


@cache
def _numbered(schema: type[Landed]) -> type[dy.Schema]:
    """The contract with a row number, which tells where a bad row came from."""
    numbered: type[dy.Schema] = new_class(
        schema.__name__, (schema,), exec_body=lambda body: body.update({ROW_NUMBER: dy.UInt32()})
    )
    return numbered


def _explained(table: Table, failures: pl.DataFrame) -> pl.DataFrame:
    """Row number and reason of each failure: what its broken rules expected and what they found."""
    rules = failures.columns[len(table.columns) + 1 :]
    reasons = [pl.when(pl.col(rule) == "invalid").then(_broken(table, rule)) for rule in rules]
    reason = pl.concat_str(reasons, separator="; ", ignore_nulls=True)
    return failures.select(ROW_NUMBER, _reason=reason)


def _broken(table: Table, rule: str) -> pl.Expr:
    column, _, kind = rule.partition("|")
    if not kind:
        return pl.lit(f"expected that {rule.replace('_', ' ')}")
    if kind == "nullability":
        return pl.lit(f"{column} is missing")
    bounds = table.schema.columns()[column]
    expected = {
        "min": f"at least {getattr(bounds, 'min', None)}",
        "max": f"at most {getattr(bounds, 'max', None)}",
        "inf": "a finite number",
        "nan": "a number",
    }.get(kind, kind.removeprefix("check__"))
    found = pl.col(column).cast(pl.String)
    return pl.format(f"expected {column} to be {expected}, found {{}}", found)


def _rejects(table: Table, rejected: pl.DataFrame, reason: str) -> pl.DataFrame:
    """The rows set aside, each as JSON with its reason and where it stood."""
    columns = [name for name in table.columns if name != "batch_id"]
    return rejected.select(
        file="_file", line="_line", reason=reason, row=pl.struct(columns).struct.json_encode()
    )
