"""`prospects compare`: what another document would make of a week that was built.

What belongs here: building the week's models with the other document on a copy of its warehouse,
and what differs then. What doesn't: how that is laid out (`comparison_text.py`). What is published,
and the week's own warehouse, are read only.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from expectations.terms import ROUNDING
from ingest.documents.perfect_customer import PerfectCustomer
from ingest.documents.together import load_documents
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.explanations import ask
from orchestration.inputs import Inputs, code_version, newest_built, read_inputs
from orchestration.run_lock import run_lock
from orchestration.warehouse import FILE_NAME, opened, warehouse_file

if TYPE_CHECKING:
    import duckdb

    from orchestration.evidence.figures import Backtest
    from orchestration.publishing.perfect_customer_changes import PartChange

ENDS = ("account_scores", "int_outcomes_judged")
"""The models that a comparison reads."""

UNLISTED = ("below line", "qualified out", "suppressed")
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Comparison:
    """What another document makes of a week's accounts and deals; all before and after.

    versions: of the documents. changes: by section what they say differently. listed: accounts on
    the list. entering, leaving: accounts in the order of their rank, with the reason of the outcome
    that they have off the list. places: the tiers and outcomes that head the rows and columns of
    crosstab, a count of accounts for each pair. legs: a row of figures each, of accounts that
    neither document suppresses. backtests: rankings of the newer closed deals. difference: of the
    documents' AUC, with its interval and a verdict; none without deals.
    """

    week: date
    is_made_up: bool
    versions: tuple[int, int]
    changes: Mapping[str, Sequence[PartChange]]
    listed: tuple[int, int]
    entering: Rows
    leaving: Rows
    places: Sequence[str]
    crosstab: Mapping[tuple[str, str], int]
    legs: Rows
    backtests: tuple[Rows, Rows]
    difference: Mapping[str, Any] | None


def compare(settings: Settings, other: Path, week: date | None = None) -> Comparison:
    """Compare the document that a week was built of, by default the newest, with another one.

    Raises DocumentError with all mistakes of the other, RunLocked while a run is at work, and
    ProspectError where no week was built to the end, or where another version of the program did.
    """
    from orchestration.dbt import prepare_manifest

    customer, _ = load_documents(replace(settings, perfect_customer=other))
    prepare_manifest()
    chosen = week or newest_built(settings)
    # The lock is for no week: who meets it must not take this for the run that makes its list.
    with run_lock(settings, date.min):
        inputs = read_inputs(settings, chosen)
        _require_same_program(inputs)
        with _copied(settings, chosen) as copy:
            return _compared(settings, copy, inputs, customer)


def _compared(
    settings: Settings, copy: Path, inputs: Inputs, customer: PerfectCustomer
) -> Comparison:
    from orchestration.dbt import build, models_reading
    from orchestration.evidence.figures import backtest
    from orchestration.publishing.perfect_customer_changes import document_changes

    changed = replace(inputs, criteria=customer.rows(), ranking=customer.ranking_row())
    with opened(settings, copy) as warehouse, _built_to_the_end(inputs.list_week):
        warehouse.execute("create schema before")
        warehouse.execute("create table before.account_scores as from marts.account_scores")
        before = backtest(warehouse, inputs.criteria, inputs.ranking)
    models = models_reading(("criteria", "ranking"), ENDS)
    build(settings, copy, changed.dbt_vars, ["--resource-type", "model", "--select", *models])
    with opened(settings, copy) as warehouse:
        after = backtest(warehouse, changed.criteria, changed.ranking)
        return Comparison(
            week=inputs.list_week,
            is_made_up=inputs.is_made_up,
            versions=(inputs.ranking["version"], customer.version),
            changes=document_changes(
                inputs.document["content"], customer.model_dump(mode="json", by_alias=True)
            ),
            listed=_listed(warehouse),
            entering=ask(warehouse, _MOVED.format(here="after", there="before")),
            leaving=ask(warehouse, _MOVED.format(here="before", there="after")),
            places=_places(inputs, changed),
            crosstab=_crosstab(warehouse),
            legs=ask(warehouse, _legs_query(inputs, changed)),
            backtests=(before.rows, after.rows),
            difference=_difference(before, after),
        )


_PLACE = "coalesce('tier ' || {side}.tier, replace({side}.outcome, '_', ' '))"

_BOTH = """
    before.account_scores as before
    inner join marts.account_scores as after using (account_id)
