"""Pictures of the evidence: drawn of what there is, and harmless wherever they are shown."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest
import vl_convert

from orchestration.evidence import charts
from orchestration.evidence.charts import families_added, pictures, won_shares
from tests.support.warehouse import HOSTILE_NAME

NAN = float("nan")


def row(name: str, met: int, not_met: int) -> dict[str, object]:
    """A row of the document with the figures that pictures show; half of the deals are won."""
    shares = {
        f"won_{answer}{end}_pct": value if deals else NAN
        for answer, deals in (("met", met), ("not_met", not_met))
        for end, value in (("", 50.0), ("_low", 40.0), ("_high", 60.0))
    }
    return {
        "criterion_id": name, "leg": "organisation", "points": 6.0, "suggested_points": 6.0,
        "deals_met": met, "won_met": met // 2, "deals_not_met": not_met,
        "won_not_met": not_met // 2, "deals_unknown": 0, "won_unknown": 0, **shares,
    }  # fmt: skip


def test_what_draws_is_started_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By something that is drawn, however often it is asked for."""
    drawn = []
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", lambda *_, **__: drawn.append(1) or "")
    charts.warm_up.cache_clear()

    charts.warm_up()
    charts.warm_up()

    assert drawn == [1]


def test_a_row_without_deals_on_either_side_is_not_drawn() -> None:
    """There is nothing to compare; without any other row there is no picture."""
    drawn = won_shares([row("mid_size", 20, 40), row("nobody_met_it", 0, 60)])

    assert drawn is not None
    assert "mid size" in drawn.svg
    assert "nobody" not in drawn.svg
    assert "each of 1 rows" in drawn.words
    assert won_shares([row("nobody_met_it", 0, 60)]) is None


def test_what_could_not_be_tested_is_not_drawn() -> None:
    """An AUC that is no number is no point at nothing."""
    untested = {"family": "people", "criteria": 2, "auc_added": NAN}
    ends = {"auc_added_low": NAN, "auc_added_high": NAN}

    assert families_added([untested | ends]) is None
    assert pictures("criterion_figures", []) == pictures("ranking_figures", []) == {}


def test_points_are_drawn_where_deals_suggest_others() -> None:
    """A row that keeps its points needs no picture."""
    rows = [row("kept", 20, 40), row("changed", 20, 40) | {"suggested_points": 9.0}]

    drawn = pictures("criterion_figures", rows)

    assert set(drawn) == {"won_shares/organisation", "points_suggested"}
    assert "changed" in drawn["points_suggested"].svg
    assert "kept" not in drawn["points_suggested"].svg


def test_as_markdown_it_is_one_image_with_nothing_to_load() -> None:
    """Whatever the names in it are."""
    drawn = won_shares([row(HOSTILE_NAME, 20, 40)])
    assert drawn is not None

    found = re.fullmatch(
        r"!\[([^\]\n]+)\]\(data:image/svg\+xml;base64,([\w+/=]+)\)", drawn.markdown
    )

    assert found is not None
    svg = b64decode(found[2]).decode()
    assert "&lt;script&gt;" in svg
    assert "<script" not in svg
    assert set(re.findall(r"https?://[^\"]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
