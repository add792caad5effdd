"""What the sandbox makes up is called so wherever it is read, and its truth is read by nobody."""

from __future__ import annotations

import json

import pytest

from ingest.settings import PROJECT
from tests.pipeline.conftest import Backfill
from tests.support.runs import Publication, prospects

READERS = ("dbt_project", "expectations", "orchestration")


def test_no_model_reads_the_hidden_truth() -> None:
    """Neither a source, a model, a test nor a macro names it."""
    from orchestration.dbt import current_manifest, prepare_manifest

    prepare_manifest()
    manifest = current_manifest()
    named = {
        key
        for kind in ("nodes", "sources", "macros")
        for key, node in manifest[kind].items()
        if node["package_name"] == "prospects"
        and any(word in json.dumps(node) for word in ("truth.parquet", "would_buy", "true_company"))
    }
    assert len(manifest["nodes"]) > 50
    assert named == set()


def test_nothing_but_the_sandbox_opens_the_hidden_truth() -> None:
    """No Python or SQL outside of ingest/ names its file, its folder or its columns."""
    words = ("truth", "would_buy", "true_company_id", "settings.sandbox")
    found = {
        f"{path.relative_to(PROJECT)}: {word}"
        for folder in READERS
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in (".py", ".sql", ".yml", ".j2") and "target" not in path.parts
        for word in words
        if word in path.read_text(encoding="utf-8")
    }
    assert found == set()


@pytest.mark.parametrize(
    "name",
    [
        "target_accounts.csv",
        "import/accounts.csv",
        "import/contacts.csv",
        "target_contacts.csv",
        "changes.csv",
        "qualified_out.csv",
        "pipeline_review.csv",
    ],
)
def test_every_row_of_a_made_up_list_says_so(second: Publication, name: str) -> None:
    """A file that is forwarded without the others still tells."""
    rows = second.csv(name)
    assert not rows.is_empty()
    assert set(rows["is_made_up"]) == {"true"}


def test_the_report_of_a_made_up_list_says_so(second: Publication) -> None:
    """As a banner above everything else."""
    report = (second.folder / "report.html").read_text(encoding="utf-8")
    assert "Made-up data" in report.partition("<table")[0]


def test_the_manifest_of_a_made_up_list_says_so(second: Publication) -> None:
    """As a whole, and for each batch."""
    manifest = second.manifest()
    assert manifest["is_made_up"] is True
    assert all(batch["is_made_up"] for batch in manifest["batches"])


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_list_in_a_terminal_says_so(second: Publication, form: str) -> None:
    """In each of its formats."""
    ending = prospects(second.settings, "list", "--format", form)
    assert ending.code == 0
    assert "Made-up data" in ending.out if form == "table" else "is_made_up" in ending.out


def test_an_explanation_says_so(second: Publication) -> None:
    """Before anything else is said of an account."""
    (domain,) = second.values("select domain from target_accounts where rank = 1")
    ending = prospects(second.settings, "explain", domain)
    assert ending.code == 0
    assert "MADE-UP DATA" in ending.out


def test_a_list_from_files_is_not_called_made_up(backfill: Backfill) -> None:
    """Else nobody would believe the label; made-up files of a test can't be told from real ones."""
    assert backfill.running.manifest()["is_made_up"] is False
    assert "Made-up" not in backfill.endings[0].out
    report = (backfill.running.folder / "report.html").read_text(encoding="utf-8")
    assert "Made-up data" not in report
