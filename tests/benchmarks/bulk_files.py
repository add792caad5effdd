"""Files of the bulk sources, synthesised in the vendors' formats: columns, headers, spellings.

What belongs here: a file per source that is delivered in bulk, and its entry in sources.yml. Every
value is made up from the number of its row. What doesn't: measuring (`connectors.py`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb

COMPANIES_HOUSE = """
    select
        'MADE UP COMPANY ' || i || ' LIMITED' as CompanyName,
        lpad(i::varchar, 8, '0') as " CompanyNumber",
        '' as "RegAddress.CareOf", '' as "RegAddress.POBox",
        (i % 300) || ' MADE UP STREET' as "RegAddress.AddressLine1",
        'FLOOR ' || i % 9 as " RegAddress.AddressLine2",
        'TOWN ' || i % 900 as "RegAddress.PostTown", 'COUNTY ' || i % 40 as "RegAddress.County",
        'UNITED KINGDOM' as "RegAddress.Country",
        'AB' || i % 90 || ' ' || i % 9 || 'CD' as "RegAddress.PostCode",
        'Private Limited Company' as CompanyCategory,
        if(i % 9 = 0, 'Liquidation', 'Active') as CompanyStatus,
        'United Kingdom' as CountryOfOrigin, '' as DissolutionDate,
        strftime(date '1990-01-01' + (i % 12000)::int, '%d/%m/%Y') as IncorporationDate,
        31 as "Accounts.AccountRefDay", 12 as "Accounts.AccountRefMonth",
        '30/09/2026' as "Accounts.NextDueDate", '31/12/2025' as "Accounts.LastMadeUpDate",
        ['MICRO ENTITY', 'TOTAL EXEMPTION FULL', 'DORMANT', 'FULL'][1 + i % 4]
            as "Accounts.AccountCategory",
        '01/02/2027' as "Returns.NextDueDate", '' as "Returns.LastMadeUpDate",
        0 as "Mortgages.NumMortCharges", i % 3 as "Mortgages.NumMortOutstanding",
        0 as "Mortgages.NumMortPartSatisfied", 0 as "Mortgages.NumMortSatisfied",
        (70000 + i % 900) || ' - Made up activity ' || i % 900 as "SICCode.SicText_1",
        if(i % 5 = 0, '62020 - Made up consultancy', '') as "SICCode.SicText_2",
        '' as "SICCode.SicText_3", '' as "SICCode.SicText_4",
        0 as "LimitedPartnerships.NumGenPartners", 0 as "LimitedPartnerships.NumLimPartners",
        'http://business.data.gov.uk/id/company/' || lpad(i::varchar, 8, '0') as URI,
        {previous},
        '01/03/2027' as ConfStmtNextDueDate, '15/02/2026' as " ConfStmtLastMadeUpDate"
    from range({rows}) as t(i)
"""
PREVIOUS = """
        {told} as "PreviousName_{n}.CONDATE", {name} as " PreviousName_{n}.CompanyName"
"""
COMPANY_FILE = """
    select
        'made-up-' || i as id, 'made up company ' || i as name,
        'made-up-' || i || '-fictive.com' as website, 'united kingdom' as country,
        'west yorkshire' as region, 'leeds' as locality, 'management consulting' as industry,
        ['1-10', '11-50', '51-200', '10001+'][1 + i % 4] as size, 1950 + i % 70 as founded,
        'linkedin.com/company/made-up-' || i as linkedin_url
    from range({rows}) as t(i)
