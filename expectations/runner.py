"""Runs checks on a warehouse; the only importer of Great Expectations, which takes seconds.

Here belongs how checks are carried out and how their results are read. Not here: what is checked.
Callers import this module inside the function that needs it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from expectations.checks import Check
from expectations.results import BROKEN, Finding, Suite

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")


class _Later(ModuleType):
    """Stands in for a module that is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


@contextmanager
def _put_off(package: str, name: str) -> Iterator[None]:
    """What is imported in this block takes a stand-in for a part of a package."""
    whole = import_module(package)
    setattr(whole, name, _Later(f"{package}.{name}"))
    yield
    delattr(whole, name)


# A third of the whole import, for expectations on distributions only.
with _put_off("scipy", "stats"):
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

SAMPLE_ROWS = 5

# The second sets a level of its own when it is imported.
_CHATTY = ("great_expectations", "great_expectations.data_context.types.base")


def run_checks(
    database: Path, suite: Suite, checks: Sequence[Check], config: Mapping[str, str]
) -> list[Finding]:
    """Check the warehouse; one finding per check, in the order of the checks.

    `config` is what the file is opened with: where its views find their files, for one. A check
    that raises counts as failed and critical, and nobody can accept it: a gate that can't look
    must not let anything through. The file is opened read-only and closed before this returns.
    """
    with _opened(database, config) as validate:
        return [_finding(check, suite, validate) for check in checks]


@contextmanager
def _opened(
    database: Path, config: Mapping[str, str]
) -> Iterator[Callable[[Check], Mapping[str, Any]]]:
    """A function that validates one check on the database while the block lasts."""
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_sql(
        name="warehouse",
        connection_string=f"duckdb:///{database}",
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "pool_reset_on_return": None,
            "connect_args": {"read_only": True, "config": dict(config)},
        },
    )

    @cache
    def rows(table: str) -> Batch:
        schema, name = table.split(".")
        asset = source.add_table_asset(table, table_name=name, schema_name=schema)
        return asset.get_batch(asset.build_batch_request())

    try:
        yield lambda check: _validated(rows(check.table), check)
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().close()


class _UncountedRowsExpectation(gx.expectations.UnexpectedRowsExpectation):  # type: ignore[misc]
    """That a query finds no row; up to 200 are shown, and not counted."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.table"]
        return {"success": not rows, "result": {"details": {"unexpected_rows": rows}}}


def _validated(batch: Batch, check: Check) -> Mapping[str, Any]:
    """What Great Expectations says of a check; rows are counted only where there are any, since
    that runs the query a second time."""
    expectation = getattr(gx.expectations, check.expectation)
    if expectation is gx.expectations.UnexpectedRowsExpectation:
        looked = _outcome(batch, check, _UncountedRowsExpectation)
        if looked["success"]:
            return looked
    return _outcome(batch, check, expectation)


def _outcome(batch: Batch, check: Check, kind: type[Expectation]) -> Mapping[str, Any]:
    expectation = kind(**check.arguments, severity=check.severity, meta={"why": check.why})
    outcome: Mapping[str, Any] = batch.validate(
        expectation, result_format="COMPLETE"
    ).to_json_dict()
    return outcome


def _finding(check: Check, suite: Suite, validate: Callable[[Check], Mapping[str, Any]]) -> Finding:
    try:
        outcome = validate(check)
    except Exception as error:  # whatever stops a check from looking must stop the list too
        return _broken(check, suite, error)
    raised = _raised(outcome.get("exception_info") or {})
    if raised:
        return _broken(check, suite, raised)
    result = outcome.get("result") or {}
    return Finding(
        check=check.name,
        suite=suite,
        severity=check.severity,
        passed=bool(outcome["success"]),
        why=check.why,
        expected=check.expected,
        found=_found(check, bool(outcome["success"]), result),
        column=check.column,
        sample=_sample(result),
        acceptable=check.acceptable,
    )


def _broken(check: Check, suite: Suite, error: object) -> Finding:
    found = f"{BROKEN}{str(error).strip().splitlines()[0][:300]}"
    return Finding(
        check.name, suite, "critical", False, check.why, check.expected, found, check.column
    )


def _raised(exception_info: Mapping[str, Any]) -> str | None:
    """The message of what an expectation raised; one expectation can raise for several metrics."""
    if exception_info.get("raised_exception"):
        return str(exception_info.get("exception_message"))
    nested = (info for info in exception_info.values() if isinstance(info, dict))
    return next((str(i["exception_message"]) for i in nested if i.get("raised_exception")), None)


def _found(check: Check, passed: bool, result: Mapping[str, Any]) -> str:
    if check.expectation == "ExpectTableColumnsToMatchSet":
        missing = (result.get("details") or {}).get("mismatched", {}).get("missing")
        return f"missing: {', '.join(missing)}" if missing else "all there"
    if passed:
        return "as expected"
    rows = int(result.get("observed_value", 0))
    only = _sample(result) if rows == 1 else ()
    if only:
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in only[0].items())
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _sample(result: Mapping[str, Any]) -> tuple[dict[str, object], ...]:
    details = result.get("details")
    rows = details.get("unexpected_rows", []) if isinstance(details, Mapping) else []
    return tuple(dict(row) for row in rows[:SAMPLE_ROWS])
