"""The parameters that are shipped fit the comparisons, whatever the number of clusters."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from ingest.errors import ProspectError
from orchestration.identity.comparisons import RARE_LEVELS, comparisons
from orchestration.identity.matching import (
    SHIPPED,
    level_weights,
    load_model,
    weighing_levels,
)


def conditions(given: object) -> list[tuple[str, str, str]]:
    """Comparison, level and condition of each level."""
    return [
        (comparison["output_column_name"], level["label_for_charts"], level["sql_condition"])
        for comparison in given  # type: ignore[attr-defined]
        for level in comparison["comparison_levels"]
    ]


def test_what_is_shipped_was_trained_for_these_comparisons() -> None:
    """A comparison that changes has to be trained again."""
    assert conditions(load_model(SHIPPED).settings["comparisons"]) == conditions(comparisons())


def test_every_level_has_a_weight_of_its_own() -> None:
    """By its weight a level is known again when reasons are told."""
    weights = [
        (comparison, weight)
        for comparison, _, weight in level_weights(load_model(SHIPPED).settings)
    ]

    assert len(set(weights)) == len(weights)


def test_agreements_that_few_have_are_levels() -> None:
    """None of them is misspelt."""
    assert {
        level["label_for_charts"] for _, level in weighing_levels(load_model(SHIPPED).settings)
    } >= RARE_LEVELS


@pytest.mark.parametrize("factor", [1, 8, 1024])
def test_a_name_that_two_alone_hold_weighs_the_same_in_any_market(factor: int) -> None:
    """Prior and chance agreement both fall with the number of clusters, so that they cancel."""
    model = load_model(SHIPPED)

    settings = model.for_clusters(model.clusters * factor)

    assert settings["probability_two_random_records_match"] * factor == pytest.approx(
        model.settings["probability_two_random_records_match"]
    )
    weights = {level: weight for _, level, weight in level_weights(settings)}
    trained = {level: weight for _, level, weight in level_weights(model.settings)}
    for level in weights:
        gained = math.log2(factor) if level in RARE_LEVELS else 0
        assert weights[level] - trained[level] == pytest.approx(gained)


@pytest.mark.parametrize("clusters", [1.2, 0.9])
def test_a_few_records_more_or_less_change_no_weight(clusters: float) -> None:
    """Else every pair would have to be weighed anew every week."""
    model = load_model(SHIPPED)

    for factor in (4, 64):
        expected = level_weights(model.for_clusters(model.clusters * factor))
        assert (
            level_weights(model.for_clusters(int(model.clusters * factor * clusters))) == expected
        )


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    """In one line, with what to do."""
    path = tmp_path / "match_model.json"
    path.write_text(json.dumps({"settings": {}}))

    with pytest.raises(ProspectError, match="train again, or remove the file"):
        load_model(path)
