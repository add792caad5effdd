"""A record of GLEIF's: its fields, and the companies and relationships that they become.

What belongs here: what API and golden copy have in common, so that both land the same. What
doesn't: asking (`api.py`) and reading files (`golden_copy.py`).
"""

from datetime import date
from typing import Any, NamedTuple

import polars as pl

from ingest.columns import attribute_entries
from ingest.convert import convert
from ingest.registers import UK_AUTHORITIES, uk_authority, uk_company_number

LEI = r"^[0-9A-Z]{18}[0-9]{2}$"
NO_COMPANY = ("DUPLICATE", "ANNULLED", "CANCELLED", "PENDING_VALIDATION")
NO_REGISTER = ("RA777777", "RA888888", "RA999999")
NO_FORM = ("8888", "9999")
STATUSES = {"ACTIVE": "active", "INACTIVE": "dissolved"}
KINDS = {
    "IS_DIRECTLY_CONSOLIDATED_BY": "parent",
    "IS_ULTIMATELY_CONSOLIDATED_BY": "ultimate_parent",
    "IS_INTERNATIONAL_BRANCH_OF": "head_office",
}
EXCEPTIONS = {
    "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT": "parent_exception",
    "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT": "ultimate_parent_exception",
}
# Of each field the column of the golden copy, and where it stands in a record of the API.
FIELDS = {
    "lei": ("LEI", "lei"),
    "legal_name": ("Entity.LegalName", "entity.legalName.name"),
    "jurisdiction": ("Entity.LegalJurisdiction", "entity.jurisdiction"),
    "entity_category": ("Entity.EntityCategory", "entity.category"),
    "form_code": ("Entity.LegalForm.EntityLegalFormCode", "entity.legalForm.id"),
    "form_text": ("Entity.LegalForm.OtherLegalForm", "entity.legalForm.other"),
    "entity_status": ("Entity.EntityStatus", "entity.status"),
    "created": ("Entity.EntityCreationDate", "entity.creationDate"),
    "expired": ("Entity.EntityExpirationDate", "entity.expiration.date"),
    "expiration_reason": ("Entity.EntityExpirationReason", "entity.expiration.reason"),
    "successor_lei": ("Entity.SuccessorEntity.1.SuccessorLEI", "entity.successorEntity.lei"),
    "authority": (
        "Entity.RegistrationAuthority.RegistrationAuthorityID",
        "entity.registeredAt.id",
    ),
    "number": (
        "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
        "entity.registeredAs",
    ),
    "registration_status": ("Registration.RegistrationStatus", "registration.status"),
    "next_renewal": ("Registration.NextRenewalDate", "registration.nextRenewalDate"),
    "updated": ("Registration.LastUpdateDate", "registration.lastUpdateDate"),
    **{
        f"{kind}_{part}": (f"Entity.{column}.{part.title().replace('_', '')}", f"entity.{path}")
        for kind, column, address in (
            ("headquarters", "HeadquartersAddress", "headquartersAddress"),
            ("legal", "LegalAddress", "legalAddress"),
        )
        for part, path in (
            ("country", f"{address}.country"),
            ("region", f"{address}.region"),
            ("city", f"{address}.city"),
            ("postal_code", f"{address}.postalCode"),
        )
    },
}
STREETS = {
    "headquarters_street": (
        r"Entity\.HeadquartersAddress\.(?:First|Additional)AddressLine(?:\.\d+)?",
        "entity.headquartersAddress.addressLines",
    ),
    "legal_street": (
        r"Entity\.LegalAddress\.(?:First|Additional)AddressLine(?:\.\d+)?",
        "entity.legalAddress.addressLines",
    ),
}
ENTITY: dict[str, Any] = {
    **dict.fromkeys(
        [*FIELDS, *STREETS, *EXCEPTIONS.values(), "_file", "_reject"],
        pl.String,
    ),
    "aliases": pl.List(pl.String),
}
EDGE: dict[str, Any] = dict.fromkeys(
    [
        "child",
        "child_type",
        "parent",
        "parent_type",
        "type",
        "status",
        "registration_status",
        "since",
        "updated",
        "_file",
        "_reject",
    ],
    pl.String,
)


