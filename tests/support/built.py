"""What identity and evidence read, built by the steps of a run alone: for tests of both.

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


def build_records(settings: Settings, week: date) -> Inputs:
    """Fetch every source for the week and build what identity reads; returns the week's inputs."""
    for source in load_sources(settings.sources).sources:
        fetch_source(settings, source, week)
    inputs = take_inputs(settings, week)
    before = [*NO_TESTS, "--select", *BEFORE_IDENTITY.split()]
    build(settings, warehouse_file(settings, week), inputs.dbt_vars, before)
    return inputs


def build_deals(settings: Settings, week: date) -> Inputs:
    """What `build_records` does, and what evidence is read from."""
    inputs = build_records(settings, week)
    with connect(settings, week) as warehouse:
        parameters = load_model(model_file(settings))
        resolve_companies(warehouse, parameters, [], week, cache_file(settings))
    after = [*NO_TESTS, "--select", *DEALS, "--exclude", *BEFORE_IDENTITY.split()]
    build(settings, warehouse_file(settings, week), inputs.dbt_vars, after)
    return inputs
