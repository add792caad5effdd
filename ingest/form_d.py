"""Form D filings as rows of text: from one filing, or from one of the SEC's quarterly sets.

What belongs here: where a field of the form stands in XML and in the sets' tables. What doesn't:
what is made of it (`sources/sec_form_d.py`). Both give the same columns, FILING and PERSON, and a
filing that can't be used has a `_reject`.
"""

import re
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element
from zipfile import ZipFile

import polars as pl

from ingest import edgar, files, markup, zip_members
from ingest.convert import stripped
from ingest.documents.findings import hint
from ingest.errors import SourceRejected
from ingest.files import VENDOR, FileOptions

DOCUMENT_BYTES = 16 * 2**20
TABLE_BYTES = 2 * 2**30
TRUE = ["yes", "y", "true", "t", "1"]

ISSUER = {
    "cik": ("cik", "CIK"),
    "name": ("entityName", "ENTITYNAME"),
    "street1": ("issuerAddress/street1", "STREET1"),
    "street2": ("issuerAddress/street2", "STREET2"),
    "city": ("issuerAddress/city", "CITY"),
    "place": ("issuerAddress/stateOrCountry", "STATEORCOUNTRY"),
    "place_name": ("issuerAddress/stateOrCountryDescription", "STATEORCOUNTRYDESCRIPTION"),
    "postal_code": ("issuerAddress/zipCode", "ZIPCODE"),
    "phone": ("issuerPhoneNumber", "ISSUERPHONENUMBER"),
    "jurisdiction": ("jurisdictionOfInc", "JURISDICTIONOFINC"),
    "legal_form": ("entityType", "ENTITYTYPE"),
    "founded": ("yearOfInc/value", "YEAROFINC_VALUE_ENTERED"),
}
OFFERING = {
    "industry": ("industryGroup/industryGroupType", "INDUSTRYGROUPTYPE"),
    "revenue": ("issuerSize/revenueRange", "REVENUERANGE"),
    "previous": (
        "typeOfFiling/newOrAmendment/previousAccessionNumber",
        "PREVIOUSACCESSIONNUMBER",
    ),
    "sale": ("typeOfFiling/dateOfFirstSale/value", "SALE_DATE"),
    "is_pooled": (
        "typesOfSecuritiesOffered/isPooledInvestmentFundType",
        "ISPOOLEDINVESTMENTFUNDTYPE",
    ),
    "offered": ("offeringSalesAmounts/totalOfferingAmount", "TOTALOFFERINGAMOUNT"),
    "sold": ("offeringSalesAmounts/totalAmountSold", "TOTALAMOUNTSOLD"),
    "investors": ("investors/totalNumberAlreadyInvested", "TOTALNUMBERALREADYINVESTED"),
}
NAME = {
    "first": ("relatedPersonName/firstName", "FIRSTNAME"),
    "middle": ("relatedPersonName/middleName", "MIDDLENAME"),
    "last": ("relatedPersonName/lastName", "LASTNAME"),
    "clarification": ("relationshipClarification", "RELATIONSHIPCLARIFICATION"),
}
FORMER = {
    **{f"former{n}": f"ISSUER_PREVIOUSNAME_{n}" for n in (1, 2, 3)},
    **{f"former{n + 3}": f"EDGAR_PREVIOUSNAME_{n}" for n in (1, 2, 3)},
}
RELATIONS = {f"relation{n}": f"RELATIONSHIP_{n}" for n in (1, 2, 3)}
# The tables of a set: our names and theirs.
ACCESSION = {"accession": "ACCESSIONNUMBER"}
SUBMISSIONS = {**ACCESSION, "form": "SUBMISSIONTYPE", "filed": "FILING_DATE", "mode": "TESTORLIVE"}
ISSUERS = {
    **ACCESSION,
    "is_primary": "IS_PRIMARYISSUER_FLAG",
    **{ours: theirs for ours, (_, theirs) in ISSUER.items()},
    **FORMER,
}
OFFERINGS = {**ACCESSION, **{ours: theirs for ours, (_, theirs) in OFFERING.items()}}
PEOPLE = {**ACCESSION, **{ours: theirs for ours, (_, theirs) in NAME.items()}, **RELATIONS}
NEEDED = frozenset(
    {"ACCESSIONNUMBER", "SUBMISSIONTYPE", "FILING_DATE"}
    | {"IS_PRIMARYISSUER_FLAG", "CIK", "ENTITYNAME"}
    | {"INDUSTRYGROUPTYPE", "TOTALOFFERINGAMOUNT", "TOTALAMOUNTSOLD"}
    | {"FIRSTNAME", "LASTNAME", "RELATIONSHIP_1"}
)

