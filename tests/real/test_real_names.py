"""Names by which people call firms, and the legal names of 7,919 registrants: what equal keys find.

The brands are written from general knowledge, their truth is the ticker in the recorded file of
the SEC; the absent ones are firms that are not in it. A link is the one registrant that a key
finds, at the first key that finds any: two found, none linked.
"""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.settings import PROJECT
from tests.support.names import compiled_expressions, with_keys

DATA = PROJECT.parent / "shared" / "data"
BRANDS = Path(__file__).parent / "brands"
TICKERS = {
    2024: DATA / "sec_edgartools" / "company_tickers.json",
    2026: DATA / "sec_2026" / "company_tickers.json",
}
YC = DATA / "yc" / "yc_companies.csv"
TRUTH = DATA / "derived_match_truth"

# What of a brand is equal to what of a registrant, the surest first; the least words of the brand.
KEYS = {
    "name": ("brand.name_key = firm.name_key", 1),
    "sorted": ("brand.sorted = firm.sorted", 2),
    "squashed": ("brand.squashed = firm.squashed and length(brand.squashed) >= 5", 1),
    "without structure": ("brand.name_key = firm.structure_core", 1),
    "without trade": ("brand.name_key = firm.trade_core", 1),
    "beginning": ("brand.sorted = firm.front", 2),
    "without field": ("brand.name_key = firm.field_core", 1),
}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real data (../shared/data beside the project) is not here"
)


@pytest.fixture(scope="module")
def expressions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The macros as SQL."""
    return dict(compiled_expressions(tmp_path_factory.mktemp("names")))


def universe(expressions: dict[str, str], year: int) -> duckdb.DuckDBPyConnection:
    """Registrants and brands of one year's file, with their keys."""
    connection = duckdb.connect()
    tickers = pl.DataFrame(list(json.loads(TICKERS[year].read_text()).values()))
    connection.register("tickers", tickers)
    connection.execute(
        "create table firm as select cik_str as cik, any_value(title) as name "
        "from tickers group by all"
    )
    connection.execute(
        f"""create table listed as
        select brands.brand as name, brands.part, tickers.cik_str as cik
        from read_csv('{BRANDS / "listed.csv"}') as brands join tickers using (ticker)"""
    )
    connection.execute(
        f"create table absent as select brand as name from read_csv('{BRANDS / 'absent.csv'}')"
    )
    for table in ("firm", "listed", "absent"):
        with_keys(connection, expressions, table)
    return connection


def link(connection: duckdb.DuckDBPyConnection, brands: str) -> None:
    """A table `linked` of name, key and cik, by the first key that finds a firm; null for two."""
    found = [
        f"""select {rank} as rank, '{key}' as key, brand.name, firm.cik
        from {brands} as brand join {"fronts" if "front" in condition else "firm"} as firm
        on {condition} where len(split(brand.name_key, ' ')) >= {words}"""
        for rank, (key, (condition, words)) in enumerate(KEYS.items())
    ]
    connection.execute(
        "create or replace temp table fronts as select cik, unnest(fronts) as front from firm"
    )
    connection.execute(
        f"""create or replace table linked as
        with found as ({" union all ".join(found)})
        select name, key, if(count(distinct cik) = 1, min(cik), null) as cik from found
        group by name, key, rank
        qualify rank = min(rank) over (partition by name)"""
    )


@pytest.mark.parametrize(("year", "recall"), [(2024, 0.97), (2026, 0.975)])
def test_brands_find_their_registrant(
    expressions: dict[str, str], year: int, recall: float
) -> None:
    """Of the constituents of an index nearly all, of all brands none but one wrong."""
    connection = universe(expressions, year)
    link(connection, "listed")
    outcomes = connection.execute(
        """select listed.part, listed.name, linked.key, firm.name as firm, linked.cik = listed.cik
        from listed left join linked using (name) left join firm on firm.cik = linked.cik"""
    ).fetchall()

    constituents = [is_right for part, *_, is_right in outcomes if part == "constituent"]
    wrong = {(name, firm) for _, name, _, firm, is_right in outcomes if is_right is False}
    print(year, "missed:", sorted(row[1] for row in outcomes if row[4] is None))
    assert constituents.count(True) / len(constituents) >= recall
    # Two registrants of one house, of which the brand's owner is called Group.
    assert wrong == {("UBS", "UBS AG")}


