"""One spelling for what sources spell differently: text, domains, countries, e-mails, keys.

What belongs here: rules that hold for every source, applied by the landing to the canonical
columns. What doesn't: reading a vendor's numbers, dates and bands (`convert.py`). Everything
works on whole columns; what can't be understood becomes null, never a guess.
"""

import gettext
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import idna
import numpy as np
import numpy.typing as npt
import polars as pl
import pycountry
import tldextract

from ingest.utf8 import utf8

LONGEST_TEXT = 10_000

Normaliser = Callable[[pl.Series], pl.Series]

# Neither what is printable in ASCII nor composed letters of Latin scripts, which are NFC.
_DIRTY = r"[^\x20-\x7e\x{C0}-\x{17F}]|^ | $|  |^$"
_INVISIBLE = (
    r"[\x{00AD}\x{034F}\x{061C}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}]"
)
_CONTROL = r"[\x00-\x1F\x7F-\x9F]"
_HOST = r"^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$"
_PLAIN_EMAIL = r"^[a-z0-9._+-]+@(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}$"
_EMAIL = r"^[\p{L}\p{N}_][^@\s/:\\<>()\[\]\"“”„«»|,;]*@(?:[\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]{2,}$"
# What people and programs put around and into addresses, and what they mean by it.
_EMAIL_SPELLINGS = (
    (r"(?:mailto|smtp|e-?mail):([^?\s]*)(?:\?[^,;<>]*)?", " $1 "),
    (r"%40|\s*[\[(]\s*(?:at|@)\s*[\])]\s*", "@"),
    (r"\s*[\[(]\s*(?:dot|\.)\s*[\])]\s*", "."),
    (r"\([^()@]*\)", " "),
    # The name before an address, which may stand behind another address.
    (r"([^\s<>@;|]+@[^\s<>@;|]+)?[^<>@;|]*<([^<>]*)>", "$1 $2 "),
    (r'"([a-z0-9._%+-]+)"@', "$1@"),
)
AT_SIGN = r"(?i)[@\x{FE6B}\x{FF20}]|%40|[\[(]\s*at\s*[\])]"
"""What an address has, as people write it."""

_EMAIL_SEPARATORS = r"[\s;,|/]+"
_EMAIL_QUOTES = "\"'“”„«»\u2018\u2019."


# Text


def clean(values: pl.Series) -> pl.Series:
    """Text in NFC without control and zero-width characters, white space folded, never empty.

    Texts are cut at LONGEST_TEXT characters.
    """
    rows = _dirty(values)
    return values if rows.is_empty() else values.scatter(rows, cleaned(values.gather(rows)))


def cleaned(values: pl.Series) -> pl.Series:
    """`clean` for texts that are all taken to be dirty."""
    text = pl.col("text")
    visible = text.str.replace_all(_INVISIBLE, "").str.replace_all(_CONTROL, " ")
    folded = visible.str.normalize("NFC").str.replace_all(r"\s+", " ")
    cut = folded.str.strip_chars().str.slice(0, LONGEST_TEXT).str.strip_chars_end()
    return values.to_frame("text").select(pl.when(cut != "").then(cut)).to_series()


def _dirty(values: pl.Series) -> pl.Series:
    """The rows that `clean` might change."""
    texts = values.drop_nulls()
    if texts.is_empty() or _is_clean(texts):
        return pl.Series(dtype=pl.UInt32)
    return (values.str.contains(_DIRTY) | (values.str.len_bytes() > LONGEST_TEXT)).arg_true()


def _is_clean(texts: pl.Series) -> bool:
    """Whether no text matches _DIRTY or is too long, told by the bytes of all of them at once."""
    ends, signs = utf8(texts)
    lengths = np.diff(ends)
    if lengths.min() == 0 or lengths.max() > LONGEST_TEXT:
        return False
    # Composed letters of Latin scripts begin with 0xC3 to 0xC5, other signs with more or 0xC2.
    is_plain = signs.min() >= ord(" ") and signs.max() <= 0xC5
    if not is_plain or (signs == 0x7F).any() or (signs == 0xC2).any():
        return False
    is_space = signs == ord(" ")
    return not is_space.any() or _is_folded(is_space, ends)


