"""Earlier versions: which there are, and publishing one of them again.

Publishing again moves one link, so that a wrong list is taken back in a moment and nothing is
built. Opt-outs win over it: a version that names somebody who has opted out since can't return.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest.documents.together import load_documents
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.version import linked_versions, move_links
from orchestration.run_lock import run_lock


@dataclass(frozen=True)
class Version:
    """A version that is kept. `written` is when its folder was, in UTC; `listed` counts accounts.

    `accepted` names the checks that a person let pass.
    """

    list_week: date
    publish_id: str
    written: datetime
    document_version: int | None
    listed: int
    accepted: tuple[str, ...]
    is_in_force: bool
    is_latest: bool


def known_versions(settings: Settings, week: date | None = None) -> list[Version]:
    """The kept versions, newest week first, of each week the one written last first.

    Raises ProspectError when there is none.
    """
    linked = linked_versions(settings.published)
    latest = settings.published / "latest"
    current = latest.resolve().name if latest.exists() else None
    folders = (settings.published / ".versions").glob(f"{week or '[!.]'}*")
    found = [_version(folder, linked, current) for folder in folders]
    if not found:
        raise ProspectError(f"no version {f'of {week} ' if week else ''}is published yet")
    return sorted(found, key=lambda v: (v.list_week, v.written, v.publish_id), reverse=True)


def format_versions(versions: Sequence[Version]) -> str:
    """The versions as a table for a terminal."""
    lines = ["week        version                  written (UTC)     document  listed"]
    for version in versions:
        mark = "in force" if version.is_in_force else ""
        mark += ", latest" if version.is_latest else ""
        accepted = f"accepted: {', '.join(version.accepted)}" if version.accepted else ""
        lines.append(
            f"{version.list_week}  {version.publish_id}  {version.written:%Y-%m-%d %H:%M}  "
            f"{version.document_version or '':>8}  {version.listed:>6}  {mark}  {accepted}".rstrip()
        )
    return "\n".join(lines) + "\n"


def republish(settings: Settings, week: date, publish_id: str) -> None:
    """Let the week's link name another of its versions.

    Raises ProspectError for a version that isn't kept or belongs to another week, and for one that
    names somebody who must not be contacted any more.
    """
    version = settings.published / ".versions" / publish_id
    known = [v.publish_id for v in known_versions(settings, week)]
    if publish_id not in known:
        raise ProspectError(f"{publish_id} is no version of {week}; there are: {', '.join(known)}")
    with run_lock(settings, week):
        _require_nobody_opted_out(settings, week, version)
        move_links(settings, version, week)


def _require_nobody_opted_out(settings: Settings, week: date, version: Path) -> None:
    from expectations.departures import opt_outs
    from expectations.runner import run_checks
    from orchestration.warehouse import database_config

    settings.scratch.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="replay-", dir=settings.scratch) as scratch:
        database = Path(scratch) / "replay.duckdb"
        _lay_side_by_side(database, settings, version)
        findings = run_checks(database, "departures", opt_outs(week), database_config(settings))
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        raise ProspectError(
            f"{version.name} names accounts or people who have opted out since "
            f"({', '.join(f'{f.check}: {f.found}' for f in failed)}); make the week again with: "
            f"prospects run --week {week} --no-fetch"
        )


def _lay_side_by_side(database: Path, settings: Settings, version: Path) -> None:
    """A database with the version's list and people, and with what sources say of them now."""
    import duckdb

    from orchestration.inputs import create_newest_views
    from orchestration.warehouse import database_config, quoted

    _, sources = load_documents(settings)
    with duckdb.connect(str(database), config=dict(database_config(settings))) as connection:
        create_newest_views(connection, settings, sources)
        connection.execute("create schema marts")
        connection.execute(f"attach {quoted(str(version / 'marts.duckdb'))} as version (read_only)")
        for mart in ("target_accounts", "target_contacts", "contacts"):
            connection.execute(f"create table marts.{mart} as from version.{mart}")


def _version(folder: Path, linked: dict[date, str], latest: str | None) -> Version:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    week = date.fromisoformat(folder.name[:10])
    return Version(
        list_week=week,
        publish_id=folder.name,
        written=datetime.fromtimestamp(folder.stat().st_mtime, UTC),
        document_version=manifest["document_version"],
        listed=manifest["rows"]["target_accounts"],
        accepted=tuple(f["check"] for f in manifest["gate"] if f.get("accepted")),
        is_in_force=linked.get(week) == folder.name,
        is_latest=latest == folder.name,
    )
