"""What one list is made from: the snapshot that a run takes at its start and works on to its end.

What belongs here: choosing batches and history for a week, the publish id that follows from them,
and keeping that choice beside the week's warehouse, so that every later step works on the same.
What doesn't: fetching (`ingest`), and anything computed from the rows.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.deliveries import MEASURED, Delivery
from expectations.terms import Terms, Tier
from ingest.batches import Batch, batches, newest_batches, select_batches
from ingest.documents.perfect_customer import PerfectCustomer
from ingest.documents.sources import Sources
from ingest.documents.together import load_documents
from ingest.erasure import SOURCE as ERASED
from ingest.errors import ProspectError
from ingest.registry import connector
from ingest.settings import PROJECT, Settings
from ingest.tables import TABLES, duckdb_columns
from orchestration.identity.decisions import decisions_file, read_decisions
from orchestration.identity.matching import model_digest, model_file
from orchestration.publishing.version import linked_versions
from orchestration.warehouse import (
    HISTORY_COLUMNS,
    Remembered,
    can_read,
    connect,
    create_batches_table,
    create_raw_view,
    start_afresh,
)

if TYPE_CHECKING:
    import duckdb

CODE_FOLDERS = ("dbt_project", "expectations", "ingest", "orchestration")
CODE_SUFFIXES = {".py", ".sql", ".yml", ".csv", ".j2", ".js", ".json"}
# Opt-outs and do-not-contact marks are read from these in their newest state, whatever the week.
NEWEST_TABLES = ("contacts", "suppressions")
# Contacts are remembered one by one: who opted out stays so when the source forgets the person.
View = tuple[str, Mapping[str, str], list[Path]]
"""A raw view: its name, the types of its columns, and the files it reads."""
REMEMBERED = {
    "latest_contacts": Remembered(
        ("source", "source_contact_id"), ever="is_opted_out OR is_do_not_call"
    )
}


@dataclass(frozen=True)
class Inputs:
    """One week's inputs; `publish_id` is the week and a hash over all that decides the list."""

    list_week: date
    publish_id: str
    document: Mapping[str, Any]
    criteria: Sequence[Mapping[str, Any]]
    ranking: Mapping[str, Any]
    source_order: Sequence[str]
    batches: Sequence[Mapping[str, Any]]
    newest: Sequence[Mapping[str, Any]]
    before: Sequence[Mapping[str, Any]]
    compared_with: Mapping[str, str] | None
    history: Mapping[str, str]
    facts_history: Mapping[str, str]
    match_model: str
    match_decisions: Sequence[Mapping[str, str]]
    code_version: str

    @property
    def is_made_up(self) -> bool:
        """Whether anything rests on the sandbox."""
        return any(batch["is_made_up"] for batch in self.batches)

    @property
    def judged_legs(self) -> list[str]:
        """The legs whose weight is above 0."""
        return [leg for leg, weight in self.ranking["weights"].items() if weight > 0]

    @property
    def terms(self) -> Terms:
        """What the document says that the finished list must keep to."""
        agreed = self.document["agreed"]
        return Terms(
            sales=agreed.get("sales"),
            marketing=agreed.get("marketing"),
            agreed_date=date.fromisoformat(agreed["date"]) if agreed.get("date") else None,
            tiers=[Tier(**tier) for tier in self.ranking["tiers"]],
            most_per_parent=self.ranking["most_per_parent"],
        )

    @property
    def dbt_vars(self) -> dict[str, Any]:
        """What reaches the models, once."""
        return {
            "list_week": f"{self.list_week}",
            "publish_id": self.publish_id,
            "criteria": list(self.criteria),
            "ranking": dict(self.ranking),
            "source_order": list(self.source_order),
            "sources_of_one_batch": self._sources_of_one_batch,
        }

    @property
    def _sources_of_one_batch(self) -> list[str]:
        """The sources all of whose signals came in one batch, so that none is there twice."""
        sources = Counter(b["source"] for b in self.batches if b["table_name"] == "signals")
        return sorted(source for source, batches in sources.items() if batches == 1)

    @property
    def manifest_facts(self) -> dict[str, Any]:
        """What the manifest says of this list's making."""
        return {
            "document": dict(self.document),
            "batches": [dict(batch) for batch in self.batches],
            "compared_with": dict(self.compared_with) if self.compared_with else None,
            "code_version": self.code_version,
            "is_made_up": self.is_made_up,
        }


