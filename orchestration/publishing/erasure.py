"""Taking people out of what is published, in every version that is kept.

A version that names them is made anew beside itself, and its files replace the old ones one by one:
the marts file as the last but one, the manifest as the last. So no link ever dangles, a reader of
one file sees the old one or the new one, and what a crash leaves is told by either of these two.

What belongs here: the marts without the person, and that exchange. What doesn't: who was erased
(`ingest/erasure.py`) and what the files hold (`list_files.py`). Scores stay as they were.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.results import Finding, GateResults
from ingest.erasure import MARK, Erased, is_theirs
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.comments import read_comments, write_comments
from orchestration.publishing.edition import Edition
from orchestration.publishing.files import sync_tree
from orchestration.publishing.list_files import write_list_files
from orchestration.publishing.manifest import write_manifest
from orchestration.publishing.marts import STORAGE_VERSION
from orchestration.warehouse import quoted

MARTS, MANIFEST = "marts.duckdb", "manifest.json"
KEPT = ("gate.html", "perfect_customer.html")
"""Files that name no contacts, and so stay byte for byte."""

_CONTACTS = ("contacts", "target_contacts")
_TELLING = """
    select
        contact_id,
        split_part(record, ':', 1) as source,
        substr(record, strpos(record, ':') + 1) as source_contact_id,
        full_name,
        lower(email) as email,
        profile_url
    from (
        select contact_id, full_name, email, profile_url, {records} as record from before.contacts
        union
        select contact_id, full_name, email, profile_url, contact_id from before.target_contacts
    )
"""
_OWNERS = """
    select owner_id from before.owner_profiles where sha256(lower(email)) in (from digests)
"""
_OF_OWNERS = {
    ("owner_profiles", "name"),
    ("owner_profiles", "email"),
    ("pipeline_review", "owner_name"),
}
"""What of an owner goes; their deals stay under a key that names nobody."""

_REASONS = """
    select account_id, reason_id
    from (select account_id, unnest(reasons_earned, max_depth := 2) from before.account_scores)
    where list_contains(getvariable('people'), evidence_id)
"""


def erase_published(settings: Settings, erased: Erased) -> int:
    """Make every version that names an erased person anew without them; how many there were.

    Raises ProspectError, after all others are done, for versions that can't be made anew.
    """
    versions = settings.published / ".versions"
    for unfinished in versions.glob(".*"):
        shutil.rmtree(unfinished)
    concerned = [v for v in sorted(versions.glob("*")) if _is_concerned(v, erased)]
    failed = [why for version in concerned if (why := _tried(version, erased))]
    if failed:
        raise ProspectError(
            f"{len(failed)} of {len(concerned)} versions that name them could not be made anew: "
            f"{'; '.join(failed)}; remove their folders under published/.versions and the links "
            "to them, or mend the cause, and erase again"
        )
    return len(concerned)


def _is_concerned(version: Path, erased: Erased) -> bool:
    """Whether the marts name an erased person, or have been exchanged without the manifest."""
    proven = _manifest(version)["files"][MARTS]["sha256"]
    with (version / MARTS).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != proven:
            return True
    with _marts(version, erased) as marts:
        found = marts.execute("select getvariable('people'), getvariable('owners')").fetchone()
        return any(found or ()) or _is_mentioned(marts, erased)


def _is_mentioned(marts: duckdb.DuckDBPyConnection, erased: Erased) -> bool:
    """Whether an erased address stands in any text of any table."""
    return any(
        erased.mentioned_in(text)
        for table in _tables(marts)
        for column, kind in _columns(marts, table)
        if "VARCHAR" in kind and column != "email"
        for (text,) in marts.execute(
            f'select distinct "{column}"::varchar from before."{table}" '
            f"where contains(\"{column}\"::varchar, '@')"
        ).fetchall()
    )


def _tried(version: Path, erased: Erased) -> str | None:
    """Make a version anew; the reason where it can't be."""
    try:
        _make_anew(version, erased)
    except (duckdb.Error, ProspectError) as error:
        return f"{version.name} ({error})"
    return None