def _is_folded(is_space: npt.NDArray[np.bool_], ends: npt.NDArray[np.int64]) -> bool:
    """Whether spaces are single ones within texts."""
    is_padded = is_space[ends[:-1]].any() or is_space[ends[1:] - 1].any()
    return not (is_padded or (is_space[1:] & is_space[:-1]).any())


def clean_list(values: pl.Series) -> pl.Series:
    """Lists of clean texts, each once, in the order given; null for an empty list."""
    items = values.to_frame("item").with_row_index("row").explode("item")
    kept = items.with_columns(clean(items["item"])).drop_nulls().unique(maintain_order=True)
    return _regrouped(values, kept.select("row", pl.col("item")))


def clean_entries(values: pl.Series) -> pl.Series:
    """Lists of key and value, clean and sorted by key; of equal keys the first; null for none."""
    lists = values.to_frame("item").with_row_index("row").drop_nulls("item")
    items = lists.explode("item").unnest("item")
    if _is_tidy(items):
        return values
    kept = (
        items.with_columns(clean(items["key"]), clean(items["value"]))
        .drop_nulls()
        .unique(["row", "key"], keep="first", maintain_order=True)
        .sort("row", "key")
    )
    return _regrouped(values, kept.select("row", item=pl.struct("key", "value")))


def _is_tidy(items: pl.DataFrame) -> bool:
    """Whether entries are as `clean_entries` leaves them."""
    is_next = (pl.col("row") > pl.col("row").shift()) | (pl.col("key") > pl.col("key").shift())
    is_untidy = pl.any_horizontal(pl.col("key", "value").is_null(), ~is_next)
    if items.select(is_untidy.any()).item():
        return False
    return _dirty(items["key"]).is_empty() and _dirty(items["value"]).is_empty()


def _regrouped(values: pl.Series, items: pl.DataFrame) -> pl.Series:
    """One list per row again, null where a row has no item."""
    lists = items.group_by("row").agg("item")
    rows = pl.DataFrame({"row": pl.int_range(len(values), dtype=pl.UInt32, eager=True)})
    return rows.join(lists, on="row", how="left", maintain_order="left")["item"].alias(values.name)


# Domains


class _Suffixes(NamedTuple):
    """The public suffix list, in punycode."""

    plain: pl.Series
    wildcards: pl.Series
    exceptions: pl.Series


def registrable_domain(values: pl.Series) -> pl.Series:
    """The registrable domain of addresses, hosts and e-mails in any spelling; null for junk.

    A tenant of a shared host keeps its own name: acme.github.io stays, and so does github.io.
    """
    hosts = _hosts(values)
    domains = _registrable(hosts, private=True)
    suffixes = (hosts.is_not_null() & domains.is_null()).arg_true()
    return domains.scatter(suffixes, _registrable(hosts.gather(suffixes), private=False))


def domain_of(text: str) -> str | None:
    """`registrable_domain` of one text."""
    found: str | None = registrable_domain(pl.Series([text], dtype=pl.String)).item()
    return found


def _hosts(values: pl.Series) -> pl.Series:
    is_plain = values.str.contains(_HOST) & ~values.str.contains("xn--", literal=True)
    is_plain &= values.str.len_bytes() <= 253
    others = (~is_plain).arg_true()
    return values.clone().scatter(others, _spelled_hosts(values.gather(others)))


def _spelled_hosts(values: pl.Series) -> pl.Series:
    host = (
        pl.col("value")
        .str.to_lowercase()
        .str.strip_chars()
        .str.replace(r"^(?:[a-z][a-z0-9+.-]*:)?/{1,}|^https?:|^mailto:", "")
        .str.replace(r"[/?#\\].*$", "")
        .str.replace(r"^.*@", "")
        .str.replace(r":\d*$", "")
        .str.replace_all("[\u3002\uff0e\uff61]", ".")
        .str.strip_chars_end(".")
    )
    ascii_hosts = _punycode(values.to_frame("value").select(host).to_series())
    is_host = ascii_hosts.str.contains(_HOST) & (ascii_hosts.str.len_bytes() <= 253)
    return ascii_hosts.set(~is_host, None)


def _punycode(hosts: pl.Series) -> pl.Series:
    """Internationalised names in ASCII; only those few are looked at one by one."""
    foreign = hosts.filter(hosts.str.contains(r"[^\x00-\x7F]|xn--")).unique()
    spelled = pl.Series([_idna(host) for host in foreign], dtype=pl.String)
    return hosts.replace_strict(foreign, spelled, default=hosts, return_dtype=pl.String)


