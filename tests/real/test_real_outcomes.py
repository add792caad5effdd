"""Won and lost deals of real sets, as a run judges them and `prospects calibrate` learns.

The sets lie beside the project and never in it; their documents are in `outcomes/`. The yardsticks
are given every attribute that is no suspected leak, and the same deals to learn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingest.documents.perfect_customer import load_perfect_customer
from ingest.settings import Settings
from orchestration.calibration import PROPOSED, Calibration, calibrate
from orchestration.evidence.figures import evidence_figures
from orchestration.evidence.ranking_backtest import DOCUMENT, SUGGESTED
from orchestration.warehouse import connect
from tests.real.test_real_formats import DATA, MAVEN
from tests.real.test_real_list import only_source
from tests.support.built import build_deals
from tests.support.yardsticks import yardsticks

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)

HERE = Path(__file__).parent
SETS = {
    "olist_funnel": (date(2018, 12, 3), 0.02),
    "x_education": (date(2018, 12, 3), 0.03),
    "crunchbase": (date(2013, 12, 2), 0.02),
}
LEAKS_OF_X_EDUCATION = {
    "asymmetrique_activity_index",
    "asymmetrique_activity_score",
    "asymmetrique_profile_index",
    "asymmetrique_profile_score",
    "last_activity",
    "last_notable_activity",
    "lead_profile",
    "lead_quality",
    "tags",
}


@dataclass(frozen=True)
class Learned:
    """What calibrating with proposals said of a set, and what yardsticks reach on its deals."""

    settings: Settings
    week: date
    calibration: Calibration
    yardsticks: Mapping[str, Mapping[str, float]]

    def auc(self, ranking: str) -> float:
        """The AUC of a ranking on the newer deals."""
        return float(self.row(ranking)["auc"])

    def row(self, ranking: str) -> dict[str, object]:
        """All figures of a ranking."""
        return next(dict(r) for r in self.calibration.backtest if r["ranking"] == ranking)


def _learned(settings: Settings, week: date) -> Learned:
    build_deals(settings, week)
    calibration = calibrate(settings, week, propose=True).calibration
    with connect(settings, week) as warehouse:
        reached = yardsticks(warehouse, set(calibration.leaks))
    return Learned(settings, week, calibration, reached)


@pytest.fixture(scope="module", params=SETS)
def learned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """Each set that real outcomes are known of."""
    name = request.param
    week, _ = SETS[name]
    folder = tmp_path_factory.mktemp(name)
    for document in ("sources.yml", "perfect_customer.yml"):
        text = (HERE / "outcomes" / name / document).read_text(encoding="utf-8")
        text = text.replace("../../../../../shared/data", str(DATA))
        (folder / document).write_text(text, encoding="utf-8")
    if name == "olist_funnel":
        olist_leads().write_csv(folder / "leads.csv")
    settings = Settings(
        folder / "home", folder / "sources.yml", folder / "perfect_customer.yml", week
    )
    return _learned(settings, week)


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """A CRM export whose outcomes follow from nothing in it."""
    folder = tmp_path_factory.mktemp("maven")
    customer = (HERE / "maven" / "perfect_customer.yml").read_text(encoding="utf-8")
    # Every account has bought by then, and a list of none is refused.
    customer = customer.replace("customer: true", "customer: false")
    (folder / "perfect_customer.yml").write_text(customer, encoding="utf-8")
    week = date(2018, 1, 1)
    settings = Settings(
        folder / "home", only_source(folder, MAVEN), folder / "perfect_customer.yml", week
    )
    return _learned(settings, week)


def olist_leads() -> pl.DataFrame:
    """Each lead with whether it was won: the two files of the set as one."""
    folder = DATA / "olist_funnel"
    won = pl.read_csv(folder / "olist_closed_deals_dataset.csv")
    leads = pl.read_csv(folder / "olist_marketing_qualified_leads_dataset.csv")
    return leads.join(won.select("mql_id", outcome=pl.lit("won")), on="mql_id", how="left").select(
        pl.exclude("outcome"), pl.col("outcome").fill_null("lost")
    )


def _told(name: str, learned: Learned) -> str:
    """The rankings of a set side by side, and the line that its README has of it."""
    rows = {
        ranking: learned.row(ranking) for ranking in ("random", DOCUMENT, SUGGESTED, PROPOSED)
    } | dict(learned.yardsticks)
    lines = [f"{name}: AUC / won in the top 10 %, % / lift"]
    lines += [
        f"  {ranking:25} {row['auc']:.3f} / {row['precision_top_10_pct']:.0f} / "
        f"{row['lift_top_10_pct']:.1f}"
        for ranking, row in rows.items()
    ]
    said = (DATA / "README.md").read_text(encoding="utf-8").splitlines()
    lines += [f"  {line}" for line in said if line.startswith(f"| {name}") and "/" in line]
    return "\n".join(lines)


def test_the_yardsticks_stand_beside_it(
    learned: Learned, maven: Learned, capsys: pytest.CaptureFixture[str]
) -> None:
    """Printed for each set; where nothing tells, they find nothing either."""
    name = learned.settings.home.parent.name.rstrip("0123456789")

    with capsys.disabled():
        print(f"\n{_told(name, learned)}")
    for reached in learned.yardsticks.values():
        assert reached["auc"] > 0.55
    for reached in maven.yardsticks.values():
        assert 0.4 < reached["auc"] < 0.6


def test_the_calibrated_document_ranks_as_well_as_a_regression(learned: Learned) -> None:
    """Points that people can read are within 0.02 of its AUC, of x_education 0.03."""
    name = learned.settings.home.parent.name.rstrip("0123456789")
    _, margin = SETS[name]

    assert learned.auc(PROPOSED) >= learned.yardsticks["logistic regression"]["auc"] - margin
    assert learned.row(PROPOSED)["verdict"] == "lift"
    assert learned.row("random")["verdict"] == "no lift"


def test_what_leaks_is_flagged_and_what_does_not_is_kept(learned: Learned) -> None:
    """All columns that sales fill in after the first contact, and no other."""
    flagged = {name.removeprefix("attributes.") for name in learned.calibration.leaks}
    is_x_education = "x_education" in str(learned.settings.home)

    assert flagged == (LEAKS_OF_X_EDUCATION if is_x_education else set())


def test_the_suggested_document_does_what_was_promised(learned: Learned, tmp_path: Path) -> None:
    """As the document in force, its criteria meet the deals that the proposals said."""
    settings = learned.settings
    suggested = settings.perfect_customer.with_name("perfect_customer.suggested.yml")
    load_perfect_customer(suggested)
    again = Settings(tmp_path / "home", settings.sources, suggested, learned.week)
    inputs = build_deals(again, learned.week)

    with connect(again, learned.week) as warehouse:
        figures = evidence_figures(warehouse, inputs.criteria, inputs.ranking)
    met = {row["criterion_id"]: row["deals_met"] for row in figures["criterion_figures"]}
    assert {each.row.id: int(each.met.sum()) for each in learned.calibration.proposals} == {
        each.row.id: met[each.row.id] for each in learned.calibration.proposals
    }


def test_where_nothing_tells_it_is_said(maven: Learned, capsys: pytest.CaptureFixture[str]) -> None:
    """No lift, whatever the ranking; no new criterion; the document's points stay."""
    with capsys.disabled():
        print(f"\n{_told('maven_crm', maven)}")
    verdicts = {row["ranking"]: row["verdict"] for row in maven.calibration.backtest}

    assert "lift" not in verdicts.values()
    assert verdicts["document"] == "no lift"
    assert {figure["verdict"] for figure in maven.calibration.criteria} <= {
        "no effect seen",
        "not enough deals",
    }
    assert [row.points for row in maven.calibration.rows] == list(maven.calibration.points)
    assert not maven.calibration.proposals
