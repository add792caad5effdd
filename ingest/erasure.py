"""Who asked to be erased, known by digests alone, and what is theirs among a table's rows.

What belongs here: the store `PROSPECT_HOME/erased.parquet`, and telling a person's rows and
addresses from others by it. What doesn't: taking them out of files (`landed_erasure.py`).

A person is known by three kinds of text: an e-mail address, a record of a source with the name that
it bears, and the key of a profile. The store holds SHA-256 of each, nothing else. It may hold some
of an older program, which count: records (`source:source_contact_id`) without a name, and profiles
as they were spelt.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from ingest.normalise import email_in_ascii, name_keys, profile_key
from ingest.settings import Settings
from ingest.tables import Table

SOURCE = "prospects-erase"
"""The source under which suppressions land that follow from erasures; sources.yml can't name it."""

MARK = "erased on request"
KINDS = ("email", "record", "profile")
TELLING = ("source", "source_contact_id", "full_name", "email", "profile_url")
"""The columns of contacts that tell one person from another."""

# Columns that are compared as a whole.
_COMPARED = {"contacts": {"email"}, "owners": {"email"}, "suppressions": {"key"}}
# Bounded, since Python would otherwise read a text of nothing but letters again from each of them;
# Polars never does, and can't take the bounds.
_ADDRESS = re.compile(r"[\w+%][\w.+%'-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.\w{2,63}")
_ADDRESS_IN_POLARS = r"[\w+%][\w.+%'-]*@[\w-]+(?:\.[\w-]+)*\.\w{2,}"


@dataclass(frozen=True)
class Erased:
    """Digests of all that the erased were known by."""

    emails: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.emails or self.records or self.profiles)

    def __or__(self, other: "Erased") -> "Erased":
        return Erased(
            self.emails | other.emails,
            self.records | other.records,
            self.profiles | other.profiles,
        )

    def mentioned_in(self, text: str) -> bool:
        """Whether an erased address stands anywhere in the text."""
        return any(digest(found.lower()) in self.emails for found in _addresses(text))

    def blotted(self, text: str) -> str:
        """The text with MARK for every erased address in it."""
        return _ADDRESS.sub(self._or_mark, text) if "@" in text else text

    def _or_mark(self, found: re.Match[str]) -> str:
        return MARK if digest(found[0].lower()) in self.emails else found[0]


def digest(text: str) -> str:
    """SHA-256 of a text in hex."""
    return sha256(text.encode()).hexdigest()


def email_digests(emails: Iterable[str]) -> frozenset[str]:
    """Of addresses as they land, and as they did before hosts of other letters had one spelling."""
    return frozenset(digest(text) for email in emails for text in {email, email_in_ascii(email)})


def store(settings: Settings) -> Path:
    """Where the digests lie: kind, sha256."""
    return settings.home / "erased.parquet"


def read_erased(settings: Settings) -> Erased:
    """The store; nobody is in it before the first erasure."""
    path = store(settings)
    if not path.exists():
        return Erased()
    rows = pl.read_parquet(path)
    return Erased(*(frozenset(rows.filter(kind=kind)["sha256"]) for kind in KINDS))


def is_theirs(contacts: pl.DataFrame, erased: Erased) -> pl.Series:
    """Which rows are of erased people: by address, by profile, or by record.

    Needs the columns TELLING as they land.
    """
    return (
        _among(contacts["email"], erased.emails)
        | _by_profile(contacts, erased)
        | _by_record(contacts, erased)
    )


def told_by(contacts: pl.DataFrame) -> Erased:
    """The records, each with its name, and the profiles of rows that are of erased people."""
    records = contacts.select(_records(contacts), "full_name").drop_nulls("record").iter_rows()
    profiles = _profiles(contacts["profile_url"]).drop_nulls()
    return Erased(
        records=frozenset(_named(record, key) for record, name in records for key in _names(name)),
        profiles=frozenset(map(digest, profiles)),
    )


def without_erased(table: Table, rows: pl.DataFrame, erased: Erased) -> pl.DataFrame:
    """The landed rows of a table without the erased, in any order.

    Their records are left out, as contacts and as owners, suppressions by address become ones by
    hash, and where their address stands in another text there is MARK; a row whose key holds it is
    left out. Rows that have nothing of theirs come back as they are.
    """
    if not erased:
        return rows
    if table.name == "contacts":
        rows = rows.filter(~is_theirs(rows, erased))
    if table.name == "owners":
        rows = rows.filter(~_among(rows["email"], erased.emails))
    if table.name == "suppressions":
        rows = _with_hashed_keys(rows, erased)
    return _without_addresses(table, rows, erased)


def contacts_set_aside(rejects: pl.DataFrame) -> pl.DataFrame:
    """The columns TELLING of rejected contacts, row by row."""
    return rejects.select(pl.col("row").str.json_path_match(f"$.{n}").alias(n) for n in TELLING)


def rejects_without_erased(table: str, rejects: pl.DataFrame, erased: Erased) -> pl.DataFrame:
    """The rows set aside without those that are of an erased person or hold their address."""
    if not erased:
        return rejects
    is_gone = _mentioned(rejects["row"], erased) | _mentioned(rejects["reason"], erased)
    if table == "contacts":
        is_gone |= is_theirs(contacts_set_aside(rejects), erased)
    return rejects.filter(~is_gone)


def _by_profile(contacts: pl.DataFrame, erased: Erased) -> pl.Series:
    keys = _profiles(contacts["profile_url"])
    is_spelt_so = _among(contacts["profile_url"], erased.profiles)
    return _among(keys, erased.profiles) | (is_spelt_so & keys.is_not_null())


