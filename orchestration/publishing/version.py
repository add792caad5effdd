"""Publishing one version: the order of writes is the safety.

    1. the version folder, built under a hidden name, synced, renamed into `.versions/`
    2. its history entries, under its publish id
    3. the link of its week
    4. the link `latest`, unless it names a newer week
    5. pruning of what no link names

Each step can be repeated, so a run that dies anywhere is mended by running again. Here belong the
links and what they name; what the files hold is in the modules beside this one.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from expectations.results import GateResults
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.edition import Edition
from orchestration.publishing.files import copy_file, link, move_into_place, sync_tree, write_text
from orchestration.publishing.gate_page import GateRefused, render_gate, write_refusal
from orchestration.publishing.import_files import write_import_files
from orchestration.publishing.manifest import write_manifest
from orchestration.publishing.marts import copy_query, opened, write_database, write_parquet
from orchestration.publishing.people_files import write_people_files
from orchestration.publishing.report import render_report

WEEKS_KEPT = 12
SUPERSEDED_KEPT = 3

_ACCOUNT_FACTS = """
    select
        scores.account_id, accounts.name, accounts.domain, organisation_fit_score,
        people_coverage_score, issue_urgency_score, alignment_score, outcome, outcome_reason, tier,
        rank, list_sort(list_transform(reasons_earned, lambda r: r.reason_id)) as reason_ids,
        scores.list_week, scores.publish_id
    from account_scores as scores
    left join accounts on accounts.account_id = scores.account_id
    order by scores.account_id
"""


def publish(
    settings: Settings,
    list_week: date,
    publish_id: str,
    warehouse: Path,
    gate: GateResults,
    manifest_facts: Mapping[str, object],
) -> Path:
    """Publish the marts of a finished warehouse; returns the version's folder.

    Raises GateRefused, after writing its page, when the gate refuses; then, and after any other
    failure, everything that links name is as it was. Publishing an id again changes nothing.
    """
    if (gate.list_week, gate.publish_id) != (list_week, publish_id):
        raise ProspectError(
            f"the gate judged {gate.publish_id}, but {publish_id} is to be published; "
            "run the gate on the same warehouse first"
        )
    if gate.refused:
        raise GateRefused(gate, write_refusal(settings, gate))
    edition = Edition(list_week, publish_id, warehouse, gate, manifest_facts)
    try:
        return _publish(settings, edition)
    except (OSError, duckdb.IOException) as error:
        raise ProspectError(
            f"publishing {publish_id} failed: {error}; what was published before is untouched, "
            "so mend the cause and run again"
        ) from error


def linked_versions(published: Path) -> dict[date, str]:
    """The publish id that each week's link names, oldest week first; what counts as published."""
    return {
        date.fromisoformat(path.name): path.readlink().name
        for path in sorted(published.glob("????-??-??"))
        if path.is_symlink()
    }


def _publish(settings: Settings, edition: Edition) -> Path:
    published = settings.published
    version = published / ".versions" / edition.publish_id
    if not version.exists():
        _build(version, edition)
    _record_history(settings.history, version)
    link(published / edition.list_week.isoformat(), f".versions/{edition.publish_id}")
    link(published / "marts.duckdb", "latest/marts.duckdb")
    link(published / "marts", "latest/marts")
    _link_latest(published, edition.list_week)
    _prune(settings, edition.list_week)
    return version


def _build(version: Path, edition: Edition) -> None:
    partial = version.with_name(f".{version.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _write_files(partial, edition)
    sync_tree(partial)
    move_into_place(partial, version)


def _write_files(folder: Path, edition: Edition) -> None:
    """Every file of a version, in one place; all but the first are made from the first."""
    write_database(folder / "marts.duckdb", edition)
    with opened(folder / "marts.duckdb") as marts:
        write_parquet(folder / "marts", marts)
        write_people_files(folder, marts)
        write_import_files(folder / "import", marts)
        write_text(folder / "report.html", render_report(marts, edition.gate))
        write_text(folder / "gate.html", render_gate(edition.gate))
        write_manifest(folder / "manifest.json", marts, edition, folder)


def _record_history(history: Path, version: Path) -> None:
    """The list and the facts of every account, for later weeks to compare with."""
    name = f"{version.name}.parquet"
    copy_file(version / "marts" / "target_accounts.parquet", history / "target_accounts" / name)
    facts = history / "account_facts" / name
    if facts.exists():
        return
    facts.parent.mkdir(parents=True, exist_ok=True)
    partial = facts.with_name(f".{name}.partial")
    with opened(version / "marts.duckdb") as marts:
        copy_query(marts, _ACCOUNT_FACTS, partial)
    sync_tree(facts.parent)
    move_into_place(partial, facts)


def _link_latest(published: Path, list_week: date) -> None:
    latest = published / "latest"
    if latest.is_symlink() and date.fromisoformat(latest.readlink().name) > list_week:
        return
    link(latest, list_week.isoformat())


def _prune(settings: Settings, list_week: date) -> None:
    """Remove the links of old weeks, then versions that no link names, but for a few of each week.

    The history of a week's list outlives its folder; that of a superseded version goes with it.
    """
    aged = _unlink_old_weeks(settings.published, list_week)
    linked = linked_versions(settings.published)
    versions = settings.published / ".versions"
    for folder in _superseded(versions, linked):
        if folder.name not in aged.values():
            _forget(settings.history, folder.name)
        doomed = folder.with_name(f".{folder.name}.partial")
        folder.rename(doomed)
    for leftover in versions.glob(".*.partial"):
        shutil.rmtree(leftover)


def _unlink_old_weeks(published: Path, list_week: date) -> dict[date, str]:
    linked = linked_versions(published)
    old = {week: linked[week] for week in list(linked)[:-WEEKS_KEPT] if week != list_week}
    for week in old:
        (published / week.isoformat()).unlink()
    return old


def _superseded(versions: Path, linked: Mapping[date, str]) -> list[Path]:
    """The version folders to remove: per week all but the linked and the newest few others."""
    named = set(linked.values())
    spare: dict[str, list[Path]] = {}
    for folder in versions.glob("[!.]*"):
        if folder.name not in named:
            spare.setdefault(folder.name[:10], []).append(folder)
    weeks = {week.isoformat() for week in linked}
    return [
        folder
        for week, folders in sorted(spare.items())
        for folder in sorted(folders, key=_age)[SUPERSEDED_KEPT if week in weeks else 0 :]
    ]


def _age(folder: Path) -> tuple[int, str]:
    """A key that puts the folder written last first."""
    return (-folder.stat().st_mtime_ns, folder.name)


def _forget(history: Path, publish_id: str) -> None:
    for kind in ("target_accounts", "account_facts"):
        (history / kind / f"{publish_id}.parquet").unlink(missing_ok=True)
