"""What fails is told in one line, and leaves what is published as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from ingest.settings import Settings
from orchestration.instance import dagster_instance
from tests.pipeline.conftest import Backfill
from tests.support.market import Market, make_market
from tests.support.runs import fingerprint, prospects


def test_a_refused_gate_publishes_nothing(market: Market, running_week: date) -> None:
    """A file of companies that became empty holds the list back: exit 3, the page's path, and every
    published byte and link as it was."""
    before = fingerprint(market.settings.published)
    market.empty("companies")
    ending = prospects(market.settings, "run")
    page = market.settings.refused / f"{running_week}" / "gate.html"
    assert ending.code == 3
    (line,) = ending.err.splitlines()
    assert str(page) in line
    assert ": volume (source directory, table name companies" in line
    assert "max_shrink" in page.read_text(encoding="utf-8")
    assert fingerprint(market.settings.published) == before


def test_a_required_source_that_fails_ends_the_run(market: Market) -> None:
    """Exit 1 and one line that names the source, the file and what to do; nothing is touched."""
    before = fingerprint(market.settings.published)
    market.drop("do_not_contact").unlink()
    ending = prospects(market.settings, "run")
    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert line.startswith("prospects: source do_not_contact: ")
    assert "do_not_contact.csv" in line
    assert fingerprint(market.settings.published) == before


def test_a_required_list_that_became_empty_ends_the_run(market: Market) -> None:
    """Likewise: nobody would be left alone, and in a back-filled week the gate could not see it."""
    folders = [market.settings.published, market.settings.landing / "suppressions"]
    before = [fingerprint(folder) for folder in folders]
    market.empty("do_not_contact")
    ending = prospects(market.settings, "run")
    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert line.startswith("prospects: source do_not_contact: it is required, and no row ")
    assert [fingerprint(folder) for folder in folders] == before


@pytest.mark.parametrize("limit", ["5MB", "20MB"])
def test_memory_that_is_too_little_is_told_with_what_to_set(market: Market, limit: str) -> None:
    """Whether a check meets it, as with the first on two processors, or dbt, as with the second;
    and what is published stays as it was."""
    before = fingerprint(market.settings.published)
    ending = prospects(replace(market.settings, memory_limit=limit), "run")
    assert ending.code in (1, 3)
    (line,) = ending.err.splitlines()
    assert "Out of Memory Error: " in line
    assert f"; set PROSPECT_MEMORY_LIMIT higher, it is {limit}" in line
    assert "Possible solutions" not in line
    assert fingerprint(market.settings.published) == before


def test_another_source_that_fails_keeps_its_last_good_batch(backfill: Backfill) -> None:
    """The list is published from what the source gave last time."""
    assert backfill.endings[0].code == 0
    visits = "select count(*) from signals where source = 'visits'"
    assert backfill.running.values(visits) != [0]


def test_another_source_that_fails_is_told(backfill: Backfill) -> None:
    """On the terminal, in Dagster as a warning of its check, in the manifest and on the report as a
    banner."""
    (note,) = (line for line in backfill.endings[0].out.splitlines() if " note " in line)
    assert "visits.csv" in note
    assert note.endswith("; what landed before, if anything, stays in use")
    failed = [check for check in _checks(backfill.market.settings) if not check.passed]
    answers = [check for check in failed if check.check_name == "source_answered"]
    assert [check.asset_key.path for check in answers] == [["landing", "visits", "signals"]]
    assert answers[0].severity == dg.AssetCheckSeverity.WARN
    assert "visits.csv" in str(answers[0].metadata["reason"].value)
    gate = {finding["check"]: finding for finding in backfill.running.manifest()["gate"]}
    assert not gate["sources_answered"]["passed"]
    report = (backfill.running.folder / "report.html").read_text(encoding="utf-8")
    assert "Sources answered" in report


def test_every_check_of_the_gate_is_a_dagster_check(backfill: Backfill) -> None:
    """What the gate found stands in the instance's history under the same names."""
    told = {check.check_name for check in _checks(backfill.market.settings)}
    assert {finding["check"] for finding in backfill.running.manifest()["gate"]} <= told


