"""Every connector under the faults of the wire: what can be mended by asking again is, and anything
else ends the source in one line and leaves every byte of what landed before.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from ingest import bulk_query
from ingest.errors import SourceError, SourceUnavailable
from ingest.fetch import Fetched
from ingest.http import Limits
from ingest.registry import CONNECTORS
from tests.support.connectors import ENVIRONMENT, SERVED, connectors_served
from tests.support.faulty import Fault, FaultyServer, answering, bomb, cut, emptied, excuse, garbled
from tests.support.landing import tree
from tests.support.sources import fetch

MENDED: list[Fault] = [answering(429, Retry_After="0"), answering(500), cut, garbled]
ENDING: list[tuple[Fault, type[SourceError], str]] = [
    (answering(503), SourceUnavailable, "answered 503, 5 times in a row"),
    (cut, SourceUnavailable, "broke off in the middle of its answer, 5 times in a row"),
    (answering(403), SourceError, "answered 403"),
    (answering(200), SourceError, "answered with a web page instead of data"),
    (answering(302, Location="http://127.0.0.2/x"), SourceError, "redirects to another host"),
    (bomb, SourceError, "is larger than the cap of 1,048,576 bytes"),
    (excuse, SourceError, "vendor: "),
]
KNOWS_BETTER = {
    "gleif": "promised 2 records and gave 0",
    "gleif, golden copy": "promised 1 records, and the file holds 0",
    "google_sheets": "names nobody",
    "salesforce": "counted 2 records and gave 0",
    "sec_edgar": "found no company to read",
}
"""Sources that say how many records there are, and lists that are never empty."""
QUICK = Limits(
    retries=len(MENDED),
    backoff_seconds=0.0,
    backoff_jitter=0.0,
    json_bytes=2**20,
    file_bytes=2**20,
)


@pytest.fixture(scope="module")
def _server() -> Iterator[FaultyServer]:
    with FaultyServer(host="127.0.0.1") as faulty:
        yield faulty


@pytest.fixture
def server(_server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> FaultyServer:
    """Without any answer yet; the entries' secrets are set, and no answer is waited for."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(bulk_query, "FIRST_PAUSE", 0.001)
    _server.clear()
    _server.begin()
    return _server


def contents(fetched: Fetched) -> list[tuple[str, str]]:
    """What landed, by table."""
    return [(batch.table, batch.batch_id) for batch in fetched.batches]


def kept(folder: Path) -> dict[str, bytes]:
    """Every byte below the home, but for pages that somebody may look at."""
    return {name: body for name, body in tree(folder).items() if "rejects/pages" not in name}


def test_every_connector_is_put_to_these_faults() -> None:
    """A new one needs its answers in tests/support/connectors.py."""
    assert connectors_served() == set(CONNECTORS)


@pytest.mark.parametrize("served", SERVED)
def test_what_is_mended_by_asking_again_changes_nothing(
    server: FaultyServer, tmp_path: Path, served: str
) -> None:
    """Each request fails in all of these ways before it comes through: the same rows land."""
    entry = SERVED[served](server)
    undisturbed = fetch(tmp_path / "undisturbed", entry, limits=QUICK)

    server.begin(lambda number, times: MENDED[times - 1] if times <= len(MENDED) else None)
    disturbed = fetch(tmp_path / "disturbed", entry, limits=QUICK)

    assert contents(disturbed) == contents(undisturbed)
    assert any(batch.rows for batch in undisturbed.batches)
    assert disturbed.traffic.retries == len(MENDED) * undisturbed.traffic.requests


@pytest.mark.parametrize("served", SERVED)
def test_what_stays_wrong_leaves_what_landed_before(
    server: FaultyServer, tmp_path: Path, served: str
) -> None:
    """From the first request on, or only at the last: one line, and not a byte has changed; when
    all is well again, the read comes to what it came to before.
    """
    entry = SERVED[served](server)
    requests = fetch(tmp_path, entry, limits=QUICK).traffic.requests
    landed = kept(tmp_path)

    for (fault, kind, said), first in product(ENDING, {1, requests}):
        server.begin(partial(_from, first, fault))
        with pytest.raises(kind, match=said) as error:
            fetch(tmp_path, entry, limits=QUICK)
        assert "\n" not in str(error.value)
        assert kept(tmp_path) == landed, said

    server.begin()
    fetch(tmp_path, entry, limits=QUICK)
    assert kept(tmp_path) == landed


@pytest.mark.parametrize("served", SERVED)
def test_nothing_where_there_was_something_is_seen(
    server: FaultyServer, tmp_path: Path, served: str
) -> None:
    """Either it lands as nothing, which the gate holds against what was published, or the source
    knows that it can't be and refuses; never do the old rows stand in unseen.
    """
    entry = SERVED[served](server)
    filled = {batch.table for batch in fetch(tmp_path, entry, limits=QUICK).batches if batch.rows}
    landed = kept(tmp_path)

    server.begin(lambda number, times: emptied)
    if served in KNOWS_BETTER:
        with pytest.raises(SourceError, match=KNOWS_BETTER[served]):
            fetch(tmp_path, entry, limits=QUICK)
        assert kept(tmp_path) == landed
    else:
        empty = fetch(tmp_path, entry, limits=QUICK).batches
        assert not [batch for batch in empty if batch.rows or batch.rejects]
        assert {batch.table for batch in empty if batch.revision == 2} == filled


def _from(first: int, fault: Fault, number: int, times: int) -> Fault | None:
    return fault if number >= first else None