@pytest.mark.parametrize("year", TICKERS)
def test_absent_brands_find_nothing(expressions: dict[str, str], year: int) -> None:
    """Of hundreds of well-known firms that are not there, hardly one finds a namesake."""
    connection = universe(expressions, year)
    link(connection, "absent")
    found = connection.execute(
        "select linked.name, firm.name from linked join firm using (cik)"
    ).fetchall()

    assert {name for name, _ in found} <= {"Bentley", "Hallmark", "Ace Hardware"}


def test_names_of_two_words_are_safe_where_most_are_absent(expressions: dict[str, str]) -> None:
    """Of 6,000 start-ups that are not listed some dozens share a listed firm's one word."""
    connection = universe(expressions, 2024)
    connection.execute(
        f"""create table startups as select distinct name from read_csv('{YC}', all_varchar = true)
        where status <> 'Public'"""
    )
    with_keys(connection, expressions, "startups")
    link(connection, "startups")
    hits = connection.execute(
        """select count(*) filter (len(split(name_key, ' ')) = 1),
            count(*) filter (len(split(name_key, ' ')) > 1)
        from linked join startups using (name) where cik is not null"""
    ).fetchone()

    assert hits is not None
    one_word, more_words = hits
    assert one_word <= 75
    assert more_words == 0


@pytest.mark.parametrize(
    ("file", "pairs", "alike"),
    [
        ("sec_cik_renames_2024_2026.csv", "name_2024, name_2026 where not real_rename", (61, 65)),
        ("sec_former_names.csv", "name, former_name where former_name is not null", (9, 30)),
        (
            "gleif_other_names.csv",
            "legal_name, other_name where type not like 'PREVIOUS%'",
            (7, 9),
        ),
    ],
)
def test_respelled_names_keep_their_key(
    expressions: dict[str, str], file: str, pairs: str, alike: tuple[int, int]
) -> None:
    """A name spelled anew has the key of the old one; a new name has another."""
    columns, condition = pairs.split(" where ")
    name, other = columns.split(", ")
    connection = duckdb.connect()
    connection.execute(
        f"""create table spellings as
        with pairs as (select {name} as a, {other} as b from read_csv('{TRUTH / file}')
            where {condition}),
        numbered as (select row_number() over () as pair, a, b from pairs)
        select pair, unnest([a, b]) as name from numbered"""
    )
    with_keys(connection, expressions, "spellings")
    counted = connection.execute(
        """select count(*) filter (is_alike), count(*) from (
            select count(distinct name_key) = 1 and count(name_key) = 2 as is_alike
            from spellings group by pair)"""
    ).fetchone()

    assert counted == alike


def test_labelled_pairs_of_organisations(expressions: dict[str, str]) -> None:
    """Equal keys are right but for two legal forms of one name; most labelled matches are typos."""
    connection = duckdb.connect()
    cases = DATA / "opensanctions_name_bench" / "cases.csv"
    connection.execute(
        f"""create table spellings as
        with numbered as (select row_number() over () as pair, * from read_csv('{cases}')
            where schema in ('Company', 'Organization', 'LegalEntity'))
        select pair, is_match, unnest([name1, name2]) as name from numbered"""
    )
    with_keys(connection, expressions, "spellings")
    labels = connection.execute(
        """select is_match, list(name) from spellings group by pair, is_match
        having count(distinct name_key) = 1 and count(name_key) = 2"""
    ).fetchall()

    wrong = [sorted(names) for is_match, names in labels if not is_match]
    assert wrong == [["Deutsche Bank AG", "Deutsche Bank GmbH"]]
    assert len(labels) - len(wrong) >= 68