class Filters(NamedTuple):
    """What of GLEIF's records is wanted; what is empty leaves nothing out."""

    leis: tuple[str, ...]
    countries: tuple[str, ...]
    categories: tuple[str, ...]
    registration_statuses: tuple[str, ...]


def is_no_company() -> pl.Expr:
    """Whether a record stands for no company of its own."""
    return pl.col("registration_status").is_in(NO_COMPANY).fill_null(value=False)


def is_broken() -> pl.Expr:
    """Whether a row must be set aside."""
    return pl.col("_reject").is_not_null()


def companies(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the fields of ENTITY as companies.

    They are where their head office is, since the legal address is often a lawyer's.
    """
    year = _day("created").dt.year()
    is_abroad_known = pl.col("headquarters_country").is_not_null()
    address = {
        part: pl.when(is_abroad_known).then(f"headquarters_{part}").otherwise(f"legal_{part}")
        for part in ("country", "region", "city", "postal_code", "street")
    }
    is_uk = pl.col("authority").is_in(UK_AUTHORITIES)
    uk_number = pl.when(is_uk).then(uk_company_number(pl.col("number")))
    authority = pl.coalesce(uk_authority(uk_number), "authority")
    found = pl.col("lei").fill_null("nothing")
    problem = pl.format("expected a LEI of 20 characters, found {}", found)
    attributes = {
        "registration_status": pl.col("registration_status"),
        "next_renewal_date": _time("next_renewal").dt.date().cast(pl.String),
        "entity_category": pl.col("entity_category"),
        "jurisdiction": pl.col("jurisdiction"),
        "legal_country": pl.col("legal_country"),
        "expiration_date": _day("expired").cast(pl.String),
        "expiration_reason": pl.col("expiration_reason"),
        "successor_lei": pl.col("successor_lei"),
        **{name: pl.col(name) for name in EXCEPTIONS.values()},
    }
    return rows.select(
        "_file",
        *(["_line"] if "_line" in rows.columns else []),
        "lei",
        "aliases",
        source_company_id="lei",
        name="legal_name",
        **address,
        founded_year=pl.when(year.is_between(1000, 2200)).then(year),
        legal_form=pl.when(pl.col("form_code").is_in(NO_FORM))
        .then("form_text")
        .otherwise(pl.coalesce("form_code", "form_text")),
        status=pl.col("entity_status").replace_strict(STATUSES, default=None),
        registration_authority=pl.when(~authority.is_in(NO_REGISTER)).then(authority),
        registration_number=pl.coalesce(uk_number, "number"),
        observed_at=_time("updated"),
        attributes=attribute_entries(attributes),
        _reject=pl.coalesce(
            "_reject",
            pl.when(~pl.col("lei").str.contains(LEI).fill_null(value=False)).then(problem),
        ),
    )


def relationships(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the fields of EDGE as relationships between companies; funds' are no ownership."""
    is_known = pl.col("type").is_in(list(KINDS)) & ~is_no_company()
    is_between_leis = pl.all_horizontal(
        pl.col("child_type", "parent_type").fill_null("LEI") == "LEI"
    )
    is_over = (pl.col("registration_status") == "RETIRED") | (pl.col("status") == "INACTIVE")
    return rows.filter(is_broken() | (is_known & is_between_leis)).select(
        "_file",
        *(["_line"] if "_line" in rows.columns else []),
        "_reject",
        child_source_company_id="child",
        parent_source_company_id="parent",
        kind=pl.col("type").replace_strict(KINDS, default=None),
        is_active=pl.when(is_over)
        .then(pl.lit(value=False))
        .when(status="ACTIVE")
        .then(pl.lit(value=True)),
        since_date=_day("since"),
        observed_at=_time("updated"),
    )


def _time(name: str) -> pl.Expr:
    return convert(pl.col(name), "timestamp", date.min)


def _day(name: str) -> pl.Expr:
    """Days are given as midnights of some place; half a day later it is that day in UTC too."""
    return _time(name).dt.offset_by("12h").dt.date()