def _profiles(urls: pl.Series) -> pl.Series:
    """The keys of profiles. Of other hosts than these two the whole address counts where it has a
    query, which may be all that tells one person from another."""
    keys = profile_key(urls)
    is_of_others = ~keys.str.contains(r"^(?:linkedin|x)\.com/")
    is_told_by_query = (urls.str.contains("?", literal=True) & is_of_others).fill_null(value=False)
    return keys.zip_with(~is_told_by_query, urls.str.to_lowercase())


def _by_record(contacts: pl.DataFrame, erased: Erased) -> pl.Series:
    """Which rows are of their records, under a name that these bore or without anything to tell.

    Another name is somebody else's: some sources number their rows anew with each delivery.
    """
    records = _records(contacts)
    known = _among(records + "\n", erased.records).arg_true()
    names, urls = (contacts[name].gather(known) for name in ("full_name", "profile_url"))
    told = zip(records.gather(known), names, _profiles(urls), strict=True)
    is_borne = [_is_borne(erased, *row) for row in told]
    borne = known.filter(pl.Series(is_borne, dtype=pl.Boolean))
    return _among(records, erased.records).scatter(borne, values=True)


def _is_borne(erased: Erased, record: str, name: str | None, profile: str | None) -> bool:
    keys = name_keys(name)
    if not keys:
        return profile is None
    return any(_named(record, key) in erased.records for key in keys)


def _records(contacts: pl.DataFrame) -> pl.Series:
    record = pl.concat_str("source", pl.lit(":"), "source_contact_id")
    return contacts.select(record.alias("record")).to_series()


def _names(name: str | None) -> set[str]:
    """The keys of a name, and the empty one by which its record is known at all."""
    return {"", *name_keys(name)}


def _named(record: str, key: str) -> str:
    return digest(f"{record}\n{key}")


def _addresses(text: str) -> Iterable[str]:
    return _ADDRESS.findall(text) if "@" in text else ()


def _among(texts: pl.Series, digests: frozenset[str]) -> pl.Series:
    """Whether each text's digest is one of these; hashes each distinct text once.

    Addresses landed in other letters as they were written, before they had one spelling.
    """
    distinct = texts.drop_nulls().unique() if digests else texts.clear()
    known = [
        text
        for text in distinct
        if digest(text) in digests
        or (not text.isascii() and digest(email_in_ascii(text)) in digests)
    ]
    return texts.is_in(known).fill_null(value=False)


def _mentioned(texts: pl.Series, erased: Erased) -> pl.Series:
    found = [text is not None and erased.mentioned_in(text) for text in texts]
    return pl.Series(found, dtype=pl.Boolean)


def _with_hashed_keys(suppressions: pl.DataFrame, erased: Erased) -> pl.DataFrame:
    """A suppression by an erased address as one by its hash, which suppresses as well."""
    is_plain = pl.Series(suppressions["key_kind"] == "email")
    is_plain &= _among(suppressions["key"], erased.emails)
    if not is_plain.any():
        return suppressions
    hashed = suppressions.filter(is_plain).with_columns(
        key_kind=pl.lit("email_sha256"), key=pl.col("key").map_elements(digest, pl.String)
    )
    return pl.concat([suppressions.filter(~is_plain), hashed])


def _without_addresses(table: Table, rows: pl.DataFrame, erased: Erased) -> pl.DataFrame:
    """Only the few rows that hold an erased address are looked at one by one."""
    columns = [
        _texts(name, dtype)
        for name, dtype in rows.schema.items()
        if _is_text(dtype) and name not in _COMPARED.get(table.name, ())
    ]
    found = _spellings(rows, columns, erased)
    if not found:
        return rows
    holds_one = [
        texts.list.eval(pl.element().str.contains_any(found)).list.any() for texts in columns
    ]
    is_theirs = rows.select(pl.any_horizontal(holds_one).fill_null(value=False)).to_series()
    before = rows.filter(is_theirs).to_dicts()
    after = [_cleared(row, erased) for row in before]
    kept = [
        new
        for old, new in zip(before, after, strict=True)
        if all(new[name] == old[name] for name in table.key)
    ]
    return pl.concat([rows.filter(~is_theirs), pl.DataFrame(kept, rows.schema)])


def _is_text(dtype: pl.DataType) -> bool:
    return dtype == pl.String or isinstance(dtype, pl.List)


def _texts(name: str, dtype: pl.DataType) -> pl.Expr:
    """The texts of a column, as a list for each row; lists hold texts, or keys and values."""
    if dtype == pl.String:
        return pl.concat_list(name)
    inner = dtype.inner  # type: ignore[attr-defined]
    return pl.col(name).list.eval(
        pl.element() if inner == pl.String else pl.element().struct.field("value")
    )


def _spellings(rows: pl.DataFrame, columns: list[pl.Expr], erased: Erased) -> list[str]:
    """The erased addresses that stand in these texts, as they are spelt there."""
    spelled: set[str] = set()
    for column in columns:
        texts = rows.select(column.list.explode()).to_series()
        with_one = texts.filter(texts.str.contains("@", literal=True))
        spelled |= set(with_one.str.extract_all(_ADDRESS_IN_POLARS).explode().drop_nulls())
    return [address for address in spelled if digest(address.lower()) in erased.emails]


def _cleared(value: Any, erased: Erased) -> Any:
    """The value with MARK for every erased address in its texts."""
    if isinstance(value, str):
        return erased.blotted(value)
    if isinstance(value, list):
        return [_cleared(item, erased) for item in value]
    if isinstance(value, dict):
        return {name: _cleared(item, erased) for name, item in value.items()}
    return value
