"""The connectors against real bytes, which lie beside the project and never in it."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from ingest.settings import PROJECT
from tests.support.sources import Landed, fetched

DATA = PROJECT.parent / "shared" / "data"
WEEK = date(2026, 8, 3)

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)

YC = f"""\
connector: files
tables:
  companies:
    path: {DATA}/yc/yc_companies.csv
    columns:
      source_company_id: id
      name: name
      website: website
      country: {{from: regions, as: split_first, empty: [Unspecified]}}
      city: {{from: all_locations, as: "split_first:,"}}
      industry: {{from: industry, empty: [Unspecified]}}
      employees: team_size
      status: status
    attributes: {{stage: stage, tags: {{from: tags, as: list}}}}
  signals:
    path: {DATA}/yc/yc_job_postings.csv
    columns:
      source_signal_id: id
      source_company_id: company_id
      kind: {{const: job_posting}}
      topic: pretty_role
      title: title
      text: skills
      occurred_at: {{from: created_at, as: relative_date}}
      known_at: {{from: created_at, as: relative_date}}
      url: absolute_url
"""
MAVEN = f"""\
connector: files
tables:
  companies:
    path: {DATA}/maven_crm/accounts.csv
    columns:
      source_company_id: account
      name: account
      industry: sector
      country: office_location
      employees: employees
      founded_year: year_established
    attributes: {{revenue_musd: {{from: revenue, as: number}}}}
  company_relationships:
    path: {DATA}/maven_crm/accounts.csv
    only_with: [subsidiary_of]
    columns:
      child_source_company_id: account
      parent_source_company_id: subsidiary_of
      kind: {{const: parent}}
  owners:
    path: {DATA}/maven_crm/sales_teams.csv
    columns: {{source_owner_id: sales_agent, name: sales_agent, territory: regional_office}}
  deals:
    path: {DATA}/maven_crm/sales_pipeline.csv
    columns:
      source_deal_id: opportunity_id
      source_company_id: account
      name: product
      amount: close_value
      currency: {{const: USD}}
      stage: deal_stage
      outcome: {{from: deal_stage, won: [Won], lost: [Lost]}}
      created_at: {{from: engage_date, as: "date:%m/%d/%Y"}}
      closed_at: {{from: close_date, as: "date:%m/%d/%Y"}}
      owner_id: sales_agent
"""
INC = f"""\
connector: files
tables:
  companies:
    path: {DATA}/inc5000/inc5000.csv
    columns:
      name: COMPANY NAME
      region: STATE
      country: {{const: US}}
      employees: EMPLOYEES
      revenue_usd: REVENUE
      founded_year: FOUNDED
      industry: INDUSTRY
