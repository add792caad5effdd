"""Companies House: the monthly snapshot, whole, with leading zeros and days before months.

All companies are made up.
"""

from __future__ import annotations

import csv
import io
import logging
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from ingest.batches import batches_of
from ingest.errors import DocumentError, SourceNotFound, SourceRejected
from tests.support.landing import settings_in, tree
from tests.support.sources import Landed, fetched

# As the file writes them: some begin with a blank.
HEADER = [
    "CompanyName",
    " CompanyNumber",
    "RegAddress.CareOf",
    "RegAddress.POBox",
    "RegAddress.AddressLine1",
    " RegAddress.AddressLine2",
    "RegAddress.PostTown",
    "RegAddress.County",
    "RegAddress.Country",
    "RegAddress.PostCode",
    "CompanyCategory",
    "CompanyStatus",
    "CountryOfOrigin",
    "DissolutionDate",
    "IncorporationDate",
    "Accounts.AccountRefDay",
    "Accounts.AccountRefMonth",
    "Accounts.NextDueDate",
    "Accounts.LastMadeUpDate",
    "Accounts.AccountCategory",
    "Returns.NextDueDate",
    "Returns.LastMadeUpDate",
    "Mortgages.NumMortCharges",
    "Mortgages.NumMortOutstanding",
    "Mortgages.NumMortPartSatisfied",
    "Mortgages.NumMortSatisfied",
    *(f"SICCode.SicText_{n}" for n in range(1, 5)),
    "LimitedPartnerships.NumGenPartners",
    "LimitedPartnerships.NumLimPartners",
    "URI",
    *(
        f"{blank}PreviousName_{n}.{what}"
        for n in range(1, 11)
        for blank, what in (("", "CONDATE"), (" ", "CompanyName"))
    ),
    "ConfStmtNextDueDate",
    " ConfStmtLastMadeUpDate",
]
USUAL = {
    "CompanyName": "MADEUP WIDGETS LIMITED",
    " CompanyNumber": "00012345",
    "RegAddress.AddressLine1": "1 MADE UP STREET",
    " RegAddress.AddressLine2": "OLD MILL",
    "RegAddress.PostTown": "LEEDS",
    "RegAddress.County": "WEST YORKSHIRE",
    "RegAddress.Country": "ENGLAND",
    "RegAddress.PostCode": "LS1 1AA",
    "CompanyCategory": "Private Limited Company",
    "CompanyStatus": "Active",
    "CountryOfOrigin": "United Kingdom",
    "IncorporationDate": "03/02/1998",
    "Accounts.LastMadeUpDate": "31/12/2025",
    "Accounts.NextDueDate": "30/09/2027",
    "Accounts.AccountCategory": "MICRO ENTITY",
    "Mortgages.NumMortOutstanding": "2",
    "SICCode.SicText_1": "70229 - Management consultancy other than financial management",
    "SICCode.SicText_2": "62020 - Information technology consultancy activities",
}
SOURCE = "connector: companies_house\npath: drops/*"
MONTH = "/BasicCompanyDataAsOneFile-2026-11-01.zip"
MONTH_BEFORE = "/BasicCompanyDataAsOneFile-2026-10-01.zip"


def snapshot(*companies: dict[str, str], header: list[str] = HEADER) -> str:
    """The file's text: every value quoted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", quoting=csv.QUOTE_ALL, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(USUAL | company for company in companies)
    return text.getvalue()


def zipped(*companies: dict[str, str]) -> bytes:
    """The file as it is downloaded."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("BasicCompanyDataAsOneFile-2026-11-01.csv", snapshot(*companies))
    return packed.getvalue()


def drop(folder: Path, name: str, content: str | bytes) -> None:
    """Put a file where the source looks for it."""
    (folder / "drops").mkdir(exist_ok=True)
    (folder / "drops" / name).write_bytes(content.encode() if isinstance(content, str) else content)