# What is done to a market's documents, and per mistake the text on the line it is reported for.
Damage = Callable[[Settings], object]
BROKEN: dict[str, tuple[Damage, list[str]]] = {
    "no sources.yml": (lambda s: s.sources.unlink(), ["sources.yml"]),
    "no perfect_customer.yml": (lambda s: s.perfect_customer.unlink(), ["perfect_customer.yml"]),
    "no YAML": (
        lambda s: s.sources.write_text("sources: {crm: [", encoding="utf-8"),
        ["sources: {crm: ["],
    ),
    "bytes that are no text": (
        lambda s: s.perfect_customer.write_bytes(b"\xff\xfe\x00version"),
        ["perfect_customer.yml"],
    ),
    "a misspelt column": (
        lambda s: _replace(s.sources, {"email: Email": "emial: Email"}),
        ["emial: Email"],
    ),
    "two unknown connectors": (
        lambda s: _replace(
            s.sources,
            {
                "people:\n    connector: files": "people:\n    connector: fyles",
                "visits:\n    connector: files": "visits:\n    connector: filse",
            },
        ),
        ["connector: fyles", "connector: filse"],
    ),
    "an unknown attribute and a tier twice": (
        lambda s: _replace(
            s.perfect_customer, {"attribute: employees": "attribute: employes", "{id: B": "{id: A"}
        ),
        ["attribute: employes", "{id: A"],
    ),
    "a mistake in each document": (
        lambda s: (
            _replace(s.perfect_customer, {"attribute: employees": "attribute: employes"}),
            _replace(s.sources, {"email: Email": "emial: Email"}),
        ),
        ["attribute: employes", "emial: Email"],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_document_is_one_clear_line_per_mistake(
    tmp_path: Path, running_week: date, case: str
) -> None:
    """Each says where it stands; the run exits 1 before it fetches anything, without traceback."""
    settings = make_market(tmp_path / "market", running_week).settings
    damage, mistakes = BROKEN[case]
    damage(settings)
    ending = prospects(settings, "run")
    assert ending.code == 1
    lines = ending.err.removeprefix("prospects: ").splitlines()
    assert len(lines) == len(mistakes)
    assert all(mistake in _place(line) for line, mistake in zip(lines, mistakes, strict=True))
    assert not settings.landing.exists()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--week", "2025-03-10", "--to", "2025-03-03"), 1, "name the earlier one first"),
        (("--to", "2025-03-03"), 2, "--to goes with --week"),
    ],
)
def test_weeks_that_make_no_stretch_are_refused(
    tmp_path: Path, running_week: date, options: tuple[str, ...], code: int, told: str
) -> None:
    """Nothing that runs and makes nothing."""
    settings = make_market(tmp_path / "market", running_week).settings
    ending = prospects(settings, "run", *options)
    assert ending.code == code
    assert told in ending.err


@pytest.mark.parametrize("week", ["2025-03-04", "2019-12-30", "2999-01-07"])
def test_a_week_that_is_no_list_week_is_refused(
    tmp_path: Path, running_week: date, week: str
) -> None:
    """A day that is no Monday, lies before the first week or in the future: one line, exit 1."""
    settings = make_market(tmp_path / "market", running_week).settings
    ending = prospects(settings, "run", "--week", week)
    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert line.startswith(f"prospects: {week} is no list week")


def _checks(settings: Settings) -> list[dg.AssetCheckEvaluation]:
    """The check results of the first run in that home."""
    with dagster_instance(settings) as instance:
        run_id = instance.get_runs()[-1].run_id
        logged = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return [entry.dagster_event.asset_check_evaluation_data for entry in logged]


def _replace(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def _place(line: str) -> str:
    """The name of the document that a message begins with, and the line of it that it names."""
    path, number, _ = line.split(":", 2)
    document = Path(path)
    text = document.read_bytes().decode(errors="replace") if document.exists() else ""
    return "\n".join([document.name, *text.splitlines()[int(number) - 1 : int(number)]])
