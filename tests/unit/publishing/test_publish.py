"""What a publication promises: complete, immutable, repeatable, and only when the gate agrees."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.results import Acceptance, Finding, GateResults
from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.publishing.comments import read_comments
from orchestration.publishing.edition import Description
from orchestration.publishing.gate_page import GateRefused
from orchestration.publishing.list_files import write_list_files
from orchestration.publishing.marts import META, OWN_TEXTS, opened
from orchestration.publishing.version import linked_versions, publish
from orchestration.warehouse import warehouse_file
from tests.support.publications import edition, gate, publish_week, settings_in, unjudged
from tests.support.warehouse import LIST_WEEK, PUBLISH_ID, build_warehouse

FILES = {
    "target_accounts.csv",
    "target_contacts.csv",
    "changes.csv",
    "qualified_out.csv",
    "pipeline_review.csv",
    "report.html",
    "evidence.html",
    "gate.html",
    "manifest.json",
    "marts.duckdb",
    "import/accounts.csv",
    "import/contacts.csv",
    "import/rejects.csv",
    "perfect_customer.html",
    "target_accounts.xlsx",
}
NEXT_ID = "2026-11-23-ba9876543210"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "home")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder with its bytes, links not followed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def read(settings: Settings, query: str) -> list[tuple[object, ...]]:
    """Ask the marts as BI would, through the link."""
    database = str(settings.published / "marts.duckdb")
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_version_holds_every_promised_file(settings: Settings) -> None:
    """The folder of a week has the files that the design names, and marts as Parquet."""
    version = publish_week(settings)

    files = set(contents(version))
    assert {f for f in files if not f.startswith("marts/")} == FILES
    assert {"marts/account_scores.parquet", "marts/target_accounts.parquet"} <= files


def test_links_are_relative_and_lead_to_the_version(settings: Settings) -> None:
    """Week, latest and the two fixed names for BI lead to the version by relative links."""
    version = publish_week(settings)

    published = settings.published
    assert linked_versions(published) == {LIST_WEEK: PUBLISH_ID}
    assert (published / "latest").resolve() == version.resolve()
    assert (published / "marts").resolve() == (version / "marts").resolve()
    links = [path for path in published.iterdir() if path.is_symlink()]
    assert not any(link.readlink().is_absolute() for link in links)


def test_the_home_can_be_copied(settings: Settings, tmp_path: Path) -> None:
    """A copy of the folder serves readers after the original is gone."""
    publish_week(settings)
    copy = settings_in(tmp_path / "copy")
    shutil.copytree(settings.home, copy.home, symlinks=True)
    shutil.rmtree(settings.home)

    assert read(copy, "select count(*) from target_accounts") == [(3,)]


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    """CSV, Parquet and HTML of two separate publications are the same byte for byte."""
    first, second = (
        contents(publish_week(settings_in(tmp_path / name))) for name in ("first", "second")
    )

    for changing in ("marts.duckdb", "manifest.json"):
        first.pop(changing), second.pop(changing)
    assert first == second


def test_the_order_of_warehouse_rows_changes_nothing(tmp_path: Path) -> None:
    """Files are ordered by grain, not by how a table happens to lie in the warehouse."""
    shuffles = [
        "create or replace table marts.accounts as select * from marts.accounts order by 1 desc",
        "create or replace table marts.target_accounts as "
        "select * from marts.target_accounts order by rank desc",
        "create or replace table marts.target_contacts as "
        "select * from marts.target_contacts order by rank desc",
    ]
    plain = contents(publish_week(settings_in(tmp_path / "plain")))
    shuffled = contents(publish_week(settings_in(tmp_path / "shuffled"), mutations=shuffles))

    for changing in ("marts.duckdb", "manifest.json"):
        plain.pop(changing), shuffled.pop(changing)
    assert plain == shuffled


def test_publishing_twice_changes_nothing(settings: Settings) -> None:
    """The second publication of an id writes nothing, not even another modification time."""
    publish_week(settings)
    before = {path: path.lstat().st_mtime_ns for path in settings.published.rglob("*")}

    publish_week(settings)

    assert {p: p.lstat().st_mtime_ns for p in settings.published.rglob("*")} == before


def test_an_older_week_does_not_become_the_latest(settings: Settings) -> None:
    """A back-fill is published under its week only."""
    publish_week(settings)
    publish_week(settings, date(2026, 11, 9))

    assert (settings.published / "latest").readlink() == Path("2026-11-23")
    assert date(2026, 11, 9) in linked_versions(settings.published)


def test_a_corrected_week_replaces_its_link_and_keeps_the_version_before(
    settings: Settings,
) -> None:
    """Readers of the week see the new version; rolling back is moving one link."""
    before = publish_week(settings)
    after = publish_week(settings, digest="ba9876543210")

    assert (settings.published / "latest").resolve() == after.resolve()
    assert before.exists()


def test_a_refused_list_leaves_what_is_published(settings: Settings) -> None:
    """The gate's refusal is obeyed by the publish step itself; its page says why."""
    publish_week(settings)
    before = contents(settings.published)
    refused = gate(publish_id=NEXT_ID, passed=False)

    with pytest.raises(GateRefused, match="ranks_dense") as refusal:
        publish(settings, replace(edition(settings), publish_id=NEXT_ID, gate=refused), unjudged)

    assert contents(settings.published) == before
    assert refusal.value.page == settings.refused / "2026-11-23" / "gate.html"
    assert "Read from the top." in refusal.value.page.read_text()