def landed(folder: Path, *companies: dict[str, str], options: str = "") -> Landed:
    """These companies, landed."""
    drop(folder, "BasicCompanyData.csv", snapshot(*companies))
    return fetched(folder, f"{SOURCE}\n{options}")["companies"]


def attributes(row: dict[str, Any]) -> dict[str, str]:
    """A company's attributes."""
    return {entry["key"]: entry["value"] for entry in row["attributes"]}


def test_a_row_becomes_a_company(tmp_path: Path) -> None:
    """Register, address, industry and age; of web and heads it knows nothing."""
    found = landed(tmp_path, {}).rows.row(0, named=True)

    expected = {
        "source_company_id": "00012345",
        "name": "MADEUP WIDGETS LIMITED",
        "aliases": None,
        "country": "GB",
        "region": "WEST YORKSHIRE",
        "city": "LEEDS",
        "postal_code": "LS1 1AA",
        "street": "1 MADE UP STREET, OLD MILL",
        "industry": "Management consultancy other than financial management",
        "industry_code": "70229",
        "industry_system": "uk_sic",
        "founded_year": 1998,
        "legal_form": "Private Limited Company",
        "status": "active",
        "registration_authority": "RA000585",
        "registration_number": "00012345",
        "domain": None,
        "employees": None,
        "employees_low": None,
        "employees_high": None,
    }
    assert {name: found[name] for name in expected} == expected
    assert attributes(found) == {
        "accounts_category": "MICRO ENTITY",
        "accounts_made_up_to": "2025-12-31",
        "accounts_next_due": "2027-09-30",
        "accounts_size": "micro",
        "charges_outstanding": "2",
        "company_status": "Active",
        "country_of_origin": "United Kingdom",
        "incorporation_date": "1998-02-03",
        "sic_codes": "70229; 62020",
    }


def test_previous_names_are_aliases(tmp_path: Path) -> None:
    """Up to ten."""
    former = {f" PreviousName_{n}.CompanyName": f"FORMER {n} LTD" for n in range(1, 11)}

    found = landed(tmp_path, former)

    assert found.rows["aliases"].to_list() == [[f"FORMER {n} LTD" for n in range(1, 11)]]


@pytest.mark.parametrize(
    ("number", "spelled", "authority"),
    [
        ("00012345", "00012345", "RA000585"),
        ("12345", "00012345", "RA000585"),
        ("OC300001", "OC300001", "RA000585"),
        ("SC005336", "SC005336", "RA000587"),
        ("SO301234", "SO301234", "RA000587"),
        ("NI006176", "NI006176", "RA000586"),
        ("R0000123", "R0000123", "RA000586"),
        ("IP12345R", "IP12345R", "RA000585"),
        ("FC012345", "FC012345", "RA000585"),
    ],
)
def test_a_number_keeps_its_zeros_and_tells_its_register(
    tmp_path: Path, number: str, spelled: str, authority: str
) -> None:
    """Of England and Wales, Scotland or Northern Ireland, by the codes that GLEIF gives them."""
    rows = landed(tmp_path, {" CompanyNumber": number}).rows

    assert rows.select("source_company_id", "registration_number", "registration_authority").row(
        0
    ) == (spelled, spelled, authority)


@pytest.mark.parametrize("number", ["", "123456789", "UNKNOWN", "12-345"])
def test_a_row_without_a_company_number_is_set_aside(tmp_path: Path, number: str) -> None:
    """With its line."""
    found = landed(tmp_path, {}, {" CompanyNumber": number})

    assert found.batch.rows == 1
    assert found.rejects.select("line", "reason").rows() == [
        (3, f"expected a company number of 8 characters, found {number or 'nothing'}")
    ]


