"""The `files` connector: any file becomes any input table, by a map that people write."""

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from ingest.documents.sources import load_sources
from ingest.errors import DocumentError, SourceNotFound, SourceRejected
from tests.support.landing import settings_in
from tests.support.sources import fetched, write

COMPANIES = """\
connector: files
tables:
  companies:
    path: drops/companies.csv
    columns:
      source_company_id: ID
      name: Company
      website: URL
      country: {from: Country, as: split_first, default: US, empty: [Unspecified]}
      employees: {from: Headcount, as: number_or_band}
      revenue_usd: {from: Revenue, as: number}
    attributes:
      stage: Stage
      founded: {from: Founded, as: "date:%d/%m/%Y"}
      uses_rival: {from: Rival, as: boolean}
"""
HEADER = "ID,Company,URL,Country,Headcount, Revenue ,Stage,Founded,Rival,Slogan"


def test_a_vendors_file_lands_by_its_map(tmp_path: Path) -> None:
    """Bands, amounts, lists and dates become typed columns and attributes in canonical text."""
    write(
        tmp_path,
        "drops/companies.csv",
        HEADER,
        '1,Acme,https://www.acme.de/en,Germany; Europe,"1,000-5,000",18.3 MM,A,31/01/2019,yes,Hi',
        "2,Beta,beta.com,Unspecified,820,n/a,,,no,",
    )

    landed = fetched(tmp_path, COMPANIES)["companies"]

    columns = ["name", "domain", "country", "employees", "employees_low", "employees_high"]
    assert landed.rows.select(*columns, "revenue_usd").rows() == [
        ("Acme", "acme.de", "DE", None, 1_000, 5_000, 18_300_000.0),
        ("Beta", "beta.com", "US", 820, None, None, None),
    ]
    assert landed.rows["attributes"].to_list() == [
        [
            {"key": "founded", "value": "2019-01-31"},
            {"key": "stage", "value": "A"},
            {"key": "uses_rival", "value": "true"},
        ],
        [{"key": "uses_rival", "value": "false"}],
    ]
    assert landed.batch.new_columns == ("Slogan",)
    assert (landed.batch.rejects, landed.batch.unconverted) == (0, 1)


def test_an_opt_out_in_any_words_counts(tmp_path: Path) -> None:
    """Whatever can't be read, a day for instance, is no leave to write; nothing said is no opt-out.
    Who has no key is known by address or profile, to be left alone elsewhere."""
    said = ("no", "", "yes", "2024-05-01", "Unsubscribed", "Ja")
    rows = [f"{n},p{n}@acme.de,,{word}" for n, word in enumerate(said)]
    without = (",q@acme.de,,opted out", ",,https://in.example/q,yes", ",r@acme.de,,no")
    write(tmp_path, "p.csv", "ID,Mail,Page,Out", *rows, *without)
    source = """\
connector: files
tables:
  contacts:
    path: p.csv
    columns:
      source_contact_id: ID
      email: Mail
      profile_url: Page
      is_opted_out: {from: Out, default: false}
"""

    landed = fetched(tmp_path, source)["contacts"]

    assert landed.rows.select("source_contact_id", "is_opted_out").rows() == [
        *((f"{n}", n > 1) for n in range(len(said))),
        ("https://in.example/q", True),
        ("q@acme.de", True),
    ]
    assert landed.batch.unconverted == 4
    assert landed.rejects["reason"].to_list() == ["source_contact_id is missing"]


@pytest.mark.parametrize(
    "flags",
    [
        pl.Series([0.0, 1.0, float("nan"), None]),
        pl.Series([0, 1, None, None]),
        pl.Series(["0.0", "1.0", "", None]),
        pl.Series([Decimal("0.0"), Decimal("1.0"), None, None]),
    ],
)
def test_an_opt_out_may_be_a_number(tmp_path: Path, flags: pl.Series) -> None:
    """As columns with gaps often are; nothing is in doubt about them."""
    people = pl.DataFrame({"id": ["1", "2", "3", "4"], "out": flags})
    people.write_parquet(tmp_path / "p.parquet")
    source = """\
connector: files
tables:
  contacts: {path: p.parquet, columns: {source_contact_id: id, is_opted_out: out}}
"""

    landed = fetched(tmp_path, source)["contacts"]

    assert landed.rows["is_opted_out"].to_list() == [False, True, None, None]
    assert landed.batch.unconverted == 0


