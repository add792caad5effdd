"""What sources do to one company's name and domain, from the file to the account.

All firms here are made up. Each case has names of its own, so that one landing serves them all.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.companies import Companies, Record, resolved

HOSTS = ("gmail.com", "kessel.github.io", "kessel.myshopify.com", "https://bit.ly/kessel")
UNRELATED = tuple(f"Unrelated Firm {letter * 3}" for letter in "abcdefghijklmnopqrs")
LEGAL_WORDS_ALONE = ("SA", "株式会社", "The Company", "GmbH & Co. KG", "")


def record(key: str, name: str | None, domain: str | None = None, **more: str) -> Record:
    """A record as a source writes it."""
    return {"source_company_id": key, "name": name, "domain": domain, **more}


SOURCES: Mapping[str, Sequence[Record]] = {
    "crm": [
        record("spelling", "Fortythorpe", "www.Fortythorpe.co.uk", country="GB"),
        record("idn", "Böllerup", "böllerup-fiktiv.de", country="DE"),
        *(record(f"host {n}", f"Kessel {n}", host) for n, host in enumerate(HOSTS)),
        record("franchise gb", "Zurbant North", "zurbant-fictive.com", country="GB",
               registration_authority="GB", registration_number="01"),
        record("brand", "Velquist Group", None, country="US", city="Boston"),
        record("renamed", "Oldenmark Pumps", "oldenmark-fictive.com", country="US"),
        record("twin 1", "Prendalux", "prendalux-fictive.com", country="US"),
        record("twin 2", "PRENDALUX, Inc.", "prendalux-fictive.com", country="US"),
        record("same", "Quorvane", None, country="DE", same_as="directory:quite another name"),
        *(record(f"legal {n}", name) for n, name in enumerate(LEGAL_WORDS_ALONE)),
        *(record(f"hostile {n}", name, None, country="US") for n, name in enumerate(UNRELATED)),
    ],
    "directory": [
        record("spelling", "Fortythorpe Trading Ltd", "FORTYTHORPE.CO.UK.", country="GB"),
        record("idn", "Boellerup Holding", "xn--bllerup-fiktiv-vpb.de", country="DE"),
        *(record(f"host {n}", f"Other firm {n}", host) for n, host in enumerate(HOSTS)),
        record("franchise de", "Zurbant Ost", "zurbant-fictive.com", country="DE",
               registration_authority="DE", registration_number="HRB 1"),
        record("brand", "VELQUIST GROUP, INC. /DE/", None, country="US"),
        record("renamed", "Freshname Industries, Inc.", None, country="US",
               aliases="Oldenmark Pumps, Inc."),
        record("quite another name", "Tessolane Works", None, country="DE"),
        *(record(f"legal {n}", name) for n, name in enumerate(LEGAL_WORDS_ALONE)),
    ],
    "registry": [
        record("spelling", "FORTYTHORPE LIMITED", "https://fortythorpe.co.uk/x", country="GB")
    ],
    # The customer is known by the name and the domain that it had.
    "left_alone": [{"key": "oldenmark-fictive.com", "reason": "customer"}],
    # One domain for all: the site of the directory that the list was copied from.
    "hostile": [
        record(f"{n}", f"{name} LLC", "copied-from-fictive.com", country="US")
        for n, name in enumerate(UNRELATED)
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Companies:
    """All sources, landed and resolved once."""
    return resolved(tmp_path_factory.mktemp("companies"), SOURCES)


@pytest.fixture(scope="module")
def accounts(companies: Companies) -> Mapping[str, str]:
    """The account of each record."""
    return companies.accounts()


def test_a_domain_is_one_however_it_is_spelt(accounts: Mapping[str, str]) -> None:
    """Case, www, a trailing dot, an address with a path."""
    assert (
        accounts["crm:spelling"] == accounts["directory:spelling"] == accounts["registry:spelling"]
    )


def test_an_international_domain_is_one_in_both_spellings(accounts: Mapping[str, str]) -> None:
    """Letters with dots, and the same in punycode."""
    assert accounts["crm:idn"] == accounts["directory:idn"]


@pytest.mark.parametrize("host", range(len(HOSTS)), ids=HOSTS)
def test_a_host_that_many_share_joins_nothing(accounts: Mapping[str, str], host: int) -> None:
    """Free mail, code hosts, shops, shortened links."""
    assert accounts[f"crm:host {host}"] != accounts[f"directory:host {host}"]


def test_a_franchise_is_as_many_firms_as_registers_say(accounts: Mapping[str, str]) -> None:
    """One domain, two countries with a registration each."""
    assert accounts["crm:franchise gb"] != accounts["directory:franchise de"]


@pytest.mark.parametrize("case", range(len(LEGAL_WORDS_ALONE)), ids=LEGAL_WORDS_ALONE)
def test_legal_words_alone_match_nothing(accounts: Mapping[str, str], case: int) -> None:
    """Nobody's name is Ltd."""
    assert accounts.get(f"crm:legal {case}") != accounts.get(f"directory:legal {case}", "none")


def test_a_name_joins_what_has_no_key_in_common(accounts: Mapping[str, str]) -> None:
    """However the second source spells it."""
    assert accounts["crm:brand"] == accounts["directory:brand"]


def test_a_renamed_company_is_found_by_its_former_name(
    companies: Companies, accounts: Mapping[str, str]
) -> None:
    """The register knows the new name and the old; its domain leads to the same account."""
    assert accounts["crm:renamed"] == accounts["directory:renamed"]


def test_a_suppression_follows_a_company_to_its_new_name(
    companies: Companies, accounts: Mapping[str, str]
) -> None:
    """Whoever is a customer under the old domain is none to be won under the new name."""
    companies.build("int_accounts_suppressed")

    left_alone = companies.ask("select account_id from intermediate.int_accounts_suppressed")

    assert left_alone == [(accounts["directory:renamed"],)]


def test_duplicates_within_a_source_are_one(accounts: Mapping[str, str]) -> None:
    """Two records of the CRM with the domain of one firm."""
    assert accounts["crm:twin 1"] == accounts["crm:twin 2"]


def test_a_record_may_say_which_other_it_is(accounts: Mapping[str, str]) -> None:
    """By the attribute same_as, whatever the names."""
    assert accounts["crm:same"] == accounts["directory:quite another name"]


def test_one_domain_on_unrelated_firms_merges_none_of_them(accounts: Mapping[str, str]) -> None:
    """Nineteen firms under the domain of a directory stay nineteen, each with its CRM record."""
    hostile = [accounts[f"hostile:{n}"] for n in range(19)]

    assert len(set(hostile)) == 19
    assert [accounts[f"crm:hostile {n}"] for n in range(19)] == hostile


def test_files_cut_in_three_and_shuffled_make_the_same_accounts(
    tmp_path: Path, accounts: Mapping[str, str]
) -> None:
    """However the rows of a source are spread over its files, and in whatever order."""
    shuffled = {
        name: random.Random(1).sample(records, len(records)) for name, records in SOURCES.items()
    }

    again = resolved(tmp_path, shuffled, files=3)

    assert again.accounts() == accounts