@lru_cache(maxsize=100_000)
def _idna(host: str) -> str | None:
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None


@cache
def _suffixes(private: bool) -> _Suffixes:
    extract = tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=private
    )
    rules = sorted(filter(None, map(_suffix_rule, extract.tlds)))
    return _Suffixes(
        plain=pl.Series([rule for rule in rules if rule[0] not in "*!"]),
        wildcards=pl.Series([rule[2:] for rule in rules if rule[0] == "*"]),
        exceptions=pl.Series([rule[1:] for rule in rules if rule[0] == "!"]),
    )


def _suffix_rule(rule: str) -> str | None:
    mark, name = ("!", rule[1:]) if rule.startswith("!") else ("", rule)
    mark, name = ("*.", name[2:]) if name.startswith("*.") else (mark, name)
    ascii_name = name if name.isascii() else _idna(name)
    return ascii_name and mark + ascii_name


def _registrable(hosts: pl.Series, *, private: bool) -> pl.Series:
    """One label more than the longest public suffix; null where the host is only a suffix.

    Labels are taken off until a suffix is left, which for most hosts is after the first.
    """
    plain, wildcards, exceptions = (pl.lit(rules).implode() for rules in _suffixes(private))
    domains = hosts.clear(len(hosts))
    left = hosts.to_frame("tail").with_row_index("row").drop_nulls()
    left = left.with_columns(longer=pl.lit(None, pl.String))
    while len(left):
        parent = pl.col("tail").str.splitn(".", 2).struct.field("field_1")
        seen = left.with_columns(parent=parent).with_columns(
            is_suffix=pl.col("tail").is_in(plain)
            | pl.col("parent").is_in(wildcards).fill_null(value=False),
            is_exception=pl.col("tail").is_in(exceptions),
        )
        domain = pl.when("is_exception").then("tail").otherwise("longer")
        found = seen.filter(pl.col("is_suffix") | pl.col("is_exception")).select("row", domain)
        domains.scatter(found["row"], found["tail"])
        going_on = seen.filter(~pl.col("is_suffix"), ~pl.col("is_exception")).drop_nulls("parent")
        left = going_on.select("row", longer="tail", tail="parent")
    return domains


# Countries and their regions

_REGION_CODE = r"^[A-Z]{2}-[A-Z0-9]{1,3}$"
_ABBREVIATES_REGIONS = ("US", "CA", "AU")