def test_a_count_in_decimals_has_no_fraction_either(tmp_path: Path) -> None:
    """Whatever number a Parquet file holds."""
    counts = pl.DataFrame({"id": ["1", "2"], "heads": [Decimal("1.200"), Decimal("7.000")]})
    counts.write_parquet(tmp_path / "c.parquet")
    source = """\
connector: files
tables:
  companies: {path: c.parquet, columns: {source_company_id: id, name: id, employees: heads}}
"""

    landed = fetched(tmp_path, source)["companies"]

    assert landed.rows["employees"].to_list() == [None, 7]
    assert landed.batch.unconverted == 1


def test_a_count_has_no_fraction(tmp_path: Path) -> None:
    """Where the point parts thousands, cutting off what is behind it would make a firm of one."""
    heads = ("1.200", "12.5", "7.0", "1.200-2.500")
    rows = [f"{n},Acme,,,{head},,,,," for n, head in enumerate(heads)]
    write(tmp_path, "drops/companies.csv", HEADER, *rows)
    german = COMPANIES.replace("as: number_or_band", 'as: "number_or_band:,"')

    landed = fetched(tmp_path / "en", COMPANIES.replace("path: ", "path: ../"))["companies"]
    meant = fetched(tmp_path / "de", german.replace("path: ", "path: ../"))["companies"]

    employees = ["employees", "employees_low", "employees_high"]
    assert landed.rows.select(employees).rows() == [
        (None, None, None),
        (None, None, None),
        (7, None, None),
        (None, None, None),
    ]
    assert landed.batch.unconverted == 4
    assert meant.rows.select(employees).rows()[0] == (1_200, None, None)
    assert meant.rows.select(employees).rows()[3] == (None, 1_200, 2_500)


def test_a_broken_row_is_set_aside_with_file_and_line(tmp_path: Path) -> None:
    """The others land."""
    good = "1,Acme,acme.de,Germany,820,,,,,"
    write(tmp_path, "drops/companies.csv", HEADER, good, "2,Beta", good.replace("1", "3", 1))

    landed = fetched(tmp_path, COMPANIES)["companies"]

    assert landed.rows["source_company_id"].to_list() == ["1", "3"]
    assert landed.rejects.select("file", "line", "reason").rows() == [
        ("companies.csv", 3, "expected 10 values, found 2")
    ]


def test_a_key_that_cannot_be_read_sets_its_row_aside(tmp_path: Path) -> None:
    """The reason names column, value and what was expected."""
    write(tmp_path, "v.csv", "domain,day", "acme.de,2026-10-01", "beta.com,yesterday")
    source = """\
connector: files
tables:
  verdicts:
    path: v.csv
    columns: {domain: domain, given_date: day, verdict: {const: accepted}}
"""

    landed = fetched(tmp_path, source)["verdicts"]

    assert landed.rows["given_date"].to_list() == [date(2026, 10, 1)]
    assert landed.rejects["reason"].to_list() == [
        "given_date: expected a date such as 2026-01-31, found yesterday"
    ]


VERDICTS = """\
connector: files
tables:
  verdicts:
    path: v-*.csv
    date_in_name: "%Y-%m-%d"
    only_with: [Answer]
    columns:
      domain: Domain
      given_date: Day
      verdict: {from: Answer, accepted: [Yes, On it], qualified_out: [No]}
"""


def test_answers_of_sales_are_read_in_their_own_words(tmp_path: Path) -> None:
    """Upper and lower case are one; a row without an answer is none; our own words are known; any
    other word is set aside with what was expected."""
    write(
        tmp_path,
        "v-2026-11-02.csv",
        "Domain,Day,Answer",
        "acme.de,2026-10-01,YES",
        "beta.com,2026-10-01,on it",
        "gamma.com,2026-10-01,No",
        "delta.com,2026-10-01,qualified_out",
        "epsilon.com,2026-10-01,",
        "zeta.com,2026-10-01,Maybe",
    )

    landed = fetched(tmp_path, VERDICTS)["verdicts"]

    assert dict(landed.rows.select("domain", "verdict").iter_rows()) == {
        "acme.de": "accepted",
        "beta.com": "accepted",
        "gamma.com": "qualified_out",
        "delta.com": "qualified_out",
    }
    assert landed.rejects["reason"].to_list() == [
        "expected verdict to be one of accepted, qualified_out, found Maybe"
    ]


