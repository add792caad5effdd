"""Publishing one version: the order of writes is the safety.

    1. the version folder, built under a hidden name, judged by the gate, synced, renamed into
       `.versions/`
    2. its history entries, under its publish id
    3. the link of its week
    4. the link `latest`, unless it names a newer week
    5. pruning of what no link names

Each step can be repeated, so a run that dies anywhere is mended by running again. Here belong the
links and what they name; what the files hold is in the modules beside this one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from expectations.results import GateResults
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.edition import Edition
from orchestration.publishing.files import copy_file, link, move_into_place, sync_tree, write_text
from orchestration.publishing.gate_page import GateRefused, render_gate, write_refusal
from orchestration.publishing.list_files import write_list_files
from orchestration.publishing.manifest import write_manifest
from orchestration.publishing.marts import (
    copy_query,
    mart_tables,
    opened,
    write_database,
)
from orchestration.publishing.perfect_customer_page import (
    earlier_document,
    render_perfect_customer,
)
from orchestration.warehouse import advised, publishing_config

FILES = (
    "changes.csv",
    "evidence.html",
    "import/accounts.csv",
    "import/contacts.csv",
    "import/rejects.csv",
    "marts.duckdb",
    "perfect_customer.html",
    "pipeline_review.csv",
    "qualified_out.csv",
    "report.html",
    "target_accounts.csv",
    "target_accounts.xlsx",
    "target_contacts.csv",
)
WEEKS_KEPT = 12
SUPERSEDED_KEPT = 3

Judge = Callable[[Path, GateResults], GateResults]
"""Looks at the files in a folder, and adds what it found to what the gate found before."""


@dataclass(frozen=True)
class Published:
    """A version that its week's link names, and all that the gate found of it."""

    folder: Path
    gate: GateResults


_ACCOUNT_RECORDS = """
    select source || ':' || source_company_id as record_id, account_id
    from account_sources
    order by record_id
"""
_ACCOUNT_ID_CHANGES = """
    select account_id, became_account_id, kind, changed_week
    from account_id_changes
    order by all
"""
_ACCOUNT_FACTS = """
    select
        scores.account_id, name, domain, country, region, city, industry, industry_code, employees,
        revenue_usd, founded_year, ownership, legal_form, status, attributes, subsidiaries,
        subsidiaries_added_24_months, sites, depth_under_parent, has_parent, technologies,
        is_listed, is_regulated, coalesce(reachable_contacts, 0) as reachable_contacts,
        organisation_fit_score, people_coverage_score, issue_urgency_score, alignment_score,
        outcome, outcome_reason, tier, rank,
        list_sort(list_transform(reasons_earned, lambda r: r.reason_id)) as reason_ids,
        scores.list_week, scores.publish_id
    from account_scores as scores
    left join accounts on accounts.account_id = scores.account_id
    left join (
        select account_id, count(*) as reachable_contacts
        from contacts where is_reachable group by account_id
    ) as reached on reached.account_id = scores.account_id
    order by scores.account_id
"""

_KEPT = {
    "account_facts": _ACCOUNT_FACTS,
    "account_records": _ACCOUNT_RECORDS,
    "account_id_changes": _ACCOUNT_ID_CHANGES,
}
"""What of the marts outlives a version, by its folder in the history."""


def publish(settings: Settings, edition: Edition, judge: Judge) -> Published:
    """Publish the marts of a finished warehouse; returns the version and what the gate found.

    `judge` looks at the files as they lie ready, before anything points to them. Raises
    GateRefused, after writing its page, when the gate refuses; then, and after any other failure,
    everything that links name is as it was. Publishing an id again changes nothing.
    """
    gate = edition.gate
    if (gate.list_week, gate.publish_id) != (edition.list_week, edition.publish_id):
        raise ProspectError(
            f"the gate judged {gate.publish_id}, but {edition.publish_id} is to be published; "
            "run the gate on the same warehouse first"
        )
    _refuse(settings, gate)
    try:
        return _publish(settings, edition, judge)
    except (OSError, duckdb.OperationalError, duckdb.FatalException) as error:
        raise ProspectError(
            f"publishing {edition.publish_id} failed: {advised(settings, f'{error}')}; what was "
            "published before is untouched, so mend the cause and run again"
        ) from error