"""
PULLS = f"""\
connector: files
tables:
  signals:
    path: {DATA}/ats_jobs_midat/jobs/*/part.parquet
    date_in_name: dt=%Y-%m-%d
    columns:
      source_signal_id: job_uid
      company_name: company
      kind: {{const: job_posting}}
      title: title
      occurred_at: published_at
      known_at: first_seen
      url: apply_url
"""


def known(landed: Landed, column: str) -> float:
    """The share of rows that have a value."""
    return 1 - landed.rows[column].null_count() / landed.rows.height


def test_yc_companies_have_domains_countries_and_head_counts(tmp_path: Path) -> None:
    """6,079 companies, none set aside."""
    companies = fetched(tmp_path, YC, WEEK)["companies"]

    assert (companies.batch.rows, companies.batch.rejects) == (6_079, 0)
    assert known(companies, "domain") > 0.99
    assert known(companies, "employees") > 0.98
    assert known(companies, "country") > 0.96
    assert companies.rows["country"].value_counts(sort=True)["country"][0] == "US"


def test_yc_postings_are_dated_back_from_the_week_and_belong_to_its_companies(
    tmp_path: Path,
) -> None:
    """ "over 8 years" and "about 15 hours" are both times before the list week."""
    landed = fetched(tmp_path, YC, WEEK)

    postings, companies = landed["signals"], landed["companies"].rows
    ages = postings.rows["known_at"]
    assert (postings.batch.rows, postings.batch.rejects, postings.batch.unconverted) == (
        5_342,
        0,
        0,
    )
    assert (ages == postings.rows["occurred_at"]).all()
    assert (ages.min(), ages.max() < datetime(2026, 8, 3, tzinfo=UTC)) == (
        datetime(2018, 8, 3, tzinfo=UTC),
        True,
    )
    assert postings.rows.join(companies, on="source_company_id", how="anti").is_empty()


def test_a_whole_crm_export_lands_without_domains(tmp_path: Path) -> None:
    """85 accounts by name, American dates; deals without an account are set aside."""
    landed = fetched(tmp_path, MAVEN, WEEK)

    deals = landed["deals"].rows
    assert {name: table.batch.rows for name, table in landed.items()} == {
        "companies": 85,
        "company_relationships": 15,
        "deals": 7_375,
        "owners": 35,
    }
    assert landed["company_relationships"].batch.rejects == 0
    assert landed["deals"].batch.rejects == 8_800 - 7_375
    assert dict(deals["outcome"].value_counts().iter_rows()) == {
        "won": 4_238,
        "lost": 2_473,
        "open": 664,
    }
    assert deals.filter(pl.col("outcome") != "open")["closed_at"].null_count() == 0
    assert deals["created_at"].min() == datetime(2016, 10, 20, tzinfo=UTC)


def test_revenues_in_words_are_numbers(tmp_path: Path) -> None:
    """18.3 MM, under a header with blanks around it."""
    companies = fetched(tmp_path, INC, WEEK)["companies"]

    first = companies.rows.filter(name="Mortgage Capital Trading").row(0, named=True)
    assert (companies.batch.rows, companies.batch.unconverted) == (5_000, 0)
    assert (first["revenue_usd"], first["employees"], first["region"]) == (18_300_000.0, 95, "CA")
    assert known(companies, "revenue_usd") == 1


def test_daily_pulls_of_boards_are_one_posting_each(tmp_path: Path) -> None:
    """Fourteen dated folders; an earlier week sees only its own."""
    late = fetched(tmp_path / "late", PULLS, WEEK)["signals"]
    early = fetched(tmp_path / "early", PULLS, date(2026, 7, 20))["signals"]

    assert late.rows["source_signal_id"].is_unique().all()
    assert late.batch.rejects == early.batch.rejects == 0
    assert early.batch.rows < late.batch.rows
    assert early.rows["known_at"].max() <= datetime(2026, 7, 20, tzinfo=UTC)


def test_a_surge_file_without_header_gives_surges_of_60_and_more(tmp_path: Path) -> None:
    """10,000 rows by metro area of 105 domains."""
    source = f"connector: bombora\npath: {DATA}/bombora_surge/*.csv"

    landed = fetched(tmp_path, source, date(2015, 7, 20))

    signals = landed["signals"].rows
    assert landed["signals"].batch.rejects == 0
    assert signals.height == signals.select("domain", "topic").unique().height == 525
    assert (signals["strength"].min(), signals["strength"].max()) == (0.6, 0.98)
    assert landed["companies"].rows["employees_high"].drop_nulls().is_in([10, 50, 200]).all()


@pytest.mark.parametrize(
    ("ats", "path"),
    [
        ("greenhouse", "/v1/boards/made-up/jobs"),
        ("lever", "/v0/postings/made-up"),
        ("ashby", "/posting-api/job-board/made-up"),
    ],
)
def test_recorded_boards_give_dated_postings_without_markup(
    httpserver: HTTPServer, tmp_path: Path, ats: str, path: str
) -> None:
    """Two postings of each vendor, as it answered."""
    answer = json.loads((DATA / "ats_jobs_midat" / "fixtures" / f"{ats}.json").read_text())
    httpserver.expect_request(path).respond_with_json(answer)
    source = f"""\
connector: job_boards
{ats}_url: {httpserver.url_for("").rstrip("/")}
boards: [{{ats: {ats}, token: made-up, domain: acme.de}}]
"""

    signals = fetched(tmp_path, source, WEEK)["signals"].rows

    assert signals.height == 2
    assert signals.select(pl.col("title", "text", "known_at", "url").is_not_null().all()).row(
        0
    ) == (
        True,
        True,
        True,
        True,
    )
    assert (signals["known_at"] < datetime(2026, 8, 3, tzinfo=UTC)).all()
    assert not signals["text"].str.contains(r"</?\w+[ >]|&\w+;").any()