def test_answers_of_every_dated_drop_up_to_the_week_count(tmp_path: Path) -> None:
    """Each file answers another list, and a new one takes back nothing that the last one said."""
    write(tmp_path, "v-2026-10-26.csv", "Domain,Day,Answer", "acme.de,2026-10-27,No")
    write(tmp_path, "v-2026-11-02.csv", "Domain,Day,Answer", "beta.com,2026-10-29,No")
    write(tmp_path, "v-2026-11-09.csv", "Domain,Day,Answer", "gamma.com,2026-11-05,No")

    landed = fetched(tmp_path, VERDICTS, date(2026, 11, 2))["verdicts"]

    assert landed.rows["domain"].to_list() == ["acme.de", "beta.com"]


def test_a_column_that_is_gone_stops_the_source_with_a_hint(tmp_path: Path) -> None:
    """A renamed column must not become a column of nulls."""
    write(tmp_path, "drops/companies.csv", HEADER.replace("Headcount", "Head count"))

    with pytest.raises(SourceRejected, match=r'"Headcount" \(did you mean "Head count"\?\), found'):
        fetched(tmp_path, COMPANIES)


def test_one_file_may_hold_companies_and_deals(tmp_path: Path) -> None:
    """Two tables name the same path; rows without a deal are no deals."""
    write(
        tmp_path,
        "crm.csv",
        "Account,Deal,Status,Closed",
        "Acme,D1,Won,3/1/2017",
        "Acme,D2,Closed - no,3/2/2017",
        "Beta,D3,Engaging,",
        "Gamma,,,",
    )
    source = """\
connector: files
tables:
  companies: {path: crm.csv, columns: {name: Account}}
  deals:
    path: crm.csv
    only_with: [Deal]
    columns:
      source_deal_id: Deal
      source_company_id: Account
      outcome: {from: Status, won: [Won], lost: [Lost, Closed - no]}
      closed_at: {from: Closed, as: "date:%m/%d/%Y"}
"""

    landed = fetched(tmp_path, source)

    assert landed["companies"].rows["source_company_id"].to_list() == ["acme", "beta", "gamma"]
    assert landed["deals"].rows.select("source_deal_id", "outcome", "closed_at").rows() == [
        ("D1", "won", datetime(2017, 3, 1, tzinfo=UTC)),
        ("D2", "lost", datetime(2017, 3, 2, tzinfo=UTC)),
        ("D3", "open", None),
    ]
    assert landed["deals"].batch.rejects == 0


def test_one_column_can_say_which_rows_belong(tmp_path: Path) -> None:
    """Whatever its case; a row that is broken is set aside, whatever it would have said."""
    write(
        tmp_path,
        "a.csv",
        "Account,Site,Type",
        "Acme,acme.com,Customer",
        "Beta,beta.com,Prospect",
        "Gamma,gamma.com, PARTNER ",
        "Delta,delta.com,",
        "Epsilon,epsilon.com,Customer,more",
    )
    source = """\
connector: files
tables:
  suppressions:
    path: a.csv
    only_where: {Type: [customer, Partner]}
    columns: {key: Site, reason: Type}
"""

    landed = fetched(tmp_path, source)["suppressions"]

    assert landed.rows.select("key_kind", "key", "reason").rows() == [
        ("domain", "acme.com", "customer"),
        ("domain", "gamma.com", "partner"),
    ]
    assert landed.rejects["reason"].to_list() == ["expected 3 values, found 4"]
    with pytest.raises(DocumentError, match=r"only_where\.Type"):
        fetched(tmp_path, source.replace("[customer, Partner]", "[]"))