"""
GLEIF = """
    select
        {lei} as LEI, 'Made up company ' || i || ' GmbH' as "Entity.LegalName",
        'de' as "Entity.LegalName.xmllang",
        if(i % 5 = 0, 'Once made up ' || i, '')
            as "Entity.OtherEntityNames.OtherEntityName.1",
        'Made up street ' || i % 300 as "Entity.LegalAddress.FirstAddressLine",
        'Town ' || i % 900 as "Entity.LegalAddress.City", 'DE-BY' as "Entity.LegalAddress.Region",
        'DE' as "Entity.LegalAddress.Country",
        lpad((i % 99999)::varchar, 5, '0') as "Entity.LegalAddress.PostalCode",
        'Made up street ' || i % 300 as "Entity.HeadquartersAddress.FirstAddressLine",
        'Town ' || i % 900 as "Entity.HeadquartersAddress.City",
        'DE-BY' as "Entity.HeadquartersAddress.Region",
        'DE' as "Entity.HeadquartersAddress.Country",
        lpad((i % 99999)::varchar, 5, '0') as "Entity.HeadquartersAddress.PostalCode",
        'RA000242' as "Entity.RegistrationAuthority.RegistrationAuthorityID",
        'HRB ' || i as "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
        'DE' as "Entity.LegalJurisdiction", 'GENERAL' as "Entity.EntityCategory",
        '2HBR' as "Entity.LegalForm.EntityLegalFormCode",
        if(i % 9 = 0, 'INACTIVE', 'ACTIVE') as "Entity.EntityStatus",
        '2001-02-03T00:00:00+01:00' as "Entity.EntityCreationDate",
        if(i % 4 = 0, 'LAPSED', 'ISSUED') as "Registration.RegistrationStatus",
        '2026-08-01T10:00:00Z' as "Registration.LastUpdateDate",
        '2027-08-01T10:00:00Z' as "Registration.NextRenewalDate",
        {further}
    from range({rows}) as t(i)
"""
LEI = "'MADE' || lpad({}::varchar, 14, '0') || '00'"
PARENTS = """
    select
        {child} as "Relationship.StartNode.NodeID", 'LEI' as "Relationship.StartNode.NodeIDType",
        {parent} as "Relationship.EndNode.NodeID", 'LEI' as "Relationship.EndNode.NodeIDType",
        'IS_DIRECTLY_CONSOLIDATED_BY' as "Relationship.RelationshipType",
        'ACTIVE' as "Relationship.RelationshipStatus",
        '2020-01-01T00:00:00Z' as "Relationship.Period.1.startDate",
        'RELATIONSHIP_PERIOD' as "Relationship.Period.1.periodType",
        'PUBLISHED' as "Registration.RegistrationStatus",
        '2026-08-01T10:00:00Z' as "Registration.LastUpdateDate"
    from range({rows}) as t(i) where i % 10 = 1
"""
SALESFORCE_ACCOUNTS = """
    select
        '001Mad' || lpad(i::varchar, 9, '0') as Id, 'Made up company ' || i as Name,
        if(i % 10 = 1, '001Mad' || lpad((i - 1)::varchar, 9, '0'), '') as ParentId,
        if(i % 9 = 0, 'Customer', 'Prospect') as Type,
        'https://www.made-up-' || i || '-fictive.com' as Website, 'Germany' as BillingCountry,
        'Town ' || i % 900 as BillingCity, 'Software' as Industry,
        i % 9000 as NumberOfEmployees, 1e5 * (i % 900) as AnnualRevenue,
        '005Mad000000001' as OwnerId, false as IsDeleted, '' as MasterRecordId,
        '2026-09-01T10:00:00.000Z' as SystemModstamp
    from range({rows}) as t(i)
