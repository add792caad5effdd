"""The evidence as a page: what it answers, with few deals or none, and whatever its texts are."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import duckdb
import pytest

from ingest.erasure import Erased, digest
from orchestration.publishing.erasure import erase_published
from orchestration.publishing.evidence_page import render_evidence
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import EVIDENCE, HOSTILE_NAME

WITHOUT = [
    f"drop table marts.{mart}"
    for mart in ("criterion_evidence", "family_evidence", "ranking_backtest")
]
# A hostile criterion can't come from a document; a page must not count on that.
HOSTILE = HOSTILE_NAME.replace("'", "''")


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published week with evidence, in which every text is hostile."""
    hostile = [
        f"update marts.criterion_evidence set criterion_id = '{HOSTILE}', statement = '{HOSTILE}' "
        "where criterion_id = 'mid_size'",
        f"update marts.owner_profiles set name = '{HOSTILE}', territory = '{HOSTILE}'",
        f"update marts.criterion_evidence set leak = '{HOSTILE}' where criterion_id = 'tax_lead'",
    ]
    home = tmp_path_factory.mktemp("home")
    return publish_week(settings_in(home), mutations=[*EVIDENCE, *hostile])


def page(version: Path) -> str:
    """The page as published."""
    return (version / "evidence.html").read_text(encoding="utf-8")


def said(version: Path) -> str:
    """The words of the page, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page(version))))


def rendered(version: Path, *changes: str) -> str:
    """The words of the page on the version's marts after changes."""
    with duckdb.connect() as marts:
        marts.execute(f"attach '{version / 'marts.duckdb'}' as version (read_only)")
        for mart in ("meta", "criterion_evidence", "family_evidence", "ranking_backtest",
                     "pipeline_review", "owner_profiles"):  # fmt: skip
            marts.execute(f"create table {mart} as from version.{mart}")
        for change in changes:
            marts.execute(change)
        text = render_evidence(marts)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", text)))


def test_the_question_is_answered_in_words(version: Path) -> None:
    """By the document's ranking of the newer deals, with its interval."""
    told = said(version)

    assert "Yes: it ranks those who buy above those who don't better than chance does." in told
    assert "puts the won one first in 66 (95 % interval 56 to 75)" in told
    assert "200 closed deals 50 won, 25.0 %" in told


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        ("no lift", "No lift: how it ranks deals can't be told from chance."),
        ("worse than chance", "No: it ranks those who don't buy above those who do."),
        ("not enough deals", "of the newer ones 25 were won and 75 lost, and it takes 20 of each"),
    ],
)
def test_a_bad_answer_is_given_as_plainly(version: Path, verdict: str, answer: str) -> None:
    """Whatever the ranking, the page says so at its head."""
    assert answer in rendered(version, f"update ranking_backtest set verdict = '{verdict}'")


def test_what_ranks_as_well_without_a_document_is_told(version: Path) -> None:
    """Where the newest signal alone does as well, a leader should know."""
    naive = "insert into ranking_backtest by name select * replace ('{}' as ranking, {} as auc) {}"
    kept = "from ranking_backtest where ranking = 'random'"

    assert "But" not in said(version)
    assert "But recency only, which takes no document, ranks them as well." in rendered(
        version, naive.format("recency only", 0.66, kept), naive.format("size only", 0.5, kept)
    )
    assert "But" not in rendered(version, naive.format("recency only", 0.65, kept))


def test_each_row_has_its_shares_and_points(version: Path) -> None:
    """Won shares with their intervals, points beside those suggested, a verdict, and what sales
    said."""
    told = said(version)

    assert "contradicted 15 % of 100 9 to 23 % 35 % of 100 26 to 45 % 0 0.60 30 30 3 of 5" in told
    assert "not enough deals no deal 25 % of 200" in told
    assert "adds nothing" not in told
    assert "demographic 2 50 % 0.62 0.55 to 0.69 0.08 0.02 to 0.13 adds" in told


def test_what_rests_on_todays_facts_says_so(version: Path) -> None:
    """At the head of the page; where nothing does, it is not there."""
    assert "40 % of the deals are judged in something by today's facts" in said(version)
    assert "today's facts" not in rendered(
        version, "update ranking_backtest set judged_by_todays_facts_pct = 0"
    )


def test_pictures_have_words_and_tables_beside_them(version: Path) -> None:
    """Whoever does not see them is told what they show."""
    text = page(version)

    labels = re.findall(r'<div role="img" aria-label="([^"]+)"><span aria-hidden="true"><svg', text)
    assert len(labels) == text.count("<svg") == 7
    assert all("deals" in label or "AUC" in label for label in labels)
    assert text.count("<table") >= 6


def test_names_are_text_in_pictures_and_tables(version: Path) -> None:
    """Also in a picture, whose text is drawn by somebody else's program."""
    text = page(version)

    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 5
    pictures = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert "&lt;script&gt;" in pictures
    assert set(re.findall(r"<(\w+)", pictures)) <= {"svg", "g", "path", "rect", "line", "text"}
    assert not re.search(r"\s(on\w+|href|xlink:href|src)=", pictures)


def test_the_same_evidence_is_the_same_page(version: Path) -> None:
    """Pictures have no marks of the moment in which they were drawn."""
    with duckdb.connect(str(version / "marts.duckdb"), read_only=True) as marts:
        assert render_evidence(marts) == render_evidence(marts) == page(version)


def test_without_closed_deals_it_says_what_is_missing(tmp_path: Path) -> None:
    """And shows the open deals and their owners all the same."""
    version = publish_week(settings_in(tmp_path / "home"))

    assert "no closed deal of a known account has landed" in said(version)
    assert "<svg" not in page(version)
    assert "keep 1 find out 2 qualify out 1" in said(version)


def test_an_erased_owner_is_not_on_the_page(tmp_path: Path) -> None:
    """Their row stays, without a name."""
    settings = settings_in(tmp_path / "home")
    version = publish_week(settings, mutations=EVIDENCE)
    assert "@Olga Example" in said(version)

    erase_published(settings, Erased(emails=frozenset({digest("olga@seller.example")})))

    assert "Olga" not in page(version)
    assert "no name North 12 25 % 9 to 53 %" in said(version)


def test_a_version_from_before_the_evidence_stays_readable(tmp_path: Path) -> None:
    """It is made anew without a person, and its report doesn't lead to a page that isn't there."""
    settings = settings_in(tmp_path / "home")
    version = publish_week(settings, mutations=WITHOUT)

    assert erase_published(settings, Erased(emails=frozenset({digest("ada@nordlicht.example")})))
    assert not (version / "evidence.html").exists()
    assert "evidence.html" not in (version / "report.html").read_text(encoding="utf-8")
