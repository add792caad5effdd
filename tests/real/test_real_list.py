"""Lists made from real data, and from a whole CRM export, by the command that a user runs.

The data lies beside the project and never in it; the documents of the first list are in `yc/`.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingest.documents.perfect_customer import load_perfect_customer
from ingest.settings import Settings
from tests.real.test_real_formats import DATA, MAVEN
from tests.support.runs import Publication, prospects

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)

HERE = Path(__file__).parent
YC = HERE / "yc"
YC_WEEK = date(2026, 8, 3)
MAVEN_WEEK = date(2017, 3, 6)
SURGE_WEEK = date(2015, 7, 20)
SCORES = {"organisation": "organisation_fit_score", "issue": "issue_urgency_score"}

SURGE = f"connector: bombora\npath: {DATA}/bombora_surge/*.csv\n"


@pytest.fixture(scope="session")
def yc(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """The list of real companies: a directory, its openings, and the boards of other firms."""
    home = tmp_path_factory.mktemp("yc")
    return published(home, YC / "sources.yml", YC / "perfect_customer.yml", YC_WEEK)


@pytest.fixture(scope="session")
def directory() -> pl.DataFrame:
    """The directory as its file has it."""
    return pl.read_csv(DATA / "yc" / "yc_companies.csv", infer_schema_length=None)


@pytest.fixture(scope="session")
def board_postings() -> pl.DataFrame:
    """All daily pulls of the boards."""
    return pl.read_parquet(DATA / "ats_jobs_midat" / "jobs" / "*" / "part.parquet")


@pytest.fixture(scope="session")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """A week in the middle of a CRM export, when some of its accounts had bought."""
    folder = tmp_path_factory.mktemp("maven")
    customer = HERE / "maven" / "perfect_customer.yml"
    return published(folder, only_source(folder, MAVEN), customer, MAVEN_WEEK)


@pytest.fixture(scope="session")
def surge(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """The week of a surge file, whose domains are the only companies."""
    folder = tmp_path_factory.mktemp("surge")
    customer = HERE / "surge" / "perfect_customer.yml"
    return published(folder, only_source(folder, SURGE), customer, SURGE_WEEK)


def only_source(folder: Path, source: str) -> Path:
    """A sources.yml in a folder, of which `source` is the only entry."""
    indented = "".join(f"    {line}\n" for line in source.splitlines())
    path = folder / "sources.yml"
    path.write_text(f"sources:\n  vendor:\n{indented}", encoding="utf-8")
    return path


def published(folder: Path, sources: Path, customer: Path, week: date) -> Publication:
    """What `prospects run --fetch` publishes of a week long ago."""
    settings = Settings(folder / "home", sources, customer, week)
    ending = prospects(settings, "run", "--week", week, "--fetch")
    assert ending.code == 0, ending.err
    return Publication(settings, week)


def test_real_companies_are_listed_without_gaps(yc: Publication, directory: pl.DataFrame) -> None:
    """Ranks from 1 to n; each account is one of the directory, alive, and of a size we serve."""
    listed = yc.ask("select rank, name from target_accounts order by rank")
    alive = directory.filter(
        pl.col("status").is_in(["Active", "Public"]) & pl.col("team_size").is_between(20, 2_999)
    )
    assert len(listed) >= 20
    assert [row["rank"] for row in listed] == list(range(1, len(listed) + 1))
    assert {row["name"] for row in listed} <= set(alive["name"])


def test_the_first_ten_look_for_people_who_show_that_they_have_the_issue(
    yc: Publication, board_postings: pl.DataFrame
) -> None:
    """Each issue that earns points shows a real opening of half a year in the document's words."""
    shown = yc.ask("""
        select rank, name, reason_id, evidence, evidence_source, evidence_date
        from target_account_reasons join target_accounts using (account_id)
        where leg = 'issue' and points > 0 and rank <= 10
    """)
    openings = {
        "directory": titles(yc_postings(), "company_name", "title"),
        "boards": titles(board_postings, "company", "title"),
    }
    words = words_by_issue()
    assert {row["rank"] for row in shown} == set(range(1, 11))
    for row in shown:
        title = row["evidence"].removeprefix("job posting: ")
        assert (plain(row["name"]), plain(title)) in openings[row["evidence_source"]], row
        assert any(f" {word} " in f" {plain(title)} " for word in words[row["reason_id"]]), row
        assert 0 <= (YC_WEEK - row["evidence_date"]).days < 180, row