@pytest.mark.parametrize(
    ("written", "dissolved", "status"),
    [
        ("Active", "", "active"),
        ("Active - Proposal to Strike off", "", "active"),
        ("Liquidation", "", "insolvent"),
        ("In Administration", "", "insolvent"),
        ("In Administration/Administrative Receiver", "", "insolvent"),
        ("Live but Receiver Manager on at least one charge", "", "insolvent"),
        ("Voluntary Arrangement", "", "insolvent"),
        ("RECEIVERSHIP", "", "insolvent"),
        ("Dissolved", "", "dissolved"),
        ("Converted/Closed", "", "dissolved"),
        ("Active", "01/02/2026", "dissolved"),
        ("A word of next year", "", None),
    ],
)
def test_what_becomes_of_a_status(
    tmp_path: Path, written: str, dissolved: str, status: str | None
) -> None:
    """Its own words stay, as an attribute."""
    row = landed(tmp_path, {"CompanyStatus": written, "DissolutionDate": dissolved}).rows.row(
        0, named=True
    )

    assert row["status"] == status
    assert attributes(row)["company_status"] == written
    assert attributes(row).get("dissolution_date") == ("2026-02-01" if dissolved else None)


@pytest.mark.parametrize(
    ("category", "size"),
    [
        ("MICRO ENTITY", "micro"),
        ("TOTAL EXEMPTION FULL", "small"),
        ("UNAUDITED ABRIDGED", "small"),
        ("MEDIUM", "medium"),
        ("DORMANT", "dormant"),
        ("FULL", None),
        ("GROUP", None),
        ("NO ACCOUNTS FILED", None),
    ],
)
def test_accounts_hint_at_a_size_and_are_no_head_count(
    tmp_path: Path, category: str, size: str | None
) -> None:
    """Full accounts anybody may file."""
    row = landed(tmp_path, {"Accounts.AccountCategory": category}).rows.row(0, named=True)

    assert attributes(row).get("accounts_size") == size
    assert (row["employees"], row["employees_low"], row["employees_high"]) == (None, None, None)


@pytest.mark.parametrize(
    ("country", "origin", "expected"),
    [
        ("ENGLAND", "United Kingdom", "GB"),
        ("SCOTLAND", "United Kingdom", "GB"),
        ("", "United Kingdom", "GB"),
        ("ENGLAND & WALES", "United Kingdom", "GB"),
        ("GERMANY", "GERMANY", "DE"),
        ("VIRGIN ISLANDS, BRITISH", "VIRGIN ISLANDS, BRITISH", "VG"),
        ("", "", None),
    ],
)
def test_a_company_is_where_its_address_is(
    tmp_path: Path, country: str, origin: str, expected: str | None
) -> None:
    """An address that names no country is where the company is from."""
    rows = landed(tmp_path, {"RegAddress.Country": country, "CountryOfOrigin": origin}).rows

    assert rows["country"].to_list() == [expected]


def test_no_industry_is_none(tmp_path: Path) -> None:
    """The file says so in words."""
    row = landed(
        tmp_path, {"SICCode.SicText_1": "None Supplied", "SICCode.SicText_2": ""}
    ).rows.row(0, named=True)

    assert (row["industry"], row["industry_code"], row["industry_system"]) == (None, None, None)


def test_a_date_that_is_none_is_counted(tmp_path: Path) -> None:
    """Days stand before months; no date is guessed."""
    found = landed(tmp_path, {"IncorporationDate": "02/13/1998"}, {" CompanyNumber": "00000002"})

    assert found.rows["founded_year"].to_list() == [1998, None]
    assert found.batch.unconverted == 1


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ("statuses: [active]", ["1", "2"]),
        ("sic: ['70', '62020']", ["1", "3"]),
        ("postcodes: [ls, SW1A]", ["1", "3"]),
        ("statuses: [active]\npostcodes: [LS]", ["1"]),
        ("statuses: [dissolved]", []),
    ],
)
def test_filters_leave_out_and_do_not_reject(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    options: str,
    numbers: list[str],
) -> None:
    """Nobody needs five million companies; what is left out is counted in the log."""
    companies = [
        {" CompanyNumber": "1"},
        {
            " CompanyNumber": "2",
            "SICCode.SicText_1": "01110 - Growing of cereals",
            "SICCode.SicText_2": "",
            "RegAddress.PostCode": "",
        },
        {
            " CompanyNumber": "3",
            "CompanyStatus": "Liquidation",
            "SICCode.SicText_1": "01110 - Growing of cereals",
        },
    ]

    with caplog.at_level(logging.INFO):
        found = landed(tmp_path, *companies, options=options)

    left_out = f"{3 - len(numbers)} of 3 companies are left out"
    assert found.rows["source_company_id"].str.strip_chars_start("0").to_list() == numbers
    assert found.batch.rejects == 0
    assert left_out in caplog.text


