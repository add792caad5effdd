"""Real names of real firms through the whole identity step: what it links, and what it misses.

Each test prints its figures and the misses (`pytest -s`). Truth is an identifier in the recorded
files, or a label; brands are written from general knowledge.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.real.test_real_formats import DATA
from tests.support.companies import Record, resolved

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)

BRANDS = Path(__file__).parent / "brands"
TRUTH = DATA / "derived_match_truth"


def rows_of(path: Path) -> list[dict[str, str]]:
    """A CSV file as dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tickers() -> list[dict[str, str]]:
    """Every listed class of shares, with its registrant."""
    content = json.loads((DATA / "sec_2026" / "company_tickers.json").read_text())
    return [
        {"ticker": r["ticker"], "cik": str(r["cik_str"]), "name": r["title"]}
        for r in content.values()
    ]


def registrants(
    more: Mapping[str, str] | None = None, aliases: Mapping[str, Iterable[str]] | None = None
) -> list[Record]:
    """The 8,021 registrants as a source, and more that are not listed; some with other names."""
    others = {cik: "|".join(names) for cik, names in (aliases or {}).items()}
    named = {row["cik"]: row["name"] for row in tickers()} | dict(more or {})
    return [
        {"source_company_id": cik, "cik": cik, "name": name, "aliases": others.get(cik)}
        for cik, name in named.items()
    ]


class Linked:
    """Records of the source `names`, each with the registrants that it became one account with."""

    def __init__(self, folder: Path, firms: list[Record], names: list[Record]) -> None:
        accounts = resolved(folder, {"firms": firms, "names": names}).accounts()
        self.ids: dict[str, set[str]] = {}
        for record, account in accounts.items():
            source, _, key = record.partition(":")
            if source == "firms":
                self.ids.setdefault(account, set()).add(key)
        self.accounts = accounts

    def of(self, key: str) -> set[str]:
        """Whom a name leads to."""
        return self.ids.get(self.accounts[f"names:{key}"], set())


def test_brands_find_their_registrants_and_no_other(tmp_path: Path) -> None:
    """Of the constituents of an index, by the name that people call them, at least 96 %."""
    cik_of = {row["ticker"]: row["cik"] for row in tickers()}
    brands = [row for row in rows_of(BRANDS / "listed.csv") if row["part"] == "constituent"]
    wanted = {f"{n}": cik_of.get(row["ticker"]) for n, row in enumerate(brands)}
    known = {key: cik for key, cik in wanted.items() if cik}
    names: list[Record] = [
        {"source_company_id": f"{n}", "name": row["brand"]} for n, row in enumerate(brands)
    ]

    linked = Linked(tmp_path, registrants(), names)

    right = [key for key, cik in known.items() if cik in linked.of(key)]
    wrong = [key for key, cik in known.items() if linked.of(key) - {cik}]
    missed = [brands[int(key)]["brand"] for key in known if key not in right]
    precision, recall = len(right) / (len(right) + len(wrong)), len(right) / len(known)
    print(
        f"\nbrands: {len(known)}, precision {precision:.4f}, recall {recall:.4f}, missed {missed}"
    )
    assert precision >= 0.995
    assert recall >= 0.96


def test_firms_that_are_not_there_are_found_in_nobody(tmp_path: Path) -> None:
    """Well-known firms that are not registered become one with almost no registrant."""
    absent = rows_of(BRANDS / "absent.csv")
    names: list[Record] = [
        {"source_company_id": f"{n}", "name": row["brand"]} for n, row in enumerate(absent)
    ]

    linked = Linked(tmp_path, registrants(), names)

    found = [row["brand"] for n, row in enumerate(absent) if linked.of(f"{n}")]
    print(f"\nabsent firms: {len(absent)}, found all the same: {found}")
    assert len(found) / len(absent) <= 0.01


def test_no_two_registrants_become_one(tmp_path: Path) -> None:
    """8,021 firms, each with an identifier, are 8,021 accounts, whatever their names."""
    firms = registrants()

    accounts = resolved(tmp_path, {"firms": firms}).accounts()

    assert len(set(accounts.values())) == len(firms)