def _make_anew(version: Path, erased: Erased) -> None:
    manifest = _manifest(version)
    gate = _gate(manifest)
    partial = version.with_name(f".{version.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    _write_database(partial / MARTS, version, erased)
    # The list files were made before the gate looked at them.
    before_files = tuple(finding for finding in gate.findings if finding.suite != "files")
    write_list_files(partial, GateResults(gate.list_week, gate.publish_id, before_files))
    for name in KEPT:
        if (version / name).exists():
            shutil.copyfile(version / name, partial / name)
    facts = manifest | {"has_erased_people": True}
    edition = Edition(gate.list_week, gate.publish_id, partial / MARTS, gate, facts)
    write_manifest(partial, edition, gate)
    sync_tree(partial)
    _exchange(partial, version)


def _exchange(partial: Path, version: Path) -> None:
    """Replace the version's files, and keep its date, by which versions are known as older."""
    written = version.stat()
    ours = _files(partial)
    for name in _files(version) - ours:
        # What can't be made anew might name them.
        (version / name).unlink()
    for name in sorted(ours, key=lambda name: (name == MANIFEST, name == MARTS, name)):
        (version / name).parent.mkdir(exist_ok=True)
        (partial / name).replace(version / name)
    sync_tree(version)
    os.utime(version, ns=(written.st_atime_ns, written.st_mtime_ns))
    shutil.rmtree(partial)


def _files(folder: Path) -> set[str]:
    return {f"{p.relative_to(folder)}" for p in folder.rglob("*") if p.is_file()}


def _manifest(version: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((version / MANIFEST).read_text(encoding="utf-8"))
    return content


def _gate(manifest: dict[str, Any]) -> GateResults:
    """What the gate found of the version when it was published."""
    try:
        findings = tuple(map(Finding.from_dict, manifest["gate"]))
    except TypeError:
        raise ProspectError(
            f"its {MANIFEST} doesn't hold what the gate found in full: an older program wrote it"
        ) from None
    return GateResults(date.fromisoformat(manifest["list_week"]), manifest["publish_id"], findings)


@contextmanager
def _marts(version: Path, erased: Erased) -> Iterator[duckdb.DuckDBPyConnection]:
    """The version's marts as `before`, and the ids of the erased as variables: as contacts in
    `people`, as owners in `owners`."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(str(version / MARTS))} as before (read_only)")
        connection.execute(
            "create table digests as select unnest(?::varchar[])", [[*erased.emails]]
        )
        connection.register("people", _people(connection, erased))
        connection.execute("set variable people = (select list(contact_id) from people)")
        # A version of an older program has no such mart.
        if "owner_profiles" in _tables(connection):
            connection.execute(f"set variable owners = (select list(owner_id) from ({_OWNERS}))")
        yield connection


def _people(connection: duckdb.DuckDBPyConnection, erased: Erased) -> pl.DataFrame:
    """The contacts that are of erased people, by any record that they are made of."""
    told = connection.execute(_TELLING.format(records=_records(connection))).pl()
    return told.filter(is_theirs(told, erased)).select("contact_id").unique()


def _records(connection: duckdb.DuckDBPyConnection) -> str:
    """The ids of all records that a contact is made of; older versions knew of one."""
    columns = dict(_columns(connection, "contacts"))
    return "unnest(contact_ids)" if "contact_ids" in columns else "contact_id"


def _write_database(target: Path, version: Path, erased: Erased) -> None:
    """A new marts file: in the old one the bytes would stay where rows were deleted."""
    with _marts(version, erased) as connection:
        connection.create_function("blotted", erased.blotted, ["VARCHAR"], "VARCHAR")
        connection.execute(
            f"attach {quoted(str(target))} as published (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute("use published")
        for table in _tables(connection):
            connection.execute(f'create table "{table}" as {_without_people(connection, table)}')
        for (query,) in connection.execute(
            "select sql from duckdb_views() where database_name = 'before' and not internal "
            "order by view_oid"
        ).fetchall():
            connection.execute(query)
        write_comments(connection, read_comments(connection, "before"))
        connection.execute("use memory")
        connection.execute("detach published")


def _without_people(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = [_expression(table, name, kind) for name, kind in _columns(connection, table)]
    query = f'select {", ".join(columns)} from before."{table}"'
    if table in _CONTACTS:
        query += f" where not {_is_among('people', 'contact_id')}"
    return query


def _expression(table: str, column: str, kind: str) -> str:
    """The column without what names an erased person, in its own type."""
    name = f'"{column}"'
    match table, column, kind:
        case "account_scores", "reasons_earned", _:
            found, blotted = _is_among("people", "r.evidence_id"), _blotted("r.evidence_id")
            evidence = f"case when {found} then null else {blotted} end"
            text = f"list_transform({name}, lambda r: struct_update(r, evidence_id := {evidence}))"
        case "target_account_reasons", "evidence", _:
            is_theirs = f"leg = 'people' and (account_id, reason_id) in ({_REASONS})"
            text = f"case when {is_theirs} then {quoted(MARK)} else {_blotted(name)} end"
        case _ if (table, column) in _OF_OWNERS:
            text = (
                f"case when {_is_among('owners', 'owner_id')} then null else {_blotted(name)} end"
            )
        case _, "email", _:
            text = name
        case _, _, "VARCHAR":
            text = _blotted(name)
        case _, _, "VARCHAR[]":
            text = f"list_transform({name}, lambda t: {_blotted('t')})"
        case _, _, "MAP(VARCHAR, VARCHAR)":
            entry = f"struct_pack(k := e.key, v := {_blotted('e.value')})"
            text = f"map_from_entries(list_transform(map_entries({name}), lambda e: {entry}))"
        case _:
            text = name
    return f"{text} as {name}"


def _is_among(people: str, key: str) -> str:
    return f"coalesce(list_contains(getvariable('{people}'), {key}), false)"


def _blotted(text: str) -> str:
    """Only what has an at sign is worth the call."""
    return f"case when contains({text}, '@') then blotted({text}) else {text} end"


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'before' order by table_oid"
    ).fetchall()
    return [name for (name,) in tables]


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = 'before' and table_name = ? order by column_index",
        [table],
    ).fetchall()
