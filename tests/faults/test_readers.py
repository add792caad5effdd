"""BI reads `published/marts.duckdb` while other lists are published: no error, and never a mix."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

import duckdb
import pytest

from ingest.settings import Settings
from orchestration.publishing.version import move_links
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import LIST_WEEK

SPAWN = multiprocessing.get_context("spawn")
SECONDS = 120
MOVES = 120
LOOKS = 20
QUESTIONS = 5
MARTS = (
    "accounts", "account_scores", "account_sources", "contacts", "criteria", "owner_profiles",
    "pipeline_review", "qualified_out", "signals", "source_batches", "target_account_changes",
    "target_account_reasons", "target_accounts", "target_contacts",
)  # fmt: skip
IDS = " union ".join(f"select publish_id from {mart}" for mart in ("meta", *MARTS))

Look = Callable[[Path], str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two versions of one week, of which the second lists an account less."""
    settings = settings_in(tmp_path / "home")
    publish_week(settings)
    fewer = ["delete from marts.target_accounts where rank = 3"]
    publish_week(settings, digest="ba9876543210", mutations=fewer)
    return settings


def test_readers_see_one_version_or_the_other(settings: Settings) -> None:
    """Three readers that connect for each look, one that keeps its connection for many, and one of
    several files, while links move over a hundred times: each sees both versions, each whole."""
    more, fewer = sorted((settings.published / ".versions").glob("[!.]*"))
    readers: list[Look] = [look_at_marts] * 3 + [look_long, look_at_files]

    with _reading(settings.published, readers) as (looks, connections):
        deadline = monotonic() + SECONDS
        for move in count(1):
            move_links(settings, more if move % 2 else fewer, LIST_WEEK)
            if move >= MOVES and (min(looks) >= LOOKS or monotonic() > deadline):
                break
        seen = _ended(looks, connections)

    assert [set(counts) for counts in seen] == [{f"{more.name}: 3", f"{fewer.name}: 2"}] * 5, seen


def look_at_marts(published: Path) -> str:
    """Connect, ask, and let go, as BI does for each chart."""
    with duckdb.connect(str(published / "marts.duckdb"), read_only=True) as marts:
        return _seen(marts)


def look_long(published: Path) -> str:
    """Keep the connection, and with it the version, for many questions."""
    with duckdb.connect(str(published / "marts.duckdb"), read_only=True) as marts:
        (seen,) = {_seen(marts) for _ in range(QUESTIONS)}
    return seen


def look_at_files(published: Path) -> str:
    """As the docs tell readers of several files: find out once where `latest` leads."""
    folder = (published / "latest").resolve()
    publish_id = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["publish_id"]
    with duckdb.connect() as connection:
        parquet = connection.read_parquet(f"{folder}/marts/target_accounts.parquet")
        ids = {row[0] for row in parquet.select("publish_id").fetchall()}
        listed = len(parquet.fetchall())
    rows = len((folder / "target_accounts.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert (ids, rows) == ({publish_id}, listed), "a mix of files"
    return f"{publish_id}: {listed}"


def _seen(marts: duckdb.DuckDBPyConnection) -> str:
    """The one version that all marts of a connection are of, and how many accounts it lists."""
    ids = [publish_id for (publish_id,) in marts.execute(IDS).fetchall()]
    assert len(ids) == 1, f"a mix of {ids}"
    return f"{ids[0]}: {len(marts.execute('from target_accounts').fetchall())}"


@contextmanager
def _reading(published: Path, readers: list[Look]) -> Iterator[tuple[list[int], list[Connection]]]:
    """Each reader in a process of its own, with the counts of their looks and a way to each."""
    looks, connections, processes = SPAWN.Array("q", len(readers)), [], []
    for number, look in enumerate(readers):
        ours, theirs = SPAWN.Pipe()
        arguments = (published, look, number, looks, theirs)
        processes.append(SPAWN.Process(target=_read, args=arguments, daemon=True))
        processes[-1].start()
        connections.append(ours)
    try:
        yield looks, connections
    finally:
        for process in processes:
            process.kill()
            process.join()


def _read(published: Path, look: Look, number: int, looks: list[int], told: Connection) -> None:
    """Look until told to end, then tell how often each thing was seen, an error among them."""
    seen: Counter[str] = Counter()
    while not told.poll():
        try:
            seen[look(published)] += 1
        except Exception as error:
            seen[f"{type(error).__name__}: {error}"] += 1
        looks[number] += 1
    told.send(dict(seen))


def _ended(looks: list[int], connections: list[Connection]) -> list[dict[str, int]]:
    """Tell the readers to end; what each saw."""
    for connection in connections:
        connection.send("end")
    answered = [connection.poll(SECONDS) for connection in connections]
    assert all(answered), f"a reader hangs after {list(looks)} looks"
    return [connection.recv() for connection in connections]