REMARKS: dict[str, Any] = {"_file": pl.String, "_line": pl.Int64, "_reject": pl.String}
FILING: dict[str, Any] = {
    **dict.fromkeys(
        ["accession", "form", "filed", "mode", "accepted", "signed", *ISSUER, *FORMER, *OFFERING],
        pl.String,
    ),
    **REMARKS,
}
PERSON: dict[str, Any] = {**dict.fromkeys(PEOPLE, pl.String), **REMARKS}
HEADER = {
    "accession": re.compile(rb"ACCESSION NUMBER:\s*([\d-]+)"),
    "accepted": re.compile(rb"<ACCEPTANCE-DATETIME>(\d{14})"),
    "filed": re.compile(rb"FILED AS OF DATE:\s*(\d{8})"),
}


class Filings(NamedTuple):
    """Rows of filings (FILING) and of the people in them (PERSON)."""

    filings: pl.DataFrame
    people: pl.DataFrame


NOTHING = Filings(pl.DataFrame(schema=FILING), pl.DataFrame(schema=PERSON))


def rejected(name: str, reason: str) -> Filings:
    """In place of what could not be read: one row that says why."""
    row = {"_file": name, "_reject": reason}
    return Filings(pl.DataFrame([row], FILING), NOTHING.people)


def read_document(name: str, body: bytes) -> Filings:
    """One filing, as its XML or as the whole submission around it.

    The XML tells neither its accession number nor its day: the number is taken from `name` where
    it holds one, else the hash of the XML stands for it.
    """
    try:
        filing, people = _document(name, body)
    except ValueError as error:
        return rejected(name, str(error))
    placed = [{**person, "accession": filing["accession"], "_file": name} for person in people]
    return Filings(pl.DataFrame([{**filing, "_file": name}], FILING), pl.DataFrame(placed, PERSON))


def read_set(source: str, path: Path, scratch: Path, encoding: str) -> Filings:
    """One of the SEC's quarterly sets; SourceRejected where a table or a column is missing."""
    with zip_members.opened(source, path) as archive:
        read = partial(_table, source, path.name, archive, scratch, encoding)
        submissions, issuers = read("FORMDSUBMISSION", SUBMISSIONS), read("ISSUERS", ISSUERS)
        offerings, people = read("OFFERING", OFFERINGS), read("RELATEDPERSONS", PEOPLE)
    primary = issuers.filter(pl.col("is_primary").str.to_lowercase().is_in(TRUE))
    joined = _first(submissions)
    for table in (primary, offerings):
        found = _first(table).drop("_file", "_line", "_reject")
        joined = joined.join(found, on="accession", how="left", maintain_order="left")
    lacks = pl.coalesce(
        _lacks(primary, "ISSUERS.tsv has no primary issuer of this filing"),
        _lacks(offerings, "OFFERING.tsv has no row of this filing"),
    )
    broken = [
        table.filter(pl.col("_reject").is_not_null()) for table in (submissions, issuers, offerings)
    ]
    filings = pl.concat([joined.with_columns(_reject=lacks), *broken], how="diagonal")
    return Filings(_in(FILING, filings), _in(PERSON, people))


