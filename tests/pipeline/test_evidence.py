"""What the made-up deals say of the document, where it is known why they were won.

A further file gives what was planted: an attribute drawn by lot, and one that is filled in only
where a deal was won.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from dagster import AssetKey

from ingest.documents.perfect_customer import load_perfect_customer
from ingest.sandbox.answers import answers_for
from ingest.settings import PROJECT, Settings
from orchestration.instance import dagster_instance
from tests.pipeline.conftest import WEEK
from tests.support.market import FIRST_WEEK
from tests.support.runs import Ending, Publication, prospects

COMPANIES, SEED = 3000, 7
PLANTED = """
    - id: drawn_by_lot
      family: environmental
      attribute: attributes.lot
      is: blue
      points: 9
      why: It means nothing.
    - id: was_handed_over
      family: situational
      attribute: attributes.handover
      is: done
      points: 9
      why: It is written down when a deal is won.
"""
SOURCE = """
  planted:
    connector: files
    tables:
      companies:
        path: planted.csv
        columns: {source_company_id: id, domain: domain}
        attributes: {lot: lot, handover: handover}
"""


@dataclass(frozen=True)
class Calibrated:
    """A published week, and what calibrating by it said; `before` is the document as it was."""

    publication: Publication
    ending: Ending
    before: str

    @property
    def suggested(self) -> Path:
        """The document that was written beside the one in force."""
        customer = self.publication.settings.perfect_customer
        return customer.with_name(f"{customer.stem}.suggested.yml")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    """The sandbox with what was planted in it, run and calibrated."""
    folder = tmp_path_factory.mktemp("evidence")
    sources = (PROJECT / "sources.yml").read_text(encoding="utf-8")
    sources = sources.replace("companies: 5000", f"companies: {COMPANIES}") + SOURCE
    customer = (PROJECT / "perfect_customer.yml").read_text(encoding="utf-8")
    customer = customer.replace("  disqualifiers:\n", f"{PLANTED}  disqualifiers:\n", 1)
    (folder / "sources.yml").write_text(sources, encoding="utf-8")
    (folder / "customer.yml").write_text(customer, encoding="utf-8")
    planted(WEEK).write_csv(folder / "planted.csv")
    settings = Settings(
        folder / "home", folder / "sources.yml", folder / "customer.yml", FIRST_WEEK
    )
    ran = prospects(settings, "run", "--week", WEEK, "--fetch")
    assert ran.code == 0, ran.err
    ending = prospects(settings, "calibrate", "--propose")
    assert ending.code == 0, ending.err
    return Calibrated(Publication(settings, WEEK), ending, customer)


def planted(week: date) -> pl.DataFrame:
    """One row per company that the CRM knows: a lot, and whether any deal with it was ever won."""
    vendors = answers_for(COMPANIES, SEED, week)
    won = vendors.snapshot.deals.filter(pl.col("is_won")).select("company", handover=pl.lit("done"))
    companies = vendors.crm["companies"].select("company", "id", "domain")
    lots = np.random.default_rng(10).choice(["blue", "green", "red"], companies.height)
    return companies.join(won.unique(), on="company", how="left").with_columns(lot=pl.Series(lots))


def evidence(calibrated: Calibrated) -> dict[str, dict[str, object]]:
    """The mart by criterion."""
    rows = calibrated.publication.ask("select * from criterion_evidence")
    return {row["criterion_id"]: row for row in rows}


def test_planted_criteria_are_supported(calibrated: Calibrated) -> None:
    """Several entities mean complexity, research means pressure: both are in the preference."""
    found = evidence(calibrated)

    for criterion in ("several_entities", "researches_steadily", "slow_close"):
        assert found[criterion]["verdict"] == "supported", found[criterion]
        assert found[criterion]["lift"] > 1.2


def test_planted_noise_has_no_effect(calibrated: Calibrated) -> None:
    """An attribute drawn by lot is tested, and nothing is seen."""
    noise = evidence(calibrated)["drawn_by_lot"]

    assert noise["verdict"] == "no effect seen"
    assert noise["deals_met"] > 50
    assert noise["leak"] is None


def test_a_planted_leak_is_flagged_and_left_out(calibrated: Calibrated) -> None:
    """It gets no points, and no new criterion is made of it."""
    leak = evidence(calibrated)["was_handed_over"]

    assert leak["verdict"] == "suspected leak"
    assert leak["leak"]
    assert leak["q_value"] is None
    suggested = load_perfect_customer(calibrated.suggested)
    points = {c.id: c.points for c in suggested.organisations.criteria}
    assert points["was_handed_over"] == 0
    assert [c.id for c in suggested.organisations.criteria if c.attribute.endswith("handover")] == [
        "was_handed_over"
    ]


def test_every_deal_counts_once(calibrated: Calibrated) -> None:
    """Of each row of the document, met, not met and unknown make all closed deals of accounts."""
    totals = {
        row["deals_met"] + row["deals_not_met"] + row["deals_unknown"]
        for row in evidence(calibrated).values()
    }
    won = {
        row["won_met"] + row["won_not_met"] + row["won_unknown"]
        for row in evidence(calibrated).values()
    }

    assert len(totals) == len(won) == 1
    assert totals.pop() > 500


def test_verdicts_of_sales_are_evidence_of_their_own(calibrated: Calibrated) -> None:
    """They are counted beside the deals, not among them."""
    row = evidence(calibrated)["mid_size"]

    assert row["verdicts_met"] >= row["accepted_met"] > 0


def test_the_ranking_is_measured_beside_those_that_know_nothing(calibrated: Calibrated) -> None:
    """Chance has no lift; the document, which knows what matters, has."""
    rows = calibrated.publication.ask("select * from ranking_backtest")
    rankings = {row["ranking"]: row for row in rows}

    assert set(rankings) == {"random", "size only", "recency only", "document", "suggested"}
    assert rankings["random"]["verdict"] == "no lift"
    assert rankings["document"]["verdict"] == "lift"
    assert rankings["suggested"]["auc"] == max(row["auc"] for row in rows)
    for row in rows:
        assert row["auc_low"] <= row["auc"] <= row["auc_high"]
        assert sum(decile["deals"] for decile in row["deciles"]) == pytest.approx(
            row["deals"], abs=10
        )


def test_families_are_compared(calibrated: Calibrated) -> None:
    """The five of the method, with people and issues beside them."""
    rows = calibrated.publication.ask("select * from family_evidence")

    assert {row["family"] for row in rows} == {
        "demographic", "structural", "behavioural", "environmental", "situational", "people",
        "issues",
    }  # fmt: skip


def test_a_first_run_says_that_it_rests_on_todays_facts(calibrated: Calibrated) -> None:
    """Nothing was published before these deals were opened."""
    rows = evidence(calibrated)

    assert rows["mid_size"]["judged_by_todays_facts_pct"] == 100
    assert "today's facts" in calibrated.ending.out


def test_calibrating_never_touches_the_document(calibrated: Calibrated) -> None:
    """What it suggests is a valid document beside it, one version on and agreed by nobody."""
    settings = calibrated.publication.settings
    document = load_perfect_customer(settings.perfect_customer)
    suggested = load_perfect_customer(calibrated.suggested)

    assert settings.perfect_customer.read_text(encoding="utf-8") == calibrated.before
    assert suggested.version == document.version + 1
    assert suggested.agreed.date is None
    assert {c.id for c in document.organisations.criteria} <= {
        c.id for c in suggested.organisations.criteria
    }
    text = calibrated.suggested.read_text(encoding="utf-8")
    comment = next(line for line in calibrated.before.splitlines() if line.startswith("#"))
    assert comment in text


def test_a_changed_document_is_not_calibrated_by_old_judgements(
    calibrated: Calibrated, tmp_path: Path
) -> None:
    """The deals have to be judged by it first, by a run."""
    settings = calibrated.publication.settings
    other = tmp_path / "customer.yml"
    other.write_text(calibrated.before.replace("points: 9", "points: 8"), encoding="utf-8")

    ending = prospects(replace(settings, perfect_customer=other), "calibrate")

    assert ending.code == 1
    assert "prospects run" in ending.err


def test_its_pictures_stand_in_dagster(calibrated: Calibrated) -> None:
    """As images of Markdown beside the numbers that are plotted over the weeks."""
    tables = {
        "criterion_figures": {"won_shares/organisation", "won_shares/issue", "points_suggested"},
        "family_figures": {"families_added"},
        "ranking_figures": {"rankings_compared", "deciles_won"},
    }
    with dagster_instance(calibrated.publication.settings) as instance:
        for table, names in tables.items():
            event = instance.get_latest_materialization_event(AssetKey(["evidence", table]))
            assert event is not None
            assert event.asset_materialization is not None
            found = event.asset_materialization.metadata
            assert names <= set(found)
            assert all("](data:image/svg+xml;base64," in str(found[n].value) for n in names)


def test_the_page_beside_the_report_shows_it(calibrated: Calibrated) -> None:
    """With the planted leak told as such."""
    page = (calibrated.publication.folder / "evidence.html").read_text(encoding="utf-8")

    assert "Yes: it ranks those who buy above those who don" in page
    assert "was handed over" in page
    assert '<span class="tag bad">suspected leak</span>' in page
    assert page.count("<svg") >= 6
