"""Job boards over several weeks: what is landed from them, and what the models make of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ingest.settings import PROJECT
from orchestration import dbt
from orchestration.inputs import take_inputs
from orchestration.warehouse import connect, warehouse_file
from tests.support.landing import settings_in
from tests.support.sources import fetched

WEEKS = [date(2026, 10, 26), date(2026, 11, 2), date(2026, 11, 9)]
MODELS = ["int_signals_known", "int_postings_repeated", "stg_signals", "stg_batches"]


def posting(key: int, title: str, published: str | None, place: str = "Berlin") -> dict[str, Any]:
    """A made-up posting as Greenhouse shows it."""
    return {
        "id": key,
        "title": title,
        "first_published": published,
        "location": {"name": place},
        "content": "&lt;p&gt;Close the books&lt;/p&gt;",
    }


# Week by week: the controller is posted again under another id, elsewhere it is another job; the
# clerk tells no date; the third week's board is gone.
BOARD = [
    [posting(1, "Controller", "2026-08-03T06:30:00Z"), posting(2, "Clerk", None)],
    [
        posting(3, "Controller", "2026-10-28T06:30:00Z"),
        posting(4, "Controller", "2026-10-28T06:30:00Z", "Paris"),
        posting(2, "Clerk", None),
        posting(5, "Auditor", None),
    ],
    None,
]


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """A run of dbt leaves there where its warehouse is."""
    names = ("PROSPECT_HOME", "PROSPECT_WAREHOUSE", "PROSPECT_MEMORY_LIMIT")
    before = {name: os.environ.get(name) for name in names}
    yield
    for name, value in before.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def known(folder: Path, week: date) -> dict[str, tuple[Any, ...]]:
    """By id: the days since when and until when a signal was seen, and whether its own is known;
    then, of one that was posted more than once, since when it is open and whether it is the newest.
    """
    settings = settings_in(folder)
    inputs = take_inputs(settings, week)
    dbt.build(settings, warehouse_file(settings, week), inputs.dbt_vars, ["--select", *MODELS])
    with connect(settings, week) as warehouse:
        rows = warehouse.sql("""
            select split_part(known.signal_id, '/', 3), known.first_seen_week, known.last_seen_week,
                known.is_dated, cast(repeated.occurred_at as date), repeated.is_newest
            from intermediate.int_signals_known as known
            left join intermediate.int_postings_repeated as repeated using (signal_id)
        """).fetchall()
    return {key: rest for key, *rest in map(tuple, rows)}


def test_a_board_that_is_added_later_is_not_new_because_nobody_looked_before(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """What its first look shows without a date may have been open for long, as with a source's."""
    shutil.copy(PROJECT / "perfect_customer.yml", tmp_path)
    address = httpserver.url_for("").rstrip("/")
    entry = f"connector: job_boards\ngreenhouse_url: {address}\nboards: [{{boards}}]"
    acme = "{ats: greenhouse, token: acme, domain: acme.de}"
    both = f"{acme}, {{ats: greenhouse, token: later, domain: later.de}}"
    old, added = posting(1, "Clerk", None), posting(2, "Keeper", None)
    dated = posting(4, "Dated", "2026-10-28T06:30:00Z")
    shown = [
        (acme, {"acme": [old]}),
        (both, {"acme": [old, posting(3, "Auditor", None)], "later": [added, dated]}),
        (both, {"acme": [old], "later": [added, posting(5, "Teller", None)]}),
    ]
    for week, (boards, postings) in zip(WEEKS, shown, strict=True):
        for token, jobs in postings.items():
            board = httpserver.expect_oneshot_request(f"/v1/boards/{token}/jobs")
            board.respond_with_json({"jobs": jobs})
        fetched(tmp_path, entry.replace("{boards}", boards), week)

    is_dated = {key: seen[2] for key, seen in known(tmp_path, WEEKS[-1]).items()}
    assert is_dated == {"1": False, "2": False, "3": True, "4": True, "5": True}


def test_a_job_posted_again_is_one_opening_as_of_each_week(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """A back-fill of the first week knows nothing of the second; a board that is gone changes
    nothing of what it showed."""
    shutil.copy(PROJECT / "perfect_customer.yml", tmp_path)
    address = httpserver.url_for("").rstrip("/")
    entry = (
        f"connector: job_boards\ngreenhouse_url: {address}\n"
        "boards: [{ats: greenhouse, token: acme, domain: acme.de}, "
        "{ats: greenhouse, token: other, domain: other.de}]"
    )
    httpserver.expect_request("/v1/boards/other/jobs").respond_with_json({"jobs": []})
    for week, jobs in zip(WEEKS, BOARD, strict=True):
        board = httpserver.expect_oneshot_request("/v1/boards/acme/jobs")
        board.respond_with_json({"jobs": jobs}, status=404 if jobs is None else 200)
        fetched(tmp_path, entry, week)

    first, second, _ = WEEKS
    opened = date(2026, 8, 3)
    assert known(tmp_path, first) == {
        "1": [first, first, True, None, None],
        "2": [first, first, False, None, None],
    }
    assert known(tmp_path, WEEKS[-1]) == {
        "1": [first, first, True, opened, False],
        "2": [first, second, False, None, None],
        "3": [second, second, True, opened, True],
        "4": [second, second, True, None, None],
        "5": [second, second, True, None, None],
    }
