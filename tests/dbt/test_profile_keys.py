"""What is one profile and what is nobody's: in SQL, and in Python by the same rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.normalise import HONORIFICS, profile_key
from ingest.settings import PROJECT
from tests.support.dbt_project import opened_dbt

Keys = Callable[[list[str]], list[str | None]]
ADA = "linkedin.com/in/ada-q-17"
VARIANTS = {
    "https://www.linkedin.com/in/ada-q-17": ADA,
    "http://linkedin.com/in/Ada-Q-17?trk=x": ADA,
    "HTTPS://WWW.LINKEDIN.COM/IN/ADA-Q-17/": ADA,
    "linkedin.com/in/ada-q-17/de": ADA,
    "https://de.linkedin.com/in/ada-q-17": ADA,
    "https://de-de.linkedin.com/in/ada-q-17/": ADA,
    "https://m.linkedin.com/in/ada-q-17#about": ADA,
    "//www.linkedin.com/in/ada-q-17": ADA,
    "https://www.linkedin.com:443/in/ada-q-17": ADA,
    "http://www.linkedin.com:80//in//ada-q-17": ADA,
    "https://www.linkedin.com/mwlite/in/ada-q-17": ADA,
    "https://www.linkedin.com/in/ada%2Dq%2d17": ADA,
    "https%3A%2F%2Fwww.linkedin.com%2Fin%2Fada-q-17": ADA,
    "https://www.linkedin.com/in/J%C3%9Crgen": "linkedin.com/in/jürgen",
    "https://linkedin.com/in/jürgen": "linkedin.com/in/jürgen",
    "https://www.linkedin.com/in/100%": "linkedin.com/in/100%",
    "https://www.linkedin.com/in/%FFada": "linkedin.com/in/%ffada",
    "https://twitter.com/Ada": "x.com/ada",
    "https://mobile.twitter.com/ada?s=20": "x.com/ada",
    "https://x.com/ada": "x.com/ada",
    "http://www.people.example/in/ada-q/": "people.example/in/ada-q",
    "https://people.example/in/ada-q": "people.example/in/ada-q",
    "https://de.com/ada": "de.com/ada",
    "https://www.xing.com/profile/Ada_Q": "xing.com/profile/ada_q",
}
NOBODYS = [
    "n/a",
    "N.A./k.A.",
    "none",
    "",
    "javascript:alert(1)//people.example/x",
    "https://www.linkedin.com",
    "https://www.linkedin.com/in/",
    "https://www.linkedin.com/feed",
    "https://www.linkedin.com/company/firm0",
    "https://www.linkedin.com/Company/firm0/about",
    "https://www.linkedin.com/profile/view?id=17",
    "https://www.facebook.com/profile.php?id=17",
    "https://firm0.example/company/",
    "https://firm0.example/company/team",
    "https://www.xing.com/pages/firm0",
]


@pytest.fixture(scope="module")
def sql_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    """The macro as dbt compiles it."""
    with opened_dbt(tmp_path_factory.mktemp("home")) as dbt:
        result = dbt.run("compile", "--inline", "{{ profile_key('url') }}")
        assert result.success, result.exception
        expression = result.result.results[0].node.compiled_code
        with duckdb.connect() as connection:
            yield lambda urls: [
                key
                for (key,) in connection.execute(
                    f"select {expression} from (select unnest(?::varchar[]) as url)", [urls]
                ).fetchall()
            ]


def python_keys(urls: list[str]) -> list[str | None]:
    """What the program makes of them where it has no SQL."""
    return profile_key(pl.Series(urls, dtype=pl.String)).to_list()


def test_a_profile_has_one_key_however_it_is_spelt(sql_keys: Keys) -> None:
    """By scheme, host, port, slashes, case and percent signs, also where these are broken."""
    spelt, expected = list(VARIANTS), list(VARIANTS.values())

    assert dict(zip(spelt, sql_keys(spelt), strict=True)) == VARIANTS
    assert python_keys(spelt) == expected


def test_what_is_no_persons_page_has_no_key(sql_keys: Keys) -> None:
    """Firms' pages, words for nothing, and addresses that only a query tells from others."""
    assert sql_keys(NOBODYS) == python_keys(NOBODYS) == [None] * len(NOBODYS)


def some_of(texts: str, least: int = 0, most: int = 1) -> st.SearchStrategy[str]:
    """A few of these texts in a row."""
    words = st.sampled_from(texts.split(" "))
    return st.lists(words, min_size=least, max_size=most).map("".join)


ADDRESSES = st.tuples(
    some_of("https:// http:// HTTPS:// // / https%3A%2F%2F ftp://"),
    some_of("www. WWW. m. mobile. de. de-de. uk. a."),
    some_of("linkedin.com LinkedIn.com twitter.com x.com people.example n/a n.a", 1),
    some_of(":443 :80 :8080 :"),
    some_of("/ // /in/ /IN/ /in /mwlite/in/ /MWLITE/in/ /company /Company/ /pages %2F", 1, 2),
    some_of("ada-q Ada a1 %2D %2f %C3%BC %c3 %FF % %25 %00 %0A + ü É ß İ Σ ẞ . : @ /in/", 0, 4),
    some_of("/ // /de ?trk=x # /profile.php /profile/view?id=1 /x:80//y", 0, 2),
).map("".join)


@settings(max_examples=60)
@given(st.lists(ADDRESSES, min_size=1, max_size=40))
def test_sql_and_python_give_the_same_keys(sql_keys: Keys, urls: list[str]) -> None:
    """Whatever an address is put together from, so that an erasure reaches what opt-outs reach."""
    assert sql_keys(urls) == python_keys(urls)


def test_titles_are_the_same_in_sql_and_python() -> None:
    """Names are told apart without them in both."""
    macros = (PROJECT / "dbt_project/macros/people.sql").read_text(encoding="utf-8")
    found = re.search(r'return\("(dr\|[a-z|]+)"\)', macros)

    assert found
    assert tuple(found[1].split("|")) == HONORIFICS
