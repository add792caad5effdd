"""The one way of running dbt: by Python, on a manifest that was parsed once.

What belongs here: preparing the manifest, building a selection, turning dbt's events into
Dagster's. The names taken from dagster_dbt's inside are not its public interface: they are used
here only, its version is pinned, and a test fails when they move.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ingest.errors import ProspectError
from ingest.settings import PROJECT, Settings
from orchestration.publishing.edition import Description
from orchestration.publishing.marts import VIEWS
from orchestration.warehouse import advised, database_config

if TYPE_CHECKING:
    from dagster import AssetExecutionContext
    from dagster_dbt import DagsterDbtTranslator

DBT_PROJECT = PROJECT / "dbt_project"
TARGET = DBT_PROJECT / "target"
_MANIFEST = TARGET / "manifest.json"
# The same in dbt's own form, which it reads in a tenth of a second.
_PARSED = TARGET / "partial_parse.msgpack"
_DIGEST = TARGET / "parsed.sha256"
_RESULTS = {"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"}
_QUIET = ("--log-level", "none", "--log-level-file", "none")


def prepare_manifest() -> None:
    """Parse the dbt project when its files, or dbt, changed since it last was."""
    if not _is_current():
        _parse()
        _DIGEST.write_text(_project_digest())


@cache
def current_manifest() -> Mapping[str, Any]:
    """The prepared manifest. Raises ProspectError when it is missing or older than the models."""
    if not _is_current():
        raise ProspectError(
            "the dbt manifest is missing or older than dbt_project/; "
            "`prospects prepare` and `make ui` make it"
        )
    manifest: Mapping[str, Any] = json.loads(_MANIFEST.read_text())
    return manifest


@cache
def parsed_manifest() -> Any:
    """The prepared manifest as dbt's own object, which takes seconds to parse anew.

    Raises FileNotFoundError where none was prepared.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest = Manifest.from_msgpack(_PARSED.read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.build_parent_and_child_maps()
    return manifest


def described_marts() -> dict[str, Description]:
    """What the project says of each mart, by name."""
    return {
        node["name"]: Description(
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
        )
        for node in current_manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


@dataclass(frozen=True)
class Built:
    """A node that dbt is through with: the event of its result, and the rows of its table or mart,
    null where none are counted."""

    event: Mapping[str, Any]
    rows: int | None


def warm_up() -> None:
    """Import what a build needs, and have dbt do what it does once in a process."""
    with TemporaryDirectory(prefix="warm-up-") as folder:
        _invoke(Path(folder) / "warehouse.duckdb", ["--select", "tag:of_nothing"])


def build(
    settings: Settings,
    database: Path,
    dbt_vars: Mapping[str, Any],
    selection: Sequence[str],
    threads: int = 1,
    say: Callable[[Built], None] | None = None,
) -> None:
    """`dbt build` on a warehouse file; says each node, failed ones too, as soon as it is done.

    Raises ProspectError naming the nodes that failed.
    """
    os.environ["PROSPECT_HOME"] = str(settings.home)
    os.environ["PROSPECT_MEMORY_LIMIT"] = database_config(settings)["memory_limit"]
    arguments = ["--vars", json.dumps(dbt_vars), "--threads", f"{threads}", *selection]
    result = _invoke(database, arguments, _saying(say) if say else None)
    if not result.success:
        raise ProspectError(advised(settings, _failure(result)))


def models_reading(variables: Collection[str], ends: Sequence[str]) -> list[str]:
    """A selection of the models that lead to one of the ends and whose SQL, or that of a model
    before them, reads one of the variables."""
    manifest = current_manifest()
    reads = re.compile(rf"\bvar\(\s*['\"]({'|'.join(variables)})['\"]").search
    macros = {name for name, macro in manifest["macros"].items() if reads(macro["macro_sql"])}
    while further := _macros_over(manifest, macros) - macros:
        macros |= further
    first = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and (reads(node["raw_code"]) or macros.intersection(node["depends_on"]["macros"]))
    ]
    return [f"{model}+,+{end}" for model in first for end in ends]


def dagster_events(
    context: "AssetExecutionContext", built: Built, translator: "DagsterDbtTranslator"
) -> Iterator[Any]:
    """The materialization of a node's asset, with its rows, or the result of its check."""
    from dagster import Output
    from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

    message = DbtCoreCliEventMessage(raw_event=dict(built.event), event_history_metadata={})
    for event in message.to_default_asset_events(
        manifest=current_manifest(), dagster_dbt_translator=translator, context=context
    ):
        if isinstance(event, Output) and built.rows is not None:
            yield event.with_metadata({**event.metadata, "dagster/row_count": built.rows})
        else:
            yield event


def _macros_over(manifest: Mapping[str, Any], macros: Collection[str]) -> set[str]:
    """The macros that call one of these."""
    return {
        name
        for name, macro in manifest["macros"].items()
        if set(macros).intersection(macro["depends_on"]["macros"])
    }


def _invoke(
    database: Path, arguments: Sequence[str], tell: Callable[[Any], None] | None = None
) -> Any:
    """`dbt build`, telling of each event; its result."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["PROSPECT_WAREHOUSE"] = str(database)
    runner = dbtRunner(manifest=parsed_manifest(), callbacks=[tell] if tell else [])
    options = [*_QUIET, "build", "--no-write-json", "--indirect-selection", "cautious"]
    try:
        result = runner.invoke([*options, *_folders(database.parent / "target"), *arguments])
    finally:
        # Else the file stays open with this configuration, and no other connection can be made.
        DuckDBConnectionManager.close_all_connections()
    if result.exception is not None and not isinstance(result.exception, Exception):
        # Somebody stopped the run, which is no failure of dbt's.
        raise result.exception
    return result


def _saying(say: Callable[[Built], None]) -> Callable[[Any], None]:
    """What dbt calls with each of its events, from whichever thread it builds in."""
    from google.protobuf.json_format import MessageToDict

    def tell(event: Any) -> None:
        if event.info.name in _RESULTS:
            rows = _rows(event.data.node_info)
            say(Built(MessageToDict(event, preserving_proto_field_name=True), rows))

    return tell


def _rows(node: Any) -> int | None:
    """Of each table and of each mart, but for those that stay views when they are published."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    relation = node.node_relation
    is_mart = relation.schema == "marts" and relation.alias not in VIEWS
    if node.node_status != "success" or not (is_mart or node.materialized in ("table", "seed")):
        return None
    handle = DuckDBConnectionManager.env().handle()
    try:
        row = handle.cursor().execute(f"select count(*) from {relation.relation_name}").fetchone()
        return int(row[0])
    finally:
        handle.close()


def _is_current() -> bool:
    files = (_MANIFEST, _PARSED, _DIGEST)
    return all(file.exists() for file in files) and _DIGEST.read_text() == _project_digest()


def _parse() -> None:
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke([*_QUIET, "parse", *_folders(TARGET)])
    if not result.success:
        raise ProspectError(f"the dbt project can't be parsed: {result.exception}")


def _folders(target: Path) -> list[str]:
    project = str(DBT_PROJECT)
    return ["--project-dir", project, "--profiles-dir", project, "--target-path", str(target)]


def _failure(result: Any) -> str:
    if result.exception is not None:
        return f"dbt: {_first_line(result.exception) or type(result.exception).__name__}"
    failed = [r for r in result.result.results if r.status in ("error", "fail", "runtime error")]
    names = ", ".join(r.node.name for r in failed[:5])
    return f"dbt: {len(failed)} nodes failed ({names}): {_first_line(failed[0].message)}"


def _first_line(message: object) -> str:
    lines = [line.strip() for line in str(message).splitlines() if line.strip()]
    return " ".join(lines[:3])[:400]


def _project_digest() -> str:
    digest = hashlib.sha256(version("dbt-core").encode())
    for path in sorted(DBT_PROJECT.rglob("*")):
        inside = path.relative_to(DBT_PROJECT)
        if path.suffix in {".sql", ".yml", ".csv"} and inside.parts[0] not in ("target", "logs"):
            digest.update(f"{inside}\0".encode() + path.read_bytes())
    return digest.hexdigest()
