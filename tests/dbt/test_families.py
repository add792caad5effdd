"""Families of accounts, whatever sources say of who owns whom: rings, chains, contradictions."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.dbt_project import SOURCES, compiled_models

MODELS = ("int_parents_chosen", "int_account_ancestors", "int_account_parents")
ACCOUNTS = [f"acc_{number:02}" for number in range(12)]
KINDS = ["parent", "ultimate_parent", "head_office"]


class Claim(NamedTuple):
    """What a source says of two accounts."""

    account_id: str
    parent_account_id: str
    kind: str
    source: str


class Place(NamedTuple):
    """Where an account stands in its family."""

    parent: str
    top: str
    depth: int


class Families:
    """The models of the hierarchy over what sources claim."""

    def __init__(self, models: dict[str, str]) -> None:
        self.models = models
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse")
        self.connection.execute("create schema warehouse.intermediate")

    def places(self, claims: list[Claim]) -> dict[str, Place]:
        """The place of each account that has a parent."""
        self.connection.execute(
            "create or replace table warehouse.intermediate.int_relationships_identified "
            "(account_id varchar, parent_account_id varchar, kind varchar, source varchar, "
            "since_date date, is_known_later boolean)"
        )
        rows = [(*claim, None, False) for claim in claims if claim[0] != claim[1]]
        if rows:
            self.connection.executemany(
                "insert into warehouse.intermediate.int_relationships_identified "
                "values (?, ?, ?, ?, ?, ?)",
                rows,
            )
        for name in MODELS:
            self.connection.execute(
                f"create or replace table warehouse.intermediate.{name} as {self.models[name]}"
            )
        found = self.connection.execute(
            "select account_id, parent_account_id, ultimate_parent_account_id, depth_under_parent "
            "from warehouse.intermediate.int_account_parents order by account_id"
        ).fetchall()
        assert len({account_id for account_id, *_ in found}) == len(found)
        return {account_id: Place(*place) for account_id, *place in found}


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Families]:
    """The models as dbt compiles them."""
    families = Families(compiled_models(tmp_path_factory.mktemp("home"), *MODELS))
    yield families
    families.connection.close()


claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(ACCOUNTS),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(KINDS),
        st.sampled_from([*SOURCES, "unranked"]),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(claims=claims, data=st.data())
def test_the_order_of_claims_changes_nothing(
    families: Families, claims: list[Claim], data: st.DataObject
) -> None:
    """A family follows from what is said, not from when it was read."""
    assert families.places(data.draw(st.permutations(claims))) == families.places(claims)


@settings(max_examples=60, deadline=None)
@given(claims=claims)
def test_every_account_has_exactly_one_top(families: Families, claims: list[Claim]) -> None:
    """A top has no parent, and by their parents all of a family come to it in so many steps."""
    places = families.places(claims)

    for account_id, place in places.items():
        steps = [account_id]
        while steps[-1] in places:
            assert len(steps) <= len(ACCOUNTS)
            steps.append(places[steps[-1]].parent)
        assert (steps[1], steps[-1], len(steps) - 1) == place


@settings(max_examples=60, deadline=None)
@given(claims=claims)
def test_a_parent_is_one_that_somebody_names(families: Families, claims: list[Claim]) -> None:
    """Nothing is invented: the parent is named of the account, or of one below it as ultimate."""
    said = {(claim.account_id, claim.parent_account_id) for claim in claims}
    implied = {
        (nearer.parent_account_id, ultimate.parent_account_id)
        for nearer in claims
        for ultimate in claims
        if (nearer.account_id, nearer.source) == (ultimate.account_id, ultimate.source)
        and ultimate.kind == "ultimate_parent" != nearer.kind
    }

    places = families.places(claims)

    assert {(account_id, place.parent) for account_id, place in places.items()} <= said | implied
    assert {claim.account_id for claim in claims} >= places.keys() - {a for a, _ in implied}


@pytest.mark.parametrize("length", [2, 3, 12, 32])
def test_a_ring_of_one_source_has_its_smallest_as_top(families: Families, length: int) -> None:
    """All but one keep their parent, and so does who hangs below the ring."""
    ring = [f"ring_{number:02}" for number in range(length)]
    said = [Claim(child, above, "parent", "a") for child, above in pairwise([*ring, ring[0]])]

    places = families.places([*said, Claim("below", ring[-1], "parent", "a")])

    assert places.keys() == {*ring[1:], "below"}
    assert {place.top for place in places.values()} == {"ring_00"}
    assert places["below"].depth == 2


def test_a_chain_as_deep_as_any_family_has_one_top(families: Families) -> None:
    """32 levels; what is deeper is parted there, and still each account has one top."""
    chain = [f"link_{number:02}" for number in range(50)]
    said = [Claim(child, above, "parent", "a") for above, child in pairwise(chain)]

    places = families.places(said)

    assert {places[link].top for link in chain[1:33]} == {chain[0]}
    assert places[chain[32]].depth == 32
    assert places[chain[40]].top == chain[8]