def test_a_list_of_mixed_keys_tells_them_apart(tmp_path: Path) -> None:
    """By how they look; what looks like nothing of the kind is set aside."""
    digest = "7d34e1c4bb9b0bd9b0e5c0c6d1b1cbe12a3f3c4e5f60718293a4b5c6d7e8f901"
    mixed = '"c@gamma.com, gamma.com"'
    write(tmp_path, "d.csv", "Who", "Ada@Acme.com", "beta.com", digest, "nobody", mixed)
    source = (
        "connector: files\n"
        "tables: {suppressions: {path: d.csv, columns: {key: Who, reason: {const: manual}}}}"
    )

    landed = fetched(tmp_path, source)["suppressions"]

    assert dict(landed.rows.select("key_kind", "key").rows()) == {
        "email": "ada@acme.com",
        "domain": "beta.com",
        "email_sha256": digest,
    }
    assert landed.rejects["reason"].to_list() == [
        f"expected a domain, an e-mail address or the SHA-256 of one, found {key}"
        for key in ("nobody", "c@gamma.com, gamma.com")
    ]


def test_several_columns_can_be_one_text(tmp_path: Path) -> None:
    """Names are most often exported in two; a part that is missing leaves no space."""
    write(
        tmp_path,
        "p.csv",
        "ID,First,Last,Mail,Day,Time",
        "1,Ada, Sample ,a@acme.de,2026-01-31,06:30",
        "2,,Sample,b@acme.de,2026-01-31,",
        "3,,,c@acme.de,,",
    )
    source = """\
connector: files
tables:
  contacts:
    path: p.csv
    columns:
      source_contact_id: ID
      full_name: [First, Last]
      email: Mail
      observed_at: {from: [Day, Time], as: timestamp}
"""

    landed = fetched(tmp_path, source)["contacts"]

    assert landed.rows["full_name"].to_list() == ["Ada Sample", "Sample", None]
    assert landed.rows["observed_at"].to_list()[:2] == [
        datetime(2026, 1, 31, 6, 30, tzinfo=UTC),
        datetime(2026, 1, 31, tzinfo=UTC),
    ]
    assert landed.batch.new_columns == ()
    with pytest.raises(SourceRejected, match=r'"Fist" \(did you mean "First"'):
        fetched(tmp_path, source.replace("[First, Last]", "[Fist, Last]"))
    with pytest.raises(DocumentError, match="several columns make a text or a time; name one"):
        fetched(tmp_path, source + "      is_opted_out: [First, Last]\n")


def test_a_company_without_a_key_is_known_by_its_domain_else_its_name(tmp_path: Path) -> None:
    """However the domain is written."""
    write(tmp_path, "c.csv", "name,web", "Acme,https://WWW.Acme.de/x", "Beta Inc,", ",")
    source = (
        "connector: files\ntables: {companies: {path: c.csv, columns: {name: name, website: web}}}"
    )

    landed = fetched(tmp_path, source)["companies"]

    assert landed.rows["source_company_id"].to_list() == ["acme.de", "beta inc"]
    assert landed.rejects["reason"].to_list() == ["source_company_id is missing"]


def test_a_parquet_file_needs_no_conversions(tmp_path: Path) -> None:
    """What has a type already is taken as it is; attributes become text."""
    pl.DataFrame(
        {
            "id": [7],
            "tags": [["a", "b"]],
            "heads": [820],
            "updated": [datetime(2026, 10, 1, 6)],
            "score": [12.5],
        }
    ).write_parquet(tmp_path / "c.parquet")
    source = """\
connector: files
tables:
  companies:
    path: c.parquet
    columns: {source_company_id: id, aliases: tags, employees: heads, observed_at: updated}
    attributes: {score: score, tags: tags}
"""

    (row,) = fetched(tmp_path, source)["companies"].rows.to_dicts()

    assert (row["source_company_id"], row["aliases"], row["employees"]) == ("7", ["a", "b"], 820)
    assert row["observed_at"] == datetime(2026, 10, 1, 6, tzinfo=UTC)
    assert row["attributes"] == [
        {"key": "score", "value": "12.5"},
        {"key": "tags", "value": "a; b"},
    ]


def test_an_attribute_may_have_any_name_and_any_type(tmp_path: Path) -> None:
    """A column that has the type already gives what its text would; no value is no attribute."""
    pl.DataFrame(
        {
            "id": ["1", "2"],
            "count": [2**53, None],
            "flag": [True, None],
            "day": [date(2026, 1, 31), None],
            "blank": [" ", " x  y "],
        }
    ).write_parquet(tmp_path / "c.parquet")
    source = """\
connector: files
tables:
  companies:
    path: c.parquet
    columns: {source_company_id: id}
    attributes:
      row: {from: count, as: number}
      value: {from: flag, as: boolean}
      key: {from: day, as: date}
      blank: blank
"""

    landed = fetched(tmp_path, source)["companies"]

    assert landed.rows["attributes"].to_list() == [
        [
            {"key": "key", "value": "2026-01-31"},
            {"key": "row", "value": "9007199254740992"},
            {"key": "value", "value": "true"},
        ],
        [{"key": "blank", "value": "x y"}],
    ]
    assert landed.batch.unconverted == 0