def test_results_of_another_version_do_not_count(settings: Settings) -> None:
    """A gate that passed something else opens for nothing."""
    other = replace(edition(settings), gate=gate(publish_id="other"))

    with pytest.raises(ProspectError, match="run the gate"):
        publish(settings, other, unjudged)


def test_files_that_the_gate_refuses_leave_no_trace(settings: Settings) -> None:
    """They were written, looked at and thrown away; the page of the refusal names what was wrong,
    and what stays in force."""
    publish_week(settings)
    before = contents(settings.published)
    found = Finding(
        "files_complete", "files", "critical", False, "Scripts count on them.", "all", "1 row"
    )

    with pytest.raises(GateRefused, match="files_complete") as refusal:
        publish_week(
            settings, digest="ba9876543210", judge=lambda _, gate: gate.with_findings((found,))
        )

    assert contents(settings.published) == before
    page = refusal.value.page.read_text()
    assert "Scripts count on them." in page
    assert PUBLISH_ID in page


def test_the_files_of_a_version_are_judged_each_time(settings: Settings) -> None:
    """A version that is there already is looked at again before a link moves to it."""
    looked_at: list[Path] = []

    def judge(folder: Path, results: GateResults) -> GateResults:
        looked_at.append(folder)
        return results

    for _ in range(2):
        version = publish_week(settings, judge=judge)

    assert looked_at == [version.with_name(f".{version.name}.partial"), version]


def test_an_accepted_finding_stands_in_manifest_and_page(settings: Settings) -> None:
    """Who let what pass, and why, goes with the list for good."""
    acceptance = Acceptance("ranks_dense", "Ada <Example>", "it is true & known")
    results = gate(passed=False)
    acceptable = replace(
        results, findings=tuple(replace(f, acceptable=True) for f in results.findings)
    )
    build_warehouse(warehouse_file(settings, LIST_WEEK))
    accepted = replace(edition(settings), gate=acceptable.accepting([acceptance]))

    version = publish(settings, accepted, unjudged).folder

    manifest = json.loads((version / "manifest.json").read_text())
    assert [f["accepted"] for f in manifest["gate"] if f["accepted"]] == [asdict(acceptance)]
    page = (version / "gate.html").read_text()
    assert "Ada &lt;Example&gt;" in page
    assert "it is true &amp; known" in page


def test_the_manifest_proves_every_file(settings: Settings) -> None:
    """Checksums and row counts in the manifest are those of the files."""
    version = publish_week(settings)
    manifest = json.loads((version / "manifest.json").read_text())
    files = contents(version)
    files.pop("manifest.json")

    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == sums
    assert manifest["rows"]["target_accounts"] == 3
    assert manifest["publish_id"] == PUBLISH_ID
    assert manifest["compared_with_week"] == "2026-11-16"
    assert manifest["is_made_up"] is True


def test_views_work_without_the_warehouse(settings: Settings) -> None:
    """The reasons of any account can be read from the marts file alone."""
    publish_week(settings)
    shutil.rmtree(settings.warehouse)

    rows = read(settings, "select sum(points) from account_reasons where account_id = 'a3'")
    assert float(str(rows[0][0])) == 70.0