"""
SALESFORCE_CONTACTS = """
    select
        '003Mad' || lpad(i::varchar, 9, '0') as Id,
        '001Mad' || lpad((i // 2)::varchar, 9, '0') as AccountId,
        'Made' as FirstName, 'Up ' || i as LastName, 'Head of Finance' as Title,
        'person' || i || '@made-up-' || i // 2 || '-fictive.com' as Email,
        i % 50 = 0 as HasOptedOutOfEmail, false as DoNotCall, false as IsDeleted,
        '2026-09-01T10:00:00.000Z' as SystemModstamp
    from range({rows}) as t(i)
"""
SURGES = """
    select
        if(i % 20 = 0, 'made up company ' || i // 10, '') as a,
        'made-up-' || i // 10 || '-fictive.com' as b, '51-200 employees' as c, 'retail' as d,
        'finance' as e, 'made up topic ' || i % 10 as f, 40 + i % 59 as g, '3131' as h,
        'greater berlin area' as i, 40 + i % 50 as j, '2132' as k, 'Germany' as l
    from range({rows}) as t(i)
"""
VISITS = """
    select
        'visit-' || i as id, 'www.made-up-' || i // 10 || '-fictive.com' as domain,
        timestamp '2026-11-01 00:00:00' + (i % 1700000) * interval 1 second as visited_at,
        'https://our.example/pricing/' || i % 90 || '?session=' || i as page,
        1 + i % 7 as pages, if(i % 50 = 0, 'Googlebot', 'Mozilla/5.0') as user_agent
    from range({rows}) as t(i)
"""
FORM_D = {
    "FORMDSUBMISSION": """
    select {accession} as ACCESSIONNUMBER, '021-' || i as FILE_NUM, '31-JUL-2026' as FILING_DATE,
        '' as SIC_CODE, 'D' as SUBMISSIONTYPE, 'LIVE' as TESTORLIVE
    from range({rows}) as t(i)
    """,
    "ISSUERS": """
    select {accession} as ACCESSIONNUMBER, 'YES' as IS_PRIMARYISSUER_FLAG, 1 as ISSUER_SEQ_KEY,
        (1000000 + i)::varchar as CIK, 'Made up company ' || i || ' Inc.' as ENTITYNAME,
        (i % 300) || ' MADE UP STREET' as STREET1, '' as STREET2, 'TOWN ' || i % 900 as CITY,
        'CA' as STATEORCOUNTRY, 'CALIFORNIA' as STATEORCOUNTRYDESCRIPTION, '94105' as ZIPCODE,
        '555-0100' as ISSUERPHONENUMBER, 'DELAWARE' as JURISDICTIONOFINC,
        'None' as ISSUER_PREVIOUSNAME_1, 'None' as EDGAR_PREVIOUSNAME_1,
        'Corporation' as ENTITYTYPE, 2000 + i % 26 as YEAROFINC_VALUE_ENTERED
    from range({rows}) as t(i)
    """,
    "OFFERING": """
    select {accession} as ACCESSIONNUMBER,
        if(i % 3 = 0, 'Pooled Investment Fund', 'Other Technology') as INDUSTRYGROUPTYPE,
        'Decline to Disclose' as REVENUERANGE, '06b' as FEDERALEXEMPTIONS_ITEMS_LIST,
        'false' as ISAMENDMENT, '' as PREVIOUSACCESSIONNUMBER, '2026-07-15' as SALE_DATE,
        'true' as ISEQUITYTYPE, if(i % 3 = 0, 'true', '') as ISPOOLEDINVESTMENTFUNDTYPE,
        if(i % 9 = 0, 'Indefinite', (1e5 * (i % 90))::bigint::varchar) as TOTALOFFERINGAMOUNT,
        (1e4 * (i % 90))::bigint as TOTALAMOUNTSOLD, 'Indefinite' as TOTALREMAINING,
        i % 40 as TOTALNUMBERALREADYINVESTED
    from range({rows}) as t(i)
    """,
    "RELATEDPERSONS": """
    select {accession} as ACCESSIONNUMBER, n as RELATEDPERSON_SEQ_KEY, 'Made' as FIRSTNAME,
        '' as MIDDLENAME, 'Up ' || n as LASTNAME, 'Executive Officer' as RELATIONSHIP_1,
        if(n = 1, 'Director', '') as RELATIONSHIP_2, '' as RELATIONSHIP_3,
        'Chief Officer' as RELATIONSHIPCLARIFICATION
    from range({rows}) as t(i), range(3) as people(n)
    """,
}
ACCESSION = "'0001234567-26-' || lpad(i::varchar, 6, '0')"
SUBMISSIONS = """
    select
        'CIK' || lpad(i::varchar, 10, '0') || '.json' as member,
        json_object(
            'cik', i::varchar, 'entityType', 'operating', 'sic', '7372',
            'sicDescription', 'Services-Prepackaged Software',
            'name', 'Made up company ' || i || ' Inc.', 'tickers', ['MU' || i],
            'exchanges', ['Nasdaq'], 'ein', '000000001', 'category', 'Large accelerated filer',
            'fiscalYearEnd', '1231', 'stateOfIncorporation', 'DE', 'phone', '555-0100',
            'addresses', json_object('business', json_object(
                'street1', (i % 300) || ' MADE UP STREET', 'city', 'TOWN ' || i % 900,
                'stateOrCountry', 'CA', 'zipCode', '94105'
            )),
            'formerNames', [json_object('name', 'Once made up ' || i, 'from', '', 'to', '')],
            'filings', json_object('files', [], 'recent', json_object(
                'accessionNumber', [{accession} for n in range(20)],
                'form', [if(n % 4 = 0, '8-K', '10-Q') for n in range(20)],
                'items', [if(n % 4 = 0, '2.02,9.01', '') for n in range(20)],
                'filingDate', ['2026-0' || 1 + n % 9 || '-15' for n in range(20)],
                'reportDate', ['2026-0' || 1 + n % 9 || '-14' for n in range(20)],
                'acceptanceDateTime', ['2026-0' || 1 + n % 9 || '-15T16:30:00.000Z'
                    for n in range(20)]
            ))
        )::varchar as body
    from range(1, {rows} + 1) as t(i)
"""
NUMBERED = "lpad(i::varchar, 10, '0') || '-26-' || lpad(n::varchar, 6, '0')"
HEADERLESS = {"header": False}
TSV = {"sep": "\t", "quotechar": ""}
FIVE_PREVIOUS = ",".join(
    PREVIOUS.format(
        n=n,
        told=f"if(i % 10 = {n}, '01/02/2015', '')",
        name=f"if(i % 10 = {n}, 'ONCE MADE UP ' || i || ' LIMITED', '')",
    )
    for n in range(1, 11)
)
FURTHER = ",".join(f"'' as \"Further.{n}\"" for n in range(1, 200))
"""A golden copy has more than 300 columns, most of them empty; they cost what they cost."""


class BulkFile(NamedTuple):
    """A source that is delivered in bulk: its entry in sources.yml, its files, and their size.

    write: given a folder and a number of rows, writes them there, and gives how many there are in
    all. share: the part of the rows asked for that is as many as the source has at most.
    """

    entry: dict[str, Any]
    write: Callable[[Path, int], int]
    share: float = 1.0


def _csv(**queries: str) -> Callable[[Path, int], int]:
    """Tables as CSV, each of a query over {rows}."""

    def write(folder: Path, rows: int) -> int:
        with duckdb.connect() as connection:
            return sum(
                _copied(connection, query.format(rows=rows), folder / f"{name}.csv", quoting=1)
                for name, query in queries.items()
            )

    return write


def _copied(connection: duckdb.DuckDBPyConnection, query: str, path: Path, **options: Any) -> int:
    connection.execute(f"create or replace temp view made_up as {query}")
    relation = connection.view("made_up")
    relation.write_csv(f"{path}", **options)
    (rows,) = connection.execute("select count(*) from made_up").fetchone() or (0,)
    return int(rows)


def _parquet(query: str, name: str) -> Callable[[Path, int], int]:
    def write(folder: Path, rows: int) -> int:
        with duckdb.connect() as connection:
            connection.sql(query.format(rows=rows)).write_parquet(f"{folder / name}.parquet")
        return rows

    return write


def _form_d(folder: Path, rows: int) -> int:
    """A quarterly set: tables separated by tabs and quoting nothing, in one archive."""
    with (
        duckdb.connect() as connection,
        tempfile.TemporaryDirectory() as scratch,
        ZipFile(folder / "2026q3_d.zip", "w", ZIP_DEFLATED) as archive,
    ):
        total = 0
        for name, query in FORM_D.items():
            path = Path(scratch) / f"{name}.tsv"
            made = query.format(rows=rows, accession=ACCESSION)
            total += _copied(connection, made, path, **TSV)
            archive.write(path, f"2026Q3_d/{path.name}")
    return total


def _submissions(folder: Path, rows: int) -> int:
    """The nightly archive: a document per entity, each with twenty filings."""
    query = SUBMISSIONS.format(rows=rows, accession=NUMBERED)
    with (
        duckdb.connect() as connection,
        ZipFile(folder / "submissions.zip", "w", ZIP_DEFLATED) as archive,
    ):
        for member, body in _rows(connection.execute(query)):
            archive.writestr(member, body)
    return rows


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while some := cursor.fetchmany(10_000):
        yield from some


VISIT_COLUMNS = {
    name: name for name in ("id", "domain", "visited_at", "page", "pages", "user_agent")
}
COMPANY_COLUMNS = {
    "source_company_id": "id",
    "name": "name",
    "website": "website",
    "country": "country",
    "region": "region",
    "city": "locality",
    "industry": "industry",
    "employees": {"from": "size", "as": "number_or_band"},
    "founded_year": "founded",
}
AGENT = "Made Up nobody@made-up.example.com"
BULK_FILES = {
    "companies_house": BulkFile(
        {"connector": "companies_house", "path": "drops/companies.csv"},
        _csv(companies=COMPANIES_HOUSE.replace("{previous}", FIVE_PREVIOUS)),
    ),
    "gleif": BulkFile(
        {
            "connector": "gleif",
            "entities": {"path": "drops/lei.csv"},
            "relationships": {"path": "drops/rr.csv"},
        },
        _csv(
            lei=GLEIF.replace("{lei}", LEI.format("i")).replace("{further}", FURTHER),
            rr=PARENTS.replace("{child}", LEI.format("i")).replace(
                "{parent}", LEI.format("(i - 1)")
            ),
        ),
    ),
    "company_files": BulkFile(
        {
            "connector": "files",
            "tables": {
                "companies": {
                    "path": "drops/companies.parquet",
                    "columns": COMPANY_COLUMNS,
                    "attributes": {"linkedin_url": "linkedin_url"},
                }
            },
        },
        _parquet(COMPANY_FILE, "companies"),
    ),
    "sec_edgar": BulkFile(
        {
            "connector": "sec_edgar",
            "user_agent": AGENT,
            "submissions_zip": "drops/submissions.zip",
        },
        _submissions,
        share=0.1,
    ),
    "sec_form_d": BulkFile(
        {"connector": "sec_form_d", "user_agent": AGENT, "sets": ["drops/*_d.zip"]},
        _form_d,
        share=0.02,
    ),
    "salesforce": BulkFile(
        {
            "connector": "salesforce",
            "exports": {"accounts": "drops/accounts.csv", "contacts": "drops/contacts.csv"},
        },
        _csv(accounts=SALESFORCE_ACCOUNTS, contacts=SALESFORCE_CONTACTS),
        share=0.5,
    ),
    "bombora": BulkFile(
        {"connector": "bombora", "path": "drops/surge.csv"},
        lambda folder, rows: _headerless(folder / "surge.csv", SURGES.format(rows=rows)),
    ),
    "web_visits_csv": BulkFile(
        {"connector": "web_visits", "path": "drops/visits.csv", "columns": VISIT_COLUMNS},
        _csv(visits=VISITS),
    ),
    "web_visits_parquet": BulkFile(
        {"connector": "web_visits", "path": "drops/visits.parquet", "columns": VISIT_COLUMNS},
        _parquet(VISITS, "visits"),
    ),
}
"""By the name that the page of figures gives them."""


def _headerless(path: Path, query: str) -> int:
    with duckdb.connect() as connection:
        return _copied(connection, query, path, header=False, quoting=1)
