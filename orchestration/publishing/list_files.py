"""All files that are made from a version's `marts.duckdb` and show people or accounts.

They are made in one place, so that a version from which somebody was erased holds what it would
have held without them. Not here: the marts file itself, and pages that are not made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from expectations.results import GateResults
from orchestration.publishing.evidence_page import has_evidence, render_evidence
from orchestration.publishing.files import write_text
from orchestration.publishing.import_files import write_import_files
from orchestration.publishing.marts import opened, write_parquet
from orchestration.publishing.people_files import write_people_files
from orchestration.publishing.report import render_report
from orchestration.publishing.workbook import write_workbook


def write_list_files(
    folder: Path, gate: GateResults, database_config: Mapping[str, str] | None = None
) -> None:
    """Write them beside the folder's `marts.duckdb`; `gate` is what had been found before them.

    Parquet is DuckDB's work and pages are Python's, so that one is written beside the other.
    """
    with opened(folder / "marts.duckdb", database_config) as marts, ThreadPoolExecutor(1) as beside:
        parquet = beside.submit(write_parquet, folder / "marts", marts.cursor())
        write_people_files(folder, marts)
        write_import_files(folder / "import", marts)
        write_workbook(folder / "target_accounts.xlsx", marts, gate)
        write_text(folder / "report.html", render_report(marts, gate))
        if has_evidence(marts):
            write_text(folder / "evidence.html", render_evidence(marts))
        parquet.result()
