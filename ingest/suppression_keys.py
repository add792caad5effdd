"""What the keys of a list of whom to leave alone are: domains, addresses of people, or digests.

What belongs here: telling the kind of a key that says none. What doesn't: its spelling, which is
the landing's (`conform.py`).
"""

import polars as pl

from ingest.convert import stripped
from ingest.normalise import clean, email_addresses, email_digest, registrable_domain


def with_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """The kind of each key: as a column says, else what the cell can only be.

    What has an @ and is no e-mail address might be meant for a domain or a person, so it is none.
    """
    key = clean(rows["key"])
    is_digest = email_digest(key).is_not_null()
    is_email = email_addresses(key).list.len() > 0
    is_domain = registrable_domain(key).is_not_null() & ~key.str.contains("@|,|;")
    told = pl.col("key_kind") if "key_kind" in rows.columns else pl.lit(None, pl.String)
    guessed = (
        pl.when(is_digest)
        .then(pl.lit("email_sha256"))
        .when(is_email)
        .then(pl.lit("email"))
        .when(is_domain)
        .then(pl.lit("domain"))
    )
    kind = pl.coalesce(stripped(told), guessed)
    expected = "expected a domain, an e-mail address or the SHA-256 of one, found {}"
    problem = pl.format(expected, pl.lit(key).fill_null("nothing"))
    return rows.with_columns(
        key=key,
        key_kind=kind,
        _reject=pl.coalesce("_reject", pl.when(kind.is_null()).then(problem)),
    )