def test_a_view_over_unpublished_tables_is_refused(settings: Settings) -> None:
    """A view that would break for its readers stops the publication with its name."""
    leak = "create or replace view marts.account_reasons as select * from raw.batches"

    with pytest.raises(ProspectError, match=r"account_reasons reads raw\.batches"):
        publish_week(settings, mutations=[leak])


def test_old_drivers_can_read_the_marts_file(settings: Settings) -> None:
    """The storage version is pinned to one that every DuckDB 1.x reads."""
    publish_week(settings)

    (row,) = read(settings, "select tags from duckdb_databases() where database_name = 'marts'")
    assert "v1.0" in str(row[0])


def test_comments_say_what_tables_and_columns_hold(settings: Settings) -> None:
    """Those of the project, whatever its words are; what it does not name has none."""
    accounts = Description("It's one; row.", {"name": 'Who\'s "who" -- ?'})
    reasons = Description("A view.", {"points": "Points."})
    said = {
        "accounts": replace(accounts, columns={**accounts.columns, "gone": "No such column."}),
        "account_reasons": reasons,
        "gone": Description("No such mart.", {}),
    }
    build_warehouse(warehouse_file(settings, LIST_WEEK))
    publish(settings, replace(edition(settings), descriptions=said), unjudged)

    with opened(settings.published / "marts.duckdb") as marts:
        found = read_comments(marts, "marts")
    assert found == {"accounts": accounts, "account_reasons": reasons, "meta": META}


def test_texts_that_repeat_nowhere_are_columns_of_marts(settings: Settings) -> None:
    """A column that is renamed is still written in the way that was chosen for it."""
    publish_week(settings)

    columns = {name for (name,) in read(settings, "select column_name from duckdb_columns()")}
    assert columns >= OWN_TEXTS


def test_a_failing_mart_file_fails_the_publication(settings: Settings, tmp_path: Path) -> None:
    """Parquet is written beside the pages; that it failed is not lost there."""
    publish_week(settings)
    folder = tmp_path / "version"
    folder.mkdir()
    shutil.copy(settings.published / "latest" / "marts.duckdb", folder)
    (folder / "marts").write_text("stands where the folder should")

    with pytest.raises(FileExistsError):
        write_list_files(folder, gate())


def test_history_holds_the_list_and_every_account(settings: Settings) -> None:
    """Later weeks can compare with the list and with the facts of accounts not on it."""
    publish_week(settings)

    with duckdb.connect() as connection:
        lists = connection.read_parquet(f"{settings.history}/target_accounts/*.parquet")
        facts = connection.read_parquet(f"{settings.history}/account_facts/*.parquet")
        assert (len(lists.fetchall()), len(facts.fetchall())) == (3, 6)
        assert {"outcome", "list_week", "publish_id"} <= set(facts.columns)


def publish_copy(settings: Settings, version: Path, week: date) -> None:
    """Leave what publishing the same list for another week leaves."""
    publish_id = version.name.replace(version.name[:10], f"{week}")
    shutil.copytree(version, version.with_name(publish_id))
    for file in settings.history.glob(f"*/{version.name}.parquet"):
        shutil.copyfile(file, file.with_name(f"{publish_id}.parquet"))
    (settings.published / f"{week}").symlink_to(f".versions/{publish_id}")


def test_pruning_keeps_twelve_weeks_and_three_superseded_versions(settings: Settings) -> None:
    """Old weeks and versions go; what a link names, and the history of its weeks, stay."""
    weeks = [LIST_WEEK - timedelta(weeks=back) for back in range(13, 0, -1)]
    oldest = publish_week(settings, weeks[0])
    for week in weeks[1:]:
        publish_copy(settings, oldest, week)
    for number in range(6):
        publish_week(settings, digest=f"{number:012}")

    linked = linked_versions(settings.published)
    versions = {path.name for path in (settings.published / ".versions").iterdir()}
    history = {path.stem for path in (settings.history / "target_accounts").iterdir()}
    superseded = {f"{LIST_WEEK}-{number:012}" for number in (2, 3, 4)}
    assert list(linked) == [*weeks[2:], LIST_WEEK]
    assert versions == set(linked.values()) | superseded
    assert history == versions | {f"{week}-0123456789ab" for week in weeks[:2]}


def test_a_full_or_forbidden_disk_is_one_clear_line(settings: Settings) -> None:
    """What can't be written is an error that says that nothing published was touched."""
    settings.home.mkdir()
    settings.published.write_text("not a folder")

    with pytest.raises(ProspectError, match="untouched"):
        publish_week(settings)
