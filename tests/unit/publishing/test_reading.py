"""Reading what is published: the list, and an explanation for any account in any spelling."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.reading import explain, format_explanation, format_list, published, read_list
from tests.support.publications import publish_week, settings_in


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_in(tmp_path_factory.mktemp("home"))
    publish_week(settings)
    return settings


@pytest.mark.parametrize(
    "spelling",
    [
        "harbour.example",
        "HARBOUR.example.",
        "https://www.harbour.example:443/about?x=1",
        "mail.harbour.example",
        "quiet  harbour LTD",
        "a3",
    ],
)
def test_an_account_is_found_in_any_spelling(settings: Settings, spelling: str) -> None:
    """Domain, address, name and id lead to the same account."""
    assert explain(settings, spelling).account_id == "a3"


@pytest.mark.parametrize(
    ("account", "outcome"),
    [("a1", "listed"), ("a3", "below_line"), ("a4", "qualified_out"), ("a5", "suppressed")],
)
def test_every_outcome_is_explained_by_reasons_that_add_up(
    settings: Settings, account: str, outcome: str
) -> None:
    """For any account the reasons of each leg sum to its score."""
    explanation = explain(settings, account)

    assert explanation.outcome == outcome
    assert explanation.outcome_reason
    for leg in explanation.legs:
        assert sum(reason.points for reason in leg.reasons) == leg.score


def test_an_explanation_tells_what_sales_said_beside_a_disqualifier(tmp_path: Path) -> None:
    """The disqualifier decides the outcome; the answer of sales is told as well."""
    settings = settings_in(tmp_path)
    said = """
        insert into marts.qualified_out by name select * replace (
            'sales_verdict' as reason_id, 'no budget; holds until 2026-12-31' as evidence,
            'sales' as evidence_source, date '2026-11-18' as evidence_date
        ) from marts.qualified_out
    """
    publish_week(settings, mutations=[said])

    assert explain(settings, "tiny.example").disqualifiers == (
        "too small: Too small to buy (employees: 3; at most 10)",
        "sales on 2026-11-18: no budget; holds until 2026-12-31 [sales]",
    )


def test_a_listed_account_shows_people_issues_gaps_and_change(settings: Settings) -> None:
    """Who, why now, what is missing, where it comes from and what changed are all there."""
    explanation = explain(settings, "hostile.example")

    assert [person.full_name for person in explanation.people] == ["Cy Example"]
    assert [role.role_id for role in explanation.missing_roles] == ["tax_lead"]
    assert [signal.text for signal in explanation.signals] == ["financial close"]
    assert [unknown.attribute for unknown in explanation.unknown] == ["employees"]
    assert [u.criterion_id for u in explanation.unknown_disqualifiers] == ["too_small"]
    assert [record.source for record in explanation.records] == ["crm"]
    assert explanation.change is not None
    assert explanation.change.change == "new"


def test_a_disqualifier_that_cannot_be_judged_is_told(settings: Settings) -> None:
    """Nothing rules the account out as long as nobody knows, so somebody should find out."""
    text = format_explanation(explain(settings, "hostile.example"))
    report = (published(settings) / "report.html").read_text(encoding="utf-8")

    told = "Not known, and might rule it out:\n  employees, ruled out: at most 10 (too_small)\n"
    assert told in text
    assert "Not known, and might rule it out:" in report
    assert "Not known, and might rule it out:" not in format_explanation(explain(settings, "a3"))


def test_what_speaks_against_an_account_is_not_wanted(tmp_path: Path) -> None:
    """Though it is worth finding out."""
    settings = settings_in(tmp_path)
    against = "update marts.criteria set points = -20 where criterion_id = 'mid_size'"
    publish_week(settings, mutations=[against])

    text = format_explanation(explain(settings, "hostile.example"))

    assert "  employees, not wanted: between 200 and 5000 (mid_size)" in text


@pytest.mark.parametrize(
    ("low", "high", "said"), [("51", "200", "51 to 200"), ("10001", "null", "10,001 or more")]
)
def test_a_band_of_employees_is_told_as_one(tmp_path: Path, low: str, high: str, said: str) -> None:
    """Its middle, which criteria are held against, is nobody's head count."""
    settings = settings_in(tmp_path)
    band = f"update marts.accounts set employees_low = {low}, employees_high = {high}"
    folder = publish_week(settings, mutations=[f"{band} where account_id = 'a1'"])

    heading = format_explanation(explain(settings, "a1")).splitlines()[0]
    assert f"{said} employees" in heading
    assert f"{said} employees" in (folder / "report.html").read_text(encoding="utf-8")
    sheet = load_workbook(folder / "target_accounts.xlsx")["List"]
    assert said in {cell.value for row in sheet.iter_rows() for cell in row}
    first, *others = read_list(settings)
    assert (first["employees_low"], others[0]["employees_low"]) == (int(low), None)


