"""A comparison of documents as people read it in a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from orchestration.comparison import Comparison
from orchestration.comparison_text import MOST_SHOWN, format_comparison
from orchestration.publishing.perfect_customer_changes import FieldChange, PartChange, Piece
from tests.support.warehouse import HOSTILE_NAME

TURNED = "\u202egnp.exe\x1b[31m"
LEAVING = {
    "account_id": "acc_1",
    "name": HOSTILE_NAME + TURNED,
    "domain": "xn--hostile.example",
    "rank": 3,
    "tier": "A",
    "alignment_before": Decimal("61.2345"),
    "alignment_after": None,
    "outcome": "qualified_out",
    "outcome_reason": f"no: {TURNED}",
}
LEG = {
    "leg": "people",
    "median_before": 5.0,
    "median_after": None,
    "enough_before": 1200,
    "enough_after": 0,
    "rising": 1,
    "falling": 2,
    "accounts": 1300,
}
COMPARISON = Comparison(
    week=date(2026, 11, 23),
    is_made_up=True,
    versions=(3, 4),
    changes={
        "Criteria": [
            PartChange(
                "size",
                "changed",
                (FieldChange("points", (Piece("6", True),), (Piece("18", True),)),),
            )
        ]
    },
    listed=(120, 119),
    entering=[],
    leaving=[LEAVING],
    places=["tier A", "below line", "qualified out", "suppressed"],
    crosstab={("tier A", "tier A"): 119, ("tier A", "qualified out"): 1},
    legs=[LEG],
    backtests=([], []),
    difference=None,
)


def test_a_reader_sees_what_changes() -> None:
    """The document, the list, tiers, legs; and that there is nothing to test on."""
    text = format_comparison(COMPARISON, "text")

    assert "Criteria: size changed (points: 6 -> 18)" in text
    assert "120 accounts before, 119 after; 119 stay, 0 enter, 1 leave" in text
    assert "MADE-UP DATA" in text
    assert "61.2       -  qualified out: no:" in text
    assert "no closed deal of an account to test on" in text
    assert "Enter" not in text


def test_names_can_do_no_harm_in_a_terminal() -> None:
    """No character of them moves the cursor or turns the line around."""
    text = format_comparison(COMPARISON, "text")

    assert all(character.isprintable() or character == "\n" for character in text)


def test_a_long_list_is_cut_and_says_so() -> None:
    """JSON has them all."""
    many = replace(COMPARISON, leaving=[LEAVING] * (MOST_SHOWN + 7))

    assert "and 7 more; --format json has them all" in format_comparison(many, "text")
    assert len(json.loads(format_comparison(many, "json"))["leaving"]) == MOST_SHOWN + 7


def test_what_is_no_number_is_null() -> None:
    """Too few deals have no AUC; the text says so, and JSON stays readable by any program."""
    nothing = {"ranking": "document", "auc": float("nan"), "auc_low": None, "auc_high": None,
               "verdict": "not enough deals", "trained_deals": 2, "deals": 1, "won": 1,
               "split": "by account"}  # fmt: skip
    few = replace(
        COMPARISON,
        backtests=([nothing], [nothing]),
        difference={"auc": float("nan"), "verdict": "not enough deals"},
    )

    assert "not enough deals to say which document" in format_comparison(few, "text")
    assert "nan" not in format_comparison(few, "text").lower()
    assert json.loads(format_comparison(few, "json"), parse_constant=_refused)["difference"] == {
        "auc": None,
        "verdict": "not enough deals",
    }


def _refused(constant: str) -> None:
    raise AssertionError(constant)
