"""The deals of a week as they are judged, built by the steps of a run alone: for tests of evidence.

Most of a small run is Dagster, the gate, the marts and the publication, which have their own tests.
"""

from __future__ import annotations

from datetime import date

from ingest.documents.sources import load_sources
from ingest.fetch import fetch_source
from ingest.settings import Settings
from orchestration.assets.warehouse import BEFORE_IDENTITY
from orchestration.dbt import build
from orchestration.identity.matching import load_model, model_file
from orchestration.identity.pair_cache import cache_file
from orchestration.identity.resolve import resolve_companies
from orchestration.inputs import Inputs, take_inputs
from orchestration.warehouse import connect, warehouse_file

NO_TESTS = ("--exclude-resource-type", "unit_test", "test")
DEALS = ("+int_outcomes_judged", "+int_outcomes_described")


def build_deals(settings: Settings, week: date) -> Inputs:
    """Fetch every source for the week and build what evidence is read from; returns its inputs."""
    for source in load_sources(settings.sources).sources:
        fetch_source(settings, source, week)
    inputs = take_inputs(settings, week)
    database = warehouse_file(settings, week)
    before = BEFORE_IDENTITY.split()
    build(settings, database, inputs.dbt_vars, [*NO_TESTS, "--select", *before])
    with connect(settings, week) as warehouse:
        parameters = load_model(model_file(settings))
        resolve_companies(warehouse, parameters, [], week, cache_file(settings))
    build(
        settings, database, inputs.dbt_vars, [*NO_TESTS, "--select", *DEALS, "--exclude", *before]
    )
    return inputs
