"""What tests/benchmarks/perfect_customer.yml asks for, said by hand for both peers.

What belongs here: numbers, phrases, and how a phrase or a single key is spelled. What doesn't: how
a library works on whole columns; that is each peer's own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5, sha256

import idna

SOURCE = "market"

# Organisation fit: all positive points come to 100, so a point is a point of the score.
EMPLOYEES_MID_SIZE = (200, 5000)
EMPLOYEES_CENTRE, EMPLOYEES_HALF_WIDTH = 1200, 1000
INDUSTRY_WORDS = ("manufacturing", "machinery", "logistics", "wholesale")
LEAST_LEGAL_ENTITIES = 3
LEDGERS = ("sap s/4hana", "sap ecc", "oracle netsuite")
LEAST_TOPICS = 2
FUNDING_DAYS, FUNDING_HALF_LIFE_DAYS = 180, 60
POINTS = {
    "mid_size": 15,
    "sweet_spot": 10,
    "makes_things": 10,
    "several_entities": 20,
    "runs_a_group": 10,
    "ledger_we_connect_to": 15,
    "researches": 10,
    "visits_us": 5,
    "just_funded": 5,
    "rival_in_place": -10,
}
COUNTRIES_SERVED = ("US", "CA", "GB", "IE", "DE", "AT", "CH", "FR", "BE", "NL")
RESEARCH_KINDS = ("topic_surge", "research")
RECENT_DAYS = 90

# People coverage: the roles' points come to 100 as well.
ROLES = {
    "finance_chief": (50, ("chief financial officer", "finance director", "vp finance")),
    "close_owner": (30, ("controller", "head of accounting")),
    "systems_owner": (20, ("chief information officer", "it director")),
}
ASSISTANTS = (
    "assistant to",
    "assistant chief",
    "assistant cfo",
    "executive assistant",
    "personal assistant",
    "office assistant",
    "assistentin",
    "assistenz",
    "intern",
    "trainee",
    "werkstudent",
)
ABBREVIATIONS = (
    ("cfo", "chief financial officer"),
    ("ceo", "chief executive officer"),
    ("coo", "chief operating officer"),
    ("cio", "chief information officer"),
    ("cto", "chief technology officer"),
    ("cao", "chief accounting officer"),
    ("cmo", "chief marketing officer"),
    ("cro", "chief revenue officer"),
    ("svp", "senior vice president"),
    ("evp", "executive vice president"),
    ("avp", "assistant vice president"),
    ("vp", "vice president"),
    ("md", "managing director"),
    ("gm", "general manager"),
    ("sr", "senior"),
    ("jr", "junior"),
    ("dir", "director"),
    ("mgr", "manager"),
    ("fp a", "financial planning analysis"),
    ("it", "information technology"),
    ("of", ""),
    ("the", ""),
    ("and", ""),
    ("for", ""),
)
REPLACEMENTS = tuple((f" {short} ", f" {long} " if long else " ") for short, long in ABBREVIATIONS)
"""Abbreviations as they stand in padded words, in the order of replacement."""


@dataclass(frozen=True)
class Evidence:
    """Signals of a kind, with one of these topics or words, that speak for an issue."""

    issue: str
    kind: str
    weight: float
    half_life_days: int
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


EVIDENCE = (
    Evidence("slow_close", "topic_surge", 0.6, 30, topics=("financial close", "month end close")),
    Evidence("slow_close", "job_posting", 0.6, 45, words=("month end", "consolidation")),
    Evidence("slow_close", "web_visit", 0.3, 21, words=("financial close",)),
    Evidence("growth", "topic_surge", 0.5, 30, topics=("financial consolidation", "erp migration")),
    Evidence("growth", "news", 0.5, 90, words=("acquires", "expands")),
)
ISSUES = {"slow_close": (60.0, 2), "growth": (28.0, 1)}
"""Points by severity and advantage, and the kinds of evidence needed."""

# The list.
ROUNDING = 0.005
"""What equals a threshold to two places reaches it."""
MINIMUM = {
    "organisation_fit_score": 30 - ROUNDING,
    "people_coverage_score": 25 - ROUNDING,
    "issue_urgency_score": 10 - ROUNDING,
}
SCORES = tuple(MINIMUM)
TIERS = (("A", 50 - ROUNDING, 100), ("B", 30 - ROUNDING, 400))
"""Name, threshold and capacity."""
LOWEST_THRESHOLD = TIERS[-1][1]
MOST_PER_PARENT = 3
SUPPRESSIONS = (
    "do_not_contact",
    "manual",
    "customer",
    "competitor",
    "partner",
    "open_opportunity",
    "recently_lost",
)
"""The first that applies is the reason."""
PEOPLE_TOO = ("do_not_contact", "manual")
"""A company suppressed for one of these wants its people left alone, wherever they are attached."""
LOST_DAYS = 180
DOUBLINGS = 4
"""Parents are followed over 2 to the power of this many levels."""
COLUMNS = ("rank", "domain", "tier", *SCORES, "alignment_score")

# How the landing and the models spell.
NO_WORD = r"""[\s,;:/|()\[\]{}<>!?*&%$=~^_.\-"`']+"""
"""What stands between words: `+` and `#` are parts of names."""
EMAIL = r'^[^@ ,;<>"()]+@(?:[^@ ,;<>"().]+\.)+[^@ ,;<>"().]{2,}$'
FOREIGN = r"[^\x00-\x7F]"
"""A sign that a domain has to be spelled in punycode."""


def phrases(texts: Iterable[str]) -> list[str]:
    """Texts as padded words, to be found as a whole in padded words."""
    return [f" {re.sub(NO_WORD, ' ', text.lower()).strip()} " for text in texts]


def title_phrases(texts: Iterable[str]) -> list[str]:
    """The same with abbreviations written out and linking words left out, as titles are."""
    return [_written_out(phrase) for phrase in phrases(texts)]


def punycode(domains: Iterable[str]) -> list[str]:
    """Internationalised domains in ASCII."""
    return [idna.encode(domain, uts46=True).decode("ascii") for domain in domains]


def digests(emails: Iterable[str]) -> list[str]:
    """SHA-256 of each e-mail address, which neither library has."""
    return [sha256(email.encode()).hexdigest() for email in emails]


def account_ids(companies: Iterable[str]) -> list[str]:
    """The pipeline's id of each company, which breaks ties; MD5 is in neither library."""
    return [f"acc_{md5(f'{SOURCE}:{company}'.encode()).hexdigest()[:16]}" for company in companies]


def _written_out(words: str) -> str:
    for short, long in REPLACEMENTS:
        words = words.replace(short, long)
    return words
