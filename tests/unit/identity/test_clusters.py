"""Which records are one company: exact keys first, then weights, and the guards before both."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ProspectError
from orchestration.identity.clusters import LARGE, MOST_RECORDS
from orchestration.identity.decisions import MatchDecision
from tests.support.identity_tables import Record, Resolved, resolve

LEI = "0000007700000000000{}"


def company(key: int, **more: str) -> Record:
    """A record of a source of its own, with a name that no other record has."""
    return Record(f"s{key}:1", f"firm number {key}", more=more)


def reasons_of(found: Resolved) -> set[str]:
    """Why joins were held."""
    return {str(reason) for *_, reason in found.held}


# Keys


@pytest.mark.parametrize("key", ["lei", "cik", "registration_key", "identity_domain"])
def test_records_that_share_a_key_are_one_company(key: str) -> None:
    """Each kind of exact evidence joins, whatever the names."""
    found = resolve([company(1, **{key: "x"}), company(2, **{key: "x"}), company(3, **{key: "y"})])

    assert found.together("s1:1", "s2:1")
    assert not found.together("s1:1", "s3:1")


def test_a_chain_of_keys_is_followed_to_its_end() -> None:
    """Twenty records, each of which names the one before as the same company, are one."""
    records = [company(n, **({"same_as": f"s{n - 1}:1"} if n else {})) for n in range(20)]

    assert resolve(records).together(*(f"s{n}:1" for n in range(20)))


def test_the_reason_is_the_strongest_evidence() -> None:
    """A record that shares an identifier and a domain is there for the identifier."""
    both = {"lei": "x", "identity_domain": "a.example"}

    found = resolve(
        [
            company(1, **both),
            company(2, **both),
            company(3, identity_domain="a.example"),
            company(4),
        ]
    )

    assert found.reasons == {"s1:1": "lei", "s2:1": "lei", "s3:1": "domain", "s4:1": "own_record"}


# Guards


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ({"lei": "x"}, {"lei": "y"}, "different lei"),
        ({"cik": "1"}, {"cik": "2"}, "different cik"),
        (
            {"registration_key": "gb:1"},
            {"registration_key": "gb:2"},
            "different registration at gb",
        ),
        (
            {"registration_key": "gb:1", "country": "GB"},
            {"registration_key": "de:1", "country": "DE"},
            "different country of registration",
        ),
    ],
)
def test_a_domain_joins_no_firms_whose_identifiers_differ(
    left: dict[str, str], right: dict[str, str], reason: str
) -> None:
    """A franchise or a holding puts one domain on many firms; their registers tell them apart."""
    shared = {"identity_domain": "group.example"}

    found = resolve([company(1, **shared, **left), company(2, **shared, **right)])

    assert not found.together("s1:1", "s2:1")
    assert reasons_of(found) == {reason}


def test_an_identifier_joins_in_spite_of_countries() -> None:
    """One legal entity may be registered in one country and sit in another."""
    found = resolve([
        company(1, lei="x", registration_key="gb:1", country="GB"),
        company(2, lei="x", registration_key="us:1", country="US"),
    ])  # fmt: skip

    assert found.together("s1:1", "s2:1")


def test_a_bridge_joins_no_two_large_groups() -> None:
    """One record with the identifier of one group and the domain of another joins them not."""
    one = [Record(f"a:{n}", f"a {n}", more={"lei": "x"}) for n in range(LARGE)]
    other = [Record(f"b:{n}", f"b {n}", domain="b.example") for n in range(LARGE)]
    bridge = Record("c:1", "c", domain="b.example", more={"lei": "x"})

    found = resolve([*one, *other, bridge])

    assert found.together("c:1", "a:0") and not found.together("a:0", "b:0")
    assert reasons_of(found) == {"joins large groups"}


def test_a_value_that_stands_for_a_missing_one_joins_nothing() -> None:
    """More records under one domain than any company has are left as they are, and told."""
    records = [
        Record(f"a:{n}", f"name {n}", domain="none.example") for n in range(MOST_RECORDS + 1)
    ]

    found = resolve(records)

    assert len(set(found.accounts.values())) == len(records)
    assert reasons_of(found) == {f"more than {MOST_RECORDS} records"}


# Weights


def test_the_same_name_that_nobody_else_has_joins_what_no_key_does() -> None:
    """Two sources that know a name, and nobody else does, speak of one company."""
    found = resolve(
        [Record("a:1", "quillon valves"), Record("b:1", "quillon valves"), Record("b:2", "other")]
    )

    assert found.together("a:1", "b:1")
    assert found.reasons["b:1"] == "match"


def test_the_same_name_in_another_country_is_another_company() -> None:
    """What firms are called they are called in many countries."""
    found = resolve(
        [
            Record("a:1", "quillon valves", country="DE"),
            Record("b:1", "quillon valves", country="US"),
        ]
    )

    assert not found.together("a:1", "b:1")


def test_a_former_name_joins_the_firm_that_goes_by_another_now() -> None:
    """An alias of one record that is the name of the other."""
    found = resolve(
        [Record("a:1", "quillon valves"), Record("b:1", "fluidity", aliases=("quillon valves",))]
    )

    assert found.together("a:1", "b:1")


def test_a_brand_that_firms_of_a_group_share_joins_none_of_them() -> None:
    """Two aliases that are alike say nothing: both firms may belong to the brand."""
    found = resolve([
        Record("a:1", "quillon valves", aliases=("quillon",)),
        Record("b:1", "quillon finance", aliases=("quillon",)),
    ])  # fmt: skip

    assert not found.together("a:1", "b:1")


def test_what_could_be_two_firms_as_well_is_neither() -> None:
    """A name alone can't choose between two registered firms of that name."""
    found = resolve([
        Record("r:1", "quillon valves", country="US", more={"cik": "1", "city_key": "boston"}),
        Record("r:2", "quillon valves", country="US", more={"cik": "2", "city_key": "boston"}),
        Record("c:1", "quillon valves", country="US", more={"city_key": "boston"}),
    ])  # fmt: skip

    assert len(set(found.accounts.values())) == 3
    assert {"c:1"} <= {str(record) for pair in found.uncertain for record in pair[:2]}


