"""Which clusters are compared at all, and how many: known before any pair is made."""

from __future__ import annotations

import pytest

from ingest.errors import ProspectError
from orchestration.identity.candidates import MOST_HOLDERS
from tests.support.identity_tables import Record, resolve


def test_what_too_many_have_makes_no_pair() -> None:
    """The telephone of a call centre is left out, and counted."""
    records = [
        Record(f"a:{n}", f"firm number {n}", more={"phone_key": "123456789"})
        for n in range(MOST_HOLDERS + 1)
    ]

    found = resolve(records).resolution.candidates

    assert (found.pairs, found.crowded_keys) == (0, 1)


def test_an_empty_value_is_no_key() -> None:
    """Thousands of records without a postal code have nothing in common."""
    records = [Record(f"a:{n}", f"firm number {n}", country="US") for n in range(2_000)]

    assert resolve(records).resolution.candidates.pairs == 0


def test_more_pairs_than_a_week_allows_stop_the_run_before_the_join() -> None:
    """Twenty thousand records of which always thirty share name, telephone and address."""
    records = [
        Record(
            f"a:{n}",
            f"firm {n // MOST_HOLDERS}",
            more={
                "phone_key": f"{n // MOST_HOLDERS:09}",
                "postal_key": f"{n // MOST_HOLDERS}",
                "street_number": "1",
                # Told apart by a number, else they would be one.
                "cik": f"{n}",
            },
        )
        for n in range(20_000)
    ]

    with pytest.raises(ProspectError, match=r"20,000 company records would make [\d,]+ pairs"):
        resolve(records)