def published_files(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every file that a version of this warehouse holds besides the gate page and the manifest."""
    return [*FILES, *(f"marts/{table}.parquet" for table in mart_tables(connection))]


def linked_versions(published: Path) -> dict[date, str]:
    """The publish id that each week's link names, oldest week first; what counts as published."""
    return {
        date.fromisoformat(path.name): path.readlink().name
        for path in sorted(published.glob("????-??-??"))
        if path.is_symlink()
    }


def _refuse(settings: Settings, gate: GateResults) -> None:
    if gate.refused:
        raise GateRefused(gate, write_refusal(settings, gate))


def _publish(settings: Settings, edition: Edition, judge: Judge) -> Published:
    published = settings.published
    version = published / ".versions" / edition.publish_id
    gate = judge(version, edition.gate) if version.exists() else _build(settings, edition, judge)
    _refuse(settings, gate)
    move_links(settings, version, edition.list_week)
    # What was refused of the week before speaks of a list that is none any more.
    shutil.rmtree(settings.refused / f"{edition.list_week}", ignore_errors=True)
    _prune(settings, edition.list_week)
    return Published(version, gate)


def move_links(settings: Settings, version: Path, list_week: date) -> None:
    """Let the week's link name a finished version, whose history is there before it."""
    published = settings.published
    _record_history(settings, version)
    link(published / list_week.isoformat(), f".versions/{version.name}")
    link(published / "marts.duckdb", "latest/marts.duckdb")
    link(published / "marts", "latest/marts")
    _link_latest(published, list_week)


def _build(settings: Settings, edition: Edition, judge: Judge) -> GateResults:
    """Write and judge the files of a version, and give it its name where the gate lets it pass."""
    version = settings.published / ".versions" / edition.publish_id
    partial = version.with_name(f".{version.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    write_database(partial / "marts.duckdb", edition)
    write_list_files(partial, edition.gate, edition.database_config)
    write_text(partial / "perfect_customer.html", _customer_page(edition, settings.published))
    gate = judge(partial, edition.gate)
    if gate.refused:
        shutil.rmtree(partial)
        return gate
    write_text(partial / "gate.html", render_gate(gate))
    write_manifest(partial, edition, gate)
    sync_tree(partial)
    move_into_place(partial, version)
    return gate


def _customer_page(edition: Edition, published: Path) -> str:
    document: Mapping[str, Any] = edition.facts["document"]
    linked = linked_versions(published)
    found = earlier_document(published, linked, edition.list_week, document["sha256"])
    week, earlier = found or (None, None)
    return render_perfect_customer(document, earlier, week, edition.list_week)


def _record_history(settings: Settings, version: Path) -> None:
    """The list, the facts of every account and its records, for later weeks to go on from."""
    history, name = settings.history, f"{version.name}.parquet"
    copy_file(version / "marts" / "target_accounts.parquet", history / "target_accounts" / name)
    for kind, query in _KEPT.items():
        kept = history / kind / name
        if kept.exists():
            continue
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f".{name}.partial")
        with opened(version / "marts.duckdb", publishing_config(settings)) as marts:
            copy_query(marts, query, partial)
        sync_tree(kept.parent)
        move_into_place(partial, kept)


def _link_latest(published: Path, list_week: date) -> None:
    latest = published / "latest"
    if latest.is_symlink() and date.fromisoformat(latest.readlink().name) > list_week:
        return
    link(latest, list_week.isoformat())


def _prune(settings: Settings, list_week: date) -> None:
    """Remove the links of old weeks, then versions that no link names, but for a few of each week.

    The history of a week's list outlives its folder; that of a superseded version goes with it.
    So superseded versions go while the link of their week still tells them from its list.
    """
    versions = settings.published / ".versions"
    linked = linked_versions(settings.published)
    old = [week for week in list(linked)[:-WEEKS_KEPT] if week != list_week]
    for folder in _superseded(versions, linked, old):
        _forget(settings.history, folder.name)
        _discard(folder)
    for week in old:
        (settings.published / week.isoformat()).unlink()
    weeks = {week.isoformat() for week in linked_versions(settings.published)}
    for folder in versions.glob("[!.]*"):
        if folder.name[:10] not in weeks:
            _discard(folder)
    for leftover in versions.glob(".*.partial"):
        shutil.rmtree(leftover)


def _discard(version: Path) -> None:
    """Take its name from a version, which is removed with what dead runs left."""
    version.rename(version.with_name(f".{version.name}.partial"))


def _superseded(versions: Path, linked: Mapping[date, str], old: Collection[date]) -> list[Path]:
    """The versions to remove of linked weeks: all but the linked one and, unless the week is old,
    the newest few others."""
    named = set(linked.values())
    spare: dict[str, list[Path]] = {}
    for folder in versions.glob("[!.]*"):
        if folder.name not in named:
            spare.setdefault(folder.name[:10], []).append(folder)
    return [
        folder
        for week in linked
        for folder in sorted(spare.get(week.isoformat(), []), key=_age)[
            0 if week in old else SUPERSEDED_KEPT :
        ]
    ]


def _age(folder: Path) -> tuple[int, str]:
    """A key that puts the folder written last first."""
    return (-folder.stat().st_mtime_ns, folder.name)


def _forget(history: Path, publish_id: str) -> None:
    for kind in ("target_accounts", *_KEPT):
        (history / kind / f"{publish_id}.parquet").unlink(missing_ok=True)
