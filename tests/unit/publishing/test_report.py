"""The report as text; how it behaves in a browser is tested in tests/browser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest

from expectations.results import Acceptance, Finding, GateResults
from orchestration.explanations import explanations
from orchestration.publishing.account_story import Question, Story, criteria, story
from orchestration.publishing.marts import opened, write_database
from orchestration.publishing.report import render_report
from orchestration.warehouse import warehouse_file
from tests.support.publications import edition, gate, publish_week, settings_in
from tests.support.warehouse import HOSTILE_NAME, LIST_WEEK, build_warehouse


def published(home: Path, mutations: Iterable[str] = ()) -> Path:
    """The marts file of a published week, its warehouse changed by SQL before."""
    return publish_week(settings_in(home), mutations=mutations) / "marts.duckdb"


def told(marts: Path, account_id: str) -> Story:
    """One account's story."""
    with opened(marts) as connection:
        (account,) = explanations(connection, [account_id])
        return story(account, criteria(connection))


def report(marts: Path, results: GateResults | None = None) -> str:
    """The words of the report, without its markup."""
    with opened(marts) as connection:
        page = render_report(connection, results or gate())
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body)))


def test_an_account_is_told_in_words(tmp_path: Path) -> None:
    """Its strongest reasons by name, the people by name and title, the issue with its evidence."""
    first = told(published(tmp_path), "a1")

    assert first.why_them == "mid size and in region"
    assert first.who == "Ada Example (Chief Financial Officer)"
    assert first.why_now == ("The close takes too long (topic_surge: financial close, 2026-11-20)")


def test_long_lists_are_counted_and_drawbacks_named(tmp_path: Path) -> None:
    """A sentence stays one, and hides nothing that speaks against the account."""
    earned = ", ".join(
        f"{{'leg': 'organisation', 'reason_id': '{name}', 'points': {points}, 'evidence_id': null}}"
        for name, points in [
            ("r1", 9),
            ("r2", 8),
            ("r3", 7),
            ("r4", 6),
            ("r5", 5),
            ("rival_in", -4),
        ]
    )
    criterion = (
        "insert into marts.criteria by name select 'criterion' as kind, 'organisation' as leg"
    )
    marts = published(
        tmp_path,
        [
            f"update marts.account_scores set reasons_earned = [{earned}] where account_id = 'a1'",
            *(
                f"{criterion}, '{name}' as criterion_id, 5 as points, 9 as position"
                for name in ("r1", "r2", "r3", "r4", "r5", "rival_in")
            ),
            "create or replace table marts.target_account_reasons as "
            "select reasons.* from marts.account_reasons as reasons "
            "join marts.target_accounts using (account_id)",
        ],
    )

    assert told(marts, "a1").why_them == "r1, r2, r3 and 2 more, despite: rival in"
    assert told(marts, "a1").why_now == "no sign of an issue that we solve"


def test_a_leg_that_is_not_judged_is_not_asked_about(tmp_path: Path) -> None:
    """Where people have no weight, nobody is missing."""
    marts = published(tmp_path, ["update marts.account_scores set people_coverage_score = null"])

    assert told(marts, "a1").who == "people coverage is not judged"
    assert [step.leg.leg for step in told(marts, "a1").next_steps] == ["issue"]


def test_what_to_find_out_begins_with_the_weakest_leg(tmp_path: Path) -> None:
    """Then come missing roles and unknown data, each with the points that it could bring."""
    steps = told(published(tmp_path), "a2").next_steps

    assert [(step.leg.leg, step.is_weakest) for step in steps] == [
        ("issue", True),
        ("organisation", False),
        ("people", False),
    ]
    assert [question for step in steps for question in step.questions] == [
        Question("Slow close: more signs, or newer ones", "financial close", Decimal("19.7500")),
        Question("Employees: not known", "between 200 and 5000", Decimal("66.6667")),
        Question("Who is the tax lead?", "head of tax", Decimal("30.0000")),
    ]


@pytest.mark.parametrize(
    ("score", "gain"),
    [("20.0", "30.0000"), ("85.5", "14.5000"), ("99.98", None), ("100", None)],
    ids=["by what the issue is worth", "no higher than 100", "too little to ask", "nothing left"],
)
def test_signs_of_an_issue_bring_what_they_can(
    tmp_path: Path, score: str, gain: str | None
) -> None:
    """Nothing is promised that the leg can't reach."""
    marts = published(
        tmp_path,
        [f"update marts.account_scores set issue_urgency_score = {score} where account_id = 'a6'"],
    )
    weakest = told(marts, "a6").next_steps[0]

    assert weakest.is_weakest
    assert [question.points for question in weakest.questions] == ([Decimal(gain)] if gain else [])


def test_a_list_of_another_document_is_told(tmp_path: Path) -> None:
    """Accounts move for that alone; of other weeks it is none of the report's business."""
    settings = settings_in(tmp_path)
    build_warehouse(warehouse_file(settings, LIST_WEEK))
    found = []
    for day in (9, 16):
        marts = tmp_path / f"{day}.duckdb"
        others = {date(2026, 11, day): 2}
        write_database(marts, replace(edition(settings), other_documents=others))
        found.append(report(marts))

    told = "16 November 2026, for which another document was used (version 2), so that"
    assert [told in page for page in found] == [False, True]