def test_an_explanation_places_the_account_in_its_family(tmp_path: Path) -> None:
    """Whose it is, who is at the top, and for how many others of the family it stands."""
    settings = settings_in(tmp_path)
    family = (
        "update marts.accounts set parent_account_id = 'a6', ultimate_parent_account_id = 'a3' "
        "where account_id = 'a1'"
    )
    others = "update marts.target_accounts set rolled_up_accounts = 2 where account_id = 'a1'"
    publish_week(settings, mutations=[family, others])

    text = format_explanation(explain(settings, "a1"))

    assert "Belongs to 東京 Holdings 🚀, at the top Quiet Harbour Ltd." in text
    assert "Stands for 2 other accounts of its family." in text
    assert "Belongs to" not in format_explanation(explain(settings, "a2"))


def test_a_suppressed_account_shows_no_people(tmp_path: Path) -> None:
    """Even when a mart still held someone, the explanation names nobody."""
    settings = settings_in(tmp_path)
    leak = "update marts.contacts set account_id = 'a5' where contact_id = 'crm:p1'"
    publish_week(settings, mutations=[leak])

    explanation = explain(settings, "customer.example")

    assert explanation.people == ()
    assert "Ada" not in format_explanation(explanation)


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ("harbuor.example", r"did you mean: harbour\.example"),
        ("nordlicht.example", r"2 accounts go by .* a1 .* a6"),
        ("zzz", "no account goes by 'zzz'"),
        ("", "no account goes by ''"),
        ("'; drop table accounts; --", "no account goes by"),
    ],
)
def test_an_unknown_account_is_one_line_with_a_hint(
    settings: Settings, account: str, message: str
) -> None:
    """What can't be found says so in one line, with near misses."""
    with pytest.raises(ProspectError, match=message) as error:
        explain(settings, account)

    assert "\n" not in str(error.value)


def test_the_explanation_reads_well(settings: Settings) -> None:
    """The text says the outcome, the three questions and that the data is made up."""
    text = format_explanation(explain(settings, "a1"))

    for phrase in ("LISTED, rank 1, tier A", "Why them", "Who", "Why now", "MADE-UP", "tax lead"):
        assert phrase in text


def test_an_explanation_shows_where_sources_contradict_each_other(settings: Settings) -> None:
    """Both values, each with who says so and since when."""
    text = format_explanation(explain(settings, "a3"))

    assert "Sources contradict each other:" in text
    assert "  employees: 400 [crm, 2026-11-02], not 51 to 200 [market, 2026-10-01]" in text
    assert "contradict" not in format_explanation(explain(settings, "a1"))


def test_the_list_can_be_read_by_tier(settings: Settings) -> None:
    """Best first; an unknown tier is answered with those there are."""
    assert [row["rank"] for row in read_list(settings)] == [1, 2, 3]
    assert [row["rank"] for row in read_list(settings, tier="B")] == [2, 3]
    assert [row["rank"] for row in read_list(settings, top=1)] == [1]
    with pytest.raises(ProspectError, match="A, B"):
        read_list(settings, tier="C")


def test_the_list_has_three_formats(settings: Settings) -> None:
    """A table that fits the terminal, formula-safe CSV, and JSON with numbers."""
    rows = read_list(settings)

    table = format_list(rows, "table", width=120)
    assert "Nordlicht Werke" in table
    assert "Made-up data" in table
    assert max(map(len, table.splitlines())) <= 120
    assert "\"'=cmd|" in format_list(rows, "csv")
    (first, *_) = json.loads(format_list(rows, "json"))
    assert first["alignment_score"] == float(rows[0]["alignment_score"])


def test_what_is_not_published_is_said(settings: Settings, tmp_path: Path) -> None:
    """Neither an empty home nor an unpublished week is a traceback."""
    with pytest.raises(ProspectError, match="prospects run"):
        published(settings_in(tmp_path))
    with pytest.raises(ProspectError, match="2026-01-05 is not published"):
        published(settings, date(2026, 1, 5))