def test_a_broken_row_is_set_aside_whatever_the_filters(tmp_path: Path) -> None:
    """It might have been one that was wanted."""
    good, bad = snapshot({}).splitlines(keepends=True)[1], '"MADEUP","1"\r\n'
    drop(tmp_path, "a.csv", snapshot() + bad + good)

    found = fetched(tmp_path, f"{SOURCE}\nstatuses: [active]")["companies"]

    assert found.batch.rows == 1
    assert found.rejects.select("file", "line", "reason").rows() == [
        ("a.csv", 2, "expected 55 values, found 2")
    ]


def test_a_new_column_is_recorded_and_a_lost_one_stops_the_load(tmp_path: Path) -> None:
    """With the name that is nearest."""
    drop(tmp_path, "a.csv", snapshot({}, header=[*HEADER, " Surprise"]))
    found = fetched(tmp_path, SOURCE)["companies"]
    renamed = [name.replace("CompanyStatus", "Company Status") for name in HEADER]
    drop(tmp_path, "a.csv", snapshot({}, header=renamed))

    assert found.batch.new_columns == ("Surprise",)
    with pytest.raises(
        SourceRejected, match=r'a\.csv: expected the column "CompanyStatus" \(did you mean "Compan'
    ):
        fetched(tmp_path, SOURCE)


def test_parts_are_one_snapshot(tmp_path: Path) -> None:
    """Plain or zipped."""
    drop(tmp_path, "BasicCompanyData-2026-11-01-part1_2.zip", zipped({" CompanyNumber": "1"}))
    drop(tmp_path, "BasicCompanyData-2026-11-01-part2_2.csv", snapshot({" CompanyNumber": "2"}))

    with pytest.raises(SourceRejected, match="part 1 of 2 is missing"):
        fetched(tmp_path, SOURCE)
    drop(tmp_path, "BasicCompanyData-2026-11-01-part1_2.csv", snapshot({" CompanyNumber": "1"}))
    (tmp_path / "drops" / "BasicCompanyData-2026-11-01-part1_2.zip").unlink()

    assert fetched(tmp_path, SOURCE)["companies"].batch.rows == 2


def test_a_missing_part_lands_nothing(tmp_path: Path) -> None:
    """A seventh of the register would look dissolved, and pass as a small shrinkage."""
    for part in (1, 2, 4):
        name = f"BasicCompanyData-2026-11-01-part{part}_4.csv"
        drop(tmp_path, name, snapshot({" CompanyNumber": str(part)}))

    with pytest.raises(SourceRejected, match="part 3 of 4 is missing; put all parts"):
        fetched(tmp_path, SOURCE)
    assert not batches_of(settings_in(tmp_path), "companies", "vendor")


def test_the_newest_snapshot_up_to_the_week_counts(tmp_path: Path) -> None:
    """Dated drops: a past week gets what was known then."""
    for month in ("2026-09-01", "2026-10-01", "2026-12-01"):
        name = f"BasicCompanyDataAsOneFile-{month}.csv"
        drop(tmp_path, name, snapshot({"CompanyName": f"AS OF {month}"}))
    source = f'{SOURCE}\ndate_in_name: "%Y-%m-%d"'

    now = fetched(tmp_path, source)["companies"].rows
    then = fetched(tmp_path, source, date(2026, 9, 28))["companies"].rows

    assert now["name"].to_list() == ["AS OF 2026-10-01"]
    assert then["name"].to_list() == ["AS OF 2026-09-01"]


def site(server: HTTPServer) -> str:
    """A source that looks on the loopback server."""
    return f"connector: companies_house\nbase_url: {server.url_for('').rstrip('/')}"