def test_reasons_are_counted_by_their_kind(tmp_path: Path) -> None:
    """Without each account's own score, day and family; rare ones are counted too."""
    more = (
        "insert into marts.account_scores by name select * exclude (i) replace "
        "('x' || i as account_id, '{}' as outcome, {} as outcome_reason, null as rank) "
        "from marts.account_scores, range({}) as t (i) where account_id = 'a3'"
    )
    kinds = [
        (
            "below_line",
            "'not aligned: people coverage ' || i || '.5 is under the minimum of 25'",
            9,
        ),
        ("below_line", "'stands under Nord ' || i || ', the best aligned of its family'", 4),
        ("suppressed", "'recently lost on 2026-11-1' || i || ' (says crm)'", 7),
        ("qualified_out", "'sales qualified it out on 2026-11-1' || i || ': no budget'", 6),
        ("qualified_out", "'rule_' || i || ': Too far away'", 12),
    ]
    page = report(published(tmp_path, [more.format(*kind) for kind in kinds]))

    assert "not aligned: people coverage is under the minimum of 25 9 " in page
    assert "stands under the best aligned of its family 4 " in page
    assert "recently lost (says crm) 7 " in page
    assert "sales qualified it out 6 " in page
    assert "rule 10: Too far away 1 " in page
    assert "for other reasons 6 " in page


def test_long_demands_are_cut_at_a_comma(tmp_path: Path) -> None:
    """Half a title would be looked for in vain."""
    titles = "chief tax officer, head of tax, tax director, leiter steuern, directeur fiscal"
    change = f"update marts.criteria set operand = '{titles}' where criterion_id = 'tax_lead'"
    steps = told(published(tmp_path, [change]), "a1").next_steps

    wanted = [question.wanted for step in steps for question in step.questions]
    assert wanted[-1] == "chief tax officer, head of tax, tax director …"


def test_numbers_stand_beside_those_of_the_list_before(tmp_path: Path) -> None:
    """Where that list is still in the history, by tier too."""
    before = """
        insert into marts.list_history
        select * replace (date '2026-11-16' as list_week, 'A' as tier) from marts.list_history
        where rank < 3
    """
    words = report(published(tmp_path, [before]))

    assert "3 listed accounts 3 before " in words
    assert "1 in tier A 2 before (-1)" in words
    assert "2 in tier B 0 before (+2)" in words
    assert "1 new or returned 1 left the list" in words
    assert "40.6 median alignment 50.0 before (-9.4)" in words
    assert "3 people to talk to at 3 of the accounts" in words


def test_the_first_list_is_compared_with_nothing(tmp_path: Path) -> None:
    """No zero that looks like a list of none."""
    first = """
        update marts.target_account_changes
        set previous_week = null, previous_rank = null, change = 'new'
    """
    words = report(published(tmp_path, [first]))

    assert "the first list, so there is nothing to compare it with" in words
    numbers = words.partition("How to read it")[2].partition("Age of the data")[0]
    assert "3 listed accounts" in numbers
    assert "before" not in numbers


def test_the_age_of_the_data_is_told(tmp_path: Path) -> None:
    """The newest signal, and the table that waits longest for a batch."""
    words = report(
        published(
            tmp_path,
            [
                "update marts.source_batches set stamped_week = '2026-10-05' "
                "where table_name = 'contacts'",
                "update marts.target_accounts set newest_signal_date = '2026-09-01' where rank = 3",
            ],
        )
    )

    assert "newest signal of a listed account is of 20 November 2026" in words
    assert "quietest one's newest of 1 September 2026" in words
    assert "longest without a new batch is crm contacts, last fetched for 5 October 2026" in words


def test_changes_are_told_with_their_reason(tmp_path: Path) -> None:
    """Up, new and the same, each in a sentence."""
    words = report(published(tmp_path))

    assert "Up from 2 to 1 since 16 November 2026: issue urgency rose from 20 to 50." in words
    assert "New on the list since 16 November 2026: new on the list." in words
    assert "Still at 3 since 16 November 2026: nothing changed." in words


def test_the_list_and_the_accounts_agree_to_the_digit(tmp_path: Path) -> None:
    """What is rounded twice would differ from what is rounded once."""
    scores = [
        f"update marts.{table} set alignment_score = 60.2501 where account_id = 'a1'"
        for table in ("account_scores", "target_accounts")
    ]
    words = report(published(tmp_path, scores))

    assert "60.2 " not in words
    assert "alignment 60.3" in words


def test_an_accepted_finding_says_by_whom_and_why(tmp_path: Path) -> None:
    """Whoever reads the list sees who answers for what is unusual about it."""
    churn = Finding(
        "list_churn", "departures", "critical", False, "Half is new.", "a third", "a half",
        acceptable=True,
    )  # fmt: skip
    results = replace(gate(), findings=(churn,)).accepting(
        [Acceptance("list_churn", "R. <b>Roe", "we opened Japan")]
    )
    words = report(published(tmp_path), results)

    assert "List churn: Half is new. Expected: a third. Found: a half." in words
    assert "Accepted by R. <b>Roe: we opened Japan." in words


def test_the_same_marts_give_the_same_bytes(tmp_path: Path) -> None:
    """So that publishing the same list twice changes nothing, and a copy can be checked."""
    marts = published(tmp_path)
    with opened(marts) as connection:
        pages = {render_report(connection, gate()) for _ in range(3)}

    assert len(pages) == 1


def test_a_page_holds_one_script_which_is_ours(tmp_path: Path) -> None:
    """Names that look like markup add none."""
    page = (published(tmp_path).parent / "report.html").read_text(encoding="utf-8")

    assert page.count("<script") == page.count("</script") == 1
    assert re.search(r"; script-src 'sha256-[\w+/]{43}='\"", page)
    assert HOSTILE_NAME not in page