# What ISO 3166-1 writes in another way or not at all: short and local names, parts of countries,
# codes that are reserved, withdrawn or, as Kosovo's XK, agreed on by those who need one.
_COUNTRY_ALIASES = {
    "ac": "SH",
    "aland islands": "AX",
    "america": "US",
    "belgie": "BE",
    "belgique": "BE",
    "bolivia": "BO",
    "bosnia": "BA",
    "brasil": "BR",
    "britain": "GB",
    "british virgin islands": "VG",
    "brunei": "BN",
    "bu": "MM",
    "burma": "MM",
    "cape verde": "CV",
    "caribbean netherlands": "BQ",
    "congo brazzaville": "CG",
    "congo democratic republic of the": "CD",
    "congo kinshasa": "CD",
    "cote d ivoire": "CI",
    "czech republic": "CZ",
    "danmark": "DK",
    "dd": "DE",
    "democratic republic of congo": "CD",
    "democratic republic of the congo": "CD",
    "deutschland": "DE",
    "dr congo": "CD",
    "ea": "ES",
    "east timor": "TL",
    "eire": "IE",
    "el": "GR",
    "eng": "GB",
    "england": "GB",
    "england and wales": "GB",
    "espana": "ES",
    "falkland islands": "FK",
    "fx": "FR",
    "gran bretagna": "GB",
    "gran bretana": "GB",
    "grande bretagne": "GB",
    "great britain": "GB",
    "grossbritannien": "GB",
    "holland": "NL",
    "holy see": "VA",
    "hong kong sar": "HK",
    "hong kong sar china": "HK",
    "ic": "ES",
    "iran": "IR",
    "ireland republic of": "IE",
    "irish republic": "IE",
    "italia": "IT",
    "ivory coast": "CI",
    "korea": "KR",
    "korea north": "KP",
    "korea south": "KR",
    "kosovo": "XK",
    "kosovo republic of": "XK",
    "ksa": "SA",
    "laos": "LA",
    "luxemburg": "LU",
    "macao sar": "MO",
    "macao sar china": "MO",
    "macau": "MO",
    "macedonia": "MK",
    "macedonia the former yugoslav republic of": "MK",
    "mainland china": "CN",
    "micronesia": "FM",
    "moldova": "MD",
    "myanmar burma": "MM",
    "nederland": "NL",
    "netherlands kingdom of the": "NL",
    "nir": "GB",
    "norge": "NO",
    "north korea": "KP",
    "northern ireland": "GB",
    "osterreich": "AT",
    "p r china": "CN",
    "palestine": "PS",
    "palestinian territories": "PS",
    "palestinian territory": "PS",
    "polska": "PL",
    "pr china": "CN",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "republic of kosovo": "XK",
    "reunion": "RE",
    "russia": "RU",
    "saint helena": "SH",
    "saint martin": "MF",
    "saint vincent": "VC",
    "schweiz": "CH",
    "scotland": "GB",
    "sct": "GB",
    "sint maarten": "SX",
    "south korea": "KR",
    "southern ireland": "IE",
    "st kitts and nevis": "KN",
    "st lucia": "LC",
    "st vincent and the grenadines": "VC",
    "suisse": "CH",
    "suomi": "FI",
    "sverige": "SE",
    "swaziland": "SZ",
    "syria": "SY",
    "ta": "SH",
    "taiwan": "TW",
    "taiwan r o c": "TW",
    "tanzania": "TZ",
    "the bahamas": "BS",
    "the gambia": "GM",
    "the netherlands": "NL",
    "the philippines": "PH",
    "the united states": "US",
    "the united states of america": "US",
    "tp": "TL",
    "trinidad": "TT",
    "turkey": "TR",
    "turkiye": "TR",
    "u k": "GB",
    "u s": "US",
    "u s a": "US",
    "u s virgin islands": "VI",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "united states usa": "US",
    "us virgin islands": "VI",
    "vatican": "VA",
    "vatican city": "VA",
    "venezuela": "VE",
    "vietnam": "VN",
    "virgin islands british": "VG",
    "virgin islands us": "VI",
    "wales": "GB",
    "wls": "GB",
    "xi": "GB",
    "xk": "XK",
    "xkx": "XK",
    "zr": "CD",
}


_LANGUAGES = (
    "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "hr", "hu", "it", "lt", "lv", "nb", "nl",
    "pl", "pt", "pt_BR", "ro", "ru", "sk", "sl", "sv", "tr", "uk",
)  # fmt: skip
"""Those in which a country may be named besides English."""


def country_code(values: pl.Series) -> pl.Series:
    """ISO 3166-1 alpha-2, and XK for Kosovo, of codes and names in any case and in the languages of
    Europe; null for others."""
    distinct = values.drop_nulls().unique()
    codes = pl.Series([_country(folded(name)) for name in distinct], dtype=pl.String)
    return values.replace_strict(distinct, codes, default=None, return_dtype=pl.String)


def region(values: pl.Series) -> pl.Series:
    """Regions as people write them, of codes of ISO 3166-2; what is no such code stays as it is.

    US-CA is CA, since of the United States, Canada and Australia post and customers use the
    abbreviation; DE-BY is Bayern.
    """
    codes = values.filter(values.str.contains(_REGION_CODE)).unique().to_list()
    return values.replace(codes, [_region(code) for code in codes]) if codes else values


def _region(code: str) -> str:
    country, _, part = code.partition("-")
    found = pycountry.subdivisions.get(code=code)  # type: ignore[no-untyped-call]
    if found is None or country in _ABBREVIATES_REGIONS:
        return code if found is None else part
    # Some have the code of an older edition behind them.
    return str(found.name).partition(" [")[0]


def _country(folded: str) -> str | None:
    return _countries().get(folded) or _countries_translated().get(folded)


@cache
def _countries_translated() -> dict[str, str]:
    """Names in other languages, those that mean one country. Few files need them."""
    meant: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
        for country in pycountry.countries:
            for name in _country_names(country):
                meant.setdefault(folded(words.gettext(name)), set()).add(country.alpha_2)
    return {name: next(iter(codes)) for name, codes in meant.items() if len(codes) == 1}