def test_relative_dates_are_counted_back_from_the_week(tmp_path: Path) -> None:
    """Not from today: the same file for the same week gives the same rows."""
    write(tmp_path, "jobs.csv", "id,company,title,posted", "1,Acme,Controller,5 months")
    source = """\
connector: files
tables:
  signals:
    path: jobs.csv
    columns:
      source_signal_id: id
      company_name: company
      kind: {const: job_posting}
      title: title
      occurred_at: {from: posted, as: relative_date}
      known_at: {from: posted, as: relative_date}
"""

    landed = fetched(tmp_path, source, date(2026, 8, 3))["signals"]

    assert landed.rows.select("occurred_at", "known_at").row(0) == (
        datetime(2026, 3, 3, tzinfo=UTC),
        datetime(2026, 3, 3, tzinfo=UTC),
    )


def test_a_dated_drop_is_answered_as_of_its_week(tmp_path: Path) -> None:
    """A later drop changes nothing for an earlier week, also when the file is fetched late."""
    write(tmp_path, "drops/2026-10-26.csv", "name", "Acme")
    write(tmp_path, "drops/2026-11-09.csv", "name", "Beta")
    source = """\
connector: files
tables:
  companies: {path: drops/*.csv, date_in_name: "%Y-%m-%d", columns: {name: name}}
"""

    early = fetched(tmp_path, source, date(2026, 11, 2))["companies"]
    late = fetched(tmp_path, source, date(2026, 11, 9))["companies"]

    assert early.rows["name"].to_list() == ["Acme"]
    assert late.rows["name"].to_list() == ["Beta"]


