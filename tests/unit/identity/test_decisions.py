"""Decisions are read from a file that people keep in a spreadsheet."""

from pathlib import Path

import pytest

from ingest.errors import ProspectError
from orchestration.identity.decisions import MatchDecision, read_decisions

HEADER = "left_record_id,right_record_id,decision,by,because\n"


def written(folder: Path, text: str) -> Path:
    """A file of decisions."""
    path = folder / "match_decisions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_is_decided_without_a_file(tmp_path: Path) -> None:
    """The file need not exist."""
    assert read_decisions(tmp_path / "match_decisions.csv") == []


def test_decisions_are_read_as_people_write_them(tmp_path: Path) -> None:
    """In any case, with a byte order mark, with rows that are not decided yet."""
    path = written(tmp_path, f"\ufeff{HEADER}crm:1,erp:2, Same ,ann,\ncrm:3,erp:4,,,\n")

    assert read_decisions(path) == [MatchDecision("crm:1", "erp:2", "same")]


def test_the_last_row_on_a_pair_counts(tmp_path: Path) -> None:
    """Who changes their mind adds a row, whichever way round."""
    path = written(tmp_path, f"{HEADER}crm:1,erp:2,same,,\nerp:2,crm:1,different,,\n")

    assert read_decisions(path) == [MatchDecision("erp:2", "crm:1", "different")]


def test_every_row_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    """All mistakes at once."""
    path = written(tmp_path, f"{HEADER}a:1,b:2,maybe,,\na:1,a:1,same,,\na:1,,same,,\n")

    with pytest.raises(ProspectError) as told:
        read_decisions(path)

    assert [part.split(":")[0] for part in str(told.value).split("; ")] == [
        "match_decisions.csv line 2", "match_decisions.csv line 3", "match_decisions.csv line 4",
    ]  # fmt: skip


def test_a_file_without_the_columns_is_told(tmp_path: Path) -> None:
    """What was expected, and what is missing."""
    with pytest.raises(ProspectError, match="found no decision"):
        read_decisions(written(tmp_path, "left_record_id,right_record_id\na:1,b:2\n"))