@cache
def _countries() -> dict[str, str]:
    names = {
        folded(name): country.alpha_2
        for country in pycountry.countries
        for name in (country.alpha_2, country.alpha_3, *_country_names(country))
    }
    return names | _COUNTRY_ALIASES


def _country_names(country: object) -> list[str]:
    names = (getattr(country, kind, None) for kind in ("name", "official_name", "common_name"))
    return [name for name in names if name]


def folded(name: str) -> str:
    """Letters without accents, in lower case, one space between words."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+", " ", letters).strip()


# Addresses and keys


def email_address(values: pl.Series) -> pl.Series:
    """The one e-mail address of each text, in lower case and with a host of letters as people read
    them; null for what is none, or several."""
    others = (~_are_plain_emails(values)).arg_true()
    lower = values.gather(others).str.to_lowercase()
    strange = (~_are_plain_emails(lower)).arg_true()
    found = email_addresses(lower.gather(strange)).to_frame("found")
    alone = found.select(
        pl.when(pl.col("found").list.len() == 1).then(pl.col("found").list.first())
    )
    return values.clone().scatter(others, lower.scatter(strange, alone.to_series()))


def email_addresses(values: pl.Series) -> pl.Series:
    """The e-mail addresses of texts that hold nothing else, as `email_address` spells them.

    None where something else stands there: half of what was meant is worse than nothing.
    """
    words = _email_words(values)
    addresses = _words_that_are_emails(words)
    is_all = words.list.len() == addresses.list.len()
    found = pl.DataFrame({"is_all": is_all, "addresses": addresses})
    return found.select(
        pl.when("is_all").then(pl.col("addresses").list.unique(maintain_order=True)).otherwise([])
    ).to_series()


def email_addresses_among(values: pl.Series) -> pl.Series:
    """The e-mail addresses of texts, whatever else is in them: of who asks to be left alone."""
    return _words_that_are_emails(_email_words(values)).list.unique(maintain_order=True)


def _email_words(values: pl.Series) -> pl.Series:
    """What may be addresses, in small letters; nothing of a text that can't have one."""
    text = pl.col("text").str.normalize("NFKC").str.to_lowercase()
    for pattern, meant in _EMAIL_SPELLINGS:
        text = text.str.replace_all(pattern, meant)
    word = pl.element().str.strip_chars(_EMAIL_QUOTES)
    words = (
        text.str.replace_all(_EMAIL_SEPARATORS, " ")
        .str.split(" ")
        .list.eval(word.filter(word != ""))
    )
    texts = values.filter(values.str.contains(AT_SIGN)).unique()
    found = texts.rename("text").to_frame().select("text", words=words)
    each = values.rename("text").to_frame().join(found, "text", "left", maintain_order="left")
    return each["words"].fill_null([])


def _words_that_are_emails(words: pl.Series) -> pl.Series:
    each = pl.element()
    is_email = each.str.contains(_EMAIL) & (each.str.len_chars() <= 254)
    spelled = each.filter(is_email).map_elements(_with_readable_host, return_dtype=pl.String)
    return words.list.eval(spelled)


def _are_plain_emails(values: pl.Series) -> pl.Series:
    """Whether texts are addresses as most are, which have one spelling."""
    is_plain = values.str.contains(_PLAIN_EMAIL) & (values.str.len_bytes() <= 254)
    return is_plain & ~values.str.contains("xn--", literal=True)


def _with_readable_host(email: str) -> str:
    local, _, host = email.partition("@")
    if host.isascii() and "xn--" not in host:
        return email
    return f"{local}@{_readable(host)}"


@lru_cache(maxsize=100_000)
def _readable(host: str) -> str:
    ascii_host = _idna(host)
    if ascii_host is None:
        return host
    # What encoding does first with letters, and what decoding would give back, ten times as slowly.
    return idna.decode(ascii_host) if host.isascii() else idna.uts46_remap(host)


def email_in_ascii(email: str) -> str:
    """An address as programs write it whose hosts have no letters but those of ASCII."""
    local, _, host = email.partition("@")
    return email if email.isascii() else f"{local}@{_idna(host) or host}"


def email_domain(emails: pl.Series) -> pl.Series:
    """The registrable domains of e-mail addresses."""
    hosts = emails.str.replace(r"^[\w.+%'-]+@", "")
    distinct = hosts.drop_nulls().unique()
    domains = registrable_domain(distinct)
    return hosts.replace_strict(distinct, domains, default=None, return_dtype=pl.String)