def _document(name: str, body: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if len(body) > DOCUMENT_BYTES:
        raise ValueError(f"is larger than the cap of {DOCUMENT_BYTES:,} bytes")
    header, mark, inside = body.partition(b"<XML>")
    text = (inside.partition(b"</XML>")[0] if mark else body).strip()
    root = markup.parsed(text)
    issuer, offering = root.find("primaryIssuer"), root.find("offeringData")
    if issuer is None or offering is None:
        raise ValueError("expected a Form D, with primaryIssuer and offeringData")
    told = {ours: pattern.search(header) if mark else None for ours, pattern in HEADER.items()}
    known = {ours: found[1].decode() for ours, found in told.items() if found}
    number = edgar.accession_in(known.get("accession") or name)
    filing = {
        **known,
        "accession": number or sha256(text).hexdigest()[:20],
        "form": _text(root, "submissionType"),
        "mode": _text(root, "testOrLive"),
        "signed": _text(offering, "signatureBlock/signature/signatureDate"),
        **{ours: _text(issuer, path) for ours, (path, _) in ISSUER.items()},
        **dict(zip(FORMER, _former_names(issuer), strict=False)),
        **{ours: _text(offering, path) for ours, (path, _) in OFFERING.items()},
    }
    return filing, [_person(info) for info in root.iterfind("relatedPersonsList/relatedPersonInfo")]


def _former_names(issuer: Element) -> list[str | None]:
    lists = ("issuerPreviousNameList/*", "edgarPreviousNameList/*")
    return [entry.text for entry in chain.from_iterable(map(issuer.iterfind, lists))]


def _person(info: Element) -> dict[str, Any]:
    relations = info.iterfind("relatedPersonRelationshipList/relationship")
    return {
        **{ours: _text(info, path) for ours, (path, _) in NAME.items()},
        **dict(zip(RELATIONS, (entry.text for entry in relations), strict=False)),
    }


def _text(element: Element, path: str) -> str | None:
    return (element.findtext(path) or "").strip() or None


def _table(
    source: str,
    set_name: str,
    archive: ZipFile,
    scratch: Path,
    encoding: str,
    name: str,
    columns: Mapping[str, str],
) -> pl.DataFrame:
    """One table of a set in our columns; the row of each line that is broken has a `_reject`."""
    place = f"{set_name}/{name}.tsv"
    inside = {info.filename.rpartition("/")[2].lower(): info for info in archive.infolist()}
    info = inside.get(f"{name}.tsv".lower())
    if info is None:
        raise SourceRejected(source, f"{place} is not there; expected a Form D set of the SEC's")
    path = scratch / f"{name}.tsv"
    try:
        with path.open("wb") as file:
            file.writelines(zip_members.chunks(archive, info, TABLE_BYTES))
    except ValueError as error:
        raise SourceRejected(source, f"{place} {error}") from None
    options = FileOptions(path=path.name, url=None, format="tsv", quoted=False, encoding=encoding)
    rows = pl.concat(files.read(source, path, options))
    for theirs in NEEDED.intersection(columns.values()).difference(_bare(rows)):
        near = hint(theirs, _bare(rows))
        raise SourceRejected(source, f"{place}: expected a column {theirs}, found none{near}")
    read = {
        ours: _unquoted(VENDOR + theirs) if theirs in _bare(rows) else pl.lit(None, pl.String)
        for ours, theirs in columns.items()
    }
    return rows.select("_line", "_reject", _file=pl.lit(place), **read)


def _bare(rows: pl.DataFrame) -> list[str]:
    return [name.removeprefix(VENDOR) for name in rows.columns if name.startswith(VENDOR)]


def _unquoted(name: str) -> pl.Expr:
    """The sets quote nothing; what a tool quoted on its way is taken as it was meant."""
    text = stripped(pl.col(name))
    inner = text.str.head(-1).str.tail(-1).str.replace_all('""', '"', literal=True)
    return pl.when(text.str.contains(r'^".*"$')).then(inner).otherwise(text)


def _first(table: pl.DataFrame) -> pl.DataFrame:
    """The rows that are whole, the first of each filing."""
    whole = table.filter(pl.col("_reject").is_null())
    return whole.unique("accession", keep="first", maintain_order=True)


def _lacks(table: pl.DataFrame, reason: str) -> pl.Expr:
    known = _first(table)["accession"].drop_nulls().to_list()
    return pl.when(~pl.col("accession").is_in(known)).then(pl.lit(reason))


def _in(schema: Mapping[str, Any], rows: pl.DataFrame) -> pl.DataFrame:
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in rows.columns
    ]
    return rows.with_columns(missing).select(list(schema))