def test_a_name_is_no_bridge_between_registered_firms() -> None:
    """However much a pair weighs, firms with identifiers that differ stay apart."""
    found = resolve([
        Record("a:1", "quillon valves", country="US", more={"lei": "x"}),
        Record("b:1", "quillon valves", country="US", more={"lei": "y"}),
    ])  # fmt: skip

    assert not found.together("a:1", "b:1")
    assert reasons_of(found) == {"different lei"}


@pytest.mark.parametrize(
    ("shared", "is_one"),
    [({}, False), ({"postal_key": "02108", "street_number": "10"}, True)],
    ids=["city and industry", "street and number, too"],
)
def test_one_name_under_two_domains_is_two_firms_unless_they_share_an_address(
    shared: dict[str, str], is_one: bool
) -> None:
    """Start-ups of one city are called alike, each under an ending of its own."""
    place = {"city_key": "boston", "industry_key": "software", **shared}
    found = resolve([
        Record("a:1", "quillon", "quillon.example", "US", more=place),
        Record("b:1", "quillon", "quillon.test", "US", more=place),
    ])  # fmt: skip

    assert found.together("a:1", "b:1") is is_one


def test_a_record_without_a_name_matches_nothing_by_name() -> None:
    """A name of legal words alone has no key."""
    found = resolve([Record("a:1", None, country="FR"), Record("b:1", None, country="FR")])

    assert not found.together("a:1", "b:1")


# Decisions


def test_decided_to_be_the_same_wins_over_every_guard() -> None:
    """People know what no rule does."""
    records = [company(1, lei="x"), company(2, lei="y")]

    found = resolve(records, decisions=[MatchDecision("s1:1", "s2:1", "same")])

    assert found.together("s1:1", "s2:1")
    assert "reviewed" in found.reasons.values()


def test_decided_to_differ_parts_what_a_key_joins_and_nothing_else() -> None:
    """The second record leaves; the others of the domain stay together."""
    records = [company(n, identity_domain="a.example") for n in range(1, 5)]

    found = resolve(records, decisions=[MatchDecision("s1:1", "s3:1", "different")])

    assert found.together("s1:1", "s2:1", "s4:1")
    assert not found.together("s1:1", "s3:1")
    assert not found.uncertain


def test_decided_to_differ_parts_what_a_name_joins() -> None:
    """Also a pair that its weight would join stays apart."""
    records = [Record("a:1", "quillon valves"), Record("b:1", "quillon valves")]

    found = resolve(records, decisions=[MatchDecision("a:1", "b:1", "different")])

    assert not found.together("a:1", "b:1")


def test_decisions_that_contradict_each_other_are_told() -> None:
    """Same and same and different can't all hold."""
    decisions = [
        MatchDecision("s1:1", "s2:1", "same"),
        MatchDecision("s2:1", "s3:1", "same"),
        MatchDecision("s1:1", "s3:1", "different"),
    ]

    with pytest.raises(ProspectError, match="s1:1 and s3:1 are decided to be different"):
        resolve([company(1), company(2), company(3)], decisions=decisions)


# Order


WORDS = st.sampled_from(["quillon", "valves", "fluidity", "north", "holdings"])
RECORDS = st.lists(
    st.builds(
        lambda source, name, domain, country, lei: (
            source,
            " ".join(name) or None,
            domain,
            country,
            lei,
        ),
        st.sampled_from("abc"),
        st.lists(WORDS, max_size=2),
        st.sampled_from([None, None, "a.example", "b.example", "c.example"]),
        st.sampled_from([None, "DE", "US"]),
        st.sampled_from([None, None, None, "x", "y"]),
    ),
    max_size=14,
)


@settings(max_examples=15)
@given(given=RECORDS, seed=st.integers(0, 99))
def test_the_order_of_records_changes_nothing(given: list[tuple[str, ...]], seed: int) -> None:
    """However records come, the accounts are the same, with the same ids and reasons."""
    records = [
        Record(f"{source}:{n}", name, domain, country, more={"lei": lei} if lei else {})
        for n, (source, name, domain, country, lei) in enumerate(given)
    ]
    shuffled = random.Random(seed).sample(records, len(records))

    first, second = resolve(records), resolve(shuffled)

    assert (first.accounts, first.reasons) == (second.accounts, second.reasons)
    assert (first.held, first.uncertain) == (second.held, second.uncertain)


@settings(max_examples=15)
@given(given=RECORDS)
def test_no_account_has_two_identifiers_of_a_kind(given: list[tuple[str, ...]]) -> None:
    """Whatever is joined, and by whatever chain."""
    records = [
        Record(f"{source}:{n}", name, domain, country, more={"lei": lei} if lei else {})
        for n, (source, name, domain, country, lei) in enumerate(given)
    ]
    found = resolve(records)

    leis: dict[str, set[str]] = {}
    for record in records:
        if lei := record.more.get("lei"):
            leis.setdefault(found.accounts[record.id], set()).add(lei)
    assert all(len(known) == 1 for known in leis.values())
