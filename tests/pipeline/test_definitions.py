"""What Dagster loads: without a trace, along the way of the data, week by week."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from ingest.settings import PROJECT, Settings
from ingest.tables import TABLES
from orchestration.dbt import DBT_PROJECT, TARGET, current_manifest, prepare_manifest
from orchestration.jobs import WEEKLY_JOB
from tests.support.market import FIRST_WEEK, make_market
from tests.support.runs import environment, fingerprint

# The way of the data: an asset depends on its own group or an earlier one, never on a later one.
STAGES = (
    {"landing"},
    {"raw", "seeds"},
    {"staging"},
    {"identity"},
    {"organisations", "people", "issues"},
    {"ranking"},
    {"pipeline"},
    {"evidence"},
    {"marts"},
    {"gate"},
    {"published"},
)

# What comes from Python reaches the models through staging, as all else that isn't dbt's.
WAYS_BACK = {
    ("staging/stg_account_id_changes", "identity/account_id_changes"),
    ("staging/stg_company_clusters", "identity/company_clusters"),
    ("staging/stg_criterion_figures", "evidence/criterion_figures"),
    ("staging/stg_family_figures", "evidence/family_figures"),
    ("staging/stg_ranking_figures", "evidence/ranking_figures"),
    ("staging/stg_uncertain_matches", "identity/uncertain_matches"),
}

# Loads the definitions and prints each thing done that loading must not do.
WATCHED = """
import os, sys

# Libraries look around at import: urllib3 for IPv6, Dagster for the size of a word.
import dagster, dagster_dbt, polars, requests

def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect",
                 "os.mkdir", "os.remove", "os.rename", "subprocess.Popen", "os.system"):
        print("did", event, arguments, flush=True)
    if event == "open":
        path, mode, flags = arguments
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
        if isinstance(path, (str, bytes)) and flags & writes and os.fsdecode(path) != os.devnull:
            print("did open", path, mode, flags, flush=True)

sys.dont_write_bytecode = True
sys.addaudithook(watch)
from orchestration.definitions import definitions
print("loaded", len(definitions().resolve_all_asset_specs()), flush=True)
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A market that nobody ran, with a secret that isn't set."""
    market = make_market(tmp_path_factory.mktemp("definitions") / "market", FIRST_WEEK)
    with market.settings.sources.open("a", encoding="utf-8") as sources:
        sources.write(
            "  crm: {connector: hubspot, base_url: 'https://crm.example', "
            "token: '${UNSET_TOKEN}'}\n"
        )
    return market.settings


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    """The definitions of that market."""
    from orchestration.definitions import build_definitions

    prepare_manifest()
    return build_definitions(settings)


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> Mapping[dg.AssetKey, dg.AssetSpec]:
    """Every asset by its key."""
    return {spec.key: spec for spec in definitions.resolve_all_asset_specs()}


def test_loading_leaves_no_trace(settings: Settings) -> None:
    """No socket, no database, no process, no secret, no file written: seen by an audit hook, and
    by comparing the folders afterwards."""
    prepare_manifest()
    before = fingerprint(settings.sources.parent), _marks(DBT_PROJECT)
    run = _python("-c", WATCHED, settings=settings)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert [line for line in lines if line.startswith("did")] == []
    assert lines[-1].startswith("loaded")
    assert (fingerprint(settings.sources.parent), _marks(DBT_PROJECT)) == before
    assert not settings.home.exists()


def test_dagster_validates_the_workspace(settings: Settings) -> None:
    """As `make ui` and a deployment load it."""
    prepare_manifest()
    run = _python(
        "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml", settings=settings
    )
    assert run.returncode == 0, run.stderr