def test_former_names_lead_to_the_firm(tmp_path: Path) -> None:
    """A register that keeps former names links records that know only those."""
    rows = rows_of(TRUTH / "sec_former_names.csv")
    former: dict[str, list[str]] = {}
    for row in rows:
        former.setdefault(row["cik"], []).append(row["former_name"])
    names: list[Record] = [
        {"source_company_id": f"{n}", "name": row["former_name"]} for n, row in enumerate(rows)
    ]

    linked = Linked(tmp_path, registrants({r["cik"]: r["name"] for r in rows}, former), names)

    missed = [
        row["former_name"] for n, row in enumerate(rows) if row["cik"] not in linked.of(f"{n}")
    ]
    wrong = [row["former_name"] for n, row in enumerate(rows) if linked.of(f"{n}") - {row["cik"]}]
    print(f"\nformer names: {len(rows)}, missed {missed}, wrong {wrong}")
    assert not wrong
    assert len(missed) / len(rows) <= 0.05


def test_other_names_of_a_legal_entity_lead_to_it(tmp_path: Path) -> None:
    """Trading names, former names and names in other scripts."""
    rows = rows_of(TRUTH / "gleif_other_names.csv")
    firms: dict[str, dict[str, str]] = {}
    for row in rows:
        firm = firms.setdefault(
            row["lei"],
            {
                "source_company_id": row["lei"],
                "lei": row["lei"],
                "name": row["legal_name"],
                "aliases": "",
            },
        )
        firm["aliases"] += f"|{row['other_name']}"
    names: list[Record] = [
        {"source_company_id": f"{n}", "name": row["other_name"]} for n, row in enumerate(rows)
    ]

    linked = Linked(tmp_path, list(firms.values()), names)

    missed = [
        row["other_name"] for n, row in enumerate(rows) if row["lei"] not in linked.of(f"{n}")
    ]
    wrong = [row["other_name"] for n, row in enumerate(rows) if linked.of(f"{n}") - {row["lei"]}]
    print(f"\nother names: {len(rows)}, missed {missed}, wrong {wrong}")
    assert not wrong
    assert len(missed) / len(rows) <= 0.1


def test_a_renamed_registrant_is_the_same_by_its_number(tmp_path: Path) -> None:
    """537 registrants whose name differs between two years: each is one account."""
    rows = rows_of(TRUTH / "sec_cik_renames_2024_2026.csv")
    years = {
        year: [
            {"source_company_id": row["cik"], "cik": row["cik"], "name": row[f"name_{year}"]}
            for row in rows
        ]
        for year in ("2024", "2026")
    }

    accounts = resolved(
        tmp_path, {f"y{year}": records for year, records in years.items()}
    ).accounts()

    assert all(accounts[f"y2024:{row['cik']}"] == accounts[f"y2026:{row['cik']}"] for row in rows)
    assert len(set(accounts.values())) == len(rows)


def test_labelled_pairs_of_organisations(tmp_path: Path) -> None:
    """Pairs made to be hard, by name alone: few wrong ones."""
    schemas = {"Company", "Organization", "LegalEntity"}
    pairs = [
        row
        for row in rows_of(DATA / "opensanctions_name_bench" / "cases.csv")
        if row["schema"] in schemas
    ]
    # Each pair by itself: the same names stand in many of them.
    sources: dict[str, list[Record]] = {"firms": [], "names": []}
    for n, row in enumerate(pairs):
        for source, column in (("firms", "name1"), ("names", "name2")):
            sources[source].append(
                {"source_company_id": f"{n}", "name": row[column], "country": None}
            )
    right = wrong = 0
    missed = []
    accounts = resolved(tmp_path, sources).accounts()
    for n, row in enumerate(pairs):
        is_one = accounts[f"firms:{n}"] == accounts[f"names:{n}"]
        is_match = row["is_match"] == "true"
        right += is_one and is_match
        wrong += is_one and not is_match
        if is_match and not is_one:
            missed.append(f"{row['name1']} / {row['name2']}")
    matches = sum(row["is_match"] == "true" for row in pairs)
    print(
        f"\nlabelled pairs: {len(pairs)}, right {right} of {matches}, wrong {wrong}, "
        f"missed {missed[:20]}"
    )
    assert right / max(right + wrong, 1) >= 0.95
