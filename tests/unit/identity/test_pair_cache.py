"""What an earlier run weighed is not compared again, and nobody can tell by the accounts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.identity import resolve as steps
from tests.support.identity_tables import Record, Resolved, resolve

# Two records of each firm by one name, and in no other way known to be one.
MARKET = [
    Record(f"{source}:{firm:03}", f"firm number {firm}", country="DE", more={"city_key": "ulm"})
    for firm in range(100)
    for source in "ab"
]


def told(found: Resolved) -> tuple[object, ...]:
    """All that others see of the step."""
    return found.accounts, found.reasons, found.held, found.uncertain


def compared(found: Resolved) -> int:
    """The pairs that were compared in this run."""
    return found.resolution.weighed.compared


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The file of weights that a run of the whole market left."""
    file = tmp_path / "identity" / "weighed_pairs.parquet"
    assert compared(resolve(MARKET, cache=file)) == 100
    return file


def test_a_week_in_which_nothing_changed_compares_nothing(cache: Path) -> None:
    """And comes to the same."""
    found = resolve(MARKET, cache=cache)

    assert compared(found) == 0
    assert told(found) == told(resolve(MARKET))
    assert found.together("a:007", "b:007")


def test_only_pairs_of_what_is_new_or_changed_are_compared(cache: Path) -> None:
    """Of a hundred firms one moved, one came, one went; numbers of all records shift with it."""
    moved = Record("a:050", "firm number 50", country="DE", more={"city_key": "bonn"})
    market = [record for record in MARKET if record.id not in ("a:000", "a:050")]
    market += [moved, *(Record(f"{source}:new", "quillon valves") for source in "ab")]

    found = resolve(market, cache=cache)

    assert compared(found) == 2
    assert told(found) == told(resolve(market))


def test_who_else_has_a_name_changes_what_it_weighs(cache: Path) -> None:
    """A third holder of a name makes it weigh less between the first two, so they are new pairs."""
    found = resolve([*MARKET, Record("c:1", "firm number 7", country="DE")], cache=cache)

    assert compared(found) == 3


def test_records_by_other_ids_are_the_same_pairs(tmp_path: Path) -> None:
    """Neither do the ids count nor which of two comes first."""
    file = tmp_path / "pairs.parquet"
    one = Record("a:1", "quillon valves", "a.example", "DE", ("fluidity",))
    other = Record("b:1", "quillon valves", "b.example", "US")
    first = resolve([one, other], cache=file)

    second = resolve(
        [
            Record("a:2", one.name, one.domain, one.country, one.aliases),
            Record("b:0", other.name, other.domain, other.country),
        ],
        cache=file,
    )

    assert (compared(first), compared(second)) == (1, 0)


def test_a_pair_that_weighs_otherwise_the_other_way_round_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter more or less counts in long names, and which of two is long enough may depend on
    which comes first; here the same two profiles meet both ways."""
    monkeypatch.setattr(steps, "UNCERTAIN_AT", -60.0)
    file = tmp_path / "pairs.parquet"
    firms = [
        Record(f"a:{n}", name, country="DE", more={"city_key": "ulm", "phone_key": "123456"})
        for n, name in enumerate(("acmetool", "acmetol", "acmetool"))
    ]

    first = resolve(firms, cache=file)
    second = resolve(firms, cache=file)

    assert (compared(first), compared(second)) == (3, 0)
    assert told(second) == told(first)


def test_other_parameters_weigh_everything_anew(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights of one model mean nothing beside those of another."""
    monkeypatch.setattr(steps, "UNCERTAIN_AT", -4.0)

    assert compared(resolve(MARKET, cache=cache)) == 100


@pytest.mark.parametrize("damaged", [slice(0, None), slice(0, -4), slice(4, 400)], ids=str)
def test_a_damaged_file_costs_time_and_nothing_else(cache: Path, damaged: slice) -> None:
    """Wherever it is damaged, every pair is weighed anew and kept again."""
    content = bytearray(cache.read_bytes())
    content[damaged] = b"x" * len(content[damaged])
    cache.write_bytes(content)

    assert compared(resolve(MARKET, cache=cache)) == 100
    assert compared(resolve(MARKET, cache=cache)) == 0


FIRMS = st.lists(
    st.builds(
        Record,
        st.builds("{}:{}".format, st.sampled_from("abc"), st.integers(0, 9)),
        st.sampled_from(["quillon", "quillon valves", "valves quillon", "quillon holdings", None]),
        st.sampled_from([None, "a.example", "b.example"]),
        st.sampled_from([None, "DE", "US"]),
        st.sampled_from([(), ("fluidity",), ("quillon",)]),
    ),
    max_size=12,
    unique_by=lambda record: record.id,
)


@settings(max_examples=5)
@given(weeks=st.lists(FIRMS, min_size=2, max_size=3), seed=st.integers(0, 99))
def test_whatever_earlier_weeks_held_the_accounts_are_those_of_a_first_run(
    weeks: Sequence[Sequence[Record]], seed: int
) -> None:
    """The weights of earlier weeks, in any order of records, change nothing."""
    with TemporaryDirectory() as folder:
        for week in weeks:
            shuffled = random.Random(seed).sample(week, len(week))
            found = resolve(shuffled, cache=Path(folder) / "pairs.parquet")
            assert told(found) == told(resolve(week))
