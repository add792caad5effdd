"""Spelling: equal things become equal text, junk becomes null, and twice is the same as once."""

import polars as pl
import pytest
import tldextract
from hypothesis import given
from hypothesis import strategies as st

from ingest import normalise

TENANTS, HOSTS = (
    tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=is_private
    )
    for is_private in (True, False)
)
LABEL = st.from_regex(r"\A[a-z0-9](-?[a-z0-9]){0,8}\Z")
SUFFIX = st.sampled_from(
    sorted(tld for tld in TENANTS.tlds if tld[0] not in "*!" and tld.isascii())
)


def one(function: normalise.Normaliser, text: str | None) -> str | None:
    """A normaliser's answer for one text."""
    return function(pl.Series([text], dtype=pl.String)).item()


@pytest.mark.parametrize(
    ("spelled", "domain"),
    [
        ("www.Acme.co.uk", "acme.co.uk"),
        ("ACME.CO.UK.", "acme.co.uk"),
        ("https://acme.co.uk/x?y=z@w#v", "acme.co.uk"),
        ("http://user:password@shop.acme.com:8080/a", "acme.com"),
        ("acme.com:8080", "acme.com"),
        ("//acme.fr", "acme.fr"),
        ("http:acme.com", "acme.com"),
        ("jo@mail.acme.de", "acme.de"),
        ("mailto:jo@acme.de", "acme.de"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("MÜNCHEN.DE", "xn--mnchen-3ya.de"),
        ("acme\u3002cn", "acme.cn"),
        ("食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("www.acme.github.io", "acme.github.io"),
        ("github.io", "github.io"),
        ("gmail.com", "gmail.com"),
        ("www.ck", "www.ck"),
        ("a.b.ck", "a.b.ck"),
        ("city.kawasaki.jp", "city.kawasaki.jp"),
        ("x.y.kawasaki.jp", "x.y.kawasaki.jp"),
    ],
)
def test_one_domain_for_every_spelling(spelled: str, domain: str) -> None:
    """Addresses, hosts and e-mails of one company meet in one key."""
    assert one(normalise.registrable_domain, spelled) == domain


JUNK = """n/a - acme localhost co.uk 10.0.0.1 [::1] acme.local -acme.com acme..com http:// @"""


@pytest.mark.parametrize(
    "junk", [*JUNK.split(), "a b.com", "a.com, a.de", "a" * 64 + ".com", "", None]
)
def test_what_is_no_registrable_domain_is_null(junk: str | None) -> None:
    """Junk must never become a key that joins companies."""
    assert one(normalise.registrable_domain, junk) is None


@given(st.lists(st.tuples(st.lists(LABEL, max_size=3), SUFFIX), min_size=1, max_size=20))
def test_domains_agree_with_the_public_suffix_list(names: list[tuple[list[str], str]]) -> None:
    """The column-wise search finds what tldextract finds one by one."""
    hosts = [".".join([*labels, suffix]) for labels, suffix in names]

    found = normalise.registrable_domain(pl.Series(hosts, dtype=pl.String)).to_list()

    for host, domain in zip(hosts, found, strict=True):
        tenant, company = (
            extract(host).top_domain_under_public_suffix for extract in (TENANTS, HOSTS)
        )
        assert domain == (tenant or company or None)


LOCAL = st.text("aZ0.+_-%'/:#\u00e9", max_size=5)


@given(st.lists(st.tuples(LOCAL, LABEL, SUFFIX), max_size=20))
def test_the_domain_of_an_address_is_that_of_the_whole(parts: list[tuple[str, str, str]]) -> None:
    """Cutting the part before the @ off is a short cut and nothing else."""
    texts = [f"{local}@{label}.{suffix}" for local, label, suffix in parts]
    emails = normalise.email_address(pl.Series(texts, dtype=pl.String))

    domains = normalise.email_domain(emails)

    assert domains.to_list() == normalise.registrable_domain(emails).to_list()


@given(st.lists(st.tuples(LOCAL, LABEL, SUFFIX), max_size=20))
def test_addresses_are_a_fixed_point(parts: list[tuple[str, str, str]]) -> None:
    """An address gives itself, whatever it was written like."""
    texts = [f"{local}@{label}.{suffix}" for local, label, suffix in parts]
    emails = normalise.email_address(pl.Series(texts, dtype=pl.String))

    assert normalise.email_address(emails).to_list() == emails.to_list()


@given(st.lists(st.text(max_size=30) | st.none(), max_size=30))
def test_domains_are_a_fixed_point(texts: list[str | None]) -> None:
    """Any text gives a domain or null, and a domain gives itself."""
    once = normalise.registrable_domain(pl.Series(texts, dtype=pl.String))

    assert normalise.registrable_domain(once).to_list() == once.to_list()
    assert len(once) == len(texts)


@given(st.lists(st.text(max_size=40) | st.none(), max_size=30))
def test_clean_text_is_clean(texts: list[str | None]) -> None:
    """Cleaning twice is cleaning once, and leaves nothing invisible, padded or empty."""
    once = normalise.clean(pl.Series(texts, dtype=pl.String))

    assert normalise.clean(once).to_list() == once.to_list()
    for text in once.drop_nulls():
        assert text == text.strip() != ""
        assert not any(ord(sign) < 32 or sign in "\u200b\ufeff\u202e" for sign in text)


SIGNS = st.sampled_from([*"aé\u017f\u0301\u00a0\u00d7 \t", "A\u030a", "\u200b", "ﬁ"])


@given(st.lists(st.lists(SIGNS, max_size=4).map("".join), max_size=30))
def test_what_is_not_looked_at_closely_is_clean(texts: list[str]) -> None:
    """The one look at each text lets nothing pass that cleaning would change."""
    values = pl.Series("text", texts, dtype=pl.String)

    cleaned = normalise.clean(values.clone()).to_list()

    assert cleaned == normalise.cleaned(values).to_list()


@given(st.lists(st.text("az@[`{~AZéÉß", max_size=3) | st.none(), max_size=4))
def test_words_are_in_lower_case_as_python_has_it(texts: list[str | None]) -> None:
    """Whether or not there is anything to do."""
    lower = normalise.lower_case(pl.Series(texts, dtype=pl.String))

    assert lower.to_list() == [text and text.lower() for text in texts]


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\x00b", "a b"),
        ("  two\t\n lines ", "two lines"),
        ("in\u200bvisible\ufeff", "invisible"),
        ("\u202eright to left", "right to left"),
        ("e\u0301", "\u00e9"),
        ("\u200b", None),
        ("🚀 株式会社", "🚀 株式会社"),
        ("x" * 12_000, "x" * 10_000),
    ],
)
def test_text_is_cleaned(dirty: str, clean: str | None) -> None:
    """Control and zero-width characters go, letters of every script stay."""
    assert one(normalise.clean, dirty) == clean


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UK", "GB"),
        ("gb", "GB"),
        ("GBR", "GB"),
        ("USA", "US"),
        ("United States", "US"),
        ("U.S.A.", "US"),
        ("Deutschland", "DE"),
        ("Côte d'Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Korea, South", "KR"),
        ("Korea South", "KR"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("NO", "NO"),
        ("Bosnia & Herzegovina", "BA"),
        ("Kosovo", "XK"),
        ("XK", "XK"),
        ("XKX", "XK"),
        ("EL", "GR"),
        ("IC", "ES"),
        ("England & Wales", "GB"),
        ("REPUBLIC OF IRELAND", "IE"),
        ("British Virgin Islands", "VG"),
        ("Frankreich", "FR"),
        ("ROYAUME-UNI", "GB"),
        ("Großbritannien", "GB"),
        ("Estados Unidos", "US"),
        ("Україна", "UA"),
        ("Georgia", "GE"),
        ("Netherlands Antilles", None),
        ("Unitd States", None),
        ("Europe", None),
        ("", None),
    ],
)
def test_countries_are_known_names_or_null(name: str, code: str | None) -> None:
    """Never a guess: a misspelt country is unknown."""
    assert one(normalise.country_code, name) == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("US-CA", "CA"),
        ("CA-ON", "ON"),
        ("AU-NSW", "NSW"),
        ("DE-BY", "Bayern"),
        ("SE-AB", "Stockholms län"),
        ("GB-ZZZ", "GB-ZZZ"),
        ("CA", "CA"),
        ("Bas-Rhin", "Bas-Rhin"),
        (None, None),
    ],
)
def test_codes_of_regions_are_what_people_write(code: str | None, expected: str | None) -> None:
    """So that a register's record and a CRM's say the same."""
    assert one(normalise.region, code) == expected


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        (normalise.email_address, "Jo@Acme.COM", "jo@acme.com"),
        (normalise.email_address, "mailto:jo@acme.com", "jo@acme.com"),
        (normalise.email_address, "Jo Sample <Jo@acme.com>", "jo@acme.com"),
        (normalise.email_address, "a@b.de <c@d.de>", None),
        (normalise.email_address, "jo@acme", None),
        (normalise.email_address, "jo at acme.com", None),
        (normalise.email_address, "a@b.de;c@d.de", None),
        (normalise.email_address, "jo@acme.com.", "jo@acme.com"),
        (normalise.email_address, "'jo@acme.com'", "jo@acme.com"),
        (normalise.email_address, '"jo"@acme.com (work)', "jo@acme.com"),
        (normalise.email_address, "mailto:jo@acme.com?subject=Hi you", "jo@acme.com"),
        (normalise.email_address, "jo%40acme.com", "jo@acme.com"),
        (normalise.email_address, "jo [at] acme (dot) com", "jo@acme.com"),
        (normalise.email_address, "jo\uff20acme.com", "jo@acme.com"),
        (normalise.email_address, "jo@xn--mller-kva.de", "jo@müller.de"),
        (normalise.email_address, "Jo@MÜLLER.de", "jo@müller.de"),
        (normalise.email_address, "jo@xn--strae-oqa.de", "jo@straße.de"),
        (normalise.email_address, "jo@Straße.de", "jo@straße.de"),
        (normalise.email_address, "jo@acme.com, Jo@Acme.com", "jo@acme.com"),
        (normalise.email_address, "o'brien@acme.com", "o'brien@acme.com"),
        (normalise.email_address, "Sample, Jo <jo@acme.com>", "jo@acme.com"),
        (normalise.email_address, "\u201cjo@acme.com\u201d", "jo@acme.com"),
        (normalise.email_address, "SMTP:jo@acme.com", "jo@acme.com"),
        (normalise.email_address, "a@b@acme.com", None),
        (normalise.email_address, "jo smith@acme.com", None),
        (normalise.email_address, '"jo smith"@acme.com', None),
        (normalise.email_address, "jo@acme.co.u", None),
        (normalise.email_address, "jo@acme.com&di@acme.com", None),
        (normalise.email_address, "jo@acme.com, acme.com", None),
        (normalise.email_address, "acme.com/jo@acme.com", None),
        (normalise.email_address, "jo@acme.com @jo", None),
        (normalise.cik_code, "320193", "0000320193"),
        (normalise.cik_code, "CIK0000320193", "0000320193"),
        (normalise.cik_code, "none", None),
        (normalise.lei_code, "5493001kjtiigc8y1r12", "5493001KJTIIGC8Y1R12"),
        (normalise.lei_code, "5493", None),
        (normalise.email_digest, "AB" * 32, "ab" * 32),
        (normalise.email_digest, "ab", None),
    ],
)
def test_keys_have_one_form(
    function: normalise.Normaliser, text: str, expected: str | None
) -> None:
    """Keys that have not the form of their kind are null."""
    assert one(function, text) == expected


def test_entries_are_sorted_and_single() -> None:
    """DuckDB refuses a map with a key twice or null; equal content must be equal bytes."""
    given = [{"key": " b", "value": "2 "}, {"key": "a", "value": "1"}, {"key": "b", "value": "3"}]
    empty = [{"key": "c", "value": None}, {"key": "", "value": "4"}]
    entries = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))

    cleaned = normalise.clean_entries(pl.Series([given, empty, [], None], dtype=entries))

    assert cleaned.to_list() == [
        [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
        None,
        None,
        None,
    ]


def test_aliases_are_clean_and_single() -> None:
    """A list keeps its order; what is empty is null."""
    cleaned = normalise.clean_list(pl.Series([["B ", None, "A", "B"], [" "], None]))

    assert cleaned.to_list() == [["B", "A"], None, None]