def take_inputs(settings: Settings, week: date) -> Inputs:
    """Choose the week's inputs, start its warehouse afresh, and write both down."""
    inputs = choose_inputs(settings, week)
    start_afresh(settings, week)
    with connect(settings, week) as connection:
        _create_views(connection, settings, _raw_views(settings, inputs))
        create_batches_table(connection, inputs.batches)
    _file(settings, week).write_text(
        json.dumps(asdict(inputs), default=str, ensure_ascii=False, indent=1)
    )
    return inputs


def read_inputs(settings: Settings, week: date) -> Inputs:
    """The inputs that the week's warehouse was started with."""
    path = _file(settings, week)
    if not path.exists():
        raise ProspectError(
            f"week {week} has no warehouse; `prospects run --week {week}` makes one"
        )
    content = json.loads(path.read_text())
    return Inputs(**{**content, "list_week": date.fromisoformat(content["list_week"])})


def newest_built(settings: Settings) -> date:
    """The newest week that a warehouse was started for. Raises ProspectError when none was."""
    built = sorted(path.parent.name for path in settings.warehouse.glob("????-??-??/inputs.json"))
    if not built:
        raise ProspectError("no week has been built yet; `prospects run` makes one")
    return date.fromisoformat(built[-1])


def code_version() -> str:
    """A hash over the code's own files, so that a change of a model gives a new publication."""
    digest = hashlib.sha256()
    for folder in CODE_FOLDERS:
        for path in sorted((PROJECT / folder).rglob("*")):
            inside = path.relative_to(PROJECT)
            if path.suffix in CODE_SUFFIXES and "target" not in inside.parts:
                digest.update(f"{inside}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def choose_inputs(settings: Settings, week: date) -> Inputs:
    """Documents, batches, history and code of a week; reads manifests only, no rows."""
    customer, sources = load_documents(settings)
    names = [source.name for source in sources.sources]
    ever = batches(settings)
    landed = [batch for batch in ever if batch.source in names]
    used = [
        _described(settings, selected.batch, selected.is_known_later)
        for selected in select_batches(landed, week)
    ]
    newest = _newest(settings, ever, landed)
    linked = linked_versions(settings.published)
    history = {f"{earlier}": publish_id for earlier, publish_id in linked.items() if earlier < week}
    facts_history = _unlinked_facts(settings, week, linked) | history
    compared_with = (
        {"list_week": max(history), "publish_id": history[max(history)]} if history else None
    )
    code = code_version()
    match_model = model_digest(model_file(settings))
    match_decisions = [asdict(d) for d in read_decisions(decisions_file(settings))]
    decided = {
        "document": customer.digest(),
        "source_order": names,
        "batches": [_identity(batch) for batch in used],
        "newest": [_identity(batch) for batch in newest],
        "history": history,
        "facts_history": facts_history,
        "match_model": match_model,
        "match_decisions": match_decisions,
        "code": code,
    }
    return Inputs(
        list_week=week,
        publish_id=f"{week}-{_hash(decided)[:12]}",
        document={
            "version": customer.version,
            "sha256": customer.digest(),
            "agreed": _agreed(customer),
            "content": customer.model_dump(mode="json", by_alias=True),
        },
        criteria=customer.rows(),
        ranking={**customer.ranking_row(), "version": customer.version},
        source_order=names,
        batches=used,
        newest=newest,
        before=_batches_before(settings, compared_with, used),
        compared_with=compared_with,
        history=history,
        facts_history=facts_history,
        match_model=match_model,
        match_decisions=match_decisions,
        code_version=code,
    )


def create_newest_views(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, sources: Sources
) -> None:
    """`raw.latest_…` alone: what sources last said of opt-outs, whatever the week."""
    names = [source.name for source in sources.sources]
    ever = batches(settings)
    newest = _newest(settings, ever, [batch for batch in ever if batch.source in names])
    _create_views(connection, settings, _newest_views(settings, newest))


def promised(sources: Sources) -> list[Delivery]:
    """What each source is to deliver, whatever has landed."""
    return [
        Delivery(source.name, table, "", None, source.max_shrink, source.required)
        for source in sources.sources
        for table in connector(source.connector).tables(source.options)
    ]


def deliveries(sources: Sources, inputs: Inputs) -> list[Delivery]:
    """What each source delivered for this week, for the gate to hold against its last good one."""
    before = {_kind(batch): batch["rows"] for batch in inputs.before}
    newest = {_kind(batch): batch["batch_id"] for batch in inputs.batches}
    return [
        replace(
            delivery,
            batch_id=newest.get((delivery.source, delivery.table), ""),
            rows_before=before.get((delivery.source, delivery.table)),
        )
        for delivery in promised(sources)
    ]


def _unlinked_facts(settings: Settings, week: date, linked: Mapping[date, str]) -> dict[str, str]:
    """The publish id of each list before `week` and all links: pruning leaves its facts alone."""
    first = min([week, *linked])
    names = (path.stem for path in (settings.history / "account_facts").glob("[!.]*.parquet"))
    return {name[:10]: name for name in sorted(names) if name[:10] < f"{first}"}


def _batches_before(
    settings: Settings,
    compared_with: Mapping[str, str] | None,
    used: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The batch to compare with, per source and table: the last that was good.

    That is the newest one of the last published list, since what the gate refused was never
    published; for what that list did not have, the batch that landed before the newest in use.
    """
    before = _landed_before(settings, used) | _published_before(settings, compared_with)
    return [before[kind] for kind in sorted(before)]


def _published_before(
    settings: Settings, compared_with: Mapping[str, str] | None
) -> dict[tuple[str, str], dict[str, Any]]:
    if not compared_with:
        return {}
    manifest = settings.published / ".versions" / compared_with["publish_id"] / "manifest.json"
    if not manifest.exists():
        return {}
    used = json.loads(manifest.read_text(encoding="utf-8"))["batches"]
    return {_kind(batch): batch for batch in sorted(used, key=lambda b: str(b["stamped_week"]))}


def _landed_before(
    settings: Settings, used: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], dict[str, Any]]:
    landed = batches(settings)
    in_use = {(*_kind(batch), batch["batch_id"]) for batch in used}
    newest = {
        (batch.source, batch.table): (batch.week, batch.revision)
        for batch in landed
        if (batch.source, batch.table, batch.batch_id) in in_use
    }
    return {
        (batch.source, batch.table): _described(settings, batch, False)
        for batch in landed
        if (batch.week, batch.revision) < newest.get((batch.source, batch.table), (date.min, 0))
    }


def _kind(batch: Mapping[str, Any]) -> tuple[str, str]:
    return batch["source"], batch["table_name"]


def _newest(
    settings: Settings, ever: Sequence[Batch], landed: Sequence[Batch]
) -> list[dict[str, Any]]:
    """The batches that opt-outs are read from; who was erased counts whatever sources.yml says."""
    erased = [batch for batch in ever if batch.source == ERASED]
    return [
        _described(settings, batch, False)
        for table in NEWEST_TABLES
        for batch in (
            ever if f"latest_{table}" in REMEMBERED else newest_batches([*landed, *erased])
        )
        if batch.table == table
    ]


def _create_views(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, views: Sequence[View]
) -> None:
    import duckdb

    for name, columns, files in views:
        remembered = REMEMBERED.get(name)
        try:
            create_raw_view(connection, name, columns, files, settings.home, remembered=remembered)
        except duckdb.Error as error:
            raise _unreadable(connection, settings, files) or error from None


def _unreadable(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, files: Sequence[Path]
) -> ProspectError | None:
    """What to do about landed files that can't be read; None where it isn't them."""
    damaged = [
        f"{file.parent.relative_to(settings.home)}"
        for file in files
        if file.is_relative_to(settings.landing) and not can_read(connection, file)
    ]
    if not damaged:
        return None
    return ProspectError(
        f"{', '.join(damaged)}: expected the rows of a batch as Parquet, found a file that is "
        "damaged or missing; remove the folder and fetch again"
    )


def _newest_views(settings: Settings, newest: Sequence[Mapping[str, Any]]) -> list[View]:
    return [
        (f"latest_{name}", duckdb_columns(TABLES[name]), _files(settings, newest, name))
        for name in NEWEST_TABLES
    ]


def _raw_views(settings: Settings, inputs: Inputs) -> list[View]:
    views: list[View] = [
        (name, duckdb_columns(table), _files(settings, inputs.batches, name))
        for name, table in TABLES.items()
    ]
    views += _newest_views(settings, inputs.newest)
    views += [
        (f"{name}_before", duckdb_columns(TABLES[name]), _present(settings, inputs.before, name))
        for name in MEASURED
    ]
    lists = [
        settings.history / "target_accounts" / f"{publish_id}.parquet"
        for publish_id in inputs.history.values()
    ]
    kept = [
        settings.history / "account_facts" / f"{publish_id}.parquet"
        for publish_id in inputs.facts_history.values()
    ]
    views.append(("account_facts", HISTORY_COLUMNS["account_facts"], kept))
    views.append(("published_lists", HISTORY_COLUMNS["published_lists"], lists))
    views += [
        (f"last_{kind}", HISTORY_COLUMNS[f"last_{kind}"], _last(settings, inputs, kind))
        for kind in ("account_facts", "account_records", "account_id_changes")
    ]
    return views


def _last(settings: Settings, inputs: Inputs, kind: str) -> list[Path]:
    """What the list compared with left in the history; some kinds are younger than some lists."""
    if not inputs.compared_with:
        return []
    path = settings.history / kind / f"{inputs.compared_with['publish_id']}.parquet"
    return [path] if path.exists() else []


def _files(settings: Settings, rows: Sequence[Mapping[str, Any]], table: str) -> list[Path]:
    return [settings.home / row["path"] for row in rows if row["table_name"] == table]


def _present(settings: Settings, rows: Sequence[Mapping[str, Any]], table: str) -> list[Path]:
    """The files that are still there: a measure that is gone stops no list."""
    return [path for path in _files(settings, rows, table) if path.exists()]


def _described(settings: Settings, batch: Batch, known_later: bool) -> dict[str, Any]:
    return {
        "source": batch.source,
        "table_name": batch.table,
        "batch_id": batch.batch_id,
        "stamped_week": f"{batch.week}",
        "rows": batch.rows,
        "rejects": batch.rejects,
        "unconverted": batch.unconverted,
        "content_hash": batch.content_hash,
        "is_known_later": known_later,
        "is_made_up": batch.made_up,
        "path": f"{batch.data(settings).relative_to(settings.home)}",
    }


def _identity(batch: Mapping[str, Any]) -> list[str | int]:
    """What of a batch decides the list: its rows, and how many were set aside, which it tells."""
    return [batch["source"], batch["table_name"], batch["batch_id"], batch["rejects"]]


def _agreed(customer: PerfectCustomer) -> dict[str, str]:
    agreed = customer.agreed.model_dump()
    return {side: f"{value}" for side, value in agreed.items() if value is not None}


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _file(settings: Settings, week: date) -> Path:
    return settings.warehouse / f"{week}" / "inputs.json"
