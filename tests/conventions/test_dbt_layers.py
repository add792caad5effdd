"""Which layer of the dbt project may read which, and what a layer must not do."""

import re
from pathlib import Path
from typing import Any

Models = dict[str, dict[str, Any]]

# A mart may read these from staging, since nothing lies between: the record of the batches that the
# list rests on, what the identity step found, and the figures that the evidence step has finished.
READ_BY_MARTS = {
    "stg_account_id_changes",
    "stg_batches",
    "stg_criterion_figures",
    "stg_family_figures",
    "stg_ranking_figures",
    "stg_uncertain_matches",
}
MAY_READ = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts"},
}
AREAS = {"identity", "organisations", "people", "issues", "ranking", "pipeline", "evidence"}
JOINS_OR_AGGREGATES = re.compile(
    r"\b(join|union|group\s+by|having|distinct|qualify|over|unnest)\b"
    r"|\b(count|sum|min|max|avg|median|min_by|max_by|any_value|list|bool_or|bool_and)\s*\(",
    re.IGNORECASE,
)


def test_each_layer_reads_only_what_it_may(models: Models) -> None:
    """Sources reach staging, staging the intermediates, and these the marts; never back."""
    wrong = [
        f"{name} reads {other}"
        for name, model in models.items()
        for other, layer in _read(model, models)
        if layer not in MAY_READ[_layer(model)]
        and not (_layer(model) == "marts" and other in READ_BY_MARTS)
    ]

    assert not wrong


def test_what_marts_read_from_staging_is_no_longer_than_needed(models: Models) -> None:
    """An exception that nothing uses any more goes."""
    used = {
        other
        for model in models.values()
        if _layer(model) == "marts"
        for other, layer in _read(model, models)
        if layer == "staging"
    }

    assert used == READ_BY_MARTS


def test_a_staging_model_reads_one_source(models: Models) -> None:
    """One view per input table, and no input table staged twice."""
    read = [
        other
        for model in models.values()
        if _layer(model) == "staging"
        for other in model["depends_on"]["nodes"]
    ]

    assert len(read) == len(set(read)) == sum(_layer(m) == "staging" for m in models.values())


def test_staging_neither_joins_nor_aggregates(models: Models) -> None:
    """It renames and types; rows come through one by one."""
    wrong = [
        f"{name}: {match.group()}"
        for name, model in models.items()
        if _layer(model) == "staging"
        for match in JOINS_OR_AGGREGATES.finditer(_sql(model))
    ]

    assert not wrong


def test_names_tell_the_layer(models: Models) -> None:
    """stg_ in staging, int_ in intermediate and its areas, neither in marts."""
    wrong = [name for name, model in models.items() if not _is_named_for_its_place(name, model)]

    assert not wrong


def test_the_database_is_named_in_one_place(models: Models) -> None:
    """Models reach each other by ref() and source() only, so that dbt knows the order."""
    wrong = [
        f"{name}: {match.group(1)}"
        for name, model in models.items()
        for match in re.finditer(
            r"(?<!distinct )\b(?:from|join)\s+(\w+\.\w+)", _sql(model), re.IGNORECASE
        )
    ]

    assert not wrong


def test_every_model_says_what_a_row_is(models: Models) -> None:
    """The description of each model begins with its grain."""
    wrong = [n for n, model in models.items() if not model["description"].startswith("One row per")]

    assert not wrong


def _layer(model: dict[str, Any]) -> str:
    layer: str = model["fqn"][1]
    return layer


def _read(model: dict[str, Any], models: Models) -> list[tuple[str, str]]:
    """The (name, layer) of all that a model reads; sources and seeds are layers of their own."""
    nodes = [node.split(".") for node in model["depends_on"]["nodes"]]
    return [
        (parts[-1], _layer(models[parts[-1]]) if parts[0] == "model" else parts[0])
        for parts in nodes
    ]


def _sql(model: dict[str, Any]) -> str:
    """The model as written, without comments."""
    without_blocks = re.sub(r"\{#.*?#\}", "", model["raw_code"], flags=re.DOTALL)
    return re.sub(r"--.*", "", without_blocks)


def _is_named_for_its_place(name: str, model: dict[str, Any]) -> bool:
    folders = Path(model["original_file_path"]).parent.parts[1:]
    if folders == ("staging",):
        return name.startswith("stg_")
    if folders[0] == "intermediate":
        return name.startswith("int_") and len(folders) == 2 and folders[1] in AREAS
    return folders == ("marts",) and not name.startswith(("stg_", "int_"))