"""

_MOVED = f"""
    select
        account_id, accounts.name, accounts.domain, {{here}}.rank, {{here}}.tier,
        before.alignment_score as alignment_before, after.alignment_score as alignment_after,
        {{there}}.outcome, {{there}}.outcome_reason
    from {_BOTH}
    inner join marts.accounts using (account_id)
    where {{here}}.outcome = 'listed' and {{there}}.outcome <> 'listed'
    order by {{here}}.rank
"""

_CROSSTAB = f"""
    select {_PLACE.format(side="before")}, {_PLACE.format(side="after")}, count(*)
    from {_BOTH}
    group by all
"""

_LEG = f"""
    select
        '{{leg}}' as leg,
        median(before.{{score}}) as median_before, median(after.{{score}}) as median_after,
        count(*) filter (before.{{score}} >= {{minimum_before}}) as enough_before,
        count(*) filter (after.{{score}} >= {{minimum_after}}) as enough_after,
        count(*) filter (after.{{score}} > before.{{score}}) as rising,
        count(*) filter (after.{{score}} < before.{{score}}) as falling,
        count(*) as accounts
    from {_BOTH}
    where before.outcome <> 'suppressed' and after.outcome <> 'suppressed'
"""

_SCORES = {
    "organisation": "organisation_fit_score",
    "people": "people_coverage_score",
    "issue": "issue_urgency_score",
}


@contextmanager
def _copied(settings: Settings, week: date) -> Iterator[Path]:
    """A copy of the week's warehouse in the scratch folder, gone afterwards."""
    original = warehouse_file(settings, week)
    if not original.exists():
        raise ProspectError(f"week {week} has no warehouse any more; `prospects run` builds it")
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="compare-", dir=settings.scratch) as folder:
        # What a run that was killed had not moved into the file lies beside it.
        for file in original.parent.glob(f"{FILE_NAME}*"):
            shutil.copyfile(file, Path(folder) / file.name)
        yield Path(folder) / FILE_NAME


@contextmanager
def _built_to_the_end(week: date) -> Iterator[None]:
    """What lacks in the warehouse of a week that was not built to the end is told as that."""
    import duckdb

    try:
        yield
    except (duckdb.CatalogException, duckdb.IOException):
        raise ProspectError(
            f"week {week} was not built to the end; `prospects run` does, and its list is what "
            "another document is compared with"
        ) from None


def _require_same_program(inputs: Inputs) -> None:
    if inputs.code_version != code_version():
        raise ProspectError(
            f"week {inputs.list_week} was built by another version of the program; "
            "`prospects run` builds it anew, and then documents can be compared"
        )


def _listed(warehouse: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    row = warehouse.execute(
        "select count(*) filter (before.outcome = 'listed'), "
        f"count(*) filter (after.outcome = 'listed') from {_BOTH}"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def _places(before: Inputs, after: Inputs) -> list[str]:
    """Every tier of either document, then the outcomes off the list."""
    tiers = [tier["id"] for inputs in (before, after) for tier in inputs.ranking["tiers"]]
    return [*(f"tier {tier}" for tier in dict.fromkeys(tiers)), *UNLISTED]


def _crosstab(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    counted = warehouse.execute(_CROSSTAB).fetchall()
    return {(before, after): accounts for before, after, accounts in counted}


def _legs_query(before: Inputs, after: Inputs) -> str:
    return " union all by name ".join(
        _LEG.format(
            leg=leg,
            score=score,
            minimum_before=before.ranking["minimum"][leg] - ROUNDING,
            minimum_after=after.ranking["minimum"][leg] - ROUNDING,
        )
        for leg, score in _SCORES.items()
    )


def _difference(before: Backtest, after: Backtest) -> dict[str, Any] | None:
    """How much better the other document ranks the newer deals, both seeing the same resamples."""
    from orchestration.evidence.ranking_backtest import auc_difference

    if not before.rows:
        return None
    return auc_difference(before.deals, before.document, after.document)