def lei_code(values: pl.Series) -> pl.Series:
    """Legal Entity Identifiers in upper case; null for what has not their form."""
    upper = values.str.to_uppercase()
    return upper.set(~upper.str.contains(r"^[0-9A-Z]{18}[0-9]{2}$"), None)


def cik_code(values: pl.Series) -> pl.Series:
    """SEC Central Index Keys as ten digits; null for what is no number of that length."""
    digits = values.str.strip_prefix("CIK").str.zfill(10)
    return digits.set(~digits.str.contains(r"^\d{10}$"), None)


def email_digest(values: pl.Series) -> pl.Series:
    """SHA-256 digests in lower-case hex; null for what has not their form."""
    lower = values.str.to_lowercase()
    return lower.set(~lower.str.contains(r"^[0-9a-f]{64}$"), None)


def upper_case(values: pl.Series) -> pl.Series:
    """Codes such as currencies."""
    return values.str.to_uppercase()


def lower_case(values: pl.Series) -> pl.Series:
    """Words that are compared, such as topics."""
    texts = values.drop_nulls()
    return values if texts.is_empty() or _is_lower(texts) else values.str.to_lowercase()


def _is_lower(texts: pl.Series) -> bool:
    """Whether all letters are small ones of ASCII, told by the bytes of all texts at once."""
    _, signs = utf8(texts)
    whole = signs.tobytes()
    return whole.isascii() and whole == whole.lower()


# People

_ODD_PROFILE = "(?i)%|:[0-9]|[^:]//|/mwlite/"
_PROFILE = (
    "^(?:https?:)?/*(?:(?:www|m|mobile|[a-z][a-z](?:-[a-z][a-z])?)[.])?"
    "(linkedin[.]com/in/[^/?#]+|[^/?#: ]+[.][^./?#: ]{2,}/[^?#]*[^/?#])"
)
_NOBODYS_PAGES = "(?:company|companies|groups|organization|pages|school|search|showcase)"
_NOBODYS_PROFILE = (
    "^linkedin[.]com/[^/]+$|^.*/(?:profile/view|[^/]*[.]php)$"
    f"|^[^/]+/{_NOBODYS_PAGES}$|^.*/{_NOBODYS_PAGES}/.*$"
)

HONORIFICS = (
    "dr", "prof", "mr", "mrs", "ms", "miss", "sir", "herr", "frau", "mme", "mlle", "dipl", "ing",
    "mag", "phd", "mba", "cpa", "cfa", "acca", "aca",
)  # fmt: skip
"""Words beside a name, as in the macro of this name in dbt_project/macros/people.sql."""


def profile_key(urls: pl.Series) -> pl.Series:
    """The addresses of people's profiles in one spelling; null for what is no person's page.

    The macro of this name in dbt_project/macros/people.sql gives the same: change both.
    """
    rare = urls.str.contains(r"%|[^\x00-\x7F]").arg_true()
    lower = urls.str.to_lowercase().scatter(rare, [_decoded(url) for url in urls.gather(rare)])
    text = pl.col("text")
    single = text.str.replace_all(":(?:80|443)/", "/").str.replace_all("/+", "/")
    member = single.str.replace_all("/mwlite/in/", "/in/", literal=True)
    address = pl.when(urls.str.contains(_ODD_PROFILE)).then(member).otherwise(text)
    person = address.str.extract(_PROFILE).str.replace(_NOBODYS_PROFILE, "")
    key = person.str.replace("^twitter[.]com/", "x.com/")
    return lower.to_frame("text").select(pl.when(key != "").then(key)).to_series()


def _decoded(url: str) -> str:
    """Without percent signs where they stand for UTF-8, each letter in lower case as SQL has it."""
    try:
        decoded = unquote(url, errors="strict")
    except UnicodeDecodeError:
        decoded = url
    return "".join(sign.lower()[0] for sign in decoded)


def name_keys(full_name: str | None) -> set[str]:
    """Pairs of the first and each other word of a name, of which two names of one person share one.

    Titles, order and accents don't count; a name of one word is its own key, and none has none.
    """
    family, _, given = (full_name or "").partition(",")
    words = [word for word in folded(f"{given} {family}").split() if word not in HONORIFICS]
    others = [word for word in words[1:] if len(word) > 1]
    return {" ".join(sorted((words[0], word))) for word in others} or set(words[:1])
