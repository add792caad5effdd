"""What another document would make of a week that was built, before anybody agrees to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.settings import PROJECT, Settings
from tests.support.runs import Publication, fingerprint, prospects

NO_GERMANS = """
    - id: no_germans
      attribute: country
      is: DE
      why: Nobody there speaks German.
"""


@pytest.fixture(scope="module")
def other(first: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document of the first list with a further disqualifier."""
    path = tmp_path_factory.mktemp("other") / "other.yml"
    text = first.settings.perfect_customer.read_text(encoding="utf-8")
    changed = text.replace("  disqualifiers:\n", f"  disqualifiers:{NO_GERMANS}", 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def compared(first: Publication, other: Path) -> dict[str, Any]:
    """The comparison, and whether anything but the scratch folder was changed by it."""
    kept = (first.settings.published, first.settings.warehouse)
    before = [fingerprint(folder) for folder in kept]
    ending = prospects(first.settings, "compare", other, "--week", first.week, "--format", "json")
    assert ending.code == 0, ending.err
    assert not [*first.settings.scratch.glob("*")]
    return {**json.loads(ending.out), "untouched": before == [fingerprint(f) for f in kept]}


def test_nothing_is_changed_by_it(compared: dict[str, Any]) -> None:
    """What is published and the week's warehouse stay byte for byte."""
    assert compared["untouched"]


def test_who_leaves_and_why(first: Publication, compared: dict[str, Any]) -> None:
    """Those that the new rule disqualifies, by rank, with the rule's own words."""
    germans = first.ask("select account_id, rank from target_accounts where country = 'DE'")

    assert germans
    assert [row["rank"] for row in compared["leaving"]] == sorted(row["rank"] for row in germans)
    assert {row["account_id"] for row in compared["leaving"]} == {r["account_id"] for r in germans}
    assert {row["outcome_reason"] for row in compared["leaving"]} == {
        "no_germans: Nobody there speaks German."
    }


def test_who_enters_and_why_not_before(first: Publication, compared: dict[str, Any]) -> None:
    """Whoever had found no place; the reason is the one that the published list gives."""
    published = {
        row["account_id"]: row["outcome_reason"]
        for row in first.ask("select account_id, outcome_reason from account_scores")
    }

    assert len(compared["entering"]) == len(compared["leaving"])
    for row in compared["entering"]:
        assert row["outcome_reason"] == published[row["account_id"]]
        assert row["outcome_reason"].startswith("over ")
        assert row["alignment_before"] == row["alignment_after"]


def test_the_crosstab_holds_each_account_once(first: Publication, compared: dict[str, Any]) -> None:
    """Built again on the copy, whoever the new rule leaves alone has the outcome that it had."""
    built = first.ask(
        "select coalesce('tier ' || tier, replace(outcome, '_', ' ')) as place, "
        "count(*) as accounts from account_scores group by all"
    )
    cells = compared["crosstab"]

    assert {row["place"]: row["accounts"] for row in built} == {
        place: sum(cell["accounts"] for cell in cells if cell["before"] == place)
        for place in {cell["before"] for cell in cells}
    }
    moves = {(cell["before"], cell["after"]) for cell in cells if cell["before"] != cell["after"]}
    assert moves <= {
        ("tier A", "qualified out"),
        ("tier B", "qualified out"),
        ("tier B", "tier A"),
        ("below line", "tier A"),
        ("below line", "tier B"),
        ("below line", "qualified out"),
    }
    assert ("below line", "qualified out") in moves


def test_the_same_points_rank_deals_alike(compared: dict[str, Any]) -> None:
    """A disqualifier changes no score, so both backtests are one, and no difference is seen."""
    before, after = compared["backtests"]

    assert before == after
    assert {row["ranking"] for row in before} >= {"document", "suggested", "random"}
    assert compared["difference"]["auc"] == 0
    assert compared["difference"]["verdict"] in ("no difference seen", "not enough deals")
    assert all(leg["rising"] == leg["falling"] == 0 for leg in compared["legs"])


def test_mistakes_are_those_that_check_finds(tmp_path: Path) -> None:
    """Each in its own line, before anything runs."""
    text = (PROJECT / "perfect_customer.yml").read_text(encoding="utf-8")
    broken = tmp_path / "broken.yml"
    broken.write_text(
        text.replace("points: 10", "points: ten").replace("severity: critical", "severity: dire"),
        encoding="utf-8",
    )
    settings = Settings.from_environment({"PROSPECT_HOME": str(tmp_path / "home")})

    ending = prospects(settings, "compare", broken)
    checked = prospects(replace(settings, perfect_customer=broken), "check")

    assert ending == checked
    assert ending.code == 1
    assert ending.err.count("broken.yml:") > 1
    assert not settings.home.exists()


def test_a_week_must_have_been_built(tmp_path: Path) -> None:
    """It is said what to do."""
    settings = Settings.from_environment({"PROSPECT_HOME": str(tmp_path / "home")})

    ending = prospects(settings, "compare", PROJECT / "perfect_customer.yml")

    assert (ending.code, ending.out) == (1, "")
    assert "`prospects run`" in ending.err


def test_a_week_of_another_program_is_not_compared(first: Publication, tmp_path: Path) -> None:
    """What the program changed would look like what the document does."""
    folder = tmp_path / "home" / "warehouse" / f"{first.week}"
    folder.mkdir(parents=True)
    inputs = json.loads((first.settings.warehouse / f"{first.week}" / "inputs.json").read_text())
    (folder / "inputs.json").write_text(json.dumps(inputs | {"code_version": "earlier"}))
    settings = replace(first.settings, home=tmp_path / "home")

    ending = prospects(settings, "compare", settings.perfect_customer)

    assert ending.code == 1
    assert "another version of the program" in ending.err
