"""What the gate is for: a list that rests on something broken doesn't leave the house.

Each case is the third week of a sandbox that has two lists published. Everything is landed as its
sources gave it, one thing is broken, and the week is made from what has landed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from ingest.batches import batches_of
from ingest.documents.sources import load_sources
from ingest.fetch import fetch_source
from ingest.landing import land
from ingest.settings import Settings
from ingest.tables import TABLES
from orchestration.gate import ARRIVALS, VERDICT
from orchestration.publishing.gate_page import GateRefused
from orchestration.warehouse import warehouse_file
from tests.pipeline.conftest import NEXT_WEEK, ONE_WEEK
from tests.support.runs import Ending, Publication, fingerprint, prospects

WEEK = NEXT_WEEK + ONE_WEEK
ACCEPTABLE = ("volume", "account_ids_kept", "accounts_kept", "churn", "new_entries")
SIGNED = ("--by", "Ada Example", "--because", "the vendor dropped its smallest firms")


@pytest.fixture(scope="module")
def landed(second: Publication, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with two lists published and the third week landed."""
    home = tmp_path_factory.mktemp("landed") / "home"
    shutil.copytree(second.settings.home, home, symlinks=True)
    settings = replace(second.settings, home=home)
    for source in load_sources(settings.sources).sources:
        fetch_source(settings, source, WEEK)
    return settings


@pytest.fixture
def settings(landed: Settings, tmp_path: Path) -> Settings:
    """A copy of it, to be broken."""
    shutil.copytree(landed.home, tmp_path / "home", symlinks=True)
    return replace(landed, home=tmp_path / "home")