def test_groups_follow_the_way_of_the_data(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """Whatever depends on something stands in the same stage or a later one."""
    stage = {group: number for number, groups in enumerate(STAGES) for group in groups}
    assert {spec.group_name for spec in specs.values()} == set(stage)
    backwards = {
        (spec.key.to_user_string(), dep.asset_key.to_user_string())
        for spec in specs.values()
        for dep in spec.deps
        if stage[specs[dep.asset_key].group_name] > stage[spec.group_name]
    }
    assert backwards == WAYS_BACK


def test_every_asset_hangs_together(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """Nothing depends on an asset that isn't there, and every source reaches a raw view."""
    depended_on = {dep.asset_key for spec in specs.values() for dep in spec.deps}
    assert depended_on <= set(specs)
    assert {key for key, spec in specs.items() if spec.group_name == "landing"} <= depended_on


def test_every_asset_is_described_and_weekly(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """Each has a sentence for whoever meets it in the UI, and Mondays as its partitions."""
    assert [key for key, spec in specs.items() if not spec.description] == []
    first = f"{FIRST_WEEK + timedelta(days=7)}"
    for spec in specs.values():
        assert isinstance(spec.partitions_def, dg.WeeklyPartitionsDefinition)
        keys = spec.partitions_def.get_partition_keys(current_time=datetime(2025, 1, 13, 0, 1))
        assert keys == [f"{FIRST_WEEK}", first]


def test_the_running_week_is_a_partition_from_its_monday(
    specs: Mapping[dg.AssetKey, dg.AssetSpec],
) -> None:
    """A Monday's list can be made on that Monday; that of the next week can't."""
    weeks = next(iter(specs.values())).partitions_def
    for moment, newest in (
        (datetime(2025, 3, 9, 23, 59, tzinfo=UTC), "2025-03-03"),
        (datetime(2025, 3, 10, 0, 1, tzinfo=UTC), "2025-03-10"),
        (datetime(2025, 3, 16, 23, 59, tzinfo=UTC), "2025-03-10"),
    ):
        assert weeks.get_partition_keys(current_time=moment)[-1] == newest


def test_the_schedule_asks_for_one_run_per_monday(definitions: dg.Definitions) -> None:
    """However often the daemon looks, the week has one run key, and the run is for that week."""
    schedule = definitions.resolve_schedule_def("mondays")
    assert (schedule.job_name, schedule.cron_schedule) == (WEEKLY_JOB, "0 5 * * 1")
    requests = [
        request
        for hour in (5, 5)
        for request in _tick(definitions, datetime(2025, 3, 10, hour, tzinfo=UTC))
    ]
    assert {(request.run_key, request.partition_key) for request in requests} == {
        ("2025-03-10", "2025-03-10")
    }
    assert len(requests) == 2


def test_only_what_tells_or_tidies_starts_by_itself(definitions: dg.Definitions) -> None:
    """Looking at the UI begins no run that asks a vendor; somebody switches those on."""
    repository = definitions.get_repository_def()
    by_itself = {
        instigator.name
        for instigator in (*repository.schedule_defs, *repository.sensor_defs)
        if instigator.default_status.value == "RUNNING"
    }
    assert by_itself == {"sundays", "failures", "refusals", "dead_runs"}
    all_names = {d.name for d in (*repository.schedule_defs, *repository.sensor_defs)}
    assert all_names - by_itself == {"mondays", "dropped_files"}


def test_every_asset_says_whose_it_is(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """An owner to ask, the layer, and the kinds of tools that make it."""
    for spec in specs.values():
        assert spec.owners == [
            "team:marketing-ops"
            if spec.group_name in ("marts", "gate", "published")
            else "team:data-engineering"
        ]
        assert spec.tags["layer"]
        assert spec.kinds


def test_what_holds_people_is_tagged(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """By the columns that the tables and marts declare; what has only companies isn't."""
    columns = {
        key: {column.name for column in spec.metadata["dagster/column_schema"].columns}
        for key, spec in specs.items()
        if spec.group_name == "marts"
    } | {
        key: set(TABLES[key.path[-1]].columns)
        for key, spec in specs.items()
        if spec.group_name == "landing"
    }
    of_people = {"full_name", "owner_name", "email", "key_kind"}
    tagged = {key for key, spec in specs.items() if spec.tags.get("pii") == "true"}
    for key, names in columns.items():
        assert (key in tagged) == (not names.isdisjoint(of_people))
    staged = ("stg_contacts", "stg_latest_contacts", "stg_latest_suppressions", "stg_suppressions")
    assert {dg.AssetKey(["staging", name]) for name in staged} <= tagged
    assert {key for key, spec in specs.items() if spec.group_name == "published"} <= tagged


def test_marts_show_their_columns(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """With type and meaning, from their contract."""
    marts = [spec for spec in specs.values() if spec.group_name == "marts"]
    for spec in marts:
        for column in spec.metadata["dagster/column_schema"].columns:
            assert column.type != "?", (spec.key, column.name)
            assert column.description, (spec.key, column.name)
    assert marts


def test_sources_and_list_must_stay_fresh(specs: Mapping[dg.AssetKey, dg.AssetSpec]) -> None:
    """A source once a week; the list on Monday morning."""
    for spec in specs.values():
        if spec.group_name == "landing":
            assert spec.freshness_policy.fail_window.to_timedelta() == timedelta(days=8)
        elif spec.group_name == "published":
            assert spec.freshness_policy.deadline_cron == "0 9 * * 1"
        else:
            assert spec.freshness_policy is None


def test_several_weeks_can_be_back_filled_at_once(definitions: dg.Definitions) -> None:
    """Dagster 1.13 takes weeks that it reached on different ways for different ones: it refuses to
    back-fill a step that can only run whole, unless all its assets depend on the same."""
    graph = definitions.resolve_asset_graph()
    refused = [
        (key.to_user_string(), other.to_user_string())
        for key in graph.get_all_asset_keys()
        for other in graph.get(key).execution_set_asset_keys
        if graph.get(key).parent_keys != graph.get(other).parent_keys
    ]
    assert refused == []


def test_the_job_makes_everything(
    definitions: dg.Definitions, specs: Mapping[dg.AssetKey, dg.AssetSpec]
) -> None:
    """The weekly job selects every asset, in one process."""
    job = definitions.resolve_job_def(WEEKLY_JOB)
    assert set(job.asset_layer.executable_asset_keys) == set(specs)
    assert job.executor_def.name == "in_process"


def test_dbt_tests_and_gate_findings_are_asset_checks(definitions: dg.Definitions) -> None:
    """Both suites hang on the assets that they judge, as do the tests of the models."""
    graph = definitions.resolve_asset_graph()
    checked: dict[str, int] = {}
    for key in graph.asset_check_keys:
        group = graph.get(key.asset_key).group_name
        checked[group] = checked.get(group, 0) + 1
    assert checked["raw"] > 20
    assert checked["gate"] > 10
    assert checked["marts"] > 20
    assert checked["landing"] == 6


def test_every_test_of_a_weeks_data_is_a_check_and_no_other_is(
    definitions: dg.Definitions,
) -> None:
    """Else a run warns of what it did and left out, and nobody sees in the UI that it was done."""
    checks = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    tests = {
        node["name"]: "formula" in node["tags"] or node["original_file_path"].startswith("seeds/")
        for node in current_manifest()["nodes"].values()
        if node["resource_type"] == "test"
    }

    assert {name for name, is_of_suite in tests.items() if not is_of_suite} <= checks
    assert not {name for name, is_of_suite in tests.items() if is_of_suite} & checks


def test_the_names_taken_from_dagster_dbt_exist() -> None:
    """They aren't its public interface; when this fails, orchestration/dbt.py has to follow."""
    message = DbtCoreCliEventMessage(
        raw_event={"info": {"name": "LogModelResult"}, "data": {}}, event_history_metadata={}
    )
    assert callable(message.to_default_asset_events)
    parameters = message.to_default_asset_events.__func__.__code__.co_varnames
    assert {"manifest", "dagster_dbt_translator", "context"} <= set(parameters)


def test_the_names_taken_from_dbt_exist() -> None:
    """dbt in this process: its runner, its manifest and the connections to close."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    assert callable(DuckDBConnectionManager.close_all_connections)
    assert callable(dbtRunner(manifest=None, callbacks=[]).invoke)


def _tick(definitions: dg.Definitions, moment: datetime) -> list[dg.RunRequest]:
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def("mondays")
    with dg.build_schedule_context(
        scheduled_execution_time=moment, repository_def=repository
    ) as context:
        return list(schedule.evaluate_tick(context).run_requests or [])


def _python(*arguments: str, settings: Settings) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    wanted = {name: value for name, value in environment(settings).items() if "DAGSTER" not in name}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=known | wanted,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _marks(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file below a folder was written, and its size."""
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file() and TARGET not in path.parents
    }