@pytest.mark.parametrize("leg", SCORES)
def test_reasons_of_real_accounts_add_up(yc: Publication, leg: str) -> None:
    """For all 6,000 of them, to the last digit."""
    accounts = yc.ask(f"""
        select {SCORES[leg]} as score, list_transform(
            list_filter(reasons_earned, lambda r: r.leg = '{leg}'), lambda r: r.points
        ) as points
        from account_scores
    """)
    assert len(accounts) > 5_000
    assert all(sum(row["points"], Decimal(0)) == row["score"] for row in accounts)


def test_people_are_not_judged_and_the_list_says_so(yc: Publication) -> None:
    """No score instead of a 0, a banner that names the leg, and words in the explanation."""
    report = (yc.folder / "report.html").read_text(encoding="utf-8")
    (first,) = yc.values("select domain from target_accounts where rank = 1")
    explained = prospects(yc.settings, "explain", first).out
    assert yc.values("select distinct people_coverage_score from account_scores") == [None]
    assert re.search(r'class="banner">[^\n]*Not judged here: people\.', report)
    assert "people coverage not judged\n" in explained


def test_nothing_real_is_called_made_up(yc: Publication) -> None:
    """Neither in a file nor in what the command line prints."""
    said = yc.text() | {"list": prospects(yc.settings, "list").out.lower()}
    assert [name for name, text in said.items() if re.search(r"made[- ]up", text)] == []
    assert yc.values("select distinct is_made_up from source_batches") == [False]


@pytest.mark.parametrize(
    ("status", "rule"), [("Inactive", "closed"), ("Acquired", "bought")], ids=["closed", "bought"]
)
def test_companies_that_are_gone_are_qualified_out(
    yc: Publication, directory: pl.DataFrame, status: str, rule: str
) -> None:
    """As many as the directory says, each with that as its reason."""
    outcomes = yc.ask(
        """
        select scores.outcome, scores.met_disqualifiers as rules
        from account_scores as scores join accounts using (account_id)
        where status = $status
        """,
        status=status,
    )
    gone = directory.filter(status=status).height
    assert len(outcomes) == pytest.approx(gone, rel=0.01)
    assert all(row["outcome"] == "qualified_out" and rule in row["rules"] for row in outcomes)


def test_every_opening_of_the_directory_belongs_to_its_company(yc: Publication) -> None:
    """None is lost between the file and the account; one that says the same again is one."""
    found = yc.ask(
        "select count(*) as postings, count(distinct account_id) as accounts "
        "from signals where source = 'directory'"
    )
    postings = yc_postings()
    told = postings.filter(pl.col("skills").is_not_null())
    said_again = told.height - told.n_unique(["company_id", "title", "skills", "created_at"])
    wanted = {
        "postings": postings.height - said_again,
        "accounts": postings["company_id"].n_unique(),
    }
    assert found == [wanted]


def test_boards_are_linked_by_domain_or_by_a_name_that_one_account_has(
    yc: Publication, board_postings: pl.DataFrame
) -> None:
    """A vendor of boards gets its own openings and not those of its customers."""
    found = yc.ask("""
        select name, count(*) as postings from signals join accounts using (account_id)
        where source = 'boards' group by name
    """)
    linked = {row["name"]: row["postings"] for row in found}
    pulled = board_postings.unique("job_uid")
    names = {plain(name) for name in pulled["company"].unique()}
    ashby = pulled.filter(pl.col("company") == "ashby").height
    through_ashby = pulled.filter(pl.col("apply_url").str.contains("ashbyhq.com")).height
    assert len(linked) > 30
    assert {plain(name) for name in linked} <= names
    assert linked["Ashby"] == ashby < through_ashby / 50
    assert {"Stripe", "Airbnb"} <= linked.keys()
    assert "Flint" not in linked, "two companies go by that name"


def test_a_crm_export_suppresses_who_had_bought_by_that_week(maven: Publication) -> None:
    """Deals won later count as open; those without an account are set aside."""
    deals = pl.read_csv(DATA / "maven_crm" / "sales_pipeline.csv", try_parse_dates=False)
    bought = deals.filter(
        pl.col("account").is_not_null(),
        pl.col("deal_stage") == "Won",
        pl.col("close_date").str.to_date("%m/%d/%Y") <= MAVEN_WEEK,
    )
    suppressed = maven.ask("""
        select name, outcome_reason from account_scores join accounts using (account_id)
        where outcome = 'suppressed'
    """)
    assert {row["name"] for row in suppressed} == set(bought["account"])
    assert {row["outcome_reason"] for row in suppressed} == {"customer (says vendor)"}
    assert maven.values("select count(*) from target_accounts") == [85 - len(suppressed)]
    assert maven.ask("select rows, rejects from source_batches where table_name = 'deals'") == [
        {"rows": deals["account"].count(), "rejects": deals["account"].null_count()}
    ]