def relanded(
    settings: Settings, table: str, source: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    """The source corrects itself: the week's batch once more, with its rows changed."""
    batch = batches_of(settings, table, source)[-1]
    assert batch.week == WEEK
    rows = pl.read_parquet(batch.data(settings)).drop("source", "batch_id")
    land(settings, source, WEEK, TABLES[table], [change(rows)], fetched_at=datetime.now(UTC))


def run(settings: Settings, *arguments: str) -> Ending:
    return prospects(settings, "run", "--week", WEEK, "--no-fetch", *arguments)


def kept_results(settings: Settings) -> list[dict[str, Any]]:
    """The gate's findings of the week: on arrival, and where it got so far on the list as well."""
    files = [warehouse_file(settings, WEEK).with_name(name) for name in (ARRIVALS, VERDICT)]
    return [f for file in files if file.exists() for f in json.loads(file.read_text())["findings"]]


def suppress_last_list(settings: Settings) -> None:
    """Every account of last week's list asks not to be contacted, and the next ones move up."""
    last = Publication(settings, NEXT_WEEK).values("select domain from target_accounts")
    more = pl.DataFrame({"key": last}).with_columns(
        key_kind=pl.lit("domain"), reason=pl.lit("do_not_contact")
    )
    relanded(
        settings,
        "suppressions",
        "do_not_contact",
        lambda rows: pl.concat([rows, more], how="diagonal_relaxed"),
    )


REFUSED: dict[str, tuple[str, Callable[[Settings], None]]] = {
    "an emptied source": (
        "volume",
        lambda s: relanded(s, "companies", "firmographics", lambda rows: rows.head(0)),
    ),
    "revenue in thousands": (
        "revenue_comparable",
        lambda s: relanded(
            s,
            "companies",
            "firmographics",
            lambda rows: rows.with_columns(pl.col("revenue_usd") / 1000),
        ),
    ),
    "a column that lost its name": (
        "missing_values_contacts",
        lambda s: relanded(
            s,
            "contacts",
            "people",
            lambda rows: rows.with_columns(title=pl.lit(None, dtype=pl.String)),
        ),
    ),
    "a list whose top is new": ("new_at_the_top", suppress_last_list),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_broken_is_refused(settings: Settings, case: str) -> None:
    """Exit 3, one line that names check and page, and every published byte as it was. What was
    found lies beside the week's warehouse as data, for whoever mends it."""
    check, damage = REFUSED[case]
    damage(settings)
    before = fingerprint(settings.published)

    ending = run(settings)

    assert ending.code == 3
    (line,) = ending.err.splitlines()
    assert check in line
    page = settings.refused / f"{WEEK}" / "gate.html"
    assert str(page) in line
    assert f"{NEXT_WEEK}" in page.read_text(encoding="utf-8")
    assert fingerprint(settings.published) == before
    assert check in {f["check"] for f in kept_results(settings) if not f["passed"]}


def test_a_corrupted_batch_ends_the_run(settings: Settings) -> None:
    """Exit 1, one line that names the batch and what to do, every published byte as it was."""
    batch = batches_of(settings, "companies", "firmographics")[-1]
    data = batch.data(settings)
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    before = fingerprint(settings.published)

    ending = run(settings)

    assert ending.code == 1
    (line,) = ending.err.splitlines()
    assert batch.batch_id in line
    assert fingerprint(settings.published) == before


def test_accepted_findings_pass_once(settings: Settings) -> None:
    """With a name and a reason the list goes out, signed; without them the next run is refused.
    One cause has several findings, which can be accepted together, but not one by one."""
    relanded(settings, "companies", "firmographics", lambda rows: rows.gather_every(10))
    relanded(settings, "contacts", "people", lambda rows: rows.gather_every(10))

    one = run(settings, "--accept", "churn", *SIGNED)
    accepted = run(settings, *chain(*(("--accept", name) for name in ACCEPTABLE)), *SIGNED)
    page_was_there = (settings.refused / f"{WEEK}").exists()
    again = run(settings)

    assert (one.code, again.code) == (3, 3)
    for refused in (one, again):
        assert [name for name in ACCEPTABLE if name in refused.err] == ["volume"]
    assert (accepted.code, accepted.err) == (0, "")
    assert not page_was_there
    gate = {finding["check"]: finding for finding in Publication(settings, WEEK).manifest()["gate"]}
    assert gate["volume"]["accepted"]["by"] == "Ada Example"
    assert len([finding for finding in gate.values() if finding.get("accepted")]) > 1
    report = (Publication(settings, WEEK).folder / "report.html").read_text(encoding="utf-8")
    assert "Ada Example" in report
    assert "accepted: volume" in prospects(settings, "versions").out


@pytest.mark.parametrize("check", ["keys_unique_companies", "no_suppressed_listed", "nonsense"])
def test_what_nobody_may_accept_is_told_before_the_run(settings: Settings, check: str) -> None:
    """Keys, suppression and sums are never a matter of opinion."""
    ending = run(settings, "--accept", check, *SIGNED)

    assert ending.code == 1
    assert ending.err.startswith(f"prospects: {check} can't be accepted; what can be")


def test_a_smuggled_account_is_caught_before_it_leaves(second: Publication, tmp_path: Path) -> None:
    """A suppressed account put among the finished marts is refused by the publish step itself."""
    from dagster import AssetKey

    from orchestration.assets.publication import FILES, GATE
    from orchestration.definitions import build_definitions
    from orchestration.weekly_run import dagster_instance

    shutil.copytree(second.settings.home, tmp_path / "home", symlinks=True)
    settings = replace(second.settings, home=tmp_path / "home")
    before = fingerprint(settings.published)
    with duckdb.connect(str(warehouse_file(settings, NEXT_WEEK))) as connection:
        connection.execute(
            "update marts.target_accounts set account_id = (select min(account_id) from "
            "marts.account_scores where outcome = 'suppressed') where rank = 2"
        )
    job = build_definitions(settings).resolve_implicit_global_asset_job_def()
    steps = [GATE, *(AssetKey(["published", name]) for name in FILES)]
    with dagster_instance(settings) as instance, pytest.raises(GateRefused) as refusal:
        job.execute_in_process(
            partition_key=f"{NEXT_WEEK}", instance=instance, asset_selection=steps
        )

    assert "no_suppressed_listed" in {f.check for f in refusal.value.gate.critical_failures}
    assert fingerprint(settings.published) == before