def test_a_file_may_have_an_address(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Its format is told by the name, or by `format`."""
    httpserver.expect_request("/export").respond_with_data("name\nAcme\n", content_type="text/csv")
    source = f"""\
connector: files
tables:
  companies: {{url: "{httpserver.url_for("/export")}", format: csv, columns: {{name: name}}}}
"""

    assert fetched(tmp_path, source)["companies"].rows["name"].to_list() == ["Acme"]


def test_packed_files_are_read_like_others(tmp_path: Path) -> None:
    """A zip of two and a gzip, dated by their own names; a reject names the file inside."""
    drops = tmp_path / "drops"
    drops.mkdir()
    with ZipFile(drops / "firms-2026-10-26.zip", "w") as archive:
        archive.writestr("part/a.csv", "ID,Company\n1,Acme\n2,Beta,spoilt\n")
        archive.writestr("part/b.tsv", "ID\tCompany\n3\tGamma\n")
    (drops / "firms-2026-10-26.csv.gz").write_bytes(gzip.compress(b"ID,Company\n4,Delta\n"))
    (drops / "firms-2026-10-19.csv").write_text("ID,Company\n5,Older\n")
    source = """\
connector: files
tables:
  companies:
    path: drops/firms-*
    date_in_name: "%Y-%m-%d"
    columns: {source_company_id: ID, name: Company}
"""

    landed = fetched(tmp_path, source)["companies"]

    assert landed.rows["name"].to_list() == ["Acme", "Gamma", "Delta"]
    assert landed.rejects.select("file", "line").rows() == [("a.csv", 3)]


def test_the_same_file_under_another_name_changes_nothing(tmp_path: Path) -> None:
    """Somebody sends it twice: the same batch, no reject, no row twice."""
    source = COMPANIES.replace("companies.csv", "companies*.csv")
    row = "1,Acme,acme.de,DE,820,5,A,,,"
    write(tmp_path, "drops/companies.csv", HEADER, row)
    once = fetched(tmp_path, source)["companies"].batch

    write(tmp_path, "drops/companies (1).csv", HEADER, row)
    twice = fetched(tmp_path, source)["companies"].batch

    assert twice == once
    assert (once.rows, once.rejects) == (1, 0)


def test_days_and_months_that_changed_places_are_counted(tmp_path: Path) -> None:
    """Every day after the 12th tells it; what can't be a date is none, and the gate shows a banner
    where many are.
    """
    days = [f"{n},Acme {n},,,,,,{n:02}/03/2019,," for n in range(1, 29)]
    swapped = [f"{n},Acme {n},,,,,,03/{n:02}/2019,," for n in range(1, 29)]

    counts = []
    for week, lines in ((date(2026, 11, 2), days), (date(2026, 11, 9), swapped)):
        write(tmp_path, "drops/companies.csv", HEADER, *lines)
        counts.append(fetched(tmp_path, COMPANIES, week)["companies"].batch.unconverted)

    assert counts == [0, 16]


def test_a_missing_file_is_said_with_its_pattern(tmp_path: Path) -> None:
    """No traceback wall."""
    with pytest.raises(SourceNotFound, match=r"no file matches .*drops/companies\.csv"):
        fetched(tmp_path, COMPANIES)


@pytest.mark.parametrize(
    ("line", "wrong", "message"),
    [
        (9, "      nmae: Company", "columns.nmae: this name is not known"),
        (9, "      name: {from: Company, as: numbr}", 'found "numbr"'),
        (9, "      name: {from: Company, as: boolean}", '"boolean" does not fit here, "text" does'),
        (9, "      name: {as: text}", "either `from`, a column of the file, or `const`"),
        (9, "      name: {from: Company, won: [x]}", "only `outcome` has them"),
        (9, "      name: {from: Company, qualified_out: [x]}", "only `verdict` has them"),
        (9, "    attributes: {a: {from: H, accepted: [x]}}", "only `verdict` has them"),
        (9, "      employees: {from: H, as: number_or_band, default: 5}", "has no `default`"),
        (9, "      employees: {const: many}", 'expected a number .* found "many"'),
        (9, "    attributes: {size: {from: H, as: number_or_band}}", "a band is two numbers"),
        (9, "      name: {frm: Company}", "frm: this name is not known"),
    ],
)
def test_a_mistake_in_the_map_is_found_at_its_line(
    tmp_path: Path, line: int, wrong: str, message: str
) -> None:
    """Before anything is fetched."""
    lines = ["sources:", "  vendor:", "    connector: files", "    tables:"]
    lines += ["      companies:", "        path: c.csv", "        columns:"]
    lines += ["          source_company_id: ID", f"    {wrong}"]
    document = settings_in(tmp_path).sources
    document.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(DocumentError, match=message) as caught:
        load_sources(document)

    assert [mistake.line for mistake in caught.value.mistakes] == [line]


def test_a_required_column_must_be_mapped(tmp_path: Path) -> None:
    """An event without a kind means nothing."""
    source = "connector: files\ntables: {signals: {path: s.csv, columns: {source_signal_id: id}}}"

    with pytest.raises(DocumentError, match=r"columns\.kind: missing; expected where the kind"):
        fetched(tmp_path, source)


SIGNALS = """\
connector: files
tables:
  signals:
    path: drops/intent.csv
    columns:
      domain: Domain
      kind: {const: research}
      topic: Topic
      title: Said
      strength: Score
      occurred_at: Day
"""


def test_signals_without_a_key_are_known_by_what_they_say(tmp_path: Path) -> None:
    """So a later drop that repeats one in another spelling adds none; how strong it is, is no part
    of what it says."""
    header = "Domain,Topic,Said,Score,Day"
    write(
        tmp_path,
        "drops/intent.csv",
        header,
        "https://www.acme-sample.com,ERP,compared,0.5,2026-10-30",
        "acme-sample.com,erp,compared,0.7,2026-10-30",
        "acme-sample.com,erp,,0.7,2026-10-30",
        "acme-sample.com,erp,compared,0.7,2026-10-31",
    )

    landed = fetched(tmp_path, SIGNALS)["signals"].rows

    assert landed["source_signal_id"].to_list() == [
        "acme-sample.com|research|erp|compared|2026-10-30T00:00:00Z",
        "acme-sample.com|research|erp|compared|2026-10-31T00:00:00Z",
        "acme-sample.com|research|erp||2026-10-30T00:00:00Z",
    ]