def test_the_site_has_the_snapshot_of_the_month(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Downloaded as a zip."""
    httpserver.expect_request(MONTH).respond_with_data(
        zipped({}), content_type="application/x-zip-compressed"
    )

    assert fetched(tmp_path, site(httpserver))["companies"].batch.rows == 1


def test_before_it_comes_out_that_of_the_month_before_counts(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """It takes up to five working days."""
    httpserver.expect_request(MONTH).respond_with_data("not here", status=404)
    httpserver.expect_request(MONTH_BEFORE).respond_with_data(zipped({}))

    assert fetched(tmp_path, site(httpserver))["companies"].batch.rows == 1


def test_a_site_without_any_snapshot_says_what_was_looked_for(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """And asks for no third month."""
    for path in (MONTH, MONTH_BEFORE):
        httpserver.expect_request(path).respond_with_data("not here", status=404)

    with pytest.raises(SourceNotFound, match=r"AsOneFile-2026-10-01\.zip answered 404"):
        fetched(tmp_path, site(httpserver))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (zipped({})[:-30], "can't be unpacked"),
        (b"PK\x03\x04 and nonsense", "can't be unpacked"),
        (snapshot({}).partition(" STREET")[0].encode(), "a quote opened on line 2 is never closed"),
    ],
    ids=["cut off", "no zip", "cut in a row"],
)
def test_a_download_that_is_no_snapshot_lands_nothing_and_the_next_one_all(
    httpserver: HTTPServer, tmp_path: Path, body: bytes, message: str
) -> None:
    """No row of a broken file lands, none is lost or doubled by the read after it."""
    httpserver.expect_ordered_request(MONTH).respond_with_data(body)
    httpserver.expect_ordered_request(MONTH).respond_with_data(zipped({}, {" CompanyNumber": "2"}))

    with pytest.raises(SourceRejected, match=message):
        fetched(tmp_path, site(httpserver))
    nothing = batches_of(settings_in(tmp_path), "companies", "vendor")
    found = fetched(tmp_path, site(httpserver))["companies"]

    assert nothing == []
    assert (found.batch.rows, found.batch.rejects) == (2, 0)


def test_the_same_snapshot_in_another_file_writes_nothing_new(tmp_path: Path) -> None:
    """It comes once a month and is read every week."""
    drop(tmp_path, "a.csv", snapshot({}))
    fetched(tmp_path, SOURCE)
    before = tree(tmp_path / "landing")
    (tmp_path / "drops" / "a.csv").rename(tmp_path / "drops" / "b.csv")
    fetched(tmp_path, SOURCE)

    assert tree(tmp_path / "landing") == before


def test_options_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    """Statuses are words of ours; a pattern of dates needs a path."""
    with pytest.raises(DocumentError, match="expected statuses among dissolved, insolvent, active"):
        fetched(tmp_path, f"{SOURCE}\nstatuses: [Active]")
    with pytest.raises(DocumentError, match="either `path` or `url`"):
        fetched(tmp_path, 'connector: companies_house\ndate_in_name: "%Y-%m-%d"')


def test_its_companies_and_those_of_gleif_share_their_register(tmp_path: Path) -> None:
    """By authority and number identity links the two; GLEIF's were written by hand."""
    house = landed(tmp_path, {" CompanyNumber": "SC005336"}).rows
    row = {
        "LEI": "MADEUP00000000000001",
        "Entity.LegalName": "Madeup",
        "Entity.RegistrationAuthority.RegistrationAuthorityID": "RA000587",
        "Entity.RegistrationAuthority.RegistrationAuthorityEntityID": "sc5336",
    }
    pl.DataFrame(row).write_csv(tmp_path / "lei2.csv")

    gleif = fetched(tmp_path, "connector: gleif\nentities: {path: lei2.csv}")["companies"].rows

    key = ["registration_authority", "registration_number"]
    assert gleif.select(key).rows() == house.select(key).rows()