def test_a_crm_export_gives_deals_groups_and_owners(maven: Publication) -> None:
    """What was closed by the week is counted per account, and 15 accounts have a parent."""
    deals = pl.read_csv(DATA / "maven_crm" / "sales_pipeline.csv")
    closed = deals.filter(
        pl.col("account").is_not_null(),
        pl.col("close_date").str.to_date("%m/%d/%Y") <= MAVEN_WEEK,
    )
    counted = maven.ask("select name, past_deals from accounts where past_deals > 0")
    assert {row["name"]: row["past_deals"] for row in counted} == dict(
        closed["account"].value_counts().iter_rows()
    )
    assert maven.values("select count(*) from accounts where has_parent") == [15]
    assert maven.values("select rows from source_batches where table_name = 'owners'") == [35]


def test_a_crm_export_is_reviewed_as_of_that_week(maven: Publication) -> None:
    """Deals closed later are open at an unknown stage, and the usual age rests on those won by
    then, though the export knows of all."""
    deals = pl.read_csv(DATA / "maven_crm" / "sales_pipeline.csv").with_columns(
        pl.col("engage_date", "close_date").str.to_date("%m/%d/%Y")
    )
    known = deals.filter(
        pl.col("account").is_not_null(),
        (pl.col("engage_date") <= MAVEN_WEEK) | pl.col("engage_date").is_null(),
    )
    by_then = pl.col("close_date") <= MAVEN_WEEK
    still_open = known.filter(by_then.not_() | pl.col("close_date").is_null())
    won = known.filter(by_then, deal_stage="Won")
    days = (won["close_date"] - won["engage_date"]).dt.total_days().median()

    reviewed = maven.ask("select * from pipeline_review")
    assert {row["deal_id"].split(":")[1] for row in reviewed} == set(still_open["opportunity_id"])
    assert {row["stage"] for row in reviewed} == {None, "Engaging", "Prospecting"}
    assert {(row["usual_days"], row["usual_deals"], row["usual_basis"]) for row in reviewed} == {
        (days, won.height, "won")
    }
    profiles = maven.ask("select * from owner_profiles")
    assert sum(row["won_deals"] for row in profiles) == won.height
    assert sum(row["open_deals"] for row in profiles) == still_open.height


def test_surges_of_a_file_are_signals_of_the_companies_that_it_names(surge: Publication) -> None:
    """Of each topic the highest score from 60; a domain without a name is nobody's account."""
    (file,) = (DATA / "bombora_surge").glob("*.csv")
    rows = pl.read_csv(file, has_header=False, infer_schema_length=None)
    name, domain, topic, score = (rows.columns[place] for place in (0, 1, 5, 6))
    named = rows.filter(pl.col(domain).is_in(rows.drop_nulls(name)[domain].implode()))
    highest = named.group_by(domain, topic).agg(pl.col(score).max()).filter(pl.col(score) >= 60)
    signals = surge.ask("""
        select domain, topic, strength, kind, known_at
        from signals join accounts using (account_id)
    """)
    assert sorted(surge.values("select domain from accounts")) == sorted(named[domain].unique())
    assert sorted(
        (row["domain"], row["topic"], round(row["strength"], 2)) for row in signals
    ) == sorted((domain, topic, best / 100) for domain, topic, best in highest.rows())
    assert {(row["kind"], row["known_at"].date()) for row in signals} == {
        ("topic_surge", SURGE_WEEK)
    }


def test_a_surge_is_a_reason_to_call_now(surge: Publication) -> None:
    """Whoever is listed researched a topic of the document, which is shown."""
    listed = surge.values("select account_id from target_accounts")
    evidence = surge.values("""
        select evidence from target_account_reasons where leg = 'issue' and points > 0
    """)
    assert len(evidence) == len(listed) >= 1
    assert set(evidence) <= {"topic surge: endpoint security", "topic surge: windows 10"}


def yc_postings() -> pl.DataFrame:
    """The openings of the directory as their file has them."""
    return pl.read_csv(DATA / "yc" / "yc_job_postings.csv", infer_schema_length=None)


def titles(postings: pl.DataFrame, company: str, title: str) -> set[tuple[str, str]]:
    """Who looks for whom, in plain words."""
    return {(plain(name), plain(wanted)) for name, wanted in postings.select(company, title).rows()}


def words_by_issue() -> dict[str, set[str]]:
    """The words of the document that a posting must hold, by issue."""
    issues = load_perfect_customer(YC / "perfect_customer.yml").issues
    return {
        issue.id: {plain(word) for evidence in issue.evidence for word in evidence.words}
        for issue in issues
    }


def plain(text: str) -> str:
    """Words without capitals and punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))
